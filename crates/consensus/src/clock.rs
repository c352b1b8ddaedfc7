//! The validator's clock: it never stands for long, whatever is done to the system's clock.
//!
//! ```text
//! steady time = system clock + skew                    never goes back: deadlines are counted in it
//! header time = max(parent's time, steady time − paid)
//! ```
//!
//! When the system clock is set back, the skew grows by as much, so that header time, and with it ring time, go on. When a block comes later
//! than two beats after its parent, what lies above two beats counts for nothing in ring time and pays the skew off: header time finds
//! back to the system clock.

/// Steady time stands still for small corrections of the system clock instead of growing a skew, so that a clock that trembles does not run
/// ahead.
const CORRECTION_MS_MAX: u64 = 1_000;

/// Maps the system clock to steady time and header time, all in milliseconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeaderClock {
    beat_ms: u64,
    /// What the system clock was set back by, in all.
    skew_ms: u64,
    /// How much of it is paid off.
    paid_ms: u64,
    /// Steady time, as far as it is known to have come.
    steady_ms: u64,
}

impl HeaderClock {
    /// `tip_ms` is the last block's header time, or the genesis's.
    pub fn new(beat_ms: u64, tip_ms: u64) -> Self {
        Self { beat_ms, skew_ms: 0, paid_ms: 0, steady_ms: tip_ms }
    }

    /// Steady time when the system clock says `now_ms`. Stands still for at most a quarter of a beat when that is set back.
    pub fn read(&mut self, now_ms: u64) -> u64 {
        let correction_ms = CORRECTION_MS_MAX.min(self.beat_ms / 4);
        if now_ms.saturating_add(self.skew_ms).saturating_add(correction_ms) < self.steady_ms {
            self.skew_ms = self.steady_ms - now_ms;
        }
        self.steady_ms = self.steady_ms.max(now_ms.saturating_add(self.skew_ms));
        self.steady_ms
    }

    /// Steady time has come so far at least, whatever the system clock says.
    pub fn pass(&mut self, steady_ms: u64) {
        self.steady_ms = self.steady_ms.max(steady_ms);
    }

    /// The steady time at which header time is, was or will be `header_ms`.
    pub fn steady(&self, header_ms: u64) -> u64 {
        header_ms.saturating_add(self.paid_ms)
    }

    /// The header time of a block that is made now, after one of `parent_ms`.
    pub fn stamp(&mut self, now_ms: u64, parent_ms: u64) -> u64 {
        let time_ms = (self.read(now_ms) - self.paid_ms).max(parent_ms);
        let unheard_ms = (time_ms - parent_ms).saturating_sub(2 * self.beat_ms);
        let paid_ms = unheard_ms.min(self.skew_ms - self.paid_ms);
        self.paid_ms += paid_ms;
        time_ms - paid_ms
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEAT: u64 = 10_000;
    const HOUR: u64 = 3_600_000;

    #[test]
    fn a_clock_set_back_by_an_hour_goes_on_at_once() {
        let mut clock = HeaderClock::new(BEAT, 0);
        assert_eq!(clock.read(2 * HOUR), 2 * HOUR);
        assert_eq!(clock.read(HOUR), 2 * HOUR);
        assert_eq!(clock.read(HOUR + 500), 2 * HOUR + 500);
    }

    #[test]
    fn a_start_with_a_clock_before_the_tip_goes_on_from_the_tip() {
        let mut clock = HeaderClock::new(BEAT, 2 * HOUR);
        assert_eq!(clock.read(HOUR), 2 * HOUR);
        assert_eq!(clock.read(HOUR + 7), 2 * HOUR + 7);
    }

    #[test]
    fn a_trembling_clock_does_not_run_ahead() {
        let mut clock = HeaderClock::new(BEAT, 0);
        for step in 0..1_000 {
            let now_ms = HOUR + step + if step % 2 == 0 { 900 } else { 0 };
            assert!(clock.read(now_ms) <= HOUR + step + 900);
        }
    }

    #[test]
    fn time_that_counts_for_nothing_pays_the_skew_off() {
        let mut clock = HeaderClock::new(BEAT, 2 * HOUR);
        assert_eq!(clock.stamp(HOUR, 2 * HOUR), 2 * HOUR);
        // Half an hour without a block: two beats count, the rest brings header time nearer to the system clock.
        let stamp = clock.stamp(HOUR + HOUR / 2, 2 * HOUR);
        assert_eq!(stamp, 2 * HOUR + 2 * BEAT);
        assert_eq!(clock.stamp(4 * HOUR, stamp), 4 * HOUR);
        assert_eq!(clock.skew_ms, clock.paid_ms);
    }

    #[test]
    fn a_forward_jump_is_followed_and_never_before_the_parent() {
        let mut clock = HeaderClock::new(BEAT, 0);
        assert_eq!(clock.stamp(10 * HOUR, 5), 10 * HOUR);
        assert_eq!(clock.stamp(10 * HOUR, 11 * HOUR), 11 * HOUR);
        clock.pass(12 * HOUR);
        assert_eq!(clock.read(10 * HOUR), 12 * HOUR);
        assert_eq!(clock.read(u64::MAX), u64::MAX);
        assert_eq!(clock.steady(u64::MAX), u64::MAX);
    }
}
