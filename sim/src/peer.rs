//! A peer's machine: its disk and its modelled device, around the real agent.

use crate::film;
use raylance_agent::{Agent, Lag, Setup, StartError, Stored, Turn};
use raylance_consensus::{Chain, Mark, Settings, Tip};
use raylance_ledger::{Memo, State};
use raylance_market::Dice;
use raylance_market::artist::LeafRef;
use raylance_market::artist::rows::{FilmRow, FilmRowKey};
use raylance_protocol::row::{Row, key_bytes};
use raylance_protocol::{
    AccountId, Address, Digest, FilmKey, Genesis, JobId, JobSpec, Keypair, Leaf, LeafIndex, SpecHash, Task, UnitIndex, decode,
};
use raylance_verify::FilmId;
use std::collections::{BTreeMap, BTreeSet};

/// The renderer that all peers have.
pub const RENDERER: Digest = Digest([7; 32]);

/// Short, so that states are kept and opened often.
const LAG: Lag = Lag { txs: 100, blocks: 16 };

/// A film as it was fetched, and what stands in it where it is a list.
type Fetched = (Vec<u8>, Option<Vec<Address>>);

/// What survives a crash.
#[derive(Clone, Default)]
pub struct Disk {
    /// The agent's rows.
    pub rows: BTreeMap<Vec<u8>, Vec<u8>>,
    /// The state that was kept last.
    pub kept: Option<(Tip, State)>,
    /// The validator's mark. Outside the folder: a restored backup does not bring an older one.
    pub mark: Option<Mark>,
    /// Films that were rendered for others.
    pub films: BTreeMap<(JobId, Task), Vec<u8>>,
    /// Films that were fetched, with the addresses of lists.
    pub fetched: BTreeMap<(SpecHash, AccountId, Task), Fetched>,
    /// Pictures that were written, with what they show.
    pub pictures: BTreeMap<SpecHash, BTreeSet<UnitIndex>>,
    /// Jobs whose receipt was written.
    pub closed: BTreeSet<SpecHash>,
}

/// What a peer's device and owner are like.
#[derive(Clone, Debug)]
pub struct Traits {
    /// Leaves in a thousand that its device gets wrong: a thief's.
    pub wrong_permille: u64,
    /// Never lets a key go.
    pub withholds_keys: bool,
    /// Never signs a receipt.
    pub withholds_receipts: bool,
    /// Never sends its transactions that pay.
    pub never_pays: bool,
    /// Least and most time for a task.
    pub task_ms: (u64, u64),
}

impl Traits {
    /// Somebody that one would like to work with.
    pub const HONEST: Self =
        Self { wrong_permille: 0, withholds_keys: false, withholds_receipts: false, never_pays: false, task_ms: (300, 3_000) };

    /// Does it play by the rules?
    pub fn is_honest(&self) -> bool {
        self.wrong_permille == 0 && !self.withholds_keys && !self.withholds_receipts && !self.never_pays
    }
}

/// One machine.
pub struct Peer {
    /// Its keys.
    pub keys: Keypair,
    /// Its account.
    pub id: AccountId,
    /// What it is like.
    pub traits: Traits,
    /// Its process; none while it is down.
    pub agent: Option<Agent>,
    /// Counts its processes.
    pub epoch: u64,
    /// What survives a crash.
    pub disk: Disk,
    /// Units of own jobs that are merged into the picture: in memory, told again after a start.
    pub shown: BTreeMap<SpecHash, BTreeMap<UnitIndex, Option<AccountId>>>,
    /// Jobs of this peer, by their specification: what a shell finds in the data folder.
    pub specs: BTreeMap<SpecHash, JobSpec>,
    /// When the alarm rings.
    pub alarm_ms: Option<u64>,
    /// How far its system clock is off.
    pub clock_ms: i64,
    /// Can nothing be written?
    pub disk_full: bool,
    /// Was it away for longer than windows last?
    pub was_away: bool,
    /// How often it has taken a state instead of blocks.
    pub skips: u64,
    /// The turn that could not be recorded: nothing else is decided before it is.
    pub held: Option<Turn>,
    backup: Disk,
}

impl Peer {
    /// A machine that was never started.
    pub fn new(number: u16, traits: Traits) -> Self {
        let keys = Keypair::from_secret(Digest::of("raylance simulated peer", &[&number.to_le_bytes()]).0);
        Self {
            id: keys.account(),
            keys,
            traits,
            agent: None,
            epoch: 0,
            disk: Disk::default(),
            shown: BTreeMap::new(),
            specs: BTreeMap::new(),
            alarm_ms: None,
            clock_ms: 0,
            disk_full: false,
            was_away: false,
            skips: 0,
            held: None,
            backup: Disk::default(),
        }
    }

    /// Copies the folder away.
    pub fn back_up(&mut self) {
        self.backup = self.disk.clone();
    }

    /// Its folder is gone.
    pub fn lose_folder(&mut self) {
        self.disk = Disk { mark: self.disk.mark, ..Disk::default() };
    }

    /// Puts the copy in the folder's place. The mark lies elsewhere, and so do pictures.
    pub fn restore(&mut self) {
        let Disk { mark, pictures, closed, .. } = std::mem::take(&mut self.disk);
        self.disk = Disk { mark, pictures, closed, ..self.backup.clone() };
    }

    /// Starts its process from its disk.
    ///
    /// # Errors
    /// [`StartError`].
    pub fn start(&mut self, now: raylance_agent::Now, dice: Dice, genesis: &Genesis, memo: Option<&Memo>) -> Result<Turn, StartError> {
        let chain = match &self.disk.kept {
            Some((tip, state)) => Chain::at(genesis.clone(), tip.clone(), state.clone()).expect("what was kept is whole"),
            None => Chain::new(genesis.clone()).expect("the genesis is sound"),
        };
        let chain = match memo {
            Some(memo) => chain.with_memo(memo.clone()),
            None => chain,
        };
        let rows = self.disk.rows.iter().map(|(key, value)| (key.clone(), value.clone())).collect();
        let stored = Stored { chain, rows, mark: self.disk.mark };
        let setup = Setup { me: self.id, renderer: RENDERER, engine: Settings::USUAL, lag: LAG };
        let (agent, turn) = Agent::start(now, dice, setup, stored)?;
        self.agent = Some(agent);
        (self.alarm_ms, self.shown) = (None, BTreeMap::new());
        Ok(turn)
    }

    /// Records a turn: all of it.
    pub fn commit(&mut self, turn: &Turn) {
        for prefix in &turn.forgets {
            self.disk.rows.retain(|key, _| !key.starts_with(prefix));
        }
        for write in &turn.writes {
            match &write.value {
                Some(value) => self.disk.rows.insert(write.key.clone(), value.clone()),
                None => self.disk.rows.remove(&write.key),
            };
        }
    }

    /// Keeps a state.
    pub fn keep(&mut self, tip: Tip, state: State) {
        self.disk.kept = Some((tip, state));
    }

    /// Once every job has ended, what is left are blocks, a line for each own job, the newest movements of money, and the terms of work.
    ///
    /// # Panics
    /// Where it is more.
    pub fn keeps_nothing_of_ended_jobs(&self, who: usize) {
        use raylance_agent::Earning;
        use raylance_agent::rows::{BlockRow, EndedRow, LogRow, MovementRow};
        let stays = [BlockRow::TABLE, LogRow::TABLE, EndedRow::TABLE, Earning::TABLE, MovementRow::TABLE];
        let left: Vec<u8> = self.disk.rows.keys().filter_map(|key| key.first().copied()).filter(|table| !stays.contains(table)).collect();
        assert!(left.is_empty(), "peer {who} keeps rows of tables {left:?}");
        let logs = self.disk.rows.keys().filter(|key| key.first() == Some(&LogRow::TABLE)).count();
        assert!(logs <= 1, "peer {who} keeps {logs} logs");
        assert!(self.disk.films.is_empty(), "peer {who} keeps {} films", self.disk.films.len());
        assert!(self.disk.fetched.is_empty(), "peer {who} keeps {} fetched films", self.disk.fetched.len());
    }

    /// A stored row.
    pub fn row<R: Row>(&self, key: &R::Key) -> Option<R> {
        decode(self.disk.rows.get(&key_bytes::<R>(key))?, R::BYTES_MAX).ok()
    }

    /// Stored rows from a key on, ascending.
    pub fn rows_from<R: Row>(&self, key: &R::Key, count_max: usize) -> Vec<R> {
        let rows = self.disk.rows.range(key_bytes::<R>(key)..).take_while(|(key, _)| key.first() == Some(&R::TABLE));
        rows.take(count_max).filter_map(|(_, value)| decode(value, R::BYTES_MAX).ok()).collect()
    }

    /// A leaf as this artist has it: its own, or one of a fetched film that it can open.
    pub fn held_leaf(&self, spec: SpecHash, leaf: &LeafRef) -> Option<(Address, Leaf)> {
        let job = self.specs.get(&spec)?;
        let Some(worker) = leaf.worker else {
            let Task::Unit(unit) = leaf.task else { return None };
            let address = job.work.address(unit, leaf.index)?;
            return Some((address, film::value(&address, self.traits.wrong_permille)));
        };
        let (bytes, list) = self.disk.fetched.get(&(spec, worker, leaf.task))?;
        let address = match leaf.task {
            Task::Unit(unit) => job.work.address(unit, leaf.index)?,
            Task::List(_) => *list.as_ref()?.get(leaf.index.0 as usize)?,
        };
        let key = self.row::<FilmRow>(&FilmRowKey(spec, (worker, leaf.task)))?.key?;
        let id = FilmId { job: self.job(spec)?, worker, task: leaf.task };
        Some((address, film::leaf(&id, &key, bytes, leaf.index)?))
    }

    fn job(&self, spec: SpecHash) -> Option<JobId> {
        use raylance_market::artist::rows::{HeadRow, JobKey};
        self.row::<HeadRow>(&JobKey(spec))?.job
    }

    /// What a challenge shows of a leaf of a fetched film.
    pub fn evidence(&self, spec: SpecHash, leaf: &LeafRef) -> Option<raylance_agent::Evidence> {
        let worker = leaf.worker?;
        let (bytes, list) = self.disk.fetched.get(&(spec, worker, leaf.task))?;
        let addresses = self.specs.get(&spec)?.addresses(leaf.task, list.as_deref());
        film::evidence(&FilmId { job: self.job(spec)?, worker, task: leaf.task }, &addresses, bytes, leaf.index)
    }

    /// Key of a film of this worker.
    pub fn film_key(&self, job: JobId, task: Task, sealed: bool) -> FilmKey {
        if sealed { raylance_verify::film_key(&self.id.0, job, task) } else { FilmKey::NONE }
    }

    /// Places in a list at which the checker's leaf differs from the film that it was drawn from.
    pub fn compare(&self, spec: SpecHash, checker: AccountId, task: Task, origins: &[LeafRef]) -> Vec<LeafIndex> {
        let differs = |(place, origin): (u32, &LeafRef)| {
            let answer = LeafRef { worker: Some(checker), task, index: LeafIndex(place) };
            let answer = self.held_leaf(spec, &answer).map(|(_, leaf)| leaf);
            let delivered = self.held_leaf(spec, origin).map(|(_, leaf)| leaf);
            (delivered.is_some() && answer != delivered).then_some(LeafIndex(place))
        };
        (0..).zip(origins).filter_map(differs).collect()
    }
}
