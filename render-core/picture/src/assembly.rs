//! Leaves in, picture out: the one place where sums become pixels, for a peer's job and for a local render alike.
//!
//! A pixel is the sum of its leaves, added in f32 in ascending sample order, divided once by the samples that were added.
//! f32 addition is not associative: only this fixed order gives every assembler the same bits.

mod spread;

pub use spread::Spread;

use crate::Picture;
use raylance_tracer::LeafRequest;

/// A picture whose leaves arrive in sample order per pixel.
pub struct Assembly {
    width_px: u32,
    height_px: u32,
    samples: u32,
    sums: Vec<[f32; 3]>,
    added: Vec<u32>,
    /// Where gaps are allowed: the sample after the last one of each pixel.
    ends: Option<Vec<u32>>,
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
        Self { width_px, height_px, samples, sums: vec![[0.0; 3]; pixels], added: vec![0; pixels], ends: None, spreads: None }
    }

    /// An empty picture that also measures how far leaves lie apart, 32 bytes more per pixel.
    pub fn measuring(width_px: u32, height_px: u32, samples: u32) -> Self {
        let spreads = Some(vec![Spread::default(); width_px as usize * height_px as usize]);
        Self { spreads, ..Self::new(width_px, height_px, samples) }
    }

    /// An empty picture of which some parts may never come: a pixel's leaves ascend, but may begin anywhere and have gaps between them.
    pub fn with_gaps(width_px: u32, height_px: u32, samples: u32) -> Self {
        let ends = Some(vec![0; width_px as usize * height_px as usize]);
        Self { ends, ..Self::new(width_px, height_px, samples) }
    }

    /// Samples that a pixel has so far.
    pub fn samples_of(&self, x_px: u32, y_px: u32) -> u32 {
        self.added[y_px as usize * self.width_px as usize + x_px as usize]
    }

    /// How far a pixel's leaves lie apart; `None` when it is not measured.
    pub fn spread_of(&self, x_px: u32, y_px: u32) -> Option<&Spread> {
        self.spreads.as_ref()?.get(y_px as usize * self.width_px as usize + x_px as usize)
    }

    /// Adds one leaf. All leaves of a pixel must come in ascending sample order, without a gap unless gaps were allowed.
    ///
    /// # Errors
    /// [`AssembleError::Order`] and [`AssembleError::Outside`]; the picture is unchanged.
    pub fn add(&mut self, leaf: &LeafRequest, sums: [f32; 3]) -> Result<(), AssembleError> {
        let LeafRequest { x_px, y_px, first_sample, samples } = *leaf;
        if x_px >= self.width_px || y_px >= self.height_px {
            return Err(AssembleError::Outside { x_px, y_px });
        }
        let pixel = y_px as usize * self.width_px as usize + x_px as usize;
        let have = self.added[pixel];
        let fits = match &mut self.ends {
            None => have == first_sample,
            Some(ends) if ends[pixel] <= first_sample => {
                ends[pixel] = first_sample + samples;
                true
            }
            Some(_) => false,
        };
        if !fits {
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
            Completeness::Partial => have <= self.samples,
        };
        if let Some(pixel) = self.added.iter().position(|&have| !need(have)) {
            let (x_px, y_px) = (pixel as u32 % self.width_px, pixel as u32 / self.width_px);
            return Err(AssembleError::Missing { x_px, y_px, have: self.added[pixel], need: self.samples });
        }
        let mean = |(sum, &samples): ([f32; 3], &u32)| if samples == 0 { sum } else { sum.map(|channel| channel / samples as f32) };
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
    /// As many as there are: a pixel without any is black.
    Partial,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaf(first_sample: u32) -> LeafRequest {
        LeafRequest { x_px: 0, y_px: 0, first_sample, samples: 16 }
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
        assembly.add(&LeafRequest { y_px: 1, ..leaf(0) }, [16.0; 3]).unwrap();
        assembly.add(&LeafRequest { y_px: 1, ..leaf(16) }, [48.0; 3]).unwrap();
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

    #[test]
    fn a_partial_picture_shows_what_is_there() {
        let mut assembly = Assembly::with_gaps(2, 1, 64);
        assembly.add(&leaf(16), [16.0; 3]).unwrap();
        assembly.add(&leaf(48), [48.0; 3]).unwrap();
        assert!(assembly.add(&leaf(32), [1.0; 3]).is_err(), "leaves ascend all the same");
        let measured = assembly.finish_measured(Completeness::Partial).unwrap();
        assert_eq!(measured.picture.pixels, vec![[2.0; 3], [0.0; 3]]);
        assert_eq!(measured.samples, vec![32, 0]);
    }
}
