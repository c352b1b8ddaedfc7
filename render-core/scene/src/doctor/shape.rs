//! Geometry that is there but not as it was meant: without area, far out, or of another unit.

use glam::DVec3;

use super::rays::Caster;
use crate::Scene;
use crate::import::{FaultKind, Place};

/// Farther out a float's steps are coarser than 4 mm.
const FAR_M: f64 = 65_536.0;
/// A scene below this size was modelled in another unit.
const TINY_M: f64 = 1.0e-3;

pub(super) fn look(scene: &Scene, warn: &mut impl FnMut(FaultKind, Place)) {
    let corner = |index: u32| DVec3::from_array(scene.vertices[index as usize].position.map(f64::from));
    let flat = |[a, b, c]: [u32; 3]| (corner(b) - corner(a)).cross(corner(c) - corner(a)) == DVec3::ZERO;
    let count = scene.triangles.iter().filter(|triangle| flat(triangle.vertices)).count();
    if count > 0 {
        warn(FaultKind::TrianglesDegenerate { count, of: scene.triangles.len() }, Place::Scene);
    }
    let bounds = Caster::new(scene).bounds();
    let (size_m, reach_m) = (bounds.size(), bounds.min.abs().max(bounds.max.abs()).max_element());
    if reach_m > FAR_M {
        warn(FaultKind::FarOut { reach_m: reach_m as f32 }, Place::Scene);
    }
    if size_m < TINY_M {
        warn(FaultKind::Tiny { size_m: size_m as f32 }, Place::Scene);
    }
}
