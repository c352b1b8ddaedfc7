//! A whole network on this machine: a validator, an artist and workers as real processes render one picture, and the same
//! picture is rendered here once more to compare every bit.

mod compare;
mod error;
mod report;
mod swarm;

pub use error::{DemoError, DemoFailure};
pub use report::{DemoReport, PeerReport};
pub use swarm::{Role, SwarmError};

use raylance_v1_node::audit::Audit;
use raylance_v1_node::receipt;
use raylance_v1_node::runtime::Cheat;
use raylance_v1_node::view::{Answer, Command, JobView, SubmitRequest};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use swarm::Swarm;

/// How often the artist is asked how far it is.
const LOOK_EVERY: Duration = Duration::from_millis(200);
/// How long the processes may take to find each other, and to write down the end of the job: only against hanging for ever.
const MEET_PATIENCE: Duration = Duration::from_secs(180);
/// How long a job may stand still: only against hanging for ever.
const STANDSTILL_PATIENCE: Duration = Duration::from_secs(300);

/// What the demo shall do.
#[derive(Clone, Debug)]
pub struct DemoConfig {
    /// The binary `raylance`, whose `node run` is every peer's process.
    pub program: PathBuf,
    /// What is drawn; `out_dir` is where the files go.
    pub request: SubmitRequest,
    /// Number of workers.
    pub workers: usize,
    /// Does the last worker cheat, and how?
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
        /// Units that are paid.
        settled: u32,
        /// Units of the job.
        units: u32,
        /// What the artist says of the job.
        sentence: &'a str,
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
    let started = Instant::now();
    let artist = swarm.client(Role::Artist);
    let answer = artist.command(Command::Submit(config.request.clone())).await?;
    let Answer::Submitted { job, warnings } = answer else { return Err(DemoError::OtherAnswer) };
    warnings.iter().for_each(|warning| told(Step::Warning(warning)));
    let done = watch(swarm, &job, told).await?;
    let elapsed = started.elapsed();
    if done.state != "done" {
        return Err(DemoError::JobFailed { sentence: done.sentence });
    }
    let after = final_audit(swarm, &before).await?;
    let out_dir = PathBuf::from(config.request.out_dir.clone().unwrap_or_default());
    let receipt = wait_for_receipt(&out_dir).await?;
    let image = out_dir.join("image.exr");
    let identical = compare::is_identical(&config.request, receipt.receipt.seed, &image, told).await?;
    Ok(report::make(config, swarm, &receipt.receipt, &before, &after, elapsed, &image, identical))
}

/// Tells the job's progress until it has ended.
async fn watch(swarm: &mut Swarm, job: &str, told: &mut impl FnMut(Step<'_>)) -> Result<JobView, DemoError> {
    let (mut last, mut moved_at) = ((0, 0, String::new()), Instant::now());
    loop {
        swarm.check_alive()?;
        let view = swarm.client(Role::Artist).view().await?;
        let row = view.jobs.into_iter().find(|row| row.id == job).ok_or(DemoError::Forgotten)?;
        told(Step::Rendering { settled: row.units_settled, units: row.units, sentence: &row.sentence });
        if row.state == "done" || row.state == "failed" {
            return Ok(row);
        }
        let now = (row.units_settled, row.units_rejected + row.units_checking, row.state.clone());
        if now != last {
            (last, moved_at) = (now, Instant::now());
        }
        if moved_at.elapsed() > STANDSTILL_PATIENCE {
            return Err(DemoError::StandsStill { sentence: row.sentence });
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// The validator's sums once the job is closed: the budget that was locked is paid out or back.
async fn final_audit(swarm: &mut Swarm, before: &Audit) -> Result<Audit, DemoError> {
    let deadline = Instant::now() + MEET_PATIENCE;
    loop {
        let audit = swarm.audit(Role::Ring).await?;
        if (audit.escrow == 0 && audit.height > before.height) || Instant::now() > deadline {
            return Ok(audit);
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// The receipt with its last numbers, which are written just after the job is done.
async fn wait_for_receipt(out_dir: &Path) -> Result<receipt::ReceiptFile, DemoError> {
    let path = out_dir.join("receipt.json");
    let deadline = Instant::now() + MEET_PATIENCE;
    loop {
        match receipt::read(&path) {
            Some(file) if file.receipt.price.refund.is_some() => return Ok(file),
            Some(file) if Instant::now() > deadline => return Ok(file),
            None if Instant::now() > deadline => return Err(DemoError::Receipt { path }),
            _ => tokio::time::sleep(LOOK_EVERY).await,
        }
    }
}
