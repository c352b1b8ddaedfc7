//! Proofs of accounts, and states that equal each other however they were reached.

use super::world::*;
use crate::{Account, PathError, State, verify_account_value};
use raylance_v1_protocol::tx::{Action, Tx};
use raylance_v1_protocol::{Height, Microlux};

fn transfer(nonce: u64, to: u8) -> raylance_v1_protocol::Signed<Tx> {
    let action = Action::Transfer { to: id(to), amount_microlux: Microlux(5) };
    keys(ARTIST).sign(&Tx { chain: genesis().chain(), nonce, action })
}

#[test]
fn an_account_and_its_absence_can_be_proved() {
    let mut world = World::with_job(&[W1]);
    world.act(W1, commit(&[(0, 1)])).unwrap();
    let root = world.state.state_root();
    for who in [ARTIST, W1, STRANGER] {
        let (value, path) = world.state.prove(id(who));
        assert_eq!(verify_account_value(root, id(who), &value, &path), Ok(world.state.account(id(who))));
        assert_eq!(value.is_empty(), who == STRANGER);
        assert_eq!(verify_account_value(genesis().chain().0, id(who), &value, &path), Err(PathError::Root(id(who))));
    }
    // Neither can a present account be called absent, nor a balance be changed, nor one account stand for another.
    let (value, path) = world.state.prove(id(ARTIST));
    assert!(verify_account_value(root, id(ARTIST), &[], &path).is_err());
    assert!(verify_account_value(root, id(W1), &value, &path).is_err());
    let richer = raylance_v1_protocol::encode(&Account { balance_microlux: Microlux(FUNDS * 2), nonce: 1 });
    assert!(verify_account_value(root, id(ARTIST), &richer, &path).is_err());
    let (_, absent) = world.state.prove(id(STRANGER));
    assert!(verify_account_value(root, id(STRANGER), &value, &absent).is_err());
}

#[test]
fn a_block_and_its_single_transactions_lead_to_the_same_root() {
    let txs: Vec<_> = (0..20).map(|n| transfer(n, W1 + (n % 4) as u8)).collect();
    let mut one = State::from_genesis(&genesis()).unwrap();
    txs.iter().for_each(|tx| drop(one.execute(Height(1), tx).unwrap()));

    let mut block = State::from_genesis(&genesis()).unwrap();
    let mut staged = block.stage();
    txs.iter().for_each(|tx| drop(staged.execute(&block, Height(1), tx).unwrap()));
    assert_eq!(staged.account(&block, id(ARTIST)).nonce, 20);
    let before = block.state_root();
    let prepared = block.prepare(staged).unwrap();
    assert_eq!((prepared.root(), block.state_root()), (one.state_root(), before));
    block.commit(prepared);
    assert_eq!(block.state_root(), one.state_root());
}

#[test]
fn a_forgotten_block_leaves_no_trace() {
    let mut state = State::from_genesis(&genesis()).unwrap();
    let before = state.state_root();
    let mut staged = state.stage();
    staged.execute(&state, Height(1), &transfer(0, W1)).unwrap();
    drop(state.prepare(staged).unwrap());
    assert_eq!((state.state_root(), state.account(id(W1))), (before, Account::default()));
    state.execute(Height(1), &transfer(0, W1)).unwrap();
    state.check_supply().unwrap();
}

#[test]
fn an_empty_block_keeps_the_root() {
    let mut state = State::from_genesis(&genesis()).unwrap();
    let before = state.state_root();
    let prepared = state.prepare(state.stage()).unwrap();
    state.commit(prepared);
    assert_eq!(state.state_root(), before);
}
