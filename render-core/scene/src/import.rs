//! glTF file in, checked scene out. Every fault says what, where and how to mend it; nothing in a file can make the import panic.

pub mod fault;

mod accessor;
mod animation;
mod attributes;
mod camera;
mod container;
mod deform;
mod draco;
mod environment;
mod guard;
mod instancing;
mod ktx;
mod layer;
mod lenient;
mod material;
mod mesh;
mod meshopt;
mod node;
mod stage;
mod tangent;
#[cfg(test)]
mod tests;
mod texture;
mod uri;

use std::path::{Path, PathBuf};

pub use animation::FRAMES_PER_SECOND;
pub use container::JSON_BYTES_MAX;
pub use fault::{FaultKind, ImportError, Place, SceneFault, Severity};
pub use uri::FILE_BYTES_MAX;

use self::{accessor::Reader, container::Document, fault::Faults};
use super::{Environment, PunctualLight, Scene, studio_sky};

/// What the caller adds to the file.
#[derive(Clone, Debug, PartialEq)]
pub struct ImportOptions {
    /// An equirectangular `.hdr` or `.exr`; `None` leaves the scene to its own lights.
    pub environment: Option<PathBuf>,
    /// Factor on the environment, at least 0.
    pub env_strength: f32,
    /// Which eye.
    pub camera: CameraChoice,
    /// A moment of the file's animation, counted in [`FRAMES_PER_SECOND`]; `None` is the rest pose.
    pub frame: Option<u32>,
    /// Width over height of the picture to come; matters only where the importer places the camera itself.
    pub aspect: f32,
}

impl Default for ImportOptions {
    fn default() -> Self {
        Self { environment: None, env_strength: 1.0, camera: CameraChoice::Scene, frame: None, aspect: 16.0 / 9.0 }
    }
}

/// Which eye to look through.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum CameraChoice {
    /// The first camera that the scene places, else one that frames everything.
    #[default]
    Scene,
    /// The camera whose node (or own) name this is.
    Name(String),
    /// The n-th camera that the scene places, from 0.
    Index(usize),
    /// A camera of the caller's, upright.
    Look {
        /// Where it stands, metres.
        from: [f32; 3],
        /// What it looks at, metres.
        at: [f32; 3],
        /// Vertical field of view in degrees, between 0 and 180.
        fov_y_deg: f32,
    },
}

impl From<&str> for CameraChoice {
    /// A number counts cameras, anything else names one.
    fn from(text: &str) -> Self {
        text.parse().map_or_else(|_| Self::Name(text.to_owned()), Self::Index)
    }
}

/// A scene, and what the artist should know about it.
#[derive(Clone, Debug, PartialEq)]
pub struct Imported {
    /// Passed [`Scene::check`].
    pub scene: Scene,
    /// Each has [`Severity::Warning`].
    pub warnings: Vec<SceneFault>,
}

/// Reads a `.gltf` (with its files beside it or embedded) or a `.glb`.
///
/// # Errors
/// [`ImportError`] with every fault found up to the stage that failed.
pub fn import(path: &Path, options: &ImportOptions) -> Result<Imported, ImportError> {
    let mut faults = Faults::default();
    let document = container::open(path, &mut faults)?;
    build(document, options, faults)
}

/// Reads a `.gltf` or `.glb` that is in memory. It may embed its buffers and pictures; one that refers to files is faulty.
///
/// # Errors
/// As [`import`].
pub fn from_bytes(bytes: Vec<u8>, options: &ImportOptions) -> Result<Imported, ImportError> {
    let mut faults = Faults::default();
    let document = container::read(bytes, None, || Place::Scene, &mut faults)?;
    build(document, options, faults)
}

/// Decodes a material's picture: PNG, JPEG, WebP or KTX2.
///
/// # Errors
/// [`FaultKind`]: what is wrong with it.
pub fn image_from_bytes(bytes: &[u8]) -> Result<super::Image, FaultKind> {
    texture::decode(bytes, super::TEXELS_TOTAL_MAX)
}

/// Decodes an equirectangular environment, `.hdr` or `.exr`, told apart by content.
///
/// # Errors
/// [`FaultKind`]: what is wrong with it.
pub fn environment_from_bytes(bytes: &[u8], strength: f32) -> Result<Environment, FaultKind> {
    environment::decode(bytes, strength).map(|(environment, _)| environment)
}

fn build(document: Document, options: &ImportOptions, mut faults: Faults) -> Result<Imported, ImportError> {
    let placed = node::place(document.reader(), options.frame, &mut faults);
    faults.stop_on_errors()?;
    let stage = stage::set(&document, placed.instances, &placed.deforms, &mut faults);
    faults.stop_on_errors()?;
    let container::Document { root, .. } = document;
    let camera = camera::choose(&options.camera, &root, &placed.cameras, stage.bounds, options.aspect, &mut faults);
    let mut environment = options.environment.as_deref().and_then(|path| environment::load(path, options.env_strength, &mut faults));
    faults.stop_on_errors()?;
    if options.environment.is_none() && !stage.glows() && !any_light(&placed.lights) {
        faults.warn(FaultKind::SkyAdded, Place::Scene);
        environment = Some(studio_sky());
    }
    let scene = camera.map(|camera| stage.into_scene(environment, camera, placed.lights));
    let checked = scene.map(|scene| scene.check().map(|()| scene).map_err(FaultKind::Defect));
    let scene = checked.and_then(|checked| faults.keep(checked, || Place::Scene));
    faults.stop_on_errors()?;
    match scene {
        Some(scene) => Ok(Imported { scene, warnings: faults.into_warnings() }),
        None => Err(ImportError { faults: faults.into_warnings() }),
    }
}

fn any_light(lights: &[PunctualLight]) -> bool {
    lights.iter().any(|light| light.emission.iter().any(|channel| *channel > 0.0))
}

impl Document {
    fn reader(&self) -> Reader<'_> {
        Reader { root: &self.root, buffers: &self.buffers, unpacked: &self.unpacked }
    }
}

impl stage::Stage {
    fn into_scene(self, environment: Option<Environment>, camera: super::Camera, lights: Vec<PunctualLight>) -> Scene {
        let Self { vertices, triangles, meshes, instances, materials, images, .. } = self;
        Scene { vertices, triangles, meshes, instances, materials, images, environment, camera, lights }
    }
}
