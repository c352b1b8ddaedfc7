//! What holds for every transaction, and transfers.

use super::ring::*;
use crate::{Event, Reason, Refusal};
use raylance_protocol::*;

fn transfer(to: u8, amount: u64) -> Action {
    Action::Transfer { to: id(to), amount: Microlux(amount) }
}

#[test]
fn a_transfer_moves_the_amount_and_its_fee_is_burned_and_kept() {
    let mut ring = TestRing::new();
    let tx = ring.sign_tx(ARTIST, &Tx { nonce: 0, valid_until: RingTime(0), action: transfer(W1, 500) });
    let fee = PARAMETERS.fee(tx.len_bytes()).0;
    assert!(fee > 0);
    ring.execute(&tx).unwrap();
    assert_eq!((ring.balance(ARTIST), ring.balance(W1), ring.nonce(ARTIST)), (FUNDS - 500 - fee, FUNDS + 500, 1));
    let totals = ring.state.totals();
    assert_eq!((totals.burned.0, totals.treasury.0), (fee / 2, fee - fee / 2));
}

#[test]
fn a_new_account_costs_whoever_makes_it_a_deposit() {
    let mut ring = TestRing::new();
    let before = (ring.balance(ARTIST), ring.state.totals().deposits.0);
    ring.act(ARTIST, transfer(STRANGER, 1)).unwrap();
    assert_eq!(ring.balance(STRANGER), 1);
    assert_eq!(ring.state.totals().deposits.0, before.1 + PARAMETERS.account_deposit.0);
    assert!(ring.happened(|event| *event == Event::AccountMade { account: id(STRANGER), by: id(ARTIST) }));
    let paid = before.0 - ring.balance(ARTIST);
    ring.act(ARTIST, transfer(STRANGER, 1)).unwrap();
    assert_eq!(ring.balance(ARTIST), before.0 - 2 * paid + PARAMETERS.account_deposit.0, "the second costs no deposit");
}

#[test]
fn a_refused_transaction_costs_nothing_and_changes_nothing() {
    let mut ring = TestRing::new();
    let before = ring.balance(ARTIST);
    assert_eq!(ring.act(ARTIST, transfer(W1, 0)), Err(Refusal::Nothing));
    let root = ring.state.root();
    let all = ring.act(ARTIST, transfer(W1, FUNDS));
    assert!(matches!(all, Err(Refusal::Balance { need, .. }) if need.0 == FUNDS));
    assert_eq!((ring.balance(ARTIST), ring.nonce(ARTIST)), (before, 0));
    assert_ne!(ring.state.root(), root, "blocks are counted");
}

#[test]
fn a_balance_can_be_spent_to_its_last_microlux_but_not_further() {
    let mut ring = TestRing::new();
    let tx = ring.sign_tx(ARTIST, &Tx { nonce: 0, valid_until: RingTime::NEVER, action: transfer(W1, 1) });
    let fee = PARAMETERS.fee(tx.len_bytes()).0;
    assert!(ring.act(ARTIST, transfer(W1, FUNDS - fee + 1)).is_err());
    assert!(ring.act(ARTIST, transfer(STRANGER, FUNDS - fee)).is_err(), "the new account's deposit is missing");
    ring.act(ARTIST, transfer(W1, FUNDS - fee)).unwrap();
    assert_eq!(ring.balance(ARTIST), 0);
    assert!(matches!(ring.act(ARTIST, transfer(W1, 1)), Err(Refusal::Balance { .. })), "not even the fee");
}

#[test]
fn a_transaction_counts_once_in_its_order_and_in_its_time() {
    let mut ring = TestRing::new();
    let tx = |nonce, valid_until| Tx { nonce, valid_until: RingTime(valid_until), action: transfer(W1, 1) };
    let now = Tx { nonce: 0, ..tx(0, 0) };
    let now = ring.sign_tx(ARTIST, &now);
    ring.execute(&now).unwrap();
    assert_eq!(ring.execute(&now), Err(Refusal::Nonce { expected: 1, found: 0 }));
    let ahead = ring.sign_tx(ARTIST, &tx(2, 9_000));
    assert_eq!(ring.execute(&ahead), Err(Refusal::Nonce { expected: 1, found: 2 }));
    ring.pass(101);
    let late = ring.sign_tx(ARTIST, &tx(1, 100));
    assert_eq!(ring.execute(&late), Err(Refusal::Late { valid_until: RingTime(100), now: RingTime(101) }));
    let edge = ring.sign_tx(ARTIST, &tx(1, 101));
    ring.execute(&edge).unwrap();
}

#[test]
fn an_account_without_a_row_can_do_nothing() {
    let mut ring = TestRing::new();
    assert_eq!(ring.act(STRANGER, transfer(W1, 1)), Err(Refusal::NoAccount(id(STRANGER))));
}

#[test]
fn a_precheck_refuses_what_can_never_be_executed_and_lets_the_next_ones_wait() {
    let ring = TestRing::new();
    let signed = |who: u8, nonce, action| keys(who).sign(ring.chain, &Tx { nonce, valid_until: RingTime(0), action });
    assert_eq!(ring.state.precheck(&signed(ARTIST, 0, transfer(W1, 1))), Ok(()));
    assert_eq!(ring.state.precheck(&signed(ARTIST, 7, transfer(W1, 1))), Ok(()));
    assert_eq!(ring.state.precheck(&signed(ARTIST, 0, transfer(W1, 0))), Err(Refusal::Nothing));
    assert_eq!(ring.state.precheck(&signed(STRANGER, 0, transfer(W1, 1))), Err(Refusal::NoAccount(id(STRANGER))));
    let mut later = TestRing::new();
    later.act(ARTIST, transfer(W1, 1)).unwrap();
    assert_eq!(later.state.precheck(&signed(ARTIST, 0, transfer(W1, 1))), Err(Refusal::Nonce { expected: 1, found: 0 }));
    later.pass(1);
    let late = signed(ARTIST, 1, transfer(W1, 1));
    assert_eq!(later.state.precheck(&late), Err(Refusal::Late { valid_until: RingTime(0), now: RingTime(1) }));
}

#[test]
fn every_movement_says_why() {
    let mut ring = TestRing::new();
    ring.act(ARTIST, transfer(W1, 500)).unwrap();
    let reasons: Vec<_> =
        ring.events.iter().filter_map(|event| if let Event::Moved { reason, .. } = event { Some(*reason) } else { None }).collect();
    assert_eq!(reasons, [Reason::Fee, Reason::Sent { to: id(W1) }, Reason::Received { from: id(ARTIST) }]);
}
