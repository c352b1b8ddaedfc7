//! How long it takes from a glTF file to a CPU renderer that is ready: `load_times FILE` prints one JSON object.
//!
//! Wall times; each thing is done three times and the fastest counts, as anything else on the machine only adds.

use raylance_render_core::scene::import::{ImportOptions, import};
use raylance_render_core::{DeviceChoice, Profile, Renderer, timing};
use std::error::Error;
use std::path::PathBuf;
use std::time::Instant;

const ROUNDS: usize = 3;

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args_os().nth(1).map(PathBuf::from).ok_or("usage: load_times FILE")?;
    let [mut import_s, mut renderer_s, mut tree_s, mut buffers_s] = [f64::INFINITY; 4];
    let mut triangles = 0;
    for _ in 0..ROUNDS {
        let began = Instant::now();
        let scene = import(&path, &ImportOptions::default())?.scene;
        import_s = import_s.min(began.elapsed().as_secs_f64());
        let began = Instant::now();
        Renderer::new(&scene, &DeviceChoice::Cpu, Profile::Exact, 0)?;
        renderer_s = renderer_s.min(began.elapsed().as_secs_f64());
        let times = timing::load(&scene);
        tree_s = tree_s.min(times.tree.as_secs_f64());
        buffers_s = buffers_s.min(times.buffers.as_secs_f64());
        triangles = scene.triangles.len();
    }
    let line = serde_json::json!({
        "triangles": triangles,
        "import_s": import_s,
        "renderer_s": renderer_s,
        "total_s": import_s + renderer_s,
        "tree_s": tree_s,
        "buffers_s": buffers_s,
        "tree_mtriangles_per_s": triangles as f64 / 1e6 / tree_s,
    });
    println!("{line}");
    Ok(())
}
