//! The artist's machine: from an offer to the finished picture.

mod chain;
mod check;
mod films;
mod leases;
mod machine;
mod state;
mod view;

pub use machine::Artist;
pub use view::{ArtistPhase, ArtistView, UnitSeen, UnitState, WorkerSeen, WorkerStanding};

use crate::{Fact, TxNumber, TxRefusal};
use borsh::{BorshDeserialize, BorshSerialize};
use raylance_v1_protocol::{AccountId, Action, BlockHash, Decision, Digest, Message, Root, Signed, UnitIndex, Verdict};

/// Everything that can happen to an artist's job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// The node has started and loaded this machine: all outstanding effects are issued again. Also the first input of a new job.
    Resumed,
    /// Time has passed. Wanted a few times per second.
    Tick,
    /// The person ends the job early; what is settled stays paid.
    Cancelled,
    /// A final block says something about this job.
    Fact(Fact),
    /// A submission will never be in a block.
    TxRefused {
        /// Which.
        number: TxNumber,
        /// Why.
        cause: TxRefusal,
    },
    /// A peer is connected (again).
    PeerSeen {
        /// Who.
        peer: AccountId,
    },
    /// The last connection to a peer is gone.
    PeerLost {
        /// Who.
        peer: AccountId,
    },
    /// A worker wants to earn.
    Bid {
        /// Who; the signature was checked.
        from: AccountId,
        /// Measured camera samples per second; 0 = not measured.
        samples_per_s: u64,
    },
    /// A worker can hold so many unfinished units in all. 0 gives all leases back.
    Want {
        /// Who.
        from: AccountId,
        /// Unfinished units in all, those it has included.
        units_max: u16,
    },
    /// A worker bound itself to a film by message.
    Committed {
        /// Who; the signature was checked.
        from: AccountId,
        /// The unit.
        unit: UnitIndex,
        /// The film's root.
        root: Root,
        /// Time of the render.
        render_ms: u32,
    },
    /// Answer to [`Effect::FetchFilm`]: its root over all leaves was recomputed, and it lies on disk under (job, unit, worker).
    FilmStored {
        /// The unit.
        unit: UnitIndex,
        /// Who rendered it.
        worker: AccountId,
        /// Its root.
        root: Root,
    },
    /// Answer to [`Effect::FetchFilm`].
    FilmFailed {
        /// The unit.
        unit: UnitIndex,
        /// Who rendered it.
        worker: AccountId,
        /// The root that was asked for.
        root: Root,
        /// Why.
        fault: FilmFault,
    },
    /// Answer to [`Effect::Draw`].
    Drawn {
        /// The unit.
        unit: UnitIndex,
        /// Who rendered it.
        worker: AccountId,
        /// The film's root.
        root: Root,
        /// The seed of the draw.
        draw: Digest,
        /// The candidates in the order in which they are asked.
        order: Vec<AccountId>,
    },
    /// A verifier sealed its values.
    Sealed {
        /// Who.
        from: AccountId,
        /// The unit.
        unit: UnitIndex,
        /// Who rendered it.
        worker: AccountId,
        /// The seal.
        seal: Digest,
        /// Time of the replay.
        replay_ms: u32,
    },
    /// A verifier revealed its values. The node has hashed them and compared them with the film that it has on disk.
    Revealed {
        /// Who.
        from: AccountId,
        /// The seal as recomputed from the revealed salt and values.
        seal: Digest,
        /// The answer as recomputed from the revealed values.
        answer: Digest,
        /// The judgement as recomputed from the revealed values and this peer's copy of the film.
        values_say: Decision,
        /// The verdict as signed; it names unit and worker.
        verdict: Signed<Verdict>,
    },
    /// Answer to [`Effect::ReplayHere`]: this peer's own verdict, signed with the artist's key.
    ReplayedHere {
        /// The verdict; it names unit and worker.
        verdict: Signed<Verdict>,
        /// Time of the replay.
        replay_ms: u32,
    },
    /// Answer to [`Effect::ReplayHere`]: the device could not. It is asked again later.
    ReplayFailed {
        /// The unit.
        unit: UnitIndex,
        /// Who rendered it.
        worker: AccountId,
    },
    /// Answer to [`Effect::Assemble`]: picture and receipt are on disk.
    Assembled,
    /// Answer to [`Effect::Assemble`]: could not be written. It is tried again later.
    AssemblyFailed,
}

/// Why a film could not be fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum FilmFault {
    /// The worker could not be reached, has not got it, or the stream broke: tried again.
    Unreachable,
    /// The bytes came whole and their root is another one, or their length is wrong: the worker cheats.
    WrongRoot,
}

/// Everything that an artist's job asks of its node. Acting twice on one is the same as once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Sign `Offer { spec }` and gossip it.
    GossipOffer,
    /// Sign and send, once per number; the same number again = the same signed bytes again.
    SubmitTx {
        /// Names the signed bytes.
        number: TxNumber,
        /// What to sign.
        action: Action,
    },
    /// Send as it is: `Assigned` or `Closed`. A failed delivery needs no answer.
    Send {
        /// To whom.
        to: AccountId,
        /// What.
        message: Message,
    },
    /// Fetch the film of a unit, recompute its root, store it under (job, unit, worker); answered by `FilmStored` or `FilmFailed`.
    FetchFilm {
        /// From whom.
        worker: AccountId,
        /// The unit.
        unit: UnitIndex,
        /// The root that it must have.
        root: Root,
    },
    /// Compute `verify::draw_seed` and `verify::verifier_order`; answered by `Drawn`.
    Draw {
        /// The unit.
        unit: UnitIndex,
        /// Who rendered it.
        worker: AccountId,
        /// The film's root.
        root: Root,
        /// The block with the commitment.
        block: BlockHash,
        /// The job's other workers.
        candidates: Vec<AccountId>,
    },
    /// Send `Message::Challenge` with the leaves that `verify::drawn_leaves` gives.
    Challenge {
        /// The verifier.
        to: AccountId,
        /// The unit.
        unit: UnitIndex,
        /// Who rendered it.
        worker: AccountId,
        /// The film's root.
        root: Root,
        /// The seed of the draw.
        draw: Digest,
    },
    /// Open the drawn leaves of the stored film and send `Message::Opened`.
    OpenAndSend {
        /// The verifier.
        to: AccountId,
        /// The unit.
        unit: UnitIndex,
        /// Who rendered it.
        worker: AccountId,
        /// The film's root.
        root: Root,
        /// The seed of the draw.
        draw: Digest,
    },
    /// Replay the drawn leaves on the own device, judge them against the stored film, sign the verdict; answered by `ReplayedHere` or
    /// `ReplayFailed`.
    ReplayHere {
        /// The unit.
        unit: UnitIndex,
        /// Who rendered it.
        worker: AccountId,
        /// The film's root.
        root: Root,
        /// The seed of the draw.
        draw: Digest,
    },
    /// The film of this unit and worker is of no use any more: take it out of the picture and off the disk.
    DropFilm {
        /// The unit.
        unit: UnitIndex,
        /// Who rendered it.
        worker: AccountId,
    },
    /// Merge the films in this order, write picture and receipt; answered by `Assembled` or `AssemblyFailed`.
    Assemble {
        /// One per unit, in order of units.
        films: Vec<SettledFilm>,
    },
    /// Closed on the ledger and assembled: nothing more will happen.
    Finished,
    /// Ended without a whole picture; nothing more will happen.
    Failed {
        /// Why.
        reason: FailReason,
    },
}

/// The film that was paid for a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SettledFilm {
    /// The unit.
    pub unit: UnitIndex,
    /// Who rendered it.
    pub worker: AccountId,
    /// Its root.
    pub root: Root,
}

/// Why a job ended without a whole picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum FailReason {
    /// The person ended it.
    Cancelled,
    /// The budget is more than the artist has.
    Funds,
    /// The ledger refuses to open or close the job.
    LedgerRefuses,
    /// It was closed on the ledger before all units were settled.
    ClosedEarly,
}
