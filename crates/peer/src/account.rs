//! Accounts are libp2p identities: the same ed25519 key, so one follows from the other.

use libp2p::PeerId;
use libp2p::identity::{self, PublicKey, ed25519};
use libp2p::multihash::Multihash;
use raylance_protocol::{AccountId, Keypair};

/// Code of the multihash that contains the key itself rather than its hash; libp2p uses it for keys of up to 42 bytes.
const IDENTITY_MULTIHASH: u64 = 0;

/// The libp2p peer id of `account` as text; `None` when the account's bytes are no public key.
pub fn peer_id_text(account: AccountId) -> Option<String> {
    peer_id(account).map(PeerId::to_base58)
}

/// The libp2p key of an account's key.
pub(crate) fn identity(keypair: &Keypair) -> identity::Keypair {
    identity::Keypair::ed25519_from_bytes(keypair.secret()).expect("any 32 bytes are an ed25519 secret key")
}

/// The peer that owns `account`; `None` when the account's bytes are no public key.
pub(crate) fn peer_id(account: AccountId) -> Option<PeerId> {
    let key = ed25519::PublicKey::try_from_bytes(&account.0).ok()?;
    Some(PublicKey::from(key).to_peer_id())
}

/// The account of a peer; `None` for a peer whose key is not ed25519.
pub(crate) fn account(peer: &PeerId) -> Option<AccountId> {
    let hash = Multihash::<64>::from(*peer);
    if hash.code() != IDENTITY_MULTIHASH {
        return None;
    }
    let key = PublicKey::try_decode_protobuf(hash.digest()).ok()?.try_into_ed25519().ok()?;
    Some(AccountId(key.to_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn account_and_peer_id_follow_from_each_other() {
        let keypair = Keypair::from_secret([7; 32]);
        let peer = identity(&keypair).public().to_peer_id();
        assert_eq!(account(&peer), Some(keypair.account()));
        assert_eq!(peer_id(keypair.account()), Some(peer));
    }

    #[test]
    fn a_peer_id_that_hides_its_key_has_no_account() {
        let hashed = Multihash::<64>::wrap(0x12, &[1; 32]).expect("32 bytes fit");
        let peer = PeerId::from_multihash(hashed).expect("a SHA-256 hash is a peer id");
        assert_eq!(account(&peer), None);
    }
}
