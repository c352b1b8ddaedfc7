//! Why something was not stored or not found intact.

use raylance_v1_protocol::{ChainId, Height};
use std::path::PathBuf;

/// What SQLite says. Opaque: no other room speaks SQL.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct DatabaseError(#[from] sqlx::Error);

/// Why the database was not opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// SQLite can't use the file: the disk, or the file itself, is damaged.
    #[error("cannot use the database {path}; restore it from a backup, or move it away to fetch the chain anew")]
    Database {
        /// The file.
        path: PathBuf,
        /// What SQLite says.
        source: DatabaseError,
    },
    /// A newer version of this program has used the file.
    #[error("the database {path} has schema {found}, this program knows {newest}; use the newer program")]
    Newer {
        /// The file.
        path: PathBuf,
        /// Schema of the file.
        found: i64,
        /// Newest schema that this program knows.
        newest: i64,
    },
    /// A schema step of the file is not the one that this program knows by this number.
    #[error("schema step {step} of the database {path} is another than this program's; use the program that made it")]
    Altered {
        /// The file.
        path: PathBuf,
        /// The step.
        step: i64,
    },
    /// A schema step failed; nothing of it is left.
    #[error("the database {path} can't be brought to the present schema")]
    Migration {
        /// The file.
        path: PathBuf,
        /// What SQLite says.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The folder belongs to another ring.
    #[error("the folder belongs to ring {found}, not to {wanted}; use one folder per ring")]
    OtherGenesis {
        /// Ring of the folder.
        found: ChainId,
        /// Ring that was asked for.
        wanted: ChainId,
    },
    /// The folder is new and no genesis was given.
    #[error("the folder has no ring yet; give a genesis")]
    NoGenesis,
    /// The stored genesis is damaged.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A table of the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Table {
    Genesis,
    Blocks,
    Movements,
    Wallet,
    OutgoingTxs,
    Jobs,
}

/// Why something was not stored or not read. What was to be stored is not there at all.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// SQLite refused, e.g. because the disk is full or a rule of the schema is broken.
    #[error("the database refused")]
    Database(#[from] DatabaseError),
    /// A stored value is not what was written.
    #[error("row {row} of {table:?} is damaged; restore the database from a backup")]
    Corrupt {
        /// The table.
        table: Table,
        /// Height of the block, or 0 where rows have no number.
        row: u64,
    },
    /// The block does not follow the last one.
    #[error("block {} does not follow block {}", found.0, last.0)]
    Gap {
        /// Last block that is stored; 0 = genesis.
        last: Height,
        /// Block that was to be stored.
        found: Height,
    },
    /// A number that the database can't hold.
    #[error("{0} is more than the database can hold")]
    TooLarge(u64),
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error.into())
    }
}

/// A number as SQLite holds it.
pub(crate) fn to_sql(number: u64) -> Result<i64, StoreError> {
    i64::try_from(number).map_err(|_| StoreError::TooLarge(number))
}

/// A number from a column whose CHECK allows no negative one.
pub(crate) fn from_sql(number: i64, table: Table) -> Result<u64, StoreError> {
    u64::try_from(number).map_err(|_| StoreError::Corrupt { table, row: 0 })
}

/// 32 bytes from a column whose CHECK allows no other length.
pub(crate) fn bytes32(bytes: &[u8], table: Table) -> Result<[u8; 32], StoreError> {
    bytes.try_into().map_err(|_| StoreError::Corrupt { table, row: 0 })
}
