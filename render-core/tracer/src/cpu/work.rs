//! What paths may cost: nodes visited and leaves tested, counted down, so that no scene keeps a thread for ever.

use super::generated::PATH_TESTS_MAX;
use crate::Control;
use std::cell::Cell;

/// After so many tests the control is looked at: some milliseconds.
const SLICE_TESTS: u32 = 1 << 17;
/// A walk takes so many at a time, and leaves the rest to the walks within it.
const WALK_TESTS: u32 = 1 << 10;

/// Tests that the paths at hand may still make. One for each thread.
///
/// Paths that are traced together have one count: what one leaves, another may use.
#[derive(Debug)]
pub struct Work<'a> {
    /// Tests until [`Work::refill`] decides.
    slice: Cell<u32>,
    /// Tests beyond them.
    rest: Cell<u64>,
    granted: Cell<u64>,
    is_spent: Cell<bool>,
    control: &'a Control,
}

impl<'a> Work<'a> {
    /// For no path yet.
    pub fn new(control: &'a Control) -> Self {
        Self { slice: Cell::new(0), rest: Cell::new(0), granted: Cell::new(0), is_spent: Cell::new(false), control }
    }

    /// For walks of tests, as many as they like.
    #[cfg(test)]
    pub fn endless() -> Work<'static> {
        let work = Work::new(Box::leak(Box::default()));
        work.begin(u64::MAX / u64::from(PATH_TESTS_MAX));
        work
    }

    /// Begins what may cost as much as so many paths.
    pub fn begin(&self, paths: u64) {
        let granted = paths * u64::from(PATH_TESTS_MAX);
        self.granted.set(granted);
        self.rest.set(granted);
        self.slice.set(0);
        self.is_spent.set(false);
    }

    /// For one walk: counts in a register, which a number that lies here does not allow.
    #[inline(always)]
    pub fn meter(&self) -> Meter<'_, 'a> {
        Meter { left: self.take(), work: self }
    }

    #[inline(always)]
    fn take(&self) -> u32 {
        let slice = self.slice.get();
        let taken = slice.min(WALK_TESTS);
        self.slice.set(slice - taken);
        taken
    }

    /// What is left of `left` and more after so many tests.
    #[cold]
    fn refill(&self, left: u32, tests: u32) -> Option<u32> {
        if self.slice.get() < tests {
            if self.rest.get() == 0 || !self.control.may_go_on() {
                self.rest.set(0);
                self.is_spent.set(true);
                return None;
            }
            let more = self.rest.get().min(u64::from(SLICE_TESTS));
            self.rest.set(self.rest.get() - more);
            self.slice.set(self.slice.get() + more as u32);
        }
        Some(left + self.take() - tests)
    }

    /// Did something end because its paths reached their bound or nobody wanted them any more? What they are worth then is no value.
    pub fn is_spent(&self) -> bool {
        self.is_spent.get()
    }

    /// Tests since [`Work::begin`].
    pub fn used(&self) -> u64 {
        self.granted.get() - self.rest.get() - u64::from(self.slice.get())
    }
}

/// The count of one walk.
pub struct Meter<'w, 'a> {
    left: u32,
    work: &'w Work<'a>,
}

impl Meter<'_, '_> {
    /// Takes tests; `false`: the walk ends.
    #[inline(always)]
    pub fn spend(&mut self, tests: u32) -> bool {
        if self.left >= tests {
            self.left -= tests;
            return true;
        }
        let left = self.work.refill(self.left, tests);
        self.left = left.unwrap_or(0);
        left.is_some()
    }
}

impl Drop for Meter<'_, '_> {
    #[inline(always)]
    fn drop(&mut self) {
        self.work.slice.set(self.work.slice.get() + self.left);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_have_what_all_of_them_may_have() {
        let control = Control::default();
        let work = Work::new(&control);
        assert!(!work.meter().spend(1), "no path has begun");
        for paths in [1, 7] {
            work.begin(paths);
            assert!(!work.is_spent());
            let granted = paths * u64::from(PATH_TESTS_MAX);
            assert!((0..granted).all(|used| work.used() == used && work.meter().spend(1)));
            assert!(!work.meter().spend(1) && work.is_spent() && work.used() == granted);
            work.begin(paths);
            let mut meter = work.meter();
            assert_eq!((0..granted).take_while(|_| meter.spend(16)).count() as u64, granted / 16);
        }
    }

    #[test]
    fn a_walk_within_a_walk_takes_from_the_same() {
        let control = Control::default();
        let work = Work::new(&control);
        work.begin(1);
        let mut outer = work.meter();
        assert!(outer.spend(5) && work.meter().spend(7));
        drop(outer);
        assert_eq!(work.used(), 12);
    }

    #[test]
    fn a_cancelled_path_ends_after_a_slice() {
        let control = Control::default();
        let work = Work::new(&control);
        work.begin(100);
        let mut meter = work.meter();
        assert!(meter.spend(1));
        control.cancel();
        assert_eq!((0..=SLICE_TESTS).take_while(|_| meter.spend(1)).count() as u32, SLICE_TESTS - 1);
        assert!(work.is_spent());
    }
}
