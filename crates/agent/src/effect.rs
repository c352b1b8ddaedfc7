//! What a peer wants done, and what comes out of a step.

use crate::event::{CommandId, MessageId, Wanted};
use raylance_consensus::{Mark, Notice as ChainNotice, Tip};
use raylance_ledger::{Refusal, State};
use raylance_market::Write;
use raylance_market::artist::{Device, LeafRef, Report, Say};
use raylance_protocol::block::Vote;
use raylance_protocol::row::Case;
use raylance_protocol::{
    AccountId, Address, Assignment, FilmKey, Height, JobId, JobSpec, ListHash, Offer, Reply, Root, Signed, SpecHash, Task, Tx, UnitIndex,
};
use std::collections::BTreeSet;

/// Names an effect, so that its answer finds it. Never used twice by one process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EffectId(pub u64);

/// What comes out of a step. Writes are recorded first, all or none; then the effects are performed, in order.
#[derive(Debug, Default)]
pub struct Turn {
    /// Rows that change.
    pub writes: Vec<Write>,
    /// All rows whose keys begin so go, before the writes.
    pub forgets: Vec<Vec<u8>>,
    /// What is to be done.
    pub effects: Vec<Effect>,
    /// What a person may see changed.
    pub topics: BTreeSet<Topic>,
}

impl Turn {
    /// Does it change any row?
    pub fn records(&self) -> bool {
        !self.writes.is_empty() || !self.forgets.is_empty()
    }
}

/// Something that a person looks at. A view of it is asked for with [`crate::Agent`]'s methods once its topic has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Topic {
    /// The list of jobs.
    Jobs,
    /// One job of this peer's person.
    Job(SpecHash),
    /// Money.
    Wallet,
    /// Peers and the chain.
    Network,
    /// What this device does for others.
    Work,
}

/// What is to be done. Effects with an id are answered by [`crate::Event::Answer`], with [`crate::Answer::Failed`] where there is no room for
/// them; the others need no answer.
#[derive(Clone, Debug)]
pub enum Effect {
    /// Reply to a message.
    Reply {
        /// Which.
        to: MessageId,
        /// What.
        reply: Reply,
    },
    /// Answer a message with a part of the chain from the store.
    Serve {
        /// The message.
        to: MessageId,
        /// What its sender lacks.
        wanted: Wanted,
    },
    /// The result of a command.
    Result {
        /// Which.
        id: CommandId,
        /// What came of it.
        result: Result<(), CommandError>,
    },
    /// Send to a peer; answered by [`crate::Answer::Replied`].
    Send {
        /// Answers name it.
        id: EffectId,
        /// To whom.
        to: AccountId,
        /// What. Signed on its way out where the protocol signs it.
        message: Box<Outgoing>,
    },
    /// Sign an offer and publish it.
    PublishOffer(Offer),
    /// Publish that a block of this height is here.
    PublishHeight(Height),
    /// Ask a peer for blocks from this height on; answered by [`crate::Answer::Blocks`].
    GetBlocks {
        /// Answers name it.
        id: EffectId,
        /// Whom.
        peer: AccountId,
        /// The first.
        from: Height,
    },
    /// Fetch the ledger's state from a peer that has kept one; answered by [`crate::Answer::State`].
    GetState {
        /// Answers name it.
        id: EffectId,
        /// Whom.
        peer: AccountId,
    },
    /// Ask all peers for their heights; answered by [`crate::Answer::Tip`].
    AskTips {
        /// Answers name it.
        id: EffectId,
    },
    /// Sign a transaction; answered by [`crate::Answer::TxSigned`].
    SignTx {
        /// Answers name it.
        id: EffectId,
        /// What.
        tx: Box<Tx>,
    },
    /// Sign a vote; answered by [`crate::Answer::Signed`].
    SignVote {
        /// Answers name it.
        id: EffectId,
        /// What.
        vote: Vote,
    },
    /// Replace the validator's mark, outside the data folder; answered by [`crate::Answer::Done`].
    Mark {
        /// Answers name it.
        id: EffectId,
        /// The new one.
        mark: Mark,
    },
    /// Say [`crate::Answer::Done`] once the writes of this turn lie safely on disk, that is: at once.
    Recorded {
        /// Answers name it.
        id: EffectId,
    },
    /// Store the ledger's state, so that a start executes no older blocks again; answered by [`crate::Answer::Done`].
    KeepState {
        /// Answers name it.
        id: EffectId,
        /// Header and certificate of the block that it is the state after.
        tip: Box<Tip>,
        /// The state.
        state: Box<State>,
    },
    /// Compute a task for another artist, seal and store its film; answered by [`crate::Answer::Rendered`] or
    /// [`crate::Answer::NotRendered`].
    Render {
        /// Answers name it.
        id: EffectId,
        /// The job.
        job: JobId,
        /// What is computed.
        spec: Box<JobSpec>,
        /// Which part.
        assignment: Assignment,
        /// Seal it? Free work travels open.
        sealed: bool,
    },
    /// That effect is not wanted any more; its answer is still due.
    Cancel(EffectId),
    /// Compute a unit of an own job; answered by [`crate::Answer::Done`].
    RenderOwn {
        /// Answers name it.
        id: EffectId,
        /// The job.
        spec: SpecHash,
        /// The unit.
        unit: UnitIndex,
    },
    /// Replay leaves of opened films and compare bits; answered by [`crate::Answer::Differ`].
    Replay {
        /// Answers name it.
        id: EffectId,
        /// The job.
        spec: SpecHash,
        /// On which device.
        device: Device,
        /// Which.
        leaves: Vec<LeafRef>,
    },
    /// Compare an opened list with the films that it was drawn from; answered by [`crate::Answer::DifferAt`].
    Compare {
        /// Answers name it.
        id: EffectId,
        /// The job.
        spec: SpecHash,
        /// Who replayed.
        checker: AccountId,
        /// The list.
        list: ListHash,
        /// What stands at each place.
        origins: Vec<LeafRef>,
    },
    /// Fetch a sealed film and compute its root; answered by [`crate::Answer::Fetched`].
    Fetch {
        /// Answers name it.
        id: EffectId,
        /// The job.
        spec: SpecHash,
        /// Its number on the ledger.
        job: JobId,
        /// From whom.
        worker: AccountId,
        /// The task.
        task: Task,
        /// A list's addresses; `None` for a unit, whose addresses the specification says.
        addresses: Option<Vec<Address>>,
    },
    /// Read one leaf of a fetched film with its path; answered by [`crate::Answer::Evidence`].
    ReadEvidence {
        /// Answers name it.
        id: EffectId,
        /// The job.
        spec: SpecHash,
        /// Which leaf.
        leaf: LeafRef,
    },
    /// A film may be merged into the picture.
    Show {
        /// The job.
        spec: SpecHash,
        /// Whose film; `None` = own device.
        worker: Option<AccountId>,
        /// The unit.
        unit: UnitIndex,
        /// Opens it.
        key: FilmKey,
    },
    /// A film leaves the picture.
    Withdraw {
        /// The job.
        spec: SpecHash,
        /// Whose film.
        worker: Option<AccountId>,
        /// The unit.
        unit: UnitIndex,
    },
    /// The picture is final: write it.
    Finish(SpecHash),
    /// A job has left the ledger: write its receipt file; its films may go. Answered by [`crate::Answer::Done`].
    Close {
        /// Answers name it.
        id: EffectId,
        /// The job.
        spec: SpecHash,
        /// Who did what for how much.
        report: Box<Report>,
    },
    /// A film that this peer rendered for an artist is not wanted any more.
    ForgetFilm {
        /// The job.
        job: JobId,
        /// The task.
        task: Task,
    },
    /// Nothing of that job is wanted any more: its scene may go.
    ForgetJob(JobId),
    /// At a start: films and scenes of all other jobs may go. What should have gone before a crash goes now.
    Sweep {
        /// Parts in other people's jobs.
        parts: BTreeSet<JobId>,
        /// Own jobs.
        jobs: BTreeSet<SpecHash>,
    },
    /// Compute the leaf of a case with the renderer that it names, from the scene that its parties serve; answered by
    /// [`crate::Answer::Judged`]. A scene that is not served, a crash, or a path without a value is a judgement too.
    Judge {
        /// Answers name it.
        id: EffectId,
        /// The case.
        case: Box<Case>,
    },
    /// For the owner's eyes and the log file.
    Tell(Notice),
    /// Give in [`crate::Event::Alarm`] then.
    Alarm {
        /// Milliseconds of the steady clock.
        at_ms: u64,
    },
}

/// What is sent to one peer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outgoing {
    /// What a machine says.
    Say(Say),
    /// A transaction, for a validator.
    Submit(Signed<Tx>),
}

/// Something that the owner should know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// About the chain that this peer makes.
    Chain(ChainNotice),
    /// A block from peers is not good: they run other rules, or lie.
    BadBlock {
        /// From whom.
        peer: AccountId,
        /// What is wrong.
        error: raylance_consensus::BlockError,
    },
    /// Blocks up to this height are kept nowhere any more: the state after it was taken instead.
    BlocksSkipped(Height),
    /// A state from a peer is not the one that the ring certified.
    BadState {
        /// From whom.
        peer: AccountId,
        /// What is wrong.
        error: raylance_consensus::LoadError,
    },
    /// The ledger will not take what a person wanted.
    TransferRefused {
        /// To whom money was to go.
        to: AccountId,
        /// Why; `None` where its time ran out.
        why: Option<Refusal>,
    },
    /// Rows of a job can't be read: they stay where they are, and everything else runs.
    Unreadable {
        /// First byte of their keys.
        table: u8,
        /// The job's name in them.
        job: raylance_protocol::Digest,
    },
    /// An own job was begun with another renderer and is ended: what is there is paid and written.
    JobOfOtherRenderer(SpecHash),
    /// The ring does not list this program's renderer: nobody here can work for others, or have others work.
    RendererNotListed,
    /// A peer offers work for another renderer.
    OtherRenderer {
        /// Who.
        peer: AccountId,
        /// Does the ring list it? Then it is this program that is to be updated.
        theirs_listed: bool,
    },
    /// A fetched film has another root than its worker signed for.
    WrongRoot {
        /// Whose.
        worker: AccountId,
        /// As computed here.
        root: Root,
    },
}

/// Why a command comes to nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CommandError {
    /// No such job.
    #[error("there is no job {0:?} here")]
    NoJob(SpecHash),
    /// Another artist's plan.
    #[error("the plan names another account as its artist")]
    NotMine,
    /// The plan breaks a limit.
    #[error(transparent)]
    Spec(#[from] raylance_protocol::job::SpecError),
    /// The account has less, with what is on its way taken off.
    #[error("{need} are needed, {have} are free")]
    Balance {
        /// Free.
        have: raylance_protocol::Microlux,
        /// Needed.
        need: raylance_protocol::Microlux,
    },
    /// Too much is on its way already.
    #[error("{0} transactions wait already; try again when they are through")]
    Busy(usize),
}
