//! Builds one tree top down by a binned surface area heuristic, on several threads, with the same outcome on any number of them.
//!
//! Whatever the boxes are, building takes O(n log n) and no tree is deeper than its limit: where the levels that are left just suffice for
//! halving, ranges are halved.

use super::{Aabb, LEAF, PairNode, leaf_reference};
use glam::Vec4;
use rayon::prelude::*;

/// Bins per axis of the surface area heuristic.
const BINS: usize = 16;
/// The same for few things, of which most nodes have no more: there bins cost more than things.
const BINS_FEW: usize = 6;
/// So many are few.
const FEW: usize = 12;
/// What a node costs against one thing in a leaf.
const NODE_COST: f32 = 1.0;
/// Fewer things are built by one thread: about a millisecond.
const PARALLEL_MIN: usize = 4_096;
/// Above this many things even one node's bins are filled by several threads.
const PARALLEL_BINS_MIN: usize = 1 << 17;
/// Things that one thread puts into bins at a time.
const BINS_CHUNK: usize = 1 << 15;
/// Added to an item's number: the sum's bits are those of an ordinary float, so that vector arithmetic never meets a denormal.
const INDEX_BIAS: u32 = 0x2000_0000;

/// What a tree may become.
#[derive(Clone, Copy)]
pub struct Limits {
    /// Most things of one leaf.
    pub leaf_max: usize,
    /// Most nodes on a way from the root; enough to halve everything down to leaves.
    pub depth_max: usize,
}

/// An axis-aligned box; the fourth components mean nothing.
#[derive(Clone, Copy)]
pub struct Bounds {
    /// Lower corner.
    pub min: Vec4,
    /// Upper corner.
    pub max: Vec4,
}

impl Bounds {
    const NOTHING: Self = Self { min: Vec4::INFINITY, max: Vec4::NEG_INFINITY };

    /// Around points.
    pub fn of<const N: usize>(points: [[f32; 3]; N]) -> Self {
        points.iter().fold(Self::NOTHING, |all, &[x, y, z]| all.reach(Vec4::new(x, y, z, 0.0)))
    }

    /// Without the fourth components.
    pub fn aabb(&self) -> Aabb {
        Aabb { min: self.min.truncate().to_array(), max: self.max.truncate().to_array() }
    }

    #[inline(always)]
    fn with(self, other: Self) -> Self {
        Self { min: self.min.min(other.min), max: self.max.max(other.max) }
    }

    #[inline(always)]
    fn reach(self, point: Vec4) -> Self {
        self.with(Self { min: point, max: point })
    }

    #[inline(always)]
    fn half_area(&self) -> f32 {
        let e = (self.max - self.min).max(Vec4::ZERO);
        e.x * e.y + e.y * e.z + e.z * e.x
    }
}

/// The box of a triangle or an instance, with its number in the fourth component of `min`.
#[derive(Clone, Copy)]
pub struct Item {
    min: Vec4,
    max: Vec4,
}

impl Item {
    /// `index` must be below 2^27.
    pub fn new(bounds: Bounds, index: u32) -> Self {
        Self { min: bounds.min.truncate().extend(f32::from_bits(index + INDEX_BIAS)), max: bounds.max.truncate().extend(0.0) }
    }

    /// Its number.
    pub fn index(&self) -> u32 {
        self.min.w.to_bits() - INDEX_BIAS
    }

    #[inline(always)]
    fn bounds(&self) -> Bounds {
        Bounds { min: self.min, max: self.max }
    }

    /// Twice the centre: halving would change nothing.
    #[inline(always)]
    fn center(&self) -> Vec4 {
        self.min + self.max
    }
}

/// Boxes around some items and around their centres.
#[derive(Clone, Copy)]
struct Extent {
    bounds: Bounds,
    centers: Bounds,
}

impl Extent {
    const NOTHING: Self = Self { bounds: Bounds::NOTHING, centers: Bounds::NOTHING };

    fn of(items: &[Item]) -> Self {
        if items.len() < PARALLEL_BINS_MIN {
            return items.iter().fold(Self::NOTHING, Self::reach);
        }
        items.par_chunks(BINS_CHUNK).map(|chunk| chunk.iter().fold(Self::NOTHING, Self::reach)).reduce(|| Self::NOTHING, Self::with)
    }

    #[inline(always)]
    fn reach(self, item: &Item) -> Self {
        Self { bounds: self.bounds.with(item.bounds()), centers: self.centers.reach(item.center()) }
    }

    fn with(self, other: Self) -> Self {
        Self { bounds: self.bounds.with(other.bounds), centers: self.centers.with(other.centers) }
    }
}

/// A tree, or a part of one, whose references to nodes count from its own first.
pub enum Piece {
    /// No node, only this reference.
    Leaf(u32),
    /// Root first.
    Nodes(Vec<PairNode>),
    /// A root above two pieces.
    Fork(Box<Fork>),
}

/// A node whose children were built apart.
pub struct Fork {
    node: PairNode,
    parts: [Piece; 2],
    nodes: usize,
}

impl Piece {
    /// How many nodes it has.
    pub fn nodes(&self) -> usize {
        match self {
            Self::Leaf(_) => 0,
            Self::Nodes(nodes) => nodes.len(),
            Self::Fork(fork) => fork.nodes,
        }
    }

    /// Writes its nodes to `out`, the first of which is number `base` of the whole list; returns the reference of its root.
    pub fn settle(self, out: &mut [PairNode], base: u32) -> u32 {
        match self {
            Self::Leaf(reference) => return reference,
            Self::Nodes(nodes) => {
                let moved = |reference: u32| if reference & LEAF == 0 { reference + base } else { reference };
                for (slot, node) in out.iter_mut().zip(&nodes) {
                    *slot = PairNode { left: moved(node.left), right: moved(node.right), ..*node };
                }
            }
            Self::Fork(fork) => {
                let Fork { node, parts: [left, right], .. } = *fork;
                let (head, rest) = out.split_at_mut(1);
                let (left_base, right_base) = (base + 1, base + 1 + left.nodes() as u32);
                let (left_out, right_out) = rest.split_at_mut(left.nodes());
                let (left, right) = rayon::join(|| left.settle(left_out, left_base), || right.settle(right_out, right_base));
                head[0] = PairNode { left, right, ..node };
            }
        }
        base
    }
}

/// Builds a tree over at least one item and sorts the items into the order of its leaves. Leaves say places from `first` on.
pub fn grow(items: &mut [Item], first: u32, limits: Limits) -> (Piece, Bounds) {
    let whole = Extent::of(items);
    (grow_piece(items, first, &whole, limits.depth_max, limits), whole.bounds)
}

fn grow_piece(items: &mut [Item], first: u32, whole: &Extent, levels: usize, limits: Limits) -> Piece {
    if items.len() < PARALLEL_MIN {
        return grow_alone(items, first, whole, levels, limits);
    }
    let Some(cut) = divide(items, whole, levels, limits) else {
        return Piece::Leaf(leaf_reference(first, items.len() as u32));
    };
    let (left, right) = items.split_at_mut(cut.middle);
    let parts = rayon::join(
        || grow_piece(left, first, &cut.left, levels - 1, limits),
        || grow_piece(right, first + cut.middle as u32, &cut.right, levels - 1, limits),
    );
    let nodes = 1 + parts.0.nodes() + parts.1.nodes();
    Piece::Fork(Box::new(Fork { node: PairNode::of(&cut.left.bounds, &cut.right.bounds), parts: parts.into(), nodes }))
}

/// A range still to be built.
struct Open {
    start: usize,
    end: usize,
    whole: Extent,
    levels: usize,
    /// Which child of which node it is.
    parent: Option<(usize, usize)>,
}

fn grow_alone(items: &mut [Item], first: u32, whole: &Extent, levels: usize, limits: Limits) -> Piece {
    let mut nodes: Vec<PairNode> = Vec::new();
    let mut open = vec![Open { start: 0, end: items.len(), whole: *whole, levels, parent: None }];
    while let Some(Open { start, end, whole, levels, parent }) = open.pop() {
        let reference = match divide(&mut items[start..end], &whole, levels, limits) {
            None => leaf_reference(first + start as u32, (end - start) as u32),
            Some(cut) => {
                let (slot, middle) = (nodes.len(), start + cut.middle);
                nodes.push(PairNode::of(&cut.left.bounds, &cut.right.bounds));
                open.push(Open { start: middle, end, whole: cut.right, levels: levels - 1, parent: Some((slot, 1)) });
                open.push(Open { start, end: middle, whole: cut.left, levels: levels - 1, parent: Some((slot, 0)) });
                slot as u32
            }
        };
        match parent {
            None if reference & LEAF != 0 => return Piece::Leaf(reference),
            None => {}
            Some((slot, 0)) => nodes[slot].left = reference,
            Some((slot, _)) => nodes[slot].right = reference,
        }
    }
    Piece::Nodes(nodes)
}

/// Where a sorted range falls into two.
struct Cut {
    middle: usize,
    left: Extent,
    right: Extent,
}

/// Sorts items so that the first part belongs to the left child; `None` where they are best kept in a leaf.
fn divide(items: &mut [Item], whole: &Extent, levels: usize, limits: Limits) -> Option<Cut> {
    let count = items.len();
    let leaves = count.div_ceil(limits.leaf_max);
    if count == 1 || levels == 0 {
        return None;
    }
    // Levels that halving takes.
    if leaves.next_power_of_two().ilog2() < levels as u32
        && let Some(border) = best_border(items, whole)
    {
        let area = whole.bounds.half_area();
        if leaves == 1 && border.cost + NODE_COST * area >= area * count as f32 {
            return None;
        }
        if let Some(cut) = part(items, &border) {
            return Some(cut);
        }
    }
    (leaves > 1).then(|| halve(items, whole))
}

/// The border with the least cost; of equal ones the first.
fn best_border(items: &[Item], whole: &Extent) -> Option<Border> {
    if items.len() > FEW { Bins::<BINS>::fill(items, whole).best_border() } else { Bins::<BINS_FEW>::fill(items, whole).best_border() }
}

/// Halves by place along the axis on which the centres lie farthest apart.
fn halve(items: &mut [Item], whole: &Extent) -> Cut {
    let axis = (whole.centers.max - whole.centers.min).truncate().max_position();
    let middle = items.len() / 2;
    items.select_nth_unstable_by(middle, |a, b| a.center()[axis].total_cmp(&b.center()[axis]).then(a.index().cmp(&b.index())));
    let (left, right) = items.split_at(middle);
    Cut { middle, left: Extent::of(left), right: Extent::of(right) }
}

/// Between two bins of an axis.
struct Border {
    place: Place,
    axis: usize,
    bin: usize,
    /// Area times count, left and right.
    cost: f32,
}

/// Puts what lies before a border first. Without a branch per item: which side it falls on is as good as a coin.
fn part(items: &mut [Item], border: &Border) -> Option<Cut> {
    let mut middle = 0;
    for i in 0..items.len() {
        let item = items[i];
        items.swap(i, middle);
        middle += usize::from(border.place.is_before(&item, border.axis, border.bin));
    }
    let (left, right) = items.split_at(middle);
    (middle > 0 && middle < items.len()).then(|| Cut { middle, left: Extent::of(left), right: Extent::of(right) })
}

/// In which bin an item's centre lies, on each axis.
#[derive(Clone, Copy)]
struct Place {
    low: Vec4,
    scale: Vec4,
    /// Middle of the last bin.
    last: Vec4,
}

impl Place {
    /// Floats from here on have no fraction: adding it rounds, and leaves a whole number in the lower bits.
    const WHOLE: f32 = 8_388_608.0;

    fn new(whole: &Extent, bins: usize) -> Self {
        let bins = Vec4::splat(bins as f32);
        Self { low: whole.centers.min, scale: bins / (whole.centers.max - whole.centers.min), last: bins - 0.5 }
    }

    /// Number of the bin added to [`Self::WHOLE`]. Where all centres lie at one place, 0 · ∞ becomes the first bin.
    #[inline(always)]
    fn at(&self, item: &Item) -> Vec4 {
        ((item.center() - self.low) * self.scale).max(Vec4::splat(0.5)).min(self.last) + (Self::WHOLE - 0.5)
    }

    #[inline(always)]
    fn bins<const N: usize>(&self, item: &Item) -> [usize; 3] {
        self.at(item).truncate().to_array().map(|x| ((x.to_bits() & 31) as usize).min(N - 1))
    }

    #[inline(always)]
    fn is_before(&self, item: &Item, axis: usize, bin: usize) -> bool {
        self.at(item)[axis] < Self::WHOLE + bin as f32
    }
}

/// The bins of all axes (binned surface area heuristic: Wald 2007).
#[derive(Clone)]
struct Bins<const N: usize> {
    place: Place,
    bounds: [[Bounds; N]; 3],
    counts: [[u32; N]; 3],
}

impl<const N: usize> Bins<N> {
    fn fill(items: &[Item], whole: &Extent) -> Self {
        let place = Place::new(whole, N);
        let empty = || Self { place, bounds: [[Bounds::NOTHING; N]; 3], counts: [[0; N]; 3] };
        let fill = |items: &[Item]| {
            let mut bins = empty();
            for item in items {
                for (axis, bin) in place.bins::<N>(item).into_iter().enumerate() {
                    bins.bounds[axis][bin] = bins.bounds[axis][bin].with(item.bounds());
                    bins.counts[axis][bin] += 1;
                }
            }
            bins
        };
        if items.len() < PARALLEL_BINS_MIN {
            return fill(items);
        }
        items.par_chunks(BINS_CHUNK).map(fill).reduce(empty, Self::with)
    }

    fn with(mut self, other: Self) -> Self {
        for axis in 0..3 {
            for bin in 0..N {
                self.bounds[axis][bin] = self.bounds[axis][bin].with(other.bounds[axis][bin]);
                self.counts[axis][bin] += other.counts[axis][bin];
            }
        }
        self
    }

    fn best_border(&self) -> Option<Border> {
        let mut best: Option<Border> = None;
        for axis in 0..3 {
            let (bounds, counts) = (&self.bounds[axis], &self.counts[axis]);
            let mut right_cost = [0.0; N];
            let (mut right, mut right_count) = (Bounds::NOTHING, 0);
            for bin in (1..N).rev() {
                right = right.with(bounds[bin]);
                right_count += counts[bin];
                right_cost[bin] = right.half_area() * right_count as f32;
            }
            let all = right_count + counts[0];
            let (mut left, mut left_count) = (Bounds::NOTHING, 0);
            for bin in 1..N {
                left = left.with(bounds[bin - 1]);
                left_count += counts[bin - 1];
                let cost = left.half_area() * left_count as f32 + right_cost[bin];
                if left_count > 0 && left_count < all && best.as_ref().is_none_or(|least| cost < least.cost) {
                    best = Some(Border { place: self.place, axis, bin, cost });
                }
            }
        }
        best
    }
}
