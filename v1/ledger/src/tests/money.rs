//! Transfers, nonces, rings, genesis.

use super::world::*;
use crate::genesis::{BALANCES_MAX, NAME_BYTES_MAX, genesis_events};
use crate::{GenesisError, LedgerEvent, MicroluxChange, MoveReason, RefusalCause, State, TxRefused};
use raylance_v1_protocol::tx::{Action, Tx};
use raylance_v1_protocol::{AccountId, AmountError, ChainId, Genesis, Microlux};

fn transfer(to: u8, amount: u64) -> Action {
    Action::Transfer { to: id(to), amount_microlux: Microlux(amount) }
}

#[test]
fn a_transfer_moves_money_and_tells_both_sides() {
    let mut world = World::new();
    let events = world.act(ARTIST, transfer(W1, 5)).unwrap();
    let moved = |account, change, reason| LedgerEvent::Moved { account, change: MicroluxChange(change), reason, job: None };
    let sent = moved(id(ARTIST), -5, MoveReason::Sent { to: id(W1) });
    let received = moved(id(W1), 5, MoveReason::Received { from: id(ARTIST) });
    assert_eq!(events, [sent, received]);
    assert_eq!((world.balance(ARTIST), world.balance(W1)), (FUNDS - 5, 5));
}

#[test]
fn all_money_can_be_sent_and_not_one_microlux_more() {
    let mut world = World::new();
    let refused = world.act(ARTIST, transfer(W1, FUNDS + 1)).unwrap_err();
    let source = AmountError::Short { have: FUNDS, need: FUNDS + 1 };
    assert_eq!(refused, TxRefused::Funds { account: id(ARTIST), source });
    assert_eq!(refused.cause(), RefusalCause::Funds);
    world.act(ARTIST, transfer(W1, FUNDS)).unwrap();
    assert_eq!((world.balance(ARTIST), world.balance(W1)), (0, FUNDS));
}

#[test]
fn a_transfer_to_oneself_changes_no_balance() {
    let mut world = World::new();
    world.act(ARTIST, transfer(ARTIST, FUNDS)).unwrap();
    assert_eq!(world.balance(ARTIST), FUNDS);
}

#[test]
fn a_transfer_of_nothing_is_refused() {
    assert_eq!(World::new().act(ARTIST, transfer(W1, 0)), Err(TxRefused::NothingTransferred));
}

#[test]
fn a_replayed_or_skipped_nonce_is_refused() {
    let mut world = World::new();
    let tx = world.tx(ARTIST, transfer(W1, 5));
    world.send(&tx).unwrap();
    let nonce = |expected, found| Err(TxRefused::Nonce { account: id(ARTIST), expected, found });
    assert_eq!(world.send(&tx), nonce(1, 0));
    let skipped = keys(ARTIST).sign(&Tx { chain: world.state.chain(), nonce: 2, action: transfer(W1, 5) });
    assert_eq!(world.send(&skipped), nonce(1, 2));
    assert_eq!(world.balance(W1), 5);
}

#[test]
fn a_transaction_for_another_ring_is_refused() {
    let mut world = World::new();
    let tx = keys(ARTIST).sign(&Tx { chain: ChainId::default(), nonce: 0, action: transfer(W1, 5) });
    let expected = TxRefused::WrongChain { expected: world.state.chain(), found: ChainId::default() };
    assert_eq!(world.send(&tx), Err(expected));
}

#[test]
fn a_transaction_signed_by_somebody_else_is_refused() {
    let mut world = World::new();
    let bytes = raylance_v1_protocol::encode(&world.tx(ARTIST, transfer(W1, 5)));
    let flipped = |at: usize| {
        let mut bytes = bytes.clone();
        bytes[at] ^= 1;
        raylance_v1_protocol::decode(&bytes, bytes.len()).unwrap()
    };
    // The last byte belongs to the signature, the 70th from behind to the signer, the fifth to the chain in the body.
    for at in [bytes.len() - 1, bytes.len() - 70, 5] {
        assert!(matches!(world.send(&flipped(at)), Err(TxRefused::Open(_))), "byte {at}");
    }
}

#[test]
fn a_genesis_that_breaks_a_rule_is_refused() {
    let check = |change: &dyn Fn(&mut Genesis), expected: GenesisError| {
        let mut genesis = genesis();
        change(&mut genesis);
        assert_eq!(State::from_genesis(&genesis).map(|_| ()), Err(expected));
    };
    let (a, b) = (AccountId([1; 32]), AccountId([2; 32]));
    check(&|g| g.name.clear(), GenesisError::Name(0));
    check(&|g| g.name = "x".repeat(NAME_BYTES_MAX + 1), GenesisError::Name(NAME_BYTES_MAX + 1));
    check(&|g| g.validators.clear(), GenesisError::ValidatorCount(0));
    check(&|g| g.validators = vec![a; 101], GenesisError::ValidatorCount(101));
    check(&|g| g.validators = vec![b, a], GenesisError::ValidatorOrder(a));
    check(&|g| g.validators = vec![a, a], GenesisError::ValidatorOrder(a));
    check(&|g| g.balances = vec![(a, Microlux(1)), (a, Microlux(1))], GenesisError::BalanceOrder(a));
    check(&|g| g.balances = vec![(a, Microlux(1)); BALANCES_MAX + 1], GenesisError::BalanceCount(BALANCES_MAX + 1));
    check(&|g| g.balances = vec![(a, Microlux(i64::MAX as u64)), (b, Microlux(1))], GenesisError::Total);
    check(&|g| g.balances = vec![(a, Microlux(u64::MAX)), (b, Microlux(1))], GenesisError::Total);
    check(&|g| g.parameters.burn_permille = 71, GenesisError::Shares(1001));
    check(&|g| g.parameters.verdicts_required = 0, GenesisError::NoVerdicts);
}

#[test]
fn first_balances_are_movements_too() {
    let mut genesis = genesis();
    genesis.balances.push((AccountId([255; 32]), Microlux(0)));
    let (account, change, reason) = (id(ARTIST), MicroluxChange(FUNDS as i64), MoveReason::Genesis);
    assert_eq!(genesis_events(&genesis), [LedgerEvent::Moved { account, change, reason, job: None }]);
}

#[test]
fn changes_are_printed_with_their_sign() {
    assert_eq!(MicroluxChange(-1_250_000).to_string(), "-1.250000 lux");
    assert_eq!(MicroluxChange(i64::MAX).to_string(), "+9223372036854.775807 lux");
}
