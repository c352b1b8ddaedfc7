//! The scene as it lies in memory for both backends: the one place that knows the offsets which `shaders/lib/*.wgsl` read.
//!
//! Everything here is computed by additions, multiplications, divisions and square roots in IEEE arithmetic, which Rust neither
//! contracts nor reorders, so that every peer fills the buffers with the same bits. The renderer's digest covers them (`digest.rs`).

use crate::bvh::compressed::CompressedTrees;
use crate::bvh::{Aabb, Trees};
use raylance_scene::{
    AlphaMode, Environment, Filter, Image, Instance, LightKind, Material, MaterialTextures, PunctualLight, Scene, TextureUse, UvSet,
    Vertex, Wrap,
};
use raylance_shaders::tables::{ggx_albedo_words, glass_albedo_words, srgb_words};
use raylance_shaders::{Needs, Word};

/// Words of one material, as in `shaders/lib/material.wgsl`.
const MATERIAL_STRIDE: usize = 14;
/// First word of a material's slots, four slots a word.
const MATERIAL_SLOTS: usize = 10;
/// Words of one texture use.
const TEXTURE_WORDS: usize = 3;
const MATERIAL_MASK: u32 = 1;
const MATERIAL_BLEND: u32 = 2;
const MATERIAL_UNLIT: u32 = 4;
const MATERIAL_CLEARCOAT: u32 = 8;
const MATERIAL_SHEEN: u32 = 16;
const MATERIAL_ANISOTROPY: u32 = 32;
const MATERIAL_IRIDESCENCE: u32 = 64;
const MATERIAL_DISPERSION: u32 = 128;
const MATERIAL_VOLUME: u32 = 256;
const MATERIAL_SPECULAR: u32 = 512;
/// Words of one instance, as in `shaders/lib/scene.wgsl`.
pub const INSTANCE_STRIDE: usize = 8;
/// Most emissive triangles that light sampling knows, instances counted apart: 64 MiB of table. Glow beyond is found by scattering alone.
const AREA_LIGHTS_MAX: u64 = 1 << 22;
const NO_TEXTURE: u32 = u32::MAX;
const TANGENT_NONE: u32 = 0;
const TANGENT_POSITIVE: u32 = 1;
const TANGENT_NEGATIVE: u32 = 2;

/// All buffers of one scene, triangles in leaf order of their trees.
pub struct Buffers {
    /// Trees for the GPU, then the instances.
    pub nodes: Vec<Word>,
    /// Three words per triangle.
    pub triangles: Vec<Word>,
    /// One word per triangle, then two per vertex.
    pub shading: Vec<Word>,
    /// 14 words per material, then three per texture use.
    pub materials: Vec<Word>,
    /// RGBA8 texels of all images.
    pub texels: Vec<u32>,
    /// sRGB curve, GGX and glass albedo, lights.
    pub tables: Vec<Word>,
    /// Pixels, then the alias table; one word where there is no environment.
    pub environment: Vec<Word>,
    /// What the frame's uniform says about them.
    pub counts: Counts,
    /// What a tracer must know for this scene.
    pub needs: Needs,
}

/// Numbers about the buffers that the shaders need.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Counts {
    /// Emissive triangles in the light table.
    pub area_lights: u32,
    /// Punctual lights.
    pub point_lights: u32,
    /// Environment width, 0 = none.
    pub environment_width: u32,
    /// Environment height.
    pub environment_height: u32,
    /// Whether some material lets rays pass.
    pub has_alpha: bool,
    /// Node at which every ray begins.
    pub tree_start: u32,
    /// Whether it belongs to a tree over instances.
    pub two_levels: bool,
    /// Word of `nodes` at which the instances begin.
    pub instances_at: u32,
    /// Word of `shading` at which the vertices begin.
    pub vertices_at: u32,
}

/// The part of the trees that lies in the buffers.
struct Laid {
    /// Words of the trees.
    nodes: Vec<Word>,
    /// As [`Trees::order`].
    order: Vec<u32>,
    /// Where each mesh's tree begins.
    mesh_roots: Vec<u32>,
    /// The instances in the order of the leaves of their tree; empty where leaves say numbers.
    instance_order: Vec<u32>,
    start: u32,
}

impl Buffers {
    /// Lays a scene out for the walk on a GPU.
    pub fn new(scene: &Scene) -> Self {
        let trees = Trees::build(scene);
        let compressed = CompressedTrees::new(&trees, scene.meshes.iter().map(|mesh| mesh.first));
        let CompressedTrees { nodes, order, instance_order, mesh_roots, start } = compressed;
        let laid = Laid { nodes: nodes.into_flattened(), order, mesh_roots, instance_order, start };
        Self::lay_out(scene, laid, &trees.instance_boxes, trees.two_levels)
    }

    /// Lays a scene out for the CPU, which has its own kind of trees: `nodes` holds only the instances.
    pub fn for_cpu(scene: &Scene) -> (Self, Trees) {
        let mut trees = Trees::build(scene);
        let (order, mesh_roots) = (std::mem::take(&mut trees.order), vec![0; scene.meshes.len()]);
        let laid = Laid { nodes: Vec::new(), order, mesh_roots, instance_order: Vec::new(), start: 0 };
        (Self::lay_out(scene, laid, &trees.instance_boxes, trees.two_levels), trees)
    }

    /// Everything but the trees, with triangles in the scene's order: what decides a sample's bits.
    pub fn without_trees(scene: &Scene) -> Self {
        let trees = Trees::build(scene);
        let (order, mesh_roots) = ((0..scene.triangles.len() as u32).collect(), vec![0; scene.meshes.len()]);
        let laid = Laid { nodes: Vec::new(), order, mesh_roots, instance_order: Vec::new(), start: 0 };
        Self::lay_out(scene, laid, &trees.instance_boxes, trees.two_levels)
    }

    fn lay_out(scene: &Scene, laid: Laid, instance_boxes: &[Aabb], two_levels: bool) -> Self {
        let Laid { mut nodes, order, mesh_roots, instance_order, start } = laid;
        let (texels, image_offsets) = pack_texels(scene);
        let mut tables = [srgb_words(), ggx_albedo_words(), glass_albedo_words()].concat();
        let lights = AreaLights::new(scene);
        let area_lights = lights.add_to(&mut tables, &order);
        tables.extend(scene.lights.iter().flat_map(punctual_words));
        let (environment, width, height) = match &scene.environment {
            Some(environment) => pack_environment(environment),
            None => (vec![[0; 4]], 0, 0),
        };
        let instances_at = nodes.len() as u32;
        for (place, (instance, around)) in scene.instances.iter().zip(instance_boxes).enumerate() {
            let at_place = instance_order.get(place).copied().unwrap_or(0);
            nodes.extend(instance_words(instance, around, mesh_roots[instance.mesh as usize], at_place));
        }
        let counts = Counts {
            area_lights,
            point_lights: scene.lights.len() as u32,
            environment_width: width,
            environment_height: height,
            has_alpha: scene.materials.iter().any(|m| m.alpha_mode != AlphaMode::Opaque),
            tree_start: start,
            two_levels,
            instances_at,
            vertices_at: scene.triangles.len() as u32,
        };
        let needs = Needs {
            material_flags: scene.materials.iter().fold(0, |all, material| all | flags(material)),
            texture_slots: scene.materials.iter().fold(0, |all, material| all | filled_slots(material)),
            glass: scene.materials.iter().any(|material| material.transmission > 0.0),
            alpha: counts.has_alpha,
            environment: width > 0,
            area_lights: area_lights > 0,
            point_lights: counts.point_lights > 0,
            two_levels,
        };
        let corners = order.iter().map(|&index| corner_word(scene, index));
        Self {
            triangles: order.iter().flat_map(|&index| triangle_words(scene, index)).collect(),
            shading: corners.chain(scene.vertices.iter().flat_map(vertex_words)).collect(),
            materials: pack_materials(scene, &image_offsets, &lights.densities),
            nodes,
            texels,
            tables,
            environment,
            counts,
            needs,
        }
    }
}

fn float3(v: [f32; 3], w: u32) -> Word {
    [v[0].to_bits(), v[1].to_bits(), v[2].to_bits(), w]
}

/// From-world rows, to-world rows, then (1 = it moves its mesh and 2 · the number of the instance at this place in their tree, root of the
/// mesh's tree, the box's lower corner, its upper corner).
fn instance_words(instance: &Instance, around: &Aabb, root: u32, at_place: u32) -> [Word; INSTANCE_STRIDE] {
    let from_world = instance.from_world().expect("a checked scene's instances can be inverted");
    let row = |m: &[f32; 12], row: usize| [m[row * 4], m[row * 4 + 1], m[row * 4 + 2], m[row * 4 + 3]].map(f32::to_bits);
    let mut words = [[0; 4]; INSTANCE_STRIDE];
    for axis in 0..3 {
        words[axis] = row(&from_world, axis);
        words[3 + axis] = row(&instance.to_world, axis);
    }
    let ([x, y, z], upper) = (around.min.map(f32::to_bits), around.max.map(f32::to_bits));
    words[6] = [u32::from(!instance.is_identity()) | (at_place << 1), root, x, y];
    words[7] = [z, upper[0], upper[1], upper[2]];
    words
}

fn triangle_words(scene: &Scene, index: u32) -> [Word; 3] {
    let triangle = scene.triangles[index as usize];
    let [a, b, c] = triangle.vertices.map(|v| &scene.vertices[v as usize]);
    let state = if a.tangent[3] > 0.0 {
        TANGENT_POSITIVE
    } else if a.tangent[3] < 0.0 {
        TANGENT_NEGATIVE
    } else {
        TANGENT_NONE
    };
    [float3(a.position, index), float3(b.position, triangle.material), float3(c.position, state)]
}

fn corner_word(scene: &Scene, index: u32) -> Word {
    let [a, b, c] = scene.triangles[index as usize].vertices;
    [a, b, c, 0]
}

fn vertex_words(vertex: &Vertex) -> [Word; 2] {
    let [r, g, b, a] = vertex.color.map(u32::from);
    let [x, y, z, _] = vertex.tangent;
    let [first, second] = vertex.uv.map(|uv| uv.map(f32::to_bits));
    [[octahedral(vertex.normal), octahedral([x, y, z]), r | (g << 16), b | (a << 16)], [first[0], first[1], second[0], second[1]]]
}

/// A unit vector as two signed 16-bit coordinates on the folded octahedron.
fn octahedral(v: [f32; 3]) -> u32 {
    let sum = v[0].abs() + v[1].abs() + v[2].abs();
    if sum == 0.0 {
        return 0;
    }
    let (mut x, mut y) = (v[0] / sum, v[1] / sum);
    if v[2] < 0.0 {
        let sign = |a: f32| if a >= 0.0 { 1.0 } else { -1.0 };
        (x, y) = ((1.0 - y.abs()) * sign(x), (1.0 - x.abs()) * sign(y));
    }
    let code = |a: f32| u32::from((a * 32767.0).round_ties_even() as i16 as u16);
    code(x) | (code(y) << 16)
}

fn pack_texels(scene: &Scene) -> (Vec<u32>, Vec<u32>) {
    let mut texels = Vec::with_capacity(1 + scene.images.iter().map(|i| i.texels.len() / 4).sum::<usize>());
    let mut offsets = Vec::with_capacity(scene.images.len());
    for image in &scene.images {
        offsets.push(texels.len() as u32);
        texels.extend(image.texels.chunks_exact(4).map(|t| u32::from_le_bytes([t[0], t[1], t[2], t[3]])));
    }
    // A storage buffer must not be empty.
    if texels.is_empty() {
        texels.push(0);
    }
    (texels, offsets)
}

/// All materials, then the texture uses that their slots point at.
fn pack_materials(scene: &Scene, image_offsets: &[u32], densities: &[f32]) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::with_capacity(scene.materials.len() * MATERIAL_STRIDE);
    let mut uses: Vec<Word> = Vec::new();
    let uses_at = scene.materials.len() * MATERIAL_STRIDE;
    for (material, density) in scene.materials.iter().zip(densities) {
        let mut all = factor_words(material, *density);
        let (mut slots, mut used) = ([NO_TEXTURE; 16], 0);
        for (slot, texture) in material.textures.slots().into_iter().enumerate() {
            if let Some(texture) = texture {
                slots[slot] = (uses_at + uses.len()) as u32;
                used |= 1 << slot;
                uses.extend(texture_words(texture, &scene.images[texture.image as usize], image_offsets));
            }
        }
        all[9][3] = used;
        all[MATERIAL_SLOTS..].copy_from_slice(bytemuck::cast_slice(&slots));
        words.extend(all);
    }
    words.extend(uses);
    words
}

/// A bit for each slot that holds a texture.
fn filled_slots(material: &Material) -> u32 {
    material.textures.slots().iter().enumerate().filter(|(_, texture)| texture.is_some()).fold(0, |all, (slot, _)| all | (1 << slot))
}

fn flags(material: &Material) -> u32 {
    let MaterialTextures { specular, specular_color, .. } = &material.textures;
    let specular = material.specular != 1.0 || material.specular_color != [1.0; 3] || specular.is_some() || specular_color.is_some();
    let switches = [
        (matches!(material.alpha_mode, AlphaMode::Mask(_)), MATERIAL_MASK),
        (material.alpha_mode == AlphaMode::Blend, MATERIAL_BLEND),
        (material.unlit, MATERIAL_UNLIT),
        (material.clearcoat > 0.0, MATERIAL_CLEARCOAT),
        (material.sheen_color != [0.0; 3], MATERIAL_SHEEN),
        (material.anisotropy > 0.0, MATERIAL_ANISOTROPY),
        (material.iridescence > 0.0, MATERIAL_IRIDESCENCE),
        (material.dispersion > 0.0, MATERIAL_DISPERSION),
        (material.attenuation.is_some(), MATERIAL_VOLUME),
        (specular, MATERIAL_SPECULAR),
    ];
    switches.into_iter().filter(|(on, _)| *on).fold(0, |all, (_, flag)| all | flag)
}

fn factor_words(material: &Material, light_density: f32) -> [Word; MATERIAL_STRIDE] {
    let bits = |v: [f32; 4]| v.map(f32::to_bits);
    let cutoff = if let AlphaMode::Mask(at) = material.alpha_mode { at } else { 0.0 };
    let r = (material.ior - 1.0) / (material.ior + 1.0);
    let [thin, thick] = material.iridescence_thickness_nm;
    let [turn_x, turn_y] = material.anisotropy_direction;
    let mut words = [[0; 4]; MATERIAL_STRIDE];
    words[0] = bits(material.base_color);
    words[1] = float3(material.emissive, flags(material));
    words[2] = bits([material.metallic, material.roughness, material.transmission, material.ior]);
    words[3] = bits([material.normal_scale, cutoff, material.specular, light_density]);
    words[4] = float3(material.specular_color, material.clearcoat.to_bits());
    words[5] = float3(material.sheen_color, material.sheen_roughness.to_bits());
    words[6] = bits([material.clearcoat_roughness, material.clearcoat_normal_scale, material.anisotropy, material.iridescence]);
    words[7] = bits([turn_x, turn_y, material.iridescence_ior, material.dispersion]);
    words[8] = bits([thin, thick, r * r, 0.0]);
    words[9] = float3(material.attenuation.map_or([0.0; 3], |a| absorption(a.color, a.distance_m)), 0);
    words
}

/// Absorption per metre that leaves `color` after a distance; black is cut at one part in a million.
fn absorption(color: [f32; 3], distance_m: f32) -> [f32; 3] {
    color.map(|left| ((-ln(f64::from(left).max(1.0e-6)) / f64::from(distance_m)).clamp(0.0, 1.0e9)) as f32)
}

/// Natural logarithm for x in (0, 1], by halving and the series of the inverse hyperbolic tangent: the same bits everywhere.
fn ln(x: f64) -> f64 {
    let (mut scaled, mut halvings) = (x, 0);
    while scaled < 0.75 {
        scaled *= 2.0;
        halvings += 1;
    }
    let y = (scaled - 1.0) / (scaled + 1.0);
    let (mut power, mut sum) = (y, 0.0);
    for k in 0..20 {
        sum += power / f64::from(2 * k + 1);
        power *= y * y;
    }
    2.0 * sum - f64::from(halvings) * std::f64::consts::LN_2
}

fn texture_words(texture: &TextureUse, image: &Image, image_offsets: &[u32]) -> [Word; TEXTURE_WORDS] {
    let wrap = |wrap| match wrap {
        Wrap::Repeat => 0,
        Wrap::Clamp => 1,
        Wrap::Mirror => 2,
    };
    let filter = if texture.filter == Filter::Nearest { 16 } else { 0 };
    let set = if texture.uv_set == UvSet::Second { 64 } else { 0 };
    let flags = wrap(texture.wrap_u) | (wrap(texture.wrap_v) << 2) | filter | set | if texture.srgb { 32 } else { 0 };
    let t = texture.transform.map(f32::to_bits);
    [[image_offsets[texture.image as usize], image.width_px, image.height_px, flags], [t[0], t[1], t[2], t[3]], [t[4], t[5], 0, 0]]
}

// ---- lights ---------------------------------------------------------------------------------------------------------

/// Emissive triangles, each as often as its mesh stands somewhere. The chance of one is its share of the emitted power, so that the density
/// per area is a property of its material.
struct AreaLights {
    /// (instance, triangle in the scene, power).
    lights: Vec<(u32, u32, f64)>,
    /// Chance per square metre of each material's triangles to be picked.
    densities: Vec<f32>,
}

impl AreaLights {
    fn new(scene: &Scene) -> Self {
        let brightness: Vec<f64> = scene.materials.iter().map(|m| emitted_luminance(m, scene)).collect();
        let glows = |index: u32| brightness[scene.triangles[index as usize].material as usize] > 0.0;
        let glowing: Vec<Vec<u32>> =
            scene.meshes.iter().map(|m| (m.first..m.first + m.count).filter(|index| glows(*index)).collect()).collect();
        let count: u64 = scene.instances.iter().map(|instance| glowing[instance.mesh as usize].len() as u64).sum();
        if count == 0 || count > AREA_LIGHTS_MAX {
            return Self { lights: Vec::new(), densities: vec![0.0; brightness.len()] };
        }
        let mut lights = Vec::with_capacity(count as usize);
        for (number, instance) in (0..).zip(&scene.instances) {
            for &index in &glowing[instance.mesh as usize] {
                let power = brightness[scene.triangles[index as usize].material as usize] * area(scene, instance, index as usize);
                if power > 0.0 {
                    lights.push((number, index, power));
                }
            }
        }
        let total: f64 = lights.iter().map(|(_, _, power)| power).sum();
        // A light's density must not round to "no light".
        let density = |brightness: f64| if brightness > 0.0 && total > 0.0 { ((brightness / total) as f32).max(1e-12) } else { 0.0 };
        Self { densities: brightness.into_iter().map(density).collect(), lights }
    }

    /// Appends the alias table; returns its length.
    fn add_to(&self, tables: &mut Vec<Word>, order: &[u32]) -> u32 {
        let mut place = vec![0u32; order.len()];
        for (leaf_place, &index) in (0..).zip(order) {
            place[index as usize] = leaf_place;
        }
        let alias = alias_table(&self.lights.iter().map(|(_, _, power)| *power).collect::<Vec<_>>());
        let word = |((instance, index, _), slot): (&(u32, u32, f64), &AliasSlot)| {
            [place[*index as usize], *instance, slot.threshold.to_bits(), slot.other]
        };
        tables.extend(self.lights.iter().zip(&alias).map(word));
        self.lights.len() as u32
    }
}

fn punctual_words(light: &PunctualLight) -> [Word; 3] {
    let (kind, position, direction, inner, outer) = match light.kind {
        LightKind::Directional { direction } => (0, [0.0; 3], direction, 0.0, 0.0),
        LightKind::Point { position } => (1, position, [0.0; 3], 0.0, 0.0),
        LightKind::Spot { position, direction, cos_inner, cos_outer } => (2, position, direction, cos_inner, cos_outer),
    };
    [float3(position, kind), float3(direction, f32::to_bits(inner)), float3(light.emission, f32::to_bits(outer))]
}

fn emitted_luminance(material: &Material, scene: &Scene) -> f64 {
    let factor = luminance(material.emissive);
    if factor == 0.0 || material.unlit {
        return 0.0;
    }
    let Some(texture) = &material.textures.emissive else { return factor };
    let texels = &scene.images[texture.image as usize].texels;
    let sum: u64 = texels.chunks_exact(4).map(|t| u64::from(t[0]) + u64::from(t[1]) + u64::from(t[2])).sum();
    factor * sum as f64 / (texels.len() as f64 * 0.75 * 255.0)
}

fn luminance(c: [f32; 3]) -> f64 {
    0.2126 * f64::from(c[0]) + 0.7152 * f64::from(c[1]) + 0.0722 * f64::from(c[2])
}

/// Area in the world, square metres.
fn area(scene: &Scene, instance: &Instance, index: usize) -> f64 {
    let m = instance.to_world.map(f64::from);
    let [a, b, c] = scene.triangles[index].vertices.map(|v| scene.vertices[v as usize].position.map(f64::from));
    let turn = |v: [f64; 3]| [0, 4, 8].map(|row| m[row] * v[0] + m[row + 1] * v[1] + m[row + 2] * v[2]);
    let (e, f) = (turn([b[0] - a[0], b[1] - a[1], b[2] - a[2]]), turn([c[0] - a[0], c[1] - a[1], c[2] - a[2]]));
    let n = [e[1] * f[2] - e[2] * f[1], e[2] * f[0] - e[0] * f[2], e[0] * f[1] - e[1] * f[0]];
    0.5 * (n[0] * n[0] + n[1] * n[1] + n[2] * n[2]).sqrt()
}

/// One slot of an alias table.
#[derive(Clone, Copy, Debug)]
struct AliasSlot {
    /// Below it the slot itself is meant.
    threshold: f32,
    /// Above it this one.
    other: u32,
}

/// Walker's alias table by Vose's method. Weights must be ≥ 0 with a positive sum.
fn alias_table(weights: &[f64]) -> Vec<AliasSlot> {
    let count = weights.len();
    let total: f64 = weights.iter().sum();
    let mut scaled: Vec<f64> = weights.iter().map(|w| w * count as f64 / total).collect();
    let mut table: Vec<AliasSlot> = (0..count as u32).map(|other| AliasSlot { threshold: 1.0, other }).collect();
    let (mut small, mut large): (Vec<usize>, Vec<usize>) = (0..count).partition(|&i| scaled[i] < 1.0);
    while let (Some(s), Some(&l)) = (small.pop(), large.last()) {
        table[s] = AliasSlot { threshold: scaled[s] as f32, other: l as u32 };
        scaled[l] -= 1.0 - scaled[s];
        if scaled[l] < 1.0 {
            large.pop();
            small.push(l);
        }
    }
    table
}

// ---- environment ----------------------------------------------------------------------------------------------------

/// Pixels with their sampling density, then the alias table; an all-black environment counts as none.
fn pack_environment(environment: &Environment) -> (Vec<Word>, u32, u32) {
    let (w, h) = (environment.width_px as usize, environment.height_px as usize);
    let light: Vec<f64> = environment.pixels.iter().map(|p| luminance(*p)).collect();
    // What bilinear interpolation shows inside a pixel is a mean of its neighbourhood: weigh by that, or bright edges sparkle.
    let kernel = [(-1isize, 0.125), (0, 0.75), (1, 0.125)];
    let mut weights = vec![0.0; w * h];
    for y in 0..h {
        let sine = sin_pi((y as f64 + 0.5) / h as f64);
        for x in 0..w {
            let mut mean = 0.0;
            for (dy, ky) in kernel {
                let row = y.saturating_add_signed(dy).min(h - 1) * w;
                for (dx, kx) in kernel {
                    mean += ky * kx * light[row + (x + w).wrapping_add_signed(dx) % w];
                }
            }
            weights[y * w + x] = mean * sine;
        }
    }
    let total: f64 = weights.iter().sum();
    if total <= 0.0 {
        return (vec![[0; 4]], 0, 0);
    }
    let density = (w * h) as f64 / (2.0 * std::f64::consts::PI * std::f64::consts::PI * total);
    let mut words: Vec<Word> =
        environment.pixels.iter().zip(&weights).map(|(pixel, weight)| float3(*pixel, ((weight * density) as f32).to_bits())).collect();
    let alias = alias_table(&weights);
    words.extend(alias.chunks(2).map(|slots| {
        let odd = slots.get(1).unwrap_or(&slots[0]);
        [slots[0].threshold.to_bits(), slots[0].other, odd.threshold.to_bits(), odd.other]
    }));
    (words, w as u32, h as u32)
}

/// sin(π·x) for x in [0, 1], by its Taylor series: the same bits everywhere, unlike a system library's sine.
fn sin_pi(x: f64) -> f64 {
    let a = std::f64::consts::PI * x.min(1.0 - x);
    let a2 = a * a;
    let (mut term, mut sum) = (a, a);
    for k in 1..12 {
        term *= -a2 / f64::from(2 * k * (2 * k + 1));
        sum += term;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alias_table_returns_its_weights() {
        let weights = [0.0, 3.0, 1.0, 0.5, 7.25];
        let table = alias_table(&weights);
        let total: f64 = weights.iter().sum();
        let mut chance = vec![0.0; weights.len()];
        for (slot, entry) in table.iter().enumerate() {
            chance[slot] += f64::from(entry.threshold) / weights.len() as f64;
            chance[entry.other as usize] += (1.0 - f64::from(entry.threshold)) / weights.len() as f64;
        }
        for (got, weight) in chance.iter().zip(weights) {
            assert!((got - weight / total).abs() < 1e-6, "{chance:?}");
        }
    }

    #[test]
    fn octahedral_codes_keep_directions() {
        for v in [[0.0, 0.0, 1.0], [0.0, 0.0, -1.0], [0.6, -0.8, 0.0], [-0.48, 0.6, -0.64]] {
            let code = octahedral(v);
            let back = crate::cpu::unpack_octahedral_for_tests(code);
            let dot: f32 = (0..3).map(|i| v[i] * back[i]).sum();
            assert!(dot > 0.999_999, "{v:?} came back as {back:?}");
        }
    }

    #[test]
    fn own_logarithm_agrees_with_the_library() {
        for x in [1.0, 0.9, 0.75, 0.5, 0.1, 1.0e-6] {
            assert!((ln(x) - f64::ln(x)).abs() < 1e-13, "{x}");
        }
    }

    #[test]
    fn own_sine_agrees_with_the_library() {
        for i in 0..=100 {
            let x = f64::from(i) / 100.0;
            assert!((sin_pi(x) - (std::f64::consts::PI * x).sin()).abs() < 1e-14);
        }
    }
}
