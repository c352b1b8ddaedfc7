//! A Cornell box for measurements: 42 triangles, matte, lit by one panel in the ceiling.

use super::furniture::{block, flat};
use super::glb::{Glb, Material};
use super::mesh::{look, turn};
use glam::{DQuat, DVec3};

/// Half the edge of the room, metres.
const HALF: f64 = 1.0;
/// Half edges of the lamp along x and z.
const LAMP: (f64, f64) = (0.24, 0.19);

/// The file's bytes.
pub fn cornell() -> Vec<u8> {
    let mut glb = Glb::new("Cornell box");
    let eye = DVec3::new(0.0, HALF, 3.9);
    glb.camera("Front", 1.0, 0.65, eye, look(eye, DVec3::new(0.0, HALF, 0.0)));

    let white = glb.material(Material::matte("white", [0.73, 0.71, 0.68]));
    let red = glb.material(Material::matte("red", [0.61, 0.06, 0.05]));
    let green = glb.material(Material::matte("green", [0.12, 0.44, 0.10]));
    let lamp = glb.material(Material::lamp("lamp", [1.0, 0.75, 0.45], 17.0));

    let (x, y, z) = (DVec3::X, DVec3::Y, DVec3::Z);
    let corner = DVec3::new(-HALF, 0.0, -HALF);
    let edge = 2.0 * HALF;
    let floor = flat(corner, x * edge, z * edge);
    let back = flat(corner, y * edge, x * edge);
    let left = flat(corner, z * edge, y * edge);
    let right = flat(corner + x * edge, y * edge, z * edge);
    // The ceiling has a hole in which the lamp lies flush: whether a renderer lets lamps shine to both sides then makes no difference.
    let ceiling =
        [(-HALF, -LAMP.0, -HALF, HALF), (LAMP.0, HALF, -HALF, HALF), (-LAMP.0, LAMP.0, -HALF, -LAMP.1), (-LAMP.0, LAMP.0, LAMP.1, HALF)]
            .map(|(x0, x1, z0, z1)| flat(DVec3::new(x0, edge, z0), z * (z1 - z0), x * (x1 - x0)));
    let panel = flat(DVec3::new(-LAMP.0, edge, -LAMP.1), z * (2.0 * LAMP.1), x * (2.0 * LAMP.0));
    let short = block(DVec3::new(0.30, 0.30, 0.30)).placed(turn(y, -17.0), DVec3::new(0.33, 0.30, 0.36));
    let tall = block(DVec3::new(0.30, 0.60, 0.30)).placed(turn(y, 18.0), DVec3::new(-0.34, 0.60, -0.28));

    let room = ceiling.into_iter().fold(floor.with(back), |room, strip| room.with(strip)).with(short).with(tall);
    for (name, mesh, material) in [("room", room, white), ("left wall", left, red), ("right wall", right, green), ("panel", panel, lamp)] {
        let mesh = glb.mesh(name, vec![(mesh, material)]);
        glb.place(name, mesh, DVec3::ZERO, DQuat::IDENTITY, 1.0);
    }
    glb.finish()
}
