//! Blocks are executed once for many replicas.

use super::ring::*;
use crate::{BlockKey, Memo, SupplyError};
use raylance_protocol::Digest;
use std::cell::Cell;

#[test]
fn a_remembered_block_is_not_executed_again_and_the_oldest_is_forgotten() {
    let (ring, memo, runs) = (TestRing::new(), Memo::new(2), Cell::new(0));
    let run = |header_ms: u64| {
        let key = BlockKey { parent_state: ring.state.root(), header_ms, tx_root: Digest::default() };
        let executed = memo.clone().execute(key, || {
            runs.set(runs.get() + 1);
            ring.state.draft(header_ms).finish()
        });
        executed.unwrap().state.root()
    };
    let first = run(ring.header_ms + 1);
    assert_eq!((run(ring.header_ms + 1), runs.get()), (first, 1));
    run(ring.header_ms + 2);
    run(ring.header_ms + 3);
    assert_eq!(runs.get(), 3);
    assert_eq!((run(ring.header_ms + 1), runs.get()), (first, 4));
}

#[test]
fn a_failure_is_not_remembered() {
    let (ring, memo) = (TestRing::new(), Memo::new(2));
    let key = BlockKey { parent_state: ring.state.root(), header_ms: 0, tx_root: Digest::default() };
    let error = SupplyError { created: 1, found: 2 };
    assert_eq!(memo.execute(key, || Err(error)).err(), Some(error));
    assert!(memo.execute(key, || ring.state.draft(0).finish()).is_ok());
}
