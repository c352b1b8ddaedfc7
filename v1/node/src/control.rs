//! The door of a running node for commands of the same person on the same machine: a loopback socket and a token.
//!
//! `DATA/control.json` (mode 0600) holds port and token: whoever can read the data folder may command its node.
//! One JSON line per request and per reply, in turn, both with a length limit.

use crate::audit::Audit;
use crate::runtime::NodeHandle;
use crate::view::{Answer, Command, CommandError, View};
use raylance_v1_protocol::Digest;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

/// Name of the file within the data folder.
const CONTROL_FILE: &str = "control.json";
/// Longest request: a command with a few paths.
const REQUEST_BYTES_MAX: u64 = 64 << 10;
/// Longest reply: a view with 65,536 unit rows of about 120 bytes, several jobs at once.
const REPLY_BYTES_MAX: u64 = 64 << 20;
/// Most connections at once: a person has a few terminals.
const CONNECTIONS_MAX: usize = 16;
/// A request that takes longer to arrive or to be answered is given up. Importing a large scene takes a while.
const TURN_TIMEOUT: Duration = Duration::from_secs(300);
/// Pause after a connection could not be taken.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

#[derive(Serialize, Deserialize)]
struct ControlFile {
    port: u16,
    token: String,
}

/// What can be asked.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "snake_case")]
pub enum Ask {
    /// The whole view.
    View,
    /// A person's command.
    Command {
        /// Which.
        command: Command,
    },
    /// Sums of all money on this peer's verified chain.
    Audit,
    /// Stop the node.
    Stop,
}

#[derive(Serialize, Deserialize)]
struct Request {
    token: String,
    #[serde(flatten)]
    ask: Ask,
}

/// What is told.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "told", content = "value", rename_all = "snake_case")]
pub enum Told {
    /// Answer to [`Ask::View`].
    View(Box<View>),
    /// Answer to [`Ask::Command`].
    Answer(Answer),
    /// Answer to [`Ask::Audit`].
    Audit(Audit),
    /// Answer to [`Ask::Stop`].
    Stopping,
    /// The request was refused.
    Refused(CommandError),
}

/// Why the node of a data folder cannot be asked.
#[derive(Debug, thiserror::Error)]
pub enum ControlError {
    /// No node runs there.
    #[error("no node is running on {data}; start one with `raylance node run --data {data}`", data = data.display())]
    NotRunning {
        /// The data folder.
        data: PathBuf,
    },
    /// The connection broke.
    #[error("the connection to the node broke")]
    Io(#[from] std::io::Error),
    /// The node took too long.
    #[error("the node did not answer in {} s", TURN_TIMEOUT.as_secs())]
    Timeout,
    /// The node said something else.
    #[error("the node's answer is not understood: it may be of another version")]
    Malformed,
    /// The node refused.
    #[error("{}", .0.message)]
    Refused(CommandError),
}

/// Opens the door for the node of `data` and serves it until the process ends or the task is aborted.
///
/// # Errors
/// What the system says about the socket or the file.
pub async fn serve(data: &Path, node: NodeHandle) -> std::io::Result<tokio::task::JoinHandle<()>> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let mut token = [0; 32];
    getrandom::fill(&mut token).map_err(std::io::Error::other)?;
    let token = Digest(token).to_hex();
    let file = ControlFile { port: listener.local_addr()?.port(), token: token.clone() };
    let text = serde_json::to_vec(&file).expect("a number and a string");
    write_private(&data.join(CONTROL_FILE), &text)?;
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
                    tracing::debug!(%error, "control connection ended");
                }
                drop(seat);
            });
        }
    }))
}

/// Writes a file that only its owner can read: a reader sees it whole or not at all.
fn write_private(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    use std::io::Write as _;
    let draft = path.with_extension("new");
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(&draft)?.write_all(bytes)?;
    std::fs::rename(&draft, path)
}

/// Removes the file that points to the door.
pub fn forget(data: &Path) {
    if let Err(error) = std::fs::remove_file(data.join(CONTROL_FILE)) {
        tracing::debug!(%error, "control file was not removed");
    }
}

async fn converse(stream: TcpStream, node: &NodeHandle, token: &str) -> std::io::Result<()> {
    let (read, mut write) = stream.into_split();
    let mut read = BufReader::new(read);
    loop {
        let Some(line) = tokio::time::timeout(TURN_TIMEOUT, read_line(&mut read, REQUEST_BYTES_MAX)).await?? else { return Ok(()) };
        let told = match serde_json::from_slice::<Request>(&line) {
            Ok(request) if same(&request.token, token) => answer(node, request.ask).await,
            Ok(_) => refused("wrong token"),
            Err(error) => refused(&format!("malformed request: {error}")),
        };
        let mut reply = serde_json::to_vec(&told)?;
        reply.push(b'\n');
        write.write_all(&reply).await?;
    }
}

async fn answer(node: &NodeHandle, ask: Ask) -> Told {
    match ask {
        Ask::View => Told::View(Box::new(View::clone(&node.views().borrow()))),
        Ask::Command { command } => match node.command(command).await {
            Ok(answer) => Told::Answer(answer),
            Err(error) => Told::Refused(error),
        },
        Ask::Audit => match node.audit().await {
            Some(audit) => Told::Audit(audit),
            None => refused("the node is stopping"),
        },
        Ask::Stop => {
            node.request_stop();
            Told::Stopping
        }
    }
}

fn refused(message: &str) -> Told {
    Told::Refused(CommandError { message: message.to_owned(), details: Vec::new() })
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

/// A connection to a running node.
pub struct Client {
    read: BufReader<tokio::net::tcp::OwnedReadHalf>,
    write: tokio::net::tcp::OwnedWriteHalf,
    token: String,
}

impl Client {
    /// Connects to the node of `data`.
    ///
    /// # Errors
    /// [`ControlError::NotRunning`] when there is none.
    pub async fn connect(data: &Path) -> Result<Self, ControlError> {
        let absent = || ControlError::NotRunning { data: data.into() };
        let text = tokio::fs::read(data.join(CONTROL_FILE)).await.map_err(|_| absent())?;
        let file: ControlFile = serde_json::from_slice(&text).map_err(|_| absent())?;
        let stream = TcpStream::connect(("127.0.0.1", file.port)).await.map_err(|_| absent())?;
        let (read, write) = stream.into_split();
        Ok(Self { read: BufReader::new(read), write, token: file.token })
    }

    /// Asks once. Must not be dropped half-way: the reply would be taken for the next one's.
    ///
    /// # Errors
    /// [`ControlError`].
    pub async fn ask(&mut self, ask: Ask) -> Result<Told, ControlError> {
        let request = Request { token: self.token.clone(), ask };
        let mut line = serde_json::to_vec(&request).map_err(|_| ControlError::Malformed)?;
        line.push(b'\n');
        self.write.write_all(&line).await?;
        let line = tokio::time::timeout(TURN_TIMEOUT, read_line(&mut self.read, REPLY_BYTES_MAX)).await;
        let line = line.map_err(|_| ControlError::Timeout)??.ok_or(std::io::Error::from(std::io::ErrorKind::UnexpectedEof))?;
        match serde_json::from_slice(&line).map_err(|_| ControlError::Malformed)? {
            Told::Refused(error) => Err(ControlError::Refused(error)),
            told => Ok(told),
        }
    }

    /// The node's view.
    ///
    /// # Errors
    /// [`ControlError`].
    pub async fn view(&mut self) -> Result<View, ControlError> {
        match self.ask(Ask::View).await? {
            Told::View(view) => Ok(*view),
            _ => Err(ControlError::Malformed),
        }
    }

    /// Does a command.
    ///
    /// # Errors
    /// [`ControlError`].
    pub async fn command(&mut self, command: Command) -> Result<Answer, ControlError> {
        match self.ask(Ask::Command { command }).await? {
            Told::Answer(answer) => Ok(answer),
            _ => Err(ControlError::Malformed),
        }
    }

    /// The sums of all money.
    ///
    /// # Errors
    /// [`ControlError`].
    pub async fn audit(&mut self) -> Result<Audit, ControlError> {
        match self.ask(Ask::Audit).await? {
            Told::Audit(audit) => Ok(audit),
            _ => Err(ControlError::Malformed),
        }
    }
}
