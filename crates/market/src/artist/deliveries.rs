//! From a delivery to an opened film: fetch, receipt, key.

use super::rows::{Delivered, FilmName, Stage, Standing};
use super::{Artist, ArtistEffect, Due, Say};
use crate::terms::{KEYS_OUTSTANDING_MAX, PATIENCE_MS};
use raylance_protocol::message::{Delivery, Done, Receipt};
use raylance_protocol::{AccountId, FilmKey, Microlux, Root, Signature, Task};

/// A film that can't be had is asked for again after that, so many times.
const REFETCH_MS: u64 = 10_000;
const FETCHES_MAX: u8 = 3;
/// Longest that one fetch may take.
const FETCH_MS: u64 = 600_000;

impl Artist {
    pub(super) fn on_delivery(&mut self, delivery: &Delivery, signature: Signature) {
        if Some(delivery.job) != self.job() {
            return;
        }
        let name = (delivery.worker, delivery.task);
        let Some(film) = self.films.get(&name) else { return };
        let delivered = Delivered { root: delivery.root, key_hash: delivery.key_hash, signature };
        match film.stage {
            Stage::Leased => self.fetch_new(&name, delivered),
            Stage::Lapsed if self.can_afford(name.0, film.price) => self.fetch_new(&name, delivered),
            Stage::Receipted | Stage::Stalled | Stage::Opened | Stage::Checked
                if film.delivered.is_some_and(|d| d.root == delivery.root) =>
            {
                self.emit_receipt(&name);
            }
            Stage::Lapsed
            | Stage::Delivered
            | Stage::Fetched
            | Stage::Receipted
            | Stage::Stalled
            | Stage::Opened
            | Stage::Checked
            | Stage::Wrong => {}
        }
    }

    fn fetch_new(&mut self, name: &FilmName, delivered: Delivered) {
        self.amend(name, |film| (film.stage, film.delivered) = (Stage::Delivered, Some(delivered)));
        if let Task::Unit(unit) = name.1 {
            self.units.race_from(unit, None);
        }
        self.fetch(name);
    }

    fn fetch(&mut self, name: &FilmName) {
        let Some(delivered) = self.films.get(name).and_then(|film| film.delivered) else { return };
        self.effect(ArtistEffect::Fetch { worker: name.0, task: name.1, root: delivered.root });
        self.set_due(Due::Film(*name), FETCH_MS);
    }

    pub(super) fn on_fetched(&mut self, name: FilmName, root: Root) {
        let Some(film) = self.films.get(&name).filter(|film| film.stage == Stage::Delivered) else { return };
        if film.delivered.is_none_or(|delivered| delivered.root != root) {
            return self.drop_film(&name);
        }
        self.amend(&name, |film| film.stage = Stage::Fetched);
        if let Some(worker) = self.workers.get_mut(&name.0) {
            worker.fetched.push_back(name.1);
        }
        self.set_due(Due::Film(name), PATIENCE_MS);
        self.sign_receipts(name.0);
    }

    pub(super) fn on_fetch_failed(&mut self, name: FilmName) {
        if self.films.get(&name).is_some_and(|film| film.stage == Stage::Delivered) {
            self.set_due(Due::Film(name), REFETCH_MS);
        }
    }

    /// A film that is not what was delivered, or can't be had: the task goes elsewhere.
    fn drop_film(&mut self, name: &FilmName) {
        self.strike(name.0);
        self.remove_film(name);
    }

    /// Signs for films in order, as long as few keys are out and the reserve covers them.
    pub(super) fn sign_receipts(&mut self, account: AccountId) {
        while let Some(worker) = self.workers.get(&account) {
            let Some(task) = worker.fetched.front().copied() else { return };
            let name = (account, task);
            let Some(film) = self.films.get(&name) else { return };
            let stands = matches!(worker.row.standing, Standing::Hired | Standing::Left);
            if !stands || worker.row.ended || worker.weight.stalled > 0 || worker.weight.keys >= KEYS_OUTSTANDING_MAX as u64 {
                return;
            }
            let Ok(total) = worker.row.total.plus(film.price) else { return };
            if !self.is_free() && total > worker.row.reserved {
                return self.want_reserve(account);
            }
            self.sign(&name, total);
        }
    }

    fn sign(&mut self, name: &FilmName, total: Microlux) {
        let free = self.is_free();
        if let Some(worker) = self.workers.get_mut(&name.0) {
            worker.fetched.pop_front();
            if !free {
                worker.queue.push_back((total, Some(name.1)));
            }
        }
        self.amend_worker(name.0, |row| (row.total, row.done) = (total, None));
        self.amend(name, |film| (film.stage, film.total) = (Stage::Receipted, total));
        self.set_due(Due::Film(*name), PATIENCE_MS);
        self.emit_receipt(name);
        let open = self.films.get(name).and_then(|film| film.delivered).is_some_and(|d| d.key_hash == FilmKey::NONE.hash());
        if open {
            self.on_key(*name, FilmKey::NONE);
        }
    }

    pub(super) fn emit_receipt(&mut self, name: &FilmName) {
        let (Some(job), Some(film)) = (self.job(), self.films.get(name)) else { return };
        let Some(delivered) = film.delivered else { return };
        let delivery = Delivery { job, task: name.1, worker: name.0, root: delivered.root, key_hash: delivered.key_hash };
        let receipt = Receipt { delivery, price: film.price, total: film.total };
        self.say(name.0, Say::Receipt(receipt));
    }

    pub(super) fn on_key(&mut self, name: FilmName, key: FilmKey) {
        let Some(film) = self.films.get(&name).filter(|film| matches!(film.stage, Stage::Receipted | Stage::Stalled)) else { return };
        if film.delivered.is_none_or(|delivered| delivered.key_hash != key.hash()) {
            return;
        }
        self.amend(&name, |film| (film.stage, film.key, film.retries) = (Stage::Opened, Some(key), 0));
        self.amend_worker(name.0, |row| row.opened = row.opened.saturating_add(1));
        self.opened(&name);
        self.sign_receipts(name.0);
    }

    /// What a film waited for did not come.
    pub(super) fn on_film_due(&mut self, name: FilmName) {
        let Some(film) = self.films.get(&name) else { return };
        match film.stage {
            Stage::Leased => self.lapse(&name),
            Stage::Delivered if film.retries >= FETCHES_MAX => self.drop_film(&name),
            Stage::Delivered => {
                self.amend(&name, |film| film.retries += 1);
                self.fetch(&name);
            }
            // Its worker keeps other keys back, or its reserve does not cover it.
            Stage::Fetched => self.remove_film(&name),
            Stage::Receipted => {
                self.amend(&name, |film| film.stage = Stage::Stalled);
                self.return_leaves(&name);
            }
            Stage::Opened => self.on_check_due(&name),
            Stage::Lapsed | Stage::Stalled | Stage::Checked | Stage::Wrong => {}
        }
    }

    /// A worker shows a receipt that this memory may lack: what was signed is owed.
    pub(super) fn on_standing(&mut self, receipt: &Receipt) {
        if Some(receipt.delivery.job) == self.job() {
            self.adopt(receipt.delivery.worker, receipt.total);
        }
    }

    /// Takes over a higher total that was signed before this memory begins. Its films are not known, so they can't be checked and are
    /// paid by a claim alone.
    pub(super) fn adopt(&mut self, account: AccountId, total: Microlux) {
        let Some(worker) = self.workers.get_mut(&account).filter(|worker| worker.row.total < total) else { return };
        worker.queue.push_back((total, None));
        self.amend_worker(account, |row| (row.total, row.gap, row.done) = (total, total, None));
    }

    pub(super) fn on_done(&mut self, done: &Done, signature: Signature) {
        let fits = |total: Microlux, standing: Standing| total == done.total && matches!(standing, Standing::Hired | Standing::Left);
        let worker = self.workers.get(&done.worker).filter(|worker| fits(worker.row.total, worker.row.standing));
        if Some(done.job) != self.job() || worker.is_none_or(|worker| worker.row.done == Some(signature)) {
            return;
        }
        self.amend_worker(done.worker, |row| row.done = Some(signature));
        self.leave(done.worker);
        self.want_pay(done.worker);
    }

    /// After a restart: asks again for what a film waits for.
    pub(super) fn resume_film(&mut self, name: &FilmName) {
        self.show_again(name);
        let stage = self.films.get(name).map(|film| film.stage);
        match stage {
            Some(Stage::Leased) => self.lease_again(name),
            Some(Stage::Delivered) => self.fetch(name),
            Some(Stage::Fetched) => {
                self.set_due(Due::Film(*name), PATIENCE_MS);
                self.sign_receipts(name.0);
            }
            Some(Stage::Receipted) => {
                self.set_due(Due::Film(*name), PATIENCE_MS);
                self.emit_receipt(name);
            }
            Some(Stage::Opened) => self.resume_checks(name),
            Some(Stage::Lapsed | Stage::Stalled | Stage::Checked | Stage::Wrong) | None => {}
        }
    }

    pub(super) fn show_again(&mut self, name: &FilmName) {
        if self.films.get(name).is_some_and(|film| film.shown) {
            self.emit_show(name);
        }
    }
}
