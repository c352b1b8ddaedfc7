//! Drawn leaves on their way to other peers: pooled, mixed into lists, leased, compared.

use super::leases::Next;
use super::rows::{FilmName, ListRow, Stage};
use super::{Artist, ArtistEffect, Due, LeafRef, Name};
use crate::pricing;
use crate::terms::{LIST_FILL, LIST_WAIT_MS};
use raylance_protocol::job::{LEAF_SAMPLES, list_hash};
use raylance_protocol::message::Assignment;
use raylance_protocol::{AccountId, Address, LeafIndex, ListHash, Microlux, Task, UnitIndex};
use raylance_verify::{in_order, pick};

/// Leaves of one film travel in blocks of so many, so that a list changes the rows of a few films only.
const BLOCK: usize = 16;
/// After so many lists that came to nothing a film's leaves are replayed on the own devices.
const RETRIES_MAX: u8 = 1;

/// Some leaves of one film.
#[derive(Debug)]
struct Block {
    owner: AccountId,
    unit: UnitIndex,
    leaves: Vec<LeafIndex>,
}

/// Leaves that wait to be mixed. A block whose film went or took its leaves back is dropped when it is picked.
#[derive(Debug, Default)]
pub(super) struct Pool {
    blocks: Vec<Block>,
    /// The first has waited long enough: what is there makes a list, full or not.
    pub ripe: bool,
}

impl Pool {
    pub fn put(&mut self, owner: AccountId, unit: UnitIndex, leaves: &[LeafIndex]) {
        self.blocks.extend(leaves.chunks(BLOCK).map(|leaves| Block { owner, unit, leaves: leaves.to_vec() }));
    }
}

impl Artist {
    /// Could a list be made?
    pub(super) fn pool_is_ready(&self) -> bool {
        self.weight.pooled >= LIST_FILL as u64 || (self.pool.ripe && self.weight.pooled > 0)
    }

    /// Leaves wait for others to be mixed with, and not for ever.
    pub(super) fn ripen(&mut self) {
        if self.weight.pooled == 0 {
            self.pool = Pool::default();
            self.due.clear(Due::Pool);
        } else if !self.pool.ripe {
            // At the end of a job little comes that leaves could be mixed with.
            let wait_ms = if self.units.todo.is_empty() { LIST_WAIT_MS / 10 } else { LIST_WAIT_MS };
            self.due.set_by(Due::Pool, self.step.now_ms.saturating_add(wait_ms));
        }
    }

    /// Leases a list to this worker, if it replays lists and enough leaves wait that it did not render.
    pub(super) fn lease_list(&mut self, account: AccountId) -> Next {
        let Some(worker) = self.workers.get(&account).filter(|worker| worker.row.checks) else { return Next::Nothing };
        let foreign = self.weight.pooled - worker.weight.pooled;
        if foreign < LIST_FILL as u64 && !(self.pool.ripe && foreign > 0) {
            return Next::Nothing;
        }
        let longest = [Address { frame: 0, x_px: 0, y_px: 0, first_sample: 0, samples: LEAF_SAMPLES as u8 }; LIST_FILL + BLOCK];
        let longest = &longest[..longest.len().min(foreign as usize)];
        let Some(price_max) = self.list_price(account, longest) else { return Next::Nothing };
        if !self.can_afford(account, price_max) {
            return Next::Short;
        }
        let blocks = self.pick_blocks(account);
        self.make_list(account, blocks)
    }

    fn list_price(&self, account: AccountId, addresses: &[Address]) -> Option<Microlux> {
        let rate = self.workers.get(&account)?.row.rate;
        if self.is_free() { Some(Microlux::ZERO) } else { pricing::list_price(rate, addresses, self.price_min()) }
    }

    /// Takes blocks of units that this worker has no film of, at random, until a list is full.
    fn pick_blocks(&mut self, account: AccountId) -> Vec<Block> {
        let mut blocks = std::mem::take(&mut self.pool.blocks);
        let (mut picked, mut leaves) = (Vec::new(), 0);
        while leaves < LIST_FILL {
            let dice = self.throw("pick");
            let allowed = |block: &Block| block.owner != account && !self.films.contains_key(&(account, Task::Unit(block.unit)));
            let Some(block) = pick(&dice, &mut blocks, 1, allowed).pop() else { break };
            let waits = |film: &super::FilmRow| film.stage == Stage::Opened && block.leaves.iter().all(|leaf| film.shared.contains(leaf));
            if self.films.get(&(block.owner, Task::Unit(block.unit))).is_some_and(|film| waits(film)) {
                leaves += block.leaves.len();
                picked.push(block);
            }
        }
        self.pool.blocks = blocks;
        picked
    }

    fn make_list(&mut self, account: AccountId, blocks: Vec<Block>) -> Next {
        let work = &self.plan.spec.work;
        let places = blocks
            .iter()
            .zip(0_u8..)
            .flat_map(|(block, at)| block.leaves.iter().filter_map(move |&leaf| Some((work.address(block.unit, leaf)?, (at, leaf)))));
        let (addresses, places) = in_order(places.collect());
        let list = list_hash(&addresses);
        let price = self.list_price(account, &addresses);
        let known = self.lists.contains_key(&list) || self.films.contains_key(&(account, Task::List(list)));
        let (Some(price), false, false) = (price, blocks.is_empty(), known) else {
            self.pool.blocks.extend(blocks);
            return Next::Nothing;
        };
        for block in &blocks {
            self.amend(&(block.owner, Task::Unit(block.unit)), |film| {
                film.shared.retain(|leaf| !block.leaves.contains(leaf));
                film.in_lists += 1;
            });
        }
        let films = blocks.iter().map(|block| (block.owner, block.unit)).collect();
        self.lists.insert(list, ListRow { checker: account, films, places, compared: false });
        self.step.dirty.insert(Name::List(list));
        self.pool.ripe = false;
        self.due.clear(Due::Pool);
        self.ripen();
        self.lease(account, Assignment::List(addresses), price);
        Next::Leased
    }

    /// Asks for the comparison of an opened list with the films that it was drawn from.
    pub(super) fn compare(&mut self, list: ListHash) {
        let Some(row) = self.lists.get(&list).filter(|row| !row.compared) else { return };
        let origin = |(film, index): &(u8, LeafIndex)| {
            let (owner, unit) = row.films.get(usize::from(*film)).copied()?;
            Some(LeafRef { worker: self.owner(owner), task: Task::Unit(unit), index: *index })
        };
        let origins = row.places.iter().filter_map(origin).collect();
        let checker = row.checker;
        self.effect(ArtistEffect::Compare { checker, list, origins });
    }

    pub(super) fn on_compared(&mut self, list: ListHash, differing: &[LeafIndex]) {
        let Some(row) = self.lists.get_mut(&list).filter(|row| !row.compared) else { return };
        let checker = (row.checker, Task::List(list));
        if !self.films.get(&checker).is_some_and(|film| film.stage == Stage::Opened) {
            return;
        }
        row.compared = true;
        self.step.dirty.insert(Name::List(list));
        let parts = parts_of(row);
        let places = row.places.clone();
        let suspects: Vec<(u8, LeafIndex)> = differing.iter().filter_map(|place| places.get(place.0 as usize).copied()).collect();
        let known = differing.iter().copied().filter(|place| (place.0 as usize) < places.len());
        self.amend(&checker, |film| film.suspects.extend(known));
        for (at, (name, leaves)) in (0_u8..).zip(&parts) {
            let suspects = suspects.iter().filter(|(film, _)| *film == at).map(|(_, leaf)| *leaf);
            self.amend(name, |film| {
                film.in_lists = film.in_lists.saturating_sub(1);
                film.suspects.extend(suspects);
                match film.replayed_by.iter_mut().find(|(peer, _)| *peer == checker.0) {
                    Some((_, count)) => *count += leaves.len() as u32,
                    None => film.replayed_by.push((checker.0, leaves.len() as u32)),
                }
            });
        }
        parts.iter().for_each(|(name, _)| self.run_checks(name));
        self.run_checks(&checker);
    }

    /// The checker of a list is not waited for: its leaves go to another, or to the own devices.
    pub(super) fn return_leaves(&mut self, name: &FilmName) {
        let Task::List(list) = name.1 else { return };
        let Some(row) = self.lists.get_mut(&list).filter(|row| row.checker == name.0 && !row.compared) else { return };
        row.compared = true;
        self.step.dirty.insert(Name::List(list));
        let checker = row.checker;
        for (name, leaves) in parts_of(row) {
            let others = self.checkers.iter().any(|other| *other != checker && *other != name.0);
            let pooled = others && !self.is_over() && self.films.get(&name).is_some_and(|film| film.retries < RETRIES_MAX);
            let known = self.amend(&name, |film| {
                film.in_lists = film.in_lists.saturating_sub(1);
                film.retries = film.retries.saturating_add(1);
                if pooled { film.shared.extend(&leaves) } else { film.own.extend(&leaves) }
            });
            if let (true, true, Task::Unit(unit)) = (known, pooled, name.1) {
                self.pool.put(name.0, unit, &leaves);
            }
            self.run_checks(&name);
        }
    }

    /// The list that a film answers. The same leaves may be with another checker by now: that list is none of this film's.
    pub(super) fn list_of(&self, name: &FilmName) -> Option<&ListRow> {
        let Task::List(list) = name.1 else { return None };
        self.lists.get(&list).filter(|row| row.checker == name.0)
    }

    /// Nothing of a film's list is waited for any more.
    pub(super) fn drop_list(&mut self, name: &FilmName) {
        self.return_leaves(name);
        self.forget_list(name);
    }

    pub(super) fn forget_list(&mut self, name: &FilmName) {
        if let (Task::List(list), Some(_)) = (name.1, self.list_of(name)) {
            self.lists.remove(&list);
            self.step.dirty.insert(Name::List(list));
        }
    }

    /// Everything that waits for a list is replayed on the own devices.
    pub(super) fn pooled_to_own(&mut self) {
        for block in std::mem::take(&mut self.pool.blocks) {
            let name = (block.owner, Task::Unit(block.unit));
            self.take_back(&name);
            self.run_checks(&name);
        }
    }

    /// After a restart: the same lease again.
    pub(super) fn lease_again(&mut self, name: &FilmName) {
        let Some(price) = self.films.get(name).map(|film| film.price) else { return };
        let assignment = match name.1 {
            Task::Unit(unit) => Assignment::Unit(unit),
            Task::List(list) => {
                let Some(row) = self.lists.get(&list) else { return self.remove_film(name) };
                let address = |(film, leaf): &(u8, LeafIndex)| {
                    let (_, unit) = row.films.get(usize::from(*film))?;
                    self.plan.spec.work.address(*unit, *leaf)
                };
                Assignment::List(row.places.iter().filter_map(address).collect())
            }
        };
        self.lease(name.0, assignment, price);
    }
}

/// The films of a list, each with its leaves.
fn parts_of(row: &ListRow) -> Vec<(FilmName, Vec<LeafIndex>)> {
    let mut parts: Vec<(FilmName, Vec<LeafIndex>)> =
        row.films.iter().map(|(owner, unit)| ((*owner, Task::Unit(*unit)), Vec::new())).collect();
    for (film, leaf) in &row.places {
        if let Some((_, leaves)) = parts.get_mut(usize::from(*film)) {
            leaves.push(*leaf);
        }
    }
    parts
}
