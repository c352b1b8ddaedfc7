//! The artist's rows: what survives a restart, one small row for each thing.
//!
//! Keys begin with the table's number and the job's specification hash, which is known before the ledger has given the job its id.
//! Indices, counters and deadlines are not stored: they follow from the rows.

use super::io::Plan;
use raylance_protocol::row::{Channel, ChannelState, OpenClaim, Row, RowKey};
use raylance_protocol::tx::Action;
use raylance_protocol::{
    AccountId, Digest, FilmKey, JobId, KeyHash, LeafIndex, ListHash, Microlux, Rate, RingTime, Root, Signature, SpecHash, Task, UnitIndex,
};

/// A film: who renders what. The artist's own films stand under its own account.
pub type FilmName = (AccountId, Task);

/// Key of what a job has once.
#[derive(Clone, Copy, Debug)]
pub struct JobKey(pub SpecHash);

/// Key of what a job has once per worker.
#[derive(Clone, Copy, Debug)]
pub struct WorkerKey(pub SpecHash, pub AccountId);

/// Key of what a job has once per worker and task.
#[derive(Clone, Copy, Debug)]
pub struct FilmRowKey(pub SpecHash, pub FilmName);

/// Key of what a job has once per list.
#[derive(Clone, Copy, Debug)]
pub struct ListKey(pub SpecHash, pub ListHash);

impl RowKey for JobKey {
    fn write(&self, bytes: &mut Vec<u8>) {
        bytes.extend_from_slice(&self.0.0.0);
    }
}

impl RowKey for WorkerKey {
    fn write(&self, bytes: &mut Vec<u8>) {
        JobKey(self.0).write(bytes);
        bytes.extend_from_slice(&self.1.0);
    }
}

impl RowKey for FilmRowKey {
    fn write(&self, bytes: &mut Vec<u8>) {
        let (worker, task) = self.1;
        WorkerKey(self.0, worker).write(bytes);
        task.write(bytes);
    }
}

impl RowKey for ListKey {
    fn write(&self, bytes: &mut Vec<u8>) {
        JobKey(self.0).write(bytes);
        bytes.extend_from_slice(&self.1.0.0);
    }
}

raylance_protocol::rows! {
    Plan: 64, JobKey, 1024;
    HeadRow: 65, JobKey, 128;
    PaymentRow: 66, JobKey, 48 << 10;
    WorkerRow: 67, WorkerKey, 512;
    FilmRow: 68, FilmRowKey, 1 << 20;
    ListRow: 69, ListKey, 16 << 10;
}

/// Where the job stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, borsh::BorshSerialize, borsh::BorshDeserialize)]
pub struct HeadRow {
    /// Its id, once it is open; that of a free job from the first bid on.
    pub job: Option<JobId>,
    /// Has its row gone from there again?
    pub gone: bool,
    /// Is it closing there, or was that asked for?
    pub closing: bool,
    /// Has the person seen enough?
    pub stopped: bool,
    /// Is the picture final?
    pub finished: bool,
    /// Is there nothing left to do?
    pub ended: bool,
    /// Submissions so far: numbers the next.
    pub submissions: u64,
    /// When it closes by itself, as far as was asked for.
    pub ends_by: RingTime,
}

/// The one OpenJob or Pay that is on its way.
#[derive(Clone, Debug, PartialEq, Eq, borsh::BorshSerialize, borsh::BorshDeserialize)]
pub struct PaymentRow {
    /// Answers name it.
    pub submission: u64,
    /// What is done.
    pub action: Action,
}

/// A worker that has a row on the ledger, or is about to get one.
#[derive(Clone, Debug, PartialEq, Eq, borsh::BorshSerialize, borsh::BorshDeserialize)]
pub struct WorkerRow {
    /// What it asked for a million camera samples.
    pub rate: Rate,
    /// What it says of its speed, camera samples per second.
    pub samples_per_s: u64,
    /// Does it replay lists?
    pub checks: bool,
    /// Where it stands with the artist.
    pub standing: Standing,
    /// Has its row on the ledger ended?
    pub ended: bool,
    /// Reserved for it as far as was asked; never below `reserved`.
    pub asked: Microlux,
    /// Reserved for it on the ledger.
    pub reserved: Microlux,
    /// Paid to it on the ledger.
    pub paid: Microlux,
    /// What the artist has signed.
    pub total: Microlux,
    /// The total after its longest run of checked deliveries: what is paid next.
    pub payable: Microlux,
    /// Totals up to here were signed before this memory begins; only the ledger can settle them.
    pub gap: Microlux,
    /// Films of it that were opened.
    pub opened: u32,
    /// Silent leases, wrong roots and lost films since the last film that was right.
    pub strikes: u8,
    /// Its claim on the ledger.
    pub claim: Option<OpenClaim>,
    /// The challenge against its claim: the submission, and when the challenged filing pays out.
    pub challenge: Option<(u64, RingTime)>,
    /// Its signature under its present total.
    pub done: Option<Signature>,
}

/// How the artist treats a worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, borsh::BorshSerialize, borsh::BorshDeserialize)]
pub enum Standing {
    /// A transaction that gives it a row is on its way.
    Asked,
    /// Gets tasks.
    Hired,
    /// Wants no more.
    Left,
    /// Delivered a wrong leaf: gets nothing, and later totals are not paid.
    Refused {
        /// Of this task.
        task: Task,
        /// This one.
        leaf: LeafIndex,
        /// Did a second device agree?
        second: Option<bool>,
    },
}

impl WorkerRow {
    /// A worker that has bid so.
    pub fn new(rate: Rate, samples_per_s: u64, checks: bool, standing: Standing) -> Self {
        let zero = Microlux::ZERO;
        Self {
            rate,
            samples_per_s,
            checks,
            standing,
            ended: false,
            asked: zero,
            reserved: zero,
            paid: zero,
            total: zero,
            payable: zero,
            gap: zero,
            opened: 0,
            strikes: 0,
            claim: None,
            challenge: None,
            done: None,
        }
    }

    /// Takes over what the ledger says. With nothing on its way, what it has reserved is all that was asked for and granted.
    pub fn see(&mut self, channel: &Channel, nothing_on_its_way: bool) {
        self.reserved = channel.reserved;
        self.paid = channel.paid;
        self.asked = if nothing_on_its_way { channel.reserved } else { self.asked.max(channel.reserved) };
        self.payable = self.payable.max(channel.paid);
        self.claim = match &channel.state {
            ChannelState::Claimed(claim) | ChannelState::InCourt { claim, .. } => Some(*claim),
            ChannelState::Open | ChannelState::Done | ChannelState::Void | ChannelState::Ended => None,
        };
    }
}

/// Where a task stands with one worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, borsh::BorshSerialize, borsh::BorshDeserialize)]
pub enum Stage {
    /// It renders.
    Leased,
    /// Its time is over. A late film of a unit is taken as long as nobody has opened one.
    Lapsed,
    /// It has bound itself to a film, which is being fetched.
    Delivered,
    /// The film is here and its root is right; a receipt comes when fewer keys are out.
    Fetched,
    /// Signed for; the key is waited for.
    Receipted,
    /// The key did not come: rendered elsewhere, and still owed.
    Stalled,
    /// Can be read; leaves are being replayed.
    Opened,
    /// All drawn leaves are right.
    Checked,
    /// A leaf is wrong: kept as evidence.
    Wrong,
}

/// What a worker bound itself to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, borsh::BorshSerialize, borsh::BorshDeserialize)]
pub struct Delivered {
    /// Root of the sealed film.
    pub root: Root,
    /// Hash of its key.
    pub key_hash: KeyHash,
    /// The worker's signature.
    pub signature: Signature,
}

/// A task with one worker.
#[derive(Clone, Debug, PartialEq, Eq, borsh::BorshSerialize, borsh::BorshDeserialize)]
pub struct FilmRow {
    /// What it adds to the total.
    pub price: Microlux,
    /// Where it stands.
    pub stage: Stage,
    /// What was delivered; none for the artist's own films.
    pub delivered: Option<Delivered>,
    /// The total in its receipt.
    pub total: Microlux,
    /// Opens it.
    pub key: Option<FilmKey>,
    /// Does it count in the picture?
    pub shown: bool,
    /// Drawn leaves that the artist replays.
    pub own: Vec<LeafIndex>,
    /// Leaves that differed: the CPU decides.
    pub suspects: Vec<LeafIndex>,
    /// Drawn leaves that wait for a list.
    pub shared: Vec<LeafIndex>,
    /// Parts of it that stand in lists which have not been compared.
    pub in_lists: u16,
    /// Lists that came to nothing.
    pub retries: u8,
    /// Leaves that the artist has replayed.
    pub replayed_own: u32,
    /// Leaves that peers have replayed.
    pub replayed_by: Vec<(AccountId, u32)>,
    /// Was no other peer willing to replay when its leaves were drawn?
    pub alone: bool,
}

impl FilmRow {
    /// A task that begins.
    pub fn new(price: Microlux, stage: Stage) -> Self {
        Self {
            price,
            stage,
            delivered: None,
            total: Microlux::ZERO,
            key: None,
            shown: false,
            own: Vec::new(),
            suspects: Vec::new(),
            shared: Vec::new(),
            in_lists: 0,
            retries: 0,
            replayed_own: 0,
            replayed_by: Vec::new(),
            alone: false,
        }
    }
}

/// A list in work; it goes once its film is checked.
#[derive(Clone, Debug, PartialEq, Eq, borsh::BorshSerialize, borsh::BorshDeserialize)]
pub struct ListRow {
    /// Who replays.
    pub checker: AccountId,
    /// The films that stand in it: whose, and of which unit.
    pub films: Vec<(AccountId, UnitIndex)>,
    /// What stands at each place: which of the films, and which of its leaves.
    pub places: Vec<(u8, LeafIndex)>,
    /// Was it compared?
    pub compared: bool,
}

/// A row of this job, read back.
#[derive(Debug)]
pub enum Loaded {
    /// The plan.
    Plan(Plan),
    /// Where the job stands.
    Head(HeadRow),
    /// What is being submitted.
    Payment(PaymentRow),
    /// A worker.
    Worker(AccountId, WorkerRow),
    /// A film.
    Film(FilmName, FilmRow),
    /// A list.
    List(ListHash, ListRow),
}

/// Why a machine can't be built from its rows.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LoadError {
    /// A row is none of this machine's, or can't be read.
    #[error("row of table {table} can't be read")]
    Row {
        /// First byte of its key.
        table: u8,
    },
    /// The row that says what the job is about is missing.
    #[error("the job's own row is missing")]
    Missing,
}

/// Reads one row of the job with this specification.
///
/// # Errors
/// [`LoadError::Row`].
pub fn read(spec: SpecHash, key: &[u8], value: &[u8]) -> Result<Loaded, LoadError> {
    let table = key.first().copied().unwrap_or_default();
    parse(spec, key, value).ok_or(LoadError::Row { table })
}

fn parse(spec: SpecHash, key: &[u8], value: &[u8]) -> Option<Loaded> {
    let (table, rest) = key.split_first()?;
    let rest = rest.strip_prefix(&spec.0.0)?;
    Some(match *table {
        Plan::TABLE => Loaded::Plan(value_of(value)?),
        HeadRow::TABLE => Loaded::Head(value_of(value)?),
        PaymentRow::TABLE => Loaded::Payment(value_of(value)?),
        WorkerRow::TABLE => Loaded::Worker(AccountId(rest.try_into().ok()?), value_of(value)?),
        FilmRow::TABLE => {
            let (worker, task) = rest.split_first_chunk::<32>()?;
            let task = match task.split_first()? {
                (0, unit) => Task::Unit(UnitIndex(u32::from_be_bytes(unit.try_into().ok()?))),
                (1, list) => Task::List(ListHash(Digest(list.try_into().ok()?))),
                _ => return None,
            };
            Loaded::Film((AccountId(*worker), task), value_of(value)?)
        }
        ListRow::TABLE => Loaded::List(ListHash(Digest(rest.try_into().ok()?)), value_of(value)?),
        _ => return None,
    })
}

fn value_of<R: Row>(bytes: &[u8]) -> Option<R> {
    raylance_protocol::decode(bytes, R::BYTES_MAX).ok()
}
