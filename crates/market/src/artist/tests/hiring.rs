//! Who is asked, who gets a row.

use super::world::{Habits, ME, World, plan, worker};
use crate::artist::{ArtistEffect as Effect, ArtistInput as Input, Plan, Say};
use raylance_protocol::tx::{Action, OpenJob};
use raylance_protocol::{AccountId, Microlux, Rate};

fn rate(rate: u64) -> Habits {
    Habits { rate: Rate(rate), ..Habits::default() }
}

fn opened(world: &World) -> Vec<OpenJob> {
    let open = |effect: &Effect| match effect {
        Effect::Submit { action: Action::OpenJob(open), .. } => Some(open.clone()),
        _ => None,
    };
    world.log.iter().filter_map(open).collect()
}

fn rows(world: &World) -> Vec<AccountId> {
    opened(world).iter().flat_map(|open| open.rows.iter().map(|row| row.worker)).collect()
}

#[test]
fn the_cheapest_bids_get_rows_and_ties_go_to_the_faster() {
    let mut world = World::new(Plan { workers_max: 3, ..plan(64, 256) });
    world.hold = |effect| matches!(effect, Effect::Submit { .. });
    world.bid(worker(0), rate(900_000));
    world.bid(worker(1), Habits { samples_per_s: 5, ..rate(800_000) });
    world.bid(worker(2), Habits { samples_per_s: 9, ..rate(800_000) });
    assert_eq!(rows(&world), [worker(2), worker(1), worker(0)]);
}

#[test]
fn a_bid_above_the_ceiling_or_for_another_job_or_by_the_artist_is_not_heard() {
    let mut world = World::new(Plan { workers_max: 1, ..plan(64, 256) });
    world.bid(worker(0), rate(1_000_001));
    world.bid(ME, rate(1));
    let bid = raylance_protocol::Bid { spec: Default::default(), rate: Rate(1), samples_per_s: 1, checks: true };
    world.give(Input::Bid { worker: worker(1), bid });
    world.run(60_000);
    assert_eq!(rows(&world), []);
    world.bid(worker(2), rate(1_000_000));
    assert_eq!(rows(&world), [worker(2)]);
}

#[test]
fn a_job_opens_three_seconds_after_the_first_bid_or_with_enough() {
    let mut world = World::new(Plan { workers_max: 3, ..plan(64, 256) });
    world.bid(worker(0), rate(1));
    world.run(2_900);
    assert_eq!(rows(&world), []);
    world.bid(worker(1), rate(2));
    world.run(200);
    assert_eq!(rows(&world), [worker(0), worker(1)]);
}

#[test]
fn a_later_bid_is_hired_with_a_pay() {
    let mut world = World::new(Plan { workers_max: 2, ..plan(4096, 1024) });
    world.bid(worker(0), rate(1_000_000));
    world.run(5_000);
    world.bid(worker(1), rate(900_000));
    world.run(15_000);
    assert_eq!(rows(&world), [worker(0)]);
    assert!(world.known[&worker(1)].hired);
    assert!(world.pays.iter().any(|pay| pay.rows.iter().any(|row| row.worker == worker(1) && row.reserved_total > Microlux::ZERO)));
}

#[test]
fn nobody_beyond_the_wanted_number_is_hired_and_the_offer_rests() {
    let mut world = World::new(Plan { workers_max: 1, ..plan(4096, 1024) });
    world.bid(worker(0), rate(1));
    world.run(5_000);
    let offers = world.count(|effect| matches!(effect, Effect::Offer(_)));
    world.bid(worker(1), rate(1));
    world.run(30_000);
    assert!(!world.known.contains_key(&worker(1)));
    assert_eq!(world.count(|effect| matches!(effect, Effect::Offer(_))), offers);
}

#[test]
fn without_bids_the_offer_is_repeated_more_and_more_slowly_and_the_job_is_never_opened() {
    let mut world = World::new(Plan { own_device: true, ..plan(4096, 1024) });
    world.run(62_000);
    let offers = world.count(|effect| matches!(effect, Effect::Offer(_)));
    assert!((4..8).contains(&offers), "{offers}");
    world.run_to_end();
    assert_eq!(world.shown().len(), 4096);
    assert_eq!(rows(&world), []);
}

#[test]
fn a_machine_alone_asks_nobody() {
    let mut world = World::new(Plan { own_device: true, workers_max: 0, ..plan(64, 256) });
    world.bid(worker(0), rate(1));
    world.run_to_end();
    assert_eq!(world.count(|effect| matches!(effect, Effect::Offer(_) | Effect::Submit { .. } | Effect::Send { .. })), 0);
    assert_eq!(world.shown().len(), 64);
}

#[test]
fn a_worker_is_told_once_its_row_is_there_and_again_when_it_bids_again() {
    let mut world = World::new(Plan { workers_max: 1, ..plan(4096, 1024) });
    let hired = |world: &World| world.count(|effect| matches!(effect, Effect::Send { say: Say::Hired { .. }, .. }));
    world.bid(worker(0), rate(1));
    world.run(400);
    assert_eq!(hired(&world), 0);
    world.run(200);
    assert_eq!(hired(&world), 1);
    world.bid(worker(0), rate(1));
    assert_eq!(hired(&world), 2);
}

#[test]
fn a_refused_opening_is_built_anew_from_the_bids_that_come_then() {
    let mut world = World::new(Plan { workers_max: 1, ..plan(64, 256) });
    world.accept_txs = false;
    world.bid(worker(0), rate(1));
    world.run(1_000);
    world.accept_txs = true;
    world.bid(worker(0), rate(1));
    world.run(1_000);
    assert_eq!(rows(&world), [worker(0), worker(0)]);
    assert!(world.known[&worker(0)].hired);
}

#[test]
fn no_more_is_reserved_than_the_budget_and_who_can_not_earn_a_unit_is_not_hired() {
    // A unit of 4,096 samples costs 4,096 microlux at this rate.
    let mut world = World::new(Plan { workers_max: 3, budget: Microlux(10_000), ..plan(64, 256) });
    for no in 0..3 {
        world.bid(worker(no), Habits::default());
    }
    world.run(600_000);
    assert_eq!(rows(&world).len(), 1);
    assert!(world.total(worker(0)) <= Microlux(10_000));
    assert!(world.total(worker(0)) > Microlux::ZERO);
}

#[test]
fn work_that_is_given_away_needs_no_rows() {
    let free = Plan { rate_max: Rate(0), workers_max: 2, ..plan(64, 256) };
    let mut world = World::new(free);
    world.bid(worker(0), rate(0));
    world.bid(worker(1), rate(0));
    world.run_to_end();
    assert_eq!(world.shown().len(), 64);
    assert_eq!(world.count(|effect| matches!(effect, Effect::Submit { .. })), 0);
    assert!(world.artist.report().units.iter().all(|unit| unit.checked));
}
