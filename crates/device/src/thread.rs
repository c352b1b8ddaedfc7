//! The thread that owns the device: takes the next order, renders a slice of it, answers or puts it back.

use crate::child::RenderProcess;
use crate::queues::{Next, Queues, Work};
use crate::renderers::Renderers;
use crate::{Finished, Order, OrderError, Origin};
use raylance_tracer::{Control, LeafRequest, Outcome, RenderError};
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// A render process without work gives the card's memory back after that.
const PROCESS_IDLE_MAX: Duration = Duration::from_secs(60);

/// What the thread and the handle share.
#[derive(Default)]
pub(crate) struct Shared {
    queues: Mutex<Queues>,
    changed: Condvar,
    pub(crate) control: Control,
}

impl Shared {
    /// The queues. A panic leaves them whole: nothing is half done while they are locked.
    pub(crate) fn lock(&self) -> MutexGuard<'_, Queues> {
        self.queues.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the queues, ends the running slice if it must give way now, and wakes the thread. The lock is held until the control is
    /// cancelled, so that it is never the next slice that ends.
    pub(crate) fn change<R>(&self, change: impl FnOnce(&mut Queues) -> R) -> R {
        let mut queues = self.lock();
        let result = change(&mut queues);
        if queues.must_yield() {
            self.control.cancel();
        }
        drop(queues);
        self.changed.notify_one();
        result
    }
}

pub(crate) struct Thread {
    shared: Arc<Shared>,
    renderers: Renderers,
    /// Renders strangers' scenes.
    process: Option<RenderProcess>,
    done: Box<dyn FnMut(Finished) + Send>,
}

impl Thread {
    pub(crate) fn new(shared: Arc<Shared>, renderers: Renderers, done: Box<dyn FnMut(Finished) + Send>) -> Self {
        Self { shared, renderers, process: None, done }
    }

    /// Returns after [`Queues::stop`], when every order is answered.
    pub(crate) fn run(mut self) {
        loop {
            let finished = match self.next() {
                Next::Render(work) => self.slice(work),
                Next::Answer(finished) => Some(finished),
                Next::Stop => return,
            };
            if let Some(finished) = finished {
                self.tell(finished);
            }
        }
    }

    fn next(&mut self) -> Next {
        let shared = Arc::clone(&self.shared);
        let mut queues = shared.lock();
        loop {
            // A cancellation was meant for the slice that has ended. What it made room for is decided below, under the same lock.
            shared.control.rearm();
            if let Some(next) = queues.next() {
                return next;
            }
            if self.process.is_none() {
                queues = shared.changed.wait(queues).unwrap_or_else(PoisonError::into_inner);
                continue;
            }
            let (after, waited) = shared.changed.wait_timeout(queues, PROCESS_IDLE_MAX).unwrap_or_else(PoisonError::into_inner);
            queues = after;
            if waited.timed_out() {
                drop(queues);
                self.process = None;
                queues = shared.lock();
            }
        }
    }

    /// Renders what an order lacks, up to a bound. `None`: it gave way or has more to render, and is back in its queue.
    fn slice(&mut self, mut work: Work) -> Option<Finished> {
        let started = Instant::now();
        let open = work.open();
        let requests: Vec<LeafRequest> = open.iter().map(|&at| work.order.leaves[at]).collect();
        let rendered = catch_unwind(AssertUnwindSafe(|| self.render(&work.order, &requests))).unwrap_or_else(|panic| {
            self.after_panic(&work.order, &*panic);
            Err(OrderError::Panicked)
        });
        let ended = rendered.and_then(|Outcome { sums, ended }| {
            work.keep(open, sums);
            ended.or_else(|error| if matches!(error, RenderError::Cancelled) { Ok(()) } else { Err(OrderError::of_device(error)) })
        });
        work.spent += started.elapsed();
        self.shared.lock().ended(work, ended)
    }

    fn render(&mut self, order: &Order, requests: &[LeafRequest]) -> Result<Outcome, OrderError> {
        let (config, scenes) = self.renderers.parts();
        if let (Origin::Stranger, Some(child)) = (order.origin, &config.child) {
            if let Some(mut process) = self.process.take().filter(RenderProcess::is_alive) {
                let rendered = process.render(order, requests, &self.shared.control, scenes);
                let had_no_part = matches!(rendered, Err(OrderError::Died(_))) && !process.took_up();
                if !had_no_part {
                    self.process = Some(process);
                    return rendered;
                }
            }
            let process = RenderProcess::start(child, config).map_err(OrderError::NoChild)?;
            return self.process.insert(process).render(order, requests, &self.shared.control, scenes);
        }
        let renderer = self.renderers.get(order.scene, order.backend)?;
        let outcome = renderer.render_leaves(&order.settings, requests, &self.shared.control);
        if outcome.ended.as_ref().is_err_and(|error| !matches!(error, RenderError::Cancelled | RenderError::PathBound)) {
            // The renderer has tried what it can.
            self.renderers.forget(order.scene, order.backend);
        }
        Ok(outcome)
    }

    /// Drops the renderer, which may be half changed. A driver that panicked may do so once more.
    fn after_panic(&mut self, order: &Order, panic: &(dyn Any + Send)) {
        tracing::error!(order = order.id.0, message = message(panic), "an order panicked");
        let forgotten = catch_unwind(AssertUnwindSafe(|| self.renderers.forget(order.scene, order.backend)));
        if let Err(panic) = forgotten {
            tracing::error!(order = order.id.0, message = message(&*panic), "its renderer panicked when it was dropped");
        }
    }

    fn tell(&mut self, finished: Finished) {
        let id = finished.id.0;
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| (self.done)(finished))) {
            tracing::error!(order = id, message = message(&*panic), "who was told of an answer panicked");
        }
    }
}

fn message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("no message")
}
