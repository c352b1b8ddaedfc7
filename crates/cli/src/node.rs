//! `raylance node …`: a peer in the foreground until Ctrl-C, and what a running one has to say.

use super::client::{ask, data_folder, unexpected};
use super::notices::{level, words};
use super::render::DeviceArgs;
use super::{Failure, out, print_json};
use clap::{Args, Subcommand, ValueEnum};
use raylance_control::view::{self, EarnRequest, HealthView};
use raylance_control::{self as control, Ask, Told};
use raylance_device::ChildConfig;
use raylance_files::folder::RingChoice;
use raylance_files::ring;
use raylance_node::cheat::Cheat;
use raylance_node::{Lag, Node, NodeConfig, StartError};
use serde::Serialize;
use std::path::PathBuf;

/// `raylance node …`
#[derive(Subcommand, Debug)]
pub enum NodeVerb {
    /// Run a peer until Ctrl-C
    Run(RunArgs),
    /// Lines that a person should read
    Notices(LookArgs),
    /// How the node's loop keeps up
    Health(LookArgs),
}

/// Arguments of verbs that look at a running node.
#[derive(Args, Debug)]
pub struct LookArgs {
    /// Data folder of the running node; absent = the usual one
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Print one JSON object as the last line
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `raylance node run`.
#[derive(Args, Debug)]
pub struct RunArgs {
    /// Folder for key, ledger, films and scenes; made where it is missing; absent = the usual one
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Folder outside of it for what a validator has signed; absent = the usual one
    #[arg(long, value_name = "DIR")]
    state: Option<PathBuf>,
    /// Genesis file of the ring; remembered in the data folder
    #[arg(long, value_name = "GENESIS_FILE", conflicts_with = "solo")]
    ring: Option<PathBuf>,
    /// A ring of its own whose only validator is this peer: the usual in a new folder
    #[arg(long)]
    solo: bool,
    /// Address to listen on, e.g. /ip4/0.0.0.0/udp/0/quic-v1
    #[arg(long, value_name = "ADDR")]
    listen: Vec<String>,
    /// Address of a peer to connect to
    #[arg(long, value_name = "ADDR")]
    dial: Vec<String>,
    /// Do not look for peers in the local network
    #[arg(long)]
    no_mdns: bool,
    /// Work for others from the start, on the usual terms
    #[arg(long)]
    rent_out: bool,
    #[command(flatten)]
    device: DeviceArgs,
    /// Cheat on purpose, to see it caught
    #[arg(long, value_enum, value_name = "KIND")]
    cheat: Option<CheatArg>,
    /// Stop when stdin closes: a child must not outlive the demo that started it
    #[arg(long, hide = true)]
    stop_with_stdin: bool,
}

/// The kind of cheating as a flag's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum CheatArg {
    /// A worker renders 15 of 16 samples of each leaf
    DropSamples,
    /// A worker delivers noise
    Garbage,
    /// A worker takes the receipt and keeps the key
    WithholdKey,
    /// A checker says that every film is wrong
    LyingChecker,
    /// An artist takes films and signs no receipt
    ArtistKeepsSilent,
    /// An artist signs receipts and never pays
    ArtistNeverPays,
    /// An artist takes workers to court for right leaves
    FrivolousChallenge,
    /// The same, and the court gets no scene from it
    SceneWithheld,
}

impl From<CheatArg> for Cheat {
    fn from(cheat: CheatArg) -> Self {
        match cheat {
            CheatArg::DropSamples => Self::DropSamples,
            CheatArg::Garbage => Self::Garbage,
            CheatArg::WithholdKey => Self::WithholdKey,
            CheatArg::LyingChecker => Self::LyingChecker,
            CheatArg::ArtistKeepsSilent => Self::KeepsSilent,
            CheatArg::ArtistNeverPays => Self::NeverPays,
            CheatArg::FrivolousChallenge => Self::FrivolousChallenge,
            CheatArg::SceneWithheld => Self::SceneWithheld,
        }
    }
}

#[derive(Serialize)]
struct NoticesLine {
    notices: Vec<raylance_control::notices::NoticeView>,
}

/// Runs the verb.
pub fn run(verb: NodeVerb) -> Result<(), Failure> {
    match verb {
        NodeVerb::Run(args) => {
            let tokio = tokio_runtime()?;
            tokio.block_on(run_node(args))
        }
        NodeVerb::Health(args) => {
            let Told::Health(health) = ask(args.data.as_deref(), Ask::Health)? else { return Err(unexpected()) };
            if args.json {
                return print_json(&health);
            }
            let HealthView { events, wait_ms_median, wait_ms_p99, wait_ms_max } = health;
            out!(
                "{events} events; each waited {wait_ms_median:.2} ms in the median until it was recorded, {wait_ms_p99:.1} ms at the 99th percentile, {wait_ms_max:.1} ms at most"
            );
            Ok(())
        }
        NodeVerb::Notices(args) => {
            let Told::Notices(notices) = ask(args.data.as_deref(), Ask::Notices)? else { return Err(unexpected()) };
            if args.json {
                return print_json(&NoticesLine { notices });
            }
            for notice in &notices {
                let times = if notice.times > 1 { format!(" ({} times)", notice.times) } else { String::new() };
                out!("{:7}  {}{times}", level(notice.level), words(notice));
            }
            Ok(())
        }
    }
}

/// A runtime for the network, the store and the control socket; rendering has threads of its own.
pub fn tokio_runtime() -> Result<tokio::runtime::Runtime, Failure> {
    let builder = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    builder.map_err(|error| Failure::work(format!("cannot start the runtime: {error}")))
}

async fn run_node(args: RunArgs) -> Result<(), Failure> {
    let (rent_out, stop_with_stdin) = (args.rent_out, args.stop_with_stdin);
    let config = config(args)?;
    let data = config.data.clone();
    // Loading a long chain blocks.
    let runtime = tokio::runtime::Handle::current();
    let started = tokio::task::spawn_blocking(move || {
        let _guard = runtime.enter();
        raylance_node::start(config)
    });
    let node = started.await.map_err(|error| Failure::work(format!("the node did not start: {error}")))?.map_err(failure)?;
    let door =
        control::serve(&data, node.clone()).await.map_err(|error| Failure::work(format!("cannot open the control socket: {error}")))?;
    if rent_out {
        let earning = raylance_control::earn(&node, Some(EarnRequest::USUAL)).await;
        earning.map_err(|error| error.map_or_else(|| Failure::work("the node stopped at once"), Failure::work))?;
    }
    print_start(&node).await;
    tokio::select! {
        () = node.stopped() => {}
        _ = tokio::signal::ctrl_c() => note("stopping"),
        () = terminated() => {}
        () = stdin_closed(stop_with_stdin) => {}
    }
    door.abort();
    control::forget(&data);
    node.stop().await.map_err(|error| Failure::work(&error).caused_by(&error))
}

fn config(args: RunArgs) -> Result<NodeConfig, Failure> {
    let ring = match &args.ring {
        Some(path) => RingChoice::Join(Box::new(ring::read(path).map_err(|error| Failure::input(&error).caused_by(&error))?)),
        None => RingChoice::Stored,
    };
    let data = data_folder(args.data.as_deref())?;
    let state = match args.state {
        Some(state) => state,
        None => super::client::state_folder()?,
    };
    let child = ChildConfig::usual();
    let child = child.map_err(|error| Failure::work(format!("the system does not say where this program lies: {error}")))?;
    Ok(NodeConfig {
        data,
        state,
        ring,
        listen: args.listen,
        dial: args.dial,
        mdns: !args.no_mdns,
        device: args.device.device,
        threads: args.device.threads,
        child: Some(child),
        lag: Lag::USUAL,
        cheat: args.cheat.map(Into::into),
    })
}

fn failure(error: StartError) -> Failure {
    let failure = if error.is_input() { Failure::input(&error) } else { Failure::work(&error) };
    failure.caused_by(&error)
}

async fn print_start(node: &Node) {
    let Some(home) = view::home(node).await else { return };
    note(&format!("account {}", home.account));
    note(&format!("ring    {} ({}…)", home.ring, &home.chain[..12]));
    note(&format!("device  {}", home.device.name));
    note(&format!("data    {}", home.data.display()));
    for address in node.peer().listen_addresses() {
        note(&format!("address {address}"));
    }
}

/// A line on stderr. Whoever read it may be gone: a node outlives the reader of its log.
fn note(line: &str) {
    use std::io::Write as _;
    let _ = writeln!(std::io::stderr(), "{line}");
}

#[cfg(unix)]
async fn terminated() {
    match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        Ok(mut signal) => {
            signal.recv().await;
        }
        Err(_) => std::future::pending().await,
    }
}

#[cfg(not(unix))]
async fn terminated() {
    std::future::pending().await
}

/// Ends when stdin does. A thread of its own reads, because a read of stdin can't be cancelled.
async fn stdin_closed(watched: bool) {
    if !watched {
        return std::future::pending().await;
    }
    let (closed, wait) = tokio::sync::oneshot::channel::<()>();
    std::thread::spawn(move || {
        let drained = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
        tracing::debug!(?drained, "stdin closed");
        // The receiver is gone when the node stops for another reason.
        drop(closed);
    });
    if wait.await.is_err() {
        tracing::debug!("the process that started this node is gone");
    }
}
