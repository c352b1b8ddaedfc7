//! Size: how little of a job stands on the ledger.

use crate::scenario::{CALM, artist_account, parameters, plan, world};
use crate::vice::{ArtistVice, Pays, WorkerVice};
use crate::worker::WorkerShell;
use crate::world::{Happening, World};
use raylance_market::artist::Plan;
use raylance_protocol::{Microlux, Rate, RenderWork, RingParameters, UnitIndex, Work};
use std::collections::BTreeMap;

const HOURS_3_5_MS: u64 = 12_600_000;

fn worker(number: u8, render_ms: (u64, u64)) -> (WorkerShell, bool) {
    let mut worker = WorkerShell::new(WorkerVice::default(), number);
    (worker.render_ms, worker.unpaid_max, worker.rate) = (render_ms, Microlux(u64::MAX), Rate(5_000_000));
    worker.samples_per_s = 100_000;
    (worker, true)
}

/// Transactions and bytes by kind.
fn sizes(world: &World) -> BTreeMap<&'static str, (usize, usize)> {
    let mut sizes = BTreeMap::new();
    for (kind, bytes) in &world.ring.sizes {
        let (count, sum): &mut (usize, usize) = sizes.entry(*kind).or_default();
        (*count, *sum) = (*count + 1, *sum + bytes);
    }
    sizes
}

#[test]
fn a_hundred_thousand_units_in_three_and_a_half_hours_are_at_most_a_hundred_transactions() {
    let work = RenderWork {
        width_px: 1,
        height_px: 8,
        first_frame: 0,
        frame_count: 50_000,
        first_sample: 0,
        samples: 32,
        depth_max: 4,
        tile_px: 8,
        chunk_samples: 16,
        seed: 1,
    };
    let public = RingParameters::PUBLIC;
    let mut plan = plan(artist_account(0), 1, 1, public);
    plan.spec.work = Work::Render(work);
    let plan = Plan {
        rate_max: Rate(5_000_000),
        budget: Microlux(1_000_000_000),
        workers_max: 16,
        open_ms: 20 * 24 * 3_600_000,
        own_device: false,
        ..plan
    };
    assert_eq!(plan.spec.work.unit_count(), 100_000);
    // Eight tasks in hand of sixteen workers, about eight units a second with lists.
    let workers = (1..=16).map(|number| worker(number, (4_000, 11_000))).collect();
    let mut world = world(1, CALM, public, None, vec![(plan, ArtistVice::default(), true)], workers);
    world.watches = false;
    let artist = world.artists()[0];
    world.later(1, Happening::Start { who: artist });
    world.run(30 * 24 * 3_600_000);
    world.conclude();
    assert_eq!(world.artist(artist).shown.len(), 100_000);
    let sizes = sizes(&world);
    println!("{sizes:?} in {} s", world.ring.last_tx_ms / 1_000);
    let count: usize = sizes.values().map(|(count, _)| count).sum();
    assert!(count <= 100, "{count} transactions");
    assert!((HOURS_3_5_MS / 2..2 * HOURS_3_5_MS).contains(&world.ring.last_tx_ms), "{} ms", world.ring.last_tx_ms);
}

/// A job that the artist pays nothing of: its workers claim everything, and it challenges what it can.
fn disputed(work: RenderWork, units: u32) -> World {
    let parameters = parameters(60_000);
    let mut plan = plan(artist_account(0), 1, 1, parameters);
    plan.spec.work = Work::Render(work);
    assert_eq!(plan.spec.work.unit_count(), units);
    let plan = Plan { rate_max: Rate(5_000_000), budget: Microlux(1_000_000_000), own_device: false, ..plan };
    let vice = ArtistVice { pays: Pays::Nothing, is_frivolous: true, ..ArtistVice::default() };
    let workers = (1..=2).map(|number| worker(number, (100, 200))).collect();
    let mut world = world(1, CALM, parameters, None, vec![(plan, vice, false)], workers);
    let artist = world.artists()[0];
    world.later(1, Happening::Start { who: artist });
    world.later(5_000, Happening::Mischief { who: artist });
    world.run(10 * 3_600_000);
    world.conclude();
    world
}

#[test]
fn a_disputed_unit_is_at_most_300_bytes_and_a_challenge_of_a_usual_unit_at_most_a_kibibyte() {
    let work = |frame_count: u32, width_px: u16, height_px: u16, tile_px: u16, samples: u32| RenderWork {
        width_px,
        height_px,
        first_frame: 0,
        frame_count,
        first_sample: 0,
        samples,
        depth_max: 4,
        tile_px,
        chunk_samples: samples as u16,
        seed: 1,
    };
    let small = disputed(work(1_000, 1, 8, 8, 16), 1_000);
    let (_, bytes) = sizes(&small)["Claim"];
    let claimed = small.ring.entries_claimed;
    println!("{bytes} bytes of claims for {claimed} tasks");
    assert!(claimed > 256 && bytes <= 300 * claimed, "{bytes} bytes for {claimed} tasks");

    let usual = disputed(work(6, 64, 64, 64, 32), 6);
    assert_eq!(usual.artist(usual.artists()[0]).plan.spec.work.leaf_count(UnitIndex(0)), Some(8_192));
    let longest = usual.ring.sizes.iter().filter(|(kind, _)| *kind == "Challenge").map(|(_, bytes)| *bytes).max();
    println!("a challenge of one of 8,192 leaves: {longest:?} bytes");
    assert!(longest.is_some_and(|bytes| bytes <= 1_024), "{longest:?}");
}
