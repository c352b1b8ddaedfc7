//! Whole networks and cheats on trial: the demo swarm, and attackers measured against the real judge.
//!
//! ```text
//! cli ─┬─► demo    processes of `raylance node run` draw one picture together  ─► report
//!      └─► cheats  honest film ─ altered films ─ draws ─ judge                  ─► report
//! ```
//!
//! It shows nothing itself: a caller is told how far it is and prints the report. Deliberately absent: the command line, and anything
//! that an ordinary peer needs.

pub mod cheats;
pub mod demo;
mod still_life;

pub use still_life::{STILL_LIFE, still_life};
