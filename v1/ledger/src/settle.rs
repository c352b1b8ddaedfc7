//! Verdicts decide, then money moves: price → worker, verifiers, burn, and the rest to the treasury.

use crate::event::{LedgerEvent, MoveReason};
use crate::refusal::{TxRefused, VerdictFault};
use crate::rows::{Job, Standing};
use crate::turn::Turn;
use raylance_v1_protocol::tx::Outcome;
use raylance_v1_protocol::{AccountId, Decision, JobId, Microlux, RingParameters, Root, Signed, UnitIndex, Verdict, limits};
use std::collections::BTreeSet;

/// What the verdicts on one film come to.
enum Judgement {
    /// Pay it; these verifiers share the fee.
    Accepted { verifiers: BTreeSet<AccountId> },
    /// The worker cheated.
    Rejected,
}

/// Did an outcome change anything?
#[derive(PartialEq, Eq)]
enum Progress {
    Made,
    None,
}

/// How one unit's price is split. The parts sum up to the price.
struct Split {
    worker: Microlux,
    each_verifier: Microlux,
    burn: Microlux,
    treasury: Microlux,
}

impl Turn<'_> {
    /// Settles each unit. Units that are settled, and films of banned workers, are passed over, so that a repeated or late batch does no
    /// harm; where nothing is left, the transaction is refused.
    pub(crate) fn settle(&mut self, id: JobId, outcomes: &[Outcome]) -> Result<(), TxRefused> {
        if !(1..=limits::TX_UNITS_MAX).contains(&outcomes.len()) {
            return Err(TxRefused::UnitCount(outcomes.len()));
        }
        let mut progress = Progress::None;
        for outcome in outcomes {
            if self.settle_unit(id, outcome)? == Progress::Made {
                progress = Progress::Made;
            }
        }
        match progress {
            Progress::Made => Ok(()),
            Progress::None => Err(TxRefused::NothingNew(id)),
        }
    }

    fn settle_unit(&mut self, id: JobId, outcome: &Outcome) -> Result<Progress, TxRefused> {
        let (unit, worker) = (outcome.unit, outcome.worker);
        let job = self.running(id)?;
        if unit.0 >= job.spec.render().unit_count() {
            return Err(TxRefused::UnknownUnit { job: id, unit });
        }
        let none = TxRefused::NoCommitment { job: id, unit, worker };
        let Some(row) = self.sheets.unit(id, unit) else {
            return Err(none);
        };
        if row.settled.is_some() {
            return Ok(Progress::None);
        }
        let root = row.commitments.get(&worker).ok_or(none)?.root;
        if !job.may_earn(worker) {
            return Ok(Progress::None);
        }
        match judge(job, id, &self.ring.parameters, outcome, root)? {
            Judgement::Accepted { verifiers } => self.pay(id, unit, worker, root, &verifiers)?,
            Judgement::Rejected => self.ban(id, worker)?,
        }
        Ok(Progress::Made)
    }

    fn pay(&mut self, id: JobId, unit: UnitIndex, worker: AccountId, root: Root, verifiers: &BTreeSet<AccountId>) -> Result<(), TxRefused> {
        let row = self.sheets.unit_mut(id, unit);
        row.settled = Some(worker);
        let committed: Vec<AccountId> = row.commitments.keys().copied().collect();

        let job = self.running_mut(id)?;
        let price = job.spec.unit_price_microlux;
        let funds = |source| TxRefused::Funds { account: worker, source };
        job.escrow = job.escrow.minus(price).map_err(funds)?;
        job.settled += 1;
        job.live -= committed.iter().filter(|account| job.may_earn(**account)).count() as u32;

        let split = split(price, &self.ring.parameters, verifiers.len() as u64);
        let supply = self.sheets.supply_mut();
        supply.burned = supply.burned.plus(split.burn).map_err(funds)?;
        supply.treasury = supply.treasury.plus(split.treasury).map_err(funds)?;
        self.events.push(LedgerEvent::UnitSettled { job: id, unit, worker, root, price, paid: split.worker });
        self.give(worker, split.worker, MoveReason::Rendered { unit }, Some(id))?;
        for verifier in verifiers {
            self.give(*verifier, split.each_verifier, MoveReason::Verified { unit }, Some(id))?;
        }
        Ok(())
    }
}

/// Every share is rounded down; what rounding leaves goes to the treasury, and so does the verifiers' share where nobody earns it.
fn split(price: Microlux, parameters: &RingParameters, verifiers: u64) -> Split {
    let worker = price.share(parameters.worker_permille);
    let burn = price.share(parameters.burn_permille);
    let each_verifier = Microlux(price.share(parameters.verifiers_permille).0.checked_div(verifiers).unwrap_or(0));
    // No part overflows: the genesis check holds all shares together to at most the price.
    let treasury = Microlux(price.0 - worker.0 - burn.0 - each_verifier.0 * verifiers);
    Split { worker, each_verifier, burn, treasury }
}

fn judge(job: &Job, id: JobId, parameters: &RingParameters, outcome: &Outcome, root: Root) -> Result<Judgement, TxRefused> {
    let (unit, worker, artist) = (outcome.unit, outcome.worker, job.spec.artist);
    let (count, max) = (outcome.verdicts.len(), job.workers.len() + 1);
    if count > max {
        return Err(TxRefused::TooManyVerdicts { unit, count, max });
    }
    let mut seen = BTreeSet::new();
    let mut accepting = BTreeSet::new();
    let mut artist_accepts = 0;
    let mut rejects = 0;
    for signed in &outcome.verdicts {
        let refuse = |fault| TxRefused::Verdict { unit, verifier: signed.claimed_signer(), fault };
        let (verifier, decision) = check_verdict(job, id, outcome, root, signed).map_err(refuse)?;
        if !seen.insert(verifier) {
            return Err(refuse(VerdictFault::Repeated));
        }
        match decision {
            // The artist spends its own money by accepting, and earns no fee by it.
            Decision::Accept if verifier == artist => artist_accepts = 1,
            Decision::Accept => {
                accepting.insert(verifier);
            }
            // Its word must not be enough to take a film for nothing.
            Decision::Reject if verifier == artist => {}
            Decision::Reject => rejects += 1,
        }
    }
    let required = job.verdicts_required(parameters, worker);
    let accepts = accepting.len() as u32 + artist_accepts;
    match (accepts >= required, rejects >= required) {
        (true, true) => Err(TxRefused::Contradiction { unit }),
        (true, false) => Ok(Judgement::Accepted { verifiers: accepting }),
        (false, true) => Ok(Judgement::Rejected),
        (false, false) => Err(TxRefused::TooFewVerdicts { unit, accepts, rejects, required }),
    }
}

/// Signature first, then: is it about this film, and may this account judge it?
fn check_verdict(
    job: &Job,
    id: JobId,
    outcome: &Outcome,
    root: Root,
    signed: &Signed<Verdict>,
) -> Result<(AccountId, Decision), VerdictFault> {
    let (verifier, verdict) = signed.open()?;
    if (verdict.job, verdict.unit, verdict.worker, verdict.root) != (id, outcome.unit, outcome.worker, root) {
        return Err(VerdictFault::OtherFilm);
    }
    if verifier == outcome.worker {
        return Err(VerdictFault::OwnFilm);
    }
    if verifier == job.spec.artist {
        return Ok((verifier, verdict.decision));
    }
    match job.workers.get(&verifier) {
        Some(Standing::Admitted) => Ok((verifier, verdict.decision)),
        Some(Standing::Banned) => Err(VerdictFault::Banned),
        None => Err(VerdictFault::NotWorker),
    }
}
