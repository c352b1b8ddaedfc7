//! `raylance job`: jobs in which the node of a data folder has a part.

use super::node::tokio_runtime;
use super::submit::control_failure;
use super::{Failure, print_json};
use clap::{Args, Subcommand};
use raylance_v1_node::control::Client;
use raylance_v1_node::view::{Command, JobView};
use serde::Serialize;
use std::path::PathBuf;

/// `raylance job …`
#[derive(Subcommand, Debug)]
pub enum JobVerb {
    /// List all jobs, newest first
    List(ListArgs),
    /// Show one job
    Show(OneArgs),
    /// End an own job early; what is settled stays paid
    Cancel(OneArgs),
}

/// Arguments of `raylance job list`.
#[derive(Args, Debug)]
pub struct ListArgs {
    /// Data folder of the running node
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// Arguments of `raylance job show` and `raylance job cancel`.
#[derive(Args, Debug)]
pub struct OneArgs {
    /// Data folder of the running node
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// The job's id or its first characters
    job: String,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct JobsLine {
    jobs: Vec<JobView>,
}

#[derive(Serialize)]
struct CancelLine {
    job: String,
    cancelled: bool,
}

/// Runs the verb.
pub fn run(verb: JobVerb) -> Result<(), Failure> {
    let tokio = tokio_runtime()?;
    tokio.block_on(async {
        match verb {
            JobVerb::List(args) => list(args).await,
            JobVerb::Show(args) => show(args).await,
            JobVerb::Cancel(args) => cancel(args).await,
        }
    })
}

async fn list(args: ListArgs) -> Result<(), Failure> {
    let mut node = Client::connect(&args.data).await.map_err(|error| control_failure(&error))?;
    let jobs = node.view().await.map_err(|error| control_failure(&error))?.jobs;
    if args.json {
        return print_json(&JobsLine { jobs });
    }
    for job in &jobs {
        println!("{}  {:6}  {:8}  {:>5}/{:<5}  {}", &job.id[..12], job.role, job.state, job.units_settled, job.units, job.name);
    }
    Ok(())
}

async fn show(args: OneArgs) -> Result<(), Failure> {
    let mut node = Client::connect(&args.data).await.map_err(|error| control_failure(&error))?;
    let job = find(&mut node, &args.job).await?;
    if args.json {
        return print_json(&job);
    }
    println!("job       {}", job.id);
    println!("name      {}", job.name);
    println!("role      {}", job.role);
    println!("state     {}: {}", job.state, job.sentence);
    println!("picture   {} × {} px, {} samples per pixel", job.width_px, job.height_px, job.samples);
    println!(
        "units     {} of {} settled, {} in checks, {} rendering, {} films rejected",
        job.units_settled, job.units, job.units_checking, job.units_rendering, job.units_rejected
    );
    println!("paid      {} of {}", job.paid, job.budget);
    for file in &job.files {
        println!("file      {file}");
    }
    Ok(())
}

async fn cancel(args: OneArgs) -> Result<(), Failure> {
    let mut node = Client::connect(&args.data).await.map_err(|error| control_failure(&error))?;
    let job = find(&mut node, &args.job).await?.id;
    node.command(Command::Cancel { job: job.clone() }).await.map_err(|error| control_failure(&error))?;
    if args.json {
        return print_json(&CancelLine { job, cancelled: true });
    }
    println!("{job} is being ended");
    Ok(())
}

async fn find(node: &mut Client, start: &str) -> Result<JobView, Failure> {
    let jobs = node.view().await.map_err(|error| control_failure(&error))?.jobs;
    let mut found = jobs.into_iter().filter(|job| job.id.starts_with(start));
    match (found.next(), found.next()) {
        (Some(job), None) => Ok(job),
        (Some(one), Some(other)) if one.id == other.id => Ok(one),
        (Some(_), Some(_)) => Err(Failure::input(format!("several jobs begin with `{start}`; give more characters"))),
        (None, _) => Err(Failure::input(format!("no job begins with `{start}`; see `raylance job list`"))),
    }
}
