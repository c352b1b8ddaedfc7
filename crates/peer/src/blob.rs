//! Blobs by streams of their own: large bytes never stand in the way of messages.
//!
//! ```text
//! asker  → u32 length, borsh BlobKey
//! server → u8 status (0 found, 1 unknown, 2 busy), and when found: u64 length, bytes
//! ```
//!
//! Numbers are little-endian. A server without a free place closes the stream without a word; the asker knocks again a few times.

use futures::stream::FuturesUnordered;
use futures::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, FutureExt, StreamExt, future::BoxFuture};
use libp2p::{PeerId, StreamProtocol};
use libp2p_stream::{Control, IncomingStreams, OpenStreamError};
use raylance_protocol::message::BlobKey;
use raylance_protocol::{AccountId, decode, encode};
use std::collections::HashMap;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{sleep, timeout};

use crate::{BlobResponder, FetchError, PeerEvent, account, limits};

const FOUND: u8 = 0;
const UNKNOWN: u8 = 1;
const BUSY: u8 = 2;

/// Pause before the first new attempt; doubled each time.
const KNOCK_AGAIN: Duration = Duration::from_millis(50);

/// Serves blobs until the swarm stops. May be dropped at any point.
pub(crate) async fn serve(mut incoming: IncomingStreams, events: mpsc::Sender<PeerEvent>) {
    let mut serving: FuturesUnordered<BoxFuture<'static, PeerId>> = FuturesUnordered::new();
    let mut counts: HashMap<PeerId, usize> = HashMap::new();
    loop {
        tokio::select! {
            Some(peer) = serving.next() => {
                if let Some(count) = counts.get_mut(&peer) {
                    *count -= 1;
                    if *count == 0 {
                        counts.remove(&peer);
                    }
                }
            }
            stream = incoming.next() => {
                let Some((peer, stream)) = stream else { return };
                let Some(from) = account::account(&peer) else { continue };
                let count = counts.get(&peer).copied().unwrap_or(0);
                if serving.len() >= limits::SERVES_MAX || count >= limits::SERVES_PER_PEER_MAX {
                    continue;
                }
                counts.insert(peer, count + 1);
                let events = events.clone();
                serving.push(async move {
                    if let Err(error) = serve_one(stream, from, &events).await {
                        tracing::debug!(%from, %error, "a blob was not served to its end");
                    }
                    peer
                }.boxed());
            }
        }
    }
}

/// Fetches one blob of at most `len_max` bytes. May be dropped at any point.
pub(crate) async fn fetch(
    mut control: Control,
    peer: PeerId,
    protocol: StreamProtocol,
    key: BlobKey,
    len_max: u64,
) -> Result<Vec<u8>, FetchError> {
    let mut pause = KNOCK_AGAIN;
    for attempt in 1.. {
        let opened = within(limits::BLOB_STALL_TIMEOUT, control.open_stream(peer, protocol.clone())).await?;
        let mut stream = opened.map_err(|error| match error {
            OpenStreamError::UnsupportedProtocol(_) => FetchError::OtherProtocol,
            _ => FetchError::Lost,
        })?;
        if let Some(status) = ask(&mut stream, key).await? {
            return receive(&mut stream, status, len_max).await;
        }
        if attempt == limits::FETCH_ATTEMPTS_MAX {
            break;
        }
        sleep(pause).await;
        pause *= 2;
    }
    Err(FetchError::Busy)
}

/// Sends the request and reads the status; `None` when the stream is closed before it.
async fn ask<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut S, key: BlobKey) -> Result<Option<u8>, FetchError> {
    let key = encode(&key);
    let mut request = (key.len() as u32).to_le_bytes().to_vec();
    request.extend_from_slice(&key);
    let mut status = [0];
    let exchange = async {
        stream.write_all(&request).await?;
        stream.flush().await?;
        stream.read_exact(&mut status).await
    };
    let answered = within(limits::BLOB_ANSWER_TIMEOUT + limits::BLOB_STALL_TIMEOUT, exchange).await?;
    Ok(answered.ok().map(|()| status[0]))
}

async fn receive<S: AsyncRead + Unpin>(stream: &mut S, status: u8, len_max: u64) -> Result<Vec<u8>, FetchError> {
    match status {
        FOUND => {}
        UNKNOWN => return Err(FetchError::Unknown),
        BUSY => return Err(FetchError::Busy),
        _ => return Err(FetchError::OtherProtocol),
    }
    let mut len = [0; 8];
    within(limits::BLOB_STALL_TIMEOUT, stream.read_exact(&mut len)).await?.map_err(|_| FetchError::Lost)?;
    let len = u64::from_le_bytes(len);
    let (true, Ok(size)) = (len <= len_max, usize::try_from(len)) else {
        return Err(FetchError::TooLong { len, max: len_max });
    };
    within(transfer_time(len), receive_bytes(stream, size)).await?
}

async fn receive_bytes<S: AsyncRead + Unpin>(stream: &mut S, size: usize) -> Result<Vec<u8>, FetchError> {
    // The buffer grows with what arrives: an announced length alone must not cost memory.
    let mut bytes = Vec::with_capacity(size.min(limits::BLOB_CHUNK_BYTES));
    let mut chunk = vec![0; limits::BLOB_CHUNK_BYTES];
    while bytes.len() < size {
        let wanted = chunk.len().min(size - bytes.len());
        let read = within(limits::BLOB_STALL_TIMEOUT, stream.read(&mut chunk[..wanted])).await?.map_err(|_| FetchError::Lost)?;
        if read == 0 {
            return Err(FetchError::Lost);
        }
        bytes.extend_from_slice(&chunk[..read]);
    }
    Ok(bytes)
}

async fn serve_one<S: AsyncRead + AsyncWrite + Unpin>(
    mut stream: S,
    from: AccountId,
    events: &mpsc::Sender<PeerEvent>,
) -> Result<(), FetchError> {
    let key = within(limits::BLOB_STALL_TIMEOUT, read_key(&mut stream)).await?.map_err(|_| FetchError::OtherProtocol)?;
    let (sender, answer) = oneshot::channel();
    if events.capacity() > limits::EVENTS_RESERVED {
        // With no room the responder is dropped here, and the answer is "busy".
        let _ = events.try_send(PeerEvent::BlobWanted { from, key, responder: BlobResponder(sender) });
    } else {
        drop(sender);
    }
    match timeout(limits::BLOB_ANSWER_TIMEOUT, answer).await {
        Ok(Ok(Some(blob))) => within(transfer_time(blob.len() as u64), send_bytes(&mut stream, blob)).await?,
        Ok(Ok(None)) => send_status(&mut stream, UNKNOWN).await,
        Ok(Err(_)) | Err(_) => send_status(&mut stream, BUSY).await,
    }
}

async fn read_key<S: AsyncRead + Unpin>(stream: &mut S) -> io::Result<BlobKey> {
    let mut len = [0; 4];
    stream.read_exact(&mut len).await?;
    let len = u32::from_le_bytes(len) as usize;
    if len > limits::BLOB_KEY_BYTES_MAX {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let mut bytes = vec![0; len];
    stream.read_exact(&mut bytes).await?;
    decode(&bytes, limits::BLOB_KEY_BYTES_MAX).map_err(|_| io::ErrorKind::InvalidData.into())
}

async fn send_status<S: AsyncWrite + Unpin>(stream: &mut S, status: u8) -> Result<(), FetchError> {
    write(stream, &[status]).await?;
    close(stream).await
}

async fn send_bytes<S: AsyncWrite + Unpin>(stream: &mut S, blob: Arc<[u8]>) -> Result<(), FetchError> {
    let mut head = vec![FOUND];
    head.extend_from_slice(&(blob.len() as u64).to_le_bytes());
    write(stream, &head).await?;
    for chunk in blob.chunks(limits::BLOB_CHUNK_BYTES) {
        write(stream, chunk).await?;
    }
    close(stream).await
}

async fn write<S: AsyncWrite + Unpin>(stream: &mut S, bytes: &[u8]) -> Result<(), FetchError> {
    within(limits::BLOB_STALL_TIMEOUT, stream.write_all(bytes)).await?.map_err(|_| FetchError::Lost)
}

async fn close<S: AsyncWrite + Unpin>(stream: &mut S) -> Result<(), FetchError> {
    within(limits::BLOB_STALL_TIMEOUT, stream.close()).await?.map_err(|_| FetchError::Lost)
}

async fn within<T>(time: Duration, work: impl Future<Output = T>) -> Result<T, FetchError> {
    timeout(time, work).await.map_err(|_| FetchError::TimedOut)
}

fn transfer_time(len: u64) -> Duration {
    limits::BLOB_STALL_TIMEOUT + Duration::from_secs(len / limits::BLOB_BYTES_PER_S_MIN)
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::io::Cursor;
    use raylance_protocol::SceneDigest;

    #[tokio::test]
    async fn a_received_head_is_believed_only_within_the_limit() {
        let check = async |bytes: &[u8], len_max: u64, expected: Result<Vec<u8>, FetchError>| {
            let got = receive(&mut Cursor::new(&bytes[1..]), bytes[0], len_max).await;
            assert_eq!(got, expected, "{bytes:?}");
        };
        check(&[FOUND, 2, 0, 0, 0, 0, 0, 0, 0, 7, 8], 2, Ok(vec![7, 8])).await;
        check(&[FOUND, 2, 0, 0, 0, 0, 0, 0, 0, 7, 8], 1, Err(FetchError::TooLong { len: 2, max: 1 })).await;
        check(&[FOUND, 2, 0, 0, 0, 0, 0, 0, 0, 7], 2, Err(FetchError::Lost)).await;
        check(&[FOUND, 0, 0, 0, 0, 0, 0, 0, 0], 2, Ok(vec![])).await;
        check(&[FOUND, 2, 0], 2, Err(FetchError::Lost)).await;
        let all = [FOUND, 255, 255, 255, 255, 255, 255, 255, 255];
        check(&all, u64::MAX - 1, Err(FetchError::TooLong { len: u64::MAX, max: u64::MAX - 1 })).await;
        check(&[UNKNOWN], 2, Err(FetchError::Unknown)).await;
        check(&[BUSY], 2, Err(FetchError::Busy)).await;
        check(&[9], 2, Err(FetchError::OtherProtocol)).await;
    }

    #[tokio::test]
    async fn a_request_is_read_only_in_its_canonical_form() {
        let key = encode(&BlobKey::Manifest(SceneDigest::default()));
        let framed = |len: usize, body: &[u8]| [&(len as u32).to_le_bytes()[..], body].concat();
        let read = async |bytes: Vec<u8>| read_key(&mut Cursor::new(bytes)).await.map_err(|error| error.kind());
        assert_eq!(read(framed(key.len(), &key)).await, Ok(BlobKey::Manifest(SceneDigest::default())));
        assert_eq!(read(framed(key.len() - 1, &key)).await, Err(io::ErrorKind::InvalidData));
        assert_eq!(read(framed(key.len() + 1, &[&key[..], &[0]].concat())).await, Err(io::ErrorKind::InvalidData));
        assert_eq!(read(framed(usize::MAX, &key)).await, Err(io::ErrorKind::InvalidData));
        assert_eq!(read(framed(key.len(), &key[..5])).await, Err(io::ErrorKind::UnexpectedEof));
    }
}
