//! What comes out of a step: rows to record, then effects to perform.

use raylance_protocol::row::{Row, key_bytes};
use raylance_protocol::{Digest, encode};

/// A row to record: its key with its new value, or without one where it goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Write {
    /// Table number and fields, see [`raylance_protocol::row`].
    pub key: Vec<u8>,
    /// `None` removes the row.
    pub value: Option<Vec<u8>>,
}

/// One step's result. The writes of a turn are recorded in one transaction, and only then are its effects performed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turn<E> {
    /// Rows that changed.
    pub writes: Vec<Write>,
    /// What is to be done.
    pub effects: Vec<E>,
}

impl<E> Default for Turn<E> {
    fn default() -> Self {
        Self { writes: Vec::new(), effects: Vec::new() }
    }
}

impl<E> Turn<E> {
    /// Records a row.
    pub fn put<R: Row>(&mut self, key: &R::Key, row: &R) {
        self.writes.push(Write { key: key_bytes::<R>(key), value: Some(encode(row)) });
    }

    /// Removes a row.
    pub fn remove<R: Row>(&mut self, key: &R::Key) {
        self.writes.push(Write { key: key_bytes::<R>(key), value: None });
    }

    /// Asks for an effect.
    pub fn effect(&mut self, effect: E) {
        self.effects.push(effect);
    }
}

/// Private chance for one step: 32 bytes from a good source, given in by the caller and never used twice.
#[derive(Clone, Copy, Debug)]
pub struct Dice(pub [u8; 32]);

impl Dice {
    /// An independent throw for a purpose within the step.
    pub fn throw(&self, purpose: &str, number: u64) -> [u8; 32] {
        Digest::of("raylance dice 2", &[&self.0, purpose.as_bytes(), &number.to_le_bytes()]).0
    }
}
