//! A world for one artist: a clock, workers with habits, devices that know the truth, a ledger of a few lines. After every turn it checks
//! what must always hold.

mod ledger;

use crate::artist::rows::FilmName;
use crate::artist::{Artist, ArtistEffect as Effect, ArtistInput as Input, Device, LeafRef, Plan, Say};
use crate::{Dice, Turn};
use raylance_protocol::message::{Assignment, Delivery, Receipt, ReturnReason};
use raylance_protocol::row::{Channel, Job};
use raylance_protocol::tx::{Action, Pay};
use raylance_protocol::{
    AccountId, Bid, Digest, FilmKey, JobId, JobSpec, LeafIndex, Lease, Microlux, Rate, RenderWork, RingParameters, Root, SceneDigest,
    Signature, Task, UnitIndex, Work, encode,
};
use std::collections::{BTreeMap, BTreeSet};

pub const ME: AccountId = AccountId([1; 32]);
pub const SIGNATURE: Signature = Signature([7; 64]);
/// A block so often.
const BLOCK_MS: u64 = 500;
/// A message, a fetch, a replay takes so long.
const HOP_MS: u64 = 20;

pub fn worker(no: u8) -> AccountId {
    AccountId([no + 10; 32])
}

/// Units of 16 × 16 pixels and so many leaves each.
pub fn plan(units: u32, leaves: u32) -> Plan {
    let across = units.min(256);
    let work = RenderWork {
        width_px: (16 * across) as u16,
        height_px: (16 * units.div_ceil(across)) as u16,
        first_frame: 0,
        frame_count: 1,
        first_sample: 0,
        samples: 16 * leaves / 256,
        depth_max: 8,
        tile_px: 16,
        chunk_samples: (16 * leaves / 256) as u16,
        seed: 0,
    };
    let spec = JobSpec {
        artist: ME,
        salt: [3; 16],
        renderer: Digest([5; 32]),
        scene: SceneDigest(Digest([6; 32])),
        scene_bytes: 1 << 20,
        work: Work::Render(work),
    };
    Plan {
        spec,
        rate_max: Rate(1_000_000),
        budget: Microlux(u64::MAX / 4),
        workers_max: 8,
        device_bytes: 1 << 20,
        open_ms: 600_000,
        own_device: false,
        parameters: RingParameters::DEMO,
    }
}

/// What a worker does.
#[derive(Clone, Debug)]
pub struct Habits {
    pub rate: Rate,
    pub samples_per_s: u64,
    pub checks: bool,
    /// Time for a task.
    pub task_ms: u64,
    /// Delivers at all.
    pub delivers: bool,
    /// What it delivers has the root that it says.
    pub right_root: bool,
    /// Opens what is receipted.
    pub opens: bool,
    /// One unit leaf of so many is wrong; 0 = none.
    pub wrong_one_in: u64,
    /// Says of all leaves of lists that they are others.
    pub lies: bool,
    /// Claims when the job closes, and settles by a Done.
    pub settles: bool,
}

impl Default for Habits {
    fn default() -> Self {
        Self {
            rate: Rate(1_000_000),
            samples_per_s: 2_000_000,
            checks: true,
            task_ms: 100,
            delivers: true,
            right_root: true,
            opens: true,
            wrong_one_in: 0,
            lies: false,
            settles: true,
        }
    }
}

#[derive(Clone, Debug)]
enum Event {
    Input(Input),
    /// An answer of this process' devices: lost in a restart.
    Answer(Input),
    Ledger(u64, Action),
    Challenge(u64, AccountId, LeafRef),
    ClaimPays(AccountId),
    Window,
}

/// What the world knows of a worker.
#[derive(Debug, Default)]
pub struct Known {
    /// Receipts in the order in which they were signed.
    pub receipts: Vec<Receipt>,
    /// Films that it opened.
    pub keys: BTreeSet<Task>,
    pub leases: Vec<Lease>,
    /// Prices of the leases.
    prices: BTreeMap<Task, Microlux>,
    /// Which receipt a task has.
    places: BTreeMap<Task, usize>,
    pub hired: bool,
}

pub struct World {
    pub artist: Artist,
    pub now_ms: u64,
    seed: u64,
    turns: u64,
    alarm_ms: Option<u64>,
    queue: BTreeMap<(u64, u64), Event>,
    pub rows: BTreeMap<Vec<u8>, Vec<u8>>,
    pub plan: Plan,
    pub habits: BTreeMap<AccountId, Habits>,
    pub known: BTreeMap<AccountId, Known>,
    /// Effects so far.
    pub log: Vec<Effect>,
    /// Effects of these kinds are logged and not performed.
    pub hold: fn(&Effect) -> bool,
    pub wrong: BTreeSet<LeafRef>,
    /// Clean leaves of each film that this machine has replayed, or that equalled a checker's.
    pub clean: BTreeMap<(Option<AccountId>, Task), u32>,
    lists: BTreeMap<Task, u32>,
    pub job: Option<(JobId, Job)>,
    pub channels: BTreeMap<AccountId, Channel>,
    submitted: BTreeSet<u64>,
    pub pays: Vec<Pay>,
    pub paid: BTreeMap<AccountId, Microlux>,
    pub accept_txs: bool,
    pub challenges: Vec<LeafRef>,
    pub second_agrees: bool,
    /// For each input what it took and how many rows it wrote.
    pub costs: Vec<(u64, usize)>,
}

pub fn root(name: FilmName) -> Root {
    Root(Digest::of("root", &[&name.0.0, &encode(&name.1)]))
}

pub fn key(name: FilmName) -> FilmKey {
    FilmKey(Digest::of("key", &[&name.0.0, &encode(&name.1)]).0)
}

impl World {
    pub fn new(plan: Plan) -> Self {
        Self::seeded(plan, 0)
    }

    pub fn seeded(plan: Plan, seed: u64) -> Self {
        let (artist, turn) = Artist::new(1_000, plan.clone());
        let mut world = Self {
            artist,
            now_ms: 1_000,
            seed,
            turns: 0,
            alarm_ms: None,
            queue: BTreeMap::new(),
            rows: BTreeMap::new(),
            plan,
            habits: BTreeMap::new(),
            known: BTreeMap::new(),
            log: Vec::new(),
            hold: |_| false,
            wrong: BTreeSet::new(),
            clean: BTreeMap::new(),
            lists: BTreeMap::new(),
            job: None,
            channels: BTreeMap::new(),
            submitted: BTreeSet::new(),
            pays: Vec::new(),
            paid: BTreeMap::new(),
            accept_txs: true,
            challenges: Vec::new(),
            second_agrees: true,
            costs: Vec::new(),
        };
        world.take(turn);
        world
    }

    /// A job of some workers, all hired.
    pub fn hired(plan: Plan, workers: &[(AccountId, Habits)]) -> Self {
        let mut world = Self::new(Plan { workers_max: workers.len() as u16, ..plan });
        for (account, habits) in workers {
            world.bid(*account, habits.clone());
        }
        world.run(2 * BLOCK_MS);
        world
    }

    pub fn bid(&mut self, account: AccountId, habits: Habits) {
        let bid = Bid { spec: self.plan.spec.hash(), rate: habits.rate, samples_per_s: habits.samples_per_s, checks: habits.checks };
        self.habits.insert(account, habits);
        self.give(Input::Bid { worker: account, bid });
    }

    /// Gives an input in, now, and performs what comes out. Returns it.
    pub fn give(&mut self, input: Input) -> Vec<Effect> {
        self.turns += 1;
        let dice = Dice(Digest::of("dice", &[&self.seed.to_le_bytes(), &self.turns.to_le_bytes()]).0);
        let began = std::time::Instant::now();
        let turn = self.artist.step(self.now_ms, dice, input);
        self.costs.push((began.elapsed().as_nanos() as u64, turn.writes.len()));
        self.take(turn)
    }

    fn take(&mut self, turn: Turn<Effect>) -> Vec<Effect> {
        for write in turn.writes {
            match write.value {
                Some(value) => self.rows.insert(write.key, value),
                None => self.rows.remove(&write.key),
            };
        }
        for effect in &turn.effects {
            self.log.push(effect.clone());
            if !(self.hold)(effect) {
                self.perform(effect.clone());
            }
        }
        turn.effects
    }

    /// The process ends and begins again, from its rows.
    pub fn restart(&mut self) {
        self.queue.retain(|_, event| !matches!(event, Event::Answer(_)));
        self.alarm_ms = None;
        self.artist = Artist::load(self.plan.spec.hash(), self.rows.clone().into_iter()).unwrap();
        let turn = self.artist.resume(self.now_ms);
        self.take(turn);
    }

    /// Lets time pass: everything that is on its way arrives.
    pub fn run(&mut self, ms: u64) {
        let until_ms = self.now_ms + ms;
        loop {
            let next = self.queue.keys().next().map(|(at_ms, _)| *at_ms);
            let alarm = self.alarm_ms.unwrap_or(u64::MAX);
            let at_ms = next.unwrap_or(u64::MAX).min(alarm);
            if at_ms > until_ms {
                break;
            }
            self.now_ms = self.now_ms.max(at_ms);
            if alarm <= at_ms {
                self.alarm_ms = None;
                self.give(Input::Alarm);
            } else if let Some((_, event)) = self.queue.pop_first() {
                self.happen(event);
            }
        }
        self.now_ms = until_ms;
    }

    /// Runs until the job has ended. Panics after a day.
    pub fn run_to_end(&mut self) {
        for _ in 0..24 * 60 {
            if self.log.contains(&Effect::Ended) {
                return;
            }
            self.run(60_000);
        }
        panic!("the job does not end: {:?}", self.log.iter().rev().take(10).collect::<Vec<_>>());
    }

    fn later(&mut self, in_ms: u64, event: Event) {
        self.turns += 1;
        self.queue.insert((self.now_ms + in_ms, self.turns), event);
    }

    pub fn answer(&mut self, input: Input) {
        self.later(HOP_MS, Event::Answer(input));
    }

    fn perform(&mut self, effect: Effect) {
        match effect {
            Effect::Send { to, say } => self.hear(to, say),
            Effect::Submit { submission, action } => {
                if self.submitted.insert(submission) {
                    self.later(BLOCK_MS, Event::Ledger(submission, action));
                }
            }
            Effect::Fetch { worker, task, root: said } => {
                assert_eq!(said, root((worker, task)));
                let right = self.habits[&worker].right_root;
                let root = if right { said } else { Root(Digest([0; 32])) };
                self.answer(Input::Fetched { worker, task, root });
            }
            Effect::RenderOwn { unit } => self.answer(Input::OwnRendered { unit }),
            Effect::Replay { check, device, leaves } => self.replay(check, device, &leaves),
            Effect::Compare { checker, list, origins } => self.compare(checker, list, &origins),
            Effect::Challenge { submission, leaf, .. } => {
                if self.submitted.insert(submission) {
                    let worker = leaf.worker.unwrap();
                    self.later(BLOCK_MS, Event::Challenge(submission, worker, leaf));
                }
            }
            Effect::Alarm { at_ms } => self.alarm_ms = Some(self.alarm_ms.map_or(at_ms, |before| before.min(at_ms))),
            Effect::Offer(_) | Effect::Show { .. } | Effect::Withdraw { .. } | Effect::Finished | Effect::Ended => {}
        }
    }

    /// Is this leaf, as its film has it, other than the truth?
    pub fn is_wrong(&self, leaf: &LeafRef) -> bool {
        let Some(habits) = leaf.worker.and_then(|worker| self.habits.get(&worker)) else { return self.wrong.contains(leaf) };
        let lot = Digest::of("wrong", &[&encode(leaf)]).0[..8].iter().fold(0, |sum, byte| sum * 256 + u64::from(*byte));
        let cheats = habits.wrong_one_in > 0 && matches!(leaf.task, Task::Unit(_)) && lot % habits.wrong_one_in == 0;
        self.wrong.contains(leaf) || cheats || (habits.lies && matches!(leaf.task, Task::List(_)))
    }

    fn replay(&mut self, check: u64, device: Device, leaves: &[LeafRef]) {
        for leaf in leaves {
            self.check_is_open(leaf);
        }
        if device == Device::Second {
            let wrong = if self.second_agrees { leaves.to_vec() } else { Vec::new() };
            return self.answer(Input::Replayed { check, wrong });
        }
        let (wrong, clean): (Vec<LeafRef>, Vec<LeafRef>) = leaves.iter().partition(|leaf| self.is_wrong(leaf));
        clean.iter().for_each(|leaf| *self.clean.entry((leaf.worker, leaf.task)).or_default() += 1);
        self.answer(Input::Replayed { check, wrong });
    }

    fn compare(&mut self, checker: AccountId, list: raylance_protocol::ListHash, origins: &[LeafRef]) {
        let task = Task::List(list);
        let mut differing = Vec::new();
        for (place, origin) in (0..).map(LeafIndex).zip(origins) {
            self.check_is_open(origin);
            assert_ne!(origin.worker, Some(checker), "a checker replays its own film");
            if self.is_wrong(origin) || self.is_wrong(&LeafRef { worker: Some(checker), task, index: place }) {
                differing.push(place);
            } else {
                *self.clean.entry((origin.worker, origin.task)).or_default() += 1;
            }
        }
        self.answer(Input::Compared { list, differing });
    }

    fn check_is_open(&self, leaf: &LeafRef) {
        if let Some(worker) = leaf.worker {
            assert!(self.known[&worker].keys.contains(&leaf.task), "drawn before the key came: {leaf:?}");
        }
    }

    pub fn delivery(&self, name: FilmName) -> Delivery {
        let job = self.job.as_ref().map_or_else(|| JobId::free(ME, self.plan.spec.hash()), |(job, _)| *job);
        let key_hash = if self.plan.rate_max.0 == 0 { FilmKey::NONE.hash() } else { key(name).hash() };
        Delivery { job, task: name.1, worker: name.0, root: root(name), key_hash }
    }

    /// This worker delivers this task now.
    pub fn deliver(&mut self, name: FilmName) {
        let delivery = self.delivery(name);
        self.give(Input::Delivery { delivery, signature: SIGNATURE });
    }

    /// This worker opens this task now.
    pub fn open(&mut self, name: FilmName) {
        self.known.entry(name.0).or_default().keys.insert(name.1);
        self.give(Input::Key { worker: name.0, task: name.1, key: key(name) });
    }

    pub fn give_back(&mut self, name: FilmName, reason: ReturnReason) {
        self.give(Input::Return { worker: name.0, task: name.1, reason });
    }

    fn hear(&mut self, to: AccountId, say: Say) {
        let Some(habits) = self.habits.get(&to).cloned() else { return };
        let free = self.plan.rate_max.0 == 0;
        match say {
            Say::Hired { .. } => self.known.entry(to).or_default().hired = true,
            Say::Lease(lease) => {
                let task = lease.assignment.task();
                if let Assignment::List(addresses) = &lease.assignment {
                    self.lists.insert(task, addresses.len() as u32);
                }
                let known = self.known.entry(to).or_default();
                known.prices.insert(task, lease.price);
                known.leases.push(lease);
                if habits.delivers {
                    let delivery = self.delivery((to, task));
                    self.later(habits.task_ms, Event::Input(Input::Delivery { delivery, signature: SIGNATURE }));
                }
            }
            Say::Receipt(receipt) => {
                self.check_receipt(to, &receipt);
                let task = receipt.delivery.task;
                if free {
                    self.known.entry(to).or_default().keys.insert(task);
                } else if habits.opens {
                    self.known.entry(to).or_default().keys.insert(task);
                    self.later(HOP_MS, Event::Input(Input::Key { worker: to, task, key: key((to, task)) }));
                }
            }
            other => panic!("an artist does not say {other:?}"),
        }
    }

    fn check_receipt(&mut self, to: AccountId, receipt: &Receipt) {
        let delivery = self.delivery((to, receipt.delivery.task));
        assert_eq!(receipt.delivery, delivery);
        let reserved = self.channels.get(&to).map_or(Microlux::ZERO, |channel| channel.reserved);
        let known = self.known.entry(to).or_default();
        assert!(receipt.total <= reserved, "{receipt:?} is not covered by {reserved:?}");
        if let Some(place) = known.places.get(&receipt.delivery.task) {
            assert_eq!(&known.receipts[*place], receipt, "one task, two receipts");
            return;
        }
        let last = known.receipts.last().map_or(Microlux::ZERO, |last| last.total);
        assert_eq!(receipt.total, last.plus(receipt.price).unwrap(), "totals grow by prices");
        assert_eq!(known.prices.get(&receipt.delivery.task), Some(&receipt.price), "what was leased is owed");
        known.places.insert(receipt.delivery.task, known.receipts.len());
        known.receipts.push(receipt.clone());
        assert!(known.receipts.len() - known.keys.len() <= 4, "more than four keys are out");
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Input(input) | Event::Answer(input) => _ = self.give(input),
            Event::Ledger(submission, action) => self.ledger(submission, action),
            Event::Challenge(submission, worker, leaf) => self.court(submission, worker, leaf),
            Event::ClaimPays(worker) => self.claim_pays(worker),
            Event::Window => self.window(),
        }
    }

    /// Leases to a worker so far.
    pub fn leases(&self, account: AccountId) -> Vec<Task> {
        self.known.get(&account).map(|known| known.leases.iter().map(|lease| lease.assignment.task()).collect()).unwrap_or_default()
    }

    pub fn count(&self, of: impl Fn(&Effect) -> bool) -> usize {
        self.log.iter().filter(|effect| of(effect)).count()
    }

    pub fn shown(&self) -> BTreeSet<UnitIndex> {
        let mut shown = BTreeSet::new();
        for effect in &self.log {
            match effect {
                Effect::Show { unit, .. } => _ = shown.insert(*unit),
                Effect::Withdraw { unit, .. } => _ = shown.remove(unit),
                _ => {}
            }
        }
        shown
    }
}
