//! Workers that want the pay without the work: each makes a film by rendering less, or by altering one.

use super::film::{Film, Studio, Take};
use raylance_protocol::job::LEAF_SAMPLES;
use raylance_protocol::{Digest, Leaf, LeafIndex};
use raylance_tracer::RenderError;
use raylance_verify::draw;
use serde::Serialize;
use std::fmt;

/// Every attacker of the table, in its order.
pub const ATTACKS: [Attack; 11] = [
    Attack::FewerSamples,
    Attack::FewerBounces { depth_max: 7 },
    Attack::FewerBounces { depth_max: 4 },
    Attack::Resold,
    Attack::Interpolated,
    Attack::CopiedNeighbour,
    Attack::Sparse { percent: 1 },
    Attack::Sparse { percent: 2 },
    Attack::Denoised,
    Attack::HalfPrecision,
    Attack::DarkPixels,
];

/// Samples that are left out by who leaves out samples.
const SAMPLES_LEFT_OUT: u32 = 1;
/// Samples that the denoiser starts from.
const DENOISED_SAMPLES: u32 = LEAF_SAMPLES / 2;
/// One pixel of so many is a copy.
const COPIED_EVERY: u32 = 4;
/// A pixel counts as dark below this share of the film's mean: hardly anyone would see it black.
const DARK_SHARE_OF_MEAN: f64 = 0.1;
/// The seed of the other job.
const RESOLD_SEED: u32 = Take::HONEST.seed + 1;

/// One way to cheat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attack {
    /// Leaves out one of 16 samples and scales the rest up.
    FewerSamples,
    /// Follows paths less far.
    FewerBounces {
        /// Most path segments.
        depth_max: u32,
    },
    /// Sells a film of the same scene that was rendered for another job.
    Resold,
    /// Renders every other pixel, as on a chessboard, and fills in the mean of its neighbours.
    Interpolated,
    /// Sends the left neighbour for every fourth pixel.
    CopiedNeighbour,
    /// Sends a neighbour for few pixels at places that nobody can guess.
    Sparse {
        /// Share of pixels.
        percent: u32,
    },
    /// Renders half of the samples and blurs over 3×3 pixels.
    Denoised,
    /// Rounds each sum as arithmetic in half precision would at best.
    HalfPrecision,
    /// Sends black for dark pixels.
    DarkPixels,
}

impl fmt::Display for Attack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FewerSamples => write!(f, "{} of {LEAF_SAMPLES} samples", LEAF_SAMPLES - SAMPLES_LEFT_OUT),
            Self::FewerBounces { depth_max } => write!(f, "depth {depth_max} of {}", Take::HONEST.depth_max),
            Self::Resold => f.write_str("resold: other seed"),
            Self::Interpolated => f.write_str("half the pixels interpolated"),
            Self::CopiedNeighbour => write!(f, "every {COPIED_EVERY}th pixel copied"),
            Self::Sparse { percent } => write!(f, "{percent} % of pixels copied"),
            Self::Denoised => write!(f, "{DENOISED_SAMPLES} samples, 3×3 blur"),
            Self::HalfPrecision => f.write_str("f16 arithmetic"),
            Self::DarkPixels => f.write_str("dark pixels sent black"),
        }
    }
}

/// What a share of saved work counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SavedBy {
    /// Camera samples that are not rendered.
    Samples,
    /// Render time on this machine.
    Time,
}

/// A film that is not what was asked for.
#[derive(Debug)]
pub struct Cheat {
    /// What the worker commits to.
    pub film: Film,
    /// Share of the work that it saved.
    pub saved: f64,
    /// What that share counts.
    pub saved_by: SavedBy,
}

impl Attack {
    /// Films that [`Attack::cheat`] renders.
    pub fn films(self, timed_runs: u32) -> u64 {
        match self {
            Self::FewerBounces { .. } => 2 * u64::from(timed_runs.max(1)),
            Self::FewerSamples | Self::Resold | Self::Denoised => 1,
            Self::Interpolated | Self::CopiedNeighbour | Self::Sparse { .. } | Self::HalfPrecision | Self::DarkPixels => 0,
        }
    }

    /// Makes the attacker's film. Pixels that it would render are taken from `honest`: they are the same bits.
    ///
    /// # Errors
    /// The renderer's.
    pub fn cheat(self, studio: &mut Studio<'_>, honest: &Film) -> Result<Cheat, RenderError> {
        let altered = |altered: Altered| Cheat {
            saved: f64::from(altered.skipped) / f64::from(honest.unit.leaf_count()),
            saved_by: SavedBy::Samples,
            film: Film { unit: honest.unit, leaves: altered.leaves },
        };
        Ok(match self {
            Self::FewerSamples => fewer_samples(studio, LEAF_SAMPLES - SAMPLES_LEFT_OUT)?,
            Self::FewerBounces { depth_max } => {
                let (film, saved) = studio.render_timed(Take { depth_max, ..Take::HONEST })?;
                Cheat { film, saved, saved_by: SavedBy::Time }
            }
            // Nothing is rendered for this job: the film is there already.
            Self::Resold => {
                let film = studio.render(Take { seed: RESOLD_SEED, ..Take::HONEST })?;
                Cheat { film, saved: 1.0, saved_by: SavedBy::Samples }
            }
            Self::Denoised => {
                let noisy = fewer_samples(studio, DENOISED_SAMPLES)?;
                Cheat { film: blurred(&noisy.film), ..noisy }
            }
            Self::Interpolated => altered(interpolated(honest)),
            Self::CopiedNeighbour => altered(copied(honest)),
            Self::Sparse { percent } => altered(sparse(honest, percent)),
            Self::HalfPrecision => altered(half_precision(honest)),
            Self::DarkPixels => altered(dark_pixels(honest)),
        })
    }
}

/// Renders the first `samples` and scales them up, so that the picture is as bright as it should be.
fn fewer_samples(studio: &mut Studio<'_>, samples: u32) -> Result<Cheat, RenderError> {
    let mut film = studio.render(Take { samples, ..Take::HONEST })?;
    let scale = LEAF_SAMPLES as f32 / samples as f32;
    for leaf in &mut film.leaves {
        *leaf = Leaf::from_sums(leaf.sums().map(|sum| sum * scale));
    }
    Ok(Cheat { film, saved: 1.0 - f64::from(samples) / f64::from(LEAF_SAMPLES), saved_by: SavedBy::Samples })
}

struct Altered {
    leaves: Vec<Leaf>,
    /// Pixels that were not rendered.
    skipped: u32,
}

/// Replaces the pixels for which `fake` has a leaf.
fn replace(honest: &Film, fake: impl Fn(u32, u32) -> Option<Leaf>) -> Altered {
    let mut altered = Altered { leaves: honest.leaves.clone(), skipped: 0 };
    for (leaf, index) in altered.leaves.iter_mut().zip(0..) {
        if let Some(faked) = fake(index % u32::from(honest.unit.width_px), index / u32::from(honest.unit.width_px)) {
            *leaf = faked;
            altered.skipped += 1;
        }
    }
    altered
}

fn at(film: &Film, x: u32, y: u32) -> Leaf {
    film.leaves[(y * u32::from(film.unit.width_px) + x) as usize]
}

/// The left neighbour; the right one at the left edge.
fn neighbour(film: &Film, x: u32, y: u32) -> Leaf {
    if x > 0 { at(film, x - 1, y) } else { at(film, (x + 1).min(u32::from(film.unit.width_px) - 1), y) }
}

fn mean(leaves: &[Leaf]) -> Leaf {
    let mut sums = [0.0; 3];
    for leaf in leaves {
        for (sum, channel) in sums.iter_mut().zip(leaf.sums()) {
            *sum += channel;
        }
    }
    Leaf::from_sums(sums.map(|sum| sum / leaves.len() as f32))
}

fn interpolated(honest: &Film) -> Altered {
    let (width, height) = (u32::from(honest.unit.width_px), u32::from(honest.unit.height_px));
    replace(honest, |x, y| {
        let around = [(x.wrapping_sub(1), y), (x + 1, y), (x, y.wrapping_sub(1)), (x, y + 1)];
        let inside = around.into_iter().filter(|&(x, y)| x < width && y < height);
        ((x + y) % 2 == 1).then(|| mean(&inside.map(|(x, y)| at(honest, x, y)).collect::<Vec<_>>()))
    })
}

fn copied(honest: &Film) -> Altered {
    replace(honest, |x, y| (x % COPIED_EVERY == COPIED_EVERY - 1).then(|| neighbour(honest, x, y)))
}

/// At least one pixel, however small the film.
fn sparse(honest: &Film, percent: u32) -> Altered {
    let count = (honest.unit.leaf_count() * percent / 100).max(1);
    // The places are chosen as the network chooses its own: by an unguessable even draw.
    let chance = Digest::of("raylance lab sparse 1", &[&percent.to_le_bytes()]);
    let places = draw(&chance.0, honest.unit.leaf_count(), count, |_| 1);
    let width = u32::from(honest.unit.width_px);
    replace(honest, |x, y| places.binary_search(&LeafIndex(y * width + x)).is_ok().then(|| neighbour(honest, x, y)))
}

fn blurred(film: &Film) -> Film {
    let (width, height) = (u32::from(film.unit.width_px), u32::from(film.unit.height_px));
    let window = |centre: u32, end: u32| centre.saturating_sub(1)..(centre + 2).min(end);
    let blur = |x: u32, y: u32| {
        let around: Vec<Leaf> = window(y, height).flat_map(|y| window(x, width).map(move |x| at(film, x, y))).collect();
        mean(&around)
    };
    Film { unit: film.unit, leaves: (0..film.unit.leaf_count()).map(|i| blur(i % width, i / width)).collect() }
}

/// Renders everything: what half precision saves depends on the device, and on a CPU it saves nothing.
fn half_precision(honest: &Film) -> Altered {
    let leaves = honest.leaves.iter().map(|leaf| Leaf::from_sums(leaf.sums().map(round_to_half))).collect();
    Altered { leaves, skipped: 0 }
}

/// The attacker is given for nothing the knowledge which pixels are dark.
fn dark_pixels(honest: &Film) -> Altered {
    let brightness = |leaf: Leaf| leaf.sums().into_iter().map(f64::from).sum::<f64>();
    let total: f64 = honest.leaves.iter().map(|&leaf| brightness(leaf)).sum();
    let dark = DARK_SHARE_OF_MEAN * total / f64::from(honest.unit.leaf_count());
    replace(honest, |x, y| (brightness(at(honest, x, y)) < dark).then(Leaf::default))
}

/// The nearest number that IEEE 754 binary16 has, ties to even; beyond its range the largest one, since infinite light is refused unseen.
fn round_to_half(value: f32) -> f32 {
    const MAX: f32 = 65_504.0;
    /// Smallest number with all 11 digits, 2⁻¹⁴.
    const NORMAL_MIN: f32 = 1.0 / 16_384.0;
    /// Distance of the numbers below it, 2⁻²⁴.
    const STEP: f32 = 1.0 / 16_777_216.0;
    if value.abs() < NORMAL_MIN {
        return (value / STEP).round_ties_even() * STEP;
    }
    // Of 23 binary digits 10 stay: half of the last one that stays is added, a little less for a tie at an even number.
    let bits = value.to_bits();
    f32::from_bits(bits.wrapping_add(0x0fff + ((bits >> 13) & 1)) & !0x1fff).clamp(-MAX, MAX)
}

#[cfg(test)]
mod tests {
    use super::super::film::tests::ramp;
    use super::*;

    /// `skipped` pixels are counted as saved, and no other pixel is touched.
    fn check(altered: &Altered, honest: &Film, skipped: u32) {
        let film = Film { unit: honest.unit, leaves: altered.leaves.clone() };
        assert_eq!((altered.skipped, film.differing(honest)), (skipped, skipped));
    }

    #[test]
    fn copies_are_the_left_neighbour_of_every_fourth_pixel() {
        let honest = ramp(8, 4);
        let altered = copied(&honest);
        check(&altered, &honest, 8);
        assert_eq!(altered.leaves[3], honest.leaves[2]);
        assert_eq!(altered.leaves[8 + 7], honest.leaves[8 + 6]);
    }

    #[test]
    fn a_sparse_cheat_touches_the_share_that_it_says() {
        let honest = ramp(20, 20);
        check(&sparse(&honest, 1), &honest, 4);
        check(&sparse(&honest, 2), &honest, 8);
        check(&sparse(&ramp(8, 4), 1), &ramp(8, 4), 1);
    }

    #[test]
    fn interpolation_invents_half_the_pixels_from_rendered_ones() {
        let mut honest = ramp(8, 4);
        // On a straight ramp the mean of the neighbours would be right: every other rendered pixel sparkles.
        honest.leaves.iter_mut().step_by(3).for_each(|leaf| *leaf = Leaf::from_sums([50.0, 50.0, 50.0]));
        let altered = interpolated(&honest);
        check(&altered, &honest, 16);
        let [left, right, below] = [0, 2, 9].map(|i| honest.leaves[i].sums());
        assert_eq!(altered.leaves[1].sums()[0], (left[0] + right[0] + below[0]) / 3.0);
        assert_eq!(altered.leaves[0], honest.leaves[0]);
    }

    #[test]
    fn blurring_keeps_a_flat_film_and_spreads_a_spark_over_nine_pixels() {
        let flat = Film { leaves: vec![Leaf::from_sums([2.0, 2.0, 2.0]); 35], ..ramp(7, 5) };
        assert_eq!(blurred(&flat), flat);
        let mut spark = flat.clone();
        spark.leaves[2 * 7 + 3] = Leaf::from_sums([20.0, 20.0, 20.0]);
        let blurred = blurred(&spark);
        assert_eq!(blurred.differing(&flat), 9);
        assert_eq!(blurred.leaves[2 * 7 + 3].sums(), [4.0; 3]);
    }

    #[test]
    fn only_dark_pixels_are_sent_black() {
        let mut honest = ramp(8, 4);
        honest.leaves[5] = Leaf::from_sums([0.1, 0.1, 0.1]);
        let altered = dark_pixels(&honest);
        check(&altered, &honest, 1);
        assert_eq!(altered.leaves[5], Leaf::default());
    }

    #[test]
    fn half_precision_is_that_of_ieee_754() {
        for (value, rounded) in [
            (0.0, 0.0),
            (1.0, 1.0),
            (0.1, 0.099_975_586),
            (2_049.0, 2_048.0),
            (2_051.0, 2_052.0),
            (65_504.0, 65_504.0),
            (1e9, 65_504.0),
            (6.1e-5, 6.097_555e-5),
            (5.960_464_5e-8, 5.960_464_5e-8),
            (2e-8, 0.0),
        ] {
            assert_eq!(round_to_half(value), rounded, "{value}");
        }
    }
}
