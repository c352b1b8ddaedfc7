//! Blocks and tree nodes in one SQLite file, as a peer keeps them: one transaction per block, flushed to disk.
//!
//! Nodes lag behind blocks (decision 0022): their keys are hashes, so the nodes of one block lie on nearly every page of the file, and those
//! of ten blocks on hardly more. A start opens the tree as it was last written and executes the blocks since once more.

use raylance_ledger::tree::{NodeChanges, NodeStore};
use raylance_ledger::{State, Tree};
use raylance_protocol::{CheckedTx, Digest, Signed, Tx, decode, encode};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, Executor, QueryBuilder, Row};
use std::sync::{Arc, Mutex};
use tokio::runtime::Runtime;

/// Rows of one statement: a statement goes to the connection's own thread and back, which costs more than a row.
const STATEMENT_ROWS: usize = 500;

/// Nodes are written when the blocks since hold so many transactions: at most so many are executed again at a start.
const LAG_TXS: usize = 10_000;

/// An open file with its own folder, which goes with it.
pub struct Database {
    inner: Arc<Inner>,
    height: i64,
    /// The state whose nodes were written last.
    written: Tree,
    /// Transactions of the blocks since.
    lag_txs: usize,
}

struct Block {
    height: i64,
    header_ms: u64,
    root: Digest,
    body: Vec<u8>,
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
            connection.execute("CREATE TABLE state (id INTEGER PRIMARY KEY, height INTEGER, root BLOB, len INTEGER) STRICT").await?;
            let blocks = "CREATE TABLE blocks (height INTEGER PRIMARY KEY, header_ms INTEGER, root BLOB, body BLOB) STRICT";
            connection.execute(blocks).await?;
            Ok::<_, sqlx::Error>(connection)
        });
        let connection = Mutex::new(connection.expect("the file can be made"));
        Self { inner: Arc::new(Inner { runtime, connection, _folder: folder }), height: 0, written: Tree::default(), lag_txs: 0 }
    }

    /// Commits the nodes of a first state.
    pub fn begin(&mut self, tree: &Tree) {
        self.write(Some(tree), None);
    }

    /// Commits a block, and with it the nodes of its state if they have lagged for long enough.
    pub fn commit(&mut self, header_ms: u64, state: &State, txs: &[CheckedTx]) {
        self.lag_txs += txs.len();
        let body = encode(&txs.iter().map(|tx| tx.signed().clone()).collect::<Vec<_>>());
        self.height += 1;
        let block = Block { height: self.height, header_ms, root: state.root(), body };
        self.write((self.lag_txs >= LAG_TXS).then(|| state.tree()), Some(block));
    }

    fn write(&mut self, tree: Option<&Tree>, block: Option<Block>) {
        let mut changes = NodeChanges::default();
        if let Some(tree) = tree {
            changes = tree.changes_since(&self.written).expect("both trees can be read");
            (self.written, self.lag_txs) = (tree.clone(), 0);
            // In the order of the file.
            changes.added.sort_unstable_by_key(|(hash, _)| *hash);
            changes.removed.sort_unstable();
        }
        let (root, len) = (self.written.root(), self.written.len() as i64);
        let height = self.height;
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
            if tree.is_some() {
                let insert = sqlx::query("INSERT OR REPLACE INTO state VALUES (0, ?, ?, ?)").bind(height).bind(&root.0[..]).bind(len);
                insert.execute(&mut *turn).await?;
            }
            if let Some(Block { height, header_ms, root, body }) = block {
                let insert = sqlx::query("INSERT INTO blocks VALUES (?, ?, ?, ?)").bind(height).bind(header_ms as i64);
                insert.bind(&root.0[..]).bind(body).execute(&mut *turn).await?;
            }
            turn.commit().await
        });
        result.expect("the block can be written");
    }

    /// The state of the last block as a start finds it, and how many blocks were executed again.
    pub fn restart(&self) -> (State, usize) {
        let mut connection = self.inner.connection.lock().expect("nobody panicked with it");
        let read = self.inner.runtime.block_on(async {
            let last = sqlx::query("SELECT height, root, len FROM state").fetch_one(&mut *connection).await?;
            let blocks = sqlx::query("SELECT header_ms, root, body FROM blocks WHERE height > ? ORDER BY height");
            let blocks = blocks.bind(last.try_get::<i64, _>(0)?).fetch_all(&mut *connection).await?;
            Ok::<_, sqlx::Error>((last.try_get::<Vec<u8>, _>(1)?, last.try_get::<i64, _>(2)?, blocks))
        });
        let (root, len, blocks) = read.expect("what was written can be read");
        drop(connection);
        let mut state = State::from_tree(self.open(digest(&root), len as usize)).expect("the state was written whole");
        for block in &blocks {
            let mut draft = state.draft(block.get::<i64, _>(0) as u64);
            for signed in decode::<Vec<Signed<Tx>>>(block.get(2), usize::MAX).expect("the block was written whole") {
                let tx = CheckedTx::check(state.chain(), signed).expect("it was checked before it was written");
                draft.execute(&tx).expect("it was executed before it was written");
            }
            state = draft.finish().expect("the rules keep the supply").state;
            assert_eq!(state.root(), digest(block.get(1)), "the same block makes the same state");
        }
        (state, blocks.len())
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

fn digest(bytes: &[u8]) -> Digest {
    Digest(bytes.try_into().expect("32 bytes were written"))
}
