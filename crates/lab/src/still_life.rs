//! The scene that comes with the program, imported as any file is.

use raylance_scene::Scene;
use raylance_scene::import::{ImportError, ImportOptions, from_bytes};

/// `assets/still-life.glb`.
pub const STILL_LIFE: &[u8] = include_bytes!("../../../assets/still-life.glb");

/// Imports the still life for a picture of this width over height.
///
/// # Errors
/// [`ImportError`]: a fault of this program.
pub fn still_life(aspect: f32) -> Result<Scene, ImportError> {
    from_bytes(STILL_LIFE.to_vec(), &ImportOptions { aspect, ..ImportOptions::default() }).map(|imported| imported.scene)
}
