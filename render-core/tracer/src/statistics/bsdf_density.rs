//! χ² tests of each material: directions that it samples are distributed as the density that it states.

use super::histogram::Histogram;
use super::patch::{Patch, direction, materials, texel, use_of};
use super::{Chance, DEVIATION_MAX};
use crate::cpu::generated::{bsdf_evaluate, bsdf_sample};
use crate::cpu::runtime::{V2, V3};
use raylance_scene::{Image, Material};
use rayon::prelude::*;

const SAMPLES: u32 = 1 << 17;
/// Share of one bin: some 500 samples, known to 4 %.
const BIN_SHARE: f64 = 1.0 / 256.0;

/// Viewers from straight above to grazing, and behind, in degrees from the normal and around it.
const VIEWERS: [(f32, f32); 5] = [(0.0, 0.0), (35.0, 20.0), (70.0, 200.0), (86.0, 75.0), (140.0, 310.0)];

/// Deviations of every model of a material seen from `to_viewer`.
fn deviations(patch: &Patch, to_viewer: V3<f32>, seed: u64) -> Vec<(f64, f64)> {
    let check = |bsdf, wo| {
        let density = |wi| f64::from(bsdf_evaluate(bsdf, wo, wi).pdf);
        let mut histogram = Histogram::new(density, BIN_SHARE);
        let mut chance = Chance(seed);
        for _ in 0..SAMPLES {
            let random = V2::new(chance.next(), chance.next());
            let sample = bsdf_sample(bsdf, wo, random, chance.next());
            histogram.add((sample.pdf > 0.0).then_some(sample.direction));
        }
        (histogram.deviation(), histogram.total())
    };
    patch.models(to_viewer).into_iter().map(|model| check(model.bsdf, model.wo)).collect()
}

/// What is wrong with a material, seen from every viewer.
fn faults(name: &str, material: &Material, images: &[Image]) -> Vec<String> {
    let patch = Patch::new(material.clone(), images.to_vec());
    let mut faults = Vec::new();
    for (number, (degrees, turn)) in (0..).zip(VIEWERS) {
        for (model, (deviation, total)) in deviations(&patch, direction(degrees, turn), number).into_iter().enumerate() {
            if deviation.abs() > DEVIATION_MAX || total > 1.0 + 1e-3 {
                faults.push(format!("{name}, model {model}, seen at {degrees}°: deviation {deviation:.1}, integral {total:.5}"));
            }
        }
    }
    faults
}

#[test]
fn sampled_directions_have_the_density_that_evaluation_states() {
    let faults: Vec<String> = materials().par_iter().flat_map(|(name, material, images)| faults(name, material, images)).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// Samples of the coat that go below it but not below the base had the density of the base alone, which made the surface too bright.
#[test]
fn regression_a_coat_that_leans_away_from_its_base_counts_in_the_density() {
    let mut material = Material { metallic: 0.0, roughness: 0.8, clearcoat: 1.0, clearcoat_roughness: 0.5, ..Material::default() };
    material.textures.normal = use_of(0);
    let faults = faults("coat over a normal map", &material, &[texel([210, 128, 200, 255])]);
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// The test above can fail: a density that is seven per cent too high on one side is found out.
#[test]
fn a_density_that_is_off_is_found_out() {
    let (_, material, images) = materials().swap_remove(1);
    let patch = Patch::new(material, images);
    let (bsdf, wo) = patch.model(direction(35.0, 20.0), 0.5, V3::splat(1.0));
    let mut histogram = Histogram::new(|wi| f64::from(bsdf_evaluate(bsdf, wo, wi).pdf) * if wi.x > 0.0 { 1.07 } else { 0.97 }, BIN_SHARE);
    let mut chance = Chance(1);
    for _ in 0..SAMPLES {
        let random = V2::new(chance.next(), chance.next());
        let sample = bsdf_sample(bsdf, wo, random, chance.next());
        histogram.add((sample.pdf > 0.0).then_some(sample.direction));
    }
    assert!(histogram.deviation() > DEVIATION_MAX, "{}", histogram.deviation());
}
