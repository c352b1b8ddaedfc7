//! Runs simulations and prints one JSON object. A seed that fails prints how to run it again.
//!
//! ```text
//! raylance-sim --seeds N       random worlds
//! raylance-sim --seed N        one of them
//! raylance-sim --large         200 peers, 20 jobs of 540 units
//! ```

use raylance_sim::Scenario;
use serde_json::json;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let number = |name: &str| {
        let at = args.iter().position(|arg| arg == name)?;
        args.get(at + 1)?.parse::<u64>().ok()
    };
    if let Some(seed) = number("--seed") {
        let world = Scenario::random(seed).run();
        let state = world.onlooker.state().root();
        println!(
            "{}",
            json!({ "seed": seed, "state_root": state.to_hex(), "log": world.log_hash().to_hex(), "steps": world.steps,
                "starts": world.starts, "simulated_s": world.now_ms / 1_000, "tally": world.onlooker.tally })
        );
        return ExitCode::SUCCESS;
    }
    if args.iter().any(|arg| arg == "--large") {
        let began = std::time::Instant::now();
        let world = Scenario::large(200, 20, 540).run();
        let (real_s, simulated_s) = (began.elapsed().as_secs_f64(), world.now_ms as f64 / 1_000.0);
        println!(
            "{}",
            json!({ "peers": 200, "jobs": 20, "units": 20 * 540, "simulated_s": simulated_s, "real_s": real_s,
                "times_as_fast": simulated_s / real_s, "steps": world.steps, "commits": world.commits, "tally": world.onlooker.tally })
        );
        return ExitCode::SUCCESS;
    }
    let (seeds, next, failed) = (number("--seeds").unwrap_or(100), AtomicU64::new(0), Mutex::new(Vec::new()));
    let tally: Mutex<BTreeMap<&str, u64>> = Mutex::default();
    let run = || {
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= seeds {
                return;
            }
            match catch_unwind(AssertUnwindSafe(|| Scenario::random(seed).run())) {
                Ok(world) => {
                    let mut tally = tally.lock().expect("no thread panics with it");
                    let skips = world.peers.iter().map(|peer| peer.skips).sum();
                    let more = [("steps", world.steps), ("starts", world.starts), ("simulated s", world.now_ms / 1_000), ("skips", skips)];
                    for (what, count) in world.onlooker.tally.iter().map(|(what, count)| (*what, *count)).chain(more) {
                        *tally.entry(what).or_default() += count;
                    }
                }
                Err(_) => {
                    eprintln!("again: cargo run --release -p raylance-sim -- --seed {seed}");
                    failed.lock().expect("no thread panics with it").push(seed);
                }
            }
        }
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| (0..threads).for_each(|_| drop(scope.spawn(run))));
    let failed = failed.into_inner().unwrap_or_default();
    println!("{}", json!({ "seeds": seeds, "failed": failed, "tally": tally.into_inner().unwrap_or_default() }));
    if failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
