//! Who may make blocks final, and whether enough of them did.

use raylance_v1_protocol::{AccountId, Certificate, Digest, Header, OpenError, Signed};

/// A ring's validators, one vote each, ascending and distinct.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Validators(Vec<AccountId>);

/// Why a certificate makes nothing final.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CertificateError {
    /// More signatures than validators.
    #[error("{count} signatures; the ring has {validators} validators")]
    TooMany {
        /// Signatures received.
        count: usize,
        /// Validators of the ring.
        validators: usize,
    },
    /// Twice, or out of order: a certificate has one form only.
    #[error("the signature of {0} stands twice or out of order")]
    Order(AccountId),
    /// Signed by somebody else.
    #[error("{0} is no validator of this ring")]
    NotValidator(AccountId),
    /// Not signed at all.
    #[error("the signature of {signer}: {source}")]
    Signature {
        /// Who is claimed to have signed.
        signer: AccountId,
        /// What is wrong.
        source: OpenError,
    },
    /// Signed, but for another block.
    #[error("{0} signed another header")]
    OtherHeader(AccountId),
    /// Two thirds or fewer.
    #[error("{have} of {validators} validators signed; {required} are required")]
    TooFew {
        /// Signatures.
        have: usize,
        /// Validators of the ring.
        validators: usize,
        /// So many make a block final.
        required: usize,
    },
}

impl Validators {
    /// `accounts` must be ascending and distinct; a checked genesis has them so.
    pub(crate) fn from_sorted(accounts: &[AccountId]) -> Self {
        debug_assert!(accounts.is_sorted_by(|a, b| a < b));
        Self(accounts.to_vec())
    }

    /// The accounts in ascending order.
    pub fn accounts(&self) -> &[AccountId] {
        &self.0
    }

    /// Has this account a vote?
    pub fn contains(&self, account: AccountId) -> bool {
        self.0.binary_search(&account).is_ok()
    }

    /// Votes that make a block final: the least number above two thirds.
    pub fn quorum(&self) -> usize {
        self.0.len() * 2 / 3 + 1
    }

    /// See [`validators_hash`].
    pub fn hash(&self) -> Digest {
        validators_hash(&self.0)
    }

    /// Checks that more than two thirds signed exactly this header. Every signature must be good, so that nobody can pad a certificate.
    ///
    /// # Errors
    /// [`CertificateError`] names the first fault.
    pub fn check_certificate(&self, header: &Header, certificate: &Certificate) -> Result<(), CertificateError> {
        let (count, validators, required) = (certificate.signatures.len(), self.0.len(), self.quorum());
        if count > validators {
            return Err(CertificateError::TooMany { count, validators });
        }
        if count < required {
            return Err(CertificateError::TooFew { have: count, validators, required });
        }
        let order = |pair: &&[Signed<Header>]| pair[0].claimed_signer() >= pair[1].claimed_signer();
        if let Some(pair) = certificate.signatures.windows(2).find(order) {
            return Err(CertificateError::Order(pair[1].claimed_signer()));
        }
        for signature in &certificate.signatures {
            let signer = signature.claimed_signer();
            if !self.contains(signer) {
                return Err(CertificateError::NotValidator(signer));
            }
            let (_, signed) = signature.open().map_err(|source| CertificateError::Signature { signer, source })?;
            if signed != *header {
                return Err(CertificateError::OtherHeader(signer));
            }
        }
        Ok(())
    }
}

/// What a header says about those who may certify the next block: a hash over the accounts in ascending order.
pub fn validators_hash(accounts: &[AccountId]) -> Digest {
    let parts: Vec<&[u8]> = accounts.iter().map(|account| account.0.as_slice()).collect();
    Digest::of("raylance validators 1", &parts)
}
