//! Verdicts: what a verifier signs after its replay was sealed and the worker's leaves were opened to it.

use crate::ids::{AccountId, Digest, JobId, Root, UnitIndex};
use crate::signing::Signable;
use borsh::{BorshDeserialize, BorshSerialize};

/// A verifier's judgement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize)]
pub enum Decision {
    /// The replayed leaves agree with the committed ones.
    Accept,
    /// They do not.
    Reject,
}

/// A verifier's judgement of one committed film.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Verdict {
    /// The job.
    pub job: JobId,
    /// The unit.
    pub unit: UnitIndex,
    /// Who rendered it.
    pub worker: AccountId,
    /// The film's committed root.
    pub root: Root,
    /// The seed that drew the replayed leaves.
    pub draw: Digest,
    /// Hash of the verifier's own replayed values: it can be held against them later.
    pub answer: Digest,
    /// The judgement.
    pub decision: Decision,
}

impl Signable for Verdict {
    const DOMAIN: &'static str = "raylance verdict 1";
    const BYTES_MAX: usize = 512;
}
