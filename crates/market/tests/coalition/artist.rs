//! A shell around the artist's real machine: disk, devices, wallet, connections.

use crate::film;
use crate::vice::ArtistVice;
use crate::wallet::{TxName, Waiting};
use crate::world::{Happening, Input, Packet, Role, World};
use raylance_ledger::Event;
use raylance_market::artist::rows::{FilmRow, FilmRowKey, HeadRow, JobKey, PaymentRow};
use raylance_market::artist::{Artist, ArtistEffect, ArtistInput, Device, LeafRef, Plan, Say};
use raylance_market::{Dice, Turn};
use raylance_protocol::row::{Channel, Job, Row, key_bytes};
use raylance_protocol::{AccountId, Action, Address, Challenge, FilmKey, JobId, Leaf, LeafIndex, Root, Signature, Task, UnitIndex, decode};
use std::collections::{BTreeMap, BTreeSet};

/// An artist's process and disk.
pub struct ArtistShell {
    pub plan: Plan,
    pub vice: ArtistVice,
    pub machine: Option<Artist>,
    pub waiting: Waiting,
    /// Sealed films, as they were fetched.
    pub fetched: BTreeMap<(AccountId, Task), Vec<u8>>,
    pub lists: BTreeMap<Task, Vec<Address>>,
    /// What the picture is made of: unit and whose film.
    pub shown: BTreeMap<UnitIndex, (Option<AccountId>, FilmKey)>,
    /// Own units that the device got wrong.
    pub own_wrong: BTreeSet<UnitIndex>,
    /// Rows of channels as the machine was told last.
    told: BTreeMap<AccountId, Channel>,
    pub started: bool,
    pub finished: bool,
    pub ended: bool,
}

impl std::fmt::Debug for ArtistShell {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let workers = self.machine.as_ref().map(|machine| machine.report().workers);
        write!(f, "finished {}, ended {}, vice {:?}, shown {}: {workers:?}", self.finished, self.ended, self.vice, self.shown.len())
    }
}

impl ArtistShell {
    pub fn new(plan: Plan, vice: ArtistVice) -> Self {
        Self {
            plan,
            vice,
            machine: None,
            waiting: Waiting::default(),
            fetched: BTreeMap::new(),
            lists: BTreeMap::new(),
            shown: BTreeMap::new(),
            own_wrong: BTreeSet::new(),
            told: BTreeMap::new(),
            started: false,
            finished: false,
            ended: false,
        }
    }
}

impl World {
    pub fn artist(&self, who: usize) -> &ArtistShell {
        match &self.parties[who].role {
            Role::Artist(artist) => artist,
            _ => panic!("party {who} is no artist"),
        }
    }

    pub fn artist_mut(&mut self, who: usize) -> &mut ArtistShell {
        match &mut self.parties[who].role {
            Role::Artist(artist) => artist,
            _ => panic!("party {who} is no artist"),
        }
    }

    /// A row of the artist's machine.
    pub fn artist_row<R: Row>(&self, who: usize, key: &R::Key) -> Option<R> {
        decode(self.parties[who].db.rows.get(&key_bytes::<R>(key))?, R::BYTES_MAX).ok()
    }

    pub fn film_row(&self, who: usize, worker: AccountId, task: Task) -> Option<FilmRow> {
        self.artist_row(who, &FilmRowKey(self.artist(who).plan.spec.hash(), (worker, task)))
    }

    pub fn job_of(&self, who: usize) -> Option<JobId> {
        self.artist_row::<HeadRow>(who, &JobKey(self.artist(who).plan.spec.hash()))?.job
    }

    /// The job's own rows of an artist, for a message.
    pub fn rows_of(&self, who: usize) -> String {
        let key = JobKey(self.artist(who).plan.spec.hash());
        let (head, payment) = (self.artist_row::<HeadRow>(who, &key), self.artist_row::<PaymentRow>(who, &key));
        format!("{head:?}, on its way {payment:?}")
    }

    pub fn start(&mut self, who: usize) {
        let now = self.ring.state().clock().ring_time;
        let (machine, turn) = Artist::new(self.now_ms, self.artist(who).plan.clone());
        let artist = self.artist_mut(who);
        (artist.machine, artist.started) = (Some(machine), true);
        self.artist_acts(who, turn);
        self.artist_hears(who, ArtistInput::RingTime(now));
    }

    pub fn restart_artist(&mut self, who: usize) {
        if !self.artist(who).started {
            return;
        }
        let rows = self.parties[who].db.rows.clone();
        let spec = self.artist(who).plan.spec.hash();
        let Ok(mut machine) = Artist::load(spec, rows.into_iter()) else {
            assert!(self.parties[who].restored, "rows are a machine");
            return self.start(who);
        };
        let turn = machine.resume(self.now_ms);
        let artist = self.artist_mut(who);
        artist.machine = Some(machine);
        artist.told.clear();
        self.artist_acts(who, turn);
    }

    pub fn artist_hears(&mut self, who: usize, input: ArtistInput) {
        let dice = Dice(self.chance.bytes());
        let now_ms = self.now_ms;
        let Some(machine) = &mut self.artist_mut(who).machine else { return };
        let turn = machine.step(now_ms, dice, input);
        self.artist_acts(who, turn);
    }

    /// Records a turn, then acts on it, unless the process ends in between.
    fn artist_acts(&mut self, who: usize, turn: Turn<ArtistEffect>) {
        self.parties[who].db.record(&turn.writes);
        self.watch_artist(who, &turn);
        if !turn.writes.is_empty() && self.chance.below(10_000) < self.weather.crash_per_myriad {
            let restore = self.chance.happens(self.weather.restore_percent);
            return self.crash(who, restore);
        }
        for effect in turn.effects {
            if !self.parties[who].runs {
                return;
            }
            if let Some(effect) = self.corrupt(who, effect) {
                self.artist_does(who, effect);
            }
        }
    }

    pub fn artist_does(&mut self, who: usize, effect: ArtistEffect) {
        match effect {
            ArtistEffect::Offer(offer) => {
                for worker in self.workers() {
                    self.send(who, worker, Packet::Offer(offer.clone()));
                }
            }
            ArtistEffect::Send { to, say } => self.artist_says(who, to, say),
            ArtistEffect::Submit { submission, action } => self.submit(who, TxName::Submission(submission), action),
            ArtistEffect::Fetch { worker, task, .. } => {
                let (epoch, delay_ms) = (self.parties[who].epoch, self.chance.between(10, 2_000));
                self.later(delay_ms, Happening::Fetch { who, epoch, worker, task });
            }
            ArtistEffect::Show { worker, unit, key } => _ = self.artist_mut(who).shown.insert(unit, (worker, key)),
            ArtistEffect::Withdraw { worker, unit } => {
                let shown = &mut self.artist_mut(who).shown;
                assert_eq!(shown.remove(&unit).map(|(by, _)| by), Some(worker), "what is withdrawn was shown");
            }
            ArtistEffect::RenderOwn { unit } => self.render_own(who, unit),
            ArtistEffect::Replay { check, device, leaves } => self.replay(who, check, device, &leaves),
            ArtistEffect::Compare { checker, list, origins } => self.compare(who, checker, list, &origins),
            ArtistEffect::Challenge { submission, leaf, key, root, signature } => {
                self.challenge(who, TxName::Submission(submission), leaf, key, root, signature);
            }
            ArtistEffect::Alarm { at_ms } => self.answer(who, at_ms.saturating_sub(self.now_ms), Input::Artist(ArtistInput::Alarm)),
            ArtistEffect::Finished => self.artist_mut(who).finished = true,
            ArtistEffect::Ended => self.artist_mut(who).ended = true,
        }
    }

    fn artist_says(&mut self, who: usize, to: AccountId, say: Say) {
        let Some(worker) = self.party_of(to) else { return };
        if let Say::Lease(lease) = &say
            && let raylance_protocol::Assignment::List(addresses) = &lease.assignment
        {
            self.artist_mut(who).lists.insert(lease.assignment.task(), addresses.clone());
        }
        let packet = match say {
            Say::Receipt(receipt) => {
                let signature = self.sign(who, &receipt);
                self.onlooker.signed(&receipt);
                Packet::Signed(Say::Receipt(receipt), signature)
            }
            other => Packet::Say(other),
        };
        self.send(who, worker, packet);
    }

    /// The film comes from its worker's disk, if that can be reached.
    pub fn fetch(&mut self, who: usize, epoch: u64, account: AccountId, task: Task) {
        if self.parties[who].epoch != epoch {
            return;
        }
        let (job, worker) = (self.job_of(who), self.party_of(account));
        let there = worker.filter(|worker| self.parties[*worker].is_there() && self.parties[who].online);
        let film = there.zip(job).and_then(|(worker, job)| self.serve(worker, job, task));
        let (Some(bytes), Some(job)) = (film, job) else {
            return self.answer(who, 500, Input::Artist(ArtistInput::FetchFailed { worker: account, task }));
        };
        let artist = self.artist_mut(who);
        let addresses = artist.plan.spec.addresses(task, artist.lists.get(&task).map(Vec::as_slice));
        let root = film::root(&film::film(job, account, task), &addresses, &bytes).unwrap_or_default();
        artist.fetched.insert((account, task), bytes);
        let input = Input::Artist(ArtistInput::Fetched { worker: account, task, root });
        self.soon(who, 1, 200, input);
    }

    fn render_own(&mut self, who: usize, unit: UnitIndex) {
        if self.chance.below(1_000) < self.weather.failing_permille {
            return self.soon(who, 100, 9_000, Input::Artist(ArtistInput::OwnFailed { unit }));
        }
        let wrong = self.chance.below(2_000) < self.weather.flaky_permille;
        if wrong {
            self.artist_mut(who).own_wrong.insert(unit);
        } else {
            self.artist_mut(who).own_wrong.remove(&unit);
        }
        self.soon(who, 2_000, 20_000, Input::Artist(ArtistInput::OwnRendered { unit }));
    }

    /// A leaf as the artist has it, opened; none while it lacks the key.
    pub fn held_leaf(&self, who: usize, leaf: &LeafRef) -> Option<(Address, Leaf)> {
        let artist = self.artist(who);
        let addresses = artist.plan.spec.addresses(leaf.task, artist.lists.get(&leaf.task).map(Vec::as_slice));
        let address = *addresses.get(leaf.index.0 as usize)?;
        let Some(worker) = leaf.worker else {
            let Task::Unit(unit) = leaf.task else { return None };
            let own = if artist.own_wrong.contains(&unit) { film::lie(&address) } else { film::truth(&address) };
            return Some((address, own));
        };
        let (key, bytes) = (self.film_row(who, worker, leaf.task)?.key?, artist.fetched.get(&(worker, leaf.task))?);
        let film = film::film(self.job_of(who)?, worker, leaf.task);
        Some((address, film::leaf(&film, &key, bytes, leaf.index)?))
    }

    fn replay(&mut self, who: usize, check: u64, device: Device, leaves: &[LeafRef]) {
        if self.chance.below(1_000) < self.weather.failing_permille {
            return self.soon(who, 100, 2_000, Input::Artist(ArtistInput::ReplayFailed { check }));
        }
        let mut wrong = Vec::new();
        for leaf in leaves {
            // Within one step a film may be drawn from and then refused.
            let Some((address, held)) = self.held_leaf(who, leaf) else { continue };
            let is_wrong = held != film::truth(&address);
            self.onlooker.replayed(self.parties[who].id, leaf, device, is_wrong);
            // Only the fast device may be wrong, and then the CPU says so.
            let flaky = device == Device::Any && self.chance.below(1_000) < self.weather.flaky_permille;
            if is_wrong || flaky {
                wrong.push(*leaf);
            }
        }
        self.soon(who, 50, 2_000, Input::Artist(ArtistInput::Replayed { check, wrong }));
    }

    fn compare(&mut self, who: usize, checker: AccountId, list: raylance_protocol::ListHash, origins: &[LeafRef]) {
        let task = Task::List(list);
        let differs = |(place, origin): (u32, &LeafRef)| {
            let answer = LeafRef { worker: Some(checker), task, index: LeafIndex(place) };
            let answer = self.held_leaf(who, &answer).map(|(_, leaf)| leaf);
            let delivered = self.held_leaf(who, origin).map(|(_, leaf)| leaf);
            // A film that went in the meantime has nothing to be compared with.
            (delivered.is_some() && answer != delivered).then_some(LeafIndex(place))
        };
        let differing = (0..).zip(origins).filter_map(differs).collect();
        self.soon(who, 10, 500, Input::Artist(ArtistInput::Compared { list, differing }));
    }

    pub fn challenge(&mut self, who: usize, name: TxName, leaf: LeafRef, key: FilmKey, root: Root, signature: Signature) {
        let (Some(worker), Some(job)) = (leaf.worker, self.job_of(who)) else { return };
        let artist = self.artist(who);
        let addresses = artist.plan.spec.addresses(leaf.task, artist.lists.get(&leaf.task).map(Vec::as_slice));
        let Some(bytes) = artist.fetched.get(&(worker, leaf.task)) else { return };
        let Some(evidence) = film::evidence(&film::film(job, worker, leaf.task), &addresses, bytes, leaf.index) else { return };
        let challenge = Challenge {
            job,
            worker,
            spec: artist.plan.spec.clone(),
            task: leaf.task,
            root,
            delivery: signature,
            key,
            index: leaf.index,
            leaf_count: evidence.leaf_count,
            address: evidence.address,
            sealed_leaf: evidence.sealed_leaf,
            path: evidence.path,
        };
        self.submit(who, name, Action::Challenge(Box::new(challenge)));
    }

    pub fn artist_takes(&mut self, who: usize, from: usize, packet: Packet) {
        let worker = self.parties[from].id;
        let input = match packet {
            Packet::Say(Say::Bid(bid)) => ArtistInput::Bid { worker, bid },
            Packet::Say(Say::Return { task, reason, .. }) => ArtistInput::Return { worker, task, reason },
            Packet::Say(Say::Key { job, task, key }) => {
                self.onlooker.told_key(job, worker, task, key);
                ArtistInput::Key { worker, task, key }
            }
            Packet::Signed(Say::Delivery(delivery), signature) if delivery.worker == worker => {
                ArtistInput::Delivery { delivery, signature }
            }
            Packet::Signed(Say::Done(done), signature) if done.worker == worker => ArtistInput::Done { done, signature },
            Packet::Signed(Say::Standing(receipt, _), signature) => {
                let me = self.parties[who].id;
                let mine = raylance_protocol::signing::verify(self.ring.chain, me, &receipt, &signature).is_ok();
                if !mine || receipt.delivery.worker != worker {
                    return;
                }
                ArtistInput::Standing(receipt)
            }
            Packet::Offer(_) | Packet::Say(_) | Packet::Signed(..) => return,
        };
        self.artist_hears(who, input);
    }

    /// Tells the machine what blocks brought: fates first, then keys, then rows.
    pub fn artist_sees(&mut self, who: usize, before: usize) {
        let Some(job) = self.job_of(who) else {
            let now = self.view(who).clock().ring_time;
            return self.artist_hears(who, ArtistInput::RingTime(now));
        };
        let height = self.parties[who].height;
        self.pump(who);
        let mut keys = Vec::new();
        for made in &self.ring.blocks[before + 1..=height] {
            for event in &made.events {
                if let Event::Claimed { job: claimed, worker, keys: opened, .. } = event
                    && *claimed == job
                {
                    keys.extend(opened.iter().map(|(task, key)| (*worker, *task, *key)));
                }
            }
        }
        for (worker, task, key) in keys {
            self.artist_hears(who, ArtistInput::Key { worker, task, key });
        }
        let view = self.view(who).clone();
        self.artist_hears(who, ArtistInput::RingTime(view.clock().ring_time));
        let told = &mut self.artist_mut(who).told;
        let changed = view.channels(job, None).filter(|(worker, channel)| told.insert(*worker, channel.clone()).as_ref() != Some(channel));
        let rows = changed.map(|(worker, channel)| (worker, Some(channel))).collect();
        self.artist_hears(who, ArtistInput::ChannelRows(rows));
        self.artist_hears(who, ArtistInput::JobRow(view.get::<Job>(&job)));
    }
}
