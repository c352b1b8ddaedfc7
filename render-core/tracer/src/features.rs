//! Tests of the layers beside radiance: known numbers for a plain wall, and the same bits on both backends.

use crate::conformance::{self, FRAME_PX};
use crate::{Control, DeviceChoice, LeafRequest, Profile, Quantity, Renderer, Settings};
use raylance_scene::{Material, Scene, Triangle, Vertex};

const FEATURES: [Quantity; 3] = [Quantity::Albedo, Quantity::Normal, Quantity::Depth];

fn sums(scene: &Scene, device: &DeviceChoice, quantity: Quantity, edge_px: u32, samples: u32) -> Vec<[f32; 3]> {
    let settings = Settings { width_px: edge_px, height_px: edge_px, depth_max: 4, seed: 5 };
    let requests: Vec<LeafRequest> =
        (0..edge_px * edge_px).map(|i| LeafRequest { x_px: i % edge_px, y_px: i / edge_px, first_sample: 0, samples }).collect();
    let mut renderer = Renderer::new(scene, device, Profile::Exact, 0).unwrap();
    renderer.render_quantity(&settings, &requests, quantity, &Control::default()).unwrap()
}

/// The conformance scene's eye before a wall at z = 0 that fills the left half of the picture.
fn wall(material: Material) -> Scene {
    let mut scene = conformance::scene(1);
    let corner = |x: f32, y: f32| Vertex { position: [x, y, 0.0], normal: [0.0, 0.0, 1.0], color: [u16::MAX; 4], ..scene.vertices[0] };
    scene.vertices = vec![corner(-9.0, -9.0), corner(0.0, -9.0), corner(0.0, 9.0), corner(-9.0, 9.0)];
    scene.triangles = [[0, 1, 2], [0, 2, 3]].map(|vertices| Triangle { vertices, material: 0 }).to_vec();
    (scene.meshes, scene.instances) = Scene::one_mesh(&scene.triangles);
    scene.materials = vec![material];
    scene.camera.from = [0.0, 0.0, 5.0];
    scene.camera.forward = [0.0, 0.0, -1.0];
    scene.check().unwrap();
    scene
}

#[test]
fn a_wall_has_its_colour_its_normal_and_one_depth() {
    let scene = wall(Material { base_color: [0.25, 0.5, 0.75, 1.0], ..Material::default() });
    let [albedo, normal, depth] = FEATURES.map(|quantity| sums(&scene, &DeviceChoice::Cpu, quantity, 8, 4));
    let close = |a: [f32; 3], b: [f32; 3]| a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-4);
    for at in 0..64 {
        let hits = if at % 8 < 4 { 4.0 } else { 0.0 };
        assert!(close(albedo[at], [0.25 * hits, 0.5 * hits, 0.75 * hits]), "{at}: {:?}", albedo[at]);
        assert!(close(normal[at], [0.0, 0.0, hits]), "{at}: {:?}", normal[at]);
        // A depth and not a distance: it is the same in the corners of the picture.
        assert!(close(depth[at], [5.0 * hits, hits, 0.0]), "{at}: {:?}", depth[at]);
    }
}

#[test]
fn glass_is_white_and_lamps_are_as_bright_as_a_colour_can_be() {
    let albedo = |material: Material| sums(&wall(material), &DeviceChoice::Cpu, Quantity::Albedo, 4, 1)[0];
    let dark = [0.2, 0.2, 0.2, 1.0];
    assert_eq!(albedo(Material { base_color: dark, metallic: 0.0, transmission: 1.0, ..Material::default() }), [1.0; 3]);
    assert_eq!(albedo(Material { base_color: dark, emissive: [7.0, 0.0, 9.0], ..Material::default() }), [1.0, 0.2, 1.0]);
}

/// Fails where there is no graphics adapter.
#[test]
fn cpu_and_gpu_see_the_same_features() {
    let scene = conformance::scene(3);
    for quantity in FEATURES {
        let [cpu, gpu] = [DeviceChoice::Cpu, DeviceChoice::Gpu].map(|device| sums(&scene, &device, quantity, FRAME_PX, 4));
        let differing = cpu.iter().zip(&gpu).filter(|(a, b)| a.map(f32::to_bits) != b.map(f32::to_bits)).count();
        assert_eq!(differing, 0, "{quantity:?}");
        assert!(cpu.iter().flatten().any(|value| *value != 0.0), "{quantity:?}");
    }
}
