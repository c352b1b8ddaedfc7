//! The engine that orders blocks: a pure machine, input → effects.
//!
//! ```text
//! Tx ─► pool ─► Log ─► Mark ─► Sign ─► Apply ─► Publish        one block at a time; each effect waits for the answer to the one before
//!                │       │       │        │
//!             Logged  Marked  Signed   Applied                 a restart in between makes the same block again, or none
//! ```
//!
//! Every effect with an id is answered: by what it asks for, or by [`Input::Dropped`] when there was no room for it; then it comes again. The shell
//! owns clocks, keys, files and sockets; nothing here blocks or waits.
//!
//! Two records keep a validator from signing two blocks of one height. The *log* lies beside the chain, in the same folder, and holds the
//! block that is being made. The *mark* lies outside that folder, and holds what was last signed: should the folder be restored from a
//! backup, or the machine be another one, the mark or the peers know better, and the validator follows until its chain has passed it.
//!
//! Only rings with one validator are served so far. Votes, rounds and records are those of several.

mod machine;
mod start;

use crate::block::{BlockError, CheckedBlock};
use crate::chain::{Applied, Chain};
use crate::pool::{Dropped, Place, PoolError, PoolLimits};
use borsh::{BorshDeserialize, BorshSerialize};
use raylance_protocol::block::{Block, Vote};
use raylance_protocol::{AccountId, BlockHash, CheckedTx, Height, Round, Signature, TxId};

pub use machine::Engine;

/// The numbers that are the shell's to choose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// How long the first waiting transaction waits for company.
    pub batch_ms: u64,
    /// How long peers that know a higher chain may be silent before the validator goes on without them. They can't draw it out: each block
    /// that counts bears its own signature.
    pub peers_ms: u64,
    /// When something that was dropped is tried again.
    pub retry_ms: u64,
    /// How much may wait for a block.
    pub pool: PoolLimits,
}

impl Settings {
    /// For a desktop.
    pub const USUAL: Self = Self { batch_ms: 50, peers_ms: 5_000, retry_ms: 1_000, pool: PoolLimits::USUAL };
}

/// Names an effect, so that its answer finds it. Never used twice by one engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EffectId(pub u64);

/// What happens to the engine.
#[derive(Clone, Debug)]
pub enum Input {
    /// Once, before everything else.
    Start {
        /// What [`Effect::Log`] wrote, in order. Records of blocks that the chain holds may be missing.
        log: Vec<Record>,
        /// What [`Effect::Mark`] wrote last.
        mark: Option<Mark>,
    },
    /// Someone wants a transaction in a block. It passed [`Engine::precheck`]. A restart forgets it, unless it is sent again.
    Tx(Box<CheckedTx>),
    /// Peers have a final block.
    Final(CheckedBlock),
    /// Peers have no block after the tip any more, and gave the state after a later one instead; it is kept in the store. See
    /// [`Chain::skip_to`].
    Skipped(Box<Chain>),
    /// The answer to [`Effect::SetTimer`], once its time has come.
    Timer(EffectId),
    /// The records lie safely on the disk.
    Logged(EffectId),
    /// The mark lies safely outside the folder.
    Marked(EffectId),
    /// The validator's signature under the vote.
    Signed(EffectId, Signature),
    /// The block lies safely in the store.
    Applied(EffectId),
    /// The answer to [`Effect::AskPeers`].
    PeersTip {
        /// The question.
        id: EffectId,
        /// The highest chain that a peer says it has; `None` when no peer can be reached.
        height: Option<Height>,
    },
    /// There was no room for the effect, or it failed.
    Dropped(EffectId),
}

/// What the engine wants done.
#[derive(Clone, Debug)]
pub enum Effect {
    /// Append to the log and flush it. Records of a height may go in the commit that stores its block.
    Log {
        /// Answered by [`Input::Logged`].
        id: EffectId,
        /// Together or not at all.
        records: Vec<Record>,
    },
    /// Replace the mark, outside the folder of the chain, and flush it.
    Mark {
        /// Answered by [`Input::Marked`].
        id: EffectId,
        /// The new one.
        mark: Mark,
    },
    /// Sign for this ring as the validator.
    Sign {
        /// Answered by [`Input::Signed`].
        id: EffectId,
        /// What is signed.
        vote: Vote,
    },
    /// A block is the chain's new tip: store it, and everything that follows from its events, in one commit. Blocks are stored in order: one
    /// whose parent was dropped is dropped too.
    Apply {
        /// Answered by [`Input::Applied`].
        id: EffectId,
        /// The block and what it did.
        applied: Applied,
    },
    /// Tell peers; they fetch it if this gets lost.
    Publish(CheckedBlock),
    /// Wake the engine up. By a clock that nobody can set: after a suspension it may come late.
    SetTimer {
        /// Answered by [`Input::Timer`].
        id: EffectId,
        /// In so many milliseconds.
        after_ms: u64,
    },
    /// Ask all peers that can be reached for their height, and fetch what they have more.
    AskPeers {
        /// Answered by [`Input::PeersTip`] with the highest.
        id: EffectId,
    },
    /// What became of [`Input::Tx`].
    Heard {
        /// Its id.
        tx: TxId,
        /// Does it wait for a block now?
        outcome: Result<Place, PoolError>,
    },
    /// For the owner's eyes and the log file.
    Notice(Notice),
}

/// Something that the owner should know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// Peers know a higher chain; no block is made until it is here, or they are silent for too long.
    WaitingForPeers {
        /// Their height.
        height: Height,
    },
    /// They did not deliver; blocks are made without them.
    PeersSilent {
        /// What they said.
        height: Height,
    },
    /// This validator has signed a block that its chain does not hold: the folder was restored from a backup, or the same key is at work
    /// elsewhere. It follows, and signs nothing, until its chain has passed that height. If the block is lost everywhere, only its owner can
    /// decide to remove the mark.
    BehindOwnSignature {
        /// The chain's height.
        tip: Height,
        /// What was signed.
        signed: Height,
    },
    /// Two blocks of one height bear this validator's signature. It signs nothing more.
    Forked {
        /// Their height.
        height: Height,
        /// The one on this chain, or signed here.
        ours: BlockHash,
        /// The other one.
        theirs: BlockHash,
    },
    /// A certified block that this peer's rules refuse: other peers run other rules.
    BadBlock {
        /// Its height.
        height: Height,
        /// What is wrong.
        error: BlockError,
    },
    /// A transaction left the pool without a block.
    TxDropped(Dropped),
    /// What came back was not the validator's signature under the vote.
    BadSignature {
        /// The block's height.
        height: Height,
    },
    /// No block can be made of what the rules or the store came to. The transactions that showed a fault of the rules were dropped; where
    /// there were none, or the store is broken, this validator signs nothing more.
    Fault(BlockError),
}

/// What a validator writes down before it votes. Part of the log's format.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Record {
    /// A block that a vote may name.
    Block(Block),
    /// A vote that may have been signed.
    Vote(Vote),
}

/// What a validator may have signed last. Lies outside the folder of the chain, so that it does not get older with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Mark {
    /// The block's height.
    pub height: Height,
    /// The vote's round.
    pub round: Round,
    /// The block.
    pub header: BlockHash,
}

/// Why there is no engine for this account in this ring.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EngineError {
    /// The account has no vote.
    #[error("{0} is no validator of this ring")]
    NotValidator(AccountId),
    /// Blocks need other validators' votes.
    #[error("the ring has {0} validators; an engine for several is not built yet")]
    SeveralValidators(usize),
}
