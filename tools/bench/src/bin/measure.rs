//! Figures that only a program beside the renderer can take, for `make bench-render`. Each prints one JSON object.
//!
//! ```text
//! measure load SCENE                                             wall times from a glTF file to a CPU renderer that is ready
//! measure render SCENE DEVICE EDGE DEPTH LOW HIGH RUNS PICTURE   processor time of pairs of renders with LOW and HIGH samples per pixel
//! ```
//!
//! `render` opens the device and compiles its program once for all runs: on a driver that is a program itself that takes longer than
//! rendering. `PICTURE` is a path without ending; run n writes `PICTURE-n.exr`.

use raylance_picture::Picture;
use raylance_scene::{
    Scene,
    import::{ImportOptions, import},
};
use raylance_tracer::{Control, DeviceChoice, LeafRequest, Profile, Renderer, Settings, timing};
use std::error::Error;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::{Duration, Instant};

/// Loading is done so often and the fastest counts, as anything else on the machine only adds.
const LOADS: usize = 3;
/// Most samples of one leaf, as in a job.
const LEAF_SAMPLES: u32 = 16;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let line = match arguments[..] {
        ["load", scene] => load(Path::new(scene))?,
        ["render", scene, device, edge, depth, low, high, runs, picture] => {
            let [width_px, depth_max, low, high, runs] = [edge, depth, low, high, runs].map(str::parse);
            let width_px = width_px?;
            let settings = Settings { width_px, height_px: width_px, depth_max: depth_max?, seed: 0 };
            render(&read(Path::new(scene))?, device, settings, [low?, high?], runs?, picture)?
        }
        _ => return Err("usage: see the first lines of measure.rs".into()),
    };
    println!("{line}");
    Ok(())
}

fn read(path: &Path) -> Result<Scene, Box<dyn Error>> {
    Ok(import(path, &ImportOptions { aspect: 1.0, ..ImportOptions::default() })?.scene)
}

fn load(path: &Path) -> Result<serde_json::Value, Box<dyn Error>> {
    let [mut import_s, mut renderer_s, mut tree_s, mut buffers_s] = [f64::INFINITY; 4];
    let mut triangles = 0;
    for _ in 0..LOADS {
        let began = Instant::now();
        let scene = read(path)?;
        import_s = import_s.min(began.elapsed().as_secs_f64());
        let began = Instant::now();
        Renderer::new(&scene, &DeviceChoice::Cpu, Profile::Exact, 0)?;
        renderer_s = renderer_s.min(began.elapsed().as_secs_f64());
        let times = timing::load(&scene);
        tree_s = tree_s.min(times.tree.as_secs_f64());
        buffers_s = buffers_s.min(times.buffers.as_secs_f64());
        triangles = scene.triangles.len();
    }
    Ok(serde_json::json!({
        "triangles": triangles,
        "import_s": import_s,
        "renderer_s": renderer_s,
        "total_s": import_s + renderer_s,
        "tree_s": tree_s,
        "buffers_s": buffers_s,
        "tree_mtriangles_per_s": triangles as f64 / 1e6 / tree_s,
    }))
}

fn render(
    scene: &Scene,
    device: &str,
    settings: Settings,
    [low, high]: [u32; 2],
    runs: u32,
    picture: &str,
) -> Result<serde_json::Value, Box<dyn Error>> {
    let mut renderer = None;
    let setup = timed(|| {
        let mut made = Renderer::new(scene, &DeviceChoice::from_str(device)?, Profile::Exact, 0)?;
        // Some drivers compile only when work arrives.
        let few: Vec<LeafRequest> = (0..256).map(|x_px| LeafRequest { x_px, y_px: 0, first_sample: 0, samples: 1 }).collect();
        made.render(&settings, &few, &Control::default())?;
        renderer = Some(made);
        Ok(())
    })?;
    let mut renderer = renderer.ok_or("the device was not opened")?;
    let mut pairs = Vec::new();
    for seed in 0..runs {
        let settings = Settings { seed, ..settings };
        let low = timed(|| frame(&mut renderer, &settings, low).map(drop))?;
        let mut film = None;
        let high = timed(|| frame(&mut renderer, &settings, high).map(|frame| film = Some(frame)))?;
        let path = PathBuf::from(format!("{picture}-{seed}.exr"));
        film.ok_or("nothing was rendered")?.write_exr(&path)?;
        pairs.push(serde_json::json!({ "low": low, "high": high, "picture": path }));
    }
    Ok(serde_json::json!({ "version": renderer.device().name, "setup": setup, "runs": pairs }))
}

/// A whole picture in one call.
fn frame(renderer: &mut Renderer, settings: &Settings, spp: u32) -> Result<Picture, Box<dyn Error>> {
    let Settings { width_px, height_px, .. } = *settings;
    let pixels = width_px * height_px;
    let mut requests = Vec::new();
    for first_sample in (0..spp).step_by(LEAF_SAMPLES as usize) {
        let samples = LEAF_SAMPLES.min(spp - first_sample);
        requests.extend((0..pixels).map(|i| LeafRequest { x_px: i % width_px, y_px: i / width_px, first_sample, samples }));
    }
    let sums = renderer.render(settings, &requests, &Control::default())?;
    let mut film = vec![[0.0f32; 3]; pixels as usize];
    for (request, sum) in requests.iter().zip(sums) {
        let pixel = &mut film[(request.y_px * width_px + request.x_px) as usize];
        *pixel = [0, 1, 2].map(|c| pixel[c] + sum[c] / spp as f32);
    }
    Ok(Picture::new(width_px, height_px, film)?)
}

fn timed(work: impl FnOnce() -> Result<(), Box<dyn Error>>) -> Result<serde_json::Value, Box<dyn Error>> {
    let (before, began) = (cpu_time()?, Instant::now());
    work()?;
    let cpu = cpu_time()?.saturating_sub(before);
    Ok(serde_json::json!({ "cpu_s": cpu.as_secs_f64(), "wall_s": began.elapsed().as_secs_f64() }))
}

/// User and system time of all threads of this process.
#[cfg(unix)]
fn cpu_time() -> std::io::Result<Duration> {
    // SAFETY: `rusage` is a C struct of numbers, for which all zeros is a value.
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    // SAFETY: the pointer is to a whole `rusage` that outlives the call.
    if unsafe { libc::getrusage(libc::RUSAGE_SELF, &raw mut usage) } != 0 {
        return Err(std::io::Error::last_os_error());
    }
    let [user, system] = [usage.ru_utime, usage.ru_stime].map(|time| Duration::new(time.tv_sec as u64, time.tv_usec as u32 * 1000));
    Ok(user + system)
}

#[cfg(not(unix))]
fn cpu_time() -> std::io::Result<Duration> {
    Err(std::io::ErrorKind::Unsupported.into())
}
