//! Keys and signatures: ed25519 over a domain string and the exact bytes that travel.

use crate::ids::AccountId;
use crate::{DecodeError, decode, encode};
use borsh::{BorshDeserialize, BorshSerialize};
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use std::fmt;

/// A value that can be signed. The domain keeps a signature for one kind of value from counting for another.
pub trait Signable: BorshSerialize + BorshDeserialize {
    /// Unique per kind and version.
    const DOMAIN: &'static str;
    /// Longest encoding that is looked at.
    const BYTES_MAX: usize;
}

/// A private key with its account.
#[derive(Clone)]
pub struct Keypair(SigningKey);

impl fmt::Debug for Keypair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Keypair({:?})", self.account())
    }
}

impl Keypair {
    /// From 32 secret bytes, which must come from a good source of chance.
    pub fn from_secret(secret: [u8; 32]) -> Self {
        Self(SigningKey::from_bytes(&secret))
    }

    /// The 32 secret bytes, to be stored where only the owner can read.
    pub fn secret(&self) -> [u8; 32] {
        self.0.to_bytes()
    }

    /// The public side.
    pub fn account(&self) -> AccountId {
        AccountId(self.0.verifying_key().to_bytes())
    }

    /// Signs `value` as this account.
    pub fn sign<T: Signable>(&self, value: &T) -> Signed<T> {
        let body = encode(value);
        let signature = self.0.sign(&preimage(T::DOMAIN, &body)).to_bytes();
        Signed { body, signer: self.account(), signature, kind: std::marker::PhantomData }
    }
}

/// Bytes of a `T` with the signature over exactly these bytes. Nothing inside is believed before [`Signed::open`].
#[derive(BorshSerialize, BorshDeserialize)]
pub struct Signed<T> {
    body: Vec<u8>,
    signer: AccountId,
    signature: [u8; 64],
    #[borsh(skip)]
    kind: std::marker::PhantomData<T>,
}

impl<T> Clone for Signed<T> {
    fn clone(&self) -> Self {
        Self { body: self.body.clone(), signer: self.signer, signature: self.signature, kind: std::marker::PhantomData }
    }
}

impl<T> PartialEq for Signed<T> {
    fn eq(&self, other: &Self) -> bool {
        self.body == other.body && self.signer == other.signer && self.signature == other.signature
    }
}

impl<T> Eq for Signed<T> {}

impl<T> fmt::Debug for Signed<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signed({} bytes by {:?})", self.body.len(), self.signer)
    }
}

/// Why a signed value is not believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// The body is too long or malformed.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// The signer's bytes are no public key, or the signature is not theirs.
    #[error("the signature is not the signer's")]
    Signature,
}

impl<T> Signed<T> {
    /// Who claims to have signed. Believe it only after [`Signed::open`].
    pub fn claimed_signer(&self) -> AccountId {
        self.signer
    }
}

impl<T: Signable> Signed<T> {
    /// Checks length, then the signature over the received bytes, then decodes: in that order.
    ///
    /// # Errors
    /// [`OpenError`]; nothing of the value is returned.
    pub fn open(&self) -> Result<(AccountId, T), OpenError> {
        if self.body.len() > T::BYTES_MAX {
            return Err(DecodeError::TooLong { len: self.body.len(), max: T::BYTES_MAX }.into());
        }
        let key = VerifyingKey::from_bytes(&self.signer.0).map_err(|_| OpenError::Signature)?;
        let signature = Signature::from_bytes(&self.signature);
        key.verify_strict(&preimage(T::DOMAIN, &self.body), &signature).map_err(|_| OpenError::Signature)?;
        Ok((self.signer, decode(&self.body, T::BYTES_MAX)?))
    }
}

fn preimage(domain: &str, body: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(domain.len() + 1 + body.len());
    bytes.extend_from_slice(domain.as_bytes());
    bytes.push(0);
    bytes.extend_from_slice(body);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tx::{Action, Tx};
    use crate::{ChainId, Microlux};

    fn tx(nonce: u64) -> Tx {
        let to = Keypair::from_secret([2; 32]).account();
        Tx { chain: ChainId::default(), nonce, action: Action::Transfer { to, amount_microlux: Microlux(5) } }
    }

    #[test]
    fn a_signature_opens_only_unchanged_bytes() {
        let keys = Keypair::from_secret([1; 32]);
        let signed = keys.sign(&tx(3));
        assert_eq!(signed.open(), Ok((keys.account(), tx(3))));

        let mut changed = signed.clone();
        changed.body[33] ^= 1;
        assert_eq!(changed.open(), Err(OpenError::Signature));
        let mut other = signed.clone();
        other.signer = Keypair::from_secret([2; 32]).account();
        assert_eq!(other.open(), Err(OpenError::Signature));
        let mut long = signed;
        long.body = vec![0; Tx::BYTES_MAX + 1];
        assert!(matches!(long.open(), Err(OpenError::Decode(DecodeError::TooLong { .. }))));
    }
}
