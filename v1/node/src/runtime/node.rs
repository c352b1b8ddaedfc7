//! The loop: one turn takes what happened, lets the machines decide, records, acts, and shows.

use super::chore::Chore;
use super::input::{Asked, CommandAnswer, Input};
use super::part::{Parts, Pictures, Wish};
use super::txs::TxQueue;
use super::{NodeConfig, NodeError, open, show};
use crate::render_thread::{RenderThread, Rendered};
use crate::view::{Answer, CommandError, DeviceView, MovementView, Notice, View};
use raylance_v1_consensus::{Chain, Solo};
use raylance_v1_peer::{PeerEvent, PeerHandle, Responder};
use raylance_v1_protocol::{AccountId, BlobKey, BlockHash, Gossip, Height, JobId, Keypair, Microlux, Reply, Root, TxId, UnitIndex};
use raylance_v1_store::{Blobs, OutgoingTx, Role, Store};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::MissedTickBehavior;

/// How often machines hear that time has passed.
const TICK: Duration = Duration::from_millis(100);
/// Inputs of one turn: their effects share one write to the disk.
const TURN_INPUTS_MAX: usize = 128;
/// Work on the blocking pool at a time; beyond it the machines ask again later.
pub(super) const CHORES_MAX: usize = 64;
/// Notices that are kept.
const NOTICES_MAX: usize = 50;
/// Shortest time between two views: a window draws no faster.
const VIEW_EVERY_MS: u64 = 150;

/// A running peer.
pub(crate) struct Node {
    pub config: NodeConfig,
    pub keys: Keypair,
    pub me: AccountId,
    pub store: Store,
    pub blobs: Blobs,
    pub peer: PeerHandle,
    pub chain: Chain,
    /// Hash of every block by height, the chain's id first.
    pub hashes: Vec<BlockHash>,
    /// Every account that ever had money.
    pub accounts: BTreeSet<AccountId>,
    pub engine: Option<Solo>,
    pub txs: TxQueue,
    pub parts: Parts,
    pub device: RenderThread,
    pub device_view: DeviceView,
    pub rent: Rent,
    pub pictures: Pictures,
    pub chores: JoinSet<Chore>,
    /// Fetches on their way by tag.
    pub fetches: BTreeMap<u64, Fetch>,
    pub tag_next: u64,
    pub follow: Follow,
    pub wallet: WalletShown,
    pub notices: VecDeque<Notice>,
    pub connected: BTreeSet<AccountId>,
    pub changed: bool,
    shown_ms: u64,
}

/// The switch and what came of it since the start.
#[derive(Debug)]
pub(crate) struct Rent {
    /// Is the device rented out?
    pub on: bool,
    /// Camera samples per second of the last unit; 0 = not measured.
    pub samples_per_s: f64,
    /// Units rendered.
    pub units_done: u32,
    /// Earned by rendering and verifying.
    pub earned: Microlux,
}

impl Rent {
    pub fn new(on: bool) -> Self {
        Self { on, samples_per_s: 0.0, units_done: 0, earned: Microlux::ZERO }
    }
}

/// What a fetch is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fetch {
    /// A worker's scene.
    Scene { job: JobId },
    /// A film of an own job.
    Film { job: JobId, unit: UnitIndex, worker: AccountId, root: Root },
}

/// Following the chain.
#[derive(Debug, Default)]
pub(crate) struct Follow {
    /// A question for blocks is on its way.
    pub asked: bool,
    /// When the last one was asked.
    pub asked_ms: u64,
    /// Highest block that somebody told of since the last answer without blocks.
    pub told: Height,
    /// Whose turn it is to be asked.
    pub turn: usize,
    /// When the last own block was tried.
    pub advanced_ms: u64,
}

/// The wallet as it was proven last.
#[derive(Debug, Default)]
pub(crate) struct WalletShown {
    pub balance: Microlux,
    pub verified_at_height: u64,
    pub agrees: bool,
    pub movements: Vec<MovementView>,
}

/// Answers to commands; they go out once their turn is recorded.
pub(crate) type Answers = Vec<(CommandAnswer, Result<Answer, CommandError>)>;

/// What one turn has decided, to be recorded and then acted on.
#[derive(Default)]
pub(crate) struct Turn {
    pub wishes: Vec<Wish>,
    pub dirty: BTreeSet<(JobId, Role)>,
    pub outgoing: Vec<OutgoingTx>,
    pub abandoned: Vec<TxId>,
    pub included: BTreeSet<TxId>,
    pub replies: Vec<(Responder, Reply)>,
    pub answers: Answers,
    pub gossip: Vec<Gossip>,
}

impl Node {
    #[expect(clippy::too_many_arguments, reason = "the only caller has just made each part, and no part makes sense without the others")]
    pub fn new(
        config: NodeConfig,
        keys: Keypair,
        store: Store,
        blobs: Blobs,
        peer: PeerHandle,
        replica: open::Replica,
        engine: Option<Solo>,
        txs: TxQueue,
        parts: Parts,
        device: RenderThread,
        device_view: DeviceView,
        rent: Rent,
        pictures: Pictures,
    ) -> Self {
        let me = keys.account();
        Self {
            config,
            keys,
            me,
            store,
            blobs,
            peer,
            chain: replica.chain,
            hashes: replica.hashes,
            accounts: replica.accounts,
            engine,
            txs,
            parts,
            device,
            device_view,
            rent,
            pictures,
            chores: JoinSet::new(),
            fetches: BTreeMap::new(),
            tag_next: 1,
            follow: Follow::default(),
            wallet: WalletShown::default(),
            notices: VecDeque::new(),
            connected: BTreeSet::new(),
            changed: true,
            shown_ms: 0,
        }
    }

    /// Runs until it is asked to stop.
    pub async fn run(
        mut self,
        mut asked: mpsc::Receiver<Asked>,
        mut events: mpsc::Receiver<PeerEvent>,
        mut rendered: mpsc::Receiver<Rendered>,
        views: watch::Sender<Arc<View>>,
        stop: Arc<Notify>,
    ) -> Result<(), NodeError> {
        let mut timer = tokio::time::interval(TICK);
        timer.set_missed_tick_behavior(MissedTickBehavior::Delay);
        self.resume().await?;
        self.show(&views);
        loop {
            let first = tokio::select! {
                () = stop.notified() => break,
                Some(event) = events.recv() => Input::Peer(event),
                Some(done) = rendered.recv() => Input::Rendered(done),
                Some(Ok(chore)) = self.chores.join_next() => Input::Chore(chore),
                Some(asked) = asked.recv() => Input::Asked(asked),
                _ = timer.tick() => Input::Timer,
            };
            let mut turn = Turn::default();
            self.hear(first, &mut turn).await?;
            for _ in 1..TURN_INPUTS_MAX {
                let next = if let Ok(event) = events.try_recv() {
                    Input::Peer(event)
                } else if let Ok(done) = rendered.try_recv() {
                    Input::Rendered(done)
                } else if let Some(Ok(chore)) = self.chores.try_join_next() {
                    Input::Chore(chore)
                } else {
                    break;
                };
                self.hear(next, &mut turn).await?;
            }
            let answers = self.finish_turn(turn).await?;
            if !answers.is_empty() {
                // Whoever has an answer finds what it caused in the view.
                self.shown_ms = 0;
            }
            self.show(&views);
            for (answer, result) in answers {
                // Whoever asked may have gone away; the view shows it.
                let _ = answer.send(result);
            }
        }
        // A render thread that waits for room to answer would never be joined.
        drop(rendered);
        self.close().await;
        Ok(())
    }

    /// Everything that was outstanding when the last process ended is asked again.
    async fn resume(&mut self) -> Result<(), NodeError> {
        let mut turn = Turn::default();
        self.read_wallet().await?;
        self.device.pause_units(!self.rent.on);
        self.resume_parts(&mut turn);
        self.finish_turn(turn).await?;
        Ok(())
    }

    /// Records what was decided, then acts; returns the answers that are due. What acting decides at once is recorded and acted on in the same way.
    async fn finish_turn(&mut self, mut turn: Turn) -> Result<Answers, NodeError> {
        let answers = std::mem::take(&mut turn.answers);
        loop {
            self.prepare(&mut turn);
            self.record(&mut turn).await?;
            let mut next = Turn::default();
            self.act(turn, &mut next);
            if next.wishes.is_empty() && next.dirty.is_empty() {
                return Ok(answers);
            }
            turn = next;
        }
    }

    fn show(&mut self, views: &watch::Sender<Arc<View>>) {
        let now_ms = open::now_ms();
        if self.changed && now_ms.saturating_sub(self.shown_ms) >= VIEW_EVERY_MS {
            self.changed = false;
            self.shown_ms = now_ms;
            let view = show::view(self);
            views.send_if_modified(|shown| {
                let differs = **shown != view;
                if differs {
                    *shown = Arc::new(view);
                }
                differs
            });
        }
    }

    async fn close(mut self) {
        self.chores.shutdown().await;
        self.peer.shutdown().await;
        drop(self.device);
        self.store.close().await;
    }

    /// A line that a person should read.
    pub fn notice(&mut self, level: &str, text: String) {
        tracing::info!(level, text, "notice");
        self.notices.push_front(Notice { time_ms: open::now_ms(), level: level.to_owned(), text });
        self.notices.truncate(NOTICES_MAX);
        self.changed = true;
    }

    /// A tag for a fetch.
    pub fn fetch(&mut self, from: AccountId, key: BlobKey, len_max: u64, fetch: Fetch) -> bool {
        if self.fetches.values().any(|known| *known == fetch) {
            return true;
        }
        let tag = self.tag_next;
        self.tag_next += 1;
        let sent = self.peer.fetch(from, key, len_max, tag).is_ok();
        if sent {
            self.fetches.insert(tag, fetch);
        }
        sent
    }

    /// Runs blocking work beside the loop, unless there is too much of it; then the machines ask again later.
    pub fn chore(&mut self, work: impl FnOnce() -> Chore + Send + 'static) {
        if self.chores.len() < CHORES_MAX {
            self.chores.spawn_blocking(work);
        }
    }

    /// Runs blocking work that nobody asks for again: a finished film to keep, a job to close. There is at most one per unit in hand.
    pub fn chore_surely(&mut self, work: impl FnOnce() -> Chore + Send + 'static) {
        self.chores.spawn_blocking(work);
    }
}
