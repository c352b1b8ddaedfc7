//! What a node has to tell, in words.

use raylance_control::notices::{Level, NoticeCode, NoticeView};

/// How much it matters, in a word.
pub fn level(level: Level) -> &'static str {
    match level {
        Level::Info => "info",
        Level::Warning => "warning",
        Level::Error => "error",
    }
}

/// One sentence, and what to do where something can be done.
pub fn words(notice: &NoticeView) -> String {
    use NoticeCode as Code;
    let about = notice.about.as_deref().unwrap_or("?");
    let why = notice.why.as_deref().map_or_else(String::new, |why| format!(": {why}"));
    match notice.code {
        Code::WaitingForPeers => {
            format!("other peers have the ring's blocks up to {about}; this one waits for them before it makes its own")
        }
        Code::PeersSilent => format!("no peer delivered the blocks up to {about}; this one goes on without them"),
        Code::BehindOwnSignature => format!(
            "block {about} was signed with this key, and it is not in this folder: the folder is older than that, or the same key is at work elsewhere; no blocks are made until it is here"
        ),
        Code::Forked => {
            format!("two different blocks {about} are signed with this key: it is at work on two machines; this one makes no more blocks")
        }
        Code::BlockRefused => format!("block {about} of this ring is refused here{why}; others run another version of the rules"),
        Code::TransactionDropped => format!("transaction {about} was dropped{why}"),
        Code::BadSignature => format!("the signature under block {about} is not this account's"),
        Code::RulesFault => format!("the ledger refuses what it has just computed{why}; please report this"),
        Code::BadBlock => format!("peer {about} sent a block that is not good{why}"),
        Code::BlocksSkipped => {
            format!("nobody has the ring's blocks up to {about} any more; the balances after it were taken instead, signed by the ring")
        }
        Code::TransferRefused => format!("the transfer to {about} was refused{}", if why.is_empty() { ": its time ran out" } else { &why }),
        Code::JobUnreadable => format!("job {about} can't be read back; it is set aside, and everything else runs"),
        Code::JobOfOtherRenderer => {
            format!("job {about} was begun by another version of this program and is ended: what is there is paid and written")
        }
        Code::RendererNotListed => "update needed: this ring does not list the renderer of this version".to_owned(),
        Code::UpdateNeededHere => format!("update needed here: {about} has a newer renderer"),
        Code::UpdateNeededThere => format!("{about} has another renderer and needs an update"),
        Code::WrongFilm => format!("{about} gave another film than it signed for"),
        Code::DatabaseGone => {
            "the database of this folder is gone: what it knew of jobs is lost; money stands on the ledger and comes back from peers"
                .to_owned()
        }
        Code::DiskWaits => format!("everything waits for the disk{why}"),
        Code::DiskAgain => "the disk takes data again; everything goes on".to_owned(),
        Code::Panicked => format!("a part of this program failed and is tried again{why}"),
        Code::FilmNotStored => format!("a film can't be stored{why}"),
        Code::SceneTooMuch => {
            format!(
                "a stranger's scene was too much for this machine{why}; it is not tried again unless `raylance storage --free condemned` says so: {about}"
            )
        }
        Code::SceneNotMarked => format!("that a scene is not to be tried again can't be recorded{why}"),
        Code::DeviceFails => format!("this device can't render{why}"),
        Code::PictureNotWritten => format!("the picture of {about} can't be written{why}; `raylance job folder` chooses another folder"),
    }
}
