//! Rules that tests can switch off, one at a time, to see that each is needed: a rule without which no attack succeeds is a rule too many.

/// A rule that some attack needs gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rule {
    /// A claim goes on from what is paid or claimed.
    ContiguousClaims,
    /// Claims end with the job's window.
    NoClaimAfterClosing,
    /// A claim locks a bond.
    BondClaim,
    /// A challenge locks a bond.
    BondChallenge,
}

/// Outside tests, all rules hold.
#[cfg(not(test))]
pub(crate) const fn holds(_: Rule) -> bool {
    true
}

#[cfg(test)]
thread_local! {
    static OFF: std::cell::Cell<Option<Rule>> = const { std::cell::Cell::new(None) };
}

/// Does the rule hold on this thread?
#[cfg(test)]
pub(crate) fn holds(rule: Rule) -> bool {
    OFF.get() != Some(rule)
}

/// Runs `what` without a rule on this thread.
#[cfg(test)]
pub(crate) fn without<T>(rule: Rule, what: impl FnOnce() -> T) -> T {
    OFF.set(Some(rule));
    let result = what();
    OFF.set(None);
    result
}
