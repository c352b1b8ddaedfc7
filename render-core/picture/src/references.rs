//! Tests: pictures of public scenes against references by Blender Cycles, where the folder with both lies beside the checkout.
//!
//! Few samples, so only the mean is compared; what is measured with many samples stands in `docs/measurements`.

use crate::{Picture, View};
use raylance_scene::import::{CameraChoice, ImportOptions, import};
use raylance_tracer::{Control, DeviceChoice, LeafRequest, Profile, Renderer, Settings};
use serde::Deserialize;
use std::path::{Path, PathBuf};

/// Samples per pixel.
const SAMPLES: u32 = 2;

/// One entry of `scenes.json`.
#[derive(Deserialize)]
struct Reference {
    name: String,
    scene: PathBuf,
    look_from: [f32; 3],
    look_at: [f32; 3],
    fov_y_deg: f32,
    width: u32,
    height: u32,
    max_depth: u32,
    env: Option<PathBuf>,
    env_strength: Option<f32>,
}

fn luminance(pixel: &[f32; 3]) -> f64 {
    0.2126 * f64::from(pixel[0]) + 0.7152 * f64::from(pixel[1]) + 0.0722 * f64::from(pixel[2])
}

fn mean_ratio(folder: &Path, reference: &Reference) -> f64 {
    let options = ImportOptions {
        environment: reference.env.as_ref().map(|path| folder.join(path)),
        env_strength: reference.env_strength.unwrap_or(1.0),
        camera: CameraChoice::Look { from: reference.look_from, at: reference.look_at, fov_y_deg: reference.fov_y_deg },
        ..ImportOptions::default()
    };
    let scene = import(&folder.join(&reference.scene), &options).unwrap().scene;
    let mut renderer = Renderer::new(&scene, &DeviceChoice::Cpu, Profile::Exact, 0).unwrap();
    let (width_px, height_px) = (reference.width, reference.height);
    let settings = Settings { width_px, height_px, depth_max: reference.max_depth, seed: 1 };
    let request = |i| LeafRequest { x_px: i % width_px, y_px: i / width_px, first_sample: 0, samples: SAMPLES };
    let requests: Vec<LeafRequest> = (0..width_px * height_px).map(request).collect();
    let sums = renderer.render(&settings, &requests, &Control::default()).unwrap();
    let picture = Picture::read_exr(&folder.join(&reference.name).join("reference.exr"), 4096).unwrap();
    assert_eq!(picture.pixels.len(), sums.len());
    let total = |pixels: &[[f32; 3]]| pixels.iter().map(luminance).sum::<f64>();
    total(&sums) / f64::from(SAMPLES) / total(&picture.pixels)
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/scenes")
}

#[test]
fn public_scenes_are_as_bright_as_cycles_shows_them() {
    let folder = folder();
    let Ok(text) = std::fs::read_to_string(folder.join("scenes.json")) else {
        println!("no reference pictures at {}: nothing is compared", folder.display());
        return;
    };
    let references: Vec<Reference> = serde_json::from_str(&text).unwrap();
    for reference in &references {
        let ratio = mean_ratio(&folder, reference);
        println!("{}: {ratio:.4}", reference.name);
        assert!((0.97..1.03).contains(&ratio), "{}: mean ratio {ratio:.4}", reference.name);
    }
}

#[test]
fn agx_looks_like_blenders_on_the_public_references() {
    for name in ["cornell", "helmet", "chair", "bunny"] {
        let [exr, png] = ["reference.exr", "reference.png"].map(|file| folder().join(name).join(file));
        if !exr.exists() || !png.exists() {
            println!("not checked: {} is not at hand", exr.display());
            continue;
        }
        let ours = Picture::read_exr(&exr, 4096).unwrap().to_srgb8(View::default());
        let theirs = image::open(png).unwrap().into_rgb8().into_raw();
        assert_eq!(ours.len(), theirs.len());
        let sum: u64 = ours.iter().zip(&theirs).map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
        let mean = sum as f64 / ours.len() as f64;
        println!("{name}: {mean:.2} of 255 apart");
        assert!(mean < 4.5, "{name}: {mean}");
    }
}
