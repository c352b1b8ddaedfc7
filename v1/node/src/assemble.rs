//! Films of version 1's units into pictures.

use raylance_picture::{AssembleError, Assembly, Picture};
use raylance_v1_protocol::{AccountId, Leaf, LeafIndex, RenderWork, Unit};

/// Why films do not make a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FilmError {
    /// A film has another number of leaves than its unit.
    #[error("a film of {have} leaves where its unit has {need}")]
    Length {
        /// Leaves of the film.
        have: usize,
        /// Leaves of the unit.
        need: u32,
    },
    /// Its leaves do not fit.
    #[error(transparent)]
    Assemble(#[from] AssembleError),
}

/// Adds a whole film. The units of a tile must come in ascending order; ascending unit numbers give that.
///
/// # Errors
/// [`FilmError`]; after an error the picture is of no use.
pub fn add_film(assembly: &mut Assembly, unit: &Unit, film: &[Leaf]) -> Result<(), FilmError> {
    if film.len() != unit.leaves() as usize {
        return Err(FilmError::Length { have: film.len(), need: unit.leaves() });
    }
    for (index, leaf) in (0..).zip(film) {
        let shape = unit.leaf(LeafIndex(index)).expect("the film has as many leaves as the unit");
        assembly.add(&crate::render_thread::request(&shape), leaf.sums())?;
    }
    Ok(())
}

/// A picture that sharpens while films arrive in any order. Only to look at: its last bits depend on the order.
pub struct LivePicture {
    work: RenderWork,
    sums: Vec<[f32; 3]>,
    samples: Vec<u32>,
    seen: Vec<Option<AccountId>>,
    revision: u64,
}

impl LivePicture {
    /// An empty picture of `work`.
    pub fn new(work: RenderWork) -> Self {
        let pixels = work.width_px as usize * work.height_px as usize;
        let seen = vec![None; work.unit_count() as usize];
        Self { work, sums: vec![[0.0; 3]; pixels], samples: vec![0; pixels], seen, revision: 0 }
    }

    /// What is rendered.
    pub fn work(&self) -> &RenderWork {
        &self.work
    }

    /// Takes a worker's film of `unit` out again, if it is in.
    pub fn remove(&mut self, unit: &Unit, worker: AccountId, film: &[Leaf]) {
        if self.seen[unit.index.0 as usize].take_if(|seen| *seen == worker).is_some() {
            self.revision += 1;
            for (index, leaf) in (0..).zip(film) {
                let Some(shape) = unit.leaf(LeafIndex(index)) else { continue };
                let pixel = shape.y_px as usize * self.work.width_px as usize + shape.x_px as usize;
                self.samples[pixel] = self.samples[pixel].saturating_sub(shape.samples);
                for (sum, value) in self.sums[pixel].iter_mut().zip(leaf.sums()) {
                    *sum = if self.samples[pixel] == 0 { 0.0 } else { *sum - value };
                }
            }
        }
    }

    /// Raised by every film; 0 = nothing was added.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// Adds a worker's film of `unit` unless one is there or its length is wrong.
    pub fn add(&mut self, unit: &Unit, worker: AccountId, film: &[Leaf]) {
        let seen = &mut self.seen[unit.index.0 as usize];
        if seen.is_some() || film.len() != unit.leaves() as usize {
            return;
        }
        *seen = Some(worker);
        self.revision += 1;
        for (index, leaf) in (0..).zip(film) {
            let Some(shape) = unit.leaf(LeafIndex(index)) else { continue };
            let pixel = shape.y_px as usize * self.work.width_px as usize + shape.x_px as usize;
            self.samples[pixel] += shape.samples;
            for (sum, value) in self.sums[pixel].iter_mut().zip(leaf.sums()) {
                *sum += value;
            }
        }
    }

    /// The picture so far; pixels without a sample are black.
    pub fn picture(&self) -> Picture {
        let pixel = |(sum, &samples): (&[f32; 3], &u32)| sum.map(|channel| channel / samples.max(1) as f32);
        Picture {
            width_px: self.work.width_px,
            height_px: self.work.height_px,
            pixels: self.sums.iter().zip(&self.samples).map(pixel).collect(),
        }
    }
}

/// A film's leaves as its bytes on disk and on the wire.
pub fn film_to_bytes(film: &[Leaf]) -> Vec<u8> {
    film.iter().flat_map(|leaf| leaf.to_bytes()).collect()
}

/// A film's leaves from its bytes; `None` unless they are exactly the leaves of `unit`.
pub fn film_from_bytes(unit: &Unit, bytes: &[u8]) -> Option<Vec<Leaf>> {
    let (leaves, rest) = bytes.as_chunks();
    (rest.is_empty() && leaves.len() == unit.leaves() as usize).then(|| leaves.iter().map(|&leaf| Leaf::from_bytes(leaf)).collect())
}
