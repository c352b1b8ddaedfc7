//! Work on the blocking pool: files and hashes of many megabytes, which would hold up the loop. Each ends in one answer.

use super::input::CommandAnswer;
use super::part::Pictures;
use super::submit::Prepared;
use crate::assemble::{film_from_bytes, film_to_bytes};
use crate::scene_source;
use crate::view::CommandError;
use raylance_v1_market::artist::FilmFault;
use raylance_v1_peer::BlobResponder;
use raylance_v1_protocol::{AccountId, JobId, Leaf, LeafIndex, Opening, Root, SceneDigest, Unit, UnitIndex};
use raylance_v1_store::Blobs;
use raylance_v1_verify::{FilmTree, root_of};

/// A film on an artist's side.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FilmKey {
    /// The job.
    pub job: JobId,
    /// The unit.
    pub unit: Unit,
    /// Who rendered it.
    pub worker: AccountId,
    /// Its root.
    pub root: Root,
}

/// What came of it.
pub(crate) enum Chore {
    /// Nothing that anybody waits for.
    Nothing,
    /// A submitted scene was imported, packed and stored.
    Prepared { prepared: Result<Box<Prepared>, CommandError>, answer: CommandAnswer },
    /// A worker's scene was checked and stored.
    SceneStored { job: JobId, stored: bool },
    /// An own film was hashed and stored; no root = it could not be.
    FilmKept { job: JobId, unit: UnitIndex, root: Option<Root>, render_ms: u32 },
    /// A received film was checked and stored.
    FilmReceived { key: FilmKey, result: Result<(), FilmFault> },
    /// Leaves were opened for a verifier; none = the film is not on disk.
    Opened { to: AccountId, key: FilmKey, opening: Option<Opening> },
    /// Picture and receipt were written, or not.
    Assembled { job: JobId, result: Result<Vec<String>, String> },
}

/// Checks and stores a worker's scene.
pub(crate) fn store_scene(blobs: &Blobs, job: JobId, scene: SceneDigest, packed: &[u8]) -> Chore {
    // A scene that does not unpack is of no use, even with the right digest: the device would refuse every unit.
    let sound = scene_source::digest(packed) == scene && raylance_scene::Scene::unpack(packed, packed.len()).is_ok();
    let stored = sound && said(blobs.save_scene(scene, packed));
    Chore::SceneStored { job, stored }
}

/// Hashes and stores a film that this peer rendered.
pub(crate) fn keep_film(blobs: &Blobs, me: AccountId, job: JobId, unit: UnitIndex, film: &[Leaf], render_ms: u32) -> Chore {
    let root = root_of(job, unit, film);
    let stored = said(blobs.save_film(job, unit, me, &film_to_bytes(film)));
    Chore::FilmKept { job, unit, root: stored.then_some(root), render_ms }
}

/// Checks and stores a film that a worker sent, and shows it.
pub(crate) fn receive_film(blobs: &Blobs, pictures: &Pictures, key: FilmKey, bytes: &[u8]) -> Chore {
    let film = film_from_bytes(&key.unit, bytes).filter(|film| root_of(key.job, key.unit.index, film) == key.root);
    let result = match film {
        None => Err(FilmFault::WrongRoot),
        Some(_) if !said(blobs.save_film(key.job, key.unit.index, key.worker, bytes)) => Err(FilmFault::Unreachable),
        Some(film) => {
            pictures.change(key.job, |live| live.add(&key.unit, key.worker, &film));
            Ok(())
        }
    };
    Chore::FilmReceived { key, result }
}

/// Shows films that are on disk already.
pub(crate) fn show_films(blobs: &Blobs, pictures: &Pictures, keys: &[FilmKey]) -> Chore {
    for key in keys {
        if let Some(film) = read_film(blobs, key) {
            pictures.change(key.job, |live| live.add(&key.unit, key.worker, &film));
        }
    }
    Chore::Nothing
}

/// Opens leaves of a stored film.
pub(crate) fn open_film(blobs: &Blobs, to: AccountId, key: FilmKey, leaves: &[LeafIndex]) -> Chore {
    let film = read_film(blobs, &key);
    let tree = film.map(|film| FilmTree::new(key.job, key.unit.index, &film)).filter(|tree| tree.root() == key.root);
    Chore::Opened { to, key, opening: tree.and_then(|tree| tree.open(leaves).ok()) }
}

/// Takes a film out of the picture and off the disk.
pub(crate) fn drop_film(blobs: &Blobs, pictures: &Pictures, key: &FilmKey) -> Chore {
    if let Some(film) = read_film(blobs, key) {
        pictures.change(key.job, |live| live.remove(&key.unit, key.worker, &film));
    }
    remove(&blobs.film_path(key.job, key.unit.index, key.worker));
    Chore::Nothing
}

/// Answers a peer that wants a scene.
pub(crate) fn serve_scene(blobs: &Blobs, scene: SceneDigest, responder: BlobResponder) -> Chore {
    let packed =
        blobs.scene(scene, scene_source::digest).inspect_err(|error| tracing::warn!(%error, "a scene cannot be served")).ok().flatten();
    responder.answer(packed.map(Into::into));
    Chore::Nothing
}

/// Answers an artist that wants a film of this peer.
pub(crate) fn serve_film(blobs: &Blobs, me: AccountId, job: JobId, unit: UnitIndex, responder: BlobResponder) -> Chore {
    let film = blobs.film(job, unit, me).inspect_err(|error| tracing::warn!(%error, "a film cannot be served")).ok().flatten();
    responder.answer(film.map(Into::into));
    Chore::Nothing
}

/// A film from the disk; `None` when it is missing or has another length.
pub(crate) fn read_film(blobs: &Blobs, key: &FilmKey) -> Option<Vec<Leaf>> {
    let bytes =
        blobs.film(key.job, key.unit.index, key.worker).inspect_err(|error| tracing::warn!(%error, "a film cannot be read")).ok()??;
    film_from_bytes(&key.unit, &bytes)
}

/// Removes a file; that it is not there is fine.
pub(crate) fn remove(path: &std::path::Path) {
    if let Err(error) = std::fs::remove_file(path)
        && error.kind() != std::io::ErrorKind::NotFound
    {
        tracing::warn!(path = %path.display(), %error, "a file was not removed");
    }
}

fn said(result: Result<(), raylance_v1_store::BlobError>) -> bool {
    result.inspect_err(|error| tracing::warn!(%error, "a file was not written")).is_ok()
}
