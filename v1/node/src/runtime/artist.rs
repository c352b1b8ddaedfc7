//! Acts for an artist's machine.

use super::act::film_bytes;
use super::chore::{self, Chore, FilmKey};
use super::node::{Fetch, Node, Turn};
use super::part::ArtistPart;
use crate::assemble::add_film;
use crate::receipt::{self, Receipt};
use crate::render_thread::{Order, ReplayRole, Ticket, replay_requests, settings};
use raylance_picture::{Assembly, View};
use raylance_v1_market::artist::{self, FailReason, FilmFault, SettledFilm};
use raylance_v1_protocol::job::LEAF_BYTES;
use raylance_v1_protocol::{
    AccountId, BlobKey, Digest, Gossip, JobId, Keypair, Leaf, LeafIndex, Message, Offer, Opening, RenderWork, Root, UnitIndex,
};
use raylance_v1_store::Blobs;
use raylance_v1_verify::{draw_seed, drawn_leaves, root_of, verifier_order};
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

/// The linear picture of a finished job.
pub(super) const IMAGE_EXR: &str = "image.exr";
/// The picture to look at.
pub(super) const IMAGE_PNG: &str = "image.png";
/// Who rendered what, and what it cost.
pub(super) const RECEIPT: &str = "receipt.json";

impl Node {
    /// Acts on a wish of an artist's machine.
    pub(super) fn act_artist(&mut self, job: JobId, effect: artist::Effect, next: &mut Turn) {
        let Some(part) = self.parts.artists.get(&job) else { return };
        let spec = part.machine.spec();
        match effect {
            artist::Effect::GossipOffer => {
                let offer = self.keys.sign(&Offer { spec: spec.clone() });
                if let Err(error) = self.peer.gossip(&Gossip::Offer(offer)) {
                    tracing::debug!(%error, "an offer did not leave; it is repeated");
                }
            }
            artist::Effect::Send { to, message } => self.send(to, &message),
            artist::Effect::FetchFilm { worker, unit, root } => {
                let Some(len_max) = film_bytes(spec.render(), unit) else { return };
                if !self.fetch(worker, BlobKey::Film { job, unit }, len_max, Fetch::Film { job, unit, worker, root }) {
                    self.step_artist(job, artist::Input::FilmFailed { unit, worker, root, fault: FilmFault::Unreachable }, next);
                }
            }
            artist::Effect::Draw { unit, worker, root, block, candidates } => {
                let draw = draw_seed(block, job, unit, worker, root);
                let order = verifier_order(draw, &candidates);
                self.step_artist(job, artist::Input::Drawn { unit, worker, root, draw, order }, next);
            }
            artist::Effect::Challenge { to, unit, worker, root, draw } => {
                let Some(leaves) = self.leaves(job, unit, draw) else { return };
                self.send(to, &Message::Challenge { job, unit, worker, root, draw, leaves });
            }
            artist::Effect::OpenAndSend { to, unit, worker, root, draw } => {
                let (Some(key), Some(leaves)) = (self.film_key(job, unit, worker, root), self.leaves(job, unit, draw)) else { return };
                let blobs = self.blobs.clone();
                self.chore(move || chore::open_film(&blobs, to, key, &leaves));
            }
            artist::Effect::ReplayHere { unit, worker, root, draw } => self.replay_here(job, unit, worker, root, draw, next),
            artist::Effect::DropFilm { unit, worker } => {
                let Some(key) = self.film_key(job, unit, worker, Root::default()) else { return };
                let (blobs, pictures) = (self.blobs.clone(), self.pictures.clone());
                self.chore_surely(move || chore::drop_film(&blobs, &pictures, &key));
            }
            artist::Effect::Assemble { films } => self.assemble(job, films),
            artist::Effect::Finished => self.finish_job(job),
            artist::Effect::Failed { reason } => self.fail_job(job, reason),
            // Signed and recorded before; the queue sends it.
            artist::Effect::SubmitTx { .. } => {}
        }
    }

    fn film_key(&self, job: JobId, unit: UnitIndex, worker: AccountId, root: Root) -> Option<FilmKey> {
        self.unit(job, unit).map(|unit| FilmKey { job, unit, worker, root })
    }

    fn leaves(&self, job: JobId, unit: UnitIndex, draw: Digest) -> Option<Vec<LeafIndex>> {
        let spec = self.parts.artists.get(&job)?.machine.spec();
        Some(drawn_leaves(draw, &spec.render().unit(unit)?, spec.replayed_leaves))
    }

    /// Sends opened leaves to the verifier that has sealed its own.
    pub(super) fn send_opening(&mut self, to: AccountId, key: &FilmKey, opening: Option<Opening>) {
        match opening {
            Some(opening) => self.send(to, &Message::Opened { job: key.job, unit: key.unit.index, worker: key.worker, opening }),
            None => tracing::warn!(job = ?key.job, unit = key.unit.index.0, "a stored film cannot be opened"),
        }
    }

    fn replay_here(&mut self, job: JobId, unit: UnitIndex, worker: AccountId, root: Root, draw: Digest, next: &mut Turn) {
        let requests = self.leaves(job, unit, draw).zip(self.unit(job, unit)).and_then(|(leaves, cut)| replay_requests(&cut, &leaves));
        let Some((part, leaves)) = self.parts.artists.get(&job).zip(requests) else {
            self.step_artist(job, artist::Input::ReplayFailed { unit, worker }, next);
            return;
        };
        let spec = part.machine.spec();
        let work = spec.render();
        self.order(Order {
            ticket: Ticket::Replay { job, unit, worker, role: ReplayRole::Artist { root, draw } },
            scene: work.scene,
            profile: work.profile,
            settings: settings(work, spec.sampler_seed()),
            leaves,
        });
    }

    fn assemble(&mut self, job: JobId, films: Vec<SettledFilm>) {
        let Some(part) = self.parts.artists.get(&job) else { return };
        let order = AssemblyOrder {
            job,
            work: part.machine.spec().render().clone(),
            films,
            receipt: self.receipt(part),
            keys: self.keys.clone(),
            blobs: self.blobs.clone(),
            out_dir: PathBuf::from(&part.options.out_dir),
        };
        self.chore(move || Chore::Assembled { job, result: write_results(&order) });
    }

    fn receipt(&self, part: &ArtistPart) -> Receipt {
        receipt::make(part.machine.spec(), &part.machine.view(), &part.account, &part.name, self.chain.height(), self.chain.hash())
    }

    /// Picture and receipt were written, or not.
    pub(super) fn hear_assembled(&mut self, job: JobId, result: Result<Vec<String>, String>, turn: &mut Turn) {
        let input = match result {
            Ok(files) => {
                if let Some(part) = self.parts.artists.get_mut(&job) {
                    part.options.files = files;
                }
                artist::Input::Assembled
            }
            Err(line) => {
                self.notice(
                    "error",
                    format!("the picture of job {} could not be written, it is tried again: {line}", super::show::short(job)),
                );
                artist::Input::AssemblyFailed
            }
        };
        self.step_artist(job, input, turn);
    }

    /// Closed on the ledger and assembled: the receipt gets its last numbers, the films are of no use any more.
    fn finish_job(&mut self, job: JobId) {
        let Some(part) = self.parts.artists.get(&job) else { return };
        let (receipt, keys, path) = (self.receipt(part), self.keys.clone(), Path::new(&part.options.out_dir).join(RECEIPT));
        let (name, blobs, pictures) = (part.name.clone(), self.blobs.clone(), self.pictures.clone());
        let is_new = part.account.refund.is_some() && path.exists();
        self.chore_surely(move || {
            if is_new && let Err(error) = receipt::write(&receipt, &keys, &path) {
                tracing::warn!(%error, "the last numbers of a receipt were not written");
            }
            pictures.finish(job);
            if let Err(error) = blobs.remove_films(job) {
                tracing::warn!(%error, "films were not removed");
            }
            Chore::Nothing
        });
        self.notice("info", format!("{name} is done"));
    }

    fn fail_job(&mut self, job: JobId, reason: FailReason) {
        let Some(part) = self.parts.artists.get(&job) else { return };
        let text = format!("{}: {}", part.name, super::show::fail_sentence(reason));
        self.device.drop_job(job);
        self.notice(if reason == FailReason::Cancelled { "info" } else { "error" }, text);
    }
}

struct AssemblyOrder {
    job: JobId,
    work: RenderWork,
    films: Vec<SettledFilm>,
    receipt: Receipt,
    keys: Keypair,
    blobs: Blobs,
    out_dir: PathBuf,
}

/// Merges the films in order of units and writes picture and receipt. Returns the files, or a line for a person.
fn write_results(order: &AssemblyOrder) -> Result<Vec<String>, String> {
    let AssemblyOrder { job, work, films, receipt, keys, blobs, out_dir } = order;
    let mut assembly = Assembly::new(work.width_px, work.height_px, work.samples);
    for &SettledFilm { unit, worker, root } in films {
        let cut = work.unit(unit).ok_or("a film of no unit")?;
        let key = FilmKey { job: *job, unit: cut, worker, root };
        let film = chore::read_film(blobs, &key).filter(|film| root_of(*job, unit, film) == root);
        let film = film.ok_or_else(|| format!("the film of unit {} is missing or damaged on disk", unit.0))?;
        add_film(&mut assembly, &cut, &film).map_err(|error| error.to_string())?;
    }
    let picture = assembly.finish().map_err(|error| error.to_string())?;
    std::fs::create_dir_all(out_dir).map_err(|error| format!("{}: {error}", out_dir.display()))?;
    let [exr, png, receipt_path] = [IMAGE_EXR, IMAGE_PNG, RECEIPT].map(|name| out_dir.join(name));
    picture.write_exr(&exr).map_err(|error| error.to_string())?;
    picture.write_png(&png, View::default()).map_err(|error| error.to_string())?;
    receipt::write(receipt, keys, &receipt_path).map_err(|error| error.to_string())?;
    Ok([exr, png, receipt_path].map(|path| path.display().to_string()).to_vec())
}

/// Some leaves of a stored film without reading the whole; `None` when the file is missing or has another length.
pub(super) fn stored_leaves(blobs: &Blobs, key: &FilmKey, leaves: &[LeafIndex]) -> Option<Vec<Leaf>> {
    let mut file = std::fs::File::open(blobs.film_path(key.job, key.unit.index, key.worker)).ok()?;
    if file.metadata().ok()?.len() != u64::from(key.unit.leaves()) * LEAF_BYTES as u64 {
        return None;
    }
    let mut read = |leaf: &LeafIndex| {
        let mut bytes = [0; LEAF_BYTES];
        file.seek(SeekFrom::Start(u64::from(leaf.0) * LEAF_BYTES as u64)).ok()?;
        file.read_exact(&mut bytes).ok()?;
        Some(Leaf::from_bytes(bytes))
    };
    leaves.iter().map(&mut read).collect()
}
