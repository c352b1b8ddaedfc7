//! The shaders as Rust for many lanes at once, made by `cargo xtask bless`; change the shaders instead.

#![allow(missing_docs, dead_code, unused_labels, unused_mut, unused_variables, unused_assignments, unused_parens, unreachable_code)]
#![allow(non_snake_case, non_camel_case_types, non_upper_case_globals, unused_imports, clippy::all)]

use super::runtime::*;
use super::wide_memory::*;
use super::wide_runtime::*;
use super::generated as one;
use one::{Cx, MATERIAL_FLAGS, TEXTURE_SLOTS, HAS_GLASS, PI, INV_PI, INFINITE, INSTANCE_STRIDE, INSTANCE_MOVES, NO_HIT, PATH_TESTS_MAX, BOX_SLACK, REACH, SRGB_TABLE, ALBEDO_TABLE, GLASS_TABLE, LIGHT_TABLE, WRAP_CLAMP, WRAP_MIRROR, FLAG_NEAREST, FLAG_SRGB, FLAG_SECOND_UV, MATERIAL_STRIDE, MATERIAL_SLOTS, NO_TEXTURE, MATERIAL_MASK, MATERIAL_BLEND, MATERIAL_UNLIT, MATERIAL_CLEARCOAT, MATERIAL_SHEEN, MATERIAL_ANISOTROPY, MATERIAL_IRIDESCENCE, MATERIAL_DISPERSION, MATERIAL_VOLUME, MATERIAL_SPECULAR, SLOT_BASE_COLOR, SLOT_METALLIC_ROUGHNESS, SLOT_NORMAL, SLOT_EMISSIVE, SLOT_TRANSMISSION, SLOT_SPECULAR, SLOT_SPECULAR_COLOR, SLOT_CLEARCOAT, SLOT_CLEARCOAT_ROUGHNESS, SLOT_CLEARCOAT_NORMAL, SLOT_SHEEN_COLOR, SLOT_SHEEN_ROUGHNESS, SLOT_ANISOTROPY, SLOT_IRIDESCENCE, SLOT_IRIDESCENCE_THICKNESS, ROUGHNESS_MIN, TANGENT_NONE, TANGENT_NEGATIVE, CLEARCOAT_INDEX, CLEARCOAT_F0, PUNCTUAL_DIRECTIONAL, PUNCTUAL_SPOT, PUNCTUAL_RUN, PDF_MAX, PAIR_PIXEL, PAIR_LENS, PAIRS_PER_VERTEX, DIMENSIONS_PER_VERTEX, DIMENSION_ROULETTE, DIMENSION_LAYERS, DIMENSION_COIN, PASSES_MAX, ROULETTE_DEPTH, RADIANCE_MIN, QUANTITY_RADIANCE, QUANTITY_ALBEDO, QUANTITY_NORMAL};

// SAFETY: all parts of it were checked to be words that follow each other.
unsafe impl Words for one::Frame {}

#[derive(Clone, Copy)]
pub struct Basis {
    pub t: V3<F32s>,
    pub b: V3<F32s>,
    pub n: V3<F32s>,
}

impl Basis {
    wide! {
    #[inline]
    pub fn merge(self, mask: Mask, other: Self) -> Self {
        Self {
            t: self.t.merge(mask, other.t),
            b: self.b.merge(mask, other.b),
            n: self.n.merge(mask, other.n),
        }
    }
    }

    wide! {
    #[inline]
    pub fn lane(self, lane: usize) -> one::Basis {
        one::Basis {
            t: self.t.lane(lane),
            b: self.b.lane(lane),
            n: self.n.lane(lane),
        }
    }
    }
}

#[derive(Clone, Copy)]
pub struct Hit {
    pub t: F32s,
    pub u: F32s,
    pub v: F32s,
    pub triangle: U32s,
    pub primitive: U32s,
    pub instance: U32s,
}

impl Hit {
    wide! {
    #[inline]
    pub fn merge(self, mask: Mask, other: Self) -> Self {
        Self {
            t: self.t.merge(mask, other.t),
            u: self.u.merge(mask, other.u),
            v: self.v.merge(mask, other.v),
            triangle: self.triangle.merge(mask, other.triangle),
            primitive: self.primitive.merge(mask, other.primitive),
            instance: self.instance.merge(mask, other.instance),
        }
    }
    }

    wide! {
    #[inline]
    pub fn lane(self, lane: usize) -> one::Hit {
        one::Hit {
            t: self.t.lane(lane),
            u: self.u.lane(lane),
            v: self.v.lane(lane),
            triangle: self.triangle.lane(lane),
            primitive: self.primitive.lane(lane),
            instance: self.instance.lane(lane),
        }
    }
    }
}

#[derive(Clone, Copy)]
pub struct Corners {
    pub v0: V3<F32s>,
    pub v1: V3<F32s>,
    pub v2: V3<F32s>,
}

impl Corners {
    wide! {
    #[inline]
    pub fn merge(self, mask: Mask, other: Self) -> Self {
        Self {
            v0: self.v0.merge(mask, other.v0),
            v1: self.v1.merge(mask, other.v1),
            v2: self.v2.merge(mask, other.v2),
        }
    }
    }

    wide! {
    #[inline]
    pub fn lane(self, lane: usize) -> one::Corners {
        one::Corners {
            v0: self.v0.lane(lane),
            v1: self.v1.lane(lane),
            v2: self.v2.lane(lane),
        }
    }
    }
}

#[derive(Clone, Copy)]
pub struct SpaceRay {
    pub o: V3<F32s>,
    pub d: V3<F32s>,
    pub inverse: V3<F32s>,
}

impl SpaceRay {
    wide! {
    #[inline]
    pub fn merge(self, mask: Mask, other: Self) -> Self {
        Self {
            o: self.o.merge(mask, other.o),
            d: self.d.merge(mask, other.d),
            inverse: self.inverse.merge(mask, other.inverse),
        }
    }
    }

    wide! {
    #[inline]
    pub fn lane(self, lane: usize) -> one::SpaceRay {
        one::SpaceRay {
            o: self.o.lane(lane),
            d: self.d.lane(lane),
            inverse: self.inverse.lane(lane),
        }
    }
    }
}

#[derive(Clone, Copy)]
pub struct Maps {
    pub slots: U32s,
    pub base: V4<F32s>,
    pub metallic_roughness: V4<F32s>,
    pub normal: V3<F32s>,
    pub emissive: V3<F32s>,
    pub transmission: F32s,
    pub specular: F32s,
    pub specular_color: V3<F32s>,
    pub clearcoat: F32s,
    pub clearcoat_roughness: F32s,
    pub clearcoat_normal: V3<F32s>,
    pub sheen_color: V3<F32s>,
    pub sheen_roughness: F32s,
    pub anisotropy: V3<F32s>,
    pub iridescence: F32s,
    pub iridescence_thickness: F32s,
}

impl Maps {
    wide! {
    #[inline]
    pub fn merge(self, mask: Mask, other: Self) -> Self {
        Self {
            slots: self.slots.merge(mask, other.slots),
            base: self.base.merge(mask, other.base),
            metallic_roughness: self.metallic_roughness.merge(mask, other.metallic_roughness),
            normal: self.normal.merge(mask, other.normal),
            emissive: self.emissive.merge(mask, other.emissive),
            transmission: self.transmission.merge(mask, other.transmission),
            specular: self.specular.merge(mask, other.specular),
            specular_color: self.specular_color.merge(mask, other.specular_color),
            clearcoat: self.clearcoat.merge(mask, other.clearcoat),
            clearcoat_roughness: self.clearcoat_roughness.merge(mask, other.clearcoat_roughness),
            clearcoat_normal: self.clearcoat_normal.merge(mask, other.clearcoat_normal),
            sheen_color: self.sheen_color.merge(mask, other.sheen_color),
            sheen_roughness: self.sheen_roughness.merge(mask, other.sheen_roughness),
            anisotropy: self.anisotropy.merge(mask, other.anisotropy),
            iridescence: self.iridescence.merge(mask, other.iridescence),
            iridescence_thickness: self.iridescence_thickness.merge(mask, other.iridescence_thickness),
        }
    }
    }

    wide! {
    #[inline]
    pub fn lane(self, lane: usize) -> one::Maps {
        one::Maps {
            slots: self.slots.lane(lane),
            base: self.base.lane(lane),
            metallic_roughness: self.metallic_roughness.lane(lane),
            normal: self.normal.lane(lane),
            emissive: self.emissive.lane(lane),
            transmission: self.transmission.lane(lane),
            specular: self.specular.lane(lane),
            specular_color: self.specular_color.lane(lane),
            clearcoat: self.clearcoat.lane(lane),
            clearcoat_roughness: self.clearcoat_roughness.lane(lane),
            clearcoat_normal: self.clearcoat_normal.lane(lane),
            sheen_color: self.sheen_color.lane(lane),
            sheen_roughness: self.sheen_roughness.lane(lane),
            anisotropy: self.anisotropy.lane(lane),
            iridescence: self.iridescence.lane(lane),
            iridescence_thickness: self.iridescence_thickness.lane(lane),
        }
    }
    }
}

#[derive(Clone, Copy)]
pub struct Surface {
    pub position: V3<F32s>,
    pub geometric: V3<F32s>,
    pub local: Basis,
    pub back: Mask,
    pub material: U32s,
    pub flags: U32s,
    pub maps: Maps,
    pub base: V3<F32s>,
    pub emission: V3<F32s>,
    pub metallic: F32s,
    pub roughness: F32s,
    pub alpha: F32s,
    pub transmission: F32s,
    pub ior: F32s,
    pub light: F32s,
}

impl Surface {
    wide! {
    #[inline]
    pub fn merge(self, mask: Mask, other: Self) -> Self {
        Self {
            position: self.position.merge(mask, other.position),
            geometric: self.geometric.merge(mask, other.geometric),
            local: self.local.merge(mask, other.local),
            back: self.back.merge(mask, other.back),
            material: self.material.merge(mask, other.material),
            flags: self.flags.merge(mask, other.flags),
            maps: self.maps.merge(mask, other.maps),
            base: self.base.merge(mask, other.base),
            emission: self.emission.merge(mask, other.emission),
            metallic: self.metallic.merge(mask, other.metallic),
            roughness: self.roughness.merge(mask, other.roughness),
            alpha: self.alpha.merge(mask, other.alpha),
            transmission: self.transmission.merge(mask, other.transmission),
            ior: self.ior.merge(mask, other.ior),
            light: self.light.merge(mask, other.light),
        }
    }
    }

    wide! {
    #[inline]
    pub fn lane(self, lane: usize) -> one::Surface {
        one::Surface {
            position: self.position.lane(lane),
            geometric: self.geometric.lane(lane),
            local: self.local.lane(lane),
            back: self.back.lane(lane),
            material: self.material.lane(lane),
            flags: self.flags.lane(lane),
            maps: self.maps.lane(lane),
            base: self.base.lane(lane),
            emission: self.emission.lane(lane),
            metallic: self.metallic.lane(lane),
            roughness: self.roughness.lane(lane),
            alpha: self.alpha.lane(lane),
            transmission: self.transmission.lane(lane),
            ior: self.ior.lane(lane),
            light: self.light.lane(lane),
        }
    }
    }
}

#[derive(Clone, Copy)]
pub struct Facets {
    pub x: F32s,
    pub y: F32s,
    pub y_over_x: F32s,
    pub x_over_y: F32s,
}

impl Facets {
    wide! {
    #[inline]
    pub fn merge(self, mask: Mask, other: Self) -> Self {
        Self {
            x: self.x.merge(mask, other.x),
            y: self.y.merge(mask, other.y),
            y_over_x: self.y_over_x.merge(mask, other.y_over_x),
            x_over_y: self.x_over_y.merge(mask, other.x_over_y),
        }
    }
    }

    wide! {
    #[inline]
    pub fn lane(self, lane: usize) -> one::Facets {
        one::Facets {
            x: self.x.lane(lane),
            y: self.y.lane(lane),
            y_over_x: self.y_over_x.lane(lane),
            x_over_y: self.x_over_y.lane(lane),
        }
    }
    }
}

#[derive(Clone, Copy)]
pub struct Sheen {
    pub color: V3<F32s>,
    pub albedo: F32s,
    pub a: F32s,
    pub b: F32s,
}

impl Sheen {
    wide! {
    #[inline]
    pub fn merge(self, mask: Mask, other: Self) -> Self {
        Self {
            color: self.color.merge(mask, other.color),
            albedo: self.albedo.merge(mask, other.albedo),
            a: self.a.merge(mask, other.a),
            b: self.b.merge(mask, other.b),
        }
    }
    }

    wide! {
    #[inline]
    pub fn lane(self, lane: usize) -> one::Sheen {
        one::Sheen {
            color: self.color.lane(lane),
            albedo: self.albedo.lane(lane),
            a: self.a.lane(lane),
            b: self.b.lane(lane),
        }
    }
    }
}

#[derive(Clone, Copy)]
pub struct Bsdf {
    pub glass: Mask,
    pub flags: U32s,
    pub facets: Facets,
    pub reach: F32s,
    pub diffuse: V3<F32s>,
    pub metal: V3<F32s>,
    pub metal_gain: V3<F32s>,
    pub coat: V3<F32s>,
    pub edge: F32s,
    pub coat_gain: V3<F32s>,
    pub film: V3<F32s>,
    pub film_f0: V3<F32s>,
    pub film_gain: V3<F32s>,
    pub sheen: Sheen,
    pub sheen_gain: F32s,
    pub clear: F32s,
    pub clear_facets: Facets,
    pub clear_normal: V3<F32s>,
    pub shares: V3<F32s>,
    pub eta: F32s,
    pub tint: V3<F32s>,
    pub hue: V3<F32s>,
}

impl Bsdf {
    wide! {
    #[inline]
    pub fn merge(self, mask: Mask, other: Self) -> Self {
        Self {
            glass: self.glass.merge(mask, other.glass),
            flags: self.flags.merge(mask, other.flags),
            facets: self.facets.merge(mask, other.facets),
            reach: self.reach.merge(mask, other.reach),
            diffuse: self.diffuse.merge(mask, other.diffuse),
            metal: self.metal.merge(mask, other.metal),
            metal_gain: self.metal_gain.merge(mask, other.metal_gain),
            coat: self.coat.merge(mask, other.coat),
            edge: self.edge.merge(mask, other.edge),
            coat_gain: self.coat_gain.merge(mask, other.coat_gain),
            film: self.film.merge(mask, other.film),
            film_f0: self.film_f0.merge(mask, other.film_f0),
            film_gain: self.film_gain.merge(mask, other.film_gain),
            sheen: self.sheen.merge(mask, other.sheen),
            sheen_gain: self.sheen_gain.merge(mask, other.sheen_gain),
            clear: self.clear.merge(mask, other.clear),
            clear_facets: self.clear_facets.merge(mask, other.clear_facets),
            clear_normal: self.clear_normal.merge(mask, other.clear_normal),
            shares: self.shares.merge(mask, other.shares),
            eta: self.eta.merge(mask, other.eta),
            tint: self.tint.merge(mask, other.tint),
            hue: self.hue.merge(mask, other.hue),
        }
    }
    }

    wide! {
    #[inline]
    pub fn lane(self, lane: usize) -> one::Bsdf {
        one::Bsdf {
            glass: self.glass.lane(lane),
            flags: self.flags.lane(lane),
            facets: self.facets.lane(lane),
            reach: self.reach.lane(lane),
            diffuse: self.diffuse.lane(lane),
            metal: self.metal.lane(lane),
            metal_gain: self.metal_gain.lane(lane),
            coat: self.coat.lane(lane),
            edge: self.edge.lane(lane),
            coat_gain: self.coat_gain.lane(lane),
            film: self.film.lane(lane),
            film_f0: self.film_f0.lane(lane),
            film_gain: self.film_gain.lane(lane),
            sheen: self.sheen.lane(lane),
            sheen_gain: self.sheen_gain.lane(lane),
            clear: self.clear.lane(lane),
            clear_facets: self.clear_facets.lane(lane),
            clear_normal: self.clear_normal.lane(lane),
            shares: self.shares.lane(lane),
            eta: self.eta.lane(lane),
            tint: self.tint.lane(lane),
            hue: self.hue.lane(lane),
        }
    }
    }
}

#[derive(Clone, Copy)]
pub struct Scattered {
    pub direction: V3<F32s>,
    pub pdf: F32s,
    pub weight: V3<F32s>,
}

impl Scattered {
    wide! {
    #[inline]
    pub fn merge(self, mask: Mask, other: Self) -> Self {
        Self {
            direction: self.direction.merge(mask, other.direction),
            pdf: self.pdf.merge(mask, other.pdf),
            weight: self.weight.merge(mask, other.weight),
        }
    }
    }

    wide! {
    #[inline]
    pub fn lane(self, lane: usize) -> one::Scattered {
        one::Scattered {
            direction: self.direction.lane(lane),
            pdf: self.pdf.lane(lane),
            weight: self.weight.lane(lane),
        }
    }
    }
}

#[derive(Clone, Copy)]
pub struct Reflectance {
    pub value: V3<F32s>,
    pub pdf: F32s,
}

impl Reflectance {
    wide! {
    #[inline]
    pub fn merge(self, mask: Mask, other: Self) -> Self {
        Self {
            value: self.value.merge(mask, other.value),
            pdf: self.pdf.merge(mask, other.pdf),
        }
    }
    }

    wide! {
    #[inline]
    pub fn lane(self, lane: usize) -> one::Reflectance {
        one::Reflectance {
            value: self.value.lane(lane),
            pdf: self.pdf.lane(lane),
        }
    }
    }
}

#[derive(Clone, Copy)]
pub struct Hue {
    pub factor: V3<F32s>,
    pub offset: F32s,
}

impl Hue {
    wide! {
    #[inline]
    pub fn merge(self, mask: Mask, other: Self) -> Self {
        Self {
            factor: self.factor.merge(mask, other.factor),
            offset: self.offset.merge(mask, other.offset),
        }
    }
    }

    wide! {
    #[inline]
    pub fn lane(self, lane: usize) -> one::Hue {
        one::Hue {
            factor: self.factor.lane(lane),
            offset: self.offset.lane(lane),
        }
    }
    }
}

#[derive(Clone, Copy)]
pub struct LightSample {
    pub direction: V3<F32s>,
    pub distance: F32s,
    pub radiance: V3<F32s>,
    pub pdf: F32s,
}

impl LightSample {
    wide! {
    #[inline]
    pub fn merge(self, mask: Mask, other: Self) -> Self {
        Self {
            direction: self.direction.merge(mask, other.direction),
            distance: self.distance.merge(mask, other.distance),
            radiance: self.radiance.merge(mask, other.radiance),
            pdf: self.pdf.merge(mask, other.pdf),
        }
    }
    }

    wide! {
    #[inline]
    pub fn lane(self, lane: usize) -> one::LightSample {
        one::LightSample {
            direction: self.direction.lane(lane),
            distance: self.distance.lane(lane),
            radiance: self.radiance.lane(lane),
            pdf: self.pdf.lane(lane),
        }
    }
    }
}

#[derive(Clone, Copy)]
pub struct EnvironmentValue {
    pub radiance: V3<F32s>,
    pub pdf: F32s,
}

impl EnvironmentValue {
    wide! {
    #[inline]
    pub fn merge(self, mask: Mask, other: Self) -> Self {
        Self {
            radiance: self.radiance.merge(mask, other.radiance),
            pdf: self.pdf.merge(mask, other.pdf),
        }
    }
    }

    wide! {
    #[inline]
    pub fn lane(self, lane: usize) -> one::EnvironmentValue {
        one::EnvironmentValue {
            radiance: self.radiance.lane(lane),
            pdf: self.pdf.lane(lane),
        }
    }
    }
}

#[derive(Clone, Copy)]
pub struct Ray {
    pub o: V3<F32s>,
    pub d: V3<F32s>,
}

impl Ray {
    wide! {
    #[inline]
    pub fn merge(self, mask: Mask, other: Self) -> Self {
        Self {
            o: self.o.merge(mask, other.o),
            d: self.d.merge(mask, other.d),
        }
    }
    }

    wide! {
    #[inline]
    pub fn lane(self, lane: usize) -> one::Ray {
        one::Ray {
            o: self.o.lane(lane),
            d: self.d.lane(lane),
        }
    }
    }
}

#[derive(Clone, Copy)]
pub struct Path {
    pub o: V3<F32s>,
    pub d: V3<F32s>,
    pub throughput: V3<F32s>,
    pub radiance: V3<F32s>,
    pub scatter_pdf: F32s,
    pub medium: V3<F32s>,
    pub depth: U32s,
}

impl Path {
    wide! {
    #[inline]
    pub fn merge(self, mask: Mask, other: Self) -> Self {
        Self {
            o: self.o.merge(mask, other.o),
            d: self.d.merge(mask, other.d),
            throughput: self.throughput.merge(mask, other.throughput),
            radiance: self.radiance.merge(mask, other.radiance),
            scatter_pdf: self.scatter_pdf.merge(mask, other.scatter_pdf),
            medium: self.medium.merge(mask, other.medium),
            depth: self.depth.merge(mask, other.depth),
        }
    }
    }

    wide! {
    #[inline]
    pub fn lane(self, lane: usize) -> one::Path {
        one::Path {
            o: self.o.lane(lane),
            d: self.d.lane(lane),
            throughput: self.throughput.lane(lane),
            radiance: self.radiance.lane(lane),
            scatter_pdf: self.scatter_pdf.lane(lane),
            medium: self.medium.lane(lane),
            depth: self.depth.lane(lane),
        }
    }
    }
}

/// The driver's functions for all live lanes at once.
pub trait Ext: one::Ext {
    /// # Safety
    /// The processor has what the lanes need.
    unsafe fn closest_hit_of_lanes(&self, cx: &Cx<'_, Self>, live: Mask, o: V3<F32s>, d: V3<F32s>) -> Hit;
    /// # Safety
    /// The processor has what the lanes need.
    unsafe fn occluded_of_lanes(&self, cx: &Cx<'_, Self>, live: Mask, o: V3<F32s>, d: V3<F32s>, t_max: F32s) -> Mask;
}

wide! {
#[inline]
pub fn node_word<X: Ext>(cx: &Cx<'_, X>, mut live: Mask, i: U32s) -> V4<U32s> {
    let value = gather_row(cx.nodes, i, 0, live);
    return value;
}
}

wide! {
#[inline]
pub fn triangle_word<X: Ext>(cx: &Cx<'_, X>, mut live: Mask, i: U32s) -> V4<U32s> {
    let value = gather_row(cx.triangles, i, 0, live);
    return value;
}
}

wide! {
#[inline]
pub fn shading_word<X: Ext>(cx: &Cx<'_, X>, mut live: Mask, i: U32s) -> V4<U32s> {
    let value = gather_row(cx.shading, i, 0, live);
    return value;
}
}

wide! {
#[inline]
pub fn material_word<X: Ext>(cx: &Cx<'_, X>, mut live: Mask, i: U32s) -> V4<U32s> {
    let value = gather_row(cx.materials, i, 0, live);
    return value;
}
}

wide! {
#[inline]
pub fn texel_word<X: Ext>(cx: &Cx<'_, X>, mut live: Mask, i: U32s) -> U32s {
    let value = gather_word(cx.texels, i, U32s::splat(0), live);
    return value;
}
}

wide! {
#[inline]
pub fn table_word<X: Ext>(cx: &Cx<'_, X>, mut live: Mask, i: U32s) -> V4<U32s> {
    let value = gather_row(cx.tables, i, 0, live);
    return value;
}
}

wide! {
#[inline]
pub fn environment_word<X: Ext>(cx: &Cx<'_, X>, mut live: Mask, i: U32s) -> V4<U32s> {
    let value = gather_row(cx.environment, i, 0, live);
    return value;
}
}

wide! {
#[inline]
pub fn rcp(a: F32s) -> F32s {
    let mut live = Mask::splat(true);
    let mut y: F32s = F32s::splat(0.0_f32);
    let bits = a.bits_u32();
    let magnitude = bits.and(U32s::splat(0x7fffffff_u32));
    let b = magnitude.bits_f32();
    y = U32s::splat(0x7ef311c7_u32).sub(magnitude).bits_f32();
    y = y.mul(F32s::splat(2.0_f32).sub(b.mul(y)));
    y = y.mul(F32s::splat(2.0_f32).sub(b.mul(y)));
    y = y.mul(F32s::splat(2.0_f32).sub(b.mul(y)));
    return y.bits_u32().or(bits.and(U32s::splat(0x80000000_u32))).bits_f32();
}
}

wide! {
#[inline]
pub fn div(a: F32s, b: f32) -> F32s {
    let mut live = Mask::splat(true);
    let rcp_value = one::rcp(b);
    return a.mul(F32s::splat(rcp_value));
}
}

wide! {
#[inline]
pub fn div_2(a: F32s, b: F32s) -> F32s {
    let mut live = Mask::splat(true);
    let rcp_value = rcp(b);
    return a.mul(rcp_value);
}
}

wide! {
#[inline]
pub fn rsqrt(a: F32s) -> F32s {
    let mut live = Mask::splat(true);
    let mut y: F32s = F32s::splat(0.0_f32);
    let h = F32s::splat(0.5_f32).mul(a);
    y = U32s::splat(0x5f3759df_u32).sub(a.bits_u32().shr(U32s::splat(1_u32))).bits_f32();
    y = y.mul(F32s::splat(1.5_f32).sub(h.mul(y).mul(y)));
    y = y.mul(F32s::splat(1.5_f32).sub(h.mul(y).mul(y)));
    y = y.mul(F32s::splat(1.5_f32).sub(h.mul(y).mul(y)));
    return y;
}
}

wide! {
#[inline]
pub fn root(a: F32s) -> F32s {
    let mut live = Mask::splat(true);
    let mut result = F32s::splat(0.0_f32);
    let mut taken = live.and(a.lt(F32s::splat(1e-30_f32)));
    let mut other = live.and_not(taken);
    {
        result = F32s::splat(0.0_f32);
    }
    live = other;
    let rsqrt_value = rsqrt(a);
    return a.mul(rsqrt_value).when(live, result);
}
}

wide! {
#[inline]
pub fn dot3(a: V3<F32s>, b: V3<f32>) -> F32s {
    let mut live = Mask::splat(true);
    return a.x.mul(F32s::splat(b.x)).add(a.y.mul(F32s::splat(b.y)).add(a.z.mul(F32s::splat(b.z))));
}
}

wide! {
#[inline]
pub fn dot3_2(a: V3<F32s>, b: V3<F32s>) -> F32s {
    let mut live = Mask::splat(true);
    return a.x.mul(b.x).add(a.y.mul(b.y).add(a.z.mul(b.z)));
}
}

wide! {
#[inline]
pub fn cross3(a: V3<F32s>, b: V3<F32s>) -> V3<F32s> {
    let mut live = Mask::splat(true);
    return V3::new(a.y.mul(b.z).sub(a.z.mul(b.y)), a.z.mul(b.x).sub(a.x.mul(b.z)), a.x.mul(b.y).sub(a.y.mul(b.x)));
}
}

wide! {
#[inline]
pub fn normalize3(a: V3<F32s>) -> V3<F32s> {
    let mut live = Mask::splat(true);
    let dot3_value = dot3_2(a, a);
    let rsqrt_value = rsqrt(dot3_value.max(F32s::splat(1e-30_f32)));
    return a.mul(V3::splat(rsqrt_value));
}
}

wide! {
#[inline]
pub fn max3(a: V3<F32s>) -> F32s {
    let mut live = Mask::splat(true);
    return a.x.max(a.y.max(a.z));
}
}

wide! {
#[inline]
pub fn min3(a: V3<F32s>) -> F32s {
    let mut live = Mask::splat(true);
    return a.x.min(a.y.min(a.z));
}
}

wide! {
#[inline]
pub fn luminance(c: V3<F32s>) -> F32s {
    let mut live = Mask::splat(true);
    return F32s::splat(0.2126_f32).mul(c.x).add(F32s::splat(0.7152_f32).mul(c.y).add(F32s::splat(0.0722_f32).mul(c.z)));
}
}

wide! {
#[inline]
pub fn lerp(a: f32, b: F32s, t: F32s) -> F32s {
    let mut live = Mask::splat(true);
    return F32s::splat(a).add(b.sub(F32s::splat(a)).mul(t));
}
}

wide! {
#[inline]
pub fn lerp_2(a: F32s, b: f32, t: F32s) -> F32s {
    let mut live = Mask::splat(true);
    return a.add(F32s::splat(b).sub(a).mul(t));
}
}

wide! {
#[inline]
pub fn lerp_3(a: F32s, b: F32s, t: F32s) -> F32s {
    let mut live = Mask::splat(true);
    return a.add(b.sub(a).mul(t));
}
}

wide! {
#[inline]
pub fn lerp3(a: V3<F32s>, b: V3<f32>, t: F32s) -> V3<F32s> {
    let mut live = Mask::splat(true);
    return a.add(V3::<F32s>::wide(b).sub(a).mul(V3::splat(t)));
}
}

wide! {
#[inline]
pub fn lerp3_2(a: V3<F32s>, b: V3<F32s>, t: F32s) -> V3<F32s> {
    let mut live = Mask::splat(true);
    return a.add(b.sub(a).mul(V3::splat(t)));
}
}

wide! {
#[inline]
pub fn lerp4(a: V4<F32s>, b: V4<F32s>, t: F32s) -> V4<F32s> {
    let mut live = Mask::splat(true);
    return a.add(b.sub(a).mul(V4::splat(t)));
}
}

wide! {
#[inline(never)]
pub fn sincos_turns(turns: F32s) -> V2<F32s> {
    let mut live = Mask::splat(true);
    let mut s: F32s = F32s::splat(0.0_f32);
    let mut c: F32s = F32s::splat(0.0_f32);
    let quarters = turns.mul(F32s::splat(4.0_f32));
    let quadrant = quarters.to_u32();
    let f = quarters.sub(quadrant.to_f32());
    let folded = f.gt(F32s::splat(0.5_f32));
    let g = F32s::splat(1.0_f32).sub(f).when(folded, f);
    let x = g.mul(F32s::splat(1.5707964_f32));
    let x2 = x.mul(x);
    let sp = x2.mul(x2.mul(x2.mul(F32s::splat(-0.00019515296_f32)).add(F32s::splat(0.008332161_f32))).sub(F32s::splat(0.16666655_f32)));
    let s0 = x.mul(sp).add(x);
    let cp = x2.mul(x2.mul(x2.mul(F32s::splat(2.4433157e-5_f32)).sub(F32s::splat(0.0013887316_f32))).add(F32s::splat(0.041666646_f32)));
    let c0 = x2.mul(cp).sub(F32s::splat(0.5_f32).mul(x2)).add(F32s::splat(1.0_f32));
    s = c0.when(folded, s0);
    c = s0.when(folded, c0);
    let mut taken = live.and(quadrant.and(U32s::splat(1_u32)).eq(U32s::splat(1_u32)));
    {
        let t = s;
        s = c.when(taken, s);
        c = t.neg().when(taken, c);
    }
    let mut taken_2 = live.and(quadrant.and(U32s::splat(2_u32)).eq(U32s::splat(2_u32)));
    {
        s = s.neg().when(taken_2, s);
        c = c.neg().when(taken_2, c);
    }
    return V2::new(s, c);
}
}

wide! {
#[inline]
pub fn cos_turns(turns: F32s) -> F32s {
    let mut live = Mask::splat(true);
    let sincos_turns_value = sincos_turns(turns.sub(turns.floor()).min(F32s::splat(0.9999999_f32)));
    return sincos_turns_value.y;
}
}

wide! {
#[inline(never)]
pub fn exp_minus(a: F32s) -> F32s {
    let mut live = Mask::splat(true);
    let mut result = F32s::splat(0.0_f32);
    let mut p: F32s = F32s::splat(0.0013888889_f32);
    let mut taken = live.and(a.ge(F32s::splat(40.0_f32)));
    let mut other = live.and_not(taken);
    {
        result = F32s::splat(0.0_f32);
    }
    live = other;
    let halvings = a.max(F32s::splat(0.0_f32)).mul(F32s::splat(1.442695_f32)).add(F32s::splat(0.5_f32)).floor();
    let x = halvings.mul(F32s::splat(0.6931472_f32)).sub(a.max(F32s::splat(0.0_f32)));
    p = p.mul(x).add(F32s::splat(0.008333333_f32));
    p = p.mul(x).add(F32s::splat(0.041666668_f32));
    p = p.mul(x).add(F32s::splat(0.16666667_f32));
    p = p.mul(x).add(F32s::splat(0.5_f32));
    p = p.mul(x).add(F32s::splat(1.0_f32));
    p = p.mul(x).add(F32s::splat(1.0_f32));
    return p.mul(U32s::splat(127_u32).sub(halvings.to_u32()).shl(U32s::splat(23_u32)).bits_f32()).when(live, result);
}
}

wide! {
#[inline(never)]
pub fn arccos(x: F32s) -> F32s {
    let mut live = Mask::splat(true);
    let mut p: F32s = F32s::splat(-0.0012624911_f32);
    let a = x.abs().min(F32s::splat(1.0_f32));
    p = p.mul(a).add(F32s::splat(0.00667009_f32));
    p = p.mul(a).sub(F32s::splat(0.017088126_f32));
    p = p.mul(a).add(F32s::splat(0.03089188_f32));
    p = p.mul(a).sub(F32s::splat(0.050174303_f32));
    p = p.mul(a).add(F32s::splat(0.08897899_f32));
    p = p.mul(a).sub(F32s::splat(0.2145988_f32));
    p = p.mul(a).add(F32s::splat(1.5707963_f32));
    let value = p;
    let root_value = root(F32s::splat(1.0_f32).sub(a));
    let r = value.mul(root_value);
    return F32s::splat(PI).sub(r).when(x.lt(F32s::splat(0.0_f32)), r);
}
}

wide! {
#[inline(never)]
pub fn atan2_turns(y: F32s, x: F32s) -> F32s {
    let mut live = Mask::splat(true);
    let mut result = F32s::splat(0.0_f32);
    let mut p: F32s = F32s::splat(0.0028662258_f32);
    let mut a: F32s = F32s::splat(0.0_f32);
    let ax = x.abs();
    let ay = y.abs();
    let hi = ax.max(ay);
    let mut taken = live.and(hi.lt(F32s::splat(1e-30_f32)));
    let mut other = live.and_not(taken);
    {
        result = F32s::splat(0.0_f32);
    }
    live = other;
    let t = div_2(ax.min(ay), hi);
    let t2 = t.mul(t);
    p = p.mul(t2).sub(F32s::splat(0.016165737_f32));
    p = p.mul(t2).add(F32s::splat(0.042909615_f32));
    p = p.mul(t2).sub(F32s::splat(0.07528964_f32));
    p = p.mul(t2).add(F32s::splat(0.10656264_f32));
    p = p.mul(t2).sub(F32s::splat(0.142089_f32));
    p = p.mul(t2).add(F32s::splat(0.19993551_f32));
    p = p.mul(t2).sub(F32s::splat(0.33333147_f32));
    a = t.add(t.mul(t2).mul(p)).mul(F32s::splat(0.15915494_f32));
    let mut taken_2 = live.and(ay.gt(ax));
    {
        a = F32s::splat(0.25_f32).sub(a).when(taken_2, a);
    }
    let mut taken_3 = live.and(x.lt(F32s::splat(0.0_f32)));
    {
        a = F32s::splat(0.5_f32).sub(a).when(taken_3, a);
    }
    return a.neg().when(y.lt(F32s::splat(0.0_f32)), a).when(live, result);
}
}

wide! {
#[inline]
pub fn basis(n: V3<F32s>) -> Basis {
    let mut live = Mask::splat(true);
    let s = F32s::splat(-1.0_f32).when(n.z.lt(F32s::splat(0.0_f32)), F32s::splat(1.0_f32));
    let rcp_value = rcp(s.add(n.z));
    let a = rcp_value.neg();
    let b = n.x.mul(n.y).mul(a);
    return Basis { t: V3::new(F32s::splat(1.0_f32).add(s.mul(n.x).mul(n.x).mul(a)), s.mul(b), s.neg().mul(n.x)), b: V3::new(b, s.add(n.y.mul(n.y).mul(a)), n.y.neg()), n: n };
}
}

wide! {
#[inline]
pub fn to_world(f: &Basis, v: V3<F32s>) -> V3<F32s> {
    let mut live = Mask::splat(true);
    return (*f).t.mul(V3::splat(v.x)).add((*f).b.mul(V3::splat(v.y)).add((*f).n.mul(V3::splat(v.z))));
}
}

wide! {
#[inline]
pub fn to_local(f: &Basis, v: V3<F32s>) -> V3<F32s> {
    let mut live = Mask::splat(true);
    let dot3_value = dot3_2(v, (*f).t);
    let dot3_value_2 = dot3_2(v, (*f).b);
    let dot3_value_3 = dot3_2(v, (*f).n);
    return V3::new(dot3_value, dot3_value_2, dot3_value_3);
}
}

wide! {
#[inline]
pub fn offset_axis(p: F32s, n: F32s) -> F32s {
    let mut live = Mask::splat(true);
    let mut result = F32s::splat(0.0_f32);
    let mut taken = live.and(p.abs().lt(F32s::splat(0.03125_f32)));
    let mut other = live.and_not(taken);
    {
        result = p.add(n.mul(F32s::splat(1.5258789e-5_f32)));
    }
    live = other;
    let ulps = n.mul(F32s::splat(256.0_f32)).to_i32();
    return p.bits_i32().add(ulps.neg().when(p.lt(F32s::splat(0.0_f32)), ulps)).bits_f32().when(live, result);
}
}

wide! {
#[inline]
pub fn offset_point(p: V3<F32s>, n: V3<F32s>) -> V3<F32s> {
    let mut live = Mask::splat(true);
    let offset_axis_value = offset_axis(p.x, n.x);
    let offset_axis_value_2 = offset_axis(p.y, n.y);
    let offset_axis_value_3 = offset_axis(p.z, n.z);
    return V3::new(offset_axis_value, offset_axis_value_2, offset_axis_value_3);
}
}

wide! {
#[inline]
pub fn unpack_octahedral(bits: U32s) -> V3<F32s> {
    let mut live = Mask::splat(true);
    let x = bits.shl(U32s::splat(16_u32)).as_i32().shr(U32s::splat(16_u32)).to_f32().mul(F32s::splat(3.051851e-5_f32));
    let y = bits.as_i32().shr(U32s::splat(16_u32)).to_f32().mul(F32s::splat(3.051851e-5_f32));
    let z = F32s::splat(1.0_f32).sub(x.abs()).sub(y.abs());
    let fold = z.neg().max(F32s::splat(0.0_f32));
    let normalize3_value = normalize3(V3::new(x.sub(fold).when(x.ge(F32s::splat(0.0_f32)), x.add(fold)), y.sub(fold).when(y.ge(F32s::splat(0.0_f32)), y.add(fold)), z));
    return normalize3_value;
}
}

wide! {
#[inline]
pub fn hash(v: U32s) -> U32s {
    let mut live = Mask::splat(true);
    let s = v.mul(U32s::splat(0x2c9277b5_u32)).add(U32s::splat(0xac564b05_u32));
    let w = s.shr(s.shr(U32s::splat(28_u32)).add(U32s::splat(4_u32))).xor(s).mul(U32s::splat(0x108ef2d9_u32));
    return w.shr(U32s::splat(22_u32)).xor(w);
}
}

wide! {
#[inline]
pub fn unit_float(bits: U32s) -> F32s {
    let mut live = Mask::splat(true);
    return bits.shr(U32s::splat(8_u32)).small_to_f32().mul(F32s::splat(5.9604645e-8_f32));
}
}

wide! {
#[inline]
pub fn pixel_key(seed: u32, x: U32s, y: U32s) -> U32s {
    let mut live = Mask::splat(true);
    let hash_value = one::hash(seed);
    let hash_value_2 = hash(x.or(y.shl(U32s::splat(16_u32))).xor(U32s::splat(hash_value)));
    return hash_value_2;
}
}

wide! {
#[inline]
pub fn permute(v: U32s, seed: U32s) -> U32s {
    let mut live = Mask::splat(true);
    let mut x: U32s = U32s::splat(0_u32);
    x = v;
    x = x.xor(x.mul(U32s::splat(0x3d20adea_u32)));
    x = x.add(seed);
    x = x.mul(seed.shr(U32s::splat(16_u32)).or(U32s::splat(1_u32)));
    x = x.xor(x.mul(U32s::splat(0x5526c56_u32)));
    x = x.xor(x.mul(U32s::splat(0x53a22864_u32)));
    return x;
}
}

wide! {
#[inline]
pub fn pascal(v: U32s) -> U32s {
    let mut live = Mask::splat(true);
    let mut x: U32s = U32s::splat(0_u32);
    x = v;
    x = x.xor(x.shr(U32s::splat(16_u32)).and(U32s::splat(65535_u32)));
    x = x.xor(x.shr(U32s::splat(8_u32)).and(U32s::splat(0xff00ff_u32)));
    x = x.xor(x.shr(U32s::splat(4_u32)).and(U32s::splat(0xf0f0f0f_u32)));
    x = x.xor(x.shr(U32s::splat(2_u32)).and(U32s::splat(0x33333333_u32)));
    x = x.xor(x.shr(U32s::splat(1_u32)).and(U32s::splat(0x55555555_u32)));
    return x;
}
}

wide! {
#[inline]
pub fn random_pair(key: U32s, sample_index: U32s, pair: u32) -> V2<F32s> {
    let mut live = Mask::splat(true);
    let seed = hash(key.xor(U32s::splat(pair.wrapping_mul(0x9e3779b9_u32))));
    let permute_value = permute(sample_index.reverse_bits(), seed);
    let index = permute_value.reverse_bits();
    let hash_value = hash(seed.xor(U32s::splat(0x68bc21eb_u32)));
    let permute_value_2 = permute(index, hash_value);
    let u = permute_value_2.reverse_bits();
    let pascal_value = pascal(index);
    let hash_value_2 = hash(seed.xor(U32s::splat(0x2e5be93_u32)));
    let permute_value_3 = permute(pascal_value, hash_value_2);
    let v = permute_value_3.reverse_bits();
    let unit_float_value = unit_float(u);
    let unit_float_value_2 = unit_float(v);
    return V2::new(unit_float_value, unit_float_value_2);
}
}

wide! {
#[inline]
pub fn random_pair_2(key: U32s, sample_index: U32s, pair: U32s) -> V2<F32s> {
    let mut live = Mask::splat(true);
    let seed = hash(key.xor(pair.mul(U32s::splat(0x9e3779b9_u32))));
    let permute_value = permute(sample_index.reverse_bits(), seed);
    let index = permute_value.reverse_bits();
    let hash_value = hash(seed.xor(U32s::splat(0x68bc21eb_u32)));
    let permute_value_2 = permute(index, hash_value);
    let u = permute_value_2.reverse_bits();
    let pascal_value = pascal(index);
    let hash_value_2 = hash(seed.xor(U32s::splat(0x2e5be93_u32)));
    let permute_value_3 = permute(pascal_value, hash_value_2);
    let v = permute_value_3.reverse_bits();
    let unit_float_value = unit_float(u);
    let unit_float_value_2 = unit_float(v);
    return V2::new(unit_float_value, unit_float_value_2);
}
}

wide! {
#[inline]
pub fn random_one(key: U32s, sample_index: U32s, dimension: U32s) -> F32s {
    let mut live = Mask::splat(true);
    let hash_value = hash(key.xor(dimension.mul(U32s::splat(0x85ebca6b_u32))));
    let hash_value_2 = hash(hash_value.add(sample_index));
    let unit_float_value = unit_float(hash_value_2);
    return unit_float_value;
}
}

wide! {
#[inline]
pub fn as_float3(v: V4<U32s>) -> V3<F32s> {
    let mut live = Mask::splat(true);
    return v.swizzle3::<0, 1, 2>().bits_f32();
}
}

wide! {
#[inline]
pub fn instance_moves<X: Ext>(cx: &Cx<'_, X>, mut live: Mask, instance: U32s) -> Mask {
    let node_word_value = node_word(cx, live, U32s::splat(cx.frame.instances_at).add(instance.mul(U32s::splat(INSTANCE_STRIDE))).add(U32s::splat(6_u32)));
    return node_word_value.x.and(U32s::splat(INSTANCE_MOVES)).ne(U32s::splat(0_u32));
}
}

wide! {
#[inline]
pub fn instance_row<X: Ext>(cx: &Cx<'_, X>, mut live: Mask, instance: U32s, row: u32) -> V4<F32s> {
    let node_word_value = node_word(cx, live, U32s::splat(cx.frame.instances_at).add(instance.mul(U32s::splat(INSTANCE_STRIDE))).add(U32s::splat(row)));
    return node_word_value.bits_f32();
}
}

wide! {
#[inline]
pub fn row_point(r: V4<F32s>, p: V3<F32s>) -> F32s {
    let mut live = Mask::splat(true);
    return r.x.mul(p.x).add(r.y.mul(p.y).add(r.z.mul(p.z).add(r.w)));
}
}

wide! {
#[inline]
pub fn row_vector(r: V4<F32s>, v: V3<F32s>) -> F32s {
    let mut live = Mask::splat(true);
    return r.x.mul(v.x).add(r.y.mul(v.y).add(r.z.mul(v.z)));
}
}

wide! {
#[inline]
pub fn point_to_world<X: Ext>(cx: &Cx<'_, X>, mut live: Mask, instance: U32s, p: V3<F32s>) -> V3<F32s> {
    let instance_row_value = instance_row(cx, live, instance, 3_u32);
    let row_point_value = row_point(instance_row_value, p);
    let instance_row_value_2 = instance_row(cx, live, instance, 4_u32);
    let row_point_value_2 = row_point(instance_row_value_2, p);
    let instance_row_value_3 = instance_row(cx, live, instance, 5_u32);
    let row_point_value_3 = row_point(instance_row_value_3, p);
    return V3::new(row_point_value, row_point_value_2, row_point_value_3);
}
}

wide! {
#[inline]
pub fn vector_to_world<X: Ext>(cx: &Cx<'_, X>, mut live: Mask, instance: U32s, v: V3<F32s>) -> V3<F32s> {
    let instance_row_value = instance_row(cx, live, instance, 3_u32);
    let row_vector_value = row_vector(instance_row_value, v);
    let instance_row_value_2 = instance_row(cx, live, instance, 4_u32);
    let row_vector_value_2 = row_vector(instance_row_value_2, v);
    let instance_row_value_3 = instance_row(cx, live, instance, 5_u32);
    let row_vector_value_3 = row_vector(instance_row_value_3, v);
    return V3::new(row_vector_value, row_vector_value_2, row_vector_value_3);
}
}

wide! {
#[inline]
pub fn normal_to_world<X: Ext>(cx: &Cx<'_, X>, mut live: Mask, instance: U32s, n: V3<F32s>) -> V3<F32s> {
    let a = instance_row(cx, live, instance, 0_u32);
    let b = instance_row(cx, live, instance, 1_u32);
    let c = instance_row(cx, live, instance, 2_u32);
    let normalize3_value = normalize3(a.swizzle3::<0, 1, 2>().mul(V3::splat(n.x)).add(b.swizzle3::<0, 1, 2>().mul(V3::splat(n.y)).add(c.swizzle3::<0, 1, 2>().mul(V3::splat(n.z)))));
    return normalize3_value;
}
}

wide! {
#[inline]
pub fn corners_of<X: Ext>(cx: &Cx<'_, X>, mut live: Mask, triangle: U32s, instance: U32s) -> Corners {
    let mut result = Corners { v0: V3::splat(F32s::splat(0.0_f32)), v1: V3::splat(F32s::splat(0.0_f32)), v2: V3::splat(F32s::splat(0.0_f32)) };
    let entered = live;
    let triangle_word_value = triangle_word(cx, live, triangle.mul(U32s::splat(3_u32)));
    let v0 = as_float3(triangle_word_value);
    let triangle_word_value_2 = triangle_word(cx, live, triangle.mul(U32s::splat(3_u32)).add(U32s::splat(1_u32)));
    let v1 = as_float3(triangle_word_value_2);
    let triangle_word_value_3 = triangle_word(cx, live, triangle.mul(U32s::splat(3_u32)).add(U32s::splat(2_u32)));
    let v2 = as_float3(triangle_word_value_3);
    let instance_moves_value = instance_moves(cx, live, instance);
    let mut taken = live.and(instance_moves_value.not());
    let mut other = live.and_not(taken);
    if taken.any() {
        result = Corners { v0: v0, v1: v1, v2: v2 };
    }
    live = other;
    if live.none() {
        return result;
    }
    let point_to_world_value = point_to_world(cx, live, instance, v0);
    let point_to_world_value_2 = point_to_world(cx, live, instance, v1);
    let point_to_world_value_3 = point_to_world(cx, live, instance, v2);
    if entered.and_not(live).none() {
        return Corners { v0: point_to_world_value, v1: point_to_world_value_2, v2: point_to_world_value_3 };
    }
    return (Corners { v0: point_to_world_value, v1: point_to_world_value_2, v2: point_to_world_value_3 }).merge(live, result);
}
}

wide! {
#[inline]
pub fn safe_inverse(d: F32s) -> F32s {
    let mut live = Mask::splat(true);
    let a = d.abs().max(F32s::splat(1e-12_f32));
    let rcp_value = rcp(a.neg().when(d.lt(F32s::splat(0.0_f32)), a));
    return rcp_value;
}
}

wide! {
#[inline]
pub fn ray_towards(o: V3<F32s>, d: V3<F32s>) -> SpaceRay {
    let mut live = Mask::splat(true);
    let safe_inverse_value = safe_inverse(d.x);
    let safe_inverse_value_2 = safe_inverse(d.y);
    let safe_inverse_value_3 = safe_inverse(d.z);
    return SpaceRay { o: o, d: d, inverse: V3::new(safe_inverse_value, safe_inverse_value_2, safe_inverse_value_3) };
}
}

wide! {
#[inline]
pub fn box_interval(lo: V3<f32>, hi: V3<f32>, ray: &SpaceRay) -> V2<F32s> {
    let mut live = Mask::splat(true);
    let a = V3::<F32s>::wide(lo).sub((*ray).o).mul((*ray).inverse);
    let b = V3::<F32s>::wide(hi).sub((*ray).o).mul((*ray).inverse);
    let max3_value = max3(a.min(b));
    let near = max3_value.max(F32s::splat(0.0_f32));
    let min3_value = min3(a.max(b));
    let far = min3_value.mul(F32s::splat(BOX_SLACK));
    return V2::new(near, far);
}
}

wide! {
#[inline(never)]
pub fn intersect_triangle(mut live: Mask, t0: V4<u32>, t1: V4<u32>, t2: V4<u32>, index: u32, instance: u32, entry: f32, ray: &SpaceRay, hit: &mut Hit) {
    let mut v: Mask = Mask::splat(false);
    let mut v_2: Mask = Mask::splat(false);
    let mut v_3: Mask = Mask::splat(false);
    let mut v_4: Mask = Mask::splat(false);
    let mut v_5: Mask = Mask::splat(false);
    let mut v_6: Mask = Mask::splat(false);
    let mut v_7: Mask = Mask::splat(false);
    let mut v_8: Mask = Mask::splat(false);
    let mut v_9: Mask = Mask::splat(false);
    let mut v_10: Mask = Mask::splat(false);
    let mut v_11: Mask = Mask::splat(false);
    let v0 = one::as_float3(t0);
    let v1 = one::as_float3(t1);
    let v2 = one::as_float3(t2);
    let a = V3::<F32s>::wide(v0).sub((*ray).o);
    let b = V3::<F32s>::wide(v1).sub((*ray).o);
    let c = V3::<F32s>::wide(v2).sub((*ray).o);
    let cross3_value = cross3(c, b);
    let u = dot3_2((*ray).d, cross3_value);
    let cross3_value_2 = cross3(a, c);
    let v_12 = dot3_2((*ray).d, cross3_value_2);
    let cross3_value_3 = cross3(b, a);
    let w = dot3_2((*ray).d, cross3_value_3);
    {
        v = v_12.lt(F32s::splat(0.0_f32)).when(u.lt(F32s::splat(0.0_f32)).not(), Mask::splat(true));
    }
    {
        v_2 = w.lt(F32s::splat(0.0_f32)).when(v.not(), Mask::splat(true));
    }
    let mut taken = live.and(v_2);
    let mut other = live.and_not(taken);
    {
        {
            v_4 = v_12.gt(F32s::splat(0.0_f32)).when(u.gt(F32s::splat(0.0_f32)).not(), Mask::splat(true));
        }
        {
            v_5 = w.gt(F32s::splat(0.0_f32)).when(v_4.not(), Mask::splat(true));
        }
        v_3 = v_5.when(taken, v_3);
    }
    {
        v_3 = Mask::splat(false).when(other, v_3);
    }
    let mut taken_2 = live.and(v_3);
    let mut other_2 = live.and_not(taken_2);
    live = other_2;
    if live.none() {
        return;
    }
    let det = u.add(v_12).add(w);
    let n = cross3(b.sub(a), c.sub(a));
    let slope = dot3_2(n, (*ray).d);
    {
        v_6 = slope.abs().lt(F32s::splat(1e-35_f32)).when(det.abs().lt(F32s::splat(1e-35_f32)).not(), Mask::splat(true));
    }
    let mut taken_3 = live.and(v_6);
    let mut other_3 = live.and_not(taken_3);
    live = other_3;
    if live.none() {
        return;
    }
    let interval = box_interval(v0.zip(v1, float_min).zip(v2, float_min), v0.zip(v1, float_max).zip(v2, float_max), &(*ray));
    let mut taken_4 = live.and(interval.x.gt(interval.y));
    let mut other_4 = live.and_not(taken_4);
    live = other_4;
    if live.none() {
        return;
    }
    let dot3_value = dot3_2(n, a);
    let rcp_value = rcp(slope);
    let t = dot3_value.mul(rcp_value).max(interval.x).min(interval.y).max(F32s::splat(entry));
    let mut taken_5 = live.and(U32s::splat(instance).lt(hit.instance).not());
    let mut other_5 = live.and_not(taken_5);
    {
        {
            v_8 = U32s::splat(t0.w).lt(hit.primitive).when(U32s::splat(instance).eq(hit.instance), Mask::splat(false));
        }
        v_7 = v_8.when(taken_5, v_7);
    }
    {
        v_7 = Mask::splat(true).when(other_5, v_7);
    }
    let earlier = v_7;
    let mut taken_6 = live.and(t.gt(F32s::splat(0.0_f32)));
    let mut other_6 = live.and_not(taken_6);
    {
        let mut taken_7 = taken_6.and(t.lt(hit.t).not());
        let mut other_7 = taken_6.and_not(taken_7);
        {
            {
                v_11 = earlier.when(t.eq(hit.t), Mask::splat(false));
            }
            v_10 = v_11.when(taken_7, v_10);
        }
        {
            v_10 = Mask::splat(true).when(other_7, v_10);
        }
        v_9 = v_10.when(taken_6, v_9);
    }
    {
        v_9 = Mask::splat(false).when(other_6, v_9);
    }
    let mut taken_8 = live.and(v_9);
    let mut other_8 = live.and_not(taken_8);
    {
        let r = rcp(det);
        hit.t = t.merge(taken_8, hit.t);
        hit.u = v_12.mul(r).merge(taken_8, hit.u);
        hit.v = w.mul(r).merge(taken_8, hit.v);
        hit.triangle = U32s::splat(index).merge(taken_8, hit.triangle);
        hit.primitive = U32s::splat(t0.w).merge(taken_8, hit.primitive);
        hit.instance = U32s::splat(instance).merge(taken_8, hit.instance);
    }
}
}

wide! {
#[inline]
fn closest_hit<X: Ext>(cx: &Cx<'_, X>, live: Mask, o: V3<F32s>, d: V3<F32s>) -> Hit {
    // SAFETY: this function says itself what the lanes need.
    unsafe { cx.ext.closest_hit_of_lanes(cx, live, o, d) }
}
}

wide! {
#[inline]
fn occluded<X: Ext>(cx: &Cx<'_, X>, live: Mask, o: V3<F32s>, d: V3<F32s>, t_max: F32s) -> Mask {
    // SAFETY: this function says itself what the lanes need.
    unsafe { cx.ext.occluded_of_lanes(cx, live, o, d, t_max) }
}
}

wide! {
#[inline]
pub fn table_float<X: Ext>(cx: &Cx<'_, X>, mut live: Mask, base: u32, index: U32s) -> F32s {
    let table_word_value = table_word(cx, live, U32s::splat(base).add(index.shr(U32s::splat(2_u32))));
    return table_word_value.at(index.and(U32s::splat(3_u32)), live).bits_f32();
}
}

wide! {
#[inline]
pub fn wrap_coordinate(x: F32s, mode: U32s) -> F32s {
    let mut live = Mask::splat(true);
    let mut result = F32s::splat(0.0_f32);
    let mut taken = live.and(mode.eq(U32s::splat(WRAP_CLAMP)));
    let mut other = live.and_not(taken);
    {
        result = x.max(F32s::splat(0.0_f32)).min(F32s::splat(1.0_f32));
    }
    live = other;
    let mut taken_2 = live.and(mode.eq(U32s::splat(WRAP_MIRROR)));
    let mut other_2 = live.and_not(taken_2);
    {
        let t = x.sub(F32s::splat(2.0_f32).mul(x.mul(F32s::splat(0.5_f32)).floor()));
        result = F32s::splat(2.0_f32).sub(t).when(t.gt(F32s::splat(1.0_f32)), t).when(taken_2, result);
    }
    live = other_2;
    return x.sub(x.floor()).when(live, result);
}
}

wide! {
#[inline]
pub fn wrap_index(i: I32s, size: I32s, mode: U32s) -> U32s {
    let mut live = Mask::splat(true);
    let mut result = U32s::splat(0_u32);
    let mut v: Mask = Mask::splat(false);
    {
        v = i.lt(size).when(i.ge(I32s::splat(0_i32)), Mask::splat(false));
    }
    let mut taken = live.and(v);
    let mut other = live.and_not(taken);
    {
        result = i.as_u32();
    }
    live = other;
    let mut taken_2 = live.and(mode.eq(U32s::splat(0_u32)));
    let mut other_2 = live.and_not(taken_2);
    {
        result = size.sub(I32s::splat(1_i32)).when(i.lt(I32s::splat(0_i32)), I32s::splat(0_i32)).as_u32().when(taken_2, result);
    }
    live = other_2;
    return I32s::splat(0_i32).when(i.lt(I32s::splat(0_i32)), size.sub(I32s::splat(1_i32))).as_u32().when(live, result);
}
}

wide! {
#[inline(never)]
pub fn texel<X: Ext>(cx: &Cx<'_, X>, mut live: Mask, offset: U32s, width: U32s, x: U32s, y: U32s, srgb: Mask) -> V4<F32s> {
    let mut result = V4::splat(F32s::splat(0.0_f32));
    let bits = texel_word(cx, live, offset.add(y.mul(width)).add(x));
    let r = bits.and(U32s::splat(255_u32));
    let g = bits.shr(U32s::splat(8_u32)).and(U32s::splat(255_u32));
    let b = bits.shr(U32s::splat(16_u32)).and(U32s::splat(255_u32));
    let a = bits.shr(U32s::splat(24_u32)).small_to_f32().mul(F32s::splat(0.003921569_f32));
    let mut taken = live.and(srgb);
    let mut other = live.and_not(taken);
    if taken.any() {
        let table_float_value = table_float(cx, taken, SRGB_TABLE, r);
        let table_float_value_2 = table_float(cx, taken, SRGB_TABLE, g);
        let table_float_value_3 = table_float(cx, taken, SRGB_TABLE, b);
        result = V4::new(table_float_value, table_float_value_2, table_float_value_3, a);
    }
    live = other;
    if live.none() {
        return result;
    }
    return V4::new(r.small_to_f32().mul(F32s::splat(0.003921569_f32)), g.small_to_f32().mul(F32s::splat(0.003921569_f32)), b.small_to_f32().mul(F32s::splat(0.003921569_f32)), a).merge(live, result);
}
}

wide! {
#[inline(never)]
pub fn sample_texture<X: Ext>(cx: &Cx<'_, X>, mut live: Mask, place: U32s, uvs: V4<F32s>) -> V4<F32s> {
    let mut result = V4::splat(F32s::splat(0.0_f32));
    let header = material_word(cx, live, place);
    let uv = uvs.swizzle2::<2, 3>().when(header.w.and(U32s::splat(FLAG_SECOND_UV)).ne(U32s::splat(0_u32)), uvs.swizzle2::<0, 1>());
    let material_word_value = material_word(cx, live, place.add(U32s::splat(1_u32)));
    let row0 = material_word_value.bits_f32();
    let material_word_value_2 = material_word(cx, live, place.add(U32s::splat(2_u32)));
    let row1 = material_word_value_2.bits_f32();
    let width = header.y.as_i32();
    let height = header.z.as_i32();
    let wrap_u = header.w.and(U32s::splat(3_u32));
    let wrap_v = header.w.shr(U32s::splat(2_u32)).and(U32s::splat(3_u32));
    let srgb = header.w.and(U32s::splat(FLAG_SRGB)).ne(U32s::splat(0_u32));
    let wrap_coordinate_value = wrap_coordinate(row0.x.mul(uv.x).add(row0.y.mul(uv.y).add(row0.z)), wrap_u);
    let s = wrap_coordinate_value.mul(width.to_f32());
    let wrap_coordinate_value_2 = wrap_coordinate(row0.w.mul(uv.x).add(row1.x.mul(uv.y).add(row1.y)), wrap_v);
    let t = wrap_coordinate_value_2.mul(height.to_f32());
    let mut taken = live.and(header.w.and(U32s::splat(FLAG_NEAREST)).ne(U32s::splat(0_u32)));
    let mut other = live.and_not(taken);
    if taken.any() {
        let texel_value = texel(cx, taken, header.x, header.y, s.to_u32().min(header.y.sub(U32s::splat(1_u32))), t.to_u32().min(header.z.sub(U32s::splat(1_u32))), srgb);
        result = texel_value;
    }
    live = other;
    if live.none() {
        return result;
    }
    let s0 = s.sub(F32s::splat(0.5_f32)).floor();
    let t0 = t.sub(F32s::splat(0.5_f32)).floor();
    let fs = s.sub(F32s::splat(0.5_f32)).sub(s0);
    let ft = t.sub(F32s::splat(0.5_f32)).sub(t0);
    let x0 = wrap_index(s0.to_i32(), width, wrap_u);
    let x1 = wrap_index(s0.to_i32().add(I32s::splat(1_i32)), width, wrap_u);
    let y0 = wrap_index(t0.to_i32(), height, wrap_v);
    let y1 = wrap_index(t0.to_i32().add(I32s::splat(1_i32)), height, wrap_v);
    let texel_value_2 = texel(cx, live, header.x, header.y, x0, y0, srgb);
    let texel_value_3 = texel(cx, live, header.x, header.y, x1, y0, srgb);
    let top = lerp4(texel_value_2, texel_value_3, fs);
    let texel_value_4 = texel(cx, live, header.x, header.y, x0, y1, srgb);
    let texel_value_5 = texel(cx, live, header.x, header.y, x1, y1, srgb);
    let bottom = lerp4(texel_value_4, texel_value_5, fs);
    let lerp4_value = lerp4(top, bottom, ft);
    return lerp4_value.merge(live, result);
}
}

wide! {
#[inline]
pub fn material_float<X: Ext>(cx: &Cx<'_, X>, mut live: Mask, material: U32s, word: u32) -> V4<F32s> {
    let material_word_value = material_word(cx, live, material.mul(U32s::splat(MATERIAL_STRIDE)).add(U32s::splat(word)));
    return material_word_value.bits_f32();
}
}

wide! {
#[inline]
pub fn material_flags<X: Ext>(cx: &Cx<'_, X>, mut live: Mask, material: U32s) -> U32s {
    let material_word_value = material_word(cx, live, material.mul(U32s::splat(MATERIAL_STRIDE)).add(U32s::splat(1_u32)));
    return material_word_value.w.and(U32s::splat(MATERIAL_FLAGS));
}
}

wide! {
#[inline]
pub fn slot_place<X: Ext>(cx: &Cx<'_, X>, mut live: Mask, material: U32s, slot: u32) -> U32s {
    if (TEXTURE_SLOTS & 1_u32.wrapping_shl(slot)) == 0_u32 {
        return U32s::splat(NO_TEXTURE);
    } else {
    }
    let material_word_value = material_word(cx, live, material.mul(U32s::splat(MATERIAL_STRIDE)).add(U32s::splat(MATERIAL_SLOTS)).add(U32s::splat(slot.wrapping_shr(2_u32))));
    return material_word_value[(slot & 3_u32) as usize];
}
}

wide! {
#[inline]
pub fn slot_place_2<X: Ext>(cx: &Cx<'_, X>, mut live: Mask, material: U32s, slot: U32s) -> U32s {
    let mut result = U32s::splat(0_u32);
    let mut taken = live.and(U32s::splat(TEXTURE_SLOTS).and(U32s::splat(1_u32).shl(slot)).eq(U32s::splat(0_u32)));
    let mut other = live.and_not(taken);
    if taken.any() {
        result = U32s::splat(NO_TEXTURE);
    }
    live = other;
    if live.none() {
        return result;
    }
    let material_word_value = material_word(cx, live, material.mul(U32s::splat(MATERIAL_STRIDE)).add(U32s::splat(MATERIAL_SLOTS)).add(slot.shr(U32s::splat(2_u32))));
    return material_word_value.at(slot.and(U32s::splat(3_u32)), live).when(live, result);
}
}

wide! {
#[inline]
pub fn sample_slot<X: Ext>(cx: &Cx<'_, X>, mut live: Mask, material: U32s, slot: u32, uvs: V4<F32s>) -> V4<F32s> {
    let mut result = V4::splat(F32s::splat(0.0_f32));
    let place = slot_place(cx, live, material, slot);
    let mut taken = live.and(place.eq(U32s::splat(NO_TEXTURE)));
    let mut other = live.and_not(taken);
    if taken.any() {
        result = V4::<F32s>::wide(V4::splat(1.0_f32));
    }
    live = other;
    if live.none() {
        return result;
    }
    let sample_texture_value = sample_texture(cx, live, place, uvs);
    return sample_texture_value.merge(live, result);
}
}

wide! {
#[inline]
pub fn has_slot(slots: U32s, slot: u32) -> Mask {
    let mut live = Mask::splat(true);
    return slots.shr(U32s::splat(slot)).and(U32s::splat(1_u32)).ne(U32s::splat(0_u32));
}
}

wide! {
#[inline(never)]
pub fn maps_at<X: Ext>(cx: &Cx<'_, X>, mut live: Mask, material: U32s, uvs: V4<F32s>) -> Maps {
    let mut maps: Maps = Maps { slots: U32s::splat(0_u32), base: V4::splat(F32s::splat(0.0_f32)), metallic_roughness: V4::splat(F32s::splat(0.0_f32)), normal: V3::splat(F32s::splat(0.0_f32)), emissive: V3::splat(F32s::splat(0.0_f32)), transmission: F32s::splat(0.0_f32), specular: F32s::splat(0.0_f32), specular_color: V3::splat(F32s::splat(0.0_f32)), clearcoat: F32s::splat(0.0_f32), clearcoat_roughness: F32s::splat(0.0_f32), clearcoat_normal: V3::splat(F32s::splat(0.0_f32)), sheen_color: V3::splat(F32s::splat(0.0_f32)), sheen_roughness: F32s::splat(0.0_f32), anisotropy: V3::splat(F32s::splat(0.0_f32)), iridescence: F32s::splat(0.0_f32), iridescence_thickness: F32s::splat(0.0_f32) };
    let mut left: U32s = U32s::splat(0_u32);
    let one = V3::splat(1.0_f32);
    let material_word_value = material_word(cx, live, material.mul(U32s::splat(MATERIAL_STRIDE)).add(U32s::splat(9_u32)));
    maps = Maps { slots: material_word_value.w.and(U32s::splat(TEXTURE_SLOTS)), base: V4::<F32s>::wide(V4::splat(1.0_f32)), metallic_roughness: V4::<F32s>::wide(V4::splat(1.0_f32)), normal: V3::<F32s>::wide(one), emissive: V3::<F32s>::wide(one), transmission: F32s::splat(1.0_f32), specular: F32s::splat(1.0_f32), specular_color: V3::<F32s>::wide(one), clearcoat: F32s::splat(1.0_f32), clearcoat_roughness: F32s::splat(1.0_f32), clearcoat_normal: V3::<F32s>::wide(one), sheen_color: V3::<F32s>::wide(one), sheen_roughness: F32s::splat(1.0_f32), anisotropy: V3::<F32s>::wide(one), iridescence: F32s::splat(1.0_f32), iridescence_thickness: F32s::splat(1.0_f32) };
    left = maps.slots;
    let mut lanes = live;
    'loop_1: loop {
        let mut taken = lanes.and(left.eq(U32s::splat(0_u32)));
        let mut other = lanes.and_not(taken);
        lanes = other;
        if lanes.none() {
            break 'loop_1;
        }
        let slot = left.first_trailing_bit();
        left = left.and(left.sub(U32s::splat(1_u32)));
        let slot_place_value = slot_place_2(cx, lanes, material, slot);
        let v = sample_texture(cx, lanes, slot_place_value, uvs);
        let mut left_2 = Mask::splat(false);
        let chosen = slot;
        let mut rest = lanes;
        let mut taken_2 = rest.and(chosen.eq(U32s::splat(0_u32)));
        rest = rest.and_not(taken_2);
        if taken_2.any() {
            maps.base = v.merge(taken_2, maps.base);
        }
        left_2 = left_2.or(taken_2);
        let mut taken_3 = rest.and(chosen.eq(U32s::splat(1_u32)));
        rest = rest.and_not(taken_3);
        if taken_3.any() {
            maps.metallic_roughness = v.merge(taken_3, maps.metallic_roughness);
        }
        left_2 = left_2.or(taken_3);
        let mut taken_4 = rest.and(chosen.eq(U32s::splat(2_u32)));
        rest = rest.and_not(taken_4);
        if taken_4.any() {
            maps.normal = v.swizzle3::<0, 1, 2>().merge(taken_4, maps.normal);
        }
        left_2 = left_2.or(taken_4);
        let mut taken_5 = rest.and(chosen.eq(U32s::splat(3_u32)));
        rest = rest.and_not(taken_5);
        if taken_5.any() {
            maps.emissive = v.swizzle3::<0, 1, 2>().merge(taken_5, maps.emissive);
        }
        left_2 = left_2.or(taken_5);
        let mut taken_6 = rest.and(chosen.eq(U32s::splat(4_u32)));
        rest = rest.and_not(taken_6);
        if taken_6.any() {
            maps.transmission = v.x.merge(taken_6, maps.transmission);
        }
        left_2 = left_2.or(taken_6);
        let mut taken_7 = rest.and(chosen.eq(U32s::splat(5_u32)));
        rest = rest.and_not(taken_7);
        if taken_7.any() {
            maps.specular = v.w.merge(taken_7, maps.specular);
        }
        left_2 = left_2.or(taken_7);
        let mut taken_8 = rest.and(chosen.eq(U32s::splat(6_u32)));
        rest = rest.and_not(taken_8);
        if taken_8.any() {
            maps.specular_color = v.swizzle3::<0, 1, 2>().merge(taken_8, maps.specular_color);
        }
        left_2 = left_2.or(taken_8);
        let mut taken_9 = rest.and(chosen.eq(U32s::splat(7_u32)));
        rest = rest.and_not(taken_9);
        if taken_9.any() {
            maps.clearcoat = v.x.merge(taken_9, maps.clearcoat);
        }
        left_2 = left_2.or(taken_9);
        let mut taken_10 = rest.and(chosen.eq(U32s::splat(8_u32)));
        rest = rest.and_not(taken_10);
        if taken_10.any() {
            maps.clearcoat_roughness = v.y.merge(taken_10, maps.clearcoat_roughness);
        }
        left_2 = left_2.or(taken_10);
        let mut taken_11 = rest.and(chosen.eq(U32s::splat(9_u32)));
        rest = rest.and_not(taken_11);
        if taken_11.any() {
            maps.clearcoat_normal = v.swizzle3::<0, 1, 2>().merge(taken_11, maps.clearcoat_normal);
        }
        left_2 = left_2.or(taken_11);
        let mut taken_12 = rest.and(chosen.eq(U32s::splat(10_u32)));
        rest = rest.and_not(taken_12);
        if taken_12.any() {
            maps.sheen_color = v.swizzle3::<0, 1, 2>().merge(taken_12, maps.sheen_color);
        }
        left_2 = left_2.or(taken_12);
        let mut taken_13 = rest.and(chosen.eq(U32s::splat(11_u32)));
        rest = rest.and_not(taken_13);
        if taken_13.any() {
            maps.sheen_roughness = v.w.merge(taken_13, maps.sheen_roughness);
        }
        left_2 = left_2.or(taken_13);
        let mut taken_14 = rest.and(chosen.eq(U32s::splat(12_u32)));
        rest = rest.and_not(taken_14);
        if taken_14.any() {
            maps.anisotropy = v.swizzle3::<0, 1, 2>().merge(taken_14, maps.anisotropy);
        }
        left_2 = left_2.or(taken_14);
        let mut taken_15 = rest.and(chosen.eq(U32s::splat(13_u32)));
        rest = rest.and_not(taken_15);
        if taken_15.any() {
            maps.iridescence = v.x.merge(taken_15, maps.iridescence);
        }
        left_2 = left_2.or(taken_15);
        let mut taken_16 = rest;
        rest = rest.and_not(taken_16);
        if taken_16.any() {
            maps.iridescence_thickness = v.y.merge(taken_16, maps.iridescence_thickness);
        }
        left_2 = left_2.or(taken_16);
        lanes = left_2;
    }
    return maps;
}
}

wide! {
#[inline]
pub fn unpack_color(word: V4<U32s>) -> V4<F32s> {
    let mut live = Mask::splat(true);
    return V4::new(word.z.and(U32s::splat(65535_u32)).small_to_f32(), word.z.shr(U32s::splat(16_u32)).small_to_f32(), word.w.and(U32s::splat(65535_u32)).small_to_f32(), word.w.shr(U32s::splat(16_u32)).small_to_f32()).mul(V4::splat(F32s::splat(1.5259022e-5_f32)));
}
}

wide! {
#[inline]
pub fn mix3(a: V3<F32s>, b: V3<F32s>, c: V3<F32s>, u: F32s, v: F32s) -> V3<F32s> {
    let mut live = Mask::splat(true);
    return a.add(b.sub(a).mul(V3::splat(u)).add(c.sub(a).mul(V3::splat(v))));
}
}

wide! {
#[inline]
pub fn mix4(a: V4<F32s>, b: V4<F32s>, c: V4<F32s>, u: F32s, v: F32s) -> V4<F32s> {
    let mut live = Mask::splat(true);
    return a.add(b.sub(a).mul(V4::splat(u)).add(c.sub(a).mul(V4::splat(v))));
}
}

wide! {
#[inline]
pub fn vertex_word<X: Ext>(cx: &Cx<'_, X>, mut live: Mask, index: U32s, word: u32) -> V4<U32s> {
    let shading_word_value = shading_word(cx, live, U32s::splat(cx.frame.vertices_at).add(index.mul(U32s::splat(2_u32))).add(U32s::splat(word)));
    return shading_word_value;
}
}

wide! {
#[inline]
pub fn hit_uvs<X: Ext>(cx: &Cx<'_, X>, mut live: Mask, hit: &Hit) -> V4<F32s> {
    let v = shading_word(cx, live, (*hit).triangle);
    let vertex_word_value = vertex_word(cx, live, v.x, 1_u32);
    let vertex_word_value_2 = vertex_word(cx, live, v.y, 1_u32);
    let vertex_word_value_3 = vertex_word(cx, live, v.z, 1_u32);
    let mix4_value = mix4(vertex_word_value.bits_f32(), vertex_word_value_2.bits_f32(), vertex_word_value_3.bits_f32(), (*hit).u, (*hit).v);
    return mix4_value;
}
}

wide! {
#[inline]
pub fn hit_base_color<X: Ext>(cx: &Cx<'_, X>, mut live: Mask, hit: &Hit, material: U32s) -> V4<F32s> {
    let v = shading_word(cx, live, (*hit).triangle);
    let vertex_word_value = vertex_word(cx, live, v.x, 0_u32);
    let unpack_color_value = unpack_color(vertex_word_value);
    let vertex_word_value_2 = vertex_word(cx, live, v.y, 0_u32);
    let unpack_color_value_2 = unpack_color(vertex_word_value_2);
    let vertex_word_value_3 = vertex_word(cx, live, v.z, 0_u32);
    let unpack_color_value_3 = unpack_color(vertex_word_value_3);
    let color = mix4(unpack_color_value, unpack_color_value_2, unpack_color_value_3, (*hit).u, (*hit).v);
    let material_float_value = material_float(cx, live, material, 0_u32);
    return color.mul(material_float_value);
}
}

wide! {
#[inline]
pub fn hit_coverage<X: Ext>(cx: &Cx<'_, X>, mut live: Mask, hit: &Hit) -> F32s {
    let mut result = F32s::splat(0.0_f32);
    let triangle_word_value = triangle_word(cx, live, (*hit).triangle.mul(U32s::splat(3_u32)).add(U32s::splat(1_u32)));
    let material = triangle_word_value.w;
    let flags = material_flags(cx, live, material);
    let mut taken = live.and(flags.and(U32s::splat(3_u32)).eq(U32s::splat(0_u32)));
    let mut other = live.and_not(taken);
    if taken.any() {
        result = F32s::splat(1.0_f32);
    }
    live = other;
    if live.none() {
        return result;
    }
    let hit_base_color_value = hit_base_color(cx, live, &(*hit), material);
    let hit_uvs_value = hit_uvs(cx, live, &(*hit));
    let sample_slot_value = sample_slot(cx, live, material, SLOT_BASE_COLOR, hit_uvs_value);
    let a = hit_base_color_value.w.mul(sample_slot_value.w);
    let mut taken_2 = live.and(flags.and(U32s::splat(MATERIAL_MASK)).ne(U32s::splat(0_u32)));
    let mut other_2 = live.and_not(taken_2);
    if taken_2.any() {
        let material_float_value = material_float(cx, taken_2, material, 3_u32);
        result = F32s::splat(1.0_f32).when(a.ge(material_float_value.y), F32s::splat(0.0_f32)).when(taken_2, result);
    }
    live = other_2;
    if live.none() {
        return result;
    }
    return a.when(live, result);
}
}

wide! {
#[inline]
pub fn facing_normal(n: V3<F32s>, to_viewer: V3<F32s>) -> V3<F32s> {
    let mut live = Mask::splat(true);
    let mut result = V3::splat(F32s::splat(0.0_f32));
    let c = dot3_2(n, to_viewer);
    let mut taken = live.and(c.gt(F32s::splat(0.01_f32)));
    let mut other = live.and_not(taken);
    {
        result = n;
    }
    live = other;
    let normalize3_value = normalize3(n.add(to_viewer.mul(V3::splat(F32s::splat(0.01_f32).sub(c)))));
    return normalize3_value.merge(live, result);
}
}

wide! {
#[inline]
pub fn smooth_normal<X: Ext>(cx: &Cx<'_, X>, mut live: Mask, hit: &Hit) -> V3<F32s> {
    let mut n: V3<F32s> = V3::splat(F32s::splat(0.0_f32));
    let mut v: Mask = Mask::splat(false);
    let v_2 = shading_word(cx, live, (*hit).triangle);
    let vertex_word_value = vertex_word(cx, live, v_2.x, 0_u32);
    let n0 = vertex_word_value.x;
    let vertex_word_value_2 = vertex_word(cx, live, v_2.y, 0_u32);
    let n1 = vertex_word_value_2.x;
    let vertex_word_value_3 = vertex_word(cx, live, v_2.z, 0_u32);
    let n2 = vertex_word_value_3.x;
    let unpack_octahedral_value = unpack_octahedral(n0);
    n = unpack_octahedral_value;
    {
        v = n0.ne(n2).when(n0.ne(n1).not(), Mask::splat(true));
    }
    let mut taken = live.and(v);
    if taken.any() {
        let value = n;
        let unpack_octahedral_value_2 = unpack_octahedral(n1);
        let unpack_octahedral_value_3 = unpack_octahedral(n2);
        let mix3_value = mix3(value, unpack_octahedral_value_2, unpack_octahedral_value_3, (*hit).u, (*hit).v);
        let normalize3_value = normalize3(mix3_value);
        n = normalize3_value.when(taken, n);
    }
    let instance_moves_value = instance_moves(cx, live, (*hit).instance);
    let mut taken_2 = live.and(instance_moves_value);
    if taken_2.any() {
        let value_2 = n;
        let normal_to_world_value = normal_to_world(cx, taken_2, (*hit).instance, value_2);
        n = normal_to_world_value.when(taken_2, n);
    }
    return n;
}
}

wide! {
#[inline(never)]
pub fn tangent_frame<X: Ext>(cx: &Cx<'_, X>, mut live: Mask, hit: &Hit, n: V3<F32s>) -> Basis {
    let mut tangent: V3<F32s> = V3::splat(F32s::splat(0.0_f32));
    let v = shading_word(cx, live, (*hit).triangle);
    let vertex_word_value = vertex_word(cx, live, v.x, 0_u32);
    let unpack_octahedral_value = unpack_octahedral(vertex_word_value.y);
    let vertex_word_value_2 = vertex_word(cx, live, v.y, 0_u32);
    let unpack_octahedral_value_2 = unpack_octahedral(vertex_word_value_2.y);
    let vertex_word_value_3 = vertex_word(cx, live, v.z, 0_u32);
    let unpack_octahedral_value_3 = unpack_octahedral(vertex_word_value_3.y);
    let mix3_value = mix3(unpack_octahedral_value, unpack_octahedral_value_2, unpack_octahedral_value_3, (*hit).u, (*hit).v);
    tangent = mix3_value;
    let instance_moves_value = instance_moves(cx, live, (*hit).instance);
    let mut taken = live.and(instance_moves_value);
    if taken.any() {
        let value = tangent;
        let vector_to_world_value = vector_to_world(cx, taken, (*hit).instance, value);
        tangent = vector_to_world_value.when(taken, tangent);
    }
    let value_2 = tangent;
    let value_3 = tangent;
    let dot3_value = dot3_2(value_3, n);
    let t = normalize3(value_2.sub(n.mul(V3::splat(dot3_value))));
    let triangle_word_value = triangle_word(cx, live, (*hit).triangle.mul(U32s::splat(3_u32)).add(U32s::splat(2_u32)));
    let sign = F32s::splat(-1.0_f32).when(triangle_word_value.w.eq(U32s::splat(TANGENT_NEGATIVE)), F32s::splat(1.0_f32));
    let cross3_value = cross3(n, t);
    return Basis { t: t, b: cross3_value.mul(V3::splat(sign)), n: n };
}
}

wide! {
#[inline]
pub fn mapped_normal(texel_here: V3<F32s>, frame_here: &Basis, scale: F32s) -> V3<F32s> {
    let mut live = Mask::splat(true);
    let m = texel_here.mul(V3::splat(F32s::splat(2.0_f32))).sub(V3::<F32s>::wide(V3::splat(1.0_f32)));
    let normalize3_value = normalize3((*frame_here).t.mul(V3::splat(m.x.mul(scale))).add((*frame_here).b.mul(V3::splat(m.y.mul(scale))).add((*frame_here).n.mul(V3::splat(m.z.max(F32s::splat(0.001_f32)))))));
    return normalize3_value;
}
}

wide! {
#[inline]
pub fn turned_normal(n: V3<F32s>, geometric: V3<F32s>, to_viewer: V3<F32s>) -> V3<F32s> {
    let mut live = Mask::splat(true);
    let dot3_value = dot3_2(n, geometric);
    let facing_normal_value = facing_normal(n.mul(V3::splat(F32s::splat(-1.0_f32).when(dot3_value.lt(F32s::splat(0.0_f32)), F32s::splat(1.0_f32)))), to_viewer);
    return facing_normal_value;
}
}

wide! {
#[inline(never)]
pub fn stretched_basis<X: Ext>(cx: &Cx<'_, X>, mut live: Mask, hit: &Hit, n: V3<F32s>, material: U32s, maps: &Maps) -> Basis {
    let mut result = Basis { t: V3::splat(F32s::splat(0.0_f32)), b: V3::splat(F32s::splat(0.0_f32)), n: V3::splat(F32s::splat(0.0_f32)) };
    let entered = live;
    let mut x: F32s = F32s::splat(0.0_f32);
    let mut y: F32s = F32s::splat(0.0_f32);
    let f = tangent_frame(cx, live, &(*hit), n);
    let m7 = material_float(cx, live, material, 7_u32);
    x = m7.x;
    y = m7.y;
    let has_slot_value = has_slot((*maps).slots, SLOT_ANISOTROPY);
    let mut taken = live.and(has_slot_value);
    {
        let u = (*maps).anisotropy.x.mul(F32s::splat(2.0_f32)).sub(F32s::splat(1.0_f32));
        let v = (*maps).anisotropy.y.mul(F32s::splat(2.0_f32)).sub(F32s::splat(1.0_f32));
        x = m7.x.mul(u).sub(m7.y.mul(v)).when(taken, x);
        y = m7.y.mul(u).add(m7.x.mul(v)).when(taken, y);
    }
    let mut taken_2 = live.and(x.mul(x).add(y.mul(y)).lt(F32s::splat(1e-6_f32)));
    let mut other_2 = live.and_not(taken_2);
    if taken_2.any() {
        result = f;
    }
    live = other_2;
    if live.none() {
        return result;
    }
    let value = x;
    let value_2 = y;
    let t = normalize3(f.t.mul(V3::splat(value)).add(f.b.mul(V3::splat(value_2))));
    let cross3_value = cross3(n, t);
    if entered.and_not(live).none() {
        return Basis { t: t, b: cross3_value, n: n };
    }
    return (Basis { t: t, b: cross3_value, n: n }).merge(live, result);
}
}

wide! {
#[inline(never)]
pub fn surface_at<X: Ext>(cx: &Cx<'_, X>, mut live: Mask, hit: &Hit, direction: V3<F32s>) -> Surface {
    let mut s: Surface = Surface { position: V3::splat(F32s::splat(0.0_f32)), geometric: V3::splat(F32s::splat(0.0_f32)), local: Basis { t: V3::splat(F32s::splat(0.0_f32)), b: V3::splat(F32s::splat(0.0_f32)), n: V3::splat(F32s::splat(0.0_f32)) }, back: Mask::splat(false), material: U32s::splat(0_u32), flags: U32s::splat(0_u32), maps: Maps { slots: U32s::splat(0_u32), base: V4::splat(F32s::splat(0.0_f32)), metallic_roughness: V4::splat(F32s::splat(0.0_f32)), normal: V3::splat(F32s::splat(0.0_f32)), emissive: V3::splat(F32s::splat(0.0_f32)), transmission: F32s::splat(0.0_f32), specular: F32s::splat(0.0_f32), specular_color: V3::splat(F32s::splat(0.0_f32)), clearcoat: F32s::splat(0.0_f32), clearcoat_roughness: F32s::splat(0.0_f32), clearcoat_normal: V3::splat(F32s::splat(0.0_f32)), sheen_color: V3::splat(F32s::splat(0.0_f32)), sheen_roughness: F32s::splat(0.0_f32), anisotropy: V3::splat(F32s::splat(0.0_f32)), iridescence: F32s::splat(0.0_f32), iridescence_thickness: F32s::splat(0.0_f32) }, base: V3::splat(F32s::splat(0.0_f32)), emission: V3::splat(F32s::splat(0.0_f32)), metallic: F32s::splat(0.0_f32), roughness: F32s::splat(0.0_f32), alpha: F32s::splat(0.0_f32), transmission: F32s::splat(0.0_f32), ior: F32s::splat(0.0_f32), light: F32s::splat(0.0_f32) };
    let mut n: V3<F32s> = V3::splat(F32s::splat(0.0_f32));
    let mut v: Mask = Mask::splat(false);
    let mut v_2: Mask = Mask::splat(false);
    let c = corners_of(cx, live, (*hit).triangle, (*hit).instance);
    let triangle_word_value = triangle_word(cx, live, (*hit).triangle.mul(U32s::splat(3_u32)).add(U32s::splat(1_u32)));
    let material = triangle_word_value.w;
    s.material = material;
    let mix3_value = mix3(c.v0, c.v1, c.v2, (*hit).u, (*hit).v);
    s.position = mix3_value;
    let cross3_value = cross3(c.v1.sub(c.v0), c.v2.sub(c.v0));
    let geometric = normalize3(cross3_value);
    let dot3_value = dot3_2(geometric, direction);
    s.back = dot3_value.gt(F32s::splat(0.0_f32));
    s.geometric = geometric.mul(V3::splat(F32s::splat(-1.0_f32).when(s.back, F32s::splat(1.0_f32))));
    let hit_uvs_value = hit_uvs(cx, live, &(*hit));
    let maps_at_value = maps_at(cx, live, material, hit_uvs_value);
    s.maps = maps_at_value;
    let smooth_normal_value = smooth_normal(cx, live, &(*hit));
    n = smooth_normal_value;
    let value = s.maps.slots;
    let has_slot_value = has_slot(value, SLOT_NORMAL);
    let mut taken = live.and(has_slot_value);
    let mut other = live.and_not(taken);
    if taken.any() {
        let triangle_word_value_2 = triangle_word(cx, taken, (*hit).triangle.mul(U32s::splat(3_u32)).add(U32s::splat(2_u32)));
        v = triangle_word_value_2.w.ne(U32s::splat(TANGENT_NONE)).when(taken, v);
    }
    if other.any() {
        v = Mask::splat(false).when(other, v);
    }
    let mut taken_2 = live.and(v);
    if taken_2.any() {
        let value_2 = s.maps.normal;
        let value_3 = n;
        let tangent_frame_value = tangent_frame(cx, taken_2, &(*hit), value_3);
        let material_float_value = material_float(cx, taken_2, material, 3_u32);
        let mapped_normal_value = mapped_normal(value_2, &tangent_frame_value, material_float_value.x);
        n = mapped_normal_value.when(taken_2, n);
    }
    let value_4 = n;
    let value_5 = s.geometric;
    let turned_normal_value = turned_normal(value_4, value_5, direction.neg());
    n = turned_normal_value;
    let m1 = material_word(cx, live, material.mul(U32s::splat(MATERIAL_STRIDE)).add(U32s::splat(1_u32)));
    let m2 = material_float(cx, live, material, 2_u32);
    s.flags = m1.w.and(U32s::splat(MATERIAL_FLAGS));
    let mut taken_3 = live.and(s.flags.and(U32s::splat(MATERIAL_ANISOTROPY)).ne(U32s::splat(0_u32)));
    let mut other_3 = live.and_not(taken_3);
    if taken_3.any() {
        let triangle_word_value_3 = triangle_word(cx, taken_3, (*hit).triangle.mul(U32s::splat(3_u32)).add(U32s::splat(2_u32)));
        v_2 = triangle_word_value_3.w.ne(U32s::splat(TANGENT_NONE)).when(taken_3, v_2);
    }
    if other_3.any() {
        v_2 = Mask::splat(false).when(other_3, v_2);
    }
    let mut taken_4 = live.and(v_2);
    let mut other_4 = live.and_not(taken_4);
    if taken_4.any() {
        let value_6 = n;
        let value_7 = s.maps;
        let stretched_basis_value = stretched_basis(cx, taken_4, &(*hit), value_6, material, &value_7);
        s.local = stretched_basis_value.merge(taken_4, s.local);
    }
    if other_4.any() {
        let value_8 = n;
        let basis_value = basis(value_8);
        s.local = basis_value.merge(other_4, s.local);
    }
    let hit_base_color_value = hit_base_color(cx, live, &(*hit), material);
    s.base = hit_base_color_value.swizzle3::<0, 1, 2>().mul(s.maps.base.swizzle3::<0, 1, 2>()).min(V3::<F32s>::wide(V3::splat(1.0_f32)));
    let as_float3_value = as_float3(m1);
    s.emission = as_float3_value.mul(s.maps.emissive);
    s.metallic = m2.x.mul(s.maps.metallic_roughness.z);
    s.roughness = m2.y.mul(s.maps.metallic_roughness.y).max(F32s::splat(ROUGHNESS_MIN));
    s.alpha = s.roughness.mul(s.roughness);
    s.transmission = m2.z.mul(s.maps.transmission);
    s.ior = m2.w;
    let material_float_value_2 = material_float(cx, live, material, 3_u32);
    s.light = material_float_value_2.w;
    return s;
}
}

wide! {
#[inline]
pub fn round_facets(alpha: F32s) -> Facets {
    let mut live = Mask::splat(true);
    return Facets { x: alpha, y: alpha, y_over_x: F32s::splat(1.0_f32), x_over_y: F32s::splat(1.0_f32) };
}
}

wide! {
#[inline]
pub fn ggx_reach(f: &Facets, v: V3<F32s>) -> F32s {
    let mut live = Mask::splat(true);
    let x = (*f).x.mul(v.x);
    let y = (*f).y.mul(v.y);
    let root_value = root(x.mul(x).add(y.mul(y).add(v.z.mul(v.z))));
    return root_value;
}
}

wide! {
#[inline]
pub fn ggx_visible(f: &Facets, h: V3<F32s>, wo_z: F32s, reach_wo: F32s) -> F32s {
    let mut live = Mask::splat(true);
    let a2 = (*f).x.mul((*f).y);
    let k = h.x.mul(h.x).mul((*f).y_over_x).add(h.y.mul(h.y).mul((*f).x_over_y).add(a2.mul(h.z.mul(h.z))));
    let div_value = div_2(F32s::splat(2.0_f32).mul(a2), F32s::splat(PI).mul(k).mul(k).mul(wo_z.add(reach_wo)).max(F32s::splat(1e-20_f32)));
    return div_value;
}
}

wide! {
#[inline]
pub fn ggx_unshadowed(wo_z: F32s, reach_wo: F32s, wi_z: F32s, reach_wi: F32s) -> F32s {
    let mut live = Mask::splat(true);
    let div_value = div_2(wi_z.mul(wo_z.add(reach_wo)), wo_z.mul(reach_wi).add(wi_z.mul(reach_wo)).max(F32s::splat(1e-12_f32)));
    return div_value;
}
}

wide! {
#[inline]
pub fn ggx_g1(z: F32s, reach: F32s) -> F32s {
    let mut live = Mask::splat(true);
    let div_value = div_2(F32s::splat(2.0_f32).mul(z), z.add(reach));
    return div_value;
}
}

wide! {
#[inline(never)]
pub fn ggx_sample(f: &Facets, wo: V3<F32s>, random: V2<F32s>) -> V3<F32s> {
    let mut live = Mask::splat(true);
    let mut t1: V3<F32s> = V3::<F32s>::wide(V3::new(1.0_f32, 0.0_f32, 0.0_f32));
    let v = normalize3(V3::new((*f).x.mul(wo.x), (*f).y.mul(wo.y), wo.z));
    let length2 = v.x.mul(v.x).add(v.y.mul(v.y));
    let mut taken = live.and(length2.gt(F32s::splat(1e-12_f32)));
    {
        let rsqrt_value = rsqrt(length2);
        t1 = V3::new(v.y.neg(), v.x, F32s::splat(0.0_f32)).mul(V3::splat(rsqrt_value)).when(taken, t1);
    }
    let value = t1;
    let t2 = cross3(v, value);
    let r = root(random.x);
    let sc = sincos_turns(random.y);
    let p1 = r.mul(sc.y);
    let s = F32s::splat(0.5_f32).mul(F32s::splat(1.0_f32).add(v.z));
    let root_value = root(F32s::splat(0.0_f32).max(F32s::splat(1.0_f32).sub(p1.mul(p1))));
    let p2 = lerp_3(root_value, r.mul(sc.x), s);
    let p3 = root(F32s::splat(0.0_f32).max(F32s::splat(1.0_f32).sub(p1.mul(p1)).sub(p2.mul(p2))));
    let n = t1.mul(V3::splat(p1)).add(t2.mul(V3::splat(p2)).add(v.mul(V3::splat(p3))));
    let normalize3_value = normalize3(V3::new((*f).x.mul(n.x), (*f).y.mul(n.y), F32s::splat(1e-6_f32).max(n.z)));
    return normalize3_value;
}
}

wide! {
#[inline(never)]
pub fn ggx_albedo<X: Ext>(cx: &Cx<'_, X>, mut live: Mask, roughness: F32s, z: F32s) -> V3<F32s> {
    let x = z.max(F32s::splat(0.0_f32)).min(F32s::splat(1.0_f32)).mul(F32s::splat(31.0_f32));
    let y = roughness.min(F32s::splat(1.0_f32)).mul(F32s::splat(31.0_f32));
    let x0 = x.to_u32().min(U32s::splat(30_u32));
    let y0 = y.to_u32().min(U32s::splat(30_u32));
    let at = U32s::splat(ALBEDO_TABLE).add(y0.mul(U32s::splat(32_u32))).add(x0);
    let table_word_value = table_word(cx, live, at);
    let as_float3_value = as_float3(table_word_value);
    let table_word_value_2 = table_word(cx, live, at.add(U32s::splat(1_u32)));
    let as_float3_value_2 = as_float3(table_word_value_2);
    let top = lerp3_2(as_float3_value, as_float3_value_2, x.sub(x0.small_to_f32()));
    let table_word_value_3 = table_word(cx, live, at.add(U32s::splat(32_u32)));
    let as_float3_value_3 = as_float3(table_word_value_3);
    let table_word_value_4 = table_word(cx, live, at.add(U32s::splat(33_u32)));
    let as_float3_value_4 = as_float3(table_word_value_4);
    let bottom = lerp3_2(as_float3_value_3, as_float3_value_4, x.sub(x0.small_to_f32()));
    let lerp3_value = lerp3_2(top, bottom, y.sub(y0.small_to_f32()));
    return lerp3_value;
}
}

wide! {
#[inline]
pub fn glass_layer<X: Ext>(cx: &Cx<'_, X>, mut live: Mask, at: U32s, fx: F32s, fy: F32s) -> V2<F32s> {
    let table_word_value = table_word(cx, live, at);
    let a = table_word_value.swizzle2::<0, 1>().bits_f32();
    let table_word_value_2 = table_word(cx, live, at.add(U32s::splat(1_u32)));
    let b = table_word_value_2.swizzle2::<0, 1>().bits_f32();
    let table_word_value_3 = table_word(cx, live, at.add(U32s::splat(16_u32)));
    let c = table_word_value_3.swizzle2::<0, 1>().bits_f32();
    let table_word_value_4 = table_word(cx, live, at.add(U32s::splat(17_u32)));
    let d = table_word_value_4.swizzle2::<0, 1>().bits_f32();
    let top = a.add(b.sub(a).mul(V2::splat(fx)));
    return top.add(c.add(d.sub(c).mul(V2::splat(fx))).sub(top).mul(V2::splat(fy)));
}
}

wide! {
#[inline(never)]
pub fn glass_albedo<X: Ext>(cx: &Cx<'_, X>, mut live: Mask, roughness: F32s, z: F32s, index: F32s) -> V2<F32s> {
    let x = z.max(F32s::splat(0.0_f32)).min(F32s::splat(1.0_f32)).mul(F32s::splat(15.0_f32));
    let y = roughness.min(F32s::splat(1.0_f32)).mul(F32s::splat(15.0_f32));
    let div_value = div_2(index.sub(F32s::splat(1.0_f32)), index.add(F32s::splat(1.0_f32)));
    let w = div_value.mul(F32s::splat(14.0_f32)).min(F32s::splat(7.0_f32));
    let x0 = x.to_u32().min(U32s::splat(14_u32));
    let y0 = y.to_u32().min(U32s::splat(14_u32));
    let w0 = w.to_u32().min(U32s::splat(6_u32));
    let at = U32s::splat(GLASS_TABLE).add(w0.mul(U32s::splat(256_u32))).add(y0.mul(U32s::splat(16_u32))).add(x0);
    let fx = x.sub(x0.small_to_f32());
    let fy = y.sub(y0.small_to_f32());
    let low = glass_layer(cx, live, at, fx, fy);
    let glass_layer_value = glass_layer(cx, live, at.add(U32s::splat(256_u32)), fx, fy);
    return low.add(glass_layer_value.sub(low).mul(V2::splat(w.sub(w0.small_to_f32()))));
}
}

wide! {
#[inline]
pub fn schlick_weight(c: F32s) -> F32s {
    let mut live = Mask::splat(true);
    let m = F32s::splat(1.0_f32).sub(c).max(F32s::splat(0.0_f32)).min(F32s::splat(1.0_f32));
    let m2 = m.mul(m);
    return m2.mul(m2).mul(m);
}
}

wide! {
#[inline]
pub fn fresnel_dielectric(mut live: Mask, c: F32s, eta: f32) -> F32s {
    let mut result = F32s::splat(0.0_f32);
    let g2 = F32s::splat((eta * eta) - 1.0_f32).add(c.mul(c));
    let mut taken = live.and(g2.le(F32s::splat(0.0_f32)));
    let mut other = live.and_not(taken);
    if taken.any() {
        result = F32s::splat(1.0_f32);
    }
    live = other;
    if live.none() {
        return result;
    }
    let g = root(g2);
    let n = c.mul(g.add(c)).sub(F32s::splat(1.0_f32));
    let d = c.mul(g.sub(c)).add(F32s::splat(1.0_f32));
    let q = g.add(c).mul(d);
    let div_value = div_2(F32s::splat(0.5_f32).mul(g.sub(c)).mul(g.sub(c)).mul(n.mul(n).add(d.mul(d))), q.mul(q));
    return div_value.min(F32s::splat(1.0_f32)).when(live, result);
}
}

wide! {
#[inline]
pub fn fresnel_dielectric_2(mut live: Mask, c: F32s, eta: F32s) -> F32s {
    let mut result = F32s::splat(0.0_f32);
    let g2 = eta.mul(eta).sub(F32s::splat(1.0_f32)).add(c.mul(c));
    let mut taken = live.and(g2.le(F32s::splat(0.0_f32)));
    let mut other = live.and_not(taken);
    if taken.any() {
        result = F32s::splat(1.0_f32);
    }
    live = other;
    if live.none() {
        return result;
    }
    let g = root(g2);
    let n = c.mul(g.add(c)).sub(F32s::splat(1.0_f32));
    let d = c.mul(g.sub(c)).add(F32s::splat(1.0_f32));
    let q = g.add(c).mul(d);
    let div_value = div_2(F32s::splat(0.5_f32).mul(g.sub(c)).mul(g.sub(c)).mul(n.mul(n).add(d.mul(d))), q.mul(q));
    return div_value.min(F32s::splat(1.0_f32)).when(live, result);
}
}

wide! {
#[inline(never)]
pub fn film_sensitivity(path_nm: F32s, shift_turns: V3<F32s>) -> V3<F32s> {
    let mut live = Mask::splat(true);
    let p2 = path_nm.mul(path_nm);
    let cos_turns_value = cos_turns(F32s::splat(0.001681_f32).mul(path_nm).add(shift_turns.x));
    let exp_minus_value = exp_minus(F32s::splat(1.7085469e-7_f32).mul(p2));
    let cos_turns_value_2 = cos_turns(F32s::splat(0.0022399_f32).mul(path_nm).add(shift_turns.x));
    let exp_minus_value_2 = exp_minus(F32s::splat(1.7876617e-7_f32).mul(p2));
    let x = F32s::splat(0.84659_f32).mul(cos_turns_value).mul(exp_minus_value).add(F32s::splat(0.1538683_f32).mul(cos_turns_value_2).mul(exp_minus_value_2));
    let cos_turns_value_3 = cos_turns(F32s::splat(0.0017953_f32).mul(path_nm).add(shift_turns.y));
    let exp_minus_value_3 = exp_minus(F32s::splat(3.673309e-7_f32).mul(p2));
    let y = F32s::splat(1.0002218_f32).mul(cos_turns_value_3).mul(exp_minus_value_3);
    let cos_turns_value_4 = cos_turns(F32s::splat(0.0022084_f32).mul(path_nm).add(shift_turns.z));
    let exp_minus_value_4 = exp_minus(F32s::splat(2.6103524e-7_f32).mul(p2));
    let z = F32s::splat(1.0011225_f32).mul(cos_turns_value_4).mul(exp_minus_value_4);
    return V3::new(F32s::splat(3.2404542_f32).mul(x).add(F32s::splat(-1.5371385_f32).mul(y).add(F32s::splat(-0.4985314_f32).mul(z))), F32s::splat(-0.969266_f32).mul(x).add(F32s::splat(1.8760108_f32).mul(y).add(F32s::splat(0.041556_f32).mul(z))), F32s::splat(0.0556434_f32).mul(x).add(F32s::splat(-0.2040259_f32).mul(y).add(F32s::splat(1.0572252_f32).mul(z))));
}
}

wide! {
#[inline]
pub fn boundary_f0(a: f32, b: F32s) -> F32s {
    let mut live = Mask::splat(true);
    let r = div_2(b.sub(F32s::splat(a)), b.add(F32s::splat(a)));
    return r.mul(r);
}
}

wide! {
#[inline]
pub fn boundary_f0_2(a: F32s, b: F32s) -> F32s {
    let mut live = Mask::splat(true);
    let r = div_2(b.sub(a), b.add(a));
    return r.mul(r);
}
}

wide! {
#[inline]
pub fn film_shift(base_index: F32s, film_index: F32s) -> F32s {
    let mut live = Mask::splat(true);
    return F32s::splat(0.5_f32).when(base_index.lt(film_index), F32s::splat(0.0_f32));
}
}

wide! {
#[inline(never)]
pub fn fresnel_film(mut live: Mask, c: F32s, film_index: F32s, thickness_nm: F32s, f0: V3<F32s>) -> V3<F32s> {
    let mut result = V3::splat(F32s::splat(0.0_f32));
    let mut cm: V3<F32s> = V3::splat(F32s::splat(0.0_f32));
    let mut sum: V3<F32s> = V3::splat(F32s::splat(0.0_f32));
    let t = thickness_nm.mul(F32s::splat(33.333332_f32)).max(F32s::splat(0.0_f32)).min(F32s::splat(1.0_f32));
    let index = lerp(1.0_f32, film_index, t.mul(t).mul(F32s::splat(3.0_f32).sub(F32s::splat(2.0_f32).mul(t))));
    let inverse = rcp(index);
    let inside2 = F32s::splat(1.0_f32).sub(inverse.mul(inverse).mul(F32s::splat(1.0_f32).sub(c.mul(c))));
    let mut taken = live.and(inside2.le(F32s::splat(0.0_f32)));
    let mut other = live.and_not(taken);
    if taken.any() {
        result = V3::<F32s>::wide(V3::splat(1.0_f32));
    }
    live = other;
    if live.none() {
        return result;
    }
    let c2 = root(inside2);
    let r0 = boundary_f0(1.0_f32, index);
    let schlick_weight_value = schlick_weight(c);
    let r12 = r0.add(F32s::splat(1.0_f32).sub(r0).mul(schlick_weight_value));
    let t121 = F32s::splat(1.0_f32).sub(r12);
    let root_value = root(f0.x.min(F32s::splat(0.9999_f32)));
    let root_value_2 = root(f0.y.min(F32s::splat(0.9999_f32)));
    let root_value_3 = root(f0.z.min(F32s::splat(0.9999_f32)));
    let amplitude = V3::new(root_value, root_value_2, root_value_3);
    let div_value = div_2(F32s::splat(1.0_f32).add(amplitude.x), F32s::splat(1.0_f32).sub(amplitude.x));
    let div_value_2 = div_2(F32s::splat(1.0_f32).add(amplitude.y), F32s::splat(1.0_f32).sub(amplitude.y));
    let div_value_3 = div_2(F32s::splat(1.0_f32).add(amplitude.z), F32s::splat(1.0_f32).sub(amplitude.z));
    let base = V3::new(div_value, div_value_2, div_value_3);
    let boundary_f0_value = boundary_f0_2(index, base.x);
    let boundary_f0_value_2 = boundary_f0_2(index, base.y);
    let boundary_f0_value_3 = boundary_f0_2(index, base.z);
    let r1 = V3::new(boundary_f0_value, boundary_f0_value_2, boundary_f0_value_3);
    let schlick_weight_value_2 = schlick_weight(c2);
    let r23 = lerp3(r1, V3::splat(1.0_f32), schlick_weight_value_2);
    let film_shift_value = film_shift(base.x, index);
    let film_shift_value_2 = film_shift(base.y, index);
    let film_shift_value_3 = film_shift(base.z, index);
    let shift = V3::new(F32s::splat(0.5_f32).add(film_shift_value), F32s::splat(0.5_f32).add(film_shift_value_2), F32s::splat(0.5_f32).add(film_shift_value_3));
    let r123 = r23.mul(V3::splat(r12)).max(V3::<F32s>::wide(V3::splat(1e-5_f32))).min(V3::<F32s>::wide(V3::splat(0.9999_f32)));
    let root_value_4 = root(r123.x);
    let root_value_5 = root(r123.y);
    let root_value_6 = root(r123.z);
    let r = V3::new(root_value_4, root_value_5, root_value_6);
    let rcp_value = rcp(F32s::splat(1.0_f32).sub(r123.x));
    let rcp_value_2 = rcp(F32s::splat(1.0_f32).sub(r123.y));
    let rcp_value_3 = rcp(F32s::splat(1.0_f32).sub(r123.z));
    let rs = r23.mul(V3::splat(t121.mul(t121))).mul(V3::new(rcp_value, rcp_value_2, rcp_value_3));
    let path_nm = F32s::splat(2.0_f32).mul(index).mul(thickness_nm).mul(c2);
    cm = rs.sub(V3::splat(t121)).mul(r);
    let value = cm;
    let film_sensitivity_value = film_sensitivity(path_nm, shift);
    sum = rs.add(V3::splat(r12)).add(value.mul(film_sensitivity_value).mul(V3::splat(F32s::splat(2.0_f32))));
    cm = cm.mul(r);
    let value_2 = sum;
    let value_3 = cm;
    let film_sensitivity_value_2 = film_sensitivity(F32s::splat(2.0_f32).mul(path_nm), shift.mul(V3::splat(F32s::splat(2.0_f32))));
    sum = value_2.add(value_3.mul(film_sensitivity_value_2).mul(V3::splat(F32s::splat(2.0_f32))));
    return sum.max(V3::<F32s>::wide(V3::splat(0.0_f32))).min(V3::<F32s>::wide(V3::splat(1.0_f32))).merge(live, result);
}
}

wide! {
#[inline]
pub fn no_sheen() -> Sheen {
    let mut live = Mask::splat(true);
    return Sheen { color: V3::<F32s>::wide(V3::splat(0.0_f32)), albedo: F32s::splat(0.0_f32), a: F32s::splat(1.0_f32), b: F32s::splat(0.0_f32) };
}
}

wide! {
#[inline(never)]
pub fn sheen_of(color: V3<F32s>, roughness: F32s, wo_z: F32s) -> Sheen {
    let mut live = Mask::splat(true);
    let y = roughness.max(F32s::splat(0.03_f32)).min(F32s::splat(1.0_f32));
    let x = wo_z.max(F32s::splat(0.0_f32)).min(F32s::splat(1.0_f32));
    let width = div_2(y.mul(F32s::splat(0.0206607_f32).add(F32s::splat(1.58491_f32).mul(y))), F32s::splat(0.0379424_f32).add(y.mul(F32s::splat(1.32227_f32).add(y))));
    let middle = div_2(y.mul(F32s::splat(-0.193854_f32).add(y.mul(F32s::splat(-1.14885_f32).add(y.mul(F32s::splat(1.7932_f32).sub(F32s::splat(0.95943_f32).mul(y).mul(y))))))), F32s::splat(0.046391_f32).add(y));
    let offset = div_2(y.mul(F32s::splat(0.000654023_f32).add(F32s::splat(-0.0207818_f32).add(F32s::splat(0.119681_f32).mul(y)).mul(y))), F32s::splat(1.26264_f32).add(y.mul(F32s::splat(-1.92021_f32).add(y))));
    let inverse_width = rcp(width);
    let z = x.sub(middle).mul(inverse_width);
    let exp_minus_value = exp_minus(F32s::splat(0.5_f32).mul(z).mul(z));
    let albedo = exp_minus_value.mul(inverse_width).mul(F32s::splat(0.3989423_f32)).add(offset);
    let a = div_2(F32s::splat(2.58126_f32).mul(x).add(F32s::splat(0.813703_f32).mul(y)).mul(y), F32s::splat(1.0_f32).add(F32s::splat(0.310327_f32).mul(x).mul(x).add(F32s::splat(2.60994_f32).mul(x).mul(y))));
    let root_value = root(F32s::splat(1.0_f32).sub(x));
    let b = div_2(root_value.mul(y.sub(F32s::splat(1.0_f32))).mul(y).mul(y).mul(y), F32s::splat(2.54053e-5_f32).add(F32s::splat(1.71228_f32).mul(x).sub(F32s::splat(1.71506_f32).mul(x).mul(y))).add(F32s::splat(1.34174_f32).mul(y).mul(y)));
    return Sheen { color: color, albedo: albedo.max(F32s::splat(0.0_f32)).min(F32s::splat(1.0_f32)), a: a.max(F32s::splat(0.0001_f32)), b: b };
}
}

wide! {
#[inline]
pub fn sheen_axis(wo: V3<F32s>) -> V2<F32s> {
    let mut live = Mask::splat(true);
    let mut result = V2::splat(F32s::splat(0.0_f32));
    let length2 = wo.x.mul(wo.x).add(wo.y.mul(wo.y));
    let mut taken = live.and(length2.lt(F32s::splat(1e-12_f32)));
    let mut other = live.and_not(taken);
    {
        result = V2::<F32s>::wide(V2::new(1.0_f32, 0.0_f32));
    }
    live = other;
    let rsqrt_value = rsqrt(length2);
    return wo.swizzle2::<0, 1>().mul(V2::splat(rsqrt_value)).merge(live, result);
}
}

wide! {
#[inline]
pub fn sheen_density(s: &Sheen, wo: V3<F32s>, wi: V3<F32s>) -> F32s {
    let mut live = Mask::splat(true);
    let axis = sheen_axis(wo);
    let x = axis.x.mul(wi.x).add(axis.y.mul(wi.y));
    let y = axis.x.mul(wi.y).sub(axis.y.mul(wi.x));
    let u = (*s).a.mul(x).add((*s).b.mul(wi.z));
    let v = (*s).a.mul(y);
    let length2 = u.mul(u).add(v.mul(v).add(wi.z.mul(wi.z)));
    let q = div_2((*s).a, length2);
    return wi.z.mul(F32s::splat(INV_PI)).mul(q).mul(q);
}
}

wide! {
#[inline]
pub fn cosine_sample(random: V2<F32s>) -> V3<F32s> {
    let mut live = Mask::splat(true);
    let r = root(random.x);
    let sc = sincos_turns(random.y);
    let root_value = root(F32s::splat(0.0_f32).max(F32s::splat(1.0_f32).sub(random.x)));
    return V3::new(r.mul(sc.y), r.mul(sc.x), root_value);
}
}

wide! {
#[inline]
pub fn sheen_sample(s: &Sheen, wo: V3<F32s>, random: V2<F32s>) -> V3<F32s> {
    let mut live = Mask::splat(true);
    let c = cosine_sample(random);
    let inverse = rcp((*s).a);
    let x = c.x.sub(c.z.mul((*s).b)).mul(inverse);
    let y = c.y.mul(inverse);
    let axis = sheen_axis(wo);
    let normalize3_value = normalize3(V3::new(axis.x.mul(x).sub(axis.y.mul(y)), axis.y.mul(x).add(axis.x.mul(y)), c.z));
    return normalize3_value;
}
}

wide! {
#[inline]
pub fn nothing() -> Reflectance {
    let mut live = Mask::splat(true);
    return Reflectance { value: V3::<F32s>::wide(V3::splat(0.0_f32)), pdf: F32s::splat(0.0_f32) };
}
}

wide! {
#[inline(never)]
pub fn clear_normal_of<X: Ext>(cx: &Cx<'_, X>, mut live: Mask, s: &Surface, hit: &Hit, to_viewer: V3<F32s>) -> V3<F32s> {
    let mut result = V3::splat(F32s::splat(0.0_f32));
    let mut v: Mask = Mask::splat(false);
    let mut n: V3<F32s> = V3::splat(F32s::splat(0.0_f32));
    let mut v_2: Mask = Mask::splat(false);
    let own = has_slot((*s).maps.slots, SLOT_CLEARCOAT_NORMAL);
    let mut taken = live.and(own.not());
    let mut other = live.and_not(taken);
    {
        let has_slot_value = has_slot((*s).maps.slots, SLOT_NORMAL);
        v = has_slot_value.not().when(taken, v);
    }
    {
        v = Mask::splat(false).when(other, v);
    }
    let mut taken_2 = live.and(v);
    let mut other_2 = live.and_not(taken_2);
    if taken_2.any() {
        result = V3::<F32s>::wide(V3::new(0.0_f32, 0.0_f32, 1.0_f32));
    }
    live = other_2;
    if live.none() {
        return result;
    }
    let smooth_normal_value = smooth_normal(cx, live, &(*hit));
    n = smooth_normal_value;
    let mut taken_3 = live.and(own);
    let mut other_3 = live.and_not(taken_3);
    if taken_3.any() {
        let triangle_word_value = triangle_word(cx, taken_3, (*hit).triangle.mul(U32s::splat(3_u32)).add(U32s::splat(2_u32)));
        v_2 = triangle_word_value.w.ne(U32s::splat(TANGENT_NONE)).when(taken_3, v_2);
    }
    if other_3.any() {
        v_2 = Mask::splat(false).when(other_3, v_2);
    }
    let mut taken_4 = live.and(v_2);
    if taken_4.any() {
        let value = n;
        let tangent_frame_value = tangent_frame(cx, taken_4, &(*hit), value);
        let material_float_value = material_float(cx, taken_4, (*s).material, 6_u32);
        let mapped_normal_value = mapped_normal((*s).maps.clearcoat_normal, &tangent_frame_value, material_float_value.y);
        n = mapped_normal_value.when(taken_4, n);
    }
    let value_2 = n;
    let turned_normal_value = turned_normal(value_2, (*s).geometric, to_viewer);
    let to_local_value = to_local(&(*s).local, turned_normal_value);
    return to_local_value.merge(live, result);
}
}

wide! {
#[inline]
pub fn clear_albedo<X: Ext>(cx: &Cx<'_, X>, mut live: Mask, roughness: F32s, z: F32s) -> F32s {
    let albedo = ggx_albedo(cx, live, roughness, z);
    return F32s::splat(CLEARCOAT_F0).mul(albedo.x.sub(albedo.z)).add(albedo.z);
}
}

wide! {
#[inline(never)]
pub fn clear_evaluate(mut live: Mask, m: &Bsdf, wo: V3<F32s>, wi: V3<F32s>) -> Reflectance {
    let mut result = Reflectance { value: V3::splat(F32s::splat(0.0_f32)), pdf: F32s::splat(0.0_f32) };
    let entered = live;
    let mut v: Mask = Mask::splat(false);
    let f = basis((*m).clear_normal);
    let o = to_local(&f, wo);
    let i = to_local(&f, wi);
    {
        v = o.z.add(i.z).le(F32s::splat(0.0_f32)).when(o.z.le(F32s::splat(0.0_f32)).not(), Mask::splat(true));
    }
    let mut taken = live.and(v);
    let mut other = live.and_not(taken);
    if taken.any() {
        let nothing_value = nothing();
        result = nothing_value;
    }
    live = other;
    if live.none() {
        return result;
    }
    let h = normalize3(o.add(i));
    let c = dot3_2(o, h);
    let reach = ggx_reach(&(*m).clear_facets, o);
    let ggx_visible_value = ggx_visible(&(*m).clear_facets, h, o.z, reach);
    let visible = F32s::splat(0.25_f32).mul(ggx_visible_value);
    let mut taken_2 = live.and(i.z.le(F32s::splat(0.0_f32)));
    let mut other_2 = live.and_not(taken_2);
    if taken_2.any() {
        result = (Reflectance { value: V3::<F32s>::wide(V3::splat(0.0_f32)), pdf: visible }).merge(taken_2, result);
    }
    live = other_2;
    if live.none() {
        return result;
    }
    let fresnel_dielectric_value = fresnel_dielectric(live, c, CLEARCOAT_INDEX);
    let ggx_reach_value = ggx_reach(&(*m).clear_facets, i);
    let ggx_unshadowed_value = ggx_unshadowed(o.z, reach, i.z, ggx_reach_value);
    let value = visible.mul(fresnel_dielectric_value).mul(ggx_unshadowed_value);
    if entered.and_not(live).none() {
        return Reflectance { value: V3::splat(value), pdf: visible };
    }
    return (Reflectance { value: V3::splat(value), pdf: visible }).merge(live, result);
}
}

wide! {
#[inline]
pub fn clear_sample(m: &Bsdf, wo: V3<F32s>, random: V2<F32s>) -> V3<F32s> {
    let mut live = Mask::splat(true);
    let f = basis((*m).clear_normal);
    let o = to_local(&f, wo);
    let h = ggx_sample(&(*m).clear_facets, o, random);
    let dot3_value = dot3_2(o, h);
    let to_world_value = to_world(&f, h.mul(V3::splat(F32s::splat(2.0_f32).mul(dot3_value))).sub(o));
    return to_world_value;
}
}

wide! {
#[inline]
pub fn coat_fresnel(mut live: Mask, m: &Bsdf, c: F32s) -> V3<F32s> {
    let mut result = V3::splat(F32s::splat(0.0_f32));
    let plain = fresnel_dielectric_2(live, c, (*m).eta);
    let mut taken = live.and((*m).flags.and(U32s::splat(MATERIAL_SPECULAR)).eq(U32s::splat(0_u32)));
    let mut other = live.and_not(taken);
    {
        result = V3::splat(plain);
    }
    live = other;
    let f0 = boundary_f0(1.0_f32, (*m).eta);
    let div_value = div_2(plain.sub(f0), F32s::splat(1.0_f32).sub(f0).max(F32s::splat(0.0001_f32)));
    let lerp3_value = lerp3_2((*m).coat, V3::splat((*m).edge), div_value);
    return lerp3_value.merge(live, result);
}
}

wide! {
#[inline]
pub fn facet_fresnel(mut live: Mask, m: &Bsdf, c: F32s) -> V3<F32s> {
    let mut result = V3::splat(F32s::splat(0.0_f32));
    let schlick_weight_value = schlick_weight(c);
    let lerp3_value = lerp3((*m).metal, V3::splat(1.0_f32), schlick_weight_value);
    let coat_fresnel_value = coat_fresnel(live, &(*m), c);
    let plain = (*m).metal_gain.mul(lerp3_value).add((*m).coat_gain.mul(coat_fresnel_value));
    let mut taken = live.and((*m).film.x.le(F32s::splat(0.0_f32)));
    let mut other = live.and_not(taken);
    if taken.any() {
        result = plain;
    }
    live = other;
    if live.none() {
        return result;
    }
    let fresnel_film_value = fresnel_film(live, c, (*m).film.y, (*m).film.z, (*m).film_f0);
    let lerp3_value_2 = lerp3_2(plain, (*m).film_gain.mul(fresnel_film_value), (*m).film.x);
    return lerp3_value_2.merge(live, result);
}
}

wide! {
#[inline(never)]
pub fn opaque_evaluate(mut live: Mask, m: &Bsdf, wo: V3<F32s>, wi: V3<F32s>) -> Reflectance {
    let mut result = Reflectance { value: V3::splat(F32s::splat(0.0_f32)), pdf: F32s::splat(0.0_f32) };
    let entered = live;
    let mut value: V3<F32s> = V3::splat(F32s::splat(0.0_f32));
    let mut pdf: F32s = F32s::splat(0.0_f32);
    let mut rest: F32s = F32s::splat(0.0_f32);
    let mut taken = live.and(wi.z.le(F32s::splat(0.0_f32)));
    let mut other = live.and_not(taken);
    if taken.any() {
        let nothing_value = nothing();
        result = nothing_value;
    }
    live = other;
    if live.none() {
        return result;
    }
    let h = normalize3(wo.add(wi));
    let c = dot3_2(wo, h);
    let ggx_visible_value = ggx_visible(&(*m).facets, h, wo.z, (*m).reach);
    let visible = F32s::splat(0.25_f32).mul(ggx_visible_value);
    let fresnel = facet_fresnel(live, &(*m), c);
    let cosine = wi.z.mul(F32s::splat(INV_PI));
    let ggx_reach_value = ggx_reach(&(*m).facets, wi);
    let ggx_unshadowed_value = ggx_unshadowed(wo.z, (*m).reach, wi.z, ggx_reach_value);
    value = fresnel.mul(V3::splat(visible.mul(ggx_unshadowed_value))).add((*m).diffuse.mul(V3::splat(cosine)));
    pdf = (*m).shares.z.mul(visible);
    rest = F32s::splat(1.0_f32).sub((*m).shares.z);
    let mut taken_2 = live.and((*m).flags.and(U32s::splat(24_u32)).ne(U32s::splat(0_u32)));
    if taken_2.any() {
        rest = rest.sub((*m).shares.x).sub((*m).shares.y).max(F32s::splat(0.0_f32)).when(taken_2, rest);
        let mut taken_3 = taken_2.and((*m).sheen.albedo.gt(F32s::splat(0.0_f32)));
        if taken_3.any() {
            let density = sheen_density(&(*m).sheen, wo, wi);
            value = value.add((*m).sheen.color.mul(V3::splat((*m).sheen_gain.mul((*m).sheen.albedo).mul(density)))).when(taken_3, value);
            pdf = pdf.add((*m).shares.x.mul(density)).when(taken_3, pdf);
        }
        let mut taken_4 = taken_2.and((*m).clear.gt(F32s::splat(0.0_f32)));
        if taken_4.any() {
            let clear = clear_evaluate(taken_4, &(*m), wo, wi);
            value = value.add(clear.value.mul(V3::splat((*m).clear))).when(taken_4, value);
            pdf = pdf.add((*m).shares.y.mul(clear.pdf)).when(taken_4, pdf);
        }
    }
    if entered.and_not(live).none() {
        return Reflectance { value: value, pdf: pdf.add(rest.mul(cosine)) };
    }
    return (Reflectance { value: value, pdf: pdf.add(rest.mul(cosine)) }).merge(live, result);
}
}

wide! {
#[inline(never)]
pub fn opaque_sample(mut live: Mask, m: &Bsdf, wo: V3<F32s>, random: V2<F32s>, lobe: F32s) -> Scattered {
    let mut result = Scattered { direction: V3::splat(F32s::splat(0.0_f32)), pdf: F32s::splat(0.0_f32), weight: V3::splat(F32s::splat(0.0_f32)) };
    let entered = live;
    let mut wi: V3<F32s> = V3::splat(F32s::splat(0.0_f32));
    let mut taken = live.and(lobe.lt((*m).shares.z));
    let mut other = live.and_not(taken);
    if taken.any() {
        let h = ggx_sample(&(*m).facets, wo, random);
        let dot3_value = dot3_2(wo, h);
        wi = h.mul(V3::splat(F32s::splat(2.0_f32).mul(dot3_value))).sub(wo).when(taken, wi);
    }
    if other.any() {
        let mut taken_2 = other.and(lobe.lt((*m).shares.z.add((*m).shares.y)));
        let mut other_2 = other.and_not(taken_2);
        if taken_2.any() {
            let clear_sample_value = clear_sample(&(*m), wo, random);
            wi = clear_sample_value.when(taken_2, wi);
        }
        if other_2.any() {
            let mut taken_3 = other_2.and(lobe.lt((*m).shares.z.add((*m).shares.y).add((*m).shares.x)));
            let mut other_3 = other_2.and_not(taken_3);
            if taken_3.any() {
                let sheen_sample_value = sheen_sample(&(*m).sheen, wo, random);
                wi = sheen_sample_value.when(taken_3, wi);
            }
            if other_3.any() {
                let cosine_sample_value = cosine_sample(random);
                wi = cosine_sample_value.when(other_3, wi);
            }
        }
    }
    let value = wi;
    let f = opaque_evaluate(live, &(*m), wo, value);
    let mut taken_4 = live.and(f.pdf.le(F32s::splat(1e-12_f32)));
    let mut other_4 = live.and_not(taken_4);
    {
        result = Scattered { direction: wi, pdf: F32s::splat(0.0_f32), weight: V3::<F32s>::wide(V3::splat(0.0_f32)) };
    }
    live = other_4;
    let value_2 = wi;
    let rcp_value = rcp(f.pdf);
    if entered.and_not(live).none() {
        return Scattered { direction: value_2, pdf: f.pdf, weight: f.value.mul(V3::splat(rcp_value)) };
    }
    return (Scattered { direction: value_2, pdf: f.pdf, weight: f.value.mul(V3::splat(rcp_value)) }).merge(live, result);
}
}

wide! {
#[inline(never)]
pub fn glass_evaluate(mut live: Mask, m: &Bsdf, wo: V3<F32s>, wi: V3<F32s>) -> Reflectance {
    let mut result = Reflectance { value: V3::splat(F32s::splat(0.0_f32)), pdf: F32s::splat(0.0_f32) };
    let entered = live;
    let mut h: V3<F32s> = V3::splat(F32s::splat(0.0_f32));
    let mut v: Mask = Mask::splat(false);
    let mut v_2: Mask = Mask::splat(false);
    let mut taken = live.and(wi.z.abs().lt(F32s::splat(1e-6_f32)));
    let mut other = live.and_not(taken);
    if taken.any() {
        let nothing_value = nothing();
        result = nothing_value;
    }
    live = other;
    if live.none() {
        return result;
    }
    let reflects = wi.z.gt(F32s::splat(0.0_f32));
    h = wo.add(wi);
    let mut taken_2 = live.and(reflects.not());
    {
        h = wo.add(wi.mul(V3::splat((*m).eta))).when(taken_2, h);
    }
    let value = h;
    let value_2 = h;
    let length2 = dot3_2(value, value_2);
    let mut taken_3 = live.and(length2.lt(F32s::splat(1e-12_f32)));
    let mut other_3 = live.and_not(taken_3);
    if taken_3.any() {
        let nothing_value_2 = nothing();
        result = nothing_value_2.merge(taken_3, result);
    }
    live = other_3;
    if live.none() {
        return result;
    }
    let value_3 = h;
    let rsqrt_value = rsqrt(length2);
    h = value_3.mul(V3::splat(rsqrt_value));
    let mut taken_4 = live.and(h.z.lt(F32s::splat(0.0_f32)));
    {
        h = h.neg().when(taken_4, h);
    }
    let value_4 = h;
    let c = dot3_2(wo, value_4);
    let value_5 = h;
    let ci = dot3_2(wi, value_5);
    let mut taken_5 = live.and(c.le(F32s::splat(0.0_f32)).not());
    let mut other_5 = live.and_not(taken_5);
    {
        {
            v_2 = ci.ge(F32s::splat(0.0_f32)).when(reflects.not(), Mask::splat(false));
        }
        v = v_2.when(taken_5, v);
    }
    {
        v = Mask::splat(true).when(other_5, v);
    }
    let mut taken_6 = live.and(v);
    let mut other_6 = live.and_not(taken_6);
    if taken_6.any() {
        let nothing_value_3 = nothing();
        result = nothing_value_3.merge(taken_6, result);
    }
    live = other_6;
    if live.none() {
        return result;
    }
    let fresnel = fresnel_dielectric_2(live, c, (*m).eta);
    let value_6 = h;
    let visible = ggx_visible(&(*m).facets, value_6, wo.z, (*m).reach);
    let reach_wi = ggx_reach(&(*m).facets, wi);
    let mut taken_7 = live.and(reflects);
    let mut other_7 = live.and_not(taken_7);
    if taken_7.any() {
        let pdf = F32s::splat(0.25_f32).mul(fresnel).mul(visible);
        let ggx_unshadowed_value = ggx_unshadowed(wo.z, (*m).reach, wi.z, reach_wi);
        result = (Reflectance { value: (*m).hue.mul(V3::splat(pdf.mul(ggx_unshadowed_value))), pdf: pdf }).merge(taken_7, result);
    }
    live = other_7;
    if live.none() {
        return result;
    }
    let k = c.add((*m).eta.mul(ci));
    let div_value = div_2(c.mul(ci.neg()).mul((*m).eta).mul((*m).eta), k.mul(k).max(F32s::splat(1e-20_f32)));
    let pdf_2 = F32s::splat(1.0_f32).sub(fresnel).mul(visible).mul(div_value);
    let ggx_g1_value = ggx_g1(wi.z.neg(), reach_wi);
    if entered.and_not(live).none() {
        return Reflectance { value: (*m).tint.mul((*m).hue).mul(V3::splat(pdf_2.mul(ggx_g1_value))), pdf: pdf_2 };
    }
    return (Reflectance { value: (*m).tint.mul((*m).hue).mul(V3::splat(pdf_2.mul(ggx_g1_value))), pdf: pdf_2 }).merge(live, result);
}
}

wide! {
#[inline(never)]
pub fn glass_sample(mut live: Mask, m: &Bsdf, wo: V3<F32s>, random: V2<F32s>, lobe: F32s) -> Scattered {
    let mut result = Scattered { direction: V3::splat(F32s::splat(0.0_f32)), pdf: F32s::splat(0.0_f32), weight: V3::splat(F32s::splat(0.0_f32)) };
    let entered = live;
    let absorbed = Scattered { direction: V3::<F32s>::wide(V3::new(0.0_f32, 0.0_f32, 1.0_f32)), pdf: F32s::splat(0.0_f32), weight: V3::<F32s>::wide(V3::splat(0.0_f32)) };
    let h = ggx_sample(&(*m).facets, wo, random);
    let c = dot3_2(wo, h);
    let mut taken = live.and(c.le(F32s::splat(0.0_f32)));
    let mut other = live.and_not(taken);
    if taken.any() {
        result = absorbed;
    }
    live = other;
    if live.none() {
        return result;
    }
    let fresnel = fresnel_dielectric_2(live, c, (*m).eta);
    let visible = ggx_visible(&(*m).facets, h, wo.z, (*m).reach);
    let mut taken_2 = live.and(lobe.lt(fresnel));
    let mut other_2 = live.and_not(taken_2);
    if taken_2.any() {
    'arm_2: {
        let wi = h.mul(V3::splat(F32s::splat(2.0_f32).mul(c))).sub(wo);
        let mut taken_3 = taken_2.and(wi.z.le(F32s::splat(0.0_f32)));
        let mut other_3 = taken_2.and_not(taken_3);
        if taken_3.any() {
            result = absorbed.merge(taken_3, result);
        }
        taken_2 = other_3;
        if taken_2.none() {
            break 'arm_2;
        }
        let ggx_reach_value = ggx_reach(&(*m).facets, wi);
        let ggx_unshadowed_value = ggx_unshadowed(wo.z, (*m).reach, wi.z, ggx_reach_value);
        result = (Scattered { direction: wi, pdf: F32s::splat(0.25_f32).mul(fresnel).mul(visible), weight: (*m).hue.mul(V3::splat(ggx_unshadowed_value)) }).merge(taken_2, result);
taken_2 = Mask::splat(false);
    }
    }
    live = taken_2.or(other_2);
    if live.none() {
        return result;
    }
    let inverse_eta = rcp((*m).eta);
    let ct = root(F32s::splat(1.0_f32).sub(F32s::splat(1.0_f32).sub(c.mul(c)).mul(inverse_eta).mul(inverse_eta)).max(F32s::splat(0.0_f32)));
    let wi_2 = normalize3(h.mul(V3::splat(c.mul(inverse_eta).sub(ct))).sub(wo.mul(V3::splat(inverse_eta))));
    let mut taken_4 = live.and(wi_2.z.ge(F32s::splat(0.0_f32)));
    let mut other_4 = live.and_not(taken_4);
    if taken_4.any() {
        result = absorbed.merge(taken_4, result);
    }
    live = other_4;
    if live.none() {
        return result;
    }
    let k = c.sub((*m).eta.mul(ct));
    let div_value = div_2(c.mul(ct).mul((*m).eta).mul((*m).eta), k.mul(k).max(F32s::splat(1e-20_f32)));
    let pdf = F32s::splat(1.0_f32).sub(fresnel).mul(visible).mul(div_value);
    let ggx_reach_value_2 = ggx_reach(&(*m).facets, wi_2);
    let ggx_g1_value = ggx_g1(wi_2.z.neg(), ggx_reach_value_2);
    if entered.and_not(live).none() {
        return Scattered { direction: wi_2, pdf: pdf, weight: (*m).tint.mul((*m).hue).mul(V3::splat(ggx_g1_value)) };
    }
    return (Scattered { direction: wi_2, pdf: pdf, weight: (*m).tint.mul((*m).hue).mul(V3::splat(ggx_g1_value)) }).merge(live, result);
}
}

wide! {
#[inline(never)]
pub fn hue_of(carried: V3<F32s>, chance: F32s) -> Hue {
    let mut live = Mask::splat(true);
    let mut result = Hue { factor: V3::splat(F32s::splat(0.0_f32)), offset: F32s::splat(0.0_f32) };
    let entered = live;
    let mut v: Mask = Mask::splat(false);
    let sum = carried.x.add(carried.y.add(carried.z));
    let at = chance.mul(sum);
    let mut taken = live.and(at.lt(carried.x));
    let mut other = live.and_not(taken);
    {
        let div_value = div_2(sum, carried.x);
        result = Hue { factor: V3::new(div_value, F32s::splat(0.0_f32), F32s::splat(0.0_f32)), offset: F32s::splat(-1.0_f32) };
    }
    live = other;
    {
        v = carried.z.le(F32s::splat(0.0_f32)).when(at.lt(carried.x.add(carried.y)).not(), Mask::splat(true));
    }
    let mut taken_2 = live.and(v);
    let mut other_2 = live.and_not(taken_2);
    {
        let div_value_2 = div_2(sum, carried.y.max(F32s::splat(1e-30_f32)));
        result = (Hue { factor: V3::new(F32s::splat(0.0_f32), div_value_2, F32s::splat(0.0_f32)), offset: F32s::splat(0.0_f32) }).merge(taken_2, result);
    }
    live = other_2;
    let div_value_3 = div_2(sum, carried.z);
    if entered.and_not(live).none() {
        return Hue { factor: V3::new(F32s::splat(0.0_f32), F32s::splat(0.0_f32), div_value_3), offset: F32s::splat(1.0_f32) };
    }
    return (Hue { factor: V3::new(F32s::splat(0.0_f32), F32s::splat(0.0_f32), div_value_3), offset: F32s::splat(1.0_f32) }).merge(live, result);
}
}

wide! {
#[inline(never)]
pub fn glass_roughness(mut live: Mask, s: &Surface, f: &Facets, wo: V3<F32s>, ior: F32s) -> F32s {
    let mut result = F32s::splat(0.0_f32);
    let mut taken = live.and((*s).flags.and(U32s::splat(MATERIAL_ANISOTROPY)).eq(U32s::splat(0_u32)));
    let mut other = live.and_not(taken);
    if taken.any() {
        result = (*s).roughness;
    }
    live = other;
    if live.none() {
        return result;
    }
    let mean = F32s::splat(0.5_f32).mul((*f).x.mul((*f).x).add((*f).y.mul((*f).y)));
    let x = (*f).x.mul(wo.x);
    let y = (*f).y.mul(wo.y);
    let seen = div_2(x.mul(x).add(y.mul(y).add(F32s::splat(0.0001_f32).mul(mean))), wo.x.mul(wo.x).add(wo.y.mul(wo.y).add(F32s::splat(0.0001_f32))));
    let lerp_value = lerp_3(seen, mean, ior.sub(F32s::splat(1.0_f32)).min(F32s::splat(0.5_f32)));
    let root_value = root(lerp_value);
    let root_value_2 = root(root_value);
    return root_value_2.when(live, result);
}
}

wide! {
#[inline(never)]
pub fn glass_of<X: Ext>(cx: &Cx<'_, X>, mut live: Mask, s: &Surface, wo: V3<F32s>, facets: &Facets, chance: F32s, carried: V3<F32s>) -> Bsdf {
    let mut m: Bsdf = Bsdf { glass: Mask::splat(false), flags: U32s::splat(0_u32), facets: Facets { x: F32s::splat(0.0_f32), y: F32s::splat(0.0_f32), y_over_x: F32s::splat(0.0_f32), x_over_y: F32s::splat(0.0_f32) }, reach: F32s::splat(0.0_f32), diffuse: V3::splat(F32s::splat(0.0_f32)), metal: V3::splat(F32s::splat(0.0_f32)), metal_gain: V3::splat(F32s::splat(0.0_f32)), coat: V3::splat(F32s::splat(0.0_f32)), edge: F32s::splat(0.0_f32), coat_gain: V3::splat(F32s::splat(0.0_f32)), film: V3::splat(F32s::splat(0.0_f32)), film_f0: V3::splat(F32s::splat(0.0_f32)), film_gain: V3::splat(F32s::splat(0.0_f32)), sheen: Sheen { color: V3::splat(F32s::splat(0.0_f32)), albedo: F32s::splat(0.0_f32), a: F32s::splat(0.0_f32), b: F32s::splat(0.0_f32) }, sheen_gain: F32s::splat(0.0_f32), clear: F32s::splat(0.0_f32), clear_facets: Facets { x: F32s::splat(0.0_f32), y: F32s::splat(0.0_f32), y_over_x: F32s::splat(0.0_f32), x_over_y: F32s::splat(0.0_f32) }, clear_normal: V3::splat(F32s::splat(0.0_f32)), shares: V3::splat(F32s::splat(0.0_f32)), eta: F32s::splat(0.0_f32), tint: V3::splat(F32s::splat(0.0_f32)), hue: V3::splat(F32s::splat(0.0_f32)) };
    let mut ior: F32s = F32s::splat(0.0_f32);
    let mut hue: V3<F32s> = V3::<F32s>::wide(V3::splat(1.0_f32));
    let mut kept: F32s = F32s::splat(1.0_f32);
    m.glass = Mask::splat(true);
    m.flags = (*s).flags;
    m.facets = *facets;
    let ggx_reach_value = ggx_reach(&(*facets), wo);
    m.reach = ggx_reach_value;
    let root_value = root((*s).base.x);
    let root_value_2 = root((*s).base.y);
    let root_value_3 = root((*s).base.z);
    m.tint = V3::new(root_value, root_value_2, root_value_3);
    ior = (*s).ior.max(F32s::splat(1.0001_f32));
    let mut taken = live.and((*s).flags.and(U32s::splat(MATERIAL_DISPERSION)).ne(U32s::splat(0_u32)));
    if taken.any() {
        let drawn = hue_of(carried, chance);
        hue = drawn.factor.when(taken, hue);
        let value = ior;
        let material_float_value = material_float(cx, taken, (*s).material, 7_u32);
        ior = value.add(drawn.offset.mul((*s).ior.sub(F32s::splat(1.0_f32)).mul(F32s::splat(0.025_f32)).mul(material_float_value.w))).max(F32s::splat(1.0001_f32)).when(taken, ior);
    }
    let value_2 = ior;
    let value_3 = ior;
    let rcp_value = rcp(value_3);
    m.eta = rcp_value.when((*s).back, value_2);
    let mut taken_2 = live.and((*facets).x.gt(F32s::splat(0.01_f32)));
    if taken_2.any() {
        let value_4 = ior;
        let glass_roughness_value = glass_roughness(taken_2, &(*s), &(*facets), wo, value_4);
        let value_5 = ior;
        let albedo = glass_albedo(cx, taken_2, glass_roughness_value, wo.z, value_5);
        kept = albedo.y.when((*s).back, albedo.x).when(taken_2, kept);
    }
    let value_6 = hue;
    let value_7 = kept;
    let rcp_value_2 = rcp(value_7.max(F32s::splat(0.1_f32)));
    m.hue = value_6.mul(V3::splat(rcp_value_2));
    return m;
}
}

wide! {
#[inline]
pub fn specular_of<X: Ext>(cx: &Cx<'_, X>, mut live: Mask, s: &Surface) -> V4<F32s> {
    let mut result = V4::splat(F32s::splat(0.0_f32));
    let material_float_value = material_float(cx, live, (*s).material, 8_u32);
    let f0 = material_float_value.z;
    let mut taken = live.and((*s).flags.and(U32s::splat(MATERIAL_SPECULAR)).eq(U32s::splat(0_u32)));
    let mut other = live.and_not(taken);
    if taken.any() {
        result = V4::new(f0, f0, f0, F32s::splat(1.0_f32));
    }
    live = other;
    if live.none() {
        return result;
    }
    let material_float_value_2 = material_float(cx, live, (*s).material, 3_u32);
    let strength = material_float_value_2.z.mul((*s).maps.specular);
    let material_float_value_3 = material_float(cx, live, (*s).material, 4_u32);
    let color = material_float_value_3.swizzle3::<0, 1, 2>().mul((*s).maps.specular_color);
    return V4::from((color.mul(V3::splat(f0)).min(V3::<F32s>::wide(V3::splat(1.0_f32))).mul(V3::splat(strength)), strength)).merge(live, result);
}
}

wide! {
#[inline]
pub fn film_of<X: Ext>(cx: &Cx<'_, X>, mut live: Mask, s: &Surface) -> V3<F32s> {
    let material_float_value = material_float(cx, live, (*s).material, 6_u32);
    let share = material_float_value.w.mul((*s).maps.iridescence);
    let range = material_float(cx, live, (*s).material, 8_u32);
    let thickness = lerp_3(range.x, range.y, (*s).maps.iridescence_thickness);
    let material_float_value_2 = material_float(cx, live, (*s).material, 7_u32);
    return V3::new(share, material_float_value_2.z, thickness);
}
}

wide! {
#[inline]
pub fn facets_of<X: Ext>(cx: &Cx<'_, X>, mut live: Mask, s: &Surface) -> Facets {
    let mut result = Facets { x: F32s::splat(0.0_f32), y: F32s::splat(0.0_f32), y_over_x: F32s::splat(0.0_f32), x_over_y: F32s::splat(0.0_f32) };
    let entered = live;
    let mut taken = live.and((*s).flags.and(U32s::splat(MATERIAL_ANISOTROPY)).eq(U32s::splat(0_u32)));
    let mut other = live.and_not(taken);
    if taken.any() {
        let round_facets_value = round_facets((*s).alpha);
        result = round_facets_value;
    }
    live = other;
    if live.none() {
        return result;
    }
    let material_float_value = material_float(cx, live, (*s).material, 6_u32);
    let strength = material_float_value.z.mul((*s).maps.anisotropy.z);
    let along = lerp_2((*s).alpha, 1.0_f32, strength.mul(strength));
    let div_value = div_2((*s).alpha, along);
    let div_value_2 = div_2(along, (*s).alpha);
    if entered.and_not(live).none() {
        return Facets { x: along, y: (*s).alpha, y_over_x: div_value, x_over_y: div_value_2 };
    }
    return (Facets { x: along, y: (*s).alpha, y_over_x: div_value, x_over_y: div_value_2 }).merge(live, result);
}
}

wide! {
#[inline]
pub fn mean_roughness(s: &Surface, f: &Facets) -> F32s {
    let mut live = Mask::splat(true);
    let mut result = F32s::splat(0.0_f32);
    let mut taken = live.and((*s).flags.and(U32s::splat(MATERIAL_ANISOTROPY)).eq(U32s::splat(0_u32)));
    let mut other = live.and_not(taken);
    {
        result = (*s).roughness;
    }
    live = other;
    let root_value = root(F32s::splat(0.5_f32).mul((*f).x.mul((*f).x).add((*f).y.mul((*f).y))));
    let root_value_2 = root(root_value);
    return root_value_2.when(live, result);
}
}

wide! {
#[inline(never)]
pub fn bsdf_of<X: Ext>(cx: &Cx<'_, X>, mut live: Mask, s: &Surface, hit: &Hit, wo: V3<F32s>, chance: F32s, carried: V3<F32s>) -> Bsdf {
    let mut result = Bsdf { glass: Mask::splat(false), flags: U32s::splat(0_u32), facets: Facets { x: F32s::splat(0.0_f32), y: F32s::splat(0.0_f32), y_over_x: F32s::splat(0.0_f32), x_over_y: F32s::splat(0.0_f32) }, reach: F32s::splat(0.0_f32), diffuse: V3::splat(F32s::splat(0.0_f32)), metal: V3::splat(F32s::splat(0.0_f32)), metal_gain: V3::splat(F32s::splat(0.0_f32)), coat: V3::splat(F32s::splat(0.0_f32)), edge: F32s::splat(0.0_f32), coat_gain: V3::splat(F32s::splat(0.0_f32)), film: V3::splat(F32s::splat(0.0_f32)), film_f0: V3::splat(F32s::splat(0.0_f32)), film_gain: V3::splat(F32s::splat(0.0_f32)), sheen: Sheen { color: V3::splat(F32s::splat(0.0_f32)), albedo: F32s::splat(0.0_f32), a: F32s::splat(0.0_f32), b: F32s::splat(0.0_f32) }, sheen_gain: F32s::splat(0.0_f32), clear: F32s::splat(0.0_f32), clear_facets: Facets { x: F32s::splat(0.0_f32), y: F32s::splat(0.0_f32), y_over_x: F32s::splat(0.0_f32), x_over_y: F32s::splat(0.0_f32) }, clear_normal: V3::splat(F32s::splat(0.0_f32)), shares: V3::splat(F32s::splat(0.0_f32)), eta: F32s::splat(0.0_f32), tint: V3::splat(F32s::splat(0.0_f32)), hue: V3::splat(F32s::splat(0.0_f32)) };
    let entered = live;
    let mut clear: F32s = F32s::splat(0.0_f32);
    let mut clear_share: F32s = F32s::splat(0.0_f32);
    let mut clear_facets: Facets = Facets { x: F32s::splat(0.0_f32), y: F32s::splat(0.0_f32), y_over_x: F32s::splat(0.0_f32), x_over_y: F32s::splat(0.0_f32) };
    let mut clear_normal: V3<F32s> = V3::<F32s>::wide(V3::new(0.0_f32, 0.0_f32, 1.0_f32));
    let mut v: Mask = Mask::splat(false);
    let mut alone: Bsdf = Bsdf { glass: Mask::splat(false), flags: U32s::splat(0_u32), facets: Facets { x: F32s::splat(0.0_f32), y: F32s::splat(0.0_f32), y_over_x: F32s::splat(0.0_f32), x_over_y: F32s::splat(0.0_f32) }, reach: F32s::splat(0.0_f32), diffuse: V3::splat(F32s::splat(0.0_f32)), metal: V3::splat(F32s::splat(0.0_f32)), metal_gain: V3::splat(F32s::splat(0.0_f32)), coat: V3::splat(F32s::splat(0.0_f32)), edge: F32s::splat(0.0_f32), coat_gain: V3::splat(F32s::splat(0.0_f32)), film: V3::splat(F32s::splat(0.0_f32)), film_f0: V3::splat(F32s::splat(0.0_f32)), film_gain: V3::splat(F32s::splat(0.0_f32)), sheen: Sheen { color: V3::splat(F32s::splat(0.0_f32)), albedo: F32s::splat(0.0_f32), a: F32s::splat(0.0_f32), b: F32s::splat(0.0_f32) }, sheen_gain: F32s::splat(0.0_f32), clear: F32s::splat(0.0_f32), clear_facets: Facets { x: F32s::splat(0.0_f32), y: F32s::splat(0.0_f32), y_over_x: F32s::splat(0.0_f32), x_over_y: F32s::splat(0.0_f32) }, clear_normal: V3::splat(F32s::splat(0.0_f32)), shares: V3::splat(F32s::splat(0.0_f32)), eta: F32s::splat(0.0_f32), tint: V3::splat(F32s::splat(0.0_f32)), hue: V3::splat(F32s::splat(0.0_f32)) };
    let mut m: Bsdf = Bsdf { glass: Mask::splat(false), flags: U32s::splat(0_u32), facets: Facets { x: F32s::splat(0.0_f32), y: F32s::splat(0.0_f32), y_over_x: F32s::splat(0.0_f32), x_over_y: F32s::splat(0.0_f32) }, reach: F32s::splat(0.0_f32), diffuse: V3::splat(F32s::splat(0.0_f32)), metal: V3::splat(F32s::splat(0.0_f32)), metal_gain: V3::splat(F32s::splat(0.0_f32)), coat: V3::splat(F32s::splat(0.0_f32)), edge: F32s::splat(0.0_f32), coat_gain: V3::splat(F32s::splat(0.0_f32)), film: V3::splat(F32s::splat(0.0_f32)), film_f0: V3::splat(F32s::splat(0.0_f32)), film_gain: V3::splat(F32s::splat(0.0_f32)), sheen: Sheen { color: V3::splat(F32s::splat(0.0_f32)), albedo: F32s::splat(0.0_f32), a: F32s::splat(0.0_f32), b: F32s::splat(0.0_f32) }, sheen_gain: F32s::splat(0.0_f32), clear: F32s::splat(0.0_f32), clear_facets: Facets { x: F32s::splat(0.0_f32), y: F32s::splat(0.0_f32), y_over_x: F32s::splat(0.0_f32), x_over_y: F32s::splat(0.0_f32) }, clear_normal: V3::splat(F32s::splat(0.0_f32)), shares: V3::splat(F32s::splat(0.0_f32)), eta: F32s::splat(0.0_f32), tint: V3::splat(F32s::splat(0.0_f32)), hue: V3::splat(F32s::splat(0.0_f32)) };
    let mut below: F32s = F32s::splat(0.0_f32);
    let mut sheen_weight: F32s = F32s::splat(0.0_f32);
    let mut metal_share: F32s = F32s::splat(0.0_f32);
    let mut metal_albedo: V3<F32s> = V3::splat(F32s::splat(0.0_f32));
    let mut coat_albedo: V3<F32s> = V3::splat(F32s::splat(0.0_f32));
    let mut reflected: V3<F32s> = V3::splat(F32s::splat(0.0_f32));
    let mut taken: F32s = F32s::splat(0.0_f32);
    let facets = facets_of(cx, live, &(*s));
    clear_facets = facets;
    let mut taken_2 = live.and((*s).flags.and(U32s::splat(MATERIAL_CLEARCOAT)).ne(U32s::splat(0_u32)));
    if taken_2.any() {
        let material_float_value = material_float(cx, taken_2, (*s).material, 4_u32);
        clear = material_float_value.w.mul((*s).maps.clearcoat).when(taken_2, clear);
        let material_float_value_2 = material_float(cx, taken_2, (*s).material, 6_u32);
        let roughness = material_float_value_2.x.mul((*s).maps.clearcoat_roughness).max(F32s::splat(ROUGHNESS_MIN));
        let round_facets_value = round_facets(roughness.mul(roughness));
        clear_facets = round_facets_value.merge(taken_2, clear_facets);
        let to_world_value = to_world(&(*s).local, wo);
        let clear_normal_of_value = clear_normal_of(cx, taken_2, &(*s), &(*hit), to_world_value);
        clear_normal = clear_normal_of_value.when(taken_2, clear_normal);
        let value = clear;
        let value_2 = clear_normal;
        let dot3_value = dot3_2(value_2, wo);
        let clear_albedo_value = clear_albedo(cx, taken_2, roughness, dot3_value);
        clear_share = value.mul(clear_albedo_value).when(taken_2, clear_share);
    }
    let glassy = (*s).transmission.mul(F32s::splat(1.0_f32).sub((*s).metallic));
    if HAS_GLASS {
        v = chance.lt(glassy);
    } else {
        v = Mask::splat(false);
    }
    let mut taken_3 = live.and(v);
    let mut other_2 = live.and_not(taken_3);
    if taken_3.any() {
    'arm_2: {
        let rcp_value = rcp(glassy);
        let scaled = chance.mul(rcp_value);
        let mut taken_4 = taken_3.and(scaled.ge(clear_share));
        let mut other_3 = taken_3.and_not(taken_4);
        if taken_4.any() {
            let value_3 = clear_share;
            let value_4 = clear_share;
            let div_value = div_2(scaled.sub(value_3), F32s::splat(1.0_f32).sub(value_4));
            let glass_of_value = glass_of(cx, taken_4, &(*s), wo, &facets, div_value, carried);
            result = glass_of_value;
        }
        taken_3 = other_3;
        if taken_3.none() {
            break 'arm_2;
        }
        alone.flags = (*s).flags;
        alone.facets = clear_facets;
        let value_5 = clear_facets;
        let ggx_reach_value = ggx_reach(&value_5, wo);
        alone.reach = ggx_reach_value;
        let value_6 = clear;
        let value_7 = clear_share;
        let div_value_2 = div_2(value_6, value_7);
        alone.clear = div_value_2;
        alone.clear_facets = clear_facets;
        alone.clear_normal = clear_normal;
        let no_sheen_value = no_sheen();
        alone.sheen = no_sheen_value;
        alone.shares = V3::<F32s>::wide(V3::new(0.0_f32, 1.0_f32, 0.0_f32));
        alone.eta = F32s::splat(CLEARCOAT_INDEX);
        result = alone.merge(taken_3, result);
taken_3 = Mask::splat(false);
    }
    }
    live = taken_3.or(other_2);
    if live.none() {
        return result;
    }
    m.flags = (*s).flags;
    m.facets = facets;
    let ggx_reach_value_2 = ggx_reach(&facets, wo);
    m.reach = ggx_reach_value_2;
    m.eta = (*s).ior.max(F32s::splat(1.0001_f32));
    let specular = specular_of(cx, live, &(*s));
    m.coat = specular.swizzle3::<0, 1, 2>();
    m.edge = specular.w;
    m.metal = (*s).base;
    let no_sheen_value_2 = no_sheen();
    m.sheen = no_sheen_value_2;
    m.clear = clear;
    m.clear_facets = clear_facets;
    m.clear_normal = clear_normal;
    below = F32s::splat(1.0_f32).sub(clear_share);
    let mut taken_5 = live.and((*s).flags.and(U32s::splat(MATERIAL_SHEEN)).ne(U32s::splat(0_u32)));
    if taken_5.any() {
        let m5 = material_float(cx, taken_5, (*s).material, 5_u32);
        let roughness_2 = m5.w.mul((*s).maps.sheen_roughness);
        let sheen_of_value = sheen_of(m5.swizzle3::<0, 1, 2>().mul((*s).maps.sheen_color), roughness_2, wo.z);
        m.sheen = sheen_of_value.merge(taken_5, m.sheen);
        m.sheen_gain = below.merge(taken_5, m.sheen_gain);
        let value_8 = below;
        let value_9 = m.sheen.albedo;
        let value_10 = m.sheen.color;
        let luminance_value = luminance(value_10);
        sheen_weight = value_8.mul(value_9).mul(luminance_value).when(taken_5, sheen_weight);
        let value_11 = below;
        let value_12 = m.sheen.albedo;
        let value_13 = m.sheen.color;
        let max3_value = max3(value_13);
        below = value_11.mul(F32s::splat(1.0_f32).sub(value_12.mul(max3_value))).when(taken_5, below);
    }
    metal_share = (*s).metallic;
    let mut taken_6 = live.and(glassy.gt(F32s::splat(0.0_f32)));
    {
        let value_14 = metal_share;
        let rcp_value_2 = rcp(F32s::splat(1.0_f32).sub(glassy).max(F32s::splat(1e-6_f32)));
        metal_share = value_14.mul(rcp_value_2).when(taken_6, metal_share);
    }
    let mean_roughness_value = mean_roughness(&(*s), &facets);
    let albedo = ggx_albedo(cx, live, mean_roughness_value, wo.z);
    let single = albedo.x.max(F32s::splat(0.001_f32));
    let rcp_value_3 = rcp(single);
    let lost = F32s::splat(1.0_f32).sub(single).mul(rcp_value_3);
    let material_float_value_3 = material_float(cx, live, (*s).material, 8_u32);
    let root_value = root(F32s::splat(25.0_f32).mul(material_float_value_3.z));
    let root_value_2 = root(root_value);
    let edge = albedo.z.mul(root_value_2.min(F32s::splat(1.0_f32)));
    metal_albedo = m.metal.mul(V3::splat(albedo.x.sub(albedo.y))).add(V3::splat(albedo.y));
    coat_albedo = m.coat.mul(V3::splat(albedo.x.sub(edge))).add(V3::splat(m.edge.mul(edge)));
    m.metal_gain = V3::<F32s>::wide(V3::splat(1.0_f32)).add(m.metal.mul(V3::splat(lost))).mul(V3::splat(metal_share.mul(below)));
    m.coat_gain = V3::<F32s>::wide(V3::splat(1.0_f32)).add(m.coat.mul(V3::splat(lost))).mul(V3::splat(F32s::splat(1.0_f32).sub(metal_share).mul(below)));
    metal_albedo = m.metal_gain.mul(metal_albedo);
    coat_albedo = m.coat_gain.mul(coat_albedo);
    reflected = metal_albedo.add(coat_albedo);
    let value_15 = coat_albedo;
    let max3_value_2 = max3(value_15);
    taken = max3_value_2;
    let mut taken_7 = live.and((*s).flags.and(U32s::splat(MATERIAL_IRIDESCENCE)).ne(U32s::splat(0_u32)));
    if taken_7.any() {
        let film_of_value = film_of(cx, taken_7, &(*s));
        m.film = film_of_value.merge(taken_7, m.film);
        let value_16 = m.coat;
        let value_17 = m.metal;
        let value_18 = metal_share;
        let lerp3_value = lerp3_2(value_16, value_17, value_18);
        m.film_f0 = lerp3_value.merge(taken_7, m.film_f0);
        m.film_gain = V3::<F32s>::wide(V3::splat(1.0_f32)).add(m.film_f0.mul(V3::splat(lost))).mul(V3::splat(below)).merge(taken_7, m.film_gain);
        let value_19 = m.film_gain;
        let value_20 = m.film.y;
        let value_21 = m.film.z;
        let value_22 = m.film_f0;
        let fresnel_film_value = fresnel_film(taken_7, wo.z, value_20, value_21, value_22);
        let film_albedo = value_19.mul(fresnel_film_value).mul(V3::splat(albedo.x));
        let value_23 = reflected;
        let value_24 = m.film.x;
        let lerp3_value_2 = lerp3_2(value_23, film_albedo, value_24);
        reflected = lerp3_value_2.when(taken_7, reflected);
        let value_25 = taken;
        let max3_value_3 = max3(film_albedo);
        let value_26 = metal_share;
        let value_27 = m.film.x;
        let lerp_value = lerp_3(value_25, max3_value_3.mul(F32s::splat(1.0_f32).sub(value_26)), value_27);
        taken = lerp_value.when(taken_7, taken);
    }
    m.diffuse = (*s).base.mul(V3::splat(F32s::splat(1.0_f32).sub(metal_share).mul(below).sub(taken).max(F32s::splat(0.0_f32))));
    let value_28 = reflected;
    let ws = luminance(value_28);
    let value_29 = m.diffuse;
    let luminance_value_2 = luminance(value_29);
    let all = ws.add(luminance_value_2).add(clear_share).add(sheen_weight);
    let inverse = rcp(all.max(F32s::splat(1e-6_f32)));
    let value_30 = sheen_weight;
    let value_31 = clear_share;
    let value_32 = sheen_weight;
    let value_33 = clear_share;
    let value_34 = m.diffuse;
    let luminance_value_3 = luminance(value_34);
    m.shares = V3::new(value_30.mul(inverse), value_31.mul(inverse), F32s::splat(1.0_f32).sub(value_32.add(value_33).mul(inverse)).when(luminance_value_3.lt(F32s::splat(1e-6_f32)), ws.mul(inverse)));
    if entered.and_not(live).none() {
        return m;
    }
    return m.merge(live, result);
}
}

wide! {
#[inline]
pub fn bsdf_evaluate(mut live: Mask, m: &Bsdf, wo: V3<F32s>, wi: V3<F32s>) -> Reflectance {
    let mut result = Reflectance { value: V3::splat(F32s::splat(0.0_f32)), pdf: F32s::splat(0.0_f32) };
    let entered = live;
    let mut v: Mask = Mask::splat(false);
    if HAS_GLASS {
        v = (*m).glass;
    } else {
        v = Mask::splat(false);
    }
    let mut taken = live.and(v);
    let mut other = live.and_not(taken);
    if taken.any() {
        let glass_evaluate_value = glass_evaluate(taken, &(*m), wo, wi);
        result = glass_evaluate_value;
    }
    live = other;
    if live.none() {
        return result;
    }
    let opaque_evaluate_value = opaque_evaluate(live, &(*m), wo, wi);
    if entered.and_not(live).none() {
        return opaque_evaluate_value;
    }
    return opaque_evaluate_value.merge(live, result);
}
}

wide! {
#[inline]
pub fn bsdf_sample(mut live: Mask, m: &Bsdf, wo: V3<F32s>, random: V2<F32s>, lobe: F32s) -> Scattered {
    let mut result = Scattered { direction: V3::splat(F32s::splat(0.0_f32)), pdf: F32s::splat(0.0_f32), weight: V3::splat(F32s::splat(0.0_f32)) };
    let entered = live;
    let mut v: Mask = Mask::splat(false);
    if HAS_GLASS {
        v = (*m).glass;
    } else {
        v = Mask::splat(false);
    }
    let mut taken = live.and(v);
    let mut other = live.and_not(taken);
    if taken.any() {
        let glass_sample_value = glass_sample(taken, &(*m), wo, random, lobe);
        result = glass_sample_value;
    }
    live = other;
    if live.none() {
        return result;
    }
    let opaque_sample_value = opaque_sample(live, &(*m), wo, random, lobe);
    if entered.and_not(live).none() {
        return opaque_sample_value;
    }
    return opaque_sample_value.merge(live, result);
}
}

wide! {
#[inline]
pub fn no_light() -> LightSample {
    let mut live = Mask::splat(true);
    return LightSample { direction: V3::<F32s>::wide(V3::new(0.0_f32, 0.0_f32, 1.0_f32)), distance: F32s::splat(0.0_f32), radiance: V3::<F32s>::wide(V3::splat(0.0_f32)), pdf: F32s::splat(0.0_f32) };
}
}

wide! {
#[inline]
pub fn environment_pixel<X: Ext>(cx: &Cx<'_, X>, mut live: Mask, x: U32s, y: U32s) -> V3<F32s> {
    let environment_word_value = environment_word(cx, live, y.mul(U32s::splat(cx.frame.environment_width)).add(x));
    let as_float3_value = as_float3(environment_word_value);
    return as_float3_value;
}
}

wide! {
#[inline(never)]
pub fn environment_at<X: Ext>(cx: &Cx<'_, X>, mut live: Mask, u: F32s, v: F32s, sine: F32s, own: U32s) -> EnvironmentValue {
    let w = cx.frame.environment_width;
    let h = cx.frame.environment_height;
    let fx = u.mul(F32s::splat(w as f32));
    let fy = v.mul(F32s::splat(h as f32));
    let environment_word_value = environment_word(cx, live, own);
    let rcp_value = rcp(sine.max(F32s::splat(0.0001_f32)));
    let pdf = environment_word_value.w.bits_f32().mul(rcp_value);
    let x = fx.sub(F32s::splat(0.5_f32));
    let y = fy.sub(F32s::splat(0.5_f32)).max(F32s::splat(0.0_f32)).min(F32s::splat(h.wrapping_sub(1_u32) as f32));
    let xf = x.floor();
    let yf = y.floor();
    let x0 = U32s::splat(w.wrapping_sub(1_u32)).when(xf.lt(F32s::splat(0.0_f32)), xf.max(F32s::splat(0.0_f32)).to_u32());
    let x1 = U32s::splat(0_u32).when(x0.add(U32s::splat(1_u32)).ge(U32s::splat(w)), x0.add(U32s::splat(1_u32)));
    let y0 = yf.to_u32().min(U32s::splat(h.wrapping_sub(1_u32)));
    let y1 = y0.add(U32s::splat(1_u32)).min(U32s::splat(h.wrapping_sub(1_u32)));
    let environment_pixel_value = environment_pixel(cx, live, x0, y0);
    let environment_pixel_value_2 = environment_pixel(cx, live, x1, y0);
    let top = lerp3_2(environment_pixel_value, environment_pixel_value_2, x.sub(xf));
    let environment_pixel_value_3 = environment_pixel(cx, live, x0, y1);
    let environment_pixel_value_4 = environment_pixel(cx, live, x1, y1);
    let bottom = lerp3_2(environment_pixel_value_3, environment_pixel_value_4, x.sub(xf));
    let lerp3_value = lerp3_2(top, bottom, y.sub(yf));
    return EnvironmentValue { radiance: lerp3_value, pdf: pdf };
}
}

wide! {
#[inline(never)]
pub fn environment_towards<X: Ext>(cx: &Cx<'_, X>, mut live: Mask, d: V3<F32s>) -> EnvironmentValue {
    let has_environment_value = one::has_environment(cx);
    if !has_environment_value {
        return EnvironmentValue { radiance: V3::<F32s>::wide(V3::splat(0.0_f32)), pdf: F32s::splat(0.0_f32) };
    } else {
    }
    let atan2_turns_value = atan2_turns(d.z, d.x);
    let u = atan2_turns_value.add(F32s::splat(0.5_f32));
    let arccos_value = arccos(d.y);
    let v = arccos_value.mul(F32s::splat(INV_PI));
    let x = u.mul(F32s::splat(cx.frame.environment_width as f32)).to_u32().min(U32s::splat(cx.frame.environment_width.wrapping_sub(1_u32)));
    let y = v.mul(F32s::splat(cx.frame.environment_height as f32)).to_u32().min(U32s::splat(cx.frame.environment_height.wrapping_sub(1_u32)));
    let root_value = root(F32s::splat(1.0_f32).sub(d.y.mul(d.y)).max(F32s::splat(0.0_f32)));
    let environment_at_value = environment_at(cx, live, u, v, root_value, y.mul(U32s::splat(cx.frame.environment_width)).add(x));
    return environment_at_value;
}
}

wide! {
#[inline(never)]
pub fn environment_sample<X: Ext>(cx: &Cx<'_, X>, mut live: Mask, coin: F32s, random: V2<F32s>) -> LightSample {
    let mut result = LightSample { direction: V3::splat(F32s::splat(0.0_f32)), distance: F32s::splat(0.0_f32), radiance: V3::splat(F32s::splat(0.0_f32)), pdf: F32s::splat(0.0_f32) };
    let entered = live;
    let w = cx.frame.environment_width;
    let count = w.wrapping_mul(cx.frame.environment_height);
    let slot = random.x.mul(F32s::splat(count as f32)).to_u32().min(U32s::splat(count.wrapping_sub(1_u32)));
    let entry = environment_word(cx, live, U32s::splat(count).add(slot.shr(U32s::splat(1_u32))));
    let threshold = entry.z.when(slot.and(U32s::splat(1_u32)).eq(U32s::splat(1_u32)), entry.x).bits_f32();
    let pixel = slot.when(coin.lt(threshold), entry.w.when(slot.and(U32s::splat(1_u32)).eq(U32s::splat(1_u32)), entry.y));
    let inside = coin.mul(F32s::splat(4096.0_f32)).sub(coin.mul(F32s::splat(4096.0_f32)).floor());
    let px = pixel.rem(U32s::splat(w));
    let py = pixel.div(U32s::splat(w));
    let u = div(px.to_f32().add(inside), w as f32);
    let div_value = div(py.to_f32().add(random.y), cx.frame.environment_height as f32);
    let v = div_value.min(F32s::splat(0.9999999_f32));
    let polar = sincos_turns(F32s::splat(0.5_f32).mul(v));
    let around = sincos_turns(u.min(F32s::splat(0.9999999_f32)));
    let value = environment_at(cx, live, u, v, polar.x, pixel);
    let d = normalize3(V3::new(around.y.neg().mul(polar.x), polar.y, around.x.neg().mul(polar.x)));
    let mut taken = live.and(value.pdf.le(F32s::splat(1e-12_f32)));
    let mut other = live.and_not(taken);
    {
        let no_light_value = no_light();
        result = no_light_value;
    }
    live = other;
    if entered.and_not(live).none() {
        return LightSample { direction: d, distance: F32s::splat(INFINITE), radiance: value.radiance, pdf: value.pdf };
    }
    return (LightSample { direction: d, distance: F32s::splat(INFINITE), radiance: value.radiance, pdf: value.pdf }).merge(live, result);
}
}

wide! {
#[inline]
pub fn area_pdf(density: F32s, distance2: F32s, cosine: F32s) -> F32s {
    let mut live = Mask::splat(true);
    let div_value = div_2(distance2, cosine.max(F32s::splat(1e-9_f32)));
    return density.mul(div_value);
}
}

wide! {
#[inline(never)]
pub fn area_sample<X: Ext>(cx: &Cx<'_, X>, mut live: Mask, from_point: V3<F32s>, choice: F32s, coin: F32s, random: V2<F32s>) -> LightSample {
    let mut result = LightSample { direction: V3::splat(F32s::splat(0.0_f32)), distance: F32s::splat(0.0_f32), radiance: V3::splat(F32s::splat(0.0_f32)), pdf: F32s::splat(0.0_f32) };
    let entered = live;
    let mut entry: V4<U32s> = V4::splat(U32s::splat(0_u32));
    let mut v: Mask = Mask::splat(false);
    let mut emission: V3<F32s> = V3::splat(F32s::splat(0.0_f32));
    let slot = choice.mul(F32s::splat(cx.frame.area_lights as f32)).to_u32().min(U32s::splat(cx.frame.area_lights.wrapping_sub(1_u32)));
    let table_word_value = table_word(cx, live, U32s::splat(LIGHT_TABLE).add(slot));
    entry = table_word_value;
    let mut taken = live.and(coin.ge(entry.z.bits_f32()));
    if taken.any() {
        let value = entry.w;
        let table_word_value_2 = table_word(cx, taken, U32s::splat(LIGHT_TABLE).add(value));
        entry = table_word_value_2.when(taken, entry);
    }
    let index = entry.x;
    let value_2 = entry.y;
    let c = corners_of(cx, live, index, value_2);
    let su = root(random.x);
    let u = su.mul(F32s::splat(1.0_f32).sub(random.y));
    let v_2 = su.mul(random.y);
    let mix3_value = mix3(c.v0, c.v1, c.v2, u, v_2);
    let offset = mix3_value.sub(from_point);
    let distance2 = dot3_2(offset, offset);
    let scaled_normal = cross3(c.v1.sub(c.v0), c.v2.sub(c.v0));
    let double_area2 = dot3_2(scaled_normal, scaled_normal);
    {
        v = double_area2.lt(F32s::splat(1e-34_f32)).when(distance2.lt(F32s::splat(1e-12_f32)).not(), Mask::splat(true));
    }
    let mut taken_2 = live.and(v);
    let mut other_2 = live.and_not(taken_2);
    if taken_2.any() {
        let no_light_value = no_light();
        result = no_light_value;
    }
    live = other_2;
    if live.none() {
        return result;
    }
    let inverse = rsqrt(distance2);
    let d = offset.mul(V3::splat(inverse));
    let dot3_value = dot3_2(d, scaled_normal);
    let rsqrt_value = rsqrt(double_area2);
    let cosine = dot3_value.abs().mul(rsqrt_value);
    let mut taken_3 = live.and(cosine.lt(F32s::splat(1e-5_f32)));
    let mut other_3 = live.and_not(taken_3);
    if taken_3.any() {
        let no_light_value_2 = no_light();
        result = no_light_value_2.merge(taken_3, result);
    }
    live = other_3;
    if live.none() {
        return result;
    }
    let triangle_word_value = triangle_word(cx, live, index.mul(U32s::splat(3_u32)).add(U32s::splat(1_u32)));
    let material = triangle_word_value.w;
    let material_word_value = material_word(cx, live, material.mul(U32s::splat(MATERIAL_STRIDE)).add(U32s::splat(1_u32)));
    let as_float3_value = as_float3(material_word_value);
    emission = as_float3_value;
    let hit = Hit { t: F32s::splat(0.0_f32), u: u, v: v_2, triangle: index, primitive: U32s::splat(0_u32), instance: entry.y };
    let value_3 = emission;
    let hit_uvs_value = hit_uvs(cx, live, &hit);
    let sample_slot_value = sample_slot(cx, live, material, SLOT_EMISSIVE, hit_uvs_value);
    emission = value_3.mul(sample_slot_value.swizzle3::<0, 1, 2>());
    let has_alpha_value = one::has_alpha(cx);
    if has_alpha_value {
        let value_4 = emission;
        let hit_coverage_value = hit_coverage(cx, live, &hit);
        emission = value_4.mul(V3::splat(hit_coverage_value));
    } else {
    }
    let value_5 = emission;
    let material_float_value = material_float(cx, live, material, 3_u32);
    let area_pdf_value = area_pdf(material_float_value.w, distance2, cosine);
    if entered.and_not(live).none() {
        return LightSample { direction: d, distance: distance2.mul(inverse).mul(F32s::splat(0.9999_f32)), radiance: value_5, pdf: area_pdf_value };
    }
    return (LightSample { direction: d, distance: distance2.mul(inverse).mul(F32s::splat(0.9999_f32)), radiance: value_5, pdf: area_pdf_value }).merge(live, result);
}
}

wide! {
#[inline(never)]
pub fn punctual_at<X: Ext>(cx: &Cx<'_, X>, index: u32, from_point: V3<F32s>) -> LightSample {
    let mut live = Mask::splat(true);
    let mut result = LightSample { direction: V3::splat(F32s::splat(0.0_f32)), distance: F32s::splat(0.0_f32), radiance: V3::splat(F32s::splat(0.0_f32)), pdf: F32s::splat(0.0_f32) };
    let entered = live;
    let mut falloff: F32s = F32s::splat(0.0_f32);
    let place = LIGHT_TABLE.wrapping_add(cx.frame.area_lights).wrapping_add(index.wrapping_mul(3_u32));
    let l0 = one::table_word(cx, place);
    let table_word_value = one::table_word(cx, place.wrapping_add(1_u32));
    let l1 = table_word_value.map(f32::from_bits);
    let table_word_value_2 = one::table_word(cx, place.wrapping_add(2_u32));
    let l2 = table_word_value_2.map(f32::from_bits);
    if l0.w == PUNCTUAL_DIRECTIONAL {
        return LightSample { direction: V3::<F32s>::wide(-l1.swizzle3::<0, 1, 2>()), distance: F32s::splat(INFINITE), radiance: V3::<F32s>::wide(l2.swizzle3::<0, 1, 2>()), pdf: F32s::splat(0.0_f32) };
    } else {
    }
    let as_float3_value = one::as_float3(l0);
    let offset = V3::<F32s>::wide(as_float3_value).sub(from_point);
    let distance2 = dot3_2(offset, offset);
    let mut taken = live.and(distance2.lt(F32s::splat(1e-12_f32)));
    let mut other = live.and_not(taken);
    {
        let no_light_value = no_light();
        result = no_light_value;
    }
    live = other;
    let inverse = rsqrt(distance2);
    let d = offset.mul(V3::splat(inverse));
    falloff = inverse.mul(inverse);
    if l0.w == PUNCTUAL_SPOT {
        let dot3_value = dot3(d, l1.swizzle3::<0, 1, 2>());
        let c = dot3_value.neg();
        let div_value = div(c.sub(F32s::splat(l2.w)), float_max(l1.w - l2.w, 0.0001_f32));
        let rim = div_value.max(F32s::splat(0.0_f32)).min(F32s::splat(1.0_f32));
        falloff = falloff.mul(rim).mul(rim);
    } else {
    }
    if entered.and_not(live).none() {
        return LightSample { direction: d, distance: distance2.mul(inverse).mul(F32s::splat(0.9999_f32)), radiance: V3::<F32s>::wide(l2.swizzle3::<0, 1, 2>()).mul(V3::splat(falloff)), pdf: F32s::splat(0.0_f32) };
    }
    return (LightSample { direction: d, distance: distance2.mul(inverse).mul(F32s::splat(0.9999_f32)), radiance: V3::<F32s>::wide(l2.swizzle3::<0, 1, 2>()).mul(V3::splat(falloff)), pdf: F32s::splat(0.0_f32) }).merge(live, result);
}
}

wide! {
#[inline(never)]
pub fn punctual_at_2<X: Ext>(cx: &Cx<'_, X>, mut live: Mask, index: U32s, from_point: V3<F32s>) -> LightSample {
    let mut result = LightSample { direction: V3::splat(F32s::splat(0.0_f32)), distance: F32s::splat(0.0_f32), radiance: V3::splat(F32s::splat(0.0_f32)), pdf: F32s::splat(0.0_f32) };
    let entered = live;
    let mut falloff: F32s = F32s::splat(0.0_f32);
    let place = U32s::splat(LIGHT_TABLE.wrapping_add(cx.frame.area_lights)).add(index.mul(U32s::splat(3_u32)));
    let l0 = table_word(cx, live, place);
    let table_word_value = table_word(cx, live, place.add(U32s::splat(1_u32)));
    let l1 = table_word_value.bits_f32();
    let table_word_value_2 = table_word(cx, live, place.add(U32s::splat(2_u32)));
    let l2 = table_word_value_2.bits_f32();
    let mut taken = live.and(l0.w.eq(U32s::splat(PUNCTUAL_DIRECTIONAL)));
    let mut other = live.and_not(taken);
    if taken.any() {
        result = LightSample { direction: l1.swizzle3::<0, 1, 2>().neg(), distance: F32s::splat(INFINITE), radiance: l2.swizzle3::<0, 1, 2>(), pdf: F32s::splat(0.0_f32) };
    }
    live = other;
    if live.none() {
        return result;
    }
    let as_float3_value = as_float3(l0);
    let offset = as_float3_value.sub(from_point);
    let distance2 = dot3_2(offset, offset);
    let mut taken_2 = live.and(distance2.lt(F32s::splat(1e-12_f32)));
    let mut other_2 = live.and_not(taken_2);
    if taken_2.any() {
        let no_light_value = no_light();
        result = no_light_value.merge(taken_2, result);
    }
    live = other_2;
    if live.none() {
        return result;
    }
    let inverse = rsqrt(distance2);
    let d = offset.mul(V3::splat(inverse));
    falloff = inverse.mul(inverse);
    let mut taken_3 = live.and(l0.w.eq(U32s::splat(PUNCTUAL_SPOT)));
    {
        let dot3_value = dot3_2(d, l1.swizzle3::<0, 1, 2>());
        let c = dot3_value.neg();
        let div_value = div_2(c.sub(l2.w), l1.w.sub(l2.w).max(F32s::splat(0.0001_f32)));
        let rim = div_value.max(F32s::splat(0.0_f32)).min(F32s::splat(1.0_f32));
        falloff = falloff.mul(rim).mul(rim).when(taken_3, falloff);
    }
    if entered.and_not(live).none() {
        return LightSample { direction: d, distance: distance2.mul(inverse).mul(F32s::splat(0.9999_f32)), radiance: l2.swizzle3::<0, 1, 2>().mul(V3::splat(falloff)), pdf: F32s::splat(0.0_f32) };
    }
    return (LightSample { direction: d, distance: distance2.mul(inverse).mul(F32s::splat(0.9999_f32)), radiance: l2.swizzle3::<0, 1, 2>().mul(V3::splat(falloff)), pdf: F32s::splat(0.0_f32) }).merge(live, result);
}
}

wide! {
#[inline]
pub fn punctual_weight(l: &LightSample) -> F32s {
    let mut live = Mask::splat(true);
    let weight = luminance((*l).radiance);
    return weight.when(weight.gt(F32s::splat(1e-30_f32)), F32s::splat(0.0_f32));
}
}

wide! {
#[inline(never)]
pub fn punctual_sample<X: Ext>(cx: &Cx<'_, X>, mut live: Mask, from_point: V3<F32s>, choice: F32s) -> LightSample {
    let mut result = LightSample { direction: V3::splat(F32s::splat(0.0_f32)), distance: F32s::splat(0.0_f32), radiance: V3::splat(F32s::splat(0.0_f32)), pdf: F32s::splat(0.0_f32) };
    let entered = live;
    let mut total: F32s = F32s::splat(0.0_f32);
    let mut i: U32s = U32s::splat(0_u32);
    let mut left: F32s = F32s::splat(0.0_f32);
    let mut last: LightSample = LightSample { direction: V3::splat(F32s::splat(0.0_f32)), distance: F32s::splat(0.0_f32), radiance: V3::splat(F32s::splat(0.0_f32)), pdf: F32s::splat(0.0_f32) };
    let mut weight: F32s = F32s::splat(0.0_f32);
    let mut i_2: U32s = U32s::splat(0_u32);
    if cx.frame.point_lights == 1_u32 {
        let punctual_at_value = punctual_at(cx, 0_u32, from_point);
        return punctual_at_value;
    } else {
    }
    let runs = divide_u32(cx.frame.point_lights.wrapping_add(PUNCTUAL_RUN).wrapping_sub(1_u32), PUNCTUAL_RUN);
    let scaled = choice.mul(F32s::splat(runs as f32));
    let run = scaled.to_u32().min(U32s::splat(runs.wrapping_sub(1_u32)));
    let first = run.mul(U32s::splat(PUNCTUAL_RUN));
    let end = first.add(U32s::splat(PUNCTUAL_RUN)).min(U32s::splat(cx.frame.point_lights));
    i = first;
    let mut lanes = live;
    'loop_1: loop {
        let mut taken = lanes.and(i.lt(end));
        let mut other = lanes.and_not(taken);
        lanes = taken;
        if lanes.none() {
            break 'loop_1;
        }
        {
            let value = total;
            let value_2 = i;
            let punctual_at_value_2 = punctual_at_2(cx, lanes, value_2, from_point);
            let punctual_weight_value = punctual_weight(&punctual_at_value_2);
            total = value.add(punctual_weight_value).when(lanes, total);
        }
        i = i.add(U32s::splat(1_u32));
    }
    let mut taken_2 = live.and(total.le(F32s::splat(0.0_f32)));
    let mut other_2 = live.and_not(taken_2);
    if taken_2.any() {
        let no_light_value = no_light();
        result = no_light_value;
    }
    live = other_2;
    if live.none() {
        return result;
    }
    left = scaled.sub(run.to_f32()).min(F32s::splat(0.9999999_f32)).mul(total);
    let no_light_value_2 = no_light();
    last = no_light_value_2;
    i_2 = first;
    let mut lanes_2 = live;
    'loop_4: loop {
        let mut turn = lanes_2;
        let mut resumed = Mask::splat(false);
        'turn_4: {
            let mut taken_3 = turn.and(i_2.lt(end));
            let mut other_3 = turn.and_not(taken_3);
            turn = taken_3;
            if turn.none() {
                break 'turn_4;
            }
            {
                let value_3 = i_2;
                let l = punctual_at_2(cx, turn, value_3, from_point);
                let own = punctual_weight(&l);
                let mut taken_4 = turn.and(own.le(F32s::splat(0.0_f32)));
                let mut other_4 = turn.and_not(taken_4);
                if taken_4.any() {
                    resumed = resumed.or(taken_4);
                }
                turn = other_4;
                if turn.none() {
                    break 'turn_4;
                }
                last = l.merge(turn, last);
                weight = own.when(turn, weight);
                let mut taken_5 = turn.and(left.lt(own));
                let mut other_5 = turn.and_not(taken_5);
                turn = other_5;
                if turn.none() {
                    break 'turn_4;
                }
                left = left.sub(own).when(turn, left);
            }
        }
        lanes_2 = turn.or(resumed);
        if lanes_2.none() {
            break 'loop_4;
        }
        i_2 = i_2.add(U32s::splat(1_u32));
    }
    let value_4 = last.radiance;
    let value_5 = total;
    let value_6 = weight;
    let div_value = div_2(value_5, value_6);
    last.radiance = value_4.mul(V3::splat(div_value.mul(F32s::splat(runs as f32))));
    if entered.and_not(live).none() {
        return last;
    }
    return last.merge(live, result);
}
}

wide! {
#[inline(never)]
pub fn light_sample<X: Ext>(cx: &Cx<'_, X>, mut live: Mask, from_point: V3<F32s>, pick: F32s, coin: F32s, random: V2<F32s>) -> LightSample {
    let mut kind: U32s = U32s::splat(0_u32);
    let mut l: LightSample = LightSample { direction: V3::splat(F32s::splat(0.0_f32)), distance: F32s::splat(0.0_f32), radiance: V3::splat(F32s::splat(0.0_f32)), pdf: F32s::splat(0.0_f32) };
    let mut v: Mask = Mask::splat(false);
    let mut v_2: Mask = Mask::splat(false);
    let mut v_3: Mask = Mask::splat(false);
    let mut v_4: Mask = Mask::splat(false);
    let kinds = one::light_kinds(cx);
    if kinds == 0_u32 {
        let no_light_value = no_light();
        return no_light_value;
    } else {
    }
    let scaled = pick.mul(F32s::splat(kinds as f32));
    kind = scaled.to_u32().min(U32s::splat(kinds.wrapping_sub(1_u32)));
    let rest = scaled.sub(kind.to_f32()).min(F32s::splat(0.9999999_f32));
    let has_environment_value = one::has_environment(cx);
    if !has_environment_value {
        kind = kind.add(U32s::splat(1_u32));
    } else {
    }
    let mut taken = live.and(kind.ge(U32s::splat(1_u32)));
    let mut other = live.and_not(taken);
    {
        let has_area_lights_value = one::has_area_lights(cx);
        v = Mask::splat(!has_area_lights_value).when(taken, v);
    }
    {
        v = Mask::splat(false).when(other, v);
    }
    let mut taken_2 = live.and(v);
    {
        kind = kind.add(U32s::splat(1_u32)).when(taken_2, kind);
    }
    let has_environment_value_2 = one::has_environment(cx);
    if has_environment_value_2 {
        v_2 = kind.eq(U32s::splat(0_u32));
    } else {
        v_2 = Mask::splat(false);
    }
    let mut taken_3 = live.and(v_2);
    let mut other_3 = live.and_not(taken_3);
    if taken_3.any() {
        let environment_sample_value = environment_sample(cx, taken_3, coin, random);
        l = environment_sample_value.merge(taken_3, l);
    }
    if other_3.any() {
        let has_area_lights_value_2 = one::has_area_lights(cx);
        if has_area_lights_value_2 {
            v_3 = kind.eq(U32s::splat(1_u32));
        } else {
            v_3 = Mask::splat(false);
        }
        let mut taken_4 = other_3.and(v_3);
        let mut other_4 = other_3.and_not(taken_4);
        if taken_4.any() {
            let area_sample_value = area_sample(cx, taken_4, from_point, rest, coin, random);
            l = area_sample_value.merge(taken_4, l);
        }
        if other_4.any() {
            let has_point_lights_value = one::has_point_lights(cx);
            if has_point_lights_value {
                v_4 = kind.eq(U32s::splat(2_u32));
            } else {
                v_4 = Mask::splat(false);
            }
            let mut taken_5 = other_4.and(v_4);
            if taken_5.any() {
                let punctual_sample_value = punctual_sample(cx, taken_5, from_point, rest);
                l = punctual_sample_value.merge(taken_5, l);
            }
        }
    }
    let p = one::kind_probability(cx);
    l.pdf = l.pdf.mul(F32s::splat(p));
    let mut taken_6 = live.and(kind.eq(U32s::splat(2_u32)));
    {
        let value = l.radiance;
        let rcp_value = one::rcp(p);
        l.radiance = value.mul(V3::splat(F32s::splat(rcp_value))).merge(taken_6, l.radiance);
    }
    return l;
}
}

wide! {
#[inline]
pub fn mis_over_pdf(own: F32s, other: F32s) -> F32s {
    let mut live = Mask::splat(true);
    let p = own.min(F32s::splat(PDF_MAX));
    let q = other.min(F32s::splat(PDF_MAX));
    let rcp_value = rcp(p.mul(p).add(q.mul(q)).max(F32s::splat(1e-30_f32)));
    return p.mul(rcp_value);
}
}

wide! {
#[inline(never)]
pub fn camera_ray<X: Ext>(cx: &Cx<'_, X>, x: U32s, y: U32s, key: U32s, sample_index: U32s) -> Ray {
    let mut live = Mask::splat(true);
    let mut v: bool = false;
    let jitter = random_pair(key, sample_index, PAIR_PIXEL);
    let fx = x.to_f32().add(jitter.x).mul(F32s::splat(cx.frame.camera_right.w)).sub(F32s::splat(1.0_f32));
    let fy = F32s::splat(1.0_f32).sub(y.to_f32().add(jitter.y).mul(F32s::splat(cx.frame.camera_up.w)));
    let plane = V3::<F32s>::wide(cx.frame.camera_right.swizzle3::<0, 1, 2>()).mul(V3::splat(fx)).add(V3::<F32s>::wide(cx.frame.camera_up.swizzle3::<0, 1, 2>()).mul(V3::splat(fy)));
    if cx.frame.orthographic == 0_u32 {
        let max3_value = one::max3(cx.frame.lens_right.swizzle3::<0, 1, 2>().map(f32::abs));
        v = max3_value == 0.0_f32;
    } else {
        v = false;
    }
    if v {
        let normalize3_value = normalize3(plane.add(V3::<F32s>::wide(cx.frame.camera_forward.swizzle3::<0, 1, 2>())));
        return Ray { o: V3::<F32s>::wide(cx.frame.camera_from.swizzle3::<0, 1, 2>()), d: normalize3_value };
    } else {
    }
    let parallel = cx.frame.orthographic != 0_u32;
    let focus = cx.frame.lens_right.w;
    let lens = random_pair(key, sample_index, PAIR_LENS);
    let r = root(lens.x);
    let turn = sincos_turns(lens.y);
    let seen = (if parallel { plane } else { plane.mul(V3::splat(F32s::splat(focus))) }).add(V3::<F32s>::wide(cx.frame.camera_forward.swizzle3::<0, 1, 2>() * focus));
    let start = (if parallel { plane } else { V3::<F32s>::wide(V3::splat(0.0_f32)) }).add(V3::<F32s>::wide(cx.frame.lens_right.swizzle3::<0, 1, 2>()).mul(V3::splat(r.mul(turn.y))).add(V3::<F32s>::wide(cx.frame.lens_up.swizzle3::<0, 1, 2>()).mul(V3::splat(r.mul(turn.x)))));
    let normalize3_value_2 = normalize3(seen.sub(start));
    return Ray { o: V3::<F32s>::wide(cx.frame.camera_from.swizzle3::<0, 1, 2>()).add(start), d: normalize3_value_2 };
}
}

wide! {
#[inline]
pub fn beyond<X: Ext>(cx: &Cx<'_, X>, mut live: Mask, hit: &Hit, d: V3<F32s>) -> V3<F32s> {
    let c = corners_of(cx, live, (*hit).triangle, (*hit).instance);
    let cross3_value = cross3(c.v1.sub(c.v0), c.v2.sub(c.v0));
    let unit = normalize3(cross3_value);
    let dot3_value = dot3_2(unit, d);
    let side = F32s::splat(1.0_f32).when(dot3_value.gt(F32s::splat(0.0_f32)), F32s::splat(-1.0_f32));
    let mix3_value = mix3(c.v0, c.v1, c.v2, (*hit).u, (*hit).v);
    let offset_point_value = offset_point(mix3_value, unit.mul(V3::splat(side)));
    return offset_point_value;
}
}

wide! {
#[inline(never)]
pub fn next_hit<X: Ext>(cx: &Cx<'_, X>, mut live: Mask, origin: V3<F32s>, d: V3<F32s>, key: U32s, sample_index: U32s, dimension: U32s) -> Hit {
    let mut result = Hit { t: F32s::splat(0.0_f32), u: F32s::splat(0.0_f32), v: F32s::splat(0.0_f32), triangle: U32s::splat(0_u32), primitive: U32s::splat(0_u32), instance: U32s::splat(0_u32) };
    let entered = live;
    let mut o: V3<F32s> = V3::splat(F32s::splat(0.0_f32));
    let mut hit: Hit = Hit { t: F32s::splat(0.0_f32), u: F32s::splat(0.0_f32), v: F32s::splat(0.0_f32), triangle: U32s::splat(0_u32), primitive: U32s::splat(0_u32), instance: U32s::splat(0_u32) };
    let mut travelled: F32s = F32s::splat(0.0_f32);
    let mut pass_count: u32 = 0_u32;
    let mut v: Mask = Mask::splat(false);
    let mut v_2: Mask = Mask::splat(false);
    o = origin;
    let mut lanes = live;
    let mut left = Mask::splat(false);
    'loop_1: loop {
        {
            let value = o;
            let closest_hit_value = closest_hit(cx, lanes, value, d);
            hit = closest_hit_value.merge(lanes, hit);
            let has_alpha_value = one::has_alpha(cx);
            if !has_alpha_value {
                result = hit.merge(lanes, result);
                break 'loop_1;
            } else {
            }
            {
                v = Mask::splat(pass_count == PASSES_MAX).when(hit.triangle.eq(U32s::splat(NO_HIT)).not(), Mask::splat(true));
            }
            let mut taken = lanes.and(v);
            let mut other = lanes.and_not(taken);
            if taken.any() {
                left = left.or(taken);
            }
            lanes = other;
            if lanes.none() {
                break 'loop_1;
            }
            let value_2 = hit;
            let coverage = hit_coverage(cx, lanes, &value_2);
            let mut taken_2 = lanes.and(coverage.ge(F32s::splat(1.0_f32)).not());
            let mut other_2 = lanes.and_not(taken_2);
            {
                let value_3 = pass_count;
                let random_one_value = random_one(key, sample_index, dimension.add(U32s::splat(value_3)));
                v_2 = random_one_value.lt(coverage).when(taken_2, v_2);
            }
            {
                v_2 = Mask::splat(true).when(other_2, v_2);
            }
            let mut taken_3 = lanes.and(v_2);
            let mut other_3 = lanes.and_not(taken_3);
            if taken_3.any() {
                left = left.or(taken_3);
            }
            lanes = other_3;
            if lanes.none() {
                break 'loop_1;
            }
            let value_4 = hit;
            let beyond_value = beyond(cx, lanes, &value_4, d);
            o = beyond_value;
            travelled = travelled.add(hit.t).when(lanes, travelled);
        }
        pass_count = pass_count.wrapping_add(1_u32);
    }
    live = left;
    if live.none() {
        return result;
    }
    hit.t = hit.t.add(travelled);
    if entered.and_not(live).none() {
        return hit;
    }
    return hit.merge(live, result);
}
}

wide! {
#[inline(never)]
pub fn transmittance<X: Ext>(cx: &Cx<'_, X>, mut live: Mask, origin: V3<F32s>, d: V3<F32s>, distance: F32s) -> F32s {
    let mut result = F32s::splat(0.0_f32);
    let mut o: V3<F32s> = V3::splat(F32s::splat(0.0_f32));
    let mut left: F32s = F32s::splat(0.0_f32);
    let mut through: F32s = F32s::splat(1.0_f32);
    let mut pass_count: u32 = 0_u32;
    let mut v: Mask = Mask::splat(false);
    let has_alpha_value = one::has_alpha(cx);
    if !has_alpha_value {
        let occluded_value = occluded(cx, live, origin, d, distance);
        return F32s::splat(0.0_f32).when(occluded_value, F32s::splat(1.0_f32));
    } else {
    }
    o = origin;
    left = distance;
    let mut lanes = live;
    let mut left_2 = Mask::splat(false);
    'loop_1: loop {
        {
            let value = o;
            let hit = closest_hit(cx, lanes, value, d);
            {
                v = hit.t.ge(left).when(hit.triangle.eq(U32s::splat(NO_HIT)).not(), Mask::splat(true));
            }
            let mut taken = lanes.and(v);
            let mut other = lanes.and_not(taken);
            if taken.any() {
                left_2 = left_2.or(taken);
            }
            lanes = other;
            if lanes.none() {
                break 'loop_1;
            }
            if pass_count == PASSES_MAX {
                result = F32s::splat(0.0_f32).when(lanes, result);
                break 'loop_1;
            } else {
            }
            let value_2 = through;
            let hit_coverage_value = hit_coverage(cx, lanes, &hit);
            through = value_2.mul(F32s::splat(1.0_f32).sub(hit_coverage_value)).when(lanes, through);
            let mut taken_2 = lanes.and(through.le(F32s::splat(0.0_f32)));
            let mut other_2 = lanes.and_not(taken_2);
            if taken_2.any() {
                result = F32s::splat(0.0_f32).when(taken_2, result);
            }
            lanes = other_2;
            if lanes.none() {
                break 'loop_1;
            }
            let beyond_value = beyond(cx, lanes, &hit, d);
            o = beyond_value;
            left = left.sub(hit.t);
        }
        pass_count = pass_count.wrapping_add(1_u32);
    }
    live = left_2;
    if live.none() {
        return result;
    }
    return through.when(live, result);
}
}

wide! {
#[inline]
pub fn transmitted(medium: V3<F32s>, distance: F32s) -> V3<F32s> {
    let mut live = Mask::splat(true);
    let exp_minus_value = exp_minus(medium.x.mul(distance));
    let exp_minus_value_2 = exp_minus(medium.y.mul(distance));
    let exp_minus_value_3 = exp_minus(medium.z.mul(distance));
    return V3::new(exp_minus_value, exp_minus_value_2, exp_minus_value_3);
}
}

wide! {
#[inline]
pub fn medium_behind<X: Ext>(cx: &Cx<'_, X>, mut live: Mask, s: &Surface) -> V3<F32s> {
    let mut result = V3::splat(F32s::splat(0.0_f32));
    let mut v: Mask = Mask::splat(false);
    {
        v = (*s).flags.and(U32s::splat(MATERIAL_VOLUME)).eq(U32s::splat(0_u32)).when((*s).back.not(), Mask::splat(true));
    }
    let mut taken = live.and(v);
    let mut other = live.and_not(taken);
    if taken.any() {
        result = V3::<F32s>::wide(V3::splat(0.0_f32));
    }
    live = other;
    if live.none() {
        return result;
    }
    let material_float_value = material_float(cx, live, (*s).material, 9_u32);
    return material_float_value.swizzle3::<0, 1, 2>().merge(live, result);
}
}

wide! {
#[inline(never)]
pub fn direct_light<X: Ext>(cx: &Cx<'_, X>, mut live: Mask, s: &Surface, m: &Bsdf, local: &Basis, wo: V3<F32s>, medium: V3<F32s>, pick: F32s, coin: F32s, random: V2<F32s>) -> V3<F32s> {
    let mut result = V3::splat(F32s::splat(0.0_f32));
    let mut v: Mask = Mask::splat(false);
    let mut v_2: Mask = Mask::splat(false);
    let mut visible: V3<F32s> = V3::splat(F32s::splat(0.0_f32));
    let l = light_sample(cx, live, (*s).position, pick, coin, random);
    let max3_value = max3(l.radiance);
    let mut taken = live.and(max3_value.le(F32s::splat(0.0_f32)));
    let mut other = live.and_not(taken);
    if taken.any() {
        result = V3::<F32s>::wide(V3::splat(0.0_f32));
    }
    live = other;
    if live.none() {
        return result;
    }
    let wi = to_local(&(*local), l.direction);
    let dot3_value = dot3_2(l.direction, (*s).geometric);
    let outside = dot3_value.gt(F32s::splat(0.0_f32));
    let mut taken_2 = live.and(outside.ne(wi.z.gt(F32s::splat(0.0_f32))).not());
    let mut other_2 = live.and_not(taken_2);
    {
        {
            v_2 = (*m).glass.not().when(outside.not(), Mask::splat(false));
        }
        v = v_2.when(taken_2, v);
    }
    {
        v = Mask::splat(true).when(other_2, v);
    }
    let mut taken_3 = live.and(v);
    let mut other_3 = live.and_not(taken_3);
    if taken_3.any() {
        result = V3::<F32s>::wide(V3::splat(0.0_f32)).merge(taken_3, result);
    }
    live = other_3;
    if live.none() {
        return result;
    }
    let f = bsdf_evaluate(live, &(*m), wo, wi);
    let max3_value_2 = max3(f.value);
    let mut taken_4 = live.and(max3_value_2.le(F32s::splat(0.0_f32)));
    let mut other_4 = live.and_not(taken_4);
    if taken_4.any() {
        result = V3::<F32s>::wide(V3::splat(0.0_f32)).merge(taken_4, result);
    }
    live = other_4;
    if live.none() {
        return result;
    }
    let o = offset_point((*s).position, (*s).geometric.when(outside, (*s).geometric.neg()));
    let unblocked = transmittance(cx, live, o, l.direction, l.distance);
    let mut taken_5 = live.and(unblocked.le(F32s::splat(0.0_f32)));
    let mut other_5 = live.and_not(taken_5);
    if taken_5.any() {
        result = V3::<F32s>::wide(V3::splat(0.0_f32)).merge(taken_5, result);
    }
    live = other_5;
    if live.none() {
        return result;
    }
    visible = V3::splat(unblocked);
    let medium_behind_value = medium_behind(cx, live, &(*s));
    let around = medium.when(outside, medium_behind_value);
    let max3_value_3 = max3(around);
    let mut taken_6 = live.and(max3_value_3.gt(F32s::splat(0.0_f32)));
    if taken_6.any() {
        let value = visible;
        let transmitted_value = transmitted(around, l.distance);
        visible = value.mul(transmitted_value).when(taken_6, visible);
    }
    let mut taken_7 = live.and(l.pdf.le(F32s::splat(0.0_f32)));
    let mut other_7 = live.and_not(taken_7);
    {
        result = f.value.mul(l.radiance).mul(visible).merge(taken_7, result);
    }
    live = other_7;
    let value_2 = visible;
    let mis_over_pdf_value = mis_over_pdf(l.pdf, f.pdf);
    return f.value.mul(l.radiance).mul(value_2).mul(V3::splat(mis_over_pdf_value)).merge(live, result);
}
}

wide! {
#[inline]
pub fn path_begin<X: Ext>(cx: &Cx<'_, X>, x: U32s, y: U32s, key: U32s, sample_index: U32s) -> Path {
    let mut live = Mask::splat(true);
    let ray = camera_ray(cx, x, y, key, sample_index);
    return Path { o: ray.o, d: ray.d, throughput: V3::<F32s>::wide(V3::splat(1.0_f32)), radiance: V3::<F32s>::wide(V3::splat(0.0_f32)), scatter_pdf: F32s::splat(0.0_f32), medium: V3::<F32s>::wide(V3::splat(0.0_f32)), depth: U32s::splat(0_u32) };
}
}

wide! {
#[inline]
pub fn finite(v: F32s) -> F32s {
    let mut live = Mask::splat(true);
    let mut v_2: Mask = Mask::splat(false);
    {
        v_2 = v.lt(F32s::splat(INFINITE)).when(v.gt(F32s::splat(RADIANCE_MIN)), Mask::splat(false));
    }
    return v.when(v_2, F32s::splat(0.0_f32));
}
}

wide! {
#[inline]
pub fn finite3(v: V3<F32s>) -> V3<F32s> {
    let mut live = Mask::splat(true);
    let finite_value = finite(v.x);
    let finite_value_2 = finite(v.y);
    let finite_value_3 = finite(v.z);
    return V3::new(finite_value, finite_value_2, finite_value_3);
}
}

wide! {
#[inline]
pub fn surface_albedo(s: &Surface) -> V3<F32s> {
    let mut live = Mask::splat(true);
    let seen = lerp3((*s).base, V3::splat(1.0_f32), (*s).transmission.mul(F32s::splat(1.0_f32).sub((*s).metallic)));
    let a = seen.add((*s).emission).min(V3::<F32s>::wide(V3::splat(1.0_f32)));
    let finite3_value = finite3(a);
    return finite3_value;
}
}

wide! {
#[inline]
pub fn feature<X: Ext>(cx: &Cx<'_, X>, s: &Surface, quantity: u32) -> V3<F32s> {
    let mut live = Mask::splat(true);
    if quantity == QUANTITY_ALBEDO {
        let surface_albedo_value = surface_albedo(&(*s));
        return surface_albedo_value;
    } else {
    }
    if quantity == QUANTITY_NORMAL {
        return (*s).local.n;
    } else {
    }
    let dot3_value = dot3((*s).position.sub(V3::<F32s>::wide(cx.frame.camera_from.swizzle3::<0, 1, 2>())), cx.frame.camera_forward.swizzle3::<0, 1, 2>());
    return V3::new(dot3_value, F32s::splat(1.0_f32), F32s::splat(0.0_f32));
}
}

wide! {
#[inline(never)]
pub fn path_segment<X: Ext>(cx: &Cx<'_, X>, mut live: Mask, path: &mut Path, key: U32s, sample_index: U32s, quantity: u32) -> Mask {
    let mut result = Mask::splat(false);
    let mut throughput: V3<F32s> = V3::splat(F32s::splat(0.0_f32));
    let mut weight: F32s = F32s::splat(1.0_f32);
    let mut v: Mask = Mask::splat(false);
    let mut v_2: Mask = Mask::splat(false);
    let depth = path.depth;
    let d = path.d;
    let pair = U32s::splat(1_u32).add(depth.mul(U32s::splat(PAIRS_PER_VERTEX)));
    let dimension = depth.mul(U32s::splat(DIMENSIONS_PER_VERTEX));
    path.depth = depth.add(U32s::splat(1_u32)).merge(live, path.depth);
    let value = path.o;
    let hit = next_hit(cx, live, value, d, key, sample_index, dimension.add(U32s::splat(DIMENSION_LAYERS)));
    let medium = path.medium;
    throughput = path.throughput;
    let max3_value = max3(medium);
    let mut taken = live.and(max3_value.gt(F32s::splat(0.0_f32)));
    if taken.any() {
        let value_2 = throughput;
        let transmitted_value = transmitted(medium, F32s::splat(INFINITE).when(hit.triangle.eq(U32s::splat(NO_HIT)), hit.t));
        let finite3_value = finite3(value_2.mul(transmitted_value));
        throughput = finite3_value.when(taken, throughput);
    }
    let mut taken_2 = live.and(hit.triangle.eq(U32s::splat(NO_HIT)));
    let mut other_2 = live.and_not(taken_2);
    if taken_2.any() {
    'arm_2: {
        if quantity != QUANTITY_RADIANCE {
            result = Mask::splat(false);
            taken_2 = Mask::splat(false);
            break 'arm_2;
        } else {
        }
        let sky = environment_towards(cx, taken_2, d);
        let value_3 = path.scatter_pdf;
        let value_4 = path.scatter_pdf;
        let kind_probability_value = one::kind_probability(cx);
        let mis_over_pdf_value = mis_over_pdf(value_4, sky.pdf.mul(F32s::splat(kind_probability_value)));
        let weight_2 = F32s::splat(1.0_f32).when(depth.eq(U32s::splat(0_u32)), value_3.mul(mis_over_pdf_value));
        path.radiance = path.radiance.add(throughput.mul(sky.radiance).mul(V3::splat(weight_2))).merge(taken_2, path.radiance);
        result = Mask::splat(false).when(taken_2, result);
taken_2 = Mask::splat(false);
    }
    }
    live = taken_2.or(other_2);
    if live.none() {
        return result;
    }
    let s = surface_at(cx, live, &hit, d);
    if quantity != QUANTITY_RADIANCE {
        let feature_value = feature(cx, &s, quantity);
        path.radiance = feature_value.merge(live, path.radiance);
        return Mask::splat(false).when(live, result);
    } else {
    }
    let mut taken_3 = live.and(s.flags.and(U32s::splat(MATERIAL_UNLIT)).ne(U32s::splat(0_u32)));
    let mut other_3 = live.and_not(taken_3);
    if taken_3.any() {
        path.radiance = path.radiance.add(throughput.mul(s.base)).merge(taken_3, path.radiance);
        result = Mask::splat(false).when(taken_3, result);
    }
    live = other_3;
    if live.none() {
        return result;
    }
    let max3_value_2 = max3(s.emission);
    let mut taken_4 = live.and(max3_value_2.gt(F32s::splat(0.0_f32)));
    if taken_4.any() {
        {
            v = s.light.gt(F32s::splat(0.0_f32)).when(depth.gt(U32s::splat(0_u32)), Mask::splat(false));
        }
        let mut taken_5 = taken_4.and(v);
        if taken_5.any() {
            let dot3_value = dot3_2(d, s.geometric);
            let area_pdf_value = area_pdf(s.light, hit.t.mul(hit.t), dot3_value.abs());
            let kind_probability_value_2 = one::kind_probability(cx);
            let pdf = area_pdf_value.mul(F32s::splat(kind_probability_value_2));
            let value_5 = path.scatter_pdf;
            let value_6 = path.scatter_pdf;
            let mis_over_pdf_value_2 = mis_over_pdf(value_6, pdf);
            weight = value_5.mul(mis_over_pdf_value_2).when(taken_5, weight);
        }
        path.radiance = path.radiance.add(throughput.mul(s.emission).mul(V3::splat(weight))).merge(taken_4, path.radiance);
    }
    let mut taken_6 = live.and(depth.add(U32s::splat(1_u32)).ge(U32s::splat(cx.frame.depth_max)));
    let mut other_6 = live.and_not(taken_6);
    if taken_6.any() {
        result = Mask::splat(false).when(taken_6, result);
    }
    live = other_6;
    if live.none() {
        return result;
    }
    let local = s.local;
    let wo = to_local(&local, d.neg());
    let choice = random_pair_2(key, sample_index, pair);
    let random_one_value = random_one(key, sample_index, dimension);
    let value_7 = throughput;
    let m = bsdf_of(cx, live, &s, &hit, wo, random_one_value, value_7);
    let value_8 = path.radiance;
    let value_9 = throughput;
    let random_one_value_2 = random_one(key, sample_index, dimension.add(U32s::splat(DIMENSION_COIN)));
    let random_pair_value = random_pair_2(key, sample_index, pair.add(U32s::splat(1_u32)));
    let direct_light_value = direct_light(cx, live, &s, &m, &local, wo, medium, choice.x, random_one_value_2, random_pair_value);
    path.radiance = value_8.add(value_9.mul(direct_light_value)).merge(live, path.radiance);
    let random_pair_value_2 = random_pair_2(key, sample_index, pair.add(U32s::splat(2_u32)));
    let next = bsdf_sample(live, &m, wo, random_pair_value_2, choice.y);
    let max3_value_3 = max3(next.weight);
    {
        v_2 = next.pdf.le(F32s::splat(0.0_f32)).when(max3_value_3.le(F32s::splat(0.0_f32)).not(), Mask::splat(true));
    }
    let mut taken_7 = live.and(v_2);
    let mut other_7 = live.and_not(taken_7);
    if taken_7.any() {
        result = Mask::splat(false).when(taken_7, result);
    }
    live = other_7;
    if live.none() {
        return result;
    }
    let to_world_value = to_world(&local, next.direction);
    let onward = normalize3(to_world_value);
    let dot3_value_2 = dot3_2(onward, s.geometric);
    let outside = dot3_value_2.gt(F32s::splat(0.0_f32));
    let mut taken_8 = live.and(outside.ne(next.direction.z.gt(F32s::splat(0.0_f32))));
    let mut other_8 = live.and_not(taken_8);
    if taken_8.any() {
        result = Mask::splat(false).when(taken_8, result);
    }
    live = other_8;
    if live.none() {
        return result;
    }
    path.d = onward.merge(live, path.d);
    let offset_point_value = offset_point(s.position, s.geometric.when(outside, s.geometric.neg()));
    path.o = offset_point_value.merge(live, path.o);
    let mut taken_9 = live.and(outside.not());
    if taken_9.any() {
        let medium_behind_value = medium_behind(cx, taken_9, &s);
        path.medium = medium_behind_value.merge(taken_9, path.medium);
    }
    let value_10 = throughput;
    let finite3_value_2 = finite3(value_10.mul(next.weight));
    throughput = finite3_value_2;
    path.scatter_pdf = next.pdf.min(F32s::splat(PDF_MAX)).merge(live, path.scatter_pdf);
    let mut taken_10 = live.and(depth.add(U32s::splat(1_u32)).ge(U32s::splat(ROULETTE_DEPTH)));
    let mut other_10 = live.and_not(taken_10);
    if taken_10.any() {
        let value_11 = throughput;
        let max3_value_4 = max3(value_11);
        let survive = max3_value_4.min(F32s::splat(0.95_f32));
        let random_one_value_3 = random_one(key, sample_index, dimension.add(U32s::splat(DIMENSION_ROULETTE)));
        let mut taken_11 = taken_10.and(random_one_value_3.ge(survive));
        let mut other_11 = taken_10.and_not(taken_11);
        {
            result = Mask::splat(false).when(taken_11, result);
        }
        taken_10 = other_11;
        let value_12 = throughput;
        let rcp_value = rcp(survive);
        throughput = value_12.mul(V3::splat(rcp_value)).when(taken_10, throughput);
    }
    live = taken_10.or(other_10);
    if live.none() {
        return result;
    }
    path.throughput = throughput.merge(live, path.throughput);
    return Mask::splat(true).when(live, result);
}
}

wide! {
#[inline]
pub fn path_value(path: &Path, quantity: u32) -> V3<F32s> {
    let mut live = Mask::splat(true);
    if quantity != QUANTITY_RADIANCE {
        return (*path).radiance;
    } else {
    }
    let finite3_value = finite3((*path).radiance);
    return finite3_value;
}
}

wide! {
/// One result for each list of arguments.
#[inline(never)]
pub fn trace_pool<X: Ext>(cx: &Cx<'_, X>, quantity: u32, lists: &[(u32, u32, u32,)], results: &mut [V3<f32>]) {
    let mut slots = [0_usize; LANES];
    let mut next = 0_usize;
    let mut lanes = Mask::splat(false);
    let mut x = U32s::splat(0_u32);
    let mut y = U32s::splat(0_u32);
    let mut sample_index = U32s::splat(0_u32);
    let mut path: Path = Path { o: V3::splat(F32s::splat(0.0_f32)), d: V3::splat(F32s::splat(0.0_f32)), throughput: V3::splat(F32s::splat(0.0_f32)), radiance: V3::splat(F32s::splat(0.0_f32)), scatter_pdf: F32s::splat(0.0_f32), medium: V3::splat(F32s::splat(0.0_f32)), depth: U32s::splat(0_u32) };
    let mut key = U32s::splat(0_u32);
    let mut path_begin_value = Path { o: V3::splat(F32s::splat(0.0_f32)), d: V3::splat(F32s::splat(0.0_f32)), throughput: V3::splat(F32s::splat(0.0_f32)), radiance: V3::splat(F32s::splat(0.0_f32)), scatter_pdf: F32s::splat(0.0_f32), medium: V3::splat(F32s::splat(0.0_f32)), depth: U32s::splat(0_u32) };
    loop {
        if next < lists.len() && lanes.not().bits().count_ones() >= FREE_MIN {
            let mut list_0 = x.to_array();
            let mut list_1 = y.to_array();
            let mut list_2 = sample_index.to_array();
            let mut begun = 0_u32;
            for lane in lanes.not().lanes() {
                let Some(list) = lists.get(next) else { break };
                list_0[lane] = list.0;
                list_1[lane] = list.1;
                list_2[lane] = list.2;
                slots[lane] = next;
                next += 1;
                begun |= 1 << lane;
            }
            let mut fresh = Mask::from_bits(begun);
            x = U32s::from_array(list_0);
            y = U32s::from_array(list_1);
            sample_index = U32s::from_array(list_2);
            key = (pixel_key(cx.frame.seed, x, y)).when(fresh, key);
            path_begin_value = (path_begin(cx, x, y, key, sample_index)).merge(fresh, path_begin_value);
            path = path_begin_value.merge(fresh, path);
            lanes = lanes.or(fresh);
        }
        if lanes.none() {
            break;
        }
        let before = lanes;
        let mut gone = Mask::splat(false);
        'turn_1: {
            let path_segment_value = path_segment(cx, lanes, &mut path, key, sample_index, quantity);
            let mut taken = lanes.and(path_segment_value.not());
            let mut other = lanes.and_not(taken);
            lanes = other;
            if lanes.none() {
                break 'turn_1;
            }
        }
        if lanes.any() {
        }
        let mut finished = before.and_not(lanes).and_not(gone);
        if finished.any() {
            let value = path;
            let path_value_value = path_value(&value, quantity);
            let returned = path_value_value;
            for lane in finished.lanes() {
                results[slots[lane]] = returned.lane(lane);
            }
        }
    }
}
}
