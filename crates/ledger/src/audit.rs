//! Counts everything anew. Blocks check the same by what they touch; tests compare the two after every block.

use crate::draft::{SupplyError, check_supply};
use crate::holds::{Held, Holds};
use crate::state::State;
use raylance_protocol::block::Clock;
use raylance_protocol::row::{
    Account, Case, Channel, ChannelState, Court, Due, DueKey, Job, Renderer, Ring, Row, Totals, ValidatorSet, key_bytes,
};
use raylance_protocol::{AccountId, CaseId, JobId, RingParameters, RingTime, decode, encode, limits};

/// What is wrong with a state.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AuditError {
    /// Money was made or lost.
    #[error(transparent)]
    Supply(#[from] SupplyError),
    /// The sums are not those of the rows.
    #[error("the sums are {found:?}, the rows hold {wanted:?}")]
    Totals {
        /// What the rows come to.
        wanted: Box<Totals>,
        /// The row of sums.
        found: Box<Totals>,
    },
    /// A row breaks a rule.
    #[error("row {key:02x?}: {rule}")]
    Row {
        /// Its key.
        key: Vec<u8>,
        /// The rule, as it should be.
        rule: &'static str,
    },
}

type Checked = Result<(), AuditError>;

/// Reads every row of a state: do sums, counts, references and deadlines agree?
///
/// # Errors
/// The first [`AuditError`] found.
pub fn audit(state: &State) -> Checked {
    check_encodings(state)?;
    check_totals(state)?;
    for (id, job) in state.jobs() {
        check_job(state, id, &job)?;
    }
    check_court(state)?;
    let renderers = state.renderers().count();
    ensure(renderers <= limits::RENDERERS_MAX, &[Renderer::TABLE], "there are at most 64 renderers")
}

fn ensure(holds: bool, key: &[u8], rule: &'static str) -> Checked {
    if holds { Ok(()) } else { Err(AuditError::Row { key: key.to_vec(), rule }) }
}

fn check_encodings(state: &State) -> Checked {
    fn is_canonical<R: Row>(value: &[u8]) -> bool {
        decode::<R>(value, R::BYTES_MAX).is_ok_and(|row| encode(&row) == value)
    }
    state.rows().try_for_each(|(key, value)| {
        let good = match key.first() {
            Some(&Clock::TABLE) => is_canonical::<Clock>(value),
            Some(&Totals::TABLE) => is_canonical::<Totals>(value),
            Some(&RingParameters::TABLE) => is_canonical::<RingParameters>(value),
            Some(&ValidatorSet::TABLE) => is_canonical::<ValidatorSet>(value),
            Some(&Renderer::TABLE) => is_canonical::<Renderer>(value),
            Some(&Account::TABLE) => is_canonical::<Account>(value),
            Some(&Job::TABLE) => is_canonical::<Job>(value),
            Some(&Channel::TABLE) => is_canonical::<Channel>(value),
            Some(&Court::TABLE) => is_canonical::<Court>(value),
            Some(&Case::TABLE) => is_canonical::<Case>(value),
            Some(&Due::TABLE) => is_canonical::<Due>(value),
            Some(&Ring::TABLE) => is_canonical::<Ring>(value),
            _ => false,
        };
        ensure(good, key, "a row is the canonical encoding of its table's type, within its bound")
    })
}

fn check_totals(state: &State) -> Checked {
    let found = state.totals();
    ensure(state.get::<Totals>(&()) == Some(found), &key_bytes::<Totals>(&()), "the row of sums is up to date")?;
    let fixed = Totals { created: found.created, treasury: found.treasury, burned: found.burned, dues: found.dues, ..Totals::default() };
    let wanted = [held::<Account>(state), held::<Job>(state), held::<Channel>(state), held::<Case>(state)]
        .into_iter()
        .fold(fixed, |totals, held| Held::default().replaced_by(held, totals));
    if wanted != found {
        return Err(AuditError::Totals { wanted: Box::new(wanted), found: Box::new(found) });
    }
    Ok(check_supply(&found)?)
}

fn held<R: Holds>(state: &State) -> Held {
    let parameters = state.parameters();
    state.table::<R>(&[]).map(|(_, row)| row.holds(&parameters)).fold(Held::default(), |sum, held| Held {
        balances: sum.balances + held.balances,
        reserves: sum.reserves + held.reserves,
        bonds: sum.bonds + held.bonds,
        deposits: sum.deposits + held.deposits,
    })
}

fn check_job(state: &State, id: JobId, job: &Job) -> Checked {
    let key = key_bytes::<Job>(&id);
    let channels: Vec<(AccountId, Channel)> = state.channels(id, None).collect();
    ensure(channels.len() == job.rows as usize && job.rows <= limits::WORKERS_MAX, &key, "a job counts its rows")?;
    let live = channels.iter().filter(|(_, channel)| channel.state.is_live()).count();
    ensure(live == job.rows_live as usize, &key, "a job counts its live rows")?;
    match job.claims_until {
        None => ensure(is_due(state, job.ends_by, |due| due == Due::JobEnds(id)), &key, "an open job has its end in the queue")?,
        Some(until) => {
            let swept = |due: Due| matches!(due, Due::JobSweep { job, .. } if job == id);
            ensure(job.rows_live > 0 || any_due(state, swept), &key, "a job without live rows is on its way out")?;
            let waits = until > state.clock().ring_time;
            ensure(!waits || job.rows_live == 0 || is_due(state, until, swept), &key, "a closing job has its sweep in the queue")?;
        }
    }
    channels.iter().try_for_each(|(worker, channel)| check_channel(state, id, job, *worker, channel))
}

fn check_channel(state: &State, id: JobId, job: &Job, worker: AccountId, channel: &Channel) -> Checked {
    let key = key_bytes::<Channel>(&(id, worker));
    ensure(state.get::<Account>(&worker).is_some(), &key, "a worker has an account")?;
    ensure(channel.paid <= channel.reserved, &key, "no more is paid than is reserved")?;
    match &channel.state {
        ChannelState::Open => {
            let until = job.claims_until.map(|until| until.max(channel.claims_until));
            let ends = |due: Due| matches!(due, Due::JobSweep { job, .. } if job == id) || due == Due::ChannelEnds(id, worker);
            ensure(until.is_none() || any_due(state, ends), &key, "an open row of a closing job has its end in the queue")
        }
        ChannelState::Claimed(claim) => {
            ensure(channel.paid < claim.total && claim.total <= channel.reserved, &key, "a claim is of more than is paid, and reserved")?;
            ensure(!claim.challenged, &key, "a claim that is challenged is in court")?;
            ensure(is_due(state, claim.due, |due| due == Due::ClaimEnds(id, worker)), &key, "a claim has its end in the queue")
        }
        ChannelState::InCourt { claim, case } => {
            ensure(channel.paid < claim.total && claim.total <= channel.reserved, &key, "a claim is of more than is paid, and reserved")?;
            let case = state.get::<Case>(case);
            let names = case.is_some_and(|case| case.job == id && case.worker == worker);
            ensure(names && claim.challenged, &key, "a row in court has a case about it")
        }
        ChannelState::Done | ChannelState::Void | ChannelState::Ended => {
            ensure(channel.paid == channel.reserved, &key, "a row that has ended holds nothing")
        }
    }
}

fn check_court(state: &State) -> Checked {
    let court = state.get::<Court>(&()).unwrap_or_default();
    let cases: Vec<(Vec<u8>, Case)> = state.table::<Case>(&[]).map(|(key, case)| (key.to_vec(), case)).collect();
    let in_line = (court.first.0..court.next.0).map(|number| number.to_be_bytes().to_vec());
    ensure(cases.iter().map(|(key, _)| key.clone()).eq(in_line), &[Court::TABLE], "cases are numbered without gaps")?;
    for (at, (number, case)) in cases.iter().enumerate() {
        let key = [&[Case::TABLE], &number[..]].concat();
        let id = CaseId(court.first.0 + at as u64);
        let channel = state.get::<Channel>(&(case.job, case.worker));
        let names = matches!(channel, Some(Channel { state: ChannelState::InCourt { case, .. }, .. }) if case == id);
        ensure(names, &key, "a case has a row in court")?;
        match case.deadline {
            Some(at_ms) => {
                ensure(at == 0, &key, "only the case that is heard has a deadline")?;
                ensure(is_due(state, at_ms, |due| due == Due::CaseEnds(id)), &key, "a case has its end in the queue")?;
            }
            None => ensure(at > 0, &key, "the case that is heard has a deadline")?,
        }
    }
    Ok(())
}

/// Is there such an entry at that time?
fn is_due(state: &State, at: RingTime, wanted: impl Fn(Due) -> bool) -> bool {
    let from = key_bytes::<Due>(&DueKey { at, sequence: 0 });
    let entries = state.table::<Due>(&from[1..]);
    entries.take_while(|(key, _)| key.starts_with(&at.0.to_be_bytes())).any(|(_, due)| wanted(due))
}

/// Is there such an entry at any time?
fn any_due(state: &State, wanted: impl Fn(Due) -> bool) -> bool {
    state.table::<Due>(&[]).any(|(_, due)| wanted(due))
}
