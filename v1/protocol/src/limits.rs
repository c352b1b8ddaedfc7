//! Bounds on everything that comes from outside, each with its reason.

/// Longest request or reply on the wire: 256 blocks of a few KiB, or an opening of 512 leaves (≈ 300 KiB).
pub const MESSAGE_BYTES_MAX: usize = 1 << 20;
/// Longest gossip message: an offer is below 1 KiB; gossip is copied to every peer, so it stays small.
pub const GOSSIP_BYTES_MAX: usize = 8 << 10;
/// Longest packed scene: what 10 M triangles with textures need.
pub const SCENE_BYTES_MAX: u64 = 2 << 30;
/// Longest film of one unit: 256×256 px × 64 leaves × 12 bytes.
pub const FILM_BYTES_MAX: u64 = 48 << 20;
/// Longest edge of a picture in pixels: pixel coordinates travel as 16 bits.
pub const EDGE_PX_MAX: u32 = 16_384;
/// Most samples per pixel: sums of 16 stay exact enough and counters stay far from 2^32.
pub const SAMPLES_MAX: u32 = 1 << 16;
/// Most path segments: deeper paths carry no visible light and only waste an owner's time.
pub const DEPTH_MAX: u32 = 64;
/// Most units of one job: one row each in memory at the artist's peer (≈ 1 KiB).
pub const UNITS_MAX: u32 = 1 << 16;
/// Longest edge of a tile in pixels.
pub const TILE_PX_MAX: u32 = 256;
/// Most samples of one unit, in leaves of 16: keeps a unit below a minute on a slow machine.
pub const CHUNK_SAMPLES_MAX: u32 = 1024;
/// Most leaves replayed per verifier and unit.
pub const REPLAYED_LEAVES_MAX: u16 = 512;
/// Most workers of one job: the ledger keeps one row each.
pub const WORKERS_MAX: usize = 256;
/// Most units named in one transaction.
pub const TX_UNITS_MAX: usize = 256;
/// Most transactions of one block: re-executed by every peer within about a second.
pub const BLOCK_TXS_MAX: usize = 1_000;
/// Most bytes of one encoded transaction: a full `Settle` of 64 units with 2 verdicts each.
pub const TX_BYTES_MAX: usize = 128 << 10;
/// Most blocks in one reply.
pub const BLOCKS_PER_REPLY_MAX: u16 = 64;
