//! A few rays without a tree: boxes around short runs of triangles are enough for a handful of questions, and tell front from back.

use std::ops::Range;

use glam::{DVec3, Vec3};

use crate::{Instance, Scene};

/// Triangles per box: neighbours in a file are mostly neighbours in space.
const RUN: usize = 64;

/// A box along the axes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bounds {
    /// Its smallest coordinates; above the largest ones where it holds nothing.
    pub min: DVec3,
    /// Its largest coordinates.
    pub max: DVec3,
}

/// Where a ray met a triangle.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hit {
    /// In lengths of the ray's direction.
    pub distance: f64,
    /// Whether it came from behind.
    pub back: bool,
}

/// A scene that can be asked for the first hit of a ray.
pub struct Caster<'a> {
    scene: &'a Scene,
    /// Boxes around runs of triangles, mesh after mesh.
    runs: Vec<Bounds>,
    /// Each mesh's part of `runs`, and the box around all of it.
    meshes: Vec<(Range<usize>, Bounds)>,
    /// Boxes of the instances in the world.
    instances: Vec<Bounds>,
}

impl Bounds {
    const EMPTY: Self = Self { min: DVec3::INFINITY, max: DVec3::NEG_INFINITY };

    fn with(self, point: DVec3) -> Self {
        Self { min: self.min.min(point), max: self.max.max(point) }
    }

    fn union(self, other: Self) -> Self {
        Self { min: self.min.min(other.min), max: self.max.max(other.max) }
    }

    /// Length of the diagonal.
    pub fn size(&self) -> f64 {
        (self.max - self.min).length()
    }

    /// Whether the ray enters it before `until`. Slabs; a direction of 0 gives infinities that compare as they should, and NaN passes.
    fn is_met(&self, origin: DVec3, inverse: DVec3, until: f64) -> bool {
        let (a, b) = ((self.min - origin) * inverse, (self.max - origin) * inverse);
        let (enter, leave) = (a.min(b).max_element(), a.max(b).min_element());
        !(enter > leave || leave < 0.0 || enter > until)
    }
}

impl<'a> Caster<'a> {
    /// Boxes around the meshes of a checked scene: one walk over its triangles.
    pub fn new(scene: &'a Scene) -> Self {
        let (mut runs, mut meshes) = (Vec::new(), Vec::new());
        for mesh in &scene.meshes {
            let first = runs.len();
            let triangles = &scene.triangles[mesh.first as usize..][..mesh.count as usize];
            for run in triangles.chunks(RUN) {
                let corners = run.iter().flat_map(|triangle| triangle.vertices).map(|index| corner(scene, index));
                runs.push(corners.fold(Bounds::EMPTY, Bounds::with));
            }
            let bounds = runs[first..].iter().copied().fold(Bounds::EMPTY, Bounds::union);
            meshes.push((first..runs.len(), bounds));
        }
        let instances = scene.instances.iter().map(|instance| moved(&meshes[instance.mesh as usize].1, instance)).collect();
        Self { scene, runs, meshes, instances }
    }

    /// The box around everything.
    pub fn bounds(&self) -> Bounds {
        self.instances.iter().copied().fold(Bounds::EMPTY, Bounds::union)
    }

    /// The first hit in front of the origin.
    pub fn cast(&self, origin: DVec3, direction: DVec3) -> Option<Hit> {
        let mut first: Option<Hit> = None;
        for (instance, bounds) in self.scene.instances.iter().zip(&self.instances) {
            let until = first.map_or(f64::INFINITY, |hit| hit.distance);
            if !bounds.is_met(origin, direction.recip(), until) {
                continue;
            }
            // What cannot be inverted has no area in the world, and the check of the scene refuses it.
            let Some(matrix) = instance.from_world() else { continue };
            let (origin, direction) = (apply(&matrix, origin, 1.0), apply(&matrix, direction, 0.0));
            first = self.cast_mesh(instance.mesh as usize, origin, direction, first);
        }
        first
    }

    fn cast_mesh(&self, mesh: usize, origin: DVec3, direction: DVec3, mut first: Option<Hit>) -> Option<Hit> {
        let (runs, _) = &self.meshes[mesh];
        let start = self.scene.meshes[mesh].first as usize;
        let end = start + self.scene.meshes[mesh].count as usize;
        for (number, run) in self.runs[runs.clone()].iter().enumerate() {
            if !run.is_met(origin, direction.recip(), first.map_or(f64::INFINITY, |hit| hit.distance)) {
                continue;
            }
            let from = start + number * RUN;
            for triangle in &self.scene.triangles[from..(from + RUN).min(end)] {
                let corners = triangle.vertices.map(|index| corner(self.scene, index));
                first = meet(origin, direction, corners).filter(|hit| first.is_none_or(|first| hit.distance < first.distance)).or(first);
            }
        }
        first
    }
}

fn corner(scene: &Scene, index: u32) -> DVec3 {
    Vec3::from_array(scene.vertices[index as usize].position).as_dvec3()
}

/// A row-wise 3×4 matrix times (v, w).
fn apply(matrix: &[f32; 12], v: DVec3, w: f64) -> DVec3 {
    let row = |r: usize| {
        let [x, y, z, t] = [0, 1, 2, 3].map(|c| f64::from(matrix[r * 4 + c]));
        x * v.x + y * v.y + z * v.z + t * w
    };
    DVec3::new(row(0), row(1), row(2))
}

fn moved(bounds: &Bounds, instance: &Instance) -> Bounds {
    let pick = |bit: usize, low: f64, high: f64| if bit == 0 { low } else { high };
    let corner = |i: usize| {
        let (min, max) = (bounds.min, bounds.max);
        DVec3::new(pick(i & 1, min.x, max.x), pick(i & 2, min.y, max.y), pick(i & 4, min.z, max.z))
    };
    (0..8).map(|i| apply(&instance.to_world, corner(i), 1.0)).fold(Bounds::EMPTY, Bounds::with)
}

/// Möller and Trumbore's test, from both sides.
fn meet(origin: DVec3, direction: DVec3, [a, b, c]: [DVec3; 3]) -> Option<Hit> {
    let (u, v) = (b - a, c - a);
    let p = direction.cross(v);
    let determinant = u.dot(p);
    let to = origin - a;
    let s = to.dot(p) / determinant;
    let q = to.cross(u);
    let t = direction.dot(q) / determinant;
    let distance = v.dot(q) / determinant;
    // A ray along the plane has a determinant of 0; what comes of it is not finite and fails here.
    (s >= 0.0 && t >= 0.0 && s + t <= 1.0 && distance > 0.0 && distance.is_finite()).then_some(Hit { distance, back: determinant < 0.0 })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Camera, Material, Mesh, Triangle, Vertex};

    /// A triangle in the plane z = 0 that faces +z, once where it was made and once twice as large at z = −3, behind many that are not hit.
    fn scene() -> Scene {
        let corner = |x: f32, y: f32| Vertex { position: [x, y, 0.0], normal: [0.0, 0.0, 1.0], ..Vertex::default() };
        let mut vertices = vec![corner(-1.0, -1.0), corner(1.0, -1.0), corner(0.0, 1.0)];
        let mut triangles = vec![Triangle { vertices: [0, 1, 2], material: 0 }];
        for i in 0..200 {
            let first = vertices.len() as u32;
            vertices.extend([corner(10.0 + i as f32, 0.0), corner(11.0 + i as f32, 0.0), corner(10.0 + i as f32, 1.0)]);
            triangles.insert(0, Triangle { vertices: [first, first + 1, first + 2], material: 0 });
        }
        let scaled = [2.0, 0.0, 0.0, 0.0, 0.0, 2.0, 0.0, 0.0, 0.0, 0.0, 2.0, -3.0];
        Scene {
            vertices,
            meshes: vec![Mesh { first: 0, count: triangles.len() as u32 }],
            triangles,
            instances: vec![Instance { mesh: 0, to_world: scaled }, Instance { mesh: 0, to_world: Instance::IDENTITY }],
            materials: vec![Material::default()],
            images: Vec::new(),
            environment: None,
            camera: Camera::pinhole([0.0; 3], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, -1.0], 1.0),
            lights: Vec::new(),
        }
    }

    #[test]
    fn the_nearest_hit_of_all_instances_counts_and_tells_its_side() {
        let scene = scene();
        let caster = Caster::new(&scene);
        let down = DVec3::NEG_Z;
        assert_eq!(caster.cast(DVec3::new(0.0, 0.0, 5.0), down), Some(Hit { distance: 5.0, back: false }));
        assert_eq!(caster.cast(DVec3::new(0.0, 0.0, -1.0), down), Some(Hit { distance: 2.0, back: false }));
        assert_eq!(caster.cast(DVec3::new(0.0, 0.0, -4.0), -down), Some(Hit { distance: 1.0, back: true }));
        assert_eq!(
            caster.cast(DVec3::new(1.5, -1.5, 5.0), down),
            Some(Hit { distance: 8.0, back: false }),
            "past the first, onto the second"
        );
        assert_eq!(caster.cast(DVec3::new(209.25, 0.25, 5.0), down), Some(Hit { distance: 5.0, back: false }), "the last run");
        assert_eq!(caster.cast(DVec3::new(0.0, 0.0, 5.0), -down), None);
        assert_eq!(caster.cast(DVec3::new(0.0, 0.0, 0.0), DVec3::X), None, "along the plane");
        assert_eq!(caster.bounds(), Bounds { min: DVec3::new(-2.0, -2.0, -3.0), max: DVec3::new(420.0, 2.0, 0.0) });
    }
}
