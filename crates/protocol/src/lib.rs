//! The words peers share, and their bytes, pinned in hex.
//!
//! ```text
//! ids ── amounts ── jobs, tasks, leaves ── signing ── messages ── transactions ── blocks ── rows of the state
//! ```
//!
//! Everything here is a value. Every value that travels, is hashed or stored has one canonical encoding (borsh: fixed field order,
//! little-endian, trailing bytes rejected), so equal values have equal bytes and equal hashes. `golden/` pins the bytes of each.
//! Deliberately absent: I/O, async, clocks, libp2p.

pub mod amount;
pub mod block;
pub mod ids;
pub mod job;
pub mod limits;
pub mod membership;
pub mod message;
pub mod row;
pub mod signing;
pub mod tx;

pub use amount::{AmountError, Microlux};
pub use block::{Block, Certificate, Clock, FinalBlock, Genesis, Header, RingParameters, RowPath, RowProof, Snapshot, Validator};
pub use ids::{
    AccountId, BlockHash, CaseId, ChainId, Digest, Height, JobId, KeyHash, LeafIndex, ListHash, RingTime, Root, Round, SceneDigest,
    SpecHash, TxId, UnitIndex,
};
pub use job::{Address, JobSpec, Leaf, RenderWork, Task, Work};
pub use message::{Assignment, Bid, Delivery, Done, FilmKey, Lease, Message, Offer, Rate, Receipt, Reply};
pub use signing::{Keypair, OpenError, Signable, Signature, Signed};
pub use tx::{Action, Challenge, CheckedTx, Claim, ClaimEntry, OpenJob, Pay, PayRow, Reserve, Tx};

/// Version of everything in this crate. It is part of every libp2p protocol name and of every signed domain.
pub const PROTOCOL_VERSION: u16 = 2;

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
