//! `raylance conformance`: a set of built-in frames on every device; equal digests mean equal bits.

use super::devices::kind_name;
use super::{Failure, out, print_json};
use clap::Args;
use raylance_protocol::Digest;
use raylance_tracer::conformance::{Admission, Difference, FRAMES, Report, admit, run as render_frames};
use raylance_tracer::{DeviceChoice, DeviceInfo, DeviceKind, Profile, devices};
use serde::Serialize;

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

/// Renders the frames on every device and compares them with the CPU's.
pub fn run(args: &ConformanceArgs) -> Result<(), Failure> {
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
