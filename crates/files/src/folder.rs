//! The data folder: what lies where, the key, the ring's genesis; and the validator's mark, which lies outside it.
//!
//! ```text
//! DATA/key           secret of the account, readable by its owner alone
//! DATA/ring          the genesis, encoded
//! DATA/peer.db       rows and the ledger's state (raylance-store)
//! DATA/scenes, films, fetched, own, jobs
//! STATE/marks/<account>    what this validator may have signed last
//! ```

use raylance_consensus::{Chain, Mark};
use raylance_ledger::GenesisError;
use raylance_protocol::{AccountId, Digest, Genesis, Keypair, decode, encode};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

const KEY: &str = "key";
const RING: &str = "ring";
const DATABASE: &str = "peer.db";
/// Lies there while the device is paused.
const PAUSED: &str = "paused";
/// Version 1's database. Nobody but us has such folders: they are told from others and left alone.
const VERSION_1: &str = "raylance.db";
/// 64 hexadecimal characters and what an editor may have added.
const KEY_BYTES_MAX: u64 = 128;
/// A thousand balances of 40 bytes, and the rest.
const RING_BYTES_MAX: u64 = 256 << 10;
const MARK_BYTES_MAX: usize = 64;

/// Why a folder can't be used.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// The system refuses.
    #[error("cannot use {path}; look whether it may be read and written, and whether the disk is there and has room")]
    Io {
        /// File or folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A folder of version 1.
    #[error("{0} was made by version 1 of Raylance, which this program does not read; it is left as it is: choose another folder")]
    Version1(PathBuf),
    /// The key file holds something else.
    #[error("{0} is no key: it must hold 64 hexadecimal characters; put a copy of the key there")]
    KeyMalformed(PathBuf),
    /// Others can read the key file.
    #[error("other users can read the key {path}; run: chmod 600 {path}", path = .0.display())]
    KeyExposed(PathBuf),
    /// A database without its key: a new key would be another account, with none of the money.
    #[error("{0} is gone, and the database beside it belongs to that key; put a copy of the key there, or choose another folder")]
    KeyGone(PathBuf),
    /// The file of the ring can't be read.
    #[error("{0} is no genesis of a ring; put a copy of it there, or join the ring again in a new folder")]
    Ring(PathBuf),
    /// The database belongs to a ring that nobody remembers.
    #[error("{0} is gone, and the database beside it belongs to that ring; put a copy there, or choose another folder")]
    RingGone(PathBuf),
    /// The folder belongs to another ring.
    #[error("{path} belongs to the ring {have}; choose another folder for {asked}", path = path.display())]
    OtherRing {
        /// The folder.
        path: PathBuf,
        /// Its ring.
        have: String,
        /// The ring that was asked for.
        asked: String,
    },
    /// The ring breaks a rule.
    #[error("the ring's genesis breaks a rule: {0}")]
    Genesis(#[source] GenesisError),
    /// The mark can't be read.
    #[error(
        "{0} can't be read: it says what this machine has signed as a validator; put a copy there, or remove it if you know that nothing newer was signed"
    )]
    Mark(PathBuf),
    /// No random bytes for a new key.
    #[error("the system gives no random bytes")]
    Random,
}

/// A data folder. Whoever holds the store in it has it alone.
#[derive(Clone, Debug)]
pub struct Folder {
    path: PathBuf,
    state: PathBuf,
}

/// Which ring a peer belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RingChoice {
    /// The one that the folder remembers; in a new folder a ring of one's own.
    Stored,
    /// This one; the folder remembers it.
    Join(Box<Genesis>),
}

/// What a folder holds when it is opened.
pub struct Contents {
    /// The account's key.
    pub keys: Keypair,
    /// The ring; none in a new folder.
    pub genesis: Option<Genesis>,
    /// Did it have a ring and has no database any more?
    pub database_gone: bool,
}

impl Folder {
    /// The folder at `path`; `state` is where the validator's mark lies.
    pub fn new(path: PathBuf, state: PathBuf) -> Self {
        Self { path, state }
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Reads key and ring. A new folder gets a key.
    ///
    /// # Errors
    /// [`FolderError`]; what lies in the folder is never replaced.
    pub fn open(&self) -> Result<Contents, FolderError> {
        let exists = |name: &str| {
            let path = self.path.join(name);
            path.try_exists().map_err(|source| FolderError::Io { path, source })
        };
        if exists(VERSION_1)? {
            return Err(FolderError::Version1(self.path.clone()));
        }
        fs::create_dir_all(&self.path).map_err(|source| FolderError::Io { path: self.path.clone(), source })?;
        let (key, ring) = (self.path.join(KEY), self.path.join(RING));
        let (has_key, has_ring, has_database) = (exists(KEY)?, exists(RING)?, exists(DATABASE)?);
        if has_database && !has_key {
            return Err(FolderError::KeyGone(key));
        }
        if has_database && !has_ring {
            return Err(FolderError::RingGone(ring));
        }
        let keys = if has_key { read_key(&key)? } else { self.make_key(&key)? };
        let genesis = if has_ring { Some(self.read_ring(ring)?) } else { None };
        Ok(Contents { keys, genesis, database_gone: has_ring && !has_database })
    }

    /// Remembers the ring. Written before the database is made.
    ///
    /// # Errors
    /// [`FolderError::Io`].
    pub fn remember(&self, genesis: &Genesis) -> Result<(), FolderError> {
        let path = self.path.join(RING);
        write_whole(&path, &encode(genesis), Readers::Usual).map_err(|source| FolderError::Io { path, source })
    }

    /// The ring of this folder, which remembers `stored`; a new folder without a choice gets the ring that `own` makes.
    ///
    /// # Errors
    /// [`FolderError`]: it belongs to another ring, or the ring breaks a rule. Nothing is remembered that can't be started with.
    pub fn choose_ring(&self, stored: Option<Genesis>, choice: RingChoice, own: impl FnOnce() -> Genesis) -> Result<Genesis, FolderError> {
        let genesis = match (stored, choice) {
            (Some(stored), RingChoice::Stored) => return Ok(stored),
            (Some(stored), RingChoice::Join(asked)) if stored.chain() == asked.chain() => return Ok(stored),
            (Some(stored), RingChoice::Join(asked)) => {
                return Err(FolderError::OtherRing { path: self.path.clone(), have: stored.name, asked: asked.name });
            }
            (None, RingChoice::Join(asked)) => *asked,
            (None, RingChoice::Stored) => own(),
        };
        Chain::new(genesis.clone()).map_err(FolderError::Genesis)?;
        self.remember(&genesis)?;
        Ok(genesis)
    }

    fn read_ring(&self, path: PathBuf) -> Result<Genesis, FolderError> {
        let bytes = read_whole(&path, RING_BYTES_MAX).map_err(|source| FolderError::Io { path: path.clone(), source })?;
        decode(&bytes, bytes.len()).map_err(|_| FolderError::Ring(path))
    }

    fn make_key(&self, path: &Path) -> Result<Keypair, FolderError> {
        let mut secret = [0; 32];
        getrandom::fill(&mut secret).map_err(|_| FolderError::Random)?;
        let text = format!("{}\n", Digest(secret).to_hex());
        write_whole(path, text.as_bytes(), Readers::Owner).map_err(|source| FolderError::Io { path: path.to_owned(), source })?;
        Ok(Keypair::from_secret(secret))
    }

    /// The validator's mark; none where it has signed nothing.
    ///
    /// # Errors
    /// [`FolderError`].
    pub fn mark(&self, account: AccountId) -> Result<Option<Mark>, FolderError> {
        let path = self.mark_path(account);
        match read_whole(&path, MARK_BYTES_MAX as u64) {
            Ok(bytes) => decode(&bytes, MARK_BYTES_MAX).map(Some).map_err(|_| FolderError::Mark(path)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(FolderError::Io { path, source }),
        }
    }

    /// Replaces the mark; it is on disk when this returns.
    ///
    /// # Errors
    /// What the system says.
    pub fn set_mark(&self, account: AccountId, mark: &Mark) -> io::Result<()> {
        write_whole(&self.mark_path(account), &encode(mark), Readers::Usual)
    }

    /// Did its owner let the device stand still, whatever happened since?
    pub fn is_paused(&self) -> bool {
        self.path.join(PAUSED).exists()
    }

    /// Remembers that.
    ///
    /// # Errors
    /// What the system says.
    pub fn set_paused(&self, paused: bool) -> io::Result<()> {
        let path = self.path.join(PAUSED);
        if paused { write_whole(&path, b"", Readers::Usual) } else { remove(&path) }
    }

    fn mark_path(&self, account: AccountId) -> PathBuf {
        self.state.join("marks").join(account.to_hex())
    }
}

fn read_key(path: &Path) -> Result<Keypair, FolderError> {
    let io = |source| FolderError::Io { path: path.to_owned(), source };
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        if fs::metadata(path).map_err(io)?.permissions().mode() & 0o077 != 0 {
            return Err(FolderError::KeyExposed(path.to_owned()));
        }
    }
    let bytes = read_whole(path, KEY_BYTES_MAX).map_err(io)?;
    let text = std::str::from_utf8(&bytes).ok().map(str::trim);
    let secret = text.and_then(Digest::from_hex).ok_or_else(|| FolderError::KeyMalformed(path.to_owned()))?;
    Ok(Keypair::from_secret(secret.0))
}

/// Who may read a file.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Readers {
    /// As the system's default says.
    Usual,
    /// Nobody but its owner.
    Owner,
}

/// Writes a file that is there whole or not at all, and on disk when this returns. Makes its folder.
///
/// # Errors
/// What the system says; an older file stays.
pub fn write_whole(path: &Path, bytes: &[u8], readers: Readers) -> io::Result<()> {
    /// Two writers of one file must not share a draft.
    static DRAFTS: AtomicU64 = AtomicU64::new(0);
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let draft = path.with_extension(format!("{DRAFT}{}", DRAFTS.fetch_add(1, Ordering::Relaxed)));
    let written = write_draft(&draft, bytes, readers).and_then(|()| fs::rename(&draft, path));
    if written.is_err() {
        // It is of no use; that it can't be removed either changes nothing.
        let _ = fs::remove_file(&draft);
    }
    written?;
    // Makes the new name last. Only Unix can flush a folder; elsewhere the file system orders it itself.
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

/// Begins the extension of a file that is being written.
pub const DRAFT: &str = "part";

fn write_draft(draft: &Path, bytes: &[u8], readers: Readers) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    if readers == Readers::Owner {
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    }
    #[cfg(not(unix))]
    let _ = readers;
    let mut file = options.open(draft)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Reads a file of at most `bytes_max`.
///
/// # Errors
/// What the system says; [`io::ErrorKind::FileTooLarge`] where it is longer.
pub fn read_whole(path: &Path, bytes_max: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(bytes_max + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > bytes_max { Err(io::ErrorKind::FileTooLarge.into()) } else { Ok(bytes) }
}

/// Removes a file or a folder; that it is not there is fine.
///
/// # Errors
/// What the system says.
pub fn remove(path: &Path) -> io::Result<()> {
    let removed = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    match removed {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that finds nothing has failed")]
mod tests {
    use super::*;

    fn genesis() -> Genesis {
        let account = Keypair::from_secret([1; 32]).account();
        crate::ring::solo(account, Digest([7; 32]), 1)
    }

    fn folder(dir: &tempfile::TempDir) -> Folder {
        Folder::new(dir.path().join("data"), dir.path().join("state"))
    }

    #[test]
    fn a_folder_remembers_its_key_and_its_ring() {
        let dir = tempfile::tempdir().unwrap();
        let folder = folder(&dir);
        let new = folder.open().unwrap();
        assert!(new.genesis.is_none() && !new.database_gone);
        folder.remember(&genesis()).unwrap();
        let again = folder.open().unwrap();
        assert_eq!(again.keys.account(), new.keys.account());
        assert_eq!(again.genesis, Some(genesis()));
        assert!(again.database_gone, "a ring without a database was told of");
    }

    #[test]
    fn regression_c3_a_database_without_its_key_or_ring_gets_no_new_one() {
        let dir = tempfile::tempdir().unwrap();
        let folder = folder(&dir);
        folder.open().unwrap();
        folder.remember(&genesis()).unwrap();
        fs::write(folder.path().join(DATABASE), "rows").unwrap();
        let key = fs::read(folder.path().join(KEY)).unwrap();
        fs::remove_file(folder.path().join(KEY)).unwrap();
        assert!(matches!(folder.open(), Err(FolderError::KeyGone(_))));
        assert!(!folder.path().join(KEY).exists(), "no new account was made over the old rows");
        write_whole(&folder.path().join(KEY), &key, Readers::Owner).unwrap();
        fs::remove_file(folder.path().join(RING)).unwrap();
        assert!(matches!(folder.open(), Err(FolderError::RingGone(_))));
    }

    #[test]
    fn damaged_and_foreign_files_are_named() {
        let dir = tempfile::tempdir().unwrap();
        let folder = folder(&dir);
        fs::create_dir_all(folder.path()).unwrap();
        write_whole(&folder.path().join(KEY), b"not a key", Readers::Owner).unwrap();
        assert!(matches!(folder.open(), Err(FolderError::KeyMalformed(_))));
        write_whole(&folder.path().join(KEY), &[b'a'; 200], Readers::Owner).unwrap();
        assert!(matches!(folder.open(), Err(FolderError::Io { .. })), "a long file is not read to its end");
        fs::remove_file(folder.path().join(KEY)).unwrap();
        fs::write(folder.path().join(RING), "no ring").unwrap();
        assert!(matches!(folder.open(), Err(FolderError::Ring(_))));
        fs::write(folder.path().join(VERSION_1), "").unwrap();
        assert!(matches!(folder.open(), Err(FolderError::Version1(_))));
    }

    #[cfg(unix)]
    #[test]
    fn a_key_that_others_can_read_is_refused() {
        use std::os::unix::fs::PermissionsExt as _;
        let dir = tempfile::tempdir().unwrap();
        let folder = folder(&dir);
        folder.open().unwrap();
        let key = folder.path().join(KEY);
        assert_eq!(fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);
        fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
        assert!(matches!(folder.open(), Err(FolderError::KeyExposed(_))));
    }

    #[test]
    fn the_mark_lies_outside_the_folder() {
        use raylance_protocol::{BlockHash, Height, Round};
        let dir = tempfile::tempdir().unwrap();
        let folder = folder(&dir);
        let me = folder.open().unwrap().keys.account();
        assert_eq!(folder.mark(me).unwrap(), None);
        let mark = Mark { height: Height(7), round: Round::default(), header: BlockHash::default() };
        folder.set_mark(me, &mark).unwrap();
        fs::remove_dir_all(folder.path()).unwrap();
        assert_eq!(folder.mark(me).unwrap(), Some(mark));
    }
}
