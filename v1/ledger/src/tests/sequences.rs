//! Random sequences of sensible and senseless actions keep every invariant.

use super::world::*;
use crate::{LedgerEvent, genesis::genesis_events};
use proptest::prelude::*;
use raylance_v1_protocol::tx::{Action, Tx};
use raylance_v1_protocol::{AccountId, Microlux};
use std::collections::BTreeMap;

#[derive(Clone, Debug)]
struct Step {
    who: u8,
    nonce_shift: u64,
    action: Action,
}

fn who() -> impl Strategy<Value = u8> {
    prop_oneof![3 => Just(ARTIST), 2 => Just(W1), 2 => Just(W2), 1 => Just(W3), 1 => Just(W4), 1 => Just(STRANGER)]
}

fn verdicts() -> impl Strategy<Value = Vec<i16>> {
    let one = (who(), any::<bool>()).prop_map(|(who, accept)| if accept { i16::from(who) } else { -i16::from(who) });
    prop_oneof![
        3 => Just(vec![W2.into(), W3.into()]),
        2 => Just(vec![W1.into(), W3.into()]),
        1 => Just(vec![-i16::from(W2), -i16::from(W3)]),
        1 => Just(vec![i16::from(ARTIST), W3.into()]),
        1 => prop::collection::vec(one, 0..4),
    ]
}

/// The account that an action is meant for, most of the time.
fn mostly(right: impl Strategy<Value = u8>) -> impl Strategy<Value = u8> {
    prop_oneof![9 => right, 1 => who()]
}

fn worker() -> impl Strategy<Value = u8> {
    prop_oneof![Just(W1), Just(W1), Just(W2), Just(W3)]
}

/// Sender and action.
fn turn() -> impl Strategy<Value = (u8, Action)> {
    let amount = prop_oneof![Just(0), 1..50u64, 1..50u64, Just(u64::MAX)];
    let transfer =
        (who(), who(), amount).prop_map(|(from, to, amount)| (from, Action::Transfer { to: id(to), amount_microlux: Microlux(amount) }));
    let open_any = (mostly(Just(ARTIST)), prop::collection::vec(who(), 0..3)).prop_map(|(from, workers)| (from, open(&workers)));
    let open_good = mostly(Just(ARTIST)).prop_map(|from| (from, open(&[W1, W2, W3])));
    let admit = (mostly(Just(ARTIST)), who()).prop_map(|(from, worker)| (from, Action::Admit { job: job(), worker: id(worker) }));
    let unit = prop_oneof![30 => 0..UNITS, 1 => Just(UNITS)];
    let root = prop_oneof![30 => Just(1u8), 1 => Just(2u8)];
    let commits = (mostly(worker()), prop::collection::vec((unit, root), 1..4)).prop_map(|(from, units)| (from, commit(&units)));
    let outcomes = prop::collection::vec((0..UNITS, mostly(worker()), verdicts()), 1..3);
    let settles = (who(), outcomes)
        .prop_map(|(from, all)| (from, settle(all.into_iter().map(|(unit, worker, v)| outcome(unit, worker, &v)).collect())));
    let closes = mostly(Just(ARTIST)).prop_map(|from| (from, close()));
    prop_oneof![2 => transfer, 1 => open_any, 4 => open_good, 2 => admit, 8 => commits, 12 => settles, 1 => closes]
}

fn step() -> impl Strategy<Value = Step> {
    let shift = prop_oneof![19 => Just(0), 1 => 1..3u64];
    (shift, turn()).prop_map(|(nonce_shift, (who, action))| Step { who, nonce_shift, action })
}

/// `World::send` checks after every step: supply, the nonce, and that a refused transaction leaves the state root as it was.
fn play(steps: &[Step]) -> (World, BTreeMap<AccountId, i128>, usize) {
    let mut world = World::new();
    let mut wallets: BTreeMap<AccountId, i128> = BTreeMap::new();
    let mut executed = 0;
    let mut read = |events: Vec<LedgerEvent>| {
        for event in events {
            if let LedgerEvent::Moved { account, change, .. } = event {
                *wallets.entry(account).or_default() += i128::from(change.0);
            }
        }
    };
    read(genesis_events(&genesis()));
    for step in steps {
        let nonce = world.state.account(id(step.who)).nonce + step.nonce_shift;
        let tx = keys(step.who).sign(&Tx { chain: world.state.chain(), nonce, action: step.action.clone() });
        if let Ok(events) = world.send(&tx) {
            assert_eq!(step.nonce_shift, 0);
            executed += 1;
            read(events);
        }
        // The counter of live commitments agrees with the rows that it counts.
        let live = (0..UNITS)
            .filter_map(|unit| world.state.unit(job(), raylance_v1_protocol::UnitIndex(unit)))
            .filter(|row| row.settled.is_none());
        let Some(row) = world.state.job(job()) else { continue };
        let live: usize = live.map(|unit| unit.commitments.keys().filter(|worker| row.may_earn(**worker)).count()).sum();
        assert_eq!(row.live as usize, live);
    }
    (world, wallets, executed)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn any_sequence_keeps_supply_nonces_and_wallets(steps in prop::collection::vec(step(), 1..50)) {
        let (world, wallets, _) = play(&steps);
        for (account, sum) in wallets {
            prop_assert_eq!(sum, i128::from(world.state.account(account).balance_microlux.0));
        }
    }

    #[test]
    fn the_same_sequence_gives_the_same_root(steps in prop::collection::vec(step(), 1..20)) {
        prop_assert_eq!(play(&steps).0.state.state_root(), play(&steps).0.state.state_root());
    }
}

#[test]
fn the_random_sequences_do_reach_settlement() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let steps = prop::collection::vec(step(), 400).new_tree(&mut runner).unwrap().current();
    let mut settled = 0;
    let mut executed = 0;
    for part in steps.chunks(50) {
        let (world, _, count) = play(part);
        executed += count;
        settled += world.state.job(job()).map_or(0, |row| row.settled);
    }
    assert!(executed > 40 && settled > 3, "{executed} executed, {settled} settled");
}
