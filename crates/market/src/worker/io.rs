//! What the worker's machine hears and asks for.

use crate::artist::Say;
use raylance_protocol::message::{Assignment, ReturnReason};
use raylance_protocol::row::{Channel, Job};
use raylance_protocol::tx::Claim;
use raylance_protocol::{AccountId, FilmKey, JobId, Lease, Microlux, Rate, Receipt, RingParameters, RingTime, Root, Signature, Task};

/// What the owner risks, and the ring's numbers.
#[derive(Clone, Debug, PartialEq, Eq, borsh::BorshSerialize, borsh::BorshDeserialize)]
pub struct WorkerPolicy {
    /// What it asked in its bid for a million camera samples; a lease that pays less is given back.
    pub rate: Rate,
    /// The most that this artist may owe and not have paid.
    pub unpaid_max: Microlux,
    /// Work for this artist is given away: tasks of price 0 are taken.
    pub free: bool,
    /// The ring's numbers.
    pub parameters: RingParameters,
}

/// What the worker's machine hears. Signatures were checked on the way in, and messages come from the job's artist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WorkerInput {
    /// The artist leases a task.
    Lease(Lease),
    /// The artist signed for a delivery.
    Receipt {
        /// What it owes.
        receipt: Receipt,
        /// Its signature, evidence for a claim.
        signature: Signature,
    },
    /// Answer to [`WorkerEffect::Render`]: the sealed film is on disk.
    Rendered {
        /// The task.
        task: Task,
        /// Root of the sealed film.
        root: Root,
        /// Opens it; [`FilmKey::NONE`] in free work.
        key: FilmKey,
    },
    /// Answer to [`WorkerEffect::Render`]: there is no film.
    RenderFailed {
        /// The task.
        task: Task,
        /// Why.
        reason: ReturnReason,
    },
    /// The job's row and the worker's own, as the chain that this peer verified has them now, with that chain's ring time and the
    /// worker's free balance. `None` where there is none. Given in after every final block: a worker that has not heard of one for a
    /// while lets no key go.
    Ledger {
        /// Ring time of the latest final block.
        ring_time: RingTime,
        /// The job.
        job: Option<Job>,
        /// The worker's own row in it.
        channel: Option<Channel>,
        /// What the worker could lock as a bond.
        balance: Microlux,
    },
    /// Answer to [`WorkerEffect::Claim`]: the claim stands in a final block.
    ClaimFinal,
    /// Answer to [`WorkerEffect::Claim`]: refused or expired; nothing of it will ever happen.
    ClaimRefused,
    /// The artist can't be reached.
    Lost,
    /// The artist can be reached.
    Back,
    /// What the machine asked [`WorkerEffect::Alarm`] for.
    Alarm,
    /// The owner wants no more of this job: tasks in hand are given back, what is owed is still collected.
    Leave,
}

/// What the worker's machine asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WorkerEffect {
    /// Send to the artist until it has recorded it.
    Send {
        /// To whom.
        to: AccountId,
        /// What.
        say: Say,
    },
    /// Compute a task, seal its film under the task's key, store it.
    Render {
        /// The job.
        job: JobId,
        /// What.
        assignment: Assignment,
        /// Seal it? Free work travels open.
        sealed: bool,
    },
    /// Stop computing a task; no answer is wanted.
    CancelRender {
        /// The task.
        task: Task,
    },
    /// Sign and submit a claim; answered by [`WorkerInput::ClaimFinal`] or [`WorkerInput::ClaimRefused`].
    Claim(Claim),
    /// The task's film may be deleted.
    Forget {
        /// The task.
        task: Task,
    },
    /// Give in [`WorkerInput::Alarm`] at this time.
    Alarm {
        /// Milliseconds of the clock that `step` is given.
        at_ms: u64,
    },
    /// Nothing is owed and nothing is in hand: the machine can go.
    Ended,
}
