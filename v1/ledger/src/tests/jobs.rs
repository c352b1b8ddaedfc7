//! Opening, admitting, committing, closing.

use super::world::*;
use crate::{JobPhase, LedgerEvent, MicroluxChange, MoveReason, TxRefused};
use raylance_v1_protocol::tx::Action;
use raylance_v1_protocol::{AccountId, AmountError, ChainId, CommittedUnit, JobSpec, Microlux, SpecError, UnitIndex, limits};

const BUDGET: u64 = PRICE * UNITS as u64;

fn admit(worker: u8) -> Action {
    Action::Admit { job: job(), worker: id(worker) }
}

#[test]
fn opening_locks_the_budget() {
    let mut world = World::new();
    let events = world.act(ARTIST, open(&[W2, W1])).unwrap();
    let mut workers = ids(&[W1, W2]);
    workers.sort();
    let opened = LedgerEvent::JobOpened { job: job(), artist: id(ARTIST), workers, budget: Microlux(BUDGET) };
    let change = MicroluxChange(-(BUDGET as i64));
    let locked = LedgerEvent::Moved { account: id(ARTIST), change, reason: MoveReason::EscrowLocked, job: Some(job()) };
    assert_eq!(events, [opened, locked]);
    assert_eq!(world.balance(ARTIST), FUNDS - BUDGET);
    assert_eq!(world.state.job(job()).unwrap().escrow, Microlux(BUDGET));
}

#[test]
fn a_job_that_breaks_a_rule_is_not_opened() {
    let check = |who: u8, change: &dyn Fn(&mut JobSpec), expected: &dyn Fn(&JobSpec) -> TxRefused| {
        let mut spec = spec(0);
        change(&mut spec);
        let expected = expected(&spec);
        assert_eq!(World::new().act(who, Action::OpenJob { spec, workers: vec![] }), Err(expected));
    };
    check(ARTIST, &|spec| spec.replayed_leaves = 0, &|_| SpecError::ReplayedLeaves(0).into());
    check(ARTIST, &|spec| spec.chain = ChainId::default(), &|_| TxRefused::WrongChain {
        expected: genesis().chain(),
        found: ChainId::default(),
    });
    check(W1, &|_| (), &|spec| TxRefused::NotArtist { job: spec.id(), sender: id(W1) });
    check(ARTIST, &|spec| spec.unit_price_microlux = Microlux(FUNDS), &|_| TxRefused::Funds {
        account: id(ARTIST),
        source: AmountError::Short { have: FUNDS, need: 4 * FUNDS },
    });
}

#[test]
fn a_job_is_opened_once_even_after_it_closed() {
    let mut world = World::with_job(&[W1]);
    assert_eq!(world.act(ARTIST, open(&[W1])), Err(TxRefused::JobExists(job())));
    world.act(ARTIST, close()).unwrap();
    assert_eq!(world.act(ARTIST, open(&[W1])), Err(TxRefused::JobExists(job())));
}

#[test]
fn workers_are_distinct_bounded_and_never_the_artist() {
    let mut world = World::new();
    let crowd = |count: usize| (0..count as u32).map(|n| AccountId(std::array::from_fn(|i| (n >> (8 * (i % 4))) as u8))).collect();
    let opened = |workers: Vec<AccountId>| Action::OpenJob { spec: spec(0), workers };
    assert_eq!(world.act(ARTIST, open(&[W1, W1])), Err(TxRefused::WorkerRepeated { job: job(), worker: id(W1) }));
    assert_eq!(world.act(ARTIST, open(&[ARTIST])), Err(TxRefused::ArtistAsWorker(job())));
    assert_eq!(world.act(ARTIST, opened(crowd(limits::WORKERS_MAX + 1))), Err(TxRefused::TooManyWorkers(limits::WORKERS_MAX + 1)));
    world.act(ARTIST, opened(crowd(limits::WORKERS_MAX))).unwrap();
    assert_eq!(world.act(ARTIST, admit(W1)), Err(TxRefused::TooManyWorkers(limits::WORKERS_MAX + 1)));
}

#[test]
fn a_late_worker_is_admitted_once_by_the_artist_only() {
    let mut world = World::with_job(&[W1]);
    assert_eq!(world.act(W2, commit(&[(0, 1)])), Err(TxRefused::NotWorker { job: job(), account: id(W2) }));
    assert_eq!(world.act(W2, admit(W2)), Err(TxRefused::NotArtist { job: job(), sender: id(W2) }));
    assert_eq!(world.act(ARTIST, admit(W2)), Ok(vec![LedgerEvent::WorkerAdmitted { job: job(), worker: id(W2) }]));
    assert_eq!(world.act(ARTIST, admit(W2)), Err(TxRefused::WorkerRepeated { job: job(), worker: id(W2) }));
    assert_eq!(world.act(ARTIST, admit(ARTIST)), Err(TxRefused::ArtistAsWorker(job())));
    world.act(W2, commit(&[(0, 1)])).unwrap();
}

#[test]
fn a_commitment_is_recorded_with_its_height() {
    let mut world = World::with_job(&[W1]);
    let height = world.height;
    let events = world.act(W1, commit(&[(2, 1), (0, 3)])).unwrap();
    let units = vec![CommittedUnit { unit: UnitIndex(0), root: root(3) }, CommittedUnit { unit: UnitIndex(2), root: root(1) }];
    assert_eq!(events, [LedgerEvent::Committed { job: job(), worker: id(W1), units }]);
    let row = world.state.unit(job(), UnitIndex(2)).unwrap();
    assert_eq!((row.commitments[&id(W1)].root, row.commitments[&id(W1)].height.0), (root(1), height));
    assert_eq!(world.state.job(job()).unwrap().live, 2);
}

#[test]
fn a_repeated_batch_records_only_what_is_new() {
    let mut world = World::with_job(&[W1]);
    world.act(W1, commit(&[(0, 1)])).unwrap();
    assert_eq!(world.act(W1, commit(&[(0, 1)])), Err(TxRefused::NothingNew(job())));
    let events = world.act(W1, commit(&[(0, 1), (1, 1), (1, 1)])).unwrap();
    let units = vec![CommittedUnit { unit: UnitIndex(1), root: root(1) }];
    assert_eq!(events, [LedgerEvent::Committed { job: job(), worker: id(W1), units }]);
    assert_eq!(world.state.job(job()).unwrap().live, 2);
}

#[test]
fn a_commitment_outside_the_job_or_its_limits_is_refused() {
    let mut world = World::with_job(&[W1]);
    assert_eq!(world.act(W1, commit(&[])), Err(TxRefused::UnitCount(0)));
    assert_eq!(world.act(W1, commit(&[(0, 1); 257])), Err(TxRefused::UnitCount(257)));
    assert_eq!(world.act(W1, commit(&[(0, 1), (UNITS, 1)])), Err(TxRefused::UnknownUnit { job: job(), unit: UnitIndex(UNITS) }));
    let elsewhere = Action::Commit { job: spec(9).id(), units: vec![CommittedUnit { unit: UnitIndex(0), root: root(1) }] };
    assert_eq!(world.act(W1, elsewhere), Err(TxRefused::UnknownJob(spec(9).id())));
}

#[test]
fn two_roots_for_one_unit_ban_the_worker() {
    for second in [vec![(0, 2)], vec![(3, 1), (0, 2)], vec![(3, 1), (3, 2)]] {
        let mut world = World::with_job(&[W1, W2]);
        world.act(W1, commit(&[(0, 1), (1, 1)])).unwrap();
        let events = world.act(W1, commit(&second)).unwrap();
        let voided = vec![UnitIndex(0), UnitIndex(1)];
        assert_eq!(events, [LedgerEvent::WorkerBanned { job: job(), worker: id(W1), voided }], "{second:?}");
        assert_eq!(world.act(W1, commit(&[(2, 1)])), Err(TxRefused::Banned { job: job(), worker: id(W1) }));
        assert_eq!(world.act(ARTIST, admit(W1)), Err(TxRefused::Banned { job: job(), worker: id(W1) }));
        assert_eq!(world.state.job(job()).unwrap().live, 0);
    }
}

#[test]
fn two_roots_after_settlement_ban_but_the_pay_stays() {
    let mut world = World::with_job(&[W1, W2]);
    world.act(W1, commit(&[(0, 1)])).unwrap();
    world.act(ARTIST, settle(vec![outcome(0, W1, &[W2.into()])])).unwrap();
    let paid = world.balance(W1);
    let events = world.act(W1, commit(&[(0, 2)])).unwrap();
    assert_eq!(events, [LedgerEvent::WorkerBanned { job: job(), worker: id(W1), voided: vec![] }]);
    assert_eq!(world.balance(W1), paid);
}

#[test]
fn closing_refunds_what_is_left() {
    let mut world = World::with_job(&[W1, W2]);
    world.act(W1, commit(&[(0, 1)])).unwrap();
    world.act(ARTIST, settle(vec![outcome(0, W1, &[W2.into()])])).unwrap();
    let refund = Microlux(PRICE * 3);
    let change = MicroluxChange(refund.0 as i64);
    let back = LedgerEvent::Moved { account: id(ARTIST), change, reason: MoveReason::EscrowRefunded, job: Some(job()) };
    assert_eq!(world.act(ARTIST, close()), Ok(vec![back, LedgerEvent::JobClosed { job: job(), refund }]));
    assert_eq!(world.balance(ARTIST), FUNDS - PRICE);
    assert_eq!(world.state.job(job()).unwrap().phase, JobPhase::Closed);

    for (who, action) in [(ARTIST, close()), (W1, commit(&[(1, 1)])), (ARTIST, admit(W3))] {
        assert_eq!(world.act(who, action), Err(TxRefused::JobClosed(job())));
    }
    let late = settle(vec![outcome(0, W1, &[W2.into()])]);
    assert_eq!(world.act(ARTIST, late), Err(TxRefused::JobClosed(job())));
}

#[test]
fn a_job_closes_only_by_its_artist_and_without_live_commitments() {
    let mut world = World::with_job(&[W1, W2, W3]);
    assert_eq!(world.act(W1, close()), Err(TxRefused::NotArtist { job: job(), sender: id(W1) }));
    world.act(W1, commit(&[(0, 1)])).unwrap();
    world.act(W2, commit(&[(0, 1), (1, 1)])).unwrap();
    assert_eq!(world.act(ARTIST, close()), Err(TxRefused::LiveCommitments { job: job(), live: 3 }));
    // Settling unit 0 for W1 voids W2's film of it; W2's film of unit 1 still waits.
    world.act(ARTIST, settle(vec![outcome(0, W1, &[W2.into(), W3.into()])])).unwrap();
    assert_eq!(world.act(ARTIST, close()), Err(TxRefused::LiveCommitments { job: job(), live: 1 }));
    // A ban voids the last one.
    world.act(ARTIST, settle(vec![outcome(1, W2, &[-i16::from(W1), -i16::from(W3)])])).unwrap();
    world.act(ARTIST, close()).unwrap();
}
