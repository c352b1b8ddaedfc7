//! Transactions that wait for a block.
//!
//! ```text
//! account A   nonce 4 ─ 5 ─ 6          every queue begins at its account's next nonce and has no gap,
//! account B   nonce 0                   so whatever waits can be executed, or is dropped when its turn comes
//!
//! a block takes   disputes │ what disputes wait behind │ the rest      each in order of arrival
//! ```
//!
//! Nothing waits for free: an account's balance must cover the fees of everything that it has here. Nothing waits for ever: a queue's head is
//! executed or dropped, with all that follows it, by the next blocks. So a stranger without money has no place at all, one with money
//! has as many places as it pays for, and neither can hold a place without moving on. A quarter of the pool is for disputes alone.

use crate::block::is_dispute;
use raylance_ledger::{Draft, Refusal, State};
use raylance_protocol::{AccountId, CheckedTx, Microlux, RingTime, Signed, Tx, TxId, limits};
use std::cmp::Reverse;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, VecDeque, btree_set};
use std::iter::Peekable;

/// How much may wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolLimits {
    /// Transactions of one account.
    pub account_txs: usize,
    /// Bytes of one account's transactions.
    pub account_bytes: usize,
    /// Transactions in all; three quarters of them may be other than disputes.
    pub txs: usize,
    /// Bytes in all; three quarters of them may be other than disputes.
    pub bytes: usize,
    /// Most refused transactions that are met while one block is made: bounds what broken ones cost a validator.
    pub refusals: usize,
}

impl PoolLimits {
    /// Four blocks' worth in number and sixteen in bytes; one account fills a sixtieth of a block in number and four tenths in bytes, which
    /// is the claim of a thousand tasks.
    pub const USUAL: Self = Self {
        account_txs: 64,
        account_bytes: 4 * (limits::TX_BYTES_MAX + 100),
        txs: 4 * limits::BLOCK_TXS_MAX,
        bytes: 16 * limits::BLOCK_TXS_BYTES_MAX,
        refusals: limits::BLOCK_TXS_MAX,
    };
}

/// Why a transaction does not wait here.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PoolError {
    /// The ledger would refuse it.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Another one of this nonce came first. What was promised to one recipient is not exchanged for something else.
    #[error("another transaction with nonce {0} waits already")]
    NonceTaken(u64),
    /// Those between are missing: send them first.
    #[error("nonce {found}; with those that wait the account's next one is {expected}")]
    NonceGap {
        /// The next nonce.
        expected: u64,
        /// The transaction's.
        found: u64,
    },
    /// The account can't pay for so many.
    #[error("fees of {need} wait for a block with this one, the balance is {have}")]
    Fees {
        /// The account's free balance.
        have: Microlux,
        /// Fees of everything that it has here.
        need: Microlux,
    },
    /// The account has its share.
    #[error("the account has {txs} transactions of {bytes} bytes waiting; send it again after the next block")]
    AccountFull {
        /// Waiting transactions.
        txs: usize,
        /// Their bytes.
        bytes: usize,
    },
    /// There is no room.
    #[error("{txs} transactions of {bytes} bytes are waiting; send it again after the next block")]
    Full {
        /// Waiting transactions.
        txs: usize,
        /// Their bytes.
        bytes: usize,
    },
}

/// What [`Pool::precheck`] and [`Pool::insert`] found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// It has, or would get, a place.
    New,
    /// It waits already: nothing to check, nothing changes.
    Known,
}

/// A transaction that left the pool without a block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dropped {
    /// Its id.
    pub tx: TxId,
    /// Who sent it.
    pub account: AccountId,
    /// Why.
    pub reason: DropReason,
}

/// Why a transaction left the pool without a block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DropReason {
    /// The ledger refused it when its turn came.
    Refused(Refusal),
    /// One that it follows was dropped.
    Follows(TxId),
    /// Its time ran out.
    Late,
    /// A block holds another one with its nonce.
    Superseded(TxId),
    /// A fault of the ledger's rules showed in the block that would have held it.
    Fault,
}

/// What goes into a block.
#[derive(Debug, Default)]
pub struct Selection {
    /// In this order; they stay in the pool until [`Pool::settle`] sees them in a block.
    pub txs: Vec<CheckedTx>,
    /// They are in the pool no more.
    pub dropped: Vec<Dropped>,
}

/// Transactions that wait for a block. The cost of each call grows with what it is given and with the logarithm of what waits.
#[derive(Debug)]
pub struct Pool {
    limits: PoolLimits,
    queues: BTreeMap<AccountId, Queue>,
    /// The head of every queue.
    heads: BTreeSet<Turn>,
    expiries: BTreeSet<(RingTime, AccountId, u64)>,
    txs: usize,
    bytes: usize,
    arrivals: u64,
}

/// The order in which queues' heads have their turn.
type Turn = (Lane, u64, AccountId);

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Lane {
    Dispute,
    BeforeDispute,
    Other,
}

/// One account's transactions, ascending by nonce without a gap; never empty.
#[derive(Debug, Default)]
struct Queue {
    waiting: VecDeque<Waiting>,
    bytes: usize,
    fees: u64,
}

#[derive(Debug)]
struct Waiting {
    tx: CheckedTx,
    arrival: u64,
    fee: u64,
    /// Disputes that its queue held up to this one.
    disputes: u64,
}

impl Pool {
    /// An empty pool.
    pub fn new(limits: PoolLimits) -> Self {
        Self { limits, queues: BTreeMap::new(), heads: BTreeSet::new(), expiries: BTreeSet::new(), txs: 0, bytes: 0, arrivals: 0 }
    }

    /// Transactions that wait.
    pub fn len(&self) -> usize {
        self.txs
    }

    /// Does nothing wait?
    pub fn is_empty(&self) -> bool {
        self.txs == 0
    }

    /// Bytes of what waits.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// The nonce of the account's next transaction after everything that waits.
    pub fn next_nonce(&self, state: &State, account: AccountId) -> u64 {
        let waiting = self.queues.get(&account).and_then(Queue::last_nonce);
        waiting.map_or_else(|| state.account(account).nonce, |last| last + 1)
    }

    /// Would this transaction get a place if its signatures were good? To be asked before they are checked: it costs a decoding of the body and
    /// a few look-ups.
    ///
    /// # Errors
    /// [`PoolError`], cheapest rules first.
    pub fn precheck(&self, state: &State, signed: &Signed<Tx>) -> Result<Place, PoolError> {
        let (account, bytes) = (signed.claimed_signer(), signed.encoded_len());
        let queue = self.queues.get(&account);
        let tx = signed.peek().map_err(Refusal::from)?;
        if let Some(waiting) = queue.and_then(|queue| queue.at(tx.nonce)) {
            let known = waiting.tx.signed().body() == signed.body();
            return if known { Ok(Place::Known) } else { Err(PoolError::NonceTaken(tx.nonce)) };
        }
        self.check_room(queue, bytes, is_dispute(&tx.action))?;
        state.precheck(signed)?;
        let expected = self.next_nonce(state, account);
        if tx.nonce != expected {
            return Err(PoolError::NonceGap { expected, found: tx.nonce });
        }
        let (have, fee) = (state.account(account).balance, state.parameters().fee(bytes));
        let need = Microlux(queue.map_or(0, |queue| queue.fees).saturating_add(fee.0));
        if need > have { Err(PoolError::Fees { have, need }) } else { Ok(Place::New) }
    }

    /// Takes a transaction.
    ///
    /// # Errors
    /// [`PoolError`]: the same rules as in [`Pool::precheck`], which may have come to another answer before a block.
    pub fn insert(&mut self, state: &State, tx: CheckedTx) -> Result<Place, PoolError> {
        if self.precheck(state, tx.signed())? == Place::Known {
            return Ok(Place::Known);
        }
        let (account, nonce, bytes) = (tx.signer(), tx.tx().nonce, tx.len_bytes());
        self.arrivals += 1;
        self.txs += 1;
        self.bytes += bytes;
        self.expiries.insert((tx.tx().valid_until, account, nonce));
        let fee = state.parameters().fee(bytes).0;
        let queue = self.queues.entry(account).or_default();
        if let Some(turn) = queue.turn(account) {
            self.heads.remove(&turn);
        }
        queue.push(tx, self.arrivals, fee);
        self.heads.extend(queue.turn(account));
        Ok(Place::New)
    }

    /// Executes what waits on `draft`, disputes first, until a block's limits are reached. What the ledger refuses is dropped, with what follows
    /// it in its account.
    pub fn select(&mut self, draft: &mut Draft) -> Selection {
        let mut selection = Selection::default();
        let (mut bytes, mut refused) = (0, Vec::new());
        let mut line = Line { heads: self.heads.iter().peekable(), next: BinaryHeap::new() };
        while let Some((turn, at)) = line.next() {
            let queue = &self.queues[&turn.2];
            let tx = &queue.waiting[at].tx;
            bytes += tx.len_bytes();
            let full = selection.txs.len() == limits::BLOCK_TXS_MAX || bytes > limits::BLOCK_TXS_BYTES_MAX;
            if full || refused.len() == self.limits.refusals {
                break;
            }
            match draft.execute(tx) {
                Ok(()) => {
                    selection.txs.push(tx.clone());
                    // A dispute behind another kind of transaction leads the next block.
                    let next = queue.turn_at(turn.2, at + 1).filter(|next| next.0 >= turn.0);
                    line.next.extend(next.map(|next| Reverse((next, at + 1))));
                }
                Err(refusal) => {
                    bytes -= tx.len_bytes();
                    refused.push((turn.2, tx.tx().nonce, refusal));
                }
            }
        }
        for (account, nonce, refusal) in refused {
            selection.dropped.extend(self.cut(account, nonce, DropReason::Refused(refusal)));
        }
        selection
    }

    /// Forgets what a new block holds, and what can't come into any later one. `state` is the one after the block.
    pub fn settle(&mut self, state: &State, block: &[CheckedTx]) -> Vec<Dropped> {
        let mut dropped = Vec::new();
        for tx in block {
            while let Some(waiting) = self.pop(tx.signer(), tx.tx().nonce) {
                if waiting.tx.id() != tx.id() {
                    dropped.push(Dropped { tx: waiting.tx.id(), account: tx.signer(), reason: DropReason::Superseded(tx.id()) });
                }
            }
        }
        let now = state.clock().ring_time;
        while let Some((_, account, nonce)) = self.expiries.first().copied().filter(|first| first.0 < now) {
            dropped.extend(self.cut(account, nonce, DropReason::Late));
        }
        dropped
    }

    /// Forgets these transactions and what follows them, because a block with them shows a fault of the ledger's rules.
    pub fn discard(&mut self, txs: &[CheckedTx]) -> Vec<Dropped> {
        txs.iter().flat_map(|tx| self.cut(tx.signer(), tx.tx().nonce, DropReason::Fault)).collect()
    }

    /// Panics unless the counts and orders are those of what waits.
    #[cfg(test)]
    pub(crate) fn audit(&self) {
        let all = || self.queues.values().flat_map(|queue| &queue.waiting);
        assert_eq!((self.txs, self.bytes), (all().count(), all().map(|waiting| waiting.tx.len_bytes()).sum()));
        assert_eq!(self.heads, self.queues.iter().filter_map(|(account, queue)| queue.turn(*account)).collect());
        let expiry = |waiting: &Waiting| (waiting.tx.tx().valid_until, waiting.tx.signer(), waiting.tx.tx().nonce);
        assert_eq!(self.expiries, all().map(expiry).collect());
        for queue in self.queues.values() {
            assert!(!queue.waiting.is_empty());
            let nonces: Vec<u64> = queue.waiting.iter().map(|waiting| waiting.tx.tx().nonce).collect();
            assert!(nonces.windows(2).all(|pair| pair[0] + 1 == pair[1]), "{nonces:?}");
            assert_eq!(queue.bytes, queue.waiting.iter().map(|waiting| waiting.tx.len_bytes()).sum::<usize>());
            assert_eq!(queue.fees, queue.waiting.iter().map(|waiting| waiting.fee).sum::<u64>());
        }
    }

    fn check_room(&self, queue: Option<&Queue>, bytes: usize, dispute: bool) -> Result<(), PoolError> {
        let limits = &self.limits;
        if let Some(queue) = queue {
            let (txs, waiting) = (queue.waiting.len(), queue.bytes);
            if txs >= limits.account_txs || waiting + bytes > limits.account_bytes {
                return Err(PoolError::AccountFull { txs, bytes: waiting });
            }
        }
        let share = |all: usize| if dispute { all } else { all / 4 * 3 };
        if self.txs >= share(limits.txs) || self.bytes + bytes > share(limits.bytes) {
            return Err(PoolError::Full { txs: self.txs, bytes: self.bytes });
        }
        Ok(())
    }

    /// Removes the head of a queue if its nonce is `nonce` or lower.
    fn pop(&mut self, account: AccountId, nonce: u64) -> Option<Waiting> {
        let Entry::Occupied(mut entry) = self.queues.entry(account) else { return None };
        let queue = entry.get_mut();
        if queue.waiting.front()?.tx.tx().nonce > nonce {
            return None;
        }
        self.heads.remove(&queue.turn(account)?);
        let waiting = queue.pop_front()?;
        self.heads.extend(queue.turn(account));
        if queue.waiting.is_empty() {
            entry.remove();
        }
        self.forget(&waiting);
        Some(waiting)
    }

    /// Removes the transaction of this nonce and all that follow it in its account.
    fn cut(&mut self, account: AccountId, nonce: u64, reason: DropReason) -> Vec<Dropped> {
        let Entry::Occupied(mut entry) = self.queues.entry(account) else { return Vec::new() };
        let queue = entry.get_mut();
        let Some(at) = queue.place(nonce) else { return Vec::new() };
        if let Some(turn) = queue.turn(account) {
            self.heads.remove(&turn);
        }
        let cut = queue.cut(at);
        self.heads.extend(queue.turn(account));
        if queue.waiting.is_empty() {
            entry.remove();
        }
        cut.iter().for_each(|waiting| self.forget(waiting));
        let Some(first) = cut.front().map(|waiting| waiting.tx.id()) else { return Vec::new() };
        let because = |tx| if tx == first { reason.clone() } else { DropReason::Follows(first) };
        cut.iter().map(|waiting| waiting.tx.id()).map(|tx| Dropped { tx, account, reason: because(tx) }).collect()
    }

    fn forget(&mut self, waiting: &Waiting) {
        let tx = &waiting.tx;
        self.expiries.remove(&(tx.tx().valid_until, tx.signer(), tx.tx().nonce));
        self.txs -= 1;
        self.bytes -= tx.len_bytes();
    }
}

impl Queue {
    fn last_nonce(&self) -> Option<u64> {
        self.waiting.back().map(|waiting| waiting.tx.tx().nonce)
    }

    fn place(&self, nonce: u64) -> Option<usize> {
        let first = self.waiting.front()?.tx.tx().nonce;
        let at = usize::try_from(nonce.checked_sub(first)?).ok()?;
        (at < self.waiting.len()).then_some(at)
    }

    fn at(&self, nonce: u64) -> Option<&Waiting> {
        self.waiting.get(self.place(nonce)?)
    }

    fn turn(&self, account: AccountId) -> Option<Turn> {
        self.turn_at(account, 0)
    }

    /// When the transaction at `at` has its turn, once those before it had theirs.
    fn turn_at(&self, account: AccountId, at: usize) -> Option<Turn> {
        let (waiting, last) = (self.waiting.get(at)?, self.waiting.back()?);
        let lane = match is_dispute(&waiting.tx.tx().action) {
            true => Lane::Dispute,
            false if last.disputes > waiting.disputes => Lane::BeforeDispute,
            false => Lane::Other,
        };
        Some((lane, waiting.arrival, account))
    }

    fn push(&mut self, tx: CheckedTx, arrival: u64, fee: u64) {
        let before = self.waiting.back().map_or(0, |last| last.disputes);
        let disputes = before + u64::from(is_dispute(&tx.tx().action));
        self.bytes += tx.len_bytes();
        self.fees += fee;
        self.waiting.push_back(Waiting { tx, arrival, fee, disputes });
    }

    fn pop_front(&mut self) -> Option<Waiting> {
        let waiting = self.waiting.pop_front()?;
        self.bytes -= waiting.tx.len_bytes();
        self.fees -= waiting.fee;
        Some(waiting)
    }

    fn cut(&mut self, at: usize) -> VecDeque<Waiting> {
        let cut = self.waiting.split_off(at);
        self.bytes -= cut.iter().map(|waiting| waiting.tx.len_bytes()).sum::<usize>();
        self.fees -= cut.iter().map(|waiting| waiting.fee).sum::<u64>();
        cut
    }
}

/// Hands out turns in order: queues' heads, and what follows a head that was executed.
struct Line<'a> {
    heads: Peekable<btree_set::Iter<'a, Turn>>,
    next: BinaryHeap<Reverse<(Turn, usize)>>,
}

impl Line<'_> {
    /// Whose turn it is, and at which place of its queue.
    fn next(&mut self) -> Option<(Turn, usize)> {
        let head = self.heads.peek().map(|turn| (**turn, 0));
        let follower = self.next.peek().map(|Reverse(next)| *next);
        match (head, follower) {
            (Some(head), Some(follower)) if head < follower => self.heads.next().map(|_| head),
            (Some(head), None) => self.heads.next().map(|_| head),
            (_, Some(_)) => self.next.pop().map(|Reverse(next)| next),
            (None, None) => None,
        }
    }
}
