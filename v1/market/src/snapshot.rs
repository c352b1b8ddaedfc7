//! A machine's recorded state: four letters that name the machine, a version, then borsh.

use crate::terms::SNAPSHOT_BYTES_MAX;
use borsh::{BorshDeserialize, BorshSerialize};

/// Version of every snapshot that is written. Raised when a state's fields change.
const VERSION: u16 = 1;

/// Why bytes are not a machine's state.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SnapshotError {
    /// Longer than any state can be.
    #[error("the snapshot has {len} bytes, at most {max} are possible: the database is damaged, restore it from a backup")]
    TooLong {
        /// Bytes found.
        len: usize,
        /// Bytes allowed.
        max: usize,
    },
    /// The first letters are those of no or another machine.
    #[error("the snapshot is not one of this kind of machine: the database is damaged, restore it from a backup")]
    Foreign,
    /// Written by another version of this program.
    #[error("the snapshot has version {found}, this program reads version {known}: start the version that wrote it, or delete the job")]
    Version {
        /// Version found.
        found: u16,
        /// Version that is read.
        known: u16,
    },
    /// Not the one encoding of a state.
    #[error("the snapshot's bytes are no state: the database is damaged, restore it from a backup")]
    Malformed,
    /// The fields contradict each other.
    #[error("the snapshot contradicts itself: the database is damaged, restore it from a backup")]
    Inconsistent,
}

/// Writes a state.
pub(crate) fn save<T: BorshSerialize>(kind: [u8; 4], state: &T) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(4096);
    bytes.extend_from_slice(&kind);
    bytes.extend_from_slice(&VERSION.to_le_bytes());
    state.serialize(&mut bytes).expect("writing to a Vec cannot fail and no state has a fallible encoding");
    bytes
}

/// Reads a state. Only the bytes that [`save`] writes are taken: sets must be sorted, nothing may follow.
pub(crate) fn load<T: BorshSerialize + BorshDeserialize>(kind: [u8; 4], bytes: &[u8]) -> Result<T, SnapshotError> {
    if bytes.len() > SNAPSHOT_BYTES_MAX {
        return Err(SnapshotError::TooLong { len: bytes.len(), max: SNAPSHOT_BYTES_MAX });
    }
    let (head, body) = bytes.split_at_checked(6).ok_or(SnapshotError::Malformed)?;
    if head[..4] != kind {
        return Err(SnapshotError::Foreign);
    }
    let found = u16::from_le_bytes([head[4], head[5]]);
    if found != VERSION {
        return Err(SnapshotError::Version { found, known: VERSION });
    }
    let state = T::try_from_slice(body).map_err(|_| SnapshotError::Malformed)?;
    if save(kind, &state) != bytes {
        return Err(SnapshotError::Malformed);
    }
    Ok(state)
}
