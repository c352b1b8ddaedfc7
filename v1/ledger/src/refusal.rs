//! Why the ledger refuses a transaction.

use raylance_v1_protocol::{AccountId, AmountError, ChainId, JobId, OpenError, SpecError, UnitIndex, limits};

/// Why a transaction is refused. Nothing of it was executed and its nonce is not used up.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TxRefused {
    /// The envelope can't be believed.
    #[error("the transaction's envelope: {0}")]
    Open(#[from] OpenError),
    /// Signed for another ring.
    #[error("meant for ring {found}, this is {expected}")]
    WrongChain {
        /// This ring.
        expected: ChainId,
        /// What the transaction or its job names.
        found: ChainId,
    },
    /// The nonce was used already or skips one.
    #[error("nonce {found} of {account}; the next one is {expected}")]
    Nonce {
        /// Who sent.
        account: AccountId,
        /// The account's next nonce.
        expected: u64,
        /// The transaction's.
        found: u64,
    },
    /// Too little money, or a sum that does not exist.
    #[error("{account}: {source}")]
    Funds {
        /// Whose balance.
        account: AccountId,
        /// What is wrong.
        source: AmountError,
    },
    /// A transfer of nothing would only make a row.
    #[error("a transfer must move at least one microlux")]
    NothingTransferred,
    /// The job's specification breaks a limit.
    #[error("the job's specification: {0}")]
    Spec(#[from] SpecError),
    /// Only the job's artist may do this.
    #[error("{sender} is not the artist of job {job}")]
    NotArtist {
        /// The job.
        job: JobId,
        /// Who tried.
        sender: AccountId,
    },
    /// A job is opened once; another job needs another nonce in its specification.
    #[error("job {0} was opened before")]
    JobExists(JobId),
    /// There is no such job on this ring.
    #[error("there is no job {0}")]
    UnknownJob(JobId),
    /// The job has ended.
    #[error("job {0} is closed")]
    JobClosed(JobId),
    /// Too many workers.
    #[error("{0} workers; at most {max} are possible", max = limits::WORKERS_MAX)]
    TooManyWorkers(usize),
    /// Named twice, or admitted before.
    #[error("{worker} is a worker of job {job} already")]
    WorkerRepeated {
        /// The job.
        job: JobId,
        /// The worker.
        worker: AccountId,
    },
    /// The artist can't earn its own escrow: nobody could settle its units when it works alone.
    #[error("the artist of job {0} can't be one of its workers")]
    ArtistAsWorker(JobId),
    /// Not admitted to the job.
    #[error("{account} is no worker of job {job}")]
    NotWorker {
        /// The job.
        job: JobId,
        /// Who tried.
        account: AccountId,
    },
    /// Banned from the job.
    #[error("{worker} is banned from job {job}")]
    Banned {
        /// The job.
        job: JobId,
        /// The worker.
        worker: AccountId,
    },
    /// No unit, or too many in one transaction.
    #[error("{0} units in one transaction; 1 to {max} are possible", max = limits::TX_UNITS_MAX)]
    UnitCount(usize),
    /// The job has no such unit.
    #[error("job {job} has no unit {}", unit.0)]
    UnknownUnit {
        /// The job.
        job: JobId,
        /// The unit.
        unit: UnitIndex,
    },
    /// All of it stands on the ledger already, or is void.
    #[error("nothing in it is new to job {0}")]
    NothingNew(JobId),
    /// Without a commitment there is nothing to judge.
    #[error("{worker} has committed no film of unit {} of job {job}", unit.0)]
    NoCommitment {
        /// The job.
        job: JobId,
        /// The unit.
        unit: UnitIndex,
        /// The worker.
        worker: AccountId,
    },
    /// One of the verdicts can't count.
    #[error("verdict of {verifier} on unit {}: {fault}", unit.0)]
    Verdict {
        /// The unit.
        unit: UnitIndex,
        /// Who claims to have signed it.
        verifier: AccountId,
        /// What is wrong with it.
        fault: VerdictFault,
    },
    /// Not enough verdicts for either outcome.
    #[error("unit {}: {accepts} accepts and {rejects} rejects; {required} are required", unit.0)]
    TooFewVerdicts {
        /// The unit.
        unit: UnitIndex,
        /// Verdicts for it, the artist's included.
        accepts: u32,
        /// Verdicts against it.
        rejects: u32,
        /// So many decide.
        required: u32,
    },
    /// More verdicts than there can be verifiers.
    #[error("unit {}: {count} verdicts; at most {max} accounts may judge it", unit.0)]
    TooManyVerdicts {
        /// The unit.
        unit: UnitIndex,
        /// Verdicts received.
        count: usize,
        /// Workers of the job, and its artist.
        max: usize,
    },
    /// Enough verdicts for both outcomes: somebody has to look again before money moves.
    #[error("unit {}: enough verdicts for and against it", unit.0)]
    Contradiction {
        /// The unit.
        unit: UnitIndex,
    },
    /// A worker still waits for its verdict.
    #[error("{live} commitments of job {job} wait for their verdict")]
    LiveCommitments {
        /// The job.
        job: JobId,
        /// So many.
        live: u32,
    },
}

/// What is wrong with one verdict.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VerdictFault {
    /// The envelope can't be believed.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// It names another job, unit, worker or root than the commitment.
    #[error("it judges another film than the committed one")]
    OtherFilm,
    /// Nobody judges its own work.
    #[error("the worker judges its own film")]
    OwnFilm,
    /// Neither a worker of the job nor its artist.
    #[error("the verifier is no worker of the job")]
    NotWorker,
    /// A banned worker's word counts for nothing.
    #[error("the verifier is banned from the job")]
    Banned,
    /// Two verdicts of one verifier.
    #[error("the verifier judged twice")]
    Repeated,
}

/// What a sender can do about a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefusalCause {
    /// The account has too little money.
    Funds,
    /// The ledger moved on since the transaction was made: look at the ledger and build it anew, if it is still needed.
    Stale,
    /// It breaks a rule, and would again.
    Rule,
}

impl TxRefused {
    /// What the sender can do about it.
    pub fn cause(&self) -> RefusalCause {
        match self {
            Self::Funds { .. } => RefusalCause::Funds,
            Self::Nonce { .. }
            | Self::JobExists(_)
            | Self::JobClosed(_)
            | Self::WorkerRepeated { .. }
            | Self::Banned { .. }
            | Self::NothingNew(_)
            | Self::NoCommitment { .. }
            | Self::LiveCommitments { .. }
            | Self::TooFewVerdicts { .. }
            | Self::Verdict { fault: VerdictFault::Banned | VerdictFault::OtherFilm, .. } => RefusalCause::Stale,
            Self::Open(_)
            | Self::WrongChain { .. }
            | Self::NothingTransferred
            | Self::Spec(_)
            | Self::NotArtist { .. }
            | Self::UnknownJob(_)
            | Self::TooManyWorkers(_)
            | Self::ArtistAsWorker(_)
            | Self::NotWorker { .. }
            | Self::UnitCount(_)
            | Self::UnknownUnit { .. }
            | Self::Verdict { .. }
            | Self::TooManyVerdicts { .. }
            | Self::Contradiction { .. } => RefusalCause::Rule,
        }
    }
}
