//! Ruling: what a validator computed for the leaf of the case that is heard.

use crate::draft::Draft;
use crate::event::Verdict;
use crate::refusal::Refusal;
use crate::rule::{Rule, holds};
use raylance_protocol::block::Validator;
use raylance_protocol::row::Case;
use raylance_protocol::{AccountId, CaseId, Leaf};

impl Draft {
    /// Counts a vote; more than two thirds of the stake for one value decide at once. Where none can reach them any more, the case waits
    /// for its deadline: what it then comes to is the same, and votes that are on their way still earn.
    pub(crate) fn ruling(&mut self, signer: AccountId, id: CaseId, value: Option<Leaf>) -> Result<(), Refusal> {
        let (_, mut case) = self.heard().filter(|(first, _)| *first == id).ok_or(Refusal::NotHeard(id))?;
        if case.voters.binary_search_by_key(&signer, |voter| voter.account).is_err() {
            return Err(Refusal::NotVoter);
        }
        match case.votes.binary_search_by_key(&signer, |(voter, _)| *voter) {
            Ok(_) => return Err(Refusal::Voted),
            Err(at) => case.votes.insert(at, (signer, value)),
        }
        let agreeing = |voter: &Validator| case.votes.iter().any(|(account, vote)| *account == voter.account && *vote == value);
        if is_more_than_two_thirds(&case.voters, agreeing) || !holds(Rule::TwoThirds) {
            self.decide(id, &case, verdict(&case, value));
        } else {
            self.state.put(&id, case);
        }
        Ok(())
    }
}

fn verdict(case: &Case, value: Option<Leaf>) -> Verdict {
    match value {
        Some(value) if value == case.opened => Verdict::Right,
        Some(value) => Verdict::Wrong { value },
        None => Verdict::NoValue,
    }
}

/// Do those that `agree` have more than two thirds of the stake?
pub(crate) fn is_more_than_two_thirds(voters: &[Validator], agree: impl Fn(&Validator) -> bool) -> bool {
    let stake = |voter: &Validator| u128::from(voter.stake);
    let all: u128 = voters.iter().map(stake).sum();
    let agreeing: u128 = voters.iter().filter(|voter| agree(voter)).map(stake).sum();
    3 * agreeing > 2 * all
}
