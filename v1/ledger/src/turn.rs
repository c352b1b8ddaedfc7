//! One transaction's turn: who acts, on which sheet, and what every action shares.

use crate::event::{LedgerEvent, MicroluxChange, MoveReason};
use crate::refusal::TxRefused;
use crate::rows::{Job, JobPhase, Rows, Sheets};
use raylance_v1_protocol::tx::{Action, Tx};
use raylance_v1_protocol::{AccountId, AmountError, ChainId, Height, JobId, Microlux, RingParameters, Signed};

/// What never changes on a ring.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ring {
    pub(crate) chain: ChainId,
    pub(crate) parameters: RingParameters,
}

/// A transaction that is being executed.
pub(crate) struct Turn<'a> {
    pub(crate) sheets: Sheets<'a>,
    pub(crate) ring: &'a Ring,
    pub(crate) height: Height,
    pub(crate) sender: AccountId,
    pub(crate) events: Vec<LedgerEvent>,
}

/// Executes one transaction on its own sheet; returns the changed rows and what happened.
pub(crate) fn execute(sheets: Sheets<'_>, ring: &Ring, height: Height, tx: &Signed<Tx>) -> Result<(Rows, Vec<LedgerEvent>), TxRefused> {
    let (sender, tx) = tx.open()?;
    if tx.chain != ring.chain {
        return Err(TxRefused::WrongChain { expected: ring.chain, found: tx.chain });
    }
    let mut turn = Turn { sheets, ring, height, sender, events: Vec::new() };
    let account = turn.sheets.account_mut(sender);
    if tx.nonce != account.nonce {
        return Err(TxRefused::Nonce { account: sender, expected: account.nonce, found: tx.nonce });
    }
    account.nonce += 1;
    match tx.action {
        Action::Transfer { to, amount_microlux } => turn.transfer(to, amount_microlux)?,
        Action::OpenJob { spec, workers } => turn.open_job(spec, workers)?,
        Action::Admit { job, worker } => turn.admit(job, worker)?,
        Action::Commit { job, units } => turn.commit(job, &units)?,
        Action::Settle { job, outcomes } => turn.settle(job, &outcomes)?,
        Action::CloseJob { job } => turn.close_job(job)?,
    }
    Ok((turn.sheets.top, turn.events))
}

impl Turn<'_> {
    fn transfer(&mut self, to: AccountId, amount: Microlux) -> Result<(), TxRefused> {
        if amount == Microlux::ZERO {
            return Err(TxRefused::NothingTransferred);
        }
        self.take(self.sender, amount, MoveReason::Sent { to }, None)?;
        self.give(to, amount, MoveReason::Received { from: self.sender }, None)
    }

    /// Takes money out of an account.
    pub(crate) fn take(&mut self, id: AccountId, amount: Microlux, reason: MoveReason, job: Option<JobId>) -> Result<(), TxRefused> {
        let funds = |source| TxRefused::Funds { account: id, source };
        let account = self.sheets.account_mut(id);
        account.balance_microlux = account.balance_microlux.minus(amount).map_err(funds)?;
        let change = signed(amount).map_err(funds)?;
        self.moved(id, MicroluxChange(-change), reason, job);
        Ok(())
    }

    /// Puts money into an account.
    pub(crate) fn give(&mut self, id: AccountId, amount: Microlux, reason: MoveReason, job: Option<JobId>) -> Result<(), TxRefused> {
        if amount == Microlux::ZERO {
            // Nothing would be left but a row.
            return Ok(());
        }
        let funds = |source| TxRefused::Funds { account: id, source };
        let account = self.sheets.account_mut(id);
        account.balance_microlux = account.balance_microlux.plus(amount).map_err(funds)?;
        let change = signed(amount).map_err(funds)?;
        self.moved(id, MicroluxChange(change), reason, job);
        Ok(())
    }

    fn moved(&mut self, account: AccountId, change: MicroluxChange, reason: MoveReason, job: Option<JobId>) {
        if change != MicroluxChange(0) {
            self.events.push(LedgerEvent::Moved { account, change, reason, job });
        }
    }

    /// A job that is running.
    pub(crate) fn running(&self, id: JobId) -> Result<&Job, TxRefused> {
        let job = self.sheets.job(id).ok_or(TxRefused::UnknownJob(id))?;
        match job.phase {
            JobPhase::Open => Ok(job),
            JobPhase::Closed => Err(TxRefused::JobClosed(id)),
        }
    }

    /// A running job whose row may be changed.
    pub(crate) fn running_mut(&mut self, id: JobId) -> Result<&mut Job, TxRefused> {
        self.running(id)?;
        self.sheets.job_mut(id).ok_or(TxRefused::UnknownJob(id))
    }

    /// A running job, for its artist only.
    pub(crate) fn own_running_mut(&mut self, id: JobId) -> Result<&mut Job, TxRefused> {
        let sender = self.sender;
        let job = self.running_mut(id)?;
        if job.spec.artist == sender { Ok(job) } else { Err(TxRefused::NotArtist { job: id, sender }) }
    }
}

/// No amount is above `i64::MAX`, because a ring's genesis holds no more.
fn signed(amount: Microlux) -> Result<i64, AmountError> {
    i64::try_from(amount.0).map_err(|_| AmountError::Overflow)
}
