//! Checks a ring's genesis before anything is built on it.

use crate::event::{LedgerEvent, MicroluxChange, MoveReason};
use raylance_v1_protocol::{AccountId, Genesis, Microlux};

/// Longest name of a ring, bytes: it stands in one line of a window.
pub const NAME_BYTES_MAX: usize = 64;
/// Most validators: a certificate of so many signatures (≈ 30 KiB) fits in a message beside a full block.
pub const VALIDATORS_MAX: usize = 100;
/// Most first balances: every peer reads them before anything else (≈ 2.5 MiB).
pub const BALANCES_MAX: usize = 1 << 16;
/// Most money of a ring, so that every change of a balance fits an `i64`.
pub const TOTAL_MAX: Microlux = Microlux(i64::MAX as u64);

/// Why a genesis is no beginning of a ring.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GenesisError {
    /// Empty or too long.
    #[error("a ring's name of {0} bytes; 1 to {NAME_BYTES_MAX} are possible")]
    Name(usize),
    /// None, or too many.
    #[error("{0} validators; 1 to {VALIDATORS_MAX} are possible")]
    ValidatorCount(usize),
    /// Not strictly ascending.
    #[error("validator {0} stands twice or out of order; sort them")]
    ValidatorOrder(AccountId),
    /// Too many.
    #[error("{0} first balances; at most {BALANCES_MAX} are possible")]
    BalanceCount(usize),
    /// Not strictly ascending.
    #[error("the balance of {0} stands twice or out of order; sort them by account")]
    BalanceOrder(AccountId),
    /// The sum is above the limit.
    #[error("the first balances are more than {TOTAL_MAX} together")]
    Total,
    /// The parts are more than the whole.
    #[error("worker, verifiers and burn get {0} thousandths of a price together; at most 1000 are possible")]
    Shares(u32),
    /// Nothing would be checked.
    #[error("at least one verdict must be required")]
    NoVerdicts,
}

/// The first balances as movements: with them a wallet's movements sum up to its balance. Zero balances are left out.
pub fn genesis_events(genesis: &Genesis) -> Vec<LedgerEvent> {
    let moved = |&(account, amount): &(AccountId, Microlux)| LedgerEvent::Moved {
        account,
        change: MicroluxChange(amount.0 as i64),
        reason: MoveReason::Genesis,
        job: None,
    };
    genesis.balances.iter().filter(|(_, amount)| amount.0 > 0 && *amount <= TOTAL_MAX).map(moved).collect()
}

/// Checks every rule of a genesis and returns the sum of its balances.
pub(crate) fn check(genesis: &Genesis) -> Result<Microlux, GenesisError> {
    if !(1..=NAME_BYTES_MAX).contains(&genesis.name.len()) {
        return Err(GenesisError::Name(genesis.name.len()));
    }
    if !(1..=VALIDATORS_MAX).contains(&genesis.validators.len()) {
        return Err(GenesisError::ValidatorCount(genesis.validators.len()));
    }
    if let Some(pair) = genesis.validators.windows(2).find(|pair| pair[0] >= pair[1]) {
        return Err(GenesisError::ValidatorOrder(pair[1]));
    }
    if genesis.balances.len() > BALANCES_MAX {
        return Err(GenesisError::BalanceCount(genesis.balances.len()));
    }
    if let Some(pair) = genesis.balances.windows(2).find(|pair| pair[0].0 >= pair[1].0) {
        return Err(GenesisError::BalanceOrder(pair[1].0));
    }
    let parameters = &genesis.parameters;
    let shares = [parameters.worker_permille, parameters.verifiers_permille, parameters.burn_permille];
    let shares: u32 = shares.into_iter().map(u32::from).sum();
    if shares > 1000 {
        return Err(GenesisError::Shares(shares));
    }
    if parameters.verdicts_required == 0 {
        return Err(GenesisError::NoVerdicts);
    }
    let sum = |total: Microlux, (_, amount): &(AccountId, Microlux)| total.plus(*amount).ok().filter(|total| *total <= TOTAL_MAX);
    genesis.balances.iter().try_fold(Microlux::ZERO, sum).ok_or(GenesisError::Total)
}
