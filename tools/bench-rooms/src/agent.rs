//! `bench-agent`: what an event costs a whole peer, by kind, in a small and a large job, what a start costs, and how fast a
//! pause reaches the device. Prints one JSON object.
//!
//! ```text
//! bench-agent [--seconds N]
//! ```
//!
//! An artist in the simulation, with real workers, chain and signatures around it, for so many simulated seconds. It executes every block
//! itself. A `blocks` step is divided by the transactions that it brought.

mod pause;

use bench_rooms::measure::{Samples, cpu_ns};
use raylance_agent::rows::{BlockRow, EndedRow, Number, OwnJob};
use raylance_agent::{Agent, Lag, Now, Setup, Stored};
use raylance_consensus::{Chain, Settings, Tip};
use raylance_market::Dice;
use raylance_protocol::block::{Block, Certificate, Header, Vote, VoteKind};
use raylance_protocol::row::key_bytes;
use raylance_protocol::{BlockHash, Digest, FinalBlock, Height, Microlux, Round, SpecHash, encode};
use raylance_sim::Scenario;
use raylance_sim::meter::Meter;
use raylance_sim::peer::{Peer, RENDERER, Traits};
use raylance_sim::scenario::{genesis, parameters};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The artist's place in the scenario.
const ARTIST: usize = 1;
/// For a 99th percentile.
const PAUSES: usize = 200;
/// Own jobs in a long history.
const ENDED: u64 = 100;
/// How often a run with and one without a history are compared.
const ROUNDS: usize = 5;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let seconds = args.iter().position(|arg| arg == "--seconds").and_then(|at| args.get(at + 1)).and_then(|text| text.parse().ok());
    let seconds: u64 = seconds.unwrap_or(60);
    let (small, large) = (run(1_024, 16, 4 * seconds, 0), run(65_536, 256, seconds, 0));
    let ratio = large.1 / small.1;
    let (with_history, history) = history(4 * seconds);
    println!(
        "{}",
        json!({ "bench": "agent", "small": small.0, "large": large.0, "large_to_small_mean": ratio,
            "with_100_ended_jobs": with_history, "with_100_ended_jobs_mean": history, "start": start(),
            "pause": pause::measure(PAUSES) })
    );
}

/// A run with a long history, and its mean step beside one without. A machine's pace drifts by more than what is looked for, so both run by
/// turns and the fastest of each count.
fn history(seconds: u64) -> (Value, f64) {
    let mut last = Value::Null;
    let mut fastest = [f64::INFINITY; 2];
    for _ in 0..ROUNDS {
        for (ended, fastest) in [0, ENDED].into_iter().zip(&mut fastest) {
            let (json, mean_us) = run(1_024, 16, seconds, ended);
            *fastest = fastest.min(mean_us);
            last = json;
        }
    }
    (last, fastest[1] / fastest[0])
}

/// `ended` jobs of 65,536 units are in the artist's history.
fn run(units: u32, workers: usize, seconds: u64, ended: u64) -> (Value, f64) {
    eprintln!("agent: {units} units, {workers} workers, {seconds} s");
    let mut world = Scenario::one_job(units, workers).world;
    world.peers[ARTIST].disk.rows.extend((0..ended).map(ended_job));
    world.meter = Some(Meter { who: ARTIST, clock: cpu_ns, steps: Vec::new() });
    world.run(seconds * 1_000, |_| false);
    let steps = world.meter.map(|meter| meter.steps).unwrap_or_default();
    let (mut all, mut kinds, mut bytes): (Samples, BTreeMap<&str, Samples>, Vec<usize>) = Default::default();
    for (kind, took, txs, written) in steps {
        all.push(took);
        kinds.entry(kind).or_default().push(took / txs.max(1) as u64);
        if written > 0 {
            bytes.push(written);
        }
    }
    bytes.sort_unstable();
    let quantile = |part: f64| bytes.get((bytes.len().saturating_sub(1) as f64 * part) as usize).copied().unwrap_or_default();
    let kinds: serde_json::Map<_, _> = kinds.into_iter().map(|(kind, mut samples)| (kind.to_owned(), samples.json())).collect();
    let mean_us = all.mean_us();
    let json = json!({
        "units": units, "workers": workers, "all": all.json(), "kinds": kinds,
        "written_bytes_per_turn": { "median": quantile(0.5), "p99": quantile(0.99), "max": quantile(1.0) },
    });
    (json, mean_us)
}

fn ended_job(number: u64) -> (Vec<u8>, Vec<u8>) {
    let row = EndedRow { at_unix_ms: 0, units: 65_536, shown: 65_536, paid: Microlux(1) };
    (key_bytes::<EndedRow>(&OwnJob(SpecHash(Digest::of("bench job", &[&number.to_le_bytes()])))), encode(&row))
}

/// A start with 100,000 stored blocks and 1,000 jobs that have ended.
fn start() -> Value {
    let peer = Peer::new(1, Traits::HONEST);
    let genesis = genesis(std::slice::from_ref(&peer), parameters(240_000));
    let begin = Chain::new(genesis.clone()).expect("the genesis is sound");
    let header = |height: u64| Header {
        chain: begin.id(),
        height: Height(height),
        round: Round(0),
        parent: BlockHash(Digest::default()),
        state_root: begin.state().root(),
        tx_root: raylance_protocol::block::tx_root(&[]),
        validators: begin.validators().hash(),
        next_validators: begin.validators().hash(),
        time_ms: genesis.time_ms,
    };
    let certificate = |header: &Header| {
        let vote = Vote { kind: VoteKind::Precommit, height: header.height, round: header.round, header: Some(header.hash()) };
        let signature = peer.keys.sign(begin.id(), &vote).signature();
        Certificate { height: header.height, round: header.round, header: header.hash(), signatures: vec![(peer.id, signature)] }
    };
    let blocks = 100_000;
    let last = header(blocks);
    let tip = Tip { hash: last.hash(), certificate: certificate(&last), header: last };
    let chain = Chain::at(genesis.clone(), tip, begin.state().clone()).expect("the tip is certified");
    // Stored blocks are not checked again, so one certificate does for all.
    let signed = certificate(&header(1));
    let block = |height| BlockRow(FinalBlock { block: Block { header: header(height), txs: Vec::new() }, certificate: signed.clone() });
    let mut rows: Vec<_> = (1..=blocks).map(|height| (key_bytes::<BlockRow>(&Number(height)), encode(&block(height)))).collect();
    rows.extend((0..1_000).map(ended_job));
    let bytes: usize = rows.iter().map(|(key, value)| key.len() + value.len()).sum();
    let setup = Setup { me: peer.id, renderer: RENDERER, engine: Settings::USUAL, lag: Lag::USUAL };
    let began = cpu_ns();
    let agent = Agent::start(Now { steady_ms: 0, unix_ms: genesis.time_ms }, Dice([1; 32]), setup, Stored { chain, rows, mark: None });
    let took_ms = (cpu_ns() - began) as f64 / 1e6;
    let ended = agent.map(|(agent, _)| agent.ended_jobs().count()).unwrap_or_default();
    json!({ "blocks": blocks, "ended_jobs": ended, "rows_bytes": bytes, "ms": took_ms })
}
