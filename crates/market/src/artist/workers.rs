//! What the artist knows of each worker, and who may have tasks.

use super::films::Weight;
use super::rows::{FilmName, Stage, Standing, WorkerRow};
use super::{Artist, ArtistEffect, Due, Name, Say};
use crate::terms::{TASKS_PAID_MAX, TASKS_UNPAID_MAX};
use raylance_protocol::{AccountId, Microlux, Task};
use std::collections::{BTreeSet, VecDeque};

/// After so many failures in a row a worker gets nothing more.
pub(super) const STRIKES_MAX: u8 = 3;
/// A worker that gave a task back is asked again after that.
pub(super) const PAUSE_MS: u64 = 10_000;

/// A worker: its row and what follows from the others'.
#[derive(Debug)]
pub(super) struct Worker {
    pub row: WorkerRow,
    /// Its films on the way, summed.
    pub weight: Weight,
    /// Its films that are not settled.
    pub films: BTreeSet<Task>,
    /// Films that wait for their receipt, in order.
    pub fetched: VecDeque<Task>,
    /// Receipts beyond the payable total, in order; without a task where they were signed before this memory begins.
    pub queue: VecDeque<(Microlux, Option<Task>)>,
    /// Its total at the last payment.
    pub total_at_pay: Microlux,
    pub lost: bool,
    pub paused: bool,
    /// Its place among the idle.
    pub idle: Option<u64>,
    /// Was it counted among the active, and with which reserve?
    counted: bool,
    counted_asked: Microlux,
}

impl Worker {
    pub fn new(row: WorkerRow) -> Self {
        let mut queue = VecDeque::new();
        if row.gap > row.payable {
            queue.push_back((row.gap, None));
        }
        Self {
            total_at_pay: row.total,
            row,
            weight: Weight::default(),
            films: BTreeSet::new(),
            fetched: VecDeque::new(),
            queue,
            lost: false,
            paused: false,
            idle: None,
            counted: false,
            counted_asked: Microlux::ZERO,
        }
    }

    /// May it have tasks at all?
    fn is_willing(&self) -> bool {
        self.row.standing == Standing::Hired
            && !self.row.ended
            && self.row.strikes < STRIKES_MAX
            && self.weight.stalled == 0
            && !self.lost
            && !self.paused
    }

    /// Tasks that it may have besides those in hand.
    pub fn room(&self) -> u64 {
        let max = if self.row.strikes > 0 {
            1
        } else if self.row.paid > Microlux::ZERO {
            TASKS_PAID_MAX
        } else {
            TASKS_UNPAID_MAX
        };
        if self.is_willing() { (max as u64).saturating_sub(self.weight.tasks) } else { 0 }
    }

    /// Price of what may still be leased within its reserve.
    pub fn headroom(&self) -> Microlux {
        Microlux(self.row.reserved.0.saturating_sub(self.row.total.0.saturating_add(self.weight.price)))
    }
}

impl Artist {
    /// Puts a loaded worker into the books, after its films.
    pub(super) fn restore_worker(&mut self, account: AccountId) {
        if let Some(worker) = self.workers.get_mut(&account) {
            worker.queue.make_contiguous().sort_unstable();
        }
        self.count_worker(account);
    }

    /// Changes a worker's row and what is counted over workers. Says whether there is such a worker.
    pub(super) fn amend_worker(&mut self, account: AccountId, change: impl FnOnce(&mut WorkerRow)) -> bool {
        let Some(worker) = self.workers.get_mut(&account) else { return false };
        let before = worker.row.clone();
        change(&mut worker.row);
        if worker.row != before {
            self.step.dirty.insert(Name::Worker(account));
            self.count_worker(account);
        }
        true
    }

    /// Brings the counts over workers up to date with one of them.
    pub(super) fn count_worker(&mut self, account: AccountId) {
        let Some(worker) = self.workers.get_mut(&account) else { return };
        let active = matches!(worker.row.standing, Standing::Asked | Standing::Hired) && !worker.row.ended;
        if active != std::mem::replace(&mut worker.counted, active) {
            self.active = if active { self.active + 1 } else { self.active - 1 };
        }
        let asked = if worker.row.ended { worker.row.paid } else { worker.row.asked };
        let counted = std::mem::replace(&mut worker.counted_asked, asked);
        self.money.asked = Microlux(self.money.asked.0 - counted.0 + asked.0);
        self.count_checker(account);
    }

    /// Is this worker one that would replay a list now?
    pub(super) fn count_checker(&mut self, account: AccountId) {
        let willing = self.workers.get(&account).is_some_and(|worker| worker.row.checks && worker.is_willing());
        if willing {
            self.checkers.insert(account);
        } else {
            self.checkers.remove(&account);
        }
    }

    /// Removes a worker that never got a row.
    pub(super) fn forget_worker(&mut self, account: AccountId) {
        self.amend_worker(account, |row| row.ended = true);
        self.unidle(account);
        self.workers.remove(&account);
        self.checkers.remove(&account);
        self.step.dirty.insert(Name::Worker(account));
    }

    /// A worker has its row: it is told, and gets tasks.
    pub(super) fn hire(&mut self, account: AccountId) {
        let Some(job) = self.job() else { return };
        self.amend_worker(account, |row| row.standing = Standing::Hired);
        self.forgive(account);
        self.say(account, Say::Hired { job, spec: self.plan.spec.clone() });
        self.step.hungry.insert(account);
    }

    pub(super) fn on_reach(&mut self, account: AccountId, reached: bool) {
        let Some(worker) = self.workers.get_mut(&account) else { return };
        worker.lost = !reached;
        if reached {
            self.forgive(account);
        }
        self.step.hungry.insert(account);
        self.count_checker(account);
    }

    /// A worker that failed too often and shows up again has one chance more, with one task at a time.
    fn forgive(&mut self, account: AccountId) {
        self.amend_worker(account, |row| row.strikes = row.strikes.min(STRIKES_MAX - 1));
    }

    /// No tasks for a while.
    pub(super) fn pause(&mut self, account: AccountId) {
        let Some(worker) = self.workers.get_mut(&account) else { return };
        worker.paused = true;
        self.count_checker(account);
        self.set_due(Due::Pause(account), PAUSE_MS);
    }

    pub(super) fn unpause(&mut self, account: AccountId) {
        let Some(worker) = self.workers.get_mut(&account) else { return };
        worker.paused = false;
        self.step.hungry.insert(account);
        self.count_checker(account);
    }

    /// Something went wrong with a task of this worker.
    pub(super) fn strike(&mut self, account: AccountId) {
        self.amend_worker(account, |row| row.strikes = row.strikes.saturating_add(1));
    }

    /// Waits for something to do.
    pub(super) fn make_idle(&mut self, account: AccountId) {
        self.unidle(account);
        self.counter += 1;
        let place = self.counter;
        if let Some(worker) = self.workers.get_mut(&account) {
            worker.idle = Some(place);
            self.idle.insert(place, account);
        }
    }

    pub(super) fn unidle(&mut self, account: AccountId) {
        if let Some(place) = self.workers.get_mut(&account).and_then(|worker| worker.idle.take()) {
            self.idle.remove(&place);
        }
    }

    /// After a restart: what a worker was told, it is told again.
    pub(super) fn resume_worker(&mut self, account: AccountId) {
        let Some(row) = self.workers.get(&account).map(|worker| worker.row.clone()) else { return };
        match row.standing {
            Standing::Hired => self.hire(account),
            Standing::Refused { task, leaf, .. } => {
                if let Some((submission, _)) = row.challenge {
                    self.emit_challenge((account, task), leaf, submission);
                }
                self.dispute(account);
            }
            Standing::Asked | Standing::Left => {}
        }
        if row.payable > row.paid || row.done.is_some() {
            self.want_pay(account);
        }
    }

    /// A worker wants no more: its leases are void; what it delivered is still taken.
    pub(super) fn leave(&mut self, account: AccountId) {
        self.amend_worker(account, |row| row.standing = Standing::Left);
        self.unidle(account);
        self.void(account, &[Stage::Leased, Stage::Lapsed]);
    }

    /// A worker's row has ended: nothing more can be owed to it.
    pub(super) fn end_row(&mut self, account: AccountId) {
        self.amend_worker(account, |row| row.ended = true);
        self.unidle(account);
        self.void(account, &[Stage::Leased, Stage::Lapsed, Stage::Delivered, Stage::Fetched]);
    }

    fn void(&mut self, account: AccountId, stages: &[Stage]) {
        let Some(worker) = self.workers.get(&account) else { return };
        let films = worker.films.iter().map(|task| (account, *task));
        let void: Vec<FilmName> = films.filter(|name| self.films.get(name).is_some_and(|film| stages.contains(&film.stage))).collect();
        void.iter().for_each(|name| self.remove_film(name));
    }

    pub(super) fn emit_ended(&mut self) {
        if !std::mem::replace(&mut self.head.ended, true) {
            self.step.dirty.insert(Name::Head);
            self.effect(ArtistEffect::Ended);
        }
    }
}
