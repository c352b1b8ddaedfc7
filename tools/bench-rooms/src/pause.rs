//! How long a device takes to stand still when its owner says so, while it renders a stranger's scene in a process of its own and 64 blocks at
//! a time are checked and executed beside it.

use bench_rooms::measure::Samples;
use raylance_agent::{Agent, Answer, Effect, Event, Lag, Now, Setup, Stored};
use raylance_consensus::{Chain, CheckedBlock, Settings as EngineSettings};
use raylance_device::{Backend, ChildConfig, Device, DeviceConfig, Order, OrderId, Origin, SceneId, Urgency};
use raylance_market::Dice;
use raylance_protocol::block::{Certificate, Vote, VoteKind};
use raylance_protocol::{Action, CheckedTx, FinalBlock, Microlux, RingTime, Round, Tx};
use raylance_sim::peer::{Peer, RENDERER, Traits};
use raylance_sim::scenario::{genesis, parameters};
use raylance_tracer::{DeviceChoice, LeafRequest, Settings, conformance};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

const BLOCKS: usize = 64;
const TXS_PER_BLOCK: u64 = 64;
/// Leaves of 16 samples: more than any machine renders meanwhile.
const LEAVES: u32 = 1 << 22;
/// How closely the device is looked at.
const LOOK: Duration = Duration::from_micros(200);
/// Between two pauses it renders for so long.
const RENDERS: Duration = Duration::from_millis(60);

/// Pauses so often.
pub fn measure(times: usize) -> Value {
    eprintln!("pause: {times} times while {BLOCKS} blocks come in");
    let followed = Followed::new();
    let (stop, rounds) = (AtomicBool::new(false), AtomicU64::new(0));
    let (mut pauses, in_child) = std::thread::scope(|scope| {
        scope.spawn(|| {
            while !stop.load(Ordering::Relaxed) {
                followed.follow();
                rounds.fetch_add(1, Ordering::Relaxed);
            }
        });
        let pauses = pauses(times);
        stop.store(true, Ordering::Relaxed);
        pauses
    });
    json!({ "pauses": pauses.json(), "render_process": in_child, "rounds_of_64_blocks": rounds.into_inner(), "txs_per_block": TXS_PER_BLOCK })
}

fn pauses(times: usize) -> (Samples, bool) {
    // Built beside this program.
    let program = std::env::current_exe().ok().map(|bench| bench.with_file_name("raylance")).filter(|program| program.exists());
    let child = program.map(|program| ChildConfig { program, memory_bytes_max: u64::MAX });
    let in_child = child.is_some();
    let config = DeviceConfig { device: DeviceChoice::Cpu, threads: 0, child };
    let scenes = |_: &SceneId| Ok::<_, String>(conformance::scene(1).pack());
    let device = Device::start(config, scenes, drop).expect("a thread");
    let leaves = (0..LEAVES).map(|at| LeafRequest { x_px: at % 64, y_px: at / 64 % 64, first_sample: at / 4_096 * 16, samples: 16 });
    let order = Order {
        id: OrderId(1),
        urgency: Urgency::Other,
        origin: Origin::Stranger,
        scene: SceneId([1; 32]),
        settings: Settings { width_px: 64, height_px: 64, depth_max: 4, seed: 1 },
        leaves: leaves.collect(),
        backend: Backend::Usual,
    };
    device.order(order).expect("the queue is empty");
    let wait = |renders: bool| {
        while device.state().doing.is_some() != renders {
            std::thread::sleep(LOOK);
        }
    };
    let mut samples = Samples::default();
    for _ in 0..times {
        wait(true);
        std::thread::sleep(RENDERS);
        let began = Instant::now();
        device.pause(true);
        wait(false);
        samples.push(began.elapsed().as_nanos() as u64);
        device.pause(false);
    }
    (samples, in_child)
}

/// A chain of full blocks, and a peer that has none of them.
struct Followed {
    validator: Peer,
    follower: Peer,
    chain: Chain,
    blocks: Vec<FinalBlock>,
}

impl Followed {
    fn new() -> Self {
        let (validator, follower) = (Peer::new(1, Traits::HONEST), Peer::new(2, Traits::HONEST));
        let peers = [validator, follower];
        let begin = Chain::new(genesis(&peers, parameters(240_000))).expect("the genesis is sound");
        let [validator, follower] = peers;
        let mut chain = begin.clone();
        let mut blocks = Vec::new();
        for _ in 0..BLOCKS {
            let time_ms = chain.time_ms() + 1;
            let first = chain.state().account(validator.id).nonce;
            let mut draft = chain.state().draft(time_ms);
            let txs: Vec<CheckedTx> = (first..first + TXS_PER_BLOCK)
                .map(|nonce| {
                    let action = Action::Transfer { to: follower.id, amount: Microlux(1) };
                    let signed = validator.keys.sign(chain.id(), &Tx { nonce, valid_until: RingTime::NEVER, action });
                    CheckedTx::check(chain.id(), signed).expect("it was just signed")
                })
                .collect();
            txs.iter().for_each(|tx| draft.execute(tx).expect("the ledger takes it"));
            let candidate = chain.candidate(Round(0), time_ms, draft, txs).expect("the rules keep the supply");
            let header = &candidate.block().header;
            let vote = Vote { kind: VoteKind::Precommit, height: header.height, round: Round(0), header: Some(candidate.hash()) };
            let signature = validator.keys.sign(chain.id(), &vote).signature();
            let signatures = vec![(validator.id, signature)];
            let certificate = Certificate { height: header.height, round: Round(0), header: candidate.hash(), signatures };
            blocks.push(chain.seal(candidate, certificate).expect("the validator signed").block.block().clone());
        }
        Self { validator, follower, chain: begin, blocks }
    }

    /// What a follower does with all blocks: signatures, then one step of its agent.
    fn follow(&self) {
        let now = |steady_ms| Now { steady_ms, unix_ms: self.chain.time_ms() };
        let check =
            |block: &FinalBlock| CheckedBlock::check(self.chain.id(), self.chain.validators(), block.clone()).expect("a good block");
        let blocks: Vec<CheckedBlock> = self.blocks.iter().map(check).collect();
        let setup = Setup { me: self.follower.id, renderer: RENDERER, engine: EngineSettings::USUAL, lag: Lag::USUAL };
        let stored = Stored { chain: self.chain.clone(), rows: Vec::new(), mark: None };
        let (mut agent, _) = Agent::start(now(0), Dice([1; 32]), setup, stored).expect("nothing is stored");
        agent.step(now(1), Dice([2; 32]), Event::Connected(self.validator.id));
        let asked = agent.step(now(2), Dice([3; 32]), Event::Alarm);
        let id = asked.effects.iter().find_map(|effect| match effect {
            Effect::GetBlocks { id, .. } => Some(*id),
            _ => None,
        });
        let answer = Event::Answer { id: id.expect("a follower asks for blocks"), answer: Answer::Blocks(blocks) };
        agent.step(now(3), Dice([4; 32]), answer);
        assert_eq!(agent.chain().height().0, self.blocks.len() as u64, "every block was executed");
    }
}
