//! The task that owns the swarm: it alone moves it, and it never waits for the caller.

use futures::StreamExt;
use futures::future::{BoxFuture, FutureExt};
use futures::stream::FuturesUnordered;
use libp2p::core::ConnectedPoint;
use libp2p::gossipsub::MessageAcceptance;
use libp2p::multiaddr::Protocol;
use libp2p::request_response::{self, OutboundFailure, ResponseChannel};
use libp2p::swarm::dial_opts::DialOpts;
use libp2p::swarm::{ConnectionId, DialError, SwarmEvent};
use libp2p::{Multiaddr, PeerId, Swarm, gossipsub, identify, mdns, ping};
use raylance_protocol::limits::{GOSSIP_BYTES_MAX, MESSAGE_BYTES_MAX};
use raylance_protocol::message::{BlobKey, Gossip, Refusal};
use raylance_protocol::{AccountId, Message, Reply, decode};
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{Notify, Semaphore, mpsc, oneshot, watch};
use tokio::task::JoinSet;

use crate::behaviour::{Behaviour, BehaviourEvent};
use crate::dial::Dials;
use crate::handle::{Command, Snapshot, Stranger};
use crate::names::Names;
use crate::sends::{Sends, Waiting};
use crate::{FetchError, PeerEvent, PeerHandle, PeerSnapshot, Responder, SendError, account, blob, gossip, limits, rpc};

/// Starts the task. Listeners are already bound.
pub(crate) fn start(swarm: Swarm<Behaviour>, names: Names, me: AccountId, dial: Vec<Multiaddr>) -> (PeerHandle, mpsc::Receiver<PeerEvent>) {
    let (command_sender, commands) = mpsc::channel(limits::COMMANDS_MAX);
    let (events, event_receiver) = mpsc::channel(limits::EVENTS_MAX);
    let (snapshot, snapshot_receiver) = watch::channel(Snapshot::default());
    let stop = Arc::new(Notify::new());
    let mut dials = Dials::default();
    for address in dial {
        dials.configure(address, Instant::now());
    }
    let task = Task {
        me,
        topic: gossip::topic(&names),
        names,
        blobs: swarm.behaviour().blobs.new_control(),
        swarm,
        events,
        backlog: VecDeque::new(),
        peers: HashMap::new(),
        dials,
        sends: Sends::default(),
        answers: FuturesUnordered::new(),
        fetches: JoinSet::new(),
        fetch_places: Arc::new(Semaphore::new(limits::FETCHES_ACTIVE_MAX)),
        listening: Vec::new(),
        snapshot,
        shown: Shown::Current,
        strangers_looked_at: Instant::now(),
        strangers: VecDeque::new(),
    };
    tokio::spawn(task.run(commands, stop.clone()));
    (PeerHandle { commands: command_sender, snapshot: snapshot_receiver, stop }, event_receiver)
}

/// A peer with at least one connection.
struct Known {
    account: AccountId,
    connections: Vec<(ConnectionId, Multiaddr)>,
    since: Instant,
    standing: Standing,
    rtt: Option<Duration>,
    pings_missed: u8,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// Has not shown yet that it belongs to this ring.
    Stranger,
    /// Of this ring.
    Admitted,
}

/// Is the published snapshot what it should be?
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shown {
    Current,
    Stale,
}

type Answer = BoxFuture<'static, (ResponseChannel<Vec<u8>>, Reply)>;

struct Task {
    me: AccountId,
    names: Names,
    topic: gossipsub::IdentTopic,
    swarm: Swarm<Behaviour>,
    blobs: libp2p_stream::Control,
    events: mpsc::Sender<PeerEvent>,
    /// Events that must not be dropped and found no room. Bounded: commands are not taken while it is long, so it holds at most
    /// the answers to what is under way, and one gain or loss per connected peer.
    backlog: VecDeque<PeerEvent>,
    peers: HashMap<PeerId, Known>,
    dials: Dials,
    sends: Sends,
    answers: FuturesUnordered<Answer>,
    fetches: JoinSet<()>,
    fetch_places: Arc<Semaphore>,
    listening: Vec<Multiaddr>,
    snapshot: watch::Sender<Snapshot>,
    shown: Shown,
    strangers_looked_at: Instant,
    /// Machines that were sent away, the latest first: a person wonders where they are.
    strangers: VecDeque<Stranger>,
}

impl Task {
    async fn run(mut self, mut commands: mpsc::Receiver<Command>, stop: Arc<Notify>) {
        let incoming = self.blobs.accept(self.names.blob.clone()).expect("the name was registered nowhere else");
        let mut serving = JoinSet::new();
        serving.spawn(blob::serve(incoming, self.events.clone()));
        let outlet = self.events.clone();
        loop {
            // Whatever happens may bring it nearer, so it is looked up each time. Without anything due nothing wakes this task.
            let due = self.next_due();
            let now = Instant::now();
            tokio::select! {
                () = stop.notified() => break,
                () = outlet.closed() => break,
                permit = outlet.reserve(), if !self.backlog.is_empty() => {
                    let (Ok(permit), Some(event)) = (permit, self.backlog.pop_front()) else { break };
                    permit.send(event);
                }
                command = commands.recv(), if self.backlog.len() < limits::BACKLOG_MAX => {
                    let Some(command) = command else { break };
                    self.on_command(command);
                }
                event = self.swarm.select_next_some() => self.on_swarm(event),
                Some((channel, reply)) = self.answers.next() => self.reply(channel, reply),
                Some(_) = self.fetches.join_next() => {}
                () = tokio::time::sleep_until(due.unwrap_or(now).into()), if due.is_some() => self.on_due(Instant::now()),
            }
            self.show();
        }
        // The swarm goes first, so that whoever waits for the command channel to close finds its sockets free.
        drop(serving);
        drop(self);
        drop(commands);
    }

    fn on_command(&mut self, command: Command) {
        match command {
            Command::Send { to, bytes, tag } => self.send(to, bytes, tag),
            Command::Gossip { bytes } => {
                // Nobody listening is no error: whoever comes later asks, or hears the next one.
                if let Err(error) = self.swarm.behaviour_mut().gossip.publish(self.topic.clone(), bytes) {
                    tracing::debug!(%error, "gossip reached nobody");
                }
            }
            Command::Fetch { from, key, len_max, tag } => self.fetch(from, key, len_max, tag),
            Command::Dial { address } => {
                if !self.dials.configure(address.clone(), Instant::now()) {
                    tracing::warn!(%address, max = limits::DIAL_TARGETS_MAX, "too many addresses are dialled already");
                }
            }
        }
    }

    fn send(&mut self, to: AccountId, bytes: Vec<u8>, tag: u64) {
        let Some(peer) = account::peer_id(to).filter(|_| to != self.me) else {
            return self.tell(PeerEvent::Replied { to, tag, reply: Err(SendError::NotConnected) });
        };
        match self.sends.queue(peer, Waiting { to, tag, bytes }) {
            Ok(()) => self.send_next(peer),
            Err(message) => self.tell(PeerEvent::Replied { to, tag: message.tag, reply: Err(SendError::Busy) }),
        }
    }

    fn send_next(&mut self, peer: PeerId) {
        while let Some(message) = self.sends.next(&peer) {
            let id = self.swarm.behaviour_mut().rpc.send_request(&peer, message.bytes);
            self.sends.left(id, peer, message.to, message.tag);
        }
    }

    fn fetch(&mut self, from: AccountId, key: BlobKey, len_max: u64, tag: u64) {
        let peer = account::peer_id(from).filter(|peer| self.peers.contains_key(peer));
        let error = match peer {
            None => FetchError::NotConnected,
            Some(_) if self.fetches.len() >= limits::FETCHES_MAX => FetchError::Busy,
            Some(peer) => {
                let (control, name, events) = (self.blobs.clone(), self.names.blob.clone(), self.events.clone());
                let places = self.fetch_places.clone();
                self.fetches.spawn(async move {
                    // The place is kept until the caller has taken the bytes, so that what is in memory stays bounded.
                    let _place = places.acquire().await;
                    let result = blob::fetch(control, peer, name, key, len_max).await;
                    let _ = events.send(PeerEvent::BlobFetched { tag, from, key, result }).await;
                });
                return;
            }
        };
        self.tell(PeerEvent::BlobFetched { tag, from, key, result: Err(error) });
    }

    fn reply(&mut self, channel: ResponseChannel<Vec<u8>>, reply: Reply) {
        // An asker that went away asks again.
        let _ = self.swarm.behaviour_mut().rpc.send_response(channel, rpc::encode_reply(reply));
    }

    fn next_due(&self) -> Option<Instant> {
        let strangers = self.peers.values().filter(|known| known.standing == Standing::Stranger);
        let late = strangers.map(|known| known.since + limits::STRANGER_TIMEOUT).min();
        let looked = self.strangers_looked_at + limits::STRANGERS_LOOK;
        self.dials.next_due().into_iter().chain(late.map(|late| late.max(looked))).min()
    }

    fn on_due(&mut self, now: Instant) {
        self.strangers_looked_at = now;
        let peers = &self.peers;
        for options in self.dials.due(now, |peer| peers.contains_key(peer)) {
            self.dial(options, now);
        }
        let is_late = |known: &Known| known.standing == Standing::Stranger && now.duration_since(known.since) >= limits::STRANGER_TIMEOUT;
        let strangers: Vec<_> = self.peers.iter().filter(|(_, known)| is_late(known)).map(|(peer, _)| *peer).collect();
        for peer in strangers {
            let _ = self.swarm.disconnect_peer_id(peer);
        }
    }

    fn dial(&mut self, options: DialOpts, now: Instant) {
        let connection = options.connection_id();
        if let Err(error) = self.swarm.dial(options) {
            tracing::debug!(%error, "cannot dial");
            self.dials.failed(connection, now);
        }
    }

    fn on_swarm(&mut self, event: SwarmEvent<BehaviourEvent>) {
        match event {
            SwarmEvent::Behaviour(event) => self.on_behaviour(event),
            SwarmEvent::ConnectionEstablished { peer_id, connection_id, endpoint, .. } => {
                self.on_connected(peer_id, connection_id, &endpoint);
            }
            SwarmEvent::ConnectionClosed { peer_id, connection_id, .. } => self.on_closed(peer_id, connection_id),
            SwarmEvent::OutgoingConnectionError { connection_id, error, .. } => {
                if let DialError::LocalPeerId { address } = &error {
                    tracing::info!(%address, "this address is our own and is not dialled again");
                    self.dials.forget(connection_id);
                } else {
                    tracing::debug!(%error, "nobody answers");
                    self.dials.failed(connection_id, Instant::now());
                }
            }
            SwarmEvent::NewListenAddr { address, .. } => {
                let address = self.with_peer_id(address);
                if !self.listening.contains(&address) {
                    self.listening.push(address.clone());
                    self.shown = Shown::Stale;
                    self.tell(PeerEvent::Listening { address: address.to_string() });
                }
            }
            SwarmEvent::ExpiredListenAddr { address, .. } => {
                let address = self.with_peer_id(address);
                self.listening.retain(|known| *known != address);
                self.shown = Shown::Stale;
            }
            SwarmEvent::ListenerClosed { addresses, reason, .. } => {
                tracing::warn!(?addresses, ?reason, "no longer listening");
            }
            _ => {}
        }
    }

    fn with_peer_id(&self, address: Multiaddr) -> Multiaddr {
        let me = *self.swarm.local_peer_id();
        address.with_p2p(me).unwrap_or_else(|address| address.with(Protocol::P2p(me)))
    }

    fn on_connected(&mut self, peer: PeerId, connection: ConnectionId, endpoint: &ConnectedPoint) {
        self.dials.connected(connection, peer);
        let Some(account) = account::account(&peer) else {
            tracing::info!(%peer, "a peer whose key is no account is sent away");
            let _ = self.swarm.disconnect_peer_id(peer);
            return;
        };
        let known = self.peers.entry(peer).or_insert_with(|| Known {
            account,
            connections: Vec::new(),
            since: Instant::now(),
            standing: Standing::Stranger,
            rtt: None,
            pings_missed: 0,
        });
        known.connections.push((connection, endpoint.get_remote_address().clone()));
        if known.standing == Standing::Admitted {
            self.dials.admitted(&peer);
        }
    }

    fn on_closed(&mut self, peer: PeerId, connection: ConnectionId) {
        self.shown = Shown::Stale;
        if let Some(known) = self.peers.get_mut(&peer) {
            known.connections.retain(|(id, _)| *id != connection);
            if !known.connections.is_empty() {
                return;
            }
        }
        self.dials.lost(&peer, Instant::now());
        if let Some(Known { account, standing: Standing::Admitted, .. }) = self.peers.remove(&peer) {
            // A gain that was not told yet and its loss cancel out: this keeps the backlog bounded.
            let untold = |event: &PeerEvent| matches!(event, PeerEvent::Connected { account: gained } if *gained == account);
            if let Some(index) = self.backlog.iter().position(untold) {
                self.backlog.remove(index);
            } else {
                self.tell(PeerEvent::Lost { account });
            }
        }
    }

    /// The peer has shown that it belongs to this ring.
    fn admit(&mut self, peer: &PeerId) {
        let Some(known) = self.peers.get_mut(peer).filter(|known| known.standing == Standing::Stranger) else { return };
        known.standing = Standing::Admitted;
        let account = known.account;
        self.dials.admitted(peer);
        self.forget_stranger(account);
        self.shown = Shown::Stale;
        self.tell(PeerEvent::Connected { account });
    }

    /// What is no Raylance at all concerns nobody.
    fn remember_stranger(&mut self, peer: &PeerId, version: &str) {
        let (Some(known), Some(rest)) = (self.peers.get(peer), version.strip_prefix("raylance/")) else { return };
        let address = known.connections.first().map(|(_, address)| address.to_string()).unwrap_or_default();
        let other_version = rest.rsplit('/').next() != self.names.version.rsplit('/').next();
        let stranger = Stranger { account: known.account, address, other_version };
        self.forget_stranger(stranger.account);
        self.strangers.push_front(stranger);
        self.strangers.truncate(limits::STRANGERS_MAX);
        self.shown = Shown::Stale;
    }

    fn forget_stranger(&mut self, account: AccountId) {
        self.strangers.retain(|stranger| stranger.account != account);
    }

    fn on_behaviour(&mut self, event: BehaviourEvent) {
        match event {
            BehaviourEvent::Identify(identify::Event::Received { peer_id, info, .. }) => {
                if info.protocol_version == self.names.version {
                    self.admit(&peer_id);
                } else {
                    self.remember_stranger(&peer_id, &info.protocol_version);
                    tracing::info!(peer = %peer_id, version = %info.protocol_version, "a peer of another ring is sent away");
                    let _ = self.swarm.disconnect_peer_id(peer_id);
                }
            }
            BehaviourEvent::Identify(_) | BehaviourEvent::Blobs(()) => {}
            BehaviourEvent::Ping(event) => self.on_ping(event),
            BehaviourEvent::Gossip(gossipsub::Event::Message { propagation_source, message_id, message }) => {
                let acceptance = self.on_gossip(message);
                self.swarm.behaviour_mut().gossip.report_message_validation_result(&message_id, &propagation_source, acceptance);
            }
            BehaviourEvent::Gossip(_) => {}
            BehaviourEvent::Rpc(event) => self.on_rpc(event),
            BehaviourEvent::Mdns(mdns::Event::Discovered(found)) => {
                for (peer, address) in found {
                    self.dials.discover(peer, address, Instant::now());
                }
            }
            BehaviourEvent::Mdns(mdns::Event::Expired(expired)) => {
                for (peer, address) in expired {
                    self.dials.expire(&peer, &address);
                }
            }
        }
    }

    fn on_ping(&mut self, event: ping::Event) {
        let Some(known) = self.peers.get_mut(&event.peer) else { return };
        match event.result {
            Ok(rtt) => {
                known.rtt = Some(rtt);
                known.pings_missed = 0;
                self.shown = Shown::Stale;
            }
            Err(error) => {
                known.pings_missed += 1;
                if known.pings_missed >= limits::PINGS_MISSED_MAX {
                    tracing::info!(peer = %event.peer, %error, "a silent connection is closed");
                    known.pings_missed = 0;
                    self.swarm.close_connection(event.connection);
                }
            }
        }
    }

    /// Checks gossip and hands it on; says whether others should hear it from us.
    fn on_gossip(&mut self, message: gossipsub::Message) -> MessageAcceptance {
        let from = message.source.and_then(|peer| account::account(&peer));
        let (Some(from), Ok(gossip)) = (from, decode::<Gossip>(&message.data, GOSSIP_BYTES_MAX)) else {
            return MessageAcceptance::Reject;
        };
        if self.has_room_for_peers() {
            let _ = self.events.try_send(PeerEvent::Gossip { from, gossip });
        }
        MessageAcceptance::Accept
    }

    fn on_rpc(&mut self, event: request_response::Event<Vec<u8>, Vec<u8>>) {
        match event {
            request_response::Event::Message { peer, message: request_response::Message::Request { request, channel, .. }, .. } => {
                // The protocol's name carries the ring, so asking in it is proof enough.
                self.admit(&peer);
                self.on_request(peer, &request, channel);
            }
            request_response::Event::Message { message: request_response::Message::Response { request_id, response }, .. } => {
                if let Some((peer, to, tag)) = self.sends.ended(request_id) {
                    let reply = decode(&response, MESSAGE_BYTES_MAX).map_err(|_| SendError::Malformed);
                    self.tell(PeerEvent::Replied { to, tag, reply });
                    self.send_next(peer);
                }
            }
            request_response::Event::OutboundFailure { request_id, error, .. } => {
                if let Some((peer, to, tag)) = self.sends.ended(request_id) {
                    let error = send_error(&error);
                    self.tell(PeerEvent::Replied { to, tag, reply: Err(error) });
                    if error == SendError::NotConnected {
                        self.abandon(peer);
                    }
                    self.send_next(peer);
                }
            }
            request_response::Event::InboundFailure { peer, error, .. } => {
                tracing::debug!(%peer, %error, "a request was not answered");
            }
            request_response::Event::ResponseSent { .. } => {}
        }
    }

    fn on_request(&mut self, peer: PeerId, bytes: &[u8], channel: ResponseChannel<Vec<u8>>) {
        let Some(from) = account::account(&peer) else { return };
        let Ok(message) = decode::<Message>(bytes, MESSAGE_BYTES_MAX) else {
            return self.reply(channel, Reply::Refused(Refusal::Malformed));
        };
        if !self.has_room_for_peers() || self.answers.len() >= limits::REQUESTS_OPEN_MAX {
            return self.reply(channel, Reply::Refused(Refusal::Busy));
        }
        let (sender, answer) = oneshot::channel();
        self.answers.push(async move { (channel, answer.await.unwrap_or(Reply::Refused(Refusal::Busy))) }.boxed());
        // Without room the responder is dropped here, and the answer is "busy".
        let _ = self.events.try_send(PeerEvent::Request { from, message, responder: Responder(sender) });
    }

    fn abandon(&mut self, peer: PeerId) {
        for message in self.sends.abandon(&peer) {
            self.tell(PeerEvent::Replied { to: message.to, tag: message.tag, reply: Err(SendError::NotConnected) });
        }
    }

    /// May what a peer wants take a place in the event queue? Not before what we owe the caller, and never the last places.
    fn has_room_for_peers(&self) -> bool {
        self.backlog.is_empty() && self.events.capacity() > limits::EVENTS_RESERVED
    }

    /// Hands an event on that must not be dropped.
    fn tell(&mut self, event: PeerEvent) {
        // Whoever hears of a change must find it when looking.
        self.show();
        self.backlog.push_back(event);
        while let Some(event) = self.backlog.pop_front() {
            if let Err(mpsc::error::TrySendError::Full(event)) = self.events.try_send(event) {
                self.backlog.push_front(event);
                return;
            }
        }
    }

    /// Publishes what changed.
    fn show(&mut self) {
        if self.shown == Shown::Current {
            return;
        }
        self.shown = Shown::Current;
        let admitted = self.peers.iter().filter(|(_, known)| known.standing == Standing::Admitted);
        let mut peers: Vec<_> = admitted
            .map(|(peer, known)| PeerSnapshot {
                peer_id: peer.to_base58(),
                account: known.account,
                address: known.connections.first().map(|(_, address)| address.to_string()).unwrap_or_default(),
                rtt: known.rtt,
            })
            .collect();
        peers.sort_by_key(|peer| (peer.rtt.unwrap_or(Duration::MAX), peer.account));
        let addresses = self.listening.iter().map(Multiaddr::to_string).collect();
        let strangers = self.strangers.iter().cloned().collect();
        self.snapshot.send_replace(Snapshot { peers, strangers, addresses });
    }
}

fn send_error(error: &OutboundFailure) -> SendError {
    match error {
        OutboundFailure::DialFailure => SendError::NotConnected,
        OutboundFailure::Timeout => SendError::TimedOut,
        OutboundFailure::ConnectionClosed => SendError::Lost,
        OutboundFailure::UnsupportedProtocols => SendError::OtherProtocol,
        OutboundFailure::Io(error) if error.kind() == std::io::ErrorKind::InvalidData => SendError::Malformed,
        OutboundFailure::Io(_) => SendError::Lost,
    }
}
