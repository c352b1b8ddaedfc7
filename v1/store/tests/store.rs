//! The store across restarts, damage, other rings and half-done work.
#![allow(clippy::unwrap_used, reason = "all of this crate is tests, its helpers included")]

use raylance_v1_ledger::{MicroluxChange, MoveReason};
use raylance_v1_protocol::{
    AccountId, AccountProof, Action, Block, BlockHash, Certificate, ChainId, Digest, FinalBlock, Genesis, Header, Height, JobId, Keypair,
    Microlux, RingParameters, SceneDigest, Signed, Tx, TxId, UnitIndex,
};
use raylance_v1_store::{
    BlobError, DataFolder, FolderError, JobRow, Movement, OpenError, OutgoingTx, Role, Store, StoreError, Table, WalletRow,
};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions as _, Connection as _};
use std::path::Path;
use tempfile::TempDir;

fn me() -> Keypair {
    Keypair::from_secret([1; 32])
}

fn genesis(name: &str) -> Genesis {
    Genesis {
        name: name.to_owned(),
        time_ms: 5,
        validators: vec![me().account()],
        parameters: RingParameters::default(),
        balances: vec![(me().account(), Microlux(1_000))],
    }
}

fn header(height: u64) -> Header {
    Header {
        chain: genesis("ring").chain(),
        height: Height(height),
        parent: BlockHash::default(),
        state_root: Digest::default(),
        tx_root: Digest::default(),
        next_validators: Digest::default(),
        time_ms: height,
    }
}

fn block(height: u64, txs: Vec<Signed<Tx>>) -> FinalBlock {
    let certificate = Certificate { signatures: vec![me().sign(&header(height))] };
    FinalBlock { block: Block { header: header(height), txs }, certificate }
}

fn movement(height: u64, event_index: u32, change: i64) -> Movement {
    Movement {
        height: Height(height),
        tx_index: 0,
        event_index,
        account: me().account(),
        change: MicroluxChange(change),
        reason: if height == 0 { MoveReason::Genesis } else { MoveReason::Rendered { unit: UnitIndex(3) } },
        job: (height > 0).then_some(JobId(Digest([9; 32]))),
    }
}

fn wallet(height: u64, balance: u64) -> WalletRow {
    let proof = AccountProof {
        account: me().account(),
        header: header(height),
        certificate: Certificate { signatures: vec![] },
        value: vec![1, 2],
        path: vec![3],
    };
    WalletRow { account: me().account(), balance: Microlux(balance), proven_height: Height(height), proof }
}

fn outgoing(nonce: u64, amount: u64) -> OutgoingTx {
    let action = Action::Transfer { to: AccountId([7; 32]), amount_microlux: Microlux(amount) };
    OutgoingTx { tx: me().sign(&Tx { chain: ChainId::default(), nonce, action }), nonce, created_ms: 40 + nonce }
}

fn job(role: Role, state: &str, updated_ms: u64) -> JobRow {
    JobRow {
        job: JobId(Digest([9; 32])),
        role,
        name: "kitchen.glb".to_owned(),
        state: state.to_owned(),
        snapshot: vec![4, 5, 6],
        options_json: r#"{"out_dir":"/tmp"}"#.to_owned(),
        created_ms: 10,
        updated_ms,
    }
}

async fn open(data: &Path) -> Store {
    let folder = DataFolder::open(data).unwrap();
    Store::open(&folder, Some(&genesis("ring"))).await.unwrap()
}

/// A connection besides the store's, for what the store itself never does.
async fn raw(data: &Path) -> SqliteConnection {
    let options = SqliteConnectOptions::new().filename(data.join("raylance.db")).pragma("recursive_triggers", "ON").foreign_keys(true);
    options.connect().await.unwrap()
}

#[tokio::test]
async fn everything_written_is_there_after_a_restart() {
    let data = TempDir::new().unwrap();
    let store = open(data.path()).await;
    let key = store.folder().keypair().unwrap().account();
    let (first, second) = (outgoing(0, 1), outgoing(1, 2));
    store.save_opening(&[movement(0, 0, 1_000)]).await.unwrap();
    store.save_opening(&[movement(0, 0, 1_000)]).await.unwrap();
    store.record(&[job(Role::Artist, "rendering", 11), job(Role::Worker, "waiting", 12)], std::slice::from_ref(&first)).await.unwrap();
    store.record_tx(&second).await.unwrap();
    store.record_tx(&second).await.unwrap();
    store.save_block(&block(1, vec![first.tx.clone()]), &[movement(1, 0, 50), movement(1, 1, -20)], Some(&wallet(1, 1_030))).await.unwrap();
    store.save_block(&block(2, vec![]), &[], None).await.unwrap();
    store.save_job(&JobRow { created_ms: 15, ..job(Role::Artist, "done", 20) }).await.unwrap();
    store.set_setting("rent", &[1]).await.unwrap();
    store.set_setting("rent", &[0]).await.unwrap();
    store.close().await;

    let folder = DataFolder::open(data.path()).unwrap();
    let store = Store::open(&folder, None).await.unwrap();
    assert_eq!(store.genesis(), &genesis("ring"));
    assert_eq!(folder.keypair().unwrap().account(), key);
    assert_eq!(store.last_height().await.unwrap(), Height(2));
    assert_eq!(store.blocks(Height(1), 64).await.unwrap(), [block(1, vec![first.tx]), block(2, vec![])]);
    assert_eq!(store.blocks(Height(2), 64).await.unwrap(), [block(2, vec![])]);
    assert_eq!(store.blocks(Height(0), 1).await.unwrap().len(), 1);
    assert_eq!(store.blocks(Height(u64::MAX), 1).await.unwrap(), []);
    let all = [movement(1, 1, -20), movement(1, 0, 50), movement(0, 0, 1_000)];
    assert_eq!(store.movements(me().account(), 100).await.unwrap(), all);
    assert_eq!(store.movements(me().account(), 1).await.unwrap(), all[..1]);
    assert_eq!(store.movements(AccountId([8; 32]), 100).await.unwrap(), []);
    assert_eq!(store.running_total(me().account()).await.unwrap(), MicroluxChange(1_030));
    assert_eq!(store.wallet(me().account()).await.unwrap(), Some(wallet(1, 1_030)));
    assert_eq!(store.wallet(AccountId([8; 32])).await.unwrap(), None);
    assert_eq!(store.waiting_txs().await.unwrap(), [second], "the first is in a block");
    assert_eq!(store.jobs().await.unwrap(), [job(Role::Artist, "done", 20), job(Role::Worker, "waiting", 12)]);
    assert_eq!(store.setting("rent").await.unwrap(), Some(vec![0]));
    assert_eq!(store.setting("other").await.unwrap(), None);
}

#[tokio::test]
async fn a_block_that_fails_leaves_nothing() {
    let data = TempDir::new().unwrap();
    let store = open(data.path()).await;
    let waiting = outgoing(0, 1);
    store.record_tx(&waiting).await.unwrap();
    let twice = [movement(1, 0, 5), movement(1, 0, 5)];
    let failed = store.save_block(&block(1, vec![waiting.tx.clone()]), &twice, Some(&wallet(1, 5))).await;
    assert!(matches!(failed, Err(StoreError::Database(_))), "{failed:?}");
    assert_eq!(store.last_height().await.unwrap(), Height(0));
    assert_eq!(store.movements(me().account(), 9).await.unwrap(), []);
    assert_eq!(store.wallet(me().account()).await.unwrap(), None);
    assert_eq!(store.waiting_txs().await.unwrap(), [waiting]);

    let bad_job = JobRow { options_json: "no json".to_owned(), ..job(Role::Worker, "waiting", 12) };
    assert!(store.record(&[job(Role::Artist, "rendering", 11), bad_job], &[outgoing(1, 1)]).await.is_err());
    assert_eq!(store.jobs().await.unwrap(), []);
    assert_eq!(store.waiting_txs().await.unwrap().len(), 1);
}

#[tokio::test]
async fn work_dropped_half_way_is_done_whole_or_not_at_all() {
    let data = TempDir::new().unwrap();
    let mut next = 1;
    for turns in 0..60 {
        let store = open(data.path()).await;
        let this = block(next, vec![]);
        let moved = [movement(next, 0, 1), movement(next, 1, 1)];
        let row = wallet(next, 2 * next);
        tokio::select! {
            biased;
            saved = store.save_block(&this, &moved, Some(&row)) => saved.unwrap(),
            () = yields(turns) => {}
        }
        drop(store);
        let store = open(data.path()).await;
        let last = store.last_height().await.unwrap().0;
        assert!(last == next || last + 1 == next);
        assert_eq!(store.running_total(me().account()).await.unwrap().0, 2 * last as i64);
        assert_eq!(store.wallet(me().account()).await.unwrap().map_or(0, |row| row.proven_height.0), last);
        next = last + 1;
        store.close().await;
    }
    eprintln!("{} of 60 blocks were stored", next - 1);
}

async fn yields(count: u32) {
    for _ in 0..count {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn blocks_have_no_gap_and_balances_never_go_back() {
    let data = TempDir::new().unwrap();
    let store = open(data.path()).await;
    let gap = |result: Result<(), StoreError>, last: u64, found: u64| {
        assert!(matches!(result, Err(StoreError::Gap { last: l, found: f }) if l.0 == last && f.0 == found), "{result:?}");
    };
    gap(store.save_block(&block(2, vec![]), &[], None).await, 0, 2);
    gap(store.save_block(&block(0, vec![]), &[], None).await, 0, 0);
    store.save_block(&block(1, vec![]), &[], Some(&wallet(1, 7))).await.unwrap();
    gap(store.save_block(&block(1, vec![]), &[], None).await, 1, 1);
    assert!(store.save_block(&block(2, vec![]), &[], Some(&wallet(0, 9))).await.is_err());
    assert!(store.save_opening(&[movement(2, 0, 1)]).await.is_err(), "a movement without its block");
    assert_eq!(store.wallet(me().account()).await.unwrap(), Some(wallet(1, 7)));
    assert_eq!(store.last_height().await.unwrap(), Height(1));
}

#[tokio::test]
async fn a_nonce_is_used_once_until_its_transaction_is_given_up() {
    let data = TempDir::new().unwrap();
    let store = open(data.path()).await;
    let (one, two, three) = (outgoing(0, 1), outgoing(0, 2), outgoing(0, 3));
    store.record_tx(&one).await.unwrap();
    assert!(store.record_tx(&two).await.is_err());
    store.abandon_tx(one.tx.id()).await.unwrap();
    store.record_tx(&two).await.unwrap();
    assert_eq!(store.waiting_txs().await.unwrap(), std::slice::from_ref(&two));
    // The first was given up too early: it is in a block after all, and the second can't become final any more.
    store.save_block(&block(1, vec![one.tx.clone(), three.tx]), &[], None).await.unwrap();
    assert_eq!(store.waiting_txs().await.unwrap(), []);
    store.abandon_tx(one.tx.id()).await.unwrap();
    assert!(store.record_tx(&outgoing(0, 4)).await.is_err(), "a final transaction keeps its nonce");
    store.abandon_tx(TxId::default()).await.unwrap();
}

#[tokio::test]
async fn facts_refuse_to_be_changed_or_removed() {
    let data = TempDir::new().unwrap();
    let store = open(data.path()).await;
    let sent = outgoing(0, 1);
    store.record_tx(&sent).await.unwrap();
    store.save_block(&block(1, vec![sent.tx]), &[movement(1, 0, 5)], Some(&wallet(1, 5))).await.unwrap();
    store.close().await;
    let mut raw = raw(data.path()).await;
    for sql in [
        "UPDATE genesis SET encoded = x'00'",
        "DELETE FROM genesis",
        "INSERT OR REPLACE INTO genesis VALUES (1, zeroblob(32), x'00')",
        "INSERT INTO genesis VALUES (2, zeroblob(32), x'00')",
        "UPDATE blocks SET encoded = x'00'",
        "DELETE FROM blocks",
        "INSERT OR REPLACE INTO blocks VALUES (1, zeroblob(32), x'00')",
        "INSERT INTO blocks VALUES (3, zeroblob(32), x'00')",
        "INSERT INTO blocks VALUES (2, zeroblob(31), x'00')",
        "UPDATE movements SET change_microlux = 6",
        "DELETE FROM movements",
        "INSERT INTO movements VALUES (9, 0, 0, zeroblob(32), 1, x'00', NULL)",
        "INSERT INTO movements VALUES (1, 1, 0, zeroblob(32), 0, x'00', NULL)",
        "INSERT INTO movements VALUES (1, 1, 0, zeroblob(32), 1.5, x'00', NULL)",
        "UPDATE wallet SET proven_height = 0",
        "UPDATE wallet SET balance_microlux = -1",
        "UPDATE outgoing_txs SET encoded = x'00'",
        "UPDATE outgoing_txs SET state = 'waiting', final_height = NULL",
        "DELETE FROM outgoing_txs",
    ] {
        assert!(sqlx::query(sql).execute(&mut raw).await.is_err(), "{sql}");
    }
}

#[tokio::test]
async fn another_ring_and_a_second_opener_are_refused() {
    let data = TempDir::new().unwrap();
    let folder = DataFolder::open(data.path()).unwrap();
    assert!(matches!(Store::open(&folder, None).await, Err(OpenError::NoGenesis)));
    let store = Store::open(&folder, Some(&genesis("ring"))).await.unwrap();
    assert!(matches!(DataFolder::open(data.path()), Err(FolderError::InUse { .. })));
    drop(folder);
    assert!(matches!(DataFolder::open(data.path()), Err(FolderError::InUse { .. })), "the store holds it too");
    store.close().await;

    let folder = DataFolder::open(data.path()).unwrap();
    let other = Store::open(&folder, Some(&genesis("other"))).await;
    let (found, wanted) = (genesis("ring").chain(), genesis("other").chain());
    assert!(matches!(other, Err(OpenError::OtherGenesis { found: f, wanted: w }) if f == found && w == wanted));
    Store::open(&folder, Some(&genesis("ring"))).await.unwrap();
}

#[tokio::test]
async fn a_schema_of_a_newer_program_is_refused() {
    let data = TempDir::new().unwrap();
    open(data.path()).await.close().await;
    let mut raw = raw(data.path()).await;
    let add = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) VALUES (9999, 'later', 1, x'00', 0)";
    sqlx::query(add).execute(&mut raw).await.unwrap();
    let folder = DataFolder::open(data.path()).unwrap();
    let refused = Store::open(&folder, None).await.unwrap_err();
    assert!(matches!(refused, OpenError::Newer { found: 9999, .. }));
    assert!(refused.to_string().contains("use the newer program"), "{refused}");

    sqlx::query("DELETE FROM _sqlx_migrations WHERE version = 9999").execute(&mut raw).await.unwrap();
    sqlx::query("UPDATE _sqlx_migrations SET checksum = x'00'").execute(&mut raw).await.unwrap();
    assert!(matches!(Store::open(&folder, None).await, Err(OpenError::Altered { .. })));
}

#[tokio::test]
async fn damage_is_found() {
    let data = TempDir::new().unwrap();
    let store = open(data.path()).await;
    store.save_block(&block(1, vec![]), &[], None).await.unwrap();
    let mut raw = raw(data.path()).await;
    for sql in [
        "DROP TRIGGER blocks_are_never_changed",
        "UPDATE blocks SET encoded = CAST(substr(encoded, 1, 40) || x'ff' || substr(encoded, 42) AS BLOB) WHERE height = 1",
    ] {
        sqlx::query(sql).execute(&mut raw).await.unwrap();
    }
    raw.close().await.unwrap();
    let damaged = store.blocks(Height(1), 1).await;
    assert!(matches!(damaged, Err(StoreError::Corrupt { table: Table::Blocks, row: 1 })), "{damaged:?}");
    store.close().await;

    std::fs::write(data.path().join("raylance.db"), [7; 4096]).unwrap();
    let folder = DataFolder::open(data.path()).unwrap();
    let refused = Store::open(&folder, None).await.unwrap_err();
    assert!(matches!(refused, OpenError::Database { .. }), "{refused:?}");
}

#[test]
fn the_key_is_made_once_for_its_owner_only() {
    let data = TempDir::new().unwrap();
    let path = data.path().join("key");
    let folder = DataFolder::open(data.path()).unwrap();
    let first = folder.keypair().unwrap();
    assert_eq!(folder.keypair().unwrap().account(), first.account());
    let other = TempDir::new().unwrap();
    assert_ne!(DataFolder::open(other.path()).unwrap().keypair().unwrap().account(), first.account());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        assert!(matches!(folder.keypair(), Err(FolderError::KeyExposed { .. })));
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    }
    for content in [&b"short"[..], &[0xff; 64], &[b'a'; 63], &[b'a'; 4096], b""] {
        std::fs::write(&path, content).unwrap();
        assert!(matches!(folder.keypair(), Err(FolderError::KeyMalformed { .. })), "{content:?}");
    }
}

#[test]
fn blobs_come_back_as_written_or_are_known_as_damaged() {
    let data = TempDir::new().unwrap();
    let blobs = DataFolder::open(data.path()).unwrap().blobs();
    let digest = |bytes: &[u8]| SceneDigest(Digest::of("test scene", &[bytes]));
    let packed = vec![5; 100_000];
    let scene = digest(&packed);
    assert!(blobs.scene(scene, digest).unwrap().is_none());
    blobs.save_scene(scene, &packed).unwrap();
    blobs.save_scene(scene, &packed).unwrap();
    assert_eq!(blobs.scene(scene, digest).unwrap(), Some(packed.clone()));
    let mut bytes = std::fs::read(blobs.scene_path(scene)).unwrap();
    bytes[50_000] ^= 1;
    std::fs::write(blobs.scene_path(scene), bytes).unwrap();
    assert!(matches!(blobs.scene(scene, digest), Err(BlobError::Damaged { .. })));
    blobs.remove_scene(scene).unwrap();
    blobs.remove_scene(scene).unwrap();

    let (job, worker) = (JobId::default(), me().account());
    blobs.save_film(job, UnitIndex(3), worker, &[1, 2]).unwrap();
    blobs.save_film(job, UnitIndex(3), worker, &[3]).unwrap();
    assert_eq!(blobs.film(job, UnitIndex(3), worker).unwrap(), Some(vec![3]));
    assert_eq!(blobs.film(job, UnitIndex(4), worker).unwrap(), None);
    assert!(blobs.film_path(job, UnitIndex(3), worker).ends_with(format!("films/{job}/3-{worker}.film")));
    let film = std::fs::File::create(blobs.film_path(job, UnitIndex(5), worker)).unwrap();
    film.set_len(1 << 40).unwrap();
    assert!(matches!(blobs.film(job, UnitIndex(5), worker), Err(BlobError::TooLong { .. })), "refused before it is read");
    blobs.remove_films(job).unwrap();
    blobs.remove_films(job).unwrap();
    assert_eq!(blobs.film(job, UnitIndex(3), worker).unwrap(), None);
    assert_eq!(std::fs::read_dir(data.path().join("drafts")).unwrap().count(), 0, "no draft is left");
}

#[test]
fn drafts_of_a_killed_process_are_removed() {
    let data = TempDir::new().unwrap();
    drop(DataFolder::open(data.path()).unwrap());
    std::fs::write(data.path().join("drafts").join("12"), b"half").unwrap();
    DataFolder::open(data.path()).unwrap();
    assert_eq!(std::fs::read_dir(data.path().join("drafts")).unwrap().count(), 0);
}
