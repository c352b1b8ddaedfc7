//! Scene and unit request in, film out; one sample is a function of (scene, settings, seed, pixel, sample index).
//!
//! ```text
//! Scene ─ layout::Buffers ─┬─► gpu  (WGSL on wgpu)             ┐
//!                          └─► cpu  (Rust made from that WGSL) ┴─► sums of leaves
//! ```
//!
//! Both backends follow one source, the crate `raylance-shaders`. In the exact profile they give the same bits, so a result can be checked by equality.
//! Deliberately absent: network, money.

pub mod conformance;
pub mod timing;

mod bvh;
mod control;
mod cpu;
mod device;
mod digest;
mod error;
#[cfg(test)]
mod features;
mod footprint;
#[cfg(test)]
mod furnace;
mod gpu;
mod layout;
#[cfg(test)]
mod lighting;
mod pages;
#[cfg(test)]
mod sample_scene;
mod spirv;
#[cfg(test)]
mod statistics;
mod uniform;

pub use control::{Control, Pace};
pub use cpu::PATH_TESTS_MAX;
pub use device::{DeviceChoice, DeviceInfo, DeviceKind, Profile, UnknownProfile, devices};
pub use digest::renderer_digest;
pub use error::RenderError;
pub use footprint::{BufferBytes, vram_estimate};

use crate::device::cpu_info;
use crate::layout::Buffers;
use crate::uniform::Uniform;
use raylance_scene::{Camera, Scene};

/// What moves a sample's bits besides the scene.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Picture width, 1 to 65,535.
    pub width_px: u32,
    /// Picture height, 1 to 65,535.
    pub height_px: u32,
    /// Most path segments; 1 = emitters seen directly.
    pub depth_max: u32,
    /// Seed of every sample.
    pub seed: u32,
}

/// Consecutive samples of one pixel, to be summed in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LeafRequest {
    /// Column.
    pub x_px: u32,
    /// Row.
    pub y_px: u32,
    /// First sample.
    pub first_sample: u32,
    /// Samples.
    pub samples: u32,
}

/// What a sample measures. Only radiance is part of a job's film; the others are layers beside a picture.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(u32)]
pub enum Quantity {
    /// Light that arrives: red, green, blue.
    #[default]
    Radiance = 0,
    /// Colour of the surface that is seen first, 0..=1: its base colour, white where one sees through it, with its own light added; 0 in the sky.
    Albedo = 1,
    /// Unit shading normal of the surface that is seen first, in the world, towards the viewer; 0 in the sky.
    Normal = 2,
    /// (metres along the view direction, 1, 0) of the surface that is seen first; 0 in the sky.
    Depth = 3,
}

/// What came of a render.
#[derive(Debug)]
#[must_use]
pub struct Outcome {
    /// The sum of each request's samples in the order of the requests; `None` where the render ended before the leaf was finished.
    /// A finished leaf is whole and stands, whatever ended the render.
    pub sums: Vec<Option<[f32; 3]>>,
    /// Why it ended before all leaves were finished.
    pub ended: Result<(), RenderError>,
}

/// One scene on one device. Several may live side by side, each on a device of its own.
///
/// Everything here blocks, for a scene's size at the start and for a render's length afterwards: callers with an event loop give it a
/// thread and talk to it through [`Control`].
pub struct Renderer {
    device: DeviceInfo,
    camera: Camera,
    backend: Backend,
}

enum Backend {
    Cpu(Box<cpu::CpuRenderer>),
    Gpu(Box<gpu::GpuRenderer>),
}

impl Renderer {
    /// Loads a checked scene. `threads` bounds the CPU backend; 0 = every core.
    ///
    /// # Errors
    /// [`RenderError`]: no such device, or the scene does not fit it. What certainly does not fit is refused before anything is built.
    pub fn new(scene: &Scene, choice: &DeviceChoice, profile: Profile, threads: usize) -> Result<Self, RenderError> {
        let camera = scene.camera;
        let adapter = match choice {
            DeviceChoice::Cpu => None,
            DeviceChoice::Auto => gpu::best_hardware_adapter(profile),
            DeviceChoice::Gpu | DeviceChoice::Adapter(_) | DeviceChoice::Named(_) => {
                Some(gpu::find_adapter(choice).ok_or_else(|| RenderError::NoDevice { wanted: choice.clone() })?)
            }
        };
        let (device, backend) = match adapter {
            None => (cpu_info(), Backend::Cpu(Box::new(cpu::CpuRenderer::new(scene, threads)?))),
            Some((number, adapter)) => {
                footprint::check_fits(&vram_estimate(scene), &gpu::offer(&adapter))?;
                let info = DeviceInfo { profile, ..gpu::info(&adapter, number) };
                (info, Backend::Gpu(Box::new(gpu::GpuRenderer::new(number, &adapter, Buffers::new(scene), profile)?)))
            }
        };
        Ok(Self { device, camera, backend })
    }

    /// Takes another checked scene in the place of the one that is loaded; device, threads and compiled tracer stay.
    ///
    /// # Errors
    /// [`RenderError`]: it does not fit the device, or the driver failed; the renderer is of no use then.
    pub fn load(&mut self, scene: &Scene) -> Result<(), RenderError> {
        match &mut self.backend {
            Backend::Cpu(cpu) => cpu.load(scene),
            Backend::Gpu(gpu) => {
                footprint::check_fits(&vram_estimate(scene), gpu.offer())?;
                gpu.load(Buffers::new(scene))?;
            }
        }
        self.camera = scene.camera;
        Ok(())
    }

    /// What renders.
    pub fn device(&self) -> &DeviceInfo {
        &self.device
    }

    /// The sum of each request's samples, in the order of the requests. Blocks; nothing of it depends on how requests are grouped.
    ///
    /// # Errors
    /// [`RenderError::Cancelled`], or the driver's failure; finished leaves are lost then.
    pub fn render(&mut self, settings: &Settings, requests: &[LeafRequest], control: &Control) -> Result<Vec<[f32; 3]>, RenderError> {
        self.render_quantity(settings, requests, Quantity::Radiance, control)
    }

    /// Like [`Renderer::render`], of any quantity.
    ///
    /// # Errors
    /// The same.
    pub fn render_quantity(
        &mut self,
        settings: &Settings,
        requests: &[LeafRequest],
        quantity: Quantity,
        control: &Control,
    ) -> Result<Vec<[f32; 3]>, RenderError> {
        let Outcome { sums, ended } = self.leaves(settings, requests, quantity, control);
        ended?;
        Ok(sums.into_iter().flatten().collect())
    }

    /// The most nodes and packs of triangles that any one path of these requests meets, as the CPU counts them; `None` on a graphics card.
    /// [`PATH_TESTS_MAX`] is the bound. Looks no further once a path needs more than `enough`.
    pub fn most_tests(&self, settings: &Settings, requests: &[LeafRequest], enough: u64) -> Option<u64> {
        let Backend::Cpu(cpu) = &self.backend else { return None };
        Some(cpu.most_tests(&Uniform::new(&self.camera, settings, &cpu.counts()), requests, enough))
    }

    /// The same for callers that keep what is finished when the render ends early, and go on with the rest later.
    pub fn render_leaves(&mut self, settings: &Settings, requests: &[LeafRequest], control: &Control) -> Outcome {
        self.leaves(settings, requests, Quantity::Radiance, control)
    }

    fn leaves(&mut self, settings: &Settings, requests: &[LeafRequest], quantity: Quantity, control: &Control) -> Outcome {
        match &mut self.backend {
            Backend::Cpu(cpu) => cpu.render(&Uniform::new(&self.camera, settings, &cpu.counts()), requests, quantity, control),
            Backend::Gpu(gpu) => gpu.render(&Uniform::new(&self.camera, settings, &gpu.counts()), requests, quantity, control),
        }
    }
}
