//! Roots and paths.

use super::*;
use crate::testing::{address, addresses, film, film_bytes, other_films, sealed_leaf};
use proptest::prelude::*;

fn opened(sealed: &[u8], index: u32) -> OpenedLeaf {
    let leaf_count = (sealed.len() / LEAF_BYTES) as u32;
    OpenedLeaf { index: LeafIndex(index), leaf_count, address: address(index), sealed: sealed_leaf(sealed, LeafIndex(index)) }
}

#[test]
fn the_root_is_the_one_of_version_2() {
    let check = |count: u32, expected: &str| {
        let root = root_of(&film(), addresses(count), &film_bytes(count, 3)).unwrap();
        assert_eq!(root.to_string(), expected, "{count} leaves");
    };
    check(1, "0eab4a8866cfbe954fa5f7a552bed1eabd64525f9d75aa4a661db13c86ae109e");
    check(5, "01cf0e59c6e2e657057d072add4ff478f09826b7886da74098330be909e08826");
    let list = other_films()[3];
    assert_eq!(
        root_of(&list, addresses(5), &film_bytes(5, 3)).unwrap().to_string(),
        "9f2692b58d3792f2c6a027e50810a8127569113021fb12fca2c1264254fe2339"
    );
}

#[test]
fn the_root_follows_from_its_definition() {
    let keyed = |context: &str, bytes: &[u8]| *blake3::keyed_hash(&blake3::derive_key(context, &[]), bytes).as_bytes();
    let bytes = film_bytes(3, 1);
    let leaf = |i: u32| {
        let address = encode(&address(i));
        keyed("raylance film leaf 2", &[&address[..], &sealed_leaf(&bytes, LeafIndex(i))].concat())
    };
    let node = |left: [u8; 32], right: [u8; 32]| keyed("raylance film node 2", &[left, right].concat());
    let top = node(node(leaf(0), leaf(1)), leaf(2));
    let film = film();
    let parts: [&[u8]; 5] = [&film.job.0.0, &film.worker.0, &encode(&film.task), &3u32.to_le_bytes(), &top];
    assert_eq!(root_of(&film, addresses(3), &bytes), Ok(Root(Digest::of("raylance root 2", &parts))));
}

#[test]
fn films_of_every_small_size_open_and_have_different_roots() {
    let mut roots = std::collections::BTreeSet::new();
    for count in 1..70 {
        // All leaves and addresses are equal, so that only the count and the shape can tell films apart.
        let (addresses, sealed) = (vec![address(0); count as usize], vec![0; count as usize * LEAF_BYTES]);
        let tree = FilmTree::new(&film(), addresses.iter().copied(), &sealed).unwrap();
        assert_eq!(Ok(tree.root()), root_of(&film(), addresses, &sealed), "{count} leaves");
        assert!(roots.insert(tree.root()), "{count} leaves");
        for index in 0..count {
            let leaf = OpenedLeaf { address: address(0), ..opened(&sealed, index) };
            assert_eq!(check_path(&film(), tree.root(), &leaf, &tree.path(LeafIndex(index)).unwrap()), Ok(()));
        }
        assert_eq!(tree.path(LeafIndex(count)), None);
    }
}

#[test]
fn a_film_that_is_empty_too_long_or_not_of_its_addresses_has_no_root() {
    let check = |addresses: usize, film_bytes: usize, fits: bool| {
        let sealed = vec![0; film_bytes];
        let expected = if fits { Ok(()) } else { Err(LengthError { addresses, film_bytes }) };
        let all = || std::iter::repeat_n(address(0), addresses);
        assert_eq!(root_of(&film(), all(), &sealed).map(|_| ()), expected);
        assert_eq!(FilmTree::new(&film(), all(), &sealed).map(|_| ()), expected);
    };
    check(0, 0, false);
    check(1, 12, true);
    check(1, 11, false);
    check(1, 13, false);
    check(2, 12, false);
    check(1, 24, false);
    let most = limits::LEAVES_MAX as usize;
    check(most + 1, (most + 1) * LEAF_BYTES, false);
}

#[test]
fn a_path_leads_from_every_place_of_the_largest_film_in_21_hashes() {
    assert_eq!(path_len(limits::LEAVES_MAX, LeafIndex(0)), 21);
    assert_eq!(path_len(limits::LEAVES_MAX, LeafIndex(limits::LEAVES_MAX - 1)), 21);
    assert_eq!(path_len(8_192, LeafIndex(4_711)), 13);
    assert_eq!(path_len(1, LeafIndex(0)), 0);
    // A leaf that goes up unchanged needs fewer.
    assert_eq!(path_len(5, LeafIndex(4)), 1);
}

#[test]
fn a_node_cannot_pose_as_a_leaf_of_a_smaller_film() {
    let keys = Keys::new();
    let sealed = film_bytes(2, 1);
    let node = keys
        .node(&keys.leaf(&address(0), &sealed_leaf(&sealed, LeafIndex(0))), &keys.leaf(&address(1), &sealed_leaf(&sealed, LeafIndex(1))));
    // 25 bytes of a leaf chosen from a node's hash.
    let posing = Address {
        frame: u32::from_le_bytes(node.0[..4].try_into().unwrap()),
        x_px: u16::from_le_bytes(node.0[4..6].try_into().unwrap()),
        y_px: u16::from_le_bytes(node.0[6..8].try_into().unwrap()),
        first_sample: u32::from_le_bytes(node.0[8..12].try_into().unwrap()),
        samples: node.0[12],
    };
    let bytes: [u8; LEAF_BYTES] = node.0[13..25].try_into().unwrap();
    assert_ne!(keys.leaf(&posing, &bytes), node);
    assert_ne!(root_of(&film(), addresses(2), &sealed), root_of(&film(), [posing], &bytes));
}

proptest! {
    #[test]
    fn any_change_to_an_honest_path_is_refused(
        count in 1u32..300,
        seed: u32,
        pick: u32,
        byte: prop::sample::Index,
        bit in 0u8..8,
    ) {
        let (film, sealed) = (film(), film_bytes(count, seed));
        let tree = FilmTree::new(&film, addresses(count), &sealed).unwrap();
        let root = tree.root();
        prop_assert_eq!(root_of(&film, addresses(count), &sealed), Ok(root));
        let index = LeafIndex(pick % count);
        let (leaf, path) = (opened(&sealed, index.0), tree.path(index).unwrap());
        prop_assert_eq!(check_path(&film, root, &leaf, &path), Ok(()));

        for other in other_films() {
            prop_assert_eq!(check_path(&other, root, &leaf, &path), Err(PathError::Root { index }));
        }
        let mut other = root;
        other.0.0[byte.index(32)] ^= 1 << bit;
        prop_assert_eq!(check_path(&film, other, &leaf, &path), Err(PathError::Root { index }));

        let refused = |leaf: OpenedLeaf| check_path(&film, root, &leaf, &path).is_err();
        let changes = [
            OpenedLeaf { leaf_count: count + 1, ..leaf },
            OpenedLeaf { leaf_count: count - 1, ..leaf },
            OpenedLeaf { index: LeafIndex(index.0 ^ 1), ..leaf },
            OpenedLeaf { index: LeafIndex(count), ..leaf },
        ];
        prop_assert!(changes.into_iter().all(refused));
        let mut changed = leaf;
        changed.sealed[byte.index(LEAF_BYTES)] ^= 1 << bit;
        prop_assert!(refused(changed));
        for address in [
            Address { frame: leaf.address.frame ^ 1, ..leaf.address },
            Address { x_px: leaf.address.x_px ^ 1, ..leaf.address },
            Address { y_px: leaf.address.y_px ^ 1, ..leaf.address },
            Address { first_sample: leaf.address.first_sample ^ 1, ..leaf.address },
            Address { samples: leaf.address.samples ^ 1, ..leaf.address },
        ] {
            let moved = OpenedLeaf { address, ..leaf };
            prop_assert!(refused(moved));
        }

        let mut long = path.clone();
        long.push(Digest::default());
        let (wanted, found) = (path.len(), long.len());
        prop_assert_eq!(check_path(&film, root, &leaf, &long), Err(PathError::Length { index, wanted, found }));
        if !path.is_empty() {
            prop_assert!(check_path(&film, root, &leaf, &path[1..]).is_err());
            let mut other = path.clone();
            other[byte.index(wanted)].0[byte.index(32)] ^= 1 << bit;
            prop_assert_eq!(check_path(&film, root, &leaf, &other), Err(PathError::Root { index }));
        }
    }

    #[test]
    fn any_changed_bit_of_a_film_changes_its_root(count in 1u32..200, seed: u32, at: prop::sample::Index, bit in 0u8..8) {
        let sealed = film_bytes(count, seed);
        let mut changed = sealed.clone();
        changed[at.index(sealed.len())] ^= 1 << bit;
        prop_assert_ne!(root_of(&film(), addresses(count), &sealed), root_of(&film(), addresses(count), &changed));
    }
}
