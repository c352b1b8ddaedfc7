//! What is replayed, and by whom: everything follows from a block that came after the commitment.

use raylance_v1_protocol::{AccountId, BlockHash, Digest, JobId, LeafIndex, Root, Unit, UnitIndex};
use std::collections::BTreeSet;

/// The seed of a film's draw. `block` is the final block that holds the commitment, so the worker could not know it when it rendered.
pub fn draw_seed(block: BlockHash, job: JobId, unit: UnitIndex, worker: AccountId, root: Root) -> Digest {
    Digest::of("raylance draw 1", &[&block.0.0, &job.0.0, &unit.0.to_le_bytes(), &worker.0, &root.0.0])
}

/// The leaves to replay: `leaves_count` distinct ones of the unit, each set equally likely, in ascending order (neighbours in the
/// film stay neighbours on the device). All of them where the unit has no more.
pub fn drawn_leaves(draw: Digest, unit: &Unit, leaves_count: u16) -> Vec<LeafIndex> {
    let leaves = unit.leaves();
    if leaves <= u32::from(leaves_count) {
        return (0..leaves).map(LeafIndex).collect();
    }
    let mut chance = blake3::Hasher::new_derive_key("raylance drawn leaves 1").update(&draw.0).finalize_xof();
    let mut drawn = BTreeSet::new();
    // Words above the largest multiple of `leaves` are thrown away: a remainder alone would prefer low indices.
    let zone = u32::MAX - (u32::MAX % leaves + 1) % leaves;
    while drawn.len() < usize::from(leaves_count) {
        let mut word = [0; 4];
        chance.fill(&mut word);
        let word = u32::from_le_bytes(word);
        if word <= zone {
            drawn.insert(LeafIndex(word % leaves));
        }
    }
    drawn.into_iter().collect()
}

/// The order in which verifiers are asked: the same for everyone, whatever the order of `candidates`, and an account's place does not
/// depend on who else is a candidate. Repeated accounts count once.
pub fn verifier_order(draw: Digest, candidates: &[AccountId]) -> Vec<AccountId> {
    let mut places: Vec<(Digest, AccountId)> =
        candidates.iter().map(|&account| (Digest::of("raylance verifier order 1", &[&draw.0, &account.0]), account)).collect();
    places.sort_unstable();
    places.dedup();
    places.into_iter().map(|(_, account)| account).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn unit(width_px: u32, height_px: u32, samples: u32) -> Unit {
        Unit { index: UnitIndex(0), x_px: 0, y_px: 0, width_px, height_px, first_sample: 0, samples }
    }

    fn draw(seed: u64) -> Digest {
        Digest::of("test draw", &[&seed.to_le_bytes()])
    }

    #[test]
    fn every_part_moves_the_seed() {
        let seed = |block: u8, job: u8, unit: u32, worker: u8, root: u8| {
            let of = |byte: u8| Digest([byte; 32]);
            draw_seed(BlockHash(of(block)), JobId(of(job)), UnitIndex(unit), AccountId([worker; 32]), Root(of(root)))
        };
        let seeds =
            [seed(1, 1, 1, 1, 1), seed(2, 1, 1, 1, 1), seed(1, 2, 1, 1, 1), seed(1, 1, 2, 1, 1), seed(1, 1, 1, 2, 1), seed(1, 1, 1, 1, 2)];
        assert_eq!(seeds.iter().collect::<BTreeSet<_>>().len(), seeds.len());
    }

    #[test]
    fn draws_are_uniform_over_leaves() {
        // 97 leaves divide 2^32 unevenly. χ² with 96 degrees of freedom is above 160 in one of 20,000 runs, and the seeds are fixed.
        let unit = unit(97, 1, 16);
        let mut hits = [0u32; 97];
        for seed in 0..20_000 {
            for leaf in drawn_leaves(draw(seed), &unit, 8) {
                hits[leaf.0 as usize] += 1;
            }
        }
        let expected = 20_000.0 * 8.0 / 97.0;
        let chi2: f64 = hits.iter().map(|&hit| (f64::from(hit) - expected).powi(2) / expected).sum();
        assert!(chi2 < 160.0, "χ² = {chi2}");
    }

    #[test]
    fn every_verifier_is_first_equally_often() {
        let accounts: Vec<_> = (0..5).map(|byte| AccountId([byte; 32])).collect();
        let mut firsts = [0u32; 5];
        for seed in 0..10_000 {
            firsts[usize::from(verifier_order(draw(seed), &accounts)[0].0[0])] += 1;
        }
        // Five standard deviations of a binomial with p = 1/5.
        assert!(firsts.iter().all(|&first| (1_800..=2_200).contains(&first)), "{firsts:?}");
    }

    #[test]
    fn the_order_depends_on_the_draw_alone() {
        let mut accounts: Vec<_> = (0..9).map(|byte| AccountId([byte; 32])).collect();
        let order = verifier_order(draw(1), &accounts);
        accounts.reverse();
        accounts.push(accounts[0]);
        assert_eq!(verifier_order(draw(1), &accounts), order);
        assert_ne!(verifier_order(draw(2), &accounts), order);
        accounts.retain(|&account| account != order[3]);
        let without: Vec<_> = order.iter().copied().filter(|&account| account != order[3]).collect();
        assert_eq!(verifier_order(draw(1), &accounts), without);
    }

    #[test]
    fn the_draw_is_the_one_of_version_1() {
        let leaves: Vec<u32> = drawn_leaves(draw(1), &unit(64, 64, 64), 4).iter().map(|leaf| leaf.0).collect();
        assert_eq!(leaves, [5227, 10567, 13294, 14810]);
    }

    proptest! {
        #[test]
        fn drawn_leaves_are_distinct_sorted_and_of_the_unit(w in 1u32..40, h in 1u32..40, samples in 1u32..70, count in 1u16..600, seed: u64) {
            let unit = unit(w, h, samples);
            let leaves = drawn_leaves(draw(seed), &unit, count);
            prop_assert_eq!(leaves.len(), usize::from(count).min(unit.leaves() as usize));
            prop_assert!(leaves.windows(2).all(|pair| pair[0] < pair[1]));
            prop_assert!(leaves.iter().all(|&leaf| unit.leaf(leaf).is_some()));
            prop_assert_eq!(drawn_leaves(draw(seed), &unit, count), leaves);
        }
    }
}
