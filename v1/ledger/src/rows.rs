//! The rows of the ledger, and sheets of changed rows laid over each other.

use borsh::{BorshDeserialize, BorshSerialize};
use raylance_v1_protocol::{AccountId, Height, JobId, JobSpec, Microlux, RingParameters, Root, UnitIndex};
use std::collections::{BTreeMap, BTreeSet};

/// An account as it stands in the state tree. An account that was never touched is all zero and has no row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, BorshSerialize, BorshDeserialize)]
pub struct Account {
    /// Money that can be spent.
    pub balance_microlux: Microlux,
    /// Transactions of this account so far, and so the nonce of its next one.
    pub nonce: u64,
}

/// Money that belongs to no account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, BorshSerialize, BorshDeserialize)]
pub struct Supply {
    /// All there was in the beginning.
    pub genesis: Microlux,
    /// The ring's own.
    pub treasury: Microlux,
    /// Destroyed.
    pub burned: Microlux,
}

/// Is the job running?
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum JobPhase {
    /// Units can be committed and settled.
    Open,
    /// Ended; the row stays, so that the same job can't be opened again.
    Closed,
}

/// May a worker earn?
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Standing {
    /// Yes, and it may judge others.
    Admitted,
    /// It cheated: neither.
    Banned,
}

/// A job's header.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Job {
    /// What is computed and what it pays.
    pub spec: JobSpec,
    /// The block that opened it.
    pub opened: Height,
    /// Is it running?
    pub phase: JobPhase,
    /// What is left of the budget; zero once closed.
    pub escrow: Microlux,
    /// Everyone who was ever admitted; at most `limits::WORKERS_MAX`.
    pub workers: BTreeMap<AccountId, Standing>,
    /// Commitments that wait for a verdict: of workers that are not banned, to units that are not settled.
    pub live: u32,
    /// Units paid.
    pub settled: u32,
}

impl Job {
    /// Is `worker` admitted and not banned?
    pub fn may_earn(&self, worker: AccountId) -> bool {
        self.workers.get(&worker) == Some(&Standing::Admitted)
    }

    /// Workers that may judge a film of `worker`, in ascending order.
    pub fn eligible_verifiers(&self, worker: AccountId) -> impl Iterator<Item = AccountId> {
        self.workers
            .iter()
            .filter(move |(account, standing)| **account != worker && **standing == Standing::Admitted)
            .map(|(account, _)| *account)
    }

    /// Verdicts that decide over a film of `worker`. At least one: where nobody is eligible, the artist's own Accept.
    pub fn verdicts_required(&self, parameters: &RingParameters, worker: AccountId) -> u32 {
        let eligible = self.eligible_verifiers(worker).take(usize::from(parameters.verdicts_required)).count();
        (eligible as u32).max(1)
    }
}

/// What a worker bound itself to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct UnitCommitment {
    /// Root of the film.
    pub root: Root,
    /// The block with the commitment.
    pub height: Height,
}

/// One unit of a job; it has a row from its first commitment on.
#[derive(Clone, Debug, PartialEq, Eq, Default, BorshSerialize, BorshDeserialize)]
pub struct UnitRow {
    /// Each worker's commitment. Those of banned workers are void, and all but the settled one once there is a settled one.
    pub commitments: BTreeMap<AccountId, UnitCommitment>,
    /// Whose film was paid.
    pub settled: Option<AccountId>,
}

/// A sheet of rows: all of them (a state), or those that changed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rows {
    pub(crate) supply: Option<Supply>,
    pub(crate) accounts: BTreeMap<AccountId, Account>,
    pub(crate) jobs: BTreeMap<JobId, Job>,
    pub(crate) units: BTreeMap<(JobId, UnitIndex), UnitRow>,
}

impl Rows {
    /// Writes the rows of `newer` over these.
    pub(crate) fn absorb(&mut self, newer: Rows) {
        self.supply = newer.supply.or(self.supply);
        self.accounts.extend(newer.accounts);
        self.jobs.extend(newer.jobs);
        self.units.extend(newer.units);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.supply.is_none() && self.accounts.is_empty() && self.jobs.is_empty() && self.units.is_empty()
    }
}

/// One transaction's sheet over the block's over the state's. Reads see the topmost row; writes go to the top sheet only.
pub(crate) struct Sheets<'a> {
    state: &'a Rows,
    block: &'a Rows,
    pub(crate) top: Rows,
}

impl<'a> Sheets<'a> {
    pub(crate) fn new(state: &'a Rows, block: &'a Rows) -> Self {
        Self { state, block, top: Rows::default() }
    }

    fn layers(&self) -> [&Rows; 3] {
        [&self.top, self.block, self.state]
    }

    pub(crate) fn account(&self, id: AccountId) -> Account {
        self.layers().iter().find_map(|rows| rows.accounts.get(&id)).copied().unwrap_or_default()
    }

    pub(crate) fn account_mut(&mut self, id: AccountId) -> &mut Account {
        let account = self.account(id);
        self.top.accounts.entry(id).or_insert(account)
    }

    pub(crate) fn supply_mut(&mut self) -> &mut Supply {
        let supply = self.layers().iter().find_map(|rows| rows.supply).unwrap_or_default();
        self.top.supply.get_or_insert(supply)
    }

    pub(crate) fn job(&self, id: JobId) -> Option<&Job> {
        self.layers().into_iter().find_map(|rows| rows.jobs.get(&id))
    }

    /// The job's row on the top sheet, copied there when it was not yet.
    pub(crate) fn job_mut(&mut self, id: JobId) -> Option<&mut Job> {
        if !self.top.jobs.contains_key(&id) {
            let job = self.job(id)?.clone();
            self.top.jobs.insert(id, job);
        }
        self.top.jobs.get_mut(&id)
    }

    pub(crate) fn unit(&self, job: JobId, unit: UnitIndex) -> Option<&UnitRow> {
        self.layers().into_iter().find_map(|rows| rows.units.get(&(job, unit)))
    }

    /// The unit's row on the top sheet, copied there or made when it was not yet.
    pub(crate) fn unit_mut(&mut self, job: JobId, unit: UnitIndex) -> &mut UnitRow {
        let row = if self.top.units.contains_key(&(job, unit)) { None } else { self.unit(job, unit).cloned() };
        self.top.units.entry((job, unit)).or_insert_with(|| row.unwrap_or_default())
    }

    /// Units of the job that have a row, in ascending order.
    pub(crate) fn units_of(&self, job: JobId) -> BTreeSet<UnitIndex> {
        let range = (job, UnitIndex(0))..=(job, UnitIndex(u32::MAX));
        self.layers().into_iter().flat_map(|rows| rows.units.range(range.clone())).map(|((_, unit), _)| *unit).collect()
    }
}
