//! Own jobs as a person sees them: their names, where their pictures go, what is in them so far.

use crate::films::{Films, OwnJob, Source, in_picture};
use crate::folder::{Readers, read_whole, write_whole};
use raylance_picture::{Assembly, Completeness, Picture, PictureError, View};
use raylance_protocol::{Digest, Leaf, LeafIndex, SpecHash, UnitIndex, Work};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// The picture to keep.
pub const IMAGE_EXR: &str = "image.exr";
/// The picture to look at.
pub const IMAGE_PNG: &str = "image.png";
/// Who did what for how much.
pub const RECEIPT: &str = "receipt.json";
const FILE_BYTES_MAX: u64 = 1 << 20;

/// What a person said about a job and does not concern other peers. Lies in `DATA/jobs`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobFile {
    /// The scene's file name.
    pub name: String,
    /// Where the picture goes; absolute.
    pub folder: PathBuf,
    /// What the scene doctor had to say.
    pub warnings: Vec<String>,
    /// What was written.
    pub files: Vec<PathBuf>,
    /// When it was submitted, milliseconds since 1970.
    pub created_unix_ms: u64,
}

/// A picture as far as it is there: its revision, and a PNG.
pub type Preview = (u64, Arc<[u8]>);

/// How far a picture's files are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Writing {
    /// It is not final yet.
    #[default]
    NotYet,
    /// The folder takes nothing: another one is needed, or this one mended.
    Failing(String),
    /// They are there.
    Done,
}

#[derive(Default)]
struct Job {
    file: JobFile,
    shown: BTreeMap<UnitIndex, Source>,
    revision: u64,
    writing: Writing,
    live: Option<Live>,
}

/// Sums of films in any order: only to look at.
struct Live {
    merged: BTreeMap<UnitIndex, Source>,
    sums: Vec<[f32; 3]>,
    samples: Vec<u32>,
    revision: u64,
    png: Arc<[u8]>,
}

/// All own jobs.
#[derive(Clone)]
pub struct Jobs {
    folder: PathBuf,
    jobs: Arc<Mutex<BTreeMap<SpecHash, Arc<Mutex<Job>>>>>,
    written: Arc<Notify>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Jobs {
    /// As they lie under `data`. A file that can't be read is told and left alone. Blocking.
    pub fn open(data: &Path) -> Self {
        let folder = data.join("jobs");
        let mut jobs = BTreeMap::new();
        for path in std::fs::read_dir(&folder).into_iter().flatten().filter_map(|entry| entry.ok().map(|entry| entry.path())) {
            let Some(spec) = path.file_stem().and_then(|stem| Digest::from_hex(stem.to_str()?)) else { continue };
            let file = read_whole(&path, FILE_BYTES_MAX).map_err(|error| error.to_string());
            match file.and_then(|bytes| serde_json::from_slice(&bytes).map_err(|error| error.to_string())) {
                Ok(file) => _ = jobs.insert(SpecHash(spec), Arc::new(Mutex::new(Job { file, ..Job::default() }))),
                Err(error) => tracing::warn!(path = %path.display(), %error, "a job's name and folder can't be read"),
            }
        }
        Self { folder, jobs: Arc::new(Mutex::new(jobs)), written: Arc::default() }
    }

    fn job(&self, spec: SpecHash) -> Arc<Mutex<Job>> {
        Arc::clone(lock(&self.jobs).entry(spec).or_default())
    }

    /// What was said about a job; nothing where its file is lost.
    pub fn file(&self, spec: SpecHash) -> JobFile {
        let job = lock(&self.jobs).get(&spec).cloned();
        job.map(|job| lock(&job).file.clone()).unwrap_or_default()
    }

    /// Forgets jobs that the agent never got: the process ended in between. Blocking.
    pub fn retain(&self, known: &BTreeSet<SpecHash>) {
        let lost: Vec<SpecHash> = lock(&self.jobs).keys().copied().filter(|spec| !known.contains(spec)).collect();
        lost.into_iter().for_each(|spec| self.forget(spec));
    }

    /// Replaces it. Blocking.
    ///
    /// # Errors
    /// What the system says.
    pub fn set_file(&self, spec: SpecHash, file: JobFile) -> std::io::Result<()> {
        let bytes = serde_json::to_vec_pretty(&file).expect("strings and numbers");
        write_whole(&self.path(spec), &bytes, Readers::Usual)?;
        lock(&self.job(spec)).file = file;
        Ok(())
    }

    /// A job that came to nothing. Blocking.
    pub fn forget(&self, spec: SpecHash) {
        lock(&self.jobs).remove(&spec);
        if let Err(error) = crate::folder::remove(&self.path(spec)) {
            tracing::warn!(%error, "a job's file was not removed");
        }
    }

    fn path(&self, spec: SpecHash) -> PathBuf {
        self.folder.join(spec.0.to_hex()).with_extension("json")
    }

    /// Is the folder another job's, whose picture is or will be there?
    pub fn owner_of(&self, folder: &Path) -> Option<SpecHash> {
        lock(&self.jobs).iter().find(|(_, job)| lock(job).file.folder == folder).map(|(spec, _)| *spec)
    }

    /// A film counts in the picture.
    pub fn show(&self, spec: SpecHash, unit: UnitIndex, source: Source) {
        let job = self.job(spec);
        let mut job = lock(&job);
        job.shown.insert(unit, source);
        job.revision += 1;
    }

    /// A film of that worker, or an own one, counts no more.
    pub fn withdraw(&self, spec: SpecHash, unit: UnitIndex, worker: Option<raylance_protocol::AccountId>) {
        let job = self.job(spec);
        let mut job = lock(&job);
        let is_its = |source: &Source| match source {
            Source::Own => worker.is_none(),
            Source::Fetched(by, _) => Some(*by) == worker,
        };
        if job.shown.get(&unit).is_some_and(is_its) {
            job.shown.remove(&unit);
            job.revision += 1;
        }
    }

    /// What counts in the picture.
    pub fn shown(&self, spec: SpecHash) -> BTreeMap<UnitIndex, Source> {
        lock(&self.job(spec)).shown.clone()
    }

    /// Raised by every film that comes or goes.
    pub fn revision(&self, spec: SpecHash) -> u64 {
        lock(&self.job(spec)).revision
    }

    /// How far the picture's files are.
    pub fn writing(&self, spec: SpecHash) -> Writing {
        lock(&self.job(spec)).writing.clone()
    }

    /// Says how far they are.
    pub fn set_writing(&self, spec: SpecHash, writing: Writing) {
        lock(&self.job(spec)).writing = writing;
        self.written.notify_waiters();
    }

    /// Waits until the picture is written, however long a person takes to give it a folder.
    pub async fn written(&self, spec: SpecHash) {
        loop {
            let next = self.written.notified();
            tokio::pin!(next);
            // Whatever is told from here on is heard.
            next.as_mut().enable();
            if self.writing(spec) == Writing::Done {
                return;
            }
            next.await;
        }
    }

    /// The picture as far as it is there, as a PNG with its revision; `None` while there is nothing. Blocking.
    ///
    /// # Errors
    /// [`PictureError`].
    pub fn preview(&self, films: &Films, own: &OwnJob) -> Result<Option<Preview>, PictureError> {
        let job = self.job(own.hash);
        let (shown, revision, live) = {
            let mut job = lock(&job);
            if job.revision == 0 {
                return Ok(None);
            }
            (job.shown.clone(), job.revision, job.live.take())
        };
        let mut live =
            live.filter(|live| live.merged.iter().all(|(unit, source)| shown.get(unit) == Some(source))).unwrap_or_else(|| Live::new(own));
        if live.revision != revision {
            for (unit, source) in &shown {
                if !live.merged.contains_key(unit)
                    && let Some(leaves) = films.unit(own, *unit, *source)
                {
                    live.add(own, *unit, *source, &leaves);
                }
            }
            live.png = live.picture(own).to_preview_png(View::default())?.into();
            live.revision = revision;
        }
        let png = Arc::clone(&live.png);
        lock(&job).live = Some(live);
        Ok(Some((revision, png)))
    }
}

impl Live {
    fn new(own: &OwnJob) -> Self {
        let Work::Render(work) = &own.spec.work;
        let pixels = usize::from(work.width_px) * usize::from(work.height_px);
        Self { merged: BTreeMap::new(), sums: vec![[0.0; 3]; pixels], samples: vec![0; pixels], revision: 0, png: Arc::default() }
    }

    fn add(&mut self, own: &OwnJob, unit: UnitIndex, source: Source, leaves: &[Leaf]) {
        let Work::Render(work) = &own.spec.work;
        for (index, leaf) in (0..).zip(leaves) {
            let Some(address) = own.spec.work.address(unit, LeafIndex(index)) else { continue };
            let pixel = usize::from(address.y_px) * usize::from(work.width_px) + usize::from(address.x_px);
            self.samples[pixel] += u32::from(address.samples);
            for (sum, value) in self.sums[pixel].iter_mut().zip(leaf.sums()) {
                *sum += value;
            }
        }
        self.merged.insert(unit, source);
    }

    fn picture(&self, own: &OwnJob) -> Picture {
        let Work::Render(work) = &own.spec.work;
        let mean = |(sum, samples): (&[f32; 3], &u32)| sum.map(|channel| channel / (*samples).max(1) as f32);
        let pixels = self.sums.iter().zip(&self.samples).map(mean).collect();
        Picture { width_px: work.width_px.into(), height_px: work.height_px.into(), pixels }
    }
}

/// Merges films in ascending order of units, so that the bits are those of every assembler, and writes EXR and PNG. A unit that is not given
/// is black, or has the samples of its tile's other units. Blocking.
///
/// # Errors
/// A line for a person.
pub fn write_picture(own: &OwnJob, films: &BTreeMap<UnitIndex, Vec<Leaf>>, folder: &Path) -> Result<Vec<PathBuf>, String> {
    let Work::Render(work) = &own.spec.work;
    let mut assembly = Assembly::with_gaps(work.width_px.into(), work.height_px.into(), work.samples);
    for (unit, leaves) in films {
        for (index, leaf) in (0..).zip(leaves) {
            let address = own.spec.work.address(*unit, LeafIndex(index)).ok_or("a film of no unit")?;
            assembly.add(&in_picture(&own.spec, &address), leaf.sums()).map_err(|error| error.to_string())?;
        }
    }
    let picture = assembly.finish_measured(Completeness::Partial).map_err(|error| error.to_string())?.picture;
    std::fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let [exr, png] = [IMAGE_EXR, IMAGE_PNG].map(|name| folder.join(name));
    picture.write_exr(&exr).map_err(|error| error.to_string())?;
    picture.write_png(&png, View::default()).map_err(|error| error.to_string())?;
    Ok(vec![exr, png])
}
