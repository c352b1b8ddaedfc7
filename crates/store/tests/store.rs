//! The store on real files: across restarts, kills, damage, full disks and other openers.
#![allow(clippy::unwrap_used, reason = "all of this crate is tests, its helpers included")]

#[path = "store/child.rs"]
mod child;
#[path = "store/ring.rs"]
mod ring;

use proptest::prelude::*;
use raylance_consensus::Chain;
use raylance_ledger::tree::NodeError;
use raylance_ledger::{State, verify_row};
use raylance_protocol::Digest;
use raylance_protocol::row::{Account, key_bytes};
use raylance_store::{Batch, OpenError, StateError, Store, StoreError};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions as _, Connection as _};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use tempfile::TempDir;

fn put<'a>(writes: &[(&'a [u8], &'a [u8])]) -> Batch<'a> {
    Batch { forgets: vec![], writes: writes.iter().map(|(key, value)| (*key, Some(*value))).collect() }
}

fn keys(store: &Store) -> Vec<Vec<u8>> {
    store.rows().unwrap().into_iter().map(|(key, _)| key).collect()
}

/// Works on the file without the store, for what the store itself never does.
fn raw<T>(folder: &Path, work: impl AsyncFnOnce(&mut SqliteConnection) -> sqlx::Result<T>) -> T {
    pollster::block_on(async {
        let mut connection = SqliteConnectOptions::new().filename(folder.join("peer.db")).connect().await?;
        let done = work(&mut connection).await?;
        connection.close().await?;
        Ok::<_, sqlx::Error>(done)
    })
    .unwrap()
}

fn raw_execute(folder: &Path, sql: &'static str) {
    raw(folder, async |connection| sqlx::query(sql).execute(connection).await);
}

#[test]
fn what_was_committed_is_there_after_a_restart() {
    let folder = TempDir::new().unwrap();
    let folder = folder.path().join("made/by/the/store");
    let store = Store::open(&folder).unwrap();
    assert_eq!(store.rows().unwrap(), []);
    store.commit(&[]).unwrap();
    store.commit(&[put(&[(b"b", b"2"), (b"a", b"1"), (b"c", b"")])]).unwrap();
    store.commit(&[Batch { forgets: vec![], writes: vec![(b"a", None), (b"b", Some(b"3")), (b"b", Some(b"4"))] }]).unwrap();
    drop(store);
    let store = Store::open(&folder).unwrap();
    assert_eq!(store.rows().unwrap(), [(b"b".to_vec(), b"4".to_vec()), (b"c".to_vec(), vec![])]);
    assert_eq!(store.row(b"b").unwrap(), Some(b"4".to_vec()));
    assert_eq!(store.row(b"c").unwrap(), Some(vec![]));
    assert_eq!(store.row(b"a").unwrap(), None);
    drop(store);
    let left: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    assert!(left.iter().all(|name| ["peer.db", "peer.lock"].contains(&name.as_str())), "{left:?}");
}

#[test]
fn a_prefix_takes_its_rows_and_no_neighbours() {
    let check = |prefix: &[u8], left: &[&[u8]]| {
        let folder = TempDir::new().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let all: [&[u8]; 8] = [b"\x00", b"a", b"a\x00", b"a\xff", b"a\xff\xff\xff", b"b", b"\xff", b"\xff\xff"];
        store.commit(&[put(&all.map(|key| (key, key)))]).unwrap();
        store.commit(&[Batch { forgets: vec![prefix], writes: vec![] }]).unwrap();
        assert_eq!(keys(&store), left, "{prefix:?}");
    };
    check(b"a", &[b"\x00", b"b", b"\xff", b"\xff\xff"]);
    check(b"a\xff", &[b"\x00", b"a", b"a\x00", b"b", b"\xff", b"\xff\xff"]);
    check(b"A", &[b"\x00", b"a", b"a\x00", b"a\xff", b"a\xff\xff\xff", b"b", b"\xff", b"\xff\xff"]);
    check(b"\xff", &[b"\x00", b"a", b"a\x00", b"a\xff", b"a\xff\xff\xff", b"b"]);
    check(b"", &[]);
}

#[test]
fn several_turns_in_one_commit_happen_one_after_the_other() {
    let folder = TempDir::new().unwrap();
    let store = Store::open(folder.path()).unwrap();
    store.commit(&[put(&[(b"a1", b"old"), (b"b1", b"old")])]).unwrap();
    let first = Batch { forgets: vec![b"b"], writes: vec![(b"a2", Some(b"first")), (b"b2", Some(b"first"))] };
    let second = Batch { forgets: vec![b"a"], writes: vec![(b"a3", Some(b"second"))] };
    for _ in 0..2 {
        store.commit(&[first.clone(), second.clone()]).unwrap();
        assert_eq!(store.rows().unwrap(), [(b"a3".to_vec(), b"second".to_vec()), (b"b2".to_vec(), b"first".to_vec())]);
    }
}

#[test]
fn a_commit_that_fails_leaves_nothing_and_the_next_one_works() {
    let folder = TempDir::new().unwrap();
    let store = Store::open(folder.path()).unwrap();
    store.commit(&[put(&[(b"a", b"1")])]).unwrap();
    let bad = Batch { forgets: vec![b"a"], writes: vec![(b"b", Some(b"2")), (b"", Some(b"no key"))] };
    assert!(matches!(store.commit(&[bad]), Err(StoreError::Refused { .. })));
    assert_eq!(keys(&store), [b"a"]);
    store.commit(&[put(&[(b"b", b"2")])]).unwrap();
    assert_eq!(keys(&store), [b"a", b"b"]);
}

#[test]
fn blocks_are_served_from_a_height_on() {
    let folder = TempDir::new().unwrap();
    let store = Store::open(folder.path()).unwrap();
    let rows: Vec<_> = (0..1_300u32).map(|height| [&[96][..], &height.to_be_bytes()].concat()).collect();
    let mut writes: Vec<(&[u8], Option<&[u8]>)> = rows.iter().map(|key| (&key[..], Some(&key[1..]))).collect();
    writes.extend([(&[95, 0, 0, 5, 0][..], Some(&[][..])), (&[97][..], Some(&[][..]))]);
    store.commit(&[Batch { forgets: vec![], writes }]).unwrap();
    let check = |from: u32, max: u32, expected: std::ops::Range<usize>| {
        let found = store.rows_from(&[96], &[&[96][..], &from.to_be_bytes()].concat(), max).unwrap();
        assert_eq!(found.into_iter().map(|(key, _)| key).collect::<Vec<_>>(), rows[expected], "{max} from {from}");
    };
    check(0, 64, 0..64);
    check(700, 64, 700..764);
    check(1_290, 64, 1_290..1_300);
    check(1_300, 64, 0..0);
    check(5, 0, 0..0);
    assert_eq!(store.rows_from(&[96], &[], 1).unwrap().len(), 1);
    assert_eq!(store.rows_from(&[98], &[], 1).unwrap(), []);
}

#[test]
fn a_second_opener_is_refused_until_the_first_is_gone() {
    let folder = TempDir::new().unwrap();
    let store = Store::open(folder.path()).unwrap();
    let refused = |what: &str| {
        assert!(matches!(Store::open(folder.path()), Err(OpenError::InUse { .. })), "{what}");
        assert!(child::say("open", folder.path()).contains("InUse"), "{what}");
    };
    refused("the store is open");
    let chain = ring::chain_of(3);
    store.keep_state(chain.tip().unwrap(), chain.state()).unwrap();
    let (_, state) = store.state().unwrap().unwrap();
    drop(store);
    refused("a state still reads the file");
    drop(state);
    assert_eq!(child::say("open", folder.path()), "Ok");
    Store::open(folder.path()).unwrap();
}

#[test]
fn a_file_that_is_not_ours_or_damaged_stays_as_it_is() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("peer.db");
    let store = Store::open(folder.path()).unwrap();
    let value = vec![7; 3_000];
    (0..100u8).for_each(|n| store.commit(&[put(&[(&[n], &value)])]).unwrap());
    drop(store);
    let whole = fs::read(&path).unwrap();
    let other = TempDir::new().unwrap();
    fs::write(other.path().join("peer.db"), []).unwrap();
    raw_execute(other.path(), "CREATE TABLE theirs (id INTEGER)");
    let check = |bytes: &[u8]| {
        fs::write(&path, bytes).unwrap();
        let refused = Store::open(folder.path()).unwrap_err();
        assert!(matches!(refused, OpenError::Foreign { .. }), "{} bytes: {refused:?}", bytes.len());
        assert!(refused.to_string().contains("restore it from a backup"), "{refused}");
        assert_eq!(fs::read(&path).unwrap(), bytes);
    };
    check(&[]);
    check(&whole[..50]);
    check(&[7; 8_192]);
    check(&fs::read(other.path().join("peer.db")).unwrap());
    check(&whole[..100]);
    check(&whole[..whole.len() / 2]);
    check(&whole[..whole.len() - 1]);
    fs::write(&path, &whole).unwrap();
    assert_eq!(Store::open(folder.path()).unwrap().rows().unwrap().len(), 100);
}

#[test]
fn damage_inside_the_file_is_a_typed_error() {
    let folder = TempDir::new().unwrap();
    let store = Store::open(folder.path()).unwrap();
    let value = vec![7; 3_000];
    (0..100u8).for_each(|n| store.commit(&[put(&[(&[n], &value)])]).unwrap());
    drop(store);
    let path = folder.path().join("peer.db");
    let mut bytes = fs::read(&path).unwrap();
    // Some pages in the middle.
    let middle = bytes.len() / 2;
    bytes[middle..middle + 20_000].fill(0xee);
    fs::write(&path, &bytes).unwrap();
    let store = Store::open(folder.path()).unwrap();
    assert!(matches!(store.rows(), Err(StoreError::Damaged { .. })));
    assert_eq!(store.row(&[0]).unwrap(), Some(value), "what can be read is");
}

#[test]
fn a_log_without_its_database_is_not_taken_for_another_ones() {
    let folder = TempDir::new().unwrap();
    let log = folder.path().join("peer.db-wal");
    fs::write(&log, b"what was committed last").unwrap();
    assert!(matches!(Store::open(folder.path()), Err(OpenError::LogAlone { .. })));
    assert_eq!(fs::read(&log).unwrap(), b"what was committed last");
    assert!(!folder.path().join("peer.db").exists());
}

#[test]
fn a_half_made_file_of_a_killed_process_is_made_anew() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("peer.db.new"), [7; 5_000]).unwrap();
    fs::write(folder.path().join("peer.db.new-journal"), [7; 5_000]).unwrap();
    assert_eq!(Store::open(folder.path()).unwrap().rows().unwrap(), []);
}

#[test]
fn a_schema_of_a_newer_or_another_program_is_refused() {
    let folder = TempDir::new().unwrap();
    Store::open(folder.path()).unwrap().commit(&[put(&[(b"a", b"1")])]).unwrap();
    raw_execute(
        folder.path(),
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) VALUES (9999, 'later', 1, x'00', 0)",
    );
    let refused = Store::open(folder.path()).unwrap_err();
    assert!(matches!(refused, OpenError::Newer { found: 9999, newest: 1, .. }), "{refused:?}");
    assert!(refused.to_string().contains("use the newer program"), "{refused}");
    raw_execute(folder.path(), "DELETE FROM _sqlx_migrations WHERE version = 9999");
    assert_eq!(keys(&Store::open(folder.path()).unwrap()), [b"a"]);
    raw_execute(folder.path(), "UPDATE _sqlx_migrations SET checksum = x'00'");
    assert!(matches!(Store::open(folder.path()), Err(OpenError::Altered { step: 1, .. })));
}

#[test]
fn a_kept_state_opens_again_and_serves_proofs() {
    let folder = TempDir::new().unwrap();
    // One chain stays in memory, the other reads from the file what it needs.
    let (mut memory, mut chain) = (ring::chain_of(20), ring::chain_of(20));
    let mut store = Store::open(folder.path()).unwrap();
    assert!(store.state().unwrap().is_none());
    for reopened in [false, true, true, false, true] {
        store.keep_state(chain.tip().unwrap(), chain.state()).unwrap();
        if reopened {
            drop((store, chain));
            store = Store::open(folder.path()).unwrap();
            let (tip, state) = store.state().unwrap().unwrap();
            assert_eq!(Some(&tip), memory.tip());
            check_state(&state, memory.state());
            drop(state);
            chain = Chain::at(ring::genesis(), tip, store.state().unwrap().unwrap().1).unwrap();
        }
        let nodes: i64 = raw(folder.path(), async |file| sqlx::query_scalar("SELECT count(*) FROM nodes").fetch_one(file).await);
        assert_eq!(nodes, 2 * chain.state().tree().len() as i64 - 1, "the nodes of the kept state and no others");
        for chain in [&mut memory, &mut chain] {
            (0..7).for_each(|_| ring::next_block(chain));
        }
    }
}

/// Has `found`, which reads from a file, all rows of `expected`, and proofs of them?
fn check_state(found: &State, expected: &State) {
    assert_eq!(found.root(), expected.root());
    for n in [1, 2, 200] {
        let key = key_bytes::<Account>(&ring::id(n));
        let (value, path) = found.prove(&key);
        verify_row(expected.root(), &key, value.as_deref(), &path).unwrap();
        assert_eq!(value.is_some(), n == 1);
    }
    assert!(found.rows().eq(expected.rows()));
    assert_eq!((found.tree().len(), found.tree().fault()), (expected.tree().len(), None));
}

#[test]
fn a_damaged_or_missing_node_is_noticed() {
    let folder = TempDir::new().unwrap();
    let chain = ring::chain_of(20);
    let store = Store::open(folder.path()).unwrap();
    store.keep_state(chain.tip().unwrap(), chain.state()).unwrap();
    drop(store);
    let key = key_bytes::<Account>(&ring::id(1));
    let hash: Vec<u8> = raw(folder.path(), async |file| {
        let select = "SELECT hash FROM nodes WHERE instr(bytes, ?) > 0";
        let hash = sqlx::query_scalar(select).bind(&key).fetch_one(&mut *file).await?;
        sqlx::query("UPDATE nodes SET bytes = CAST(bytes || x'00' AS BLOB) WHERE hash = ?").bind(&hash).execute(file).await?;
        Ok(hash)
    });
    let damaged = NodeError::Damaged(Digest(hash.try_into().unwrap()));
    let store = Store::open(folder.path()).unwrap();
    let (_, state) = store.state().unwrap().unwrap();
    assert_eq!(state.tree().fault(), None);
    assert_eq!(state.tree().get(&key), None);
    assert_eq!(state.tree().fault(), Some(damaged));
    let refused = store.keep_state(chain.tip().unwrap(), &state).unwrap_err();
    assert!(matches!(refused, StateError::Node(node) if node == damaged), "{refused:?}");
    drop((store, state));

    raw_execute(folder.path(), "DELETE FROM nodes WHERE hash = (SELECT root FROM state)");
    let store = Store::open(folder.path()).unwrap();
    let refused = store.state().map(|_| ()).unwrap_err();
    assert!(matches!(refused, StateError::Node(NodeError::Missing(root)) if root == chain.state().root()), "{refused:?}");
    raw_execute(folder.path(), "UPDATE state SET tip = x'00'");
    assert!(matches!(store.state(), Err(StateError::Tip { .. })));
    store.commit(&[put(&[(b"a", b"1")])]).unwrap();
    assert_eq!(keys(&store), [b"a"], "rows are not concerned");
}

/// Prefixes that go, then keys with their new values.
type Turn = (Vec<Vec<u8>>, Vec<(Vec<u8>, Option<Vec<u8>>)>);

/// A change of a few short keys, so that they meet.
fn turn() -> impl Strategy<Value = Turn> {
    let byte = || prop::sample::select(vec![0, 1, 0xfe, 0xff]);
    let prefixes = prop::collection::vec(prop::collection::vec(byte(), 0..4), 0..3);
    let write = (prop::collection::vec(byte(), 1..5), prop::option::weighted(0.8, prop::collection::vec(any::<u8>(), 0..4)));
    (prefixes, prop::collection::vec(write, 0..60))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn the_store_has_what_a_map_has(commits in prop::collection::vec((any::<bool>(), prop::collection::vec(turn(), 0..4)), 1..6), ask in turn()) {
        let folder = TempDir::new().unwrap();
        let mut store = Store::open(folder.path()).unwrap();
        let mut model = BTreeMap::new();
        for (restart, turns) in &commits {
            let borrowed = turns.iter().map(|(forgets, writes)| Batch {
                forgets: forgets.iter().map(Vec::as_slice).collect(),
                writes: writes.iter().map(|(key, value)| (&key[..], value.as_deref())).collect(),
            });
            store.commit(&borrowed.collect::<Vec<_>>()).unwrap();
            for (forgets, writes) in turns {
                model.retain(|key: &Vec<u8>, _| !forgets.iter().any(|prefix| key.starts_with(prefix)));
                for (key, value) in writes {
                    match value {
                        Some(value) => model.insert(key.clone(), value.clone()),
                        None => model.remove(key),
                    };
                }
            }
            if *restart {
                drop(store);
                store = Store::open(folder.path()).unwrap();
            }
            prop_assert_eq!(store.rows().unwrap(), model.clone().into_iter().collect::<Vec<_>>());
        }
        let (prefixes, keys) = ask;
        for (from, _) in &keys {
            prop_assert_eq!(store.row(from).unwrap(), model.get(from).cloned());
            for prefix in &prefixes {
                let expected = model.range(from.clone()..).filter(|(key, _)| key.starts_with(prefix)).take(5);
                let expected: Vec<_> = expected.map(|(key, value)| (key.clone(), value.clone())).collect();
                prop_assert_eq!(store.rows_from(prefix, from, 5).unwrap(), expected);
            }
        }
    }
}
