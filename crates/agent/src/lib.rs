//! One whole peer: what it decides when something happens, and what it shows. Pure.
//!
//! ```text
//!  command ─┐                         ┌─ writes ──► recorded, all or none
//!  message ─┤   hear                  │
//!  block ───┼──────────► Agent::step ─┼─ effects ─► performed after that; each with an id is answered
//!  answer ──┤        (now, dice, event)
//!  alarm ───┘                         └─ topics ──► what a person sees has changed
//!
//!  step ─► artists (own jobs) ─┐
//!       ─► workers (others')  ─┼─► outbox (sent until recorded), wallet (one transaction after the other)
//!       ─► ring (engine or follower; its blocks are heard by all of them)
//! ```
//!
//! A turn's writes are recorded in one transaction, then its effects are performed, and every answer is another event. What happens between
//! the two, a crash included, changes nothing: a start builds the peer from its rows and asks for everything outstanding again.
//!
//! Deliberately absent: async, clocks, chance, SQL, sockets, keys. Signatures are checked before an event comes in ([`hear()`]) and made on
//! the way out.

mod agent;
mod artist;
mod court;
pub mod effect;
pub mod event;
mod hear;
mod orphans;
mod outbox;
mod ring;
pub mod rows;
mod skip;
mod update;
pub mod view;
mod wallet;
mod worker;

pub use agent::{Agent, Setup, StartError, Stored};
pub use effect::{CommandError, Effect, EffectId, Notice, Outgoing, Topic, Turn};
pub use event::{Answer, Command, CommandId, Earning, Event, Evidence, Heard, MessageId, Now, Wanted};
pub use hear::{Ears, hear, speak};
/// What the chain's part of a [`Notice`] says.
pub use raylance_consensus::{DropReason, Notice as ChainNotice};
pub use ring::Lag;
