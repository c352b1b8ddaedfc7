//! What money each row holds.

use raylance_protocol::RingParameters;
use raylance_protocol::block::Clock;
use raylance_protocol::row::{Account, Case, Channel, ChannelState, Court, Due, Job, Renderer, Ring, Row, Totals, ValidatorSet};

/// Microlux in a row, by the sum that they count in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Held {
    pub(crate) balances: u64,
    pub(crate) reserves: u64,
    pub(crate) bonds: u64,
    pub(crate) deposits: u64,
}

impl Held {
    /// The sums after a row that held `self` was replaced by one that holds `new`. Wraps: a sum that passes through nonsense within a
    /// transaction is right at its end, and where it isn't, the supply check says so.
    pub(crate) fn replaced_by(self, new: Self, mut totals: Totals) -> Totals {
        for (sum, old, new) in [
            (&mut totals.balances, self.balances, new.balances),
            (&mut totals.reserves, self.reserves, new.reserves),
            (&mut totals.bonds, self.bonds, new.bonds),
            (&mut totals.deposits, self.deposits, new.deposits),
        ] {
            sum.0 = sum.0.wrapping_add(new).wrapping_sub(old);
        }
        totals
    }
}

/// A row that says what it holds.
pub(crate) trait Holds: Row {
    /// Can it hold anything?
    const HOLDS: bool = true;
    /// What it holds.
    fn holds(&self, parameters: &RingParameters) -> Held;
}

impl Holds for Account {
    fn holds(&self, parameters: &RingParameters) -> Held {
        Held { balances: self.balance.0, deposits: parameters.account_deposit.0, ..Held::default() }
    }
}

impl Holds for Job {
    fn holds(&self, parameters: &RingParameters) -> Held {
        Held { deposits: parameters.row_deposit.0, ..Held::default() }
    }
}

impl Holds for Channel {
    fn holds(&self, parameters: &RingParameters) -> Held {
        let bonds = match &self.state {
            ChannelState::Claimed(claim) | ChannelState::InCourt { claim, .. } => claim.bond.0,
            ChannelState::Open | ChannelState::Done | ChannelState::Void | ChannelState::Ended => 0,
        };
        let reserves = self.reserved.0.wrapping_sub(self.paid.0);
        Held { reserves, bonds, deposits: parameters.row_deposit.0, ..Held::default() }
    }
}

impl Holds for Case {
    fn holds(&self, _: &RingParameters) -> Held {
        Held { bonds: self.bond.0, ..Held::default() }
    }
}

macro_rules! hold_nothing {
    ($($row:ty),* $(,)?) => { $(
        impl Holds for $row {
            const HOLDS: bool = false;
            fn holds(&self, _: &RingParameters) -> Held {
                Held::default()
            }
        }
    )* };
}

hold_nothing!(Clock, RingParameters, ValidatorSet, Renderer, Court, Due, Ring);
