//! Why the ledger refuses a transaction.

use raylance_protocol::{AccountId, CaseId, DecodeError, Digest, JobId, Microlux, RingTime, limits};
use raylance_verify::EvidenceError;

/// Why a transaction is refused. Nothing of it was executed: no fee is taken, and its nonce is not used up.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The body is too long or malformed.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// It came too late.
    #[error("valid until ring time {} ms, now it is {} ms", valid_until.0, now.0)]
    Late {
        /// The transaction's.
        valid_until: RingTime,
        /// The block's.
        now: RingTime,
    },
    /// Nobody has ever sent this account anything.
    #[error("account {0} does not exist")]
    NoAccount(AccountId),
    /// The nonce was used already or skips one.
    #[error("nonce {found}; the account's next one is {expected}")]
    Nonce {
        /// The account's next nonce.
        expected: u64,
        /// The transaction's.
        found: u64,
    },
    /// Fee, deposits, reserves, bond and amount together are more than the free balance.
    #[error("{need} are needed, {have} are free")]
    Balance {
        /// Free to spend.
        have: Microlux,
        /// Wanted at this point of the transaction.
        need: Microlux,
    },
    /// It would cost a fee and do nothing.
    #[error("nothing would change")]
    Nothing,
    /// Too many rows in one transaction.
    #[error("{0} rows; at most {max} fit in one transaction", max = limits::TX_ROWS_MAX)]
    Rows(usize),
    /// A worker stands in two rows.
    #[error("worker {0} stands in two rows")]
    Repeated(AccountId),
    /// An artist's own devices work for nothing.
    #[error("an artist can't be its own worker")]
    OwnWorker,
    /// A row without money.
    #[error("nothing is reserved for worker {0}")]
    NoReserve(AccountId),
    /// Too many workers.
    #[error("{0} workers; a job has at most {max}", max = limits::WORKERS_MAX)]
    Workers(u32),
    /// The court could not judge it.
    #[error("a scene of {found} bytes; this ring's court takes 1 to {max}")]
    SceneBytes {
        /// The job's.
        found: u64,
        /// The ring's.
        max: u64,
    },
    /// The job would end in the past, or too late.
    #[error("the job would end at ring time {} ms; after {} ms and up to {} ms are possible", ends_by.0, now.0, latest.0)]
    EndsBy {
        /// The transaction's.
        ends_by: RingTime,
        /// The block's ring time.
        now: RingTime,
        /// The latest possible.
        latest: RingTime,
    },
    /// The court could not replay it, or soon can't.
    #[error("renderer {0} is not on this ring's list")]
    Renderer(Digest),
    /// Never opened, or it left the ledger.
    #[error("there is no job {0}")]
    NoJob(JobId),
    /// Only the job's artist may do this.
    #[error("the artist of this job is {0}")]
    NotArtist(AccountId),
    /// The worker has no row in this job.
    #[error("worker {0} has no row in this job")]
    NoChannel(AccountId),
    /// The worker's row has ended.
    #[error("the row of worker {0} has ended")]
    ChannelEnded(AccountId),
    /// A case decides first.
    #[error("case {} decides about this worker's claim first", .0.0)]
    InCourt(CaseId),
    /// A claim without receipts, or with too many.
    #[error("{0} receipts; a claim holds 1 to {max}", max = limits::CLAIM_ENTRIES_MAX)]
    Entries(usize),
    /// A receipt that adds nothing would only lengthen the claim.
    #[error("receipt {0} of the claim has no price")]
    NoPrice(usize),
    /// The job's window for claims is over.
    #[error("claims were taken until ring time {} ms, now it is {} ms", until.0, now.0)]
    ClaimsOver {
        /// Until when.
        until: RingTime,
        /// The block's ring time.
        now: RingTime,
    },
    /// Receipts are missing between what the ledger knows and the claim's first.
    #[error("the claim begins at {from}, the ledger knows of {known}")]
    Gap {
        /// Total before the claim's first receipt.
        from: Microlux,
        /// Paid or claimed so far.
        known: Microlux,
    },
    /// A claim of no more than what is paid or claimed.
    #[error("{total} are claimed, {known} are paid or claimed already")]
    NotHigher {
        /// The claim's.
        total: Microlux,
        /// Paid or claimed so far.
        known: Microlux,
    },
    /// A claim of more than the row holds.
    #[error("{total} are claimed, {reserved} are reserved")]
    BeyondReserve {
        /// The claim's.
        total: Microlux,
        /// The row's.
        reserved: Microlux,
    },
    /// There is nothing to challenge.
    #[error("worker {0} has no open claim")]
    NoClaim(AccountId),
    /// The time for a challenge is over.
    #[error("the claim could be challenged until ring time {} ms, now it is {} ms", due.0, now.0)]
    ChallengeOver {
        /// When the claim pays out.
        due: RingTime,
        /// The block's ring time.
        now: RingTime,
    },
    /// The challenge proves nothing.
    #[error(transparent)]
    Evidence(#[from] EvidenceError),
    /// Cases are heard in order.
    #[error("case {} is not heard now", .0.0)]
    NotHeard(CaseId),
    /// No validator of the block that holds the challenge.
    #[error("no voter of this case")]
    NotVoter,
    /// A ruling can't be changed.
    #[error("this validator has voted already")]
    Voted,
    /// Only validators choose renderers.
    #[error("no validator of this ring")]
    NotValidator,
    /// The list is full.
    #[error("the ring has {max} renderers; no more are possible", max = limits::RENDERERS_MAX)]
    Renderers,
    /// A validator endorses one new renderer at a time, so that none can fill the list with names.
    #[error("this validator endorses renderer {0} already")]
    EndorsesAnother(Digest),
}
