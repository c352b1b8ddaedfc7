//! `raylance bench`: how many camera samples of the built-in still life a device renders per second.

mod latency;
mod score;

use super::devices::kind_name;
use super::render::DeviceArgs;
use super::{Failure, Progress, out, print_json};
use clap::Args;
use latency::LatencyLine;
use raylance_files::folder::Folder;
use raylance_lab::still_life;
use raylance_protocol::job::LEAF_SAMPLES;
use raylance_protocol::limits::SAMPLES_MAX;
use raylance_protocol::{Digest, Keypair};
use raylance_tracer::{Control, DeviceKind, LeafRequest, Pace, RenderError, Renderer, Settings, renderer_digest};
use score::Score;
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// The picture that is rendered again and again.
const SETTINGS: Settings = Settings { width_px: 320, height_px: 180, depth_max: 8, seed: 1 };
/// Edge of a tile: it divides both edges of the picture, and neighbouring rays stay together as in a unit.
const TILE_PX: u32 = 20;
/// Tiles go round in steps of so many, so that a short run sees all parts of the picture. Coprime with their number.
const TILE_STRIDE: u64 = 89;
/// Leaves of the first call; a slow software driver renders them within a second or so.
const BATCH_LEAVES_FIRST: usize = 512;
/// Most leaves of one call, as in a render of a frame.
const BATCH_LEAVES_MAX: usize = 1 << 18;
/// Calls grow until one takes this long: the start of a call costs nothing then, and the run ends about when it should.
const BATCH_TIME: Duration = Duration::from_millis(250);

/// What `--help` says below the flags.
const MEASURES: &str = "Measures camera samples per second: paths of up to 8 segments through the built-in still life at 320×180, leaf by \
    leaf (16 samples of one pixel, as in a job). A warm-up, the upload of the scene and the start of the device are not counted.\n\nThe \
    score is in normalised megasamples per second: two threads of the reference machine, at 630,000 samples per second, score 1. It is \
    signed with the key of the data folder.";

/// Arguments of `raylance bench`.
#[derive(Args, Debug)]
#[command(after_help = MEASURES)]
pub struct BenchArgs {
    #[command(flatten)]
    device: DeviceArgs,
    /// How long to measure
    #[arg(long, default_value_t = 5, value_name = "S", value_parser = clap::value_parser!(u32).range(1..=3_600))]
    seconds: u32,
    /// Sign with the key of this peer's data folder; without it a key is made and thrown away
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Measure instead how soon the device pauses, goes on and stops
    #[arg(long)]
    latency: bool,
    /// Open a signed score instead, and say what is in it
    #[arg(long, value_name = "TEXT", conflicts_with_all = ["data", "latency"])]
    verify: Option<String>,
    /// Print one JSON object as the last line
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct BenchLine {
    device: String,
    device_kind: &'static str,
    driver: String,
    profile: String,
    scene: String,
    samples_per_s: f64,
    samples: u64,
    leaves: u64,
    seconds: f64,
    renderer: String,
    /// Normalised megasamples per second.
    score: f64,
    signer: String,
    /// Whether nobody has the signer's key any more.
    signer_is_throw_away: bool,
    signed: String,
}

#[derive(Serialize)]
struct LatencyLines {
    device: String,
    device_kind: &'static str,
    driver: String,
    latency: Vec<LatencyLine>,
}

#[derive(Serialize)]
struct VerifiedLine {
    signer: String,
    device: String,
    driver: String,
    profile: String,
    renderer: String,
    scene: String,
    samples_per_s: u64,
    score: f64,
}

/// Measures one device, or opens a score.
pub fn run(args: &BenchArgs) -> Result<(), Failure> {
    match &args.verify {
        Some(signed) => run_verify(signed, args.json),
        None if args.latency => run_latency(args),
        None => run_speed(args),
    }
}

fn run_speed(args: &BenchArgs) -> Result<(), Failure> {
    // Before the measurement: a folder without a key should be told at once.
    let keys = keypair(args.data.as_deref())?;
    let aspect = SETTINGS.width_px as f32 / SETTINGS.height_px as f32;
    let scene = still_life(aspect).map_err(Failure::work)?;
    let DeviceArgs { device, profile, threads } = &args.device;
    let rendered = Renderer::new(&scene, device, *profile, *threads).and_then(|mut renderer| {
        let measured = measure(&mut renderer, Duration::from_secs(args.seconds.into()))?;
        Ok((renderer, measured))
    });
    let (renderer, Measured { leaves, time }) = rendered.map_err(|error| Failure::work(&error).caused_by(&error))?;
    let samples = leaves * u64::from(LEAF_SAMPLES);
    let name = raylance_files::scenes::name(&scene.pack());
    let score = Score {
        device: renderer.device().name.clone(),
        driver: renderer.device().driver.clone(),
        profile: renderer.device().profile.to_string(),
        renderer: Digest(renderer_digest()),
        scene: name,
        samples_per_s: (samples as f64 / time.as_secs_f64().max(1e-9)) as u64,
    };
    let line = BenchLine {
        device: renderer.device().name.clone(),
        device_kind: kind_name(renderer.device().kind),
        driver: renderer.device().driver.clone(),
        profile: renderer.device().profile.to_string(),
        scene: name.to_string(),
        samples_per_s: samples as f64 / time.as_secs_f64().max(1e-9),
        samples,
        leaves,
        seconds: time.as_secs_f64(),
        renderer: Digest(renderer_digest()).to_hex(),
        score: score.normalised(),
        signer: keys.account().to_hex(),
        signer_is_throw_away: args.data.is_none(),
        signed: score.sign(&keys),
    };
    if args.data.is_none() {
        eprintln!("signed with a key that is thrown away now; --data DIR signs with a peer's own");
    }
    if args.json {
        return print_json(&line);
    }
    out!("device    {} ({})", line.device, line.device_kind);
    out!("driver    {}", line.driver);
    out!("profile   {}", line.profile);
    out!("speed     {:.3} M samples/s", line.samples_per_s / 1e6);
    out!("score     {:.3} normalised M samples/s, signed by {}", line.score, line.signer);
    out!("rendered  {} leaves in {:.2} s", line.leaves, line.seconds);
    out!("signed    {}", line.signed);
    Ok(())
}

/// The data folder's key, or a new one that lives as long as this process.
fn keypair(data: Option<&Path>) -> Result<Keypair, Failure> {
    if let Some(path) = data {
        // The mark is of no interest here.
        let contents = Folder::new(path.to_owned(), path.to_owned()).open();
        return contents.map(|contents| contents.keys).map_err(|error| Failure::input(&error).caused_by(&error));
    }
    let mut secret = [0; 32];
    getrandom::fill(&mut secret).map_err(|_| Failure::work("the system gives no random bytes for a key"))?;
    Ok(Keypair::from_secret(secret))
}

fn run_verify(signed: &str, json: bool) -> Result<(), Failure> {
    let (signer, score) = score::verify(signed).map_err(|error| Failure::work(&error).caused_by(&error))?;
    let normalised = score.normalised();
    let Score { device, driver, profile, renderer, scene, samples_per_s } = score;
    let (signer, renderer, scene) = (signer.to_hex(), renderer.to_hex(), scene.to_string());
    if json {
        return print_json(&VerifiedLine { signer, device, driver, profile, renderer, scene, samples_per_s, score: normalised });
    }
    out!("signer    {signer}\ndevice    {device}\ndriver    {driver}\nprofile   {profile}");
    out!("score     {normalised:.3} normalised M samples/s");
    Ok(())
}

fn run_latency(args: &BenchArgs) -> Result<(), Failure> {
    let aspect = SETTINGS.width_px as f32 / SETTINGS.height_px as f32;
    let scene = still_life(aspect).map_err(Failure::work)?;
    let DeviceArgs { device, profile, threads } = &args.device;
    let renderer = Renderer::new(&scene, device, *profile, *threads);
    let mut renderer = renderer.map_err(|error| Failure::work(&error).caused_by(&error))?;
    // The CPU's pieces are short at any pace.
    let paces: &[Pace] = if renderer.device().kind == DeviceKind::Cpu { &[Pace::Idle] } else { &[Pace::Idle, Pace::OwnerPresent] };
    let latency = paces.iter().map(|pace| latency::measure(&mut renderer, *pace)).collect::<Result<_, _>>();
    let latency: Vec<LatencyLine> = latency.map_err(|error| Failure::work(&error).caused_by(&error))?;
    let info = renderer.device();
    if !args.json {
        out!("{} ({})", info.name, info.driver);
        latency.iter().for_each(|line| out!("{line}"));
        return Ok(());
    }
    print_json(&LatencyLines { device: info.name.clone(), device_kind: kind_name(info.kind), driver: info.driver.clone(), latency })
}

struct Measured {
    leaves: u64,
    time: Duration,
}

/// Warms up until a call is long enough, then counts whole calls until the time is over.
fn measure(renderer: &mut Renderer, wanted: Duration) -> Result<Measured, RenderError> {
    let control = Control::default();
    let mut walk = 0;
    let mut batch = BATCH_LEAVES_FIRST;
    // The first call compiles the program on some drivers and says nothing about speed.
    render(renderer, &mut walk, batch, &control)?;
    while render(renderer, &mut walk, batch, &control)? < BATCH_TIME && batch < BATCH_LEAVES_MAX {
        batch *= 2;
    }
    let mut progress = Progress::new("measuring", wanted.as_millis() as u64);
    let (warm, mut time) = (walk, Duration::ZERO);
    while time < wanted {
        time += render(renderer, &mut walk, batch, &control)?;
        progress.show(time.as_millis() as u64, "");
    }
    progress.finish();
    Ok(Measured { leaves: walk - warm, time })
}

fn render(renderer: &mut Renderer, walk: &mut u64, leaves: usize, control: &Control) -> Result<Duration, RenderError> {
    let started = Instant::now();
    let end = *walk + leaves as u64;
    let requests: Vec<LeafRequest> = (*walk..end).map(leaf).collect();
    *walk = end;
    renderer.render(&SETTINGS, &requests, control)?;
    Ok(started.elapsed())
}

/// The `number`-th leaf: tile after tile through the picture, then the next 16 samples of all pixels.
fn leaf(number: u64) -> LeafRequest {
    let (across, down) = (SETTINGS.width_px / TILE_PX, SETTINGS.height_px / TILE_PX);
    let (tiles, tile_leaves) = (u64::from(across * down), u64::from(TILE_PX * TILE_PX));
    let (turn, pixel) = (number / tile_leaves, (number % tile_leaves) as u32);
    let tile = (turn % tiles * TILE_STRIDE % tiles) as u32;
    let run = (turn / tiles % u64::from(SAMPLES_MAX / LEAF_SAMPLES)) as u32;
    LeafRequest {
        x_px: tile % across * TILE_PX + pixel % TILE_PX,
        y_px: tile / across * TILE_PX + pixel / TILE_PX,
        first_sample: run * LEAF_SAMPLES,
        samples: LEAF_SAMPLES,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn the_walk_covers_the_picture_once_per_run_of_samples() {
        let pixels = u64::from(SETTINGS.width_px * SETTINGS.height_px);
        for run in [0, 1, u64::from(SAMPLES_MAX / LEAF_SAMPLES) + 1] {
            let leaves: Vec<LeafRequest> = (run * pixels..(run + 1) * pixels).map(leaf).collect();
            let places: BTreeSet<(u32, u32)> = leaves.iter().map(|leaf| (leaf.x_px, leaf.y_px)).collect();
            assert_eq!(places.len() as u64, pixels);
            assert!(places.iter().all(|&(x, y)| x < SETTINGS.width_px && y < SETTINGS.height_px));
            assert!(leaves.iter().all(|leaf| leaf.first_sample == run.min(1) as u32 * LEAF_SAMPLES));
        }
    }
}
