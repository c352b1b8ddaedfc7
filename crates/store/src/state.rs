//! The ledger's state as it was kept last: its tree's nodes, and the block that it is the state after.

use crate::connection::{Connection, pieces};
use crate::{StateError, Store, StoreError};
use raylance_consensus::Tip;
use raylance_ledger::tree::{NodeChanges, NodeStore};
use raylance_ledger::{State, Tree};
use raylance_protocol::block::{Certificate, Header};
use raylance_protocol::{Digest, decode, encode, limits};
use sqlx::sqlite::SqliteConnection;
use sqlx::{Connection as _, QueryBuilder, Row as _};
use std::sync::{Arc, PoisonError};

/// Longest stored header and certificate: a key and a signature per validator, and the fixed parts.
const TIP_BYTES_MAX: usize = limits::VALIDATORS_MAX * (32 + 64) + (4 << 10);

/// The connection that reads, as trees see it.
pub struct Reader(pub(crate) Connection);

/// The row of table `state`.
struct Kept {
    tip: Vec<u8>,
    root: Digest,
    rows: usize,
}

impl Store {
    /// Keeps a state instead of the one before: writes the nodes in which they differ, header and certificate, in one transaction.
    ///
    /// States that were opened from this store before the last call of [`Store::state`] lose what they have not read yet.
    ///
    /// # Errors
    /// [`StateError`]: the state that was kept before stays.
    pub fn keep_state(&self, tip: &Tip, state: &State) -> Result<(), StateError> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let tree = state.tree();
        // What a state answered after it met a bad node is void, and so is the state.
        if let Some(fault) = tree.fault() {
            return Err(fault.into());
        }
        let mut changes = tree.changes_since(&kept)?;
        // In the order of the file.
        changes.added.sort_unstable_by_key(|(hash, _)| *hash);
        changes.removed.sort_unstable();
        let row = Kept { tip: encode(&(&tip.header, &tip.certificate)), root: tree.root(), rows: tree.len() };
        self.writer.run(async |connection| write(connection, &changes, &row).await)?;
        *kept = tree.clone();
        Ok(())
    }

    /// The state that was kept last, with its block; none before the first. Its nodes are read when they are asked for, and whether all could
    /// be is asked with [`Tree::fault`]. Nothing is believed: [`raylance_consensus::Chain::at`] checks root and certificate.
    ///
    /// # Errors
    /// [`StateError`].
    pub fn state(&self) -> Result<Option<(Tip, State)>, StateError> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(row) = self.reader.kept()? else { return Ok(None) };
        let (header, certificate) = self.tip(&row)?;
        let tree = self.reader.open(&row);
        // Shares with the state what either has read.
        *kept = tree.clone();
        match State::from_tree(tree.clone()) {
            Ok(state) => Ok(Some((Tip { hash: header.hash(), header, certificate }, state))),
            Err(error) => Err(tree.fault().map_or(error.into(), StateError::from)),
        }
    }

    /// Header and certificate of the block after which the state was kept last; none before the first.
    ///
    /// # Errors
    /// [`StateError`].
    pub fn kept_tip(&self) -> Result<Option<(Header, Certificate)>, StateError> {
        self.reader.kept()?.map(|row| self.tip(&row)).transpose()
    }

    /// Nodes of the state that was kept last, in the order of their hashes here: up to the first that there is none of, and no more than fit.
    pub fn nodes(&self, hashes: &[Digest], bytes_max: usize) -> Vec<Vec<u8>> {
        let (mut nodes, mut bytes) = (Vec::new(), 0);
        for node in hashes.iter().map_while(|hash| self.reader.node(hash)) {
            bytes += node.len();
            if bytes > bytes_max {
                break;
            }
            nodes.push(node);
        }
        nodes
    }

    /// The same nodes, for a tree of which they are a part.
    pub fn node_store(&self) -> Arc<dyn NodeStore> {
        Arc::clone(&self.reader) as Arc<dyn NodeStore>
    }

    fn tip(&self, row: &Kept) -> Result<(Header, Certificate), StateError> {
        decode(&row.tip, TIP_BYTES_MAX).map_err(|_| StateError::Tip { path: self.path.to_path_buf() })
    }
}

/// The tree of the state that was kept last.
pub fn kept_tree(reader: &Arc<Reader>) -> Result<Tree, StoreError> {
    Ok(reader.kept()?.map(|row| reader.open(&row)).unwrap_or_default())
}

impl Reader {
    fn open(self: &Arc<Self>, row: &Kept) -> Tree {
        Tree::open(Arc::clone(self) as Arc<dyn NodeStore>, row.root, row.rows)
    }

    fn kept(&self) -> Result<Option<Kept>, StoreError> {
        self.0.run(async |connection| {
            let Some(row) = sqlx::query("SELECT tip, root, rows FROM state").fetch_optional(connection).await? else { return Ok(None) };
            // The schema checks lengths and signs.
            let root = Digest(row.try_get::<Vec<u8>, _>(1)?.try_into().unwrap_or_default());
            let rows = usize::try_from(row.try_get::<i64, _>(2)?).unwrap_or_default();
            Ok(Some(Kept { tip: row.try_get(0)?, root, rows }))
        })
    }
}

impl NodeStore for Reader {
    fn node(&self, hash: &Digest) -> Option<Vec<u8>> {
        let read = self.0.run(async |connection| {
            let query = sqlx::query("SELECT bytes FROM nodes WHERE hash = ?").bind(&hash.0[..]);
            query.fetch_optional(connection).await?.map(|row| row.try_get(0)).transpose()
        });
        read.ok()?
    }
}

async fn write(connection: &mut SqliteConnection, changes: &NodeChanges, row: &Kept) -> sqlx::Result<()> {
    let mut turn = connection.begin_with("BEGIN IMMEDIATE").await?;
    for piece in pieces(&changes.added) {
        // Replaces what may stand damaged under the same hash.
        let mut insert = QueryBuilder::new("INSERT OR REPLACE INTO nodes ");
        insert.push_values(piece, |mut row, (hash, bytes)| {
            row.push_bind(&hash.0[..]).push_bind(&bytes[..]);
        });
        insert.build().execute(&mut *turn).await?;
    }
    for piece in pieces(&changes.removed) {
        let mut delete = QueryBuilder::new("DELETE FROM nodes WHERE hash IN ");
        delete.push_tuples(piece, |mut row, hash| {
            row.push_bind(&hash.0[..]);
        });
        delete.build().execute(&mut *turn).await?;
    }
    let insert = sqlx::query("INSERT OR REPLACE INTO state VALUES (1, ?, ?, ?)").bind(&row.tip[..]);
    insert.bind(&row.root.0[..]).bind(i64::try_from(row.rows).unwrap_or(i64::MAX)).execute(&mut *turn).await?;
    turn.commit().await
}
