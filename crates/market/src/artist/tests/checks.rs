//! What is drawn, who replays it, what follows from a difference.

use super::world::{Habits, World, plan, worker};
use crate::artist::rows::FilmName;
use crate::artist::{ArtistEffect as Effect, ArtistInput as Input, Device, LeafRef, Plan};
use raylance_protocol::{LeafIndex, Microlux, Task, UnitIndex, Work};

fn film(no: u8, unit: u32) -> FilmName {
    (worker(no), Task::Unit(UnitIndex(unit)))
}

fn by_hand() -> Habits {
    Habits { delivers: false, opens: false, ..Habits::default() }
}

/// Replays that were asked for since `from`.
fn replays(world: &World, from: usize) -> Vec<(u64, Device, Vec<LeafRef>)> {
    let replay = |effect: &Effect| match effect {
        Effect::Replay { check, device, leaves } => Some((*check, *device, leaves.clone())),
        _ => None,
    };
    world.log[from..].iter().filter_map(replay).collect()
}

/// Delivers and opens a unit by hand. Returns the leaves that the artist replays itself.
fn deliver_and_open(world: &mut World, name: FilmName) -> Vec<LeafRef> {
    world.deliver(name);
    world.run(100);
    let from = world.log.len();
    world.open(name);
    let found = replays(world, from);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].1, Device::Any);
    found[0].2.clone()
}

fn waiting(world: &World, name: FilmName) -> usize {
    world.artist.films[&name].shared.len()
}

#[test]
fn a_first_task_is_drawn_four_times_as_densely_and_peers_get_all_but_four_leaves() {
    let mut world = World::hired(plan(4096, 8192), &[(worker(0), by_hand()), (worker(1), by_hand())]);
    let own = deliver_and_open(&mut world, film(0, 0));
    assert_eq!((own.len(), waiting(&world, film(0, 0))), (4, 4 * 74 - 4));
    let own = deliver_and_open(&mut world, film(0, 1));
    assert_eq!((own.len(), waiting(&world, film(0, 1))), (4, 74 - 4));
    let distinct: std::collections::BTreeSet<_> =
        own.iter().map(|leaf| leaf.index).chain(world.artist.films[&film(0, 1)].shared.clone()).collect();
    assert_eq!(distinct.len(), 74);
}

#[test]
fn after_a_failure_a_worker_is_drawn_four_times_as_densely() {
    let mut world = World::hired(plan(4096, 8192), &[(worker(0), by_hand()), (worker(1), by_hand())]);
    deliver_and_open(&mut world, film(0, 0));
    world.habits.get_mut(&worker(0)).unwrap().right_root = false;
    world.deliver(film(0, 1));
    world.run(100);
    world.habits.get_mut(&worker(0)).unwrap().right_root = true;
    let next = (worker(0), *world.leases(worker(0)).last().unwrap());
    let own = deliver_and_open(&mut world, next);
    assert_eq!((own.len(), waiting(&world, next)), (4, 4 * 74 - 4));
}

#[test]
fn half_of_a_draw_falls_on_leaves_in_proportion_to_their_cost() {
    let mut plan = plan(4096, 512);
    let Work::Render(work) = &mut plan.spec.work;
    // A run of 256 leaves of 16 samples, then one of single samples.
    work.samples = 17;
    let mut world = World::hired(plan, &[(worker(0), by_hand())]);
    let own = deliver_and_open(&mut world, film(0, 0));
    let dear = own.iter().filter(|leaf| leaf.index.0 < 256).count();
    assert_eq!(own.len(), 20);
    assert!((13..=17).contains(&dear), "{dear} of 20");
}

#[test]
fn small_units_are_replayed_in_four_places_here_and_peers_get_half_of_the_draw_at_least() {
    let mut world = World::hired(plan(4096, 256), &[(worker(0), by_hand()), (worker(1), by_hand())]);
    deliver_and_open(&mut world, film(0, 0));
    let own = deliver_and_open(&mut world, film(0, 1));
    assert_eq!((own.len(), waiting(&world, film(0, 1))), (4, 2));
}

#[test]
fn leaves_that_wait_for_peers_are_replayed_here_once_their_film_is_claimed() {
    let mut world = World::hired(plan(4096, 8192), &[(worker(0), by_hand()), (worker(1), by_hand())]);
    deliver_and_open(&mut world, film(0, 0));
    assert!(waiting(&world, film(0, 0)) > 0);
    world.claim(worker(0));
    assert_eq!(waiting(&world, film(0, 0)), 0);
}

#[test]
fn a_film_whose_key_comes_with_a_claim_is_replayed_here_alone() {
    let mut world = World::hired(plan(4096, 8192), &[(worker(0), by_hand()), (worker(1), by_hand())]);
    world.deliver(film(0, 0));
    world.run(100);
    let from = world.log.len();
    world.claim(worker(0));
    let own: usize = replays(&world, from).iter().map(|(_, _, leaves)| leaves.len()).sum();
    assert_eq!((own, waiting(&world, film(0, 0))), (4 * 74, 0));
}

#[test]
fn where_no_other_peer_is_willing_everything_is_replayed_here_and_the_report_says_so() {
    let unwilling = Habits { checks: false, ..by_hand() };
    let mut world = World::hired(plan(4096, 8192), &[(worker(0), by_hand()), (worker(1), unwilling)]);
    let own = deliver_and_open(&mut world, film(0, 0));
    assert_eq!((own.len(), waiting(&world, film(0, 0))), (4 * 74, 0));
    world.run(100);
    let unit = world.artist.report().units[0].clone();
    assert!(unit.alone && unit.checked);
    assert_eq!((unit.replayed_own, unit.replayed_by.len()), (296, 0));
    // Another worker's film has a willing checker.
    deliver_and_open(&mut world, film(1, 2));
    assert!(!world.artist.films[&film(1, 2)].alone);
}

#[test]
fn a_wrong_leaf_costs_its_worker_everything_that_is_unpaid() {
    let mut world =
        World::hired(plan(4096, 1024), &[(worker(0), Habits::default()), (worker(1), Habits { checks: false, ..Habits::default() })]);
    world.run(15_000);
    let paid = world.paid[&worker(1)];
    assert!(paid > Microlux::ZERO);
    world.habits.get_mut(&worker(1)).unwrap().wrong_one_in = 2;
    world.run(1_000);
    let withdrawn = world.count(|effect| matches!(effect, Effect::Withdraw { worker: Some(who), .. } if *who == worker(1)));
    assert!(withdrawn > 0);
    let (leases, receipts) = (world.leases(worker(1)).len(), world.known[&worker(1)].receipts.len());
    world.run_to_end();
    assert_eq!((world.leases(worker(1)).len(), world.known[&worker(1)].receipts.len()), (leases, receipts));
    assert!(world.total(worker(1)) > world.paid[&worker(1)]);
    assert_eq!(world.shown().len(), 4096, "its units were done by others");
    let report = world.artist.report();
    assert!(report.workers.iter().any(|row| row.worker == worker(1) && row.refused));
    assert!(report.units.iter().all(|unit| unit.checked));
}

#[test]
fn the_cpu_decides_a_difference() {
    let mut world = World::hired(plan(4096, 1024), &[(worker(0), by_hand()), (worker(1), by_hand())]);
    world.hold = |effect| matches!(effect, Effect::Replay { .. });
    let own = deliver_and_open(&mut world, film(0, 0));
    let (check, _, _) = replays(&world, 0)[0].clone();
    let from = world.log.len();
    world.give(Input::Replayed { check, wrong: vec![own[1]] });
    let asked = replays(&world, from);
    assert_eq!((asked[0].1, &asked[0].2), (Device::Cpu, &vec![own[1]]));
    // The CPU agrees with the worker: nothing happens to it.
    world.give(Input::Replayed { check: asked[0].0, wrong: Vec::new() });
    assert!(world.artist.films[&film(0, 0)].suspects.is_empty());
    assert!(world.shown().contains(&UnitIndex(0)));
}

#[test]
fn a_leaf_that_the_cpu_finds_wrong_convicts_and_one_that_was_not_asked_for_does_not() {
    let mut world = World::hired(plan(4096, 1024), &[(worker(0), by_hand()), (worker(1), by_hand())]);
    world.hold = |effect| matches!(effect, Effect::Replay { .. });
    let own = deliver_and_open(&mut world, film(0, 0));
    let (check, _, _) = replays(&world, 0)[0].clone();
    let stranger = LeafRef { index: LeafIndex(u32::MAX), ..own[0] };
    let from = world.log.len();
    world.give(Input::Replayed { check, wrong: vec![stranger, own[2]] });
    let asked = replays(&world, from);
    assert_eq!(asked[0].2, [own[2]]);
    world.give(Input::Replayed { check: asked[0].0, wrong: vec![own[2]] });
    assert!(!world.shown().contains(&UnitIndex(0)));
    assert!(world.artist.report().workers[0].refused);
}

#[test]
fn a_wrong_leaf_takes_the_workers_other_films_out_of_the_picture_and_none_is_receipted_any_more() {
    let mut world = World::hired(plan(4096, 1024), &[(worker(0), by_hand()), (worker(1), by_hand())]);
    world.hold = |effect| matches!(effect, Effect::Replay { .. });
    deliver_and_open(&mut world, film(0, 0));
    let from = world.log.len();
    let own = deliver_and_open(&mut world, film(0, 1));
    let (check, _, _) = replays(&world, from)[0].clone();
    let late = (worker(0), *world.leases(worker(0)).last().unwrap());
    world.hold = |effect| matches!(effect, Effect::Replay { .. } | Effect::Fetch { .. });
    world.deliver(late);
    assert_eq!(world.shown().len(), 2);
    let from = world.log.len();
    world.give(Input::Replayed { check, wrong: vec![own[0]] });
    let (check, _, _) = replays(&world, from)[0].clone();
    world.give(Input::Replayed { check, wrong: vec![own[0]] });
    let root = super::world::root(late);
    world.give(Input::Fetched { worker: late.0, task: late.1, root });
    assert_eq!(world.known[&worker(0)].receipts.len(), 2);
    assert!(world.shown().is_empty());
}

#[test]
fn a_replay_that_was_not_done_is_asked_for_again() {
    let mut world = World::hired(plan(4096, 1024), &[(worker(0), by_hand()), (worker(1), by_hand())]);
    world.hold = |effect| matches!(effect, Effect::Replay { .. });
    let own = deliver_and_open(&mut world, film(0, 0));
    let (check, _, _) = replays(&world, 0)[0].clone();
    let from = world.log.len();
    world.give(Input::ReplayFailed { check });
    world.run(9_000);
    assert!(replays(&world, from).is_empty());
    world.run(2_000);
    assert_eq!(replays(&world, from)[0].2, own);
}

#[test]
fn own_units_are_sampled_on_the_cpu_and_a_wrong_one_switches_the_own_device_off() {
    let wrong = |index: u32| LeafRef { worker: None, task: Task::Unit(UnitIndex(4090)), index: LeafIndex(index) };
    let mut world = World::new(Plan { own_device: true, workers_max: 2, ..plan(4096, 256) });
    world.wrong = (0..256).map(wrong).collect();
    for no in 0..2 {
        world.bid(worker(no), Habits::default());
    }
    world.run_to_end();
    let own = replays(&world, 0).into_iter().filter(|(_, _, leaves)| leaves[0].worker.is_none());
    assert!(own.clone().all(|(_, device, leaves)| device == Device::Cpu && leaves.len() >= 4));
    assert!(own.count() >= 5);
    assert!(world.log.contains(&Effect::Withdraw { worker: None, unit: UnitIndex(4090) }));
    assert_eq!(world.shown().len(), 4096);
    let last_own = world.artist.report().units.iter().filter(|unit| unit.worker.is_none()).count();
    assert!(last_own < 10, "{last_own}");
}
