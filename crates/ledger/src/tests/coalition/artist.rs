//! Artists.

use super::super::ring::*;
use super::memory::{Account, Owed};
use super::world::{PRICE, TheJob, World};
use raylance_protocol::row::{Channel, ChannelState, Job};
use raylance_protocol::*;

pub fn wake(world: &mut World, artist: u8) -> Vec<(u8, Action)> {
    let jobs: Vec<TheJob> = world.jobs.iter().filter(|job| job.artist == artist).cloned().collect();
    let mut actions = Vec::new();
    for job in jobs {
        let Some(row) = world.ring.state.get::<Job>(&job.id) else { continue };
        if world.is_evil(artist) {
            actions.extend(anything(world, &job));
        } else {
            actions.extend(duties(world, &job, &row));
        }
    }
    if world.jobs.len() < 4 && world.dice.chance(3) {
        actions.push((artist, world.open_action(artist)));
    }
    actions
}

/// Challenges wrong films whose worker claims, pays what it checked, closes at some time.
fn duties(world: &mut World, job: &TheJob, row: &Job) -> Vec<(u8, Action)> {
    let (mut rows, mut actions) = (Vec::new(), Vec::new());
    for worker in world.workers.clone() {
        let channel = world.ring.state.get::<Channel>(&(job.id, id(worker)));
        let claimed = matches!(channel, Some(Channel { state: ChannelState::Claimed(_), .. }));
        let checks = claimed || world.dice.chance(60);
        let account = world.memory(job.artist).accounts.entry((job.id, worker)).or_default();
        if checks {
            account.check();
        }
        let account = account.clone();
        match account.proof().filter(|_| claimed) {
            Some(wrong) => actions.push(challenge(job, &wrong, wrong.wrong.unwrap())),
            None if world.dice.chance(50) => rows.push(pay_row(world, job, worker, channel.as_ref(), &account)),
            None => {}
        }
    }
    let closes = world.dice.chance(2) || world.ends_soon();
    let ends_by = world.dice.chance(2).then(|| row.ends_by.after(2_000).min(world.ring.now().after(50_000)));
    if closes && row.claims_until.is_none() || ends_by.is_some() || !rows.is_empty() && world.dice.chance(50) {
        actions.push((job.artist, Action::Pay(Pay { job: job.id, rows, close: closes, ends_by })));
    }
    actions
}

fn pay_row(world: &mut World, job: &TheJob, worker: u8, channel: Option<&Channel>, account: &Account) -> PayRow {
    let paid = account.checked_total();
    let reserved = channel.map_or(0, |channel| channel.reserved.0);
    let more = if account.proof().is_some() { 0 } else { world.dice.below(6) * PRICE };
    let settled = account.done == Some(paid);
    if settled { world.ring.done_row(job.id, worker, paid) } else { row(worker, paid, reserved.max(paid + more)) }
}

fn challenge(job: &TheJob, owed: &Owed, leaf: u32) -> (u8, Action) {
    let evidence = Challenge { spec: spec_by(job.artist), ..owed.film.challenge(leaf) };
    (job.artist, Action::Challenge(Box::new(evidence)))
}

pub fn spec_by(artist: u8) -> JobSpec {
    JobSpec { artist: id(artist), ..spec() }
}

/// What an evil artist might try.
fn anything(world: &mut World, job: &TheJob) -> Vec<(u8, Action)> {
    let worker = world.dice.pick(&world.workers.clone());
    let account = world.memory(job.artist).accounts.entry((job.id, worker)).or_default().clone();
    let random = world.dice.below(8) * PRICE + world.dice.below(3) * 7;
    let reserve = world.dice.below(20) * PRICE;
    let in_court = |(_, channel): (AccountId, Channel)| matches!(channel.state, ChannelState::InCourt { .. });
    if world.ring.state.channels(job.id, None).any(in_court) && world.dice.chance(20) {
        // Perhaps the window is over before the court is.
        return vec![(job.artist, close(job.id))];
    }
    match world.dice.below(10) {
        0 => vec![(job.artist, pay(job.id, vec![row(worker, random, 0)]))],
        1 | 2 => vec![(job.artist, pay(job.id, vec![row(worker, 0, reserve)]))],
        3 => account.done.map(|total| (job.artist, pay(job.id, vec![world.ring.done_row(job.id, worker, total)]))).into_iter().collect(),
        4 if world.dice.chance(20) => vec![(job.artist, close(job.id))],
        5 | 6 => {
            let keyed: Vec<_> = account.owed.iter().filter(|owed| account.keyed.contains(&owed.task())).collect();
            let leaf = world.dice.below(4) as u32;
            keyed.first().map(|owed| challenge(job, owed, leaf)).into_iter().collect()
        }
        7 => {
            // Somebody else files a part of the worker's claim, to be its first filer.
            let entries: Vec<_> = account.owed.iter().take_while(|owed| account.keyed.contains(&owed.task())).take(2).collect();
            super::worker::claim_of(job, worker, &entries).map(|claim| (world.some_evil(), Action::Claim(claim))).into_iter().collect()
        }
        8 => vec![(job.artist, Action::Transfer { to: id(world.some_evil()), amount: Microlux(random + 1) })],
        _ => vec![],
    }
}
