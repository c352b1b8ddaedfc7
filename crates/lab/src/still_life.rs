//! The scene that comes with the program, imported as any file is.

use raylance_v1_node::scene_source::{self, LoadedScene, STILL_LIFE, SceneChoice};
use raylance_v1_node::view::CommandError;

/// Why the built-in scene is not there.
#[derive(Debug, thiserror::Error)]
pub enum StillLifeError {
    /// The importer reads files, and none can be written.
    #[error("no temporary file can be written")]
    Write(#[from] std::io::Error),
    /// The importer refused it: a fault of this program.
    #[error("the importer refuses it: {}", .0.message)]
    Import(CommandError),
}

/// Imports the still life for a picture of this width over height.
///
/// # Errors
/// [`StillLifeError`]: no temporary file, or a fault of this program.
pub fn still_life(aspect: f32) -> Result<LoadedScene, StillLifeError> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("still-life.glb");
    std::fs::write(&path, STILL_LIFE)?;
    let choice = SceneChoice { path, env: None, env_strength: None, camera: None, look: None, lens: None, frame: None, aspect };
    scene_source::load(&choice).map_err(StillLifeError::Import)
}
