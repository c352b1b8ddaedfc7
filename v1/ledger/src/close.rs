//! Ending a job.

use crate::event::{LedgerEvent, MoveReason};
use crate::refusal::TxRefused;
use crate::rows::JobPhase;
use crate::turn::Turn;
use raylance_v1_protocol::{JobId, Microlux};

impl Turn<'_> {
    /// Returns what is left of the escrow. An artist can't run away from work that waits for its verdict.
    pub(crate) fn close_job(&mut self, id: JobId) -> Result<(), TxRefused> {
        let job = self.own_running_mut(id)?;
        if job.live > 0 {
            return Err(TxRefused::LiveCommitments { job: id, live: job.live });
        }
        job.phase = JobPhase::Closed;
        let (artist, refund) = (job.spec.artist, std::mem::replace(&mut job.escrow, Microlux::ZERO));
        self.give(artist, refund, MoveReason::EscrowRefunded, Some(id))?;
        self.events.push(LedgerEvent::JobClosed { job: id, refund });
        Ok(())
    }
}
