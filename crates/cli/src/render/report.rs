//! What a render tells afterwards: a line for a person, a JSON line for a program, and notes in the file's header.

use super::super::devices::kind_name;
use super::super::{Failure, print_json};
use super::output::Written;
use super::{RenderArgs, Rendered, pixels_digest};
use crate::out;
use raylance_picture::Notes;
use raylance_protocol::Digest;
use raylance_scene::{Camera, Projection};
use raylance_tracer::renderer_digest;
use serde::Serialize;
use std::time::Duration;

/// The `--json` line. What is said of pixels is that of the last frame that was rendered; `null` when every frame was there already.
#[derive(Serialize)]
struct RenderLine {
    images: Vec<String>,
    pngs: Vec<String>,
    jpgs: Vec<String>,
    frames_skipped: u64,
    width_px: u32,
    height_px: u32,
    samples: u32,
    samples_mean: Option<f64>,
    samples_max: Option<u32>,
    noise: Option<NoiseLine>,
    depth_max: u32,
    seed: u32,
    layers: Vec<&'static str>,
    view: String,
    exposure_stops: f32,
    device: Option<String>,
    device_kind: Option<&'static str>,
    profile: Option<String>,
    scene: Option<String>,
    camera: Option<CameraLine>,
    renderer: String,
    pixels_digest: Option<String>,
    seconds: f64,
    samples_per_s: Option<f64>,
    warnings: Vec<String>,
}

#[derive(Clone, Copy, Serialize)]
struct NoiseLine {
    target: f32,
    error_max: f32,
    error_mean: f32,
}

/// The eye as a person would set it up again.
#[derive(Clone, Copy, Serialize)]
struct CameraLine {
    from: [f32; 3],
    forward: [f32; 3],
    up: [f32; 3],
    /// Vertical; `null` for parallel rays.
    fov_y_deg: Option<f32>,
    /// Of parallel rays.
    half_height_m: Option<f32>,
    lens_radius_m: f32,
    focus_distance_m: f32,
}

/// The JSON in an EXR's header.
#[derive(Serialize)]
struct HeaderNote {
    version: &'static str,
    scene: String,
    renderer: String,
    device: String,
    profile: String,
    frame: Option<u32>,
    samples: u32,
    samples_mean: f64,
    noise: Option<NoiseLine>,
    depth_max: u32,
    seed: u32,
    camera: CameraLine,
    render_seconds: f64,
}

impl CameraLine {
    fn of(camera: &Camera) -> Self {
        let (fov_y_deg, half_height_m) = match camera.projection {
            Projection::Perspective { tan_half_fov_y } => (Some(2.0 * tan_half_fov_y.atan().to_degrees()), None),
            Projection::Orthographic { half_height_m } => (None, Some(half_height_m)),
        };
        Self {
            from: camera.from,
            forward: camera.forward,
            up: camera.up,
            fov_y_deg,
            half_height_m,
            lens_radius_m: camera.aperture_radius_m,
            focus_distance_m: camera.focus_distance_m,
        }
    }
}

fn noise(args: &RenderArgs, rendered: &Rendered) -> Option<NoiseLine> {
    let (target, noise) = args.noise.zip(rendered.frame.noise)?;
    Some(NoiseLine { target, error_max: noise.error_max, error_mean: noise.error_mean })
}

impl Rendered {
    fn samples_mean(&self) -> f64 {
        self.frame.samples as f64 / self.frame.picture.pixels.len().max(1) as f64
    }

    fn samples_per_s(&self) -> f64 {
        self.frame.samples as f64 / self.frame.radiance_time.as_secs_f64().max(1e-9)
    }
}

/// What stands in the header of a frame's EXR.
///
/// # Errors
/// A line for a person; a fault of this program.
pub fn notes(args: &RenderArgs, rendered: &Rendered, frame: Option<u32>) -> Result<Notes, Failure> {
    let picture = &args.picture;
    let comments = format!(
        "Raylance {}: {:.0} samples per pixel, {} path segments, seed {}",
        env!("CARGO_PKG_VERSION"),
        rendered.samples_mean(),
        picture.max_depth,
        args.seed
    );
    let note = HeaderNote {
        version: env!("CARGO_PKG_VERSION"),
        scene: rendered.scene.to_string(),
        renderer: Digest(renderer_digest()).to_hex(),
        device: rendered.device.name.clone(),
        profile: rendered.device.profile.to_string(),
        frame,
        samples: picture.spp,
        samples_mean: rendered.samples_mean(),
        noise: noise(args, rendered),
        depth_max: picture.max_depth,
        seed: args.seed,
        camera: CameraLine::of(&rendered.camera),
        render_seconds: rendered.frame.radiance_time.as_secs_f64(),
    };
    let json = serde_json::to_string(&note).map_err(|error| Failure::work(format!("cannot write JSON: {error}")))?;
    Ok(Notes { comments: Some(comments), json: Some(json), camera: Some(rendered.camera) })
}

/// Tells how the whole run went.
///
/// # Errors
/// A line for a person; a fault of this program.
pub fn report(args: &RenderArgs, last: Option<&Rendered>, written: Written, skipped: u64, elapsed: Duration) -> Result<(), Failure> {
    if args.json {
        return print_json(&line(args, last, written, skipped, elapsed));
    }
    for path in written.images.iter().chain(&written.pngs).chain(&written.jpgs) {
        out!("{path}");
    }
    if skipped > 0 {
        eprintln!("{skipped} left out: {} there already", if skipped == 1 { "it was" } else { "they were" });
    }
    let Some(rendered) = last else { return Ok(()) };
    let noise =
        noise(args, rendered).map(|noise| format!(", {:.0} samples per pixel, noise {:.4}", rendered.samples_mean(), noise.error_max));
    eprintln!(
        "{} on {} in {:.1} s, {:.2} M samples/s{}",
        args.scene.display(),
        rendered.device.name,
        elapsed.as_secs_f64(),
        rendered.samples_per_s() / 1e6,
        noise.unwrap_or_default()
    );
    Ok(())
}

fn line(args: &RenderArgs, last: Option<&Rendered>, written: Written, frames_skipped: u64, elapsed: Duration) -> RenderLine {
    let Written { images, pngs, jpgs } = written;
    RenderLine {
        images,
        pngs,
        jpgs,
        frames_skipped,
        width_px: args.picture.width,
        height_px: args.picture.height,
        samples: args.picture.spp,
        samples_mean: last.map(Rendered::samples_mean),
        samples_max: last.map(|rendered| rendered.frame.samples_max),
        noise: last.and_then(|rendered| noise(args, rendered)),
        depth_max: args.picture.max_depth,
        seed: args.seed,
        layers: last.map(|rendered| rendered.frame.layers.names()).unwrap_or_default(),
        view: args.view.view.to_string(),
        exposure_stops: args.view.exposure,
        device: last.map(|rendered| rendered.device.name.clone()),
        device_kind: last.map(|rendered| kind_name(rendered.device.kind)),
        profile: last.map(|rendered| rendered.device.profile.to_string()),
        scene: last.map(|rendered| rendered.scene.to_string()),
        camera: last.map(|rendered| CameraLine::of(&rendered.camera)),
        renderer: Digest(renderer_digest()).to_hex(),
        pixels_digest: last.map(|rendered| pixels_digest(&rendered.frame.picture).to_hex()),
        seconds: elapsed.as_secs_f64(),
        samples_per_s: last.map(Rendered::samples_per_s),
        warnings: last.map(|rendered| rendered.warnings.clone()).unwrap_or_default(),
    }
}
