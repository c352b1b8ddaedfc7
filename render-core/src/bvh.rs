//! The tree over a scene's triangles: two children per node for GPUs, eight for the CPU, one order of triangles for both.
//!
//! Each peer builds its own tree: a hit does not depend on it (see `shaders/lib/intersect.wgsl`), so a tree need not travel and none
//! that a stranger made has to be believed.

use crate::scene::Scene;
use bytemuck::{Pod, Zeroable};
use glam::Vec3;

/// No tree is deeper; the walks' stacks hold this much, with room to spare.
pub const DEPTH_MAX: usize = 60;
/// Bit of a child reference that marks a leaf.
pub const LEAF: u32 = 0x8000_0000;
/// Triangles of one leaf; five bits would hold 31.
const LEAF_TRIANGLES: usize = 4;
/// Bins of the surface area heuristic.
const BINS: usize = 16;
/// Below this depth ranges are halved: 2^26 triangles then need at most 24 levels more, which stays under [`DEPTH_MAX`].
const SAH_DEPTH_MAX: usize = 32;
/// Where the box of an empty child lies: no ray reaches it.
const NOWHERE: f32 = 1e30;

/// A child reference of a leaf.
pub fn leaf_reference(first: u32, count: u32) -> u32 {
    LEAF | (count << 26) | first
}

/// First triangle and count of a leaf reference.
#[inline(always)]
pub fn leaf_range(reference: u32) -> std::ops::Range<u32> {
    let first = reference & 0x03ff_ffff;
    first..first + ((reference >> 26) & 31)
}

/// Two boxes with what they hold: 64 bytes, as `shaders/lib/traverse.wgsl` reads them.
#[repr(C)]
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
pub struct PairNode {
    /// Lower corner of the left box.
    pub left_min: [f32; 3],
    /// Left child: a node's index, or a leaf.
    pub left: u32,
    /// Upper corner of the left box.
    pub left_max: [f32; 3],
    /// Right child.
    pub right: u32,
    /// Lower corner of the right box.
    pub right_min: [f32; 3],
    /// Unused.
    pub spare0: u32,
    /// Upper corner of the right box.
    pub right_max: [f32; 3],
    /// Unused.
    pub spare1: u32,
}

/// A built tree.
pub struct Tree {
    /// Root first.
    pub nodes: Vec<PairNode>,
    /// `order[i]` is the number in the scene of the i-th triangle of the leaves.
    pub order: Vec<u32>,
}

impl Tree {
    /// Builds a tree over all triangles of a scene, top down: O(n log n) whatever the triangles are, and never deeper than [`DEPTH_MAX`].
    pub fn build(scene: &Scene) -> Self {
        let corner = |index: u32| Vec3::from(scene.vertices[index as usize].position);
        let boxes: Vec<Bounds> = scene.triangles.iter().map(|t| Bounds::of(t.vertices.map(corner))).collect();
        let mut order: Vec<u32> = (0..boxes.len() as u32).collect();
        let mut nodes = vec![PairNode::EMPTY];
        if order.len() <= LEAF_TRIANGLES {
            nodes[0].set(0, Bounds::around(&boxes, &order), leaf_reference(0, order.len() as u32));
            return Self { nodes, order };
        }
        // (node to fill, its triangles' range in `order`, its depth)
        let mut open = vec![(0, 0..order.len(), 1)];
        while let Some((slot, range, depth)) = open.pop() {
            let middle = range.start + split(&boxes, &mut order[range.clone()], depth);
            for (side, part) in [range.start..middle, middle..range.end].into_iter().enumerate() {
                let bounds = Bounds::around(&boxes, &order[part.clone()]);
                let reference = if part.len() <= LEAF_TRIANGLES {
                    leaf_reference(part.start as u32, part.len() as u32)
                } else {
                    nodes.push(PairNode::EMPTY);
                    open.push((nodes.len() - 1, part, depth + 1));
                    nodes.len() as u32 - 1
                };
                nodes[slot].set(side, bounds, reference);
            }
        }
        Self { nodes, order }
    }
}

impl PairNode {
    const EMPTY: Self = Self {
        left_min: [NOWHERE; 3],
        left: LEAF,
        left_max: [NOWHERE; 3],
        right: LEAF,
        right_min: [NOWHERE; 3],
        spare0: 0,
        right_max: [NOWHERE; 3],
        spare1: 0,
    };

    fn set(&mut self, side: usize, bounds: Bounds, reference: u32) {
        let (min, max) = (bounds.min.to_array(), bounds.max.to_array());
        if side == 0 {
            (self.left_min, self.left_max, self.left) = (min, max, reference);
        } else {
            (self.right_min, self.right_max, self.right) = (min, max, reference);
        }
    }
}

/// An axis-aligned box.
#[derive(Clone, Copy)]
struct Bounds {
    min: Vec3,
    max: Vec3,
}

impl Bounds {
    const NOTHING: Self = Self { min: Vec3::INFINITY, max: Vec3::NEG_INFINITY };

    fn of(corners: [Vec3; 3]) -> Self {
        Self { min: corners[0].min(corners[1]).min(corners[2]), max: corners[0].max(corners[1]).max(corners[2]) }
    }

    fn around(boxes: &[Self], order: &[u32]) -> Self {
        order.iter().fold(Self::NOTHING, |all, &index| all.with(boxes[index as usize]))
    }

    fn with(self, other: Self) -> Self {
        Self { min: self.min.min(other.min), max: self.max.max(other.max) }
    }

    /// Twice the centre: halving would change nothing.
    fn center(&self) -> Vec3 {
        self.min + self.max
    }

    fn half_area(&self) -> f32 {
        let e = (self.max - self.min).max(Vec3::ZERO);
        e.x * e.y + e.y * e.z + e.z * e.x
    }
}

/// Reorders triangles so that the first part of them belongs to the left child; returns its size, at least 1 and less than all.
fn split(boxes: &[Bounds], order: &mut [u32], depth: usize) -> usize {
    let centers = order.iter().fold(Bounds::NOTHING, |all, &index| {
        let center = boxes[index as usize].center();
        all.with(Bounds { min: center, max: center })
    });
    let extent = centers.max - centers.min;
    let axis = extent.max_position();
    let place = |index: u32| boxes[index as usize].center()[axis];
    if depth <= SAH_DEPTH_MAX && extent[axis] > 0.0 {
        let scale = BINS as f32 / extent[axis];
        let bin = |index: u32| (((place(index) - centers.min[axis]) * scale) as usize).min(BINS - 1);
        if let Some(border) = cheapest_border(boxes, order, bin) {
            let (mut left, mut right) = (0, order.len());
            while left < right {
                if bin(order[left]) < border {
                    left += 1;
                } else {
                    right -= 1;
                    order.swap(left, right);
                }
            }
            if left > 0 && left < order.len() {
                return left;
            }
        }
    }
    let half = order.len() / 2;
    order.select_nth_unstable_by(half, |&a, &b| place(a).total_cmp(&place(b)).then(a.cmp(&b)));
    half
}

/// The border between bins with the least surface area heuristic (MacDonald & Booth 1990, binned by Wald 2007).
fn cheapest_border(boxes: &[Bounds], order: &[u32], bin: impl Fn(u32) -> usize) -> Option<usize> {
    let mut bins = [(Bounds::NOTHING, 0u32); BINS];
    for &index in order {
        let (bounds, count) = &mut bins[bin(index)];
        *bounds = bounds.with(boxes[index as usize]);
        *count += 1;
    }
    let mut right_cost = [0.0; BINS];
    let (mut right, mut right_count) = (Bounds::NOTHING, 0);
    for border in (1..BINS).rev() {
        right = right.with(bins[border].0);
        right_count += bins[border].1;
        right_cost[border] = right.half_area() * right_count as f32;
    }
    let (mut left, mut left_count) = (Bounds::NOTHING, 0);
    let mut best: Option<(f32, usize)> = None;
    for border in 1..BINS {
        left = left.with(bins[border - 1].0);
        left_count += bins[border - 1].1;
        let cost = left.half_area() * left_count as f32 + right_cost[border];
        if left_count > 0 && left_count < order.len() as u32 && best.is_none_or(|(least, _)| cost < least) {
            best = Some((cost, border));
        }
    }
    best.map(|(_, border)| border)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conformance;
    use crate::scene::Triangle;

    fn depth(nodes: &[PairNode], index: u32) -> usize {
        if index & LEAF != 0 { 0 } else { 1 + depth(nodes, nodes[index as usize].left).max(depth(nodes, nodes[index as usize].right)) }
    }

    #[test]
    fn every_triangle_lies_in_exactly_one_leaf() {
        let tree = Tree::build(&conformance::scene(3));
        let mut seen = vec![0; tree.order.len()];
        for node in &tree.nodes {
            for reference in [node.left, node.right].into_iter().filter(|reference| reference & LEAF != 0) {
                leaf_range(reference).for_each(|place| seen[tree.order[place as usize] as usize] += 1);
            }
        }
        assert!(seen.iter().all(|&count| count == 1));
    }

    #[test]
    fn regression_coinciding_and_nested_triangles_make_no_deep_tree() {
        let base = conformance::scene(1);
        let mut equal = base.clone();
        equal.triangles = vec![Triangle { vertices: [0, 1, 2], material: 0 }; 20_000];
        let mut nested = base;
        let (corners, material) = ([nested.vertices[0], nested.vertices[1], nested.vertices[2]], 0);
        (nested.vertices, nested.triangles) = (Vec::new(), Vec::new());
        for i in 0..20_000u32 {
            let k = 1.0 / (i + 1) as f32;
            nested.vertices.extend(corners.map(|v| crate::scene::Vertex { position: v.position.map(|x| x * k), ..v }));
            nested.triangles.push(Triangle { vertices: [3 * i, 3 * i + 1, 3 * i + 2], material });
        }
        for scene in [equal, nested] {
            let tree = Tree::build(&scene);
            assert!(depth(&tree.nodes, 0) < DEPTH_MAX);
        }
    }
}
