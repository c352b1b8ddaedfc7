//! `raylance bench --latency`: how long a device goes on after it was told to pause or to stop, and whether a finished leaf is lost.

use super::{SETTINGS, leaf};
use raylance_tracer::{Control, LeafRequest, Outcome, Pace, RenderError, Renderer};
use serde::Serialize;
use std::fmt;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::{Duration, Instant};

/// Pauses and cancellations per pace.
const ROUNDS: u32 = 12;
/// Leaves of one call to the renderer.
const CALL_LEAVES: u64 = 1 << 14;
/// A paused device that finishes nothing for so long stands still.
const QUIET: Duration = Duration::from_millis(300);
/// A device that does nothing for so long, though it should, has failed.
const PATIENCE: Duration = Duration::from_secs(60);
/// How often the count of finished leaves is looked at: what a figure here may be wrong by.
const LOOK: Duration = Duration::from_micros(200);

/// Milliseconds over all rounds.
#[derive(Serialize)]
pub struct Milliseconds {
    median: f64,
    max: f64,
}

/// What one device did at one pace.
#[derive(Serialize)]
pub struct LatencyLine {
    pace: &'static str,
    rounds: u32,
    /// From the call of `pause` to the last leaf that was finished after it.
    pause_ms: Milliseconds,
    /// From the call of `resume` to the next finished leaf.
    resume_ms: Milliseconds,
    /// From the call of `cancel` to the end of the render.
    cancel_ms: Milliseconds,
    leaves_finished: u64,
    /// Leaves that were finished and not handed back: 0, or a finished leaf was lost.
    leaves_lost: u64,
}

impl fmt::Display for LatencyLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let times = [("pause", &self.pause_ms), ("resume", &self.resume_ms), ("cancel", &self.cancel_ms)];
        write!(f, "{:<13}", self.pace)?;
        for (what, Milliseconds { median, max }) in times {
            write!(f, "  {what} {median:.1} ms (at most {max:.1})")?;
        }
        write!(f, "  {} of {} leaves lost", self.leaves_lost, self.leaves_finished)
    }
}

/// Why there are no figures.
#[derive(Debug, thiserror::Error)]
pub enum LatencyError {
    /// The device failed.
    #[error("the device failed")]
    Render(#[from] RenderError),
    /// The device does nothing.
    #[error("the device finished nothing for a minute")]
    Stuck,
}

/// Measures a loaded renderer at a pace.
pub fn measure(renderer: &mut Renderer, pace: Pace) -> Result<LatencyLine, LatencyError> {
    let control = Control::default();
    control.set_pace(pace);
    std::thread::scope(|scope| {
        let (ended, on_end) = sync_channel(1);
        let (go, on_go) = sync_channel(1);
        let control = &control;
        let render = scope.spawn(move || render_until_told(renderer, control, &ended, &on_go));
        let figures = watch(control, &on_end, &go);
        // Without an order to go on, the thread ends after its cancellation.
        drop(go);
        control.cancel();
        let handed_back = render.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
        let [pause_ms, resume_ms, cancel_ms] = figures?.map(summary);
        let pace = if pace == Pace::Idle { "idle" } else { "owner present" };
        let (leaves_finished, rounds) = (control.done(), ROUNDS);
        Ok(LatencyLine { pace, rounds, pause_ms, resume_ms, cancel_ms, leaves_finished, leaves_lost: leaves_finished - handed_back })
    })
}

/// Renders until a cancellation that no order to go on follows. Returns how many finished leaves were handed back.
fn render_until_told(
    renderer: &mut Renderer,
    control: &Control,
    ended: &SyncSender<Instant>,
    go: &Receiver<()>,
) -> Result<u64, RenderError> {
    let (mut walk, mut handed_back) = (0, 0);
    loop {
        let requests: Vec<LeafRequest> = (walk..walk + CALL_LEAVES).map(leaf).collect();
        walk += CALL_LEAVES;
        let Outcome { sums, ended: how } = renderer.render_leaves(&SETTINGS, &requests, control);
        handed_back += sums.iter().flatten().count() as u64;
        match how {
            Ok(()) => {}
            Err(RenderError::Cancelled) => {
                if ended.send(Instant::now()).is_err() || go.recv().is_err() {
                    return Ok(handed_back);
                }
            }
            Err(error) => return Err(error),
        }
    }
}

/// Pause, resume and cancel times of all rounds.
fn watch(control: &Control, ended: &Receiver<Instant>, go: &SyncSender<()>) -> Result<[Vec<Duration>; 3], LatencyError> {
    let mut times = [Vec::new(), Vec::new(), Vec::new()];
    // The first leaves compile the program on some drivers.
    next_leaf(control, control.done())?;
    for round in 0..ROUNDS {
        // At another place of a dispatch each time.
        std::thread::sleep(Duration::from_millis(u64::from(40 + round * 7 % 50)));
        let told = Instant::now();
        control.pause();
        times[0].push(last_leaf(control, told));
        let (told, before) = (Instant::now(), control.done());
        control.resume();
        next_leaf(control, before)?;
        times[1].push(told.elapsed());
        std::thread::sleep(Duration::from_millis(u64::from(40 + round * 11 % 50)));
        let told = Instant::now();
        control.cancel();
        match ended.recv_timeout(PATIENCE) {
            Ok(at) => times[2].push(at - told),
            // The thread is gone; it says why.
            Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) => return Err(LatencyError::Stuck),
        }
        let before = control.done();
        control.rearm();
        if go.send(()).is_err() {
            break;
        }
        next_leaf(control, before)?;
    }
    Ok(times)
}

/// Waits for a leaf after the `before`-th.
fn next_leaf(control: &Control, before: u64) -> Result<(), LatencyError> {
    let started = Instant::now();
    while control.done() == before {
        if started.elapsed() > PATIENCE {
            return Err(LatencyError::Stuck);
        }
        std::thread::sleep(LOOK);
    }
    Ok(())
}

/// How long after `told` the last leaf was finished.
fn last_leaf(control: &Control, told: Instant) -> Duration {
    let (mut done, mut last) = (control.done(), told);
    while last.elapsed() < QUIET {
        std::thread::sleep(LOOK);
        if control.done() != done {
            (done, last) = (control.done(), Instant::now());
        }
    }
    last - told
}

fn summary(mut times: Vec<Duration>) -> Milliseconds {
    times.sort();
    let ms = |at: usize| times.get(at).map_or(0.0, |time| time.as_secs_f64() * 1e3);
    Milliseconds { median: ms(times.len() / 2), max: ms(times.len().saturating_sub(1)) }
}
