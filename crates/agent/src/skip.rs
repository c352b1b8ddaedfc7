//! A peer that was away for longer than blocks are kept: it takes the ledger's state instead of the blocks that it has not seen.
//!
//! ```text
//! no reachable peer has the next block, one has later ones ─► GetState ─► certificate and root ─► KeepState ─► the chain stands there
//! ```
//!
//! The state is the ring's own word, like a block: certified, and hashed here. What is lost are the events in between, above all keys that
//! claims showed. So every peer that can be reached is asked for blocks first: one that hides them can't bring it about alone.

use crate::agent::{Agent, Ask, Due};
use crate::effect::{Effect, Notice, Topic};
use crate::ring::Maker;
use crate::rows::{BlockRow, MovementKey, MovementKind, MovementRow, Number};
use raylance_consensus::{Input, Tip};
use raylance_ledger::State;
use raylance_protocol::{AccountId, Height, Microlux};

impl Agent {
    /// Somebody had no next block: the others are asked, and where only later ones are left, for a state.
    pub(crate) fn look_further(&mut self) {
        let ring = &self.ring;
        if ring.syncing || !ring.helpless.values().any(|has_later| *has_later) {
            return;
        }
        let untried = self.untried();
        if !untried.is_empty() {
            return self.ask_for_blocks(&untried);
        }
        let later: Vec<AccountId> = self.ring.helpless.iter().filter(|(_, has_later)| **has_later).map(|(peer, _)| *peer).collect();
        let peer = self.one_of(&later);
        self.ring.syncing = true;
        self.ask(Ask::State(peer), |id| Effect::GetState { id, peer });
    }

    pub(crate) fn on_state(&mut self, peer: AccountId, state: Option<(Tip, State)>) {
        self.ring.syncing = false;
        let Some((tip, state)) = state else { return self.is_no_help(peer) };
        if tip.header.height <= self.ring.chain().height() {
            return self.is_no_help(peer);
        }
        // Another state that is on its way to the disk goes first; peers are asked again.
        if self.ring.keeping {
            return;
        }
        match self.ring.chain().skip_to(tip.clone(), state.clone()) {
            Ok(chain) => {
                (self.ring.syncing, self.ring.keeping, self.ring.coming) = (true, true, Some(Box::new(chain)));
                self.ask(Ask::StateKept, |id| Effect::KeepState { id, tip: Box::new(tip), state: Box::new(state) });
            }
            Err(error) => {
                self.effect(Effect::Tell(Notice::BadState { peer, error }));
                self.is_no_help(peer);
            }
        }
    }

    fn is_no_help(&mut self, peer: AccountId) {
        self.ring.helpless.insert(peer, false);
        self.look_further();
    }

    /// The state lies on the disk: no start reads older blocks any more, and the chain may go on from there.
    pub(crate) fn on_state_kept(&mut self, done: bool) {
        (self.ring.syncing, self.ring.keeping) = (false, false);
        let Some(chain) = self.ring.coming.take().filter(|_| done) else { return };
        let (height, before) = (chain.height(), self.ring.state().account(self.me).balance);
        self.ring.kept = height;
        match &mut self.ring.maker {
            Maker::Own(_) => self.engine(Input::Skipped(chain)),
            Maker::Others(own) => *own = chain,
        }
        if self.ring.chain().height() != height {
            // The engine will not have it: two blocks of its height bear this account's signature.
            return;
        }
        self.ring.lag_txs = 0;
        self.ring.helpless.clear();
        for (older, _) in std::mem::take(&mut self.ring.stored) {
            self.delete::<BlockRow>(&Number(older.0));
        }
        self.step.turn.topics.extend([Topic::Network, Topic::Wallet]);
        self.effect(Effect::Tell(Notice::BlocksSkipped(height)));
        self.judge_unseen();
        self.note_unseen(height, before);
        self.tell_all();
        self.find_all_orphans();
        self.attend_court();
        self.set_due(Due::Pump, 0);
        self.sync();
    }

    /// What flew may have landed in a block that this peer has not seen. Nonces are used in order, and this peer alone signs for its account.
    fn judge_unseen(&mut self) {
        let Some(flying) = &self.wallet.flying else { return };
        let (tx, state) = (flying.tx.tx(), self.ring.state());
        if state.account(self.me).nonce > tx.nonce {
            let job = self.opens(tx);
            self.land(Ok(job));
        } else if tx.valid_until < state.clock().ring_time {
            self.land(Err(None));
        }
    }

    /// One movement for all that happened to this account's money meanwhile.
    fn note_unseen(&mut self, height: Height, before: Microlux) {
        let balance = self.ring.state().account(self.me).balance;
        if balance != before {
            let change = balance.0.wrapping_sub(before.0).cast_signed();
            self.note(MovementKey(height, 0), MovementRow { change, kind: MovementKind::Unseen, job: None, balance });
        }
    }
}
