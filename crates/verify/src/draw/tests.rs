//! How many leaves are drawn, and that every leaf has its chance.

use super::*;
use proptest::prelude::*;

fn dice(seed: u32) -> [u8; 32] {
    blake3::derive_key("test dice", &seed.to_le_bytes())
}

/// How often each leaf is drawn in `draws` draws of `count`.
fn hits(leaf_count: u32, count: u32, draws: u32, weight: impl Fn(LeafIndex) -> u32) -> Vec<u32> {
    let mut hits = vec![0; leaf_count as usize];
    for seed in 0..draws {
        for leaf in draw(&dice(seed), leaf_count, count, &weight) {
            hits[leaf.0 as usize] += 1;
        }
    }
    hits
}

#[test]
fn nine_leaves_of_a_thousand_are_drawn_at_least_four_and_at_most_all() {
    let check = |leaf_count: u32, usual: u32, close: u32| {
        assert_eq!(draw_count(leaf_count, Intensity::Usual), usual, "{leaf_count} leaves");
        assert_eq!(draw_count(leaf_count, Intensity::Close), close, "{leaf_count} leaves, closely");
    };
    check(0, 0, 0);
    check(1, 1, 1);
    check(4, 4, 4);
    check(5, 4, 5);
    check(16, 4, 16);
    check(17, 4, 16);
    check(444, 4, 16);
    check(445, 5, 20);
    check(8_192, 74, 296);
    check(raylance_protocol::limits::LEAVES_MAX, 18_875, 75_500);
}

#[test]
fn draws_without_weights_are_uniform() {
    // 97 leaves do not divide into 8 equal stretches. χ² with 96 degrees of freedom is above 160 in one of 20,000 runs; the seeds are fixed.
    let hits = hits(97, 8, 20_000, |_| 0);
    let expected = 20_000.0 * 8.0 / 97.0;
    let chi2: f64 = hits.iter().map(|&hit| (f64::from(hit) - expected).powi(2) / expected).sum();
    assert!(chi2 < 160.0, "χ² = {chi2}");
}

#[test]
fn half_of_a_draw_is_uniform_and_half_goes_by_weight() {
    // Weights 0 to 9: a leaf of weight w is drawn with 37/8192 + 37·w/(8192·4.5), but for draws that fall on one leaf twice (below 1 %).
    let (leaf_count, draws) = (8_192, 4_000);
    let hits = hits(leaf_count, 74, draws, |leaf| leaf.0 % 10);
    for weight in 0..10 {
        let of_weight: Vec<_> = hits.iter().skip(weight as usize).step_by(10).collect();
        let drawn: f64 = of_weight.iter().map(|&&hit| f64::from(hit)).sum();
        let share = 37.0 / f64::from(leaf_count) * (1.0 + f64::from(weight) / 4.5);
        let expected = f64::from(draws) * share * of_weight.len() as f64;
        assert!((drawn / expected - 1.0).abs() < 0.03, "weight {weight}: {drawn} drawn, {expected} expected");
    }
}

#[test]
fn draws_by_weight_are_uniform_among_leaves_of_one_weight() {
    // Half of the leaves weigh nothing: they are reached by the uniform half alone.
    let hits = hits(100, 10, 20_000, |leaf| (leaf.0 % 2) * 7);
    for parity in 0..2 {
        let group: Vec<_> = hits.iter().skip(parity).step_by(2).map(|&hit| f64::from(hit)).collect();
        let mean = group.iter().sum::<f64>() / group.len() as f64;
        let chi2: f64 = group.iter().map(|hit| (hit - mean).powi(2) / mean).sum();
        // 49 degrees of freedom; above 95 in one of 10,000 runs.
        assert!(chi2 < 95.0, "parity {parity}: χ² = {chi2}");
        assert!(if parity == 0 { mean < 1_150.0 } else { mean > 2_500.0 }, "parity {parity}: {mean}");
    }
}

#[test]
fn no_place_of_wrong_leaves_is_missed_more_often_than_independent_draws_would() {
    // 2 % of 1,000 leaves are wrong: side by side, at equal distances, or the dearest.
    let (leaf_count, count, draws) = (1_000, 50, 4_000);
    let check = |name: &str, is_wrong: &dyn Fn(u32) -> bool, weight: &dyn Fn(LeafIndex) -> u32| {
        let missed = (0..draws).filter(|&seed| !draw(&dice(seed), leaf_count, count, weight).iter().any(|leaf| is_wrong(leaf.0))).count();
        // (1 − 0.02)^50 = 36.4 %, and four standard deviations.
        assert!((missed as f64) < f64::from(draws) * (0.364 + 4.0 * 0.0077), "{name}: missed {missed} of {draws}");
    };
    check("side by side", &|leaf| (500..520).contains(&leaf), &|_| 0);
    check("equal distances", &|leaf| leaf % 50 == 7, &|_| 1);
    check("scattered", &|leaf| leaf.wrapping_mul(2_654_435_761) % 50 == 7, &|_| 1);
    check("the dearest", &|leaf| leaf % 50 == 7, &|leaf| if leaf.0 % 50 == 7 { 1_000 } else { 10 });
}

#[test]
fn one_leaf_with_all_the_weight_is_always_drawn() {
    for seed in 0..100 {
        let drawn = draw(&dice(seed), 100, 10, |leaf| if leaf.0 == 42 { u32::MAX } else { 0 });
        assert!(drawn.contains(&LeafIndex(42)));
        assert_eq!(drawn.len(), 10);
    }
}

#[test]
fn the_draw_is_the_one_of_version_2() {
    let leaves = |weight: fn(LeafIndex) -> u32| draw(&dice(1), 8_192, 6, weight).iter().map(|leaf| leaf.0).collect::<Vec<_>>();
    assert_eq!(leaves(|_| 0), [1269, 2620, 3194, 5008, 5725, 7141]);
    assert_eq!(leaves(|leaf| leaf.0), [2538, 3867, 5167, 5241, 6389, 7063]);
}

proptest! {
    #[test]
    fn drawn_leaves_are_distinct_ascending_and_of_the_task(leaf_count in 0u32..600, count in 0u32..600, seed: u32, spread in 0u32..5) {
        let weight = |leaf: LeafIndex| leaf.0.wrapping_mul(2_654_435_761) >> (spread * 8).min(31);
        let leaves = draw(&dice(seed), leaf_count, count, weight);
        prop_assert_eq!(leaves.len(), count.min(leaf_count) as usize);
        prop_assert!(leaves.windows(2).all(|pair| pair[0] < pair[1]));
        prop_assert!(leaves.iter().all(|&leaf| leaf.0 < leaf_count));
        prop_assert_eq!(draw(&dice(seed), leaf_count, count, weight), leaves);
    }
}
