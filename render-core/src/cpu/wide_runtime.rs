//! What the generated eight-wide code stands on: WGSL's scalars and vectors for eight lanes, each lane with the bits of `runtime`.
//!
//! A lane that is not live may hold anything. It must never index memory: gathers look at index 0 for it.
//! All functions need AVX2 and say so, which makes them safe to call from code that says so too.

// Operators have methods instead of traits: a trait's method can't say that it needs AVX2.
#![allow(clippy::should_implement_trait, clippy::needless_arbitrary_self_type)]

use super::runtime::{self, V2, V3, V4};
use std::arch::x86_64::*;

/// Lanes of every type here.
pub const LANES: usize = 8;

/// Eight `f32`.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub struct F8(__m256);

/// Eight `u32`.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub struct U8(__m256i);

/// Eight `i32`.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub struct I8(__m256i);

/// Eight `bool`: all bits of a lane are set, or none. Also says which lanes are live.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub struct M8(__m256i);

macro_rules! avx2 {
    ($($(#[$doc:meta])* $name:ident($($argument:ident: $T:ty),*) $(-> $R:ty)? $body:block)*) => {
        $(
            $(#[$doc])*
            #[allow(dead_code)]
            #[inline]
            #[target_feature(enable = "avx2")]
            pub fn $name($($argument: $T),*) $(-> $R)? $body
        )*
    };
}

/// Signed comparison orders unsigned numbers once their highest bits are flipped.
#[inline]
#[target_feature(enable = "avx2")]
fn flipped(a: __m256i) -> __m256i {
    _mm256_xor_si256(a, _mm256_set1_epi32(i32::MIN))
}

/// Signed numbers are in order as they are.
#[inline(always)]
fn in_order(a: __m256i) -> __m256i {
    a
}

/// As `pick`, in a form that no compiler turns into a masked store: those take 40 times as long as a store on some processors.
#[inline]
#[target_feature(enable = "avx2")]
fn merged(mask: M8, yes: __m256i, no: __m256i) -> __m256i {
    _mm256_xor_si256(no, _mm256_and_si256(_mm256_xor_si256(yes, no), mask.0))
}

#[inline]
#[target_feature(enable = "avx2")]
fn pick(mask: M8, yes: __m256i, no: __m256i) -> __m256i {
    _mm256_castps_si256(_mm256_blendv_ps(_mm256_castsi256_ps(no), _mm256_castsi256_ps(yes), _mm256_castsi256_ps(mask.0)))
}

impl F8 {
    avx2! {
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
        /// Clamped into [0, 1].
        saturate(self: Self) -> Self { self.max(Self::splat(0.0)).min(Self::splat(1.0)) }
        /// Less.
        lt(self: Self, b: Self) -> M8 { M8(_mm256_castps_si256(_mm256_cmp_ps::<_CMP_LT_OQ>(self.0, b.0))) }
        /// Less or equal.
        le(self: Self, b: Self) -> M8 { M8(_mm256_castps_si256(_mm256_cmp_ps::<_CMP_LE_OQ>(self.0, b.0))) }
        /// Greater.
        gt(self: Self, b: Self) -> M8 { M8(_mm256_castps_si256(_mm256_cmp_ps::<_CMP_GT_OQ>(self.0, b.0))) }
        /// Greater or equal.
        ge(self: Self, b: Self) -> M8 { M8(_mm256_castps_si256(_mm256_cmp_ps::<_CMP_GE_OQ>(self.0, b.0))) }
        /// Equal.
        eq(self: Self, b: Self) -> M8 { M8(_mm256_castps_si256(_mm256_cmp_ps::<_CMP_EQ_OQ>(self.0, b.0))) }
        /// As `float_to_u32`.
        to_u32(self: Self) -> U8 {
            let clamped = self.max(Self::splat(0.0)).min(Self::splat(4_294_967_040.0));
            // The conversion knows signed numbers only: the upper half goes through the lower one.
            let half = Self::splat(2_147_483_648.0);
            let upper = half.le(clamped);
            let lowered = clamped.sub(Self(_mm256_and_ps(half.0, _mm256_castsi256_ps(upper.0))));
            let bit = _mm256_and_si256(upper.0, _mm256_set1_epi32(i32::MIN));
            U8(_mm256_xor_si256(_mm256_cvttps_epi32(lowered.0), bit))
        }
        /// As `float_to_i32`.
        to_i32(self: Self) -> I8 {
            I8(_mm256_cvttps_epi32(self.max(Self::splat(-2_147_483_648.0)).min(Self::splat(2_147_483_520.0)).0))
        }
        /// The bits.
        bits_u32(self: Self) -> U8 { U8(_mm256_castps_si256(self.0)) }
        /// The bits.
        bits_i32(self: Self) -> I8 { I8(_mm256_castps_si256(self.0)) }
        /// Itself where the mask is set, else the other.
        when(self: Self, mask: M8, other: Self) -> Self {
            Self(_mm256_blendv_ps(other.0, self.0, _mm256_castsi256_ps(mask.0)))
        }
        /// The same for what lies in memory.
        merge(self: Self, mask: M8, other: Self) -> Self {
            Self(_mm256_castsi256_ps(merged(mask, _mm256_castps_si256(self.0), _mm256_castps_si256(other.0))))
        }
    }
}

macro_rules! integer {
    ($W:ident, $T:ident, $min:ident, $max:ident, $ordered:ident, $divide:path, $remainder:path) => {
        impl $W {
            avx2! {
                /// The same value in every lane.
                splat(value: $T) -> Self { Self(_mm256_set1_epi32(value as i32)) }
                /// Sum, wrapping.
                add(self: Self, b: Self) -> Self { Self(_mm256_add_epi32(self.0, b.0)) }
                /// Difference, wrapping.
                sub(self: Self, b: Self) -> Self { Self(_mm256_sub_epi32(self.0, b.0)) }
                /// Product, wrapping.
                mul(self: Self, b: Self) -> Self { Self(_mm256_mullo_epi32(self.0, b.0)) }
                /// Quotient by the runtime's rules.
                div(self: Self, b: Self) -> Self { self.zip(b, $divide) }
                /// Remainder by the runtime's rules.
                rem(self: Self, b: Self) -> Self { self.zip(b, $remainder) }
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
                shl(self: Self, amount: U8) -> Self {
                    Self(_mm256_sllv_epi32(self.0, _mm256_and_si256(amount.0, _mm256_set1_epi32(31))))
                }
                /// Opposite sign, wrapping.
                neg(self: Self) -> Self { Self(_mm256_sub_epi32(_mm256_setzero_si256(), self.0)) }
                /// Less.
                lt(self: Self, b: Self) -> M8 { b.gt(self) }
                /// Less or equal.
                le(self: Self, b: Self) -> M8 { Self($min(self.0, b.0)).eq(self) }
                /// Greater.
                gt(self: Self, b: Self) -> M8 { M8(_mm256_cmpgt_epi32($ordered(self.0), $ordered(b.0))) }
                /// Greater or equal.
                ge(self: Self, b: Self) -> M8 { Self($max(self.0, b.0)).eq(self) }
                /// Equal.
                eq(self: Self, b: Self) -> M8 { M8(_mm256_cmpeq_epi32(self.0, b.0)) }
                /// Not equal.
                ne(self: Self, b: Self) -> M8 { self.eq(b).not() }
                /// Whether it is not zero.
                to_bool(self: Self) -> M8 { self.ne(Self(_mm256_setzero_si256())) }
                /// Itself where the mask is set, else the other.
                when(self: Self, mask: M8, other: Self) -> Self { Self(pick(mask, self.0, other.0)) }
                /// The same for what lies in memory.
                merge(self: Self, mask: M8, other: Self) -> Self { Self(merged(mask, self.0, other.0)) }
            }

            /// A scalar function of each lane.
            #[allow(dead_code)]
            #[inline(always)]
            pub fn map(self, f: impl Fn($T) -> $T) -> Self {
                Self::from_array(self.to_array().map(f))
            }

            /// A scalar function of each pair of lanes.
            #[allow(dead_code)]
            #[inline(always)]
            pub fn zip(self, b: Self, f: impl Fn($T, $T) -> $T) -> Self {
                let (a, b) = (self.to_array(), b.to_array());
                Self::from_array(std::array::from_fn(|lane| f(a[lane], b[lane])))
            }
        }
    };
}

integer!(U8, u32, _mm256_min_epu32, _mm256_max_epu32, flipped, runtime::divide_u32, runtime::remainder_u32);
integer!(I8, i32, _mm256_min_epi32, _mm256_max_epi32, in_order, runtime::divide_i32, runtime::remainder_i32);

impl U8 {
    avx2! {
        /// Shifted down by the amount's lower five bits.
        shr(self: Self, amount: U8) -> Self {
            Self(_mm256_srlv_epi32(self.0, _mm256_and_si256(amount.0, _mm256_set1_epi32(31))))
        }
        /// The nearest float. Both halves convert exactly, so that only their sum rounds.
        to_f32(self: Self) -> F8 {
            let upper = _mm256_cvtepi32_ps(_mm256_srli_epi32::<16>(self.0));
            let lower = _mm256_cvtepi32_ps(_mm256_and_si256(self.0, _mm256_set1_epi32(0xffff)));
            F8(_mm256_add_ps(_mm256_mul_ps(upper, _mm256_set1_ps(65_536.0)), lower))
        }
        /// The nearest float of a number below 2^31.
        small_to_f32(self: Self) -> F8 { F8(_mm256_cvtepi32_ps(self.0)) }
        /// The bits.
        bits_f32(self: Self) -> F8 { F8(_mm256_castsi256_ps(self.0)) }
        /// The bits.
        as_i32(self: Self) -> I8 { I8(self.0) }
        /// From a register that holds eight numbers.
        from_register(register: __m256i) -> Self { Self(register) }
        /// Bits from the highest to the lowest: the two halves of each byte by table, and the bytes by a shuffle.
        reverse_bits(self: Self) -> Self {
            let table = _mm256_setr_epi8(
                0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15, 0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15,
            );
            let bytes = _mm256_setr_epi8(
                3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12, 3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12,
            );
            let nibble = _mm256_set1_epi8(0x0f);
            let low = _mm256_shuffle_epi8(table, _mm256_and_si256(self.0, nibble));
            let high = _mm256_shuffle_epi8(table, _mm256_and_si256(_mm256_srli_epi32::<4>(self.0), nibble));
            Self(_mm256_shuffle_epi8(_mm256_or_si256(_mm256_slli_epi32::<4>(low), high), bytes))
        }
        /// Number of one bits.
        count_one_bits(self: Self) -> Self { self.map(u32::count_ones) }
        /// Number of zero bits above the highest one bit.
        count_leading_zeros(self: Self) -> Self { self.map(u32::leading_zeros) }
        /// Number of zero bits below the lowest one bit.
        count_trailing_zeros(self: Self) -> Self { self.map(u32::trailing_zeros) }
        /// As `first_leading_bit_u32`.
        first_leading_bit(self: Self) -> Self { self.map(runtime::first_leading_bit_u32) }
        /// As `first_trailing_bit_u32`.
        first_trailing_bit(self: Self) -> Self { self.map(runtime::first_trailing_bit_u32) }
        /// As `extract_bits_u32`.
        extract_bits(self: Self, offset: U8, count: U8) -> Self {
            let (a, offset, count) = (self.to_array(), offset.to_array(), count.to_array());
            Self::from_array(std::array::from_fn(|lane| runtime::extract_bits_u32(a[lane], offset[lane], count[lane])))
        }
        /// As `insert_bits_u32`.
        insert_bits(self: Self, b: Self, offset: U8, count: U8) -> Self {
            let (a, b, offset, count) = (self.to_array(), b.to_array(), offset.to_array(), count.to_array());
            Self::from_array(std::array::from_fn(|lane| runtime::insert_bits_u32(a[lane], b[lane], offset[lane], count[lane])))
        }
    }
}

impl I8 {
    avx2! {
        /// Shifted down by the amount's lower five bits; the sign comes in from above.
        shr(self: Self, amount: U8) -> Self {
            Self(_mm256_srav_epi32(self.0, _mm256_and_si256(amount.0, _mm256_set1_epi32(31))))
        }
        /// Without sign, wrapping.
        abs(self: Self) -> Self { Self(_mm256_abs_epi32(self.0)) }
        /// The nearest float.
        to_f32(self: Self) -> F8 { F8(_mm256_cvtepi32_ps(self.0)) }
        /// The bits.
        bits_f32(self: Self) -> F8 { F8(_mm256_castsi256_ps(self.0)) }
        /// The bits.
        as_u32(self: Self) -> U8 { U8(self.0) }
        /// Bits from the highest to the lowest.
        reverse_bits(self: Self) -> Self { self.as_u32().reverse_bits().as_i32() }
        /// Number of one bits.
        count_one_bits(self: Self) -> Self { self.map(runtime::count_one_bits_i32) }
        /// Number of zero bits above the highest one bit.
        count_leading_zeros(self: Self) -> Self { self.map(runtime::count_leading_zeros_i32) }
        /// Number of zero bits below the lowest one bit.
        count_trailing_zeros(self: Self) -> Self { self.map(runtime::count_trailing_zeros_i32) }
        /// As `first_leading_bit_i32`.
        first_leading_bit(self: Self) -> Self { self.map(runtime::first_leading_bit_i32) }
        /// As `first_trailing_bit_i32`.
        first_trailing_bit(self: Self) -> Self { self.map(runtime::first_trailing_bit_i32) }
        /// As `extract_bits_i32`.
        extract_bits(self: Self, offset: U8, count: U8) -> Self {
            let (a, offset, count) = (self.to_array(), offset.to_array(), count.to_array());
            Self::from_array(std::array::from_fn(|lane| runtime::extract_bits_i32(a[lane], offset[lane], count[lane])))
        }
        /// As `insert_bits_i32`.
        insert_bits(self: Self, b: Self, offset: U8, count: U8) -> Self {
            self.as_u32().insert_bits(b.as_u32(), offset, count).as_i32()
        }
    }
}

impl M8 {
    avx2! {
        /// The same in every lane.
        splat(value: bool) -> Self { Self(_mm256_set1_epi32(-i32::from(value))) }
        /// Set in the first lanes, as many as asked for.
        first(count: u32) -> Self {
            Self(_mm256_cmpgt_epi32(_mm256_set1_epi32(count.min(8) as i32), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7)))
        }
        /// Set where the lane's bit is.
        from_bits(bits: u32) -> Self {
            let lanes = _mm256_setr_epi32(1, 2, 4, 8, 16, 32, 64, 128);
            Self(_mm256_cmpeq_epi32(_mm256_and_si256(_mm256_set1_epi32(bits as i32), lanes), lanes))
        }
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
        /// A bit for each lane.
        bits(self: Self) -> u32 { _mm256_movemask_ps(_mm256_castsi256_ps(self.0)) as u32 }
        /// Whether some lane is set.
        any(self: Self) -> bool { self.bits() != 0 }
        /// Whether no lane is set.
        none(self: Self) -> bool { self.bits() == 0 }
        /// One or zero.
        to_f32(self: Self) -> F8 { F8(_mm256_and_ps(_mm256_castsi256_ps(self.0), _mm256_set1_ps(1.0))) }
        /// One or zero.
        to_u32(self: Self) -> U8 { U8(_mm256_srli_epi32::<31>(self.0)) }
        /// One or zero.
        to_i32(self: Self) -> I8 { I8(_mm256_srli_epi32::<31>(self.0)) }
        /// Itself where the mask is set, else the other.
        when(self: Self, mask: M8, other: Self) -> Self { mask.and(self).or(other.and_not(mask)) }
        /// The same for what lies in memory.
        merge(self: Self, mask: M8, other: Self) -> Self { Self(merged(mask, self.0, other.0)) }
        /// The lanes' values.
        to_array(self: Self) -> [bool; LANES] {
            let bits = self.bits();
            std::array::from_fn(|lane| bits & (1 << lane) != 0)
        }
        /// The value of one lane.
        lane(self: Self, lane: usize) -> bool { self.bits() & (1 << lane) != 0 }
        /// From the lanes' values.
        from_array(lanes: [bool; LANES]) -> Self { Self(U8::from_array(lanes.map(|set| u32::from(set).wrapping_neg())).0) }
    }

    /// The lanes that are set, in order.
    #[inline]
    #[target_feature(enable = "avx2")]
    pub fn lanes(self) -> Lanes {
        Lanes(self.bits())
    }
}

/// Numbers of lanes.
#[derive(Clone, Copy)]
pub struct Lanes(u32);

impl Iterator for Lanes {
    type Item = usize;

    #[inline(always)]
    fn next(&mut self) -> Option<usize> {
        let lane = self.0.trailing_zeros() as usize;
        self.0 &= self.0.wrapping_sub(1);
        (lane < LANES).then_some(lane)
    }
}

macro_rules! lanes {
    ($W:ident, $T:ty) => {
        impl $W {
            /// The lanes' values.
            #[inline(always)]
            pub fn to_array(self) -> [$T; LANES] {
                // SAFETY: both are 32 bytes, and every pattern of bits is a value of the array's type.
                unsafe { std::mem::transmute(self) }
            }

            /// From the lanes' values.
            #[inline(always)]
            pub fn from_array(lanes: [$T; LANES]) -> Self {
                // SAFETY: as above, the other way.
                unsafe { std::mem::transmute(lanes) }
            }

            /// The value of one lane.
            #[inline(always)]
            pub fn lane(self, lane: usize) -> $T {
                self.to_array()[lane]
            }
        }
    };
}

lanes!(F8, f32);
lanes!(U8, u32);
lanes!(I8, i32);

// ---- vectors --------------------------------------------------------------------------------------------------------

macro_rules! by_component {
    ($W:ident, $T:ty: $($unary:ident -> $R1:ty),*; $($binary:ident($B:ty) -> $R2:ty),*) => {
        by_component!(@vector V2 [x y], $W, $T: $($unary -> $R1),*; $($binary($B) -> $R2),*);
        by_component!(@vector V3 [x y z], $W, $T: $($unary -> $R1),*; $($binary($B) -> $R2),*);
        by_component!(@vector V4 [x y z w], $W, $T: $($unary -> $R1),*; $($binary($B) -> $R2),*);
    };
    (@vector $V:ident $fields:tt, $W:ident, $T:ty: $($unary:ident -> $R1:ty),*; $($binary:ident($B:ty) -> $R2:ty),*) => {
        impl $V<$W> {
            $(by_component!(@unary $unary, $V<$R1>, $V $fields);)*
            $(by_component!(@binary $binary, $V<$B>, $V<$R2>, $V $fields);)*
            by_component!(@lanes $V $fields, $W, $T);
        }
    };
    (@unary $method:ident, $R:ty, $V:ident [$($field:ident)*]) => {
        avx2! {
            /// Component by component.
            $method(self: Self) -> $R { $V::new($(self.$field.$method()),*) }
        }
    };
    (@binary $method:ident, $B:ty, $R:ty, $V:ident [$($field:ident)*]) => {
        avx2! {
            /// Component by component.
            $method(self: Self, b: $B) -> $R { $V::new($(self.$field.$method(b.$field)),*) }
        }
    };
    (@lanes $V:ident [$($field:ident)*], $W:ident, $T:ty) => {
        avx2! {
            /// The same values in every lane.
            wide(value: $V<$T>) -> Self { $V::new($($W::splat(value.$field)),*) }
            /// Itself where the mask is set, else the other.
            when(self: Self, mask: M8, other: Self) -> Self { $V::new($(self.$field.when(mask, other.$field)),*) }
            /// The same for what lies in memory.
            merge(self: Self, mask: M8, other: Self) -> Self { $V::new($(self.$field.merge(mask, other.$field)),*) }
            /// Each component by a mask of its own.
            when_each(self: Self, mask: $V<M8>, other: Self) -> Self {
                $V::new($(self.$field.when(mask.$field, other.$field)),*)
            }
            /// The values of one lane.
            lane(self: Self, lane: usize) -> $V<$T> { $V::new($(self.$field.lane(lane)),*) }
        }
    };
}

by_component!(F8, f32:
    neg -> F8, abs -> F8, floor -> F8, ceil -> F8, trunc -> F8, round -> F8, saturate -> F8,
    to_u32 -> U8, to_i32 -> I8, bits_u32 -> U8, bits_i32 -> I8;
    add(F8) -> F8, sub(F8) -> F8, mul(F8) -> F8, min(F8) -> F8, max(F8) -> F8,
    lt(F8) -> M8, le(F8) -> M8, gt(F8) -> M8, ge(F8) -> M8, eq(F8) -> M8);
by_component!(U8, u32:
    neg -> U8, not -> U8, reverse_bits -> U8, count_one_bits -> U8, count_leading_zeros -> U8, count_trailing_zeros -> U8,
    first_leading_bit -> U8, first_trailing_bit -> U8, to_f32 -> F8, small_to_f32 -> F8, bits_f32 -> F8, as_i32 -> I8, to_bool -> M8;
    add(U8) -> U8, sub(U8) -> U8, mul(U8) -> U8, div(U8) -> U8, rem(U8) -> U8, min(U8) -> U8, max(U8) -> U8,
    and(U8) -> U8, or(U8) -> U8, xor(U8) -> U8, shl(U8) -> U8, shr(U8) -> U8,
    lt(U8) -> M8, le(U8) -> M8, gt(U8) -> M8, ge(U8) -> M8, eq(U8) -> M8, ne(U8) -> M8);
by_component!(I8, i32:
    neg -> I8, not -> I8, abs -> I8, reverse_bits -> I8, count_one_bits -> I8, count_leading_zeros -> I8, count_trailing_zeros -> I8,
    first_leading_bit -> I8, first_trailing_bit -> I8, to_f32 -> F8, bits_f32 -> F8, as_u32 -> U8, to_bool -> M8;
    add(I8) -> I8, sub(I8) -> I8, mul(I8) -> I8, div(I8) -> I8, rem(I8) -> I8, min(I8) -> I8, max(I8) -> I8,
    and(I8) -> I8, or(I8) -> I8, xor(I8) -> I8, shl(U8) -> I8, shr(U8) -> I8,
    lt(I8) -> M8, le(I8) -> M8, gt(I8) -> M8, ge(I8) -> M8, eq(I8) -> M8, ne(I8) -> M8);
by_component!(M8, bool:
    not -> M8, to_f32 -> F8, to_u32 -> U8, to_i32 -> I8;
    and(M8) -> M8, or(M8) -> M8, eq(M8) -> M8, ne(M8) -> M8);

macro_rules! quantifiers {
    ($V:ident $($field:ident)*) => {
        impl $V<M8> {
            avx2! {
                /// By lane: whether all components are set.
                all_set(self: Self) -> M8 { M8::splat(true)$(.and(self.$field))* }
                /// By lane: whether some component is set.
                any_set(self: Self) -> M8 { M8::splat(false)$(.or(self.$field))* }
            }
        }
    };
}

quantifiers!(V2 x y);
quantifiers!(V3 x y z);
quantifiers!(V4 x y z w);
