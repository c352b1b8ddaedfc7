//! Films on disk: those rendered for others as they travel, those fetched from others as they came, own ones open.
//!
//! ```text
//! films/<job>/<task>                 rendered for another artist, sealed
//! fetched/<spec>/<worker>/<task>     fetched for an own job, sealed; <task>.list holds a list's addresses
//! own/<spec>/<task>                  rendered here for an own job, open
//! ```
//!
//! Everything here blocks.

use crate::folder::{Readers, read_whole, remove, write_whole};
use raylance_agent::Evidence;
use raylance_market::artist::LeafRef;
use raylance_protocol::job::{LEAF_BYTES, LEAF_SAMPLES};
use raylance_protocol::{
    AccountId, Address, Digest, FilmKey, JobId, JobSpec, Leaf, LeafIndex, Root, SpecHash, Task, UnitIndex, Work, decode, encode, limits,
};
use raylance_tracer::{LeafRequest, Settings};
use raylance_verify::{FilmId, FilmTree, open, open_leaf, root_of, seal};
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

const FILM_BYTES_MAX: u64 = limits::LEAVES_MAX as u64 * LEAF_BYTES as u64;
const LIST_BYTES_MAX: u64 = 4 + 13 * limits::LIST_ADDRESSES_MAX as u64;

/// All films of a data folder.
#[derive(Clone, Debug)]
pub struct Films {
    folder: PathBuf,
}

/// An own job, as far as its films are concerned.
#[derive(Clone, Debug)]
pub struct OwnJob {
    /// Its specification.
    pub spec: std::sync::Arc<JobSpec>,
    /// Its hash.
    pub hash: SpecHash,
    /// Its number on the ledger, or that of free work; none before there is one.
    pub job: Option<JobId>,
}

/// Where a film lies and how it is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// Rendered here.
    Own,
    /// Fetched from a worker.
    Fetched(AccountId, FilmKey),
}

/// The renderer's words for an address.
pub fn request(address: &Address) -> LeafRequest {
    let Address { x_px, y_px, first_sample, samples, .. } = *address;
    LeafRequest { x_px: x_px.into(), y_px: y_px.into(), first_sample, samples: samples.into() }
}

/// A leaf's place among the samples of the picture, which begins with the job's first sample.
pub fn in_picture(spec: &JobSpec, address: &Address) -> LeafRequest {
    let Work::Render(work) = &spec.work;
    request(&Address { first_sample: address.first_sample - work.first_sample, ..*address })
}

/// The renderer's settings for a job.
pub fn settings(spec: &JobSpec) -> Settings {
    let Work::Render(work) = &spec.work;
    Settings { width_px: work.width_px.into(), height_px: work.height_px.into(), depth_max: work.depth_max.into(), seed: work.seed }
}

/// A film's bytes.
pub fn bytes_of(sums: &[[f32; 3]]) -> Vec<u8> {
    sums.iter().flat_map(|sums| Leaf::from_sums(*sums).to_bytes()).collect()
}

fn leaves_of(bytes: &[u8]) -> Vec<Leaf> {
    let (leaves, _) = bytes.as_chunks::<LEAF_BYTES>();
    leaves.iter().map(|leaf| Leaf::from_bytes(*leaf)).collect()
}

const _: () = assert!(LEAF_SAMPLES <= u8::MAX as u32);

impl Films {
    /// Films under `data`.
    pub fn new(data: &Path) -> Self {
        Self { folder: data.to_owned() }
    }

    fn of_job(&self, job: JobId) -> PathBuf {
        self.folder.join("films").join(job.0.to_hex())
    }

    fn for_others(&self, job: JobId, task: Task) -> PathBuf {
        self.of_job(job).join(name(task))
    }

    fn fetched(&self, spec: SpecHash, worker: AccountId, task: Task) -> PathBuf {
        self.folder.join("fetched").join(spec.0.to_hex()).join(worker.to_hex()).join(name(task))
    }

    fn own(&self, spec: SpecHash, task: Task) -> PathBuf {
        self.folder.join("own").join(spec.0.to_hex()).join(name(task))
    }

    /// Seals and stores a film that was rendered for another artist.
    ///
    /// # Errors
    /// What the system says.
    pub fn save_for_others(&self, film: &FilmId, key: &FilmKey, addresses: &[Address], mut bytes: Vec<u8>) -> io::Result<Root> {
        seal(key, film, &mut bytes);
        let root = root_of(film, addresses.iter().copied(), &bytes).map_err(|_| io::ErrorKind::InvalidData)?;
        write_whole(&self.for_others(film.job, film.task), &bytes, Readers::Usual)?;
        Ok(root)
    }

    /// A film that was rendered for another artist, as it travels.
    pub fn sealed(&self, job: JobId, task: Task) -> Option<Vec<u8>> {
        read_whole(&self.for_others(job, task), FILM_BYTES_MAX).ok()
    }

    /// Stores a film that a worker gave; returns its root over the task's own addresses. A film of another length has the root of nothing.
    ///
    /// # Errors
    /// What the system says.
    pub fn save_fetched(&self, own: &OwnJob, film: &FilmId, list: Option<&[Address]>, bytes: &[u8]) -> io::Result<Root> {
        let places = own.spec.addresses(film.task, list);
        let path = self.fetched(own.hash, film.worker, film.task);
        if let Some(list) = list {
            write_whole(&path.with_extension("list"), &encode(&list.to_vec()), Readers::Usual)?;
        }
        write_whole(&path, bytes, Readers::Usual)?;
        Ok(root_of(film, places, bytes).unwrap_or_default())
    }

    /// Stores a film of an own job that was rendered here.
    ///
    /// # Errors
    /// What the system says.
    pub fn save_own(&self, spec: SpecHash, unit: UnitIndex, bytes: &[u8]) -> io::Result<()> {
        write_whole(&self.own(spec, Task::Unit(unit)), bytes, Readers::Usual)
    }

    /// A unit's leaves, opened; `None` where the file is missing or has another length.
    pub fn unit(&self, own: &OwnJob, unit: UnitIndex, source: Source) -> Option<Vec<Leaf>> {
        let task = Task::Unit(unit);
        let path = match source {
            Source::Own => self.own(own.hash, task),
            Source::Fetched(worker, _) => self.fetched(own.hash, worker, task),
        };
        let mut bytes = read_whole(&path, FILM_BYTES_MAX).ok()?;
        if bytes.len() != own.spec.work.leaf_count(unit)? as usize * LEAF_BYTES {
            return None;
        }
        if let Source::Fetched(worker, key) = source {
            open(&key, &FilmId { job: own.job?, worker, task }, &mut bytes);
        }
        Some(leaves_of(&bytes))
    }

    /// One leaf of an own job and what it sums; `key` opens a worker's film. `None` where the film is gone.
    pub fn leaf(&self, own: &OwnJob, leaf: &LeafRef, key: &mut impl FnMut(AccountId, Task) -> Option<FilmKey>) -> Option<(Address, Leaf)> {
        let Some(worker) = leaf.worker else {
            let Task::Unit(unit) = leaf.task else { return None };
            let sealed = read_leaf(&self.own(own.hash, leaf.task), leaf.index)?;
            return Some((own.spec.work.address(unit, leaf.index)?, Leaf::from_bytes(sealed)));
        };
        let path = self.fetched(own.hash, worker, leaf.task);
        let address = match leaf.task {
            Task::Unit(unit) => own.spec.work.address(unit, leaf.index)?,
            Task::List(_) => *self.list(&path)?.get(leaf.index.0 as usize)?,
        };
        let film = FilmId { job: own.job?, worker, task: leaf.task };
        Some((address, open_leaf(&key(worker, leaf.task)?, &film, leaf.index, read_leaf(&path, leaf.index)?)))
    }

    fn list(&self, film: &Path) -> Option<Vec<Address>> {
        decode(&read_whole(&film.with_extension("list"), LIST_BYTES_MAX).ok()?, LIST_BYTES_MAX as usize).ok()
    }

    /// What a challenge shows of a leaf of a fetched film.
    pub fn evidence(&self, own: &OwnJob, leaf: &LeafRef) -> Option<Evidence> {
        let worker = leaf.worker?;
        let path = self.fetched(own.hash, worker, leaf.task);
        let bytes = read_whole(&path, FILM_BYTES_MAX).ok()?;
        let list = match leaf.task {
            Task::Unit(_) => None,
            Task::List(_) => Some(self.list(&path)?),
        };
        let addresses = own.spec.addresses(leaf.task, list.as_deref());
        let tree = FilmTree::new(&FilmId { job: own.job?, worker, task: leaf.task }, addresses.iter().copied(), &bytes).ok()?;
        let at = leaf.index.0 as usize * LEAF_BYTES;
        Some(Evidence {
            leaf_count: addresses.len() as u32,
            address: *addresses.get(leaf.index.0 as usize)?,
            sealed_leaf: bytes.get(at..at + LEAF_BYTES)?.try_into().ok()?,
            path: tree.path(leaf.index)?,
        })
    }

    /// Removes one film that was rendered for others.
    pub fn forget_film(&self, job: JobId, task: Task) {
        told(&self.for_others(job, task));
    }

    /// Removes all films of a job of others.
    pub fn forget_job(&self, job: JobId) {
        told(&self.of_job(job));
    }

    /// Removes all films of an own job.
    ///
    /// # Errors
    /// What the system says.
    pub fn forget_own(&self, spec: SpecHash) -> io::Result<()> {
        ["fetched", "own"].iter().try_for_each(|kind| remove(&self.folder.join(kind).join(spec.0.to_hex())))
    }

    /// Removes the films of all jobs but these.
    pub fn sweep(&self, parts: &BTreeSet<JobId>, own: &BTreeSet<SpecHash>) {
        let keep = |kind: &str, name: Digest| match kind {
            "films" => parts.contains(&JobId(name)),
            _ => own.contains(&SpecHash(name)),
        };
        for kind in ["films", "fetched", "own"] {
            let Ok(entries) = std::fs::read_dir(self.folder.join(kind)) else { continue };
            for path in entries.filter_map(|entry| entry.ok().map(|entry| entry.path())) {
                let name = path.file_name().and_then(|name| Digest::from_hex(name.to_str()?));
                if name.is_some_and(|name| !keep(kind, name)) {
                    told(&path);
                }
            }
        }
    }
}

fn told(path: &Path) {
    if let Err(error) = remove(path) {
        tracing::warn!(path = %path.display(), %error, "films were not removed");
    }
}

fn name(task: Task) -> String {
    match task {
        Task::Unit(unit) => format!("unit-{}", unit.0),
        Task::List(list) => format!("list-{}", list.0.to_hex()),
    }
}

fn read_leaf(path: &Path, index: LeafIndex) -> Option<[u8; LEAF_BYTES]> {
    let mut file = File::open(path).ok()?;
    file.seek(SeekFrom::Start(u64::from(index.0) * LEAF_BYTES as u64)).ok()?;
    let mut bytes = [0; LEAF_BYTES];
    file.read_exact(&mut bytes).ok()?;
    Some(bytes)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that finds nothing has failed")]
mod tests {
    use super::*;
    use raylance_protocol::job::list_hash;
    use raylance_protocol::{Keypair, RenderWork, SceneDigest};
    use raylance_verify::film_key;
    use std::sync::Arc;

    fn job() -> OwnJob {
        let work = RenderWork {
            width_px: 20,
            height_px: 10,
            first_frame: 0,
            frame_count: 1,
            first_sample: 0,
            samples: 20,
            depth_max: 4,
            tile_px: 16,
            chunk_samples: 32,
            seed: 1,
        };
        let artist = Keypair::from_secret([1; 32]).account();
        let spec = JobSpec {
            artist,
            salt: [0; 16],
            renderer: Digest::default(),
            scene: SceneDigest::default(),
            scene_bytes: 1,
            work: Work::Render(work),
        };
        let hash = spec.hash();
        OwnJob { spec: Arc::new(spec), hash, job: Some(JobId::free(artist, hash)) }
    }

    fn sums(count: usize) -> Vec<[f32; 3]> {
        (0..count).map(|at| [at as f32, 1.0, 0.5]).collect()
    }

    #[test]
    fn a_film_goes_from_a_worker_to_its_artist_and_is_opened_there() {
        let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let (worker, artist) = (Films::new(here.path()), Films::new(there.path()));
        let own = job();
        let me = Keypair::from_secret([2; 32]).account();
        let film = FilmId { job: own.job.unwrap(), worker: me, task: Task::Unit(UnitIndex(1)) };
        let key = film_key(&[2; 32], film.job, film.task);
        let places = own.spec.addresses(film.task, None);
        let root = worker.save_for_others(&film, &key, &places, bytes_of(&sums(places.len()))).unwrap();
        let sealed = worker.sealed(film.job, film.task).unwrap();
        assert_eq!(artist.save_fetched(&own, &film, None, &sealed).unwrap(), root);
        let opened = artist.unit(&own, UnitIndex(1), Source::Fetched(me, key)).unwrap();
        assert_eq!(bytes_of(&opened.iter().map(|leaf| leaf.sums()).collect::<Vec<_>>()), bytes_of(&sums(places.len())));
        let leaf = LeafRef { worker: Some(me), task: film.task, index: LeafIndex(5) };
        assert_eq!(artist.leaf(&own, &leaf, &mut |_, _| Some(key)), Some((places[5], Leaf::from_sums(sums(6)[5]))));
        let evidence = artist.evidence(&own, &leaf).unwrap();
        assert_eq!(open_leaf(&key, &film, leaf.index, evidence.sealed_leaf), Leaf::from_sums(sums(6)[5]));
        assert_ne!(artist.save_fetched(&own, &film, None, &sealed[12..]).unwrap(), root);
        assert!(artist.unit(&own, UnitIndex(1), Source::Fetched(me, key)).is_none(), "a film of another length is none");
        worker.forget_job(film.job);
        assert!(worker.sealed(film.job, film.task).is_none());
        artist.forget_own(own.hash).unwrap();
        assert!(artist.evidence(&own, &leaf).is_none());
    }

    #[test]
    fn a_list_keeps_its_addresses_beside_it() {
        let dir = tempfile::tempdir().unwrap();
        let films = Films::new(dir.path());
        let own = job();
        let me = Keypair::from_secret([2; 32]).account();
        let list: Vec<Address> = own.spec.addresses(Task::Unit(UnitIndex(0)), None)[3..9].to_vec();
        let film = FilmId { job: own.job.unwrap(), worker: me, task: Task::List(list_hash(&list)) };
        let mut bytes = bytes_of(&sums(list.len()));
        seal(&FilmKey::NONE, &film, &mut bytes);
        let root = films.save_fetched(&own, &film, Some(&list), &bytes).unwrap();
        assert_eq!(root, root_of(&film, list.iter().copied(), &bytes).unwrap());
        let leaf = LeafRef { worker: Some(me), task: film.task, index: LeafIndex(4) };
        assert_eq!(films.leaf(&own, &leaf, &mut |_, _| Some(FilmKey::NONE)), Some((list[4], Leaf::from_sums(sums(5)[4]))));
        assert_eq!(films.evidence(&own, &leaf).unwrap().address, list[4]);
    }

    #[test]
    fn a_sweep_leaves_what_jobs_need() {
        let dir = tempfile::tempdir().unwrap();
        let films = Films::new(dir.path());
        let own = job();
        films.save_own(own.hash, UnitIndex(0), &[0; 12]).unwrap();
        films.sweep(&BTreeSet::new(), &BTreeSet::from([own.hash]));
        assert!(films.own(own.hash, Task::Unit(UnitIndex(0))).exists());
        films.sweep(&BTreeSet::new(), &BTreeSet::new());
        assert!(!films.own(own.hash, Task::Unit(UnitIndex(0))).exists());
    }
}
