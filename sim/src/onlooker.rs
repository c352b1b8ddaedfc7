//! Sees every block and every receipt, and says at once when money is not where it belongs.

use raylance_consensus::{Chain, CheckedBlock};
use raylance_ledger::{Event, Memo, Reason, State, audit};
use raylance_protocol::{AccountId, Genesis, Height, JobId, Microlux, Receipt};
use std::collections::BTreeMap;

/// The whole truth about money.
pub struct Onlooker {
    chain: Chain,
    /// Paid to a worker in a job.
    pub paid: BTreeMap<(JobId, AccountId), Microlux>,
    /// What a worker's own machine counts as owed.
    pub owed: BTreeMap<(JobId, AccountId), Microlux>,
    /// The highest total that an artist signed.
    pub signed: BTreeMap<(JobId, AccountId), Microlux>,
    /// Bonds that came and went, by account: 0 once everything has ended, unless one was lost.
    pub bonds: BTreeMap<AccountId, i64>,
    /// How often each kind of thing happened.
    pub tally: BTreeMap<&'static str, u64>,
}

impl Onlooker {
    /// Before the first block.
    pub fn new(genesis: &Genesis, memo: Memo) -> Self {
        let chain = Chain::new(genesis.clone()).expect("the genesis is sound").with_memo(memo);
        Self {
            chain,
            paid: BTreeMap::new(),
            owed: BTreeMap::new(),
            signed: BTreeMap::new(),
            bonds: BTreeMap::new(),
            tally: BTreeMap::new(),
        }
    }

    /// Blocks so far.
    pub fn height(&self) -> Height {
        self.chain.height()
    }

    /// The ledger as it stands.
    pub fn state(&self) -> &State {
        self.chain.state()
    }

    /// A new block.
    ///
    /// # Panics
    /// When money was made or lost.
    pub fn hear(&mut self, block: &CheckedBlock) {
        let applied = self.chain.apply(block).expect("a validator's block is good");
        if let Err(error) = audit(applied.state()) {
            panic!("block {}: {error}", self.chain.height().0);
        }
        self.count("blocks");
        block.txs().iter().for_each(|_| self.count("transactions"));
        for event in applied.events() {
            match event {
                Event::Moved { account, change, reason: Reason::ClaimBond { .. } | Reason::ChallengeBond { .. }, .. } => {
                    *self.bonds.entry(*account).or_default() += change.0;
                }
                Event::Moved { account, change, reason: Reason::Earned, job: Some(job) } => {
                    let paid = self.paid.entry((*job, *account)).or_default();
                    paid.0 += change.0.unsigned_abs();
                }
                Event::Claimed { .. } => self.count("claims"),
                Event::CaseOpened { .. } => self.count("cases"),
                Event::Ruled { verdict, .. } => self.count(match verdict {
                    raylance_ledger::Verdict::Wrong { .. } => "ruled wrong",
                    raylance_ledger::Verdict::Right => "ruled right",
                    raylance_ledger::Verdict::NoValue | raylance_ledger::Verdict::Undecided => "not ruled",
                }),
                Event::JobEnded { .. } => self.count("jobs ended"),
                _ => {}
            }
        }
    }

    /// A worker's machine counts so much as owed.
    pub fn owed(&mut self, job: JobId, worker: AccountId, total: Microlux) {
        self.owed.insert((job, worker), total);
    }

    /// An artist signed.
    pub fn signed(&mut self, receipt: &Receipt) {
        let signed = self.signed.entry((receipt.delivery.job, receipt.delivery.worker)).or_default();
        *signed = receipt.total.max(*signed);
    }

    fn count(&mut self, what: &'static str) {
        *self.tally.entry(what).or_default() += 1;
    }
}
