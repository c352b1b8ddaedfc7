//! The one SQLite file and the data folder around it: blocks, wallet, own transactions, jobs; whole transactions only.
//!
//! ```text
//! DATA/lock           held while a process uses the folder
//! DATA/key            the account's secret, readable by its owner only
//! DATA/raylance.db    blocks, movements, wallet, outgoing_txs, jobs, settings
//! DATA/scenes/        packed scenes by digest
//! DATA/films/         films by job, unit and worker
//! ```
//!
//! What happened is recorded before anything is sent, and each method is one transaction: it is there whole or not at all, also
//! when the process dies half-way. Facts (blocks, movements, own transactions) are append-only by trigger. Only this crate knows
//! SQL. Deliberately absent: rules. Whether a block is valid or a balance right is decided before it comes here.

mod blobs;
mod chain;
mod database;
mod error;
mod file;
mod folder;
mod jobs;
mod settings;
mod txs;

pub use blobs::{BlobError, Blobs};
pub use chain::{Movement, WalletRow};
pub use database::Store;
pub use error::{DatabaseError, OpenError, StoreError, Table};
pub use folder::{DataFolder, FolderError};
pub use jobs::{JobRow, Role};
pub use txs::OutgoingTx;
