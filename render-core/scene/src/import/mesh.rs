//! One primitive, in its own space: corners with everything the tracer needs, and triangles over them.

use glam::Vec3;
use gltf::json::{
    mesh::{Mode, Primitive, Semantic},
    validation::Checked,
};

use super::{
    accessor::Reader,
    attributes::Attributes,
    deform::{self, Corners, Deform},
    fault::FaultKind,
    material::Worn,
    tangent,
};
use crate::{POSITION_MAX_M, Vertex};

/// Corners and faces of one primitive before it is placed in the world.
#[derive(Debug, Default)]
pub(super) struct Geometry {
    pub(super) vertices: Vec<Vertex>,
    pub(super) triangles: Vec<[u32; 3]>,
}

/// Whether a primitive is made of triangles at all.
pub(super) fn is_drawn(primitive: &Primitive) -> bool {
    matches!(primitive.mode, Checked::Valid(Mode::Triangles | Mode::TriangleStrip | Mode::TriangleFan))
}

/// Reads a primitive as the material `worn` needs it, in the shape that `deform` gives it. Harmless oddities are pushed to `warnings`;
/// `left` is how many bytes compressed data may still unpack to.
pub(super) fn build(
    reader: Reader<'_>,
    primitive: &Primitive,
    worn: Worn,
    deform: Option<&Deform>,
    left: &mut u64,
    warnings: &mut Vec<FaultKind>,
) -> Result<Geometry, FaultKind> {
    let attributes = Attributes::open(reader, primitive, left, warnings)?;
    let positions = attributes.get::<3>(&Semantic::Positions)?.ok_or(FaultKind::NoTriangles)?;
    let count = positions.len();
    let mut triangles = attributes.faces(count, warnings)?;
    check_positions(&positions)?;
    let normals = attributes.matching::<3>(Semantic::Normals, count)?;
    // Without normals the file's tangents belong to nothing (glTF 2.0, section 3.7.2.1).
    let own_tangents = worn.needs_tangents && normals.is_some();
    let tangents = if own_tangents { attributes.matching::<4>(Semantic::Tangents, count)? } else { None };
    let mut corners = Corners { positions, normals, tangents };
    if let Some(deform) = deform {
        if deform::apply(deform, &attributes, primitive, &mut corners, warnings)? == deform::Winding::Turned {
            triangles.iter_mut().for_each(|[_, b, c]| std::mem::swap(b, c));
        }
        check_positions(&corners.positions)?;
    }
    let Corners { positions, normals, tangents } = corners;
    let [first, second] = worn.uv_sets;
    let uvs = [
        attributes.uvs(first, count, worn.is_textured)?,
        // Twice the same set would only make the scene larger.
        if second == first { None } else { attributes.uvs(second, count, worn.is_textured)? },
    ];
    if worn.is_textured && uvs.iter().all(Option::is_none) {
        warnings.push(FaultKind::UvMissing);
    }
    let colors = attributes.colors(count)?;
    drop(attributes);
    let corner = |at: usize| Vertex {
        position: positions[at],
        normal: normals.as_ref().map_or([0.0; 3], |normals| normals[at]),
        tangent: tangents.as_ref().map_or([0.0; 4], |tangents| tangents[at]),
        uv: [0, 1].map(|set: usize| uvs[set].as_ref().map_or([0.0; 2], |uvs| uvs[at])),
        color: colors.as_ref().map_or([u16::MAX; 4], |colors| colors[at]),
    };
    let mut geometry = if normals.is_some() { share(&triangles, count, corner) } else { split(&triangles, corner) };
    let file_tangents = tangents.is_some();
    drop((positions, normals, tangents, uvs, colors, triangles));
    mend_normals(&mut geometry);
    if worn.needs_tangents {
        if !file_tangents {
            tangent::derive(&mut geometry, if second == first { 0 } else { worn.tangent_uv });
        }
        tangent::mend(&mut geometry);
    }
    Ok(geometry)
}

fn check_positions(positions: &[[f32; 3]]) -> Result<(), FaultKind> {
    match positions.iter().position(|position| !position.iter().all(|c| c.is_finite())) {
        Some(vertex) => Err(FaultKind::NotFinite { attribute: "POSITION", vertex }),
        None if positions.iter().flatten().any(|c| c.abs() > POSITION_MAX_M * 1.0e6) => Err(FaultKind::TooFar),
        None => Ok(()),
    }
}

/// Keeps shared corners, and of them only those in use: many exporters hang hundreds of primitives on one vertex list.
fn share(triangles: &[[u32; 3]], count: usize, corner: impl Fn(usize) -> Vertex) -> Geometry {
    const UNUSED: u32 = u32::MAX;
    let mut renamed = vec![UNUSED; count];
    let mut geometry = Geometry { vertices: Vec::new(), triangles: Vec::with_capacity(triangles.len()) };
    for triangle in triangles {
        let named = triangle.map(|index| {
            let slot = &mut renamed[index as usize];
            if *slot == UNUSED {
                *slot = geometry.vertices.len() as u32;
                geometry.vertices.push(corner(index as usize));
            }
            *slot
        });
        geometry.triangles.push(named);
    }
    geometry
}

/// Gives each triangle corners of its own, for flat shading (glTF 2.0, section 3.7.2.1).
fn split(triangles: &[[u32; 3]], corner: impl Fn(usize) -> Vertex) -> Geometry {
    let vertices: Vec<Vertex> = triangles.as_flattened().iter().map(|index| corner(*index as usize)).collect();
    let triangles = (0..triangles.len() as u32).map(|face| [face * 3, face * 3 + 1, face * 3 + 2]).collect();
    Geometry { vertices, triangles }
}

/// Unit length for all normals; a zero or broken one takes the direction of a face it belongs to.
fn mend_normals(geometry: &mut Geometry) {
    for vertex in &mut geometry.vertices {
        vertex.normal = unit(vertex.normal).map_or([0.0; 3], |normal| normal.to_array());
    }
    for triangle in &geometry.triangles {
        let [a, b, c] = triangle.map(|index| Vec3::from_array(geometry.vertices[index as usize].position));
        // A face without area has no direction; up is as good as any, and no ray meets it.
        let face = unit((b - a).cross(c - a).to_array()).unwrap_or(Vec3::Y);
        for index in triangle {
            let normal = &mut geometry.vertices[*index as usize].normal;
            if *normal == [0.0; 3] {
                *normal = face.to_array();
            }
        }
    }
}

/// The direction of `v`, however short or long it is; `None` if it has none.
pub(super) fn unit(v: [f32; 3]) -> Option<Vec3> {
    glam::DVec3::from_array(v.map(f64::from)).try_normalize().map(|direction| direction.as_vec3())
}
