//! How far the leaves of each pixel lie apart: the measure of a picture's noise.
//!
//! A leaf is the mean of 16 samples that are spread evenly among themselves, so that the leaves of a pixel are nearly independent estimates.
//! Their spread gives the variance of the pixel's mean without a look at single samples.

/// Rec.709 luminance.
const LUMINANCE: [f32; 3] = [0.2126, 0.7152, 0.0722];

/// Running mean and spread of one pixel's leaves (West 1979, "Updating Mean and Variance Estimates", weights = samples).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Spread {
    mean: [f32; 3],
    squares: [f32; 3],
    samples: u32,
    leaves: u32,
}

impl Spread {
    /// Takes in the sums of a leaf of `samples`, more than 0.
    pub fn add(&mut self, sums: [f32; 3], samples: u32) {
        self.samples += samples;
        self.leaves += 1;
        let (weight, total) = (samples as f32, self.samples as f32);
        for (i, sum) in sums.into_iter().enumerate() {
            let value = sum / weight;
            let delta = value - self.mean[i];
            self.mean[i] += delta * (weight / total);
            self.squares[i] += weight * delta * (value - self.mean[i]);
        }
    }

    /// Variance of the mean per channel; `None` of fewer than two leaves. What is too large for f32 is the largest f32.
    pub fn variance(&self) -> Option<[f32; 3]> {
        let degrees = (self.leaves.checked_sub(1).filter(|degrees| *degrees > 0)? as f32) * self.samples as f32;
        Some(self.squares.map(|square| (square / degrees).clamp(0.0, f32::MAX)))
    }

    /// Luminance of the mean.
    pub fn luminance(&self) -> f32 {
        self.mean.iter().zip(LUMINANCE).map(|(mean, weight)| mean * weight).sum()
    }

    /// Variance of the mean's luminance, as if the channels' errors were always of one sign: they nearly are, and this is the safe side.
    pub fn luminance_variance(&self) -> Option<f32> {
        let error: f32 = self.variance()?.iter().zip(LUMINANCE).map(|(variance, weight)| variance.sqrt() * weight).sum();
        Some(error * error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_variance_of_leaves_is_that_of_the_text_book() {
        let mut spread = Spread::default();
        assert_eq!(spread.variance(), None);
        for mean in [1.0, 2.0, 4.0, 9.0] {
            spread.add([mean * 16.0, 0.0, 5.0 * 16.0], 16);
            assert!(spread.leaves > 1 || spread.variance().is_none(), "one leaf has no spread");
        }
        // Mean 4, squares 9 + 4 + 0 + 25 over 3, then over 4 leaves.
        let [red, green, blue] = spread.variance().unwrap();
        assert!((red - 38.0 / 12.0).abs() < 1e-5, "{red}");
        assert_eq!((green, blue), (0.0, 0.0));
        assert!((spread.luminance() - (4.0 * 0.2126 + 5.0 * 0.0722)).abs() < 1e-5);
        assert!((spread.luminance_variance().unwrap() - red * 0.2126 * 0.2126).abs() < 1e-5);
    }

    #[test]
    fn a_shorter_last_leaf_weighs_less() {
        // Halves of an equal leaf, given as two leaves, have twice a leaf's variance each; the estimate must count them accordingly.
        let mut spread = Spread::default();
        spread.add([0.0; 3], 16);
        spread.add([8.0; 3], 8);
        // Mean 1/3; 16·(1/3)² + 8·(2/3)² = 16/3 per sample, over 1 and over 24 samples.
        assert!((spread.variance().unwrap()[0] - 16.0 / 3.0 / 24.0).abs() < 1e-6);
    }

    #[test]
    fn huge_light_has_a_finite_variance() {
        let mut spread = Spread::default();
        spread.add([1.0e30; 3], 16);
        spread.add([0.0; 3], 16);
        assert_eq!(spread.variance(), Some([f32::MAX; 3]));
    }
}
