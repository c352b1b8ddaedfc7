//! The chain as this peer has it: made by its own engine, or followed.

use crate::agent::{Agent, Ask, Due, Todo};
use crate::effect::{Effect, Notice, Topic};
use crate::rows::{BlockRow, LogRow, Number};
use raylance_consensus::{Applied, Chain, CheckedBlock, Effect as EngineEffect, EffectId as EngineId, Engine, Input, Record};
use raylance_ledger::{Event as Happened, State};
use raylance_market::artist::ArtistInput;
use raylance_market::worker::WorkerInput;
use raylance_protocol::row::{Channel, Job};
use raylance_protocol::{AccountId, CheckedTx, Height, JobId, Reply, RingTime};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Blocks are kept for so many windows: claims in them hold the keys of films.
const WINDOWS_KEPT: u64 = 4;
/// Peers are asked for blocks that nobody told of after two beats, but neither sooner nor later than this.
const LOOK_MS: std::ops::RangeInclusive<u64> = 1_000..=30_000;

/// How far the stored state may lag behind the chain (decision 0022): a start executes no more than that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lag {
    /// Transactions of the blocks since.
    pub txs: usize,
    /// Blocks: they cost something even when they are empty.
    pub blocks: u64,
}

impl Lag {
    /// For a desktop: a start takes a second.
    pub const USUAL: Self = Self { txs: 10_000, blocks: 1_024 };
}

/// Who makes the blocks.
pub(crate) enum Maker {
    /// This peer.
    Own(Box<Engine>),
    /// Others.
    Others(Box<Chain>),
}

/// The chain and what goes with it.
pub(crate) struct Ring {
    pub maker: Maker,
    /// What peers said of their heights.
    heights: BTreeMap<AccountId, Height>,
    /// Is somebody asked for blocks, or for a state?
    pub syncing: bool,
    /// Who was asked for the block after the tip and gave none; `true` = it has later ones.
    pub helpless: BTreeMap<AccountId, bool>,
    /// The chain at a state from elsewhere, which is being kept.
    pub coming: Option<Box<Chain>>,
    /// Stored blocks and their ring times, oldest first.
    pub stored: VecDeque<(Height, RingTime)>,
    /// Height of the state that was kept last.
    pub kept: Height,
    pub lag_txs: usize,
    pub keeping: bool,
    lag: Lag,
    /// Who waits to hear what became of a transaction.
    pub heard: BTreeMap<raylance_protocol::TxId, Vec<crate::event::MessageId>>,
}

impl Ring {
    pub fn new(maker: Maker, kept: Height, lag: Lag) -> Self {
        Self {
            maker,
            heights: BTreeMap::new(),
            syncing: false,
            helpless: BTreeMap::new(),
            coming: None,
            stored: VecDeque::new(),
            kept,
            lag_txs: 0,
            keeping: false,
            lag,
            heard: BTreeMap::new(),
        }
    }

    pub fn chain(&self) -> &Chain {
        match &self.maker {
            Maker::Own(engine) => engine.chain(),
            Maker::Others(chain) => chain,
        }
    }

    pub fn state(&self) -> &State {
        self.chain().state()
    }

    pub fn is_validator(&self) -> bool {
        matches!(self.maker, Maker::Own(_))
    }
}

/// What one block touched of a job.
#[derive(Default)]
struct Touched {
    workers: BTreeSet<AccountId>,
    keys: Vec<(AccountId, raylance_protocol::Task, raylance_protocol::FilmKey)>,
}

impl Agent {
    /// Gives the own engine an input and does what it asks for.
    pub(crate) fn engine(&mut self, input: Input) {
        let unix_ms = self.step.now.unix_ms;
        let Maker::Own(engine) = &mut self.ring.maker else { return };
        for effect in engine.step(unix_ms, input) {
            self.engine_does(effect);
        }
    }

    fn engine_does(&mut self, effect: EngineEffect) {
        match effect {
            EngineEffect::Log { id, records } => {
                let height = records.iter().find_map(height_of).unwrap_or_default();
                self.put(&Number(height.0), &LogRow(records));
                self.ask(Ask::Logged(id), |effect| Effect::Recorded { id: effect });
            }
            EngineEffect::Mark { id, mark } => self.ask(Ask::Marked(id), |effect| Effect::Mark { id: effect, mark }),
            EngineEffect::Sign { id, vote } => self.ask(Ask::VoteSigned(id), |effect| Effect::SignVote { id: effect, vote }),
            EngineEffect::Apply { id, applied } => {
                self.on_block(&applied);
                self.ask(Ask::Applied(id), |effect| Effect::Recorded { id: effect });
            }
            EngineEffect::Publish(block) => self.effect(Effect::PublishHeight(block.header().height)),
            EngineEffect::SetTimer { id, after_ms } => self.set_due(Due::Engine(id), after_ms),
            EngineEffect::AskPeers { id } => self.ask(Ask::Tips(id), |effect| Effect::AskTips { id: effect }),
            EngineEffect::Heard { tx, outcome } => {
                let reply = match outcome {
                    Ok(_) => Reply::Recorded,
                    Err(raylance_consensus::PoolError::Refused(_)) => Reply::Refused(raylance_protocol::message::Refusal::Ledger),
                    Err(_) => Reply::Refused(raylance_protocol::message::Refusal::Busy),
                };
                for to in self.ring.heard.remove(&tx).unwrap_or_default() {
                    self.effect(Effect::Reply { to, reply: reply.clone() });
                }
                if outcome.is_err() {
                    self.on_refused_by_validator(tx);
                }
            }
            EngineEffect::Notice(notice) => {
                if let raylance_consensus::Notice::TxDropped(dropped) = &notice {
                    self.on_refused_by_validator(dropped.tx);
                }
                self.effect(Effect::Tell(Notice::Chain(notice)));
            }
        }
    }

    /// Somebody's transaction, for this validator.
    pub(crate) fn on_submitted(&mut self, to: crate::event::MessageId, tx: CheckedTx) {
        if !self.ring.is_validator() {
            let reply = Reply::Refused(raylance_protocol::message::Refusal::NotYours);
            return self.effect(Effect::Reply { to, reply });
        }
        self.ring.heard.entry(tx.id()).or_default().push(to);
        self.engine(Input::Tx(Box::new(tx)));
    }

    pub(crate) fn on_announced(&mut self, from: AccountId, height: Height) {
        let known = self.ring.heights.entry(from).or_default();
        if height > *known {
            *known = height;
            self.ring.helpless.remove(&from);
        }
        self.sync();
    }

    pub(crate) fn forget_height(&mut self, peer: AccountId) {
        self.ring.heights.remove(&peer);
        self.ring.helpless.remove(&peer);
    }

    /// Asks a peer that has more for the next blocks.
    pub(crate) fn sync(&mut self) {
        let height = self.ring.chain().height();
        let ring = &self.ring;
        let ahead =
            ring.heights.iter().filter(|(peer, known)| **known > height && self.peers.contains(peer) && !ring.helpless.contains_key(peer));
        let ahead: Vec<AccountId> = ahead.map(|(peer, _)| *peer).collect();
        self.ask_for_blocks(&ahead);
    }

    /// Announcements get lost: a follower asks somebody now and then all the same.
    pub(crate) fn look_for_blocks(&mut self) {
        if self.ring.is_validator() {
            return;
        }
        let wait_ms = (2 * self.ring.state().parameters().beat_ms).clamp(*LOOK_MS.start(), *LOOK_MS.end());
        self.set_due(Due::Sync, wait_ms);
        self.ask_anybody();
    }

    fn ask_anybody(&mut self) {
        if self.untried().is_empty() {
            self.look_further();
            self.ring.helpless.retain(|_, has_later| *has_later);
        }
        self.ask_for_blocks(&self.untried());
    }

    /// Peers that were not asked for the block after the tip.
    pub(crate) fn untried(&self) -> Vec<AccountId> {
        self.peers.iter().copied().filter(|peer| !self.ring.helpless.contains_key(peer)).collect()
    }

    pub(crate) fn ask_for_blocks(&mut self, peers: &[AccountId]) {
        if self.ring.syncing || peers.is_empty() {
            return;
        }
        let peer = self.one_of(peers);
        let from = self.ring.chain().height().next();
        self.ring.syncing = true;
        self.ask(Ask::Blocks(peer), |id| Effect::GetBlocks { id, peer, from });
    }

    /// Not always the same one: it may be silent, or lie.
    pub(crate) fn one_of(&mut self, peers: &[AccountId]) -> AccountId {
        let [low, high, ..] = self.throw();
        peers[usize::from(u16::from_le_bytes([low, high])) % peers.len()]
    }

    pub(crate) fn on_blocks(&mut self, peer: AccountId, blocks: Option<Vec<CheckedBlock>>) {
        self.ring.syncing = false;
        let before = self.ring.chain().height();
        let mut blocks = blocks.unwrap_or_default();
        let has_later = blocks.first().is_some_and(|block| block.header().height > before.next());
        if has_later {
            // An engine must know that its own signature stands under a later block; nobody can apply it.
            blocks.truncate(usize::from(self.ring.is_validator()));
        }
        for block in blocks {
            match &mut self.ring.maker {
                Maker::Own(_) => self.engine(Input::Final(block)),
                Maker::Others(chain) => {
                    // What another peer brought meanwhile is passed over.
                    if block.header().height <= chain.height() {
                        continue;
                    }
                    match chain.apply(&block) {
                        Ok(applied) => self.on_block(&applied),
                        Err(error) => {
                            self.effect(Effect::Tell(Notice::BadBlock { peer, error }));
                            self.ring.heights.remove(&peer);
                            break;
                        }
                    }
                }
            }
        }
        if self.ring.chain().height() > before {
            self.ring.helpless.clear();
            self.sync();
        } else {
            // It has nothing more, whatever it said.
            self.ring.heights.remove(&peer);
            self.ring.helpless.insert(peer, has_later);
            self.look_further();
        }
    }

    /// The chain has a new tip: it is stored, and whoever has a part in it hears of it, in the order in which it can be understood: fates of
    /// own transactions, keys, ring time, workers' rows, jobs.
    fn on_block(&mut self, applied: &Applied) {
        let (header, state) = (applied.block.header(), applied.state());
        let (height, ring_time) = (header.height, state.clock().ring_time);
        self.put(&Number(height.0), &BlockRow(applied.block.block().clone()));
        self.delete::<LogRow>(&Number(height.0));
        self.ring.stored.push_back((height, ring_time));
        self.ring.lag_txs += applied.block.txs().len();
        self.step.turn.topics.insert(Topic::Network);
        self.judge(applied);
        if applied.events().iter().any(|event| matches!(event, Happened::CaseHeard { .. })) {
            self.attend_court();
        }
        self.find_orphans(applied.events());
        self.tell_artists(applied.events(), state);
        self.tell_workers(state);
        self.note_movements(applied);
        self.keep_state(height);
        self.forget_blocks(ring_time);
        self.set_due(Due::Pump, 0);
    }

    fn tell_artists(&mut self, events: &[Happened], state: &State) {
        let mut touched: BTreeMap<JobId, Touched> = BTreeMap::new();
        for event in events {
            let Some(job) = event.job().filter(|job| self.by_job.contains_key(job)) else { continue };
            let part = touched.entry(job).or_default();
            match event {
                Happened::Claimed { worker, keys, .. } => {
                    part.workers.insert(*worker);
                    part.keys.extend(keys.iter().map(|(task, key)| (*worker, *task, *key)));
                }
                Happened::Reserved { worker, .. }
                | Happened::Paid { worker, .. }
                | Happened::PaySkipped { worker, .. }
                | Happened::ClaimEnded { worker, .. }
                | Happened::CaseOpened { worker, .. }
                | Happened::Ruled { worker, .. }
                | Happened::ChannelEnded { worker, .. } => _ = part.workers.insert(*worker),
                _ => {}
            }
        }
        for (job, part) in &mut touched {
            let spec = self.by_job[job];
            for (worker, task, key) in part.keys.drain(..) {
                self.todo(Todo::Artist(spec, ArtistInput::Key { worker, task, key }));
            }
        }
        let now = state.clock().ring_time;
        for spec in self.artists.keys().copied().collect::<Vec<_>>() {
            self.todo(Todo::Artist(spec, ArtistInput::RingTime(now)));
        }
        for (job, part) in touched {
            let spec = self.by_job[&job];
            let rows = part.workers.into_iter().map(|worker| (worker, state.get::<Channel>(&(job, worker)))).collect();
            self.todo(Todo::Artist(spec, ArtistInput::ChannelRows(rows)));
            self.todo(Todo::Artist(spec, ArtistInput::JobRow(state.get::<Job>(&job))));
        }
    }

    /// Every worker's machine hears of every block: one that has not heard of one for a while lets no key go.
    fn tell_workers(&mut self, state: &State) {
        for job in self.workers.keys().copied().collect::<Vec<_>>() {
            self.tell_worker(job, state);
        }
    }

    pub(crate) fn tell_worker(&mut self, job: JobId, state: &State) {
        let (ring_time, balance) = (state.clock().ring_time, state.account(self.me).balance);
        let (row, channel) = (state.get::<Job>(&job), state.get::<Channel>(&(job, self.me)));
        self.todo(Todo::Worker(job, WorkerInput::Ledger { ring_time, job: row, channel, balance }));
    }

    /// After a start: each artist hears where its job stands.
    pub(crate) fn tell_all(&mut self) {
        let state = self.ring.state().clone();
        let now = state.clock().ring_time;
        for spec in self.artists.keys().copied().collect::<Vec<_>>() {
            self.todo(Todo::Artist(spec, ArtistInput::RingTime(now)));
        }
        // Of a paid job only the ledger's own number says anything: the number of free work has never had a row.
        let on_ledger: Vec<_> = self.artists.iter().filter_map(|(spec, artist)| Some((artist.job()?, *spec))).collect();
        for (job, spec) in on_ledger {
            let rows = state.channels(job, None).map(|(worker, channel)| (worker, Some(channel))).collect();
            self.todo(Todo::Artist(spec, ArtistInput::ChannelRows(rows)));
            self.todo(Todo::Artist(spec, ArtistInput::JobRow(state.get::<Job>(&job))));
        }
        self.tell_workers(&state);
    }

    fn keep_state(&mut self, height: Height) {
        let Lag { txs, blocks } = self.ring.lag;
        let lags = self.ring.lag_txs >= txs || height.0 - self.ring.kept.0 >= blocks;
        if !lags || self.ring.keeping {
            return;
        }
        self.ring.keeping = true;
        self.ring.lag_txs = 0;
        let chain = self.ring.chain();
        let (Some(tip), state) = (chain.tip().cloned(), Box::new(chain.state().clone())) else { return };
        self.ask(Ask::Kept(height), |id| Effect::KeepState { id, tip: Box::new(tip), state });
    }

    pub(crate) fn on_kept(&mut self, height: Height, done: bool) {
        self.ring.keeping = false;
        if done {
            self.ring.kept = height;
            let now = self.ring.state().clock().ring_time;
            self.forget_blocks(now);
        }
    }

    /// Blocks that a start needs no more and whose claims are over.
    fn forget_blocks(&mut self, now: RingTime) {
        let kept_ms = self.ring.state().parameters().window_ms.saturating_mul(WINDOWS_KEPT);
        while let Some((height, at)) = self.ring.stored.front().copied() {
            if height > self.ring.kept || at.0.saturating_add(kept_ms) > now.0 {
                return;
            }
            self.ring.stored.pop_front();
            self.delete::<BlockRow>(&Number(height.0));
        }
    }

    /// The highest chain among peers, for a validator that asks before it makes a block.
    pub(crate) fn on_tip(&mut self, id: EngineId, height: Option<Height>) {
        self.engine(Input::PeersTip { id, height });
        if height.is_some_and(|height| height > self.ring.chain().height()) {
            self.ask_anybody();
        }
    }
}

fn height_of(record: &Record) -> Option<Height> {
    match record {
        Record::Block(block) => Some(block.header.height),
        Record::Vote(vote) => Some(vote.height),
    }
}
