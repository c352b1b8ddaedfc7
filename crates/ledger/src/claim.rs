//! Claim: receipts that the artist signed and has not paid, with the keys that open their films.

use crate::channel::claims_until;
use crate::draft::Draft;
use crate::event::{Event, Reason};
use crate::refusal::Refusal;
use crate::rule::{Rule, holds};
use raylance_protocol::row::{Channel, ChannelState, Due, Job, OpenClaim};
use raylance_protocol::{AccountId, Claim, Microlux, limits};

/// What shows without the state.
pub(crate) fn check_shape(claim: &Claim) -> Result<(), Refusal> {
    if !(1..=limits::CLAIM_ENTRIES_MAX).contains(&claim.entries.len()) {
        return Err(Refusal::Entries(claim.entries.len()));
    }
    // What a claim costs may come back from the artist's row, so nothing in it may be there for its length.
    match claim.entries.iter().position(|entry| entry.price == Microlux::ZERO) {
        Some(at) => Err(Refusal::NoPrice(at)),
        None => Ok(()),
    }
}

impl Draft {
    /// Files a claim or raises the open one; its window begins anew. `fee` is what this transaction cost.
    ///
    /// Signatures, keys and the order of totals were checked with the transaction: entries carry prices, so totals have no gaps.
    pub(crate) fn claim(&mut self, signer: AccountId, claim: &Claim, fee: Microlux) -> Result<(), Refusal> {
        let (id, worker) = (claim.job, claim.worker);
        let job = self.state.get::<Job>(&id).ok_or(Refusal::NoJob(id))?;
        if job.artist != claim.artist {
            return Err(Refusal::NotArtist(job.artist));
        }
        let channel = self.state.get::<Channel>(&(id, worker)).ok_or(Refusal::NoChannel(worker))?;
        let open = match &channel.state {
            ChannelState::Open => None,
            ChannelState::Claimed(open) => Some(*open),
            ChannelState::InCourt { case, .. } => return Err(Refusal::InCourt(*case)),
            ChannelState::Done | ChannelState::Void | ChannelState::Ended => return Err(Refusal::ChannelEnded(worker)),
        };
        let now = self.now();
        if let Some(until) = claims_until(&job, &channel).filter(|until| now >= *until && holds(Rule::NoClaimAfterClosing)) {
            return Err(Refusal::ClaimsOver { until, now });
        }
        let total = self.check_total(claim, &channel, open.as_ref())?;

        let (by, bond) = self.claim_bond(signer, &job, claim, open)?;
        let due = now.after(self.parameters.window_ms);
        let state = ChannelState::Claimed(OpenClaim { total, by, bond, fee, due, challenged: false });
        self.state.put(&(id, worker), Channel { state, ..channel });
        self.push_due(due, Due::ClaimEnds(id, worker));
        let keys = claim.entries.iter().map(|entry| (entry.task, entry.key)).collect();
        self.events.push(Event::Claimed { job: id, worker, total, due, keys });
        Ok(())
    }

    /// Locks the bond of whoever files, and gives the one of whoever filed before back: each answers for what it filed itself, and a
    /// stranger that copies a part of somebody's claim gains nothing by being first.
    fn claim_bond(
        &mut self,
        signer: AccountId,
        job: &Job,
        claim: &Claim,
        open: Option<OpenClaim>,
    ) -> Result<(AccountId, Microlux), Refusal> {
        if let Some(open) = open.filter(|open| open.by == signer || !holds(Rule::LastFilerAnswers)) {
            return Ok((open.by, open.bond));
        }
        let reason = Reason::ClaimBond { worker: claim.worker };
        let bond = if holds(Rule::BondClaim) { self.parameters.court_fee(job.scene_bytes) } else { Microlux::ZERO };
        self.debit(signer, bond, reason, Some(claim.job))?;
        if let Some(open) = open {
            self.credit(open.by, open.bond, reason, Some(claim.job));
        }
        Ok((signer, bond))
    }

    /// The total that the claim comes to, if it goes on from what the ledger knows and the row holds it.
    fn check_total(&self, claim: &Claim, channel: &Channel, open: Option<&OpenClaim>) -> Result<Microlux, Refusal> {
        let known = open.map_or(channel.paid, |open| open.total.max(channel.paid));
        if claim.from_total > known && holds(Rule::ContiguousClaims) {
            return Err(Refusal::Gap { from: claim.from_total, known });
        }
        let reserved = channel.reserved;
        let total = claim.total().ok_or(Refusal::BeyondReserve { total: claim.from_total, reserved })?;
        if total <= known {
            return Err(Refusal::NotHigher { total, known });
        }
        if total > reserved {
            return Err(Refusal::BeyondReserve { total, reserved });
        }
        Ok(total)
    }
}
