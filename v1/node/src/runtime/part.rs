//! This peer's parts in jobs: the machines, and what only the node knows about them.

use super::Picture;
use super::submit::JobOptions;
use crate::assemble::LivePicture;
use borsh::{BorshDeserialize, BorshSerialize};
use raylance_picture::View;
use raylance_v1_consensus::Applied;
use raylance_v1_ledger::{LedgerEvent, MoveReason};
use raylance_v1_market::artist::{self, Artist};
use raylance_v1_market::verifier::{self, Verifier};
use raylance_v1_market::worker::{self, Worker};
use raylance_v1_market::{Fact, SnapshotError};
use raylance_v1_protocol::{AccountId, Action, Decision, FinalBlock, Height, JobId, Microlux, RenderWork};
use raylance_v1_store::JobRow;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Jobs that are kept in memory; finished ones beyond this are forgotten until the next start.
pub(super) const PARTS_MAX: usize = 512;
/// Jobs that a peer works for at the same time: bounds what a stranger's offers can make it remember.
pub(super) const WORKER_PARTS_OPEN_MAX: usize = 64;
/// Jobs of one artist among them: one artist must not fill every worker.
pub(super) const WORKER_PARTS_PER_ARTIST_MAX: usize = 8;

/// All parts of this peer.
#[derive(Default)]
pub(crate) struct Parts {
    /// Jobs that it pays.
    pub artists: BTreeMap<JobId, ArtistPart>,
    /// Jobs that it works for.
    pub workers: BTreeMap<JobId, WorkerPart>,
}

/// A job that this peer pays.
pub(crate) struct ArtistPart {
    /// The machine.
    pub machine: Artist,
    /// The scene's file name.
    pub name: String,
    /// What the node needs besides.
    pub options: JobOptions,
    /// When it was submitted.
    pub created_ms: u64,
    /// What the ledger says about it.
    pub account: JobAccount,
    /// First time that it was seen rendering since the start of this process, for the remaining time.
    pub rendering_since_ms: Option<(u64, u32)>,
}

/// A job that this peer works for: it renders and verifies.
pub(crate) struct WorkerPart {
    /// The machine that renders.
    pub worker: Worker,
    /// The machine that verifies.
    pub verifier: Verifier,
    /// When its offer was heard.
    pub created_ms: u64,
}

/// What the ledger says about a job: read off the final blocks, so that a receipt needs nobody's word.
#[derive(Clone, Debug, Default)]
pub(crate) struct JobAccount {
    /// Blocks that say something about it, with their hashes.
    pub blocks: Vec<(Height, raylance_v1_protocol::BlockHash)>,
    /// What each account earned by rendering and by verifying.
    pub earned: BTreeMap<AccountId, (Microlux, Microlux)>,
    /// Verdicts of each account: accepts and rejects.
    pub verdicts: BTreeMap<AccountId, (u32, u32)>,
    /// Accounts that were banned.
    pub banned: Vec<AccountId>,
    /// Price of all settled units.
    pub price: Microlux,
    /// What went back at the end.
    pub refund: Option<Microlux>,
}

/// Why a stored job cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// Its machine.
    #[error("job {job}: {source}")]
    Machine {
        /// The job.
        job: JobId,
        /// What is wrong.
        source: SnapshotError,
    },
    /// What the node stored beside it.
    #[error("job {job}: the row is damaged; restore the database from a backup")]
    Row {
        /// The job.
        job: JobId,
    },
}

/// Both machines of a worker in one row.
#[derive(BorshSerialize, BorshDeserialize)]
struct WorkerSnapshot {
    worker: Vec<u8>,
    verifier: Vec<u8>,
}

impl ArtistPart {
    /// From its stored row; a live picture is opened for it.
    pub fn load(row: JobRow, pictures: &Pictures) -> Result<Self, LoadError> {
        let job = row.job;
        let machine = Artist::load(&row.snapshot).map_err(|source| LoadError::Machine { job, source })?;
        let options: JobOptions = serde_json::from_str(&row.options_json).map_err(|_| LoadError::Row { job })?;
        pictures.open(job, machine.spec().render(), machine.is_finished(), &options);
        Ok(Self { machine, name: row.name, options, created_ms: row.created_ms, account: JobAccount::default(), rendering_since_ms: None })
    }
}

impl WorkerPart {
    /// From its stored row.
    pub fn load(row: JobRow) -> Result<Self, LoadError> {
        let job = row.job;
        let machine = |source| LoadError::Machine { job, source };
        let both: WorkerSnapshot = borsh::from_slice(&row.snapshot).map_err(|_| LoadError::Row { job })?;
        let worker = Worker::load(&both.worker).map_err(machine)?;
        Ok(Self { worker, verifier: Verifier::load(&both.verifier).map_err(machine)?, created_ms: row.created_ms })
    }

    /// Both machines' bytes.
    pub fn snapshot(&self) -> Vec<u8> {
        let both = WorkerSnapshot { worker: self.worker.snapshot(), verifier: self.verifier.snapshot() };
        raylance_v1_protocol::encode(&both)
    }
}

/// What a machine wants, with the job that it belongs to.
pub(crate) enum Wish {
    /// Of an artist.
    Artist(JobId, artist::Effect),
    /// Of a worker.
    Worker(JobId, worker::Effect),
    /// Of a verifier.
    Verifier(JobId, verifier::Effect),
}

impl Parts {
    /// Tells every machine what a final block says about its job. Returns their wishes.
    pub fn hear_block(&mut self, now_ms: u64, block: &FinalBlock, applied: &Applied) -> Vec<Wish> {
        let mut wishes = Vec::new();
        self.read_verdicts(block);
        for event in applied.events.iter().flat_map(|(_, events)| events) {
            let Some(job) = event.job() else { continue };
            if let Some(part) = self.artists.get_mut(&job) {
                part.account.hear(event, applied);
            }
            let Some(fact) = fact(event, applied) else { continue };
            if let Some(part) = self.artists.get_mut(&job) {
                let effects = part.machine.step(now_ms, artist::Input::Fact(fact.clone()));
                wishes.extend(effects.into_iter().map(|effect| Wish::Artist(job, effect)));
            }
            if let Some(part) = self.workers.get_mut(&job) {
                let effects = part.worker.step(now_ms, worker::Input::Fact(fact.clone()));
                wishes.extend(effects.into_iter().map(|effect| Wish::Worker(job, effect)));
                let effects = part.verifier.step(now_ms, verifier::Input::Fact(fact));
                wishes.extend(effects.into_iter().map(|effect| Wish::Verifier(job, effect)));
            }
        }
        wishes
    }

    /// Counts the verdicts in own jobs' settlements.
    fn read_verdicts(&mut self, block: &FinalBlock) {
        if self.artists.is_empty() {
            return;
        }
        for tx in &block.block.txs {
            // The block was believed, so its signatures are good.
            let Ok((_, tx)) = tx.open() else { continue };
            let Action::Settle { job, outcomes } = tx.action else { continue };
            let Some(part) = self.artists.get_mut(&job) else { continue };
            for (signer, verdict) in outcomes.iter().flat_map(|outcome| &outcome.verdicts).filter_map(|signed| signed.open().ok()) {
                let (accepts, rejects) = part.account.verdicts.entry(signer).or_default();
                match verdict.decision {
                    Decision::Accept => *accepts += 1,
                    Decision::Reject => *rejects += 1,
                }
            }
        }
    }
}

impl JobAccount {
    fn hear(&mut self, event: &LedgerEvent, applied: &Applied) {
        let block = (applied.height, applied.hash);
        if self.blocks.last() != Some(&block) {
            self.blocks.push(block);
        }
        match event {
            LedgerEvent::UnitSettled { price, .. } => self.price = self.price.plus(*price).unwrap_or(self.price),
            LedgerEvent::WorkerBanned { worker, .. } => self.banned.push(*worker),
            LedgerEvent::JobClosed { refund, .. } => self.refund = Some(*refund),
            LedgerEvent::Moved { account, change, reason, .. } => {
                let change = Microlux(u64::try_from(change.0).unwrap_or(0));
                let (rendered, verified) = self.earned.entry(*account).or_default();
                match reason {
                    MoveReason::Rendered { .. } => *rendered = rendered.plus(change).unwrap_or(*rendered),
                    MoveReason::Verified { .. } => *verified = verified.plus(change).unwrap_or(*verified),
                    MoveReason::Genesis
                    | MoveReason::Sent { .. }
                    | MoveReason::Received { .. }
                    | MoveReason::EscrowLocked
                    | MoveReason::EscrowRefunded => {}
                }
            }
            LedgerEvent::JobOpened { .. } | LedgerEvent::WorkerAdmitted { .. } | LedgerEvent::Committed { .. } => {}
        }
    }
}

/// What the ledger did, in the machines' words; `None` for movements, which no machine follows.
fn fact(event: &LedgerEvent, applied: &Applied) -> Option<Fact> {
    Some(match event {
        LedgerEvent::JobOpened { workers, .. } => Fact::JobOpened { workers: workers.clone() },
        LedgerEvent::WorkerAdmitted { worker, .. } => Fact::WorkerAdmitted { worker: *worker },
        LedgerEvent::Committed { worker, units, .. } => {
            Fact::Committed { worker: *worker, units: units.clone(), block: applied.hash, height: applied.height }
        }
        LedgerEvent::UnitSettled { unit, worker, root, paid, .. } => {
            Fact::UnitSettled { unit: *unit, worker: *worker, root: *root, worker_microlux: *paid }
        }
        LedgerEvent::WorkerBanned { worker, .. } => Fact::WorkerBanned { worker: *worker },
        LedgerEvent::JobClosed { .. } => Fact::JobClosed,
        LedgerEvent::Moved { .. } => return None,
    })
}

/// Pictures of own jobs, shared with windows.
#[derive(Clone, Default)]
pub(crate) struct Pictures(Arc<Mutex<BTreeMap<JobId, Arc<Mutex<Slot>>>>>);

struct Slot {
    work: RenderWork,
    /// Absent once the picture is a file.
    live: Option<LivePicture>,
    /// Of the file.
    finished_revision: u64,
    finished_png: PathBuf,
    encoded: Option<Picture>,
}

impl Slot {
    fn revision(&self) -> u64 {
        self.live.as_ref().map_or(self.finished_revision, LivePicture::revision)
    }
}

/// A slot is whole after a panic, too: the worst is a picture that lacks a film.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Pictures {
    /// Opens the picture of a job. A finished one is a file and takes no memory.
    pub fn open(&self, job: JobId, work: &RenderWork, is_finished: bool, options: &JobOptions) {
        let finished_png = Path::new(&options.out_dir).join(super::artist::IMAGE_PNG);
        let live = (!is_finished).then(|| LivePicture::new(work.clone()));
        let slot = Slot { work: work.clone(), live, finished_revision: 1, finished_png, encoded: None };
        lock(&self.0).insert(job, Arc::new(Mutex::new(slot)));
    }

    /// Changes the live picture of a job, if there is one.
    pub fn change(&self, job: JobId, change: impl FnOnce(&mut LivePicture)) {
        if let Some(slot) = self.slot(job)
            && let Some(live) = &mut lock(&slot).live
        {
            change(live);
        }
    }

    /// The picture is a file from now on.
    pub fn finish(&self, job: JobId) {
        if let Some(slot) = self.slot(job) {
            let mut slot = lock(&slot);
            slot.finished_revision = slot.revision() + 1;
            slot.live = None;
        }
    }

    /// See [`LivePicture::revision`].
    pub fn revision(&self, job: JobId) -> u64 {
        self.slot(job).map_or(0, |slot| lock(&slot).revision())
    }

    /// See [`super::NodeHandle::picture`].
    pub fn picture(&self, job: &str) -> Option<Picture> {
        let job = JobId(raylance_v1_protocol::Digest::from_hex(job)?);
        let slot = self.slot(job)?;
        let held = lock(&slot);
        let revision = held.revision();
        if let Some(known) = held.encoded.as_ref().filter(|known| known.revision == revision) {
            return Some(known.clone());
        }
        let pixels = match &held.live {
            Some(live) if revision > 0 => Some(live.picture()),
            Some(_) => return None,
            None => None,
        };
        let (width_px, height_px, finished_png) = (held.work.width_px, held.work.height_px, held.finished_png.clone());
        // Encoding takes long, and the loop asks this slot for its revision.
        drop(held);
        let png = match pixels {
            Some(pixels) => pixels.to_preview_png(View::default()).ok()?,
            None => std::fs::read(&finished_png).ok()?,
        };
        let picture = Picture { revision, width_px, height_px, png: png.into() };
        lock(&slot).encoded = Some(picture.clone());
        Some(picture)
    }

    fn slot(&self, job: JobId) -> Option<Arc<Mutex<Slot>>> {
        lock(&self.0).get(&job).cloned()
    }
}
