//! The eye: one of the file's cameras, one that the caller describes, or one placed to frame everything.

use glam::{DMat4, DVec3};
use gltf::json::{Root, camera::Type, validation::Checked};

use super::{
    CameraChoice,
    fault::{FaultKind, Faults, Place},
    node::{CameraNode, camera_names},
};
use crate::{Camera, Projection};

/// Vertical field of view of a placed camera: near a 50 mm lens, which shows things in their usual proportions.
const PLACED_FOV_Y_DEG: f64 = 35.0;
/// From the centre towards a placed camera: a little above, a little to the right, in front (+Z, as glTF models face).
const PLACED_DIRECTION: DVec3 = DVec3::new(0.55, 0.38, 1.0);
/// Room left around the bounding sphere.
const PLACED_MARGIN: f64 = 1.03;

/// Decides on the camera. `bounds` are the scene's lowest and highest corner, `aspect` is width over height of the picture to come; both matter
/// only to a placed camera.
pub(super) fn choose(
    choice: &CameraChoice,
    root: &Root,
    cameras: &[CameraNode],
    bounds: [DVec3; 2],
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
    match node {
        Some(node) => faults.keep(from_node(root, node), || Place::Scene),
        None => {
            faults.warn(FaultKind::CameraPlaced, Place::Scene);
            faults.keep(frame_all(bounds, aspect), || Place::Scene)
        }
    }
}

fn from_node(root: &Root, node: &CameraNode) -> Result<Camera, FaultKind> {
    let camera = root.cameras.get(node.camera).ok_or(FaultKind::CameraDegenerate)?;
    let projection = match (camera.type_, &camera.perspective, &camera.orthographic) {
        (Checked::Valid(Type::Perspective), Some(perspective), _) => lens(perspective.yfov.into())?,
        // The picture's own aspect says how wide it is. A negative magnification makes no more sense than a negative height.
        (Checked::Valid(Type::Orthographic), _, Some(box_)) => Projection::Orthographic { half_height_m: box_.ymag.abs() },
        _ => return Err(FaultKind::CameraDegenerate),
    };
    let world: DMat4 = node.to_world;
    // A glTF camera looks along −Z with +Y up; parents may scale and shear, which an eye has no use for.
    eye(world.w_axis.truncate(), -world.z_axis.truncate(), world.y_axis.truncate(), projection)
}

fn look(from: DVec3, at: DVec3, fov_y_deg: f64) -> Result<Camera, FaultKind> {
    let forward = at - from;
    let steep = forward.x.hypot(forward.z) < forward.y.abs() * 1.0e-6;
    eye(from, forward, if steep { DVec3::NEG_Z } else { DVec3::Y }, lens(fov_y_deg.to_radians())?)
}

fn lens(fov_y_rad: f64) -> Result<Projection, FaultKind> {
    match fov_y_rad > 0.0 && fov_y_rad < std::f64::consts::PI {
        true => Ok(Projection::Perspective { tan_half_fov_y: (fov_y_rad / 2.0).tan() as f32 }),
        false => Err(FaultKind::CameraDegenerate),
    }
}

fn eye(from: DVec3, forward: DVec3, up: DVec3, projection: Projection) -> Result<Camera, FaultKind> {
    let axes = || {
        let forward = forward.try_normalize()?;
        let right = forward.cross(up).try_normalize()?;
        Some((right, right.cross(forward), forward))
    };
    let (right, up, forward) = axes().ok_or(FaultKind::CameraDegenerate)?;
    let [from, right, up, forward] = [from, right, up, forward].map(|v| v.as_vec3().to_array());
    let camera = Camera { projection, ..Camera::pinhole(from, right, up, forward, 1.0) };
    // An eye beyond the scene's limits, or with a lens beyond them.
    camera.check().map(|()| camera).map_err(|_| FaultKind::CameraDegenerate)
}

/// Three-quarter view in which the bounding sphere just fits the narrower side of the picture.
fn frame_all([low, high]: [DVec3; 2], aspect: f32) -> Result<Camera, FaultKind> {
    let center = (low + high) / 2.0;
    let radius = ((high - low).length() / 2.0).max(1.0e-3);
    let aspect = if aspect.is_finite() && aspect > 0.0 { f64::from(aspect) } else { 1.0 };
    let half_y = PLACED_FOV_Y_DEG.to_radians() / 2.0;
    let half = half_y.min((half_y.tan() * aspect).atan());
    let distance = radius * PLACED_MARGIN / half.sin();
    look(center + PLACED_DIRECTION.normalize() * distance, center, PLACED_FOV_Y_DEG)
}
