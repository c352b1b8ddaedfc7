//! Whole peers, many of them, on one seeded clock: the real agents, ledger and signatures; modelled films, devices and disks.
//!
//! ```text
//! scenario ─ who is there, who cheats, weather ─► world ─ one queue of events, the network, crashes between record and act
//!                                                  │  peer ─ disk, device ─► Agent::step, as in the product
//!                                                  └► onlooker ─ executes every block, counts, audits
//! ```
//!
//! A seed replays: same state roots, same hash over all turns. Deliberately absent: real time.

pub mod chance;
mod devices;
pub mod film;
pub mod meter;
pub mod onlooker;
pub mod peer;
pub mod scenario;
pub mod world;

pub use scenario::Scenario;
pub use world::{Crash, Fate, Weather, World};
