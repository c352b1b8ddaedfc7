//! Lines that a person should read: the last few hundred, in memory, and all of them in the log.

use crate::shell::unix_ms;
use raylance_agent::Notice;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

/// More are not read by anybody.
const LINES_MAX: usize = 200;

/// One line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticeLine {
    /// Milliseconds since 1970.
    pub at_unix_ms: u64,
    /// How much it matters.
    pub level: Level,
    /// For a person.
    pub text: String,
    /// How often it was told in a row.
    pub times: u32,
}

/// How much a line matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Good to know.
    Info,
    /// Something is not as it should be and mends itself.
    Warning,
    /// A person has to do something.
    Error,
}

/// All lines. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Notices(Arc<Mutex<VecDeque<NoticeLine>>>);

impl Notices {
    /// What the agent tells.
    pub fn tell(&self, notice: &Notice) {
        use raylance_consensus::Notice as Chain;
        let (level, text) = match notice {
            Notice::Chain(Chain::TxDropped(dropped)) => (Level::Info, format!("a transaction was dropped: {dropped:?}")),
            Notice::Chain(notice) => (Level::Error, format!("the ring's blocks: {notice:?}")),
            Notice::BadBlock { peer, error } => (Level::Warning, format!("peer {peer} sent a block that is not good: {error}")),
            Notice::TransferRefused { to, why } => {
                let why = why.as_ref().map_or_else(|| "its time ran out".to_owned(), ToString::to_string);
                (Level::Error, format!("the transfer to {to} was refused: {why}"))
            }
            Notice::Unreadable { table, job } => {
                (Level::Error, format!("job {job} can't be read (table {table}); it is set aside, everything else runs"))
            }
            Notice::JobOfOtherRenderer(spec) => {
                let ended = "was begun by another version of this program and is ended: what is there is paid and written";
                (Level::Warning, format!("job {} {ended}", &spec.0.to_hex()[..12]))
            }
            Notice::RendererNotListed => (Level::Warning, "update needed: this ring does not list the renderer of this version".to_owned()),
            Notice::OtherRenderer { peer, theirs_listed: true } => {
                (Level::Warning, format!("update needed here: {peer} has a newer renderer"))
            }
            Notice::OtherRenderer { peer, theirs_listed: false } => {
                (Level::Info, format!("{peer} has another renderer; it needs an update"))
            }
            Notice::WrongRoot { worker, .. } => (Level::Warning, format!("{worker} gave another film than it signed for")),
        };
        self.add(level, text);
    }

    /// A fault of this machine that somebody may have to mend.
    pub fn fault(&self, text: String) {
        self.add(Level::Error, text);
    }

    /// Adds a line; the same line again only counts.
    pub fn add(&self, level: Level, text: String) {
        match level {
            Level::Info => tracing::info!("{text}"),
            Level::Warning => tracing::warn!("{text}"),
            Level::Error => tracing::error!("{text}"),
        }
        let at_unix_ms = unix_ms();
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(last) = lines.back_mut().filter(|last| last.text == text) {
            (last.at_unix_ms, last.times) = (at_unix_ms, last.times + 1);
            return;
        }
        if lines.len() == LINES_MAX {
            lines.pop_front();
        }
        lines.push_back(NoticeLine { at_unix_ms, level, text, times: 1 });
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
        for number in 0..LINES_MAX + 5 {
            notices.add(Level::Info, format!("line {number}"));
            notices.add(Level::Info, format!("line {number}"));
        }
        let lines = notices.lines();
        assert_eq!(lines.len(), LINES_MAX);
        assert!(lines.iter().all(|line| line.times == 2));
        assert_eq!(lines[0].text, "line 5");
    }
}
