//! Both kinds of generated code on every form of control flow and memory that the writers know: many lanes give the bits of one.

use super::runtime::{V2, V4};
use super::wide_runtime::{F32s, LANES, Mask, U32s};
use super::{probe, probe_wide};

/// Cases of `shaders/probe/lanes.wgsl`.
const CASES: u32 = 11;
/// Groups of lanes per case and uniform number.
const GROUPS: u32 = 40;

/// A stream of numbers by hashing a counter.
struct Chance(u32);

impl Chance {
    fn next(&mut self) -> u32 {
        self.0 = self.0.wrapping_add(1);
        let x = (self.0 ^ (self.0 >> 16)).wrapping_mul(0x7feb_352d);
        let x = (x ^ (x >> 15)).wrapping_mul(0x846c_a68b);
        x ^ (x >> 16)
    }
}

#[test]
fn lanes_give_the_bits_of_one_through_every_control_flow() {
    if !super::is_available() {
        eprintln!("this processor has no such registers: nothing to compare");
        return;
    }
    let mut chance = Chance(1);
    let words: Vec<_> = (0..23).map(|_| V4::new(chance.next(), chance.next(), chance.next(), chance.next())).collect();
    let mut float = || (chance.next() >> 8) as f32 / 16_777_216.0 * 4.0 - 1.0;
    let entries: Vec<_> = (0..7)
        .map(|key| probe::Entry {
            key,
            weight: float(),
            place: V2::new(float(), float()),
            color: V4::new(float(), float(), float(), float()),
        })
        .collect();
    let cx = probe::Cx { words: &words, entries: &entries };
    for case in 0..CASES {
        for n in 0..9 {
            for group in 0..GROUPS {
                let a: [u32; LANES] = std::array::from_fn(|_| chance.next() % 16);
                let b: [f32; LANES] = std::array::from_fn(|_| (chance.next() >> 8) as f32 / 16_777_216.0 * 4.0 - 1.5);
                // Some lanes are off from the start, as in the last group of a leaf.
                let live: [bool; LANES] =
                    std::array::from_fn(|lane| group.is_multiple_of(2) || !chance.next().is_multiple_of(3) || lane == 5);
                // SAFETY: the processor has the registers, as was asked above.
                let wide = unsafe { wide_probe(&cx, live, case, n, a, b) };
                for lane in (0..LANES).filter(|lane| live[*lane]) {
                    let one = probe::probe(&cx, case, n, a[lane], b[lane]);
                    assert_eq!(wide[lane], one, "case {case}, n {n}, a {}, b {}", a[lane], b[lane]);
                }
            }
        }
    }
}

/// Lanes take up the next list of arguments when they are done with theirs.
#[test]
fn a_pool_gives_each_list_its_own_result() {
    if !super::is_available() {
        eprintln!("this processor has no such registers: nothing to compare");
        return;
    }
    let mut chance = Chance(2);
    for count in [0, 1, 7, 8, 9, 15, 16, 17, 300] {
        let lists: Vec<(u32, f32)> = (0..count).map(|_| (chance.next() % 64, (chance.next() >> 8) as f32 / 16_777_216.0 * 3.0)).collect();
        let numbers: Vec<(u32,)> = lists.iter().map(|list| (list.0,)).collect();
        let (mut walked, mut by_case) = (vec![V4::splat(0); lists.len()], vec![0; lists.len()]);
        for n in 0..5 {
            // SAFETY: the processor has the registers, as was asked above.
            unsafe { probe_wide::walked_pool(n, &lists, &mut walked) };
            for (k, (a, b)) in lists.iter().enumerate() {
                assert_eq!(walked[k], probe::walked(*a, n, *b), "list {k} of {count}: {a}, {n}, {b}");
            }
        }
        // SAFETY: as above.
        unsafe { probe_wide::by_case_pool(&numbers, &mut by_case) };
        for (k, (a,)) in numbers.iter().enumerate() {
            assert_eq!(by_case[k], probe::by_case(*a), "list {k} of {count}: {a}");
        }
    }
}

wide! {
    fn wide_probe(cx: &probe::Cx<'_>, live: [bool; LANES], case: u32, n: u32, a: [u32; LANES], b: [f32; LANES]) -> [V4<u32>; LANES] {
        let result = probe_wide::probe(cx, Mask::from_array(live), case, n, U32s::from_array(a), F32s::from_array(b));
        std::array::from_fn(|lane| result.lane(lane))
    }
}
