//! What would a cheat gain, and would it be caught? Measured with the real renderer, the real draw and the real judge.
//!
//! ```text
//! still life ─ renderer ─► honest film ─┬─ other devices ─► honest films ─┐
//!                                       └─ attackers ─────► cheated films ┴─ draws × judge ─► rows
//! ```
//!
//! The film is one unit of one leaf per pixel. Nothing here is looked up: every figure follows from films that were rendered or altered
//! in this run. Deliberately absent: attackers that lie about verdicts instead of films, and those that need another shader.

mod attackers;
mod detection;
mod film;

pub use attackers::{ATTACKS, Attack, SavedBy};
pub use detection::{Detection, detection, wilson_95};
pub use film::Film;

use crate::still_life;
use film::{Studio, Take};
use raylance_protocol::job::{LEAF_SAMPLES, Unit};
use raylance_protocol::{Digest, limits};
use raylance_scene::Scene;
use raylance_scene::import::ImportError;
use raylance_tracer::{Control, DeviceChoice, DeviceKind, Profile, RenderError, Renderer, devices};
use serde::Serialize;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

/// Drawn leaves per unit whose detection is measured: the least that is drawn of a unit, and the usual draw of units of 4,500 and of 8,200
/// leaves.
pub const DRAWN_LEAVES: [u32; 3] = [4, 41, 74];

/// Most path segments of the honest film.
pub const DEPTH_MAX: u32 = 8;

/// Draws per row and number of drawn leaves: if all of 10,000 catch a cheat, at least 99.96 % do with 95 % confidence.
const DRAWS: u32 = 10_000;
/// Runs per timed setting, of which the fastest counts: other programs can only make a render slower.
const TIMED_RUNS: u32 = 10;
/// Widest film in pixels: the widest unit that peers allow.
const WIDTH_PX_MAX: u32 = limits::TILE_PX_MAX;

/// Why there are no figures.
#[derive(Debug, thiserror::Error)]
pub enum CheatsError {
    /// The importer refuses the built-in scene.
    #[error("the built-in scene cannot be loaded")]
    Scene(#[from] ImportError),
    /// The renderer failed.
    #[error("the renderer failed")]
    Render(#[from] RenderError),
}

/// How much is measured.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// Width of the film.
    pub width_px: u32,
    /// Height of the film.
    pub height_px: u32,
    /// Draws per row and number of drawn leaves.
    pub draws: u32,
    /// Runs per timed setting.
    pub timed_runs: u32,
    /// Whether every exact graphics adapter renders an honest film, too.
    pub adapters: bool,
}

impl Plan {
    /// About `leaves` leaves at 16:9, everything measured.
    pub fn of_leaves(leaves: u32) -> Self {
        let width_px = (f64::from(leaves) * 16.0 / 9.0).sqrt().round().clamp(8.0, f64::from(WIDTH_PX_MAX)) as u32;
        let height_px = (leaves / width_px).clamp(4, WIDTH_PX_MAX);
        Self { width_px, height_px, draws: DRAWS, timed_runs: TIMED_RUNS, adapters: true }
    }

    fn unit(&self) -> Unit {
        film::unit(self.width_px, self.height_px)
    }
}

/// Shared between a measurement and who watches it. One step is one rendered leaf or one judged draw: they take about as long.
#[derive(Debug, Default)]
pub struct Watch {
    control: Control,
    judged: AtomicU64,
    total: AtomicU64,
}

impl Watch {
    /// Steps done.
    pub fn done(&self) -> u64 {
        self.control.done() + self.judged.load(Ordering::Relaxed)
    }

    /// Steps in all; 0 until they are known.
    pub fn total(&self) -> u64 {
        self.total.load(Ordering::Relaxed)
    }

    fn plan(&self, plan: &Plan, honest_runs: usize) {
        let timed_against_itself = 2 * u64::from(plan.timed_runs.max(1));
        let films = 1 + timed_against_itself + honest_runs as u64 + ATTACKS.iter().map(|attack| attack.films(plan.timed_runs)).sum::<u64>();
        let rows = (honest_runs + ATTACKS.len()) as u64;
        let draws = rows * DRAWN_LEAVES.len() as u64 * u64::from(plan.draws);
        self.total.store(films * u64::from(plan.unit().leaf_count()) + draws, Ordering::Relaxed);
    }
}

/// Everything that was measured.
#[derive(Debug, Serialize)]
pub struct Report {
    /// Digest of the packed scene.
    pub scene: String,
    /// Digest of the renderer.
    pub renderer: String,
    /// Device of the reference film and of every attacker.
    pub device: String,
    /// Width of the film.
    pub width_px: u32,
    /// Height of the film.
    pub height_px: u32,
    /// Samples per leaf.
    pub samples: u32,
    /// Most path segments of the honest film.
    pub depth_max: u32,
    /// Leaves of the film.
    pub leaves: u32,
    /// Draws per row and number of drawn leaves.
    pub draws: u32,
    /// Other honest runs against the reference film.
    pub honest: Vec<HonestRow>,
    /// Attackers against the reference film.
    pub rows: Vec<AttackRow>,
    /// Share of render time that an honest run "saves" against itself: how far saved times can be trusted.
    pub time_saved_by_honest: f64,
    /// Wall-clock time of all of it.
    pub seconds: f64,
}

impl Report {
    /// Did every honest run that could be made give the reference film's bits?
    pub fn honest_agree(&self) -> bool {
        self.honest.iter().all(|row| row.differing_leaves.unwrap_or(0) == 0)
    }
}

/// One honest run on another device or with other threads.
#[derive(Debug, Serialize)]
pub struct HonestRow {
    /// What rendered.
    pub run: String,
    /// Leaves whose bits differ from the reference; absent where the run failed.
    pub differing_leaves: Option<u32>,
    /// The judge's rejections of this film: each would be a false one.
    pub detections: Vec<Detection>,
    /// Why the run failed.
    pub error: Option<String>,
}

/// One attacker.
#[derive(Debug, Serialize)]
pub struct AttackRow {
    /// What it does.
    pub attack: String,
    /// Share of the honest work that it does not do.
    pub work_saved: f64,
    /// Whether that share counts camera samples or render time.
    pub work_saved_by: SavedBy,
    /// Root of the mean squared error over the root mean square of the honest film, all channels together.
    pub image_error: f64,
    /// Share of leaves whose bits differ.
    pub differing: f64,
    /// How often the judge rejects, per number of drawn leaves.
    pub detections: Vec<Detection>,
}

/// Renders the honest films and every attacker's, and lets the judge draw from them. Blocking; about half a minute on two cores.
///
/// # Errors
/// [`CheatsError`]. An adapter that fails is a row, not an error.
pub fn run(plan: &Plan, watch: &Watch) -> Result<Report, CheatsError> {
    let started = Instant::now();
    let scene = still_life(plan.width_px as f32 / plan.height_px as f32)?;
    let runs = honest_runs(plan);
    watch.plan(plan, runs.len());
    let renderer = Renderer::new(&scene, &DeviceChoice::Cpu, Profile::Exact, 0)?;
    let device = renderer.device().name.clone();
    let mut studio = Studio::new(renderer, plan.unit(), plan.timed_runs, &watch.control);
    let reference = studio.honest()?;
    let (_, time_saved_by_honest) = studio.render_timed(Take::HONEST)?;
    let honest = runs.iter().map(|run| honest_row(run, &scene, plan, &reference, watch)).collect();
    let rows = ATTACKS.iter().map(|attack| attack_row(*attack, &mut studio, plan, &reference, watch)).collect::<Result<_, _>>()?;
    Ok(Report {
        scene: raylance_files::scenes::name(&scene.pack()).to_string(),
        renderer: Digest(raylance_tracer::renderer_digest()).to_hex(),
        device,
        width_px: plan.width_px,
        height_px: plan.height_px,
        samples: LEAF_SAMPLES,
        depth_max: DEPTH_MAX,
        leaves: plan.unit().leaf_count(),
        draws: plan.draws,
        honest,
        rows,
        time_saved_by_honest,
        seconds: started.elapsed().as_secs_f64(),
    })
}

struct HonestRun {
    name: String,
    device: DeviceChoice,
    threads: usize,
}

/// The CPU with another number of threads than the reference, and every exact adapter once.
fn honest_runs(plan: &Plan) -> Vec<HonestRun> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let threads = if cores == 1 { 2 } else { 1 };
    let name = format!("CPU, {threads} thread{}", if threads == 1 { "" } else { "s" });
    let mut runs = vec![HonestRun { name, device: DeviceChoice::Cpu, threads }];
    if plan.adapters {
        let exact = devices().into_iter().filter(|device| device.kind != DeviceKind::Cpu && device.profile == Profile::Exact);
        runs.extend(exact.map(|device| HonestRun { device: device.choice(), name: device.name, threads: 0 }));
    }
    runs
}

fn honest_row(run: &HonestRun, scene: &Scene, plan: &Plan, reference: &Film, watch: &Watch) -> HonestRow {
    let film = Renderer::new(scene, &run.device, Profile::Exact, run.threads)
        .and_then(|renderer| Studio::new(renderer, plan.unit(), 1, &watch.control).honest());
    match film {
        Ok(film) => HonestRow {
            run: run.name.clone(),
            differing_leaves: Some(film.differing(reference)),
            detections: detections(reference, &film, plan, watch),
            error: None,
        },
        Err(error) => HonestRow { run: run.name.clone(), differing_leaves: None, detections: Vec::new(), error: Some(error.to_string()) },
    }
}

fn attack_row(attack: Attack, studio: &mut Studio<'_>, plan: &Plan, reference: &Film, watch: &Watch) -> Result<AttackRow, CheatsError> {
    let cheat = attack.cheat(studio, reference)?;
    Ok(AttackRow {
        attack: attack.to_string(),
        work_saved: cheat.saved,
        work_saved_by: cheat.saved_by,
        image_error: cheat.film.relative_rms(reference),
        differing: f64::from(cheat.film.differing(reference)) / f64::from(plan.unit().leaf_count()),
        detections: detections(reference, &cheat.film, plan, watch),
    })
}

fn detections(honest: &Film, claimed: &Film, plan: &Plan, watch: &Watch) -> Vec<Detection> {
    DRAWN_LEAVES.iter().map(|&drawn| detection(honest, claimed, drawn, plan.draws, &watch.judged)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_film_is_160_by_90_leaves() {
        let plan = Plan::of_leaves(14_400);
        assert_eq!((plan.width_px, plan.height_px), (160, 90));
        for leaves in [64, 100, 36_864] {
            let plan = Plan::of_leaves(leaves);
            assert!(plan.width_px <= WIDTH_PX_MAX && plan.unit().leaf_count() <= leaves, "{leaves}: {plan:?}");
        }
    }

    #[test]
    fn a_tiny_lab_finds_honest_films_equal_and_every_attacker_different() {
        let plan = Plan { draws: 50, timed_runs: 1, adapters: false, ..Plan::of_leaves(576) };
        let watch = Watch::default();
        let report = run(&plan, &watch).unwrap();
        assert_eq!(report.honest.len(), 1);
        assert_eq!(report.honest[0].differing_leaves, Some(0));
        assert!(report.honest[0].detections.iter().all(|detection| detection.caught == 0));
        assert_eq!(report.rows.len(), ATTACKS.len());
        for row in &report.rows {
            assert!(row.differing > 0.0 && row.image_error > 0.0, "{row:?}");
            assert!(row.detections[2].caught > 0, "{row:?}");
        }
        assert_eq!(watch.done(), watch.total());
    }
}
