//! Challenge: the artist shows one leaf of a worker's film that it says is wrong. The court decides whether it is.

use crate::draft::Draft;
use crate::event::{Event, Reason};
use crate::refusal::Refusal;
use crate::rule::{Rule, holds};
use raylance_protocol::row::{Case, Channel, ChannelState, Court, OpenClaim};
use raylance_protocol::{AccountId, CaseId, Challenge, Microlux};
use raylance_verify::{check_spec, open_evidence};

impl Draft {
    /// Opens a case; the claim waits for its end. The worker's signature and the key's hash were checked with the transaction.
    pub(crate) fn challenge(&mut self, signer: AccountId, challenge: &Challenge) -> Result<(), Refusal> {
        let (id, worker) = (challenge.job, challenge.worker);
        let job = self.own_job(signer, id)?;
        let channel = self.state.get::<Channel>(&(id, worker)).ok_or(Refusal::NoChannel(worker))?;
        let claim = match &channel.state {
            ChannelState::Claimed(claim) => *claim,
            ChannelState::InCourt { case, .. } => return Err(Refusal::InCourt(*case)),
            ChannelState::Open | ChannelState::Done | ChannelState::Void | ChannelState::Ended => return Err(Refusal::NoClaim(worker)),
        };
        let now = self.now();
        if now >= claim.due {
            return Err(Refusal::ChallengeOver { due: claim.due, now });
        }
        check_spec(&job, &challenge.spec)?;
        let evidence = open_evidence(id, job.spec, challenge)?;

        let bond = if holds(Rule::BondChallenge) { self.parameters.court_fee(job.scene_bytes) } else { Microlux::ZERO };
        self.debit(signer, bond, Reason::ChallengeBond { worker }, Some(id))?;
        let case = self.open_case(Case {
            job: id,
            worker,
            spec: challenge.spec.clone(),
            task: challenge.task,
            address: evidence.address,
            opened: evidence.leaf,
            bond,
            height: self.clock.height,
            voters: self.state.validators(),
            votes: Vec::new(),
            deadline: None,
        });
        let claim = OpenClaim { challenged: true, ..claim };
        self.state.put(&(id, worker), Channel { state: ChannelState::InCourt { claim, case }, ..channel });
        self.events.push(Event::CaseOpened { case, job: id, worker });
        self.hear_first();
        Ok(())
    }

    /// Puts a case last in line.
    fn open_case(&mut self, case: Case) -> CaseId {
        let court = self.state.get::<Court>(&()).unwrap_or_default();
        self.state.put(&court.next, case);
        self.state.put(&(), Court { next: CaseId(court.next.0 + 1), ..court });
        court.next
    }
}
