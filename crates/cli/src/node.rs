//! `raylance node run`: a peer in the foreground until Ctrl-C.

use super::Failure;
use super::render::DeviceArgs;
use clap::{Args, Subcommand, ValueEnum};
use raylance_v1_node::runtime::{Cheat, Mdns, NodeConfig, RingChoice, StartError};
use raylance_v1_node::{control, runtime};
use std::path::PathBuf;

/// `raylance node …`
#[derive(Subcommand, Debug)]
pub enum NodeVerb {
    /// Run a peer until Ctrl-C
    Run(RunArgs),
}

/// Arguments of `raylance node run`.
#[derive(Args, Debug)]
pub struct RunArgs {
    /// Folder for key, ledger, films and results; made where it is missing
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// Genesis file of the ring; remembered in the data folder
    #[arg(long, value_name = "GENESIS_FILE", conflicts_with = "solo")]
    ring: Option<PathBuf>,
    /// A ring of its own whose only validator is this peer
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
    /// Rent the device out from the start
    #[arg(long)]
    rent_out: bool,
    #[command(flatten)]
    device: DeviceArgs,
    /// Cheat on purpose, to see it caught
    #[arg(long, value_enum, value_name = "KIND")]
    cheat: Option<CheatArg>,
    /// A name for people
    #[arg(long)]
    name: Option<String>,
    /// Stop when stdin closes: a child must not outlive the demo that started it
    #[arg(long, hide = true)]
    stop_with_stdin: bool,
}

/// The kind of cheating as a flag's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum CheatArg {
    /// Render only 15 of 16 samples of each leaf
    DropSamples,
}

impl From<CheatArg> for Cheat {
    fn from(cheat: CheatArg) -> Self {
        match cheat {
            CheatArg::DropSamples => Self::DropSamples,
        }
    }
}

/// Runs the verb.
pub fn run(verb: NodeVerb) -> Result<(), Failure> {
    let NodeVerb::Run(args) = verb;
    let tokio = tokio_runtime()?;
    tokio.block_on(run_node(args))
}

/// A runtime for the network, the store and the control socket; rendering has threads of its own.
pub fn tokio_runtime() -> Result<tokio::runtime::Runtime, Failure> {
    let builder = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    builder.map_err(|error| Failure::work(format!("cannot start the runtime: {error}")))
}

async fn run_node(args: RunArgs) -> Result<(), Failure> {
    let data = args.data.clone();
    let stop_with_stdin = args.stop_with_stdin;
    let node = runtime::start(config(args)).await.map_err(failure)?;
    let door =
        control::serve(&data, node.clone()).await.map_err(|error| Failure::work(format!("cannot open the control socket: {error}")))?;
    print_start(&node);
    tokio::select! {
        () = node.stopped() => {}
        _ = tokio::signal::ctrl_c() => eprintln!("stopping"),
        () = terminated() => {}
        () = stdin_closed(stop_with_stdin) => {}
    }
    door.abort();
    control::forget(&data);
    node.stop().await.map_err(|error| Failure::work(&error).caused_by(&error))
}

fn config(args: RunArgs) -> NodeConfig {
    let ring = match (args.ring, args.solo) {
        (Some(path), _) => RingChoice::File(path),
        (None, true) => RingChoice::Solo,
        (None, false) => RingChoice::Stored,
    };
    NodeConfig {
        data: args.data,
        ring,
        listen: args.listen,
        dial: args.dial,
        mdns: if args.no_mdns { Mdns::Off } else { Mdns::On },
        rent_out: args.rent_out,
        device: args.device.device,
        profile: args.device.profile,
        threads: args.device.threads,
        cheat: args.cheat.map(Into::into),
        name: args.name,
    }
}

fn failure(error: StartError) -> Failure {
    let failure = if error.is_input() { Failure::input(&error) } else { Failure::work(&error) };
    failure.caused_by(&error)
}

fn print_start(node: &runtime::NodeHandle) {
    let views = node.views();
    let view = views.borrow();
    eprintln!("account {}", view.me.account);
    eprintln!("ring    {} ({}…)", view.ring.name, &view.ring.chain[..12]);
    eprintln!("device  {}", view.me.device.name);
    for address in &view.me.addresses {
        eprintln!("address {address}");
    }
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
