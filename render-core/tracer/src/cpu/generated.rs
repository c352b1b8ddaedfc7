//! The shaders as Rust, made by `cargo xtask bless`; change the shaders instead.

#![allow(missing_docs, dead_code, unused_labels, unused_mut, unused_variables, unused_assignments, unused_parens, unreachable_code)]
#![allow(non_snake_case, non_camel_case_types, non_upper_case_globals, clippy::all)]

use super::runtime::*;

#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Frame {
    pub camera_from: V4<f32>,
    pub camera_right: V4<f32>,
    pub camera_up: V4<f32>,
    pub camera_forward: V4<f32>,
    pub lens_right: V4<f32>,
    pub lens_up: V4<f32>,
    pub width_px: u32,
    pub height_px: u32,
    pub depth_max: u32,
    pub seed: u32,
    pub area_lights: u32,
    pub point_lights: u32,
    pub environment_width: u32,
    pub environment_height: u32,
    pub has_alpha: u32,
    pub first_request: u32,
    pub request_count: u32,
    pub instances_at: u32,
    pub vertices_at: u32,
    pub orthographic: u32,
    pub tree_start: u32,
    pub two_levels: u32,
}
const _: () = assert!(core::mem::offset_of!(Frame, camera_from) == 0);
const _: () = assert!(core::mem::offset_of!(Frame, camera_right) == 16);
const _: () = assert!(core::mem::offset_of!(Frame, camera_up) == 32);
const _: () = assert!(core::mem::offset_of!(Frame, camera_forward) == 48);
const _: () = assert!(core::mem::offset_of!(Frame, lens_right) == 64);
const _: () = assert!(core::mem::offset_of!(Frame, lens_up) == 80);
const _: () = assert!(core::mem::offset_of!(Frame, width_px) == 96);
const _: () = assert!(core::mem::offset_of!(Frame, height_px) == 100);
const _: () = assert!(core::mem::offset_of!(Frame, depth_max) == 104);
const _: () = assert!(core::mem::offset_of!(Frame, seed) == 108);
const _: () = assert!(core::mem::offset_of!(Frame, area_lights) == 112);
const _: () = assert!(core::mem::offset_of!(Frame, point_lights) == 116);
const _: () = assert!(core::mem::offset_of!(Frame, environment_width) == 120);
const _: () = assert!(core::mem::offset_of!(Frame, environment_height) == 124);
const _: () = assert!(core::mem::offset_of!(Frame, has_alpha) == 128);
const _: () = assert!(core::mem::offset_of!(Frame, first_request) == 132);
const _: () = assert!(core::mem::offset_of!(Frame, request_count) == 136);
const _: () = assert!(core::mem::offset_of!(Frame, instances_at) == 140);
const _: () = assert!(core::mem::offset_of!(Frame, vertices_at) == 144);
const _: () = assert!(core::mem::offset_of!(Frame, orthographic) == 148);
const _: () = assert!(core::mem::offset_of!(Frame, tree_start) == 152);
const _: () = assert!(core::mem::offset_of!(Frame, two_levels) == 156);
const _: () = assert!(size_of::<Frame>() == 160);

#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Basis {
    pub t: V3<f32>,
    pub b: V3<f32>,
    pub n: V3<f32>,
}

#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hit {
    pub t: f32,
    pub u: f32,
    pub v: f32,
    pub triangle: u32,
    pub primitive: u32,
    pub instance: u32,
}

#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Corners {
    pub v0: V3<f32>,
    pub v1: V3<f32>,
    pub v2: V3<f32>,
}

#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SpaceRay {
    pub o: V3<f32>,
    pub d: V3<f32>,
    pub inverse: V3<f32>,
}

#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Maps {
    pub slots: u32,
    pub base: V4<f32>,
    pub metallic_roughness: V4<f32>,
    pub normal: V3<f32>,
    pub emissive: V3<f32>,
    pub transmission: f32,
    pub specular: f32,
    pub specular_color: V3<f32>,
    pub clearcoat: f32,
    pub clearcoat_roughness: f32,
    pub clearcoat_normal: V3<f32>,
    pub sheen_color: V3<f32>,
    pub sheen_roughness: f32,
    pub anisotropy: V3<f32>,
    pub iridescence: f32,
    pub iridescence_thickness: f32,
}

#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Surface {
    pub position: V3<f32>,
    pub geometric: V3<f32>,
    pub local: Basis,
    pub back: bool,
    pub material: u32,
    pub flags: u32,
    pub maps: Maps,
    pub base: V3<f32>,
    pub emission: V3<f32>,
    pub metallic: f32,
    pub roughness: f32,
    pub alpha: f32,
    pub transmission: f32,
    pub ior: f32,
    pub light: f32,
}

#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Facets {
    pub x: f32,
    pub y: f32,
    pub y_over_x: f32,
    pub x_over_y: f32,
}

#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sheen {
    pub color: V3<f32>,
    pub albedo: f32,
    pub a: f32,
    pub b: f32,
}

#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bsdf {
    pub glass: bool,
    pub flags: u32,
    pub facets: Facets,
    pub reach: f32,
    pub diffuse: V3<f32>,
    pub metal: V3<f32>,
    pub metal_gain: V3<f32>,
    pub coat: V3<f32>,
    pub edge: f32,
    pub coat_gain: V3<f32>,
    pub film: V3<f32>,
    pub film_f0: V3<f32>,
    pub film_gain: V3<f32>,
    pub sheen: Sheen,
    pub sheen_gain: f32,
    pub clear: f32,
    pub clear_facets: Facets,
    pub clear_normal: V3<f32>,
    pub shares: V3<f32>,
    pub eta: f32,
    pub tint: V3<f32>,
    pub hue: V3<f32>,
}

#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scattered {
    pub direction: V3<f32>,
    pub pdf: f32,
    pub weight: V3<f32>,
}

#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reflectance {
    pub value: V3<f32>,
    pub pdf: f32,
}

#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hue {
    pub factor: V3<f32>,
    pub offset: f32,
}

#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LightSample {
    pub direction: V3<f32>,
    pub distance: f32,
    pub radiance: V3<f32>,
    pub pdf: f32,
}

#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EnvironmentValue {
    pub radiance: V3<f32>,
    pub pdf: f32,
}

#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ray {
    pub o: V3<f32>,
    pub d: V3<f32>,
}

#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Path {
    pub o: V3<f32>,
    pub d: V3<f32>,
    pub throughput: V3<f32>,
    pub radiance: V3<f32>,
    pub scatter_pdf: f32,
    pub medium: V3<f32>,
    pub depth: u32,
}

pub const MATERIAL_FLAGS: u32 = 0xffffffff_u32;
pub const TEXTURE_SLOTS: u32 = 0xffffffff_u32;
pub const HAS_GLASS: bool = true;
pub const PI: f32 = 3.1415927_f32;
pub const INV_PI: f32 = 0.31830987_f32;
pub const INFINITE: f32 = 1e30_f32;
pub const INSTANCE_STRIDE: u32 = 8_u32;
pub const INSTANCE_MOVES: u32 = 1_u32;
pub const NO_HIT: u32 = 0xffffffff_u32;
pub const PATH_TESTS_MAX: u32 = 0x100000_u32;
pub const BOX_SLACK: f32 = 1.000001_f32;
pub const REACH: f32 = 100000000000.0_f32;
pub const SRGB_TABLE: u32 = 0_u32;
pub const ALBEDO_TABLE: u32 = 64_u32;
pub const GLASS_TABLE: u32 = 1088_u32;
pub const LIGHT_TABLE: u32 = 3136_u32;
pub const WRAP_CLAMP: u32 = 1_u32;
pub const WRAP_MIRROR: u32 = 2_u32;
pub const FLAG_NEAREST: u32 = 16_u32;
pub const FLAG_SRGB: u32 = 32_u32;
pub const FLAG_SECOND_UV: u32 = 64_u32;
pub const MATERIAL_STRIDE: u32 = 14_u32;
pub const MATERIAL_SLOTS: u32 = 10_u32;
pub const NO_TEXTURE: u32 = 0xffffffff_u32;
pub const MATERIAL_MASK: u32 = 1_u32;
pub const MATERIAL_BLEND: u32 = 2_u32;
pub const MATERIAL_UNLIT: u32 = 4_u32;
pub const MATERIAL_CLEARCOAT: u32 = 8_u32;
pub const MATERIAL_SHEEN: u32 = 16_u32;
pub const MATERIAL_ANISOTROPY: u32 = 32_u32;
pub const MATERIAL_IRIDESCENCE: u32 = 64_u32;
pub const MATERIAL_DISPERSION: u32 = 128_u32;
pub const MATERIAL_VOLUME: u32 = 256_u32;
pub const MATERIAL_SPECULAR: u32 = 512_u32;
pub const SLOT_BASE_COLOR: u32 = 0_u32;
pub const SLOT_METALLIC_ROUGHNESS: u32 = 1_u32;
pub const SLOT_NORMAL: u32 = 2_u32;
pub const SLOT_EMISSIVE: u32 = 3_u32;
pub const SLOT_TRANSMISSION: u32 = 4_u32;
pub const SLOT_SPECULAR: u32 = 5_u32;
pub const SLOT_SPECULAR_COLOR: u32 = 6_u32;
pub const SLOT_CLEARCOAT: u32 = 7_u32;
pub const SLOT_CLEARCOAT_ROUGHNESS: u32 = 8_u32;
pub const SLOT_CLEARCOAT_NORMAL: u32 = 9_u32;
pub const SLOT_SHEEN_COLOR: u32 = 10_u32;
pub const SLOT_SHEEN_ROUGHNESS: u32 = 11_u32;
pub const SLOT_ANISOTROPY: u32 = 12_u32;
pub const SLOT_IRIDESCENCE: u32 = 13_u32;
pub const SLOT_IRIDESCENCE_THICKNESS: u32 = 14_u32;
pub const ROUGHNESS_MIN: f32 = 0.0316_f32;
pub const TANGENT_NONE: u32 = 0_u32;
pub const TANGENT_NEGATIVE: u32 = 2_u32;
pub const CLEARCOAT_INDEX: f32 = 1.5_f32;
pub const CLEARCOAT_F0: f32 = 0.04_f32;
pub const PUNCTUAL_DIRECTIONAL: u32 = 0_u32;
pub const PUNCTUAL_SPOT: u32 = 2_u32;
pub const PUNCTUAL_RUN: u32 = 16_u32;
pub const PDF_MAX: f32 = 1000000000000000.0_f32;
pub const PAIR_PIXEL: u32 = 0_u32;
pub const PAIR_LENS: u32 = 0x10000_u32;
pub const PAIRS_PER_VERTEX: u32 = 3_u32;
pub const DIMENSIONS_PER_VERTEX: u32 = 64_u32;
pub const DIMENSION_ROULETTE: u32 = 1_u32;
pub const DIMENSION_LAYERS: u32 = 2_u32;
pub const DIMENSION_COIN: u32 = 34_u32;
pub const PASSES_MAX: u32 = 32_u32;
pub const ROULETTE_DEPTH: u32 = 4_u32;
pub const RADIANCE_MIN: f32 = 1e-30_f32;
pub const QUANTITY_RADIANCE: u32 = 0_u32;
pub const QUANTITY_ALBEDO: u32 = 1_u32;
pub const QUANTITY_NORMAL: u32 = 2_u32;

pub struct Cx<'g, X> {
    pub ext: X,
    pub frame: &'g Frame,
    pub nodes: &'g [V4<u32>],
    pub triangles: &'g [V4<u32>],
    pub shading: &'g [V4<u32>],
    pub materials: &'g [V4<u32>],
    pub texels: &'g [u32],
    pub tables: &'g [V4<u32>],
    pub environment: &'g [V4<u32>],
}

/// What the driver does in its own way.
pub trait Ext: Sized {
    fn closest_hit(&self, cx: &Cx<'_, Self>, o: V3<f32>, d: V3<f32>) -> Hit;
    fn occluded(&self, cx: &Cx<'_, Self>, o: V3<f32>, d: V3<f32>, t_max: f32) -> bool;
}

#[inline(always)]
pub fn has_alpha<X: Ext>(cx: &Cx<'_, X>) -> bool {
    cx.frame.has_alpha != 0_u32
}

#[inline(always)]
pub fn has_environment<X: Ext>(cx: &Cx<'_, X>) -> bool {
    cx.frame.environment_width != 0_u32
}

#[inline(always)]
pub fn has_area_lights<X: Ext>(cx: &Cx<'_, X>) -> bool {
    cx.frame.area_lights != 0_u32
}

#[inline(always)]
pub fn has_point_lights<X: Ext>(cx: &Cx<'_, X>) -> bool {
    cx.frame.point_lights != 0_u32
}

#[inline(always)]
pub fn has_two_levels<X: Ext>(cx: &Cx<'_, X>) -> bool {
    cx.frame.two_levels != 0_u32
}

#[inline(always)]
pub fn node_word<X: Ext>(cx: &Cx<'_, X>, i: u32) -> V4<u32> {
    cx.nodes[i as usize]
}

#[inline(always)]
pub fn triangle_word<X: Ext>(cx: &Cx<'_, X>, i: u32) -> V4<u32> {
    cx.triangles[i as usize]
}

#[inline(always)]
pub fn shading_word<X: Ext>(cx: &Cx<'_, X>, i: u32) -> V4<u32> {
    cx.shading[i as usize]
}

#[inline(always)]
pub fn material_word<X: Ext>(cx: &Cx<'_, X>, i: u32) -> V4<u32> {
    cx.materials[i as usize]
}

#[inline(always)]
pub fn texel_word<X: Ext>(cx: &Cx<'_, X>, i: u32) -> u32 {
    cx.texels[i as usize]
}

#[inline(always)]
pub fn table_word<X: Ext>(cx: &Cx<'_, X>, i: u32) -> V4<u32> {
    cx.tables[i as usize]
}

#[inline(always)]
pub fn environment_word<X: Ext>(cx: &Cx<'_, X>, i: u32) -> V4<u32> {
    cx.environment[i as usize]
}

#[inline(always)]
pub fn read_frame() {
}

#[inline(always)]
pub fn rcp(a: f32) -> f32 {
    let mut y: f32 = 0.0_f32;
    let bits = a.to_bits();
    let magnitude = bits & 0x7fffffff_u32;
    let b = f32::from_bits(magnitude);
    y = f32::from_bits(0x7ef311c7_u32.wrapping_sub(magnitude));
    y = y * (2.0_f32 - (b * y));
    y = y * (2.0_f32 - (b * y));
    y = y * (2.0_f32 - (b * y));
    f32::from_bits(y.to_bits() | (bits & 0x80000000_u32))
}

#[inline(always)]
pub fn div(a: f32, b: f32) -> f32 {
    let rcp_value = rcp(b);
    a * rcp_value
}

#[inline(always)]
pub fn rsqrt(a: f32) -> f32 {
    let mut y: f32 = 0.0_f32;
    let h = 0.5_f32 * a;
    y = f32::from_bits(0x5f3759df_u32.wrapping_sub(a.to_bits().wrapping_shr(1_u32)));
    y = y * (1.5_f32 - ((h * y) * y));
    y = y * (1.5_f32 - ((h * y) * y));
    y = y * (1.5_f32 - ((h * y) * y));
    y
}

#[inline(always)]
pub fn root(a: f32) -> f32 {
    if a < 1e-30_f32 {
        return 0.0_f32;
    }
    let rsqrt_value = rsqrt(a);
    a * rsqrt_value
}

#[inline(always)]
pub fn dot3(a: V3<f32>, b: V3<f32>) -> f32 {
    (a.x * b.x) + ((a.y * b.y) + (a.z * b.z))
}

#[inline(always)]
pub fn cross3(a: V3<f32>, b: V3<f32>) -> V3<f32> {
    V3::new((a.y * b.z) - (a.z * b.y), (a.z * b.x) - (a.x * b.z), (a.x * b.y) - (a.y * b.x))
}

#[inline(always)]
pub fn normalize3(a: V3<f32>) -> V3<f32> {
    let dot3_value = dot3(a, a);
    let rsqrt_value = rsqrt(float_max(dot3_value, 1e-30_f32));
    a * rsqrt_value
}

#[inline(always)]
pub fn max3(a: V3<f32>) -> f32 {
    float_max(a.x, float_max(a.y, a.z))
}

#[inline(always)]
pub fn min3(a: V3<f32>) -> f32 {
    float_min(a.x, float_min(a.y, a.z))
}

#[inline(always)]
pub fn luminance(c: V3<f32>) -> f32 {
    (0.2126_f32 * c.x) + ((0.7152_f32 * c.y) + (0.0722_f32 * c.z))
}

#[inline(always)]
pub fn lerp(a: f32, b: f32, t: f32) -> f32 {
    a + ((b - a) * t)
}

#[inline(always)]
pub fn lerp3(a: V3<f32>, b: V3<f32>, t: f32) -> V3<f32> {
    a + ((b - a) * t)
}

#[inline(always)]
pub fn lerp4(a: V4<f32>, b: V4<f32>, t: f32) -> V4<f32> {
    a + ((b - a) * t)
}

#[inline]
pub fn sincos_turns(turns: f32) -> V2<f32> {
    let mut s: f32 = 0.0_f32;
    let mut c: f32 = 0.0_f32;
    let quarters = turns * 4.0_f32;
    let quadrant = float_to_u32(quarters);
    let f = quarters - (quadrant as f32);
    let folded = f > 0.5_f32;
    let g = if folded { 1.0_f32 - f } else { f };
    let x = g * 1.5707964_f32;
    let x2 = x * x;
    let sp = x2 * ((x2 * ((x2 * (-0.00019515296_f32)) + 0.008332161_f32)) - 0.16666655_f32);
    let s0 = (x * sp) + x;
    let cp = x2 * ((x2 * ((x2 * 2.4433157e-5_f32) - 0.0013887316_f32)) + 0.041666646_f32);
    let c0 = ((x2 * cp) - (0.5_f32 * x2)) + 1.0_f32;
    s = if folded { c0 } else { s0 };
    c = if folded { s0 } else { c0 };
    if (quadrant & 1_u32) == 1_u32 {
        let t = s;
        s = c;
        c = -t;
    }
    if (quadrant & 2_u32) == 2_u32 {
        s = -s;
        c = -c;
    }
    V2::new(s, c)
}

#[inline(always)]
pub fn cos_turns(turns: f32) -> f32 {
    let sincos_turns_value = sincos_turns(float_min(turns - turns.floor(), 0.9999999_f32));
    sincos_turns_value.y
}

#[inline]
pub fn exp_minus(a: f32) -> f32 {
    let mut p: f32 = 0.0013888889_f32;
    if a >= 40.0_f32 {
        return 0.0_f32;
    }
    let halvings = ((float_max(a, 0.0_f32) * 1.442695_f32) + 0.5_f32).floor();
    let x = (halvings * 0.6931472_f32) - float_max(a, 0.0_f32);
    p = (p * x) + 0.008333333_f32;
    p = (p * x) + 0.041666668_f32;
    p = (p * x) + 0.16666667_f32;
    p = (p * x) + 0.5_f32;
    p = (p * x) + 1.0_f32;
    p = (p * x) + 1.0_f32;
    p * f32::from_bits(127_u32.wrapping_sub(float_to_u32(halvings)).wrapping_shl(23_u32))
}

#[inline]
pub fn arccos(x: f32) -> f32 {
    let mut p: f32 = -0.0012624911_f32;
    let a = float_min(x.abs(), 1.0_f32);
    p = (p * a) + 0.00667009_f32;
    p = (p * a) - 0.017088126_f32;
    p = (p * a) + 0.03089188_f32;
    p = (p * a) - 0.050174303_f32;
    p = (p * a) + 0.08897899_f32;
    p = (p * a) - 0.2145988_f32;
    p = (p * a) + 1.5707963_f32;
    let value = p;
    let root_value = root(1.0_f32 - a);
    let r = value * root_value;
    if x < 0.0_f32 { PI - r } else { r }
}

#[inline]
pub fn atan2_turns(y: f32, x: f32) -> f32 {
    let mut p: f32 = 0.0028662258_f32;
    let mut a: f32 = 0.0_f32;
    let ax = x.abs();
    let ay = y.abs();
    let hi = float_max(ax, ay);
    if hi < 1e-30_f32 {
        return 0.0_f32;
    }
    let t = div(float_min(ax, ay), hi);
    let t2 = t * t;
    p = (p * t2) - 0.016165737_f32;
    p = (p * t2) + 0.042909615_f32;
    p = (p * t2) - 0.07528964_f32;
    p = (p * t2) + 0.10656264_f32;
    p = (p * t2) - 0.142089_f32;
    p = (p * t2) + 0.19993551_f32;
    p = (p * t2) - 0.33333147_f32;
    a = (t + ((t * t2) * p)) * 0.15915494_f32;
    if ay > ax {
        a = 0.25_f32 - a;
    }
    if x < 0.0_f32 {
        a = 0.5_f32 - a;
    }
    if y < 0.0_f32 { -a } else { a }
}

#[inline(always)]
pub fn basis(n: V3<f32>) -> Basis {
    let s = if n.z < 0.0_f32 { -1.0_f32 } else { 1.0_f32 };
    let rcp_value = rcp(s + n.z);
    let a = -rcp_value;
    let b = (n.x * n.y) * a;
    Basis { t: V3::new(1.0_f32 + (((s * n.x) * n.x) * a), s * b, (-s) * n.x), b: V3::new(b, s + ((n.y * n.y) * a), -n.y), n: n }
}

#[inline(always)]
pub fn to_world(f: Basis, v: V3<f32>) -> V3<f32> {
    (f.t * v.x) + ((f.b * v.y) + (f.n * v.z))
}

#[inline(always)]
pub fn to_local(f: Basis, v: V3<f32>) -> V3<f32> {
    let dot3_value = dot3(v, f.t);
    let dot3_value_2 = dot3(v, f.b);
    let dot3_value_3 = dot3(v, f.n);
    V3::new(dot3_value, dot3_value_2, dot3_value_3)
}

#[inline(always)]
pub fn offset_axis(p: f32, n: f32) -> f32 {
    if p.abs() < 0.03125_f32 {
        return p + (n * 1.5258789e-5_f32);
    }
    let ulps = float_to_i32(n * 256.0_f32);
    float_from_i32_bits(float_to_i32_bits(p).wrapping_add(if p < 0.0_f32 { ulps.wrapping_neg() } else { ulps }))
}

#[inline(always)]
pub fn offset_point(p: V3<f32>, n: V3<f32>) -> V3<f32> {
    let offset_axis_value = offset_axis(p.x, n.x);
    let offset_axis_value_2 = offset_axis(p.y, n.y);
    let offset_axis_value_3 = offset_axis(p.z, n.z);
    V3::new(offset_axis_value, offset_axis_value_2, offset_axis_value_3)
}

#[inline(always)]
pub fn unpack_octahedral(bits: u32) -> V3<f32> {
    let x = ((bits.wrapping_shl(16_u32) as i32).wrapping_shr(16_u32) as f32) * 3.051851e-5_f32;
    let y = ((bits as i32).wrapping_shr(16_u32) as f32) * 3.051851e-5_f32;
    let z = (1.0_f32 - x.abs()) - y.abs();
    let fold = float_max(-z, 0.0_f32);
    let normalize3_value = normalize3(V3::new(if x >= 0.0_f32 { x - fold } else { x + fold }, if y >= 0.0_f32 { y - fold } else { y + fold }, z));
    normalize3_value
}

#[inline(always)]
pub fn hash(v: u32) -> u32 {
    let s = v.wrapping_mul(0x2c9277b5_u32).wrapping_add(0xac564b05_u32);
    let w = (s.wrapping_shr(s.wrapping_shr(28_u32).wrapping_add(4_u32)) ^ s).wrapping_mul(0x108ef2d9_u32);
    w.wrapping_shr(22_u32) ^ w
}

#[inline(always)]
pub fn unit_float(bits: u32) -> f32 {
    (bits.wrapping_shr(8_u32) as f32) * 5.9604645e-8_f32
}

#[inline(always)]
pub fn pixel_key(seed: u32, x: u32, y: u32) -> u32 {
    let hash_value = hash(seed);
    let hash_value_2 = hash((x | y.wrapping_shl(16_u32)) ^ hash_value);
    hash_value_2
}

#[inline(always)]
pub fn permute(v: u32, seed: u32) -> u32 {
    let mut x: u32 = 0_u32;
    x = v;
    x = x ^ x.wrapping_mul(0x3d20adea_u32);
    x = x.wrapping_add(seed);
    x = x.wrapping_mul(seed.wrapping_shr(16_u32) | 1_u32);
    x = x ^ x.wrapping_mul(0x5526c56_u32);
    x = x ^ x.wrapping_mul(0x53a22864_u32);
    x
}

#[inline(always)]
pub fn pascal(v: u32) -> u32 {
    let mut x: u32 = 0_u32;
    x = v;
    x = x ^ (x.wrapping_shr(16_u32) & 65535_u32);
    x = x ^ (x.wrapping_shr(8_u32) & 0xff00ff_u32);
    x = x ^ (x.wrapping_shr(4_u32) & 0xf0f0f0f_u32);
    x = x ^ (x.wrapping_shr(2_u32) & 0x33333333_u32);
    x = x ^ (x.wrapping_shr(1_u32) & 0x55555555_u32);
    x
}

#[inline(always)]
pub fn random_pair(key: u32, sample_index: u32, pair: u32) -> V2<f32> {
    let seed = hash(key ^ pair.wrapping_mul(0x9e3779b9_u32));
    let permute_value = permute(sample_index.reverse_bits(), seed);
    let index = permute_value.reverse_bits();
    let hash_value = hash(seed ^ 0x68bc21eb_u32);
    let permute_value_2 = permute(index, hash_value);
    let u = permute_value_2.reverse_bits();
    let pascal_value = pascal(index);
    let hash_value_2 = hash(seed ^ 0x2e5be93_u32);
    let permute_value_3 = permute(pascal_value, hash_value_2);
    let v = permute_value_3.reverse_bits();
    let unit_float_value = unit_float(u);
    let unit_float_value_2 = unit_float(v);
    V2::new(unit_float_value, unit_float_value_2)
}

#[inline(always)]
pub fn random_one(key: u32, sample_index: u32, dimension: u32) -> f32 {
    let hash_value = hash(key ^ dimension.wrapping_mul(0x85ebca6b_u32));
    let hash_value_2 = hash(hash_value.wrapping_add(sample_index));
    let unit_float_value = unit_float(hash_value_2);
    unit_float_value
}

#[inline(always)]
pub fn as_float3(v: V4<u32>) -> V3<f32> {
    v.swizzle3::<0, 1, 2>().map(f32::from_bits)
}

#[inline(always)]
pub fn instance_moves<X: Ext>(cx: &Cx<'_, X>, instance: u32) -> bool {
    let node_word_value = node_word(cx, cx.frame.instances_at.wrapping_add(instance.wrapping_mul(INSTANCE_STRIDE)).wrapping_add(6_u32));
    (node_word_value.x & INSTANCE_MOVES) != 0_u32
}

#[inline(always)]
pub fn instance_row<X: Ext>(cx: &Cx<'_, X>, instance: u32, row: u32) -> V4<f32> {
    let node_word_value = node_word(cx, cx.frame.instances_at.wrapping_add(instance.wrapping_mul(INSTANCE_STRIDE)).wrapping_add(row));
    node_word_value.map(f32::from_bits)
}

#[inline(always)]
pub fn row_point(r: V4<f32>, p: V3<f32>) -> f32 {
    (r.x * p.x) + ((r.y * p.y) + ((r.z * p.z) + r.w))
}

#[inline(always)]
pub fn row_vector(r: V4<f32>, v: V3<f32>) -> f32 {
    (r.x * v.x) + ((r.y * v.y) + (r.z * v.z))
}

#[inline(always)]
pub fn point_to_world<X: Ext>(cx: &Cx<'_, X>, instance: u32, p: V3<f32>) -> V3<f32> {
    let instance_row_value = instance_row(cx, instance, 3_u32);
    let row_point_value = row_point(instance_row_value, p);
    let instance_row_value_2 = instance_row(cx, instance, 4_u32);
    let row_point_value_2 = row_point(instance_row_value_2, p);
    let instance_row_value_3 = instance_row(cx, instance, 5_u32);
    let row_point_value_3 = row_point(instance_row_value_3, p);
    V3::new(row_point_value, row_point_value_2, row_point_value_3)
}

#[inline(always)]
pub fn vector_to_world<X: Ext>(cx: &Cx<'_, X>, instance: u32, v: V3<f32>) -> V3<f32> {
    let instance_row_value = instance_row(cx, instance, 3_u32);
    let row_vector_value = row_vector(instance_row_value, v);
    let instance_row_value_2 = instance_row(cx, instance, 4_u32);
    let row_vector_value_2 = row_vector(instance_row_value_2, v);
    let instance_row_value_3 = instance_row(cx, instance, 5_u32);
    let row_vector_value_3 = row_vector(instance_row_value_3, v);
    V3::new(row_vector_value, row_vector_value_2, row_vector_value_3)
}

#[inline(always)]
pub fn normal_to_world<X: Ext>(cx: &Cx<'_, X>, instance: u32, n: V3<f32>) -> V3<f32> {
    let a = instance_row(cx, instance, 0_u32);
    let b = instance_row(cx, instance, 1_u32);
    let c = instance_row(cx, instance, 2_u32);
    let normalize3_value = normalize3((a.swizzle3::<0, 1, 2>() * n.x) + ((b.swizzle3::<0, 1, 2>() * n.y) + (c.swizzle3::<0, 1, 2>() * n.z)));
    normalize3_value
}

#[inline(always)]
pub fn corners_of<X: Ext>(cx: &Cx<'_, X>, triangle: u32, instance: u32) -> Corners {
    let triangle_word_value = triangle_word(cx, triangle.wrapping_mul(3_u32));
    let v0 = as_float3(triangle_word_value);
    let triangle_word_value_2 = triangle_word(cx, triangle.wrapping_mul(3_u32).wrapping_add(1_u32));
    let v1 = as_float3(triangle_word_value_2);
    let triangle_word_value_3 = triangle_word(cx, triangle.wrapping_mul(3_u32).wrapping_add(2_u32));
    let v2 = as_float3(triangle_word_value_3);
    let instance_moves_value = instance_moves(cx, instance);
    if !instance_moves_value {
        return Corners { v0: v0, v1: v1, v2: v2 };
    }
    let point_to_world_value = point_to_world(cx, instance, v0);
    let point_to_world_value_2 = point_to_world(cx, instance, v1);
    let point_to_world_value_3 = point_to_world(cx, instance, v2);
    Corners { v0: point_to_world_value, v1: point_to_world_value_2, v2: point_to_world_value_3 }
}

#[inline(always)]
pub fn safe_inverse(d: f32) -> f32 {
    let a = float_max(d.abs(), 1e-12_f32);
    let rcp_value = rcp(if d < 0.0_f32 { -a } else { a });
    rcp_value
}

#[inline(always)]
pub fn ray_towards(o: V3<f32>, d: V3<f32>) -> SpaceRay {
    let safe_inverse_value = safe_inverse(d.x);
    let safe_inverse_value_2 = safe_inverse(d.y);
    let safe_inverse_value_3 = safe_inverse(d.z);
    SpaceRay { o: o, d: d, inverse: V3::new(safe_inverse_value, safe_inverse_value_2, safe_inverse_value_3) }
}

#[inline(always)]
pub fn instance_ray(r0: V4<f32>, r1: V4<f32>, r2: V4<f32>, ray: SpaceRay) -> SpaceRay {
    let row_point_value = row_point(r0, ray.o);
    let row_point_value_2 = row_point(r1, ray.o);
    let row_point_value_3 = row_point(r2, ray.o);
    let row_vector_value = row_vector(r0, ray.d);
    let row_vector_value_2 = row_vector(r1, ray.d);
    let row_vector_value_3 = row_vector(r2, ray.d);
    let ray_towards_value = ray_towards(V3::new(row_point_value, row_point_value_2, row_point_value_3), V3::new(row_vector_value, row_vector_value_2, row_vector_value_3));
    ray_towards_value
}

#[inline(always)]
pub fn within_reach(ray: SpaceRay) -> bool {
    let max3_value = max3(ray.o.map(f32::abs));
    max3_value <= REACH
}

#[inline(always)]
pub fn box_interval(lo: V3<f32>, hi: V3<f32>, ray: SpaceRay) -> V2<f32> {
    let a = (lo - ray.o) * ray.inverse;
    let b = (hi - ray.o) * ray.inverse;
    let max3_value = max3(a.zip(b, float_min));
    let near = float_max(max3_value, 0.0_f32);
    let min3_value = min3(a.zip(b, float_max));
    let far = min3_value * BOX_SLACK;
    V2::new(near, far)
}

#[inline]
pub fn intersect_triangle(t0: V4<u32>, t1: V4<u32>, t2: V4<u32>, index: u32, instance: u32, entry: f32, ray: SpaceRay, hit: &mut Hit) {
    let mut v: bool = false;
    let mut v_2: bool = false;
    let mut v_3: bool = false;
    let mut v_4: bool = false;
    let mut v_5: bool = false;
    let mut v_6: bool = false;
    let mut v_7: bool = false;
    let mut v_8: bool = false;
    let mut v_9: bool = false;
    let mut v_10: bool = false;
    let mut v_11: bool = false;
    let v0 = as_float3(t0);
    let v1 = as_float3(t1);
    let v2 = as_float3(t2);
    let a = v0 - ray.o;
    let b = v1 - ray.o;
    let c = v2 - ray.o;
    let cross3_value = cross3(c, b);
    let u = dot3(ray.d, cross3_value);
    let cross3_value_2 = cross3(a, c);
    let v_12 = dot3(ray.d, cross3_value_2);
    let cross3_value_3 = cross3(b, a);
    let w = dot3(ray.d, cross3_value_3);
    if !(u < 0.0_f32) {
        v = v_12 < 0.0_f32;
    } else {
        v = true;
    }
    if !v {
        v_2 = w < 0.0_f32;
    } else {
        v_2 = true;
    }
    if v_2 {
        if !(u > 0.0_f32) {
            v_4 = v_12 > 0.0_f32;
        } else {
            v_4 = true;
        }
        if !v_4 {
            v_5 = w > 0.0_f32;
        } else {
            v_5 = true;
        }
        v_3 = v_5;
    } else {
        v_3 = false;
    }
    if v_3 {
        return;
    }
    let det = (u + v_12) + w;
    let n = cross3(b - a, c - a);
    let slope = dot3(n, ray.d);
    if !(det.abs() < 1e-35_f32) {
        v_6 = slope.abs() < 1e-35_f32;
    } else {
        v_6 = true;
    }
    if v_6 {
        return;
    }
    let interval = box_interval(v0.zip(v1, float_min).zip(v2, float_min), v0.zip(v1, float_max).zip(v2, float_max), ray);
    if interval.x > interval.y {
        return;
    }
    let dot3_value = dot3(n, a);
    let rcp_value = rcp(slope);
    let t = float_max(float_min(float_max(dot3_value * rcp_value, interval.x), interval.y), entry);
    if !(instance < hit.instance) {
        if instance == hit.instance {
            v_8 = t0.w < hit.primitive;
        } else {
            v_8 = false;
        }
        v_7 = v_8;
    } else {
        v_7 = true;
    }
    let earlier = v_7;
    if t > 0.0_f32 {
        if !(t < hit.t) {
            if t == hit.t {
                v_11 = earlier;
            } else {
                v_11 = false;
            }
            v_10 = v_11;
        } else {
            v_10 = true;
        }
        v_9 = v_10;
    } else {
        v_9 = false;
    }
    if v_9 {
        let r = rcp(det);
        hit.t = t;
        hit.u = v_12 * r;
        hit.v = w * r;
        hit.triangle = index;
        hit.primitive = t0.w;
        hit.instance = instance;
    } else {
    }
}

#[inline(always)]
pub fn table_float<X: Ext>(cx: &Cx<'_, X>, base: u32, index: u32) -> f32 {
    let table_word_value = table_word(cx, base.wrapping_add(index.wrapping_shr(2_u32)));
    f32::from_bits(table_word_value[(index & 3_u32) as usize])
}

#[inline(always)]
pub fn wrap_coordinate(x: f32, mode: u32) -> f32 {
    if mode == WRAP_CLAMP {
        return float_min(float_max(x, 0.0_f32), 1.0_f32);
    }
    if mode == WRAP_MIRROR {
        let t = x - (2.0_f32 * (x * 0.5_f32).floor());
        return if t > 1.0_f32 { 2.0_f32 - t } else { t };
    }
    x - x.floor()
}

#[inline(always)]
pub fn wrap_index(i: i32, size: i32, mode: u32) -> u32 {
    let mut v: bool = false;
    if i >= 0_i32 {
        v = i < size;
    } else {
        v = false;
    }
    if v {
        return i as u32;
    }
    if mode == 0_u32 {
        return (if i < 0_i32 { size.wrapping_sub(1_i32) } else { 0_i32 }) as u32;
    }
    (if i < 0_i32 { 0_i32 } else { size.wrapping_sub(1_i32) }) as u32
}

#[inline]
pub fn texel<X: Ext>(cx: &Cx<'_, X>, offset: u32, width: u32, x: u32, y: u32, srgb: bool) -> V4<f32> {
    let bits = texel_word(cx, offset.wrapping_add(y.wrapping_mul(width)).wrapping_add(x));
    let r = bits & 255_u32;
    let g = bits.wrapping_shr(8_u32) & 255_u32;
    let b = bits.wrapping_shr(16_u32) & 255_u32;
    let a = (bits.wrapping_shr(24_u32) as f32) * 0.003921569_f32;
    if srgb {
        let table_float_value = table_float(cx, SRGB_TABLE, r);
        let table_float_value_2 = table_float(cx, SRGB_TABLE, g);
        let table_float_value_3 = table_float(cx, SRGB_TABLE, b);
        return V4::new(table_float_value, table_float_value_2, table_float_value_3, a);
    }
    V4::new((r as f32) * 0.003921569_f32, (g as f32) * 0.003921569_f32, (b as f32) * 0.003921569_f32, a)
}

#[inline]
pub fn sample_texture<X: Ext>(cx: &Cx<'_, X>, place: u32, uvs: V4<f32>) -> V4<f32> {
    let header = material_word(cx, place);
    let uv = if (header.w & FLAG_SECOND_UV) != 0_u32 { uvs.swizzle2::<2, 3>() } else { uvs.swizzle2::<0, 1>() };
    let material_word_value = material_word(cx, place.wrapping_add(1_u32));
    let row0 = material_word_value.map(f32::from_bits);
    let material_word_value_2 = material_word(cx, place.wrapping_add(2_u32));
    let row1 = material_word_value_2.map(f32::from_bits);
    let width = header.y as i32;
    let height = header.z as i32;
    let wrap_u = header.w & 3_u32;
    let wrap_v = header.w.wrapping_shr(2_u32) & 3_u32;
    let srgb = (header.w & FLAG_SRGB) != 0_u32;
    let wrap_coordinate_value = wrap_coordinate((row0.x * uv.x) + ((row0.y * uv.y) + row0.z), wrap_u);
    let s = wrap_coordinate_value * (width as f32);
    let wrap_coordinate_value_2 = wrap_coordinate((row0.w * uv.x) + ((row1.x * uv.y) + row1.y), wrap_v);
    let t = wrap_coordinate_value_2 * (height as f32);
    if (header.w & FLAG_NEAREST) != 0_u32 {
        let texel_value = texel(cx, header.x, header.y, float_to_u32(s).min(header.y.wrapping_sub(1_u32)), float_to_u32(t).min(header.z.wrapping_sub(1_u32)), srgb);
        return texel_value;
    }
    let s0 = (s - 0.5_f32).floor();
    let t0 = (t - 0.5_f32).floor();
    let fs = (s - 0.5_f32) - s0;
    let ft = (t - 0.5_f32) - t0;
    let x0 = wrap_index(float_to_i32(s0), width, wrap_u);
    let x1 = wrap_index(float_to_i32(s0).wrapping_add(1_i32), width, wrap_u);
    let y0 = wrap_index(float_to_i32(t0), height, wrap_v);
    let y1 = wrap_index(float_to_i32(t0).wrapping_add(1_i32), height, wrap_v);
    let texel_value_2 = texel(cx, header.x, header.y, x0, y0, srgb);
    let texel_value_3 = texel(cx, header.x, header.y, x1, y0, srgb);
    let top = lerp4(texel_value_2, texel_value_3, fs);
    let texel_value_4 = texel(cx, header.x, header.y, x0, y1, srgb);
    let texel_value_5 = texel(cx, header.x, header.y, x1, y1, srgb);
    let bottom = lerp4(texel_value_4, texel_value_5, fs);
    let lerp4_value = lerp4(top, bottom, ft);
    lerp4_value
}

#[inline(always)]
pub fn material_float<X: Ext>(cx: &Cx<'_, X>, material: u32, word: u32) -> V4<f32> {
    let material_word_value = material_word(cx, material.wrapping_mul(MATERIAL_STRIDE).wrapping_add(word));
    material_word_value.map(f32::from_bits)
}

#[inline(always)]
pub fn material_flags<X: Ext>(cx: &Cx<'_, X>, material: u32) -> u32 {
    let material_word_value = material_word(cx, material.wrapping_mul(MATERIAL_STRIDE).wrapping_add(1_u32));
    material_word_value.w & MATERIAL_FLAGS
}

#[inline(always)]
pub fn slot_place<X: Ext>(cx: &Cx<'_, X>, material: u32, slot: u32) -> u32 {
    if (TEXTURE_SLOTS & 1_u32.wrapping_shl(slot)) == 0_u32 {
        return NO_TEXTURE;
    }
    let material_word_value = material_word(cx, material.wrapping_mul(MATERIAL_STRIDE).wrapping_add(MATERIAL_SLOTS).wrapping_add(slot.wrapping_shr(2_u32)));
    material_word_value[(slot & 3_u32) as usize]
}

#[inline(always)]
pub fn sample_slot<X: Ext>(cx: &Cx<'_, X>, material: u32, slot: u32, uvs: V4<f32>) -> V4<f32> {
    let place = slot_place(cx, material, slot);
    if place == NO_TEXTURE {
        return V4::splat(1.0_f32);
    }
    let sample_texture_value = sample_texture(cx, place, uvs);
    sample_texture_value
}

#[inline(always)]
pub fn has_slot(slots: u32, slot: u32) -> bool {
    (slots.wrapping_shr(slot) & 1_u32) != 0_u32
}

#[inline]
pub fn maps_at<X: Ext>(cx: &Cx<'_, X>, material: u32, uvs: V4<f32>) -> Maps {
    let mut maps: Maps = Maps { slots: 0_u32, base: V4::splat(0.0_f32), metallic_roughness: V4::splat(0.0_f32), normal: V3::splat(0.0_f32), emissive: V3::splat(0.0_f32), transmission: 0.0_f32, specular: 0.0_f32, specular_color: V3::splat(0.0_f32), clearcoat: 0.0_f32, clearcoat_roughness: 0.0_f32, clearcoat_normal: V3::splat(0.0_f32), sheen_color: V3::splat(0.0_f32), sheen_roughness: 0.0_f32, anisotropy: V3::splat(0.0_f32), iridescence: 0.0_f32, iridescence_thickness: 0.0_f32 };
    let mut left: u32 = 0_u32;
    let one = V3::splat(1.0_f32);
    let material_word_value = material_word(cx, material.wrapping_mul(MATERIAL_STRIDE).wrapping_add(9_u32));
    maps = Maps { slots: material_word_value.w & TEXTURE_SLOTS, base: V4::splat(1.0_f32), metallic_roughness: V4::splat(1.0_f32), normal: one, emissive: one, transmission: 1.0_f32, specular: 1.0_f32, specular_color: one, clearcoat: 1.0_f32, clearcoat_roughness: 1.0_f32, clearcoat_normal: one, sheen_color: one, sheen_roughness: 1.0_f32, anisotropy: one, iridescence: 1.0_f32, iridescence_thickness: 1.0_f32 };
    left = maps.slots;
    'loop_1: loop {
        if left == 0_u32 {
            break 'loop_1;
        }
        let slot = first_trailing_bit_u32(left);
        left = left & left.wrapping_sub(1_u32);
        let slot_place_value = slot_place(cx, material, slot);
        let v = sample_texture(cx, slot_place_value, uvs);
        match slot {
            0_u32 => {
                maps.base = v;
            }
            1_u32 => {
                maps.metallic_roughness = v;
            }
            2_u32 => {
                maps.normal = v.swizzle3::<0, 1, 2>();
            }
            3_u32 => {
                maps.emissive = v.swizzle3::<0, 1, 2>();
            }
            4_u32 => {
                maps.transmission = v.x;
            }
            5_u32 => {
                maps.specular = v.w;
            }
            6_u32 => {
                maps.specular_color = v.swizzle3::<0, 1, 2>();
            }
            7_u32 => {
                maps.clearcoat = v.x;
            }
            8_u32 => {
                maps.clearcoat_roughness = v.y;
            }
            9_u32 => {
                maps.clearcoat_normal = v.swizzle3::<0, 1, 2>();
            }
            10_u32 => {
                maps.sheen_color = v.swizzle3::<0, 1, 2>();
            }
            11_u32 => {
                maps.sheen_roughness = v.w;
            }
            12_u32 => {
                maps.anisotropy = v.swizzle3::<0, 1, 2>();
            }
            13_u32 => {
                maps.iridescence = v.x;
            }
            _ => {
                maps.iridescence_thickness = v.y;
            }
        }
    }
    maps
}

#[inline(always)]
pub fn unpack_color(word: V4<u32>) -> V4<f32> {
    V4::new((word.z & 65535_u32) as f32, word.z.wrapping_shr(16_u32) as f32, (word.w & 65535_u32) as f32, word.w.wrapping_shr(16_u32) as f32) * 1.5259022e-5_f32
}

#[inline(always)]
pub fn mix3(a: V3<f32>, b: V3<f32>, c: V3<f32>, u: f32, v: f32) -> V3<f32> {
    a + (((b - a) * u) + ((c - a) * v))
}

#[inline(always)]
pub fn mix4(a: V4<f32>, b: V4<f32>, c: V4<f32>, u: f32, v: f32) -> V4<f32> {
    a + (((b - a) * u) + ((c - a) * v))
}

#[inline(always)]
pub fn vertex_word<X: Ext>(cx: &Cx<'_, X>, index: u32, word: u32) -> V4<u32> {
    let shading_word_value = shading_word(cx, cx.frame.vertices_at.wrapping_add(index.wrapping_mul(2_u32)).wrapping_add(word));
    shading_word_value
}

#[inline(always)]
pub fn hit_uvs<X: Ext>(cx: &Cx<'_, X>, hit: Hit) -> V4<f32> {
    let v = shading_word(cx, hit.triangle);
    let vertex_word_value = vertex_word(cx, v.x, 1_u32);
    let vertex_word_value_2 = vertex_word(cx, v.y, 1_u32);
    let vertex_word_value_3 = vertex_word(cx, v.z, 1_u32);
    let mix4_value = mix4(vertex_word_value.map(f32::from_bits), vertex_word_value_2.map(f32::from_bits), vertex_word_value_3.map(f32::from_bits), hit.u, hit.v);
    mix4_value
}

#[inline(always)]
pub fn hit_base_color<X: Ext>(cx: &Cx<'_, X>, hit: Hit, material: u32) -> V4<f32> {
    let v = shading_word(cx, hit.triangle);
    let vertex_word_value = vertex_word(cx, v.x, 0_u32);
    let unpack_color_value = unpack_color(vertex_word_value);
    let vertex_word_value_2 = vertex_word(cx, v.y, 0_u32);
    let unpack_color_value_2 = unpack_color(vertex_word_value_2);
    let vertex_word_value_3 = vertex_word(cx, v.z, 0_u32);
    let unpack_color_value_3 = unpack_color(vertex_word_value_3);
    let color = mix4(unpack_color_value, unpack_color_value_2, unpack_color_value_3, hit.u, hit.v);
    let material_float_value = material_float(cx, material, 0_u32);
    color * material_float_value
}

#[inline(always)]
pub fn hit_coverage<X: Ext>(cx: &Cx<'_, X>, hit: Hit) -> f32 {
    let triangle_word_value = triangle_word(cx, hit.triangle.wrapping_mul(3_u32).wrapping_add(1_u32));
    let material = triangle_word_value.w;
    let flags = material_flags(cx, material);
    if (flags & 3_u32) == 0_u32 {
        return 1.0_f32;
    }
    let hit_base_color_value = hit_base_color(cx, hit, material);
    let hit_uvs_value = hit_uvs(cx, hit);
    let sample_slot_value = sample_slot(cx, material, SLOT_BASE_COLOR, hit_uvs_value);
    let a = hit_base_color_value.w * sample_slot_value.w;
    if (flags & MATERIAL_MASK) != 0_u32 {
        let material_float_value = material_float(cx, material, 3_u32);
        return if a >= material_float_value.y { 1.0_f32 } else { 0.0_f32 };
    }
    a
}

#[inline(always)]
pub fn facing_normal(n: V3<f32>, to_viewer: V3<f32>) -> V3<f32> {
    let c = dot3(n, to_viewer);
    if c > 0.01_f32 {
        return n;
    }
    let normalize3_value = normalize3(n + (to_viewer * (0.01_f32 - c)));
    normalize3_value
}

#[inline(always)]
pub fn smooth_normal<X: Ext>(cx: &Cx<'_, X>, hit: Hit) -> V3<f32> {
    let mut n: V3<f32> = V3::splat(0.0_f32);
    let mut v: bool = false;
    let v_2 = shading_word(cx, hit.triangle);
    let vertex_word_value = vertex_word(cx, v_2.x, 0_u32);
    let n0 = vertex_word_value.x;
    let vertex_word_value_2 = vertex_word(cx, v_2.y, 0_u32);
    let n1 = vertex_word_value_2.x;
    let vertex_word_value_3 = vertex_word(cx, v_2.z, 0_u32);
    let n2 = vertex_word_value_3.x;
    let unpack_octahedral_value = unpack_octahedral(n0);
    n = unpack_octahedral_value;
    if !(n0 != n1) {
        v = n0 != n2;
    } else {
        v = true;
    }
    if v {
        let value = n;
        let unpack_octahedral_value_2 = unpack_octahedral(n1);
        let unpack_octahedral_value_3 = unpack_octahedral(n2);
        let mix3_value = mix3(value, unpack_octahedral_value_2, unpack_octahedral_value_3, hit.u, hit.v);
        let normalize3_value = normalize3(mix3_value);
        n = normalize3_value;
    }
    let instance_moves_value = instance_moves(cx, hit.instance);
    if instance_moves_value {
        let value_2 = n;
        let normal_to_world_value = normal_to_world(cx, hit.instance, value_2);
        n = normal_to_world_value;
    }
    n
}

#[inline]
pub fn tangent_frame<X: Ext>(cx: &Cx<'_, X>, hit: Hit, n: V3<f32>) -> Basis {
    let mut tangent: V3<f32> = V3::splat(0.0_f32);
    let v = shading_word(cx, hit.triangle);
    let vertex_word_value = vertex_word(cx, v.x, 0_u32);
    let unpack_octahedral_value = unpack_octahedral(vertex_word_value.y);
    let vertex_word_value_2 = vertex_word(cx, v.y, 0_u32);
    let unpack_octahedral_value_2 = unpack_octahedral(vertex_word_value_2.y);
    let vertex_word_value_3 = vertex_word(cx, v.z, 0_u32);
    let unpack_octahedral_value_3 = unpack_octahedral(vertex_word_value_3.y);
    let mix3_value = mix3(unpack_octahedral_value, unpack_octahedral_value_2, unpack_octahedral_value_3, hit.u, hit.v);
    tangent = mix3_value;
    let instance_moves_value = instance_moves(cx, hit.instance);
    if instance_moves_value {
        let value = tangent;
        let vector_to_world_value = vector_to_world(cx, hit.instance, value);
        tangent = vector_to_world_value;
    }
    let value_2 = tangent;
    let value_3 = tangent;
    let dot3_value = dot3(value_3, n);
    let t = normalize3(value_2 - (n * dot3_value));
    let triangle_word_value = triangle_word(cx, hit.triangle.wrapping_mul(3_u32).wrapping_add(2_u32));
    let sign = if triangle_word_value.w == TANGENT_NEGATIVE { -1.0_f32 } else { 1.0_f32 };
    let cross3_value = cross3(n, t);
    Basis { t: t, b: cross3_value * sign, n: n }
}

#[inline(always)]
pub fn mapped_normal(texel_here: V3<f32>, frame_here: Basis, scale: f32) -> V3<f32> {
    let m = (texel_here * 2.0_f32) - V3::splat(1.0_f32);
    let normalize3_value = normalize3((frame_here.t * (m.x * scale)) + ((frame_here.b * (m.y * scale)) + (frame_here.n * float_max(m.z, 0.001_f32))));
    normalize3_value
}

#[inline(always)]
pub fn turned_normal(n: V3<f32>, geometric: V3<f32>, to_viewer: V3<f32>) -> V3<f32> {
    let dot3_value = dot3(n, geometric);
    let facing_normal_value = facing_normal(n * (if dot3_value < 0.0_f32 { -1.0_f32 } else { 1.0_f32 }), to_viewer);
    facing_normal_value
}

#[inline]
pub fn stretched_basis<X: Ext>(cx: &Cx<'_, X>, hit: Hit, n: V3<f32>, material: u32, maps: Maps) -> Basis {
    let mut x: f32 = 0.0_f32;
    let mut y: f32 = 0.0_f32;
    let f = tangent_frame(cx, hit, n);
    let m7 = material_float(cx, material, 7_u32);
    x = m7.x;
    y = m7.y;
    let has_slot_value = has_slot(maps.slots, SLOT_ANISOTROPY);
    if has_slot_value {
        let u = (maps.anisotropy.x * 2.0_f32) - 1.0_f32;
        let v = (maps.anisotropy.y * 2.0_f32) - 1.0_f32;
        x = (m7.x * u) - (m7.y * v);
        y = (m7.y * u) + (m7.x * v);
    }
    if ((x * x) + (y * y)) < 1e-6_f32 {
        return f;
    }
    let value = x;
    let value_2 = y;
    let t = normalize3((f.t * value) + (f.b * value_2));
    let cross3_value = cross3(n, t);
    Basis { t: t, b: cross3_value, n: n }
}

#[inline]
pub fn surface_at<X: Ext>(cx: &Cx<'_, X>, hit: Hit, direction: V3<f32>) -> Surface {
    let mut s: Surface = Surface { position: V3::splat(0.0_f32), geometric: V3::splat(0.0_f32), local: Basis { t: V3::splat(0.0_f32), b: V3::splat(0.0_f32), n: V3::splat(0.0_f32) }, back: false, material: 0_u32, flags: 0_u32, maps: Maps { slots: 0_u32, base: V4::splat(0.0_f32), metallic_roughness: V4::splat(0.0_f32), normal: V3::splat(0.0_f32), emissive: V3::splat(0.0_f32), transmission: 0.0_f32, specular: 0.0_f32, specular_color: V3::splat(0.0_f32), clearcoat: 0.0_f32, clearcoat_roughness: 0.0_f32, clearcoat_normal: V3::splat(0.0_f32), sheen_color: V3::splat(0.0_f32), sheen_roughness: 0.0_f32, anisotropy: V3::splat(0.0_f32), iridescence: 0.0_f32, iridescence_thickness: 0.0_f32 }, base: V3::splat(0.0_f32), emission: V3::splat(0.0_f32), metallic: 0.0_f32, roughness: 0.0_f32, alpha: 0.0_f32, transmission: 0.0_f32, ior: 0.0_f32, light: 0.0_f32 };
    let mut n: V3<f32> = V3::splat(0.0_f32);
    let mut v: bool = false;
    let mut v_2: bool = false;
    let c = corners_of(cx, hit.triangle, hit.instance);
    let triangle_word_value = triangle_word(cx, hit.triangle.wrapping_mul(3_u32).wrapping_add(1_u32));
    let material = triangle_word_value.w;
    s.material = material;
    let mix3_value = mix3(c.v0, c.v1, c.v2, hit.u, hit.v);
    s.position = mix3_value;
    let cross3_value = cross3(c.v1 - c.v0, c.v2 - c.v0);
    let geometric = normalize3(cross3_value);
    let dot3_value = dot3(geometric, direction);
    s.back = dot3_value > 0.0_f32;
    s.geometric = geometric * (if s.back { -1.0_f32 } else { 1.0_f32 });
    let hit_uvs_value = hit_uvs(cx, hit);
    let maps_at_value = maps_at(cx, material, hit_uvs_value);
    s.maps = maps_at_value;
    let smooth_normal_value = smooth_normal(cx, hit);
    n = smooth_normal_value;
    let value = s.maps.slots;
    let has_slot_value = has_slot(value, SLOT_NORMAL);
    if has_slot_value {
        let triangle_word_value_2 = triangle_word(cx, hit.triangle.wrapping_mul(3_u32).wrapping_add(2_u32));
        v = triangle_word_value_2.w != TANGENT_NONE;
    } else {
        v = false;
    }
    if v {
        let value_2 = s.maps.normal;
        let value_3 = n;
        let tangent_frame_value = tangent_frame(cx, hit, value_3);
        let material_float_value = material_float(cx, material, 3_u32);
        let mapped_normal_value = mapped_normal(value_2, tangent_frame_value, material_float_value.x);
        n = mapped_normal_value;
    }
    let value_4 = n;
    let value_5 = s.geometric;
    let turned_normal_value = turned_normal(value_4, value_5, -direction);
    n = turned_normal_value;
    let m1 = material_word(cx, material.wrapping_mul(MATERIAL_STRIDE).wrapping_add(1_u32));
    let m2 = material_float(cx, material, 2_u32);
    s.flags = m1.w & MATERIAL_FLAGS;
    if (s.flags & MATERIAL_ANISOTROPY) != 0_u32 {
        let triangle_word_value_3 = triangle_word(cx, hit.triangle.wrapping_mul(3_u32).wrapping_add(2_u32));
        v_2 = triangle_word_value_3.w != TANGENT_NONE;
    } else {
        v_2 = false;
    }
    if v_2 {
        let value_6 = n;
        let value_7 = s.maps;
        let stretched_basis_value = stretched_basis(cx, hit, value_6, material, value_7);
        s.local = stretched_basis_value;
    } else {
        let value_8 = n;
        let basis_value = basis(value_8);
        s.local = basis_value;
    }
    let hit_base_color_value = hit_base_color(cx, hit, material);
    s.base = (hit_base_color_value.swizzle3::<0, 1, 2>() * s.maps.base.swizzle3::<0, 1, 2>()).zip(V3::splat(1.0_f32), float_min);
    let as_float3_value = as_float3(m1);
    s.emission = as_float3_value * s.maps.emissive;
    s.metallic = m2.x * s.maps.metallic_roughness.z;
    s.roughness = float_max(m2.y * s.maps.metallic_roughness.y, ROUGHNESS_MIN);
    s.alpha = s.roughness * s.roughness;
    s.transmission = m2.z * s.maps.transmission;
    s.ior = m2.w;
    let material_float_value_2 = material_float(cx, material, 3_u32);
    s.light = material_float_value_2.w;
    s
}

#[inline(always)]
pub fn round_facets(alpha: f32) -> Facets {
    Facets { x: alpha, y: alpha, y_over_x: 1.0_f32, x_over_y: 1.0_f32 }
}

#[inline(always)]
pub fn ggx_reach(f: Facets, v: V3<f32>) -> f32 {
    let x = f.x * v.x;
    let y = f.y * v.y;
    let root_value = root((x * x) + ((y * y) + (v.z * v.z)));
    root_value
}

#[inline(always)]
pub fn ggx_visible(f: Facets, h: V3<f32>, wo_z: f32, reach_wo: f32) -> f32 {
    let a2 = f.x * f.y;
    let k = ((h.x * h.x) * f.y_over_x) + (((h.y * h.y) * f.x_over_y) + (a2 * (h.z * h.z)));
    let div_value = div(2.0_f32 * a2, float_max(((PI * k) * k) * (wo_z + reach_wo), 1e-20_f32));
    div_value
}

#[inline(always)]
pub fn ggx_unshadowed(wo_z: f32, reach_wo: f32, wi_z: f32, reach_wi: f32) -> f32 {
    let div_value = div(wi_z * (wo_z + reach_wo), float_max((wo_z * reach_wi) + (wi_z * reach_wo), 1e-12_f32));
    div_value
}

#[inline(always)]
pub fn ggx_g1(z: f32, reach: f32) -> f32 {
    let div_value = div(2.0_f32 * z, z + reach);
    div_value
}

#[inline]
pub fn ggx_sample(f: Facets, wo: V3<f32>, random: V2<f32>) -> V3<f32> {
    let mut t1: V3<f32> = V3::new(1.0_f32, 0.0_f32, 0.0_f32);
    let v = normalize3(V3::new(f.x * wo.x, f.y * wo.y, wo.z));
    let length2 = (v.x * v.x) + (v.y * v.y);
    if length2 > 1e-12_f32 {
        let rsqrt_value = rsqrt(length2);
        t1 = V3::new(-v.y, v.x, 0.0_f32) * rsqrt_value;
    }
    let value = t1;
    let t2 = cross3(v, value);
    let r = root(random.x);
    let sc = sincos_turns(random.y);
    let p1 = r * sc.y;
    let s = 0.5_f32 * (1.0_f32 + v.z);
    let root_value = root(float_max(0.0_f32, 1.0_f32 - (p1 * p1)));
    let p2 = lerp(root_value, r * sc.x, s);
    let p3 = root(float_max(0.0_f32, (1.0_f32 - (p1 * p1)) - (p2 * p2)));
    let n = (t1 * p1) + ((t2 * p2) + (v * p3));
    let normalize3_value = normalize3(V3::new(f.x * n.x, f.y * n.y, float_max(1e-6_f32, n.z)));
    normalize3_value
}

#[inline]
pub fn ggx_albedo<X: Ext>(cx: &Cx<'_, X>, roughness: f32, z: f32) -> V3<f32> {
    let x = float_min(float_max(z, 0.0_f32), 1.0_f32) * 31.0_f32;
    let y = float_min(roughness, 1.0_f32) * 31.0_f32;
    let x0 = float_to_u32(x).min(30_u32);
    let y0 = float_to_u32(y).min(30_u32);
    let at = ALBEDO_TABLE.wrapping_add(y0.wrapping_mul(32_u32)).wrapping_add(x0);
    let table_word_value = table_word(cx, at);
    let as_float3_value = as_float3(table_word_value);
    let table_word_value_2 = table_word(cx, at.wrapping_add(1_u32));
    let as_float3_value_2 = as_float3(table_word_value_2);
    let top = lerp3(as_float3_value, as_float3_value_2, x - (x0 as f32));
    let table_word_value_3 = table_word(cx, at.wrapping_add(32_u32));
    let as_float3_value_3 = as_float3(table_word_value_3);
    let table_word_value_4 = table_word(cx, at.wrapping_add(33_u32));
    let as_float3_value_4 = as_float3(table_word_value_4);
    let bottom = lerp3(as_float3_value_3, as_float3_value_4, x - (x0 as f32));
    let lerp3_value = lerp3(top, bottom, y - (y0 as f32));
    lerp3_value
}

#[inline(always)]
pub fn glass_layer<X: Ext>(cx: &Cx<'_, X>, at: u32, fx: f32, fy: f32) -> V2<f32> {
    let table_word_value = table_word(cx, at);
    let a = table_word_value.swizzle2::<0, 1>().map(f32::from_bits);
    let table_word_value_2 = table_word(cx, at.wrapping_add(1_u32));
    let b = table_word_value_2.swizzle2::<0, 1>().map(f32::from_bits);
    let table_word_value_3 = table_word(cx, at.wrapping_add(16_u32));
    let c = table_word_value_3.swizzle2::<0, 1>().map(f32::from_bits);
    let table_word_value_4 = table_word(cx, at.wrapping_add(17_u32));
    let d = table_word_value_4.swizzle2::<0, 1>().map(f32::from_bits);
    let top = a + ((b - a) * fx);
    top + (((c + ((d - c) * fx)) - top) * fy)
}

#[inline]
pub fn glass_albedo<X: Ext>(cx: &Cx<'_, X>, roughness: f32, z: f32, index: f32) -> V2<f32> {
    let x = float_min(float_max(z, 0.0_f32), 1.0_f32) * 15.0_f32;
    let y = float_min(roughness, 1.0_f32) * 15.0_f32;
    let div_value = div(index - 1.0_f32, index + 1.0_f32);
    let w = float_min(div_value * 14.0_f32, 7.0_f32);
    let x0 = float_to_u32(x).min(14_u32);
    let y0 = float_to_u32(y).min(14_u32);
    let w0 = float_to_u32(w).min(6_u32);
    let at = GLASS_TABLE.wrapping_add(w0.wrapping_mul(256_u32)).wrapping_add(y0.wrapping_mul(16_u32)).wrapping_add(x0);
    let fx = x - (x0 as f32);
    let fy = y - (y0 as f32);
    let low = glass_layer(cx, at, fx, fy);
    let glass_layer_value = glass_layer(cx, at.wrapping_add(256_u32), fx, fy);
    low + ((glass_layer_value - low) * (w - (w0 as f32)))
}

#[inline(always)]
pub fn schlick_weight(c: f32) -> f32 {
    let m = float_min(float_max(1.0_f32 - c, 0.0_f32), 1.0_f32);
    let m2 = m * m;
    (m2 * m2) * m
}

#[inline(always)]
pub fn fresnel_dielectric(c: f32, eta: f32) -> f32 {
    let g2 = ((eta * eta) - 1.0_f32) + (c * c);
    if g2 <= 0.0_f32 {
        return 1.0_f32;
    }
    let g = root(g2);
    let n = (c * (g + c)) - 1.0_f32;
    let d = (c * (g - c)) + 1.0_f32;
    let q = (g + c) * d;
    let div_value = div(((0.5_f32 * (g - c)) * (g - c)) * ((n * n) + (d * d)), q * q);
    float_min(div_value, 1.0_f32)
}

#[inline]
pub fn film_sensitivity(path_nm: f32, shift_turns: V3<f32>) -> V3<f32> {
    let p2 = path_nm * path_nm;
    let cos_turns_value = cos_turns((0.001681_f32 * path_nm) + shift_turns.x);
    let exp_minus_value = exp_minus(1.7085469e-7_f32 * p2);
    let cos_turns_value_2 = cos_turns((0.0022399_f32 * path_nm) + shift_turns.x);
    let exp_minus_value_2 = exp_minus(1.7876617e-7_f32 * p2);
    let x = ((0.84659_f32 * cos_turns_value) * exp_minus_value) + ((0.1538683_f32 * cos_turns_value_2) * exp_minus_value_2);
    let cos_turns_value_3 = cos_turns((0.0017953_f32 * path_nm) + shift_turns.y);
    let exp_minus_value_3 = exp_minus(3.673309e-7_f32 * p2);
    let y = (1.0002218_f32 * cos_turns_value_3) * exp_minus_value_3;
    let cos_turns_value_4 = cos_turns((0.0022084_f32 * path_nm) + shift_turns.z);
    let exp_minus_value_4 = exp_minus(2.6103524e-7_f32 * p2);
    let z = (1.0011225_f32 * cos_turns_value_4) * exp_minus_value_4;
    V3::new((3.2404542_f32 * x) + (((-1.5371385_f32) * y) + ((-0.4985314_f32) * z)), ((-0.969266_f32) * x) + ((1.8760108_f32 * y) + (0.041556_f32 * z)), (0.0556434_f32 * x) + (((-0.2040259_f32) * y) + (1.0572252_f32 * z)))
}

#[inline(always)]
pub fn boundary_f0(a: f32, b: f32) -> f32 {
    let r = div(b - a, b + a);
    r * r
}

#[inline(always)]
pub fn film_shift(base_index: f32, film_index: f32) -> f32 {
    if base_index < film_index { 0.5_f32 } else { 0.0_f32 }
}

#[inline]
pub fn fresnel_film(c: f32, film_index: f32, thickness_nm: f32, f0: V3<f32>) -> V3<f32> {
    let mut cm: V3<f32> = V3::splat(0.0_f32);
    let mut sum: V3<f32> = V3::splat(0.0_f32);
    let t = float_min(float_max(thickness_nm * 33.333332_f32, 0.0_f32), 1.0_f32);
    let index = lerp(1.0_f32, film_index, (t * t) * (3.0_f32 - (2.0_f32 * t)));
    let inverse = rcp(index);
    let inside2 = 1.0_f32 - ((inverse * inverse) * (1.0_f32 - (c * c)));
    if inside2 <= 0.0_f32 {
        return V3::splat(1.0_f32);
    }
    let c2 = root(inside2);
    let r0 = boundary_f0(1.0_f32, index);
    let schlick_weight_value = schlick_weight(c);
    let r12 = r0 + ((1.0_f32 - r0) * schlick_weight_value);
    let t121 = 1.0_f32 - r12;
    let root_value = root(float_min(f0.x, 0.9999_f32));
    let root_value_2 = root(float_min(f0.y, 0.9999_f32));
    let root_value_3 = root(float_min(f0.z, 0.9999_f32));
    let amplitude = V3::new(root_value, root_value_2, root_value_3);
    let div_value = div(1.0_f32 + amplitude.x, 1.0_f32 - amplitude.x);
    let div_value_2 = div(1.0_f32 + amplitude.y, 1.0_f32 - amplitude.y);
    let div_value_3 = div(1.0_f32 + amplitude.z, 1.0_f32 - amplitude.z);
    let base = V3::new(div_value, div_value_2, div_value_3);
    let boundary_f0_value = boundary_f0(index, base.x);
    let boundary_f0_value_2 = boundary_f0(index, base.y);
    let boundary_f0_value_3 = boundary_f0(index, base.z);
    let r1 = V3::new(boundary_f0_value, boundary_f0_value_2, boundary_f0_value_3);
    let schlick_weight_value_2 = schlick_weight(c2);
    let r23 = lerp3(r1, V3::splat(1.0_f32), schlick_weight_value_2);
    let film_shift_value = film_shift(base.x, index);
    let film_shift_value_2 = film_shift(base.y, index);
    let film_shift_value_3 = film_shift(base.z, index);
    let shift = V3::new(0.5_f32 + film_shift_value, 0.5_f32 + film_shift_value_2, 0.5_f32 + film_shift_value_3);
    let r123 = (r23 * r12).zip(V3::splat(1e-5_f32), float_max).zip(V3::splat(0.9999_f32), float_min);
    let root_value_4 = root(r123.x);
    let root_value_5 = root(r123.y);
    let root_value_6 = root(r123.z);
    let r = V3::new(root_value_4, root_value_5, root_value_6);
    let rcp_value = rcp(1.0_f32 - r123.x);
    let rcp_value_2 = rcp(1.0_f32 - r123.y);
    let rcp_value_3 = rcp(1.0_f32 - r123.z);
    let rs = (r23 * (t121 * t121)) * V3::new(rcp_value, rcp_value_2, rcp_value_3);
    let path_nm = ((2.0_f32 * index) * thickness_nm) * c2;
    cm = (rs - V3::splat(t121)) * r;
    let value = cm;
    let film_sensitivity_value = film_sensitivity(path_nm, shift);
    sum = (rs + V3::splat(r12)) + ((value * film_sensitivity_value) * 2.0_f32);
    cm = cm * r;
    let value_2 = sum;
    let value_3 = cm;
    let film_sensitivity_value_2 = film_sensitivity(2.0_f32 * path_nm, shift * 2.0_f32);
    sum = value_2 + ((value_3 * film_sensitivity_value_2) * 2.0_f32);
    sum.zip(V3::splat(0.0_f32), float_max).zip(V3::splat(1.0_f32), float_min)
}

#[inline(always)]
pub fn no_sheen() -> Sheen {
    Sheen { color: V3::splat(0.0_f32), albedo: 0.0_f32, a: 1.0_f32, b: 0.0_f32 }
}

#[inline]
pub fn sheen_of(color: V3<f32>, roughness: f32, wo_z: f32) -> Sheen {
    let y = float_min(float_max(roughness, 0.03_f32), 1.0_f32);
    let x = float_min(float_max(wo_z, 0.0_f32), 1.0_f32);
    let width = div(y * (0.0206607_f32 + (1.58491_f32 * y)), 0.0379424_f32 + (y * (1.32227_f32 + y)));
    let middle = div(y * ((-0.193854_f32) + (y * ((-1.14885_f32) + (y * (1.7932_f32 - ((0.95943_f32 * y) * y)))))), 0.046391_f32 + y);
    let offset = div(y * (0.000654023_f32 + (((-0.0207818_f32) + (0.119681_f32 * y)) * y)), 1.26264_f32 + (y * ((-1.92021_f32) + y)));
    let inverse_width = rcp(width);
    let z = (x - middle) * inverse_width;
    let exp_minus_value = exp_minus((0.5_f32 * z) * z);
    let albedo = ((exp_minus_value * inverse_width) * 0.3989423_f32) + offset;
    let a = div(((2.58126_f32 * x) + (0.813703_f32 * y)) * y, 1.0_f32 + (((0.310327_f32 * x) * x) + ((2.60994_f32 * x) * y)));
    let root_value = root(1.0_f32 - x);
    let b = div((((root_value * (y - 1.0_f32)) * y) * y) * y, (2.54053e-5_f32 + ((1.71228_f32 * x) - ((1.71506_f32 * x) * y))) + ((1.34174_f32 * y) * y));
    Sheen { color: color, albedo: float_min(float_max(albedo, 0.0_f32), 1.0_f32), a: float_max(a, 0.0001_f32), b: b }
}

#[inline(always)]
pub fn sheen_axis(wo: V3<f32>) -> V2<f32> {
    let length2 = (wo.x * wo.x) + (wo.y * wo.y);
    if length2 < 1e-12_f32 {
        return V2::new(1.0_f32, 0.0_f32);
    }
    let rsqrt_value = rsqrt(length2);
    wo.swizzle2::<0, 1>() * rsqrt_value
}

#[inline(always)]
pub fn sheen_density(s: Sheen, wo: V3<f32>, wi: V3<f32>) -> f32 {
    let axis = sheen_axis(wo);
    let x = (axis.x * wi.x) + (axis.y * wi.y);
    let y = (axis.x * wi.y) - (axis.y * wi.x);
    let u = (s.a * x) + (s.b * wi.z);
    let v = s.a * y;
    let length2 = (u * u) + ((v * v) + (wi.z * wi.z));
    let q = div(s.a, length2);
    ((wi.z * INV_PI) * q) * q
}

#[inline(always)]
pub fn cosine_sample(random: V2<f32>) -> V3<f32> {
    let r = root(random.x);
    let sc = sincos_turns(random.y);
    let root_value = root(float_max(0.0_f32, 1.0_f32 - random.x));
    V3::new(r * sc.y, r * sc.x, root_value)
}

#[inline(always)]
pub fn sheen_sample(s: Sheen, wo: V3<f32>, random: V2<f32>) -> V3<f32> {
    let c = cosine_sample(random);
    let inverse = rcp(s.a);
    let x = (c.x - (c.z * s.b)) * inverse;
    let y = c.y * inverse;
    let axis = sheen_axis(wo);
    let normalize3_value = normalize3(V3::new((axis.x * x) - (axis.y * y), (axis.y * x) + (axis.x * y), c.z));
    normalize3_value
}

#[inline(always)]
pub fn nothing() -> Reflectance {
    Reflectance { value: V3::splat(0.0_f32), pdf: 0.0_f32 }
}

#[inline]
pub fn clear_normal_of<X: Ext>(cx: &Cx<'_, X>, s: Surface, hit: Hit, to_viewer: V3<f32>) -> V3<f32> {
    let mut v: bool = false;
    let mut n: V3<f32> = V3::splat(0.0_f32);
    let mut v_2: bool = false;
    let own = has_slot(s.maps.slots, SLOT_CLEARCOAT_NORMAL);
    if !own {
        let has_slot_value = has_slot(s.maps.slots, SLOT_NORMAL);
        v = !has_slot_value;
    } else {
        v = false;
    }
    if v {
        return V3::new(0.0_f32, 0.0_f32, 1.0_f32);
    }
    let smooth_normal_value = smooth_normal(cx, hit);
    n = smooth_normal_value;
    if own {
        let triangle_word_value = triangle_word(cx, hit.triangle.wrapping_mul(3_u32).wrapping_add(2_u32));
        v_2 = triangle_word_value.w != TANGENT_NONE;
    } else {
        v_2 = false;
    }
    if v_2 {
        let value = n;
        let tangent_frame_value = tangent_frame(cx, hit, value);
        let material_float_value = material_float(cx, s.material, 6_u32);
        let mapped_normal_value = mapped_normal(s.maps.clearcoat_normal, tangent_frame_value, material_float_value.y);
        n = mapped_normal_value;
    }
    let value_2 = n;
    let turned_normal_value = turned_normal(value_2, s.geometric, to_viewer);
    let to_local_value = to_local(s.local, turned_normal_value);
    to_local_value
}

#[inline(always)]
pub fn clear_albedo<X: Ext>(cx: &Cx<'_, X>, roughness: f32, z: f32) -> f32 {
    let albedo = ggx_albedo(cx, roughness, z);
    (CLEARCOAT_F0 * (albedo.x - albedo.z)) + albedo.z
}

#[inline]
pub fn clear_evaluate(m: Bsdf, wo: V3<f32>, wi: V3<f32>) -> Reflectance {
    let mut v: bool = false;
    let f = basis(m.clear_normal);
    let o = to_local(f, wo);
    let i = to_local(f, wi);
    if !(o.z <= 0.0_f32) {
        v = (o.z + i.z) <= 0.0_f32;
    } else {
        v = true;
    }
    if v {
        let nothing_value = nothing();
        return nothing_value;
    }
    let h = normalize3(o + i);
    let c = dot3(o, h);
    let reach = ggx_reach(m.clear_facets, o);
    let ggx_visible_value = ggx_visible(m.clear_facets, h, o.z, reach);
    let visible = 0.25_f32 * ggx_visible_value;
    if i.z <= 0.0_f32 {
        return Reflectance { value: V3::splat(0.0_f32), pdf: visible };
    }
    let fresnel_dielectric_value = fresnel_dielectric(c, CLEARCOAT_INDEX);
    let ggx_reach_value = ggx_reach(m.clear_facets, i);
    let ggx_unshadowed_value = ggx_unshadowed(o.z, reach, i.z, ggx_reach_value);
    let value = (visible * fresnel_dielectric_value) * ggx_unshadowed_value;
    Reflectance { value: V3::splat(value), pdf: visible }
}

#[inline(always)]
pub fn clear_sample(m: Bsdf, wo: V3<f32>, random: V2<f32>) -> V3<f32> {
    let f = basis(m.clear_normal);
    let o = to_local(f, wo);
    let h = ggx_sample(m.clear_facets, o, random);
    let dot3_value = dot3(o, h);
    let to_world_value = to_world(f, (h * (2.0_f32 * dot3_value)) - o);
    to_world_value
}

#[inline(always)]
pub fn coat_fresnel(m: Bsdf, c: f32) -> V3<f32> {
    let plain = fresnel_dielectric(c, m.eta);
    if (m.flags & MATERIAL_SPECULAR) == 0_u32 {
        return V3::splat(plain);
    }
    let f0 = boundary_f0(1.0_f32, m.eta);
    let div_value = div(plain - f0, float_max(1.0_f32 - f0, 0.0001_f32));
    let lerp3_value = lerp3(m.coat, V3::splat(m.edge), div_value);
    lerp3_value
}

#[inline(always)]
pub fn facet_fresnel(m: Bsdf, c: f32) -> V3<f32> {
    let schlick_weight_value = schlick_weight(c);
    let lerp3_value = lerp3(m.metal, V3::splat(1.0_f32), schlick_weight_value);
    let coat_fresnel_value = coat_fresnel(m, c);
    let plain = (m.metal_gain * lerp3_value) + (m.coat_gain * coat_fresnel_value);
    if m.film.x <= 0.0_f32 {
        return plain;
    }
    let fresnel_film_value = fresnel_film(c, m.film.y, m.film.z, m.film_f0);
    let lerp3_value_2 = lerp3(plain, m.film_gain * fresnel_film_value, m.film.x);
    lerp3_value_2
}

#[inline]
pub fn opaque_evaluate(m: Bsdf, wo: V3<f32>, wi: V3<f32>) -> Reflectance {
    let mut value: V3<f32> = V3::splat(0.0_f32);
    let mut pdf: f32 = 0.0_f32;
    let mut rest: f32 = 0.0_f32;
    if wi.z <= 0.0_f32 {
        let nothing_value = nothing();
        return nothing_value;
    }
    let h = normalize3(wo + wi);
    let c = dot3(wo, h);
    let ggx_visible_value = ggx_visible(m.facets, h, wo.z, m.reach);
    let visible = 0.25_f32 * ggx_visible_value;
    let fresnel = facet_fresnel(m, c);
    let cosine = wi.z * INV_PI;
    let ggx_reach_value = ggx_reach(m.facets, wi);
    let ggx_unshadowed_value = ggx_unshadowed(wo.z, m.reach, wi.z, ggx_reach_value);
    value = (fresnel * (visible * ggx_unshadowed_value)) + (m.diffuse * cosine);
    pdf = m.shares.z * visible;
    rest = 1.0_f32 - m.shares.z;
    if (m.flags & 24_u32) != 0_u32 {
        rest = float_max((rest - m.shares.x) - m.shares.y, 0.0_f32);
        if m.sheen.albedo > 0.0_f32 {
            let density = sheen_density(m.sheen, wo, wi);
            value = value + (m.sheen.color * ((m.sheen_gain * m.sheen.albedo) * density));
            pdf = pdf + (m.shares.x * density);
        }
        if m.clear > 0.0_f32 {
            let clear = clear_evaluate(m, wo, wi);
            value = value + (clear.value * m.clear);
            pdf = pdf + (m.shares.y * clear.pdf);
        }
    }
    Reflectance { value: value, pdf: pdf + (rest * cosine) }
}

#[inline]
pub fn opaque_sample(m: Bsdf, wo: V3<f32>, random: V2<f32>, lobe: f32) -> Scattered {
    let mut wi: V3<f32> = V3::splat(0.0_f32);
    if lobe < m.shares.z {
        let h = ggx_sample(m.facets, wo, random);
        let dot3_value = dot3(wo, h);
        wi = (h * (2.0_f32 * dot3_value)) - wo;
    } else {
        if lobe < (m.shares.z + m.shares.y) {
            let clear_sample_value = clear_sample(m, wo, random);
            wi = clear_sample_value;
        } else {
            if lobe < ((m.shares.z + m.shares.y) + m.shares.x) {
                let sheen_sample_value = sheen_sample(m.sheen, wo, random);
                wi = sheen_sample_value;
            } else {
                let cosine_sample_value = cosine_sample(random);
                wi = cosine_sample_value;
            }
        }
    }
    let value = wi;
    let f = opaque_evaluate(m, wo, value);
    if f.pdf <= 1e-12_f32 {
        return Scattered { direction: wi, pdf: 0.0_f32, weight: V3::splat(0.0_f32) };
    }
    let value_2 = wi;
    let rcp_value = rcp(f.pdf);
    Scattered { direction: value_2, pdf: f.pdf, weight: f.value * rcp_value }
}

#[inline]
pub fn glass_evaluate(m: Bsdf, wo: V3<f32>, wi: V3<f32>) -> Reflectance {
    let mut h: V3<f32> = V3::splat(0.0_f32);
    let mut v: bool = false;
    let mut v_2: bool = false;
    if wi.z.abs() < 1e-6_f32 {
        let nothing_value = nothing();
        return nothing_value;
    }
    let reflects = wi.z > 0.0_f32;
    h = wo + wi;
    if !reflects {
        h = wo + (wi * m.eta);
    }
    let value = h;
    let value_2 = h;
    let length2 = dot3(value, value_2);
    if length2 < 1e-12_f32 {
        let nothing_value_2 = nothing();
        return nothing_value_2;
    }
    let value_3 = h;
    let rsqrt_value = rsqrt(length2);
    h = value_3 * rsqrt_value;
    if h.z < 0.0_f32 {
        h = -h;
    }
    let value_4 = h;
    let c = dot3(wo, value_4);
    let value_5 = h;
    let ci = dot3(wi, value_5);
    if !(c <= 0.0_f32) {
        if !reflects {
            v_2 = ci >= 0.0_f32;
        } else {
            v_2 = false;
        }
        v = v_2;
    } else {
        v = true;
    }
    if v {
        let nothing_value_3 = nothing();
        return nothing_value_3;
    }
    let fresnel = fresnel_dielectric(c, m.eta);
    let value_6 = h;
    let visible = ggx_visible(m.facets, value_6, wo.z, m.reach);
    let reach_wi = ggx_reach(m.facets, wi);
    if reflects {
        let pdf = (0.25_f32 * fresnel) * visible;
        let ggx_unshadowed_value = ggx_unshadowed(wo.z, m.reach, wi.z, reach_wi);
        return Reflectance { value: m.hue * (pdf * ggx_unshadowed_value), pdf: pdf };
    }
    let k = c + (m.eta * ci);
    let div_value = div(((c * (-ci)) * m.eta) * m.eta, float_max(k * k, 1e-20_f32));
    let pdf_2 = ((1.0_f32 - fresnel) * visible) * div_value;
    let ggx_g1_value = ggx_g1(-wi.z, reach_wi);
    Reflectance { value: (m.tint * m.hue) * (pdf_2 * ggx_g1_value), pdf: pdf_2 }
}

#[inline]
pub fn glass_sample(m: Bsdf, wo: V3<f32>, random: V2<f32>, lobe: f32) -> Scattered {
    let absorbed = Scattered { direction: V3::new(0.0_f32, 0.0_f32, 1.0_f32), pdf: 0.0_f32, weight: V3::splat(0.0_f32) };
    let h = ggx_sample(m.facets, wo, random);
    let c = dot3(wo, h);
    if c <= 0.0_f32 {
        return absorbed;
    }
    let fresnel = fresnel_dielectric(c, m.eta);
    let visible = ggx_visible(m.facets, h, wo.z, m.reach);
    if lobe < fresnel {
        let wi = (h * (2.0_f32 * c)) - wo;
        if wi.z <= 0.0_f32 {
            return absorbed;
        }
        let ggx_reach_value = ggx_reach(m.facets, wi);
        let ggx_unshadowed_value = ggx_unshadowed(wo.z, m.reach, wi.z, ggx_reach_value);
        return Scattered { direction: wi, pdf: (0.25_f32 * fresnel) * visible, weight: m.hue * ggx_unshadowed_value };
    }
    let inverse_eta = rcp(m.eta);
    let ct = root(float_max(1.0_f32 - (((1.0_f32 - (c * c)) * inverse_eta) * inverse_eta), 0.0_f32));
    let wi_2 = normalize3((h * ((c * inverse_eta) - ct)) - (wo * inverse_eta));
    if wi_2.z >= 0.0_f32 {
        return absorbed;
    }
    let k = c - (m.eta * ct);
    let div_value = div(((c * ct) * m.eta) * m.eta, float_max(k * k, 1e-20_f32));
    let pdf = ((1.0_f32 - fresnel) * visible) * div_value;
    let ggx_reach_value_2 = ggx_reach(m.facets, wi_2);
    let ggx_g1_value = ggx_g1(-wi_2.z, ggx_reach_value_2);
    Scattered { direction: wi_2, pdf: pdf, weight: (m.tint * m.hue) * ggx_g1_value }
}

#[inline]
pub fn hue_of(carried: V3<f32>, chance: f32) -> Hue {
    let mut v: bool = false;
    let sum = carried.x + (carried.y + carried.z);
    let at = chance * sum;
    if at < carried.x {
        let div_value = div(sum, carried.x);
        return Hue { factor: V3::new(div_value, 0.0_f32, 0.0_f32), offset: -1.0_f32 };
    }
    if !(at < (carried.x + carried.y)) {
        v = carried.z <= 0.0_f32;
    } else {
        v = true;
    }
    if v {
        let div_value_2 = div(sum, float_max(carried.y, 1e-30_f32));
        return Hue { factor: V3::new(0.0_f32, div_value_2, 0.0_f32), offset: 0.0_f32 };
    }
    let div_value_3 = div(sum, carried.z);
    Hue { factor: V3::new(0.0_f32, 0.0_f32, div_value_3), offset: 1.0_f32 }
}

#[inline]
pub fn glass_roughness(s: Surface, f: Facets, wo: V3<f32>, ior: f32) -> f32 {
    if (s.flags & MATERIAL_ANISOTROPY) == 0_u32 {
        return s.roughness;
    }
    let mean = 0.5_f32 * ((f.x * f.x) + (f.y * f.y));
    let x = f.x * wo.x;
    let y = f.y * wo.y;
    let seen = div((x * x) + ((y * y) + (0.0001_f32 * mean)), (wo.x * wo.x) + ((wo.y * wo.y) + 0.0001_f32));
    let lerp_value = lerp(seen, mean, float_min(ior - 1.0_f32, 0.5_f32));
    let root_value = root(lerp_value);
    let root_value_2 = root(root_value);
    root_value_2
}

#[inline]
pub fn glass_of<X: Ext>(cx: &Cx<'_, X>, s: Surface, wo: V3<f32>, facets: Facets, chance: f32, carried: V3<f32>) -> Bsdf {
    let mut m: Bsdf = Bsdf { glass: false, flags: 0_u32, facets: Facets { x: 0.0_f32, y: 0.0_f32, y_over_x: 0.0_f32, x_over_y: 0.0_f32 }, reach: 0.0_f32, diffuse: V3::splat(0.0_f32), metal: V3::splat(0.0_f32), metal_gain: V3::splat(0.0_f32), coat: V3::splat(0.0_f32), edge: 0.0_f32, coat_gain: V3::splat(0.0_f32), film: V3::splat(0.0_f32), film_f0: V3::splat(0.0_f32), film_gain: V3::splat(0.0_f32), sheen: Sheen { color: V3::splat(0.0_f32), albedo: 0.0_f32, a: 0.0_f32, b: 0.0_f32 }, sheen_gain: 0.0_f32, clear: 0.0_f32, clear_facets: Facets { x: 0.0_f32, y: 0.0_f32, y_over_x: 0.0_f32, x_over_y: 0.0_f32 }, clear_normal: V3::splat(0.0_f32), shares: V3::splat(0.0_f32), eta: 0.0_f32, tint: V3::splat(0.0_f32), hue: V3::splat(0.0_f32) };
    let mut ior: f32 = 0.0_f32;
    let mut hue: V3<f32> = V3::splat(1.0_f32);
    let mut kept: f32 = 1.0_f32;
    m.glass = true;
    m.flags = s.flags;
    m.facets = facets;
    let ggx_reach_value = ggx_reach(facets, wo);
    m.reach = ggx_reach_value;
    let root_value = root(s.base.x);
    let root_value_2 = root(s.base.y);
    let root_value_3 = root(s.base.z);
    m.tint = V3::new(root_value, root_value_2, root_value_3);
    ior = float_max(s.ior, 1.0001_f32);
    if (s.flags & MATERIAL_DISPERSION) != 0_u32 {
        let drawn = hue_of(carried, chance);
        hue = drawn.factor;
        let value = ior;
        let material_float_value = material_float(cx, s.material, 7_u32);
        ior = float_max(value + (drawn.offset * (((s.ior - 1.0_f32) * 0.025_f32) * material_float_value.w)), 1.0001_f32);
    }
    let value_2 = ior;
    let value_3 = ior;
    let rcp_value = rcp(value_3);
    m.eta = if s.back { rcp_value } else { value_2 };
    if facets.x > 0.01_f32 {
        let value_4 = ior;
        let glass_roughness_value = glass_roughness(s, facets, wo, value_4);
        let value_5 = ior;
        let albedo = glass_albedo(cx, glass_roughness_value, wo.z, value_5);
        kept = if s.back { albedo.y } else { albedo.x };
    }
    let value_6 = hue;
    let value_7 = kept;
    let rcp_value_2 = rcp(float_max(value_7, 0.1_f32));
    m.hue = value_6 * rcp_value_2;
    m
}

#[inline(always)]
pub fn specular_of<X: Ext>(cx: &Cx<'_, X>, s: Surface) -> V4<f32> {
    let material_float_value = material_float(cx, s.material, 8_u32);
    let f0 = material_float_value.z;
    if (s.flags & MATERIAL_SPECULAR) == 0_u32 {
        return V4::new(f0, f0, f0, 1.0_f32);
    }
    let material_float_value_2 = material_float(cx, s.material, 3_u32);
    let strength = material_float_value_2.z * s.maps.specular;
    let material_float_value_3 = material_float(cx, s.material, 4_u32);
    let color = material_float_value_3.swizzle3::<0, 1, 2>() * s.maps.specular_color;
    V4::from(((color * f0).zip(V3::splat(1.0_f32), float_min) * strength, strength))
}

#[inline(always)]
pub fn film_of<X: Ext>(cx: &Cx<'_, X>, s: Surface) -> V3<f32> {
    let material_float_value = material_float(cx, s.material, 6_u32);
    let share = material_float_value.w * s.maps.iridescence;
    let range = material_float(cx, s.material, 8_u32);
    let thickness = lerp(range.x, range.y, s.maps.iridescence_thickness);
    let material_float_value_2 = material_float(cx, s.material, 7_u32);
    V3::new(share, material_float_value_2.z, thickness)
}

#[inline(always)]
pub fn facets_of<X: Ext>(cx: &Cx<'_, X>, s: Surface) -> Facets {
    if (s.flags & MATERIAL_ANISOTROPY) == 0_u32 {
        let round_facets_value = round_facets(s.alpha);
        return round_facets_value;
    }
    let material_float_value = material_float(cx, s.material, 6_u32);
    let strength = material_float_value.z * s.maps.anisotropy.z;
    let along = lerp(s.alpha, 1.0_f32, strength * strength);
    let div_value = div(s.alpha, along);
    let div_value_2 = div(along, s.alpha);
    Facets { x: along, y: s.alpha, y_over_x: div_value, x_over_y: div_value_2 }
}

#[inline(always)]
pub fn mean_roughness(s: Surface, f: Facets) -> f32 {
    if (s.flags & MATERIAL_ANISOTROPY) == 0_u32 {
        return s.roughness;
    }
    let root_value = root(0.5_f32 * ((f.x * f.x) + (f.y * f.y)));
    let root_value_2 = root(root_value);
    root_value_2
}

#[inline]
pub fn bsdf_of<X: Ext>(cx: &Cx<'_, X>, s: Surface, hit: Hit, wo: V3<f32>, chance: f32, carried: V3<f32>) -> Bsdf {
    let mut clear: f32 = 0.0_f32;
    let mut clear_share: f32 = 0.0_f32;
    let mut clear_facets: Facets = Facets { x: 0.0_f32, y: 0.0_f32, y_over_x: 0.0_f32, x_over_y: 0.0_f32 };
    let mut clear_normal: V3<f32> = V3::new(0.0_f32, 0.0_f32, 1.0_f32);
    let mut v: bool = false;
    let mut alone: Bsdf = Bsdf { glass: false, flags: 0_u32, facets: Facets { x: 0.0_f32, y: 0.0_f32, y_over_x: 0.0_f32, x_over_y: 0.0_f32 }, reach: 0.0_f32, diffuse: V3::splat(0.0_f32), metal: V3::splat(0.0_f32), metal_gain: V3::splat(0.0_f32), coat: V3::splat(0.0_f32), edge: 0.0_f32, coat_gain: V3::splat(0.0_f32), film: V3::splat(0.0_f32), film_f0: V3::splat(0.0_f32), film_gain: V3::splat(0.0_f32), sheen: Sheen { color: V3::splat(0.0_f32), albedo: 0.0_f32, a: 0.0_f32, b: 0.0_f32 }, sheen_gain: 0.0_f32, clear: 0.0_f32, clear_facets: Facets { x: 0.0_f32, y: 0.0_f32, y_over_x: 0.0_f32, x_over_y: 0.0_f32 }, clear_normal: V3::splat(0.0_f32), shares: V3::splat(0.0_f32), eta: 0.0_f32, tint: V3::splat(0.0_f32), hue: V3::splat(0.0_f32) };
    let mut m: Bsdf = Bsdf { glass: false, flags: 0_u32, facets: Facets { x: 0.0_f32, y: 0.0_f32, y_over_x: 0.0_f32, x_over_y: 0.0_f32 }, reach: 0.0_f32, diffuse: V3::splat(0.0_f32), metal: V3::splat(0.0_f32), metal_gain: V3::splat(0.0_f32), coat: V3::splat(0.0_f32), edge: 0.0_f32, coat_gain: V3::splat(0.0_f32), film: V3::splat(0.0_f32), film_f0: V3::splat(0.0_f32), film_gain: V3::splat(0.0_f32), sheen: Sheen { color: V3::splat(0.0_f32), albedo: 0.0_f32, a: 0.0_f32, b: 0.0_f32 }, sheen_gain: 0.0_f32, clear: 0.0_f32, clear_facets: Facets { x: 0.0_f32, y: 0.0_f32, y_over_x: 0.0_f32, x_over_y: 0.0_f32 }, clear_normal: V3::splat(0.0_f32), shares: V3::splat(0.0_f32), eta: 0.0_f32, tint: V3::splat(0.0_f32), hue: V3::splat(0.0_f32) };
    let mut below: f32 = 0.0_f32;
    let mut sheen_weight: f32 = 0.0_f32;
    let mut metal_share: f32 = 0.0_f32;
    let mut metal_albedo: V3<f32> = V3::splat(0.0_f32);
    let mut coat_albedo: V3<f32> = V3::splat(0.0_f32);
    let mut reflected: V3<f32> = V3::splat(0.0_f32);
    let mut taken: f32 = 0.0_f32;
    let facets = facets_of(cx, s);
    clear_facets = facets;
    if (s.flags & MATERIAL_CLEARCOAT) != 0_u32 {
        let material_float_value = material_float(cx, s.material, 4_u32);
        clear = material_float_value.w * s.maps.clearcoat;
        let material_float_value_2 = material_float(cx, s.material, 6_u32);
        let roughness = float_max(material_float_value_2.x * s.maps.clearcoat_roughness, ROUGHNESS_MIN);
        let round_facets_value = round_facets(roughness * roughness);
        clear_facets = round_facets_value;
        let to_world_value = to_world(s.local, wo);
        let clear_normal_of_value = clear_normal_of(cx, s, hit, to_world_value);
        clear_normal = clear_normal_of_value;
        let value = clear;
        let value_2 = clear_normal;
        let dot3_value = dot3(value_2, wo);
        let clear_albedo_value = clear_albedo(cx, roughness, dot3_value);
        clear_share = value * clear_albedo_value;
    }
    let glassy = s.transmission * (1.0_f32 - s.metallic);
    if HAS_GLASS {
        v = chance < glassy;
    } else {
        v = false;
    }
    if v {
        let rcp_value = rcp(glassy);
        let scaled = chance * rcp_value;
        if scaled >= clear_share {
            let value_3 = clear_share;
            let value_4 = clear_share;
            let div_value = div(scaled - value_3, 1.0_f32 - value_4);
            let glass_of_value = glass_of(cx, s, wo, facets, div_value, carried);
            return glass_of_value;
        }
        alone.flags = s.flags;
        alone.facets = clear_facets;
        let value_5 = clear_facets;
        let ggx_reach_value = ggx_reach(value_5, wo);
        alone.reach = ggx_reach_value;
        let value_6 = clear;
        let value_7 = clear_share;
        let div_value_2 = div(value_6, value_7);
        alone.clear = div_value_2;
        alone.clear_facets = clear_facets;
        alone.clear_normal = clear_normal;
        let no_sheen_value = no_sheen();
        alone.sheen = no_sheen_value;
        alone.shares = V3::new(0.0_f32, 1.0_f32, 0.0_f32);
        alone.eta = CLEARCOAT_INDEX;
        return alone;
    }
    m.flags = s.flags;
    m.facets = facets;
    let ggx_reach_value_2 = ggx_reach(facets, wo);
    m.reach = ggx_reach_value_2;
    m.eta = float_max(s.ior, 1.0001_f32);
    let specular = specular_of(cx, s);
    m.coat = specular.swizzle3::<0, 1, 2>();
    m.edge = specular.w;
    m.metal = s.base;
    let no_sheen_value_2 = no_sheen();
    m.sheen = no_sheen_value_2;
    m.clear = clear;
    m.clear_facets = clear_facets;
    m.clear_normal = clear_normal;
    below = 1.0_f32 - clear_share;
    if (s.flags & MATERIAL_SHEEN) != 0_u32 {
        let m5 = material_float(cx, s.material, 5_u32);
        let roughness_2 = m5.w * s.maps.sheen_roughness;
        let sheen_of_value = sheen_of(m5.swizzle3::<0, 1, 2>() * s.maps.sheen_color, roughness_2, wo.z);
        m.sheen = sheen_of_value;
        m.sheen_gain = below;
        let value_8 = below;
        let value_9 = m.sheen.albedo;
        let value_10 = m.sheen.color;
        let luminance_value = luminance(value_10);
        sheen_weight = (value_8 * value_9) * luminance_value;
        let value_11 = below;
        let value_12 = m.sheen.albedo;
        let value_13 = m.sheen.color;
        let max3_value = max3(value_13);
        below = value_11 * (1.0_f32 - (value_12 * max3_value));
    }
    metal_share = s.metallic;
    if glassy > 0.0_f32 {
        let value_14 = metal_share;
        let rcp_value_2 = rcp(float_max(1.0_f32 - glassy, 1e-6_f32));
        metal_share = value_14 * rcp_value_2;
    }
    let mean_roughness_value = mean_roughness(s, facets);
    let albedo = ggx_albedo(cx, mean_roughness_value, wo.z);
    let single = float_max(albedo.x, 0.001_f32);
    let rcp_value_3 = rcp(single);
    let lost = (1.0_f32 - single) * rcp_value_3;
    let material_float_value_3 = material_float(cx, s.material, 8_u32);
    let root_value = root(25.0_f32 * material_float_value_3.z);
    let root_value_2 = root(root_value);
    let edge = albedo.z * float_min(root_value_2, 1.0_f32);
    metal_albedo = (m.metal * (albedo.x - albedo.y)) + V3::splat(albedo.y);
    coat_albedo = (m.coat * (albedo.x - edge)) + V3::splat(m.edge * edge);
    m.metal_gain = (V3::splat(1.0_f32) + (m.metal * lost)) * (metal_share * below);
    m.coat_gain = (V3::splat(1.0_f32) + (m.coat * lost)) * ((1.0_f32 - metal_share) * below);
    metal_albedo = m.metal_gain * metal_albedo;
    coat_albedo = m.coat_gain * coat_albedo;
    reflected = metal_albedo + coat_albedo;
    let value_15 = coat_albedo;
    let max3_value_2 = max3(value_15);
    taken = max3_value_2;
    if (s.flags & MATERIAL_IRIDESCENCE) != 0_u32 {
        let film_of_value = film_of(cx, s);
        m.film = film_of_value;
        let value_16 = m.coat;
        let value_17 = m.metal;
        let value_18 = metal_share;
        let lerp3_value = lerp3(value_16, value_17, value_18);
        m.film_f0 = lerp3_value;
        m.film_gain = (V3::splat(1.0_f32) + (m.film_f0 * lost)) * below;
        let value_19 = m.film_gain;
        let value_20 = m.film.y;
        let value_21 = m.film.z;
        let value_22 = m.film_f0;
        let fresnel_film_value = fresnel_film(wo.z, value_20, value_21, value_22);
        let film_albedo = (value_19 * fresnel_film_value) * albedo.x;
        let value_23 = reflected;
        let value_24 = m.film.x;
        let lerp3_value_2 = lerp3(value_23, film_albedo, value_24);
        reflected = lerp3_value_2;
        let value_25 = taken;
        let max3_value_3 = max3(film_albedo);
        let value_26 = metal_share;
        let value_27 = m.film.x;
        let lerp_value = lerp(value_25, max3_value_3 * (1.0_f32 - value_26), value_27);
        taken = lerp_value;
    }
    m.diffuse = s.base * float_max(((1.0_f32 - metal_share) * below) - taken, 0.0_f32);
    let value_28 = reflected;
    let ws = luminance(value_28);
    let value_29 = m.diffuse;
    let luminance_value_2 = luminance(value_29);
    let all = ((ws + luminance_value_2) + clear_share) + sheen_weight;
    let inverse = rcp(float_max(all, 1e-6_f32));
    let value_30 = sheen_weight;
    let value_31 = clear_share;
    let value_32 = sheen_weight;
    let value_33 = clear_share;
    let value_34 = m.diffuse;
    let luminance_value_3 = luminance(value_34);
    m.shares = V3::new(value_30 * inverse, value_31 * inverse, if luminance_value_3 < 1e-6_f32 { 1.0_f32 - ((value_32 + value_33) * inverse) } else { ws * inverse });
    m
}

#[inline(always)]
pub fn bsdf_evaluate(m: Bsdf, wo: V3<f32>, wi: V3<f32>) -> Reflectance {
    let mut v: bool = false;
    if HAS_GLASS {
        v = m.glass;
    } else {
        v = false;
    }
    if v {
        let glass_evaluate_value = glass_evaluate(m, wo, wi);
        return glass_evaluate_value;
    }
    let opaque_evaluate_value = opaque_evaluate(m, wo, wi);
    opaque_evaluate_value
}

#[inline(always)]
pub fn bsdf_sample(m: Bsdf, wo: V3<f32>, random: V2<f32>, lobe: f32) -> Scattered {
    let mut v: bool = false;
    if HAS_GLASS {
        v = m.glass;
    } else {
        v = false;
    }
    if v {
        let glass_sample_value = glass_sample(m, wo, random, lobe);
        return glass_sample_value;
    }
    let opaque_sample_value = opaque_sample(m, wo, random, lobe);
    opaque_sample_value
}

#[inline(always)]
pub fn no_light() -> LightSample {
    LightSample { direction: V3::new(0.0_f32, 0.0_f32, 1.0_f32), distance: 0.0_f32, radiance: V3::splat(0.0_f32), pdf: 0.0_f32 }
}

#[inline(always)]
pub fn environment_pixel<X: Ext>(cx: &Cx<'_, X>, x: u32, y: u32) -> V3<f32> {
    let environment_word_value = environment_word(cx, y.wrapping_mul(cx.frame.environment_width).wrapping_add(x));
    let as_float3_value = as_float3(environment_word_value);
    as_float3_value
}

#[inline]
pub fn environment_at<X: Ext>(cx: &Cx<'_, X>, u: f32, v: f32, sine: f32, own: u32) -> EnvironmentValue {
    let w = cx.frame.environment_width;
    let h = cx.frame.environment_height;
    let fx = u * (w as f32);
    let fy = v * (h as f32);
    let environment_word_value = environment_word(cx, own);
    let rcp_value = rcp(float_max(sine, 0.0001_f32));
    let pdf = f32::from_bits(environment_word_value.w) * rcp_value;
    let x = fx - 0.5_f32;
    let y = float_min(float_max(fy - 0.5_f32, 0.0_f32), h.wrapping_sub(1_u32) as f32);
    let xf = x.floor();
    let yf = y.floor();
    let x0 = if xf < 0.0_f32 { w.wrapping_sub(1_u32) } else { float_to_u32(float_max(xf, 0.0_f32)) };
    let x1 = if x0.wrapping_add(1_u32) >= w { 0_u32 } else { x0.wrapping_add(1_u32) };
    let y0 = float_to_u32(yf).min(h.wrapping_sub(1_u32));
    let y1 = y0.wrapping_add(1_u32).min(h.wrapping_sub(1_u32));
    let environment_pixel_value = environment_pixel(cx, x0, y0);
    let environment_pixel_value_2 = environment_pixel(cx, x1, y0);
    let top = lerp3(environment_pixel_value, environment_pixel_value_2, x - xf);
    let environment_pixel_value_3 = environment_pixel(cx, x0, y1);
    let environment_pixel_value_4 = environment_pixel(cx, x1, y1);
    let bottom = lerp3(environment_pixel_value_3, environment_pixel_value_4, x - xf);
    let lerp3_value = lerp3(top, bottom, y - yf);
    EnvironmentValue { radiance: lerp3_value, pdf: pdf }
}

#[inline]
pub fn environment_towards<X: Ext>(cx: &Cx<'_, X>, d: V3<f32>) -> EnvironmentValue {
    let has_environment_value = has_environment(cx);
    if !has_environment_value {
        return EnvironmentValue { radiance: V3::splat(0.0_f32), pdf: 0.0_f32 };
    }
    let atan2_turns_value = atan2_turns(d.z, d.x);
    let u = atan2_turns_value + 0.5_f32;
    let arccos_value = arccos(d.y);
    let v = arccos_value * INV_PI;
    let x = float_to_u32(u * (cx.frame.environment_width as f32)).min(cx.frame.environment_width.wrapping_sub(1_u32));
    let y = float_to_u32(v * (cx.frame.environment_height as f32)).min(cx.frame.environment_height.wrapping_sub(1_u32));
    let root_value = root(float_max(1.0_f32 - (d.y * d.y), 0.0_f32));
    let environment_at_value = environment_at(cx, u, v, root_value, y.wrapping_mul(cx.frame.environment_width).wrapping_add(x));
    environment_at_value
}

#[inline]
pub fn environment_sample<X: Ext>(cx: &Cx<'_, X>, coin: f32, random: V2<f32>) -> LightSample {
    let w = cx.frame.environment_width;
    let count = w.wrapping_mul(cx.frame.environment_height);
    let slot = float_to_u32(random.x * (count as f32)).min(count.wrapping_sub(1_u32));
    let entry = environment_word(cx, count.wrapping_add(slot.wrapping_shr(1_u32)));
    let threshold = f32::from_bits(if (slot & 1_u32) == 1_u32 { entry.z } else { entry.x });
    let pixel = if coin < threshold { slot } else { if (slot & 1_u32) == 1_u32 { entry.w } else { entry.y } };
    let inside = (coin * 4096.0_f32) - (coin * 4096.0_f32).floor();
    let px = remainder_u32(pixel, w);
    let py = divide_u32(pixel, w);
    let u = div((px as f32) + inside, w as f32);
    let div_value = div((py as f32) + random.y, cx.frame.environment_height as f32);
    let v = float_min(div_value, 0.9999999_f32);
    let polar = sincos_turns(0.5_f32 * v);
    let around = sincos_turns(float_min(u, 0.9999999_f32));
    let value = environment_at(cx, u, v, polar.x, pixel);
    let d = normalize3(V3::new((-around.y) * polar.x, polar.y, (-around.x) * polar.x));
    if value.pdf <= 1e-12_f32 {
        let no_light_value = no_light();
        return no_light_value;
    }
    LightSample { direction: d, distance: INFINITE, radiance: value.radiance, pdf: value.pdf }
}

#[inline(always)]
pub fn area_pdf(density: f32, distance2: f32, cosine: f32) -> f32 {
    let div_value = div(distance2, float_max(cosine, 1e-9_f32));
    density * div_value
}

#[inline]
pub fn area_sample<X: Ext>(cx: &Cx<'_, X>, from_point: V3<f32>, choice: f32, coin: f32, random: V2<f32>) -> LightSample {
    let mut entry: V4<u32> = V4::splat(0_u32);
    let mut v: bool = false;
    let mut emission: V3<f32> = V3::splat(0.0_f32);
    let slot = float_to_u32(choice * (cx.frame.area_lights as f32)).min(cx.frame.area_lights.wrapping_sub(1_u32));
    let table_word_value = table_word(cx, LIGHT_TABLE.wrapping_add(slot));
    entry = table_word_value;
    if coin >= f32::from_bits(entry.z) {
        let value = entry.w;
        let table_word_value_2 = table_word(cx, LIGHT_TABLE.wrapping_add(value));
        entry = table_word_value_2;
    }
    let index = entry.x;
    let value_2 = entry.y;
    let c = corners_of(cx, index, value_2);
    let su = root(random.x);
    let u = su * (1.0_f32 - random.y);
    let v_2 = su * random.y;
    let mix3_value = mix3(c.v0, c.v1, c.v2, u, v_2);
    let offset = mix3_value - from_point;
    let distance2 = dot3(offset, offset);
    let scaled_normal = cross3(c.v1 - c.v0, c.v2 - c.v0);
    let double_area2 = dot3(scaled_normal, scaled_normal);
    if !(distance2 < 1e-12_f32) {
        v = double_area2 < 1e-34_f32;
    } else {
        v = true;
    }
    if v {
        let no_light_value = no_light();
        return no_light_value;
    }
    let inverse = rsqrt(distance2);
    let d = offset * inverse;
    let dot3_value = dot3(d, scaled_normal);
    let rsqrt_value = rsqrt(double_area2);
    let cosine = dot3_value.abs() * rsqrt_value;
    if cosine < 1e-5_f32 {
        let no_light_value_2 = no_light();
        return no_light_value_2;
    }
    let triangle_word_value = triangle_word(cx, index.wrapping_mul(3_u32).wrapping_add(1_u32));
    let material = triangle_word_value.w;
    let material_word_value = material_word(cx, material.wrapping_mul(MATERIAL_STRIDE).wrapping_add(1_u32));
    let as_float3_value = as_float3(material_word_value);
    emission = as_float3_value;
    let hit = Hit { t: 0.0_f32, u: u, v: v_2, triangle: index, primitive: 0_u32, instance: entry.y };
    let value_3 = emission;
    let hit_uvs_value = hit_uvs(cx, hit);
    let sample_slot_value = sample_slot(cx, material, SLOT_EMISSIVE, hit_uvs_value);
    emission = value_3 * sample_slot_value.swizzle3::<0, 1, 2>();
    let has_alpha_value = has_alpha(cx);
    if has_alpha_value {
        let value_4 = emission;
        let hit_coverage_value = hit_coverage(cx, hit);
        emission = value_4 * hit_coverage_value;
    }
    let value_5 = emission;
    let material_float_value = material_float(cx, material, 3_u32);
    let area_pdf_value = area_pdf(material_float_value.w, distance2, cosine);
    LightSample { direction: d, distance: (distance2 * inverse) * 0.9999_f32, radiance: value_5, pdf: area_pdf_value }
}

#[inline]
pub fn punctual_at<X: Ext>(cx: &Cx<'_, X>, index: u32, from_point: V3<f32>) -> LightSample {
    let mut falloff: f32 = 0.0_f32;
    let place = LIGHT_TABLE.wrapping_add(cx.frame.area_lights).wrapping_add(index.wrapping_mul(3_u32));
    let l0 = table_word(cx, place);
    let table_word_value = table_word(cx, place.wrapping_add(1_u32));
    let l1 = table_word_value.map(f32::from_bits);
    let table_word_value_2 = table_word(cx, place.wrapping_add(2_u32));
    let l2 = table_word_value_2.map(f32::from_bits);
    if l0.w == PUNCTUAL_DIRECTIONAL {
        return LightSample { direction: -l1.swizzle3::<0, 1, 2>(), distance: INFINITE, radiance: l2.swizzle3::<0, 1, 2>(), pdf: 0.0_f32 };
    }
    let as_float3_value = as_float3(l0);
    let offset = as_float3_value - from_point;
    let distance2 = dot3(offset, offset);
    if distance2 < 1e-12_f32 {
        let no_light_value = no_light();
        return no_light_value;
    }
    let inverse = rsqrt(distance2);
    let d = offset * inverse;
    falloff = inverse * inverse;
    if l0.w == PUNCTUAL_SPOT {
        let dot3_value = dot3(d, l1.swizzle3::<0, 1, 2>());
        let c = -dot3_value;
        let div_value = div(c - l2.w, float_max(l1.w - l2.w, 0.0001_f32));
        let rim = float_min(float_max(div_value, 0.0_f32), 1.0_f32);
        falloff = (falloff * rim) * rim;
    }
    LightSample { direction: d, distance: (distance2 * inverse) * 0.9999_f32, radiance: l2.swizzle3::<0, 1, 2>() * falloff, pdf: 0.0_f32 }
}

#[inline(always)]
pub fn punctual_weight(l: LightSample) -> f32 {
    let weight = luminance(l.radiance);
    if weight > 1e-30_f32 { weight } else { 0.0_f32 }
}

#[inline]
pub fn punctual_sample<X: Ext>(cx: &Cx<'_, X>, from_point: V3<f32>, choice: f32) -> LightSample {
    let mut total: f32 = 0.0_f32;
    let mut i: u32 = 0_u32;
    let mut left: f32 = 0.0_f32;
    let mut last: LightSample = LightSample { direction: V3::splat(0.0_f32), distance: 0.0_f32, radiance: V3::splat(0.0_f32), pdf: 0.0_f32 };
    let mut weight: f32 = 0.0_f32;
    let mut i_2: u32 = 0_u32;
    if cx.frame.point_lights == 1_u32 {
        let punctual_at_value = punctual_at(cx, 0_u32, from_point);
        return punctual_at_value;
    }
    let runs = divide_u32(cx.frame.point_lights.wrapping_add(PUNCTUAL_RUN).wrapping_sub(1_u32), PUNCTUAL_RUN);
    let scaled = choice * (runs as f32);
    let run = float_to_u32(scaled).min(runs.wrapping_sub(1_u32));
    let first = run.wrapping_mul(PUNCTUAL_RUN);
    let end = first.wrapping_add(PUNCTUAL_RUN).min(cx.frame.point_lights);
    i = first;
    'loop_1: loop {
        if !(i < end) {
            break 'loop_1;
        }
        {
            let value = total;
            let value_2 = i;
            let punctual_at_value_2 = punctual_at(cx, value_2, from_point);
            let punctual_weight_value = punctual_weight(punctual_at_value_2);
            total = value + punctual_weight_value;
        }
        i = i.wrapping_add(1_u32);
    }
    if total <= 0.0_f32 {
        let no_light_value = no_light();
        return no_light_value;
    }
    left = float_min(scaled - (run as f32), 0.9999999_f32) * total;
    let no_light_value_2 = no_light();
    last = no_light_value_2;
    i_2 = first;
    'loop_2: loop {
        'turn_2: {
            if !(i_2 < end) {
                break 'loop_2;
            }
            {
                let value_3 = i_2;
                let l = punctual_at(cx, value_3, from_point);
                let own = punctual_weight(l);
                if own <= 0.0_f32 {
                    break 'turn_2;
                }
                last = l;
                weight = own;
                if left < own {
                    break 'loop_2;
                }
                left = left - own;
            }
        }
        i_2 = i_2.wrapping_add(1_u32);
    }
    let value_4 = last.radiance;
    let value_5 = total;
    let value_6 = weight;
    let div_value = div(value_5, value_6);
    last.radiance = value_4 * (div_value * (runs as f32));
    last
}

#[inline(always)]
pub fn light_kinds<X: Ext>(cx: &Cx<'_, X>) -> u32 {
    let has_environment_value = has_environment(cx);
    let has_area_lights_value = has_area_lights(cx);
    let has_point_lights_value = has_point_lights(cx);
    u32::from(has_environment_value).wrapping_add(u32::from(has_area_lights_value)).wrapping_add(u32::from(has_point_lights_value))
}

#[inline(always)]
pub fn kind_probability<X: Ext>(cx: &Cx<'_, X>) -> f32 {
    let kinds = light_kinds(cx);
    if kinds == 3_u32 {
        return 0.33333334_f32;
    }
    if kinds == 2_u32 {
        return 0.5_f32;
    }
    1.0_f32
}

#[inline]
pub fn light_sample<X: Ext>(cx: &Cx<'_, X>, from_point: V3<f32>, pick: f32, coin: f32, random: V2<f32>) -> LightSample {
    let mut kind: u32 = 0_u32;
    let mut l: LightSample = LightSample { direction: V3::splat(0.0_f32), distance: 0.0_f32, radiance: V3::splat(0.0_f32), pdf: 0.0_f32 };
    let mut v: bool = false;
    let mut v_2: bool = false;
    let mut v_3: bool = false;
    let mut v_4: bool = false;
    let kinds = light_kinds(cx);
    if kinds == 0_u32 {
        let no_light_value = no_light();
        return no_light_value;
    }
    let scaled = pick * (kinds as f32);
    kind = float_to_u32(scaled).min(kinds.wrapping_sub(1_u32));
    let rest = float_min(scaled - (kind as f32), 0.9999999_f32);
    let has_environment_value = has_environment(cx);
    if !has_environment_value {
        kind = kind.wrapping_add(1_u32);
    }
    if kind >= 1_u32 {
        let has_area_lights_value = has_area_lights(cx);
        v = !has_area_lights_value;
    } else {
        v = false;
    }
    if v {
        kind = kind.wrapping_add(1_u32);
    }
    let has_environment_value_2 = has_environment(cx);
    if has_environment_value_2 {
        v_2 = kind == 0_u32;
    } else {
        v_2 = false;
    }
    if v_2 {
        let environment_sample_value = environment_sample(cx, coin, random);
        l = environment_sample_value;
    } else {
        let has_area_lights_value_2 = has_area_lights(cx);
        if has_area_lights_value_2 {
            v_3 = kind == 1_u32;
        } else {
            v_3 = false;
        }
        if v_3 {
            let area_sample_value = area_sample(cx, from_point, rest, coin, random);
            l = area_sample_value;
        } else {
            let has_point_lights_value = has_point_lights(cx);
            if has_point_lights_value {
                v_4 = kind == 2_u32;
            } else {
                v_4 = false;
            }
            if v_4 {
                let punctual_sample_value = punctual_sample(cx, from_point, rest);
                l = punctual_sample_value;
            }
        }
    }
    let p = kind_probability(cx);
    l.pdf = l.pdf * p;
    if kind == 2_u32 {
        let value = l.radiance;
        let rcp_value = rcp(p);
        l.radiance = value * rcp_value;
    }
    l
}

#[inline(always)]
pub fn mis_over_pdf(own: f32, other: f32) -> f32 {
    let p = float_min(own, PDF_MAX);
    let q = float_min(other, PDF_MAX);
    let rcp_value = rcp(float_max((p * p) + (q * q), 1e-30_f32));
    p * rcp_value
}

#[inline]
pub fn camera_ray<X: Ext>(cx: &Cx<'_, X>, x: u32, y: u32, key: u32, sample_index: u32) -> Ray {
    let mut v: bool = false;
    let jitter = random_pair(key, sample_index, PAIR_PIXEL);
    let fx = (((x as f32) + jitter.x) * cx.frame.camera_right.w) - 1.0_f32;
    let fy = 1.0_f32 - (((y as f32) + jitter.y) * cx.frame.camera_up.w);
    let plane = (cx.frame.camera_right.swizzle3::<0, 1, 2>() * fx) + (cx.frame.camera_up.swizzle3::<0, 1, 2>() * fy);
    if cx.frame.orthographic == 0_u32 {
        let max3_value = max3(cx.frame.lens_right.swizzle3::<0, 1, 2>().map(f32::abs));
        v = max3_value == 0.0_f32;
    } else {
        v = false;
    }
    if v {
        let normalize3_value = normalize3(plane + cx.frame.camera_forward.swizzle3::<0, 1, 2>());
        return Ray { o: cx.frame.camera_from.swizzle3::<0, 1, 2>(), d: normalize3_value };
    }
    let parallel = cx.frame.orthographic != 0_u32;
    let focus = cx.frame.lens_right.w;
    let lens = random_pair(key, sample_index, PAIR_LENS);
    let r = root(lens.x);
    let turn = sincos_turns(lens.y);
    let seen = (if parallel { plane } else { plane * focus }) + (cx.frame.camera_forward.swizzle3::<0, 1, 2>() * focus);
    let start = (if parallel { plane } else { V3::splat(0.0_f32) }) + ((cx.frame.lens_right.swizzle3::<0, 1, 2>() * (r * turn.y)) + (cx.frame.lens_up.swizzle3::<0, 1, 2>() * (r * turn.x)));
    let normalize3_value_2 = normalize3(seen - start);
    Ray { o: cx.frame.camera_from.swizzle3::<0, 1, 2>() + start, d: normalize3_value_2 }
}

#[inline(always)]
pub fn beyond<X: Ext>(cx: &Cx<'_, X>, hit: Hit, d: V3<f32>) -> V3<f32> {
    let c = corners_of(cx, hit.triangle, hit.instance);
    let cross3_value = cross3(c.v1 - c.v0, c.v2 - c.v0);
    let unit = normalize3(cross3_value);
    let dot3_value = dot3(unit, d);
    let side = if dot3_value > 0.0_f32 { 1.0_f32 } else { -1.0_f32 };
    let mix3_value = mix3(c.v0, c.v1, c.v2, hit.u, hit.v);
    let offset_point_value = offset_point(mix3_value, unit * side);
    offset_point_value
}

#[inline]
pub fn next_hit<X: Ext>(cx: &Cx<'_, X>, origin: V3<f32>, d: V3<f32>, key: u32, sample_index: u32, dimension: u32) -> Hit {
    let mut o: V3<f32> = V3::splat(0.0_f32);
    let mut hit: Hit = Hit { t: 0.0_f32, u: 0.0_f32, v: 0.0_f32, triangle: 0_u32, primitive: 0_u32, instance: 0_u32 };
    let mut travelled: f32 = 0.0_f32;
    let mut pass_count: u32 = 0_u32;
    let mut v: bool = false;
    let mut v_2: bool = false;
    o = origin;
    'loop_1: loop {
        {
            let value = o;
            let closest_hit_value = cx.ext.closest_hit(cx, value, d);
            hit = closest_hit_value;
            let has_alpha_value = has_alpha(cx);
            if !has_alpha_value {
                return hit;
            }
            if !(hit.triangle == NO_HIT) {
                v = pass_count == PASSES_MAX;
            } else {
                v = true;
            }
            if v {
                break 'loop_1;
            }
            let value_2 = hit;
            let coverage = hit_coverage(cx, value_2);
            if !(coverage >= 1.0_f32) {
                let value_3 = pass_count;
                let random_one_value = random_one(key, sample_index, dimension.wrapping_add(value_3));
                v_2 = random_one_value < coverage;
            } else {
                v_2 = true;
            }
            if v_2 {
                break 'loop_1;
            }
            let value_4 = hit;
            let beyond_value = beyond(cx, value_4, d);
            o = beyond_value;
            travelled = travelled + hit.t;
        }
        pass_count = pass_count.wrapping_add(1_u32);
    }
    hit.t = hit.t + travelled;
    hit
}

#[inline]
pub fn transmittance<X: Ext>(cx: &Cx<'_, X>, origin: V3<f32>, d: V3<f32>, distance: f32) -> f32 {
    let mut o: V3<f32> = V3::splat(0.0_f32);
    let mut left: f32 = 0.0_f32;
    let mut through: f32 = 1.0_f32;
    let mut pass_count: u32 = 0_u32;
    let mut v: bool = false;
    let has_alpha_value = has_alpha(cx);
    if !has_alpha_value {
        let occluded_value = cx.ext.occluded(cx, origin, d, distance);
        return if occluded_value { 0.0_f32 } else { 1.0_f32 };
    }
    o = origin;
    left = distance;
    'loop_1: loop {
        {
            let value = o;
            let hit = cx.ext.closest_hit(cx, value, d);
            if !(hit.triangle == NO_HIT) {
                v = hit.t >= left;
            } else {
                v = true;
            }
            if v {
                break 'loop_1;
            }
            if pass_count == PASSES_MAX {
                return 0.0_f32;
            }
            let value_2 = through;
            let hit_coverage_value = hit_coverage(cx, hit);
            through = value_2 * (1.0_f32 - hit_coverage_value);
            if through <= 0.0_f32 {
                return 0.0_f32;
            }
            let beyond_value = beyond(cx, hit, d);
            o = beyond_value;
            left = left - hit.t;
        }
        pass_count = pass_count.wrapping_add(1_u32);
    }
    through
}

#[inline(always)]
pub fn transmitted(medium: V3<f32>, distance: f32) -> V3<f32> {
    let exp_minus_value = exp_minus(medium.x * distance);
    let exp_minus_value_2 = exp_minus(medium.y * distance);
    let exp_minus_value_3 = exp_minus(medium.z * distance);
    V3::new(exp_minus_value, exp_minus_value_2, exp_minus_value_3)
}

#[inline(always)]
pub fn medium_behind<X: Ext>(cx: &Cx<'_, X>, s: Surface) -> V3<f32> {
    let mut v: bool = false;
    if !s.back {
        v = (s.flags & MATERIAL_VOLUME) == 0_u32;
    } else {
        v = true;
    }
    if v {
        return V3::splat(0.0_f32);
    }
    let material_float_value = material_float(cx, s.material, 9_u32);
    material_float_value.swizzle3::<0, 1, 2>()
}

#[inline]
pub fn direct_light<X: Ext>(cx: &Cx<'_, X>, s: Surface, m: Bsdf, local: Basis, wo: V3<f32>, medium: V3<f32>, pick: f32, coin: f32, random: V2<f32>) -> V3<f32> {
    let mut v: bool = false;
    let mut v_2: bool = false;
    let mut visible: V3<f32> = V3::splat(0.0_f32);
    let l = light_sample(cx, s.position, pick, coin, random);
    let max3_value = max3(l.radiance);
    if max3_value <= 0.0_f32 {
        return V3::splat(0.0_f32);
    }
    let wi = to_local(local, l.direction);
    let dot3_value = dot3(l.direction, s.geometric);
    let outside = dot3_value > 0.0_f32;
    if !(outside != (wi.z > 0.0_f32)) {
        if !outside {
            v_2 = !m.glass;
        } else {
            v_2 = false;
        }
        v = v_2;
    } else {
        v = true;
    }
    if v {
        return V3::splat(0.0_f32);
    }
    let f = bsdf_evaluate(m, wo, wi);
    let max3_value_2 = max3(f.value);
    if max3_value_2 <= 0.0_f32 {
        return V3::splat(0.0_f32);
    }
    let o = offset_point(s.position, if outside { s.geometric } else { -s.geometric });
    let unblocked = transmittance(cx, o, l.direction, l.distance);
    if unblocked <= 0.0_f32 {
        return V3::splat(0.0_f32);
    }
    visible = V3::splat(unblocked);
    let medium_behind_value = medium_behind(cx, s);
    let around = if outside { medium } else { medium_behind_value };
    let max3_value_3 = max3(around);
    if max3_value_3 > 0.0_f32 {
        let value = visible;
        let transmitted_value = transmitted(around, l.distance);
        visible = value * transmitted_value;
    }
    if l.pdf <= 0.0_f32 {
        return (f.value * l.radiance) * visible;
    }
    let value_2 = visible;
    let mis_over_pdf_value = mis_over_pdf(l.pdf, f.pdf);
    ((f.value * l.radiance) * value_2) * mis_over_pdf_value
}

#[inline(always)]
pub fn path_begin<X: Ext>(cx: &Cx<'_, X>, x: u32, y: u32, key: u32, sample_index: u32) -> Path {
    let ray = camera_ray(cx, x, y, key, sample_index);
    Path { o: ray.o, d: ray.d, throughput: V3::splat(1.0_f32), radiance: V3::splat(0.0_f32), scatter_pdf: 0.0_f32, medium: V3::splat(0.0_f32), depth: 0_u32 }
}

#[inline(always)]
pub fn finite(v: f32) -> f32 {
    let mut v_2: bool = false;
    if v > RADIANCE_MIN {
        v_2 = v < INFINITE;
    } else {
        v_2 = false;
    }
    if v_2 { v } else { 0.0_f32 }
}

#[inline(always)]
pub fn finite3(v: V3<f32>) -> V3<f32> {
    let finite_value = finite(v.x);
    let finite_value_2 = finite(v.y);
    let finite_value_3 = finite(v.z);
    V3::new(finite_value, finite_value_2, finite_value_3)
}

#[inline(always)]
pub fn surface_albedo(s: Surface) -> V3<f32> {
    let seen = lerp3(s.base, V3::splat(1.0_f32), s.transmission * (1.0_f32 - s.metallic));
    let a = (seen + s.emission).zip(V3::splat(1.0_f32), float_min);
    let finite3_value = finite3(a);
    finite3_value
}

#[inline(always)]
pub fn feature<X: Ext>(cx: &Cx<'_, X>, s: Surface, quantity: u32) -> V3<f32> {
    if quantity == QUANTITY_ALBEDO {
        let surface_albedo_value = surface_albedo(s);
        return surface_albedo_value;
    }
    if quantity == QUANTITY_NORMAL {
        return s.local.n;
    }
    let dot3_value = dot3(s.position - cx.frame.camera_from.swizzle3::<0, 1, 2>(), cx.frame.camera_forward.swizzle3::<0, 1, 2>());
    V3::new(dot3_value, 1.0_f32, 0.0_f32)
}

#[inline]
pub fn path_segment<X: Ext>(cx: &Cx<'_, X>, path: &mut Path, key: u32, sample_index: u32, quantity: u32) -> bool {
    let mut throughput: V3<f32> = V3::splat(0.0_f32);
    let mut weight: f32 = 1.0_f32;
    let mut v: bool = false;
    let mut v_2: bool = false;
    let depth = path.depth;
    let d = path.d;
    let pair = 1_u32.wrapping_add(depth.wrapping_mul(PAIRS_PER_VERTEX));
    let dimension = depth.wrapping_mul(DIMENSIONS_PER_VERTEX);
    path.depth = depth.wrapping_add(1_u32);
    let value = path.o;
    let hit = next_hit(cx, value, d, key, sample_index, dimension.wrapping_add(DIMENSION_LAYERS));
    let medium = path.medium;
    throughput = path.throughput;
    let max3_value = max3(medium);
    if max3_value > 0.0_f32 {
        let value_2 = throughput;
        let transmitted_value = transmitted(medium, if hit.triangle == NO_HIT { INFINITE } else { hit.t });
        let finite3_value = finite3(value_2 * transmitted_value);
        throughput = finite3_value;
    }
    if hit.triangle == NO_HIT {
        if quantity != QUANTITY_RADIANCE {
            return false;
        }
        let sky = environment_towards(cx, d);
        let value_3 = path.scatter_pdf;
        let value_4 = path.scatter_pdf;
        let kind_probability_value = kind_probability(cx);
        let mis_over_pdf_value = mis_over_pdf(value_4, sky.pdf * kind_probability_value);
        let weight_2 = if depth == 0_u32 { 1.0_f32 } else { value_3 * mis_over_pdf_value };
        path.radiance = path.radiance + ((throughput * sky.radiance) * weight_2);
        return false;
    }
    let s = surface_at(cx, hit, d);
    if quantity != QUANTITY_RADIANCE {
        let feature_value = feature(cx, s, quantity);
        path.radiance = feature_value;
        return false;
    }
    if (s.flags & MATERIAL_UNLIT) != 0_u32 {
        path.radiance = path.radiance + (throughput * s.base);
        return false;
    }
    let max3_value_2 = max3(s.emission);
    if max3_value_2 > 0.0_f32 {
        if depth > 0_u32 {
            v = s.light > 0.0_f32;
        } else {
            v = false;
        }
        if v {
            let dot3_value = dot3(d, s.geometric);
            let area_pdf_value = area_pdf(s.light, hit.t * hit.t, dot3_value.abs());
            let kind_probability_value_2 = kind_probability(cx);
            let pdf = area_pdf_value * kind_probability_value_2;
            let value_5 = path.scatter_pdf;
            let value_6 = path.scatter_pdf;
            let mis_over_pdf_value_2 = mis_over_pdf(value_6, pdf);
            weight = value_5 * mis_over_pdf_value_2;
        }
        path.radiance = path.radiance + ((throughput * s.emission) * weight);
    }
    if depth.wrapping_add(1_u32) >= cx.frame.depth_max {
        return false;
    }
    let local = s.local;
    let wo = to_local(local, -d);
    let choice = random_pair(key, sample_index, pair);
    let random_one_value = random_one(key, sample_index, dimension);
    let value_7 = throughput;
    let m = bsdf_of(cx, s, hit, wo, random_one_value, value_7);
    let value_8 = path.radiance;
    let value_9 = throughput;
    let random_one_value_2 = random_one(key, sample_index, dimension.wrapping_add(DIMENSION_COIN));
    let random_pair_value = random_pair(key, sample_index, pair.wrapping_add(1_u32));
    let direct_light_value = direct_light(cx, s, m, local, wo, medium, choice.x, random_one_value_2, random_pair_value);
    path.radiance = value_8 + (value_9 * direct_light_value);
    let random_pair_value_2 = random_pair(key, sample_index, pair.wrapping_add(2_u32));
    let next = bsdf_sample(m, wo, random_pair_value_2, choice.y);
    let max3_value_3 = max3(next.weight);
    if !(max3_value_3 <= 0.0_f32) {
        v_2 = next.pdf <= 0.0_f32;
    } else {
        v_2 = true;
    }
    if v_2 {
        return false;
    }
    let to_world_value = to_world(local, next.direction);
    let onward = normalize3(to_world_value);
    let dot3_value_2 = dot3(onward, s.geometric);
    let outside = dot3_value_2 > 0.0_f32;
    if outside != (next.direction.z > 0.0_f32) {
        return false;
    }
    path.d = onward;
    let offset_point_value = offset_point(s.position, if outside { s.geometric } else { -s.geometric });
    path.o = offset_point_value;
    if !outside {
        let medium_behind_value = medium_behind(cx, s);
        path.medium = medium_behind_value;
    }
    let value_10 = throughput;
    let finite3_value_2 = finite3(value_10 * next.weight);
    throughput = finite3_value_2;
    path.scatter_pdf = float_min(next.pdf, PDF_MAX);
    if depth.wrapping_add(1_u32) >= ROULETTE_DEPTH {
        let value_11 = throughput;
        let max3_value_4 = max3(value_11);
        let survive = float_min(max3_value_4, 0.95_f32);
        let random_one_value_3 = random_one(key, sample_index, dimension.wrapping_add(DIMENSION_ROULETTE));
        if random_one_value_3 >= survive {
            return false;
        }
        let value_12 = throughput;
        let rcp_value = rcp(survive);
        throughput = value_12 * rcp_value;
    }
    path.throughput = throughput;
    true
}

#[inline(always)]
pub fn path_value(path: Path, quantity: u32) -> V3<f32> {
    if quantity != QUANTITY_RADIANCE {
        return path.radiance;
    }
    let finite3_value = finite3(path.radiance);
    finite3_value
}

#[inline(always)]
pub fn trace<X: Ext>(cx: &Cx<'_, X>, x: u32, y: u32, sample_index: u32, quantity: u32) -> V3<f32> {
    let mut path: Path = Path { o: V3::splat(0.0_f32), d: V3::splat(0.0_f32), throughput: V3::splat(0.0_f32), radiance: V3::splat(0.0_f32), scatter_pdf: 0.0_f32, medium: V3::splat(0.0_f32), depth: 0_u32 };
    let key = pixel_key(cx.frame.seed, x, y);
    let path_begin_value = path_begin(cx, x, y, key, sample_index);
    path = path_begin_value;
    'loop_1: loop {
        let path_segment_value = path_segment(cx, &mut path, key, sample_index, quantity);
        if !path_segment_value {
            break 'loop_1;
        }
    }
    let value = path;
    let path_value_value = path_value(value, quantity);
    path_value_value
}
