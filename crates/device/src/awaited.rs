//! The device, awaited: an order that nobody waits for any more is taken back.

use crate::{Backend, Device, DeviceConfig, DeviceState, Finished, Order, OrderError, OrderId, Origin, SceneId, Urgency};
use raylance_tracer::{LeafRequest, Pace, Settings};
use std::collections::HashMap;
use std::error::Error;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{oneshot, watch};

/// Own work waits so long for a paused device.
const OWN_WAITS: Duration = Duration::from_secs(10);

type Waiting = Arc<Mutex<HashMap<OrderId, oneshot::Sender<Finished>>>>;

/// What is to be rendered.
#[derive(Clone, Debug)]
pub struct Task {
    /// For whom.
    pub urgency: Urgency,
    /// Whose scene.
    pub origin: Origin,
    /// The scene, which is on disk.
    pub scene: SceneId,
    /// Picture size, depth and seed.
    pub settings: Settings,
    /// Which leaves.
    pub leaves: Arc<[LeafRequest]>,
    /// Where.
    pub backend: Backend,
}

/// Why there are no leaves.
#[derive(Debug, thiserror::Error)]
pub enum CardError {
    /// Another renderer's bits are asked for.
    #[error("the job was begun by another version of this program")]
    OtherRenderer,
    /// Too much is asked for at once.
    #[error("the device's queue is full")]
    Full,
    /// The owner wants the device for longer than own work waits.
    #[error("the device is paused")]
    Paused,
    /// The device says no.
    #[error(transparent)]
    Order(#[from] OrderError),
}

/// Does it stand still because its owner wants it?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stand {
    Goes,
    /// Until this snooze ends.
    Snoozes(u64),
    Paused,
}

/// The device of this peer. Cheap to clone.
#[derive(Clone)]
pub struct Card {
    device: Arc<Device>,
    waiting: Waiting,
    numbers: Arc<AtomicU64>,
    stand: watch::Sender<Stand>,
}

/// Takes an order back when it is dropped.
struct Pending<'a> {
    card: &'a Card,
    id: OrderId,
}

impl Drop for Pending<'_> {
    fn drop(&mut self) {
        if self.card.take(self.id).is_some() {
            self.card.device.cancel(self.id);
        }
    }
}

impl Card {
    /// Starts the device's thread; `scenes` is that of [`Device::start`].
    ///
    /// # Errors
    /// What the system says.
    pub fn start<E>(config: DeviceConfig, scenes: impl Fn(&SceneId) -> Result<Vec<u8>, E> + Send + 'static) -> io::Result<Self>
    where
        E: Into<Box<dyn Error + Send + Sync>>,
    {
        let waiting = Waiting::default();
        let told = Arc::clone(&waiting);
        let done = move |finished: Finished| {
            let waiting = told.lock().unwrap_or_else(PoisonError::into_inner).remove(&finished.id);
            // Nobody may wait any more.
            let _ = waiting.map(|waiting| waiting.send(finished));
        };
        Ok(Self {
            device: Arc::new(Device::start(config, scenes, done)?),
            waiting,
            numbers: Arc::default(),
            stand: watch::Sender::new(Stand::Goes),
        })
    }

    fn take(&self, id: OrderId) -> Option<oneshot::Sender<Finished>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).remove(&id)
    }

    /// The sums of all leaves.
    ///
    /// # Errors
    /// [`CardError`].
    pub async fn render(&self, task: Task) -> Result<Vec<[f32; 3]>, CardError> {
        let Task { urgency, origin, scene, settings, leaves, backend } = task;
        let given_up = self.given_up(urgency);
        if urgency == Urgency::Own && *self.stand.borrow() != Stand::Goes {
            return Err(CardError::Paused);
        }
        let id = OrderId(self.numbers.fetch_add(1, Ordering::Relaxed));
        let (sender, finished) = oneshot::channel();
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).insert(id, sender);
        let pending = Pending { card: self, id };
        let order = Order { id, urgency, origin, scene, settings, leaves, backend };
        self.device.order(order).map_err(|_| CardError::Full)?;
        let finished = tokio::select! {
            finished = finished => finished.map_err(|_| OrderError::Cancelled),
            () = given_up => return Err(CardError::Paused),
        };
        drop(pending);
        Ok(finished?.result?)
    }

    /// Ends when the device has stood still for so long that own work is better given to others, if there are any. A short pause loses nothing;
    /// work for others stays until its lease is over.
    async fn given_up(&self, urgency: Urgency) {
        if urgency != Urgency::Own {
            return std::future::pending().await;
        }
        let mut stand = self.stand.subscribe();
        loop {
            // The sender lives as long as this does.
            let _ = stand.wait_for(|stand| *stand != Stand::Goes).await;
            let went_on = tokio::time::timeout(OWN_WAITS, stand.wait_for(|stand| *stand == Stand::Goes)).await;
            if went_on.is_err() {
                return;
            }
        }
    }

    /// Stops everything but replays for so long, unless somebody says otherwise meanwhile. What was paused stays so. Needs a runtime.
    pub fn snooze(&self, time: Duration) {
        let mine = Stand::Snoozes(self.numbers.fetch_add(1, Ordering::Relaxed));
        if self.change(|stand| (stand != Stand::Paused).then_some(mine)) {
            let card = self.clone();
            tokio::spawn(async move {
                tokio::time::sleep(time).await;
                card.change(|stand| (stand == mine).then_some(Stand::Goes));
            });
        }
    }

    /// Sets how much of the card's time one piece of work may take, from the next one on.
    pub fn set_pace(&self, pace: Pace) {
        self.device.set_pace(pace);
    }

    /// Stops or continues everything but replays. Does not pass the loop.
    pub fn pause(&self, paused: bool) {
        self.change(|_| Some(if paused { Stand::Paused } else { Stand::Goes }));
    }

    /// One change at a time: the device does what was said last.
    fn change(&self, change: impl FnOnce(Stand) -> Option<Stand>) -> bool {
        self.stand.send_if_modified(|stand| {
            let next = change(*stand);
            if let Some(next) = next {
                *stand = next;
                self.device.pause(next != Stand::Goes);
            }
            next.is_some()
        })
    }

    /// What it does at this moment.
    pub fn state(&self) -> DeviceState {
        self.device.state()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that finds nothing has failed")]
mod tests {
    use super::*;
    use raylance_tracer::DeviceChoice;

    #[tokio::test]
    async fn a_snooze_ends_by_itself_and_not_a_pause_that_came_after_it() {
        let config = DeviceConfig { device: DeviceChoice::Cpu, threads: 1, child: None };
        let card = Card::start(config, |_| Err::<_, String>("no scene".to_owned())).unwrap();
        card.snooze(Duration::from_secs(3_600));
        assert!(card.state().paused);
        card.snooze(Duration::from_millis(5));
        while card.state().paused {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        card.snooze(Duration::from_millis(5));
        card.pause(true);
        tokio::time::sleep(Duration::from_millis(50)).await;
        assert!(card.state().paused, "the owner has paused it for good");
        card.snooze(Duration::ZERO);
        tokio::time::sleep(Duration::from_millis(50)).await;
        assert!(card.state().paused, "no snooze ends a pause that came before it either");
    }
}
