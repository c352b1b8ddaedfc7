//! The agent's own rows, beside those of its machines.

use crate::event::Earning;
use raylance_consensus::Record;
use raylance_protocol::row::RowKey;
use raylance_protocol::{Action, CaseId, FinalBlock, JobId, Microlux, Signed, SpecHash, Tx, limits};

/// A number as a key: rows sort by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Number(pub u64);

impl RowKey for Number {
    fn write(&self, bytes: &mut Vec<u8>) {
        bytes.extend_from_slice(&self.0.to_be_bytes());
    }
}

/// A job of this peer's person, by its specification.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct OwnJob(pub SpecHash);

impl RowKey for OwnJob {
    fn write(&self, bytes: &mut Vec<u8>) {
        self.0.0.write(bytes);
    }
}

/// A final block; its key is its height. Goes after four windows.
#[derive(Clone, Debug, borsh::BorshSerialize, borsh::BorshDeserialize)]
pub struct BlockRow(pub FinalBlock);

/// What the validator wrote down before it voted at a height.
#[derive(Clone, Debug, borsh::BorshSerialize, borsh::BorshDeserialize)]
pub struct LogRow(pub Vec<Record>);

/// On whose behalf a transaction is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, borsh::BorshSerialize, borsh::BorshDeserialize)]
pub enum Purpose {
    /// An artist's machine asked for it under this number.
    Submission(SpecHash, u64),
    /// A worker's machine asked for it.
    Claim(JobId),
    /// A validator's word in a case.
    Ruling(CaseId),
    /// A job of this account that nobody here knows is closed.
    Close(JobId),
    /// A person sends money; the number tells two apart.
    Transfer(u64),
    /// A validator's word for its renderer.
    Endorse(raylance_protocol::Digest),
}

/// The transaction that was signed last and is not in a block yet. There is one at a time: nonces have no gaps, and a later one never
/// overtakes it.
#[derive(Clone, Debug, borsh::BorshSerialize, borsh::BorshDeserialize)]
pub struct FlyingRow {
    /// For whom.
    pub purpose: Purpose,
    /// What.
    pub signed: Signed<Tx>,
}

/// A transaction that waits to be signed.
#[derive(Clone, Debug, borsh::BorshSerialize, borsh::BorshDeserialize)]
pub struct WaitingRow {
    /// For whom.
    pub purpose: Purpose,
    /// What.
    pub action: Action,
}

/// What is left of an ended job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, borsh::BorshSerialize, borsh::BorshDeserialize)]
pub struct EndedRow {
    /// When it ended, milliseconds since 1970.
    pub at_unix_ms: u64,
    /// Units of the picture.
    pub units: u32,
    /// Units that were there at the end.
    pub shown: u32,
    /// What it cost.
    pub paid: Microlux,
}

/// One movement of this account's money, by block and place in it. The newest few are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, borsh::BorshSerialize, borsh::BorshDeserialize)]
pub struct MovementRow {
    /// By how much the balance rose.
    pub change: i64,
    /// What for: see [`MovementKind`].
    pub kind: MovementKind,
    /// The job that it belongs to.
    pub job: Option<JobId>,
    /// Free to spend after its block.
    pub balance: Microlux,
}

/// What money moves for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, borsh::BorshSerialize, borsh::BorshDeserialize)]
pub enum MovementKind {
    /// To another account.
    Sent,
    /// From another account.
    Received,
    /// Put aside for a job, or back from it.
    Reserve,
    /// Paid for work.
    Earned,
    /// What a transaction costs.
    Fee,
    /// Put up as a bond, or back.
    Bond,
    /// Anything else.
    Other,
    /// All that happened in blocks that this peer has not seen.
    Unseen,
}

/// Key of a movement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct MovementKey(pub raylance_protocol::Height, pub u32);

impl RowKey for MovementKey {
    fn write(&self, bytes: &mut Vec<u8>) {
        bytes.extend_from_slice(&self.0.0.to_be_bytes());
        bytes.extend_from_slice(&self.1.to_be_bytes());
    }
}

/// Longest certificate, header and signatures of transactions beside the bytes that blocks are bounded by.
const FRAME_BYTES: usize = 64 << 10;

raylance_protocol::rows! {
    BlockRow: 96, Number, limits::BLOCK_TXS_BYTES_MAX + FRAME_BYTES;
    LogRow: 97, Number, limits::BLOCK_TXS_BYTES_MAX + FRAME_BYTES;
    FlyingRow: 98, (), limits::TX_BYTES_MAX + 256;
    WaitingRow: 99, Number, limits::TX_BYTES_MAX + 256;
    Earning: 100, (), 128;
    EndedRow: 101, OwnJob, 64;
    MovementRow: 102, MovementKey, 96;
}
