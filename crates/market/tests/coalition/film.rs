//! Films without rendering: the truth of a leaf is a hash of its address, and a cheat gives another one. Sealing, roots and paths are real.

pub use raylance_sim::film::{evidence, leaf, truth};

use raylance_protocol::{Address, FilmKey, JobId, Leaf, Root, Task};
use raylance_sim::chance::mix;
use raylance_verify::{FilmId, root_of, seal};

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

/// The root of a film over the right addresses; `None` when it has another length.
pub fn root(film: &FilmId, addresses: &[Address], bytes: &[u8]) -> Option<Root> {
    root_of(film, addresses.iter().copied(), bytes).ok()
}

/// Names a film.
pub fn film(job: JobId, worker: raylance_protocol::AccountId, task: Task) -> FilmId {
    FilmId { job, worker, task }
}
