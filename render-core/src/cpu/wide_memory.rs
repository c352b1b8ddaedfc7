//! Memory for eight lanes: each live lane reads at an index of its own, the others read nothing of their own.

use super::runtime::{V2, V3, V4};
use super::wide_runtime::{F8, I8, LANES, M8, U8};
use std::arch::x86_64::*;

/// Bytes of the scalars that all buffers are made of.
const WORD: usize = 4;

/// What lies in buffers.
///
/// # Safety
/// The type consists of `f32`, `u32` and `i32` and has no padding.
pub unsafe trait Words: Copy {}

// SAFETY: one word.
unsafe impl Words for f32 {}
// SAFETY: one word.
unsafe impl Words for u32 {}
// SAFETY: one word.
unsafe impl Words for i32 {}
// SAFETY: a C struct of equal fields has no padding.
unsafe impl<T: Words> Words for V2<T> {}
// SAFETY: as above.
unsafe impl<T: Words> Words for V3<T> {}
// SAFETY: as above.
unsafe impl<T: Words> Words for V4<T> {}
// SAFETY: arrays have no padding between their elements.
unsafe impl<T: Words, const N: usize> Words for [T; N] {}

/// The index for live lanes, 0 for the others. Panics where a live lane goes beyond `length`, as an index into a slice does.
#[inline]
#[target_feature(enable = "avx2")]
pub fn bounded(index: U8, length: usize, live: M8) -> U8 {
    // Also 0 must be within: a lane that is not live is read there.
    let index = U8::splat(0).when(live.not(), index);
    let last = u32::try_from(length.wrapping_sub(1)).unwrap_or(if length == 0 { 0 } else { u32::MAX });
    if length == 0 || index.gt(U8::splat(last)).any() {
        out_of_bounds(length);
    }
    index
}

#[cold]
#[inline(never)]
fn out_of_bounds(length: usize) -> ! {
    panic!("a shader index is beyond the length {length}")
}

/// One word of an element per lane: word number `word` of element `index`.
#[inline]
#[target_feature(enable = "avx2")]
pub fn gather_word<T: Words>(buffer: &[T], index: U8, word: U8, live: M8) -> U8 {
    let words = size_of::<T>() / WORD;
    let (index, word) = (bounded(index, buffer.len(), live).to_array(), bounded(word, words, live).to_array());
    let first = buffer.as_ptr().cast::<u32>();
    // SAFETY: both were just bounded, and by `Words` there is nothing but words.
    let at = |lane: usize| unsafe { *first.add(index[lane] as usize * words + word[lane] as usize) };
    U8::from_array([at(0), at(1), at(2), at(3), at(4), at(5), at(6), at(7)])
}

/// Four neighbouring words of an element per lane, from number `word` on.
#[inline]
#[target_feature(enable = "avx2")]
pub fn gather_row<T: Words>(buffer: &[T], index: U8, word: usize, live: M8) -> V4<U8> {
    assert!(word * WORD + size_of::<__m128i>() <= size_of::<T>(), "the row must lie in the element");
    let index = bounded(index, buffer.len(), live).to_array();
    let first = buffer.as_ptr();
    // SAFETY: the index was just bounded, and the row lies within the element.
    let row = |lane: usize| unsafe { _mm_loadu_si128(first.add(index[lane] as usize).cast::<u32>().add(word).cast()) };
    // Each register holds the row of one lane in its lower and that of the lane four further on in its upper half.
    let pair = |lane: usize| _mm256_set_m128i(row(lane + LANES / 2), row(lane));
    let rows = [pair(0), pair(1), pair(2), pair(3)];
    let (a, b) = (_mm256_unpacklo_epi32(rows[0], rows[1]), _mm256_unpackhi_epi32(rows[0], rows[1]));
    let (c, d) = (_mm256_unpacklo_epi32(rows[2], rows[3]), _mm256_unpackhi_epi32(rows[2], rows[3]));
    V4::new(
        U8::from_register(_mm256_unpacklo_epi64(a, c)),
        U8::from_register(_mm256_unpackhi_epi64(a, c)),
        U8::from_register(_mm256_unpacklo_epi64(b, d)),
        U8::from_register(_mm256_unpackhi_epi64(b, d)),
    )
}

macro_rules! components {
    ($W:ident) => {
        components!($W, V2 [x y], 2);
        components!($W, V3 [x y z], 3);
        components!($W, V4 [x y z w], 4);
    };
    ($W:ident, $V:ident [$($field:ident)*], $length:literal) => {
        #[allow(dead_code)]
        impl $V<$W> {
            /// The component that each live lane asks for.
            #[inline]
            #[target_feature(enable = "avx2")]
            pub fn at(self, index: U8, live: M8) -> $W {
                let index = bounded(index, $length, live);
                let (mut number, mut found) = (0, self.x);
                $(
                    found = self.$field.when(index.eq(U8::splat(number)), found);
                    number += 1;
                )*
                let _ = number;
                found
            }

            /// Replaces the component that each live lane asks for.
            #[inline]
            #[target_feature(enable = "avx2")]
            pub fn put(&mut self, index: U8, live: M8, value: $W) {
                let index = bounded(index, $length, live);
                let mut number = 0;
                $(
                    self.$field = value.when(live.and(index.eq(U8::splat(number))), self.$field);
                    number += 1;
                )*
                let _ = number;
            }
        }
    };
}

components!(F8);
components!(U8);
components!(I8);
components!(M8);
