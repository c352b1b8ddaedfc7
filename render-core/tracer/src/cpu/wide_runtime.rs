//! What the generated wide code stands on: WGSL's scalars and vectors for many lanes, each lane with the bits of `runtime`.
//!
//! A lane that is not live may hold anything. It must never index memory: gathers look at index 0 for it.
//! All functions need the features of their registers and say so, which makes them safe to call from code that says so too.

// Operators have methods instead of traits: a trait's method can't say what it needs.
#![allow(clippy::should_implement_trait, clippy::needless_arbitrary_self_type)]

pub use super::registers::{F32s, FREE_MIN, I32s, LANES, Mask, U32s};
use super::runtime::{self, V2, V3, V4};

impl F32s {
    methods! {
        /// Clamped into [0, 1].
        saturate(self: Self) -> Self { self.max(Self::splat(0.0)).min(Self::splat(1.0)) }
        /// As `float_to_u32`.
        to_u32(self: Self) -> U32s { self.max(Self::splat(0.0)).min(Self::splat(4_294_967_040.0)).clamped_to_u32() }
        /// As `float_to_i32`.
        to_i32(self: Self) -> I32s { self.max(Self::splat(-2_147_483_648.0)).min(Self::splat(2_147_483_520.0)).clamped_to_i32() }
    }
}

macro_rules! integer {
    ($W:ident, $T:ident, $divide:path, $remainder:path) => {
        impl $W {
            methods! {
                /// Quotient by the runtime's rules.
                div(self: Self, b: Self) -> Self { self.zip(b, $divide) }
                /// Remainder by the runtime's rules.
                rem(self: Self, b: Self) -> Self { self.zip(b, $remainder) }
                /// Opposite sign, wrapping.
                neg(self: Self) -> Self { Self::splat(0).sub(self) }
                /// Whether it is not zero.
                to_bool(self: Self) -> Mask { self.ne(Self::splat(0)) }
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

integer!(U32s, u32, runtime::divide_u32, runtime::remainder_u32);
integer!(I32s, i32, runtime::divide_i32, runtime::remainder_i32);

impl U32s {
    methods! {
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
        extract_bits(self: Self, offset: U32s, count: U32s) -> Self {
            let (a, offset, count) = (self.to_array(), offset.to_array(), count.to_array());
            Self::from_array(std::array::from_fn(|lane| runtime::extract_bits_u32(a[lane], offset[lane], count[lane])))
        }
        /// As `insert_bits_u32`.
        insert_bits(self: Self, b: Self, offset: U32s, count: U32s) -> Self {
            let (a, b, offset, count) = (self.to_array(), b.to_array(), offset.to_array(), count.to_array());
            Self::from_array(std::array::from_fn(|lane| runtime::insert_bits_u32(a[lane], b[lane], offset[lane], count[lane])))
        }
    }
}

impl I32s {
    methods! {
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
        extract_bits(self: Self, offset: U32s, count: U32s) -> Self {
            let (a, offset, count) = (self.to_array(), offset.to_array(), count.to_array());
            Self::from_array(std::array::from_fn(|lane| runtime::extract_bits_i32(a[lane], offset[lane], count[lane])))
        }
        /// As `insert_bits_i32`.
        insert_bits(self: Self, b: Self, offset: U32s, count: U32s) -> Self {
            self.as_u32().insert_bits(b.as_u32(), offset, count).as_i32()
        }
    }
}

impl Mask {
    methods! {
        /// Set in the first lanes, as many as asked for.
        first(count: u32) -> Self { Self::from_bits((1_u32 << count.min(LANES as u32)) - 1) }
        /// Whether some lane is set.
        any(self: Self) -> bool { self.bits() != 0 }
        /// Whether no lane is set.
        none(self: Self) -> bool { self.bits() == 0 }
        /// One or zero.
        to_i32(self: Self) -> I32s { self.to_u32().as_i32() }
        /// The lanes that are set, in order.
        lanes(self: Self) -> Lanes { Lanes(self.bits()) }
        /// The lanes' values.
        to_array(self: Self) -> [bool; LANES] {
            let bits = self.bits();
            std::array::from_fn(|lane| bits & (1 << lane) != 0)
        }
        /// The value of one lane.
        lane(self: Self, lane: usize) -> bool { self.bits() & (1 << lane) != 0 }
        /// From the lanes' values.
        from_array(lanes: [bool; LANES]) -> Self {
            Self::from_bits(lanes.iter().enumerate().fold(0, |bits, (lane, &set)| bits | u32::from(set) << lane))
        }
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

macro_rules! array {
    ($W:ident, $T:ty) => {
        impl $W {
            /// The lanes' values.
            #[inline(always)]
            pub fn to_array(self) -> [$T; LANES] {
                // SAFETY: both have the same size, and every pattern of bits is a value of the array's type.
                unsafe { std::mem::transmute(self) }
            }

            /// From the lanes' values.
            #[inline(always)]
            pub fn from_array(lanes: [$T; LANES]) -> Self {
                // SAFETY: as above, the other way.
                unsafe { std::mem::transmute(lanes) }
            }

            /// The lanes' values where they are.
            #[allow(dead_code)]
            #[inline(always)]
            pub fn as_array(&self) -> &[$T; LANES] {
                // SAFETY: as above; a register is aligned more strictly than the array.
                unsafe { &*(&raw const *self).cast() }
            }

            /// The lanes' values where they are, to be changed.
            #[allow(dead_code)]
            #[inline(always)]
            pub fn as_array_mut(&mut self) -> &mut [$T; LANES] {
                // SAFETY: as above.
                unsafe { &mut *(&raw mut *self).cast() }
            }

            /// The value of one lane.
            #[inline(always)]
            pub fn lane(self, lane: usize) -> $T {
                self.to_array()[lane]
            }
        }
    };
}

array!(F32s, f32);
array!(U32s, u32);
array!(I32s, i32);

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
        methods! {
            /// Component by component.
            $method(self: Self) -> $R { $V::new($(self.$field.$method()),*) }
        }
    };
    (@binary $method:ident, $B:ty, $R:ty, $V:ident [$($field:ident)*]) => {
        methods! {
            /// Component by component.
            $method(self: Self, b: $B) -> $R { $V::new($(self.$field.$method(b.$field)),*) }
        }
    };
    (@lanes $V:ident [$($field:ident)*], $W:ident, $T:ty) => {
        methods! {
            /// The same values in every lane.
            wide(value: $V<$T>) -> Self { $V::new($($W::splat(value.$field)),*) }
            /// Itself where the mask is set, else the other.
            when(self: Self, mask: Mask, other: Self) -> Self { $V::new($(self.$field.when(mask, other.$field)),*) }
            /// The same for what lies in memory.
            merge(self: Self, mask: Mask, other: Self) -> Self { $V::new($(self.$field.merge(mask, other.$field)),*) }
            /// Each component by a mask of its own.
            when_each(self: Self, mask: $V<Mask>, other: Self) -> Self {
                $V::new($(self.$field.when(mask.$field, other.$field)),*)
            }
            /// The values of one lane.
            lane(self: Self, lane: usize) -> $V<$T> { $V::new($(self.$field.lane(lane)),*) }
        }
    };
}

by_component!(F32s, f32:
    neg -> F32s, abs -> F32s, floor -> F32s, ceil -> F32s, trunc -> F32s, round -> F32s, saturate -> F32s,
    to_u32 -> U32s, to_i32 -> I32s, bits_u32 -> U32s, bits_i32 -> I32s;
    add(F32s) -> F32s, sub(F32s) -> F32s, mul(F32s) -> F32s, min(F32s) -> F32s, max(F32s) -> F32s,
    lt(F32s) -> Mask, le(F32s) -> Mask, gt(F32s) -> Mask, ge(F32s) -> Mask, eq(F32s) -> Mask);
by_component!(U32s, u32:
    neg -> U32s, not -> U32s, reverse_bits -> U32s, count_one_bits -> U32s, count_leading_zeros -> U32s, count_trailing_zeros -> U32s,
    first_leading_bit -> U32s, first_trailing_bit -> U32s, to_f32 -> F32s, small_to_f32 -> F32s, bits_f32 -> F32s, as_i32 -> I32s, to_bool -> Mask;
    add(U32s) -> U32s, sub(U32s) -> U32s, mul(U32s) -> U32s, div(U32s) -> U32s, rem(U32s) -> U32s, min(U32s) -> U32s, max(U32s) -> U32s,
    and(U32s) -> U32s, or(U32s) -> U32s, xor(U32s) -> U32s, shl(U32s) -> U32s, shr(U32s) -> U32s,
    lt(U32s) -> Mask, le(U32s) -> Mask, gt(U32s) -> Mask, ge(U32s) -> Mask, eq(U32s) -> Mask, ne(U32s) -> Mask);
by_component!(I32s, i32:
    neg -> I32s, not -> I32s, abs -> I32s, reverse_bits -> I32s, count_one_bits -> I32s, count_leading_zeros -> I32s, count_trailing_zeros -> I32s,
    first_leading_bit -> I32s, first_trailing_bit -> I32s, to_f32 -> F32s, bits_f32 -> F32s, as_u32 -> U32s, to_bool -> Mask;
    add(I32s) -> I32s, sub(I32s) -> I32s, mul(I32s) -> I32s, div(I32s) -> I32s, rem(I32s) -> I32s, min(I32s) -> I32s, max(I32s) -> I32s,
    and(I32s) -> I32s, or(I32s) -> I32s, xor(I32s) -> I32s, shl(U32s) -> I32s, shr(U32s) -> I32s,
    lt(I32s) -> Mask, le(I32s) -> Mask, gt(I32s) -> Mask, ge(I32s) -> Mask, eq(I32s) -> Mask, ne(I32s) -> Mask);
by_component!(Mask, bool:
    not -> Mask, to_f32 -> F32s, to_u32 -> U32s, to_i32 -> I32s;
    and(Mask) -> Mask, or(Mask) -> Mask, eq(Mask) -> Mask, ne(Mask) -> Mask);

macro_rules! quantifiers {
    ($V:ident $($field:ident)*) => {
        impl $V<Mask> {
            methods! {
                /// By lane: whether all components are set.
                all_set(self: Self) -> Mask { Mask::splat(true)$(.and(self.$field))* }
                /// By lane: whether some component is set.
                any_set(self: Self) -> Mask { Mask::splat(false)$(.or(self.$field))* }
            }
        }
    };
}

quantifiers!(V2 x y);
quantifiers!(V3 x y z);
quantifiers!(V4 x y z w);
