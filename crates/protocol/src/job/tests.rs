//! Cutting a job into units and leaves, and its limits.

use super::*;
use proptest::prelude::*;

fn work() -> RenderWork {
    RenderWork {
        width_px: 100,
        height_px: 70,
        first_frame: 3,
        frame_count: 2,
        first_sample: 32,
        samples: 40,
        depth_max: 8,
        tile_px: 64,
        chunk_samples: 32,
        seed: 1,
    }
}

fn spec() -> JobSpec {
    let account = AccountId([1; 32]);
    let work = Work::Render(work());
    JobSpec { artist: account, salt: [0; 16], renderer: Digest::default(), scene: SceneDigest::default(), scene_bytes: 1, work }
}

#[test]
fn limits_are_refused_from_both_sides() {
    let check = |change: fn(&mut RenderWork), expected: SpecError| {
        let mut work = work();
        change(&mut work);
        assert_eq!(Work::Render(work).check(), Err(expected));
    };
    assert_eq!(Work::Render(work()).check(), Ok(()));
    check(|w| w.width_px = 0, SpecError::Size { width_px: 0, height_px: 70 });
    check(|w| w.height_px = 16_385, SpecError::Size { width_px: 100, height_px: 16_385 });
    check(|w| w.frame_count = 0, SpecError::Frames { first: 3, count: 0 });
    check(|w| w.first_frame = u32::MAX, SpecError::Frames { first: u32::MAX, count: 2 });
    check(|w| w.samples = 0, SpecError::Samples(32));
    check(|w| w.first_sample = limits::SAMPLES_MAX, SpecError::Samples(u64::from(limits::SAMPLES_MAX) + 40));
    check(|w| w.depth_max = 65, SpecError::Depth(65));
    check(|w| w.depth_max = 0, SpecError::Depth(0));
    check(|w| w.tile_px = 0, SpecError::Tile(0));
    check(|w| w.chunk_samples = 24, SpecError::Chunk(24));
    check(|w| w.chunk_samples = 0, SpecError::Chunk(0));
    check(|w| (w.frame_count, w.tile_px) = (86_400, 32), SpecError::Units(86_400 * 12 * 2));
    check(
        |w| (w.width_px, w.height_px, w.tile_px, w.chunk_samples, w.samples) = (512, 512, 256, 1024, 1024),
        SpecError::Leaves(256 * 256 * 64),
    );
    assert_eq!(JobSpec { scene_bytes: 0, ..spec() }.check(), Err(SpecError::SceneLength(0)));
    assert_eq!(spec().check(), Ok(()));
}

#[test]
fn pixels_outside_the_picture_cost_nothing() {
    let work = Work::Render(work());
    let cost: u64 = (0..work.unit_count()).map(|unit| work.cost(UnitIndex(unit)).unwrap()).sum();
    assert_eq!(cost, 100 * 70 * 40 * 2);
    assert_eq!(work.cost(UnitIndex(work.unit_count())), None);
}

#[test]
fn a_list_may_ask_for_leaves_of_the_job_and_nothing_else() {
    let spec = spec();
    let good = Address { frame: 4, x_px: 99, y_px: 69, first_sample: 64, samples: 8 };
    let list = Task::List(list_hash(&[good]));
    let check = |address: Address, expected: bool| assert_eq!(spec.has(list, LeafIndex(0), &address), expected, "{address:?}");
    check(good, true);
    check(Address { samples: 9, ..good }, false);
    check(Address { first_sample: 48, samples: 16, ..good }, true);
    check(Address { first_sample: 40, samples: 16, ..good }, false);
    check(Address { first_sample: 16, samples: 16, ..good }, false);
    check(Address { first_sample: 80, samples: 0, ..good }, false);
    check(Address { frame: 5, ..good }, false);
    check(Address { frame: 2, ..good }, false);
    check(Address { x_px: 100, ..good }, false);
    check(Address { y_px: 70, ..good }, false);
    assert!(!spec.has(list, LeafIndex(limits::LIST_ADDRESSES_MAX as u32), &good));
}

#[test]
fn a_manifest_is_bounded_and_its_root_moves_with_every_part() {
    let part = |byte: u8, len_bytes: u64| ManifestPart { digest: Digest([byte; 32]), len_bytes };
    let manifest = |parts: Vec<ManifestPart>| Manifest { parts };
    assert_ne!(manifest(vec![part(1, 5), part(2, 5)]).root(), manifest(vec![part(2, 5), part(1, 5)]).root());
    assert_eq!(manifest(vec![part(1, 5), part(2, 7)]).checked_len_bytes(), Some(12));
    assert_eq!(manifest(vec![]).checked_len_bytes(), None);
    assert_eq!(manifest(vec![part(1, u64::MAX), part(2, 7)]).checked_len_bytes(), None);
    assert_eq!(manifest(vec![part(1, 1); limits::MANIFEST_PARTS_MAX + 1]).checked_len_bytes(), None);
}

proptest! {
    #[test]
    fn units_and_leaves_cover_every_sample_once(
        width in 1u16..150, height in 1u16..150, samples in 1u32..70, first_sample in 0u32..3, frames in 1u32..3,
    ) {
        let first_sample = first_sample * LEAF_SAMPLES;
        let render = RenderWork { width_px: width, height_px: height, samples, first_sample, frame_count: frames, ..work() };
        let work = Work::Render(render);
        let (pixels, width) = (u32::from(width) * u32::from(height), u32::from(width));
        let mut seen = vec![0u32; (pixels * frames) as usize];
        for index in (0..work.unit_count()).map(UnitIndex) {
            let leaves = work.leaf_count(index).unwrap();
            for leaf in (0..leaves).map(LeafIndex) {
                let address = work.address(index, leaf).unwrap();
                prop_assert!(work.contains(&address), "{:?}", address);
                prop_assert_eq!(&address.to_bytes()[..], &encode(&address)[..]);
                seen[((address.frame - 3) * pixels + u32::from(address.y_px) * width + u32::from(address.x_px)) as usize] += u32::from(address.samples);
            }
            prop_assert!(work.address(index, LeafIndex(leaves)).is_none());
            prop_assert!(work.addresses(index).unwrap().eq((0..leaves).map(|leaf| work.address(index, LeafIndex(leaf)).unwrap())));
        }
        prop_assert!(seen.iter().all(|&count| count == samples));
        prop_assert!(work.address(UnitIndex(work.unit_count()), LeafIndex(0)).is_none());
    }
}
