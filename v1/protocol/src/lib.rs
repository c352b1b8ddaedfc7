//! The words peers share: ids, amounts, limits, wire messages and their versions.
//!
//! ```text
//! ids ── amounts ── jobs, units, leaves ── signing ── transactions ── blocks ── messages
//! ```
//!
//! Everything here is a value. Every value that travels or is hashed has one canonical encoding (borsh: fixed
//! field order, little-endian, trailing bytes rejected), so equal values have equal bytes and equal hashes.
//! Deliberately absent: I/O, async, clocks, libp2p.

pub mod amount;
pub mod block;
pub mod ids;
pub mod job;
pub mod limits;
pub mod message;
pub mod signing;
pub mod tx;
pub mod verdict;

pub use amount::{AmountError, Microlux};
pub use block::{AccountProof, Block, Certificate, FinalBlock, Genesis, Header, RingParameters};
pub use ids::{AccountId, BlockHash, ChainId, Digest, Height, JobId, Root, SceneDigest, TxId, UnitIndex};
pub use job::{JobSpec, Leaf, LeafIndex, Profile, RenderWork, SpecError, Unit, Work};
pub use message::{Bid, BlobKey, Commitment, Gossip, Message, Offer, Opening, OpeningEntry, Refusal, Reply};
pub use signing::{Keypair, OpenError, Signable, Signed};
pub use tx::{Action, CommittedUnit, Outcome, Tx};
pub use verdict::{Decision, Verdict};

/// Version of everything in this crate. It is part of every libp2p protocol name and of every signed domain.
pub const PROTOCOL_VERSION: u16 = 1;

/// Decodes a value that must fill `bytes` exactly.
///
/// # Errors
/// [`DecodeError::TooLong`] before anything is parsed when `bytes` is longer than `max`; [`DecodeError::Malformed`]
/// when the bytes are no canonical encoding of `T`.
pub fn decode<T: borsh::BorshDeserialize>(bytes: &[u8], max: usize) -> Result<T, DecodeError> {
    if bytes.len() > max {
        return Err(DecodeError::TooLong { len: bytes.len(), max });
    }
    borsh::from_slice(bytes).map_err(|_| DecodeError::Malformed)
}

/// Encodes a value in its one canonical form.
pub fn encode<T: borsh::BorshSerialize>(value: &T) -> Vec<u8> {
    borsh::to_vec(value).expect("writing to a Vec cannot fail and no type here has a fallible encoding")
}

/// Why bytes are not a value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// Longer than the limit that holds for this kind of value.
    #[error("{len} bytes where at most {max} are allowed")]
    TooLong {
        /// Bytes received.
        len: usize,
        /// Bytes allowed.
        max: usize,
    },
    /// Not a canonical encoding.
    #[error("bytes are not a canonical encoding")]
    Malformed,
}
