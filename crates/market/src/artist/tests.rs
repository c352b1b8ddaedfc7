//! Claims about the artist, made in a world of workers that are played by hand.

#![allow(clippy::unwrap_used, reason = "a test that finds nothing has failed")]

mod attacks;
mod checks;
mod cost;
mod deliveries;
mod hiring;
mod leases;
mod lists;
mod payments;
mod restarts;
mod world;
