//! Shapes that a node gives its mesh: morph targets, then the bones of a skin (glTF 2.0, sections 3.7.2.2 and 3.7.3).

use glam::{DMat3, DMat4, DVec3};
use gltf::json::mesh::{MorphTarget, Primitive, Semantic};

use super::{attributes::Attributes, fault::FaultKind};

/// Most `JOINTS_n`/`WEIGHTS_n` pairs that are read: 32 bones per vertex are more than any engine blends.
const INFLUENCE_SETS_MAX: u32 = 8;

/// What one node does to its mesh.
#[derive(Debug, Default)]
pub(super) struct Deform {
    /// How far each morph target is taken; empty where none is.
    pub(super) weights: Vec<f32>,
    /// The bones, if the node has a skin.
    pub(super) bones: Option<Bones>,
}

/// The bones of a skin at the chosen moment. What follows them stands in the world and not in its node's space.
#[derive(Debug)]
pub(super) struct Bones {
    /// From the bind pose to the world, for each joint.
    pub(super) to_world: Vec<DMat4>,
    /// The node's own transform, for what follows no bone.
    pub(super) node_to_world: DMat4,
}

/// The arrays that a shape changes.
pub(super) struct Corners {
    pub(super) positions: Vec<[f32; 3]>,
    pub(super) normals: Option<Vec<[f32; 3]>>,
    pub(super) tangents: Option<Vec<[f32; 4]>>,
}

/// Whether triangles still run counter-clockwise seen from their front.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Winding {
    Kept,
    Turned,
}

/// Brings the corners into shape.
pub(super) fn apply(
    deform: &Deform,
    attributes: &Attributes<'_>,
    primitive: &Primitive,
    corners: &mut Corners,
    warnings: &mut Vec<FaultKind>,
) -> Result<Winding, FaultKind> {
    for (target, weight) in primitive.targets.iter().flatten().zip(&deform.weights) {
        if *weight != 0.0 {
            morph(attributes, target, *weight, corners)?;
        }
    }
    match &deform.bones {
        Some(bones) => skin(attributes, bones, corners, warnings),
        None => Ok(Winding::Kept),
    }
}

fn morph(attributes: &Attributes<'_>, target: &MorphTarget, weight: f32, corners: &mut Corners) -> Result<(), FaultKind> {
    let count = corners.positions.len();
    let add = |to: &mut [f32], by: [f32; 3]| to.iter_mut().zip(by).for_each(|(to, by)| *to += weight * by);
    if let Some(index) = target.positions {
        let shifts = attributes.beside::<3>(index, "POSITION of a morph target", count)?;
        corners.positions.iter_mut().zip(shifts).for_each(|(to, by)| add(to, by));
    }
    if let (Some(index), Some(normals)) = (target.normals, &mut corners.normals) {
        let shifts = attributes.beside::<3>(index, "NORMAL of a morph target", count)?;
        normals.iter_mut().zip(shifts).for_each(|(to, by)| add(to, by));
    }
    if let (Some(index), Some(tangents)) = (target.tangents, &mut corners.tangents) {
        let shifts = attributes.beside::<3>(index, "TANGENT of a morph target", count)?;
        tangents.iter_mut().zip(shifts).for_each(|(to, by)| add(&mut to[..3], by));
    }
    Ok(())
}

/// One pair of `JOINTS_n` and `WEIGHTS_n`.
struct Influences {
    joints: Vec<[f32; 4]>,
    weights: Vec<[f32; 4]>,
}

/// Linear blend skinning: each corner follows the weighted mean of its bones' matrices.
fn skin(attributes: &Attributes<'_>, bones: &Bones, corners: &mut Corners, warnings: &mut Vec<FaultKind>) -> Result<Winding, FaultKind> {
    let sets = influences(attributes, corners.positions.len())?;
    if sets.is_empty() {
        warnings.push(FaultKind::SkinWithoutWeights);
    }
    let mut mirrored = 0;
    for vertex in 0..corners.positions.len() {
        let matrix = blend(&sets, vertex, bones)?;
        let linear = DMat3::from_mat4(matrix);
        let turn = if linear.determinant() < 0.0 { -1.0 } else { 1.0 };
        mirrored += usize::from(turn < 0.0);
        let position = &mut corners.positions[vertex];
        *position = matrix.transform_point3(wide(*position)).as_vec3().to_array();
        if let Some(normals) = &mut corners.normals {
            normals[vertex] = (cofactors(linear) * turn * wide(normals[vertex])).as_vec3().to_array();
        }
        if let Some(tangents) = &mut corners.tangents {
            let [x, y, z, sign] = tangents[vertex];
            tangents[vertex] = (linear * wide([x, y, z])).as_vec3().extend(sign * turn as f32).to_array();
        }
    }
    Ok(if mirrored * 2 > corners.positions.len() { Winding::Turned } else { Winding::Kept })
}

fn influences(attributes: &Attributes<'_>, count: usize) -> Result<Vec<Influences>, FaultKind> {
    let mut sets = Vec::new();
    for set in 0..INFLUENCE_SETS_MAX {
        let joints = attributes.matching::<4>(Semantic::Joints(set), count)?;
        let weights = attributes.matching::<4>(Semantic::Weights(set), count)?;
        match joints.zip(weights) {
            Some((joints, weights)) => sets.push(Influences { joints, weights }),
            None => break,
        }
    }
    Ok(sets)
}

/// The mean of the bones that a vertex follows; exporters round weights, so their sum is divided out.
fn blend(sets: &[Influences], vertex: usize, bones: &Bones) -> Result<DMat4, FaultKind> {
    let mut sum = DMat4::ZERO;
    let mut total = 0.0;
    for set in sets {
        for (joint, weight) in set.joints[vertex].into_iter().zip(set.weights[vertex]) {
            // Joints without weight are often garbage, and NaN is no weight.
            if weight > 0.0 && weight.is_finite() {
                let joint = joint as u32;
                let out_of_range = FaultKind::JointOutOfRange { vertex, joint, joints: bones.to_world.len() };
                sum += *bones.to_world.get(joint as usize).ok_or(out_of_range)? * f64::from(weight);
                total += f64::from(weight);
            }
        }
    }
    Ok(if total > 0.0 { sum * (1.0 / total) } else { bones.node_to_world })
}

/// The inverse transpose times the determinant, which turns normals; unlike the inverse it also exists for flattened objects.
pub(super) fn cofactors(linear: DMat3) -> DMat3 {
    let (x, y, z) = (linear.x_axis, linear.y_axis, linear.z_axis);
    DMat3::from_cols(y.cross(z), z.cross(x), x.cross(y))
}

/// A vector in double precision.
pub(super) fn wide(v: [f32; 3]) -> DVec3 {
    DVec3::from_array(v.map(f64::from))
}
