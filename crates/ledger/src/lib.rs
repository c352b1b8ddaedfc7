//! The rules of money, one file per family of transactions. Pure, integers only.
//!
//! ```text
//! Genesis ─► State ── draft(header time) ─► Draft ── execute(tx)* ─► refusals changed nothing
//!              ▲        clock ticks, due       │
//!              │        rows are worked off    │
//!              └──── Executed { state, events } ◄── finish: the supply is checked
//! ```
//!
//! A [`State`] is a tree of rows that is never changed: a block makes another one that shares what stayed the same, so a state can be
//! held, cloned and forgotten for nothing, and a block that turns out wrong leaves no trace. Every row says what money it holds, and the
//! sums over all of them are checked in every block.
//!
//! Money moves by agreement: the artist pays what it checked. Where the two sides disagree, the ledger knows three things only, each by a
//! signature: what the artist owes (receipts), what the worker delivered (deliveries), and what more than two thirds of the stake computed
//! for one leaf. Silence costs the silent: every state has a deadline in ring time and a stated outcome.
//!
//! Deliberately absent: clocks, I/O, chance, consensus, floats, signatures (see [`raylance_protocol::CheckedTx`]), iteration in hash order.

mod audit;
mod challenge;
mod channel;
mod claim;
mod court;
mod draft;
mod due;
mod endorse;
pub mod event;
mod genesis;
mod holds;
mod memo;
mod open;
mod pay;
pub mod proof;
pub mod refusal;
mod rule;
mod ruling;
mod state;
mod transfer;
pub mod tree;

pub use audit::{AuditError, audit};
pub use draft::{Draft, Executed, SupplyError};
pub use event::{Change, ChannelEnd, ClaimEnd, Event, Reason, Skipped, Verdict};
pub use genesis::{CREATED_MAX, GenesisError, genesis_events};
pub use memo::{BlockKey, Memo};
pub use proof::{PathError, verify_row};
pub use refusal::Refusal;
pub use state::{SnapshotError, State};
pub use tree::Tree;

#[cfg(test)]
mod tests;
