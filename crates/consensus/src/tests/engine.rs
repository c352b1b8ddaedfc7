//! How the engine makes blocks.

use super::ring::*;
use super::shell::*;
use crate::{Chain, DropReason, Effect, Engine, EngineError, Input, Mark, Notice, Record};
use raylance_protocol::block::{Vote, VoteKind};
use raylance_protocol::{Height, RingTime, Round, Signature, decode, encode};

fn is_log(effect: &Effect) -> bool {
    matches!(effect, Effect::Log { .. })
}

fn is_sign(effect: &Effect) -> bool {
    matches!(effect, Effect::Sign { .. })
}

fn is_apply(effect: &Effect) -> bool {
    matches!(effect, Effect::Apply { .. })
}

#[test]
fn only_a_sole_validator_has_an_engine() {
    let engine = |validators, account| Engine::new(chain(validators), account, SETTINGS).map(drop);
    assert_eq!(engine(1, id(1)), Ok(()));
    assert_eq!(engine(1, id(2)), Err(EngineError::NotValidator(id(2))));
    assert_eq!(engine(4, id(2)), Err(EngineError::SeveralValidators(4)));
    assert_eq!(engine(4, id(5)), Err(EngineError::NotValidator(id(5))));
}

#[test]
fn nothing_happens_before_the_start() {
    let mut shell = sole();
    shell.send_transfer(1, 5);
    shell.input(Input::Final(final_block(&chain(1), 10, Vec::new())));
    assert!(shell.queue.is_empty() && shell.height() == 0);
    assert!(!shell.engine.makes_blocks());
    shell.start();
    shell.run();
    assert!(shell.engine.makes_blocks());
}

#[test]
fn there_is_no_block_without_transactions_and_deadlines() {
    let mut shell = started();
    shell.wait(100 * BEAT_MS);
    assert_eq!((shell.height(), shell.timers.len()), (0, 0));
    shell.send_transfer(1, 5);
    shell.wait(100 * BEAT_MS);
    assert_eq!((shell.height(), shell.timers.len()), (1, 0));
    assert_eq!(shell.published.len(), 1);
}

#[test]
fn transactions_wait_for_company_as_long_as_the_first_one_may() {
    let mut shell = started();
    shell.wait(BEAT_MS);
    shell.send_transfer(1, 5);
    shell.wait(SETTINGS.batch_ms - 1);
    shell.send_transfer(2, 5);
    shell.send_transfer(2, 6);
    assert_eq!(shell.height(), 0);
    shell.wait(1);
    assert_eq!((shell.height(), shell.published[0].txs().len()), (1, 3));
    assert_eq!(shell.published[0].header().time_ms, shell.now_ms);
    assert_eq!(shell.heard, [true, true, true]);
}

#[test]
fn each_step_waits_for_the_answer_to_the_one_before() {
    let mut shell = started();
    shell.send_transfer(1, 5);
    shell.wait(SETTINGS.batch_ms - 1);
    shell.wait(0);
    let timer = shell.timers.pop_first().unwrap().1;
    shell.now_ms += 1;
    shell.input(Input::Timer(timer));
    let mut kinds = Vec::new();
    while let Some(effect) = shell.queue.front().cloned() {
        kinds.push(match &effect {
            Effect::Log { records, .. } => {
                assert!(matches!(&records[..], [Record::Block(block), Record::Vote(vote)] if vote.header == Some(block.header.hash())));
                "log"
            }
            Effect::Mark { .. } => "mark",
            Effect::Sign { .. } => "sign",
            Effect::Apply { .. } => "apply",
            Effect::Publish(_) => "publish",
            _ => "other",
        });
        assert_eq!(shell.queue.len(), 1, "{effect:?}");
        for answer in shell.perform(0) {
            shell.input(answer);
        }
    }
    assert_eq!(kinds, ["log", "mark", "sign", "apply", "publish"]);
}

#[test]
fn a_block_waits_until_the_one_before_is_stored() {
    let mut shell = started();
    shell.send_transfer(1, 5);
    shell.wait(SETTINGS.batch_ms - 1);
    let timer = shell.timers.pop_first().unwrap().1;
    shell.now_ms += 1;
    shell.input(Input::Timer(timer));
    shell.run_until(is_apply);
    shell.send_transfer(1, 6);
    shell.now_ms += 10 * SETTINGS.batch_ms;
    shell.send_transfer(1, 7);
    assert!(!shell.queue.iter().any(is_log));
    // Then it is made at once: its transactions have waited long enough.
    shell.run();
    assert_eq!((shell.height(), shell.published.len()), (2, 2));
    assert_eq!(shell.published[1].txs().len(), 2);
}

#[test]
fn a_whole_block_of_transactions_is_not_kept_waiting() {
    let mut shell = sole();
    shell.settings.batch_ms = u64::MAX;
    shell.settings.pool.account_bytes = usize::MAX;
    shell.settings.pool.account_txs = usize::MAX;
    shell.crash();
    shell.run();
    let one = transfer(shell.chain(), 1, 0, 9, 5).encoded_len();
    let whole = raylance_protocol::limits::BLOCK_TXS_BYTES_MAX.div_ceil(one);
    for at in 0..whole {
        assert!(!shell.queue.iter().any(is_log), "after {at} of {whole}");
        shell.send_transfer(1, 5);
    }
    assert!(shell.queue.iter().any(is_log));
}

#[test]
fn while_a_deadline_is_pending_there_is_a_block_in_every_beat() {
    let mut shell = started();
    let job = open_job(shell.chain(), 2, 0, 3, 5_000);
    shell.send(job);
    shell.wait(SETTINGS.batch_ms);
    assert_eq!(shell.height(), 1);
    for beats in 1..20 {
        shell.wait(BEAT_MS);
        assert_eq!(shell.height(), 1 + beats);
    }
    // Ring time is as old as the ring.
    let clock = shell.chain().state().clock();
    assert_eq!(clock.ring_time, RingTime(SETTINGS.batch_ms + 19 * BEAT_MS));
    // The job ends by itself: then there is silence.
    shell.wait(1_000_000 + 100_000);
    assert_eq!(shell.chain().state().next_due(), None);
    let height = shell.height();
    shell.wait(100 * BEAT_MS);
    assert_eq!(shell.height(), height);
}

#[test]
fn a_transaction_is_answered_and_told_when_it_is_dropped() {
    let mut shell = started();
    let ahead = transfer(shell.chain(), 1, 1, 2, 5);
    assert!(shell.engine.precheck(&ahead).is_err());
    shell.send(ahead);
    shell.send_transfer(1, FUNDS * 2);
    shell.wait(SETTINGS.batch_ms);
    assert_eq!(shell.heard, [false, true]);
    assert!(matches!(&shell.notices[..], [Notice::TxDropped(dropped)] if matches!(dropped.reason, DropReason::Refused(_))));
    assert_eq!((shell.height(), shell.engine.pool().len()), (0, 0));
}

#[test]
fn what_is_dropped_is_tried_again() {
    let mut shell = started();
    let mut tries = 0;
    shell.send_transfer(1, 5);
    for _ in 0..40 {
        // Every effect fails the first time.
        while let Some(effect) = shell.queue.front().cloned() {
            let id = match effect {
                Effect::Log { id, .. } | Effect::Mark { id, .. } | Effect::Sign { id, .. } | Effect::Apply { id, .. } => Some(id),
                Effect::SetTimer { .. } | Effect::Publish(_) | Effect::AskPeers { .. } | Effect::Heard { .. } | Effect::Notice(_) => None,
            };
            tries += usize::from(id.is_some());
            match id.filter(|_| tries % 2 == 1) {
                Some(id) => {
                    shell.queue.pop_front();
                    shell.input(Input::Dropped(id));
                }
                None => shell.perform(0).into_iter().for_each(|answer| shell.input(answer)),
            }
        }
        if let Some((at_ms, id)) = shell.timers.pop_first() {
            shell.now_ms += at_ms.saturating_sub(shell.uptime_ms);
            shell.uptime_ms = shell.uptime_ms.max(at_ms);
            shell.input(Input::Timer(id));
        }
    }
    assert_eq!((shell.height(), tries, shell.published.len()), (1, 8, 1));
    shell.check_honest();
}

#[test]
fn a_timer_that_was_dropped_is_set_again() {
    let mut shell = started();
    shell.send_transfer(1, 5);
    let timer = shell.queue.iter().find_map(|effect| match effect {
        Effect::SetTimer { id, .. } => Some(*id),
        _ => None,
    });
    shell.queue.clear();
    shell.input(Input::Dropped(timer.unwrap()));
    assert!(matches!(shell.queue.front(), Some(Effect::SetTimer { after_ms, .. }) if *after_ms == SETTINGS.batch_ms));
}

#[test]
fn a_signature_that_is_not_the_validators_is_asked_for_again() {
    let mut shell = started();
    shell.send_transfer(1, 5);
    shell.now_ms += SETTINGS.batch_ms;
    shell.send_transfer(1, 6);
    shell.run_until(is_sign);
    let Some(Effect::Sign { id, .. }) = shell.queue.pop_front() else { panic!() };
    shell.input(Input::Signed(id, Signature([7; 64])));
    shell.input(Input::Signed(id, Signature([8; 64])));
    shell.wait(SETTINGS.retry_ms);
    assert_eq!(shell.notices, [Notice::BadSignature { height: Height(1) }]);
    assert_eq!(shell.height(), 1);
}

#[test]
fn answers_to_nothing_change_nothing() {
    let mut shell = started();
    let none = crate::EffectId(999);
    shell.send_transfer(1, 5);
    shell.now_ms += SETTINGS.batch_ms;
    shell.send_transfer(1, 6);
    shell.run_until(is_log);
    let inputs = [
        Input::Timer(none),
        Input::Logged(none),
        Input::Marked(none),
        Input::Signed(none, Signature([0; 64])),
        Input::Applied(none),
        Input::PeersTip { id: none, height: Some(Height(9)) },
        Input::Dropped(none),
        Input::Start { log: Vec::new(), mark: None },
    ];
    let Some(Effect::Log { id, .. }) = shell.queue.front().cloned() else { panic!() };
    // An answer of another kind is none.
    for input in inputs.into_iter().chain([Input::Marked(id), Input::Applied(id), Input::Signed(id, Signature([0; 64]))]) {
        let before = shell.queue.len();
        shell.input(input);
        assert_eq!(shell.queue.len(), before);
    }
    shell.run();
    assert_eq!((shell.height(), shell.folder.blocks.len()), (1, 1));
    let replayed = shell.folder.blocks.iter().fold(Chain::new(shell.genesis.clone()).unwrap(), |mut chain, block| {
        chain.apply(block).unwrap();
        chain
    });
    assert_eq!(heights(&replayed), heights(shell.chain()));
}

/// A later version must read what this one wrote before a crash.
#[test]
fn log_and_mark_have_these_bytes() {
    let hex = |bytes: Vec<u8>| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let ones = "01".repeat(32);
    let mark = Mark { height: Height(2), round: Round(3), header: header_hash(1) };
    assert_eq!(hex(encode(&mark)), format!("020000000000000003000000{ones}"));
    let vote = Vote { kind: VoteKind::Precommit, height: Height(2), round: Round(3), header: Some(header_hash(1)) };
    assert_eq!(hex(encode(&Record::Vote(vote))), format!("0101020000000000000003000000{}{ones}", "01"));
    let block = block(&chain(1), vec![transfer(&chain(1), 1, 0, 2, 5)]);
    assert_eq!(encode(&Record::Block(block.clone())), [vec![0], encode(&block)].concat());
    assert_eq!(decode(&encode(&Record::Block(block.clone())), usize::MAX), Ok(Record::Block(block)));
}
