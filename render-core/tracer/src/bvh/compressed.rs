//! Trees for GPUs: eight children per node with boxes in eight bits per plane, 80 bytes each (CWBVH: Ylitie, Karras & Laine 2017).
//!
//! A decoded box holds the true box in the very arithmetic that the walk decodes it with: `corner + f32(byte) · 2^k`, in which only the
//! addition rounds. So the walk's intervals contain those of the boxes below, which is all that the hit's independence of trees asks for.

use super::collapse::{Child, Subtrees, WIDTH};
use super::{Aabb, Trees};

/// A node, as `shaders/lib/traverse.wgsl` reads it.
///
/// 0: lower corner, then the exponents of x, y, z and a bit for each child that is a node.
/// 1: first child node, first triangle, what the children are (a byte each).
/// 2, 3, 4: lower planes along x, y, z, then upper planes (a byte each).
pub type CompressedNode = [[u32; 4]; 5];

/// Triangles of one child: as many as a byte names by one bit each.
const LEAF_MAX: u32 = 3;

/// Trees with their own order of triangles.
pub struct CompressedTrees {
    /// The nodes of all trees.
    pub nodes: Vec<CompressedNode>,
    /// As [`Trees::order`]; a mesh keeps its places.
    pub order: Vec<u32>,
    /// The instances in the order of the leaves of their tree.
    pub instance_order: Vec<u32>,
    /// Root node of each mesh.
    pub mesh_roots: Vec<u32>,
    /// Node at which every ray begins.
    pub start: u32,
}

impl CompressedTrees {
    /// From two-child trees; `firsts` are the meshes' first places.
    pub fn new(trees: &Trees, firsts: impl Iterator<Item = u32>) -> Self {
        let subtrees = Subtrees::new(&trees.nodes);
        let mut nodes = Vec::with_capacity(trees.nodes.len() / 3);
        let mut places = Vec::with_capacity(trees.order.len());
        let mut mesh_roots = Vec::with_capacity(trees.mesh_roots.len());
        for ((&root, around), first) in trees.mesh_roots.iter().zip(&trees.mesh_boxes).zip(firsts) {
            debug_assert_eq!(first as usize, places.len(), "meshes follow each other");
            let mut grow = Grow { subtrees: &subtrees, leaf_max: LEAF_MAX, nodes: &mut nodes, places: &mut places };
            mesh_roots.push(grow.tree(root, around));
        }
        let order = places.iter().map(|&place| trees.order[place as usize]).collect();
        let (mut start, mut instance_order) = (mesh_roots[trees.first_mesh as usize], Vec::new());
        if trees.two_levels {
            let whole = trees.instance_boxes.iter().fold(Aabb::NOTHING, Aabb::with);
            let mut grow = Grow { subtrees: &subtrees, leaf_max: 1, nodes: &mut nodes, places: &mut instance_order };
            start = grow.tree(trees.start, &whole);
        }
        Self { nodes, order, instance_order, mesh_roots, start }
    }
}

/// One tree being written.
struct Grow<'a> {
    subtrees: &'a Subtrees<'a>,
    leaf_max: u32,
    nodes: &'a mut Vec<CompressedNode>,
    /// What the leaves hold, in their order.
    places: &'a mut Vec<u32>,
}

impl Grow<'_> {
    /// Returns the number of the root, which is a node even above a single leaf.
    fn tree(&mut self, root: u32, around: &Aabb) -> u32 {
        let first = self.nodes.len();
        self.nodes.push([[0; 4]; 5]);
        let mut open = vec![(root, first)];
        while let Some((reference, slot)) = open.pop() {
            let (list, size) = if self.subtrees.count(reference) <= self.leaf_max {
                ([Child { min: around.min, max: around.max, reference }; WIDTH], 1)
            } else {
                self.subtrees.open(reference, self.leaf_max)
            };
            self.nodes[slot] = self.node(&list[..size], &mut open);
        }
        first as u32
    }

    fn node(&mut self, list: &[Child], open: &mut Vec<(u32, usize)>) -> CompressedNode {
        let frame = Frame::around(list);
        let slots = assign(list, frame.corner);
        let (child_base, triangle_base) = (self.nodes.len(), self.places.len());
        let (mut inner_mask, mut kinds, mut planes) = (0u32, [0u8; WIDTH], [[[0u8; WIDTH]; 2]; 3]);
        for (slot, child) in slots.iter().enumerate() {
            let Some(child) = child.map(|i| &list[i]) else { continue };
            let count = self.subtrees.count(child.reference);
            if count > self.leaf_max {
                inner_mask |= 1 << slot;
                kinds[slot] = 0x20 | (24 + slot as u8);
                open.push((child.reference, self.nodes.len()));
                self.nodes.push([[0; 4]; 5]);
            } else {
                // One bit per triangle, then the place of the first.
                kinds[slot] = (((1u8 << count) - 1) << 5) | (self.places.len() - triangle_base) as u8;
                let range = self.subtrees.range(child.reference);
                self.places.extend(range);
            }
            for (axis, plane) in planes.iter_mut().enumerate() {
                let [low, high] = frame.bytes(axis, child);
                (plane[0][slot], plane[1][slot]) = (low, high);
            }
        }
        let [e0, e1, e2] = frame.exponents;
        let words = |bytes: &[u8; WIDTH]| {
            let word = |i: usize| u32::from_le_bytes([bytes[i], bytes[i + 1], bytes[i + 2], bytes[i + 3]]);
            [word(0), word(4)]
        };
        let plane_words = |axis: usize| {
            let ([a, b], [c, d]) = (words(&planes[axis][0]), words(&planes[axis][1]));
            [a, b, c, d]
        };
        let [x, y, z] = frame.corner.map(f32::to_bits);
        let [kinds_low, kinds_high] = words(&kinds);
        [
            [x, y, z, e0 | (e1 << 8) | (e2 << 16) | (inner_mask << 24)],
            [child_base as u32, triangle_base as u32, kinds_low, kinds_high],
            plane_words(0),
            plane_words(1),
            plane_words(2),
        ]
    }
}

/// The grid in which a node's boxes are kept.
struct Frame {
    corner: [f32; 3],
    /// Biased as in a float.
    exponents: [u32; 3],
}

impl Frame {
    /// The finest grid of powers of two that reaches around all boxes.
    fn around(list: &[Child]) -> Self {
        let corner: [f32; 3] = std::array::from_fn(|k| list.iter().map(|child| child.min[k]).fold(f32::INFINITY, f32::min));
        let exponents = std::array::from_fn(|k| {
            let top = list.iter().map(|child| child.max[k]).fold(f32::NEG_INFINITY, f32::max);
            // 2^k ≥ extent / 255 needs at most the extent's own exponent less seven, or one more after rounding.
            let mut exponent = (((top - corner[k]).to_bits() >> 23).saturating_sub(7)).max(1);
            while decode(corner[k], exponent, 255) < top {
                exponent += 1;
            }
            exponent
        });
        Self { corner, exponents }
    }

    /// Lower and upper plane of a box along an axis, rounded outwards.
    fn bytes(&self, axis: usize, child: &Child) -> [u8; 2] {
        let (corner, exponent) = (self.corner[axis], self.exponents[axis]);
        let step = f32::from_bits(exponent << 23);
        let mut low = ((child.min[axis] - corner) / step).clamp(0.0, 255.0) as u8;
        while low > 0 && decode(corner, exponent, low) > child.min[axis] {
            low -= 1;
        }
        let mut high = ((child.max[axis] - corner) / step).clamp(0.0, 255.0) as u8;
        while decode(corner, exponent, high) < child.max[axis] {
            high += 1;
        }
        [low, high]
    }
}

/// The plane that a byte stands for, as the walk computes it.
fn decode(corner: f32, exponent: u32, byte: u8) -> f32 {
    corner + f32::from(byte) * f32::from_bits(exponent << 23)
}

/// Which child stands in which slot, so that a ray meets near children first when it takes the slots in the order of `slot ^ octant`.
fn assign(list: &[Child], corner: [f32; 3]) -> [Option<usize>; WIDTH] {
    let mut slots = [None; WIDTH];
    let mut left: Vec<(usize, [f32; 3])> =
        (list.iter().enumerate()).map(|(i, child)| (i, std::array::from_fn(|k| child.min[k] + child.max[k] - 2.0 * corner[k]))).collect();
    // The pair of child and free slot that suits best, again and again. A slot's bit 2 is x, 1 is y, 0 is z; set = far.
    while !left.is_empty() {
        let mut best = (f32::NEG_INFINITY, 0, 0);
        for (at, (_, center)) in left.iter().enumerate() {
            for slot in (0..WIDTH).filter(|&slot| slots[slot].is_none()) {
                let side = |bit: usize, x: f32| if slot & bit != 0 { x } else { -x };
                let fit = side(4, center[0]) + side(2, center[1]) + side(1, center[2]);
                if fit > best.0 {
                    best = (fit, at, slot);
                }
            }
        }
        let (_, at, slot) = best;
        let first_free = slots.iter().position(Option::is_none).unwrap_or(0);
        // Where sums overflowed to NaN nothing suits; any free slot will do.
        let slot = if slots[slot].is_none() { slot } else { first_free };
        slots[slot] = Some(left.swap_remove(at).0);
    }
    slots
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conformance;

    fn boxes(node: &CompressedNode) -> [Aabb; WIDTH] {
        std::array::from_fn(|slot| {
            let byte = |word: u32, i: usize| word.to_le_bytes()[i];
            let plane = |axis: usize, upper: usize| {
                let exponent = u32::from(byte(node[0][3], axis));
                decode(f32::from_bits(node[0][axis]), exponent, byte(node[2 + axis][upper * 2 + slot / 4], slot % 4))
            };
            Aabb { min: [plane(0, 0), plane(1, 0), plane(2, 0)], max: [plane(0, 1), plane(1, 1), plane(2, 1)] }
        })
    }

    /// Checks the boxes above what a node holds; returns how many leaf entries it met.
    fn visit(trees: &CompressedTrees, node: u32, inside: &mut Vec<Aabb>, leaf: &impl Fn(u32) -> Aabb, seen: &mut [u32]) {
        let words = &trees.nodes[node as usize];
        let mut inner = 0;
        for (slot, around) in boxes(words).into_iter().enumerate() {
            let kind = words[1][2 + slot / 4].to_le_bytes()[slot % 4];
            inside.push(around);
            if words[0][3] >> 24 & (1 << slot) != 0 {
                assert_eq!(kind, 0x20 | (24 + slot as u8));
                visit(trees, words[1][0] + inner, inside, leaf, seen);
                inner += 1;
            } else {
                for i in 0..(kind >> 5).count_ones() {
                    let place = words[1][1] + u32::from(kind & 31) + i;
                    seen[place as usize] += 1;
                    let own = leaf(place);
                    for b in inside.iter() {
                        assert!((0..3).all(|k| b.min[k] <= own.min[k] && b.max[k] >= own.max[k]), "{b:?} does not hold {own:?}");
                    }
                }
            }
            inside.pop();
        }
    }

    #[test]
    fn decoded_boxes_hold_all_that_lies_below_them() {
        for seed in 1..8 {
            let mut scene = conformance::scene(seed);
            // Far from the origin a grid's step is finer than a float's.
            let (shift, size) = if seed % 2 == 0 { (1.0e6, 1.0) } else { (0.0, 1.0e-3) };
            scene.vertices.iter_mut().for_each(|v| v.position = v.position.map(|x| x * size + shift));
            let built = Trees::build(&scene);
            let trees = CompressedTrees::new(&built, scene.meshes.iter().map(|mesh| mesh.first));
            let triangle = |place: u32| {
                let corners = scene.triangles[trees.order[place as usize] as usize].vertices.map(|v| scene.vertices[v as usize].position);
                corners.iter().fold(Aabb::NOTHING, |all, &p| all.with(&Aabb { min: p, max: p }))
            };
            let mut seen = vec![0; scene.triangles.len()];
            for &root in &trees.mesh_roots {
                visit(&trees, root, &mut Vec::new(), &triangle, &mut seen);
            }
            assert!(seen.iter().all(|&count| count == 1));
            if built.two_levels {
                let instance = |place: u32| built.instance_boxes[trees.instance_order[place as usize] as usize];
                let mut seen = vec![0; scene.instances.len()];
                visit(&trees, trees.start, &mut Vec::new(), &instance, &mut seen);
                assert!(seen.iter().all(|&count| count == 1));
            }
        }
    }
}
