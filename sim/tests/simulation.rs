//! What whole peers do together, on the real agents, ledger and signatures.

#![allow(clippy::unwrap_used, reason = "the whole crate is a test")]

use raylance_agent::{Command, Event, Heard, MessageId, Wanted};
use raylance_market::Dice;
use raylance_protocol::{Digest, Height};
use raylance_sim::meter::Meter;
use raylance_sim::peer::Traits;
use raylance_sim::scenario::{CALM, EARNING, parameters};
use raylance_sim::{Crash, Fate, Scenario, World};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// A validator, an artist with a job of so many units, and workers that want to earn.
fn job(artist: Traits, workers: &[Traits], units: u32) -> Scenario {
    let traits = [&[Traits::HONEST, artist], workers].concat();
    let mut scenario = Scenario::new(1, CALM, parameters(60_000), traits);
    for who in 0..workers.len() {
        scenario.world.command(2 + who, 500, Command::Earn(Some(EARNING)));
    }
    scenario.submit(1, units, 1_000, None);
    scenario
}

fn count(world: &World, what: &str) -> u64 {
    world.onlooker.tally.get(what).copied().unwrap_or_default()
}

/// An artist whose own device is too slow to do much.
fn slow() -> Traits {
    Traits { task_ms: (20_000, 40_000), ..Traits::HONEST }
}

#[test]
fn random_worlds_end_with_every_job_done_and_honest_peers_whole() {
    let seeds = std::env::var("RAYLANCE_SEEDS").ok().and_then(|value| value.parse().ok()).unwrap_or(60);
    let failed: Vec<u64> = (0..seeds).filter(|seed| catch_unwind(AssertUnwindSafe(|| Scenario::random(*seed).run())).is_err()).collect();
    assert!(failed.is_empty(), "cargo run --release -p raylance-sim -- --seed {failed:?}");
}

#[test]
fn a_seed_replays_to_the_same_state_and_the_same_turns() {
    for seed in 0..6 {
        let (once, again) = (Scenario::random(seed).run(), Scenario::random(seed).run());
        assert_eq!(once.onlooker.state().root(), again.onlooker.state().root());
        assert_eq!((once.log_hash(), once.steps), (again.log_hash(), again.steps));
    }
}

#[test]
fn alone_a_job_simply_renders_and_nothing_is_paid() {
    let mut scenario = Scenario::new(1, CALM, parameters(60_000), vec![Traits::HONEST]);
    scenario.submit(0, 24, 1_000, None);
    let world = scenario.run();
    assert!(world.onlooker.paid.is_empty());
}

#[test]
fn workers_share_a_job_and_are_paid_what_they_are_owed() {
    let world = job(slow(), &[Traits::HONEST, Traits::HONEST, Traits::HONEST], 60).run();
    assert!(world.onlooker.paid.len() == 3 && world.onlooker.paid.values().all(|paid| paid.0 > 0));
    assert_eq!((count(&world, "claims"), count(&world, "cases")), (0, 0));
}

#[test]
fn an_artist_that_never_pays_pays_by_claims() {
    let world = job(Traits { never_pays: true, ..slow() }, &[Traits::HONEST, Traits::HONEST], 40).run();
    assert!(count(&world, "claims") > 0);
    let owed: u64 = world.onlooker.owed.values().map(|total| total.0).sum();
    assert!(owed > 0);
}

#[test]
fn an_artist_that_signs_nothing_gets_a_task_or_two_and_no_film() {
    let world = job(Traits { withholds_receipts: true, ..slow() }, &[Traits::HONEST], 40).run();
    assert!(world.onlooker.owed.values().all(|total| total.0 == 0));
}

#[test]
fn a_worker_that_withholds_keys_is_left_and_the_picture_is_finished_without_it() {
    let world = job(slow(), &[Traits { withholds_keys: true, ..Traits::HONEST }, Traits::HONEST], 40).run();
    assert!(world.peers[1].disk.pictures.values().all(|units| units.len() == 40));
}

#[test]
fn a_device_that_lies_is_convicted_or_goes_with_nothing() {
    let world = job(slow(), &[Traits { wrong_permille: 1_000, ..Traits::HONEST }, Traits::HONEST], 40).run();
    let liar = world.peers[2].id;
    let paid: u64 = world.onlooker.paid.iter().filter(|((_, worker), _)| *worker == liar).map(|(_, paid)| paid.0).sum();
    assert_eq!(paid, 0);
}

/// Every process is ended at every commit once, before it and after it.
#[test]
fn a_crash_at_any_commit_changes_no_outcome() {
    let scenario = || job(slow(), &[Traits::HONEST], 12);
    let commits = scenario().run().commits;
    assert!(commits > 100, "{commits} commits");
    for at in 1..=commits {
        for crash in [Crash::BeforeCommit, Crash::AfterCommit] {
            let outcome = catch_unwind(AssertUnwindSafe(|| {
                let mut scenario = scenario();
                scenario.world.crash_at = Some((at, crash));
                let world = scenario.run();
                // The last commits may not be reached any more: a crash makes others.
                assert!(world.starts > 3 || world.commits < at, "nobody ended");
            }));
            assert!(outcome.is_ok(), "a crash {crash:?} {at} of {commits}");
        }
    }
}

const MINUTE_MS: i64 = 60_000;

#[test]
fn regression_c1_clocks_set_back_or_forward_delay_nothing() {
    let unhurt = job(slow(), &[Traits::HONEST, Traits::HONEST], 60).run();
    for by_ms in [-60 * MINUTE_MS, 60 * MINUTE_MS, -40_000] {
        for who in 0..3 {
            let mut scenario = job(slow(), &[Traits::HONEST, Traits::HONEST], 60);
            scenario.world.befalls(who, 10_000, Fate::Clock(by_ms));
            let world = scenario.run();
            let more_ms = world.now_ms.abs_diff(unhurt.now_ms);
            assert!(more_ms < 20_000, "{who} by {by_ms}: {more_ms} ms");
        }
    }
}

#[test]
fn regression_c2_a_validator_from_a_backup_signs_no_height_twice_and_takes_its_blocks_from_peers() {
    let mut scenario = job(slow(), &[Traits::HONEST, Traits::HONEST], 60);
    scenario.world.befalls(0, 5_000, Fate::Backup);
    scenario.world.befalls(0, 20_000, Fate::Restore);
    let world = scenario.run();
    // The onlooker, who saw every block, would have stumbled over a second one of a height.
    let heights: Vec<_> = world.peers.iter().map(|peer| peer.agent.as_ref().unwrap().chain().height()).collect();
    assert!(heights.iter().all(|height| height.0 + 2 >= world.onlooker.height().0), "{heights:?}");
}

#[test]
fn regression_c2_any_peer_from_a_backup_costs_nobody_else_anything() {
    for who in 1..4 {
        let mut scenario = job(slow(), &[Traits::HONEST, Traits::HONEST], 60);
        scenario.world.befalls(who, 8_000, Fate::Backup);
        scenario.world.befalls(who, 20_000, Fate::Restore);
        scenario.run();
    }
}

#[test]
fn regression_c5_a_disk_that_is_full_for_a_while_loses_nothing() {
    for who in 0..4 {
        let mut scenario = job(slow(), &[Traits::HONEST, Traits::HONEST], 60);
        scenario.world.befalls(who, 12_000, Fate::DiskFull);
        scenario.world.befalls(who, 32_000, Fate::DiskFree);
        scenario.run();
    }
}

#[test]
fn regression_c6_a_job_whose_artist_lost_its_folder_is_closed_and_its_workers_are_paid() {
    let mut scenario = job(slow(), &[Traits::HONEST, Traits::HONEST], 200);
    scenario.world.befalls(1, 15_000, Fate::LoseFolder);
    let world = scenario.run_without(1);
    assert_eq!(count(&world, "jobs ended"), 1);
    assert!(count(&world, "claims") > 0);
    for (part, owed) in &world.onlooker.owed {
        assert!(world.onlooker.paid.get(part).is_some_and(|paid| paid >= owed), "{owed} were owed");
    }
}

/// Blocks are kept for four windows. A worker that comes back later has lost what nobody claimed for it, and goes on; an artist that does
/// finds its job ended by the ledger, and its own device finishes the picture.
#[test]
fn whoever_was_away_for_longer_than_blocks_are_kept_takes_the_state_and_goes_on() {
    for who in [1, 2] {
        let mut scenario = job(slow(), &[Traits::HONEST, Traits::HONEST, Traits::HONEST], 60);
        scenario.world.befalls(who, 20_000, Fate::Away(14 * 60_000));
        // Somebody has to make blocks go by.
        scenario.submit(0, 420, 30_000, None);
        let world = scenario.run();
        assert_eq!(world.peers[who].skips, 1, "peer {who}");
    }
}

/// Version 1 wrote a job's whole state with each message, and answered any stranger's question with megabytes of writes.
#[test]
fn regression_c8_a_turn_writes_what_it_changed_whatever_the_size_of_the_job() {
    let written = |units: u32| {
        let mut world = Scenario::one_job(units, 4).world;
        world.meter = Some(Meter { who: 1, clock: || 0, steps: Vec::new() });
        world.run(30_000, |_| false);
        let steps = world.meter.as_ref().unwrap().steps.iter();
        let mut bytes: Vec<usize> = steps.map(|(.., bytes)| *bytes).filter(|bytes| *bytes > 0).collect();
        bytes.sort_unstable();
        (world, bytes[bytes.len() / 2])
    };
    let ((_, small), (mut world, large)) = (written(64), written(16_384));
    assert!(large <= 2 * small && large <= 16 << 10, "{large} bytes in the median, {small} in a small job");

    let stranger = world.peers[2].id;
    let now = raylance_agent::Now { steady_ms: world.now_ms, unix_ms: world.now_ms };
    for wanted in [Wanted::Blocks { from: Height(1), blocks_max: 64 }, Wanted::State, Wanted::Nodes(vec![Digest([7; 32])])] {
        let event = Event::Message { id: MessageId(u64::MAX), from: stranger, heard: Box::new(Heard::Get(wanted)) };
        let turn = world.peers[1].agent.as_mut().unwrap().step(now, Dice([1; 32]), event);
        assert!(!turn.records());
    }
}
