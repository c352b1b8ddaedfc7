//! Rendering until the noise is low enough: tiles stop one by one.
//!
//! A tile's *error* is the standard error of its pixels' luminance (root mean square over the tile) as a share of what a screen shows between
//! black and white, when the picture's mean is exposed to middle grey: 0.01 = a typical pixel is off by 1 % of that range. A screen's curve is
//! taken for a square root, so shadows may be off by more of their own light than bright parts; a relative error would spend all samples on them.
//!
//! Stopping when a measured variance is low is biased: a tile that has not met its rare bright paths yet looks finished. Three things keep
//! that small. Nothing is judged before four leaves (64 samples) of each pixel; a tile of 32 × 32 pixels is judged as a whole; and beside a
//! tile that is still noisy it must do twice as well, because what shines into one tile rarely ends at its edge.

use super::{Feed, FrameError, LEAF_SAMPLES, Watch};
use raylance_tracer::{LeafRequest, Settings};

/// Edge of a tile, pixels: enough of them for a steady estimate, few enough to follow the picture.
const TILE_PX: u32 = 32;
/// Leaves before a tile is judged.
const LEAVES_MIN: u32 = 4;
/// Most leaves of a pixel between two looks: keeps estimates of the remaining work honest.
const LEAVES_STEP_MAX: u32 = 16;
/// What the picture's mean becomes on the screen, where 1 is white.
const MIDDLE_GREY: f64 = 0.18;
/// Share of white below which a tile counts as this bright: the curve's slope has no end at black.
const BLACK: f64 = 1.0e-3;
/// A neighbour with more than this many times the target is noisy; beside it a tile's error must be below the target over this.
const NEIGHBOUR_FACTOR: f64 = 2.0;

/// The error at which a tile stops; above 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NoiseTarget(pub f32);

/// The error of a finished picture's tiles.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Noise {
    /// Of the noisiest tile.
    pub error_max: f32,
    /// Mean over all tiles.
    pub error_mean: f32,
}

/// A square of pixels that have the same number of samples.
#[derive(Clone, Copy, Debug)]
struct Tile {
    x_px: u32,
    y_px: u32,
    width_px: u32,
    height_px: u32,
    samples: u32,
    /// Mean over the pixels of the variance of their luminance.
    variance: f64,
    luminance: f64,
}

impl Tile {
    fn pixels(&self) -> f64 {
        f64::from(self.width_px) * f64::from(self.height_px)
    }

    fn leaves(&self) -> u32 {
        self.samples.div_ceil(LEAF_SAMPLES)
    }
}

/// Renders the frame of `feed` up to `samples_max` per pixel and says what noise is left.
pub(super) fn render(feed: &mut Feed<'_>, samples_max: u32, target: NoiseTarget, watch: &Watch) -> Result<Noise, FrameError> {
    let mut grid = Grid::new(feed.settings, samples_max, f64::from(target.0));
    let mut expected = grid.leaves_at_most();
    loop {
        let steps = grid.steps();
        if steps.iter().all(|&leaves| leaves == 0) {
            watch.expect(expected, grid.leaves_so_far());
            return Ok(grid.noise());
        }
        let forecast = grid.leaves_forecast();
        watch.expect(expected, forecast);
        expected = forecast;
        let asked = || grid.tiles.iter().zip(&steps).filter(|(_, leaves)| **leaves > 0);
        for (tile, &leaves) in asked() {
            push(feed, tile, samples_max.min(tile.samples + leaves * LEAF_SAMPLES))?;
        }
        feed.flush()?;
        for (tile, leaves) in grid.tiles.iter_mut().zip(steps) {
            if leaves > 0 {
                tile.samples = samples_max.min(tile.samples + leaves * LEAF_SAMPLES);
                measure(feed, tile);
            }
        }
    }
}

/// All leaves of a tile up to `until` samples per pixel.
fn push(feed: &mut Feed<'_>, tile: &Tile, until: u32) -> Result<(), FrameError> {
    for first_sample in (tile.samples..until).step_by(LEAF_SAMPLES as usize) {
        for y_px in tile.y_px..tile.y_px + tile.height_px {
            for x_px in tile.x_px..tile.x_px + tile.width_px {
                feed.push(LeafRequest { x_px, y_px, first_sample, samples: LEAF_SAMPLES.min(until - first_sample) })?;
            }
        }
    }
    Ok(())
}

fn measure(feed: &Feed<'_>, tile: &mut Tile) {
    let places = (tile.y_px..tile.y_px + tile.height_px).flat_map(|y| (tile.x_px..tile.x_px + tile.width_px).map(move |x| (x, y)));
    let (mut variance, mut luminance) = (0.0, 0.0);
    for spread in places.filter_map(|(x, y)| feed.assembly.spread_of(x, y)) {
        variance += spread.luminance_variance().map_or(f64::INFINITY, f64::from);
        luminance += f64::from(spread.luminance());
    }
    (tile.variance, tile.luminance) = (variance / tile.pixels(), luminance / tile.pixels());
}

/// All tiles of a picture, and the rule when each stops. Depends on nothing but the pixels, so it is the same on every device.
struct Grid {
    tiles: Vec<Tile>,
    across: usize,
    samples_max: u32,
    target: f64,
}

impl Grid {
    fn new(settings: &Settings, samples_max: u32, target: f64) -> Self {
        let (across, down) = (settings.width_px.div_ceil(TILE_PX), settings.height_px.div_ceil(TILE_PX));
        let tile = |i: u32| {
            let (x_px, y_px) = (i % across * TILE_PX, i / across * TILE_PX);
            let (width_px, height_px) = (TILE_PX.min(settings.width_px - x_px), TILE_PX.min(settings.height_px - y_px));
            Tile { x_px, y_px, width_px, height_px, samples: 0, variance: f64::INFINITY, luminance: 0.0 }
        };
        Self { tiles: (0..across * down).map(tile).collect(), across: across as usize, samples_max, target }
    }

    fn errors(&self) -> Vec<f64> {
        let pixels: f64 = self.tiles.iter().map(Tile::pixels).sum();
        let mean = self.tiles.iter().map(|tile| tile.luminance * tile.pixels()).sum::<f64>() / pixels;
        let white = mean / MIDDLE_GREY;
        let error = |tile: &Tile| {
            // A picture without any light has no noise either.
            if tile.variance == 0.0 {
                return 0.0;
            }
            // The square root's slope at the tile's luminance; above white the error is relative.
            let light = tile.luminance.max(white * BLACK);
            tile.variance.sqrt() / (2.0 * (light * light.max(white)).sqrt())
        };
        self.tiles.iter().map(error).collect()
    }

    fn noise(&self) -> Noise {
        let errors = self.errors();
        let error_max = errors.iter().copied().fold(0.0, f64::max) as f32;
        Noise { error_max, error_mean: (errors.iter().sum::<f64>() / errors.len() as f64) as f32 }
    }

    /// Largest error among the tiles around a tile.
    fn around(&self, errors: &[f64], tile: usize) -> f64 {
        let (x, y, down) = (tile % self.across, tile / self.across, errors.len() / self.across);
        let rows = y.saturating_sub(1)..(y + 2).min(down);
        let columns = || x.saturating_sub(1)..(x + 2).min(self.across);
        let places = rows.flat_map(|row| columns().map(move |column| row * self.across + column)).filter(|&place| place != tile);
        places.map(|place| errors[place]).fold(0.0, f64::max)
    }

    /// Leaves that each tile still needs according to what is known; 0 = it stops.
    fn missing(&self) -> Vec<u32> {
        let errors = self.errors();
        let missing = |(i, tile): (usize, &Tile)| {
            let left = self.samples_max.div_ceil(LEAF_SAMPLES) - tile.leaves();
            if left == 0 || tile.leaves() < LEAVES_MIN {
                return left.min(LEAVES_MIN);
            }
            let noisy_beside = self.around(&errors, i) > self.target * NEIGHBOUR_FACTOR;
            let target = if noisy_beside { self.target / NEIGHBOUR_FACTOR } else { self.target };
            if errors[i] <= target {
                return 0;
            }
            // The variance falls with the number of samples. A cast from float stops at the ends of u32.
            let needed = f64::from(tile.leaves()) * (errors[i] / target).powi(2);
            (needed.ceil() as u32).saturating_sub(tile.leaves()).clamp(1, left)
        };
        self.tiles.iter().enumerate().map(missing).collect()
    }

    /// Leaves of each pixel of each tile before the next look: half of what is missing, as estimates err.
    fn steps(&self) -> Vec<u32> {
        let step = |(missing, tile): (u32, &Tile)| if tile.samples == 0 { missing } else { missing.div_ceil(2).min(LEAVES_STEP_MAX) };
        self.missing().into_iter().zip(&self.tiles).map(step).collect()
    }

    fn leaves_so_far(&self) -> u64 {
        self.tiles.iter().map(|tile| tile.pixels() as u64 * u64::from(tile.leaves())).sum()
    }

    fn leaves_forecast(&self) -> u64 {
        let first = self.tiles.iter().all(|tile| tile.samples == 0);
        if first {
            return self.leaves_at_most();
        }
        let missing = self.missing();
        self.tiles.iter().zip(missing).map(|(tile, missing)| tile.pixels() as u64 * u64::from(tile.leaves() + missing)).sum()
    }

    fn leaves_at_most(&self) -> u64 {
        let leaves = u64::from(self.samples_max.div_ceil(LEAF_SAMPLES));
        self.tiles.iter().map(|tile| tile.pixels() as u64 * leaves).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Standard error at luminance 1 that is an error of 1 where the mean is 1.
    fn unit() -> f64 {
        2.0 * (1.0 / MIDDLE_GREY).sqrt()
    }

    /// 3 × 3 tiles of luminance 1 that have `leaves` leaves and these errors.
    fn grid(leaves: u32, errors: [f64; 9]) -> Grid {
        let mut grid = Grid::new(&Settings { width_px: 96, height_px: 96, depth_max: 1, seed: 0 }, 1600, 0.1);
        for (tile, error) in grid.tiles.iter_mut().zip(errors) {
            (tile.samples, tile.luminance, tile.variance) = (leaves * LEAF_SAMPLES, 1.0, (error * unit()).powi(2));
        }
        grid
    }

    #[test]
    fn nothing_is_judged_before_four_leaves() {
        assert_eq!(grid(3, [0.0; 9]).missing(), [4; 9]);
        assert_eq!(grid(4, [0.0; 9]).missing(), [0; 9]);
    }

    #[test]
    fn a_tile_stops_at_its_target_unless_its_neighbour_is_noisy() {
        // The left column is noisy: the middle one must do twice as well, the right one need not.
        let noisy = 0.21;
        let grid = grid(4, [noisy, 0.09, 0.09, noisy, 0.04, 0.09, noisy, 0.06, 0.09]);
        let missing = grid.missing();
        assert!(missing[0] > 0 && missing[1] > 0 && missing[7] > 0, "{missing:?}");
        assert_eq!([missing[2], missing[4], missing[5], missing[8]], [0; 4], "{missing:?}");
        // Its neighbours are noisy, too: 4.2 times the halved target takes 17.64 times the samples.
        assert_eq!(missing[3], 71 - 4);
    }

    #[test]
    fn steps_are_bounded_and_end_at_the_most_samples() {
        let far = grid(4, [50.0; 9]);
        assert_eq!(far.missing(), [96; 9]);
        assert_eq!(far.steps(), [LEAVES_STEP_MAX; 9]);
        assert_eq!(grid(100, [50.0; 9]).steps(), [0; 9]);
        assert_eq!(grid(99, [50.0; 9]).steps(), [1; 9]);
    }

    #[test]
    fn shadows_may_be_off_by_more_of_their_light_than_bright_parts() {
        let mut grid = grid(4, [0.09; 9]);
        let mut error = |luminance: f64, relative: f64| {
            (grid.tiles[4].luminance, grid.tiles[4].variance) = (luminance, (luminance * relative).powi(2));
            grid.errors()[4]
        };
        assert!(error(1e-4, 1.0) < 0.01);
        assert!(error(1.0, 1.0) > 0.1);
        assert!(error(1e3, 1.0) > 0.4);
        assert!(error(0.0, 1.0) == 0.0);
    }

    #[test]
    fn a_picture_without_light_is_finished() {
        let mut dark = grid(4, [0.0; 9]);
        dark.tiles.iter_mut().for_each(|tile| tile.luminance = 0.0);
        assert_eq!((dark.noise(), dark.missing()), (Noise { error_max: 0.0, error_mean: 0.0 }, vec![0; 9]));
    }
}
