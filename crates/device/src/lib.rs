//! The graphics card as a resource: orders in, leaves out; pause, pace and quit reach it without passing any loop.
//!
//! ```text
//! order ───────────► Queues ── next ──► thread: load scene, render a slice ──► done(Finished)
//! cancel, pause ───►   │ ▲                    │             ▲
//!                      │ └── not finished ────┘             │
//!                      └── must_yield ── Control::cancel ───┘
//! ```
//!
//! One thread owns the device. Loading a scene, compiling and rendering block that thread alone; every method of [`Device`] only takes a
//! lock that is never held meanwhile. A running order gives way in less than 100 ms to a more urgent one, a pause, its own cancellation and
//! the end of the program; only the load of a scene and the compiler run to their end. Finished leaves are kept when an order gives way,
//! and since a leaf does not depend on what is rendered beside it, the order has the same bits as if it had run in one piece.
//!
//! Deliberately absent: jobs, money, protocols, films.

mod awaited;
mod child;
mod choose;
mod order;
mod queues;
mod renderers;
#[cfg(test)]
mod tests;
mod thread;

pub use awaited::{Card, CardError, Task};
pub use child::serve::render_process;
pub use child::{ChildConfig, Death, Jail, Probe, probe};
pub use choose::{ChooseError, Chosen, choose, measure};
pub use order::{Backend, Finished, Order, OrderError, OrderId, Origin, QueueFull, SceneId, Urgency};
pub use queues::{DeviceState, Waiting};

pub use raylance_tracer::Pace;

use raylance_tracer::DeviceChoice;
use renderers::Renderers;
use std::error::Error;
use std::io;
use std::sync::Arc;
use thread::{Shared, Thread};

/// What renders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceConfig {
    /// The device of [`Backend::Usual`].
    pub device: DeviceChoice,
    /// Threads of the CPU backend; 0 = one per core.
    pub threads: usize,
    /// What renders strangers' scenes; none = this process does, for tests of everything else.
    pub child: Option<ChildConfig>,
}

/// The thread that owns the device. Dropping it interrupts the running order, answers what is left with [`OrderError::Cancelled`] and
/// waits for the thread to end.
pub struct Device {
    shared: Arc<Shared>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Device {
    /// Starts the thread. Opens no device yet: that happens with the first order, whose answer says if it fails.
    ///
    /// Both closures run on the device's thread. `scenes` reads a packed scene and may block. `done` gets each accepted order exactly
    /// once, cancelled ones included; the device stands still while it runs, and it must not wait for a thread that drops the [`Device`].
    ///
    /// # Errors
    /// The system refuses a thread.
    pub fn start<E: Into<Box<dyn Error + Send + Sync>>>(
        config: DeviceConfig,
        scenes: impl Fn(&SceneId) -> Result<Vec<u8>, E> + Send + 'static,
        done: impl FnMut(Finished) + Send + 'static,
    ) -> io::Result<Self> {
        let shared = Arc::new(Shared::default());
        let scenes = Box::new(move |scene: &SceneId| scenes(scene).map_err(Into::into));
        let thread = Thread::new(Arc::clone(&shared), Renderers::new(config, scenes), Box::new(done));
        let thread = std::thread::Builder::new().name("device".into()).spawn(move || thread.run())?;
        Ok(Self { shared, thread: Some(thread) })
    }

    /// Accepts an order. One whose id is waiting or running already is the same order: it is answered once.
    ///
    /// # Errors
    /// [`QueueFull`]: too many orders of its urgency are unanswered.
    pub fn order(&self, order: Order) -> Result<(), QueueFull> {
        self.shared.change(|queues| queues.order(order))
    }

    /// Takes an order back; it is answered with [`OrderError::Cancelled`] unless its answer is on the way already. Does nothing if the id
    /// is unknown. The id may be used again after the answer.
    pub fn cancel(&self, id: OrderId) {
        self.shared.change(|queues| queues.cancel(id));
    }

    /// Stops [`Urgency::Own`] and [`Urgency::Other`], or lets them go on. Replays go on: they are short, and others wait for them.
    pub fn pause(&self, paused: bool) {
        self.shared.change(|queues| queues.pause(paused));
    }

    /// Sets how much of the card's time one dispatch may take, from the next dispatch on.
    pub fn set_pace(&self, pace: Pace) {
        self.shared.control.set_pace(pace);
    }

    /// What the device does at this moment.
    pub fn state(&self) -> DeviceState {
        self.shared.lock().state()
    }
}

impl Drop for Device {
    fn drop(&mut self) {
        self.shared.change(|queues| queues.stop());
        if self.thread.take().is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the device's thread panicked");
        }
    }
}
