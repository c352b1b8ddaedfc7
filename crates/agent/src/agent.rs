//! The peer: its machines, its chain, its money, and the one way in.

use crate::artist::{Accusation, is_artists};
use crate::effect::{CommandError, Effect, EffectId, Topic, Turn};
use crate::event::{Answer, Command, Earning, Event, Heard, MessageId, Now};
use crate::outbox::{LetterId, Outbox};
use crate::ring::{Lag, Maker, Ring};
use crate::rows::{BlockRow, EndedRow, FlyingRow, LogRow, MovementKey, MovementRow, Purpose, WaitingRow};
use crate::wallet::{Flying, TRANSFERS_MAX, Wallet};
use crate::worker::is_workers;
use raylance_consensus::{Chain, CheckedBlock, EffectId as EngineId, Engine, Input, Mark, Record, Settings};
use raylance_market::artist::{Artist, ArtistInput};
use raylance_market::worker::{Worker, WorkerInput};
use raylance_market::{Dice, DueQueue, Write};
use raylance_protocol::message::Refusal;
use raylance_protocol::row::{Row, key_bytes};
use raylance_protocol::{
    AccountId, Action, CaseId, CheckedTx, Digest, FinalBlock, Height, JobId, ListHash, Microlux, Reply, SpecHash, Task, UnitIndex, decode,
    encode,
};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Who waits for an answer.
#[derive(Clone, Debug)]
pub(crate) enum Ask {
    Letter(LetterId),
    TxSigned(u64),
    Logged(EngineId),
    Marked(EngineId),
    VoteSigned(EngineId),
    Applied(EngineId),
    Tips(EngineId),
    Blocks(AccountId),
    State(AccountId),
    StateKept,
    Kept(Height),
    Own(SpecHash, UnitIndex),
    Replay(SpecHash, u64),
    Compare(SpecHash, ListHash),
    Fetch(SpecHash, AccountId, Task),
    Evidence(SpecHash, Box<Accusation>),
    Render(JobId, Task),
    Judged(CaseId),
    Closed(SpecHash),
}

/// What waits for a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Due {
    Artist(SpecHash),
    Worker(JobId),
    Engine(EngineId),
    Letter(LetterId),
    /// The next transaction may be signed.
    Pump,
    /// What flies goes to a validator again.
    Resend,
    Sync,
    Court,
    Close(SpecHash),
    Orphan(JobId),
}

/// What a machine hears before the step ends.
#[derive(Debug)]
pub(crate) enum Todo {
    Artist(SpecHash, ArtistInput),
    Worker(JobId, WorkerInput),
}

/// What lives for one step.
pub(crate) struct Step {
    pub now: Now,
    dice: Dice,
    throws: u64,
    pub turn: Turn,
    todo: VecDeque<Todo>,
}

/// What a peer is, besides what its rows say.
#[derive(Clone, Debug)]
pub struct Setup {
    /// Its account.
    pub me: AccountId,
    /// Digest of the renderer that this program has.
    pub renderer: Digest,
    /// The numbers of its engine, where it is a validator.
    pub engine: Settings,
    /// How far its stored state may lag behind.
    pub lag: Lag,
}

/// What a store gives back at a start.
pub struct Stored {
    /// The chain at the last state that was kept, or at the genesis.
    pub chain: Chain,
    /// All rows.
    pub rows: Vec<(Vec<u8>, Vec<u8>)>,
    /// The validator's mark, from outside the data folder.
    pub mark: Option<Mark>,
}

/// Why no peer can begin with what is stored.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StartError {
    /// A stored block is not the next one, or not good. The folder is damaged, or parts of it are older than others.
    #[error("block {} can't be read back: {source}", height.0)]
    Block {
        /// Its height.
        height: Height,
        /// What is wrong.
        source: raylance_consensus::BlockError,
    },
    /// A row that everything depends on can't be read.
    #[error("a row of table {table} can't be read")]
    Row {
        /// First byte of its key.
        table: u8,
    },
    /// This peer would have to make the ring's blocks and can't.
    #[error(transparent)]
    Engine(#[from] raylance_consensus::EngineError),
}

/// One whole peer.
pub struct Agent {
    pub(crate) me: AccountId,
    pub(crate) renderer: Digest,
    /// Others that were told of.
    pub(crate) other_renderers: BTreeSet<Digest>,
    pub(crate) ring: Ring,
    pub(crate) wallet: Wallet,
    pub(crate) outbox: Outbox,
    pub(crate) artists: BTreeMap<SpecHash, Artist>,
    /// Own jobs by their ids on the ledger, and by those of free work.
    pub(crate) by_job: BTreeMap<JobId, SpecHash>,
    pub(crate) ended: BTreeMap<SpecHash, EndedRow>,
    pub(crate) workers: BTreeMap<JobId, Worker>,
    pub(crate) rendering: BTreeMap<(JobId, Task), EffectId>,
    pub(crate) earning: Option<Earning>,
    /// The last case that was looked at.
    pub(crate) judging: Option<CaseId>,
    /// Peers that can be reached.
    pub(crate) peers: std::collections::BTreeSet<AccountId>,
    asks: BTreeMap<EffectId, Ask>,
    ids: u64,
    pub(crate) due: DueQueue<Due>,
    alarm_ms: Option<u64>,
    pub(crate) step: Step,
}

/// Rows of one machine: keys and values.
type Rows = Vec<(Vec<u8>, Vec<u8>)>;

/// Rows sorted out by what they belong to.
#[derive(Default)]
struct Sorted {
    artists: BTreeMap<SpecHash, Rows>,
    workers: BTreeMap<JobId, Rows>,
    blocks: BTreeMap<u64, FinalBlock>,
    log: Vec<Record>,
    waiting: BTreeMap<u64, WaitingRow>,
    flying: Option<FlyingRow>,
    earning: Option<Earning>,
    ended: BTreeMap<SpecHash, EndedRow>,
    movements: BTreeMap<MovementKey, MovementRow>,
}

impl Agent {
    /// A peer as its rows say, or a new one where there are none. Everything that was outstanding is asked for again.
    ///
    /// # Errors
    /// [`StartError`] where the chain can't go on. What can't be read of a single job is told and left alone.
    pub fn start(now: Now, dice: Dice, setup: Setup, stored: Stored) -> Result<(Self, Turn), StartError> {
        let Stored { mut chain, rows, mark } = stored;
        let sorted = Sorted::of(rows)?;
        let kept = chain.height();
        let mut ring_times = VecDeque::new();
        let mut lag_txs = 0;
        for (height, block) in sorted.blocks {
            let source = |source| StartError::Block { height: Height(height), source };
            if Height(height) <= chain.height() {
                // Older than the state that was kept, and still needed for the keys in it.
                ring_times.push_back((Height(height), chain.state().clock().ring_time));
                continue;
            }
            let checked = CheckedBlock::check(chain.id(), chain.validators(), block).map_err(source)?;
            let applied = chain.apply(&checked).map_err(source)?;
            lag_txs += checked.txs().len();
            ring_times.push_back((Height(height), applied.state().clock().ring_time));
        }
        let chain_id = chain.id();
        let is_validator = chain.validators().stake(setup.me).is_some();
        let maker = match is_validator {
            true => Maker::Own(Box::new(Engine::new(chain, setup.me, setup.engine)?)),
            false => Maker::Others(Box::new(chain)),
        };
        let mut ring = Ring::new(maker, kept, setup.lag);
        (ring.stored, ring.lag_txs) = (ring_times, lag_txs);
        let flying = match sorted.flying {
            Some(FlyingRow { purpose, signed }) => {
                let tx = CheckedTx::check(chain_id, signed).map_err(|_| StartError::Row { table: FlyingRow::TABLE })?;
                Some(Flying { purpose, tx })
            }
            None => None,
        };
        let mut agent = Self {
            me: setup.me,
            renderer: setup.renderer,
            other_renderers: BTreeSet::new(),
            ring,
            wallet: Wallet::of(sorted.waiting, flying, sorted.movements),
            outbox: Outbox::default(),
            artists: BTreeMap::new(),
            by_job: BTreeMap::new(),
            ended: sorted.ended,
            workers: BTreeMap::new(),
            rendering: BTreeMap::new(),
            earning: sorted.earning,
            judging: None,
            peers: Default::default(),
            asks: BTreeMap::new(),
            ids: 0,
            due: DueQueue::default(),
            alarm_ms: None,
            step: Step { now, dice, throws: 0, turn: Turn::default(), todo: VecDeque::new() },
        };
        sorted.artists.into_iter().for_each(|(spec, rows)| agent.load_artist(spec, rows));
        sorted.workers.into_iter().for_each(|(job, rows)| agent.load_worker(job, rows));
        agent.resume(sorted.log, mark);
        let turn = agent.end_step();
        Ok((agent, turn))
    }

    fn resume(&mut self, log: Vec<Record>, mark: Option<Mark>) {
        let now_ms = self.step.now.steady_ms;
        let (parts, jobs) = (self.workers.keys().copied().collect(), self.artists.keys().copied().collect());
        self.effect(Effect::Sweep { parts, jobs });
        for spec in self.artists.keys().copied().collect::<Vec<_>>() {
            let turn = self.artists.get_mut(&spec).map(|artist| artist.resume(now_ms)).unwrap_or_default();
            self.artist_turn(spec, turn);
        }
        for job in self.workers.keys().copied().collect::<Vec<_>>() {
            let turn = self.workers.get_mut(&job).map(|worker| worker.resume(now_ms)).unwrap_or_default();
            self.worker_turn(job, turn);
        }
        self.engine(Input::Start { log, mark });
        self.tell_all();
        self.set_due(Due::Sync, 0);
        self.find_all_orphans();
        self.attend_court();
        self.after_update();
        if self.wallet.flying.is_some() {
            self.fly();
        }
    }

    /// What happens, and what follows from it. Equal states, times, dice and events give equal turns.
    pub fn step(&mut self, now: Now, dice: Dice, event: Event) -> Turn {
        (self.step.now, self.step.dice, self.step.throws) = (now, dice, 0);
        if self.alarm_ms.is_some_and(|at_ms| at_ms <= now.steady_ms) {
            self.alarm_ms = None;
        }
        while let Some(due) = self.due.pop(now.steady_ms) {
            self.on_due(due);
        }
        self.happen(event);
        self.end_step()
    }

    pub(crate) fn end_step(&mut self) -> Turn {
        while let Some(todo) = self.step.todo.pop_front() {
            match todo {
                Todo::Artist(spec, input) => self.artist_hears(spec, input),
                Todo::Worker(job, input) => self.worker_hears(job, input),
            }
        }
        self.pump();
        let mut turn = std::mem::take(&mut self.step.turn);
        if let Some(at_ms) = self.due.next_ms().filter(|next| self.alarm_ms.is_none_or(|alarm| *next < alarm)) {
            self.alarm_ms = Some(at_ms);
            turn.effects.push(Effect::Alarm { at_ms });
        }
        turn
    }

    fn on_due(&mut self, due: Due) {
        match due {
            Due::Artist(spec) => self.todo(Todo::Artist(spec, ArtistInput::Alarm)),
            Due::Worker(job) => self.todo(Todo::Worker(job, WorkerInput::Alarm)),
            Due::Engine(id) => self.engine(Input::Timer(id)),
            Due::Letter(id) => self.try_letter(id),
            // The end of every step looks after it.
            Due::Pump => {}
            Due::Resend => self.fly_again(),
            Due::Sync => self.look_for_blocks(),
            Due::Court => self.attend_court(),
            Due::Close(spec) => self.close(spec),
            Due::Orphan(job) => self.close_orphan(job),
        }
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Command { id, command } => {
                let result = self.on_command(command);
                self.effect(Effect::Result { id, result });
            }
            Event::Message { id, from, heard } => self.on_message(id, from, *heard),
            Event::Offer { from, offer } => self.on_offer(from, &offer),
            Event::Announced { from, height } => self.on_announced(from, height),
            Event::Connected(peer) => self.on_reach(peer, true),
            Event::Disconnected(peer) => self.on_reach(peer, false),
            Event::Answer { id, answer } => {
                if let Some(ask) = self.asks.remove(&id) {
                    self.on_answer(id, ask, answer);
                }
            }
            Event::Alarm => {}
        }
    }

    fn on_command(&mut self, command: Command) -> Result<(), CommandError> {
        match command {
            Command::Submit(plan) => self.submit(*plan),
            Command::Stop(spec) => self.stop(spec),
            Command::Transfer { to, amount } => self.transfer(to, amount),
            Command::ForgetEnded => {
                self.forget_ended();
                Ok(())
            }
            Command::Earn(earning) => {
                self.earn(earning);
                Ok(())
            }
        }
    }

    fn transfer(&mut self, to: AccountId, amount: Microlux) -> Result<(), CommandError> {
        let (count, _) = self.transfers_out();
        if count >= TRANSFERS_MAX {
            return Err(CommandError::Busy(count));
        }
        let have = self.free_to_spend();
        if have < amount {
            return Err(CommandError::Balance { have, need: amount });
        }
        self.wallet.numbers += 1;
        let purpose = Purpose::Transfer(self.wallet.numbers);
        self.want_tx(purpose, Action::Transfer { to, amount });
        Ok(())
    }

    fn on_message(&mut self, id: MessageId, from: AccountId, heard: Heard) {
        let result = match heard {
            Heard::Submit(tx) => return self.on_submitted(id, tx),
            Heard::Get(wanted) => return self.effect(Effect::Serve { to: id, wanted }),
            Heard::Bid(bid) => match self.artists.contains_key(&bid.spec) {
                true => {
                    self.todo(Todo::Artist(bid.spec, ArtistInput::Bid { worker: from, bid }));
                    Ok(())
                }
                // A bid for what is over: it need not come again.
                false => Err(Refusal::NotYours),
            },
            Heard::Hired { job, spec } => self.on_hired(from, job, spec),
            Heard::Lease(lease) => self.for_worker(from, lease.job, WorkerInput::Lease(lease)),
            Heard::Receipt(receipt, signature) => self.for_worker(from, receipt.delivery.job, WorkerInput::Receipt { receipt, signature }),
            Heard::Return { job, task, reason } => self.for_artist(job, ArtistInput::Return { worker: from, task, reason }),
            Heard::Delivery(delivery, signature) => self.for_artist(delivery.job, ArtistInput::Delivery { delivery, signature }),
            Heard::Key { job, task, key } => self.for_artist(job, ArtistInput::Key { worker: from, task, key }),
            Heard::Standing(receipt) => self.for_artist(receipt.delivery.job, ArtistInput::Standing(receipt)),
            Heard::Done(done, signature) => self.for_artist(done.job, ArtistInput::Done { done, signature }),
        };
        let reply = result.map_or_else(Reply::Refused, |()| Reply::Recorded);
        self.effect(Effect::Reply { to: id, reply });
    }

    fn for_artist(&mut self, job: JobId, input: ArtistInput) -> Result<(), Refusal> {
        let spec = *self.by_job.get(&job).ok_or(Refusal::UnknownJob)?;
        self.todo(Todo::Artist(spec, input));
        Ok(())
    }

    fn on_reach(&mut self, peer: AccountId, is: bool) {
        let changed = if is { self.peers.insert(peer) } else { self.peers.remove(&peer) };
        if !changed {
            return;
        }
        self.step.turn.topics.insert(Topic::Network);
        for spec in self.artists.keys().copied().collect::<Vec<_>>() {
            self.todo(Todo::Artist(spec, if is { ArtistInput::Back(peer) } else { ArtistInput::Lost(peer) }));
        }
        let parts = self.workers.iter().filter(|(_, worker)| worker.spec().artist == peer).map(|(job, _)| *job);
        for job in parts.collect::<Vec<_>>() {
            self.todo(Todo::Worker(job, if is { WorkerInput::Back } else { WorkerInput::Lost }));
        }
        if is {
            self.try_letters(peer);
            // It may have blocks that this peer lacks.
            self.set_due(Due::Sync, 0);
        } else {
            self.forget_height(peer);
        }
    }

    fn on_answer(&mut self, id: EffectId, ask: Ask, answer: Answer) {
        let done = !matches!(answer, Answer::Failed);
        match (ask, answer) {
            (Ask::Letter(letter), Answer::Replied(reply)) => self.on_letter(letter, Some(reply)),
            (Ask::Letter(letter), _) => self.on_letter(letter, None),
            (Ask::TxSigned(number), Answer::TxSigned(tx)) => self.on_tx_signed(number, Some(*tx)),
            (Ask::TxSigned(number), _) => self.on_tx_signed(number, None),
            (Ask::Logged(engine), _) => self.engine(if done { Input::Logged(engine) } else { Input::Dropped(engine) }),
            (Ask::Marked(engine), _) => self.engine(if done { Input::Marked(engine) } else { Input::Dropped(engine) }),
            (Ask::VoteSigned(engine), Answer::Signed(signature)) => self.engine(Input::Signed(engine, signature)),
            (Ask::VoteSigned(engine), _) => self.engine(Input::Dropped(engine)),
            (Ask::Applied(engine), _) => self.engine(if done { Input::Applied(engine) } else { Input::Dropped(engine) }),
            (Ask::Tips(engine), Answer::Tip(height)) => self.on_tip(engine, height),
            (Ask::Tips(engine), _) => self.engine(Input::Dropped(engine)),
            (Ask::Blocks(peer), Answer::Blocks(blocks)) => self.on_blocks(peer, Some(blocks)),
            (Ask::Blocks(peer), _) => self.on_blocks(peer, None),
            (Ask::State(peer), Answer::State(state)) => self.on_state(peer, Some(*state)),
            (Ask::State(peer), _) => self.on_state(peer, None),
            (Ask::StateKept, _) => self.on_state_kept(done),
            (Ask::Kept(height), _) => self.on_kept(height, done),
            (Ask::Render(job, task), answer) => self.on_rendered(id, job, task, answer),
            (Ask::Closed(spec), _) => self.on_closed(spec, done),
            (Ask::Judged(case), Answer::Judged(value)) => self.on_judged(case, Some(value)),
            (Ask::Judged(case), _) => self.on_judged(case, None),
            (ask, answer) => self.on_artist_answer(ask, answer),
        }
    }

    /// Asks for an effect whose answer is due.
    pub(crate) fn ask(&mut self, ask: Ask, effect: impl FnOnce(EffectId) -> Effect) {
        self.ask_id(ask, effect);
    }

    pub(crate) fn ask_id(&mut self, ask: Ask, effect: impl FnOnce(EffectId) -> Effect) -> EffectId {
        self.ids += 1;
        let id = EffectId(self.ids);
        self.asks.insert(id, ask);
        self.effect(effect(id));
        id
    }

    pub(crate) fn effect(&mut self, effect: Effect) {
        self.step.turn.effects.push(effect);
    }

    pub(crate) fn todo(&mut self, todo: Todo) {
        self.step.todo.push_back(todo);
    }

    pub(crate) fn set_due(&mut self, due: Due, in_ms: u64) {
        self.due.set(due, self.step.now.steady_ms.saturating_add(in_ms));
    }

    pub(crate) fn put<R: Row>(&mut self, key: &R::Key, row: &R) {
        self.step.turn.writes.push(Write { key: key_bytes::<R>(key), value: Some(encode(row)) });
    }

    pub(crate) fn delete<R: Row>(&mut self, key: &R::Key) {
        self.step.turn.writes.push(Write { key: key_bytes::<R>(key), value: None });
    }

    /// Chance for one use.
    pub(crate) fn throw(&mut self) -> [u8; 32] {
        self.step.throws += 1;
        self.step.dice.throw("raylance agent", self.step.throws)
    }

    pub(crate) fn dice(&mut self) -> Dice {
        Dice(self.throw())
    }
}

impl Sorted {
    fn of(rows: Vec<(Vec<u8>, Vec<u8>)>) -> Result<Self, StartError> {
        let mut sorted = Self::default();
        for (key, value) in rows {
            let Some((&table, fields)) = key.split_first() else { continue };
            let name = || fields.get(..32).and_then(|bytes| bytes.try_into().ok()).map(Digest).ok_or(StartError::Row { table });
            let number = || fields.try_into().map(u64::from_be_bytes).map_err(|_| StartError::Row { table });
            match table {
                _ if is_artists(table) => sorted.artists.entry(SpecHash(name()?)).or_default().push((key, value)),
                _ if is_workers(table) => sorted.workers.entry(JobId(name()?)).or_default().push((key, value)),
                BlockRow::TABLE => _ = sorted.blocks.insert(number()?, read::<BlockRow>(&value)?.0),
                LogRow::TABLE => sorted.log.extend(read::<LogRow>(&value)?.0),
                WaitingRow::TABLE => _ = sorted.waiting.insert(number()?, read(&value)?),
                FlyingRow::TABLE => sorted.flying = Some(read(&value)?),
                Earning::TABLE => sorted.earning = Some(read(&value)?),
                EndedRow::TABLE => _ = sorted.ended.insert(SpecHash(name()?), read(&value)?),
                MovementRow::TABLE => {
                    let (height, number) = fields.split_at_checked(8).ok_or(StartError::Row { table })?;
                    let number = number.try_into().map(u32::from_be_bytes).map_err(|_| StartError::Row { table })?;
                    let height = height.try_into().map(u64::from_be_bytes).map_err(|_| StartError::Row { table })?;
                    sorted.movements.insert(MovementKey(Height(height), number), read(&value)?);
                }
                // A later version's.
                _ => {}
            }
        }
        Ok(sorted)
    }
}

fn read<R: Row>(value: &[u8]) -> Result<R, StartError> {
    decode(value, R::BYTES_MAX).map_err(|_| StartError::Row { table: R::TABLE })
}
