//! The whole ledger at one height, and blocks staged on top of it.

use crate::event::LedgerEvent;
use crate::genesis::{self, GenesisError};
use crate::refusal::TxRefused;
use crate::rows::{Account, Job, Rows, Sheets, Supply, UnitRow};
use crate::tree::{StateTree, TreeUpdate};
use crate::turn::{self, Ring};
use raylance_v1_protocol::tx::Tx;
use raylance_v1_protocol::{AccountId, ChainId, Digest, Genesis, Height, JobId, Microlux, RingParameters, Signed, UnitIndex};

/// The whole ledger at one height.
///
/// Invariant: genesis total = balances + escrows + treasury + burned.
#[derive(Debug)]
pub struct State {
    ring: Ring,
    rows: Rows,
    sums: Sums,
    tree: StateTree,
}

/// Changed rows over a state: a block in the making. Forgetting it undoes it.
#[derive(Clone, Debug)]
pub struct Staged {
    base: u64,
    rows: Rows,
}

/// A staged block with its state root, whose supply was checked.
#[derive(Debug)]
pub struct Prepared {
    base: u64,
    rows: Rows,
    sums: Sums,
    update: Option<TreeUpdate>,
    root: Digest,
}

/// Money was made or lost: a fault of the rules, never of a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the ring began with {genesis} microlux, and {accounted} are accounted for")]
pub struct SupplyError {
    /// Microlux in the beginning.
    pub genesis: u128,
    /// Microlux in balances, escrows, treasury and burned.
    pub accounted: u128,
}

/// Running sums, so that a block costs what it touches and not what there is. Wide enough never to overflow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Sums {
    balances: u128,
    escrows: u128,
}

impl State {
    /// The state before the first block.
    ///
    /// # Errors
    /// [`GenesisError`] names the first rule that the genesis breaks.
    pub fn from_genesis(genesis: &Genesis) -> Result<Self, GenesisError> {
        let total = genesis::check(genesis)?;
        let ring = Ring { chain: genesis.chain(), parameters: genesis.parameters };
        let account = |&(id, balance_microlux): &(AccountId, Microlux)| (id, Account { balance_microlux, nonce: 0 });
        let first = Rows {
            supply: Some(Supply { genesis: total, ..Supply::default() }),
            accounts: genesis.balances.iter().map(account).collect(),
            ..Rows::default()
        };
        let mut tree = StateTree::default();
        tree.commit(tree.update(&first));
        let sums = Sums { balances: u128::from(total.0), escrows: 0 };
        Ok(Self { ring, rows: first, sums, tree })
    }

    /// The ring's id.
    pub fn chain(&self) -> ChainId {
        self.ring.chain
    }

    /// The numbers in the rules.
    pub fn parameters(&self) -> &RingParameters {
        &self.ring.parameters
    }

    /// An account; all zero when it was never touched.
    pub fn account(&self, id: AccountId) -> Account {
        self.rows.accounts.get(&id).copied().unwrap_or_default()
    }

    /// A job's header.
    pub fn job(&self, id: JobId) -> Option<&Job> {
        self.rows.jobs.get(&id)
    }

    /// All jobs that were ever opened, ordered by id.
    pub fn jobs(&self) -> impl Iterator<Item = (JobId, &Job)> {
        self.rows.jobs.iter().map(|(id, job)| (*id, job))
    }

    /// A unit of a job; `None` before its first commitment.
    pub fn unit(&self, job: JobId, unit: UnitIndex) -> Option<&UnitRow> {
        self.rows.units.get(&(job, unit))
    }

    /// Money that belongs to no account.
    pub fn supply(&self) -> Supply {
        self.rows.supply.unwrap_or_default()
    }

    /// Root of the state tree. Equal states have equal roots, whatever order they were reached in.
    pub fn state_root(&self) -> Digest {
        self.tree.root()
    }

    /// The account's encoded row (empty when it has none) with its Merkle path, for [`crate::verify_account_value`].
    pub fn prove(&self, id: AccountId) -> (Vec<u8>, Vec<u8>) {
        self.tree.prove_account(id, self.rows.accounts.get(&id))
    }

    /// An empty sheet over this state.
    pub fn stage(&self) -> Staged {
        Staged { base: self.tree.version(), rows: Rows::default() }
    }

    /// Executes one transaction and commits it. Chains stage whole blocks instead; the resulting state is the same.
    ///
    /// # Errors
    /// [`TxRefused`]; nothing has changed.
    pub fn execute(&mut self, height: Height, tx: &Signed<Tx>) -> Result<Vec<LedgerEvent>, TxRefused> {
        let mut staged = self.stage();
        let events = staged.execute(self, height, tx)?;
        let prepared = self.prepare(staged).expect("the rules only move money; the property tests hold them to it");
        self.commit(prepared);
        Ok(events)
    }

    /// Computes the state root that `staged` leads to, and checks the supply. Panics when `staged` lies over another state.
    ///
    /// # Errors
    /// [`SupplyError`] when money was made or lost.
    pub fn prepare(&self, staged: Staged) -> Result<Prepared, SupplyError> {
        assert_eq!(staged.base, self.tree.version(), "a staged block belongs to the state it was staged on");
        let mut sums = self.sums;
        for (id, account) in &staged.rows.accounts {
            sums.balances += u128::from(account.balance_microlux.0);
            sums.balances -= u128::from(self.account(*id).balance_microlux.0);
        }
        for (id, job) in &staged.rows.jobs {
            sums.escrows += u128::from(job.escrow.0);
            sums.escrows -= self.job(*id).map_or(0, |old| u128::from(old.escrow.0));
        }
        sums.check(staged.rows.supply.unwrap_or(self.supply()))?;
        let update = (!staged.rows.is_empty()).then(|| self.tree.update(&staged.rows));
        let root = update.as_ref().map_or(self.tree.root(), TreeUpdate::root);
        Ok(Prepared { base: staged.base, rows: staged.rows, sums, update, root })
    }

    /// Makes a prepared block the state. Panics when it was prepared on another state.
    pub fn commit(&mut self, prepared: Prepared) {
        assert_eq!(prepared.base, self.tree.version(), "a prepared block belongs to the state it was prepared on");
        self.rows.absorb(prepared.rows);
        self.sums = prepared.sums;
        if let Some(update) = prepared.update {
            self.tree.commit(update);
        }
    }

    /// Counts all money anew, from the rows. [`State::prepare`] checks the same by what a block touches.
    ///
    /// # Errors
    /// [`SupplyError`] when money was made or lost.
    pub fn check_supply(&self) -> Result<(), SupplyError> {
        let balances = self.rows.accounts.values().map(|account| u128::from(account.balance_microlux.0)).sum();
        let escrows = self.rows.jobs.values().map(|job| u128::from(job.escrow.0)).sum();
        Sums { balances, escrows }.check(self.supply())
    }
}

impl Staged {
    /// Executes one transaction on this sheet: all of it or nothing. `state` must be the one it was staged on.
    ///
    /// # Errors
    /// [`TxRefused`]; nothing has changed.
    pub fn execute(&mut self, state: &State, height: Height, tx: &Signed<Tx>) -> Result<Vec<LedgerEvent>, TxRefused> {
        assert_eq!(self.base, state.tree.version(), "a staged block belongs to the state it was staged on");
        let sheets = Sheets::new(&state.rows, &self.rows);
        let (changed, events) = turn::execute(sheets, &state.ring, height, tx)?;
        self.rows.absorb(changed);
        Ok(events)
    }

    /// An account after what was executed on this sheet.
    pub fn account(&self, state: &State, id: AccountId) -> Account {
        self.rows.accounts.get(&id).copied().unwrap_or_else(|| state.account(id))
    }
}

impl Prepared {
    /// The state root once it is committed.
    pub fn root(&self) -> Digest {
        self.root
    }
}

impl Sums {
    fn check(&self, supply: Supply) -> Result<(), SupplyError> {
        let apart = u128::from(supply.treasury.0) + u128::from(supply.burned.0);
        let error = SupplyError { genesis: u128::from(supply.genesis.0), accounted: self.balances + self.escrows + apart };
        if error.genesis == error.accounted { Ok(()) } else { Err(error) }
    }
}
