//! `bench-market`: what an input costs the artist's machine, by kind of input, in a small and a large job. Prints one JSON object.
//!
//! ```text
//! bench-market [--inputs N]
//! ```
//!
//! A played ring answers every effect at once: workers deliver, open and are paid, checkers agree. Both jobs have units of 4,096 leaves.

use bench_rooms::measure::{Samples, cpu_ns};
use raylance_market::artist::{Artist, ArtistEffect, ArtistInput, Plan, Say};
use raylance_market::{Dice, Turn};
use raylance_protocol::row::{Channel, ChannelState, Job};
use raylance_protocol::{
    AccountId, Action, Bid, Delivery, Digest, FilmKey, JobId, JobSpec, Microlux, PayRow, Rate, RenderWork, RingParameters, RingTime, Root,
    SceneDigest, Signature, Work,
};
use serde_json::{Value, json};
use std::collections::{BTreeMap, VecDeque};

/// Edge of a unit; one chunk of 16 samples.
const TILE_PX: u16 = 64;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let inputs = args.iter().position(|arg| arg == "--inputs").and_then(|at| args.get(at + 1)).and_then(|text| text.parse().ok());
    let inputs = inputs.unwrap_or(60_000);
    let (small, large) = (run(2_048, 16, inputs), run(16_384, 256, inputs));
    let ratio = large.mean_us / small.mean_us;
    println!("{}", json!({ "bench": "market", "small": small.json, "large": large.json, "large_to_small_mean": ratio }));
}

struct Run {
    json: Value,
    mean_us: f64,
}

fn run(edge_px: u16, workers: u16, inputs_max: usize) -> Run {
    let mut ring = Ring::new(edge_px, workers);
    eprintln!("market: {} units, {workers} workers", ring.plan.spec.work.unit_count());
    let (mut artist, turn) = Artist::new(0, ring.plan.clone());
    ring.queue.push_back(ArtistInput::RingTime(RingTime(1)));
    ring.answer(turn);
    ring.bid();
    let mut kinds: BTreeMap<&'static str, Samples> = BTreeMap::new();
    let (mut all, mut rows, mut steps) = (Samples::default(), 0, 0_u32);
    for number in 0..inputs_max as u64 {
        let Some(input) = ring.next() else { break };
        let kind = kind(&input);
        let dice = Dice(Digest::of("bench dice", &[&number.to_le_bytes()]).0);
        let began = cpu_ns();
        let turn = artist.step(ring.now_ms, dice, input);
        let took = cpu_ns().saturating_sub(began);
        all.push(took);
        kinds.entry(kind).or_default().push(took);
        rows += turn.writes.len();
        steps += 1;
        ring.answer(turn);
    }
    let mean_us = all.mean_us();
    let kinds: serde_json::Map<_, _> = kinds.into_iter().map(|(kind, mut samples)| (kind.to_owned(), samples.json())).collect();
    let json = json!({
        "units": ring.plan.spec.work.unit_count(), "workers": workers, "all": all.json(), "rows_per_input": rows as f64 / f64::from(steps.max(1)),
        "units_shown": ring.shown, "pays": ring.pays, "kinds": kinds,
    });
    Run { json, mean_us }
}

fn kind(input: &ArtistInput) -> &'static str {
    match input {
        ArtistInput::Bid { .. } => "bid",
        ArtistInput::Delivery { .. } => "delivery",
        ArtistInput::Key { .. } => "key",
        ArtistInput::Fetched { .. } => "fetched",
        ArtistInput::Replayed { .. } => "replayed",
        ArtistInput::Compared { .. } => "compared",
        ArtistInput::Final { .. } => "final",
        ArtistInput::ChannelRows(_) => "channel_rows",
        ArtistInput::Alarm => "alarm",
        _ => "other",
    }
}

/// Everybody but the artist.
struct Ring {
    plan: Plan,
    workers: Vec<AccountId>,
    now_ms: u64,
    alarm_ms: Option<u64>,
    queue: VecDeque<ArtistInput>,
    job: JobId,
    channels: BTreeMap<AccountId, Channel>,
    shown: usize,
    pays: usize,
}

impl Ring {
    fn new(edge_px: u16, workers: u16) -> Self {
        let render = RenderWork {
            width_px: edge_px,
            height_px: edge_px,
            first_frame: 0,
            frame_count: 1,
            first_sample: 0,
            samples: 16,
            depth_max: 8,
            tile_px: TILE_PX,
            chunk_samples: 16,
            seed: 1,
        };
        let spec = JobSpec {
            artist: AccountId([1; 32]),
            salt: [0; 16],
            renderer: Digest([9; 32]),
            scene: SceneDigest::default(),
            scene_bytes: 1 << 20,
            work: Work::Render(render),
        };
        let plan = Plan {
            spec,
            rate_max: Rate(10_000),
            budget: Microlux::from_lux(1_000_000),
            workers_max: workers,
            device_bytes: 1 << 30,
            open_ms: 1 << 30,
            own_device: false,
            parameters: RingParameters::PUBLIC,
        };
        let workers = (0..workers).map(|i| AccountId(Digest::of("bench worker", &[&i.to_le_bytes()]).0)).collect();
        let job = JobId(Digest([7; 32]));
        let (queue, channels) = (VecDeque::new(), BTreeMap::new());
        Self { plan, workers, now_ms: 0, alarm_ms: None, queue, job, channels, shown: 0, pays: 0 }
    }

    fn bid(&mut self) {
        let spec = self.plan.spec.hash();
        let bid = |worker: &AccountId| {
            let bid = Bid { spec, rate: Rate(10_000), samples_per_s: 1_000_000, checks: true };
            ArtistInput::Bid { worker: *worker, bid }
        };
        self.queue.extend(self.workers.iter().map(bid));
    }

    /// The next input; time stands still while anybody has something to say.
    fn next(&mut self) -> Option<ArtistInput> {
        if let Some(input) = self.queue.pop_front() {
            return Some(input);
        }
        self.now_ms = self.now_ms.max(self.alarm_ms.take()?);
        Some(ArtistInput::Alarm)
    }

    fn answer(&mut self, turn: Turn<ArtistEffect>) {
        for effect in turn.effects {
            match effect {
                ArtistEffect::Send { to, say: Say::Lease(lease) } => {
                    let (task, key) = (lease.assignment.task(), FilmKey([3; 32]));
                    let delivery = Delivery { job: self.job, task, worker: to, root: Root(Digest([4; 32])), key_hash: key.hash() };
                    self.queue.push_back(ArtistInput::Delivery { delivery, signature: Signature([0; 64]) });
                }
                ArtistEffect::Send { to, say: Say::Receipt(receipt) } => {
                    self.queue.push_back(ArtistInput::Key { worker: to, task: receipt.delivery.task, key: FilmKey([3; 32]) });
                }
                ArtistEffect::Fetch { worker, task, root } => self.queue.push_back(ArtistInput::Fetched { worker, task, root }),
                ArtistEffect::Replay { check, .. } => self.queue.push_back(ArtistInput::Replayed { check, wrong: Vec::new() }),
                ArtistEffect::Compare { list, .. } => self.queue.push_back(ArtistInput::Compared { list, differing: Vec::new() }),
                ArtistEffect::Submit { submission, action } => self.execute(submission, action),
                ArtistEffect::Alarm { at_ms } => self.alarm_ms = Some(at_ms),
                ArtistEffect::Show { .. } => self.shown += 1,
                _ => {}
            }
        }
    }

    fn execute(&mut self, submission: u64, action: Action) {
        let rows = match action {
            Action::OpenJob(open) => {
                let row = Job {
                    artist: self.plan.spec.artist,
                    spec: open.spec,
                    renderer: open.renderer,
                    scene_bytes: open.scene_bytes,
                    ends_by: open.ends_by,
                    claims_until: None,
                    rows: open.rows.len() as u32,
                    rows_live: open.rows.len() as u32,
                };
                self.queue.push_back(ArtistInput::Final { submission, job: Some(self.job) });
                self.queue.push_back(ArtistInput::JobRow(Some(row)));
                let row = |row: raylance_protocol::Reserve| (row.worker, Microlux::ZERO, row.reserved_total);
                open.rows.into_iter().map(row).collect::<Vec<_>>()
            }
            Action::Pay(pay) => {
                self.pays += 1;
                self.queue.push_back(ArtistInput::Final { submission, job: None });
                pay.rows.into_iter().map(|row: PayRow| (row.worker, row.paid_total, row.reserved_total)).collect()
            }
            _ => Vec::new(),
        };
        let mut told = Vec::with_capacity(rows.len());
        for (worker, paid, reserved) in rows {
            let channel = Channel { reserved, paid, claims_until: RingTime::default(), state: ChannelState::Open };
            self.channels.insert(worker, channel.clone());
            told.push((worker, Some(channel)));
        }
        self.queue.push_back(ArtistInput::ChannelRows(told));
    }
}
