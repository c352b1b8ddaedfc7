//! Films without rendering: the truth of a leaf is a hash of its address, and a cheat gives another one. Sealing, roots and paths are real.

use crate::dice::mix;
use raylance_protocol::{Address, FilmKey, JobId, JobSpec, Leaf, LeafIndex, Root, Task};
use raylance_verify::{FilmId, FilmTree, OpenedLeaf, open_leaf, root_of, seal};

/// What every honest device computes.
pub fn truth(address: &Address) -> Leaf {
    let place = u64::from(address.frame) << 40 | u64::from(address.x_px) << 24 | u64::from(address.y_px) << 8;
    let hash = mix(place ^ u64::from(address.first_sample) << 13 ^ u64::from(address.samples));
    Leaf([hash as u32, (hash >> 32) as u32, 7])
}

/// What a thief delivers instead. Thieves of one gang know each other's lies.
pub fn lie(address: &Address) -> Leaf {
    let Leaf([red, green, blue]) = truth(address);
    Leaf([red, green, blue ^ 1])
}

/// Is this address one of the share of leaves, in thousandths, that a thief of this gang lies about?
pub fn is_lied_about(address: &Address, gang: u64, permille: u64) -> bool {
    let Leaf([red, green, _]) = truth(address);
    mix(u64::from(red) << 32 ^ u64::from(green) ^ gang) % 1000 < permille
}

/// Leaves, sealed: what stands on a worker's disk.
pub fn sealed(film: &FilmId, key: &FilmKey, leaves: impl Iterator<Item = Leaf>) -> Vec<u8> {
    let mut bytes: Vec<u8> = leaves.flat_map(Leaf::to_bytes).collect();
    seal(key, film, &mut bytes);
    bytes
}

/// The addresses of a task; those of a list are given.
pub fn addresses(spec: &JobSpec, task: Task, list: Option<&Vec<Address>>) -> Vec<Address> {
    match task {
        Task::Unit(unit) => spec.work.addresses(unit).map(Iterator::collect).unwrap_or_default(),
        Task::List(_) => list.cloned().unwrap_or_default(),
    }
}

/// The root of a film over the right addresses; `None` when it has another length.
pub fn root(film: &FilmId, addresses: &[Address], bytes: &[u8]) -> Option<Root> {
    root_of(film, addresses.iter().copied(), bytes).ok()
}

/// One leaf of a sealed film, opened.
pub fn leaf(film: &FilmId, key: &FilmKey, bytes: &[u8], index: LeafIndex) -> Option<Leaf> {
    let at = index.0 as usize * 12;
    let bytes: [u8; 12] = bytes.get(at..at + 12)?.try_into().ok()?;
    Some(open_leaf(key, film, index, bytes))
}

/// What a challenge shows of a leaf: the leaf as it was delivered and its path.
pub fn evidence(
    film: &FilmId,
    addresses: &[Address],
    bytes: &[u8],
    index: LeafIndex,
) -> Option<(OpenedLeaf, Vec<raylance_protocol::Digest>)> {
    let at = index.0 as usize * 12;
    let sealed: [u8; 12] = bytes.get(at..at + 12)?.try_into().ok()?;
    let tree = FilmTree::new(film, addresses.iter().copied(), bytes).ok()?;
    let leaf = OpenedLeaf { index, leaf_count: addresses.len() as u32, address: *addresses.get(index.0 as usize)?, sealed };
    Some((leaf, tree.path(index)?))
}

/// Names a film.
pub fn film(job: JobId, worker: raylance_protocol::AccountId, task: Task) -> FilmId {
    FilmId { job, worker, task }
}
