//! What a challenge proves without the scene: which leaf the worker delivered for which samples.
//!
//! The signature under the delivery is checked before ([`raylance_protocol::CheckedTx`]), the replay comes after. In between everything is
//! hashing: specification → task → address, and sealed leaf → path → root. The delivery's key hash follows from the key in the challenge,
//! so a wrong key makes the signature fail, not a rule here.

use crate::film::FilmId;
use crate::root::{OpenedLeaf, PathError, check_path};
use crate::seal::open_leaf;
use raylance_protocol::job::SpecError;
use raylance_protocol::row::Job;
use raylance_protocol::{Address, Challenge, JobId, JobSpec, Leaf, LeafIndex, SpecHash, Task, limits};

/// What validators replay and compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenedEvidence {
    /// What the worker delivered, opened.
    pub leaf: Leaf,
    /// The samples that it claims to be the sum of.
    pub address: Address,
}

/// Why a challenge proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EvidenceError {
    /// The challenge is about another job.
    #[error("evidence of another job")]
    Job,
    /// Not the specification that stands on the ledger.
    #[error("the specification is not the one on the ledger")]
    Spec,
    /// The job on the ledger names another artist, renderer or length of scene than its specification.
    #[error("job and specification differ in artist, renderer or scene bytes")]
    Terms,
    /// The specification breaks a limit.
    #[error("the specification is out of bounds")]
    Bounds(#[from] SpecError),
    /// The job has no such unit.
    #[error("{0:?} is no task of the job")]
    NoSuchTask(Task),
    /// A task of another number of leaves.
    #[error("{found} leaves where the task has {wanted}")]
    LeafCount {
        /// Leaves of the task; for a list, the most that are possible.
        wanted: u32,
        /// Leaves of the film.
        found: u32,
    },
    /// The task does not ask for these samples at this place.
    #[error("leaf {} does not sum these samples", index.0)]
    Address {
        /// The leaf.
        index: LeafIndex,
    },
    /// The leaf is not one of the film.
    #[error(transparent)]
    Path(#[from] PathError),
}

/// Does a job on the ledger say of its specification what the specification says? Scene bytes price the court and the renderer is what it
/// runs. A worker asks before it takes a lease; the ledger asks again before it opens a case.
///
/// # Errors
/// [`EvidenceError::Spec`], [`EvidenceError::Terms`] or [`EvidenceError::Bounds`].
pub fn check_spec(job: &Job, spec: &JobSpec) -> Result<(), EvidenceError> {
    if spec.hash() != job.spec {
        return Err(EvidenceError::Spec);
    }
    if (spec.artist, spec.renderer, spec.scene_bytes) != (job.artist, job.renderer, job.scene_bytes) {
        return Err(EvidenceError::Terms);
    }
    Ok(spec.check()?)
}

/// Opens the disputed leaf. `job` and `spec_hash` stand on the ledger; signatures of `challenge` are good.
///
/// # Errors
/// The first rule of [`EvidenceError`] that is broken, cheapest first.
pub fn open_evidence(job: JobId, spec_hash: SpecHash, challenge: &Challenge) -> Result<OpenedEvidence, EvidenceError> {
    let Challenge { spec, task, index, leaf_count, address, .. } = challenge;
    if challenge.job != job {
        return Err(EvidenceError::Job);
    }
    if spec.hash() != spec_hash {
        return Err(EvidenceError::Spec);
    }
    spec.check()?;
    check_leaf_count(spec, *task, *leaf_count)?;
    if index.0 >= *leaf_count {
        return Err(PathError::NoSuchLeaf { index: *index, leaf_count: *leaf_count }.into());
    }
    if !spec.has(*task, *index, address) {
        return Err(EvidenceError::Address { index: *index });
    }
    let film = FilmId { job, worker: challenge.worker, task: *task };
    let leaf = OpenedLeaf { index: *index, leaf_count: *leaf_count, address: *address, sealed: challenge.sealed_leaf };
    check_path(&film, challenge.root, &leaf, &challenge.path)?;
    Ok(OpenedEvidence { leaf: open_leaf(&challenge.key, &film, *index, challenge.sealed_leaf), address: *address })
}

fn check_leaf_count(spec: &JobSpec, task: Task, found: u32) -> Result<(), EvidenceError> {
    let (wanted, fits) = match task {
        Task::Unit(unit) => {
            let wanted = spec.work.leaf_count(unit).ok_or(EvidenceError::NoSuchTask(task))?;
            (wanted, found == wanted)
        }
        Task::List(_) => {
            let most = limits::LIST_ADDRESSES_MAX as u32;
            (most, (1..=most).contains(&found))
        }
    };
    if fits { Ok(()) } else { Err(EvidenceError::LeafCount { wanted, found }) }
}

#[cfg(test)]
mod tests;
