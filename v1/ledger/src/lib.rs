//! The rules of money: transactions in, next state out; deterministic, integers only.
//!
//! ```text
//! Genesis ─► State ── stage ─► Staged ── execute(height, tx)* ─► events, or a refusal that changed nothing
//!              ▲                 │
//!              └─── commit ◄─────┴─ prepare: state root, supply checked
//! ```
//!
//! Changes are written to a sheet laid over the state, never into it: one sheet per transaction, so that a refused
//! transaction leaves no trace, and one per block, so that a block that turns out wrong costs nothing to forget.
//! Every movement of an account's balance is also an event, so the sum of a wallet's movements is its balance.
//!
//! Deliberately absent: clocks, I/O, chance, consensus, floats, iteration in hash order.
//!
//! What the ledger does not decide: which leaves were replayed and who was asked to. It counts signed verdicts of a
//! job's admitted workers; the draw is the artist's and the verifiers' affair.

mod close;
mod commit;
pub mod event;
pub mod genesis;
mod open;
pub mod proof;
pub mod refusal;
pub mod rows;
mod settle;
pub mod state;
mod tree;
mod turn;

pub use event::{LedgerEvent, MicroluxChange, MoveReason};
pub use genesis::GenesisError;
pub use proof::{PathError, verify_account_value};
pub use refusal::{RefusalCause, TxRefused, VerdictFault};
pub use rows::{Account, Job, JobPhase, Standing, Supply, UnitCommitment, UnitRow};
pub use state::{Prepared, Staged, State, SupplyError};

#[cfg(test)]
mod tests;
