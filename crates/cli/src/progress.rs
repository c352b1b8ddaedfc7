//! Progress on stderr: a bar with the remaining time on a terminal, plain lines elsewhere.

use indicatif::{ProgressBar, ProgressStyle};
use std::io::IsTerminal as _;
use std::time::{Duration, Instant};

/// Pause between plain lines: a log file stays short, and a person still sees that something happens.
const LINE_EVERY: Duration = Duration::from_secs(5);
/// Work shorter than this shows nothing.
const SILENT_FOR: Duration = Duration::from_secs(1);

/// Progress of one piece of work. Nothing is printed during its first second.
pub struct Progress {
    what: String,
    total: u64,
    bar: Option<ProgressBar>,
    started: Instant,
    line_at: Instant,
}

impl Progress {
    /// Starts the clock for `total` steps of `what`.
    pub fn new(what: &str, total: u64) -> Self {
        let now = Instant::now();
        let bar = std::io::stderr().is_terminal().then(|| {
            let style = ProgressStyle::with_template("{prefix} [{bar:32}] {percent:>3}% {msg} ({eta} left)")
                .expect("the template is constant and well-formed")
                .progress_chars("=> ");
            let bar = ProgressBar::hidden().with_style(style).with_prefix(what.to_owned());
            bar.set_length(total);
            bar
        });
        Self { what: what.to_owned(), total, bar, started: now, line_at: now + SILENT_FOR }
    }

    /// Shows that `done` of all steps are done; `note` says more.
    pub fn show(&mut self, done: u64, note: &str) {
        let now = Instant::now();
        if now.duration_since(self.started) < SILENT_FOR {
            return;
        }
        if let Some(bar) = &self.bar {
            if bar.is_hidden() {
                bar.set_draw_target(indicatif::ProgressDrawTarget::stderr());
            }
            bar.set_message(note.to_owned());
            bar.set_position(done);
        } else if now >= self.line_at {
            self.line_at = now + LINE_EVERY;
            let percent = done.saturating_mul(100).checked_div(self.total).unwrap_or(0);
            let left = self.left_s(done, now).map(|s| format!(", about {s} s left")).unwrap_or_default();
            let note = if note.is_empty() { String::new() } else { format!(": {note}") };
            eprintln!("{} {percent}%{left}{note}", self.what);
        }
    }

    /// Like [`Progress::show`], of work that turned out to have `total` steps.
    pub fn show_of(&mut self, done: u64, total: u64, note: &str) {
        if self.total != total {
            self.total = total;
            if let Some(bar) = &self.bar {
                bar.set_length(total);
            }
        }
        self.show(done, note);
    }

    /// Prints a line of its own between the bar's frames.
    pub fn line(&self, text: &str) {
        match &self.bar {
            Some(bar) if !bar.is_hidden() => bar.suspend(|| eprintln!("{text}")),
            _ => eprintln!("{text}"),
        }
    }

    /// Takes the bar away.
    pub fn finish(self) {
        if let Some(bar) = self.bar {
            bar.finish_and_clear();
        }
    }

    fn left_s(&self, done: u64, now: Instant) -> Option<u64> {
        if done == 0 {
            return None;
        }
        let spent = now.duration_since(self.started).as_secs_f64();
        Some((spent / done as f64 * self.total.saturating_sub(done) as f64).ceil() as u64)
    }
}
