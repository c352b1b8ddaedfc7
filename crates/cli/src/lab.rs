//! `raylance lab`: what each cheat would gain on this machine, and how often it would be caught.

use super::{Failure, Progress, out, print_json};
use clap::Args;
use raylance_lab::cheats::{self, AttackRow, CheatsError, DRAWN_LEAVES, Detection, HonestRow, Plan, Report, SavedBy, Watch};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// What `--help` says below the flags.
const MEASURES: &str = "\
Renders the built-in still life honestly and as each attacker would, then draws leaves and judges them as verifiers do.
  work saved    camera samples not rendered or, for fewer bounces, render time saved on this machine
  image error   relative RMS against the honest film
  caught        share of 10,000 draws in which the judge of the exact profile rejects, with Wilson 95 % bounds
Honest runs with other threads and on every exact graphics adapter must not differ in a single bit; else the exit code is 1.";

/// Arguments of `raylance lab`.
#[derive(Args, Debug)]
#[command(after_help = MEASURES)]
pub struct LabArgs {
    /// Leaves of the film, one per pixel at 16:9
    #[arg(long, default_value_t = 14_400, value_name = "N", value_parser = clap::value_parser!(u32).range(64..=36_864))]
    leaves: u32,
    /// Print one JSON object as the last line
    #[arg(long)]
    json: bool,
}

/// Measures and prints the table.
pub fn run(args: &LabArgs) -> Result<(), Failure> {
    let report = measure(&Plan::of_leaves(args.leaves)).map_err(|error| Failure::work(&error).caused_by(&error))?;
    if args.json {
        print_json(&report)?;
    } else {
        print_tables(&report);
    }
    if report.honest_agree() {
        return Ok(());
    }
    Err(Failure::work("an honest run differs from another: such a device would be rejected for nothing"))
}

/// Measures while another thread shows the progress.
fn measure(plan: &Plan) -> Result<Report, CheatsError> {
    let watch = Watch::default();
    let finished = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while watch.total() == 0 && !finished.load(Ordering::Acquire) {
                std::thread::park_timeout(Duration::from_millis(20));
            }
            let mut progress = Progress::new("measuring", watch.total());
            while !finished.load(Ordering::Acquire) {
                progress.show(watch.done(), "");
                std::thread::park_timeout(Duration::from_millis(100));
            }
            progress.finish();
        });
        let report = cheats::run(plan, &watch);
        finished.store(true, Ordering::Release);
        report
    })
}

fn print_tables(report: &Report) {
    let Report { device, width_px, height_px, samples, depth_max, leaves, draws, seconds, .. } = report;
    out!("film: still life, {width_px} × {height_px} px, {samples} samples, depth {depth_max}: {leaves} leaves, by {device}");
    out!("");
    let mut honest = vec![["honest run", "leaves that differ", "false rejections"].map(str::to_owned).to_vec()];
    honest.extend(report.honest.iter().map(honest_cells));
    print_aligned(&honest);
    out!("");
    let head = ["attacker", "work saved", "image error", "differing"].map(str::to_owned).into_iter();
    let caught = DRAWN_LEAVES.iter().map(|drawn| format!("caught at {drawn}, %"));
    let mut rows = vec![head.chain(caught).chain([format!("units until caught at {}", DRAWN_LEAVES[0])]).collect()];
    rows.extend(report.rows.iter().map(attack_cells));
    print_aligned(&rows);
    out!("");
    out!("caught: share of {draws} draws of so many leaves per unit, with its Wilson 95 % bounds; measured in {seconds:.0} s");
    let noise = percent(report.time_saved_by_honest);
    out!("t: render time saved on this machine, where an honest run against itself gives {noise}; the others: camera samples not rendered");
}

fn honest_cells(row: &HonestRow) -> Vec<String> {
    let rejections: u32 = row.detections.iter().map(|detection| detection.caught).sum();
    let draws: u32 = row.detections.iter().map(|detection| detection.draws).sum();
    match (&row.error, row.differing_leaves) {
        (None, Some(differing)) => vec![row.run.clone(), differing.to_string(), format!("{rejections} of {draws}")],
        (error, _) => vec![row.run.clone(), error.clone().unwrap_or_default(), String::new()],
    }
}

fn attack_cells(row: &AttackRow) -> Vec<String> {
    let clock = match row.work_saved_by {
        SavedBy::Samples => "  ",
        SavedBy::Time => " t",
    };
    let mut cells =
        vec![row.attack.clone(), format!("{}{clock}", percent(row.work_saved)), percent(row.image_error), percent(row.differing)];
    cells.extend(row.detections.iter().map(detected));
    let units = row.detections.first().and_then(|detection| detection.units_until_caught);
    cells.push(units.map_or_else(|| "not caught".to_owned(), |units| format!("{units:.1}")));
    cells
}

fn percent(share: f64) -> String {
    format!("{:.2} %", share * 100.0)
}

fn detected(detection: &Detection) -> String {
    let [share, low, high] = [detection.detected, detection.detected_low, detection.detected_high].map(|share| share * 100.0);
    format!("{share:.2} [{low:.2}, {high:.2}]")
}

/// The first column to the left, the others to the right.
fn print_aligned(rows: &[Vec<String>]) {
    let columns = rows.first().map_or(0, Vec::len);
    let width = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(width).collect();
    for row in rows {
        let cells = row.iter().zip(&widths).enumerate();
        let padded = cells.map(|(column, (cell, &width))| if column == 0 { format!("{cell:<width$}") } else { format!("{cell:>width$}") });
        out!("{}", padded.collect::<Vec<_>>().join("  "));
    }
}
