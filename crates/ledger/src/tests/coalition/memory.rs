//! What parties remember. A restored backup is an older one of these.

use super::super::ring::*;
use raylance_protocol::*;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// A film with the receipt that the artist signed for it.
pub struct Owed {
    pub film: Film,
    /// A leaf that is not what the renderer computes.
    pub wrong: Option<u32>,
    pub price: u64,
    pub total: u64,
    /// With the artist's signature.
    pub entry: ClaimEntry,
}

impl Owed {
    pub fn task(&self) -> Task {
        self.film.delivery.task
    }
}

/// What an artist knows about one worker in one job.
#[derive(Clone, Default)]
pub struct Account {
    /// What it signed, in order. It holds the sealed films.
    pub owed: Vec<Rc<Owed>>,
    pub keyed: BTreeSet<Task>,
    pub checked: BTreeSet<Task>,
    /// The worker's word that this total settles the job.
    pub done: Option<u64>,
}

impl Account {
    pub fn last_total(&self) -> u64 {
        self.owed.last().map_or(0, |owed| owed.total)
    }

    /// A wrong film that it can prove.
    pub fn proof(&self) -> Option<Rc<Owed>> {
        self.owed.iter().find(|owed| self.checked.contains(&owed.task()) && owed.wrong.is_some()).cloned()
    }

    /// The total up to the first film that is not known to be right.
    pub fn checked_total(&self) -> u64 {
        let good = |owed: &&Rc<Owed>| self.checked.contains(&owed.task()) && owed.wrong.is_none();
        self.owed.iter().take_while(good).last().map_or(0, |owed| owed.total)
    }

    /// Compares every film that it can open.
    pub fn check(&mut self) {
        self.checked.extend(self.owed.iter().map(|owed| owed.task()).filter(|task| self.keyed.contains(task)));
    }
}

/// What a worker knows about one job.
#[derive(Clone, Default)]
pub struct Work {
    /// Receipts that it accepted, in order.
    pub held: Vec<Rc<Owed>>,
    pub released: BTreeSet<Task>,
    /// It has said that it is done, or can't go on since its memory was restored.
    pub stopped: bool,
    /// Number of films so far; the next one's is another.
    pub films: u32,
}

impl Work {
    pub fn last_total(&self) -> u64 {
        self.held.last().map_or(0, |owed| owed.total)
    }
}

/// What a party remembers, in either role.
#[derive(Clone, Default)]
pub struct Memory {
    pub accounts: BTreeMap<(JobId, u8), Account>,
    pub works: BTreeMap<JobId, Work>,
}
