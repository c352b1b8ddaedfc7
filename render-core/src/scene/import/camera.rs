//! The eye: one of the file's cameras, one looked up by the caller, or one placed to frame everything.

use glam::{DMat4, DVec3};
use gltf::json::{Root, camera::Type, validation::Checked};

use super::{
    CameraChoice,
    fault::{FaultKind, Faults, Place},
    node::{CameraNode, camera_names},
};
use crate::scene::{Camera, Vertex};

/// Vertical field of view of a placed camera: near a 50 mm lens, which shows things in their usual proportions.
const PLACED_FOV_Y_DEG: f64 = 35.0;
/// From the centre towards a placed camera: a little above, a little to the right, in front (+Z, as glTF models face).
const PLACED_DIRECTION: DVec3 = DVec3::new(0.55, 0.38, 1.0);
/// Room left around the bounding sphere.
const PLACED_MARGIN: f64 = 1.03;

/// Decides on the camera. `aspect` is width over height of the picture to come and matters only to a placed camera.
pub(super) fn choose(
    choice: &CameraChoice,
    root: &Root,
    cameras: &[CameraNode],
    vertices: &[Vertex],
    aspect: f32,
    faults: &mut Faults,
) -> Option<Camera> {
    let unknown = |wanted: String| FaultKind::CameraUnknown { wanted, available: camera_names(cameras) };
    let node = match choice {
        CameraChoice::Look { from, at, fov_y_deg } => {
            let [from, at] = [*from, *at].map(|point| DVec3::from_array(point.map(f64::from)));
            return faults.keep(look(from, at, f64::from(*fov_y_deg)), || Place::Options);
        }
        CameraChoice::Scene => cameras.first(),
        CameraChoice::Index(index) => {
            Some(faults.keep(cameras.get(*index).ok_or_else(|| unknown(format!("#{index}"))), || Place::Options)?)
        }
        CameraChoice::Name(name) => {
            let found = cameras.iter().find(|camera| camera.names.iter().flatten().any(|other| other == name));
            Some(faults.keep(found.ok_or_else(|| unknown(name.clone())), || Place::Options)?)
        }
    };
    match node.map(|node| from_node(root, node)) {
        Some(Ok(camera)) => Some(camera),
        Some(Err(FaultKind::CameraOrthographic)) => {
            faults.warn(FaultKind::CameraOrthographic, Place::Scene);
            faults.keep(frame_all(vertices, aspect), || Place::Scene)
        }
        Some(Err(fault)) => faults.keep(Err(fault), || Place::Scene),
        None => {
            faults.warn(FaultKind::CameraPlaced, Place::Scene);
            faults.keep(frame_all(vertices, aspect), || Place::Scene)
        }
    }
}

fn from_node(root: &Root, node: &CameraNode) -> Result<Camera, FaultKind> {
    let camera = root.cameras.get(node.camera).ok_or(FaultKind::CameraDegenerate)?;
    let perspective = match (camera.type_, &camera.perspective) {
        (Checked::Valid(Type::Perspective), Some(perspective)) => perspective,
        _ => return Err(FaultKind::CameraOrthographic),
    };
    let world: DMat4 = node.to_world;
    // A glTF camera looks along −Z with +Y up; parents may scale and shear, which a pinhole has no use for.
    eye(world.w_axis.truncate(), -world.z_axis.truncate(), world.y_axis.truncate(), f64::from(perspective.yfov))
}

fn look(from: DVec3, at: DVec3, fov_y_deg: f64) -> Result<Camera, FaultKind> {
    let forward = at - from;
    let steep = forward.x.hypot(forward.z) < forward.y.abs() * 1.0e-6;
    eye(from, forward, if steep { DVec3::NEG_Z } else { DVec3::Y }, fov_y_deg.to_radians())
}

fn eye(from: DVec3, forward: DVec3, up: DVec3, fov_y_rad: f64) -> Result<Camera, FaultKind> {
    let axes = || {
        let forward = forward.try_normalize()?;
        let right = forward.cross(up).try_normalize()?;
        Some((right, right.cross(forward), forward))
    };
    let lens = fov_y_rad > 0.0 && fov_y_rad < std::f64::consts::PI;
    match axes() {
        Some((right, up, forward)) if lens && from.is_finite() => {
            let [from, right, up, forward] = [from, right, up, forward].map(|v| v.as_vec3().to_array());
            Ok(Camera::pinhole(from, right, up, forward, (fov_y_rad / 2.0).tan() as f32))
        }
        _ => Err(FaultKind::CameraDegenerate),
    }
}

/// Three-quarter view in which the bounding sphere just fits the narrower side of the picture.
fn frame_all(vertices: &[Vertex], aspect: f32) -> Result<Camera, FaultKind> {
    let points = || vertices.iter().map(|vertex| DVec3::from_array(vertex.position.map(f64::from)));
    let (low, high) = points().fold((DVec3::INFINITY, DVec3::NEG_INFINITY), |(low, high), point| (low.min(point), high.max(point)));
    let center = (low + high) / 2.0;
    let radius = ((high - low).length() / 2.0).max(1.0e-3);
    let aspect = if aspect.is_finite() && aspect > 0.0 { f64::from(aspect) } else { 1.0 };
    let half_y = PLACED_FOV_Y_DEG.to_radians() / 2.0;
    let half = half_y.min((half_y.tan() * aspect).atan());
    let distance = radius * PLACED_MARGIN / half.sin();
    look(center + PLACED_DIRECTION.normalize() * distance, center, PLACED_FOV_Y_DEG)
}
