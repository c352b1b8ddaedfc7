//! A peer's store, as the bench uses it: a block is a row of its own turn, flushed to disk.
//!
//! The state lags behind blocks (decision 0022): its nodes' keys are hashes, so the nodes of one block lie on nearly every page of the file, and
//! those of ten blocks on hardly more. A start opens the state as it was last kept and executes the blocks since once more.

use raylance_consensus::Tip;
use raylance_ledger::State;
use raylance_protocol::block::{Certificate, Header};
use raylance_protocol::{BlockHash, CheckedTx, Digest, Height, Round, Signed, Tx, decode, encode};
use raylance_store::{Batch, Store};

/// First byte of a block's key; its height follows.
const BLOCKS: u8 = 96;

/// The state is kept when the blocks since hold so many transactions: at most so many are executed again at a start.
const LAG_TXS: usize = 10_000;

/// A block as it is stored: its time, the root of its state, its transactions.
type Block = (u64, Digest, Vec<Signed<Tx>>);

/// An open store with its own folder, which goes with it.
pub struct Database {
    store: Store,
    height: u64,
    /// Transactions of the blocks since a state was kept.
    lag_txs: usize,
    folder: tempfile::TempDir,
}

impl Database {
    /// An empty store in a temporary folder.
    pub fn create() -> Self {
        let folder = tempfile::tempdir().expect("there is a temporary folder");
        let store = Store::open(folder.path()).expect("the folder is new");
        Self { store, height: 0, lag_txs: 0, folder }
    }

    /// Keeps a first state.
    pub fn begin(&mut self, state: &State) {
        self.store.keep_state(&tip(state, self.height), state).expect("the state can be written");
        self.lag_txs = 0;
    }

    /// Commits a block, and keeps its state if it has lagged for long enough.
    pub fn commit(&mut self, header_ms: u64, state: &State, txs: &[CheckedTx]) {
        (self.height, self.lag_txs) = (self.height + 1, self.lag_txs + txs.len());
        let block: Block = (header_ms, state.root(), txs.iter().map(|tx| tx.signed().clone()).collect());
        let (key, value) = (key(self.height), encode(&block));
        let turn = Batch { forgets: Vec::new(), writes: vec![(&key, Some(&value))] };
        self.store.commit(&[turn]).expect("the block can be written");
        if self.lag_txs >= LAG_TXS {
            self.begin(state);
        }
    }

    /// The state of the last block as a start finds it, and how many blocks were executed again.
    pub fn restart(self) -> (State, usize) {
        drop(self.store);
        let store = Store::open(self.folder.path()).expect("it was open before");
        let (tip, mut state) = store.state().expect("it was written whole").expect("one was kept");
        let blocks = store.rows_from(&[BLOCKS], &key(tip.header.height.0 + 1), u32::MAX).expect("they were written whole");
        for (_, block) in &blocks {
            let (header_ms, root, txs) = decode::<Block>(block, usize::MAX).expect("it was written whole");
            let mut draft = state.draft(header_ms);
            for signed in txs {
                let tx = CheckedTx::check(state.chain(), signed).expect("it was checked before it was written");
                draft.execute(&tx).expect("it was executed before it was written");
            }
            state = draft.finish().expect("the rules keep the supply").state;
            assert_eq!(state.root(), root, "the same block makes the same state");
        }
        (state, blocks.len())
    }

    /// The state that was kept last; its nodes are read from the file when a path needs them.
    pub fn state(&self) -> State {
        self.store.state().expect("it was written whole").expect("one was kept").1
    }
}

fn key(height: u64) -> Vec<u8> {
    [&[BLOCKS][..], &height.to_be_bytes()].concat()
}

/// A header that nobody signed: the store does not look.
fn tip(state: &State, height: u64) -> Tip {
    let header = Header {
        chain: state.chain(),
        height: Height(height),
        round: Round(0),
        parent: BlockHash::default(),
        state_root: state.root(),
        tx_root: Digest::default(),
        validators: Digest::default(),
        next_validators: Digest::default(),
        time_ms: state.clock().header_ms,
    };
    let hash = header.hash();
    let certificate = Certificate { height: header.height, round: header.round, header: hash, signatures: Vec::new() };
    Tip { header, hash, certificate }
}
