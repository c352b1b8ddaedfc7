//! Scenes on disk: parts by the hash of their bytes, and manifests that join them.
//!
//! Scenes that share a texture share its parts. Everything is checked when it comes in and again when it is read: a damaged disk is not taken
//! for a cheat.

use crate::folder::{Readers, read_whole, remove, write_whole};
use raylance_protocol::job::{Manifest, ManifestPart};
use raylance_protocol::message::BlobKey;
use raylance_protocol::{AccountId, Digest, SceneDigest, decode, encode, limits};
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

/// A part is fetched, checked and held in memory as a whole.
const PART_BYTES: usize = 4 << 20;
/// Scenes that are not tried again: a thief can make new ones at will, and old ones come back rarely.
const CONDEMNED_MAX: usize = 1_000;
/// Longest manifest: 40 bytes a part.
const MANIFEST_BYTES_MAX: u64 = (limits::MANIFEST_PARTS_MAX as u64) * 40 + 8;

/// Why a scene is not there.
#[derive(Debug, thiserror::Error)]
pub enum SceneError {
    /// The system refuses.
    #[error("cannot use {path}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The bytes on disk are not those of their name.
    #[error("{0} is damaged; it is fetched again")]
    Damaged(PathBuf),
    /// Nobody gave it.
    #[error("no peer gives the scene")]
    NotGiven,
    /// What a peer gave is something else.
    #[error("a peer gave other bytes than the scene's")]
    Wrong,
    /// It ended the render process once.
    #[error("this scene was too much for this machine; it is not tried again by itself")]
    Condemned,
}

fn manifest(packed: &[u8]) -> Manifest {
    let part = |bytes: &[u8]| ManifestPart { digest: hash(bytes), len_bytes: bytes.len() as u64 };
    Manifest { parts: packed.chunks(PART_BYTES).map(part).collect() }
}

/// A packed scene's name among peers.
pub fn name(packed: &[u8]) -> SceneDigest {
    manifest(packed).root()
}

/// All scenes of a data folder.
#[derive(Clone, Debug)]
pub struct Scenes {
    folder: PathBuf,
    /// Scenes that must not be swept although no job names them yet.
    held: Arc<Mutex<BTreeMap<SceneDigest, usize>>>,
    /// One scene comes in at a time: two jobs of one scene fetch it once.
    fetching: Arc<tokio::sync::Mutex<()>>,
    /// Scenes whose parts this process has looked at: not again for every task, until one can't be loaded.
    whole: Arc<Mutex<BTreeSet<SceneDigest>>>,
}

/// Keeps a scene from being swept while it lives.
#[derive(Debug)]
pub struct Hold {
    scenes: Scenes,
    scene: SceneDigest,
}

impl Hold {
    /// Which scene.
    pub fn scene(&self) -> SceneDigest {
        self.scene
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        let mut held = self.scenes.held.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = held.get_mut(&self.scene) {
            *count -= 1;
            if *count == 0 {
                held.remove(&self.scene);
            }
        }
    }
}

impl Scenes {
    /// Scenes under `data`.
    pub fn new(data: &Path) -> Self {
        Self { folder: data.join("scenes"), held: Arc::default(), fetching: Arc::default(), whole: Arc::default() }
    }

    fn part_path(&self, part: &Digest) -> PathBuf {
        self.folder.join("parts").join(part.to_hex())
    }

    fn manifest_path(&self, scene: SceneDigest) -> PathBuf {
        self.folder.join("manifests").join(scene.0.to_hex())
    }

    /// Keeps the scene until the hold is dropped.
    pub fn hold(&self, scene: SceneDigest) -> Hold {
        *self.held.lock().unwrap_or_else(PoisonError::into_inner).entry(scene).or_default() += 1;
        Hold { scenes: self.clone(), scene }
    }

    /// Stores a packed scene. Blocking.
    ///
    /// # Errors
    /// [`SceneError::Io`].
    pub fn save(&self, packed: &[u8]) -> Result<Hold, SceneError> {
        let manifest = manifest(packed);
        let hold = self.hold(manifest.root());
        for (part, bytes) in manifest.parts.iter().zip(packed.chunks(PART_BYTES)) {
            let path = self.part_path(&part.digest);
            // A file of that name may be damaged: it is written again.
            if !self.has_part(part) {
                write_whole(&path, bytes, Readers::Usual).map_err(|source| SceneError::Io { path, source })?;
            }
        }
        self.save_manifest(&manifest)?;
        Ok(hold)
    }

    fn save_manifest(&self, manifest: &Manifest) -> Result<(), SceneError> {
        let path = self.manifest_path(manifest.root());
        write_whole(&path, &encode(manifest), Readers::Usual).map_err(|source| SceneError::Io { path, source })
    }

    /// An encoded manifest, for a peer. Blocking.
    pub fn manifest_bytes(&self, scene: SceneDigest) -> Option<Vec<u8>> {
        read_whole(&self.manifest_path(scene), MANIFEST_BYTES_MAX).ok()
    }

    /// A part, for a peer. Blocking.
    pub fn part_bytes(&self, part: &Digest) -> Option<Vec<u8>> {
        read_whole(&self.part_path(part), PART_BYTES as u64).ok()
    }

    fn manifest(&self, scene: SceneDigest) -> Option<Manifest> {
        let bytes = self.manifest_bytes(scene)?;
        decode::<Manifest>(&bytes, bytes.len()).ok().filter(|manifest| manifest.root() == scene)
    }

    fn has_part(&self, part: &ManifestPart) -> bool {
        self.part_bytes(&part.digest).is_some_and(|bytes| hash(&bytes) == part.digest)
    }

    /// Reads a packed scene. Blocking.
    ///
    /// # Errors
    /// [`SceneError`].
    pub fn packed(&self, scene: SceneDigest) -> Result<Vec<u8>, SceneError> {
        self.read(scene).inspect_err(|_| _ = self.whole().remove(&scene))
    }

    fn read(&self, scene: SceneDigest) -> Result<Vec<u8>, SceneError> {
        let manifest = self.manifest(scene).ok_or_else(|| SceneError::Damaged(self.manifest_path(scene)))?;
        let bytes = manifest.checked_len_bytes().ok_or(SceneError::Wrong)?;
        let mut packed = Vec::with_capacity(usize::try_from(bytes).map_err(|_| SceneError::Wrong)?);
        for part in &manifest.parts {
            let path = self.part_path(&part.digest);
            let bytes = read_whole(&path, PART_BYTES as u64).map_err(|source| SceneError::Io { path: path.clone(), source })?;
            if hash(&bytes) != part.digest {
                return Err(SceneError::Damaged(path));
            }
            packed.extend_from_slice(&bytes);
        }
        Ok(packed)
    }

    fn condemned(&self) -> PathBuf {
        self.folder.join("condemned")
    }

    /// Remembers that a scene is not to be fetched again. Of many the oldest are forgotten. Blocking.
    ///
    /// # Errors
    /// What the system says.
    pub fn condemn(&self, scene: SceneDigest) -> io::Result<()> {
        let mut known: Vec<_> = named(&self.condemned()).into_iter().map(|(path, _)| (modified(&path), path)).collect();
        known.sort();
        let excess = (known.len() + 1).saturating_sub(CONDEMNED_MAX);
        known.into_iter().take(excess).for_each(|(_, path)| told(&path, remove(&path)));
        // Whoever fetches it next looks at the disk again.
        self.whole().remove(&scene);
        write_whole(&self.condemned().join(scene.0.to_hex()), b"", Readers::Usual)
    }

    /// Scenes that are not tried again. Blocking.
    pub fn condemned_count(&self) -> usize {
        named(&self.condemned()).len()
    }

    /// Lets all of them be tried again. Blocking.
    ///
    /// # Errors
    /// What the system says.
    pub fn pardon(&self) -> io::Result<()> {
        remove(&self.condemned())
    }

    /// Fetches what is missing of a scene of `scene_bytes` from the first of `sources` that gives it. `give` asks one of them for a blob of at
    /// most so many bytes.
    ///
    /// # Errors
    /// [`SceneError`]; what has come stays, so the next try goes on from there.
    pub async fn fetch<F>(
        &self,
        sources: &[AccountId],
        scene: SceneDigest,
        scene_bytes: u64,
        give: impl Fn(AccountId, BlobKey, u64) -> F,
    ) -> Result<Hold, SceneError>
    where
        F: Future<Output = Option<Vec<u8>>>,
    {
        let hold = self.hold(scene);
        let _turn = self.fetching.lock().await;
        if self.whole().contains(&scene) {
            return Ok(hold);
        }
        let here = self.clone();
        if blocking(move || here.condemned().join(scene.0.to_hex()).exists()).await != Some(false) {
            return Err(SceneError::Condemned);
        }
        let mut result = Err(SceneError::NotGiven);
        for source in sources {
            result = self.fetch_from(scene, scene_bytes, |key, len_max| give(*source, key, len_max)).await;
            if result.is_ok() {
                break;
            }
        }
        result?;
        self.whole().insert(scene);
        Ok(hold)
    }

    fn whole(&self) -> MutexGuard<'_, BTreeSet<SceneDigest>> {
        self.whole.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn fetch_from<F>(&self, scene: SceneDigest, scene_bytes: u64, give: impl Fn(BlobKey, u64) -> F) -> Result<(), SceneError>
    where
        F: Future<Output = Option<Vec<u8>>>,
    {
        let here = self.clone();
        let known = blocking(move || here.manifest(scene)).await.flatten();
        let manifest = match known {
            Some(manifest) => manifest,
            None => {
                let bytes = give(BlobKey::Manifest(scene), MANIFEST_BYTES_MAX).await.ok_or(SceneError::NotGiven)?;
                let manifest: Manifest = decode(&bytes, bytes.len()).map_err(|_| SceneError::Wrong)?;
                if manifest.root() != scene {
                    return Err(SceneError::Wrong);
                }
                manifest
            }
        };
        let parts_fit = manifest.parts.iter().all(|part| part.len_bytes <= PART_BYTES as u64);
        if manifest.checked_len_bytes() != Some(scene_bytes) || !parts_fit {
            return Err(SceneError::Wrong);
        }
        for part in manifest.parts.iter().copied() {
            let here = self.clone();
            if blocking(move || here.has_part(&part)).await == Some(true) {
                continue;
            }
            let bytes = give(BlobKey::Part(part.digest), part.len_bytes).await.ok_or(SceneError::NotGiven)?;
            let path = self.part_path(&part.digest);
            let written = blocking(move || {
                if hash(&bytes) != part.digest {
                    return Err(SceneError::Wrong);
                }
                write_whole(&path, &bytes, Readers::Usual).map_err(|source| SceneError::Io { path, source })
            });
            written.await.unwrap_or(Err(SceneError::Wrong))?;
        }
        // Last, so that a manifest on disk says that its parts have been there.
        let here = self.clone();
        blocking(move || here.save_manifest(&manifest)).await.unwrap_or(Err(SceneError::Wrong))
    }

    /// Removes every scene that is neither in `keep` nor held, and parts that no scene has. Blocking.
    pub fn sweep(&self, keep: &BTreeSet<SceneDigest>) {
        let Ok(_turn) = self.fetching.try_lock() else { return };
        let held: BTreeSet<SceneDigest> = self.held.lock().unwrap_or_else(PoisonError::into_inner).keys().copied().collect();
        let mut parts = BTreeSet::new();
        for (path, scene) in named(&self.folder.join("manifests")) {
            let scene = SceneDigest(scene);
            match self.manifest(scene) {
                Some(manifest) if keep.contains(&scene) || held.contains(&scene) => {
                    parts.extend(manifest.parts.iter().map(|part| part.digest));
                }
                _ => {
                    self.whole().remove(&scene);
                    told(&path, remove(&path));
                }
            }
        }
        for (path, part) in named(&self.folder.join("parts")) {
            if held.is_empty() && !parts.contains(&part) {
                told(&path, remove(&path));
            }
        }
    }
}

fn modified(path: &Path) -> Option<SystemTime> {
    path.metadata().and_then(|found| found.modified()).ok()
}

fn told(path: &Path, removed: io::Result<()>) {
    if let Err(error) = removed {
        tracing::warn!(path = %path.display(), %error, "a file was not removed");
    }
}

/// Files of a folder whose names are digests; others are drafts or somebody else's.
fn named(folder: &Path) -> Vec<(PathBuf, Digest)> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let digest = |path: &Path| Digest::from_hex(path.file_name()?.to_str()?);
    entries.filter_map(|entry| entry.ok().map(|entry| entry.path())).filter_map(|path| digest(&path).map(|name| (path, name))).collect()
}

/// Runs file work where blocking is allowed; `None` where it panicked.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    tokio::task::spawn_blocking(work).await.ok()
}

fn hash(bytes: &[u8]) -> Digest {
    Digest(*blake3::hash(bytes).as_bytes())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that finds nothing has failed")]
mod tests {
    use super::*;
    use raylance_tracer::conformance;

    fn files(folder: &Path) -> usize {
        ["parts", "manifests"].iter().map(|kind| std::fs::read_dir(folder.join("scenes").join(kind)).map_or(0, Iterator::count)).sum()
    }

    #[test]
    fn what_is_saved_is_loaded_and_swept_when_nobody_needs_it() {
        let dir = tempfile::tempdir().unwrap();
        let scenes = Scenes::new(dir.path());
        let packed = conformance::scene(1).pack();
        let hold = scenes.save(&packed).unwrap();
        let scene = hold.scene;
        assert_eq!(scenes.packed(scene).unwrap(), packed);
        scenes.sweep(&BTreeSet::new());
        assert!(scenes.packed(scene).is_ok(), "it is held");
        drop(hold);
        scenes.sweep(&BTreeSet::from([scene]));
        assert!(scenes.packed(scene).is_ok(), "a job needs it");
        scenes.sweep(&BTreeSet::new());
        assert!(scenes.packed(scene).is_err());
        assert_eq!(files(dir.path()), 0);
    }

    #[test]
    fn damage_is_seen_and_mended_by_saving_again() {
        let dir = tempfile::tempdir().unwrap();
        let scenes = Scenes::new(dir.path());
        let packed = conformance::scene(1).pack();
        let hold = scenes.save(&packed).unwrap();
        let part = std::fs::read_dir(dir.path().join("scenes/parts")).unwrap().next().unwrap().unwrap().path();
        let mut bytes = std::fs::read(&part).unwrap();
        bytes[9] ^= 1;
        std::fs::write(&part, bytes).unwrap();
        assert!(matches!(scenes.packed(hold.scene), Err(SceneError::Damaged(_))));
        scenes.save(&packed).unwrap();
        assert!(scenes.packed(hold.scene).is_ok());
    }

    #[tokio::test]
    async fn a_condemned_scene_is_not_fetched_again_and_old_sentences_are_forgotten() {
        let dir = tempfile::tempdir().unwrap();
        let scenes = Scenes::new(dir.path());
        let packed = conformance::scene(1).pack();
        let scene = scenes.save(&packed).unwrap().scene();
        let fetch = async || scenes.fetch(&[me()], scene, packed.len() as u64, async |_, _, _| None).await;
        assert!(fetch().await.is_ok(), "it is here");
        scenes.condemn(scene).unwrap();
        assert!(matches!(fetch().await, Err(SceneError::Condemned)));
        // Clocks of files tick slowly: this one is the oldest whatever they say.
        let sentence = scenes.condemned().join(scene.0.to_hex());
        std::fs::File::options().write(true).open(sentence).unwrap().set_modified(SystemTime::UNIX_EPOCH).unwrap();
        for number in 0..CONDEMNED_MAX as u64 {
            // Without the flush of each that a sentence costs.
            std::fs::write(scenes.condemned().join(Digest::of("a scene", &[&number.to_le_bytes()]).to_hex()), "").unwrap();
        }
        scenes.condemn(SceneDigest(Digest::default())).unwrap();
        assert_eq!(named(&scenes.condemned()).len(), CONDEMNED_MAX);
        assert!(fetch().await.is_ok(), "the oldest was forgotten");
    }

    fn me() -> AccountId {
        raylance_protocol::Keypair::from_secret([1; 32]).account()
    }
}
