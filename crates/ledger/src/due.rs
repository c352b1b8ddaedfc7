//! What falls due: a queue in order of time, worked off at the beginning of each block, a bounded number of rows in each.
//!
//! Whoever changes a deadline adds an entry and leaves the old one: an entry that its row no longer means is dropped when it comes up.
//! Entries of one time come up in the order in which they were added. Each was paid for by the bytes or deposits of the transaction that
//! added it, and each step costs a few rows, whatever the size of the job.

use crate::draft::Draft;
use crate::rule::{Rule, holds};
use raylance_protocol::row::{Channel, ChannelState, Due, DueKey, Job, Renderer};
use raylance_protocol::{AccountId, JobId, RingTime};

/// An entry of the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct DueEntry {
    pub(crate) key: DueKey,
    pub(crate) due: Due,
}

impl DueEntry {
    /// From a row of the table, whose key is without the table's number.
    pub(crate) fn from_row(key: &[u8], due: Due) -> Option<Self> {
        let (at, sequence) = key.split_at_checked(8)?;
        let at = RingTime(u64::from_be_bytes(at.try_into().ok()?));
        let sequence = u64::from_be_bytes(sequence.try_into().ok()?);
        Some(Self { key: DueKey { at, sequence }, due })
    }
}

impl Draft {
    /// Adds an entry.
    pub(crate) fn push_due(&mut self, at: RingTime, due: Due) {
        let dues = &mut self.state.totals_mut().dues;
        let sequence = *dues;
        *dues += 1;
        self.state.put(&DueKey { at, sequence }, due);
    }

    /// Works off what is due, at most [`raylance_protocol::RingParameters::due_rows_per_block`] rows; the rest waits for the next block.
    pub(crate) fn work_off(&mut self) {
        let mut left = self.parameters.due_rows_per_block;
        while left > 0 {
            let Some(DueEntry { key, due }) = self.state.first_due().filter(|entry| entry.key.at <= self.now()) else { return };
            left -= 1;
            match self.fall_due(key.at, due, &mut left) {
                Some(rest) => self.state.put(&key, rest),
                None => self.state.remove::<Due>(&key),
            }
        }
    }

    /// Does what an entry says, if its row still means it. Returns what is left of it when `left` is used up.
    fn fall_due(&mut self, at: RingTime, due: Due, left: &mut u32) -> Option<Due> {
        match due {
            Due::JobEnds(id) => {
                if self.state.get::<Job>(&id).is_some_and(|job| job.ends_by == at) {
                    self.close_job(id);
                }
            }
            Due::JobSweep { job, after } => return self.sweep(job, after, left),
            Due::ClaimEnds(job, worker) => {
                let pays = |channel: Channel| match channel.state {
                    ChannelState::Claimed(claim) => claim.due == at,
                    ChannelState::InCourt { .. } => !holds(Rule::CourtSuspendsClaims),
                    ChannelState::Open | ChannelState::Done | ChannelState::Void | ChannelState::Ended => false,
                };
                if self.state.get::<Channel>(&(job, worker)).is_some_and(pays) {
                    self.claim_is_due(job, worker);
                }
            }
            Due::ChannelEnds(job, worker) => self.end_if_over(job, worker),
            Due::CaseEnds(case) => self.case_ends(case, at),
            Due::RendererLeaves(digest) => {
                let leaves = |renderer: Renderer| !renderer.listed && self.renderer_leaves_at(renderer.since) == at;
                if self.state.get::<Renderer>(&digest).is_some_and(leaves) {
                    self.state.remove::<Renderer>(&digest);
                }
            }
        }
        None
    }

    /// One pass over the rows of a closing job whose time is over: what nobody claims ends, and once all have ended, rows leave.
    fn sweep(&mut self, id: JobId, mut after: Option<AccountId>, left: &mut u32) -> Option<Due> {
        while let Some(worker) = self.state.next_worker(id, after) {
            if *left == 0 {
                return Some(Due::JobSweep { job: id, after });
            }
            *left -= 1;
            match self.state.get::<Job>(&id) {
                Some(job) if job.rows_live == 0 => self.remove_channel(id, worker),
                _ => self.end_if_over(id, worker),
            }
            after = Some(worker);
        }
        self.remove_job_if_empty(id);
        None
    }
}
