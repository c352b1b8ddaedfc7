//! What log, mark and peers know before a block is signed; backups, copies and twins.

use super::ring::*;
use super::shell::*;
use crate::{CheckedBlock, Effect, Input, Mark, Notice, Record};
use raylance_protocol::block::FinalBlock;
use raylance_protocol::{Digest, Height, Round};

fn is_log(effect: &Effect) -> bool {
    matches!(effect, Effect::Log { .. })
}

/// A shell that made `blocks` blocks.
fn grown(blocks: u64) -> Shell {
    let mut shell = started();
    for _ in 0..blocks {
        shell.send_transfer(1, 5);
        shell.wait(SETTINGS.batch_ms);
    }
    assert_eq!(shell.height(), blocks);
    shell
}

fn behind(tip: u64, signed: u64) -> Notice {
    Notice::BehindOwnSignature { tip: Height(tip), signed: Height(signed) }
}

#[test]
fn a_restart_goes_on_where_it_was() {
    let mut shell = grown(3);
    shell.crash();
    shell.run();
    assert!(shell.engine.makes_blocks() && shell.notices.is_empty());
    shell.send_transfer(1, 5);
    shell.wait(SETTINGS.batch_ms);
    assert_eq!(shell.height(), 4);
    shell.check_honest();
}

#[test]
fn a_block_that_was_logged_is_made_again_and_no_other() {
    for stop in ["log", "mark", "sign", "apply", "publish"] {
        let mut shell = grown(1);
        shell.send_transfer(1, 7);
        shell.now_ms += SETTINGS.batch_ms;
        shell.send_transfer(2, 8);
        shell.run_until(is_log);
        let steps = ["log", "mark", "sign", "apply"].iter().position(|step| *step == stop).map_or(5, |at| at + 1);
        for step in 0..steps {
            let answers = shell.perform(0);
            // The last step is done, and nobody hears of it.
            if step + 1 < steps {
                answers.into_iter().for_each(|answer| shell.input(answer));
            }
        }
        shell.crash();
        // Another transaction would make another block.
        shell.send_transfer(3, 9);
        shell.now_ms += 7;
        shell.wait(SETTINGS.batch_ms);
        let second = &shell.folder.blocks[1];
        assert_eq!(second.txs().len(), 2, "{stop}");
        assert!(shell.folder.log.contains(&Record::Block(second.block().block.clone())), "{stop}");
        assert_eq!((shell.height(), shell.signed.len()), (3, 3), "{stop}");
        shell.check_honest();
    }
}

#[test]
fn a_block_that_was_not_logged_is_forgotten() {
    let mut shell = grown(1);
    shell.send_transfer(1, 7);
    shell.now_ms += SETTINGS.batch_ms;
    shell.send_transfer(2, 8);
    shell.run_until(is_log);
    shell.crash();
    shell.wait(10 * SETTINGS.batch_ms);
    assert_eq!((shell.height(), shell.signed.len()), (1, 1));
}

#[test]
fn a_restored_backup_signs_nothing_until_its_chain_has_passed_what_it_signed() {
    let mut shell = grown(2);
    let backup = shell.folder.clone();
    shell.send_transfer(1, 5);
    shell.wait(SETTINGS.batch_ms);
    shell.send_transfer(1, 5);
    shell.wait(SETTINGS.batch_ms);
    let newest = shell.folder.blocks.clone();

    shell.folder = backup;
    shell.crash();
    shell.wait(100 * BEAT_MS);
    assert_eq!(shell.notices, [behind(2, 4)]);
    shell.send_transfer(2, 9);
    shell.wait(100 * BEAT_MS);
    assert_eq!((shell.height(), shell.engine.makes_blocks()), (2, false));

    // Peers come back and have them.
    shell.peers = Some(newest);
    shell.wait(2 * SETTINGS.peers_ms);
    shell.wait(SETTINGS.batch_ms);
    assert!(shell.engine.makes_blocks());
    assert_eq!(shell.height(), 5);
    shell.check_honest();
}

#[test]
fn where_blocks_are_kept_nowhere_a_state_takes_their_place() {
    let mut shell = grown(4);
    let newest = shell.folder.blocks.clone();
    let then = shell.chain().clone();
    let skip = |shell: &Shell| {
        let (tip, state) = (then.tip().unwrap().clone(), then.state().clone());
        Input::Skipped(Box::new(shell.chain().skip_to(tip, state).unwrap()))
    };
    // Its folder is an old one, and the mark is gone with the machine.
    shell.folder.blocks.truncate(1);
    shell.folder.log.clear();
    shell.mark = None;
    shell.crash();
    shell.run();
    shell.input(Input::Final(newest[3].clone()));
    shell.run();
    assert_eq!(shell.notices, [behind(1, 4)], "its own signature stands under a later block");
    shell.send_transfer(2, 9);
    shell.wait(100 * BEAT_MS);
    assert_eq!((shell.height(), shell.engine.makes_blocks()), (1, false));

    let state = skip(&shell);
    shell.input(state.clone());
    shell.wait(2 * SETTINGS.peers_ms);
    assert_eq!((shell.height(), shell.engine.makes_blocks()), (4, true));
    // It goes on, with what is sent again, and never back.
    shell.folder.blocks = newest;
    shell.send_transfer(2, 9);
    shell.wait(SETTINGS.batch_ms);
    assert_eq!(shell.height(), 5);
    shell.input(state);
    assert_eq!(shell.height(), 5);
    shell.check_honest();
}

#[test]
fn a_state_after_another_block_than_was_signed_halts_the_validator() {
    let mut shell = grown(2);
    let other = elsewhere(&shell, 77);
    let mut fork = shell.chain().clone();
    fork.apply(&other).unwrap();
    shell.send_transfer(1, 5);
    shell.wait(SETTINGS.batch_ms);
    let blocks = shell.folder.blocks.clone();
    shell.folder.blocks.truncate(1);
    shell.crash();
    shell.run();
    let chain = shell.chain().skip_to(fork.tip().unwrap().clone(), fork.state().clone()).unwrap();
    shell.input(Input::Skipped(Box::new(chain)));
    shell.run();
    let forked = Notice::Forked { height: Height(3), ours: blocks[2].hash(), theirs: other.hash() };
    assert_eq!(shell.notices.last(), Some(&forked));
    assert_eq!((shell.height(), shell.engine.makes_blocks()), (1, false));
}

#[test]
fn on_another_machine_the_peers_know_better() {
    let mut shell = grown(4);
    let newest = std::mem::take(&mut shell.folder).blocks;
    shell.folder.blocks.extend_from_slice(&newest[..2]);
    shell.mark = None;
    shell.peers = Some(newest);
    shell.crash();
    shell.send_transfer(2, 9);
    shell.wait(SETTINGS.batch_ms);
    assert_eq!(shell.notices, [Notice::WaitingForPeers { height: Height(4) }]);
    assert_eq!(shell.height(), 5);
    shell.check_honest();
}

#[test]
fn peers_are_waited_for_as_long_as_they_deliver_and_a_liar_not_for_long() {
    let mut shell = grown(3);
    let newest = std::mem::take(&mut shell.folder).blocks;
    shell.mark = None;
    shell.crash();
    let Some(Effect::AskPeers { id }) = shell.queue.pop_front() else { panic!() };
    shell.send_transfer(2, 9);
    shell.input(Input::PeersTip { id, height: Some(Height(1_000_000)) });
    for block in newest {
        shell.wait(SETTINGS.peers_ms - 1);
        shell.input(Input::Final(block));
    }
    shell.wait(SETTINGS.peers_ms - 1);
    assert!(!shell.engine.makes_blocks());
    shell.wait(1);
    shell.wait(SETTINGS.batch_ms);
    assert_eq!(shell.height(), 4);
    let height = Height(1_000_000);
    assert_eq!(shell.notices, [Notice::WaitingForPeers { height }, Notice::PeersSilent { height }]);
    shell.check_honest();
}

#[test]
fn silent_peers_hold_a_validator_up_for_a_bounded_time() {
    let mut shell = sole();
    shell.start();
    shell.queue.retain(|effect| !matches!(effect, Effect::AskPeers { .. }));
    shell.send_transfer(1, 5);
    shell.wait(SETTINGS.peers_ms - 1);
    assert_eq!(shell.height(), 0);
    shell.wait(1);
    assert_eq!((shell.height(), shell.notices.len()), (1, 0));
}

#[test]
fn a_peer_that_is_not_higher_holds_nobody_up() {
    let mut shell = grown(2);
    shell.peers = Some(shell.folder.blocks[..1].to_vec());
    shell.crash();
    shell.run();
    assert!(shell.engine.makes_blocks() && shell.notices.is_empty());
}

/// A block of account 1 that this shell did not make.
fn elsewhere(shell: &Shell, amount: u64) -> CheckedBlock {
    let nonce = shell.chain().state().account(id(1)).nonce;
    final_block(shell.chain(), 10, vec![transfer(shell.chain(), 1, nonce, 9, amount)])
}

#[test]
fn a_block_from_elsewhere_is_followed_and_peers_are_asked_again() {
    let mut shell = grown(1);
    let block = elsewhere(&shell, 77);
    shell.input(Input::Final(block.clone()));
    assert!(!shell.engine.makes_blocks());
    shell.run();
    assert!(shell.engine.makes_blocks());
    assert_eq!((shell.height(), shell.folder.blocks.len(), shell.published.len()), (2, 2, 1));
    // Heard again, or an older one: nothing.
    shell.input(Input::Final(block));
    shell.input(Input::Final(shell.folder.blocks[0].clone()));
    assert!(shell.queue.is_empty());
    shell.send_transfer(1, 5);
    shell.wait(SETTINGS.batch_ms);
    assert_eq!(shell.height(), 3);
}

#[test]
fn what_was_only_logged_gives_way_to_a_block_from_elsewhere() {
    let mut shell = grown(1);
    let block = elsewhere(&shell, 77);
    shell.send_transfer(1, 7);
    shell.now_ms += SETTINGS.batch_ms;
    shell.send_transfer(2, 8);
    shell.run_until(is_log);
    shell.input(Input::Final(block.clone()));
    shell.run();
    shell.wait(SETTINGS.batch_ms);
    assert_eq!(shell.folder.blocks[1], block);
    assert_eq!(shell.height(), 3);
    shell.crash();
    shell.run();
    assert!(shell.engine.makes_blocks());
    shell.check_honest();
}

#[test]
fn its_own_block_from_peers_is_its_own_block() {
    let mut shell = grown(1);
    shell.send_transfer(1, 7);
    shell.wait(SETTINGS.batch_ms);
    let block = shell.folder.blocks.pop().unwrap();
    shell.crash();
    shell.run_until(|effect| matches!(effect, Effect::Sign { .. }));
    shell.input(Input::Final(block));
    assert!(shell.engine.makes_blocks());
    shell.run();
    assert_eq!((shell.height(), shell.folder.blocks.len()), (2, 2));
    assert!(shell.notices.is_empty());
    shell.check_honest();
}

#[test]
fn two_blocks_of_one_height_halt_the_validator() {
    // At the tip.
    let mut shell = grown(1);
    let theirs = elsewhere(&shell, 77);
    shell.send_transfer(1, 5);
    shell.wait(SETTINGS.batch_ms);
    shell.input(Input::Final(theirs.clone()));
    shell.run();
    let forked = |shell: &Shell| Notice::Forked { height: Height(2), ours: shell.mark.unwrap().header, theirs: theirs.hash() };
    assert_eq!(shell.notices, [forked(&shell)]);
    shell.send_transfer(1, 5);
    shell.wait(100 * BEAT_MS);
    assert_eq!((shell.height(), shell.engine.makes_blocks()), (2, false));

    // While it is signed.
    let mut shell = grown(1);
    shell.send_transfer(1, 7);
    shell.now_ms += SETTINGS.batch_ms;
    shell.send_transfer(2, 8);
    shell.run_until(|effect| matches!(effect, Effect::Sign { .. }));
    shell.input(Input::Final(theirs.clone()));
    shell.run();
    assert_eq!(shell.notices, [forked(&shell)]);
    assert_eq!((shell.height(), shell.published.len()), (1, 1));

    // At a start: the mark names another block than the chain holds.
    let mut shell = grown(2);
    shell.mark = Some(Mark { height: Height(2), round: Round(0), header: header_hash(9) });
    shell.crash();
    shell.run();
    let theirs = shell.chain().hash();
    assert_eq!(shell.notices, [Notice::Forked { height: Height(2), ours: header_hash(9), theirs }]);
    assert!(!shell.engine.makes_blocks());
}

#[test]
fn a_twin_that_is_ahead_is_followed() {
    let mut shell = grown(1);
    let mut twin = shell.chain().clone();
    let mut ahead = Vec::new();
    for nonce in 1..4 {
        ahead.push(final_block(&twin, 10, vec![transfer(&twin, 1, nonce, 9, 50)]));
        twin.apply(ahead.last().unwrap()).unwrap();
    }
    shell.send_transfer(2, 7);
    shell.input(Input::Final(ahead[2].clone()));
    shell.run();
    assert_eq!(shell.notices, [behind(1, 4)]);
    for block in &ahead {
        shell.input(Input::Final(block.clone()));
    }
    shell.wait(SETTINGS.batch_ms);
    assert_eq!(shell.height(), 5);
}

#[test]
fn a_certified_block_that_the_rules_refuse_is_told() {
    let mut shell = grown(1);
    let mut block = elsewhere(&shell, 77).block().block.clone();
    block.header.state_root = Digest([1; 32]);
    let wrong: FinalBlock = certified(block, &[1]);
    let checked = CheckedBlock::check(shell.chain().id(), shell.chain().validators(), wrong).unwrap();
    shell.input(Input::Final(checked));
    shell.run();
    assert!(matches!(&shell.notices[..], [Notice::BadBlock { height: Height(2), .. }]));
    assert_eq!(shell.height(), 1);
    // A block of another ring is nobody's.
    let other = super::ring::chain(4);
    let foreign = certified(block_after(&other, 10, Vec::new()), &[1, 2, 3]);
    shell.input(Input::Final(CheckedBlock::check(other.id(), other.validators(), foreign).unwrap()));
    assert!(shell.queue.is_empty());
}

#[test]
fn a_log_of_heights_that_the_chain_lacks_means_that_they_were_signed() {
    let mut shell = grown(3);
    shell.folder.blocks.truncate(1);
    shell.mark = None;
    shell.crash();
    shell.run();
    assert_eq!(shell.notices, [behind(1, 3)]);
    assert!(!shell.engine.makes_blocks());
}

#[test]
fn a_logged_block_that_is_not_valid_any_more_is_given_up_unless_it_may_be_signed() {
    for marked in [false, true] {
        let mut shell = grown(1);
        let mut block = elsewhere(&shell, 77).block().block.clone();
        block.header.state_root = Digest([1; 32]);
        let mark = Mark { height: Height(2), round: Round(0), header: block.header.hash() };
        shell.folder.log.push(Record::Block(block));
        shell.mark = if marked { Some(mark) } else { shell.mark };
        shell.crash();
        shell.send_transfer(1, 5);
        shell.wait(SETTINGS.batch_ms);
        assert!(matches!(&shell.notices[0], Notice::BadBlock { height: Height(2), .. }));
        assert_eq!((shell.height(), shell.engine.makes_blocks()), if marked { (1, false) } else { (2, true) });
        shell.check_honest();
    }
}
