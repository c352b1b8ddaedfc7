//! `bench-render`: our backends beside Mitsuba 3 and Blender Cycles, on scenes of our own, in one run.
//!
//! ```text
//! scenes::{cornell, interior} ─► files ─► renderer::run, in turns ─► agreement ─► report (JSON, table)
//!                                   └──► load (tree building, import) ──────────────┘
//! ```
//!
//! What is compared is processor time (user and system, all threads) and never wall time, so that other work on the machine disturbs little.
//! A renderer that is not there is in the report with the reason and no figures.

mod agreement;
mod clock;
mod load;
mod python;
mod renderer;
mod report;

use clap::Parser;
use renderer::{Absent, RENDERERS, Runs, Tools};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{fs, io};

/// Edge of the square pictures.
const EDGE_PX: u32 = 256;
/// Path segments.
const DEPTH_MAX: u32 = 8;

#[derive(Parser)]
#[command(name = "bench-render", about = "Measures our renderers beside Mitsuba and Blender Cycles")]
struct Arguments {
    /// Runs of each renderer on each scene, taken in turns; figures are medians
    #[arg(long, default_value_t = 3, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=99))]
    repeat: u32,
    /// Only renderers whose name contains this; may be given several times
    #[arg(long, value_name = "NAME")]
    only: Vec<String>,
    /// Only scenes whose name contains this; may be given several times
    #[arg(long, value_name = "NAME")]
    scene: Vec<String>,
    /// Leave out how long loading takes
    #[arg(long)]
    no_load: bool,
}

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
enum BenchError {
    /// A file could not be written.
    #[error("{path}")]
    File {
        /// Which.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The renderer has not been built.
    #[error("{0} is missing: `make bench-render` builds it")]
    NotBuilt(PathBuf),
}

/// A scene to measure on.
struct Subject {
    name: &'static str,
    path: PathBuf,
}

/// What one renderer did on one scene.
struct Series {
    scene: usize,
    renderer: usize,
    /// `None` before the first run.
    outcome: Result<Option<Runs>, Absent>,
}

/// Measures and prints a table to stderr and one JSON object as the last line of stdout.
fn main() -> ExitCode {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("this package lies two folders below the root");
    match measure(root, &Arguments::parse()) {
        Ok(report) => {
            eprint!("{}", report.table());
            println!("{}", report.json());
            if report.is_complete() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(error) => {
            let mut cause: Option<&dyn std::error::Error> = Some(&error);
            while let Some(error) = cause {
                eprintln!("bench: {error}");
                cause = error.source();
            }
            ExitCode::FAILURE
        }
    }
}

fn measure(root: &Path, args: &Arguments) -> Result<report::Report, BenchError> {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    let release = target.join("release");
    let raylance = release.join(format!("raylance{}", std::env::consts::EXE_SUFFIX));
    if !raylance.exists() {
        return Err(BenchError::NotBuilt(raylance));
    }
    let folder = target.join("bench");
    let machine = report::Machine::here();
    let subjects = write_scenes(&folder, &args.scene)?;
    let measure = release.join(format!("measure{}", std::env::consts::EXE_SUFFIX));
    let tools =
        Tools { raylance, measure, scripts: root.join("scripts/bench"), python: python::Environment::new(target.join("bench-venv")) };
    let series = render_in_turns(&tools, &subjects, args, &folder);
    let load = if args.no_load { Vec::new() } else { load::measure(root, &tools.measure, &folder)? };
    Ok(report::Report::new(machine, args.repeat, &subjects, &series, load))
}

fn write_scenes(folder: &Path, only: &[String]) -> Result<Vec<Subject>, BenchError> {
    let makers: [scenes::Made; 2] = [("cornell", scenes::cornell), ("interior", || scenes::interior(1))];
    let mut subjects = Vec::new();
    for (name, make) in makers.into_iter().filter(|(name, _)| chosen(only, name)) {
        let path = folder.join(name).with_extension("glb");
        write(&path, &make())?;
        subjects.push(Subject { name, path });
    }
    Ok(subjects)
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), BenchError> {
    let failed = |source| BenchError::File { path: path.to_owned(), source };
    fs::create_dir_all(path.parent().unwrap_or(Path::new("."))).map_err(failed)?;
    fs::write(path, bytes).map_err(failed)
}

fn chosen(only: &[String], name: &str) -> bool {
    only.is_empty() || only.iter().any(|part| name.contains(part.as_str()))
}

/// Every renderer once, then all of them again: a slow minute of the machine then falls on all alike.
fn render_in_turns(tools: &Tools, subjects: &[Subject], args: &Arguments, folder: &Path) -> Vec<Series> {
    let mut series = Vec::new();
    for scene in 0..subjects.len() {
        for renderer in (0..RENDERERS.len()).filter(|&r| chosen(&args.only, RENDERERS[r].name)) {
            series.push(Series { scene, renderer, outcome: Ok(None) });
        }
    }
    for turn in 0..args.repeat {
        for Series { scene, renderer, outcome } in &mut series {
            let (subject, renderer) = (&subjects[*scene], &RENDERERS[*renderer]);
            let Ok(done) = outcome else { continue };
            eprintln!("bench: {} of {}, {} on {}", turn + 1, args.repeat, renderer.name, subject.name);
            let picture = folder.join(format!("{}-{}", subject.name, renderer.name));
            match renderer.run(tools, subject.name, &subject.path, &picture.to_string_lossy(), turn, args.repeat) {
                Ok(Some(more)) => match done {
                    Some(done) => done.runs.extend(more.runs),
                    None => *done = Some(more),
                },
                Ok(None) => {}
                Err(absent) => {
                    eprintln!("bench: {}: {absent}", renderer.name);
                    *outcome = Err(absent);
                }
            }
        }
    }
    series
}
