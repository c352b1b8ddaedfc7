//! How often the judge rejects a film: by drawing as an artist does, many times.

use super::Film;
use raylance_protocol::{Digest, Leaf, LeafIndex};
use raylance_verify::{draw, judge};
use serde::Serialize;
use std::sync::atomic::{AtomicU64, Ordering};

/// 97.5 % quantile of the normal distribution.
const Z_95: f64 = 1.959_963_984_540_054;

/// How often a film was rejected.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Detection {
    /// Leaves drawn per unit.
    pub drawn_leaves: u32,
    /// Draws made.
    pub draws: u32,
    /// Draws after which the judge rejected.
    pub caught: u32,
    /// Share of draws that caught it.
    pub detected: f64,
    /// Lower Wilson 95 % bound of that share.
    pub detected_low: f64,
    /// Upper bound.
    pub detected_high: f64,
    /// Mean number of units until the first is rejected; absent when none was.
    pub units_until_caught: Option<f64>,
}

/// Draws `leaves` of the film `draws` times, each time with other dice, and judges them as an artist does that replayed `honest`. All
/// leaves have the same estimated cost. `judged` counts along.
pub fn detection(honest: &Film, claimed: &Film, leaves: u32, draws: u32, judged: &AtomicU64) -> Detection {
    let mut caught = 0;
    for number in 0..draws {
        let dice = Digest::of("raylance lab dice 2", &[&number.to_le_bytes()]);
        let drawn = draw(&dice.0, claimed.unit.leaf_count(), leaves, |_| 1);
        caught += u32::from(judge(&drawn, &pick(claimed, &drawn), &pick(honest, &drawn)).is_err());
        judged.fetch_add(1, Ordering::Relaxed);
    }
    let (detected_low, detected_high) = wilson_95(caught, draws);
    Detection {
        drawn_leaves: leaves,
        draws,
        caught,
        detected: f64::from(caught) / f64::from(draws.max(1)),
        detected_low,
        detected_high,
        units_until_caught: (caught > 0).then(|| f64::from(draws) / f64::from(caught)),
    }
}

fn pick(film: &Film, drawn: &[LeafIndex]) -> Vec<Leaf> {
    drawn.iter().map(|leaf| film.leaves[leaf.0 as usize]).collect()
}

/// Wilson's 95 % bounds of a share of which `hits` of `trials` were seen; 0 to 1 when nothing was tried.
///
/// Source: E. B. Wilson, Probable inference, the law of succession, and statistical inference, 1927.
pub fn wilson_95(hits: u32, trials: u32) -> (f64, f64) {
    if trials == 0 {
        return (0.0, 1.0);
    }
    let (n, share, z2) = (f64::from(trials), f64::from(hits) / f64::from(trials), Z_95 * Z_95);
    let centre = share + z2 / (2.0 * n);
    let spread = Z_95 * (share * (1.0 - share) / n + z2 / (4.0 * n * n)).sqrt();
    // At 0 and at all hits one bound is exact; rounding must not move it.
    let low = if hits == 0 { 0.0 } else { (centre - spread) / (1.0 + z2 / n) };
    let high = if hits == trials { 1.0 } else { (centre + spread) / (1.0 + z2 / n) };
    (low, high)
}

#[cfg(test)]
mod tests {
    use super::super::film::tests::ramp;
    use super::*;

    #[test]
    fn wilson_bounds_are_those_of_the_textbook() {
        let check = |hits, trials, low: f64, high: f64| {
            let bounds = wilson_95(hits, trials);
            assert!((bounds.0 - low).abs() < 5e-5 && (bounds.1 - high).abs() < 5e-5, "{hits} of {trials}: {bounds:?}");
        };
        check(0, 0, 0.0, 1.0);
        check(0, 10, 0.0, 0.2775);
        check(10, 10, 0.7225, 1.0);
        check(5, 10, 0.2366, 0.7634);
        check(81, 263, 0.2553, 0.3662);
        check(10_000, 10_000, 0.9996, 1.0);
    }

    #[test]
    fn an_honest_film_is_never_caught_and_a_black_one_always() {
        let honest = ramp(16, 9);
        let black = Film { leaves: vec![Leaf::default(); 144], ..honest.clone() };
        let judged = AtomicU64::new(0);
        let found = detection(&honest, &honest, 32, 100, &judged);
        assert_eq!((found.caught, found.detected_low, found.units_until_caught), (0, 0.0, None));
        let found = detection(&honest, &black, 32, 100, &judged);
        assert_eq!((found.caught, found.detected_high, found.units_until_caught), (100, 1.0, Some(1.0)));
        assert_eq!(judged.into_inner(), 200);
    }

    #[test]
    fn one_false_leaf_is_caught_as_often_as_it_is_drawn() {
        let honest = ramp(16, 9);
        let mut claimed = honest.clone();
        claimed.leaves[77] = Leaf::default();
        let found = detection(&honest, &claimed, 36, 2_000, &AtomicU64::new(0));
        // A quarter of the leaves is drawn. The dice are fixed, so this holds always or never.
        assert!(found.detected_low < 0.25 && 0.25 < found.detected_high, "{found:?}");
    }
}
