//! Opening the file: one process at a time, its settings, its schema.

use crate::connection::Connection;
use crate::state::{Reader, kept_tree};
use crate::{OpenError, StoreError};
use raylance_ledger::Tree;
use sqlx::SqlSafeStr as _;
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read as _};
use std::path::Path;
use std::sync::{Arc, Mutex};

const FILE: &str = "peer.db";
/// SQLite's log beside it.
const LOG: &str = "peer.db-wal";
/// A file of its own: on some systems a locked file can't be read by SQLite.
const LOCK: &str = "peer.lock";
/// A new file until its schema is whole.
const DRAFT: &str = "peer.db.new";
const DRAFT_JOURNAL: &str = "peer.db.new-journal";

/// Every step of the schema, in order. Named by hand: the macro that reads a folder would have sqlx and SQLite compiled twice.
const STEPS: [(i64, &str, &str); 1] = [(1, "rows", include_str!("../../../migrations/0001_rows.sql"))];

/// The header of every SQLite file: its first bytes, and where the size of a page, the number of pages and the application's id stand.
/// <https://www.sqlite.org/fileformat.html>
const MAGIC: &[u8; 16] = b"SQLite format 3\0";
const PAGE_BYTES_AT: usize = 16;
const PAGES_AT: usize = 28;
const APPLICATION_ID_AT: usize = 68;
const APPLICATION_ID: &[u8; 4] = b"RayL";
const HEADER_BYTES: usize = 100;

/// Pages in memory of the connection that writes, KiB: the usual 2 MiB hold a small part of the state's nodes, whose keys are hashes and lie
/// everywhere.
const WRITER_CACHE_KIB: u32 = 64 << 10;
/// Of the one that reads: the upper nodes of a large state.
const READER_CACHE_KIB: u32 = 16 << 10;
/// A log that grew with a large state is cut to this many bytes.
const LOG_BYTES_KEPT: u32 = 64 << 20;

/// A peer's rows, and the ledger's state as it was kept last. The folder is this process's until the store and every state that was opened from
/// it are dropped.
pub struct Store {
    pub(crate) path: Arc<Path>,
    pub(crate) writer: Connection,
    pub(crate) reader: Arc<Reader>,
    /// The state whose nodes the file has, as far as it is in memory.
    pub(crate) kept: Mutex<Tree>,
}

impl Store {
    /// Opens the store in `folder`; makes both where there are none. A schema of an older version is brought up to date.
    ///
    /// # Errors
    /// [`OpenError`]. Nothing in the folder was changed, except that steps of the schema may have been taken.
    pub fn open(folder: &Path) -> Result<Self, OpenError> {
        fs::create_dir_all(folder).map_err(io_error(folder))?;
        let lock = Arc::new(lock(folder)?);
        let path: Arc<Path> = folder.join(FILE).into();
        if !path.try_exists().map_err(io_error(&path))? {
            create(folder, &path, &lock)?;
        }
        check_file(folder, &path)?;
        let writer = Connection::open(&path, options(&path, WRITER_CACHE_KIB), &lock)?;
        migrate(&writer, &path)?;
        // Where the log may not be written, SQLite says so only when it is told to write, be it nothing.
        writer.run(async |connection| sqlx::query("DELETE FROM rows WHERE key = x''").execute(connection).await)?;
        let reading = options(&path, READER_CACHE_KIB).pragma("query_only", "ON");
        let reader = Arc::new(Reader(Connection::open(&path, reading, &lock)?));
        let kept = Mutex::new(kept_tree(&reader)?);
        Ok(Self { path, writer, reader, kept })
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Store({})", self.path.display())
    }
}

fn io_error(path: &Path) -> impl FnOnce(io::Error) -> OpenError + use<> {
    let path = path.to_owned();
    move |source| OpenError::Io { path, source }
}

/// The lock of a folder, given back when it is dropped.
pub struct FolderLock(File);

impl Drop for FolderLock {
    /// Closing the file would not do while a child process that is just being started still has a copy of it.
    fn drop(&mut self) {
        // What can't be unlocked is unlocked with the last copy.
        let _ = self.0.unlock();
    }
}

/// The system frees the lock even when the process is killed.
fn lock(folder: &Path) -> Result<FolderLock, OpenError> {
    let path = folder.join(LOCK);
    let lock = OpenOptions::new().write(true).create(true).truncate(false).open(&path).map_err(io_error(&path))?;
    match lock.try_lock() {
        Ok(()) => Ok(FolderLock(lock)),
        Err(TryLockError::WouldBlock) => Err(OpenError::InUse { path: folder.to_owned() }),
        Err(TryLockError::Error(source)) => Err(OpenError::Io { path, source }),
    }
}

/// Makes the file under another name first: an empty or half-made `peer.db` is then always damage, never a beginning.
fn create(folder: &Path, path: &Arc<Path>, lock: &Arc<FolderLock>) -> Result<(), OpenError> {
    if log_bytes(folder)? > 0 {
        return Err(OpenError::LogAlone { log: folder.join(LOG) });
    }
    let draft: Arc<Path> = folder.join(DRAFT).into();
    for left in [folder.join(DRAFT_JOURNAL), draft.to_path_buf()] {
        match fs::remove_file(&left) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(OpenError::Io { path: left, source: error }),
            _ => {}
        }
    }
    let options = SqliteConnectOptions::new().filename(&draft).create_if_missing(true).synchronous(SqliteSynchronous::Full);
    let connection = Connection::open(&draft, options, lock)?;
    migrate(&connection, &draft)?;
    drop(connection);
    fs::rename(&draft, path).map_err(io_error(path))?;
    flush_folder(folder).map_err(io_error(folder))
}

/// A new name is on disk once its folder is; other systems than Unix can't flush one.
fn flush_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

/// Is it ours, and whole as far as its length says? Asked before SQLite sees the file, which may write to it.
fn check_file(folder: &Path, path: &Path) -> Result<(), OpenError> {
    let mut header = Vec::new();
    // For writing, too: SQLite would open a file that it may not write, and leave files beside it which later nobody may write.
    let mut file = OpenOptions::new().read(true).write(true).open(path).map_err(io_error(path))?;
    file.by_ref().take(HEADER_BYTES as u64).read_to_end(&mut header).map_err(io_error(path))?;
    let bytes = file.metadata().map_err(io_error(path))?.len();
    // While there is a log, the file may still lack pages that stand in it.
    match bytes_said(&header) {
        Some(said) if said <= bytes || log_bytes(folder)? > 0 => Ok(()),
        _ => Err(OpenError::Foreign { path: path.to_owned() }),
    }
}

/// How long the log is; 0 where there is none.
fn log_bytes(folder: &Path) -> Result<u64, OpenError> {
    let path = folder.join(LOG);
    match fs::metadata(&path) {
        Ok(log) => Ok(log.len()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(0),
        Err(source) => Err(OpenError::Io { path, source }),
    }
}

/// How long the file is by its header; `None` if the header is not ours.
fn bytes_said(header: &[u8]) -> Option<u64> {
    let ours = header.starts_with(MAGIC) && header.get(APPLICATION_ID_AT..)?.starts_with(APPLICATION_ID);
    let page_bytes = u16::from_be_bytes(*header.get(PAGE_BYTES_AT..)?.first_chunk()?);
    let pages = u32::from_be_bytes(*header.get(PAGES_AT..)?.first_chunk()?);
    // 1 stands for 65,536.
    let page_bytes = if page_bytes == 1 { 1 << 16 } else { u64::from(page_bytes) };
    ours.then_some(page_bytes * u64::from(pages))
}

fn options(path: &Path, cache_kib: u32) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .pragma("cell_size_check", "ON")
        .pragma("cache_size", format!("-{cache_kib}"))
        .pragma("journal_size_limit", LOG_BYTES_KEPT.to_string())
}

fn migrate(connection: &Connection, path: &Path) -> Result<(), OpenError> {
    let step = |(version, name, sql): (i64, &'static str, &'static str)| {
        Migration::new(version, name.into(), MigrationType::Simple, sql.into_sql_str(), false)
    };
    let migrator = Migrator::with_migrations(STEPS.map(step).to_vec());
    let newest = STEPS.iter().map(|(version, ..)| *version).max().unwrap_or(0);
    let migrated = connection.run(async |connection: &mut SqliteConnection| Ok(migrator.run_direct(None, connection, false).await))?;
    migrated.map_err(|error| OpenError::of_migration(path, newest, error))
}

const _: fn() = || {
    fn shared<T: Send + Sync>() {}
    shared::<Store>();
    shared::<StoreError>();
};
