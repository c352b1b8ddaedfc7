//! What a wallet checks to believe that a row is, or is not, in the state with a known root.

use crate::tree::hash::{self, Side};
use crate::tree::{BRANCHES_MAX, EMPTY_ROOT, KEY_BYTES_MAX};
use raylance_protocol::{Digest, RowPath};

/// Does `path` prove that the row at `key` has this value, or with `None` that there is no such row, under `root`?
///
/// Absence is proved by the one row that the bits of `key` lead to: a row at `key` would be in its place. Each fact has exactly one path.
/// The caller bounds the length of what it decodes; the work here is at most [`BRANCHES_MAX`] hashes and one over the value.
///
/// # Errors
/// [`PathError`] names the first thing that is wrong.
pub fn verify_row(root: Digest, key: &[u8], value: Option<&[u8]>, path: &RowPath) -> Result<(), PathError> {
    if key.len() > KEY_BYTES_MAX {
        return Err(PathError::LongKey);
    }
    if path.branches.len() > BRANCHES_MAX {
        return Err(PathError::TooLong { branches: path.branches.len() });
    }
    if let Some(at) = path.branches.windows(2).position(|pair| pair[0].0 <= pair[1].0) {
        return Err(PathError::Order { at: at + 1 });
    }
    let leaf = match (value, &path.other) {
        (Some(_), Some(_)) => return Err(PathError::OtherBesideValue),
        (Some(value), None) => hash::leaf(key, hash::value(value)),
        (None, Some((other, value))) => absent(key, other, *value, path)?,
        (None, None) if path.branches.is_empty() => EMPTY_ROOT,
        (None, None) => return Err(PathError::NoLeaf),
    };
    let computed = path.branches.iter().fold(leaf, |below, (bit, beside)| match hash::side(key, *bit) {
        Side::Left => hash::branch(*bit, below, *beside),
        Side::Right => hash::branch(*bit, *beside, below),
    });
    if computed == root { Ok(()) } else { Err(PathError::Root { computed, expected: root }) }
}

/// The hash of the leaf that stands where `key` would.
fn absent(key: &[u8], other: &[u8], value: Digest, path: &RowPath) -> Result<Digest, PathError> {
    if other.len() > KEY_BYTES_MAX {
        return Err(PathError::LongKey);
    }
    if other == key {
        return Err(PathError::OtherIsKey);
    }
    match path.branches.iter().find(|(bit, _)| hash::side(other, *bit) != hash::side(key, *bit)) {
        Some(&(bit, _)) => Err(PathError::OtherElsewhere { bit }),
        None => Ok(hash::leaf(other, value)),
    }
}

/// Why a path proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    /// The key or the other row's key is longer than [`KEY_BYTES_MAX`].
    #[error("a key is too long")]
    LongKey,
    /// More branches than any path has.
    #[error("a path of {branches} branches")]
    TooLong {
        /// Branches given.
        branches: usize,
    },
    /// A branch decides on a bit that is not before that of the branch below it.
    #[error("branch {at} is out of order")]
    Order {
        /// Which branch, from 0 at the leaf.
        at: usize,
    },
    /// A row is to be proved, and another one is named.
    #[error("another row is named beside the value")]
    OtherBesideValue,
    /// Absence is to be proved, there are branches, and no row that they lead to.
    #[error("the path begins at no row")]
    NoLeaf,
    /// Absence is to be proved by the row itself.
    #[error("the other row has the key itself")]
    OtherIsKey,
    /// The bits of the key don't lead to the other row.
    #[error("the other row lies elsewhere from bit {bit}")]
    OtherElsewhere {
        /// The deepest bit that they differ in.
        bit: u16,
    },
    /// The path leads to another root.
    #[error("the path leads to {computed}, not to {expected}")]
    Root {
        /// Where it leads.
        computed: Digest,
        /// Where it should.
        expected: Digest,
    },
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::Tree;
    use proptest::prelude::*;

    fn tree(keys: &[u16]) -> Tree {
        let mut tree = Tree::default();
        for key in keys {
            tree.put(&key.to_be_bytes(), format!("value of {key}").into_bytes());
        }
        tree
    }

    /// Every byte of a path changed in every bit that it has, as far as a path can hold it.
    fn changed(path: &RowPath) -> Vec<RowPath> {
        let mut all = Vec::new();
        let mut with = |change: &dyn Fn(&mut RowPath)| {
            let mut path = path.clone();
            change(&mut path);
            all.push(path);
        };
        for at in 0..path.branches.len() {
            (0..16).for_each(|bit| with(&|path| path.branches[at].0 ^= 1 << bit));
            (0..256).for_each(|bit| with(&|path| path.branches[at].1.0[bit / 8] ^= 1 << (bit % 8)));
            with(&|path| _ = path.branches.remove(at));
            with(&|path| path.branches.insert(at, path.branches[at]));
            with(&|path| path.branches.truncate(at));
        }
        if let Some((key, _)) = &path.other {
            (0..8 * key.len()).for_each(|bit| with(&|path| path.other.as_mut().expect("checked").0[bit / 8] ^= 1 << (bit % 8)));
            (0..256).for_each(|bit| with(&|path| path.other.as_mut().expect("checked").1.0[bit / 8] ^= 1 << (bit % 8)));
            with(&|path| path.other = None);
            with(&|path| path.other.as_mut().expect("checked").0.push(0));
        } else {
            with(&|path| path.other = Some((vec![1, 2], Digest([7; 32]))));
        }
        all
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn no_path_stays_good_when_one_bit_of_it_changes(keys in prop::collection::vec(0u16..600, 1..40), key in 0u16..600) {
            let (tree, key) = (tree(&keys), key.to_be_bytes());
            let (value, path) = tree.prove(&key);
            prop_assert_eq!(verify_row(tree.root(), &key, value.as_deref(), &path), Ok(()));
            for bad in changed(&path) {
                prop_assert!(verify_row(tree.root(), &key, value.as_deref(), &bad).is_err(), "{:?}", bad);
            }
            for bit in 0..256 {
                let mut root = tree.root();
                root.0[bit / 8] ^= 1 << (bit % 8);
                prop_assert!(verify_row(root, &key, value.as_deref(), &path).is_err());
            }
        }

        #[test]
        fn no_path_proves_another_value_or_another_key(keys in prop::collection::vec(0u16..600, 1..40), other: u16) {
            let tree = tree(&keys);
            let key = keys[0].to_be_bytes();
            let (value, path) = tree.prove(&key);
            let value = value.expect("the key was put");
            for bit in 0..8 * value.len() {
                let mut wrong = value.clone();
                wrong[bit / 8] ^= 1 << (bit % 8);
                prop_assert!(verify_row(tree.root(), &key, Some(&wrong), &path).is_err());
            }
            prop_assert!(verify_row(tree.root(), &key, Some(&value[1..]), &path).is_err());
            prop_assert!(verify_row(tree.root(), &key, None, &path).is_err());
            prop_assert_eq!(verify_row(tree.root(), &other.to_be_bytes(), Some(&value), &path).is_ok(), other == keys[0]);
        }

        #[test]
        fn no_row_of_the_tree_proves_that_another_is_absent(keys in prop::collection::vec(0u16..600, 1..40)) {
            let tree = tree(&keys);
            for (near, value) in tree.iter() {
                let mut path = tree.prove(near).1;
                path.other = Some((near.to_vec(), hash::value(value)));
                for (key, value) in tree.iter() {
                    let refused = verify_row(tree.root(), key, None, &path).expect_err("the row is there");
                    match key == near {
                        true => prop_assert_eq!(refused, PathError::OtherIsKey),
                        false => prop_assert!(matches!(refused, PathError::OtherElsewhere { .. }), "{:?}", refused),
                    }
                    prop_assert!(verify_row(tree.root(), key, Some(value), &path).is_err());
                }
            }
        }
    }

    #[test]
    fn each_rule_of_a_path_has_its_refusal() {
        let tree = tree(&[1, 2, 3, 500]);
        let root = tree.root();
        let (there, path) = tree.prove(&[0, 2]);
        let (_, absent) = tree.prove(&[0, 9]);
        let check = |key: &[u8], value: Option<&[u8]>, base: &RowPath, change: &dyn Fn(&mut RowPath), expected| {
            let mut path = base.clone();
            change(&mut path);
            assert_eq!(verify_row(root, key, value, &path), expected);
        };
        let value = there.as_deref();
        check(&[0, 2], value, &path, &|_| (), Ok(()));
        check(&[0, 9], None, &absent, &|_| (), Ok(()));
        check(&[0; 66], value, &path, &|_| (), Err(PathError::LongKey));
        check(&[0, 9], None, &absent, &|path| path.other = Some((vec![0; 66], Digest::default())), Err(PathError::LongKey));
        let long = |len: u16| move |path: &mut RowPath| path.branches = (0..len).rev().map(|bit| (bit, Digest::default())).collect();
        check(&[0, 2], value, &path, &long(521), Err(PathError::TooLong { branches: 521 }));
        let is_wrong_root = |len| {
            let mut path = path.clone();
            long(len)(&mut path);
            matches!(verify_row(root, &[0, 2], value, &path), Err(PathError::Root { .. }))
        };
        assert!(is_wrong_root(520));
        check(&[0, 2], value, &path, &|path| path.branches.reverse(), Err(PathError::Order { at: 1 }));
        check(&[0, 2], value, &path, &|path| path.branches[1].0 = path.branches[0].0, Err(PathError::Order { at: 1 }));
        check(&[0, 2], value, &path, &|path| path.other.clone_from(&absent.other), Err(PathError::OtherBesideValue));
        check(&[0, 9], None, &absent, &|path| path.other = None, Err(PathError::NoLeaf));
        check(&[0, 2], None, &path, &|path| path.other = Some((vec![0, 2], Digest::default())), Err(PathError::OtherIsKey));
        check(&[1, 9], None, &absent, &|_| (), Err(PathError::OtherElsewhere { bit: 7 }));
    }

    #[test]
    fn hashes_are_what_the_page_says() {
        let name = |name: &str| -> [u8; 32] { std::array::from_fn(|at| name.as_bytes().get(at).copied().unwrap_or(0)) };
        let keyed = |key: &str, parts: &[&[u8]]| Digest(*blake3::keyed_hash(&name(key), &parts.concat()).as_bytes());
        let leaf = |key: &[u8], value: &[u8]| {
            let value = keyed("raylance state value 2", &[value]);
            keyed("raylance state leaf 2", &[&[key.len() as u8], key, &value.0])
        };
        let mut tree = Tree::default();
        tree.put(&[5, 0b1000_0000], b"one".to_vec());
        assert_eq!(tree.root(), leaf(&[5, 0b1000_0000], b"one"));
        tree.put(&[5, 0b1010_0000], vec![]);
        let (left, right) = (leaf(&[5, 0b1000_0000], b"one"), leaf(&[5, 0b1010_0000], b""));
        assert_eq!(tree.root(), keyed("raylance state branch 2\0\0\0\0\0\0\0\u{a}", &[&left.0, &right.0]));
    }
}
