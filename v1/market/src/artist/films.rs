//! From a commitment to a stored film: commitments by message and on the ledger, fetches, draws, and what happens to a cheat.

use super::state::{Attempt, Check, Committed, Conduct, Film, Oracle, Proof, Stage, Standing, State, UnitRow, WorkerNo};
use super::{Effect, FilmFault};
use crate::retry::Retry;
use crate::terms::{ANSWER_MS, FILM_MS, LEASE_MS_MAX};
use raylance_v1_protocol::{AccountId, Action, BlockHash, CommittedUnit, Digest, Root, UnitIndex};
use std::collections::BTreeSet;

impl State {
    /// A commitment by message. It counts only for a unit that was once leased to this worker: others would be blind claims.
    pub fn committed_by_message(
        &mut self,
        now_ms: u64,
        from: AccountId,
        unit: UnitIndex,
        root: Root,
        render_ms: u32,
        fx: &mut Vec<Effect>,
    ) {
        let Some(no) = self.worker_no(from).filter(|&no| self.worker(no).standing == Standing::Admitted) else { return };
        self.worker_mut(no).lost_since_ms = None;
        self.bind(now_ms, no, unit, root, fx);
        let render_ms = render_ms.min(LEASE_MS_MAX as u32);
        let samples = self.spec.render().unit(unit).map_or(0, |cut| cut.sample_count());
        if let Some(committed) = self.committed_mut(unit, no)
            && committed.render_ms.is_none()
        {
            committed.render_ms = Some(render_ms);
            let tally = &mut self.worker_mut(no).tally;
            tally.units_committed += 1;
            tally.rendered_samples += samples;
            tally.render_ms += u64::from(render_ms);
        }
        self.advance(now_ms, unit, fx);
        self.assign_to_waiting(now_ms, fx);
    }

    /// A commitment on the ledger.
    pub fn committed_on_ledger(&mut self, now_ms: u64, worker: AccountId, units: &[CommittedUnit], block: BlockHash, fx: &mut Vec<Effect>) {
        let Some(no) = self.worker_no(worker).filter(|&no| self.worker(no).standing == Standing::Admitted) else { return };
        for bound in units {
            self.bind(now_ms, no, bound.unit, bound.root, fx);
            if let Some(committed) = self.committed_mut(bound.unit, no)
                && committed.root == bound.root
                && committed.proof == Proof::Unseen
            {
                committed.proof = Proof::Bound { block, draw: Retry::default() };
            }
            self.advance(now_ms, bound.unit, fx);
        }
    }

    /// Notes a root. A second one for the same unit is fraud.
    fn bind(&mut self, now_ms: u64, no: WorkerNo, unit: UnitIndex, root: Root, fx: &mut Vec<Effect>) {
        let Some(attempt) = self.attempts_mut(unit).and_then(|attempts| attempts.iter_mut().find(|attempt| attempt.worker == no)) else {
            return;
        };
        match &attempt.stage {
            Stage::Leased { .. } | Stage::Lapsed => {
                let film = Film::Wanted(Retry::default());
                attempt.stage = Stage::Committed(Committed { root, since_ms: now_ms, render_ms: None, film, proof: Proof::Unseen });
            }
            Stage::Committed(committed) if committed.root != root => self.caught(no, fx),
            Stage::Committed(_) => {}
        }
    }

    pub fn film_stored(&mut self, now_ms: u64, unit: UnitIndex, worker: AccountId, root: Root, fx: &mut Vec<Effect>) {
        let Some(no) = self.worker_no(worker) else { return };
        match self.units.get_mut(unit.0 as usize) {
            Some(UnitRow::Settled { worker, root: paid, film }) if *worker == no && *paid == root => *film = Film::Stored,
            // It came after another worker's film was paid.
            Some(UnitRow::Settled { .. }) => fx.push(Effect::DropFilm { unit, worker }),
            Some(UnitRow::Unsettled(_)) => {
                if let Some(committed) = self.committed_mut(unit, no).filter(|committed| committed.root == root) {
                    committed.film = Film::Stored;
                }
                self.advance(now_ms, unit, fx);
            }
            None => {}
        }
    }

    pub fn film_failed(&mut self, now_ms: u64, unit: UnitIndex, worker: AccountId, root: Root, fault: FilmFault, fx: &mut Vec<Effect>) {
        let Some(no) = self.worker_no(worker) else { return };
        let wanted = match self.units.get_mut(unit.0 as usize) {
            Some(UnitRow::Settled { worker, root: paid, film: Film::Wanted(retry) }) if *worker == no && *paid == root => Some(retry),
            Some(UnitRow::Unsettled(_)) => match self.committed_mut(unit, no) {
                Some(Committed { root: bound, film: Film::Wanted(retry), .. }) if *bound == root => Some(retry),
                _ => None,
            },
            _ => None,
        };
        let Some(retry) = wanted else { return };
        retry.failed(now_ms);
        if fault == FilmFault::WrongRoot {
            self.caught(no, fx);
        }
    }

    #[expect(clippy::too_many_arguments, reason = "one for each field of the input")]
    pub fn drawn(
        &mut self,
        now_ms: u64,
        unit: UnitIndex,
        worker: AccountId,
        root: Root,
        draw: Digest,
        order: &[AccountId],
        fx: &mut Vec<Effect>,
    ) {
        let Some(no) = self.worker_no(worker) else { return };
        let order: Vec<WorkerNo> = order.iter().filter_map(|&account| self.worker_no(account)).filter(|&verifier| verifier != no).collect();
        if let Some(committed) = self.committed_mut(unit, no)
            && committed.root == root
            && matches!(committed.proof, Proof::Bound { .. })
        {
            committed.proof = Proof::Checking(Check { draw, order, asks: Vec::new(), oracle: Oracle::Unasked });
            self.advance(now_ms, unit, fx);
        }
    }

    /// A worker is known to cheat: nothing more is entrusted to it, its leases go to others, its films leave the picture. A film on
    /// which a verifier has said Reject is checked to the end, because that is what bans the worker on the ledger.
    pub fn caught(&mut self, no: WorkerNo, fx: &mut Vec<Effect>) {
        let worker = self.account(no);
        let row = self.worker_mut(no);
        if row.work == Conduct::Bad {
            return;
        }
        row.work = Conduct::Bad;
        row.word = Conduct::Bad;
        row.want = None;
        row.tally.units_rejected += 1;
        // What is on its way to the ledger as accepted may be paid: its film must stay.
        let paid_soon: BTreeSet<UnitIndex> = match self.submission.pending() {
            Some(Action::Settle { outcomes, .. }) => {
                outcomes.iter().filter(|outcome| outcome.worker == worker).map(|outcome| outcome.unit).collect()
            }
            _ => BTreeSet::new(),
        };
        for unit in self.unit_indices() {
            let Some(attempts) = self.attempts_mut(unit) else { continue };
            for attempt in attempts.iter_mut().filter(|attempt| attempt.worker == no) {
                match &mut attempt.stage {
                    Stage::Leased { .. } => attempt.stage = Stage::Lapsed,
                    Stage::Committed(committed)
                        if committed.film == Film::Stored && !has_reject(committed) && !paid_soon.contains(&unit) =>
                    {
                        committed.film = Film::Wanted(Retry::default());
                        fx.push(Effect::DropFilm { unit, worker });
                    }
                    Stage::Lapsed | Stage::Committed(_) => {}
                }
            }
        }
    }

    /// The ledger has banned a worker: its unsettled commitments are void.
    pub fn banned(&mut self, worker: AccountId, fx: &mut Vec<Effect>) {
        let Some(no) = self.worker_no(worker) else { return };
        self.caught(no, fx);
        self.worker_mut(no).standing = Standing::Banned;
        for unit in self.unit_indices() {
            let Some(attempts) = self.attempts_mut(unit) else { continue };
            if attempts.iter().any(|attempt| attempt.worker == no && is_stored(attempt)) {
                fx.push(Effect::DropFilm { unit, worker });
            }
            attempts.retain(|attempt| attempt.worker != no);
        }
    }

    /// Does whatever is due for a unit: fetch, draw, ask verifiers. One film per unit is checked at a time, the first that is here and
    /// bound on the ledger; the others wait in case it is rejected.
    pub fn advance(&mut self, now_ms: u64, unit: UnitIndex, fx: &mut Vec<Effect>) {
        if let Some(&mut UnitRow::Settled { worker, root, film: Film::Wanted(ref mut retry) }) = self.units.get_mut(unit.0 as usize) {
            if retry.due(now_ms) {
                retry.asked(now_ms, FILM_MS);
                fx.push(Effect::FetchFilm { worker: self.account(worker), unit, root });
            }
            return;
        }
        let is_good = |attempt: &&Attempt| self.worker(attempt.worker).work == Conduct::Good;
        let leader = self.attempts(unit).iter().filter(is_good).find(|attempt| is_stored_and_bound(attempt)).map(|attempt| attempt.worker);
        let committed: Vec<(WorkerNo, Conduct)> = self
            .attempts(unit)
            .iter()
            .filter(|attempt| matches!(&attempt.stage, Stage::Committed(_)))
            .map(|attempt| (attempt.worker, self.worker(attempt.worker).work))
            .collect();
        for (no, conduct) in committed {
            match conduct {
                Conduct::Good => {
                    self.draw_due(now_ms, unit, no, fx);
                    if leader.is_none_or(|leader| leader == no) {
                        self.fetch_due(now_ms, unit, no, fx);
                        self.check_due(now_ms, unit, no, fx);
                    }
                }
                Conduct::Bad if self.committed(unit, no).is_some_and(has_reject) => self.check_due(now_ms, unit, no, fx),
                Conduct::Bad => {}
            }
        }
    }

    fn fetch_due(&mut self, now_ms: u64, unit: UnitIndex, no: WorkerNo, fx: &mut Vec<Effect>) {
        let row = self.worker(no);
        let (worker, is_here) = (row.account, row.lost_since_ms.is_none());
        if let Some(committed) = self.committed_mut(unit, no)
            && let Film::Wanted(retry) = &mut committed.film
            && is_here
            && retry.due(now_ms)
        {
            retry.asked(now_ms, FILM_MS);
            fx.push(Effect::FetchFilm { worker, unit, root: committed.root });
        }
    }

    fn draw_due(&mut self, now_ms: u64, unit: UnitIndex, no: WorkerNo, fx: &mut Vec<Effect>) {
        if !self.committed(unit, no).is_some_and(|committed| matches!(committed.proof, Proof::Bound { .. })) {
            return;
        }
        let worker = self.account(no);
        let others = self.workers.iter().filter(|row| row.account != worker && row.standing == Standing::Admitted);
        let candidates: Vec<AccountId> = others.map(|row| row.account).collect();
        if let Some(committed) = self.committed_mut(unit, no)
            && let Proof::Bound { block, draw } = &mut committed.proof
            && draw.due(now_ms)
        {
            draw.asked(now_ms, ANSWER_MS);
            fx.push(Effect::Draw { unit, worker, root: committed.root, block: *block, candidates });
        }
    }

    /// After a restart everything that was asked is asked again.
    pub fn reset_retries(&mut self) {
        for row in &mut self.units {
            match row {
                UnitRow::Settled { film: Film::Wanted(retry), .. } => retry.reset(),
                UnitRow::Settled { .. } => {}
                UnitRow::Unsettled(attempts) => attempts.iter_mut().for_each(reset_attempt),
            }
        }
    }
}

fn reset_attempt(attempt: &mut Attempt) {
    let Stage::Committed(committed) = &mut attempt.stage else { return };
    if let Film::Wanted(retry) = &mut committed.film {
        retry.reset();
    }
    match &mut committed.proof {
        Proof::Unseen => {}
        Proof::Bound { draw, .. } => draw.reset(),
        Proof::Checking(check) => {
            check.asks.iter_mut().for_each(|ask| ask.sent.reset());
            if let Oracle::Asked(retry) = &mut check.oracle {
                retry.reset();
            }
        }
    }
}

pub(super) fn is_stored(attempt: &Attempt) -> bool {
    matches!(&attempt.stage, Stage::Committed(Committed { film: Film::Stored, .. }))
}

fn is_stored_and_bound(attempt: &Attempt) -> bool {
    matches!(&attempt.stage, Stage::Committed(Committed { film: Film::Stored, proof: Proof::Bound { .. } | Proof::Checking(_), .. }))
}

fn has_reject(committed: &Committed) -> bool {
    match &committed.proof {
        Proof::Checking(check) => check.has_reject(),
        Proof::Unseen | Proof::Bound { .. } => false,
    }
}
