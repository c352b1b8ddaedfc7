//! The loop: what happens is decided, recorded, acted on. It alone steps the agent, and it touches no file but the store.
//!
//! ```text
//! answers ─┐                        ┌─► store.commit (several turns at once)
//! alarm ───┼─► agent.step ─► turns ─┤
//! news ────┘        ▲               └─► Hands::perform ─► answers
//! queries ──────────┘ read, decide nothing
//! ```

use crate::NodeError;
use crate::hands::Hands;
use crate::notices::Matter;
use hdrhistogram::Histogram;
use raylance_agent::{Agent, Answer, Command, CommandError, CommandId, Effect, EffectId, Event, Heard, MessageId, Now, Topic, Turn};
use raylance_market::Dice;
use raylance_peer::Responder;
use raylance_protocol::AccountId;
use raylance_store::{Batch, Store, StoreError};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use tokio::sync::{Notify, mpsc, oneshot, watch};

/// Turns of one commit: what one flush of the disk is shared by, and how long a query waits at most.
const TURNS_MAX: usize = 32;
/// A commit that had no room is tried again after that.
const RECORD_AGAIN: Duration = Duration::from_millis(500);

/// What happens, as it comes from outside.
pub enum News {
    /// Something that needs no reply.
    Event(Event),
    /// A peer says something.
    Message {
        /// Who.
        from: AccountId,
        /// What.
        heard: Box<Heard>,
        /// Takes the reply.
        responder: Responder,
    },
    /// A person wants something.
    Command(Command, oneshot::Sender<Result<(), CommandError>>),
}

/// Something, and when it came.
pub type Arrived<T> = (Instant, T);

/// Microseconds from arrival to commit.
pub type Waited = Arc<Mutex<Histogram<u64>>>;

/// Looks at the agent.
pub type Query = Box<dyn FnOnce(&Agent) + Send>;

/// The ways in.
pub struct Inbox {
    /// What became of effects.
    pub answers: mpsc::UnboundedReceiver<Arrived<(EffectId, Answer)>>,
    /// Everything else that happens.
    pub news: mpsc::Receiver<Arrived<News>>,
    /// Who wants to look.
    pub queries: mpsc::Receiver<Query>,
    /// The end.
    pub stop: Arc<Notify>,
}

/// The clock: steady time counts from its making.
#[derive(Clone, Copy)]
pub struct Clock(Instant);

impl Clock {
    /// Begins now.
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// The time.
    pub fn now(&self) -> Now {
        let steady_ms = u64::try_from(self.0.elapsed().as_millis()).unwrap_or(u64::MAX);
        Now { steady_ms, unix_ms: unix_ms() }
    }
}

/// Milliseconds since 1970, whatever the system clock says.
pub fn unix_ms() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| u64::try_from(time.as_millis()).unwrap_or(u64::MAX))
}

/// Chance of the system.
///
/// # Panics
/// When the system has none: nothing secret could be chosen any more.
pub fn dice() -> Dice {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).expect("the system gives random bytes");
    Dice(bytes)
}

/// The loop's state.
pub struct Shell {
    agent: Agent,
    store: Arc<Store>,
    hands: Hands,
    clock: Clock,
    inbox: Inbox,
    /// Answers that were there at once.
    ready: VecDeque<Event>,
    alarm_ms: Option<u64>,
    numbers: u64,
    responders: BTreeMap<MessageId, Responder>,
    results: BTreeMap<CommandId, oneshot::Sender<Result<(), CommandError>>>,
    changed: watch::Sender<Changed>,
    /// What is not committed yet came then.
    arrived: Vec<Instant>,
    waited: Waited,
}

/// What has changed since the start, by topic.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changed(pub BTreeMap<Topic, u64>);

enum Next {
    Event(Event),
    Stop,
}

impl Shell {
    /// Around an agent that has been started with `clock`.
    pub fn new(agent: Agent, hands: Hands, clock: Clock, inbox: Inbox, changed: watch::Sender<Changed>) -> Self {
        let (store, waited) = (Arc::clone(&hands.store), Arc::clone(&hands.waited));
        let (ready, responders, results, arrived) = Default::default();
        Self { agent, store, hands, clock, inbox, ready, alarm_ms: None, numbers: 0, responders, results, changed, arrived, waited }
    }

    /// Runs until it is told to stop; `first` is the turn of the start.
    ///
    /// # Errors
    /// [`NodeError`]: what happened can't be recorded, so nothing may be done any more.
    pub async fn run(mut self, first: Turn) -> Result<(), NodeError> {
        let mut turns = vec![first];
        loop {
            if let Next::Stop = self.record(&turns).await? {
                return Ok(());
            }
            turns.drain(..).for_each(|turn| self.act(turn));
            match self.next().await {
                Next::Event(event) => turns.push(self.step(event)),
                Next::Stop => return Ok(()),
            }
            while turns.len() < TURNS_MAX
                && let Some(event) = self.waiting()
            {
                turns.push(self.step(event));
            }
        }
    }

    fn step(&mut self, event: Event) -> Turn {
        self.agent.step(self.clock.now(), dice(), event)
    }

    /// What has happened already. Finished work comes before what peers say.
    fn waiting(&mut self) -> Option<Event> {
        if let Some(event) = self.ready.pop_front() {
            return Some(event);
        }
        if let Ok(answer) = self.inbox.answers.try_recv() {
            return Some(self.answered(answer));
        }
        let news = self.inbox.news.try_recv().ok()?;
        Some(self.admit(news))
    }

    async fn next(&mut self) -> Next {
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Next::Event(event);
            }
            let wait_ms = self.alarm_ms.map(|at_ms| at_ms.saturating_sub(self.clock.now().steady_ms));
            let alarm = async {
                match wait_ms {
                    Some(wait_ms) => tokio::time::sleep(Duration::from_millis(wait_ms)).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                biased;
                () = self.inbox.stop.notified() => return Next::Stop,
                Some(answer) = self.inbox.answers.recv() => return Next::Event(self.answered(answer)),
                Some(query) = self.inbox.queries.recv() => query(&self.agent),
                () = alarm => {
                    self.alarm_ms = None;
                    return Next::Event(Event::Alarm);
                }
                Some(news) = self.inbox.news.recv() => return Next::Event(self.admit(news)),
            }
        }
    }

    fn answered(&mut self, (at, (id, answer)): Arrived<(EffectId, Answer)>) -> Event {
        self.arrived.push(at);
        Event::Answer { id, answer }
    }

    fn admit(&mut self, (at, news): Arrived<News>) -> Event {
        self.arrived.push(at);
        self.numbers += 1;
        match news {
            News::Event(event) => event,
            News::Message { from, heard, responder } => {
                let id = MessageId(self.numbers);
                self.responders.insert(id, responder);
                Event::Message { id, from, heard }
            }
            News::Command(command, result) => {
                let id = CommandId(self.numbers);
                self.results.insert(id, result);
                Event::Command { id, command }
            }
        }
    }

    /// Records turns in one transaction. While the disk takes nothing, nothing else is decided, and whoever looks is answered.
    async fn record(&mut self, turns: &[Turn]) -> Result<Next, NodeError> {
        let batches: Vec<Batch<'_>> = turns.iter().filter(|turn| turn.records()).map(batch).collect();
        let mut failed = false;
        loop {
            match self.store.commit(&batches) {
                Ok(()) => break,
                Err(error) if mends_itself(&error) => {
                    if !failed {
                        self.hands.notices.tell(Matter::DiskWaits(error.to_string()));
                        failed = true;
                    }
                }
                Err(error) => return Err(error.into()),
            }
            let again = tokio::time::sleep(RECORD_AGAIN);
            tokio::pin!(again);
            loop {
                tokio::select! {
                    biased;
                    () = self.inbox.stop.notified() => return Ok(Next::Stop),
                    Some(query) = self.inbox.queries.recv() => query(&self.agent),
                    () = &mut again => break,
                }
            }
        }
        if failed {
            self.hands.notices.tell(Matter::DiskAgain);
        }
        let mut waited = self.waited.lock().unwrap_or_else(PoisonError::into_inner);
        // It grows as it needs to; that it can't is no reason to stop.
        self.arrived.drain(..).for_each(|at| _ = waited.record(at.elapsed().as_micros() as u64));
        drop(waited);
        let topics: BTreeSet<Topic> = turns.iter().flat_map(|turn| turn.topics.iter().copied()).collect();
        if !topics.is_empty() {
            self.changed.send_modify(|changed| topics.into_iter().for_each(|topic| *changed.0.entry(topic).or_default() += 1));
        }
        Ok(Next::Event(Event::Alarm))
    }

    fn act(&mut self, turn: Turn) {
        for effect in turn.effects {
            match effect {
                Effect::Alarm { at_ms } => self.alarm_ms = Some(at_ms),
                Effect::Reply { to, reply } => {
                    if let Some(responder) = self.responders.remove(&to) {
                        responder.answer(reply);
                    }
                }
                Effect::Serve { to, wanted } => {
                    if let Some(responder) = self.responders.remove(&to) {
                        let hands = self.hands.clone();
                        tokio::task::spawn_blocking(move || responder.answer(hands.stored(wanted)));
                    }
                }
                Effect::Result { id, result } => {
                    // Whoever asked may be gone.
                    let _ = self.results.remove(&id).map(|waiting| waiting.send(result));
                }
                other => {
                    let answered = self.hands.perform(&self.agent, other);
                    self.ready.extend(answered.map(|(id, answer)| Event::Answer { id, answer }));
                }
            }
        }
    }
}

fn batch(turn: &Turn) -> Batch<'_> {
    Batch {
        forgets: turn.forgets.iter().map(Vec::as_slice).collect(),
        writes: turn.writes.iter().map(|write| (&write.key[..], write.value.as_deref())).collect(),
    }
}

/// Does it end when somebody makes room, gives the right back, or puts the disk back?
fn mends_itself(error: &StoreError) -> bool {
    match error {
        StoreError::Full { .. } | StoreError::ReadOnly { .. } | StoreError::Busy { .. } | StoreError::Disk { .. } => true,
        StoreError::Damaged { .. } | StoreError::Refused { .. } => false,
    }
}
