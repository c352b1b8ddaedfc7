//! Fixed values that the samples are made of: every field of a sample differs from its neighbours.

use raylance_protocol::job::{ManifestPart, list_hash};
use raylance_protocol::{
    AccountId, Address, BlockHash, ChainId, Digest, JobId, JobSpec, KeyHash, Keypair, ListHash, RenderWork, Root, SceneDigest, Signature,
    SpecHash, Task, UnitIndex, Work,
};

pub fn digest(byte: u8) -> Digest {
    Digest([byte; 32])
}

pub fn account(byte: u8) -> AccountId {
    AccountId([byte; 32])
}

pub fn signature(byte: u8) -> Signature {
    Signature([byte; 64])
}

pub fn chain() -> ChainId {
    ChainId(digest(0xc0))
}

/// The account that signs every sample.
pub fn keys() -> Keypair {
    Keypair::from_secret([0x51; 32])
}

pub fn job() -> JobId {
    JobId(digest(0x10))
}

pub fn spec_hash() -> SpecHash {
    SpecHash(digest(0x11))
}

pub fn scene() -> SceneDigest {
    SceneDigest(digest(0x12))
}

pub fn root() -> Root {
    Root(digest(0x13))
}

pub fn key_hash() -> KeyHash {
    KeyHash(digest(0x14))
}

pub fn block_hash() -> BlockHash {
    BlockHash(digest(0x15))
}

pub fn renderer() -> Digest {
    digest(0x16)
}

pub fn artist() -> AccountId {
    account(0xa0)
}

pub fn worker() -> AccountId {
    account(0xb0)
}

pub fn unit() -> Task {
    Task::Unit(UnitIndex(0x0102))
}

pub fn list() -> Task {
    Task::List(ListHash(digest(0x17)))
}

pub fn address() -> Address {
    Address { frame: 0x0102_0304, x_px: 0x0506, y_px: 0x0708, first_sample: 0x090a_0b0c, samples: 0x0d }
}

pub fn addresses(count: usize) -> Vec<Address> {
    (0..count as u32).map(|i| Address { frame: 1, x_px: i as u16, y_px: 2, first_sample: 32, samples: 16 }).collect()
}

pub fn list_of_two() -> ListHash {
    list_hash(&addresses(2))
}

pub fn work() -> RenderWork {
    RenderWork {
        width_px: 1920,
        height_px: 1080,
        first_frame: 100,
        frame_count: 24,
        first_sample: 256,
        samples: 768,
        depth_max: 12,
        tile_px: 64,
        chunk_samples: 32,
        seed: 0x5eed,
    }
}

pub fn spec() -> JobSpec {
    JobSpec {
        artist: artist(),
        salt: [0x5a; 16],
        renderer: renderer(),
        scene: scene(),
        scene_bytes: 123_456_789,
        work: Work::Render(work()),
    }
}

pub fn part(byte: u8) -> ManifestPart {
    ManifestPart { digest: digest(byte), len_bytes: 1000 + u64::from(byte) }
}
