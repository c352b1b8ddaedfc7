//! The rules of money, each from its good side, its bad side and its edge.

mod jobs;
mod money;
mod proofs;
mod sequences;
mod verdicts;
mod world;
