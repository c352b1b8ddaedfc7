//! Films without rendering: the truth of a leaf is a hash of its address, and a thief's device gives another one. Sealing, roots and paths are
//! the real ones.

use crate::chance::mix;
use raylance_agent::Evidence;
use raylance_protocol::job::LEAF_BYTES;
use raylance_protocol::{Address, FilmKey, Leaf, LeafIndex, Root};
use raylance_verify::{FilmId, FilmTree, open_leaf, root_of, seal};

/// What every honest device computes.
pub fn truth(address: &Address) -> Leaf {
    let place = u64::from(address.frame) << 40 | u64::from(address.x_px) << 24 | u64::from(address.y_px) << 8;
    let hash = mix(place ^ u64::from(address.first_sample) << 13 ^ u64::from(address.samples));
    Leaf([hash as u32, (hash >> 32) as u32, 7])
}

/// What a device computes that gets so many leaves in a thousand wrong.
pub fn value(address: &Address, wrong_permille: u64) -> Leaf {
    let Leaf([red, green, blue]) = truth(address);
    let is_wrong = mix(u64::from(red) << 32 ^ u64::from(green)) % 1000 < wrong_permille;
    Leaf([red, green, blue ^ u32::from(is_wrong)])
}

/// A film as it lies on a worker's disk, and its root.
pub fn render(film: &FilmId, key: &FilmKey, addresses: &[Address], wrong_permille: u64) -> (Vec<u8>, Root) {
    let mut bytes: Vec<u8> = addresses.iter().flat_map(|address| value(address, wrong_permille).to_bytes()).collect();
    seal(key, film, &mut bytes);
    let root = root_of(film, addresses.iter().copied(), &bytes).expect("a film has its leaves");
    (bytes, root)
}

/// One leaf of a sealed film, opened.
pub fn leaf(film: &FilmId, key: &FilmKey, bytes: &[u8], index: LeafIndex) -> Option<Leaf> {
    Some(open_leaf(key, film, index, sealed_leaf(bytes, index)?))
}

fn sealed_leaf(bytes: &[u8], index: LeafIndex) -> Option<[u8; LEAF_BYTES]> {
    let at = index.0 as usize * LEAF_BYTES;
    bytes.get(at..at + LEAF_BYTES)?.try_into().ok()
}

/// What a challenge shows of a leaf.
pub fn evidence(film: &FilmId, addresses: &[Address], bytes: &[u8], index: LeafIndex) -> Option<Evidence> {
    let tree = FilmTree::new(film, addresses.iter().copied(), bytes).ok()?;
    Some(Evidence {
        leaf_count: addresses.len() as u32,
        address: *addresses.get(index.0 as usize)?,
        sealed_leaf: sealed_leaf(bytes, index)?,
        path: tree.path(index)?,
    })
}
