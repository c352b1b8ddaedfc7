//! Opens a two-child tree into nodes of eight children.

use super::{LEAF, PairNode, leaf_range};

/// Children of a wide node.
pub const WIDTH: usize = 8;

/// A child of a wide node.
#[derive(Clone, Copy)]
pub struct Child {
    /// Lower corner.
    pub min: [f32; 3],
    /// Upper corner.
    pub max: [f32; 3],
    /// In the two-child tree.
    pub reference: u32,
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

/// Two-child trees, each with how much it holds.
pub struct Subtrees<'a> {
    pairs: &'a [PairNode],
    counts: Vec<u32>,
}

impl<'a> Subtrees<'a> {
    /// Counts what lies below each node.
    pub fn new(pairs: &'a [PairNode]) -> Self {
        let mut all = Self { pairs, counts: vec![0; pairs.len()] };
        // Children stand behind their parents.
        for (i, pair) in pairs.iter().enumerate().rev() {
            all.counts[i] = all.count(pair.left) + all.count(pair.right);
        }
        all
    }

    /// Triangles or instances below a reference.
    pub fn count(&self, reference: u32) -> u32 {
        if reference & LEAF == 0 { self.counts[reference as usize] } else { leaf_range(reference).len() as u32 }
    }

    /// Their places in the leaves' order: they lie side by side.
    pub fn range(&self, reference: u32) -> std::ops::Range<u32> {
        let mut first = reference;
        while first & LEAF == 0 {
            first = self.pairs[first as usize].left;
        }
        let first = leaf_range(first).start;
        first..first + self.count(reference)
    }

    /// The children of a wide node in place of node `reference`: the largest boxes are opened first, and none that holds at most `leaf_max`.
    pub fn open(&self, reference: u32, leaf_max: u32) -> ([Child; WIDTH], usize) {
        let mut list = [Child { min: [0.0; 3], max: [0.0; 3], reference: LEAF }; WIDTH];
        list[..2].copy_from_slice(&children(&self.pairs[reference as usize]));
        let mut size = 2;
        while size < WIDTH {
            let inner = list[..size].iter().enumerate().filter(|(_, child)| self.count(child.reference) > leaf_max);
            let Some((largest, _)) = inner.max_by(|(_, a), (_, b)| a.area().total_cmp(&b.area())) else { break };
            [list[largest], list[size]] = children(&self.pairs[list[largest].reference as usize]);
            size += 1;
        }
        (list, size)
    }
}
