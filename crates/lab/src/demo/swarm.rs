//! The demo's processes: each a `raylance node run` with a data folder of its own, and all gone when the swarm is dropped.
//!
//! A child stops by itself when its stdin closes, so that not even `kill -9` of the demo leaves one behind.

use super::DemoConfig;
use raylance_control::view::{AuditView, JobView};
use raylance_control::{self as control, Ask, ControlError, Told};
use raylance_files::folder::{Folder, FolderError};
use raylance_files::ring::{self, Preset, RingFileError};
use raylance_node::cheat::Cheat;
use raylance_node::unix_ms;
use raylance_protocol::{AccountId, Genesis, Microlux};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// What the artist has in the beginning.
const ARTIST_BALANCE: Microlux = Microlux::from_lux(10_000);
/// What everybody else has: enough for the bonds and fees of claims.
const SMALL_BALANCE: Microlux = Microlux::from_lux(10);
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
    /// The ring's file.
    #[error("cannot write the ring's genesis")]
    Ring(#[from] RingFileError),
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

/// A process that is to be started.
struct Plan {
    role: Role,
    folder: Folder,
    account: AccountId,
}

/// The running processes. Dropping it kills them and removes their folders.
pub struct Swarm {
    program: PathBuf,
    members: Vec<Member>,
    dir: tempfile::TempDir,
}

impl Swarm {
    /// Makes folders, keys and the ring, and starts all processes.
    ///
    /// # Errors
    /// [`SwarmError`]; nothing runs then.
    pub async fn start(config: &DemoConfig) -> Result<Self, SwarmError> {
        let dir = tempfile::Builder::new().prefix("raylance-demo-").tempdir()?;
        let roles = [Role::Ring, Role::Artist].into_iter().chain((0..config.workers).map(Role::Worker));
        let plans = roles.map(|role| plan(dir.path(), role)).collect::<Result<Vec<_>, _>>()?;
        let genesis = dir.path().join("ring.json");
        ring::write(&genesis, &make_ring(&plans), Preset::Demo)?;

        let mut swarm = Self { program: config.program.clone(), members: Vec::new(), dir };
        let mut dial = Vec::new();
        for plan in plans {
            let role = plan.role;
            let mut flags = match role {
                Role::Ring | Role::Artist => ["--device", "cpu", "--threads", "1"].map(str::to_owned).to_vec(),
                Role::Worker(_) => {
                    ["--rent-out", "--device", &config.device, "--threads", &config.threads.to_string()].map(str::to_owned).to_vec()
                }
            };
            if let Some(cheat) = config.cheat.filter(|cheat| config.cheater(*cheat) == role) {
                flags.extend(["--cheat", cheat_name(cheat)].map(str::to_owned));
            }
            swarm.add(plan, &genesis, &dial, flags).await?;
            if !matches!(role, Role::Worker(_)) {
                dial.push(swarm.address(role).await?);
            }
        }
        Ok(swarm)
    }

    async fn add(&mut self, plan: Plan, genesis: &Path, dial: &[String], flags: Vec<String>) -> Result<(), SwarmError> {
        let Plan { role, folder, account } = plan;
        let data = folder.path().to_owned();
        let log = std::fs::File::create(data.join(LOG_FILE))?;
        let mut command = Command::new(&self.program);
        command.args(["node", "run", "--no-mdns", "--stop-with-stdin", "--listen", "/ip4/127.0.0.1/tcp/0"]);
        command.arg("--data").arg(&data).arg("--state").arg(state_of(&data)).arg("--ring").arg(genesis).args(flags);
        for address in dial {
            command.args(["--dial", address]);
        }
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(log);
        // A group of its own: Ctrl-C reaches the demo, which stops its processes in order.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let mut process = Process(command.spawn()?);
        let deadline = Instant::now() + START_PATIENCE;
        loop {
            // A process that ended will never answer: its own words say why.
            if let Some(status) = process.0.try_wait()? {
                let words = std::fs::read_to_string(data.join(LOG_FILE)).unwrap_or_default();
                return Err(SwarmError::NotStarted { role, status, words: words.trim().to_owned() });
            }
            match control::ask(&data, Ask::Home).await {
                Err(ControlError::NotRunning(_)) if Instant::now() < deadline => tokio::time::sleep(START_STEP).await,
                Ok(_) => break,
                Err(source) => return Err(SwarmError::Control { role, source }),
            }
        }
        self.members.push(Member { role, account, data, process });
        Ok(())
    }

    fn find(&self, role: Role) -> &Member {
        self.members.iter().find(|member| member.role == role).expect("every role of a started swarm has its process")
    }

    /// The folder that goes with the swarm.
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// Role and account of each process.
    pub fn accounts(&self) -> impl Iterator<Item = (Role, AccountId)> {
        self.members.iter().map(|member| (member.role, member.account))
    }

    /// The account of a process.
    pub fn account(&self, role: Role) -> AccountId {
        self.find(role).account
    }

    /// Asks a process.
    ///
    /// # Errors
    /// What it or the system says.
    pub async fn ask(&self, role: Role, question: Ask) -> Result<Told, ControlError> {
        control::ask(&self.find(role).data, question).await
    }

    /// Sums of all money as this process has verified them.
    ///
    /// # Errors
    /// [`SwarmError::Control`].
    pub async fn audit(&self, role: Role) -> Result<AuditView, SwarmError> {
        match self.ask(role, Ask::Audit).await {
            Ok(Told::Audit(audit)) => Ok(audit),
            other => Err(unexpected(role, other)),
        }
    }

    /// What the artist says of the job.
    ///
    /// # Errors
    /// [`SwarmError::Control`].
    pub async fn job(&self, job: &str) -> Result<JobView, SwarmError> {
        match self.ask(Role::Artist, Ask::Job { job: job.to_owned() }).await {
            Ok(Told::Job(view)) => Ok(*view),
            other => Err(unexpected(Role::Artist, other)),
        }
    }

    /// The artist's device stands still, or goes on.
    ///
    /// # Errors
    /// [`SwarmError::Control`].
    pub async fn pause_artist(&self, paused: bool) -> Result<(), SwarmError> {
        match self.ask(Role::Artist, Ask::Pause { paused }).await {
            Ok(Told::Done) => Ok(()),
            other => Err(unexpected(Role::Artist, other)),
        }
    }

    async fn address(&self, role: Role) -> Result<String, SwarmError> {
        let deadline = Instant::now() + START_PATIENCE;
        loop {
            let addresses = match self.ask(role, Ask::Network).await {
                Ok(Told::Network(view)) => view.addresses,
                other => return Err(unexpected(role, other)),
            };
            match addresses.into_iter().next() {
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
            match self.ask(Role::Artist, Ask::Network).await {
                Ok(Told::Network(view)) if view.peers.len() >= others => return Ok(()),
                Ok(Told::Network(_)) => tokio::time::sleep(START_STEP).await,
                other => return Err(unexpected(Role::Artist, other)),
            }
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
        for member in &self.members {
            if let Err(error) = control::ask(&member.data, Ask::Stop).await {
                tracing::debug!(%error, "a process did not hear that it shall stop");
            }
        }
        let deadline = Instant::now() + STOP_PATIENCE;
        while Instant::now() < deadline && self.members.iter_mut().any(|member| matches!(member.process.0.try_wait(), Ok(None))) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

/// Another answer than the one that was asked for: of another version, or none.
fn unexpected(role: Role, told: Result<Told, ControlError>) -> SwarmError {
    SwarmError::Control { role, source: told.err().unwrap_or(ControlError::Malformed) }
}

/// Where a process keeps what it has signed as a validator: beside its data.
fn state_of(data: &Path) -> PathBuf {
    data.with_extension("state")
}

/// A data folder with a new key.
fn plan(dir: &Path, role: Role) -> Result<Plan, SwarmError> {
    let data = dir.join(match role {
        Role::Ring => "ring".to_owned(),
        Role::Artist => "artist".to_owned(),
        Role::Worker(number) => format!("worker-{}", number + 1),
    });
    let folder = Folder::new(data.clone(), state_of(&data));
    let account = folder.open()?.keys.account();
    Ok(Plan { role, folder, account })
}

fn make_ring(plans: &[Plan]) -> Genesis {
    let balance = |plan: &Plan| if plan.role == Role::Artist { ARTIST_BALANCE } else { SMALL_BALANCE };
    let mut balances: Vec<_> = plans.iter().map(|plan| (plan.account, balance(plan))).collect();
    balances.sort();
    let validator = plans.iter().find(|plan| plan.role == Role::Ring).expect("the ring's own peer is planned first").account;
    let solo = ring::solo(validator, raylance_node::renderer(), unix_ms());
    Genesis { name: "Demo".to_owned(), parameters: Preset::Demo.parameters(), balances, ..solo }
}

/// As `raylance node run --cheat` calls it.
pub fn cheat_name(cheat: Cheat) -> &'static str {
    match cheat {
        Cheat::DropSamples => "drop-samples",
        Cheat::Garbage => "garbage",
        Cheat::WithholdKey => "withhold-key",
        Cheat::LyingChecker => "lying-checker",
        Cheat::KeepsSilent => "artist-keeps-silent",
        Cheat::NeverPays => "artist-never-pays",
        Cheat::FrivolousChallenge => "frivolous-challenge",
        Cheat::SceneWithheld => "scene-withheld",
    }
}
