//! Transactions: everything that can change the ledger.

use crate::ids::{AccountId, ChainId, Digest, JobId, Root, TxId, UnitIndex};
use crate::signing::{Signable, Signed};
use crate::verdict::Verdict;
use crate::{JobSpec, Microlux, encode, limits};
use borsh::{BorshDeserialize, BorshSerialize};

/// One action of one account. The signer of the envelope is the account that acts.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Tx {
    /// The ring it is meant for.
    pub chain: ChainId,
    /// The account's count of transactions before this one; a repeated or skipped number is refused.
    pub nonce: u64,
    /// What is done.
    pub action: Action,
}

impl Signable for Tx {
    const DOMAIN: &'static str = "raylance tx 1";
    const BYTES_MAX: usize = limits::TX_BYTES_MAX;
}

impl Signed<Tx> {
    /// The transaction's id: the hash of body, signer and signature.
    pub fn id(&self) -> TxId {
        TxId(Digest::of("raylance tx id 1", &[&encode(self)]))
    }
}

/// What a transaction does.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Action {
    /// Moves money.
    Transfer {
        /// Who receives.
        to: AccountId,
        /// How much.
        amount_microlux: Microlux,
    },
    /// Locks the budget of a job and names the workers that may earn it. Only the artist of `spec` may send it.
    OpenJob {
        /// The whole specification: public, so that anyone can replay.
        spec: JobSpec,
        /// Accounts whose bids were taken.
        workers: Vec<AccountId>,
    },
    /// Lets one more worker earn from an open job. Only its artist may send it.
    Admit {
        /// The job.
        job: JobId,
        /// The worker.
        worker: AccountId,
    },
    /// The sender, a worker of the job, binds itself to films.
    Commit {
        /// The job.
        job: JobId,
        /// Each unit with its film's root.
        units: Vec<CommittedUnit>,
    },
    /// Pays or rejects units by verifiers' verdicts. Anyone may send it.
    Settle {
        /// The job.
        job: JobId,
        /// One entry per unit.
        outcomes: Vec<Outcome>,
    },
    /// Returns what is left of the escrow. Only the artist may send it, and only when no commitment is waiting for its verdict.
    CloseJob {
        /// The job.
        job: JobId,
    },
}

/// A unit with the root of its film.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct CommittedUnit {
    /// The unit.
    pub unit: UnitIndex,
    /// Root of the film.
    pub root: Root,
}

/// The verdicts on one unit of one worker.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Outcome {
    /// The unit.
    pub unit: UnitIndex,
    /// Who rendered it.
    pub worker: AccountId,
    /// Verdicts by distinct verifiers, none of them the worker.
    pub verdicts: Vec<Signed<Verdict>>,
}
