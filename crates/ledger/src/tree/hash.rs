//! What the state tree hashes, and how it reads a key bit by bit.
//!
//! ```text
//! value  = BLAKE3 keyed "…value" over the value's bytes
//! leaf   = BLAKE3 keyed "…leaf"   over key length (1 byte) ‖ key ‖ value hash
//! branch = BLAKE3 keyed "…branch" with the bit in the key's last 2 bytes, little-endian, over left hash ‖ right hash
//! ```
//!
//! Each kind has its own BLAKE3 key, so the hash of one never passes for another's. So has each bit: the two hashes below a branch fill one
//! block of BLAKE3 exactly, and with the bit beside them they would need a second.

use raylance_protocol::Digest;

/// Longest key: a table's number and two ids of 32 bytes.
pub const KEY_BYTES_MAX: usize = 65;
/// Most branches above one leaf: one per bit of its key.
pub const BRANCHES_MAX: usize = 8 * KEY_BYTES_MAX;
/// The root of a tree without rows.
pub const EMPTY_ROOT: Digest = Digest([0; 32]);

const VALUE: [u8; 32] = padded("raylance state value 2");
const LEAF: [u8; 32] = padded("raylance state leaf 2");
const BRANCH: [u8; 32] = padded("raylance state branch 2");

/// A BLAKE3 key: the name, then zeros, the last two of which stand for a branch's bit.
const fn padded(name: &str) -> [u8; 32] {
    assert!(name.len() <= 30);
    let mut key = [0; 32];
    let mut at = 0;
    while at < name.len() {
        key[at] = name.as_bytes()[at];
        at += 1;
    }
    key
}

pub(crate) fn value(value: &[u8]) -> Digest {
    keyed(&VALUE, value)
}

/// `key` has at most [`KEY_BYTES_MAX`] bytes.
pub(crate) fn leaf(key: &[u8], value: Digest) -> Digest {
    let mut bytes = [0; 1 + KEY_BYTES_MAX + 32];
    let end = 1 + key.len();
    bytes[0] = key.len() as u8;
    bytes[1..end].copy_from_slice(key);
    bytes[end..end + 32].copy_from_slice(&value.0);
    keyed(&LEAF, &bytes[..end + 32])
}

pub(crate) fn branch(bit: u16, left: Digest, right: Digest) -> Digest {
    let mut key = BRANCH;
    key[30..].copy_from_slice(&bit.to_le_bytes());
    let mut bytes = [0; 64];
    bytes[..32].copy_from_slice(&left.0);
    bytes[32..].copy_from_slice(&right.0);
    keyed(&key, &bytes)
}

fn keyed(key: &[u8; 32], bytes: &[u8]) -> Digest {
    Digest(*blake3::keyed_hash(key, bytes).as_bytes())
}

/// Which side of a branch a key lies on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    /// The key's bit is 0, or the key ends before it.
    Left,
    /// The key's bit is 1.
    Right,
}

/// Where `key` lies at a branch on `bit`. Bits count from the highest of the first byte, so left before right is byte order.
pub(crate) fn side(key: &[u8], bit: u16) -> Side {
    let byte = key.get(usize::from(bit / 8)).copied().unwrap_or(0);
    if byte >> (7 - bit % 8) & 1 == 0 { Side::Left } else { Side::Right }
}

/// The first bit in which two keys differ, `None` where one begins the other.
pub(crate) fn first_difference(a: &[u8], b: &[u8]) -> Option<u16> {
    let at = a.iter().zip(b).position(|(a, b)| a != b)?;
    Some(8 * at as u16 + (a[at] ^ b[at]).leading_zeros() as u16)
}
