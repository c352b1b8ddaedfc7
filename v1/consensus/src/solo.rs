//! The engine of a ring whose only validator is this process: a desktop alone, or the peer that orders for its friends.

use crate::chain::{BLOCK_TXS_BYTES_MAX, Chain, tx_bytes};
use crate::engine::{Engine, EngineError, SubmitError};
use raylance_v1_ledger::Staged;
use raylance_v1_protocol::tx::Tx;
use raylance_v1_protocol::{
    AccountId, BlockHash, Certificate, FinalBlock, Genesis, Keypair, Microlux, RingParameters, Signed, TxId, limits,
};
use std::collections::BTreeSet;

/// Orders transactions alone. What waits is executed on a sheet over the chain's tip as it comes in, so a bad transaction is refused at
/// the door with its reason, dependent nonces work within one block, and nothing that waits can stall a block.
///
/// It must see every block that it ever signed: fill the chain from the store before the first [`Engine::advance`], and record each
/// block before anyone else sees it. Otherwise it would sign two blocks of one height.
#[derive(Debug)]
pub struct Solo {
    keys: Keypair,
    /// The chain's tip under `staged`.
    base: BlockHash,
    /// The state after `proposed` and `pool`.
    staged: Staged,
    /// Taken and not yet in a block. Never more than fits in one.
    pool: Vec<Signed<Tx>>,
    pool_bytes: usize,
    /// Ids of everything in `proposed` and `pool`.
    ids: BTreeSet<TxId>,
    /// Signed and not yet seen on the chain.
    proposed: Option<FinalBlock>,
}

/// The ring has other validators.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{account} is not the only validator of this ring, which has {validators}")]
pub struct NotSoleValidator {
    /// This process.
    pub account: AccountId,
    /// Validators of the ring.
    pub validators: usize,
}

impl Solo {
    /// The engine for `keys` on this chain.
    ///
    /// # Errors
    /// [`NotSoleValidator`] when blocks need anybody else's signature.
    pub fn new(keys: Keypair, chain: &Chain) -> Result<Self, NotSoleValidator> {
        let (account, validators) = (keys.account(), chain.validators().accounts());
        if validators != [account] {
            return Err(NotSoleValidator { account, validators: validators.len() });
        }
        Ok(Self {
            keys,
            base: chain.hash(),
            staged: chain.state().stage(),
            pool: Vec::new(),
            pool_bytes: 0,
            ids: BTreeSet::new(),
            proposed: None,
        })
    }

    /// Transactions that wait for the next block.
    pub fn waiting(&self) -> usize {
        self.pool.len()
    }

    /// Follows the chain's tip. Normally the new tip is this engine's own block and every waiting transaction stays valid; should
    /// it be a block from elsewhere, transactions that it made invalid are dropped: their senders see it on the chain and build anew.
    fn follow(&mut self, chain: &Chain) {
        if self.base == chain.hash() {
            return;
        }
        self.base = chain.hash();
        self.staged = chain.state().stage();
        self.proposed = None;
        let (staged, height) = (&mut self.staged, chain.height().next());
        self.pool.retain(|tx| staged.execute(chain.state(), height, tx).is_ok());
        self.pool_bytes = self.pool.iter().map(tx_bytes).sum();
        self.ids = self.pool.iter().map(Signed::id).collect();
    }
}

impl Engine for Solo {
    fn submit(&mut self, chain: &Chain, tx: Signed<Tx>) -> Result<TxId, SubmitError> {
        self.follow(chain);
        let (id, bytes) = (tx.id(), tx_bytes(&tx));
        if self.ids.contains(&id) {
            return Ok(id);
        }
        if self.pool.len() >= limits::BLOCK_TXS_MAX || self.pool_bytes + bytes > BLOCK_TXS_BYTES_MAX {
            return Err(SubmitError::Full { txs: self.pool.len(), bytes: self.pool_bytes });
        }
        self.staged.execute(chain.state(), chain.height().next(), &tx)?;
        self.ids.insert(id);
        self.pool_bytes += bytes;
        self.pool.push(tx);
        Ok(id)
    }

    /// Proposes only when there are transactions, and signs one block at a time: two of one height would be a lie to every peer.
    fn advance(&mut self, chain: &Chain, now_ms: u64) -> Result<Vec<FinalBlock>, EngineError> {
        self.follow(chain);
        if let Some(block) = &self.proposed {
            return Ok(vec![block.clone()]);
        }
        if self.pool.is_empty() {
            return Ok(Vec::new());
        }
        let txs = std::mem::take(&mut self.pool);
        self.pool_bytes = 0;
        let prepared = chain.state().prepare(self.staged.clone()).inspect_err(|_| {
            self.ids.clear();
            self.staged = chain.state().stage();
        })?;
        let block = chain.next_block(txs, prepared.root(), now_ms);
        let certificate = Certificate { signatures: vec![self.keys.sign(&block.header)] };
        let block = FinalBlock { block, certificate };
        self.proposed = Some(block.clone());
        Ok(vec![block])
    }

    fn next_nonce(&self, chain: &Chain, account: AccountId) -> u64 {
        if self.base == chain.hash() {
            return self.staged.account(chain.state(), account).nonce;
        }
        // The tip moved since the last call, so `proposed` is on the chain and only the pool comes after it.
        let waiting = self.pool.iter().filter(|tx| tx.claimed_signer() == account).count();
        chain.next_nonce(account) + waiting as u64
    }
}

/// The genesis of a ring with one validator and the usual parameters. `balances` come in any order.
pub fn solo_genesis(name: &str, validator: AccountId, time_ms: u64, mut balances: Vec<(AccountId, Microlux)>) -> Genesis {
    balances.sort_by_key(|(account, _)| *account);
    Genesis { name: name.to_owned(), time_ms, validators: vec![validator], parameters: RingParameters::default(), balances }
}
