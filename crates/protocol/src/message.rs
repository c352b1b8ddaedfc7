//! What peers say to each other off the ledger.
//!
//! ```text
//! artist                                worker
//!   │ ── Offer (gossip) ───────────────► │
//!   │ ◄───────────────────────── Bid ─── │
//!   │ ── Hired ────────────────────────► │   after OpenJob or Pay gave it a row
//!   │ ── Lease ────────────────────────► │   a unit, or a list of leaves to replay
//!   │ ◄──────────────────── Delivery ─── │   the sealed film's root and the hash of its key
//!   │ ══ fetch sealed film ════════════► │
//!   │ ── Receipt ──────────────────────► │   "I owe you this total"
//!   │ ◄───────────────────────── Key ─── │   the film can be read
//!   │ ◄──────────────────────── Done ─── │   "this total settles the job"
//! ```
//!
//! Every message is one-way and idempotent; it is recorded before it is sent and sent again until the other side has recorded it
//! ([`Reply::Recorded`]). What may become evidence is signed: deliveries, receipts and agreed totals stand for themselves before the
//! ledger, offers and bids pass through third hands. The others mean something only between two peers that already know each other's keys.

use crate::block::{Certificate, FinalBlock, Header, Proposal, Vote};
use crate::ids::{AccountId, Digest, Height, JobId, KeyHash, ListHash, Root, SceneDigest, SpecHash};
use crate::job::{Address, JobSpec, Task, list_hash};
use crate::membership::Join;
use crate::signing::{Signable, Signed};
use crate::tx::Tx;
use crate::{Microlux, limits};
use borsh::{BorshDeserialize, BorshSerialize};

/// Published on the ring's topic.
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

/// A job looks for workers. Says what a worker needs for a bid and no more: the scene's name goes to those that are hired.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Offer {
    /// Hash of the specification.
    pub spec: SpecHash,
    /// Digest of the renderer.
    pub renderer: Digest,
    /// Bytes of the scene.
    pub scene_bytes: u64,
    /// Device memory that the scene takes, as the artist measured it.
    pub device_bytes: u64,
    /// Units of the job.
    pub units: u32,
    /// Camera samples of all units.
    pub cost: u64,
    /// The most that is paid for a million camera samples.
    pub rate_max: Rate,
    /// Most workers that are wanted.
    pub workers_max: u16,
}

impl Signable for Offer {
    const DOMAIN: &'static str = "raylance offer 2";
    const BYTES_MAX: usize = 256;
}

/// A price: microlux for a million camera samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default, BorshSerialize, BorshDeserialize)]
pub struct Rate(pub u64);

impl Rate {
    /// The price of `cost` camera samples, rounded up; `None` when it does not fit.
    pub fn price(self, cost: u64) -> Option<Microlux> {
        let exact = (u128::from(self.0) * u128::from(cost)).div_ceil(1_000_000);
        u64::try_from(exact).ok().map(Microlux)
    }
}

/// A worker wants to earn from a job.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Bid {
    /// The job's specification, as the offer names it.
    pub spec: SpecHash,
    /// What it asks for a million camera samples.
    pub rate: Rate,
    /// Measured speed, camera samples per second; 0 = not measured yet.
    pub samples_per_s: u64,
    /// Replays lists for the same rate, whether or not it is given units.
    pub checks: bool,
}

impl Signable for Bid {
    const DOMAIN: &'static str = "raylance bid 2";
    const BYTES_MAX: usize = 128;
}

/// What a lease asks for.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Assignment {
    /// A unit of the job.
    Unit(crate::UnitIndex),
    /// Addresses to replay, at most [`limits::LIST_ADDRESSES_MAX`], in the order of the film's leaves.
    List(Vec<Address>),
}

impl Assignment {
    /// The task that a delivery for this lease names.
    pub fn task(&self) -> Task {
        match self {
            Self::Unit(unit) => Task::Unit(*unit),
            Self::List(addresses) => Task::List(list_hash(addresses)),
        }
    }
}

/// A task is a worker's until it is delivered, returned, or its time is up.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Lease {
    /// The job.
    pub job: JobId,
    /// What to compute.
    pub assignment: Assignment,
    /// What its receipt will add to the total. 0 = given away: the film travels unsealed.
    pub price: Microlux,
    /// How long it holds: the worker counts from hearing it, the artist from being heard. No clock is shared.
    pub lasts_ms: u32,
}

/// Why a worker gives a task back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum ReturnReason {
    /// The price, the reserve, the time left or what is already owed does not allow it.
    Terms,
    /// Its owner wants the device, or the process ends.
    Owner,
    /// The device failed.
    Device,
    /// A path reached the bound on its work and has no value. The worker leaves the job.
    WorkBound,
    /// The scene can't be had or can't be read.
    Scene,
}

/// A worker binds itself to a sealed film. Evidence in a challenge.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Delivery {
    /// The job.
    pub job: JobId,
    /// The task.
    pub task: Task,
    /// Who signs: named, so that a delivery can't be shown as somebody else's.
    pub worker: AccountId,
    /// Root of the sealed film.
    pub root: Root,
    /// Hash of the key that opens it. In work that is given away the film is not sealed, and this is the hash of the zero key.
    pub key_hash: KeyHash,
}

impl Signable for Delivery {
    const DOMAIN: &'static str = "raylance delivery 2";
    const BYTES_MAX: usize = 192;
}

/// The artist owes this total once the key is out. Evidence in a claim.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Receipt {
    /// What was delivered.
    pub delivery: Delivery,
    /// What this task adds.
    pub price: Microlux,
    /// Everything owed to this worker in this job so far, this task included.
    pub total: Microlux,
}

impl Signable for Receipt {
    const DOMAIN: &'static str = "raylance receipt 2";
    const BYTES_MAX: usize = 224;
}

/// A worker agrees that this total settles the job, and stops. Evidence in a Pay.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Done {
    /// The job.
    pub job: JobId,
    /// Who signs.
    pub worker: AccountId,
    /// What it has earned in all.
    pub total: Microlux,
}

impl Signable for Done {
    const DOMAIN: &'static str = "raylance done 2";
    const BYTES_MAX: usize = 96;
}

/// 32 bytes that open one film.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize)]
pub struct FilmKey(pub [u8; 32]);

impl FilmKey {
    /// Stands for "not sealed" in work that is given away.
    pub const NONE: Self = Self([0; 32]);

    /// What a delivery names it by.
    pub fn hash(&self) -> KeyHash {
        KeyHash(Digest(blake3::derive_key("raylance key hash 2", &self.0)))
    }
}

impl std::fmt::Debug for FilmKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "FilmKey(of {:?})", self.hash())
    }
}

/// A message between two peers.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Message {
    /// Worker → artist.
    Bid(Signed<Bid>),
    /// Artist → worker: you have a row in this job.
    Hired {
        /// The job.
        job: JobId,
        /// What is to be computed.
        spec: JobSpec,
    },
    /// Artist → worker.
    Lease(Lease),
    /// Worker → artist: the task is yours again.
    Return {
        /// The job.
        job: JobId,
        /// The task.
        task: Task,
        /// Why.
        reason: ReturnReason,
    },
    /// Worker → artist. One per worker and task.
    Delivery(Signed<Delivery>),
    /// Artist → worker.
    Receipt(Signed<Receipt>),
    /// Worker → artist, only after the receipt.
    Key {
        /// The job.
        job: JobId,
        /// The task.
        task: Task,
        /// Opens its film.
        key: FilmKey,
    },
    /// Worker → artist on connecting: the latest receipt, in case the artist's memory was restored from a backup.
    Standing(Signed<Receipt>),
    /// Worker → artist.
    Done(Signed<Done>),
    /// Anyone → validator.
    Submit(Signed<Tx>),
    /// Validator → validator.
    Proposal(Signed<Proposal>),
    /// Validator → validator.
    Vote(Signed<Vote>),
    /// Newcomer → member, first in a connection.
    Join(Join),
    /// Anyone → anyone: final blocks from this height on; answered by [`Reply::Blocks`].
    GetBlocks {
        /// First height wanted.
        from: Height,
        /// At most so many.
        blocks_max: u16,
    },
    /// Anyone → anyone, where blocks are kept nowhere any more: the block after which this peer has kept the state; answered by
    /// [`Reply::State`].
    GetState,
    /// Anyone → anyone: nodes of that state's tree by their hashes, at most [`limits::NODES_PER_REPLY_MAX`]; answered by [`Reply::Nodes`].
    GetNodes(Vec<Digest>),
}

/// The answer to a [`Message`].
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Reply {
    /// Received, checked and recorded: need not be sent again.
    Recorded,
    /// Not taken.
    Refused(Refusal),
    /// Final blocks in order; may be empty.
    Blocks(Vec<FinalBlock>),
    /// Header and certificate of that block; none where every block is still here.
    State(Option<Box<(Header, Certificate)>>),
    /// Nodes in the order in which they were asked for, up to the first that is not here or does not fit.
    Nodes(Vec<Vec<u8>>),
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
    /// No member of this ring.
    #[error("not a member of this ring")]
    NotMember,
}

/// Bytes that one peer can fetch from another by a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize)]
pub enum BlobKey {
    /// A scene's encoded [`crate::job::Manifest`].
    Manifest(SceneDigest),
    /// A part of a scene, by the BLAKE3 hash of its bytes.
    Part(Digest),
    /// A film as its worker stores it: leaves of 12 bytes in order, sealed unless the work was given away.
    Film {
        /// The job.
        job: JobId,
        /// Who rendered it.
        worker: AccountId,
        /// The task.
        task: Task,
    },
    /// The addresses of a list, encoded: what a checker lost in a crash.
    List {
        /// The job.
        job: JobId,
        /// The list.
        list: ListHash,
    },
}

const _: () = assert!(limits::LIST_ADDRESSES_MAX * 13 + 256 < limits::MESSAGE_BYTES_MAX);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_price_is_rounded_up_and_checked() {
        assert_eq!(Rate(3).price(1_000_000), Some(Microlux(3)));
        assert_eq!(Rate(3).price(1_000_001), Some(Microlux(4)));
        assert_eq!(Rate(3).price(0), Some(Microlux(0)));
        assert_eq!(Rate(u64::MAX).price(u64::MAX), None);
    }

    #[test]
    fn a_lease_names_the_task_of_its_delivery() {
        let address = Address { frame: 0, x_px: 1, y_px: 2, first_sample: 0, samples: 16 };
        assert_eq!(Assignment::Unit(crate::UnitIndex(3)).task(), Task::Unit(crate::UnitIndex(3)));
        assert_eq!(Assignment::List(vec![address]).task(), Task::List(list_hash(&[address])));
        assert_ne!(list_hash(&[address]), list_hash(&[address, address]));
    }
}
