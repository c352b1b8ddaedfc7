//! What an input costs, in a small job and in a large one.

use super::world::{Habits, World, plan};
use crate::artist::{ArtistEffect as Effect, Plan};
use raylance_protocol::AccountId;
use std::time::Instant;

/// Microseconds and writes per input, on average over a job's beginning.
fn cost(units: u32, workers: u16) -> (f64, f64) {
    let habits = Habits { task_ms: 1_000, ..Habits::default() };
    let account = |no: u16| {
        let mut account = [9; 32];
        account[..2].copy_from_slice(&no.to_be_bytes());
        AccountId(account)
    };
    let workers: Vec<_> = (0..workers).map(|no| (account(no), habits.clone())).collect();
    let mut world = World::hired(Plan { open_ms: 1 << 40, own_device: true, ..plan(units, 8192) }, &workers);
    world.hold = |effect| matches!(effect, Effect::Offer(_));
    world.run(15_000);
    (world.spent_ns = 0, world.inputs = 0, world.writes = 0);
    let began = Instant::now();
    while world.inputs < 20_000 && began.elapsed().as_secs() < 60 {
        world.run(100);
    }
    (world.spent_ns as f64 / world.inputs as f64 / 1e3, world.writes as f64 / world.inputs as f64)
}

#[test]
#[ignore = "a measurement: run it alone, in release"]
fn an_input_costs_as_much_in_a_large_job_as_in_a_small_one() {
    let (small_us, small_writes) = cost(1024, 16);
    let (large_us, large_writes) = cost(65_536, 256);
    println!("1,024 units × 16 workers: {small_us:.1} µs, {small_writes:.2} writes per input");
    println!("65,536 units × 256 workers: {large_us:.1} µs, {large_writes:.2} writes per input");
    assert!(large_us < 100.0);
    assert!(large_us < 2.0 * small_us);
}
