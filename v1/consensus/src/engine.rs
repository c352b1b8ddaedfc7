//! What orders transactions: one small door, so that the engine behind it can be exchanged.

use crate::chain::Chain;
use crate::validators::Validators;
use raylance_v1_ledger::{SupplyError, TxRefused};
use raylance_v1_protocol::tx::Tx;
use raylance_v1_protocol::{AccountId, FinalBlock, Signed, TxId};

/// Orders transactions. A pure machine: time comes in by [`Engine::advance`], blocks go out by its answer.
///
/// The engine reads the node's one [`Chain`] and never changes it: the node records a block, applies it, and tells others,
/// in this order, whoever made it.
pub trait Engine {
    /// Takes a transaction that is valid after the chain's tip and everything taken before. The same one again is fine and changes nothing.
    ///
    /// # Errors
    /// [`SubmitError`] with the ledger's reason.
    fn submit(&mut self, chain: &Chain, tx: Signed<Tx>) -> Result<TxId, SubmitError>;

    /// Moves on; `now_ms` is milliseconds since 1970. Returns blocks that are final and not yet on the chain, lowest first. Until they
    /// are applied, the same ones are returned again.
    ///
    /// # Errors
    /// [`EngineError`].
    fn advance(&mut self, chain: &Chain, now_ms: u64) -> Result<Vec<FinalBlock>, EngineError>;

    /// The nonce of the account's next transaction after everything taken so far.
    fn next_nonce(&self, chain: &Chain, account: AccountId) -> u64;

    /// Those who decide about the next block.
    fn validators<'a>(&'a self, chain: &'a Chain) -> &'a Validators {
        chain.validators()
    }
}

/// Why a transaction was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SubmitError {
    /// The ledger would refuse it.
    #[error(transparent)]
    Refused(#[from] TxRefused),
    /// As much is waiting as fits in one block; send it again after the next block.
    #[error("{txs} transactions of {bytes} bytes are waiting already; send it again after the next block")]
    Full {
        /// Waiting transactions.
        txs: usize,
        /// Their bytes.
        bytes: usize,
    },
}

/// Why an engine can't go on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EngineError {
    /// A fault of the ledger's rules; the transactions that led to it were dropped.
    #[error(transparent)]
    Supply(#[from] SupplyError),
}
