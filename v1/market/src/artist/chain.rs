//! The artist and the ledger: which transaction is next, and what facts change.

use super::films::is_stored;
use super::state::{Assembly, Cancel, Conduct, Film, Phase, Proof, Stage, Standing, State, UnitRow, WorkerNo, WorkerRow, WorkerTally};
use super::{Effect, FailReason};
use crate::retry::{Retry, over};
use crate::submission::Patience;
use crate::terms::{BID_WINDOW_MS, SETTLE_UNITS_MAX, TX_REFUSALS_MAX, WORKERS_ENOUGH};
use crate::{Fact, TxNumber, TxRefusal};
use raylance_v1_protocol::{AccountId, Action, Decision, Message, Microlux, Outcome, Root, UnitIndex, limits};

impl State {
    pub fn bid(&mut self, now_ms: u64, from: AccountId) {
        // An artist's own device may not check its own films, so it does not earn from its own job.
        if from == self.spec.artist || !matches!(self.phase, Phase::Offering | Phase::Running) {
            return;
        }
        self.peer_seen(from);
        if self.row(from).is_some() && self.phase == Phase::Offering {
            self.first_bid_ms.get_or_insert(now_ms);
        }
    }

    /// The row of an account, made when there is room for one more.
    fn row(&mut self, account: AccountId) -> Option<&mut WorkerRow> {
        let no = match self.worker_no(account) {
            Some(no) => no,
            None if self.workers.len() < limits::WORKERS_MAX => {
                self.workers.push(WorkerRow {
                    account,
                    standing: Standing::Bidding,
                    work: Conduct::Good,
                    word: Conduct::Good,
                    lost_since_ms: None,
                    want: None,
                    tally: WorkerTally::default(),
                });
                self.workers.len() as WorkerNo - 1
            }
            None => return None,
        };
        Some(self.worker_mut(no))
    }

    pub fn fact(&mut self, now_ms: u64, fact: Fact, fx: &mut Vec<Effect>) {
        match fact {
            Fact::JobOpened { workers } => {
                // It may have been opened after the person, or this machine, gave up: then it is closed again.
                if let Phase::Failed(_) = self.phase {
                    self.cancel = Cancel::Yes;
                }
                if matches!(self.phase, Phase::Offering | Phase::Failed(_)) {
                    self.phase = Phase::Running;
                }
                workers.into_iter().for_each(|worker| self.admitted(worker));
            }
            Fact::WorkerAdmitted { worker } => self.admitted(worker),
            Fact::Committed { worker, units, block, .. } => self.committed_on_ledger(now_ms, worker, &units, block, fx),
            Fact::UnitSettled { unit, worker, root, worker_microlux } => self.unit_settled(unit, worker, root, worker_microlux, fx),
            Fact::WorkerBanned { worker } => self.banned(worker, fx),
            Fact::JobClosed => self.job_closed(fx),
        }
        self.free_submission();
    }

    fn admitted(&mut self, worker: AccountId) {
        if let Some(row) = self.row(worker)
            && row.standing == Standing::Bidding
        {
            row.standing = Standing::Admitted;
        }
    }

    fn unit_settled(&mut self, unit: UnitIndex, worker: AccountId, root: Root, worker_microlux: Microlux, fx: &mut Vec<Effect>) {
        let Some(no) = self.worker_no(worker) else { return };
        let Some(UnitRow::Unsettled(attempts)) = self.units.get(unit.0 as usize) else { return };
        let film = match attempts.iter().find(|attempt| attempt.worker == no).map(|attempt| &attempt.stage) {
            Some(Stage::Committed(committed)) if committed.root == root => committed.film,
            _ => Film::Wanted(Retry::default()),
        };
        for other in attempts.iter().filter(|attempt| attempt.worker != no && is_stored(attempt)) {
            fx.push(Effect::DropFilm { unit, worker: self.account(other.worker) });
        }
        self.units[unit.0 as usize] = UnitRow::Settled { worker: no, root, film };
        let tally = &mut self.worker_mut(no).tally;
        tally.units_settled += 1;
        // The ledger's total supply fits, so does every part of it.
        tally.paid_microlux = tally.paid_microlux.plus(worker_microlux).unwrap_or(tally.paid_microlux);
    }

    fn job_closed(&mut self, fx: &mut Vec<Effect>) {
        if self.phase == Phase::Running {
            self.phase = Phase::Closed;
            self.say_closed(fx);
            if !self.all_settled() {
                let reason = if self.cancel == Cancel::Yes { FailReason::Cancelled } else { FailReason::ClosedEarly };
                self.fail(reason, fx);
            }
        }
    }

    pub fn say_closed(&self, fx: &mut Vec<Effect>) {
        let message = Message::Closed { job: self.spec.id() };
        fx.extend(self.workers.iter().map(|row| Effect::Send { to: row.account, message: message.clone() }));
    }

    pub fn fail(&mut self, reason: FailReason, fx: &mut Vec<Effect>) {
        self.phase = Phase::Failed(reason);
        fx.push(Effect::Failed { reason });
    }

    /// Is the pending action done with, as far as the facts tell?
    fn free_submission(&mut self) {
        let mut submission = std::mem::take(&mut self.submission);
        submission.done_if(|action| match action {
            Action::OpenJob { .. } => self.phase != Phase::Offering,
            Action::Admit { worker, .. } => self.worker_no(*worker).is_some_and(|no| self.worker(no).standing != Standing::Bidding),
            Action::Settle { outcomes, .. } => outcomes.iter().all(|outcome| self.is_decided(outcome)),
            Action::CloseJob { .. } => self.phase != Phase::Running,
            Action::Transfer { .. } | Action::Commit { .. } => true,
        });
        self.submission = submission;
    }

    fn is_decided(&self, outcome: &Outcome) -> bool {
        let is_settled = matches!(self.units.get(outcome.unit.0 as usize), Some(UnitRow::Settled { .. }));
        let is_banned = self.worker_no(outcome.worker).is_some_and(|no| self.worker(no).standing == Standing::Banned);
        is_settled || is_banned
    }

    pub fn refused(&mut self, now_ms: u64, number: TxNumber, cause: TxRefusal, fx: &mut Vec<Effect>) {
        let Some(action) = self.submission.refused(now_ms, number, cause) else { return };
        let many = self.submission.refusals() >= TX_REFUSALS_MAX;
        match action {
            Action::OpenJob { .. } if cause == TxRefusal::Funds => self.fail(FailReason::Funds, fx),
            Action::OpenJob { .. } if many => self.fail(FailReason::LedgerRefuses, fx),
            // The next batch is smaller and begins behind this one, so one bad outcome ends up alone.
            Action::Settle { outcomes, .. } => self.settle_from = outcomes.last().map_or(0, |last| last.unit.0 + 1),
            _ => {}
        }
    }

    /// Sends what is due on the ledger: the same bytes again, or the next action.
    pub fn transact(&mut self, now_ms: u64, fx: &mut Vec<Effect>) {
        // A cancelled job whose `OpenJob` may still be on its way waits for its fact: otherwise its budget would be forgotten.
        let patience = if self.cancel == Cancel::Yes { Patience::Endless } else { Patience::Ends };
        if let Some((number, action)) = self.submission.due(now_ms, patience) {
            fx.push(Effect::SubmitTx { number, action });
        }
        if !self.submission.is_free(now_ms) {
            return;
        }
        let action = match self.phase {
            Phase::Offering if self.cancel == Cancel::Yes => {
                self.fail(FailReason::Cancelled, fx);
                None
            }
            Phase::Offering => self.opening(now_ms),
            Phase::Running => self
                .settling(now_ms, Decision::Reject)
                .or_else(|| self.admission())
                .or_else(|| self.settling(now_ms, Decision::Accept))
                .or_else(|| self.closing()),
            Phase::Closed | Phase::Finished | Phase::Failed(_) => None,
        };
        if let Some(action) = action {
            let number = self.submission.submit(now_ms, action.clone());
            fx.push(Effect::SubmitTx { number, action });
        }
    }

    fn opening(&self, now_ms: u64) -> Option<Action> {
        let is_time = self.workers.len() >= WORKERS_ENOUGH || over(now_ms, self.first_bid_ms?, BID_WINDOW_MS);
        is_time.then(|| Action::OpenJob { spec: self.spec.clone(), workers: self.workers.iter().map(|row| row.account).collect() })
    }

    fn admission(&self) -> Option<Action> {
        if self.cancel == Cancel::Yes || self.all_settled() {
            return None;
        }
        let row = self.workers.iter().find(|row| row.standing == Standing::Bidding)?;
        Some(Action::Admit { job: self.spec.id(), worker: row.account })
    }

    /// Accepted units go together. A rejected one goes alone, because it voids its worker's verdicts on others.
    fn settling(&mut self, now_ms: u64, decision: Decision) -> Option<Action> {
        let count_max = match decision {
            Decision::Accept => (SETTLE_UNITS_MAX >> self.submission.refusals().min(16)).max(1),
            Decision::Reject => 1,
        };
        let units = self.units.len() as u32;
        let ready = (0..units)
            .map(|step| UnitIndex((self.settle_from % units + step) % units))
            .filter_map(|unit| self.ready(now_ms, unit, decision));
        let outcomes: Vec<Outcome> = ready.take(count_max).collect();
        (!outcomes.is_empty()).then(|| Action::Settle { job: self.spec.id(), outcomes })
    }

    fn ready(&self, now_ms: u64, unit: UnitIndex, wanted: Decision) -> Option<Outcome> {
        let outcomes = self.attempts(unit).iter().filter_map(|attempt| self.outcome(now_ms, unit, attempt.worker));
        outcomes.filter(|(decision, _)| *decision == wanted).map(|(_, outcome)| outcome).next()
    }

    /// A job can be closed when no commitment waits for its verdict.
    fn closing(&self) -> Option<Action> {
        let waits = |row: &UnitRow| match row {
            UnitRow::Settled { .. } => false,
            UnitRow::Unsettled(attempts) => attempts.iter().any(|attempt| match &attempt.stage {
                Stage::Committed(committed) => committed.proof != Proof::Unseen,
                Stage::Leased { .. } | Stage::Lapsed => false,
            }),
        };
        let is_over = self.all_settled() || (self.cancel == Cancel::Yes && !self.units.iter().any(waits));
        is_over.then(|| Action::CloseJob { job: self.spec.id() })
    }

    /// Assembles once everything is settled and here; finishes once the ledger has closed the job too.
    pub fn assemble_due(&mut self, now_ms: u64, fx: &mut Vec<Effect>) {
        if !matches!(self.phase, Phase::Running | Phase::Closed) {
            return;
        }
        let films = self.settled_films();
        match &mut self.assembly {
            Assembly::Done if self.phase == Phase::Closed => {
                self.phase = Phase::Finished;
                fx.push(Effect::Finished);
            }
            Assembly::Open(retry) if films.len() == self.units.len() && retry.due(now_ms) => {
                retry.asked(now_ms, crate::terms::ASSEMBLY_MS);
                fx.push(Effect::Assemble { films });
            }
            Assembly::Done | Assembly::Open(_) => {}
        }
    }
}
