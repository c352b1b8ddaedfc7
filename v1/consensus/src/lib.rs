//! Puts ledger transactions in one order among a ring's validators; proves a balance to a wallet.
//!
//! ```text
//! tx ─► Engine::submit ─► Engine::advance(time) ─► FinalBlock ─► (record it) ─► Chain::apply ─► events
//!                                                      ▲
//!                     from other peers ────────────────┘
//! ```
//!
//! Every peer has a [`Chain`]: a replica that believes a block only after certificate, re-execution and state root agree.
//! A validator has an [`Engine`] beside it, which reads the chain and hands out final blocks; its own blocks reach the chain by
//! the same door as everybody else's. [`Solo`] is the engine of a ring whose only validator is this process.
//!
//! Deliberately absent: clocks, I/O, job rules, SQL. Validator sets do not change yet: the genesis names them for good.

pub mod chain;
pub mod engine;
pub mod proof;
pub mod solo;
pub mod validators;

pub use chain::{Applied, BlockError, Chain, Tip, TxEvents, tx_root};
pub use engine::{Engine, EngineError, SubmitError};
pub use proof::{ProofError, prove_account, verify_account_proof};
pub use solo::{NotSoleValidator, Solo, solo_genesis};
pub use validators::{CertificateError, Validators, validators_hash};

#[cfg(test)]
mod tests;
