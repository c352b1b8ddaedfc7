//! Blocks, their certificates, and what proves a balance.

use crate::ids::{AccountId, BlockHash, ChainId, Digest, Height};
use crate::signing::{Signable, Signed};
use crate::tx::Tx;
use crate::{Microlux, encode};
use borsh::{BorshDeserialize, BorshSerialize};

/// The first state of a ring. Its hash is the chain id.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Genesis {
    /// A name for people.
    pub name: String,
    /// When the ring was made, milliseconds since 1970.
    pub time_ms: u64,
    /// The first validators, one vote each, sorted and distinct.
    pub validators: Vec<AccountId>,
    /// The rules' numbers.
    pub parameters: RingParameters,
    /// First balances, sorted by account and distinct.
    pub balances: Vec<(AccountId, Microlux)>,
}

/// The numbers in the rules of money.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct RingParameters {
    /// Thousandths of a unit's price for the worker.
    pub worker_permille: u16,
    /// Thousandths for all its verifiers together.
    pub verifiers_permille: u16,
    /// Thousandths that are burned. The rest goes to the treasury.
    pub burn_permille: u16,
    /// Verdicts that settle a unit where so many other workers are eligible.
    pub verdicts_required: u8,
}

impl Default for RingParameters {
    fn default() -> Self {
        Self { worker_permille: 900, verifiers_permille: 30, burn_permille: 50, verdicts_required: 2 }
    }
}

impl Genesis {
    /// The ring's id.
    pub fn chain(&self) -> ChainId {
        ChainId(Digest::of("raylance genesis 1", &[&encode(self)]))
    }
}

/// What validators sign.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Header {
    /// The ring.
    pub chain: ChainId,
    /// Number of this block, from 1.
    pub height: Height,
    /// Hash of the block before; at height 1 the chain id's digest.
    pub parent: BlockHash,
    /// Root of the state tree **after** this block, so that the certificate at a height proves balances at that height.
    pub state_root: Digest,
    /// Hash over the transactions in order.
    pub tx_root: Digest,
    /// Hash over the validators that may certify the next block.
    pub next_validators: Digest,
    /// When it was proposed, milliseconds since 1970; never before its parent's.
    pub time_ms: u64,
}

impl Header {
    /// The block's id.
    pub fn hash(&self) -> BlockHash {
        BlockHash(Digest::of("raylance header 1", &[&encode(self)]))
    }
}

impl Signable for Header {
    const DOMAIN: &'static str = "raylance precommit 1";
    const BYTES_MAX: usize = 512;
}

/// A header with its transactions.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Block {
    /// The header.
    pub header: Header,
    /// Executed in this order.
    pub txs: Vec<Signed<Tx>>,
}

/// Signatures of more than two thirds of the validators over one header.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Certificate {
    /// Each validator's signature over the same header, sorted by signer.
    pub signatures: Vec<Signed<Header>>,
}

/// A block that can't be undone.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct FinalBlock {
    /// The block.
    pub block: Block,
    /// Why it is final.
    pub certificate: Certificate,
}

/// Everything that a wallet needs to believe one balance: certificate → header → state root → path → value.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct AccountProof {
    /// Whose.
    pub account: AccountId,
    /// The header whose state root the path leads to.
    pub header: Header,
    /// The validators' signatures over it.
    pub certificate: Certificate,
    /// The account's encoded state as stored in the tree; empty when the tree proves that there is none.
    pub value: Vec<u8>,
    /// The encoded Merkle path.
    pub path: Vec<u8>,
}
