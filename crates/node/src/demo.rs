//! A whole network on this machine: a validator, an artist and workers as real processes render one picture, and the same
//! picture is rendered here once more to compare every bit.

mod report;
mod swarm;

pub use report::{DemoReport, PeerReport};
pub use swarm::SwarmError;

use crate::audit::Audit;
use crate::cli::{Failure, Progress, render_locally};
use crate::control::ControlError;
use crate::receipt;
use crate::runtime::Cheat;
use crate::scene_source::{self, SceneChoice};
use crate::view::{Answer, Command, JobView, SubmitRequest};
use raylance_picture::Picture;
use raylance_tracer::Settings;
use raylance_v1_protocol::limits;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use swarm::{Role, Swarm};

/// How often the artist is asked how far it is.
const LOOK_EVERY: Duration = Duration::from_millis(200);
/// How long the processes may take to find each other.
const MEET_PATIENCE: Duration = Duration::from_secs(60);
/// How long a job may stand still: only against hanging for ever.
const STANDSTILL_PATIENCE: Duration = Duration::from_secs(300);

/// What the demo shall do.
#[derive(Clone, Debug)]
pub struct DemoConfig {
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

/// Runs the demo. Its processes are gone when this returns, panics, or is dropped.
///
/// # Errors
/// A line for a person.
pub async fn run(config: &DemoConfig) -> Result<DemoReport, Failure> {
    let mut swarm = Swarm::start(config).await.map_err(|error| swarm_failure(&error))?;
    let result = tokio::select! {
        result = run_in(config, &mut swarm) => Some(result),
        _ = tokio::signal::ctrl_c() => None,
    };
    let result = match result {
        Some(result) => result.map_err(|failure| failure.with_details(swarm.last_words())),
        None => Err(Failure::work("stopped by Ctrl-C")),
    };
    swarm.stop().await;
    result
}

fn swarm_failure(error: &SwarmError) -> Failure {
    match error {
        // What a node refuses at its start is what the user asked of the demo.
        SwarmError::NotStarted { status, .. } if status.code() == Some(2) => Failure::input(error),
        other => Failure::work(other).caused_by(other),
    }
}

fn control_failure(error: ControlError) -> Failure {
    match error {
        ControlError::Refused(refusal) => Failure::input(refusal.message).with_details(refusal.details),
        other => Failure::work(&other).caused_by(&other),
    }
}

async fn run_in(config: &DemoConfig, swarm: &mut Swarm) -> Result<DemoReport, Failure> {
    swarm.wait_until_connected(MEET_PATIENCE).await.map_err(|error| swarm_failure(&error))?;
    let before = swarm.audit(Role::Ring).await.map_err(|error| swarm_failure(&error))?;
    let started = Instant::now();
    let artist = swarm.client(Role::Artist);
    let answer = artist.command(Command::Submit(config.request.clone())).await.map_err(control_failure)?;
    let Answer::Submitted { job, warnings } = answer else { return Err(Failure::work("the artist gave another answer")) };
    for warning in &warnings {
        eprintln!("warning: {warning}");
    }
    let done = watch(swarm, &job).await?;
    let elapsed = started.elapsed();
    if done.state != "done" {
        return Err(Failure::work(format!("the job failed: {}", done.sentence)));
    }
    let after = final_audit(swarm, &before).await?;
    let out_dir = PathBuf::from(config.request.out_dir.clone().unwrap_or_default());
    let receipt = wait_for_receipt(&out_dir).await?;
    let image = out_dir.join("image.exr");
    let identical = compare(config, receipt.receipt.seed, &image).await?;
    Ok(report::make(config, swarm, &receipt.receipt, &before, &after, elapsed, &image, identical))
}

/// Shows the job's progress until it has ended.
async fn watch(swarm: &mut Swarm, job: &str) -> Result<JobView, Failure> {
    let mut progress: Option<Progress> = None;
    let (mut last, mut moved_at) = ((0, 0, String::new()), Instant::now());
    loop {
        swarm.check_alive().map_err(|error| swarm_failure(&error))?;
        let view = swarm.client(Role::Artist).view().await.map_err(control_failure)?;
        let Some(row) = view.jobs.into_iter().find(|row| row.id == job) else {
            return Err(Failure::work("the artist has forgotten the job"));
        };
        let progress = progress.get_or_insert_with(|| Progress::new("rendering", u64::from(row.units)));
        progress.show(u64::from(row.units_settled), &row.sentence);
        if row.state == "done" || row.state == "failed" {
            return Ok(row);
        }
        let now = (row.units_settled, row.units_rejected + row.units_checking, row.state.clone());
        if now != last {
            (last, moved_at) = (now, Instant::now());
        }
        if moved_at.elapsed() > STANDSTILL_PATIENCE {
            return Err(Failure::work(format!("the job stands still: {}", row.sentence)));
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// The validator's sums once the job is closed: the budget that was locked is paid out or back.
async fn final_audit(swarm: &mut Swarm, before: &Audit) -> Result<Audit, Failure> {
    let deadline = Instant::now() + MEET_PATIENCE;
    loop {
        let audit = swarm.audit(Role::Ring).await.map_err(|error| swarm_failure(&error))?;
        if (audit.escrow == 0 && audit.height > before.height) || Instant::now() > deadline {
            return Ok(audit);
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// The receipt with its last numbers, which are written just after the job is done.
async fn wait_for_receipt(out_dir: &Path) -> Result<receipt::ReceiptFile, Failure> {
    let path = out_dir.join("receipt.json");
    let deadline = Instant::now() + MEET_PATIENCE;
    loop {
        match receipt::read(&path) {
            Some(file) if file.receipt.price.refund.is_some() => return Ok(file),
            Some(file) if Instant::now() > deadline => return Ok(file),
            None if Instant::now() > deadline => {
                return Err(Failure::work(format!("{} is missing or its signature is wrong", path.display())));
            }
            _ => tokio::time::sleep(LOOK_EVERY).await,
        }
    }
}

/// Renders the job's picture here with the same seed and compares every bit with the assembled one.
async fn compare(config: &DemoConfig, seed: u32, image: &Path) -> Result<bool, Failure> {
    let (request, image) = (config.request.clone(), image.to_owned());
    let compared = tokio::task::spawn_blocking(move || {
        let assembled = Picture::read_exr(&image, limits::EDGE_PX_MAX).map_err(|error| Failure::work(&error).caused_by(&error))?;
        let loaded = scene_source::load(&SceneChoice::of_request(&request))
            .map_err(|error| Failure::input(error.message).with_details(error.details))?;
        let settings = Settings { width_px: request.width_px, height_px: request.height_px, depth_max: request.depth_max, seed };
        let own = render_locally(&loaded.scene, &settings, request.samples, "rendering once more on the CPU to compare")?;
        let bits = |picture: &Picture| picture.pixels.iter().flatten().map(|channel| channel.to_bits()).collect::<Vec<_>>();
        Ok((own.width_px, own.height_px) == (assembled.width_px, assembled.height_px) && bits(&own) == bits(&assembled))
    });
    compared.await.map_err(|error| Failure::work(format!("the comparison broke: {error}")))?
}
