//! The walks against testing every triangle of every instance, bit for bit.

use super::*;
use crate::conformance;
use crate::cpu::generated::intersect_triangle;
use crate::layout::Buffers;
use raylance_scene::{Instance, Scene};

/// A small linear congruential generator; its upper bits are good enough to scatter rays.
pub struct Chance(u64);

impl Chance {
    /// The stream of a seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// From [0, 1).
    pub fn next(&mut self) -> f32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 40) as f32 / 16_777_216.0
    }

    /// From a cube.
    pub fn vector(&mut self, size: f32) -> V3<f32> {
        V3::new(self.next() - 0.5, self.next() - 0.5, self.next() - 0.5) * (2.0 * size)
    }

    /// From everywhere to everywhere, along axes, within planes, at corners, from very far.
    fn ray(&mut self, triangles: &[V4<u32>]) -> (V3<f32>, V3<f32>) {
        let mut o = self.vector(3.0);
        let mut d = self.vector(1.0);
        match (self.next() * 10.0) as u32 {
            0 => d = V3::new(0.0, -1.0, 0.0),
            1 => d = V3::new(d.x, 0.0, d.z),
            2 => o = self.vector(3.0e4),
            3 => o = self.vector(1.0e7),
            4 => o.y = -1.5,
            _ => {}
        }
        if self.next() < 0.7 {
            let corner = triangles[(self.next() * triangles.len() as f32) as usize];
            d = V3::new(corner.x, corner.y, corner.z).map(f32::from_bits) + self.vector(0.05) - o;
        }
        (o, crate::cpu::generated::normalize3(d))
    }
}

fn laid_out(scene: &Scene) -> (WideTrees, Buffers) {
    let (buffers, trees) = Buffers::for_cpu(scene);
    (WideTrees::new(&trees, scene.instances.iter().map(|instance| instance.mesh), &buffers.triangles), buffers)
}

fn every_triangle(scene: &Scene, geometry: Geometry, o: V3<f32>, d: V3<f32>, t_max: f32) -> Hit {
    let mut hit = Hit { t: t_max, u: 0.0, v: 0.0, triangle: NO_HIT, primitive: NO_HIT, instance: NO_HIT };
    for (number, instance) in scene.instances.iter().enumerate() {
        let words = &geometry.instances[number * 8..number * 8 + 8];
        let mut inside = Inside { ray: ray_towards(o, d), instance: number as u32, entry: 0.0, root: 0 };
        if scene.instances.len() > 1 || !instance.is_identity() {
            let low = V3::new(words[6].z, words[6].w, words[7].x).map(f32::from_bits);
            let high = V3::new(words[7].y, words[7].z, words[7].w).map(f32::from_bits);
            let interval = box_interval(low, high, inside.ray);
            if interval.x > interval.y {
                continue;
            }
            inside.entry = interval.x;
            if !instance.is_identity() {
                let [r0, r1, r2] = [words[0], words[1], words[2]].map(|row| row.map(f32::from_bits));
                inside.ray = instance_ray(r0, r1, r2, inside.ray);
                if !within_reach(inside.ray) {
                    continue;
                }
            }
        }
        let mesh = scene.meshes[instance.mesh as usize];
        for first in mesh.first..mesh.first + mesh.count {
            let [t0, t1, t2] = geometry.corners(first);
            intersect_triangle(t0, t1, t2, first, number as u32, inside.entry, inside.ray, &mut hit);
        }
    }
    hit
}

fn bits(hit: &Hit) -> [u32; 6] {
    [hit.t.to_bits(), hit.u.to_bits(), hit.v.to_bits(), hit.triangle, hit.primitive, hit.instance]
}

/// Walks through a scene by both kinds of arithmetic; returns how many rays hit something.
fn check(scene: &Scene, seed: u64, rays: u32) -> u32 {
    scene.check().unwrap();
    let (mut trees, buffers) = laid_out(scene);
    let instances = &buffers.nodes;
    let triangles: &[V4<u32>] = bytemuck::cast_slice(&buffers.triangles);
    let work = Work::endless();
    let geometry = Geometry { triangles, instances: bytemuck::cast_slice(instances), work: &work };
    let mut chance = Chance(seed);
    let mut hits = 0;
    for number in 0..rays {
        let (o, d) = chance.ray(triangles);
        let t_max = if chance.next() < 0.3 { chance.next() * 4.0 } else { 1e30 };
        let expected = every_triangle(scene, geometry, o, d, t_max);
        hits += u32::from(expected.triangle != NO_HIT);
        for has_avx2 in [has_avx2(), false] {
            trees.has_avx2 = has_avx2;
            let place = format!("seed {seed}, ray {number}, AVX2 {has_avx2}: {o:?} {d:?}");
            assert_eq!(bits(&trees.walk::<false>(geometry, o, d, t_max)), bits(&expected), "{place}");
            assert_eq!(trees.walk::<true>(geometry, o, d, t_max).triangle != NO_HIT, expected.triangle != NO_HIT, "{place}");
        }
    }
    hits
}

#[test]
fn the_nearest_hit_does_not_depend_on_the_trees() {
    for seed in 1..=24 {
        let hits = check(&conformance::scene(seed), seed, 1_500);
        assert!(hits > 300, "seed {seed}: only {hits} rays hit anything");
    }
}

#[test]
fn coinciding_instances_are_told_apart_by_their_numbers() {
    let mut scene = conformance::scene(1);
    let doubled: Vec<Instance> = scene.instances.iter().flat_map(|instance| [*instance; 3]).collect();
    scene.instances = doubled;
    assert!(check(&scene, 5, 1_000) > 200);
}

#[test]
fn extreme_instances_do_not_depend_on_the_trees() {
    let mut scene = conformance::scene(1);
    let instance = *scene.instances.last().unwrap();
    for (i, size) in [1e-11f32, 1e-7, 1e-4, 1e3, 1e6].into_iter().enumerate() {
        let mut to_world = instance.to_world.map(|x| x * size);
        for (axis, shift) in [3, 7, 11].into_iter().zip([0.1, -0.3, 0.2]) {
            to_world[axis] = shift * i as f32;
        }
        scene.instances.push(Instance { to_world, ..instance });
        // Nearly flat.
        let mut flat = to_world;
        flat[4..7].iter_mut().for_each(|x| *x *= 1e-3);
        scene.instances.push(Instance { to_world: flat, ..instance });
    }
    scene.instances.retain(|instance| instance.from_world().is_some());
    assert!(scene.instances.len() > 10);
    check(&scene, 9, 2_000);
}

/// The same scene as one mesh, with a copy of each mesh where an instance stands.
pub fn flattened(scene: &Scene) -> Scene {
    let mut flat = scene.clone();
    (flat.vertices, flat.triangles) = (Vec::new(), Vec::new());
    for instance in &scene.instances {
        let mesh = scene.meshes[instance.mesh as usize];
        for triangle in &scene.triangles[mesh.first as usize..(mesh.first + mesh.count) as usize] {
            let first = flat.vertices.len() as u32;
            for index in triangle.vertices {
                let mut vertex = scene.vertices[index as usize];
                let [x, y, z] = vertex.position;
                let m = instance.to_world;
                vertex.position = [0, 4, 8].map(|row| m[row] * x + m[row + 1] * y + m[row + 2] * z + m[row + 3]);
                flat.vertices.push(vertex);
            }
            flat.triangles.push(raylance_scene::Triangle { vertices: [first, first + 1, first + 2], ..*triangle });
        }
    }
    (flat.meshes, flat.instances) = Scene::one_mesh(&flat.triangles);
    flat
}

#[test]
fn a_mesh_hit_through_an_instance_is_hit_where_its_copy_would_be() {
    let scene = conformance::scene(1);
    let flat = flattened(&scene);
    let work = Work::endless();
    let walk = |scene: &Scene, o, d| {
        let (trees, buffers) = laid_out(scene);
        let instances = &buffers.nodes;
        let (triangles, instances) = (bytemuck::cast_slice(&buffers.triangles), bytemuck::cast_slice(instances));
        let geometry = Geometry { triangles, instances, work: &work };
        trees.walk::<false>(geometry, o, d, 1e30)
    };
    let mut chance = Chance(3);
    let (mut agree, rays) = (0, 200);
    for _ in 0..rays {
        let o = V3::new(0.0, 0.2, 5.0);
        let d = crate::cpu::generated::normalize3(chance.vector(1.2) - o);
        let (two, one) = (walk(&scene, o, d), walk(&flat, o, d));
        agree += u32::from((two.triangle == NO_HIT) == (one.triangle == NO_HIT) && (two.t - one.t).abs() <= 1e-4 * one.t);
    }
    assert!(agree >= rays - 2, "{agree} of {rays} rays agree");
}
