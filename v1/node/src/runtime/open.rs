//! Starting a peer: folder, key, ring, chain, jobs, device, network, and then the loop.

use super::blocks::moved_accounts;
use super::node::{Node, Rent};
use super::part::{ArtistPart, LoadError, Parts, Pictures, WorkerPart};
use super::txs::TxQueue;
use super::{ASKED_MAX, Mdns, NodeConfig, NodeHandle, RingChoice, show};
use crate::genesis_file::{self, GenesisFileError};
use crate::render_thread::{RenderConfig, RenderThread};
use crate::view::DeviceView;
use raylance_tracer::{DeviceChoice, DeviceInfo, DeviceKind, Profile, RenderError, conformance};
use raylance_v1_consensus::{BlockError, Chain, Solo, solo_genesis};
use raylance_v1_ledger::{GenesisError, LedgerEvent};
use raylance_v1_peer::{PeerConfig, PeerError};
use raylance_v1_protocol::{AccountId, BlockHash, Genesis, Height, Keypair, Microlux, limits};
use raylance_v1_store::{DataFolder, FolderError, Movement, OpenError, Role, Store, StoreError};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::sync::{Notify, mpsc, watch};

/// Name of a ring of one's own.
const SOLO_NAME: &str = "My machines";
/// What the owner of a new ring of one's own has.
const SOLO_BALANCE: Microlux = Microlux::from_lux(1_000);
/// Finished orders that wait for the loop: with more of them the device waits, because the loop is what lags.
const RENDERED_MAX: usize = 16;
/// How long the start waits for the first listening address, so that whoever started the node can show it.
const LISTEN_WAIT: Duration = Duration::from_secs(2);
/// Setting: is the device rented out?
pub(super) const RENT_SETTING: &str = "rent_out";

/// Why a peer could not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The data folder or its key.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The genesis file.
    #[error(transparent)]
    GenesisFile(#[from] GenesisFileError),
    /// The folder is new and no ring was named.
    #[error("the data folder has no ring yet; give a genesis file (--ring) or make a ring of your own (--solo)")]
    NoRing,
    /// The database.
    #[error(transparent)]
    Open(OpenError),
    /// Something stored cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The genesis breaks a rule.
    #[error("the ring's genesis breaks a rule")]
    Genesis(#[from] GenesisError),
    /// A stored block is not believed any more: the disk is damaged.
    #[error("a stored block is refused; move the database away to fetch the chain anew")]
    Block(#[from] BlockError),
    /// A stored job cannot be read.
    #[error("a stored job cannot be read")]
    Job(#[from] LoadError),
    /// No such device.
    #[error("there is no device `{name}`; see `raylance devices`")]
    NoDevice {
        /// As asked for.
        name: String,
    },
    /// The device failed its check.
    #[error("the device {name} failed the conformance frame")]
    Device {
        /// Its name.
        name: String,
        /// Why.
        source: RenderError,
    },
    /// The device gives other bits.
    #[error(
        "the device {name} gives other bits than the CPU, so it cannot earn in the exact profile; update its driver or use --device cpu"
    )]
    NotConformant {
        /// Its name.
        name: String,
    },
    /// The network.
    #[error(transparent)]
    Peer(#[from] PeerError),
    /// The system has no thread for rendering.
    #[error("the system has no thread for rendering")]
    Thread(#[source] std::io::Error),
}

impl StartError {
    /// Can the user mend it by other flags or files?
    pub fn is_input(&self) -> bool {
        match self {
            Self::Folder(_) | Self::GenesisFile(_) | Self::NoRing | Self::Genesis(_) | Self::NoDevice { .. } => true,
            Self::Open(error) => matches!(error, OpenError::OtherGenesis { .. } | OpenError::Newer { .. }),
            Self::Peer(error) => matches!(error, PeerError::Address { .. } | PeerError::TooManyDials { .. } | PeerError::Listen { .. }),
            Self::Store(_) | Self::Block(_) | Self::Job(_) | Self::Device { .. } | Self::NotConformant { .. } | Self::Thread(_) => false,
        }
    }
}

/// Milliseconds since 1970.
pub(super) fn now_ms() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| u64::try_from(time.as_millis()).unwrap_or(u64::MAX))
}

/// Starts a peer on the current tokio runtime.
///
/// # Errors
/// [`StartError`]; nothing runs then.
pub async fn start(config: NodeConfig) -> Result<NodeHandle, StartError> {
    let folder = DataFolder::open(&config.data)?;
    let keys = folder.keypair()?;
    let (device, choice) = choose_device(&config.device, config.profile)?;
    let store = open_store(&folder, &config.ring, &keys).await?;
    let me = keys.account();
    let pictures = Pictures::default();
    let mut parts = load_parts(&store, &pictures).await?;
    let replica = load_chain(&store, me, &mut parts).await?;
    let engine = Solo::new(keys.clone(), &replica.chain).inspect_err(|error| tracing::debug!(%error, "this peer makes no blocks")).ok();
    let txs = TxQueue::new(store.waiting_txs().await?);
    let rent_on = config.rent_out || store.setting(RENT_SETTING).await?.is_some_and(|value| value == [1]);
    let (peer, events) = raylance_v1_peer::spawn(PeerConfig {
        keypair: keys.clone(),
        chain: replica.chain.id(),
        listen: if config.listen.is_empty() { default_listen() } else { config.listen.clone() },
        dial: config.dial.clone(),
        mdns: config.mdns == Mdns::On,
    })?;
    let (rendered, rendered_from) = mpsc::channel(RENDERED_MAX);
    let render = RenderConfig { blobs: folder.blobs(), device: choice, threads: config.threads };
    let thread = RenderThread::start(render, rendered).map_err(StartError::Thread)?;
    wait_for_address(&peer).await;

    let node = Node::new(
        config,
        keys,
        store,
        folder.blobs(),
        peer,
        replica,
        engine,
        txs,
        parts,
        thread,
        device,
        Rent::new(rent_on),
        pictures.clone(),
    );
    let (views_to, views) = watch::channel(Arc::new(show::view(&node)));
    let (asked, asked_from) = mpsc::channel(ASKED_MAX);
    let (ended_to, ended) = watch::channel(false);
    let (stop, outcome) = (Arc::new(Notify::new()), Arc::new(Mutex::new(None)));
    let (stop_in, outcome_in) = (Arc::clone(&stop), Arc::clone(&outcome));
    tokio::spawn(async move {
        if let Err(error) = node.run(asked_from, events, rendered_from, views_to, stop_in).await {
            tracing::error!(%error, "the node stopped");
            *outcome_in.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
        }
        // Nobody may be listening any more.
        let _ = ended_to.send(true);
    });
    Ok(NodeHandle { asked, views, pictures, stop, ended, outcome })
}

fn default_listen() -> Vec<String> {
    ["/ip4/0.0.0.0/tcp/0", "/ip4/0.0.0.0/udp/0/quic-v1"].map(str::to_owned).to_vec()
}

async fn wait_for_address(peer: &raylance_v1_peer::PeerHandle) {
    let listening = async {
        while peer.listen_addresses().is_empty() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    if tokio::time::timeout(LISTEN_WAIT, listening).await.is_err() {
        tracing::warn!("no address to listen on yet");
    }
}

async fn open_store(folder: &DataFolder, ring: &RingChoice, keys: &Keypair) -> Result<Store, StartError> {
    let genesis: Option<Genesis> = match ring {
        RingChoice::File(path) => Some(genesis_file::read(path)?),
        RingChoice::Stored | RingChoice::Solo => None,
    };
    match Store::open(folder, genesis.as_ref()).await {
        Ok(store) => Ok(store),
        Err(OpenError::NoGenesis) if *ring == RingChoice::Solo => {
            let me = keys.account();
            let genesis = solo_genesis(SOLO_NAME, me, now_ms(), vec![(me, SOLO_BALANCE)]);
            Store::open(folder, Some(&genesis)).await.map_err(StartError::Open)
        }
        Err(OpenError::NoGenesis) => Err(StartError::NoRing),
        Err(error) => Err(StartError::Open(error)),
    }
}

async fn load_parts(store: &Store, pictures: &Pictures) -> Result<Parts, StartError> {
    let mut parts = Parts::default();
    for row in store.jobs().await? {
        match row.role {
            Role::Artist => drop(parts.artists.insert(row.job, ArtistPart::load(row, pictures)?)),
            Role::Worker => drop(parts.workers.insert(row.job, WorkerPart::load(row)?)),
        }
    }
    Ok(parts)
}

/// This peer's copy of the chain, with what only a walk over all blocks tells.
pub(crate) struct Replica {
    /// The chain.
    pub chain: Chain,
    /// Hash of every block by height, the chain's id first.
    pub hashes: Vec<BlockHash>,
    /// Every account that ever had money.
    pub accounts: BTreeSet<AccountId>,
}

/// Executes the stored chain anew and tells every job what it says: all facts may be repeated, and those of the last block may
/// have been recorded without what they changed.
async fn load_chain(store: &Store, me: AccountId, parts: &mut Parts) -> Result<Replica, StartError> {
    let mut chain = Chain::new(store.genesis().clone())?;
    let mut hashes = vec![chain.hash()];
    let opening = chain.genesis_events();
    let mut accounts: BTreeSet<AccountId> = moved_accounts(&opening).collect();
    store.save_opening(&own_movements(me, Height(0), [opening].iter())).await?;
    loop {
        let blocks = store.blocks(chain.height().next(), limits::BLOCKS_PER_REPLY_MAX).await?;
        if blocks.is_empty() {
            return Ok(Replica { chain, hashes, accounts });
        }
        for block in blocks {
            let applied = chain.apply(&block)?;
            hashes.push(applied.hash);
            accounts.extend(applied.events.iter().flat_map(|(_, events)| moved_accounts(events)));
            // What the machines would like to have done is dropped: they are resumed right after, and ask for it again.
            parts.hear_block(now_ms(), &block, &applied);
        }
    }
}

/// The movements of one account in a block's transactions.
pub(super) fn own_movements<'a>(me: AccountId, height: Height, txs: impl Iterator<Item = &'a Vec<LedgerEvent>>) -> Vec<Movement> {
    let mut movements = Vec::new();
    for (tx_index, events) in (0..).zip(txs) {
        for (event_index, event) in (0..).zip(events) {
            if let LedgerEvent::Moved { account, change, reason, job } = *event
                && account == me
            {
                movements.push(Movement { height, tx_index, event_index, account, change, reason, job });
            }
        }
    }
    movements
}

/// Finds the device and, where it is a GPU that shall give exact bits, tries it: a wrong device would only be banned from its jobs.
fn choose_device(choice: &DeviceChoice, profile: Profile) -> Result<(DeviceView, DeviceChoice), StartError> {
    let cpu = || (DeviceView { name: "CPU".to_owned(), kind: "cpu".to_owned(), profile: Profile::Exact.to_string() }, DeviceChoice::Cpu);
    let info = match choice {
        // The list asks every graphics driver; the CPU needs none.
        DeviceChoice::Cpu => return Ok(cpu()),
        DeviceChoice::Auto => match find(|device| device.kind == DeviceKind::Gpu && device.profile == Profile::Exact, "auto") {
            Ok(info) => info,
            Err(_) => return Ok(cpu()),
        },
        DeviceChoice::Gpu => find(|device| device.kind != DeviceKind::Cpu, "gpu")?,
        DeviceChoice::Adapter(number) => find(|device| device.adapter == Some(*number), &format!("gpu:{number}"))?,
        DeviceChoice::Named(name) => {
            let wanted = name.to_lowercase();
            find(|device| device.kind != DeviceKind::Cpu && device.name.to_lowercase().contains(&wanted), name)?
        }
    };
    // From here on exactly the device that is tried below is meant.
    let found = info.choice();
    match if profile == Profile::Exact { conforms(&found, &info.name) } else { Ok(()) } {
        Ok(()) => Ok((DeviceView { name: info.name, kind: "gpu".to_owned(), profile: profile.to_string() }, found)),
        Err(error) if *choice == DeviceChoice::Auto => {
            tracing::warn!(%error, "the CPU renders instead");
            Ok(cpu())
        }
        Err(error) => Err(error),
    }
}

fn conforms(choice: &DeviceChoice, name: &str) -> Result<(), StartError> {
    let digest = |choice: &DeviceChoice| {
        let report = conformance::run(choice, Profile::Exact).map_err(|source| StartError::Device { name: name.to_owned(), source })?;
        Ok::<_, StartError>(report.digest)
    };
    if digest(choice)? == digest(&DeviceChoice::Cpu)? { Ok(()) } else { Err(StartError::NotConformant { name: name.to_owned() }) }
}

fn find(is: impl Fn(&DeviceInfo) -> bool, name: &str) -> Result<DeviceInfo, StartError> {
    raylance_tracer::devices().into_iter().find(|device| is(device)).ok_or_else(|| StartError::NoDevice { name: name.to_owned() })
}
