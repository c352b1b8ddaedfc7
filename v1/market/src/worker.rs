//! The worker's machine: from a bid to the last settled unit of one job.

mod machine;

pub use machine::{Worker, WorkerPhase, WorkerView};

use crate::{Fact, TxNumber, TxRefusal};
use borsh::{BorshDeserialize, BorshSerialize};
use raylance_v1_protocol::{AccountId, Action, Bid, Commitment, Message, Root, SceneDigest, UnitIndex};

/// Everything that can happen to a worker's part in a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// The node has started and loaded this machine: all outstanding effects are issued again. Also the first input of a new one.
    Resumed,
    /// Time has passed. Wanted a few times per second.
    Tick,
    /// Renting out was switched off: renders stop, unfinished units go back to the artist, films at hand are still delivered.
    Pause,
    /// Renting out was switched on again.
    Resume,
    /// A final block says something about this job.
    Fact(Fact),
    /// A submission will never be in a block.
    TxRefused {
        /// Which.
        number: TxNumber,
        /// Why.
        cause: TxRefusal,
    },
    /// The artist repeated its offer.
    Offered,
    /// The artist is connected (again).
    ArtistSeen,
    /// Answer to [`Effect::FetchScene`]: the scene is on disk and its digest was checked.
    SceneReady,
    /// Answer to [`Effect::FetchScene`]: tried again later.
    SceneFailed,
    /// The artist's list of all units that are leased to this worker.
    Assigned {
        /// Who says so; only the artist is heard.
        from: AccountId,
        /// The units.
        units: Vec<UnitIndex>,
    },
    /// Answer to [`Effect::Render`]: the film lies on disk whole.
    FilmStored {
        /// The unit.
        unit: UnitIndex,
        /// Its root.
        root: Root,
        /// Time of the render.
        render_ms: u32,
    },
    /// Answer to [`Effect::Render`].
    RenderFailed {
        /// The unit.
        unit: UnitIndex,
    },
    /// The artist says that the job has ended.
    Closed {
        /// Who says so; only the artist is heard.
        from: AccountId,
    },
}

/// Everything that a worker's part in a job asks of its node. Acting twice on one is the same as once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Set `samples_per_s` to the measured speed if there is one, sign, send `Message::Bid`.
    SendBid {
        /// The artist.
        to: AccountId,
        /// The bid.
        bid: Bid,
    },
    /// Fetch the scene, check digest and length, store it; answered by `SceneReady` or `SceneFailed`.
    FetchScene {
        /// From whom.
        from: AccountId,
        /// Which.
        scene: SceneDigest,
        /// Its length.
        len_bytes: u64,
    },
    /// Send as it is: `Want`.
    Send {
        /// To whom.
        to: AccountId,
        /// What.
        message: Message,
    },
    /// Queue this unit at the device unless it is there already; answered by `FilmStored` or `RenderFailed`.
    Render {
        /// The unit.
        unit: UnitIndex,
    },
    /// Take this unit from the device; no answer is needed.
    StopRender {
        /// The unit.
        unit: UnitIndex,
    },
    /// Sign and send `Message::Committed`. From now on the artist may fetch the film.
    SendCommitted {
        /// The artist.
        to: AccountId,
        /// The commitment.
        commitment: Commitment,
    },
    /// Sign and send, once per number; the same number again = the same signed bytes again.
    SubmitTx {
        /// Names the signed bytes.
        number: TxNumber,
        /// What to sign.
        action: Action,
    },
    /// This unit's film is of no use any more.
    DropFilm {
        /// The unit.
        unit: UnitIndex,
    },
    /// Nothing more will happen; films and scene may be deleted.
    Finished {
        /// How it ended.
        ending: Ending,
    },
}

/// How a worker's part in a job ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Ending {
    /// The job was closed.
    Closed,
    /// This worker was banned from it.
    Banned,
    /// It was never admitted, and the offer is no longer heard.
    NotAdmitted,
}
