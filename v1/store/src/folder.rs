//! The data folder: one process at a time, and one key.

use raylance_v1_protocol::{Digest, Keypair};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::blobs::Blobs;
use crate::file::{Readers, write_whole};

const LOCK_FILE: &str = "lock";
const KEY_FILE: &str = "key";
const DRAFTS_FOLDER: &str = "drafts";
/// Longest key file that is looked at: 64 hexadecimal characters and what an editor may have added.
const KEY_FILE_BYTES_MAX: u64 = 128;

/// A data folder that belongs to this process. Cheap to clone; the folder is free again when the last clone is gone.
#[derive(Clone, Debug)]
pub struct DataFolder {
    path: Arc<Path>,
    /// The system frees the lock even when the process is killed.
    _lock: Arc<File>,
}

/// Why the folder or its key can't be used.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// Another process, or another part of this one, uses the folder.
    #[error("{path} is in use by another Raylance; stop it, or choose another folder")]
    InUse {
        /// The folder.
        path: PathBuf,
    },
    /// The system refuses.
    #[error("cannot use {path}")]
    Io {
        /// File or folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The key file holds something else.
    #[error("{path} is no key; it must hold 64 hexadecimal characters: restore it from a backup")]
    KeyMalformed {
        /// The file.
        path: PathBuf,
    },
    /// Others can read the key file.
    #[error("other users can read the key {path}; run: chmod 600 {path}")]
    KeyExposed {
        /// The file.
        path: PathBuf,
    },
    /// The system gives no random bytes for a new key.
    #[error("the system gives no random bytes")]
    Random(#[source] getrandom::Error),
}

impl DataFolder {
    /// Takes the folder for this process; makes it where there is none. Blocking.
    ///
    /// # Errors
    /// [`FolderError::InUse`] or [`FolderError::Io`].
    pub fn open(path: &Path) -> Result<Self, FolderError> {
        let io = |path: &Path| {
            let path = path.to_owned();
            move |source| FolderError::Io { path, source }
        };
        fs::create_dir_all(path).map_err(io(path))?;
        let lock_path = path.join(LOCK_FILE);
        let lock = OpenOptions::new().write(true).create(true).truncate(false).open(&lock_path).map_err(io(&lock_path))?;
        lock.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => FolderError::InUse { path: path.to_owned() },
            TryLockError::Error(source) => FolderError::Io { path: lock_path.clone(), source },
        })?;
        // Drafts of a process that was killed are of no use to anybody.
        let drafts = path.join(DRAFTS_FOLDER);
        if drafts.exists() {
            fs::remove_dir_all(&drafts).map_err(io(&drafts))?;
        }
        fs::create_dir_all(&drafts).map_err(io(&drafts))?;
        Ok(Self { path: path.into(), _lock: Arc::new(lock) })
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Its large files.
    pub fn blobs(&self) -> Blobs {
        Blobs::new(self.clone())
    }

    /// The folder's key, made from the system's random bytes where there is none. Blocking.
    ///
    /// # Errors
    /// [`FolderError`]; an existing key is never replaced.
    pub fn keypair(&self) -> Result<Keypair, FolderError> {
        let path = self.path.join(KEY_FILE);
        match File::open(&path) {
            Ok(file) => read_key(file, &path),
            Err(error) if error.kind() == io::ErrorKind::NotFound => self.create_key(&path),
            Err(source) => Err(FolderError::Io { path, source }),
        }
    }

    pub(crate) fn drafts(&self) -> PathBuf {
        self.path.join(DRAFTS_FOLDER)
    }

    fn create_key(&self, path: &Path) -> Result<Keypair, FolderError> {
        let mut secret = [0; 32];
        getrandom::fill(&mut secret).map_err(FolderError::Random)?;
        let text = format!("{}\n", Digest(secret).to_hex());
        write_whole(&self.drafts(), path, text.as_bytes(), Readers::Owner)
            .map_err(|source| FolderError::Io { path: path.to_owned(), source })?;
        Ok(Keypair::from_secret(secret))
    }
}

fn read_key(file: File, path: &Path) -> Result<Keypair, FolderError> {
    let io = |source| FolderError::Io { path: path.to_owned(), source };
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        if file.metadata().map_err(io)?.permissions().mode() & 0o077 != 0 {
            return Err(FolderError::KeyExposed { path: path.to_owned() });
        }
    }
    let mut bytes = Vec::new();
    file.take(KEY_FILE_BYTES_MAX + 1).read_to_end(&mut bytes).map_err(io)?;
    let text = std::str::from_utf8(&bytes).ok().map(str::trim);
    let secret = text.and_then(Digest::from_hex).ok_or_else(|| FolderError::KeyMalformed { path: path.to_owned() })?;
    Ok(Keypair::from_secret(secret.0))
}
