//! Claims about trees whose nodes lie on disk.

use super::*;
use std::collections::HashMap;
use std::sync::Mutex;

/// Nodes by hash; counts reads.
#[derive(Default)]
pub(super) struct Nodes {
    nodes: Mutex<HashMap<Digest, Vec<u8>>>,
    reads: Mutex<usize>,
}

impl NodeStore for Nodes {
    fn node(&self, hash: &Digest) -> Option<Vec<u8>> {
        *self.reads.lock().expect("no test panics while it holds the lock") += 1;
        self.nodes.lock().expect("no test panics while it holds the lock").get(hash).cloned()
    }
}

impl Nodes {
    /// Applies `changes`, which must add only what is not there and remove only what is.
    pub(super) fn apply(&self, changes: NodeChanges) {
        let mut nodes = self.nodes.lock().expect("no test panics while it holds the lock");
        for (hash, bytes) in changes.added {
            assert_eq!(nodes.insert(hash, bytes), None);
        }
        for hash in changes.removed {
            assert!(nodes.remove(&hash).is_some());
        }
    }

    pub(super) fn of(tree: &Tree) -> Arc<Self> {
        let nodes = Arc::<Self>::default();
        nodes.apply(tree.changes_since(&Tree::default()).expect("in memory"));
        nodes
    }

    fn len(&self) -> usize {
        self.nodes.lock().expect("no test panics while it holds the lock").len()
    }

    pub(super) fn open(self: &Arc<Self>, tree: &Tree) -> Tree {
        Tree::open(self.clone(), tree.root(), tree.len())
    }
}

proptest! {
    #[test]
    fn a_store_that_follows_the_changes_has_each_tree_and_nothing_else(steps in prop::collection::vec(map(), 1..6), lazy: bool) {
        let nodes = Arc::<Nodes>::default();
        let mut stored = Tree::default();
        for map in steps {
            let next = tree(&map);
            // Both trees in memory, or both still on disk.
            let earlier = if lazy { nodes.open(&stored) } else { stored };
            nodes.apply(next.changes_since(&earlier).expect("every node is stored"));
            prop_assert_eq!(nodes.len(), (2 * map.len()).saturating_sub(1));
            prop_assert_eq!(rows(&nodes.open(&next)), Vec::from_iter(map));
            stored = next;
        }
    }

    #[test]
    fn a_tree_on_disk_answers_like_one_in_memory(first in map(), writes in map(), removed in prop::collection::vec(key(), 0..20), ask in key()) {
        let mut memory = tree(&first);
        let nodes = Nodes::of(&memory);
        let mut disk = nodes.open(&memory);
        let unwritten = disk.clone();
        for (key, value) in writes {
            disk.put(&key, value.clone());
            memory.put(&key, value);
        }
        for key in removed {
            prop_assert_eq!(disk.remove(&key), memory.remove(&key));
        }
        prop_assert_eq!(disk.root(), memory.root());
        prop_assert_eq!(disk.len(), memory.len());
        prop_assert_eq!(disk.prove(&ask), memory.prove(&ask));
        prop_assert_eq!(rows(&disk), rows(&memory));
        prop_assert!(disk.iter_from(&ask).eq(memory.iter_from(&ask)));
        prop_assert_eq!(rows(&unwritten), Vec::from_iter(first));
        let changes = disk.changes_since(&unwritten).expect("every node is stored");
        prop_assert_eq!(&changes, &memory.changes_since(&unwritten).expect("every node is stored"));
        nodes.apply(changes);
        prop_assert_eq!(rows(&nodes.open(&disk)), rows(&memory));
        prop_assert_eq!(disk.fault(), None);
    }

    #[test]
    fn a_missing_or_damaged_node_is_a_fault_and_never_another_answer(map in map(), hit: prop::sample::Index, flip: Option<prop::sample::Index>, ask in key()) {
        prop_assume!(!map.is_empty());
        let memory = tree(&map);
        let nodes = Nodes::of(&memory);
        let bad = {
            let mut nodes = nodes.nodes.lock().expect("no test panics while it holds the lock");
            let mut hashes: Vec<_> = nodes.keys().copied().collect();
            hashes.sort();
            let bad = *hit.get(&hashes);
            match flip {
                None => drop(nodes.remove(&bad)),
                Some(at) => {
                    let bytes = nodes.get_mut(&bad).expect("a key of the map");
                    let bit = at.index(8 * bytes.len());
                    bytes[bit / 8] ^= 1 << (bit % 8);
                }
            }
            bad
        };
        let expected = if flip.is_some() { NodeError::Damaged(bad) } else { NodeError::Missing(bad) };

        let disk = nodes.open(&memory);
        let got = disk.get(&ask);
        prop_assert!(disk.fault().is_some() || got == memory.get(&ask));
        let mut written = nodes.open(&memory);
        written.put(&ask, b"new".to_vec());
        written.remove(&ask);
        match written.fault() {
            None => prop_assert_eq!(written.get(&ask), None),
            Some(fault) => prop_assert_eq!((fault, written.root(), written.len()), (expected, memory.root(), memory.len())),
        }
        let seen = rows(&disk);
        prop_assert_eq!(disk.fault(), Some(expected));
        prop_assert!(seen.len() < map.len() && map.iter().zip(&seen).all(|(row, seen)| (row.0, row.1) == (&seen.0, &seen.1)));
        prop_assert_eq!(nodes.open(&memory).changes_since(&Tree::default()), Err(expected));
    }
}

#[test]
fn a_path_reads_its_nodes_once_and_no_others() {
    let mut memory = Tree::default();
    for n in 0..4096u16 {
        memory.put(&n.to_be_bytes(), n.to_le_bytes().to_vec());
    }
    let nodes = Nodes::of(&memory);
    let mut disk = nodes.open(&memory);
    let reads = || *nodes.reads.lock().expect("no test panics while it holds the lock");
    assert_eq!((disk.root(), reads()), (memory.root(), 0));
    for _ in 0..2 {
        assert_eq!(disk.get(&77u16.to_be_bytes()), Some(&77u16.to_le_bytes()[..]));
        assert_eq!(reads(), 13);
    }
    let before = disk.clone();
    disk.put(&77u16.to_be_bytes(), b"new".to_vec());
    assert_ne!(disk.root(), before.root());
    let changes = disk.changes_since(&before).expect("every node is stored");
    assert_eq!((changes.added.len(), changes.removed.len(), reads()), (13, 13, 13));
}

#[test]
fn golden_bytes_of_nodes() {
    let mut tree = Tree::default();
    tree.put(&[5, 1], b"\xaa\xbb".to_vec());
    tree.put(&[5, 2], vec![]);
    let added = tree.changes_since(&Tree::default()).expect("in memory").added;
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let mut nodes: Vec<_> = added.iter().map(|(hash, bytes)| (hex(bytes), hash.to_hex())).collect();
    nodes.sort();
    let (left, right) = (
        "9d09b7e84d49c41d14808c0b2e7df05cb0d9eccb31c645a6ed757c2ee918de44",
        "e50f403f45661f357d909b131f605dbdf8e7cd711a9aa39c66e6dea1afd0cebf",
    );
    let root = "2b0328cf24d2f0efc1a47fa410a35849ac42937ea8832d12ba6b81283e585989";
    let branch = format!("010e00{left}{right}");
    let expected = [("00020501aabb", left), ("00020502", right), (&branch, root)];
    assert_eq!(nodes, expected.map(|(bytes, hash)| (bytes.to_owned(), hash.to_owned())));
}

#[test]
fn bytes_that_are_no_node_are_refused() {
    let check = |bytes: &[u8], expected: bool| {
        assert_eq!(Node::decode(bytes, |_| Arc::new(Node::Leaf(Leaf::new(&[], &[])))).is_some(), expected, "{bytes:?}");
    };
    check(&[], false);
    check(&[0], false);
    check(&[0, 0], true);
    check(&[0, 2, 1, 2], true);
    check(&[0, 3, 1, 2], false);
    check(&[[0, 65].as_slice(), &[7; 65]].concat(), true);
    check(&[[0, 66].as_slice(), &[7; 66]].concat(), false);
    check(&[1; 67], true);
    check(&[1; 66], false);
    check(&[1; 68], false);
    check(&[2; 67], false);
}
