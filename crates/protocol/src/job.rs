//! Jobs, tasks and leaves: what is to be computed and how it is cut.
//!
//! ```text
//! job ── units 0 … n-1 (frame × chunk of samples × tile) ── leaves (pixel × ≤ 16 samples), each with its address
//!  └──── lists of addresses, drawn by the artist to check units
//! ```
//!
//! A unit's leaves follow from its number, so peers never have to agree on a list; a list is named by its hash.

use crate::ids::{AccountId, Digest, LeafIndex, ListHash, SceneDigest, SpecHash, UnitIndex};
use crate::{encode, limits};
use borsh::{BorshDeserialize, BorshSerialize};

/// Samples in one leaf. Longer sums hide small cheats.
pub const LEAF_SAMPLES: u32 = 16;

/// Bytes of one leaf: three little-endian f32 sums (red, green, blue).
pub const LEAF_BYTES: usize = 12;

/// The bits of three f32 sums of linear Rec. 709 radiance, added in sample order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default, BorshSerialize, BorshDeserialize)]
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

    /// The 12 bytes that are sealed, hashed and stored.
    pub fn to_bytes(self) -> [u8; LEAF_BYTES] {
        let mut bytes = [0; LEAF_BYTES];
        for (chunk, word) in bytes.chunks_exact_mut(4).zip(self.0) {
            chunk.copy_from_slice(&word.to_le_bytes());
        }
        bytes
    }

    /// From the 12 bytes of [`Leaf::to_bytes`].
    pub fn from_bytes(bytes: [u8; LEAF_BYTES]) -> Self {
        let word = |i: usize| u32::from_le_bytes([bytes[i], bytes[i + 1], bytes[i + 2], bytes[i + 3]]);
        Self([word(0), word(4), word(8)])
    }
}

/// The samples that a leaf sums: 13 bytes that name them on every device, whatever the tiling.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize)]
pub struct Address {
    /// Frame of the scene's animation.
    pub frame: u32,
    /// Column in the whole picture.
    pub x_px: u16,
    /// Row in the whole picture.
    pub y_px: u16,
    /// First sample of the pixel.
    pub first_sample: u32,
    /// Samples, 1 to [`LEAF_SAMPLES`].
    pub samples: u8,
}

/// Bytes of an address.
pub const ADDRESS_BYTES: usize = 13;

impl Address {
    /// The canonical encoding, without an allocation: it is hashed once for each leaf of a film.
    pub fn to_bytes(self) -> [u8; ADDRESS_BYTES] {
        let mut bytes = [0; ADDRESS_BYTES];
        bytes[..4].copy_from_slice(&self.frame.to_le_bytes());
        bytes[4..6].copy_from_slice(&self.x_px.to_le_bytes());
        bytes[6..8].copy_from_slice(&self.y_px.to_le_bytes());
        bytes[8..12].copy_from_slice(&self.first_sample.to_le_bytes());
        bytes[12] = self.samples;
        bytes
    }
}

/// What one delivery answers: a unit of the job or a list of addresses to replay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize)]
pub enum Task {
    /// All leaves of a unit.
    Unit(UnitIndex),
    /// The leaves of a list, named by [`list_hash`].
    List(ListHash),
}

/// Names a list of addresses.
pub fn list_hash(addresses: &[Address]) -> ListHash {
    ListHash(Digest::of("raylance list 2", &[&encode(&addresses.to_vec())]))
}

/// What a job computes. The market, the ledger and the court see counts, addresses and costs; what a pixel is stays in render code.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Work {
    /// Path tracing of some frames.
    Render(RenderWork),
}

impl Work {
    /// Units of the job, at most [`limits::UNITS_MAX`] once checked.
    pub fn unit_count(&self) -> u32 {
        let Self::Render(work) = self;
        work.unit_count()
    }

    /// Leaves of a unit; `None` when the job has no such unit.
    pub fn leaf_count(&self, unit: UnitIndex) -> Option<u32> {
        let Self::Render(work) = self;
        Some(work.unit(unit)?.leaf_count())
    }

    /// The samples of a unit's leaf; `None` when there is no such leaf.
    pub fn address(&self, unit: UnitIndex, leaf: LeafIndex) -> Option<Address> {
        let Self::Render(work) = self;
        work.unit(unit)?.address(leaf)
    }

    /// The samples of all leaves of a unit in their order; `None` when the job has no such unit.
    pub fn addresses(&self, unit: UnitIndex) -> Option<impl ExactSizeIterator<Item = Address> + use<>> {
        let Self::Render(work) = self;
        let unit = work.unit(unit)?;
        Some((0..unit.leaf_count()).map(move |leaf| unit.address(LeafIndex(leaf)).expect("the unit has this leaf")))
    }

    /// Bytes of one leaf.
    pub fn leaf_bytes(&self) -> usize {
        let Self::Render(_) = self;
        LEAF_BYTES
    }

    /// What a unit costs: its camera samples. Pixels outside the picture and samples beyond what was asked cost nothing.
    pub fn cost(&self, unit: UnitIndex) -> Option<u64> {
        let Self::Render(work) = self;
        Some(work.unit(unit)?.sample_count())
    }

    /// Is this an address that some unit of the job has as a leaf?
    pub fn contains(&self, address: &Address) -> bool {
        let Self::Render(work) = self;
        work.contains(address)
    }

    /// Checks every field against the limits.
    ///
    /// # Errors
    /// The first rule of [`SpecError`] that is broken.
    pub fn check(&self) -> Result<(), SpecError> {
        let Self::Render(work) = self;
        work.check()
    }
}

/// Frames to render. Settings that move a sample's bits or say which samples are wanted, and nothing else. Always in the exact profile:
/// every admitted device gives the same bits.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct RenderWork {
    /// Picture width.
    pub width_px: u16,
    /// Picture height.
    pub height_px: u16,
    /// First frame of the scene's animation.
    pub first_frame: u32,
    /// Number of frames.
    pub frame_count: u32,
    /// First sample of each pixel: the count of an earlier job's samples where this one adds to them, else 0.
    pub first_sample: u32,
    /// Samples per pixel.
    pub samples: u32,
    /// Most path segments; 1 = emitters seen directly.
    pub depth_max: u8,
    /// Edge of a tile.
    pub tile_px: u16,
    /// Samples of one unit, a multiple of [`LEAF_SAMPLES`].
    pub chunk_samples: u16,
    /// Seed of every sample. A job that adds samples to another takes over its seed.
    pub seed: u32,
}

/// The part of a frame and the samples that a unit covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unit {
    /// Its number.
    pub index: UnitIndex,
    /// Frame of the scene's animation.
    pub frame: u32,
    /// Left edge.
    pub x_px: u16,
    /// Top edge.
    pub y_px: u16,
    /// Width; smaller than the tile at the right edge.
    pub width_px: u16,
    /// Height; smaller than the tile at the bottom edge.
    pub height_px: u16,
    /// First sample of every pixel.
    pub first_sample: u32,
    /// Samples per pixel in this unit.
    pub samples: u32,
}

impl Unit {
    /// Pixels of the tile that lie in the picture.
    pub fn pixel_count(&self) -> u32 {
        u32::from(self.width_px) * u32::from(self.height_px)
    }

    /// Leaves of the unit.
    pub fn leaf_count(&self) -> u32 {
        self.pixel_count() * self.samples.div_ceil(LEAF_SAMPLES)
    }

    /// Camera samples of the unit.
    pub fn sample_count(&self) -> u64 {
        u64::from(self.pixel_count()) * u64::from(self.samples)
    }

    /// The samples of leaf `k · pixels + y · width + x` for the k-th run of 16; `None` when the unit has no such leaf.
    pub fn address(&self, leaf: LeafIndex) -> Option<Address> {
        if leaf.0 >= self.leaf_count() {
            return None;
        }
        let (run, pixel) = (leaf.0 / self.pixel_count(), leaf.0 % self.pixel_count());
        let (x_px, y_px) = (pixel % u32::from(self.width_px), pixel / u32::from(self.width_px));
        let done = run * LEAF_SAMPLES;
        Some(Address {
            frame: self.frame,
            x_px: self.x_px + x_px as u16,
            y_px: self.y_px + y_px as u16,
            first_sample: self.first_sample + done,
            samples: (self.samples - done).min(LEAF_SAMPLES) as u8,
        })
    }
}

impl RenderWork {
    /// Tiles across and down.
    pub fn tiles(&self) -> (u32, u32) {
        (u32::from(self.width_px.div_ceil(self.tile_px)), u32::from(self.height_px.div_ceil(self.tile_px)))
    }

    fn chunks(&self) -> u32 {
        self.samples.div_ceil(u32::from(self.chunk_samples))
    }

    /// Number of units: frames × chunks × tiles. Fits for checked work.
    pub fn unit_count(&self) -> u32 {
        let (across, down) = self.tiles();
        across * down * self.chunks() * self.frame_count
    }

    /// The unit of that number: frame by frame, and in a frame all tiles of the first chunk come first, so the whole picture sharpens
    /// evenly. `None` when the job has no such unit.
    pub fn unit(&self, index: UnitIndex) -> Option<Unit> {
        if index.0 >= self.unit_count() {
            return None;
        }
        let (across, down) = self.tiles();
        let (pass, tile) = (index.0 / (across * down), index.0 % (across * down));
        let (frame, chunk) = (pass / self.chunks(), pass % self.chunks());
        let (x_px, y_px) = ((tile % across) as u16 * self.tile_px, (tile / across) as u16 * self.tile_px);
        let done = chunk * u32::from(self.chunk_samples);
        Some(Unit {
            index,
            frame: self.first_frame + frame,
            x_px,
            y_px,
            width_px: self.tile_px.min(self.width_px - x_px),
            height_px: self.tile_px.min(self.height_px - y_px),
            first_sample: self.first_sample + done,
            samples: u32::from(self.chunk_samples).min(self.samples - done),
        })
    }

    fn contains(&self, address: &Address) -> bool {
        let frames = self.first_frame..self.first_frame + self.frame_count;
        let Some(done) = address.first_sample.checked_sub(self.first_sample) else { return false };
        // Chunks are whole leaves, so a leaf of the job begins at a multiple of 16 and is short only at the job's last sample.
        let wanted = self.samples.checked_sub(done).map_or(0, |left| left.min(LEAF_SAMPLES));
        frames.contains(&address.frame)
            && address.x_px < self.width_px
            && address.y_px < self.height_px
            && done % LEAF_SAMPLES == 0
            && wanted > 0
            && u32::from(address.samples) == wanted
    }

    fn check(&self) -> Result<(), SpecError> {
        let edge = 1..=limits::EDGE_PX_MAX;
        if !edge.contains(&self.width_px.into()) || !edge.contains(&self.height_px.into()) {
            return Err(SpecError::Size { width_px: self.width_px, height_px: self.height_px });
        }
        if !(1..=limits::FRAMES_MAX).contains(&self.frame_count) || self.first_frame.checked_add(self.frame_count).is_none() {
            return Err(SpecError::Frames { first: self.first_frame, count: self.frame_count });
        }
        let samples = u64::from(self.first_sample) + u64::from(self.samples);
        if self.samples == 0 || samples > limits::SAMPLES_MAX.into() {
            return Err(SpecError::Samples(samples));
        }
        if !(1..=limits::DEPTH_MAX).contains(&self.depth_max.into()) {
            return Err(SpecError::Depth(self.depth_max));
        }
        if !(limits::TILE_PX_MIN..=limits::TILE_PX_MAX).contains(&self.tile_px.into()) {
            return Err(SpecError::Tile(self.tile_px));
        }
        let chunk = u32::from(self.chunk_samples);
        if !(LEAF_SAMPLES..=limits::CHUNK_SAMPLES_MAX).contains(&chunk) || chunk % LEAF_SAMPLES != 0 {
            return Err(SpecError::Chunk(self.chunk_samples));
        }
        let (across, down) = self.tiles();
        let units = u64::from(across) * u64::from(down) * u64::from(self.chunks()) * u64::from(self.frame_count);
        if units > limits::UNITS_MAX.into() {
            return Err(SpecError::Units(units));
        }
        let leaves = u64::from(self.tile_px.min(self.width_px)) * u64::from(self.tile_px.min(self.height_px));
        let leaves = leaves * u64::from(chunk.min(self.samples).div_ceil(LEAF_SAMPLES));
        if leaves > limits::LEAVES_MAX.into() {
            return Err(SpecError::Leaves(leaves));
        }
        Ok(())
    }
}

/// A job. Its hash stands on the ledger; the specification itself goes to those who work on it, and to the court in a challenge.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct JobSpec {
    /// Who pays.
    pub artist: AccountId,
    /// Sixteen random bytes: nobody can guess from the ledger what is rendered.
    pub salt: [u8; 16],
    /// Digest of the renderer's source: peers with another renderer would give other bits.
    pub renderer: Digest,
    /// Root of the scene's manifest, camera and environment included.
    pub scene: SceneDigest,
    /// Bytes of all parts of the scene.
    pub scene_bytes: u64,
    /// What is computed.
    pub work: Work,
}

impl JobSpec {
    /// What stands for this specification on the ledger.
    pub fn hash(&self) -> SpecHash {
        SpecHash(Digest::of("raylance job specification 2", &[&encode(self)]))
    }

    /// Checks every field against the limits.
    ///
    /// # Errors
    /// The first rule of [`SpecError`] that is broken.
    pub fn check(&self) -> Result<(), SpecError> {
        if !(1..=limits::SCENE_BYTES_MAX).contains(&self.scene_bytes) {
            return Err(SpecError::SceneLength(self.scene_bytes));
        }
        self.work.check()
    }

    /// The addresses of all leaves of a task; those of a list are given. None where the job has no such unit.
    pub fn addresses(&self, task: Task, list: Option<&[Address]>) -> Vec<Address> {
        match task {
            Task::Unit(unit) => self.work.addresses(unit).map(Iterator::collect).unwrap_or_default(),
            Task::List(_) => list.map(<[Address]>::to_vec).unwrap_or_default(),
        }
    }

    /// Does the job have this leaf at this place of this task? A list may hold any address of the job; which address stands where in it
    /// follows from its root alone.
    pub fn has(&self, task: Task, leaf: LeafIndex, address: &Address) -> bool {
        match task {
            Task::Unit(unit) => self.work.address(unit, leaf).as_ref() == Some(address),
            Task::List(_) => (leaf.0 as usize) < limits::LIST_ADDRESSES_MAX && self.work.contains(address),
        }
    }
}

/// Why a specification is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SpecError {
    /// An edge is 0 or above the limit.
    #[error("picture of {width_px} × {height_px} px; each edge must be 1 to {max} px", max = limits::EDGE_PX_MAX)]
    Size {
        /// Asked width.
        width_px: u16,
        /// Asked height.
        height_px: u16,
    },
    /// No frames, or more than the limit.
    #[error("{count} frames from {first} on; 1 to {max} are possible", max = limits::FRAMES_MAX)]
    Frames {
        /// First frame.
        first: u32,
        /// Number of frames.
        count: u32,
    },
    /// Samples are 0 or, with earlier jobs' samples, above the limit.
    #[error("{0} samples per pixel; 1 to {max} are possible", max = limits::SAMPLES_MAX)]
    Samples(u64),
    /// Depth is 0 or above the limit.
    #[error("depth {0}; 1 to {max} path segments are possible", max = limits::DEPTH_MAX)]
    Depth(u8),
    /// Tile edge out of range.
    #[error("tile edge of {0} px; {min} to {max} are possible", min = limits::TILE_PX_MIN, max = limits::TILE_PX_MAX)]
    Tile(u16),
    /// Chunk is no multiple of 16 or out of range.
    #[error("{0} samples per unit; a multiple of {LEAF_SAMPLES} up to {max} is needed", max = limits::CHUNK_SAMPLES_MAX)]
    Chunk(u16),
    /// Too many units.
    #[error("{0} units; at most {max} are possible: use larger tiles or fewer samples", max = limits::UNITS_MAX)]
    Units(u64),
    /// Too many leaves in one unit.
    #[error("{0} leaves in a unit; at most {max} are possible: use smaller tiles or chunks", max = limits::LEAVES_MAX)]
    Leaves(u64),
    /// Scene is empty or above the limit.
    #[error("scene of {0} bytes; 1 to {max} are possible", max = limits::SCENE_BYTES_MAX)]
    SceneLength(u64),
}

/// One part of a scene. Parts are stored and sent on their own, so that a changed texture sends one texture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct ManifestPart {
    /// BLAKE3 of the part's bytes.
    pub digest: Digest,
    /// Its length.
    pub len_bytes: u64,
}

/// A scene as its parts, in the order in which the packed scene joins them.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Manifest {
    /// At most [`limits::MANIFEST_PARTS_MAX`].
    pub parts: Vec<ManifestPart>,
}

impl Manifest {
    /// The scene's name.
    pub fn root(&self) -> SceneDigest {
        SceneDigest(Digest::of("raylance manifest 2", &[&encode(self)]))
    }

    /// Bytes of all parts; `None` when there are too many parts or bytes.
    pub fn checked_len_bytes(&self) -> Option<u64> {
        if self.parts.len() > limits::MANIFEST_PARTS_MAX {
            return None;
        }
        let sum = self.parts.iter().try_fold(0_u64, |sum, part| sum.checked_add(part.len_bytes))?;
        (1..=limits::SCENE_BYTES_MAX).contains(&sum).then_some(sum)
    }
}

#[cfg(test)]
mod tests;
