//! Happens → decide: each input is given to the machine that it is for; what machines wish is collected, nothing is done yet.

use super::NodeError;
use super::chore::{Chore, FilmKey};
use super::input::{Asked, Input};
use super::node::{Fetch, Node, Turn};
use super::open::now_ms;
use super::part::{WORKER_PARTS_OPEN_MAX, WORKER_PARTS_PER_ARTIST_MAX, Wish, WorkerPart};
use crate::render_thread::{Rendered, ReplayRole, Ticket};
use raylance_v1_market::artist::{self, FilmFault};
use raylance_v1_market::verifier::{self, Verifier};
use raylance_v1_market::worker::{self, Ending, Worker, WorkerPhase};
use raylance_v1_market::{Fact, Heard, hear};
use raylance_v1_peer::{FetchError, PeerEvent, Responder};
use raylance_v1_protocol::{
    AccountId, BlobKey, Digest, Gossip, JobId, JobSpec, Leaf, Message, Offer, Refusal, Reply, Root, SceneDigest, Signed, UnitIndex, Verdict,
};
use raylance_v1_store::Role;
use raylance_v1_verify::{answer_digest, draw_seed, drawn_leaves, judge, seal};

impl Node {
    /// Takes one input.
    pub(super) async fn hear(&mut self, input: Input, turn: &mut Turn) -> Result<(), NodeError> {
        match input {
            Input::Timer => self.tick(turn).await?,
            Input::Peer(event) => self.hear_peer(event, turn).await?,
            Input::Rendered(done) => self.hear_rendered(done, turn),
            Input::Chore(chore) => self.hear_chore(chore, turn),
            Input::Asked(Asked::Command(command, answer)) => self.hear_command(command, answer, turn).await?,
            Input::Asked(Asked::Audit(answer)) => {
                // Whoever asked may have gone away.
                let _ = answer.send(self.audit());
            }
        }
        Ok(())
    }

    async fn tick(&mut self, turn: &mut Turn) -> Result<(), NodeError> {
        let jobs: Vec<JobId> = self.parts.artists.iter().filter(|(_, part)| !part.machine.is_finished()).map(|(&job, _)| job).collect();
        for job in jobs {
            self.step_artist(job, artist::Input::Tick, turn);
            self.clock_rendering(job);
        }
        let jobs: Vec<JobId> = self.parts.workers.iter().filter(|(_, part)| !part.worker.is_finished()).map(|(&job, _)| job).collect();
        for job in jobs {
            self.step_worker(job, worker::Input::Tick, turn);
            self.step_verifier(job, verifier::Input::Tick, turn);
        }
        self.changed = true;
        self.follow_chain(turn).await
    }

    /// Begins to measure the pace, for the remaining time.
    fn clock_rendering(&mut self, job: JobId) {
        let Some(part) = self.parts.artists.get_mut(&job).filter(|part| part.rendering_since_ms.is_none()) else { return };
        let seen = part.machine.view();
        if seen.phase == artist::ArtistPhase::Rendering {
            part.rendering_since_ms = Some((now_ms(), seen.units_settled));
        }
    }

    /// Steps an artist's machine; an unknown job is not heard.
    pub(super) fn step_artist(&mut self, job: JobId, input: artist::Input, turn: &mut Turn) -> bool {
        let Some(part) = self.parts.artists.get_mut(&job) else { return false };
        let is_tick = input == artist::Input::Tick;
        let effects = part.machine.step(now_ms(), input);
        // A tick without effects moves only timers, which need not survive.
        if !is_tick || !effects.is_empty() {
            turn.dirty.insert((job, Role::Artist));
        }
        turn.wishes.extend(effects.into_iter().map(|effect| Wish::Artist(job, effect)));
        true
    }

    /// Steps a worker's machine; an unknown job is not heard.
    pub(super) fn step_worker(&mut self, job: JobId, input: worker::Input, turn: &mut Turn) -> bool {
        let Some(part) = self.parts.workers.get_mut(&job) else { return false };
        let is_tick = input == worker::Input::Tick;
        let effects = part.worker.step(now_ms(), input);
        if !is_tick || !effects.is_empty() {
            turn.dirty.insert((job, Role::Worker));
        }
        turn.wishes.extend(effects.into_iter().map(|effect| Wish::Worker(job, effect)));
        true
    }

    /// Steps a verifier's machine; an unknown job is not heard.
    pub(super) fn step_verifier(&mut self, job: JobId, input: verifier::Input, turn: &mut Turn) -> bool {
        let Some(part) = self.parts.workers.get_mut(&job) else { return false };
        let is_tick = input == verifier::Input::Tick;
        let effects = part.verifier.step(now_ms(), input);
        if !is_tick || !effects.is_empty() {
            turn.dirty.insert((job, Role::Worker));
        }
        turn.wishes.extend(effects.into_iter().map(|effect| Wish::Verifier(job, effect)));
        true
    }

    async fn hear_peer(&mut self, event: PeerEvent, turn: &mut Turn) -> Result<(), NodeError> {
        self.changed = true;
        match event {
            PeerEvent::Connected { account } => self.hear_connected(account, turn),
            PeerEvent::Lost { account } => {
                self.connected.remove(&account);
                self.for_each_artist(turn, |_| artist::Input::PeerLost { peer: account });
            }
            PeerEvent::Gossip { from, gossip: Gossip::Offer(signed) } => self.hear_offer(from, &signed, turn),
            PeerEvent::Gossip { from, gossip: Gossip::Final { height } } => {
                // Only a validator's word counts: anyone else could promise blocks and keep silent.
                if height > self.chain.height() && self.connected.contains(&from) && self.chain.validators().contains(from) {
                    self.follow.told = self.follow.told.max(height);
                    self.ask_blocks_of(from);
                }
            }
            PeerEvent::Request { from, message, responder } => self.hear_message(from, message, responder, turn).await?,
            PeerEvent::Replied { tag, reply, .. } => self.hear_reply(tag, reply, turn).await?,
            PeerEvent::BlobWanted { from, key, responder } => self.serve(from, key, responder),
            PeerEvent::BlobFetched { tag, result, .. } => self.hear_blob(tag, result, turn),
            PeerEvent::Listening { .. } => {}
        }
        Ok(())
    }

    fn hear_connected(&mut self, account: AccountId, turn: &mut Turn) {
        self.connected.insert(account);
        self.for_each_artist(turn, |_| artist::Input::PeerSeen { peer: account });
        let of_artist = self.parts.workers.iter().filter(|(_, part)| !part.worker.is_finished() && part.worker.spec().artist == account);
        for job in of_artist.map(|(&job, _)| job).collect::<Vec<_>>() {
            self.step_worker(job, worker::Input::ArtistSeen, turn);
        }
    }

    fn for_each_artist(&mut self, turn: &mut Turn, input: impl Fn(JobId) -> artist::Input) {
        let running = self.parts.artists.iter().filter(|(_, part)| !part.machine.is_finished());
        for job in running.map(|(&job, _)| job).collect::<Vec<_>>() {
            self.step_artist(job, input(job), turn);
        }
    }

    /// A job looks for workers. Only an offer that this peer can do, of this ring and this renderer, begins anything.
    fn hear_offer(&mut self, from: AccountId, signed: &Signed<Offer>, turn: &mut Turn) {
        let Ok((signer, Offer { spec })) = signed.open() else { return };
        let ours = signer == spec.artist && signer == from && signer != self.me && spec.chain == self.chain.id() && spec.check().is_ok();
        if !ours {
            return;
        }
        let job = spec.id();
        // A bid that was never taken ended by itself; the job that still looks for workers gets another one.
        if self.parts.workers.get(&job).is_some_and(|part| part.worker.view().phase != WorkerPhase::Ended(Ending::NotAdmitted)) {
            self.step_worker(job, worker::Input::Offered, turn);
            return;
        }
        let can = spec.render().renderer == Digest(raylance_tracer::renderer_digest());
        let (mut open, mut open_of_artist) = (0, 0);
        for part in self.parts.workers.values().filter(|part| !part.worker.is_finished()) {
            open += 1;
            open_of_artist += usize::from(part.worker.spec().artist == signer);
        }
        let has_room = open < WORKER_PARTS_OPEN_MAX && open_of_artist < WORKER_PARTS_PER_ARTIST_MAX;
        if !can || !self.rent.on || !has_room || !self.is_funded(job, &spec) {
            return;
        }
        self.parts.forget_old();
        let now_ms = now_ms();
        let part =
            WorkerPart { worker: Worker::new(self.me, spec.clone(), now_ms), verifier: Verifier::new(self.me, spec), created_ms: now_ms };
        self.parts.workers.insert(job, part);
        self.step_worker(job, worker::Input::Resumed, turn);
        // Who was admitted while it was away gets no second fact of it.
        if self.chain.state().job(job).is_some_and(|row| row.may_earn(self.me)) {
            self.step_worker(job, worker::Input::Fact(Fact::WorkerAdmitted { worker: self.me }), turn);
        }
    }

    /// Is the budget locked, or could it be? An offer that its artist can't pay costs nothing to make.
    fn is_funded(&self, job: JobId, spec: &JobSpec) -> bool {
        let state = self.chain.state();
        state.job(job).is_some() || spec.budget().is_ok_and(|budget| budget <= state.account(spec.artist).balance_microlux)
    }

    async fn hear_message(&mut self, from: AccountId, message: Message, responder: Responder, turn: &mut Turn) -> Result<(), NodeError> {
        let reply = match hear(from, message) {
            Ok(Heard::Artist(job, input)) => known(self.step_artist(job, input, turn)),
            Ok(Heard::Worker(job, input)) => known(self.step_worker(job, input, turn)),
            Ok(Heard::Verifier(job, input)) => self.hear_verifier(job, input, turn),
            Ok(Heard::Revealed { from, salt, values, signed, verdict }) => self.hear_revealed(from, salt, &values, signed, &verdict, turn),
            Ok(Heard::Elsewhere(message)) => self.hear_elsewhere(message).await?,
            Err(refusal) => Reply::Refused(refusal),
        };
        turn.replies.push((responder, reply));
        Ok(())
    }

    /// A challenge is heard only when its draw follows from the commitment's block and its leaves from the draw: an artist that
    /// chooses leaves itself could leave a cheat alone.
    fn hear_verifier(&mut self, job: JobId, input: verifier::Input, turn: &mut Turn) -> Reply {
        let Some(part) = self.parts.workers.get(&job) else { return Reply::Refused(Refusal::UnknownJob) };
        if let verifier::Input::Challenge { unit, worker, root, draw, ref leaves, .. } = input {
            let spec = part.verifier.spec();
            let Some(cut) = spec.render().unit(unit) else { return Reply::Refused(Refusal::Malformed) };
            let commitment = self.chain.state().unit(job, unit).and_then(|row| row.commitments.get(&worker));
            // The block may not have come here yet: the artist asks again.
            let Some(commitment) = commitment.filter(|commitment| commitment.root == root) else { return Reply::Refused(Refusal::Busy) };
            let block = usize::try_from(commitment.height.0).ok().and_then(|height| self.hashes.get(height));
            let expected = block.map(|&block| draw_seed(block, job, unit, worker, root));
            if expected != Some(draw) || *leaves != drawn_leaves(draw, &cut, spec.replayed_leaves) {
                return Reply::Refused(Refusal::Malformed);
            }
        }
        known(self.step_verifier(job, input, turn))
    }

    fn hear_revealed(
        &mut self,
        from: AccountId,
        salt: [u8; 16],
        values: &[Leaf],
        signed: Signed<Verdict>,
        verdict: &Verdict,
        turn: &mut Turn,
    ) -> Reply {
        let Verdict { job, unit, worker, root, draw, .. } = *verdict;
        let Some(part) = self.parts.artists.get(&job) else { return Reply::Refused(Refusal::UnknownJob) };
        let spec = part.machine.spec();
        let Some(cut) = spec.render().unit(unit) else { return Reply::Refused(Refusal::Malformed) };
        let key = FilmKey { job, unit: cut, worker, root };
        let leaves = drawn_leaves(draw, &cut, spec.replayed_leaves);
        let Some(committed) = super::artist::stored_leaves(&self.blobs, &key, &leaves) else { return Reply::Refused(Refusal::Busy) };
        let values_say = judge(spec.render().profile, &committed, values).decision;
        let (seal, answer) = (seal(&salt, values), answer_digest(values));
        known(self.step_artist(job, artist::Input::Revealed { from, seal, answer, values_say, verdict: signed }, turn))
    }

    fn serve(&mut self, from: AccountId, key: BlobKey, responder: raylance_v1_peer::BlobResponder) {
        let blobs = self.blobs.clone();
        match key {
            BlobKey::Scene(scene) if self.may_have_scene(from, scene) => {
                self.chore(move || super::chore::serve_scene(&blobs, scene, responder));
            }
            BlobKey::Film { job, unit } if self.may_have_film(from, job, unit) => {
                let me = self.me;
                self.chore(move || super::chore::serve_film(&blobs, me, job, unit, responder));
            }
            BlobKey::Scene(_) | BlobKey::Film { .. } => responder.answer(None),
        }
    }

    /// Workers of an own open job may have its scene.
    fn may_have_scene(&self, from: AccountId, scene: SceneDigest) -> bool {
        let with_scene =
            self.parts.artists.iter().filter(|(_, part)| !part.machine.is_finished() && part.machine.spec().render().scene == scene);
        with_scene.into_iter().any(|(&job, _)| self.chain.state().job(job).is_some_and(|row| row.may_earn(from)))
    }

    /// The artist may have a film that this peer has bound itself to.
    fn may_have_film(&self, from: AccountId, job: JobId, unit: UnitIndex) -> bool {
        self.parts.workers.get(&job).is_some_and(|part| part.worker.spec().artist == from && part.worker.may_serve(unit))
    }

    fn hear_blob(&mut self, tag: u64, result: Result<Vec<u8>, FetchError>, turn: &mut Turn) {
        let blobs = self.blobs.clone();
        match (self.fetches.remove(&tag), result) {
            (None, _) => {}
            (Some(Fetch::Scene { job }), Ok(packed)) => {
                let Some(scene) = self.parts.workers.get(&job).map(|part| part.worker.spec().render().scene) else { return };
                self.chore(move || super::chore::store_scene(&blobs, job, scene, &packed));
            }
            (Some(Fetch::Scene { job }), Err(error)) => {
                tracing::debug!(%error, ?job, "a scene did not come");
                self.step_worker(job, worker::Input::SceneFailed, turn);
            }
            (Some(Fetch::Film { job, unit, worker, root }), Ok(bytes)) => {
                let Some(cut) = self.unit(job, unit) else { return };
                let (pictures, key) = (self.pictures.clone(), FilmKey { job, unit: cut, worker, root });
                self.chore(move || super::chore::receive_film(&blobs, &pictures, key, &bytes));
            }
            (Some(Fetch::Film { job, unit, worker, root }), Err(error)) => {
                tracing::debug!(%error, ?job, ?unit, "a film did not come");
                // More bytes than the unit has leaves is no film of this unit, whatever its hashes.
                let fault = if matches!(error, FetchError::TooLong { .. }) { FilmFault::WrongRoot } else { FilmFault::Unreachable };
                self.step_artist(job, artist::Input::FilmFailed { unit, worker, root, fault }, turn);
            }
        }
    }

    fn hear_rendered(&mut self, done: Rendered, turn: &mut Turn) {
        let Rendered { ticket, leaves, samples, render_ms } = done;
        if let Err(error) = &leaves {
            self.notice("error", format!("the device could not render: {error}"));
        }
        match (ticket, leaves.ok()) {
            (Ticket::Unit { job, unit }, Some(film)) => {
                self.rent.samples_per_s = samples as f64 * 1000.0 / f64::from(render_ms.max(1));
                self.rent.units_done += 1;
                let (blobs, me) = (self.blobs.clone(), self.me);
                self.chore_surely(move || super::chore::keep_film(&blobs, me, job, unit, &film, render_ms));
            }
            (Ticket::Unit { job, unit }, None) => drop(self.step_worker(job, worker::Input::RenderFailed { unit }, turn)),
            (Ticket::Replay { job, unit, worker, role: ReplayRole::Verifier }, values) => {
                self.replayed(job, unit, worker, values, render_ms, turn)
            }
            (Ticket::Replay { job, unit, worker, role: ReplayRole::Artist { root, draw } }, values) => {
                self.replayed_here(job, unit, worker, (root, draw), values, render_ms, turn);
            }
        }
    }

    fn replayed(&mut self, job: JobId, unit: UnitIndex, worker: AccountId, values: Option<Vec<Leaf>>, replay_ms: u32, turn: &mut Turn) {
        let mut salt = [0; 16];
        let salted = getrandom::fill(&mut salt).is_ok();
        let input = match values {
            Some(values) if salted => {
                let (seal, answer) = (seal(&salt, &values), answer_digest(&values));
                verifier::Input::Replayed { unit, worker, values, salt, seal, answer, replay_ms }
            }
            _ => verifier::Input::ReplayFailed { unit, worker },
        };
        self.step_verifier(job, input, turn);
    }

    /// As the job's artist: judges the own values against the stored film and signs the verdict.
    #[expect(clippy::too_many_arguments, reason = "the parts of one ticket and its answer")]
    fn replayed_here(
        &mut self,
        job: JobId,
        unit: UnitIndex,
        worker: AccountId,
        (root, draw): (Root, Digest),
        values: Option<Vec<Leaf>>,
        replay_ms: u32,
        turn: &mut Turn,
    ) {
        let verdict = self.parts.artists.get(&job).zip(values).and_then(|(part, values)| {
            let spec = part.machine.spec();
            let cut = spec.render().unit(unit)?;
            let leaves = drawn_leaves(draw, &cut, spec.replayed_leaves);
            let committed = super::artist::stored_leaves(&self.blobs, &FilmKey { job, unit: cut, worker, root }, &leaves)?;
            let decision = judge(spec.render().profile, &committed, &values).decision;
            Some(self.keys.sign(&Verdict { job, unit, worker, root, draw, answer: answer_digest(&values), decision }))
        });
        let input = match verdict {
            Some(verdict) => artist::Input::ReplayedHere { verdict, replay_ms },
            None => artist::Input::ReplayFailed { unit, worker },
        };
        self.step_artist(job, input, turn);
    }

    fn hear_chore(&mut self, chore: Chore, turn: &mut Turn) {
        match chore {
            Chore::Nothing => {}
            Chore::Prepared { prepared, answer } => self.hear_prepared(prepared, answer, turn),
            Chore::SceneStored { job, stored } => {
                let input = if stored { worker::Input::SceneReady } else { worker::Input::SceneFailed };
                self.step_worker(job, input, turn);
            }
            Chore::FilmKept { job, unit, root, render_ms } => {
                let input = match root {
                    Some(root) => worker::Input::FilmStored { unit, root, render_ms },
                    None => worker::Input::RenderFailed { unit },
                };
                self.step_worker(job, input, turn);
            }
            Chore::FilmReceived { key: FilmKey { job, unit, worker, root }, result } => {
                let unit = unit.index;
                let input = match result {
                    Ok(()) => artist::Input::FilmStored { unit, worker, root },
                    Err(fault) => artist::Input::FilmFailed { unit, worker, root, fault },
                };
                self.step_artist(job, input, turn);
            }
            Chore::Opened { to, key, opening } => self.send_opening(to, &key, opening),
            Chore::Assembled { job, result } => self.hear_assembled(job, result, turn),
        }
    }

    /// The part of the picture that a unit of any known job covers.
    pub(super) fn unit(&self, job: JobId, unit: UnitIndex) -> Option<raylance_v1_protocol::Unit> {
        let spec = match self.parts.artists.get(&job) {
            Some(part) => part.machine.spec(),
            None => self.parts.workers.get(&job)?.worker.spec(),
        };
        spec.render().unit(unit)
    }
}

fn known(is_known: bool) -> Reply {
    if is_known { Reply::Ack } else { Reply::Refused(Refusal::UnknownJob) }
}
