//! The whole ledger at one height: typed rows over one tree, and the sums over them.
//!
//! Every row knows what money it holds ([`Holds`]). Each write adds what the new row holds to [`Totals`] and takes away what the old one
//! held, so a rule that moves money from one row to another keeps the sum by itself, and one that forgets a side is found out in the same
//! block ([`crate::Draft::finish`]).

use crate::due::DueEntry;
use crate::genesis::{self, GenesisError};
use crate::holds::{Held, Holds};
use crate::tree::{RowsError, Tree};
use raylance_protocol::block::{Clock, RowPath, Validator};
use raylance_protocol::row::{
    Account, Channel, Court, Due, Job, Renderer, Ring, Row, RowKey, Totals, ValidatorSet, key_bytes, value_bytes,
};
use raylance_protocol::{AccountId, ChainId, Digest, Genesis, JobId, Microlux, RingParameters, RingTime, decode};

/// The whole ledger at one height. A clone costs nothing and never changes with the original.
#[derive(Clone)]
pub struct State {
    tree: Tree,
    /// Taken from its row, and written back by [`State::seal`].
    totals: Totals,
    /// Taken from its row; never changes in this version.
    parameters: RingParameters,
}

/// Why rows are no state.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SnapshotError {
    /// Keys out of order or too long.
    #[error(transparent)]
    Keys(#[from] RowsError),
    /// A row that every state has is missing or malformed.
    #[error("the row of table {table} is missing or malformed")]
    Missing {
        /// Its table.
        table: u8,
    },
}

impl State {
    /// The state before the first block.
    ///
    /// # Errors
    /// [`GenesisError`] names the first rule that the genesis breaks.
    pub fn genesis(genesis: &Genesis) -> Result<Self, GenesisError> {
        genesis::first_state(genesis)
    }

    /// A state out of a snapshot's rows. They are what they should be if [`State::root`] is the certified header's.
    ///
    /// # Errors
    /// [`SnapshotError`] where the rows can't be a state's, whatever the header says.
    pub fn from_rows(rows: impl IntoIterator<Item = (Vec<u8>, Vec<u8>)>) -> Result<Self, SnapshotError> {
        Self::from_tree(Tree::from_rows(rows)?)
    }

    /// A state over a tree that stands elsewhere: see [`Tree::open`].
    ///
    /// # Errors
    /// [`SnapshotError::Missing`].
    pub fn from_tree(tree: Tree) -> Result<Self, SnapshotError> {
        let missing = |table| SnapshotError::Missing { table };
        let totals = read::<Totals>(&tree, &()).ok_or(missing(Totals::TABLE))?;
        let parameters = read::<RingParameters>(&tree, &()).filter(RingParameters::are_sound).ok_or(missing(RingParameters::TABLE))?;
        read::<Clock>(&tree, &()).ok_or(missing(Clock::TABLE))?;
        read::<ValidatorSet>(&tree, &()).ok_or(missing(ValidatorSet::TABLE))?;
        read::<Court>(&tree, &()).ok_or(missing(Court::TABLE))?;
        read::<Ring>(&tree, &()).ok_or(missing(Ring::TABLE))?;
        Ok(Self { tree, totals, parameters })
    }

    pub(crate) fn empty(parameters: RingParameters, created: Microlux) -> Self {
        let mut state = Self { tree: Tree::default(), totals: Totals { created, ..Totals::default() }, parameters };
        state.put(&(), parameters);
        state
    }

    /// The tree of the rows, to be stored.
    pub fn tree(&self) -> &Tree {
        &self.tree
    }

    /// All rows, ascending by key.
    pub fn rows(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        self.tree.iter()
    }

    /// Root of the state tree: equal states have equal roots, whatever order they were reached in.
    pub fn root(&self) -> Digest {
        self.tree.root()
    }

    /// A row. `None` when there is none.
    pub fn get<R: Row>(&self, key: &R::Key) -> Option<R> {
        read(&self.tree, key)
    }

    /// The encoded row at an encoded key, or none, with its path for [`crate::verify_row`].
    pub fn prove(&self, key: &[u8]) -> (Option<Vec<u8>>, RowPath) {
        self.tree.prove(key)
    }

    /// The ring that this is the state of.
    pub fn chain(&self) -> ChainId {
        self.get::<Ring>(&()).map(|ring| ring.chain).unwrap_or_default()
    }

    /// Where ring time stands.
    pub fn clock(&self) -> Clock {
        self.get(&()).unwrap_or_default()
    }

    /// The numbers in the rules.
    pub fn parameters(&self) -> RingParameters {
        self.parameters
    }

    /// Sums over the state.
    pub fn totals(&self) -> Totals {
        self.totals
    }

    /// Who certifies the next block and votes in cases that it opens, ascending by account.
    pub fn validators(&self) -> Vec<Validator> {
        self.get::<ValidatorSet>(&()).map(|set| set.validators).unwrap_or_default()
    }

    /// An account; zero when there is none.
    pub fn account(&self, id: AccountId) -> Account {
        self.get(&id).unwrap_or_default()
    }

    /// When the next row is due. While there is one, validators make a block at least once per beat.
    pub fn next_due(&self) -> Option<RingTime> {
        self.first_due().map(|entry| entry.key.at)
    }

    /// All rows of a table, ascending, beginning with the first key of at least `from`. Costs what is taken from the iterator.
    pub(crate) fn table<'a, R: Row>(&'a self, from: &[u8]) -> impl Iterator<Item = (&'a [u8], R)> + use<'a, R> {
        let start = [&[R::TABLE], from].concat();
        let rows = self.tree.iter_from(&start).take_while(|(key, _)| key.first() == Some(&R::TABLE));
        rows.filter_map(|(key, value)| Some((&key[1..], decode::<R>(value, R::BYTES_MAX).ok()?)))
    }

    /// Renderers with their standing, ascending: at most [`raylance_protocol::limits::RENDERERS_MAX`].
    pub fn renderers(&self) -> impl Iterator<Item = (Digest, Renderer)> {
        self.table::<Renderer>(&[]).filter_map(|(key, renderer)| Some((Digest(key.try_into().ok()?), renderer)))
    }

    /// The channels of a job, ascending by worker, after `after`. Costs what is taken from the iterator.
    pub fn channels(&self, job: JobId, after: Option<AccountId>) -> impl Iterator<Item = (AccountId, Channel)> {
        let mut from = Vec::with_capacity(64);
        job.write(&mut from);
        if let Some(worker) = after {
            worker.write(&mut from);
        }
        let rows = self.table::<Channel>(&from).take_while(move |(key, _)| key.starts_with(&job.0.0));
        let rows = rows.filter_map(|(key, channel)| Some((AccountId(key.get(32..)?.try_into().ok()?), channel)));
        rows.filter(move |(worker, _)| Some(*worker) != after)
    }

    /// The first worker with a channel in a job, after `after`.
    pub(crate) fn next_worker(&self, job: JobId, after: Option<AccountId>) -> Option<AccountId> {
        self.channels(job, after).next().map(|(worker, _)| worker)
    }

    /// Jobs, ascending by id.
    pub fn jobs(&self) -> impl Iterator<Item = (JobId, Job)> {
        self.table::<Job>(&[]).filter_map(|(key, job)| Some((JobId(Digest(key.try_into().ok()?)), job)))
    }

    pub(crate) fn first_due(&self) -> Option<DueEntry> {
        self.table::<Due>(&[]).next().and_then(|(key, due)| DueEntry::from_row(key, due))
    }

    /// Inserts or replaces a row and keeps the sums in step.
    pub(crate) fn put<R: Holds>(&mut self, key: &R::Key, row: R) {
        let key = key_bytes::<R>(key);
        let before = self.held::<R>(&key);
        self.totals = before.replaced_by(row.holds(&self.parameters), self.totals);
        self.tree.put(&key, value_bytes(&row));
    }

    /// Removes a row and keeps the sums in step.
    pub(crate) fn remove<R: Holds>(&mut self, key: &R::Key) {
        let key = key_bytes::<R>(key);
        let before = self.held::<R>(&key);
        self.totals = before.replaced_by(Held::default(), self.totals);
        self.tree.remove(&key);
    }

    fn held<R: Holds>(&self, key: &[u8]) -> Held {
        if !R::HOLDS {
            return Held::default();
        }
        let row = self.tree.get(key).and_then(|value| decode::<R>(value, R::BYTES_MAX).ok());
        row.map(|row| row.holds(&self.parameters)).unwrap_or_default()
    }

    /// For money that belongs to no row, and the count of due entries.
    pub(crate) fn totals_mut(&mut self) -> &mut Totals {
        &mut self.totals
    }

    /// Writes the sums into their row: the state is whole again.
    pub(crate) fn seal(&mut self) {
        self.tree.put(&key_bytes::<Totals>(&()), value_bytes(&self.totals));
    }
}

fn read<R: Row>(tree: &Tree, key: &R::Key) -> Option<R> {
    decode(tree.get(&key_bytes::<R>(key))?, R::BYTES_MAX).ok()
}

impl std::fmt::Debug for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "State(height {}, {} rows)", self.clock().height.0, self.tree.len())
    }
}
