//! Jobs, units and leaves: what is to be computed and how it is cut.
//!
//! A *unit* is one tile × one chunk of samples. A *leaf* is one pixel × 16 consecutive samples: three f32 sums.
//! Both are named by an index from which everything else follows, so that peers never have to agree on a list.

use crate::ids::{AccountId, ChainId, Digest, JobId, SceneDigest, UnitIndex};
use crate::{Microlux, encode, limits};
use borsh::{BorshDeserialize, BorshSerialize};

/// Samples in one leaf. Longer sums hide small cheats.
pub const LEAF_SAMPLES: u32 = 16;

/// Bytes of one leaf: three little-endian f32 sums (red, green, blue).
pub const LEAF_BYTES: usize = 12;

/// One pixel × 16 consecutive samples: the bits of three f32 sums of linear Rec. 709 radiance, added in sample order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, BorshSerialize, BorshDeserialize)]
pub struct Leaf(pub [u32; 3]);

impl Leaf {
    /// From the three sums.
    pub fn from_sums(sums: [f32; 3]) -> Self {
        Self(sums.map(f32::to_bits))
    }

    /// The three sums.
    pub fn sums(self) -> [f32; 3] {
        self.0.map(f32::from_bits)
    }

    /// The 12 bytes that are hashed and stored.
    pub fn to_bytes(self) -> [u8; LEAF_BYTES] {
        let mut bytes = [0; LEAF_BYTES];
        for (chunk, word) in bytes.chunks_exact_mut(4).zip(self.0) {
            chunk.copy_from_slice(&word.to_le_bytes());
        }
        bytes
    }

    /// From the 12 bytes that are hashed and stored.
    pub fn from_bytes(bytes: [u8; LEAF_BYTES]) -> Self {
        let word = |i: usize| u32::from_le_bytes([bytes[i], bytes[i + 1], bytes[i + 2], bytes[i + 3]]);
        Self([word(0), word(4), word(8)])
    }
}

/// Number of a leaf within its unit: `k · pixels + y · width + x` for the k-th run of 16 samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize)]
pub struct LeafIndex(pub u32);

/// How results are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize)]
pub enum Profile {
    /// Every admitted device gives the same bits; judged by equality.
    Exact,
    /// Devices agree up to a tolerance.
    Portable,
}

/// What a unit of a job computes.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Work {
    /// Path tracing of one frame.
    Render(RenderWork),
}

/// One frame to render. Settings that move a sample's bits, and nothing else.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct RenderWork {
    /// Hash of the renderer's shader source: peers with another renderer would give other bits.
    pub renderer: Digest,
    /// The packed scene, camera and environment included.
    pub scene: SceneDigest,
    /// Length of the packed scene.
    pub scene_len_bytes: u64,
    /// Picture width.
    pub width_px: u32,
    /// Picture height.
    pub height_px: u32,
    /// Samples per pixel.
    pub samples: u32,
    /// Most path segments; 1 = emitters seen directly.
    pub depth_max: u32,
    /// Edge of a tile.
    pub tile_px: u32,
    /// Samples of one unit, a multiple of [`LEAF_SAMPLES`].
    pub chunk_samples: u32,
    /// How results are compared.
    pub profile: Profile,
}

/// A job as it stands on the ledger. Its hash is the job's id.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct JobSpec {
    /// The ring that pays.
    pub chain: ChainId,
    /// Who pays.
    pub artist: AccountId,
    /// Sixteen random bytes: two jobs for one scene differ, so that a render can't be sold twice.
    pub nonce: [u8; 16],
    /// What is computed.
    pub work: Work,
    /// Price of one unit.
    pub unit_price_microlux: Microlux,
    /// Leaves that each verifier replays per unit.
    pub replayed_leaves: u16,
}

/// The part of the picture and the samples that a unit covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unit {
    /// Its number.
    pub index: UnitIndex,
    /// Left edge.
    pub x_px: u32,
    /// Top edge.
    pub y_px: u32,
    /// Width; smaller than the tile at the right edge.
    pub width_px: u32,
    /// Height; smaller than the tile at the bottom edge.
    pub height_px: u32,
    /// First sample of every pixel.
    pub first_sample: u32,
    /// Samples per pixel in this unit.
    pub samples: u32,
}

/// The samples that a leaf sums.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LeafShape {
    /// Column in the whole picture.
    pub x_px: u32,
    /// Row in the whole picture.
    pub y_px: u32,
    /// First sample.
    pub first_sample: u32,
    /// Samples, 16 or fewer.
    pub samples: u32,
}

impl Unit {
    /// Pixels of the tile.
    pub fn pixels(&self) -> u32 {
        self.width_px * self.height_px
    }

    /// Leaves of the unit.
    pub fn leaves(&self) -> u32 {
        self.pixels() * self.samples.div_ceil(LEAF_SAMPLES)
    }

    /// Camera samples of the unit.
    pub fn sample_count(&self) -> u64 {
        u64::from(self.pixels()) * u64::from(self.samples)
    }

    /// Where leaf `index` lies; `None` when the unit has no such leaf.
    pub fn leaf(&self, index: LeafIndex) -> Option<LeafShape> {
        if index.0 >= self.leaves() {
            return None;
        }
        let (run, pixel) = (index.0 / self.pixels(), index.0 % self.pixels());
        let done = run * LEAF_SAMPLES;
        Some(LeafShape {
            x_px: self.x_px + pixel % self.width_px,
            y_px: self.y_px + pixel / self.width_px,
            first_sample: self.first_sample + done,
            samples: (self.samples - done).min(LEAF_SAMPLES),
        })
    }
}

/// Why a specification is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SpecError {
    /// An edge is 0 or above the limit.
    #[error("picture of {width_px} × {height_px} px; each edge must be 1 to {max} px", max = limits::EDGE_PX_MAX)]
    Size {
        /// Asked width.
        width_px: u32,
        /// Asked height.
        height_px: u32,
    },
    /// Samples are 0 or above the limit.
    #[error("{0} samples per pixel; 1 to {max} are possible", max = limits::SAMPLES_MAX)]
    Samples(u32),
    /// Depth is 0 or above the limit.
    #[error("depth {0}; 1 to {max} path segments are possible", max = limits::DEPTH_MAX)]
    Depth(u32),
    /// Tile edge out of range.
    #[error("tile edge of {0} px; 8 to {max} are possible", max = limits::TILE_PX_MAX)]
    Tile(u32),
    /// Chunk is no multiple of 16 or out of range.
    #[error("{0} samples per unit; a multiple of {LEAF_SAMPLES} up to {max} is needed", max = limits::CHUNK_SAMPLES_MAX)]
    Chunk(u32),
    /// Too many units.
    #[error("{0} units; at most {max} are possible: use larger tiles or fewer samples", max = limits::UNITS_MAX)]
    Units(u64),
    /// Scene is empty or above the limit.
    #[error("scene of {0} bytes; 1 to {max} are possible", max = limits::SCENE_BYTES_MAX)]
    SceneLength(u64),
    /// Replayed leaves are 0 or above the limit.
    #[error("{0} replayed leaves per unit; 1 to {max} are possible", max = limits::REPLAYED_LEAVES_MAX)]
    ReplayedLeaves(u16),
    /// Price times units does not fit.
    #[error("the price of all units together is too large")]
    Price,
}

impl RenderWork {
    /// Tiles across and down.
    pub fn tiles(&self) -> (u32, u32) {
        (self.width_px.div_ceil(self.tile_px), self.height_px.div_ceil(self.tile_px))
    }

    /// Number of units: tiles × chunks.
    pub fn unit_count(&self) -> u32 {
        let (across, down) = self.tiles();
        across * down * self.samples.div_ceil(self.chunk_samples)
    }

    /// The unit of that number: all tiles of the first chunk come first, so the whole picture sharpens evenly.
    /// `None` when the job has no such unit.
    pub fn unit(&self, index: UnitIndex) -> Option<Unit> {
        if index.0 >= self.unit_count() {
            return None;
        }
        let (across, down) = self.tiles();
        let (chunk, tile) = (index.0 / (across * down), index.0 % (across * down));
        let (x_px, y_px) = (tile % across * self.tile_px, tile / across * self.tile_px);
        let first_sample = chunk * self.chunk_samples;
        Some(Unit {
            index,
            x_px,
            y_px,
            width_px: self.tile_px.min(self.width_px - x_px),
            height_px: self.tile_px.min(self.height_px - y_px),
            first_sample,
            samples: self.chunk_samples.min(self.samples - first_sample),
        })
    }

    /// Checks every field against the limits.
    ///
    /// # Errors
    /// The first rule of [`SpecError`] that is broken.
    pub fn check(&self) -> Result<(), SpecError> {
        let edge = 1..=limits::EDGE_PX_MAX;
        if !edge.contains(&self.width_px) || !edge.contains(&self.height_px) {
            return Err(SpecError::Size { width_px: self.width_px, height_px: self.height_px });
        }
        if !(1..=limits::SAMPLES_MAX).contains(&self.samples) {
            return Err(SpecError::Samples(self.samples));
        }
        if !(1..=limits::DEPTH_MAX).contains(&self.depth_max) {
            return Err(SpecError::Depth(self.depth_max));
        }
        if !(8..=limits::TILE_PX_MAX).contains(&self.tile_px) {
            return Err(SpecError::Tile(self.tile_px));
        }
        if !(LEAF_SAMPLES..=limits::CHUNK_SAMPLES_MAX).contains(&self.chunk_samples) || !self.chunk_samples.is_multiple_of(LEAF_SAMPLES) {
            return Err(SpecError::Chunk(self.chunk_samples));
        }
        if !(1..=limits::SCENE_BYTES_MAX).contains(&self.scene_len_bytes) {
            return Err(SpecError::SceneLength(self.scene_len_bytes));
        }
        let (across, down) = self.tiles();
        let units = u64::from(across) * u64::from(down) * u64::from(self.samples.div_ceil(self.chunk_samples));
        if units > u64::from(limits::UNITS_MAX) {
            return Err(SpecError::Units(units));
        }
        Ok(())
    }
}

impl JobSpec {
    /// The job's id: the hash of this specification.
    pub fn id(&self) -> JobId {
        JobId(Digest::of("raylance job 1", &[&encode(self)]))
    }

    /// The seed of every sample. It follows from the job's id, so that the same scene rendered for one job is worthless for another.
    pub fn sampler_seed(&self) -> u32 {
        let digest = Digest::of("raylance sampler seed 1", &[&self.id().0.0]);
        u32::from_le_bytes([digest.0[0], digest.0[1], digest.0[2], digest.0[3]])
    }

    /// The rendering that this job asks for.
    pub fn render(&self) -> &RenderWork {
        let Work::Render(work) = &self.work;
        work
    }

    /// What all units cost together.
    ///
    /// # Errors
    /// [`SpecError::Price`] when the sum does not fit.
    pub fn budget(&self) -> Result<Microlux, SpecError> {
        self.unit_price_microlux.times(u64::from(self.render().unit_count())).map_err(|_| SpecError::Price)
    }

    /// Checks every field against the limits.
    ///
    /// # Errors
    /// The first rule of [`SpecError`] that is broken.
    pub fn check(&self) -> Result<(), SpecError> {
        self.render().check()?;
        if !(1..=limits::REPLAYED_LEAVES_MAX).contains(&self.replayed_leaves) {
            return Err(SpecError::ReplayedLeaves(self.replayed_leaves));
        }
        self.budget().map(|_| ())
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use proptest::prelude::*;

    pub(crate) fn work() -> RenderWork {
        RenderWork {
            renderer: Digest::default(),
            scene: SceneDigest::default(),
            scene_len_bytes: 1,
            width_px: 100,
            height_px: 70,
            samples: 40,
            depth_max: 8,
            tile_px: 64,
            chunk_samples: 32,
            profile: Profile::Exact,
        }
    }

    #[test]
    fn limits_are_refused_from_both_sides() {
        let check = |change: fn(&mut RenderWork), expected: SpecError| {
            let mut work = work();
            change(&mut work);
            assert_eq!(work.check(), Err(expected));
        };
        assert_eq!(work().check(), Ok(()));
        check(|w| w.width_px = 0, SpecError::Size { width_px: 0, height_px: 70 });
        check(|w| w.height_px = 16_385, SpecError::Size { width_px: 100, height_px: 16_385 });
        check(|w| w.samples = 0, SpecError::Samples(0));
        check(|w| w.depth_max = 65, SpecError::Depth(65));
        check(|w| w.tile_px = 0, SpecError::Tile(0));
        check(|w| w.chunk_samples = 24, SpecError::Chunk(24));
        check(|w| w.chunk_samples = 0, SpecError::Chunk(0));
        check(|w| w.scene_len_bytes = 0, SpecError::SceneLength(0));
    }

    proptest! {
        #[test]
        fn units_and_leaves_cover_every_sample_once(width in 1u32..150, height in 1u32..150, samples in 1u32..70) {
            let work = RenderWork { width_px: width, height_px: height, samples, ..work() };
            let mut seen = vec![0u32; (width * height) as usize];
            for index in 0..work.unit_count() {
                let unit = work.unit(UnitIndex(index)).unwrap();
                for leaf in 0..unit.leaves() {
                    let shape = unit.leaf(LeafIndex(leaf)).unwrap();
                    prop_assert!(shape.samples >= 1 && shape.first_sample + shape.samples <= samples);
                    seen[(shape.y_px * width + shape.x_px) as usize] += shape.samples;
                }
                prop_assert!(unit.leaf(LeafIndex(unit.leaves())).is_none());
            }
            prop_assert!(seen.iter().all(|&count| count == samples));
            prop_assert!(work.unit(UnitIndex(work.unit_count())).is_none());
        }
    }
}
