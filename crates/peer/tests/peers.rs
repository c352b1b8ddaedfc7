//! Peers on real sockets of this machine.

use futures::{AsyncReadExt, AsyncWriteExt, StreamExt};
use libp2p::{Multiaddr, SwarmBuilder, noise, tcp, yamux};
use raylance_peer::{CommandError, FetchError, PeerConfig, PeerEvent, PeerHandle, SendError, peer_id_text, spawn};
use raylance_protocol::limits::MESSAGE_BYTES_MAX;
use raylance_protocol::message::{BlobKey, Gossip, Refusal, ReturnReason};
use raylance_protocol::{
    AccountId, Address, Assignment, ChainId, Digest, Height, JobId, Keypair, Lease, Message, Microlux, Reply, SceneDigest,
};
use raylance_protocol::{Task, UnitIndex};
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

const TCP: &str = "/ip4/127.0.0.1/tcp/0";
const QUIC: &str = "/ip4/127.0.0.1/udp/0/quic-v1";
/// Only against hanging for ever: nothing here is measured.
const PATIENCE: Duration = Duration::from_secs(600);

struct Peer {
    account: AccountId,
    handle: PeerHandle,
    events: mpsc::Receiver<PeerEvent>,
}

fn chain(name: &str) -> ChainId {
    ChainId(Digest::of("test chain", &[name.as_bytes()]))
}

fn start_in(ring: &str, secret: u8, listen: &str, dial: &[&str]) -> Peer {
    let keypair = Keypair::from_secret([secret; 32]);
    let account = keypair.account();
    let dial = dial.iter().map(|&address| address.to_owned()).collect();
    let config = PeerConfig { keypair, chain: chain(ring), listen: vec![listen.to_owned()], dial, mdns: false };
    let (handle, events) = spawn(config).expect("a peer on this machine");
    Peer { account, handle, events }
}

fn start(secret: u8, listen: &str, dial: &[&str]) -> Peer {
    start_in("one", secret, listen, dial)
}

/// An address whose port lies below those that the system gives out: while nobody listens there, no other test gets it by chance.
fn lasting_address() -> String {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let first = (std::process::id() as u16).wrapping_mul(37);
    let candidates = std::iter::repeat_with(|| 20_000 + first.wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed)) % 12_000);
    let free = candidates.take(1_000).find(|&port| TcpListener::bind(("127.0.0.1", port)).is_ok());
    format!("/ip4/127.0.0.1/tcp/{}", free.expect("a thousand ports are not all taken"))
}

impl Peer {
    /// Waits for the first event that `pick` takes; others are dropped.
    async fn until<T>(&mut self, pick: impl FnMut(PeerEvent) -> Option<T>) -> T {
        until(&mut self.events, pick).await
    }

    async fn address(&mut self) -> String {
        self.until(|event| if let PeerEvent::Listening { address } = event { Some(address) } else { None }).await
    }

    async fn connected_to(&mut self, other: AccountId) {
        self.until(|event| matches!(event, PeerEvent::Connected { account } if account == other).then_some(())).await;
    }

    async fn reply(&mut self, wanted: u64) -> Result<Reply, SendError> {
        self.until(|event| match event {
            PeerEvent::Replied { tag, reply, .. } if tag == wanted => Some(reply),
            _ => None,
        })
        .await
    }

    async fn fetched(&mut self, wanted: u64) -> Result<Vec<u8>, FetchError> {
        self.until(|event| match event {
            PeerEvent::BlobFetched { tag, result, .. } if tag == wanted => Some(result),
            _ => None,
        })
        .await
    }

    /// Answers one request with `reply` and returns who asked what.
    async fn answer(&mut self, reply: Reply) -> (AccountId, Message) {
        let (from, message, responder) = self
            .until(|event| match event {
                PeerEvent::Request { from, message, responder } => Some((from, message, responder)),
                _ => None,
            })
            .await;
        responder.answer(reply);
        (from, message)
    }

    async fn serve(&mut self, blob: Option<Arc<[u8]>>) -> (AccountId, BlobKey) {
        let (from, key, responder) = self
            .until(|event| match event {
                PeerEvent::BlobWanted { from, key, responder } => Some((from, key, responder)),
                _ => None,
            })
            .await;
        responder.answer(blob);
        (from, key)
    }
}

async fn until<T>(events: &mut mpsc::Receiver<PeerEvent>, mut pick: impl FnMut(PeerEvent) -> Option<T>) -> T {
    let search = async {
        loop {
            if let Some(found) = pick(events.recv().await.expect("the peer runs")) {
                return found;
            }
        }
    };
    tokio::time::timeout(PATIENCE, search).await.expect("the awaited event")
}

async fn pair(listen: &str) -> (Peer, Peer) {
    let mut one = start(1, listen, &[]);
    let address = one.address().await;
    let mut two = start(2, listen, &[&address]);
    meet(&mut one, &mut two).await;
    (one, two)
}

async fn meet(one: &mut Peer, two: &mut Peer) {
    let (first, second) = (one.account, two.account);
    tokio::join!(one.connected_to(second), two.connected_to(first));
}

fn question() -> Message {
    Message::GetBlocks { from: Height(1), blocks_max: 3 }
}

async fn talk_both_ways(listen: &str) {
    let (mut one, mut two) = pair(listen).await;
    let shown = one.handle.peers();
    assert_eq!(shown.len(), 1);
    assert_eq!(shown[0].account, two.account);
    assert_eq!(Some(shown[0].peer_id.clone()), peer_id_text(two.account));
    assert!(one.handle.listen_addresses()[0].ends_with(&peer_id_text(one.account).expect("a key")));

    two.handle.send(one.account, &question(), 7).expect("taken");
    assert_eq!(one.answer(Reply::Blocks(vec![])).await, (two.account, question()));
    assert_eq!(two.reply(7).await, Ok(Reply::Blocks(vec![])));

    let returned = Message::Return { job: JobId::default(), task: Task::Unit(UnitIndex(1)), reason: ReturnReason::Owner };
    one.handle.send(two.account, &returned, 8).expect("taken");
    assert_eq!(two.answer(Reply::Refused(Refusal::UnknownJob)).await, (one.account, returned));
    assert_eq!(one.reply(8).await, Ok(Reply::Refused(Refusal::UnknownJob)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_peers_talk_over_tcp() {
    talk_both_ways(TCP).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_peers_talk_over_quic() {
    talk_both_ways(QUIC).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_without_an_answer_is_refused_as_busy() {
    let (mut one, mut two) = pair(TCP).await;
    two.handle.send(one.account, &question(), 1).expect("taken");
    one.until(|event| matches!(event, PeerEvent::Request { .. }).then_some(())).await;
    assert_eq!(two.reply(1).await, Ok(Reply::Refused(Refusal::Busy)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_to_nobody_comes_back() {
    let mut one = start(1, TCP, &[]);
    let nobody = Keypair::from_secret([99; 32]).account();
    for (to, tag) in [(nobody, 1), (AccountId([0xff; 32]), 2), (one.account, 3)] {
        one.handle.send(to, &question(), tag).expect("taken");
        assert_eq!(one.reply(tag).await, Err(SendError::NotConnected));
    }
    one.handle.fetch(nobody, BlobKey::Manifest(SceneDigest::default()), 1, 4).expect("taken");
    assert_eq!(one.fetched(4).await, Err(FetchError::NotConnected));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn too_long_a_message_does_not_leave() {
    let (mut one, mut two) = pair(TCP).await;
    let address = Address { frame: 0, x_px: 0, y_px: 0, first_sample: 0, samples: 16 };
    let lease = |addresses: usize| {
        let assignment = Assignment::List(vec![address; addresses]);
        Message::Lease(Lease { job: JobId::default(), assignment, price: Microlux(1), lasts_ms: 1 })
    };
    let refused = two.handle.send(one.account, &lease(81_000), 1);
    assert!(matches!(refused, Err(CommandError::TooLong { max: MESSAGE_BYTES_MAX, .. })), "{refused:?}");
    two.handle.send(one.account, &lease(80_000), 2).expect("just short enough");
    assert_eq!(one.answer(Reply::Recorded).await, (two.account, lease(80_000)));
    assert_eq!(two.reply(2).await, Ok(Reply::Recorded));
}

/// Opens a request stream as a hostile peer would and returns what comes back for `bytes`.
async fn attack(address: &str, protocol: &str, bytes: &[u8]) -> Vec<u8> {
    let mut swarm = SwarmBuilder::with_new_identity()
        .with_tokio()
        .with_tcp(tcp::Config::default(), noise::Config::new, yamux::Config::default)
        .expect("a transport")
        .with_behaviour(|_| libp2p_stream::Behaviour::new())
        .expect("a behaviour")
        .build();
    let mut control = swarm.behaviour().new_control();
    let victim: Multiaddr = address.parse().expect("an address");
    let Some(libp2p::multiaddr::Protocol::P2p(peer)) = victim.iter().last() else { panic!("the address names its peer") };
    swarm.add_peer_address(peer, victim.clone());
    swarm.dial(victim).expect("dialled");
    let swarm = tokio::spawn(async move {
        loop {
            swarm.select_next_some().await;
        }
    });
    let protocol = libp2p::StreamProtocol::try_from_owned(protocol.to_owned()).expect("a name");
    let talk = async {
        let mut stream = control.open_stream(peer, protocol).await.expect("a stream");
        stream.write_all(bytes).await.expect("written");
        stream.flush().await.expect("flushed");
        let mut answer = Vec::new();
        // A reset stream is an answer too.
        let _ = stream.read_to_end(&mut answer).await;
        answer
    };
    let answer = tokio::time::timeout(PATIENCE, talk).await.expect("the stream ends");
    swarm.abort();
    answer
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hostile_bytes_are_refused_and_the_peer_lives_on() {
    let mut one = start(1, TCP, &[]);
    let address = one.address().await;
    let prefix = chain("one").0.to_hex()[..16].to_owned();
    let rpc = format!("/raylance/{prefix}/rpc/2");
    let blob = format!("/raylance/{prefix}/blob/2");
    assert_eq!(attack(&address, &rpc, &[0xff; 64]).await, [] as [u8; 0], "a length of 4 GiB");
    assert_eq!(attack(&address, &blob, &[0xff; 64]).await, [] as [u8; 0], "a length of 4 GiB");
    // Length 3, no message: a typed refusal in a frame of two bytes.
    assert_eq!(attack(&address, &rpc, &[3, 0, 0, 0, 0xee, 1, 2]).await, [2, 0, 0, 0, 1, 0]);

    let mut two = start(2, TCP, &[&address]);
    two.connected_to(one.account).await;
    two.handle.send(one.account, &question(), 1).expect("taken");
    one.answer(Reply::Recorded).await;
    assert_eq!(two.reply(1).await, Ok(Reply::Recorded));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn gossip_reaches_a_third_peer_through_the_second() {
    let (one, mut two) = pair(TCP).await;
    let address = two.handle.listen_addresses()[0].clone();
    let mut three = start(3, TCP, &[&address]);
    meet(&mut two, &mut three).await;

    // Who listens is told along each connection; until that is known the speaker repeats itself, as an artist does.
    let deadline = Instant::now() + PATIENCE;
    let mut height = 0;
    let from = loop {
        height += 1;
        one.handle.gossip(&Gossip::Final { height: Height(height) }).expect("taken");
        let heard = async {
            loop {
                if let Some(PeerEvent::Gossip { from, gossip: Gossip::Final { .. } }) = three.events.recv().await {
                    return from;
                }
            }
        };
        if let Ok(from) = tokio::time::timeout(Duration::from_millis(300), heard).await {
            break from;
        }
        assert!(Instant::now() < deadline, "gossip never arrived");
    };
    assert_eq!(from, one.account, "the speaker, not the one who passed it on");
    assert_eq!(three.handle.peers().len(), 1, "one and three are not connected");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn blobs_arrive_whole_or_with_a_reason() {
    for listen in [TCP, QUIC] {
        let (mut one, mut two) = pair(listen).await;
        let key = BlobKey::Film { job: JobId::default(), worker: AccountId([0; 32]), task: Task::Unit(UnitIndex(5)) };
        let blob: Arc<[u8]> = (0..5 << 20).map(|i: u32| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
        let len = blob.len() as u64;

        two.handle.fetch(one.account, key, len, 1).expect("taken");
        assert_eq!(one.serve(Some(blob.clone())).await, (two.account, key));
        assert_eq!(two.fetched(1).await.as_deref(), Ok(&blob[..]));

        two.handle.fetch(one.account, key, len, 2).expect("taken");
        one.serve(None).await;
        assert_eq!(two.fetched(2).await, Err(FetchError::Unknown));

        two.handle.fetch(one.account, key, len - 1, 3).expect("taken");
        one.serve(Some(blob.clone())).await;
        assert_eq!(two.fetched(3).await, Err(FetchError::TooLong { len, max: len - 1 }));

        two.handle.fetch(one.account, key, len, 4).expect("taken");
        one.until(|event| matches!(event, PeerEvent::BlobWanted { .. }).then_some(())).await;
        assert_eq!(two.fetched(4).await, Err(FetchError::Busy), "dropped unanswered");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_blobs_at_once_all_arrive() {
    let (mut one, mut two) = pair(TCP).await;
    let count = 40;
    for tag in 0..count {
        let key = BlobKey::Film { job: JobId::default(), worker: AccountId([0; 32]), task: Task::Unit(UnitIndex(tag)) };
        two.handle.fetch(one.account, key, 1 << 20, u64::from(tag)).expect("taken");
    }
    let server = tokio::spawn(async move {
        let blob: Arc<[u8]> = vec![7; 300_000].into();
        loop {
            one.serve(Some(blob.clone())).await;
        }
    });
    for _ in 0..count {
        let result = two.until(|event| if let PeerEvent::BlobFetched { result, .. } = event { Some(result) } else { None }).await;
        assert_eq!(result.map(|bytes| bytes.len()), Ok(300_000));
    }
    server.abort();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_peer_that_restarts_on_its_port_is_heard_again() {
    let listen = lasting_address();
    let mut one = start(1, &listen, &[]);
    let address = one.address().await;
    let mut two = start(2, TCP, &[&address]);
    two.connected_to(one.account).await;
    let account = one.account;
    one.handle.shutdown().await;
    assert_eq!(one.handle.send(two.account, &question(), 1), Err(CommandError::Closed));
    two.until(|event| matches!(event, PeerEvent::Lost { account: lost } if lost == account).then_some(())).await;
    assert!(two.handle.peers().is_empty());

    let mut again = start(1, &listen, &[]);
    two.connected_to(account).await;
    two.handle.send(account, &question(), 2).expect("taken");
    again.answer(Reply::Recorded).await;
    assert_eq!(two.reply(2).await, Ok(Reply::Recorded));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_peer_that_starts_later_is_found() {
    let listen = lasting_address();
    // By an address without a peer id: whoever is there.
    let mut early = start(2, TCP, &[&listen]);
    early.address().await;
    let late = start(3, &listen, &[]);
    early.connected_to(late.account).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn peers_of_two_rings_do_not_meet() {
    let mut one = start_in("one", 1, TCP, &[]);
    let address = one.address().await;
    let mut other = start_in("two", 2, TCP, &[&address]);
    let mut friend = start_in("one", 3, TCP, &[&address]);
    one.connected_to(friend.account).await;
    friend.connected_to(one.account).await;

    other.handle.send(one.account, &question(), 1).expect("taken");
    let refused = other.reply(1).await;
    assert!(matches!(refused, Err(SendError::OtherProtocol | SendError::NotConnected | SendError::Lost)), "{refused:?}");
    other.handle.fetch(one.account, BlobKey::Manifest(SceneDigest::default()), 1, 2).expect("taken");
    let refused = other.fetched(2).await;
    assert!(matches!(refused, Err(FetchError::OtherProtocol | FetchError::NotConnected | FetchError::Lost)), "{refused:?}");
    assert_eq!(one.handle.peers().len(), 1);
    assert!(other.handle.peers().is_empty());
    // A person can see where they are.
    for (peer, met) in [(&one, other.account), (&other, one.account)] {
        while peer.handle.strangers().iter().all(|stranger| stranger.account != met || stranger.other_version) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
    assert!(friend.handle.strangers().iter().all(|stranger| stranger.account != one.account));
    while let Ok(event) = one.events.try_recv() {
        assert!(!matches!(event, PeerEvent::Connected { .. } | PeerEvent::Request { .. } | PeerEvent::BlobWanted { .. }), "{event:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_that_does_not_listen_is_stopped_and_misses_no_reply() {
    let (mut one, mut two) = pair(TCP).await;
    let server = tokio::spawn(async move {
        loop {
            one.answer(Reply::Recorded).await;
        }
    });
    let to = two.handle.peers()[0].account;
    let mut taken = 0;
    let mut full = 0;
    // More than event queue, backlog and command queue hold together: it must end in `Full` rather than in memory.
    while full < 50 {
        match two.handle.send(to, &question(), taken) {
            Ok(()) => taken += 1,
            Err(CommandError::Full) => {
                full += 1;
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            Err(error) => panic!("{error}"),
        }
        assert!(taken < 100_000, "nothing stops the caller");
    }
    let mut open: std::collections::BTreeSet<u64> = (0..taken).collect();
    while !open.is_empty() {
        let tag = two.until(|event| if let PeerEvent::Replied { tag, .. } = event { Some(tag) } else { None }).await;
        assert!(open.remove(&tag), "{tag} ended twice");
    }
    // The peer still talks.
    two.handle.send(to, &question(), u64::MAX).expect("taken");
    assert_eq!(two.reply(u64::MAX).await, Ok(Reply::Recorded));
    server.abort();
}

#[tokio::test]
async fn a_broken_configuration_is_told() {
    let config = |listen: &str, dial: &str| PeerConfig {
        keypair: Keypair::from_secret([1; 32]),
        chain: chain("one"),
        listen: vec![listen.to_owned()],
        dial: vec![dial.to_owned()],
        mdns: false,
    };
    let told = |listen: &str, dial: &str| spawn(config(listen, dial)).expect_err("refused").to_string();
    assert!(told("nonsense", TCP).contains("`nonsense` is no address"));
    assert!(told(TCP, "127.0.0.1:80").contains("`127.0.0.1:80` is no address"));
    assert!(told("/ip4/127.0.0.1/tcp/1/ws", TCP).contains("cannot listen on"));
}

/// The transport itself shares ports: two listeners on one of them, and connections go to either.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn regression_c4_a_port_that_another_instance_listens_on_is_refused() {
    for free in [TCP, QUIC] {
        let mut one = start(1, free, &[]);
        let address = one.address().await;
        let taken = address.split("/p2p/").next().expect("the address names its peer").to_owned();
        let again = PeerConfig {
            keypair: Keypair::from_secret([2; 32]),
            chain: chain("one"),
            listen: vec![taken.clone()],
            dial: Vec::new(),
            mdns: false,
        };
        let refused = spawn(again.clone()).map(drop).expect_err("the port is taken");
        assert!(refused.to_string().contains(&taken), "{refused}");
        one.handle.shutdown().await;
        // A peer that is started again gets its port back.
        let (mut events, mut tries) = (None, 0);
        while events.is_none() && tries < 100 {
            events = spawn(again.clone()).ok();
            tries += 1;
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        assert!(events.is_some(), "the port is free again");
    }
}
