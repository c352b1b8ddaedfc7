//! The verifier's machine itself.
//!
//! ```text
//! challenge: Replaying ──Replayed──► Sealed ──Opened, Judged──► Revealed     forgotten once the unit is settled
//! ```
//!
//! Whatever is repeated gets the same answer again: there is never a second set of values for a film.

use super::{Effect, Input};
use crate::retry::Retry;
use crate::{Fact, SnapshotError, snapshot, terms};
use borsh::{BorshDeserialize, BorshSerialize};
use raylance_v1_protocol::{AccountId, Decision, Digest, JobSpec, Leaf, LeafIndex, Message, Opening, Root, UnitIndex, Verdict, limits};
use std::collections::{BTreeMap, BTreeSet};

const KIND: [u8; 4] = *b"RLmV";

/// The verifier's part in one job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verifier {
    state: State,
}

/// What is recorded.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
struct State {
    me: AccountId,
    spec: JobSpec,
    renting: Renting,
    ended: bool,
    challenges: BTreeMap<(UnitIndex, AccountId), Held>,
    /// A unit that was settled is not replayed again, whoever asks.
    settled: BTreeSet<UnitIndex>,
    banned: BTreeSet<AccountId>,
}

/// Is this peer's device rented out?
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub(crate) enum Renting {
    On,
    Off,
}

/// One challenge. Root, draw and leaves never change, nor do the values once they are here.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
struct Held {
    root: Root,
    draw: Digest,
    leaves: Vec<LeafIndex>,
    stage: Stage,
}

#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
enum Stage {
    Replaying(Retry),
    Sealed(Answer),
    Revealed(Answer, Decision),
}

#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
struct Answer {
    values: Vec<Leaf>,
    salt: [u8; 16],
    seal: Digest,
    answer: Digest,
    replay_ms: u32,
}

/// What a person sees of a verifier's part in a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VerifierView {
    /// Challenges whose replay is outstanding.
    pub replaying: u32,
    /// Challenges sealed and not yet revealed.
    pub sealed: u32,
    /// Challenges answered whose unit is not settled yet.
    pub revealed: u32,
}

impl Verifier {
    /// A verifier of a job whose specification was checked. `me` is this peer's account.
    pub fn new(me: AccountId, spec: JobSpec) -> Self {
        let state = State {
            me,
            spec,
            renting: Renting::On,
            ended: false,
            challenges: BTreeMap::new(),
            settled: BTreeSet::new(),
            banned: BTreeSet::new(),
        };
        Self { state }
    }

    /// The bytes to record before any effect is acted on.
    pub fn snapshot(&self) -> Vec<u8> {
        snapshot::save(KIND, &self.state)
    }

    /// Reads what [`Verifier::snapshot`] wrote. Step [`Input::Resumed`] next.
    ///
    /// # Errors
    /// [`SnapshotError`].
    pub fn load(bytes: &[u8]) -> Result<Self, SnapshotError> {
        let state: State = snapshot::load(KIND, bytes)?;
        if state.spec.check().is_err() || state.challenges.len() > terms::CHALLENGES_MAX {
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
        self.state.ended
    }

    /// Counts for a person.
    pub fn view(&self) -> VerifierView {
        let mut view = VerifierView { replaying: 0, sealed: 0, revealed: 0 };
        for held in self.state.challenges.values() {
            match held.stage {
                Stage::Replaying(_) => view.replaying += 1,
                Stage::Sealed(_) => view.sealed += 1,
                Stage::Revealed(..) => view.revealed += 1,
            }
        }
        view
    }

    /// One thing happens. Record [`Verifier::snapshot`] before acting on the effects.
    pub fn step(&mut self, now_ms: u64, input: Input) -> Vec<Effect> {
        let mut effects = Vec::new();
        let state = &mut self.state;
        match input {
            Input::Resumed => state.resumed(now_ms, &mut effects),
            Input::Tick => state.replay_due(now_ms, &mut effects),
            Input::Pause => state.renting = Renting::Off,
            Input::Resume => {
                state.renting = Renting::On;
                state.replay_due(now_ms, &mut effects);
            }
            Input::Fact(fact) => state.fact(fact, &mut effects),
            Input::Challenge { from, unit, worker, root, draw, leaves } => {
                if from == state.spec.artist {
                    state.challenged(now_ms, (unit, worker), root, draw, leaves, &mut effects);
                }
            }
            Input::Replayed { unit, worker, values, salt, seal, answer, replay_ms } => {
                state.replayed((unit, worker), Answer { values, salt, seal, answer, replay_ms }, &mut effects);
            }
            Input::ReplayFailed { unit, worker } => {
                if let Some(Held { stage: Stage::Replaying(retry), .. }) = state.challenges.get_mut(&(unit, worker)) {
                    retry.failed(now_ms);
                }
            }
            Input::Opened { from, unit, worker, opening } => {
                if from == state.spec.artist {
                    state.opened((unit, worker), opening, &mut effects);
                }
            }
            Input::Judged { unit, worker, decision } => state.judged((unit, worker), decision, &mut effects),
        }
        effects
    }
}

impl State {
    fn resumed(&mut self, now_ms: u64, effects: &mut Vec<Effect>) {
        if self.ended {
            effects.push(Effect::Finished);
            return;
        }
        for held in self.challenges.values_mut() {
            if let Stage::Replaying(retry) = &mut held.stage {
                retry.reset();
            }
        }
        self.replay_due(now_ms, effects);
        let keys: Vec<_> = self.challenges.keys().copied().collect();
        keys.into_iter().for_each(|key| self.answer_again(key, effects));
    }

    fn replay_due(&mut self, now_ms: u64, effects: &mut Vec<Effect>) {
        if self.ended || self.renting == Renting::Off {
            return;
        }
        for (&(unit, worker), held) in &mut self.challenges {
            if let Stage::Replaying(retry) = &mut held.stage
                && retry.due(now_ms)
            {
                retry.asked(now_ms, terms::ANSWER_MS);
                effects.push(Effect::Replay { unit, worker, leaves: held.leaves.clone() });
            }
        }
    }

    fn fact(&mut self, fact: Fact, effects: &mut Vec<Effect>) {
        match fact {
            Fact::JobOpened { .. } | Fact::WorkerAdmitted { .. } | Fact::Committed { .. } => {}
            Fact::UnitSettled { unit, .. } => {
                if self.spec.render().unit(unit).is_some() {
                    self.settled.insert(unit);
                }
                self.challenges.retain(|&(held, _), _| held != unit);
            }
            Fact::WorkerBanned { worker } => {
                if self.banned.len() < limits::WORKERS_MAX {
                    self.banned.insert(worker);
                }
                self.challenges.retain(|&(_, held), _| held != worker);
                if worker == self.me {
                    self.end(effects);
                }
            }
            Fact::JobClosed => self.end(effects),
        }
    }

    fn end(&mut self, effects: &mut Vec<Effect>) {
        self.ended = true;
        self.challenges.clear();
        effects.push(Effect::Finished);
    }

    /// A challenge that is already held gets the answer that is already held; a different one for the same film is not heard, because
    /// the draw of a film is fixed by its block.
    fn challenged(
        &mut self,
        now_ms: u64,
        key: (UnitIndex, AccountId),
        root: Root,
        draw: Digest,
        leaves: Vec<LeafIndex>,
        effects: &mut Vec<Effect>,
    ) {
        if let Some(held) = self.challenges.get(&key) {
            if held.root == root && held.draw == draw && held.leaves == leaves {
                self.answer_again(key, effects);
            }
            return;
        }
        let open = self.challenges.values().filter(|held| !matches!(held.stage, Stage::Revealed(..))).count();
        if open < terms::CHALLENGES_OPEN_MAX && self.challenges.len() < terms::CHALLENGES_MAX && self.may_replay(key, &leaves) {
            self.challenges.insert(key, Held { root, draw, leaves, stage: Stage::Replaying(Retry::default()) });
            self.replay_due(now_ms, effects);
        }
    }

    fn may_replay(&self, (unit, worker): (UnitIndex, AccountId), leaves: &[LeafIndex]) -> bool {
        let Some(cut) = self.spec.render().unit(unit) else { return false };
        let wanted = usize::from(self.spec.replayed_leaves).min(cut.leaves() as usize);
        let distinct: BTreeSet<_> = leaves.iter().collect();
        !self.ended
            && worker != self.me
            && !self.banned.contains(&worker)
            && !self.settled.contains(&unit)
            && leaves.len() == wanted
            && distinct.len() == wanted
            && leaves.iter().all(|leaf| leaf.0 < cut.leaves())
    }

    fn replayed(&mut self, key: (UnitIndex, AccountId), answer: Answer, effects: &mut Vec<Effect>) {
        if let Some(held) = self.challenges.get_mut(&key)
            && matches!(held.stage, Stage::Replaying(_))
            && answer.values.len() == held.leaves.len()
        {
            held.stage = Stage::Sealed(answer);
            self.answer_again(key, effects);
        }
    }

    fn opened(&mut self, key: (UnitIndex, AccountId), opening: Opening, effects: &mut Vec<Effect>) {
        let Some(held) = self.challenges.get(&key) else { return };
        match &held.stage {
            Stage::Replaying(_) => {}
            Stage::Sealed(answer) => effects.push(Effect::Judge {
                unit: key.0,
                worker: key.1,
                root: held.root,
                leaves: held.leaves.clone(),
                opening,
                values: answer.values.clone(),
            }),
            Stage::Revealed(..) => self.answer_again(key, effects),
        }
    }

    fn judged(&mut self, key: (UnitIndex, AccountId), decision: Option<Decision>, effects: &mut Vec<Effect>) {
        if let Some(held) = self.challenges.get_mut(&key)
            && let (Stage::Sealed(answer), Some(decision)) = (&held.stage, decision)
        {
            held.stage = Stage::Revealed(answer.clone(), decision);
            self.answer_again(key, effects);
        }
    }

    fn answer_again(&self, (unit, worker): (UnitIndex, AccountId), effects: &mut Vec<Effect>) {
        let Some(held) = self.challenges.get(&(unit, worker)) else { return };
        let (job, to) = (self.spec.id(), self.spec.artist);
        match &held.stage {
            Stage::Replaying(_) => {}
            Stage::Sealed(answer) => {
                let message = Message::Sealed { job, unit, worker, seal: answer.seal, replay_ms: answer.replay_ms };
                effects.push(Effect::Send { to, message });
            }
            Stage::Revealed(answer, decision) => {
                let (root, draw, decision) = (held.root, held.draw, *decision);
                let verdict = Verdict { job, unit, worker, root, draw, answer: answer.answer, decision };
                effects.push(Effect::Reveal { to, salt: answer.salt, values: answer.values.clone(), verdict });
            }
        }
    }
}
