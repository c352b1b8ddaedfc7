//! Jobs close, rows end, deposits return.

use super::ring::*;
use crate::{ChannelEnd, Event, Refusal, Skipped};
use raylance_protocol::row::{ChannelState, Due};
use raylance_protocol::*;

const WINDOW: u64 = PARAMETERS.window_ms;

#[test]
fn a_closed_job_takes_no_reserves_and_no_rows_but_is_paid() {
    let (mut ring, job) = TestRing::with_job(&[(W1, 5_000)]);
    ring.act(ARTIST, close(job)).unwrap();
    assert_eq!(ring.job(job).claims_until, Some(RingTime(WINDOW)));
    ring.act(ARTIST, pay(job, vec![row(W1, 4_000, 9_000), row(W2, 0, 100)])).unwrap();
    assert_eq!((ring.channel(job, W1).paid.0, ring.channel(job, W1).reserved.0, ring.job(job).rows), (4_000, 5_000, 1));
    ring.act(ARTIST, pay(job, vec![row(W1, 6_000, 9_000)])).unwrap();
    assert!(ring.happened(|event| matches!(event, Event::PaySkipped { why: Skipped::BeyondReserve, .. })));
    ring.pass(1_000);
    ring.act(ARTIST, close(job)).unwrap();
    assert_eq!(ring.job(job).claims_until, Some(RingTime(WINDOW)), "closing again changes nothing");
}

#[test]
fn a_job_without_claims_ends_one_window_after_it_closes_and_everything_returns() {
    let (mut ring, job) = TestRing::with_job(&[(W1, 5_000), (W2, 5_000)]);
    let before = ring.balance(ARTIST);
    ring.act(ARTIST, close(job)).unwrap();
    let fee = before - ring.balance(ARTIST);
    ring.pass(WINDOW - 1);
    assert!(ring.is_open(job, W1));
    ring.pass(1);
    assert!(ring.happened(|event| matches!(event, Event::ChannelEnded { end: ChannelEnd::Ended, .. })));
    assert!(ring.happened(|event| matches!(event, Event::JobEnded { .. })));
    assert_eq!(ring.balance(ARTIST), before - fee + 10_000 + 3 * PARAMETERS.row_deposit.0);
    assert_eq!((ring.state.jobs().count(), ring.state.next_due()), (0, Some(RingTime(150_000))));
    ring.pass_until(RingTime(150_000));
    assert_eq!(ring.state.next_due(), None, "an entry without its row is dropped");
}

#[test]
fn a_job_closes_by_itself() {
    let (mut ring, job) = TestRing::with_job(&[(W1, 5_000)]);
    ring.pass_until(RingTime(149_999));
    assert_eq!(ring.job(job).claims_until, None);
    ring.pass(1);
    assert_eq!(ring.job(job).claims_until, Some(RingTime(150_000 + WINDOW)));
    assert!(ring.happened(|event| matches!(event, Event::JobClosing { .. })));
    ring.pass(WINDOW);
    assert_eq!(ring.state.jobs().count(), 0);
}

#[test]
fn a_job_whose_workers_are_all_done_ends_at_once() {
    let (mut ring, job) = TestRing::with_job(&[(W1, 5_000), (W2, 5_000)]);
    let rows = vec![ring.done_row(job, W1, 1_000), ring.done_row(job, W2, 0)];
    ring.act(ARTIST, Action::Pay(Pay { job, rows, close: true, ends_by: None })).unwrap();
    ring.block(0, vec![]);
    assert_eq!(ring.state.jobs().count(), 0);
    assert_eq!(ring.state.totals().reserves.0, 0);
}

#[test]
fn a_job_whose_workers_are_all_done_stays_open_for_new_ones_until_it_is_closed() {
    let (mut ring, job) = TestRing::with_job(&[(W1, 5_000)]);
    let done = ring.done_row(job, W1, 0);
    ring.act(ARTIST, pay(job, vec![done])).unwrap();
    ring.pass(1_000);
    ring.act(ARTIST, pay(job, vec![row(W2, 0, 500)])).unwrap();
    assert_eq!((ring.job(job).rows, ring.job(job).rows_live), (2, 1));
    let done = ring.done_row(job, W2, 0);
    ring.act(ARTIST, pay(job, vec![done])).unwrap();
    ring.act(ARTIST, close(job)).unwrap();
    ring.block(0, vec![]);
    assert_eq!(ring.state.jobs().count(), 0);
}

#[test]
fn claims_are_taken_until_the_window_of_a_closing_job_is_over() {
    let (mut ring, job) = TestRing::with_job(&[(W1, 5_000), (W2, 5_000)]);
    ring.act(ARTIST, close(job)).unwrap();
    ring.pass(WINDOW - 1);
    ring.file(job, W1, 0..1).unwrap();
    ring.pass(1);
    assert_eq!(ring.channel(job, W2).state, ChannelState::Ended);
    assert_eq!(ring.file(job, W2, 0..1), Err(Refusal::ChannelEnded(id(W2))));
    let over = Refusal::ClaimsOver { until: RingTime(WINDOW), now: RingTime(WINDOW) };
    assert_eq!(ring.file(job, W1, 0..2), Err(over), "an open claim can't be raised any more either");
    ring.pass(WINDOW - 2);
    assert!(matches!(ring.channel(job, W1).state, ChannelState::Claimed(_)));
    ring.pass(1);
    assert!(ring.happened(|event| matches!(event, Event::ChannelEnded { paid: Microlux(1_000), returned: Microlux(r), .. } if *r < 4_000)));
    assert_eq!(ring.state.jobs().count(), 0);
}

#[test]
fn a_claim_from_a_closing_job_gets_its_fee_from_the_rest_and_no_more_than_the_rest() {
    let check = |reserved: u64, expected: &dyn Fn(u64) -> u64| {
        let (mut ring, job) = TestRing::with_job(&[(W1, reserved)]);
        ring.act(ARTIST, close(job)).unwrap();
        let before = ring.balance(W1);
        ring.file(job, W1, 0..1).unwrap();
        let fee = before - bond() - ring.balance(W1);
        ring.pass(WINDOW);
        assert_eq!(ring.balance(W1), before + PRICE - fee + expected(fee));
    };
    check(5_000, &|fee| fee);
    check(PRICE + 1, &|_| 1);
    check(PRICE, &|_| 0);
}

/// Found by the coalitions: a fee from the rest of a row that went on left too little for the receipts that were still to be claimed.
#[test]
fn regression_the_fee_of_a_claim_never_comes_from_what_covers_later_receipts() {
    let (mut ring, job) = TestRing::with_job(&[(W1, 3 * PRICE)]);
    ring.file(job, W1, 0..1).unwrap();
    ring.pass(WINDOW - 1);
    ring.act(ARTIST, close(job)).unwrap();
    ring.pass(1);
    assert_eq!((ring.channel(job, W1).paid.0, ring.channel(job, W1).reserved.0), (PRICE, 3 * PRICE));
    ring.file(job, W1, 1..3).unwrap();
    ring.pass(WINDOW);
    assert_eq!(ring.state.jobs().count(), 0);
    assert!(ring.balance(W1) > FUNDS + 3 * PRICE - 40);
}

#[test]
fn a_row_whose_last_claim_is_overtaken_after_the_window_ends_with_it() {
    let (mut ring, job) = TestRing::with_job(&[(W1, 5_000)]);
    ring.act(ARTIST, close(job)).unwrap();
    ring.pass(WINDOW - 1);
    ring.file(job, W1, 0..1).unwrap();
    ring.pass(10);
    ring.act(ARTIST, pay(job, vec![row(W1, 1_000, 0)])).unwrap();
    assert_eq!(ring.channel(job, W1).state, ChannelState::Ended);
    ring.block(0, vec![]);
    assert_eq!(ring.state.jobs().count(), 0);
}

#[test]
fn tombstones_keep_receipts_from_a_fresh_row() {
    let (mut ring, job) = TestRing::with_job(&[(W1, 5_000), (W2, 5_000)]);
    let done = ring.done_row(job, W1, 1_000);
    ring.act(ARTIST, pay(job, vec![done])).unwrap();
    ring.act(ARTIST, pay(job, vec![row(W1, 0, 50_000)])).unwrap();
    assert_eq!(ring.file(job, W1, 0..3), Err(Refusal::ChannelEnded(id(W1))));
}

#[test]
fn a_job_that_left_never_comes_back() {
    let (mut ring, job) = TestRing::with_job(&[(W1, 5_000)]);
    let done = ring.done_row(job, W1, 0);
    ring.act(ARTIST, Action::Pay(Pay { job, rows: vec![done], close: true, ends_by: None })).unwrap();
    ring.block(0, vec![]);
    assert_eq!(ring.act(ARTIST, pay(job, vec![row(W1, 1, 1)])), Err(Refusal::NoJob(job)));
    assert_eq!(ring.file(job, W1, 0..1), Err(Refusal::NoJob(job)));
    assert_ne!(ring.open(&[(W1, 5_000)]), job);
}

#[test]
fn due_rows_are_worked_off_in_order_a_bounded_number_in_each_block() {
    let parameters = RingParameters { due_rows_per_block: 3, ..PARAMETERS };
    let genesis = genesis_of(parameters, &[(V[0], 1)], &[(ARTIST, FUNDS), (W1, FUNDS)]);
    let mut ring = TestRing::from(&genesis);
    let workers: Vec<(u8, u64)> = (20..30).map(|n| (n, 100)).collect();
    let (first, second) = (ring.open(&workers), ring.open(&[(W1, 100)]));
    ring.act(ARTIST, close(first)).unwrap();
    ring.act(ARTIST, close(second)).unwrap();
    ring.pass(WINDOW);
    let ended = |ring: &TestRing| ring.state.channels(first, None).filter(|(_, channel)| !channel.state.is_live()).count();
    assert_eq!(ended(&ring), 2, "the entry itself is one of the three");
    ring.block(0, vec![]);
    assert_eq!(ended(&ring), 4);
    assert!(ring.is_open(second, W1), "first in, first out");
    let late = ring.file(second, W1, 0..1);
    assert!(matches!(late, Err(Refusal::ClaimsOver { .. })), "a row that waits for its end takes no claims");
    let mut blocks = 0;
    while ring.state.jobs().count() > 0 {
        ring.block(0, vec![]);
        blocks += 1;
    }
    assert!((8..=14).contains(&blocks), "{blocks} blocks");
    assert!(ring.state.next_due() == Some(RingTime(150_000)));
}

#[test]
fn an_outage_lets_no_window_lapse_and_a_rush_shortens_none() {
    let (mut ring, job) = TestRing::with_job(&[(W1, 5_000)]);
    ring.act(ARTIST, close(job)).unwrap();
    ring.block(1_000_000_000, vec![]);
    assert_eq!(ring.now(), RingTime(2 * PARAMETERS.beat_ms));
    for _ in 0..1_000 {
        ring.block(0, vec![]);
    }
    assert_eq!(ring.now(), RingTime(2 * PARAMETERS.beat_ms));
    ring.file(job, W1, 0..2).unwrap();
    let mut blocks = 0;
    while ring.state.jobs().count() > 0 {
        ring.block(u64::from(u32::MAX), vec![]);
        blocks += 1;
    }
    assert!(blocks >= 8, "{blocks} blocks in a window");
}

#[test]
fn every_deadline_is_in_the_queue() {
    let (mut ring, job) = TestRing::with_job(&[(W1, 5_000)]);
    assert_eq!(ring.state.next_due(), Some(RingTime(150_000)));
    ring.file(job, W1, 0..1).unwrap();
    assert_eq!(ring.state.next_due(), Some(RingTime(WINDOW)));
    assert_eq!(ring.state.first_due().map(|entry| entry.due), Some(Due::ClaimEnds(job, id(W1))));
}
