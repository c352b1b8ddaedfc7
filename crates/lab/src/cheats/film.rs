//! A film on the table: rendered by the real renderer, and compared with another.

use super::DEPTH_MAX;
use raylance_files::films::request;
use raylance_protocol::job::{LEAF_SAMPLES, Unit};
use raylance_protocol::{Leaf, LeafIndex, UnitIndex, limits};
use raylance_tracer::{Control, LeafRequest, RenderError, Renderer, Settings};
use std::time::{Duration, Instant};

/// Seed of the honest film.
const SEED: u32 = 1;

/// A picture that is one unit of one leaf per pixel. At most 256 pixels wide, as peers allow.
pub fn unit(width_px: u32, height_px: u32) -> Unit {
    let [width_px, height_px] = [width_px, height_px].map(|edge| edge.min(limits::TILE_PX_MAX) as u16);
    Unit { index: UnitIndex(0), frame: 0, x_px: 0, y_px: 0, width_px, height_px, first_sample: 0, samples: LEAF_SAMPLES }
}

/// The leaves of one unit of 16 samples per pixel, in leaf order: row by row.
#[derive(Clone, Debug, PartialEq)]
pub struct Film {
    /// What it claims to show.
    pub unit: Unit,
    /// One per pixel.
    pub leaves: Vec<Leaf>,
}

impl Film {
    /// Leaves whose bits differ.
    pub fn differing(&self, other: &Self) -> u32 {
        self.leaves.iter().zip(&other.leaves).filter(|(a, b)| a != b).count() as u32
    }

    /// Root of the mean squared difference over the root mean square of `honest`, all channels together; 0 for equal films.
    pub fn relative_rms(&self, honest: &Self) -> f64 {
        let channels = |film: &Self| film.leaves.iter().flat_map(|leaf| leaf.sums()).map(f64::from).collect::<Vec<_>>();
        let (own, honest) = (channels(self), channels(honest));
        let error: f64 = own.iter().zip(&honest).map(|(a, b)| (a - b).powi(2)).sum();
        let energy: f64 = honest.iter().map(|b| b.powi(2)).sum();
        if error == 0.0 { 0.0 } else { (error / energy).sqrt() }
    }
}

/// What an attacker may change about a render.
#[derive(Clone, Copy, Debug)]
pub struct Take {
    /// Samples per pixel.
    pub samples: u32,
    /// Most path segments.
    pub depth_max: u32,
    /// Seed of every sample.
    pub seed: u32,
}

impl Take {
    /// What the job asks for.
    pub const HONEST: Self = Self { samples: LEAF_SAMPLES, depth_max: DEPTH_MAX, seed: SEED };
}

/// A renderer with the unit that it renders again and again.
pub struct Studio<'a> {
    renderer: Renderer,
    unit: Unit,
    timed_runs: u32,
    control: &'a Control,
}

impl<'a> Studio<'a> {
    /// `timed_runs`: how often a setting is rendered when its time matters.
    pub fn new(renderer: Renderer, unit: Unit, timed_runs: u32, control: &'a Control) -> Self {
        Self { renderer, unit, timed_runs, control }
    }

    /// Renders what the job asks for.
    ///
    /// # Errors
    /// The renderer's.
    pub fn honest(&mut self) -> Result<Film, RenderError> {
        self.render(Take::HONEST)
    }

    /// Renders with other settings than the job's.
    ///
    /// # Errors
    /// The renderer's.
    pub fn render(&mut self, take: Take) -> Result<Film, RenderError> {
        let Unit { width_px, height_px, .. } = self.unit;
        let settings = Settings { width_px: width_px.into(), height_px: height_px.into(), depth_max: take.depth_max, seed: take.seed };
        let addresses = (0..self.unit.leaf_count()).filter_map(|index| self.unit.address(LeafIndex(index)));
        let requests: Vec<LeafRequest> = addresses.map(|address| LeafRequest { samples: take.samples, ..request(&address) }).collect();
        let sums = self.renderer.render(&settings, &requests, self.control)?;
        Ok(Film { unit: self.unit, leaves: sums.into_iter().map(Leaf::from_sums).collect() })
    }

    /// Renders with other settings; also the share of render time that they save. Honest and other runs take turns, each first as
    /// often as the other, so that a machine that slows down meanwhile slows both, and the fastest of each counts.
    ///
    /// # Errors
    /// The renderer's.
    pub fn render_timed(&mut self, take: Take) -> Result<(Film, f64), RenderError> {
        let (mut honest, mut other) = (Duration::MAX, Duration::MAX);
        let mut film = None;
        for run in 0..self.timed_runs.max(1) {
            if run % 2 == 0 {
                honest = honest.min(self.time(Take::HONEST)?.1);
            }
            let (rendered, time) = self.time(take)?;
            other = other.min(time);
            film = Some(rendered);
            if run % 2 == 1 {
                honest = honest.min(self.time(Take::HONEST)?.1);
            }
        }
        let film = film.expect("the loop runs at least once");
        Ok((film, 1.0 - other.as_secs_f64() / honest.as_secs_f64().max(1e-9)))
    }

    fn time(&mut self, take: Take) -> Result<(Film, Duration), RenderError> {
        let started = Instant::now();
        let film = self.render(take)?;
        Ok((film, started.elapsed()))
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A film without light transport: smooth, bright to the right, no two leaves alike.
    pub fn ramp(width_px: u32, height_px: u32) -> Film {
        let unit = unit(width_px, height_px);
        let sums = |i: u32| [1.0 + (i % width_px) as f32, 0.001 * i as f32, 3.0];
        Film { unit, leaves: (0..unit.leaf_count()).map(|i| Leaf::from_sums(sums(i))).collect() }
    }

    #[test]
    fn relative_error_is_zero_for_equal_films_and_one_for_black() {
        let film = ramp(8, 4);
        let black = Film { leaves: vec![Leaf::default(); 32], ..film.clone() };
        assert_eq!((film.differing(&film), film.relative_rms(&film)), (0, 0.0));
        assert_eq!((black.differing(&film), black.relative_rms(&film)), (32, 1.0));
    }
}
