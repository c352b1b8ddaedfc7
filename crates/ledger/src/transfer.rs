//! Transfer: money from one account to another, which is made if it is new.

use crate::draft::Draft;
use crate::event::Reason;
use crate::refusal::Refusal;
use raylance_protocol::{AccountId, Microlux};

/// What shows without the state.
pub(crate) fn check_shape(amount: Microlux) -> Result<(), Refusal> {
    if amount == Microlux::ZERO { Err(Refusal::Nothing) } else { Ok(()) }
}

impl Draft {
    pub(crate) fn transfer(&mut self, signer: AccountId, to: AccountId, amount: Microlux) -> Result<(), Refusal> {
        self.debit(signer, amount, Reason::Sent { to }, None)?;
        self.make_account(to, signer, None)?;
        self.credit(to, amount, Reason::Received { from: signer }, None);
        Ok(())
    }
}
