//! What a person asks of a running node, and what is told: commands in, views out. For the window in the same process, and for the command line
//! over a loopback socket with a token.
//!
//! ```text
//! window ────────────┐
//! raylance ─ socket ─┴─► submit, command ─► Node      Node ─► view ─► home, jobs, wallet, network
//! ```
//!
//! `DATA/control.json` (mode 0600) holds port and token: whoever can read the data folder may command its node. A connection carries one
//! question and its answer, a JSON line each, both with a length limit: nobody holds a seat by waiting.

pub mod notices;
pub mod submit;
pub mod view;

use notices::NoticeView;
use raylance_agent::Command;
use raylance_files::folder::{Readers, remove, write_whole};
use raylance_node::Node;
use raylance_protocol::{AccountId, Digest, Microlux, SpecHash};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use submit::{Refused, SubmitRequest, Submitted};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use view::{AuditView, EarnRequest, HealthView, HomeView, JobLine, JobView, MovementView, NetworkView, StorageView, WalletView, WorkView};

/// Name of the file within the data folder.
const CONTROL_FILE: &str = "control.json";
/// Longest question: a command with a few paths.
const REQUEST_BYTES_MAX: u64 = 64 << 10;
/// Longest answer: a page of jobs, or a job with a thousand workers.
const REPLY_BYTES_MAX: u64 = 4 << 20;
/// Most connections at once: each lasts as long as one answer.
const CONNECTIONS_MAX: usize = 64;
/// A question arrives at once, or it never does.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(5);
/// Importing a large scene takes a while; everything else is answered between two turns.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(600);
/// Pause after a connection could not be taken.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

#[derive(Serialize, Deserialize)]
struct ControlFile {
    port: u16,
    token: String,
}

/// What can be asked.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "snake_case")]
pub enum Ask {
    /// This peer at a glance.
    Home,
    /// Own jobs, newest first, from `skip` on.
    Jobs {
        /// Lines to leave out.
        skip: usize,
    },
    /// One own job.
    Job {
        /// Its name in hexadecimal, or the beginning of it that no other job has.
        job: String,
    },
    /// Money.
    Wallet,
    /// What moved it, newest first.
    Movements,
    /// The chain and the peers.
    Network,
    /// Parts in others' jobs.
    Work,
    /// Lines that a person should read.
    Notices,
    /// What lies on the disk.
    Storage,
    /// How the node's loop keeps up.
    Health,
    /// Sums of all money on this peer's verified chain.
    Audit,
    /// Render a scene.
    Submit {
        /// Which, and how.
        request: Box<SubmitRequest>,
    },
    /// Enough of a job: what is there is paid and written.
    StopJob {
        /// As in [`Ask::Job`].
        job: String,
    },
    /// Another folder for a job's picture.
    SetFolder {
        /// As in [`Ask::Job`].
        job: String,
        /// The folder.
        folder: PathBuf,
    },
    /// Work for others on these terms, or no more.
    Earn {
        /// The terms.
        terms: Option<EarnRequest>,
    },
    /// Send money.
    Send {
        /// The account in hexadecimal.
        to: String,
        /// Microlux in decimal.
        amount: String,
    },
    /// The device stands still, or goes on.
    Pause {
        /// Still?
        paused: bool,
    },
    /// The device stands still for a while.
    Snooze {
        /// How long.
        minutes: u32,
    },
    /// Forget what nobody needs any more.
    Free {
        /// What.
        what: Freed,
    },
    /// Stop the node.
    Stop,
}

/// What can be forgotten.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Freed {
    /// The list of own jobs that have ended. Their pictures and receipts stay where they are.
    Jobs,
    /// That strangers' scenes were too much for this machine: they are tried again.
    Condemned,
}

#[derive(Serialize, Deserialize)]
struct Request {
    token: String,
    #[serde(flatten)]
    ask: Ask,
}

/// What is told.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "told", content = "value", rename_all = "snake_case")]
#[allow(missing_docs, reason = "each answers the question of its name")]
pub enum Told {
    Home(HomeView),
    Jobs(Vec<JobLine>),
    Job(Box<JobView>),
    Wallet(WalletView),
    Movements(Vec<MovementView>),
    Network(NetworkView),
    Work(Vec<WorkView>),
    Notices(Vec<NoticeView>),
    Storage(StorageView),
    Health(HealthView),
    Audit(AuditView),
    Submitted(Submitted),
    Done,
    Refused(Refused),
}

/// Why the node of a data folder can't be asked.
#[derive(Debug, thiserror::Error)]
pub enum ControlError {
    /// No node runs there.
    #[error("no node is running on {data}; start one with `raylance node run --data {data}`", data = .0.display())]
    NotRunning(PathBuf),
    /// The control file is another user's.
    #[error("{0} can't be read: the node belongs to another user")]
    NotYours(PathBuf),
    /// The connection broke.
    #[error("the connection to the node broke; whether it did what was asked is not known")]
    Io(#[from] std::io::Error),
    /// The node took too long.
    #[error("the node did not answer in {} s", ANSWER_TIMEOUT.as_secs())]
    Timeout,
    /// The node said something else.
    #[error("the node's answer is not understood: it may be of another version")]
    Malformed,
    /// The node refused.
    #[error("{0}")]
    Refused(Refused),
}

/// Opens the door for the node of `data` and serves it until the process ends or the task is aborted.
///
/// # Errors
/// What the system says about the socket or the file.
pub async fn serve(data: &Path, node: Node) -> std::io::Result<tokio::task::JoinHandle<()>> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let mut token = [0; 32];
    getrandom::fill(&mut token).map_err(std::io::Error::other)?;
    let token = Digest(token).to_hex();
    let file = ControlFile { port: listener.local_addr()?.port(), token: token.clone() };
    let text = serde_json::to_vec(&file).expect("a number and a string");
    write_whole(&data.join(CONTROL_FILE), &text, Readers::Owner)?;
    let seats = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    Ok(tokio::spawn(async move {
        while let Ok(seat) = Arc::clone(&seats).acquire_owned().await {
            let Ok((stream, _)) = listener.accept().await else {
                // Out of file handles, most likely: trying again at once would only burn the CPU.
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            };
            let (node, token) = (node.clone(), token.clone());
            tokio::spawn(async move {
                if let Err(error) = converse(stream, &node, &token).await {
                    tracing::debug!(%error, "a control connection ended early");
                }
                drop(seat);
            });
        }
    }))
}

/// Removes the file that points to the door.
pub fn forget(data: &Path) {
    if let Err(error) = remove(&data.join(CONTROL_FILE)) {
        tracing::debug!(%error, "the control file was not removed");
    }
}

async fn converse(stream: TcpStream, node: &Node, token: &str) -> std::io::Result<()> {
    let (read, mut write) = stream.into_split();
    let mut read = BufReader::new(read);
    let Some(line) = tokio::time::timeout(REQUEST_TIMEOUT, read_line(&mut read, REQUEST_BYTES_MAX)).await?? else { return Ok(()) };
    let told = match serde_json::from_slice::<Request>(&line) {
        Ok(request) if same(&request.token, token) => answer(node, request.ask).await,
        Ok(_) => refused("wrong token"),
        Err(error) => refused(format!("malformed request: {error}")),
    };
    let mut reply = serde_json::to_vec(&told)?;
    reply.push(b'\n');
    write.write_all(&reply).await?;
    write.shutdown().await
}

fn refused(message: impl Into<String>) -> Told {
    Told::Refused(Refused { message: message.into(), details: Vec::new() })
}

async fn answer(node: &Node, ask: Ask) -> Told {
    match seen(node, ask).await {
        Ok(Some(told)) => told,
        Ok(None) => refused("the node is stopping"),
        Err(error) => Told::Refused(error),
    }
}

/// `None` where the node has stopped.
async fn seen(node: &Node, ask: Ask) -> Result<Option<Told>, Refused> {
    Ok(match ask {
        Ask::Home => view::home(node).await.map(Told::Home),
        Ask::Jobs { skip } => view::jobs(node, skip).await.map(Told::Jobs),
        Ask::Job { job } => view::job(node, find(node, &job).await?).await.map(|job| Told::Job(Box::new(job))),
        Ask::Wallet => view::wallet(node).await.map(Told::Wallet),
        Ask::Movements => view::movements(node).await.map(Told::Movements),
        Ask::Network => view::network(node).await.map(Told::Network),
        Ask::Work => view::work(node).await.map(Told::Work),
        Ask::Notices => Some(Told::Notices(notices::notices(node))),
        Ask::Storage => view::storage(node).await.map(Told::Storage),
        Ask::Health => Some(Told::Health(view::health(node))),
        Ask::Audit => view::audit(node).await.map(Told::Audit),
        Ask::Submit { request } => Some(Told::Submitted(submit::submit(node, *request).await?)),
        Ask::StopJob { job } => command(node, Command::Stop(find(node, &job).await?)).await?,
        Ask::SetFolder { job, folder } => {
            submit::set_folder(node, find(node, &job).await?, folder).await?;
            Some(Told::Done)
        }
        Ask::Earn { terms } => match earn(node, terms).await {
            Ok(()) => Some(Told::Done),
            Err(None) => None,
            Err(Some(error)) => return Err(error),
        },
        Ask::Send { to, amount } => {
            let wrong = |text: &str, what: &str| Refused { message: format!("`{text}` is no {what}"), details: Vec::new() };
            let to = AccountId::from_hex(&to).ok_or_else(|| wrong(&to, "account of 64 hexadecimal characters"))?;
            let amount = amount.parse().map(Microlux).map_err(|_| wrong(&amount, "whole number of microlux"))?;
            command(node, Command::Transfer { to, amount }).await?
        }
        Ask::Pause { paused } => {
            node.card().pause(paused);
            let folder = node.files().folder.clone();
            let kept = tokio::task::spawn_blocking(move || folder.set_paused(paused)).await;
            if let Ok(Err(error)) = kept {
                let now = if paused { "the device stands still" } else { "the device goes on" };
                let details = vec![error.to_string()];
                return Err(Refused { message: format!("{now}, but the next start won't know of it: look at the data folder"), details });
            }
            Some(Told::Done)
        }
        Ask::Snooze { minutes } => {
            node.card().snooze(Duration::from_secs(u64::from(minutes) * 60));
            Some(Told::Done)
        }
        Ask::Free { what } => free(node, what).await?,
        Ask::Stop => {
            node.request_stop();
            Some(Told::Done)
        }
    })
}

async fn command(node: &Node, command: Command) -> Result<Option<Told>, Refused> {
    match node.command(command).await {
        Ok(()) => Ok(Some(Told::Done)),
        Err(None) => Ok(None),
        Err(Some(error)) => Err(Refused { message: error.to_string(), details: Vec::new() }),
    }
}

async fn free(node: &Node, what: Freed) -> Result<Option<Told>, Refused> {
    let files = node.files().clone();
    match what {
        Freed::Jobs => {
            let told = command(node, Command::ForgetEnded).await?;
            let Some(running) = node.look(|agent| agent.jobs().collect()).await else { return Ok(None) };
            let forgotten = tokio::task::spawn_blocking(move || files.jobs.retain(&running)).await;
            Ok(forgotten.ok().and(told))
        }
        Freed::Condemned => {
            let pardoned = tokio::task::spawn_blocking(move || files.scenes.pardon()).await;
            match pardoned {
                Ok(Err(error)) => Err(Refused { message: format!("the list can't be removed: {error}"), details: Vec::new() }),
                Ok(Ok(())) => Ok(Some(Told::Done)),
                Err(_) => Ok(None),
            }
        }
    }
}

/// Works for others on these terms, or no more. The device is measured first: leases last as long as its speed lets expect.
///
/// # Errors
/// `None` where the node has stopped; otherwise why not.
pub async fn earn(node: &Node, terms: Option<EarnRequest>) -> Result<(), Option<Refused>> {
    let refused = |message: String| Some(Refused { message, details: Vec::new() });
    let earning = match terms {
        Some(terms) => {
            let measured = node.measure().await.ok_or(None)?;
            let speed = measured.map_err(|error| refused(format!("this device can't work for others: {error}")))?;
            Some(terms.earning(speed).map_err(Some)?)
        }
        None => None,
    };
    let given = node.command(Command::Earn(earning)).await;
    given.map_err(|error| error.and_then(|error| refused(error.to_string())))
}

/// The one own job whose name begins so.
async fn find(node: &Node, start: &str) -> Result<SpecHash, Refused> {
    let refused = |message: String| Refused { message, details: Vec::new() };
    if start.is_empty() {
        return Err(refused("give the job, or the first characters of its name".to_owned()));
    }
    let wanted = start.to_lowercase();
    let found = node.look(move |agent| {
        let all = agent.jobs().chain(agent.ended_jobs().map(|(spec, _)| spec));
        all.filter(|spec| spec.0.to_hex().starts_with(&wanted)).take(2).collect::<Vec<_>>()
    });
    match found.await.unwrap_or_default()[..] {
        [spec] => Ok(spec),
        [] => Err(refused(format!("no job begins with `{start}`; see `raylance job list`"))),
        _ => Err(refused(format!("several jobs begin with `{start}`; give more characters"))),
    }
}

/// Compares hashes rather than texts, so that the time it takes tells nothing about the token.
fn same(one: &str, other: &str) -> bool {
    blake3::hash(one.as_bytes()) == blake3::hash(other.as_bytes())
}

/// One line without its end; `None` at the end of the stream. A line above `max` bytes is an error.
async fn read_line(read: &mut (impl tokio::io::AsyncBufRead + Unpin), max: u64) -> std::io::Result<Option<Vec<u8>>> {
    let mut line = Vec::new();
    let len = read.take(max).read_until(b'\n', &mut line).await?;
    if len == 0 {
        return Ok(None);
    }
    if line.pop() != Some(b'\n') {
        return Err(std::io::Error::new(std::io::ErrorKind::InvalidData, "a line is too long or cut off"));
    }
    Ok(Some(line))
}

/// Asks the node of `data` once.
///
/// # Errors
/// [`ControlError`].
pub async fn ask(data: &Path, ask: Ask) -> Result<Told, ControlError> {
    let path = data.join(CONTROL_FILE);
    let absent = || ControlError::NotRunning(data.to_owned());
    let text = tokio::fs::read(&path).await.map_err(|error| match error.kind() {
        std::io::ErrorKind::PermissionDenied => ControlError::NotYours(path),
        _ => absent(),
    })?;
    let file: ControlFile = serde_json::from_slice(&text).map_err(|_| absent())?;
    let stream = TcpStream::connect(("127.0.0.1", file.port)).await.map_err(|_| absent())?;
    let (read, mut write) = stream.into_split();
    let mut line = serde_json::to_vec(&Request { token: file.token, ask }).map_err(|_| ControlError::Malformed)?;
    line.push(b'\n');
    write.write_all(&line).await?;
    let mut read = BufReader::new(read);
    let line = tokio::time::timeout(ANSWER_TIMEOUT, read_line(&mut read, REPLY_BYTES_MAX)).await;
    let line = line.map_err(|_| ControlError::Timeout)??.ok_or(std::io::Error::from(std::io::ErrorKind::UnexpectedEof))?;
    match serde_json::from_slice(&line).map_err(|_| ControlError::Malformed)? {
        Told::Refused(error) => Err(ControlError::Refused(error)),
        told => Ok(told),
    }
}
