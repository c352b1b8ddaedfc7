//! When to ask again: one small timer that survives restarts and a clock that jumps.

use crate::terms::{RETRY_MS, RETRY_MS_MAX};
use borsh::{BorshDeserialize, BorshSerialize};

/// Is `after_ms` over since `since_ms`? A clock that was set back counts as over: asking too early is harmless, never asking is not.
pub(crate) fn over(now_ms: u64, since_ms: u64, after_ms: u64) -> bool {
    now_ms < since_ms || now_ms - since_ms >= after_ms
}

/// Something that is asked again until it is answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub(crate) struct Retry {
    asked_ms: Option<u64>,
    wait_ms: u64,
    failures: u32,
}

impl Retry {
    /// Should it be asked (again) now?
    pub fn due(&self, now_ms: u64) -> bool {
        self.asked_ms.is_none_or(|asked_ms| over(now_ms, asked_ms, self.wait_ms))
    }

    /// It was asked; without an answer it is due again after `wait_ms`.
    pub fn asked(&mut self, now_ms: u64, wait_ms: u64) {
        self.asked_ms = Some(now_ms);
        self.wait_ms = wait_ms;
    }

    /// The answer was a failure: due again after a pause that doubles each time.
    pub fn failed(&mut self, now_ms: u64) {
        self.asked_ms = Some(now_ms);
        self.wait_ms = (RETRY_MS << self.failures.min(16)).min(RETRY_MS_MAX);
        self.failures = self.failures.saturating_add(1);
    }

    /// Failures so far.
    pub fn failures(&self) -> u32 {
        self.failures
    }

    /// Due at once: whoever was asked may have forgotten.
    pub fn reset(&mut self) {
        self.asked_ms = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_their_bound_and_a_clock_set_back_is_no_pause() {
        let mut retry = Retry::default();
        assert!(retry.due(0));
        retry.asked(100, 50);
        assert!(!retry.due(149) && retry.due(150) && retry.due(99));
        retry.failed(1_000);
        assert!(!retry.due(1_000 + RETRY_MS - 1) && retry.due(1_000 + RETRY_MS));
        for _ in 0..100 {
            retry.failed(1_000);
        }
        assert!(!retry.due(RETRY_MS_MAX) && retry.due(1_000 + RETRY_MS_MAX));
        retry.reset();
        assert!(retry.due(1_000));
    }
}
