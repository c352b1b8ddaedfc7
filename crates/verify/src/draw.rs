//! Private draws: which leaves of a film are replayed.
//!
//! ```text
//! m draws ─┬─ half: one leaf from each of m/2 equal stretches of the film
//!          └─ half: one leaf from each of m/2 stretches of equal cost
//! ```
//!
//! Uniform draws find a worker that leaves out many cheap leaves, draws by cost one that leaves out a few dear ones. Drawing once from each
//! stretch (stratified sampling) gives every leaf the same chance as drawing anywhere each time, spreads the leaves over the film, and
//! misses no set of wrong leaves more often: the product of (1 − fᵢ) over stretches is at most (1 − mean f)^m (inequality of means).
//!
//! The dice are private and thrown after the key came, so a worker can neither foresee a draw nor deliver only what suits it.

use crate::chance::Chance;
use raylance_protocol::LeafIndex;

/// Leaves drawn of a thousand.
pub const DRAWN_PERMILLE: u64 = 9;
/// Least leaves that are drawn of a task, and least that the artist's own devices replay.
pub const DRAWN_MIN: u32 = 4;
/// How many times as many are drawn where there is a reason to look closely.
pub const CLOSE_FACTOR: u32 = 4;

/// How closely a task is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Intensity {
    /// A worker whose films were right so far.
    Usual,
    /// A worker's first task, or a job in which something was wrong.
    Close,
}

/// Leaves to draw of a task: 0.9 %, rounded up, at least 4, four times that when looking closely, and at most all.
pub fn draw_count(leaf_count: u32, intensity: Intensity) -> u32 {
    let share = (u64::from(leaf_count) * DRAWN_PERMILLE).div_ceil(1000) as u32;
    let factor = match intensity {
        Intensity::Usual => 1,
        Intensity::Close => CLOSE_FACTOR,
    };
    (share.max(DRAWN_MIN) * factor).min(leaf_count)
}

/// Draws `count` distinct leaves of a task, ascending; all of them where it has no more.
///
/// The first half, rounded up, is uniform, the rest in proportion to `weight`, an estimate of each leaf's cost; all are uniform where no
/// leaf has any weight. `weight` is asked twice for each leaf. A leaf that several draws fall on counts once, and a uniform draw among the
/// others takes the place of the second. `dice` is private and never used for another draw.
pub fn draw(dice: &[u8; 32], leaf_count: u32, count: u32, weight: impl Fn(LeafIndex) -> u32) -> Vec<LeafIndex> {
    if count >= leaf_count {
        return (0..leaf_count).map(LeafIndex).collect();
    }
    let mut chance = Chance::new(dice, "raylance draw 2");
    let mut drawn = Vec::with_capacity(count as usize);
    let total: u64 = (0..leaf_count).map(|leaf| u64::from(weight(LeafIndex(leaf)))).sum();
    let by_weight = if total == 0 { 0 } else { count / 2 };
    let uniform = count - by_weight;
    drawn.extend((0..uniform).map(|stretch| LeafIndex(point(&mut chance, stretch, uniform, leaf_count.into()) as u32)));
    let mut leaves = 0..leaf_count;
    let (mut leaf, mut weight_so_far) = (LeafIndex(0), 0);
    for stretch in 0..by_weight {
        // Points ascend, so one walk over the leaves finds them all.
        let point = point(&mut chance, stretch, by_weight, total);
        while weight_so_far <= point {
            let Some(next) = leaves.next() else { break };
            leaf = LeafIndex(next);
            weight_so_far += u64::from(weight(leaf));
        }
        drawn.push(leaf);
    }
    drawn.sort_unstable();
    drawn.dedup();
    while drawn.len() < count as usize {
        let rank = chance.below(u64::from(leaf_count) - drawn.len() as u64) as u32;
        let (place, leaf) = missing(&drawn, rank);
        drawn.insert(place, leaf);
    }
    drawn
}

/// A uniform point of stretch `stretch` of `stretches` equal ones between 0 and `total`.
fn point(chance: &mut Chance, stretch: u32, stretches: u32, total: u64) -> u64 {
    // Stretches end between whole numbers; counting in parts of 1/stretches keeps every number's chance exact.
    let parts = u128::from(stretch) * u128::from(total) + u128::from(chance.below(total));
    (parts / u128::from(stretches)) as u64
}

/// The leaf of that rank, from 0, among those that are not in `drawn`, which ascends, and its place there.
fn missing(drawn: &[LeafIndex], rank: u32) -> (usize, LeafIndex) {
    let mut leaf = rank;
    for (place, taken) in drawn.iter().enumerate() {
        if taken.0 > leaf {
            return (place, LeafIndex(leaf));
        }
        leaf += 1;
    }
    (drawn.len(), LeafIndex(leaf))
}

#[cfg(test)]
mod tests;
