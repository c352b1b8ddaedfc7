//! The demo's processes: each a `raylance node run` with a data folder of its own, and all gone when the swarm is dropped.
//!
//! A child stops by itself when its stdin closes, so that not even `kill -9` of the demo leaves one behind.

use super::DemoConfig;
use raylance_v1_node::audit::Audit;
use raylance_v1_node::control::{Ask, Client, ControlError};
use raylance_v1_node::genesis_file::{self, GenesisFault, GenesisFileError};
use raylance_v1_node::runtime::Cheat;
use raylance_v1_protocol::{AccountId, Microlux, RingParameters};
use raylance_v1_store::{DataFolder, FolderError};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// What the artist has in the beginning.
const ARTIST_BALANCE: Microlux = Microlux::from_lux(10_000);
/// How long a process may take to open its control socket, and then to listen: only against hanging for ever, because a GPU is tried
/// first, and some drivers compile for a minute.
const START_PATIENCE: Duration = Duration::from_secs(300);
/// Between two looks at a process that is starting.
const START_STEP: Duration = Duration::from_millis(50);
/// How long a process may take to stop by itself.
const STOP_PATIENCE: Duration = Duration::from_secs(5);
/// Lines of a process's log that are shown when the demo fails.
const LAST_WORDS: usize = 5;
/// Name of a process's log within its data folder.
const LOG_FILE: &str = "log.txt";

/// Which process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The ring's validator.
    Ring,
    /// Who pays.
    Artist,
    /// Who earns; from 0.
    Worker(usize),
}

/// Why the processes do not run.
#[derive(Debug, thiserror::Error)]
pub enum SwarmError {
    /// Files or processes.
    #[error("cannot set up the demo's processes")]
    Io(#[from] std::io::Error),
    /// A data folder.
    #[error("cannot set up a data folder")]
    Folder(#[from] FolderError),
    /// The ring.
    #[error("cannot make the ring")]
    Genesis(#[from] GenesisFault),
    /// The ring's file.
    #[error("cannot write the ring's genesis")]
    GenesisFile(#[from] GenesisFileError),
    /// A process does not answer.
    #[error("{role:?} does not answer")]
    Control {
        /// Which.
        role: Role,
        /// Why.
        source: ControlError,
    },
    /// A process has ended.
    #[error("{role:?} has ended: {status}")]
    Ended {
        /// Which.
        role: Role,
        /// How.
        status: std::process::ExitStatus,
    },
    /// A process ended at its start.
    #[error("{role:?} did not start ({status}): {words}")]
    NotStarted {
        /// Which.
        role: Role,
        /// How it ended.
        status: std::process::ExitStatus,
        /// What it wrote to its log.
        words: String,
    },
    /// The processes do not find each other.
    #[error("the processes did not find each other in {} s", .0.as_secs())]
    Alone(Duration),
    /// A process has no address.
    #[error("{role:?} listens on no address")]
    NoAddress {
        /// Which.
        role: Role,
    },
}

struct Member {
    role: Role,
    account: AccountId,
    data: PathBuf,
    process: Process,
    client: Client,
}

/// A child that never outlives its owner.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself, which is what is wanted.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The running processes. Dropping it kills them and removes their folders.
pub struct Swarm {
    program: PathBuf,
    members: Vec<Member>,
    _dir: tempfile::TempDir,
}

impl Swarm {
    /// Makes folders, keys and the ring, and starts all processes.
    ///
    /// # Errors
    /// [`SwarmError`]; nothing runs then.
    pub async fn start(config: &DemoConfig) -> Result<Self, SwarmError> {
        let dir = tempfile::Builder::new().prefix("raylance-demo-").tempdir()?;
        let genesis = dir.path().join("ring.json");
        let folder = |name: &str| dir.path().join(name);
        let (ring, artist) = (account(&folder("ring"))?, account(&folder("artist"))?);
        let time_ms = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_millis() as u64);
        let made = genesis_file::make("Demo".into(), time_ms, RingParameters::default(), vec![ring], vec![(artist, ARTIST_BALANCE)])?;
        genesis_file::write(&made, &genesis)?;

        let mut swarm = Self { program: config.program.clone(), members: Vec::new(), _dir: dir };
        let cpu = ["--device", "cpu", "--threads", "1"].map(str::to_owned);
        swarm.add(Role::Ring, folder_of(&genesis, "ring"), &genesis, &[], cpu.to_vec()).await?;
        let ring = swarm.address(Role::Ring).await?;
        swarm.add(Role::Artist, folder_of(&genesis, "artist"), &genesis, std::slice::from_ref(&ring), cpu.to_vec()).await?;
        let dial = [ring, swarm.address(Role::Artist).await?];
        for number in 0..config.workers {
            let mut flags: Vec<String> =
                ["--rent-out", "--device", &config.device, "--threads", &config.threads.to_string()].map(str::to_owned).to_vec();
            if let (Some(cheat), true) = (config.cheat, number + 1 == config.workers) {
                flags.extend(["--cheat".to_owned(), cheat_name(cheat).to_owned()]);
            }
            let data = folder_of(&genesis, &format!("worker-{}", number + 1));
            swarm.add(Role::Worker(number), data, &genesis, &dial, flags).await?;
        }
        Ok(swarm)
    }

    async fn add(&mut self, role: Role, data: PathBuf, genesis: &Path, dial: &[String], flags: Vec<String>) -> Result<(), SwarmError> {
        let account = account(&data)?;
        let log = std::fs::File::create(data.join(LOG_FILE))?;
        let mut command = Command::new(&self.program);
        command.args(["node", "run", "--no-mdns", "--stop-with-stdin", "--listen", "/ip4/127.0.0.1/tcp/0"]);
        command.arg("--data").arg(&data).arg("--ring").arg(genesis).args(flags);
        for address in dial {
            command.args(["--dial", address]);
        }
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(log);
        // A group of its own: Ctrl-C reaches the demo, which stops its processes in order.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let mut process = Process(command.spawn()?);
        let deadline = Instant::now() + START_PATIENCE;
        let client = loop {
            // A process that ended will never answer: its own words say why.
            if let Some(status) = process.0.try_wait()? {
                let words = std::fs::read_to_string(data.join(LOG_FILE)).unwrap_or_default();
                return Err(SwarmError::NotStarted { role, status, words: words.trim().to_owned() });
            }
            match Client::connect(&data).await {
                Err(ControlError::NotRunning { .. }) if Instant::now() < deadline => tokio::time::sleep(START_STEP).await,
                answer => break answer.map_err(|source| SwarmError::Control { role, source })?,
            }
        };
        self.members.push(Member { role, account, data, process, client });
        Ok(())
    }

    fn member(&mut self, role: Role) -> &mut Member {
        self.members.iter_mut().find(|member| member.role == role).expect("every role of a started swarm has its process")
    }

    /// The control connection of a process.
    pub fn client(&mut self, role: Role) -> &mut Client {
        &mut self.member(role).client
    }

    /// Role and account of each process.
    pub fn accounts(&self) -> impl Iterator<Item = (Role, AccountId)> {
        self.members.iter().map(|member| (member.role, member.account))
    }

    /// Sums of all money as this process has verified them.
    ///
    /// # Errors
    /// [`SwarmError::Control`].
    pub async fn audit(&mut self, role: Role) -> Result<Audit, SwarmError> {
        self.client(role).audit().await.map_err(|source| SwarmError::Control { role, source })
    }

    async fn address(&mut self, role: Role) -> Result<String, SwarmError> {
        let deadline = Instant::now() + START_PATIENCE;
        loop {
            let view = self.client(role).view().await.map_err(|source| SwarmError::Control { role, source })?;
            match view.me.addresses.into_iter().next() {
                Some(address) => return Ok(address),
                None if Instant::now() > deadline => return Err(SwarmError::NoAddress { role }),
                None => tokio::time::sleep(START_STEP).await,
            }
        }
    }

    /// Waits until the artist is connected to everyone else.
    ///
    /// # Errors
    /// [`SwarmError::Alone`] after `patience`.
    pub async fn wait_until_connected(&mut self, patience: Duration) -> Result<(), SwarmError> {
        let deadline = Instant::now() + patience;
        let others = self.members.len() - 1;
        while Instant::now() < deadline {
            self.check_alive()?;
            let role = Role::Artist;
            let view = self.client(role).view().await.map_err(|source| SwarmError::Control { role, source })?;
            if view.peers.len() >= others {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Err(SwarmError::Alone(patience))
    }

    /// Has any process ended?
    ///
    /// # Errors
    /// [`SwarmError::Ended`].
    pub fn check_alive(&mut self) -> Result<(), SwarmError> {
        for Member { role, process, .. } in &mut self.members {
            if let Some(status) = process.0.try_wait()? {
                return Err(SwarmError::Ended { role: *role, status });
            }
        }
        Ok(())
    }

    /// The last lines of every process's log.
    pub fn last_words(&self) -> Vec<String> {
        let words = |member: &Member| {
            let text = std::fs::read_to_string(member.data.join(LOG_FILE)).unwrap_or_default();
            let lines: Vec<String> = text.lines().rev().take(LAST_WORDS).map(|line| format!("{:?}: {line}", member.role)).collect();
            lines.into_iter().rev().collect::<Vec<_>>()
        };
        self.members.iter().flat_map(words).collect()
    }

    /// Asks all processes to stop, waits a little, and kills what is left.
    pub async fn stop(mut self) {
        for member in &mut self.members {
            if let Err(error) = member.client.ask(Ask::Stop).await {
                tracing::debug!(%error, "a process did not hear that it shall stop");
            }
        }
        let deadline = Instant::now() + STOP_PATIENCE;
        while Instant::now() < deadline && self.members.iter_mut().any(|member| matches!(member.process.0.try_wait(), Ok(None))) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

fn folder_of(genesis: &Path, name: &str) -> PathBuf {
    genesis.with_file_name(name)
}

/// The account of a data folder, whose key is made where it is missing. The folder is free again for its process.
fn account(data: &Path) -> Result<AccountId, SwarmError> {
    Ok(DataFolder::open(data)?.keypair()?.account())
}

fn cheat_name(cheat: Cheat) -> &'static str {
    match cheat {
        Cheat::DropSamples => "drop-samples",
    }
}
