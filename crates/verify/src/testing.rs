//! Films and jobs that tests share.

use crate::film::FilmId;
use raylance_protocol::job::LEAF_BYTES;
use raylance_protocol::{AccountId, Address, Digest, JobId, JobSpec, Leaf, LeafIndex, RenderWork, SceneDigest, Task, UnitIndex, Work};

pub(crate) fn film() -> FilmId {
    FilmId { job: JobId(Digest([1; 32])), worker: AccountId([2; 32]), task: Task::Unit(UnitIndex(7)) }
}

/// Films that differ from `film()` in one field each.
pub(crate) fn other_films() -> [FilmId; 4] {
    let film = film();
    [
        FilmId { job: JobId(Digest([9; 32])), ..film },
        FilmId { worker: AccountId([9; 32]), ..film },
        FilmId { task: Task::Unit(UnitIndex(8)), ..film },
        FilmId { task: Task::List(raylance_protocol::ListHash(Digest([7; 32]))), ..film },
    ]
}

pub(crate) fn address(i: u32) -> Address {
    Address { frame: 2, x_px: (i % 64) as u16, y_px: (i / 64) as u16, first_sample: 16, samples: 16 }
}

pub(crate) fn addresses(count: u32) -> Vec<Address> {
    (0..count).map(address).collect()
}

pub(crate) fn leaf(i: u32, seed: u32) -> Leaf {
    Leaf([i.wrapping_mul(2_654_435_761) ^ seed, i, seed])
}

pub(crate) fn film_bytes(count: u32, seed: u32) -> Vec<u8> {
    (0..count).flat_map(|i| leaf(i, seed).to_bytes()).collect()
}

pub(crate) fn sealed_leaf(film_bytes: &[u8], index: LeafIndex) -> [u8; LEAF_BYTES] {
    let at = index.0 as usize * LEAF_BYTES;
    film_bytes[at..at + LEAF_BYTES].try_into().unwrap()
}

/// Four tiles of two chunks; the tiles at the right and lower edges are smaller.
pub(crate) fn spec() -> JobSpec {
    let work = RenderWork {
        width_px: 12,
        height_px: 13,
        first_frame: 2,
        frame_count: 1,
        first_sample: 0,
        samples: 40,
        depth_max: 8,
        tile_px: 8,
        chunk_samples: 32,
        seed: 5,
    };
    JobSpec {
        artist: AccountId([3; 32]),
        salt: [4; 16],
        renderer: Digest([5; 32]),
        scene: SceneDigest(Digest([6; 32])),
        scene_bytes: 1000,
        work: Work::Render(work),
    }
}
