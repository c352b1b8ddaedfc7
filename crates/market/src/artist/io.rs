//! What the artist's machine hears and asks for.

use raylance_protocol::message::{Bid, Delivery, Done, Offer, Receipt, ReturnReason};
use raylance_protocol::row::{Channel, Job};
use raylance_protocol::tx::Action;
use raylance_protocol::{
    AccountId, FilmKey, JobId, JobSpec, LeafIndex, Lease, ListHash, Microlux, Rate, RingParameters, RingTime, Root, Task, UnitIndex,
};

/// What a person decided before the job began. Does not change.
#[derive(Clone, Debug, PartialEq, Eq, borsh::BorshSerialize, borsh::BorshDeserialize)]
pub struct Plan {
    /// What is computed.
    pub spec: JobSpec,
    /// The most that is paid for a million camera samples.
    pub rate_max: Rate,
    /// Most that the job may cost in all, fees and deposits apart.
    pub budget: Microlux,
    /// Most workers that are hired; 0 = this machine alone.
    pub workers_max: u16,
    /// Device memory that the scene takes.
    pub device_bytes: u64,
    /// Ring time from opening to the job's own end, milliseconds.
    pub open_ms: u64,
    /// Does this machine's own device render too?
    pub own_device: bool,
    /// The ring's numbers.
    pub parameters: RingParameters,
}

/// Names a leaf of a film that the artist holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, borsh::BorshSerialize, borsh::BorshDeserialize)]
pub struct LeafRef {
    /// Who rendered the film; `None` = this machine's own device.
    pub worker: Option<AccountId>,
    /// Its task.
    pub task: Task,
    /// The leaf.
    pub index: LeafIndex,
}

/// Where leaves are replayed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, borsh::BorshSerialize, borsh::BorshDeserialize)]
pub enum Device {
    /// Whatever is free.
    Any,
    /// The CPU backend: it decides every difference.
    Cpu,
    /// A device that has not looked at this leaf yet: it must agree before a challenge.
    Second,
}

/// What a machine says to a peer; signed on its way out where the protocol signs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Say {
    /// The peer has a row in this job.
    Hired {
        /// The job.
        job: JobId,
        /// What is computed.
        spec: JobSpec,
    },
    /// A task is its.
    Lease(Lease),
    /// The artist owes it this total.
    Receipt(Receipt),
    /// A worker binds itself to a film.
    Delivery(Delivery),
    /// A worker opens a film.
    Key {
        /// The job.
        job: JobId,
        /// The task.
        task: Task,
        /// Opens its film.
        key: FilmKey,
    },
    /// A worker gives a task back.
    Return {
        /// The job.
        job: JobId,
        /// The task.
        task: Task,
        /// Why.
        reason: ReturnReason,
    },
    /// A worker shows the latest receipt that it holds, with the artist's signature.
    Standing(Receipt, raylance_protocol::Signature),
    /// A worker agrees that this total settles the job.
    Done(Done),
    /// A worker wants to earn.
    Bid(Bid),
}

/// What the artist's machine hears. Signatures were checked on the way in, and the sender is whom the connection proved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ArtistInput {
    /// A worker wants to earn.
    Bid {
        /// Who.
        worker: AccountId,
        /// For what.
        bid: Bid,
    },
    /// A worker binds itself to a film.
    Delivery {
        /// What, and by whom.
        delivery: Delivery,
        /// The worker's signature, evidence for a challenge.
        signature: raylance_protocol::Signature,
    },
    /// A worker opens a film. Also given in for each key that a claim on the ledger hands over.
    Key {
        /// Whose film.
        worker: AccountId,
        /// The task.
        task: Task,
        /// Opens it.
        key: FilmKey,
    },
    /// A worker gives a task back.
    Return {
        /// Who.
        worker: AccountId,
        /// Which.
        task: Task,
        /// Why.
        reason: ReturnReason,
    },
    /// A worker shows a receipt; the artist's own signature under it was checked.
    Standing(Receipt),
    /// A worker agrees to a total; its signature goes into the next payment.
    Done {
        /// The total.
        done: Done,
        /// The worker's signature.
        signature: raylance_protocol::Signature,
    },
    /// Answer to [`ArtistEffect::Fetch`]: all leaves are on disk, and this is the root over them at the task's own addresses.
    Fetched {
        /// Whose film.
        worker: AccountId,
        /// The task.
        task: Task,
        /// As computed here.
        root: Root,
    },
    /// Answer to [`ArtistEffect::Fetch`]: the film can't be had.
    FetchFailed {
        /// Whose film.
        worker: AccountId,
        /// The task.
        task: Task,
    },
    /// Answer to [`ArtistEffect::RenderOwn`].
    OwnRendered {
        /// The unit.
        unit: UnitIndex,
    },
    /// Answer to [`ArtistEffect::RenderOwn`]: the device failed or its owner wants it.
    OwnFailed {
        /// The unit.
        unit: UnitIndex,
    },
    /// Answer to [`ArtistEffect::Replay`]: the leaves whose bits differ from the opened film's.
    Replayed {
        /// The check.
        check: u64,
        /// Wrong leaves, in the order of the request.
        wrong: Vec<LeafRef>,
    },
    /// Answer to [`ArtistEffect::Replay`]: not done; ask again later.
    ReplayFailed {
        /// The check.
        check: u64,
    },
    /// Answer to [`ArtistEffect::Compare`]: places in the list at which the checker's leaf differs from the worker's.
    Compared {
        /// The list.
        list: ListHash,
        /// Places, ascending.
        differing: Vec<LeafIndex>,
    },
    /// Answer to [`ArtistEffect::Submit`]: the transaction stands in a final block. `job` names the job that an OpenJob opened.
    Final {
        /// The submission.
        submission: u64,
        /// The job that it opened.
        job: Option<JobId>,
    },
    /// Answer to [`ArtistEffect::Submit`]: refused or expired; nothing of it will ever happen.
    Refused {
        /// The submission.
        submission: u64,
    },
    /// The job's row, as the chain that this peer verified has it now; `None` once it has left the ledger.
    JobRow(Option<Job>),
    /// The rows of workers that a block changed, likewise; `None` where there is none. Given in after the [`ArtistInput::Final`] of the
    /// transaction that changed them, and all of them at once: a payment changes hundreds.
    ChannelRows(Vec<(AccountId, Option<Channel>)>),
    /// Ring time of the latest final block: given before the first bid, and with each block that brings another.
    RingTime(RingTime),
    /// A peer can't be reached.
    Lost(AccountId),
    /// A peer can be reached.
    Back(AccountId),
    /// What the machine asked [`ArtistEffect::Alarm`] for.
    Alarm,
    /// The person has seen enough: no more leases, what was delivered is paid, the job closes.
    Stop,
}

/// What the artist's machine asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ArtistEffect {
    /// Publish the offer.
    Offer(Offer),
    /// Send to a peer until it has recorded it.
    Send {
        /// To whom.
        to: AccountId,
        /// What.
        say: Say,
    },
    /// Sign and submit a transaction; answered by [`ArtistInput::Final`] or [`ArtistInput::Refused`], with the same number.
    Submit {
        /// Answers name it.
        submission: u64,
        /// What is done.
        action: Action,
    },
    /// Fetch a sealed film from its worker and compute its root.
    Fetch {
        /// From whom.
        worker: AccountId,
        /// The task; a list's addresses are the artist's own.
        task: Task,
        /// Hash of the key, for the file's name and the log.
        root: Root,
    },
    /// A film may be shown and merged.
    Show {
        /// Whose film; `None` = own device.
        worker: Option<AccountId>,
        /// The unit.
        unit: UnitIndex,
        /// Opens it.
        key: FilmKey,
    },
    /// A film that was shown is wrong or unpaid: take it out of the picture.
    Withdraw {
        /// Whose film; `None` = own device.
        worker: Option<AccountId>,
        /// The unit.
        unit: UnitIndex,
    },
    /// Render a unit on this machine's own device.
    RenderOwn {
        /// The unit.
        unit: UnitIndex,
    },
    /// Replay leaves of opened films and compare bits.
    Replay {
        /// Answers name it.
        check: u64,
        /// Where.
        device: Device,
        /// Which.
        leaves: Vec<LeafRef>,
    },
    /// Compare an opened list with the films it was drawn from.
    Compare {
        /// Who replayed.
        checker: AccountId,
        /// The list.
        list: ListHash,
        /// What stands at each place.
        origins: Vec<LeafRef>,
    },
    /// Submit a challenge about this leaf of an opened film; the shell adds the evidence (address, sealed leaf, path). Answered like
    /// [`ArtistEffect::Submit`].
    Challenge {
        /// Answers name it.
        submission: u64,
        /// The wrong leaf.
        leaf: LeafRef,
        /// Opens the film.
        key: FilmKey,
        /// Root of the film.
        root: Root,
        /// The worker's signature under its delivery.
        signature: raylance_protocol::Signature,
    },
    /// Give in [`ArtistInput::Alarm`] at this time.
    Alarm {
        /// Milliseconds of the clock that `step` is given.
        at_ms: u64,
    },
    /// Every unit is there and checked, or the person stopped: the picture is final.
    Finished,
    /// The job has left the ledger: its rows may go after the retention that the agent decides.
    Ended,
}
