//! Offers and bids: who is asked, who gets a row.

use super::rows::{Standing, WorkerRow};
use super::workers::Worker;
use super::{Artist, ArtistEffect, Due, Name};
use raylance_protocol::message::Offer;
use raylance_protocol::tx::{Action, OpenJob, Reserve};
use raylance_protocol::{AccountId, Bid, JobId, limits};
use std::cmp::Reverse;

/// An offer is published so often while bids come.
pub(super) const OFFER_MS: u64 = 5_000;
/// Without a bid the time between offers doubles up to that.
const OFFER_MS_MAX: u64 = 60_000;
/// Bids are collected for so long before the job is opened.
const BIDS_MS: u64 = 3_000;
/// Most bids that are kept: the worst goes when a better one comes.
const BIDS_MAX: usize = limits::WORKERS_MAX as usize;

impl Artist {
    /// Are more workers wanted?
    fn is_hiring(&self) -> bool {
        let rows = self.workers.len() < limits::WORKERS_MAX as usize;
        !self.is_over() && rows && self.active < u32::from(self.plan.workers_max)
    }

    /// No more leases: the person stopped, the picture is there, or the job closes.
    pub(super) fn is_over(&self) -> bool {
        self.head.stopped || self.head.finished || self.head.closing
    }

    /// Publishes the offer, and again later.
    pub(super) fn offer(&mut self) {
        if self.is_over() || self.plan.workers_max == 0 {
            return;
        }
        if self.is_hiring() {
            self.effect(ArtistEffect::Offer(Offer {
                spec: self.spec,
                renderer: self.plan.spec.renderer,
                scene_bytes: self.plan.spec.scene_bytes,
                device_bytes: self.plan.device_bytes,
                units: self.unit_count,
                cost: self.cost,
                rate_max: self.plan.rate_max,
                workers_max: self.plan.workers_max,
            }));
        }
        self.set_due(Due::Offer, self.offer_gap_ms);
        self.offer_gap_ms = (self.offer_gap_ms * 2).min(OFFER_MS_MAX);
    }

    pub(super) fn on_bid(&mut self, account: AccountId, bid: Bid) {
        if bid.spec != self.spec || bid.rate > self.plan.rate_max || account == self.me() || self.is_over() {
            return;
        }
        if let Some(worker) = self.workers.get(&account) {
            // It asks again: it did not hear that it is hired, or it has come back, on terms that may be others.
            if !worker.row.ended && worker.row.done.is_none() && matches!(worker.row.standing, Standing::Hired | Standing::Left) {
                self.amend_worker(account, |row| {
                    (row.rate, row.samples_per_s, row.checks) = (bid.rate, bid.samples_per_s, bid.checks);
                });
                self.hire(account);
            }
            return;
        }
        self.offer_gap_ms = OFFER_MS;
        if self.is_free() {
            return self.hire_free(account, &bid);
        }
        self.rank(account, bid);
        if self.job().is_some() {
            self.want_rows();
        } else if self.payment.is_none() {
            let enough = self.bids.len() >= usize::from(self.plan.workers_max);
            if enough {
                self.set_due(Due::Open, 0);
                self.open_job();
            } else if !self.due.contains(Due::Open) {
                self.set_due(Due::Open, BIDS_MS);
            }
        }
    }

    fn rank(&mut self, account: AccountId, bid: Bid) {
        if let Some(before) = self.bids.remove(&account) {
            self.ranked.remove(&(before.rate.0, Reverse(before.samples_per_s), account));
        }
        self.ranked.insert((bid.rate.0, Reverse(bid.samples_per_s), account));
        self.bids.insert(account, bid);
        if self.bids.len() > BIDS_MAX
            && let Some((_, _, worst)) = self.ranked.pop_last()
        {
            self.bids.remove(&worst);
        }
    }

    /// Takes the best bid.
    fn best_bid(&mut self) -> Option<(AccountId, Bid)> {
        let (_, _, account) = self.ranked.pop_first()?;
        Some((account, self.bids.remove(&account)?))
    }

    /// Work that is given away needs no rows: whoever is willing is hired.
    fn hire_free(&mut self, account: AccountId, bid: &Bid) {
        if !self.is_hiring() {
            return;
        }
        if self.head.job.is_none() {
            self.head.job = Some(JobId::free(self.me(), self.spec));
            self.step.dirty.insert(Name::Head);
        }
        let row = WorkerRow::new(bid.rate, bid.samples_per_s, bid.checks, Standing::Asked);
        self.workers.insert(account, Worker::new(row));
        self.count_worker(account);
        self.hire(account);
    }

    /// Hires the best bidders, at most `rows_max`: each with what it may be reserved.
    pub(super) fn ask_rows(&mut self, rows_max: usize) -> Vec<Reserve> {
        let mut rows = Vec::new();
        while rows.len() < rows_max && self.is_hiring() && !self.bids.is_empty() {
            let Some((account, bid)) = self.best_bid() else { break };
            // Its row was there before this memory began, and the ledger has told of it since it bid.
            if self.workers.contains_key(&account) {
                continue;
            }
            let row = WorkerRow::new(bid.rate, bid.samples_per_s, bid.checks, Standing::Asked);
            self.workers.insert(account, Worker::new(row));
            self.step.dirty.insert(Name::Worker(account));
            let reserved_total = self.target(account);
            if reserved_total < self.unit_price(account) {
                self.forget_worker(account);
                break;
            }
            self.amend_worker(account, |row| row.asked = reserved_total);
            self.count_worker(account);
            rows.push(Reserve { worker: account, reserved_total });
        }
        rows
    }

    /// Opens the job with the best bidders.
    pub(super) fn open_job(&mut self) {
        self.due.clear(Due::Open);
        if self.is_over() || self.is_free() || self.payment.is_some() || self.job().is_some() {
            return;
        }
        let rows = self.ask_rows(limits::TX_ROWS_MAX);
        if rows.is_empty() {
            return;
        }
        let ends_by = self.ring_time.after(self.plan.open_ms);
        self.head.ends_by = ends_by;
        let spec = &self.plan.spec;
        let open = OpenJob { spec: self.spec, renderer: spec.renderer, scene_bytes: spec.scene_bytes, ends_by, rows };
        self.submit(Action::OpenJob(open));
    }
}
