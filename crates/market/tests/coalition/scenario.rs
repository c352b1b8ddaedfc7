//! A random coalition from a seed: who is there, who cheats how, how the network and the power are.

use crate::artist::ArtistShell;
use crate::ring::{self, RENDERER, Ring, ValidatorVice};
use crate::vice::{ArtistVice, Lists, Pays, WorkerVice};
use crate::worker::WorkerShell;
use crate::world::{Happening, Party, Role, Weather, World};
use raylance_market::artist::Plan;
use raylance_protocol::{AccountId, Digest, JobSpec, Microlux, Rate, RenderWork, RingParameters, SceneDigest, Work};
use raylance_sim::chance::Chance;

/// Everybody begins with that; artists have their budgets besides.
pub const FUNDS: Microlux = Microlux(2_000_000);
/// Nothing lasts longer.
pub const END_MS: u64 = 4 * 3_600_000;

/// A ring whose windows last minutes, so that a job sees several.
pub fn parameters(window_ms: u64) -> RingParameters {
    RingParameters { window_ms, beat_ms: window_ms / 20, court_ms_base: window_ms / 2, ..RingParameters::DEMO }
}

/// A job of small units: 64 leaves each.
pub fn plan(artist: AccountId, units: u16, salt: u8, parameters: RingParameters) -> Plan {
    let work = RenderWork {
        width_px: 8 * units,
        height_px: 8,
        first_frame: 0,
        frame_count: 1,
        first_sample: 0,
        samples: 16,
        depth_max: 4,
        tile_px: 8,
        chunk_samples: 16,
        seed: 1,
    };
    let scene = SceneDigest(Digest([salt; 32]));
    let spec = JobSpec { artist, salt: [salt; 16], renderer: RENDERER, scene, scene_bytes: 1, work: Work::Render(work) };
    Plan {
        spec,
        rate_max: Rate(2_000_000),
        budget: Microlux(600_000),
        workers_max: 4,
        device_bytes: 1 << 20,
        open_ms: 8 * parameters.window_ms,
        own_device: true,
        parameters,
    }
}

/// Calm weather.
pub const CALM: Weather = Weather {
    loss_percent: 0,
    doubling_percent: 0,
    delay_ms_max: 100,
    crash_per_myriad: 0,
    restore_percent: 0,
    failing_permille: 0,
    flaky_permille: 0,
};

/// Four validators, of which the last may have a vice, a bystander, and these artists and workers.
pub fn world(
    seed: u64,
    weather: Weather,
    parameters: RingParameters,
    court: Option<ValidatorVice>,
    artists: Vec<(Plan, ArtistVice, bool)>,
    workers: Vec<(WorkerShell, bool)>,
) -> World {
    let mut parties: Vec<Party> =
        (0..4).map(|n| Party::new(200 + n, n < 3 || court.is_none(), Role::Validator(court.filter(|_| n == 3)))).collect();
    parties.push(Party::new(250, true, Role::Bystander));
    let number = |party: &Vec<Party>| party.len() as u8;
    let mut budgets = std::collections::BTreeMap::new();
    for (plan, vice, honest) in artists {
        let at = number(&parties);
        budgets.insert(plan.spec.artist, plan.budget);
        parties.push(Party::new(at, honest, Role::Artist(Box::new(ArtistShell::new(plan, vice)))));
    }
    for (worker, honest) in workers {
        let at = number(&parties);
        parties.push(Party::new(at, honest, Role::Worker(Box::new(worker))));
    }
    let validators: Vec<AccountId> = parties.iter().take(4).map(|party| party.id).collect();
    let funds = |id: AccountId| Microlux(FUNDS.0 + budgets.get(&id).map_or(0, |budget| budget.0));
    let balances: Vec<_> = parties.iter().map(|party| (party.id, funds(party.id))).collect();
    let ring = Ring::new(ring::genesis(parameters, &validators, &balances));
    World::new(seed, weather, ring, parties)
}

/// The account of the artist that stands at that place: four validators and a bystander come before it.
pub fn artist_account(at: u8) -> AccountId {
    raylance_protocol::Keypair::from_secret([5 + at; 32]).account()
}

/// The coalition of a seed.
pub fn random(seed: u64) -> World {
    let mut chance = Chance::new(seed);
    let parameters = parameters(chance.one_of(&[60_000, 120_000, 240_000]));
    let artists = (0..chance.between(1, 2)).map(|at| random_artist(&mut chance, at as u8, parameters)).collect();
    let workers = (0..chance.between(1, 4)).map(|at| random_worker(&mut chance, at as u8)).collect();
    let court = chance.one_of(&[None, None, Some(ValidatorVice::Silent), Some(ValidatorVice::Contrary)]);
    let rough = chance.happens(60);
    let weather = Weather {
        loss_percent: if rough { chance.below(40) } else { 0 },
        doubling_percent: if rough { chance.below(40) } else { 0 },
        delay_ms_max: chance.one_of(&[50, 500, 5_000]),
        crash_per_myriad: chance.one_of(&[0, 0, 20, 100]),
        restore_percent: chance.one_of(&[0, 20, 60]),
        failing_permille: chance.one_of(&[0, 10, 30]),
        flaky_permille: chance.one_of(&[0, 0, 20]),
    };
    let mut world = world(seed, weather, parameters, court, artists, workers);
    plan_events(&mut world, &mut chance);
    world
}

fn random_artist(chance: &mut Chance, at: u8, parameters: RingParameters) -> (Plan, ArtistVice, bool) {
    let units = chance.between(4, 24) as u16;
    let mut plan = plan(artist_account(at), units, at, parameters);
    plan.own_device = chance.happens(70);
    plan.workers_max = chance.between(1, 4) as u16;
    plan.budget = Microlux(chance.between(20_000, 900_000));
    plan.open_ms = chance.between(5, 12) * parameters.window_ms;
    if chance.happens(55) {
        return (plan, ArtistVice::default(), true);
    }
    let vice = ArtistVice {
        drops_receipts_percent: chance.one_of(&[0, 0, 30, 100]),
        odd_receipts_percent: chance.one_of(&[0, 0, 30]),
        pays: chance.one_of(&[Pays::All, Pays::Half, Pays::Nothing]),
        closes_early: chance.happens(30),
        is_frivolous: chance.happens(40),
        hides_scene: chance.happens(40),
        vanishes_at_ms: chance.happens(20).then(|| chance.between(30_000, 300_000)),
        drains: chance.happens(15),
    };
    (plan, vice, false)
}

fn random_worker(chance: &mut Chance, at: u8) -> (WorkerShell, bool) {
    let honest = chance.happens(60);
    let mut vice = WorkerVice { is_slow: chance.happens(15), ..WorkerVice::default() };
    if !honest {
        vice = WorkerVice {
            gang: chance.below(2),
            lies_permille: chance.one_of(&[0, 20, 300, 1000, 1000]),
            lists: chance.one_of(&[Lists::Truth, Lists::Garbage, Lists::Gang]),
            drops_keys_percent: chance.one_of(&[0, 0, 30, 100]),
            odd_deliveries: chance.happens(20),
            serves_wrong_percent: chance.one_of(&[0, 0, 20]),
            withholds_films: chance.happens(10),
            hides_scene: chance.happens(50),
            claims_by_itself: chance.happens(50),
            is_slow: chance.happens(20),
        };
    }
    let mut worker = WorkerShell::new(vice, 100 + at);
    worker.rate = Rate(chance.between(200_000, 2_000_000));
    worker.samples_per_s = chance.one_of(&[0, 100, 1_000]);
    worker.checks = chance.happens(75);
    worker.unpaid_max = Microlux(chance.one_of(&[5_000, 20_000, 1_000_000]));
    (worker, honest)
}

/// Beginnings, ends, outages, losses of network, crashes, backups.
fn plan_events(world: &mut World, chance: &mut Chance) {
    let window_ms = world.ring.genesis.parameters.window_ms;
    for who in world.artists() {
        world.later(chance.between(1, 20_000), Happening::Start { who });
        // A job without progress lasts until its person has seen enough.
        let stop_ms = if chance.happens(25) { chance.between(10_000, 400_000) } else { 40 * window_ms };
        if world.parties[who].honest {
            world.later(stop_ms, Happening::Stop { who });
        }
    }
    for who in 0..world.parties.len() {
        if !world.parties[who].honest {
            world.later(chance.between(1_000, 30_000), Happening::Mischief { who });
        }
        if world.parties[who].validator_vice().is_some() || chance.happens(50) {
            continue;
        }
        let mut at_ms = 0;
        for _ in 0..chance.between(1, 6) {
            at_ms += chance.between(window_ms, 3 * window_ms);
            world.later(at_ms, Happening::Offline { who, ms: chance.between(1_000, window_ms / 6) });
        }
        for _ in 0..chance.below(3) {
            world.later(chance.between(5_000, 600_000), Happening::Backup { who });
        }
        if chance.happens(40) {
            let restore = world.weather.restore_percent > 0 && chance.happens(50);
            world.later(chance.between(20_000, 900_000), Happening::Crash { who, restore });
        }
    }
    for _ in 0..chance.below(3) {
        world.later(chance.between(10_000, 900_000), Happening::Outage { ms: chance.between(window_ms / 2, 4 * window_ms) });
    }
}

/// Runs the coalition of a seed to its end.
pub fn run(seed: u64) -> World {
    let mut world = random(seed);
    world.run(END_MS);
    world.conclude();
    world
}
