//! The life of a job as three pure machines: one for the artist, one for each worker, one for each verifier.
//!
//! ```text
//!             Input                                  Effect
//! peer ──────► hear ─┐                            ┌─► Send, Challenge, Reveal …   (peer)
//! final block ─ Fact ┼─► step(now_ms, Input) ─────┼─► SubmitTx                    (ledger)
//! device, disk ──────┤        │                   ├─► Render, Replay, FetchFilm … (device, disk)
//! clock ────── Tick ─┘     snapshot() → store     └─► Finished, Failed
//! ```
//!
//! **How to run one.** Call [`artist::Artist::step`] (or the worker's, or the verifier's) with the time and one input; store
//! [`artist::Artist::snapshot`] in the same transaction as whatever caused the input; only then act on the returned effects. Several
//! inputs may be stepped before one store, as long as their effects wait for it. Tick every machine a few times per second.
//! A machine that is made for a job which is already on the chain is told the facts so far first. After a restart, load the snapshot and step `Input::Resumed`: every outstanding effect is issued again.
//!
//! **Why nothing is lost or doubled.** Effects follow from recorded state, every effect may be acted on twice (it carries unit,
//! worker and root, or the number of its transaction), every message may be lost, doubled or late, and every fact may be told
//! again. A submission keeps its [`TxNumber`] until its facts are seen, so re-issuing it means re-sending the same signed bytes.
//!
//! Deliberately absent: I/O, clock, dice, async, SQL, hashing of films, judging. Draws, seals, salts and judgements arrive as inputs.

pub mod artist;
mod fact;
mod hear;
mod retry;
mod snapshot;
mod submission;
pub mod terms;
pub mod verifier;
pub mod worker;

pub use fact::{Fact, TxNumber, TxRefusal};
pub use hear::{Heard, hear};
pub use snapshot::SnapshotError;
