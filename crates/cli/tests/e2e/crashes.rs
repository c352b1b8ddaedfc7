//! Processes that die half-way and come back: the picture is finished, and nobody is paid twice.

use crate::swarm::Swarm;
use crate::{arg, last_json, raylance, scenes, stderr, turn};
use raylance_v1_node::receipt::{self, Receipt};
use raylance_v1_node::view::View;
use std::path::Path;

/// A picture whose first samples keep three slow workers busy for some seconds.
const SIZE: &str = "--width 128 --height 96 --json";
/// Samples per pixel. Where half of the picture is paid before anybody has looked, a longer job tells the same.
const SAMPLES: [u32; 4] = [512, 1_024, 2_048, 4_096];
/// What one unit costs, microlux; its shares of 90, 3 and 5 percent are whole.
const PRICE: u64 = 500_000;
/// What the ring's genesis gives out, all of it to the artist.
const GENESIS_TOTAL: u64 = 1_000_000_000;
/// Every process of the ring.
const ALL: [&str; 5] = ["ring", "artist", "worker-1", "worker-2", "worker-3"];

/// Submits a job of a few seconds, kills `victims` when some units are paid, starts `returning` again, and checks picture and
/// money at the end.
fn check(victims: &[&str], returning: &[&str]) {
    let _turn = turn();
    let was_midway = SAMPLES.into_iter().any(|samples| check_with(samples, victims, returning));
    assert!(was_midway, "every job was half paid before {victims:?} could be killed");
}

/// Returns `false` when the job was too short for this machine.
fn check_with(samples: u32, victims: &[&str], returning: &[&str]) -> bool {
    let size = format!("{SIZE} --spp {samples}");
    let mut swarm = Swarm::start_all(3);
    swarm.wait_for("artist", "all are connected", |view| view.peers.len() >= 4);
    let scene = scenes::write(swarm.dir(), "tiny.glb", &scenes::tiny());
    let (data, out) = (swarm.data("artist"), swarm.dir().join("out"));
    let output = raylance(&["submit", "--data", arg(&data), arg(&scene), "--price", "0.5", "--out", arg(&out)], &size);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let job = last_json(&output)["job"].as_str().expect("an id").to_owned();

    if !kill_midway(&mut swarm, victims) {
        return false;
    }
    returning.iter().for_each(|name| swarm.start(name));

    let done = swarm.wait_for("artist", "the job has ended", |view| ["done", "failed"].contains(&view.jobs[0].state.as_str()));
    let row = &done.jobs[0];
    assert_eq!((row.state.as_str(), row.id.as_str()), ("done", job.as_str()), "{}", row.sentence);
    assert_eq!((row.units_settled, row.units_rejected), (row.units, 0));
    let shown = last_json(&raylance(&["job", "show", "--data", arg(&data), &job], "--json"));
    assert_eq!((&shown["state"], &shown["units_settled"]), (&"done".into(), &row.units.into()), "{shown}");

    let file = receipt::read(&out.join("receipt.json")).expect("the receipt is signed");
    assert_eq!(file.account, done.me.account);
    check_money(&mut swarm, &done, &file.receipt);
    check_wallets(&mut swarm, &file.receipt);
    check_picture(&scene, &out, &file.receipt, &size, &swarm.dir().join("again.exr"));
    true
}

/// Kills when some units are paid and most are not, and every worker among the victims has a unit in hand. Returns `false` when that
/// was never seen, and kills nobody.
fn kill_midway(swarm: &mut Swarm, victims: &[&str]) -> bool {
    let workers: Vec<String> = victims.iter().filter(|name| name.starts_with("worker")).map(|name| swarm.look(name).me.account).collect();
    let is_late = |view: &View| view.jobs[0].units_settled >= view.jobs[0].units / 2;
    let seen = swarm.wait_for("artist", "some units are paid", |view| {
        let rows = &view.jobs[0].unit_rows;
        let busy = |worker: &String| rows.iter().any(|row| row.state == "assigned" && row.worker.as_ref() == Some(worker));
        is_late(view) || view.jobs[0].units_settled >= 2 && workers.iter().all(busy)
    });
    if is_late(&seen) {
        return false;
    }
    victims.iter().for_each(|victim| swarm.kill(victim));
    true
}

/// Every unit was paid once: the artist is short of exactly the units' prices, and no money was made or lost on the way.
fn check_money(swarm: &mut Swarm, done: &View, receipt: &Receipt) {
    let ring = swarm.wait_for("ring", "it has the artist's blocks", |view| view.ring.height >= done.ring.height);
    assert!(ring.ring.validating);
    let audit = swarm.audit("ring");
    let units = u64::from(receipt.units);
    assert!(audit.supply_ok(), "{audit:?}");
    assert_eq!((audit.genesis_total, audit.escrow), (GENESIS_TOTAL, 0), "{audit:?}");
    assert_eq!(audit.balances[&done.me.account], GENESIS_TOTAL - units * PRICE, "{audit:?}");
    assert_eq!(audit.burned, units * PRICE * 5 / 100, "{audit:?}");
    // A unit that only the artist's own verdict accepted pays no verifier: that share goes to the treasury.
    assert!((units * PRICE * 2 / 100..=units * PRICE * 5 / 100).contains(&audit.treasury), "{audit:?}");

    assert_eq!((receipt.units_verified, receipt.units_rejected), (receipt.units, 0));
    assert_eq!(receipt.peers.iter().map(|peer| u64::from(peer.units_verified)).sum::<u64>(), units);
    assert_eq!((receipt.price.paid, receipt.price.workers), (units * PRICE, units * PRICE * 90 / 100));
    assert_eq!(receipt.price.verifiers + audit.treasury, units * PRICE * 5 / 100);
    for peer in &receipt.peers {
        assert_eq!(peer.rendered_microlux, u64::from(peer.units_verified) * PRICE * 90 / 100, "{peer:?}");
        assert_eq!(audit.balances.get(&peer.account).copied().unwrap_or(0), peer.rendered_microlux + peer.verified_microlux, "{peer:?}");
    }
    assert!(receipt.peers.iter().all(|peer| !peer.caught), "a crash is no cheat: {:?}", receipt.peers);
}

/// Every peer's own chain proves what the receipt says that it has earned.
fn check_wallets(swarm: &mut Swarm, receipt: &Receipt) {
    for name in swarm.running() {
        let name = name.as_str();
        let view = swarm.wait_for(name, "it has all blocks", |view| view.ring.height >= receipt.ledger_height && view.wallet.agrees);
        let owned = match receipt.peers.iter().find(|peer| peer.account == view.me.account) {
            Some(peer) => peer.rendered_microlux + peer.verified_microlux,
            None if name == "artist" => GENESIS_TOTAL - receipt.price.paid,
            None => 0,
        };
        let data = swarm.data(name);
        let output = raylance(&["wallet", "verify", "--data", arg(&data)], "--json");
        assert_eq!(output.status.code(), Some(0), "{name}: {}", stderr(&output));
        assert_eq!(last_json(&output)["balance_microlux"], owned.to_string(), "{name}");
    }
}

fn check_picture(scene: &Path, out: &Path, receipt: &Receipt, size: &str, again: &Path) {
    let seed = receipt.seed.to_string();
    let output = raylance(&["render", arg(scene), "--seed", &seed, "--device", "cpu", "--no-aovs", "-o", arg(again)], size);
    assert_eq!(last_json(&output)["seed"].to_string(), seed);
    // Not `assert_eq`: nobody wants to see the bytes.
    let same = std::fs::read(again).unwrap() == std::fs::read(out.join("image.exr")).unwrap();
    assert!(same, "the picture is the one of a local render");
}

#[test]
fn a_killed_worker_comes_back_and_nobody_is_paid_twice() {
    check(&["worker-1"], &["worker-1"]);
}

#[test]
fn a_worker_that_dies_for_good_is_replaced_by_the_others() {
    check(&["worker-1"], &[]);
}

#[test]
fn a_killed_artist_comes_back_and_finishes_its_picture() {
    check(&["artist"], &["artist"]);
}

#[test]
fn a_killed_validator_comes_back_and_goes_on_with_its_chain() {
    check(&["ring"], &["ring"]);
}

#[test]
fn a_power_cut_of_all_processes_loses_neither_picture_nor_money() {
    check(&ALL, &ALL);
}
