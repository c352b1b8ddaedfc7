//! Conformance: small scenes that use every feature, whose digest tells whether a device follows the specification to the bit.

pub mod hostile;
mod instances;
mod soak;

use raylance_scene::{
    AlphaMode, Attenuation, Camera, Environment, Filter, Image, LightKind, Material, MaterialTextures, Projection, PunctualLight, Scene,
    TextureUse, Triangle, UvSet, Vertex, Wrap,
};

#[cfg(test)]
mod bits;
mod frames;

pub use soak::{SCENES as SOAK_SCENES, Soak, soak};

pub use frames::{
    Admission, Difference, FRAME_PX, FRAME_SAMPLES, FRAMES, Frame, Report, TOLERANCE, admit, compare, frame_requests, run, run_scene,
};

/// A stream of numbers in [0, 1) from a counter (SplitMix64), of 24 bits as the shaders draw them.
pub(crate) struct Chance(pub(crate) u64);

impl Chance {
    pub(crate) fn next(&mut self) -> f32 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 40) as f32 / 16_777_216.0
    }

    pub(crate) fn between(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * self.next()
    }

    fn vector(&mut self, low: f32, high: f32) -> [f32; 3] {
        [self.between(low, high), self.between(low, high), self.between(low, high)]
    }

    fn unit(&mut self) -> [f32; 3] {
        let v = self.vector(-1.0, 1.0);
        let length = (v[0] * v[0] + v[1] * v[1] + v[2] * v[2]).sqrt().max(1e-3);
        if length > 0.01 { v.map(|x| x / length) } else { [0.0, 1.0, 0.0] }
    }
}

/// Kinds of materials in a random scene.
const MATERIALS: usize = 20;

/// A scene of scattered triangles in which every material, texture and light feature occurs; each seed gives another.
pub fn scene(seed: u64) -> Scene {
    let mut chance = Chance(seed);
    let images = (0..3).map(|_| random_image(&mut chance)).collect::<Vec<_>>();
    let materials: Vec<Material> = (0..MATERIALS).map(|kind| random_material(kind, &mut chance)).collect();
    let (mut vertices, mut triangles) = (Vec::new(), Vec::new());
    let mut add = |corners: [[f32; 3]; 3], material: u32, chance: &mut Chance| {
        let first = vertices.len() as u32;
        vertices.extend(corners.map(|position| random_vertex(position, chance)));
        triangles.push(Triangle { vertices: [first, first + 1, first + 2], material });
    };
    for (a, b, c) in [(-4.0, 4.0, -1.0), (4.0, 4.0, 1.0)].map(|(x, z, s)| ([x, -1.5, -z], [-x, -1.5, z * s], [x, -1.5, z * s])) {
        add([a, b, c], 0, &mut chance);
    }
    for i in 0..240 {
        let center = chance.vector(-1.5, 1.5);
        let corners = [(); 3].map(|()| {
            let offset = chance.vector(-0.6, 0.6);
            [center[0] + offset[0], center[1] + offset[1], center[2] + offset[2]]
        });
        add(corners, i % MATERIALS as u32, &mut chance);
    }
    let (meshes, instances) = Scene::one_mesh(&triangles);
    let mut camera = Camera::pinhole([0.0, 0.2, 5.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, -1.0], chance.between(0.35, 0.55));
    if seed % 5 == 2 {
        camera.projection = Projection::Orthographic { half_height_m: 2.0 };
    }
    if seed.is_multiple_of(2) {
        (camera.aperture_radius_m, camera.focus_distance_m) = (0.1, 4.0);
    }
    let mut scene = Scene {
        vertices,
        triangles,
        meshes,
        instances,
        materials,
        images,
        environment: (seed % 4 != 3).then(|| random_environment(&mut chance)),
        camera,
        lights: if seed.is_multiple_of(3) { Vec::new() } else { random_lights(&mut chance) },
    };
    if seed % 4 != 2 {
        instances::add_to(&mut scene, &mut chance);
    }
    scene
}

fn random_vertex(position: [f32; 3], chance: &mut Chance) -> Vertex {
    let t = chance.unit();
    let color = [(); 4].map(|()| 32_768 + (chance.next() * 32_767.0) as u16);
    Vertex {
        position,
        normal: chance.unit(),
        tangent: [t[0], t[1], t[2], if chance.next() < 0.5 { 1.0 } else { -1.0 }],
        uv: [(); 2].map(|()| [chance.between(-2.0, 2.0), chance.between(-2.0, 2.0)]),
        color,
    }
}

fn random_image(chance: &mut Chance) -> Image {
    let (width_px, height_px) = (3 + (chance.next() * 14.0) as u32, 2 + (chance.next() * 15.0) as u32);
    Image { width_px, height_px, texels: (0..width_px * height_px * 4).map(|_| (chance.next() * 256.0) as u8).collect() }
}

fn random_use(srgb: bool, chance: &mut Chance) -> Option<TextureUse> {
    let wrap = |x: f32| {
        if x < 0.34 {
            Wrap::Repeat
        } else if x < 0.67 {
            Wrap::Mirror
        } else {
            Wrap::Clamp
        }
    };
    if chance.next() < 0.4 {
        return None;
    }
    Some(TextureUse {
        image: (chance.next() * 3.0) as u32,
        uv_set: if chance.next() < 0.7 { UvSet::First } else { UvSet::Second },
        wrap_u: wrap(chance.next()),
        wrap_v: wrap(chance.next()),
        filter: if chance.next() < 0.8 { Filter::Linear } else { Filter::Nearest },
        transform: if chance.next() < 0.5 { TextureUse::IDENTITY } else { [0.8, -0.6, 0.3, 0.6, 0.8, -0.2] },
        srgb,
    })
}

fn random_material(kind: usize, chance: &mut Chance) -> Material {
    let layered = kind >= 12;
    let base = chance.vector(0.1, 1.0);
    let emissive = if kind == 3 || kind == 7 { chance.vector(0.5, 8.0) } else { [0.0; 3] };
    Material {
        base_color: [base[0], base[1], base[2], chance.between(0.3, 1.0)],
        metallic: if kind % 3 == 1 { 1.0 } else { chance.between(0.0, 0.6) },
        roughness: if kind % 4 == 2 { 0.0 } else { chance.next() },
        emissive,
        normal_scale: chance.between(0.2, 1.5),
        alpha_mode: match kind {
            5 => AlphaMode::Mask(0.5),
            6 => AlphaMode::Blend,
            _ => AlphaMode::Opaque,
        },
        transmission: if [2, 8, 14, 15, 18].contains(&kind) { chance.between(0.4, 1.0) } else { 0.0 },
        ior: chance.between(1.0, 2.0),
        unlit: kind == 9,
        attenuation: (kind >= 14 && kind.is_multiple_of(2))
            .then(|| Attenuation { color: chance.vector(0.1, 1.0), distance_m: chance.between(0.2, 2.0) }),
        double_sided: kind.is_multiple_of(2),
        textures: MaterialTextures {
            base_color: random_use(true, chance),
            metallic_roughness: random_use(false, chance),
            normal: random_use(false, chance),
            emissive: random_use(true, chance),
            transmission: random_use(false, chance),
            ..if layered { layer_textures(chance) } else { MaterialTextures::default() }
        },
        ..if layered { layers(kind, chance) } else { Material::default() }
    }
}

/// Layers and films, by kind alone or together.
fn layers(kind: usize, chance: &mut Chance) -> Material {
    let has = |kinds: &[usize]| kinds.contains(&kind);
    let mut some = |yes: bool| if yes { chance.between(0.3, 1.0) } else { 0.0 };
    let (clearcoat, anisotropy, iridescence) = (some(has(&[12, 15, 19])), some(has(&[13, 18, 19])), some(has(&[16, 17, 19])));
    let sheen_color = if has(&[12, 17]) { chance.vector(0.1, 1.0) } else { [0.0; 3] };
    let [x, y, _] = chance.unit();
    let length = (x * x + y * y).sqrt().max(1e-3);
    Material {
        specular: chance.next(),
        specular_color: chance.vector(0.2, 2.0),
        clearcoat,
        clearcoat_roughness: chance.next(),
        clearcoat_normal_scale: chance.between(0.2, 1.5),
        sheen_color,
        sheen_roughness: chance.next(),
        anisotropy,
        anisotropy_direction: if length > 0.01 { [x / length, y / length] } else { [1.0, 0.0] },
        iridescence,
        iridescence_ior: chance.between(1.0, 2.2),
        iridescence_thickness_nm: [chance.between(0.0, 300.0), chance.between(300.0, 900.0)],
        dispersion: if has(&[14, 18]) { chance.between(0.5, 8.0) } else { 0.0 },
        ..Material::default()
    }
}

fn layer_textures(chance: &mut Chance) -> MaterialTextures {
    MaterialTextures {
        specular: random_use(false, chance),
        specular_color: random_use(true, chance),
        clearcoat: random_use(false, chance),
        clearcoat_roughness: random_use(false, chance),
        clearcoat_normal: random_use(false, chance),
        sheen_color: random_use(true, chance),
        sheen_roughness: random_use(false, chance),
        anisotropy: random_use(false, chance),
        iridescence: random_use(false, chance),
        iridescence_thickness: random_use(false, chance),
        ..MaterialTextures::default()
    }
}

fn random_environment(chance: &mut Chance) -> Environment {
    let (width_px, height_px) = (17, 9);
    let pixels = (0..width_px * height_px).map(|i| if i == 40 { [300.0, 200.0, 90.0] } else { chance.vector(0.0, 1.5) }).collect();
    Environment { width_px, height_px, pixels }
}

fn random_lights(chance: &mut Chance) -> Vec<PunctualLight> {
    let direction = chance.unit();
    let kinds = [
        LightKind::Directional { direction },
        LightKind::Point { position: chance.vector(-3.0, 3.0) },
        LightKind::Spot { position: [0.0, 3.0, 1.0], direction: [0.0, -1.0, 0.0], cos_inner: 0.95, cos_outer: 0.7 },
    ];
    kinds.map(|kind| PunctualLight { kind, emission: chance.vector(0.5, 6.0) }).to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Control, DeviceChoice, LeafRequest, Profile, Renderer};

    #[test]
    fn leaves_do_not_depend_on_their_grouping() {
        let scene = scene(2);
        let mut renderer = Renderer::new(&scene, &DeviceChoice::Cpu, Profile::Exact, 1).unwrap();
        let settings = FRAMES[0].settings();
        let whole = run_scene(&scene, &DeviceChoice::Cpu, Profile::Exact).unwrap();
        for place in [0u32, 77, 1000, 2303] {
            let request = LeafRequest { x_px: place % FRAME_PX, y_px: place / FRAME_PX, first_sample: 0, samples: FRAME_SAMPLES };
            let alone = renderer.render(&settings, &[request], &Control::default()).unwrap();
            assert_eq!(alone[0].map(f32::to_bits), whole.frames[0][place as usize].map(f32::to_bits));
        }
    }
}
