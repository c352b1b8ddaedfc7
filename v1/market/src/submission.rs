//! A machine's one transaction on its way to the ledger.
//!
//! One at a time keeps nonces in order, lets units that become ready meanwhile share the next transaction, and makes it easy to see
//! that nothing is submitted twice: bytes are re-sent under their number until their fact is seen, the node says that they will never
//! be in a block, or patience ends.

use crate::retry::{Retry, over};
use crate::terms::{TX_RESEND_MS, TX_SENDS_MAX};
use crate::{TxNumber, TxRefusal};
use borsh::{BorshDeserialize, BorshSerialize};
use raylance_v1_protocol::Action;

/// The submission slot.
#[derive(Clone, Debug, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub(crate) struct Submission {
    next: u64,
    pending: Option<Pending>,
    pause: Retry,
}

#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
struct Pending {
    number: u64,
    action: Action,
    sent_ms: u64,
    sends: u32,
}

/// What to do with bytes whose fact is not seen for long.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Patience {
    /// After some sends the action is built anew.
    Ends,
    /// The same bytes are sent for ever, because building anew could undo a decision.
    Endless,
}

impl Submission {
    /// Can an action be submitted now? Not while another is on its way, nor in the pause after a refusal.
    pub fn is_free(&self, now_ms: u64) -> bool {
        self.pending.is_none() && self.pause.due(now_ms)
    }

    /// What is on its way.
    pub fn pending(&self) -> Option<&Action> {
        self.pending.as_ref().map(|pending| &pending.action)
    }

    /// Takes a new action; its number is returned. Call only when free.
    pub fn submit(&mut self, now_ms: u64, action: Action) -> TxNumber {
        let number = self.next;
        self.next += 1;
        self.pending = Some(Pending { number, action, sent_ms: now_ms, sends: 1 });
        TxNumber(number)
    }

    /// The bytes to send again now, if any. May give up the pending action.
    pub fn due(&mut self, now_ms: u64, patience: Patience) -> Option<(TxNumber, Action)> {
        let pending = self.pending.as_mut().filter(|pending| over(now_ms, pending.sent_ms, TX_RESEND_MS))?;
        if pending.sends >= TX_SENDS_MAX && patience == Patience::Ends {
            self.pending = None;
            return None;
        }
        pending.sent_ms = now_ms;
        pending.sends = pending.sends.saturating_add(1);
        Some((TxNumber(pending.number), pending.action.clone()))
    }

    /// The node has restarted: what was on its way is sent at once.
    pub fn resumed(&mut self, now_ms: u64) -> Option<(TxNumber, Action)> {
        let pending = self.pending.as_mut()?;
        pending.sent_ms = now_ms;
        Some((TxNumber(pending.number), pending.action.clone()))
    }

    /// Frees the slot when the facts say that the pending action is done with.
    pub fn done_if(&mut self, is_done: impl FnOnce(&Action) -> bool) {
        if self.pending().is_some_and(is_done) {
            self.pending = None;
            self.pause = Retry::default();
        }
    }

    /// Frees the slot after a refusal; returns what was refused, and `None` for an old number.
    pub fn refused(&mut self, now_ms: u64, number: TxNumber, cause: TxRefusal) -> Option<Action> {
        let pending = self.pending.take_if(|pending| pending.number == number.0)?;
        match cause {
            // A used nonce says nothing against the action: it may go out again in the next turn, but for a node that errs.
            TxRefusal::Stale if self.pause.failures() < 2 => {
                self.pause.failed(now_ms);
                self.pause.reset();
            }
            TxRefusal::Funds | TxRefusal::Stale | TxRefusal::Rules => self.pause.failed(now_ms),
        }
        Some(pending.action)
    }

    /// Refusals since the last action that went through.
    pub fn refusals(&self) -> u32 {
        self.pause.failures()
    }
}
