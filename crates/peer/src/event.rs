//! What the swarm tells the caller, and how the caller answers peers.

use raylance_protocol::message::{BlobKey, Gossip};
use raylance_protocol::{AccountId, Message, Reply};
use std::sync::Arc;
use tokio::sync::oneshot;

/// Something happened on the network.
#[derive(Debug)]
pub enum PeerEvent {
    /// A peer of this ring is connected.
    Connected {
        /// Who.
        account: AccountId,
    },
    /// The last connection to a peer of this ring ended.
    Lost {
        /// Who.
        account: AccountId,
    },
    /// Somebody told everyone. The bytes were signed by `from` as a gossip message; signatures inside are not opened.
    Gossip {
        /// Who said it, which is not always who passed it on.
        from: AccountId,
        /// What.
        gossip: Gossip,
    },
    /// A peer asks. Signatures inside the message are not opened.
    Request {
        /// Who.
        from: AccountId,
        /// What.
        message: Message,
        /// To be answered once.
        responder: Responder,
    },
    /// An own [`PeerHandle::send`](crate::PeerHandle::send) has ended.
    Replied {
        /// Who was asked.
        to: AccountId,
        /// As given to `send`.
        tag: u64,
        /// The answer.
        reply: Result<Reply, SendError>,
    },
    /// A peer wants a blob.
    BlobWanted {
        /// Who.
        from: AccountId,
        /// Which.
        key: BlobKey,
        /// To be answered once.
        responder: BlobResponder,
    },
    /// An own [`PeerHandle::fetch`](crate::PeerHandle::fetch) has ended. The bytes' hash is not checked.
    BlobFetched {
        /// As given to `fetch`.
        tag: u64,
        /// Who was asked.
        from: AccountId,
        /// Which.
        key: BlobKey,
        /// The bytes.
        result: Result<Vec<u8>, FetchError>,
    },
    /// Others can dial us here.
    Listening {
        /// Multiaddress with our peer id at its end.
        address: String,
    },
}

/// Answers one request. Dropped unanswered, it refuses as busy.
#[derive(Debug)]
pub struct Responder(pub(crate) oneshot::Sender<Reply>);

impl Responder {
    /// Sends the reply. Blocks that do not fit into one message are left off from the end: the asker asks again from there.
    pub fn answer(self, reply: Reply) {
        // The asker may be gone; then there is nobody to tell.
        let _ = self.0.send(reply);
    }
}

/// Answers for one blob. Dropped unanswered, it tells the asker to come back later.
#[derive(Debug)]
pub struct BlobResponder(pub(crate) oneshot::Sender<Option<Arc<[u8]>>>);

impl BlobResponder {
    /// Sends the bytes, or says that there is no such blob here. The same bytes can be shared by many askers.
    pub fn answer(self, blob: Option<Arc<[u8]>>) {
        // The asker may be gone; then there is nobody to tell.
        let _ = self.0.send(blob);
    }
}

/// Why a message got no reply. It may have arrived all the same, except where noted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// No connection, and none could be made. The message did not arrive.
    #[error("the peer is not connected")]
    NotConnected,
    /// Too many messages wait for this peer. The message did not leave.
    #[error("too many messages wait for this peer")]
    Busy,
    /// No reply in time.
    #[error("the peer did not reply in time")]
    TimedOut,
    /// The connection ended before the reply.
    #[error("the connection ended before the reply")]
    Lost,
    /// The peer is of another ring or version. The message did not leave.
    #[error("the peer speaks another protocol")]
    OtherProtocol,
    /// The reply is too long or no encoding of a reply.
    #[error("the reply is malformed")]
    Malformed,
}

/// Why a blob did not come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// No connection to this peer.
    #[error("the peer is not connected")]
    NotConnected,
    /// The peer has no such blob.
    #[error("the peer has no such blob")]
    Unknown,
    /// The peer, or this one, has no free place; try again later.
    #[error("the peer is busy")]
    Busy,
    /// Longer than the caller allows; nothing was downloaded.
    #[error("{len} bytes where at most {max} are allowed")]
    TooLong {
        /// Bytes that the peer would send.
        len: u64,
        /// Bytes that the caller allows.
        max: u64,
    },
    /// Too slow.
    #[error("the peer did not send in time")]
    TimedOut,
    /// The stream ended half-way.
    #[error("the stream ended before the blob")]
    Lost,
    /// The peer is of another ring or version, or answered with bytes that mean nothing.
    #[error("the peer speaks another protocol")]
    OtherProtocol,
}
