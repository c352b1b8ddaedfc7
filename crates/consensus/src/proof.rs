//! Proves one row to a wallet that has nothing but the genesis.

use crate::chain::Chain;
use crate::validators::{CertificateError, Validators, ValidatorsError};
use raylance_ledger::{PathError, verify_row};
use raylance_protocol::block::{Genesis, RowProof};
use raylance_protocol::row::{Row, key_bytes};
use raylance_protocol::{ChainId, DecodeError, Digest, Height, decode};

/// Why a proof proves nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// About another ring.
    #[error("a proof about ring {found}, this is {expected}")]
    WrongChain {
        /// This ring.
        expected: ChainId,
        /// The header's.
        found: ChainId,
    },
    /// A genesis that no chain accepts.
    #[error("the genesis: {0}")]
    Genesis(#[from] ValidatorsError),
    /// Of other validators.
    #[error("the header names validators {found}, the ring has {expected}")]
    Validators {
        /// The genesis's.
        expected: Digest,
        /// The header's.
        found: Digest,
    },
    /// About another row than was asked for.
    #[error("a proof about another row")]
    OtherRow,
    /// The header is not final.
    #[error("certificate: {0}")]
    Certificate(#[from] CertificateError),
    /// The row does not stand under the header's state root.
    #[error(transparent)]
    Path(#[from] PathError),
    /// The row is proved, and its bytes are no value of its table.
    #[error(transparent)]
    Value(#[from] DecodeError),
}

/// A row that was proved to stand, or not to stand, in the state at a height.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proven<R> {
    /// After which block.
    pub height: Height,
    /// `None` where the ring has no such row.
    pub row: Option<R>,
}

/// Proves the row at `key`, or that there is none, at the chain's tip. `None` before the first block: there the genesis itself says every row.
pub fn prove(chain: &Chain, key: &[u8]) -> Option<RowProof> {
    let tip = chain.tip()?;
    let (value, path) = chain.state().prove(key);
    Some(RowProof { key: key.to_vec(), value, path, header: tip.header.clone(), certificate: tip.certificate.clone() })
}

/// Checks certificate → header → state root → path → value. What was proved is about `proof.key` at `proof.header.height`; the caller
/// compares both with what it asked for, or uses [`verify_row_of`].
///
/// # Errors
/// [`ProofError`]. Signatures are looked at last.
pub fn verify<'a>(genesis: &Genesis, proof: &'a RowProof) -> Result<Option<&'a [u8]>, ProofError> {
    let expected = genesis.chain();
    if proof.header.chain != expected {
        return Err(ProofError::WrongChain { expected, found: proof.header.chain });
    }
    let validators = Validators::new(genesis.validators.clone())?;
    if proof.header.validators != validators.hash() {
        return Err(ProofError::Validators { expected: validators.hash(), found: proof.header.validators });
    }
    let value = proof.value.as_deref();
    verify_row(proof.header.state_root, &proof.key, value, &proof.path)?;
    validators.check_certificate(&proof.header, &proof.certificate)?;
    Ok(value)
}

/// As [`verify`], for the one row that was asked for.
///
/// # Errors
/// [`ProofError`], [`ProofError::OtherRow`] first.
pub fn verify_row_of<R: Row>(genesis: &Genesis, key: &R::Key, proof: &RowProof) -> Result<Proven<R>, ProofError> {
    if proof.key != key_bytes::<R>(key) {
        return Err(ProofError::OtherRow);
    }
    let row = verify(genesis, proof)?.map(|value| decode(value, R::BYTES_MAX)).transpose()?;
    Ok(Proven { height: proof.header.height, row })
}
