//! The trees over a scene's triangles and instances: built with two children per node, then opened to eight for CPU and GPU.
//!
//! Each mesh has a tree in its own space; where meshes are moved or repeated, a tree over the instances stands above them. Each peer builds
//! its own trees: a hit does not depend on them (see `shaders/lib/intersect.wgsl`), so a tree need not travel and none that a stranger made
//! has to be believed.

mod build;
pub mod collapse;
pub mod compressed;

use build::{Bounds, Item, Limits, Piece, grow};
use raylance_scene::{Instance, Mesh, Scene};
use rayon::prelude::*;

/// Nodes on the longest way through one tree over triangles and one over instances: the walks' stacks hold this much.
pub const DEPTH_MAX: usize = MESH.depth_max + TOP.depth_max;
/// Bit of a child reference that marks a leaf.
pub const LEAF: u32 = 0x8000_0000;
/// Trees over triangles. Halving 2^26 triangles takes 25 levels, so 15 are left to follow the triangles' sizes. A GPU's leaf holds three.
const MESH: Limits = Limits { leaf_max: 3, depth_max: 40 };
/// The tree over instances, one to a leaf. Halving 2^22 instances takes 22 levels.
const TOP: Limits = Limits { leaf_max: 1, depth_max: 24 };
/// An instance's box is padded by this share of its largest number: more than a hundred times what rounding moves a point by.
const INSTANCE_PAD: f64 = 1.0 / 131_072.0;
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

/// Two boxes with what they hold.
#[derive(Clone, Copy, Debug, PartialEq)]
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
    /// Upper corner of the right box.
    pub right_max: [f32; 3],
}

/// All trees of a scene.
pub struct Trees {
    /// The nodes of all of them.
    pub nodes: Vec<PairNode>,
    /// `order[i]` is the number in the scene of the i-th triangle of the leaves. A mesh keeps its places.
    pub order: Vec<u32>,
    /// Reference to the root of each mesh's tree.
    pub mesh_roots: Vec<u32>,
    /// Box of each mesh in its own space.
    pub mesh_boxes: Vec<Aabb>,
    /// Box of each instance in the world. A hit counts from the box's entry on, so its bits are the same on all machines and it does not
    /// depend on a tree.
    pub instance_boxes: Vec<Aabb>,
    /// Mesh of the first instance.
    pub first_mesh: u32,
    /// Reference at which every ray begins.
    pub start: u32,
    /// Whether `start` belongs to the tree over instances, whose leaves hold one instance's number each. Where nothing is moved or
    /// repeated, it is the root of the only mesh.
    pub two_levels: bool,
}

/// An axis-aligned box.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Aabb {
    /// Lower corner.
    pub min: [f32; 3],
    /// Upper corner.
    pub max: [f32; 3],
}

impl Trees {
    /// Builds the trees of a checked scene, on all threads of rayon's current pool; they do not depend on how many these are.
    pub fn build(scene: &Scene) -> Self {
        let corner = |index: u32| scene.vertices[index as usize].position;
        let item =
            |(index, triangle): (usize, &raylance_scene::Triangle)| Item::new(Bounds::of(triangle.vertices.map(corner)), index as u32);
        let mut items: Vec<Item> = scene.triangles.par_iter().enumerate().map(item).collect();
        let meshes: Vec<(Piece, Bounds)> =
            runs(&scene.meshes, &mut items).into_par_iter().map(|(first, run)| grow(run, first, MESH)).collect();
        let order = items.par_iter().map(Item::index).collect();
        drop(items);

        let (mut pieces, mesh_boxes): (Vec<Piece>, Vec<Aabb>) = meshes.into_iter().map(|(piece, bounds)| (piece, bounds.aabb())).unzip();
        let boxes: Vec<Aabb> =
            scene.instances.par_iter().map(|instance| Aabb::of_instance(instance, &mesh_boxes[instance.mesh as usize])).collect();
        let two_levels = scene.instances.len() > 1 || !scene.instances[0].is_identity();
        let mut places = Vec::new();
        if two_levels {
            let item = |(index, b): (usize, &Aabb)| Item::new(Bounds::of([b.min, b.max]), index as u32);
            let mut items: Vec<Item> = boxes.iter().enumerate().map(item).collect();
            pieces.push(grow(&mut items, 0, TOP).0);
            places = items.iter().map(Item::index).collect();
        }
        let (mut nodes, mut roots) = settle(pieces);
        let first_mesh = scene.instances[0].mesh;
        let mut start = roots[first_mesh as usize];
        if two_levels {
            start = roots.pop().expect("the tree over instances was the last piece");
            name_instances(&mut nodes, &mut start, &places);
        }
        Self { nodes, order, mesh_roots: roots, mesh_boxes, instance_boxes: boxes, first_mesh, start, two_levels }
    }
}

/// Each mesh's first place with its items.
fn runs<'a>(meshes: &[Mesh], mut items: &'a mut [Item]) -> Vec<(u32, &'a mut [Item])> {
    let mut list = Vec::with_capacity(meshes.len());
    for mesh in meshes {
        let (run, rest) = items.split_at_mut(mesh.count as usize);
        list.push((mesh.first, run));
        items = rest;
    }
    list
}

/// Puts all pieces into one list of nodes; returns the reference of each piece's root too.
fn settle(pieces: Vec<Piece>) -> (Vec<PairNode>, Vec<u32>) {
    let mut nodes = vec![PairNode::EMPTY; pieces.iter().map(Piece::nodes).sum()];
    let (mut rest, mut base) = (nodes.as_mut_slice(), 0);
    let mut places = Vec::with_capacity(pieces.len());
    for piece in pieces {
        let count = piece.nodes();
        let (part, others) = rest.split_at_mut(count);
        places.push((piece, part, base));
        rest = others;
        base += count as u32;
    }
    let roots = places.into_par_iter().map(|(piece, part, base)| piece.settle(part, base)).collect();
    (nodes, roots)
}

/// Makes the leaves of the tree over instances, the last of `nodes`, say an instance's number where they say its place.
fn name_instances(nodes: &mut [PairNode], start: &mut u32, places: &[u32]) {
    let name = |reference: &mut u32| {
        if *reference & LEAF != 0 {
            *reference = leaf_reference(places[leaf_range(*reference).start as usize], 1);
        }
    };
    name(start);
    if *start & LEAF == 0 {
        for node in &mut nodes[*start as usize..] {
            name(&mut node.left);
            name(&mut node.right);
        }
    }
}

impl Aabb {
    /// Around nothing.
    pub const NOTHING: Self = Self { min: [f32::INFINITY; 3], max: [f32::NEG_INFINITY; 3] };

    /// Around both.
    pub fn with(self, other: &Self) -> Self {
        Self { min: std::array::from_fn(|k| self.min[k].min(other.min[k])), max: std::array::from_fn(|k| self.max[k].max(other.max[k])) }
    }

    /// Around an instance in the world, from the box of the mesh in its own space: nothing in it depends on a tree.
    fn of_instance(instance: &Instance, mesh: &Self) -> Self {
        let (low, high) = (mesh.min.map(f64::from), mesh.max.map(f64::from));
        let (mut min, mut max, mut largest) = ([0.0; 3], [0.0; 3], 0.0f64);
        for axis in 0..3 {
            let row = &instance.to_world[axis * 4..axis * 4 + 4];
            let mut size = f64::from(row[3].abs());
            (min[axis], max[axis]) = (f64::from(row[3]), f64::from(row[3]));
            for k in 0..3 {
                let (a, b) = (f64::from(row[k]) * low[k], f64::from(row[k]) * high[k]);
                min[axis] += a.min(b);
                max[axis] += a.max(b);
                size += a.abs().max(b.abs());
            }
            largest = largest.max(size);
        }
        let pad = largest * INSTANCE_PAD;
        Self { min: min.map(|x| (x - pad) as f32), max: max.map(|x| (x + pad) as f32) }
    }
}

impl PairNode {
    const EMPTY: Self =
        Self { left_min: [NOWHERE; 3], left: LEAF, left_max: [NOWHERE; 3], right: LEAF, right_min: [NOWHERE; 3], right_max: [NOWHERE; 3] };

    /// Both boxes, without what they hold.
    fn of(left: &Bounds, right: &Bounds) -> Self {
        Self {
            left_min: left.min.truncate().to_array(),
            left_max: left.max.truncate().to_array(),
            right_min: right.min.truncate().to_array(),
            right_max: right.max.truncate().to_array(),
            ..Self::EMPTY
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conformance;
    use raylance_scene::{Triangle, Vertex};

    fn depth(nodes: &[PairNode], reference: u32) -> usize {
        if reference & LEAF != 0 {
            return 0;
        }
        let node = &nodes[reference as usize];
        1 + depth(nodes, node.left).max(depth(nodes, node.right))
    }

    /// Counts how often each leaf's entry is met below a reference, and checks that every box holds those below it.
    fn visit(nodes: &[PairNode], reference: u32, seen: &mut [u32]) -> Option<([f32; 3], [f32; 3])> {
        if reference & LEAF != 0 {
            leaf_range(reference).for_each(|place| seen[place as usize] += 1);
            return None;
        }
        let n = &nodes[reference as usize];
        for (min, max, child) in [(n.left_min, n.left_max, n.left), (n.right_min, n.right_max, n.right)] {
            if let Some((low, high)) = visit(nodes, child, seen) {
                assert!((0..3).all(|k| min[k] <= low[k] && max[k] >= high[k]), "a box does not hold its children");
            }
        }
        Some((std::array::from_fn(|k| n.left_min[k].min(n.right_min[k])), std::array::from_fn(|k| n.left_max[k].max(n.right_max[k]))))
    }

    #[test]
    fn every_triangle_and_every_instance_lies_in_exactly_one_leaf() {
        for seed in 1..6 {
            let scene = conformance::scene(seed);
            let trees = Trees::build(&scene);
            let mut seen = vec![0; scene.triangles.len()];
            for &root in &trees.mesh_roots {
                visit(&trees.nodes, root, &mut seen);
            }
            assert!(seen.iter().all(|&count| count == 1));
            let mut sorted = trees.order.clone();
            sorted.sort_unstable();
            assert!(sorted.iter().copied().eq(0..scene.triangles.len() as u32));
            for mesh in &scene.meshes {
                let run = mesh.first..mesh.first + mesh.count;
                assert!(run.clone().all(|place| run.contains(&trees.order[place as usize])), "a mesh keeps its places");
            }
            assert_eq!(trees.two_levels, scene.instances.len() > 1);
            if trees.two_levels {
                let mut seen = vec![0; scene.instances.len()];
                visit(&trees.nodes, trees.start, &mut seen);
                assert!(seen.iter().all(|&count| count == 1));
            }
        }
    }

    #[test]
    fn trees_do_not_depend_on_the_number_of_threads() {
        let scene = grid(300);
        let with = |threads| rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(|| Trees::build(&scene));
        let (one, three) = (with(1), with(3));
        assert_eq!(one.order, three.order);
        assert_eq!(one.nodes, three.nodes);
    }

    #[test]
    fn regression_coinciding_and_nested_triangles_make_no_deep_tree() {
        let mut equal = grid(2);
        equal.triangles = vec![Triangle { vertices: [0, 1, 2], material: 0 }; 20_000];
        (equal.meshes, equal.instances) = Scene::one_mesh(&equal.triangles);
        let nested = soup((0..20_000).map(|i| {
            let k = 1.0 / (i + 1) as f32;
            [[0.0, 0.0, k], [k, 0.0, 0.0], [0.0, k, 0.0]]
        }));
        // Each triangle a thousandth of the one before: bins put one aside at a time.
        let shrinking = soup((0..20_000).map(|i| {
            let k = 10.0f32.powi(7 - i % 44);
            [[k, 0.0, 0.0], [k, k, 0.0], [k, 0.0, k]]
        }));
        for scene in [equal, nested, shrinking] {
            let trees = Trees::build(&scene);
            assert!(depth(&trees.nodes, trees.start) <= MESH.depth_max);
        }
    }

    #[test]
    fn many_instances_on_one_spot_make_no_deep_tree() {
        let mut scene = grid(2);
        scene.instances = vec![scene.instances[0]; 5_000];
        for (i, instance) in scene.instances.iter_mut().enumerate().skip(2_500) {
            instance.to_world[3] = 1.0e7f32 * 0.5f32.powi((i % 100) as i32);
        }
        let trees = Trees::build(&scene);
        assert!(depth(&trees.nodes, trees.start) <= TOP.depth_max);
    }

    fn soup(corners: impl Iterator<Item = [[f32; 3]; 3]>) -> Scene {
        let mut scene = conformance::scene(1);
        (scene.vertices, scene.triangles) = (Vec::new(), Vec::new());
        for (i, positions) in (0..).zip(corners) {
            scene.vertices.extend(positions.map(|position| Vertex { position, ..Vertex::default() }));
            scene.triangles.push(Triangle { vertices: [3 * i, 3 * i + 1, 3 * i + 2], material: 0 });
        }
        (scene.meshes, scene.instances) = Scene::one_mesh(&scene.triangles);
        scene
    }

    /// A wavy field of 2·n² triangles.
    fn grid(n: u32) -> Scene {
        let height = |x: u32, y: u32| ((x * 7 + y * 13) % 11) as f32 * 0.1;
        let at = |x: u32, y: u32| [x as f32, height(x, y), y as f32];
        soup((0..n * n).flat_map(|i| {
            let (x, y) = (i % n, i / n);
            [[at(x, y), at(x + 1, y), at(x, y + 1)], [at(x + 1, y), at(x + 1, y + 1), at(x, y + 1)]]
        }))
    }
}
