//! Ids: newtypes over hashes, keys and counters, so that one can't stand where another is meant.

use borsh::{BorshDeserialize, BorshSerialize};
use std::fmt;

/// A BLAKE3 hash, 32 bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, BorshSerialize, BorshDeserialize)]
pub struct Digest(pub [u8; 32]);

impl Digest {
    /// Hashes `parts` under `domain`. Each part is preceded by its length, so no two lists of parts collide by shifting bytes.
    pub fn of(domain: &str, parts: &[&[u8]]) -> Self {
        let mut hasher = blake3::Hasher::new_derive_key(domain);
        for part in parts {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part);
        }
        Self(*hasher.finalize().as_bytes())
    }

    /// Lower-case hexadecimal, 64 characters.
    pub fn to_hex(&self) -> String {
        blake3::Hash::from_bytes(self.0).to_hex().to_string()
    }

    /// Reads 64 hexadecimal characters; `None` for anything else.
    pub fn from_hex(text: &str) -> Option<Self> {
        blake3::Hash::from_hex(text).ok().map(|hash| Self(*hash.as_bytes()))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}…", &self.to_hex()[..12])
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_hex())
    }
}

macro_rules! digest_ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => { $(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, BorshSerialize, BorshDeserialize)]
        pub struct $name(pub Digest);

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({:?})"), self.0)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }
    )* };
}

digest_ids! {
    /// A ring: the hash of its genesis.
    ChainId,
    /// A block: the hash of its header.
    BlockHash,
    /// A transaction: the hash of its body and signer.
    TxId,
    /// A job specification: its hash. The specification itself stays off the ledger until a challenge.
    SpecHash,
    /// An opened job, see [`JobId::opened`].
    JobId,
    /// A scene: the root of its manifest.
    SceneDigest,
    /// A sealed film: the root over addresses and sealed leaves, bound to job, worker and task.
    Root,
    /// A list of addresses: its hash.
    ListHash,
    /// A key's hash. A delivery names it, so the key that opens a film is fixed before anyone has seen it.
    KeyHash,
}

impl JobId {
    /// The job that `artist`'s transaction `nonce` opens on `chain`.
    ///
    /// It follows from the transaction, not from a counter of the ledger: a ring restored from a backup can't give one id to two jobs, so a
    /// receipt never pays in a job other than its own.
    pub fn opened(chain: ChainId, artist: AccountId, nonce: u64, spec: SpecHash) -> Self {
        Self(Digest::of("raylance job 2", &[&chain.0.0, &artist.0, &nonce.to_le_bytes(), &spec.0.0]))
    }

    /// Work that is given away: no row on any ledger stands behind it.
    pub fn free(artist: AccountId, spec: SpecHash) -> Self {
        Self(Digest::of("raylance free job 2", &[&artist.0, &spec.0.0]))
    }
}

/// A person's or peer's account: an ed25519 public key. The same key is the peer's libp2p identity.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize)]
pub struct AccountId(pub [u8; 32]);

impl AccountId {
    /// Lower-case hexadecimal, 64 characters.
    pub fn to_hex(&self) -> String {
        Digest(self.0).to_hex()
    }

    /// Reads 64 hexadecimal characters; `None` for anything else.
    pub fn from_hex(text: &str) -> Option<Self> {
        Digest::from_hex(text).map(|digest| Self(digest.0))
    }
}

impl fmt::Debug for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AccountId({}…)", &self.to_hex()[..8])
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_hex())
    }
}

/// Number of a block; genesis is 0, the first block 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default, BorshSerialize, BorshDeserialize)]
pub struct Height(pub u64);

impl Height {
    /// The height after this one.
    pub fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

/// Number of an attempt at one height, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default, BorshSerialize, BorshDeserialize)]
pub struct Round(pub u32);

/// Number of a dispute, in the order in which the court hears them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default, BorshSerialize, BorshDeserialize)]
pub struct CaseId(pub u64);

/// Number of a unit within its job, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default, BorshSerialize, BorshDeserialize)]
pub struct UnitIndex(pub u32);

/// Number of a leaf within its task, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default, BorshSerialize, BorshDeserialize)]
pub struct LeafIndex(pub u32);

/// Ring time: milliseconds since the genesis, as counted by blocks. It grows with each block by the header time elapsed, at most two
/// beats, so that no outage lets a window lapse and no rush of blocks shortens one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default, BorshSerialize, BorshDeserialize)]
pub struct RingTime(pub u64);

impl RingTime {
    /// The end of time: further than any deadline.
    pub const NEVER: Self = Self(u64::MAX);

    /// `ms` later; stops at the end of time.
    pub fn after(self, ms: u64) -> Self {
        Self(self.0.saturating_add(ms))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shifting_bytes_between_parts_changes_the_digest() {
        assert_ne!(Digest::of("t", &[b"ab", b"c"]), Digest::of("t", &[b"a", b"bc"]));
        assert_ne!(Digest::of("t", &[b"abc"]), Digest::of("u", &[b"abc"]));
    }

    #[test]
    fn a_job_is_named_by_ring_artist_nonce_and_specification() {
        let id = |chain: u8, artist: u8, nonce: u64, spec: u8| {
            JobId::opened(ChainId(Digest([chain; 32])), AccountId([artist; 32]), nonce, SpecHash(Digest([spec; 32])))
        };
        let ids = [id(1, 1, 1, 1), id(2, 1, 1, 1), id(1, 2, 1, 1), id(1, 1, 2, 1), id(1, 1, 1, 2)];
        let distinct: std::collections::BTreeSet<_> = ids.iter().collect();
        assert_eq!(distinct.len(), ids.len());
    }

    #[test]
    fn hex_goes_there_and_back() {
        let digest = Digest::of("t", &[b"x"]);
        assert_eq!(Digest::from_hex(&digest.to_hex()), Some(digest));
        assert_eq!(Digest::from_hex("zz"), None);
    }
}
