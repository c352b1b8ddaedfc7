//! What became of every unit, and what every worker got: the facts for the receipt file.

use super::Artist;
use super::rows::{Stage, Standing};
use raylance_protocol::{AccountId, Address, JobId, JobSpec, LeafIndex, ListHash, Microlux, Root, Task, UnitIndex};

/// The whole job, as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Units whose film counts in the picture, ascending.
    pub units: Vec<UnitReport>,
    /// Workers that had a row, ascending.
    pub workers: Vec<WorkerReport>,
}

/// A unit that is in the picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnitReport {
    /// The unit.
    pub unit: UnitIndex,
    /// Who rendered it; `None` = this machine.
    pub worker: Option<AccountId>,
    /// Root of the sealed film; none for own films.
    pub root: Option<Root>,
    /// Are all drawn leaves right?
    pub checked: bool,
    /// Leaves that this machine replayed.
    pub replayed_own: u32,
    /// Leaves that peers replayed, with who did.
    pub replayed_by: Vec<(AccountId, u32)>,
    /// No other peer was willing to replay.
    pub alone: bool,
}

/// What a worker got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WorkerReport {
    /// The worker.
    pub worker: AccountId,
    /// Signed for.
    pub total: Microlux,
    /// Checked.
    pub payable: Microlux,
    /// Paid on the ledger.
    pub paid: Microlux,
    /// It delivered a wrong leaf.
    pub refused: bool,
}

impl Artist {
    /// The part of the budget that is not reserved on the ledger yet: promised to nobody, and not free either.
    pub fn unreserved(&self) -> Microlux {
        if self.is_free() || self.is_over() {
            return Microlux::ZERO;
        }
        let reserved: u64 = self.workers.values().map(|worker| worker.row.reserved.0).fold(0, u64::saturating_add);
        Microlux(self.plan.budget.0.saturating_sub(reserved))
    }

    /// The job, once it is open; free work is open from its first bid on.
    pub fn job(&self) -> Option<JobId> {
        self.head.job
    }

    /// What is computed.
    pub fn spec(&self) -> &JobSpec {
        &self.plan.spec
    }

    /// What stands at each place of a list that a checker has or had; `None` for one that is not known any more.
    pub fn list_addresses(&self, list: ListHash) -> Option<Vec<Address>> {
        let row = self.lists.get(&list)?;
        let address = |(film, leaf): &(u8, LeafIndex)| self.plan.spec.work.address(row.films.get(usize::from(*film))?.1, *leaf);
        row.places.iter().map(address).collect()
    }

    /// Everything that the receipt file says. Looks at every film: for the end of a job, not for every turn.
    pub fn report(&self) -> Report {
        let units = self.units.working.iter().filter_map(|(unit, working)| {
            let account = working.by?;
            let film = self.films.get(&(account, Task::Unit(*unit)))?;
            Some(UnitReport {
                unit: *unit,
                worker: self.owner(account),
                root: film.delivered.map(|delivered| delivered.root),
                checked: film.stage == Stage::Checked,
                replayed_own: film.replayed_own,
                replayed_by: film.replayed_by.clone(),
                alone: film.alone,
            })
        });
        let workers = self.workers.iter().map(|(account, worker)| WorkerReport {
            worker: *account,
            total: worker.row.total,
            payable: worker.row.payable,
            paid: worker.row.paid,
            refused: matches!(worker.row.standing, Standing::Refused { .. }),
        });
        Report { units: units.collect(), workers: workers.collect() }
    }
}
