//! `make soak`: every process of a ring is killed at random a hundred times while jobs run. Minutes, so not part of `make test`.

use crate::crashes::{check_money, check_picture};
use crate::swarm::Swarm;
use crate::{arg, last_json, raylance, scenes, stderr, turn};
use raylance_control::view::JobState;
use raylance_control::{Ask, Told};
use raylance_files::receipt;
use std::time::{Duration, Instant};

/// Processes that are killed, each as often as chance will have it.
const ALL: [&str; 5] = ["ring", "artist", "worker-1", "worker-2", "worker-3"];
/// Kills of a whole run.
const KILLS: u32 = 100;
/// A job that several kills fall into, and the money of a few of them.
const SIZE: &str = "--width 128 --height 96 --json --spp 2048";

/// A small generator whose seed is printed: a run that failed can be repeated, up to the scheduling of the machine.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}

#[test]
#[ignore = "minutes: make soak"]
fn a_hundred_kills_lose_neither_pictures_nor_money() {
    let _turn = turn();
    let seed = std::env::var("RAYLANCE_SOAK_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(1);
    eprintln!("RAYLANCE_SOAK_SEED={seed}");
    let (mut dice, mut kills, mut receipts, mut waited) = (Dice(seed), 0, Vec::new(), Vec::new());
    let mut swarm = Swarm::start_all(3);
    swarm.network("artist", "all are connected", |view| view.peers.len() >= 4);
    let scene = scenes::write(swarm.dir(), "tiny.glb", &scenes::tiny());
    let began = Instant::now();
    while kills < KILLS {
        let (data, out) = (swarm.data("artist"), swarm.dir().join(format!("out-{}", receipts.len())));
        let output = raylance(&["submit", "--data", arg(&data), arg(&scene), "--out", arg(&out)], SIZE);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        let job = last_json(&output)["job"].as_str().unwrap().to_owned();
        while kills < KILLS {
            std::thread::sleep(Duration::from_millis(100 + dice.below(1_500)));
            let told = swarm.ask("artist", Ask::Job { job: job.clone() });
            let state = match told {
                Ok(Told::Job(view)) => view.line.state,
                other => panic!("the artist knows its job: {other:?}"),
            };
            if state == JobState::Ended {
                break;
            }
            if let Ok(Told::Health(health)) = swarm.ask("artist", Ask::Health) {
                waited.push(health.wait_ms_p99);
            }
            let victim = ALL[dice.below(ALL.len() as u64) as usize];
            swarm.kill(victim);
            std::thread::sleep(Duration::from_millis(dice.below(1_000)));
            swarm.start(victim);
            kills += 1;
            eprintln!("{:>6.1} s  kill {kills:>3}: {victim} ({state:?}, job {})", began.elapsed().as_secs_f64(), receipts.len() + 1);
        }
        let done = swarm.job("artist", &job, "the job has ended", |view| view.line.state == JobState::Ended);
        assert_eq!(done.line.shown, done.line.units);
        check_picture(&scene, &out, SIZE, &swarm.dir().join("again.exr"));
        let file = receipt::read(&out.join("receipt.json")).expect("the receipt is signed");
        assert_eq!(file.receipt.paid, done.line.paid);
        receipts.push(file.receipt);
    }
    check_money(&mut swarm, &receipts);
    waited.sort_by(f64::total_cmp);
    eprintln!("the artist's inbox to commit, 99th percentile of each look: {:?} ms in the median", waited.get(waited.len() / 2));
    eprintln!("{} jobs, {kills} kills, {:.0} s", receipts.len(), began.elapsed().as_secs_f64());
}
