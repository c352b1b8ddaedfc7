//! Verdicts, pay and bans.

use super::world::*;
use crate::{LedgerEvent, MicroluxChange, MoveReason, TxRefused, VerdictFault};
use raylance_v1_protocol::tx::Outcome;
use raylance_v1_protocol::{Decision, Microlux, OpenError, UnitIndex};

const A: i16 = ARTIST as i16;
const V2: i16 = W2 as i16;
const V3: i16 = W3 as i16;
const V4: i16 = W4 as i16;

/// A job of the workers where W1 committed units 0 and 1 with root 1.
fn committed(workers: &[u8]) -> World {
    let mut world = World::with_job(workers);
    world.act(W1, commit(&[(0, 1), (1, 1)])).unwrap();
    world
}

#[test]
fn a_price_is_split_and_rounding_goes_to_the_treasury() {
    let mut world = committed(&[W1, W2, W3]);
    let events = world.act(STRANGER, settle(vec![outcome(0, W1, &[V2, V3])])).unwrap();
    // 1007: worker 906.3, verifiers 30.21 → 15 each, burn 50.35; the rest is 21.
    let paid = |account, change, reason| LedgerEvent::Moved { account, change: MicroluxChange(change), reason, job: Some(job()) };
    let unit = UnitIndex(0);
    let settled = LedgerEvent::UnitSettled { job: job(), unit, worker: id(W1), root: root(1), price: Microlux(PRICE), paid: Microlux(906) };
    assert_eq!(events[..2], [settled, paid(id(W1), 906, MoveReason::Rendered { unit })]);
    for verifier in [W2, W3] {
        assert!(events[2..].contains(&paid(id(verifier), 15, MoveReason::Verified { unit })));
    }
    assert_eq!((world.balance(W1), world.balance(W2), world.balance(W3)), (906, 15, 15));
    let supply = world.state.supply();
    assert_eq!((supply.burned, supply.treasury), (Microlux(50), Microlux(PRICE - 906 - 30 - 50)));
    let row = world.state.job(job()).unwrap();
    assert_eq!((row.escrow, row.settled, row.live), (Microlux(PRICE * 3), 1, 1));
}

#[test]
fn a_unit_is_paid_once() {
    let mut world = committed(&[W1, W2, W3]);
    world.act(W2, commit(&[(0, 1)])).unwrap();
    let once = settle(vec![outcome(0, W1, &[V2, V3])]);
    world.act(ARTIST, once.clone()).unwrap();
    let balance = world.balance(W1);
    assert_eq!(world.act(ARTIST, once.clone()), Err(TxRefused::NothingNew(job())));
    // Neither again within a batch that has something new, nor for another worker's film of the same unit.
    let twice = outcome(1, W1, &[V2, V3]);
    world.act(ARTIST, settle(vec![outcome(0, W1, &[V2, V3]), twice.clone(), twice])).unwrap();
    assert_eq!(world.balance(W1), balance * 2);
    assert_eq!(world.act(ARTIST, settle(vec![outcome(0, W2, &[W1.into(), V3])])), Err(TxRefused::NothingNew(job())));
    assert_eq!(world.state.job(job()).unwrap().escrow, Microlux(PRICE * 2));
}

#[test]
fn a_rejected_worker_gets_nothing_and_its_units_are_void() {
    let mut world = committed(&[W1, W2, W3]);
    world.act(W1, commit(&[(3, 1)])).unwrap();
    world.act(ARTIST, settle(vec![outcome(3, W1, &[V2, V3])])).unwrap();
    let (before, others) = (world.balance(W1), world.balance(W2));
    let events = world.act(ARTIST, settle(vec![outcome(0, W1, &[-V2, -V3]), outcome(1, W1, &[V2, V3])])).unwrap();
    let voided = vec![UnitIndex(0), UnitIndex(1)];
    assert_eq!(events, [LedgerEvent::WorkerBanned { job: job(), worker: id(W1), voided }]);
    assert_eq!((world.balance(W1), world.balance(W2)), (before, others), "what was settled before stays paid, and nothing more is");
    assert_eq!(world.act(ARTIST, settle(vec![outcome(1, W1, &[V2, V3])])), Err(TxRefused::NothingNew(job())));
    // The unit can be earned by somebody else.
    world.act(W2, commit(&[(0, 1)])).unwrap();
    world.act(ARTIST, settle(vec![outcome(0, W2, &[V3])])).unwrap();
    world.act(ARTIST, close()).unwrap();
}

#[test]
fn verdicts_that_can_not_count_refuse_the_whole_transaction() {
    let check = |bad: raylance_v1_protocol::Signed<raylance_v1_protocol::Verdict>, expected: VerdictFault| {
        let mut world = committed(&[W1, W2, W3, W4]);
        world.act(W4, commit(&[(2, 1)])).unwrap();
        world.act(W4, commit(&[(2, 2)])).unwrap();
        let mut verdicts = outcome(1, W1, &[V2, V3]).verdicts;
        let verifier = bad.claimed_signer();
        verdicts.push(bad);
        let bad = Outcome { unit: UnitIndex(1), worker: id(W1), verdicts };
        let refused = world.act(ARTIST, settle(vec![outcome(0, W1, &[V2, V3]), bad]));
        assert_eq!(refused, Err(TxRefused::Verdict { unit: UnitIndex(1), verifier, fault: expected }));
        assert_eq!(world.balance(W1), 0, "not even the good outcome before it is paid");
    };
    check(verdict(W1, 1, W1, 1, Decision::Accept), VerdictFault::OwnFilm);
    check(verdict(W4, 1, W1, 1, Decision::Accept), VerdictFault::Banned);
    check(verdict(STRANGER, 1, W1, 1, Decision::Accept), VerdictFault::NotWorker);
    check(verdict(W3, 1, W1, 1, Decision::Accept), VerdictFault::Repeated);
    check(verdict(W3, 1, W1, 1, Decision::Reject), VerdictFault::Repeated);
    check(verdict(W3, 0, W1, 1, Decision::Accept), VerdictFault::OtherFilm);
    check(verdict(W3, 1, W2, 1, Decision::Accept), VerdictFault::OtherFilm);
    check(verdict(W3, 1, W1, 2, Decision::Accept), VerdictFault::OtherFilm);
    let mut forged = raylance_v1_protocol::encode(&verdict(W4, 1, W1, 1, Decision::Accept));
    *forged.last_mut().unwrap() ^= 1;
    check(raylance_v1_protocol::decode(&forged, forged.len()).unwrap(), VerdictFault::Open(OpenError::Signature));
}

#[test]
fn verdicts_are_counted_against_those_who_can_judge() {
    // (workers, verdicts on W1's film, accepted?)
    let check = |workers: &[u8], verifiers: &[i16], expected: Result<bool, TxRefused>| {
        let mut world = committed(workers);
        let found = world.act(ARTIST, settle(vec![outcome(0, W1, verifiers)]));
        let found = found.map(|events| matches!(events[0], LedgerEvent::UnitSettled { .. }));
        assert_eq!(found, expected, "{workers:?} {verifiers:?}");
    };
    let unit = UnitIndex(0);
    let few = |accepts, rejects, required| Err(TxRefused::TooFewVerdicts { unit, accepts, rejects, required });
    let all = [W1, W2, W3, W4];
    check(&all, &[V2, V3], Ok(true));
    check(&all, &[V2, V3, V4], Ok(true));
    check(&all, &[V2, V3, -V4], Ok(true));
    check(&all, &[-V2, -V3, V4], Ok(false));
    check(&all, &[V2], few(1, 0, 2));
    check(&all, &[V2, -V3], few(1, 1, 2));
    check(&all, &[], few(0, 0, 2));
    // The artist's Accept counts as one, its Reject as none.
    check(&all, &[A, V2], Ok(true));
    check(&all, &[A], few(1, 0, 2));
    check(&all, &[-A, -V2], few(0, 1, 2));
    check(&all, &[-A, V2, V3], Ok(true));
    // Fewer are eligible than the ring asks for.
    check(&[W1, W2], &[V2], Ok(true));
    check(&[W1, W2], &[-V2], Ok(false));
    check(&[W1, W2], &[A], Ok(true));
    check(&[W1, W2], &[A, -V2], Err(TxRefused::Contradiction { unit }));
    // Nobody is eligible: the artist alone decides, and only for the worker.
    check(&[W1], &[A], Ok(true));
    check(&[W1], &[-A], few(0, 0, 1));
    check(&[W1], &[], few(0, 0, 1));
    check(&[W1], &[A, V2, V3], Err(TxRefused::TooManyVerdicts { unit, count: 3, max: 2 }));
}

#[test]
fn the_artist_earns_no_fee_by_accepting() {
    let mut world = committed(&[W1]);
    let before = world.balance(ARTIST);
    world.act(ARTIST, settle(vec![outcome(0, W1, &[A])])).unwrap();
    assert_eq!(world.balance(ARTIST), before);
    assert_eq!(world.state.supply().treasury, Microlux(PRICE - 906 - 50), "the verifiers' share has no taker");

    let mut world = committed(&[W1, W2, W3]);
    world.act(ARTIST, settle(vec![outcome(0, W1, &[A, V2])])).unwrap();
    assert_eq!((world.balance(ARTIST), world.balance(W2)), (before, 30), "the other verifier gets the whole share");
}

#[test]
fn a_verifier_against_the_majority_gets_no_fee() {
    let mut world = committed(&[W1, W2, W3, W4]);
    world.act(ARTIST, settle(vec![outcome(0, W1, &[V2, V3, -V4])])).unwrap();
    assert_eq!((world.balance(W2), world.balance(W3), world.balance(W4)), (15, 15, 0));
}

#[test]
fn a_banned_worker_lowers_the_number_of_verdicts_required() {
    let mut world = committed(&[W1, W2, W3]);
    world.act(W3, commit(&[(2, 1)])).unwrap();
    world.act(W3, commit(&[(2, 2)])).unwrap();
    world.act(ARTIST, settle(vec![outcome(0, W1, &[V2])])).unwrap();
    let row = world.state.job(job()).unwrap();
    assert_eq!(row.verdicts_required(world.state.parameters(), id(W1)), 1);
    assert_eq!(row.eligible_verifiers(id(W1)).collect::<Vec<_>>(), [id(W2)]);
}

#[test]
fn a_film_without_commitment_is_not_settled() {
    let mut world = committed(&[W1, W2, W3]);
    let none = |unit, worker| Err(TxRefused::NoCommitment { job: job(), unit: UnitIndex(unit), worker: id(worker) });
    assert_eq!(world.act(ARTIST, settle(vec![outcome(2, W1, &[V2, V3])])), none(2, W1));
    assert_eq!(world.act(ARTIST, settle(vec![outcome(0, W2, &[V3])])), none(0, W2));
    let unknown = TxRefused::UnknownUnit { job: job(), unit: UnitIndex(UNITS) };
    assert_eq!(world.act(ARTIST, settle(vec![outcome(UNITS, W1, &[V2])])), Err(unknown));
    assert_eq!(world.act(ARTIST, settle(vec![])), Err(TxRefused::UnitCount(0)));
}
