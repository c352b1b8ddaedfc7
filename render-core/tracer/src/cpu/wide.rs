//! Trees of eight children per node, collapsed from the two-child trees: one node is tested by one pass of eight-wide arithmetic.
//!
//! The arithmetic of boxes and triangles is that of `shaders/lib/intersect.wgsl`, operation by operation. So the nearest hit has the same
//! bits as the GPU's.

#[cfg(target_arch = "x86_64")]
pub mod many;
mod pack;
#[cfg(test)]
pub mod tests;

use super::generated::{
    BOX_SLACK, Hit, INSTANCE_MOVES, INSTANCE_STRIDE, NO_HIT, SpaceRay, box_interval, instance_ray, ray_towards, within_reach,
};
use super::runtime::{V3, V4};
use super::work::Work;
use crate::bvh::collapse::{Subtrees, WIDTH};
use crate::bvh::{DEPTH_MAX, LEAF, Trees, leaf_range};
use crate::pages;
use pack::{LANES, Pack};
#[cfg(target_arch = "x86_64")]
use pack::{Wide3, WideRay};
use raylance_shaders::Word;
use std::mem::MaybeUninit;

/// Every level pushes at most seven more entries than it pops.
pub const STACK: usize = DEPTH_MAX * (WIDTH - 1) + 1;

/// What a core's own cache holds, roughly.
const CACHE_BYTES: usize = 1 << 20;
/// Up to eight children.
#[repr(C, align(64))]
#[derive(Clone, Copy)]
pub struct WideNode {
    /// Lower x, y, z of the eight boxes.
    pub min: [[f32; WIDTH]; 3],
    /// Upper x, y, z of the eight boxes.
    pub max: [[f32; WIDTH]; 3],
    /// Child node, or with [`LEAF`] a pack or an instance. Those that are missing come last.
    pub child: [u32; WIDTH],
}

impl WideNode {
    /// No ray enters a box at infinity: either it never comes, or it is gone before the start.
    const EMPTY: Self = Self { min: [[f32::INFINITY; WIDTH]; 3], max: [[f32::INFINITY; WIDTH]; 3], child: [LEAF; WIDTH] };

    /// How many children there are.
    #[inline(always)]
    pub fn children(&self) -> usize {
        self.min[0].iter().take_while(|min| **min < f32::INFINITY).count()
    }
}

/// All trees of a scene.
pub struct WideTrees {
    pub(super) nodes: Vec<WideNode>,
    packs: Vec<Pack>,
    /// Root of the mesh of each instance.
    roots: Vec<u32>,
    pub(super) start: u32,
    pub(super) two_levels: bool,
    has_avx2: bool,
}

/// What the leaves of the trees speak of.
#[derive(Clone, Copy)]
pub struct Geometry<'a> {
    /// Three words per triangle.
    pub triangles: &'a [V4<u32>],
    /// `INSTANCE_STRIDE` words per instance.
    pub instances: &'a [V4<u32>],
    /// What a walk among them may still cost.
    pub work: &'a Work<'a>,
}

impl Geometry<'_> {
    /// The words of a triangle.
    #[inline(always)]
    pub(super) fn corners(&self, triangle: u32) -> [V4<u32>; 3] {
        let place = triangle as usize * 3;
        [self.triangles[place], self.triangles[place + 1], self.triangles[place + 2]]
    }
}

/// Where a ray stands: in the world, or in an instance's mesh.
pub(super) struct Inside {
    pub(super) ray: SpaceRay,
    pub(super) instance: u32,
    /// Where the ray enters the instance's box.
    pub(super) entry: f32,
    pub(super) root: u32,
}

impl WideTrees {
    /// Opens the two-child trees; `mesh_of` says which mesh each instance stands up, `triangles` holds three words for each.
    pub fn new(trees: &Trees, mesh_of: impl Iterator<Item = u32>, triangles: &[Word]) -> Self {
        let subtrees = Subtrees::new(&trees.nodes);
        let nodes = Vec::with_capacity(trees.nodes.len() / 6);
        let mut all = Collapse { subtrees, triangles, nodes, packs: Vec::with_capacity(triangles.len() / 12) };
        let mesh_roots: Vec<u32> = trees.mesh_roots.iter().map(|&root| all.mesh(root)).collect();
        let roots: Vec<u32> = mesh_of.map(|mesh| mesh_roots[mesh as usize]).collect();
        let start = if trees.two_levels { all.top(trees.start) } else { roots[0] };
        let Collapse { mut nodes, mut packs, .. } = all;
        nodes.shrink_to_fit();
        packs.shrink_to_fit();
        Self { nodes, packs, roots, start, two_levels: trees.two_levels, has_avx2: has_avx2() }
    }

    /// Asks for large pages.
    pub fn enlarge(&self) {
        pages::enlarge(&self.nodes);
        pages::enlarge(&self.packs);
    }

    /// Whether the trees are too large for a core's own cache.
    #[inline(always)]
    pub fn are_large(&self) -> bool {
        size_of_val(&*self.nodes) + size_of_val(&*self.packs) > CACHE_BYTES
    }

    /// Nearest hit below `t_max`; with `ANY` the first that is found.
    #[inline(always)]
    pub fn walk<const ANY: bool>(&self, geometry: Geometry, o: V3<f32>, d: V3<f32>, t_max: f32) -> Hit {
        let mut hit = Hit { t: t_max, u: 0.0, v: 0.0, triangle: NO_HIT, primitive: NO_HIT, instance: NO_HIT };
        let world = Inside { ray: ray_towards(o, d), instance: 0, entry: 0.0, root: self.start };
        match (self.has_avx2, self.two_levels) {
            #[cfg(target_arch = "x86_64")]
            // SAFETY: the processor has AVX2, as was asked when the trees were made.
            (true, false) => unsafe { self.walk_avx2::<ANY, false>(geometry, &world, &mut hit) },
            #[cfg(target_arch = "x86_64")]
            // SAFETY: as above.
            (true, true) => unsafe { self.walk_avx2::<ANY, true>(geometry, &world, &mut hit) },
            (_, false) => self.walk_plain::<ANY, false>(geometry, &world, &mut hit),
            (_, true) => self.walk_plain::<ANY, true>(geometry, &world, &mut hit),
        }
        hit
    }

    /// With `TOP` among the instances, else in a mesh.
    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2")]
    unsafe fn walk_avx2<const ANY: bool, const TOP: bool>(&self, geometry: Geometry, inside: &Inside, hit: &mut Hit) {
        let ray = WideRay::new(&inside.ray);
        let far_side = far_side(inside.ray.inverse);
        let test = |node: &WideNode, t: f32| node.entered(ray.o, ray.inverse, far_side, t);
        self.descend::<ANY>(geometry.work, inside.root, hit, test, |reference, hit| {
            if !TOP {
                self.pack(reference).test_avx2(geometry, &ray, inside.instance, inside.entry, hit);
            } else if let Some(mesh) = self.enter(geometry, reference, inside, hit.t) {
                // SAFETY: this function was allowed to use AVX2 itself.
                unsafe { self.walk_avx2::<ANY, false>(geometry, &mesh, hit) };
            }
        });
    }

    /// As above for any processor.
    fn walk_plain<const ANY: bool, const TOP: bool>(&self, geometry: Geometry, inside: &Inside, hit: &mut Hit) {
        let test = |node: &WideNode, t: f32| box_entries(node, &inside.ray, t);
        self.descend::<ANY>(geometry.work, inside.root, hit, test, |reference, hit| {
            if !TOP {
                self.pack(reference).test(geometry, inside, hit);
            } else if let Some(mesh) = self.enter(geometry, reference, inside, hit.t) {
                self.walk_plain::<ANY, false>(geometry, &mesh, hit);
            }
        });
    }

    /// The triangles of a leaf.
    #[inline(always)]
    pub(super) fn pack(&self, reference: u32) -> &Pack {
        &self.packs[(reference & !LEAF) as usize]
    }

    /// The walk through one tree; `test` says which of a node's boxes are entered before distance t, and where.
    #[inline(always)]
    fn descend<const ANY: bool>(
        &self,
        work: &Work,
        root: u32,
        hit: &mut Hit,
        test: impl Fn(&WideNode, f32) -> (u32, [f32; WIDTH]),
        leaf: impl Fn(u32, &mut Hit),
    ) {
        let mut stack = Stack::new();
        let mut current = root;
        let mut meter = work.meter();
        while meter.spend(1) {
            let mut nearest = None;
            if current & LEAF != 0 {
                leaf(current, hit);
                if ANY && hit.triangle != NO_HIT {
                    return;
                }
            } else {
                let node = &self.nodes[current as usize];
                let (mask, entries) = test(node, hit.t);
                nearest = stack.take_in::<ANY>(node, mask, &entries);
            }
            let Some(next) = nearest.or_else(|| stack.pop(hit.t)) else { return };
            current = next;
        }
    }

    /// Takes a ray into the instance of a leaf, unless it passes by or comes too late.
    #[inline(always)]
    fn enter(&self, geometry: Geometry, reference: u32, world: &Inside, t: f32) -> Option<Inside> {
        let instance = leaf_range(reference).start;
        let words = &geometry.instances[instance as usize * INSTANCE_STRIDE as usize..][..INSTANCE_STRIDE as usize];
        let (root_and_low, low_and_high) = (words[6], words[7]);
        let low = V3::new(root_and_low.z, root_and_low.w, low_and_high.x).map(f32::from_bits);
        let high = low_and_high.swizzle3::<1, 2, 3>().map(f32::from_bits);
        let interval = box_interval(low, high, world.ray);
        if interval.x > interval.y || interval.x > t {
            return None;
        }
        let [r0, r1, r2] = [words[0], words[1], words[2]].map(|row| row.map(f32::from_bits));
        let local = instance_ray(r0, r1, r2, world.ray);
        let ray = if root_and_low.x & INSTANCE_MOVES != 0 { local } else { world.ray };
        within_reach(local).then(|| Inside { ray, instance, entry: interval.x, root: self.roots[instance as usize] })
    }
}

/// Makes wide trees from two-child trees.
struct Collapse<'a> {
    subtrees: Subtrees<'a>,
    triangles: &'a [Word],
    nodes: Vec<WideNode>,
    packs: Vec<Pack>,
}

impl Collapse<'_> {
    /// The tree over a mesh: leaves become packs, and so do nodes above few triangles. Returns the reference of its root.
    fn mesh(&mut self, root: u32) -> u32 {
        self.tree(root, LANES as u32, |all, reference| {
            all.packs.push(Pack::new(all.triangles, all.subtrees.range(reference)));
            LEAF | (all.packs.len() as u32 - 1)
        })
    }

    /// The tree over instances: leaves stay.
    fn top(&mut self, root: u32) -> u32 {
        self.tree(root, 1, |_, reference| reference)
    }

    /// What holds at most `leaf_max` becomes a leaf.
    fn tree(&mut self, root: u32, leaf_max: u32, leaf: impl Fn(&mut Self, u32) -> u32) -> u32 {
        if self.subtrees.count(root) <= leaf_max {
            return leaf(self, root);
        }
        let first = self.nodes.len();
        self.nodes.push(WideNode::EMPTY);
        let mut open = vec![(root, first)];
        while let Some((pair, slot)) = open.pop() {
            let (list, size) = self.subtrees.open(pair, leaf_max);
            let mut node = WideNode::EMPTY;
            for (i, child) in list[..size].iter().enumerate() {
                for axis in 0..3 {
                    node.min[axis][i] = child.min[axis];
                    node.max[axis][i] = child.max[axis];
                }
                if self.subtrees.count(child.reference) <= leaf_max {
                    node.child[i] = leaf(self, child.reference);
                } else {
                    node.child[i] = self.nodes.len() as u32;
                    open.push((child.reference, self.nodes.len()));
                    self.nodes.push(WideNode::EMPTY);
                }
            }
            self.nodes[slot] = node;
        }
        first as u32
    }
}

/// A node or leaf to be visited, below the bits of the distance at which the ray enters it: no distance is negative, so whole numbers are in
/// the order of the distances.
type Visit = u64;

#[inline(always)]
fn visit(reference: u32, entry: f32) -> Visit {
    u64::from(entry.to_bits()) << 32 | u64::from(reference)
}

/// What a ray has still to visit. Not zeroed at the start: that would cost more than a short walk.
struct Stack {
    height: u32,
    visits: [MaybeUninit<Visit>; STACK],
}

impl Stack {
    #[inline(always)]
    const fn new() -> Self {
        Self { height: 0, visits: [const { MaybeUninit::uninit() }; STACK] }
    }

    /// Keeps the children of a node whose bits are set, but for the nearest, which it returns. With `ANY` those kept are in no order.
    #[inline(always)]
    fn take_in<const ANY: bool>(&mut self, node: &WideNode, mut mask: u32, entries: &[f32; WIDTH]) -> Option<u32> {
        let next = |mask: &mut u32| {
            let child = mask.trailing_zeros() as usize % WIDTH;
            *mask &= *mask - 1;
            visit(node.child[child], entries[child])
        };
        if mask == 0 {
            return None;
        }
        let base = self.height;
        let mut nearest = next(&mut mask);
        while mask != 0 {
            let other = next(&mut mask);
            let farther = nearest.max(other);
            nearest = nearest.min(other);
            self.push::<ANY>(base, farther);
        }
        Some(nearest as u32)
    }

    /// Puts a visit among those above `base`, nearest on top; with `ANY` simply on top.
    #[inline(always)]
    fn push<const ANY: bool>(&mut self, base: u32, visit: Visit) {
        let mut slot = self.height;
        self.height += 1;
        while !ANY && slot > base {
            // SAFETY: every slot below the height was written by an earlier push.
            let below = unsafe { self.visits[slot as usize - 1].assume_init() };
            if below >= visit {
                break;
            }
            self.visits[slot as usize].write(below);
            slot -= 1;
        }
        self.visits[slot as usize].write(visit);
    }

    /// The next node or leaf that is entered before distance t.
    #[inline(always)]
    fn pop(&mut self, t: f32) -> Option<u32> {
        let last = visit(u32::MAX, t);
        while self.height > 0 {
            self.height -= 1;
            // SAFETY: every slot below the height was written by an earlier push.
            let visit = unsafe { self.visits[self.height as usize].assume_init() };
            if visit <= last {
                return Some(visit as u32);
            }
        }
        None
    }
}

#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn far_side(inverse: V3<f32>) -> [usize; 3] {
    [inverse.x, inverse.y, inverse.z].map(|x| usize::from(x < 0.0))
}

#[cfg(target_arch = "x86_64")]
impl WideNode {
    /// `box_entries` by AVX2. `far_side` says for each axis which side of the boxes comes first: 1 = the upper.
    #[target_feature(enable = "avx2")]
    #[inline]
    fn entered(&self, o: Wide3, inverse: Wide3, far_side: [usize; 3], t: f32) -> (u32, [f32; WIDTH]) {
        use std::arch::x86_64::*;
        let sides = [&self.min, &self.max];
        // SAFETY: each row is eight floats of a 32-byte aligned node.
        let row = |side: usize, axis: usize| unsafe { _mm256_load_ps(sides[side][axis].as_ptr()) };
        let at = |row: __m256, o: __m256, inverse: __m256| _mm256_mul_ps(_mm256_sub_ps(row, o), inverse);
        let along = |axis: usize, o: __m256, inverse: __m256| {
            let first = far_side[axis];
            (at(row(first, axis), o, inverse), at(row(1 - first, axis), o, inverse))
        };
        let (near_x, far_x) = along(0, o.x, inverse.x);
        let (near_y, far_y) = along(1, o.y, inverse.y);
        let (near_z, far_z) = along(2, o.z, inverse.z);
        let entry = _mm256_max_ps(_mm256_max_ps(near_x, near_y), _mm256_max_ps(near_z, _mm256_setzero_ps()));
        let exit = _mm256_min_ps(_mm256_min_ps(far_x, far_y), far_z);
        let exit = _mm256_min_ps(_mm256_mul_ps(exit, _mm256_set1_ps(BOX_SLACK)), _mm256_set1_ps(t));
        let mask = _mm256_movemask_ps(_mm256_cmp_ps::<_CMP_LE_OQ>(entry, exit)) as u32;
        let mut entries = [0.0; WIDTH];
        // SAFETY: the array holds eight floats.
        unsafe { _mm256_storeu_ps(entries.as_mut_ptr(), entry) };
        (mask, entries)
    }
}

/// `box_interval` for eight boxes: a bit for each that is entered before `t`, and the entries.
#[inline(always)]
fn box_entries(node: &WideNode, ray: &SpaceRay, t: f32) -> (u32, [f32; WIDTH]) {
    let (o, inverse) = ([ray.o.x, ray.o.y, ray.o.z], [ray.inverse.x, ray.inverse.y, ray.inverse.z]);
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
    // Of two zeros `max` may give the negative one, whose bits are not in the order of distances: the sum is the positive one.
    (mask, entry.map(|entry| entry + 0.0))
}

#[cfg(target_arch = "x86_64")]
pub fn has_avx2() -> bool {
    std::arch::is_x86_feature_detected!("avx2")
}

#[cfg(not(target_arch = "x86_64"))]
pub fn has_avx2() -> bool {
    false
}
