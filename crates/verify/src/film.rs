//! What distinguishes one film from all others.

use raylance_protocol::{AccountId, Delivery, JobId, Task, encode};

/// A worker's answer to a task of a job. Keys, seals and roots depend on all three, so nothing of one film counts for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FilmId {
    /// The job.
    pub job: JobId,
    /// Who renders it.
    pub worker: AccountId,
    /// What it answers.
    pub task: Task,
}

impl FilmId {
    /// The film that a delivery is about.
    pub fn of(delivery: &Delivery) -> Self {
        Self { job: delivery.job, worker: delivery.worker, task: delivery.task }
    }

    /// Job ‖ worker ‖ task: no two films have the same bytes.
    pub(crate) fn to_bytes(self) -> Vec<u8> {
        [&self.job.0.0[..], &self.worker.0, &encode(&self.task)].concat()
    }
}
