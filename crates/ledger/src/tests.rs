//! Each rule from its good side, its bad side and its edge, by signed transactions in blocks that are audited.

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
