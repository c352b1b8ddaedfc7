//! Furnace tests: a white surface under light of radiance 1 from everywhere must be invisible, whatever it is made of.

use crate::{Control, DeviceChoice, LeafRequest, Profile, Renderer, Settings};
use raylance_scene::{Attenuation, Camera, Environment, Material, Scene, Triangle, Vertex};

const EDGE_PX: u32 = 16;
const SAMPLES: u32 = 256;

/// A white wall that fills the view of a camera which looks at it at a slant, so that columns see different angles.
fn wall(material: Material) -> Scene {
    let corner = |x: f32, z: f32| Vertex { position: [x, 0.0, z], ..Vertex::default() };
    let (s, c) = (0.6, 0.8);
    let triangles = [[0, 1, 2], [0, 2, 3]].map(|vertices| Triangle { vertices, material: 0 }).to_vec();
    let (meshes, instances) = Scene::one_mesh(&triangles);
    Scene {
        vertices: vec![corner(-900.0, 900.0), corner(900.0, 900.0), corner(900.0, -900.0), corner(-900.0, -900.0)],
        triangles,
        meshes,
        instances,
        materials: vec![material],
        images: Vec::new(),
        environment: Some(Environment { width_px: 8, height_px: 4, pixels: vec![[1.0; 3]; 32] }),
        camera: Camera::pinhole([0.0, 5.0, 0.0], [0.0, -s, c], [1.0, 0.0, 0.0], [0.0, -c, -s], 0.8),
        lights: Vec::new(),
    }
}

/// Mean radiance of each column of the picture, over all channels: a prism sends each sample's light through one of them.
fn columns(material: Material) -> Vec<f32> {
    let scene = wall(material);
    scene.check().unwrap();
    let mut renderer = Renderer::new(&scene, &DeviceChoice::Cpu, Profile::Exact, 0).unwrap();
    let settings = Settings { width_px: EDGE_PX, height_px: EDGE_PX, depth_max: 16, seed: 3 };
    let requests: Vec<LeafRequest> =
        (0..EDGE_PX * EDGE_PX).map(|i| LeafRequest { x_px: i / EDGE_PX, y_px: i % EDGE_PX, first_sample: 0, samples: SAMPLES }).collect();
    let sums = renderer.render(&settings, &requests, &Control::default()).unwrap();
    let per_column = (3 * EDGE_PX * SAMPLES) as f32;
    sums.chunks_exact(EDGE_PX as usize).map(|column| column.iter().flatten().sum::<f32>() / per_column).collect()
}

fn check(what: &str, material: Material, tolerance: f32) {
    let columns = columns(material);
    let worst = columns.iter().map(|mean| (mean - 1.0).abs()).fold(0.0, f32::max);
    assert!(worst < tolerance, "{what}: {columns:?}");
}

#[test]
fn a_white_wall_in_a_white_room_is_invisible() {
    for roughness in [0.05, 0.3, 0.6, 1.0] {
        let dielectric = Material { metallic: 0.0, roughness, ..Material::default() };
        check("plastic", dielectric.clone(), 0.015);
        check("metal", Material { metallic: 1.0, ..dielectric.clone() }, 0.015);
        check("half metal", Material { metallic: 0.5, ..dielectric.clone() }, 0.015);
        check("thin coat", Material { ior: 1.0, ..dielectric.clone() }, 0.015);
        check("light plastic", Material { ior: 1.3, ..dielectric.clone() }, 0.03);
        check("dense plastic", Material { ior: 2.0, ..dielectric }, 0.03);
    }
}

#[test]
fn clear_glass_in_a_white_room_is_invisible() {
    for roughness in [0.0, 0.1, 0.2, 0.4, 0.7, 1.0] {
        check("glass", Material { metallic: 0.0, roughness, transmission: 1.0, ..Material::default() }, 0.02);
        check("half glass", Material { metallic: 0.0, roughness, transmission: 0.5, ..Material::default() }, 0.02);
    }
}

/// Layers give what they take to what lies below.
#[test]
fn a_layered_white_wall_in_a_white_room_is_invisible() {
    let wall = Material { metallic: 0.0, roughness: 0.6, ..Material::default() };
    for roughness in [0.1, 0.5, 1.0] {
        check("clear coat", Material { clearcoat: 1.0, clearcoat_roughness: roughness, ..wall.clone() }, 0.03);
        check("sheen", Material { sheen_color: [1.0; 3], sheen_roughness: roughness, ..wall.clone() }, 0.03);
        check("half specular", Material { specular: 0.5, roughness, ..wall.clone() }, 0.03);
        check("brushed metal", Material { metallic: 1.0, anisotropy: 0.7, roughness, ..wall.clone() }, 0.08);
    }
    let clear = Material { metallic: 0.0, roughness: 0.0, transmission: 1.0, ..Material::default() };
    check("coated glass", Material { clearcoat: 1.0, ..clear.clone() }, 0.03);
    check("prism", Material { dispersion: 1.0, ..clear }, 0.03);
}

/// What a film reflects, the body below does not get: whatever its thickness, nothing is added, and little is lost.
#[test]
fn a_film_on_a_white_wall_makes_no_light() {
    for thickness in [0.0, 120.0, 250.0, 480.0, 900.0] {
        for (metallic, roughness) in [(0.0, 0.2), (0.0, 0.8), (1.0, 0.4)] {
            let film = Material { iridescence: 1.0, iridescence_thickness_nm: [thickness; 2], ..Material::default() };
            let columns = columns(Material { metallic, roughness, ..film });
            assert!(columns.iter().all(|mean| *mean < 1.01), "{thickness} nm, metallic {metallic}: {columns:?}");
        }
    }
}

/// A slab of glass that absorbs, seen straight on in a white room.
fn slab(ior: f32, thickness_m: f32) -> Scene {
    let glass = Material {
        metallic: 0.0,
        roughness: 0.0,
        transmission: 1.0,
        ior,
        attenuation: Some(Attenuation { color: [0.9, 0.5, 0.1], distance_m: 0.5 }),
        ..Material::default()
    };
    let mut scene = wall(glass);
    let behind: Vec<Vertex> =
        scene.vertices.iter().map(|v| Vertex { position: [v.position[0], -thickness_m, v.position[2]], ..*v }).collect();
    scene.vertices.extend(behind);
    // The same order of corners seen from below: the slab's outside is on both sides of it.
    scene.triangles.extend([[4, 6, 5], [4, 7, 6]].map(|vertices| Triangle { vertices, material: 0 }));
    (scene.meshes, scene.instances) = Scene::one_mesh(&scene.triangles);
    scene.vertices[4..].iter_mut().for_each(|v| v.normal = [0.0, -1.0, 0.0]);
    scene.camera = Camera::pinhole([0.0, 5.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, -1.0], [0.0, -1.0, 0.0], 0.01);
    scene
}

/// Beer–Lambert between both faces, with all the light that goes to and fro between them.
#[test]
fn an_absorbing_slab_leaves_what_beer_and_lambert_say() {
    for (ior, thickness_m) in [(1.0f32, 0.5f64), (1.0, 0.1), (1.5, 0.5), (1.5, 0.05), (2.0, 0.2)] {
        let scene = slab(ior, thickness_m as f32);
        scene.check().unwrap();
        let mut renderer = Renderer::new(&scene, &DeviceChoice::Cpu, Profile::Exact, 0).unwrap();
        let settings = Settings { width_px: 8, height_px: 8, depth_max: 24, seed: 4 };
        let requests: Vec<LeafRequest> =
            (0..64).map(|i| LeafRequest { x_px: i % 8, y_px: i / 8, first_sample: 0, samples: 1024 }).collect();
        let sums = renderer.render(&settings, &requests, &Control::default()).unwrap();
        let reflected = ((f64::from(ior) - 1.0) / (f64::from(ior) + 1.0)).powi(2);
        for (channel, color) in [0.9f64, 0.5, 0.1].into_iter().enumerate() {
            let once = (color.ln() * thickness_m / 0.5).exp();
            let inner = (1.0 - reflected).powi(2) / (1.0 - (reflected * once).powi(2));
            let expected = inner * once + reflected + inner * reflected * once * once;
            let mean = sums.iter().map(|sum| f64::from(sum[channel])).sum::<f64>() / f64::from(64 * 1024);
            assert!((mean - expected).abs() < 4e-3, "index {ior}, {thickness_m} m, channel {channel}: {mean} where {expected} is expected");
        }
    }
}

/// The tests above can fail: a grey wall is seen.
#[test]
fn a_grey_wall_in_a_white_room_is_seen() {
    let grey = Material { base_color: [0.5, 0.5, 0.5, 1.0], metallic: 0.0, roughness: 1.0, ..Material::default() };
    assert!(columns(grey).iter().all(|mean| *mean < 0.7));
}
