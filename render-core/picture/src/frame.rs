//! A whole frame on one device: all leaves of a picture in batches, their assembly, and the layers beside it.

mod features;
mod noise;

pub use noise::{Noise, NoiseTarget};

use crate::{AssembleError, Assembly, Completeness, Layers, Picture};
use raylance_tracer::{Control, LeafRequest, RenderError, Renderer, Settings};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Samples of one leaf.
const LEAF_SAMPLES: u32 = 16;
/// Leaves of one call to the renderer: 4 Mi samples keep a large GPU busy, and 3 MiB of sums fit everywhere.
const BATCH_LEAVES: usize = 1 << 18;

/// Why a frame was not rendered.
#[derive(Debug, thiserror::Error)]
pub enum FrameError {
    /// The renderer failed.
    #[error("the renderer failed")]
    Render(#[from] RenderError),
    /// The renderer gave other leaves than were asked for.
    #[error("the leaves do not make a picture")]
    Assemble(#[from] AssembleError),
}

/// What is to be rendered of a scene.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FrameOrder {
    /// Size, depth, seed.
    pub settings: Settings,
    /// Samples per pixel; with a noise target the most that a pixel gets.
    pub samples: u32,
    /// When to stop earlier.
    pub noise: Option<NoiseTarget>,
    /// What is wanted beside the picture.
    pub extras: Extras,
}

/// What is wanted beside the picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extras {
    /// Nothing.
    None,
    /// Sample count and variance, which cost nothing but memory, and albedo, normal and depth by samples of their own.
    Layers,
}

/// A finished frame.
#[derive(Debug)]
pub struct Frame {
    /// Linear radiance.
    pub picture: Picture,
    /// As many layers as were asked for; no variance where a pixel has fewer than two leaves.
    pub layers: Layers,
    /// Samples of all pixels.
    pub samples: u64,
    /// Samples of the pixel that has most.
    pub samples_max: u32,
    /// What is left of the noise, when there was a target.
    pub noise: Option<Noise>,
    /// How long the picture took, its layers excluded.
    pub radiance_time: Duration,
}

/// Shared between who renders frames and who shows the progress.
#[derive(Debug, Default)]
pub struct Watch {
    /// Cancels the renderer and counts its finished leaves.
    pub control: Control,
    /// Leaves that all frames together are going to take: an estimate where noise decides.
    leaves: AtomicU64,
}

impl Watch {
    /// A watch over `frames` equal frames.
    pub fn new(order: &FrameOrder, frames: u64) -> Self {
        let watch = Self::default();
        watch.expect(0, frames * order.leaves());
        watch
    }

    /// Finished leaves and those there will be.
    pub fn progress(&self) -> (u64, u64) {
        let done = self.control.done();
        (done, self.leaves.load(Ordering::Relaxed).max(done))
    }

    /// Replaces a part of the expectation by a better one.
    fn expect(&self, before: u64, now: u64) {
        // One thread writes; a stale value would only make a bar jump.
        let all = self.leaves.load(Ordering::Relaxed);
        self.leaves.store((all + now).saturating_sub(before), Ordering::Relaxed);
    }
}

impl FrameOrder {
    /// Most leaves that the frame takes, those of its layers included.
    pub fn leaves(&self) -> u64 {
        let pixels = u64::from(self.settings.width_px) * u64::from(self.settings.height_px);
        let features = match self.extras {
            Extras::None => 0,
            Extras::Layers => pixels * features::PASSES,
        };
        pixels * u64::from(self.samples.div_ceil(LEAF_SAMPLES)) + features
    }
}

/// Renders a frame. Blocking; the watch cancels it.
///
/// # Errors
/// [`FrameError`].
pub fn render_frame(renderer: &mut Renderer, order: &FrameOrder, watch: &Watch) -> Result<Frame, FrameError> {
    let started = Instant::now();
    let Settings { width_px, height_px, .. } = order.settings;
    let assembly = match (order.extras, order.noise) {
        (Extras::None, None) => Assembly::new(width_px, height_px, order.samples),
        _ => Assembly::measuring(width_px, height_px, order.samples),
    };
    let mut feed = Feed { renderer, settings: &order.settings, control: &watch.control, pending: Vec::new(), assembly };
    let noise = match order.noise {
        None => render_all(&mut feed, order.samples).map(|()| None)?,
        Some(target) => Some(noise::render(&mut feed, order.samples, target, watch)?),
    };
    let completeness = if order.noise.is_some() { Completeness::Stopped } else { Completeness::Whole };
    let measured = feed.assembly.finish_measured(completeness)?;
    let radiance_time = started.elapsed();
    let samples = measured.samples.iter().map(|&samples| u64::from(samples)).sum();
    let samples_max = measured.samples.iter().copied().max().unwrap_or(0);
    let layers = match order.extras {
        Extras::None => Layers::default(),
        Extras::Layers => {
            let seen = features::render(renderer, &order.settings, order.samples, &watch.control)?;
            Layers { samples: Some(measured.samples), variance: measured.variance, ..seen }
        }
    };
    Ok(Frame { picture: measured.picture, layers, samples, samples_max, noise, radiance_time })
}

/// Every pixel's leaves, run after run, so that a batch covers neighbours.
fn render_all(feed: &mut Feed<'_>, samples: u32) -> Result<(), FrameError> {
    for first_sample in (0..samples).step_by(LEAF_SAMPLES as usize) {
        for y_px in 0..feed.settings.height_px {
            for x_px in 0..feed.settings.width_px {
                feed.push(LeafRequest { x_px, y_px, first_sample, samples: LEAF_SAMPLES.min(samples - first_sample) })?;
            }
        }
    }
    feed.flush()
}

/// Collects leaves into batches and takes their sums into the picture.
struct Feed<'a> {
    renderer: &'a mut Renderer,
    settings: &'a Settings,
    control: &'a Control,
    pending: Vec<LeafRequest>,
    assembly: Assembly,
}

impl Feed<'_> {
    fn push(&mut self, leaf: LeafRequest) -> Result<(), FrameError> {
        self.pending.push(leaf);
        if self.pending.len() == BATCH_LEAVES { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<(), FrameError> {
        let sums = self.renderer.render(self.settings, &self.pending, self.control)?;
        for (shape, sums) in self.pending.drain(..).zip(sums) {
            self.assembly.add(&shape, sums)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SKY_DEPTH_M;
    use raylance_tracer::{DeviceChoice, Profile, conformance};

    fn order(samples: u32, noise: Option<f32>, extras: Extras) -> FrameOrder {
        let settings = Settings { width_px: 40, height_px: 36, depth_max: 3, seed: 1 };
        FrameOrder { settings, samples, noise: noise.map(NoiseTarget), extras }
    }

    fn render(order: &FrameOrder) -> (Frame, Watch) {
        let mut renderer = Renderer::new(&conformance::scene(2), &DeviceChoice::Cpu, Profile::Exact, 0).unwrap();
        let watch = Watch::new(order, 1);
        (render_frame(&mut renderer, order, &watch).unwrap(), watch)
    }

    #[test]
    fn layers_change_no_bit_of_the_picture_and_say_what_is_seen() {
        let (plain, _) = render(&order(40, None, Extras::None));
        let layered = order(40, None, Extras::Layers);
        let (frame, watch) = render(&layered);
        assert_eq!(plain.layers, Layers::default());
        assert_eq!(frame.picture, plain.picture);
        assert_eq!(frame.layers.names(), ["albedo", "normal", "depth", "samples", "variance"]);
        assert_eq!(watch.progress(), (layered.leaves(), layered.leaves()));
        let Layers { albedo, normal, depth, samples, variance } = frame.layers;
        let [albedo, normal, variance] = [albedo, normal, variance].map(Option::unwrap);
        assert!(samples.unwrap().iter().all(|&samples| samples == 40));
        assert!(variance.iter().flatten().all(|variance| variance.is_finite() && *variance >= 0.0));
        for ((albedo, normal), depth) in albedo.iter().zip(&normal).zip(depth.unwrap()) {
            let length = normal.iter().map(|v| v * v).sum::<f32>().sqrt();
            assert!(length <= 1.001, "{length}");
            assert!(albedo.iter().all(|channel| (0.0..=1.0).contains(channel)), "{albedo:?}");
            assert!((0.1..20.0).contains(&depth) || (depth == SKY_DEPTH_M && length == 0.0), "{depth} {length}");
        }
    }

    #[test]
    fn a_noise_target_stops_where_it_is_reached_and_keeps_the_samples_that_were_taken() {
        let (rough, _) = render(&order(1024, Some(0.1), Extras::Layers));
        let reached = rough.noise.unwrap();
        assert!(rough.samples_max < 1024, "{}", rough.samples_max);
        assert!(reached.error_max <= 0.1 && reached.error_mean <= reached.error_max, "{reached:?}");
        let samples = rough.layers.samples.as_ref().unwrap();
        assert_eq!(samples.iter().map(|&samples| u64::from(samples)).sum::<u64>(), rough.samples);
        assert!(samples.iter().all(|samples| samples % 16 == 0 && *samples >= 64));

        // A target out of reach gives the plain picture, bit by bit.
        let (fine, watch) = render(&order(80, Some(1e-6), Extras::None));
        assert_eq!(fine.picture, render(&order(80, None, Extras::None)).0.picture);
        assert!(fine.noise.unwrap().error_max > 1e-6);
        assert_eq!(watch.progress().0, watch.progress().1);
    }
}
