//! The binary `raylance`: a stable contract of flags, exit codes and `--json` lines over the node and the lab.
//!
//! Exit codes: 0 done, 1 the work failed, 2 wrong usage or input. Errors go to stderr, one line first, details after.
//! With `--json` the last line of stdout is one JSON object.

mod bench;
mod check;
mod client;
mod conformance;
mod demo;
mod devices;
mod job;
mod lab;
mod network;
mod node;
mod notices;
mod parse;
mod picture;
mod progress;
mod render;
mod ring;
mod submit;
mod verify;
mod wallet;

use clap::{Command, CommandFactory as _, FromArgMatches as _, Parser, Subcommand};
use picture::{PictureArgs, SceneArgs};
use progress::Progress;
use std::process::ExitCode;

/// Peer-to-peer GPU rental: rent out an idle GPU, or have a scene path traced by other people's.
#[derive(Parser, Debug)]
#[command(name = "raylance", version, propagate_version = true, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand, Debug)]
enum Verb {
    /// Run a whole network on this machine: a validator, an artist and workers render a picture together.
    Demo(demo::DemoArgs),
    /// Render a scene on this machine alone.
    Render(render::RenderArgs),
    /// Look a scene over: list its faults and how to mend them.
    Check(check::CheckArgs),
    /// List the devices that can render.
    Devices(devices::DevicesArgs),
    /// Render a set of built-in frames on every device and compare the bits.
    Conformance(conformance::ConformanceArgs),
    /// Measure how many samples per second a device renders.
    Bench(bench::BenchArgs),
    /// Measure what each cheat would gain, and how often it would be caught.
    Lab(lab::LabArgs),
    /// Run a peer.
    #[command(subcommand)]
    Node(node::NodeVerb),
    /// Offer a scene to the ring through the running peer of a data folder.
    Submit(submit::SubmitArgs),
    /// Look at or end jobs of the running peer of a data folder.
    #[command(subcommand)]
    Job(job::JobVerb),
    /// Look at the wallet of the running peer of a data folder.
    #[command(subcommand)]
    Wallet(wallet::WalletVerb),
    /// Make a ring, or look at one.
    #[command(subcommand)]
    Ring(ring::RingVerb),
    /// Render pixels of a finished picture again and compare bits, without a node.
    Verify(verify::VerifyArgs),
    /// List the peers that the running node is connected to.
    Peers(node::LookArgs),
    /// Say what the running node keeps on the disk, and free some of it.
    Storage(network::StorageArgs),
    /// Give the device back to its owner until `resume`.
    Pause(node::LookArgs),
    /// The same for some minutes.
    Snooze(network::SnoozeArgs),
    /// Let the device work again.
    Resume(node::LookArgs),
}

/// Why a command ends without success.
#[derive(Debug)]
pub struct Failure {
    exit: u8,
    /// One line for a person.
    pub line: String,
    /// More lines.
    pub details: Vec<String>,
}

impl Failure {
    /// Wrong usage or input: the user can mend it. Exit code 2.
    pub fn input(line: impl ToString) -> Self {
        Self { exit: 2, line: line.to_string(), details: Vec::new() }
    }

    /// The work failed. Exit code 1.
    pub fn work(line: impl ToString) -> Self {
        Self { exit: 1, line: line.to_string(), details: Vec::new() }
    }

    /// The same with more lines below the first.
    pub fn with_details(mut self, details: Vec<String>) -> Self {
        self.details.extend(details);
        self
    }

    /// The same with every source of `error` as a line of its own.
    pub fn caused_by(mut self, error: &dyn std::error::Error) -> Self {
        let mut source = error.source();
        while let Some(cause) = source {
            self.details.push(cause.to_string());
            source = cause.source();
        }
        self
    }
}

fn main() -> ExitCode {
    quiet_graphics_drivers();
    start_log();
    if let Some(code) = raylance_device::render_process() {
        return code;
    }
    let matches = with_negative_numbers(Cli::command()).get_matches();
    let cli = Cli::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    let outcome = match cli.verb {
        Verb::Demo(args) => demo::run(&args),
        Verb::Render(args) => render::run(&args),
        Verb::Check(args) => check::run(&args),
        Verb::Devices(args) => devices::run(&args),
        Verb::Conformance(args) => conformance::run(&args),
        Verb::Bench(args) => bench::run(&args),
        Verb::Lab(args) => lab::run(&args),
        Verb::Node(verb) => node::run(verb),
        Verb::Submit(args) => submit::run(&args),
        Verb::Job(verb) => job::run(verb),
        Verb::Wallet(verb) => wallet::run(verb),
        Verb::Ring(verb) => ring::run(verb),
        Verb::Peers(args) => network::peers(&args),
        Verb::Storage(args) => network::storage(&args),
        Verb::Verify(args) => verify::run(&args),
        Verb::Pause(args) => network::pause(&args, true),
        Verb::Snooze(args) => network::snooze(&args),
        Verb::Resume(args) => network::pause(&args, false),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("error: {}", failure.line);
            for detail in &failure.details {
                eprintln!("  {detail}");
            }
            ExitCode::from(failure.exit)
        }
    }
}

/// `--width -1` is a number that is too small, and no flag named `-1`.
fn with_negative_numbers(command: Command) -> Command {
    let command = command.mut_args(|arg| if arg.get_action().takes_values() { arg.allow_negative_numbers(true) } else { arg });
    command.mut_subcommands(with_negative_numbers)
}

/// Outside a desktop session Mesa writes a complaint about a missing XDG_RUNTIME_DIR to stderr for every device that is listed, where a
/// reader expects our own first line. No socket is ever opened there.
fn quiet_graphics_drivers() {
    if cfg!(target_os = "linux") && std::env::var_os("XDG_RUNTIME_DIR").is_none() {
        // SAFETY: this is the first thing that the process does; it has one thread.
        unsafe { std::env::set_var("XDG_RUNTIME_DIR", std::env::temp_dir()) };
    }
}

/// Log lines go to stderr and are off unless `RAYLANCE_LOG` asks for them, so that a person's terminal stays readable.
fn start_log() {
    let filter = tracing_subscriber::EnvFilter::try_from_env("RAYLANCE_LOG").unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("off"));
    let started = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).try_init();
    if started.is_err() {
        // A test harness or a window has its own subscriber: its choice stands.
        tracing::debug!("log was started before");
    }
}

/// Prints `value` as one JSON object on its own line.
fn print_json<T: serde::Serialize>(value: &T) -> Result<(), Failure> {
    let line = serde_json::to_string(value).map_err(|error| Failure::work(format!("cannot write JSON: {error}")))?;
    out!("{line}");
    Ok(())
}

/// A line on stdout. Whoever read it may be gone (`raylance job list | head -1`): then nobody wants the rest, and that is no failure.
macro_rules! out {
    ($($text:tt)*) => { $crate::write_line(format_args!($($text)*)) };
}
use out;

fn write_line(text: std::fmt::Arguments<'_>) {
    use std::io::Write as _;
    let mut stdout = std::io::stdout().lock();
    if let Err(error) = writeln!(stdout, "{text}")
        && error.kind() != std::io::ErrorKind::BrokenPipe
    {
        eprintln!("cannot write to stdout: {error}");
        std::process::exit(1);
    }
}
