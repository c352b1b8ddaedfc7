//! How one becomes a member of a ring: a member's grant, redeemed once.

use crate::ids::{AccountId, Digest};
use crate::signing::{Signable, Signed};
use borsh::{BorshDeserialize, BorshSerialize};

/// A member lets whoever knows a secret join the ring, once. The secret travels in the invite, never in the grant.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Grant {
    /// Distinguishes grants of one member; a used one is remembered until it expires.
    pub id: [u8; 16],
    /// [`Grant::secret_hash`] of the secret.
    pub secret_hash: Digest,
    /// When it expires, milliseconds since 1970 by the clock of whoever is asked to honour it.
    pub expires_ms: u64,
}

impl Grant {
    /// What a grant says about its secret.
    pub fn secret_hash(secret: &[u8; 16]) -> Digest {
        Digest::of("raylance grant secret 2", &[secret])
    }
}

impl Signable for Grant {
    const DOMAIN: &'static str = "raylance grant 2";
    const BYTES_MAX: usize = 64;
}

/// A newcomer shows a grant and its secret. The secret is spent by showing it: it goes only to a peer whose membership is proven.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Join {
    /// The grant, signed by a member.
    pub grant: Signed<Grant>,
    /// Its secret.
    pub secret: [u8; 16],
    /// The newcomer. The connection it comes by proves that the account is its own.
    pub account: AccountId,
}
