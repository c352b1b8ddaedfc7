//! Leaves on their way to other peers.

use super::world::{Habits, World, plan, worker};
use crate::artist::rows::Stage;
use crate::artist::{ArtistEffect as Effect, Plan, Say};
use raylance_protocol::message::{Assignment, Lease};
use raylance_protocol::{AccountId, Address, Task, UnitIndex};

/// Lists that were leased, with how many films stand in each.
fn lists(world: &World) -> Vec<(AccountId, Vec<Address>)> {
    let list = |effect: &Effect| match effect {
        Effect::Send { to, say: Say::Lease(Lease { assignment: Assignment::List(addresses), .. }) } => Some((*to, addresses.clone())),
        _ => None,
    };
    world.log.iter().filter_map(list).collect()
}

fn only_checks() -> Habits {
    // So slow that it is never given a unit by a race.
    Habits { task_ms: 300, ..Habits::default() }
}

#[test]
fn lists_are_full_or_have_waited_and_mix_workers_and_own_units() {
    let habits = Habits { task_ms: 1_000, ..Habits::default() };
    let workers: Vec<_> = (0..4).map(|no| (worker(no), habits.clone())).collect();
    let mut world = World::hired(Plan { own_device: true, ..plan(4096, 4096) }, &workers);
    world.run(60_000);
    let mut mixed = 0;
    let rows: Vec<_> = world.artist.lists.values().collect();
    for row in &rows {
        let owners: std::collections::BTreeSet<_> = row.films.iter().map(|(owner, _)| owner).collect();
        mixed += usize::from(owners.len() > 1);
        assert!(!owners.contains(&row.checker));
    }
    assert!(2 * mixed > rows.len(), "{mixed} of {} lists mix films", rows.len());
    let lists = lists(&world);
    assert!(lists.len() > 20);
    let full = lists.iter().filter(|(_, addresses)| addresses.len() >= 64).count();
    assert!(lists.iter().all(|(_, addresses)| addresses.len() < 64 + 16 && addresses.is_sorted()));
    assert!(full * 2 > lists.len(), "{full} of {}", lists.len());
}

#[test]
fn leaves_of_own_units_are_among_those_that_peers_replay() {
    let habits = Habits { task_ms: 1_000, ..Habits::default() };
    let workers: Vec<_> = (0..3).map(|no| (worker(no), habits.clone())).collect();
    let mut world = World::hired(Plan { own_device: true, ..plan(4096, 4096) }, &workers);
    world.run(60_000);
    let report = world.artist.report();
    let own: Vec<_> = report.units.iter().filter(|unit| unit.worker.is_none() && unit.checked).collect();
    let replayed = own.iter().filter(|unit| !unit.replayed_by.is_empty()).count();
    assert!(own.len() > 100 && 2 * replayed > own.len(), "{replayed} of {}", own.len());
}

#[test]
fn a_worker_that_has_the_unit_in_hand_gets_no_leaf_of_it_in_a_list() {
    let by_hand = Habits { delivers: false, opens: false, ..Habits::default() };
    let mut world = World::hired(plan(2, 8192), &[(worker(0), by_hand.clone()), (worker(1), by_hand)]);
    world.run(10_000);
    let units = [Task::Unit(UnitIndex(0)), Task::Unit(UnitIndex(1))];
    assert_eq!((world.leases(worker(0)), world.leases(worker(1))), (units.to_vec(), units.to_vec()), "both are raced");
    world.deliver((worker(0), units[0]));
    world.run(100);
    world.open((worker(0), units[0]));
    assert!(world.artist.films[&(worker(0), units[0])].shared.len() > 64);
    world.deliver((worker(1), units[1]));
    world.run(15_000);
    assert_eq!(lists(&world), []);
}

#[test]
fn few_leaves_wait_ten_seconds_for_others() {
    let by_hand = Habits { delivers: false, opens: false, ..Habits::default() };
    let mut world = World::hired(plan(4096, 256), &[(worker(0), by_hand.clone()), (worker(1), by_hand)]);
    let name = (worker(0), world.leases(worker(0))[0]);
    world.deliver(name);
    world.run(100);
    world.open(name);
    let freed = (worker(1), world.leases(worker(1))[0]);
    world.deliver(freed);
    world.run(9_000);
    assert!(lists(&world).is_empty());
    world.run(2_000);
    let other = (worker(1), world.leases(worker(1))[1]);
    world.deliver(other);
    world.run(100);
    assert_eq!(lists(&world).iter().map(|(to, addresses)| (*to, addresses.len())).collect::<Vec<_>>(), [(worker(1), 12)]);
}

#[test]
fn peers_replay_most_of_what_is_drawn() {
    let workers: Vec<_> = (0..3).map(|no| (worker(no), Habits::default())).collect();
    let mut world = World::hired(plan(256, 8192), &workers);
    world.run_to_end();
    let report = world.artist.report();
    let own: u32 = report.units.iter().map(|unit| unit.replayed_own).sum();
    let peers: u32 = report.units.iter().flat_map(|unit| unit.replayed_by.iter().map(|(_, count)| *count)).sum();
    assert!(peers > 10 * own, "{peers} by peers, {own} here");
    assert!(report.units.iter().all(|unit| unit.replayed_own >= 4));
    assert!(report.units.iter().all(|unit| unit.replayed_by.iter().all(|(peer, _)| Some(*peer) != unit.worker)));
}

#[test]
fn a_checker_that_says_equal_leaves_differ_is_refused_and_the_worker_is_not_harmed() {
    let liar = Habits { lies: true, ..only_checks() };
    let workers = [(worker(0), Habits::default()), (worker(1), liar), (worker(2), Habits::default())];
    let mut world = World::hired(plan(512, 4096), &workers);
    world.run_to_end();
    let report = world.artist.report();
    let refused: Vec<_> = report.workers.iter().filter(|row| row.refused).map(|row| row.worker).collect();
    assert_eq!(refused, [worker(1)]);
    for no in [0, 2] {
        assert_eq!(world.paid[&worker(no)], world.total(worker(no)));
    }
    assert!(report.units.iter().all(|unit| unit.checked));
}

#[test]
fn a_silent_checker_is_replaced_and_what_two_have_kept_back_is_replayed_here() {
    // Nobody delivers a list; units are delivered by hand.
    let by_hand = Habits { delivers: false, ..Habits::default() };
    let workers = [(worker(0), by_hand.clone()), (worker(1), by_hand.clone()), (worker(2), by_hand)];
    let mut world = World::hired(plan(64, 8192), &workers);
    let mut delivered = std::collections::BTreeSet::new();
    for _ in 0..4_000 {
        for no in 0..3 {
            for task in world.leases(worker(no)) {
                if matches!(task, Task::Unit(_)) && delivered.insert((no, task)) {
                    world.deliver((worker(no), task));
                }
            }
        }
        world.run(1_000);
    }
    let report = world.artist.report();
    assert!(report.units.iter().all(|unit| unit.checked), "every film's leaves were replayed in the end");
    assert!(report.units.iter().all(|unit| unit.replayed_by.is_empty()));
    assert!(!report.units.is_empty());
}

#[test]
fn a_list_that_was_not_compared_is_not_checked() {
    let mut world = World::new(Plan { workers_max: 2, ..plan(4096, 8192) });
    world.hold = |effect| matches!(effect, Effect::Compare { .. });
    (0..2).for_each(|no| world.bid(worker(no), Habits::default()));
    world.run(10_000);
    let lists: Vec<_> = world.artist.films.iter().filter(|((_, task), film)| matches!(task, Task::List(_)) && film.key.is_some()).collect();
    assert!(!lists.is_empty() && lists.iter().all(|(_, film)| film.stage == Stage::Opened));
}

#[test]
fn a_list_is_paid_after_it_was_compared_and_sampled_here() {
    let workers = [(worker(0), Habits::default()), (worker(1), Habits::default())];
    let mut world = World::hired(plan(64, 8192), &workers);
    world.run_to_end();
    let lists: Vec<_> = world.known[&worker(1)].leases.iter().filter(|lease| matches!(lease.assignment, Assignment::List(_))).collect();
    assert!(!lists.is_empty());
    for lease in &lists {
        let Assignment::List(addresses) = &lease.assignment else { continue };
        assert_eq!(lease.price.0, 2 * 16 * addresses.len() as u64, "twice the rate");
        assert!(world.clean[&(Some(worker(1)), lease.assignment.task())] >= 4);
    }
    assert_eq!(world.paid[&worker(1)], world.total(worker(1)));
    assert!(
        world.artist.lists.is_empty() && world.artist.films.keys().all(|(_, task)| matches!(task, Task::Unit(_))),
        "lists leave nothing behind"
    );
}
