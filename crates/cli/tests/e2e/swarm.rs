//! Nodes as processes that a test can kill and start again. None outlives its test.

use crate::{PATIENCE, Process, arg, last_json, raylance, stderr};
use raylance_control::view::{HomeView, JobView, NetworkView, WalletView};
use raylance_control::{Ask, ControlError, Told, ask};
use std::collections::BTreeMap;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, Instant};

/// Lines of each process's log that a failed test shows.
const LAST_WORDS: usize = 40;

/// Processes with their folders.
pub struct Swarm {
    // Before the folder: what is dropped first writes no more.
    processes: BTreeMap<String, Process>,
    ports: BTreeMap<String, u16>,
    tokio: tokio::runtime::Runtime,
    dir: tempfile::TempDir,
}

impl Swarm {
    /// No process yet.
    pub fn new() -> Self {
        Self {
            processes: BTreeMap::new(),
            ports: BTreeMap::new(),
            tokio: tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap(),
            dir: tempfile::tempdir().unwrap(),
        }
    }

    /// The folder of everything.
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// The data folder of a node.
    pub fn data(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// A ring that lives for minutes, with a validator, an artist with 1,000 lux, and workers with a little for bonds; every node dials the
    /// ring and the artist.
    pub fn start_all(workers: usize) -> Self {
        let mut swarm = Self::new();
        let names: Vec<String> = (1..=workers).map(|number| format!("worker-{number}")).collect();
        let (data, genesis) = (swarm.data("ring"), swarm.dir().join("ring.json"));
        let gifts = [("ring", 10), ("artist", 1_000)].into_iter().chain(names.iter().map(|name| (name.as_str(), 10)));
        let gifts: Vec<String> = gifts.map(|(name, lux)| format!("--give={}={lux}", swarm.account(name))).collect();
        let args: Vec<&str> = ["ring", "new", "--preset", "demo", "--data", arg(&data), "-o", arg(&genesis)]
            .into_iter()
            .chain(gifts.iter().map(String::as_str))
            .collect();
        let output = raylance(&args, "");
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        swarm.start("ring");
        swarm.start("artist");
        names.iter().for_each(|name| swarm.start(name));
        swarm
    }

    /// The account of a node that is not running yet; its key is made.
    fn account(&self, name: &str) -> String {
        // `ring new` makes a key and shows it as the ring's validator.
        let (data, unused) = (self.data(name), self.dir().join("unused.json"));
        let output = raylance(&["ring", "new", "--data", arg(&data), "-o", arg(&unused)], "--json");
        last_json(&output)["validators"][0].as_str().expect("one validator").to_owned()
    }

    /// Starts a node, for the first time or again, and waits until it can be asked.
    pub fn start(&mut self, name: &str) {
        let genesis = self.dir().join("ring.json");
        let mut flags = vec!["--ring".to_owned(), arg(&genesis).to_owned(), "--threads".to_owned(), "1".to_owned()];
        for other in ["ring", "artist"].into_iter().filter(|other| *other != name) {
            flags.extend(["--dial".to_owned(), self.address(other)]);
        }
        if name.starts_with("worker") {
            flags.push("--rent-out".to_owned());
        }
        self.spawn(name, &flags);
    }

    /// Starts a node with a ring of its own.
    pub fn start_solo(&mut self, name: &str) {
        self.spawn(name, &["--solo".to_owned()]);
    }

    fn spawn(&mut self, name: &str, flags: &[String]) {
        let (data, listen) = (self.data(name), self.address(name));
        std::fs::create_dir_all(&data).unwrap();
        let log = std::fs::OpenOptions::new().create(true).append(true).open(data.join("log.txt")).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_raylance"));
        command.env("RAYLANCE_LOG", "warn,raylance_node=debug");
        let state = self.dir.path().join("state").join(name);
        command
            .args([
                "node",
                "run",
                "--no-mdns",
                "--stop-with-stdin",
                "--device",
                "cpu",
                "--data",
                arg(&data),
                "--state",
                arg(&state),
                "--listen",
                &listen,
            ])
            .args(flags);
        let child = command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(log).spawn().unwrap();
        self.processes.insert(name.to_owned(), Process(child));
        self.look(name);
    }

    /// Kills a node without a word, as a power cut would.
    pub fn kill(&mut self, name: &str) {
        drop(self.processes.remove(name).expect("it runs"));
    }

    /// The system's number of a node's process.
    pub fn process_id(&self, name: &str) -> u32 {
        self.processes[name].0.id()
    }

    /// The nodes that run.
    pub fn running(&self) -> Vec<String> {
        self.processes.keys().cloned().collect()
    }

    /// A node's address: its port stays the same, so that others find it again.
    fn address(&mut self, name: &str) -> String {
        let port = self.ports.entry(name.to_owned()).or_insert_with(free_port);
        format!("/ip4/127.0.0.1/tcp/{port}")
    }

    /// Waits until a node answers.
    pub fn look(&mut self, name: &str) -> HomeView {
        self.wait_for(name, "the node answers", Ask::Home, |told| match told {
            Told::Home(home) => Some(home),
            _ => None,
        })
    }

    /// Asks once.
    pub fn ask(&mut self, name: &str, question: Ask) -> Result<Told, ControlError> {
        let data = self.data(name);
        self.tokio.block_on(ask(&data, question))
    }

    /// Asks a node until `find` finds something in its answer.
    pub fn wait_for<T>(&mut self, name: &str, what: &str, question: Ask, find: impl Fn(Told) -> Option<T>) -> T {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let told = self.ask(name, question.clone());
            let last = format!("{told:?}");
            if let Some(found) = told.ok().and_then(&find) {
                return found;
            }
            assert!(Instant::now() < deadline, "{name}: waited in vain until {what}; last: {last}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Waits until an own job of a node is as `is` wants it.
    pub fn job(&mut self, name: &str, job: &str, what: &str, is: impl Fn(&JobView) -> bool) -> JobView {
        self.wait_for(name, what, Ask::Job { job: job.to_owned() }, |told| match told {
            Told::Job(view) if is(&view) => Some(*view),
            _ => None,
        })
    }

    /// Waits until a node's chain and peers are as `is` wants them.
    pub fn network(&mut self, name: &str, what: &str, is: impl Fn(&NetworkView) -> bool) -> NetworkView {
        self.wait_for(name, what, Ask::Network, |told| match told {
            Told::Network(view) if is(&view) => Some(view),
            _ => None,
        })
    }

    /// Waits until a node's wallet is as `is` wants it.
    pub fn wallet(&mut self, name: &str, what: &str, is: impl Fn(&WalletView) -> bool) -> WalletView {
        self.wait_for(name, what, Ask::Wallet, |told| match told {
            Told::Wallet(view) if is(&view) => Some(view),
            _ => None,
        })
    }
}

/// Of a failed test, every process has a last word.
impl Drop for Swarm {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            return;
        }
        for name in self.ports.keys() {
            let log = std::fs::read_to_string(self.data(name).join("log.txt")).unwrap_or_default();
            let lines: Vec<&str> = log.lines().collect();
            eprintln!("--- stderr of {name}:\n{}", lines[lines.len().saturating_sub(LAST_WORDS)..].join("\n"));
        }
    }
}

/// A port below those that the system gives to outgoing connections: while its node is dead, nobody else gets it by chance.
fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let first = std::process::id() as u16;
    let candidates = std::iter::repeat_with(|| 20_000 + first.wrapping_mul(37).wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed)) % 12_000);
    candidates.take(1_000).find(|&port| TcpListener::bind(("127.0.0.1", port)).is_ok()).expect("a thousand ports are not all taken")
}
