//! The node tree walked: where each mesh, camera and light stands in the world, and which shape each mesh has there.

use std::collections::BTreeMap;

use glam::{DMat4, DQuat, DVec3, DVec4};
use gltf::json::{
    Index, Node,
    extensions::scene::khr_lights_punctual::{Light, Type as LightType},
    validation::Checked,
};

use super::{
    accessor::Reader,
    animation::{self, Pose},
    deform::{Bones, Deform},
    fault::{FaultKind, Faults, Place},
    instancing,
};
use crate::{INSTANCES_MAX, LightKind, PunctualLight};

/// A mesh standing in the world.
pub(super) struct Standing {
    pub(super) mesh: u32,
    /// Index into [`Placed::deforms`]; `None` for a mesh in the shape that the file gives it.
    pub(super) deform: Option<u32>,
    pub(super) to_world: DMat4,
}

/// A camera standing in the world.
pub(super) struct CameraNode {
    /// The node's name and the camera's own.
    pub(super) names: [Option<String>; 2],
    pub(super) camera: usize,
    pub(super) to_world: DMat4,
}

/// Everything that the default scene's nodes place, in depth-first order.
#[derive(Default)]
pub(super) struct Placed {
    pub(super) instances: Vec<Standing>,
    pub(super) deforms: Vec<Deform>,
    pub(super) cameras: Vec<CameraNode>,
    pub(super) lights: Vec<PunctualLight>,
    /// Which morphed shape of which mesh is which of `deforms`, so that nodes in the same shape share it.
    morphs: BTreeMap<(usize, Vec<u32>), u32>,
}

/// The nodes' transforms, and the order in which the chosen scene's nodes were met.
struct Walk {
    to_world: Vec<Option<DMat4>>,
    order: Vec<usize>,
}

/// Walks the default scene, or the first, or (a file without scenes) every node without a parent.
pub(super) fn place(reader: Reader<'_>, frame: Option<u32>, faults: &mut Faults) -> Placed {
    let root = reader.root;
    let poses = frame.map(|frame| animation::poses(reader, frame, faults)).unwrap_or_default();
    let mut walk = Walk { to_world: vec![None; root.nodes.len()], order: Vec::new() };
    let orphans = orphans(reader);
    let chosen = root.scene.and_then(|scene| root.scenes.get(scene.value())).or(root.scenes.first());
    let roots = chosen.map_or_else(|| orphans.clone(), |scene| scene.nodes.iter().map(Index::value).collect());
    descend(reader, &roots, &poses, &mut walk, faults);
    let drawn = walk.order.len();
    if !root.skins.is_empty() {
        // Bones may stand outside the scene that they move.
        let elsewhere: Vec<usize> = orphans.into_iter().filter(|node| walk.to_world[*node].is_none()).collect();
        descend(reader, &elsewhere, &poses, &mut walk, faults);
    }
    let mut placed = Placed::default();
    for index in &walk.order[..drawn] {
        place_node(reader, *index, &walk, poses.get(index), &mut placed, faults);
    }
    placed
}

fn descend(reader: Reader<'_>, roots: &[usize], poses: &BTreeMap<usize, Pose>, walk: &mut Walk, faults: &mut Faults) {
    let nodes = &reader.root.nodes;
    // A stack of its own instead of recursion: a hostile file may nest a million deep.
    let mut stack: Vec<(usize, DMat4)> = roots.iter().rev().map(|node| (*node, DMat4::IDENTITY)).collect();
    while let Some((index, parent)) = stack.pop() {
        let Some(node) = nodes.get(index) else { continue };
        let here = || Place::Node { node: index, name: node.name.clone() };
        if walk.to_world[index].is_some() {
            faults.error(FaultKind::NodeShared, here());
            continue;
        }
        let to_world = parent * local(node, poses.get(&index));
        walk.to_world[index] = Some(to_world);
        if !to_world.is_finite() {
            faults.error(FaultKind::TransformNotFinite, here());
            continue;
        }
        walk.order.push(index);
        stack.extend(node.children.iter().flatten().rev().map(|child| (child.value(), to_world)));
    }
}

/// Every node without a parent.
fn orphans(reader: Reader<'_>) -> Vec<usize> {
    let root = reader.root;
    let mut has_parent = vec![false; root.nodes.len()];
    for child in root.nodes.iter().flat_map(|node| node.children.iter().flatten()) {
        if let Some(flag) = has_parent.get_mut(child.value()) {
            *flag = true;
        }
    }
    (0..root.nodes.len()).filter(|node| !has_parent[*node]).collect()
}

fn local(node: &Node, pose: Option<&Pose>) -> DMat4 {
    let (translation, rotation, scale) = pose.map_or((None, None, None), |pose| (pose.translation, pose.rotation, pose.scale));
    let animated = translation.is_some() || rotation.is_some() || scale.is_some();
    if let (Some(matrix), false) = (node.matrix, animated) {
        return DMat4::from_cols_array(&matrix.map(f64::from));
    }
    let vector = |value: Option<[f32; 3]>, default: DVec3| value.map_or(default, |v| DVec3::from_array(v.map(f64::from)));
    let own_rotation = node.rotation.map_or(DQuat::IDENTITY, |q| animation::to_rotation(DVec4::from_array(q.0.map(f64::from))));
    DMat4::from_scale_rotation_translation(
        scale.unwrap_or_else(|| vector(node.scale, DVec3::ONE)),
        rotation.unwrap_or(own_rotation),
        translation.unwrap_or_else(|| vector(node.translation, DVec3::ZERO)),
    )
}

fn place_node(reader: Reader<'_>, index: usize, walk: &Walk, pose: Option<&Pose>, placed: &mut Placed, faults: &mut Faults) {
    let (Some(node), Some(to_world)) = (reader.root.nodes.get(index), walk.to_world[index]) else { return };
    let here = || Place::Node { node: index, name: node.name.clone() };
    if let Some(mesh) = node.mesh {
        let stood = place_mesh(reader, node, mesh.value(), to_world, walk, pose, placed);
        faults.keep(stood, here);
    }
    if let Some((camera, found)) = node.camera.and_then(|index| Some((index.value(), reader.root.get(index)?))) {
        placed.cameras.push(CameraNode { names: [node.name.clone(), found.name.clone()], camera, to_world });
    }
    let light = node.extensions.as_ref().and_then(|extensions| extensions.khr_lights_punctual.as_ref());
    if let Some(light) = light.and_then(|light| reader.root.get(light.light)) {
        match light_in_world(light, to_world) {
            Some(light) if light.emission.iter().all(|channel| channel.is_finite()) => placed.lights.push(light),
            Some(_) => faults.error(FaultKind::TransformNotFinite, here()),
            // Exporters hide a node by a scale of nothing.
            None => {}
        }
    }
}

fn place_mesh(
    reader: Reader<'_>,
    node: &Node,
    mesh: usize,
    to_world: DMat4,
    walk: &Walk,
    pose: Option<&Pose>,
    placed: &mut Placed,
) -> Result<(), FaultKind> {
    let too_many = FaultKind::TooMuch { things: "instances", max: INSTANCES_MAX };
    let left = INSTANCES_MAX.checked_sub(placed.instances.len() + 1).ok_or(too_many)?;
    let weights = morph_weights(reader, node, mesh, pose);
    if let Some(skin) = node.skin {
        let bones = Some(bones(reader, skin.value(), to_world, walk)?);
        placed.deforms.push(Deform { weights, bones });
        let deform = Some(placed.deforms.len() as u32 - 1);
        // Its bones say where it stands, and its node does not (glTF 2.0, section 3.7.3.3).
        placed.instances.push(Standing { mesh: mesh as u32, deform, to_world: DMat4::IDENTITY });
        return Ok(());
    }
    let deform = (!weights.is_empty()).then(|| placed.morph(mesh, weights));
    match instancing::copies(reader, node, left + 1)? {
        Some(copies) => {
            let copies = copies.into_iter().map(|copy| Standing { mesh: mesh as u32, deform, to_world: to_world * copy });
            placed.instances.extend(copies);
        }
        None => placed.instances.push(Standing { mesh: mesh as u32, deform, to_world }),
    }
    Ok(())
}

impl Placed {
    fn morph(&mut self, mesh: usize, weights: Vec<f32>) -> u32 {
        let deforms = &mut self.deforms;
        *self.morphs.entry((mesh, weights.iter().map(|weight| weight.to_bits()).collect())).or_insert_with(|| {
            deforms.push(Deform { weights, bones: None });
            deforms.len() as u32 - 1
        })
    }
}

/// How far each morph target is taken: as animated, else as the node says, else as the mesh says; empty where none is.
fn morph_weights(reader: Reader<'_>, node: &Node, mesh: usize, pose: Option<&Pose>) -> Vec<f32> {
    let animated = pose.and_then(|pose| pose.weights.as_ref());
    let of_mesh = reader.root.meshes.get(mesh).and_then(|mesh| mesh.weights.as_ref());
    let weights = animated.or(node.weights.as_ref()).or(of_mesh);
    match weights {
        Some(weights) if weights.iter().any(|weight| *weight != 0.0) => weights.clone(),
        _ => Vec::new(),
    }
}

/// A skin's matrices, from the bind pose to where its joints stand.
fn bones(reader: Reader<'_>, skin: usize, node_to_world: DMat4, walk: &Walk) -> Result<Bones, FaultKind> {
    let joints = reader.root.skins.get(skin).map(|skin| &skin.joints[..]).unwrap_or_default();
    let inverse_bind = reader.root.skins.get(skin).and_then(|skin| skin.inverse_bind_matrices);
    let inverse_bind = inverse_bind.map(|index| reader.floats::<16>(index)).transpose()?;
    let matrices = inverse_bind.as_ref().map_or(joints.len(), Vec::len);
    if matrices < joints.len() {
        return Err(FaultKind::SkinMatrices { skin, joints: joints.len(), matrices });
    }
    let bone = |(at, joint): (usize, &Index<Node>)| {
        let stands = walk.to_world.get(joint.value()).copied().flatten().unwrap_or_default();
        let unbind = inverse_bind.as_ref().map_or(DMat4::IDENTITY, |list| DMat4::from_cols_array(&list[at].map(f64::from)));
        stands * unbind
    };
    let to_world: Vec<DMat4> = joints.iter().enumerate().map(bone).collect();
    match to_world.iter().all(DMat4::is_finite) {
        true => Ok(Bones { to_world, node_to_world }),
        false => Err(FaultKind::TransformNotFinite),
    }
}

/// `KHR_lights_punctual`: a light shines along its node's −Z; its scale does not count, but one of nothing leaves no direction: `None`.
fn light_in_world(light: &Light, to_world: DMat4) -> Option<PunctualLight> {
    let Checked::Valid(kind) = light.type_ else { return None };
    let emission = light.color.map(|channel| channel.max(0.0) * light.intensity.max(0.0));
    let position = to_world.w_axis.truncate().as_vec3().to_array();
    let direction = || (-to_world.z_axis.truncate()).try_normalize().map(|direction| direction.as_vec3().to_array());
    let kind = match kind {
        LightType::Directional => LightKind::Directional { direction: direction()? },
        LightType::Point => LightKind::Point { position },
        LightType::Spot => {
            let (inner, outer) =
                light.spot.as_ref().map_or((0.0, std::f32::consts::FRAC_PI_4), |spot| (spot.inner_cone_angle, spot.outer_cone_angle));
            let cos_outer = outer.clamp(0.0, std::f32::consts::FRAC_PI_2).cos().min(1.0 - f32::EPSILON);
            // Equal angles would divide by zero in the rim's ramp. A narrow cone has a narrow rim.
            let rim = ((1.0 - cos_outer) * 0.5).min(1.0e-4);
            let cos_inner = inner.clamp(0.0, std::f32::consts::FRAC_PI_2).cos().max(cos_outer + rim).min(1.0);
            LightKind::Spot { position, direction: direction()?, cos_inner, cos_outer }
        }
    };
    Some(PunctualLight { kind, emission })
}

/// What a message calls each camera: its first name, or its number.
pub(super) fn camera_names(cameras: &[CameraNode]) -> Vec<String> {
    const SHOWN_MAX: usize = 32;
    let name = |(index, camera): (usize, &CameraNode)| camera.names.iter().flatten().next().cloned().unwrap_or_else(|| format!("#{index}"));
    cameras.iter().enumerate().map(name).take(SHOWN_MAX).collect()
}
