//! `raylance demo`: a whole network on this machine renders one picture.

use super::node::{CheatArg, tokio_runtime};
use super::picture::out_folder;
use super::{Failure, PictureArgs, Progress, SceneArgs, out, print_json};
use clap::Args;
use raylance_control::view::JobState;
use raylance_lab::STILL_LIFE;
use raylance_lab::demo::{self, DemoConfig, DemoFailure, Step};
use std::path::PathBuf;

/// Arguments of `raylance demo`.
#[derive(Args, Debug)]
pub struct DemoArgs {
    /// A .gltf or .glb file; a still life comes with the program
    #[arg(long, value_name = "FILE")]
    scene: Option<PathBuf>,
    #[command(flatten)]
    look: SceneArgs,
    #[command(flatten)]
    picture: PictureArgs,
    /// Folder for picture and receipt; those of an earlier demo are replaced
    #[arg(long, default_value = "target/demo", value_name = "DIR")]
    out: PathBuf,
    /// Number of workers
    #[arg(long, default_value_t = 3, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=16))]
    workers: u8,
    /// Let the last worker or the artist cheat, to see it come to nothing
    #[arg(long, value_enum, value_name = "KIND")]
    cheat: Option<CheatArg>,
    /// Device of the workers: auto, cpu, gpu, or a name from `raylance devices`
    #[arg(long, default_value = "auto", value_name = "auto|cpu|gpu|NAME")]
    device: String,
    /// Print one JSON object as the last line
    #[arg(long)]
    json: bool,
}

/// Runs the demo and prints what it found out.
pub fn run(args: &DemoArgs) -> Result<(), Failure> {
    super::render::check_size(&args.picture)?;
    // Kept until the end: the scene is read once more to compare.
    let unpacked = tempfile::tempdir().map_err(|error| Failure::work(format!("cannot make a temporary folder: {error}")))?;
    let scene = match &args.scene {
        Some(scene) => scene.clone(),
        None => {
            let path = unpacked.path().join("still-life.glb");
            std::fs::write(&path, STILL_LIFE).map_err(|error| Failure::work(format!("cannot write {}: {error}", path.display())))?;
            path
        }
    };
    let workers = usize::from(args.workers);
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let config = DemoConfig {
        program: std::env::current_exe().map_err(|error| Failure::work(format!("cannot find this program's own file: {error}")))?,
        request: args.look.request(&scene, &args.picture)?,
        out: out_folder(&args.out)?,
        workers,
        cheat: args.cheat.map(Into::into),
        device: args.device.clone(),
        threads: cores.div_ceil(workers),
    };
    let mut shown = Shown::default();
    let report = tokio_runtime()?.block_on(demo::run(&config, &mut |step| shown.step(step))).map_err(failure)?;
    shown.finish();
    if args.json {
        print_json(&report)?;
    } else {
        out!("{report}");
    }
    if report.is_good() {
        return Ok(());
    }
    Err(Failure::work("the demo found a fault: see the report"))
}

fn failure(DemoFailure { error, last_words }: DemoFailure) -> Failure {
    let failure = if error.is_input() { Failure::input(&error) } else { Failure::work(&error) };
    failure.caused_by(&error).with_details(error.details().to_vec()).with_details(last_words)
}

/// The progress bars of both renders, the network's and this machine's own.
#[derive(Default)]
struct Shown {
    network: Option<Progress>,
    own: Option<Progress>,
}

impl Shown {
    fn step(&mut self, step: Step<'_>) {
        match step {
            Step::Warning(warning) => eprintln!("warning: {warning}"),
            Step::Rendering { shown, units, state } => {
                let bar = self.network.get_or_insert_with(|| Progress::new("rendering", u64::from(units)));
                let note = if state == JobState::Settling { "every unit is there; checks and payments go on" } else { "" };
                bar.show(u64::from(shown), note);
            }
            Step::Comparing { done, total } => {
                self.network = None;
                let bar = self.own.get_or_insert_with(|| Progress::new("rendering once more on the CPU to compare", total));
                bar.show_of(done, total, "");
            }
        }
    }

    fn finish(self) {
        if let Some(bar) = self.own {
            bar.finish();
        }
    }
}
