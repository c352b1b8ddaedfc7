//! What happens to a peer.

use crate::effect::EffectId;
use raylance_consensus::{CheckedBlock, Tip};
use raylance_ledger::State;
use raylance_market::artist::{LeafRef, Plan};
use raylance_protocol::message::ReturnReason;
use raylance_protocol::{
    AccountId, Address, Bid, CheckedTx, Delivery, Digest, Done, FilmKey, Height, JobId, JobSpec, Leaf, LeafIndex, Lease, Microlux, Offer,
    Rate, Receipt, Reply, Root, Signature, SpecHash, Task,
};

/// The time, as the shell reads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Now {
    /// Milliseconds of a clock that nobody can set and that never goes back while the process lives. All deadlines count by it.
    pub steady_ms: u64,
    /// Milliseconds since 1970, whatever the system clock says: for the headers of blocks, and for people.
    pub unix_ms: u64,
}

/// Names a command, so that its result finds whoever gave it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CommandId(pub u64);

/// Names a message from a peer, so that the reply finds its stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MessageId(pub u64);

/// Everything that can happen.
#[derive(Clone, Debug)]
pub enum Event {
    /// A person wants something.
    Command {
        /// The result names it.
        id: CommandId,
        /// What is wanted.
        command: Command,
    },
    /// A peer says something; it has passed [`crate::hear`].
    Message {
        /// The reply names it.
        id: MessageId,
        /// Whom the connection proved.
        from: AccountId,
        /// What.
        heard: Box<Heard>,
    },
    /// An offer was published, and its signature is good.
    Offer {
        /// Who signed it.
        from: AccountId,
        /// What is offered.
        offer: Offer,
    },
    /// A peer says that it has a block of this height.
    Announced {
        /// Who.
        from: AccountId,
        /// The height.
        height: Height,
    },
    /// A peer can be reached.
    Connected(AccountId),
    /// A peer can't be reached any more.
    Disconnected(AccountId),
    /// What became of an effect.
    Answer {
        /// Which.
        id: EffectId,
        /// What became of it.
        answer: Answer,
    },
    /// What [`crate::Effect::Alarm`] asked for.
    Alarm,
}

/// What a person wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Render this. The specification's salt is the request's own name: the same plan twice is one job.
    Submit(Box<Plan>),
    /// Enough: what is there is paid and shown.
    Stop(SpecHash),
    /// Send money.
    Transfer {
        /// To whom.
        to: AccountId,
        /// How much.
        amount: Microlux,
    },
    /// Forget own jobs that have ended. A request under an old one's name is a new job then.
    ForgetEnded,
    /// Take work on these terms, or none.
    Earn(Option<Earning>),
}

/// On what terms the owner's device works for others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, borsh::BorshSerialize, borsh::BorshDeserialize)]
pub struct Earning {
    /// Asked for a million camera samples.
    pub rate: Rate,
    /// Measured speed, camera samples per second.
    pub samples_per_s: u64,
    /// Replays lists too.
    pub checks: bool,
    /// Takes work that is given away.
    pub free: bool,
    /// The most that one artist may owe.
    pub unpaid_max: Microlux,
    /// Device memory that a scene may take, bytes.
    pub device_bytes: u64,
}

/// A message from a peer whose signatures are good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// A worker wants to earn.
    Bid(Bid),
    /// This peer has a row in a job.
    Hired {
        /// The job.
        job: JobId,
        /// What is computed.
        spec: JobSpec,
    },
    /// A task for this peer.
    Lease(Lease),
    /// A worker gives a task back.
    Return {
        /// The job.
        job: JobId,
        /// The task.
        task: Task,
        /// Why.
        reason: ReturnReason,
    },
    /// A worker binds itself to a film.
    Delivery(Delivery, Signature),
    /// The artist signs for a film.
    Receipt(Receipt, Signature),
    /// A worker opens a film.
    Key {
        /// The job.
        job: JobId,
        /// The task.
        task: Task,
        /// Opens it.
        key: FilmKey,
    },
    /// A worker shows what this peer signed.
    Standing(Receipt),
    /// A worker agrees to a total.
    Done(Done, Signature),
    /// Someone wants a transaction in a block.
    Submit(CheckedTx),
    /// A peer lacks a part of the chain.
    Get(Wanted),
}

/// What a peer lacks of the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Blocks.
    Blocks {
        /// The first.
        from: Height,
        /// At most so many.
        blocks_max: u16,
    },
    /// The block after which a state is kept.
    State,
    /// Nodes of that state's tree.
    Nodes(Vec<Digest>),
}

/// What became of an effect.
#[derive(Clone, Debug)]
pub enum Answer {
    /// There was no room for it, or it failed: nothing of it happened.
    Failed,
    /// Done, and there is nothing to say about it.
    Done,
    /// The peer's reply to a message.
    Replied(Reply),
    /// A signature.
    Signed(Signature),
    /// The signed transaction.
    TxSigned(Box<CheckedTx>),
    /// Blocks in order, each checked but for its place. The first may be a later one than was asked for: those before it are kept no more.
    Blocks(Vec<CheckedBlock>),
    /// A state with the block that it is the state after. Root and certificate are still to be checked.
    State(Box<(Tip, State)>),
    /// The highest chain among the peers that answered.
    Tip(Option<Height>),
    /// The sealed film is on disk.
    Rendered {
        /// Its root.
        root: Root,
        /// Opens it.
        key: FilmKey,
    },
    /// There is no film.
    NotRendered(ReturnReason),
    /// These leaves differ from the replayed ones.
    Differ(Vec<LeafRef>),
    /// At these places of a list the two films differ.
    DifferAt(Vec<LeafIndex>),
    /// A film is here; this is its root over the task's addresses.
    Fetched(Root),
    /// A case's leaf, as it should be; `None` where it has no value.
    Judged(Option<Leaf>),
    /// One leaf of a film with its path.
    Evidence(Box<Evidence>),
}

/// One leaf of a sealed film, for the court.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// Leaves of the film.
    pub leaf_count: u32,
    /// What the leaf sums.
    pub address: Address,
    /// As it was delivered.
    pub sealed_leaf: [u8; raylance_protocol::job::LEAF_BYTES],
    /// Sibling hashes up to the root.
    pub path: Vec<raylance_protocol::Digest>,
}
