//! The scene as it lies in memory for both backends: the one place that knows the offsets which `shaders/lib/*.wgsl` read.
//!
//! Everything here is computed by additions, multiplications, divisions and square roots in IEEE arithmetic, which Rust neither
//! contracts nor reorders, so that every peer fills the buffers with the same bits.

use crate::bvh::{PairNode, Tree};
use crate::scene::{AlphaMode, Environment, Filter, LightKind, Material, PunctualLight, Scene, TextureUse, Wrap};
use crate::tables::{ggx_albedo_words, srgb_words};

/// Raised whenever this file changes a bit that a sample can see.
pub const LAYOUT_VERSION: u32 = 1;

/// Words of one material.
const MATERIAL_STRIDE: usize = 19;
const MATERIAL_MASK: u32 = 1;
const MATERIAL_BLEND: u32 = 2;
const MATERIAL_UNLIT: u32 = 4;
const NO_TEXTURE: u32 = u32::MAX;
const TANGENT_NONE: u32 = 0;
const TANGENT_POSITIVE: u32 = 1;
const TANGENT_NEGATIVE: u32 = 2;

/// A word of four, as the shaders' `vec4<u32>`.
pub type Word = [u32; 4];

/// All buffers of one scene, in leaf order of its tree.
pub struct Buffers {
    /// Tree for the GPU.
    pub nodes: Vec<PairNode>,
    /// Three words per triangle.
    pub triangles: Vec<Word>,
    /// Four words per triangle.
    pub shading: Vec<Word>,
    /// 19 words per material.
    pub materials: Vec<Word>,
    /// RGBA8 texels of all images.
    pub texels: Vec<u32>,
    /// sRGB curve, GGX albedo, lights.
    pub tables: Vec<Word>,
    /// Pixels, then the alias table; one word where there is no environment.
    pub environment: Vec<Word>,
    /// What the frame's uniform says about them.
    pub counts: Counts,
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
}

impl Buffers {
    /// Lays a scene out.
    pub fn new(scene: &Scene) -> Self {
        let tree = Tree::build(scene);
        let (texels, image_offsets) = pack_texels(scene);
        let mut tables = [srgb_words(), ggx_albedo_words()].concat();
        let chances = add_lights(scene, &tree.order, &mut tables);
        let (environment, width, height) = match &scene.environment {
            Some(environment) => pack_environment(environment),
            None => (vec![[0; 4]], 0, 0),
        };
        let counts = Counts {
            area_lights: chances.iter().filter(|chance| **chance > 0.0).count() as u32,
            point_lights: scene.lights.len() as u32,
            environment_width: width,
            environment_height: height,
            has_alpha: scene.materials.iter().any(|m| m.alpha_mode != AlphaMode::Opaque),
        };
        Self {
            triangles: tree.order.iter().flat_map(|&index| triangle_words(scene, index)).collect(),
            shading: tree.order.iter().zip(&chances).flat_map(|(&index, &chance)| shading_words(scene, index, chance)).collect(),
            materials: scene.materials.iter().flat_map(|m| material_words(m, scene, &image_offsets)).collect(),
            nodes: tree.nodes,
            texels,
            tables,
            environment,
            counts,
        }
    }
}

fn float3(v: [f32; 3], w: u32) -> Word {
    [v[0].to_bits(), v[1].to_bits(), v[2].to_bits(), w]
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

fn shading_words(scene: &Scene, index: u32, light_chance: f32) -> [Word; 4] {
    let corners = scene.triangles[index as usize].vertices.map(|v| &scene.vertices[v as usize]);
    let [n0, n1, n2] = corners.map(|v| octahedral(v.normal));
    let [t0, t1, t2] = corners.map(|v| octahedral([v.tangent[0], v.tangent[1], v.tangent[2]]));
    let [c0, c1, c2] = corners.map(|v| u32::from_le_bytes(v.color));
    let [a, b, c] = corners.map(|v| v.uv.map(f32::to_bits));
    [[n0, n1, n2, c0], [t0, t1, t2, c1], [a[0], a[1], b[0], b[1]], [c[0], c[1], c2, light_chance.to_bits()]]
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

fn material_words(material: &Material, scene: &Scene, image_offsets: &[u32]) -> [Word; MATERIAL_STRIDE] {
    let bits = |v: [f32; 4]| v.map(f32::to_bits);
    let (mut flags, mut cutoff) = (0, 0.0);
    match material.alpha_mode {
        AlphaMode::Opaque => {}
        AlphaMode::Mask(at) => (flags, cutoff) = (MATERIAL_MASK, at),
        AlphaMode::Blend => flags = MATERIAL_BLEND,
    }
    if material.unlit {
        flags |= MATERIAL_UNLIT;
    }
    let mut words = [[0; 4]; MATERIAL_STRIDE];
    words[0] = bits(material.base_color);
    words[1] = float3(material.emissive, flags);
    words[2] = bits([material.metallic, material.roughness, material.transmission, material.ior]);
    let r = (material.ior - 1.0) / (material.ior + 1.0);
    words[3] = bits([material.normal_scale, cutoff, r * r, 0.0]);
    for (slot, texture) in material.textures.slots().into_iter().enumerate() {
        words[4 + slot * 3..7 + slot * 3].copy_from_slice(&texture_words(texture, scene, image_offsets));
    }
    words
}

fn texture_words(texture: Option<&TextureUse>, scene: &Scene, image_offsets: &[u32]) -> [Word; 3] {
    let Some(texture) = texture else { return [[NO_TEXTURE, 0, 0, 0], [0; 4], [0; 4]] };
    let image = &scene.images[texture.image as usize];
    let wrap = |wrap| match wrap {
        Wrap::Repeat => 0,
        Wrap::Clamp => 1,
        Wrap::Mirror => 2,
    };
    let filter = if texture.filter == Filter::Nearest { 16 } else { 0 };
    let flags = wrap(texture.wrap_u) | (wrap(texture.wrap_v) << 2) | filter | if texture.srgb { 32 } else { 0 };
    let t = texture.transform.map(f32::to_bits);
    [[image_offsets[texture.image as usize], image.width_px, image.height_px, flags], [t[0], t[1], t[2], t[3]], [t[4], t[5], 0, 0]]
}

// ---- lights ---------------------------------------------------------------------------------------------------------

/// Appends emissive triangles (alias table) and punctual lights; returns each triangle's probability in leaf order, 0 = no light.
fn add_lights(scene: &Scene, order: &[u32], tables: &mut Vec<Word>) -> Vec<f32> {
    let brightness: Vec<f64> = scene.materials.iter().map(|m| emitted_luminance(m, scene)).collect();
    let mut place = vec![0u32; order.len()];
    for (leaf_place, &index) in order.iter().enumerate() {
        place[index as usize] = leaf_place as u32;
    }
    // In the scene's order, so that the table does not depend on the tree.
    let lights: Vec<(u32, f64)> = (scene.triangles.iter().enumerate())
        .map(|(index, t)| (place[index], brightness[t.material as usize] * area(scene, index)))
        .filter(|(_, power)| *power > 0.0)
        .collect();
    let mut chances = vec![0.0; order.len()];
    let total: f64 = lights.iter().map(|(_, power)| power).sum();
    let alias = alias_table(&lights.iter().map(|(_, power)| *power).collect::<Vec<_>>());
    for (slot, (leaf_place, power)) in lights.iter().enumerate() {
        chances[*leaf_place as usize] = (power / total) as f32;
        tables.push([*leaf_place, alias[slot].threshold.to_bits(), lights[alias[slot].other as usize].0, 0]);
    }
    tables.extend(scene.lights.iter().flat_map(punctual_words));
    // The chance of a light must not round to "no light".
    for (leaf_place, _) in &lights {
        let chance = &mut chances[*leaf_place as usize];
        *chance = chance.max(1e-12);
    }
    chances
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

fn area(scene: &Scene, index: usize) -> f64 {
    let [a, b, c] = scene.triangles[index].vertices.map(|v| scene.vertices[v as usize].position.map(f64::from));
    let (e, f) = ([b[0] - a[0], b[1] - a[1], b[2] - a[2]], [c[0] - a[0], c[1] - a[1], c[2] - a[2]]);
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
    fn own_sine_agrees_with_the_library() {
        for i in 0..=100 {
            let x = f64::from(i) / 100.0;
            assert!((sin_pi(x) - (std::f64::consts::PI * x).sin()).abs() < 1e-14);
        }
    }
}
