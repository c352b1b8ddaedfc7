//! The conformance frames: what every device renders before it is trusted, and what their bits say about it.

use super::hostile::edges;
use super::scene;
use crate::{Control, DeviceChoice, DeviceInfo, LeafRequest, Profile, RenderError, Renderer, Settings};
use raylance_scene::Scene;

/// Width and height of a frame.
pub const FRAME_PX: u32 = 48;
/// Samples per pixel: one leaf.
pub const FRAME_SAMPLES: u32 = 16;

/// One picture of the set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame {
    /// Seed of the scene.
    pub scene: u64,
    /// Most path segments.
    pub depth_max: u32,
    /// Seed of the samples.
    pub seed: u32,
}

/// The set. Together the scenes hold every material, texture, light and instance feature, and the depths every kind of path's end.
pub const FRAMES: [Frame; 8] = [
    Frame { scene: 1, depth_max: 8, seed: 7 },
    Frame { scene: 2, depth_max: 8, seed: 0 },
    Frame { scene: 3, depth_max: 16, seed: 1 },
    Frame { scene: 4, depth_max: 4, seed: u32::MAX },
    Frame { scene: 5, depth_max: 2, seed: 11 },
    Frame { scene: 6, depth_max: 8, seed: 12 },
    Frame { scene: 7, depth_max: 1, seed: 13 },
    Frame { scene: 8, depth_max: 32, seed: 14 },
];

/// Scenes of [`edges`] that follow in the exact profile: whoever rounds in another way than IEEE 754 says, or flushes a number to zero, is
/// found here. The portable profile knows nothing of them, because rounding takes their paths anywhere.
pub const EDGES: [Frame; 4] = [
    Frame { scene: 1, depth_max: 8, seed: 15 },
    Frame { scene: 2, depth_max: 4, seed: 16 },
    Frame { scene: 3, depth_max: 16, seed: 17 },
    Frame { scene: 4, depth_max: 8, seed: 18 },
];

impl Frame {
    /// Picture, depth and seed.
    pub fn settings(&self) -> Settings {
        Settings { width_px: FRAME_PX, height_px: FRAME_PX, depth_max: self.depth_max, seed: self.seed }
    }
}

/// All leaves of a frame, rows from the top.
pub fn frame_requests() -> Vec<LeafRequest> {
    (0..FRAME_PX * FRAME_PX)
        .map(|i| LeafRequest { x_px: i % FRAME_PX, y_px: i / FRAME_PX, first_sample: 0, samples: FRAME_SAMPLES })
        .collect()
}

/// What a device made of some frames.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// BLAKE3 over the bits of all sums, frame after frame, rows from the top.
    pub digest: [u8; 32],
    /// The sums of each frame.
    pub frames: Vec<Vec<[f32; 3]>>,
}

/// Renders the whole set on a device.
///
/// # Errors
/// [`RenderError`]: the device is missing or failed.
pub fn run(choice: &DeviceChoice, profile: Profile) -> Result<Report, RenderError> {
    let mut scenes = FRAMES.map(|frame| (scene(frame.scene), frame.settings())).to_vec();
    if profile == Profile::Exact {
        scenes.extend(EDGES.map(|frame| (edges(frame.scene), frame.settings())));
    }
    run_scenes(&scenes, choice, profile)
}

/// Renders any scene as the first frame is rendered.
///
/// # Errors
/// [`RenderError`]: the device is missing or failed.
pub fn run_scene(scene: &Scene, choice: &DeviceChoice, profile: Profile) -> Result<Report, RenderError> {
    run_scenes(&[(scene.clone(), FRAMES[0].settings())], choice, profile)
}

fn run_scenes(scenes: &[(Scene, Settings)], choice: &DeviceChoice, profile: Profile) -> Result<Report, RenderError> {
    let requests = frame_requests();
    let (mut hasher, mut frames) = (blake3::Hasher::new(), Vec::new());
    let mut renderer: Option<Renderer> = None;
    for (scene, settings) in scenes {
        let loaded = match &mut renderer {
            Some(renderer) => {
                renderer.load(scene)?;
                renderer
            }
            none => none.insert(Renderer::new(scene, choice, profile, 0)?),
        };
        let sums = loaded.render(settings, &requests, &Control::default())?;
        for value in sums.iter().flatten() {
            hasher.update(&value.to_bits().to_le_bytes());
        }
        frames.push(sums);
    }
    Ok(Report { digest: *hasher.finalize().as_bytes(), frames })
}

/// How far a device's frames are from the CPU's.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Difference {
    /// Pixels with another bit anywhere.
    pub pixels_differing: u64,
    /// Pixels that are off by more than [`TOLERANCE`]: where rounding sent a path elsewhere.
    pub pixels_off: u64,
    /// All pixels.
    pub pixels: u64,
    /// Largest relative difference of a pixel that is not off. The brighter value, or a thousandth of the frame's mean, is the whole.
    pub relative_max: f64,
    /// Largest relative difference of two frames' means.
    pub mean_relative_max: f64,
}

/// Relative difference of a pixel that rounding explains; drivers were seen to differ by 4.5e-6 where no path changes its way.
pub const TOLERANCE: f64 = 1e-3;
/// Share of the pixels in which paths may go elsewhere, and relative difference of a frame's mean.
pub const PORTABLE_SHARE_MAX: f64 = 0.02;

impl Difference {
    /// Whether a job that is checked with tolerance may be given to the device.
    pub fn is_portable(&self) -> bool {
        let share = self.pixels_off as f64 / self.pixels.max(1) as f64;
        share <= PORTABLE_SHARE_MAX && self.mean_relative_max <= PORTABLE_SHARE_MAX
    }
}

/// Compares a device's frames with the CPU's, those that both have.
pub fn compare(reference: &Report, other: &Report) -> Difference {
    let mut all = Difference { pixels_differing: 0, pixels_off: 0, pixels: 0, relative_max: 0.0, mean_relative_max: 0.0 };
    for (expected, got) in reference.frames.iter().zip(&other.frames) {
        let mean = |sums: &[[f32; 3]]| sums.iter().flatten().map(|v| f64::from(*v)).sum::<f64>() / (3 * sums.len().max(1)) as f64;
        let (mean_expected, mean_got) = (mean(expected), mean(got));
        let floor = (mean_expected * 1e-3).max(f64::MIN_POSITIVE);
        // A difference that is no number counts as infinite.
        let relative =
            |a: f64, b: f64| Some((a - b).abs() / a.abs().max(b.abs()).max(floor)).filter(|r| r.is_finite()).unwrap_or(f64::INFINITY);
        all.mean_relative_max = all.mean_relative_max.max(relative(mean_expected, mean_got));
        for (a, b) in expected.iter().zip(got) {
            let worst = a.iter().zip(b).map(|(a, b)| relative(f64::from(*a), f64::from(*b))).fold(0.0, f64::max);
            all.pixels += 1;
            all.pixels_differing += u64::from(a.map(f32::to_bits) != b.map(f32::to_bits));
            if worst > TOLERANCE {
                all.pixels_off += 1;
            } else {
                all.relative_max = all.relative_max.max(worst);
            }
        }
    }
    all
}

/// What the frames say about a device.
#[derive(Clone, Debug)]
pub enum Admission {
    /// It gives the CPU's bits.
    Exact(Report),
    /// It does not, but is close enough for jobs that are checked with tolerance.
    Portable {
        /// What it made of the frames in the portable profile.
        report: Report,
        /// How far that is from the CPU's.
        difference: Difference,
    },
    /// It may not work for others.
    Refused {
        /// What it made of the frames, if it did.
        report: Option<(Report, Difference)>,
        /// Why it did not.
        error: Option<String>,
    },
}

/// Tries a device in the strictest profile that it offers, then in the portable one. `reference` is the CPU's report.
pub fn admit(device: &DeviceInfo, reference: &Report) -> Admission {
    if device.profile == Profile::Exact
        && let Ok(report) = run(&device.choice(), Profile::Exact)
        && report.digest == reference.digest
    {
        return Admission::Exact(report);
    }
    match run(&device.choice(), Profile::Portable) {
        Err(error) => Admission::Refused { report: None, error: Some(in_one_line(&error)) },
        Ok(report) => {
            let difference = compare(reference, &report);
            if difference.is_portable() {
                Admission::Portable { report, difference }
            } else {
                Admission::Refused { report: Some((report, difference)), error: None }
            }
        }
    }
}

/// An error and what caused it.
fn in_one_line(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    let all: Vec<String> = causes.map(ToString::to_string).collect();
    all.join(": ").split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(pixels: Vec<[f32; 3]>) -> Report {
        Report { digest: [0; 32], frames: vec![pixels] }
    }

    #[test]
    fn rounding_is_portable_and_another_picture_is_not() {
        let reference = report((0..1000).map(|i| [1.0 + i as f32, 2.0, 3.0]).collect());
        let changed = |share: usize, factor: f32| {
            let mut pixels = reference.frames[0].clone();
            pixels.iter_mut().take(share).for_each(|pixel| *pixel = pixel.map(|v| v * factor));
            compare(&reference, &report(pixels))
        };
        let same = changed(0, 1.0);
        assert_eq!((same.pixels_differing, same.pixels_off, same.relative_max), (0, 0, 0.0));
        let rounded = changed(1000, 1.0 + 1e-6);
        assert!(rounded.is_portable() && rounded.pixels_differing == 1000 && rounded.pixels_off == 0);
        assert!(rounded.relative_max > 1e-7 && rounded.relative_max < 1e-5);
        assert!(changed(10, 3.0).is_portable(), "a few paths went elsewhere");
        assert!(!changed(100, 3.0).is_portable());
        assert!(!changed(1000, 1.05).is_portable());
        assert!(!changed(30, f32::NAN).is_portable());
    }

    #[test]
    fn the_set_has_a_digest_that_follows_from_its_bits() {
        let first = run_scene(&scene(1), &DeviceChoice::Cpu, Profile::Exact).unwrap();
        let again = run_scene(&scene(1), &DeviceChoice::Cpu, Profile::Exact).unwrap();
        let other = run_scene(&scene(2), &DeviceChoice::Cpu, Profile::Exact).unwrap();
        assert_eq!(first.digest, again.digest);
        assert_ne!(first.digest, other.digest);
        assert!(FRAMES.iter().all(|frame| scene(frame.scene).check().is_ok()));
    }
}
