//! A block in the making: the clock ticks, due rows are worked off, then transactions, each whole or not at all.
//!
//! Every rule is a method of [`Draft`], one file per family. What several families do to a row is written once, in `channel` and `court`.

use crate::event::{Change, Event, Reason};
use crate::refusal::Refusal;
use crate::rule::{Rule, holds};
use crate::state::State;
use crate::{claim, open, pay, transfer};
use raylance_protocol::block::Clock;
use raylance_protocol::row::{Account, Totals};
use raylance_protocol::{AccountId, Action, CheckedTx, JobId, Microlux, RingParameters, RingTime, Signed, Tx};

/// A block in the making. Forgetting it undoes it.
#[derive(Clone, Debug)]
pub struct Draft {
    pub(crate) state: State,
    pub(crate) parameters: RingParameters,
    pub(crate) clock: Clock,
    pub(crate) events: Vec<Event>,
}

/// What a block came to.
#[derive(Clone, Debug)]
pub struct Executed {
    /// The state after it.
    pub state: State,
    /// What happened, in order.
    pub events: Vec<Event>,
}

/// Money was made or lost: a fault of the rules, never of a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the ring began with {created} microlux, and {found} are accounted for")]
pub struct SupplyError {
    /// Microlux in the beginning.
    pub created: u128,
    /// Microlux in balances, reserves, bonds, deposits, treasury and burned.
    pub found: u128,
}

impl State {
    /// The block after this state, with this header time: ring time has passed, and what is due by it is done, as far as one block goes.
    pub fn draft(&self, header_ms: u64) -> Draft {
        let parameters = self.parameters();
        let beat_ms = if holds(Rule::RingTime) { parameters.beat_ms } else { u64::from(u32::MAX) };
        let clock = self.clock().tick(header_ms, beat_ms);
        let mut draft = Draft { state: self.clone(), parameters, clock, events: Vec::new() };
        draft.state.put(&(), clock);
        draft.work_off();
        draft
    }

    /// Could this transaction ever be executed after this state, as far as that shows without its signatures and other accounts' rows? Its
    /// nonce may be ahead: transactions of one account can wait for each other.
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn precheck(&self, signed: &Signed<Tx>) -> Result<(), Refusal> {
        let tx = signed.peek()?;
        let account = self.admit(signed.claimed_signer(), &tx, signed.encoded_len(), self.clock().ring_time)?;
        if tx.nonce < account.nonce {
            return Err(Refusal::Nonce { expected: account.nonce, found: tx.nonce });
        }
        check_shape(signed.claimed_signer(), &tx.action)
    }

    /// The rules that hold for every transaction, but for the nonce's.
    fn admit(&self, signer: AccountId, tx: &Tx, len_bytes: usize, now: RingTime) -> Result<Account, Refusal> {
        if tx.valid_until < now {
            return Err(Refusal::Late { valid_until: tx.valid_until, now });
        }
        let account = self.get::<Account>(&signer).ok_or(Refusal::NoAccount(signer))?;
        let fee = self.parameters().fee(len_bytes);
        if account.balance < fee {
            return Err(Refusal::Balance { have: account.balance, need: fee });
        }
        Ok(account)
    }
}

/// Rules that need no state.
fn check_shape(signer: AccountId, action: &Action) -> Result<(), Refusal> {
    match action {
        Action::Transfer { amount, .. } => transfer::check_shape(*amount),
        Action::OpenJob(open) => open::check_shape(signer, open),
        Action::Pay(pay) => pay::check_shape(signer, pay),
        Action::Claim(claim) => claim::check_shape(claim),
        Action::Challenge(_) | Action::Ruling { .. } | Action::Endorse { .. } => Ok(()),
    }
}

impl Draft {
    /// Executes one transaction: all of it or nothing.
    ///
    /// # Errors
    /// [`Refusal`]; nothing has changed.
    pub fn execute(&mut self, tx: &CheckedTx) -> Result<(), Refusal> {
        let (state, events) = (self.state.clone(), self.events.len());
        let result = self.run(tx);
        if result.is_err() {
            self.state = state;
            self.events.truncate(events);
        }
        result
    }

    fn run(&mut self, checked: &CheckedTx) -> Result<(), Refusal> {
        let (signer, tx) = (checked.signer(), checked.tx());
        let account = self.state.admit(signer, tx, checked.len_bytes(), self.now())?;
        if tx.nonce != account.nonce && holds(Rule::ExactNonce) {
            return Err(Refusal::Nonce { expected: account.nonce, found: tx.nonce });
        }
        check_shape(signer, &tx.action)?;
        self.state.put(&signer, Account { nonce: account.nonce + 1, ..account });
        let fee = self.take_fee(signer, checked.len_bytes())?;
        match &tx.action {
            Action::Transfer { to, amount } => self.transfer(signer, *to, *amount),
            Action::OpenJob(open) => self.open_job(signer, tx.nonce, open),
            Action::Pay(pay) => self.pay(signer, pay),
            Action::Claim(claim) => self.claim(signer, claim, fee),
            Action::Challenge(challenge) => self.challenge(signer, challenge),
            Action::Ruling { case, value } => self.ruling(signer, *case, *value),
            Action::Endorse { renderer, listed } => self.endorse(signer, *renderer, *listed),
        }
    }

    /// Ends the block.
    ///
    /// # Errors
    /// [`SupplyError`] when money was made or lost: whatever was proposed, such a block is not valid.
    pub fn finish(mut self) -> Result<Executed, SupplyError> {
        check_supply(&self.state.totals())?;
        self.state.seal();
        Ok(Executed { state: self.state, events: self.events })
    }

    /// An account as it stands in the middle of the block.
    pub fn account(&self, id: AccountId) -> Account {
        self.state.account(id)
    }

    /// The state in the middle of the block: every row but the sums' is up to date.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Ring time of the block.
    pub fn now(&self) -> RingTime {
        self.clock.ring_time
    }

    fn take_fee(&mut self, signer: AccountId, len_bytes: usize) -> Result<Microlux, Refusal> {
        let fee = self.parameters.fee(len_bytes);
        self.debit(signer, fee, Reason::Fee, None)?;
        let burned = fee.share(self.parameters.burn_permille);
        self.burn(burned);
        let treasury = &mut self.state.totals_mut().treasury;
        treasury.0 = treasury.0.saturating_add(fee.0 - burned.0);
        Ok(fee)
    }

    /// Takes money out of an account.
    pub(crate) fn debit(&mut self, id: AccountId, amount: Microlux, reason: Reason, job: Option<JobId>) -> Result<(), Refusal> {
        let account = self.state.account(id);
        let balance = account.balance.minus(amount).map_err(|_| Refusal::Balance { have: account.balance, need: amount })?;
        self.state.put(&id, Account { balance, ..account });
        self.moved(id, -(amount.0 as i64), reason, job);
        Ok(())
    }

    /// Puts money into an account, which exists: money goes only to those who signed a transaction, have a row or vote.
    ///
    /// Sums can't overflow, because a genesis creates at most `i64::MAX`. Should a rule be at fault, the supply check finds it.
    pub(crate) fn credit(&mut self, id: AccountId, amount: Microlux, reason: Reason, job: Option<JobId>) {
        if amount == Microlux::ZERO {
            return;
        }
        let account = self.state.account(id);
        let balance = Microlux(account.balance.0.saturating_add(amount.0));
        self.state.put(&id, Account { balance, ..account });
        self.moved(id, amount.0 as i64, reason, job);
    }

    /// Makes sure that an account exists; whoever needs it locks its deposit.
    pub(crate) fn make_account(&mut self, id: AccountId, payer: AccountId, job: Option<JobId>) -> Result<(), Refusal> {
        if self.state.get::<Account>(&id).is_some() {
            return Ok(());
        }
        self.debit(payer, self.parameters.account_deposit, Reason::AccountDeposit { account: id }, job)?;
        self.state.put(&id, Account::default());
        self.events.push(Event::AccountMade { account: id, by: payer });
        Ok(())
    }

    /// Money that no longer exists.
    pub(crate) fn burn(&mut self, amount: Microlux) {
        let burned = &mut self.state.totals_mut().burned;
        burned.0 = burned.0.saturating_add(amount.0);
    }

    fn moved(&mut self, account: AccountId, change: i64, reason: Reason, job: Option<JobId>) {
        if change != 0 {
            self.events.push(Event::Moved { account, change: Change(change), reason, job });
        }
    }
}

/// Is as much there as was created?
pub(crate) fn check_supply(totals: &Totals) -> Result<(), SupplyError> {
    let Totals { created, balances, reserves, bonds, deposits, treasury, burned, dues: _ } = totals;
    let found = [balances, reserves, bonds, deposits, treasury, burned].iter().map(|sum| u128::from(sum.0)).sum();
    let created = u128::from(created.0);
    if found == created { Ok(()) } else { Err(SupplyError { created, found }) }
}
