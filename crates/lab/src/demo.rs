//! A whole network on this machine: a validator, an artist and workers as real processes render one picture, and the same
//! picture is rendered here once more to compare every bit.

mod cheating;
mod compare;
mod error;
mod facts;
mod report;
mod swarm;
mod watch;

pub use error::{DemoError, DemoFailure};
pub use report::{DemoReport, PeerReport};
pub use swarm::{Role, SwarmError};

use facts::Facts;
use raylance_control::submit::SubmitRequest;
use raylance_control::view::JobState;
use raylance_control::{Ask, ControlError, Told};
use raylance_files::jobs::{IMAGE_EXR, IMAGE_PNG, RECEIPT};
use raylance_files::receipt;
use raylance_node::cheat::Cheat;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use swarm::Swarm;

/// How long the processes may take to find each other: only against hanging for ever.
const MEET_PATIENCE: Duration = Duration::from_secs(180);

/// What the demo shall do.
#[derive(Clone, Debug)]
pub struct DemoConfig {
    /// The binary `raylance`, whose `node run` is every peer's process.
    pub program: PathBuf,
    /// What is drawn; its `out_dir` is not looked at.
    pub request: SubmitRequest,
    /// Where the finished files go. Those of an earlier demo are replaced.
    pub out: PathBuf,
    /// Number of workers.
    pub workers: usize,
    /// Does somebody cheat, and how?
    pub cheat: Option<Cheat>,
    /// Device of the workers.
    pub device: String,
    /// CPU threads of each worker.
    pub threads: usize,
}

/// How far the demo is.
#[derive(Clone, Copy, Debug)]
pub enum Step<'a> {
    /// The artist took the scene, but a person should know this about it.
    Warning(&'a str),
    /// The network renders.
    Rendering {
        /// Units that are in the picture.
        shown: u32,
        /// Units of the job.
        units: u32,
        /// Where it stands.
        state: JobState,
    },
    /// The picture is rendered once more on this machine's CPU.
    Comparing {
        /// Leaves rendered.
        done: u64,
        /// Leaves in all.
        total: u64,
    },
}

/// Runs the demo until its report or Ctrl-C; `told` hears several times a second how far it is. Its processes are gone when this
/// returns, panics, or is dropped.
///
/// # Errors
/// [`DemoFailure`].
pub async fn run(config: &DemoConfig, told: &mut impl FnMut(Step<'_>)) -> Result<DemoReport, DemoFailure> {
    let silent = |error| DemoFailure { error, last_words: Vec::new() };
    let mut swarm = Swarm::start(config).await.map_err(|error| silent(error.into()))?;
    let result = tokio::select! {
        result = run_in(config, &mut swarm, told) => Some(result),
        _ = tokio::signal::ctrl_c() => None,
    };
    let result = match result {
        Some(result) => result.map_err(|error| DemoFailure { error, last_words: swarm.last_words() }),
        None => Err(silent(DemoError::Stopped)),
    };
    swarm.stop().await;
    result
}

async fn run_in(config: &DemoConfig, swarm: &mut Swarm, told: &mut impl FnMut(Step<'_>)) -> Result<DemoReport, DemoError> {
    swarm.wait_until_connected(MEET_PATIENCE).await?;
    let before = swarm.audit(Role::Ring).await?;
    if config.cheat.is_some() {
        // The artist's own device is done with a small picture before anybody has bid, and nobody could cheat then.
        swarm.pause_artist(true).await?;
    }
    let started = Instant::now();
    let request = SubmitRequest { out_dir: Some(swarm.dir().join("picture")), ..config.request.clone() };
    let answer = swarm.ask(Role::Artist, Ask::Submit { request: Box::new(request) }).await?;
    let Told::Submitted(submitted) = answer else { return Err(ControlError::Malformed.into()) };
    submitted.warnings.iter().for_each(|warning| told(Step::Warning(warning)));
    let watched = watch::watch(config, swarm, &submitted.job, started, told).await?;
    let after = swarm.audit(Role::Ring).await?;
    deliver(&submitted.folder, &config.out).await?;
    let facts = match watched.view.line.state {
        JobState::Ended => Facts::of_receipt(&read_receipt(config.out.join(RECEIPT))?),
        // It stays on the ledger, so there is no receipt.
        _ => Facts::of_view(&watched.view),
    };
    let image = config.out.join(IMAGE_EXR);
    let identical = compare::is_identical(&config.request, &image, told).await?;
    Ok(report::make(config, swarm, &facts, &before, &after, &watched, &image, identical))
}

fn read_receipt(path: PathBuf) -> Result<receipt::Receipt, DemoError> {
    receipt::read(&path).map(|file| file.receipt).ok_or(DemoError::Receipt { path })
}

/// Copies the finished files: a peer overwrites no picture, and a second demo in the same folder shall.
async fn deliver(from: &Path, to: &Path) -> Result<(), DemoError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        |source| DemoError::Files { path, source }
    };
    tokio::fs::create_dir_all(to).await.map_err(failed(to))?;
    for name in [IMAGE_EXR, IMAGE_PNG, RECEIPT] {
        let (from, to) = (from.join(name), to.join(name));
        if from.exists() {
            tokio::fs::copy(&from, &to).await.map_err(failed(&to))?;
        } else {
            raylance_files::folder::remove(&to).map_err(failed(&to))?;
        }
    }
    Ok(())
}
