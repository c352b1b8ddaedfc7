//! Scene and unit request in, film out; one sample is a function of (scene, settings, seed, pixel, sample index).
//!
//! ```text
//! file ─ scene::import ─► Scene ─ layout::Buffers ─┬─► gpu  (WGSL on wgpu)            ┐
//!                           │ pack                 └─► cpu  (Rust made from that WGSL) ┴─► leaf sums ─► image
//!                           └─► bytes + digest
//! ```
//!
//! Both backends follow one source, `shaders/`. In the exact profile they give the same bits, so a result can be checked by equality.
//! Deliberately absent: network, money.

pub mod conformance;
pub mod image;
pub mod scene;
pub mod shaders;
pub mod tables;
pub mod timing;

mod bvh;
mod cpu;
#[cfg(test)]
mod furnace;
mod gpu;
mod layout;
#[cfg(test)]
mod lighting;
#[cfg(test)]
mod sample_scene;
mod spirv;
mod uniform;

use crate::layout::Buffers;
use crate::scene::{Camera, Scene};
use crate::uniform::Uniform;
use std::fmt;
use std::str::FromStr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// Which device renders.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub enum DeviceChoice {
    /// The best exact GPU that is no software driver, else the CPU.
    #[default]
    Auto,
    /// The CPU backend.
    Cpu,
    /// The first GPU adapter, software drivers included.
    Gpu,
    /// The adapter whose name contains this, ignoring case.
    Named(String),
}

impl FromStr for DeviceChoice {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(match text.to_ascii_lowercase().as_str() {
            "auto" => Self::Auto,
            "cpu" => Self::Cpu,
            "gpu" => Self::Gpu,
            _ => Self::Named(text.to_owned()),
        })
    }
}

/// How exactly a device follows the specification.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Profile {
    /// Bit for bit.
    Exact,
    /// Up to a tolerance.
    Portable,
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Exact => "exact",
            Self::Portable => "portable",
        })
    }
}

impl FromStr for Profile {
    type Err = UnknownProfile;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "exact" => Ok(Self::Exact),
            "portable" => Ok(Self::Portable),
            _ => Err(UnknownProfile),
        }
    }
}

/// A profile's name was expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the profile must be `exact` or `portable`")]
pub struct UnknownProfile;

/// CPU or GPU.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DeviceKind {
    /// The CPU backend.
    Cpu,
    /// A wgpu adapter.
    Gpu,
    /// A wgpu adapter that is a program on the CPU, such as lavapipe or SwiftShader.
    SoftwareGpu,
}

/// A device that can render.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceInfo {
    /// What the driver or the system calls it.
    pub name: String,
    /// CPU or GPU.
    pub kind: DeviceKind,
    /// Driver and version.
    pub driver: String,
    /// `cpu`, `vulkan`, `metal`, `dx12`.
    pub backend: String,
    /// The strictest profile that it offers. An exact GPU is trusted only after [`conformance`] agreed.
    pub profile: Profile,
}

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

/// Shared between a render and who watches it.
#[derive(Debug, Default)]
pub struct Control {
    cancelled: AtomicBool,
    done: AtomicU64,
}

impl Control {
    /// Asks the render to stop within a few milliseconds.
    pub fn cancel(&self) {
        self.cancelled.store(true, Ordering::Relaxed);
    }

    /// Whether it was asked to stop.
    pub fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed)
    }

    /// Leaves finished so far.
    pub fn done(&self) -> u64 {
        self.done.load(Ordering::Relaxed)
    }

    fn add_done(&self, leaves: u64) {
        self.done.fetch_add(leaves, Ordering::Relaxed);
    }
}

/// Why nothing was rendered.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// No adapter, or none of that name.
    #[error("no graphics device {wanted:?} was found; `raylance devices` lists those that are there")]
    NoDevice {
        /// What was asked for.
        wanted: DeviceChoice,
    },
    /// The device can't do what the profile needs.
    #[error("{device} can't render in the {profile} profile: it lacks {lacks}")]
    Unsuitable {
        /// Its name.
        device: String,
        /// The profile.
        profile: Profile,
        /// The missing feature.
        lacks: &'static str,
    },
    /// The scene needs more than the device offers in one buffer.
    #[error("the scene's {what} need {need} bytes; {device} offers {limit} in one buffer")]
    SceneTooLarge {
        /// Which buffer.
        what: &'static str,
        /// Bytes needed.
        need: u64,
        /// Bytes offered.
        limit: u64,
        /// The device.
        device: String,
    },
    /// The system refuses threads.
    #[error("the system refuses to start render threads")]
    Threads,
    /// The shader did not pass the compiler: a fault of this program.
    #[error("the render program does not compile on {device}")]
    Shader {
        /// The device.
        device: String,
        /// What the compiler said.
        #[source]
        source: spirv::SpirvError,
    },
    /// The driver refused the device or gave up.
    #[error("the graphics driver of {device} failed")]
    Driver {
        /// The device.
        device: String,
        /// What it said.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// It was asked to stop.
    #[error("the render was cancelled")]
    Cancelled,
}

/// Hash of everything that decides a sample's bits. Peers with different digests must not check each other.
pub fn renderer_digest() -> [u8; 32] {
    let mut hasher = blake3::Hasher::new_derive_key("raylance renderer 1");
    hasher.update(shaders::gpu_source().as_bytes());
    hasher.update(&layout::LAYOUT_VERSION.to_le_bytes());
    *hasher.finalize().as_bytes()
}

/// Every device that can render: the CPU first, then graphics adapters.
pub fn devices() -> Vec<DeviceInfo> {
    let mut list = vec![cpu_info()];
    list.extend(gpu::adapters().iter().map(gpu::info));
    list
}

fn cpu_info() -> DeviceInfo {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let simd = if cpu::has_wide_arithmetic() { "AVX2" } else { "portable arithmetic" };
    DeviceInfo {
        name: format!("CPU, {threads} threads"),
        kind: DeviceKind::Cpu,
        driver: format!("raylance {}, {simd}", env!("CARGO_PKG_VERSION")),
        backend: "cpu".to_owned(),
        profile: Profile::Exact,
    }
}

/// One scene on one device.
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
    /// [`RenderError`]: no such device, or the scene does not fit it.
    pub fn new(scene: &Scene, choice: &DeviceChoice, profile: Profile, threads: usize) -> Result<Self, RenderError> {
        let buffers = Buffers::new(scene);
        let camera = scene.camera;
        let adapter = match choice {
            DeviceChoice::Cpu => None,
            DeviceChoice::Auto => gpu::best_hardware_adapter(profile),
            DeviceChoice::Gpu | DeviceChoice::Named(_) => {
                Some(gpu::find_adapter(choice).ok_or_else(|| RenderError::NoDevice { wanted: choice.clone() })?)
            }
        };
        let (device, backend) = match adapter {
            None => (cpu_info(), Backend::Cpu(Box::new(cpu::CpuRenderer::new(buffers, threads)?))),
            Some(adapter) => {
                let info = DeviceInfo { profile, ..gpu::info(&adapter) };
                (info, Backend::Gpu(Box::new(gpu::GpuRenderer::new(&adapter, &buffers, profile)?)))
            }
        };
        Ok(Self { device, camera, backend })
    }

    /// What renders.
    pub fn device(&self) -> &DeviceInfo {
        &self.device
    }

    /// The sum of each request's samples, in the order of the requests. Blocks; nothing of it depends on how requests are grouped.
    ///
    /// # Errors
    /// [`RenderError::Cancelled`], or the driver's failure.
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
        match &mut self.backend {
            Backend::Cpu(cpu) => cpu.render(&Uniform::new(&self.camera, settings, &cpu.counts()), requests, quantity, control),
            Backend::Gpu(gpu) => gpu.render(&Uniform::new(&self.camera, settings, &gpu.counts()), requests, quantity, control),
        }
    }
}
