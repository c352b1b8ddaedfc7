//! Claims about the worker, each from its good side, its bad side and its edge.

mod claims;
mod ending;
mod leases;
mod property;
mod receipts;
mod restart;

use super::*;
use crate::terms::{PATIENCE_MS, price_min};
use crate::turn::Write;
use raylance_protocol::message::{Assignment, ReturnReason};
use raylance_protocol::row::{Channel, ChannelState, Job, OpenClaim};
use raylance_protocol::tx::Claim;
use raylance_protocol::{
    Address, Delivery, Digest, FilmKey, Lease, Rate, RenderWork, RingParameters, RingTime, Root, SceneDigest, UnitIndex, Work,
};

const ARTIST: AccountId = AccountId([1; 32]);
const ME: AccountId = AccountId([2; 32]);
const DAY_MS: u64 = 24 * 3_600_000;
const PARAMETERS: RingParameters = RingParameters::PUBLIC;
/// 4,096 samples of a unit at a rate of a lux for a million.
const PRICE: Microlux = Microlux(4_096);

fn spec() -> JobSpec {
    let work = RenderWork {
        width_px: 256,
        height_px: 256,
        first_frame: 0,
        frame_count: 64,
        first_sample: 0,
        samples: 16,
        depth_max: 8,
        tile_px: 16,
        chunk_samples: 16,
        seed: 1,
    };
    let (renderer, scene) = (Digest([3; 32]), SceneDigest(Digest([4; 32])));
    JobSpec { artist: ARTIST, salt: [5; 16], renderer, scene, scene_bytes: 1 << 20, work: Work::Render(work) }
}

fn policy() -> WorkerPolicy {
    WorkerPolicy { rate: Rate(1_000_000), unpaid_max: Microlux(10_000_000), free: false, parameters: PARAMETERS }
}

fn unit(number: u32) -> Task {
    Task::Unit(UnitIndex(number))
}

fn root(task: Task) -> Root {
    Root(Digest::of("root", &[&raylance_protocol::encode(&task)]))
}

fn key(task: Task) -> FilmKey {
    FilmKey(Digest::of("key", &[&raylance_protocol::encode(&task)]).0)
}

/// A worker with what it recorded, and the ledger's rows as they are told to it.
struct Bench {
    worker: Worker,
    rows: BTreeMap<Vec<u8>, Vec<u8>>,
    now_ms: u64,
    ring_time: u64,
    job: Option<Job>,
    channel: Option<Channel>,
    balance: Microlux,
    claim_files: Vec<Claim>,
}

impl Bench {
    fn with(id: JobId, policy: WorkerPolicy) -> Self {
        let (worker, turn) = Worker::hired(1_000, id, spec(), ARTIST, ME, policy).unwrap();
        let job = Job {
            artist: ARTIST,
            spec: spec().hash(),
            renderer: spec().renderer,
            scene_bytes: 1 << 20,
            ends_by: RingTime(20 * DAY_MS),
            claims_until: None,
            rows: 1,
            rows_live: 1,
        };
        let channel =
            Channel { reserved: Microlux(PRICE.0 * 10_000), paid: Microlux(0), claims_until: RingTime(0), state: ChannelState::Open };
        let (job, channel) = (Some(job), Some(channel));
        let balance = Microlux(1_000_000);
        let mut bench =
            Self { worker, rows: BTreeMap::new(), now_ms: 1_000, ring_time: 5_000, job, channel, balance, claim_files: Vec::new() };
        bench.record(&turn);
        bench
    }

    /// Its row was opened, nothing happened yet.
    fn new() -> Self {
        let mut bench = Self::with(JobId(Digest([9; 32])), policy());
        bench.block();
        bench
    }

    fn record(&mut self, turn: &Turn<WorkerEffect>) {
        for Write { key, value } in &turn.writes {
            match value {
                Some(value) => self.rows.insert(key.clone(), value.clone()),
                None => self.rows.remove(key),
            };
        }
        self.claim_files.extend(turn.effects.iter().filter_map(|effect| match effect {
            WorkerEffect::Claim(claim) => Some(claim.clone()),
            _ => None,
        }));
    }

    fn hear(&mut self, input: WorkerInput) -> Vec<WorkerEffect> {
        let turn = self.worker.step(self.now_ms, Dice([0; 32]), input);
        self.record(&turn);
        turn.effects
    }

    /// A block with the ledger's rows as they stand.
    fn block(&mut self) -> Vec<WorkerEffect> {
        self.ring_time += 1;
        let (job, channel) = (self.job.clone(), self.channel.clone());
        self.hear(WorkerInput::Ledger { ring_time: RingTime(self.ring_time), job, channel, balance: self.balance })
    }

    fn wait(&mut self, ms: u64) -> Vec<WorkerEffect> {
        self.now_ms += ms;
        self.hear(WorkerInput::Alarm)
    }

    fn channel(&mut self) -> &mut Channel {
        self.channel.as_mut().unwrap()
    }

    fn job(&mut self) -> &mut Job {
        self.job.as_mut().unwrap()
    }

    fn close(&mut self) -> Vec<WorkerEffect> {
        self.job().claims_until = Some(RingTime(self.ring_time + PARAMETERS.window_ms));
        self.block()
    }

    fn pay(&mut self, total: Microlux) -> Vec<WorkerEffect> {
        self.channel().paid = total;
        self.block()
    }

    fn lease_of(&self, assignment: Assignment, price: Microlux) -> Lease {
        Lease { job: self.worker.id(), assignment, price, lasts_ms: 60_000 }
    }

    fn lease(&mut self, number: u32) -> Vec<WorkerEffect> {
        let lease = self.lease_of(Assignment::Unit(UnitIndex(number)), PRICE);
        self.hear(WorkerInput::Lease(lease))
    }

    fn render(&mut self, task: Task) -> Vec<WorkerEffect> {
        self.hear(WorkerInput::Rendered { task, root: root(task), key: key(task) })
    }

    /// A task goes as far as its delivery.
    fn deliver(&mut self, number: u32) {
        assert!(takes(&self.lease(number)), "unit {number}");
        self.render(unit(number));
    }

    fn delivery(&self, task: Task) -> Delivery {
        Delivery { job: self.worker.id(), task, worker: ME, root: root(task), key_hash: key(task).hash() }
    }

    fn receipt(&self, number: u32, total: Microlux) -> Receipt {
        Receipt { delivery: self.delivery(unit(number)), price: PRICE, total }
    }

    fn sign(&mut self, receipt: Receipt) -> Vec<WorkerEffect> {
        let signature = Signature([receipt.total.0 as u8; 64]);
        self.hear(WorkerInput::Receipt { receipt, signature })
    }

    /// A unit goes as far as its key.
    fn earn(&mut self, number: u32) {
        self.deliver(number);
        let total = self.worker.summary().total.plus(PRICE).unwrap();
        let receipt = self.receipt(number, total);
        assert_eq!(keys(&self.sign(receipt)), [unit(number)]);
    }

    /// Units 0 … `count` − 1 have their keys out, none is paid.
    fn earn_many(&mut self, count: u32) {
        let paid = self.channel().paid;
        for number in 0..count {
            self.earn(number);
        }
        assert_eq!(self.channel().paid, paid);
    }

    fn restart(&mut self) -> Vec<WorkerEffect> {
        let rows = self.rows.clone();
        self.restart_from(rows)
    }

    fn restart_from(&mut self, rows: BTreeMap<Vec<u8>, Vec<u8>>) -> Vec<WorkerEffect> {
        self.worker = Worker::load(self.worker.id(), rows.clone()).unwrap();
        self.rows = rows;
        let turn = self.worker.resume(self.now_ms);
        assert_eq!(turn.writes, []);
        turn.effects
    }
}

fn takes(effects: &[WorkerEffect]) -> bool {
    let renders = effects.iter().any(|effect| matches!(effect, WorkerEffect::Render { .. }));
    let returns = !returned(effects).is_empty();
    assert!(!(renders && returns));
    renders
}

fn said(effects: &[WorkerEffect]) -> impl Iterator<Item = &Say> {
    effects.iter().filter_map(|effect| match effect {
        WorkerEffect::Send { to, say } => {
            assert_eq!(*to, ARTIST);
            Some(say)
        }
        _ => None,
    })
}

fn returned(effects: &[WorkerEffect]) -> Vec<(Task, ReturnReason)> {
    said(effects)
        .filter_map(|say| match say {
            Say::Return { task, reason, .. } => Some((*task, *reason)),
            _ => None,
        })
        .collect()
}

fn keys(effects: &[WorkerEffect]) -> Vec<Task> {
    said(effects)
        .filter_map(|say| match say {
            Say::Key { task, key: said, .. } => {
                assert_eq!(*said, key(*task));
                Some(*task)
            }
            _ => None,
        })
        .collect()
}

fn deliveries(effects: &[WorkerEffect]) -> Vec<Task> {
    said(effects)
        .filter_map(|say| match say {
            Say::Delivery(delivery) => Some(delivery.task),
            _ => None,
        })
        .collect()
}

fn done(effects: &[WorkerEffect]) -> Option<Microlux> {
    said(effects).find_map(|say| match say {
        Say::Done(done) => Some(done.total),
        _ => None,
    })
}

fn claimed(effects: &[WorkerEffect]) -> Option<(Microlux, usize, Microlux)> {
    effects.iter().find_map(|effect| match effect {
        WorkerEffect::Claim(claim) => Some((claim.from_total, claim.entries.len(), claim.total().unwrap())),
        _ => None,
    })
}

fn forgotten(effects: &[WorkerEffect]) -> Vec<Task> {
    effects
        .iter()
        .filter_map(|effect| match effect {
            WorkerEffect::Forget { task } => Some(*task),
            _ => None,
        })
        .collect()
}
