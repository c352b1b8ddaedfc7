//! The invariants of the specification (§9) that show at the ledger, after every block and at the end.
//!
//! 1 is the audit's, which the ring runs after every block, and so is a part of 13; 8 is `World::check_twice`, and `check_pair` counts what
//! was earned in all rows; 12 is in what `check_pair` allows to those whose backup was restored; 11 is the market's, here the parties just
//! behave so. The court is effective in every run: less than a third of the stake is evil, so 4
//! and 6 hold without exception.

use super::super::ring::*;
use super::memory::{Memory, Owed};
use super::world::{PRICE, World};
use crate::{ChannelEnd, ClaimEnd, Event, Reason, Skipped, Verdict};
use raylance_protocol::row::{Case, Channel};
use raylance_protocol::*;
use std::collections::{BTreeMap, BTreeSet};

/// What is true, whoever remembers it.
#[derive(Default)]
pub struct Facts {
    /// Highest total that the artist ever signed for a worker.
    signed: BTreeMap<(JobId, u8), u64>,
    /// Prices of right films with a receipt that the artist can open.
    good: BTreeMap<(JobId, u8), u64>,
    opened: BTreeSet<(JobId, u8, Task)>,
    films: BTreeMap<(JobId, u8, Task), bool>,
    /// Tasks whose keys stand in claims on the ledger.
    claimed: BTreeSet<(JobId, u8, Task)>,
    /// What an artist's restored backup no longer knows that it owes.
    forgotten_debts: BTreeMap<(JobId, u8), u64>,
    /// What a worker's restored backup no longer knows that it is owed.
    forgotten_earnings: BTreeSet<(JobId, u8)>,
}

impl Facts {
    pub fn signed(&mut self, job: JobId, worker: u8, owed: &Owed) {
        let most = self.signed.entry((job, worker)).or_default();
        *most = owed.total.max(*most);
        self.films.insert((job, worker, owed.task()), owed.wrong.is_none());
    }

    pub fn opened(&mut self, job: JobId, worker: u8, owed: &Owed) {
        self.key_is_out(job, worker, owed.task());
    }

    fn key_is_out(&mut self, job: JobId, worker: u8, task: Task) {
        let right = self.films.get(&(job, worker, task)).is_some_and(|right| *right);
        if self.opened.insert((job, worker, task)) && right {
            *self.good.entry((job, worker)).or_default() += PRICE;
        }
    }

    /// Tasks of a job whose keys stand on the ledger.
    pub fn claimed_keys(&self, job: JobId, worker: u8) -> impl Iterator<Item = Task> {
        self.claimed.iter().filter(move |(j, w, _)| (*j, *w) == (job, worker)).map(|(_, _, task)| *task)
    }

    /// What somebody no longer knows: it may lose as much, and nobody else anything.
    pub fn restored(&mut self, who: u8, lost: &Memory, now: &Memory) {
        for (key, account) in &lost.accounts {
            let kept = now.accounts.get(key);
            let knows = |task: Task| kept.is_some_and(|kept| kept.owed.iter().any(|owed| owed.task() == task));
            let forgotten = account.owed.iter().filter(|owed| !knows(owed.task())).count() as u64 * PRICE;
            *self.forgotten_debts.entry(*key).or_default() += forgotten;
        }
        for (job, work) in &lost.works {
            let kept = now.works.get(job).map_or(0, |kept| kept.held.len());
            if kept < work.held.len() {
                self.forgotten_earnings.insert((*job, who));
            }
        }
    }
}

struct OpenCase {
    job: JobId,
    worker: AccountId,
    since: RingTime,
    wrong: bool,
    served: bool,
    bond: u64,
    artist: u8,
}

/// What is known of a row from events alone.
#[derive(Default)]
struct RowFlow {
    locked: i64,
    earned: i64,
    claim_fees: i64,
    fee_payments: u32,
    claims_paid: u32,
    cases: u64,
    court_ms: u64,
    ended: Option<ChannelEnd>,
}

pub struct Checks {
    clock: block::Clock,
    genesis_ms: u64,
    /// Ring time of each of the last blocks.
    times: Vec<u64>,
    closed: BTreeMap<JobId, RingTime>,
    cases: BTreeMap<CaseId, OpenCase>,
    rows: BTreeMap<(JobId, AccountId), RowFlow>,
    /// Changes of balances by account and kind of reason.
    ways: BTreeMap<(AccountId, &'static str), i64>,
    /// What happened, by kind.
    pub seen: BTreeMap<&'static str, u32>,
}

impl Checks {
    pub fn new(ring: &TestRing) -> Self {
        Self {
            clock: ring.state.clock(),
            genesis_ms: ring.header_ms,
            times: Vec::new(),
            closed: BTreeMap::new(),
            cases: BTreeMap::new(),
            rows: BTreeMap::new(),
            ways: BTreeMap::new(),
            seen: BTreeMap::new(),
        }
    }

    pub fn after_block(&mut self, world: &mut World) {
        self.check_clock(world);
        for event in world.ring.events.clone() {
            self.book(&event);
            self.check_event(world, &event);
        }
        self.check_rows(world);
    }

    /// Invariant 10.
    fn check_clock(&mut self, world: &World) {
        let clock = world.ring.state.clock();
        assert!(clock.ring_time >= self.clock.ring_time, "invariant 10: ring time is monotone");
        assert!(clock.ring_time.0 <= world.ring.header_ms - self.genesis_ms, "invariant 10: it never outruns validators' clocks");
        self.times.push(clock.ring_time.0);
        if let [before, .., now] = self.times[self.times.len().saturating_sub(8)..]
            && self.times.len() >= 8
        {
            assert!(now - before < PARAMETERS.window_ms, "invariant 10: a window has at least 8 blocks");
        }
        self.clock = clock;
    }

    fn book(&mut self, event: &Event) {
        let Event::Moved { account, change, reason, job } = event else { return };
        let way = match reason {
            Reason::Fee => "fee",
            Reason::AccountDeposit { .. } => "account deposit",
            Reason::RowDeposit => "row deposit",
            Reason::Reserve { .. } => "reserve",
            Reason::Earned => "earned",
            Reason::ClaimBond { .. } => "claim bond",
            Reason::ClaimFee { .. } => "claim fee",
            Reason::ChallengeBond { .. } => "challenge bond",
            Reason::Court { .. } => "court",
            Reason::Genesis | Reason::Sent { .. } | Reason::Received { .. } => "moved",
        };
        *self.ways.entry((*account, way)).or_default() += change.0;
        let Some(job) = *job else { return };
        match reason {
            Reason::Reserve { worker } => self.rows.entry((job, *worker)).or_default().locked -= change.0,
            Reason::Earned => self.rows.entry((job, *account)).or_default().earned += change.0,
            Reason::ClaimFee { worker } => {
                let row = self.rows.entry((job, *worker)).or_default();
                row.claim_fees += change.0;
                row.fee_payments += 1;
            }
            _ => {}
        }
    }

    fn check_event(&mut self, world: &mut World, event: &Event) {
        if let Some(kind) = kind(event) {
            *self.seen.entry(kind).or_default() += 1;
        }
        match event {
            Event::JobClosing { job, .. } => drop(self.closed.insert(*job, world.ring.now())),
            Event::Claimed { job, worker, keys, .. } => {
                let worker = number(*worker);
                for (task, _) in keys {
                    world.facts.key_is_out(*job, worker, *task);
                    world.facts.claimed.insert((*job, worker, *task));
                    let artist = world.job(*job).artist;
                    let account = world.memory(artist).accounts.entry((*job, worker)).or_default();
                    account.keyed.insert(*task);
                    world.memory(worker).works.entry(*job).or_default().released.insert(*task);
                }
            }
            Event::ClaimEnded { job, worker, end: ClaimEnd::Paid, .. } => self.rows.entry((*job, *worker)).or_default().claims_paid += 1,
            Event::CaseOpened { case, .. } => self.case_opened(world, *case),
            Event::Ruled { case, verdict, .. } => self.ruled(world, *case, *verdict),
            Event::ChannelEnded { job, worker, end, .. } => self.row_ended(world, *job, *worker, *end),
            _ => {}
        }
    }

    fn case_opened(&mut self, world: &World, id: CaseId) {
        let case: Case = world.ring.state.get(&id).expect("three rulings never come with their challenge");
        let (wrong, served) = (case.opened != truth(&case.address), world.is_served(&case));
        let (artist, since) = (world.job(case.job).artist, world.ring.now());
        self.cases.insert(id, OpenCase { job: case.job, worker: case.worker, since, wrong, served, bond: case.bond.0, artist });
    }

    fn ruled(&mut self, world: &World, id: CaseId, verdict: Verdict) {
        let case = self.cases.remove(&id).unwrap();
        let convicted = matches!(verdict, Verdict::Wrong { .. });
        assert!(case.wrong || !convicted, "invariant 6: no right leaf convicts");
        assert!(!(case.wrong && case.served) || convicted, "invariant 6: no challenged wrong leaf whose scene is served is paid");
        assert!(case.wrong || !case.served || verdict == Verdict::Right, "an honest court decides in time");
        assert!(convicted || world.is_evil(case.artist), "an honest artist loses no case");
        // Invariant 7.
        assert_eq!(case.bond, bond(), "invariant 7: the loser's bond covers the court");
        let shares = world.ring.events.iter().filter_map(|event| match event {
            Event::Moved { change, reason: Reason::Court { case }, .. } if *case == id => Some(change.0 as u64),
            _ => None,
        });
        let (count, sum) = shares.fold((0, 0), |(count, sum), share| (count + 1, sum + share));
        assert!(count >= 3 && bond() - sum < count, "invariant 7: voters share the loser's bond: {sum} of {}", bond());
        let row = self.rows.entry((case.job, case.worker)).or_default();
        row.cases += 1;
        row.court_ms += world.ring.now().0 - case.since.0;
    }

    /// Invariant 9.
    fn row_ended(&mut self, world: &World, job: JobId, worker: AccountId, end: ChannelEnd) {
        let row = self.rows.entry((job, worker)).or_default();
        row.ended = Some(end);
        if let Some(closed) = self.closed.get(&job) {
            // Blocks that a short queue may need for what is due at once.
            let queue = if world.ring.state.parameters().due_rows_per_block < 100 { 20 } else { 0 };
            let slack = (2 + row.cases + queue) * 2 * PARAMETERS.beat_ms;
            let most = 2 * PARAMETERS.window_ms * (1 + row.cases) + row.court_ms + slack;
            let took = world.ring.now().0 - closed.0;
            assert!(took <= most, "invariant 9: a row took {took} ms to its end, {most} at most");
        }
    }

    /// Invariant 2, by events, and invariant 13, by what is kept.
    fn check_rows(&self, world: &World) {
        let state = &world.ring.state;
        for ((job, worker), flow) in &self.rows {
            let rest = flow.locked - flow.earned - flow.claim_fees;
            let held = state.get::<Channel>(&(*job, *worker)).map_or(0, |channel| channel.reserved.0 - channel.paid.0);
            assert_eq!(rest, held as i64, "invariant 2: a row's money goes to its worker, to the artist, or for claims");
            assert!(flow.fee_payments <= flow.claims_paid, "invariant 2: one fee for one claim");
        }
        let dues = state.table::<row::Due>(&[]).count() as u64;
        assert!(dues < 40 + state.clock().height.0 * 4, "invariant 13: the queue holds {dues} entries");
    }

    pub fn at_the_end(&mut self, world: &World) {
        self.seen.insert("backup restored", world.restored);
        assert!(self.cases.is_empty() && world.ring.state.totals().bonds.0 == 0, "every case and claim came to its end");
        assert_eq!(world.ring.state.totals().reserves.0, 0);
        for job in &world.jobs {
            for worker in &world.workers {
                self.check_pair(world, job.id, job.artist, *worker);
            }
        }
        self.check_wealth(world);
    }

    fn check_pair(&self, world: &World, job: JobId, artist: u8, worker: u8) {
        let (key, facts) = ((job, worker), &world.facts);
        let Some(row) = self.rows.get(&(job, id(worker))) else { return };
        let Some(end) = row.ended else { return };
        // In all, should a second row ever have been made.
        let paid = row.earned as u64;
        let work = world.remembered(worker).and_then(|memory| memory.works.get(&job));
        let owed = work.map_or(0, |work| work.last_total());
        if !world.is_evil(worker) {
            assert_ne!(end, ChannelEnd::Void, "invariant 6: no honest worker is convicted");
            assert!(paid >= owed, "invariant 3: an honest worker was paid {paid} of {owed}");
        }
        if !world.is_evil(artist) {
            let signed = facts.signed.get(&key).copied().unwrap_or(0);
            assert!(paid <= signed, "invariant 4: an honest artist paid {paid} and signed {signed}");
            let good = facts.good.get(&key).copied().unwrap_or(0);
            let forgotten = facts.forgotten_debts.get(&key).copied().unwrap_or(0);
            assert!(paid <= good + forgotten, "invariants 4 and 12: an honest artist paid {paid} for right films of {good}");
        }
    }

    /// Invariants 5 and 7: what everybody has won or lost, by reason.
    fn check_wealth(&self, world: &World) {
        let way = |who: u8, way: &'static str| self.ways.get(&(id(who), way)).copied().unwrap_or(0);
        let honest = |who: &&u8| !world.is_evil(**who);
        for who in world.artists.iter().chain(&world.workers).filter(honest) {
            assert_eq!(way(*who, "claim bond"), 0, "invariant 7: an honest party's bond returns");
            assert_eq!(way(*who, "challenge bond"), 0, "invariant 7: an honest party's bond returns");
            assert_eq!(way(*who, "row deposit"), 0, "deposits return");
            assert!(way(*who, "court") == 0 && way(*who, "claim fee") >= 0);
        }
        // The coalition's gain is at most what honest artists owed it for right films, or forgot.
        let gain: i64 = world.coalition().map(|who| world.ring.balance(who) as i64 - FUNDS as i64).sum();
        let honest_jobs = || world.jobs.iter().filter(|job| !world.is_evil(job.artist));
        let evil_workers = || world.workers.iter().filter(|worker| world.is_evil(**worker));
        let keys = honest_jobs().flat_map(|job| evil_workers().map(|worker| (job.id, *worker)));
        let due = |key: (JobId, u8)| {
            world.facts.good.get(&key).copied().unwrap_or(0) + world.facts.forgotten_debts.get(&key).copied().unwrap_or(0)
        };
        let due: u64 = keys.map(due).sum();
        assert!(gain <= due as i64, "invariant 5: the coalition gained {gain} and earned {due}");
    }
}

fn kind(event: &Event) -> Option<&'static str> {
    Some(match event {
        Event::Ruled { verdict: Verdict::Wrong { .. }, .. } => "ruled wrong",
        Event::Ruled { verdict: Verdict::Right, .. } => "ruled right",
        Event::Ruled { verdict: Verdict::NoValue, .. } => "ruled without a value",
        Event::ClaimEnded { end: ClaimEnd::Paid, .. } => "claim paid",
        Event::ClaimEnded { end: ClaimEnd::Overtaken, .. } => "claim overtaken",
        Event::ClaimEnded { end: ClaimEnd::Void, .. } => "claim void",
        Event::ChannelEnded { end: ChannelEnd::Done, .. } => "row done",
        Event::ChannelEnded { end: ChannelEnd::Void, .. } => "row void",
        Event::ChannelEnded { end: ChannelEnd::Ended, .. } => "row ended",
        Event::PaySkipped { why: Skipped::Ended, .. } => "pay after a row's end",
        Event::PaySkipped { why: Skipped::InCourt, .. } => "pay in court",
        Event::PaySkipped { why: Skipped::BeyondReserve, .. } => "pay beyond the reserve",
        Event::Paid { .. } => "paid",
        Event::JobEnded { .. } => "job ended",
        Event::Moved { reason: Reason::ClaimFee { .. }, .. } => "claim fee returned",
        _ => return None,
    })
}

fn number(account: AccountId) -> u8 {
    [W1, W2, W3].into_iter().find(|n| id(*n) == account).expect("one of the workers")
}
