//! What a person, and the demo's table, see of an artist's job.

use super::state::{Cancel, Conduct, Phase, Proof, Stage, Standing, State, UnitRow};
use super::{FailReason, SettledFilm};
use crate::artist::state::Film;
use raylance_v1_protocol::{AccountId, Action, JobId, Microlux, Root, UnitIndex};

/// An artist's job, as counts and rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArtistView {
    /// The job.
    pub job: JobId,
    /// Where it stands.
    pub phase: ArtistPhase,
    /// Units that nobody renders at present.
    pub units_open: u32,
    /// Units handed out and not committed.
    pub units_rendering: u32,
    /// Units rendered and waiting for replay or settlement.
    pub units_checking: u32,
    /// Units settled: replayed, accepted, paid.
    pub units_settled: u32,
    /// Workers' films found to be wrong.
    pub units_rejected: u32,
    /// Each unit, in order.
    pub units: Vec<UnitSeen>,
    /// Each worker, in the order of their bids.
    pub workers: Vec<WorkerSeen>,
    /// The whole price of all settled units.
    pub paid_microlux: Microlux,
    /// Camera samples that workers say they rendered, and their time for it.
    pub rendered_samples: u64,
    /// Time of all renders, milliseconds.
    pub render_ms: u64,
    /// Camera samples replayed by verifiers and by this peer.
    pub replayed_samples: u64,
    /// Time of all replays, milliseconds.
    pub replay_ms: u64,
    /// Camera samples replayed by this peer alone.
    pub replayed_here_samples: u64,
}

/// Where an artist's job stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArtistPhase {
    /// Gathering bids.
    LookingForWorkers,
    /// The budget is being locked.
    LockingBudget,
    /// Units are rendered, replayed and paid.
    Rendering,
    /// The person has ended it; what was committed is still settled.
    Cancelling,
    /// All units are settled; the picture is being written and the job closed.
    Assembling,
    /// Finished.
    Done,
    /// Ended without a whole picture.
    Failed(FailReason),
}

/// One unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnitSeen {
    /// Its state.
    pub state: UnitState,
    /// Who renders or rendered it.
    pub worker: Option<AccountId>,
    /// The root of its film, once committed.
    pub root: Option<Root>,
}

/// State of a unit, by its furthest attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum UnitState {
    /// Nobody renders it.
    Open,
    /// Leased.
    Assigned,
    /// Bound to a root.
    Committed,
    /// Its film is here and replays have begun.
    Checking,
    /// Accepted and paid.
    Settled,
}

/// One worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WorkerSeen {
    /// Who.
    pub account: AccountId,
    /// Is it connected, as far as the node has said?
    pub is_here: bool,
    /// May it earn?
    pub standing: WorkerStanding,
    /// Its verdicts contradicted the oracle or themselves: it is not asked for more.
    pub is_distrusted: bool,
    /// Films that it committed.
    pub units_committed: u32,
    /// Films that were paid.
    pub units_settled: u32,
    /// 1 once it was caught.
    pub units_rejected: u32,
    /// Camera samples of its committed films.
    pub rendered_samples: u64,
    /// Time that it says they took.
    pub render_ms: u64,
    /// Camera samples that it replayed for others' films.
    pub replayed_samples: u64,
    /// Time that it says they took.
    pub replay_ms: u64,
    /// Paid for its films, without its fees as a verifier.
    pub paid_microlux: Microlux,
}

/// May a worker earn?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WorkerStanding {
    /// Has bid.
    Bidding,
    /// May earn.
    Admitted,
    /// Caught by the artist; the ledger has not banned it (yet).
    Caught,
    /// Banned on the ledger.
    Banned,
}

impl State {
    pub fn view(&self) -> ArtistView {
        let units: Vec<UnitSeen> = self.unit_indices().map(|unit| self.unit_seen(unit)).collect();
        let workers: Vec<WorkerSeen> = self.workers.iter().map(worker_seen).collect();
        let count = |state: UnitState| units.iter().filter(|unit| unit.state == state).count() as u32;
        let sum = |of: fn(&WorkerSeen) -> u64| workers.iter().map(of).sum::<u64>();
        let units_settled = count(UnitState::Settled);
        ArtistView {
            job: self.spec.id(),
            phase: self.phase_seen(),
            units_open: count(UnitState::Open),
            units_rendering: count(UnitState::Assigned),
            units_checking: count(UnitState::Committed) + count(UnitState::Checking),
            units_settled,
            units_rejected: workers.iter().map(|worker| worker.units_rejected).sum(),
            // At most the budget, which was checked to fit.
            paid_microlux: self.spec.unit_price_microlux.times(u64::from(units_settled)).unwrap_or_default(),
            rendered_samples: sum(|worker| worker.rendered_samples),
            render_ms: sum(|worker| worker.render_ms),
            replayed_samples: sum(|worker| worker.replayed_samples) + self.oracle.replayed_samples,
            replay_ms: sum(|worker| worker.replay_ms) + self.oracle.replay_ms,
            replayed_here_samples: self.oracle.replayed_samples,
            units,
            workers,
        }
    }

    fn phase_seen(&self) -> ArtistPhase {
        match self.phase {
            Phase::Offering if matches!(self.submission.pending(), Some(Action::OpenJob { .. })) => ArtistPhase::LockingBudget,
            Phase::Offering => ArtistPhase::LookingForWorkers,
            Phase::Running if self.all_settled() => ArtistPhase::Assembling,
            Phase::Running if self.cancel == Cancel::Yes => ArtistPhase::Cancelling,
            Phase::Running => ArtistPhase::Rendering,
            Phase::Closed => ArtistPhase::Assembling,
            Phase::Finished => ArtistPhase::Done,
            Phase::Failed(reason) => ArtistPhase::Failed(reason),
        }
    }

    fn unit_seen(&self, unit: UnitIndex) -> UnitSeen {
        if let UnitRow::Settled { worker, root, .. } = &self.units[unit.0 as usize] {
            return UnitSeen { state: UnitState::Settled, worker: Some(self.account(*worker)), root: Some(*root) };
        }
        let good = self.attempts(unit).iter().filter(|attempt| self.worker(attempt.worker).work == Conduct::Good);
        let seen = good.filter_map(|attempt| {
            let (state, root) = match &attempt.stage {
                Stage::Lapsed => return None,
                Stage::Leased { .. } => (UnitState::Assigned, None),
                Stage::Committed(committed) => match (committed.film, &committed.proof) {
                    (Film::Stored, Proof::Checking(_)) => (UnitState::Checking, Some(committed.root)),
                    _ => (UnitState::Committed, Some(committed.root)),
                },
            };
            Some(UnitSeen { state, worker: Some(self.account(attempt.worker)), root })
        });
        seen.max_by_key(|seen| seen.state).unwrap_or(UnitSeen { state: UnitState::Open, worker: None, root: None })
    }

    /// The paid films that are here, in order of units.
    pub fn settled_films(&self) -> Vec<SettledFilm> {
        let rows = self.unit_indices().zip(&self.units);
        let films = rows.filter_map(|(unit, row)| match row {
            UnitRow::Settled { worker, root, film: Film::Stored } => Some(SettledFilm { unit, worker: self.account(*worker), root: *root }),
            UnitRow::Settled { .. } | UnitRow::Unsettled(_) => None,
        });
        films.collect()
    }
}

fn worker_seen(row: &super::state::WorkerRow) -> WorkerSeen {
    let tally = &row.tally;
    WorkerSeen {
        account: row.account,
        is_here: row.lost_since_ms.is_none(),
        standing: match (row.standing, row.work) {
            (Standing::Banned, _) => WorkerStanding::Banned,
            (_, Conduct::Bad) => WorkerStanding::Caught,
            (Standing::Admitted, Conduct::Good) => WorkerStanding::Admitted,
            (Standing::Bidding, Conduct::Good) => WorkerStanding::Bidding,
        },
        is_distrusted: row.word == Conduct::Bad,
        units_committed: tally.units_committed,
        units_settled: tally.units_settled,
        units_rejected: tally.units_rejected,
        rendered_samples: tally.rendered_samples,
        render_ms: tally.render_ms,
        replayed_samples: tally.replayed_samples,
        replay_ms: tally.replay_ms,
        paid_microlux: tally.paid_microlux,
    }
}
