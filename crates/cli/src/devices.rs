//! `raylance devices`: what can render here.

use super::{Failure, out, print_json};
use clap::Args;
use raylance_device::{ChildConfig, Probe, probe};
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
    /// The process in which strangers' scenes are rendered; absent where none can be started.
    render_process: Option<JailLine>,
}

#[derive(Clone, Copy, Serialize)]
struct JailLine {
    /// Is it kept from files, as tried out?
    no_files: bool,
    /// From sockets?
    no_sockets: bool,
    /// From other programs?
    no_programs: bool,
}

/// Lists every device that can render.
pub fn run(args: &DevicesArgs) -> Result<(), Failure> {
    let devices: Vec<DeviceLine> = raylance_tracer::devices().into_iter().map(device_line).collect();
    let jail = jail();
    if args.json {
        let renderer = raylance_protocol::Digest(raylance_tracer::renderer_digest()).to_hex();
        return print_json(&DevicesLine { renderer, devices, render_process: jail });
    }
    for DeviceLine { id, name, kind, driver, backend, profile, memory_bytes, .. } in &devices {
        let memory = memory_bytes.map(|bytes| format!(", {:.1} GiB", bytes as f64 / f64::from(1 << 30))).unwrap_or_default();
        out!("{id:<5}  {kind}  {name}  ({backend}, {driver}{memory}; {profile})");
    }
    match jail {
        Some(jail) => out!("strangers' scenes render in a process of their own; it reaches {}", jail.words()),
        None => out!("strangers' scenes can't be rendered: no process of their own can be started"),
    }
    Ok(())
}

impl JailLine {
    fn words(self) -> String {
        let open = [(self.no_files, "files"), (self.no_sockets, "the network"), (self.no_programs, "other programs")];
        let open: Vec<&str> = open.iter().filter(|(closed, _)| !closed).map(|(_, what)| *what).collect();
        if open.is_empty() {
            "no files, no network and no other programs".to_owned()
        } else {
            format!("{}, which this system can't forbid", open.join(" and "))
        }
    }
}

/// Tries it with a file and a port that are there.
fn jail() -> Option<JailLine> {
    let file = tempfile::NamedTempFile::new().ok()?;
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).ok()?;
    let config = ChildConfig::usual().ok()?;
    let Probe { jail: _, read, write, connect, execute } = probe(&config, file.path(), listener.local_addr().ok()?.port()).ok()?;
    Some(JailLine { no_files: !read && !write, no_sockets: !connect, no_programs: !execute })
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
