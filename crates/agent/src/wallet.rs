//! How this peer's transactions come into a block: one at a time, signed once, sent until their fate is certain.
//!
//! ```text
//! wanted ─► waiting (row) ─► signed (row) ─► flying ──► in a block: Final
//!                                              └─────► its nonce or its time is over: Refused
//! ```

use crate::agent::{Agent, Ask, Due, Todo};
use crate::effect::{Effect, Notice, Outgoing, Topic};
use crate::rows::{FlyingRow, MovementKey, MovementKind, MovementRow, Number, Purpose, WaitingRow};
use raylance_consensus::Applied;
use raylance_ledger::{Event as Happened, Reason};
use raylance_market::artist::ArtistInput;
use raylance_market::worker::WorkerInput;
use raylance_protocol::{AccountId, Action, CheckedTx, JobId, Microlux, Tx, TxId};
use std::collections::{BTreeMap, VecDeque};

/// Most transfers of a person that wait.
pub(crate) const TRANSFERS_MAX: usize = 64;
/// A transaction that no validator has taken goes to the next one after that.
const RESEND_MS: u64 = 5_000;

/// Movements that are kept: the newest ones.
pub(crate) const MOVEMENTS_MAX: usize = 1_000;

/// Transactions of this account, and what moved its money.
#[derive(Debug, Default)]
pub(crate) struct Wallet {
    /// The newest movements, oldest first.
    pub movements: VecDeque<(MovementKey, MovementRow)>,
    pub waiting: BTreeMap<u64, WaitingRow>,
    pub numbers: u64,
    pub flying: Option<Flying>,
    /// Is a signature on its way, and for which of those that wait?
    pub signing: Option<u64>,
    /// Which validator is asked next.
    turn: usize,
}

/// The transaction that is on its way.
#[derive(Debug)]
pub(crate) struct Flying {
    pub purpose: Purpose,
    pub tx: CheckedTx,
}

impl Wallet {
    /// As the rows say.
    pub fn of(waiting: BTreeMap<u64, WaitingRow>, flying: Option<Flying>, movements: BTreeMap<MovementKey, MovementRow>) -> Self {
        let flies = flying.as_ref().map_or(0, |flying| match flying.purpose {
            Purpose::Transfer(number) => number,
            _ => 0,
        });
        let numbers = waiting.keys().next_back().copied().unwrap_or(0).max(flies);
        Self { waiting, numbers, flying, movements: movements.into_iter().collect(), ..Self::default() }
    }
}

impl Agent {
    /// A transaction is wanted. One for the same purpose that is on its way already is the same.
    pub(crate) fn want_tx(&mut self, purpose: Purpose, action: Action) {
        let wallet = &mut self.wallet;
        let flies = wallet.flying.as_ref().is_some_and(|flying| flying.purpose == purpose);
        if flies || wallet.waiting.values().any(|row| row.purpose == purpose) {
            return;
        }
        wallet.numbers += 1;
        let number = wallet.numbers;
        let row = WaitingRow { purpose, action };
        self.put(&Number(number), &row);
        self.wallet.waiting.insert(number, row);
        self.step.turn.topics.insert(Topic::Wallet);
    }

    /// Signs the next transaction where none is on its way.
    pub(crate) fn pump(&mut self) {
        if self.wallet.flying.is_some() || self.wallet.signing.is_some() {
            return;
        }
        let Some((number, row)) = self.wallet.waiting.first_key_value() else { return };
        let state = self.ring.state();
        let (nonce, window_ms) = (state.account(self.me).nonce, state.parameters().window_ms);
        let valid_until = state.clock().ring_time.after(window_ms / 4);
        let tx = Box::new(Tx { nonce, valid_until, action: row.action.clone() });
        let number = *number;
        self.wallet.signing = Some(number);
        self.ask(Ask::TxSigned(number), |id| Effect::SignTx { id, tx });
    }

    pub(crate) fn on_tx_signed(&mut self, number: u64, tx: Option<CheckedTx>) {
        self.wallet.signing = None;
        let Some(tx) = tx else { return self.set_due(Due::Pump, RESEND_MS) };
        let Some(row) = self.wallet.waiting.remove(&number) else { return };
        self.delete::<WaitingRow>(&Number(number));
        self.put(&(), &FlyingRow { purpose: row.purpose, signed: tx.signed().clone() });
        self.wallet.flying = Some(Flying { purpose: row.purpose, tx });
        self.fly();
    }

    /// What flies has not landed for a while. Where this peer's own ledger would refuse it, it is given up: nobody says so of what a pool
    /// has dropped. Should it land all the same, its nonce is gone, and what was built in its place is refused.
    pub(crate) fn fly_again(&mut self) {
        if let Some(id) = self.wallet.flying.as_ref().map(|flying| flying.tx.id()) {
            self.on_refused_by_validator(id);
        }
        // Where it was given up there is nothing to send.
        self.fly();
    }

    /// Gives what flies to a validator: to this peer's own, or to the next one that can be reached.
    pub(crate) fn fly(&mut self) {
        let Some(tx) = self.wallet.flying.as_ref().map(|flying| flying.tx.clone()) else { return };
        self.set_due(Due::Resend, RESEND_MS);
        if self.ring.is_validator() {
            return self.engine(raylance_consensus::Input::Tx(Box::new(tx)));
        }
        let reachable: Vec<AccountId> = self
            .ring
            .chain()
            .validators()
            .as_slice()
            .iter()
            .map(|validator| validator.account)
            .filter(|v| self.peers.contains(v))
            .collect();
        let Some(validator) = reachable.get(self.wallet.turn % reachable.len().max(1)) else { return };
        self.wallet.turn += 1;
        self.send(*validator, Outgoing::Submit(tx.signed().clone()));
    }

    /// A validator says that the ledger refuses it. That is believed once this peer's own ledger says so too: otherwise the validator could
    /// have it both ways. In a block that is made now: on an idle ring a transaction runs out of time long before a block says so.
    pub(crate) fn on_refused_by_validator(&mut self, tx: TxId) {
        let Some(flying) = self.wallet.flying.as_ref().filter(|flying| flying.tx.id() == tx) else { return };
        let header_ms = self.step.now.unix_ms.max(self.ring.chain().time_ms());
        if let Err(why) = self.ring.state().draft(header_ms).execute(&flying.tx) {
            self.land(Err(Some(why)));
        }
    }

    /// Is the fate of what flies certain after this block?
    pub(crate) fn judge(&mut self, applied: &Applied) {
        let Some(flying) = &self.wallet.flying else { return };
        let (id, tx) = (flying.tx.id(), flying.tx.tx());
        let state = applied.state();
        if applied.block.txs().iter().any(|tx| tx.id() == id) {
            let job = self.opens(tx);
            self.land(Ok(job));
        } else if state.account(self.me).nonce > tx.nonce || tx.valid_until < state.clock().ring_time {
            self.land(Err(None));
        }
    }

    /// The job that an own transaction opens.
    pub(crate) fn opens(&self, tx: &Tx) -> Option<JobId> {
        match &tx.action {
            Action::OpenJob(open) => Some(JobId::opened(self.ring.chain().id(), self.me, tx.nonce, open.spec)),
            _ => None,
        }
    }

    pub(crate) fn land(&mut self, fate: Result<Option<JobId>, Option<raylance_ledger::Refusal>>) {
        let Some(Flying { purpose, tx }) = self.wallet.flying.take() else { return };
        self.delete::<FlyingRow>(&());
        self.due.clear(Due::Resend);
        self.drop_submissions();
        self.step.turn.topics.insert(Topic::Wallet);
        match (purpose, fate) {
            (Purpose::Submission(spec, submission), Ok(job)) => {
                if let Some(job) = job {
                    self.by_job.insert(job, spec);
                }
                self.todo(Todo::Artist(spec, ArtistInput::Final { submission, job }));
            }
            (Purpose::Submission(spec, submission), Err(_)) => self.todo(Todo::Artist(spec, ArtistInput::Refused { submission })),
            (Purpose::Claim(job), Ok(_)) => self.todo(Todo::Worker(job, WorkerInput::ClaimFinal)),
            (Purpose::Claim(job), Err(_)) => self.todo(Todo::Worker(job, WorkerInput::ClaimRefused)),
            // A case may have been decided meanwhile, or still waits for this vote.
            (Purpose::Ruling(_), Err(_)) => self.attend_court(),
            (Purpose::Transfer(_) | Purpose::Ruling(_), Ok(_)) | (Purpose::Close(_) | Purpose::Endorse(_), _) => {}
            (Purpose::Transfer(_), Err(why)) => {
                if let Action::Transfer { to, .. } = tx.tx().action {
                    self.effect(Effect::Tell(Notice::TransferRefused { to, why }));
                }
            }
        }
    }

    /// Writes down what a block did to this account's money: one row for each kind and job.
    pub(crate) fn note_movements(&mut self, applied: &Applied) {
        let mut sums: BTreeMap<(Option<JobId>, MovementKind), i64> = BTreeMap::new();
        for event in applied.events() {
            if let Happened::Moved { account, change, reason, job } = event
                && *account == self.me
            {
                *sums.entry((*job, kind_of(reason))).or_default() += change.0;
            }
        }
        if sums.is_empty() {
            return;
        }
        self.step.turn.topics.insert(Topic::Wallet);
        let height = applied.block.header().height;
        let after = applied.state().account(self.me).balance.0;
        let total: i64 = sums.values().sum();
        let mut balance = after.saturating_add_signed(total.saturating_neg());
        for (number, ((job, kind), change)) in (0..).zip(sums) {
            balance = balance.saturating_add_signed(change);
            let (key, row) = (MovementKey(height, number), MovementRow { change, kind, job, balance: Microlux(balance) });
            self.note(key, row);
        }
    }

    pub(crate) fn note(&mut self, key: MovementKey, row: MovementRow) {
        self.put(&key, &row);
        self.wallet.movements.push_back((key, row));
        while self.wallet.movements.len() > MOVEMENTS_MAX
            && let Some((key, _)) = self.wallet.movements.pop_front()
        {
            self.delete::<MovementRow>(&key);
        }
    }

    /// What a person's transfers that are on their way take off the balance.
    pub(crate) fn transfers_out(&self) -> (usize, Microlux) {
        let flying = self.wallet.flying.as_ref().map(|flying| &flying.tx.tx().action);
        let waiting = self.wallet.waiting.values().map(|row| &row.action);
        let amounts = flying.into_iter().chain(waiting).filter_map(|action| match action {
            Action::Transfer { amount, .. } => Some(amount.0),
            _ => None,
        });
        amounts.fold((0, Microlux::ZERO), |(count, sum), amount| (count + 1, Microlux(sum.0.saturating_add(amount))))
    }
}

fn kind_of(reason: &Reason) -> MovementKind {
    match reason {
        Reason::Sent { .. } => MovementKind::Sent,
        Reason::Received { .. } => MovementKind::Received,
        Reason::Reserve { .. } | Reason::RowDeposit => MovementKind::Reserve,
        Reason::Earned => MovementKind::Earned,
        Reason::Fee => MovementKind::Fee,
        Reason::ClaimBond { .. } | Reason::ChallengeBond { .. } => MovementKind::Bond,
        Reason::Genesis | Reason::AccountDeposit { .. } | Reason::ClaimFee { .. } | Reason::Court { .. } => MovementKind::Other,
    }
}
