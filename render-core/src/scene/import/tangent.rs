//! Tangent frames for normal maps, from the file or from the texture coordinates.

use glam::{Vec2, Vec3};

use super::mesh::{Geometry, unit};

/// Makes the file's tangents unit length and their signs ±1; derives those that are broken.
pub(super) fn mend(geometry: &mut Geometry) {
    for vertex in &mut geometry.vertices {
        let [x, y, z, w] = vertex.tangent;
        let direction = unit([x, y, z]).unwrap_or_else(|| across(Vec3::from_array(vertex.normal)));
        vertex.tangent = direction.extend(if w < 0.0 { -1.0 } else { 1.0 }).to_array();
    }
}

/// Sums each face's direction of growing u (and of falling v, the bitangent) at its corners, by area, then squares it with the normal.
///
/// Simpler than MikkTSpace: the same on charts that are not mirrored across a shared corner.
pub(super) fn derive(geometry: &mut Geometry) {
    let mut frames = vec![(Vec3::ZERO, Vec3::ZERO); geometry.vertices.len()];
    for triangle in &geometry.triangles {
        let corners = triangle.map(|index| geometry.vertices[index as usize]);
        let [p0, p1, p2] = corners.map(|vertex| Vec3::from_array(vertex.position));
        let [t0, t1, t2] = corners.map(|vertex| Vec2::from_array(vertex.uv[0]));
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
    use crate::scene::Vertex;

    fn quad(uv: [[f32; 2]; 3]) -> Geometry {
        let positions = [[0.0, 0.0, 0.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]];
        let corner = |at: usize| Vertex { position: positions[at], normal: [0.0, 0.0, 1.0], uv: [uv[at], [0.0; 2]], ..Vertex::default() };
        Geometry { vertices: (0..3).map(corner).collect(), triangles: vec![[0, 1, 2]] }
    }

    #[test]
    fn tangent_follows_u_and_its_sign_the_picture_upwards() {
        // The picture stands upright: u to the right, v down.
        let mut upright = quad([[0.0, 1.0], [1.0, 1.0], [0.0, 0.0]]);
        derive(&mut upright);
        assert_eq!(upright.vertices[0].tangent, [1.0, 0.0, 0.0, 1.0]);
        let mut mirrored = quad([[1.0, 1.0], [0.0, 1.0], [1.0, 0.0]]);
        derive(&mut mirrored);
        assert_eq!(mirrored.vertices[0].tangent, [-1.0, 0.0, 0.0, -1.0]);
    }

    #[test]
    fn corners_without_texture_coordinates_still_get_a_frame() {
        let mut geometry = quad([[0.0; 2]; 3]);
        derive(&mut geometry);
        let [x, y, z, w] = geometry.vertices[0].tangent;
        assert!((x * x + y * y + z * z - 1.0).abs() < 1.0e-6 && z.abs() < 1.0e-6 && w.abs() == 1.0);
    }
}
