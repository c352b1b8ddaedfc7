//! Rows in order of their keys.

use super::node::Node;

/// Rows ascending by key, see [`super::Tree::iter_from`].
#[derive(Clone, Default)]
pub struct Rows<'a> {
    /// Subtrees to come, the next one last.
    stack: Vec<&'a Node>,
}

impl<'a> Rows<'a> {
    pub(super) fn push(&mut self, node: &'a Node) {
        self.stack.push(node);
    }
}

impl<'a> Iterator for Rows<'a> {
    type Item = (&'a [u8], &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            match self.stack.pop()?.resolve() {
                Ok(Node::Leaf(leaf)) => return Some((leaf.key(), leaf.value())),
                Ok(Node::Branch(branch)) => self.stack.extend([&*branch.right, &*branch.left]),
                // A row that can't be read ends the rows: skipping it would pass for its absence.
                Ok(Node::Stub(_)) | Err(_) => self.stack.clear(),
            }
        }
    }
}

impl std::iter::FusedIterator for Rows<'_> {}
