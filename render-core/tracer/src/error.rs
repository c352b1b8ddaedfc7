//! Why a device renders nothing, or not all of it.

use crate::spirv::SpirvError;
use crate::{DeviceChoice, Profile};

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
    /// The whole scene needs more than the device has.
    #[error("the scene needs at least {need} bytes of memory; {device} has {offer}")]
    MemoryTooSmall {
        /// Bytes needed.
        need: u64,
        /// Bytes offered.
        offer: u64,
        /// The device.
        device: String,
    },
    /// The device had no room at this moment: other programs fill it.
    #[error("{device} has too little free memory; the scene needs {need} bytes")]
    OutOfMemory {
        /// Bytes needed.
        need: u64,
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
        source: SpirvError,
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
    /// The driver ends loops early and says nothing, even for one sample at a time.
    #[error("the graphics driver of {device} does not run the render program to its end")]
    LoopCut {
        /// The device.
        device: String,
    },
    /// A path met so many nodes and triangles that it has no value. Triangles that lie in one place do that.
    #[error("a path meets more of the scene than any picture needs; triangles that lie in one place by the thousand do that")]
    PathBound,
    /// The driver took the device away, and setting it up anew did not help.
    #[error("{device} was lost {times} times in a row: {reason}")]
    DeviceLost {
        /// The device.
        device: String,
        /// Losses without a finished dispatch between them.
        times: u32,
        /// What the driver said.
        reason: String,
    },
    /// It was asked to stop.
    #[error("the render was cancelled")]
    Cancelled,
}
