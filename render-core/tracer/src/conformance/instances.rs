//! Meshes that stand in a random scene several times: turned, stretched, mirrored, and once where they were made.

use super::{Chance, random_vertex};
use raylance_scene::{Instance, Mesh, Scene, Triangle};

/// Triangles of each further mesh: one that is only a leaf, one with a small tree.
const TRIANGLES: [u32; 2] = [2, 37];
/// How often each stands somewhere.
const REPEATS: u32 = 4;

/// Adds meshes and instances to a scene that has one mesh under one instance.
pub(super) fn add_to(scene: &mut Scene, chance: &mut Chance) {
    for count in TRIANGLES {
        let first = scene.triangles.len() as u32;
        for i in 0..count {
            let center = chance.vector(-0.4, 0.4);
            let corner = scene.vertices.len() as u32;
            for _ in 0..3 {
                let offset = chance.vector(-0.4, 0.4);
                scene.vertices.push(random_vertex(std::array::from_fn(|k| center[k] + offset[k]), chance));
            }
            scene.triangles.push(Triangle { vertices: [corner, corner + 1, corner + 2], material: i * 5 % scene.materials.len() as u32 });
        }
        let mesh = scene.meshes.len() as u32;
        scene.meshes.push(Mesh { first, count });
        scene.instances.push(Instance { mesh, to_world: Instance::IDENTITY });
        // Some before the first mesh, so that the tie rule's order of instances is not that of primitives.
        for i in 0..REPEATS {
            let place = if i % 2 == 0 { 0 } else { scene.instances.len() };
            scene.instances.insert(place, Instance { mesh, to_world: random_place(i == 3, chance) });
        }
    }
}

/// Turned around a random axis, stretched along each, moved; mirrored on demand.
fn random_place(mirrored: bool, chance: &mut Chance) -> [f32; 12] {
    let x = chance.unit();
    let other = chance.unit();
    let z = [x[1] * other[2] - x[2] * other[1], x[2] * other[0] - x[0] * other[2], x[0] * other[1] - x[1] * other[0]];
    let length = (z[0] * z[0] + z[1] * z[1] + z[2] * z[2]).sqrt();
    let shift = chance.vector(-1.4, 1.4);
    let mut size = chance.vector(0.3, 1.5);
    if mirrored {
        size[0] = -size[0];
    }
    // Where the two are nearly parallel, the mesh is only stretched.
    let axes = if length < 0.01 {
        [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]
    } else {
        let z = z.map(|a| a / length);
        [x, [z[1] * x[2] - z[2] * x[1], z[2] * x[0] - z[0] * x[2], z[0] * x[1] - z[1] * x[0]], z]
    };
    std::array::from_fn(|i| if i % 4 == 3 { shift[i / 4] } else { axes[i % 4][i / 4] * size[i % 4] })
}
