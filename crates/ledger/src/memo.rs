//! What blocks came to, remembered: where many replicas stand in one process, each block is executed once.

use crate::draft::Executed;
use raylance_protocol::Digest;
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

/// What a block's outcome depends on, and nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct BlockKey {
    /// Root of the state before it.
    pub parent_state: Digest,
    /// Its header's time.
    pub header_ms: u64,
    /// Hash over its transactions, see [`raylance_protocol::block::tx_root`].
    pub tx_root: Digest,
}

/// A bounded memory of valid blocks. Clones share it.
#[derive(Clone, Debug)]
pub struct Memo {
    blocks: Arc<Mutex<Blocks>>,
    capacity: usize,
}

#[derive(Debug, Default)]
struct Blocks {
    outcomes: BTreeMap<BlockKey, Arc<Executed>>,
    /// Oldest first.
    order: VecDeque<BlockKey>,
}

impl Memo {
    /// Remembers at most `capacity` blocks, the latest ones.
    pub fn new(capacity: usize) -> Self {
        Self { blocks: Arc::default(), capacity }
    }

    /// What the block came to: remembered, or by `run`, whose failures are not remembered. Signatures belong into `run`: a block whose
    /// transactions have this hash was checked with them.
    ///
    /// # Errors
    /// That of `run`.
    pub fn execute<E>(&self, key: BlockKey, run: impl FnOnce() -> Result<Executed, E>) -> Result<Arc<Executed>, E> {
        if let Some(executed) = self.lock().outcomes.get(&key) {
            return Ok(executed.clone());
        }
        // Not under the lock: others execute other blocks meanwhile.
        let executed = Arc::new(run()?);
        let mut blocks = self.lock();
        if self.capacity > 0 && blocks.outcomes.insert(key, executed.clone()).is_none() {
            blocks.order.push_back(key);
            while blocks.order.len() > self.capacity {
                if let Some(oldest) = blocks.order.pop_front() {
                    blocks.outcomes.remove(&oldest);
                }
            }
        }
        Ok(executed)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Blocks> {
        // Whoever panicked under the lock left a map that is whole.
        self.blocks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
