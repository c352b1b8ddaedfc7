//! The thirteen invariants of the specification's §9, asked after every block, at every step, and at the end.

use crate::film;
use crate::onlooker::{Onlooker, Part};
use crate::ring::{BEGIN_MS, Made, Ring};
use crate::world::World;
use raylance_ledger::{ClaimEnd, Draft, Event, Reason, State, Verdict, audit};
use raylance_market::Turn;
use raylance_market::artist::rows::{FilmRow, Stage};
use raylance_market::artist::{ArtistEffect, Say};
use raylance_market::terms::KEYS_OUTSTANDING_MAX;
use raylance_market::worker::WorkerEffect;
use raylance_market::worker::rows::Receipted;
use raylance_protocol::row::{Case, Channel, ChannelState, Row};
use raylance_protocol::{AccountId, Action, CheckedTx, JobId, Microlux, Pay, RingTime, Task, decode};
use raylance_verify::FilmId;
use std::collections::BTreeMap;

impl Onlooker {
    /// What must hold after each block.
    pub fn block(&mut self, ring: &Ring, made: &Made, now_ms: u64) {
        let before = &ring.blocks[ring.height()];
        inv01_no_money_is_made_or_lost(&made.state);
        inv02_a_rows_money_goes_to_its_worker_or_back(&before.state, made);
        self.inv10_ring_time_is_slow_and_monotone(ring, made, now_ms);
        made.events.iter().for_each(|event| self.count(event));
        for event in &made.events {
            self.inv04_no_film_known_to_be_wrong_is_paid(ring, &before.state, event);
            self.inv06_truth_decides(made, event);
            self.inv09_rows_end_in_time(ring, event);
        }
        self.inv07_no_third_party_pays(made);
    }

    fn inv10_ring_time_is_slow_and_monotone(&mut self, ring: &Ring, made: &Made, now_ms: u64) {
        let (clock, parameters) = (made.state.clock(), ring.genesis.parameters);
        assert!(clock.ring_time >= self.ring_time, "ring time goes on");
        let grown_ms = clock.ring_time.0 - self.ring_time.0;
        assert!(grown_ms <= parameters.window_ms / 8, "at least eight blocks stand in every window");
        assert!(clock.ring_time.0 <= now_ms && made.header_ms <= BEGIN_MS + now_ms, "ring time never outruns the validators' clocks");
        self.ring_time = clock.ring_time;
    }

    /// A claim of an honest artist's worker is paid only while nothing in it is known to be wrong.
    fn inv04_no_film_known_to_be_wrong_is_paid(&self, ring: &Ring, before: &State, event: &Event) {
        let Event::ClaimEnded { job, worker, total, end: ClaimEnd::Paid } = event else { return };
        let mindful = |artist: &&AccountId| self.honest.contains(*artist) && !self.restored.contains(*artist);
        let Some(artist) = self.jobs.get(job).filter(mindful) else { return };
        let paid = before.get::<Channel>(&(*job, *worker)).map_or(Microlux::ZERO, |channel| channel.paid);
        // What its CPU found in the last moment could not be challenged in time.
        let in_time = |since: RingTime| since.after(ring.genesis.parameters.window_ms / 2) < self.ring_time;
        for receipt in self.receipts_between((*job, *worker), paid, *total) {
            let replays = self.replays.get(&(*artist, *worker, receipt.0));
            let known = replays.and_then(|replays| replays.wrong_since).is_some_and(in_time);
            assert!(!known, "an honest artist paid for a film that it knew to be wrong: {worker:?} {receipt:?}");
        }
    }

    fn receipts_between(&self, part: Part, above: Microlux, up_to: Microlux) -> Vec<(Task, Microlux)> {
        let receipts = self.receipts.get(&part).into_iter().flat_map(|receipts| receipts.keys());
        receipts.filter(|(total, _)| above < *total && *total <= up_to).map(|(total, task)| (*task, *total)).collect()
    }

    /// No right leaf convicts, and no challenged wrong leaf whose scene is served is paid.
    fn inv06_truth_decides(&mut self, made: &Made, event: &Event) {
        match event {
            Event::CaseOpened { case, .. } => {
                if let Some(row) = made.state.get::<Case>(case) {
                    self.cases.insert(*case, (self.ring_time, row));
                }
            }
            Event::Ruled { case, verdict, .. } => {
                let Some((_, row)) = self.cases.get(case) else { return };
                let is_right = row.opened == film::truth(&row.address);
                let convicted = matches!(verdict, Verdict::Wrong { .. });
                assert!(!(convicted && is_right), "a right leaf convicted {:?}", row.worker);
                let served = self.honest.contains(&row.spec.artist) || self.honest.contains(&row.worker);
                assert!(convicted || is_right || !served, "a wrong leaf was acquitted by {verdict:?}");
            }
            _ => {}
        }
    }

    /// Nobody pays for what others dispute: the bystander has what it had, and bonds are what the court costs.
    fn inv07_no_third_party_pays(&self, made: &Made) {
        let bystander = made.state.account(self.bystander).balance;
        assert!(bystander >= self.balances[&self.bystander], "a third party paid");
        for event in &made.events {
            if let Event::Moved { account, change, reason: Reason::ClaimBond { .. } | Reason::ChallengeBond { .. }, .. } = event {
                let fee = made.state.parameters().court_fee(1).0 as i64;
                assert!(change.0.abs() >= fee, "{account:?} moved a bond of {change}, less than the court costs");
            }
        }
    }

    /// After the close a row ends within two windows; a case adds two and the court's time.
    fn inv09_rows_end_in_time(&mut self, ring: &Ring, event: &Event) {
        let parameters = ring.genesis.parameters;
        match event {
            Event::JobClosing { job, .. } => _ = self.closing.insert(*job, self.ring_time),
            Event::Ruled { case, job, worker, .. } => {
                let Some((opened, _)) = self.cases.get(case) else { return };
                let in_court_ms = self.ring_time.0 - opened.0;
                *self.court_ms.entry((*job, *worker)).or_default() += in_court_ms + 2 * parameters.window_ms;
            }
            Event::ChannelEnded { job, worker, .. } => {
                let Some(closing) = self.closing.get(job) else { return };
                let court_ms = self.court_ms.get(&(*job, *worker)).copied().unwrap_or_default();
                let until = closing.after(2 * parameters.window_ms + court_ms + 8 * parameters.beat_ms);
                assert!(self.ring_time <= until, "a row ended {} ms late", self.ring_time.0 - until.0);
            }
            _ => {}
        }
    }
}

fn inv01_no_money_is_made_or_lost(state: &State) {
    if let Err(error) = audit(state) {
        panic!("{error}");
    }
    let totals = state.totals();
    let held = [totals.balances, totals.reserves, totals.bonds, totals.deposits, totals.treasury, totals.burned];
    assert_eq!(held.iter().map(|sum| sum.0).sum::<u64>(), totals.created.0);
}

/// What a job's rows hold changes by what the artist reserves and gets back, by what workers earn, and by claims' fees.
fn inv02_a_rows_money_goes_to_its_worker_or_back(before: &State, made: &Made) {
    let mut change: BTreeMap<JobId, i64> = BTreeMap::new();
    for event in &made.events {
        if let Event::Moved { account, change: moved, reason, job: Some(job) } = event {
            match reason {
                Reason::Reserve { .. } | Reason::ClaimFee { .. } => *change.entry(*job).or_default() -= moved.0,
                Reason::Earned => {
                    assert!(before.get::<Channel>(&(*job, *account)).is_some(), "money went to somebody without a row");
                    *change.entry(*job).or_default() -= moved.0;
                }
                _ => {}
            }
        }
    }
    for (job, change) in change {
        let (held, holds) = (held(before, job), held(&made.state, job));
        assert_eq!(holds - held, change, "rows of {job:?} changed by something else");
    }
}

fn held(state: &State, job: JobId) -> i64 {
    let unpaid = |channel: Channel| {
        assert!(channel.paid <= channel.reserved);
        (channel.reserved.0 - channel.paid.0) as i64
    };
    state.channels(job, None).map(|(_, channel)| unpaid(channel)).sum()
}

/// Invariant 8: a Pay and a Claim of one job give the same in either order, and what stands in a block twice counts once.
pub fn order_does_not_matter(draft: &Draft, pool: &[CheckedTx]) {
    let job_of = |tx: &CheckedTx| match &tx.tx().action {
        Action::Pay(pay) => Some((pay.job, true)),
        Action::Claim(claim) => Some((claim.job, false)),
        _ => None,
    };
    for pay in pool.iter().filter(|tx| job_of(tx).is_some_and(|(_, is_pay)| is_pay)) {
        for claim in pool.iter().filter(|tx| job_of(tx) == job_of(pay).map(|(job, _)| (job, false))) {
            // A claim that goes on from this very payment is refused before it, and can be made again. Who claims after its own word
            // that it is done has itself to blame.
            if draft.clone().execute(claim).is_err() || says_done(pay, claim) {
                continue;
            }
            assert_eq!(outcome(draft, [pay, claim]), outcome(draft, [claim, pay]), "the order of a Pay and a Claim matters");
        }
    }
}

fn says_done(pay: &CheckedTx, claim: &CheckedTx) -> bool {
    match (&pay.tx().action, &claim.tx().action) {
        (Action::Pay(pay), Action::Claim(claim)) => pay.rows.iter().any(|row| row.worker == claim.worker && row.done.is_some()),
        _ => false,
    }
}

/// What the worker is entitled to and what everybody has, fees apart.
fn outcome(draft: &Draft, txs: [&CheckedTx; 2]) -> (Option<Microlux>, Vec<(AccountId, i64)>) {
    let mut draft = draft.clone();
    let Action::Claim(claim) = (match &txs[0].tx().action {
        claim @ Action::Claim(_) => claim,
        _ => &txs[1].tx().action,
    }) else {
        return (None, Vec::new());
    };
    let mut fees: BTreeMap<AccountId, i64> = txs.iter().map(|tx| (tx.signer(), 0)).collect();
    fees.insert(claim.worker, 0);
    for tx in txs {
        if draft.execute(tx).is_ok() {
            *fees.entry(tx.signer()).or_default() += draft.state().parameters().fee(tx.len_bytes()).0 as i64;
        }
        // The same again is refused.
        assert!(draft.execute(tx).is_err());
    }
    let entitled = draft.state().get::<Channel>(&(claim.job, claim.worker)).map(|channel| match channel.state {
        ChannelState::Claimed(claim) | ChannelState::InCourt { claim, .. } => claim.total.max(channel.paid),
        _ => channel.paid,
    });
    let bonds = |account: AccountId| draft.account(account).balance.0 as i64 + fees[&account];
    (entitled, fees.keys().map(|account| (*account, bonds(*account))).collect())
}

/// Invariant 13: a transaction adds rows only as far as its bytes pay for them.
pub fn pays_for_itself(draft: &Draft, rows_before: usize, len_bytes: usize) {
    let added = draft.state().tree().len().saturating_sub(rows_before);
    assert!(added <= 2 + len_bytes / 16, "{added} rows for {len_bytes} bytes");
}

impl World {
    /// Invariant 11, the worker's half: no key without a contiguous, covered receipt with the artist's signature.
    pub fn watch_worker(&mut self, who: usize, job: JobId, total: Microlux, turn: &Turn<WorkerEffect>) {
        if !self.parties[who].honest {
            return;
        }
        let me = self.parties[who].id;
        let machine = &self.worker(who).machines[&job];
        if !self.watches {
            let total = machine.summary().total;
            self.onlooker.totals.insert((job, me), total);
            return;
        }
        let (artist, after) = (machine.spec().artist, machine.summary().total);
        let reserved = self.view(who).get::<Channel>(&(job, me)).map_or(Microlux::ZERO, |channel| channel.reserved);
        let (mut running, mut opened) = (total, Vec::new());
        for write in turn.writes.iter().filter(|write| write.key.first() == Some(&Receipted::TABLE)) {
            let Some(value) = &write.value else { continue };
            let receipted: Receipted = decode(value, Receipted::BYTES_MAX).expect("a row of the machine");
            let receipt = receipted.receipt(job, me);
            running = running.max(Microlux(receipt.total.0 - receipt.price.0));
            assert_eq!(receipt.total.0, running.0 + receipt.price.0, "a gap");
            assert!(receipt.total <= reserved, "not covered");
            let good = raylance_protocol::signing::verify(self.ring.chain, artist, &receipt, &receipted.signature);
            assert!(good.is_ok(), "not signed");
            running = receipt.total;
            opened.push(receipt.delivery.task);
        }
        for effect in &turn.effects {
            if let WorkerEffect::Send { say: Say::Key { task, .. }, .. } = effect {
                let known = opened.contains(task) || self.has_receipt(who, job, *task);
                assert!(known || self.worker(who).free, "a key without a receipt");
            }
        }
        self.onlooker.totals.insert((job, me), after);
    }

    fn has_receipt(&self, who: usize, job: JobId, task: Task) -> bool {
        let from = [&[Receipted::TABLE], &job.0.0[..]].concat();
        let rows = self.parties[who].db.rows.range(from.clone()..).take_while(|(key, _)| key.starts_with(&from));
        let mut rows = rows.filter_map(|(_, value)| decode::<Receipted>(value, Receipted::BYTES_MAX).ok());
        rows.any(|row| row.delivered.task == task)
    }

    /// Invariant 11, the artist's half: few keys are out, leaves are drawn after the key, checked totals alone are paid.
    pub fn watch_artist(&mut self, who: usize, turn: &Turn<ArtistEffect>) {
        if !self.parties[who].honest || !self.watches {
            return;
        }
        for effect in &turn.effects {
            match effect {
                ArtistEffect::Send { to, say: Say::Receipt(_) } => {
                    let out = self.film_rows(who, *to).filter(|film| matches!(film.stage, Stage::Receipted | Stage::Stalled)).count();
                    assert!(out <= KEYS_OUTSTANDING_MAX, "{out} keys of a worker are out");
                }
                ArtistEffect::Replay { leaves, .. } => {
                    for leaf in leaves {
                        let film = leaf.worker.and_then(|worker| self.film_row(who, worker, leaf.task));
                        assert!(film.is_none_or(|film| film.key.is_some()), "drawn before the key");
                    }
                }
                ArtistEffect::Submit { action: Action::Pay(pay), .. } => self.pays_only_what_is_checked(who, pay),
                _ => {}
            }
        }
    }

    fn film_rows(&self, who: usize, worker: AccountId) -> impl Iterator<Item = FilmRow> {
        let spec = self.artist(who).plan.spec.hash();
        let from = [&[FilmRow::TABLE], &spec.0.0[..], &worker.0[..]].concat();
        let rows = self.parties[who].db.rows.range(from.clone()..).take_while(move |(key, _)| key.starts_with(&from));
        rows.filter_map(|(_, value)| decode::<FilmRow>(value, FilmRow::BYTES_MAX).ok())
    }

    fn pays_only_what_is_checked(&self, who: usize, pay: &Pay) {
        let artist = &self.parties[who];
        // A memory from a backup has signed things that it does not know.
        if artist.restored {
            return;
        }
        for row in &pay.rows {
            let part = (pay.job, row.worker);
            let paid = self.view(who).get::<Channel>(&part).map_or(Microlux::ZERO, |channel| channel.paid);
            for (task, _) in self.onlooker.receipts_between(part, paid, row.paid_total) {
                let leaves = self.onlooker.films.get(&FilmId { job: pay.job, worker: row.worker, task }).map_or(0, |film| film.leaves);
                let replays = self.onlooker.replays.get(&(artist.id, row.worker, task));
                let own = replays.map_or(0, |replays| replays.leaves.len());
                assert!(own >= leaves.min(4), "{own} of {leaves} leaves were replayed of a film that is paid");
                assert!(replays.is_none_or(|replays| replays.wrong_since.is_none()), "a film with a wrong leaf is paid");
            }
        }
    }

    /// What must hold when everything has ended.
    pub fn conclude(&self) {
        for who in self.workers() {
            if self.parties[who].honest {
                self.inv03_an_honest_worker_is_whole(who);
            }
        }
        for who in self.artists() {
            if self.parties[who].honest {
                self.inv04_an_honest_artist_pays_for_good_films(who);
            }
        }
        self.inv05_no_coalition_gains();
    }

    fn inv03_an_honest_worker_is_whole(&self, who: usize) {
        let (party, onlooker) = (&self.parties[who], &self.onlooker);
        let mut earned = 0;
        for ((job, worker), total) in &onlooker.totals {
            if *worker != party.id {
                continue;
            }
            let paid = onlooker.paid.get(&(*job, *worker)).copied().unwrap_or_default();
            let done = onlooker.dones.get(&(*job, *worker)).is_some_and(|done| *done <= paid);
            assert!(party.restored || paid >= *total || done, "worker {who} got {paid} of {total}");
            earned += paid.0 as i64;
        }
        let balance = self.ring.state().account(party.id).balance.0 as i64;
        let fees = onlooker.moved(party.id, "fee") + onlooker.moved(party.id, "claim fee");
        let expected = onlooker.balances[&party.id].0 as i64 + earned + fees;
        assert_eq!(balance, expected, "worker {who} lost something else than fees");
    }

    fn inv04_an_honest_artist_pays_for_good_films(&self, who: usize) {
        let (party, onlooker) = (&self.parties[who], &self.onlooker);
        for (job, _) in onlooker.jobs.iter().filter(|(_, artist)| **artist == party.id) {
            for ((_, worker), paid) in onlooker.paid.iter().filter(|((paid_job, _), _)| paid_job == job) {
                let receipts = onlooker.receipts.get(&(*job, *worker)).cloned().unwrap_or_default();
                let signed = receipts.keys().map(|(total, _)| *total).max().unwrap_or_default();
                assert!(*paid <= signed, "artist {who} paid {paid} and signed {signed}");
                for (_, task) in receipts.into_keys().filter(|(total, _)| total <= paid && !party.restored) {
                    let film = &onlooker.films[&FilmId { job: *job, worker: *worker, task }];
                    assert!(onlooker.keys.contains(&(*job, *worker, task)), "artist {who} paid for a film without its key");
                    assert!(film.lies < film.leaves, "artist {who} paid for garbage of {worker:?}: {task:?}");
                }
            }
        }
        let state = self.ring.state();
        let own = ["fee", "account deposit", "court"].iter().map(|reason| onlooker.moved(party.id, reason)).sum::<i64>();
        let expected = onlooker.balances[&party.id].0 as i64 + own - onlooker.spent.get(&party.id).copied().unwrap_or_default();
        assert_eq!(state.account(party.id).balance.0 as i64, expected, "artist {who} lost something else than fees and pay");
        let artist = self.artist(who);
        assert!(artist.ended && artist.finished, "artist {who} never had its picture");
        self.picture_is_good(who);
    }

    /// Every unit is there where the own device could fill the gaps, and none of them is garbage.
    fn picture_is_good(&self, who: usize) {
        let artist = self.artist(who);
        for (unit, (worker, _)) in &artist.shown {
            let Some(worker) = worker else { continue };
            let (job, task) = (self.job_of(who).expect("it has workers"), Task::Unit(*unit));
            let film = &self.onlooker.films[&FilmId { job, worker: *worker, task }];
            assert!(film.lies < film.leaves, "garbage of {worker:?} stands in the picture");
        }
    }

    /// Thieves together have no more than what they began with and what honest artists paid for films in which nothing was found wrong.
    fn inv05_no_coalition_gains(&self) {
        let (state, onlooker) = (self.ring.state(), &self.onlooker);
        let thieves: Vec<AccountId> = self.parties.iter().filter(|party| !party.honest).map(|party| party.id).collect();
        let sum = |balance: &dyn Fn(AccountId) -> u64| thieves.iter().map(|account| balance(*account)).sum::<u64>();
        let (began, ended) = (sum(&|account| onlooker.balances[&account].0), sum(&|account| state.account(account).balance.0));
        let is_honest = |job: &JobId| onlooker.jobs.get(job).is_some_and(|artist| onlooker.honest.contains(artist));
        let earned: u64 =
            onlooker.paid.iter().filter(|((job, worker), _)| is_honest(job) && thieves.contains(worker)).map(|(_, p)| p.0).sum();
        let fees: i64 = thieves.iter().map(|account| onlooker.moved(*account, "claim fee")).sum();
        assert!(ended <= began + earned + fees.unsigned_abs(), "a coalition gained {} microlux", ended - began - earned);
    }
}
