//! What a byte of each kind of transaction costs at its most expensive: a fuzzer that draws kinds and sizes, and keeps the worst.
//!
//! Checking signatures and executing are timed apart. Each transaction is executed three times on the same draft, and the fastest counts:
//! the machine's own noise is not the transaction's.

use crate::fund::RENDERER;
use bench_rooms::measure::cpu_ns;
use raylance_ledger::{Draft, State};
use raylance_protocol::block::{Membership, Validator};
use raylance_protocol::{
    AccountId, Action, Challenge, CheckedTx, Claim, ClaimEntry, Delivery, Digest, Done, FilmKey, Genesis, JobId, JobSpec, Keypair,
    LeafIndex, Microlux, OpenJob, Pay, PayRow, Receipt, RenderWork, Reserve, RingParameters, RingTime, SceneDigest, Task, Tx, UnitIndex,
    Work, encode,
};
use raylance_verify::{FilmId, FilmTree, film_key};
use serde_json::{Value, json};

/// Makes the n-th transaction of a kind, with the draft that takes it.
type Make = fn(&mut Ring, usize) -> (Draft, CheckedTx);

/// Transactions drawn for each kind.
const DRAWS: usize = 24;

/// `{kind: {bytes, check_ns_per_byte, execute_ns_per_byte}}` of the worst of each kind, and the worst of all.
pub fn measure() -> Value {
    eprintln!("cost: {DRAWS} transactions of each kind");
    let mut ring = Ring::new();
    let kinds: [(&str, Make); 7] = [
        ("transfer", Ring::transfer),
        ("open_job", Ring::open_job),
        ("pay", Ring::pay),
        ("pay_done", Ring::pay_done),
        ("claim", Ring::claim),
        ("challenge", Ring::challenge),
        ("endorse", Ring::endorse),
    ];
    let mut result = serde_json::Map::new();
    let mut worst = 0.0_f64;
    for (name, make) in kinds {
        let mut of_kind = Cost::default();
        for draw in 0..DRAWS {
            let (draft, tx) = make(&mut ring, draw);
            of_kind.keep_worse(Cost::of(&ring.state, &draft, &tx));
        }
        worst = worst.max(of_kind.per_byte());
        result.insert(name.to_owned(), of_kind.json());
    }
    result.insert("worst_ns_per_byte".to_owned(), json!(worst));
    Value::Object(result)
}

#[derive(Default)]
struct Cost {
    bytes: usize,
    check_ns: f64,
    execute_ns: f64,
}

impl Cost {
    fn of(state: &State, draft: &Draft, tx: &CheckedTx) -> Self {
        let fastest = |run: &mut dyn FnMut()| {
            let time = |_| {
                let began = cpu_ns();
                run();
                cpu_ns().saturating_sub(began) as f64
            };
            (0..3).map(time).fold(f64::INFINITY, f64::min)
        };
        let check_ns = fastest(&mut || drop(CheckedTx::check(state.chain(), tx.signed().clone()).expect("signed")));
        let execute_ns = fastest(&mut || draft.clone().execute(tx).expect("the bench sends what the ledger takes"));
        Self { bytes: tx.len_bytes(), check_ns, execute_ns }
    }

    fn per_byte(&self) -> f64 {
        (self.check_ns + self.execute_ns) / self.bytes.max(1) as f64
    }

    fn keep_worse(&mut self, other: Self) {
        if other.per_byte() > self.per_byte() {
            *self = other;
        }
    }

    fn json(&self) -> Value {
        let bytes = self.bytes.max(1) as f64;
        json!({ "bytes": self.bytes, "check_ns_per_byte": self.check_ns / bytes, "execute_ns_per_byte": self.execute_ns / bytes })
    }
}

/// One artist with a job of 256 workers, all of whose keys are here.
struct Ring {
    state: State,
    artist: Keypair,
    workers: Vec<Keypair>,
    spec: JobSpec,
    job: JobId,
}

impl Ring {
    fn new() -> Self {
        let keys = |i: u64| Keypair::from_secret(Digest::of("bench cost key", &[&i.to_le_bytes()]).0);
        let (artist, workers) = (keys(0), (1..=256).map(keys).collect::<Vec<_>>());
        let mut balances: Vec<_> = workers.iter().chain([&artist]).map(|key| (key.account(), Microlux::from_lux(1_000))).collect();
        balances.sort_unstable();
        let genesis = Genesis {
            name: "bench".to_owned(),
            time_ms: 1,
            validators: vec![Validator { account: artist.account(), stake: 1 }],
            membership: Membership::Open,
            parameters: RingParameters::PUBLIC,
            renderers: vec![RENDERER],
            balances,
            bootstrap: Vec::new(),
        };
        let render = RenderWork {
            width_px: 64,
            height_px: 64,
            first_frame: 0,
            frame_count: 1,
            first_sample: 0,
            samples: 32,
            depth_max: 8,
            tile_px: 64,
            chunk_samples: 32,
            seed: 1,
        };
        let spec = JobSpec {
            artist: artist.account(),
            salt: [1; 16],
            renderer: RENDERER,
            scene: SceneDigest::default(),
            scene_bytes: 1 << 20,
            work: Work::Render(render),
        };
        let state = State::genesis(&genesis).expect("the genesis is sound");
        let job = JobId::opened(state.chain(), artist.account(), 0, spec.hash());
        let mut ring = Self { state, artist, workers, spec, job };
        let rows = ring.workers.iter().map(|worker| Reserve { worker: worker.account(), reserved_total: Microlux(100_000) }).collect();
        let action = Action::OpenJob(OpenJob {
            spec: ring.spec.hash(),
            renderer: RENDERER,
            scene_bytes: ring.spec.scene_bytes,
            ends_by: RingTime(1 << 30),
            rows,
        });
        let tx = ring.sign(&ring.artist.clone(), action);
        ring.state = ring.after(&tx);
        ring
    }

    fn sign(&self, signer: &Keypair, action: Action) -> CheckedTx {
        let nonce = self.state.account(signer.account()).nonce;
        let signed = signer.sign(self.state.chain(), &Tx { nonce, valid_until: RingTime::NEVER, action });
        CheckedTx::check(self.state.chain(), signed).expect("the bench signs what it sends")
    }

    fn draft(&self) -> Draft {
        self.state.draft(self.state.clock().header_ms + 1)
    }

    fn after(&self, tx: &CheckedTx) -> State {
        let mut draft = self.draft();
        draft.execute(tx).expect("the bench sends what the ledger takes");
        draft.finish().expect("the rules keep the supply").state
    }

    /// Sizes from one to all, the largest first.
    fn size(draw: usize) -> usize {
        [256, 1, 128, 2, 64, 4, 32, 8][draw % 8]
    }

    fn transfer(&mut self, draw: usize) -> (Draft, CheckedTx) {
        let to = if draw.is_multiple_of(2) {
            AccountId(Digest::of("bench new account", &[&draw.to_le_bytes()]).0)
        } else {
            self.workers[draw].account()
        };
        (self.draft(), self.sign(&self.artist, Action::Transfer { to, amount: Microlux(5) }))
    }

    fn open_job(&mut self, draw: usize) -> (Draft, CheckedTx) {
        let new = |i: usize| AccountId(Digest::of("bench new worker", &[&draw.to_le_bytes(), &i.to_le_bytes()]).0);
        let row = |i: usize| Reserve { worker: new(i), reserved_total: Microlux(1_000) };
        let open = OpenJob {
            spec: self.spec.hash(),
            renderer: RENDERER,
            scene_bytes: 1 << 20,
            ends_by: RingTime(1 << 30),
            rows: (0..Self::size(draw)).map(row).collect(),
        };
        (self.draft(), self.sign(&self.artist, Action::OpenJob(open)))
    }

    fn pay_rows(&self, draw: usize, done: bool) -> Vec<PayRow> {
        let row = |worker: &Keypair| {
            let total = Microlux(50 + draw as u64);
            let word = Done { job: self.job, worker: worker.account(), total };
            PayRow {
                worker: worker.account(),
                paid_total: total,
                reserved_total: Microlux(100_010),
                done: done.then(|| worker.sign(self.state.chain(), &word).signature()),
            }
        };
        self.workers.iter().take(Self::size(draw)).map(row).collect()
    }

    fn pay(&mut self, draw: usize) -> (Draft, CheckedTx) {
        let pay =
            Pay { job: self.job, rows: self.pay_rows(draw, false), close: draw.is_multiple_of(2), ends_by: Some(RingTime((1 << 30) + 1)) };
        (self.draft(), self.sign(&self.artist, Action::Pay(pay)))
    }

    fn pay_done(&mut self, draw: usize) -> (Draft, CheckedTx) {
        let pay = Pay { job: self.job, rows: self.pay_rows(draw, true), close: true, ends_by: None };
        (self.draft(), self.sign(&self.artist, Action::Pay(pay)))
    }

    fn claim_of(&self, entries: usize, root: raylance_protocol::Root, key: FilmKey) -> Action {
        let worker = self.workers[0].account();
        let mut total = Microlux::ZERO;
        let mut entry = |unit: usize| {
            total = total.plus(Microlux(60)).expect("small");
            let task = Task::Unit(UnitIndex(unit as u32));
            let delivery = Delivery { job: self.job, task, worker, root, key_hash: key.hash() };
            let receipt = Receipt { delivery, price: Microlux(60), total };
            let signature = self.artist.sign(self.state.chain(), &receipt).signature();
            ClaimEntry { task, root, key, price: Microlux(60), signature }
        };
        let entries = (0..entries).map(&mut entry).collect();
        Action::Claim(Claim { job: self.job, worker, artist: self.artist.account(), from_total: Microlux::ZERO, entries })
    }

    fn claim(&mut self, draw: usize) -> (Draft, CheckedTx) {
        let action = self.claim_of(Self::size(draw), raylance_protocol::Root::default(), FilmKey([3; 32]));
        (self.draft(), self.sign(&self.workers[0].clone(), action))
    }

    fn challenge(&mut self, draw: usize) -> (Draft, CheckedTx) {
        let (worker, task) = (&self.workers[0], Task::Unit(UnitIndex(0)));
        let key = film_key(&[5; 32], self.job, task);
        let film = FilmId { job: self.job, worker: worker.account(), task };
        let leaf_count = self.spec.work.leaf_count(UnitIndex(0)).expect("the job has a unit");
        let address = |leaf| self.spec.work.address(UnitIndex(0), LeafIndex(leaf)).expect("the leaf is the unit's");
        let addresses: Vec<_> = (0..leaf_count).map(address).collect();
        let sealed = vec![0; 12 * leaf_count as usize];
        let tree = FilmTree::new(&film, addresses, &sealed).expect("every leaf has an address");
        let index = LeafIndex((draw as u32 * 977) % leaf_count);
        let delivery = Delivery { job: self.job, task, worker: worker.account(), root: tree.root(), key_hash: key.hash() };
        let challenge = Challenge {
            job: self.job,
            worker: worker.account(),
            spec: self.spec.clone(),
            task,
            root: tree.root(),
            delivery: worker.sign(self.state.chain(), &delivery).signature(),
            key,
            index,
            leaf_count,
            address: address(index.0),
            sealed_leaf: [0; 12],
            path: tree.path(index).expect("the leaf is the film's"),
        };
        let claim = self.sign(&worker.clone(), self.claim_of(1, tree.root(), key));
        let mut draft = self.draft();
        draft.execute(&claim).expect("the bench sends what the ledger takes");
        let tx = self.sign(&self.artist, Action::Challenge(Box::new(challenge)));
        debug_assert!(encode(tx.signed()).len() <= 1_024);
        (draft, tx)
    }

    fn endorse(&mut self, draw: usize) -> (Draft, CheckedTx) {
        let renderer = Digest([draw as u8 + 20; 32]);
        (self.draft(), self.sign(&self.artist, Action::Endorse { renderer, listed: true }))
    }
}
