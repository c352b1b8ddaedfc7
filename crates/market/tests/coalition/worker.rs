//! A shell around the worker's real machines, one for each job: disk, device, wallet, connections.

use crate::film;
use crate::vice::WorkerVice;
use crate::wallet::{TxName, Waiting};
use crate::world::{Input, Packet, Role, World};
use raylance_market::artist::Say;
use raylance_market::worker::rows::WorkerJob;
use raylance_market::worker::{Worker, WorkerEffect, WorkerInput, WorkerPolicy};
use raylance_market::{Dice, Turn};
use raylance_protocol::message::{Assignment, ReturnReason};
use raylance_protocol::row::{Channel, Job, Row};
use raylance_protocol::{
    AccountId, Action, Bid, Digest, FilmKey, JobId, JobSpec, Microlux, Offer, Rate, Receipt, Signature, SpecHash, Task,
};
use raylance_verify::film_key;
use std::collections::{BTreeMap, BTreeSet};

/// A worker's process and disk.
pub struct WorkerShell {
    pub vice: WorkerVice,
    pub machines: BTreeMap<JobId, Worker>,
    pub waiting: Waiting,
    /// Sealed films.
    pub disk: BTreeMap<(JobId, Task), Vec<u8>>,
    /// What jobs are about: told with the hiring.
    pub specs: BTreeMap<JobId, JobSpec>,
    /// Its secret for keys.
    pub secret: [u8; 32],
    pub rate: Rate,
    pub samples_per_s: u64,
    pub checks: bool,
    pub unpaid_max: Microlux,
    pub free: bool,
    /// Least and most time for a task.
    pub render_ms: (u64, u64),
    bids: BTreeSet<SpecHash>,
    /// Every receipt that it ever got, with what opens its film.
    pub receipts: Vec<(Receipt, Signature, FilmKey)>,
}

impl WorkerShell {
    pub fn new(vice: WorkerVice, number: u8) -> Self {
        Self {
            vice,
            machines: BTreeMap::new(),
            waiting: Waiting::default(),
            disk: BTreeMap::new(),
            specs: BTreeMap::new(),
            secret: [number; 32],
            rate: Rate(1_000_000),
            samples_per_s: 100,
            checks: true,
            unpaid_max: Microlux(1_000_000),
            free: false,
            render_ms: (500, 15_000),
            bids: BTreeSet::new(),
            receipts: Vec::new(),
        }
    }
}

impl World {
    pub fn worker(&self, who: usize) -> &WorkerShell {
        match &self.parties[who].role {
            Role::Worker(worker) => worker,
            _ => panic!("party {who} is no worker"),
        }
    }

    pub fn worker_mut(&mut self, who: usize) -> &mut WorkerShell {
        match &mut self.parties[who].role {
            Role::Worker(worker) => worker,
            _ => panic!("party {who} is no worker"),
        }
    }

    pub fn restart_workers(&mut self, who: usize) {
        let rows = self.parties[who].db.rows.clone();
        let jobs = rows.keys().filter(|key| key.first() == Some(&WorkerJob::TABLE)).filter_map(|key| key[1..].try_into().ok());
        for job in jobs.map(|bytes| JobId(Digest(bytes))).collect::<Vec<_>>() {
            let mut machine = Worker::load(job, rows.clone()).expect("rows are a machine");
            let turn = machine.resume(self.now_ms);
            self.worker_mut(who).machines.insert(job, machine);
            self.worker_acts(who, job, turn);
        }
    }

    pub fn worker_hears(&mut self, who: usize, job: JobId, input: WorkerInput) {
        let (dice, now_ms) = (Dice(self.chance.bytes()), self.now_ms);
        let Some(machine) = self.worker_mut(who).machines.get_mut(&job) else { return };
        let total = machine.summary().total;
        let turn = machine.step(now_ms, dice, input);
        self.watch_worker(who, job, total, &turn);
        self.worker_acts(who, job, turn);
    }

    /// Records a turn, then acts on it, unless the process ends in between.
    fn worker_acts(&mut self, who: usize, job: JobId, turn: Turn<WorkerEffect>) {
        self.parties[who].db.record(&turn.writes);
        if !turn.writes.is_empty() && self.chance.below(10_000) < self.weather.crash_per_myriad {
            let restore = self.chance.happens(self.weather.restore_percent);
            return self.crash(who, restore);
        }
        for effect in turn.effects {
            if !self.parties[who].runs {
                return;
            }
            self.worker_does(who, job, effect);
        }
    }

    fn worker_does(&mut self, who: usize, job: JobId, effect: WorkerEffect) {
        match effect {
            WorkerEffect::Send { to, say } => {
                let Some(artist) = self.party_of(to) else { return };
                for say in self.worker(who).vice.clone().says(say, &mut self.chance) {
                    self.worker_says(who, artist, say);
                }
            }
            WorkerEffect::Render { job, assignment, sealed } => self.render(who, job, assignment, sealed),
            WorkerEffect::CancelRender { .. } => {}
            WorkerEffect::Claim(claim) => {
                if !self.worker(who).vice.claims_by_itself {
                    self.submit(who, TxName::Claim(job), Action::Claim(claim));
                }
            }
            WorkerEffect::Forget { task } => {
                // A thief keeps everything.
                if self.parties[who].honest {
                    self.worker_mut(who).disk.remove(&(job, task));
                }
            }
            WorkerEffect::Alarm { at_ms } => {
                let in_ms = at_ms.saturating_sub(self.now_ms);
                self.answer(who, in_ms, Input::Worker(job, WorkerInput::Alarm));
            }
            WorkerEffect::Ended => {
                self.onlooker.part_ended(self.parties[who].id, job);
                self.worker_mut(who).machines.remove(&job);
            }
        }
    }

    pub fn worker_says(&mut self, who: usize, artist: usize, say: Say) {
        let packet = match say {
            Say::Delivery(delivery) => {
                let signature = self.sign(who, &delivery);
                Packet::Signed(Say::Delivery(delivery), signature)
            }
            Say::Done(done) => {
                let signature = self.parties[who].keys.sign(self.ring.chain, &done).signature();
                self.onlooker.done(&done);
                Packet::Signed(Say::Done(done), signature)
            }
            Say::Standing(receipt, signature) => Packet::Signed(Say::Standing(receipt, signature), signature),
            other => Packet::Say(other),
        };
        self.send(who, artist, packet);
    }

    fn render(&mut self, who: usize, job: JobId, assignment: Assignment, sealed: bool) {
        let task = assignment.task();
        if self.chance.below(1_000) < self.weather.failing_permille {
            let reason = if self.chance.happens(80) { ReturnReason::Device } else { ReturnReason::Owner };
            return self.soon(who, 100, 5_000, Input::Worker(job, WorkerInput::RenderFailed { task, reason }));
        }
        let (account, worker) = (self.parties[who].id, self.worker(who));
        let Some(spec) = worker.specs.get(&job) else { return };
        let list = match &assignment {
            Assignment::List(addresses) => Some(&addresses[..]),
            Assignment::Unit(_) => None,
        };
        let key = if sealed { film_key(&worker.secret, job, task) } else { FilmKey::NONE };
        let name = film::film(job, account, task);
        let addresses = spec.addresses(task, list);
        let leaves = addresses.iter().map(|address| worker.vice.leaf(address, task));
        let bytes = film::sealed(&name, &key, leaves);
        let root = film::root(&name, &addresses, &bytes).expect("a film has its leaves");
        self.onlooker.rendered(&name, &addresses, &key, &bytes);
        self.worker_mut(who).disk.insert((job, task), bytes);
        let (low_ms, high_ms) = if self.worker(who).vice.is_slow { (20_000, 90_000) } else { self.worker(who).render_ms };
        self.soon(who, low_ms, high_ms, Input::Worker(job, WorkerInput::Rendered { task, root, key }));
    }

    /// What this worker gives to somebody who asks for a film.
    pub fn serve(&mut self, who: usize, job: JobId, task: Task) -> Option<Vec<u8>> {
        if self.worker(who).vice.withholds_films {
            return None;
        }
        let mut bytes = self.worker(who).disk.get(&(job, task)).cloned()?;
        if self.chance.happens(self.worker(who).vice.serves_wrong_percent) {
            bytes[3] ^= 1;
        }
        Some(bytes)
    }

    /// Says whether the message was taken: one about a job that it was not told of comes again.
    pub fn worker_takes(&mut self, who: usize, from: usize, packet: Packet) -> bool {
        let artist = self.parties[from].id;
        let (job, input) = match packet {
            Packet::Offer(offer) => {
                self.bid(who, from, &offer);
                return true;
            }
            Packet::Say(Say::Hired { job, spec }) => {
                self.hired(who, artist, job, spec);
                return true;
            }
            Packet::Say(Say::Lease(lease)) => (lease.job, WorkerInput::Lease(lease)),
            Packet::Signed(Say::Receipt(receipt), signature) => {
                self.keep(who, &receipt, signature);
                (receipt.delivery.job, WorkerInput::Receipt { receipt, signature })
            }
            Packet::Say(_) | Packet::Signed(..) => return true,
        };
        let Some(spec) = self.worker(who).specs.get(&job) else { return false };
        // A machine hears its own artist alone.
        if spec.artist == artist {
            self.worker_hears(who, job, input);
        }
        true
    }

    fn keep(&mut self, who: usize, receipt: &Receipt, signature: Signature) {
        if !self.parties[who].honest {
            let key = film_key(&self.worker(who).secret, receipt.delivery.job, receipt.delivery.task);
            let kept = (receipt.clone(), signature, key);
            let receipts = &mut self.worker_mut(who).receipts;
            if !receipts.contains(&kept) {
                receipts.push(kept);
            }
        }
    }

    fn bid(&mut self, who: usize, artist: usize, offer: &Offer) {
        let worker = self.worker_mut(who);
        let price = offer.rate_max.0 > 0 || worker.free;
        // It bids again now and then: the first bid may have come to nothing.
        if !price || !worker.bids.insert(offer.spec) && !self.chance.happens(30) {
            return;
        }
        let worker = self.worker(who);
        let rate = if offer.rate_max.0 == 0 { Rate(0) } else { worker.rate };
        let bid = Bid { spec: offer.spec, rate, samples_per_s: worker.samples_per_s, checks: worker.checks };
        self.worker_says(who, artist, Say::Bid(bid));
    }

    fn hired(&mut self, who: usize, artist: AccountId, job: JobId, spec: JobSpec) {
        let (me, parameters, now_ms) = (self.parties[who].id, self.ring.genesis.parameters, self.now_ms);
        let worker = self.worker_mut(who);
        let was_there = worker.specs.insert(job, spec.clone()).is_some();
        if worker.machines.contains_key(&job) || was_there && self.onlooker.has_ended(me, job) {
            return;
        }
        let worker = self.worker(who);
        let rate = if worker.free { Rate(0) } else { worker.rate };
        let policy = WorkerPolicy { rate, unpaid_max: worker.unpaid_max, free: worker.free, parameters };
        let Ok((machine, turn)) = Worker::hired(now_ms, job, spec, artist, me, policy) else { return };
        self.worker_mut(who).machines.insert(job, machine);
        self.worker_acts(who, job, turn);
        self.tell(who, job);
    }

    pub fn worker_sees(&mut self, who: usize) {
        self.pump(who);
        for job in self.worker(who).machines.keys().copied().collect::<Vec<_>>() {
            self.tell(who, job);
        }
    }

    /// Tells a machine how its row stands.
    fn tell(&mut self, who: usize, number: JobId) {
        let (view, me) = (self.view(who), self.parties[who].id);
        let (job, channel) = (view.get::<Job>(&number), view.get::<Channel>(&(number, me)));
        let (ring_time, balance) = (view.clock().ring_time, view.account(me).balance);
        self.worker_hears(who, number, WorkerInput::Ledger { ring_time, job, channel, balance });
    }

    /// A worker and an artist can't reach each other, or can again.
    pub fn worker_meets(&mut self, who: usize, artist: usize, is: bool) {
        let artist = self.parties[artist].id;
        let mine: Vec<JobId> = self.worker(who).machines.values().filter(|m| m.spec().artist == artist).map(Worker::id).collect();
        for job in mine {
            self.worker_hears(who, job, if is { WorkerInput::Back } else { WorkerInput::Lost });
        }
    }
}
