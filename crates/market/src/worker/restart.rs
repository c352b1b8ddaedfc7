//! A worker from its rows, at any point at which they were recorded.

use super::rows::{Delivered, InHand, Receipted, Tally, WorkerJob};
use super::{DueItem, IDLE_MS, Waiting, Worker, WorkerEffect};
use crate::terms::PATIENCE_MS;
use crate::turn::Turn;
use raylance_protocol::row::Row;
use raylance_protocol::{JobId, Microlux, decode};

/// Why rows are no worker.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LoadError {
    /// The job's own row, or its tally, is not there.
    #[error("rows of {0} lack the job's own")]
    Missing(JobId),
    /// A row can't be read.
    #[error("a row of table {table} can't be read")]
    Malformed {
        /// Its table.
        table: u8,
        /// Its key.
        key: Vec<u8>,
    },
}

fn read<R: Row>(key: &[u8], value: &[u8]) -> Result<R, LoadError> {
    decode(value, R::BYTES_MAX).map_err(|_| LoadError::Malformed { table: R::TABLE, key: key.to_vec() })
}

impl Worker {
    /// Loads a worker. `rows` may hold rows of other jobs and machines: they are passed over. Nothing is asked for before
    /// [`Worker::resume`].
    ///
    /// # Errors
    /// [`LoadError`].
    pub fn load(id: JobId, rows: impl IntoIterator<Item = (Vec<u8>, Vec<u8>)>) -> Result<Self, LoadError> {
        let (mut job, mut tally) = (None, None);
        let (mut in_hand, mut delivered, mut receipted) = (Vec::new(), Vec::new(), Vec::new());
        for (key, value) in rows {
            let Some((&table, fields)) = key.split_first() else { continue };
            if !fields.starts_with(&id.0.0) {
                continue;
            }
            match table {
                WorkerJob::TABLE => job = Some(read::<WorkerJob>(&key, &value)?),
                Tally::TABLE => tally = Some(read::<Tally>(&key, &value)?),
                InHand::TABLE => in_hand.push(read::<InHand>(&key, &value)?),
                Delivered::TABLE => delivered.push(read::<Delivered>(&key, &value)?),
                Receipted::TABLE => receipted.push(read::<Receipted>(&key, &value)?),
                _ => (),
            }
        }
        let (job, tally) = job.zip(tally).ok_or(LoadError::Missing(id))?;
        let mut worker = Self::new(id, job, tally);
        for row in in_hand {
            worker.prices_out = Microlux(worker.prices_out.0.saturating_add(row.lease.price.0));
            worker.in_hand.insert(row.lease.assignment.task(), row);
        }
        for row in delivered {
            worker.prices_out = Microlux(worker.prices_out.0.saturating_add(row.price.0));
            worker.delivered.insert(row.task, Waiting { delivered: row, periods: 0, early: None });
        }
        for row in receipted {
            worker.receipted_tasks.insert(row.delivered.task, row.total);
            worker.receipted.insert(row.total, row);
        }
        Ok(worker)
    }

    /// Asks again for everything that is outstanding, and lets every deadline count anew. To be called once after [`Worker::load`].
    pub fn resume(&mut self, now_ms: u64) -> Turn<WorkerEffect> {
        let mut turn = Turn::default();
        for in_hand in self.in_hand.values() {
            self.render(&in_hand.lease, &mut turn);
            self.due.set(DueItem::LeaseEnds(in_hand.lease.assignment.task()), now_ms + u64::from(in_hand.lease.lasts_ms));
        }
        for task in self.delivered.keys() {
            self.due.set(DueItem::NoReceipt(*task), now_ms + PATIENCE_MS);
        }
        if self.free || self.tally.seen.is_none() {
            self.due.set(DueItem::Idle, now_ms + IDLE_MS);
        }
        self.say_again(&mut turn);
        self.receipted.values().for_each(|receipted| self.say_key(receipted, &mut turn));
        self.await_payment(now_ms);
        self.set_alarm(&mut turn);
        turn
    }
}
