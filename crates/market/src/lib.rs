//! The life of a job: pricing, and the machines of artist and worker. Pure.
//!
//! ```text
//!            input                                effect (with everything it needs, answered by an input)
//! offer ─┐                                    ┌─► send, submit a transaction
//! bid  ──┤                                    ├─► fetch a film, render, replay, compare
//! lease ─┼─► Artist::step / Worker::step ─────┤
//! block ─┤     (now, dice, input)             ├─► alarm
//! timer ─┘          └── writes ──► store      └─► forget
//! ```
//!
//! A checker is a worker whose task is a list of leaves; there is no third machine. A turn's writes are recorded before its effects go
//! out. Effects follow from rows: after a restart a machine is loaded from its rows and [`Artist::resume`](artist::Artist::resume) or
//! [`Worker::resume`](worker::Worker::resume) issues every outstanding effect again, so twice must be the same as once.
//!
//! The cost of an input depends on the input, not on the job: a unit, a delivery, a worker is a row each, nothing is scanned, and what
//! becomes due stands in a queue. Deadlines live in memory and count anew after a restart: no clock is compared with that of an earlier
//! process or another machine.
//!
//! Deliberately absent: I/O, clock, dice, SQL, keys. Values are signed on their way out, and came in with signatures checked.

pub mod artist;
pub mod due;
pub mod pricing;
pub mod terms;
pub mod turn;
pub mod worker;

pub use due::DueQueue;
pub use turn::{Dice, Turn, Write};
