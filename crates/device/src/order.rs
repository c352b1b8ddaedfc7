//! What the device is asked for, and what it answers.

use crate::child::Death;
use raylance_tracer::{LeafRequest, RenderError, Settings};
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

/// Names an order. Chosen by the caller, unique among unanswered orders.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OrderId(pub u64);

/// Names a scene: its digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SceneId(pub [u8; 32]);

/// Which orders come first. A more urgent order interrupts a running one; orders of the same urgency run in the order of their arrival.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Urgency {
    /// Leaves rendered a second time for a check. Never paused.
    Replay,
    /// The owner's own pictures.
    Own,
    /// Other people's pictures.
    Other,
}

impl Urgency {
    /// The most urgent one first.
    pub const ALL: [Self; 3] = [Self::Replay, Self::Own, Self::Other];

    /// Whether a pause stops it.
    pub(crate) fn pauses(self) -> bool {
        self != Self::Replay
    }

    /// Most unanswered orders.
    pub(crate) fn orders_max(self) -> usize {
        match self {
            Self::Replay => REPLAYS_MAX,
            Self::Own => OWN_MAX,
            Self::Other => OTHERS_MAX,
        }
    }
}

/// Replays are small, and they come in bursts: a checker's lists for several jobs, a court case's leaves.
const REPLAYS_MAX: usize = 512;
/// A picture's units are dealt a few at a time, so that other machines can take the rest. This leaves room for the owner's samples on the
/// CPU.
const OWN_MAX: usize = 64;
/// A worker holds at most eight tasks per artist; these are sixteen artists.
const OTHERS_MAX: usize = 128;

/// Whose scene is rendered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Origin {
    /// The owner's: in this process.
    Own,
    /// A stranger's: in a process of its own, where there is a program for it.
    Stranger,
}

/// Which backend renders.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Backend {
    /// The configured device.
    Usual,
    /// The CPU, which decides every difference between devices.
    Cpu,
}

/// Leaves to render in the exact profile.
#[derive(Clone, Debug)]
pub struct Order {
    /// Its name.
    pub id: OrderId,
    /// When it runs.
    pub urgency: Urgency,
    /// Whose scene it is.
    pub origin: Origin,
    /// What is rendered.
    pub scene: SceneId,
    /// Picture size, depth and seed.
    pub settings: Settings,
    /// Leaves in the order of the answer's sums.
    pub leaves: Arc<[LeafRequest]>,
    /// Where it runs.
    pub backend: Backend,
}

/// The answer to an order.
#[derive(Debug)]
pub struct Finished {
    /// Which order.
    pub id: OrderId,
    /// The sum of each leaf's samples, in the order of [`Order::leaves`].
    pub result: Result<Vec<[f32; 3]>, OrderError>,
    /// Time on the device's thread, including loading the scene and excluding the time it waited.
    pub spent: Duration,
}

/// Why an order has no sums.
#[derive(Debug, thiserror::Error)]
pub enum OrderError {
    /// The scene is missing, damaged or not readable.
    #[error("the scene could not be loaded")]
    Scene(#[source] Box<dyn Error + Send + Sync>),
    /// The device failed, or the scene does not fit it. The next order sets it up anew.
    #[error("the device failed")]
    Device(#[source] RenderError),
    /// The scene makes a path so dear that it has no value, or so long that the driver cuts it off: a fault of the scene, not of the device.
    #[error("a path through the scene has no end that is worth waiting for")]
    PathBound,
    /// The device failed in the render process.
    #[error("the device failed: {0}")]
    Child(String),
    /// No render process could be started for a stranger's scene.
    #[error("no render process can be started")]
    NoChild(#[source] std::io::Error),
    /// The scene ended the render process. It should not be tried again by itself.
    #[error("the scene was too much: {0}")]
    Died(Death),
    /// The order was cancelled, or the device was dropped.
    #[error("the order was cancelled")]
    Cancelled,
    /// Loading or rendering panicked: a fault of this program or of a driver. The message is in the log.
    #[error("the order panicked")]
    Panicked,
}

impl OrderError {
    pub(crate) fn of_device(error: RenderError) -> Self {
        match error {
            RenderError::PathBound | RenderError::LoopCut { .. } => Self::PathBound,
            error => Self::Device(error),
        }
    }
}

/// Too many orders of this urgency are unanswered; try again after an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the device's queue is full")]
pub struct QueueFull;
