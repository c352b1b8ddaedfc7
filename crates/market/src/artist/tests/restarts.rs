//! A machine that is built from its rows goes on as the one that wrote them.

use super::attacks::{check_outcome, habits};
use super::world::{Habits, World, plan, worker};
use crate::artist::{Artist, ArtistEffect as Effect, ArtistInput as Input, Plan};
use proptest::prelude::*;
use raylance_protocol::{Digest, JobId, UnitIndex, tx::Action};
use std::collections::BTreeSet;

#[test]
fn an_honest_job_ends_with_every_unit_checked_and_everybody_paid() {
    let workers = [(worker(0), Habits::default()), (worker(1), Habits::default()), (worker(2), Habits::default())];
    let mut world = World::hired(plan(64, 1024), &workers);
    world.run_to_end();
    assert_eq!(world.shown(), (0..64).map(UnitIndex).collect::<BTreeSet<_>>());
    for (account, _) in &workers {
        assert_eq!(world.paid[account], world.total(*account));
    }
    let report = world.artist.report();
    assert!(report.units.iter().all(|unit| unit.checked && !unit.alone), "{report:?}");
    assert_eq!(world.count(|effect| matches!(effect, Effect::Finished)), 1);
}

#[test]
fn a_loaded_machine_counts_what_its_rows_say() {
    let mut world =
        World::hired(Plan { own_device: true, ..plan(4096, 1024) }, &[(worker(0), Habits::default()), (worker(1), Habits::default())]);
    for _ in 0..40 {
        world.run(777);
        let loaded = Artist::load(world.artist.spec, world.rows.clone().into_iter()).unwrap();
        assert_eq!(loaded.weight, world.artist.weight);
        assert_eq!(loaded.units.shown, world.artist.units.shown);
        assert_eq!((loaded.active, loaded.money.asked), (world.artist.active, world.artist.money.asked));
        let own: BTreeSet<UnitIndex> = world.artist.own.rendering.into_iter().chain(world.artist.units.todo.clone()).collect();
        assert_eq!(loaded.units.todo, own);
        for (account, worker) in &world.artist.workers {
            let other = &loaded.workers[account];
            assert_eq!((&other.row, other.weight, &other.films), (&worker.row, worker.weight, &worker.films));
            assert_eq!(other.queue, worker.queue);
        }
    }
}

#[test]
fn a_restart_repeats_what_is_outstanding() {
    let habits = Habits { delivers: false, ..Habits::default() };
    let mut world = World::hired(Plan { own_device: true, ..plan(64, 1024) }, &[(worker(0), habits.clone()), (worker(1), habits)]);
    let from = world.log.len();
    world.restart();
    let again = &world.log[from..];
    let count = |of: fn(&Effect) -> bool| again.iter().filter(|effect| of(effect)).count();
    assert_eq!(count(|effect| matches!(effect, Effect::Send { say: crate::artist::Say::Hired { .. }, .. })), 2);
    assert_eq!(count(|effect| matches!(effect, Effect::Send { say: crate::artist::Say::Lease(_), .. })), 4);
    assert_eq!(count(|effect| matches!(effect, Effect::RenderOwn { .. })), 1);
}

#[test]
fn regression_the_final_picture_is_asked_for_after_everything_that_it_shows() {
    let mut world = World::hired(plan(64, 1024), &[(worker(0), Habits::default()), (worker(1), Habits::default())]);
    while !world.log.contains(&Effect::Finished) {
        world.run(100);
    }
    let from = world.log.len();
    world.restart();
    let again = &world.log[from..];
    let place = |of: fn(&Effect) -> bool| again.iter().rposition(of);
    let (shown, finished) = (place(|effect| matches!(effect, Effect::Show { .. })), place(|effect| *effect == Effect::Finished));
    assert!(shown.is_some() && shown < finished, "{shown:?} {finished:?}");
}

#[test]
fn regression_a_job_that_ended_before_its_picture_was_written_asks_for_it_again() {
    let mut world = World::hired(plan(64, 1024), &[(worker(0), Habits::default()), (worker(1), Habits::default())]);
    world.run_to_end();
    let from = world.log.len();
    world.restart();
    let again = &world.log[from..];
    assert_eq!(again.iter().filter(|effect| matches!(effect, Effect::Show { .. })).count(), 64);
    assert_eq!(again[again.len() - 2..], [Effect::Finished, Effect::Ended]);
}

#[test]
fn regression_a_job_that_left_the_ledger_before_its_row_was_seen_ends() {
    let mut world = World::new(plan(64, 1024));
    world.hold = |effect| matches!(effect, Effect::Submit { .. });
    world.bid(worker(0), Habits::default());
    world.run(60_000);
    let opening = world.log.iter().find_map(|effect| match effect {
        Effect::Submit { submission, action: Action::OpenJob(_) } => Some(*submission),
        _ => None,
    });
    // The process ends; when it is back, its OpenJob has been final for long, and its job has come to its end without it.
    world.restart();
    world.give(Input::JobRow(None));
    world.give(Input::Final { submission: opening.unwrap(), job: Some(JobId(Digest([7; 32]))) });
    world.give(Input::JobRow(None));
    world.run(600_000);
    let pays = world.count(|effect| matches!(effect, Effect::Submit { action: Action::Pay(_), .. }));
    assert_eq!((world.count(|effect| *effect == Effect::Ended), pays), (1, 0));
}

#[test]
fn rows_of_another_job_or_torn_ones_are_not_loaded() {
    let world = World::new(plan(64, 256));
    let spec = world.artist.spec;
    assert!(Artist::load(spec, std::iter::empty()).is_err());
    assert!(Artist::load(Default::default(), world.rows.clone().into_iter()).is_err());
    let torn = world.rows.clone().into_iter().map(|(key, value)| (key, value[..value.len() - 1].to_vec()));
    assert!(Artist::load(spec, torn).is_err());
}

#[test]
fn the_same_messages_twice_pay_once() {
    let twice = |effect: &Effect| matches!(effect, Effect::Replay { .. });
    let mut world = World::hired(plan(64, 1024), &[(worker(0), Habits::default()), (worker(1), Habits::default())]);
    for _ in 0..50 {
        world.run(50);
        let opened: Vec<_> = world.known.iter().flat_map(|(account, known)| known.keys.iter().map(|task| (*account, *task))).collect();
        for name in opened {
            world.deliver(name);
            let before = (world.rows.clone(), world.count(twice));
            world.open(name);
            let after = (world.rows.clone(), world.count(twice));
            // A key that was on its way is news; any other changes nothing.
            if before != after {
                let before = world.rows.clone();
                world.open(name);
                assert_eq!(world.rows, before);
            }
        }
    }
    world.run_to_end();
    for (account, _) in world.habits.clone() {
        assert_eq!(world.paid[&account], world.total(account));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    #[test]
    fn restarts_at_any_time_change_no_outcome(
        workers in prop::collection::vec(habits(), 1..5),
        own in any::<bool>(),
        restarts in prop::collection::vec(1_u64..30_000, 1..12),
        seed in any::<u64>(),
    ) {
        let units = 96;
        let mut world = World::seeded(Plan { own_device: own, workers_max: 8, open_ms: 1 << 40, ..plan(units, 512) }, seed);
        let honest = Habits { task_ms: 200, ..Habits::default() };
        world.bid(worker(100), honest.clone());
        for (no, habits) in (0..).zip(workers) {
            world.bid(worker(no), habits);
        }
        for after_ms in restarts {
            world.run(after_ms);
            world.restart();
            // Bids are forgotten, offers are repeated.
            let again: Vec<_> = world.habits.clone().into_iter().collect();
            again.into_iter().for_each(|(account, habits)| world.bid(account, habits));
        }
        world.give(Input::Alarm);
        world.run_to_end();
        check_outcome(&world, units);
    }
}
