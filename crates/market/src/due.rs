//! What becomes due, in the order of time: every state that waits for somebody has an entry.

use std::collections::{BTreeMap, BTreeSet};

/// A queue of distinct items, each with its time in milliseconds.
#[derive(Clone, Debug)]
pub struct DueQueue<T: Ord + Copy> {
    by_time: BTreeSet<(u64, T)>,
    times: BTreeMap<T, u64>,
}

impl<T: Ord + Copy> Default for DueQueue<T> {
    fn default() -> Self {
        Self { by_time: BTreeSet::new(), times: BTreeMap::new() }
    }
}

impl<T: Ord + Copy> DueQueue<T> {
    /// Makes `item` due at `at_ms`, and at no other time.
    pub fn set(&mut self, item: T, at_ms: u64) {
        if let Some(before) = self.times.insert(item, at_ms) {
            self.by_time.remove(&(before, item));
        }
        self.by_time.insert((at_ms, item));
    }

    /// Makes `item` due at `at_ms`, unless it is due before.
    pub fn set_by(&mut self, item: T, at_ms: u64) {
        if self.times.get(&item).is_none_or(|before| *before > at_ms) {
            self.set(item, at_ms);
        }
    }

    /// Nobody waits for `item` any more.
    pub fn clear(&mut self, item: T) {
        if let Some(at) = self.times.remove(&item) {
            self.by_time.remove(&(at, item));
        }
    }

    /// Takes the first item that is due by `now_ms`.
    pub fn pop(&mut self, now_ms: u64) -> Option<T> {
        let &(at, item) = self.by_time.first().filter(|(at, _)| *at <= now_ms)?;
        self.by_time.remove(&(at, item));
        self.times.remove(&item);
        Some(item)
    }

    /// When the first item becomes due.
    pub fn next_ms(&self) -> Option<u64> {
        self.by_time.first().map(|(at, _)| *at)
    }

    /// When `item` becomes due.
    pub fn at(&self, item: T) -> Option<u64> {
        self.times.get(&item).copied()
    }

    /// Is `item` waited for?
    pub fn contains(&self, item: T) -> bool {
        self.times.contains_key(&item)
    }

    /// Items in the queue.
    pub fn len(&self) -> usize {
        self.times.len()
    }

    /// Is nothing waited for?
    pub fn is_empty(&self) -> bool {
        self.times.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_come_once_in_the_order_of_their_latest_times() {
        let mut queue = DueQueue::default();
        queue.set('a', 10);
        queue.set('b', 5);
        queue.set('c', 7);
        queue.set('b', 20);
        queue.set_by('a', 11);
        queue.clear('c');
        assert_eq!((queue.next_ms(), queue.len()), (Some(10), 2));
        assert_eq!(queue.pop(9), None);
        assert_eq!(queue.pop(30), Some('a'));
        assert!(queue.contains('b') && !queue.contains('a'));
        assert_eq!(queue.pop(30), Some('b'));
        assert_eq!(queue.pop(30), None);
        assert!(queue.is_empty());
    }
}
