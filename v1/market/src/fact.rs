//! What a final block says about one job, and what became of a transaction.

use borsh::{BorshDeserialize, BorshSerialize};
use raylance_v1_protocol::{AccountId, BlockHash, CommittedUnit, Height, Microlux, Root, UnitIndex};

/// One thing that a final block, checked by this peer itself, says about a job. Facts arrive in the order of the chain;
/// being told one again changes nothing, so after a restart all of them may be repeated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
    /// The budget is locked and these workers may earn it.
    JobOpened {
        /// Accounts that may earn.
        workers: Vec<AccountId>,
    },
    /// One more worker may earn.
    WorkerAdmitted {
        /// The worker.
        worker: AccountId,
    },
    /// A worker bound itself to films. The block's hash is the chance in the draw.
    Committed {
        /// The worker.
        worker: AccountId,
        /// Each unit with its film's root.
        units: Vec<CommittedUnit>,
        /// The block with the commitment.
        block: BlockHash,
        /// Its height.
        height: Height,
    },
    /// A film was accepted and paid; every other commitment to this unit is void.
    UnitSettled {
        /// The unit.
        unit: UnitIndex,
        /// Who rendered it.
        worker: AccountId,
        /// The film's root.
        root: Root,
        /// What the worker received.
        worker_microlux: Microlux,
    },
    /// A worker cheated: it is out of the job and its unsettled commitments are void.
    WorkerBanned {
        /// The worker.
        worker: AccountId,
    },
    /// What was left of the escrow went back to the artist.
    JobClosed,
}

/// Number of a submission within one machine, from 0. Together with job and role it names one signed transaction: the node signs
/// once per number, keeps the bytes, and sends the same bytes when the number comes again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize)]
pub struct TxNumber(pub u64);

/// Why a transaction will never be in a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum TxRefusal {
    /// The account has too little money.
    Funds,
    /// Its nonce was used by another transaction, or the ledger's state moved on: build it anew.
    Stale,
    /// The ledger's rules refuse it for another reason.
    Rules,
}
