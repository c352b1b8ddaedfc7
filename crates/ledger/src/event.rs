//! What blocks did, for wallets, agents and courts.
//!
//! Every change of a balance is one [`Event::Moved`], so the sum of an account's movements is its balance. The other events say what
//! happened to jobs, channels and cases.

use raylance_protocol::{AccountId, CaseId, Digest, FilmKey, JobId, Leaf, Microlux, RingTime, SpecHash, Task};
use std::fmt;

/// A change of a balance in microlux. No ring has more than `i64::MAX` of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Change(pub i64);

/// Prints lux with sign and six decimals: `-1.250000 lux`.
impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "+" };
        write!(f, "{sign}{}", Microlux(self.0.unsigned_abs()))
    }
}

/// Why a balance changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// First balance.
    Genesis,
    /// For the bytes of a transaction.
    Fee,
    /// Locked for a new account. It never returns in this version, because no account ever leaves.
    AccountDeposit {
        /// Whose account is new.
        account: AccountId,
    },
    /// Sent by a transfer.
    Sent {
        /// Who received it.
        to: AccountId,
    },
    /// Received by a transfer.
    Received {
        /// Who sent it.
        from: AccountId,
    },
    /// Locked for the rows of a job, or returned when they leave.
    RowDeposit,
    /// Locked for a worker, or the rest of it returned when its row ends.
    Reserve {
        /// The worker.
        worker: AccountId,
    },
    /// Earned in a job.
    Earned,
    /// Locked behind a claim, or returned when it was right.
    ClaimBond {
        /// Whose claim.
        worker: AccountId,
    },
    /// What the last filing of a claim cost, from the rest of the row that ended with it.
    ClaimFee {
        /// Whose claim.
        worker: AccountId,
    },
    /// Locked behind a challenge, or returned when it was right.
    ChallengeBond {
        /// Who was challenged.
        worker: AccountId,
    },
    /// A share of the loser's bond.
    Court {
        /// The case.
        case: CaseId,
    },
}

/// How a claim came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClaimEnd {
    /// It was paid.
    Paid,
    /// The artist paid as much itself.
    Overtaken,
    /// The worker was convicted.
    Void,
}

/// How a channel came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChannelEnd {
    /// By the worker's own word.
    Done,
    /// By a ruling against the worker.
    Void,
    /// By time.
    Ended,
}

/// What a case came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// More than two thirds of the stake computed another value: the worker loses.
    Wrong {
        /// The leaf's true value.
        value: Leaf,
    },
    /// More than two thirds computed the delivered value: the artist loses.
    Right,
    /// More than two thirds could not compute one: the artist, who owes the court its scene, loses.
    NoValue,
    /// Time is over and no value has two thirds: the artist loses.
    Undecided,
}

/// Why a row of a Pay changed nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Skipped {
    /// The worker's row has ended.
    Ended,
    /// A case decides about it.
    InCourt,
    /// More is to be paid than is reserved.
    BeyondReserve,
    /// A closing job takes no new rows, and a row needs a reserve.
    NoRow,
}

/// One thing that a block did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// An account's balance changed; never by zero.
    Moved {
        /// Whose.
        account: AccountId,
        /// By how much.
        change: Change,
        /// Why.
        reason: Reason,
        /// The job it belongs to.
        job: Option<JobId>,
    },
    /// An account was made.
    AccountMade {
        /// Whose.
        account: AccountId,
        /// Whose deposit is locked for it.
        by: AccountId,
    },
    /// A job was opened.
    JobOpened {
        /// Its id.
        job: JobId,
        /// Who pays.
        artist: AccountId,
        /// Hash of its specification.
        spec: SpecHash,
    },
    /// A worker has a row, or more is reserved for it.
    Reserved {
        /// The job.
        job: JobId,
        /// The worker.
        worker: AccountId,
        /// Reserved for it in all.
        total: Microlux,
    },
    /// The artist paid a worker.
    Paid {
        /// The job.
        job: JobId,
        /// The worker.
        worker: AccountId,
        /// Paid to it in all.
        total: Microlux,
    },
    /// A row of a Pay changed nothing.
    PaySkipped {
        /// The job.
        job: JobId,
        /// The worker.
        worker: AccountId,
        /// Why.
        why: Skipped,
    },
    /// A job is closing: claims are taken until then.
    JobClosing {
        /// The job.
        job: JobId,
        /// When rows begin to end.
        claims_until: RingTime,
    },
    /// A claim was filed or raised. Its keys are the artist's to keep.
    Claimed {
        /// The job.
        job: JobId,
        /// Whose money.
        worker: AccountId,
        /// What it will have been paid in all.
        total: Microlux,
        /// When it pays out.
        due: RingTime,
        /// Every film of the claim with the key that opens it.
        keys: Vec<(Task, FilmKey)>,
    },
    /// A claim ended.
    ClaimEnded {
        /// The job.
        job: JobId,
        /// Whose money.
        worker: AccountId,
        /// What it claimed in all.
        total: Microlux,
        /// How.
        end: ClaimEnd,
    },
    /// A leaf was challenged.
    CaseOpened {
        /// Its number in the court's queue.
        case: CaseId,
        /// The job.
        job: JobId,
        /// Who is challenged.
        worker: AccountId,
    },
    /// A case is first in line: validators compute.
    CaseHeard {
        /// The case.
        case: CaseId,
        /// When it ends without a decision.
        deadline: RingTime,
    },
    /// A case ended.
    Ruled {
        /// The case.
        case: CaseId,
        /// The job.
        job: JobId,
        /// Who was challenged.
        worker: AccountId,
        /// What it came to.
        verdict: Verdict,
    },
    /// A worker's row ended.
    ChannelEnded {
        /// The job.
        job: JobId,
        /// The worker.
        worker: AccountId,
        /// Paid to it in all.
        paid: Microlux,
        /// What went back to the artist.
        returned: Microlux,
        /// How.
        end: ChannelEnd,
    },
    /// A job and all its rows left the ledger.
    JobEnded {
        /// The job.
        job: JobId,
        /// Who paid.
        artist: AccountId,
    },
    /// A renderer came on the ring's list or left it.
    RendererListed {
        /// Digest of the renderer's source.
        renderer: Digest,
        /// On the list, or off it.
        listed: bool,
    },
}

impl Event {
    /// The job that the event belongs to.
    pub fn job(&self) -> Option<JobId> {
        match self {
            Self::JobOpened { job, .. }
            | Self::Reserved { job, .. }
            | Self::Paid { job, .. }
            | Self::PaySkipped { job, .. }
            | Self::JobClosing { job, .. }
            | Self::Claimed { job, .. }
            | Self::ClaimEnded { job, .. }
            | Self::CaseOpened { job, .. }
            | Self::Ruled { job, .. }
            | Self::ChannelEnded { job, .. }
            | Self::JobEnded { job, .. } => Some(*job),
            Self::Moved { job, .. } => *job,
            Self::AccountMade { .. } | Self::CaseHeard { .. } | Self::RendererListed { .. } => None,
        }
    }
}
