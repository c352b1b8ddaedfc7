//! What the eye looks at: the distance to the surface in the middle of the picture, which a lens without a focus distance is focused on.

use glam::{DAffine3, DMat3, DVec3};

use super::{Instance, Mesh, Scene};

/// Nearer surfaces belong to the camera rather than to what it looks at.
const DISTANCE_MIN_M: f64 = 1.0e-3;

impl Scene {
    /// Metres along the view direction to the surface in the middle of the picture, transparent or not; `None` where there is none.
    /// One ray against the box of every instance, and against all triangles of those that it meets.
    pub fn distance_ahead(&self) -> Option<f32> {
        let [from, forward] = [self.camera.from, self.camera.forward].map(|v| DVec3::from_array(v.map(f64::from)));
        let boxes: Vec<Bounds> = self.meshes.iter().map(|mesh| self.bounds(mesh)).collect();
        let mut nearest = f64::INFINITY;
        for instance in &self.instances {
            let (Some(mesh), Some(bounds)) = (self.meshes.get(instance.mesh as usize), boxes.get(instance.mesh as usize)) else { continue };
            let into_mesh = to_world(instance).inverse();
            // The direction keeps the length that the matrix gives it: the ray's parameter then is metres in the world.
            let (origin, direction) = (into_mesh.transform_point3(from), into_mesh.transform_vector3(forward));
            if bounds.meets(origin, direction) {
                let distances = self.corners(mesh).filter_map(|corners| crossing(origin, direction, corners));
                nearest = distances.filter(|distance| *distance > DISTANCE_MIN_M).fold(nearest, f64::min);
            }
        }
        nearest.is_finite().then_some(nearest as f32)
    }

    fn corners(&self, mesh: &Mesh) -> impl Iterator<Item = [DVec3; 3]> {
        let triangles = self.triangles.iter().skip(mesh.first as usize).take(mesh.count as usize);
        triangles.map(|triangle| triangle.vertices.map(|index| DVec3::from_array(self.vertices[index as usize].position.map(f64::from))))
    }

    fn bounds(&self, mesh: &Mesh) -> Bounds {
        let none = Bounds { low: DVec3::INFINITY, high: DVec3::NEG_INFINITY };
        self.corners(mesh).flatten().fold(none, |Bounds { low, high }, point| Bounds { low: low.min(point), high: high.max(point) })
    }
}

struct Bounds {
    low: DVec3,
    high: DVec3,
}

impl Bounds {
    /// Whether a ray may touch something within. Generous: a flat box counts although rounding puts the ray beside it.
    fn meets(&self, origin: DVec3, direction: DVec3) -> bool {
        let margin = (self.high - self.low).max_element() * 1.0e-6;
        let (to_low, to_high) = ((self.low - margin - origin) / direction, (self.high + margin - origin) / direction);
        // Minimum and maximum leave out what is no number: a ray that runs within the plane of a side.
        let (enter, leave) = (to_low.min(to_high).max_element(), to_low.max(to_high).min_element());
        !(enter > leave || leave < 0.0)
    }
}

fn to_world(instance: &Instance) -> DAffine3 {
    let m = instance.to_world.map(f64::from);
    let column = |i: usize| DVec3::new(m[i], m[4 + i], m[8 + i]);
    DAffine3 { matrix3: DMat3::from_cols(column(0), column(1), column(2)), translation: column(3) }
}

/// Where a ray crosses a triangle, in multiples of its direction (Möller and Trumbore 1997).
fn crossing(origin: DVec3, direction: DVec3, [a, b, c]: [DVec3; 3]) -> Option<f64> {
    let (ab, ac) = (b - a, c - a);
    let p = direction.cross(ac);
    let inverse = p.dot(ab).recip();
    let s = origin - a;
    let u = s.dot(p) * inverse;
    let q = s.cross(ab);
    let v = direction.dot(q) * inverse;
    // A comparison with what is no number is false, so an edge-on triangle is none.
    (u >= 0.0 && v >= 0.0 && u + v <= 1.0).then(|| ac.dot(q) * inverse)
}

#[cfg(test)]
mod tests {
    use crate::{Camera, Instance, Material, Scene, Triangle, Vertex};

    #[test]
    fn the_nearest_surface_ahead_counts_wherever_its_mesh_stands() {
        let corner = |x: f32, y: f32| Vertex { position: [x, y, 0.0], ..Vertex::default() };
        let triangles = vec![Triangle { vertices: [0, 1, 2], material: 0 }];
        let (meshes, instances) = Scene::one_mesh(&triangles);
        let mut scene = Scene {
            vertices: vec![corner(-1.0, -1.0), corner(1.0, -1.0), corner(0.0, 1.0)],
            triangles,
            meshes,
            instances,
            materials: vec![Material::default()],
            images: Vec::new(),
            environment: None,
            camera: Camera::pinhole([0.0, 0.0, 5.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, -1.0], 0.5),
            lights: Vec::new(),
        };
        assert_eq!(scene.distance_ahead(), Some(5.0));
        // Twice as large and 2 m nearer; another one lies behind the eye.
        let stand = |z: f32| [2.0, 0.0, 0.0, 0.0, 0.0, 2.0, 0.0, 0.0, 0.0, 0.0, 2.0, z];
        scene.instances = [2.0, 9.0].map(|z| Instance { mesh: 0, to_world: stand(z) }).to_vec();
        assert_eq!(scene.distance_ahead(), Some(3.0));
        scene.camera.forward = [0.0, 1.0, 0.0];
        assert_eq!(scene.distance_ahead(), None);
    }
}
