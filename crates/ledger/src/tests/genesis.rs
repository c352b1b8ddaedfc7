//! What a ring may begin with.

use super::ring::*;
use crate::{CREATED_MAX, GenesisError, SnapshotError, State, audit};
use raylance_protocol::block::Validator;
use raylance_protocol::*;

#[test]
fn a_broken_genesis_is_refused_by_its_first_broken_rule() {
    let check = |change: &dyn Fn(&mut Genesis), expected: GenesisError| {
        let mut genesis = genesis();
        change(&mut genesis);
        assert_eq!(State::genesis(&genesis).err(), Some(expected));
    };
    let v = |n: u8, stake: u64| Validator { account: AccountId([n; 32]), stake };
    check(&|g| g.name.clear(), GenesisError::Name(0));
    check(&|g| g.name = "x".repeat(65), GenesisError::Name(65));
    check(&|g| g.validators.clear(), GenesisError::ValidatorCount(0));
    check(&|g| g.validators = (0..65).map(|n| v(n, 1)).collect(), GenesisError::ValidatorCount(65));
    check(&|g| g.validators = vec![v(2, 1), v(1, 1)], GenesisError::ValidatorOrder(AccountId([1; 32])));
    check(&|g| g.validators = vec![v(1, 1), v(1, 2)], GenesisError::ValidatorOrder(AccountId([1; 32])));
    check(&|g| g.validators = vec![v(1, 0)], GenesisError::NoStake(AccountId([1; 32])));
    check(&|g| g.parameters.beat_ms = 0, GenesisError::Parameters);
    check(&|g| g.renderers = (0..65).map(|n| Digest([n; 32])).collect(), GenesisError::RendererCount(65));
    check(&|g| g.renderers = vec![RENDERER, RENDERER], GenesisError::RendererOrder(RENDERER));
    check(&|g| g.balances = vec![(AccountId([1; 32]), Microlux(1)); 2], GenesisError::BalanceOrder(AccountId([1; 32])));
    check(&|g| g.balances = vec![(AccountId([1; 32]), Microlux(1)); 1025], GenesisError::BalanceCount(1025));
    check(&|g| g.balances = vec![(AccountId([1; 32]), CREATED_MAX)], GenesisError::Created);
}

#[test]
fn a_genesis_may_create_up_to_the_limit_deposits_included() {
    let deposits = 2 * PARAMETERS.account_deposit.0;
    let most = CREATED_MAX.0 - deposits;
    let with = |amount: u64| State::genesis(&genesis_of(PARAMETERS, &[(1, 1)], &[(2, amount)]));
    audit(&with(most).unwrap()).unwrap();
    assert_eq!(with(most + 1).err(), Some(GenesisError::Created));
}

#[test]
fn validators_have_accounts_and_the_state_knows_its_ring() {
    let genesis = genesis_of(PARAMETERS, &[(1, 3)], &[]);
    let state = State::genesis(&genesis).unwrap();
    assert_eq!(state.chain(), genesis.chain());
    assert_eq!(state.validators(), genesis.validators);
    assert_eq!(state.totals().created, PARAMETERS.account_deposit);
    assert_eq!(state.clock().header_ms, genesis.time_ms);
    assert_eq!(state.next_due(), None);
}

#[test]
fn a_snapshot_is_the_same_state() {
    let (ring, _) = TestRing::with_job(&[(W1, 5_000)]);
    let rows: Vec<_> = ring.state.rows().map(|(key, value)| (key.to_vec(), value.to_vec())).collect();
    let copy = State::from_rows(rows.clone()).unwrap();
    assert_eq!(copy.root(), ring.state.root());
    assert_eq!(copy.totals(), ring.state.totals());
    audit(&copy).unwrap();
    let (draft, same) = (copy.draft(ring.header_ms + 5), ring.state.draft(ring.header_ms + 5));
    assert_eq!(draft.finish().unwrap().state.root(), same.finish().unwrap().state.root());

    let without = |table: u8| rows.iter().filter(|(key, _)| key[0] != table).cloned().collect::<Vec<_>>();
    for table in [0, 1, 2, 3, 8, 11] {
        assert_eq!(State::from_rows(without(table)).err(), Some(SnapshotError::Missing { table }));
    }
    assert!(matches!(State::from_rows(rows.into_iter().rev()).err(), Some(SnapshotError::Keys(_))));
}

/// Rows, fees and the order of due entries are a contract between all peers of a ring.
#[test]
fn golden_root_of_a_short_history() {
    let (mut ring, job) = TestRing::with_job(&[(W1, 5_000), (STRANGER, 300)]);
    ring.file(job, W1, 0..2).unwrap();
    ring.act(ARTIST, pay(job, vec![row(STRANGER, 100, 500)])).unwrap();
    ring.act(ARTIST, close(job)).unwrap();
    ring.pass(PARAMETERS.window_ms / 2);
    assert_eq!(ring.state.root().to_hex(), "a1689c73e1b3b4d1a46e45d0f230ec8ef76db23a477482934b8a450825c61292");
}
