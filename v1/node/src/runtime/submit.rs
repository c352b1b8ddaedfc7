//! A person's commands: submit a scene, end a job, turn renting on or off.

use super::chore::{self, Chore, FilmKey};
use super::input::CommandAnswer;
use super::node::{Node, Turn};
use super::open::{RENT_SETTING, now_ms};
use super::part::{ArtistPart, JobAccount, PARTS_MAX, Parts};
use super::{NodeError, show};
use crate::out_folder;
use crate::scene_source::{self, SceneChoice};
use crate::view::{Answer, Command, CommandError, SubmitRequest};
use raylance_tracer::Profile;
use raylance_v1_market::artist::{self, Artist};
use raylance_v1_market::{verifier, worker};
use raylance_v1_protocol::job::LEAF_SAMPLES;
use raylance_v1_protocol::{Digest, JobId, JobSpec, Microlux, RenderWork, SceneDigest, Work, limits};
use raylance_v1_store::{Blobs, Role};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::path::Path;

/// Leaves that each verifier replays per unit: a film with 1 of 16 samples left out differs in nearly every leaf.
const REPLAYED_LEAVES: u16 = 32;
/// Default price: one microlux per camera sample.
const PRICE_MICROLUX_PER_SAMPLE: u64 = 1;
/// Tiles that a picture is cut into, about: enough for many workers, few enough that messages cost nothing.
const TILES: f64 = 64.0;
/// Bounds of a tile's edge: 16 px keep a tiny picture in several units.
const TILE_PX: std::ops::RangeInclusive<u32> = 16..=limits::TILE_PX_MAX;
/// Bounds of a unit's samples per pixel: less than 32 is more overhead than work, 256 is a minute on a slow machine.
const CHUNK_SAMPLES: std::ops::RangeInclusive<u32> = 32..=256;

/// What the node needs for an own job besides its machine; stored as JSON.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct JobOptions {
    /// Folder for the finished files; absolute.
    pub out_dir: String,
    /// The finished files.
    #[serde(default)]
    pub files: Vec<String>,
    /// What the scene doctor had to say.
    #[serde(default)]
    pub warnings: Vec<String>,
}

/// The JSON of a job's options.
pub(super) fn options_json(options: &JobOptions) -> String {
    serde_json::to_string(options).expect("strings only")
}

/// A scene that was imported, packed and stored.
pub(crate) struct Prepared {
    request: SubmitRequest,
    scene: SceneDigest,
    scene_len_bytes: u64,
    warnings: Vec<String>,
}

fn refused(message: impl Into<String>) -> CommandError {
    CommandError { message: message.into(), details: Vec::new() }
}

impl Node {
    /// Does what a person asks; the answer goes out once it is recorded.
    pub(super) async fn hear_command(&mut self, command: Command, answer: CommandAnswer, turn: &mut Turn) -> Result<(), NodeError> {
        match command {
            Command::RentOut { on } => {
                self.store.set_setting(RENT_SETTING, &[u8::from(on)]).await?;
                self.rent_out(on, turn);
                turn.answers.push((answer, Ok(Answer::Done)));
            }
            Command::Submit(request) => {
                let blobs = self.blobs.clone();
                // Not bounded like other chores: a person waits for this one.
                self.chores.spawn_blocking(move || Chore::Prepared { prepared: prepare(request, &blobs).map(Box::new), answer });
            }
            Command::Cancel { job } => {
                let id = Digest::from_hex(&job).map(JobId).filter(|id| self.parts.artists.contains_key(id));
                let result = match id {
                    Some(id) => {
                        self.step_artist(id, artist::Input::Cancelled, turn);
                        Ok(Answer::Done)
                    }
                    None => Err(refused("there is no own job of this id; see `raylance job list`")),
                };
                turn.answers.push((answer, result));
            }
        }
        Ok(())
    }

    fn rent_out(&mut self, on: bool, turn: &mut Turn) {
        self.rent.on = on;
        self.changed = true;
        self.device.pause_units(!on);
        for job in self.open_work() {
            let (worker, verifier) =
                if on { (worker::Input::Resume, verifier::Input::Resume) } else { (worker::Input::Pause, verifier::Input::Pause) };
            self.step_worker(job, worker, turn);
            self.step_verifier(job, verifier, turn);
        }
    }

    fn open_work(&self) -> Vec<JobId> {
        self.parts.workers.iter().filter(|(_, part)| !part.worker.is_finished()).map(|(&job, _)| job).collect()
    }

    /// Asks all machines again for what was outstanding when the last process ended.
    pub(super) fn resume_parts(&mut self, turn: &mut Turn) {
        for job in self.open_work() {
            self.step_worker(job, worker::Input::Resumed, turn);
            self.step_verifier(job, verifier::Input::Resumed, turn);
        }
        self.rent_out(self.rent.on, turn);
        let jobs: Vec<JobId> = self.parts.artists.keys().copied().collect();
        for job in jobs {
            if self.parts.artists.get(&job).is_some_and(|part| part.machine.is_finished()) {
                // The last process may have died just before.
                if let Err(error) = self.blobs.remove_films(job) {
                    tracing::warn!(%error, "films were not removed");
                }
                continue;
            }
            self.show_stored_films(job);
            self.step_artist(job, artist::Input::Resumed, turn);
        }
    }

    fn show_stored_films(&mut self, job: JobId) {
        let Some(part) = self.parts.artists.get(&job) else { return };
        let work = part.machine.spec().render();
        let key = |film: artist::SettledFilm| work.unit(film.unit).map(|unit| FilmKey { job, unit, worker: film.worker, root: film.root });
        let keys: Vec<FilmKey> = part.machine.settled_films().into_iter().filter_map(key).collect();
        let (blobs, pictures) = (self.blobs.clone(), self.pictures.clone());
        self.chore(move || chore::show_films(&blobs, &pictures, &keys));
    }

    /// A submitted scene is on disk, or was refused.
    pub(super) fn hear_prepared(&mut self, prepared: Result<Box<Prepared>, CommandError>, answer: CommandAnswer, turn: &mut Turn) {
        let result = prepared.and_then(|prepared| self.open_job(*prepared, turn));
        turn.answers.push((answer, result));
    }

    fn open_job(&mut self, prepared: Prepared, turn: &mut Turn) -> Result<Answer, CommandError> {
        let Prepared { request, scene, scene_len_bytes, warnings } = prepared;
        let spec = self.spec(&request, scene, scene_len_bytes)?;
        let (job, budget) = (spec.id(), spec.budget().map_err(|error| refused(error.to_string()))?);
        let balance = self.chain.state().account(self.me).balance_microlux;
        if budget > balance {
            return Err(CommandError {
                message: format!("the job costs up to {budget}, the balance is {balance}"),
                details: vec!["lower the price, the size or the samples, or earn some by renting out".to_owned()],
            });
        }
        let verdicts_required = self.chain.state().parameters().verdicts_required;
        let machine = Artist::new(spec, verdicts_required).map_err(|error| refused(error.to_string()))?;
        let out_dir = request.out_dir.unwrap_or_else(|| self.config.data.join("out").join(job.to_string()).display().to_string());
        let out_dir = std::path::absolute(out_dir).map_err(|error| refused(format!("the folder for the files: {error}")))?;
        let options = JobOptions { out_dir: out_dir.display().to_string(), files: Vec::new(), warnings: warnings.clone() };
        self.pictures.open(job, machine.spec().render(), false, &options);
        let name = Path::new(&request.scene).file_name().map_or_else(|| show::short(job), |name| name.to_string_lossy().into_owned());
        let part = ArtistPart { machine, name, options, created_ms: now_ms(), account: JobAccount::default(), rendering_since_ms: None };
        self.parts.forget_old();
        self.parts.artists.insert(job, part);
        self.step_artist(job, artist::Input::Resumed, turn);
        for peer in self.connected.clone() {
            self.step_artist(job, artist::Input::PeerSeen { peer }, turn);
        }
        turn.dirty.insert((job, Role::Artist));
        Ok(Answer::Submitted { job: job.to_string(), warnings })
    }

    fn spec(&self, request: &SubmitRequest, scene: SceneDigest, scene_len_bytes: u64) -> Result<JobSpec, CommandError> {
        let work = work(request, scene, scene_len_bytes, self.config.profile);
        let unit_samples = u64::from(work.tile_px).pow(2) * u64::from(work.chunk_samples.min(work.samples));
        let unit_price_microlux = match &request.unit_price_microlux {
            Some(text) => Microlux(text.parse().map_err(|_| refused(format!("`{text}` is no whole number of microlux")))?),
            None => Microlux(unit_samples * PRICE_MICROLUX_PER_SAMPLE),
        };
        let mut nonce = [0; 16];
        getrandom::fill(&mut nonce).map_err(|_| refused("the system gives no random bytes"))?;
        let spec = JobSpec {
            chain: self.chain.id(),
            artist: self.me,
            nonce,
            work: Work::Render(work),
            unit_price_microlux,
            replayed_leaves: REPLAYED_LEAVES,
        };
        spec.check().map_err(|error| refused(error.to_string()))?;
        Ok(spec)
    }
}

/// Imports, packs and stores a scene. Blocking.
fn prepare(request: SubmitRequest, blobs: &Blobs) -> Result<Prepared, CommandError> {
    // Before the import: a picture of no size has no aspect either.
    work(&request, SceneDigest::default(), 1, Profile::Exact).check().map_err(|error| refused(error.to_string()))?;
    if let Some(folder) = &request.out_dir {
        out_folder::check(Path::new(folder)).map_err(|error| refused(error.to_string()))?;
    }
    let loaded = scene_source::load(&SceneChoice::of_request(&request))?;
    let scene = scene_source::digest(&loaded.packed);
    blobs.save_scene(scene, &loaded.packed).map_err(|error| refused(error.to_string()))?;
    Ok(Prepared { request, scene, scene_len_bytes: loaded.packed.len() as u64, warnings: loaded.warnings })
}

/// How a picture is cut: about [`TILES`] tiles, and a quarter of the samples per unit.
fn work(request: &SubmitRequest, scene: SceneDigest, scene_len_bytes: u64, profile: Profile) -> RenderWork {
    let edge = (f64::from(request.width_px) * f64::from(request.height_px) / TILES).sqrt() * 1.1;
    let tile_px = 1u32 << (edge.max(1.0) as u32).ilog2();
    let chunk = (request.samples / 4).clamp(*CHUNK_SAMPLES.start(), *CHUNK_SAMPLES.end()).next_multiple_of(LEAF_SAMPLES);
    RenderWork {
        renderer: Digest(raylance_tracer::renderer_digest()),
        scene,
        scene_len_bytes,
        width_px: request.width_px,
        height_px: request.height_px,
        samples: request.samples,
        depth_max: request.depth_max,
        tile_px: tile_px.clamp(*TILE_PX.start(), *TILE_PX.end()),
        chunk_samples: chunk,
        profile: match profile {
            Profile::Exact => raylance_v1_protocol::Profile::Exact,
            Profile::Portable => raylance_v1_protocol::Profile::Portable,
        },
    }
}

impl Parts {
    /// Makes room for one more by forgetting the oldest finished parts; they stay in the database.
    pub(super) fn forget_old(&mut self) {
        let finished_artists =
            self.artists.iter().filter(|(_, part)| part.machine.is_finished()).map(|(&job, part)| (part.created_ms, job));
        let old: BTreeSet<_> = finished_artists.collect();
        let surplus = (self.artists.len() + 1).saturating_sub(PARTS_MAX);
        old.into_iter().take(surplus).for_each(|(_, job)| drop(self.artists.remove(&job)));
        let finished_workers = self.workers.iter().filter(|(_, part)| part.worker.is_finished()).map(|(&job, part)| (part.created_ms, job));
        let old: BTreeSet<_> = finished_workers.collect();
        let surplus = (self.workers.len() + 1).saturating_sub(PARTS_MAX);
        old.into_iter().take(surplus).for_each(|(_, job)| drop(self.workers.remove(&job)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(width_px: u32, height_px: u32, samples: u32) -> SubmitRequest {
        SubmitRequest {
            scene: "a.glb".into(),
            env: None,
            env_strength: None,
            camera: None,
            look: None,
            width_px,
            height_px,
            samples,
            depth_max: 8,
            unit_price_microlux: None,
            out_dir: None,
        }
    }

    #[test]
    fn every_possible_picture_is_cut_within_the_limits() {
        for (width, height, samples) in [(1, 1, 1), (64, 48, 16), (640, 360, 64), (1920, 1080, 1024), (16_384, 8_192, 64), (16_384, 1, 1)] {
            let work = work(&request(width, height, samples), SceneDigest::default(), 1, Profile::Exact);
            assert_eq!(work.check(), Ok(()), "{width} × {height}, {samples}");
        }
    }

    #[test]
    fn a_usual_picture_makes_some_hundred_units() {
        let work = work(&request(640, 360, 64), SceneDigest::default(), 1, Profile::Exact);
        assert_eq!((work.tile_px, work.chunk_samples, work.unit_count()), (64, 32, 120));
    }
}
