//! The measurements as one JSON object and as a table for people.

use super::agreement::Pictures;
use super::load::{Load, MANY, TEXTURED, Times};
use super::renderer::{INCUMBENT, OURS, RENDERERS, RIVAL, Runs};
use super::{DEPTH_MAX, EDGE_PX, Series, Subject};
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;

/// How far a mean radiance may lie from ours for pictures to count as the same.
const MEAN_RATIO_TOLERANCE: f64 = 0.03;
/// How far blocks of pixels may differ in the median; both pictures are noisy.
const BLOCK_ERROR_MAX: f64 = 0.05;
/// Relative noise for which [`Figure::cpu_s_for_5_percent_noise`] stands.
const NOISE: f64 = 0.05;

const CPU_TIME: &str = "user + system time of all threads; loading, tree building, compiling and writing files are in both of two renders \
    with few and with more samples per pixel, and fall out of their difference";
const SPEED: &str = "(samples of the second render - samples of the first) / (its processor time - that of the first), median of the runs";
const NOISE_METHOD: &str = "relative mean square error of a picture from differences between seeds, scaled as 1 / processor time";

/// Everything that was measured.
#[derive(Serialize)]
pub struct Report {
    machine: Machine,
    settings: Settings,
    method: Method,
    scenes: BTreeMap<&'static str, SceneReport>,
    load: Vec<Load>,
    goals: Vec<Goal>,
}

/// What it was measured on.
#[derive(Serialize)]
pub struct Machine {
    cpu: String,
    threads: usize,
    avx2: bool,
    avx512: bool,
    /// Mean number of running processes over the last minute: 0 when nothing else runs.
    load_average_before: Option<f64>,
}

#[derive(Serialize)]
struct Settings {
    width_px: u32,
    height_px: u32,
    depth_max: u32,
    runs: u32,
}

#[derive(Serialize)]
struct Method {
    cpu_time: &'static str,
    speed: &'static str,
    noise: &'static str,
    renderers: BTreeMap<&'static str, &'static str>,
}

#[derive(Serialize)]
struct SceneReport {
    file: String,
    renderers: BTreeMap<&'static str, Figure>,
}

/// One renderer on one scene; figures are absent where it is.
#[derive(Serialize, Default)]
struct Figure {
    version: Option<String>,
    /// Million samples per second of processor time.
    msamples_per_cpu_s: Option<f64>,
    ratio_to_mitsuba_llvm: Option<f64>,
    ratio_to_cycles: Option<f64>,
    /// The same of each run.
    runs: Vec<f64>,
    /// Million samples per second of wall time on all threads, for the record: other work on the machine slows it.
    msamples_per_s: Option<f64>,
    /// Processor time of opening the device and compiling for it, where that was measured.
    setup_cpu_s: Option<f64>,
    spp: [u32; 2],
    mean_radiance: Option<[f64; 3]>,
    mean_ratio_to_ours: Option<f64>,
    block_error_median: Option<f64>,
    /// Whether the two numbers above are small enough for the speeds to be compared.
    same_picture: Option<bool>,
    /// Processor time until a picture's relative noise is 5 %: speed and quality of samples in one number.
    cpu_s_for_5_percent_noise: Option<f64>,
    /// Why there are no figures.
    unavailable: Option<String>,
}

#[derive(Serialize)]
struct Goal {
    name: String,
    value: Option<f64>,
    at_least: Option<f64>,
    at_most: Option<f64>,
    met: Option<bool>,
}

impl Machine {
    /// This machine.
    pub fn here() -> Self {
        let cpuinfo = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let field = |name: &str| cpuinfo.lines().find(|line| line.starts_with(name)).and_then(|line| line.split_once(':'));
        let flags = field("flags").map_or("", |(_, flags)| flags);
        let has = |flag: &str| flags.split_whitespace().any(|word| word == flag);
        let load = std::fs::read_to_string("/proc/loadavg").ok();
        Self {
            cpu: field("model name").map_or(std::env::consts::ARCH, |(_, name)| name.trim()).to_owned(),
            threads: std::thread::available_parallelism().map_or(1, usize::from),
            avx2: has("avx2"),
            avx512: has("avx512f"),
            load_average_before: load.and_then(|text| text.split_whitespace().next()?.parse().ok()),
        }
    }
}

impl Report {
    /// Puts the figures together.
    pub fn new(machine: Machine, runs: u32, subjects: &[Subject], series: &[Series], load: Vec<Load>) -> Self {
        let scenes: BTreeMap<_, _> = (subjects.iter().enumerate())
            .map(|(scene, subject)| {
                let own: Vec<&Series> = series.iter().filter(|series| series.scene == scene).collect();
                (subject.name, SceneReport { file: subject.path.display().to_string(), renderers: figures(subject.name, &own) })
            })
            .collect();
        let method = Method {
            cpu_time: CPU_TIME,
            speed: SPEED,
            noise: NOISE_METHOD,
            renderers: RENDERERS.iter().map(|renderer| (renderer.name, renderer.method())).collect(),
        };
        let goals = goals(&scenes, &load);
        let settings = Settings { width_px: EDGE_PX, height_px: EDGE_PX, depth_max: DEPTH_MAX, runs };
        Self { machine, settings, method, scenes, load, goals }
    }

    /// On one line.
    pub fn json(&self) -> String {
        serde_json::to_string(self).expect("numbers, strings and maps with names always serialise")
    }

    /// Whether our own CPU backend, if it was asked for, has figures on every scene.
    pub fn is_complete(&self) -> bool {
        self.scenes.values().filter_map(|scene| scene.renderers.get(OURS)).all(|figure| figure.msamples_per_cpu_s.is_some())
    }

    /// For people.
    pub fn table(&self) -> String {
        let mut text = String::new();
        let number = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), |value| format!("{value:.3}"));
        for (name, scene) in &self.scenes {
            // Writing into a string cannot fail.
            let _ = writeln!(
                text,
                "\n{name:<22} {:>12} {:>10} {:>10} {:>10} {:>10} {:>10}",
                "Msamples/CPU-s", "/ mitsuba", "/ cycles", "mean/ours", "blocks", "CPU-s 5 %"
            );
            for (name, figure) in &scene.renderers {
                if let Some(reason) = &figure.unavailable {
                    let _ = writeln!(text, "{name:<22} {reason}");
                    continue;
                }
                let _ = writeln!(
                    text,
                    "{name:<22} {:>14} {:>10} {:>10} {:>10} {:>10} {:>10}{}",
                    number(figure.msamples_per_cpu_s),
                    number(figure.ratio_to_mitsuba_llvm),
                    number(figure.ratio_to_cycles),
                    number(figure.mean_ratio_to_ours),
                    number(figure.block_error_median),
                    number(figure.cpu_s_for_5_percent_noise),
                    if figure.same_picture == Some(false) { "  ANOTHER PICTURE" } else { "" },
                );
            }
        }
        let _ = writeln!(text);
        for goal in &self.goals {
            let bound = goal.at_least.map_or_else(|| format!("≤ {}", number(goal.at_most)), |least| format!("≥ {least}"));
            let met = goal.met.map_or("not measured", |met| if met { "met" } else { "missed" });
            let _ = writeln!(text, "{:<58} {:>8}  goal {bound:<8} {met}", goal.name, number(goal.value));
        }
        text
    }
}

fn figures(scene: &str, series: &[&Series]) -> BTreeMap<&'static str, Figure> {
    let mut figures = BTreeMap::new();
    let mut pictures = BTreeMap::new();
    for Series { renderer, outcome, .. } in series {
        let renderer = &RENDERERS[*renderer];
        let samples = renderer.samples(scene);
        let mut figure = Figure { spp: [samples.low, samples.high], ..Figure::default() };
        match outcome {
            Err(absent) => figure.unavailable = Some(absent.to_string()),
            Ok(None) => figure.unavailable = Some("it was not run".to_owned()),
            Ok(Some(Runs { version, setup, runs })) => {
                let pixels = f64::from(EDGE_PX * EDGE_PX);
                let between = pixels * f64::from(samples.high - samples.low) / 1e6;
                figure.runs = runs.iter().map(|run| speed(between, run.low.cpu_s, run.high.cpu_s)).collect();
                let wall: Vec<f64> = runs.iter().map(|run| speed(between, run.low.wall_s, run.high.wall_s)).collect();
                figure.msamples_per_s = median(&wall);
                figure.msamples_per_cpu_s = median(&figure.runs);
                figure.version = Some(version.clone());
                figure.setup_cpu_s = setup.map(|setup| setup.cpu_s);
                let paths: Vec<PathBuf> = runs.iter().map(|run| run.picture.clone()).collect();
                if let Some(read) = Pictures::read(&paths) {
                    figure.mean_radiance = Some(read.mean_radiance());
                    let cpu_s = figure.msamples_per_cpu_s.map(|speed| pixels * f64::from(samples.high) / 1e6 / speed);
                    figure.cpu_s_for_5_percent_noise = cpu_s.zip(read.relative_variance()).map(|(cpu_s, v)| cpu_s * v / (NOISE * NOISE));
                    pictures.insert(renderer.name, read);
                }
            }
        }
        figures.insert(renderer.name, figure);
    }
    let speed_of = |name: &str| figures.get(name).and_then(|figure: &Figure| figure.msamples_per_cpu_s);
    let (rival, incumbent) = (speed_of(RIVAL), speed_of(INCUMBENT));
    for (name, figure) in &mut figures {
        let ratio = |other: Option<f64>| figure.msamples_per_cpu_s.zip(other).map(|(own, other)| own / other);
        (figure.ratio_to_mitsuba_llvm, figure.ratio_to_cycles) = (ratio(rival), ratio(incumbent));
        if let Some((own, ours)) = pictures.get(name).zip(pictures.get(OURS)) {
            let (ratio, error) = (own.ratio_to(ours), own.block_error_median(ours));
            figure.mean_ratio_to_ours = Some(ratio);
            figure.block_error_median = Some(error);
            figure.same_picture = Some((ratio - 1.0).abs() <= MEAN_RATIO_TOLERANCE && error <= BLOCK_ERROR_MAX);
        }
    }
    figures
}

fn speed(msamples: f64, low_s: f64, high_s: f64) -> f64 {
    // On a machine too busy the difference may vanish: the figure is then absurdly high and the median leaves it out.
    msamples / (high_s - low_s).max(1e-3)
}

fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    if sorted.len() % 2 == 1 { Some(sorted[middle]) } else { sorted.get(middle).map(|&upper| 0.5 * (sorted[middle - 1] + upper)) }
}

/// The goals that were set for speed.
fn goals(scenes: &BTreeMap<&'static str, SceneReport>, load: &[Load]) -> Vec<Goal> {
    let mut goals = Vec::new();
    let at_least = |name: String, value: Option<f64>, bound: f64| Goal {
        name,
        value,
        at_least: Some(bound),
        at_most: None,
        met: value.map(|value| value >= bound),
    };
    for (scene, report) in scenes {
        let of = |name: &str, pick: fn(&Figure) -> Option<f64>| report.renderers.get(name).and_then(pick);
        goals.push(at_least(format!("CPU backend / Mitsuba llvm, {scene}"), of(OURS, |f| f.ratio_to_mitsuba_llvm), 0.9));
        goals.push(at_least(format!("CPU backend / Cycles, {scene}"), of(OURS, |f| f.ratio_to_cycles), 2.0));
        let bound = if *scene == "cornell" { 0.35 } else { 0.12 };
        let speed = of("raylance_lavapipe", |f| f.msamples_per_cpu_s);
        goals.push(at_least(format!("GPU backend on lavapipe, Msamples/CPU-s, {scene}"), speed, bound));
    }
    let times = |scene: &str| load.iter().find(|line| line.scene == scene).and_then(|line| line.times.as_ref());
    goals.push(at_least(
        format!("tree building, million triangles/s, {MANY}"),
        times(MANY).map(|times: &Times| times.tree_mtriangles_per_s),
        2.0,
    ));
    let textured = TEXTURED.into_iter().find_map(|scene| Some((scene, times(scene)?.total_s)));
    goals.push(Goal {
        name: format!("loading the {}, s", textured.map_or("textured scene", |(scene, _)| scene)),
        value: textured.map(|(_, total_s)| total_s),
        at_least: None,
        at_most: Some(1.0),
        met: textured.map(|(_, total_s)| total_s < 1.0),
    });
    goals
}

#[cfg(test)]
mod tests {
    use super::super::clock::Cost;
    use super::super::renderer::{Absent, Run};
    use super::*;

    fn series(renderer: usize, cpu_s: f64) -> Series {
        let cost = |cpu_s| Cost { cpu_s, wall_s: cpu_s };
        let run = Run { low: cost(1.0), high: cost(1.0 + cpu_s), picture: PathBuf::from("no such picture") };
        Series { scene: 0, renderer, outcome: Ok(Some(Runs { version: "1".to_owned(), setup: None, runs: vec![run] })) }
    }

    fn report(series: &[Series]) -> serde_json::Value {
        let subjects = [Subject { name: "interior", path: PathBuf::from("interior.glb") }];
        let report = Report::new(Machine::here(), 1, &subjects, series, Vec::new());
        assert!(!report.table().is_empty());
        serde_json::from_str(&report.json()).unwrap()
    }

    #[test]
    fn speed_is_the_difference_of_two_renders_and_ratios_follow() {
        // 48 more samples of 65,536 pixels in two and in four seconds.
        let value = report(&[series(0, 2.0), series(1, 4.0)]);
        let ours = &value["scenes"]["interior"]["renderers"][OURS];
        assert!((ours["msamples_per_cpu_s"].as_f64().unwrap() - 1.572_864).abs() < 1e-9);
        assert!((ours["ratio_to_mitsuba_llvm"].as_f64().unwrap() - 2.0).abs() < 1e-9);
        assert!(ours["ratio_to_cycles"].is_null());
        assert_eq!(value["goals"][0]["met"], true);
        assert!(value["goals"][1]["met"].is_null());
    }

    #[test]
    fn who_is_absent_has_a_reason_and_no_figures() {
        let absent = Series { scene: 0, renderer: 1, outcome: Err(Absent::Failed("no such thing".to_owned())) };
        let value = report(&[series(0, 2.0), absent]);
        let rival = &value["scenes"]["interior"]["renderers"][RIVAL];
        assert!(rival["msamples_per_cpu_s"].is_null());
        assert_eq!(rival["unavailable"], "the render failed: no such thing");
    }

    #[test]
    fn the_median_lies_in_the_middle() {
        assert_eq!(median(&[3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(&[4.0, 1.0, 2.0, 3.0]), Some(2.5));
        assert_eq!(median(&[]), None);
    }
}
