//! Do replayed leaves agree with delivered ones?
//!
//! Equality of bits and nothing else, since that is how the court decides: a judgement by tolerance or by what light can be would have an
//! artist refuse films, and lose cases, over leaves that every device computes alike. So −0 is not 0, a NaN equals a NaN of the same bits
//! and no other, and a leaf that no light gives is right if the replay gives it too.

use raylance_protocol::{Leaf, LeafIndex};

/// A leaf that another device computes otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WrongLeaf {
    /// Its number in the task.
    pub index: LeafIndex,
    /// As the worker delivered it, opened.
    pub delivered: Leaf,
    /// As it was replayed.
    pub replayed: Leaf,
}

/// Why leaves are not found right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Nothing was drawn, or some leaves have no counterpart: nothing is proven, neither way.
    #[error("{drawn} leaves drawn, {delivered} delivered, {replayed} replayed")]
    Count {
        /// Leaves that were drawn.
        drawn: usize,
        /// Leaves that were delivered.
        delivered: usize,
        /// Leaves that were replayed.
        replayed: usize,
    },
    /// The first wrong leaf in the order of the draw.
    #[error("leaf {} differs", .0.index.0)]
    Wrong(WrongLeaf),
}

/// Judges `delivered` leaves by `replayed` ones; both answer `drawn`, in its order.
///
/// # Errors
/// [`Fault::Count`] unless there are as many of each and at least one; else [`Fault::Wrong`] with the first that differs.
pub fn judge(drawn: &[LeafIndex], delivered: &[Leaf], replayed: &[Leaf]) -> Result<(), Fault> {
    if drawn.is_empty() || delivered.len() != drawn.len() || replayed.len() != drawn.len() {
        return Err(Fault::Count { drawn: drawn.len(), delivered: delivered.len(), replayed: replayed.len() });
    }
    let mut pairs = drawn.iter().zip(delivered.iter().zip(replayed));
    match pairs.find(|(_, (delivered, replayed))| delivered != replayed) {
        None => Ok(()),
        Some((&index, (&delivered, &replayed))) => Err(Fault::Wrong(WrongLeaf { index, delivered, replayed })),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaf(red: f32) -> Leaf {
        Leaf::from_sums([red, 1.0, 0.0])
    }

    #[test]
    fn a_leaf_is_right_if_every_bit_is() {
        let check = |delivered: f32, replayed: f32, right: bool| {
            let [delivered, replayed] = [leaf(delivered), leaf(replayed)];
            let wrong = Fault::Wrong(WrongLeaf { index: LeafIndex(9), delivered, replayed });
            let expected = if right { Ok(()) } else { Err(wrong) };
            assert_eq!(judge(&[LeafIndex(9)], &[delivered], &[replayed]), expected, "{delivered:?} {replayed:?}");
        };
        check(1.0, 1.0, true);
        check(1.0, f32::from_bits(1.0f32.to_bits() + 1), false);
        check(0.0, -0.0, false);
        check(f32::NAN, f32::NAN, true);
        check(f32::NAN, f32::from_bits(f32::NAN.to_bits() ^ 1), false);
        check(f32::NAN, 1.0, false);
        check(-1.0, -1.0, true);
    }

    #[test]
    fn the_first_wrong_leaf_is_named() {
        let drawn = [3, 8, 11].map(LeafIndex);
        let delivered = [1.0, 2.0, 3.0].map(leaf);
        let replayed = [1.0, 2.5, 3.5].map(leaf);
        let wrong = WrongLeaf { index: LeafIndex(8), delivered: leaf(2.0), replayed: leaf(2.5) };
        assert_eq!(judge(&drawn, &delivered, &replayed), Err(Fault::Wrong(wrong)));
    }

    #[test]
    fn nothing_and_unequal_lengths_prove_nothing() {
        let check = |drawn: usize, delivered: usize, replayed: usize| {
            let leaves = |count: usize| vec![leaf(1.0); count];
            let indices = vec![LeafIndex(0); drawn];
            assert_eq!(judge(&indices, &leaves(delivered), &leaves(replayed)), Err(Fault::Count { drawn, delivered, replayed }));
        };
        check(0, 0, 0);
        check(2, 2, 1);
        check(2, 1, 2);
        check(1, 2, 2);
    }
}
