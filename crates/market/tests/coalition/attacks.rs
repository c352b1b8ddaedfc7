//! Attacks by name: each robbed version 1, each fails here for the attacker.

use crate::ring::ValidatorVice;
use crate::scenario::{CALM, FUNDS, artist_account, parameters, plan, world};
use crate::vice::{ArtistVice, Lists, Pays, WorkerVice};
use crate::worker::WorkerShell;
use crate::world::{Happening, Party, Role, World};
use raylance_market::artist::Plan;
use raylance_protocol::{Microlux, Rate};

const WINDOW_MS: u64 = 60_000;
const UNITS: u16 = 12;
/// Artists let their workers deliver something before they cheat.
const MISCHIEF_MS: u64 = 40_000;

fn job() -> Plan {
    Plan { own_device: false, ..plan(artist_account(0), UNITS, 1, parameters(WINDOW_MS)) }
}

fn honest(number: u8) -> (WorkerShell, bool) {
    let mut worker = WorkerShell::new(WorkerVice::default(), number);
    worker.render_ms = (500, 4_000);
    (worker, true)
}

fn thief(number: u8, vice: WorkerVice) -> (WorkerShell, bool) {
    let mut worker = WorkerShell::new(vice, number);
    // Lists that it answers rightly would be earned rightly.
    worker.checks = false;
    (worker, false)
}

/// One job with these workers, to its end. Everything that the invariants say holds besides.
fn run(plan: Plan, artist: ArtistVice, artist_honest: bool, workers: Vec<(WorkerShell, bool)>) -> World {
    let mut world = world(7, CALM, parameters(WINDOW_MS), None, vec![(plan, artist, artist_honest)], workers);
    begin(&mut world);
    world.run(2 * 3_600_000);
    world.conclude();
    world
}

fn begin(world: &mut World) {
    for who in 0..world.parties.len() {
        match world.parties[who].role {
            Role::Artist(_) => {
                world.later(1, Happening::Start { who });
                world.later(40 * WINDOW_MS, Happening::Stop { who });
                world.later(MISCHIEF_MS, Happening::Mischief { who });
            }
            Role::Worker(_) if !world.parties[who].honest => world.later(MISCHIEF_MS, Happening::Mischief { who }),
            _ => {}
        }
    }
}

fn gained(world: &World, party: &Party) -> i64 {
    world.ring.state().account(party.id).balance.0 as i64 - FUNDS.0 as i64
}

fn workers(world: &World) -> Vec<&Party> {
    world.workers().into_iter().map(|who| &world.parties[who]).collect()
}

/// What an artist can read of its workers' films.
fn readable(world: &World) -> usize {
    world.onlooker.keys.len()
}

fn unit_price(worker: &WorkerShell) -> u64 {
    worker.rate.price(64 * 16).unwrap().0
}

#[test]
fn an_artist_that_never_signs_reads_no_film_and_wastes_what_its_workers_risk() {
    let vice = ArtistVice { drops_receipts_percent: 100, ..ArtistVice::default() };
    let world = run(job(), vice, false, vec![honest(1), honest(2)]);
    let artist = world.artist(world.artists()[0]);
    assert!(!artist.fetched.is_empty(), "it has sealed films");
    assert_eq!((readable(&world), artist.shown.len()), (0, 0));
    for worker in workers(&world) {
        let films = world.onlooker.films.keys().filter(|name| name.worker == worker.id).count();
        assert!(films <= 2, "{films} films were rendered for nothing");
        assert_eq!(gained(&world, worker), 0);
    }
}

#[test]
fn an_artist_that_throws_its_workers_out_and_keeps_the_films_pays_for_every_film_that_it_can_read() {
    let vice = ArtistVice { pays: Pays::Nothing, closes_early: true, ..ArtistVice::default() };
    let world = run(job(), vice, false, vec![honest(1), honest(2)]);
    let price = unit_price(&honest(1).0) as i64;
    assert!(readable(&world) > 0);
    let earned: i64 = workers(&world).into_iter().map(|worker| world.onlooker.moved(worker.id, "earned")).sum();
    let units = world.onlooker.keys.iter().filter(|(.., task)| matches!(task, raylance_protocol::Task::Unit(_))).count() as i64;
    assert!(earned >= units * price, "{earned} for {units} units of {price}");
}

#[test]
fn an_artist_that_challenges_right_leaves_and_hides_its_scene_pays_the_court_too() {
    let vice = ArtistVice { pays: Pays::Nothing, closes_early: true, is_frivolous: true, hides_scene: true, ..ArtistVice::default() };
    let world = run(job(), vice, false, vec![honest(1), honest(2)]);
    let artist = &world.parties[world.artists()[0]];
    assert!(!world.onlooker.cases.is_empty());
    let fee = world.ring.genesis.parameters.court_fee(1).0 as i64;
    assert_eq!(world.onlooker.moved(artist.id, "challenge bond"), -fee * world.onlooker.cases.len() as i64);
    for worker in workers(&world) {
        assert_eq!(world.onlooker.moved(worker.id, "claim bond"), 0);
    }
}

#[test]
fn a_vanished_artist_has_its_workers_paid_by_the_ring() {
    let vice = ArtistVice { vanishes_at_ms: Some(45_000), pays: Pays::Nothing, ..ArtistVice::default() };
    let plan = Plan { open_ms: 6 * WINDOW_MS, ..job() };
    let world = run(plan, vice, false, vec![honest(1)]);
    let worker = workers(&world)[0].id;
    assert!(world.onlooker.moved(worker, "earned") > 0);
    assert!(world.ring.state().jobs().next().is_none(), "nothing stays locked");
}

#[test]
fn a_worker_that_withholds_its_films_locks_nothing_and_earns_nothing() {
    let vice = WorkerVice { withholds_films: true, ..WorkerVice::default() };
    let world = run(job(), ArtistVice::default(), true, vec![thief(1, vice), honest(2)]);
    let [withholder, other] = workers(&world)[..] else { panic!("two workers") };
    assert_eq!(gained(&world, withholder), 0);
    assert!(gained(&world, other) > 0);
    assert_eq!(world.artist(world.artists()[0]).shown.len(), usize::from(UNITS), "the other renders them");
}

#[test]
fn a_worker_that_keeps_its_keys_back_until_it_claims_garbage_loses_its_bond() {
    let vice = WorkerVice { lies_permille: 1_000, drops_keys_percent: 100, hides_scene: true, ..WorkerVice::default() };
    let world = run(job(), ArtistVice::default(), true, vec![thief(1, vice), honest(2)]);
    let thief = workers(&world)[0];
    assert_eq!(world.onlooker.moved(thief.id, "earned"), 0);
    assert!(gained(&world, thief) < 0, "a claim of garbage costs a bond");
}

#[test]
fn three_accounts_that_swear_by_each_others_garbage_earn_nothing() {
    let vice = || WorkerVice { lies_permille: 1_000, lists: Lists::Gang, claims_by_itself: true, ..WorkerVice::default() };
    let thieves = (1..=3).map(|number| (WorkerShell::new(vice(), number), false)).collect();
    let world = run(Plan { own_device: true, ..job() }, ArtistVice::default(), true, thieves);
    for thief in workers(&world) {
        assert_eq!(world.onlooker.moved(thief.id, "earned"), 0);
        assert!(gained(&world, thief) <= 0);
    }
}

#[test]
fn a_worker_that_would_choose_its_film_by_the_draw_knows_nothing_when_it_must_choose() {
    // It binds itself to a second film whenever it likes; leaves are drawn after its key alone, which the invariants watch.
    let vice = WorkerVice { lies_permille: 1_000, odd_deliveries: true, drops_keys_percent: 50, ..WorkerVice::default() };
    let world = run(Plan { own_device: true, ..job() }, ArtistVice::default(), true, vec![thief(1, vice), honest(2)]);
    assert!(gained(&world, workers(&world)[0]) <= 0);
    assert!(world.onlooker.replays.values().all(|replays| !replays.leaves.is_empty()));
}

#[test]
fn a_job_for_nothing_gets_nothing_from_workers_that_do_not_give() {
    let plan = Plan { own_device: true, rate_max: Rate(0), ..job() };
    let world = run(plan, ArtistVice::default(), true, vec![honest(1), honest(2)]);
    assert!(world.onlooker.films.is_empty());
    assert_eq!((world.ring.height(), world.ring.sizes.len()), (0, 0), "nothing of it stands on the ledger");
    assert_eq!(world.artist(world.artists()[0]).shown.len(), usize::from(UNITS), "its own device does it");
}

#[test]
fn work_that_is_given_away_needs_no_ledger() {
    let plan = Plan { rate_max: Rate(0), ..job() };
    let giver = |number: u8| {
        let (mut worker, _) = honest(number);
        worker.free = true;
        (worker, true)
    };
    let world = run(plan, ArtistVice::default(), true, vec![giver(1), giver(2)]);
    assert_eq!(world.ring.sizes.len(), 0);
    assert_eq!(world.artist(world.artists()[0]).shown.len(), usize::from(UNITS));
}

#[test]
fn a_frivolous_challenge_fails_with_a_validator_that_lies_for_the_artist() {
    let vice = ArtistVice { pays: Pays::Nothing, closes_early: true, is_frivolous: true, ..ArtistVice::default() };
    let artists = vec![(job(), vice, false)];
    let mut world = world(7, CALM, parameters(WINDOW_MS), Some(ValidatorVice::Contrary), artists, vec![honest(1), honest(2)]);
    begin(&mut world);
    world.run(2 * 3_600_000);
    world.conclude();
    assert!(!world.onlooker.cases.is_empty());
    assert!(workers(&world).iter().all(|worker| world.onlooker.moved(worker.id, "claim bond") == 0));
    assert!(workers(&world).iter().map(|worker| gained(&world, worker)).sum::<i64>() > 0);
}

#[test]
fn a_worker_without_a_bond_risks_one_task() {
    let vice = ArtistVice { pays: Pays::Nothing, ..ArtistVice::default() };
    let plan = Plan { open_ms: 6 * WINDOW_MS, ..job() };
    let mut world = world(7, CALM, parameters(WINDOW_MS), None, vec![(plan, vice, false)], vec![honest(1)]);
    let (worker, bystander) = (world.workers()[0], world.parties[world.bystander()].id);
    let amount = Microlux(FUNDS.0 - 10_000);
    let action = raylance_protocol::Action::Transfer { to: bystander, amount };
    world.submit(worker, crate::wallet::TxName::Odd, action);
    world.later(20_000, Happening::Start { who: world.artists()[0] });
    world.later(5_000, Happening::Mischief { who: world.artists()[0] });
    world.run(2 * 3_600_000);
    let me = world.parties[worker].id;
    let total: u64 = world.onlooker.totals.iter().filter(|((_, w), _)| *w == me).map(|(_, total)| total.0).sum();
    assert_eq!(total, unit_price(world.worker(worker)));
}
