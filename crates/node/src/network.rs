//! The swarm as the shell needs it: replies and blobs are awaited, what peers say becomes events, blobs are served from disk.

use crate::cheat::Cheat;
use crate::shell::{Arrived, News};
use raylance_agent::{Ears, Event};
use raylance_consensus::{CheckedBlock, Tip, Validators};
use raylance_files::Files;
use raylance_ledger::State;
use raylance_ledger::tree::{Download, NodeStore};
use raylance_peer::{FetchError, PeerEvent, PeerHandle, SendError};
use raylance_protocol::message::{BlobKey, Gossip};
use raylance_protocol::{AccountId, ChainId, Height, Message, Reply, limits};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;
use tokio::sync::{mpsc, oneshot};

/// Blocks of one request.
pub const BLOCKS_MAX: u16 = 64;

/// Nodes of one reply: half of a message.
pub const NODES_BYTES_MAX: usize = limits::MESSAGE_BYTES_MAX / 2;

/// What is awaited from the network.
enum Waiting {
    Reply(oneshot::Sender<Result<Reply, SendError>>),
    Blob(oneshot::Sender<Result<Vec<u8>, FetchError>>),
}

#[derive(Default)]
struct Tags {
    last: u64,
    waiting: HashMap<u64, Waiting>,
}

/// A handle to the network. Cheap to clone.
#[derive(Clone)]
pub struct Network {
    peer: PeerHandle,
    tags: Arc<Mutex<Tags>>,
    chain: ChainId,
    validators: Arc<Validators>,
}

impl Network {
    /// Around a running swarm of the ring.
    pub fn new(peer: PeerHandle, chain: ChainId, validators: Arc<Validators>) -> Self {
        Self { peer, tags: Arc::default(), chain, validators }
    }

    /// The swarm's own handle.
    pub fn peer(&self) -> &PeerHandle {
        &self.peer
    }

    fn wait(&self, waiting: Waiting) -> u64 {
        let mut tags = self.tags.lock().unwrap_or_else(PoisonError::into_inner);
        tags.last += 1;
        let tag = tags.last;
        tags.waiting.insert(tag, waiting);
        tag
    }

    fn take(&self, tag: u64) -> Option<Waiting> {
        self.tags.lock().unwrap_or_else(PoisonError::into_inner).waiting.remove(&tag)
    }

    /// Sends and waits for the reply; `None` where there was none.
    pub async fn send(&self, to: AccountId, message: &Message) -> Option<Reply> {
        let (sender, reply) = oneshot::channel();
        let tag = self.wait(Waiting::Reply(sender));
        if self.peer.send(to, message, tag).is_err() {
            self.take(tag);
            return None;
        }
        reply.await.ok()?.ok()
    }

    /// Fetches a blob of at most `len_max` bytes.
    ///
    /// # Errors
    /// [`FetchError`].
    pub async fn fetch(&self, from: AccountId, key: BlobKey, len_max: u64) -> Result<Vec<u8>, FetchError> {
        let (sender, blob) = oneshot::channel();
        let tag = self.wait(Waiting::Blob(sender));
        if self.peer.fetch(from, key, len_max, tag).is_err() {
            self.take(tag);
            return Err(FetchError::Busy);
        }
        blob.await.unwrap_or(Err(FetchError::Lost))
    }

    /// Blocks from `from` on, checked but for their place; `None` where the peer gave no answer or nonsense.
    pub async fn blocks(&self, peer: AccountId, from: Height, blocks_max: u16) -> Option<Vec<CheckedBlock>> {
        let Some(Reply::Blocks(blocks)) = self.send(peer, &Message::GetBlocks { from, blocks_max }).await else { return None };
        let (chain, validators) = (self.chain, Arc::clone(&self.validators));
        let check = move || {
            let check = |block| CheckedBlock::check(chain, &validators, block).ok();
            blocks.into_iter().map(check).collect::<Option<Vec<_>>>()
        };
        tokio::task::spawn_blocking(check).await.ok()?
    }

    /// The state that a peer has kept. Nodes that `stored` has are not fetched. `None` where the peer gives no answer, nonsense, or a state
    /// that the ring has not certified.
    pub async fn state(&self, peer: AccountId, stored: Arc<dyn NodeStore>) -> Option<(Tip, State)> {
        let Some(Reply::State(Some(tip))) = self.send(peer, &Message::GetState).await else { return None };
        let (header, certificate) = *tip;
        if header.chain != self.chain || self.validators.check_certificate(&header, &certificate).is_err() {
            return None;
        }
        let mut download = Download::new(header.state_root, stored);
        let tree = loop {
            let look = move || {
                let wanted = download.wanted(limits::NODES_PER_REPLY_MAX).map(<[_]>::to_vec);
                wanted.map(|wanted| (download, wanted))
            };
            let (looked, wanted) = tokio::task::spawn_blocking(look).await.ok()?.ok()?;
            if wanted.is_empty() {
                break looked.finish();
            }
            download = looked;
            let Some(Reply::Nodes(nodes)) = self.send(peer, &Message::GetNodes(wanted)).await else { return None };
            download.take(nodes).ok()?;
        };
        Some((Tip { hash: header.hash(), header, certificate }, State::from_tree(tree).ok()?))
    }

    /// The highest block that a peer has above `from`: galloping, then halving. Peers give the first block that they have from a height on,
    /// certified, so nobody can invent one.
    pub async fn tip(&self, peer: AccountId, from: Height) -> Option<Height> {
        let first = async |height: u64| {
            let blocks = self.blocks(peer, Height(height), 1).await?;
            Some(blocks.first().map(|block| block.header().height.0))
        };
        let (mut known, mut beyond) = (from.0, None);
        let mut step = 1_u64;
        loop {
            let next = match beyond {
                None => known.saturating_add(step),
                Some(beyond) if beyond - known <= 1 => return Some(Height(known)),
                Some(beyond) => known + (beyond - known) / 2,
            };
            match first(next).await? {
                Some(height) if height >= next => {
                    known = height;
                    step = step.saturating_mul(2);
                }
                _ => beyond = Some(next),
            }
        }
    }
}

/// Turns what the swarm tells into news for the loop, until the swarm stops or the loop ends. Signatures are checked here.
pub async fn listen(
    network: Network,
    me: AccountId,
    files: Files,
    cheat: Option<Cheat>,
    mut events: mpsc::Receiver<PeerEvent>,
    news: mpsc::Sender<Arrived<News>>,
) {
    let mut ears = Ears::new(network.chain, me);
    while let Some(event) = events.recv().await {
        let happened = match event {
            PeerEvent::Connected { account } => News::Event(Event::Connected(account)),
            PeerEvent::Lost { account } => News::Event(Event::Disconnected(account)),
            PeerEvent::Gossip { gossip: Gossip::Offer(offer), .. } => match offer.open(network.chain) {
                Ok((from, offer)) => News::Event(Event::Offer { from, offer }),
                Err(_) => continue,
            },
            PeerEvent::Gossip { from, gossip: Gossip::Final { height } } => News::Event(Event::Announced { from, height }),
            PeerEvent::Request { from, message, responder } => match ears.hear(from, message) {
                Ok(heard) => News::Message { from, heard: Box::new(heard), responder },
                Err(refusal) => {
                    responder.answer(Reply::Refused(refusal));
                    continue;
                }
            },
            PeerEvent::Replied { tag, reply, .. } => {
                if let Some(Waiting::Reply(waiting)) = network.take(tag) {
                    // Nobody may wait any more.
                    let _ = waiting.send(reply);
                }
                continue;
            }
            PeerEvent::BlobFetched { tag, result, .. } => {
                if let Some(Waiting::Blob(waiting)) = network.take(tag) {
                    let _ = waiting.send(result);
                }
                continue;
            }
            PeerEvent::BlobWanted { from, key, responder } => {
                let (files, is_judge) = (files.clone(), network.validators.stake(from).is_some());
                let blob = move || if is_judge && cheat.is_some_and(|cheat| cheat.withholds(&key)) { None } else { files.blob(me, &key) };
                tokio::task::spawn_blocking(move || responder.answer(blob().map(Into::into)));
                continue;
            }
            PeerEvent::Listening { .. } => continue,
        };
        if news.send((Instant::now(), happened)).await.is_err() {
            return;
        }
    }
}
