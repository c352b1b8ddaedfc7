//! A trial picture, and a look around the eye: is it dark, is it blown out, does the camera see anything, does it stand inside something?

use glam::DVec3;

use raylance_scene::{
    Scene,
    doctor::{Bounds, Caster, Hit},
    import::{FaultKind, Place},
};
use raylance_tracer::{Control, DeviceChoice, LeafRequest, PATH_TESTS_MAX, Profile, Quantity, RenderError, Renderer, Settings};

/// Wide enough to judge shares of a picture by.
const WIDTH_PX: u32 = 64;
/// A narrow or tall picture is cut here.
const HEIGHT_PX_MAX: u32 = 256;
/// Enough that a lamp is found by most pixels that it lights.
const SAMPLES: u32 = 16;
/// As many as a render has by default.
const DEPTH_MAX: u32 = 8;
/// A pixel below this is black on any screen: half of the first step of 8-bit sRGB is 1.5e-4.
const BLACK: f32 = 1.5e-4;
/// What AgX shows as white: six and a half stops above middle grey.
const WHITE: f32 = 16.3;
/// Share of black pixels that makes a picture black.
const BLACK_SHARE: f64 = 0.98;
/// Share of white pixels that makes a picture blown out.
const WHITE_SHARE: f64 = 0.5;
/// Share of the picture that stands right before the lens when something hides the view.
const COVERED_SHARE: f64 = 0.5;
/// How near that is, as a share of the scene's diagonal.
const NEAR_SHARE: f64 = 1.0e-3;
/// Directions around the eye.
const DIRECTIONS: u32 = 64;
/// Share of them that must be walled in, and of the walls that must be seen from behind, for an eye inside a body.
const INSIDE_SHARE: f64 = 0.9;
/// A body is smaller than the scene: from inside, its walls are nearer than this share of the diagonal.
const BODY_SHARE: f64 = 0.1;

/// A path of the trial may meet this share of what any path may: other views and the millions of samples of a real picture find dearer ones.
const TESTS_MAX: u64 = PATH_TESTS_MAX as u64 / 4;

/// The most nodes and triangles that a path of the trial picture meets.
///
/// # Errors
/// [`FaultKind::ProbeTooCostly`]: no device would render the scene. [`FaultKind::ProbeFailed`].
pub(super) fn most_tests(scene: &Scene, aspect: f32) -> Result<u64, FaultKind> {
    let failed = |error: RenderError| FaultKind::ProbeFailed { detail: error.to_string() };
    let renderer = Renderer::new(scene, &DeviceChoice::Cpu, Profile::Exact, 0).map_err(failed)?;
    let settings = settings(aspect);
    let tests = renderer.most_tests(&settings, &leaves(&settings, 1), TESTS_MAX).unwrap_or_default();
    if tests > TESTS_MAX { Err(FaultKind::ProbeTooCostly { tests, most: TESTS_MAX }) } else { Ok(tests) }
}

/// Renders the trial picture and tells what is odd about it.
pub(super) fn look(scene: &Scene, aspect: f32, warn: &mut impl FnMut(FaultKind, Place)) {
    let trial = match Trial::render(scene, aspect) {
        Ok(trial) => trial,
        Err(error) => {
            warn(FaultKind::ProbeFailed { detail: error.to_string() }, Place::Probe);
            return;
        }
    };
    let caster = Caster::new(scene);
    let bounds = caster.bounds();
    let broken = trial.share(|light, _| !light.iter().all(|channel| channel.is_finite()));
    if broken > 0.0 {
        warn(FaultKind::ProbeNotFinite { percent: percent(broken) }, Place::Probe);
    }
    let black = trial.share(|light, _| light.iter().all(|channel| *channel < BLACK));
    if black >= BLACK_SHARE {
        warn(FaultKind::ProbeBlack { percent: percent(black) }, Place::Probe);
    }
    let white = trial.share(|light, _| light.iter().all(|channel| *channel > WHITE));
    if white >= WHITE_SHARE {
        warn(FaultKind::ProbeBlownOut { percent: percent(white) }, Place::Probe);
    }
    if trial.share(|_, depth| depth.is_some()) == 0.0 {
        warn(FaultKind::CameraSeesNothing, Place::Camera);
    }
    let near_m = bounds.size() * NEAR_SHARE;
    let covered = trial.share(|_, depth| depth.is_some_and(|depth_m| depth_m < near_m));
    if covered >= COVERED_SHARE {
        warn(FaultKind::CameraCovered { percent: percent(covered) }, Place::Camera);
    }
    if is_inside(scene, &caster, &bounds, black >= BLACK_SHARE) {
        warn(FaultKind::CameraInside, Place::Camera);
    }
}

fn percent(share: f64) -> u8 {
    (share * 100.0).round() as u8
}

fn settings(aspect: f32) -> Settings {
    let height_px = ((WIDTH_PX as f32 / aspect).round() as u32).clamp(1, HEIGHT_PX_MAX);
    Settings { width_px: WIDTH_PX, height_px, depth_max: DEPTH_MAX, seed: 0 }
}

/// The whole trial picture, so many samples a pixel.
fn leaves(settings: &Settings, samples: u32) -> Vec<LeafRequest> {
    let leaf = |i: u32| LeafRequest { x_px: i % WIDTH_PX, y_px: i / WIDTH_PX, first_sample: 0, samples };
    (0..WIDTH_PX * settings.height_px).map(leaf).collect()
}

/// Light and depth of a small picture.
struct Trial {
    pixels: Vec<([f32; 3], Option<f64>)>,
}

impl Trial {
    fn render(scene: &Scene, aspect: f32) -> Result<Self, RenderError> {
        let settings = settings(aspect);
        let mut renderer = Renderer::new(scene, &DeviceChoice::Cpu, Profile::Exact, 0)?;
        let light = renderer.render(&settings, &leaves(&settings, SAMPLES), &Control::default())?;
        let depth = renderer.render_quantity(&settings, &leaves(&settings, 1), Quantity::Depth, &Control::default())?;
        let mean = |sum: [f32; 3]| sum.map(|channel| channel / SAMPLES as f32);
        let seen = |[depth_m, hits, _]: [f32; 3]| (hits > 0.0).then_some(f64::from(depth_m));
        Ok(Self { pixels: light.into_iter().map(mean).zip(depth.into_iter().map(seen)).collect() })
    }

    fn share(&self, holds: impl Fn(&[f32; 3], Option<f64>) -> bool) -> f64 {
        self.pixels.iter().filter(|(light, depth)| holds(light, *depth)).count() as f64 / self.pixels.len() as f64
    }
}

/// Walled in by back faces, near ones or in the dark. Back faces alone may be a room whose walls were made facing outwards.
fn is_inside(scene: &Scene, caster: &Caster<'_>, bounds: &Bounds, black: bool) -> bool {
    let eye = DVec3::from_array(scene.camera.from.map(f64::from));
    let hits: Vec<Hit> = (0..DIRECTIONS).filter_map(|i| caster.cast(eye, direction(i))).collect();
    let walled = hits.len() as f64 >= f64::from(DIRECTIONS) * INSIDE_SHARE;
    let behind = hits.iter().filter(|hit| hit.back).count() as f64 >= hits.len() as f64 * INSIDE_SHARE;
    let mut distances: Vec<f64> = hits.iter().map(|hit| hit.distance).collect();
    distances.sort_by(f64::total_cmp);
    let near = distances.get(distances.len() / 2).is_some_and(|median| *median < bounds.size() * BODY_SHARE);
    walled && behind && (near || black)
}

/// Evenly spread over the sphere by the golden angle.
fn direction(i: u32) -> DVec3 {
    let y = 1.0 - (2.0 * f64::from(i) + 1.0) / f64::from(DIRECTIONS);
    let angle = f64::from(i) * std::f64::consts::PI * (3.0 - 5.0f64.sqrt());
    let (sin, cos) = angle.sin_cos();
    let radius = (1.0 - y * y).sqrt();
    DVec3::new(radius * cos, y, radius * sin)
}
