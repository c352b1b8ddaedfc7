//! What must hold of every material: weights are value over density, nothing is negative or infinite, no light is made, and light goes both
//! ways alike.

use super::Chance;
use super::patch::{Patch, direction, materials, texel, use_of};
use crate::cpu::generated::{Bsdf, Reflectance, bsdf_evaluate, bsdf_sample, max3, to_local, to_world};
use crate::cpu::runtime::{V2, V3};
use proptest::prelude::*;
use proptest::test_runner::{RngAlgorithm, TestRng, TestRunner};
use raylance_scene::{Attenuation, Material};

fn sensible(value: V3<f32>) -> bool {
    [value.x, value.y, value.z].iter().all(|v| v.is_finite() && *v >= 0.0)
}

/// A direction on the viewer's side or anywhere; a part of them grazes.
fn any_direction(chance: &mut Chance) -> V3<f32> {
    let z = if chance.next() < 0.3 { chance.between(-0.02, 0.02) } else { chance.between(-1.0, 1.0) };
    let r = (1.0 - z * z).sqrt();
    let (s, c) = (std::f32::consts::TAU * chance.next()).sin_cos();
    V3::new(r * s, r * c, z)
}

/// Any material whose base is white, glass and layers in all mixtures; extremes are likely.
fn any_material() -> impl Strategy<Value = Material> {
    let share = || prop_oneof![Just(0.0f32), Just(1.0f32), 0.0f32..=1.0];
    let color = || prop_oneof![Just([0.0f32; 3]), Just([1.0f32; 3]), [0.0f32..=1.0, 0.0f32..=1.0, 0.0f32..=1.0]];
    let base = (color(), share(), share(), share(), prop_oneof![Just(1.0f32), Just(1.5f32), 1.0f32..=2.5], share(), color());
    let layers = (share(), share(), share(), color(), share());
    let films = (share(), 1.0f32..=2.5, 0.0f32..=900.0, prop_oneof![Just(0.0f32), 0.0f32..=8.0], any::<bool>(), any::<bool>());
    (base, layers, films).prop_map(|(base, layers, films)| {
        let (color, metallic, roughness, transmission, ior, specular, specular_color) = base;
        let (clearcoat, clearcoat_roughness, anisotropy, sheen_color, sheen_roughness) = layers;
        let (iridescence, iridescence_ior, thickness, dispersion, bent, bent_coat) = films;
        let mut material = Material {
            base_color: [color[0], color[1], color[2], 1.0],
            metallic,
            roughness,
            transmission,
            ior,
            specular,
            specular_color,
            clearcoat,
            clearcoat_roughness,
            anisotropy,
            sheen_color,
            sheen_roughness,
            iridescence,
            iridescence_ior,
            iridescence_thickness_nm: [0.5 * thickness, thickness],
            dispersion,
            attenuation: (thickness < 100.0).then_some(Attenuation { color: [0.5; 3], distance_m: 1.0 }),
            ..Material::default()
        };
        material.textures.normal = use_of(0).filter(|_| bent);
        material.textures.clearcoat_normal = use_of(1).filter(|_| bent_coat);
        material
    })
}

/// Runs `check` on `cases` random materials, always the same.
fn for_materials(cases: u32, check: impl Fn(Patch, &Material) -> Result<(), TestCaseError>) {
    let config = ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let outcome = runner.run(&any_material(), |material| {
        let images = vec![texel([190, 100, 220, 255]), texel([80, 150, 200, 255])];
        check(Patch::new(material.clone(), images), &material)
    });
    if let Err(fault) = outcome {
        panic!("{fault}");
    }
}

#[test]
fn nothing_is_negative_or_infinite() {
    for_materials(600, |patch, _| {
        let mut chance = Chance(11);
        for _ in 0..60 {
            let to_viewer = any_direction(&mut chance);
            let carried = [V3::splat(1.0), V3::splat(0.0), V3::new(0.0, 1e-20, 3.0)][(chance.next() * 3.0) as usize];
            let (bsdf, wo) = patch.model(to_viewer, chance.next(), carried);
            prop_assert!(wo.z > 0.0, "viewer at {to_viewer:?}");
            let wi = any_direction(&mut chance);
            let f = bsdf_evaluate(bsdf, wo, wi);
            prop_assert!(sensible(f.value) && f.pdf.is_finite() && f.pdf >= 0.0, "{f:?} from {wo:?} to {wi:?} of {bsdf:?}");
            let random = V2::new(chance.next(), chance.next());
            let sample = bsdf_sample(bsdf, wo, random, chance.next());
            prop_assert!(sensible(sample.weight) && sample.pdf.is_finite() && sample.pdf >= 0.0, "{sample:?} from {wo:?} of {bsdf:?}");
            let length2 = sample.direction.x.powi(2) + sample.direction.y.powi(2) + sample.direction.z.powi(2);
            prop_assert!((length2 - 1.0).abs() < 1e-4, "{sample:?} from {wo:?} of {bsdf:?}");
            prop_assert!(max3(sample.weight) < 100.0, "a firefly: {sample:?} from {wo:?} of {bsdf:?}");
        }
        Ok(())
    });
}

/// Colour-independent weight of a sample; its value over its density as [`bsdf_evaluate`] states them.
fn stated(f: Reflectance) -> f32 {
    if f.pdf > 0.0 { f.value.y / f.pdf } else { 0.0 }
}

#[test]
fn a_sample_weighs_its_value_over_its_density() {
    let mut faults = Vec::new();
    for (name, material, images) in materials() {
        let patch = Patch::new(material, images);
        for (degrees, turn) in [(0.0, 0.0), (50.0, 130.0), (87.0, 40.0), (130.0, 10.0)] {
            for model in patch.models(direction(degrees, turn)) {
                let mut chance = Chance(5);
                let mut differing = 0;
                for _ in 0..1000 {
                    let random = V2::new(chance.next(), chance.next());
                    let sample = bsdf_sample(model.bsdf, model.wo, random, chance.next());
                    // A millionth of the samples may graze so closely that evaluation sees them on the other side.
                    if sample.pdf <= 0.0 || sample.direction.z.abs() < 1e-3 {
                        continue;
                    }
                    let f = bsdf_evaluate(model.bsdf, model.wo, sample.direction);
                    let near = |a: f32, b: f32| (a - b).abs() <= 1e-3 * a.abs().max(b.abs()).max(1e-3);
                    differing += usize::from(!near(stated(f), sample.weight.y) || !near(f.pdf, sample.pdf));
                }
                if differing > 2 {
                    faults.push(format!("{name} seen at {degrees}°: {differing} of 1000 differ"));
                }
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// Share of white light that comes back towards the viewer, over all models, and its standard error; per channel the largest.
fn albedo(patch: &Patch, to_viewer: V3<f32>, samples: u32, seed: u64) -> (f64, f64) {
    let mut chance = Chance(seed);
    let (mut sum, mut squares) = ([0.0f64; 3], [0.0f64; 3]);
    for i in 0..samples {
        // Strata in what chooses the model.
        let pick = ((i as f32 + chance.next()) / samples as f32).min(0.999_999_9);
        let (bsdf, wo) = patch.model(to_viewer, pick, V3::splat(1.0));
        let random = V2::new(chance.next(), chance.next());
        let weight = bsdf_sample(bsdf, wo, random, chance.next()).weight;
        for (channel, w) in [weight.x, weight.y, weight.z].into_iter().enumerate() {
            sum[channel] += f64::from(w);
            squares[channel] += f64::from(w) * f64::from(w);
        }
    }
    let n = f64::from(samples);
    let channel = |c: usize| (sum[c] / n, ((squares[c] / n - (sum[c] / n).powi(2)).max(0.0) / n).sqrt());
    (0..3).map(channel).max_by(|a, b| a.0.total_cmp(&b.0)).unwrap_or_default()
}

/// Round facets gain nothing. Stretched ones get the energy of round ones of their mean width, which is too much from some sides; and at
/// angles below the second column of the albedo table, less than four degrees, smooth surfaces are thought rougher than they are.
#[test]
fn no_mixture_of_layers_makes_light() {
    let faults = std::cell::RefCell::new(Vec::new());
    for_materials(120, |patch, material| {
        let mut chance = Chance(3);
        for degrees in [2.0, 40.0, 65.0, 80.0, 88.0, 130.0, 170.0] {
            let to_viewer = direction(degrees, 360.0 * chance.next());
            let (_, wo) = patch.model(to_viewer, 0.0, V3::splat(1.0));
            let most = 1.01 + 0.35 * f64::from(material.anisotropy) + if wo.z < 2.0 / 31.0 { 0.1 } else { 0.0 };
            let (albedo, error) = albedo(&patch, to_viewer, 1024, 9);
            if albedo - 4.0 * error > most {
                faults.borrow_mut().push(format!("{albedo:.3} ± {error:.3} at {degrees}°, z {:.3}: {material:?}", wo.z));
            }
        }
        Ok(())
    });
    let faults = faults.into_inner();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// Behind flat boundaries light goes on in its direction, where only the facets' width in that direction counts.
#[test]
fn regression_stretched_glass_makes_no_light_at_grazing_angles() {
    for (ior, anisotropy) in [(1.0, 1.0), (1.0, 0.5), (1.5, 0.5)] {
        let glass = Material { metallic: 0.0, transmission: 1.0, roughness: 0.3, ior, anisotropy, ..Material::default() };
        let patch = Patch::new(glass, Vec::new());
        for turn in [0.0, 45.0, 90.0] {
            let (albedo, error) = albedo(&patch, direction(80.0, turn), 4096, 1);
            assert!((0.9..1.05).contains(&albedo), "index {ior}, anisotropy {anisotropy}, seen from {turn}°: {albedo:.3} ± {error:.3}");
        }
    }
}

/// `bsdf`'s value for light that goes from `wi` to `wo`, without the cosine and the factors that depend on the viewer alone.
fn plain(bsdf: &Bsdf, wo: V3<f32>, wi: V3<f32>) -> f32 {
    let gain = if bsdf.glass { bsdf.hue.y } else { 1.0 };
    bsdf_evaluate(*bsdf, wo, wi).value.y / (wi.z.abs() * gain)
}

/// Where the energy that is given back for what one scattering loses is left out, it does not matter which end is the viewer. Behind a
/// boundary light is thinner by the square of the index, as the picture leaves radiance unscaled there.
#[test]
fn light_goes_both_ways_alike() {
    let plastic = Material { metallic: 0.0, roughness: 1.0, ior: 1.0, ..Material::default() };
    let metal = |roughness| Material { metallic: 1.0, roughness, ..Material::default() };
    let glass = |roughness| Material { transmission: 1.0, roughness, ior: 1.5, ..plastic.clone() };
    let brushed = Material { anisotropy: 0.6, ..metal(0.4) };
    let mut compared = 0;
    for material in [plastic.clone(), metal(0.3), metal(0.8), brushed, glass(0.4), glass(0.8)] {
        let patch = Patch::new(material.clone(), Vec::new());
        let mut chance = Chance(21);
        for _ in 0..400 {
            let a = any_direction(&mut chance);
            let (seen_from_a, wo_a) = patch.model(a, 0.5, V3::splat(1.0));
            // A direction of the lobe, or any.
            let random = V2::new(chance.next(), chance.next());
            let sample = bsdf_sample(seen_from_a, wo_a, random, chance.next());
            let b = if chance.next() < 0.5 { to_world(patch.frame(a), sample.direction) } else { any_direction(&mut chance) };
            let (seen_from_b, wo_b) = patch.model(b, 0.5, V3::splat(1.0));
            if a.z.abs() < 0.05 || b.z.abs() < 0.05 {
                continue;
            }
            // The frame of each viewer has its z axis on the viewer's side.
            let there = to_local(patch.frame(a), b);
            let back = to_local(patch.frame(b), a);
            let gain = |m: &Bsdf| if m.glass { 1.0 } else { (m.metal_gain.y).max(f32::from(u8::from(m.metal_gain.y == 0.0))) };
            let (f, g) = (plain(&seen_from_a, wo_a, there) / gain(&seen_from_a), plain(&seen_from_b, wo_b, back) / gain(&seen_from_b));
            // seen_from_a.eta is the index at b's end over that at a's end where b is behind.
            let scale = if there.z < 0.0 { seen_from_a.eta * seen_from_a.eta } else { 1.0 };
            let g = g * scale;
            if f.max(g) < 1e-3 {
                continue;
            }
            compared += 1;
            assert!((f - g).abs() < 5e-3 * f.max(g), "{f} and {g} between {a:?} and {b:?} of {material:?}");
        }
    }
    assert!(compared > 500, "{compared}");
}
