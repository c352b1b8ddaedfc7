//! What the exhibits have in common: a stage with lamps, and rows of balls on it.

use crate::glb::{Glb, Index, Material};
use crate::mesh::{Mesh, look, sheet};
use crate::{paint, shapes};
use glam::{DQuat, DVec2, DVec3};
use serde_json::{Map, Value};

/// Width over height of every picture.
pub const ASPECT: f64 = 2.5;
/// Balls in a row.
pub const BALLS: usize = 5;
/// Their radius and distance, metres.
pub const RADIUS: f64 = 0.32;
pub const STEP: f64 = 0.72;
/// Grey of the stage.
const GREY: [f32; 3] = [0.36, 0.355, 0.35];

/// What covers the stage.
#[derive(Clone, Copy)]
pub enum Cover {
    /// Plain paper, so that nothing but the things draws the eye.
    Paper,
    /// Squares, for what can be looked through.
    Squares,
}

/// The camera of most exhibits.
pub fn front(glb: &mut Glb) {
    let eye = DVec3::new(0.0, 1.3, 5.6);
    glb.camera("Front", ASPECT, 0.268, eye, look(eye, DVec3::new(0.0, 0.34, 0.0)));
}

/// Camera, floor and backdrop.
pub fn stage(title: &str, cover: Cover) -> Glb {
    let mut glb = Glb::new(title);
    front(&mut glb);
    let paper = match cover {
        Cover::Paper => Material::plain("paper", GREY, 0.75, 0.0),
        Cover::Squares => {
            let squares = glb.texture("squares", &paint::checker());
            Material::plain("squares", [1.0; 3], 0.75, 0.0).painted(squares)
        }
    };
    let floor = glb.material(paper);
    // A sweep: flat in front, rising behind.
    let sweep = sheet(1, 48, |u, v| {
        let depth = 5.0 - 8.5 * v;
        let rise = (-depth - 1.5).max(0.0);
        DVec3::new((u - 0.5) * 14.0, rise * rise * 0.9, depth)
    });
    place(&mut glb, "stage", sweep.tiled(DVec2::new(4.5, 3.2)), floor, DVec3::ZERO);
    glb
}

/// Two soft lamps and a light from above and behind, as in a photographer's studio. Their sky is [`super::sky::studio`].
pub fn studio(glb: &mut Glb) {
    for (name, place, size, color, radiance) in [
        ("key", DVec3::new(-2.8, 3.0, 2.4), (1.5, 1.5), [1.0, 0.95, 0.88], 30.0),
        ("fill", DVec3::new(3.4, 2.0, 1.8), (0.7, 1.9), [0.82, 0.91, 1.0], 12.0),
        ("top", DVec3::new(0.2, 3.6, -1.6), (4.2, 0.8), [1.0, 1.0, 1.0], 11.0),
    ] {
        let lamp = glb.material(Material::lamp(name, color, radiance));
        let mesh = glb.mesh(name, vec![(shapes::lamp(size.0, size.1), lamp)]);
        glb.place(name, mesh, place, look(place, DVec3::new(0.0, 0.3, 0.0)), 1.0);
    }
}

/// A stage with lamps.
pub fn set(title: &str, cover: Cover) -> Glb {
    let mut glb = stage(title, cover);
    studio(&mut glb);
    glb
}

/// A mesh of its own at a place.
pub fn place(glb: &mut Glb, name: &str, mesh: Mesh, material: Index, at: DVec3) -> Index {
    let mesh = glb.mesh(name, vec![(mesh, material)]);
    glb.place(name, mesh, at, DQuat::IDENTITY, 1.0)
}

/// Where the things of a row stand.
pub fn at(i: usize) -> f64 {
    (i as f64 - (BALLS - 1) as f64 / 2.0) * STEP
}

/// Balls from left to right, each of a material of its own.
pub fn row(glb: &mut Glb, materials: [Index; BALLS]) {
    for (i, material) in materials.into_iter().enumerate() {
        place(glb, &format!("ball {i}"), shapes::ball(RADIUS, 64), material, DVec3::new(at(i), 0.0, 0.0));
    }
}

/// 0, 1/4, 1/2, 3/4, 1.
pub fn share(i: usize) -> f32 {
    i as f32 / (BALLS - 1) as f32
}

/// A row of plain materials.
pub fn plain(title: &str, cover: Cover, material: impl Fn(usize) -> Material) -> Vec<u8> {
    let mut glb = set(title, cover);
    let materials = std::array::from_fn(|i| glb.material(material(i)));
    row(&mut glb, materials);
    glb.finish()
}

/// A row whose materials get an extension each.
pub fn extended(title: &str, cover: Cover, plain: impl Fn(usize) -> Material, extension: &str, value: impl Fn(usize) -> Value) -> Vec<u8> {
    let mut glb = set(title, cover);
    let materials: [Index; BALLS] = std::array::from_fn(|i| glb.material(plain(i)));
    row(&mut glb, materials);
    glb.finish_with(|document| {
        for (i, material) in materials.into_iter().enumerate() {
            extend(document, "materials", material, extension, value(i));
        }
    })
}

/// Gives one entry of a list an extension, and says that it is used.
pub fn extend(document: &mut Value, list: &str, index: Index, extension: &str, value: Value) {
    let entry = &mut document[list][index];
    if !entry["extensions"].is_object() {
        entry["extensions"] = Value::Object(Map::new());
    }
    entry["extensions"][extension] = value;
    uses(document, extension);
}

/// Says that an extension is used.
pub fn uses(document: &mut Value, extension: &str) {
    let used = document["extensionsUsed"].as_array_mut().expect("the writer names the extensions in use");
    if !used.iter().any(|name| name == extension) {
        used.push(extension.into());
    }
}
