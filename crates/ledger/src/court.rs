//! The court's queue: one case is heard at a time, in order, and its time begins when it is first in line. A flood of cases delays, but
//! never decides.

use crate::channel::claims_until;
use crate::draft::Draft;
use crate::event::{ChannelEnd, ClaimEnd, Event, Reason, Verdict};
use crate::rule::{Rule, holds};
use raylance_protocol::row::{Case, Channel, ChannelState, Court, Due, Job, OpenClaim};
use raylance_protocol::{AccountId, CaseId, Leaf, Microlux, RingTime};

impl Draft {
    /// The case that is heard now.
    pub(crate) fn heard(&self) -> Option<(CaseId, Case)> {
        let court = self.state.get::<Court>(&()).unwrap_or_default();
        Some((court.first, self.state.get(&court.first)?))
    }

    /// Begins the time of the case that is first in line, if it has not begun.
    pub(crate) fn hear_first(&mut self) {
        let Some((id, case)) = self.heard().filter(|(_, case)| case.deadline.is_none()) else { return };
        let deadline = self.now().after(self.parameters.court_ms(case.spec.scene_bytes));
        self.state.put(&id, Case { deadline: Some(deadline), ..case });
        self.push_due(deadline, Due::CaseEnds(id));
        self.events.push(Event::CaseHeard { case: id, deadline });
    }

    /// The time of a case is over. `at` is the deadline that fell due.
    pub(crate) fn case_ends(&mut self, id: CaseId, at: RingTime) {
        if let Some((_, case)) = self.heard().filter(|(first, case)| *first == id && case.deadline == Some(at)) {
            self.decide(id, &case, Verdict::Undecided);
        }
    }

    /// Ends the case that is heard: the loser's bond goes to those who voted as decided, and the claim is void or paid.
    pub(crate) fn decide(&mut self, id: CaseId, case: &Case, verdict: Verdict) {
        self.state.remove::<Case>(&id);
        self.events.push(Event::Ruled { case: id, job: case.job, worker: case.worker, verdict });
        let key = (case.job, case.worker);
        let (job, channel) = (self.state.get::<Job>(&case.job), self.state.get::<Channel>(&key));
        if let (Some(job), Some(channel)) = (job, channel)
            && let ChannelState::InCourt { claim, .. } = channel.state
        {
            let voters = winners(case, verdict);
            match verdict {
                Verdict::Wrong { .. } => self.convict(id, case, &job, channel, &claim, &voters),
                Verdict::Right | Verdict::NoValue | Verdict::Undecided => self.acquit(id, case, &job, channel, &voters),
            }
        }
        self.state.put(&(), Court { first: CaseId(id.0 + 1), ..self.state.get::<Court>(&()).unwrap_or_default() });
        self.hear_first();
    }

    fn convict(&mut self, id: CaseId, case: &Case, job: &Job, channel: Channel, claim: &OpenClaim, voters: &[AccountId]) {
        let (worker, key) = (case.worker, (case.job, case.worker));
        self.state.put(&key, Channel { state: ChannelState::Open, ..channel });
        self.share(id, case, claim.bond, voters);
        self.credit(job.artist, case.bond, Reason::ChallengeBond { worker }, Some(case.job));
        self.events.push(Event::ClaimEnded { job: case.job, worker, total: claim.total, end: ClaimEnd::Void });
        self.end_channel(case.job, worker, ChannelEnd::Void);
    }

    fn acquit(&mut self, id: CaseId, case: &Case, job: &Job, channel: Channel, voters: &[AccountId]) {
        let window_ms = if holds(Rule::WindowAfterRuling) { self.parameters.window_ms } else { 0 };
        let until = self.now().after(window_ms);
        let channel = Channel { claims_until: until, ..channel };
        if let Some(until) = claims_until(job, &channel) {
            self.push_due(until, Due::ChannelEnds(case.job, case.worker));
        }
        self.state.put(&(case.job, case.worker), channel);
        self.share(id, case, case.bond, voters);
        self.settle(case.job, case.worker);
    }

    /// Splits a bond equally; what can't be split, and all of it where nobody voted, is burned.
    fn share(&mut self, id: CaseId, case: &Case, bond: Microlux, voters: &[AccountId]) {
        let each = bond.0.checked_div(voters.len() as u64).unwrap_or(0);
        for voter in voters {
            self.credit(*voter, Microlux(each), Reason::Court { case: id }, Some(case.job));
        }
        self.burn(Microlux(bond.0 - each * voters.len() as u64));
    }
}

/// Who voted as it was decided; everybody who voted where nothing was.
fn winners(case: &Case, verdict: Verdict) -> Vec<AccountId> {
    let decided: Option<Option<Leaf>> = match verdict {
        Verdict::Wrong { value } => Some(Some(value)),
        Verdict::Right => Some(Some(case.opened)),
        Verdict::NoValue => Some(None),
        Verdict::Undecided => None,
    };
    let agrees = |vote: &Option<Leaf>| decided.is_none_or(|decided| decided == *vote);
    case.votes.iter().filter(|(_, vote)| agrees(vote)).map(|(voter, _)| *voter).collect()
}
