//! This account's transactions on their way to the ledger: one sequence of nonces for all jobs and roles.
//!
//! A machine names a transaction by its number; it is signed once, recorded, and the same bytes are sent again and again until
//! their nonce has passed. What the ledger would refuse is found on the own copy of the ledger, because every peer has one: a
//! validator's word is not needed. When one falls out, those behind it have nonces with a gap before them, so they fall out,
//! too, and their machines build them anew.

use raylance_v1_consensus::Chain;
use raylance_v1_ledger::{RefusalCause, State};
use raylance_v1_market::{TxNumber, TxRefusal};
use raylance_v1_protocol::tx::Tx;
use raylance_v1_protocol::{AccountId, Action, Height, JobId, Keypair, Signed, TxId};
use raylance_v1_store::OutgoingTx;
use std::collections::VecDeque;

/// Most transactions on their way: each machine has at most one, and a peer has some hundred machines at most.
pub(crate) const TXS_MAX: usize = 512;
/// The same bytes go out again after so long, whatever the machines say: a validator forgets its waiting list when it restarts.
const RESEND_MS: u64 = 2_000;

/// Which machine of a job submits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum TxRole {
    /// The artist's.
    Artist,
    /// The worker's.
    Worker,
}

/// Names a transaction within this node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct TxSource {
    /// The job.
    pub job: JobId,
    /// The machine.
    pub role: TxRole,
    /// Its number.
    pub number: TxNumber,
}

/// One signed transaction whose nonce has not passed.
struct Pending {
    /// Who asked for it; unknown after a restart, until its machine asks for the same action again.
    source: Option<TxSource>,
    nonce: u64,
    signed: Signed<Tx>,
    sent_ms: u64,
}

/// The sequence, ascending by nonce without gaps.
pub(crate) struct TxQueue {
    pending: VecDeque<Pending>,
    /// The first one and the height at which the ledger was asked about it.
    checked: Option<(TxId, Height)>,
}

/// A transaction that will never be in a block.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Fallen {
    /// Who asked for it, if known.
    pub source: Option<TxSource>,
    /// Which.
    pub id: TxId,
    /// Why.
    pub cause: TxRefusal,
}

impl TxQueue {
    /// The sequence as it was recorded, ascending by nonce.
    pub fn new(recorded: Vec<OutgoingTx>) -> Self {
        let pending = |tx: OutgoingTx| Pending { source: None, nonce: tx.nonce, signed: tx.tx, sent_ms: 0 };
        Self { pending: recorded.into_iter().map(pending).collect(), checked: None }
    }

    /// Signs an action under the next nonce, unless it was signed before for the same source. Returns what is new and must be
    /// recorded before it is sent; `None` also when there is no room, and then the machine asks again.
    pub fn sign(&mut self, keys: &Keypair, state: &State, now_ms: u64, source: TxSource, action: Action) -> Option<OutgoingTx> {
        let same =
            |tx: &Pending| tx.source == Some(source) || (tx.source.is_none() && tx.signed.open().is_ok_and(|(_, tx)| tx.action == action));
        if let Some(known) = self.pending.iter_mut().find(|tx| same(tx)) {
            known.source = Some(source);
            // Asked for again: the bytes go out at the next turn.
            known.sent_ms = 0;
            return None;
        }
        if self.pending.len() >= TXS_MAX {
            return None;
        }
        let next = state.account(keys.account()).nonce;
        let nonce = self.pending.back().map_or(next, |last| next.max(last.nonce + 1));
        let signed = keys.sign(&Tx { chain: state.chain(), nonce, action });
        self.pending.push_back(Pending { source: Some(source), nonce, signed: signed.clone(), sent_ms: 0 });
        Some(OutgoingTx { tx: signed, nonce, created_ms: now_ms })
    }

    /// What has to be sent now, in order of nonces.
    pub fn due(&mut self, now_ms: u64) -> Vec<Signed<Tx>> {
        let due = self.pending.iter_mut().filter(|tx| now_ms.saturating_sub(tx.sent_ms) >= RESEND_MS);
        let sent = |tx: &mut Pending| {
            tx.sent_ms = now_ms;
            tx.signed.clone()
        };
        due.map(sent).collect()
    }

    /// Drops what is through, and what will never be. `is_final` says whether a transaction of a passed nonce is in the chain.
    pub fn settle(&mut self, me: AccountId, chain: &Chain, is_final: impl Fn(TxId) -> bool) -> Vec<Fallen> {
        let mut fallen = Vec::new();
        let next = chain.next_nonce(me);
        while let Some(tx) = self.pending.pop_front_if(|tx| tx.nonce < next) {
            let id = tx.signed.id();
            if !is_final(id) {
                fallen.push(Fallen { source: tx.source, id, cause: TxRefusal::Stale });
            }
        }
        let Some(front) = self.pending.front() else { return fallen };
        let now = (front.signed.id(), chain.height());
        if self.checked.replace(now) == Some(now) {
            return fallen;
        }
        if let Some(cause) = dry_run(chain, &front.signed) {
            // The rest would wait for ever behind the gap.
            let causes = std::iter::once(cause).chain(std::iter::repeat(TxRefusal::Stale));
            let fall = |(tx, cause): (Pending, TxRefusal)| Fallen { source: tx.source, id: tx.signed.id(), cause };
            fallen.extend(self.pending.drain(..).zip(causes).map(fall));
        }
        fallen
    }
}

/// Why the ledger would refuse this transaction as the next one; `None` when it would take it.
fn dry_run(chain: &Chain, tx: &Signed<Tx>) -> Option<TxRefusal> {
    let state = chain.state();
    let refused = state.stage().execute(state, chain.height().next(), tx).err()?;
    tracing::debug!(%refused, "an own transaction falls out");
    Some(match refused.cause() {
        RefusalCause::Funds => TxRefusal::Funds,
        RefusalCause::Stale => TxRefusal::Stale,
        RefusalCause::Rule => TxRefusal::Rules,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use raylance_v1_consensus::{Engine as _, Solo, solo_genesis};
    use raylance_v1_protocol::{Digest, Microlux};

    fn keys() -> Keypair {
        Keypair::from_secret([7; 32])
    }

    fn chain(balance: u64) -> Chain {
        let me = keys().account();
        Chain::new(solo_genesis("test", me, 1, vec![(me, Microlux(balance))])).unwrap()
    }

    fn source(number: u64) -> TxSource {
        TxSource { job: JobId(Digest::default()), role: TxRole::Artist, number: TxNumber(number) }
    }

    fn pay(amount: u64) -> Action {
        Action::Transfer { to: Keypair::from_secret([8; 32]).account(), amount_microlux: Microlux(amount) }
    }

    /// Puts what is due into the next block and returns its ids.
    fn block(chain: &mut Chain, queue: &mut TxQueue) -> Vec<TxId> {
        let mut engine = Solo::new(keys(), chain).unwrap();
        for tx in queue.due(u64::MAX) {
            engine.submit(chain, tx).unwrap();
        }
        let blocks = engine.advance(chain, 2).unwrap();
        blocks.iter().flat_map(|block| chain.apply(block).unwrap().events).map(|(id, _)| id).collect()
    }

    #[test]
    fn nonces_follow_each_other_and_one_source_is_signed_once() {
        let (mut chain, mut queue) = (chain(100), TxQueue::new(Vec::new()));
        let first = queue.sign(&keys(), chain.state(), 1, source(0), pay(1)).unwrap();
        let second = queue.sign(&keys(), chain.state(), 1, source(1), pay(2)).unwrap();
        assert_eq!((first.nonce, second.nonce), (0, 1));
        assert_eq!(queue.sign(&keys(), chain.state(), 1, source(0), pay(1)), None);
        let included = block(&mut chain, &mut queue);
        assert_eq!(included, [first.tx.id(), second.tx.id()]);
        assert_eq!(queue.settle(keys().account(), &chain, |id| included.contains(&id)), []);
        assert_eq!(queue.sign(&keys(), chain.state(), 1, source(2), pay(1)).unwrap().nonce, 2);
    }

    #[test]
    fn after_a_restart_the_same_action_is_the_same_transaction() {
        let (chain, mut queue) = (chain(100), TxQueue::new(Vec::new()));
        let recorded = queue.sign(&keys(), chain.state(), 1, source(0), pay(1)).unwrap();
        let mut again = TxQueue::new(vec![recorded.clone()]);
        assert_eq!(again.sign(&keys(), chain.state(), 2, source(0), pay(1)), None);
        assert_eq!(again.due(10_000), [recorded.tx]);
        assert_eq!(again.sign(&keys(), chain.state(), 2, source(1), pay(1)).unwrap().nonce, 1, "another number is another transaction");
    }

    #[test]
    fn what_the_ledger_refuses_falls_out_with_all_that_wait_behind_it() {
        let (chain, mut queue) = (chain(100), TxQueue::new(Vec::new()));
        queue.sign(&keys(), chain.state(), 1, source(0), pay(101)).unwrap();
        queue.sign(&keys(), chain.state(), 1, source(1), pay(1)).unwrap();
        let causes: Vec<_> =
            queue.settle(keys().account(), &chain, |_| false).into_iter().map(|fallen| (fallen.source, fallen.cause)).collect();
        assert_eq!(causes, [(Some(source(0)), TxRefusal::Funds), (Some(source(1)), TxRefusal::Stale)]);
        assert_eq!(queue.sign(&keys(), chain.state(), 1, source(2), pay(1)).unwrap().nonce, 0, "the nonce is free again");
    }

    #[test]
    fn a_nonce_that_another_transaction_used_makes_ours_stale() {
        let (mut chain, mut queue) = (chain(100), TxQueue::new(Vec::new()));
        let mut elsewhere = TxQueue::new(Vec::new());
        elsewhere.sign(&keys(), chain.state(), 1, source(9), pay(5)).unwrap();
        queue.sign(&keys(), chain.state(), 1, source(0), pay(1)).unwrap();
        let included = block(&mut chain, &mut elsewhere);
        let fallen = queue.settle(keys().account(), &chain, |id| included.contains(&id));
        assert_eq!(fallen.len(), 1);
        assert_eq!((fallen[0].source, fallen[0].cause), (Some(source(0)), TxRefusal::Stale));
    }
}
