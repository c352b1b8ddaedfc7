//! A shell around the engine: disk, key, clocks and peers, all of which can fail.

use super::ring::*;
use crate::{Chain, CheckedBlock, Effect, EffectId, Engine, Input, Mark, Notice, Record, Settings};
use proptest::prelude::ProptestConfig;
use raylance_protocol::block::Genesis;
use raylance_protocol::{BlockHash, Height, Signed, Tx};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// What a restored backup brings back.
#[derive(Clone, Default)]
pub struct Folder {
    pub blocks: Vec<CheckedBlock>,
    pub log: Vec<Record>,
}

pub struct Shell {
    pub genesis: Genesis,
    pub settings: Settings,
    pub engine: Engine,
    pub folder: Folder,
    /// Outside the folder.
    pub mark: Option<Mark>,
    /// Effects not performed yet.
    pub queue: VecDeque<Effect>,
    /// The system clock, which anybody may set.
    pub now_ms: u64,
    /// A clock that nobody can set, and what it will ring for.
    pub uptime_ms: u64,
    pub timers: BTreeSet<(u64, EffectId)>,
    /// Every header that the key ever signed, by height.
    pub signed: BTreeMap<Height, BTreeSet<BlockHash>>,
    /// What peers have; `None` when none can be reached.
    pub peers: Option<Vec<CheckedBlock>>,
    /// Everything that was ever published, whether or not peers could be reached.
    pub published: Vec<CheckedBlock>,
    pub notices: Vec<Notice>,
    pub heard: Vec<bool>,
}

/// Random cases of a test: so many, or what `PROPTEST_CASES` says.
pub fn cases(usual: u32) -> ProptestConfig {
    let asked = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok());
    ProptestConfig::with_cases(asked.unwrap_or(usual))
}

pub const SETTINGS: Settings = Settings { batch_ms: 20, peers_ms: 1_000, retry_ms: 100, ..Settings::USUAL };

/// The sole validator, account 1, before its start.
pub fn sole() -> Shell {
    let genesis = genesis(1);
    let engine = Engine::new(Chain::new(genesis.clone()).unwrap(), id(1), SETTINGS).unwrap();
    Shell {
        genesis,
        settings: SETTINGS,
        engine,
        folder: Folder::default(),
        mark: None,
        queue: VecDeque::new(),
        now_ms: START_MS,
        uptime_ms: 0,
        timers: BTreeSet::new(),
        signed: BTreeMap::new(),
        peers: None,
        published: Vec::new(),
        notices: Vec::new(),
        heard: Vec::new(),
    }
}

/// The same after its start.
pub fn started() -> Shell {
    let mut shell = sole();
    shell.start();
    shell.run();
    shell
}

impl Shell {
    pub fn chain(&self) -> &Chain {
        self.engine.chain()
    }

    pub fn input(&mut self, input: Input) {
        self.queue.extend(self.engine.step(self.now_ms, input));
    }

    pub fn start(&mut self) {
        self.input(Input::Start { log: self.folder.log.clone(), mark: self.mark });
    }

    pub fn send(&mut self, tx: Signed<Tx>) {
        let tx = checked(self.chain(), tx);
        self.input(Input::Tx(Box::new(tx)));
    }

    /// A transfer with the account's next nonce.
    pub fn send_transfer(&mut self, from: u8, amount: u64) {
        let nonce = self.engine.next_nonce(id(from));
        let tx = transfer(self.chain(), from, nonce, 9, amount);
        self.send(tx);
    }

    /// Loses everything but the disk, and starts again.
    pub fn crash(&mut self) {
        let mut chain = Chain::new(self.genesis.clone()).unwrap();
        for block in &self.folder.blocks {
            chain.apply(block).unwrap();
        }
        self.engine = Engine::new(chain, id(1), self.settings).unwrap();
        self.queue.clear();
        self.timers.clear();
        self.start();
    }

    /// Performs the effect at this place of the queue, on the disk and elsewhere, and says what its answer is. Blocks are stored in order.
    pub fn perform(&mut self, at: usize) -> Vec<Input> {
        let is_apply = |effect: &Effect| matches!(effect, Effect::Apply { .. });
        let at = if is_apply(&self.queue[at]) { self.queue.iter().position(is_apply).unwrap() } else { at };
        match self.queue.remove(at).unwrap() {
            Effect::Log { id, records } => {
                self.folder.log.extend(records);
                vec![Input::Logged(id)]
            }
            Effect::Mark { id, mark } => {
                assert!(self.mark.is_none_or(|last| last.height < mark.height || last == mark), "the mark went back");
                self.mark = Some(mark);
                vec![Input::Marked(id)]
            }
            Effect::Sign { id, vote } => {
                assert_eq!(self.mark.map(|mark| Some(mark.header)), Some(vote.header), "signed without a mark");
                self.signed.entry(vote.height).or_default().insert(vote.header.unwrap());
                vec![Input::Signed(id, keys(1).sign(self.chain().id(), &vote).signature())]
            }
            Effect::Apply { id, applied } => {
                if applied.block.header().height.0 != self.folder.blocks.len() as u64 + 1 {
                    return vec![Input::Dropped(id)];
                }
                self.folder.blocks.push(applied.block);
                vec![Input::Applied(id)]
            }
            Effect::Publish(block) => {
                if let Some(peers) = &mut self.peers
                    && block.header().height.0 == peers.len() as u64 + 1
                {
                    peers.push(block.clone());
                }
                self.published.push(block);
                Vec::new()
            }
            Effect::SetTimer { id, after_ms } => {
                self.timers.insert((self.uptime_ms + after_ms, id));
                Vec::new()
            }
            Effect::AskPeers { id } => self.ask_peers(id),
            Effect::Heard { outcome, .. } => {
                self.heard.push(outcome.is_ok());
                Vec::new()
            }
            Effect::Notice(notice) => {
                self.notices.push(notice);
                Vec::new()
            }
        }
    }

    fn ask_peers(&mut self, id: EffectId) -> Vec<Input> {
        let Some(peers) = &self.peers else { return vec![Input::PeersTip { id, height: None }] };
        let height = Some(Height(peers.len() as u64));
        let newer = peers.iter().skip(self.chain().height().0 as usize).cloned();
        std::iter::once(Input::PeersTip { id, height }).chain(newer.map(Input::Final)).collect()
    }

    /// Performs everything, and what follows from it.
    pub fn run(&mut self) {
        while !self.queue.is_empty() {
            for answer in self.perform(0) {
                self.input(answer);
            }
        }
    }

    /// Performs everything up to the first effect of a kind, which stays in the queue.
    pub fn run_until(&mut self, stop: impl Fn(&Effect) -> bool) {
        while let Some(at) = (!self.queue.is_empty()).then_some(0).filter(|_| !stop(&self.queue[0])) {
            for answer in self.perform(at) {
                self.input(answer);
            }
        }
        assert!(self.queue.front().is_some_and(stop), "it never came");
    }

    /// Time passes on all clocks; timers ring.
    pub fn wait(&mut self, ms: u64) {
        self.run();
        let until_ms = self.uptime_ms + ms;
        while let Some((at_ms, id)) = self.timers.first().copied().filter(|(at_ms, _)| *at_ms <= until_ms) {
            self.timers.pop_first();
            self.pass(at_ms.saturating_sub(self.uptime_ms));
            self.input(Input::Timer(id));
            self.run();
        }
        self.pass(until_ms - self.uptime_ms);
    }

    fn pass(&mut self, ms: u64) {
        self.uptime_ms += ms;
        self.now_ms += ms;
    }

    pub fn height(&self) -> u64 {
        self.chain().height().0
    }

    /// No height bears two signatures, and what was published is one chain.
    pub fn check_honest(&self) {
        for (height, headers) in &self.signed {
            assert_eq!(headers.len(), 1, "two blocks of height {} were signed", height.0);
        }
        let mut hashes = BTreeMap::new();
        for block in &self.published {
            let known = hashes.insert(block.header().height, block.hash());
            assert!(known.is_none_or(|hash| hash == block.hash()), "two blocks of height {} are out", block.header().height.0);
        }
    }
}
