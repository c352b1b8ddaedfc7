//! The scene doctor's look at a scene without rendering it: what can be traced and is yet not what the artist meant.

mod rays;
mod shape;

pub use rays::{Bounds, Caster, Hit};

use crate::Scene;
use crate::import::{FaultKind, Place};

/// Most bytes of pictures before their weight is told: half of what a scene may have.
pub const TEXTURES_LIGHT_BYTES: u64 = 512 << 20;

/// Tells what is odd about the geometry and the pictures of a checked scene.
pub fn look(scene: &Scene, warn: &mut impl FnMut(FaultKind, Place)) {
    shape::look(scene, warn);
    let bytes = scene.images.iter().map(|image| image.texels.len() as u64).sum();
    if bytes > TEXTURES_LIGHT_BYTES {
        warn(FaultKind::TexturesHeavy { bytes }, Place::Scene);
    }
}
