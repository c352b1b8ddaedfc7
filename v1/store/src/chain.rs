//! The checked chain and what it means for the wallet: blocks, movements, the proven balance.

use borsh::BorshDeserialize;
use raylance_v1_ledger::{MicroluxChange, MoveReason};
use raylance_v1_protocol::limits::{BLOCK_TXS_MAX, TX_BYTES_MAX};
use raylance_v1_protocol::{AccountId, AccountProof, Digest, FinalBlock, Height, JobId, Microlux, decode, encode};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row as _, Sqlite, Transaction};

use crate::error::{bytes32, from_sql, to_sql};
use crate::{Store, StoreError, Table, txs};

/// Longest stored block: full of the longest transactions, and as much again for its certificate.
const BLOCK_BYTES_MAX: usize = 2 * BLOCK_TXS_MAX * TX_BYTES_MAX;
/// Longest stored proof: a path of 64 levels and a certificate of a thousand validators.
const PROOF_BYTES_MAX: usize = 1 << 20;
/// Longest stored reason.
const REASON_BYTES_MAX: usize = 256;

/// One change of a balance, as the ledger reported it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Movement {
    /// Block; 0 = the genesis.
    pub height: Height,
    /// Transaction within the block.
    pub tx_index: u32,
    /// Event within the transaction.
    pub event_index: u32,
    /// Whose balance.
    pub account: AccountId,
    /// By how much; never zero.
    pub change: MicroluxChange,
    /// Why.
    pub reason: MoveReason,
    /// The job it belongs to.
    pub job: Option<JobId>,
}

/// A balance with what proves it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WalletRow {
    /// Whose.
    pub account: AccountId,
    /// How much.
    pub balance: Microlux,
    /// At which block.
    pub proven_height: Height,
    /// Why it is believed.
    pub proof: AccountProof,
}

impl Store {
    /// Stores the block after the last one, with the movements in it and the new balance. Own transactions in it become final.
    ///
    /// # Errors
    /// [`StoreError::Gap`] when it is not the next block.
    pub async fn save_block(&self, block: &FinalBlock, movements: &[Movement], wallet: Option<&WalletRow>) -> Result<(), StoreError> {
        let height = block.block.header.height;
        let mut tx = self.begin().await?;
        let last = last_height(&mut tx).await?;
        if last.0.checked_add(1) != Some(height.0) {
            return Err(StoreError::Gap { last, found: height });
        }
        sqlx::query("INSERT INTO blocks (height, hash, encoded) VALUES (?, ?, ?)")
            .bind(to_sql(height.0)?)
            .bind(&block.block.header.hash().0.0[..])
            .bind(encode(block))
            .execute(&mut *tx)
            .await?;
        for movement in movements {
            insert_movement(&mut tx, movement).await?;
        }
        for outgoing in &block.block.txs {
            txs::mark_final(&mut tx, outgoing.id(), height).await?;
        }
        if let Some(row) = wallet {
            upsert_wallet(&mut tx, row).await?;
        }
        Ok(tx.commit().await?)
    }

    /// Stores what the genesis gave, at height 0. What is stored already stays: doing it twice is the same as once.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn save_opening(&self, movements: &[Movement]) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        for movement in movements {
            let known: Option<(i64,)> =
                sqlx::query_as("SELECT 1 FROM movements WHERE height = ? AND tx_index = ? AND event_index = ? AND account = ?")
                    .bind(to_sql(movement.height.0)?)
                    .bind(movement.tx_index)
                    .bind(movement.event_index)
                    .bind(&movement.account.0[..])
                    .fetch_optional(&mut *tx)
                    .await?;
            if known.is_none() {
                insert_movement(&mut tx, movement).await?;
            }
        }
        Ok(tx.commit().await?)
    }

    /// Height of the last stored block; 0 when there is only the genesis.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn last_height(&self) -> Result<Height, StoreError> {
        let mut tx = self.pool().begin().await?;
        last_height(&mut tx).await
    }

    /// At most `blocks_max` blocks in order, beginning with height `from`. Their hashes are compared with those at the time of writing.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] names the first damaged block.
    pub async fn blocks(&self, from: Height, blocks_max: u16) -> Result<Vec<FinalBlock>, StoreError> {
        // Heights beyond what SQLite can hold have no block.
        let Ok(from) = to_sql(from.0) else { return Ok(Vec::new()) };
        let rows = sqlx::query("SELECT height, hash, encoded FROM blocks WHERE height >= ? ORDER BY height LIMIT ?")
            .bind(from)
            .bind(blocks_max)
            .fetch_all(self.pool())
            .await?;
        rows.iter().map(read_block).collect()
    }

    /// The latest movements of an account, newest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn movements(&self, account: AccountId, movements_max: u32) -> Result<Vec<Movement>, StoreError> {
        let rows = sqlx::query(
            "SELECT height, tx_index, event_index, account, change_microlux, reason, job FROM movements WHERE account = ? \
             ORDER BY height DESC, tx_index DESC, event_index DESC LIMIT ?",
        )
        .bind(&account.0[..])
        .bind(movements_max)
        .fetch_all(self.pool())
        .await?;
        rows.iter().map(read_movement).collect()
    }

    /// Sum of all movements of an account: its balance as this peer counted it itself.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn running_total(&self, account: AccountId) -> Result<MicroluxChange, StoreError> {
        let total: i64 = sqlx::query_scalar("SELECT coalesce(sum(change_microlux), 0) FROM movements WHERE account = ?")
            .bind(&account.0[..])
            .fetch_one(self.pool())
            .await?;
        Ok(MicroluxChange(total))
    }

    /// The last proven balance of an account.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn wallet(&self, account: AccountId) -> Result<Option<WalletRow>, StoreError> {
        let row: Option<(i64, i64, Vec<u8>)> =
            sqlx::query_as("SELECT balance_microlux, proven_height, proof FROM wallet WHERE account = ?")
                .bind(&account.0[..])
                .fetch_optional(self.pool())
                .await?;
        let Some((balance, height, proof)) = row else { return Ok(None) };
        Ok(Some(WalletRow {
            account,
            balance: Microlux(from_sql(balance, Table::Wallet)?),
            proven_height: Height(from_sql(height, Table::Wallet)?),
            proof: decode_row(&proof, PROOF_BYTES_MAX, Table::Wallet)?,
        }))
    }
}

async fn last_height(tx: &mut Transaction<'static, Sqlite>) -> Result<Height, StoreError> {
    let height: i64 = sqlx::query_scalar("SELECT coalesce(max(height), 0) FROM blocks").fetch_one(&mut **tx).await?;
    Ok(Height(from_sql(height, Table::Blocks)?))
}

async fn insert_movement(tx: &mut Transaction<'static, Sqlite>, movement: &Movement) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO movements (height, tx_index, event_index, account, change_microlux, reason, job) VALUES (?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(to_sql(movement.height.0)?)
    .bind(movement.tx_index)
    .bind(movement.event_index)
    .bind(&movement.account.0[..])
    .bind(movement.change.0)
    .bind(encode(&movement.reason))
    .bind(movement.job.map(|job| job.0.0.to_vec()))
    .execute(&mut **tx)
    .await?;
    Ok(())
}

async fn upsert_wallet(tx: &mut Transaction<'static, Sqlite>, row: &WalletRow) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO wallet (account, balance_microlux, proven_height, proof) VALUES (?, ?, ?, ?) ON CONFLICT (account) DO UPDATE \
         SET balance_microlux = excluded.balance_microlux, proven_height = excluded.proven_height, proof = excluded.proof",
    )
    .bind(&row.account.0[..])
    .bind(to_sql(row.balance.0)?)
    .bind(to_sql(row.proven_height.0)?)
    .bind(encode(&row.proof))
    .execute(&mut **tx)
    .await?;
    Ok(())
}

fn read_block(row: &SqliteRow) -> Result<FinalBlock, StoreError> {
    let height = from_sql(row.try_get("height")?, Table::Blocks)?;
    let damaged = || StoreError::Corrupt { table: Table::Blocks, row: height };
    let block: FinalBlock = decode(row.try_get("encoded")?, BLOCK_BYTES_MAX).map_err(|_| damaged())?;
    let hash: &[u8] = row.try_get("hash")?;
    if block.block.header.height != Height(height) || block.block.header.hash().0.0[..] != *hash {
        return Err(damaged());
    }
    Ok(block)
}

fn read_movement(row: &SqliteRow) -> Result<Movement, StoreError> {
    let job: Option<&[u8]> = row.try_get("job")?;
    Ok(Movement {
        height: Height(from_sql(row.try_get("height")?, Table::Movements)?),
        tx_index: row.try_get("tx_index")?,
        event_index: row.try_get("event_index")?,
        account: AccountId(bytes32(row.try_get("account")?, Table::Movements)?),
        change: MicroluxChange(row.try_get("change_microlux")?),
        reason: decode_row(row.try_get("reason")?, REASON_BYTES_MAX, Table::Movements)?,
        job: job.map(|job| Ok::<_, StoreError>(JobId(Digest(bytes32(job, Table::Movements)?)))).transpose()?,
    })
}

fn decode_row<T: BorshDeserialize>(bytes: &[u8], max: usize, table: Table) -> Result<T, StoreError> {
    decode(bytes, max).map_err(|_| StoreError::Corrupt { table, row: 0 })
}
