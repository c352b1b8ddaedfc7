//! One artist and some workers on a bad network: messages are lost, doubled and reordered; peers die at any step and come back with
//! what they had recorded; blocks, devices and disks take their time.

use crate::chance::Chance;
use crate::ledger::{Ledger, draw_of};
use crate::peers::{ArtistPeer, Character, WorkerPeer};
use raylance_v1_market::{Fact, Heard, TxNumber, TxRefusal, artist, hear, terms, verifier, worker};
use raylance_v1_protocol::{
    AccountId, Action, Decision, Digest, JobSpec, Keypair, Leaf, LeafIndex, Message, Microlux, Opening, OpeningEntry, Profile, RenderWork,
    Root, SceneDigest, Signed, UnitIndex, Verdict, Work,
};
use std::collections::{BTreeMap, BTreeSet};

pub const START_MS: u64 = 1_700_000_000_000;
const LEAVES: u16 = 4;

/// What goes wrong, in per cent.
#[derive(Clone, Copy, Debug)]
pub struct Trouble {
    pub lost: u64,
    pub doubled: u64,
    /// Per step of a machine, in 10,000ths.
    pub crash: u64,
    pub crashes_max: u32,
    /// Do renting switches go off and on?
    pub pauses: bool,
}

/// Which peer, and which of its lives: what was under way for an earlier life never arrives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Life {
    pub peer: usize,
    pub life: u32,
}

/// The artist is peer 0.
pub enum Happening {
    Tick(Life),
    /// The peer reads the blocks that it has not seen yet.
    ReadChain(Life),
    Arrives {
        from: usize,
        to: usize,
        message: Message,
    },
    ToArtist(Life, artist::Input),
    ToWorker(Life, worker::Input),
    ToVerifier(Life, verifier::Input),
    Offer,
    Fetch {
        life: Life,
        worker: usize,
        unit: UnitIndex,
        root: Root,
    },
    Ledger {
        life: Life,
        role: Role,
        number: TxNumber,
        action: Action,
    },
    Restart(usize),
    Connection {
        peer: usize,
        up: bool,
    },
    Switch {
        peer: usize,
        on: bool,
    },
    Vanish(usize),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    Artist,
    Worker,
}

pub struct World {
    pub now_ms: u64,
    pub chance: Chance,
    pub trouble: Trouble,
    pub spec: JobSpec,
    pub ledger: Ledger,
    pub artist: ArtistPeer,
    pub workers: Vec<WorkerPeer>,
    /// What each root stands for: who, which unit, and were the samples all there?
    pub films: BTreeMap<Root, (AccountId, UnitIndex, bool)>,
    /// Every submission that a ledger node has heard, and its bytes.
    submitted: BTreeMap<(usize, Role, TxNumber), Action>,
    executed: BTreeMap<(usize, Role, TxNumber), Result<(), TxRefusal>>,
    /// How often each number was sent: a new number for the same action is right only when patience with the old one has ended.
    sends: BTreeMap<(usize, Role, TxNumber), u32>,
    /// First seal of each challenge: a second one would be a second set of values.
    seals: BTreeMap<(usize, UnitIndex, AccountId), Digest>,
    queue: BTreeMap<(u64, u64), Happening>,
    queued: u64,
    pub crashes: u32,
    pub cancel_at_ms: Option<u64>,
}

/// What every honest device computes for a leaf.
pub fn true_value(unit: UnitIndex, leaf: LeafIndex) -> Leaf {
    Leaf([unit.0 + 1, leaf.0 + 1, 7])
}

impl World {
    pub fn new(seed: u64, units: u32, characters: &[Character], trouble: Trouble) -> Self {
        let keys = Keypair::from_secret([200; 32]);
        let work = RenderWork {
            renderer: Digest::default(),
            scene: SceneDigest::default(),
            scene_len_bytes: 1,
            width_px: 8 * units,
            height_px: 8,
            samples: 16,
            depth_max: 4,
            tile_px: 8,
            chunk_samples: 16,
            profile: Profile::Exact,
        };
        let spec = JobSpec {
            chain: Default::default(),
            artist: keys.account(),
            nonce: [1; 16],
            work: Work::Render(work),
            unit_price_microlux: Microlux(1_000),
            replayed_leaves: LEAVES,
        };
        let mut chance = Chance(seed);
        let workers = characters.iter().enumerate().map(|(no, &character)| {
            let unit_ms = chance.range(300, 4_000);
            WorkerPeer::new(Keypair::from_secret([no as u8 + 1; 32]), character, unit_ms)
        });
        let workers = workers.collect();
        let mut world = Self {
            now_ms: START_MS,
            trouble,
            ledger: Ledger::new(spec.clone(), 2),
            artist: ArtistPeer::new(keys, &spec),
            workers,
            spec,
            films: BTreeMap::new(),
            submitted: BTreeMap::new(),
            executed: BTreeMap::new(),
            sends: BTreeMap::new(),
            seals: BTreeMap::new(),
            queue: BTreeMap::new(),
            queued: 0,
            crashes: 0,
            cancel_at_ms: None,
            chance,
        };
        world.begin();
        world
    }

    fn begin(&mut self) {
        let life = Life { peer: 0, life: 0 };
        self.after(0, Happening::ToArtist(life, artist::Input::Resumed));
        for peer in 0..=self.workers.len() {
            self.start_clocks(peer);
        }
        for (at, worker) in self.workers.clone_characters().into_iter().enumerate() {
            if worker == Character::Vanishing {
                let at_ms = self.chance.range(2_000, 20_000);
                self.after(at_ms, Happening::Vanish(at + 1));
            }
            if self.trouble.pauses {
                let off_ms = self.chance.range(1_000, 15_000);
                let on_ms = off_ms + self.chance.range(1_000, 30_000);
                self.after(off_ms, Happening::Switch { peer: at + 1, on: false });
                self.after(on_ms, Happening::Switch { peer: at + 1, on: true });
            }
        }
    }

    fn start_clocks(&mut self, peer: usize) {
        let life = self.life(peer);
        let (tick, read) = (self.chance.range(1, 250), self.chance.range(1, 400));
        self.after(tick, Happening::Tick(life));
        self.after(read, Happening::ReadChain(life));
    }

    pub fn after(&mut self, wait_ms: u64, happening: Happening) {
        self.queued += 1;
        self.queue.insert((self.now_ms + wait_ms, self.queued), happening);
    }

    pub fn life(&self, peer: usize) -> Life {
        let life = if peer == 0 { self.artist.life } else { self.workers[peer - 1].life };
        Life { peer, life }
    }

    fn is_alive(&self, life: Life) -> bool {
        let alive = if life.peer == 0 { self.artist.alive } else { self.workers[life.peer - 1].alive };
        alive && self.life(life.peer) == life
    }

    pub fn account(&self, peer: usize) -> AccountId {
        if peer == 0 { self.spec.artist } else { self.workers[peer - 1].keys.account() }
    }

    fn peer_of(&self, account: AccountId) -> usize {
        (0..=self.workers.len()).find(|&peer| self.account(peer) == account).expect("only peers of this world have accounts")
    }

    /// Runs until the artist's machine is finished or the time is over. Says whether it is finished.
    pub fn run(&mut self, until_ms: u64) -> bool {
        while let Some(((at_ms, _), happening)) = self.queue.pop_first() {
            self.now_ms = at_ms;
            if self.now_ms > START_MS + until_ms {
                return false;
            }
            if self.cancel_at_ms.is_some_and(|cancel_ms| self.now_ms > START_MS + cancel_ms && self.artist.alive) {
                self.cancel_at_ms = None;
                self.step_artist(artist::Input::Cancelled);
            }
            self.happen(happening);
            if self.artist.machine.is_finished() && self.artist.alive {
                return true;
            }
        }
        false
    }

    fn happen(&mut self, happening: Happening) {
        match happening {
            Happening::Tick(life) if self.is_alive(life) => {
                self.after(250, Happening::Tick(life));
                if life.peer == 0 {
                    self.step_artist(artist::Input::Tick);
                } else {
                    self.step_worker(life.peer, worker::Input::Tick);
                    self.step_verifier(life.peer, verifier::Input::Tick);
                }
            }
            Happening::ReadChain(life) if self.is_alive(life) => {
                let wait_ms = self.chance.range(100, 900);
                self.after(wait_ms, Happening::ReadChain(life));
                self.read_chain(life);
            }
            Happening::ToArtist(life, input) if self.is_alive(life) => self.step_artist(input),
            Happening::ToWorker(life, input) if self.is_alive(life) => self.step_worker(life.peer, input),
            Happening::ToVerifier(life, input) if self.is_alive(life) => self.step_verifier(life.peer, input),
            Happening::Tick(_)
            | Happening::ReadChain(_)
            | Happening::ToArtist(..)
            | Happening::ToWorker(..)
            | Happening::ToVerifier(..) => {}
            Happening::Arrives { from, to, message } => self.arrives(from, to, message),
            Happening::Offer => self.offered(),
            Happening::Fetch { life, worker, unit, root } if self.is_alive(life) => self.fetched(life, worker, unit, root),
            Happening::Fetch { .. } => {}
            Happening::Ledger { life, role, number, action } => self.ledger_hears(life, role, number, action),
            Happening::Restart(peer) => self.restart(peer),
            Happening::Connection { peer, up } => self.connection(peer, up),
            Happening::Switch { peer, on } => {
                self.workers[peer - 1].rents = on;
                if self.workers[peer - 1].alive {
                    self.step_worker(peer, if on { worker::Input::Resume } else { worker::Input::Pause });
                    self.step_verifier(peer, if on { verifier::Input::Resume } else { verifier::Input::Pause });
                }
            }
            Happening::Vanish(peer) => {
                self.workers[peer - 1].alive = false;
                self.workers[peer - 1].gone = true;
                self.after(1_000, Happening::Connection { peer, up: false });
            }
        }
    }

    /// Facts in order; some are told twice, as after a restart.
    fn read_chain(&mut self, life: Life) {
        let seen = if life.peer == 0 { self.artist.facts_seen } else { self.workers[life.peer - 1].facts_seen };
        let from = if self.chance.percent(3) { self.chance.below(seen as u64 + 1) as usize } else { seen };
        let facts: Vec<Fact> = self.ledger.facts[from..].to_vec();
        for (at, fact) in facts.into_iter().enumerate() {
            if !self.is_alive(life) {
                return;
            }
            let seen_now = (from + at + 1).max(seen);
            if life.peer == 0 {
                self.artist.reading = seen_now;
                self.step_artist(artist::Input::Fact(fact));
            } else {
                self.workers[life.peer - 1].reading = seen_now;
                self.step_worker(life.peer, worker::Input::Fact(fact.clone()));
                self.step_verifier(life.peer, verifier::Input::Fact(fact));
            }
        }
    }

    fn connection(&mut self, peer: usize, up: bool) {
        let account = self.account(peer);
        if self.artist.alive {
            self.step_artist(if up { artist::Input::PeerSeen { peer: account } } else { artist::Input::PeerLost { peer: account } });
        }
    }

    fn offered(&mut self) {
        for peer in 1..=self.workers.len() {
            if self.chance.percent(self.trouble.lost) || !self.workers[peer - 1].alive {
                continue;
            }
            let (spec, now_ms, account) = (self.spec.clone(), self.now_ms, self.account(peer));
            if self.workers[peer - 1].hear_offer(account, spec, now_ms) {
                self.step_worker(peer, worker::Input::Resumed);
            } else {
                self.step_worker(peer, worker::Input::Offered);
            }
        }
    }

    fn arrives(&mut self, from: usize, to: usize, message: Message) {
        let is_alive = if to == 0 { self.artist.alive } else { self.workers[to - 1].alive };
        if !is_alive {
            return;
        }
        match hear(self.account(from), message).expect("peers of this world sign well") {
            Heard::Artist(_, input) => self.step_artist(input),
            Heard::Worker(_, input) => self.step_worker(to, input),
            Heard::Verifier(_, input) => self.step_verifier(to, input),
            Heard::Revealed { from, salt, values, signed, verdict } => {
                let Some(&root) = self.artist.disk.get(&(verdict.unit, verdict.worker)) else { return };
                let leaves = drawn(verdict.draw);
                let agree =
                    leaves.len() == values.len() && leaves.iter().zip(&values).all(|(&leaf, value)| self.film_value(root, leaf) == *value);
                let values_say = if agree { Decision::Accept } else { Decision::Reject };
                let (seal, answer) = (seal_of(&salt, &values), answer_of(&values));
                self.step_artist(artist::Input::Revealed { from, seal, answer, values_say, verdict: signed });
            }
            Heard::Elsewhere(_) => unreachable!("no such message is sent here"),
        }
    }

    pub fn film_value(&self, root: Root, leaf: LeafIndex) -> Leaf {
        let (_, unit, good) = self.films[&root];
        let mut value = true_value(unit, leaf);
        value.0[2] ^= u32::from(!good);
        value
    }

    pub fn send(&mut self, from: usize, to: AccountId, message: Message) {
        let to = self.peer_of(to);
        if let Message::Sealed { unit, worker, seal, .. } = &message {
            let first = *self.seals.entry((from, *unit, *worker)).or_insert(*seal);
            assert_eq!(first, *seal, "peer {from} sealed a second set of values for {unit:?} of {worker:?}");
        }
        let copies = 1 + u64::from(self.chance.percent(self.trouble.doubled));
        for _ in 0..copies {
            if !self.chance.percent(self.trouble.lost) {
                let wait_ms = if self.chance.percent(5) { self.chance.range(500, 8_000) } else { self.chance.range(5, 200) };
                self.after(wait_ms, Happening::Arrives { from, to, message: message.clone() });
            }
        }
    }

    fn fetched(&mut self, life: Life, worker: usize, unit: UnitIndex, root: Root) {
        let peer = &self.workers[worker - 1];
        let has_it =
            peer.alive && peer.disk.get(&unit) == Some(&root) && peer.worker.as_ref().is_some_and(|machine| machine.may_serve(unit));
        let account = self.account(worker);
        if has_it {
            self.artist.disk.insert((unit, account), root);
            self.after(1, Happening::ToArtist(life, artist::Input::FilmStored { unit, worker: account, root }));
        } else {
            let fault = artist::FilmFault::Unreachable;
            self.after(1, Happening::ToArtist(life, artist::Input::FilmFailed { unit, worker: account, root, fault }));
        }
    }

    pub fn submit(&mut self, peer: usize, role: Role, number: TxNumber, action: Action) {
        let key = (peer, role, number);
        let first = self.submitted.entry(key).or_insert_with(|| action.clone());
        assert_eq!(*first, action, "{key:?} was sent with two contents");
        *self.sends.entry(key).or_default() += 1;
        for other in (0..number.0).map(|other| (peer, role, TxNumber(other))) {
            // The same action under a new number is right only after a refusal, or after many sends, or when the first one is void.
            if self.submitted.get(&other) == Some(&action) {
                let was_refused = self.executed.get(&other).is_some_and(|result| result.is_err());
                assert!(was_refused || self.sends[&other] >= terms::TX_SENDS_MAX, "{action:?} was submitted as {other:?} and as {key:?}");
            }
        }
        if !self.chance.percent(self.trouble.lost) {
            let wait_ms = self.chance.range(200, 1_200);
            let life = self.life(peer);
            self.after(wait_ms, Happening::Ledger { life, role, number, action });
        }
    }

    fn ledger_hears(&mut self, life: Life, role: Role, number: TxNumber, action: Action) {
        let key = (life.peer, role, number);
        let signer = self.account(life.peer);
        // The same bytes are executed once; hearing them again gives the same answer.
        let result = match self.executed.get(&key) {
            Some(&result) => result,
            None => {
                let result = self.ledger.execute(signer, &action);
                self.executed.insert(key, result);
                result
            }
        };
        if let Err(cause) = result {
            match role {
                Role::Artist => self.after(50, Happening::ToArtist(life, artist::Input::TxRefused { number, cause })),
                Role::Worker => self.after(50, Happening::ToWorker(life, worker::Input::TxRefused { number, cause })),
            }
        }
    }

    /// Does a peer die here? It loses what it had not recorded, and everything that its device was doing.
    pub fn dies(&mut self, peer: usize) -> bool {
        if self.crashes >= self.trouble.crashes_max || self.chance.below(10_000) >= self.trouble.crash {
            return false;
        }
        self.crashes += 1;
        let wait_ms = self.chance.range(100, 20_000);
        self.after(wait_ms, Happening::Restart(peer));
        if peer == 0 {
            self.artist.alive = false;
            self.artist.life += 1;
        } else {
            self.workers[peer - 1].alive = false;
            self.workers[peer - 1].life += 1;
            self.after(1_000, Happening::Connection { peer, up: false });
        }
        true
    }

    fn restart(&mut self, peer: usize) {
        if peer == 0 {
            self.artist.load();
            self.start_clocks(0);
            self.step_artist(artist::Input::Resumed);
        } else if !self.workers[peer - 1].gone {
            self.workers[peer - 1].load();
            self.start_clocks(peer);
            self.after(100, Happening::Connection { peer, up: true });
            let on = self.workers[peer - 1].rents;
            self.step_worker(peer, worker::Input::Resumed);
            self.step_verifier(peer, verifier::Input::Resumed);
            // The node tells its machines what the switch says now.
            self.step_worker(peer, if on { worker::Input::Resume } else { worker::Input::Pause });
            self.step_verifier(peer, if on { verifier::Input::Resume } else { verifier::Input::Pause });
        }
    }

    /// The artist's device replays a film.
    pub fn replay_at_artist(&self, unit: UnitIndex, worker: AccountId, root: Root, draw: Digest) -> Signed<Verdict> {
        let leaves = drawn(draw);
        let values: Vec<Leaf> = leaves.iter().map(|&leaf| true_value(unit, leaf)).collect();
        let agree = leaves.iter().zip(&values).all(|(&leaf, value)| self.film_value(root, leaf) == *value);
        let decision = if agree { Decision::Accept } else { Decision::Reject };
        let answer = answer_of(&values);
        self.artist.keys.sign(&Verdict { job: self.spec.id(), unit, worker, root, draw, answer, decision })
    }

    /// The opening of a film's drawn leaves. Paths are the business of another room.
    pub fn opening(&self, root: Root, draw: Digest) -> Opening {
        let entries = drawn(draw).into_iter().map(|index| OpeningEntry { index, leaf: self.film_value(root, index), path: Vec::new() });
        Opening { entries: entries.collect() }
    }

    pub fn good_settled_units(&self) -> BTreeSet<UnitIndex> {
        self.ledger.settled.iter().filter(|(_, (_, root))| self.films[root].2).map(|(&unit, _)| unit).collect()
    }
}

/// The drawn leaves of a film.
pub fn drawn(draw: Digest) -> Vec<LeafIndex> {
    let start = u32::from(draw.0[0]) % 64;
    (0..u32::from(LEAVES)).map(|step| LeafIndex((start + 17 * step) % 64)).collect()
}

/// Candidates in an order that follows from the draw.
pub fn order(draw: Digest, candidates: &[AccountId]) -> Vec<AccountId> {
    let mut order = candidates.to_vec();
    order.sort_by_key(|account| Digest::of("simulated order", &[&draw.0, &account.0]));
    order
}

pub fn draw_in(unit: UnitIndex, worker: AccountId, root: Root, block: raylance_v1_protocol::BlockHash) -> Digest {
    draw_of(block, unit, worker, root)
}

pub fn seal_of(salt: &[u8; 16], values: &[Leaf]) -> Digest {
    Digest::of("simulated seal", &[salt, &raylance_v1_protocol::encode(&values.to_vec())])
}

pub fn answer_of(values: &[Leaf]) -> Digest {
    Digest::of("simulated answer", &[&raylance_v1_protocol::encode(&values.to_vec())])
}

/// The characters of all workers.
trait Characters {
    fn clone_characters(&self) -> Vec<Character>;
}

impl Characters for Vec<WorkerPeer> {
    fn clone_characters(&self) -> Vec<Character> {
        self.iter().map(|peer| peer.character).collect()
    }
}
