//! The parts of the swarm and how they are put together.

use libp2p::connection_limits::{self, ConnectionLimits};
use libp2p::swarm::NetworkBehaviour;
use libp2p::swarm::behaviour::toggle::Toggle;
use libp2p::{Swarm, SwarmBuilder, identify, mdns, noise, ping, tcp, yamux};
use raylance_protocol::Keypair;
use std::time::Duration;

use crate::names::Names;
use crate::{PeerError, account, gossip, limits, rpc};

/// Peers stay connected though nothing is said: who is connected is who can be asked at once.
const IDLE_TIMEOUT: Duration = Duration::from_secs(365 * 24 * 3600);

/// Everything that runs over a connection. The limits come first, so that they refuse before others allocate.
#[derive(NetworkBehaviour)]
pub(crate) struct Behaviour {
    pub limits: connection_limits::Behaviour,
    pub identify: identify::Behaviour,
    pub ping: ping::Behaviour,
    pub gossip: gossip::Behaviour,
    pub rpc: rpc::Behaviour,
    pub blobs: libp2p_stream::Behaviour,
    pub mdns: Toggle<mdns::tokio::Behaviour>,
}

/// Builds a swarm that listens nowhere yet.
pub(crate) fn swarm(keypair: &Keypair, names: &Names, mdns: bool) -> Result<Swarm<Behaviour>, PeerError> {
    let key = account::identity(keypair);
    let peer = key.public().to_peer_id();
    let identify = identify::Config::new(names.version.clone(), key.public())
        .with_agent_version(concat!("raylance/", env!("CARGO_PKG_VERSION")).to_owned())
        .with_push_listen_addr_updates(true);
    let mdns = if mdns { Some(mdns::tokio::Behaviour::new(mdns::Config::default(), peer).map_err(PeerError::Mdns)?) } else { None };
    let behaviour = Behaviour {
        limits: connection_limits::Behaviour::new(connection_limits()),
        identify: identify::Behaviour::new(identify),
        ping: ping::Behaviour::new(ping::Config::new().with_interval(limits::PING_INTERVAL).with_timeout(limits::PING_TIMEOUT)),
        gossip: gossip::behaviour(&key, names)?,
        rpc: rpc::behaviour(names.rpc.clone()),
        blobs: libp2p_stream::Behaviour::new(),
        mdns: Toggle::from(mdns),
    };
    let swarm = SwarmBuilder::with_existing_identity(key)
        .with_tokio()
        .with_tcp(tcp::Config::default().nodelay(true), noise::Config::new, yamux::Config::default)
        .map_err(|error| PeerError::Stack(Box::new(error)))?
        .with_quic()
        .with_behaviour(|_| behaviour)
        .unwrap_or_else(|never| match never {})
        .with_swarm_config(|config| config.with_idle_connection_timeout(IDLE_TIMEOUT))
        .build();
    Ok(swarm)
}

fn connection_limits() -> ConnectionLimits {
    ConnectionLimits::default()
        .with_max_pending_incoming(Some(limits::HANDSHAKES_MAX))
        .with_max_pending_outgoing(Some(limits::HANDSHAKES_MAX))
        .with_max_established_incoming(Some(limits::CONNECTIONS_INCOMING_MAX))
        .with_max_established_outgoing(Some(limits::CONNECTIONS_OUTGOING_MAX))
        .with_max_established_per_peer(Some(limits::CONNECTIONS_PER_PEER_MAX))
}
