//! `raylance submit`: offers a scene to the ring through the running node of a data folder.

use super::node::tokio_runtime;
use super::parse::lux;
use super::picture::out_folder;
use super::{Failure, PictureArgs, Progress, SceneArgs, print_json};
use clap::Args;
use raylance_v1_node::control::{Client, ControlError};
use raylance_v1_node::view::{Answer, Command, JobView};
use serde::Serialize;
use std::path::PathBuf;
use std::time::Duration;

/// Arguments of `raylance submit`.
#[derive(Args, Debug)]
pub struct SubmitArgs {
    /// Data folder of the running node
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// A .gltf or .glb file
    scene: PathBuf,
    #[command(flatten)]
    look: SceneArgs,
    #[command(flatten)]
    picture: PictureArgs,
    /// Price of one unit in lux
    #[arg(long, value_name = "LUX", value_parser = lux)]
    price: Option<u64>,
    /// Wait until the picture is done
    #[arg(long)]
    wait: bool,
    /// Folder for the finished files
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Print one JSON object as the last line
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct SubmitLine {
    job: String,
    warnings: Vec<String>,
    state: Option<String>,
    files: Vec<String>,
}

/// Submits, and waits where that was asked for.
pub fn run(args: &SubmitArgs) -> Result<(), Failure> {
    super::render::check_size(&args.picture)?;
    let mut request = args.look.request(&args.scene, &args.picture)?;
    request.unit_price_microlux = args.price.map(|price| price.to_string());
    request.out_dir = args.out.as_deref().map(out_folder).transpose()?;
    tokio_runtime()?.block_on(async {
        let mut node = Client::connect(&args.data).await.map_err(|error| control_failure(&error))?;
        let answer = node.command(Command::Submit(request)).await.map_err(|error| control_failure(&error))?;
        let Answer::Submitted { job, warnings } = answer else { return Err(Failure::work("the node gave another answer")) };
        for warning in &warnings {
            eprintln!("warning: {warning}");
        }
        if !args.wait {
            return report(args, SubmitLine { job, warnings, state: None, files: Vec::new() });
        }
        let done = wait_for_job(&mut node, &job).await?;
        if done.state == "failed" {
            return Err(Failure::work(format!("job {}: {}", &job[..12], done.sentence)));
        }
        report(args, SubmitLine { job, warnings, state: Some(done.state), files: done.files })
    })
}

fn report(args: &SubmitArgs, line: SubmitLine) -> Result<(), Failure> {
    if args.json {
        return print_json(&line);
    }
    println!("{}", line.job);
    for file in &line.files {
        println!("{file}");
    }
    Ok(())
}

/// Shows the job's progress until it is done or has failed.
async fn wait_for_job(node: &mut Client, job: &str) -> Result<JobView, Failure> {
    let mut progress: Option<Progress> = None;
    loop {
        let view = node.view().await.map_err(|error| control_failure(&error))?;
        let Some(row) = view.jobs.into_iter().find(|row| row.id == job && row.role == "artist") else {
            return Err(Failure::work("the node has forgotten the job"));
        };
        let progress = progress.get_or_insert_with(|| Progress::new("rendering", u64::from(row.units)));
        progress.show(u64::from(row.units_settled), &row.sentence);
        if row.state == "done" || row.state == "failed" {
            return Ok(row);
        }
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
}

/// A refusal is the user's to mend; everything else is not.
pub fn control_failure(error: &ControlError) -> Failure {
    match error {
        ControlError::Refused(refusal) => Failure::input(&refusal.message).with_details(refusal.details.clone()),
        ControlError::NotRunning { .. } => Failure::input(error),
        ControlError::Io(_) | ControlError::Timeout | ControlError::Malformed => Failure::work(error).caused_by(error),
    }
}
