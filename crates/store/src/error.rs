//! Why something was not opened, not stored or not found intact.

use raylance_ledger::SnapshotError;
use raylance_ledger::tree::NodeError;
use sqlx::migrate::MigrateError;
use std::io;
use std::path::{Path, PathBuf};

/// What SQLite says. Opaque: no other room speaks SQL.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct DatabaseError(#[from] sqlx::Error);

/// Why the store was not opened. Nothing that lies in the folder was changed.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The system refuses.
    #[error("cannot use {path}; look whether it may be written, and whether the disk is there and has room")]
    Io {
        /// File or folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// Another process, or a store of this one, has the folder open.
    #[error("{path} is in use by another Raylance; stop it, or choose another folder")]
    InUse {
        /// The folder.
        path: PathBuf,
    },
    /// The file is not this program's, or its beginning or its end is missing.
    #[error("{path} is no database of Raylance, or it is damaged; restore it from a backup, or move it away to begin anew")]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// The file is gone and its log is still there: SQLite would take the log for a new file's.
    #[error("{log} is there without its database; put the database back beside it, or move it away to begin anew")]
    LogAlone {
        /// The log.
        log: PathBuf,
    },
    /// A newer version of this program has used the file.
    #[error("{path} has schema {found}, this program knows {newest}; use the newer program")]
    Newer {
        /// The file.
        path: PathBuf,
        /// Schema of the file.
        found: i64,
        /// Newest schema that this program knows.
        newest: i64,
    },
    /// A schema step of the file is not the one that this program knows by this number.
    #[error("schema step {step} of {path} is another than this program's; use the program that made it")]
    Altered {
        /// The file.
        path: PathBuf,
        /// The step.
        step: i64,
    },
    /// SQLite can't use the file.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why something was not stored or not read. What was to be stored is not there at all, and what was stored before still is; the call may be
/// made again once the cause is gone.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// No room.
    #[error("the disk of {path} is full; free some space")]
    Full {
        /// The file.
        path: PathBuf,
        /// What SQLite says.
        source: DatabaseError,
    },
    /// No right to write.
    #[error("{path} can't be written; make the file and its folder writable")]
    ReadOnly {
        /// The file.
        path: PathBuf,
        /// What SQLite says.
        source: DatabaseError,
    },
    /// Another program holds the file.
    #[error("another program uses {path}; close it")]
    Busy {
        /// The file.
        path: PathBuf,
        /// What SQLite says.
        source: DatabaseError,
    },
    /// The disk, or the way to it, fails.
    #[error("cannot read or write {path}; look whether the disk is there and has room")]
    Disk {
        /// The file.
        path: PathBuf,
        /// What SQLite says.
        source: DatabaseError,
    },
    /// A page of the file is not what was written.
    #[error("{path} is damaged; restore it from a backup, or move it away to begin anew")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What SQLite says.
        source: DatabaseError,
    },
    /// Anything else: an error of this program.
    #[error("SQLite refuses what was to be done with {path}")]
    Refused {
        /// The file.
        path: PathBuf,
        /// What SQLite says.
        source: DatabaseError,
    },
}

/// Why a state was not kept or not found. Rows are not concerned.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// The file can't be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A node of the state, or of the one that was kept before it, can't be read.
    #[error(transparent)]
    Node(#[from] NodeError),
    /// The nodes are no state.
    #[error(transparent)]
    Rows(#[from] SnapshotError),
    /// Header and certificate of the kept state can't be read.
    #[error("the block of the state kept in {path} can't be read; restore the file from a backup")]
    Tip {
        /// The file.
        path: PathBuf,
    },
}

impl StoreError {
    pub(crate) fn of(path: &Path, error: sqlx::Error) -> Self {
        let code = error.as_database_error().and_then(|error| error.code()?.parse::<i32>().ok());
        let (path, source) = (path.to_owned(), DatabaseError(error));
        // The low byte is the kind: https://www.sqlite.org/rescode.html
        match code.map(|code| code & 0xff) {
            Some(13) => Self::Full { path, source },
            Some(3 | 8) => Self::ReadOnly { path, source },
            Some(5 | 6) => Self::Busy { path, source },
            Some(10 | 14) => Self::Disk { path, source },
            Some(11 | 26) => Self::Damaged { path, source },
            _ => Self::Refused { path, source },
        }
    }
}

impl OpenError {
    pub(crate) fn of_migration(path: &Path, newest: i64, error: MigrateError) -> Self {
        let owned = path.to_owned();
        match error {
            MigrateError::VersionMissing(found) if found > newest => Self::Newer { path: owned, found, newest },
            MigrateError::VersionMissing(step) | MigrateError::VersionMismatch(step) => Self::Altered { path: owned, step },
            MigrateError::Execute(source) | MigrateError::ExecuteMigration(source, _) => StoreError::of(path, source).into(),
            other => StoreError::of(path, sqlx::Error::Migrate(Box::new(other))).into(),
        }
    }
}
