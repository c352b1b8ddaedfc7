//! Do replayed leaves agree with committed ones?
//!
//! Source: `docs`, verification: a portable leaf differs when a channel is off by more than `1e-4 + 1e-3 · max(|a|, |b|)`, and one of
//! 32 leaves may. Honest devices differ in 0.3 to 0.7 % of leaves; leaving out a single sample of 64 changes 92 %.

use raylance_v1_protocol::{Decision, Leaf, Profile};

/// Absolute part of the tolerance of the portable profile, in sums of radiance.
pub const TOLERANCE_ABSOLUTE: f32 = 1e-4;
/// Relative part of the tolerance of the portable profile.
pub const TOLERANCE_RELATIVE: f32 = 1e-3;
/// One of so many leaves may differ in the portable profile.
pub const LEAVES_PER_DIFFERENCE: u32 = 32;

/// A judgement with its reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// Accept or reject.
    pub decision: Decision,
    /// Leaves that differ, impossible ones included.
    pub differing: u32,
}

/// Judges a worker's `committed` leaves by the `replayed` ones, both in the order of the challenge.
///
/// A sum of radiance is finite and not negative: a committed leaf that is anything else is a reject in either profile, whatever the
/// replay gave. So are two lists of different lengths, and nothing at all: nothing was proven.
pub fn judge(profile: Profile, committed: &[Leaf], replayed: &[Leaf]) -> Judgement {
    let common = committed.iter().zip(replayed);
    let unpaired = committed.len().abs_diff(replayed.len()) as u32;
    let agree: fn(Leaf, Leaf) -> bool = match profile {
        Profile::Exact => |a, b| a == b,
        Profile::Portable => is_close,
    };
    let differing = unpaired + common.filter(|&(&a, &b)| !is_possible(a) || !agree(a, b)).count() as u32;
    let allowed = match profile {
        Profile::Exact => 0,
        Profile::Portable => committed.len() as u32 / LEAVES_PER_DIFFERENCE,
    };
    let is_sound = !committed.is_empty() && unpaired == 0 && committed.iter().all(|&leaf| is_possible(leaf));
    let decision = if is_sound && differing <= allowed { Decision::Accept } else { Decision::Reject };
    Judgement { decision, differing }
}

fn is_possible(leaf: Leaf) -> bool {
    leaf.sums().iter().all(|sum| sum.is_finite() && *sum >= 0.0)
}

fn is_close(a: Leaf, b: Leaf) -> bool {
    let channels = a.sums().into_iter().zip(b.sums());
    // The comparison is false for a replayed NaN, as it should be.
    channels.into_iter().all(|(a, b)| (a - b).abs() <= TOLERANCE_ABSOLUTE + TOLERANCE_RELATIVE * a.abs().max(b.abs()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use Decision::{Accept, Reject};
    use Profile::{Exact, Portable};

    fn leaf(red: f32) -> Leaf {
        Leaf::from_sums([red, 1.0, 0.0])
    }

    fn check(profile: Profile, committed: &[Leaf], replayed: &[Leaf], decision: Decision, differing: u32) {
        assert_eq!(judge(profile, committed, replayed), Judgement { decision, differing }, "{profile:?} {committed:?} {replayed:?}");
    }

    #[test]
    fn exact_means_every_bit() {
        let next = f32::from_bits(1.0f32.to_bits() + 1);
        check(Exact, &[leaf(1.0); 32], &[leaf(1.0); 32], Accept, 0);
        check(Exact, &[leaf(1.0)], &[leaf(next)], Reject, 1);
        check(Exact, &[leaf(0.0)], &[leaf(-0.0)], Reject, 1);
    }

    #[test]
    fn portable_allows_the_tolerance_and_no_more() {
        check(Portable, &[leaf(0.0)], &[leaf(0.000_1)], Accept, 0);
        check(Portable, &[leaf(0.0)], &[leaf(0.000_101)], Reject, 1);
        check(Portable, &[leaf(100.0)], &[leaf(100.1)], Accept, 0);
        check(Portable, &[leaf(100.0)], &[leaf(100.11)], Reject, 1);
        check(Portable, &[leaf(100.1)], &[leaf(100.0)], Accept, 0);
    }

    #[test]
    fn one_leaf_of_32_may_differ_in_the_portable_profile() {
        let films = |count: usize, differing: usize| {
            let mut replayed = vec![leaf(1.0); count];
            replayed[..differing].fill(leaf(2.0));
            (vec![leaf(1.0); count], replayed)
        };
        for (count, differing, decision) in [
            (31, 0, Accept),
            (31, 1, Reject),
            (32, 1, Accept),
            (32, 2, Reject),
            (63, 2, Reject),
            (64, 2, Accept),
            (512, 16, Accept),
            (512, 17, Reject),
        ] {
            let (committed, replayed) = films(count, differing);
            check(Portable, &committed, &replayed, decision, differing as u32);
            check(Exact, &committed, &replayed, if differing == 0 { Accept } else { Reject }, differing as u32);
        }
    }

    #[test]
    fn impossible_light_is_rejected_even_when_the_replay_agrees() {
        for profile in [Exact, Portable] {
            for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, -1.0, -1e-9] {
                let mut film = [leaf(1.0); 64];
                film[5] = leaf(bad);
                check(profile, &film, &film, Reject, 1);
                let mut replayed = film;
                replayed[5] = leaf(1.0);
                check(profile, &film, &replayed, Reject, 1);
            }
        }
        check(Portable, &[leaf(1.0)], &[leaf(f32::NAN)], Reject, 1);
    }

    #[test]
    fn nothing_and_unequal_lengths_prove_nothing() {
        for profile in [Exact, Portable] {
            check(profile, &[], &[], Reject, 0);
            check(profile, &[leaf(1.0); 64], &[leaf(1.0); 63], Reject, 1);
            check(profile, &[], &[leaf(1.0)], Reject, 1);
        }
    }
}
