//! Sixteen lanes in registers of 512 bits, with masks in registers of their own.

use super::runtime::V4;
use std::arch::x86_64::*;

/// Lanes of every type here.
pub const LANES: usize = 16;

/// Lanes that must be free before new ones are begun: beginning costs the same for one lane as for all.
pub const FREE_MIN: u32 = 4;

/// A `f32` in each lane.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub struct F32s(__m512);

/// A `u32` in each lane.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub struct U32s(__m512i);

/// An `i32` in each lane.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub struct I32s(__m512i);

/// A `bool` in each lane. Also says which lanes are live.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub struct Mask(__mmask16);

impl F32s {
    methods! {
        /// The same value in every lane.
        splat(value: f32) -> Self { Self(_mm512_set1_ps(value)) }
        /// Sum.
        add(self: Self, b: Self) -> Self { Self(_mm512_add_ps(self.0, b.0)) }
        /// Difference.
        sub(self: Self, b: Self) -> Self { Self(_mm512_sub_ps(self.0, b.0)) }
        /// Product.
        mul(self: Self, b: Self) -> Self { Self(_mm512_mul_ps(self.0, b.0)) }
        /// As `float_min`.
        min(self: Self, b: Self) -> Self { Self(_mm512_min_ps(self.0, b.0)) }
        /// As `float_max`.
        max(self: Self, b: Self) -> Self { Self(_mm512_max_ps(self.0, b.0)) }
        /// Opposite sign.
        neg(self: Self) -> Self { Self(_mm512_xor_ps(self.0, _mm512_set1_ps(-0.0))) }
        /// Without sign.
        abs(self: Self) -> Self { Self(_mm512_andnot_ps(_mm512_set1_ps(-0.0), self.0)) }
        /// Rounded down.
        floor(self: Self) -> Self { Self(_mm512_roundscale_ps::<{ _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC }>(self.0)) }
        /// Rounded up.
        ceil(self: Self) -> Self { Self(_mm512_roundscale_ps::<{ _MM_FROUND_TO_POS_INF | _MM_FROUND_NO_EXC }>(self.0)) }
        /// Rounded towards zero.
        trunc(self: Self) -> Self { Self(_mm512_roundscale_ps::<{ _MM_FROUND_TO_ZERO | _MM_FROUND_NO_EXC }>(self.0)) }
        /// Rounded to the nearest whole number, halves to the even one.
        round(self: Self) -> Self { Self(_mm512_roundscale_ps::<{ _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC }>(self.0)) }
        /// Less.
        lt(self: Self, b: Self) -> Mask { Mask(_mm512_cmp_ps_mask::<_CMP_LT_OQ>(self.0, b.0)) }
        /// Less or equal.
        le(self: Self, b: Self) -> Mask { Mask(_mm512_cmp_ps_mask::<_CMP_LE_OQ>(self.0, b.0)) }
        /// Greater.
        gt(self: Self, b: Self) -> Mask { Mask(_mm512_cmp_ps_mask::<_CMP_GT_OQ>(self.0, b.0)) }
        /// Greater or equal.
        ge(self: Self, b: Self) -> Mask { Mask(_mm512_cmp_ps_mask::<_CMP_GE_OQ>(self.0, b.0)) }
        /// Equal.
        eq(self: Self, b: Self) -> Mask { Mask(_mm512_cmp_ps_mask::<_CMP_EQ_OQ>(self.0, b.0)) }
        /// As `float_to_u32`, of a number from 0 to the greatest `f32` below 2^32.
        clamped_to_u32(self: Self) -> U32s { U32s(_mm512_cvttps_epu32(self.0)) }
        /// As `float_to_i32`, of a number from -2^31 to the greatest `f32` below 2^31.
        clamped_to_i32(self: Self) -> I32s { I32s(_mm512_cvttps_epi32(self.0)) }
        /// The bits.
        bits_u32(self: Self) -> U32s { U32s(_mm512_castps_si512(self.0)) }
        /// The bits.
        bits_i32(self: Self) -> I32s { I32s(_mm512_castps_si512(self.0)) }
        /// Itself where the mask is set, else the other.
        when(self: Self, mask: Mask, other: Self) -> Self { Self(_mm512_mask_blend_ps(mask.0, other.0, self.0)) }
        /// The same for what lies in memory.
        merge(self: Self, mask: Mask, other: Self) -> Self { self.when(mask, other) }
    }
}

macro_rules! integer {
    ($W:ident, $T:ident, $min:ident, $max:ident, $compare:ident, $shr:ident) => {
        impl $W {
            methods! {
                /// The same value in every lane.
                splat(value: $T) -> Self { Self(_mm512_set1_epi32(value as i32)) }
                /// Sum, wrapping.
                add(self: Self, b: Self) -> Self { Self(_mm512_add_epi32(self.0, b.0)) }
                /// Difference, wrapping.
                sub(self: Self, b: Self) -> Self { Self(_mm512_sub_epi32(self.0, b.0)) }
                /// Product, wrapping.
                mul(self: Self, b: Self) -> Self { Self(_mm512_mullo_epi32(self.0, b.0)) }
                /// The smaller.
                min(self: Self, b: Self) -> Self { Self($min(self.0, b.0)) }
                /// The larger.
                max(self: Self, b: Self) -> Self { Self($max(self.0, b.0)) }
                /// Bits of both.
                and(self: Self, b: Self) -> Self { Self(_mm512_and_si512(self.0, b.0)) }
                /// Bits of either.
                or(self: Self, b: Self) -> Self { Self(_mm512_or_si512(self.0, b.0)) }
                /// Bits of one.
                xor(self: Self, b: Self) -> Self { Self(_mm512_xor_si512(self.0, b.0)) }
                /// All bits the other way.
                not(self: Self) -> Self { Self(_mm512_xor_si512(self.0, _mm512_set1_epi32(-1))) }
                /// Shifted up by the amount's lower five bits.
                shl(self: Self, amount: U32s) -> Self {
                    Self(_mm512_sllv_epi32(self.0, _mm512_and_si512(amount.0, _mm512_set1_epi32(31))))
                }
                /// Shifted down by the amount's lower five bits; a sign comes in from above.
                shr(self: Self, amount: U32s) -> Self {
                    Self($shr(self.0, _mm512_and_si512(amount.0, _mm512_set1_epi32(31))))
                }
                /// The bits.
                bits_f32(self: Self) -> F32s { F32s(_mm512_castsi512_ps(self.0)) }
                /// Less.
                lt(self: Self, b: Self) -> Mask { Mask($compare::<_MM_CMPINT_LT>(self.0, b.0)) }
                /// Less or equal.
                le(self: Self, b: Self) -> Mask { Mask($compare::<_MM_CMPINT_LE>(self.0, b.0)) }
                /// Greater.
                gt(self: Self, b: Self) -> Mask { Mask($compare::<_MM_CMPINT_NLE>(self.0, b.0)) }
                /// Greater or equal.
                ge(self: Self, b: Self) -> Mask { Mask($compare::<_MM_CMPINT_NLT>(self.0, b.0)) }
                /// Equal.
                eq(self: Self, b: Self) -> Mask { Mask($compare::<_MM_CMPINT_EQ>(self.0, b.0)) }
                /// Not equal.
                ne(self: Self, b: Self) -> Mask { Mask($compare::<_MM_CMPINT_NE>(self.0, b.0)) }
                /// Itself where the mask is set, else the other.
                when(self: Self, mask: Mask, other: Self) -> Self { Self(_mm512_mask_blend_epi32(mask.0, other.0, self.0)) }
                /// The same for what lies in memory.
                merge(self: Self, mask: Mask, other: Self) -> Self { self.when(mask, other) }
            }
        }
    };
}

integer!(U32s, u32, _mm512_min_epu32, _mm512_max_epu32, _mm512_cmp_epu32_mask, _mm512_srlv_epi32);
integer!(I32s, i32, _mm512_min_epi32, _mm512_max_epi32, _mm512_cmp_epi32_mask, _mm512_srav_epi32);

impl U32s {
    methods! {
        /// The nearest float.
        to_f32(self: Self) -> F32s { F32s(_mm512_cvtepu32_ps(self.0)) }
        /// The nearest float of a number below 2^31.
        small_to_f32(self: Self) -> F32s { F32s(_mm512_cvtepi32_ps(self.0)) }
        /// The bits.
        as_i32(self: Self) -> I32s { I32s(self.0) }
        /// Bits from the highest to the lowest: the two halves of each byte by table, and the bytes by a shuffle.
        reverse_bits(self: Self) -> Self {
            let table = _mm512_broadcast_i32x4(_mm_setr_epi8(0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15));
            let bytes = _mm512_broadcast_i32x4(_mm_setr_epi8(3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12));
            let nibble = _mm512_set1_epi8(0x0f);
            let low = _mm512_shuffle_epi8(table, _mm512_and_si512(self.0, nibble));
            let high = _mm512_shuffle_epi8(table, _mm512_and_si512(_mm512_srli_epi32::<4>(self.0), nibble));
            Self(_mm512_shuffle_epi8(_mm512_or_si512(_mm512_slli_epi32::<4>(low), high), bytes))
        }
        /// Four words of each lane, given lane by lane, as the four components of all.
        from_rows(rows: [__m128i; LANES]) -> V4<Self> {
            // Each register holds the rows of one lane and of those 4, 8 and 12 further on.
            let four = |lane: usize| {
                let low = _mm256_set_m128i(rows[lane + 4], rows[lane]);
                let high = _mm256_set_m128i(rows[lane + 12], rows[lane + 8]);
                _mm512_inserti64x4::<1>(_mm512_castsi256_si512(low), high)
            };
            let (a, b, c, d) = (four(0), four(1), four(2), four(3));
            let (p, q) = (_mm512_unpacklo_epi32(a, b), _mm512_unpackhi_epi32(a, b));
            let (r, s) = (_mm512_unpacklo_epi32(c, d), _mm512_unpackhi_epi32(c, d));
            V4::new(
                Self(_mm512_unpacklo_epi64(p, r)),
                Self(_mm512_unpackhi_epi64(p, r)),
                Self(_mm512_unpacklo_epi64(q, s)),
                Self(_mm512_unpackhi_epi64(q, s)),
            )
        }
    }
}

impl I32s {
    methods! {
        /// Without sign, wrapping.
        abs(self: Self) -> Self { Self(_mm512_abs_epi32(self.0)) }
        /// The nearest float.
        to_f32(self: Self) -> F32s { F32s(_mm512_cvtepi32_ps(self.0)) }
        /// The bits.
        as_u32(self: Self) -> U32s { U32s(self.0) }
    }
}

impl Mask {
    methods! {
        /// The same in every lane.
        splat(value: bool) -> Self { Self(if value { !0 } else { 0 }) }
        /// Set where the lane's bit is.
        from_bits(bits: u32) -> Self { Self(bits as u16) }
        /// A bit for each lane.
        bits(self: Self) -> u32 { u32::from(self.0) }
        /// Set in both.
        and(self: Self, b: Self) -> Self { Self(self.0 & b.0) }
        /// Set here but not there.
        and_not(self: Self, b: Self) -> Self { Self(self.0 & !b.0) }
        /// Set in either.
        or(self: Self, b: Self) -> Self { Self(self.0 | b.0) }
        /// The other way round.
        not(self: Self) -> Self { Self(!self.0) }
        /// The same in both.
        eq(self: Self, b: Self) -> Self { Self(!(self.0 ^ b.0)) }
        /// Different.
        ne(self: Self, b: Self) -> Self { Self(self.0 ^ b.0) }
        /// One or zero.
        to_f32(self: Self) -> F32s { F32s(_mm512_maskz_mov_ps(self.0, _mm512_set1_ps(1.0))) }
        /// One or zero.
        to_u32(self: Self) -> U32s { U32s(_mm512_maskz_set1_epi32(self.0, 1)) }
        /// Itself where the mask is set, else the other.
        when(self: Self, mask: Mask, other: Self) -> Self { Self((mask.0 & self.0) | (other.0 & !mask.0)) }
        /// The same for what lies in memory.
        merge(self: Self, mask: Mask, other: Self) -> Self { self.when(mask, other) }
    }
}
