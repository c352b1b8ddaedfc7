//! Jobs in which this peer has a part: the pure machine's snapshot, and what a person calls the job.

use raylance_v1_protocol::{Digest, JobId};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row as _, Sqlite, Transaction};

use crate::error::{bytes32, from_sql, to_sql};
use crate::{OutgoingTx, Store, StoreError, Table, txs};

/// This peer's part in a job. A peer can have both.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// It pays.
    Artist,
    /// It renders and verifies.
    Worker,
}

/// One job with its machine's state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobRow {
    /// The job.
    pub job: JobId,
    /// This peer's part in it.
    pub role: Role,
    /// A name for people, at most 1,000 characters.
    pub name: String,
    /// The machine's state in one word, e.g. `rendering`; 1 to 100 characters.
    pub state: String,
    /// The machine's own encoding. Opaque here.
    pub snapshot: Vec<u8>,
    /// What its caller needs besides, as JSON, e.g. the folder for the finished files.
    pub options_json: String,
    /// When the job was first stored, milliseconds since 1970; later saves do not change it.
    pub created_ms: u64,
    /// When it was last stored, milliseconds since 1970.
    pub updated_ms: u64,
}

impl Store {
    /// Stores a job, new or changed.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn save_job(&self, job: &JobRow) -> Result<(), StoreError> {
        self.record(std::slice::from_ref(job), &[]).await
    }

    /// Stores what one turn decided: changed jobs and the transactions they want sent, all or nothing.
    ///
    /// # Errors
    /// [`StoreError`]; as of [`Store::record_tx`].
    pub async fn record(&self, jobs: &[JobRow], outgoing: &[OutgoingTx]) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        for job in jobs {
            upsert(&mut tx, job).await?;
        }
        for transaction in outgoing {
            txs::insert(&mut tx, transaction).await?;
        }
        Ok(tx.commit().await?)
    }

    /// All jobs, newest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn jobs(&self) -> Result<Vec<JobRow>, StoreError> {
        let rows = sqlx::query(
            "SELECT job, role, name, state, snapshot, options, created_ms, updated_ms FROM jobs ORDER BY created_ms DESC, job, role",
        )
        .fetch_all(self.pool())
        .await?;
        rows.iter().map(read).collect()
    }
}

impl Role {
    fn word(self) -> &'static str {
        match self {
            Self::Artist => "artist",
            Self::Worker => "worker",
        }
    }

    fn from_word(word: &str) -> Option<Self> {
        [Self::Artist, Self::Worker].into_iter().find(|role| role.word() == word)
    }
}

async fn upsert(tx: &mut Transaction<'static, Sqlite>, job: &JobRow) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO jobs (job, role, name, state, snapshot, options, created_ms, updated_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?) \
         ON CONFLICT (job, role) DO UPDATE SET name = excluded.name, state = excluded.state, snapshot = excluded.snapshot, \
         options = excluded.options, updated_ms = max(excluded.updated_ms, jobs.updated_ms)",
    )
    .bind(&job.job.0.0[..])
    .bind(job.role.word())
    .bind(&job.name)
    .bind(&job.state)
    .bind(&job.snapshot)
    .bind(&job.options_json)
    .bind(to_sql(job.created_ms)?)
    .bind(to_sql(job.updated_ms.max(job.created_ms))?)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

fn read(row: &SqliteRow) -> Result<JobRow, StoreError> {
    let role: &str = row.try_get("role")?;
    Ok(JobRow {
        job: JobId(Digest(bytes32(row.try_get("job")?, Table::Jobs)?)),
        role: Role::from_word(role).ok_or(StoreError::Corrupt { table: Table::Jobs, row: 0 })?,
        name: row.try_get("name")?,
        state: row.try_get("state")?,
        snapshot: row.try_get("snapshot")?,
        options_json: row.try_get("options")?,
        created_ms: from_sql(row.try_get("created_ms")?, Table::Jobs)?,
        updated_ms: from_sql(row.try_get("updated_ms")?, Table::Jobs)?,
    })
}
