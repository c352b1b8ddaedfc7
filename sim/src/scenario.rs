//! A world from a seed: who is there, who cheats how, how the network and the power are; and what must be true at its end.

use crate::chance::Chance;
use crate::peer::{Peer, RENDERER, Traits};
use crate::world::{Fate, Weather, World};
use raylance_agent::{Agent, Command, Earning};
use raylance_market::artist::Plan;
use raylance_protocol::block::Membership;
use raylance_protocol::{
    AccountId, Digest, Genesis, JobSpec, Microlux, Rate, RenderWork, RingParameters, SceneDigest, SpecHash, Validator, Work,
};

/// Nothing gets lost, nobody fails.
pub const CALM: Weather = Weather { loss_percent: 0, doubling_percent: 0, delay_ms_max: 100, crash_per_myriad: 0, failing_permille: 0 };

/// Everybody begins with that.
const FUNDS: Microlux = Microlux(4_000_000);
/// Nothing lasts longer.
const END_MS: u64 = 6 * 3_600_000;

/// A world with what is asked of it.
pub struct Scenario {
    /// The world.
    pub world: World,
    /// Jobs: whose, which, of how many units, and whether its person stops it.
    jobs: Vec<(usize, SpecHash, u32, bool)>,
}

/// A job of so many units, 64 leaves each.
pub fn plan(artist: AccountId, units: u32, salt: u8, parameters: RingParameters) -> Plan {
    let across = units.min(60);
    let work = RenderWork {
        width_px: (8 * across) as u16,
        height_px: (8 * units.div_ceil(across)) as u16,
        first_frame: 0,
        frame_count: 1,
        first_sample: 0,
        samples: 16,
        depth_max: 4,
        tile_px: 8,
        chunk_samples: 16,
        seed: 1,
    };
    let scene = SceneDigest(Digest([salt; 32]));
    let spec = JobSpec { artist, salt: [salt; 16], renderer: RENDERER, scene, scene_bytes: 1, work: Work::Render(work) };
    Plan {
        spec,
        rate_max: Rate(2_000_000),
        budget: Microlux(2_000_000),
        workers_max: 256,
        device_bytes: 1 << 20,
        open_ms: 8 * parameters.window_ms,
        own_device: true,
        parameters,
    }
}

/// Terms on which workers take everything.
pub const EARNING: Earning = Earning {
    rate: Rate(1_000_000),
    samples_per_s: 1_000,
    checks: true,
    free: true,
    unpaid_max: Microlux(1_000_000),
    device_bytes: 1 << 30,
};

/// A ring of these peers; the first makes the blocks.
pub fn genesis(peers: &[Peer], parameters: RingParameters) -> Genesis {
    let mut balances: Vec<_> = peers.iter().map(|peer| (peer.id, FUNDS)).collect();
    balances.sort();
    Genesis {
        name: "simulation".to_owned(),
        time_ms: 1_800_000_000_000,
        validators: vec![Validator { account: peers[0].id, stake: 1 }],
        membership: Membership::Open,
        parameters,
        renderers: vec![RENDERER],
        balances,
        bootstrap: Vec::new(),
    }
}

/// A ring whose windows last so long, so that a job sees several.
pub fn parameters(window_ms: u64) -> RingParameters {
    RingParameters { window_ms, beat_ms: window_ms / 20, court_ms_base: window_ms / 2, ..RingParameters::DEMO }
}

impl Scenario {
    /// The world of a seed.
    pub fn random(seed: u64) -> Self {
        let mut chance = Chance::new(seed);
        let parameters = parameters(chance.one_of(&[60_000, 120_000]));
        let (artists, workers) = (chance.between(1, 2) as usize, chance.between(0, 5) as usize);
        let mut traits = vec![Traits::HONEST];
        traits.extend((0..artists).map(|_| artist(&mut chance)));
        traits.extend((0..workers).map(|_| worker(&mut chance)));
        let rough = chance.happens(60);
        let weather = Weather {
            loss_percent: if rough { chance.below(30) } else { 0 },
            doubling_percent: if rough { chance.below(30) } else { 0 },
            delay_ms_max: chance.one_of(&[50, 500, 2_000]),
            crash_per_myriad: chance.one_of(&[0, 10, 100]),
            failing_permille: chance.one_of(&[0, 10, 50]),
        };
        let mut scenario = Self::new(seed, weather, parameters, traits);
        for at in 0..artists {
            let (units, stops) = (chance.between(1, 40) as u32, chance.happens(10));
            let begin_ms = chance.between(1_000, 20_000);
            scenario.submit(1 + at, units, begin_ms, stops.then(|| chance.between(1_000, 60_000)));
        }
        for at in 0..workers {
            let begin_ms = chance.below(30_000);
            scenario.world.command(1 + artists + at, begin_ms, Command::Earn(Some(EARNING)));
        }
        for _ in 0..chance.below(3) {
            let (who, at_ms) = (chance.below(scenario.world.peers.len() as u64) as usize, chance.below(120_000));
            scenario.world.befalls(who, at_ms, Fate::Crash);
        }
        if chance.happens(15) {
            // Longer than blocks are kept, and as a rule longer than a job lasts.
            let (who, at_ms) = (chance.below(scenario.world.peers.len() as u64) as usize, chance.below(120_000));
            let away_ms = chance.between(4, 12) * parameters.window_ms;
            scenario.world.befalls(who, at_ms, Fate::Away(away_ms));
        }
        scenario
    }

    /// A quiet world of these peers; the first makes the blocks.
    pub fn new(seed: u64, weather: Weather, parameters: RingParameters, traits: Vec<Traits>) -> Self {
        let peers: Vec<Peer> = traits.into_iter().enumerate().map(|(at, traits)| Peer::new(1 + at as u16, traits)).collect();
        let genesis = genesis(&peers, parameters);
        Self { world: World::new(seed, weather, genesis, peers), jobs: Vec::new() }
    }

    /// A validator, an artist whose own device is slow and that has one job of so many units, and so many workers.
    pub fn one_job(units: u32, workers: usize) -> Self {
        let slow = Traits { task_ms: (60_000, 60_000), ..Traits::HONEST };
        let traits = [vec![Traits::HONEST, slow], vec![Traits { task_ms: (2_000, 6_000), ..Traits::HONEST }; workers]].concat();
        let mut scenario = Self::new(1, CALM, parameters(240_000), traits);
        (0..workers).for_each(|at| scenario.world.command(2 + at, 10 * at as u64, Command::Earn(Some(EARNING))));
        scenario.submit(1, units, 3_000, None);
        scenario
    }

    /// Many peers with many jobs, in calm weather.
    pub fn large(peers: usize, jobs: usize, units: u32) -> Self {
        let mut traits = vec![Traits::HONEST; peers];
        traits[1..].iter_mut().for_each(|traits| traits.task_ms = (15_000, 60_000));
        let mut scenario = Self::new(0, CALM, parameters(120_000), traits);
        for who in 1..peers {
            match who <= jobs {
                true => scenario.submit(who, units, 1_000 + 500 * who as u64, None),
                false => scenario.world.command(who, 10 * who as u64, Command::Earn(Some(EARNING))),
            }
        }
        scenario
    }

    /// A person submits a job, and perhaps has enough of it after a while.
    pub fn submit(&mut self, who: usize, units: u32, in_ms: u64, stop_after_ms: Option<u64>) {
        let plan = plan(self.world.peers[who].id, units, self.jobs.len() as u8, self.world.genesis.parameters);
        let spec = plan.spec.hash();
        self.jobs.push((who, spec, units, stop_after_ms.is_some()));
        self.world.command(who, in_ms, Command::Submit(Box::new(plan)));
        if let Some(after_ms) = stop_after_ms {
            self.world.command(who, in_ms + after_ms, Command::Stop(spec));
        }
    }

    /// Runs like [`Scenario::run`], where that peer has forgotten its jobs: the ledger alone still knows them.
    ///
    /// # Panics
    /// When something is not as it must be.
    pub fn run_without(mut self, who: usize) -> World {
        self.jobs.retain(|(artist, ..)| *artist != who);
        self.run()
    }

    /// Runs to the end of every job.
    ///
    /// # Panics
    /// When something is not as it must be.
    pub fn run(mut self) -> World {
        let jobs = self.jobs.clone();
        let is_over = |world: &World| {
            let closed = jobs.iter().all(|(who, spec, _, _)| world.peers[*who].disk.closed.contains(spec));
            let is_idle = |agent: &Agent| agent.work().next().is_none() && agent.jobs().next().is_none() && agent.wallet().on_its_way == 0;
            let idle = world.peers.iter().all(|peer| peer.agent.as_ref().is_some_and(is_idle));
            closed && idle && world.onlooker.state().jobs().next().is_none()
        };
        assert!(self.world.run(END_MS, is_over), "not over at {} ms: {}", self.world.now_ms, self.what_is_left());
        self.conclude();
        self.world
    }

    fn what_is_left(&self) -> String {
        let world = &self.world;
        let mut left = format!("height {}", world.onlooker.height().0);
        for (job, row) in world.onlooker.state().jobs() {
            left += &format!("\n  {job:?}: {row:?}");
        }
        for (who, peer) in world.peers.iter().enumerate() {
            let Some(agent) = &peer.agent else { continue };
            left += &format!("\n  peer {who} {:?} at {:?}", peer.traits, agent.network());
            agent
                .jobs()
                .for_each(|spec| left += &format!("\n    job {spec:?}: {} units", agent.job(spec).map_or(0, |job| job.units.len())));
            agent.work().for_each(|part| left += &format!("\n    {part:?}"));
            left += &format!("\n    {:?}", agent.wallet());
        }
        left
    }

    fn conclude(&self) {
        let (world, onlooker) = (&self.world, &self.world.onlooker);
        for ((job, worker), owed) in &onlooker.owed {
            let paid = onlooker.paid.get(&(*job, *worker)).copied().unwrap_or_default();
            // Who was away for longer than a window lets nobody claim for it.
            if self.is_honest(*worker) && !self.was_away(*worker) {
                assert!(paid >= *owed, "{worker:?} got {paid} of {owed} in {job:?}");
            }
        }
        for ((job, worker), paid) in &onlooker.paid {
            let signed = onlooker.signed.get(&(*job, *worker)).copied().unwrap_or_default();
            assert!(*paid <= signed, "{worker:?} was paid {paid}, the artist signed {signed}");
        }
        for (account, bonds) in &onlooker.bonds {
            assert!(*bonds == 0 || !self.is_honest(*account), "{account:?} lost a bond of {bonds}");
        }
        for (who, spec, units, stops) in &self.jobs {
            let peer = &world.peers[*who];
            let shown = peer.disk.pictures.get(spec).map_or(0, |picture| picture.len() as u32);
            assert!(*stops || !peer.traits.is_honest() || shown == *units, "peer {who} has a picture of {shown} of {units} units");
            assert!(peer.disk.pictures.contains_key(spec), "peer {who} has no picture");
        }
        world
            .peers
            .iter()
            .enumerate()
            .filter(|(_, peer)| peer.traits.is_honest())
            .for_each(|(who, peer)| peer.keeps_nothing_of_ended_jobs(who));
        let agree = |peer: &Peer| peer.agent.as_ref().is_none_or(Agent::movements_agree);
        assert!(world.peers.iter().all(agree), "movements of money do not lead to the balance");
        let root = onlooker.state().root();
        for peer in world.peers.iter().filter_map(|peer| peer.agent.as_ref()) {
            let same = peer.chain().height() == onlooker.height();
            assert!(!same || peer.chain().state().root() == root, "two states of one height");
        }
    }

    fn was_away(&self, account: AccountId) -> bool {
        self.world.peers.iter().any(|peer| peer.id == account && peer.was_away)
    }

    fn is_honest(&self, account: AccountId) -> bool {
        self.world.peers.iter().any(|peer| peer.id == account && peer.traits.is_honest())
    }
}

fn worker(chance: &mut Chance) -> Traits {
    let (low_ms, high_ms) = chance.one_of(&[(100, 1_000), (500, 5_000), (5_000, 60_000)]);
    let wrong_permille = if chance.happens(25) { chance.one_of(&[1_000, 200, 20]) } else { 0 };
    Traits { wrong_permille, withholds_keys: chance.happens(8), task_ms: (low_ms, high_ms), ..Traits::HONEST }
}

fn artist(chance: &mut Chance) -> Traits {
    let (low_ms, high_ms) = chance.one_of(&[(500, 5_000), (5_000, 20_000)]);
    Traits { withholds_receipts: chance.happens(8), never_pays: chance.happens(15), task_ms: (low_ms, high_ms), ..Traits::HONEST }
}
