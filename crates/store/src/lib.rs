//! The one SQLite file: applies a turn's writes in one transaction, loads them back. No rules.
//!
//! ```text
//! agent ── turns ──► Store::commit ─────┐           ┌─► Store::rows, row, rows_from ──► agent, peers
//!                                       ├─ peer.db ─┤
//!       ── state ──► Store::keep_state ─┘           └─► Store::state ── nodes one by one ──► ledger
//! ```
//!
//! What was committed is on disk when the call returns, and it is there whole or not at all, also when the process or the machine dies
//! half-way. A row is bytes under a key; whose it is and what it means is said elsewhere, and one that can't be read is its owner's concern.
//!
//! Every call blocks until SQLite is done, and may come from any thread: SQLite works on a thread of its own for each connection, and the
//! caller's thread waits for it without a runtime. There are two connections, one that writes and one that reads, so reading never waits for a
//! commit.
//!
//! Deliberately absent: rules, types of rows, keys, films and scenes (files of their own), async.

mod connection;
mod error;
mod open;
mod rows;
mod state;

pub use error::{DatabaseError, OpenError, StateError, StoreError};
pub use open::Store;
pub use rows::{Batch, Row};
