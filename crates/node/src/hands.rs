//! Performs effects: network, device, signatures, files. Whatever takes time is a task of its own, and each task ends in an answer.

use crate::cheat::Cheat;
use crate::network::{BLOCKS_MAX, NODES_BYTES_MAX, Network};
use crate::notices::{Matter, Notices};
use crate::shell::{Arrived, Waited};
use raylance_agent::rows::{BlockRow, Number};
use raylance_agent::{Agent, Answer, Effect, EffectId, Outgoing, Wanted, speak};
use raylance_device::{Backend, Card, CardError, Chosen, Death, OrderError, Origin, SceneId, Task as CardTask, Urgency};
use raylance_files::Files;
use raylance_files::films::{OwnJob, Source, bytes_of, request, settings};
use raylance_files::jobs::{Writing, write_picture};
use raylance_files::scenes::{Hold, SceneError};
use raylance_market::artist::rows::{FilmRow, FilmRowKey};
use raylance_market::artist::{Device, LeafRef};
use raylance_protocol::message::{Gossip, ReturnReason};
use raylance_protocol::row::{Case, Row as _, key_bytes};
use raylance_protocol::{
    AccountId, Address, Assignment, ChainId, CheckedTx, FilmKey, Height, JobId, JobSpec, Keypair, Leaf, LeafIndex, Reply, SceneDigest,
    SpecHash, Task, UnitIndex, decode,
};
use raylance_store::Store;
use raylance_verify::{FilmId, film_key};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::mpsc;
use tokio::task::AbortHandle;

/// A picture that could not be written is tried again after that.
const WRITE_AGAIN: Duration = Duration::from_secs(2);

/// Everything that acts. Cheap to clone.
#[derive(Clone)]
pub struct Hands {
    /// The account's key.
    pub(crate) keys: Arc<Keypair>,
    /// The ring.
    pub(crate) chain: ChainId,
    /// What lies on disk.
    pub(crate) files: Files,
    /// Rows: read here, written by the loop alone.
    pub(crate) store: Arc<Store>,
    /// The swarm.
    pub(crate) network: Network,
    /// The device.
    pub(crate) card: Card,
    /// Which one that is.
    pub(crate) device: Chosen,
    /// Threads of the CPU backend; 0 = one per core.
    pub(crate) threads: usize,
    /// What people are told.
    pub(crate) notices: Notices,
    /// Where answers go. Unbounded: there are no more of them than effects that the agent waits for.
    pub(crate) answers: mpsc::UnboundedSender<Arrived<(EffectId, Answer)>>,
    /// Does this machine cheat on purpose?
    pub(crate) cheat: Option<Cheat>,
    /// How long what happens waits for its commit.
    pub(crate) waited: Waited,
    /// Tasks that may be cancelled.
    pub(crate) running: Arc<Mutex<BTreeMap<EffectId, AbortHandle>>>,
}

impl Hands {
    /// The account.
    pub fn me(&self) -> AccountId {
        self.keys.account()
    }

    /// An own job, as far as its films are concerned.
    pub fn own(&self, agent: &Agent, hash: SpecHash) -> Option<OwnJob> {
        let (spec, job) = agent.own_job(hash)?;
        // Films of free work bear that job's number.
        let job = job.or(Some(JobId::free(self.me(), hash)));
        Some(OwnJob { spec: Arc::new(spec.clone()), hash, job })
    }

    /// Performs what needs no knowledge of the loop's own; gives back an answer that is there at once.
    pub fn perform(&self, agent: &Agent, effect: Effect) -> Option<(EffectId, Answer)> {
        match effect {
            Effect::Send { id, to, message } => self.spawn(id, self.clone().send(to, *message)),
            Effect::PublishOffer(offer) => self.gossip(&Gossip::Offer(self.keys.sign(self.chain, &offer))),
            Effect::PublishHeight(height) => self.gossip(&Gossip::Final { height }),
            Effect::GetBlocks { id, peer, from } => {
                let network = self.network.clone();
                self.spawn(id, async move { network.blocks(peer, from, BLOCKS_MAX).await.map(Answer::Blocks) });
            }
            Effect::GetState { id, peer } => {
                let (network, stored) = (self.network.clone(), self.store.node_store());
                self.spawn(id, async move { network.state(peer, stored).await.map(|state| Answer::State(Box::new(state))) });
            }
            Effect::AskTips { id } => self.spawn(id, self.clone().tips(agent.network().peers, agent.chain().height())),
            Effect::SignTx { id, tx } => {
                let signed = CheckedTx::check(self.chain, self.keys.sign(self.chain, &*tx));
                return Some((id, signed.map_or(Answer::Failed, |tx| Answer::TxSigned(Box::new(tx)))));
            }
            Effect::SignVote { id, vote } => return Some((id, Answer::Signed(self.keys.sign(self.chain, &vote).signature()))),
            Effect::Recorded { id } => return Some((id, Answer::Done)),
            Effect::Mark { id, mark } => {
                let (folder, me) = (self.files.folder.clone(), self.me());
                self.spawn_blocking(id, move || done(folder.set_mark(me, &mark), "the validator's mark was not written"));
            }
            Effect::KeepState { id, tip, state } => {
                let store = Arc::clone(&self.store);
                self.spawn_blocking(id, move || done(store.keep_state(&tip, &state), "the ledger's state was not kept"));
            }
            Effect::Render { id, job, spec, assignment, sealed } => {
                self.spawn(id, self.clone().render(job, spec, assignment, sealed));
            }
            Effect::Cancel(id) => {
                let task = self.running.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
                task.inspect(AbortHandle::abort)?;
                return Some((id, Answer::Failed));
            }
            Effect::Judge { id, case } => self.spawn(id, self.clone().judge(case)),
            Effect::ForgetFilm { job, task } => {
                let films = self.files.films.clone();
                tokio::task::spawn_blocking(move || films.forget_film(job, task));
            }
            Effect::ForgetJob(job) => {
                let (hands, keep) = (self.clone(), agent.scenes(None));
                tokio::task::spawn_blocking(move || {
                    hands.files.films.forget_job(job);
                    hands.files.scenes.sweep(&keep);
                });
            }
            Effect::Sweep { parts, jobs } => {
                let (hands, keep) = (self.clone(), agent.scenes(None));
                tokio::task::spawn_blocking(move || {
                    hands.files.films.sweep(&parts, &jobs);
                    hands.files.scenes.sweep(&keep);
                });
            }
            Effect::Show { spec, worker, unit, key } => {
                let source = worker.map_or(Source::Own, |worker| Source::Fetched(worker, key));
                self.files.jobs.show(spec, unit, source);
            }
            Effect::Withdraw { spec, worker, unit } => self.files.jobs.withdraw(spec, unit, worker),
            Effect::Tell(notice) => self.notices.tell(Matter::Agent(notice)),
            Effect::Finish(spec) => _ = self.own(agent, spec).map(|own| tokio::spawn(self.clone().finish(own))),
            own => return self.perform_own(agent, own),
        }
        None
    }

    /// Effects of own jobs.
    fn perform_own(&self, agent: &Agent, effect: Effect) -> Option<(EffectId, Answer)> {
        let (id, spec) = match &effect {
            Effect::RenderOwn { id, spec, .. }
            | Effect::Replay { id, spec, .. }
            | Effect::Compare { id, spec, .. }
            | Effect::Fetch { id, spec, .. }
            | Effect::ReadEvidence { id, spec, .. }
            | Effect::Close { id, spec, .. } => (*id, *spec),
            // The loop's own.
            _ => return None,
        };
        let Some(own) = self.own(agent, spec) else { return Some((id, Answer::Failed)) };
        let hands = self.clone();
        match effect {
            Effect::RenderOwn { unit, .. } => self.spawn(id, hands.render_own(own, unit)),
            Effect::Replay { device, leaves, .. } => self.spawn(id, hands.replay(own, device, leaves)),
            Effect::Compare { checker, list, origins, .. } => {
                self.spawn_blocking(id, move || Some(Answer::DifferAt(hands.compare(&own, checker, Task::List(list), &origins))));
            }
            Effect::Fetch { job, worker, task, addresses, .. } => {
                let own = OwnJob { job: Some(job), ..own };
                self.spawn(id, hands.fetch(own, FilmId { job, worker, task }, addresses));
            }
            Effect::ReadEvidence { leaf, .. } => {
                self.spawn_blocking(id, move || Some(Answer::Evidence(Box::new(hands.files.films.evidence(&own, &leaf)?))));
            }
            Effect::Close { report, .. } => {
                let keep = agent.scenes(Some(spec));
                self.spawn(id, async move {
                    hands.files.jobs.written(own.hash).await;
                    let close = move || hands.files.close(&own, &report, &hands.keys, hands.chain, &keep);
                    done(tokio::task::spawn_blocking(close).await.ok()?, "a job was not closed")
                });
            }
            _ => {}
        }
        None
    }

    /// Runs a task; its answer is [`Answer::Failed`] where it gives none, panics, or is cancelled.
    fn spawn(&self, id: EffectId, work: impl Future<Output = Option<Answer>> + Send + 'static) {
        let (answers, running, notices) = (self.answers.clone(), Arc::clone(&self.running), self.notices.clone());
        // Nothing of it runs before its name is in the table.
        let mut table = running.lock().unwrap_or_else(PoisonError::into_inner);
        let task = tokio::spawn(work);
        table.insert(id, task.abort_handle());
        drop(table);
        tokio::spawn(async move {
            let answer = task.await;
            let was_there = running.lock().unwrap_or_else(PoisonError::into_inner).remove(&id).is_some();
            if let Err(error) = &answer
                && error.is_panic()
            {
                notices.tell(Matter::Panicked(error.to_string()));
            }
            // What was cancelled has been answered.
            if was_there {
                // The loop may have ended.
                let _ = answers.send((Instant::now(), (id, answer.ok().flatten().unwrap_or(Answer::Failed))));
            }
        });
    }

    fn spawn_blocking(&self, id: EffectId, work: impl FnOnce() -> Option<Answer> + Send + 'static) {
        self.spawn(id, async move {
            tokio::task::spawn_blocking(work).await.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()))
        });
    }

    fn gossip(&self, gossip: &Gossip) {
        // What is lost here is said again.
        if let Err(error) = self.network.peer().gossip(gossip) {
            tracing::debug!(%error, "gossip was not taken");
        }
    }

    async fn send(self, to: AccountId, message: Outgoing) -> Option<Answer> {
        if self.cheat.is_some_and(|cheat| cheat.keeps(&message)) {
            // Never answered either: it would only be sent again.
            return std::future::pending().await;
        }
        let message = speak(&self.keys, self.chain, to, message);
        self.network.send(to, &message).await.map(Answer::Replied)
    }

    async fn tips(self, peers: Vec<AccountId>, height: Height) -> Option<Answer> {
        let ask = |peer| {
            let network = self.network.clone();
            tokio::spawn(async move { network.tip(peer, height).await })
        };
        let mut highest = None;
        for asked in peers.into_iter().map(ask).collect::<Vec<_>>() {
            highest = highest.max(asked.await.ok().flatten());
        }
        Some(Answer::Tip(highest))
    }

    /// A part of the chain as it is stored. Blocking.
    pub fn stored(&self, wanted: Wanted) -> Reply {
        let (from, blocks_max) = match wanted {
            Wanted::Blocks { from, blocks_max } => (from, blocks_max),
            Wanted::State => return Reply::State(self.store.kept_tip().ok().flatten().map(Box::new)),
            Wanted::Nodes(hashes) => return Reply::Nodes(self.store.nodes(&hashes, NODES_BYTES_MAX)),
        };
        let key = key_bytes::<BlockRow>(&Number(from.0));
        let rows = self.store.rows_from(&[BlockRow::TABLE], &key, u32::from(blocks_max.min(BLOCKS_MAX))).unwrap_or_default();
        let block = |(_, value): (_, Vec<u8>)| decode::<BlockRow>(&value, BlockRow::BYTES_MAX).ok().map(|row| row.0);
        Reply::Blocks(rows.into_iter().map_while(block).collect())
    }

    /// Has the scene whole on disk, from the first of `sources` that gives it.
    async fn scene(&self, sources: &[AccountId], spec: &JobSpec) -> Result<Hold, SceneError> {
        let give = |from, key, len_max| async move {
            let blob = self.network.fetch(from, key, len_max).await;
            blob.inspect_err(|error| tracing::info!(%from, %error, "a part of a scene can't be fetched")).ok()
        };
        self.files.scenes.fetch(sources, spec.scene, spec.scene_bytes, give).await
    }

    async fn render(self, job: JobId, spec: Box<JobSpec>, assignment: Assignment, sealed: bool) -> Option<Answer> {
        let _hold = match self.scene(&[spec.artist], &spec).await {
            Ok(hold) => hold,
            Err(error) => {
                tracing::warn!(%error, "a scene can't be had");
                return Some(Answer::NotRendered(ReturnReason::Scene));
            }
        };
        let task = assignment.task();
        let list = match &assignment {
            Assignment::Unit(_) => None,
            Assignment::List(addresses) => Some(&addresses[..]),
        };
        let places = spec.addresses(task, list);
        let mut sums = match self.leaves(Urgency::Other, Origin::Stranger, Backend::Usual, &spec, &places).await {
            Ok(sums) => sums,
            Err(CardError::Order(OrderError::Scene(error))) => {
                tracing::warn!(%error, "a scene can't be rendered");
                return Some(Answer::NotRendered(ReturnReason::Scene));
            }
            Err(CardError::Order(OrderError::Died(why))) => {
                self.condemn(spec.scene, why).await;
                return Some(Answer::NotRendered(ReturnReason::Scene));
            }
            Err(CardError::Order(OrderError::PathBound)) => return Some(Answer::NotRendered(ReturnReason::WorkBound)),
            Err(error) => {
                tracing::warn!(%error, "a task was not rendered");
                return Some(Answer::NotRendered(ReturnReason::Device));
            }
        };
        if let Some(cheat) = self.cheat {
            cheat.film(&assignment, &places, &mut sums);
        }
        let film = FilmId { job, worker: self.me(), task };
        let key = if sealed { film_key(&self.keys.secret(), job, task) } else { FilmKey::NONE };
        let films = self.files.films.clone();
        let saved = tokio::task::spawn_blocking(move || films.save_for_others(&film, &key, &places, bytes_of(&sums))).await.ok()?;
        let root = saved.inspect_err(|error| self.notices.tell(Matter::FilmNotStored(error.to_string()))).ok()?;
        Some(Answer::Rendered { root, key })
    }

    async fn leaves(
        &self,
        urgency: Urgency,
        origin: Origin,
        backend: Backend,
        spec: &JobSpec,
        places: &[Address],
    ) -> Result<Vec<[f32; 3]>, CardError> {
        if spec.renderer != crate::renderer() {
            return Err(CardError::OtherRenderer);
        }
        let cheat = self.cheat.filter(|_| urgency == Urgency::Other);
        let wanted = |place: &Address| cheat.map_or(request(place), |cheat| cheat.request(request(place)));
        let leaves: Arc<[_]> = places.iter().map(wanted).collect();
        self.card.render(CardTask { urgency, origin, scene: SceneId(spec.scene.0.0), settings: settings(spec), leaves, backend }).await
    }

    /// A scene that ended the render process is not tried again by itself.
    async fn condemn(&self, scene: SceneDigest, why: Death) {
        self.notices.tell(Matter::SceneTooMuch(scene, why));
        let scenes = self.files.scenes.clone();
        let kept = tokio::task::spawn_blocking(move || scenes.condemn(scene)).await;
        if let Ok(Err(error)) = kept {
            self.notices.tell(Matter::SceneNotMarked(error.to_string()));
        }
    }

    async fn judge(self, case: Box<Case>) -> Option<Answer> {
        if case.spec.renderer != crate::renderer() {
            return None;
        }
        let sources = [case.spec.artist, case.worker];
        let _hold = match self.scene(&sources, &case.spec).await {
            Ok(hold) => hold,
            // Nobody gives it, or it is no scene: there is nothing to judge by.
            Err(SceneError::NotGiven | SceneError::Wrong | SceneError::Condemned) => return Some(Answer::Judged(None)),
            Err(SceneError::Io { .. } | SceneError::Damaged(_)) => return None,
        };
        match self.leaves(Urgency::Replay, Origin::Stranger, Backend::Cpu, &case.spec, &[case.address]).await {
            Ok(sums) => Some(Answer::Judged(sums.first().map(|sums| Leaf::from_sums(*sums)))),
            Err(CardError::Order(OrderError::Died(why))) => {
                self.condemn(case.spec.scene, why).await;
                Some(Answer::Judged(None))
            }
            Err(CardError::Order(OrderError::Panicked | OrderError::PathBound | OrderError::Scene(_))) => Some(Answer::Judged(None)),
            Err(_) => None,
        }
    }

    async fn render_own(self, own: OwnJob, unit: UnitIndex) -> Option<Answer> {
        let places = own.spec.addresses(Task::Unit(unit), None);
        let rendered = self.leaves(Urgency::Own, Origin::Own, Backend::Usual, &own.spec, &places).await;
        let sums = match rendered {
            Ok(sums) => sums,
            Err(CardError::Paused) => return None,
            Err(error) => {
                self.notices.tell(Matter::DeviceFails(error.to_string()));
                return None;
            }
        };
        let films = self.files.films.clone();
        let saved = tokio::task::spawn_blocking(move || films.save_own(own.hash, unit, &bytes_of(&sums))).await.ok()?;
        saved.inspect_err(|error| self.notices.tell(Matter::FilmNotStored(error.to_string()))).ok()?;
        Some(Answer::Done)
    }

    /// The keys of an own job's films, as their rows say; each row is read once.
    fn keys(&self, spec: SpecHash) -> impl FnMut(AccountId, Task) -> Option<FilmKey> {
        let mut known = BTreeMap::new();
        move |worker, task| {
            let read = || {
                let row = self.store.row(&key_bytes::<FilmRow>(&FilmRowKey(spec, (worker, task)))).ok()??;
                decode::<FilmRow>(&row, FilmRow::BYTES_MAX).ok()?.key
            };
            *known.entry((worker, task)).or_insert_with(read)
        }
    }

    /// Leaves of films with what they sum; those of films that are gone are left out. Blocking.
    fn delivered(&self, own: &OwnJob, leaves: Vec<LeafRef>) -> Vec<(LeafRef, Address, Leaf)> {
        let mut keys = self.keys(own.hash);
        let read = |leaf: LeafRef| {
            let (address, value) = self.files.films.leaf(own, &leaf, &mut keys)?;
            Some((leaf, address, value))
        };
        leaves.into_iter().filter_map(read).collect()
    }

    async fn replay(self, own: OwnJob, device: Device, leaves: Vec<LeafRef>) -> Option<Answer> {
        let (hands, job) = (self.clone(), own.clone());
        let delivered = tokio::task::spawn_blocking(move || hands.delivered(&job, leaves)).await.ok()?;
        let places: Vec<Address> = delivered.iter().map(|(_, address, _)| *address).collect();
        let backend = if device == Device::Cpu { Backend::Cpu } else { Backend::Usual };
        let sums = self.leaves(Urgency::Replay, Origin::Own, backend, &own.spec, &places).await.ok()?;
        let slandered = |leaf: &LeafRef| self.cheat.is_some_and(|cheat| cheat.slanders(leaf));
        let differs = |((leaf, _, value), sums): &((_, _, Leaf), _)| *value != Leaf::from_sums(*sums) || slandered(leaf);
        let differ = delivered.into_iter().zip(sums).filter(differs);
        Some(Answer::Differ(differ.map(|((leaf, ..), _)| leaf).collect()))
    }

    /// Places in a list at which the checker's leaf differs from the film that it was drawn from. Blocking.
    fn compare(&self, own: &OwnJob, checker: AccountId, task: Task, origins: &[LeafRef]) -> Vec<LeafIndex> {
        let mut keys = self.keys(own.hash);
        let mut leaf = |leaf: &LeafRef| Some(self.files.films.leaf(own, leaf, &mut keys)?.1);
        let differs = |(place, origin): (u32, &LeafRef)| {
            let answer = leaf(&LeafRef { worker: Some(checker), task, index: LeafIndex(place) });
            let delivered = leaf(origin);
            (delivered.is_some() && answer != delivered).then_some(LeafIndex(place))
        };
        (0..).zip(origins).filter_map(differs).collect()
    }

    async fn fetch(self, own: OwnJob, film: FilmId, list: Option<Vec<Address>>) -> Option<Answer> {
        let count = own.spec.addresses(film.task, list.as_deref()).len();
        let key = raylance_protocol::message::BlobKey::Film { job: film.job, worker: film.worker, task: film.task };
        let len_max = (count * raylance_protocol::job::LEAF_BYTES) as u64;
        let fetched = self.network.fetch(film.worker, key, len_max).await;
        let bytes = fetched.inspect_err(|error| tracing::info!(%error, "a film can't be fetched")).ok()?;
        let films = self.files.films.clone();
        let saved = tokio::task::spawn_blocking(move || films.save_fetched(&own, &film, list.as_deref(), &bytes)).await.ok()?;
        let root = saved.inspect_err(|error| self.notices.tell(Matter::FilmNotStored(error.to_string()))).ok()?;
        Some(Answer::Fetched(root))
    }

    /// Writes the picture until it is written: the folder may be full for a while, or another one is chosen.
    async fn finish(self, own: OwnJob) {
        loop {
            let written = self.write(&own).await;
            match written {
                Ok(()) => return self.files.jobs.set_writing(own.hash, Writing::Done),
                Err(error) => {
                    let failing = Writing::Failing(error);
                    if self.files.jobs.writing(own.hash) != failing {
                        let Writing::Failing(error) = &failing else { return };
                        self.notices.tell(Matter::PictureNotWritten(self.files.jobs.file(own.hash).name, error.clone()));
                        self.files.jobs.set_writing(own.hash, failing);
                    }
                }
            }
            tokio::time::sleep(WRITE_AGAIN).await;
        }
    }

    async fn write(&self, own: &OwnJob) -> Result<(), String> {
        let shown = self.files.jobs.shown(own.hash);
        if shown.is_empty() {
            return Ok(());
        }
        let (films, job, wanted) = (self.files.films.clone(), own.clone(), shown.clone());
        let read = move || -> BTreeMap<UnitIndex, Vec<Leaf>> {
            wanted.iter().filter_map(|(unit, source)| Some((*unit, films.unit(&job, *unit, *source)?))).collect()
        };
        let mut films = tokio::task::spawn_blocking(read).await.map_err(|error| error.to_string())?;
        // A film that is lost is rendered again: it is paid for.
        for unit in shown.into_keys() {
            if let Entry::Vacant(missing) = films.entry(unit) {
                let places = own.spec.addresses(Task::Unit(unit), None);
                let sums =
                    self.leaves(Urgency::Own, Origin::Own, Backend::Usual, &own.spec, &places).await.map_err(|error| error.to_string())?;
                missing.insert(sums.into_iter().map(Leaf::from_sums).collect());
            }
        }
        let (jobs, own) = (self.files.jobs.clone(), own.clone());
        let write = move || {
            let mut file = jobs.file(own.hash);
            file.files = write_picture(&own, &films, &file.folder)?;
            jobs.set_file(own.hash, file).map_err(|error| error.to_string())
        };
        tokio::task::spawn_blocking(write).await.map_err(|error| error.to_string())?
    }
}

fn done<E: std::fmt::Display>(result: Result<(), E>, what: &str) -> Option<Answer> {
    result.inspect_err(|error| tracing::warn!(%error, "{what}")).ok().map(|()| Answer::Done)
}
