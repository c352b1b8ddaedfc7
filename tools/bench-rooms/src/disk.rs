//! Blocks and tree nodes in one SQLite file, as a peer keeps them: one transaction per block, flushed to disk.

use raylance_ledger::Tree;
use raylance_ledger::tree::NodeStore;
use raylance_protocol::{CheckedTx, Digest, encode};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, Executor, QueryBuilder, Row};
use std::sync::{Arc, Mutex};
use tokio::runtime::Runtime;

/// Rows of one statement: a statement goes to the connection's own thread and back, which costs more than a row.
const STATEMENT_ROWS: usize = 500;

/// An open file with its own folder, which goes with it.
pub struct Database {
    inner: Arc<Inner>,
    height: i64,
}

struct Inner {
    runtime: Runtime,
    connection: Mutex<SqliteConnection>,
    _folder: tempfile::TempDir,
}

impl Database {
    /// An empty file in a temporary folder.
    pub fn create() -> Self {
        let folder = tempfile::tempdir().expect("there is a temporary folder");
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime can be made");
        let options = SqliteConnectOptions::new()
            .filename(folder.path().join("bench.db"))
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            // 64 MiB: the usual 2 MiB hold a small part of the nodes, whose keys are hashes and lie everywhere.
            .pragma("cache_size", "-65536");
        let connection = runtime.block_on(async {
            let mut connection = options.connect().await?;
            connection.execute("CREATE TABLE nodes (hash BLOB PRIMARY KEY, bytes BLOB NOT NULL) STRICT, WITHOUT ROWID").await?;
            connection.execute("CREATE TABLE blocks (height INTEGER PRIMARY KEY, root BLOB NOT NULL, body BLOB NOT NULL) STRICT").await?;
            Ok::<_, sqlx::Error>(connection)
        });
        let connection = Mutex::new(connection.expect("the file can be made"));
        Self { inner: Arc::new(Inner { runtime, connection, _folder: folder }), height: 0 }
    }

    /// Commits a block: its transactions, and the nodes that `tree` has and `earlier` had.
    pub fn commit(&mut self, tree: &Tree, earlier: &Tree, root: Digest, txs: &[CheckedTx]) {
        let changes = tree.changes_since(earlier).expect("both trees can be read");
        let body: Vec<u8> = txs.iter().flat_map(|tx| encode(tx.signed())).collect();
        self.height += 1;
        let mut connection = self.inner.connection.lock().expect("nobody panicked with it");
        let result: Result<(), sqlx::Error> = self.inner.runtime.block_on(async {
            let mut turn = connection.begin().await?;
            for nodes in changes.added.chunks(STATEMENT_ROWS) {
                let mut insert = QueryBuilder::new("INSERT OR IGNORE INTO nodes ");
                insert.push_values(nodes, |mut row, (hash, bytes)| {
                    row.push_bind(&hash.0[..]).push_bind(&bytes[..]);
                });
                insert.build().execute(&mut *turn).await?;
            }
            for hashes in changes.removed.chunks(STATEMENT_ROWS) {
                let mut delete = QueryBuilder::new("DELETE FROM nodes WHERE hash IN (");
                let mut list = delete.separated(", ");
                hashes.iter().for_each(|hash| {
                    list.push_bind(&hash.0[..]);
                });
                delete.push(")").build().execute(&mut *turn).await?;
            }
            let insert = sqlx::query("INSERT INTO blocks VALUES (?, ?, ?)").bind(self.height).bind(&root.0[..]).bind(body);
            insert.execute(&mut *turn).await?;
            turn.commit().await
        });
        result.expect("the block can be written");
    }

    /// A tree whose nodes are read from this file when a path needs them.
    pub fn open(&self, root: Digest, len: usize) -> Tree {
        Tree::open(Arc::clone(&self.inner) as Arc<dyn NodeStore>, root, len)
    }
}

impl NodeStore for Inner {
    fn node(&self, hash: &Digest) -> Option<Vec<u8>> {
        let mut connection = self.connection.lock().ok()?;
        let query = sqlx::query("SELECT bytes FROM nodes WHERE hash = ?").bind(&hash.0[..]);
        self.runtime.block_on(query.fetch_optional(&mut *connection)).ok()??.try_get(0).ok()
    }
}
