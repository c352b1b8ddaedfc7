//! The artist's machine itself: one step per input, and the turn of the clock.

use super::check::Said;
use super::state::{Assembly, Cancel, OracleTally, Phase, State, UnitRow};
use super::{ArtistView, Effect, Input, SettledFilm};
use crate::retry::Retry;
use crate::submission::Submission;
use crate::terms::{OFFER_REPEAT_MS, WORKERS_ENOUGH};
use crate::{SnapshotError, snapshot};
use raylance_v1_protocol::{JobSpec, SpecError, UnitIndex};

const KIND: [u8; 4] = *b"RLmA";

/// The artist's side of one job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Artist {
    state: State,
}

impl Artist {
    /// A new job. `verdicts_required` is the ring's parameter of that name. Step [`Input::Resumed`] next.
    ///
    /// # Errors
    /// [`SpecError`] when the specification breaks a limit.
    pub fn new(spec: JobSpec, verdicts_required: u8) -> Result<Self, SpecError> {
        spec.check()?;
        let units = vec![UnitRow::Unsettled(Vec::new()); spec.render().unit_count() as usize];
        let state = State {
            spec,
            verdicts_required,
            phase: Phase::Offering,
            cancel: Cancel::No,
            offer: Retry::default(),
            first_bid_ms: None,
            workers: Vec::new(),
            units,
            submission: Submission::default(),
            settle_from: 0,
            assembly: Assembly::Open(Retry::default()),
            oracle: OracleTally::default(),
        };
        Ok(Self { state })
    }

    /// The bytes to record before any effect is acted on.
    pub fn snapshot(&self) -> Vec<u8> {
        snapshot::save(KIND, &self.state)
    }

    /// Reads what [`Artist::snapshot`] wrote. Step [`Input::Resumed`] next.
    ///
    /// # Errors
    /// [`SnapshotError`].
    pub fn load(bytes: &[u8]) -> Result<Self, SnapshotError> {
        let state: State = snapshot::load(KIND, bytes)?;
        if state.is_consistent() { Ok(Self { state }) } else { Err(SnapshotError::Inconsistent) }
    }

    /// The job's specification.
    pub fn spec(&self) -> &JobSpec {
        &self.state.spec
    }

    /// Has everything happened?
    pub fn is_finished(&self) -> bool {
        matches!(self.state.phase, Phase::Finished | Phase::Failed(_))
    }

    /// Counts and rows for a person.
    pub fn view(&self) -> ArtistView {
        self.state.view()
    }

    /// The paid films that are on disk, in order of units.
    pub fn settled_films(&self) -> Vec<SettledFilm> {
        self.state.settled_films()
    }

    /// One thing happens. Record [`Artist::snapshot`] before acting on the effects.
    pub fn step(&mut self, now_ms: u64, input: Input) -> Vec<Effect> {
        let mut effects = Vec::new();
        let fx = &mut effects;
        let state = &mut self.state;
        match input {
            Input::Resumed => state.resumed(now_ms, fx),
            Input::Tick => state.tick(now_ms, fx),
            Input::Cancelled => state.cancelled(now_ms, fx),
            Input::Fact(fact) => {
                state.fact(now_ms, fact, fx);
                state.tick(now_ms, fx);
            }
            Input::TxRefused { number, cause } => {
                state.refused(now_ms, number, cause, fx);
                state.tick(now_ms, fx);
            }
            Input::PeerSeen { peer } => state.peer_seen(peer),
            Input::PeerLost { peer } => state.peer_lost(now_ms, peer),
            Input::Bid { from, samples_per_s: _ } => state.bid(now_ms, from),
            Input::Want { from, units_max } => state.wanted(now_ms, from, units_max, fx),
            Input::Committed { from, unit, root, render_ms } => state.committed_by_message(now_ms, from, unit, root, render_ms, fx),
            Input::FilmStored { unit, worker, root } => state.film_stored(now_ms, unit, worker, root, fx),
            Input::FilmFailed { unit, worker, root, fault } => state.film_failed(now_ms, unit, worker, root, fault, fx),
            Input::Drawn { unit, worker, root, draw, order } => state.drawn(now_ms, unit, worker, root, draw, &order, fx),
            Input::Sealed { from, unit, worker, seal, replay_ms } => state.sealed(now_ms, from, unit, worker, seal, replay_ms, fx),
            Input::Revealed { from, seal, answer, values_say, verdict } => {
                state.revealed(now_ms, from, Said { seal, answer, values_say }, verdict, fx);
            }
            Input::ReplayedHere { verdict, replay_ms } => state.replayed_here(now_ms, verdict, replay_ms, fx),
            Input::ReplayFailed { unit, worker } => state.replay_failed(now_ms, unit, worker),
            Input::Assembled => {
                state.assembly = Assembly::Done;
                state.assemble_due(now_ms, fx);
            }
            Input::AssemblyFailed => {
                if let Assembly::Open(retry) = &mut state.assembly {
                    retry.failed(now_ms);
                }
            }
        }
        effects
    }
}

impl State {
    /// Everything that is outstanding is asked again, because whoever was asked may have died with this node. Leases last until their
    /// deadline: their workers go on rendering.
    fn resumed(&mut self, now_ms: u64, fx: &mut Vec<Effect>) {
        self.offer.reset();
        self.reset_retries();
        if let Assembly::Open(retry) = &mut self.assembly {
            retry.reset();
        }
        for row in &mut self.workers {
            row.lost_since_ms = None;
        }
        if let Some((number, action)) = self.submission.resumed(now_ms) {
            fx.push(Effect::SubmitTx { number, action });
        }
        match self.phase {
            Phase::Finished => fx.push(Effect::Finished),
            Phase::Failed(reason) => fx.push(Effect::Failed { reason }),
            Phase::Offering | Phase::Running | Phase::Closed => self.tick(now_ms, fx),
        }
    }

    fn tick(&mut self, now_ms: u64, fx: &mut Vec<Effect>) {
        self.offer_due(now_ms, fx);
        self.lapse_leases(now_ms);
        for unit in 0..self.units.len() as u32 {
            self.advance(now_ms, UnitIndex(unit), fx);
        }
        self.transact(now_ms, fx);
        self.assign_to_waiting(now_ms, fx);
        self.assemble_due(now_ms, fx);
    }

    fn offer_due(&mut self, now_ms: u64, fx: &mut Vec<Effect>) {
        let is_wanted = match self.phase {
            Phase::Offering | Phase::Running => self.cancel == Cancel::No && !self.all_settled() && self.workers_at_work() < WORKERS_ENOUGH,
            Phase::Closed | Phase::Finished | Phase::Failed(_) => false,
        };
        if is_wanted && self.offer.due(now_ms) {
            self.offer.asked(now_ms, OFFER_REPEAT_MS);
            fx.push(Effect::GossipOffer);
        }
    }

    fn cancelled(&mut self, now_ms: u64, fx: &mut Vec<Effect>) {
        if matches!(self.phase, Phase::Offering | Phase::Running) && !self.all_settled() && self.cancel == Cancel::No {
            self.cancel = Cancel::Yes;
            self.say_closed(fx);
            self.tick(now_ms, fx);
        }
    }
}
