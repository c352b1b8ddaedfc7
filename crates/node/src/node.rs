//! Starting a peer, and the handle to a running one.

use crate::cheat::Cheat;
use crate::hands::Hands;
use crate::network::{Network, listen};
use crate::notices::{Matter, Notices};
use crate::shell::{Arrived, Changed, Clock, Inbox, News, Query, Shell, dice, unix_ms};
use hdrhistogram::Histogram;
use raylance_agent::{Agent, Command, CommandError, Lag, Setup, Stored};
use raylance_consensus::{Chain, LoadError, Settings};
use raylance_device::{Card, ChildConfig, ChooseError, Chosen, DeviceConfig, SceneId, choose, measure};
use raylance_files::Files;
use raylance_files::films::OwnJob;
use raylance_files::folder::{Contents, Folder, FolderError, RingChoice};
use raylance_files::ring;
use raylance_peer::{PeerConfig, PeerError, PeerHandle};
use raylance_protocol::{AccountId, ChainId, Digest, SceneDigest, SpecHash};
use raylance_store::{OpenError, StateError, Store, StoreError};
use raylance_tracer::{DeviceChoice, RenderError};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;
use tokio::sync::{Notify, mpsc, oneshot, watch};

/// What waits for the loop: more of it waits with the swarm, which tells peers that it is busy.
const NEWS_MAX: usize = 256;
/// Two digits are enough for a figure that differs from run to run.
const WAITED_DIGITS: u8 = 2;
/// People look with a few windows.
const QUERIES_MAX: usize = 64;

/// How a peer runs.
#[derive(Clone, Debug)]
pub struct NodeConfig {
    /// Its data folder; made where there is none.
    pub data: PathBuf,
    /// Where the validator's mark lies: outside the data folder, on the same machine.
    pub state: PathBuf,
    /// Which ring.
    pub ring: RingChoice,
    /// Addresses to listen on; none = any free port, TCP and QUIC, on all interfaces.
    pub listen: Vec<String>,
    /// Peers to connect to, beside those that the genesis names.
    pub dial: Vec<String>,
    /// Are peers of the local network found?
    pub mdns: bool,
    /// Which device renders.
    pub device: DeviceChoice,
    /// Threads of the CPU backend; 0 = one per core.
    pub threads: usize,
    /// What renders strangers' scenes; none = this process.
    pub child: Option<ChildConfig>,
    /// How far the stored state lags behind.
    pub lag: Lag,
    /// Cheat on purpose?
    pub cheat: Option<Cheat>,
}

/// Why a peer did not start. Nothing runs then.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The folder.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The database.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// Rows can't be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The kept state can't be read.
    #[error(transparent)]
    State(#[from] StateError),
    /// The kept state is not the one that its block names.
    #[error("the ledger's kept state is damaged: {0}")]
    Chain(#[from] LoadError),
    /// The stored chain can't go on.
    #[error(transparent)]
    Agent(#[from] raylance_agent::StartError),
    /// The network.
    #[error(transparent)]
    Peer(#[from] PeerError),
    /// The device.
    #[error(transparent)]
    Device(#[from] ChooseError),
    /// No thread for the device or the loop.
    #[error("the system has no thread to spare")]
    Thread(#[source] std::io::Error),
}

impl StartError {
    /// Can the user mend it by other flags or files?
    pub fn is_input(&self) -> bool {
        match self {
            Self::Folder(_) | Self::Device(ChooseError::NoDevice(_)) => true,
            Self::Open(error) => matches!(error, OpenError::InUse { .. } | OpenError::Foreign { .. } | OpenError::Newer { .. }),
            Self::Peer(error) => matches!(error, PeerError::Address { .. } | PeerError::TooManyDials { .. } | PeerError::Listen { .. }),
            Self::Store(_) | Self::State(_) | Self::Chain(_) | Self::Agent(_) | Self::Device(_) | Self::Thread(_) => false,
        }
    }
}

/// Why a running node ended.
#[derive(Debug, thiserror::Error)]
pub enum NodeError {
    /// What happened can't be recorded, so nothing may be done any more.
    #[error("what happens can't be recorded: {0}")]
    Store(#[from] StoreError),
    /// The loop panicked: a fault of this program.
    #[error("the node stopped because of a fault of this program; RAYLANCE_LOG=debug tells more")]
    Gone,
}

/// A running peer. Cheap to clone; it runs until [`Node::stop`], even when all handles are dropped.
#[derive(Clone)]
pub struct Node {
    hands: Hands,
    news: mpsc::Sender<Arrived<News>>,
    queries: mpsc::Sender<Query>,
    changed: watch::Receiver<Changed>,
    stop: Arc<Notify>,
    ended: watch::Receiver<bool>,
    outcome: Arc<Mutex<Option<NodeError>>>,
}

/// Starts a peer on the current tokio runtime. Blocking for as long as the folder's chain takes to load.
///
/// # Errors
/// [`StartError`].
pub fn start(config: NodeConfig) -> Result<Node, StartError> {
    let folder = Folder::new(config.data.clone(), config.state.clone());
    let clock = Clock::start();
    let Contents { keys, genesis, database_gone } = folder.open()?;
    let me = keys.account();
    let genesis = folder.choose_ring(genesis, config.ring, || ring::solo(me, crate::renderer(), unix_ms()))?;
    let store = Arc::new(Store::open(&config.data)?);
    let chain = match store.state()? {
        Some((tip, state)) => Chain::at(genesis.clone(), tip, state)?,
        None => Chain::new(genesis.clone()).map_err(FolderError::Genesis)?,
    };
    let (id, validators) = (chain.id(), Arc::new(chain.validators().clone()));
    let stored = Stored { chain, rows: store.rows()?, mark: folder.mark(me)? };
    let setup = Setup { me, renderer: crate::renderer(), engine: Settings::USUAL, lag: config.lag };
    let (agent, first) = Agent::start(clock.now(), dice(), setup, stored)?;

    let (peer, events) = raylance_peer::spawn(PeerConfig {
        keypair: keys.clone(),
        chain: id,
        listen: if config.listen.is_empty() { default_listen() } else { config.listen },
        dial: config.dial.into_iter().chain(genesis.bootstrap.iter().cloned()).collect(),
        mdns: config.mdns,
    })?;
    let device = choose(&config.device)?;
    let (files, notices) = (Files::open(folder), Notices::default());
    if database_gone {
        notices.tell(Matter::DatabaseGone);
    }
    let device_config = DeviceConfig { device: device.choice.clone(), threads: config.threads, child: config.child };
    let scenes = files.scenes.clone();
    let load = move |scene: &SceneId| scenes.packed(SceneDigest(Digest(scene.0)));
    let card = Card::start(device_config, load).map_err(StartError::Thread)?;
    card.pause(files.folder.is_paused());
    let network = Network::new(peer, id, validators);
    files.jobs.retain(&agent.jobs().chain(agent.ended_jobs().map(|(spec, _)| spec)).collect());
    let (answers_to, answers) = mpsc::unbounded_channel();
    let hands = Hands {
        keys: Arc::new(keys),
        chain: id,
        files: files.clone(),
        store,
        network: network.clone(),
        card,
        device,
        threads: config.threads,
        cheat: config.cheat,
        notices,
        answers: answers_to,
        waited: Arc::new(Mutex::new(Histogram::new(WAITED_DIGITS).expect("two digits are possible"))),
        running: Arc::default(),
    };
    let (news, news_from) = mpsc::channel(NEWS_MAX);
    let (queries, queries_from) = mpsc::channel(QUERIES_MAX);
    let (changed_to, changed) = watch::channel(Changed::default());
    let (ended_to, ended) = watch::channel(false);
    let (stop, outcome) = (Arc::new(Notify::new()), Arc::new(Mutex::new(Some(NodeError::Gone))));
    let inbox = Inbox { answers, news: news_from, queries: queries_from, stop: Arc::clone(&stop) };
    let shell = Shell::new(agent, hands.clone(), clock, inbox, changed_to);
    tokio::spawn(listen(network, me, files, config.cheat, events, news.clone()));
    let (runtime, network, told) = (tokio::runtime::Handle::current(), hands.network.clone(), Arc::clone(&outcome));
    // A thread of its own: the loop blocks while it records.
    let run = move || {
        let _end = End(ended_to);
        let result = runtime.block_on(shell.run(first));
        runtime.block_on(network.peer().shutdown());
        *told.lock().unwrap_or_else(PoisonError::into_inner) = result.err();
    };
    std::thread::Builder::new().name("node".into()).spawn(run).map_err(StartError::Thread)?;
    Ok(Node { hands, news, queries, changed, stop, ended, outcome })
}

/// Says that the loop has ended, also when it panicked.
struct End(watch::Sender<bool>);

impl Drop for End {
    fn drop(&mut self) {
        self.0.send_replace(true);
    }
}

fn default_listen() -> Vec<String> {
    ["/ip4/0.0.0.0/tcp/0", "/ip4/0.0.0.0/udp/0/quic-v1"].map(str::to_owned).to_vec()
}

impl Node {
    /// This peer's account.
    pub fn account(&self) -> AccountId {
        self.hands.me()
    }

    /// The ring.
    pub fn chain(&self) -> ChainId {
        self.hands.chain
    }

    /// What lies on disk.
    pub fn files(&self) -> &Files {
        &self.hands.files
    }

    /// The device: pausing it does not pass the loop.
    pub fn card(&self) -> &Card {
        &self.hands.card
    }

    /// Which device that is.
    pub fn device(&self) -> &Chosen {
        &self.hands.device
    }

    /// The swarm.
    pub fn peer(&self) -> &PeerHandle {
        self.hands.network.peer()
    }

    /// Microseconds from the arrival of what happens to its commit, since the start.
    pub fn waited(&self) -> Histogram<u64> {
        self.hands.waited.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What people are told.
    pub fn notices(&self) -> &Notices {
        &self.hands.notices
    }

    /// What has changed, whenever it changes.
    pub fn changed(&self) -> watch::Receiver<Changed> {
        self.changed.clone()
    }

    /// Gives the agent a command; it is recorded when this returns.
    ///
    /// # Errors
    /// `None` where the node has stopped; otherwise the agent's refusal.
    pub async fn command(&self, command: Command) -> Result<(), Option<CommandError>> {
        let (result, came) = oneshot::channel();
        self.news.send((Instant::now(), News::Command(command, result))).await.map_err(|_| None)?;
        came.await.map_err(|_| None)?.map_err(Some)
    }

    /// Looks at the agent between two turns; `None` where the node has stopped.
    pub async fn look<T: Send + 'static>(&self, look: impl FnOnce(&Agent) -> T + Send + 'static) -> Option<T> {
        let (seen, came) = oneshot::channel();
        let query: Query = Box::new(move |agent| {
            // Whoever asked may be gone.
            let _ = seen.send(look(agent));
        });
        self.queries.send(query).await.ok()?;
        came.await.ok()
    }

    /// An own job that runs.
    pub async fn own(&self, spec: SpecHash) -> Option<OwnJob> {
        let hands = self.hands.clone();
        self.look(move |agent| hands.own(agent, spec)).await?
    }

    /// Camera samples that the device renders in a second, measured now; `None` where the measurement panicked.
    pub async fn measure(&self) -> Option<Result<u64, RenderError>> {
        let (choice, threads) = (self.hands.device.choice.clone(), self.hands.threads);
        tokio::task::spawn_blocking(move || measure(&choice, threads)).await.ok()
    }

    /// Asks the node to stop, without waiting.
    pub fn request_stop(&self) {
        self.stop.notify_one();
    }

    /// Waits until it has ended.
    pub async fn stopped(&self) {
        // An error means that the loop's thread is gone, which is an end, too.
        let _ = self.ended.clone().wait_for(|ended| *ended).await;
    }

    /// Stops it, and waits until its files are complete.
    ///
    /// # Errors
    /// [`NodeError`] where it had ended before, and why. Only the first caller is told.
    pub async fn stop(self) -> Result<(), NodeError> {
        self.request_stop();
        self.stopped().await;
        let error = self.outcome.lock().unwrap_or_else(PoisonError::into_inner).take();
        error.map_or(Ok(()), Err)
    }
}
