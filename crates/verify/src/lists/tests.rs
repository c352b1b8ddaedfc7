//! Shares and lists.

use super::*;
use crate::testing::address;
use proptest::prelude::*;
use std::collections::BTreeSet;

fn dice(seed: u32) -> [u8; 32] {
    blake3::derive_key("test dice", &seed.to_le_bytes())
}

fn leaves(count: u32) -> Vec<LeafIndex> {
    (0..count).map(|i| LeafIndex(3 * i)).collect()
}

#[test]
fn the_artist_replays_four_leaves_and_peers_at_least_half() {
    let check = |drawn: u32, own_wanted: usize, own: usize, peers: usize| {
        let shares = split(&dice(1), &leaves(drawn), own_wanted, Peers::Willing);
        assert_eq!((shares.own.len(), shares.peers.len()), (own, peers), "{drawn} drawn, {own_wanted} wanted");
    };
    check(74, 0, 4, 70);
    check(74, 10, 10, 64);
    check(74, 1000, 37, 37);
    check(75, 1000, 37, 38);
    check(8, 0, 4, 4);
    // Too small for both: some leaves are replayed by both.
    check(7, 0, 4, 4);
    check(4, 0, 4, 2);
    check(1, 0, 1, 1);
    check(0, 0, 0, 0);
}

#[test]
fn without_willing_peers_the_artist_replays_everything() {
    let shares = split(&dice(1), &leaves(74), 0, Peers::Absent);
    assert_eq!(shares, Shares { own: leaves(74), peers: Vec::new() });
}

#[test]
fn every_leaf_is_the_artists_own_equally_often() {
    let mut hits = [0u32; 20];
    for seed in 0..10_000 {
        for leaf in split(&dice(seed), &leaves(20), 0, Peers::Willing).own {
            hits[leaf.0 as usize / 3] += 1;
        }
    }
    // Five standard deviations of a binomial with p = 1/5.
    assert!(hits.iter().all(|&hit| (1_800..=2_200).contains(&hit)), "{hits:?}");
}

#[test]
fn a_checker_gets_nothing_that_it_rendered_and_the_pool_keeps_the_rest() {
    let mut pool: Vec<(u8, u32)> = (0..5).flat_map(|worker| (0..10).map(move |i| (worker, i))).collect();
    let all: BTreeSet<_> = pool.iter().copied().collect();
    let first = pick(&dice(1), &mut pool, 12, |item| item.0 != 3);
    assert_eq!((first.len(), pool.len()), (12, 38));
    let second = pick(&dice(2), &mut pool, 1000, |item| item.0 != 3);
    assert_eq!((second.len(), pool.len()), (28, 10));
    assert!(pool.iter().all(|item| item.0 == 3));
    assert_eq!(pick(&dice(3), &mut pool, 5, |item| item.0 != 3), []);
    let again: BTreeSet<_> = first.into_iter().chain(second).chain(pool).collect();
    assert_eq!(again, all);
}

#[test]
fn a_list_mixes_workers_as_the_pool_does() {
    let mut from_first = 0;
    for seed in 0..1_000 {
        let mut pool: Vec<u32> = (0..100).collect();
        from_first += pick(&dice(seed), &mut pool, 10, |item| item % 10 != 0).iter().filter(|&&item| item < 50).count();
    }
    // 10,000 picks, half of them from the first half of the pool; five standard deviations.
    assert!((4_750..=5_250).contains(&from_first), "{from_first}");
}

#[test]
fn a_list_is_in_the_order_of_its_addresses_and_remembers_where_they_came_from() {
    let samples = vec![(address(9), 'b'), (address(2), 'c'), (address(9), 'a')];
    assert_eq!(in_order(samples), (vec![address(2), address(9), address(9)], vec!['c', 'a', 'b']));
}

#[test]
fn one_leaf_in_twenty_of_a_list_is_replayed_again_and_at_least_four() {
    let check = |list_len: u32, expected: usize| {
        let leaves = recheck(&dice(1), list_len);
        assert_eq!(leaves.len(), expected, "{list_len} leaves");
        assert!(leaves.windows(2).all(|pair| pair[0] < pair[1]) && leaves.iter().all(|leaf| leaf.0 < list_len));
    };
    check(0, 0);
    check(3, 3);
    check(64, 4);
    check(80, 4);
    check(81, 5);
    check(1024, 52);
}

proptest! {
    #[test]
    fn shares_cover_the_draw_and_hold_nothing_else(count in 0u32..200, own_wanted in 0usize..200, seed: u32) {
        let drawn = leaves(count);
        let shares = split(&dice(seed), &drawn, own_wanted, Peers::Willing);
        for share in [&shares.own, &shares.peers] {
            prop_assert!(share.windows(2).all(|pair| pair[0] < pair[1]));
        }
        let both: BTreeSet<_> = shares.own.iter().chain(&shares.peers).copied().collect();
        prop_assert!(both.into_iter().eq(drawn));
        prop_assert!(shares.own.len() >= count.min(4) as usize);
        prop_assert!(shares.peers.len() * 2 >= count as usize);
        if count >= 8 {
            prop_assert_eq!(shares.own.len() + shares.peers.len(), count as usize);
        }
    }
}
