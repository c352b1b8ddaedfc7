//! The scene doctor: everything wrong with a scene file, what is in it, and what a small trial picture of it shows.
//!
//! The importer finds what is broken. The doctor looks further at a scene that can be rendered, for what an artist did not mean: a picture
//! that is black, a camera inside a wall, triangles without area. All of that is a warning, as it may be meant after all.

mod probe;

use std::path::Path;

use raylance_scene::{
    Scene, doctor,
    import::{FaultKind, ImportError, ImportOptions, Place, SceneFault, Severity, import},
};
use raylance_tracer::vram_estimate;

/// What the doctor found.
#[derive(Clone, Debug, PartialEq)]
pub struct Checkup {
    /// The errors first.
    pub faults: Vec<SceneFault>,
    /// What is in the scene; `None` if it cannot be rendered.
    pub contents: Option<Contents>,
}

/// What a scene is made of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Contents {
    /// Triangles that are drawn, those of repeated meshes as often as they are repeated.
    pub triangles: u64,
    /// Triangles that are kept.
    pub triangles_unique: u64,
    /// Meshes that stand in the world.
    pub instances: u64,
    /// Materials that are worn.
    pub materials: u64,
    /// Pictures on them.
    pub images: u64,
    /// Lights without area.
    pub lights: u64,
    /// Whether light comes from outside.
    pub environment: bool,
    /// What a graphics card must hold, at least.
    pub vram_bytes_estimate: u64,
    /// Nodes and triangles that the dearest path of a trial picture meets.
    pub path_tests: u64,
}

impl Checkup {
    /// Whether the scene can be rendered.
    pub fn is_ok(&self) -> bool {
        self.count(Severity::Error) == 0
    }

    /// How many faults are of this severity.
    pub fn count(&self, severity: Severity) -> usize {
        self.faults.iter().filter(|fault| fault.severity == severity).count()
    }
}

/// Reads a scene and looks at it from all sides. Takes as long as an import, the building of a tree and a small picture on the CPU.
pub fn examine(path: &Path, options: &ImportOptions) -> Checkup {
    let imported = match import(path, options) {
        Ok(imported) => imported,
        Err(error) => return Checkup { faults: error.faults, contents: None },
    };
    let scene = imported.scene;
    let mut faults = imported.warnings;
    let path_tests = match path_tests(&scene, options.aspect) {
        Ok(tests) => tests,
        Err(mut error) => {
            error.faults.append(&mut faults);
            return Checkup { faults: error.faults, contents: None };
        }
    };
    let mut warn =
        |what: FaultKind, place: Place| faults.push(SceneFault { severity: Severity::Warning, remedy: what.remedy(), what, place });
    doctor::look(&scene, &mut warn);
    probe::look(&scene, options.aspect, &mut warn);
    Checkup { faults, contents: Some(Contents { path_tests, ..contents(&scene) }) }
}

/// The most nodes and triangles that a path of a trial picture meets. Takes as long as the building of a tree.
///
/// # Errors
/// The fault of a scene that no device would render to its end.
pub fn path_tests(scene: &Scene, aspect: f32) -> Result<u64, ImportError> {
    let fault = |what: FaultKind| SceneFault { severity: Severity::Error, remedy: what.remedy(), what, place: Place::Probe };
    probe::most_tests(scene, aspect).map_err(|what| ImportError { faults: vec![fault(what)] })
}

fn contents(scene: &Scene) -> Contents {
    let drawn = |mesh: u32| u64::from(scene.meshes[mesh as usize].count);
    Contents {
        triangles: scene.instances.iter().map(|instance| drawn(instance.mesh)).sum(),
        triangles_unique: scene.triangles.len() as u64,
        instances: scene.instances.len() as u64,
        materials: scene.materials.len() as u64,
        images: scene.images.len() as u64,
        lights: scene.lights.len() as u64,
        environment: scene.environment.is_some(),
        vram_bytes_estimate: vram_estimate(scene).iter().map(|part| part.bytes).sum(),
        path_tests: 0,
    }
}
