//! Who gets which task, for how long.

use super::world::{Habits, World, plan, worker};
use crate::artist::{ArtistEffect as Effect, ArtistInput as Input, Plan, Say};
use raylance_protocol::message::ReturnReason;
use raylance_protocol::{AccountId, Task, UnitIndex};

fn silent() -> Habits {
    Habits { delivers: false, checks: false, ..Habits::default() }
}

fn unit(no: u32) -> Task {
    Task::Unit(UnitIndex(no))
}

#[test]
fn a_worker_has_two_tasks_before_its_first_payment_and_eight_after() {
    let mut world = World::hired(plan(4096, 1024), &[(worker(0), Habits { checks: false, ..Habits::default() })]);
    world.habits.get_mut(&worker(0)).unwrap().delivers = false;
    let (_, in_hand) = count(&world, worker(0));
    assert_eq!(in_hand, 2);
    world.habits.get_mut(&worker(0)).unwrap().delivers = true;
    let hand: Vec<Task> = world.leases(worker(0));
    hand.iter().for_each(|task| world.deliver((worker(0), *task)));
    world.run(30_000);
    world.habits.get_mut(&worker(0)).unwrap().delivers = false;
    world.run(1_000);
    let (_, in_hand) = count(&world, worker(0));
    assert_eq!(in_hand, 8);
}

/// Leases so far, and those without a receipt.
fn count(world: &World, account: AccountId) -> (usize, usize) {
    let leases = world.leases(account).len();
    (leases, leases - world.known[&account].receipts.len())
}

#[test]
fn tasks_in_hand_never_cost_more_than_what_is_left_of_the_reserve() {
    let mut world = World::hired(plan(4096, 1024), &[(worker(0), Habits { samples_per_s: 1, task_ms: 10, ..Habits::default() })]);
    for _ in 0..400 {
        world.run(100);
        let known = &world.known[&worker(0)];
        let receipted = |task: Task| known.receipts.iter().any(|receipt| receipt.delivery.task == task);
        let in_hand = known.leases.iter().filter(|lease| !receipted(lease.assignment.task())).map(|lease| lease.price.0).sum::<u64>();
        assert!(world.total(worker(0)).0 + in_hand <= world.channels[&worker(0)].reserved.0);
    }
    assert!(world.pays.len() > 2, "the reserve is raised as it is used");
}

#[test]
fn a_lapsed_unit_goes_to_another_and_its_late_film_is_taken_while_nobody_has_opened_one() {
    let plan = Plan { workers_max: 2, ..plan(2, 256) };
    let mut world = World::hired(plan, &[(worker(0), silent()), (worker(1), Habits { opens: false, ..silent() })]);
    assert_eq!(world.leases(worker(0)), [unit(0), unit(1)]);
    world.run(150_000);
    assert!(world.leases(worker(1)).contains(&unit(0)) && world.leases(worker(1)).contains(&unit(1)));
    world.deliver((worker(0), unit(0)));
    world.run(1_000);
    assert_eq!(world.shown(), [UnitIndex(0)].into());
    world.run(600_000);
    world.deliver((worker(1), unit(0)));
    world.run(1_000);
    assert!(world.known[&worker(1)].receipts.is_empty(), "too late for a unit that is there");
}

#[test]
fn a_returned_task_goes_to_another_and_its_worker_rests() {
    let mut world = World::hired(Plan { workers_max: 1, ..plan(64, 256) }, &[(worker(0), silent())]);
    let (before, _) = count(&world, worker(0));
    world.give_back((worker(0), unit(0)), ReturnReason::Terms);
    world.run(9_900);
    assert_eq!(count(&world, worker(0)).0, before);
    world.run(200);
    assert_eq!(world.leases(worker(0)).last(), Some(&unit(0)));
    world.give_back((worker(0), unit(63)), ReturnReason::Terms);
    assert_eq!(count(&world, worker(0)).0, before + 1, "it never had that one");
}

#[test]
fn a_worker_that_meets_the_work_bound_leaves_and_only_the_own_device_tries_the_unit() {
    let mut world = World::hired(Plan { own_device: true, ..plan(4096, 256) }, &[(worker(0), silent()), (worker(1), silent())]);
    world.give_back((worker(0), unit(0)), ReturnReason::WorkBound);
    world.run(1_000);
    assert_eq!(count(&world, worker(0)).0, 2);
    assert!(!world.leases(worker(1)).contains(&unit(0)));
    assert_eq!(world.count(|effect| *effect == Effect::RenderOwn { unit: UnitIndex(0) }), 1);
    assert!(world.leases(worker(1)).contains(&unit(2)));
}

#[test]
fn a_lost_worker_gets_nothing_until_it_is_back() {
    let mut world = World::hired(Plan { workers_max: 1, ..plan(64, 256) }, &[(worker(0), silent())]);
    world.give(Input::Lost(worker(0)));
    world.deliver((worker(0), unit(0)));
    world.run(5_000);
    assert_eq!(count(&world, worker(0)).0, 2);
    world.give(Input::Back(worker(0)));
    assert_eq!(count(&world, worker(0)).0, 3);
}

#[test]
fn a_silent_worker_gets_fewer_tasks_then_none_and_one_when_it_bids_again() {
    let mut world = World::hired(Plan { workers_max: 1, ..plan(64, 256) }, &[(worker(0), silent())]);
    world.run(3_600_000);
    let leases = count(&world, worker(0)).0;
    assert!(leases <= 4, "{leases}");
    world.run(3_600_000);
    assert_eq!(count(&world, worker(0)).0, leases);
    world.bid(worker(0), silent());
    world.run(1_000);
    assert_eq!(count(&world, worker(0)).0, leases + 1);
}

#[test]
fn a_worker_that_was_away_has_one_task_at_a_time_until_a_film_is_checked() {
    let mut world = World::hired(Plan { workers_max: 1, ..plan(64, 256) }, &[(worker(0), silent())]);
    world.give(Input::Lost(worker(0)));
    world.run(600_000);
    assert_eq!(count(&world, worker(0)).0, 2);
    world.give(Input::Back(worker(0)));
    assert_eq!(count(&world, worker(0)).0, 3);
    let task = world.leases(worker(0))[2];
    world.deliver((worker(0), task));
    world.run(1_000);
    assert_eq!(count(&world, worker(0)), (11, 10), "eight more, since it is paid by then");
}

#[test]
fn the_last_units_are_raced_and_every_racer_that_delivers_is_paid() {
    let slow = Habits { task_ms: 100_000, ..Habits::default() };
    let mut world = World::hired(Plan { workers_max: 2, ..plan(4, 1024) }, &[(worker(0), Habits::default()), (worker(1), slow)]);
    world.run(20_000);
    assert_eq!(world.shown().len(), 4, "the fast one has done the slow one's units too");
    world.run_to_end();
    for no in 0..2 {
        assert!(world.paid[&worker(no)].0 > 0);
        assert_eq!(world.paid[&worker(no)], world.total(worker(no)));
    }
}

#[test]
fn a_racer_whose_lease_lives_is_receipted_though_the_unit_is_there() {
    let mut world = World::hired(Plan { workers_max: 2, ..plan(2, 8192) }, &[(worker(0), silent()), (worker(1), silent())]);
    world.run(10_000);
    assert_eq!(world.leases(worker(1)), [unit(0), unit(1)]);
    world.deliver((worker(0), unit(0)));
    world.run(1_000);
    assert_eq!(world.shown(), [UnitIndex(0)].into());
    world.deliver((worker(1), unit(0)));
    world.run(1_000);
    assert_eq!(world.known[&worker(1)].receipts.len(), 1);
}

#[test]
fn after_a_stop_nothing_is_leased_and_what_is_delivered_is_checked_and_paid() {
    let mut world =
        World::hired(Plan { own_device: true, ..plan(65536, 256) }, &[(worker(0), Habits::default()), (worker(1), Habits::default())]);
    world.run(5_000);
    world.give(Input::Stop);
    let leases = |world: &World| world.count(|effect| matches!(effect, Effect::Send { say: Say::Lease(_), .. } | Effect::RenderOwn { .. }));
    let before = leases(&world);
    world.run_to_end();
    assert_eq!(leases(&world), before);
    for no in 0..2 {
        assert_eq!(world.paid[&worker(no)], world.total(worker(no)));
    }
    assert!(world.artist.report().units.iter().all(|unit| unit.checked));
}

#[test]
fn the_own_device_renders_from_the_far_end_and_is_tried_again_after_a_failure() {
    let mut world = World::new(Plan { own_device: true, workers_max: 0, ..plan(8, 256) });
    world.hold = |effect| matches!(effect, Effect::RenderOwn { .. });
    assert_eq!(world.log.last(), None.or(world.log.iter().find(|effect| **effect == Effect::RenderOwn { unit: UnitIndex(7) })));
    world.give(Input::OwnFailed { unit: UnitIndex(7) });
    let renders = |world: &World| world.count(|effect| matches!(effect, Effect::RenderOwn { .. }));
    let before = renders(&world);
    world.run(9_000);
    assert_eq!(renders(&world), before);
    world.run(2_000);
    assert_eq!(renders(&world), before + 1);
}
