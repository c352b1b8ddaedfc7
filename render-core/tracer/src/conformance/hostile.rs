//! Scenes that no artist makes and a thief does.

use super::Chance;
use raylance_scene::{AlphaMode, Attenuation, Environment, Instance, LightKind, Material, Mesh, Projection, Scene, TextureUse, Triangle};
use std::ops::RangeInclusive;

/// Triangles in one place, and how often they stand there: more than a path may meet.
const PILE: u32 = 1 << 13;
const PILES: u32 = 1 << 11;

/// A random scene whose view is blocked by sixteen million triangles in the same place. A tree can't tell them apart, so that a ray meets all of
/// them, wherever it comes from.
pub fn pile() -> Scene {
    let mut scene = super::scene(1);
    let corner = scene.vertices.len() as u32;
    let wide = scene.vertices[0];
    for position in [[-9.0, -9.0, 2.0], [9.0, -9.0, 2.0], [0.0, 9.0, 2.0]] {
        scene.vertices.push(raylance_scene::Vertex { position, ..wide });
    }
    let first = scene.triangles.len() as u32;
    scene.triangles.extend((0..PILE).map(|_| Triangle { vertices: [corner, corner + 1, corner + 2], material: 0 }));
    let mesh = scene.meshes.len() as u32;
    scene.meshes.push(Mesh { first, count: PILE });
    scene.instances.extend((0..PILES).map(|_| Instance { mesh, to_world: Instance::IDENTITY }));
    scene
}

/// How many numbers of a scene are taken to their edges.
const CHANGES: u32 = 400;

/// A random scene many of whose numbers lie where arithmetic parts: at the limits of [`Scene::check`], below the smallest normal number, at
/// zero of either sign, a step beside one. Points fall together, triangles become needles, lights stand in surfaces, meshes are grown and
/// shrunk by millions, the eye looks along a plane.
pub fn edges(seed: u64) -> Scene {
    let mut scene = super::scene(seed);
    let mut chance = Chance(seed ^ 0x6564_6765);
    for _ in 0..CHANGES {
        let before = scene.clone();
        change(&mut scene, &mut chance);
        if scene.check().is_err() {
            scene = before;
        }
    }
    scene
}

fn change(scene: &mut Scene, chance: &mut Chance) {
    match below(12, chance) {
        0..=2 => vertex(scene, chance),
        3..=5 => {
            let at = below(scene.materials.len(), chance);
            material(&mut scene.materials[at], chance);
        }
        6 => instance(scene, chance),
        7 => light(scene, chance),
        8 => camera(scene, chance),
        9 => scene.environment.iter_mut().for_each(|environment| sky(environment, chance)),
        _ => {
            let at = below(scene.materials.len(), chance);
            let Material { textures, .. } = &mut scene.materials[at];
            for place in [&mut textures.base_color, &mut textures.normal, &mut textures.emissive, &mut textures.transmission] {
                place.iter_mut().for_each(|used| texture(used, chance));
            }
        }
    }
}

fn below(count: usize, chance: &mut Chance) -> usize {
    ((chance.next() * count as f32) as usize).min(count - 1)
}

/// A number at an edge of its range or of what numbers can say.
fn edge(range: RangeInclusive<f32>, chance: &mut Chance) -> f32 {
    let (low, high) = range.into_inner();
    let sign = if chance.next() < 0.5 { 1.0 } else { -1.0 };
    let value = match below(12, chance) {
        0 => low,
        1 => high,
        2 => 0.0 * sign,
        3 => f32::from_bits(1 + below(1 << 22, chance) as u32) * sign,
        4 => f32::MIN_POSITIVE * sign,
        5 => 1.0,
        6 => f32::from_bits(0x3f7f_ffff),
        7 => f32::from_bits(0x3f80_0001) * sign,
        8 => high.next_down(),
        9 => low.next_up(),
        _ => (chance.between(-40.0, 12.0) * std::f32::consts::LN_10).exp() * sign,
    };
    // A range of one sign keeps it, but for zero's.
    if value < low || value > high { value.abs().clamp(low, high) } else { value }
}

fn vertex(scene: &mut Scene, chance: &mut Chance) {
    let (at, other) = (below(scene.vertices.len(), chance), below(scene.vertices.len(), chance));
    let axis = below(3, chance);
    match below(8, chance) {
        0 => scene.vertices[at].position = scene.vertices[other].position,
        1 => scene.vertices[at].position[axis] = scene.vertices[other].position[axis],
        2 => scene.vertices[at].position[axis] = scene.vertices[other].position[axis].next_up(),
        3 => scene.vertices[at].position[axis] = edge(-1.0e7..=1.0e7, chance),
        4 => scene.vertices[at].uv = [(); 2].map(|()| [edge(-1.0e9..=1.0e9, chance), edge(-1.0e9..=1.0e9, chance)]),
        5 => scene.vertices[at].tangent = [0.0; 4],
        6 => scene.vertices[at].normal = [[1.0, -0.0, 0.0], [0.0, 1.0, -0.0], [-0.0, 0.0, -1.0]][axis],
        _ => scene.vertices[at].color = [[0; 4], [u16::MAX; 4], [1, 0, u16::MAX, 1]][axis],
    }
}

fn material(material: &mut Material, chance: &mut Chance) {
    let mut share = || edge(0.0..=1.0, chance);
    match (share(), share(), share()) {
        (a, b, c) if c < 0.3 => (material.roughness, material.metallic, material.base_color[1]) = (a, b, c),
        (a, b, c) if a < 0.3 => (material.transmission, material.clearcoat, material.clearcoat_roughness) = (a, b, c),
        (a, b, c) => (material.anisotropy, material.sheen_roughness, material.iridescence) = (a, b, c),
    }
    match below(10, chance) {
        0 => material.base_color = [(); 4].map(|()| edge(0.0..=1.0, chance)),
        1 => material.emissive = [(); 3].map(|()| edge(0.0..=1.0e12, chance)),
        2 => material.normal_scale = edge(-1.0e4..=1.0e4, chance),
        3 => material.ior = edge(1.0..=1000.0, chance),
        4 => material.specular_color = [(); 3].map(|()| edge(0.0..=1.0e4, chance)),
        5 => material.sheen_color = [(); 3].map(|()| edge(0.0..=1.0, chance)),
        6 => material.iridescence_thickness_nm = [(); 2].map(|()| edge(0.0..=1.0e5, chance)),
        7 => (material.iridescence_ior, material.dispersion) = (edge(1.0..=5.0, chance), edge(0.0..=20.0, chance)),
        8 => material.alpha_mode = AlphaMode::Mask(edge(0.0..=f32::MAX, chance)),
        _ => {
            let color = [(); 3].map(|()| edge(0.0..=1.0, chance));
            material.attenuation = Some(Attenuation { color, distance_m: edge(f32::MIN_POSITIVE..=f32::MAX, chance) });
        }
    }
}

fn texture(used: &mut TextureUse, chance: &mut Chance) {
    let at = below(6, chance);
    used.transform[at] = edge(-1.0e9..=1.0e9, chance);
}

fn instance(scene: &mut Scene, chance: &mut Chance) {
    let at = below(scene.instances.len(), chance);
    let to_world = &mut scene.instances[at].to_world;
    match below(4, chance) {
        0 => to_world[below(12, chance)] = edge(-1.0e7..=1.0e7, chance),
        1 => {
            let size = edge(1.0e-12..=1.0e6, chance);
            to_world.iter_mut().for_each(|number| *number *= size);
        }
        2 => {
            // Flat, nearly.
            let (row, size) = (below(3, chance) * 4, edge(1.0e-12..=1.0e-3, chance));
            to_world[row..row + 3].iter_mut().for_each(|number| *number *= size);
        }
        _ => (to_world[3], to_world[7], to_world[11]) = (0.0, -0.0, 0.0),
    }
}

fn light(scene: &mut Scene, chance: &mut Chance) {
    if scene.lights.is_empty() {
        return;
    }
    let (at, vertex) = (below(scene.lights.len(), chance), below(scene.vertices.len(), chance));
    let (light, in_surface) = (&mut scene.lights[at], scene.vertices[vertex].position);
    light.emission = [(); 3].map(|()| edge(0.0..=1.0e12, chance));
    match &mut light.kind {
        LightKind::Directional { direction } => *direction = [0.0, -1.0, -0.0],
        LightKind::Point { position } => *position = in_surface,
        LightKind::Spot { position, cos_inner, cos_outer, .. } => {
            *position = in_surface;
            *cos_inner = edge(-1.0..=1.0, chance);
            *cos_outer = if chance.next() < 0.5 { cos_inner.next_down() } else { edge(-1.0..=1.0, chance) };
        }
    }
}

fn camera(scene: &mut Scene, chance: &mut Chance) {
    let vertex = below(scene.vertices.len(), chance);
    let camera = &mut scene.camera;
    match below(6, chance) {
        // In the plane of the floor.
        0 => camera.from[1] = -1.5,
        1 => camera.from = scene.vertices[vertex].position,
        2 => camera.from[2] = edge(-1.0e7..=1.0e7, chance),
        3 => camera.aperture_radius_m = edge(0.0..=100.0, chance),
        4 => camera.focus_distance_m = edge(1.0e-4..=1.0e7, chance),
        _ => match &mut camera.projection {
            Projection::Perspective { tan_half_fov_y } => *tan_half_fov_y = edge(1.0e-5..=1.0e3, chance),
            Projection::Orthographic { half_height_m } => *half_height_m = edge(1.0e-5..=1.0e7, chance),
        },
    }
}

fn sky(environment: &mut Environment, chance: &mut Chance) {
    match below(4, chance) {
        0 => environment.pixels.iter_mut().for_each(|pixel| *pixel = [0.0; 3]),
        1 => environment.pixels.iter_mut().for_each(|pixel| *pixel = pixel.map(|value| value * 1.0e-39)),
        _ => {
            let at = below(environment.pixels.len(), chance);
            environment.pixels[at] = [(); 3].map(|()| edge(0.0..=1.0e12, chance));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conformance::{FRAMES, frame_requests};
    use crate::{Control, DeviceChoice, Profile, RenderError, Renderer};

    /// One sample took minutes: drivers reset, and a court would not have ended.
    #[test]
    fn regression_triangles_in_one_place_keep_no_device() {
        let scene = pile();
        scene.check().unwrap();
        let requests = frame_requests();
        for device in [DeviceChoice::Cpu, DeviceChoice::Gpu] {
            let mut renderer = Renderer::new(&scene, &device, Profile::Exact, 0).unwrap();
            let ended = renderer.render_leaves(&FRAMES[0].settings(), &requests[..64], &Control::default());
            let bounded = |error: &RenderError| matches!(error, RenderError::PathBound | RenderError::LoopCut { .. });
            assert!(ended.ended.as_ref().is_err_and(bounded), "{device:?}: {:?}", ended.ended);
            assert!(ended.sums.iter().all(Option::is_none), "{device:?}: such a path is worth nothing, not nothing but black");
            // It is of use afterwards.
            renderer.load(&crate::conformance::scene(1)).unwrap();
            assert!(renderer.render(&FRAMES[0].settings(), &requests[..64], &Control::default()).is_ok());
        }
    }

    /// Found nothing in how many scenes docs/measurements/render.md says; `RAYLANCE_EDGES=1000` tries more of them.
    #[test]
    fn scenes_at_the_edges_of_arithmetic_have_the_same_bits_on_cpu_and_gpu() {
        let count = std::env::var("RAYLANCE_EDGES").ok().and_then(|text| text.parse().ok()).unwrap_or(8);
        let mut pair: Option<[Renderer; 2]> = None;
        let (mut wrong, mut lit) = (Vec::new(), 0);
        for seed in 1..=count {
            let scene = edges(seed);
            scene.check().unwrap();
            let open = |choice| Renderer::new(&scene, &choice, Profile::Exact, 0).unwrap();
            let pair = pair.get_or_insert_with(|| [open(DeviceChoice::Cpu), open(DeviceChoice::Gpu)]);
            let settings = crate::Settings { depth_max: 1 + seed as u32 % 16, seed: seed as u32, ..FRAMES[0].settings() };
            let [cpu, gpu] = pair.each_mut().map(|renderer| {
                renderer.load(&scene).unwrap();
                renderer.render(&settings, &frame_requests(), &Control::default()).unwrap()
            });
            lit += cpu.iter().filter(|sum| sum.iter().any(|value| *value > 0.0)).count();
            assert!(cpu.iter().flatten().all(|value| value.is_finite()), "seed {seed}");
            let differing = cpu.iter().zip(&gpu).filter(|(a, b)| a.map(f32::to_bits) != b.map(f32::to_bits)).count();
            if differing > 0 {
                wrong.push((seed, differing));
            }
        }
        assert!(wrong.is_empty(), "(seed, pixels): {wrong:?}");
        assert!(lit > 100 * count as usize, "only {lit} pixels are lit");
    }

    #[test]
    fn most_changes_are_scenes_still() {
        let (usual, odd) = (crate::conformance::scene(1), edges(1));
        let moved = usual.vertices.iter().zip(&odd.vertices).filter(|(a, b)| a != b).count();
        let remade = usual.materials.iter().zip(&odd.materials).filter(|(a, b)| a != b).count();
        assert!(moved > 60 && remade * 2 > usual.materials.len(), "{moved} vertices and {remade} materials");
    }

    #[test]
    fn a_render_among_them_gives_way_at_once() {
        let mut renderer = Renderer::new(&pile(), &DeviceChoice::Cpu, Profile::Exact, 1).unwrap();
        let control = Control::default();
        control.cancel();
        let ended = renderer.render_leaves(&FRAMES[0].settings(), &frame_requests(), &control).ended;
        assert!(matches!(ended, Err(RenderError::Cancelled)), "{ended:?}");
    }

    /// Honest paths, and the bound, as far apart as docs/measurements/render.md says.
    #[test]
    fn random_scenes_stay_a_hundred_times_below_the_bound() {
        for seed in 1..=12 {
            let renderer = Renderer::new(&crate::conformance::scene(seed), &DeviceChoice::Cpu, Profile::Exact, 0).unwrap();
            let tests = renderer.most_tests(&FRAMES[0].settings(), &frame_requests(), u64::MAX).unwrap();
            assert!(tests > 10 && tests * 100 < u64::from(crate::PATH_TESTS_MAX), "seed {seed}: {tests}");
        }
    }
}
