//! Statistical tests: what is drawn at random must be distributed as its density says, and means must be those of the integrals.
//!
//! Every test draws from a counter with a fixed seed, so that it either always passes or always fails. Verdicts are deviations in standard
//! normal units: one beyond [`DEVIATION_MAX`] happens by chance once in three million tests, of which there are a few hundred.

mod bsdf_claims;
mod bsdf_density;
mod convergence;
mod histogram;
mod light_samplers;
mod patch;
mod seeds;
mod sun;

use crate::conformance::Chance;

/// Deviation beyond which a test fails.
const DEVIATION_MAX: f64 = 5.0;

/// How far counts are from their expectations, as a standard normal deviation (χ² by Wilson and Hilferty 1931). Bins in which fewer than
/// five are expected are pooled with their followers.
fn chi_square_deviation(bins: impl IntoIterator<Item = (f64, f64)>) -> f64 {
    let (mut statistic, mut degrees) = (0.0, -1.0f64);
    let (mut observed, mut expected) = (0.0, 0.0);
    let mut stray = 0.0;
    for (count, expectation) in bins {
        observed += count;
        expected += expectation;
        if expected >= 5.0 {
            statistic += (observed - expected) * (observed - expected) / expected;
            degrees += 1.0;
            (observed, expected) = (0.0, 0.0);
        }
    }
    // What is left over has no bin of its own: many counts where few were expected are a failure all the same.
    if observed > 0.0 || expected > 0.0 {
        stray = (observed - expected) / expected.max(1.0).sqrt();
    }
    if degrees < 1.0 {
        return stray;
    }
    let k = 2.0 / (9.0 * degrees);
    (((statistic / degrees).cbrt() - (1.0 - k)) / k.sqrt()).max(stray)
}

#[test]
fn a_fair_die_passes_and_a_loaded_one_does_not() {
    let fair = [1003.0, 968.0, 1019.0, 990.0, 1042.0, 978.0];
    let loaded = [1003.0, 968.0, 1019.0, 990.0, 1242.0, 778.0];
    assert!(chi_square_deviation(fair.map(|count| (count, 1000.0))).abs() < 2.0);
    assert!(chi_square_deviation(loaded.map(|count| (count, 1000.0))) > DEVIATION_MAX);
    assert!(chi_square_deviation([(1000.0, 1000.0), (990.0, 1000.0), (40.0, 0.0)]) > DEVIATION_MAX);
}
