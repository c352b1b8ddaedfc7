//! The worker's side of one job: what it accepts, renders, seals, opens and claims. A checker is a worker.
//!
//! ```text
//! Lease ─► in hand ── Rendered ─► delivered ── Receipt ─► receipted ── paid on the ledger ─► forgotten
//!            │ lease ends,           │ 60 s: in hand          │ key is out
//!            │ device fails          │ given back, no         │ unpaid for long, or job closing:
//!            ▼                       ▼ more leases            ▼ Claim
//!          Return                 given up at the close     paid when the claim ends
//! ```
//!
//! A key goes out only for a receipt that continues the total by the lease's price, is covered by the row on the verified chain, and can
//! still be claimed. So whatever the artist does, what the worker can lose is its tasks in hand.

pub mod io;
pub mod rows;

mod claims;
mod leases;
mod ledger;
mod receipts;
mod restart;

pub use io::{WorkerEffect, WorkerInput, WorkerPolicy};
pub use restart::LoadError;

use crate::artist::Say;
use crate::due::DueQueue;
use crate::terms::PATIENCE_MS;
use crate::turn::{Dice, Turn};
use ledger::View;
use raylance_protocol::job::SpecError;
use raylance_protocol::{AccountId, JobId, JobSpec, Microlux, Receipt, Signature, Task};
use rows::{Delivered, InHand, Receipted, Tally, WorkerJob};
use std::collections::{BTreeMap, BTreeSet};

/// How long a worker that was told of a job waits for its row on the verified chain, and how long one that works for nothing waits for
/// the next task: ten times [`PATIENCE_MS`].
pub const IDLE_MS: u64 = 10 * PATIENCE_MS;

/// After so many periods of [`PATIENCE_MS`] a delivery without a receipt keeps the worker from other tasks no longer: the artist may
/// have refused a late film. It still counts among the tasks that the worker risks, so an artist that never signs gets no more of them.
const PERIODS_BLOCKED: u32 = 5;

/// The worker's part in one job.
#[derive(Clone, Debug)]
pub struct Worker {
    id: JobId,
    /// Nobody pays: there is no row on any ledger.
    free: bool,
    job: WorkerJob,
    tally: Tally,
    in_hand: BTreeMap<Task, InHand>,
    delivered: BTreeMap<Task, Waiting>,
    /// By total.
    receipted: BTreeMap<Microlux, Receipted>,
    receipted_tasks: BTreeMap<Task, Microlux>,
    /// Prices of tasks in hand and of deliveries without receipt.
    prices_out: Microlux,
    /// What the verified chain says; nothing until it was heard after a start.
    view: Option<View>,
    /// Deliveries for which the worker waits and does nothing else.
    blocking: BTreeSet<Task>,
    /// A receipt was unpaid for too long.
    unpaid_late: bool,
    /// A claim is on its way to a block.
    claiming: bool,
    due: DueQueue<DueItem>,
    alarm_at_ms: Option<u64>,
    ended: bool,
}

/// A delivery in memory.
#[derive(Clone, Debug)]
struct Waiting {
    delivered: Delivered,
    /// Periods of patience that have passed.
    periods: u32,
    /// A receipt for it that does not fit yet: an earlier one is under way, or the chain was not heard of for a while.
    early: Option<(Receipt, Signature)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum DueItem {
    /// No row was seen, or no free task came.
    Idle,
    /// A lease ends.
    LeaseEnds(Task),
    /// A delivery has no receipt.
    NoReceipt(Task),
    /// Nothing was paid for long.
    Unpaid,
}

/// Why a worker has no part in a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HireError {
    /// Somebody else than its artist offers the job.
    #[error("the job belongs to another artist")]
    NotTheArtist,
    /// The specification breaks a limit.
    #[error("the specification is out of bounds")]
    Bounds(#[from] SpecError),
}

/// What a person is shown of a worker's part in a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WorkerSummary {
    /// Everything that the artist signed for.
    pub total: Microlux,
    /// What the verified chain says was paid.
    pub paid: Microlux,
    /// Tasks that are rendered.
    pub in_hand: usize,
    /// Films without a receipt.
    pub delivered: usize,
    /// Receipts that are not paid.
    pub receipted: usize,
}

impl Worker {
    /// Begins a part in a job that `from` told of. Nothing is accepted before the verified chain shows the worker's row; for a job that
    /// is given away ([`JobId::free`]) there is none.
    ///
    /// # Errors
    /// [`HireError`].
    pub fn hired(
        now_ms: u64,
        id: JobId,
        spec: JobSpec,
        from: AccountId,
        me: AccountId,
        policy: WorkerPolicy,
    ) -> Result<(Self, Turn<WorkerEffect>), HireError> {
        if spec.artist != from {
            return Err(HireError::NotTheArtist);
        }
        spec.check()?;
        let mut worker = Self::new(id, WorkerJob { spec, me, policy }, Tally::default());
        let mut turn = Turn::default();
        turn.put(&id, &worker.job);
        turn.put(&id, &worker.tally);
        worker.due.set(DueItem::Idle, now_ms + IDLE_MS);
        worker.set_alarm(&mut turn);
        Ok((worker, turn))
    }

    fn new(id: JobId, job: WorkerJob, tally: Tally) -> Self {
        Self {
            id,
            free: id == JobId::free(job.spec.artist, job.spec.hash()),
            job,
            tally,
            in_hand: BTreeMap::new(),
            delivered: BTreeMap::new(),
            receipted: BTreeMap::new(),
            receipted_tasks: BTreeMap::new(),
            prices_out: Microlux::ZERO,
            view: None,
            blocking: BTreeSet::new(),
            unpaid_late: false,
            claiming: false,
            due: DueQueue::default(),
            alarm_at_ms: None,
            ended: false,
        }
    }

    /// What happens at `now_ms`, a clock that never goes back while the process lives. A worker throws no dice.
    pub fn step(&mut self, now_ms: u64, _dice: Dice, input: WorkerInput) -> Turn<WorkerEffect> {
        let mut turn = Turn::default();
        if self.ended {
            return turn;
        }
        if self.alarm_at_ms.is_some_and(|at| at <= now_ms) || input == WorkerInput::Alarm {
            self.alarm_at_ms = None;
        }
        self.work_off_due(now_ms, &mut turn);
        match input {
            WorkerInput::Lease(lease) => self.hear_lease(now_ms, lease, &mut turn),
            WorkerInput::Receipt { receipt, signature } => self.hear_receipt(now_ms, receipt, signature, &mut turn),
            WorkerInput::Rendered { task, root, key } => self.hear_rendered(now_ms, task, root, key, &mut turn),
            WorkerInput::RenderFailed { task, reason } => self.hear_render_failed(task, reason, &mut turn),
            WorkerInput::Ledger { ring_time, job, channel, balance } => {
                self.hear_ledger(View::new(now_ms, ring_time, balance), job, channel, &mut turn);
            }
            WorkerInput::ClaimFinal | WorkerInput::ClaimRefused => self.claiming = false,
            // Deadlines run on: an artist that can't be reached is one that does not answer.
            WorkerInput::Lost | WorkerInput::Alarm => (),
            WorkerInput::Back => self.say_again(&mut turn),
            WorkerInput::Leave => self.leave(&mut turn),
        }
        self.set_alarm(&mut turn);
        turn
    }

    /// The job.
    pub fn id(&self) -> JobId {
        self.id
    }

    /// What is computed.
    pub fn spec(&self) -> &JobSpec {
        &self.job.spec
    }

    /// Has [`WorkerEffect::Ended`] been given out?
    pub fn has_ended(&self) -> bool {
        self.ended
    }

    /// Where it stands.
    pub fn summary(&self) -> WorkerSummary {
        WorkerSummary {
            total: self.tally.total,
            paid: self.view.as_ref().map_or(Microlux::ZERO, View::paid),
            in_hand: self.in_hand.len(),
            delivered: self.delivered.len(),
            receipted: self.receipted.len(),
        }
    }

    fn work_off_due(&mut self, now_ms: u64, turn: &mut Turn<WorkerEffect>) {
        while !self.ended {
            match self.due.pop(now_ms) {
                None => return,
                Some(DueItem::Idle) => self.end(turn),
                Some(DueItem::LeaseEnds(task)) => self.give_back(task, raylance_protocol::message::ReturnReason::Device, turn),
                Some(DueItem::NoReceipt(task)) => self.miss_receipt(now_ms, task, turn),
                Some(DueItem::Unpaid) => {
                    self.unpaid_late = true;
                    self.claim_if_wanted(turn);
                }
            }
        }
    }

    fn set_alarm(&mut self, turn: &mut Turn<WorkerEffect>) {
        let Some(next_ms) = self.due.next_ms().filter(|_| !self.ended) else { return };
        if self.alarm_at_ms.is_none_or(|at| next_ms < at) {
            self.alarm_at_ms = Some(next_ms);
            turn.effect(WorkerEffect::Alarm { at_ms: next_ms });
        }
    }

    fn say(&self, say: Say, turn: &mut Turn<WorkerEffect>) {
        turn.effect(WorkerEffect::Send { to: self.job.spec.artist, say });
    }

    fn put_tally(&self, turn: &mut Turn<WorkerEffect>) {
        turn.put(&self.id, &self.tally);
    }
}

#[cfg(test)]
mod tests;
