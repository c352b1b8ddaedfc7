//! Workers and validators.

use super::super::ring::*;
use super::memory::Owed;
use super::world::{TheJob, World};
use crate::channel::claims_until;
use raylance_protocol::row::{Case, Channel, ChannelState, Court, Job};
use raylance_protocol::*;
use std::rc::Rc;

pub fn wake(world: &mut World, worker: u8) -> Vec<(u8, Action)> {
    let mut actions = Vec::new();
    for job in world.jobs.clone() {
        let row = world.ring.state.get::<Job>(&job.id);
        let channel = world.ring.state.get::<Channel>(&(job.id, id(worker)));
        let (Some(row), Some(channel)) = (row, channel) else { continue };
        if world.is_evil(worker) {
            actions.extend(anything(world, &job, worker, &row, &channel));
        } else {
            let claim = duties(world, &job, worker, &row, &channel);
            actions.extend(claim.map(|claim| (worker, Action::Claim(claim))));
        }
    }
    actions
}

/// Claims everything unpaid as soon as the job closes, sometimes before; says when it is done.
fn duties(world: &mut World, job: &TheJob, worker: u8, row: &Job, channel: &Channel) -> Option<Claim> {
    let known = match &channel.state {
        ChannelState::Open => channel.paid.0,
        ChannelState::Claimed(claim) => claim.total.max(channel.paid).0,
        ChannelState::InCourt { .. } | ChannelState::Done | ChannelState::Void | ChannelState::Ended => return None,
    };
    let (claims, done) = (row.claims_until.is_some() || world.dice.chance(5), world.dice.chance(3));
    let work = world.memory(worker).works.entry(job.id).or_default();
    let unpaid: Vec<_> = work.held.iter().filter(|owed| owed.total > known).cloned().collect();
    let all_open = work.held.iter().all(|owed| work.released.contains(&owed.task()));
    if done && all_open && !work.stopped {
        work.stopped = true;
        let total = work.last_total();
        let account = world.memory(job.artist).accounts.entry((job.id, worker)).or_default();
        account.done = Some(total);
    }
    if claims { claim_of(job, worker, &unpaid.iter().collect::<Vec<_>>()) } else { None }
}

/// Receipts as a claim, from the first one's beginning; whether they go on from each other is the ledger's affair.
pub fn claim_of(job: &TheJob, worker: u8, owed: &[&Rc<Owed>]) -> Option<Claim> {
    let first = owed.first()?;
    let from_total = Microlux(first.total.checked_sub(first.price)?);
    // Signatures cover totals: a gap inside would never pass the check of signatures, so it ends here.
    let whole = 1 + owed.windows(2).take_while(|pair| pair[1].total == pair[0].total + pair[1].price).count();
    let entries = owed[..whole].iter().map(|owed| owed.entry.clone()).collect();
    Some(Claim { job: job.id, worker: id(worker), artist: id(job.artist), from_total, entries })
}

/// What an evil worker might try: any stretch of its receipts, at any time, filed by anyone, and a Done of any total.
fn anything(world: &mut World, job: &TheJob, worker: u8, row: &Job, channel: &Channel) -> Vec<(u8, Action)> {
    let last_moment = claims_until(row, channel).is_some_and(|until| until.0.saturating_sub(world.ring.now().0) <= 2_500);
    let split = world.dice.chance(20);
    let held = world.memory(worker).works.entry(job.id).or_default().held.clone();
    if held.is_empty() || !(last_moment || world.dice.chance(15)) {
        return vec![];
    }
    if world.dice.chance(5) {
        let total = held[world.dice.below(held.len() as u64) as usize].total;
        world.memory(job.artist).accounts.entry((job.id, worker)).or_default().done = Some(total);
    }
    let known = match &channel.state {
        ChannelState::Claimed(claim) => claim.total.max(channel.paid).0,
        _ => channel.paid.0,
    };
    let first = match world.dice.below(3) {
        0 => world.dice.below(held.len() as u64) as usize,
        _ => held.iter().position(|owed| owed.total > known).unwrap_or(0),
    };
    let most = (held.len() - first) as u64;
    let count = if last_moment && split { 1 } else { 1 + world.dice.below(most) as usize };
    let stretch: Vec<_> = held[first..first + count].iter().collect();
    let filer = if world.dice.chance(80) { worker } else { world.some_evil() };
    claim_of(job, worker, &stretch).map(|claim| (filer, Action::Claim(claim))).into_iter().collect()
}

/// Validators compute the case that is heard; evil ones say anything.
pub fn rule(world: &mut World, validator: u8) -> Vec<(u8, Action)> {
    let court = world.ring.state.get::<Court>(&()).unwrap();
    let Some(case) = world.ring.state.get::<Case>(&court.first) else { return vec![] };
    if case.votes.iter().any(|(voter, _)| *voter == id(validator)) {
        return vec![];
    }
    let honest = world.is_served(&case).then(|| truth(&case.address));
    let value = match (world.is_evil(validator), world.dice.below(5)) {
        (false, _) | (true, 0) => honest,
        (true, 1) => return vec![],
        (true, 2) => None,
        (true, 3) => Some(case.opened),
        (true, _) => Some(Leaf([1, 2, 3])),
    };
    vec![(validator, Action::Ruling { case: court.first, value })]
}
