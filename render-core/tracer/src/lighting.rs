//! Lights against integrals: what arrives at a matt wall must be what the lights send.

use crate::{Control, DeviceChoice, LeafRequest, Profile, Renderer, Settings};
use raylance_scene::{AlphaMode, Camera, Instance, Material, Mesh, Scene, Triangle, Vertex};

const SAMPLES: u32 = 4096;

fn corner(position: [f32; 3]) -> Vertex {
    Vertex { position, ..Vertex::default() }
}

/// A white floor without a coat, seen from above, under one lamp.
fn floor(lamp: [[f32; 3]; 3], lamp_material: Material) -> Scene {
    let matt = Material { metallic: 0.0, roughness: 1.0, ior: 1.0, ..Material::default() };
    let mut scene = Scene {
        vertices: [[-50.0, 0.0, 50.0], [50.0, 0.0, 50.0], [50.0, 0.0, -50.0], [-50.0, 0.0, -50.0]].map(corner).to_vec(),
        triangles: [[0, 1, 2], [0, 2, 3]].map(|vertices| Triangle { vertices, material: 0 }).to_vec(),
        meshes: vec![Mesh { first: 0, count: 3 }],
        instances: vec![Instance { mesh: 0, to_world: Instance::IDENTITY }],
        materials: vec![matt, lamp_material],
        images: Vec::new(),
        environment: None,
        camera: Camera::pinhole([0.0, 1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, -1.0], [0.0, -1.0, 0.0], 0.01),
        lights: Vec::new(),
    };
    scene.vertices.extend(lamp.map(corner));
    scene.triangles.push(Triangle { vertices: [4, 5, 6], material: 1 });
    scene.check().unwrap();
    scene
}

/// Mean green radiance of a 4×4 picture of the floor, direct light only.
fn radiance(scene: &Scene) -> f32 {
    let mut renderer = Renderer::new(scene, &DeviceChoice::Cpu, Profile::Exact, 0).unwrap();
    let settings = Settings { width_px: 4, height_px: 4, depth_max: 2, seed: 5 };
    let requests: Vec<LeafRequest> = (0..16).map(|i| LeafRequest { x_px: i % 4, y_px: i / 4, first_sample: 0, samples: SAMPLES }).collect();
    let sums = renderer.render(&settings, &requests, &Control::default()).unwrap();
    sums.iter().map(|sum| sum[1]).sum::<f32>() / (16 * SAMPLES) as f32
}

/// A lamp that covers a tenth of its surface gives a tenth of the light.
#[test]
fn regression_a_lamp_shines_only_where_it_covers() {
    let lamp = |alpha: f32| {
        let corners = [[-1.0, 3.0, -1.0], [1.0, 3.0, -1.0], [0.0, 3.0, 1.0]];
        let material = Material {
            base_color: [0.0, 0.0, 0.0, alpha],
            emissive: [10.0; 3],
            metallic: 0.0,
            alpha_mode: AlphaMode::Blend,
            ..Material::default()
        };
        radiance(&floor(corners, material))
    };
    let (full, tenth) = (lamp(1.0), lamp(0.1));
    assert!(full > 0.1 && (tenth / full - 0.1).abs() < 0.005, "full {full}, a tenth {tenth}");
}
