//! The chain as this peer checked it; the engine that orders blocks, as input → effects; proofs for wallets. Pure.
//!
//! ```text
//! Tx ──► Pool ──► Engine ──► Effect::{Log, Mark, Sign, Apply, Publish}
//!                   │ ▲
//!                   ▼ │
//! FinalBlock ────► Chain ──► Snapshot, RowProof
//! ```
//!
//! Every peer has a [`Chain`]: a replica that believes a block only after certificate, re-execution and state root agree. A validator's
//! [`Engine`] owns one, and its own blocks reach it by the same rules as everybody else's.
//!
//! Deliberately absent: timers, sockets, keys, SQL. Validator sets do not change yet: the genesis names them for good.

pub mod block;
pub mod chain;
pub mod clock;
pub mod engine;
pub mod pool;
pub mod proof;
pub mod validators;

pub use block::{BlockError, CheckedBlock, is_dispute};
pub use chain::{Applied, Candidate, Chain, LoadError, Tip};
pub use engine::{Effect, EffectId, Engine, EngineError, Input, Mark, Notice, Record, Settings};
pub use pool::{DropReason, Dropped, Place, Pool, PoolError, PoolLimits};
pub use proof::{ProofError, Proven};
pub use validators::{CertificateError, Evidence, EvidenceError, Validators, ValidatorsError};

#[cfg(test)]
mod tests;
