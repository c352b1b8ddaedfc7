//! `raylance render`: a scene on this machine alone, by the same renderer and the same assembly as a peer's job.

use super::devices::kind_name;
use super::parse::{Frames, frames};
use super::{Failure, PictureArgs, Progress, SceneArgs, print_json};
use crate::frame::{FrameError, leaf_count, render_frame};
use crate::scene_source::{self, SceneChoice};
use clap::Args;
use raylance_protocol::job::LEAF_SAMPLES;
use raylance_protocol::{Digest, SceneDigest, limits};
use raylance_render_core::image::{Picture, PictureError, View};
use raylance_render_core::scene::Scene;
use raylance_render_core::{Control, DeviceChoice, DeviceInfo, Profile, Renderer, Settings};
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Arguments of `raylance render`.
#[derive(Args, Debug)]
pub struct RenderArgs {
    /// A .gltf or .glb file
    scene: PathBuf,
    #[command(flatten)]
    look: SceneArgs,
    #[command(flatten)]
    picture: PictureArgs,
    /// Seed of every sample
    #[arg(long, default_value_t = 0, value_name = "N")]
    seed: u32,
    /// Animation frame or run of frames, 24 per second; files get the frame's number
    #[arg(long, value_name = "A[..B]", value_parser = frames)]
    frame: Option<Frames>,
    #[command(flatten)]
    device: DeviceArgs,
    /// Linear picture to write
    #[arg(short, long, value_name = "OUT.exr")]
    out: PathBuf,
    /// Picture to look at
    #[arg(long, value_name = "OUT.png")]
    png: Option<PathBuf>,
    /// Print one JSON object as the last line
    #[arg(long)]
    json: bool,
}

/// Which device renders, and how.
#[derive(Args, Clone, Debug)]
pub struct DeviceArgs {
    /// Device: auto, cpu, gpu, or an id (gpu:1) or a part of a name from `raylance devices`
    #[arg(long, default_value = "auto", value_name = "auto|cpu|gpu[:N]|NAME")]
    pub device: DeviceChoice,
    /// exact: every device gives the same bits; portable: faster, up to a tolerance
    #[arg(long, default_value_t = Profile::Exact, value_name = "exact|portable")]
    pub profile: Profile,
    /// CPU threads; 0 = all
    #[arg(long, default_value_t = 0, value_name = "N")]
    pub threads: usize,
}

#[derive(Serialize)]
struct RenderLine {
    images: Vec<String>,
    pngs: Vec<String>,
    width_px: u32,
    height_px: u32,
    samples: u32,
    depth_max: u32,
    seed: u32,
    device: String,
    device_kind: &'static str,
    profile: String,
    scene: String,
    renderer: String,
    pixels_digest: String,
    seconds: f64,
    samples_per_s: f64,
    warnings: Vec<String>,
}

/// Renders one frame or a run of frames.
pub fn run(args: &RenderArgs) -> Result<(), Failure> {
    check_size(&args.picture)?;
    let started = Instant::now();
    let runs: Vec<Option<u32>> = args.frame.map_or_else(|| vec![None], |run| (run.first..=run.last).map(Some).collect());
    let (mut images, mut pngs, mut last) = (Vec::new(), Vec::new(), None);
    for frame in runs {
        let rendered = render_one(args, frame)?;
        images.push(write(&args.out, frame, |path| rendered.picture.write_exr(path))?);
        if let Some(png) = &args.png {
            pngs.push(write(png, frame, |path| rendered.picture.write_png(path, View::default()))?);
        }
        last = Some(rendered);
    }
    let Some(rendered) = last else { return Err(Failure::input("no frame was asked for")) };
    report(args, &rendered, images, pngs, started.elapsed())
}

struct Rendered {
    picture: Picture,
    device: DeviceInfo,
    scene: SceneDigest,
    warnings: Vec<String>,
    render_time: Duration,
}

fn render_one(args: &RenderArgs, frame: Option<u32>) -> Result<Rendered, Failure> {
    let choice = SceneChoice {
        path: args.scene.clone(),
        env: args.look.env.clone(),
        env_strength: args.look.env_strength,
        camera: args.look.camera.clone(),
        look: args.look.look(),
        frame,
        aspect: args.picture.width as f32 / args.picture.height as f32,
    };
    let loaded = scene_source::load(&choice).map_err(|error| Failure::input(error.message).with_details(error.details))?;
    for warning in &loaded.warnings {
        eprintln!("warning: {warning}");
    }
    let picture = &args.picture;
    let settings = Settings { width_px: picture.width, height_px: picture.height, depth_max: picture.max_depth, seed: args.seed };
    let DeviceArgs { device, profile, threads } = &args.device;
    let mut renderer = Renderer::new(&loaded.scene, device, *profile, *threads).map_err(|error| Failure::work(&error).caused_by(&error))?;
    let scene = scene_source::digest(&loaded.packed);
    let started = Instant::now();
    let what = frame.map_or_else(|| "rendering".to_owned(), |frame| format!("frame {frame}"));
    let picture = render_with_progress(&mut renderer, &settings, picture.spp, &what)?;
    Ok(Rendered { picture, device: renderer.device().clone(), scene, warnings: loaded.warnings, render_time: started.elapsed() })
}

/// Renders a frame on the CPU, which gives the bits of every exact device.
///
/// # Errors
/// A line for a person.
pub fn render_locally(scene: &Scene, settings: &Settings, samples: u32, what: &str) -> Result<Picture, Failure> {
    let mut renderer =
        Renderer::new(scene, &DeviceChoice::Cpu, Profile::Exact, 0).map_err(|error| Failure::work(&error).caused_by(&error))?;
    render_with_progress(&mut renderer, settings, samples, what)
}

/// Renders a frame while another thread shows the progress.
pub fn render_with_progress(renderer: &mut Renderer, settings: &Settings, samples: u32, what: &str) -> Result<Picture, Failure> {
    let control = Control::default();
    let leaves = leaf_count(settings, samples);
    let finished = std::sync::atomic::AtomicBool::new(false);
    let picture = std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut progress = Progress::new(what, leaves);
            while !finished.load(std::sync::atomic::Ordering::Acquire) {
                progress.show(control.done(), "");
                std::thread::park_timeout(Duration::from_millis(100));
            }
            progress.finish();
        });
        let picture = render_frame(renderer, settings, samples, &control);
        finished.store(true, std::sync::atomic::Ordering::Release);
        picture
    });
    picture.map_err(|error: FrameError| Failure::work(&error).caused_by(&error))
}

/// Checks size and samples against the limits of a job: what renders here can be sent to peers, too.
pub fn check_size(picture: &PictureArgs) -> Result<(), Failure> {
    let work = raylance_protocol::RenderWork {
        renderer: Digest::default(),
        scene: SceneDigest::default(),
        scene_len_bytes: 1,
        width_px: picture.width,
        height_px: picture.height,
        samples: picture.spp,
        depth_max: picture.max_depth,
        tile_px: limits::TILE_PX_MAX,
        chunk_samples: limits::CHUNK_SAMPLES_MAX / LEAF_SAMPLES * LEAF_SAMPLES,
        profile: raylance_protocol::Profile::Exact,
    };
    work.check().map_err(Failure::input)
}

fn write(path: &Path, frame: Option<u32>, save: impl FnOnce(&Path) -> Result<(), PictureError>) -> Result<String, Failure> {
    let path = frame.map_or_else(|| path.to_owned(), |frame| numbered(path, frame));
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent).map_err(|error| Failure::work(format!("cannot make folder {}: {error}", parent.display())))?;
    }
    save(&path).map_err(|error| Failure::work(&error).caused_by(&error))?;
    Ok(path.display().to_string())
}

/// `a.exr` → `a.0007.exr`.
fn numbered(path: &Path, frame: u32) -> PathBuf {
    let extension = path.extension().unwrap_or_default().to_string_lossy().into_owned();
    path.with_extension(format!("{frame:04}.{extension}"))
}

/// Hash of a picture's pixel bits: two pictures with one hash are the same picture.
pub fn pixels_digest(picture: &Picture) -> Digest {
    let bytes: Vec<u8> = picture.pixels.iter().flatten().flat_map(|channel| channel.to_bits().to_le_bytes()).collect();
    Digest::of("raylance pixels 1", &[&picture.width_px.to_le_bytes(), &picture.height_px.to_le_bytes(), &bytes])
}

fn report(args: &RenderArgs, rendered: &Rendered, images: Vec<String>, pngs: Vec<String>, elapsed: Duration) -> Result<(), Failure> {
    let picture = &args.picture;
    let samples = u64::from(picture.width) * u64::from(picture.height) * u64::from(picture.spp);
    let samples_per_s = samples as f64 / rendered.render_time.as_secs_f64().max(1e-9);
    if !args.json {
        for path in images.iter().chain(&pngs) {
            println!("{path}");
        }
        eprintln!(
            "{} on {} in {:.1} s, {:.2} M samples/s",
            args.scene.display(),
            rendered.device.name,
            elapsed.as_secs_f64(),
            samples_per_s / 1e6
        );
        return Ok(());
    }
    print_json(&RenderLine {
        images,
        pngs,
        width_px: picture.width,
        height_px: picture.height,
        samples: picture.spp,
        depth_max: picture.max_depth,
        seed: args.seed,
        device: rendered.device.name.clone(),
        device_kind: kind_name(rendered.device.kind),
        profile: rendered.device.profile.to_string(),
        scene: rendered.scene.to_string(),
        renderer: Digest(raylance_render_core::renderer_digest()).to_hex(),
        pixels_digest: pixels_digest(&rendered.picture).to_hex(),
        seconds: elapsed.as_secs_f64(),
        samples_per_s,
        warnings: rendered.warnings.clone(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_numbered_before_the_extension() {
        assert_eq!(numbered(Path::new("out/a.exr"), 7), Path::new("out/a.0007.exr"));
    }
}
