//! `raylance devices`: what can render here.

use super::{Failure, print_json};
use clap::Args;
use raylance_render_core::{DeviceInfo, DeviceKind};
use serde::Serialize;

/// Arguments of `raylance devices`.
#[derive(Args, Debug)]
pub struct DevicesArgs {
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct DeviceLine {
    name: String,
    kind: &'static str,
    driver: String,
    backend: String,
    profile: String,
}

#[derive(Serialize)]
struct DevicesLine {
    renderer: String,
    devices: Vec<DeviceLine>,
}

/// Lists every device that can render.
pub fn run(args: &DevicesArgs) -> Result<(), Failure> {
    let devices: Vec<DeviceLine> = raylance_render_core::devices().into_iter().map(device_line).collect();
    if args.json {
        let renderer = raylance_protocol::Digest(raylance_render_core::renderer_digest()).to_hex();
        return print_json(&DevicesLine { renderer, devices });
    }
    for DeviceLine { name, kind, driver, backend, profile } in &devices {
        println!("{kind}  {name}  ({backend}, {driver}; {profile})");
    }
    Ok(())
}

fn device_line(device: DeviceInfo) -> DeviceLine {
    let DeviceInfo { name, kind, driver, backend, profile } = device;
    DeviceLine { name, kind: kind_name(kind), driver, backend, profile: profile.to_string() }
}

/// `cpu`, `gpu`, or `software gpu` for a graphics driver that runs on the CPU.
pub fn kind_name(kind: DeviceKind) -> &'static str {
    match kind {
        DeviceKind::Cpu => "cpu",
        DeviceKind::Gpu => "gpu",
        DeviceKind::SoftwareGpu => "software gpu",
    }
}
