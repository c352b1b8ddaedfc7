//! A validator's part in a dispute: it computes the leaf of the case that is first in line, and votes.

use crate::agent::{Agent, Ask, Due};
use crate::effect::Effect;
use crate::rows::Purpose;
use raylance_protocol::row::{Case, Court};
use raylance_protocol::{Action, CaseId, Leaf};

/// A judgement that there was no room for is tried again after that.
const RETRY_MS: u64 = 10_000;

impl Agent {
    /// Looks at the case that is heard now, if this peer has a vote in it and has not given it.
    pub(crate) fn attend_court(&mut self) {
        let state = self.ring.state();
        let Some(court) = state.get::<Court>(&()).filter(|court| court.first < court.next) else { return };
        let number = court.first;
        let Some(case) = state.get::<Case>(&number) else { return };
        let may_vote = case.voters.iter().any(|voter| voter.account == self.me);
        let has_voted = case.votes.iter().any(|(voter, _)| *voter == self.me);
        if !may_vote || has_voted || self.judging.is_some_and(|judged| judged >= number) {
            return;
        }
        self.judging = Some(number);
        self.ask(Ask::Judged(number), |id| Effect::Judge { id, case: Box::new(case) });
    }

    pub(crate) fn on_judged(&mut self, case: CaseId, judgement: Option<Option<Leaf>>) {
        match judgement {
            Some(value) => self.want_tx(Purpose::Ruling(case), Action::Ruling { case, value }),
            None => {
                self.judging = None;
                self.set_due(Due::Court, RETRY_MS);
            }
        }
    }
}
