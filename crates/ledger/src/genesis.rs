//! Checks a ring's genesis and makes the first state of it.

use crate::event::{Change, Event, Reason};
use crate::state::State;
use raylance_protocol::block::Clock;
use raylance_protocol::row::{Account, Court, Renderer, Ring, ValidatorSet};
use raylance_protocol::{AccountId, Digest, Genesis, Microlux, RingTime, limits};
use std::collections::BTreeMap;

/// Most money of a ring, so that every sum and every change of a balance fits an `i64`.
pub const CREATED_MAX: Microlux = Microlux(i64::MAX as u64);

/// Why a genesis is no beginning of a ring.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GenesisError {
    /// Empty or too long.
    #[error("a ring's name of {0} bytes; 1 to {max} are possible", max = limits::RING_NAME_BYTES_MAX)]
    Name(usize),
    /// None, or too many.
    #[error("{0} validators; 1 to {max} are possible", max = limits::VALIDATORS_MAX)]
    ValidatorCount(usize),
    /// Not strictly ascending.
    #[error("validator {0} stands twice or out of order; sort them")]
    ValidatorOrder(AccountId),
    /// Its vote would mean nothing.
    #[error("validator {0} has no stake")]
    NoStake(AccountId),
    /// The rules' numbers contradict each other.
    #[error("the ring's parameters make no sense together")]
    Parameters,
    /// Too many.
    #[error("{0} renderers; at most {max} are possible", max = limits::RENDERERS_MAX)]
    RendererCount(usize),
    /// Not strictly ascending.
    #[error("renderer {0} stands twice or out of order; sort them")]
    RendererOrder(Digest),
    /// Too many.
    #[error("{0} first balances; at most {max} are possible", max = limits::GENESIS_BALANCES_MAX)]
    BalanceCount(usize),
    /// Not strictly ascending.
    #[error("the balance of {0} stands twice or out of order; sort them by account")]
    BalanceOrder(AccountId),
    /// Too much money.
    #[error("first balances and the deposits of their accounts are more than {CREATED_MAX} together")]
    Created,
}

/// The first balances as movements: with them, an account's movements sum up to its balance. Zero balances are left out.
pub fn genesis_events(genesis: &Genesis) -> Vec<Event> {
    let moved = |&(account, amount): &(AccountId, Microlux)| Event::Moved {
        account,
        change: Change(amount.0.min(CREATED_MAX.0) as i64),
        reason: Reason::Genesis,
        job: None,
    };
    genesis.balances.iter().filter(|(_, amount)| amount.0 > 0).map(moved).collect()
}

/// The state before the first block.
pub(crate) fn first_state(genesis: &Genesis) -> Result<State, GenesisError> {
    check(genesis)?;
    // Validators earn in court, so each has an account, with or without a balance.
    let mut balances: BTreeMap<AccountId, Microlux> = genesis.validators.iter().map(|v| (v.account, Microlux::ZERO)).collect();
    balances.extend(genesis.balances.iter().copied());
    let created = created(&balances, genesis.parameters.account_deposit).ok_or(GenesisError::Created)?;

    let mut state = State::empty(genesis.parameters, created);
    state.put(&(), Ring { chain: genesis.chain(), name: genesis.name.clone() });
    state.put(&(), Clock { header_ms: genesis.time_ms, ..Clock::default() });
    state.put(&(), ValidatorSet { validators: genesis.validators.clone() });
    state.put(&(), Court::default());
    for renderer in &genesis.renderers {
        state.put(renderer, Renderer { listed: true, since: RingTime(0), was_listed: true, votes: Vec::new() });
    }
    for (account, balance) in balances {
        state.put(&account, Account { balance, nonce: 0 });
    }
    state.seal();
    Ok(state)
}

fn created(balances: &BTreeMap<AccountId, Microlux>, deposit: Microlux) -> Option<Microlux> {
    let deposits = deposit.times(balances.len() as u64).ok()?;
    let sum = balances.values().try_fold(deposits, |sum, balance| sum.plus(*balance).ok())?;
    (sum <= CREATED_MAX).then_some(sum)
}

fn check(genesis: &Genesis) -> Result<(), GenesisError> {
    if !(1..=limits::RING_NAME_BYTES_MAX).contains(&genesis.name.len()) {
        return Err(GenesisError::Name(genesis.name.len()));
    }
    if !(1..=limits::VALIDATORS_MAX).contains(&genesis.validators.len()) {
        return Err(GenesisError::ValidatorCount(genesis.validators.len()));
    }
    if let Some(pair) = genesis.validators.windows(2).find(|pair| pair[0].account >= pair[1].account) {
        return Err(GenesisError::ValidatorOrder(pair[1].account));
    }
    if let Some(validator) = genesis.validators.iter().find(|validator| validator.stake == 0) {
        return Err(GenesisError::NoStake(validator.account));
    }
    if !genesis.parameters.are_sound() {
        return Err(GenesisError::Parameters);
    }
    if genesis.renderers.len() > limits::RENDERERS_MAX {
        return Err(GenesisError::RendererCount(genesis.renderers.len()));
    }
    if let Some(pair) = genesis.renderers.windows(2).find(|pair| pair[0] >= pair[1]) {
        return Err(GenesisError::RendererOrder(pair[1]));
    }
    if genesis.balances.len() > limits::GENESIS_BALANCES_MAX {
        return Err(GenesisError::BalanceCount(genesis.balances.len()));
    }
    match genesis.balances.windows(2).find(|pair| pair[0].0 >= pair[1].0) {
        Some(pair) => Err(GenesisError::BalanceOrder(pair[1].0)),
        None => Ok(()),
    }
}
