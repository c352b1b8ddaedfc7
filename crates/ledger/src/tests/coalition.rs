//! Random coalitions of artists, workers, checkers and under a third of the validators, against the real ledger.
//!
//! ```text
//! dice ─► who is evil ─► blocks: parties wake, exchange films off the ledger, sign transactions; all in random order
//!                          │       slow honest parties, outages, lost receipts, restored backups
//!                          └─► after each block and at the end: the invariants, see `checks`
//! ```
//!
//! Films are real and tiny; what is true of each leaf is known to the court's honest members and to whoever checks. Parties are much
//! simpler than those of the market: they look at the ledger, at what they remember, and do what the specification demands, or anything
//! at all if they are evil.
//!
//! `RAYLANCE_SEEDS` sets the number of seeds, `RAYLANCE_SEED` replays one.

mod artist;
mod checks;
mod dice;
mod exchange;
mod memory;
mod worker;
mod world;

use crate::rule::{Rule, without};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicU64, Ordering};

fn env(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

#[test]
fn coalitions_gain_nothing_and_cost_honest_parties_nothing() {
    let (first, count) = match env("RAYLANCE_SEED") {
        Some(seed) => (seed, 1),
        None => (0, env("RAYLANCE_SEEDS").unwrap_or(1_000)),
    };
    let next = AtomicU64::new(first);
    let try_seeds = || {
        while let Some(seed) = Some(next.fetch_add(1, Ordering::Relaxed)).filter(|seed| *seed < first + count) {
            if let Err(panic) = catch_unwind(|| drop(world::run(seed))) {
                eprintln!("seed {seed}; replay it with: RAYLANCE_SEED={seed} cargo test --release -p raylance-ledger coalition");
                resume_unwind(panic);
            }
        }
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| (0..threads).for_each(|_| drop(scope.spawn(try_seeds))));
}

#[test]
fn coalitions_try_everything_that_there_is() {
    let mut seen = std::collections::BTreeMap::new();
    for run in (0..60).map(world::run) {
        run.into_iter().for_each(|(kind, count)| *seen.entry(kind).or_insert(0) += count);
    }
    let kinds = [
        "backup restored",
        "claim fee returned",
        "claim overtaken",
        "claim paid",
        "claim void",
        "job ended",
        "paid",
        "pay after a row's end",
        "pay beyond the reserve",
        "pay in court",
        "row done",
        "row ended",
        "row void",
        "ruled right",
        "ruled without a value",
        "ruled wrong",
    ];
    let missing: Vec<_> = kinds.into_iter().filter(|kind| seen.get(kind).is_none_or(|count| *count == 0)).collect();
    assert!(missing.is_empty(), "never happened: {missing:?}; happened: {seen:?}");
}

/// Does some coalition get away with something once this rule is gone?
fn coalitions_need(rule: Rule) {
    let found = (0..400).find(|seed| catch_unwind(AssertUnwindSafe(|| without(rule, || world::run(*seed)))).is_err());
    assert!(found.is_some(), "no coalition needs {rule:?} gone");
}

#[test]
fn a_coalition_breaks_a_ledger_without_contiguous_claims() {
    coalitions_need(Rule::ContiguousClaims);
}

#[test]
fn a_coalition_breaks_a_ledger_without_an_end_of_claims() {
    coalitions_need(Rule::NoClaimAfterClosing);
}

#[test]
fn a_coalition_breaks_a_ledger_that_counts_plain_time() {
    coalitions_need(Rule::RingTime);
}

#[test]
fn a_coalition_breaks_a_ledger_without_bonds_of_claims() {
    coalitions_need(Rule::BondClaim);
}

#[test]
fn a_coalition_breaks_a_ledger_without_bonds_of_challenges() {
    coalitions_need(Rule::BondChallenge);
}

#[test]
fn a_coalition_breaks_a_ledger_where_one_vote_decides() {
    coalitions_need(Rule::TwoThirds);
}

#[test]
fn a_coalition_breaks_a_ledger_where_claims_pay_out_while_they_are_in_court() {
    coalitions_need(Rule::CourtSuspendsClaims);
}

#[test]
fn a_coalition_breaks_a_ledger_without_a_window_after_a_ruling() {
    coalitions_need(Rule::WindowAfterRuling);
}

#[test]
fn a_coalition_breaks_a_ledger_where_a_transaction_counts_twice() {
    coalitions_need(Rule::ExactNonce);
}

#[test]
fn a_coalition_breaks_a_ledger_without_tombstones() {
    coalitions_need(Rule::Tombstones);
}

#[test]
fn a_coalition_breaks_a_ledger_that_forgets_a_row_whose_claim_was_overtaken() {
    coalitions_need(Rule::OvertakenRowsEnd);
}
