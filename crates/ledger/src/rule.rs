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
    /// Whoever raises a claim takes its bond over.
    LastFilerAnswers,
    /// A challenge locks a bond.
    BondChallenge,
    /// A block moves ring time by two beats at most.
    RingTime,
    /// Rows that have ended stay until their job leaves.
    Tombstones,
    /// More than two thirds of the stake decide a case.
    TwoThirds,
    /// A claim in court does not pay out before the ruling.
    CourtSuspendsClaims,
    /// After a ruling, claims are taken for one more window.
    WindowAfterRuling,
    /// Each transaction counts once.
    ExactNonce,
    /// A row whose time is over ends with the claim that held it.
    OvertakenRowsEnd,
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
    struct Restore;
    impl Drop for Restore {
        fn drop(&mut self) {
            OFF.set(None);
        }
    }
    let _restore = Restore;
    OFF.set(Some(rule));
    what()
}
