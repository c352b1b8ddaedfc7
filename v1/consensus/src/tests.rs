//! Blocks, certificates, the solo engine and proofs.

mod blocks;
mod proofs;
mod ring;
mod solo;
