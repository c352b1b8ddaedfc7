//! The worker's side of one job: what it accepts, renders, seals, opens and claims. A checker is a worker.

pub mod io;

pub use io::{WorkerEffect, WorkerInput, WorkerPolicy};
