//! A tree of eight children per node, collapsed from the two-child tree: one node is tested by one pass of eight-wide arithmetic.
//!
//! The arithmetic of boxes is that of `box_interval` in `shaders/lib/intersect.wgsl`, operation by operation; triangles go through the
//! generated `intersect_triangle` itself. So the nearest hit has the same bits as the GPU's.

use super::generated::{BOX_SLACK, Hit, NO_HIT, intersect_triangle, safe_inverse3};
use super::runtime::{V3, V4};
use crate::bvh::{DEPTH_MAX, LEAF, PairNode, leaf_range, leaf_reference};
use std::mem::MaybeUninit;

/// Children of a node.
const WIDTH: usize = 8;
/// Every level pushes at most seven more entries than it pops.
const STACK: usize = DEPTH_MAX * (WIDTH - 1) + 1;

#[repr(C, align(32))]
#[derive(Clone, Copy)]
struct WideNode {
    /// Lower x, y, z of the eight boxes.
    min: [[f32; WIDTH]; 3],
    /// Upper x, y, z of the eight boxes.
    max: [[f32; WIDTH]; 3],
    /// Child node, or leaf as in the two-child tree.
    child: [u32; WIDTH],
}

impl WideNode {
    const EMPTY: Self = Self { min: [[1e30; WIDTH]; 3], max: [[1e30; WIDTH]; 3], child: [LEAF; WIDTH] };
}

/// The tree.
pub struct WideTree {
    nodes: Vec<WideNode>,
    has_avx2: bool,
}

#[derive(Clone, Copy)]
struct Child {
    min: [f32; 3],
    max: [f32; 3],
    reference: u32,
}

impl Child {
    fn area(&self) -> f32 {
        let e: [f32; 3] = std::array::from_fn(|k| self.max[k] - self.min[k]);
        e[0] * e[1] + e[1] * e[2] + e[2] * e[0]
    }
}

fn children(node: &PairNode) -> [Child; 2] {
    [
        Child { min: node.left_min, max: node.left_max, reference: node.left },
        Child { min: node.right_min, max: node.right_max, reference: node.right },
    ]
}

impl WideTree {
    /// Collapses a two-child tree, opening the largest boxes first.
    pub fn new(pairs: &[PairNode]) -> Self {
        let mut nodes = vec![WideNode::EMPTY];
        let mut open = vec![(0usize, 0usize)];
        while let Some((pair, slot)) = open.pop() {
            let mut list = children(&pairs[pair]).to_vec();
            while list.len() < WIDTH {
                let inner = list.iter().enumerate().filter(|(_, c)| c.reference & LEAF == 0);
                let Some((largest, _)) = inner.max_by(|(_, a), (_, b)| a.area().total_cmp(&b.area())) else { break };
                let opened = list.swap_remove(largest);
                list.extend(children(&pairs[opened.reference as usize]));
            }
            let mut node = WideNode::EMPTY;
            for (i, child) in list.iter().enumerate() {
                for axis in 0..3 {
                    node.min[axis][i] = child.min[axis];
                    node.max[axis][i] = child.max[axis];
                }
                node.child[i] = child.reference;
                if child.reference & LEAF == 0 {
                    node.child[i] = nodes.len() as u32;
                    open.push((child.reference as usize, nodes.len()));
                    nodes.push(WideNode::EMPTY);
                } else if leaf_range(child.reference).is_empty() {
                    node.child[i] = leaf_reference(0, 0);
                }
            }
            nodes[slot] = node;
        }
        Self { nodes, has_avx2: has_avx2() }
    }

    /// Nearest hit below `t_max`; with `ANY` the first that is found.
    #[inline(always)]
    pub fn walk<const ANY: bool>(&self, triangles: &[V4<u32>], o: V3<f32>, d: V3<f32>, t_max: f32) -> Hit {
        #[cfg(target_arch = "x86_64")]
        if self.has_avx2 {
            // SAFETY: the processor has AVX2, as was asked when the tree was built.
            return unsafe { self.walk_avx2::<ANY>(triangles, o, d, t_max) };
        }
        let inverse = safe_inverse3(d);
        self.walk_with::<ANY>(triangles, o, d, inverse, t_max, |node, t| box_entries(node, o, inverse, t))
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2")]
    unsafe fn walk_avx2<const ANY: bool>(&self, triangles: &[V4<u32>], o: V3<f32>, d: V3<f32>, t_max: f32) -> Hit {
        use std::arch::x86_64::*;
        let inverse = safe_inverse3(d);
        let (ox, oy, oz) = (_mm256_set1_ps(o.x), _mm256_set1_ps(o.y), _mm256_set1_ps(o.z));
        let (ix, iy, iz) = (_mm256_set1_ps(inverse.x), _mm256_set1_ps(inverse.y), _mm256_set1_ps(inverse.z));
        let slack = _mm256_set1_ps(BOX_SLACK);
        let far_side = [usize::from(inverse.x < 0.0), usize::from(inverse.y < 0.0), usize::from(inverse.z < 0.0)];
        self.walk_with::<ANY>(triangles, o, d, inverse, t_max, |node, t| {
            let sides = [&node.min, &node.max];
            let near = |axis: usize| sides[far_side[axis]][axis].as_ptr();
            let far = |axis: usize| sides[1 - far_side[axis]][axis].as_ptr();
            // SAFETY: each pointer leads to eight floats of a 32-byte aligned node.
            let load = |p: *const f32| unsafe { _mm256_load_ps(p) };
            let at = |p: *const f32, o: __m256, i: __m256| _mm256_mul_ps(_mm256_sub_ps(load(p), o), i);
            let entry = _mm256_max_ps(
                _mm256_max_ps(at(near(0), ox, ix), at(near(1), oy, iy)),
                _mm256_max_ps(at(near(2), oz, iz), _mm256_setzero_ps()),
            );
            let exit = _mm256_min_ps(_mm256_min_ps(at(far(0), ox, ix), at(far(1), oy, iy)), at(far(2), oz, iz));
            let exit = _mm256_min_ps(_mm256_mul_ps(exit, slack), _mm256_set1_ps(t));
            let mask = _mm256_movemask_ps(_mm256_cmp_ps::<_CMP_LE_OQ>(entry, exit)) as u32;
            let mut entries = [0.0; WIDTH];
            // SAFETY: the array holds eight floats.
            unsafe { _mm256_storeu_ps(entries.as_mut_ptr(), entry) };
            (mask, entries)
        })
    }

    /// The walk itself; `test` says which of a node's boxes are entered before distance t, and where.
    #[inline(always)]
    fn walk_with<const ANY: bool>(
        &self,
        triangles: &[V4<u32>],
        o: V3<f32>,
        d: V3<f32>,
        inverse: V3<f32>,
        t_max: f32,
        test: impl Fn(&WideNode, f32) -> (u32, [f32; WIDTH]),
    ) -> Hit {
        let mut hit = Hit { t: t_max, u: 0.0, v: 0.0, triangle: NO_HIT, primitive: NO_HIT, instance: NO_HIT };
        let mut stack = Stack::new();
        let mut current = 0;
        loop {
            if current & LEAF != 0 {
                for i in leaf_range(current) {
                    let place = i as usize * 3;
                    let [t0, t1, t2] = [triangles[place], triangles[place + 1], triangles[place + 2]];
                    intersect_triangle(t0, t1, t2, i, 0, o, d, inverse, &mut hit);
                }
                if ANY && hit.triangle != NO_HIT {
                    return hit;
                }
            } else {
                let node = &self.nodes[current as usize];
                let (mut mask, entries) = test(node, hit.t);
                let base = stack.len;
                while mask != 0 {
                    let i = mask.trailing_zeros() as usize;
                    mask &= mask - 1;
                    stack.push_sorted::<ANY>(base, node.child[i], entries[i]);
                }
            }
            current = loop {
                let Some((reference, entry)) = stack.pop() else { return hit };
                if entry <= hit.t {
                    break reference;
                }
            };
        }
    }
}

/// Children still to be visited, with the distance at which the ray enters them. Not zeroed at the start: that would cost more than a
/// short walk.
struct Stack {
    entries: [MaybeUninit<(u32, f32)>; STACK],
    len: usize,
}

impl Stack {
    #[inline(always)]
    fn new() -> Self {
        Self { entries: [const { MaybeUninit::uninit() }; STACK], len: 0 }
    }

    /// Puts a child among those above `base`, nearest on top; with `ANY` simply on top.
    #[inline(always)]
    fn push_sorted<const ANY: bool>(&mut self, base: usize, reference: u32, entry: f32) {
        let mut slot = self.len;
        self.len += 1;
        // SAFETY: every slot below `len` was written by an earlier push.
        while !ANY && slot > base && unsafe { self.entries[slot - 1].assume_init() }.1 < entry {
            self.entries[slot] = self.entries[slot - 1];
            slot -= 1;
        }
        self.entries[slot] = MaybeUninit::new((reference, entry));
    }

    #[inline(always)]
    fn pop(&mut self) -> Option<(u32, f32)> {
        self.len = self.len.checked_sub(1)?;
        // SAFETY: the slot was written by the push that raised `len` above it.
        Some(unsafe { self.entries[self.len].assume_init() })
    }
}

/// `box_interval` for eight boxes: a bit for each that is entered before `t`, and the entries.
#[inline(always)]
fn box_entries(node: &WideNode, o: V3<f32>, inverse: V3<f32>, t: f32) -> (u32, [f32; WIDTH]) {
    let (o, inverse) = ([o.x, o.y, o.z], [inverse.x, inverse.y, inverse.z]);
    let mut entry = [0.0f32; WIDTH];
    let mut exit = [f32::INFINITY; WIDTH];
    for axis in 0..3 {
        for i in 0..WIDTH {
            let a = (node.min[axis][i] - o[axis]) * inverse[axis];
            let b = (node.max[axis][i] - o[axis]) * inverse[axis];
            entry[i] = entry[i].max(a.min(b));
            exit[i] = exit[i].min(a.max(b));
        }
    }
    let mask = (0..WIDTH).filter(|&i| entry[i] <= (exit[i] * BOX_SLACK).min(t)).fold(0, |mask, i| mask | (1 << i));
    (mask, entry)
}

#[cfg(target_arch = "x86_64")]
pub fn has_avx2() -> bool {
    std::arch::is_x86_feature_detected!("avx2")
}

#[cfg(not(target_arch = "x86_64"))]
pub fn has_avx2() -> bool {
    false
}
