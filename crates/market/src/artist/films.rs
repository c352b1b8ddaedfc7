//! The books of films: what they weigh, which units are to do, and the one way to change a film.

use super::rows::{FilmName, FilmRow, Stage};
use super::{Artist, ArtistEffect, Due, Name};
use raylance_protocol::{AccountId, Task, UnitIndex};
use std::collections::{BTreeMap, BTreeSet};

/// What a film adds to the sums of its worker and of the job.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Weight {
    /// Tasks in hand and deliveries without receipt.
    pub tasks: u64,
    /// Their prices in microlux.
    pub price: u64,
    /// Receipts whose key is out.
    pub keys: u64,
    /// Those that waited in vain.
    pub stalled: u64,
    /// Films that are on their way.
    pub live: u64,
    /// Films whose leaves are being replayed.
    pub unchecked: u64,
    /// Leaves that wait for a list.
    pub pooled: u64,
}

impl Weight {
    fn of(film: &FilmRow) -> Self {
        let zero = Self::default();
        match film.stage {
            Stage::Leased | Stage::Delivered | Stage::Fetched => Self { tasks: 1, price: film.price.0, live: 1, ..zero },
            Stage::Receipted => Self { keys: 1, live: 1, ..zero },
            Stage::Stalled => Self { keys: 1, stalled: 1, ..zero },
            Stage::Opened => Self { unchecked: 1, pooled: film.shared.len() as u64, ..zero },
            Stage::Lapsed | Stage::Checked | Stage::Wrong => zero,
        }
    }

    /// Replaces one film's part, which was added before.
    fn replace(&mut self, before: &Self, after: &Self) {
        let change = |sum: &mut u64, before: u64, after: u64| *sum = *sum - before + after;
        change(&mut self.tasks, before.tasks, after.tasks);
        change(&mut self.price, before.price, after.price);
        change(&mut self.keys, before.keys, after.keys);
        change(&mut self.stalled, before.stalled, after.stalled);
        change(&mut self.live, before.live, after.live);
        change(&mut self.unchecked, before.unchecked, after.unchecked);
        change(&mut self.pooled, before.pooled, after.pooled);
    }
}

/// A unit that somebody has something to do with.
#[derive(Debug, Default)]
pub(super) struct Working {
    /// Films on their way.
    pub live: u64,
    /// Whose film counts in the picture.
    pub by: Option<AccountId>,
    /// Everybody that has a film of it, in any stage.
    pub films: Vec<AccountId>,
    /// From when on a second worker may have it.
    pub race_ms: Option<u64>,
}

/// Which unit is where.
#[derive(Debug)]
pub(super) struct Units {
    /// Units that nobody has.
    pub todo: BTreeSet<UnitIndex>,
    /// Units that only the own device may try: workers met the work bound in them.
    pub own_only: BTreeSet<UnitIndex>,
    /// Units in work, and those that are there.
    pub working: BTreeMap<UnitIndex, Working>,
    /// Units on their way with one worker, by the time from which a second may have them.
    pub races: BTreeSet<(u64, UnitIndex)>,
    /// Units whose film counts in the picture.
    pub shown: u32,
}

impl Units {
    pub fn new(count: u32) -> Self {
        let todo = (0..count).map(UnitIndex).collect();
        Self { todo, own_only: BTreeSet::new(), working: BTreeMap::new(), races: BTreeSet::new(), shown: 0 }
    }

    /// Is the unit with nobody and not there?
    fn is_free(&self, unit: UnitIndex) -> bool {
        self.working.get(&unit).is_none_or(|working| working.live == 0 && working.by.is_none())
    }

    /// A second worker may have the unit from then on, or none.
    pub fn race_from(&mut self, unit: UnitIndex, race_ms: Option<u64>) {
        let Some(working) = self.working.get_mut(&unit) else { return };
        if let Some(before) = std::mem::replace(&mut working.race_ms, race_ms) {
            self.races.remove(&(before, unit));
        }
        if let Some(at_ms) = race_ms {
            self.races.insert((at_ms, unit));
        }
    }
}

impl Artist {
    /// Changes a film, and every sum and index with it. Says whether there is such a film.
    pub(super) fn amend(&mut self, name: &FilmName, change: impl FnOnce(&mut FilmRow)) -> bool {
        let Some(film) = self.films.get_mut(name) else { return false };
        let before = Weight::of(film);
        change(film);
        let after = Weight::of(film);
        self.step.dirty.insert(Name::Film(*name));
        self.reweigh(name, before, after);
        true
    }

    /// A film begins; a lapsed one of the same name is replaced.
    pub(super) fn insert_film(&mut self, name: FilmName, film: FilmRow) {
        let before = self.films.get(&name).map(|film| Weight::of(film)).unwrap_or_default();
        let after = Weight::of(&film);
        self.films.insert(name, Box::new(film));
        self.step.dirty.insert(Name::Film(name));
        if let Some(worker) = self.workers.get_mut(&name.0) {
            worker.films.insert(name.1);
        }
        if let Task::Unit(unit) = name.1 {
            let films = &mut self.units.working.entry(unit).or_default().films;
            if !films.contains(&name.0) {
                films.push(name.0);
            }
        }
        self.reweigh(&name, before, after);
    }

    /// A film is gone: out of the picture, out of all sums, its list with it.
    pub(super) fn remove_film(&mut self, name: &FilmName) {
        let Some(film) = self.films.get(name) else { return };
        let weight = Weight::of(film);
        self.hide(name);
        self.drop_list(name);
        self.films.remove(name);
        self.step.dirty.insert(Name::Film(*name));
        self.due.clear(Due::Film(*name));
        self.checks.forget(name);
        if let Some(worker) = self.workers.get_mut(&name.0) {
            worker.films.remove(&name.1);
            worker.fetched.retain(|task| *task != name.1);
        }
        if let Task::Unit(unit) = name.1
            && let Some(working) = self.units.working.get_mut(&unit)
        {
            working.films.retain(|account| *account != name.0);
        }
        self.reweigh(name, weight, Weight::default());
    }

    fn reweigh(&mut self, name: &FilmName, before: Weight, after: Weight) {
        self.weight.replace(&before, &after);
        if let Some(worker) = self.workers.get_mut(&name.0) {
            worker.weight.replace(&before, &after);
            if (after.tasks, after.stalled) != (before.tasks, before.stalled) {
                self.step.hungry.insert(name.0);
                self.count_checker(name.0);
            }
        } else {
            self.own.weight.replace(&before, &after);
        }
        if let Task::Unit(unit) = name.1 {
            if let Some(working) = self.units.working.get_mut(&unit) {
                working.live = working.live - before.live + after.live;
            }
            self.place(unit);
        }
    }

    /// Puts a unit where it belongs: among those to do if nobody has it.
    pub(super) fn place(&mut self, unit: UnitIndex) {
        if self.units.is_free(unit) {
            self.units.race_from(unit, None);
            if self.units.working.get(&unit).is_some_and(|working| working.films.is_empty()) {
                self.units.working.remove(&unit);
            }
            if self.own.rendering != Some(unit) && !self.units.own_only.contains(&unit) {
                self.units.todo.insert(unit);
            }
        } else {
            self.units.todo.remove(&unit);
        }
    }

    /// The first opened film of a unit counts in the picture; films of it that were too late are not waited for any more.
    pub(super) fn show(&mut self, name: &FilmName) {
        let Task::Unit(unit) = name.1 else { return };
        let Some(working) = self.units.working.get_mut(&unit).filter(|working| working.by.is_none()) else { return };
        working.by = Some(name.0);
        self.units.shown += 1;
        self.units.own_only.remove(&unit);
        self.units.race_from(unit, None);
        self.amend(name, |film| film.shown = true);
        self.emit_show(name);
        let others: Vec<AccountId> = self.units.working.get(&unit).map(|working| working.films.clone()).unwrap_or_default();
        for other in others {
            let other = (other, name.1);
            if self.films.get(&other).is_some_and(|film| film.stage == Stage::Lapsed) {
                self.remove_film(&other);
            }
        }
    }

    pub(super) fn emit_show(&mut self, name: &FilmName) {
        let (Task::Unit(unit), Some(film)) = (name.1, self.films.get(name)) else { return };
        let Some(key) = film.key else { return };
        let worker = self.owner(name.0);
        self.effect(ArtistEffect::Show { worker, unit, key });
    }

    /// Takes a film out of the picture.
    pub(super) fn hide(&mut self, name: &FilmName) {
        let Task::Unit(unit) = name.1 else { return };
        if !self.films.get(name).is_some_and(|film| film.shown) {
            return;
        }
        if let Some(working) = self.units.working.get_mut(&unit) {
            working.by = None;
        }
        self.units.shown -= 1;
        let worker = self.owner(name.0);
        self.effect(ArtistEffect::Withdraw { worker, unit });
        self.amend(name, |film| film.shown = false);
    }

    /// How a film's owner stands in effects: `None` = this machine's own device.
    pub(super) fn owner(&self, account: AccountId) -> Option<AccountId> {
        (account != self.me()).then_some(account)
    }

    /// Puts a loaded film into the books. Films come in the order of their totals.
    pub(super) fn restore_film(&mut self, name: FilmName, film: FilmRow) {
        let (stage, total, shown) = (film.stage, film.total, film.shown);
        let blocks = film.shared.clone();
        self.insert_film(name, film);
        if let Some(worker) = self.workers.get_mut(&name.0) {
            match stage {
                Stage::Fetched => worker.fetched.push_back(name.1),
                Stage::Receipted | Stage::Stalled | Stage::Opened | Stage::Checked if total > worker.row.payable => {
                    worker.queue.push_back((total, Some(name.1)));
                }
                Stage::Checked => _ = worker.films.remove(&name.1),
                Stage::Leased | Stage::Lapsed | Stage::Delivered | Stage::Receipted | Stage::Stalled | Stage::Opened | Stage::Wrong => {}
            }
        }
        if let Task::Unit(unit) = name.1 {
            if shown && let Some(working) = self.units.working.get_mut(&unit) {
                working.by = Some(name.0);
                self.units.shown += 1;
            }
            self.place(unit);
            self.pool.put(name.0, unit, &blocks);
        }
    }
}
