//! Packed scenes and films as files: too large for the database, and whole or not there at all.

use raylance_v1_protocol::limits::{FILM_BYTES_MAX, SCENE_BYTES_MAX};
use raylance_v1_protocol::{AccountId, JobId, SceneDigest, UnitIndex};
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use crate::DataFolder;
use crate::file::{Readers, write_whole};

/// The large files of a data folder. Cheap to clone. All methods block: call them where blocking is allowed.
#[derive(Clone, Debug)]
pub struct Blobs {
    folder: DataFolder,
}

/// Why a blob was not written or not read.
#[derive(Debug, thiserror::Error)]
pub enum BlobError {
    /// The system refuses, e.g. because the disk is full.
    #[error("cannot use the file {path}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// Longer than such a file may be.
    #[error("{path}: {len} bytes where at most {max} are allowed")]
    TooLong {
        /// The file.
        path: PathBuf,
        /// Its length.
        len: u64,
        /// Bytes allowed.
        max: u64,
    },
    /// The bytes of a scene are not those of its digest: the disk is damaged or somebody changed the file.
    #[error("{path} is damaged; remove it, and it is fetched again")]
    Damaged {
        /// The file.
        path: PathBuf,
    },
}

impl Blobs {
    pub(crate) fn new(folder: DataFolder) -> Self {
        Self { folder }
    }

    /// File of a packed scene.
    pub fn scene_path(&self, scene: SceneDigest) -> PathBuf {
        self.folder.path().join("scenes").join(format!("{scene}.scene"))
    }

    /// File of a film, own or received.
    pub fn film_path(&self, job: JobId, unit: UnitIndex, worker: AccountId) -> PathBuf {
        self.films(job).join(format!("{}-{worker}.film", unit.0))
    }

    /// Stores a packed scene under a digest that the caller has computed from it.
    ///
    /// # Errors
    /// [`BlobError`]; no part of the file is there then.
    pub fn save_scene(&self, scene: SceneDigest, packed: &[u8]) -> Result<(), BlobError> {
        self.save(self.scene_path(scene), packed, SCENE_BYTES_MAX)
    }

    /// The packed scene of this digest; `None` when it is not here. `digest` is how a scene's bytes are named.
    ///
    /// # Errors
    /// [`BlobError::Damaged`] when the bytes on disk have another digest.
    pub fn scene(&self, scene: SceneDigest, digest: impl FnOnce(&[u8]) -> SceneDigest) -> Result<Option<Vec<u8>>, BlobError> {
        let path = self.scene_path(scene);
        let Some(packed) = read(&path, SCENE_BYTES_MAX)? else { return Ok(None) };
        if digest(&packed) == scene { Ok(Some(packed)) } else { Err(BlobError::Damaged { path }) }
    }

    /// Stores a film. The caller has checked its root, or will.
    ///
    /// # Errors
    /// [`BlobError`]; no part of the file is there then.
    pub fn save_film(&self, job: JobId, unit: UnitIndex, worker: AccountId, film: &[u8]) -> Result<(), BlobError> {
        self.save(self.film_path(job, unit, worker), film, FILM_BYTES_MAX)
    }

    /// The film; `None` when it is not here. Its root is the caller's to check.
    ///
    /// # Errors
    /// [`BlobError`].
    pub fn film(&self, job: JobId, unit: UnitIndex, worker: AccountId) -> Result<Option<Vec<u8>>, BlobError> {
        read(&self.film_path(job, unit, worker), FILM_BYTES_MAX)
    }

    /// Removes a scene; that it is not there is fine.
    ///
    /// # Errors
    /// [`BlobError::Io`].
    pub fn remove_scene(&self, scene: SceneDigest) -> Result<(), BlobError> {
        let path = self.scene_path(scene);
        fine_if_missing(fs::remove_file(&path), path)
    }

    /// Removes all films of a job; that there are none is fine.
    ///
    /// # Errors
    /// [`BlobError::Io`].
    pub fn remove_films(&self, job: JobId) -> Result<(), BlobError> {
        let path = self.films(job);
        fine_if_missing(fs::remove_dir_all(&path), path)
    }

    fn films(&self, job: JobId) -> PathBuf {
        self.folder.path().join("films").join(job.to_string())
    }

    fn save(&self, path: PathBuf, bytes: &[u8], max: u64) -> Result<(), BlobError> {
        let len = bytes.len() as u64;
        if len > max {
            return Err(BlobError::TooLong { path, len, max });
        }
        let folder = path.parent().expect("every blob lies in a folder of its own");
        fs::create_dir_all(folder)
            .and_then(|()| write_whole(&self.folder.drafts(), &path, bytes, Readers::Usual))
            .map_err(|source| BlobError::Io { path, source })
    }
}

fn read(path: &Path, max: u64) -> Result<Option<Vec<u8>>, BlobError> {
    let io = |source| BlobError::Io { path: path.to_owned(), source };
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(io(error)),
    };
    let len = file.metadata().map_err(io)?.len();
    if len > max {
        return Err(BlobError::TooLong { path: path.to_owned(), len, max });
    }
    let mut bytes = Vec::with_capacity(len as usize);
    // The file may grow while it is read; the limit holds all the same.
    file.take(max).read_to_end(&mut bytes).map_err(io)?;
    Ok(Some(bytes))
}

fn fine_if_missing(result: io::Result<()>, path: PathBuf) -> Result<(), BlobError> {
    match result {
        Err(source) if source.kind() != io::ErrorKind::NotFound => Err(BlobError::Io { path, source }),
        _ => Ok(()),
    }
}
