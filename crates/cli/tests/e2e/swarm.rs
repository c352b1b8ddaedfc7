//! Nodes as processes that a test can kill and start again. None outlives its test.

use crate::{PATIENCE, Process, arg, last_json, raylance, stderr};
use raylance_v1_node::audit::Audit;
use raylance_v1_node::control::Client;
use raylance_v1_node::view::View;
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

    /// A ring with a validator, an artist with 1,000 lux, and workers; every node dials the ring and the artist.
    pub fn start_all(workers: usize) -> Self {
        let mut swarm = Self::new();
        let artist = swarm.account("artist");
        let (data, genesis) = (swarm.data("ring"), swarm.dir().join("ring.json"));
        let gift = format!("{artist}=1000");
        let output = raylance(&["ring", "new", "--data", arg(&data), "--give", &gift, "-o", arg(&genesis)], "");
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        swarm.start("ring");
        swarm.start("artist");
        (1..=workers).for_each(|number| swarm.start(&format!("worker-{number}")));
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
        command.env("RAYLANCE_LOG", "warn,raylance_v1_node=debug");
        command
            .args(["node", "run", "--no-mdns", "--stop-with-stdin", "--device", "cpu", "--data", arg(&data), "--listen", &listen])
            .args(flags);
        let child = command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(log).spawn().unwrap();
        self.processes.insert(name.to_owned(), Process(child));
        self.look(name);
    }

    /// Kills a node without a word, as a power cut would.
    pub fn kill(&mut self, name: &str) {
        drop(self.processes.remove(name).expect("it runs"));
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

    /// Looks at a node.
    pub fn look(&mut self, name: &str) -> View {
        self.wait_for(name, "the node answers", |_| true)
    }

    /// Looks at a node until `is` holds.
    pub fn wait_for(&mut self, name: &str, what: &str, is: impl Fn(&View) -> bool) -> View {
        let (data, deadline) = (self.data(name), Instant::now() + PATIENCE);
        loop {
            let view = self.tokio.block_on(async { Client::connect(&data).await?.view().await });
            match view {
                Ok(view) if is(&view) => return view,
                last if Instant::now() > deadline => panic!("{name}: waited in vain until {what}; last: {last:?}"),
                _ => std::thread::sleep(Duration::from_millis(50)),
            }
        }
    }

    /// Sums of all money as a node has verified them.
    pub fn audit(&mut self, name: &str) -> Audit {
        let data = self.data(name);
        self.tokio.block_on(async { Client::connect(&data).await?.audit().await }).unwrap()
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
