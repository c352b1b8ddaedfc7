//! `raylance submit`: a scene becomes a job of the running node.

use super::client::{ask, unexpected};
use super::parse::lux;
use super::picture::out_folder;
use super::{Failure, PictureArgs, Progress, SceneArgs, out, print_json};
use clap::Args;
use raylance_control::submit::Submitted;
use raylance_control::view::{JobState, JobView};
use raylance_control::{Ask, Told};
use serde::Serialize;
use std::path::PathBuf;
use std::time::Duration;

/// How often the node is asked how far it is.
const LOOK_EVERY: Duration = Duration::from_millis(300);

/// Arguments of `raylance submit`.
#[derive(Args, Debug)]
pub struct SubmitArgs {
    /// Data folder of the running node; absent = the usual one
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// A .gltf or .glb file
    scene: PathBuf,
    #[command(flatten)]
    look: SceneArgs,
    #[command(flatten)]
    picture: PictureArgs,
    /// The most that is paid for a million camera samples, in lux
    #[arg(long, value_name = "LUX", value_parser = lux)]
    price: Option<u64>,
    /// Render on this machine alone
    #[arg(long, conflicts_with = "price")]
    alone: bool,
    /// Names this request: the same request under the same name is one job, however often it is submitted
    #[arg(long, value_name = "TEXT")]
    key: Option<String>,
    /// Wait until the picture is done
    #[arg(long)]
    wait: bool,
    /// Folder for the finished files; absent = a new one in ~/Pictures/Raylance
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Print one JSON object as the last line
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct SubmitLine {
    #[serde(flatten)]
    submitted: Submitted,
    #[serde(skip_serializing_if = "Option::is_none")]
    view: Option<JobView>,
}

/// Submits, and waits where that was asked for.
pub fn run(args: &SubmitArgs) -> Result<(), Failure> {
    super::render::check_size(&args.picture)?;
    let mut request = args.look.request(&args.scene, &args.picture)?;
    (request.rate_microlux, request.alone, request.key) = (args.price, args.alone, args.key.clone());
    request.out_dir = args.out.as_deref().map(out_folder).transpose()?;
    let told = ask(args.data.as_deref(), Ask::Submit { request: Box::new(request) })?;
    let Told::Submitted(submitted) = told else { return Err(unexpected()) };
    for warning in &submitted.warnings {
        eprintln!("warning: {warning}");
    }
    let view = if args.wait { Some(wait_for(args, &submitted.job)?) } else { None };
    let line = SubmitLine { submitted, view };
    if args.json {
        return print_json(&line);
    }
    out!("{}", line.submitted.job);
    for file in line.view.iter().flat_map(|view| &view.files) {
        out!("{}", file.display());
    }
    Ok(())
}

/// Shows the job's progress until it is over. While its folder takes nothing that is said, once.
fn wait_for(args: &SubmitArgs, job: &str) -> Result<JobView, Failure> {
    let mut progress: Option<Progress> = None;
    let mut told_of_fault = false;
    loop {
        let told = ask(args.data.as_deref(), Ask::Job { job: job.to_owned() })?;
        let Told::Job(view) = told else { return Err(unexpected()) };
        let progress = progress.get_or_insert_with(|| Progress::new("rendering", u64::from(view.line.units)));
        let note = match view.line.state {
            JobState::Rendering => "",
            JobState::Stands => "the device is paused (`raylance resume`), and no other machine has taken it",
            JobState::Settling => "every unit is there; checks and payments go on",
            JobState::FolderFails => "the picture can't be written",
            JobState::Ended => return Ok(*view),
        };
        if let (Some(fault), false) = (&view.folder_fault, told_of_fault) {
            told_of_fault = true;
            progress.line(&format!("warning: {fault}"));
            progress.line(&format!("  give it another folder: raylance job folder {} NEW_FOLDER", &job[..12]));
        }
        progress.show(u64::from(view.line.shown), note);
        std::thread::sleep(LOOK_EVERY);
    }
}
