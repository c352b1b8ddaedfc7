//! The verifier's machine: from a challenge to a revealed verdict, for one job.

mod machine;

pub(crate) use machine::Renting;
pub use machine::{Verifier, VerifierView};

use crate::Fact;
use raylance_v1_protocol::{AccountId, Decision, Digest, Leaf, LeafIndex, Message, Opening, Root, UnitIndex, Verdict};

/// Everything that can happen to a verifier's part in a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// The node has started and loaded this machine: all outstanding effects are issued again.
    Resumed,
    /// Time has passed. Wanted a few times per second.
    Tick,
    /// Renting out was switched off: no new replay is begun.
    Pause,
    /// Renting out was switched on again.
    Resume,
    /// A final block says something about this job.
    Fact(Fact),
    /// The artist asks for a replay.
    Challenge {
        /// Who asks; only the artist is heard.
        from: AccountId,
        /// The unit.
        unit: UnitIndex,
        /// Who rendered it.
        worker: AccountId,
        /// The film's root.
        root: Root,
        /// The seed of the draw.
        draw: Digest,
        /// The leaves. The node has checked that they follow from the draw.
        leaves: Vec<LeafIndex>,
    },
    /// Answer to [`Effect::Replay`]. Only the first one counts.
    Replayed {
        /// The unit.
        unit: UnitIndex,
        /// Who rendered it.
        worker: AccountId,
        /// The values in the order of the challenge.
        values: Vec<Leaf>,
        /// Sixteen random bytes, drawn for this answer.
        salt: [u8; 16],
        /// `verify::seal(salt, values)`.
        seal: Digest,
        /// `verify::answer_digest(values)`.
        answer: Digest,
        /// Time of the replay.
        replay_ms: u32,
    },
    /// Answer to [`Effect::Replay`]: the device could not, or the scene is not here yet. It is asked again later.
    ReplayFailed {
        /// The unit.
        unit: UnitIndex,
        /// Who rendered it.
        worker: AccountId,
    },
    /// The artist opened the worker's leaves.
    Opened {
        /// Who; only the artist is heard.
        from: AccountId,
        /// The unit.
        unit: UnitIndex,
        /// Who rendered it.
        worker: AccountId,
        /// The leaves with their paths; not checked yet.
        opening: Opening,
    },
    /// Answer to [`Effect::Judge`].
    Judged {
        /// The unit.
        unit: UnitIndex,
        /// Who rendered it.
        worker: AccountId,
        /// The judgement; `None` when the opening does not lead to the root: another opening is awaited.
        decision: Option<Decision>,
    },
}

/// Everything that a verifier's part in a job asks of its node. Acting twice on one is the same as once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Replay these leaves on the own device, draw a salt, seal; answered by `Replayed` or `ReplayFailed`.
    Replay {
        /// The unit.
        unit: UnitIndex,
        /// Who rendered it.
        worker: AccountId,
        /// The leaves.
        leaves: Vec<LeafIndex>,
    },
    /// Send as it is: `Sealed`.
    Send {
        /// To whom.
        to: AccountId,
        /// What.
        message: Message,
    },
    /// Check the opening (`verify::check_opening`) and judge (`verify::judge`); answered by `Judged`.
    Judge {
        /// The unit.
        unit: UnitIndex,
        /// Who rendered it.
        worker: AccountId,
        /// The film's root.
        root: Root,
        /// The leaves.
        leaves: Vec<LeafIndex>,
        /// The worker's leaves with their paths.
        opening: Opening,
        /// The own replayed values.
        values: Vec<Leaf>,
    },
    /// Sign the verdict and send `Message::Revealed`.
    Reveal {
        /// The artist.
        to: AccountId,
        /// The salt of the seal.
        salt: [u8; 16],
        /// The own replayed values.
        values: Vec<Leaf>,
        /// The verdict to sign.
        verdict: Verdict,
    },
    /// Nothing more will happen.
    Finished,
}
