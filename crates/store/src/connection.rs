//! A connection to the file, used by one thread at a time, which waits for it.

use crate::StoreError;
use crate::open::FolderLock;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions as _, Connection as _};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

/// Rows of one statement: a statement goes to the connection's own thread and back, which costs more than a row. Of these numbers only, so
/// that each statement is prepared once.
const STATEMENT_ROWS: [usize; 3] = [500, 20, 1];

/// Closed when it is dropped; the last one of a file leaves it without a log beside it.
pub struct Connection {
    path: Arc<Path>,
    options: SqliteConnectOptions,
    /// None after a failure: the next call connects anew. A statement that fails for want of room ends its transaction inside SQLite, which
    /// sqlx does not notice; nothing could be begun on that connection any more.
    inner: Mutex<Option<SqliteConnection>>,
    /// Kept until no connection is left.
    _lock: Arc<FolderLock>,
}

impl Connection {
    /// Connects.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn open(path: &Arc<Path>, options: SqliteConnectOptions, lock: &Arc<FolderLock>) -> Result<Self, StoreError> {
        let connection = Self { path: Arc::clone(path), options, inner: Mutex::new(None), _lock: Arc::clone(lock) };
        connection.run(async |_| Ok(()))?;
        Ok(connection)
    }

    /// Waits for the connection and for `work`.
    ///
    /// # Errors
    /// [`StoreError`]; then nothing of a transaction in `work` has happened, and the next call may succeed.
    pub fn run<T>(&self, work: impl AsyncFnOnce(&mut SqliteConnection) -> sqlx::Result<T>) -> Result<T, StoreError> {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let done = pollster::block_on(async {
            let mut connection = match inner.take() {
                Some(connection) => connection,
                None => self.options.connect().await?,
            };
            match work(&mut connection).await {
                Ok(done) => {
                    *inner = Some(connection);
                    Ok(done)
                }
                Err(error) => {
                    // The first error is the one to tell.
                    let _ = connection.close().await;
                    Err(error)
                }
            }
        });
        done.map_err(|error| StoreError::of(&self.path, error))
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        let inner = self.inner.get_mut().unwrap_or_else(PoisonError::into_inner);
        if let Some(connection) = inner.take() {
            // What was committed is in the log: the next start finds it there.
            let _ = pollster::block_on(connection.close());
        }
    }
}

/// Cuts rows into pieces for one statement each.
pub fn pieces<T>(mut rest: &[T]) -> impl Iterator<Item = &[T]> {
    std::iter::from_fn(move || {
        let size = STATEMENT_ROWS.into_iter().find(|size| *size <= rest.len())?;
        let (piece, later) = rest.split_at(size);
        rest = later;
        Some(piece)
    })
}
