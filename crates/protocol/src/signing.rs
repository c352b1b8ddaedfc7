//! Keys and signatures: ed25519 over a domain string, the ring, and the exact bytes that travel.
//!
//! ```text
//! preimage = domain ‖ 0 ‖ chain id ‖ body
//! ```
//!
//! The ring stands in the preimage and not in the body: a signature for one ring means nothing in another, and no message pays 32 bytes for it.

use crate::ids::{AccountId, ChainId};
use crate::{DecodeError, decode, encode};
use borsh::{BorshDeserialize, BorshSerialize};
use ed25519_dalek::{Signer as _, SigningKey, VerifyingKey};
use std::fmt;

/// A value that can be signed.
pub trait Signable: BorshSerialize + BorshDeserialize {
    /// Unique per kind and version: a signature under one domain never counts under another.
    const DOMAIN: &'static str;
    /// Longest encoding that is looked at.
    const BYTES_MAX: usize;
}

/// An ed25519 signature, 64 bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize)]
pub struct Signature(pub [u8; 64]);

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signature({:02x}{:02x}…)", self.0[0], self.0[1])
    }
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

    /// Signs `value` as this account, for one ring.
    pub fn sign<T: Signable>(&self, chain: ChainId, value: &T) -> Signed<T> {
        let body = encode(value);
        let signature = Signature(self.0.sign(&preimage(T::DOMAIN, chain, &body)).to_bytes());
        Signed { body, signer: self.account(), signature, kind: std::marker::PhantomData }
    }
}

/// Does `signature` by `signer` stand under `value` in this ring? Strict: small-order keys and malleable encodings are refused.
///
/// # Errors
/// [`OpenError::Signature`].
pub fn verify<T: Signable>(chain: ChainId, signer: AccountId, value: &T, signature: &Signature) -> Result<(), OpenError> {
    verify_body::<T>(chain, signer, &encode(value), signature)
}

fn verify_body<T: Signable>(chain: ChainId, signer: AccountId, body: &[u8], signature: &Signature) -> Result<(), OpenError> {
    let key = VerifyingKey::from_bytes(&signer.0).map_err(|_| OpenError::Signature)?;
    let signature = ed25519_dalek::Signature::from_bytes(&signature.0);
    key.verify_strict(&preimage(T::DOMAIN, chain, body), &signature).map_err(|_| OpenError::Signature)
}

/// Bytes of a `T` with the signature over exactly these bytes. Nothing inside is believed before [`Signed::open`].
#[derive(BorshSerialize, BorshDeserialize)]
pub struct Signed<T> {
    body: Vec<u8>,
    signer: AccountId,
    signature: Signature,
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

    /// The signature, to be stored apart from a body that follows from other fields.
    pub fn signature(&self) -> Signature {
        self.signature
    }

    /// The signed bytes.
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// Bytes of the canonical encoding of the whole.
    pub fn encoded_len(&self) -> usize {
        4 + self.body.len() + 32 + 64
    }
}

impl<T: Signable> Signed<T> {
    /// Puts a value and a signature that were stored apart together again. [`Signed::open`] says whether they fit.
    pub fn from_parts(value: &T, signer: AccountId, signature: Signature) -> Self {
        Self { body: encode(value), signer, signature, kind: std::marker::PhantomData }
    }

    /// Reads the body without looking at the signature, for rules that are cheaper than it.
    ///
    /// # Errors
    /// [`DecodeError`].
    pub fn peek(&self) -> Result<T, DecodeError> {
        decode(&self.body, T::BYTES_MAX)
    }

    /// Checks length, then the signature over the received bytes, then decodes: in that order.
    ///
    /// # Errors
    /// [`OpenError`]; nothing of the value is returned.
    pub fn open(&self, chain: ChainId) -> Result<(AccountId, T), OpenError> {
        if self.body.len() > T::BYTES_MAX {
            return Err(DecodeError::TooLong { len: self.body.len(), max: T::BYTES_MAX }.into());
        }
        verify_body::<T>(chain, self.signer, &self.body, &self.signature)?;
        Ok((self.signer, decode(&self.body, T::BYTES_MAX)?))
    }
}

fn preimage(domain: &str, chain: ChainId, body: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(domain.len() + 33 + body.len());
    bytes.extend_from_slice(domain.as_bytes());
    bytes.push(0);
    bytes.extend_from_slice(&chain.0.0);
    bytes.extend_from_slice(body);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::Done;
    use crate::{Digest, JobId, Microlux};

    fn done(total: u64) -> Done {
        Done { job: JobId::default(), worker: AccountId([2; 32]), total: Microlux(total) }
    }

    #[test]
    fn a_signature_opens_only_unchanged_bytes_of_one_ring() {
        let (keys, chain) = (Keypair::from_secret([1; 32]), ChainId(Digest([7; 32])));
        let signed = keys.sign(chain, &done(3));
        assert_eq!(signed.open(chain), Ok((keys.account(), done(3))));
        assert_eq!(verify(chain, keys.account(), &done(3), &signed.signature()), Ok(()));
        assert_eq!(Signed::from_parts(&done(3), keys.account(), signed.signature()), signed);
        assert_eq!(signed.encoded_len(), encode(&signed).len());

        assert_eq!(signed.open(ChainId::default()), Err(OpenError::Signature));
        assert_eq!(verify(chain, keys.account(), &done(4), &signed.signature()), Err(OpenError::Signature));
        let mut changed = signed.clone();
        changed.body[33] ^= 1;
        assert_eq!(changed.open(chain), Err(OpenError::Signature));
        let mut other = signed.clone();
        other.signer = Keypair::from_secret([2; 32]).account();
        assert_eq!(other.open(chain), Err(OpenError::Signature));
        let mut long = signed;
        long.body = vec![0; Done::BYTES_MAX + 1];
        assert!(matches!(long.open(chain), Err(OpenError::Decode(DecodeError::TooLong { .. }))));
    }
}
