//! What the largest promised scene needs: `heavy [UNIQUE_MILLIONS INSTANCED_MILLIONS]` makes unique and instanced triangles, renders a small
//! picture on the CPU and prints times and peak memory as one JSON object.

use raylance_scene::{Camera, Instance, LightKind, Material, Mesh, PunctualLight, Scene, Triangle, Vertex};
use raylance_tracer::{Control, DeviceChoice, LeafRequest, Profile, Renderer, Settings, timing};
use std::error::Error;
use std::time::Instant;

/// Triangles of the mesh that is repeated.
const TUFT_EDGE: u32 = 50;

fn main() -> Result<(), Box<dyn Error>> {
    let millions: Vec<f64> = std::env::args().skip(1).map(|text| text.parse()).collect::<Result<_, _>>()?;
    let (unique, instanced) = (millions.first().copied().unwrap_or(4.0), millions.get(1).copied().unwrap_or(10.0));
    let scene = field(unique * 1e6, instanced * 1e6);
    scene.check()?;
    let made = peak_mib()?;
    let began = Instant::now();
    let times = timing::load(&scene);
    let loaded_s = began.elapsed().as_secs_f64();
    let began = Instant::now();
    let mut renderer = Renderer::new(&scene, &DeviceChoice::Cpu, Profile::Exact, 0)?;
    let renderer_s = began.elapsed().as_secs_f64();
    let settings = Settings { width_px: 128, height_px: 128, depth_max: 4, seed: 1 };
    let request = |i: u32| LeafRequest { x_px: i % 128, y_px: i / 128, first_sample: 0, samples: 4 };
    let requests: Vec<LeafRequest> = (0..128 * 128).map(request).collect();
    let began = Instant::now();
    let sums = renderer.render(&settings, &requests, &Control::default())?;
    let line = serde_json::json!({
        "unique_triangles": scene.triangles.len(),
        "instances": scene.instances.len(),
        "tree_s": times.tree.as_secs_f64(),
        "tree_mtriangles_per_s": scene.triangles.len() as f64 / 1e6 / times.tree.as_secs_f64(),
        "trees_and_buffers_s": loaded_s,
        "renderer_s": renderer_s,
        "render_s": began.elapsed().as_secs_f64(),
        "path_tests": renderer.most_tests(&Settings { depth_max: 64, ..settings }, &requests, u64::MAX),
        "lit_pixels": sums.iter().filter(|sum| sum[1] > 0.0).count(),
        "peak_mib_of_the_scene": made,
        "peak_mib": peak_mib()?,
    });
    println!("{line}");
    Ok(())
}

/// A wavy field, and bumpy tufts standing all over it.
fn field(unique: f64, instanced: f64) -> Scene {
    let (mut vertices, mut triangles) = (Vec::new(), Vec::new());
    let edge = (unique / 2.0).sqrt() as u32;
    let meshes = [(edge, 100.0f32), (TUFT_EDGE, 0.4)].map(|(edge, size)| {
        let first = triangles.len() as u32;
        sheet(edge, size, &mut vertices, &mut triangles);
        Mesh { first, count: triangles.len() as u32 - first }
    });
    let mut instances = vec![Instance { mesh: 0, to_world: Instance::IDENTITY }];
    let count = (instanced / f64::from(meshes[1].count)) as u32;
    let row = f64::from(count).sqrt().ceil() as u32;
    for i in 0..count {
        let (x, z) = ((i % row) as f32 / row as f32 * 100.0 - 50.0, (i / row) as f32 / row as f32 * 100.0 - 50.0);
        let (sine, cosine) = (i as f32).sin_cos();
        instances.push(Instance { mesh: 1, to_world: [cosine, 0.0, sine, x, 0.0, 1.5, 0.0, 1.2, -sine, 0.0, cosine, z] });
    }
    Scene {
        vertices,
        triangles,
        meshes: meshes.to_vec(),
        instances,
        materials: vec![Material { metallic: 0.0, ..Material::default() }],
        images: Vec::new(),
        environment: None,
        camera: Camera::pinhole([0.0, 6.0, 60.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, -1.0], 0.5),
        lights: vec![PunctualLight { kind: LightKind::Directional { direction: [0.6, -0.8, 0.0] }, emission: [3.0; 3] }],
    }
}

/// A square of 2·edge² triangles, `size` metres wide.
fn sheet(edge: u32, size: f32, vertices: &mut Vec<Vertex>, triangles: &mut Vec<Triangle>) {
    let base = vertices.len() as u32;
    for i in 0..(edge + 1) * (edge + 1) {
        let (x, z) = ((i % (edge + 1)) as f32 / edge as f32 - 0.5, (i / (edge + 1)) as f32 / edge as f32 - 0.5);
        let y = ((x * 60.0).sin() + (z * 47.0).cos() + (x * 911.0).sin() * 0.2) * 0.004;
        vertices.push(Vertex { position: [x * size, y * size, z * size], ..Vertex::default() });
    }
    for i in 0..edge * edge {
        let corner = base + i % edge + i / edge * (edge + 1);
        let [a, b, c, d] = [corner, corner + 1, corner + edge + 1, corner + edge + 2];
        triangles.extend([[a, c, b], [b, c, d]].map(|vertices| Triangle { vertices, material: 0 }));
    }
}

/// Most memory that this process ever held, by Linux's own account.
fn peak_mib() -> Result<u64, Box<dyn Error>> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find(|line| line.starts_with("VmHWM")).ok_or("no VmHWM")?;
    Ok(line.split_whitespace().nth(1).ok_or("no number")?.parse::<u64>()? / 1024)
}
