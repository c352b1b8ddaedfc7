//! A small ring for tests: real keys, real films of four leaves, and an audit after every block.

use crate::{Draft, Event, Refusal, State, audit};
use raylance_protocol::block::Validator;
use raylance_protocol::job::LEAF_BYTES;
use raylance_protocol::row::{Channel, ChannelState, Job};
use raylance_protocol::*;
use raylance_verify::{FilmId, FilmTree, film_key, seal};
use std::collections::BTreeMap;
use std::sync::OnceLock;

pub const ARTIST: u8 = 1;
pub const OTHER_ARTIST: u8 = 2;
pub const W1: u8 = 11;
pub const W2: u8 = 12;
pub const W3: u8 = 13;
/// Has no account.
pub const STRANGER: u8 = 99;
/// Four validators of equal stake: three decide.
pub const V: [u8; 4] = [201, 202, 203, 204];
pub const FUNDS: u64 = 1_000_000;
pub const RENDERER: Digest = Digest([5; 32]);
/// Units of the tests' job, four leaves each.
pub const UNITS: u32 = 64;
/// What every unit of it costs.
pub const PRICE: u64 = 1_000;

/// Small and odd, so that rounding and forgotten deposits show.
pub const PARAMETERS: RingParameters = RingParameters {
    window_ms: 16_000,
    beat_ms: 1_000,
    job_ms_max: 200_000,
    court_scene_bytes_max: 64 << 20,
    court_fee_base: Microlux(2_003),
    court_fee_per_mib: Microlux(10),
    court_ms_base: 5_000,
    court_bytes_per_s: 500_000,
    fee_per_kib: Microlux(16),
    burn_permille: 500,
    row_deposit: Microlux(7),
    account_deposit: Microlux(11),
    due_rows_per_block: 4_096,
};

#[derive(Clone)]
pub struct TestRing {
    pub chain: ChainId,
    pub state: State,
    pub header_ms: u64,
    /// Of the last block.
    pub events: Vec<Event>,
    wallets: BTreeMap<AccountId, i64>,
}

pub fn keys(n: u8) -> Keypair {
    // Making a key takes as long as signing with it.
    static KEYS: [OnceLock<Keypair>; 256] = [const { OnceLock::new() }; 256];
    KEYS[usize::from(n)].get_or_init(|| Keypair::from_secret([n; 32])).clone()
}

pub fn id(n: u8) -> AccountId {
    keys(n).account()
}

pub fn genesis_of(parameters: RingParameters, validators: &[(u8, u64)], balances: &[(u8, u64)]) -> Genesis {
    let mut validators: Vec<_> = validators.iter().map(|(n, stake)| Validator { account: id(*n), stake: *stake }).collect();
    validators.sort();
    let mut balances: Vec<_> = balances.iter().map(|(n, amount)| (id(*n), Microlux(*amount))).collect();
    balances.sort();
    let (name, bootstrap, membership) = ("test".into(), Vec::new(), raylance_protocol::block::Membership::Open);
    Genesis { name, time_ms: 1_000_000, validators, membership, parameters, renderers: vec![RENDERER], balances, bootstrap }
}

pub fn genesis() -> Genesis {
    let validators = V.map(|n| (n, 1));
    let people = [ARTIST, OTHER_ARTIST, W1, W2, W3, V[0], V[1], V[2], V[3]];
    genesis_of(PARAMETERS, &validators, &people.map(|n| (n, FUNDS)))
}

impl TestRing {
    pub fn new() -> Self {
        Self::from(&genesis())
    }

    pub fn from(genesis: &Genesis) -> Self {
        let state = State::genesis(genesis).unwrap();
        let mut ring = Self { chain: genesis.chain(), state, header_ms: genesis.time_ms, events: Vec::new(), wallets: BTreeMap::new() };
        ring.check(crate::genesis_events(genesis));
        ring
    }

    /// With an open job in which these workers may earn so much.
    pub fn with_job(rows: &[(u8, u64)]) -> (Self, JobId) {
        let mut ring = Self::new();
        let job = ring.open(rows);
        (ring, job)
    }

    /// Opens a job for these workers that ends by itself in 150 s.
    pub fn open(&mut self, rows: &[(u8, u64)]) -> JobId {
        let action = Action::OpenJob(OpenJob { ends_by: self.now().after(150_000), ..open_job(rows) });
        let job = JobId::opened(self.chain, id(ARTIST), self.nonce(ARTIST), spec().hash());
        self.act(ARTIST, action).unwrap();
        job
    }

    pub fn now(&self) -> RingTime {
        self.state.clock().ring_time
    }

    pub fn nonce(&self, who: u8) -> u64 {
        self.state.account(id(who)).nonce
    }

    pub fn balance(&self, who: u8) -> u64 {
        self.state.account(id(who)).balance.0
    }

    pub fn job(&self, job: JobId) -> Job {
        self.state.get(&job).unwrap()
    }

    pub fn channel(&self, job: JobId, worker: u8) -> Channel {
        self.state.get(&(job, id(worker))).unwrap()
    }

    pub fn is_open(&self, job: JobId, worker: u8) -> bool {
        self.channel(job, worker).state == ChannelState::Open
    }

    pub fn sign(&self, draft: &Draft, who: u8, action: Action) -> CheckedTx {
        self.sign_tx(who, &Tx { nonce: draft.account(id(who)).nonce, valid_until: RingTime::NEVER, action })
    }

    pub fn sign_tx(&self, who: u8, tx: &Tx) -> CheckedTx {
        CheckedTx::check(self.chain, keys(who).sign(self.chain, tx)).unwrap()
    }

    /// One block, `elapsed_ms` later; refused transactions are left out of it.
    pub fn block(&mut self, elapsed_ms: u64, actions: Vec<(u8, Action)>) -> Vec<Result<(), Refusal>> {
        self.header_ms += elapsed_ms;
        let mut draft = self.state.draft(self.header_ms);
        let results = actions.into_iter().map(|(who, action)| {
            let tx = self.sign(&draft, who, action);
            let before = draft.state().clone();
            let result = draft.execute(&tx);
            assert!(result.is_ok() || draft.state().root() == before.root(), "a refused transaction changes nothing");
            let (rows, rows_before) = (draft.state().tree().len(), before.tree().len());
            assert!(rows <= rows_before + tx.len_bytes() / 20, "invariant 13: rows cost bytes");
            result
        });
        let results = results.collect();
        let executed = draft.finish().unwrap();
        self.state = executed.state;
        self.check(executed.events);
        results
    }

    /// One transaction in a block of its own, at the same ring time.
    pub fn act(&mut self, who: u8, action: Action) -> Result<(), Refusal> {
        self.block(0, vec![(who, action)]).remove(0)
    }

    /// One transaction with all its fields, at the same ring time.
    pub fn execute(&mut self, tx: &CheckedTx) -> Result<(), Refusal> {
        let mut draft = self.state.draft(self.header_ms);
        let result = draft.execute(tx);
        let executed = draft.finish().unwrap();
        self.state = executed.state;
        self.check(executed.events);
        result
    }

    /// Lets ring time pass, block by block.
    pub fn pass(&mut self, ms: u64) {
        let end = self.now().after(ms);
        let mut events = Vec::new();
        while self.now() < end {
            self.block((end.0 - self.now().0).min(2 * self.state.parameters().beat_ms), vec![]);
            events.append(&mut self.events);
        }
        self.events = events;
    }

    /// Lets ring time pass up to this time.
    pub fn pass_until(&mut self, at: RingTime) {
        self.pass(at.0 - self.now().0);
    }

    fn check(&mut self, events: Vec<Event>) {
        audit(&self.state).unwrap();
        for event in &events {
            if let Event::Moved { account, change, .. } = event {
                *self.wallets.entry(*account).or_default() += change.0;
            }
        }
        for (account, sum) in &self.wallets {
            assert_eq!(self.state.account(*account).balance.0 as i64, *sum, "movements sum up to the balance of {account}");
        }
        self.events = events;
    }

    pub fn happened(&self, wanted: impl Fn(&Event) -> bool) -> bool {
        self.events.iter().any(wanted)
    }
}

pub fn spec() -> JobSpec {
    let work = RenderWork {
        width_px: 2,
        height_px: 2,
        first_frame: 0,
        frame_count: UNITS,
        first_sample: 0,
        samples: 16,
        depth_max: 4,
        tile_px: 8,
        chunk_samples: 16,
        seed: 1,
    };
    let work = Work::Render(work);
    JobSpec { artist: id(ARTIST), salt: [9; 16], renderer: RENDERER, scene: SceneDigest::default(), scene_bytes: 1_000_000, work }
}

pub fn open_job(rows: &[(u8, u64)]) -> OpenJob {
    let JobSpec { renderer, scene_bytes, .. } = spec();
    let rows = rows.iter().map(|(n, total)| Reserve { worker: id(*n), reserved_total: Microlux(*total) }).collect();
    OpenJob { spec: spec().hash(), renderer, scene_bytes, ends_by: RingTime(150_000), rows }
}

pub fn row(worker: u8, paid: u64, reserved: u64) -> PayRow {
    PayRow { worker: id(worker), paid_total: Microlux(paid), reserved_total: Microlux(reserved), done: None }
}

pub fn pay(job: JobId, rows: Vec<PayRow>) -> Action {
    Action::Pay(Pay { job, rows, close: false, ends_by: None })
}

pub fn close(job: JobId) -> Action {
    Action::Pay(Pay { job, rows: vec![], close: true, ends_by: None })
}

impl TestRing {
    /// A row with the worker's own word that it is done.
    pub fn done_row(&self, job: JobId, worker: u8, total: u64) -> PayRow {
        let done = Done { job, worker: id(worker), total: Microlux(total) };
        PayRow { done: Some(keys(worker).sign(self.chain, &done).signature()), ..row(worker, total, 0) }
    }
}

/// What the exact renderer computes.
pub fn truth(address: &Address) -> Leaf {
    let hash = Digest::of("test truth", &[&encode(address)]);
    Leaf(std::array::from_fn(|i| u32::from(hash.0[i])))
}

/// A rendered and sealed film.
pub struct Film {
    pub delivery: Delivery,
    pub delivery_signature: Signature,
    pub key: FilmKey,
    pub addresses: Vec<Address>,
    pub sealed: Vec<u8>,
    pub tree: FilmTree,
}

/// A unit's film with these leaves wrong.
pub fn film(chain: ChainId, job: JobId, worker: u8, unit: u32, wrong: &[u32]) -> Film {
    let task = Task::Unit(UnitIndex(unit));
    let work = spec().work;
    let addresses: Vec<_> =
        (0..work.leaf_count(UnitIndex(unit)).unwrap()).map(|leaf| work.address(UnitIndex(unit), LeafIndex(leaf)).unwrap()).collect();
    film_of(chain, job, worker, task, addresses, wrong)
}

pub fn film_of(chain: ChainId, job: JobId, worker: u8, task: Task, addresses: Vec<Address>, wrong: &[u32]) -> Film {
    let leaf = |(at, address): (usize, &Address)| {
        let Leaf([r, g, b]) = truth(address);
        Leaf([r, g, b ^ u32::from(wrong.contains(&(at as u32)))]).to_bytes()
    };
    let mut sealed: Vec<u8> = addresses.iter().enumerate().flat_map(leaf).collect();
    let film = FilmId { job, worker: id(worker), task };
    let key = film_key(&[worker; 32], job, task);
    seal(&key, &film, &mut sealed);
    let tree = FilmTree::new(&film, addresses.iter().copied(), &sealed).unwrap();
    let delivery = Delivery { job, task, worker: id(worker), root: tree.root(), key_hash: key.hash() };
    let delivery_signature = keys(worker).sign(chain, &delivery).signature();
    Film { delivery, delivery_signature, key, addresses, sealed, tree }
}

impl Film {
    /// An entry of a claim, as if the artist had signed the receipt for it.
    pub fn entry(&self, chain: ChainId, artist: u8, price: u64, total: u64) -> ClaimEntry {
        let receipt = Receipt { delivery: self.delivery.clone(), price: Microlux(price), total: Microlux(total) };
        let signature = keys(artist).sign(chain, &receipt).signature();
        ClaimEntry { task: self.delivery.task, root: self.delivery.root, key: self.key, price: Microlux(price), signature }
    }

    /// The evidence about one leaf.
    pub fn challenge(&self, index: u32) -> Challenge {
        let at = index as usize * LEAF_BYTES;
        let Delivery { job, task, worker, root, .. } = self.delivery;
        Challenge {
            job,
            worker,
            spec: spec(),
            task,
            root,
            delivery: self.delivery_signature,
            key: self.key,
            index: LeafIndex(index),
            leaf_count: self.addresses.len() as u32,
            address: self.addresses[index as usize],
            sealed_leaf: self.sealed[at..at + LEAF_BYTES].try_into().unwrap(),
            path: self.tree.path(LeafIndex(index)).unwrap(),
        }
    }
}

impl TestRing {
    /// Receipts for units `units` of a worker, each of [`PRICE`], as a claim; the first unit is the first that the artist ever signed for.
    pub fn claim(&self, job: JobId, worker: u8, units: std::ops::Range<u32>) -> Claim {
        self.claim_of(job, worker, units, &[])
    }

    /// The same with films in whose first leaf these units are wrong.
    pub fn claim_of(&self, job: JobId, worker: u8, units: std::ops::Range<u32>, wrong: &[u32]) -> Claim {
        let from_total = Microlux(u64::from(units.start) * PRICE);
        let entry = |unit: u32| {
            let leaves: &[u32] = if wrong.contains(&unit) { &[0] } else { &[] };
            film(self.chain, job, worker, unit, leaves).entry(self.chain, ARTIST, PRICE, u64::from(unit + 1) * PRICE)
        };
        let entries = units.map(entry).collect();
        Claim { job, worker: id(worker), artist: id(ARTIST), from_total, entries }
    }

    /// Files it as the worker.
    pub fn file(&mut self, job: JobId, worker: u8, units: std::ops::Range<u32>) -> Result<(), Refusal> {
        let claim = self.claim(job, worker, units);
        self.act(worker, Action::Claim(claim))
    }
}

/// The court's fee in the tests' job.
pub fn bond() -> u64 {
    PARAMETERS.court_fee(spec().scene_bytes).0
}
