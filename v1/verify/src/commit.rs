//! A film's root: a BLAKE3 Merkle tree over a unit's leaves, bound to job, unit and number of leaves.
//!
//! ```text
//! leaf  = keyed(LEAF, 12 bytes)          node = keyed(NODE, left ‖ right)
//! root  = of("raylance root 1", job, unit, number of leaves, top)
//! ```
//!
//! Leaves, nodes and roots are hashed under different keys, so none can be passed off as another. A node without a sibling goes up one
//! level unchanged. This is unambiguous because the number of leaves fixes the tree's shape and is part of the root; no leaf is ever
//! hashed twice to fill a level.

use raylance_v1_protocol::job::LEAF_BYTES;
use raylance_v1_protocol::{Digest, JobId, Leaf, LeafIndex, Opening, OpeningEntry, Root, UnitIndex};

/// Keys of the two kinds of hashes inside the tree.
struct Keys {
    leaf: [u8; 32],
    node: [u8; 32],
}

impl Keys {
    fn new() -> Self {
        Self { leaf: blake3::derive_key("raylance film leaf 1", &[]), node: blake3::derive_key("raylance film node 1", &[]) }
    }

    fn leaf(&self, leaf: Leaf) -> Digest {
        let bytes: [u8; LEAF_BYTES] = leaf.to_bytes();
        Digest(*blake3::keyed_hash(&self.leaf, &bytes).as_bytes())
    }

    fn node(&self, left: &Digest, right: &Digest) -> Digest {
        let mut pair = [0; 64];
        pair[..32].copy_from_slice(&left.0);
        pair[32..].copy_from_slice(&right.0);
        Digest(*blake3::keyed_hash(&self.node, &pair).as_bytes())
    }
}

fn bound_root(job: JobId, unit: UnitIndex, leaf_count: u32, top: &Digest) -> Root {
    Root(Digest::of("raylance root 1", &[&job.0.0, &unit.0.to_le_bytes(), &leaf_count.to_le_bytes(), &top.0]))
}

/// A whole film with all its hashes: 64 bytes per leaf. Used by whoever has to open leaves; a root alone comes cheaper from [`root_of`].
#[derive(Clone, Debug)]
pub struct FilmTree {
    leaves: Vec<Leaf>,
    /// Levels one after the other, leaves' hashes first, the top last.
    hashes: Vec<Digest>,
    root: Root,
}

/// A leaf was asked for that the film has not got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("leaf {} was asked for; the film has {leaf_count} leaves", index.0)]
pub struct NoSuchLeaf {
    /// The leaf that was asked for.
    pub index: LeafIndex,
    /// Leaves of the film.
    pub leaf_count: u32,
}

impl FilmTree {
    /// Hashes a unit's leaves, which are in the order of `protocol::job` and fewer than 2^32.
    pub fn new(job: JobId, unit: UnitIndex, leaves: &[Leaf]) -> Self {
        let keys = Keys::new();
        let mut hashes = Vec::with_capacity(2 * leaves.len() + 64);
        hashes.extend(leaves.iter().map(|&leaf| keys.leaf(leaf)));
        let (mut start, mut width) = (0, leaves.len());
        while width > 1 {
            for at in (start..start + width - 1).step_by(2) {
                let node = keys.node(&hashes[at], &hashes[at + 1]);
                hashes.push(node);
            }
            if width % 2 == 1 {
                hashes.push(hashes[start + width - 1]);
            }
            start += width;
            width = width.div_ceil(2);
        }
        let top = hashes.last().copied().unwrap_or_default();
        Self { leaves: leaves.to_vec(), hashes, root: bound_root(job, unit, leaves.len() as u32, &top) }
    }

    /// The film's root.
    pub fn root(&self) -> Root {
        self.root
    }

    /// The leaves in their order.
    pub fn leaves(&self) -> &[Leaf] {
        &self.leaves
    }

    /// Opens leaves in the order of `challenge`.
    ///
    /// # Errors
    /// [`NoSuchLeaf`].
    pub fn open(&self, challenge: &[LeafIndex]) -> Result<Opening, NoSuchLeaf> {
        let entries = challenge.iter().map(|&index| self.open_one(index)).collect::<Result<_, _>>()?;
        Ok(Opening { entries })
    }

    fn open_one(&self, index: LeafIndex) -> Result<OpeningEntry, NoSuchLeaf> {
        let leaf_count = self.leaves.len() as u32;
        let &leaf = self.leaves.get(index.0 as usize).ok_or(NoSuchLeaf { index, leaf_count })?;
        let (mut start, mut width, mut at) = (0, self.leaves.len(), index.0 as usize);
        let mut path = Vec::with_capacity(32);
        while width > 1 {
            if at ^ 1 < width {
                path.push(self.hashes[start + (at ^ 1)]);
            }
            start += width;
            width = width.div_ceil(2);
            at /= 2;
        }
        Ok(OpeningEntry { index, leaf, path })
    }
}

/// The root of a unit's leaves in one pass and a few hundred bytes of memory.
pub fn root_of(job: JobId, unit: UnitIndex, leaves: &[Leaf]) -> Root {
    let keys = Keys::new();
    // Tops of finished subtrees, the largest first; the bits of the count so far say how large they are.
    let mut tops = [Digest::default(); 33];
    let mut len = 0;
    for (before, &leaf) in leaves.iter().enumerate() {
        let mut hash = keys.leaf(leaf);
        for _ in 0..before.trailing_ones() {
            len -= 1;
            hash = keys.node(&tops[len], &hash);
        }
        tops[len] = hash;
        len += 1;
    }
    let top = tops[..len].iter().rev().copied().reduce(|right, left| keys.node(&left, &right)).unwrap_or_default();
    bound_root(job, unit, leaves.len() as u32, &top)
}

/// Why an opening is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OpeningError {
    /// Another number of leaves than was asked for.
    #[error("{found} leaves were opened, {wanted} were asked for")]
    Count {
        /// Asked for.
        wanted: usize,
        /// Opened.
        found: usize,
    },
    /// Another leaf than was asked for at this place.
    #[error("entry {entry} opens leaf {}, leaf {} was asked for", found.0, wanted.0)]
    Index {
        /// Place in the challenge.
        entry: usize,
        /// Asked for.
        wanted: LeafIndex,
        /// Opened.
        found: LeafIndex,
    },
    /// A leaf was asked for that the unit has not got.
    #[error(transparent)]
    NoSuchLeaf(#[from] NoSuchLeaf),
    /// A path is too long or too short for its leaf.
    #[error("the path of leaf {} has {found} hashes, {wanted} lead to the root", index.0)]
    PathLength {
        /// The leaf.
        index: LeafIndex,
        /// Hashes that lead to the root.
        wanted: usize,
        /// Hashes found.
        found: usize,
    },
    /// Leaf and path lead to another root.
    #[error("leaf {} does not lead to the committed root", index.0)]
    Root {
        /// The leaf.
        index: LeafIndex,
    },
}

/// Checks an opening against the committed root and returns the worker's leaves in the order of `challenge`.
///
/// `leaf_count` is the unit's own (`Unit::leaves`), never what a peer says.
///
/// # Errors
/// The first rule of [`OpeningError`] that is broken; no leaf is returned then.
pub fn check_opening(
    job: JobId,
    unit: UnitIndex,
    leaf_count: u32,
    root: Root,
    challenge: &[LeafIndex],
    opening: &Opening,
) -> Result<Vec<Leaf>, OpeningError> {
    if opening.entries.len() != challenge.len() {
        return Err(OpeningError::Count { wanted: challenge.len(), found: opening.entries.len() });
    }
    let keys = Keys::new();
    let mut leaves = Vec::with_capacity(challenge.len());
    for (entry, (&wanted, opened)) in challenge.iter().zip(&opening.entries).enumerate() {
        if opened.index != wanted {
            return Err(OpeningError::Index { entry, wanted, found: opened.index });
        }
        let top = top_by_path(&keys, leaf_count, opened)?;
        if bound_root(job, unit, leaf_count, &top) != root {
            return Err(OpeningError::Root { index: wanted });
        }
        leaves.push(opened.leaf);
    }
    Ok(leaves)
}

fn top_by_path(keys: &Keys, leaf_count: u32, opened: &OpeningEntry) -> Result<Digest, OpeningError> {
    let index = opened.index;
    if index.0 >= leaf_count {
        return Err(NoSuchLeaf { index, leaf_count }.into());
    }
    let (wanted, found) = (path_len(leaf_count, index), opened.path.len());
    if found != wanted {
        return Err(OpeningError::PathLength { index, wanted, found });
    }
    let mut siblings = opened.path.iter();
    let (mut width, mut at) = (leaf_count, index.0);
    let mut hash = keys.leaf(opened.leaf);
    while width > 1 {
        if at ^ 1 < width {
            let sibling = siblings.next().expect("the path's length was checked against the same walk");
            hash = if at % 2 == 0 { keys.node(&hash, sibling) } else { keys.node(sibling, &hash) };
        }
        width = width.div_ceil(2);
        at /= 2;
    }
    Ok(hash)
}

fn path_len(leaf_count: u32, index: LeafIndex) -> usize {
    let (mut width, mut at, mut len) = (leaf_count, index.0, 0);
    while width > 1 {
        len += usize::from(at ^ 1 < width);
        width = width.div_ceil(2);
        at /= 2;
    }
    len
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn job(byte: u8) -> JobId {
        JobId(Digest([byte; 32]))
    }

    fn film(count: u32, seed: u32) -> Vec<Leaf> {
        (0..count).map(|i| Leaf([i.wrapping_mul(2_654_435_761) ^ seed, i, seed])).collect()
    }

    const UNIT: UnitIndex = UnitIndex(7);

    #[test]
    fn the_root_is_the_one_of_version_1() {
        let root = root_of(job(1), UNIT, &film(5, 3));
        assert_eq!(root.to_string(), "f75ddb339a24998fb74a808a4fc3050306dcc01cdf1e09eee0f2a061891cf64a");
    }

    #[test]
    fn films_of_every_small_size_open_and_have_different_roots() {
        let mut roots = std::collections::BTreeSet::new();
        for count in 1..70 {
            // All leaves are equal, so that only the count and the shape can tell films apart.
            let leaves = vec![Leaf::default(); count as usize];
            let tree = FilmTree::new(job(1), UNIT, &leaves);
            assert_eq!(tree.root(), root_of(job(1), UNIT, &leaves), "{count} leaves");
            assert!(roots.insert(tree.root()), "{count} leaves");
            let all: Vec<_> = (0..count).map(LeafIndex).collect();
            assert_eq!(check_opening(job(1), UNIT, count, tree.root(), &all, &tree.open(&all).unwrap()).as_ref(), Ok(&leaves));
        }
    }

    #[test]
    fn a_leaf_that_the_film_has_not_got_is_not_opened() {
        let tree = FilmTree::new(job(1), UNIT, &film(4, 0));
        assert_eq!(tree.open(&[LeafIndex(4)]), Err(NoSuchLeaf { index: LeafIndex(4), leaf_count: 4 }));
        let nothing = FilmTree::new(job(1), UNIT, &[]);
        assert_eq!(nothing.open(&[LeafIndex(0)]), Err(NoSuchLeaf { index: LeafIndex(0), leaf_count: 0 }));
        assert_eq!(nothing.root(), root_of(job(1), UNIT, &[]));
    }

    #[test]
    fn an_opening_of_other_leaves_than_asked_is_refused() {
        let tree = FilmTree::new(job(1), UNIT, &film(9, 0));
        let check = |asked: &[u32], opened: &[u32], expected: OpeningError| {
            let [asked, opened] = [asked, opened].map(|list| list.iter().copied().map(LeafIndex).collect::<Vec<_>>());
            let opening = tree.open(&opened).unwrap();
            assert_eq!(check_opening(job(1), UNIT, 9, tree.root(), &asked, &opening), Err(expected));
        };
        check(&[1, 2], &[1], OpeningError::Count { wanted: 2, found: 1 });
        check(&[1, 2], &[1, 2, 3], OpeningError::Count { wanted: 2, found: 3 });
        check(&[1, 2], &[2, 1], OpeningError::Index { entry: 0, wanted: LeafIndex(1), found: LeafIndex(2) });
    }

    #[test]
    fn a_node_can_not_pose_as_a_leaf_of_a_smaller_film() {
        let keys = Keys::new();
        let leaves = film(4, 1);
        let node = keys.node(&keys.leaf(leaves[0]), &keys.leaf(leaves[1]));
        let posing = Leaf::from_bytes(node.0[..LEAF_BYTES].try_into().unwrap());
        assert_ne!(keys.leaf(posing), node);
        assert_ne!(root_of(job(1), UNIT, &leaves[..2]), root_of(job(1), UNIT, &[posing]));
    }

    proptest! {
        #[test]
        fn any_change_to_an_honest_opening_is_refused(
            count in 1u32..300,
            seed: u32,
            pick in proptest::collection::vec(any::<u32>(), 1..20),
            at: prop::sample::Index,
            byte: prop::sample::Index,
            bit in 0u8..8,
        ) {
            let leaves = film(count, seed);
            let tree = FilmTree::new(job(1), UNIT, &leaves);
            let root = tree.root();
            prop_assert_eq!(root, root_of(job(1), UNIT, &leaves));
            let asked: Vec<_> = pick.iter().map(|p| LeafIndex(p % count)).collect();
            let honest = tree.open(&asked).unwrap();
            let expected: Vec<_> = asked.iter().map(|index| leaves[index.0 as usize]).collect();
            prop_assert_eq!(check_opening(job(1), UNIT, count, root, &asked, &honest), Ok(expected));

            // Another job, unit, root or number of leaves.
            prop_assert!(check_opening(job(2), UNIT, count, root, &asked, &honest).is_err());
            prop_assert!(check_opening(job(1), UnitIndex(8), count, root, &asked, &honest).is_err());
            let mut other = root;
            other.0.0[byte.index(32)] ^= 1 << bit;
            prop_assert!(check_opening(job(1), UNIT, count, other, &asked, &honest).is_err());
            prop_assert!(check_opening(job(1), UNIT, count + 1, root, &asked, &honest).is_err());
            prop_assert!(check_opening(job(1), UNIT, count - 1, root, &asked, &honest).is_err());

            // One bit of a leaf, of its path, of its index; a hash more or less.
            let at = at.index(asked.len());
            let refused = |change: &dyn Fn(&mut OpeningEntry)| {
                let mut opening = honest.clone();
                change(&mut opening.entries[at]);
                check_opening(job(1), UNIT, count, root, &asked, &opening).is_err()
            };
            prop_assert!(refused(&|entry| entry.leaf.0[byte.index(3)] ^= 1 << bit));
            prop_assert!(refused(&|entry| entry.index.0 ^= 1 << bit));
            prop_assert!(refused(&|entry| entry.path.push(Digest::default())));
            if !honest.entries[at].path.is_empty() {
                let hash = byte.index(honest.entries[at].path.len());
                prop_assert!(refused(&|entry| entry.path[hash].0[byte.index(32)] ^= 1 << bit));
                prop_assert!(refused(&|entry| entry.path.truncate(entry.path.len() - 1)));
            }

            // The index changed in challenge and opening alike.
            let mut moved = (asked.clone(), honest.clone());
            moved.0[at].0 ^= 1;
            moved.1.entries[at].index.0 ^= 1;
            prop_assert!(check_opening(job(1), UNIT, count, root, &moved.0, &moved.1).is_err());
        }

        #[test]
        fn any_changed_leaf_changes_the_root(count in 1u32..200, seed: u32, at: prop::sample::Index, word in 0usize..3, bit in 0u32..32) {
            let leaves = film(count, seed);
            let mut changed = leaves.clone();
            changed[at.index(count as usize)].0[word] ^= 1 << bit;
            prop_assert_ne!(root_of(job(1), UNIT, &leaves), root_of(job(1), UNIT, &changed));
        }
    }
}
