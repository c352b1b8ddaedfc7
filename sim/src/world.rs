//! One seeded clock, the peers, the network between them: what happens and when.

use crate::chance::Chance;
use crate::meter::{Meter, kind};
use crate::onlooker::Onlooker;
use crate::peer::Peer;
use raylance_agent::rows::{BlockRow, Number};
use raylance_agent::{
    Answer, Command, CommandId, Effect, EffectId, Event, Heard, MessageId, Notice, Now, Outgoing, Turn, Wanted, hear, speak,
};
use raylance_consensus::{CheckedBlock, Validators};
use raylance_ledger::Memo;
use raylance_market::Dice;
use raylance_market::artist::Say;
use raylance_protocol::message::Message;
use raylance_protocol::{AccountId, Action, BlockHash, ChainId, CheckedTx, Digest, Genesis, Height, Reply, encode, limits};
use std::collections::{BTreeMap, BTreeSet};

/// How bad the network and the power are.
#[derive(Clone, Copy, Debug)]
pub struct Weather {
    /// Messages that get lost, in a hundred.
    pub loss_percent: u64,
    /// Messages that come twice.
    pub doubling_percent: u64,
    /// Longest way.
    pub delay_ms_max: u64,
    /// How likely a process ends before, or right after, a turn is recorded, in 10,000.
    pub crash_per_myriad: u64,
    /// How likely a device fails at a task, in 1,000.
    pub failing_permille: u64,
}

/// When a process ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Crash {
    /// A turn was decided and is lost.
    BeforeCommit,
    /// A turn is recorded, and none of its effects was performed.
    AfterCommit,
}

/// What can befall a peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Its process ends, and begins again a while later.
    Crash,
    /// Its process ends, and begins again after so many milliseconds.
    Away(u64),
    /// Its system clock is set, forward or back.
    Clock(i64),
    /// Its data folder is copied away.
    Backup,
    /// Its process ends and its folder is replaced by the last copy.
    Restore,
    /// Its process ends and its folder is gone; the key and what lies outside stay.
    LoseFolder,
    /// Nothing can be written any more.
    DiskFull,
    /// Things can be written again.
    DiskFree,
}

/// Everything that can happen.
enum Happening {
    /// An agent's event. Lost if the process ended meanwhile.
    Event { who: usize, epoch: u64, event: Box<Event> },
    /// A person wants something, again until there is a result.
    Command { who: usize, id: CommandId, command: Command },
    /// The alarm of an agent rings, if it is still wanted.
    Alarm { who: usize, at_ms: u64 },
    /// A request arrives.
    Request { from: usize, epoch: u64, effect: EffectId, to: usize, request: Box<Request> },
    /// A request that its receiver never replied to has failed.
    Timeout(MessageId),
    /// A process begins again.
    Start { who: usize },
    /// Something befalls a peer.
    Fate { who: usize, fate: Fate },
}

#[derive(Clone)]
enum Request {
    Message(Message),
    Blocks(Height),
    State,
}

/// The simulation.
pub struct World {
    /// Everybody.
    pub peers: Vec<Peer>,
    /// The ring's genesis.
    pub genesis: Genesis,
    /// Milliseconds since the beginning.
    pub now_ms: u64,
    /// Steps of agents so far.
    pub steps: u64,
    /// Starts of processes so far.
    pub starts: u64,
    /// Turns that recorded something so far.
    pub commits: u64,
    /// At which of them a process ends: before it is recorded, or after that and before anything is done.
    pub crash_at: Option<(u64, Crash)>,
    chain: ChainId,
    validators: Validators,
    pub(crate) weather: Weather,
    pub(crate) chance: Chance,
    memo: Memo,
    pub(crate) who: BTreeMap<AccountId, usize>,
    events: BTreeMap<(u64, u64), Happening>,
    sequence: u64,
    /// Who waits for the reply to a message.
    waiting: BTreeMap<MessageId, (usize, u64, EffectId)>,
    messages: u64,
    commands: u64,
    results: BTreeSet<CommandId>,
    /// Blocks whose signatures were checked, by hash: once for everybody.
    checked: BTreeMap<BlockHash, CheckedBlock>,
    log: [u8; 32],
    /// Sees everything.
    pub onlooker: Onlooker,
    /// Measures one peer.
    pub meter: Option<Meter>,
}

/// The wall clock when a simulation begins.
const BEGIN_UNIX_MS: u64 = 1_800_000_000_000;
/// A request without a reply has failed after that.
const TIMEOUT_MS: u64 = 4_000;

impl World {
    /// A world in which nobody was started yet.
    pub fn new(seed: u64, weather: Weather, genesis: Genesis, peers: Vec<Peer>) -> Self {
        let memo = Memo::new(64);
        let who = peers.iter().enumerate().map(|(who, peer)| (peer.id, who)).collect();
        let mut world = Self {
            who,
            chain: genesis.chain(),
            validators: Validators::new(genesis.validators.clone()).expect("the genesis is sound"),
            onlooker: Onlooker::new(&genesis, memo.clone()),
            genesis,
            peers,
            now_ms: 0,
            steps: 0,
            starts: 0,
            commits: 0,
            crash_at: None,
            weather,
            chance: Chance::new(seed ^ 0x5eed),
            memo,
            events: BTreeMap::new(),
            sequence: 0,
            waiting: BTreeMap::new(),
            messages: 0,
            commands: 0,
            results: BTreeSet::new(),
            checked: BTreeMap::new(),
            log: [0; 32],
            meter: None,
        };
        for who in 0..world.peers.len() {
            world.later(0, Happening::Start { who });
        }
        world
    }

    fn later(&mut self, in_ms: u64, what: Happening) {
        self.sequence += 1;
        self.events.insert((self.now_ms + in_ms, self.sequence), what);
    }

    /// A person wants something.
    pub fn command(&mut self, who: usize, in_ms: u64, command: Command) {
        if let Command::Submit(plan) = &command {
            self.peers[who].specs.insert(plan.spec.hash(), plan.spec.clone());
        }
        self.commands += 1;
        self.later(in_ms, Happening::Command { who, id: CommandId(self.commands), command });
    }

    /// Something befalls a peer after so long.
    pub fn befalls(&mut self, who: usize, in_ms: u64, fate: Fate) {
        self.later(in_ms, Happening::Fate { who, fate });
    }

    fn befall(&mut self, who: usize, fate: Fate) {
        let peer = &mut self.peers[who];
        match fate {
            Fate::Crash => self.crash(who),
            Fate::Away(ms) => {
                peer.was_away = true;
                self.end(who, ms);
            }
            Fate::Clock(by_ms) => peer.clock_ms += by_ms,
            Fate::Backup => peer.back_up(),
            Fate::Restore => {
                self.crash(who);
                self.peers[who].restore();
            }
            Fate::LoseFolder => {
                self.crash(who);
                self.peers[who].lose_folder();
            }
            Fate::DiskFull => peer.disk_full = true,
            Fate::DiskFree => {
                peer.disk_full = false;
                if let Some(turn) = peer.held.take() {
                    self.act(who, turn);
                }
            }
        }
    }

    /// Runs until `is_over`, which is asked now and then; `false` when the time is over before.
    pub fn run(&mut self, until_ms: u64, is_over: impl Fn(&Self) -> bool) -> bool {
        let mut happenings: u64 = 0;
        while let Some((key, what)) = self.events.pop_first() {
            self.now_ms = key.0;
            if self.now_ms > until_ms {
                return false;
            }
            happenings += 1;
            self.happen(what);
            if happenings.is_multiple_of(64) && is_over(self) {
                return true;
            }
        }
        is_over(self)
    }

    /// Hash over every turn so far: equal seeds have equal ones.
    pub fn log_hash(&self) -> Digest {
        Digest(self.log)
    }

    fn now(&self, who: usize) -> Now {
        let unix_ms = (BEGIN_UNIX_MS + self.now_ms).saturating_add_signed(self.peers[who].clock_ms);
        Now { steady_ms: self.now_ms, unix_ms }
    }

    fn happen(&mut self, what: Happening) {
        match what {
            Happening::Command { who, id, command } => {
                if !self.results.contains(&id) {
                    if self.peers[who].held.is_some() {
                        return self.later(200, Happening::Command { who, id, command });
                    }
                    self.give(who, Event::Command { id, command: command.clone() });
                    self.later(5_000, Happening::Command { who, id, command });
                }
            }
            // Nothing is decided while the last turn can't be recorded.
            Happening::Event { who, epoch, event } if self.peers[who].held.is_some() => {
                self.later(200, Happening::Event { who, epoch, event });
            }
            Happening::Event { who, epoch, event } => {
                if self.peers[who].epoch == epoch && self.peers[who].agent.is_some() {
                    self.give(who, *event);
                }
            }
            Happening::Alarm { who, at_ms } => {
                if self.peers[who].held.is_some() {
                    self.later(200, Happening::Alarm { who, at_ms });
                } else if self.peers[who].alarm_ms == Some(at_ms) {
                    self.peers[who].alarm_ms = None;
                    self.give(who, Event::Alarm);
                }
            }
            Happening::Request { from, epoch, effect, to, request } => self.arrive(from, epoch, effect, to, *request),
            Happening::Timeout(id) => {
                if let Some((who, epoch, id)) = self.waiting.remove(&id) {
                    let event = Box::new(Event::Answer { id, answer: Answer::Failed });
                    self.later(0, Happening::Event { who, epoch, event });
                }
            }
            Happening::Start { who } => self.start(who),
            Happening::Fate { who, fate } => self.befall(who, fate),
        }
    }

    fn start(&mut self, who: usize) {
        let (now, dice) = (self.now(who), Dice(self.chance.bytes()));
        self.starts += 1;
        let turn =
            self.peers[who].start(now, dice, &self.genesis, self.meter.as_ref().is_none_or(|meter| meter.who != who).then_some(&self.memo));
        let turn = turn.unwrap_or_else(|error| panic!("peer {who} does not start: {error}"));
        self.finish_turn(who, turn);
        let others: Vec<usize> = (0..self.peers.len()).filter(|other| *other != who && self.peers[*other].agent.is_some()).collect();
        for other in others {
            let (mine, its) = (self.peers[who].id, self.peers[other].id);
            self.soon(other, Event::Connected(mine));
            self.soon(who, Event::Connected(its));
            // Peers tell each other how high they are when they meet.
            for (from, to) in [(who, other), (other, who)] {
                let height = self.peers[from].agent.as_ref().map(|agent| agent.chain().height()).unwrap_or_default();
                let from = self.peers[from].id;
                self.soon(to, Event::Announced { from, height });
            }
        }
    }

    fn crash(&mut self, who: usize) {
        let down_ms = self.chance.between(100, 6_000);
        self.end(who, down_ms);
    }

    /// Its process ends, and begins again after so long.
    fn end(&mut self, who: usize, down_ms: u64) {
        if self.peers[who].agent.take().is_none() {
            return;
        }
        self.peers[who].epoch += 1;
        (self.peers[who].alarm_ms, self.peers[who].held) = (None, None);
        let id = self.peers[who].id;
        for other in 0..self.peers.len() {
            if other != who && self.peers[other].agent.is_some() {
                self.soon(other, Event::Disconnected(id));
            }
        }
        self.later(down_ms, Happening::Start { who });
    }

    fn soon(&mut self, who: usize, event: Event) {
        let epoch = self.peers[who].epoch;
        self.later(1, Happening::Event { who, epoch, event: Box::new(event) });
    }

    pub(crate) fn answer(&mut self, who: usize, in_ms: u64, id: EffectId, answer: Answer) {
        let epoch = self.peers[who].epoch;
        self.later(in_ms, Happening::Event { who, epoch, event: Box::new(Event::Answer { id, answer }) });
    }

    fn give(&mut self, who: usize, event: Event) {
        let (now, dice) = (self.now(who), Dice(self.chance.bytes()));
        let Some(agent) = &mut self.peers[who].agent else { return };
        self.steps += 1;
        let meter = self.meter.as_mut().filter(|meter| meter.who == who);
        let turn = match meter {
            None => agent.step(now, dice, event),
            Some(meter) => {
                let (kind, txs) = kind(&event);
                let began = (meter.clock)();
                let turn = agent.step(now, dice, event);
                let took = (meter.clock)() - began;
                let bytes = turn.writes.iter().map(|write| write.key.len() + write.value.as_ref().map_or(0, Vec::len)).sum();
                meter.steps.push((kind, took, txs, bytes));
                turn
            }
        };
        let id = self.peers[who].id;
        if let Some(agent) = &self.peers[who].agent {
            agent.work().for_each(|part| self.onlooker.owed(part.job, id, part.summary.total));
        }
        self.finish_turn(who, turn);
    }

    /// Records a turn, then acts on it, unless the process ends before or in between.
    fn finish_turn(&mut self, who: usize, turn: Turn) {
        self.note(who, &turn);
        if let Some(crash) = self.crash_of(&turn) {
            if crash == Crash::AfterCommit {
                self.commit(who, &turn);
            }
            return self.crash(who);
        }
        if turn.records() && self.peers[who].disk_full {
            self.peers[who].held = Some(turn);
            return;
        }
        self.act(who, turn);
    }

    fn act(&mut self, who: usize, turn: Turn) {
        self.commit(who, &turn);
        for effect in turn.effects {
            self.perform(who, effect);
        }
    }

    /// Does the process end around this turn's commit?
    fn crash_of(&mut self, turn: &Turn) -> Option<Crash> {
        if !turn.records() {
            return None;
        }
        self.commits += 1;
        if let Some((at, crash)) = self.crash_at {
            return (at == self.commits).then_some(crash);
        }
        let happens = self.chance.below(10_000) < self.weather.crash_per_myriad;
        happens.then(|| if self.chance.happens(50) { Crash::AfterCommit } else { Crash::BeforeCommit })
    }

    fn note(&mut self, who: usize, turn: &Turn) {
        let mut bytes = self.log.to_vec();
        bytes.push(who as u8);
        for write in &turn.writes {
            bytes.extend_from_slice(&write.key);
            bytes.extend_from_slice(write.value.as_deref().unwrap_or_default());
        }
        bytes.extend_from_slice(&(turn.effects.len() as u64).to_le_bytes());
        self.log = Digest::of("raylance simulation log", &[&bytes]).0;
    }

    fn perform(&mut self, who: usize, effect: Effect) {
        match effect {
            Effect::Reply { to, reply } => self.reply(to, Answer::Replied(reply)),
            Effect::Serve { to, wanted } => self.serve(who, to, wanted),
            Effect::Send { id, to, message } => self.send(who, id, to, *message),
            Effect::PublishOffer(offer) => {
                let from = self.peers[who].id;
                self.gossip(who, |_| Event::Offer { from, offer: offer.clone() });
            }
            Effect::PublishHeight(height) => {
                let from = self.peers[who].id;
                self.gossip(who, |_| Event::Announced { from, height });
            }
            Effect::GetBlocks { id, peer, from } => self.request(who, id, peer, Request::Blocks(from)),
            Effect::GetState { id, peer } => self.request(who, id, peer, Request::State),
            Effect::AskTips { id } => {
                let others = self.peers.iter().enumerate().filter(|(other, _)| *other != who);
                let height = others.filter_map(|(_, peer)| peer.agent.as_ref()).map(|agent| agent.chain().height()).max();
                self.answer(who, 50, id, Answer::Tip(height));
            }
            Effect::SignTx { id, tx } => {
                let signed = self.peers[who].keys.sign(self.chain, &*tx);
                let checked = CheckedTx::check(self.chain, signed).expect("what is signed here is good");
                self.answer(who, 1, id, Answer::TxSigned(Box::new(checked)));
            }
            Effect::SignVote { id, vote } => {
                let signature = self.peers[who].keys.sign(self.chain, &vote).signature();
                self.answer(who, 1, id, Answer::Signed(signature));
            }
            Effect::Mark { id, mark } => {
                self.peers[who].disk.mark = Some(mark);
                self.answer(who, 1, id, Answer::Done);
            }
            Effect::Recorded { id } => self.answer(who, 0, id, Answer::Done),
            Effect::KeepState { id, tip, state } => {
                self.peers[who].keep(*tip, *state);
                self.answer(who, 5, id, Answer::Done);
            }
            Effect::Alarm { at_ms } => {
                self.peers[who].alarm_ms = Some(at_ms);
                self.later(at_ms.saturating_sub(self.now_ms), Happening::Alarm { who, at_ms });
            }
            Effect::Result { id, .. } => _ = self.results.insert(id),
            Effect::ForgetJob(job) => self.peers[who].disk.films.retain(|(of, _), _| *of != job),
            Effect::Tell(Notice::BlocksSkipped(_)) => self.peers[who].skips += 1,
            // Nobody listens, and a device that goes on is answered to nobody.
            Effect::Tell(_) | Effect::Cancel(_) => {}
            work => self.work(who, work),
        }
    }

    /// Records a turn. The onlooker executes a block as soon as somebody has stored it: whoever made it may end before telling anybody.
    fn commit(&mut self, who: usize, turn: &Turn) {
        self.peers[who].commit(turn);
        let next = |world: &Self| world.peers[who].row::<BlockRow>(&Number(world.onlooker.height().next().0));
        while let Some(BlockRow(block)) = next(self) {
            let block = self.check_once(block);
            self.onlooker.hear(&block);
        }
    }

    fn check_once(&mut self, block: raylance_protocol::FinalBlock) -> CheckedBlock {
        let (chain, validators) = (self.chain, &self.validators);
        let hash = block.block.header.hash();
        let check = || CheckedBlock::check(chain, validators, block).expect("peers store good blocks");
        self.checked.entry(hash).or_insert_with(check).clone()
    }

    fn gossip(&mut self, who: usize, event: impl Fn(usize) -> Event) {
        for other in 0..self.peers.len() {
            if other == who || self.peers[other].agent.is_none() || self.chance.happens(self.weather.loss_percent) {
                continue;
            }
            let (delay_ms, epoch) = (self.chance.between(1, self.weather.delay_ms_max), self.peers[other].epoch);
            self.later(delay_ms, Happening::Event { who: other, epoch, event: Box::new(event(other)) });
        }
    }

    fn send(&mut self, who: usize, id: EffectId, to: AccountId, message: Outgoing) {
        let (traits, keys) = (&self.peers[who].traits, &self.peers[who].keys);
        let silent = match &message {
            Outgoing::Say(Say::Key { .. }) => traits.withholds_keys,
            Outgoing::Say(Say::Receipt(_)) => traits.withholds_receipts,
            Outgoing::Submit(tx) => traits.never_pays && tx.peek().is_ok_and(|tx| matches!(tx.action, Action::Pay(_))),
            Outgoing::Say(_) => false,
        };
        if silent {
            return self.answer(who, TIMEOUT_MS, id, Answer::Failed);
        }
        if let Outgoing::Say(Say::Receipt(receipt)) = &message {
            self.onlooker.signed(receipt);
        }
        let message = speak(keys, self.chain, to, message);
        assert!(encode(&message).len() <= limits::MESSAGE_BYTES_MAX, "a message that is too long");
        self.request(who, id, to, Request::Message(message));
    }

    fn request(&mut self, who: usize, effect: EffectId, to: AccountId, request: Request) {
        let Some(to) = self.who.get(&to).copied() else { return self.answer(who, 1, effect, Answer::Failed) };
        let epoch = self.peers[who].epoch;
        let delay_ms = self.chance.between(1, self.weather.delay_ms_max);
        if self.chance.happens(self.weather.doubling_percent) {
            let later_ms = self.chance.between(1, 4 * self.weather.delay_ms_max);
            self.later(later_ms, Happening::Request { from: who, epoch, effect, to, request: Box::new(request.clone()) });
        }
        self.later(delay_ms, Happening::Request { from: who, epoch, effect, to, request: Box::new(request) });
    }

    fn arrive(&mut self, from: usize, epoch: u64, effect: EffectId, to: usize, request: Request) {
        if self.peers[from].epoch != epoch {
            return;
        }
        let deaf = self.peers[to].agent.is_none() || self.peers[to].held.is_some();
        if deaf || self.chance.happens(self.weather.loss_percent) {
            return self.answer(from, TIMEOUT_MS, effect, Answer::Failed);
        }
        let (sender, receiver) = (self.peers[from].id, self.peers[to].id);
        let heard = match request {
            Request::Message(message) => hear(self.chain, receiver, sender, message),
            Request::Blocks(from) => Ok(Heard::Get(Wanted::Blocks { from, blocks_max: limits::BLOCKS_PER_REPLY_MAX })),
            Request::State => Ok(Heard::Get(Wanted::State)),
        };
        match heard {
            Ok(heard) => {
                self.messages += 1;
                let id = MessageId(self.messages);
                self.waiting.insert(id, (from, epoch, effect));
                self.later(TIMEOUT_MS, Happening::Timeout(id));
                self.give(to, Event::Message { id, from: sender, heard: Box::new(heard) });
            }
            Err(refusal) => self.answer(from, 1, effect, Answer::Replied(Reply::Refused(refusal))),
        }
    }

    /// Carries a reply back, if that does not get lost.
    fn reply(&mut self, to: MessageId, answer: Answer) {
        let Some((who, epoch, id)) = self.waiting.remove(&to) else { return };
        let lost = self.chance.happens(self.weather.loss_percent);
        let (answer, in_ms) = match lost {
            true => (Answer::Failed, TIMEOUT_MS),
            false => (answer, self.chance.between(1, self.weather.delay_ms_max)),
        };
        self.later(in_ms, Happening::Event { who, epoch, event: Box::new(Event::Answer { id, answer }) });
    }

    fn serve(&mut self, who: usize, to: MessageId, wanted: Wanted) {
        let Wanted::Blocks { from, blocks_max } = wanted else {
            // Its nodes come with it: that they are fetched one by one is the shell's affair.
            let kept = self.peers[who].disk.kept.clone();
            return self.reply(to, kept.map_or(Answer::Failed, |kept| Answer::State(Box::new(kept))));
        };
        let rows = self.peers[who].rows_from::<BlockRow>(&Number(from.0), usize::from(blocks_max));
        let blocks = rows.into_iter().map(|BlockRow(block)| self.check_once(block)).collect();
        self.reply(to, Answer::Blocks(blocks));
    }
}
