//! Claims: what the artist signed and has not paid.

use super::ring::*;
use crate::{ClaimEnd, Event, Refusal};
use raylance_protocol::row::{ChannelState, OpenClaim};
use raylance_protocol::*;

fn open_claim(ring: &TestRing, job: JobId, worker: u8) -> OpenClaim {
    match ring.channel(job, worker).state {
        ChannelState::Claimed(claim) => claim,
        other => panic!("no open claim: {other:?}"),
    }
}

#[test]
fn a_claim_locks_a_bond_waits_one_window_and_is_paid_with_the_bond_back() {
    let (mut ring, job) = TestRing::with_job(&[(W1, 5_000)]);
    let before = ring.balance(W1);
    ring.file(job, W1, 0..2).unwrap();
    let claim = open_claim(&ring, job, W1);
    assert_eq!((claim.total.0, claim.bond.0, claim.due), (2_000, bond(), RingTime(PARAMETERS.window_ms)));
    assert_eq!(ring.balance(W1), before - bond() - claim.fee.0);
    ring.pass(PARAMETERS.window_ms - 1);
    assert_eq!(ring.channel(job, W1).paid.0, 0);
    ring.pass(1);
    assert_eq!((ring.channel(job, W1).paid.0, ring.is_open(job, W1)), (2_000, true));
    assert_eq!(ring.balance(W1), before + 2_000 - claim.fee.0, "the job is open: the fee is the worker's");
}

#[test]
fn a_claim_hands_over_every_key_that_it_is_paid_for() {
    let (mut ring, job) = TestRing::with_job(&[(W1, 5_000)]);
    ring.file(job, W1, 0..2).unwrap();
    let wanted: Vec<_> = (0..2).map(|unit| film(ring.chain, job, W1, unit, &[])).map(|film| (film.delivery.task, film.key)).collect();
    assert!(ring.happened(|event| matches!(event, Event::Claimed { keys, .. } if *keys == wanted)));
}

#[test]
fn anyone_may_file_and_the_money_goes_to_the_worker() {
    let (mut ring, job) = TestRing::with_job(&[(W1, 5_000)]);
    let (worker, filer) = (ring.balance(W1), ring.balance(W3));
    let claim = ring.claim(job, W1, 0..2);
    ring.act(W3, Action::Claim(claim)).unwrap();
    let fee = open_claim(&ring, job, W1).fee.0;
    ring.pass(PARAMETERS.window_ms);
    assert_eq!((ring.balance(W1), ring.balance(W3)), (worker + 2_000, filer - fee));
}

#[test]
fn a_higher_claim_extends_the_open_one_without_a_second_bond_and_restarts_its_window() {
    let (mut ring, job) = TestRing::with_job(&[(W1, 5_000)]);
    ring.file(job, W1, 0..2).unwrap();
    ring.pass(10_000);
    let before = ring.balance(W1);
    ring.file(job, W1, 2..4).unwrap();
    let claim = open_claim(&ring, job, W1);
    assert_eq!((claim.total.0, claim.due.0, claim.by), (4_000, 10_000 + PARAMETERS.window_ms, id(W1)));
    assert_eq!(ring.balance(W1), before - claim.fee.0);
    ring.pass_until(RingTime(PARAMETERS.window_ms));
    assert_eq!(ring.channel(job, W1).paid.0, 0, "the first end does not count any more");
    ring.pass_until(claim.due);
    assert_eq!(ring.channel(job, W1).paid.0, 4_000);
}

#[test]
fn whoever_raises_a_claim_takes_over_its_bond_and_its_fee() {
    let (mut ring, job) = TestRing::with_job(&[(W1, 5_000)]);
    ring.act(ARTIST, close(job)).unwrap();
    let (worker, copyist) = (ring.balance(W1), ring.balance(W3));
    // A stranger saw the worker's claim on its way and files the beginning of it first.
    let copied = ring.claim(job, W1, 0..1);
    ring.act(W3, Action::Claim(copied)).unwrap();
    let lost = open_claim(&ring, job, W1).fee.0;
    assert_eq!(ring.balance(W3), copyist - bond() - lost);
    ring.file(job, W1, 0..3).unwrap();
    let claim = open_claim(&ring, job, W1);
    assert_eq!((claim.by, claim.bond.0), (id(W1), bond()));
    assert_eq!(ring.balance(W3), copyist - lost, "its bond is back, its fee is not");
    ring.pass(PARAMETERS.window_ms);
    assert_eq!((ring.balance(W1), ring.balance(W3)), (worker + 3_000, copyist - lost));
}

#[test]
fn a_claim_begins_at_or_below_what_the_ledger_knows_and_ends_above_it() {
    let (mut ring, job) = TestRing::with_job(&[(W1, 5_000)]);
    let gap = |from, known| Err(Refusal::Gap { from: Microlux(from), known: Microlux(known) });
    let low = |total, known| Err(Refusal::NotHigher { total: Microlux(total), known: Microlux(known) });
    assert_eq!(ring.file(job, W1, 1..2), gap(1_000, 0));
    ring.act(ARTIST, pay(job, vec![row(W1, 1_000, 0)])).unwrap();
    assert_eq!(ring.file(job, W1, 0..1), low(1_000, 1_000));
    assert_eq!(ring.file(job, W1, 2..3), gap(2_000, 1_000));
    ring.file(job, W1, 0..2).unwrap();
    assert_eq!(ring.file(job, W1, 1..2), low(2_000, 2_000));
    assert_eq!(ring.file(job, W1, 3..4), gap(3_000, 2_000));
    let beyond = Refusal::BeyondReserve { total: Microlux(6_000), reserved: Microlux(5_000) };
    assert_eq!(ring.file(job, W1, 2..6), Err(beyond));
    ring.file(job, W1, 2..5).unwrap();
}

#[test]
fn a_claim_needs_a_live_row_and_receipts_of_the_jobs_artist() {
    let (mut ring, job) = TestRing::with_job(&[(W1, 5_000)]);
    assert_eq!(ring.file(job, W2, 0..1), Err(Refusal::NoChannel(id(W2))));
    assert_eq!(ring.file(JobId::default(), W1, 0..1), Err(Refusal::NoJob(JobId::default())));
    let of_other = film(ring.chain, job, W1, 0, &[]).entry(ring.chain, OTHER_ARTIST, PRICE, PRICE);
    let claim = Claim { artist: id(OTHER_ARTIST), entries: vec![of_other], ..ring.claim(job, W1, 0..1) };
    assert_eq!(ring.act(W1, Action::Claim(claim)), Err(Refusal::NotArtist(id(ARTIST))));
    let done = ring.done_row(job, W1, 0);
    ring.act(ARTIST, pay(job, vec![done])).unwrap();
    assert_eq!(ring.file(job, W1, 0..1), Err(Refusal::ChannelEnded(id(W1))));
}

#[test]
fn a_claim_holds_1_to_256_receipts_that_all_add_something() {
    let (mut ring, job) = TestRing::with_job(&[(W1, 300_000)]);
    let claim = ring.claim(job, W1, 0..1);
    let empty = Claim { entries: vec![], ..claim.clone() };
    assert_eq!(ring.act(W1, Action::Claim(empty)), Err(Refusal::Entries(0)));
    let free = film(ring.chain, job, W1, 1, &[]).entry(ring.chain, ARTIST, 0, 1_000);
    let padded = Claim { entries: vec![claim.entries[0].clone(), free], ..claim };
    assert_eq!(ring.act(W1, Action::Claim(padded)), Err(Refusal::NoPrice(1)));
    let long = |n: u64| {
        let film = film(ring.chain, job, W1, 0, &[]);
        let entries = (0..n).map(|i| film.entry(ring.chain, ARTIST, 1, i + 1)).collect();
        Action::Claim(Claim { job, worker: id(W1), artist: id(ARTIST), from_total: Microlux(0), entries })
    };
    let (fits, too_long) = (long(256), long(257));
    ring.act(W1, fits).unwrap();
    let signed = keys(W1).sign(ring.chain, &Tx { nonce: 1, valid_until: RingTime::NEVER, action: too_long });
    assert!(matches!(ring.state.precheck(&signed), Err(Refusal::Entries(257) | Refusal::Decode(_))));
}

#[test]
fn a_claim_without_money_for_its_bond_is_refused() {
    let genesis = genesis_of(PARAMETERS, &[(V[0], 1)], &[(ARTIST, FUNDS), (W1, bond())]);
    let mut ring = TestRing::from(&genesis);
    let job = ring.open(&[(W1, 5_000)]);
    assert!(matches!(ring.file(job, W1, 0..1), Err(Refusal::Balance { .. })));
    ring.act(ARTIST, Action::Transfer { to: id(W1), amount: Microlux(20) }).unwrap();
    ring.file(job, W1, 0..1).unwrap();
}

#[test]
fn pay_and_claim_in_either_order_come_to_the_same() {
    let check = |order: [u8; 3]| {
        let (mut ring, job) = TestRing::with_job(&[(W1, 5_000)]);
        for step in order {
            // A claim of what is paid or claimed already is refused, and that is the same.
            let _ = match step {
                0 => ring.act(ARTIST, pay(job, vec![row(W1, 2_000, 0)])),
                1 => ring.file(job, W1, 0..3),
                _ => ring.file(job, W1, 0..2),
            };
        }
        ring.pass(PARAMETERS.window_ms);
        (ring.channel(job, W1).paid, ring.state.totals().reserves)
    };
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0], [0, 0, 1], [1, 1, 0]] {
        assert_eq!(check(order), (Microlux(3_000), Microlux(2_000)), "{order:?}");
    }
}

#[test]
fn the_same_claim_twice_is_one_claim() {
    let (mut ring, job) = TestRing::with_job(&[(W1, 5_000)]);
    ring.file(job, W1, 0..2).unwrap();
    assert!(matches!(ring.file(job, W1, 0..2), Err(Refusal::NotHigher { .. })));
    ring.pass(PARAMETERS.window_ms);
    assert!(ring.happened(|event| matches!(event, Event::ClaimEnded { end: ClaimEnd::Paid, total: Microlux(2_000), .. })));
    assert!(matches!(ring.file(job, W1, 0..2), Err(Refusal::NotHigher { .. })));
}

#[test]
fn a_receipt_pays_in_its_own_job_only() {
    let mut ring = TestRing::new();
    let (first, second) = (ring.open(&[(W1, 5_000)]), ring.open(&[(W1, 5_000)]));
    let claim = Claim { job: second, ..ring.claim(first, W1, 0..1) };
    let signed = keys(W1).sign(ring.chain, &Tx { nonce: 0, valid_until: RingTime::NEVER, action: Action::Claim(claim) });
    assert_eq!(CheckedTx::check(ring.chain, signed).err(), Some(OpenError::Signature));
}

#[test]
fn a_wrong_key_never_gets_so_far() {
    let (ring, job) = TestRing::with_job(&[(W1, 5_000)]);
    let mut claim = ring.claim(job, W1, 0..1);
    claim.entries[0].key = FilmKey([7; 32]);
    let signed = keys(W1).sign(ring.chain, &Tx { nonce: 0, valid_until: RingTime::NEVER, action: Action::Claim(claim) });
    assert_eq!(CheckedTx::check(ring.chain, signed).err(), Some(OpenError::Signature));
}
