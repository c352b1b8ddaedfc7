//! Who gets which task, for how long, and what happens when the time is up.

use super::rows::{FilmName, FilmRow, Stage};
use super::{Artist, Due, Say};
use crate::pricing;
use raylance_protocol::message::{Assignment, Lease, ReturnReason};
use raylance_protocol::{AccountId, Microlux, Task, UnitIndex};

/// What a message may be on its way for: a lease ends so much later here than there.
const TRAVEL_MS: u64 = 10_000;
/// A second worker may have a unit once it is out for so many times what its worker needs, and at least so long.
const RACE_FACTOR: u64 = 2;
const RACE_MS_MIN: u64 = 5_000;
/// So many units or waiting workers are looked at for one that fits, so that no input costs more with a larger job.
const LOOKS: usize = 8;

impl Artist {
    /// Gives a worker tasks as long as it has room, lists first.
    pub(super) fn feed(&mut self, account: AccountId) {
        self.unidle(account);
        if self.is_over() || self.job().is_none() {
            return;
        }
        loop {
            if self.workers.get(&account).is_none_or(|worker| worker.room() == 0) {
                return;
            }
            match self.next_task(account) {
                Next::Leased => {}
                Next::Short => return self.want_reserve(account),
                Next::Nothing => return self.make_idle(account),
            }
        }
    }

    /// Work may have come up: asks workers that wait for some, a few at a time, those first that wait longest.
    pub(super) fn feed_idle(&mut self) {
        for _ in 0..LOOKS {
            let something = !self.units.todo.is_empty() || self.pool_is_ready() || self.ripe_race().is_some();
            let Some((_, account)) = self.idle.first_key_value().filter(|_| something) else { break };
            self.feed(*account);
        }
        let first = self.units.races.first().map(|(at_ms, _)| *at_ms);
        if let Some(at_ms) = first.filter(|at_ms| *at_ms > self.step.now_ms && !self.idle.is_empty() && self.units.todo.is_empty()) {
            self.due.set(Due::Race, at_ms);
        }
    }

    fn next_task(&mut self, account: AccountId) -> Next {
        match self.lease_list(account) {
            Next::Nothing => {}
            Next::Leased => return Next::Leased,
            // A unit may be cheaper.
            Next::Short => self.want_reserve(account),
        }
        let Some(unit) = self.next_unit(account) else { return Next::Nothing };
        let Some(price) = self.price_of(account, unit) else { return Next::Nothing };
        if !self.can_afford(account, price) {
            return Next::Short;
        }
        self.lease(account, Assignment::Unit(unit), price);
        Next::Leased
    }

    /// The next unit that this worker has not tried in vain.
    fn next_unit(&self, account: AccountId) -> Option<UnitIndex> {
        let untried = |unit: &UnitIndex| match self.films.get(&(account, Task::Unit(*unit))) {
            Some(film) => film.stage == Stage::Lapsed,
            None => true,
        };
        let todo = self.units.todo.iter().take(LOOKS).copied().find(untried);
        todo.or_else(|| {
            let ripe = self.units.races.iter().take(LOOKS).take_while(|(at_ms, _)| *at_ms <= self.step.now_ms);
            ripe.map(|(_, unit)| *unit).find(|unit| !self.films.contains_key(&(account, Task::Unit(*unit))))
        })
    }

    fn ripe_race(&self) -> Option<UnitIndex> {
        self.units.races.first().filter(|(at_ms, _)| *at_ms <= self.step.now_ms).map(|(_, unit)| *unit)
    }

    pub(super) fn price_of(&self, account: AccountId, unit: UnitIndex) -> Option<Microlux> {
        let rate = self.workers.get(&account)?.row.rate;
        if self.is_free() {
            return Some(Microlux::ZERO);
        }
        pricing::unit_price(&self.plan.spec.work, rate, unit).map(|price| price.max(self.price_min()))
    }

    /// Does the worker's reserve cover one more task of this price?
    pub(super) fn can_afford(&self, account: AccountId, price: Microlux) -> bool {
        self.is_free() || self.workers.get(&account).is_some_and(|worker| worker.headroom() >= price)
    }

    /// A task is this worker's.
    pub(super) fn lease(&mut self, account: AccountId, assignment: Assignment, price: Microlux) {
        let (Some(job), Some(worker)) = (self.job(), self.workers.get(&account)) else { return };
        let speed = worker.row.samples_per_s;
        let own_ms = u64::from(pricing::lease_ms(self.samples_of(&assignment), speed));
        // What is in hand already comes first.
        let lasts_ms = own_ms.saturating_mul(worker.weight.tasks + 1).min(u64::from(u32::MAX));
        let name = (account, assignment.task());
        self.insert_film(name, FilmRow::new(price, Stage::Leased));
        self.set_due(Due::Film(name), lasts_ms + TRAVEL_MS);
        if let Assignment::Unit(unit) = assignment {
            let raced = self.units.working.get(&unit).is_some_and(|working| working.live > 1);
            let expected_ms = self.samples_of(&assignment).saturating_mul(1000).checked_div(speed).unwrap_or(own_ms / 3);
            let race_ms = (expected_ms.saturating_mul(RACE_FACTOR)).max(RACE_MS_MIN);
            self.units.race_from(unit, (!raced).then_some(self.step.now_ms.saturating_add(race_ms)));
        }
        self.say(account, Say::Lease(Lease { job, assignment, price, lasts_ms: lasts_ms as u32 }));
        self.watch_reserve(account);
    }

    fn samples_of(&self, assignment: &Assignment) -> u64 {
        match assignment {
            Assignment::Unit(unit) => self.plan.spec.work.cost(*unit).unwrap_or_default(),
            Assignment::List(addresses) => {
                let samples: u64 = addresses.iter().map(|address| u64::from(address.samples)).sum();
                samples.saturating_mul(pricing::LIST_FACTOR)
            }
        }
    }

    /// The lease is over: the task is anybody's again. A late film of a unit is still taken as long as nobody has opened one.
    pub(super) fn lapse(&mut self, name: &FilmName) {
        self.strike(name.0);
        self.give_up(name, Stage::Lapsed);
        self.step.hungry.insert(name.0);
    }

    /// A worker has a task no longer: the film goes, or stays as a late one where that may come.
    pub(super) fn give_up(&mut self, name: &FilmName, stage: Stage) {
        let wanted = match name.1 {
            Task::Unit(unit) => self.units.working.get(&unit).is_some_and(|working| working.by.is_none()),
            Task::List(_) => false,
        };
        if wanted && stage == Stage::Lapsed {
            self.amend(name, |film| film.stage = Stage::Lapsed);
            self.due.clear(Due::Film(*name));
        } else {
            self.remove_film(name);
        }
    }

    pub(super) fn on_return(&mut self, name: FilmName, reason: ReturnReason) {
        if !self.films.get(&name).is_some_and(|film| matches!(film.stage, Stage::Leased | Stage::Lapsed)) {
            return;
        }
        self.remove_film(&name);
        match reason {
            ReturnReason::Terms => {
                self.pause(name.0);
                self.pay_doubter(name.0);
            }
            ReturnReason::Owner => self.pause(name.0),
            ReturnReason::Device | ReturnReason::Scene => self.leave(name.0),
            ReturnReason::WorkBound => {
                self.leave(name.0);
                if let Task::Unit(unit) = name.1 {
                    self.bar(unit);
                }
            }
        }
    }

    /// A path of this unit has no value on some device: only the own device tries it, where there is one.
    fn bar(&mut self, unit: UnitIndex) {
        if self.own.is_on && self.units.todo.remove(&unit) {
            self.units.own_only.insert(unit);
        }
    }
}

/// What became of asking for a task.
pub(super) enum Next {
    /// The worker has one more.
    Leased,
    /// There is one, and the worker's reserve does not cover it.
    Short,
    /// There is none for it.
    Nothing,
}
