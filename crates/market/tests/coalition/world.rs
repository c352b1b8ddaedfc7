//! One seeded clock, the parties, the bus between them: what happens and when.

use crate::artist::ArtistShell;
use crate::onlooker::Onlooker;
use crate::ring::{Ring, ValidatorVice};
use crate::wallet::Db;
use crate::worker::WorkerShell;
use raylance_market::artist::{ArtistInput, Say};
use raylance_market::worker::WorkerInput;
use raylance_protocol::{AccountId, CaseId, JobId, Keypair, Offer, Signable, Signature, Signed, Task, Tx};
use raylance_sim::chance::Chance;
use std::collections::BTreeMap;

/// Everything that can happen.
pub enum Happening {
    /// Validators may make a block.
    Tick,
    /// A party's chain has this block.
    See {
        who: usize,
        height: usize,
    },
    Message(Message),
    /// A machine's effect is answered. Lost if the process ended meanwhile.
    Input {
        who: usize,
        epoch: u64,
        input: Input,
    },
    TxArrives(Box<Signed<Tx>>),
    /// A party looks after its transactions.
    Pump {
        who: usize,
        epoch: u64,
    },
    /// A film is asked for.
    Fetch {
        who: usize,
        epoch: u64,
        worker: AccountId,
        task: Task,
    },
    Vote {
        who: usize,
        case: CaseId,
    },
    /// A party loses the network for so long.
    Offline {
        who: usize,
        ms: u64,
    },
    Online {
        who: usize,
    },
    /// A party's process ends; it begins again later, from its rows or from older ones.
    Crash {
        who: usize,
        restore: bool,
    },
    Restart {
        who: usize,
    },
    /// A party copies its rows away.
    Backup {
        who: usize,
    },
    /// A dishonest party does something on its own account.
    Mischief {
        who: usize,
    },
    /// An artist begins its job.
    Start {
        who: usize,
    },
    /// A person has seen enough.
    Stop {
        who: usize,
    },
    /// The ring makes no blocks for so long.
    Outage {
        ms: u64,
    },
}

/// What a machine hears.
pub enum Input {
    Artist(ArtistInput),
    Worker(JobId, WorkerInput),
}

/// A message on its way. It is repeated until it was taken.
pub struct Message {
    pub from: usize,
    pub to: usize,
    pub epoch: u64,
    pub packet: Packet,
}

/// What peers say, with the signatures that go with it.
#[derive(Clone, Debug)]
pub enum Packet {
    Offer(Offer),
    Say(Say),
    /// A delivery, receipt or done with its signature.
    Signed(Say, Signature),
}

/// A peer.
pub struct Party {
    pub keys: Keypair,
    pub id: AccountId,
    pub honest: bool,
    pub online: bool,
    /// Is its process running?
    pub runs: bool,
    /// Counts its processes.
    pub epoch: u64,
    /// The last block that this process has.
    pub height: usize,
    pub db: Db,
    pub backups: Vec<Db>,
    /// Were its rows ever older than its deeds?
    pub restored: bool,
    pub role: Role,
}

pub enum Role {
    Artist(Box<ArtistShell>),
    Worker(Box<WorkerShell>),
    Validator(Option<ValidatorVice>),
    /// Has money and does nothing.
    Bystander,
}

impl Party {
    pub fn new(number: u8, honest: bool, role: Role) -> Self {
        let keys = Keypair::from_secret([number; 32]);
        let id = keys.account();
        Self {
            keys,
            id,
            honest,
            online: true,
            runs: true,
            epoch: 0,
            height: 0,
            db: Db::default(),
            backups: Vec::new(),
            restored: false,
            role,
        }
    }

    pub fn validator_vice(&self) -> Option<ValidatorVice> {
        match &self.role {
            Role::Validator(vice) => *vice,
            _ => None,
        }
    }

    pub fn hides_scene(&self) -> bool {
        match &self.role {
            Role::Artist(artist) => artist.vice.hides_scene,
            Role::Worker(worker) => worker.vice.hides_scene,
            Role::Validator(_) | Role::Bystander => true,
        }
    }

    pub fn is_there(&self) -> bool {
        self.online && self.runs
    }
}

/// How bad the network is.
#[derive(Clone, Copy, Debug)]
pub struct Weather {
    pub loss_percent: u64,
    pub doubling_percent: u64,
    pub delay_ms_max: u64,
    /// How likely a process ends between recording a turn and acting on it, in 10,000.
    pub crash_per_myriad: u64,
    /// How likely a crash brings back older rows.
    pub restore_percent: u64,
    /// How likely a device fails at a task, in 1,000.
    pub failing_permille: u64,
    /// How likely the fast device of an artist gives a wrong leaf, in 1,000.
    pub flaky_permille: u64,
}

pub struct World {
    /// Are invariants asked at every step, and messages signed? Large jobs are asked after blocks and at the end alone.
    pub watches: bool,
    pub chance: Chance,
    pub now_ms: u64,
    pub weather: Weather,
    pub parties: Vec<Party>,
    who: BTreeMap<AccountId, usize>,
    pub ring: Ring,
    pub onlooker: Onlooker,
    events: BTreeMap<(u64, u64), Box<Happening>>,
    sequence: u64,
    pub steps: u64,
}

impl World {
    pub fn new(seed: u64, weather: Weather, ring: Ring, parties: Vec<Party>) -> Self {
        let who = parties.iter().enumerate().map(|(who, party)| (party.id, who)).collect();
        let onlooker = Onlooker::new(&ring, &parties);
        let mut world = Self {
            watches: true,
            chance: Chance::new(seed ^ 0xc0a1),
            now_ms: 0,
            weather,
            parties,
            who,
            ring,
            onlooker,
            events: BTreeMap::new(),
            sequence: 0,
            steps: 0,
        };
        world.later(1, Happening::Tick);
        world
    }

    pub fn later(&mut self, in_ms: u64, what: Happening) {
        self.sequence += 1;
        self.events.insert((self.now_ms + in_ms, self.sequence), Box::new(what));
    }

    /// A party's signature under a message.
    pub fn sign<T: Signable>(&self, who: usize, value: &T) -> Signature {
        if self.watches { self.parties[who].keys.sign(self.ring.chain, value).signature() } else { Signature([0; 64]) }
    }

    pub fn party_of(&self, account: AccountId) -> Option<usize> {
        self.who.get(&account).copied()
    }

    pub fn validators(&self) -> Vec<usize> {
        self.all(|role| matches!(role, Role::Validator(_)))
    }

    pub fn workers(&self) -> Vec<usize> {
        self.all(|role| matches!(role, Role::Worker(_)))
    }

    pub fn artists(&self) -> Vec<usize> {
        self.all(|role| matches!(role, Role::Artist(_)))
    }

    fn all(&self, wanted: impl Fn(&Role) -> bool) -> Vec<usize> {
        (0..self.parties.len()).filter(|who| wanted(&self.parties[*who].role)).collect()
    }

    /// Runs until everything has ended.
    ///
    /// # Panics
    /// When something has not by then.
    pub fn run(&mut self, until_ms: u64) {
        while let Some((key, what)) = self.events.pop_first() {
            self.now_ms = key.0;
            assert!(self.now_ms < until_ms, "{}", self.what_is_left());
            self.steps += 1;
            self.happen(*what);
            if self.steps.is_multiple_of(16) && self.is_over() {
                return;
            }
        }
    }

    /// Has everything ended? Dishonest parties are not waited for longer than a while.
    fn is_over(&self) -> bool {
        let late = self.now_ms > 20 * self.ring.genesis.parameters.window_ms;
        let over = |party: &Party| match &party.role {
            Role::Artist(artist) => artist.started && (artist.ended || !party.honest && late),
            Role::Worker(worker) => worker.machines.is_empty() || !party.honest && late,
            Role::Validator(_) | Role::Bystander => true,
        };
        self.ring.state().jobs().next().is_none() && self.parties.iter().all(over)
    }

    /// How much of everything happened.
    pub fn tally(&self) -> BTreeMap<&'static str, usize> {
        let mut tally = self.onlooker.tally();
        tally.insert("blocks", self.ring.height());
        tally.insert("transactions", self.ring.sizes.len());
        tally.insert("restarts", self.parties.iter().map(|party| party.epoch as usize).sum());
        tally.insert("restored", self.parties.iter().filter(|party| party.restored).count());
        tally
    }

    fn what_is_left(&self) -> String {
        let mut left = format!("not over at {} ms:", self.now_ms);
        for (job, row) in self.ring.state().jobs() {
            left += &format!("\n  job {job:?}: {row:?}");
            for (worker, channel) in self.ring.state().channels(job, None) {
                left += &format!("\n    {:?} {worker:?}: {channel:?}", self.party_of(worker));
            }
        }
        for (who, party) in self.parties.iter().enumerate() {
            match &party.role {
                Role::Artist(artist) => left += &format!("\n  artist {who}: {artist:?} {}", self.rows_of(who)),
                Role::Worker(worker) => {
                    let machines: Vec<_> = worker.machines.values().map(|machine| machine.summary()).collect();
                    left += &format!("\n  worker {who} (honest {}): {machines:?}", party.honest);
                }
                Role::Validator(_) | Role::Bystander => {}
            }
        }
        left
    }

    fn happen(&mut self, what: Happening) {
        match what {
            Happening::Tick => self.tick(),
            Happening::See { who, height } => {
                if self.parties[who].is_there() {
                    self.see(who, height);
                }
            }
            Happening::Message(message) => self.carry(message),
            Happening::Input { who, epoch, input } => {
                if self.parties[who].epoch == epoch && self.parties[who].runs {
                    self.hear(who, input);
                }
            }
            Happening::TxArrives(signed) => self.ring.submit(&signed),
            Happening::Pump { who, epoch } => {
                if self.parties[who].epoch == epoch {
                    self.pump(who);
                }
            }
            Happening::Fetch { who, epoch, worker, task } => self.fetch(who, epoch, worker, task),
            Happening::Vote { who, case } => self.vote(who, case),
            Happening::Offline { who, ms } => self.go_offline(who, ms),
            Happening::Online { who } => self.come_back(who),
            Happening::Crash { who, restore } => self.crash(who, restore),
            Happening::Restart { who } => self.restart(who),
            Happening::Backup { who } => {
                let copy = self.parties[who].db.clone();
                self.parties[who].backups.push(copy);
            }
            Happening::Mischief { who } => self.mischief(who),
            Happening::Start { who } => self.start(who),
            Happening::Outage { ms } => self.ring.outage_until_ms = self.now_ms + ms,
            Happening::Stop { who } => self.hear(who, Input::Artist(ArtistInput::Stop)),
        }
    }

    fn hear(&mut self, who: usize, input: Input) {
        match input {
            Input::Artist(input) => self.artist_hears(who, input),
            Input::Worker(job, input) => self.worker_hears(who, job, input),
        }
    }

    /// Answers an effect after a while.
    pub fn answer(&mut self, who: usize, in_ms: u64, input: Input) {
        let epoch = self.parties[who].epoch;
        self.later(in_ms, Happening::Input { who, epoch, input });
    }

    /// Sends until it is taken.
    pub fn send(&mut self, from: usize, to: usize, packet: Packet) {
        let (epoch, delay_ms) = (self.parties[from].epoch, self.chance.between(1, self.weather.delay_ms_max));
        self.later(delay_ms, Happening::Message(Message { from, to, epoch, packet }));
    }

    fn carry(&mut self, message: Message) {
        let Message { from, to, epoch, ref packet } = message;
        let arrives = !self.chance.happens(self.weather.loss_percent) && self.parties[from].online && self.parties[to].is_there();
        if arrives && self.chance.happens(self.weather.doubling_percent) {
            let (packet, delay_ms) = (packet.clone(), self.chance.between(1, 4 * self.weather.delay_ms_max));
            self.later(delay_ms, Happening::Message(Message { from, to, epoch, packet }));
        }
        let taken = arrives && self.take(from, to, packet.clone());
        // What an ended process had not sent is its machine's to say again.
        if !taken && self.parties[from].epoch == epoch {
            let delay_ms = self.chance.between(200, 3_000);
            self.later(delay_ms, Happening::Message(message));
        }
    }

    /// Says whether the message need not be sent again.
    fn take(&mut self, from: usize, to: usize, packet: Packet) -> bool {
        match self.parties[to].role {
            Role::Artist(_) => self.artist_takes(to, from, packet),
            Role::Worker(_) => return self.worker_takes(to, from, packet),
            Role::Validator(_) | Role::Bystander => {}
        }
        true
    }

    fn see(&mut self, who: usize, height: usize) {
        let (before, epoch) = (self.parties[who].db.height, self.parties[who].epoch);
        if height <= self.parties[who].height {
            return;
        }
        self.parties[who].height = height;
        match self.parties[who].role {
            Role::Artist(_) => self.artist_sees(who, before),
            Role::Worker(_) => self.worker_sees(who),
            Role::Validator(_) | Role::Bystander => {}
        }
        // A process that ended in between looks at these blocks again.
        if self.parties[who].epoch == epoch {
            self.parties[who].db.height = height;
        }
        self.pump(who);
    }

    fn go_offline(&mut self, who: usize, ms: u64) {
        if !self.parties[who].is_there() {
            return;
        }
        self.parties[who].online = false;
        self.reachable(who, false);
        self.later(ms, Happening::Online { who });
    }

    fn come_back(&mut self, who: usize) {
        self.parties[who].online = true;
        if self.parties[who].runs {
            self.reachable(who, true);
            self.see(who, self.ring.height());
            self.pump(who);
        }
    }

    /// A peer and those that it works with notice that they can't reach each other, or can again.
    fn reachable(&mut self, who: usize, is: bool) {
        for other in 0..self.parties.len() {
            let (artist, worker) = match (&self.parties[who].role, &self.parties[other].role) {
                (Role::Artist(_), Role::Worker(_)) => (who, other),
                (Role::Worker(_), Role::Artist(_)) => (other, who),
                _ => continue,
            };
            if is && !self.parties[other].is_there() {
                continue;
            }
            let id = self.parties[worker].id;
            self.artist_hears(artist, if is { ArtistInput::Back(id) } else { ArtistInput::Lost(id) });
            self.worker_meets(worker, artist, is);
        }
    }

    pub fn crash(&mut self, who: usize, restore: bool) {
        if !self.parties[who].runs || !matches!(self.parties[who].role, Role::Artist(_) | Role::Worker(_)) {
            return;
        }
        let party = &mut self.parties[who];
        party.runs = false;
        party.epoch += 1;
        match &mut party.role {
            // The picture will be put together anew from what the machine shows again.
            Role::Artist(artist) => {
                artist.machine = None;
                artist.shown.clear();
            }
            Role::Worker(worker) => worker.machines.clear(),
            Role::Validator(_) | Role::Bystander => {}
        }
        if restore && !party.backups.is_empty() {
            let at = self.chance.below(self.parties[who].backups.len() as u64) as usize;
            let party = &mut self.parties[who];
            party.db = party.backups[at].clone();
            party.restored = true;
            self.onlooker.restored.insert(party.id);
        }
        self.parties[who].height = self.parties[who].db.height;
        let down_ms = self.chance.between(100, self.ring.genesis.parameters.window_ms / 16);
        self.reachable(who, false);
        self.later(down_ms, Happening::Restart { who });
    }

    fn restart(&mut self, who: usize) {
        self.parties[who].runs = true;
        match self.parties[who].role {
            Role::Artist(_) => self.restart_artist(who),
            Role::Worker(_) => self.restart_workers(who),
            Role::Validator(_) | Role::Bystander => {}
        }
        if self.parties[who].is_there() {
            self.come_back(who);
        }
    }
}
