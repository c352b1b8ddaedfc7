//! `raylance render`: a scene on this machine alone, by the same renderer and the same assembly as a peer's job.

mod output;
mod report;

use super::parse::{Frames, frames, positive};
use super::picture::{LensArgs, ViewArgs};
use super::{Failure, PictureArgs, Progress, SceneArgs};
use clap::Args;
use output::{Format, Outputs, Written};
use raylance_control::submit;
use raylance_picture::frame::{Extras, Frame, FrameError, FrameOrder, NoiseTarget, Watch, render_frame};
use raylance_picture::{Notes, Picture};
use raylance_protocol::{Digest, SceneDigest};
use raylance_scene::import::{ImportError, SceneFault, import};
use raylance_scene::{Camera, Focus};
use raylance_tracer::{DeviceChoice, DeviceInfo, Profile, Renderer, Settings};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Arguments of `raylance render`.
#[derive(Args, Debug)]
pub struct RenderArgs {
    /// A .gltf or .glb file
    scene: PathBuf,
    #[command(flatten)]
    look: SceneArgs,
    #[command(flatten)]
    lens: LensArgs,
    #[command(flatten)]
    picture: PictureArgs,
    /// Stop each part of the picture when a typical pixel is off by less than this share of the range from black to white, such as 0.01;
    /// --spp is the most
    #[arg(long, value_name = "ERROR", value_parser = positive)]
    noise: Option<f32>,
    /// Seed of every sample
    #[arg(long, default_value_t = 0, value_name = "N")]
    seed: u32,
    /// Animation frame or run of frames, 24 per second; files get the frame's number before the extension or in place of ####
    #[arg(long, value_name = "A[..B]", value_parser = frames)]
    frame: Option<Frames>,
    /// Leave out frames whose files are there already
    #[arg(long)]
    skip_existing: bool,
    #[command(flatten)]
    device: DeviceArgs,
    /// Picture to write: linear light and layers as .exr, or one to look at as .png or .jpg
    #[arg(short, long, value_name = "OUT.exr")]
    out: PathBuf,
    /// Picture to look at, lossless
    #[arg(long, value_name = "OUT.png")]
    png: Option<PathBuf>,
    /// Picture to look at, small
    #[arg(long, value_name = "OUT.jpg", visible_alias = "jpeg")]
    jpg: Option<PathBuf>,
    #[command(flatten)]
    view: ViewArgs,
    /// Only colours in the EXR, no layers and no notes: byte for byte the file of a job with these settings
    #[arg(long)]
    no_aovs: bool,
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

/// Renders one frame or a run of frames.
///
/// # Errors
/// A line for a person.
pub fn run(args: &RenderArgs) -> Result<(), Failure> {
    check_size(&args.picture)?;
    let outputs = Outputs { main: (args.out.clone(), Format::of(&args.out)?), png: args.png.clone(), jpg: args.jpg.clone() };
    let order = order(args, &outputs);
    let started = Instant::now();
    let frames: Vec<Option<u32>> = args.frame.map_or_else(|| vec![None], |run| (run.first..=run.last).map(Some).collect());
    let there: Vec<bool> = frames.iter().map(|frame| args.skip_existing && outputs.exist(*frame)).collect();
    let skipped = there.iter().filter(|there| **there).count() as u64;
    let watch = Watch::new(&order, frames.len() as u64 - skipped);
    let mut progress = Progress::new("rendering", watch.progress().1);
    let plan = Plan { order, outputs, watch };
    let mut written = Written::default();
    let (mut last, mut told) = (Ok(None), BTreeSet::new());
    for (&frame, there) in frames.iter().zip(there) {
        written.extend(plan.outputs.names(frame));
        if !there {
            let rendered = render_one(args, &plan, frame, &mut progress, &mut told);
            last = rendered.map(Some).map_err(|failure| in_frame(failure, frame.filter(|_| frames.len() > 1)));
            if last.is_err() {
                break;
            }
        }
    }
    progress.finish();
    report::report(args, last?.as_ref(), written, skipped, started.elapsed())
}

fn order(args: &RenderArgs, outputs: &Outputs) -> FrameOrder {
    let PictureArgs { width, height, spp, max_depth } = args.picture;
    let settings = Settings { width_px: width, height_px: height, depth_max: max_depth, seed: args.seed };
    let extras = if args.no_aovs || !outputs.has_exr() { Extras::None } else { Extras::Layers };
    FrameOrder { settings, samples: spp, noise: args.noise.map(NoiseTarget), extras }
}

/// Says in which frame of a run something went wrong.
fn in_frame(failure: Failure, frame: Option<u32>) -> Failure {
    match frame {
        Some(frame) => Failure { line: format!("frame {frame}: {}", failure.line), ..failure },
        None => failure,
    }
}

/// What all frames of a run have in common.
struct Plan {
    order: FrameOrder,
    outputs: Outputs,
    watch: Watch,
}

struct Rendered {
    frame: Frame,
    camera: Camera,
    device: DeviceInfo,
    scene: SceneDigest,
    warnings: Vec<String>,
}

fn render_one(
    args: &RenderArgs,
    Plan { order, outputs, watch }: &Plan,
    frame: Option<u32>,
    progress: &mut Progress,
    told: &mut BTreeSet<String>,
) -> Result<Rendered, Failure> {
    let options = args.look.options(frame, args.picture.width as f32 / args.picture.height as f32);
    let imported = import(&args.scene, &options).map_err(|error| refused(&args.scene, &error))?;
    let mut scene = imported.scene;
    let mut warnings: Vec<String> = imported.warnings.iter().map(SceneFault::text).collect();
    if let Some(lens) = args.lens.lens()
        && lens.put_on(&mut scene, &options.camera, options.aspect).map_err(Failure::input)? == Focus::Far
    {
        warnings.push("nothing is in the middle of the picture: the lens is focused far away".to_owned());
    }
    // What is said of one frame of a run needs no repetition for the next hundred.
    for warning in warnings.iter().filter(|warning| told.insert((*warning).clone())) {
        progress.line(&format!("warning: {warning}"));
    }
    let DeviceArgs { device, profile, threads } = &args.device;
    let mut renderer = Renderer::new(&scene, device, *profile, *threads).map_err(|error| Failure::work(&error).caused_by(&error))?;
    outputs.make_folders()?;
    let note = frame.map(|frame| format!("frame {frame}")).unwrap_or_default();
    let rendered = render_watched(&mut renderer, order, watch, progress, &note)?;
    let rendered = Rendered {
        frame: rendered,
        camera: scene.camera,
        device: renderer.device().clone(),
        scene: raylance_files::scenes::name(&scene.pack()),
        warnings,
    };
    let notes = if args.no_aovs { Notes::default() } else { report::notes(args, &rendered, frame)? };
    outputs.write(frame, &rendered.frame, &notes, args.view.view())?;
    Ok(rendered)
}

/// Renders a frame while another thread shows the progress.
fn render_watched(
    renderer: &mut Renderer,
    order: &FrameOrder,
    watch: &Watch,
    progress: &mut Progress,
    note: &str,
) -> Result<Frame, Failure> {
    let finished = AtomicBool::new(false);
    let frame = std::thread::scope(|scope| {
        let shown = scope.spawn(|| {
            while !finished.load(Ordering::Acquire) {
                let (done, total) = watch.progress();
                progress.show_of(done, total, note);
                std::thread::park_timeout(Duration::from_millis(100));
            }
        });
        let frame = render_frame(renderer, order, watch);
        finished.store(true, Ordering::Release);
        shown.thread().unpark();
        frame
    });
    frame.map_err(|error: FrameError| Failure::work(&error).caused_by(&error))
}

/// Checks size and samples against the limits of a job: what renders here can be sent to peers, too.
pub fn check_size(picture: &PictureArgs) -> Result<(), Failure> {
    let PictureArgs { width, height, spp, max_depth } = *picture;
    submit::work(width, height, spp, max_depth).map(|_| ()).map_err(Failure::input)
}

pub fn refused(path: &Path, error: &ImportError) -> Failure {
    let details = error.faults.iter().map(ToString::to_string).collect();
    Failure::input(format!("{}: {}", path.display(), error.summary())).with_details(details)
}

/// Hash of a picture's pixel bits: two pictures with one hash are the same picture.
pub fn pixels_digest(picture: &Picture) -> Digest {
    let bytes: Vec<u8> = picture.pixels.iter().flatten().flat_map(|channel| channel.to_bits().to_le_bytes()).collect();
    Digest::of("raylance pixels 1", &[&picture.width_px.to_le_bytes(), &picture.height_px.to_le_bytes(), &bytes])
}
