//! A stream of chance from 32 private bytes.

/// Uniform numbers from the BLAKE3 stream keyed with `dice`. Purposes are domain-separated: the same dice give unrelated streams.
pub(crate) struct Chance {
    stream: blake3::OutputReader,
    buffer: [u8; 64],
    used: usize,
}

impl Chance {
    pub(crate) fn new(dice: &[u8; 32], purpose: &str) -> Self {
        let stream = blake3::Hasher::new_keyed(dice).update(purpose.as_bytes()).finalize_xof();
        Self { stream, buffer: [0; 64], used: 64 }
    }

    fn next_u64(&mut self) -> u64 {
        if self.used == self.buffer.len() {
            self.stream.fill(&mut self.buffer);
            self.used = 0;
        }
        let mut word = [0; 8];
        word.copy_from_slice(&self.buffer[self.used..self.used + 8]);
        self.used += 8;
        u64::from_le_bytes(word)
    }

    /// A number below `bound`; 0 when `bound` is 0. Bounds here are below 2^54, so no number is preferred by more than 1 in 1,000, and
    /// none below 2^21 by more than 1 in 10^12.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        ((u128::from(self.next_u64()) * u128::from(bound)) >> 64) as u64
    }

    /// Brings a random choice of `count` items to the front of `items`, every choice equally likely.
    pub(crate) fn choose<T>(&mut self, items: &mut [T], count: usize) {
        for at in 0..count.min(items.len()) {
            let other = at + self.below((items.len() - at) as u64) as usize;
            items.swap(at, other);
        }
    }
}
