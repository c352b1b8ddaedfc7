//! Scenes from files and from this peer's disk: one import for `raylance render` and for a job, so that both see the same scene.

mod lens;

pub use lens::{LensChoice, Opening};

use crate::view::{CommandError, LookRequest, SubmitRequest};
use raylance_scene::Scene;
use raylance_scene::import::{CameraChoice, ImportError, ImportOptions, SceneFault, import};
use raylance_tracer::Profile;
use raylance_v1_protocol::{Digest, SceneDigest, limits};
use raylance_v1_store::Blobs;
use std::path::{Path, PathBuf};

/// The scene that comes with the program: `assets/still-life.glb`.
pub const STILL_LIFE: &[u8] = include_bytes!("../../../assets/still-life.glb");

/// What a person chose to draw.
#[derive(Clone, Debug)]
pub struct SceneChoice {
    /// A `.gltf` or `.glb` file.
    pub path: PathBuf,
    /// An equirectangular picture.
    pub env: Option<PathBuf>,
    /// Factor on its radiance.
    pub env_strength: Option<f32>,
    /// Camera name or number.
    pub camera: Option<String>,
    /// Camera given by hand.
    pub look: Option<LookRequest>,
    /// A lens in place of the camera's own.
    pub lens: Option<LensChoice>,
    /// Animation frame, 24 per second.
    pub frame: Option<u32>,
    /// Width over height of the picture; moves only a camera that the importer places itself.
    pub aspect: f32,
}

impl SceneChoice {
    /// What a submission asks for.
    pub fn of_request(request: &SubmitRequest) -> Self {
        Self {
            path: PathBuf::from(&request.scene),
            env: request.env.as_ref().map(PathBuf::from),
            env_strength: request.env_strength,
            camera: request.camera.clone(),
            look: request.look,
            lens: None,
            frame: None,
            aspect: request.width_px as f32 / request.height_px.max(1) as f32,
        }
    }

    /// The same in the importer's words.
    pub fn options(&self) -> ImportOptions {
        ImportOptions {
            camera: self.camera(),
            environment: self.env.clone(),
            env_strength: self.env_strength.unwrap_or(1.0),
            frame: self.frame,
            aspect: self.aspect,
        }
    }

    fn camera(&self) -> CameraChoice {
        match (&self.look, &self.camera) {
            (Some(LookRequest { from, at, fov_y_deg }), _) => CameraChoice::Look { from: *from, at: *at, fov_y_deg: *fov_y_deg },
            (None, Some(text)) => text.parse().map_or_else(|_| CameraChoice::Name(text.clone()), CameraChoice::Index),
            (None, None) => CameraChoice::Scene,
        }
    }
}

/// A scene that passed the doctor.
pub struct LoadedScene {
    /// Ready to render.
    pub scene: Scene,
    /// Its canonical bytes.
    pub packed: Vec<u8>,
    /// What the doctor had to say.
    pub warnings: Vec<String>,
}

/// Imports, checks and packs a scene. Blocking; large scenes take seconds.
///
/// # Errors
/// One line and one detail per fault, for a person.
pub fn load(choice: &SceneChoice) -> Result<LoadedScene, CommandError> {
    let mut imported = import(&choice.path, &choice.options()).map_err(|error| refused(&choice.path, &error))?;
    let mut warnings: Vec<String> = imported.warnings.iter().map(plain).collect();
    if let Some(lens) = &choice.lens {
        warnings.extend(lens.put_on(&mut imported.scene, choice.look.as_ref(), choice.aspect)?);
    }
    let packed = imported.scene.pack();
    if packed.len() as u64 > limits::SCENE_BYTES_MAX {
        let message =
            format!("{}: the scene has {} bytes; at most {} are possible", choice.path.display(), packed.len(), limits::SCENE_BYTES_MAX);
        return Err(CommandError { message, details: vec!["decimate the heaviest meshes or shrink the textures".to_owned()] });
    }
    Ok(LoadedScene { scene: imported.scene, packed, warnings })
}

fn refused(path: &Path, error: &ImportError) -> CommandError {
    let text = error.to_string();
    let mut lines = text.lines();
    let first = lines.next().unwrap_or("the scene cannot be rendered");
    CommandError { message: format!("{}: {first}", path.display()), details: lines.map(|line| line.trim().to_owned()).collect() }
}

/// A warning without the word, which whoever shows it adds.
fn plain(fault: &SceneFault) -> String {
    let text = fault.to_string();
    text.strip_prefix("warning: ").unwrap_or(&text).to_owned()
}

/// The scene's name on the wire and on the ledger.
pub fn digest(packed: &[u8]) -> SceneDigest {
    SceneDigest(Digest(raylance_scene::digest(packed)))
}

/// Reads a packed scene; `None` when it is not there or damaged. Its digest is checked, so that a damaged disk is not taken for a cheat.
pub fn read_packed(blobs: &Blobs, wanted: SceneDigest) -> Option<Scene> {
    let packed = blobs.scene(wanted, digest).inspect_err(|error| tracing::warn!(%error, "a scene cannot be read")).ok()??;
    Scene::unpack(&packed, packed.len()).ok()
}

/// The renderer's word for a profile.
pub fn profile(profile: raylance_v1_protocol::Profile) -> Profile {
    match profile {
        raylance_v1_protocol::Profile::Exact => Profile::Exact,
        raylance_v1_protocol::Profile::Portable => Profile::Portable,
    }
}
