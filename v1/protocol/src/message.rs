//! What peers say to each other.
//!
//! A request is one [`Message`]; its [`Reply`] says only whether it was received and well-formed (or carries blocks).
//! Real answers come as messages of their own, so every message may be repeated: doing it twice is the same as once.

use crate::ids::{AccountId, Digest, Height, JobId, Root, SceneDigest, UnitIndex};
use crate::job::{Leaf, LeafIndex};
use crate::signing::{Signable, Signed};
use crate::tx::Tx;
use crate::verdict::Verdict;
use crate::{FinalBlock, JobSpec, limits};
use borsh::{BorshDeserialize, BorshSerialize};

/// Told to everyone on the ring's topic.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Gossip {
    /// A job looks for workers.
    Offer(Signed<Offer>),
    /// A block became final; whoever lacks it asks for it.
    Final {
        /// Its height.
        height: Height,
    },
}

/// A job looks for workers. Signed by the artist.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Offer {
    /// The job.
    pub spec: JobSpec,
}

impl Signable for Offer {
    const DOMAIN: &'static str = "raylance offer 1";
    const BYTES_MAX: usize = limits::GOSSIP_BYTES_MAX;
}

/// A worker wants to earn from a job. Signed by the worker.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Bid {
    /// The job.
    pub job: JobId,
    /// Measured speed, camera samples per second; 0 = not measured yet.
    pub samples_per_s: u64,
}

impl Signable for Bid {
    const DOMAIN: &'static str = "raylance bid 1";
    const BYTES_MAX: usize = 256;
}

/// A worker binds itself to a film before anyone may look at it. Signed by the worker.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Commitment {
    /// The job.
    pub job: JobId,
    /// The unit.
    pub unit: UnitIndex,
    /// Root of the film.
    pub root: Root,
    /// Time the render took, milliseconds.
    pub render_ms: u32,
}

impl Signable for Commitment {
    const DOMAIN: &'static str = "raylance commitment 1";
    const BYTES_MAX: usize = 256;
}

/// Leaves of a committed film with their paths to its root, in the order of the challenge.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Opening {
    /// One per drawn leaf.
    pub entries: Vec<OpeningEntry>,
}

/// One opened leaf.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct OpeningEntry {
    /// Which.
    pub index: LeafIndex,
    /// Its committed value.
    pub leaf: Leaf,
    /// Sibling hashes from the leaf up to the root.
    pub path: Vec<Digest>,
}

/// A request between two peers.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Message {
    /// Worker → artist.
    Bid(Signed<Bid>),
    /// Worker → artist: hand me up to so many units.
    Want {
        /// The job.
        job: JobId,
        /// At most so many.
        units_max: u16,
    },
    /// Artist → worker: these units are yours until their deadline. Empty = none at present, ask again later.
    Assigned {
        /// The job.
        job: JobId,
        /// The units.
        units: Vec<UnitIndex>,
    },
    /// Worker → artist, before the film may be fetched.
    Committed(Signed<Commitment>),
    /// Artist → verifier: replay these leaves and seal your values.
    Challenge {
        /// The job.
        job: JobId,
        /// The unit.
        unit: UnitIndex,
        /// Who rendered it.
        worker: AccountId,
        /// Root of the film.
        root: Root,
        /// The seed of the draw.
        draw: Digest,
        /// The drawn leaves.
        leaves: Vec<LeafIndex>,
    },
    /// Verifier → artist: the hash of my values; I have not seen the worker's.
    Sealed {
        /// The job.
        job: JobId,
        /// The unit.
        unit: UnitIndex,
        /// Who rendered it.
        worker: AccountId,
        /// Hash of salt and values.
        seal: Digest,
        /// Time the replay took, milliseconds.
        replay_ms: u32,
    },
    /// Artist → verifier, after the seal.
    Opened {
        /// The job.
        job: JobId,
        /// The unit.
        unit: UnitIndex,
        /// Who rendered it.
        worker: AccountId,
        /// The worker's committed leaves.
        opening: Opening,
    },
    /// Verifier → artist: my values, and my verdict.
    Revealed {
        /// The salt of the seal.
        salt: [u8; 16],
        /// My values in the order of the challenge.
        values: Vec<Leaf>,
        /// The verdict; it names job, unit and worker.
        verdict: Signed<Verdict>,
    },
    /// Artist → workers: the job has ended, forget it.
    Closed {
        /// The job.
        job: JobId,
    },
    /// Anyone → validator.
    SubmitTx(Signed<Tx>),
    /// Anyone → anyone: final blocks from this height on; answered by [`Reply::Blocks`].
    GetBlocks {
        /// First height wanted.
        from: Height,
        /// At most so many.
        blocks_max: u16,
    },
}

/// The answer to a [`Message`].
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Reply {
    /// Received and recorded.
    Ack,
    /// Not taken.
    Refused(Refusal),
    /// Final blocks in order; may be empty.
    Blocks(Vec<FinalBlock>),
}

/// Why a message was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, thiserror::Error)]
pub enum Refusal {
    /// Bytes, signature or fields are wrong.
    #[error("malformed message")]
    Malformed,
    /// The job is not known here.
    #[error("unknown job")]
    UnknownJob,
    /// The sender has no part in this.
    #[error("not yours")]
    NotYours,
    /// Too much at once; try again later.
    #[error("busy")]
    Busy,
    /// A transaction that the ledger refuses.
    #[error("refused by the ledger")]
    Ledger,
}

/// Large bytes that one peer can fetch from another by a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, BorshSerialize, BorshDeserialize)]
pub enum BlobKey {
    /// A packed scene.
    Scene(SceneDigest),
    /// The film of a unit, as leaves of 12 bytes in order.
    Film {
        /// The job.
        job: JobId,
        /// The unit.
        unit: UnitIndex,
    },
}
