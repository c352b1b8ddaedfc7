//! A verified replica of a ring's chain: it believes nobody.

use crate::validators::{CertificateError, Validators};
use raylance_v1_ledger::{GenesisError, LedgerEvent, Prepared, State, SupplyError, TxRefused, genesis};
use raylance_v1_protocol::tx::Tx;
use raylance_v1_protocol::{
    AccountId, Block, BlockHash, Certificate, ChainId, Digest, FinalBlock, Genesis, Header, Height, Signed, TxId, limits,
};

/// Most bytes of a block's encoded transactions: with header and certificate it still fits in one message.
pub const BLOCK_TXS_BYTES_MAX: usize = 768 << 10;

/// A verified replica: the ledger's state with the header that proves it.
#[derive(Debug)]
pub struct Chain {
    genesis: Genesis,
    id: ChainId,
    validators: Validators,
    state: State,
    tip: Option<Tip>,
}

/// The last block's header and why it is final.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tip {
    /// The header.
    pub header: Header,
    /// Its hash.
    pub hash: BlockHash,
    /// The validators' signatures.
    pub certificate: Certificate,
}

/// A transaction with what it did.
pub type TxEvents = (TxId, Vec<LedgerEvent>);

/// What a block did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applied {
    /// Its number.
    pub height: Height,
    /// Its hash: the chance in every draw over commitments in it.
    pub hash: BlockHash,
    /// When it was proposed, milliseconds since 1970.
    pub time_ms: u64,
    /// Every transaction with what it did, in order.
    pub events: Vec<TxEvents>,
}

/// Why a block is not believed. The chain is as it was.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BlockError {
    /// Too many transactions.
    #[error("{0} transactions; at most {max} are possible", max = limits::BLOCK_TXS_MAX)]
    TooManyTxs(usize),
    /// Too many bytes of transactions.
    #[error("transactions of {0} bytes; at most {BLOCK_TXS_BYTES_MAX} are possible")]
    TooLong(usize),
    /// A block of another ring.
    #[error("a block of ring {found}, this is {expected}")]
    WrongChain {
        /// This ring.
        expected: ChainId,
        /// The header's.
        found: ChainId,
    },
    /// Not the next one. A lower one is old; for a higher one the blocks between are missing.
    #[error("a block of height {}, the next one is {}", found.0, expected.0)]
    Height {
        /// The next height.
        expected: Height,
        /// The header's.
        found: Height,
    },
    /// It follows another block.
    #[error("its parent is {found}, the last block is {expected}")]
    Parent {
        /// Hash of the last block.
        expected: BlockHash,
        /// The header's.
        found: BlockHash,
    },
    /// Before its parent.
    #[error("its time {found_ms} is before its parent's {parent_ms}")]
    Time {
        /// The parent's.
        parent_ms: u64,
        /// The header's.
        found_ms: u64,
    },
    /// The ring's validators do not change.
    #[error("it names other validators for the next block")]
    NextValidators,
    /// Not final.
    #[error("certificate: {0}")]
    Certificate(#[from] CertificateError),
    /// The transactions are others than the certified ones.
    #[error("the transactions are not those of the header")]
    TxRoot,
    /// A transaction that the ledger refuses has no place in a block.
    #[error("transaction {id}, number {index} in the block: {source}")]
    Tx {
        /// Its place, from 0.
        index: usize,
        /// Its id.
        id: TxId,
        /// The ledger's reason.
        source: TxRefused,
    },
    /// Executing it leads elsewhere than the header says.
    #[error("the state root is {computed}, the header says {claimed}")]
    StateRoot {
        /// The header's.
        claimed: Digest,
        /// This peer's.
        computed: Digest,
    },
    /// A fault of the rules.
    #[error(transparent)]
    Supply(#[from] SupplyError),
}

impl Chain {
    /// The chain before its first block.
    ///
    /// # Errors
    /// [`GenesisError`].
    pub fn new(genesis: Genesis) -> Result<Self, GenesisError> {
        let state = State::from_genesis(&genesis)?;
        let validators = Validators::from_sorted(&genesis.validators);
        Ok(Self { id: genesis.chain(), genesis, validators, state, tip: None })
    }

    /// Checks a block completely, then makes it the tip. Whatever is wrong with it, the chain stays as it was.
    ///
    /// # Errors
    /// [`BlockError`], in this order: limits, place in the chain, certificate, transactions, state root, supply.
    pub fn apply(&mut self, block: &FinalBlock) -> Result<Applied, BlockError> {
        let FinalBlock { block: Block { header, txs }, certificate } = block;
        check_limits(txs)?;
        self.check_place(header)?;
        self.validators.check_certificate(header, certificate)?;
        if tx_root(txs) != header.tx_root {
            return Err(BlockError::TxRoot);
        }
        let (prepared, events) = self.execute(header, txs)?;
        self.state.commit(prepared);
        let hash = header.hash();
        self.tip = Some(Tip { header: header.clone(), hash, certificate: certificate.clone() });
        Ok(Applied { height: header.height, hash, time_ms: header.time_ms, events })
    }

    /// The block that would follow, not yet signed by anyone. `state_root` is what executing `txs` leads to; the time is
    /// moved up to the parent's where a clock went back.
    pub fn next_block(&self, txs: Vec<Signed<Tx>>, state_root: Digest, time_ms: u64) -> Block {
        let header = Header {
            chain: self.id,
            height: self.height().next(),
            parent: self.hash(),
            state_root,
            tx_root: tx_root(&txs),
            next_validators: self.validators.hash(),
            time_ms: time_ms.max(self.time_ms()),
        };
        Block { header, txs }
    }

    /// The ring's id.
    pub fn id(&self) -> ChainId {
        self.id
    }

    /// The ring's genesis.
    pub fn genesis(&self) -> &Genesis {
        &self.genesis
    }

    /// The first balances as movements, for wallets: they belong to height 0.
    pub fn genesis_events(&self) -> Vec<LedgerEvent> {
        genesis::genesis_events(&self.genesis)
    }

    /// The ledger after the last block.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Those who may certify the next block.
    pub fn validators(&self) -> &Validators {
        &self.validators
    }

    /// The last block's header; `None` before the first block.
    pub fn tip(&self) -> Option<&Tip> {
        self.tip.as_ref()
    }

    /// Number of the last block; 0 before the first.
    pub fn height(&self) -> Height {
        self.tip.as_ref().map_or(Height(0), |tip| tip.header.height)
    }

    /// Hash of the last block; the chain id's digest before the first.
    pub fn hash(&self) -> BlockHash {
        self.tip.as_ref().map_or(BlockHash(self.id.0), |tip| tip.hash)
    }

    /// Time of the last block, or of the genesis; milliseconds since 1970.
    pub fn time_ms(&self) -> u64 {
        self.tip.as_ref().map_or(self.genesis.time_ms, |tip| tip.header.time_ms)
    }

    /// The nonce of the account's next transaction, as far as final blocks know.
    pub fn next_nonce(&self, account: AccountId) -> u64 {
        self.state.account(account).nonce
    }

    fn check_place(&self, header: &Header) -> Result<(), BlockError> {
        if header.chain != self.id {
            return Err(BlockError::WrongChain { expected: self.id, found: header.chain });
        }
        let expected = self.height().next();
        if header.height != expected {
            return Err(BlockError::Height { expected, found: header.height });
        }
        if header.parent != self.hash() {
            return Err(BlockError::Parent { expected: self.hash(), found: header.parent });
        }
        if header.time_ms < self.time_ms() {
            return Err(BlockError::Time { parent_ms: self.time_ms(), found_ms: header.time_ms });
        }
        if header.next_validators != self.validators.hash() {
            return Err(BlockError::NextValidators);
        }
        Ok(())
    }

    fn execute(&self, header: &Header, txs: &[Signed<Tx>]) -> Result<(Prepared, Vec<TxEvents>), BlockError> {
        let mut staged = self.state.stage();
        let mut events = Vec::with_capacity(txs.len());
        for (index, tx) in txs.iter().enumerate() {
            let id = tx.id();
            let done = staged.execute(&self.state, header.height, tx).map_err(|source| BlockError::Tx { index, id, source })?;
            events.push((id, done));
        }
        let prepared = self.state.prepare(staged)?;
        if prepared.root() != header.state_root {
            return Err(BlockError::StateRoot { claimed: header.state_root, computed: prepared.root() });
        }
        Ok((prepared, events))
    }
}

/// What a header says about its transactions: a hash over their ids in order.
pub fn tx_root(txs: &[Signed<Tx>]) -> Digest {
    let ids: Vec<TxId> = txs.iter().map(Signed::id).collect();
    let parts: Vec<&[u8]> = ids.iter().map(|id| id.0.0.as_slice()).collect();
    Digest::of("raylance tx root 1", &parts)
}

/// Bytes that a transaction takes in a block.
pub(crate) fn tx_bytes(tx: &Signed<Tx>) -> usize {
    borsh::object_length(tx).expect("counting bytes cannot fail")
}

fn check_limits(txs: &[Signed<Tx>]) -> Result<(), BlockError> {
    if txs.len() > limits::BLOCK_TXS_MAX {
        return Err(BlockError::TooManyTxs(txs.len()));
    }
    let bytes = txs.iter().map(tx_bytes).sum();
    if bytes > BLOCK_TXS_BYTES_MAX {
        return Err(BlockError::TooLong(bytes));
    }
    Ok(())
}
