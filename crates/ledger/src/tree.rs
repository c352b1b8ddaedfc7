//! The state tree: a persistent, ordered Merkle tree over the rows of the ledger.
//!
//! ```text
//!            branch on bit 3          a branch names the first bit in which its keys differ;
//!            /            \           0 lies left, 1 right, so left to right is byte order
//!   branch on bit 9      leaf (key, value)
//!     /        \
//!   leaf       leaf
//! ```
//!
//! A binary crit-bit trie (Morrison's PATRICIA, 1968; Bernstein's crit-bit trees): its shape depends only on the keys, so equal rows have
//! equal roots whatever their history. Nodes are shared: a clone is free, a write copies the path that it changes, and only where another
//! tree still has it. Hashes are computed when they are asked for.
//!
//! A path is about log2 of the number of rows long where keys are spread evenly, and never longer than [`BRANCHES_MAX`]. Anyone can lengthen
//! the path of one account, by a branch for each account that they create beside it: account ids are chosen freely, so nothing but the deposits
//! stops them. The longest path takes about as long to hash as one signature to check (50 µs).

mod disk;
mod download;
pub(crate) mod hash;
mod node;
mod rows;
#[cfg(test)]
mod tests;

pub use disk::{NodeChanges, NodeError, NodeStore};
pub use download::{Download, DownloadError};
pub use hash::{BRANCHES_MAX, EMPTY_ROOT, KEY_BYTES_MAX};
pub use rows::Rows;

use node::{Branch, Leaf, Node, branch_mut};
use raylance_protocol::{Digest, RowPath};
use std::fmt;
use std::sync::Arc;

/// Rows by key, with a root hash. Keys have at most [`KEY_BYTES_MAX`] bytes and none begins another.
///
/// A tree in memory never fails. One that was [opened](Tree::open) over a store may find that a node is missing or damaged: then reads
/// answer as if there were no row, writes change nothing, and [`Tree::fault`] says so from then on.
#[derive(Clone, Default)]
pub struct Tree {
    root: Option<Arc<Node>>,
    len: usize,
    disk: Option<Arc<disk::Disk>>,
}

impl Tree {
    /// A tree of rows that come from elsewhere.
    ///
    /// # Errors
    /// [`RowsError`] unless keys ascend, are short enough, and none begins another.
    pub fn from_rows(rows: impl IntoIterator<Item = (Vec<u8>, Vec<u8>)>) -> Result<Self, RowsError> {
        let mut tree = Self::default();
        let mut last: Option<Vec<u8>> = None;
        for (key, value) in rows {
            if key.len() > KEY_BYTES_MAX {
                return Err(RowsError::LongKey { row: tree.len });
            }
            if last.is_some_and(|last| last >= key || key.starts_with(&last)) {
                return Err(RowsError::Order { row: tree.len });
            }
            tree.put(&key, value);
            last = Some(key);
        }
        Ok(tree)
    }

    /// The value at `key`.
    pub fn get(&self, key: &[u8]) -> Option<&[u8]> {
        let leaf = self.nearest(key).ok()??;
        (leaf.key() == key).then(|| leaf.value())
    }

    /// Inserts or replaces a row.
    ///
    /// # Panics
    /// If the key is longer than [`KEY_BYTES_MAX`] or one of it and a key in the tree begins the other: rows' types rule both out.
    pub fn put(&mut self, key: &[u8], value: Vec<u8>) {
        assert!(key.len() <= KEY_BYTES_MAX, "a key of {} bytes", key.len());
        // A failure is noted for `fault`, and nothing has changed.
        let _ = self.try_put(key, &value);
    }

    /// Removes a row; `false` if there was none.
    pub fn remove(&mut self, key: &[u8]) -> bool {
        self.try_remove(key).unwrap_or(false)
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Has it no rows?
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// All rows, ascending by key.
    pub fn iter(&self) -> Rows<'_> {
        self.iter_from(&[])
    }

    /// Rows ascending by key, from the first whose key is not below `key`, which may be the beginning of keys.
    pub fn iter_from(&self, key: &[u8]) -> Rows<'_> {
        self.try_iter_from(key).unwrap_or_default()
    }

    /// Hash over all rows; [`EMPTY_ROOT`] where there are none. Costs what changed since it was last asked for.
    pub fn root(&self) -> Digest {
        self.root.as_ref().map_or(EMPTY_ROOT, |node| node.hash())
    }

    /// The value at `key`, and what proves it, or that there is none, to whoever knows the root: see [`crate::proof::verify_row`].
    pub fn prove(&self, key: &[u8]) -> (Option<Vec<u8>>, RowPath) {
        self.try_prove(key).unwrap_or_default()
    }

    /// The leaf that the bits of `key` lead to: the only one that can be its row. No other key agrees with it in more first bits.
    fn nearest(&self, key: &[u8]) -> Result<Option<&Leaf>, NodeError> {
        let mut next = self.root.as_ref();
        while let Some(node) = next {
            match node.resolve()? {
                Node::Leaf(leaf) => return Ok(Some(leaf)),
                Node::Branch(branch) => next = Some(branch.children(key).0),
                Node::Stub(_) => next = None,
            }
        }
        Ok(None)
    }

    fn try_put(&mut self, key: &[u8], value: &[u8]) -> Result<(), NodeError> {
        let nearest = self.nearest(key)?;
        let split = match nearest {
            Some(leaf) if leaf.key() != key => Some(hash::first_difference(leaf.key(), key).expect("no key begins another")),
            Some(leaf) if leaf.value() == value => return Ok(()),
            _ => None,
        };
        let len = self.len + usize::from(split.is_some() || nearest.is_none());
        let leaf = Arc::new(Node::Leaf(Leaf::new(key, value)));
        match &mut self.root {
            Some(root) => put(root, key, split, leaf)?,
            empty => *empty = Some(leaf),
        }
        self.len = len;
        Ok(())
    }

    fn try_remove(&mut self, key: &[u8]) -> Result<bool, NodeError> {
        if self.nearest(key)?.is_none_or(|leaf| leaf.key() != key) {
            return Ok(false);
        }
        if let Some(root) = &mut self.root
            && !remove(root, key)?
        {
            self.root = None;
        }
        self.len -= 1;
        Ok(true)
    }

    fn try_iter_from(&self, key: &[u8]) -> Result<Rows<'_>, NodeError> {
        let mut rows = Rows::default();
        let (Some(nearest), Some(mut node)) = (self.nearest(key)?, self.root.as_ref()) else {
            return Ok(rows);
        };
        // Above `split` the way of `key` separates rows before it from rows after it; what hangs below lies on one side as a whole.
        let shorter = key.len().min(nearest.key().len());
        let split = hash::first_difference(nearest.key(), key).unwrap_or(8 * shorter as u16);
        while let Node::Branch(branch) = node.resolve()? {
            if branch.bit >= split {
                break;
            }
            if hash::side(key, branch.bit) == hash::Side::Left {
                rows.push(&branch.right);
            }
            node = branch.children(key).0;
        }
        if nearest.key() >= key {
            rows.push(node);
        }
        Ok(rows)
    }

    fn try_prove(&self, key: &[u8]) -> Result<(Option<Vec<u8>>, RowPath), NodeError> {
        let mut path = RowPath::default();
        let mut value = None;
        let mut next = self.root.as_ref();
        while let Some(node) = next.take() {
            match node.resolve()? {
                Node::Branch(branch) => {
                    let (child, other) = branch.children(key);
                    path.branches.push((branch.bit, other.hash()));
                    next = Some(child);
                }
                Node::Leaf(leaf) if leaf.key() == key => value = Some(leaf.value().to_vec()),
                Node::Leaf(leaf) => path.other = Some((leaf.key().to_vec(), hash::value(leaf.value()))),
                Node::Stub(_) => {}
            }
        }
        path.branches.reverse();
        Ok((value, path))
    }
}

impl fmt::Debug for Tree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tree").field("len", &self.len).field("root", &self.root()).finish()
    }
}

/// Puts `leaf` under `at`: in a new branch on bit `split`, or in the place of the row with its key.
fn put(at: &mut Arc<Node>, key: &[u8], split: Option<u16>, leaf: Arc<Node>) -> Result<(), NodeError> {
    if let Node::Branch(branch) = at.resolve()?
        && split.is_none_or(|split| branch.bit < split)
        && let Some(branch) = branch_mut(at)?
    {
        return put(branch.child_mut(key), key, split, leaf);
    }
    *at = match split {
        None => leaf,
        Some(bit) => {
            let rest = Arc::clone(at);
            let (left, right) = if hash::side(key, bit) == hash::Side::Left { (leaf, rest) } else { (rest, leaf) };
            Arc::new(Node::Branch(Branch::new(bit, left, right)))
        }
    };
    Ok(())
}

/// Removes the row of `key`, which is there, from under `at`; `false` if `at` itself is its leaf.
fn remove(at: &mut Arc<Node>, key: &[u8]) -> Result<bool, NodeError> {
    let Some(branch) = branch_mut(at)? else { return Ok(false) };
    if !remove(branch.child_mut(key), key)? {
        let rest = Arc::clone(branch.children(key).1);
        *at = rest;
    }
    Ok(true)
}

/// Why rows can't be a tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RowsError {
    /// Longer than [`KEY_BYTES_MAX`].
    #[error("row {row} has a key that is too long")]
    LongKey {
        /// Which row, from 0.
        row: usize,
    },
    /// Not above the key before it, or begun by it.
    #[error("row {row} is out of order")]
    Order {
        /// Which row, from 0.
        row: usize,
    },
}
