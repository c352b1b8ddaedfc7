//! What a person should know, as codes and values. The command line and the page have the words.

use raylance_agent::{ChainNotice, DropReason, Notice};
use raylance_node::Node;
use raylance_node::notices::Matter;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// One line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct NoticeView {
    /// Milliseconds since 1970; the last time, where it was told more than once in a row.
    #[ts(type = "number")]
    pub at_unix_ms: u64,
    /// How much it matters.
    pub level: Level,
    /// What happened.
    pub code: NoticeCode,
    /// Whom or what it is about: see [`NoticeCode`].
    pub about: Option<String>,
    /// Why, in the system's, a library's or the ledger's words.
    pub why: Option<String>,
    /// How often in a row.
    pub times: u32,
}

/// How much a line matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Good to know.
    Info,
    /// Something is not as it should be, and mends itself or harms nothing.
    Warning,
    /// A person has to do something.
    Error,
}

/// What a line says. Accounts, jobs, scenes and transactions are given in hexadecimal, heights in decimal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum NoticeCode {
    /// Peers have blocks up to a height; none is made until they are here.
    WaitingForPeers,
    /// They did not deliver them; blocks are made without.
    PeersSilent,
    /// This validator has signed a height that its chain does not have: it follows until it has.
    BehindOwnSignature,
    /// Two blocks of a height bear this validator's signature: it signs no more.
    Forked,
    /// A certified block of a height is refused here: others run other rules.
    BlockRefused,
    /// A transaction left the queue without a block.
    TransactionDropped,
    /// A signature under a height was not this validator's.
    BadSignature,
    /// The ledger's rules contradict themselves; blocks are made without what showed it, or not at all.
    RulesFault,
    /// A peer sent a block, or a state, that is not good.
    BadBlock,
    /// Blocks up to a height are kept nowhere any more; the state after it was taken instead.
    BlocksSkipped,
    /// A transfer to an account was refused, or its time ran out.
    TransferRefused,
    /// A job's rows can't be read; they are set aside.
    JobUnreadable,
    /// An own job was begun by another version and is ended.
    JobOfOtherRenderer,
    /// The ring does not list this version's renderer.
    RendererNotListed,
    /// A peer has a renderer that the ring lists, and this program another one.
    UpdateNeededHere,
    /// A peer has a renderer that the ring does not list.
    UpdateNeededThere,
    /// A worker gave another film than it signed for.
    WrongFilm,
    /// The folder's database is new, and its key is not.
    DatabaseGone,
    /// The disk takes nothing, and everything waits for it.
    DiskWaits,
    /// It does again.
    DiskAgain,
    /// A part of the program failed and is tried again.
    Panicked,
    /// A film can't be stored.
    FilmNotStored,
    /// A stranger's scene ended the render process.
    SceneTooMuch,
    /// That it is not to be tried again can't be written down.
    SceneNotMarked,
    /// The device can't render an own job.
    DeviceFails,
    /// The picture of a name can't be written.
    PictureNotWritten,
}

/// The lines, oldest first.
pub fn notices(node: &Node) -> Vec<NoticeView> {
    let view = |line: raylance_node::notices::NoticeLine| {
        let (level, code, about, why) = said(line.matter);
        NoticeView { at_unix_ms: line.at_unix_ms, level, code, about, why, times: line.times }
    };
    node.notices().lines().into_iter().map(view).collect()
}

type Said = (Level, NoticeCode, Option<String>, Option<String>);

fn said(matter: Matter) -> Said {
    use Level::{Error, Info, Warning};
    use NoticeCode as Code;
    match matter {
        Matter::Agent(notice) => agents(notice),
        Matter::DatabaseGone => (Error, Code::DatabaseGone, None, None),
        Matter::DiskWaits(why) => (Error, Code::DiskWaits, None, Some(why)),
        Matter::DiskAgain => (Info, Code::DiskAgain, None, None),
        Matter::Panicked(why) => (Error, Code::Panicked, None, Some(why)),
        Matter::FilmNotStored(why) => (Error, Code::FilmNotStored, None, Some(why)),
        Matter::SceneTooMuch(scene, why) => (Warning, Code::SceneTooMuch, Some(scene.to_string()), Some(why.to_string())),
        Matter::SceneNotMarked(why) => (Error, Code::SceneNotMarked, None, Some(why)),
        Matter::DeviceFails(why) => (Error, Code::DeviceFails, None, Some(why)),
        Matter::PictureNotWritten(name, why) => (Error, Code::PictureNotWritten, Some(name), Some(why)),
    }
}

fn chains(notice: ChainNotice) -> Said {
    use Level::{Error, Info, Warning};
    use NoticeCode as Code;
    match notice {
        ChainNotice::WaitingForPeers { height } => (Info, Code::WaitingForPeers, Some(height.0.to_string()), None),
        ChainNotice::PeersSilent { height } => (Warning, Code::PeersSilent, Some(height.0.to_string()), None),
        ChainNotice::BehindOwnSignature { signed, .. } => (Error, Code::BehindOwnSignature, Some(signed.0.to_string()), None),
        ChainNotice::Forked { height, .. } => (Error, Code::Forked, Some(height.0.to_string()), None),
        ChainNotice::BadBlock { height, error } => (Error, Code::BlockRefused, Some(height.0.to_string()), Some(error.to_string())),
        ChainNotice::TxDropped(dropped) => {
            let why = match dropped.reason {
                DropReason::Refused(refusal) => Some(refusal.to_string()),
                DropReason::Follows(_) | DropReason::Late | DropReason::Superseded(_) | DropReason::Fault => None,
            };
            (Info, Code::TransactionDropped, Some(dropped.tx.to_string()), why)
        }
        ChainNotice::BadSignature { height } => (Error, Code::BadSignature, Some(height.0.to_string()), None),
        ChainNotice::Fault(error) => (Error, Code::RulesFault, None, Some(error.to_string())),
    }
}

fn agents(notice: Notice) -> Said {
    use Level::{Error, Info, Warning};
    use NoticeCode as Code;
    match notice {
        Notice::Chain(notice) => chains(notice),
        Notice::BadBlock { peer, error } => (Warning, Code::BadBlock, Some(peer.to_string()), Some(error.to_string())),
        Notice::BadState { peer, error } => (Warning, Code::BadBlock, Some(peer.to_string()), Some(error.to_string())),
        Notice::BlocksSkipped(height) => (Info, Code::BlocksSkipped, Some(height.0.to_string()), None),
        Notice::TransferRefused { to, why } => (Error, Code::TransferRefused, Some(to.to_string()), why.map(|why| why.to_string())),
        Notice::Unreadable { job, .. } => (Error, Code::JobUnreadable, Some(job.to_string()), None),
        Notice::JobOfOtherRenderer(spec) => (Warning, Code::JobOfOtherRenderer, Some(spec.to_string()), None),
        Notice::RendererNotListed => (Warning, Code::RendererNotListed, None, None),
        Notice::OtherRenderer { peer, theirs_listed: true } => (Warning, Code::UpdateNeededHere, Some(peer.to_string()), None),
        Notice::OtherRenderer { peer, theirs_listed: false } => (Info, Code::UpdateNeededThere, Some(peer.to_string()), None),
        Notice::WrongRoot { worker, .. } => (Warning, Code::WrongFilm, Some(worker.to_string()), None),
    }
}
