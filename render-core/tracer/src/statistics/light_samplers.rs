//! Light sampling: each light is chosen as often as its density says, points on it are spread evenly, and what is not chosen is made up for.

use super::histogram::Histogram;
use super::{Chance, DEVIATION_MAX, chi_square_deviation};
use crate::cpu::Probe;
use crate::cpu::generated::{LightSample, environment_sample, environment_towards, light_sample, luminance, punctual_at, punctual_sample};
use crate::cpu::runtime::{V2, V3};
use raylance_scene::{Camera, Environment, Instance, LightKind, Material, Mesh, PunctualLight, Scene, Triangle, Vertex};
use std::f64::consts::{PI, TAU};

/// A floor, and nothing that shines.
fn dark() -> Scene {
    let corner = |x: f32, z: f32| Vertex { position: [x, 0.0, z], ..Vertex::default() };
    let triangles = vec![Triangle { vertices: [0, 1, 2], material: 0 }];
    let (meshes, instances) = Scene::one_mesh(&triangles);
    Scene {
        vertices: vec![corner(-9.0, 9.0), corner(9.0, 9.0), corner(0.0, -9.0)],
        triangles,
        meshes,
        instances,
        materials: vec![Material::default()],
        images: Vec::new(),
        environment: None,
        camera: Camera::pinhole([0.0, 5.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, -1.0], [0.0, -1.0, 0.0], 0.5),
        lights: Vec::new(),
    }
}

// ---- environment -------------------------------------------------------------------------------------------------------

/// A noisy sky with a square sun of `edge` pixels whose first pixel is at (x, y).
fn sky(width_px: u32, height_px: u32, sun: (u32, u32, u32), radiance: f32) -> Environment {
    let mut chance = Chance(4);
    let (left, top, edge) = sun;
    let within = |at: u32, first: u32| (first..first + edge).contains(&at);
    let pixel = |i: u32| if within(i % width_px, left) && within(i / width_px, top) { radiance } else { chance.next() };
    Environment { width_px, height_px, pixels: (0..width_px * height_px).map(pixel).map(|v| [v, v, 0.5 * v]).collect() }
}

fn under(environment: Environment) -> Probe {
    Probe::new(&Scene { environment: Some(environment), ..dark() })
}

/// The environment's pole is y, the histogram's z.
fn poles_swapped(d: V3<f32>) -> V3<f32> {
    V3::new(d.x, d.z, d.y)
}

fn draw(chance: &mut Chance) -> (f32, V2<f32>) {
    (chance.next(), V2::new(chance.next(), chance.next()))
}

#[test]
fn sky_directions_have_the_density_that_evaluation_states() {
    let skies = [
        sky(16, 8, (0, 0, 0), 0.0),
        sky(32, 16, (5, 2, 1), 50.0),
        sky(64, 32, (20, 6, 3), 3000.0),
        sky(64, 32, (62, 0, 3), 100.0),
        sky(2, 1, (0, 0, 1), 3.0),
    ];
    for (number, environment) in skies.into_iter().enumerate() {
        let probe = under(environment);
        let cx = probe.context();
        let mut histogram = Histogram::new(|d| f64::from(environment_towards(&cx, poles_swapped(d)).pdf), 1.0 / 256.0);
        assert!((histogram.total() - 1.0).abs() < 2e-3, "sky {number}: integral {}", histogram.total());
        let mut chance = Chance(8);
        for _ in 0..1 << 17 {
            let (coin, random) = draw(&mut chance);
            let l = environment_sample(&cx, coin, random);
            histogram.add((l.pdf > 0.0).then_some(poles_swapped(l.direction)));
        }
        let deviation = histogram.deviation();
        assert!(deviation.abs() < DEVIATION_MAX, "sky {number}: deviation {deviation}");
    }
}

#[test]
fn a_sampled_sky_direction_looks_as_it_does_to_a_ray() {
    for environment in [sky(64, 32, (20, 6, 3), 3000.0), sky(1024, 512, (300, 100, 3), 1.0e5)] {
        let probe = under(environment);
        let cx = probe.context();
        let mut chance = Chance(2);
        let mut differing = 0;
        for _ in 0..20_000 {
            let (coin, random) = draw(&mut chance);
            let sampled = environment_sample(&cx, coin, random);
            let seen = environment_towards(&cx, sampled.direction);
            let near = |a: f32, b: f32| (a - b).abs() < 2e-3 * a.abs().max(b.abs());
            differing += usize::from(!near(sampled.pdf, seen.pdf) || !near(sampled.radiance.x, seen.radiance.x));
        }
        // At a pixel's edge rounding may see the neighbour; on the steepest slope of the sun a rounding of the direction shows.
        assert!(differing < 100, "{differing} of 20,000");
    }
}

/// A pixel's chance as [`environment_sample`] describes it, over all of a large picture, and where inside the pixel the points lie.
#[test]
fn every_pixel_of_a_large_sky_is_met_by_its_chance_all_over() {
    for (width, height, sun, radiance) in
        [(1024, 512, (300, 100, 3), 1.0e5), (1000, 500, (999, 60, 1), 2.0e5), (2048, 1024, (1500, 400, 3), 1.0e6)]
    {
        let environment = sky(width, height, sun, radiance);
        let light: Vec<f64> = environment.pixels.iter().map(|p| f64::from(luminance(V3::new(p[0], p[1], p[2])))).collect();
        let probe = under(environment);
        let cx = probe.context();
        let (w, h) = (width as usize, height as usize);
        let weight = |x: usize, y: usize| {
            let mut mean = 0.0;
            for (dy, ky) in [(h - 1, 0.125), (h, 0.75), (h + 1, 0.125)] {
                for (dx, kx) in [(w - 1, 0.125), (w, 0.75), (w + 1, 0.125)] {
                    let row = (y + dy).clamp(h, 2 * h - 1) - h;
                    mean += kx * ky * light[row * w + (x + dx) % w];
                }
            }
            mean * (PI * (y as f64 + 0.5) / h as f64).sin()
        };
        let weights: Vec<f64> = (0..w * h).map(|i| weight(i % w, i / w)).collect();
        let total: f64 = weights.iter().sum();
        let samples = 1 << 19;
        let mut counts = vec![0.0; w * h];
        let mut inside = [0.0; 64];
        let mut chance = Chance(6);
        for _ in 0..samples {
            let (coin, random) = draw(&mut chance);
            let d = environment_sample(&cx, coin, random).direction;
            let x = (f64::from(d.z).atan2(f64::from(d.x)) / TAU + 0.5).rem_euclid(1.0) * w as f64;
            let y = f64::from(d.y).clamp(-1.0, 1.0).acos() / PI * h as f64;
            let (px, py) = ((x as usize).min(w - 1), (y as usize).min(h - 1));
            counts[py * w + px] += 1.0;
            inside[(x.fract() * 8.0) as usize + 8 * (y.fract() * 8.0) as usize] += 1.0;
        }
        let scale = f64::from(samples) / total;
        let bright: Vec<(f64, f64)> =
            counts.iter().zip(&weights).filter(|(_, w)| *w * scale >= 5.0).map(|(count, weight)| (*count, weight * scale)).collect();
        let met = (
            counts.iter().sum::<f64>() - bright.iter().map(|(count, _)| count).sum::<f64>(),
            f64::from(samples) - bright.iter().map(|(_, e)| e).sum::<f64>(),
        );
        let by_row = counts.chunks(w).zip(weights.chunks(w)).map(|(c, w)| (c.iter().sum(), w.iter().sum::<f64>() * scale));
        for (what, deviation) in [
            ("pixels", chi_square_deviation(bright.iter().copied().chain([met]))),
            ("rows", chi_square_deviation(by_row)),
            ("places inside", chi_square_deviation(inside.map(|count| (count, f64::from(samples) / 64.0)))),
        ] {
            assert!(deviation.abs() < DEVIATION_MAX, "{width}×{height}, {what}: deviation {deviation}");
        }
    }
}

// ---- emissive triangles ----------------------------------------------------------------------------------------------

/// Lamps above a floor: three meshes of one or two triangles, one of them standing thrice, stretched and turned.
fn lamps() -> Scene {
    let mut scene = dark();
    let mut mesh = |corners: &[[f32; 3]], material: u32| {
        let first = scene.triangles.len() as u32;
        for three in corners.chunks_exact(3) {
            let at = scene.vertices.len() as u32;
            scene.vertices.extend(three.iter().map(|p| Vertex { position: *p, ..Vertex::default() }));
            scene.triangles.push(Triangle { vertices: [at, at + 1, at + 2], material });
        }
        scene.meshes.push(Mesh { first, count: corners.len() as u32 / 3 });
    };
    mesh(&[[0.0, 0.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]], 1);
    mesh(&[[0.0, 0.0, 0.0], [0.3, 0.0, 0.0], [0.0, 0.2, 0.5], [0.3, 0.0, 0.0], [0.4, 0.3, 0.5], [0.0, 0.2, 0.5]], 2);
    let place = |mesh, m: [f32; 12]| Instance { mesh, to_world: m };
    scene.instances.extend([
        place(1, [1.0, 0.0, 0.0, -6.0, 0.0, 1.0, 0.0, 3.0, 0.0, 0.0, 1.0, 0.0]),
        place(2, [1.0, 0.0, 0.0, -3.0, 0.0, 1.0, 0.0, 2.0, 0.0, 0.0, 1.0, 1.0]),
        place(2, [2.0, 0.0, 0.0, 0.0, 0.0, 0.5, 0.0, 2.0, 0.0, 0.0, 3.0, -1.0]),
        place(2, [0.0, 0.0, 1.0, 3.0, 0.0, 1.0, 0.0, 4.0, -1.0, 0.0, 0.0, 0.0]),
    ]);
    let lamp = |emissive| Material { emissive, ..Material::default() };
    scene.materials.extend([lamp([4.0, 2.0, 1.0]), lamp([9.0, 9.0, 30.0])]);
    scene
}

fn moved(m: &[f32; 12], p: [f32; 3]) -> [f64; 3] {
    let [m, p] = [m.to_vec(), p.to_vec()].map(|list| list.into_iter().map(f64::from).collect::<Vec<_>>());
    [0, 4, 8].map(|row| m[row] * p[0] + m[row + 1] * p[1] + m[row + 2] * p[2] + m[row + 3])
}

fn minus(a: [f64; 3], b: [f64; 3]) -> [f64; 3] {
    std::array::from_fn(|i| a[i] - b[i])
}

fn dot(a: [f64; 3], b: [f64; 3]) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

fn cross(a: [f64; 3], b: [f64; 3]) -> [f64; 3] {
    [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
}

/// One emissive triangle in the world.
struct Glow {
    corners: [[f64; 3]; 3],
    normal: [f64; 3],
    area: f64,
    luminance: f64,
}

fn glows(scene: &Scene) -> Vec<Glow> {
    let mut list = Vec::new();
    for instance in &scene.instances {
        let mesh = scene.meshes[instance.mesh as usize];
        for triangle in &scene.triangles[mesh.first as usize..(mesh.first + mesh.count) as usize] {
            let [r, g, b] = scene.materials[triangle.material as usize].emissive;
            let corners = triangle.vertices.map(|v| moved(&instance.to_world, scene.vertices[v as usize].position));
            let n = cross(minus(corners[1], corners[0]), minus(corners[2], corners[0]));
            let length = dot(n, n).sqrt();
            if r > 0.0 {
                let luminance = f64::from(luminance(V3::new(r, g, b)));
                list.push(Glow { corners, normal: n.map(|x| x / length), area: 0.5 * length, luminance });
            }
        }
    }
    list
}

impl Glow {
    /// Barycentric weights of corners 1 and 2 where a ray meets the triangle's plane, and the squared distance.
    fn meets(&self, from: [f64; 3], d: [f64; 3]) -> (f64, f64, f64) {
        let t = dot(minus(self.corners[0], from), self.normal) / dot(d, self.normal);
        let p = minus(std::array::from_fn(|i| from[i] + t * d[i]), self.corners[0]);
        let (e, f) = (minus(self.corners[1], self.corners[0]), minus(self.corners[2], self.corners[0]));
        let u = dot(cross(p, f), self.normal) / (2.0 * self.area);
        let v = dot(cross(e, p), self.normal) / (2.0 * self.area);
        (u, v, t * t)
    }
}

#[test]
fn lamps_are_chosen_by_their_power_and_covered_evenly() {
    let scene = lamps();
    let glows = glows(&scene);
    assert_eq!(glows.len(), 7);
    let total: f64 = glows.iter().map(|g| g.area * g.luminance).sum();
    let probe = Probe::new(&scene);
    let cx = probe.context();
    let from = [0.3, 0.2, -0.4f32];
    let from64 = from.map(f64::from);
    let samples = 1 << 17;
    let mut counts = vec![0.0; glows.len() * 16];
    let mut chance = Chance(14);
    for _ in 0..samples {
        let (pick, (coin, random)) = (chance.next(), draw(&mut chance));
        let l: LightSample = light_sample(&cx, V3::new(from[0], from[1], from[2]), pick, coin, random);
        let d = [l.direction.x, l.direction.y, l.direction.z].map(f64::from);
        // The lamp that lies at the sample's distance.
        let distance = f64::from(l.distance) / 0.9999;
        let off = |g: &Glow| {
            let (u, v, t2) = g.meets(from64, d);
            let outside = (-u).max(-v).max(u + v - 1.0).max(0.0);
            outside + (t2.sqrt() - distance).abs()
        };
        let nearest = (0..glows.len()).min_by(|a, b| off(&glows[*a]).total_cmp(&off(&glows[*b]))).unwrap();
        let glow = &glows[nearest];
        let (u, v, t2) = glow.meets(from64, d);
        let pdf = glow.luminance / total * t2 / dot(glow.normal, d).abs();
        assert!((f64::from(l.pdf) / pdf - 1.0).abs() < 2e-3, "density {} where {pdf} is expected", l.pdf);
        // Sixteen parts of equal area: s = u + v has density 2s, and u / s is uniform.
        let s = (u + v).clamp(0.0, 0.999_999);
        let along = (u / s.max(1e-9)).clamp(0.0, 0.999_999);
        counts[nearest * 16 + (s * s * 4.0) as usize * 4 + (along * 4.0) as usize] += 1.0;
    }
    let expected = |i: usize| f64::from(samples) * glows[i / 16].area * glows[i / 16].luminance / total / 16.0;
    let deviation = chi_square_deviation(counts.iter().enumerate().map(|(i, count)| (*count, expected(i))));
    assert!(deviation.abs() < DEVIATION_MAX, "deviation {deviation}");
}

// ---- punctual lights ---------------------------------------------------------------------------------------------------

fn punctual(count: usize) -> Scene {
    let mut chance = Chance(31);
    let mut light = |i: usize| {
        let position = [chance.between(-4.0, 4.0), chance.between(1.0, 4.0), chance.between(-4.0, 4.0)];
        let kind = match i % 3 {
            0 => LightKind::Point { position },
            1 => LightKind::Spot { position, direction: [0.0, -1.0, 0.0], cos_inner: 0.9, cos_outer: 0.3 },
            _ => LightKind::Directional { direction: [0.6, -0.8, 0.0] },
        };
        PunctualLight { kind, emission: [chance.next(), chance.next(), 0.01 * (i + 1) as f32] }
    };
    Scene { lights: (0..count).map(&mut light).collect(), ..dark() }
}

/// On the mean over all choices each light gives its own light: nothing is lost or counted twice, however many there are.
#[test]
fn choosing_one_of_many_punctual_lights_keeps_their_sum() {
    for count in [1, 2, 7, 16, 17, 40] {
        let scene = punctual(count);
        let probe = Probe::new(&scene);
        let cx = probe.context();
        let from = V3::new(0.5, 0.0, 0.5);
        let steps = 1 << 16;
        let mut sum = [0.0f64; 3];
        for i in 0..steps {
            let l = punctual_sample(&cx, from, (i as f32 + 0.5) / steps as f32);
            for (sum, value) in sum.iter_mut().zip([l.radiance.x, l.radiance.y, l.radiance.z]) {
                *sum += f64::from(value) / f64::from(steps);
            }
        }
        let mut expected = [0.0f64; 3];
        for index in 0..count as u32 {
            let l = punctual_at(&cx, index, from);
            for (sum, value) in expected.iter_mut().zip([l.radiance.x, l.radiance.y, l.radiance.z]) {
                *sum += f64::from(value);
            }
        }
        for (sum, expected) in sum.iter().zip(expected) {
            assert!((sum / expected - 1.0).abs() < 3e-3, "{count} lights: {sum} where {expected} is expected");
        }
    }
}

/// Each kind of light is met as often as [`kind_probability`](crate::cpu::generated::kind_probability) says, and made up for.
#[test]
fn all_kinds_of_light_together_keep_their_sum() {
    let scene = Scene { environment: Some(sky(16, 8, (3, 2, 1), 20.0)), lights: punctual(5).lights, ..lamps() };
    let probe = Probe::new(&scene);
    let cx = probe.context();
    let from = V3::new(0.3, 0.2, -0.4);
    let samples = 1 << 18;
    let mut chance = Chance(77);
    let mut kinds = [0.0f64; 3];
    let (mut points, mut point_squares) = (0.0, 0.0);
    for _ in 0..samples {
        let (pick, (coin, random)) = (chance.next(), draw(&mut chance));
        let l = light_sample(&cx, from, pick, coin, random);
        let kind = usize::from(l.pdf <= 0.0) * 2 + usize::from(l.pdf > 0.0 && l.distance < 1e29);
        kinds[kind] += 1.0;
        if kind == 2 {
            points += f64::from(l.radiance.y);
            point_squares += f64::from(l.radiance.y).powi(2);
        }
    }
    let n = f64::from(samples);
    let deviation = chi_square_deviation(kinds.map(|count| (count, n / 3.0)));
    assert!(deviation.abs() < DEVIATION_MAX, "{kinds:?}");
    let expected: f64 = (0..5).map(|i| f64::from(punctual_at(&cx, i, from).radiance.y)).sum();
    let error = ((point_squares / n - (points / n).powi(2)) / n).sqrt();
    assert!((points / n - expected).abs() < DEVIATION_MAX * error, "{} ± {error} where {expected} is expected", points / n);
}
