//! Trees whose nodes lie on disk: read one by one when a path needs them, written as the difference to an earlier tree.
//!
//! ```text
//! tree.changes_since(&earlier) ── added, removed ──► the store's transaction, with root and number of rows
//! Tree::open(store, root, len) ◄── nodes by hash ── the store
//! ```
//!
//! A node is addressed by its hash and checked against it when it is read. Opening costs nothing; what a path touches stays in memory until
//! the tree is dropped, so an owner bounds memory by opening the latest root again from time to time.

use super::Tree;
use super::hash::EMPTY_ROOT;
use super::node::{Branch, Node};
use raylance_protocol::Digest;
use std::sync::{Arc, OnceLock};

/// Where nodes lie.
pub trait NodeStore: Send + Sync {
    /// The bytes stored for the node with this hash; `None` if there are none or they can't be read.
    fn node(&self, hash: &Digest) -> Option<Vec<u8>>;
}

/// Why a node can't be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NodeError {
    /// The store does not have it.
    #[error("the store has no node {0}")]
    Missing(Digest),
    /// The store has something else under its hash.
    #[error("the bytes stored for node {0} are not that node's")]
    Damaged(Digest),
}

/// What turns the nodes of an earlier tree into those of a later one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NodeChanges {
    /// Nodes that only the later tree has: hash and bytes.
    pub added: Vec<(Digest, Vec<u8>)>,
    /// Nodes that only the earlier tree has. A tree that still has to be read needs them.
    pub removed: Vec<Digest>,
}

/// A store as one opened tree and its descendants see it.
pub(super) struct Disk {
    store: Arc<dyn NodeStore>,
    fault: OnceLock<NodeError>,
}

/// Stands for a node on disk.
#[derive(Clone)]
pub(super) struct Stub {
    hash: Digest,
    disk: Arc<Disk>,
    node: OnceLock<Arc<Node>>,
}

impl Stub {
    pub fn hash(&self) -> Digest {
        self.hash
    }

    /// The node, never another stub. A failure is also noted for [`Tree::fault`].
    pub fn load(&self) -> Result<&Arc<Node>, NodeError> {
        if let Some(node) = self.node.get() {
            return Ok(node);
        }
        match self.read() {
            Ok(node) => Ok(self.node.get_or_init(|| Arc::new(node))),
            Err(error) => {
                // The first fault is the one to tell; later ones follow from it.
                let _ = self.disk.fault.set(error);
                Err(error)
            }
        }
    }

    fn read(&self) -> Result<Node, NodeError> {
        let bytes = self.disk.bytes(&self.hash).ok_or(NodeError::Missing(self.hash))?;
        decode(&self.hash, &bytes, &self.disk).ok_or(NodeError::Damaged(self.hash))
    }
}

impl Disk {
    pub fn new(store: Arc<dyn NodeStore>) -> Self {
        Self { store, fault: OnceLock::new() }
    }

    pub fn bytes(&self, hash: &Digest) -> Option<Vec<u8>> {
        self.store.node(hash)
    }
}

/// The node with this hash, if these are its bytes; `disk` has its children.
pub(super) fn decode(hash: &Digest, bytes: &[u8], disk: &Arc<Disk>) -> Option<Node> {
    Node::decode(bytes, |child| stub(child, disk)).filter(|node| node.hash() == *hash)
}

fn stub(hash: Digest, disk: &Arc<Disk>) -> Arc<Node> {
    Arc::new(Node::Stub(Box::new(Stub { hash, disk: Arc::clone(disk), node: OnceLock::new() })))
}

impl Tree {
    /// The tree with this root and number of rows, whose nodes `store` has. Reads nothing yet.
    ///
    /// Root and number come from the same transaction that stored the nodes: the root does not tell how many rows there are.
    pub fn open(store: Arc<dyn NodeStore>, root: Digest, len: usize) -> Self {
        let disk = Arc::new(Disk::new(store));
        let node = (root != EMPTY_ROOT).then(|| stub(root, &disk));
        Self { root: node, len, disk: Some(disk) }
    }

    /// The first node that this tree, or one opened together with it, could not read. Whatever any of them answered or was told since is
    /// void: an owner asks before it believes a batch of reads and writes, and opens the last good root again.
    pub fn fault(&self) -> Option<NodeError> {
        self.disk.as_ref()?.fault.get().copied()
    }

    /// What a store that has the nodes of `earlier` must add and may remove to have those of this tree. Costs what differs.
    ///
    /// # Errors
    /// [`NodeError`] when a node on the way can't be read.
    pub fn changes_since(&self, earlier: &Tree) -> Result<NodeChanges, NodeError> {
        let mut changes = NodeChanges::default();
        let mut pairs = vec![(self.root.as_deref(), earlier.root.as_deref())];
        while let Some((new, old)) = pairs.pop() {
            if new.map(Node::hash) == old.map(Node::hash) {
                continue;
            }
            let (new, old) = (new.map(Node::resolve).transpose()?, old.map(Node::resolve).transpose()?);
            match (new.and_then(branch), old.and_then(branch)) {
                // The upper of two branches is taken apart; the lower one lies on one of its sides.
                (Some(a), Some(b)) if a.bit == b.bit => {
                    changes.add(new);
                    changes.remove(old);
                    pairs.extend([(Some(&*a.left), Some(&*b.left)), (Some(&*a.right), Some(&*b.right))]);
                }
                (Some(a), below) if below.is_none_or(|b| a.bit < b.bit) => {
                    changes.add(new);
                    let (with, without) = beside(a, old)?;
                    pairs.extend([(Some(with), old), (Some(without), None)]);
                }
                (_, Some(b)) => {
                    changes.remove(old);
                    let (with, without) = beside(b, new)?;
                    pairs.extend([(new, Some(with)), (None, Some(without))]);
                }
                (_, None) => {
                    changes.add(new);
                    changes.remove(old);
                }
            }
        }
        Ok(changes)
    }
}

impl NodeChanges {
    fn add(&mut self, node: Option<&Node>) {
        self.added.extend(node.and_then(|node| Some((node.hash(), node.encode()?))));
    }

    fn remove(&mut self, node: Option<&Node>) {
        self.removed.extend(node.map(Node::hash));
    }
}

fn branch(node: &Node) -> Option<&Branch> {
    match node {
        Node::Branch(branch) => Some(branch),
        _ => None,
    }
}

/// The children of `upper`: first the one on whose side all keys of `lower` lie.
fn beside<'a>(upper: &'a Branch, lower: Option<&'a Node>) -> Result<(&'a Node, &'a Node), NodeError> {
    let mut node = lower;
    loop {
        match node {
            Some(Node::Leaf(leaf)) => {
                let (with, without) = upper.children(leaf.key());
                return Ok((with, without));
            }
            Some(Node::Branch(branch)) => node = Some(branch.left.resolve()?),
            Some(Node::Stub(stub)) => node = Some(stub.load()?),
            None => return Ok((&upper.left, &upper.right)),
        }
    }
}
