//! Sums of all money on a peer's verified chain: what a person checks the promise "no money appears or vanishes" with.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// All money of a ring at one height, in whole microlux.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Audit {
    /// Last verified block.
    pub height: u64,
    /// Its hash in hexadecimal.
    pub block: String,
    /// What the genesis gave out.
    pub genesis_total: u64,
    /// What each account has, by account in hexadecimal.
    pub balances: BTreeMap<String, u64>,
    /// Locked in open jobs.
    pub escrow: u64,
    /// The ring's own.
    pub treasury: u64,
    /// Taken out of the world.
    pub burned: u64,
}

impl Audit {
    /// Is the genesis total exactly what is there now?
    pub fn supply_ok(&self) -> bool {
        let now = self.balances.values().chain([&self.escrow, &self.treasury, &self.burned]);
        now.map(|&amount| u128::from(amount)).sum::<u128>() == u128::from(self.genesis_total)
    }
}
