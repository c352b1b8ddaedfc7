//! Many rays at once find what each finds alone.

use super::generated_wide::Ext as _;
use super::runtime::V3;
use super::wide_runtime::{F32s, LANES, Mask};
use crate::conformance;
use crate::cpu::generated::{Cx, Hit, INFINITE, NO_HIT, normalize3};
use crate::cpu::wide::tests::{Chance, flattened};
use crate::cpu::{Probe, Walk};
use raylance_scene::Scene;

/// Groups of rays per scene.
const GROUPS: u32 = 250;

type Vectors = [V3<f32>; LANES];

wide! {
    fn nearest(cx: &Cx<'_, Walk<'_>>, live: [bool; LANES], o: &Vectors, d: &Vectors) -> [Hit; LANES] {
        // SAFETY: this function says itself what the lanes need.
        let found = unsafe { cx.ext.closest_hit_of_lanes(cx, Mask::from_array(live), lanes(o), lanes(d)) };
        std::array::from_fn(|lane| found.lane(lane))
    }
}

wide! {
    fn occluded(cx: &Cx<'_, Walk<'_>>, live: [bool; LANES], o: &Vectors, d: &Vectors, t_max: [f32; LANES]) -> [bool; LANES] {
        // SAFETY: as above.
        unsafe { cx.ext.occluded_of_lanes(cx, Mask::from_array(live), lanes(o), lanes(d), F32s::from_array(t_max)) }.to_array()
    }
}

fn lanes(v: &Vectors) -> V3<F32s> {
    V3::new(F32s::from_array(v.map(|v| v.x)), F32s::from_array(v.map(|v| v.y)), F32s::from_array(v.map(|v| v.z)))
}

fn check(scene: &Scene, seed: u64) {
    let probe = Probe::new(scene);
    let cx = probe.context();
    let mut chance = Chance::new(seed);
    let mut hits = 0;
    for group in 0..GROUPS {
        // From rays that are nearly the same to rays that have nothing in common.
        let spread = [0.0, 0.02, 0.3, 2.0][group as usize % 4];
        let (start, way) = (chance.vector(2.0), chance.vector(1.0));
        let o: Vectors = std::array::from_fn(|_| start + chance.vector(spread));
        let d: Vectors = std::array::from_fn(|_| normalize3(way + chance.vector(spread + 0.001)));
        let t_max: [f32; LANES] = std::array::from_fn(|_| chance.next() * 6.0);
        let live: [bool; LANES] = std::array::from_fn(|_| group % 3 == 0 || chance.next() < 0.6);
        // SAFETY: the test that calls this asked for the registers.
        let (found, is_occluded) = unsafe { (nearest(&cx, live, &o, &d), occluded(&cx, live, &o, &d, t_max)) };
        for lane in (0..LANES).filter(|lane| live[*lane]) {
            let place = format!("seed {seed}, group {group}, lane {lane}: {:?} {:?}", o[lane], d[lane]);
            let Walk { trees, geometry } = cx.ext;
            let alone = trees.walk::<false>(geometry, o[lane], d[lane], INFINITE);
            hits += u32::from(alone.triangle != NO_HIT);
            assert_eq!(bits(&found[lane]), bits(&alone), "{place}");
            let alone = trees.walk::<true>(geometry, o[lane], d[lane], t_max[lane]);
            assert_eq!(is_occluded[lane], alone.triangle != NO_HIT, "{place}, up to {}", t_max[lane]);
        }
    }
    assert!(hits > GROUPS, "seed {seed}: only {hits} rays hit anything");
}

fn bits(hit: &Hit) -> [u32; 6] {
    [hit.t.to_bits(), hit.u.to_bits(), hit.v.to_bits(), hit.triangle, hit.primitive, hit.instance]
}

#[test]
fn many_rays_find_what_each_finds_alone() {
    if !super::is_available() {
        eprintln!("this processor has no such registers: nothing to compare");
        return;
    }
    for seed in 1..=6 {
        let scene = conformance::scene(seed);
        check(&flattened(&scene), seed);
        check(&scene, seed);
    }
}
