//! A ring with many accounts, of which the first few thousand can sign.

use raylance_ledger::State;
use raylance_protocol::block::{Membership, Validator};
use raylance_protocol::row::{Account, Totals, key_bytes};
use raylance_protocol::{
    AccountId, Action, CheckedTx, Digest, Genesis, JobId, Keypair, Microlux, OpenJob, Reserve, RingParameters, RingTime, Signed, SpecHash,
    Tx, decode, encode,
};

/// Accounts that have keys: making keys for all would take longer than the bench.
const SIGNERS: usize = 2_000;

/// The ring.
pub struct Fund {
    /// Before what the bench measures.
    pub state: State,
    /// All accounts; the first [`SIGNERS`] can sign.
    pub accounts: Vec<AccountId>,
    keys: Vec<Keypair>,
    nonces: Vec<u64>,
    random: u64,
}

/// The renderer that the ring lists.
pub const RENDERER: Digest = Digest([9; 32]);

impl Fund {
    /// A ring with so many accounts of 1,000 lux each.
    pub fn new(count: usize) -> Self {
        let secret = |i: usize| Digest::of("bench key", &[&(i as u64).to_le_bytes()]).0;
        let keys: Vec<_> = (0..count.min(SIGNERS)).map(|i| Keypair::from_secret(secret(i))).collect();
        let accounts: Vec<_> = (0..count).map(|i| keys.get(i).map_or_else(|| AccountId(secret(i)), Keypair::account)).collect();
        let genesis = Genesis {
            name: "bench".to_owned(),
            time_ms: 1,
            validators: vec![Validator { account: accounts[0], stake: 1 }],
            membership: Membership::Open,
            parameters: RingParameters { beat_ms: 1_000, window_ms: 60_000, ..RingParameters::PUBLIC },
            renderers: vec![RENDERER],
            balances: Vec::new(),
            bootstrap: Vec::new(),
        };
        let state = funded(&State::genesis(&genesis).expect("the genesis is sound"), &accounts);
        Self { state, nonces: vec![0; keys.len()], accounts, keys, random: 1 }
    }

    /// A transaction of an account that can sign, with its next nonce.
    pub fn sign(&mut self, signer: usize, action: Action) -> Signed<Tx> {
        let nonce = self.nonces[signer];
        self.nonces[signer] += 1;
        self.keys[signer].sign(self.state.chain(), &Tx { nonce, valid_until: RingTime::NEVER, action })
    }

    /// A transfer between two random accounts.
    pub fn random_transfer(&mut self) -> Signed<Tx> {
        let (from, to) = (self.random(self.keys.len()), self.random(self.accounts.len()));
        let to = self.accounts[to];
        self.sign(from, Action::Transfer { to, amount: Microlux(1) })
    }

    /// Opens a job in a block of its own.
    pub fn open_job(&mut self, artist: usize, workers: &[usize]) -> JobId {
        let spec = SpecHash(Digest::of("bench job", &[&(artist as u64).to_le_bytes(), &self.nonces[artist].to_le_bytes()]));
        let job = JobId::opened(self.state.chain(), self.accounts[artist], self.nonces[artist], spec);
        let row = |worker: &usize| Reserve { worker: self.accounts[*worker], reserved_total: Microlux(10_000) };
        let rows = workers.iter().map(row).collect();
        let open = OpenJob { spec, renderer: RENDERER, scene_bytes: 1 << 20, ends_by: RingTime(1 << 30), rows };
        let tx = self.sign(artist, Action::OpenJob(open));
        self.block(&[tx]);
        job
    }

    /// Executes transactions that the ledger must take.
    pub fn block(&mut self, txs: &[Signed<Tx>]) {
        let mut draft = self.state.draft(self.state.clock().header_ms + 1);
        for tx in txs {
            let checked = CheckedTx::check(self.state.chain(), tx.clone()).expect("the bench signs what it sends");
            draft.execute(&checked).expect("the bench sends what the ledger takes");
        }
        self.state = draft.finish().expect("the rules keep the supply").state;
    }

    fn random(&mut self, below: usize) -> usize {
        self.random = self.random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.random >> 33) as usize % below
    }
}

/// A state with an account row for each account; a genesis takes fewer.
fn funded(state: &State, accounts: &[AccountId]) -> State {
    let balance = Microlux::from_lux(1_000);
    let mut rows: std::collections::BTreeMap<Vec<u8>, Vec<u8>> = state.rows().map(|(key, value)| (key.to_vec(), value.to_vec())).collect();
    for account in accounts {
        rows.insert(key_bytes::<Account>(account), encode(&Account { balance, nonce: 0 }));
    }
    let key = key_bytes::<Totals>(&());
    let mut totals: Totals = decode(&rows[&key], 1 << 10).expect("every state has its sums");
    let sum = Microlux(balance.0 * accounts.len() as u64);
    let deposits = Microlux(state.parameters().account_deposit.0 * accounts.len() as u64);
    let before = state.account(accounts[0]).balance;
    totals.balances = Microlux(totals.balances.0 + sum.0 - before.0);
    // The genesis made the validator's account, the first.
    totals.deposits = deposits;
    totals.created = Microlux(totals.balances.0 + deposits.0);
    rows.insert(key, encode(&totals));
    State::from_rows(rows).expect("the rows are those of a state")
}
