//! Requests and replies on the wire: a little-endian u32 length, then that many bytes of borsh.
//!
//! The codec moves bytes and checks lengths only. Decoding happens in the swarm task, so that a malformed request can be
//! answered by a typed refusal instead of a broken stream.

use futures::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use libp2p::StreamProtocol;
use libp2p::request_response::{self, ProtocolSupport};
use raylance_protocol::limits::MESSAGE_BYTES_MAX;
use raylance_protocol::message::Refusal;
use raylance_protocol::{Reply, encode};
use std::io;

use crate::limits;

pub(crate) type Behaviour = request_response::Behaviour<BytesCodec>;

/// Length-limited bytes in both directions.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct BytesCodec;

pub(crate) fn behaviour(name: StreamProtocol) -> Behaviour {
    let config = request_response::Config::default()
        .with_request_timeout(limits::REQUEST_TIMEOUT)
        .with_max_concurrent_streams(limits::STREAMS_PER_CONNECTION_MAX);
    Behaviour::new([(name, ProtocolSupport::Full)], config)
}

/// Encodes a reply so that it fits into one message: blocks that do not fit are left off from the end.
pub(crate) fn encode_reply(reply: Reply) -> Vec<u8> {
    let bytes = encode(&reply);
    if bytes.len() <= MESSAGE_BYTES_MAX {
        return bytes;
    }
    let Reply::Blocks(mut blocks) = reply else { return encode(&Reply::Refused(Refusal::Malformed)) };
    let mut left = MESSAGE_BYTES_MAX - encode(&Reply::Blocks(Vec::new())).len();
    let fitting = blocks.iter().take_while(|block| {
        let len = encode(*block).len();
        let fits = len <= left;
        left = left.saturating_sub(len);
        fits
    });
    let fitting = fitting.count();
    blocks.truncate(fitting);
    encode(&Reply::Blocks(blocks))
}

async fn read_frame<T: AsyncRead + Unpin>(io: &mut T) -> io::Result<Vec<u8>> {
    let mut len = [0; 4];
    io.read_exact(&mut len).await?;
    let len = u32::from_le_bytes(len) as usize;
    if len > MESSAGE_BYTES_MAX {
        return Err(io::ErrorKind::InvalidData.into());
    }
    // The buffer grows with what arrives: a length alone costs its sender nothing and must cost us nothing.
    let mut bytes = Vec::new();
    io.take(len as u64).read_to_end(&mut bytes).await?;
    if bytes.len() < len { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(bytes) }
}

async fn write_frame<T: AsyncWrite + Unpin>(io: &mut T, bytes: &[u8]) -> io::Result<()> {
    let len = u32::try_from(bytes.len()).map_err(|_| io::ErrorKind::InvalidInput)?;
    io.write_all(&len.to_le_bytes()).await?;
    io.write_all(bytes).await?;
    io.flush().await
}

impl request_response::Codec for BytesCodec {
    type Protocol = StreamProtocol;
    type Request = Vec<u8>;
    type Response = Vec<u8>;

    async fn read_request<T: AsyncRead + Unpin + Send>(&mut self, _: &StreamProtocol, io: &mut T) -> io::Result<Vec<u8>> {
        read_frame(io).await
    }

    async fn read_response<T: AsyncRead + Unpin + Send>(&mut self, _: &StreamProtocol, io: &mut T) -> io::Result<Vec<u8>> {
        read_frame(io).await
    }

    async fn write_request<T: AsyncWrite + Unpin + Send>(&mut self, _: &StreamProtocol, io: &mut T, bytes: Vec<u8>) -> io::Result<()> {
        write_frame(io, &bytes).await
    }

    async fn write_response<T: AsyncWrite + Unpin + Send>(&mut self, _: &StreamProtocol, io: &mut T, bytes: Vec<u8>) -> io::Result<()> {
        write_frame(io, &bytes).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::executor::block_on;
    use futures::io::Cursor;
    use raylance_protocol::{Block, BlockHash, Certificate, ChainId, Digest, FinalBlock, Header, Height, Round, Signed, Tx, decode};

    fn read(bytes: &[u8]) -> Result<Vec<u8>, io::ErrorKind> {
        block_on(read_frame(&mut Cursor::new(bytes))).map_err(|error| error.kind())
    }

    #[test]
    fn frames_are_read_up_to_the_limit_and_not_beyond() {
        assert_eq!(read(&[2, 0, 0, 0, 7, 8]), Ok(vec![7, 8]));
        assert_eq!(read(&[0, 0, 0, 0]), Ok(vec![]));
        assert_eq!(read(&[3, 0, 0, 0, 7, 8]), Err(io::ErrorKind::UnexpectedEof));
        assert_eq!(read(&[3, 0]), Err(io::ErrorKind::UnexpectedEof));
        let above = (MESSAGE_BYTES_MAX as u32 + 1).to_le_bytes();
        assert_eq!(read(&above), Err(io::ErrorKind::InvalidData));
        assert_eq!(read(&[0xff; 4]), Err(io::ErrorKind::InvalidData));
        let mut full = (MESSAGE_BYTES_MAX as u32).to_le_bytes().to_vec();
        full.resize(4 + MESSAGE_BYTES_MAX, 1);
        assert_eq!(read(&full).map(|bytes| bytes.len()), Ok(MESSAGE_BYTES_MAX));
    }

    fn block(height: u64, bytes: usize) -> FinalBlock {
        let header = Header {
            chain: ChainId::default(),
            height: Height(height),
            round: Round::default(),
            parent: BlockHash::default(),
            state_root: Digest::default(),
            tx_root: Digest::default(),
            validators: Digest::default(),
            next_validators: Digest::default(),
            time_ms: 0,
        };
        // A signed transaction is a byte list, a signer and a signature: this one opens for nobody but has the wanted length.
        let mut raw = (bytes as u32).to_le_bytes().to_vec();
        raw.resize(4 + bytes + 32 + 64, 0);
        let tx: Signed<Tx> = decode(&raw, raw.len()).expect("any bytes are an unopened transaction");
        let certificate =
            Certificate { height: Height(height), round: Round::default(), header: BlockHash::default(), signatures: Vec::new() };
        FinalBlock { block: Block { header, txs: vec![tx] }, certificate }
    }

    #[test]
    fn blocks_that_do_not_fit_are_left_off_from_the_end() {
        let third = MESSAGE_BYTES_MAX / 3;
        let check = |lens: &[usize], expected: usize| {
            let blocks: Vec<_> = lens.iter().zip(1..).map(|(&len, height)| block(height, len)).collect();
            let bytes = encode_reply(Reply::Blocks(blocks.clone()));
            assert_eq!(decode::<Reply>(&bytes, MESSAGE_BYTES_MAX), Ok(Reply::Blocks(blocks[..expected].to_vec())));
        };
        check(&[10, 10], 2);
        check(&[third, third, third, 10], 2);
        check(&[2 * MESSAGE_BYTES_MAX, 10], 0);
        check(&[10, 2 * MESSAGE_BYTES_MAX, 10], 1);
    }
}
