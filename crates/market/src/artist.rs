//! The artist's side of one job: leases, receipts, private checks, payments.

pub mod io;

pub use io::{ArtistEffect, ArtistInput, Device, LeafRef, Plan, Say};
