//! The tree over a scene's triangles: two children per node for GPUs, eight for the CPU, one order of triangles for both.
//!
//! Each peer builds its own tree: a hit does not depend on it (see `shaders/lib/intersect.wgsl`), so a tree need not travel and none
//! that a stranger made has to be believed.

use crate::scene::Scene;
use bytemuck::{Pod, Zeroable};
use glam::Vec3A;
use obvhs::BvhBuildParams;
use obvhs::bvh2::Bvh2;
use obvhs::bvh2::builder::build_bvh2_from_tris;
use obvhs::ploc::{PlocSearchDistance, SortPrecision};
use obvhs::triangle::Triangle;
use std::time::Duration;

/// Deepest tree that the walks' stacks hold, with room to spare.
pub const DEPTH_MAX: usize = 60;
/// Bit of a child reference that marks a leaf.
pub const LEAF: u32 = 0x8000_0000;
/// Triangles of one leaf; five bits would hold 31.
const LEAF_TRIANGLES: u32 = 4;
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

/// Why a tree can't be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TreeError {
    /// Deeper than the walks' stacks.
    #[error("the scene's triangles overlap so much that their tree is {depth} levels deep; {DEPTH_MAX} are possible")]
    TooDeep {
        /// Its depth.
        depth: usize,
    },
    /// A leaf holds more than a reference can say.
    #[error("a leaf of the tree holds {0} triangles; 31 are possible")]
    LeafTooLarge(u32),
}

impl Tree {
    /// Builds a tree over all triangles of a scene.
    ///
    /// # Errors
    /// [`TreeError`] for degenerate scenes.
    pub fn build(scene: &Scene) -> Result<Self, TreeError> {
        let corner = |index: u32| Vec3A::from(scene.vertices[index as usize].position);
        let triangles: Vec<Triangle> = (scene.triangles.iter())
            .map(|t| Triangle { v0: corner(t.vertices[0]), v1: corner(t.vertices[1]), v2: corner(t.vertices[2]) })
            .collect();
        let parameters = BvhBuildParams {
            pre_split: false,
            ploc_search_distance: PlocSearchDistance::Medium,
            search_depth_threshold: 3,
            reinsertion_batch_ratio: 0.1,
            post_collapse_reinsertion_batch_ratio_multiplier: 1.0,
            sort_precision: SortPrecision::U64,
            max_prims_per_leaf: LEAF_TRIANGLES,
            collapse_traversal_cost: 2.0,
        };
        let built = build_bvh2_from_tris(&triangles, parameters, &mut Duration::default());
        let nodes = Self::flatten(&built)?;
        Ok(Self { nodes, order: built.primitive_indices })
    }

    fn flatten(built: &Bvh2) -> Result<Vec<PairNode>, TreeError> {
        let empty = PairNode {
            left_min: [NOWHERE; 3],
            left: leaf_reference(0, 0),
            left_max: [NOWHERE; 3],
            right: leaf_reference(0, 0),
            right_min: [NOWHERE; 3],
            spare0: 0,
            right_max: [NOWHERE; 3],
            spare1: 0,
        };
        let root = built.nodes[0];
        if root.prim_count > 0 {
            let left = checked_leaf(root.first_index, root.prim_count)?;
            return Ok(vec![PairNode { left_min: root.aabb.min.into(), left_max: root.aabb.max.into(), left, ..empty }]);
        }
        let mut nodes = vec![empty];
        // (node of the built tree, its slot here, its depth)
        let mut open = vec![(0usize, 0usize, 1usize)];
        while let Some((source, slot, depth)) = open.pop() {
            if depth > DEPTH_MAX {
                return Err(TreeError::TooDeep { depth });
            }
            let first = built.nodes[source].first_index as usize;
            let mut reference = [0; 2];
            for (side, child) in [first, first + 1].into_iter().enumerate() {
                let node = built.nodes[child];
                if node.prim_count > 0 {
                    reference[side] = checked_leaf(node.first_index, node.prim_count)?;
                } else {
                    reference[side] = nodes.len() as u32;
                    open.push((child, nodes.len(), depth + 1));
                    nodes.push(empty);
                }
            }
            let (l, r) = (built.nodes[first].aabb, built.nodes[first + 1].aabb);
            nodes[slot] = PairNode {
                left_min: l.min.into(),
                left: reference[0],
                left_max: l.max.into(),
                right: reference[1],
                right_min: r.min.into(),
                spare0: 0,
                right_max: r.max.into(),
                spare1: 0,
            };
        }
        Ok(nodes)
    }
}

fn checked_leaf(first: u32, count: u32) -> Result<u32, TreeError> {
    if count > 31 { Err(TreeError::LeafTooLarge(count)) } else { Ok(leaf_reference(first, count)) }
}
