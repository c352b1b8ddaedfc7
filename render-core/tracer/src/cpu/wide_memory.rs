//! Memory for many lanes: each live lane reads at an index of its own, the others read nothing of their own.

use super::runtime::{V2, V3, V4};
use super::wide_runtime::{F32s, I32s, LANES, Mask, U32s};
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

wide! {
    /// The index for live lanes, 0 for the others. Panics where a live lane goes beyond `length`, as an index into a slice does.
    #[inline]
    pub fn bounded(index: U32s, length: usize, live: Mask) -> U32s {
        // Also 0 must be within: a lane that is not live is read there.
        let index = U32s::splat(0).when(live.not(), index);
        let last = u32::try_from(length.wrapping_sub(1)).unwrap_or(if length == 0 { 0 } else { u32::MAX });
        if length == 0 || index.gt(U32s::splat(last)).any() {
            out_of_bounds(length);
        }
        index
    }
}

#[cold]
#[inline(never)]
fn out_of_bounds(length: usize) -> ! {
    panic!("a shader index is beyond the length {length}")
}

wide! {
    /// One word of an element per lane: word number `word` of element `index`.
    #[inline]
    pub fn gather_word<T: Words>(buffer: &[T], index: U32s, word: U32s, live: Mask) -> U32s {
        let words = size_of::<T>() / WORD;
        let (index, word) = (bounded(index, buffer.len(), live).to_array(), bounded(word, words, live).to_array());
        let first = buffer.as_ptr().cast::<u32>();
        let mut found = [0; LANES];
        for lane in 0..LANES {
            // SAFETY: both were just bounded, and by `Words` there is nothing but words.
            found[lane] = unsafe { *first.add(index[lane] as usize * words + word[lane] as usize) };
        }
        U32s::from_array(found)
    }
}

wide! {
    /// Four neighbouring words of an element per lane, from number `word` on.
    #[inline]
    pub fn gather_row<T: Words>(buffer: &[T], index: U32s, word: usize, live: Mask) -> V4<U32s> {
        assert!(word * WORD + size_of::<__m128i>() <= size_of::<T>(), "the row must lie in the element");
        let index = bounded(index, buffer.len(), live).to_array();
        let first = buffer.as_ptr();
        let mut rows = [_mm_setzero_si128(); LANES];
        for lane in 0..LANES {
            // SAFETY: the index was just bounded, and the row lies within the element.
            rows[lane] = unsafe { _mm_loadu_si128(first.add(index[lane] as usize).cast::<u32>().add(word).cast()) };
        }
        U32s::from_rows(rows)
    }
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
            wide! {
                /// The component that each live lane asks for.
                #[inline]
                pub fn at(self, index: U32s, live: Mask) -> $W {
                    let index = bounded(index, $length, live);
                    let (mut number, mut found) = (0, self.x);
                    $(
                        found = self.$field.when(index.eq(U32s::splat(number)), found);
                        number += 1;
                    )*
                    let _ = number;
                    found
                }
            }

            wide! {
                /// Replaces the component that each live lane asks for.
                #[inline]
                pub fn put(&mut self, index: U32s, live: Mask, value: $W) {
                    let index = bounded(index, $length, live);
                    let mut number = 0;
                    $(
                        self.$field = value.when(live.and(index.eq(U32s::splat(number))), self.$field);
                        number += 1;
                    )*
                    let _ = number;
                }
            }
        }
    };
}

components!(F32s);
components!(U32s);
components!(I32s);
components!(Mask);
