//! Claims about trees that come from a peer.

use super::disk::Nodes;
use super::*;

/// What a peer gives: of its nodes as many as it likes, at least one.
fn give(nodes: &Arc<Nodes>, wanted: &[Digest], count: usize) -> Vec<Vec<u8>> {
    wanted.iter().take(count.max(1)).map_while(|hash| nodes.node(hash)).collect()
}

proptest! {
    #[test]
    fn a_tree_comes_whole_and_nothing_comes_that_is_here(old in map(), changes in map(), removed in prop::collection::vec(key(), 0..9), counts in prop::collection::vec(1_usize..7, 1..9)) {
        let mut new = old.clone();
        removed.iter().for_each(|key| _ = new.remove(key));
        new.extend(changes);
        let (mine, theirs) = (Nodes::of(&tree(&old)), Nodes::of(&tree(&new)));
        let mut download = Download::new(tree(&new).root(), mine.clone());
        let mut came = 0;
        for &count in counts.iter().cycle() {
            let wanted = download.wanted(1 + count % 4).expect("few rows").to_vec();
            if wanted.is_empty() {
                break;
            }
            prop_assert!(wanted.iter().all(|hash| mine.node(hash).is_none()));
            let given = give(&theirs, &wanted, count);
            came += given.len();
            download.take(given).expect("an honest peer");
        }
        let whole = download.finish();
        prop_assert_eq!(rows(&whole), Vec::from_iter(new.clone()));
        prop_assert_eq!((whole.len(), whole.root()), (new.len(), tree(&new).root()));
        let changes = whole.changes_since(&tree(&old)).expect("whole");
        prop_assert_eq!(came, changes.added.len());
        // What the store then writes is what it lacks.
        mine.apply(changes);
        prop_assert_eq!(rows(&mine.open(&whole)), Vec::from_iter(new));
    }
}

#[test]
fn a_peer_that_gives_nothing_or_something_else_is_of_no_use() {
    let whole = Tree::from_rows((0..9_u8).map(|key| (vec![key], vec![key]))).expect("ascending");
    let nodes = Nodes::of(&whole);
    let download = || Download::new(whole.root(), Arc::<Nodes>::default());
    assert_eq!(download().wanted(9), Ok(&[whole.root()][..]));

    let mut silent = download();
    silent.wanted(1).expect("few rows");
    assert_eq!(silent.take(Vec::new()), Err(NodeError::Missing(whole.root()).into()));

    let mut other = download();
    other.wanted(1).expect("few rows");
    let mut bytes = nodes.node(&whole.root()).expect("it is there");
    bytes[5] ^= 1;
    assert_eq!(other.take(vec![bytes]), Err(NodeError::Damaged(whole.root()).into()));
}

#[test]
fn an_empty_tree_needs_nothing() {
    let mut download = Download::new(EMPTY_ROOT, Arc::<Nodes>::default());
    assert_eq!(download.wanted(9), Ok(&[][..]));
    assert!(download.finish().is_empty());
}
