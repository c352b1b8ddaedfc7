//! A small ring for the tests: an artist with money, workers without.

use crate::{LedgerEvent, State, TxRefused};
use raylance_v1_protocol::tx::{Action, CommittedUnit, Outcome, Tx};
use raylance_v1_protocol::{
    AccountId, Decision, Digest, Genesis, Height, JobId, JobSpec, Keypair, Microlux, Profile, RenderWork, RingParameters, Root,
    SceneDigest, Signed, UnitIndex, Verdict, Work,
};

pub const ARTIST: u8 = 1;
pub const W1: u8 = 11;
pub const W2: u8 = 12;
pub const W3: u8 = 13;
pub const W4: u8 = 14;
pub const STRANGER: u8 = 99;
/// Not a multiple of 1000, so that rounding shows.
pub const PRICE: u64 = 1_007;
pub const UNITS: u32 = 4;
pub const FUNDS: u64 = 1_000_000;

pub struct World {
    pub state: State,
    pub height: u64,
}

pub fn keys(n: u8) -> Keypair {
    Keypair::from_secret([n; 32])
}

pub fn id(n: u8) -> AccountId {
    keys(n).account()
}

pub fn ids(accounts: &[u8]) -> Vec<AccountId> {
    accounts.iter().map(|n| id(*n)).collect()
}

pub fn root(n: u8) -> Root {
    Root(Digest([n; 32]))
}

pub fn genesis() -> Genesis {
    Genesis {
        name: "test".into(),
        time_ms: 7,
        validators: vec![id(ARTIST)],
        parameters: RingParameters::default(),
        balances: vec![(id(ARTIST), Microlux(FUNDS))],
    }
}

pub fn spec(nonce: u8) -> JobSpec {
    let work = RenderWork {
        renderer: Digest::default(),
        scene: SceneDigest::default(),
        scene_len_bytes: 1,
        width_px: 64,
        height_px: 64,
        samples: 16,
        depth_max: 4,
        tile_px: 32,
        chunk_samples: 16,
        profile: Profile::Exact,
    };
    JobSpec {
        chain: genesis().chain(),
        artist: id(ARTIST),
        nonce: [nonce; 16],
        work: Work::Render(work),
        unit_price_microlux: Microlux(PRICE),
        replayed_leaves: 8,
    }
}

/// The first job's id.
pub fn job() -> JobId {
    spec(0).id()
}

pub fn open(workers: &[u8]) -> Action {
    Action::OpenJob { spec: spec(0), workers: ids(workers) }
}

pub fn commit(units: &[(u32, u8)]) -> Action {
    let units = units.iter().map(|(unit, n)| CommittedUnit { unit: UnitIndex(*unit), root: root(*n) }).collect();
    Action::Commit { job: job(), units }
}

pub fn verdict(verifier: u8, unit: u32, worker: u8, n: u8, decision: Decision) -> Signed<Verdict> {
    let (draw, answer) = (Digest::default(), Digest::default());
    keys(verifier).sign(&Verdict { job: job(), unit: UnitIndex(unit), worker: id(worker), root: root(n), draw, answer, decision })
}

/// Verdicts on root 1: positive numbers accept, negative ones reject.
pub fn outcome(unit: u32, worker: u8, verifiers: &[i16]) -> Outcome {
    let sign = |v: &i16| verdict(v.unsigned_abs() as u8, unit, worker, 1, if *v > 0 { Decision::Accept } else { Decision::Reject });
    Outcome { unit: UnitIndex(unit), worker: id(worker), verdicts: verifiers.iter().map(sign).collect() }
}

pub fn settle(outcomes: Vec<Outcome>) -> Action {
    Action::Settle { job: job(), outcomes }
}

pub fn close() -> Action {
    Action::CloseJob { job: job() }
}

impl World {
    pub fn new() -> Self {
        Self { state: State::from_genesis(&genesis()).unwrap(), height: 1 }
    }

    /// With a job of four units, open for these workers.
    pub fn with_job(workers: &[u8]) -> Self {
        let mut world = Self::new();
        world.act(ARTIST, open(workers)).unwrap();
        world
    }

    pub fn tx(&self, who: u8, action: Action) -> Signed<Tx> {
        keys(who).sign(&Tx { chain: self.state.chain(), nonce: self.state.account(id(who)).nonce, action })
    }

    /// Executes an action with the right nonce and checks what holds for every transaction.
    pub fn act(&mut self, who: u8, action: Action) -> Result<Vec<LedgerEvent>, TxRefused> {
        let tx = self.tx(who, action);
        self.send(&tx)
    }

    pub fn send(&mut self, tx: &Signed<Tx>) -> Result<Vec<LedgerEvent>, TxRefused> {
        let (root, nonce) = (self.state.state_root(), self.state.account(tx.claimed_signer()).nonce);
        let result = self.state.execute(Height(self.height), tx);
        self.height += 1;
        let after = self.state.account(tx.claimed_signer()).nonce;
        match &result {
            Ok(_) => assert_eq!(after, nonce + 1, "an executed transaction uses up one nonce"),
            Err(_) => assert_eq!((after, self.state.state_root()), (nonce, root), "a refused transaction changes nothing"),
        }
        self.state.check_supply().unwrap();
        result
    }

    pub fn balance(&self, who: u8) -> u64 {
        self.state.account(id(who)).balance_microlux.0
    }
}
