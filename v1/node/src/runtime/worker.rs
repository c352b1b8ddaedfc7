//! Acts for a worker's and a verifier's machines.

use super::Cheat;
use super::chore::remove;
use super::node::{Fetch, Node, Turn};
use crate::render_thread::{Order, ReplayRole, Ticket, replay_requests, settings, unit_requests};
use raylance_v1_market::verifier;
use raylance_v1_market::worker::{self, Ending};
use raylance_v1_protocol::job::LeafShape;
use raylance_v1_protocol::{AccountId, Bid, BlobKey, Decision, JobId, Leaf, LeafIndex, Message, Opening, Root, SceneDigest, UnitIndex};
use raylance_v1_verify::{check_opening, judge};
use std::sync::Arc;

impl Node {
    /// Acts on a wish of a worker's machine.
    pub(super) fn act_worker(&mut self, job: JobId, effect: worker::Effect, next: &mut Turn) {
        match effect {
            worker::Effect::SendBid { to, bid } => {
                let samples_per_s = self.rent.samples_per_s as u64;
                let bid = Bid { samples_per_s, ..bid };
                self.send(to, &Message::Bid(self.keys.sign(&bid)));
            }
            worker::Effect::FetchScene { from, scene, len_bytes } => self.fetch_scene(job, from, scene, len_bytes, next),
            worker::Effect::Send { to, message } => self.send(to, &message),
            worker::Effect::Render { unit } => self.render_unit(job, unit),
            worker::Effect::StopRender { unit } => self.device.drop_order(Ticket::Unit { job, unit }),
            worker::Effect::SendCommitted { to, commitment } => self.send(to, &Message::Committed(self.keys.sign(&commitment))),
            worker::Effect::DropFilm { unit } => remove(&self.blobs.film_path(job, unit, self.me)),
            worker::Effect::Finished { ending } => self.end_work(job, ending),
            // Signed and recorded before; the queue sends it.
            worker::Effect::SubmitTx { .. } => {}
        }
    }

    fn fetch_scene(&mut self, job: JobId, from: AccountId, scene: SceneDigest, len_bytes: u64, next: &mut Turn) {
        if self.blobs.scene_path(scene).exists() {
            self.step_worker(job, worker::Input::SceneReady, next);
        } else if !self.fetch(from, BlobKey::Scene(scene), len_bytes, Fetch::Scene { job }) {
            self.step_worker(job, worker::Input::SceneFailed, next);
        }
    }

    fn render_unit(&mut self, job: JobId, unit: UnitIndex) {
        let Some(part) = self.parts.workers.get(&job) else { return };
        let spec = part.worker.spec();
        let work = spec.render();
        let Some(cut) = work.unit(unit) else { return };
        let cheat = self.config.cheat;
        let change = move |shape: LeafShape| match cheat {
            Some(Cheat::DropSamples) => LeafShape { samples: shape.samples.saturating_sub(1).max(1), ..shape },
            None => shape,
        };
        self.order(Order {
            ticket: Ticket::Unit { job, unit },
            scene: work.scene,
            profile: work.profile,
            settings: settings(work, spec.sampler_seed()),
            leaves: unit_requests(&cut, change),
        });
    }

    fn end_work(&mut self, job: JobId, ending: Ending) {
        self.device.drop_job(job);
        let Some(part) = self.parts.workers.get(&job) else { return };
        let scene = part.worker.spec().render().scene;
        let uses = |id: JobId, spec: &raylance_v1_protocol::JobSpec, finished: bool| id != job && !finished && spec.render().scene == scene;
        let used = self.parts.workers.iter().any(|(&id, part)| uses(id, part.worker.spec(), part.worker.is_finished()))
            || self.parts.artists.values().any(|part| part.machine.spec().render().scene == scene);
        if let Err(error) = self.blobs.remove_films(job) {
            tracing::warn!(%error, "films were not removed");
        }
        if !used && let Err(error) = self.blobs.remove_scene(scene) {
            tracing::warn!(%error, "a scene was not removed");
        }
        if ending == Ending::Banned {
            let text = format!("banned from job {}: its verifiers replayed leaves of a film and got other values", super::show::short(job));
            self.notice("error", text);
        }
    }

    /// Acts on a wish of a verifier's machine.
    pub(super) fn act_verifier(&mut self, job: JobId, effect: verifier::Effect, next: &mut Turn) {
        match effect {
            verifier::Effect::Replay { unit, worker, leaves } => self.replay(job, unit, worker, &leaves, next),
            verifier::Effect::Send { to, message } => self.send(to, &message),
            verifier::Effect::Judge { unit, worker, root, leaves, opening, values } => {
                let decision = self.judge(job, unit, root, &leaves, &opening, &values);
                self.step_verifier(job, verifier::Input::Judged { unit, worker, decision }, next);
            }
            verifier::Effect::Reveal { to, salt, values, verdict } => {
                let verdict = self.keys.sign(&verdict);
                self.send(to, &Message::Revealed { salt, values, verdict });
            }
            verifier::Effect::Finished => {}
        }
    }

    /// A verifier answers honestly, also where this peer cheats as a worker.
    fn replay(&mut self, job: JobId, unit: UnitIndex, worker: AccountId, leaves: &[LeafIndex], next: &mut Turn) {
        let Some(part) = self.parts.workers.get(&job) else { return };
        let spec = part.verifier.spec();
        let work = spec.render();
        let requests: Option<Arc<[_]>> = work.unit(unit).and_then(|cut| replay_requests(&cut, leaves));
        match requests {
            Some(leaves) if self.blobs.scene_path(work.scene).exists() => {
                let ticket = Ticket::Replay { job, unit, worker, role: ReplayRole::Verifier };
                let settings = settings(work, spec.sampler_seed());
                self.order(Order { ticket, scene: work.scene, profile: work.profile, settings, leaves });
            }
            _ => drop(self.step_verifier(job, verifier::Input::ReplayFailed { unit, worker }, next)),
        }
    }

    /// `None` when the opening does not lead to the root.
    fn judge(&self, job: JobId, unit: UnitIndex, root: Root, leaves: &[LeafIndex], opening: &Opening, values: &[Leaf]) -> Option<Decision> {
        let work = self.parts.workers.get(&job)?.verifier.spec().render();
        let cut = work.unit(unit)?;
        let committed = check_opening(job, unit, cut.leaves(), root, leaves, opening)
            .inspect_err(|error| tracing::warn!(%error, "an opening is not believed"))
            .ok()?;
        Some(judge(work.profile, &committed, values).decision)
    }
}
