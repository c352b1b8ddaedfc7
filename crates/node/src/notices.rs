//! What a person should be told: the last few hundred, in memory, and all of it in the log.

use crate::shell::unix_ms;
use raylance_agent::Notice;
use raylance_device::Death;
use raylance_protocol::SceneDigest;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

/// More are not read by anybody.
const LINES_MAX: usize = 200;

/// Something that a person should know. Texts in it are the system's or a library's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Matter {
    /// What the agent tells.
    Agent(Notice),
    /// The folder's database is new, and its key is not.
    DatabaseGone,
    /// The disk takes nothing, and everything waits for it.
    DiskWaits(String),
    /// It does again.
    DiskAgain,
    /// A task of this program panicked. It is answered as failed, and tried again.
    Panicked(String),
    /// A rendered or fetched film can't be stored.
    FilmNotStored(String),
    /// A stranger's scene ended the render process and is not tried again by itself.
    SceneTooMuch(SceneDigest, Death),
    /// That it is not can't be written down.
    SceneNotMarked(String),
    /// The device refuses an own job.
    DeviceFails(String),
    /// The picture of this name can't be written.
    PictureNotWritten(String, String),
}

/// When it was told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoticeLine {
    /// Milliseconds since 1970; the last time, where it was told more than once.
    pub at_unix_ms: u64,
    /// What.
    pub matter: Matter,
    /// How often in a row.
    pub times: u32,
}

/// All lines. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Notices(Arc<Mutex<VecDeque<NoticeLine>>>);

impl Notices {
    /// Adds a line; the same line again only counts.
    pub fn tell(&self, matter: Matter) {
        tracing::warn!(?matter, "notice");
        let at_unix_ms = unix_ms();
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(last) = lines.back_mut().filter(|last| last.matter == matter) {
            (last.at_unix_ms, last.times) = (at_unix_ms, last.times + 1);
            return;
        }
        if lines.len() == LINES_MAX {
            lines.pop_front();
        }
        lines.push_back(NoticeLine { at_unix_ms, matter, times: 1 });
    }

    /// The lines, oldest first.
    pub fn lines(&self) -> Vec<NoticeLine> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_bounded_and_repetitions_are_counted() {
        let notices = Notices::default();
        let line = |number| Matter::DiskWaits(format!("line {number}"));
        for number in 0..LINES_MAX + 5 {
            notices.tell(line(number));
            notices.tell(line(number));
        }
        let lines = notices.lines();
        assert_eq!(lines.len(), LINES_MAX);
        assert!(lines.iter().all(|line| line.times == 2));
        assert_eq!(lines[0].matter, line(5));
    }
}
