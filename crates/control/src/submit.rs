//! A person's scene becomes a job: imported, checked and stored, its folder tried, its price known, before anything is promised to anybody.

use raylance_agent::Command;
use raylance_files::jobs::{IMAGE_EXR, IMAGE_PNG, JobFile, Jobs};
use raylance_files::scenes::Hold;
use raylance_market::artist::Plan;
use raylance_node::{Node, unix_ms};
use raylance_picture::doctor::path_tests;
use raylance_protocol::job::LEAF_SAMPLES;
use raylance_protocol::{Digest, JobSpec, Microlux, Rate, RenderWork, RingParameters, SpecHash, Work, limits};
use raylance_scene::import::{CameraChoice, ImportError, ImportOptions, SceneFault, import};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// One microlux a camera sample.
const RATE_MICROLUX: u64 = 1_000_000;
/// What checks and raced stragglers may cost beside the units, in a hundred of their price.
const SURPLUS_PERCENT: u64 = 25;
/// Tiles that a picture is cut into, about: enough for many workers, few enough that messages cost nothing.
const TILES: f64 = 64.0;
/// Bounds of a tile's edge, pixels: 16 keep a tiny picture in several units.
const TILE_PX: std::ops::RangeInclusive<u32> = 16..=limits::TILE_PX_MAX;
/// Bounds of a unit's samples per pixel: fewer than 32 is more overhead than work, 256 is a minute on a slow machine.
const CHUNK_SAMPLES: std::ops::RangeInclusive<u32> = 32..=256;
/// How long a job may stand on the ledger before it is prolonged: a few windows, and never so short that a slow worker's lease, a minute at
/// least, and a claim do not fit.
const WINDOWS_OPEN: u64 = 8;
const OPEN_MS_MIN: u64 = 3_600_000;

/// A scene with its settings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SubmitRequest {
    /// A `.gltf` or `.glb` file.
    pub scene: PathBuf,
    /// An equirectangular `.hdr` or `.exr` picture.
    pub env: Option<PathBuf>,
    /// Factor on its radiance.
    pub env_strength: Option<f32>,
    /// Camera name or number.
    pub camera: Option<String>,
    /// Eye, target and vertical field of view in degrees: replaces the scene's cameras.
    pub look: Option<Look>,
    /// Picture width.
    pub width_px: u32,
    /// Picture height.
    pub height_px: u32,
    /// Samples per pixel.
    pub samples: u32,
    /// Most path segments.
    pub depth_max: u32,
    /// The most that is paid for a million camera samples, microlux; absent = the usual price.
    pub rate_microlux: Option<u64>,
    /// Render on this machine alone?
    pub alone: bool,
    /// Folder for the picture; absent = a new one among the person's pictures.
    pub out_dir: Option<PathBuf>,
    /// Names the request: the same request under the same name is one job. Absent = always a new one.
    pub key: Option<String>,
}

/// A camera given by hand.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Look {
    /// Eye, metres.
    pub from: [f32; 3],
    /// Target, metres.
    pub at: [f32; 3],
    /// Vertical field of view, degrees.
    pub fov_y_deg: f32,
}

/// Which eye a person chose: one given by hand, else one of the scene's by name or number.
pub fn camera(look: Option<Look>, name: Option<&str>) -> CameraChoice {
    match (look, name) {
        (Some(Look { from, at, fov_y_deg }), _) => CameraChoice::Look { from, at, fov_y_deg },
        (None, Some(name)) => name.into(),
        (None, None) => CameraChoice::Scene,
    }
}

impl SubmitRequest {
    /// How its scene is read.
    pub fn import_options(&self) -> ImportOptions {
        ImportOptions {
            camera: camera(self.look, self.camera.as_deref()),
            environment: self.env.clone(),
            env_strength: self.env_strength.unwrap_or(1.0),
            frame: None,
            aspect: self.width_px as f32 / self.height_px.max(1) as f32,
        }
    }
}

/// A job that was taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Submitted {
    /// Its name here: hash of its specification, in hexadecimal.
    pub job: String,
    /// What the scene doctor had to say.
    pub warnings: Vec<String>,
    /// Where the picture will be.
    pub folder: PathBuf,
    /// The most that it costs, microlux in decimal.
    pub budget: String,
}

/// Why a scene was not taken, for a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{message}")]
pub struct Refused {
    /// One line.
    pub message: String,
    /// More lines, e.g. one per fault of the scene.
    pub details: Vec<String>,
}

fn refused(message: impl Into<String>) -> Refused {
    Refused { message: message.into(), details: Vec::new() }
}

/// A scene on disk with everything that its job says.
struct Prepared {
    hold: Hold,
    plan: Plan,
    file: JobFile,
}

/// Takes a scene.
///
/// # Errors
/// [`Refused`]: nothing was promised to anybody.
pub async fn submit(node: &Node, request: SubmitRequest) -> Result<Submitted, Refused> {
    let stopped = || refused("the node has stopped");
    let seen = node.look(|agent| (agent.chain().state().parameters(), agent.free_to_spend()));
    let (parameters, free) = seen.await.ok_or_else(stopped)?;
    let artist = node.clone();
    let prepare = move || prepare(&artist, &request, parameters, free);
    let prepared =
        tokio::task::spawn_blocking(prepare).await.map_err(|_| refused("the scene made this program fail; it was not taken"))??;
    let Prepared { hold, plan, file } = prepared;
    let spec = plan.spec.hash();
    let known = node.look(move |agent| agent.own_job(spec).is_some() || agent.ended_job(spec).is_some()).await;
    let budget = plan.budget.0.to_string();
    if known != Some(true) {
        let (jobs, file) = (node.files().jobs.clone(), file.clone());
        let kept = tokio::task::spawn_blocking(move || jobs.set_file(spec, file)).await;
        kept.map_err(|_| stopped())?.map_err(|error| refused(format!("the job can't be recorded: {error}")))?;
        if let Err(error) = node.command(Command::Submit(Box::new(plan))).await {
            let jobs = node.files().jobs.clone();
            // It is of no use; the next sweep takes what stays.
            let _ = tokio::task::spawn_blocking(move || jobs.forget(spec)).await;
            return Err(error.map_or_else(stopped, |error| refused(error.to_string())));
        }
    }
    drop(hold);
    let JobFile { folder, warnings, .. } = node.files().jobs.file(spec);
    Ok(Submitted { job: spec.0.to_hex(), warnings, folder, budget })
}

/// Gives a job's picture another folder: the one it had takes nothing.
///
/// # Errors
/// [`Refused`].
pub async fn set_folder(node: &Node, spec: SpecHash, folder: PathBuf) -> Result<(), Refused> {
    let jobs = node.files().jobs.clone();
    let change = move || {
        let folder = usable_folder(&jobs, &folder, Some(spec))?;
        let file = JobFile { folder, ..jobs.file(spec) };
        jobs.set_file(spec, file).map_err(|error| refused(format!("the job can't be recorded: {error}")))
    };
    tokio::task::spawn_blocking(change).await.map_err(|_| refused("the node has stopped"))?
}

/// Imports, checks, packs and stores the scene, and tries the folder. Blocking.
///
/// A price that was named must be there. At the usual price others help for what is free, and this machine renders the rest.
fn prepare(node: &Node, request: &SubmitRequest, parameters: RingParameters, free: Microlux) -> Result<Prepared, Refused> {
    let files = node.files();
    let work = work(request.width_px, request.height_px, request.samples, request.depth_max)?;
    let name = request.scene.file_name().map_or_else(|| "scene".to_owned(), |name| name.to_string_lossy().into_owned());
    let salt = salt(request.key.as_deref())?;
    let unfit = |error: ImportError| Refused {
        message: format!("{}: {}", request.scene.display(), error.summary()),
        details: error.faults.iter().map(ToString::to_string).collect(),
    };
    let options = request.import_options();
    let imported = import(&request.scene, &options).map_err(unfit)?;
    path_tests(&imported.scene, options.aspect).map_err(unfit)?;
    let warnings = imported.warnings.iter().map(SceneFault::text).collect();
    let packed = imported.scene.pack();
    if packed.len() as u64 > limits::SCENE_BYTES_MAX {
        return Err(Refused {
            message: format!("{name} has {} bytes as a scene; at most {} are possible", packed.len(), limits::SCENE_BYTES_MAX),
            details: vec!["decimate the heaviest meshes or shrink the textures".to_owned()],
        });
    }
    let hold = files.scenes.save(&packed).map_err(|error| refused(error.to_string()))?;
    let spec = JobSpec {
        artist: node.account(),
        salt,
        renderer: raylance_node::renderer(),
        scene: hold.scene(),
        scene_bytes: packed.len() as u64,
        work: Work::Render(work),
    };
    spec.check().map_err(|error| refused(error.to_string()))?;
    let hash = spec.hash();
    let known = files.jobs.file(hash).folder;
    let folder = match &request.out_dir {
        Some(folder) => usable_folder(&files.jobs, folder, Some(hash))?,
        // The same request again.
        None if !known.as_os_str().is_empty() => known,
        None => usable_folder(&files.jobs, &new_folder(files.folder.path(), &name), Some(hash))?,
    };
    let rate = Rate(request.rate_microlux.unwrap_or(RATE_MICROLUX));
    let cost = (0..spec.work.unit_count()).filter_map(|unit| spec.work.cost(raylance_protocol::UnitIndex(unit))).sum::<u64>();
    let price = rate.price(cost).ok_or_else(|| refused("the price is more money than there is"))?;
    let whole = Microlux(price.0.saturating_add(price.0 / 100 * SURPLUS_PERCENT));
    let budget = if request.rate_microlux.is_some() { whole } else { whole.min(free) };
    let unit = spec.work.cost(raylance_protocol::UnitIndex(0)).and_then(|cost| rate.price(cost)).unwrap_or_default();
    let alone = request.alone || budget < unit;
    let budget = if alone { Microlux::ZERO } else { budget };
    let plan = Plan {
        spec,
        rate_max: if alone { Rate(0) } else { rate },
        budget,
        workers_max: if alone { 0 } else { limits::TX_ROWS_MAX as u16 },
        // Trees and textures on the device take about three times the packed scene.
        device_bytes: 3 * packed.len() as u64,
        open_ms: (WINDOWS_OPEN * parameters.window_ms).max(OPEN_MS_MIN),
        own_device: true,
        parameters,
    };
    let file = JobFile { name, folder, warnings, files: Vec::new(), created_unix_ms: unix_ms() };
    Ok(Prepared { hold, plan, file })
}

/// Sixteen bytes that nobody can guess; with a key the same ones each time.
fn salt(key: Option<&str>) -> Result<[u8; 16], Refused> {
    let mut salt = [0; 16];
    match key {
        Some(key) => {
            let digest = Digest::of("raylance request key", &[key.as_bytes()]);
            salt.copy_from_slice(&digest.0[..16]);
        }
        None => getrandom::fill(&mut salt).map_err(|_| refused("the system gives no random bytes"))?,
    }
    Ok(salt)
}

/// How a picture is cut: about [`TILES`] tiles, and a quarter of the samples per unit.
///
/// # Errors
/// [`Refused`]: which number is beyond its limit.
pub fn work(width_px: u32, height_px: u32, samples: u32, depth_max: u32) -> Result<RenderWork, Refused> {
    let edge = (f64::from(width_px) * f64::from(height_px) / TILES).sqrt() * 1.1;
    let tile_px = (1_u32 << (edge.max(1.0) as u32).ilog2()).clamp(*TILE_PX.start(), *TILE_PX.end());
    let chunk = (samples / 4).clamp(*CHUNK_SAMPLES.start(), *CHUNK_SAMPLES.end()).next_multiple_of(LEAF_SAMPLES);
    let too_large = |what: &str, max: u32| refused(format!("{what} is too large; at most {max} is possible"));
    let work = RenderWork {
        width_px: width_px.try_into().map_err(|_| too_large("the width", limits::EDGE_PX_MAX))?,
        height_px: height_px.try_into().map_err(|_| too_large("the height", limits::EDGE_PX_MAX))?,
        first_frame: 0,
        frame_count: 1,
        first_sample: 0,
        samples,
        depth_max: depth_max.try_into().map_err(|_| too_large("the depth", limits::DEPTH_MAX))?,
        tile_px: tile_px as u16,
        chunk_samples: chunk as u16,
        seed: 0,
    };
    // Before the import: a picture of no size has no aspect either.
    Work::Render(work.clone()).check().map_err(|error| refused(error.to_string()))?;
    Ok(work)
}

/// `~/Pictures/Raylance/<scene>`, numbered where there is one already; without a home `DATA/out`.
fn new_folder(data: &Path, name: &str) -> PathBuf {
    let home = std::env::var_os("HOME").map(PathBuf::from).filter(|home| home.is_absolute());
    let root = home.map_or_else(|| data.join("out"), |home| home.join("Pictures").join("Raylance"));
    let stem = Path::new(name).file_stem().map_or_else(|| name.to_owned(), |stem| stem.to_string_lossy().into_owned());
    let numbered = |number: u32| if number == 1 { root.join(&stem) } else { root.join(format!("{stem} {number}")) };
    (1..).map(numbered).find(|folder| !folder.exists()).expect("numbers do not end before the disk is full")
}

/// Makes the folder and writes to it, before money moves: a picture must not be lost to a folder that takes nothing.
fn usable_folder(jobs: &Jobs, folder: &Path, of: Option<SpecHash>) -> Result<PathBuf, Refused> {
    let folder = std::path::absolute(folder).map_err(|error| refused(format!("the folder for the picture: {error}")))?;
    if let Some(owner) = jobs.owner_of(&folder).filter(|owner| Some(*owner) != of) {
        let name = jobs.file(owner).name;
        return Err(refused(format!("{} is the folder of the job {name}; choose another one", folder.display())));
    }
    let mine = of.is_some_and(|of| jobs.owner_of(&folder) == Some(of));
    if let Some(found) = [IMAGE_EXR, IMAGE_PNG].map(|name| folder.join(name)).into_iter().find(|path| !mine && path.exists()) {
        return Err(refused(format!("{} is there already; choose another folder, or move it away", found.display())));
    }
    let probe = folder.join(".raylance-probe");
    let tried = std::fs::create_dir_all(&folder).and_then(|()| std::fs::write(&probe, "probe")).and_then(|()| std::fs::remove_file(&probe));
    tried.map_err(|error| refused(format!("{} takes no files: {error}; choose another folder", folder.display())))?;
    Ok(folder)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that finds nothing has failed")]
mod tests {
    use super::*;

    #[test]
    fn every_possible_picture_is_cut_within_the_limits() {
        for (width, height, samples) in [(1, 1, 1), (64, 48, 16), (640, 360, 64), (1920, 1080, 1024), (16_384, 8_192, 64), (16_384, 1, 1)] {
            assert!(work(width, height, samples, 8).is_ok(), "{width} × {height}, {samples}");
        }
        for (width, height, samples) in [(0, 1, 1), (1, 70_000, 1), (1, 1, 0), (u32::MAX, 1, 1)] {
            assert!(work(width, height, samples, 8).is_err(), "{width} × {height}, {samples}");
        }
    }

    #[test]
    fn a_usual_picture_makes_some_hundred_units() {
        let work = work(640, 360, 64, 8).unwrap();
        assert_eq!((work.tile_px, work.chunk_samples, work.unit_count()), (64, 32, 120));
    }

    #[test]
    fn a_key_names_a_request() {
        assert_eq!(salt(Some("a")).unwrap(), salt(Some("a")).unwrap());
        assert_ne!(salt(Some("a")).unwrap(), salt(Some("b")).unwrap());
        assert_ne!(salt(None).unwrap(), salt(None).unwrap());
    }

    #[test]
    fn regression_c7_no_two_jobs_share_a_folder_and_no_picture_is_overwritten() {
        let dir = tempfile::tempdir().unwrap();
        let jobs = Jobs::open(dir.path());
        let (one, two) = (SpecHash(Digest([1; 32])), SpecHash(Digest([2; 32])));
        let folder = usable_folder(&jobs, &dir.path().join("picture"), Some(one)).unwrap();
        jobs.set_file(one, JobFile { name: "one".to_owned(), folder: folder.clone(), ..JobFile::default() }).unwrap();
        assert!(usable_folder(&jobs, &folder, Some(two)).unwrap_err().message.contains("one"));
        assert!(usable_folder(&jobs, &folder, Some(one)).is_ok(), "its own folder");
        let other = dir.path().join("other");
        std::fs::create_dir(&other).unwrap();
        std::fs::write(other.join(IMAGE_PNG), "a picture").unwrap();
        assert!(usable_folder(&jobs, &other, Some(two)).is_err());
        let file = dir.path().join("file");
        std::fs::write(&file, "").unwrap();
        assert!(usable_folder(&jobs, &file.join("below"), Some(two)).unwrap_err().message.contains("takes no files"));
    }
}
