//! What pictures and colours on a surface do.

use super::stage::{BALLS, Cover, at, extended, row, set, share};
use super::{Exhibit, exhibit};
use crate::glb::{Index, Material};
use crate::mesh::turn;
use crate::numbers::{cos, sin};
use crate::{furniture, paint, shapes};
use glam::DVec3;
use serde_json::json;
use std::f64::consts::TAU;

pub fn exhibits() -> Vec<Exhibit> {
    let signs = [[0.8, 0.05, 0.05], [0.85, 0.45, 0.02], [0.05, 0.5, 0.12], [0.04, 0.22, 0.8], [0.45, 0.05, 0.55]];
    vec![
        exhibit(
            "normal-map",
            "Normal map, scale 0 to 2",
            "Quilting without geometry: outlines stay round (repeated by `KHR_texture_transform`).",
            quilts(),
        ),
        exhibit("vertex-colours", "Vertex colours", "Knots without a texture: each corner has a colour of its own (`COLOR_0`).", knots()),
        exhibit("alpha", "Alpha: opaque, mask, blend", "The same cards with their alpha ignored, cut out, and half transparent.", leaves()),
        exhibit(
            "unlit",
            "Unlit",
            "Colours that no lamp changes (`KHR_materials_unlit`); what stands beside them sees them as it sees a lamp.",
            extended("Unlit", Cover::Paper, |i| Material::plain("sign", signs[i], 1.0, 0.0), "KHR_materials_unlit", |_| json!({})),
        ),
    ]
}

fn quilts() -> Vec<u8> {
    let mut glb = set("Normal map", Cover::Paper);
    let map = glb.texture("quilting", &paint::quilt_relief());
    let materials = std::array::from_fn(|i| {
        let leather = Material::plain("leather", [0.42, 0.10, 0.03], 0.32, 0.0);
        glb.material(leather.embossed(map, 2.0 * share(i), [9.0, 4.5]))
    });
    row(&mut glb, materials);
    glb.finish()
}

/// A colour of the hue circle, by turns.
fn hue(turns: f64) -> DVec3 {
    let wave = |shift: f64| 0.5 + 0.5 * cos(TAU * (turns - shift));
    DVec3::new(wave(0.0), wave(1.0 / 3.0), wave(2.0 / 3.0)).powf(2.0)
}

/// Knots whose colour runs once around the hue circle while they wind about themselves.
fn knots() -> Vec<u8> {
    let mut glb = set("Vertex colours", Cover::Paper);
    let white = glb.material(Material::plain("paint", [1.0; 3], 0.25, 0.0));
    let mut colored: Vec<(Index, Index)> = Vec::new();
    for i in 0..BALLS {
        let knot = furniture::seamless_knot(0.3, 240, 20).placed(turn(DVec3::Y, 12.0 * i as f64 - 24.0), DVec3::Y * 0.36);
        let colors: Vec<[f32; 3]> = knot.vertices.iter().map(|corner| hue(corner.uv.y + 0.2 * i as f64).as_vec3().to_array()).collect();
        let mesh = glb.mesh("knot", vec![(knot, white)]);
        glb.place("knot", mesh, DVec3::new(at(i), 0.0, 0.0), glam::DQuat::IDENTITY, 1.0);
        colored.push((mesh, glb.numbers(&colors)));
    }
    glb.finish_with(|document| {
        for (mesh, colors) in colored {
            document["meshes"][mesh]["primitives"][0]["attributes"]["COLOR_0"] = json!(colors);
        }
    })
}

fn leaves() -> Vec<u8> {
    let mut glb = set("Leaves", Cover::Paper);
    let card = glb.texture("leaf", &paint::leaf_card());
    let materials: [Index; 3] =
        std::array::from_fn(|_| glb.material(Material::plain("leaf", [1.0; 3], 0.7, 0.0).painted(card).two_sided()));
    for (i, material) in materials.into_iter().enumerate() {
        for k in 0..5 {
            let angle = TAU * f64::from(k) / 5.0;
            let mesh = glb.mesh("leaf", vec![(shapes::lamp(0.55, 0.72), material)]);
            let spot = DVec3::new(i as f64 * 1.2 - 1.2 + 0.24 * sin(angle), 0.38, 0.24 * cos(angle));
            glb.place("leaf", mesh, spot, turn(DVec3::Y, f64::from(k) * 72.0 + 20.0), 1.0);
        }
    }
    glb.finish_with(|document| {
        for (material, mode) in materials.into_iter().zip(["OPAQUE", "MASK", "BLEND"]) {
            document["materials"][material]["alphaMode"] = json!(mode);
        }
        document["materials"][materials[2]]["pbrMetallicRoughness"]["baseColorFactor"] = json!([1.0, 1.0, 1.0, 0.5]);
    })
}
