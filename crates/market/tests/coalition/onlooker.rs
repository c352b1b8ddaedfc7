//! Somebody who sees everything and counts: what was signed, opened, replayed, paid. The invariants are asked of it.

use crate::film;
use crate::ring::Ring;
use crate::world::{Party, Role};
use raylance_ledger::{ChannelEnd, ClaimEnd, Event, Reason, Verdict};
use raylance_market::artist::{Device, LeafRef};
use raylance_protocol::row::Case;
use raylance_protocol::{AccountId, Address, CaseId, Done, FilmKey, JobId, LeafIndex, Microlux, Receipt, RingTime, Task};
use raylance_verify::FilmId;
use std::collections::{BTreeMap, BTreeSet};

/// A worker's part in a job.
pub type Part = (JobId, AccountId);

pub struct Onlooker {
    pub honest: BTreeSet<AccountId>,
    /// Whose rows were once older than its deeds: it may lose unpaid totals.
    pub restored: BTreeSet<AccountId>,
    pub balances: BTreeMap<AccountId, Microlux>,
    pub bystander: AccountId,
    /// Who pays for which job.
    pub jobs: BTreeMap<JobId, AccountId>,
    /// Leaves of each film, and how many of them are lies.
    pub films: BTreeMap<FilmId, Film>,
    /// Every receipt that was signed.
    pub receipts: BTreeMap<Part, BTreeMap<(Microlux, Task), Receipt>>,
    /// Keys that the artist has.
    pub keys: BTreeSet<(JobId, AccountId, Task)>,
    pub replays: BTreeMap<(AccountId, AccountId, Task), Replays>,
    /// What honest workers hold signed.
    pub totals: BTreeMap<Part, Microlux>,
    pub dones: BTreeMap<Part, Microlux>,
    pub ended: BTreeMap<Part, (Microlux, ChannelEnd)>,
    pub paid: BTreeMap<Part, Microlux>,
    parts_ended: BTreeSet<Part>,
    /// Movements of each account, by their reason.
    pub moves: BTreeMap<(AccountId, &'static str), i64>,
    /// Paid to the worker out of the artist's rows, and claims' fees.
    pub spent: BTreeMap<AccountId, i64>,
    pub closing: BTreeMap<JobId, RingTime>,
    pub cases: BTreeMap<CaseId, (RingTime, Case)>,
    /// Time that cases may add to a row's.
    pub court_ms: BTreeMap<Part, u64>,
    pub ring_time: RingTime,
    happened: BTreeMap<&'static str, usize>,
}

/// What is true of a film.
pub struct Film {
    pub leaves: usize,
    pub lies: usize,
    pub key: FilmKey,
}

/// What an artist's own devices replayed of a film.
#[derive(Default)]
pub struct Replays {
    pub leaves: BTreeSet<LeafIndex>,
    /// When its CPU found a wrong leaf, by the ring's time.
    pub wrong_since: Option<RingTime>,
}

impl Onlooker {
    pub fn new(ring: &Ring, parties: &[Party]) -> Self {
        let bystander = parties.iter().find(|party| matches!(party.role, Role::Bystander)).expect("there is a bystander").id;
        Self {
            honest: parties.iter().filter(|party| party.honest).map(|party| party.id).collect(),
            balances: parties.iter().map(|party| (party.id, ring.state().account(party.id).balance)).collect(),
            restored: BTreeSet::new(),
            bystander,
            jobs: BTreeMap::new(),
            films: BTreeMap::new(),
            receipts: BTreeMap::new(),
            keys: BTreeSet::new(),
            replays: BTreeMap::new(),
            totals: BTreeMap::new(),
            dones: BTreeMap::new(),
            ended: BTreeMap::new(),
            paid: BTreeMap::new(),
            parts_ended: BTreeSet::new(),
            moves: BTreeMap::new(),
            spent: BTreeMap::new(),
            closing: BTreeMap::new(),
            cases: BTreeMap::new(),
            court_ms: BTreeMap::new(),
            ring_time: RingTime(0),
            happened: BTreeMap::new(),
        }
    }

    pub fn signed(&mut self, receipt: &Receipt) {
        let receipts = self.receipts.entry((receipt.delivery.job, receipt.delivery.worker)).or_default();
        receipts.insert((receipt.total, receipt.delivery.task), receipt.clone());
    }

    pub fn done(&mut self, done: &Done) {
        self.dones.insert((done.job, done.worker), done.total);
    }

    pub fn part_ended(&mut self, worker: AccountId, job: JobId) {
        self.parts_ended.insert((job, worker));
    }

    pub fn has_ended(&self, worker: AccountId, job: JobId) -> bool {
        self.parts_ended.contains(&(job, worker))
    }

    pub fn rendered(&mut self, name: &FilmId, addresses: &[Address], key: &FilmKey, bytes: &[u8]) {
        let leaf = |index: usize| film::leaf(name, key, bytes, LeafIndex(index as u32));
        let lies = (0..addresses.len()).filter(|index| leaf(*index) != Some(film::truth(&addresses[*index]))).count();
        self.films.insert(*name, Film { leaves: addresses.len(), lies, key: *key });
    }

    /// An artist was told a key.
    pub fn told_key(&mut self, job: JobId, worker: AccountId, task: Task, key: FilmKey) {
        let film = self.films.get(&FilmId { job, worker, task });
        if film.is_some_and(|film| film.key == key) {
            self.keys.insert((job, worker, task));
        }
    }

    pub fn replayed(&mut self, artist: AccountId, leaf: &LeafRef, device: Device, is_wrong: bool) {
        let Some(worker) = leaf.worker else { return };
        let replays = self.replays.entry((artist, worker, leaf.task)).or_default();
        replays.leaves.insert(leaf.index);
        if is_wrong && device == Device::Cpu {
            replays.wrong_since.get_or_insert(self.ring_time);
        }
    }

    /// Counts what a block moved.
    pub fn count(&mut self, event: &Event) {
        let what = match event {
            Event::Claimed { .. } => "claims",
            Event::ClaimEnded { end: ClaimEnd::Paid, .. } => "claims paid",
            Event::ClaimEnded { end: ClaimEnd::Overtaken, .. } => "claims overtaken",
            Event::CaseOpened { .. } => "cases",
            Event::Ruled { verdict: Verdict::Wrong { .. }, .. } => "cases won by the artist",
            Event::Ruled { .. } => "cases lost by the artist",
            Event::ChannelEnded { end: ChannelEnd::Done, .. } => "rows done",
            Event::ChannelEnded { end: ChannelEnd::Ended, .. } => "rows ended by time",
            Event::JobOpened { .. } => "jobs",
            Event::Paid { .. } => "payments",
            _ => "other events",
        };
        *self.happened.entry(what).or_default() += 1;
        match event {
            Event::Moved { account, change, reason, job } => {
                *self.moves.entry((*account, name(reason))).or_default() += change.0;
                let artist = job.and_then(|job| self.jobs.get(&job).copied());
                if let (Reason::Earned | Reason::ClaimFee { .. }, Some(artist)) = (reason, artist) {
                    *self.spent.entry(artist).or_default() += change.0;
                }
                if let (Reason::Earned, Some(job)) = (reason, job) {
                    self.paid.entry((*job, *account)).or_default().0 += change.0.unsigned_abs();
                }
            }
            Event::JobOpened { job, artist, .. } => _ = self.jobs.insert(*job, *artist),
            Event::Claimed { job, worker, keys, .. } => {
                for (task, key) in keys {
                    self.told_key(*job, *worker, *task, *key);
                }
            }
            Event::ChannelEnded { job, worker, paid, end, .. } => _ = self.ended.insert((*job, *worker), (*paid, *end)),
            _ => {}
        }
    }

    /// How much of everything happened: whoever reads the log sees that a seed tries something.
    pub fn tally(&self) -> BTreeMap<&'static str, usize> {
        let mut tally = self.happened.clone();
        tally.insert("receipts", self.receipts.values().map(BTreeMap::len).sum());
        tally.insert("films", self.films.len());
        tally.insert("films with lies", self.films.values().filter(|film| film.lies > 0).count());
        tally.insert("lists", self.films.keys().filter(|name| matches!(name.task, Task::List(_))).count());
        tally.insert("honest parts paid", self.totals.iter().filter(|(_, total)| total.0 > 0).count());
        tally
    }

    pub fn moved(&self, account: AccountId, reason: &'static str) -> i64 {
        self.moves.get(&(account, reason)).copied().unwrap_or_default()
    }
}

fn name(reason: &Reason) -> &'static str {
    match reason {
        Reason::Genesis => "genesis",
        Reason::Fee => "fee",
        Reason::AccountDeposit { .. } => "account deposit",
        Reason::Sent { .. } => "sent",
        Reason::Received { .. } => "received",
        Reason::RowDeposit => "row deposit",
        Reason::Reserve { .. } => "reserve",
        Reason::Earned => "earned",
        Reason::ClaimBond { .. } => "claim bond",
        Reason::ClaimFee { .. } => "claim fee",
        Reason::ChallengeBond { .. } => "challenge bond",
        Reason::Court { .. } => "court",
    }
}
