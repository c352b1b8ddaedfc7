//! `raylance job`: own jobs of the running node.

use super::client::{ask, unexpected};
use super::node::LookArgs;
use super::picture::out_folder;
use super::{Failure, out, print_json};
use clap::{Args, Subcommand};
use raylance_control::view::{JobLine, JobState, JobView, PAGE_MAX};
use raylance_control::{Ask, Told};
use serde::Serialize;
use std::path::PathBuf;

/// `raylance job …`
#[derive(Subcommand, Debug)]
pub enum JobVerb {
    /// List own jobs, newest first
    List(LookArgs),
    /// Show one job
    Show(OneArgs),
    /// Stop a job: what is there is paid, and the picture so far is written
    #[command(visible_alias = "stop")]
    Cancel(OneArgs),
    /// Give a job's picture another folder
    Folder(FolderArgs),
}

/// Arguments of verbs about one job.
#[derive(Args, Debug)]
pub struct OneArgs {
    #[command(flatten)]
    look: LookArgs,
    /// The job's name or its first characters
    job: String,
}

/// Arguments of `raylance job folder`.
#[derive(Args, Debug)]
pub struct FolderArgs {
    #[command(flatten)]
    one: OneArgs,
    /// The new folder
    folder: PathBuf,
}

#[derive(Serialize)]
struct JobsLine {
    jobs: Vec<JobLine>,
}

#[derive(Serialize)]
struct CancelLine {
    job: String,
    cancelled: bool,
}

/// Runs the verb.
pub fn run(verb: JobVerb) -> Result<(), Failure> {
    match verb {
        JobVerb::List(args) => list(&args),
        JobVerb::Show(args) => show(&args),
        JobVerb::Cancel(args) => cancel(&args),
        JobVerb::Folder(args) => folder(&args),
    }
}

fn state(state: JobState) -> &'static str {
    match state {
        JobState::Rendering => "rendering",
        JobState::Stands => "nobody works on it",
        JobState::Settling => "settling",
        JobState::FolderFails => "folder fails",
        JobState::Ended => "ended",
    }
}

fn list(args: &LookArgs) -> Result<(), Failure> {
    let mut jobs = Vec::new();
    loop {
        let Told::Jobs(page) = ask(args.data.as_deref(), Ask::Jobs { skip: jobs.len() })? else { return Err(unexpected()) };
        let is_last = page.len() < PAGE_MAX;
        jobs.extend(page);
        if is_last {
            break;
        }
    }
    if args.json {
        return print_json(&JobsLine { jobs });
    }
    for job in &jobs {
        out!("{}  {:12}  {:>5}/{:<5}  {}", &job.job[..12], state(job.state), job.shown, job.units, job.name);
    }
    Ok(())
}

fn find(args: &OneArgs) -> Result<JobView, Failure> {
    match ask(args.look.data.as_deref(), Ask::Job { job: args.job.clone() })? {
        Told::Job(view) => Ok(*view),
        _ => Err(unexpected()),
    }
}

fn show(args: &OneArgs) -> Result<(), Failure> {
    let job = find(args)?;
    if args.look.json {
        return print_json(&job);
    }
    let lux = |text: &str| super::parse::microlux(text);
    out!("job       {}", job.line.job);
    out!("name      {}", job.line.name);
    out!("state     {}", state(job.line.state));
    if job.width_px > 0 {
        out!("picture   {} × {} px, {} samples per pixel", job.width_px, job.height_px, job.samples);
    }
    out!("units     {} of {}; {} rendered here, {} checked", job.line.shown, job.line.units, job.own_units, job.checked_units);
    out!("paid      {}", lux(&job.line.paid));
    for worker in &job.workers {
        let refused = if worker.refused { "  REFUSED: it delivered a wrong leaf" } else { "" };
        out!("worker    {}  {:>5} units  {} of {}{refused}", &worker.account[..12], worker.units, lux(&worker.paid), lux(&worker.total));
    }
    out!("folder    {}", job.folder.display());
    if let Some(fault) = &job.folder_fault {
        out!("fault     {fault}");
    }
    for file in &job.files {
        out!("file      {}", file.display());
    }
    Ok(())
}

fn cancel(args: &OneArgs) -> Result<(), Failure> {
    let view = find(args)?;
    let job = view.line.job;
    if view.line.state == JobState::Ended {
        if args.look.json {
            return print_json(&CancelLine { job, cancelled: false });
        }
        out!("{job} has ended already");
        return Ok(());
    }
    let Told::Done = ask(args.look.data.as_deref(), Ask::StopJob { job: job.clone() })? else { return Err(unexpected()) };
    if args.look.json {
        return print_json(&CancelLine { job, cancelled: true });
    }
    out!("{job} is being ended; the picture so far goes to {}", view.folder.display());
    Ok(())
}

fn folder(args: &FolderArgs) -> Result<(), Failure> {
    let job = find(&args.one)?.line.job;
    let folder = out_folder(&args.folder)?;
    let Told::Done = ask(args.one.look.data.as_deref(), Ask::SetFolder { job: job.clone(), folder: folder.clone() })? else {
        return Err(unexpected());
    };
    if args.one.look.json {
        return print_json(&serde_json::json!({ "job": job, "folder": folder }));
    }
    out!("the picture of {} goes to {}", &job[..12], folder.display());
    Ok(())
}
