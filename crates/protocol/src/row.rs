//! The rows of the ledger's state: typed keys and values, and the bytes that the state tree hashes.
//!
//! A key is its table's number and then fixed-length big-endian fields, so keys of one table sort by their fields and no key is the
//! beginning of another. A value is its canonical encoding. A new table is a new implementation of [`Row`].

use crate::block::{Clock, RingParameters, Validator};
use crate::ids::{AccountId, CaseId, ChainId, Digest, Height, JobId, RingTime, SpecHash};
use crate::job::{Address, JobSpec, Leaf, Task};
use crate::{Microlux, encode};
use borsh::{BorshDeserialize, BorshSerialize};

/// A row of the state.
pub trait Row: BorshSerialize + BorshDeserialize + Clone {
    /// The table's number: the first byte of its keys. Never used again for another.
    const TABLE: u8;
    /// Longest encoding of a value.
    const BYTES_MAX: usize;
    /// What distinguishes rows of the table.
    type Key: RowKey;
}

/// The fields of a key.
pub trait RowKey: Copy {
    /// Appends the fields in their order, integers big-endian.
    fn write(&self, bytes: &mut Vec<u8>);
}

/// The key of a row as it stands in the tree.
pub fn key_bytes<R: Row>(key: &R::Key) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(65);
    bytes.push(R::TABLE);
    key.write(&mut bytes);
    bytes
}

/// The value of a row as it stands in the tree.
pub fn value_bytes<R: Row>(value: &R) -> Vec<u8> {
    encode(value)
}

macro_rules! keys {
    ($($name:ty => |$key:ident, $bytes:ident| $write:expr),* $(,)?) => { $(
        impl RowKey for $name {
            fn write(&self, $bytes: &mut Vec<u8>) {
                let $key = self;
                $write
            }
        }
    )* };
}

keys! {
    () => |_key, _bytes| (),
    AccountId => |key, bytes| bytes.extend_from_slice(&key.0),
    Digest => |key, bytes| bytes.extend_from_slice(&key.0),
    JobId => |key, bytes| bytes.extend_from_slice(&key.0.0),
    CaseId => |key, bytes| bytes.extend_from_slice(&key.0.to_be_bytes()),
    Task => |key, bytes| match key {
        Self::Unit(unit) => { bytes.push(0); bytes.extend_from_slice(&unit.0.to_be_bytes()) }
        Self::List(list) => { bytes.push(1); bytes.extend_from_slice(&list.0.0) }
    },
    (JobId, AccountId) => |key, bytes| { key.0.write(bytes); key.1.write(bytes) },
    DueKey => |key, bytes| { bytes.extend_from_slice(&key.at.0.to_be_bytes()); bytes.extend_from_slice(&key.sequence.to_be_bytes()) },
}

/// Makes types rows: `Type: table number, key, longest encoding;` for each.
#[macro_export]
macro_rules! rows {
    ($($value:ty: $table:literal, $key:ty, $bytes_max:expr);* $(;)?) => { $(
        impl $crate::row::Row for $value {
            const TABLE: u8 = $table;
            const BYTES_MAX: usize = $bytes_max;
            type Key = $key;
        }
    )* };
}

rows! {
    Clock: 0, (), 32;
    Totals: 1, (), 128;
    RingParameters: 2, (), 256;
    ValidatorSet: 3, (), 4096;
    Renderer: 4, Digest, 8192;
    Account: 5, AccountId, 16;
    Job: 6, JobId, 256;
    Channel: 7, (JobId, AccountId), 256;
    Court: 8, (), 32;
    Case: 9, CaseId, 8192;
    Due: 10, DueKey, 96;
    Ring: 11, (), 128;
}

/// What someone owns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, BorshSerialize, BorshDeserialize)]
pub struct Account {
    /// Free to spend.
    pub balance: Microlux,
    /// Transactions so far.
    pub nonce: u64,
}

/// Sums over the state, kept with every change, so that a fault in a rule is seen in the block where it happens:
/// `created = balances + reserves + bonds + deposits + treasury + burned`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, BorshSerialize, BorshDeserialize)]
pub struct Totals {
    /// What the genesis created: first balances, and the deposits of their accounts.
    pub created: Microlux,
    /// Free balances of all accounts.
    pub balances: Microlux,
    /// What is reserved for workers and not yet paid.
    pub reserves: Microlux,
    /// Bonds of open claims and cases.
    pub bonds: Microlux,
    /// Deposits for rows: of jobs and channels until they leave, of accounts for ever.
    pub deposits: Microlux,
    /// The ring's own money.
    pub treasury: Microlux,
    /// What no longer exists.
    pub burned: Microlux,
    /// Entries that the due-queue ever had: makes its keys distinct.
    pub dues: u64,
}

/// Who may certify blocks and vote in court.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct ValidatorSet {
    /// Ascending by account, distinct.
    pub validators: Vec<Validator>,
}

/// A renderer's standing.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Renderer {
    /// May jobs name it?
    pub listed: bool,
    /// Since when it stands as it does.
    pub since: RingTime,
    /// Was it ever on the list? Then jobs may name it, and the court keeps it for a while after it left.
    pub was_listed: bool,
    /// Validators that want it the other way round, ascending.
    pub votes: Vec<AccountId>,
}

/// An open job. It leaves the state with its last row.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Job {
    /// Who pays.
    pub artist: AccountId,
    /// Hash of the specification.
    pub spec: SpecHash,
    /// Digest of the renderer.
    pub renderer: Digest,
    /// Bytes of the scene: they price the court.
    pub scene_bytes: u64,
    /// When it closes by itself.
    pub ends_by: RingTime,
    /// Once closing: until when claims are taken.
    pub claims_until: Option<RingTime>,
    /// Rows in all, ended ones included.
    pub rows: u32,
    /// Rows that have not ended.
    pub rows_live: u32,
}

/// What one worker has and may get in one job.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Channel {
    /// Locked for the worker in all; what has been paid included.
    pub reserved: Microlux,
    /// Paid to the worker in all.
    pub paid: Microlux,
    /// Claims are taken at least until then, whatever the job's own window says: a ruling gives one more.
    pub claims_until: RingTime,
    /// Where it stands.
    pub state: ChannelState,
}

/// Where a channel stands.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum ChannelState {
    /// Nothing is disputed.
    Open,
    /// Pays out when its time comes, unless it is challenged.
    Claimed(OpenClaim),
    /// A case decides about the claim; its time does not run.
    InCourt {
        /// The claim.
        claim: OpenClaim,
        /// The case.
        case: CaseId,
    },
    /// Settled by the worker's own word.
    Done,
    /// The worker was convicted.
    Void,
    /// Ended by time.
    Ended,
}

impl ChannelState {
    /// Does money still hang on it? Rows that have ended stay as tombstones until the job's last row ends, so that no receipt meets a
    /// fresh row.
    pub fn is_live(&self) -> bool {
        matches!(self, Self::Open | Self::Claimed(_) | Self::InCourt { .. })
    }
}

/// A claim that may still be challenged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct OpenClaim {
    /// What the worker is owed in all.
    pub total: Microlux,
    /// Who filed it last and holds the bond.
    pub by: AccountId,
    /// Locked until it ends.
    pub bond: Microlux,
    /// What that filing cost; comes from the rest of the row, if it ends with the claim.
    pub fee: Microlux,
    /// When it pays out.
    pub due: RingTime,
    /// Was it challenged since it was last filed?
    pub challenged: bool,
}

/// The court's queue: cases are heard in order of their numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, BorshSerialize, BorshDeserialize)]
pub struct Court {
    /// The case that is heard now, if `first < next`.
    pub first: CaseId,
    /// The number of the next case.
    pub next: CaseId,
}

/// A dispute about one leaf, with everything that a validator needs besides the scene.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Case {
    /// The job.
    pub job: JobId,
    /// Whose film.
    pub worker: AccountId,
    /// The specification.
    pub spec: JobSpec,
    /// The task.
    pub task: Task,
    /// What the leaf sums.
    pub address: Address,
    /// The leaf that the worker delivered, opened.
    pub opened: Leaf,
    /// The artist's bond.
    pub bond: Microlux,
    /// The block that holds the challenge: its validators vote.
    pub height: Height,
    /// Its voters, ascending by account.
    pub voters: Vec<Validator>,
    /// Votes so far, ascending by account.
    pub votes: Vec<(AccountId, Option<Leaf>)>,
    /// When it ends without a decision; set once it is first in line.
    pub deadline: Option<RingTime>,
}

/// Orders what is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub struct DueKey {
    /// When.
    pub at: RingTime,
    /// Distinguishes entries of one time.
    pub sequence: u64,
}

/// What is looked at when its time has come. An entry that its row no longer means is dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Due {
    /// The job closes by itself.
    JobEnds(JobId),
    /// Rows of a closing job end, some in each step.
    JobSweep {
        /// The job.
        job: JobId,
        /// Rows up to this worker were looked at.
        after: Option<AccountId>,
    },
    /// The claim pays out.
    ClaimEnds(JobId, AccountId),
    /// The row of a closing job ends.
    ChannelEnds(JobId, AccountId),
    /// The case ends without a decision.
    CaseEnds(CaseId),
    /// No job that names the renderer can come to court any more.
    RendererLeaves(Digest),
}

/// Which ring this is the state of: a snapshot says so itself.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Ring {
    /// The ring's id.
    pub chain: ChainId,
    /// Its name for people.
    pub name: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_sort_by_their_fields_and_none_begins_another() {
        let due = |at: u64, sequence: u64| key_bytes::<Due>(&DueKey { at: RingTime(at), sequence });
        assert!(due(1, 900) < due(256, 0));
        assert!(due(256, 1) < due(256, 2));
        let channel = |job: u8, worker: u8| key_bytes::<Channel>(&(JobId(Digest([job; 32])), AccountId([worker; 32])));
        assert!(channel(1, 9) < channel(2, 0));
        assert_eq!(key_bytes::<Job>(&JobId(Digest([1; 32]))).len(), 33);
        assert_eq!(channel(1, 1).len(), 65);
        assert_ne!(key_bytes::<Job>(&JobId::default())[0], channel(0, 0)[0]);
    }
}
