//! Parts in other people's jobs: what their machines ask for, and what they hear.

use crate::agent::{Agent, Ask, Due, Todo};
use crate::effect::{Effect, Notice, Outgoing, Topic};
use crate::event::{Answer, Earning};
use crate::rows::Purpose;
use raylance_market::artist::Say;
use raylance_market::worker::rows::WorkerJob;
use raylance_market::worker::{Worker, WorkerEffect, WorkerInput, WorkerPolicy};
use raylance_protocol::message::{Refusal, ReturnReason};
use raylance_protocol::row::{Channel, Job, Row};
use raylance_protocol::{AccountId, Action, Bid, JobId, JobSpec, Offer, Rate};

/// Most jobs of others that this peer has a part in at once.
pub(crate) const PARTS_MAX: usize = 16;
/// Most of them that are given away: anybody can have those, so they must not take the others' room.
const FREE_PARTS_MAX: usize = 4;

impl Agent {
    pub(crate) fn earn(&mut self, earning: Option<Earning>) {
        self.earning = earning;
        match &earning {
            Some(row) => self.put(&(), row),
            None => {
                self.delete::<Earning>(&());
                for job in self.workers.keys().copied().collect::<Vec<_>>() {
                    self.todo(Todo::Worker(job, WorkerInput::Leave));
                }
            }
        }
        self.step.turn.topics.insert(Topic::Work);
    }

    /// Bids where the terms suit. Offers are repeated, so a bid that came to nothing is made again.
    pub(crate) fn on_offer(&mut self, from: AccountId, offer: &Offer) {
        if offer.renderer != self.renderer {
            return self.on_other_renderer(from, offer.renderer);
        }
        let Some(earning) = self.earning else { return };
        let free = offer.rate_max == Rate(0);
        let fits = offer.device_bytes <= earning.device_bytes;
        let pays = if free { earning.free } else { earning.rate <= offer.rate_max };
        let has_part = self.workers.values().any(|worker| worker.spec().hash() == offer.spec);
        if from == self.me || !fits || !pays || has_part || self.workers.len() >= PARTS_MAX {
            return;
        }
        let rate = if free { Rate(0) } else { earning.rate };
        let bid = Bid { spec: offer.spec, rate, samples_per_s: earning.samples_per_s, checks: earning.checks };
        self.send(from, Outgoing::Say(Say::Bid(bid)));
    }

    /// An artist says that this peer has a row in its job. Believed where the verified chain says so too, since the artist has locked
    /// money for that row; where the chain lags behind, it is said again.
    pub(crate) fn on_hired(&mut self, from: AccountId, job: JobId, spec: JobSpec) -> Result<(), Refusal> {
        if self.workers.contains_key(&job) {
            return Ok(());
        }
        let Some(earning) = self.earning.filter(|_| self.workers.len() < PARTS_MAX) else { return Err(Refusal::Busy) };
        let state = self.ring.state();
        let free = job == JobId::free(spec.artist, spec.hash());
        let has_row = state.get::<Job>(&job).is_some_and(|row| row.spec == spec.hash() && row.artist == from)
            && state.get::<Channel>(&(job, self.me)).is_some_and(|row| row.state.is_live());
        let free_parts =
            self.workers.iter().filter(|(job, worker)| **job == JobId::free(worker.spec().artist, worker.spec().hash())).count();
        if !(has_row || free && earning.free && free_parts < FREE_PARTS_MAX) {
            return Err(Refusal::Busy);
        }
        let rate = if free { Rate(0) } else { earning.rate };
        let parameters = state.parameters();
        let policy = WorkerPolicy { rate, unpaid_max: earning.unpaid_max, free, parameters };
        let state = state.clone();
        let hired = Worker::hired(self.step.now.steady_ms, job, spec, from, self.me, policy);
        let (worker, turn) = hired.map_err(|_| Refusal::NotYours)?;
        self.workers.insert(job, worker);
        self.step.turn.topics.insert(Topic::Work);
        self.worker_turn(job, turn);
        self.tell_worker(job, &state);
        Ok(())
    }

    /// A message about a job of another artist.
    pub(crate) fn for_worker(&mut self, from: AccountId, job: JobId, input: WorkerInput) -> Result<(), Refusal> {
        let worker = self.workers.get(&job).ok_or(Refusal::UnknownJob)?;
        if worker.spec().artist != from {
            return Err(Refusal::NotYours);
        }
        self.todo(Todo::Worker(job, input));
        Ok(())
    }

    pub(crate) fn worker_hears(&mut self, job: JobId, input: WorkerInput) {
        let (now_ms, dice) = (self.step.now.steady_ms, self.dice());
        let Some(worker) = self.workers.get_mut(&job) else { return };
        let turn = worker.step(now_ms, dice, input);
        self.worker_turn(job, turn);
    }

    pub(crate) fn worker_turn(&mut self, job: JobId, turn: raylance_market::Turn<WorkerEffect>) {
        if !turn.writes.is_empty() {
            self.step.turn.topics.insert(Topic::Work);
        }
        self.step.turn.writes.extend(turn.writes);
        for effect in turn.effects {
            self.worker_does(job, effect);
        }
    }

    fn worker_does(&mut self, part: JobId, effect: WorkerEffect) {
        match effect {
            WorkerEffect::Send { to, say } => self.send(to, Outgoing::Say(say)),
            WorkerEffect::Render { job, assignment, sealed } => {
                let Some(worker) = self.workers.get(&job) else { return };
                let (spec, task) = (Box::new(worker.spec().clone()), assignment.task());
                let id = self.ask_id(Ask::Render(job, task), |id| Effect::Render { id, job, spec, assignment, sealed });
                self.rendering.insert((job, task), id);
            }
            WorkerEffect::CancelRender { task } => {
                if let Some(id) = self.rendering.remove(&(part, task)) {
                    self.effect(Effect::Cancel(id));
                }
            }
            WorkerEffect::Claim(claim) => self.want_tx(Purpose::Claim(part), Action::Claim(claim)),
            WorkerEffect::Forget { task } => self.effect(Effect::ForgetFilm { job: part, task }),
            WorkerEffect::Alarm { at_ms } => self.due.set(Due::Worker(part), at_ms),
            WorkerEffect::Ended => {
                self.workers.remove(&part);
                self.due.clear(Due::Worker(part));
                self.drop_letters_of(part);
                self.step.turn.topics.insert(Topic::Work);
                self.effect(Effect::ForgetJob(part));
            }
        }
    }

    pub(crate) fn on_rendered(&mut self, id: crate::EffectId, job: JobId, task: raylance_protocol::Task, answer: Answer) {
        if self.rendering.get(&(job, task)) != Some(&id) {
            return;
        }
        self.rendering.remove(&(job, task));
        let input = match answer {
            Answer::Rendered { root, key } => WorkerInput::Rendered { task, root, key },
            Answer::NotRendered(reason) => WorkerInput::RenderFailed { task, reason },
            _ => WorkerInput::RenderFailed { task, reason: ReturnReason::Device },
        };
        self.todo(Todo::Worker(job, input));
    }

    /// Builds the machine of a part from its rows; where they can't be read it is told, and the rows stay.
    pub(crate) fn load_worker(&mut self, job: JobId, rows: Vec<(Vec<u8>, Vec<u8>)>) {
        match Worker::load(job, rows) {
            Ok(worker) => _ = self.workers.insert(job, worker),
            Err(_) => self.effect(Effect::Tell(Notice::Unreadable { table: WorkerJob::TABLE, job: job.0 })),
        }
    }
}

/// Is it one of the tables of a worker's machine? Their keys begin with the job's id.
pub(crate) fn is_workers(table: u8) -> bool {
    (WorkerJob::TABLE..=raylance_market::worker::rows::Receipted::TABLE).contains(&table)
}
