//! What several families of transactions do to a worker's row.
//!
//! ```text
//!          claim              challenge
//!   Open ────────► Claimed ────────────► InCourt ──ruling──► Void
//!    ▲ ▲ overtaken,  │ due: paid            │
//!    │ └─────────────┘                      │ ruling: paid
//!    └──────────────────────────────────────┘
//!   Open ──Done of the worker──► Done        Open, job closing, time over ──► Ended
//! ```

use crate::draft::Draft;
use crate::event::{ChannelEnd, ClaimEnd, Event, Reason};
use crate::rule::{Rule, holds};
use raylance_protocol::row::{Channel, ChannelState, Due, Job, OpenClaim};
use raylance_protocol::{AccountId, JobId, Microlux, RingTime};

/// Until when claims for this row are taken; `None` while the job does not close: no end is known.
pub(crate) fn claims_until(job: &Job, channel: &Channel) -> Option<RingTime> {
    job.claims_until.map(|until| until.max(channel.claims_until))
}

fn is_over(job: &Job, channel: &Channel, now: RingTime) -> bool {
    claims_until(job, channel).is_some_and(|until| until <= now)
}

impl Draft {
    /// The job takes no more work; its rows end one window later. Nothing happens to a job that closes already.
    pub(crate) fn close_job(&mut self, id: JobId) {
        let Some(job) = self.state.get::<Job>(&id).filter(|job| job.claims_until.is_none()) else { return };
        let until = self.now().after(self.parameters.window_ms);
        let sweep_at = if job.rows_live == 0 { self.now() } else { until };
        self.state.put(&id, Job { claims_until: Some(until), ..job });
        self.push_due(sweep_at, Due::JobSweep { job: id, after: None });
        self.events.push(Event::JobClosing { job: id, claims_until: until });
    }

    /// The time of a claim is over: it is paid. Where the row ends with it, its rest pays for the filing, too: the closing job forced it.
    /// A row that goes on keeps its rest, which covers receipts that are still to be claimed.
    pub(crate) fn claim_is_due(&mut self, id: JobId, worker: AccountId) {
        let Some(claim) = self.settle(id, worker) else { return };
        let (Some(job), Some(mut channel)) = (self.state.get::<Job>(&id), self.state.get::<Channel>(&(id, worker))) else { return };
        if !is_over(&job, &channel, self.now()) {
            return;
        }
        let fee = claim.fee.min(Microlux(channel.reserved.0.saturating_sub(channel.paid.0)));
        channel.reserved.0 -= fee.0;
        self.state.put(&(id, worker), channel);
        self.credit(claim.by, fee, Reason::ClaimFee { worker }, Some(id));
        self.end_if_over(id, worker);
    }

    /// Pays the open claim of a row and gives its bond back. The row is open again.
    pub(crate) fn settle(&mut self, id: JobId, worker: AccountId) -> Option<OpenClaim> {
        let mut channel = self.state.get::<Channel>(&(id, worker))?;
        let (ChannelState::Claimed(claim) | ChannelState::InCourt { claim, .. }) = channel.state else { return None };
        let earned = Microlux(claim.total.0.saturating_sub(channel.paid.0));
        channel.paid = channel.paid.max(claim.total);
        channel.state = ChannelState::Open;
        self.state.put(&(id, worker), channel);
        self.credit(worker, earned, Reason::Earned, Some(id));
        self.claim_ends(id, worker, &claim, ClaimEnd::Paid);
        Some(claim)
    }

    /// Gives the bond of a claim back, whose row no longer holds it.
    pub(crate) fn claim_ends(&mut self, id: JobId, worker: AccountId, claim: &OpenClaim, end: ClaimEnd) {
        self.credit(claim.by, claim.bond, Reason::ClaimBond { worker }, Some(id));
        self.events.push(Event::ClaimEnded { job: id, worker, total: claim.total, end });
    }

    /// Ends a row of a closing job once its time is over, if nobody claims from it.
    pub(crate) fn end_if_over(&mut self, id: JobId, worker: AccountId) {
        let (Some(job), Some(channel)) = (self.state.get::<Job>(&id), self.state.get::<Channel>(&(id, worker))) else { return };
        if is_over(&job, &channel, self.now()) && channel.state == ChannelState::Open {
            self.end_channel(id, worker, ChannelEnd::Ended);
        }
    }

    /// Ends a live row: its rest goes back to the artist. A tombstone stays until the job leaves, so that no receipt meets a fresh row.
    pub(crate) fn end_channel(&mut self, id: JobId, worker: AccountId, end: ChannelEnd) {
        let (Some(job), Some(mut channel)) = (self.state.get::<Job>(&id), self.state.get::<Channel>(&(id, worker))) else { return };
        let returned = Microlux(channel.reserved.0.saturating_sub(channel.paid.0));
        let paid = channel.paid;
        channel.reserved = paid;
        channel.state = match end {
            ChannelEnd::Done => ChannelState::Done,
            ChannelEnd::Void => ChannelState::Void,
            ChannelEnd::Ended => ChannelState::Ended,
        };
        let artist = job.artist;
        let rows_live = job.rows_live - 1;
        if rows_live == 0 && job.claims_until.is_some() {
            self.push_due(self.now(), Due::JobSweep { job: id, after: None });
        }
        self.state.put(&(id, worker), channel);
        self.state.put(&id, Job { rows_live, ..job });
        self.credit(artist, returned, Reason::Reserve { worker }, Some(id));
        self.events.push(Event::ChannelEnded { job: id, worker, paid, returned, end });
        if !holds(Rule::Tombstones) {
            self.remove_channel(id, worker);
        }
    }

    /// A tombstone leaves, and its deposit returns.
    pub(crate) fn remove_channel(&mut self, id: JobId, worker: AccountId) {
        let Some(job) = self.state.get::<Job>(&id) else { return };
        let artist = job.artist;
        self.state.remove::<Channel>(&(id, worker));
        self.state.put(&id, Job { rows: job.rows - 1, ..job });
        self.credit(artist, self.parameters.row_deposit, Reason::RowDeposit, Some(id));
    }

    /// A closing job without rows leaves, and its deposit returns.
    pub(crate) fn remove_job_if_empty(&mut self, id: JobId) {
        let Some(job) = self.state.get::<Job>(&id).filter(|job| job.rows == 0 && job.claims_until.is_some()) else { return };
        self.state.remove::<Job>(&id);
        self.credit(job.artist, self.parameters.row_deposit, Reason::RowDeposit, Some(id));
        self.events.push(Event::JobEnded { job: id, artist: job.artist });
    }
}
