//! `raylance conformance`: one small built-in frame on every device; equal digests mean equal bits.

use super::devices::kind_name;
use super::{Failure, print_json};
use clap::Args;
use raylance_protocol::Digest;
use raylance_render_core::{DeviceChoice, DeviceInfo, DeviceKind, Profile, conformance, devices};
use serde::Serialize;

/// Arguments of `raylance conformance`.
#[derive(Args, Debug)]
pub struct ConformanceArgs {
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct DeviceLine {
    name: String,
    kind: &'static str,
    digest: Option<String>,
    error: Option<String>,
    agrees: bool,
}

#[derive(Serialize)]
struct ConformanceLine {
    renderer: String,
    devices: Vec<DeviceLine>,
    conforms: bool,
}

/// Renders the frame on every device that offers the exact profile and compares it with the CPU's.
pub fn run(args: &ConformanceArgs) -> Result<(), Failure> {
    let reference = conformance::run(&DeviceChoice::Cpu, Profile::Exact).map_err(|error| Failure::work(&error).caused_by(&error))?.digest;
    let exact = devices().into_iter().filter(|device| device.profile == Profile::Exact);
    let lines: Vec<DeviceLine> = exact.map(|device| try_device(device, reference)).collect();
    let conforms = lines.iter().all(|line| line.agrees);
    if args.json {
        let renderer = Digest(raylance_render_core::renderer_digest()).to_hex();
        print_json(&ConformanceLine { renderer, devices: lines, conforms })?;
    } else {
        for DeviceLine { name, kind, digest, error, agrees } in &lines {
            let word = if *agrees { "ok    " } else { "DIFFERS" };
            println!("{word}  {kind}  {name}  {}", digest.as_deref().or(error.as_deref()).unwrap_or_default());
        }
    }
    if conforms {
        Ok(())
    } else {
        Err(Failure::work("not every device gives the CPU's bits; such a device cannot earn in the exact profile"))
    }
}

fn try_device(device: DeviceInfo, reference: [u8; 32]) -> DeviceLine {
    let choice = match device.kind {
        DeviceKind::Cpu => DeviceChoice::Cpu,
        DeviceKind::Gpu | DeviceKind::SoftwareGpu => DeviceChoice::Named(device.name.clone()),
    };
    let (digest, error) = match conformance::run(&choice, Profile::Exact) {
        Ok(report) => (Some(report.digest), None),
        Err(error) => (None, Some(error.to_string())),
    };
    DeviceLine {
        name: device.name,
        kind: kind_name(device.kind),
        digest: digest.map(|digest| Digest(digest).to_hex()),
        error,
        agrees: digest == Some(reference),
    }
}
