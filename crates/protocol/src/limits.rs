//! Bounds on everything that comes from outside, each with its reason.

/// Longest request or reply on the wire: 64 small blocks, or a lease of the longest list.
pub const MESSAGE_BYTES_MAX: usize = 1 << 20;
/// Longest gossip message: an offer is below 512 bytes; gossip is copied to every peer, so it stays small.
pub const GOSSIP_BYTES_MAX: usize = 8 << 10;
/// Longest scene: what 10 M triangles with textures need. A ring's court may take less.
pub const SCENE_BYTES_MAX: u64 = 2 << 30;
/// Most parts of one scene's manifest: each texture and mesh is one; an encoded manifest stays below 3 MiB.
pub const MANIFEST_PARTS_MAX: usize = 1 << 16;
/// Longest edge of a picture in pixels: pixel coordinates travel as 16 bits.
pub const EDGE_PX_MAX: u32 = 16_384;
/// Most samples per pixel, earlier jobs' included: sums of 16 stay exact enough and counters stay far from 2^32.
pub const SAMPLES_MAX: u32 = 1 << 20;
/// Most frames of one job: an hour at 24 frames a second.
pub const FRAMES_MAX: u32 = 86_400;
/// Most path segments: deeper paths carry no visible light and only waste an owner's time.
pub const DEPTH_MAX: u32 = 64;
/// Most units of one job: one row each at the artist's peer (≈ 64 bytes).
pub const UNITS_MAX: u32 = 1 << 20;
/// Shortest edge of a tile in pixels: smaller tiles cost more in messages than in samples.
pub const TILE_PX_MIN: u32 = 8;
/// Longest edge of a tile in pixels.
pub const TILE_PX_MAX: u32 = 256;
/// Most samples of one unit, in leaves of 16: keeps a unit below a minute on a slow machine.
pub const CHUNK_SAMPLES_MAX: u32 = 1024;
/// Most leaves of one task: a film of 24 MiB, a path of 21 hashes.
pub const LEAVES_MAX: u32 = 1 << 21;
/// Most addresses of one list: a minute of replaying on a slow machine, 16 KiB in its lease.
pub const LIST_ADDRESSES_MAX: usize = 1024;
/// Most workers of one job: the ledger keeps one row each.
pub const WORKERS_MAX: u32 = 1_024;
/// Most rows of one OpenJob or Pay.
pub const TX_ROWS_MAX: usize = 256;
/// Most receipts of one Claim.
pub const CLAIM_ENTRIES_MAX: usize = 256;
/// Most bytes of one signed transaction's body: a claim of 256 lists is below 45 KiB.
pub const TX_BYTES_MAX: usize = 48 << 10;
/// Most transactions of one block: re-executed by every peer within about a quarter of a second.
pub const BLOCK_TXS_MAX: usize = 4_096;
/// Most bytes of the transactions of one block: two blocks fit in a message.
pub const BLOCK_TXS_BYTES_MAX: usize = 480 << 10;
/// Most validators of a ring: a certificate stays below 7 KiB.
pub const VALIDATORS_MAX: usize = 64;
/// Most accounts of a genesis.
pub const GENESIS_BALANCES_MAX: usize = 1_024;
/// Most renderers that a ring lists at once, delisted ones that its court still replays included.
pub const RENDERERS_MAX: usize = 64;
/// Most blocks in one reply.
pub const BLOCKS_PER_REPLY_MAX: u16 = 64;
/// Most nodes of a state's tree in one request or reply: 110 bytes each, as a rule.
pub const NODES_PER_REPLY_MAX: usize = 1_024;
/// Longest name of a ring in bytes.
pub const RING_NAME_BYTES_MAX: usize = 64;
