//! Pay: what was checked is paid, reserves are raised, workers say that they are done, the job closes.
//!
//! Totals only rise, so a Pay may come twice, late or in another order than it was signed in. A row that can't be paid any more is passed
//! over and the others are paid; money that is not there refuses the whole.

use crate::draft::Draft;
use crate::event::{ChannelEnd, ClaimEnd, Event, Reason, Skipped};
use crate::open;
use crate::refusal::Refusal;
use crate::rule::{Rule, holds};
use raylance_protocol::row::{Channel, ChannelState, Due, Job};
use raylance_protocol::{AccountId, JobId, Microlux, Pay, PayRow, RingTime};

/// What shows without the state.
pub(crate) fn check_shape(artist: AccountId, pay: &Pay) -> Result<(), Refusal> {
    if pay.rows.is_empty() && !pay.close && pay.ends_by.is_none() {
        return Err(Refusal::Nothing);
    }
    open::check_workers(artist, pay.rows.iter().map(|row| row.worker))
}

impl Draft {
    pub(crate) fn pay(&mut self, signer: AccountId, pay: &Pay) -> Result<(), Refusal> {
        let job = self.own_job(signer, pay.job)?;
        if let Some(ends_by) = pay.ends_by {
            self.extend(pay.job, job, ends_by)?;
        }
        for row in &pay.rows {
            if let Some(why) = self.pay_row(pay.job, row)? {
                self.events.push(Event::PaySkipped { job: pay.job, worker: row.worker, why });
            }
        }
        if pay.close {
            self.close_job(pay.job);
        }
        Ok(())
    }

    /// The signer's own job.
    pub(crate) fn own_job(&self, signer: AccountId, id: JobId) -> Result<Job, Refusal> {
        let job = self.state.get::<Job>(&id).ok_or(Refusal::NoJob(id))?;
        if job.artist == signer { Ok(job) } else { Err(Refusal::NotArtist(job.artist)) }
    }

    /// A later end, while the job is open. The renderer must be listed still: the court forgets it in a while.
    fn extend(&mut self, id: JobId, job: Job, ends_by: RingTime) -> Result<(), Refusal> {
        if job.claims_until.is_some() || ends_by <= job.ends_by {
            return Ok(());
        }
        self.check_ends_by(ends_by)?;
        self.check_renderer(job.renderer)?;
        self.state.put(&id, Job { ends_by, ..job });
        self.push_due(ends_by, Due::JobEnds(id));
        Ok(())
    }

    fn pay_row(&mut self, id: JobId, row: &PayRow) -> Result<Option<Skipped>, Refusal> {
        let Some(job) = self.state.get::<Job>(&id) else { return Ok(Some(Skipped::Ended)) };
        let open = job.claims_until.is_none();
        let channel = match self.state.get::<Channel>(&(id, row.worker)) {
            Some(channel) => channel,
            None if row.paid_total > row.reserved_total => return Ok(Some(Skipped::BeyondReserve)),
            None if open && row.reserved_total > Microlux::ZERO => {
                self.make_channel(id, row.worker, row.reserved_total)?;
                self.state.get(&(id, row.worker)).ok_or(Refusal::NoChannel(row.worker))?
            }
            None => return Ok(Some(Skipped::NoRow)),
        };
        let claim = match channel.state {
            ChannelState::Open => None,
            ChannelState::Claimed(claim) => Some(claim),
            ChannelState::InCourt { .. } => return Ok(Some(Skipped::InCourt)),
            ChannelState::Done | ChannelState::Void | ChannelState::Ended => return Ok(Some(Skipped::Ended)),
        };
        let reserved = if open { channel.reserved.max(row.reserved_total) } else { channel.reserved };
        if row.paid_total > reserved {
            return Ok(Some(Skipped::BeyondReserve));
        }
        self.raise(id, &job, row.worker, channel.reserved, reserved)?;
        let paid = channel.paid.max(row.paid_total);
        let overtaken = claim.filter(|claim| claim.total <= paid);
        let state = if overtaken.is_some() { ChannelState::Open } else { channel.state };
        self.state.put(&(id, row.worker), Channel { reserved, paid, state, ..channel });
        if paid > channel.paid {
            self.credit(row.worker, Microlux(paid.0 - channel.paid.0), Reason::Earned, Some(id));
            self.events.push(Event::Paid { job: id, worker: row.worker, total: paid });
        }
        if let Some(claim) = overtaken {
            self.claim_ends(id, row.worker, &claim, ClaimEnd::Overtaken);
        }
        let settled = row.done.is_some() && paid == row.paid_total && (claim.is_none() || overtaken.is_some());
        if settled {
            self.end_channel(id, row.worker, ChannelEnd::Done);
        } else if holds(Rule::OvertakenRowsEnd) {
            // An overtaken claim was all that held a row whose time is over.
            self.end_if_over(id, row.worker);
        }
        Ok(None)
    }

    /// Takes what a row is raised by from the artist.
    fn raise(&mut self, id: JobId, job: &Job, worker: AccountId, from: Microlux, to: Microlux) -> Result<(), Refusal> {
        if to <= from {
            return Ok(());
        }
        self.debit(job.artist, Microlux(to.0 - from.0), Reason::Reserve { worker }, Some(id))?;
        self.events.push(Event::Reserved { job: id, worker, total: to });
        Ok(())
    }
}
