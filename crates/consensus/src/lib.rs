//! The chain as this peer checked it; the engine that orders blocks, as input → effects; proofs for wallets. Pure.
