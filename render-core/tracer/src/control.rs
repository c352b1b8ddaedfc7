//! What a render and those who watch it share: cancel, pause, pace, progress.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How much of a graphics card's time a render may take in one piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Pace {
    /// Someone sits at the machine: pieces so short that the desktop's own frames fit between them.
    OwnerPresent,
    /// Nobody does: pieces so long that starting them costs nothing, and still shorter than a pause may take.
    #[default]
    Idle,
}

impl Pace {
    /// How long one dispatch should take on the device: a quarter of a frame at 60 Hz, or less than half of the 100 ms that a pause may take.
    pub fn dispatch_target(self) -> Duration {
        Duration::from_millis(match self {
            Self::OwnerPresent => 4,
            Self::Idle => 40,
        })
    }
}

/// Shared between a render and who watches it. Everything here may be called from any thread while the render runs.
///
/// The CPU backend looks here after every few leaves, a GPU after every dispatch; what was finished by then is kept.
#[derive(Debug, Default)]
pub struct Control {
    cancelled: AtomicBool,
    paused: AtomicBool,
    owner_present: AtomicBool,
    done: AtomicU64,
    /// Held while a flag changes for which somebody may sleep, so that no wake-up is lost.
    gate: Mutex<()>,
    changed: Condvar,
    #[cfg(test)]
    cancels_itself: AtomicBool,
}

impl Control {
    /// Cancels itself once, when the first leaves are finished: what a watcher on another thread does, without the race.
    #[cfg(test)]
    pub(crate) fn cancelling_itself() -> Self {
        Self { cancels_itself: AtomicBool::new(true), ..Self::default() }
    }

    /// Asks the render to end at its next look, in less than 100 ms; a pause ends with it.
    pub fn cancel(&self) {
        let _gate = self.lock();
        self.cancelled.store(true, Ordering::Release);
        self.changed.notify_all();
    }

    /// Whether it was asked to end.
    pub fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Acquire)
    }

    /// Withdraws a cancellation, so that the next render with this control runs.
    pub fn rearm(&self) {
        self.cancelled.store(false, Ordering::Release);
    }

    /// Asks the render to leave the device alone from its next look on, in less than 100 ms. Its thread waits, and everything stays loaded.
    pub fn pause(&self) {
        self.paused.store(true, Ordering::Release);
    }

    /// Lets a paused render go on where it stopped.
    pub fn resume(&self) {
        let _gate = self.lock();
        self.paused.store(false, Ordering::Release);
        self.changed.notify_all();
    }

    /// Whether it shall stand still.
    pub fn is_paused(&self) -> bool {
        self.paused.load(Ordering::Acquire)
    }

    /// Sets how long pieces of work on a graphics card are, from the next one on. The CPU's pieces are always short.
    pub fn set_pace(&self, pace: Pace) {
        self.owner_present.store(pace == Pace::OwnerPresent, Ordering::Relaxed);
    }

    /// How long pieces of work are.
    pub fn pace(&self) -> Pace {
        if self.owner_present.load(Ordering::Relaxed) { Pace::OwnerPresent } else { Pace::Idle }
    }

    /// Leaves finished so far, over all renders with this control.
    pub fn done(&self) -> u64 {
        self.done.load(Ordering::Relaxed)
    }

    pub(crate) fn add_done(&self, leaves: u64) {
        self.done.fetch_add(leaves, Ordering::Relaxed);
        #[cfg(test)]
        if self.cancels_itself.swap(false, Ordering::Relaxed) {
            self.cancel();
        }
    }

    /// Sleeps as long as it is paused; `false` when the render shall end.
    pub(crate) fn may_go_on(&self) -> bool {
        let held = |_: &mut ()| self.is_paused() && !self.is_cancelled();
        if held(&mut ()) {
            drop(self.changed.wait_while(self.lock(), held).unwrap_or_else(PoisonError::into_inner));
        }
        !self.is_cancelled()
    }

    /// Sleeps for a while; `false` as soon as the render shall end.
    pub(crate) fn sleep(&self, time: Duration) -> bool {
        drop(self.changed.wait_timeout_while(self.lock(), time, |_| !self.is_cancelled()));
        !self.is_cancelled()
    }

    /// The gate guards no value, so a panic elsewhere leaves nothing half done.
    fn lock(&self) -> MutexGuard<'_, ()> {
        self.gate.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    #[test]
    fn a_pause_holds_until_it_is_resumed_or_cancelled() {
        for end in [Control::resume, Control::cancel] {
            let control = Arc::new(Control::default());
            control.pause();
            let render = std::thread::spawn({
                let control = Arc::clone(&control);
                move || control.may_go_on()
            });
            end(&control);
            assert_eq!(render.join().unwrap(), !control.is_cancelled());
        }
    }

    #[test]
    fn a_rearmed_control_goes_on_and_keeps_its_pace() {
        let control = Control::default();
        control.set_pace(Pace::OwnerPresent);
        control.cancel();
        assert!(!control.may_go_on());
        assert!(!control.sleep(Duration::from_secs(3600)));
        control.rearm();
        assert!(control.may_go_on());
        assert_eq!(control.pace(), Pace::OwnerPresent);
    }
}
