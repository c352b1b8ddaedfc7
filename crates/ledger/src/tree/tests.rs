//! Claims about the tree, each against an ordered map.

mod disk;
mod download;

use super::*;
use crate::proof::{PathError, verify_row};
use proptest::prelude::*;
use std::collections::BTreeMap;

type Map = BTreeMap<Vec<u8>, Vec<u8>>;

/// Keys of one, two or five bytes, few enough to meet again and none the beginning of another.
fn key() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        (0u8..4).prop_map(|a| vec![a]),
        (4u8..8, any::<u8>()).prop_map(|(a, b)| vec![a, b]),
        (8u8..10, 0u8..3, 0u8..2, 0u8..2, 0u8..8).prop_map(|(a, b, c, d, e)| vec![a, b, c * 255, d * 128, e]),
    ]
}

fn map() -> impl Strategy<Value = Map> {
    prop::collection::btree_map(key(), prop::collection::vec(any::<u8>(), 0..40), 0..80)
}

fn tree(map: &Map) -> Tree {
    Tree::from_rows(map.clone()).expect("the keys of a map ascend")
}

fn rows(tree: &Tree) -> Vec<(Vec<u8>, Vec<u8>)> {
    tree.iter().map(|(key, value)| (key.to_vec(), value.to_vec())).collect()
}

proptest! {
    #[test]
    fn writes_and_reads_agree_with_an_ordered_map(writes in prop::collection::vec((key(), prop::option::weighted(0.7, any::<u16>())), 0..200)) {
        let (mut tree, mut map) = (Tree::default(), Map::new());
        for (key, write) in writes {
            let before = (tree.clone(), map.clone());
            match write {
                Some(value) => {
                    tree.put(&key, value.to_be_bytes().to_vec());
                    map.insert(key.clone(), value.to_be_bytes().to_vec());
                }
                None => prop_assert_eq!(tree.remove(&key), map.remove(&key).is_some()),
            }
            prop_assert_eq!(tree.get(&key), map.get(&key).map(Vec::as_slice));
            prop_assert_eq!(tree.len(), map.len());
            prop_assert_eq!(tree.is_empty(), map.is_empty());
            prop_assert_eq!(before.0.len(), before.1.len());
            prop_assert_eq!(rows(&before.0), Vec::from_iter(before.1));
        }
        prop_assert_eq!(rows(&tree), Vec::from_iter(map));
    }

    #[test]
    fn rows_come_in_order_from_any_key_or_beginning_of_one(map in map(), from in prop_oneof![key(), prop::collection::vec(any::<u8>(), 0..6)]) {
        let tree = tree(&map);
        let got: Vec<_> = tree.iter_from(&from).map(|(key, value)| (key.to_vec(), value.to_vec())).collect();
        let expected: Vec<_> = map.range(from..).map(|(key, value)| (key.clone(), value.clone())).collect();
        prop_assert_eq!(got, expected);
    }

    #[test]
    fn the_root_follows_from_the_rows_and_not_from_their_history(map in map(), detour in map(), order in any::<u64>(), hash_between: bool) {
        let mut writes: Vec<_> = map.iter().collect();
        writes.sort_by_key(|(key, _)| raylance_protocol::Digest::of("shuffle", &[&order.to_le_bytes(), key]));
        let mut wandered = tree(&detour);
        for (key, value) in writes {
            wandered.put(key, value.clone());
            if hash_between {
                wandered.root();
            }
        }
        for key in detour.keys().filter(|key| !map.contains_key(*key)) {
            prop_assert!(wandered.remove(key));
        }
        prop_assert_eq!(wandered.root(), tree(&map).root());
        prop_assert_eq!(tree(&map).root() == EMPTY_ROOT, map.is_empty());
    }

    #[test]
    fn any_other_row_gives_another_root(map in map(), key in key(), value in prop::collection::vec(any::<u8>(), 0..4)) {
        let mut changed = map.clone();
        changed.insert(key, value);
        prop_assert_eq!(tree(&map).root() == tree(&changed).root(), map == changed);
    }

    #[test]
    fn a_write_to_one_clone_is_not_seen_by_the_other(map in map(), key in key()) {
        let original = tree(&map);
        let (root, mut written, mut removed) = (original.root(), original.clone(), original.clone());
        written.put(&key, b"new".to_vec());
        removed.remove(&key);
        prop_assert_eq!(rows(&original), Vec::from_iter(map));
        prop_assert_eq!(original.root(), root);
        prop_assert_eq!(written.get(&key), Some(&b"new"[..]));
        prop_assert_eq!(removed.get(&key), None);
    }

    #[test]
    fn every_key_has_a_path_that_proves_its_row_or_its_absence(map in map(), key in prop_oneof![key(), prop::collection::vec(any::<u8>(), 0..6)]) {
        let tree = tree(&map);
        let (value, path) = tree.prove(&key);
        prop_assert_eq!(value.as_deref(), map.get(&key).map(Vec::as_slice));
        prop_assert_eq!(verify_row(tree.root(), &key, value.as_deref(), &path), Ok(()));
    }
}

/// Keys that agree with `key` in their first bits, one for each bit of it.
fn ladder(key: &[u8]) -> Vec<Vec<u8>> {
    let flipped = |bit: usize| {
        let mut key = key.to_vec();
        key[bit / 8] ^= 128 >> (bit % 8);
        key
    };
    (0..8 * key.len()).map(flipped).collect()
}

#[test]
fn keys_that_agree_in_500_bits_are_rows_like_others() {
    let key = [0b1010_0110; KEY_BYTES_MAX];
    let mut tree = Tree::default();
    tree.put(&key, b"deepest".to_vec());
    for near in ladder(&key) {
        tree.put(&near, b"near".to_vec());
    }
    assert_eq!(tree.len(), BRANCHES_MAX + 1);
    let (value, path) = tree.prove(&key);
    assert_eq!(path.branches.len(), BRANCHES_MAX);
    assert_eq!(verify_row(tree.root(), &key, value.as_deref(), &path), Ok(()));

    let before = tree.root();
    assert!(tree.remove(&key));
    let (value, path) = tree.prove(&key);
    assert_eq!((value, path.branches.len()), (None, BRANCHES_MAX - 1));
    assert_eq!(verify_row(tree.root(), &key, None, &path), Ok(()));
    assert_ne!(tree.root(), before);
    for near in ladder(&key) {
        assert!(tree.remove(&near));
    }
    assert_eq!((tree.len(), tree.root()), (0, EMPTY_ROOT));
}

#[test]
fn an_empty_tree_proves_that_there_is_nothing() {
    let mut tree = Tree::default();
    assert_eq!((tree.root(), tree.len(), tree.iter().count()), (EMPTY_ROOT, 0, 0));
    assert!(!tree.remove(b"a"));
    let (value, path) = tree.prove(b"a");
    assert_eq!((value, &path), (None, &RowPath::default()));
    assert_eq!(verify_row(EMPTY_ROOT, b"a", None, &path), Ok(()));
    assert!(matches!(verify_row(EMPTY_ROOT, b"a", Some(b""), &path), Err(PathError::Root { .. })));
    tree.put(b"a", vec![]);
    assert!(matches!(verify_row(tree.root(), b"a", None, &path), Err(PathError::Root { .. })));
}

#[test]
fn a_tree_of_one_row_proves_it_and_the_absence_of_others() {
    let mut tree = Tree::default();
    tree.put(b"a", b"1".to_vec());
    let (value, path) = tree.prove(b"a");
    assert_eq!((value.as_deref(), &path), (Some(&b"1"[..]), &RowPath::default()));
    assert_eq!(verify_row(tree.root(), b"a", value.as_deref(), &path), Ok(()));
    let (value, path) = tree.prove(b"b");
    assert_eq!((value, path.other.as_ref().map(|(key, _)| key.as_slice())), (None, Some(&b"a"[..])));
    assert_eq!(verify_row(tree.root(), b"b", None, &path), Ok(()));
}

#[test]
fn rows_from_elsewhere_must_ascend_without_one_beginning_another() {
    let check = |keys: &[&[u8]], expected| {
        let tree = Tree::from_rows(keys.iter().map(|key| (key.to_vec(), vec![1])));
        assert_eq!(tree.map(|tree| tree.len()), expected);
    };
    check(&[], Ok(0));
    check(&[b"a", b"b", b"ca"], Ok(3));
    check(&[b"", b"a"], Err(RowsError::Order { row: 1 }));
    check(&[b"a", b"c", b"b"], Err(RowsError::Order { row: 2 }));
    check(&[b"a", b"a"], Err(RowsError::Order { row: 1 }));
    check(&[b"a", b"ab"], Err(RowsError::Order { row: 1 }));
    check(&[&[1; KEY_BYTES_MAX]], Ok(1));
    check(&[&[1; KEY_BYTES_MAX + 1]], Err(RowsError::LongKey { row: 0 }));
}

#[test]
#[should_panic(expected = "no key begins another")]
fn a_key_that_begins_another_is_a_fault_of_the_program() {
    let mut tree = Tree::default();
    tree.put(b"ab", vec![]);
    tree.put(b"a", vec![]);
}

#[test]
fn a_tree_is_read_from_many_threads() {
    fn shared<T: Send + Sync>(tree: T) -> T {
        tree
    }
    let mut first = shared(Tree::default());
    for n in 0..1000u16 {
        first.put(&n.to_be_bytes(), vec![]);
    }
    let (first, again) = (&first, first.clone());
    let roots: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(|| first.root())).collect();
        threads.into_iter().map(|thread| thread.join().expect("hashing does not panic")).collect()
    });
    assert_eq!(roots, [again.root(); 4]);
}

#[test]
fn golden_root_of_three_rows() {
    let mut tree = Tree::default();
    for (key, value) in [(&[0u8][..], &b"clock"[..]), (&[5, 1, 2], b"account"), (&[5, 1, 3], b"")] {
        tree.put(key, value.to_vec());
    }
    assert_eq!(tree.root().to_hex(), "a3d02f54255960164806417b259aac61412279151217435d02f5e77acbc301e9");
}
