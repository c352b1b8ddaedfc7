//! Scenes that are loaded on a device.

use crate::{Backend, DeviceConfig, OrderError, SceneId};
use raylance_scene::Scene;
use raylance_tracer::{DeviceChoice, DeviceKind, Profile, RenderError, Renderer};
use std::collections::VecDeque;
use std::error::Error;

/// The scene at work and the one that it interrupted, or the two backends of one scene. More would fill the card's memory.
const SCENES_MAX: usize = 2;

/// Reads a packed scene; may block.
pub(crate) type Scenes = Box<dyn Fn(&SceneId) -> Result<Vec<u8>, Box<dyn Error + Send + Sync>> + Send>;

/// The renderers of the last scenes, the latest one first.
pub(crate) struct Renderers {
    config: DeviceConfig,
    scenes: Scenes,
    kept: VecDeque<Kept>,
}

struct Kept {
    scene: SceneId,
    backend: Backend,
    renderer: Renderer,
}

impl Kept {
    /// Asks the renderer itself where it is: [`DeviceChoice::Auto`] is the CPU on a machine without a suitable card.
    fn serves(&self, scene: SceneId, backend: Backend) -> bool {
        let here = match backend {
            Backend::Usual => self.backend == Backend::Usual,
            Backend::Cpu => self.renderer.device().kind == DeviceKind::Cpu,
        };
        here && self.scene == scene
    }
}

impl Renderers {
    pub(crate) fn new(config: DeviceConfig, scenes: Scenes) -> Self {
        Self { config, scenes, kept: VecDeque::new() }
    }

    /// The renderer of a scene, which is loaded unless it was among the last ones.
    pub(crate) fn get(&mut self, scene: SceneId, backend: Backend) -> Result<&mut Renderer, OrderError> {
        let backend = self.named(backend);
        let at = self.kept.iter().position(|kept| kept.serves(scene, backend));
        let kept = match at.and_then(|at| self.kept.remove(at)) {
            Some(kept) => kept,
            None => {
                let packed = (self.scenes)(&scene).map_err(OrderError::Scene)?;
                let loaded = Scene::unpack(&packed, packed.len()).map_err(|error| OrderError::Scene(error.into()))?;
                drop(packed);
                Kept { scene, backend, renderer: self.make(&loaded, backend).map_err(OrderError::Device)? }
            }
        };
        self.kept.push_front(kept);
        Ok(&mut self.kept.front_mut().expect("it was just put there").renderer)
    }

    /// How the device is chosen, and how scenes are read.
    pub(crate) fn parts(&self) -> (&DeviceConfig, &Scenes) {
        (&self.config, &self.scenes)
    }

    /// Drops the renderer of a scene, so that the next order sets the device up anew.
    pub(crate) fn forget(&mut self, scene: SceneId, backend: Backend) {
        let backend = self.named(backend);
        self.kept.retain(|kept| !kept.serves(scene, backend));
    }

    /// One name for the CPU where it is the usual device.
    fn named(&self, backend: Backend) -> Backend {
        if self.config.device == DeviceChoice::Cpu { Backend::Cpu } else { backend }
    }

    /// Makes room for a scene and loads it. The oldest renderer of the same backend takes it, and need not compile the tracer again.
    fn make(&mut self, scene: &Scene, backend: Backend) -> Result<Renderer, RenderError> {
        let oldest = if self.kept.len() < SCENES_MAX { None } else { self.kept.pop_back() };
        let made = match oldest.filter(|kept| kept.backend == backend) {
            Some(Kept { mut renderer, .. }) => renderer.load(scene).map(|()| renderer),
            None => self.open(scene, backend),
        };
        match made {
            // The other scene may be what fills the card.
            Err(RenderError::OutOfMemory { .. }) if !self.kept.is_empty() => {
                self.kept.clear();
                self.open(scene, backend)
            }
            made => made,
        }
    }

    fn open(&self, scene: &Scene, backend: Backend) -> Result<Renderer, RenderError> {
        let choice = match backend {
            Backend::Usual => &self.config.device,
            Backend::Cpu => &DeviceChoice::Cpu,
        };
        Renderer::new(scene, choice, Profile::Exact, self.config.threads)
    }
}
