//! Leaves and branches of the state tree, and stubs that stand for nodes on disk.

use super::disk::{NodeError, Stub};
use super::hash::{self, KEY_BYTES_MAX, Side};
use raylance_protocol::Digest;
use std::sync::{Arc, OnceLock};

/// A node. Shared by every tree that contains it; hashed at most once.
#[derive(Clone)]
pub(super) enum Node {
    Leaf(Leaf),
    Branch(Branch),
    /// Boxed, so that trees in memory don't pay for its size.
    Stub(Box<Stub>),
}

/// One row.
#[derive(Clone)]
pub(super) struct Leaf {
    /// Key, then value: one allocation for both.
    row: Box<[u8]>,
    key_len: u8,
    hash: OnceLock<Digest>,
}

/// Two subtrees whose keys agree before `bit` and differ there.
#[derive(Clone)]
pub(super) struct Branch {
    pub bit: u16,
    pub left: Arc<Node>,
    pub right: Arc<Node>,
    hash: OnceLock<Digest>,
}

const LEAF_TAG: u8 = 0;
const BRANCH_TAG: u8 = 1;

impl Node {
    /// The leaf or branch that this is or stands for.
    pub fn resolve(&self) -> Result<&Node, NodeError> {
        match self {
            Node::Stub(stub) => Ok(stub.load()?),
            node => Ok(node),
        }
    }

    pub fn hash(&self) -> Digest {
        match self {
            Node::Leaf(leaf) => *leaf.hash.get_or_init(|| hash::leaf(leaf.key(), hash::value(leaf.value()))),
            Node::Branch(branch) => *branch.hash.get_or_init(|| hash::branch(branch.bit, branch.left.hash(), branch.right.hash())),
            Node::Stub(stub) => stub.hash(),
        }
    }

    /// The bytes of a leaf or branch on disk; a stub's are there already.
    ///
    /// ```text
    /// leaf   0 ‖ key length (1 byte) ‖ key ‖ value
    /// branch 1 ‖ bit (2 bytes, little-endian) ‖ left hash ‖ right hash
    /// ```
    pub fn encode(&self) -> Option<Vec<u8>> {
        match self {
            Node::Leaf(leaf) => Some([&[LEAF_TAG, leaf.key_len], &*leaf.row].concat()),
            Node::Branch(Branch { bit, left, right, .. }) => {
                Some([&[BRANCH_TAG], bit.to_le_bytes().as_slice(), &left.hash().0, &right.hash().0].concat())
            }
            Node::Stub(_) => None,
        }
    }

    /// Reads [`Node::encode`]'s bytes; `stub` makes what stands for a branch's children.
    pub fn decode(bytes: &[u8], stub: impl Fn(Digest) -> Arc<Node>) -> Option<Node> {
        let (tag, rest) = bytes.split_first()?;
        match *tag {
            LEAF_TAG => {
                let (key_len, row) = rest.split_first()?;
                let fits = usize::from(*key_len) <= row.len().min(KEY_BYTES_MAX);
                fits.then(|| Node::Leaf(Leaf { row: row.into(), key_len: *key_len, hash: OnceLock::new() }))
            }
            BRANCH_TAG => {
                let (bit, sides) = rest.split_first_chunk()?;
                let (left, right) = sides.split_first_chunk()?;
                let (left, right) = (stub(Digest(*left)), stub(Digest(right.try_into().ok()?)));
                Some(Node::Branch(Branch::new(u16::from_le_bytes(*bit), left, right)))
            }
            _ => None,
        }
    }
}

impl Leaf {
    /// `key` has at most [`KEY_BYTES_MAX`] bytes.
    pub fn new(key: &[u8], value: &[u8]) -> Self {
        Self { row: [key, value].concat().into(), key_len: key.len() as u8, hash: OnceLock::new() }
    }

    pub fn key(&self) -> &[u8] {
        &self.row[..usize::from(self.key_len)]
    }

    pub fn value(&self) -> &[u8] {
        &self.row[usize::from(self.key_len)..]
    }
}

impl Branch {
    pub fn new(bit: u16, left: Arc<Node>, right: Arc<Node>) -> Self {
        Self { bit, left, right, hash: OnceLock::new() }
    }

    /// The child on the way to `key`, and the other one.
    pub fn children(&self, key: &[u8]) -> (&Arc<Node>, &Arc<Node>) {
        match hash::side(key, self.bit) {
            Side::Left => (&self.left, &self.right),
            Side::Right => (&self.right, &self.left),
        }
    }

    /// The child on the way to `key`, about to change.
    pub fn child_mut(&mut self, key: &[u8]) -> &mut Arc<Node> {
        self.hash.take();
        match hash::side(key, self.bit) {
            Side::Left => &mut self.left,
            Side::Right => &mut self.right,
        }
    }
}

/// The branch at `at`, copied first where another tree shares it; `None` for a leaf.
pub(super) fn branch_mut(at: &mut Arc<Node>) -> Result<Option<&mut Branch>, NodeError> {
    if let Node::Stub(stub) = &**at {
        let loaded = Arc::clone(stub.load()?);
        *at = loaded;
    }
    if let Node::Leaf(_) = &**at {
        return Ok(None);
    }
    match Arc::make_mut(at) {
        Node::Branch(branch) => Ok(Some(branch)),
        _ => Ok(None),
    }
}
