//! Fetch, receipt, key.

use super::world::{Habits, SIGNATURE, World, key, plan, root, worker};
use crate::artist::rows::FilmName;
use crate::artist::{ArtistEffect as Effect, ArtistInput as Input, Say};
use raylance_protocol::message::{Delivery, Receipt, ReturnReason};
use raylance_protocol::{FilmKey, JobId, Microlux, Root, Task, UnitIndex};

fn silent() -> Habits {
    Habits { delivers: false, checks: false, opens: false, ..Habits::default() }
}

fn film(no: u8, unit: u32) -> FilmName {
    (worker(no), Task::Unit(UnitIndex(unit)))
}

fn world(habits: Habits) -> World {
    World::hired(plan(4096, 1024), &[(worker(0), habits)])
}

fn receipts(effects: &[Effect]) -> Vec<&Receipt> {
    let receipt = |effect| match effect {
        &Effect::Send { say: Say::Receipt(ref receipt), .. } => Some(receipt),
        _ => None,
    };
    effects.iter().filter_map(receipt).collect()
}

#[test]
fn a_right_film_is_receipted_and_a_repeated_delivery_gets_the_same_receipt() {
    let mut world = world(silent());
    world.deliver(film(0, 0));
    world.run(100);
    assert_eq!(world.known[&worker(0)].receipts.len(), 1);
    let delivery = world.delivery(film(0, 0));
    let again = world.give(Input::Delivery { delivery, signature: SIGNATURE });
    assert_eq!(receipts(&again), [&world.known[&worker(0)].receipts[0]]);
    let other = Delivery { root: Root::default(), ..world.delivery(film(0, 0)) };
    assert!(receipts(&world.give(Input::Delivery { delivery: other, signature: SIGNATURE })).is_empty());
}

#[test]
fn a_wrong_root_is_not_receipted_and_the_task_goes_elsewhere() {
    let mut world = world(Habits { right_root: false, ..silent() });
    world.deliver(film(0, 0));
    world.run(100);
    assert!(world.known[&worker(0)].receipts.is_empty());
    assert_eq!(world.leases(worker(0)).len(), 2, "one task at a time after a failure");
    world.give_back(film(0, 1), ReturnReason::Owner);
    world.run(11_000);
    assert_eq!(world.leases(worker(0))[2], Task::Unit(UnitIndex(0)));
}

#[test]
fn a_film_that_can_not_be_had_is_asked_for_four_times() {
    let mut world = world(silent());
    world.hold = |effect| matches!(effect, Effect::Fetch { .. });
    world.deliver(film(0, 0));
    for fetches in 1..=4 {
        assert_eq!(world.count(|effect| matches!(effect, Effect::Fetch { .. })), fetches);
        world.give(Input::FetchFailed { worker: worker(0), task: film(0, 0).1 });
        world.run(10_500);
    }
    assert_eq!(world.count(|effect| matches!(effect, Effect::Fetch { .. })), 4);
    world.give(Input::Fetched { worker: worker(0), task: film(0, 0).1, root: root(film(0, 0)) });
    assert!(world.known[&worker(0)].receipts.is_empty());
}

#[test]
fn at_most_four_keys_are_out_and_a_key_lets_the_next_receipt_go() {
    let mut world = world(Habits { checks: false, ..Habits::default() });
    world.run(30_000);
    world.habits.get_mut(&worker(0)).unwrap().opens = false;
    world.run(5_000);
    let out = |world: &World| {
        let known = &world.known[&worker(0)];
        let receipts = known.receipts.iter().map(|receipt| receipt.delivery.task);
        receipts.filter(|task| !known.keys.contains(task)).collect::<Vec<_>>()
    };
    assert_eq!(out(&world).len(), 4);
    let first = (worker(0), out(&world)[0]);
    world.open(first);
    assert_eq!(out(&world).len(), 4);
    assert!(!out(&world).contains(&first.1));
}

#[test]
fn a_withheld_key_costs_its_worker_all_tasks_and_the_receipt_stays_owed() {
    let mut world = World::hired(plan(4, 1024), &[(worker(0), silent()), (worker(1), silent())]);
    world.deliver(film(0, 0));
    world.run(61_000);
    assert!(world.leases(worker(1)).contains(&Task::Unit(UnitIndex(0))) || world.leases(worker(1)).len() == 2);
    let leases = world.leases(worker(0)).len();
    world.deliver(film(0, 1));
    world.run(50_000);
    assert_eq!((world.leases(worker(0)).len(), world.known[&worker(0)].receipts.len()), (leases, 1), "no lease, no receipt");
    world.open(film(0, 0));
    world.run(30_000);
    assert!(world.shown().contains(&UnitIndex(0)));
    assert_eq!(world.paid[&worker(0)], world.known[&worker(0)].receipts[0].total);
}

#[test]
fn a_withheld_key_keeps_its_worker_from_new_leases_until_it_comes() {
    let mut world = world(Habits { opens: false, ..silent() });
    world.deliver(film(0, 0));
    world.run(61_000);
    let leases = world.leases(worker(0));
    world.give_back((worker(0), *leases.last().unwrap()), ReturnReason::Owner);
    world.run(15_000);
    assert_eq!(world.leases(worker(0)).len(), leases.len());
    world.open(film(0, 0));
    world.run(1_000);
    assert!(world.leases(worker(0)).len() > leases.len());
}

#[test]
fn only_the_key_of_the_delivery_opens_a_film_and_only_after_the_receipt() {
    let mut world = world(silent());
    let give = |world: &mut World, key: FilmKey| {
        world.give(Input::Key { worker: worker(0), task: film(0, 0).1, key }).iter().any(|effect| matches!(effect, Effect::Show { .. }))
    };
    assert!(!give(&mut world, key(film(0, 0))));
    world.hold = |effect| matches!(effect, Effect::Replay { .. } | Effect::Fetch { .. });
    world.deliver(film(0, 0));
    assert!(!give(&mut world, key(film(0, 0))));
    world.give(Input::Fetched { worker: worker(0), task: film(0, 0).1, root: root(film(0, 0)) });
    assert!(!give(&mut world, FilmKey([9; 32])));
    assert!(give(&mut world, key(film(0, 0))));
    assert!(!give(&mut world, key(film(0, 0))), "twice is once");
}

#[test]
fn messages_of_strangers_and_messages_that_do_not_fit_write_nothing() {
    let mut world = world(silent());
    let before = world.rows.clone();
    let log = world.log.len();
    let (stranger, known) = (worker(9), worker(0));
    let mut deliver = |delivery: Delivery| _ = world.give(Input::Delivery { delivery, signature: SIGNATURE });
    let job = JobId::default();
    let delivery = Delivery { job, worker: known, task: film(0, 0).1, root: root(film(0, 0)), key_hash: key(film(0, 0)).hash() };
    deliver(delivery.clone());
    let job = world.job.as_ref().unwrap().0;
    let mut deliver = |delivery: Delivery| _ = world.give(Input::Delivery { delivery, signature: SIGNATURE });
    deliver(Delivery { job, worker: stranger, ..delivery.clone() });
    deliver(Delivery { job, task: film(0, 77).1, ..delivery.clone() });
    for account in [stranger, known] {
        let task = film(0, 99).1;
        world.give(Input::Key { worker: account, task, key: FilmKey::NONE });
        world.give(Input::Return { worker: account, task, reason: ReturnReason::WorkBound });
        world.give(Input::Fetched { worker: account, task, root: Root::default() });
        world.give(Input::FetchFailed { worker: account, task });
        let receipt = Receipt { delivery: delivery.clone(), price: Microlux(1), total: Microlux(1 << 40) };
        world.give(Input::Standing(receipt));
    }
    let done = raylance_protocol::Done { job, worker: known, total: Microlux(5) };
    world.give(Input::Done { done, signature: SIGNATURE });
    world.give(Input::Lost(stranger));
    world.give(Input::Replayed { check: 77, wrong: Vec::new() });
    world.give(Input::ReplayFailed { check: 77 });
    world.give(Input::Compared { list: Default::default(), differing: Vec::new() });
    world.give(Input::Final { submission: 99, job: None });
    world.give(Input::Refused { submission: 99 });
    world.give(Input::OwnRendered { unit: UnitIndex(0) });
    assert_eq!(world.rows, before);
    assert_eq!(world.log.len(), log);
}

#[test]
fn a_higher_total_of_the_own_signature_is_owed_and_the_next_receipt_follows_it() {
    let mut world = world(silent());
    let (job, _) = world.job.clone().unwrap();
    let receipt = |total: u64| {
        let delivery = Delivery { job, worker: worker(0), task: film(0, 50).1, root: root(film(0, 50)), key_hash: key(film(0, 50)).hash() };
        Receipt { delivery, price: Microlux(total), total: Microlux(total) }
    };
    world.give(Input::Standing(receipt(5_000)));
    world.give(Input::Standing(receipt(4_000)));
    world.hold = |effect| matches!(effect, Effect::Send { .. } | Effect::Fetch { .. });
    world.deliver(film(0, 0));
    world.give(Input::Fetched { worker: worker(0), task: film(0, 0).1, root: root(film(0, 0)) });
    let last = receipts(&world.log).last().map(|receipt| (*receipt).clone()).unwrap();
    assert_eq!(last.total, last.price.plus(Microlux(5_000)).unwrap());
    world.run(30_000);
    assert!(world.pays.iter().all(|pay| pay.rows.iter().all(|row| row.paid_total == Microlux::ZERO)), "what is not known can't be checked");
}

#[test]
fn a_total_that_the_row_does_not_cover_is_signed_once_the_row_is_raised() {
    let mut world = world(silent());
    let reserved = world.channels[&worker(0)].reserved;
    let receipt = Receipt { delivery: world.delivery(film(0, 50)), price: reserved, total: reserved };
    world.give(Input::Standing(receipt));
    world.hold = |effect| matches!(effect, Effect::Send { .. } | Effect::Fetch { .. });
    world.deliver(film(0, 0));
    world.give(Input::Fetched { worker: worker(0), task: film(0, 0).1, root: root(film(0, 0)) });
    assert!(receipts(&world.log).is_empty());
    world.run(30_000);
    let covered = world.channels[&worker(0)].reserved;
    assert!(receipts(&world.log).iter().all(|receipt| receipt.total > reserved && receipt.total <= covered));
    assert!(!receipts(&world.log).is_empty());
}

#[test]
fn a_total_whose_films_are_not_known_is_in_no_payment() {
    let mut world = world(silent());
    let receipt = Receipt { delivery: world.delivery(film(0, 50)), price: Microlux(5_000), total: Microlux(5_000) };
    world.give(Input::Standing(receipt));
    world.tell(worker(0));
    world.run(30_000);
    assert!(world.pays.iter().all(|pay| pay.rows.iter().all(|row| row.paid_total == Microlux::ZERO)));
}
