//! What the ledger did: one closed enum that wallets and job machines read instead of re-deriving it.

use borsh::{BorshDeserialize, BorshSerialize};
use raylance_v1_protocol::{AccountId, CommittedUnit, JobId, Microlux, Root, UnitIndex};
use std::fmt;

/// A change of a balance in microlux. It fits, because a ring's genesis holds at most `i64::MAX` microlux.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default, BorshSerialize, BorshDeserialize)]
pub struct MicroluxChange(pub i64);

/// Prints lux with sign and six decimals: `-1.250000 lux`.
impl fmt::Display for MicroluxChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { '-' } else { '+' };
        write!(f, "{sign}{}", Microlux(self.0.unsigned_abs()))
    }
}

/// Why a balance changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub enum MoveReason {
    /// The ring's first balance.
    Genesis,
    /// A transfer to somebody.
    Sent {
        /// Who received.
        to: AccountId,
    },
    /// A transfer from somebody.
    Received {
        /// Who sent.
        from: AccountId,
    },
    /// The budget of an own job was locked.
    EscrowLocked,
    /// What an own job did not spend came back.
    EscrowRefunded,
    /// Pay for a rendered unit.
    Rendered {
        /// The unit.
        unit: UnitIndex,
    },
    /// Pay for a verdict on somebody's unit.
    Verified {
        /// The unit.
        unit: UnitIndex,
    },
}

/// One thing that a transaction did, in the order in which it happened.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum LedgerEvent {
    /// A budget is locked and these workers may earn it.
    JobOpened {
        /// The job.
        job: JobId,
        /// Who pays.
        artist: AccountId,
        /// Who may earn, in ascending order.
        workers: Vec<AccountId>,
        /// What was locked.
        budget: Microlux,
    },
    /// One more worker may earn.
    WorkerAdmitted {
        /// The job.
        job: JobId,
        /// The worker.
        worker: AccountId,
    },
    /// A worker bound itself to films. Only units that were new and not settled stand here, in ascending order.
    Committed {
        /// The job.
        job: JobId,
        /// The worker.
        worker: AccountId,
        /// The units with their films' roots.
        units: Vec<CommittedUnit>,
    },
    /// A film was accepted and paid; every other commitment to this unit is void from now on.
    UnitSettled {
        /// The job.
        job: JobId,
        /// The unit.
        unit: UnitIndex,
        /// Who rendered it.
        worker: AccountId,
        /// Root of the accepted film.
        root: Root,
        /// What the unit cost the artist.
        price: Microlux,
        /// What the worker received of it.
        paid: Microlux,
    },
    /// A worker cheated (rejected film, or two roots for one unit): it is out of the job.
    WorkerBanned {
        /// The job.
        job: JobId,
        /// The worker.
        worker: AccountId,
        /// Its commitments that were waiting for a verdict, in ascending order. They are void.
        voided: Vec<UnitIndex>,
    },
    /// The job has ended.
    JobClosed {
        /// The job.
        job: JobId,
        /// What went back to the artist.
        refund: Microlux,
    },
    /// An account's balance changed; never by zero.
    Moved {
        /// Whose.
        account: AccountId,
        /// By how much.
        change: MicroluxChange,
        /// Why.
        reason: MoveReason,
        /// The job it belongs to.
        job: Option<JobId>,
    },
}

impl LedgerEvent {
    /// The job that the event belongs to.
    pub fn job(&self) -> Option<JobId> {
        match self {
            Self::JobOpened { job, .. }
            | Self::WorkerAdmitted { job, .. }
            | Self::Committed { job, .. }
            | Self::UnitSettled { job, .. }
            | Self::WorkerBanned { job, .. }
            | Self::JobClosed { job, .. } => Some(*job),
            Self::Moved { job, .. } => *job,
        }
    }
}
