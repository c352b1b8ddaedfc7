//! Each rule from its good side, its bad side and its edge, by signed transactions in blocks that are audited.

#![allow(clippy::unwrap_used, reason = "a test that finds nothing has failed")]

mod attacks;
mod challenges;
mod claims;
mod closing;
mod coalition;
mod court;
mod endorsing;
mod genesis;
mod memo;
mod opening;
mod paying;
mod ring;
mod transfers;
