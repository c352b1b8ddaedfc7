//! The node tree flattened: where each mesh, camera and light stands in the world.

use glam::{DMat4, DQuat, DVec3, DVec4};
use gltf::json::{
    Index, Node,
    extensions::scene::khr_lights_punctual::{Light, Type as LightType},
    validation::Checked,
};

use super::{
    accessor::Reader,
    animation::{self, Pose},
    fault::{FaultKind, Faults, Place},
};
use crate::scene::{LightKind, PunctualLight};

/// A mesh standing in the world.
pub(super) struct Instance {
    pub(super) mesh: usize,
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
    pub(super) instances: Vec<Instance>,
    pub(super) cameras: Vec<CameraNode>,
    pub(super) lights: Vec<PunctualLight>,
}

/// Walks the default scene, or the first, or (a file without scenes) every node without a parent.
pub(super) fn place(reader: Reader<'_>, frame: Option<u32>, faults: &mut Faults) -> Placed {
    let root = reader.root;
    let poses = frame.map(|frame| animation::poses(reader, frame, faults)).unwrap_or_default();
    let mut placed = Placed::default();
    let mut seen = vec![false; root.nodes.len()];
    // A stack of its own instead of recursion: a hostile file may nest a million deep.
    let mut stack: Vec<(usize, DMat4)> = roots(reader).into_iter().rev().map(|node| (node, DMat4::IDENTITY)).collect();
    while let Some((index, parent)) = stack.pop() {
        let Some(node) = root.nodes.get(index) else { continue };
        let here = || Place::Node { node: index, name: node.name.clone() };
        if std::mem::replace(&mut seen[index], true) {
            faults.error(FaultKind::NodeShared, here());
            continue;
        }
        let to_world = parent * local(node, poses.get(&index));
        if !to_world.is_finite() {
            faults.error(FaultKind::TransformNotFinite, here());
            continue;
        }
        place_node(reader, node, to_world, here, &mut placed, faults);
        stack.extend(node.children.iter().flatten().rev().map(|child| (child.value(), to_world)));
    }
    placed
}

fn roots(reader: Reader<'_>) -> Vec<usize> {
    let root = reader.root;
    let chosen = root.scene.and_then(|scene| root.scenes.get(scene.value())).or(root.scenes.first());
    if let Some(scene) = chosen {
        return scene.nodes.iter().map(Index::value).collect();
    }
    let mut has_parent = vec![false; root.nodes.len()];
    for child in root.nodes.iter().flat_map(|node| node.children.iter().flatten()) {
        if let Some(flag) = has_parent.get_mut(child.value()) {
            *flag = true;
        }
    }
    (0..root.nodes.len()).filter(|node| !has_parent[*node]).collect()
}

fn local(node: &Node, pose: Option<&Pose>) -> DMat4 {
    let pose = pose.copied().unwrap_or_default();
    let animated = pose.translation.is_some() || pose.rotation.is_some() || pose.scale.is_some();
    if let (Some(matrix), false) = (node.matrix, animated) {
        return DMat4::from_cols_array(&matrix.map(f64::from));
    }
    let vector = |value: Option<[f32; 3]>, default: DVec3| value.map_or(default, |v| DVec3::from_array(v.map(f64::from)));
    let own_rotation = node.rotation.map_or(DQuat::IDENTITY, |q| animation::to_rotation(DVec4::from_array(q.0.map(f64::from))));
    DMat4::from_scale_rotation_translation(
        pose.scale.unwrap_or_else(|| vector(node.scale, DVec3::ONE)),
        pose.rotation.unwrap_or(own_rotation),
        pose.translation.unwrap_or_else(|| vector(node.translation, DVec3::ZERO)),
    )
}

fn place_node(reader: Reader<'_>, node: &Node, to_world: DMat4, here: impl Fn() -> Place, placed: &mut Placed, faults: &mut Faults) {
    if let Some(mesh) = node.mesh {
        placed.instances.push(Instance { mesh: mesh.value(), to_world });
        if node.skin.is_some() {
            faults.warn(FaultKind::SkinIgnored, here());
        }
    }
    if let Some((camera, found)) = node.camera.and_then(|index| Some((index.value(), reader.root.get(index)?))) {
        placed.cameras.push(CameraNode { names: [node.name.clone(), found.name.clone()], camera, to_world });
    }
    let light = node.extensions.as_ref().and_then(|extensions| extensions.khr_lights_punctual.as_ref());
    if let Some(light) = light.and_then(|light| reader.root.get(light.light)) {
        match light_in_world(light, to_world) {
            Some(light) => placed.lights.push(light),
            None => faults.error(FaultKind::TransformNotFinite, here()),
        }
    }
}

/// `KHR_lights_punctual`: a light shines along its node's −Z; its scale does not count.
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
            let cos_outer = outer.clamp(0.0, std::f32::consts::FRAC_PI_2).cos();
            // Equal angles would divide by zero in the rim's ramp.
            let cos_inner = inner.clamp(0.0, std::f32::consts::FRAC_PI_2).cos().max(cos_outer + 1.0e-4).min(1.0);
            LightKind::Spot { position, direction: direction()?, cos_inner, cos_outer: cos_outer.min(cos_inner - 1.0e-4) }
        }
    };
    emission.iter().all(|channel| channel.is_finite()).then_some(PunctualLight { kind, emission })
}

/// What a message calls each camera: its first name, or its number.
pub(super) fn camera_names(cameras: &[CameraNode]) -> Vec<String> {
    const SHOWN_MAX: usize = 32;
    let name = |(index, camera): (usize, &CameraNode)| camera.names.iter().flatten().next().cloned().unwrap_or_else(|| format!("#{index}"));
    cameras.iter().enumerate().map(name).take(SHOWN_MAX).collect()
}
