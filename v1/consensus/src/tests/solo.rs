//! A ring whose only validator is this process.

use super::ring::*;
use crate::{Chain, Engine, NotSoleValidator, Solo, SubmitError};
use raylance_v1_ledger::TxRefused;
use raylance_v1_protocol::{FinalBlock, Height, limits};

fn solo() -> (Chain, Solo) {
    let chain = chain(1);
    let engine = Solo::new(keys(1), &chain).unwrap();
    (chain, engine)
}

/// Advances and applies; returns the block if there was one.
fn turn(chain: &mut Chain, engine: &mut Solo, now_ms: u64) -> Option<FinalBlock> {
    let blocks = engine.advance(chain, now_ms).unwrap();
    assert!(blocks.len() <= 1);
    blocks.into_iter().next().inspect(|block| drop(chain.apply(block).unwrap()))
}

#[test]
fn nothing_is_proposed_without_transactions() {
    let (mut chain, mut engine) = solo();
    assert_eq!(turn(&mut chain, &mut engine, 5_000), None);
    engine.submit(&chain, transfer(&chain, 1, 0, 2, 5)).unwrap();
    assert!(turn(&mut chain, &mut engine, 5_000).is_some());
    assert_eq!(turn(&mut chain, &mut engine, 5_000), None);
    assert_eq!(chain.height(), Height(1));
}

#[test]
fn dependent_transactions_go_into_one_block() {
    let (mut chain, mut engine) = solo();
    // Account 3 has nothing before the first one, and spends what it got in the same block.
    let txs = [transfer(&chain, 1, 0, 3, 50), transfer(&chain, 1, 1, 3, 50), transfer(&chain, 3, 0, 2, 100)];
    for tx in txs {
        assert_eq!(engine.submit(&chain, tx.clone()), Ok(tx.id()));
    }
    assert_eq!((engine.next_nonce(&chain, id(1)), engine.next_nonce(&chain, id(3)), engine.next_nonce(&chain, id(2))), (2, 1, 0));
    assert_eq!(turn(&mut chain, &mut engine, 5_000).unwrap().block.txs.len(), 3);
    assert_eq!(chain.state().account(id(2)).balance_microlux.0, 107);
}

#[test]
fn a_bad_transaction_is_refused_with_its_reason_and_stalls_nothing() {
    let (mut chain, mut engine) = solo();
    engine.submit(&chain, transfer(&chain, 1, 0, 2, 5)).unwrap();
    let nonce = |expected, found| SubmitError::Refused(TxRefused::Nonce { account: id(1), expected, found });
    assert_eq!(engine.submit(&chain, transfer(&chain, 1, 0, 2, 6)), Err(nonce(1, 0)));
    assert_eq!(engine.submit(&chain, transfer(&chain, 1, 2, 2, 6)), Err(nonce(1, 2)));
    let poor = engine.submit(&chain, transfer(&chain, 1, 1, 2, FUNDS));
    assert!(matches!(poor, Err(SubmitError::Refused(TxRefused::Funds { .. }))), "{poor:?}");
    assert_eq!(turn(&mut chain, &mut engine, 5_000).unwrap().block.txs.len(), 1);
}

#[test]
fn the_same_transaction_again_changes_nothing() {
    let (mut chain, mut engine) = solo();
    let tx = transfer(&chain, 1, 0, 2, 5);
    for _ in 0..3 {
        assert_eq!(engine.submit(&chain, tx.clone()), Ok(tx.id()));
    }
    assert_eq!(engine.waiting(), 1);
    let block = engine.advance(&chain, 5_000).unwrap().remove(0);
    assert_eq!(engine.submit(&chain, tx.clone()), Ok(tx.id()), "signed, not yet applied");
    chain.apply(&block).unwrap();
    assert!(matches!(engine.submit(&chain, tx), Err(SubmitError::Refused(TxRefused::Nonce { expected: 1, found: 0, .. }))));
}

#[test]
fn one_height_is_signed_once() {
    let (mut chain, mut engine) = solo();
    engine.submit(&chain, transfer(&chain, 1, 0, 2, 5)).unwrap();
    let first = engine.advance(&chain, 5_000).unwrap();
    // What comes before the block is applied waits for the next one, and builds on it.
    engine.submit(&chain, transfer(&chain, 1, 1, 2, 5)).unwrap();
    assert_eq!(engine.next_nonce(&chain, id(1)), 2);
    assert_eq!(engine.advance(&chain, 9_000).unwrap(), first);
    chain.apply(&first[0]).unwrap();
    assert_eq!(engine.next_nonce(&chain, id(1)), 2);
    let second = turn(&mut chain, &mut engine, 9_000).unwrap();
    assert_eq!((second.block.header.height, second.block.txs.len()), (Height(2), 1));
}

#[test]
fn a_clock_that_goes_back_does_not_stop_the_chain() {
    let (mut chain, mut engine) = solo();
    for (nonce, now_ms, time_ms) in [(0, 5_000, 5_000), (1, 3, 5_000), (2, 6_000, 6_000)] {
        engine.submit(&chain, transfer(&chain, 1, nonce, 2, 5)).unwrap();
        assert_eq!(turn(&mut chain, &mut engine, now_ms).unwrap().block.header.time_ms, time_ms);
    }
}

#[test]
fn at_most_one_block_waits() {
    let (mut chain, mut engine) = solo();
    for nonce in 0..limits::BLOCK_TXS_MAX as u64 {
        engine.submit(&chain, transfer(&chain, 1, nonce, 2, 1)).unwrap();
    }
    let one_more = transfer(&chain, 1, limits::BLOCK_TXS_MAX as u64, 2, 1);
    let full = engine.submit(&chain, one_more.clone());
    assert!(matches!(full, Err(SubmitError::Full { txs: limits::BLOCK_TXS_MAX, .. })), "{full:?}");
    assert_eq!(turn(&mut chain, &mut engine, 5_000).unwrap().block.txs.len(), limits::BLOCK_TXS_MAX);
    engine.submit(&chain, one_more).unwrap();
}

#[test]
fn applying_all_blocks_again_leads_to_the_same_state() {
    let (mut first, mut engine) = solo();
    let mut blocks = Vec::new();
    for nonce in 0..40u64 {
        engine.submit(&first, transfer(&first, 1, nonce, 3 + (nonce % 7) as u8, 1 + nonce)).unwrap();
        blocks.extend(turn(&mut first, &mut engine, 2_000 + nonce));
    }
    let mut again = chain(1);
    let events: Vec<_> = blocks.iter().map(|block| again.apply(block).unwrap().events).collect();
    assert_eq!(events.len(), 40);
    assert_eq!((again.height(), again.hash(), again.state().state_root()), (first.height(), first.hash(), first.state().state_root()));
    again.state().check_supply().unwrap();
    // The engine goes on where it was.
    let mut engine = Solo::new(keys(1), &again).unwrap();
    engine.submit(&again, transfer(&again, 1, 40, 2, 1)).unwrap();
    assert_eq!(turn(&mut again, &mut engine, 3_000).unwrap().block.header.height, Height(41));
}

#[test]
fn a_waiting_transaction_that_another_block_made_invalid_is_dropped() {
    let (mut chain, mut engine) = solo();
    engine.submit(&chain, transfer(&chain, 1, 0, 2, 5)).unwrap();
    engine.submit(&chain, transfer(&chain, 2, 0, 3, 1)).unwrap();
    let elsewhere = next_block(&chain, vec![transfer(&chain, 1, 0, 3, 9)]);
    chain.apply(&certified(elsewhere, &[1])).unwrap();
    let block = turn(&mut chain, &mut engine, 5_000).unwrap();
    assert_eq!(block.block.txs, [transfer(&chain, 2, 0, 3, 1)]);
}

#[test]
fn nobody_is_solo_among_others() {
    let error = |validators| Some(NotSoleValidator { account: id(1), validators });
    assert_eq!(Solo::new(keys(1), &chain(4)).err(), error(4));
    assert_eq!(Solo::new(keys(2), &chain(1)).err(), Some(NotSoleValidator { account: id(2), validators: 1 }));
}
