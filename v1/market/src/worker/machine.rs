//! The worker's machine itself.
//!
//! ```text
//! job:   Bidding ──admitted──► Fetching ──SceneReady──► Working ──Closed──► Leaving
//!           └──no offer heard──┐                           └──JobClosed, banned──┴──► Ended
//! unit:  Queued ─► Rendering ──FilmStored──► Stored ──Fact::Committed──► Bound ──UnitSettled──► settled
//! ```

use super::{Effect, Ending, Input};
use crate::retry::{Retry, over};
use crate::submission::{Patience, Submission};
use crate::verifier::Renting;
use crate::{Fact, SnapshotError, snapshot, terms};
use borsh::{BorshDeserialize, BorshSerialize};
use raylance_v1_protocol::{AccountId, Action, Bid, Commitment, CommittedUnit, JobSpec, Message, Microlux, Root, UnitIndex, limits};
use std::collections::{BTreeMap, BTreeSet};

const KIND: [u8; 4] = *b"RLmW";

/// The worker's part in one job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Worker {
    state: State,
}

/// What is recorded.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
struct State {
    me: AccountId,
    spec: JobSpec,
    renting: Renting,
    phase: Phase,
    /// When the job was last offered; the first offer makes this machine.
    offered_ms: u64,
    units: BTreeMap<UnitIndex, Stage>,
    /// Settled units: nothing is done for them any more.
    settled: BTreeSet<UnitIndex>,
    want: Retry,
    submission: Submission,
    tally: Tally,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
enum Phase {
    /// Not admitted yet; the bid is repeated with every offer.
    Bidding,
    Fetching(Retry),
    Working,
    /// The artist says that the job has ended: nothing new is begun or bound; the ledger has the last word.
    Leaving,
    Ended(Ending),
}

/// One leased unit on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
enum Stage {
    Queued(Retry),
    Rendering(Retry),
    /// Rendered; the commitment is told to the artist and put on the ledger.
    Stored {
        root: Root,
        render_ms: u32,
        since_ms: u64,
        told: Retry,
    },
    /// Bound on the ledger: the artist sees it there.
    Bound {
        root: Root,
    },
    /// Its render failed too often.
    GivenUp,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
struct Tally {
    units_settled: u32,
    earned_microlux: Microlux,
    rendered_samples: u64,
    render_ms: u64,
}

/// What a worker is doing for a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WorkerPhase {
    /// Waiting for admission.
    Bidding,
    /// Fetching the scene.
    Fetching,
    /// Asking for units and rendering them.
    Working,
    /// The artist says that the job has ended; waiting for the ledger.
    Leaving,
    /// Over.
    Ended(Ending),
}

/// What a person sees of a worker's part in a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WorkerView {
    /// What is being done.
    pub phase: WorkerPhase,
    /// Units queued or on the device.
    pub units_rendering: u32,
    /// Units rendered and not settled yet.
    pub units_checking: u32,
    /// Own units settled.
    pub units_settled: u32,
    /// Earned by them.
    pub earned_microlux: Microlux,
    /// Camera samples rendered.
    pub rendered_samples: u64,
    /// Time of these renders.
    pub render_ms: u64,
}

impl Worker {
    /// A worker that heard an offer whose signature and specification were checked. `me` is this peer's account. Step
    /// [`Input::Resumed`] next.
    pub fn new(me: AccountId, spec: JobSpec, now_ms: u64) -> Self {
        let state = State {
            me,
            spec,
            renting: Renting::On,
            phase: Phase::Bidding,
            offered_ms: now_ms,
            units: BTreeMap::new(),
            settled: BTreeSet::new(),
            want: Retry::default(),
            submission: Submission::default(),
            tally: Tally::default(),
        };
        Self { state }
    }

    /// The bytes to record before any effect is acted on.
    pub fn snapshot(&self) -> Vec<u8> {
        snapshot::save(KIND, &self.state)
    }

    /// Reads what [`Worker::snapshot`] wrote. Step [`Input::Resumed`] next.
    ///
    /// # Errors
    /// [`SnapshotError`].
    pub fn load(bytes: &[u8]) -> Result<Self, SnapshotError> {
        let state: State = snapshot::load(KIND, bytes)?;
        if state.spec.check().is_err() || state.units.keys().any(|&unit| state.spec.render().unit(unit).is_none()) {
            return Err(SnapshotError::Inconsistent);
        }
        Ok(Self { state })
    }

    /// The job's specification.
    pub fn spec(&self) -> &JobSpec {
        &self.state.spec
    }

    /// Has everything happened?
    pub fn is_finished(&self) -> bool {
        matches!(self.state.phase, Phase::Ended(_))
    }

    /// May the artist fetch this unit's film? Only after the commitment was recorded.
    pub fn may_serve(&self, unit: UnitIndex) -> bool {
        matches!(self.state.units.get(&unit), Some(Stage::Stored { .. } | Stage::Bound { .. })) || self.state.settled.contains(&unit)
    }

    /// Counts for a person.
    pub fn view(&self) -> WorkerView {
        let state = &self.state;
        let count = |is: fn(&Stage) -> bool| state.units.values().filter(|stage| is(stage)).count() as u32;
        WorkerView {
            phase: match state.phase {
                Phase::Bidding => WorkerPhase::Bidding,
                Phase::Fetching(_) => WorkerPhase::Fetching,
                Phase::Working => WorkerPhase::Working,
                Phase::Leaving => WorkerPhase::Leaving,
                Phase::Ended(ending) => WorkerPhase::Ended(ending),
            },
            units_rendering: count(is_unfinished),
            units_checking: count(|stage| matches!(stage, Stage::Stored { .. } | Stage::Bound { .. })),
            units_settled: state.tally.units_settled,
            earned_microlux: state.tally.earned_microlux,
            rendered_samples: state.tally.rendered_samples,
            render_ms: state.tally.render_ms,
        }
    }

    /// One thing happens. Record [`Worker::snapshot`] before acting on the effects.
    pub fn step(&mut self, now_ms: u64, input: Input) -> Vec<Effect> {
        let mut effects = Vec::new();
        let fx = &mut effects;
        let state = &mut self.state;
        if let Phase::Ended(ending) = state.phase {
            // The last word is repeated only to a node that may not have heard it.
            if input == Input::Resumed {
                fx.push(Effect::Finished { ending });
            }
            return effects;
        }
        match input {
            Input::Resumed => state.resumed(now_ms, fx),
            Input::Tick => {}
            Input::Pause => state.pause(fx),
            Input::Resume => state.resume(),
            Input::Fact(fact) => state.fact(fact, fx),
            Input::TxRefused { number, cause } => {
                state.submission.refused(now_ms, number, cause);
            }
            Input::Offered => state.offered(now_ms, fx),
            Input::ArtistSeen => state.forget_timers(),
            Input::SceneReady => {
                if matches!(state.phase, Phase::Fetching(_)) {
                    state.phase = Phase::Working;
                }
            }
            Input::SceneFailed => {
                if let Phase::Fetching(retry) = &mut state.phase {
                    retry.failed(now_ms);
                }
            }
            Input::Assigned { from, units } => {
                if from == state.spec.artist {
                    state.assigned(units);
                }
            }
            Input::FilmStored { unit, root, render_ms } => state.film_stored(now_ms, unit, root, render_ms),
            Input::RenderFailed { unit } => state.render_failed(now_ms, unit),
            Input::Closed { from } => {
                if from == state.spec.artist && state.phase == Phase::Working {
                    state.phase = Phase::Leaving;
                    state.stop(is_unfinished, fx);
                }
            }
        }
        state.whatever_is_due(now_ms, fx);
        effects
    }
}

impl State {
    fn resumed(&mut self, now_ms: u64, fx: &mut Vec<Effect>) {
        self.forget_timers();
        if let Phase::Fetching(retry) = &mut self.phase {
            retry.reset();
        }
        for stage in self.units.values_mut() {
            // The device's queue did not survive: what was on it is begun again.
            if let Stage::Rendering(retry) = *stage {
                *stage = Stage::Queued(retry);
            }
        }
        if let Some((number, action)) = self.submission.resumed(now_ms) {
            fx.push(Effect::SubmitTx { number, action });
        }
        if self.phase == Phase::Bidding {
            self.bid(fx);
        }
    }

    fn forget_timers(&mut self) {
        self.want.reset();
        for stage in self.units.values_mut() {
            if let Stage::Stored { told, .. } = stage {
                told.reset();
            }
        }
    }

    /// The owner comes first: the device is freed at once, and unfinished units go back to the artist.
    fn pause(&mut self, fx: &mut Vec<Effect>) {
        self.renting = Renting::Off;
        self.stop(is_unfinished, fx);
        if self.phase == Phase::Working {
            let message = Message::Want { job: self.spec.id(), units_max: 0 };
            fx.push(Effect::Send { to: self.spec.artist, message });
        }
    }

    fn resume(&mut self) {
        self.renting = Renting::On;
        self.want.reset();
    }

    fn offered(&mut self, now_ms: u64, fx: &mut Vec<Effect>) {
        self.offered_ms = now_ms;
        if self.phase == Phase::Bidding {
            self.bid(fx);
        }
    }

    fn bid(&self, fx: &mut Vec<Effect>) {
        if self.renting == Renting::On {
            fx.push(Effect::SendBid { to: self.spec.artist, bid: Bid { job: self.spec.id(), samples_per_s: 0 } });
        }
    }

    fn fact(&mut self, fact: Fact, fx: &mut Vec<Effect>) {
        match fact {
            Fact::JobOpened { workers } => self.admitted_if(workers.contains(&self.me)),
            Fact::WorkerAdmitted { worker } => self.admitted_if(worker == self.me),
            Fact::Committed { worker, units, .. } if worker == self.me => {
                for bound in units {
                    if let Some(stage) = self.units.get_mut(&bound.unit) {
                        *stage = Stage::Bound { root: bound.root };
                    }
                }
                self.free_submission();
            }
            Fact::Committed { .. } => {}
            Fact::UnitSettled { unit, worker, worker_microlux, .. } => self.unit_settled(unit, worker, worker_microlux, fx),
            Fact::WorkerBanned { worker } if worker == self.me => self.end(Ending::Banned, fx),
            Fact::WorkerBanned { .. } => {}
            Fact::JobClosed => self.end(Ending::Closed, fx),
        }
    }

    fn admitted_if(&mut self, is_me: bool) {
        if is_me && self.phase == Phase::Bidding {
            self.phase = Phase::Fetching(Retry::default());
        }
    }

    fn unit_settled(&mut self, unit: UnitIndex, worker: AccountId, worker_microlux: Microlux, fx: &mut Vec<Effect>) {
        if self.spec.render().unit(unit).is_none() || !self.settled.insert(unit) {
            return;
        }
        if worker == self.me {
            self.units.remove(&unit);
            self.tally.units_settled += 1;
            // The ledger's total supply fits, so does every part of it.
            self.tally.earned_microlux = self.tally.earned_microlux.plus(worker_microlux).unwrap_or(self.tally.earned_microlux);
        } else {
            match self.units.remove(&unit) {
                Some(Stage::Rendering(_)) => fx.push(Effect::StopRender { unit }),
                Some(Stage::Stored { .. } | Stage::Bound { .. }) => fx.push(Effect::DropFilm { unit }),
                Some(Stage::Queued(_) | Stage::GivenUp) | None => {}
            }
        }
        self.free_submission();
    }

    fn free_submission(&mut self) {
        let units = &self.units;
        self.submission.done_if(|action| match action {
            Action::Commit { units: bound, .. } => !bound.iter().any(|one| matches!(units.get(&one.unit), Some(Stage::Stored { .. }))),
            _ => true,
        });
    }

    fn end(&mut self, ending: Ending, fx: &mut Vec<Effect>) {
        self.stop(|_| true, fx);
        self.phase = Phase::Ended(ending);
        fx.push(Effect::Finished { ending });
    }

    fn stop(&mut self, which: fn(&Stage) -> bool, fx: &mut Vec<Effect>) {
        for (&unit, stage) in self.units.iter().filter(|(_, stage)| which(stage)) {
            if matches!(stage, Stage::Rendering(_)) {
                fx.push(Effect::StopRender { unit });
            }
        }
        self.units.retain(|_, stage| !which(stage));
    }

    /// The list is whole: a queued unit that is not on it is leased to someone else by now. A unit already on the device is finished,
    /// because its film may still come first.
    fn assigned(&mut self, units: Vec<UnitIndex>) {
        if self.phase != Phase::Working || self.renting == Renting::Off || units.len() > terms::ASSIGNED_MAX {
            return;
        }
        self.units.retain(|unit, stage| !matches!(stage, Stage::Queued(_)) || units.contains(unit));
        for unit in units {
            if let Some(stage) = self.units.get_mut(&unit) {
                // The artist has not heard of a film that is here.
                if let Stage::Stored { told, .. } = stage {
                    told.reset();
                }
                continue;
            }
            let is_open = !self.settled.contains(&unit) && self.spec.render().unit(unit).is_some();
            if is_open && self.units_in_hand() < terms::ASSIGNED_MAX {
                self.units.insert(unit, Stage::Queued(Retry::default()));
            }
        }
    }

    fn units_in_hand(&self) -> usize {
        self.units.values().filter(|stage| is_unfinished(stage)).count()
    }

    fn film_stored(&mut self, now_ms: u64, unit: UnitIndex, root: Root, render_ms: u32) {
        // A film once bound is never replaced: two roots for one unit are proof of fraud.
        if let Some(stage @ (Stage::Queued(_) | Stage::Rendering(_))) = self.units.get_mut(&unit) {
            *stage = Stage::Stored { root, render_ms, since_ms: now_ms, told: Retry::default() };
            self.tally.rendered_samples += self.spec.render().unit(unit).map_or(0, |cut| cut.sample_count());
            self.tally.render_ms += u64::from(render_ms);
            self.want.reset();
        }
    }

    fn render_failed(&mut self, now_ms: u64, unit: UnitIndex) {
        if let Some(stage) = self.units.get_mut(&unit)
            && let Stage::Rendering(mut retry) = *stage
        {
            retry.failed(now_ms);
            *stage = if retry.failures() < terms::RENDER_FAILURES_MAX { Stage::Queued(retry) } else { Stage::GivenUp };
        }
    }

    fn whatever_is_due(&mut self, now_ms: u64, fx: &mut Vec<Effect>) {
        match &mut self.phase {
            Phase::Bidding => {
                if over(now_ms, self.offered_ms, terms::BID_TTL_MS) && now_ms > self.offered_ms {
                    self.end(Ending::NotAdmitted, fx);
                }
                return;
            }
            Phase::Fetching(retry) => {
                if retry.due(now_ms) && self.renting == Renting::On {
                    retry.asked(now_ms, terms::SCENE_MS);
                    let work = self.spec.render();
                    fx.push(Effect::FetchScene { from: self.spec.artist, scene: work.scene, len_bytes: work.scene_len_bytes });
                }
            }
            Phase::Working | Phase::Leaving => {}
            Phase::Ended(_) => return,
        }
        // The artist should hear of a finished unit before it hears that there is room for another.
        self.tell_due(now_ms, fx);
        self.commit_due(now_ms, fx);
        if self.phase == Phase::Working {
            self.render_due(now_ms, fx);
            self.want_due(now_ms, fx);
        }
    }

    fn render_due(&mut self, now_ms: u64, fx: &mut Vec<Effect>) {
        if self.renting == Renting::Off {
            return;
        }
        let on_device = self.units.values().filter(|stage| matches!(stage, Stage::Rendering(_))).count();
        let mut room = usize::from(terms::WORKER_UNITS_MAX).saturating_sub(on_device);
        for (&unit, stage) in &mut self.units {
            if let Stage::Queued(retry) = *stage
                && room > 0
                && retry.due(now_ms)
            {
                *stage = Stage::Rendering(retry);
                fx.push(Effect::Render { unit });
                room -= 1;
            }
        }
    }

    fn want_due(&mut self, now_ms: u64, fx: &mut Vec<Effect>) {
        if self.renting == Renting::On && self.units_in_hand() < usize::from(terms::WORKER_UNITS_MAX) && self.want.due(now_ms) {
            self.want.asked(now_ms, terms::WANT_REPEAT_MS);
            let message = Message::Want { job: self.spec.id(), units_max: terms::WORKER_UNITS_MAX };
            fx.push(Effect::Send { to: self.spec.artist, message });
        }
    }

    fn tell_due(&mut self, now_ms: u64, fx: &mut Vec<Effect>) {
        let (job, to) = (self.spec.id(), self.spec.artist);
        for (&unit, stage) in &mut self.units {
            if let Stage::Stored { root, render_ms, told, .. } = stage
                && told.due(now_ms)
            {
                told.asked(now_ms, terms::COMMITTED_REPEAT_MS);
                let commitment = Commitment { job, unit, root: *root, render_ms: *render_ms };
                fx.push(Effect::SendCommitted { to, commitment });
            }
        }
    }

    fn commit_due(&mut self, now_ms: u64, fx: &mut Vec<Effect>) {
        if let Some((number, action)) = self.submission.due(now_ms, Patience::Ends) {
            fx.push(Effect::SubmitTx { number, action });
        }
        if self.phase == Phase::Leaving || !self.submission.is_free(now_ms) {
            return;
        }
        let waiting = self.units.iter().filter_map(|(&unit, stage)| match stage {
            Stage::Stored { root, since_ms, .. } => Some((CommittedUnit { unit, root: *root }, *since_ms)),
            _ => None,
        });
        let (units, since): (Vec<_>, Vec<_>) = waiting.take(limits::TX_UNITS_MAX).unzip();
        let ripe = units.len() >= terms::COMMIT_UNITS || since.iter().any(|&since_ms| over(now_ms, since_ms, terms::COMMIT_WAIT_MS));
        if ripe {
            let action = Action::Commit { job: self.spec.id(), units };
            let number = self.submission.submit(now_ms, action.clone());
            fx.push(Effect::SubmitTx { number, action });
        }
    }
}

fn is_unfinished(stage: &Stage) -> bool {
    matches!(stage, Stage::Queued(_) | Stage::Rendering(_))
}
