//! Tests that need another process: this test binary once more, told by its environment what to do.

use super::*;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

const TASK: &str = "RAYLANCE_STORE_TEST_TASK";
const FOLDER: &str = "RAYLANCE_STORE_TEST_FOLDER";

/// Rows of one commit of [`commit_turn`] are forgotten after so many more.
const KEPT: u64 = 5;

/// What a child does; nothing where this is an ordinary run.
#[test]
fn child_process() {
    let Ok(task) = std::env::var(TASK) else { return };
    let folder = std::env::var(FOLDER).unwrap();
    let folder = Path::new(&folder);
    match task.as_str() {
        "open" => acknowledge(match Store::open(folder) {
            Ok(_) => "Ok".to_owned(),
            Err(error) => format!("{error:?}"),
        }),
        "commit" => {
            let store = Store::open(folder).unwrap();
            let mut chain = kept_chain(&store);
            loop {
                let turn = last_turn(&store) + 1;
                commit_turn(&store, turn).unwrap();
                while chain.height().0 < turn {
                    ring::next_block(&mut chain);
                }
                store.keep_state(chain.tip().unwrap(), chain.state()).unwrap();
                acknowledge(turn.to_string());
            }
        }
        "fill" => {
            let store = Store::open(folder).unwrap();
            let refused = (1..).find_map(|turn| match commit_turn(&store, turn) {
                Ok(()) => {
                    acknowledge(turn.to_string());
                    None
                }
                Err(error) => Some((turn, error)),
            });
            let (turn, error) = refused.unwrap();
            assert_eq!(last_turn(&store), turn - 1, "the store can be read on");
            let again = commit_turn(&store, turn).unwrap_err();
            assert!(matches!(again, StoreError::Full { .. } | StoreError::Disk { .. }), "the connection is as good as before: {again:?}");
            acknowledge(format!("{error:?}"));
        }
        other => panic!("no task {other}"),
    }
}

/// One write, so that a killed process says it whole or not at all. Standard output is the test runner's.
fn acknowledge(line: String) {
    std::io::stderr().write_all(format!("{line}\n").as_bytes()).unwrap();
}

/// Counts in one row, adds rows for this turn, and forgets those of an earlier one.
fn commit_turn(store: &Store, turn: u64) -> Result<(), StoreError> {
    let key = |turn: u64, n: u8| [&[1][..], &turn.to_be_bytes(), &[n]].concat();
    let keys: Vec<_> = (0..20).map(|n| key(turn, n)).collect();
    let (count, value, old) = (turn.to_be_bytes(), vec![turn as u8; 1_000], key(turn.saturating_sub(KEPT), 0));
    let mut writes: Vec<(&[u8], Option<&[u8]>)> = keys.iter().map(|key| (&key[..], Some(&value[..]))).collect();
    writes.push((&[0], Some(&count)));
    store.commit(&[Batch { forgets: vec![&old[..9]], writes }])
}

fn last_turn(store: &Store) -> u64 {
    store.row(&[0]).unwrap().map_or(0, |count| u64::from_be_bytes(count.try_into().unwrap()))
}

/// The file has the rows of the last turns, whole, and of no others.
fn check_turns(store: &Store) -> u64 {
    let last = last_turn(store);
    let rows = store.rows_from(&[1], &[], u32::MAX).unwrap();
    let turns = (last + 1).saturating_sub(KEPT).max(1)..=last;
    let expected = turns.flat_map(|turn| (0..20).map(move |n| ([&[1][..], &turn.to_be_bytes(), &[n]].concat(), vec![turn as u8; 1_000])));
    assert!(rows.into_iter().eq(expected), "rows up to turn {last}");
    last
}

fn kept_chain(store: &Store) -> Chain {
    match store.state().unwrap() {
        Some((tip, state)) => Chain::at(ring::genesis(), tip, state).unwrap(),
        None => Chain::new(ring::genesis()).unwrap(),
    }
}

fn spawn(mut command: Command, task: &str, folder: &Path) -> Child {
    command.args(["child::child_process", "--exact", "--nocapture"]).env(TASK, task).env(FOLDER, folder);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    loop {
        match command.spawn() {
            // A copy that another thread's new process has not closed yet.
            Err(error) if error.kind() == std::io::ErrorKind::ExecutableFileBusy => std::thread::sleep(Duration::from_millis(1)),
            spawned => return spawned.unwrap(),
        }
    }
}

fn this_binary() -> Command {
    Command::new(std::env::current_exe().unwrap())
}

/// What a child says until it ends.
fn hear(mut child: Child) -> String {
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    child.wait().unwrap();
    said.trim_end().to_owned()
}

/// What another process says about a folder.
pub fn say(task: &str, folder: &Path) -> String {
    hear(spawn(this_binary(), task, folder))
}

#[test]
fn a_process_killed_in_the_middle_of_commits_loses_nothing_that_it_acknowledged() {
    let folder = TempDir::new().unwrap();
    let mut last = 0;
    for round in 0..15u64 {
        let mut child = spawn(this_binary(), "commit", folder.path());
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        for _ in 0..=round % 5 {
            last = lines.next().unwrap().unwrap().parse().unwrap();
        }
        // Not always right after an acknowledgement.
        std::thread::sleep(Duration::from_micros(round * 431));
        child.kill().unwrap();
        child.wait().unwrap();
        last = lines.last().map_or(last, |line| line.unwrap().parse().unwrap());

        let store = Store::open(folder.path()).unwrap();
        let found = check_turns(&store);
        assert!(found == last || found == last + 1, "round {round}: {last} acknowledged, {found} found");
        let chain = kept_chain(&store);
        assert!(chain.height().0 == last || chain.height().0 == last + 1, "round {round}: {last}, {}", chain.height().0);
        assert_eq!(chain.state().rows().count(), chain.state().tree().len());
        assert_eq!(chain.state().tree().fault(), None);
    }
}

#[cfg(unix)]
#[test]
fn a_full_disk_is_a_typed_error_and_loses_nothing() {
    let folder = TempDir::new().unwrap();
    drop(Store::open(folder.path()).unwrap());
    // A limit on the length of files stands for the disk's end. Without the signal it is an error like any other.
    let mut shell = Command::new("sh");
    shell.args(["-c", "trap '' XFSZ; ulimit -f 6000; exec \"$0\" \"$@\""]).arg(std::env::current_exe().unwrap());
    let said = hear(spawn(shell, "fill", folder.path()));
    let lines: Vec<_> = said.lines().collect();
    let (error, acknowledged) = lines.split_last().unwrap();
    assert!(error.starts_with("Full") || error.starts_with("Disk"), "{said}");
    assert!(acknowledged.len() > 10, "{said}");
    let store = Store::open(folder.path()).unwrap();
    assert_eq!(check_turns(&store).to_string(), *acknowledged.last().unwrap());
    commit_turn(&store, last_turn(&store) + 1).unwrap();
    check_turns(&store);
}

#[cfg(unix)]
#[test]
fn a_folder_or_file_that_may_not_be_written_is_a_typed_error() {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
    use std::os::unix::process::CommandExt as _;
    let outer = TempDir::new().unwrap();
    let mode = |path: &Path, mode: u32| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    mode(outer.path(), 0o755);
    let program = outer.path().join("program");
    fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
    mode(&program, 0o755);
    // Root may write everything: there somebody else has to try.
    let root = fs::metadata(&program).unwrap().uid() == 0;
    let say = |folder: &Path| {
        let mut command = Command::new(&program);
        if root {
            command.uid(65_534).gid(65_534);
        }
        hear(spawn(command, "open", folder))
    };
    let folder = outer.path().join("folder");
    fs::create_dir(&folder).unwrap();
    mode(&folder, 0o555);
    assert!(say(&folder).starts_with("Io"), "{}", say(&folder));
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 0);

    mode(&folder, 0o777);
    Store::open(&folder).unwrap().commit(&[put(&[(b"a", b"1")])]).unwrap();
    mode(&folder.join("peer.lock"), 0o666);
    mode(&folder.join("peer.db"), 0o444);
    assert!(say(&folder).starts_with("Io"), "{}", say(&folder));
    mode(&folder.join("peer.db"), 0o666);
    assert_eq!(say(&folder), "Ok");
    assert_eq!(keys(&Store::open(&folder).unwrap()), [b"a"]);
}
