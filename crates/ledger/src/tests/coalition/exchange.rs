//! Films, receipts and keys off the ledger.

use super::super::ring::*;
use super::memory::{Account, Owed, Work};
use super::world::{PRICE, TheJob, World};
use raylance_protocol::job::list_hash;
use raylance_protocol::row::{Channel, Job};
use raylance_protocol::*;
use std::rc::Rc;

/// Keys that an honest artist waits for, at most.
const KEYS_OUTSTANDING_MAX: usize = 4;

/// Some worker and some artist are connected for a moment: one step of one film.
pub fn meet(world: &mut World) {
    let (at, worker) = (world.dice.below(world.jobs.len() as u64) as usize, world.dice.pick(&world.workers.clone()));
    let job = world.jobs[at].clone();
    let row = world.ring.state.get::<Job>(&job.id);
    let channel = world.ring.state.get::<Channel>(&(job.id, id(worker)));
    let (Some(row), Some(channel)) = (row, channel) else { return };
    if !channel.state.is_live() {
        return;
    }
    let mut account = world.memory(job.artist).accounts.remove(&(job.id, worker)).unwrap_or_default();
    let mut work = world.memory(worker).works.remove(&job.id).unwrap_or_default();
    let mut meeting = Meeting { world, job: &job, row: &row, channel: &channel, worker, account: &mut account, work: &mut work };
    meeting.step();
    world.memory(job.artist).accounts.insert((job.id, worker), account);
    world.memory(worker).works.insert(job.id, work);
}

struct Meeting<'a> {
    world: &'a mut World,
    job: &'a TheJob,
    row: &'a Job,
    channel: &'a Channel,
    worker: u8,
    account: &'a mut Account,
    work: &'a mut Work,
}

impl Meeting<'_> {
    fn step(&mut self) {
        let lost = self.account.owed.iter().find(|owed| !self.work.held.iter().any(|held| held.task() == owed.task())).cloned();
        let unopened = self.work.held.iter().find(|owed| !self.account.keyed.contains(&owed.task())).cloned();
        match (lost, unopened) {
            // A receipt is sent again until it is answered.
            (Some(owed), _) if self.world.dice.chance(60) => self.receipt_arrives(owed),
            (_, Some(owed)) if self.world.dice.chance(70) => self.release(&owed),
            (None, _) => self.deliver(),
            _ => {}
        }
    }

    /// An honest worker takes only what goes on from its last total and is covered, while it still has time to claim.
    fn receipt_arrives(&mut self, owed: Rc<Owed>) {
        let goes_on = owed.total == self.work.last_total() + owed.price && owed.total <= self.channel.reserved.0;
        if self.world.is_evil(self.worker) || goes_on && self.row.claims_until.is_none() && !self.work.stopped {
            self.work.held.push(owed);
        } else if self.world.is_evil(self.job.artist) {
            self.account.owed.retain(|other| other.task() != owed.task());
        } else {
            self.standing();
        }
    }

    /// The worker shows its latest receipt, and an honest artist whose memory is older fetches everything again.
    fn standing(&mut self) {
        if self.work.last_total() >= self.account.last_total() && !self.world.is_evil(self.worker) {
            self.account.owed = self.work.held.clone();
            self.account.keyed.extend(self.work.released.iter().copied());
        }
    }

    /// An honest worker opens its film once the receipt is there; not in a closing job, where it claims instead.
    fn release(&mut self, owed: &Owed) {
        let evil = self.world.is_evil(self.worker);
        if if evil { self.world.dice.chance(40) } else { self.row.claims_until.is_none() } {
            self.account.keyed.insert(owed.task());
            self.work.released.insert(owed.task());
            self.world.facts.opened(self.job.id, self.worker, owed);
        }
    }

    fn deliver(&mut self) {
        let (evil_artist, evil_worker) = (self.world.is_evil(self.job.artist), self.world.is_evil(self.worker));
        if !evil_artist {
            self.standing();
        }
        let known = self.account.last_total();
        let room = known.max(self.work.last_total()) + PRICE <= self.channel.reserved.0;
        if !evil_worker && (self.row.claims_until.is_some() || self.work.stopped || !room) {
            return;
        }
        let unkeyed = self.account.owed.iter().filter(|owed| !self.account.keyed.contains(&owed.task())).count();
        let refused = self.account.proof().is_some() || unkeyed >= KEYS_OUTSTANDING_MAX;
        if !evil_artist && (self.row.claims_until.is_some() || self.account.done.is_some() || refused || !room) {
            return;
        }
        let wrong = (evil_worker && self.world.dice.chance(40)).then(|| self.world.dice.below(3) as u32);
        let film = self.film(wrong);
        let total = match (evil_artist, self.world.dice.below(10)) {
            (true, 0) => return,
            (true, 1) => known + 2 * PRICE,
            (true, 2) => known,
            _ => known + PRICE,
        };
        let entry = film.entry(self.world.ring.chain, self.job.artist, PRICE, total);
        let owed = Rc::new(Owed { film, wrong, price: PRICE, total, entry });
        self.world.facts.signed(self.job.id, self.worker, &owed);
        self.account.owed.push(owed.clone());
        if self.world.dice.chance(80) {
            self.receipt_arrives(owed);
        }
    }

    /// The next unit of the worker, or sometimes a list of leaves that it replays as a checker.
    fn film(&mut self, wrong: Option<u32>) -> Film {
        let (chain, number) = (self.world.ring.chain, self.work.films);
        self.work.films += 1;
        if self.world.dice.chance(70) {
            return film(chain, self.job.id, self.worker, number % UNITS, wrong.as_slice());
        }
        let work = spec().work;
        let mut address = || work.address(UnitIndex(number % UNITS), LeafIndex(self.world.dice.below(4) as u32)).unwrap();
        let addresses = vec![address(), address(), address()];
        let addresses = [addresses, vec![work.address(UnitIndex(number / UNITS), LeafIndex(0)).unwrap()]].concat();
        film_of(chain, self.job.id, self.worker, Task::List(list_hash(&addresses)), addresses, wrong.as_slice())
    }
}
