//! Private checks: what is drawn of an opened film, who replays it, what follows.
//!
//! ```text
//! key ─► draw ─┬─ own ────► replay ─┬─ equal ─────────────┐
//!              └─ shared ─► list ───┤                     ├─► checked ─► payable
//!                                   └─ differ ─► CPU ─┬───┘ right
//!                                                     └─ wrong ─► refused
//! ```

use super::rows::{FilmName, Stage};
use super::{Artist, ArtistEffect, Device, Due, LeafRef};
use crate::terms::PATIENCE_MS;
use raylance_protocol::{LeafIndex, Task, UnitIndex};
use raylance_verify::draw::DRAWN_MIN;
use raylance_verify::{Intensity, Peers, draw, draw_count, recheck, split};
use std::collections::BTreeMap;

/// A replay that was not done is asked for again after that.
const REPLAY_AGAIN_MS: u64 = 10_000;

/// Why leaves of a film are replayed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Why {
    /// They were drawn.
    Drawn,
    /// They differed: the CPU decides.
    Suspect,
    /// A second device must agree before a challenge.
    Second,
}

/// A replay that was asked for.
#[derive(Debug)]
struct Check {
    name: FilmName,
    why: Why,
    leaves: Vec<LeafIndex>,
}

/// Replays that were asked for. Their numbers mean something only within one process, since all are asked for again after a restart.
#[derive(Debug, Default)]
pub(super) struct Checks {
    next: u64,
    running: BTreeMap<u64, Check>,
    by_film: BTreeMap<(FilmName, Why), u64>,
}

impl Checks {
    /// No answer about this film is of interest any more.
    pub fn forget(&mut self, name: &FilmName) {
        for why in [Why::Drawn, Why::Suspect, Why::Second] {
            if let Some(check) = self.by_film.remove(&(*name, why)) {
                self.running.remove(&check);
            }
        }
    }

    fn take(&mut self, check: u64) -> Option<Check> {
        let check = self.running.remove(&check)?;
        self.by_film.remove(&(check.name, check.why));
        Some(check)
    }
}

impl Artist {
    /// A film can be read: it is shown, leaves are drawn and shared out.
    pub(super) fn opened(&mut self, name: &FilmName) {
        self.set_due(Due::Film(*name), PATIENCE_MS);
        self.show(name);
        match name.1 {
            Task::Unit(unit) => self.draw_unit(name, unit),
            Task::List(list) => {
                // What it was asked is not known any more, so it can't be checked: what was signed is owed, and only a claim collects it.
                let Some(len) = self.list_of(name).map(|row| row.places.len() as u32) else { return self.remove_film(name) };
                let own = recheck(&self.throw("recheck"), len);
                self.amend(name, |film| film.own = own);
                self.compare(list);
            }
        }
        self.run_checks(name);
    }

    fn draw_unit(&mut self, name: &FilmName, unit: UnitIndex) {
        let leaf_count = self.plan.spec.work.leaf_count(unit).unwrap_or_default();
        let worker = self.workers.get(&name.0);
        let claimed = worker.is_some_and(|worker| worker.row.claim.is_some());
        let others = self.checkers.len() - usize::from(self.checkers.contains(&name.0));
        let peers = if others == 0 || claimed || self.is_over() { Peers::Absent } else { Peers::Willing };
        let count = match (worker, peers) {
            (Some(worker), _) if worker.row.opened <= 1 || worker.row.strikes > 0 => draw_count(leaf_count, Intensity::Close),
            (Some(_), _) => draw_count(leaf_count, Intensity::Usual),
            // Own films: a few leaves, and as many for peers, so that no checker knows whose leaves it replays.
            (None, Peers::Willing) => (2 * DRAWN_MIN).min(leaf_count),
            (None, Peers::Absent) => DRAWN_MIN.min(leaf_count),
        };
        let drawn = self.draw_leaves(unit, leaf_count, count);
        let shares = split(&self.throw("split"), &drawn, DRAWN_MIN as usize, peers);
        self.pool.put(name.0, unit, &shares.peers);
        self.amend(name, |film| {
            film.alone = others == 0;
            (film.own, film.shared) = (shares.own, shares.peers);
        });
    }

    fn draw_leaves(&mut self, unit: UnitIndex, leaf_count: u32, count: u32) -> Vec<LeafIndex> {
        let dice = self.throw("draw");
        let work = &self.plan.spec.work;
        let samples = |leaf: LeafIndex| work.address(unit, leaf).map_or(0, |address| u32::from(address.samples));
        let (first, last) = (samples(LeafIndex(0)), samples(LeafIndex(leaf_count.saturating_sub(1))));
        // Where all leaves have as many samples their cost is estimated alike, and no leaf need be asked.
        if first == last { draw(&dice, leaf_count, count, |_| 0) } else { draw(&dice, leaf_count, count, samples) }
    }

    /// Starts what replays a film still needs; without any it is checked.
    pub(super) fn run_checks(&mut self, name: &FilmName) {
        let Some(film) = self.films.get(name).filter(|film| film.stage == Stage::Opened) else { return };
        let (own, suspects) = (film.own.clone(), film.suspects.clone());
        let compared = match name.1 {
            Task::Unit(_) => true,
            Task::List(_) => self.list_of(name).is_none_or(|row| row.compared),
        };
        let done = own.is_empty() && suspects.is_empty() && film.shared.is_empty() && film.in_lists == 0 && compared;
        if done {
            return self.checked(name);
        }
        self.replay(name, Why::Drawn, own);
        self.replay(name, Why::Suspect, suspects);
    }

    /// Asks for a replay, unless one for the same reason is on its way.
    pub(super) fn replay(&mut self, name: &FilmName, why: Why, leaves: Vec<LeafIndex>) {
        if leaves.is_empty() || self.checks.by_film.contains_key(&(*name, why)) {
            return;
        }
        let worker = self.owner(name.0);
        let device = match why {
            Why::Drawn if worker.is_some() => Device::Any,
            Why::Drawn | Why::Suspect => Device::Cpu,
            Why::Second => Device::Second,
        };
        self.checks.next += 1;
        let check = self.checks.next;
        self.checks.by_film.insert((*name, why), check);
        let refs = leaves.iter().map(|&index| LeafRef { worker, task: name.1, index }).collect();
        self.checks.running.insert(check, Check { name: *name, why, leaves });
        self.effect(ArtistEffect::Replay { check, device, leaves: refs });
    }

    pub(super) fn on_replayed(&mut self, check: u64, wrong: &[LeafRef]) {
        let Some(Check { name, why, leaves }) = self.checks.take(check) else { return };
        let worker = self.owner(name.0);
        let is_wrong = |leaf: &LeafIndex| wrong.contains(&LeafRef { worker, task: name.1, index: *leaf });
        let wrong: Vec<LeafIndex> = leaves.iter().copied().filter(is_wrong).collect();
        match why {
            Why::Drawn => {
                self.amend(&name, |film| {
                    film.own.retain(|leaf| !leaves.contains(leaf));
                    film.replayed_own += leaves.len() as u32;
                    film.suspects.extend(wrong.iter().filter(|_| worker.is_some()));
                });
                if let (None, Some(_), Task::Unit(unit)) = (worker, wrong.first(), name.1) {
                    return self.distrust_own(unit);
                }
            }
            Why::Suspect => match wrong.first() {
                Some(&leaf) => return self.convict(&name, leaf),
                None => _ = self.amend(&name, |film| film.suspects.retain(|leaf| !leaves.contains(leaf))),
            },
            Why::Second => return self.on_second(name.0, !wrong.is_empty()),
        }
        self.run_checks(&name);
    }

    fn convict(&mut self, name: &FilmName, leaf: LeafIndex) {
        match name.1 {
            Task::Unit(unit) if name.0 == self.me() => self.distrust_own(unit),
            Task::Unit(_) | Task::List(_) => self.refuse(name, leaf),
        }
    }

    pub(super) fn on_replay_failed(&mut self, check: u64) {
        let Some(check) = self.checks.take(check) else { return };
        match check.why {
            Why::Drawn | Why::Suspect => self.set_due(Due::Replay(check.name), REPLAY_AGAIN_MS),
            Why::Second => self.set_due(Due::Dispute(check.name.0), REPLAY_AGAIN_MS),
        }
    }

    /// An opened film has waited long: leaves that no peer has taken are replayed here.
    pub(super) fn on_check_due(&mut self, name: &FilmName) {
        self.set_due(Due::Film(*name), PATIENCE_MS);
        self.take_back(name);
        if let Task::List(list) = name.1 {
            self.compare(list);
        }
        self.run_checks(name);
    }

    /// Leaves of this film that wait for a list are replayed here instead.
    pub(super) fn take_back(&mut self, name: &FilmName) {
        if self.films.get(name).is_some_and(|film| !film.shared.is_empty()) {
            self.amend(name, |film| {
                let shared = std::mem::take(&mut film.shared);
                film.own.extend(shared);
            });
        }
    }

    /// After a restart: asks again for what a film's checks wait for.
    pub(super) fn resume_checks(&mut self, name: &FilmName) {
        self.set_due(Due::Film(*name), PATIENCE_MS);
        if let Task::List(list) = name.1 {
            self.compare(list);
        }
        self.run_checks(name);
    }

    /// All drawn leaves of a film are right.
    fn checked(&mut self, name: &FilmName) {
        self.amend(name, |film| film.stage = Stage::Checked);
        self.due.clear(Due::Film(*name));
        self.due.clear(Due::Replay(*name));
        self.forget_list(name);
        self.amend_worker(name.0, |row| row.strikes = 0);
        self.advance(name.0);
        self.settle_film(name);
    }
}
