//! What a Pay does and passes over.

use super::ring::*;
use crate::{ChannelEnd, Event, Refusal, Skipped};
use raylance_protocol::row::ChannelState;
use raylance_protocol::*;

fn skipped(ring: &TestRing, worker: u8, wanted: Skipped) -> bool {
    ring.happened(|event| matches!(event, Event::PaySkipped { worker: w, why, .. } if *w == id(worker) && *why == wanted))
}

#[test]
fn totals_only_rise_however_often_and_in_whatever_order_they_come() {
    let (mut ring, job) = TestRing::with_job(&[(W1, 5_000)]);
    let before = ring.balance(W1);
    ring.act(ARTIST, pay(job, vec![row(W1, 2_000, 0)])).unwrap();
    ring.act(ARTIST, pay(job, vec![row(W1, 1_000, 0)])).unwrap();
    ring.act(ARTIST, pay(job, vec![row(W1, 2_000, 5_000)])).unwrap();
    assert_eq!(ring.balance(W1), before + 2_000);
    assert_eq!((ring.channel(job, W1).paid.0, ring.channel(job, W1).reserved.0), (2_000, 5_000));
}

#[test]
fn reserves_rise_and_new_workers_get_rows() {
    let (mut ring, job) = TestRing::with_job(&[(W1, 5_000)]);
    ring.act(ARTIST, pay(job, vec![row(W1, 6_000, 8_000), row(W2, 300, 300), row(W3, 0, 0)])).unwrap();
    assert_eq!((ring.channel(job, W1).reserved.0, ring.channel(job, W1).paid.0), (8_000, 6_000));
    assert_eq!((ring.channel(job, W2).reserved.0, ring.channel(job, W2).paid.0), (300, 300));
    assert!(skipped(&ring, W3, Skipped::NoRow));
    assert_eq!(ring.job(job).rows, 2);
}

#[test]
fn a_row_beyond_its_reserve_is_passed_over_and_the_others_are_paid() {
    let (mut ring, job) = TestRing::with_job(&[(W1, 5_000), (W2, 5_000)]);
    ring.act(ARTIST, pay(job, vec![row(W1, 5_001, 0), row(W2, 5_000, 0), row(W3, 2, 1)])).unwrap();
    assert!(skipped(&ring, W1, Skipped::BeyondReserve) && skipped(&ring, W3, Skipped::BeyondReserve));
    assert_eq!((ring.channel(job, W1).paid.0, ring.channel(job, W2).paid.0, ring.job(job).rows), (0, 5_000, 2));
}

#[test]
fn a_pay_beyond_the_balance_is_refused_whole() {
    let (mut ring, job) = TestRing::with_job(&[(W1, 5_000)]);
    let before = ring.balance(ARTIST);
    let result = ring.act(ARTIST, pay(job, vec![row(W1, 1_000, 0), row(W2, 0, FUNDS)]));
    assert!(matches!(result, Err(Refusal::Balance { .. })));
    assert_eq!((ring.balance(ARTIST), ring.channel(job, W1).paid.0), (before, 0));
}

#[test]
fn only_the_artist_pays_and_only_distinct_workers() {
    let (mut ring, job) = TestRing::with_job(&[(W1, 5_000)]);
    let check = |ring: &mut TestRing, who: u8, action: Action, expected: Refusal| assert_eq!(ring.act(who, action), Err(expected));
    check(&mut ring, OTHER_ARTIST, pay(job, vec![row(W1, 1, 0)]), Refusal::NotArtist(id(ARTIST)));
    check(&mut ring, ARTIST, pay(JobId::default(), vec![row(W1, 1, 0)]), Refusal::NoJob(JobId::default()));
    check(&mut ring, ARTIST, pay(job, vec![row(W1, 1, 0), row(W1, 2, 0)]), Refusal::Repeated(id(W1)));
    check(&mut ring, ARTIST, pay(job, vec![row(ARTIST, 0, 10)]), Refusal::OwnWorker);
    check(&mut ring, ARTIST, pay(job, vec![]), Refusal::Nothing);
    let many = (0..257).map(|n| PayRow { worker: AccountId([n as u8; 32]), ..row(W1, 0, 1) }).collect();
    check(&mut ring, ARTIST, pay(job, many), Refusal::Rows(257));
}

#[test]
fn a_job_has_at_most_1024_workers() {
    let (mut ring, job) = TestRing::with_job(&[]);
    let worker = |n: u32| PayRow { worker: AccountId(Digest::of("test worker", &[&n.to_le_bytes()]).0), ..row(W1, 0, 1) };
    for batch in 0..4 {
        ring.act(ARTIST, pay(job, (batch * 256..(batch + 1) * 256).map(worker).collect())).unwrap();
    }
    assert_eq!(ring.job(job).rows, 1_024);
    assert_eq!(ring.act(ARTIST, pay(job, vec![worker(1_024)])), Err(Refusal::Workers(1_025)));
    ring.act(ARTIST, pay(job, vec![worker(0)])).unwrap();
}

#[test]
fn a_worker_that_is_done_with_what_it_was_paid_ends_its_row_for_good() {
    let (mut ring, job) = TestRing::with_job(&[(W1, 5_000), (W2, 5_000)]);
    let done = ring.done_row(job, W1, 2_000);
    let before = ring.balance(ARTIST);
    ring.act(ARTIST, pay(job, vec![done.clone()])).unwrap();
    let channel = ring.channel(job, W1);
    assert_eq!((channel.state, channel.paid.0, channel.reserved.0), (ChannelState::Done, 2_000, 2_000));
    assert!(ring.balance(ARTIST) > before + 2_900, "the rest returns, less the fee");
    assert!(ring.happened(|event| matches!(event, Event::ChannelEnded { end: ChannelEnd::Done, returned: Microlux(3_000), .. })));
    ring.act(ARTIST, pay(job, vec![row(W1, 2_500, 9_000), done])).unwrap_err();
    ring.act(ARTIST, pay(job, vec![row(W1, 2_500, 9_000)])).unwrap();
    assert!(skipped(&ring, W1, Skipped::Ended));
    assert_eq!(ring.job(job).rows_live, 1);
}

#[test]
fn a_done_of_another_total_than_is_paid_does_not_end_the_row() {
    let (mut ring, job) = TestRing::with_job(&[(W1, 5_000)]);
    ring.act(ARTIST, pay(job, vec![row(W1, 3_000, 0)])).unwrap();
    let done = ring.done_row(job, W1, 2_000);
    ring.act(ARTIST, pay(job, vec![done])).unwrap();
    assert!(ring.is_open(job, W1));
    let beyond = ring.done_row(job, W1, 5_001);
    ring.act(ARTIST, pay(job, vec![beyond])).unwrap();
    assert!(ring.is_open(job, W1) && skipped(&ring, W1, Skipped::BeyondReserve));
}

#[test]
fn a_done_that_the_worker_did_not_sign_never_gets_so_far() {
    let (ring, job) = TestRing::with_job(&[(W1, 5_000)]);
    let forged = PayRow { worker: id(W1), ..ring.done_row(job, W2, 2_000) };
    let signed = keys(ARTIST).sign(ring.chain, &Tx { nonce: 1, valid_until: RingTime::NEVER, action: pay(job, vec![forged]) });
    assert_eq!(CheckedTx::check(ring.chain, signed).err(), Some(OpenError::Signature));
}

#[test]
fn a_pay_that_overtakes_a_claim_ends_it_and_returns_its_bond() {
    let (mut ring, job) = TestRing::with_job(&[(W1, 5_000)]);
    let before = ring.balance(W1);
    ring.file(job, W1, 0..2).unwrap();
    let filed = ring.balance(W1);
    ring.act(ARTIST, pay(job, vec![row(W1, 1_999, 0)])).unwrap();
    assert!(matches!(ring.channel(job, W1).state, ChannelState::Claimed(_)));
    let done = ring.done_row(job, W1, 2_000);
    ring.act(ARTIST, pay(job, vec![done])).unwrap();
    assert_eq!(ring.balance(W1), filed + 2_000 + bond());
    assert!(before + 2_000 - ring.balance(W1) < 20, "the fee of the claim is the worker's");
    assert_eq!(ring.channel(job, W1).state, ChannelState::Done);
}

#[test]
fn a_done_below_an_open_claim_does_not_end_the_row() {
    let (mut ring, job) = TestRing::with_job(&[(W1, 5_000)]);
    ring.file(job, W1, 0..3).unwrap();
    let done = ring.done_row(job, W1, 2_000);
    ring.act(ARTIST, pay(job, vec![done])).unwrap();
    assert!(matches!(ring.channel(job, W1).state, ChannelState::Claimed(_)));
    ring.pass(PARAMETERS.window_ms);
    assert_eq!(ring.channel(job, W1).paid.0, 3_000);
}

#[test]
fn the_end_of_an_open_job_moves_only_away_and_not_too_far() {
    let (mut ring, job) = TestRing::with_job(&[(W1, 5_000)]);
    let ends_by = |ends_by: u64| Action::Pay(Pay { job, rows: vec![], close: false, ends_by: Some(RingTime(ends_by)) });
    ring.act(ARTIST, ends_by(100)).unwrap();
    assert_eq!(ring.job(job).ends_by.0, 150_000, "an earlier end changes nothing");
    let latest = RingTime(PARAMETERS.job_ms_max);
    let late = Refusal::EndsBy { ends_by: latest.after(1), now: RingTime(0), latest };
    assert_eq!(ring.act(ARTIST, ends_by(latest.0 + 1)), Err(late));
    ring.act(ARTIST, ends_by(latest.0)).unwrap();
    ring.pass_until(RingTime(150_001));
    assert_eq!(ring.job(job).claims_until, None, "the first end does not count any more");
    ring.pass_until(latest);
    assert!(ring.job(job).claims_until.is_some());
    ring.act(ARTIST, ends_by(latest.0 + 10_000)).unwrap();
    assert_eq!(ring.job(job).ends_by, latest, "a closing job has its end");
}
