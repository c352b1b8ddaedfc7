//! Leaves in, picture out: the one place where sums become pixels, for a peer's job and for a local render alike.
//!
//! A pixel is the sum of its leaves, added in f32 in ascending sample order, divided once by the samples per pixel.
//! f32 addition is not associative: only this fixed order gives every assembler the same bits.

mod spread;

pub use spread::Spread;

use raylance_picture::Picture;
use raylance_v1_protocol::job::LeafShape;
use raylance_v1_protocol::{AccountId, Leaf, LeafIndex, RenderWork, Unit};

/// A picture whose leaves arrive in sample order per pixel.
pub struct Assembly {
    width_px: u32,
    height_px: u32,
    samples: u32,
    sums: Vec<[f32; 3]>,
    added: Vec<u32>,
    spreads: Option<Vec<Spread>>,
}

/// A picture together with what its leaves say about its noise.
pub struct Measured {
    /// Linear Rec. 709 radiance.
    pub picture: Picture,
    /// Samples of each pixel.
    pub samples: Vec<u32>,
    /// Variance of each pixel's mean; none where a pixel has fewer than two leaves.
    pub variance: Option<Vec<[f32; 3]>>,
}

/// Why leaves do not make a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AssembleError {
    /// A leaf came before an earlier one of its pixel, or twice.
    #[error("pixel {x_px}, {y_px} has {have} samples, but its next leaf begins at sample {first_sample}")]
    Order {
        /// Column.
        x_px: u32,
        /// Row.
        y_px: u32,
        /// Samples added so far.
        have: u32,
        /// First sample of the refused leaf.
        first_sample: u32,
    },
    /// A leaf lies outside of the picture.
    #[error("pixel {x_px}, {y_px} lies outside of the picture")]
    Outside {
        /// Column.
        x_px: u32,
        /// Row.
        y_px: u32,
    },
    /// A film has another number of leaves than its unit.
    #[error("a film of {have} leaves where its unit has {need}")]
    FilmLength {
        /// Leaves of the film.
        have: usize,
        /// Leaves of the unit.
        need: u32,
    },
    /// A pixel lacks samples.
    #[error("pixel {x_px}, {y_px} has only {have} of {need} samples")]
    Missing {
        /// Column.
        x_px: u32,
        /// Row.
        y_px: u32,
        /// Samples that are there.
        have: u32,
        /// Samples per pixel.
        need: u32,
    },
}

impl Assembly {
    /// An empty picture of `samples` per pixel.
    pub fn new(width_px: u32, height_px: u32, samples: u32) -> Self {
        let pixels = width_px as usize * height_px as usize;
        Self { width_px, height_px, samples, sums: vec![[0.0; 3]; pixels], added: vec![0; pixels], spreads: None }
    }

    /// An empty picture that also measures how far leaves lie apart, 32 bytes more per pixel.
    pub fn measuring(width_px: u32, height_px: u32, samples: u32) -> Self {
        let spreads = Some(vec![Spread::default(); width_px as usize * height_px as usize]);
        Self { spreads, ..Self::new(width_px, height_px, samples) }
    }

    /// Samples that a pixel has so far.
    pub fn samples_of(&self, x_px: u32, y_px: u32) -> u32 {
        self.added[y_px as usize * self.width_px as usize + x_px as usize]
    }

    /// How far a pixel's leaves lie apart; `None` when it is not measured.
    pub fn spread_of(&self, x_px: u32, y_px: u32) -> Option<&Spread> {
        self.spreads.as_ref()?.get(y_px as usize * self.width_px as usize + x_px as usize)
    }

    /// Adds one leaf. All leaves of a pixel must come in ascending sample order without a gap.
    ///
    /// # Errors
    /// [`AssembleError::Order`] and [`AssembleError::Outside`]; the picture is unchanged.
    pub fn add(&mut self, leaf: &LeafShape, sums: [f32; 3]) -> Result<(), AssembleError> {
        let LeafShape { x_px, y_px, first_sample, samples } = *leaf;
        if x_px >= self.width_px || y_px >= self.height_px {
            return Err(AssembleError::Outside { x_px, y_px });
        }
        let pixel = y_px as usize * self.width_px as usize + x_px as usize;
        let have = self.added[pixel];
        if have != first_sample {
            return Err(AssembleError::Order { x_px, y_px, have, first_sample });
        }
        self.added[pixel] = have + samples;
        for (sum, value) in self.sums[pixel].iter_mut().zip(sums) {
            *sum += value;
        }
        if let Some(spreads) = &mut self.spreads {
            spreads[pixel].add(sums, samples);
        }
        Ok(())
    }

    /// Adds a whole film. The units of a tile must come in ascending order; ascending unit numbers give that.
    ///
    /// # Errors
    /// [`AssembleError`]; after an error the picture is of no use.
    pub fn add_film(&mut self, unit: &Unit, film: &[Leaf]) -> Result<(), AssembleError> {
        if film.len() != unit.leaves() as usize {
            return Err(AssembleError::FilmLength { have: film.len(), need: unit.leaves() });
        }
        for (index, leaf) in (0..).zip(film) {
            let shape = unit.leaf(LeafIndex(index)).expect("the film has as many leaves as the unit");
            self.add(&shape, leaf.sums())?;
        }
        Ok(())
    }

    /// The picture: linear Rec. 709 radiance, rows from the top.
    ///
    /// # Errors
    /// [`AssembleError::Missing`] when a pixel lacks samples.
    pub fn finish(self) -> Result<Picture, AssembleError> {
        Ok(self.finish_measured(Completeness::Whole)?.picture)
    }

    /// The picture and its noise.
    ///
    /// # Errors
    /// [`AssembleError::Missing`] when a pixel lacks samples.
    pub fn finish_measured(self, completeness: Completeness) -> Result<Measured, AssembleError> {
        let need = |have: u32| match completeness {
            Completeness::Whole => have == self.samples,
            Completeness::Stopped => (1..=self.samples).contains(&have),
        };
        if let Some(pixel) = self.added.iter().position(|&have| !need(have)) {
            let (x_px, y_px) = (pixel as u32 % self.width_px, pixel as u32 / self.width_px);
            return Err(AssembleError::Missing { x_px, y_px, have: self.added[pixel], need: self.samples });
        }
        let mean = |(sum, &samples): ([f32; 3], &u32)| sum.map(|channel| channel / samples as f32);
        let pixels = self.sums.into_iter().zip(&self.added).map(mean).collect();
        let variance = self.spreads.and_then(|spreads| spreads.iter().map(Spread::variance).collect());
        let picture = Picture { width_px: self.width_px, height_px: self.height_px, pixels };
        Ok(Measured { picture, samples: self.added, variance })
    }
}

/// How many samples the pixels of a finished picture may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Completeness {
    /// All that were asked for.
    Whole,
    /// As many as their noise called for, at least one.
    Stopped,
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

#[cfg(test)]
mod tests {
    use super::*;

    fn leaf(first_sample: u32) -> LeafShape {
        LeafShape { x_px: 0, y_px: 0, first_sample, samples: 16 }
    }

    #[test]
    fn leaves_are_added_in_sample_order_only() {
        let mut assembly = Assembly::new(1, 1, 32);
        assert_eq!(assembly.add(&leaf(16), [1.0; 3]), Err(AssembleError::Order { x_px: 0, y_px: 0, have: 0, first_sample: 16 }));
        assembly.add(&leaf(0), [1e8, 1.0, 3.0]).unwrap();
        assert!(assembly.add(&leaf(0), [1.0; 3]).is_err(), "no leaf counts twice");
        assembly.add(&leaf(16), [1.0, 1.0, 3.0]).unwrap();
        let picture = assembly.finish().unwrap();
        assert_eq!(picture.pixels, vec![[(1e8 + 1.0f32) / 32.0, 2.0 / 32.0, 6.0 / 32.0]]);
    }

    #[test]
    fn pixels_that_stopped_early_are_divided_by_their_own_samples() {
        let mut assembly = Assembly::measuring(1, 2, 32);
        assembly.add(&leaf(0), [16.0; 3]).unwrap();
        assembly.add(&LeafShape { y_px: 1, ..leaf(0) }, [16.0; 3]).unwrap();
        assembly.add(&LeafShape { y_px: 1, ..leaf(16) }, [48.0; 3]).unwrap();
        assert_eq!((assembly.samples_of(0, 0), assembly.samples_of(0, 1)), (16, 32));
        let measured = assembly.finish_measured(Completeness::Stopped).unwrap();
        assert_eq!(measured.picture.pixels, vec![[1.0; 3], [2.0; 3]]);
        assert_eq!((measured.samples, measured.variance), (vec![16, 32], None));
        let none = Assembly::measuring(1, 1, 32).finish_measured(Completeness::Stopped);
        assert!(none.is_err(), "a pixel without a sample has no colour");
    }

    #[test]
    fn a_picture_with_a_gap_is_none() {
        let mut assembly = Assembly::new(2, 1, 16);
        assembly.add(&leaf(0), [1.0; 3]).unwrap();
        assert_eq!(assembly.finish().map(|_| ()), Err(AssembleError::Missing { x_px: 1, y_px: 0, have: 0, need: 16 }));
    }
}
