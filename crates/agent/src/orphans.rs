//! Jobs of this account that this peer knows nothing of: its folder was lost, and the ledger still holds money for them.
//!
//! They are closed. What their workers are owed they claim in the window that follows; the rest comes back.

use crate::agent::{Agent, Due};
use crate::rows::Purpose;
use raylance_ledger::Event as Happened;
use raylance_protocol::row::Job;
use raylance_protocol::{Action, JobId, Pay};

/// A job that is not known is closed after that: the blocks that end it may be on their way.
const PATIENCE_MS: u64 = 60_000;

impl Agent {
    pub(crate) fn find_orphans(&mut self, events: &[Happened]) {
        for event in events {
            match event {
                Happened::JobOpened { job, artist, .. } if *artist == self.me && !self.by_job.contains_key(job) => {
                    self.set_due(Due::Orphan(*job), PATIENCE_MS);
                }
                Happened::JobEnded { job, .. } => self.due.clear(Due::Orphan(*job)),
                _ => {}
            }
        }
    }

    /// At a start: all jobs of the ledger are looked at once.
    pub(crate) fn find_all_orphans(&mut self) {
        let mine = self.ring.state().jobs().filter(|(_, row)| row.artist == self.me).map(|(job, _)| job);
        for job in mine.filter(|job| !self.by_job.contains_key(job)).collect::<Vec<_>>() {
            self.set_due(Due::Orphan(job), PATIENCE_MS);
        }
    }

    pub(crate) fn close_orphan(&mut self, job: JobId) {
        let row = self.ring.state().get::<Job>(&job).filter(|row| row.claims_until.is_none());
        if row.is_none() || self.by_job.contains_key(&job) {
            return;
        }
        let pay = Pay { job, rows: Vec::new(), close: true, ends_by: None };
        self.want_tx(Purpose::Close(job), Action::Pay(pay));
        self.set_due(Due::Orphan(job), PATIENCE_MS);
    }
}
