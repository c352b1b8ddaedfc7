//! The peers of the simulated world: each steps its machines, records, and only then acts; any of these three may be its last deed.

use crate::world::{Happening, Role, World, answer_of, draw_in, drawn, order, seal_of, true_value};
use raylance_v1_market::artist::{self, Artist};
use raylance_v1_market::verifier::{self, Verifier};
use raylance_v1_market::worker::{self, Worker};
use raylance_v1_protocol::{AccountId, Decision, Digest, JobSpec, Keypair, Leaf, Message, Root, UnitIndex};
use std::collections::BTreeMap;

/// How a worker's peer behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Character {
    Honest,
    /// Its films lack samples. It verifies honestly.
    DropsSamples,
    /// It replays, and says the opposite of what it found.
    Contradicts,
    /// It does not replay: random values, and a Reject that fits them.
    RejectsAll,
    /// It does not replay: random values, and an Accept.
    AcceptsBlindly,
    /// It replays, and accepts whatever it found.
    AcceptsAll,
    /// It renders honestly and never answers a challenge.
    SilentVerifier,
    /// It goes away for ever after some seconds.
    Vanishing,
}

pub struct ArtistPeer {
    pub keys: Keypair,
    pub machine: Artist,
    pub recorded: Vec<u8>,
    pub alive: bool,
    pub life: u32,
    /// Recorded together with the machine.
    pub facts_seen: usize,
    pub reading: usize,
    pub disk: BTreeMap<(UnitIndex, AccountId), Root>,
}

pub struct WorkerPeer {
    pub keys: Keypair,
    pub character: Character,
    pub unit_ms: u64,
    pub worker: Option<Worker>,
    pub verifier: Option<Verifier>,
    pub recorded: Option<(Vec<u8>, Vec<u8>)>,
    pub alive: bool,
    pub gone: bool,
    pub rents: bool,
    pub life: u32,
    pub facts_seen: usize,
    pub reading: usize,
    pub disk: BTreeMap<UnitIndex, Root>,
}

impl ArtistPeer {
    pub fn new(keys: Keypair, spec: &JobSpec) -> Self {
        let machine = Artist::new(spec.clone(), 2).unwrap();
        let recorded = machine.snapshot();
        Self { keys, machine, recorded, alive: true, life: 0, facts_seen: 0, reading: 0, disk: BTreeMap::new() }
    }

    pub fn load(&mut self) {
        self.machine = Artist::load(&self.recorded).unwrap();
        self.reading = self.facts_seen;
        self.alive = true;
    }
}

impl WorkerPeer {
    pub fn new(keys: Keypair, character: Character, unit_ms: u64) -> Self {
        Self {
            keys,
            character,
            unit_ms,
            worker: None,
            verifier: None,
            recorded: None,
            alive: true,
            gone: false,
            rents: true,
            life: 0,
            facts_seen: 0,
            reading: 0,
            disk: BTreeMap::new(),
        }
    }

    /// Makes the machines with the first offer. Says whether it was the first.
    pub fn hear_offer(&mut self, me: AccountId, spec: JobSpec, now_ms: u64) -> bool {
        let is_first = self.worker.is_none();
        if is_first {
            self.worker = Some(Worker::new(me, spec.clone(), now_ms));
            self.verifier = Some(Verifier::new(me, spec));
            self.facts_seen = 0;
            self.reading = 0;
        }
        is_first
    }

    pub fn load(&mut self) {
        self.worker = self.recorded.as_ref().map(|(worker, _)| Worker::load(worker).unwrap());
        self.verifier = self.recorded.as_ref().map(|(_, verifier)| Verifier::load(verifier).unwrap());
        self.reading = self.facts_seen;
        self.alive = true;
    }

    fn record(&mut self) {
        if let (Some(worker), Some(verifier)) = (&self.worker, &self.verifier) {
            self.recorded = Some((worker.snapshot(), verifier.snapshot()));
        }
    }
}

impl World {
    pub fn step_artist(&mut self, input: artist::Input) {
        if self.dies(0) {
            return;
        }
        let effects = self.artist.machine.step(self.now_ms, input);
        self.artist.recorded = self.artist.machine.snapshot();
        self.artist.facts_seen = self.artist.reading;
        if self.chance.percent(2) {
            assert_eq!(Artist::load(&self.artist.recorded).unwrap(), self.artist.machine);
        }
        for effect in effects {
            if self.dies(0) {
                return;
            }
            self.act_for_artist(effect);
        }
    }

    fn act_for_artist(&mut self, effect: artist::Effect) {
        use artist::{Effect, Input};
        let life = self.life(0);
        let soon_ms = self.chance.range(1, 100);
        match effect {
            Effect::GossipOffer => self.after(soon_ms, Happening::Offer),
            Effect::SubmitTx { number, action } => self.submit(0, Role::Artist, number, action),
            Effect::Send { to, message } => self.send(0, to, message),
            Effect::FetchFilm { worker, unit, root } => {
                let worker = (1..=self.workers.len()).find(|&peer| self.account(peer) == worker).unwrap();
                let wait_ms = self.chance.range(20, 1_500);
                if !self.chance.percent(self.trouble.lost) {
                    self.after(wait_ms, Happening::Fetch { life, worker, unit, root });
                }
            }
            Effect::Draw { unit, worker, root, block, candidates } => {
                let draw = draw_in(unit, worker, root, block);
                let order = order(draw, &candidates);
                self.after(soon_ms, Happening::ToArtist(life, Input::Drawn { unit, worker, root, draw, order }));
            }
            Effect::Challenge { to, unit, worker, root, draw } => {
                let message = Message::Challenge { job: self.spec.id(), unit, worker, root, draw, leaves: drawn(draw) };
                self.send(0, to, message);
            }
            Effect::OpenAndSend { to, unit, worker, root, draw } => {
                assert_eq!(self.artist.disk.get(&(unit, worker)), Some(&root), "a film is opened only when it is on disk");
                let message = Message::Opened { job: self.spec.id(), unit, worker, opening: self.opening(root, draw) };
                self.send(0, to, message);
            }
            Effect::ReplayHere { unit, worker, root, draw } => {
                let input = if self.chance.percent(20) {
                    Input::ReplayFailed { unit, worker }
                } else {
                    Input::ReplayedHere { verdict: self.replay_at_artist(unit, worker, root, draw), replay_ms: 40 }
                };
                self.after(soon_ms + 200, Happening::ToArtist(life, input));
            }
            Effect::DropFilm { unit, worker } => {
                assert!(self.ledger.settled.get(&unit).is_none_or(|&(paid, _)| paid != worker), "a paid film is not dropped");
                self.artist.disk.remove(&(unit, worker));
            }
            Effect::Assemble { films } => {
                for film in films {
                    assert_eq!(self.artist.disk.get(&(film.unit, film.worker)), Some(&film.root), "only stored films are assembled");
                }
                let input = if self.chance.percent(20) { Input::AssemblyFailed } else { Input::Assembled };
                self.after(soon_ms, Happening::ToArtist(life, input));
            }
            Effect::Finished | Effect::Failed { .. } => {}
        }
    }

    pub fn step_worker(&mut self, peer: usize, input: worker::Input) {
        let now_ms = self.now_ms;
        if self.workers[peer - 1].worker.is_none() || self.dies(peer) {
            return;
        }
        let effects = self.workers[peer - 1].worker.as_mut().unwrap().step(now_ms, input);
        // The verifier of the same peer hears the same fact next, so the chain counts as read only after it.
        self.workers[peer - 1].record();
        for effect in effects {
            if self.dies(peer) {
                return;
            }
            self.act_for_worker(peer, effect);
        }
    }

    fn act_for_worker(&mut self, peer: usize, effect: worker::Effect) {
        use worker::{Effect, Input};
        let life = self.life(peer);
        match effect {
            Effect::SendBid { to, bid } => {
                let message = Message::Bid(self.workers[peer - 1].keys.sign(&bid));
                self.send(peer, to, message);
            }
            Effect::FetchScene { .. } => {
                let input = if self.chance.percent(20) { Input::SceneFailed } else { Input::SceneReady };
                self.after(300, Happening::ToWorker(life, input));
            }
            Effect::Send { to, message } => self.send(peer, to, message),
            Effect::Render { unit } => self.render(peer, unit),
            Effect::StopRender { .. } => {}
            Effect::SendCommitted { to, commitment } => {
                let message = Message::Committed(self.workers[peer - 1].keys.sign(&commitment));
                self.send(peer, to, message);
            }
            Effect::SubmitTx { number, action } => self.submit(peer, Role::Worker, number, action),
            Effect::DropFilm { unit } => {
                self.workers[peer - 1].disk.remove(&unit);
            }
            Effect::Finished { .. } => {}
        }
    }

    /// Every render gives another root, so that a film that is rendered again after it was bound would show as fraud.
    fn render(&mut self, peer: usize, unit: UnitIndex) {
        let life = self.life(peer);
        let account = self.account(peer);
        let worker = &self.workers[peer - 1];
        let (unit_ms, is_good) = (worker.unit_ms, worker.character != Character::DropsSamples);
        if self.chance.percent(2) {
            self.after(unit_ms, Happening::ToWorker(life, worker::Input::RenderFailed { unit }));
            return;
        }
        let root = Root(Digest::of("simulated film", &[&account.0, &unit.0.to_le_bytes(), &self.chance.next().to_le_bytes()]));
        self.films.insert(root, (account, unit, is_good));
        let is_bound = self.workers[peer - 1].worker.as_ref().is_some_and(|machine| machine.may_serve(unit));
        if !is_bound {
            self.workers[peer - 1].disk.insert(unit, root);
            let wait_ms = unit_ms + self.chance.below(unit_ms);
            self.after(wait_ms, Happening::ToWorker(life, worker::Input::FilmStored { unit, root, render_ms: unit_ms as u32 }));
        }
    }

    pub fn step_verifier(&mut self, peer: usize, input: verifier::Input) {
        let now_ms = self.now_ms;
        if !self.workers[peer - 1].alive || self.workers[peer - 1].verifier.is_none() || self.dies(peer) {
            return;
        }
        let effects = self.workers[peer - 1].verifier.as_mut().unwrap().step(now_ms, input);
        let worker = &mut self.workers[peer - 1];
        worker.record();
        worker.facts_seen = worker.reading;
        for effect in effects {
            if self.dies(peer) {
                return;
            }
            self.act_for_verifier(peer, effect);
        }
    }

    fn act_for_verifier(&mut self, peer: usize, effect: verifier::Effect) {
        use verifier::{Effect, Input};
        let life = self.life(peer);
        let character = self.workers[peer - 1].character;
        match effect {
            Effect::Replay { unit, worker, leaves } => {
                let is_lazy = matches!(character, Character::RejectsAll | Character::AcceptsBlindly);
                let value = |leaf| if is_lazy { Leaf([1, 2, 3]) } else { true_value(unit, leaf) };
                let values: Vec<Leaf> = leaves.into_iter().map(value).collect();
                let mut salt = [0; 16];
                salt[..8].copy_from_slice(&self.chance.next().to_le_bytes());
                let (seal, answer) = (seal_of(&salt, &values), answer_of(&values));
                let input = match self.chance.below(10) {
                    0 => Input::ReplayFailed { unit, worker },
                    _ => Input::Replayed { unit, worker, values, salt, seal, answer, replay_ms: 30 },
                };
                let wait_ms = self.chance.range(50, 600);
                self.after(wait_ms, Happening::ToVerifier(life, input));
            }
            Effect::Send { to, message } => {
                if character != Character::SilentVerifier {
                    self.send(peer, to, message);
                }
            }
            Effect::Judge { unit, worker, root: _, leaves: _, opening, values } => {
                let agree =
                    opening.entries.len() == values.len() && opening.entries.iter().zip(&values).all(|(entry, value)| entry.leaf == *value);
                let found = if agree { Decision::Accept } else { Decision::Reject };
                let decision = match character {
                    Character::Contradicts if agree => Decision::Reject,
                    Character::Contradicts => Decision::Accept,
                    Character::RejectsAll => Decision::Reject,
                    Character::AcceptsBlindly | Character::AcceptsAll => Decision::Accept,
                    Character::Honest | Character::DropsSamples | Character::SilentVerifier | Character::Vanishing => found,
                };
                self.after(5, Happening::ToVerifier(life, Input::Judged { unit, worker, decision: Some(decision) }));
            }
            Effect::Reveal { to, salt, values, verdict } => {
                let message = Message::Revealed { salt, values, verdict: self.workers[peer - 1].keys.sign(&verdict) };
                self.send(peer, to, message);
            }
            Effect::Finished => {}
        }
    }
}
