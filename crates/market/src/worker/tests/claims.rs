//! What is claimed, and when.

use super::*;
use crate::terms::pay_interval_ms;

fn total(units: u64) -> Microlux {
    Microlux(units * PRICE.0)
}

fn claim_of(total: Microlux) -> OpenClaim {
    OpenClaim { total, by: ME, bond: Microlux(20_200), fee: Microlux(3), due: RingTime(DAY_MS), challenged: false }
}

#[test]
fn everything_unpaid_is_claimed_as_soon_as_the_job_is_closing() {
    let mut bench = Bench::new();
    bench.earn_many(5);
    bench.pay(total(2));
    assert_eq!(claimed(&bench.close()), Some((total(2), 3, total(5))));
    let claim = bench.claim_files[0].clone();
    assert_eq!((claim.worker, claim.artist, claim.job), (ME, ARTIST, bench.worker.id()));
    let receipts = claim.receipts().unwrap();
    let expected: Vec<_> = (2..5).map(|number| bench.receipt(number, total(u64::from(number) + 1))).collect();
    assert_eq!(receipts.iter().map(|(receipt, _)| receipt.clone()).collect::<Vec<_>>(), expected);
    assert!(receipts.iter().all(|(receipt, signature)| *signature == Signature([receipt.total.0 as u8; 64])));
}

#[test]
fn one_claim_is_under_way_at_a_time_and_a_refused_one_is_made_again() {
    let mut bench = Bench::new();
    bench.earn_many(2);
    assert!(claimed(&bench.close()).is_some());
    assert_eq!(claimed(&bench.block()), None);
    assert_eq!(claimed(&bench.hear(WorkerInput::ClaimRefused)), None);
    assert_eq!(claimed(&bench.block()), Some((total(0), 2, total(2))));
    bench.hear(WorkerInput::ClaimFinal);
    bench.channel().state = ChannelState::Claimed(claim_of(total(2)));
    assert_eq!(claimed(&bench.block()), None, "everything is claimed");
}

#[test]
fn more_than_256_receipts_are_claimed_in_several_transactions_that_raise_the_claim() {
    let mut bench = Bench::new();
    bench.earn_many(600);
    let mut totals = Vec::new();
    let mut effects = bench.close();
    while let Some((from, entries, to)) = claimed(&effects) {
        assert!(entries <= 256);
        totals.push((from.0 / PRICE.0, to.0 / PRICE.0));
        bench.hear(WorkerInput::ClaimFinal);
        bench.channel().state = ChannelState::Claimed(claim_of(to));
        effects = bench.block();
    }
    assert_eq!(totals, [(0, 256), (256, 512), (512, 600)]);
    let longest = bench.claim_files.iter().map(|claim| raylance_protocol::encode(claim).len()).max().unwrap();
    assert!(longest <= raylance_protocol::limits::TX_BYTES_MAX - 32, "{longest}");
}

#[test]
fn a_payment_inside_of_a_receipt_is_claimed_from_that_receipt() {
    let mut bench = Bench::new();
    bench.earn_many(3);
    bench.pay(Microlux(PRICE.0 + 1));
    assert_eq!(claimed(&bench.close()), Some((total(1), 2, total(3))));
}

#[test]
fn an_artist_that_pays_nothing_for_a_window_is_claimed_from() {
    let mut bench = Bench::new();
    bench.earn_many(2);
    let patience = PARAMETERS.window_ms.max(3 * pay_interval_ms(0) + PATIENCE_MS);
    assert_eq!(claimed(&bench.wait(patience - 1)), None);
    bench.block();
    assert_eq!(claimed(&bench.wait(1)), Some((total(0), 2, total(2))));
}

#[test]
fn an_artist_that_pays_in_time_is_not_claimed_from() {
    let mut bench = Bench::new();
    bench.earn_many(20);
    for paid in 1..=20 {
        bench.wait(PARAMETERS.window_ms - 1);
        bench.pay(total(paid));
    }
    assert_eq!(bench.claim_files, []);
    bench.wait(10 * PARAMETERS.window_ms);
    bench.block();
    assert_eq!(bench.claim_files, [], "nothing is owed");
}

#[test]
fn a_claim_waits_for_the_court() {
    let mut bench = Bench::new();
    bench.earn_many(2);
    bench.channel().state = ChannelState::InCourt { claim: claim_of(total(1)), case: raylance_protocol::CaseId(0) };
    assert_eq!(claimed(&bench.close()), None);
    bench.channel().state = ChannelState::Open;
    assert_eq!(claimed(&bench.pay(total(1))), Some((total(1), 1, total(2))));
}

#[test]
fn a_claim_is_not_made_where_it_costs_more_than_it_brings_or_than_there_is() {
    let mut bench = Bench::new();
    bench.earn_many(1);
    bench.pay(Microlux(PRICE.0 - 5));
    assert_eq!(claimed(&bench.close()), None);
    bench.channel().paid = Microlux(0);

    let mut bench = Bench::new();
    bench.earn_many(1);
    bench.balance = PARAMETERS.court_fee(1 << 20);
    assert_eq!(claimed(&bench.close()), None, "bond and fee");
    bench.channel().state = ChannelState::Claimed(claim_of(Microlux(1)));
    assert!(claimed(&bench.block()).is_some(), "an open claim has its bond");
}

#[test]
fn no_claim_is_made_after_the_last_moment() {
    let mut bench = Bench::new();
    bench.earn_many(1);
    bench.job().claims_until = Some(RingTime(bench.ring_time));
    assert_eq!(claimed(&bench.block()), None);
}
