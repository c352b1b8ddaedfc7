//! What waits, in what order it goes, and what a stranger can do to the pool.

use super::ring::*;
use super::shell::cases;
use crate::{Chain, DropReason, Dropped, Place, Pool, PoolError, PoolLimits, is_dispute};
use proptest::prelude::*;
use raylance_ledger::Refusal;
use raylance_protocol::{Action, CheckedTx, Microlux, RingTime, Signature, Signed, Tx, TxId, limits};

fn pool() -> Pool {
    Pool::new(PoolLimits::USUAL)
}

/// A ring whose block 1 opened a job of artist 2 for workers 3, 4 and 5.
fn ring_with_jobs() -> Chain {
    let mut chain = chain(1);
    let jobs = (3..=5).zip(0..).map(|(worker, nonce)| open_job(&chain, 2, nonce, worker, 5_000)).collect();
    chain.apply(&final_block(&chain.clone(), 10, jobs)).unwrap();
    chain
}

fn put(pool: &mut Pool, chain: &Chain, tx: Signed<Tx>) -> Result<Place, PoolError> {
    let result = pool.insert(chain.state(), checked(chain, tx));
    pool.audit();
    result
}

fn select(pool: &mut Pool, chain: &Chain) -> (Vec<TxId>, Vec<Dropped>) {
    let selection = pool.select(&mut chain.state().draft(chain.time_ms() + 10));
    pool.audit();
    (selection.txs.iter().map(CheckedTx::id).collect(), selection.dropped)
}

/// Puts these into a block of the chain, whoever knew of them.
fn settle(pool: &mut Pool, chain: &mut Chain, after_ms: u64, txs: Vec<Signed<Tx>>) -> Vec<Dropped> {
    let block = final_block(chain, after_ms, txs);
    chain.apply(&block).unwrap();
    let dropped = pool.settle(chain.state(), block.txs());
    pool.audit();
    dropped
}

fn until(chain: &Chain, from: u8, nonce: u64, valid_until: u64) -> Signed<Tx> {
    let action = Action::Transfer { to: id(8), amount: Microlux(1) };
    keys(from).sign(chain.id(), &Tx { nonce, valid_until: RingTime(valid_until), action })
}

#[test]
fn queues_have_no_gaps_and_the_first_of_a_nonce_stays() {
    let (mut pool, mut chain) = (pool(), chain(1));
    let gap = |expected, found| Err(PoolError::NonceGap { expected, found });
    assert_eq!(put(&mut pool, &chain, transfer(&chain, 1, 1, 2, 5)), gap(0, 1));
    assert_eq!(put(&mut pool, &chain, transfer(&chain, 1, 0, 2, 5)), Ok(Place::New));
    assert_eq!(put(&mut pool, &chain, transfer(&chain, 1, 0, 2, 5)), Ok(Place::Known));
    assert_eq!(put(&mut pool, &chain, transfer(&chain, 1, 0, 3, 5)), Err(PoolError::NonceTaken(0)));
    assert_eq!(put(&mut pool, &chain, transfer(&chain, 1, u64::MAX, 2, 5)), gap(1, u64::MAX));
    assert_eq!(put(&mut pool, &chain, transfer(&chain, 1, 1, 2, 5)), Ok(Place::New));
    assert_eq!((pool.len(), pool.next_nonce(chain.state(), id(1)), pool.next_nonce(chain.state(), id(2))), (2, 2, 0));

    let block = vec![transfer(&chain, 1, 0, 2, 5)];
    assert_eq!(settle(&mut pool, &mut chain, 10, block), Vec::new());
    let used = put(&mut pool, &chain, transfer(&chain, 1, 0, 2, 5));
    assert_eq!(used, Err(PoolError::Refused(Refusal::Nonce { expected: 1, found: 0 })));
    assert_eq!(pool.len(), 1);
}

#[test]
fn a_stranger_without_money_has_no_place_and_costs_no_signature_check() {
    let (pool, chain) = (pool(), chain(1));
    let action = Action::Transfer { to: id(1), amount: Microlux(1) };
    let forged = Signed::from_parts(&Tx { nonce: 0, valid_until: RingTime::NEVER, action }, id(99), Signature([0; 64]));
    assert_eq!(pool.precheck(chain.state(), &forged), Err(Refusal::NoAccount(id(99)).into()));

    let mut chain = chain;
    let all = FUNDS - chain.state().parameters().fee(transfer(&chain, 5, 0, 6, FUNDS - 1).encoded_len()).0;
    let emptied = final_block(&chain, 10, vec![transfer(&chain, 5, 0, 6, all)]);
    chain.apply(&emptied).unwrap();
    let poor = pool.precheck(chain.state(), &transfer(&chain, 5, 1, 6, 1));
    assert!(matches!(poor, Err(PoolError::Refused(Refusal::Balance { have: Microlux(0), .. }))), "{poor:?}");
}

#[test]
fn a_balance_covers_the_fees_of_all_that_wait() {
    let (mut pool, mut chain) = (pool(), chain(1));
    let fee = chain.state().parameters().fee(transfer(&chain, 5, 0, 6, 1).encoded_len());
    let rest = 3 * fee.0;
    let emptied = final_block(&chain, 10, vec![transfer(&chain, 5, 0, 6, FUNDS - fee.0 - rest)]);
    chain.apply(&emptied).unwrap();
    for nonce in 1..=3 {
        assert_eq!(put(&mut pool, &chain, transfer(&chain, 5, nonce, 6, 1)), Ok(Place::New));
    }
    let fourth = put(&mut pool, &chain, transfer(&chain, 5, 4, 6, 1));
    assert_eq!(fourth, Err(PoolError::Fees { have: Microlux(rest), need: Microlux(4 * fee.0) }));
}

#[test]
fn an_account_has_its_share() {
    let (mut pool, chain) = (pool(), chain(1));
    for nonce in 0..64 {
        assert_eq!(put(&mut pool, &chain, transfer(&chain, 1, nonce, 2, 5)), Ok(Place::New));
    }
    let bytes = pool.bytes();
    let full = put(&mut pool, &chain, transfer(&chain, 1, 64, 2, 5));
    assert_eq!(full, Err(PoolError::AccountFull { txs: 64, bytes }));
    assert_eq!(put(&mut pool, &chain, transfer(&chain, 2, 0, 1, 5)), Ok(Place::New));

    let small = PoolLimits { account_bytes: 2 * transfer(&chain, 1, 0, 2, 5).encoded_len(), ..PoolLimits::USUAL };
    let mut pool = Pool::new(small);
    assert_eq!(put(&mut pool, &chain, transfer(&chain, 1, 0, 2, 5)), Ok(Place::New));
    assert_eq!(put(&mut pool, &chain, transfer(&chain, 1, 1, 2, 5)), Ok(Place::New));
    assert!(matches!(put(&mut pool, &chain, transfer(&chain, 1, 2, 2, 5)), Err(PoolError::AccountFull { txs: 2, .. })));
}

#[test]
fn a_pool_full_of_transfers_has_room_for_disputes() {
    let chain = ring_with_jobs();
    let one = transfer(&chain, 1, 0, 2, 5).encoded_len();
    for limits in [PoolLimits { txs: 8, ..PoolLimits::USUAL }, PoolLimits { bytes: 8 * one, ..PoolLimits::USUAL }] {
        let mut pool = Pool::new(limits);
        for nonce in 0..6 {
            assert_eq!(put(&mut pool, &chain, transfer(&chain, 1, nonce, 2, 5)), Ok(Place::New));
        }
        let full = Err(PoolError::Full { txs: 6, bytes: 6 * one });
        assert_eq!(put(&mut pool, &chain, transfer(&chain, 3, 0, 2, 5)), full);
        assert_eq!(put(&mut pool, &chain, idle_ruling(&chain, 3, 0)), Ok(Place::New));
        assert_eq!(put(&mut pool, &chain, idle_ruling(&chain, 4, 0)), Ok(Place::New));
    }
}

/// Fees are all that many accounts can buy with: their places are free again after the next block.
#[test]
fn many_accounts_fill_a_pool_for_one_block() {
    let mut chain = chain(1);
    let mut pool = Pool::new(PoolLimits { txs: 32, account_txs: 6, ..PoolLimits::USUAL });
    for from in 1..=4 {
        for nonce in 0..6 {
            assert_eq!(put(&mut pool, &chain, transfer(&chain, from, nonce, 9, 5)), Ok(Place::New));
        }
    }
    let honest = transfer(&chain, 5, 0, 9, 5);
    assert!(matches!(put(&mut pool, &chain, honest.clone()), Err(PoolError::Full { txs: 24, .. })));
    let selection = pool.select(&mut chain.state().draft(chain.time_ms() + 10));
    settle(&mut pool, &mut chain, 10, selection.txs.iter().map(|tx| tx.signed().clone()).collect());
    assert_eq!(put(&mut pool, &chain, honest), Ok(Place::New));
    assert_eq!(pool.len(), 1);
}

#[test]
fn disputes_go_first_then_what_they_wait_behind_then_the_rest() {
    let (mut pool, chain) = (pool(), ring_with_jobs());
    let txs = [
        transfer(&chain, 6, 0, 7, 5),
        transfer(&chain, 3, 0, 7, 5),
        claim(&chain, 3, 1, (2, 0), 3),
        transfer(&chain, 3, 2, 7, 5),
        claim(&chain, 4, 0, (2, 1), 4),
        transfer(&chain, 4, 1, 7, 5),
        transfer(&chain, 6, 1, 7, 5),
    ];
    for tx in &txs {
        assert_eq!(put(&mut pool, &chain, tx.clone()), Ok(Place::New));
    }
    // 3's claim waits for its nonce, and may not stand behind a transfer in one block.
    let first: Vec<_> = [4, 1, 0, 5, 6].map(|at: usize| txs[at].clone()).into();
    assert_eq!(select(&mut pool, &chain), (first.iter().map(Signed::id).collect(), Vec::new()));
    let mut chain = chain;
    assert_eq!(settle(&mut pool, &mut chain, 10, first), Vec::new());
    let second: Vec<_> = [2, 3].map(|at: usize| txs[at].clone()).into();
    assert_eq!(select(&mut pool, &chain), (second.iter().map(Signed::id).collect(), Vec::new()));
    settle(&mut pool, &mut chain, 10, second);
    assert!(pool.is_empty());
}

#[test]
fn a_refused_transaction_goes_with_what_follows_it_and_holds_nobody_up() {
    let (mut pool, chain) = (pool(), chain(1));
    let poor = transfer(&chain, 1, 0, 2, FUNDS * 2);
    let follows = transfer(&chain, 1, 1, 2, 5);
    let other = transfer(&chain, 3, 0, 2, 5);
    for tx in [&poor, &follows, &other] {
        assert_eq!(put(&mut pool, &chain, tx.clone()), Ok(Place::New));
    }
    let (txs, dropped) = select(&mut pool, &chain);
    assert_eq!(txs, [other.id()]);
    assert!(matches!(&dropped[0], Dropped { tx, reason: DropReason::Refused(Refusal::Balance { .. }), .. } if *tx == poor.id()));
    assert_eq!(dropped[1], Dropped { tx: follows.id(), account: id(1), reason: DropReason::Follows(poor.id()) });
    assert_eq!((dropped.len(), pool.len()), (2, 1));
    // Its sender can go on at once.
    assert_eq!(put(&mut pool, &chain, transfer(&chain, 1, 0, 2, 5)), Ok(Place::New));
}

#[test]
fn broken_transactions_cost_a_validator_a_bounded_number_of_attempts_per_block() {
    let chain = chain(1);
    let mut pool = Pool::new(PoolLimits { refusals: 2, ..PoolLimits::USUAL });
    for from in 1..=5 {
        assert_eq!(put(&mut pool, &chain, idle_ruling(&chain, from, 0)), Ok(Place::New));
    }
    for left in [3, 1, 0] {
        let (txs, dropped) = select(&mut pool, &chain);
        assert!(txs.is_empty() && dropped.len() <= 2);
        assert_eq!(pool.len(), left);
    }
}

#[test]
fn what_came_too_late_leaves() {
    let (mut pool, mut chain) = (pool(), chain(1));
    let now = chain.state().clock().ring_time.0;
    for (nonce, valid_until) in [(0, now + 500), (1, now + 20), (2, now + 500)] {
        assert_eq!(put(&mut pool, &chain, until(&chain, 1, nonce, valid_until)), Ok(Place::New));
    }
    assert_eq!(settle(&mut pool, &mut chain, 20, Vec::new()), Vec::new());
    let dropped = settle(&mut pool, &mut chain, 20, Vec::new());
    let (late, follows) = (until(&chain, 1, 1, now + 20).id(), until(&chain, 1, 2, now + 500).id());
    let reasons = [(late, DropReason::Late), (follows, DropReason::Follows(late))];
    assert_eq!(dropped, reasons.map(|(tx, reason)| Dropped { tx, account: id(1), reason }));
    let refused = put(&mut pool, &chain, until(&chain, 2, 0, now + 20));
    assert!(matches!(refused, Err(PoolError::Refused(Refusal::Late { .. }))));
}

#[test]
fn a_block_from_elsewhere_supersedes_what_waits() {
    let (mut pool, mut chain) = (pool(), chain(1));
    let mine = [transfer(&chain, 1, 0, 2, 5), transfer(&chain, 1, 1, 2, 5), transfer(&chain, 1, 2, 2, 5)];
    for tx in &mine {
        assert_eq!(put(&mut pool, &chain, tx.clone()), Ok(Place::New));
    }
    let theirs = transfer(&chain, 1, 0, 3, 9);
    let dropped = settle(&mut pool, &mut chain, 10, vec![theirs.clone()]);
    assert_eq!(dropped, [Dropped { tx: mine[0].id(), account: id(1), reason: DropReason::Superseded(theirs.id()) }]);
    assert_eq!(select(&mut pool, &chain).0, [mine[1].id(), mine[2].id()]);
}

#[test]
fn a_block_is_filled_up_to_its_limits_and_the_rest_waits() {
    let chain = chain(1);
    let mut pool = Pool::new(PoolLimits { account_txs: 10_000, account_bytes: usize::MAX, ..PoolLimits::USUAL });
    let fit = limits::BLOCK_TXS_BYTES_MAX / transfer(&chain, 1, 0, 2, 5).encoded_len();
    for nonce in 0..fit as u64 + 5 {
        pool.insert(chain.state(), checked(&chain, transfer(&chain, 1, nonce, 2, 5))).unwrap();
    }
    let (txs, dropped) = select(&mut pool, &chain);
    assert_eq!((txs.len(), dropped.len()), (fit, 0));
    assert_eq!(pool.len(), fit + 5);
}

#[test]
fn transactions_that_show_a_fault_of_the_rules_can_be_discarded() {
    let (mut pool, chain) = (pool(), chain(1));
    let txs = [transfer(&chain, 1, 0, 2, 5), transfer(&chain, 1, 1, 2, 5)];
    for tx in &txs {
        assert_eq!(put(&mut pool, &chain, tx.clone()), Ok(Place::New));
    }
    let dropped = pool.discard(&[checked(&chain, txs[0].clone())]);
    assert_eq!(dropped[0].reason, DropReason::Fault);
    assert!(pool.is_empty() && dropped.len() == 2);
    pool.audit();
}

fn any_tx(chain: &Chain, (from, kind, ahead): (u8, u8, u64)) -> Signed<Tx> {
    let nonce = chain.state().account(id(from)).nonce + ahead;
    match kind {
        0..4 => transfer(chain, from, nonce, 9, u64::from(kind) + 1),
        4 => transfer(chain, from, nonce, 9, FUNDS * 2),
        5 => idle_ruling(chain, from, nonce),
        6 => claim(chain, from, nonce, (2, u64::from(from) % 3), 3 + from % 3),
        _ => until(chain, from, nonce, chain.state().clock().ring_time.0 + 15),
    }
}

proptest! {
    #![proptest_config(cases(48))]

    /// Whatever comes in, every selection is a block that replicas believe, and the pool runs empty.
    #[test]
    fn whatever_is_selected_makes_a_valid_block(rounds in prop::collection::vec(prop::collection::vec((1_u8..=6, 0_u8..8, 0_u64..4), 0..24), 1..8)) {
        let (mut pool, mut chain) = (Pool::new(PoolLimits { txs: 40, account_txs: 5, refusals: 3, ..PoolLimits::USUAL }), ring_with_jobs());
        let drain = std::iter::repeat_n(Vec::new(), 40);
        for txs in rounds.into_iter().chain(drain) {
            for tx in txs {
                let tx = any_tx(&chain, tx);
                let _ = put(&mut pool, &chain, tx);
            }
            let selection = pool.select(&mut chain.state().draft(chain.time_ms() + 10));
            pool.audit();
            let kinds: Vec<bool> = selection.txs.iter().map(|tx| is_dispute(&tx.tx().action)).collect();
            prop_assert!(kinds.is_sorted_by(|before, after| before >= after));
            settle(&mut pool, &mut chain, 10, selection.txs.iter().map(|tx| tx.signed().clone()).collect());
        }
        prop_assert!(pool.is_empty());
        raylance_ledger::audit(chain.state()).unwrap();
    }
}
