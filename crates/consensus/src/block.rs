//! What is wrong with a block, and the part of checking it that needs no state.
//!
//! ```text
//! FinalBlock ─► Chain::expects(header) ─► CheckedBlock::check ─► Chain::apply
//!               its place, a few          certificate, then        execution and
//!               comparisons               every signature          state root
//! ```
//!
//! The middle step costs the most and depends on the block's bytes and the validators alone: it may run on another core, ahead of its
//! turn, and once for all replicas of a simulation.

use crate::validators::{CertificateError, Validators};
use raylance_ledger::tree::NodeError;
use raylance_ledger::{Refusal, SupplyError};
use raylance_protocol::block::{Block, FinalBlock, Header, tx_root};
use raylance_protocol::{Action, BlockHash, ChainId, CheckedTx, Digest, Height, OpenError, Signed, Tx, TxId, limits};
use std::sync::Arc;

/// Why a block is not believed. The chain is as it was.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BlockError {
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
    /// It names others than the ring's validators for itself, or others than the state's for the next block.
    #[error("it names validators {found}, the ring has {expected}")]
    Validators {
        /// This peer's.
        expected: Digest,
        /// The header's.
        found: Digest,
    },
    /// Too many transactions.
    #[error("{0} transactions; at most {max} are possible", max = limits::BLOCK_TXS_MAX)]
    TooManyTxs(usize),
    /// Too many bytes of transactions.
    #[error("transactions of {0} bytes; at most {max} are possible", max = limits::BLOCK_TXS_BYTES_MAX)]
    TooLong(usize),
    /// Not final.
    #[error("certificate: {0}")]
    Certificate(#[from] CertificateError),
    /// The transactions are others than the certified ones.
    #[error("the transactions are not those of the header")]
    TxRoot,
    /// Claims, challenges and rulings stand before everything else.
    #[error("transaction {index} is part of a dispute and stands after one that is not")]
    DisputeLate {
        /// Its place, from 0.
        index: usize,
    },
    /// A signature that is not good.
    #[error("transaction {index}: {source}")]
    Signature {
        /// Its place, from 0.
        index: usize,
        /// What is wrong.
        source: OpenError,
    },
    /// A transaction that the ledger refuses has no place in a block.
    #[error("transaction {id}, number {index} in the block: {source}")]
    Tx {
        /// Its place, from 0.
        index: usize,
        /// Its id.
        id: TxId,
        /// The ledger's reason.
        source: Refusal,
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
    /// The state can't be read: nothing that was computed from it counts.
    #[error(transparent)]
    Store(#[from] NodeError),
}

/// A final block all of whose signatures are good. Cheap to clone.
///
/// There is no other way to make one than [`CheckedBlock::check`] and a validator's own block, so applying need not think of signatures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckedBlock(Arc<Parts>);

#[derive(Debug, PartialEq, Eq)]
struct Parts {
    block: FinalBlock,
    hash: BlockHash,
    txs: Vec<CheckedTx>,
}

impl CheckedBlock {
    /// Checks limits, certificate and every signature. `validators` are those that certify blocks of this height; [`Chain::apply`] compares.
    ///
    /// [`Chain::apply`]: crate::Chain::apply
    ///
    /// # Errors
    /// [`BlockError`]. The certificate comes before the transactions, so only validators can make a peer check many signatures.
    pub fn check(chain: ChainId, validators: &Validators, block: FinalBlock) -> Result<Self, BlockError> {
        let header = &block.block.header;
        if header.chain != chain {
            return Err(BlockError::WrongChain { expected: chain, found: header.chain });
        }
        if header.validators != validators.hash() {
            return Err(BlockError::Validators { expected: validators.hash(), found: header.validators });
        }
        check_limits(&block.block.txs)?;
        validators.check_certificate(header, &block.certificate)?;
        let txs = check_body(&block.block)?;
        Ok(Self::from_checked(block, txs))
    }

    /// For a block whose parts were checked one by one.
    pub(crate) fn from_checked(block: FinalBlock, txs: Vec<CheckedTx>) -> Self {
        Self(Arc::new(Parts { hash: block.block.header.hash(), block, txs }))
    }

    /// As it travels and is stored.
    pub fn block(&self) -> &FinalBlock {
        &self.0.block
    }

    /// Its header.
    pub fn header(&self) -> &Header {
        &self.0.block.block.header
    }

    /// Its header's hash.
    pub fn hash(&self) -> BlockHash {
        self.0.hash
    }

    /// Its transactions in order.
    pub fn txs(&self) -> &[CheckedTx] {
        &self.0.txs
    }
}

/// Is this a Claim, a Challenge or a Ruling? They stand before all other transactions of a block, without exception: one that follows
/// another kind in its account's order of nonces waits for the next block.
pub fn is_dispute(action: &Action) -> bool {
    match action {
        Action::Claim(_) | Action::Challenge(_) | Action::Ruling { .. } => true,
        Action::Transfer { .. } | Action::OpenJob(_) | Action::Pay(_) | Action::Endorse { .. } => false,
    }
}

/// Number and bytes of transactions.
pub(crate) fn check_limits(txs: &[Signed<Tx>]) -> Result<(), BlockError> {
    if txs.len() > limits::BLOCK_TXS_MAX {
        return Err(BlockError::TooManyTxs(txs.len()));
    }
    let bytes = txs.iter().map(Signed::encoded_len).sum();
    if bytes > limits::BLOCK_TXS_BYTES_MAX {
        return Err(BlockError::TooLong(bytes));
    }
    Ok(())
}

/// The transactions against the header's root, their signatures and their order.
pub(crate) fn check_body(block: &Block) -> Result<Vec<CheckedTx>, BlockError> {
    if tx_root(&block.txs) != block.header.tx_root {
        return Err(BlockError::TxRoot);
    }
    let check = |(index, tx): (usize, &Signed<Tx>)| {
        CheckedTx::check(block.header.chain, tx.clone()).map_err(|source| BlockError::Signature { index, source })
    };
    let txs: Vec<CheckedTx> = block.txs.iter().enumerate().map(check).collect::<Result<_, _>>()?;
    let disputes = txs.iter().take_while(|tx| is_dispute(&tx.tx().action)).count();
    match txs[disputes..].iter().position(|tx| is_dispute(&tx.tx().action)) {
        Some(after) => Err(BlockError::DisputeLate { index: disputes + after }),
        None => Ok(txs),
    }
}
