//! Who renders which unit: leases, their ends, and the race for the tail.
//!
//! A unit *wants* a worker while nobody who is present holds a lease on it or has delivered a film for it. Units go out in order, so
//! the picture sharpens evenly. A worker holds at most [`LEASES_MAX`](crate::terms::LEASES_MAX) leases, and fewer near the end, so that
//! no slow worker sits on several of the last units. When no unit wants a worker but an idle one asks, it *races* the oldest lease that
//! has lasted more than twice the idle worker's own unit time: the first film that is settled wins, and the other is not paid.

use super::Effect;
use super::state::{Attempt, Cancel, Committed, Conduct, Film, Phase, Proof, Stage, Standing, State, UnitRow, WorkerNo, WorkerRow};
use crate::retry::over;
use crate::terms::{
    ATTEMPTS_MAX, FILM_MS, LEASE_FIRST_MS, LEASE_MS_MAX, LEASE_MS_MIN, LEASE_UNIT_TIMES, LEASES_MAX, LOST_GRACE_MS, RACE_AGE_MS_MIN,
    WANT_TTL_MS,
};
use raylance_v1_protocol::{AccountId, Message, UnitIndex};

impl State {
    pub fn wanted(&mut self, now_ms: u64, from: AccountId, units_max: u16, fx: &mut Vec<Effect>) {
        let Some(no) = self.worker_no(from) else { return };
        if !matches!(self.phase, Phase::Offering | Phase::Running) || self.cancel == Cancel::Yes {
            fx.push(Effect::Send { to: from, message: Message::Closed { job: self.spec.id() } });
            return;
        }
        let row = self.worker_mut(no);
        row.lost_since_ms = None;
        row.want = Some((units_max, now_ms));
        if units_max == 0 {
            self.release(no);
        }
        self.lapse_leases(now_ms);
        self.assign(now_ms, no);
        self.send_leases(no, fx);
    }

    /// A worker that wants no units at all gives its leases back: its owner has switched renting out off.
    fn release(&mut self, no: WorkerNo) {
        for row in &mut self.units {
            let UnitRow::Unsettled(attempts) = row else { continue };
            let leased = attempts.iter_mut().filter(|attempt| attempt.worker == no && matches!(attempt.stage, Stage::Leased { .. }));
            leased.for_each(|attempt| attempt.stage = Stage::Lapsed);
        }
    }

    /// Gives units that have become free to workers that asked for some.
    pub fn assign_to_waiting(&mut self, now_ms: u64, fx: &mut Vec<Effect>) {
        for no in 0..self.workers.len() as WorkerNo {
            if self.worker(no).want.is_some_and(|(_, asked_ms)| !over(now_ms, asked_ms, WANT_TTL_MS)) && self.assign(now_ms, no) {
                self.send_leases(no, fx);
            }
        }
    }

    /// Tops a worker's leases up. Says whether there are new ones.
    fn assign(&mut self, now_ms: u64, no: WorkerNo) -> bool {
        let row = self.worker(no);
        let (Some((units_max, _)), None) = (row.want, row.lost_since_ms) else { return false };
        if self.phase != Phase::Running || self.cancel == Cancel::Yes || row.standing != Standing::Admitted || row.work == Conduct::Bad {
            return false;
        }
        let held = self.leases_of(no).count();
        let wanting: Vec<UnitIndex> = self.unit_indices().filter(|&unit| self.wants_worker(now_ms, unit)).collect();
        let share = wanting.len().div_ceil(self.workers_at_work().max(1));
        let room = usize::from(units_max).min(LEASES_MAX).min(share.max(1)).saturating_sub(held);
        let mut chosen: Vec<UnitIndex> = wanting.iter().copied().filter(|&unit| !self.has_tried(no, unit)).take(room).collect();
        if chosen.len() < room {
            let rest = wanting.into_iter().filter(|&unit| self.has_tried(no, unit) && self.may_retry(no, unit));
            chosen.extend(rest.take(room - chosen.len()));
        }
        if chosen.is_empty() && held == 0 && room > 0 {
            chosen.extend(self.oldest_lease_to_race(now_ms, no));
        }
        for (ahead, &unit) in chosen.iter().enumerate() {
            self.lease(now_ms, no, unit, held + ahead);
        }
        !chosen.is_empty()
    }

    fn lease(&mut self, now_ms: u64, no: WorkerNo, unit: UnitIndex, ahead: usize) {
        let lasts_ms = self.lease_ms(no).saturating_mul(ahead as u64 + 1);
        let stage = Stage::Leased { since_ms: now_ms, lasts_ms };
        let Some(attempts) = self.attempts_mut(unit) else { return };
        match attempts.iter_mut().find(|attempt| attempt.worker == no) {
            Some(attempt) => attempt.stage = stage,
            None => attempts.push(Attempt { worker: no, stage }),
        }
    }

    fn lease_ms(&self, no: WorkerNo) -> u64 {
        match self.unit_ms(no) {
            Some(unit_ms) => (unit_ms * LEASE_UNIT_TIMES).clamp(LEASE_MS_MIN, LEASE_MS_MAX),
            None => LEASE_FIRST_MS,
        }
    }

    /// Mean time that a worker says its units take.
    pub fn unit_ms(&self, no: WorkerNo) -> Option<u64> {
        let tally = &self.worker(no).tally;
        tally.render_ms.checked_div(u64::from(tally.units_committed))
    }

    /// The worker's whole list: repeated with every question, so that a lost answer does no harm.
    pub fn send_leases(&self, no: WorkerNo, fx: &mut Vec<Effect>) {
        let message = Message::Assigned { job: self.spec.id(), units: self.leases_of(no).collect() };
        fx.push(Effect::Send { to: self.account(no), message });
    }

    fn leases_of(&self, no: WorkerNo) -> impl Iterator<Item = UnitIndex> {
        self.unit_indices()
            .filter(move |&unit| self.attempts(unit).iter().any(|a| a.worker == no && matches!(a.stage, Stage::Leased { .. })))
    }

    pub fn workers_at_work(&self) -> usize {
        let can_work = |row: &&WorkerRow| row.standing == Standing::Admitted && row.work == Conduct::Good && row.lost_since_ms.is_none();
        self.workers.iter().filter(can_work).count()
    }

    fn wants_worker(&self, now_ms: u64, unit: UnitIndex) -> bool {
        match &self.units[unit.0 as usize] {
            UnitRow::Settled { .. } => false,
            UnitRow::Unsettled(attempts) => !attempts.iter().any(|attempt| self.is_live(now_ms, attempt)),
        }
    }

    /// Is this attempt a reason not to give the unit to someone else?
    fn is_live(&self, now_ms: u64, attempt: &Attempt) -> bool {
        let row = self.worker(attempt.worker);
        let here = row.lost_since_ms.is_none_or(|since_ms| !over(now_ms, since_ms, LOST_GRACE_MS));
        row.standing == Standing::Admitted
            && row.work == Conduct::Good
            && match &attempt.stage {
                Stage::Leased { since_ms, lasts_ms } => here && !over(now_ms, *since_ms, *lasts_ms),
                Stage::Lapsed => false,
                // Only a film that is here and bound on the ledger can be settled without its worker.
                Stage::Committed(Committed { film: Film::Stored, proof: Proof::Bound { .. } | Proof::Checking(_), .. }) => true,
                Stage::Committed(committed) => here && !over(now_ms, committed.since_ms, FILM_MS),
            }
    }

    fn has_tried(&self, no: WorkerNo, unit: UnitIndex) -> bool {
        self.attempts(unit).iter().any(|attempt| attempt.worker == no)
    }

    fn may_retry(&self, no: WorkerNo, unit: UnitIndex) -> bool {
        self.attempts(unit).iter().any(|attempt| attempt.worker == no && matches!(attempt.stage, Stage::Lapsed))
    }

    fn oldest_lease_to_race(&self, now_ms: u64, no: WorkerNo) -> Option<UnitIndex> {
        let patience_ms = self.unit_ms(no).map_or(RACE_AGE_MS_MIN, |unit_ms| RACE_AGE_MS_MIN.max(2 * unit_ms));
        let lease_age = |unit: UnitIndex| {
            let attempts = self.attempts(unit);
            let live = attempts.iter().filter(|attempt| self.is_live(now_ms, attempt)).count();
            let since = attempts.iter().filter_map(|attempt| match attempt.stage {
                Stage::Leased { since_ms, .. } => Some(since_ms),
                Stage::Lapsed | Stage::Committed(_) => None,
            });
            since.min().filter(|&since_ms| over(now_ms, since_ms, patience_ms) && (1..ATTEMPTS_MAX).contains(&live))
        };
        let ages = self.unit_indices().filter(|&unit| !self.has_tried(no, unit)).filter_map(|unit| lease_age(unit).map(|age| (age, unit)));
        ages.min().map(|(_, unit)| unit)
    }

    /// Ends leases whose time is over or whose worker stayed away.
    pub fn lapse_leases(&mut self, now_ms: u64) {
        for index in 0..self.units.len() {
            let UnitRow::Unsettled(attempts) = &self.units[index] else { continue };
            let over: Vec<usize> = attempts
                .iter()
                .enumerate()
                .filter(|(_, attempt)| matches!(attempt.stage, Stage::Leased { .. }) && !self.is_live(now_ms, attempt))
                .map(|(at, _)| at)
                .collect();
            if let UnitRow::Unsettled(attempts) = &mut self.units[index] {
                over.into_iter().for_each(|at| attempts[at].stage = Stage::Lapsed);
            }
        }
    }

    pub fn peer_seen(&mut self, peer: AccountId) {
        if let Some(no) = self.worker_no(peer) {
            self.worker_mut(no).lost_since_ms = None;
        }
    }

    pub fn peer_lost(&mut self, now_ms: u64, peer: AccountId) {
        if let Some(no) = self.worker_no(peer) {
            let row = self.worker_mut(no);
            row.lost_since_ms.get_or_insert(now_ms);
            row.want = None;
        }
    }
}
