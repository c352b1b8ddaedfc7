//! Bodies that light goes through.

use super::stage::{Cover, RADIUS, extended, plain, row, set, share};
use super::{Exhibit, exhibit};
use crate::glb::{Index, Material};
use serde_json::json;

/// From almost nothing over water, window glass and flint to diamond.
const INDICES: [f32; 5] = [1.1, 1.33, 1.5, 1.8, 2.42];
/// After how many metres the absorbing balls let a tenth of red through.
const DISTANCES_M: [f32; 5] = [4.0, 1.0, 0.5, 0.25, 0.1];

fn clear(ior: f32) -> Material {
    Material::glass("glass", [1.0; 3], ior, 2.0 * RADIUS as f32)
}

pub fn exhibits() -> Vec<Exhibit> {
    vec![
        exhibit(
            "refraction",
            "Index of refraction 1.1 to 2.42",
            "From almost nothing to diamond (`KHR_materials_ior`, `KHR_materials_transmission`).",
            plain("Index of refraction", Cover::Squares, |i| clear(INDICES[i])),
        ),
        exhibit("rough-glass", "Rough glass, 0 to 0.5", "Frosted glass keeps its light as it gets rougher.", rough()),
        exhibit(
            "absorption",
            "Absorption, deeper from left to right",
            "Light lost on its way through the body (`KHR_materials_volume`).",
            emeralds(),
        ),
        exhibit(
            "dispersion",
            "Dispersion, 0 to 8",
            "A prism's colours: each path carries one of red, green and blue (`KHR_materials_dispersion`).",
            extended("Dispersion", Cover::Squares, |_| clear(1.7), "KHR_materials_dispersion", |i| json!({ "dispersion": 8.0 * share(i) })),
        ),
    ]
}

fn rough() -> Vec<u8> {
    let mut glb = set("Rough glass", Cover::Squares);
    let materials: [Index; 5] = std::array::from_fn(|_| glb.material(clear(1.5)));
    row(&mut glb, materials);
    glb.finish_with(|document| {
        for (i, material) in materials.into_iter().enumerate() {
            document["materials"][material]["pbrMetallicRoughness"]["roughnessFactor"] = json!(share(i) * 0.5);
        }
    })
}

fn emeralds() -> Vec<u8> {
    let mut glb = set("Absorption", Cover::Squares);
    let materials: [Index; 5] = std::array::from_fn(|_| glb.material(clear(1.45)));
    row(&mut glb, materials);
    glb.finish_with(|document| {
        for (i, material) in materials.into_iter().enumerate() {
            document["materials"][material]["extensions"]["KHR_materials_volume"] =
                json!({ "thicknessFactor": 2.0 * RADIUS, "attenuationDistance": DISTANCES_M[i], "attenuationColor": [0.1, 0.8, 0.45] });
        }
    })
}
