//! What an artist's machine records: a row per worker, a row per unit, one transaction on its way.
//!
//! ```text
//! unit:     Unsettled { attempts } ──UnitSettled──► Settled
//! attempt:  Leased ──deadline, lost──► Lapsed ──Committed──┐
//!              └──────────────────────────Committed────────┴─► Committed { film, proof }
//! film:     Wanted ──FilmStored──► Stored        (WrongRoot: the worker cheats)
//! proof:    Unseen ──Fact::Committed──► Bound ──Drawn──► Checking { asks, oracle }
//! ask:      Asked ──Sealed──► Sealed ──Revealed──► Said        (contradicts itself: Void)
//! oracle:   Unasked ──ReplayHere──► Asked ──ReplayedHere──► Said
//! ```

use super::FailReason;
use crate::retry::Retry;
use crate::submission::Submission;
use borsh::{BorshDeserialize, BorshSerialize};
use raylance_v1_protocol::{AccountId, BlockHash, Decision, Digest, JobSpec, Microlux, Root, Signed, UnitIndex, Verdict};

/// Row of a worker in [`State::workers`]: two bytes where an account would need 32.
pub(super) type WorkerNo = u16;

#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub(super) struct State {
    pub spec: JobSpec,
    pub verdicts_required: u8,
    pub phase: Phase,
    pub cancel: Cancel,
    pub offer: Retry,
    /// When the first bid came.
    pub first_bid_ms: Option<u64>,
    pub workers: Vec<WorkerRow>,
    pub units: Vec<UnitRow>,
    pub submission: Submission,
    /// Where the next `Settle` begins to look, so that one unit which the ledger refuses does not hold up the others.
    pub settle_from: u32,
    pub assembly: Assembly,
    pub oracle: OracleTally,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub(super) enum Phase {
    /// Gathering bids, until the ledger says that the job is open.
    Offering,
    /// Open on the ledger.
    Running,
    /// Closed on the ledger, the picture is not on disk yet.
    Closed,
    Finished,
    Failed(FailReason),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub(super) enum Cancel {
    No,
    Yes,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub(super) enum Assembly {
    Open(Retry),
    Done,
}

/// A peer that has bid.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub(super) struct WorkerRow {
    pub account: AccountId,
    pub standing: Standing,
    /// As a renderer.
    pub work: Conduct,
    /// As a verifier.
    pub word: Conduct,
    pub lost_since_ms: Option<u64>,
    /// Last `Want`: how many units in all, and when.
    pub want: Option<(u16, u64)>,
    pub tally: WorkerTally,
}

/// What the ledger says of a worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub(super) enum Standing {
    Bidding,
    Admitted,
    Banned,
}

/// What the artist has seen of a worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub(super) enum Conduct {
    Good,
    /// Caught: nothing more is entrusted to it in this job.
    Bad,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub(super) struct WorkerTally {
    pub units_committed: u32,
    pub units_settled: u32,
    pub units_rejected: u32,
    pub rendered_samples: u64,
    pub render_ms: u64,
    pub replayed_samples: u64,
    pub replay_ms: u64,
    pub paid_microlux: Microlux,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub(super) struct OracleTally {
    pub replayed_samples: u64,
    pub replay_ms: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub(super) enum UnitRow {
    /// At most one attempt per worker, in the order of their leases.
    Unsettled(Vec<Attempt>),
    Settled {
        worker: WorkerNo,
        root: Root,
        film: Film,
    },
}

/// One worker's try at one unit.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub(super) struct Attempt {
    pub worker: WorkerNo,
    pub stage: Stage,
}

#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[expect(clippy::large_enum_variant, reason = "most attempts end as the large one")]
pub(super) enum Stage {
    Leased {
        since_ms: u64,
        lasts_ms: u64,
    },
    /// The lease is over; a commitment still counts while the unit is unsettled.
    Lapsed,
    Committed(Committed),
}

#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub(super) struct Committed {
    pub root: Root,
    pub since_ms: u64,
    /// As told by message; the ledger does not know it.
    pub render_ms: Option<u32>,
    pub film: Film,
    pub proof: Proof,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub(super) enum Film {
    Wanted(Retry),
    Stored,
}

#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub(super) enum Proof {
    /// Not on the ledger yet.
    Unseen,
    /// On the ledger; the draw is outstanding.
    Bound {
        block: BlockHash,
        draw: Retry,
    },
    Checking(Check),
}

#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub(super) struct Check {
    pub draw: Digest,
    /// Verifiers in the order of the draw. Workers that were admitted later come after them.
    pub order: Vec<WorkerNo>,
    pub asks: Vec<Ask>,
    pub oracle: Oracle,
}

#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub(super) struct Ask {
    pub verifier: WorkerNo,
    pub since_ms: u64,
    pub sent: Retry,
    pub answer: Answer,
}

#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub(super) enum Answer {
    Asked,
    Sealed(Digest),
    Said(Decision, Signed<Verdict>),
    /// Its values, seal and verdict do not fit together.
    Void,
}

#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub(super) enum Oracle {
    Unasked,
    Asked(Retry),
    Said(Decision, Signed<Verdict>),
}

impl State {
    pub fn worker_no(&self, account: AccountId) -> Option<WorkerNo> {
        self.workers.iter().position(|row| row.account == account).map(|no| no as WorkerNo)
    }

    pub fn worker(&self, no: WorkerNo) -> &WorkerRow {
        &self.workers[usize::from(no)]
    }

    pub fn worker_mut(&mut self, no: WorkerNo) -> &mut WorkerRow {
        &mut self.workers[usize::from(no)]
    }

    pub fn account(&self, no: WorkerNo) -> AccountId {
        self.worker(no).account
    }

    /// Attempts at a unit; none for a settled or foreign one.
    pub fn attempts(&self, unit: UnitIndex) -> &[Attempt] {
        match self.units.get(unit.0 as usize) {
            Some(UnitRow::Unsettled(attempts)) => attempts,
            Some(UnitRow::Settled { .. }) | None => &[],
        }
    }

    pub fn attempts_mut(&mut self, unit: UnitIndex) -> Option<&mut Vec<Attempt>> {
        match self.units.get_mut(unit.0 as usize) {
            Some(UnitRow::Unsettled(attempts)) => Some(attempts),
            Some(UnitRow::Settled { .. }) | None => None,
        }
    }

    /// The committed film of a worker for an unsettled unit.
    pub fn committed_mut(&mut self, unit: UnitIndex, worker: WorkerNo) -> Option<&mut Committed> {
        let attempt = self.attempts_mut(unit)?.iter_mut().find(|attempt| attempt.worker == worker)?;
        match &mut attempt.stage {
            Stage::Committed(committed) => Some(committed),
            Stage::Leased { .. } | Stage::Lapsed => None,
        }
    }

    pub fn committed(&self, unit: UnitIndex, worker: WorkerNo) -> Option<&Committed> {
        match &self.attempts(unit).iter().find(|attempt| attempt.worker == worker)?.stage {
            Stage::Committed(committed) => Some(committed),
            Stage::Leased { .. } | Stage::Lapsed => None,
        }
    }

    pub fn check_mut(&mut self, unit: UnitIndex, worker: WorkerNo) -> Option<&mut Check> {
        match &mut self.committed_mut(unit, worker)?.proof {
            Proof::Checking(check) => Some(check),
            Proof::Unseen | Proof::Bound { .. } => None,
        }
    }

    pub fn unit_indices(&self) -> impl Iterator<Item = UnitIndex> + use<> {
        (0..self.units.len() as u32).map(UnitIndex)
    }

    pub fn all_settled(&self) -> bool {
        self.units.iter().all(|row| matches!(row, UnitRow::Settled { .. }))
    }

    /// Samples of one replay of a unit's drawn leaves.
    pub fn replay_samples(&self, unit: UnitIndex) -> u64 {
        let leaf_samples = u64::from(raylance_v1_protocol::job::LEAF_SAMPLES);
        self.spec
            .render()
            .unit(unit)
            .map_or(0, |cut| u64::from(self.spec.replayed_leaves).min(u64::from(cut.leaves())) * leaf_samples.min(u64::from(cut.samples)))
    }

    /// Do all numbers in the rows point to something that exists?
    pub fn is_consistent(&self) -> bool {
        let known = |no: &WorkerNo| usize::from(*no) < self.workers.len();
        let sound = |attempt: &Attempt| {
            known(&attempt.worker)
                && match &attempt.stage {
                    Stage::Committed(Committed { proof: Proof::Checking(check), .. }) => {
                        check.order.iter().all(known) && check.asks.iter().all(|ask| known(&ask.verifier))
                    }
                    Stage::Committed(_) | Stage::Leased { .. } | Stage::Lapsed => true,
                }
        };
        self.spec.check().is_ok()
            && self.units.len() == self.spec.render().unit_count() as usize
            && self.workers.len() <= raylance_v1_protocol::limits::WORKERS_MAX
            && self.units.iter().all(|row| match row {
                UnitRow::Unsettled(attempts) => attempts.iter().all(sound),
                UnitRow::Settled { worker, .. } => known(worker),
            })
    }
}
