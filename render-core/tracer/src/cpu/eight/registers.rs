//! Eight lanes in registers of 256 bits.

use super::runtime::V4;
use std::arch::x86_64::*;

/// Lanes of every type here.
pub const LANES: usize = 8;

/// Lanes that must be free before new ones are begun: beginning costs the same for one lane as for all.
pub const FREE_MIN: u32 = 2;

/// A `f32` in each lane.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub struct F32s(__m256);

/// A `u32` in each lane.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub struct U32s(__m256i);

/// An `i32` in each lane.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub struct I32s(__m256i);

/// A `bool` in each lane: all its bits are set, or none. Also says which lanes are live.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub struct Mask(__m256i);

wide! {
    /// Signed comparison orders unsigned numbers once their highest bits are flipped.
    #[inline]
    fn flipped(a: __m256i) -> __m256i {
        _mm256_xor_si256(a, _mm256_set1_epi32(i32::MIN))
    }
}

/// Signed numbers are in order as they are.
#[inline(always)]
fn in_order(a: __m256i) -> __m256i {
    a
}

wide! {
    /// As `pick`, in a form that no compiler turns into a masked store: those take 40 times as long as a store on some processors.
    #[inline]
    fn merged(mask: Mask, yes: __m256i, no: __m256i) -> __m256i {
        _mm256_xor_si256(no, _mm256_and_si256(_mm256_xor_si256(yes, no), mask.0))
    }
}

wide! {
    #[inline]
    fn pick(mask: Mask, yes: __m256i, no: __m256i) -> __m256i {
        _mm256_castps_si256(_mm256_blendv_ps(_mm256_castsi256_ps(no), _mm256_castsi256_ps(yes), _mm256_castsi256_ps(mask.0)))
    }
}

impl F32s {
    methods! {
        /// The same value in every lane.
        splat(value: f32) -> Self { Self(_mm256_set1_ps(value)) }
        /// Sum.
        add(self: Self, b: Self) -> Self { Self(_mm256_add_ps(self.0, b.0)) }
        /// Difference.
        sub(self: Self, b: Self) -> Self { Self(_mm256_sub_ps(self.0, b.0)) }
        /// Product.
        mul(self: Self, b: Self) -> Self { Self(_mm256_mul_ps(self.0, b.0)) }
        /// As `float_min`.
        min(self: Self, b: Self) -> Self { Self(_mm256_min_ps(self.0, b.0)) }
        /// As `float_max`.
        max(self: Self, b: Self) -> Self { Self(_mm256_max_ps(self.0, b.0)) }
        /// Opposite sign.
        neg(self: Self) -> Self { Self(_mm256_xor_ps(self.0, _mm256_set1_ps(-0.0))) }
        /// Without sign.
        abs(self: Self) -> Self { Self(_mm256_andnot_ps(_mm256_set1_ps(-0.0), self.0)) }
        /// Rounded down.
        floor(self: Self) -> Self { Self(_mm256_floor_ps(self.0)) }
        /// Rounded up.
        ceil(self: Self) -> Self { Self(_mm256_ceil_ps(self.0)) }
        /// Rounded towards zero.
        trunc(self: Self) -> Self { Self(_mm256_round_ps::<{ _MM_FROUND_TO_ZERO | _MM_FROUND_NO_EXC }>(self.0)) }
        /// Rounded to the nearest whole number, halves to the even one.
        round(self: Self) -> Self { Self(_mm256_round_ps::<{ _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC }>(self.0)) }
        /// Less.
        lt(self: Self, b: Self) -> Mask { Mask(_mm256_castps_si256(_mm256_cmp_ps::<_CMP_LT_OQ>(self.0, b.0))) }
        /// Less or equal.
        le(self: Self, b: Self) -> Mask { Mask(_mm256_castps_si256(_mm256_cmp_ps::<_CMP_LE_OQ>(self.0, b.0))) }
        /// Greater.
        gt(self: Self, b: Self) -> Mask { Mask(_mm256_castps_si256(_mm256_cmp_ps::<_CMP_GT_OQ>(self.0, b.0))) }
        /// Greater or equal.
        ge(self: Self, b: Self) -> Mask { Mask(_mm256_castps_si256(_mm256_cmp_ps::<_CMP_GE_OQ>(self.0, b.0))) }
        /// Equal.
        eq(self: Self, b: Self) -> Mask { Mask(_mm256_castps_si256(_mm256_cmp_ps::<_CMP_EQ_OQ>(self.0, b.0))) }
        /// As `float_to_u32`, of a number from 0 to the greatest `f32` below 2^32.
        clamped_to_u32(self: Self) -> U32s {
            // The conversion knows signed numbers only: the upper half goes through the lower one.
            let half = Self::splat(2_147_483_648.0);
            let upper = half.le(self);
            let lowered = self.sub(Self(_mm256_and_ps(half.0, _mm256_castsi256_ps(upper.0))));
            let bit = _mm256_and_si256(upper.0, _mm256_set1_epi32(i32::MIN));
            U32s(_mm256_xor_si256(_mm256_cvttps_epi32(lowered.0), bit))
        }
        /// As `float_to_i32`, of a number from -2^31 to the greatest `f32` below 2^31.
        clamped_to_i32(self: Self) -> I32s { I32s(_mm256_cvttps_epi32(self.0)) }
        /// The bits.
        bits_u32(self: Self) -> U32s { U32s(_mm256_castps_si256(self.0)) }
        /// The bits.
        bits_i32(self: Self) -> I32s { I32s(_mm256_castps_si256(self.0)) }
        /// Itself where the mask is set, else the other.
        when(self: Self, mask: Mask, other: Self) -> Self {
            Self(_mm256_blendv_ps(other.0, self.0, _mm256_castsi256_ps(mask.0)))
        }
        /// The same for what lies in memory.
        merge(self: Self, mask: Mask, other: Self) -> Self {
            Self(_mm256_castsi256_ps(merged(mask, _mm256_castps_si256(self.0), _mm256_castps_si256(other.0))))
        }
    }
}

macro_rules! integer {
    ($W:ident, $T:ident, $min:ident, $max:ident, $ordered:ident, $shr:ident) => {
        impl $W {
            methods! {
                /// The same value in every lane.
                splat(value: $T) -> Self { Self(_mm256_set1_epi32(value as i32)) }
                /// Sum, wrapping.
                add(self: Self, b: Self) -> Self { Self(_mm256_add_epi32(self.0, b.0)) }
                /// Difference, wrapping.
                sub(self: Self, b: Self) -> Self { Self(_mm256_sub_epi32(self.0, b.0)) }
                /// Product, wrapping.
                mul(self: Self, b: Self) -> Self { Self(_mm256_mullo_epi32(self.0, b.0)) }
                /// The smaller.
                min(self: Self, b: Self) -> Self { Self($min(self.0, b.0)) }
                /// The larger.
                max(self: Self, b: Self) -> Self { Self($max(self.0, b.0)) }
                /// Bits of both.
                and(self: Self, b: Self) -> Self { Self(_mm256_and_si256(self.0, b.0)) }
                /// Bits of either.
                or(self: Self, b: Self) -> Self { Self(_mm256_or_si256(self.0, b.0)) }
                /// Bits of one.
                xor(self: Self, b: Self) -> Self { Self(_mm256_xor_si256(self.0, b.0)) }
                /// All bits the other way.
                not(self: Self) -> Self { Self(_mm256_xor_si256(self.0, _mm256_set1_epi32(-1))) }
                /// Shifted up by the amount's lower five bits.
                shl(self: Self, amount: U32s) -> Self {
                    Self(_mm256_sllv_epi32(self.0, _mm256_and_si256(amount.0, _mm256_set1_epi32(31))))
                }
                /// Shifted down by the amount's lower five bits; a sign comes in from above.
                shr(self: Self, amount: U32s) -> Self {
                    Self($shr(self.0, _mm256_and_si256(amount.0, _mm256_set1_epi32(31))))
                }
                /// The bits.
                bits_f32(self: Self) -> F32s { F32s(_mm256_castsi256_ps(self.0)) }
                /// Less.
                lt(self: Self, b: Self) -> Mask { b.gt(self) }
                /// Less or equal.
                le(self: Self, b: Self) -> Mask { Self($min(self.0, b.0)).eq(self) }
                /// Greater.
                gt(self: Self, b: Self) -> Mask { Mask(_mm256_cmpgt_epi32($ordered(self.0), $ordered(b.0))) }
                /// Greater or equal.
                ge(self: Self, b: Self) -> Mask { Self($max(self.0, b.0)).eq(self) }
                /// Equal.
                eq(self: Self, b: Self) -> Mask { Mask(_mm256_cmpeq_epi32(self.0, b.0)) }
                /// Not equal.
                ne(self: Self, b: Self) -> Mask { self.eq(b).not() }
                /// Itself where the mask is set, else the other.
                when(self: Self, mask: Mask, other: Self) -> Self { Self(pick(mask, self.0, other.0)) }
                /// The same for what lies in memory.
                merge(self: Self, mask: Mask, other: Self) -> Self { Self(merged(mask, self.0, other.0)) }
            }
        }
    };
}

integer!(U32s, u32, _mm256_min_epu32, _mm256_max_epu32, flipped, _mm256_srlv_epi32);
integer!(I32s, i32, _mm256_min_epi32, _mm256_max_epi32, in_order, _mm256_srav_epi32);

impl U32s {
    methods! {
        /// The nearest float. Both halves convert exactly, so that only their sum rounds.
        to_f32(self: Self) -> F32s {
            let upper = _mm256_cvtepi32_ps(_mm256_srli_epi32::<16>(self.0));
            let lower = _mm256_cvtepi32_ps(_mm256_and_si256(self.0, _mm256_set1_epi32(0xffff)));
            F32s(_mm256_add_ps(_mm256_mul_ps(upper, _mm256_set1_ps(65_536.0)), lower))
        }
        /// The nearest float of a number below 2^31.
        small_to_f32(self: Self) -> F32s { F32s(_mm256_cvtepi32_ps(self.0)) }
        /// The bits.
        as_i32(self: Self) -> I32s { I32s(self.0) }
        /// Bits from the highest to the lowest: the two halves of each byte by table, and the bytes by a shuffle.
        reverse_bits(self: Self) -> Self {
            let table = _mm256_broadcastsi128_si256(_mm_setr_epi8(0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15));
            let bytes = _mm256_broadcastsi128_si256(_mm_setr_epi8(3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12));
            let nibble = _mm256_set1_epi8(0x0f);
            let low = _mm256_shuffle_epi8(table, _mm256_and_si256(self.0, nibble));
            let high = _mm256_shuffle_epi8(table, _mm256_and_si256(_mm256_srli_epi32::<4>(self.0), nibble));
            Self(_mm256_shuffle_epi8(_mm256_or_si256(_mm256_slli_epi32::<4>(low), high), bytes))
        }
        /// Four words of each lane, given lane by lane, as the four components of all.
        from_rows(rows: [__m128i; LANES]) -> V4<Self> {
            // Each register holds the row of one lane in its lower and that of the lane four further on in its upper half.
            let pair = |lane: usize| _mm256_set_m128i(rows[lane + 4], rows[lane]);
            let (a, b, c, d) = (pair(0), pair(1), pair(2), pair(3));
            let (p, q) = (_mm256_unpacklo_epi32(a, b), _mm256_unpackhi_epi32(a, b));
            let (r, s) = (_mm256_unpacklo_epi32(c, d), _mm256_unpackhi_epi32(c, d));
            V4::new(
                Self(_mm256_unpacklo_epi64(p, r)),
                Self(_mm256_unpackhi_epi64(p, r)),
                Self(_mm256_unpacklo_epi64(q, s)),
                Self(_mm256_unpackhi_epi64(q, s)),
            )
        }
    }
}

impl I32s {
    methods! {
        /// Without sign, wrapping.
        abs(self: Self) -> Self { Self(_mm256_abs_epi32(self.0)) }
        /// The nearest float.
        to_f32(self: Self) -> F32s { F32s(_mm256_cvtepi32_ps(self.0)) }
        /// The bits.
        as_u32(self: Self) -> U32s { U32s(self.0) }
    }
}

impl Mask {
    methods! {
        /// The same in every lane.
        splat(value: bool) -> Self { Self(_mm256_set1_epi32(-i32::from(value))) }
        /// Set where the lane's bit is.
        from_bits(bits: u32) -> Self {
            let lanes = _mm256_setr_epi32(1, 2, 4, 8, 16, 32, 64, 128);
            Self(_mm256_cmpeq_epi32(_mm256_and_si256(_mm256_set1_epi32(bits as i32), lanes), lanes))
        }
        /// A bit for each lane.
        bits(self: Self) -> u32 { _mm256_movemask_ps(_mm256_castsi256_ps(self.0)) as u32 }
        /// Set in both.
        and(self: Self, b: Self) -> Self { Self(_mm256_and_si256(self.0, b.0)) }
        /// Set here but not there.
        and_not(self: Self, b: Self) -> Self { Self(_mm256_andnot_si256(b.0, self.0)) }
        /// Set in either.
        or(self: Self, b: Self) -> Self { Self(_mm256_or_si256(self.0, b.0)) }
        /// The other way round.
        not(self: Self) -> Self { Self(_mm256_xor_si256(self.0, _mm256_set1_epi32(-1))) }
        /// The same in both.
        eq(self: Self, b: Self) -> Self { self.ne(b).not() }
        /// Different.
        ne(self: Self, b: Self) -> Self { Self(_mm256_xor_si256(self.0, b.0)) }
        /// One or zero.
        to_f32(self: Self) -> F32s { F32s(_mm256_and_ps(_mm256_castsi256_ps(self.0), _mm256_set1_ps(1.0))) }
        /// One or zero.
        to_u32(self: Self) -> U32s { U32s(_mm256_srli_epi32::<31>(self.0)) }
        /// Itself where the mask is set, else the other.
        when(self: Self, mask: Mask, other: Self) -> Self { mask.and(self).or(other.and_not(mask)) }
        /// The same for what lies in memory.
        merge(self: Self, mask: Mask, other: Self) -> Self { Self(merged(mask, self.0, other.0)) }
    }
}
