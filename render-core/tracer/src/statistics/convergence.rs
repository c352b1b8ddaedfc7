//! How fast noise falls: at least with the root of the number of samples, and faster than by plain chance.

use crate::{Control, DeviceChoice, LeafRequest, Profile, Renderer, Settings};
use raylance_scene::{Camera, Environment, Material, Scene, Triangle, Vertex};

const EDGE_PX: u32 = 24;

/// A glossy floor under a large lamp and a soft sky, which a picture sees at a slant.
fn scene() -> Scene {
    let corner = |position| Vertex { position, ..Vertex::default() };
    let floor = [[-9.0, 0.0, 9.0], [9.0, 0.0, 9.0], [9.0, 0.0, -9.0], [-9.0, 0.0, -9.0]];
    let lamp = [[-1.0, 2.0, -2.0], [1.0, 2.0, -2.0], [1.0, 2.0, -4.0], [-1.0, 2.0, -4.0]];
    let triangle = |vertices, material| Triangle { vertices, material };
    let triangles = vec![triangle([0, 1, 2], 0), triangle([0, 2, 3], 0), triangle([4, 5, 6], 1), triangle([4, 6, 7], 1)];
    let (meshes, instances) = Scene::one_mesh(&triangles);
    let (s, c) = (0.316_227_76, 0.948_683_3);
    let gradient = (0..32).map(|i| [0.1 * (1 + i / 8) as f32; 3]).collect();
    Scene {
        vertices: floor.into_iter().chain(lamp).map(corner).collect(),
        triangles,
        meshes,
        instances,
        materials: vec![
            Material { metallic: 0.0, roughness: 0.6, base_color: [0.7, 0.6, 0.5, 1.0], ..Material::default() },
            Material { emissive: [5.0; 3], metallic: 0.0, ..Material::default() },
        ],
        images: Vec::new(),
        environment: Some(Environment { width_px: 8, height_px: 4, pixels: gradient }),
        camera: Camera::pinhole([0.0, 1.0, 2.0], [1.0, 0.0, 0.0], [0.0, c, -s], [0.0, -s, -c], 0.4),
        lights: Vec::new(),
    }
}

fn requests(samples: u32) -> Vec<LeafRequest> {
    (0..EDGE_PX * EDGE_PX).map(|i| LeafRequest { x_px: i % EDGE_PX, y_px: i / EDGE_PX, first_sample: 0, samples }).collect()
}

struct Renders {
    renderer: Renderer,
    depth_max: u32,
}

impl Renders {
    /// Green sums of one seed.
    fn sums(&mut self, seed: u32, samples: u32) -> Vec<f64> {
        let settings = Settings { width_px: EDGE_PX, height_px: EDGE_PX, depth_max: self.depth_max, seed };
        let sums = self.renderer.render(&settings, &requests(samples), &Control::default()).unwrap();
        sums.iter().map(|sum| f64::from(sum[1])).collect()
    }

    /// Mean square of the difference between two pictures of `samples`, which `each` sums from a seed: twice the variance.
    fn variance(&mut self, samples: u32, mut picture: impl FnMut(&mut Self, u32) -> Vec<f64>) -> f64 {
        let (a, b) = (picture(self, 1 << 20), picture(self, 1 << 21));
        let n = f64::from(samples);
        a.iter().zip(&b).map(|(a, b)| ((a - b) / n).powi(2)).sum::<f64>() / (2.0 * a.len() as f64)
    }

    fn ours(&mut self, samples: u32) -> f64 {
        self.variance(samples, |renders, seed| renders.sums(seed, samples))
    }

    /// Each sample of a seed of its own: independent of all others.
    fn plain(&mut self, samples: u32) -> f64 {
        self.variance(samples, |renders, first| {
            let mut total = vec![0.0; (EDGE_PX * EDGE_PX) as usize];
            for seed in 0..samples {
                for (total, sum) in total.iter_mut().zip(renders.sums(first + seed, 1)) {
                    *total += sum;
                }
            }
            total
        })
    }
}

#[test]
fn noise_falls_faster_than_by_plain_chance() {
    for (depth_max, gain) in [(2, 2.0), (5, 1.3)] {
        let mut renders = Renders { renderer: Renderer::new(&scene(), &DeviceChoice::Cpu, Profile::Exact, 0).unwrap(), depth_max };
        let ours: Vec<f64> = [4, 16, 64, 256].map(|samples| renders.ours(samples)).to_vec();
        let plain = renders.plain(64);
        println!("depth {depth_max}: variances {ours:?}, plain at 64 {plain}");
        // Four times the samples give at most a quarter of the variance, with a tenth for the estimate of it.
        for pair in ours.windows(2) {
            assert!(pair[1] < 0.25 * 1.1 * pair[0], "depth {depth_max}: {ours:?}");
        }
        assert!(plain > gain * ours[2], "depth {depth_max}: {} against {plain} by plain chance", ours[2]);
    }
}
