//! What an input costs, in a small job and in a large one.

use super::world::{Habits, World, plan};
use crate::artist::Plan;
use raylance_protocol::AccountId;

/// What an input costs in the middle of a job.
struct Cost {
    inputs: usize,
    /// Medians are not moved by what else the machine does.
    median_us: f64,
    /// One in ten takes longer.
    slow_us: f64,
    writes: f64,
}

fn cost(units: u32, workers: u16) -> Cost {
    let habits = Habits { task_ms: 10_000, ..Habits::default() };
    let account = |no: u16| {
        let mut account = [9; 32];
        account[..2].copy_from_slice(&no.to_be_bytes());
        AccountId(account)
    };
    let workers: Vec<_> = (0..workers).map(|no| (account(no), habits.clone())).collect();
    let mut world = World::hired(Plan { open_ms: 1 << 40, ..plan(units, 8192) }, &workers);
    world.run(25_000);
    world.costs.clear();
    world.run(40_000);
    let mut times: Vec<u64> = world.costs.iter().map(|(time_ns, _)| *time_ns).collect();
    times.sort_unstable();
    let writes: usize = world.costs.iter().map(|(_, writes)| writes).sum();
    let at = |part: usize| times[(times.len() - 1) * part / 100] as f64 / 1e3;
    Cost { inputs: times.len(), median_us: at(50), slow_us: at(90), writes: writes as f64 / times.len() as f64 }
}

#[test]
#[ignore = "a measurement: run it alone, in release"]
fn an_input_costs_as_much_in_a_large_job_as_in_a_small_one() {
    let (small, large) = (cost(1024, 16), cost(65_536, 256));
    for (job, cost) in [("1,024 units × 16 workers", &small), ("65,536 units × 256 workers", &large)] {
        let Cost { inputs, median_us, slow_us, writes } = cost;
        println!("{job}: {inputs} inputs, median {median_us:.1} µs, one in ten above {slow_us:.1} µs, {writes:.2} writes each");
    }
    assert!(large.slow_us < 100.0);
    assert!(large.median_us < 2.0 * small.median_us);
}
