//! Much geometry: a meadow of copies, and an island whose colours lie in its corners.

use super::stage::{ASPECT, extend, place};
use super::{Exhibit, Sky, exhibit};
use crate::glb::{Glb, Index, Material};
use crate::mesh::{Mesh, Vertex, look, sheet, turn};
use crate::numbers::{cos, mix, noise_3d, random, sin, step};
use glam::{DQuat, DVec2, DVec3};
use serde_json::json;

/// Tufts of grass, and flowers between them.
const TUFTS: i64 = 60_000;
const FLOWERS: i64 = 2_500;

pub fn exhibits() -> Vec<Exhibit> {
    vec![
        exhibit(
            "instances",
            "Instances",
            "60,000 tufts of 30 blades and 2,500 flowers, 22 million triangles, but each of the two kept once in memory (`EXT_mesh_gpu_instancing`).",
            meadow(),
        )
        .under(Sky::Day),
        exhibit(
            "landscape",
            "A landscape in vertex colours",
            "Sand, grass, rock and snow by height and slope: no texture (`COLOR_0`).",
            island(),
        )
        .under(Sky::Day),
    ]
}

// ---- the meadow ------------------------------------------------------------------------------------------------------

fn meadow() -> Vec<u8> {
    let mut glb = Glb::new("Meadow");
    let eye = DVec3::new(0.0, 0.75, 4.6);
    glb.camera("Front", ASPECT, 0.36, eye, look(eye, DVec3::new(0.0, 0.62, 0.0)));
    let soil = glb.material(Material::plain("soil", [0.05, 0.06, 0.02], 1.0, 0.0));
    let ground = sheet(96, 96, |u, v| on_the_hill(DVec2::new((u - 0.5) * 40.0, mix(5.0, -30.0, v))));
    place(&mut glb, "ground", ground, soil, DVec3::ZERO);
    let green = glb.material(Material::plain("grass", [0.17, 0.36, 0.04], 0.5, 0.0).two_sided());
    let grass = glb.mesh("tuft", vec![(tuft(), green)]);
    let stem = glb.material(Material::plain("stem", [0.10, 0.22, 0.03], 0.6, 0.0).two_sided());
    let petal = glb.material(Material::plain("petal", [0.85, 0.06, 0.03], 0.55, 0.0).two_sided());
    let (stalk, head) = poppy();
    let flower = glb.mesh("poppy", vec![(stalk, stem), (head, petal)]);
    let copies = [scatter(&mut glb, grass, TUFTS, 501), scatter(&mut glb, flower, FLOWERS, 507)];
    glb.finish_with(|document| {
        for (node, [places, turns, sizes]) in copies {
            let attributes = json!({ "TRANSLATION": places, "ROTATION": turns, "SCALE": sizes });
            extend(document, "nodes", node, "EXT_mesh_gpu_instancing", json!({ "attributes": attributes }));
        }
    })
}

/// The ground rises gently and rolls.
fn on_the_hill(place: DVec2) -> DVec3 {
    let roll = 0.16 * noise_3d(DVec3::new(place.x * 0.35, 0.0, place.y * 0.35), 511);
    DVec3::new(place.x, roll - 0.3 * step(0.0, 5.0, place.y) + 1.5 * step(-2.0, -15.0, place.y), place.y)
}

/// A node whose copies of the mesh stand all over the hill, denser near the eye.
fn scatter(glb: &mut Glb, mesh: Index, count: i64, seed: u32) -> (Index, [Index; 3]) {
    let node = glb.place("meadow", mesh, DVec3::ZERO, DQuat::IDENTITY, 1.0);
    let chance = |i: i64, k: i64| random(i, k, 0, seed);
    let spot = |i: i64| {
        let away = chance(i, 0).powi(2);
        let z = mix(3.6, -17.0, away);
        let half = 1.0 + 0.52 * (4.6 - z);
        on_the_hill(DVec2::new((2.0 * chance(i, 1) - 1.0) * half, z))
    };
    let places: Vec<[f32; 3]> = (0..count).map(|i| spot(i).as_vec3().to_array()).collect();
    let turns: Vec<[f32; 4]> = (0..count).map(|i| turn(DVec3::Y, chance(i, 2) * 360.0).as_quat().to_array()).collect();
    let sizes: Vec<[f32; 3]> = (0..count).map(|i| [mix(0.6, 1.35, chance(i, 3)) as f32; 3]).collect();
    (node, [glb.numbers(&places), glb.numbers(&turns), glb.numbers(&sizes)])
}

/// Thirty blades that lean outwards.
fn tuft() -> Mesh {
    let blade = sheet(1, 6, |u, v| DVec3::new((u - 0.5) * 0.014 * (1.02 - v), v * 0.27 * (1.0 - 0.18 * v), v * v * 0.13));
    (0..30).fold(Mesh::default(), |tuft, i| {
        let (angle, reach) = (f64::from(i) * 2.4, 0.018 * f64::from(i).sqrt());
        let foot = DVec3::new(reach * sin(angle), 0.0, reach * cos(angle));
        tuft.with(blade.clone().placed(turn(DVec3::Y, f64::from(i) * 137.5), foot))
    })
}

/// A stalk and a red cup of four petals on it.
fn poppy() -> (Mesh, Mesh) {
    let stalk = sheet(1, 8, |u, v| DVec3::new((u - 0.5) * 0.008, v * 0.34, 0.03 * v * v));
    let petal = sheet(6, 6, |u, v| {
        let side = (u - 0.5) * 0.058 * (1.0 - (2.0 * v - 1.0).powi(4) * 0.6);
        DVec3::new(side, 0.032 * v * v + 10.0 * side * side, 0.038 * v)
    });
    let head = (0..4).fold(Mesh::default(), |head, i| {
        head.with(petal.clone().placed(turn(DVec3::Y, f64::from(i) * 90.0 + 20.0), DVec3::new(0.0, 0.34, 0.03)))
    });
    (stalk, head)
}

// ---- the island ------------------------------------------------------------------------------------------------------

/// Sides of the island in metres, and a measure of its height.
const ISLAND: DVec2 = DVec2::new(4.6, 3.0);
const PEAK_M: f64 = 0.36;

/// A landscape in the sea.
fn island() -> Vec<u8> {
    let mut glb = Glb::new("Island");
    let eye = DVec3::new(0.0, 1.3, 5.9);
    glb.camera("Front", ASPECT, 0.268, eye, look(eye, DVec3::new(0.0, 0.16, 0.0)));
    let water = glb.material(Material::plain("water", [0.004, 0.05, 0.085], 0.06, 0.0));
    let sea = sheet(200, 200, |u, v| {
        let (x, z) = ((u - 0.5) * 60.0, mix(6.0, -54.0, v));
        DVec3::new(x, 0.0, z)
    });
    place(&mut glb, "sea", sea, water, DVec3::ZERO);
    let rock = glb.material(Material::plain("land", [1.0; 3], 0.9, 0.0));
    let land = sheet(320, 210, |u, v| {
        let (x, z) = ((u - 0.5) * ISLAND.x, (v - 0.5) * ISLAND.y);
        DVec3::new(x, height(DVec2::new(x, z)), z)
    });
    let peak = land.vertices.iter().map(|corner| corner.position.y).fold(0.0, f64::max);
    let color = |corner: &Vertex| ground(corner.position, corner.normal, peak).as_vec3().to_array();
    let colors: Vec<[f32; 3]> = land.vertices.iter().map(color).collect();
    let mesh = glb.mesh("land", vec![(land, rock)]);
    glb.place("land", mesh, DVec3::ZERO, DQuat::IDENTITY, 1.0);
    let colors = glb.numbers(&colors);
    glb.finish_with(|document| document["meshes"][mesh]["primitives"][0]["attributes"]["COLOR_0"] = json!(colors))
}

fn height(place: DVec2) -> f64 {
    let at = DVec3::new(place.x, 0.0, place.y);
    let rolling: f64 =
        (0..7).map(|octave| f64::from(1 << octave)).map(|scale| noise_3d(at * (1.1 * scale) + 4.7 * scale, 521) / scale).sum();
    // Ridges where noise crosses zero: mountains rather than dunes.
    let ridge: f64 = (0..5)
        .map(|octave| f64::from(1 << octave))
        .map(|scale| (1.0 - noise_3d(at * (1.25 * scale) + 9.2 * scale, 531).abs() * 2.2).max(0.0) / (scale * scale.sqrt()))
        .sum();
    // 1 in the middle, 0 on a shore that wanders.
    let inland = (1.0 - (place / (ISLAND * 0.5)).length() - 0.12 * rolling).clamp(0.0, 1.0);
    PEAK_M * (inland * (0.35 + 0.95 * ridge * inland) + 0.03 * rolling - 0.045)
}

/// Sand at the sea, grass above, rock where it is high or steep, snow on the peaks.
fn ground(at: DVec3, normal: DVec3, peak: f64) -> DVec3 {
    let (patch, fine) = (noise_3d(at * 5.0, 541), noise_3d(at * 23.0, 542));
    let rise = at.y / peak + 0.05 * patch + 0.03 * fine;
    let sand = DVec3::new(0.66, 0.52, 0.30);
    let grass = DVec3::new(0.12, 0.29, 0.03).lerp(DVec3::new(0.03, 0.14, 0.02), 0.5 + 0.5 * patch);
    let stone = DVec3::new(0.16, 0.13, 0.11).lerp(DVec3::new(0.27, 0.23, 0.19), 0.5 + 0.5 * fine);
    let green = sand.lerp(grass, step(0.04, 0.09, rise));
    let bare = step(0.66, 0.50, normal.y).max(step(0.46, 0.60, rise));
    let snow = step(0.62, 0.72, rise);
    green.lerp(stone, bare).lerp(DVec3::splat(0.85), snow)
}
