//! A running peer: one event loop around the pure machines, and a handle for windows and terminals.
//!
//! ```text
//! input ─► machines step ─► one record ─► effects are acted on ─► answers come back as inputs
//! ```

mod act;
mod artist;
mod blocks;
mod chore;
mod hear;
mod input;
mod node;
mod open;
mod part;
mod record;
mod show;
mod submit;
mod txs;
mod worker;

pub use open::{StartError, start};

use crate::audit::Audit;
use crate::view::{Answer, Command, CommandError, View};
use input::Asked;
pub(crate) use part::JobAccount;
use part::Pictures;
use raylance_tracer::{DeviceChoice, Profile};
use raylance_v1_store::StoreError;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{Notify, mpsc, oneshot, watch};

/// Commands that wait for the loop: a person has two hands.
const ASKED_MAX: usize = 64;

/// How a peer runs.
#[derive(Clone, Debug)]
pub struct NodeConfig {
    /// Folder for key, ledger, films and results; made where it is missing.
    pub data: PathBuf,
    /// Which ring.
    pub ring: RingChoice,
    /// Addresses to listen on; none = any free port, TCP and QUIC, on all interfaces.
    pub listen: Vec<String>,
    /// Peers to connect to.
    pub dial: Vec<String>,
    /// Look for peers in the local network?
    pub mdns: Mdns,
    /// Rent the device out from the start. Otherwise the last choice of the person holds.
    pub rent_out: bool,
    /// Which device renders.
    pub device: DeviceChoice,
    /// How results are compared in own jobs.
    pub profile: Profile,
    /// CPU threads of the renderer; 0 = all.
    pub threads: usize,
    /// Cheat on purpose, to see it caught.
    pub cheat: Option<Cheat>,
    /// A name for people.
    pub name: Option<String>,
}

/// Which ring a peer belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RingChoice {
    /// The one that the data folder remembers.
    Stored,
    /// The one of this genesis file; the folder remembers it.
    File(PathBuf),
    /// The one that the folder remembers, else a new one whose only validator is this peer.
    Solo,
}

/// Are peers of the local network found?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mdns {
    /// Yes.
    On,
    /// No.
    Off,
}

/// A way to cheat, for tests and demonstrations. As a verifier such a peer answers honestly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cheat {
    /// Renders only 15 of 16 samples of each leaf.
    DropSamples,
}

/// The picture of an own job, as far as it is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// Raised by every change; 0 = nothing was rendered.
    pub revision: u64,
    /// Width.
    pub width_px: u32,
    /// Height.
    pub height_px: u32,
    /// The picture as a PNG through the usual view transform.
    pub png: Arc<[u8]>,
}

/// Commands to a running node. Cheap to clone.
#[derive(Clone)]
pub struct NodeHandle {
    asked: mpsc::Sender<Asked>,
    views: watch::Receiver<Arc<View>>,
    pictures: Pictures,
    stop: Arc<Notify>,
    ended: watch::Receiver<bool>,
    outcome: Arc<Mutex<Option<NodeError>>>,
}

/// Why a node could not go on.
#[derive(Debug, thiserror::Error)]
pub enum NodeError {
    /// What happened can't be recorded, so nothing may be sent any more.
    #[error("the node stopped because it cannot record what happens")]
    Store(#[from] StoreError),
    /// A fault of the ledger's rules.
    #[error("the node stopped because blocks cannot be made")]
    Engine(#[from] raylance_v1_consensus::EngineError),
    /// An own block was refused: a fault of this program.
    #[error("the node stopped because its own block was refused")]
    OwnBlock(#[from] raylance_v1_consensus::BlockError),
    /// The loop ended without a word.
    #[error("the node stopped unexpectedly; RAYLANCE_LOG=debug tells more")]
    Gone,
}

impl NodeHandle {
    /// Does what a person asks. The answer comes after everything it caused was recorded.
    ///
    /// # Errors
    /// A line and details for the person.
    pub async fn command(&self, command: Command) -> Result<Answer, CommandError> {
        let stopped = || CommandError { message: "the node has stopped".to_owned(), details: Vec::new() };
        let (answer, answered) = oneshot::channel();
        self.asked.send(Asked::Command(command, answer)).await.map_err(|_| stopped())?;
        answered.await.map_err(|_| stopped())?
    }

    /// The view now and whenever it changes.
    pub fn views(&self) -> watch::Receiver<Arc<View>> {
        self.views.clone()
    }

    /// The picture of an own job by its id in hexadecimal; `None` when there is none. Encodes: call it where blocking is allowed.
    pub fn picture(&self, job: &str) -> Option<Picture> {
        self.pictures.picture(job)
    }

    /// Sums of all money on this peer's verified chain; `None` when the node has stopped.
    pub async fn audit(&self) -> Option<Audit> {
        let (answer, answered) = oneshot::channel();
        self.asked.send(Asked::Audit(answer)).await.ok()?;
        answered.await.ok()
    }

    /// Asks the node to stop, without waiting.
    pub fn request_stop(&self) {
        self.stop.notify_one();
    }

    /// Waits until the node has ended by itself or by [`NodeHandle::request_stop`].
    pub async fn stopped(&self) {
        // An error means that the loop is gone, which is an end, too.
        let _ = self.ended.clone().wait_for(|ended| *ended).await;
    }

    /// Stops the node and waits until its files are complete.
    ///
    /// # Errors
    /// [`NodeError`] when it had ended before, and why. Only the first caller is told.
    pub async fn stop(self) -> Result<(), NodeError> {
        self.request_stop();
        self.ended.clone().wait_for(|ended| *ended).await.map_err(|_| NodeError::Gone)?;
        let error = self.outcome.lock().unwrap_or_else(PoisonError::into_inner).take();
        error.map_or(Ok(()), Err)
    }
}
