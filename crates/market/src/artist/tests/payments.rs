//! Money on its way to workers.

use super::world::{Habits, SIGNATURE, World, plan, worker};
use crate::artist::{ArtistEffect as Effect, ArtistInput as Input, Plan};
use raylance_protocol::{Done, Microlux, RingTime};

fn two() -> [(raylance_protocol::AccountId, Habits); 2] {
    [(worker(0), Habits::default()), (worker(1), Habits::default())]
}

#[test]
fn payments_come_every_ten_seconds_at_first_and_less_often_in_an_old_job() {
    let slow = Habits { task_ms: 5_000, samples_per_s: 1_000, ..Habits::default() };
    let mut world = World::hired(Plan { open_ms: 100_000_000, ..plan(65536, 256) }, &[(worker(0), slow.clone()), (worker(1), slow)]);
    world.run(60_000);
    assert!((3..=7).contains(&world.pays.len()), "{}", world.pays.len());
    world.run(3_540_000);
    assert!((30..=70).contains(&world.pays.len()), "{}", world.pays.len());
}

#[test]
fn the_job_closes_with_the_last_payment_and_done_rows_end() {
    let mut world = World::hired(plan(64, 1024), &two());
    world.run_to_end();
    let closes: Vec<_> = world.pays.iter().map(|pay| pay.close).collect();
    assert_eq!(closes.iter().filter(|close| **close).count(), 1);
    assert!(world.pays.last().unwrap().rows.iter().all(|row| row.done == Some(SIGNATURE)), "{:?}", world.pays.last());
    assert_eq!(world.count(|effect| *effect == Effect::Ended), 1);
}

#[test]
fn a_done_at_another_total_is_not_taken_and_one_at_its_total_ends_a_row_before_the_job() {
    let mut world = World::hired(Plan { open_ms: 1 << 40, ..plan(65536, 1024) }, &two());
    world.run(15_000);
    world.habits.get_mut(&worker(0)).unwrap().delivers = false;
    world.run(5_000);
    let (job, total) = (world.job.as_ref().unwrap().0, world.total(worker(0)));
    let done = |total: u64| Done { job, worker: worker(0), total: Microlux(total) };
    world.give(Input::Done { done: done(total.0 + 1), signature: SIGNATURE });
    world.run(30_000);
    assert!(world.pays.iter().all(|pay| pay.rows.iter().all(|row| row.done.is_none())));
    world.give(Input::Done { done: done(world.total(worker(0)).0), signature: SIGNATURE });
    let leases = world.leases(worker(0)).len();
    world.run(30_000);
    assert!(world.pays.iter().any(|pay| pay.rows.iter().any(|row| row.done.is_some() && row.worker == worker(0))));
    assert_eq!(world.leases(worker(0)).len(), leases);
}

#[test]
fn a_refused_payment_is_built_anew_with_less_ahead_and_nothing_is_lost() {
    let mut world = World::hired(plan(1024, 1024), &two());
    world.accept_txs = false;
    world.run(60_000);
    assert!(world.pays.is_empty());
    world.accept_txs = true;
    world.run_to_end();
    assert_eq!(world.shown().len(), 1024);
    for (account, _) in two() {
        assert_eq!(world.paid[&account], world.total(account));
    }
}

#[test]
fn three_hundred_workers_are_paid_in_transactions_of_256_rows_at_most() {
    let workers: Vec<_> = (0..200_u16)
        .chain(256..356)
        .map(|no| {
            let mut account = [9; 32];
            account[..2].copy_from_slice(&no.to_be_bytes());
            (raylance_protocol::AccountId(account), Habits { task_ms: 2_000, ..Habits::default() })
        })
        .collect();
    let mut world = World::hired(plan(4096, 256), &workers);
    world.run_to_end();
    assert!(world.pays.iter().all(|pay| pay.rows.len() <= 256));
    let paid = workers.iter().filter(|(account, _)| world.paid.get(account).is_some_and(|paid| paid.0 > 0)).count();
    assert_eq!(paid, 300);
    assert_eq!(world.shown().len(), 4096);
}

#[test]
fn the_end_of_the_job_moves_on_while_units_come_in() {
    let slow = Habits { task_ms: 1_000, ..Habits::default() };
    let mut world = World::hired(Plan { open_ms: 100_000, ..plan(4096, 256) }, &[(worker(0), slow)]);
    for _ in 0..20 {
        let now = RingTime(world.now_ms);
        world.give(Input::RingTime(now));
        world.run(10_000);
    }
    let ends: Vec<_> = world.pays.iter().filter_map(|pay| pay.ends_by).collect();
    assert!(ends.len() >= 2 && ends.is_sorted(), "{ends:?}");
    world.habits.get_mut(&worker(0)).unwrap().delivers = false;
    world.run(20_000);
    let before = world.pays.iter().filter(|pay| pay.ends_by.is_some()).count();
    for _ in 0..20 {
        let now = RingTime(world.now_ms);
        world.give(Input::RingTime(now));
        world.run(10_000);
    }
    assert!(world.pays.iter().filter(|pay| pay.ends_by.is_some()).count() <= before + 1, "no progress, no more time");
}

#[test]
fn a_worker_that_declines_while_much_is_owed_is_paid_before_its_time() {
    let by_hand = Habits { task_ms: 3_000, ..Habits::default() };
    let mut world = World::hired(Plan { open_ms: 1 << 40, ..plan(65536, 1024) }, &[(worker(0), by_hand)]);
    world.run(3_600_000);
    world.habits.get_mut(&worker(0)).unwrap().delivers = false;
    // Payments are six minutes apart by now.
    let paid = world.pays.len();
    let unpaid = |world: &World| world.total(worker(0)).0 - world.paid[&worker(0)].0;
    world.run(11_000);
    let before = (world.pays.len(), unpaid(&world));
    assert!(before.1 > 0 && before.0 <= paid + 1);
    let task = *world.leases(worker(0)).last().unwrap();
    world.give_back((worker(0), task), raylance_protocol::message::ReturnReason::Terms);
    world.run(11_000);
    assert_eq!((world.pays.len(), unpaid(&world)), (before.0 + 1, 0));
}

#[test]
fn a_right_claim_is_paid_at_once_and_not_challenged() {
    let mut world = World::hired(Plan { open_ms: 1 << 40, ..plan(65536, 1024) }, &two());
    world.run(15_000);
    let pays = world.pays.len();
    world.claim(worker(0));
    let claimed = world.total(worker(0));
    world.run(12_000);
    assert!(world.pays.len() > pays);
    assert!(world.paid[&worker(0)] >= claimed);
    assert!(world.challenges.is_empty());
}

#[test]
fn a_claim_for_refused_work_is_challenged_once_after_a_second_device_agreed() {
    let cheat = Habits { settles: false, ..Habits::default() };
    let mut world = World::hired(Plan { open_ms: 1 << 40, ..plan(65536, 1024) }, &[(worker(0), cheat), (worker(1), Habits::default())]);
    world.run(12_000);
    world.habits.get_mut(&worker(0)).unwrap().wrong_one_in = 2;
    world.run(2_000);
    assert!(world.artist.report().workers[0].refused);
    assert!(world.challenges.is_empty(), "without a claim there is nothing to say");
    world.claim(worker(0));
    let repeated = worker(0);
    world.tell(repeated);
    world.run(1_000);
    world.tell(repeated);
    world.run(30_000);
    assert_eq!(world.challenges.len(), 1);
    let wrong = world.challenges[0];
    assert!(world.is_wrong(&wrong));
    assert!(world.paid[&worker(0)] < world.total(worker(0)));
}

#[test]
fn a_filing_that_is_told_again_while_its_challenge_is_on_its_way_is_challenged_once() {
    let cheat = Habits { settles: false, ..Habits::default() };
    let mut world = World::hired(Plan { open_ms: 1 << 40, ..plan(65536, 1024) }, &[(worker(0), cheat), (worker(1), Habits::default())]);
    world.run(12_000);
    world.habits.get_mut(&worker(0)).unwrap().wrong_one_in = 2;
    world.run(2_000);
    world.claim(worker(0));
    world.run(100);
    let challenges = |world: &World| world.count(|effect| matches!(effect, Effect::Challenge { .. }));
    assert_eq!((challenges(&world), world.challenges.len()), (1, 0));
    world.tell(worker(0));
    world.run(100);
    assert_eq!((challenges(&world), world.challenges.len()), (1, 0));
}

#[test]
fn without_a_second_device_that_agrees_nothing_is_challenged() {
    let cheat = Habits { settles: false, ..Habits::default() };
    let mut world = World::hired(Plan { open_ms: 1 << 40, ..plan(65536, 1024) }, &[(worker(0), cheat), (worker(1), Habits::default())]);
    world.second_agrees = false;
    world.run(12_000);
    world.habits.get_mut(&worker(0)).unwrap().wrong_one_in = 2;
    world.run(2_000);
    world.claim(worker(0));
    world.run(60_000);
    assert!(world.challenges.is_empty());
}

#[test]
fn a_claim_for_no_more_than_what_is_payable_is_not_challenged_even_if_its_worker_was_refused() {
    let cheat = Habits { settles: false, ..Habits::default() };
    let mut world = World::hired(Plan { open_ms: 1 << 40, ..plan(65536, 1024) }, &[(worker(0), cheat), (worker(1), Habits::default())]);
    world.run(15_000);
    world.habits.get_mut(&worker(0)).unwrap().wrong_one_in = 2;
    world.run(1_000);
    let row = world.artist.report().workers[0];
    assert!(row.refused && row.payable < row.total);
    world.claim_up_to(worker(0), row.payable);
    world.run(30_000);
    assert!(world.challenges.is_empty());
    assert!(world.paid[&worker(0)] >= row.payable);
}

#[test]
fn keys_that_come_with_a_claim_are_checked_here_before_the_window_ends() {
    let withholds = Habits { opens: false, wrong_one_in: 2, settles: false, ..Habits::default() };
    let mut world = World::hired(plan(64, 1024), &[(worker(0), withholds), (worker(1), Habits { task_ms: 2_000, ..Habits::default() })]);
    world.run(3_000);
    assert!(!world.known[&worker(0)].receipts.is_empty());
    world.claim(worker(0));
    world.run(10_000);
    assert_eq!(world.challenges.len(), 1);
    world.run_to_end();
    assert_eq!(world.paid.get(&worker(0)).copied().unwrap_or_default(), Microlux::ZERO);
    assert_eq!(world.shown().len(), 64);
}
