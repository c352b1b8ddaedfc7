//! Tangent frames for normal maps and stretched highlights, from the file or from the texture coordinates.

use std::{collections::HashMap, panic};

use bevy_mikktspace::{Geometry as Corners, TangentSpace, generate_tangents};
use glam::{Vec2, Vec3};

use super::mesh::{Geometry, unit};
use crate::Vertex;

/// Most faces around one corner that MikkTSpace is asked about: it recurses around a corner, and its time grows with the square of them.
const FACES_AROUND_MAX: u32 = 1 << 10;
/// Most triangles of one primitive that MikkTSpace is asked about: it takes some 500 bytes for each.
const MIKKTSPACE_TRIANGLES_MAX: usize = 1 << 22;

/// Makes tangents unit length and their signs ±1, whoever made them; finds some where there are none.
pub(super) fn mend(geometry: &mut Geometry) {
    for vertex in &mut geometry.vertices {
        let [x, y, z, w] = vertex.tangent;
        let direction = unit([x, y, z]).unwrap_or_else(|| across(Vec3::from_array(vertex.normal)));
        vertex.tangent = direction.extend(if w < 0.0 { -1.0 } else { 1.0 }).to_array();
    }
}

/// Tangents along the texture coordinates `uv` (0 or 1) by MikkTSpace, as glTF asks for (2.0, section 3.7.2.1): normal maps are baked against
/// it. A corner between faces that disagree is split.
pub(super) fn derive(geometry: &mut Geometry, uv: usize) {
    if geometry.triangles.len() > MIKKTSPACE_TRIANGLES_MAX || faces_around_max(geometry, uv) > FACES_AROUND_MAX {
        return approximate(geometry, uv);
    }
    let faces = (0u32..).zip(&geometry.triangles).filter(|(_, face)| has_extent(geometry, face)).map(|(at, _)| at).collect();
    let Geometry { vertices, triangles } = std::mem::take(geometry);
    let mut welded = Welded { next: vec![NONE; vertices.len()], vertices, triangles, faces, uv };
    // All its inputs are finite and in range, and the limits above keep it from running away; a panic all the same costs only precision.
    let done = panic::catch_unwind(panic::AssertUnwindSafe(|| generate_tangents(&mut welded).is_ok())).unwrap_or(false);
    *geometry = Geometry { vertices: welded.vertices, triangles: welded.triangles };
    if !done {
        approximate(geometry, uv);
    }
}

/// MikkTSpace looks through all faces for each face that has collapsed, so it gets none of them.
fn has_extent(geometry: &Geometry, face: &[u32; 3]) -> bool {
    let [a, b, c] = face.map(|index| geometry.vertices[index as usize].position);
    a != b && b != c && c != a
}

/// The largest number of faces around corners that are equal in MikkTSpace's eyes.
fn faces_around_max(geometry: &Geometry, uv: usize) -> u32 {
    let mut faces = vec![0u32; geometry.vertices.len()];
    geometry.triangles.as_flattened().iter().for_each(|index| faces[*index as usize] += 1);
    let mut around = HashMap::<[u32; 8], u32>::new();
    for (vertex, faces) in geometry.vertices.iter().zip(faces) {
        let ([px, py, pz], [nx, ny, nz], [u, v]) = (vertex.position, vertex.normal, vertex.uv[uv]);
        *around.entry([px, py, pz, nx, ny, nz, u, v].map(|value| (value + 0.0).to_bits())).or_default() += faces;
    }
    around.into_values().max().unwrap_or(0)
}

/// No further corner in a chain.
const NONE: u32 = u32::MAX;

/// What MikkTSpace reads and writes. It answers for each corner of each face; corners that agree go on sharing a vertex.
struct Welded {
    vertices: Vec<Vertex>,
    triangles: Vec<[u32; 3]>,
    /// The faces with an extent.
    faces: Vec<u32>,
    uv: usize,
    /// For each vertex the next that differs from it only in its tangent.
    next: Vec<u32>,
}

impl Welded {
    fn vertex(&self, face: usize, corner: usize) -> &Vertex {
        &self.vertices[self.triangles[self.faces[face] as usize][corner] as usize]
    }

    fn set(&mut self, tangent: [f32; 4], face: usize, corner: usize) {
        let slot = &mut self.triangles[self.faces[face] as usize][corner];
        let mut at = *slot as usize;
        loop {
            let vertex = &mut self.vertices[at];
            // A sign of zero says that the vertex has no tangent yet.
            if vertex.tangent[3] == 0.0 || vertex.tangent == tangent {
                vertex.tangent = tangent;
                break;
            }
            if self.next[at] == NONE {
                let copy = Vertex { tangent, ..*vertex };
                self.next[at] = self.vertices.len() as u32;
                at = self.vertices.len();
                self.vertices.push(copy);
                self.next.push(NONE);
                break;
            }
            at = self.next[at] as usize;
        }
        *slot = at as u32;
    }
}

impl Corners for Welded {
    fn num_faces(&self) -> usize {
        self.faces.len()
    }

    fn num_vertices_of_face(&self, _face: usize) -> usize {
        3
    }

    fn position(&self, face: usize, corner: usize) -> [f32; 3] {
        self.vertex(face, corner).position.map(|value| value + 0.0)
    }

    fn normal(&self, face: usize, corner: usize) -> [f32; 3] {
        self.vertex(face, corner).normal.map(|value| value + 0.0)
    }

    fn tex_coord(&self, face: usize, corner: usize) -> [f32; 2] {
        // MikkTSpace has v upwards; glTF's tangent sign is meant for that too.
        let [u, v] = self.vertex(face, corner).uv[self.uv];
        [u + 0.0, 0.0 - v]
    }

    fn set_tangent(&mut self, space: Option<TangentSpace>, face: usize, corner: usize) {
        let tangent = space.map(|space| space.tangent_encoded()).filter(|tangent| tangent.iter().all(|value| value.is_finite()));
        if let Some(tangent) = tangent {
            self.set(tangent, face, corner);
        }
    }
}

/// Sums each face's direction of growing u (and of falling v, the bitangent) at its corners, by area, then squares it with the normal.
///
/// What is left for meshes that MikkTSpace cannot take: the same on charts that are not mirrored across a shared corner.
fn approximate(geometry: &mut Geometry, uv: usize) {
    let mut frames = vec![(Vec3::ZERO, Vec3::ZERO); geometry.vertices.len()];
    for triangle in &geometry.triangles {
        let corners = triangle.map(|index| geometry.vertices[index as usize]);
        let [p0, p1, p2] = corners.map(|vertex| Vec3::from_array(vertex.position));
        let [t0, t1, t2] = corners.map(|vertex| Vec2::from_array(vertex.uv[uv]));
        let (e1, e2, d1, d2) = (p1 - p0, p2 - p0, t1 - t0, t2 - t0);
        // Only the sign of the determinant is kept, so that the sums are weighted by area, not by texel density.
        let sign = d1.perp_dot(d2).signum();
        let along_u = (e1 * d2.y - e2 * d1.y) * sign;
        let against_v = (e1 * d2.x - e2 * d1.x) * sign;
        let area = e1.cross(e2).length();
        let weigh = |v: Vec3| unit(v.to_array()).map_or(Vec3::ZERO, |direction| direction * area);
        for index in triangle {
            let (tangent, bitangent) = &mut frames[*index as usize];
            *tangent += weigh(along_u);
            *bitangent += weigh(against_v);
        }
    }
    for (vertex, (tangent, bitangent)) in geometry.vertices.iter_mut().zip(frames) {
        let normal = Vec3::from_array(vertex.normal);
        let square = unit((tangent - normal * normal.dot(tangent)).to_array()).unwrap_or_else(|| across(normal));
        let sign = if normal.cross(square).dot(bitangent) < 0.0 { -1.0 } else { 1.0 };
        vertex.tangent = square.extend(sign).to_array();
    }
}

/// Some unit vector at a right angle to a unit normal.
fn across(normal: Vec3) -> Vec3 {
    normal.any_orthonormal_vector()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Vertex;

    fn quad(uv: [[f32; 2]; 3]) -> Geometry {
        let positions = [[0.0, 0.0, 0.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]];
        let corner = |at: usize| Vertex { position: positions[at], normal: [0.0, 0.0, 1.0], uv: [uv[at], [0.0; 2]], ..Vertex::default() };
        Geometry { vertices: (0..3).map(corner).collect(), triangles: vec![[0, 1, 2]] }
    }

    #[test]
    fn tangent_follows_u_and_its_sign_the_picture_upwards() {
        // The picture stands upright: u to the right, v down.
        let mut upright = quad([[0.0, 1.0], [1.0, 1.0], [0.0, 0.0]]);
        derive(&mut upright, 0);
        assert_eq!(upright.vertices[0].tangent, [1.0, 0.0, 0.0, 1.0]);
        let mut mirrored = quad([[1.0, 1.0], [0.0, 1.0], [1.0, 0.0]]);
        derive(&mut mirrored, 0);
        assert_eq!(mirrored.vertices[0].tangent, [-1.0, 0.0, 0.0, -1.0]);
    }

    #[test]
    fn corners_without_texture_coordinates_still_get_a_frame() {
        let mut geometry = quad([[0.0; 2]; 3]);
        derive(&mut geometry, 0);
        mend(&mut geometry);
        let [x, y, z, w] = geometry.vertices[0].tangent;
        assert!((x * x + y * y + z * z - 1.0).abs() < 1.0e-6 && z.abs() < 1.0e-6 && w.abs() == 1.0);
    }

    /// A fan of so many triangles around one corner, with texture coordinates that turn once around it.
    fn fan(faces: u32) -> Geometry {
        let corner = |at: u32| {
            let (sin, cos) = (at as f32 / faces as f32 * std::f32::consts::TAU).sin_cos();
            Vertex { position: [cos, sin, 0.0], normal: [0.0, 0.0, 1.0], uv: [[cos, -sin], [0.0; 2]], ..Vertex::default() }
        };
        let center = Vertex { normal: [0.0, 0.0, 1.0], ..Vertex::default() };
        let vertices = std::iter::once(center).chain((0..faces).map(corner)).collect();
        Geometry { vertices, triangles: (0..faces).map(|at| [0, at + 1, (at + 1) % faces + 1]).collect() }
    }

    #[test]
    fn fans_too_large_for_mikktspace_get_tangents_all_the_same() {
        for faces in [8, FACES_AROUND_MAX, FACES_AROUND_MAX + 1, 200_000] {
            let mut geometry = fan(faces);
            derive(&mut geometry, 0);
            mend(&mut geometry);
            assert_eq!(geometry.vertices.len() as u32, faces + 1, "one chart needs no splits");
            for vertex in &geometry.vertices {
                let [x, y, z, w] = vertex.tangent;
                assert!((x - 1.0).abs() < 1.0e-2 && y.abs() < 0.1 && z.abs() < 1.0e-3 && w == 1.0, "{faces}: {:?}", vertex.tangent);
            }
        }
    }

    #[test]
    fn a_corner_on_the_seam_of_mirrored_charts_is_split() {
        // Two triangles along the y axis; u runs away from it on both sides.
        let corner =
            |x: f32, y: f32| Vertex { position: [x, y, 0.0], normal: [0.0, 0.0, 1.0], uv: [[x.abs(), -y], [0.0; 2]], ..Vertex::default() };
        let mut geometry = Geometry {
            vertices: vec![corner(0.0, 0.0), corner(1.0, 0.0), corner(0.0, 1.0), corner(-1.0, 0.0)],
            triangles: vec![[0, 1, 2], [0, 2, 3]],
        };
        derive(&mut geometry, 0);
        assert_eq!(geometry.vertices.len(), 6);
        for (face, x) in geometry.triangles.iter().zip([1.0, -1.0]) {
            for index in face {
                assert_eq!(geometry.vertices[*index as usize].tangent, [x, 0.0, 0.0, x]);
            }
        }
    }

    #[test]
    fn collapsed_faces_cost_nothing_and_get_a_frame() {
        let mut geometry = quad([[0.0, 1.0], [1.0, 1.0], [0.0, 0.0]]);
        geometry.triangles.extend(vec![[1, 1, 2]; 300_000]);
        geometry.triangles.push([0, 0, 0]);
        derive(&mut geometry, 0);
        mend(&mut geometry);
        assert_eq!(geometry.vertices[2].tangent, [1.0, 0.0, 0.0, 1.0]);
    }
}
