//! The libp2p swarm behind a handle: commands in, events out.
//!
//! ```text
//!  node ── PeerHandle ── commands ──► swarm task ──► TCP + Noise + Yamux, QUIC, mDNS
//!  node ◄─ PeerEvent ─── events  ◄───     │    ◄──── identify · ping · gossip · requests · blobs
//! ```
//!
//! Only this crate knows libp2p: callers name peers by [`AccountId`] and addresses by text. Every protocol name carries the
//! ring's chain id, so peers of another ring share no protocol with us and are sent away. All bytes are checked for length,
//! then decoded; signatures inside messages are the caller's to open. The swarm task never waits for the caller: what peers
//! ask for while the event queue is full is refused as busy, and what the caller asked for itself is kept until there is room.
//! Deliberately absent: job rules, money, and anything that lasts longer than the process.

mod account;
mod behaviour;
mod blob;
mod dial;
mod event;
mod gossip;
mod handle;
pub mod limits;
mod names;
mod rpc;
mod sends;
mod task;

pub use account::peer_id_text;
pub use event::{BlobResponder, FetchError, PeerEvent, Responder, SendError};
pub use handle::{CommandError, PeerHandle, PeerSnapshot, Stranger};

use libp2p::Multiaddr;
use libp2p::multiaddr::Protocol;
use raylance_protocol::{ChainId, Keypair};
use std::net::{IpAddr, TcpListener};
use tokio::sync::mpsc;

/// How a peer shows itself to the network.
#[derive(Clone, Debug)]
pub struct PeerConfig {
    /// Its account's key; the same key is its libp2p identity.
    pub keypair: Keypair,
    /// Its ring. Peers of other rings are sent away.
    pub chain: ChainId,
    /// Addresses to listen on, e.g. `/ip4/0.0.0.0/tcp/0` or `/ip4/0.0.0.0/udp/0/quic-v1`; port 0 = any free port.
    pub listen: Vec<String>,
    /// Addresses that are dialled again and again, for ever, while nobody is connected there.
    pub dial: Vec<String>,
    /// Are peers of the local network found by mDNS?
    pub mdns: bool,
}

/// Why a peer could not start.
#[derive(Debug, thiserror::Error)]
pub enum PeerError {
    /// An address in the configuration is no multiaddress.
    #[error("`{address}` is no address; write it like /ip4/192.168.1.20/tcp/4001")]
    Address {
        /// As configured.
        address: String,
    },
    /// More addresses to dial than are kept.
    #[error("{count} addresses to dial; at most {max} are possible", max = limits::DIAL_TARGETS_MAX)]
    TooManyDials {
        /// As configured.
        count: usize,
    },
    /// A configured address can't be listened on.
    #[error("cannot listen on {address}; is another program using this port?")]
    Listen {
        /// As configured.
        address: String,
        /// What the transport says.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The operating system gives no socket for mDNS.
    #[error("cannot open the socket that finds peers of the local network; turn mDNS off to go without")]
    Mdns(#[source] std::io::Error),
    /// A part of the swarm refuses its settings.
    #[error("cannot set up the network stack")]
    Stack(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Starts the swarm in a task of its own on the current tokio runtime.
///
/// The peer runs until [`PeerHandle::shutdown`], or until all handles or the receiver are dropped.
///
/// # Errors
/// [`PeerError`]; nothing runs then.
pub fn spawn(config: PeerConfig) -> Result<(PeerHandle, mpsc::Receiver<PeerEvent>), PeerError> {
    let listen = config.listen.iter().map(|text| parse(text)).collect::<Result<Vec<_>, _>>()?;
    let dial = config.dial.iter().map(|text| parse(text)).collect::<Result<Vec<_>, _>>()?;
    if dial.len() > limits::DIAL_TARGETS_MAX {
        return Err(PeerError::TooManyDials { count: dial.len() });
    }
    let names = names::Names::of(config.chain);
    let mut swarm = behaviour::swarm(&config.keypair, &names, config.mdns)?;
    for address in listen {
        check_port(&address)?;
        swarm.listen_on(address.clone()).map_err(|source| PeerError::Listen { address: address.to_string(), source: Box::new(source) })?;
    }
    Ok(task::start(swarm, names, config.keypair.account(), dial))
}

/// The TCP transport lets several listeners share a port; then others' connections go to any of them. So it is tried whether the port is free.
fn check_port(address: &Multiaddr) -> Result<(), PeerError> {
    let mut parts = address.iter();
    let (Some(ip), Some(Protocol::Tcp(port))) = (parts.next(), parts.next()) else { return Ok(()) };
    let ip: IpAddr = match ip {
        Protocol::Ip4(ip) => ip.into(),
        Protocol::Ip6(ip) => ip.into(),
        _ => return Ok(()),
    };
    let tried = TcpListener::bind((ip, port)).map(drop);
    tried.map_err(|source| PeerError::Listen { address: address.to_string(), source: Box::new(source) })
}

fn parse(text: &str) -> Result<Multiaddr, PeerError> {
    text.parse().map_err(|_| PeerError::Address { address: text.to_owned() })
}
