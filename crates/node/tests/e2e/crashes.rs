//! Processes that die half-way and come back: the picture is finished, and nobody is paid twice.

use crate::swarm::Swarm;
use crate::{arg, last_json, raylance, scenes, stderr};

/// Submits a job of a few seconds, kills a node when some units are paid, starts it again, and checks picture and money at the end.
fn check(victim: &str) {
    let mut swarm = Swarm::start_all(3);
    swarm.wait_for("artist", "all are connected", |view| view.peers.len() >= 4);
    let scene = scenes::write(swarm.dir(), "tiny.glb", &scenes::tiny());
    let (data, out) = (swarm.data("artist"), swarm.dir().join("out"));
    let size = ["--width", "128", "--height", "96", "--spp", "512"];
    let submit = ["submit", "--data", arg(&data), arg(&scene), "--price", "0.5", "--out", arg(&out), "--json"];
    let output = raylance(&[&submit[..], &size].concat());
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));

    let midway = swarm.wait_for("artist", "some units are paid", |view| view.jobs[0].units_settled >= 2);
    swarm.kill(victim);
    swarm.start(victim);
    let done = swarm.wait_for("artist", "the job has ended", |view| ["done", "failed"].contains(&view.jobs[0].state.as_str()));
    let job = &done.jobs[0];
    assert_eq!(job.state, "done", "{}", job.sentence);
    assert_eq!((job.units_settled, job.units_rejected), (midway.jobs[0].units, 0));

    // Every unit was paid once: the artist is short of exactly the units' prices, and no money was made or lost on the way.
    let closed = swarm.wait_for("ring", "the budget is paid out", |view| view.ring.height >= done.ring.height);
    assert!(closed.ring.validating);
    let audit = swarm.audit("ring");
    assert!(audit.supply_ok(), "{audit:?}");
    assert_eq!(audit.escrow, 0, "{audit:?}");
    let price = 500_000;
    assert_eq!(audit.balances[&done.me.account], 1_000_000_000 - u64::from(job.units) * price, "{audit:?}");
    let paid: u64 = audit.balances.iter().filter(|(account, _)| **account != done.me.account).map(|(_, balance)| balance).sum();
    assert_eq!(paid + audit.treasury + audit.burned, u64::from(job.units) * price, "{audit:?}");
    assert!(done.wallet.agrees, "the artist's own running total is the ledger's balance");

    let file = raylance_node::receipt::read(&out.join("receipt.json")).expect("the receipt is signed");
    let (again, seed) = (swarm.dir().join("again.exr"), file.receipt.seed.to_string());
    let render = ["render", arg(&scene), "--seed", &seed, "--device", "cpu", "-o", arg(&again), "--json"];
    let output = raylance(&[&render[..], &size].concat());
    assert_eq!(last_json(&output)["seed"].to_string(), seed);
    assert_eq!(std::fs::read(again).unwrap(), std::fs::read(out.join("image.exr")).unwrap(), "the picture is the one of a local render");
}

#[test]
fn a_killed_worker_comes_back_and_nobody_is_paid_twice() {
    check("worker-1");
}

#[test]
fn a_killed_artist_comes_back_and_finishes_its_picture() {
    check("artist");
}

#[test]
fn a_killed_validator_comes_back_and_goes_on_with_its_chain() {
    check("ring");
}
