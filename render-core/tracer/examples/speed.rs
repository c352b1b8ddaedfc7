//! How fast a scene renders: `speed FILE DEVICE [SAMPLES [EDGE_PX]]` prints one JSON object.
//!
//! Processor time of all threads, so that other work on the machine disturbs little; on a software driver that is the driver's work.

use raylance_scene::import::{ImportOptions, import};
use raylance_tracer::{Control, DeviceChoice, LeafRequest, Profile, Renderer, Settings};
use std::error::Error;
use std::path::PathBuf;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let usage = "usage: speed FILE DEVICE [SAMPLES [EDGE_PX]]";
    let path = arguments.next().map(PathBuf::from).ok_or(usage)?;
    let device: DeviceChoice = arguments.next().ok_or(usage)?.parse()?;
    let samples: u32 = arguments.next().map_or(Ok(16), |text| text.parse())?;
    let edge_px: u32 = arguments.next().map_or(Ok(256), |text| text.parse())?;
    let scene = import(&path, &ImportOptions::default())?.scene;
    let mut renderer = Renderer::new(&scene, &device, Profile::Exact, 0)?;
    let settings = Settings { width_px: edge_px, height_px: edge_px, depth_max: 8, seed: 1 };
    let request = |i: u32| LeafRequest { x_px: i % edge_px, y_px: i / edge_px, first_sample: 0, samples };
    let requests: Vec<LeafRequest> = (0..edge_px * edge_px).map(request).collect();
    // The driver compiles when it first runs.
    renderer.render(&settings, &requests[..64], &Control::default())?;
    let began = processor_s()?;
    let sums = renderer.render(&settings, &requests, &Control::default())?;
    let took = processor_s()? - began;
    let mean: f64 = sums.iter().flatten().map(|&v| f64::from(v)).sum::<f64>() / (sums.len() * 3) as f64 / f64::from(samples);
    let digest = sums.iter().flatten().fold(0u64, |all, v| all.rotate_left(5) ^ u64::from(v.to_bits()).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let line = serde_json::json!({
        "device": renderer.device().name,
        "triangles": scene.triangles.len(),
        "processor_s": took,
        "msamples_per_processor_s": f64::from(samples) * requests.len() as f64 / 1e6 / took,
        "mean": mean,
        "bits": format!("{digest:016x}"),
    });
    println!("{line}");
    Ok(())
}

/// User time of this process, in seconds, by Linux's own account.
fn processor_s() -> Result<f64, Box<dyn Error>> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    // utime and stime are the 14th and 15th fields, in hundredths; the name before the bracket was the second.
    let ticks: u64 = fields.get(11).ok_or("short /proc/self/stat")?.parse::<u64>()? + fields.get(12).ok_or("short")?.parse::<u64>()?;
    Ok(ticks as f64 / 100.0)
}
