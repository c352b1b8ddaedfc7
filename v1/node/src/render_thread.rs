//! The one thread that owns the device: orders in, leaves out.
//!
//! ```text
//! order(replay) ─► replays ─┐
//! order(unit)  ─► units ────┴─► device ─► Rendered (to the node's inbox)
//! ```
//!
//! Nothing of the device runs on the node's own threads: loading a scene, compiling and rendering block this thread alone, and every
//! call here only takes a lock that is never held meanwhile. A unit gives way within a tenth of a second to a replay (they are small
//! and others wait for them), to a pause and to being dropped; the leaves that it has finished by then are kept, and it goes on with
//! the rest. Doing one order twice gives the same leaves.

use crate::scene_source;
use raylance_tracer::{Control, DeviceChoice, LeafRequest, Outcome, Pace, RenderError, Renderer, Settings};
use raylance_v1_protocol::job::LeafShape;
use raylance_v1_protocol::{AccountId, Digest, JobId, Leaf, LeafIndex, Profile, RenderWork, Root, SceneDigest, Unit, UnitIndex};
use raylance_v1_store::Blobs;
use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

/// Units that wait for the device: a worker's machine asks for two per job.
const UNITS_MAX: usize = 128;
/// Replays that wait for the device: what a verifier's machine holds open, for several jobs.
const REPLAYS_MAX: usize = 512;
/// Most leaves of one call to the renderer: 4 Mi samples keep a large card busy, and their sums fit everywhere.
const SLICE_LEAVES_MAX: usize = 1 << 18;
/// Scenes that stay on the device: the one at work and the one before.
const SCENES_MAX: usize = 2;

/// Names an order; a second order of the same name is the same order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Ticket {
    /// A unit that this peer renders as a worker.
    Unit {
        /// The job.
        job: JobId,
        /// The unit.
        unit: UnitIndex,
    },
    /// Leaves that this peer replays.
    Replay {
        /// The job.
        job: JobId,
        /// The unit.
        unit: UnitIndex,
        /// Who rendered it.
        worker: AccountId,
        /// For whom.
        role: ReplayRole,
    },
}

/// In which part a peer replays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ReplayRole {
    /// As the job's artist, to decide between verifiers.
    Artist {
        /// The film's root.
        root: Root,
        /// The seed of the draw.
        draw: Digest,
    },
    /// As one of its verifiers.
    Verifier,
}

impl Ticket {
    fn job(&self) -> JobId {
        match *self {
            Self::Unit { job, .. } | Self::Replay { job, .. } => job,
        }
    }
}

/// Leaves to render.
#[derive(Clone, Debug)]
pub struct Order {
    /// Its name.
    pub ticket: Ticket,
    /// The scene, which must be on disk.
    pub scene: SceneDigest,
    /// How results are compared.
    pub profile: Profile,
    /// Picture, depth and seed.
    pub settings: Settings,
    /// What to render, in this order.
    pub leaves: Arc<[LeafRequest]>,
}

/// An order was done or failed.
#[derive(Debug)]
pub struct Rendered {
    /// Which.
    pub ticket: Ticket,
    /// One leaf per request in the same order.
    pub leaves: Result<Vec<Leaf>, OrderError>,
    /// Camera samples of the order.
    pub samples: u64,
    /// Time on the device, milliseconds.
    pub render_ms: u32,
}

/// Why an order was not done.
#[derive(Debug, thiserror::Error)]
pub enum OrderError {
    /// The scene is not on disk or is damaged.
    #[error("the scene {scene:?} is not on disk")]
    Scene {
        /// Which.
        scene: SceneDigest,
    },
    /// The device failed.
    #[error("the device failed")]
    Device(#[from] RenderError),
}

/// The queue of its kind is full; try again later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the device's queue is full")]
pub struct QueueFull;

/// What the device does at this moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Doing {
    /// Nothing.
    #[default]
    Idle,
    /// A unit.
    Rendering,
    /// A replay.
    Verifying,
}

/// Device and folder of a render thread.
#[derive(Clone, Debug)]
pub struct RenderConfig {
    /// Where packed scenes lie.
    pub blobs: Blobs,
    /// Which device.
    pub device: DeviceChoice,
    /// CPU threads; 0 = all.
    pub threads: usize,
}

#[derive(Default)]
struct Queues {
    replays: VecDeque<Order>,
    units: VecDeque<Order>,
    current: Option<Running>,
    units_paused: bool,
    stopping: bool,
    doing: Doing,
}

/// A unit that has begun.
struct Running {
    order: Order,
    /// One per request; `None` = not rendered yet.
    leaves: Vec<Option<Leaf>>,
    spent: Duration,
}

impl Running {
    fn new(order: Order) -> Self {
        Self { leaves: vec![None; order.leaves.len()], order, spent: Duration::ZERO }
    }

    /// Places of the leaves that come next.
    fn open(&self) -> Vec<usize> {
        (0..self.leaves.len()).filter(|&at| self.leaves[at].is_none()).take(SLICE_LEAVES_MAX).collect()
    }
}

struct Shared {
    queues: Mutex<Queues>,
    changed: Condvar,
    control: Control,
}

impl Shared {
    /// The queues. A panic of the render thread leaves them whole, because nothing is half-way done while they are locked.
    fn lock(&self) -> MutexGuard<'_, Queues> {
        self.queues.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends the call to the renderer if it is a unit's. The queues are locked, so the thread is not about to begin another one.
    fn interrupt_unit(&self, queues: &Queues) {
        if queues.doing == Doing::Rendering {
            self.control.cancel();
        }
    }
}

/// A handle to the thread. Dropping it stops the thread after its slice.
pub struct RenderThread {
    shared: Arc<Shared>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl RenderThread {
    /// Starts the thread; finished orders go to `done`.
    ///
    /// # Errors
    /// What the system says when it has no thread.
    pub fn start(config: RenderConfig, done: mpsc::Sender<Rendered>) -> std::io::Result<Self> {
        let shared = Arc::new(Shared { queues: Mutex::default(), changed: Condvar::new(), control: Control::default() });
        let inner = Arc::clone(&shared);
        let thread = std::thread::Builder::new().name("render".into()).spawn(move || Worker::new(config, inner, done).run())?;
        Ok(Self { shared, thread: Some(thread) })
    }

    /// Queues an order unless it is queued or running.
    ///
    /// # Errors
    /// [`QueueFull`].
    pub fn order(&self, order: Order) -> Result<(), QueueFull> {
        let mut queues = self.shared.lock();
        let ticket = order.ticket;
        let running = queues.current.as_ref().is_some_and(|running| running.order.ticket == ticket);
        let (queue, max) = match ticket {
            Ticket::Unit { .. } => (&mut queues.units, UNITS_MAX),
            Ticket::Replay { .. } => (&mut queues.replays, REPLAYS_MAX),
        };
        if running || queue.iter().any(|queued| queued.ticket == ticket) {
            return Ok(());
        }
        if queue.len() >= max {
            return Err(QueueFull);
        }
        queue.push_back(order);
        if matches!(ticket, Ticket::Replay { .. }) {
            self.shared.interrupt_unit(&queues);
        }
        drop(queues);
        self.shared.changed.notify_one();
        Ok(())
    }

    /// Takes an order away; nothing is answered for it.
    pub fn drop_order(&self, ticket: Ticket) {
        self.drop_where(|order| order.ticket == ticket);
    }

    /// Takes all orders of a job away.
    pub fn drop_job(&self, job: JobId) {
        self.drop_where(|order| order.ticket.job() == job);
    }

    /// Stops or continues units; replays go on.
    pub fn pause_units(&self, paused: bool) {
        let mut queues = self.shared.lock();
        queues.units_paused = paused;
        if paused {
            self.shared.interrupt_unit(&queues);
        }
        drop(queues);
        self.shared.changed.notify_one();
    }

    /// Whether someone sits at the machine, from the next piece of work on.
    pub fn set_pace(&self, pace: Pace) {
        self.shared.control.set_pace(pace);
    }

    /// What the device does at this moment.
    pub fn doing(&self) -> Doing {
        self.shared.lock().doing
    }

    fn drop_where(&self, unwanted: impl Fn(&Order) -> bool) {
        let mut queues = self.shared.lock();
        queues.units.retain(|order| !unwanted(order));
        queues.replays.retain(|order| !unwanted(order));
        if queues.current.take_if(|running| unwanted(&running.order)).is_some() {
            self.shared.interrupt_unit(&queues);
        }
    }
}

impl Drop for RenderThread {
    fn drop(&mut self) {
        self.shared.lock().stopping = true;
        self.shared.control.cancel();
        self.shared.changed.notify_one();
        if self.thread.take().is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the render thread panicked");
        }
    }
}

enum Step {
    Replay(Order),
    Slice(Running),
    Stop,
}

struct Worker {
    config: RenderConfig,
    shared: Arc<Shared>,
    done: mpsc::Sender<Rendered>,
    renderers: VecDeque<((SceneDigest, Profile), Renderer)>,
}

impl Worker {
    fn new(config: RenderConfig, shared: Arc<Shared>, done: mpsc::Sender<Rendered>) -> Self {
        Self { config, shared, done, renderers: VecDeque::new() }
    }

    fn run(mut self) {
        loop {
            let alive = match self.next() {
                Step::Replay(order) => self.replay(order),
                Step::Slice(running) => self.slice(running),
                Step::Stop => return,
            };
            if !alive {
                return;
            }
        }
    }

    fn next(&self) -> Step {
        let mut queues = self.shared.lock();
        loop {
            if queues.stopping {
                return Step::Stop;
            }
            // An interruption was for the call that has ended. What it made room for is decided below, under the same lock.
            self.shared.control.rearm();
            if let Some(order) = queues.replays.pop_front() {
                queues.doing = Doing::Verifying;
                return Step::Replay(order);
            }
            if !queues.units_paused {
                if queues.current.is_none() {
                    queues.current = queues.units.pop_front().map(Running::new);
                }
                // The order stays visible as `current` while it is rendered, so that it is not queued twice.
                if let Some(running) = &mut queues.current {
                    let order = running.order.clone();
                    let slice = Running { order, leaves: std::mem::take(&mut running.leaves), spent: running.spent };
                    queues.doing = Doing::Rendering;
                    return Step::Slice(slice);
                }
            }
            queues.doing = Doing::Idle;
            queues = self.shared.changed.wait(queues).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn replay(&mut self, order: Order) -> bool {
        let started = Instant::now();
        let (leaves, ended) = self.render(&order, &order.leaves);
        let leaves = ended.map(|()| leaves.into_iter().flatten().collect());
        self.tell(&order, leaves, started.elapsed())
    }

    /// Renders what a unit lacks; puts it back unless it is finished, failed or was dropped meanwhile.
    fn slice(&mut self, mut running: Running) -> bool {
        let open = running.open();
        let requests: Vec<LeafRequest> = open.iter().map(|&at| running.order.leaves[at]).collect();
        let started = Instant::now();
        let (leaves, ended) = self.render(&running.order, &requests);
        running.spent += started.elapsed();
        for (at, leaf) in open.into_iter().zip(leaves) {
            running.leaves[at] = leaf;
        }
        let failed = ended.err().filter(|error| !matches!(error, OrderError::Device(RenderError::Cancelled)));
        let finished = failed.is_some() || running.leaves.iter().all(Option::is_some);
        let mut queues = self.shared.lock();
        if queues.current.as_ref().is_none_or(|current| current.order.ticket != running.order.ticket) {
            return true;
        }
        if !finished {
            queues.current = Some(running);
            return true;
        }
        queues.current = None;
        drop(queues);
        let leaves = failed.map_or_else(|| Ok(running.leaves.iter().copied().flatten().collect()), Err);
        self.tell(&running.order, leaves, running.spent)
    }

    /// One leaf per request, `None` where the render ended before it was finished.
    fn render(&mut self, order: &Order, requests: &[LeafRequest]) -> (Vec<Option<Leaf>>, Result<(), OrderError>) {
        let shared = Arc::clone(&self.shared);
        let key = (order.scene, order.profile);
        let renderer = match self.renderer(key) {
            Ok(renderer) => renderer,
            Err(error) => return (vec![None; requests.len()], Err(error)),
        };
        let Outcome { sums, ended } = renderer.render_leaves(&order.settings, requests, &shared.control);
        if ended.as_ref().is_err_and(|error| !matches!(error, RenderError::Cancelled)) {
            // The renderer has tried what it can: the next order sets the device up anew.
            self.renderers.retain(|(known, _)| *known != key);
        }
        (sums.into_iter().map(|sums| sums.map(Leaf::from_sums)).collect(), ended.map_err(OrderError::from))
    }

    fn renderer(&mut self, key: (SceneDigest, Profile)) -> Result<&mut Renderer, OrderError> {
        let at = self.renderers.iter().position(|(known, _)| *known == key);
        let entry = match at.and_then(|at| self.renderers.remove(at)) {
            Some(entry) => entry,
            None => {
                let scene = scene_source::read_packed(&self.config.blobs, key.0).ok_or(OrderError::Scene { scene: key.0 })?;
                self.renderers.truncate(SCENES_MAX - 1);
                (key, Renderer::new(&scene, &self.config.device, scene_source::profile(key.1), self.config.threads)?)
            }
        };
        self.renderers.push_front(entry);
        Ok(&mut self.renderers.front_mut().expect("it was just put there").1)
    }

    /// `false` when nobody listens any more.
    fn tell(&self, order: &Order, leaves: Result<Vec<Leaf>, OrderError>, took: Duration) -> bool {
        let samples = order.leaves.iter().map(|leaf| u64::from(leaf.samples)).sum();
        let render_ms = u32::try_from(took.as_millis()).unwrap_or(u32::MAX);
        self.done.blocking_send(Rendered { ticket: order.ticket, leaves, samples, render_ms }).is_ok()
    }
}

/// The renderer's words for a leaf.
pub fn request(shape: &LeafShape) -> LeafRequest {
    LeafRequest { x_px: shape.x_px, y_px: shape.y_px, first_sample: shape.first_sample, samples: shape.samples }
}

/// All leaves of a unit as the renderer's requests, in leaf order.
pub fn unit_requests(unit: &Unit, change: impl Fn(LeafShape) -> LeafShape) -> Arc<[LeafRequest]> {
    (0..unit.leaves()).filter_map(|leaf| unit.leaf(LeafIndex(leaf))).map(|shape| request(&change(shape))).collect()
}

/// Some leaves of a unit in the given order; `None` when the unit lacks one of them.
pub fn replay_requests(unit: &Unit, leaves: &[LeafIndex]) -> Option<Arc<[LeafRequest]>> {
    leaves.iter().map(|&leaf| unit.leaf(leaf).map(|shape| request(&shape))).collect()
}

/// The renderer's settings for a job.
pub fn settings(work: &RenderWork, seed: u32) -> Settings {
    Settings { width_px: work.width_px, height_px: work.height_px, depth_max: work.depth_max, seed }
}

#[cfg(test)]
mod tests {
    use super::*;
    use raylance_tracer::conformance;
    use raylance_v1_store::DataFolder;

    fn unit(number: u32) -> Ticket {
        Ticket::Unit { job: JobId::default(), unit: UnitIndex(number) }
    }

    fn replay(number: u32) -> Ticket {
        Ticket::Replay { job: JobId::default(), unit: UnitIndex(number), worker: AccountId([0; 32]), role: ReplayRole::Verifier }
    }

    /// A thread with a stored scene; orders are made of `pixels` leaves.
    fn setup() -> (tempfile::TempDir, RenderThread, mpsc::Receiver<Rendered>, impl Fn(Ticket, u32) -> Order) {
        let dir = tempfile::tempdir().unwrap();
        let blobs = DataFolder::open(dir.path()).unwrap().blobs();
        let packed = conformance::scene(1).pack();
        let scene = scene_source::digest(&packed);
        blobs.save_scene(scene, &packed).unwrap();
        let (done, from) = mpsc::channel(16);
        let thread = RenderThread::start(RenderConfig { blobs, device: DeviceChoice::Cpu, threads: 1 }, done).unwrap();
        let order = move |ticket, pixels: u32| Order {
            ticket,
            scene,
            profile: Profile::Exact,
            settings: Settings { width_px: 64, height_px: 64, depth_max: 4, seed: 3 },
            leaves: (0..pixels).map(|at| LeafRequest { x_px: at % 64, y_px: at / 64, first_sample: 0, samples: 4 }).collect(),
        };
        (dir, thread, from, order)
    }

    #[test]
    fn replays_go_on_while_units_are_paused() {
        let (_dir, thread, mut done, order) = setup();
        thread.pause_units(true);
        let pixels = 64 * 24 + 5;
        thread.order(order(unit(0), pixels)).unwrap();
        thread.order(order(replay(0), pixels)).unwrap();
        let first = done.blocking_recv().unwrap();
        assert_eq!(first.ticket, replay(0));
        thread.pause_units(false);
        let second = done.blocking_recv().unwrap();
        assert_eq!(second.ticket, unit(0));
        assert_eq!(second.samples, u64::from(pixels) * 4);
        let leaves = second.leaves.unwrap();
        assert_eq!(leaves.len(), pixels as usize);
        assert_eq!(leaves, first.leaves.unwrap());
    }

    /// The control counts every leaf that was rendered: were a finished one lost, it would be rendered again and counted twice.
    #[test]
    fn interruptions_lose_no_finished_leaf_and_change_no_bit() {
        let (_dir, thread, mut done, order) = setup();
        let pixels = 64 * 64;
        thread.order(order(unit(0), pixels)).unwrap();
        let mut replays = 0;
        for step in 1..=8 {
            while thread.shared.control.done() < step * 100 {
                std::thread::yield_now();
            }
            if step % 2 == 0 {
                thread.pause_units(true);
                thread.pause_units(false);
            } else {
                thread.order(order(replay(step as u32), 16)).unwrap();
                replays += 1;
            }
        }
        let mut whole = None;
        for _ in 0..=replays {
            let rendered = done.blocking_recv().unwrap();
            if rendered.ticket == unit(0) {
                whole = Some(rendered.leaves.unwrap());
            }
        }
        assert_eq!(thread.shared.control.done(), u64::from(pixels) + replays * 16);
        thread.order(order(replay(99), pixels)).unwrap();
        assert_eq!(whole.unwrap(), done.blocking_recv().unwrap().leaves.unwrap());
    }

    #[test]
    fn a_dropped_order_is_never_answered_and_a_repeated_one_once() {
        let (_dir, thread, mut done, order) = setup();
        thread.pause_units(true);
        for number in [0, 1, 1, 2] {
            thread.order(order(unit(number), 8)).unwrap();
        }
        thread.drop_order(unit(0));
        thread.pause_units(false);
        assert_eq!(done.blocking_recv().unwrap().ticket, unit(1));
        assert_eq!(done.blocking_recv().unwrap().ticket, unit(2));
        drop(thread);
        assert!(done.blocking_recv().is_none());
    }

    #[test]
    fn a_full_queue_says_so_and_a_missing_scene_is_an_answer() {
        let (_dir, thread, mut done, order) = setup();
        thread.pause_units(true);
        for number in 0..UNITS_MAX as u32 {
            thread.order(order(unit(number), 1)).unwrap();
        }
        assert_eq!(thread.order(order(unit(UNITS_MAX as u32), 1)), Err(QueueFull));
        thread.drop_job(JobId::default());
        thread.order(Order { scene: SceneDigest::default(), ..order(replay(0), 1) }).unwrap();
        assert!(matches!(done.blocking_recv().unwrap().leaves, Err(OrderError::Scene { .. })));
    }
}
