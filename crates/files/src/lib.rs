//! What a peer keeps on disk beside its database: key and ring, scenes, films, pictures, receipts.
//!
//! ```text
//! DATA/key, ring                 folder   the account's secret and the ring's genesis
//! DATA/scenes                    scenes   parts by their hash, manifests that join them
//! DATA/films, fetched, own       films    sealed as they travel, open where they were rendered
//! DATA/jobs                      jobs     what a person said about own jobs, and what is shown of them
//! OUT/image.exr, receipt.json    jobs, receipt
//! ```
//!
//! Everything that is read is hostile: its length is limited before it is parsed, and what can't be read is named. A file is there whole or not
//! at all. Almost everything blocks. Deliberately absent: decisions, money, sockets, SQL.

pub mod films;
pub mod folder;
pub mod jobs;
pub mod receipt;
pub mod ring;
pub mod scenes;

use films::{Films, OwnJob};
use folder::Folder;
use jobs::{Jobs, RECEIPT};
use raylance_market::artist::Report;
use raylance_protocol::message::BlobKey;
use raylance_protocol::{AccountId, ChainId, Keypair, SceneDigest};
use receipt::Receipt;
use scenes::Scenes;
use std::collections::BTreeSet;
use std::io;

/// All files of a data folder. Cheap to clone.
#[derive(Clone)]
pub struct Files {
    /// Key and ring.
    pub folder: Folder,
    /// Scenes.
    pub scenes: Scenes,
    /// Films.
    pub films: Films,
    /// Own jobs' names and pictures.
    pub jobs: Jobs,
}

impl Files {
    /// Files of `folder`.
    pub fn open(folder: Folder) -> Self {
        let data = folder.path();
        Self { scenes: Scenes::new(data), films: Films::new(data), jobs: Jobs::open(data), folder }
    }

    /// What other peers may fetch from `me`: parts of scenes, and sealed films of its own. Lists travel in leases. Blocking.
    pub fn blob(&self, me: AccountId, key: &BlobKey) -> Option<Vec<u8>> {
        match *key {
            BlobKey::Manifest(scene) => self.scenes.manifest_bytes(scene),
            BlobKey::Part(part) => self.scenes.part_bytes(&part),
            BlobKey::Film { job, worker, task } if worker == me => self.films.sealed(job, task),
            BlobKey::Film { .. } | BlobKey::List { .. } => None,
        }
    }

    /// The job has left the ledger and its picture is written: so is its receipt, its films go, and all scenes but `keep`. Blocking; may be
    /// repeated.
    ///
    /// # Errors
    /// What the system says.
    pub fn close(&self, own: &OwnJob, report: &Report, keys: &Keypair, chain: ChainId, keep: &BTreeSet<SceneDigest>) -> io::Result<()> {
        let mut file = self.jobs.file(own.hash);
        if !file.files.is_empty() {
            let path = file.folder.join(RECEIPT);
            receipt::write(&Receipt::new(chain, &own.spec, own.hash, own.job, report), keys, chain, &path)?;
            if !file.files.contains(&path) {
                file.files.push(path);
                self.jobs.set_file(own.hash, file)?;
            }
        }
        self.films.forget_own(own.hash)?;
        self.scenes.sweep(keep);
        Ok(())
    }
}
