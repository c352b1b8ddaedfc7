//! A film's root: a BLAKE3 Merkle tree over addresses and sealed leaves, bound to job, worker, task and number of leaves.
//!
//! ```text
//! leaf  = keyed(LEAF, address ‖ sealed leaf)          25 bytes
//! node  = keyed(NODE, left ‖ right)                   64 bytes
//! root  = of("raylance root 2", job, worker, task, number of leaves, top)
//! ```
//!
//! Leaves, nodes and roots are hashed under different keys, so none can be passed off as another. A node without a sibling goes up one
//! level unchanged. This is unambiguous because the number of leaves fixes the tree's shape and is part of the root; no leaf is ever
//! hashed twice to fill a level.

use crate::film::FilmId;
use raylance_protocol::job::{ADDRESS_BYTES, LEAF_BYTES};
use raylance_protocol::{Address, Digest, LeafIndex, Root, encode, limits};

/// The two keyed hashes inside the tree.
struct Keys {
    leaf: [u8; 32],
    node: [u8; 32],
}

impl Keys {
    fn new() -> Self {
        Self { leaf: blake3::derive_key("raylance film leaf 2", &[]), node: blake3::derive_key("raylance film node 2", &[]) }
    }

    fn leaf(&self, address: &Address, sealed: &[u8; LEAF_BYTES]) -> Digest {
        let mut bytes = [0; ADDRESS_BYTES + LEAF_BYTES];
        bytes[..ADDRESS_BYTES].copy_from_slice(&address.to_bytes());
        bytes[ADDRESS_BYTES..].copy_from_slice(sealed);
        Digest(*blake3::keyed_hash(&self.leaf, &bytes).as_bytes())
    }

    fn node(&self, left: &Digest, right: &Digest) -> Digest {
        let mut pair = [0; 64];
        pair[..32].copy_from_slice(&left.0);
        pair[32..].copy_from_slice(&right.0);
        Digest(*blake3::keyed_hash(&self.node, &pair).as_bytes())
    }
}

fn bound_root(film: &FilmId, leaf_count: u32, top: &Digest) -> Root {
    let task = encode(&film.task);
    Root(Digest::of("raylance root 2", &[&film.job.0.0, &film.worker.0, &task, &leaf_count.to_le_bytes(), &top.0]))
}

/// Addresses and bytes that are no film together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{film_bytes} bytes of film for {addresses} addresses of {LEAF_BYTES} bytes; 1 to {max} leaves are possible", max = limits::LEAVES_MAX)]
pub struct LengthError {
    /// Leaves that there should be.
    pub addresses: usize,
    /// Bytes that there are.
    pub film_bytes: usize,
}

fn sealed_leaves(addresses: usize, sealed: &[u8]) -> Result<&[[u8; LEAF_BYTES]], LengthError> {
    let (leaves, rest) = sealed.as_chunks::<LEAF_BYTES>();
    let fits = rest.is_empty() && leaves.len() == addresses && (1..=limits::LEAVES_MAX as usize).contains(&addresses);
    if fits { Ok(leaves) } else { Err(LengthError { addresses, film_bytes: sealed.len() }) }
}

/// The root of a sealed film, in one pass and about a kilobyte of memory. `sealed` holds one leaf of 12 bytes for each address.
///
/// # Errors
/// [`LengthError`].
pub fn root_of<A>(film: &FilmId, addresses: A, sealed: &[u8]) -> Result<Root, LengthError>
where
    A: IntoIterator<Item = Address, IntoIter: ExactSizeIterator>,
{
    let addresses = addresses.into_iter();
    let leaves = sealed_leaves(addresses.len(), sealed)?;
    let keys = Keys::new();
    // Tops of finished subtrees, the largest first; the bits of the count so far say how large they are.
    let mut tops = [Digest::default(); 33];
    let mut len = 0;
    for (before, (address, leaf)) in addresses.zip(leaves).enumerate() {
        let mut hash = keys.leaf(&address, leaf);
        for _ in 0..before.trailing_ones() {
            len -= 1;
            hash = keys.node(&tops[len], &hash);
        }
        tops[len] = hash;
        len += 1;
    }
    let top = tops[..len].iter().rev().copied().reduce(|right, left| keys.node(&left, &right)).unwrap_or_default();
    Ok(bound_root(film, leaves.len() as u32, &top))
}

/// All hashes of a sealed film: 64 bytes per leaf. For whoever opens leaves; a root alone comes cheaper from [`root_of`].
#[derive(Clone, Debug)]
pub struct FilmTree {
    leaf_count: u32,
    /// Levels one after the other, leaves' hashes first, the top last.
    hashes: Vec<Digest>,
    root: Root,
}

impl FilmTree {
    /// Hashes a sealed film; arguments as in [`root_of`].
    ///
    /// # Errors
    /// [`LengthError`].
    pub fn new<A>(film: &FilmId, addresses: A, sealed: &[u8]) -> Result<Self, LengthError>
    where
        A: IntoIterator<Item = Address, IntoIter: ExactSizeIterator>,
    {
        let addresses = addresses.into_iter();
        let leaves = sealed_leaves(addresses.len(), sealed)?;
        let keys = Keys::new();
        let mut hashes = Vec::with_capacity(2 * leaves.len() + 64);
        hashes.extend(addresses.zip(leaves).map(|(address, leaf)| keys.leaf(&address, leaf)));
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
        let (leaf_count, top) = (leaves.len() as u32, hashes.last().copied().unwrap_or_default());
        Ok(Self { leaf_count, hashes, root: bound_root(film, leaf_count, &top) })
    }

    /// The film's root.
    pub fn root(&self) -> Root {
        self.root
    }

    /// Sibling hashes from a leaf up to the top; `None` when the film has no such leaf.
    pub fn path(&self, index: LeafIndex) -> Option<Vec<Digest>> {
        if index.0 >= self.leaf_count {
            return None;
        }
        let (mut start, mut width, mut at) = (0, self.leaf_count as usize, index.0 as usize);
        let mut path = Vec::with_capacity(path_len(self.leaf_count, index));
        while width > 1 {
            if at ^ 1 < width {
                path.push(self.hashes[start + (at ^ 1)]);
            }
            start += width;
            width = width.div_ceil(2);
            at /= 2;
        }
        Some(path)
    }
}

/// One leaf of a sealed film with its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenedLeaf {
    /// Its number.
    pub index: LeafIndex,
    /// Leaves of the film.
    pub leaf_count: u32,
    /// What it sums.
    pub address: Address,
    /// Its bytes as they were delivered.
    pub sealed: [u8; LEAF_BYTES],
}

/// Why a leaf is not believed to be one of the film.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    /// The film has no such leaf.
    #[error("leaf {} of a film of {leaf_count} leaves", index.0)]
    NoSuchLeaf {
        /// The leaf.
        index: LeafIndex,
        /// Leaves of the film.
        leaf_count: u32,
    },
    /// The path is too long or too short for the leaf.
    #[error("the path of leaf {} has {found} hashes, {wanted} lead to the root", index.0)]
    Length {
        /// The leaf.
        index: LeafIndex,
        /// Hashes that lead to the root.
        wanted: usize,
        /// Hashes found.
        found: usize,
    },
    /// Leaf and path lead to another root.
    #[error("leaf {} does not lead to the delivered root", index.0)]
    Root {
        /// The leaf.
        index: LeafIndex,
    },
}

/// Does this leaf stand at its place of the film with this root? At most 22 hashes.
///
/// # Errors
/// The first rule of [`PathError`] that is broken.
pub fn check_path(film: &FilmId, root: Root, leaf: &OpenedLeaf, path: &[Digest]) -> Result<(), PathError> {
    let (index, leaf_count) = (leaf.index, leaf.leaf_count);
    if index.0 >= leaf_count {
        return Err(PathError::NoSuchLeaf { index, leaf_count });
    }
    let wanted = path_len(leaf_count, index);
    if path.len() != wanted {
        return Err(PathError::Length { index, wanted, found: path.len() });
    }
    let keys = Keys::new();
    let mut siblings = path.iter();
    let (mut width, mut at) = (leaf_count, index.0);
    let mut hash = keys.leaf(&leaf.address, &leaf.sealed);
    while width > 1 {
        if at ^ 1 < width {
            let sibling = siblings.next().expect("the path's length was checked against the same walk");
            hash = if at % 2 == 0 { keys.node(&hash, sibling) } else { keys.node(sibling, &hash) };
        }
        width = width.div_ceil(2);
        at /= 2;
    }
    if bound_root(film, leaf_count, &hash) == root { Ok(()) } else { Err(PathError::Root { index }) }
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
mod tests;
