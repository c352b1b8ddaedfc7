//! A tiny ledger with the rules of the real one as far as they touch a job's life. Stricter where the real one may choose: a
//! transaction with one bad entry is refused whole.

use raylance_v1_market::{Fact, TxRefusal};
use raylance_v1_protocol::{AccountId, Action, BlockHash, Decision, Digest, Height, JobSpec, Microlux, Outcome, Root, UnitIndex};
use std::collections::{BTreeMap, BTreeSet};

pub struct Ledger {
    pub spec: JobSpec,
    pub verdicts_required: usize,
    pub open: bool,
    pub closed: bool,
    pub workers: Vec<AccountId>,
    pub banned: BTreeSet<AccountId>,
    pub commitments: BTreeMap<(UnitIndex, AccountId), (Root, BlockHash)>,
    pub settled: BTreeMap<UnitIndex, (AccountId, Root)>,
    /// Facts in the order of the chain.
    pub facts: Vec<Fact>,
    height: u64,
}

/// The draw of a film, for everyone.
pub fn draw_of(block: BlockHash, unit: UnitIndex, worker: AccountId, root: Root) -> Digest {
    Digest::of("simulated draw", &[&block.0.0, &unit.0.to_le_bytes(), &worker.0, &root.0.0])
}

impl Ledger {
    pub fn new(spec: JobSpec, verdicts_required: usize) -> Self {
        Self {
            spec,
            verdicts_required,
            open: false,
            closed: false,
            workers: Vec::new(),
            banned: BTreeSet::new(),
            commitments: BTreeMap::new(),
            settled: BTreeMap::new(),
            facts: Vec::new(),
            height: 0,
        }
    }

    pub fn execute(&mut self, signer: AccountId, action: &Action) -> Result<(), TxRefusal> {
        self.height += 1;
        let is_artist = signer == self.spec.artist;
        match action {
            Action::OpenJob { spec, workers } if is_artist && !self.open && *spec == self.spec => {
                self.open = true;
                self.workers = workers.clone();
                self.facts.push(Fact::JobOpened { workers: workers.clone() });
            }
            Action::Admit { worker, .. } if is_artist && self.is_running() && !self.workers.contains(worker) => {
                self.workers.push(*worker);
                self.facts.push(Fact::WorkerAdmitted { worker: *worker });
            }
            Action::Commit { units, .. } if self.is_running() && self.may_work(signer) => {
                if units.iter().any(|one| self.settled.contains_key(&one.unit)) {
                    return Err(TxRefusal::Stale);
                }
                let block = BlockHash(Digest::of("simulated block", &[&self.height.to_le_bytes()]));
                for one in units {
                    let (first, _) = *self.commitments.entry((one.unit, signer)).or_insert((one.root, block));
                    if first != one.root {
                        self.ban(signer);
                        return Ok(());
                    }
                }
                self.facts.push(Fact::Committed { worker: signer, units: units.clone(), block, height: Height(self.height) });
            }
            Action::Settle { outcomes, .. } if self.is_running() => {
                let decisions: Vec<Decision> = outcomes.iter().map(|outcome| self.decision(outcome)).collect::<Result<_, _>>()?;
                for (outcome, decision) in outcomes.iter().zip(decisions) {
                    self.settle(outcome, decision);
                }
            }
            Action::CloseJob { .. }
                if is_artist && self.is_running() && !self.commitments.keys().any(|&(unit, worker)| self.is_live(unit, worker)) =>
            {
                self.closed = true;
                self.facts.push(Fact::JobClosed);
            }
            _ => return Err(TxRefusal::Rules),
        }
        Ok(())
    }

    fn is_running(&self) -> bool {
        self.open && !self.closed
    }

    fn may_work(&self, account: AccountId) -> bool {
        self.workers.contains(&account) && !self.banned.contains(&account)
    }

    pub fn is_live(&self, unit: UnitIndex, worker: AccountId) -> bool {
        !self.settled.contains_key(&unit) && !self.banned.contains(&worker)
    }

    fn ban(&mut self, worker: AccountId) {
        if self.banned.insert(worker) {
            self.facts.push(Fact::WorkerBanned { worker });
        }
    }

    fn decision(&self, outcome: &Outcome) -> Result<Decision, TxRefusal> {
        let (root, block) = *self.commitments.get(&(outcome.unit, outcome.worker)).ok_or(TxRefusal::Rules)?;
        if !self.is_live(outcome.unit, outcome.worker) {
            return Err(TxRefusal::Stale);
        }
        let draw = draw_of(block, outcome.unit, outcome.worker, root);
        let eligible = self.workers.iter().filter(|&&account| account != outcome.worker && self.may_work(account)).count();
        let needed = self.verdicts_required.min(eligible).max(1);
        let (mut signers, mut accepts, mut rejects) = (BTreeSet::new(), 0, 0);
        for signed in &outcome.verdicts {
            let (signer, verdict) = signed.open().map_err(|_| TxRefusal::Rules)?;
            let fits = verdict.job == self.spec.id() && verdict.unit == outcome.unit && verdict.worker == outcome.worker;
            let is_artist = signer == self.spec.artist;
            if !fits || verdict.root != root || verdict.draw != draw || signer == outcome.worker || !signers.insert(signer) {
                return Err(TxRefusal::Rules);
            }
            match verdict.decision {
                Decision::Accept if is_artist || self.may_work(signer) => accepts += 1,
                Decision::Reject if self.may_work(signer) => rejects += 1,
                Decision::Accept | Decision::Reject => return Err(TxRefusal::Rules),
            }
        }
        match (accepts >= needed, rejects >= needed) {
            (true, false) => Ok(Decision::Accept),
            (false, true) => Ok(Decision::Reject),
            _ => Err(TxRefusal::Rules),
        }
    }

    fn settle(&mut self, outcome: &Outcome, decision: Decision) {
        let (unit, worker) = (outcome.unit, outcome.worker);
        let (root, _) = self.commitments[&(unit, worker)];
        match decision {
            Decision::Accept if self.is_live(unit, worker) => {
                assert!(self.settled.insert(unit, (worker, root)).is_none(), "{unit:?} was settled twice");
                self.facts.push(Fact::UnitSettled { unit, worker, root, worker_microlux: Microlux(900) });
            }
            Decision::Accept => {}
            Decision::Reject => self.ban(worker),
        }
    }
}
