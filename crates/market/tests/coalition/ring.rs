//! The ring: the real ledger in blocks, a pool of signed transactions, validators that vote in court, outages.

use crate::film;
use crate::invariants;
use crate::world::{Happening, World};
use raylance_ledger::{Event, Refusal, State};
use raylance_protocol::block::{Membership, Validator};
use raylance_protocol::row::{Case, Court};
use raylance_protocol::{
    AccountId, Action, CaseId, ChainId, CheckedTx, Digest, Genesis, JobId, Leaf, Microlux, RingParameters, Signed, Tx, TxId,
};
use raylance_sim::chance::Chance;
use std::collections::BTreeMap;

/// When the simulation's clock begins, milliseconds since 1970.
pub const BEGIN_MS: u64 = 1_800_000_000_000;
/// The one renderer of the ring.
pub const RENDERER: Digest = Digest([5; 32]);

/// The chain so far, and what waits to be in it.
pub struct Ring {
    pub genesis: Genesis,
    pub chain: ChainId,
    pub blocks: Vec<Made>,
    pool: Vec<CheckedTx>,
    pub included: BTreeMap<TxId, (usize, Option<JobId>)>,
    /// Transactions that the ledger refused, and why.
    pub refused: BTreeMap<TxId, Refusal>,
    /// No blocks until then.
    pub outage_until_ms: u64,
    /// When the last block was made.
    last_ms: u64,
    /// When the last transaction came into a block.
    pub last_tx_ms: u64,
    /// Receipts in claims.
    pub entries_claimed: usize,
    /// Transactions in blocks, with their bytes.
    pub sizes: Vec<(&'static str, usize)>,
}

/// A final block.
pub struct Made {
    pub state: State,
    pub events: Vec<Event>,
    pub header_ms: u64,
}

/// A ring of that many validators of equal stake.
pub fn genesis(parameters: RingParameters, validators: &[AccountId], balances: &[(AccountId, Microlux)]) -> Genesis {
    let mut validators: Vec<_> = validators.iter().map(|account| Validator { account: *account, stake: 1 }).collect();
    validators.sort();
    let mut balances = balances.to_vec();
    balances.sort();
    let renderers = vec![RENDERER];
    let (name, membership, bootstrap) = ("coalition".into(), Membership::Open, Vec::new());
    Genesis { name, time_ms: BEGIN_MS, validators, membership, parameters, renderers, balances, bootstrap }
}

pub fn kind(action: &Action) -> &'static str {
    match action {
        Action::Transfer { .. } => "Transfer",
        Action::OpenJob(_) => "OpenJob",
        Action::Pay(_) => "Pay",
        Action::Claim(_) => "Claim",
        Action::Challenge(_) => "Challenge",
        Action::Ruling { .. } => "Ruling",
        Action::Endorse { .. } => "Endorse",
    }
}

fn is_urgent(tx: &CheckedTx) -> bool {
    matches!(tx.tx().action, Action::Claim(_) | Action::Challenge(_) | Action::Ruling { .. })
}

impl Ring {
    pub fn new(genesis: Genesis) -> Self {
        let state = State::genesis(&genesis).expect("the tests' genesis is sound");
        let made = Made { state, events: Vec::new(), header_ms: genesis.time_ms };
        Self {
            chain: genesis.chain(),
            blocks: vec![made],
            pool: Vec::new(),
            included: BTreeMap::new(),
            refused: BTreeMap::new(),
            outage_until_ms: 0,
            last_ms: 0,
            last_tx_ms: 0,
            entries_claimed: 0,
            sizes: Vec::new(),
            genesis,
        }
    }

    pub fn state(&self) -> &State {
        &self.blocks[self.blocks.len() - 1].state
    }

    pub fn height(&self) -> usize {
        self.blocks.len() - 1
    }

    /// A transaction reaches the validators; one that is there already, or was, is the same.
    pub fn submit(&mut self, signed: &Signed<Tx>) {
        let id = signed.id();
        if self.included.contains_key(&id) || self.refused.contains_key(&id) || self.pool.iter().any(|tx| tx.id() == id) {
            return;
        }
        match CheckedTx::check(self.chain, signed.clone()) {
            Ok(tx) => self.pool.push(tx),
            Err(_) => _ = self.refused.insert(id, Refusal::Nothing),
        }
    }

    /// Is a block wanted: a transaction waits, or a deadline is pending and the last block is nearly a beat old?
    fn wants_block(&self, now_ms: u64) -> bool {
        let beats = self.state().next_due().is_some() && now_ms >= self.last_ms + self.genesis.parameters.beat_ms * 3 / 4;
        !self.pool.is_empty() || beats
    }

    /// Makes the next block; says what it changed.
    fn make(&mut self, now_ms: u64, chance: &mut Chance) -> Made {
        let (before, parameters) = (&self.blocks[self.height()], self.genesis.parameters);
        let skew_ms = chance.below(parameters.beat_ms / 2);
        let header_ms = (BEGIN_MS + now_ms - skew_ms.min(now_ms)).max(before.header_ms);
        let mut draft = before.state.draft(header_ms);
        // Disputes come first, otherwise as they came.
        self.pool.sort_by_key(|tx| !is_urgent(tx));
        invariants::order_does_not_matter(&draft, &self.pool);
        let height = self.height() + 1;
        for tx in std::mem::take(&mut self.pool) {
            let rows = draft.state().tree().len();
            match draft.execute(&tx) {
                Ok(()) => {
                    invariants::pays_for_itself(&draft, rows, tx.len_bytes());
                    let job = match &tx.tx().action {
                        Action::OpenJob(open) => Some(JobId::opened(self.chain, tx.signer(), tx.tx().nonce, open.spec)),
                        Action::Claim(claim) => {
                            self.entries_claimed += claim.entries.len();
                            None
                        }
                        _ => None,
                    };
                    self.included.insert(tx.id(), (height, job));
                    self.last_tx_ms = now_ms;
                    self.sizes.push((kind(&tx.tx().action), tx.len_bytes()));
                }
                Err(Refusal::Nonce { expected, found }) if found > expected => self.pool.push(tx),
                Err(refusal) => _ = self.refused.insert(tx.id(), refusal),
            }
        }
        let executed = draft.finish().expect("no money is made or lost");
        Made { state: executed.state, events: executed.events, header_ms }
    }
}

impl World {
    /// The validators' clock: a block at least once per beat while one is wanted, unless the ring is out.
    pub fn tick(&mut self) {
        let beat_ms = self.ring.genesis.parameters.beat_ms;
        if self.now_ms >= self.ring.outage_until_ms && self.ring.wants_block(self.now_ms) {
            let made = self.ring.make(self.now_ms, &mut self.chance);
            self.ring.last_ms = self.now_ms;
            self.after_block(made);
        }
        // Now and then blocks are rushed out.
        let gap_ms = if self.chance.happens(5) { 1 } else { self.chance.between(100, (beat_ms / 4).min(2_000)) };
        self.later(gap_ms, Happening::Tick);
    }

    fn after_block(&mut self, made: Made) {
        self.onlooker.block(&self.ring, &made, self.now_ms);
        let height = self.ring.blocks.len();
        for event in &made.events {
            if let Event::CaseHeard { case, .. } = event {
                self.call_votes(*case);
            }
        }
        self.ring.blocks.push(made);
        for who in 0..self.parties.len() {
            let delay_ms = self.chance.below(self.ring.genesis.parameters.beat_ms);
            self.later(delay_ms, Happening::See { who, height });
        }
    }

    fn call_votes(&mut self, case: CaseId) {
        let time_ms = self.ring.genesis.parameters.court_ms_base;
        for who in self.validators() {
            let delay_ms = self.chance.between(1, time_ms / 2);
            self.later(delay_ms, Happening::Vote { who, case });
        }
    }

    /// A validator computes the leaf of the case that is heard and votes.
    pub fn vote(&mut self, who: usize, number: CaseId) {
        let state = self.ring.state();
        let (court, case) = (state.get::<Court>(&()).unwrap_or_default(), state.get::<Case>(&number));
        let Some(case) = case.filter(|_| court.first == number) else { return };
        let vice = self.parties[who].validator_vice();
        let served = self.is_scene_served(&case);
        let right = served.then(|| film::truth(&case.address));
        let value = match vice {
            None => right,
            Some(ValidatorVice::Silent) => return,
            Some(ValidatorVice::Contrary) => match right {
                Some(value) if value != case.opened => Some(case.opened),
                _ => Some(Leaf([9, 9, 9])),
            },
        };
        let nonce = state.account(self.parties[who].id).nonce;
        let valid_until = state.clock().ring_time.after(self.ring.genesis.parameters.window_ms);
        let tx = Tx { nonce, valid_until, action: Action::Ruling { case: number, value } };
        let signed = self.parties[who].keys.sign(self.ring.chain, &tx);
        self.ring.submit(&signed);
    }

    /// Validators fetch a scene from the artist, from the worker, or from each other.
    fn is_scene_served(&self, case: &Case) -> bool {
        [case.spec.artist, case.worker].iter().any(|account| self.party_of(*account).is_some_and(|who| !self.parties[who].hides_scene()))
    }
}

/// What a validator below a third of the stake may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValidatorVice {
    Silent,
    /// Votes for whatever helps the wrong side.
    Contrary,
}
