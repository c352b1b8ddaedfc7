//! Money: reserves one payment ahead, checked totals paid in batches, the end of the job on the ledger.

use super::rows::{FilmName, PaymentRow, Stage, Standing, WorkerRow};
use super::{Artist, ArtistEffect, Due, Name};
use crate::terms::{PAY_INTERVAL_MS_MIN, pay_interval_ms};
use raylance_protocol::tx::{Action, Pay, PayRow, Reserve};
use raylance_protocol::{AccountId, JobId, Microlux, RingTime, Task, UnitIndex, limits};
use std::collections::{BTreeMap, BTreeSet};

/// A worker is reserved at least so many units ahead.
const UNITS_AHEAD: u64 = 8;
/// A reserve is raised when less than so many units of it are left.
const UNITS_LEFT: u64 = 2;
/// A refused transaction is built anew after that.
const REFUSED_MS: u64 = 10_000;

/// What is known about payments besides rows.
#[derive(Debug, Default)]
pub(super) struct Money {
    /// Sum of what was asked to be reserved.
    pub asked: Microlux,
    /// Workers for whom something is to be said in the next Pay.
    pub changed: BTreeSet<AccountId>,
    /// Are rows wanted for new workers?
    rows_wanted: bool,
    /// When the last transaction became final.
    paid_ms: u64,
    /// Refusals in a row: the artist has less than its budget, so less is reserved ahead.
    refusals: u32,
    /// Units that were there when the job's end was last moved.
    shown_at_extension: u32,
    /// The end is to be moved.
    late: bool,
    /// Challenges that are on their way.
    pub challenges: BTreeMap<u64, AccountId>,
}

impl Artist {
    /// Price of a whole unit for this worker.
    pub(super) fn unit_price(&self, account: AccountId) -> Microlux {
        self.price_of(account, UnitIndex(0)).unwrap_or_default()
    }

    fn interval_ms(&self) -> u64 {
        pay_interval_ms(self.step.now_ms.saturating_sub(self.started_ms.unwrap_or(self.step.now_ms)))
    }

    /// What should be reserved for a worker in all: what it has earned and has in hand, and what it can earn until the next Pay.
    ///
    /// What it says of its speed counts only up to its share of half the budget; beyond that counts what it did earn.
    pub(super) fn target(&self, account: AccountId) -> Microlux {
        let Some(worker) = self.workers.get(&account) else { return Microlux::ZERO };
        let row = &worker.row;
        let said = row.rate.price(row.samples_per_s.saturating_mul(self.interval_ms()) / 1000).map_or(u64::MAX, |price| price.0);
        let share = self.plan.budget.0 / (2 * u64::from(self.plan.workers_max.max(1)));
        let earned = row.total.0.saturating_sub(worker.total_at_pay.0).saturating_mul(2);
        let least = self.unit_price(account).0.saturating_mul(UNITS_AHEAD);
        let ahead = said.min(share).max(earned).max(least) >> self.money.refusals.min(8);
        let wanted = row.total.0.saturating_add(worker.weight.price).saturating_add(ahead);
        let left = self.plan.budget.0.saturating_sub(self.money.asked.0);
        Microlux(wanted.min(row.asked.0.saturating_add(left)).max(row.asked.0))
    }

    /// Something about a worker is to be paid at the usual time.
    pub(super) fn want_pay(&mut self, account: AccountId) {
        self.money.changed.insert(account);
        self.pay_by(self.money.paid_ms.saturating_add(self.interval_ms()));
    }

    /// A payment is wanted as soon as there may be one.
    pub(super) fn pay_soon(&mut self) {
        self.pay_by(self.money.paid_ms.saturating_add(PAY_INTERVAL_MS_MIN));
    }

    fn pay_by(&mut self, at_ms: u64) {
        if self.payment.is_none() && !self.is_free() {
            self.due.set_by(Due::Pay, at_ms.max(self.step.now_ms));
        }
    }

    /// A worker's reserve stands in the way of its next task.
    pub(super) fn want_reserve(&mut self, account: AccountId) {
        let Some(worker) = self.workers.get(&account) else { return };
        let raised = worker.row.asked > worker.row.reserved;
        if !raised && self.target(account) > worker.row.asked {
            self.money.changed.insert(account);
            self.pay_soon();
        }
    }

    /// A worker declines, perhaps because of what it is owed: where that is something, it is paid before its time.
    pub(super) fn pay_doubter(&mut self, account: AccountId) {
        let Some(row) = self.workers.get(&account).map(|worker| &worker.row) else { return };
        if row.payable.0.saturating_sub(row.paid.0) >= self.unit_price(account).0.saturating_mul(UNITS_LEFT).max(1) {
            self.money.changed.insert(account);
            self.pay_soon();
        }
    }

    pub(super) fn want_rows(&mut self) {
        self.money.rows_wanted = true;
        self.pay_soon();
    }

    /// Submits what changed.
    pub(super) fn pay(&mut self) {
        let Some(job) = self.job() else { return };
        if self.payment.is_some() || self.is_free() || self.head.gone {
            return;
        }
        let mut rows = Vec::new();
        if self.money.rows_wanted && !self.head.closing {
            let new = |Reserve { worker, reserved_total }| PayRow { worker, paid_total: Microlux::ZERO, reserved_total, done: None };
            rows.extend(self.ask_rows(limits::TX_ROWS_MAX).into_iter().map(new));
            self.money.rows_wanted = rows.len() == limits::TX_ROWS_MAX;
        }
        while rows.len() < limits::TX_ROWS_MAX
            && let Some(account) = self.money.changed.pop_first()
        {
            rows.extend(self.pay_row(account));
        }
        let close = self.is_settled() && !self.head.closing && self.money.changed.is_empty();
        let ends_by = self.later_end();
        if rows.is_empty() && !close && ends_by.is_none() {
            return;
        }
        self.submit(Action::Pay(Pay { job, rows, close, ends_by }));
    }

    fn pay_row(&mut self, account: AccountId) -> Option<PayRow> {
        let worker = self.workers.get(&account)?;
        let raise = worker.row.standing == Standing::Hired && !self.is_over() && worker.headroom().0 < self.left_min(account);
        let reserved_total = if raise { self.target(account) } else { worker.row.asked };
        let row = &worker.row;
        if row.ended || row.standing == Standing::Asked {
            return None;
        }
        let paid_total = row.payable.min(row.asked);
        let done = row.done.filter(|_| row.payable == row.total);
        if paid_total <= row.paid && reserved_total == row.reserved && done.is_none() {
            return None;
        }
        self.amend_worker(account, |row| row.asked = reserved_total);
        if let Some(worker) = self.workers.get_mut(&account) {
            worker.total_at_pay = worker.row.total;
        }
        Some(PayRow { worker: account, paid_total, reserved_total, done })
    }

    /// A reserve with less left than this is raised with the next Pay.
    fn left_min(&self, account: AccountId) -> u64 {
        let Some(worker) = self.workers.get(&account) else { return 0 };
        let earned = worker.row.total.0.saturating_sub(worker.total_at_pay.0).saturating_mul(2);
        self.unit_price(account).0.saturating_mul(UNITS_AHEAD).max(earned)
    }

    /// After a receipt or lease: is the reserve nearly used up?
    pub(super) fn watch_reserve(&mut self, account: AccountId) {
        let left = self.workers.get(&account).map_or(0, |worker| worker.headroom().0);
        if !self.is_over() && !self.units.todo.is_empty() && left < self.unit_price(account).0.saturating_mul(UNITS_LEFT) {
            self.want_reserve(account);
        }
    }

    /// A later end of the job, where it comes near and the work goes on.
    fn later_end(&mut self) -> Option<RingTime> {
        if !std::mem::take(&mut self.money.late) || self.is_over() {
            return None;
        }
        self.money.shown_at_extension = self.units.shown;
        self.head.ends_by = self.ring_time.after(self.plan.open_ms);
        self.step.dirty.insert(Name::Head);
        Some(self.head.ends_by)
    }

    pub(super) fn on_ring_time(&mut self, now: RingTime) {
        self.ring_time = self.ring_time.max(now);
        let left_ms = self.head.ends_by.0.saturating_sub(self.ring_time.0);
        // Workers decline what they could not deliver and claim in time: a lease and two windows before the end.
        let open_ms = self.plan.open_ms;
        let margin_ms = (open_ms / 4).max(self.plan.parameters.window_ms.saturating_mul(3)).min(open_ms / 4 * 3);
        let near = self.job().is_some() && left_ms < margin_ms;
        if near && !self.is_over() && self.units.shown > self.money.shown_at_extension {
            self.money.late = true;
            self.pay_soon();
        }
    }

    /// Records a transaction and sends it on its way.
    pub(super) fn submit(&mut self, action: Action) {
        let submission = self.submission();
        self.effect(ArtistEffect::Submit { submission, action: action.clone() });
        self.payment = Some(PaymentRow { submission, action });
        self.step.dirty.insert(Name::Payment);
        self.due.clear(Due::Pay);
    }

    pub(super) fn on_final(&mut self, submission: u64, job: Option<JobId>) {
        if self.money.challenges.remove(&submission).is_some() {
            return;
        }
        let Some(payment) = self.payment.take_if(|payment| payment.submission == submission) else { return };
        self.step.dirty.extend([Name::Payment, Name::Head]);
        (self.money.paid_ms, self.money.refusals) = (self.step.now_ms, 0);
        match payment.action {
            Action::OpenJob(_) => {
                self.head.job = job;
                if !self.bids.is_empty() {
                    self.want_rows();
                }
            }
            Action::Pay(pay) if pay.close => self.begin_closing(),
            _ => {}
        }
        if !self.money.changed.is_empty() || self.money.rows_wanted {
            let soon = self.head.closing || self.money.rows_wanted;
            let wait_ms = if soon { PAY_INTERVAL_MS_MIN } else { self.interval_ms() };
            self.pay_by(self.money.paid_ms.saturating_add(wait_ms));
        }
    }

    pub(super) fn on_refused(&mut self, submission: u64) {
        if let Some(account) = self.money.challenges.remove(&submission) {
            self.amend_worker(account, |row| row.challenge = None);
            return self.set_due(Due::Dispute(account), REFUSED_MS);
        }
        let Some(payment) = self.payment.take_if(|payment| payment.submission == submission) else { return };
        self.step.dirty.insert(Name::Payment);
        self.money.refusals += 1;
        let asked: Vec<AccountId> = match payment.action {
            Action::OpenJob(open) => open.rows.into_iter().map(|row| row.worker).collect(),
            Action::Pay(pay) => pay.rows.into_iter().map(|row| row.worker).collect(),
            _ => Vec::new(),
        };
        for account in asked {
            if self.workers.get(&account).is_some_and(|worker| worker.row.standing == Standing::Asked) {
                self.forget_worker(account);
            } else {
                self.amend_worker(account, |row| row.asked = row.reserved);
                self.money.changed.insert(account);
            }
        }
        self.due.set(Due::Pay, self.step.now_ms.saturating_add(REFUSED_MS));
    }

    /// Moves the payable total of a worker past every delivery that is checked, or that the ledger has paid.
    pub(super) fn advance(&mut self, account: AccountId) {
        let Some(worker) = self.workers.get_mut(&account) else { return };
        let refused = matches!(worker.row.standing, Standing::Refused { .. });
        let (mut payable, mut settled) = (worker.row.payable.max(worker.row.paid), Vec::new());
        while let Some((total, task)) = worker.queue.front().copied() {
            let checked = |task: Task| self.films.get(&(account, task)).is_some_and(|film| film.stage == Stage::Checked);
            if total > worker.row.paid && (refused || !task.is_some_and(checked)) {
                break;
            }
            worker.queue.pop_front();
            payable = payable.max(total);
            settled.extend(task);
        }
        let unpaid = payable > worker.row.paid;
        let claimed = worker.row.claim.is_some_and(|claim| claim.total <= payable);
        self.amend_worker(account, |row| row.payable = payable);
        settled.into_iter().for_each(|task| self.settle_film(&(account, task)));
        if unpaid {
            self.want_pay(account);
            if claimed || self.head.closing {
                self.pay_soon();
            }
        }
    }

    /// A checked film whose total is payable is of no more interest to its worker: a unit stays as a fact, a list goes.
    pub(super) fn settle_film(&mut self, name: &FilmName) {
        let Some(film) = self.films.get(name).filter(|film| film.stage == Stage::Checked) else { return };
        let total = film.total;
        let Some(worker) = self.workers.get_mut(&name.0).filter(|worker| total <= worker.row.payable) else { return };
        worker.films.remove(&name.1);
        if matches!(name.1, Task::List(_)) {
            self.remove_film(name);
        }
    }

    /// Is every film that is on its way either there and checked, or never to come?
    fn is_settled(&self) -> bool {
        self.head.finished && self.weight.live == 0 && self.weight.unchecked == 0
    }

    /// Ends what can end: the picture, then the job.
    pub(super) fn finish(&mut self) {
        let complete = self.units.shown == self.unit_count && self.weight.unchecked == 0;
        let given_up = self.head.stopped || (self.head.closing && !self.own.is_on);
        let idle = self.weight.live == 0 && self.weight.unchecked == 0 && self.own.rendering.is_none();
        if !self.head.finished && (complete || (given_up && idle)) {
            self.head.finished = true;
            self.step.dirty.insert(Name::Head);
            self.effect(ArtistEffect::Finished);
            self.bids.clear();
            self.ranked.clear();
            self.due.clear(Due::Offer);
        }
        if !self.is_settled() || self.head.ended || (self.payment.is_some() && !self.head.gone) {
            return;
        }
        match self.job() {
            Some(_) if !self.is_free() && !self.head.gone => {
                if !self.head.closing {
                    self.due.set_by(Due::Pay, self.step.now_ms);
                    self.pay_now();
                }
            }
            Some(_) | None => self.emit_ended(),
        }
    }

    /// The last payment does not wait for the next alarm, unless the one before it was refused.
    fn pay_now(&mut self) {
        if self.money.refusals == 0 {
            self.pay();
        }
    }

    /// No more leases: the job closes, by its artist's word or by its end.
    pub(super) fn begin_closing(&mut self) {
        if !std::mem::replace(&mut self.head.closing, true) {
            self.step.dirty.insert(Name::Head);
            self.pooled_to_own();
        }
    }

    /// After a restart: the same transaction again.
    pub(super) fn resume_payments(&mut self) {
        self.money.paid_ms = self.step.now_ms;
        if let Some(PaymentRow { submission, action }) = self.payment.clone() {
            self.effect(ArtistEffect::Submit { submission, action });
        }
        let challenges = self.workers.iter().filter_map(|(account, worker)| Some((worker.row.challenge?.0, *account)));
        self.money.challenges = challenges.collect();
    }
}

impl WorkerRow {
    /// What the ledger's claim adds to what is payable.
    pub(super) fn claims_more(&self) -> bool {
        self.claim.is_some_and(|claim| claim.total > self.payable)
    }
}
