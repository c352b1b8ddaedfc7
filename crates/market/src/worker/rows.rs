//! The worker's rows: one for the job, one for its tally, one for each task in hand, delivery and unpaid receipt.

use super::WorkerPolicy;
use raylance_protocol::row::RowKey;
use raylance_protocol::{AccountId, Delivery, FilmKey, JobId, JobSpec, Lease, Microlux, Receipt, RingTime, Root, Signature, Task, limits};

/// What never changes.
#[derive(Clone, Debug, PartialEq, Eq, borsh::BorshSerialize, borsh::BorshDeserialize)]
pub struct WorkerJob {
    /// What is computed, and for whom.
    pub spec: JobSpec,
    /// Who works.
    pub me: AccountId,
    /// What the owner risks.
    pub policy: WorkerPolicy,
}

/// Where the worker stands with the artist.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, borsh::BorshSerialize, borsh::BorshDeserialize)]
pub struct Tally {
    /// Everything that the artist signed for, or that the ledger says of this worker where that is more.
    pub total: Microlux,
    /// Ring time when the worker's row was first seen on the verified chain.
    pub seen: Option<RingTime>,
    /// No more leases are taken.
    pub leaving: bool,
    /// [`raylance_protocol::Done`] was signed for `total`.
    pub done: bool,
}

/// A task that is rendered.
#[derive(Clone, Debug, PartialEq, Eq, borsh::BorshSerialize, borsh::BorshDeserialize)]
pub struct InHand {
    /// As it was accepted.
    pub lease: Lease,
}

/// A film that waits for its receipt.
#[derive(Clone, Debug, PartialEq, Eq, borsh::BorshSerialize, borsh::BorshDeserialize)]
pub struct Delivered {
    /// What it answers.
    pub task: Task,
    /// Root of the sealed film.
    pub root: Root,
    /// Opens it.
    pub key: FilmKey,
    /// What the lease promised.
    pub price: Microlux,
}

impl Delivered {
    /// What is said to the artist.
    pub fn delivery(&self, job: JobId, me: AccountId) -> Delivery {
        Delivery { job, task: self.task, worker: me, root: self.root, key_hash: self.key.hash() }
    }
}

/// A film that the artist signed for and has not paid. Its key is out.
#[derive(Clone, Debug, PartialEq, Eq, borsh::BorshSerialize, borsh::BorshDeserialize)]
pub struct Receipted {
    /// What was signed for.
    pub delivered: Delivered,
    /// The total after it.
    pub total: Microlux,
    /// The artist's.
    pub signature: Signature,
}

impl Receipted {
    /// The receipt under the signature.
    pub fn receipt(&self, job: JobId, me: AccountId) -> Receipt {
        Receipt { delivery: self.delivered.delivery(job, me), price: self.delivered.price, total: self.total }
    }
}

/// Names a row of a task.
#[derive(Clone, Copy, Debug)]
pub struct TaskKey {
    /// The job.
    pub job: JobId,
    /// The task.
    pub task: Task,
}

impl RowKey for TaskKey {
    fn write(&self, bytes: &mut Vec<u8>) {
        self.job.write(bytes);
        self.task.write(bytes);
    }
}

/// Names a row of a receipt. Receipts sort by their totals.
#[derive(Clone, Copy, Debug)]
pub struct TotalKey {
    /// The job.
    pub job: JobId,
    /// The total after the receipt.
    pub total: Microlux,
}

impl RowKey for TotalKey {
    fn write(&self, bytes: &mut Vec<u8>) {
        self.job.write(bytes);
        bytes.extend_from_slice(&self.total.0.to_be_bytes());
    }
}

/// Longest encoding of a lease: its list, and what goes with it.
const LEASE_BYTES_MAX: usize = limits::LIST_ADDRESSES_MAX * raylance_protocol::job::ADDRESS_BYTES + 64;

raylance_protocol::rows! {
    WorkerJob: 80, JobId, 512;
    Tally: 81, JobId, 32;
    InHand: 82, TaskKey, LEASE_BYTES_MAX;
    Delivered: 83, TaskKey, 128;
    Receipted: 84, TotalKey, 256;
}
