//! What convinces a wallet of its balance: the account's row and the path from it to a state root.

use crate::rows::Account;
use crate::tree::account_key;
use jmt::RootHash;
use jmt::proof::SparseMerkleProof;
use raylance_v1_protocol::{AccountId, DecodeError, Digest, decode, encode};
use sha2::Sha256;

/// Longest encoded account row: two 64-bit numbers.
pub const VALUE_BYTES_MAX: usize = 16;
/// Longest encoded path: a leaf, and 256 siblings of 65 bytes at most.
pub const PATH_BYTES_MAX: usize = 17 << 10;

/// Why a path proves nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    /// The account's row can't be read.
    #[error("the account's row: {0}")]
    Value(DecodeError),
    /// The path can't be read.
    #[error("the Merkle path: {0}")]
    Path(DecodeError),
    /// The path leads to another root.
    #[error("the Merkle path does not lead from {0} to the state root")]
    Root(AccountId),
}

/// Checks that the tree under `root` holds exactly `value` for the account, or nothing when `value` is empty.
/// Returns the account; all zero when there is none.
///
/// # Errors
/// [`PathError`].
pub fn verify_account_value(root: Digest, id: AccountId, value: &[u8], path: &[u8]) -> Result<Account, PathError> {
    let account = if value.is_empty() { Account::default() } else { decode(value, VALUE_BYTES_MAX).map_err(PathError::Value)? };
    let path: SparseMerkleProof<Sha256> = decode(path, PATH_BYTES_MAX).map_err(PathError::Path)?;
    let row = (!value.is_empty()).then_some(value);
    path.verify(RootHash(root.0), account_key(id), row).map_err(|_| PathError::Root(id))?;
    Ok(account)
}

pub(crate) fn encode_path(path: &SparseMerkleProof<Sha256>) -> Vec<u8> {
    encode(path)
}
