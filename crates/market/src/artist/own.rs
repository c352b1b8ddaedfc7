//! The artist's own device renders too, free of charge, from the far end of what is to do.

use super::films::Weight;
use super::rows::{FilmRow, Stage};
use super::{Artist, ArtistEffect, Due};
use raylance_protocol::{FilmKey, Microlux, Task, UnitIndex};

/// A failed device is tried again after that.
const RETRY_MS: u64 = 10_000;

/// The own device.
#[derive(Debug)]
pub(super) struct Own {
    /// Does it render? No longer once a leaf of it was wrong.
    pub is_on: bool,
    /// The unit that it works on.
    pub rendering: Option<UnitIndex>,
    /// It failed just now.
    pub failed: bool,
    /// Its films, summed.
    pub weight: Weight,
}

impl Own {
    pub fn new(is_on: bool) -> Self {
        Self { is_on, rendering: None, failed: false, weight: Weight::default() }
    }
}

impl Artist {
    /// Gives the own device its next unit: one that only it may try, the last one to do, or one that is long out.
    pub(super) fn next_own(&mut self) {
        let stops = self.head.stopped || self.head.finished;
        if stops || !self.own.is_on || self.own.failed || self.own.rendering.is_some() {
            return;
        }
        let me = self.me();
        let mut long_out = self.units.races.iter().take(8).take_while(|(at_ms, _)| *at_ms <= self.step.now_ms);
        let choice = self.units.own_only.first().or_else(|| self.units.todo.last()).copied();
        let choice =
            choice.or_else(|| long_out.find(|(_, unit)| !self.films.contains_key(&(me, Task::Unit(*unit)))).map(|(_, unit)| *unit));
        match choice {
            Some(unit) => {
                self.own.rendering = Some(unit);
                self.units.todo.remove(&unit);
                self.units.own_only.remove(&unit);
                self.effect(ArtistEffect::RenderOwn { unit });
            }
            None => {
                if let Some((at_ms, _)) = self.units.races.first().filter(|(at_ms, _)| *at_ms > self.step.now_ms) {
                    self.due.set(Due::Race, *at_ms);
                }
            }
        }
    }

    pub(super) fn on_own_rendered(&mut self, unit: UnitIndex) {
        if self.own.rendering != Some(unit) {
            return;
        }
        self.own.rendering = None;
        let is_there = self.units.working.get(&unit).is_some_and(|working| working.by.is_some());
        if is_there {
            return self.place(unit);
        }
        let name = (self.me(), Task::Unit(unit));
        let mut film = FilmRow::new(Microlux::ZERO, Stage::Opened);
        film.key = Some(FilmKey::NONE);
        self.insert_film(name, film);
        self.opened(&name);
    }

    pub(super) fn on_own_failed(&mut self, unit: UnitIndex) {
        if self.own.rendering != Some(unit) {
            return;
        }
        (self.own.rendering, self.own.failed) = (None, true);
        self.place(unit);
        self.set_due(Due::Own, RETRY_MS);
    }

    /// The own device gave a wrong leaf: that film goes, and the device renders no more.
    pub(super) fn distrust_own(&mut self, unit: UnitIndex) {
        self.own.is_on = false;
        for barred in std::mem::take(&mut self.units.own_only) {
            self.place(barred);
        }
        self.remove_film(&(self.me(), Task::Unit(unit)));
    }
}
