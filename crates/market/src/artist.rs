//! The artist's side of one job: leases, receipts, private checks, payments.
//!
//! ```text
//! bids ─► rows on the ledger ─► leases ─► deliveries ─► receipts ─► keys ─► checks ─► payable ─► Pay
//!                                 ▲                                 │  ▲       │
//!                                 └──────── todo ◄── lapsed, refused┘  └ lists ┘  (drawn leaves, replayed by other peers)
//! ```
//!
//! Everything that is with a worker is a *film*: a task, a worker, a stage. Whatever changes a film goes through [`Artist::amend`], which
//! keeps all sums and indices: what a worker has in hand, which units are to do, what is unchecked. So after each input only what it
//! touched is looked at: workers that may have room, units that became free.

mod bids;
mod checks;
mod deliveries;
mod disputes;
mod films;
pub mod io;
mod leases;
mod lists;
mod own;
mod payments;
pub mod report;
pub mod rows;
mod workers;

pub use io::{ArtistEffect, ArtistInput, Device, LeafRef, Plan, Say};
pub use report::{Report, UnitReport, WorkerReport};
pub use rows::LoadError;

use crate::{Dice, DueQueue, Turn};
use checks::Checks;
use films::{Units, Weight};
use lists::Pool;
use raylance_protocol::{AccountId, Bid, ListHash, Microlux, RingTime, SpecHash, UnitIndex};
use rows::{FilmName, FilmRow, FilmRowKey, HeadRow, JobKey, ListKey, ListRow, Loaded, PaymentRow, WorkerKey};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use workers::Worker;

/// What waits for somebody, or for a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Due {
    /// The offer is published again.
    Offer,
    /// Bids are no longer waited for.
    Open,
    /// What changed is paid.
    Pay,
    /// Leaves waited long enough to be mixed.
    Pool,
    /// A lease is long enough out for a second worker.
    Race,
    /// The own device is tried again.
    Own,
    /// A worker that gave a task back may be asked again.
    Pause(AccountId),
    /// Leaves of a film are replayed again.
    Replay(FilmName),
    /// A claim that may be challenged is looked at again.
    Dispute(AccountId),
    /// What a film waits for did not come; its stage says what that was.
    Film(FilmName),
}

/// Rows that changed in this step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Name {
    Plan,
    Head,
    Payment,
    Worker(AccountId),
    Film(FilmName),
    List(ListHash),
}

/// What lives for one step.
#[derive(Debug)]
struct Step {
    now_ms: u64,
    dice: Dice,
    throws: u64,
    dirty: BTreeSet<Name>,
    effects: Vec<ArtistEffect>,
    /// Workers that may have room for tasks.
    hungry: BTreeSet<AccountId>,
}

/// The artist's machine.
#[derive(Debug)]
pub struct Artist {
    plan: Plan,
    spec: SpecHash,
    unit_count: u32,
    /// Camera samples of all units.
    cost: u64,
    head: HeadRow,
    payment: Option<PaymentRow>,
    workers: BTreeMap<AccountId, Worker>,
    films: BTreeMap<FilmName, Box<FilmRow>>,
    lists: BTreeMap<ListHash, ListRow>,

    /// Bids that no row was asked for yet; forgotten in a restart, since offers are repeated.
    bids: BTreeMap<AccountId, Bid>,
    /// The same: cheapest first, then fastest.
    ranked: BTreeSet<(u64, Reverse<u64>, AccountId)>,
    /// Workers that get tasks or are about to.
    active: u32,
    /// Workers that would replay lists now.
    checkers: BTreeSet<AccountId>,
    /// Workers with room and nothing to do, the longest waiting first.
    idle: BTreeMap<u64, AccountId>,
    units: Units,
    own: own::Own,
    /// Over all films, own ones included.
    weight: Weight,
    pool: Pool,
    checks: Checks,
    money: payments::Money,
    ring_time: RingTime,
    counter: u64,
    offer_gap_ms: u64,
    started_ms: Option<u64>,
    due: DueQueue<Due>,
    alarm_ms: Option<u64>,
    step: Step,
}

impl Artist {
    /// Begins a job.
    pub fn new(now_ms: u64, plan: Plan) -> (Self, Turn<ArtistEffect>) {
        let mut artist = Self::empty(plan, HeadRow::default());
        artist.step.dirty.extend([Name::Plan, Name::Head]);
        let turn = artist.resume(now_ms);
        (artist, turn)
    }

    fn empty(plan: Plan, head: HeadRow) -> Self {
        let work = &plan.spec.work;
        let unit_count = work.unit_count();
        let cost = (0..unit_count).filter_map(|unit| work.cost(UnitIndex(unit))).sum();
        Self {
            spec: plan.spec.hash(),
            unit_count,
            cost,
            own: own::Own::new(plan.own_device),
            plan,
            head,
            payment: None,
            workers: BTreeMap::new(),
            films: BTreeMap::new(),
            lists: BTreeMap::new(),
            bids: BTreeMap::new(),
            ranked: BTreeSet::new(),
            active: 0,
            checkers: BTreeSet::new(),
            idle: BTreeMap::new(),
            units: Units::new(unit_count),
            weight: Weight::default(),
            pool: Pool::default(),
            checks: Checks::default(),
            money: payments::Money::default(),
            ring_time: RingTime::default(),
            counter: 0,
            offer_gap_ms: bids::OFFER_MS,
            started_ms: None,
            due: DueQueue::default(),
            alarm_ms: None,
            step: Step { now_ms: 0, dice: Dice([0; 32]), throws: 0, dirty: BTreeSet::new(), effects: Vec::new(), hungry: BTreeSet::new() },
        }
    }

    /// Builds a machine from the rows that an earlier one wrote for the job with this specification, in any order.
    ///
    /// # Errors
    /// [`LoadError`].
    pub fn load(spec: SpecHash, rows: impl Iterator<Item = (Vec<u8>, Vec<u8>)>) -> Result<Self, LoadError> {
        let (mut plan, mut head, mut payment) = (None, None, None);
        let (mut workers, mut films, mut lists) = (Vec::new(), Vec::new(), BTreeMap::new());
        for (key, value) in rows {
            match rows::read(spec, &key, &value)? {
                Loaded::Plan(row) => plan = Some(row),
                Loaded::Head(row) => head = Some(row),
                Loaded::Payment(row) => payment = Some(row),
                Loaded::Worker(worker, row) => workers.push((worker, row)),
                Loaded::Film(name, row) => films.push((name, row)),
                Loaded::List(list, row) => _ = lists.insert(list, row),
            }
        }
        let (Some(plan), Some(head)) = (plan, head) else { return Err(LoadError::Missing) };
        let mut artist = Self::empty(plan, head);
        (artist.payment, artist.lists) = (payment, lists);
        for (worker, row) in workers {
            artist.workers.insert(worker, Worker::new(row));
        }
        films.sort_by_key(|(name, film)| (film.total, *name));
        for (name, film) in films {
            artist.restore_film(name, film);
        }
        let known: Vec<AccountId> = artist.workers.keys().copied().collect();
        known.into_iter().for_each(|worker| artist.restore_worker(worker));
        artist.step.dirty.clear();
        artist.step.hungry.clear();
        Ok(artist)
    }

    /// Issues every outstanding effect again: once after [`Artist::load`]. All times count from here.
    pub fn resume(&mut self, now_ms: u64) -> Turn<ArtistEffect> {
        self.step.now_ms = now_ms;
        self.started_ms = Some(now_ms);
        if self.head.ended {
            // The process may have ended between the record and the picture.
            self.films.keys().copied().collect::<Vec<_>>().iter().for_each(|name| self.show_again(name));
            self.step.effects.extend([ArtistEffect::Finished, ArtistEffect::Ended]);
            return self.end_step();
        }
        self.resume_payments();
        let known: Vec<AccountId> = self.workers.keys().copied().collect();
        known.into_iter().for_each(|worker| self.resume_worker(worker));
        let films: Vec<FilmName> = self.films.keys().copied().collect();
        films.into_iter().for_each(|name| self.resume_film(&name));
        // After everything that the picture shows.
        if self.head.finished {
            self.step.effects.push(ArtistEffect::Finished);
        }
        self.offer();
        self.settle();
        self.end_step()
    }

    /// When it expects the alarm that it asked for last; none where that time has passed, or the job has ended.
    pub fn alarm_ms(&self) -> Option<u64> {
        self.alarm_ms.filter(|_| !self.head.ended)
    }

    /// Hears one input. `dice` is fresh chance.
    pub fn step(&mut self, now_ms: u64, dice: Dice, input: ArtistInput) -> Turn<ArtistEffect> {
        (self.step.now_ms, self.step.dice, self.step.throws) = (now_ms, dice, 0);
        if self.head.ended {
            return Turn::default();
        }
        if self.alarm_ms.is_some_and(|at_ms| at_ms <= now_ms) {
            self.alarm_ms = None;
        }
        while let Some(due) = self.due.pop(now_ms) {
            self.on_due(due);
        }
        self.hear(input);
        self.settle();
        self.end_step()
    }

    fn hear(&mut self, input: ArtistInput) {
        match input {
            ArtistInput::Bid { worker, bid } => self.on_bid(worker, bid),
            ArtistInput::Delivery { delivery, signature } => self.on_delivery(&delivery, signature),
            ArtistInput::Key { worker, task, key } => self.on_key((worker, task), key),
            ArtistInput::Return { worker, task, reason } => self.on_return((worker, task), reason),
            ArtistInput::Standing(receipt) => self.on_standing(&receipt),
            ArtistInput::Done { done, signature } => self.on_done(&done, signature),
            ArtistInput::Fetched { worker, task, root } => self.on_fetched((worker, task), root),
            ArtistInput::FetchFailed { worker, task } => self.on_fetch_failed((worker, task)),
            ArtistInput::OwnRendered { unit } => self.on_own_rendered(unit),
            ArtistInput::OwnFailed { unit } => self.on_own_failed(unit),
            ArtistInput::Replayed { check, wrong } => self.on_replayed(check, &wrong),
            ArtistInput::ReplayFailed { check } => self.on_replay_failed(check),
            ArtistInput::Compared { list, differing } => self.on_compared(list, &differing),
            ArtistInput::Final { submission, job } => self.on_final(submission, job),
            ArtistInput::Refused { submission } => self.on_refused(submission),
            ArtistInput::JobRow(row) => self.on_job_row(row.as_ref()),
            ArtistInput::ChannelRows(rows) => rows.iter().for_each(|(worker, channel)| self.on_channel(*worker, channel.as_ref())),
            ArtistInput::RingTime(now) => self.on_ring_time(now),
            ArtistInput::Lost(worker) => self.on_reach(worker, false),
            ArtistInput::Back(worker) => self.on_reach(worker, true),
            ArtistInput::Alarm => {}
            ArtistInput::Stop => self.on_stop(),
        }
    }

    fn on_due(&mut self, due: Due) {
        match due {
            Due::Offer => self.offer(),
            Due::Open => self.open_job(),
            Due::Pay => self.pay(),
            Due::Pool => self.pool.ripe = true,
            Due::Race => {}
            Due::Own => self.own.failed = false,
            Due::Pause(worker) => self.unpause(worker),
            Due::Replay(name) => self.run_checks(&name),
            Due::Dispute(worker) => self.dispute(worker),
            Due::Film(name) => self.on_film_due(name),
        }
    }

    /// The person has seen enough.
    fn on_stop(&mut self) {
        if !std::mem::replace(&mut self.head.stopped, true) {
            self.step.dirty.insert(Name::Head);
            self.pooled_to_own();
        }
    }

    /// Does what the step made possible: tasks for workers with room, the next own unit, the end.
    fn settle(&mut self) {
        self.ripen();
        while let Some(worker) = self.step.hungry.pop_first() {
            self.feed(worker);
        }
        self.feed_idle();
        self.next_own();
        self.finish();
    }

    fn end_step(&mut self) -> Turn<ArtistEffect> {
        let mut turn = Turn::default();
        for name in std::mem::take(&mut self.step.dirty) {
            self.write(name, &mut turn);
        }
        turn.effects = std::mem::take(&mut self.step.effects);
        if let Some(at_ms) = self.due.next_ms().filter(|next| self.alarm_ms.is_none_or(|alarm| *next < alarm)) {
            self.alarm_ms = Some(at_ms);
            turn.effect(ArtistEffect::Alarm { at_ms });
        }
        turn
    }

    fn write(&self, name: Name, turn: &mut Turn<ArtistEffect>) {
        let spec = self.spec;
        match name {
            Name::Plan => turn.put(&JobKey(spec), &self.plan),
            Name::Head => turn.put(&JobKey(spec), &self.head),
            Name::Payment => match &self.payment {
                Some(row) => turn.put(&JobKey(spec), row),
                None => turn.remove::<PaymentRow>(&JobKey(spec)),
            },
            Name::Worker(worker) => match self.workers.get(&worker) {
                Some(known) => turn.put(&WorkerKey(spec, worker), &known.row),
                None => turn.remove::<rows::WorkerRow>(&WorkerKey(spec, worker)),
            },
            Name::Film(film) => match self.films.get(&film) {
                Some(row) => turn.put(&FilmRowKey(spec, film), row.as_ref()),
                None => turn.remove::<FilmRow>(&FilmRowKey(spec, film)),
            },
            Name::List(list) => match self.lists.get(&list) {
                Some(row) => turn.put(&ListKey(spec, list), row),
                None => turn.remove::<ListRow>(&ListKey(spec, list)),
            },
        }
    }

    /// Chance for one purpose.
    fn throw(&mut self, purpose: &str) -> [u8; 32] {
        self.step.throws += 1;
        self.step.dice.throw(purpose, self.step.throws)
    }

    /// Due in so many milliseconds.
    fn set_due(&mut self, due: Due, in_ms: u64) {
        self.due.set(due, self.step.now_ms.saturating_add(in_ms));
    }

    fn effect(&mut self, effect: ArtistEffect) {
        self.step.effects.push(effect);
    }

    fn say(&mut self, to: AccountId, say: Say) {
        self.effect(ArtistEffect::Send { to, say });
    }

    fn submission(&mut self) -> u64 {
        self.step.dirty.insert(Name::Head);
        self.head.submissions += 1;
        self.head.submissions
    }

    fn me(&self) -> AccountId {
        self.plan.spec.artist
    }

    /// Is the work given away?
    fn is_free(&self) -> bool {
        self.plan.rate_max.0 == 0
    }

    /// What tasks cost at least: claims of smaller ones would not pay.
    fn price_min(&self) -> Microlux {
        if self.is_free() { Microlux::ZERO } else { crate::terms::price_min(&self.plan.parameters) }
    }
}

#[cfg(test)]
mod tests;
