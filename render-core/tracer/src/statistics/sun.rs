//! A matt floor under small suns: direct light against an integral in double precision of what the renderer defines as the sky, the bilinear
//! interpolation of its picture.

use super::DEVIATION_MAX;
use crate::{Control, DeviceChoice, LeafRequest, Profile, Renderer, Settings};
use raylance_scene::{Camera, Environment, Material, Scene, Triangle, Vertex};
use std::f64::consts::PI;

const EDGE_PX: u32 = 8;
const LEAVES: u32 = 32;
const LEAF_SAMPLES: u32 = 64;

/// A square sun in a sky of one brightness.
#[derive(Clone, Copy, Debug)]
struct Sun {
    width_px: u32,
    height_px: u32,
    /// First column and row, and edge, in pixels.
    at: (u32, u32, u32),
    radiance: f32,
    sky: f32,
}

impl Sun {
    fn pixel(&self, x: u32, y: u32) -> f32 {
        let (left, top, edge) = self.at;
        let within = |at: u32, first: u32| (first..first + edge).contains(&at);
        if within(x, left) && within(y, top) { self.radiance } else { self.sky }
    }

    fn environment(&self) -> Environment {
        let pixels = (0..self.width_px * self.height_px).map(|i| [self.pixel(i % self.width_px, i / self.width_px); 3]).collect();
        Environment { width_px: self.width_px, height_px: self.height_px, pixels }
    }

    /// Radiance of a white matt floor: ∫ L cos / π. The sky gives its own radiance; the sun what it is brighter, over those half pixels between
    /// whose centres the interpolation is bilinear.
    fn floor_radiance(&self) -> f64 {
        let (left, top, edge) = self.at;
        let (w, h) = (f64::from(self.width_px), f64::from(self.height_px));
        let steps = 8;
        let tent = |x: f64, first: f64, last: f64| (x - (first - 1.0)).min(last + 1.0 - x).clamp(0.0, 1.0);
        let along = |x: f64| tent(x - 0.5, f64::from(left), f64::from(left + edge - 1));
        let down = |y: f64| tent(y - 0.5, f64::from(top), f64::from(top + edge - 1));
        // The midpoint rule on an eighth of a pixel, whose error is a thousandth of a per cent.
        let sum = |first: u32, count: u32, f: &dyn Fn(f64) -> f64| -> f64 {
            (0..count * steps).map(|i| f(f64::from(first) - 1.0 + (f64::from(i) + 0.5) / f64::from(steps)) / f64::from(steps)).sum()
        };
        let turn = sum(left, edge + 2, &along) / w * 2.0 * PI;
        let height = sum(top, edge + 2, &|y| {
            let angle = PI * y / h;
            down(y) * angle.sin() * angle.cos().max(0.0)
        }) / h
            * PI;
        f64::from(self.sky) + f64::from(self.radiance - self.sky) * turn * height / PI
    }
}

fn floor(environment: Environment) -> Scene {
    let corner = |x: f32, z: f32| Vertex { position: [x, 0.0, z], ..Vertex::default() };
    let triangles = [[0, 1, 2], [0, 2, 3]].map(|vertices| Triangle { vertices, material: 0 }).to_vec();
    let (meshes, instances) = Scene::one_mesh(&triangles);
    Scene {
        vertices: vec![corner(-50.0, 50.0), corner(50.0, 50.0), corner(50.0, -50.0), corner(-50.0, -50.0)],
        triangles,
        meshes,
        instances,
        materials: vec![Material { metallic: 0.0, roughness: 1.0, ior: 1.0, ..Material::default() }],
        images: Vec::new(),
        environment: Some(environment),
        camera: Camera::pinhole([0.0, 1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, -1.0], [0.0, -1.0, 0.0], 0.01),
        lights: Vec::new(),
    }
}

/// Mean radiance of the floor and its standard error.
fn rendered(sun: &Sun) -> (f64, f64) {
    let mut renderer = Renderer::new(&floor(sun.environment()), &DeviceChoice::Cpu, Profile::Exact, 0).unwrap();
    let mut means = Vec::new();
    // Leaves of different seeds are independent of each other, those of one pixel are not.
    for seed in 0..LEAVES {
        let settings = Settings { width_px: EDGE_PX, height_px: EDGE_PX, depth_max: 2, seed: 1000 + seed };
        let requests: Vec<LeafRequest> = (0..EDGE_PX * EDGE_PX)
            .map(|i| LeafRequest { x_px: i % EDGE_PX, y_px: i / EDGE_PX, first_sample: 0, samples: LEAF_SAMPLES })
            .collect();
        let sums = renderer.render(&settings, &requests, &Control::default()).unwrap();
        means.push(sums.iter().map(|sum| f64::from(sum[1])).sum::<f64>() / f64::from(EDGE_PX * EDGE_PX * LEAF_SAMPLES));
    }
    let n = means.len() as f64;
    let mean = means.iter().sum::<f64>() / n;
    let variance = means.iter().map(|m| (m - mean).powi(2)).sum::<f64>() / (n - 1.0);
    (mean, (variance / n).sqrt())
}

#[test]
fn regression_a_small_sun_lights_the_floor_by_its_integral() {
    let sun = |width_px, at, radiance, sky| Sun { width_px, height_px: width_px / 2, at, radiance, sky };
    let suns = [
        sun(64, (20, 6, 3), 500.0, 0.5),
        sun(1024, (300, 20, 3), 1.0e5, 0.3),
        sun(1024, (512, 100, 3), 1.0e5, 0.0),
        sun(1024, (511, 100, 1), 1.0e6, 0.3),
        sun(1024, (700, 170, 3), 1.0e5, 0.3),
        sun(1024, (0, 240, 3), 1.0e5, 0.3),
        sun(1024, (900, 150, 9), 1.0e3, 1.0),
        sun(1000, (10, 150, 3), 1.0e5, 0.3),
        sun(2048, (300, 200, 3), 1.0e5, 0.3),
        sun(2048, (1500, 400, 1), 1.0e6, 0.1),
    ];
    let mut faults = Vec::new();
    for sun in suns {
        let (expected, (mean, error)) = (sun.floor_radiance(), rendered(&sun));
        let line = format!("{sun:?}: {mean:.5} ± {error:.5} where {expected:.5} is expected, ratio {:.5}", mean / expected);
        println!("{line}");
        // The standard error comes from 32 leaves and a rounding of a thousandth is allowed beside it.
        if (mean - expected).abs() > DEVIATION_MAX * error + 1e-3 * expected || error > 5e-3 * expected {
            faults.push(line);
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
