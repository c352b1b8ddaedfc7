//! One primitive, in its own space: corners with everything the tracer needs, and triangles over them.

use glam::Vec3;
use gltf::json::{
    Accessor, Index,
    mesh::{Mode, Primitive, Semantic},
    validation::Checked,
};

use super::{accessor::Reader, fault::FaultKind, material::Worn, tangent};
use crate::scene::{POSITION_MAX_M, Vertex};

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

/// Reads a primitive as the material `worn` needs it. Harmless oddities are pushed to `warnings`.
pub(super) fn build(reader: Reader<'_>, primitive: &Primitive, worn: Worn, warnings: &mut Vec<FaultKind>) -> Result<Geometry, FaultKind> {
    if primitive.targets.as_ref().is_some_and(|targets| !targets.is_empty()) {
        warnings.push(FaultKind::MorphIgnored);
    }
    let attribute = |semantic: Semantic| primitive.attributes.get(&Checked::Valid(semantic)).copied();
    let positions = attribute(Semantic::Positions).ok_or(FaultKind::NoTriangles)?;
    let positions = reader.floats::<3>(positions)?;
    let triangles = faces(reader, primitive, positions.len(), warnings)?;
    check_positions(&positions)?;
    let count = positions.len();
    let normals = attribute(Semantic::Normals).map(|index| read(reader, index, "NORMAL", count)).transpose()?;
    let tangents = match attribute(Semantic::Tangents) {
        // Without normals the file's tangents belong to nothing (glTF 2.0, section 3.7.2.1).
        Some(index) if worn.needs_tangents && normals.is_some() => Some(read::<4>(reader, index, "TANGENT", count)?),
        _ => None,
    };
    let uvs = attribute(Semantic::TexCoords(worn.uv_sets[0])).map(|index| read::<2>(reader, index, "TEXCOORD", count)).transpose()?;
    let colors = attribute(Semantic::Colors(0)).map(|index| read_colors(reader, index, count)).transpose()?;
    let corner = |at: usize| Vertex {
        position: positions[at],
        normal: normals.as_ref().map_or([0.0; 3], |normals| normals[at]),
        tangent: tangents.as_ref().map_or([0.0; 4], |tangents| tangents[at]),
        uv: uvs.as_ref().map_or([[0.0; 2]; 2], |uvs| [uvs[at], [0.0; 2]]),
        color: colors.as_ref().map_or([u16::MAX; 4], |colors| colors[at]),
    };
    let mut geometry = if normals.is_some() { share(&triangles, count, corner) } else { split(&triangles, corner) };
    drop((positions, normals, uvs, colors));
    mend_normals(&mut geometry);
    match (worn.needs_tangents, tangents.is_some()) {
        (true, true) => tangent::mend(&mut geometry),
        (true, false) => tangent::derive(&mut geometry),
        (false, _) => {}
    }
    Ok(geometry)
}

fn faces(reader: Reader<'_>, primitive: &Primitive, vertices: usize, warnings: &mut Vec<FaultKind>) -> Result<Vec<[u32; 3]>, FaultKind> {
    let past_end = |index: u32| FaultKind::IndexOutOfRange { index, vertices };
    let order = match primitive.indices {
        Some(indices) => reader.indices(indices)?,
        None => (0..u32::try_from(vertices).map_err(|_| past_end(u32::MAX))?).collect(),
    };
    if let Some(index) = order.iter().copied().find(|index| *index as usize >= vertices) {
        return Err(past_end(index));
    }
    let Checked::Valid(mode) = primitive.mode else { return Ok(Vec::new()) };
    Ok(match mode {
        Mode::Triangles => {
            let (whole, rest) = order.as_chunks::<3>();
            if !rest.is_empty() {
                warnings.push(FaultKind::TriangleIncomplete { left_over: rest.len() });
            }
            whole.to_vec()
        }
        // Every other triangle of a strip runs the other way round (glTF 2.0, section 3.7.2.1).
        Mode::TriangleStrip => {
            order.windows(3).enumerate().map(|(i, w)| if i % 2 == 0 { [w[0], w[1], w[2]] } else { [w[0], w[2], w[1]] }).collect()
        }
        Mode::TriangleFan => order.windows(2).skip(1).map(|w| [w[0], w[1], order[0]]).collect(),
        Mode::Points | Mode::Lines | Mode::LineLoop | Mode::LineStrip => Vec::new(),
    })
}

fn check_positions(positions: &[[f32; 3]]) -> Result<(), FaultKind> {
    match positions.iter().position(|position| !position.iter().all(|c| c.is_finite())) {
        Some(vertex) => Err(FaultKind::NotFinite { attribute: "POSITION", vertex }),
        None if positions.iter().flatten().any(|c| c.abs() > POSITION_MAX_M * 1.0e6) => Err(FaultKind::TooFar),
        None => Ok(()),
    }
}

fn read<const N: usize>(
    reader: Reader<'_>,
    index: Index<Accessor>,
    attribute: &'static str,
    vertices: usize,
) -> Result<Vec<[f32; N]>, FaultKind> {
    let values = reader.floats::<N>(index)?;
    if values.len() != vertices {
        return Err(FaultKind::CountMismatch { attribute, count: values.len(), vertices });
    }
    // A broken direction can be derived anew; a broken texture coordinate cannot.
    match values.iter().position(|value| !value.iter().all(|c| c.is_finite())) {
        Some(vertex) if attribute == "TEXCOORD" => Err(FaultKind::NotFinite { attribute, vertex }),
        _ => Ok(values),
    }
}

/// Linear colours, RGB or RGBA, in 16 bits.
fn read_colors(reader: Reader<'_>, index: Index<Accessor>, vertices: usize) -> Result<Vec<[u16; 4]>, FaultKind> {
    let code = |channel: f32| (channel.clamp(0.0, 1.0) * 65_535.0 + 0.5) as u16;
    if reader.lanes(index)? == 3 {
        let rgb = read::<3>(reader, index, "COLOR_0", vertices)?;
        return Ok(rgb.into_iter().map(|[r, g, b]| [code(r), code(g), code(b), u16::MAX]).collect());
    }
    Ok(read::<4>(reader, index, "COLOR_0", vertices)?.into_iter().map(|color| color.map(code)).collect())
}

/// Keeps shared corners, and of them only those in use: many exporters hang hundreds of primitives on one vertex list.
fn share(triangles: &[[u32; 3]], count: usize, corner: impl Fn(usize) -> Vertex) -> Geometry {
    const UNUSED: u32 = u32::MAX;
    let mut renamed = vec![UNUSED; count];
    let mut geometry = Geometry::default();
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
    let vertices: Vec<Vertex> = triangles.iter().flatten().map(|index| corner(*index as usize)).collect();
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
