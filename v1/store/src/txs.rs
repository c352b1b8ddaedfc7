//! Own transactions: recorded before they are sent, and sent again until they are in a block.

use raylance_v1_protocol::limits::TX_BYTES_MAX;
use raylance_v1_protocol::{Height, Signed, Tx, TxId, decode, encode};
use sqlx::{Sqlite, Transaction};

use crate::error::{from_sql, to_sql};
use crate::{Store, StoreError, Table};

/// Longest stored transaction: its body, and its envelope.
const SIGNED_TX_BYTES_MAX: usize = TX_BYTES_MAX + 128;

/// A signed transaction of this peer's account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutgoingTx {
    /// The transaction.
    pub tx: Signed<Tx>,
    /// The nonce in it. No two transactions that may still become final share one.
    pub nonce: u64,
    /// When it was signed, milliseconds since 1970.
    pub created_ms: u64,
}

impl Store {
    /// Records a signed transaction; only then may it be sent. Recording the same again changes nothing.
    ///
    /// # Errors
    /// [`StoreError::Database`] when another transaction that may still become final uses the nonce.
    pub async fn record_tx(&self, outgoing: &OutgoingTx) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        insert(&mut tx, outgoing).await?;
        Ok(tx.commit().await?)
    }

    /// Transactions that are not final yet, by nonce: to be sent again.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn waiting_txs(&self) -> Result<Vec<OutgoingTx>, StoreError> {
        let rows: Vec<(Vec<u8>, i64, Vec<u8>, i64)> =
            sqlx::query_as("SELECT tx, nonce, encoded, created_ms FROM outgoing_txs WHERE state = 'waiting' ORDER BY nonce")
                .fetch_all(self.pool())
                .await?;
        let read = |(id, nonce, encoded, created_ms): (Vec<u8>, i64, Vec<u8>, i64)| {
            let nonce = from_sql(nonce, Table::OutgoingTxs)?;
            let damaged = || StoreError::Corrupt { table: Table::OutgoingTxs, row: nonce };
            let tx: Signed<Tx> = decode(&encoded, SIGNED_TX_BYTES_MAX).map_err(|_| damaged())?;
            if tx.id().0.0[..] != id[..] {
                return Err(damaged());
            }
            Ok(OutgoingTx { tx, nonce, created_ms: from_sql(created_ms, Table::OutgoingTxs)? })
        };
        rows.into_iter().map(read).collect()
    }

    /// Gives up a transaction that can't become final any more, and frees its nonce. A final one stays final.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn abandon_tx(&self, id: TxId) -> Result<(), StoreError> {
        sqlx::query("UPDATE outgoing_txs SET state = 'abandoned' WHERE tx = ? AND state = 'waiting'")
            .bind(&id.0.0[..])
            .execute(self.pool())
            .await?;
        Ok(())
    }
}

pub(crate) async fn insert(tx: &mut Transaction<'static, Sqlite>, outgoing: &OutgoingTx) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO outgoing_txs (tx, nonce, encoded, created_ms, state, final_height) VALUES (?, ?, ?, ?, 'waiting', NULL) \
         ON CONFLICT (tx) DO NOTHING",
    )
    .bind(&outgoing.tx.id().0.0[..])
    .bind(to_sql(outgoing.nonce)?)
    .bind(encode(&outgoing.tx))
    .bind(to_sql(outgoing.created_ms)?)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// The transaction is in a block. Where it is one of ours, whatever else waited for its nonce can't become final any more.
pub(crate) async fn mark_final(tx: &mut Transaction<'static, Sqlite>, id: TxId, height: Height) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE outgoing_txs SET state = 'abandoned' \
         WHERE state = 'waiting' AND tx <> ?1 AND nonce = (SELECT nonce FROM outgoing_txs WHERE tx = ?1)",
    )
    .bind(&id.0.0[..])
    .execute(&mut **tx)
    .await?;
    sqlx::query("UPDATE outgoing_txs SET state = 'final', final_height = ? WHERE tx = ?")
        .bind(to_sql(height.0)?)
        .bind(&id.0.0[..])
        .execute(&mut **tx)
        .await?;
    Ok(())
}
