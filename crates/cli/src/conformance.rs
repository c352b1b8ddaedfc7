//! `raylance conformance`: a set of built-in frames on every device; equal digests mean equal bits.

use super::devices::kind_name;
use super::progress::Progress;
use super::{Failure, out, print_json};
use clap::Args;
use raylance_protocol::Digest;
use raylance_tracer::conformance::{Admission, Difference, FRAMES, Report, SOAK_SCENES, Soak, admit, run as render_frames, soak};
use raylance_tracer::{DeviceChoice, DeviceInfo, DeviceKind, Profile, devices};
use serde::Serialize;
use std::time::Instant;

/// What `--help` says below the flags.
const PROFILES: &str = "A device is admitted to\n  exact     when it gives the CPU's bits in all frames: its results are checked by equality\n  \
    portable  when rounding explains the differences: its results are checked with tolerance\nand refused otherwise. Ends with exit code 1 \
    when a device offers the exact profile and does not give the CPU's bits.";

/// Arguments of `raylance conformance`.
#[derive(Args, Debug)]
#[command(after_help = PROFILES)]
pub struct ConformanceArgs {
    /// Print one JSON object as the last line
    #[arg(long)]
    json: bool,
    /// Instead of the frames, compare so many leaves of random scenes on every device that offers the exact profile: hours for ten million on
    /// a software driver
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    leaves: Option<u64>,
    /// Which leaves are drawn
    #[arg(long, value_name = "N", default_value_t = 1, requires = "leaves")]
    seed: u64,
}

/// One device. `name`, `backend`, `driver`, `profile`, `digest` and `frames` are a contract.
#[derive(Serialize)]
struct DeviceLine {
    id: String,
    name: String,
    kind: &'static str,
    backend: String,
    driver: String,
    /// What it says of itself.
    offers: String,
    /// What it is admitted to: `exact`, `portable` or `refused`.
    profile: &'static str,
    digest: Option<String>,
    frames: usize,
    pixels_differing: Option<u64>,
    pixels_off: Option<u64>,
    max_relative_difference: Option<f64>,
    error: Option<String>,
}

#[derive(Serialize)]
struct ConformanceLine {
    renderer: String,
    devices: Vec<DeviceLine>,
    conforms: bool,
}

#[derive(Serialize)]
struct SoakLine {
    id: String,
    name: String,
    driver: String,
    scenes: u64,
    leaves: u64,
    words_differing: u64,
    seconds: f64,
}

#[derive(Serialize)]
struct SoaksLine {
    renderer: String,
    seed: u64,
    devices: Vec<SoakLine>,
    conforms: bool,
}

/// Compares leaves by the million.
fn soak_all(args: &ConformanceArgs, leaves: u64) -> Result<(), Failure> {
    let mut lines = Vec::new();
    for device in devices().into_iter().filter(|device| device.kind != DeviceKind::Cpu && device.profile == Profile::Exact) {
        let begun = Instant::now();
        let mut progress = Progress::new(&device.name, leaves);
        let soak = soak(&device.choice(), leaves, args.seed, |soak| progress.show(soak.leaves, ""));
        progress.finish();
        let Soak { leaves, words_differing, first } = soak.map_err(|error| Failure::work(&error).caused_by(&error))?;
        let line = SoakLine {
            id: device.id(),
            name: device.name,
            driver: device.driver,
            scenes: SOAK_SCENES,
            leaves,
            words_differing,
            seconds: begun.elapsed().as_secs_f64(),
        };
        if !args.json {
            out!("{leaves} leaves of {SOAK_SCENES} scenes, {words_differing} words differ: {} ({})", line.name, line.driver);
            if let Some((scene, leaf)) = first {
                out!("  first in scene {scene}: {leaf:?}");
            }
        }
        lines.push(line);
    }
    if lines.is_empty() {
        return Err(Failure::input("no graphics device here offers the exact profile; `raylance devices` lists those that are there"));
    }
    let conforms = lines.iter().all(|line| line.words_differing == 0);
    if args.json {
        let renderer = Digest(raylance_tracer::renderer_digest()).to_hex();
        print_json(&SoaksLine { renderer, seed: args.seed, devices: lines, conforms })?;
    }
    if conforms { Ok(()) } else { Err(Failure::work("a device offers the exact profile and does not give the CPU's bits")) }
}

/// Renders the frames on every device and compares them with the CPU's.
pub fn run(args: &ConformanceArgs) -> Result<(), Failure> {
    if let Some(leaves) = args.leaves {
        return soak_all(args, leaves);
    }
    let reference = render_frames(&DeviceChoice::Cpu, Profile::Exact).map_err(|error| Failure::work(&error).caused_by(&error))?;
    let mut lines = Vec::new();
    for device in devices() {
        let admission = match device.kind {
            DeviceKind::Cpu => Admission::Exact(reference.clone()),
            DeviceKind::Gpu | DeviceKind::SoftwareGpu => admit(&device, &reference),
        };
        let line = device_line(device, admission);
        if !args.json {
            show(&line);
        }
        lines.push(line);
    }
    let conforms = lines.iter().all(|line| line.profile == "exact" || line.offers != Profile::Exact.to_string());
    if args.json {
        let renderer = Digest(raylance_tracer::renderer_digest()).to_hex();
        print_json(&ConformanceLine { renderer, devices: lines, conforms })?;
    }
    if conforms {
        Ok(())
    } else {
        Err(Failure::work("a device offers the exact profile and does not give the CPU's bits; it cannot earn in that profile"))
    }
}

fn device_line(device: DeviceInfo, admission: Admission) -> DeviceLine {
    let (profile, report, difference, error): (_, Option<Report>, Option<Difference>, _) = match admission {
        Admission::Exact(report) => ("exact", Some(report), None, None),
        Admission::Portable { report, difference } => ("portable", Some(report), Some(difference), None),
        Admission::Refused { report: Some((report, difference)), error } => ("refused", Some(report), Some(difference), error),
        Admission::Refused { report: None, error } => ("refused", None, None, error),
    };
    DeviceLine {
        id: device.id(),
        kind: kind_name(device.kind),
        offers: device.profile.to_string(),
        profile,
        digest: report.as_ref().map(|report| Digest(report.digest).to_hex()),
        frames: report.as_ref().map_or(FRAMES.len(), |report| report.frames.len()),
        pixels_differing: difference.map(|difference| difference.pixels_differing),
        pixels_off: difference.map(|difference| difference.pixels_off),
        max_relative_difference: difference.map(|difference| difference.relative_max),
        error,
        name: device.name,
        backend: device.backend,
        driver: device.driver,
    }
}

fn show(line: &DeviceLine) {
    let DeviceLine { id, name, driver, profile, digest, error, .. } = line;
    out!("{profile:<8}  {id:<5}  {name} ({driver})  {}", digest.as_deref().or(error.as_deref()).unwrap_or_default());
    if let (Some(differing), Some(off), Some(relative)) = (line.pixels_differing, line.pixels_off, line.max_relative_difference) {
        out!("          {differing} pixels differ by up to {relative:.1e}; {off} more are another path's");
    }
}
