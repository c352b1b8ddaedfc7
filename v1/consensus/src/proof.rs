//! Proves one balance to a wallet that has nothing but the genesis.

use crate::chain::Chain;
use crate::validators::{CertificateError, Validators};
use raylance_v1_ledger::genesis::VALIDATORS_MAX;
use raylance_v1_ledger::{Account, PathError, verify_account_value};
use raylance_v1_protocol::{AccountId, AccountProof, ChainId, Genesis};

/// Why a proof proves nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// A proof about another ring.
    #[error("a proof about ring {found}, this is {expected}")]
    WrongChain {
        /// This ring.
        expected: ChainId,
        /// The header's.
        found: ChainId,
    },
    /// A genesis that no chain accepts.
    #[error("the genesis has no validators in order")]
    Genesis,
    /// The header is not final.
    #[error("certificate: {0}")]
    Certificate(#[from] CertificateError),
    /// The account does not stand under the header's state root.
    #[error(transparent)]
    Path(#[from] PathError),
}

/// Proves an account at the chain's tip. `None` before the first block: there the genesis itself says every balance.
pub fn prove_account(chain: &Chain, account: AccountId) -> Option<AccountProof> {
    let tip = chain.tip()?;
    let (value, path) = chain.state().prove(account);
    Some(AccountProof { account, header: tip.header.clone(), certificate: tip.certificate.clone(), value, path })
}

/// Checks certificate → header → state root → path → value. The answer is about `proof.account` at `proof.header.height`:
/// the caller compares both with what it asked for. An account that was proved absent is all zero.
///
/// # Errors
/// [`ProofError`].
pub fn verify_account_proof(genesis: &Genesis, proof: &AccountProof) -> Result<Account, ProofError> {
    let expected = genesis.chain();
    if proof.header.chain != expected {
        return Err(ProofError::WrongChain { expected, found: proof.header.chain });
    }
    let validators = &genesis.validators;
    if !(1..=VALIDATORS_MAX).contains(&validators.len()) || !validators.is_sorted_by(|a, b| a < b) {
        return Err(ProofError::Genesis);
    }
    Validators::from_sorted(validators).check_certificate(&proof.header, &proof.certificate)?;
    Ok(verify_account_value(proof.header.state_root, proof.account, &proof.value, &proof.path)?)
}
