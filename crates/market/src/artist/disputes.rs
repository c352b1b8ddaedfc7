//! What the ledger says of the job and its workers, and what the artist says of a wrong leaf.

use super::checks::Why;
use super::rows::{FilmName, Stage, Standing, WorkerRow};
use super::workers::Worker;
use super::{Artist, ArtistEffect, LeafRef, Name};
use raylance_protocol::row::{Channel, ChannelState, Job};
use raylance_protocol::{AccountId, LeafIndex, Rate, RingTime, Task};

impl Artist {
    pub(super) fn on_job_row(&mut self, row: Option<&Job>) {
        if self.is_free() {
            return;
        }
        match row {
            Some(row) => {
                if row.spec != self.spec || row.artist != self.me() || self.job().is_none() {
                    return;
                }
                if row.claims_until.is_some() {
                    self.begin_closing();
                }
            }
            // Once the OpenJob is final a missing row is a row that has ended, whether or not this memory ever saw it.
            None if self.job().is_some() && !self.head.gone => {
                self.head.gone = true;
                self.step.dirty.insert(Name::Head);
                self.begin_closing();
                let known: Vec<AccountId> = self.workers.keys().copied().collect();
                known.into_iter().for_each(|account| self.end_row(account));
            }
            None => {}
        }
    }

    pub(super) fn on_channel(&mut self, account: AccountId, channel: Option<&Channel>) {
        let Some(channel) = channel else { return };
        if self.job().is_none() {
            return;
        }
        // A row that was made before this memory begins gets no tasks and is paid by its claims.
        let unknown = || Worker::new(WorkerRow::new(Rate::default(), 0, false, Standing::Left));
        let before = self.workers.entry(account).or_insert_with(unknown).row.clone();
        let settled = self.payment.is_none();
        self.amend_worker(account, |row| row.see(channel, settled));
        self.advance(account);
        match &channel.state {
            ChannelState::Open => self.on_open(account, &before),
            ChannelState::Claimed(claim) => {
                self.adopt(account, claim.total);
                self.on_open(account, &before);
                self.hurry(account);
                self.advance(account);
                self.dispute(account);
            }
            ChannelState::InCourt { .. } => {}
            ChannelState::Done | ChannelState::Void | ChannelState::Ended if before.ended => {}
            ChannelState::Done | ChannelState::Void | ChannelState::Ended => self.end_row(account),
        }
    }

    fn on_open(&mut self, account: AccountId, before: &WorkerRow) {
        if before.standing == Standing::Asked {
            self.hire(account);
        }
        self.sign_receipts(account);
        self.step.hungry.insert(account);
    }

    /// What is claimed is checked first: leaves that wait for other peers are replayed here.
    fn hurry(&mut self, account: AccountId) {
        let films: Vec<Task> = self.workers.get(&account).map(|worker| worker.films.iter().copied().collect()).unwrap_or_default();
        for task in films {
            self.take_back(&(account, task));
            self.run_checks(&(account, task));
        }
    }

    /// A leaf of this film is wrong: its worker gets nothing more, and what is not payable by now never will be.
    pub(super) fn refuse(&mut self, name: &FilmName, leaf: LeafIndex) {
        let (account, task) = *name;
        self.hide(name);
        self.amend(name, |film| {
            film.stage = Stage::Wrong;
            (film.own, film.suspects, film.shared) = (Vec::new(), Vec::new(), Vec::new());
        });
        self.checks.forget(name);
        self.due.clear(super::Due::Film(*name));
        self.amend_worker(account, |row| {
            if !matches!(row.standing, Standing::Refused { .. }) {
                row.standing = Standing::Refused { task, leaf, second: None };
            }
        });
        self.unidle(account);
        self.return_leaves(name);
        let films: Vec<Task> = self.workers.get(&account).map(|worker| worker.films.iter().copied().collect()).unwrap_or_default();
        for other in films.into_iter().filter(|other| *other != task) {
            self.remove_film(&(account, other));
        }
        if let Some(worker) = self.workers.get_mut(&account) {
            worker.queue.clear();
        }
        self.dispute(account);
    }

    /// Challenges a refused worker's claim that covers more than is payable, once a second device has agreed, once for each filing.
    pub(super) fn dispute(&mut self, account: AccountId) {
        let Some(row) = self.workers.get(&account).map(|worker| worker.row.clone()) else { return };
        let (Standing::Refused { task, leaf, second }, Some(claim)) = (row.standing, row.claim) else { return };
        let challenged = claim.challenged || row.challenge.is_some_and(|(_, due)| due == claim.due);
        if challenged || !row.claims_more() {
            return;
        }
        match second {
            None => self.replay(&(account, task), Why::Second, vec![leaf]),
            Some(true) => self.challenge((account, task), leaf, claim.due),
            Some(false) => {}
        }
    }

    pub(super) fn on_second(&mut self, account: AccountId, agrees: bool) {
        self.amend_worker(account, |row| {
            if let Standing::Refused { second, .. } = &mut row.standing {
                *second = Some(agrees);
            }
        });
        self.dispute(account);
    }

    fn challenge(&mut self, name: FilmName, index: LeafIndex, due: RingTime) {
        let submission = self.submission();
        self.money.challenges.insert(submission, name.0);
        self.amend_worker(name.0, |row| row.challenge = Some((submission, due)));
        self.emit_challenge(name, index, submission);
    }

    pub(super) fn emit_challenge(&mut self, name: FilmName, index: LeafIndex, submission: u64) {
        let Some(film) = self.films.get(&name) else { return };
        let (Some(key), Some(delivered)) = (film.key, film.delivered) else { return };
        let leaf = LeafRef { worker: Some(name.0), task: name.1, index };
        let (root, signature) = (delivered.root, delivered.signature);
        self.effect(ArtistEffect::Challenge { submission, leaf, key, root, signature });
    }
}
