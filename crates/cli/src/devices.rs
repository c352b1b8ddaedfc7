//! `raylance devices`: what can render here.

use super::{Failure, out, print_json};
use clap::Args;
use raylance_tracer::{DeviceInfo, DeviceKind};
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
    /// What `--device` takes for exactly this one.
    id: String,
    name: String,
    kind: &'static str,
    driver: String,
    backend: String,
    profile: String,
    buffer_bytes_max: Option<u64>,
    memory_bytes: Option<u64>,
}

#[derive(Serialize)]
struct DevicesLine {
    renderer: String,
    devices: Vec<DeviceLine>,
}

/// Lists every device that can render.
pub fn run(args: &DevicesArgs) -> Result<(), Failure> {
    let devices: Vec<DeviceLine> = raylance_tracer::devices().into_iter().map(device_line).collect();
    if args.json {
        let renderer = raylance_protocol::Digest(raylance_tracer::renderer_digest()).to_hex();
        return print_json(&DevicesLine { renderer, devices });
    }
    for DeviceLine { id, name, kind, driver, backend, profile, memory_bytes, .. } in &devices {
        let memory = memory_bytes.map(|bytes| format!(", {:.1} GiB", bytes as f64 / f64::from(1 << 30))).unwrap_or_default();
        out!("{id:<5}  {kind}  {name}  ({backend}, {driver}{memory}; {profile})");
    }
    Ok(())
}

fn device_line(device: DeviceInfo) -> DeviceLine {
    let id = device.id();
    let DeviceInfo { name, adapter: _, kind, driver, backend, profile, buffer_bytes_max, memory_bytes } = device;
    DeviceLine { id, name, kind: kind_name(kind), driver, backend, profile: profile.to_string(), buffer_bytes_max, memory_bytes }
}

/// `cpu`, `gpu`, or `software gpu` for a graphics driver that runs on the CPU.
pub fn kind_name(kind: DeviceKind) -> &'static str {
    match kind {
        DeviceKind::Cpu => "cpu",
        DeviceKind::Gpu => "gpu",
        DeviceKind::SoftwareGpu => "software gpu",
    }
}
