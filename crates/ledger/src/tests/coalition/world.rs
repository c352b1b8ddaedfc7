//! One ring, its parties, and what happens to them.

use super::super::ring::*;
use super::artist::spec_by;
use super::checks::{Checks, Facts};
use super::dice::Dice;
use super::memory::Memory;
use super::{artist, exchange, worker};
use raylance_protocol::row::Case;
use raylance_protocol::*;
use std::collections::{BTreeMap, BTreeSet};

/// Of every task.
pub const PRICE: u64 = 100;
/// Blocks in which parties do what they like; then jobs are closed and come to their end.
const BLOCKS: u32 = 110;
/// Blocks within which an honest party does its duties at least once: half a window at most.
const SLOW_BLOCKS_MAX: u32 = 4;

#[derive(Clone)]
pub struct TheJob {
    pub id: JobId,
    pub artist: u8,
    /// Does an evil artist show the court its scene?
    pub served: bool,
}

pub struct World {
    pub dice: Dice,
    pub ring: TestRing,
    pub jobs: Vec<TheJob>,
    pub artists: Vec<u8>,
    pub workers: Vec<u8>,
    pub facts: Facts,
    evil: BTreeSet<u8>,
    memories: BTreeMap<u8, Memory>,
    backups: BTreeMap<u8, Memory>,
    waited: BTreeMap<u8, u32>,
    block: u32,
    /// Backups of honest parties that were restored.
    pub restored: u32,
}

/// Lets one coalition try its luck; says what happened, by kind. Panics when an invariant breaks.
pub fn run(seed: u64) -> BTreeMap<&'static str, u32> {
    let mut world = World::new(seed);
    let mut checks = Checks::new(&world.ring);
    for artist in world.artists.clone() {
        let action = world.open_action(artist);
        world.advance(0, vec![(artist, action)], &mut checks);
    }
    while world.block < BLOCKS || world.ring.state.jobs().next().is_some() {
        assert!(world.block < 10 * BLOCKS, "invariant 9: every job comes to its end");
        for _ in 0..world.dice.below(4) {
            exchange::meet(&mut world);
        }
        world.misfortunes();
        let mut actions = world.wake();
        world.copy_claims(&mut actions);
        world.dice.shuffle(&mut actions);
        world.check_twice(&actions);
        let elapsed = world.dice.pick(&[0, 300, 1_000, 1_000, 1_700, 60_000]);
        world.advance(elapsed, actions, &mut checks);
    }
    checks.at_the_end(&world);
    checks.seen
}

impl World {
    fn new(seed: u64) -> Self {
        let mut dice = Dice::new(seed);
        let (artists, workers) = (vec![ARTIST, OTHER_ARTIST], vec![W1, W2, W3]);
        let mut evil = BTreeSet::new();
        evil.extend(artists.iter().filter(|_| dice.chance(40)));
        evil.extend(workers.iter().filter(|_| dice.chance(50)));
        // One of four: less than a third of the stake.
        evil.extend(V.iter().take(1).filter(|_| dice.chance(60)));
        // Slow courts outlast windows; a short queue lets deadlines wait for their turn.
        let court_ms_base = dice.pick(&[5_000, 5_000, 30_000]);
        let due_rows_per_block = dice.pick(&[4_096, 4_096, 4]);
        let parameters = RingParameters { court_ms_base, due_rows_per_block, ..PARAMETERS };
        let ring = TestRing::from(&Genesis { parameters, ..genesis() });
        let facts = Facts::default();
        let (jobs, block) = (Vec::new(), 0);
        let (memories, backups, waited) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        Self { dice, ring, jobs, artists, workers, facts, evil, memories, backups, waited, block, restored: 0 }
    }

    pub fn is_evil(&self, who: u8) -> bool {
        self.evil.contains(&who)
    }

    /// One of the coalition; the artist's accomplices may be nobody but itself.
    pub fn some_evil(&mut self) -> u8 {
        let evil: Vec<u8> = self.evil.iter().copied().collect();
        self.dice.pick(&evil)
    }

    pub fn coalition(&self) -> impl Iterator<Item = u8> {
        self.evil.iter().copied()
    }

    pub fn memory(&mut self, who: u8) -> &mut Memory {
        self.memories.entry(who).or_default()
    }

    pub fn remembered(&self, who: u8) -> Option<&Memory> {
        self.memories.get(&who)
    }

    /// Honest artists close their jobs.
    pub fn ends_soon(&self) -> bool {
        self.block >= BLOCKS
    }

    pub fn job(&self, id: JobId) -> &TheJob {
        self.jobs.iter().find(|job| job.id == id).unwrap()
    }

    /// Validators get the scene from whoever wants the case to be decided rightly.
    pub fn is_served(&self, case: &Case) -> bool {
        let job = self.job(case.job);
        let worker = self.workers.iter().find(|worker| id(**worker) == case.worker).unwrap();
        !self.is_evil(job.artist) || !self.is_evil(*worker) || job.served
    }

    pub fn open_action(&mut self, artist: u8) -> Action {
        let mut rows = Vec::new();
        for worker in self.workers.clone() {
            if self.dice.chance(80) {
                rows.push((worker, (1 + self.dice.below(12)) * PRICE));
            }
        }
        let ends_by = self.ring.now().after(5_000 + self.dice.below(80_000));
        Action::OpenJob(OpenJob { spec: spec_by(artist).hash(), ends_by, ..open_job(&rows) })
    }

    /// Everybody who wakes says what it wants to do. Honest parties may be slow, but not for ever.
    fn wake(&mut self) -> Vec<(u8, Action)> {
        let mut actions = Vec::new();
        // A case has so many blocks at least; honest validators use them all but one.
        let parameters = self.ring.state.parameters();
        let court_blocks = (parameters.court_ms(spec().scene_bytes) / (2 * parameters.beat_ms)) as u32;
        for who in [self.artists.clone(), self.workers.clone(), V.to_vec()].concat() {
            let is_validator = V.contains(&who);
            let (most, chance) = if is_validator { (court_blocks - 1, 50 / u64::from(court_blocks)) } else { (SLOW_BLOCKS_MAX, 35) };
            let waited = self.waited.entry(who).or_default();
            *waited += 1;
            if *waited < most && !self.dice.chance(chance) {
                continue;
            }
            *waited = 0;
            actions.extend(match () {
                () if is_validator => worker::rule(self, who),
                () if self.artists.contains(&who) => artist::wake(self, who),
                () => worker::wake(self, who),
            });
        }
        actions
    }

    /// Backups are made, and sometimes one is restored. (Crashes change nothing: whatever was sent was recorded first.)
    fn misfortunes(&mut self) {
        let who = self.dice.pick(&[ARTIST, OTHER_ARTIST, W1, W2, W3]);
        match self.dice.below(100) {
            0..4 => {
                let memory = self.memory(who).clone();
                self.backups.insert(who, memory);
            }
            4 if !self.is_evil(who) => {
                let old = self.backups.get(&who).cloned().unwrap_or_default();
                let lost = std::mem::replace(self.memory(who), old);
                self.facts.restored(who, &lost, &self.memories[&who]);
                self.restored += 1;
                self.reread(who);
            }
            _ => {}
        }
    }

    /// What a party with an old memory does first. An artist takes the keys of claims from the last windows' blocks. A worker can't know
    /// what it has signed since: it claims what it has, and works on in no job that it may have known.
    fn reread(&mut self, who: u8) {
        for job in self.jobs.clone() {
            self.memory(who).works.entry(job.id).or_default().stopped = true;
            for worker in self.workers.clone().into_iter().filter(|_| job.artist == who) {
                let keys: Vec<Task> = self.facts.claimed_keys(job.id, worker).collect();
                self.memory(who).accounts.entry((job.id, worker)).or_default().keyed.extend(keys);
            }
        }
    }

    /// Transactions on their way can be seen: somebody evil files the beginning of an honest worker's claim, perhaps before it.
    fn copy_claims(&mut self, actions: &mut Vec<(u8, Action)>) {
        let honest = |(who, action): &(u8, Action)| match action {
            Action::Claim(claim) if !self.is_evil(*who) => Some(claim.clone()),
            _ => None,
        };
        let seen: Vec<Claim> = actions.iter().filter_map(honest).collect();
        for mut claim in seen {
            if !self.evil.is_empty() && self.dice.chance(30) {
                claim.entries.truncate(1 + self.dice.below(2) as usize);
                actions.push((self.some_evil(), Action::Claim(claim)));
            }
        }
    }

    /// Invariant 8: a Pay or Claim that is executed twice changes nothing the second time.
    fn check_twice(&mut self, actions: &[(u8, Action)]) {
        let Some((who, action)) = actions.first().filter(|_| self.dice.chance(20)) else { return };
        let (Action::Pay(Pay { job, .. }) | Action::Claim(Claim { job, .. })) = action else { return };
        let mut draft = self.ring.state.draft(self.ring.header_ms);
        let tx = self.ring.sign(&draft, *who, action.clone());
        if draft.execute(&tx).is_err() {
            return;
        }
        assert!(draft.execute(&tx).is_err(), "a transaction counts once");
        let channels = |draft: &crate::Draft| draft.state().channels(*job, None).map(|(_, c)| (c.paid, c.reserved)).collect::<Vec<_>>();
        let first = channels(&draft);
        let again = self.ring.sign(&draft, *who, action.clone());
        let _ = draft.execute(&again);
        assert_eq!(channels(&draft), first, "invariant 8: twice is once");
    }

    fn advance(&mut self, elapsed_ms: u64, actions: Vec<(u8, Action)>, checks: &mut Checks) {
        let opens: Vec<(u8, JobId)> =
            actions.iter().filter_map(|(who, action)| Some((*who, self.opened_id(*who, action, &actions)?))).collect();
        self.ring.block(elapsed_ms, actions);
        for (artist, id) in opens {
            if self.ring.state.get::<row::Job>(&id).is_some() {
                let served = self.dice.chance(50);
                self.jobs.push(TheJob { id, artist, served });
            }
        }
        self.block += 1;
        checks.after_block(self);
    }

    /// The job that an action opens, if it is its account's first of the block.
    fn opened_id(&self, who: u8, action: &Action, actions: &[(u8, Action)]) -> Option<JobId> {
        let Action::OpenJob(open) = action else { return None };
        let before = actions.iter().take_while(|(_, other)| !std::ptr::eq(other, action)).filter(|(other, _)| *other == who).count() as u64;
        Some(JobId::opened(self.ring.chain, id(who), self.ring.nonce(who) + before, open.spec))
    }
}
