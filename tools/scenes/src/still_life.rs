//! The sample scene, a still life.
//!
//! A copper jug, a porcelain teapot, a wine glass, a bowl of fruit, a cup, a book and a glass ball on a linen runner
//! and a walnut table, lit by a window (left) and a cool lamp (back right). The same call gives the same bytes
//! on every machine. Deliberately absent: anything made by others; the scene may be used by anyone for anything (CC0).

use crate::glb::{Glb, Index, Material, Pose};
use crate::mesh::{look, turn};
use crate::numbers::{cos, sin};
use crate::settle::{Piece, settle};
use crate::{paint, shapes};
use glam::{DQuat, DVec2, DVec3};
use std::f64::consts::TAU;

/// Where the sample scene lies in the repository.
pub const STILL_LIFE_PATH: &str = "assets/still-life.glb";

/// Frames of the camera `Orbit`, 24 per second.
const ORBIT_FRAMES: u32 = 48;

/// Width over height of the picture that both cameras are made for.
const ASPECT: f64 = 16.0 / 9.0;

/// What both cameras look at.
const HEART: DVec3 = DVec3::new(-0.005, 0.098, 0.0);
/// Where `Hero` stands.
const EYE: DVec3 = DVec3::new(0.06, 0.40, 1.22);

/// Where the bowl stands, x and z.
const BOWL_AT: DVec2 = DVec2::new(0.0, 0.045);

/// The file's bytes.
pub fn still_life() -> Vec<u8> {
    let mut glb = Glb::new("Still life");
    cameras(&mut glb);
    stage(&mut glb);
    lights(&mut glb);
    metal_and_porcelain(&mut glb);
    glass(&mut glb);
    book(&mut glb);
    fruit(&mut glb);
    glb.finish()
}

fn at(x: f64, y: f64, z: f64) -> DVec3 {
    DVec3::new(x, y, z)
}

fn cameras(glb: &mut Glb) {
    glb.camera("Hero", ASPECT, 0.44, EYE, look(EYE, HEART));
    let poses: Vec<_> = (0..ORBIT_FRAMES)
        .map(|frame| {
            // A slow swing to both sides that ends where it began; a full circle would show the back of the lamps.
            let phase = TAU * f64::from(frame) / f64::from(ORBIT_FRAMES);
            let azimuth = 0.42 * sin(phase);
            let eye = HEART + DVec3::new(1.26 * sin(azimuth), 0.30 + 0.05 * sin(2.0 * phase), 1.22 * cos(azimuth));
            Pose { time_s: f64::from(frame) / 24.0, translation: eye, rotation: look(eye, HEART) }
        })
        .collect();
    let orbit = glb.camera("Orbit", ASPECT, 0.44, poses[0].translation, poses[0].rotation);
    glb.animate("Orbit", orbit, &poses);
}

fn stage(glb: &mut Glb) {
    let color = glb.texture("walnut", &paint::wood_color());
    let roughness = glb.texture("walnut roughness", &paint::wood_roughness());
    let relief = glb.texture("walnut relief", &paint::wood_relief());
    let walnut = Material::plain("walnut", [1.0; 3], 1.0, 1.0).painted(color).worn(roughness).embossed(relief, 1.0, [1.0; 2]);
    let walnut = glb.material(walnut);
    let table = glb.mesh("table", vec![(shapes::table(), walnut)]);
    glb.place("Table", table, DVec3::ZERO, DQuat::IDENTITY, 1.0);

    let canvas = glb.texture("canvas", &paint::backdrop());
    let canvas = glb.material(Material::plain("canvas", [1.0; 3], 0.95, 0.0).painted(canvas).two_sided());
    let backdrop = glb.mesh("backdrop", vec![(shapes::backdrop(), canvas)]);
    glb.place("Backdrop", backdrop, DVec3::ZERO, DQuat::IDENTITY, 1.0);

    let color = glb.texture("linen", &paint::linen_color());
    let weave = glb.texture("linen weave", &paint::linen_relief());
    let linen = Material::plain("linen", [1.0; 3], 0.92, 0.0).painted(color).embossed(weave, 0.8, [16.0, 29.0]).two_sided();
    let linen = glb.material(linen);
    let flat = [(BOWL_AT, 0.055), (DVec2::new(0.135, 0.195), 0.02), (DVec2::new(-0.10, 0.205), 0.02)];
    let cloth = glb.mesh("runner", vec![(shapes::cloth(DVec2::new(0.01, 0.11), &flat), linen)]);
    glb.place("Runner", cloth, DVec3::ZERO, DQuat::IDENTITY, 1.0);
}

fn lights(glb: &mut Glb) {
    // A window of two by three panes: its reflection tells the eye what it sees in copper, glaze and glass.
    let window = at(-1.15, 1.02, 0.62);
    let facing = look(window, at(0.0, 0.05, 0.0));
    let warm = glb.material(Material::lamp("daylight", [1.0, 0.88, 0.72], 20.0));
    let pane = glb.mesh("pane", vec![(shapes::lamp(0.46, 0.38), warm)]);
    for row in 0..3 {
        for column in 0..2 {
            let offset = DVec3::new((f64::from(column) - 0.5) * 0.50, (f64::from(row) - 1.0) * 0.42, 0.0);
            glb.place(&format!("Window {row}{column}"), pane, window + facing * offset, facing, 1.0);
        }
    }
    let rim = at(1.05, 0.95, -0.55);
    let cool = glb.material(Material::lamp("rim", [0.55, 0.74, 1.0], 18.0));
    let strip = glb.mesh("strip", vec![(shapes::lamp(0.35, 0.75), cool)]);
    glb.place("Rim lamp", strip, rim, look(rim, at(0.0, 0.1, 0.0)), 1.0);
    // A pale ceiling in place of the room: shadows stay readable and metals have something dim to mirror.
    let card = at(0.5, 2.2, 1.3);
    let dim = glb.material(Material::lamp("card", [0.80, 0.88, 1.0], 0.75));
    let ceiling = glb.mesh("card", vec![(shapes::lamp(2.6, 2.0), dim)]);
    glb.place("Fill card", ceiling, card, look(card, at(0.0, 0.0, 0.0)), 1.0);
    // A white board on the far side of the window throws some of its light back, as photographers do.
    let board = at(1.35, 0.45, 0.75);
    let white = glb.material(Material::plain("reflector", [0.8, 0.78, 0.74], 1.0, 0.0).two_sided());
    let reflector = glb.mesh("reflector", vec![(shapes::lamp(1.3, 1.3), white)]);
    glb.place("Reflector", reflector, board, look(board, at(0.0, 0.1, 0.0)), 1.0);
}

fn metal_and_porcelain(glb: &mut Glb) {
    let brushed = glb.texture("turning marks", &paint::brushed_relief());
    let copper = glb.material(Material::plain("copper", [0.94, 0.56, 0.40], 0.16, 1.0).embossed(brushed, 1.0, [1.0; 2]));
    let brass = glb.material(Material::plain("brass", [0.90, 0.71, 0.40], 0.14, 1.0));
    let jug = glb.mesh("jug", vec![(shapes::jug(), copper), (shapes::jug_handle(), brass)]);
    glb.place("Jug", jug, at(-0.205, 0.0, -0.095), turn(DVec3::Y, 28.0), 1.0);

    let cobalt = glb.texture("cobalt", &paint::porcelain());
    let painted = glb.material(Material::plain("porcelain", [1.0; 3], 0.07, 0.0).painted(cobalt));
    let glaze = glb.material(Material::plain("white glaze", [0.82, 0.82, 0.77], 0.07, 0.0));
    let parts = vec![(shapes::teapot(), painted), (shapes::teapot_lid().with(shapes::teapot_limbs()), glaze)];
    let teapot = glb.mesh("teapot", parts);
    glb.place("Teapot", teapot, at(0.225, 0.0, -0.085), turn(DVec3::Y, 24.0), 1.0);

    let tea = glb.material(Material::plain("tea", [0.11, 0.025, 0.006], 0.02, 0.0));
    let cup = glb.mesh("cup", vec![(shapes::cup(), glaze), (shapes::tea(), tea)]);
    let saucer = glb.mesh("saucer", vec![(shapes::saucer(), glaze)]);
    glb.place("Saucer", saucer, at(0.295, 0.0, 0.115), DQuat::IDENTITY, 1.0);
    glb.place("Cup", cup, at(0.295, 0.0055, 0.115), turn(DVec3::Y, -35.0), 1.0);
}

fn glass(glb: &mut Glb) {
    let clear = glb.material(Material::glass("crystal", [0.985, 0.995, 0.99], 1.52, 0.0015));
    let goblet = glb.mesh("goblet", vec![(shapes::goblet(), clear)]);
    glb.place("Wine glass", goblet, at(0.070, 0.0, -0.175), DQuat::IDENTITY, 1.12);
    let solid = glb.material(Material::glass("glass ball", [0.97, 0.99, 0.985], 1.5, 0.06));
    let ball = glb.mesh("ball", vec![(shapes::ball(0.030, 40), solid)]);
    glb.place("Glass ball", ball, at(-0.292, shapes::BOOK_TOP, 0.100), DQuat::IDENTITY, 1.0);
}

fn book(glb: &mut Glb) {
    let color = glb.texture("binding", &paint::cover_color());
    let gilt = glb.texture("binding roughness", &paint::cover_roughness());
    let cloth = glb.material(Material::plain("binding", [1.0; 3], 1.0, 1.0).painted(color).worn(gilt));
    let edges = glb.texture("pages", &paint::pages());
    let paper = glb.material(Material::plain("paper", [1.0; 3], 0.9, 0.0).painted(edges));
    let book = glb.mesh("book", vec![(shapes::book_cover(), cloth), (shapes::book_pages(), paper)]);
    glb.place("Book", book, at(-0.305, 0.0, 0.085), turn(DVec3::Y, -62.0), 1.0);
}

/// A fruit mesh, how large it is when treated as a ball, and how large its drawn one is at scale 1.
struct Kind {
    mesh: Index,
    radius: f64,
}

fn fruit(glb: &mut Glb) {
    let stone = glb.texture("stoneware", &paint::stoneware());
    let stone = glb.material(Material::plain("stoneware", [1.0; 3], 0.13, 0.0).painted(stone));
    let bowl = glb.mesh("bowl", vec![(shapes::bowl(), stone)]);
    let foot = at(BOWL_AT.x, 0.0017, BOWL_AT.y);
    glb.place("Bowl", bowl, foot, DQuat::IDENTITY, 1.0);

    let peel = glb.texture("citrus peel", &paint::citrus_relief());
    let color = glb.texture("orange", &paint::orange_color());
    let skin = glb.material(Material::plain("orange", [1.0; 3], 0.36, 0.0).painted(color).embossed(peel, 1.0, [4.0, 2.0]));
    let orange = Kind { mesh: glb.mesh("orange", vec![(shapes::orange(), skin)]), radius: 0.0372 };
    let color = glb.texture("lemon", &paint::lemon_color());
    let skin = glb.material(Material::plain("lemon", [1.0; 3], 0.34, 0.0).painted(color).embossed(peel, 0.7, [4.0, 2.0]));
    let lemon = Kind { mesh: glb.mesh("lemon", vec![(shapes::lemon(), skin)]), radius: 0.0315 };
    let color = glb.texture("plum", &paint::plum_color());
    let skin = glb.material(Material::plain("plum", [1.0; 3], 0.30, 0.0).painted(color));
    let plum = Kind { mesh: glb.mesh("plum", vec![(shapes::plum(), skin)]), radius: 0.0255 };

    in_the_bowl(glb, foot, [&orange, &lemon, &plum]);
    on_the_table(glb, [&orange, &lemon, &plum]);
}

fn in_the_bowl(glb: &mut Glb, foot: DVec3, [orange, lemon, plum]: [&Kind; 3]) {
    // Kind, size, start (x, y, z) within the bowl, resting turn: axis and degrees.
    let pieces = [
        (orange, 1.00, at(-0.058, 0.08, 0.026), at(0.6, 0.2, 1.0), 48.0),
        (orange, 1.05, at(0.050, 0.08, 0.040), at(1.0, 0.1, -0.5), 62.0),
        (orange, 0.98, at(0.010, 0.08, -0.062), at(1.0, 0.3, 0.2), -40.0),
        (lemon, 1.00, at(-0.052, 0.10, -0.050), at(0.2, 0.3, 1.0), 78.0),
        (lemon, 1.00, at(0.066, 0.10, -0.034), at(1.0, 0.2, 0.4), 74.0),
        (plum, 1.00, at(-0.004, 0.10, 0.074), at(1.0, 0.0, 0.6), 35.0),
        (orange, 1.02, at(-0.004, 0.20, 0.004), at(0.8, 0.4, 0.5), 30.0),
        (plum, 1.06, at(0.074, 0.22, 0.012), at(0.3, 0.4, 1.0), -50.0),
        (plum, 0.98, at(-0.072, 0.22, -0.006), at(0.6, 0.3, 1.0), 64.0),
    ];
    let mut balls = pieces.map(|(kind, scale, start, ..)| Piece { centre: start, radius: kind.radius * scale });
    settle(&mut balls, shapes::BOWL);
    for (i, ((kind, scale, _, axis, degrees), ball)) in pieces.into_iter().zip(balls).enumerate() {
        glb.place(&format!("Fruit {}", i + 1), kind.mesh, foot + ball.centre, turn(axis, degrees), scale);
    }
}

fn on_the_table(glb: &mut Glb, [orange, lemon, plum]: [&Kind; 3]) {
    let lying = turn(DVec3::Y, 32.0) * turn(DVec3::Z, 88.0);
    glb.place("Lemon on the runner", lemon.mesh, at(0.140, 0.0310, 0.195), lying, 1.0);
    glb.place("Plum on the runner", plum.mesh, at(-0.100, 0.0262, 0.205), turn(at(1.0, 0.3, 0.4), 40.0), 1.0);
    glb.place("Plum on the table", plum.mesh, at(-0.160, 0.0245, 0.178), turn(at(0.3, 0.2, 1.0), -64.0), 1.0);
    glb.place("Orange on the table", orange.mesh, at(0.395, 0.0358, 0.010), turn(at(1.0, 0.2, 0.3), 50.0), 1.0);

    let green = glb.texture("leaf", &paint::leaf());
    let green = glb.material(Material::plain("leaf", [1.0; 3], 0.38, 0.0).painted(green).two_sided());
    let leaf = glb.mesh("leaf", vec![(shapes::leaf(), green)]);
    let beside = turn(DVec3::Y, -52.0) * turn(DVec3::X, 14.0) * turn(DVec3::Z, 38.0);
    glb.place("Leaf of the lemon", leaf, at(0.176, 0.031, 0.172), beside, 0.95);
    let up = turn(DVec3::Y, -128.0) * turn(DVec3::X, 4.0) * turn(DVec3::Z, -18.0);
    glb.place("Leaf of the orange", leaf, at(0.010, 0.158, 0.048), up, 0.85);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The file, made once for all tests.
    fn file() -> &'static [u8] {
        static FILE: std::sync::OnceLock<Vec<u8>> = std::sync::OnceLock::new();
        FILE.get_or_init(still_life)
    }

    fn json(file: &[u8]) -> serde_json::Value {
        let length = u32::from_le_bytes([file[12], file[13], file[14], file[15]]) as usize;
        serde_json::from_slice(&file[20..20 + length]).unwrap()
    }

    #[test]
    fn the_file_is_the_same_each_time_and_small() {
        let file = file();
        assert_eq!(file, still_life());
        assert!(file.len() < 3_000_000, "{} bytes", file.len());
        assert_eq!(u32::from_le_bytes([file[8], file[9], file[10], file[11]]) as usize, file.len());
    }

    #[test]
    fn fruit_is_instanced_and_triangles_stay_in_their_range() {
        let scene = json(file());
        let of = |node: &serde_json::Value| node["mesh"].as_u64().map(|m| m as usize);
        let uses = |mesh: usize| scene["nodes"].as_array().unwrap().iter().filter(|n| of(n) == Some(mesh)).count();
        let triangles = |mesh: usize| -> u64 {
            let parts = scene["meshes"][mesh]["primitives"].as_array().unwrap();
            parts.iter().map(|p| scene["accessors"][p["indices"].as_u64().unwrap() as usize]["count"].as_u64().unwrap() / 3).sum()
        };
        let meshes = scene["meshes"].as_array().unwrap();
        for (i, mesh) in meshes.iter().enumerate() {
            if ["orange", "lemon", "plum", "leaf", "pane"].contains(&mesh["name"].as_str().unwrap()) {
                assert!(uses(i) >= 2, "{} is used {} times", mesh["name"], uses(i));
            }
        }
        let placed: u64 = (0..meshes.len()).map(|m| triangles(m) * uses(m) as u64).sum();
        assert!((40_000..100_000).contains(&placed), "{placed} triangles");
    }

    #[test]
    fn cameras_are_named_and_orbit_has_its_frames() {
        let scene = json(file());
        assert_eq!(scene["cameras"][0]["name"], "Hero");
        assert_eq!(scene["cameras"][1]["name"], "Orbit");
        let animation = &scene["animations"][0];
        assert_eq!(animation["channels"][0]["target"]["path"], "translation");
        let input = animation["samplers"][0]["input"].as_u64().unwrap() as usize;
        assert_eq!(scene["accessors"][input]["count"], 48);
    }
}
