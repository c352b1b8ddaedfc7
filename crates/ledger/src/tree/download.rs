//! A tree from elsewhere, node by node: whoever knows the root believes nobody else.
//!
//! ```text
//! wanted ──► hashes ──► a peer ──► nodes ──► take     again and again, until nothing is wanted
//!    ▲                                       │
//!    └──────── children of what came ────────┘        what is stored here already is not asked for
//! ```

use super::Tree;
use super::disk::{Disk, NodeError, NodeStore, decode};
use super::node::{Branch, Node};
use raylance_protocol::Digest;
use std::collections::HashMap;
use std::sync::Arc;

/// Most rows of a tree that is downloaded: it lies in memory until it is stored, at some 200 bytes a row.
pub const ROWS_MAX: usize = 1 << 22;

/// A download on its way.
pub struct Download {
    root: Digest,
    stored: Arc<Disk>,
    come: HashMap<Digest, Vec<u8>>,
    /// Nodes whose subtrees are not looked at yet, the next one last: so there are never more than branches on a path times the nodes of a
    /// request.
    open: Vec<Digest>,
    asked: Vec<Digest>,
    rows: usize,
}

/// Why there is no tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DownloadError {
    /// The peer gave nothing, or something else.
    #[error(transparent)]
    Node(#[from] NodeError),
    /// More rows than [`ROWS_MAX`].
    #[error("the tree has more than {ROWS_MAX} rows")]
    TooLarge,
}

/// Nodes that came, and those that were here.
struct Both {
    stored: Arc<Disk>,
    come: HashMap<Digest, Vec<u8>>,
}

impl NodeStore for Both {
    fn node(&self, hash: &Digest) -> Option<Vec<u8>> {
        self.come.get(hash).cloned().or_else(|| self.stored.bytes(hash))
    }
}

impl Download {
    /// Of the tree with this root; `stored` has nodes of other trees, such as an earlier one of the same ledger.
    pub fn new(root: Digest, stored: Arc<dyn NodeStore>) -> Self {
        let open = if root == super::EMPTY_ROOT { Vec::new() } else { vec![root] };
        Self { root, stored: Arc::new(Disk::new(stored)), come: HashMap::new(), open, asked: Vec::new(), rows: 0 }
    }

    /// The next nodes to ask a peer for, at most `count_max`; none once the tree is whole. Reads what is stored, and may take its time.
    ///
    /// # Errors
    /// [`DownloadError::TooLarge`].
    pub fn wanted(&mut self, count_max: usize) -> Result<&[Digest], DownloadError> {
        while self.asked.len() < count_max
            && let Some(hash) = self.open.pop()
        {
            // What is damaged here is asked for like what is missing.
            match self.stored.bytes(&hash).and_then(|bytes| decode(&hash, &bytes, &self.stored)) {
                Some(node) => self.visit(&node)?,
                None => self.asked.push(hash),
            }
        }
        Ok(&self.asked)
    }

    /// What a peer gave for [`Download::wanted`], in its order and perhaps not all of it.
    ///
    /// # Errors
    /// [`DownloadError`]: this peer is of no use.
    pub fn take(&mut self, nodes: Vec<Vec<u8>>) -> Result<(), DownloadError> {
        let asked = std::mem::take(&mut self.asked);
        if let (Some(first), true) = (asked.first(), nodes.is_empty()) {
            return Err(NodeError::Missing(*first).into());
        }
        let came = nodes.len().min(asked.len());
        self.open.extend(asked[came..].iter().rev());
        for (hash, bytes) in asked.into_iter().zip(nodes) {
            let node = decode(&hash, &bytes, &self.stored).ok_or(NodeError::Damaged(hash))?;
            self.visit(&node)?;
            self.come.insert(hash, bytes);
        }
        Ok(())
    }

    /// The tree, once nothing is wanted any more. Its nodes are read as they are needed: from what came, and from what is stored.
    pub fn finish(self) -> Tree {
        Tree::open(Arc::new(Both { stored: self.stored, come: self.come }), self.root, self.rows)
    }

    fn visit(&mut self, node: &Node) -> Result<(), DownloadError> {
        if let Node::Branch(Branch { left, right, .. }) = node {
            self.open.extend([right.hash(), left.hash()]);
            return Ok(());
        }
        self.rows += 1;
        if self.rows > ROWS_MAX { Err(DownloadError::TooLarge) } else { Ok(()) }
    }
}
