//! Rows: what turns write, and reading it back.

use crate::connection::pieces;
use crate::{Store, StoreError};
use sqlx::sqlite::{SqliteConnection, SqliteRow};
use sqlx::{Connection as _, QueryBuilder, Row as _, Sqlite};
use std::collections::BTreeMap;

/// A row's key and value.
pub type Row = (Vec<u8>, Vec<u8>);

/// What a turn changes: first the forgets, then the writes, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Batch<'a> {
    /// All rows whose keys begin so go.
    pub forgets: Vec<&'a [u8]>,
    /// Keys, of at least one byte, with their new values; a row without a value goes.
    pub writes: Vec<(&'a [u8], Option<&'a [u8]>)>,
}

/// What several turns come to: all forgets first, then one write for each key.
#[derive(Default)]
struct Sum<'a> {
    forgets: Vec<&'a [u8]>,
    writes: BTreeMap<&'a [u8], Option<&'a [u8]>>,
}

impl Store {
    /// Applies turns, one after the other, in one transaction: all of them are on disk when this returns. Applying them twice is the same as
    /// once.
    ///
    /// # Errors
    /// [`StoreError`]: none of them is applied. Where the disk failed while it was flushed, a restart may find all of them nevertheless.
    pub fn commit(&self, batches: &[Batch<'_>]) -> Result<(), StoreError> {
        let sum = Sum::of(batches);
        if sum.forgets.is_empty() && sum.writes.is_empty() {
            return Ok(());
        }
        let (puts, removals): (Vec<_>, Vec<_>) = sum.writes.into_iter().partition(|(_, value)| value.is_some());
        self.writer.run(async |connection| {
            let mut turn = connection.begin_with("BEGIN IMMEDIATE").await?;
            for prefix in sum.forgets {
                let mut delete = QueryBuilder::new("DELETE FROM rows");
                within(&mut delete, prefix, prefix);
                delete.build().execute(&mut *turn).await?;
            }
            for piece in pieces(&removals) {
                let mut delete = QueryBuilder::new("DELETE FROM rows WHERE key IN ");
                delete.push_tuples(piece, |mut row, (key, _)| {
                    row.push_bind(*key);
                });
                delete.build().execute(&mut *turn).await?;
            }
            for piece in pieces(&puts) {
                let mut insert = QueryBuilder::new("INSERT OR REPLACE INTO rows ");
                insert.push_values(piece, |mut row, (key, value)| {
                    row.push_bind(*key).push_bind(value.unwrap_or_default());
                });
                insert.build().execute(&mut *turn).await?;
            }
            turn.commit().await
        })
    }

    /// All rows, ascending by key: what a start is made from.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn rows(&self) -> Result<Vec<Row>, StoreError> {
        self.rows_from(&[], &[], u32::MAX)
    }

    /// The value at `key`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn row(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.reader.0.run(async |connection| {
            let row = sqlx::query("SELECT value FROM rows WHERE key = ?").bind(key).fetch_optional(connection).await?;
            row.map(|row| row.try_get(0)).transpose()
        })
    }

    /// At most `rows_max` of the rows whose keys begin with `prefix`, ascending by key, from the first whose key is not below `from`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn rows_from(&self, prefix: &[u8], from: &[u8], rows_max: u32) -> Result<Vec<Row>, StoreError> {
        self.reader.0.run(async |connection| read(connection, prefix, from.max(prefix), rows_max).await)
    }
}

async fn read(connection: &mut SqliteConnection, prefix: &[u8], from: &[u8], rows_max: u32) -> sqlx::Result<Vec<Row>> {
    let mut select = QueryBuilder::new("SELECT key, value FROM rows");
    within(&mut select, prefix, from);
    select.push(" ORDER BY key LIMIT ").push_bind(i64::from(rows_max));
    let row = |row: SqliteRow| Ok((row.try_get(0)?, row.try_get(1)?));
    select.build().try_map(row).fetch_all(connection).await
}

/// Keys that begin with `prefix`, from `from` on: a range, which is found by the key.
fn within(query: &mut QueryBuilder<Sqlite>, prefix: &[u8], from: &[u8]) {
    query.push(" WHERE key >= ").push_bind(from.to_vec());
    if let Some(end) = after(prefix) {
        query.push(" AND key < ").push_bind(end);
    }
}

/// The least key that is above all keys which begin with `prefix`; none where they reach to the end.
fn after(prefix: &[u8]) -> Option<Vec<u8>> {
    let last = prefix.iter().rposition(|byte| *byte != 0xff)?;
    let mut end = prefix[..=last].to_vec();
    end[last] += 1;
    Some(end)
}

impl<'a> Sum<'a> {
    fn of(batches: &[Batch<'a>]) -> Self {
        let mut sum = Self::default();
        for batch in batches {
            for prefix in &batch.forgets {
                sum.forget(prefix);
            }
            sum.writes.extend(batch.writes.iter().copied());
        }
        sum
    }

    fn forget(&mut self, prefix: &'a [u8]) {
        let gone = self.writes.range(prefix..).map(|(key, _)| *key).take_while(|key| key.starts_with(prefix));
        for key in gone.collect::<Vec<_>>() {
            self.writes.remove(key);
        }
        self.forgets.push(prefix);
    }
}
