//! Who replays what: a draw is shared between the artist's own devices and other peers, and peers' shares of many films are mixed into
//! lists.
//!
//! ```text
//! film of W1 ─ draw ─ split ─┬─► own devices: at least 4
//!                            └─► pool ─┐
//! film of W2 ─ draw ─ split ─┬─► own   ├─ pick for C, nothing that C rendered ─ in_order ─► list ─► C
//!                            └─► pool ─┤
//! own unit   ─ draw ─ split ─┬─► own   │                  answer of C ─ recheck ─► own devices: 1 in 20, at least 4
//!                            └─► pool ─┘
//! ```
//!
//! The artist is the only party that never colludes against itself, so its own share is what counts when all others do; peers are what
//! makes the draw large. Deliberately absent: who is asked. The artist's machine decides that.

use crate::chance::Chance;
use crate::draw::DRAWN_MIN;
use raylance_protocol::{Address, LeafIndex};

/// The artist replays one leaf in so many of each list.
pub const RECHECK_ONE_IN: u32 = 20;

/// How a draw is shared.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Shares {
    /// For the artist's own devices, ascending.
    pub own: Vec<LeafIndex>,
    /// For peers other than the film's worker, ascending.
    pub peers: Vec<LeafIndex>,
}

/// May other peers replay?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Peers {
    /// Some peer that did not render the film is willing.
    Willing,
    /// None is: the artist replays everything itself.
    Absent,
}

/// Shares the `drawn` leaves, which are distinct, at random.
///
/// The artist's own devices get `own_wanted` of them, at least 4; peers get the rest and at least half, rounded up. Where a draw is too
/// small for both, some leaves are in both shares. `dice` is private and never used for another split.
pub fn split(dice: &[u8; 32], drawn: &[LeafIndex], own_wanted: usize, peers: Peers) -> Shares {
    let mut leaves = drawn.to_vec();
    if peers == Peers::Absent {
        leaves.sort_unstable();
        return Shares { own: leaves, peers: Vec::new() };
    }
    let half = leaves.len().div_ceil(2);
    let own_len = own_wanted.min(leaves.len() - half).max(DRAWN_MIN as usize).min(leaves.len());
    Chance::new(dice, "raylance split 2").choose(&mut leaves, own_len);
    let mut own = leaves[..own_len].to_vec();
    let mut peers = leaves.split_off(own_len.min(leaves.len() - half));
    own.sort_unstable();
    peers.sort_unstable();
    Shares { own, peers }
}

/// Takes at most `count_max` items that a checker may have out of a pool, at random: every choice of them is equally likely, so a list
/// mixes workers as the pool does. Costs at most one look at each item of the pool, and about `count_max` where most are allowed.
pub fn pick<T>(dice: &[u8; 32], pool: &mut Vec<T>, count_max: usize, is_allowed: impl Fn(&T) -> bool) -> Vec<T> {
    let mut chance = Chance::new(dice, "raylance pick 2");
    let mut picked = Vec::with_capacity(count_max.min(pool.len()));
    let mut passed_over = 0;
    // Items that were looked at and not allowed gather at the end of the pool.
    while picked.len() < count_max && passed_over < pool.len() {
        let open = pool.len() - passed_over;
        let at = chance.below(open as u64) as usize;
        pool.swap(at, open - 1);
        if is_allowed(&pool[open - 1]) {
            picked.push(pool.swap_remove(open - 1));
        } else {
            passed_over += 1;
        }
    }
    picked
}

/// A list in the order of its addresses: it shows neither which film an address came from nor in which order it was drawn, and
/// neighbours in the picture stay neighbours on the checker's device. Returns the addresses and, for each, where it came from.
pub fn in_order<T: Ord>(mut samples: Vec<(Address, T)>) -> (Vec<Address>, Vec<T>) {
    samples.sort_unstable();
    samples.into_iter().unzip()
}

/// Leaves of a peer's list that the artist replays itself, ascending: 1 in 20, rounded up, at least 4, at most all.
pub fn recheck(dice: &[u8; 32], list_len: u32) -> Vec<LeafIndex> {
    let count = list_len.div_ceil(RECHECK_ONE_IN).max(DRAWN_MIN);
    crate::draw::draw(dice, list_len, count, |_| 0)
}

#[cfg(test)]
mod tests;
