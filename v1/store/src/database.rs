//! Opening the database: its settings, its schema, and the ring it belongs to.

use raylance_v1_protocol::{Genesis, decode, encode};
use sqlx::migrate::{MigrateError, Migration, MigrationType, Migrator};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{SqlSafeStr, Sqlite, Transaction};
use std::path::Path;
use std::sync::Arc;

use crate::{DataFolder, OpenError, StoreError, Table};

const DATABASE_FILE: &str = "raylance.db";
/// Longest stored genesis: a million accounts of 40 bytes and its validators.
const GENESIS_BYTES_MAX: usize = 64 << 20;

/// Every step of the schema, in order. Named by hand: the macro that reads the folder would have sqlx and SQLite compiled twice.
const MIGRATIONS: [(i64, &str, &str); 1] = [(1, "facts and jobs", include_str!("../../../migrations/0001_facts_and_jobs.sql"))];

fn migrator() -> Migrator {
    let step = |(version, name, sql): (i64, &'static str, &'static str)| {
        Migration::new(version, name.into(), MigrationType::Simple, sql.into_sql_str(), false)
    };
    Migrator::with_migrations(MIGRATIONS.map(step).to_vec())
}

/// The database of one data folder. Cheap to clone; all clones share one connection, so there is one writer.
///
/// Every method is one transaction. A future that is dropped half-way leaves either all or nothing.
#[derive(Clone, Debug)]
pub struct Store {
    pool: SqlitePool,
    folder: DataFolder,
    genesis: Arc<Genesis>,
}

impl Store {
    /// Opens the database of `folder`, makes it where there is none, and brings its schema up to date.
    ///
    /// A new database needs a `genesis`; an old one knows its own, and refuses another.
    ///
    /// # Errors
    /// [`OpenError`].
    pub async fn open(folder: &DataFolder, genesis: Option<&Genesis>) -> Result<Self, OpenError> {
        let path = folder.path().join(DATABASE_FILE);
        let options = SqliteConnectOptions::new()
            .filename(&path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .pragma("recursive_triggers", "ON")
            .pragma("cell_size_check", "ON");
        let pool = SqlitePoolOptions::new()
            .max_connections(1)
            .idle_timeout(None)
            .max_lifetime(None)
            .test_before_acquire(false)
            .connect_with(options)
            .await
            .map_err(|source| OpenError::Database { path: path.clone(), source: source.into() })?;
        let opened = async {
            migrator().run(&pool).await.map_err(|error| migration_error(&path, error))?;
            bind_genesis(&pool, genesis).await
        };
        match opened.await {
            Ok(genesis) => Ok(Self { pool, folder: folder.clone(), genesis: Arc::new(genesis) }),
            Err(error) => {
                pool.close().await;
                Err(error)
            }
        }
    }

    /// The ring's genesis.
    pub fn genesis(&self) -> &Genesis {
        &self.genesis
    }

    /// The data folder.
    pub fn folder(&self) -> &DataFolder {
        &self.folder
    }

    /// Closes the database for all clones and waits until its file is complete.
    pub async fn close(self) {
        self.pool.close().await;
    }

    pub(crate) fn pool(&self) -> &SqlitePool {
        &self.pool
    }

    /// Starts a transaction that takes the write lock at once, so that it can't fail half-way for want of it.
    pub(crate) async fn begin(&self) -> Result<Transaction<'static, Sqlite>, StoreError> {
        Ok(self.pool.begin_with("BEGIN IMMEDIATE").await?)
    }
}

async fn bind_genesis(pool: &SqlitePool, wanted: Option<&Genesis>) -> Result<Genesis, OpenError> {
    let mut tx = pool.begin_with("BEGIN IMMEDIATE").await.map_err(StoreError::from)?;
    let stored: Option<(Vec<u8>, Vec<u8>)> =
        sqlx::query_as("SELECT chain, encoded FROM genesis").fetch_optional(&mut *tx).await.map_err(StoreError::from)?;
    let Some((chain, encoded)) = stored else {
        let genesis = wanted.ok_or(OpenError::NoGenesis)?;
        sqlx::query("INSERT INTO genesis (only_row, chain, encoded) VALUES (1, ?, ?)")
            .bind(&genesis.chain().0.0[..])
            .bind(encode(genesis))
            .execute(&mut *tx)
            .await
            .map_err(StoreError::from)?;
        tx.commit().await.map_err(StoreError::from)?;
        return Ok(genesis.clone());
    };
    let damaged = StoreError::Corrupt { table: Table::Genesis, row: 0 };
    let Ok(genesis) = decode::<Genesis>(&encoded, GENESIS_BYTES_MAX) else { return Err(damaged.into()) };
    let found = genesis.chain();
    if chain != found.0.0 {
        return Err(damaged.into());
    }
    match wanted.map(Genesis::chain) {
        Some(wanted) if wanted != found => Err(OpenError::OtherGenesis { found, wanted }),
        _ => Ok(genesis),
    }
}

fn migration_error(path: &Path, error: MigrateError) -> OpenError {
    let path = path.to_owned();
    let newest = MIGRATIONS.iter().map(|(version, ..)| *version).max().unwrap_or(0);
    match error {
        MigrateError::VersionMissing(found) if found > newest => OpenError::Newer { path, found, newest },
        MigrateError::VersionMissing(step) | MigrateError::VersionMismatch(step) => OpenError::Altered { path, step },
        MigrateError::Execute(source) => OpenError::Database { path, source: source.into() },
        other => OpenError::Migration { path, source: Box::new(other) },
    }
}
