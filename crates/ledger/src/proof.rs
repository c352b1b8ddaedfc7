//! What a wallet checks to believe that a row is, or is not, in the state with a known root.

use crate::tree::hash::{self, Side};
use crate::tree::{BRANCHES_MAX, EMPTY_ROOT, KEY_BYTES_MAX};
use raylance_protocol::{Digest, RowPath};

/// Does `path` prove that the row at `key` has this value, or with `None` that there is no such row, under `root`?
///
/// Absence is proved by the one row that the bits of `key` lead to: a row at `key` would be in its place. Each fact has exactly one path.
/// The caller bounds the length of what it decodes; the work here is at most [`BRANCHES_MAX`] hashes and one over the value.
///
/// # Errors
/// [`PathError`] names the first thing that is wrong.
pub fn verify_row(root: Digest, key: &[u8], value: Option<&[u8]>, path: &RowPath) -> Result<(), PathError> {
    if key.len() > KEY_BYTES_MAX {
        return Err(PathError::LongKey);
    }
    if path.branches.len() > BRANCHES_MAX {
        return Err(PathError::TooLong { branches: path.branches.len() });
    }
    if let Some(at) = path.branches.windows(2).position(|pair| pair[0].0 <= pair[1].0) {
        return Err(PathError::Order { at: at + 1 });
    }
    let leaf = match (value, &path.other) {
        (Some(_), Some(_)) => return Err(PathError::OtherBesideValue),
        (Some(value), None) => hash::leaf(key, hash::value(value)),
        (None, Some((other, value))) => absent(key, other, *value, path)?,
        (None, None) if path.branches.is_empty() => EMPTY_ROOT,
        (None, None) => return Err(PathError::NoLeaf),
    };
    let computed = path.branches.iter().fold(leaf, |below, (bit, beside)| match hash::side(key, *bit) {
        Side::Left => hash::branch(*bit, below, *beside),
        Side::Right => hash::branch(*bit, *beside, below),
    });
    if computed == root { Ok(()) } else { Err(PathError::Root { computed, expected: root }) }
}

/// The hash of the leaf that stands where `key` would.
fn absent(key: &[u8], other: &[u8], value: Digest, path: &RowPath) -> Result<Digest, PathError> {
    if other.len() > KEY_BYTES_MAX {
        return Err(PathError::LongKey);
    }
    if other == key {
        return Err(PathError::OtherIsKey);
    }
    match path.branches.iter().find(|(bit, _)| hash::side(other, *bit) != hash::side(key, *bit)) {
        Some(&(bit, _)) => Err(PathError::OtherElsewhere { bit }),
        None => Ok(hash::leaf(other, value)),
    }
}

/// Why a path proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    /// The key or the other row's key is longer than [`KEY_BYTES_MAX`].
    #[error("a key is too long")]
    LongKey,
    /// More branches than any path has.
    #[error("a path of {branches} branches")]
    TooLong {
        /// Branches given.
        branches: usize,
    },
    /// A branch decides on a bit that is not before that of the branch below it.
    #[error("branch {at} is out of order")]
    Order {
        /// Which branch, from 0 at the leaf.
        at: usize,
    },
    /// A row is to be proved, and another one is named.
    #[error("another row is named beside the value")]
    OtherBesideValue,
    /// Absence is to be proved, there are branches, and no row that they lead to.
    #[error("the path begins at no row")]
    NoLeaf,
    /// Absence is to be proved by the row itself.
    #[error("the other row has the key itself")]
    OtherIsKey,
    /// The bits of the key don't lead to the other row.
    #[error("the other row lies elsewhere from bit {bit}")]
    OtherElsewhere {
        /// The deepest bit that they differ in.
        bit: u16,
    },
    /// The path leads to another root.
    #[error("the path leads to {computed}, not to {expected}")]
    Root {
        /// Where it leads.
        computed: Digest,
        /// Where it should.
        expected: Digest,
    },
}
