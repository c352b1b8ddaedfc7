//! What a caller can ask of the swarm. No method waits: a full queue is an error that the caller meets again at its next tick.

use libp2p::Multiaddr;
use raylance_protocol::message::{BlobKey, Gossip};
use raylance_protocol::{AccountId, Message, encode, limits as wire};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, mpsc, watch};

/// Commands to one running swarm. Cheap to clone.
#[derive(Clone, Debug)]
pub struct PeerHandle {
    pub(crate) commands: mpsc::Sender<Command>,
    pub(crate) snapshot: watch::Receiver<Snapshot>,
    pub(crate) stop: Arc<Notify>,
}

/// Why a command was not taken. Nothing was sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CommandError {
    /// Too many commands wait; drain events and try again.
    #[error("too many commands wait for the network")]
    Full,
    /// The swarm has stopped.
    #[error("the network has been shut down")]
    Closed,
    /// The encoded value is longer than peers accept.
    #[error("{len} bytes where at most {max} are allowed")]
    TooLong {
        /// Encoded length.
        len: usize,
        /// Bytes allowed.
        max: usize,
    },
    /// Not a multiaddress.
    #[error("`{address}` is no address; write it like /ip4/192.168.1.20/tcp/4001")]
    Address {
        /// As given.
        address: String,
    },
}

/// A connected peer of this ring.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeerSnapshot {
    /// libp2p peer id as text.
    pub peer_id: String,
    /// Its account.
    pub account: AccountId,
    /// Remote multiaddress of its oldest connection.
    pub address: String,
    /// Round-trip time of the last ping, when one came back.
    pub rtt: Option<Duration>,
}

/// A machine of another ring, or that speaks another version. It was sent away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stranger {
    /// Its account.
    pub account: AccountId,
    /// Remote multiaddress of the connection on which it was met last.
    pub address: String,
    /// Is it of another version? Its ring may be the same then.
    pub other_version: bool,
}

/// What is shown without asking the swarm task.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Snapshot {
    pub peers: Vec<PeerSnapshot>,
    pub strangers: Vec<Stranger>,
    pub addresses: Vec<String>,
}

/// What the swarm task is asked to do.
#[derive(Debug)]
pub(crate) enum Command {
    Send { to: AccountId, bytes: Vec<u8>, tag: u64 },
    Gossip { bytes: Vec<u8> },
    Fetch { from: AccountId, key: BlobKey, len_max: u64, tag: u64 },
    Dial { address: Multiaddr },
}

impl PeerHandle {
    /// Sends `message` to a peer. The reply comes as [`PeerEvent::Replied`](crate::PeerEvent::Replied) with the same `tag`, exactly once.
    ///
    /// # Errors
    /// [`CommandError`]; then no event follows.
    pub fn send(&self, to: AccountId, message: &Message, tag: u64) -> Result<(), CommandError> {
        let bytes = within(encode(message), wire::MESSAGE_BYTES_MAX)?;
        self.command(Command::Send { to, bytes, tag })
    }

    /// Tells everyone on the ring's topic who is connected now. It is not repeated for those who come later.
    ///
    /// # Errors
    /// [`CommandError`].
    pub fn gossip(&self, gossip: &Gossip) -> Result<(), CommandError> {
        let bytes = within(encode(gossip), wire::GOSSIP_BYTES_MAX)?;
        self.command(Command::Gossip { bytes })
    }

    /// Fetches a blob of at most `len_max` bytes. It comes as [`PeerEvent::BlobFetched`](crate::PeerEvent::BlobFetched) with the same
    /// `tag`, exactly once.
    ///
    /// # Errors
    /// [`CommandError`]; then no event follows.
    pub fn fetch(&self, from: AccountId, key: BlobKey, len_max: u64, tag: u64) -> Result<(), CommandError> {
        self.command(Command::Fetch { from, key, len_max, tag })
    }

    /// Adds an address that is dialled again and again while nobody is connected there.
    ///
    /// # Errors
    /// [`CommandError`].
    pub fn dial(&self, address: &str) -> Result<(), CommandError> {
        let address = address.parse().map_err(|_| CommandError::Address { address: address.to_owned() })?;
        self.command(Command::Dial { address })
    }

    /// Connected peers of this ring, nearest first.
    pub fn peers(&self) -> Vec<PeerSnapshot> {
        self.snapshot.borrow().peers.clone()
    }

    /// Machines of other rings or versions that were met lately, the latest first.
    pub fn strangers(&self) -> Vec<Stranger> {
        self.snapshot.borrow().strangers.clone()
    }

    /// Multiaddresses that others can dial, our peer id at their end.
    pub fn listen_addresses(&self) -> Vec<String> {
        self.snapshot.borrow().addresses.clone()
    }

    /// Stops the swarm and waits until its sockets are given back. May be dropped half-way: the swarm stops all the same.
    pub async fn shutdown(&self) {
        self.stop.notify_one();
        self.commands.closed().await;
    }

    fn command(&self, command: Command) -> Result<(), CommandError> {
        self.commands.try_send(command).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => CommandError::Full,
            mpsc::error::TrySendError::Closed(_) => CommandError::Closed,
        })
    }
}

fn within(bytes: Vec<u8>, max: usize) -> Result<Vec<u8>, CommandError> {
    if bytes.len() > max { Err(CommandError::TooLong { len: bytes.len(), max }) } else { Ok(bytes) }
}
