//! Nodes as processes that a test can kill and start again. None outlives its test.

use crate::{arg, last_json, raylance, stderr};
use raylance_node::audit::Audit;
use raylance_node::control::Client;
use raylance_node::view::View;
use std::collections::BTreeMap;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Only against hanging for ever: no test asserts a time.
const PATIENCE: Duration = Duration::from_secs(240);

struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        self.0.kill().expect("an own child can be killed");
        self.0.wait().expect("an own child can be waited for");
    }
}

/// Processes with their folders.
pub struct Swarm {
    dir: tempfile::TempDir,
    tokio: tokio::runtime::Runtime,
    processes: BTreeMap<String, Process>,
    ports: BTreeMap<String, u16>,
}

impl Swarm {
    /// No process yet.
    pub fn new() -> Self {
        Self {
            dir: tempfile::tempdir().unwrap(),
            tokio: tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap(),
            processes: BTreeMap::new(),
            ports: BTreeMap::new(),
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
        let output = raylance(&["ring", "new", "--data", arg(&data), "--give", &gift, "-o", arg(&genesis)]);
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
        let output = raylance(&["ring", "new", "--data", arg(&data), "-o", arg(&unused), "--json"]);
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
        command
            .args(["node", "run", "--no-mdns", "--stop-with-stdin", "--device", "cpu", "--data", arg(&data), "--listen", &listen])
            .args(flags);
        let child = command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(log).spawn().unwrap();
        self.processes.insert(name.to_owned(), Process(child));
        self.wait_for(name, "the node answers", |_| true);
    }

    /// Kills a node without a word, as a power cut would.
    pub fn kill(&mut self, name: &str) {
        drop(self.processes.remove(name).expect("it runs"));
    }

    /// A node's address: its port stays the same, so that others find it again.
    fn address(&mut self, name: &str) -> String {
        let free = || TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let port = self.ports.entry(name.to_owned()).or_insert_with(free);
        format!("/ip4/127.0.0.1/tcp/{port}")
    }

    /// Looks at a node until `is` holds.
    pub fn wait_for(&mut self, name: &str, what: &str, is: impl Fn(&View) -> bool) -> View {
        let (data, deadline) = (self.data(name), Instant::now() + PATIENCE);
        loop {
            let view = self.tokio.block_on(async { Client::connect(&data).await?.view().await });
            match view {
                Ok(view) if is(&view) => return view,
                last if Instant::now() > deadline => {
                    let log = std::fs::read_to_string(data.join("log.txt")).unwrap_or_default();
                    panic!("{name}: waited in vain until {what}; last: {last:?}\n{log}")
                }
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
