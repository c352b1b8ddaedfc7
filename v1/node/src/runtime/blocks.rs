//! Following the ring's chain: pulling blocks, making them where this peer is the validator, and proving the own balance.

use super::NodeError;
use super::node::{Node, Turn};
use super::open::{now_ms, own_movements};
use super::show;
use crate::audit::Audit;
use raylance_v1_consensus::{Engine as _, SubmitError, prove_account, verify_account_proof};
use raylance_v1_ledger::{LedgerEvent, MoveReason, RefusalCause};
use raylance_v1_market::{TxRefusal, artist, worker};
use raylance_v1_peer::SendError;
use raylance_v1_protocol::{AccountId, FinalBlock, Gossip, Height, Message, Microlux, Refusal, Reply, limits};
use raylance_v1_store::{Role, WalletRow};
use std::collections::BTreeMap;

/// Tag of questions for blocks; at most one is on its way.
pub(super) const TAG_BLOCKS: u64 = 0;
/// Pause between two questions when nobody tells of a new block.
const POLL_MS: u64 = 1_000;
/// A question without an answer is given up after so long: longer than the network's own patience.
const ASK_MS: u64 = 30_000;
/// Pause between two blocks of this peer: short enough to watch, long enough that transactions share a block.
const BLOCK_MS: u64 = 250;
/// Movements that a view shows.
const MOVEMENTS_SHOWN: u32 = 100;

impl Node {
    /// What is due by the clock: own blocks, questions, transactions.
    pub(super) async fn follow_chain(&mut self, turn: &mut Turn) -> Result<(), NodeError> {
        let now_ms = now_ms();
        if now_ms.saturating_sub(self.follow.advanced_ms) >= BLOCK_MS {
            self.follow.advanced_ms = now_ms;
            self.make_blocks(now_ms, turn).await?;
        }
        if self.follow.asked && now_ms.saturating_sub(self.follow.asked_ms) >= ASK_MS {
            self.follow.asked = false;
        }
        let is_due = self.follow.told > self.chain.height() || now_ms.saturating_sub(self.follow.asked_ms) >= POLL_MS;
        if self.engine.is_none() && is_due {
            // Validators know; where none is connected, any other peer has the same blocks.
            let validators = self.chain.validators();
            let mut peers: Vec<AccountId> = self.connected.iter().copied().collect();
            if peers.iter().any(|&peer| validators.contains(peer)) {
                peers.retain(|&peer| validators.contains(peer));
            }
            if !peers.is_empty() {
                let peer = peers[self.follow.turn % peers.len()];
                self.follow.turn += 1;
                self.ask_blocks_of(peer);
            }
        }
        Ok(())
    }

    /// Asks a peer for the blocks after the last one, unless a question is on its way.
    pub(super) fn ask_blocks_of(&mut self, peer: AccountId) {
        if self.follow.asked {
            return;
        }
        let message = Message::GetBlocks { from: self.chain.height().next(), blocks_max: limits::BLOCKS_PER_REPLY_MAX };
        if self.peer.send(peer, &message, TAG_BLOCKS).is_ok() {
            self.follow.asked = true;
            self.follow.asked_ms = now_ms();
        }
    }

    /// An own message was answered. Only blocks matter: whatever else was lost is sent again by its machine.
    pub(super) async fn hear_reply(&mut self, tag: u64, reply: Result<Reply, SendError>, turn: &mut Turn) -> Result<(), NodeError> {
        if tag != TAG_BLOCKS {
            if let Ok(Reply::Refused(refusal)) = reply {
                tracing::debug!(%refusal, "a message was refused");
            }
            return Ok(());
        }
        self.follow.asked = false;
        let Ok(Reply::Blocks(blocks)) = reply else { return Ok(()) };
        let any = !blocks.is_empty();
        if !any {
            // Whoever told of a higher block was wrong, or will tell again.
            self.follow.told = self.chain.height();
        }
        for block in blocks {
            if block.block.header.height <= self.chain.height() {
                continue;
            }
            if let Err(error) = self.take_block(&block, turn).await? {
                tracing::warn!(%error, "a peer sent a block that is not believed");
                return Ok(());
            }
        }
        // There may be more where these came from.
        if any {
            self.follow.asked_ms = 0;
        }
        Ok(())
    }

    async fn make_blocks(&mut self, now_ms: u64, turn: &mut Turn) -> Result<(), NodeError> {
        let Some(engine) = &mut self.engine else { return Ok(()) };
        for block in engine.advance(&self.chain, now_ms)? {
            self.take_block(&block, turn).await??;
        }
        Ok(())
    }

    /// Checks a block by executing it, records it with what it means for the wallet, and tells the machines.
    async fn take_block(
        &mut self,
        block: &FinalBlock,
        turn: &mut Turn,
    ) -> Result<Result<(), raylance_v1_consensus::BlockError>, NodeError> {
        let applied = match self.chain.apply(block) {
            Ok(applied) => applied,
            Err(error) => return Ok(Err(error)),
        };
        let movements = own_movements(self.me, applied.height, applied.events.iter().map(|(_, events)| events));
        let wallet = self.prove_balance();
        self.store.save_block(block, &movements, wallet.as_ref()).await?;
        self.hashes.push(applied.hash);
        if let Some(row) = wallet {
            self.wallet.balance = row.balance;
            self.wallet.verified_at_height = row.proven_height.0;
        }
        if !movements.is_empty() {
            self.read_movements().await?;
        }
        for events in applied.events.iter().map(|(_, events)| events) {
            self.count_earnings(events);
            self.accounts.extend(moved_accounts(events));
        }
        turn.included.extend(applied.events.iter().map(|(id, _)| *id));
        let wishes = self.parts.hear_block(now_ms(), block, &applied);
        for job in applied.events.iter().flat_map(|(_, events)| events).filter_map(LedgerEvent::job) {
            turn.dirty.extend(self.parts.artists.contains_key(&job).then_some((job, Role::Artist)));
            turn.dirty.extend(self.parts.workers.contains_key(&job).then_some((job, Role::Worker)));
        }
        turn.wishes.extend(wishes);
        turn.gossip.retain(|gossip| !matches!(gossip, Gossip::Final { .. }));
        if self.engine.is_some() {
            turn.gossip.push(Gossip::Final { height: applied.height });
        }
        self.changed = true;
        Ok(Ok(()))
    }

    /// The own balance, believed only by certificate, header and path; `None` when they do not agree.
    fn prove_balance(&self) -> Option<WalletRow> {
        let proof = prove_account(&self.chain, self.me)?;
        let proven = verify_account_proof(self.chain.genesis(), &proof)
            .inspect_err(|error| tracing::error!(%error, "the own balance is not proven"))
            .ok()?;
        let right = proof.account == self.me && proof.header.height == self.chain.height();
        right.then_some(WalletRow { account: self.me, balance: proven.balance_microlux, proven_height: proof.header.height, proof })
    }

    /// Fills the wallet from the store and the chain at the start.
    pub(super) async fn read_wallet(&mut self) -> Result<(), NodeError> {
        self.wallet.balance = self.chain.state().account(self.me).balance_microlux;
        if let Some(row) = self.prove_balance() {
            self.wallet.balance = row.balance;
            self.wallet.verified_at_height = row.proven_height.0;
        }
        self.read_movements().await
    }

    async fn read_movements(&mut self) -> Result<(), NodeError> {
        let movements = self.store.movements(self.me, MOVEMENTS_SHOWN).await?;
        let total = self.store.running_total(self.me).await?;
        self.wallet.movements = movements.iter().map(show::movement).collect();
        self.wallet.agrees = u64::try_from(total.0).ok() == Some(self.chain.state().account(self.me).balance_microlux.0);
        Ok(())
    }

    fn count_earnings(&mut self, events: &[LedgerEvent]) {
        for event in events {
            if let LedgerEvent::Moved { account, change, reason: MoveReason::Rendered { .. } | MoveReason::Verified { .. }, .. } = event
                && *account == self.me
            {
                let change = Microlux(u64::try_from(change.0).unwrap_or(0));
                self.rent.earned = self.rent.earned.plus(change).unwrap_or(self.rent.earned);
            }
        }
    }

    /// Transactions and questions for blocks.
    pub(super) async fn hear_elsewhere(&mut self, message: Message) -> Result<Reply, NodeError> {
        Ok(match message {
            Message::GetBlocks { from, blocks_max } => {
                let from = Height(from.0.max(1));
                Reply::Blocks(self.store.blocks(from, blocks_max.min(limits::BLOCKS_PER_REPLY_MAX)).await?)
            }
            Message::SubmitTx(tx) => match &mut self.engine {
                None => Reply::Refused(Refusal::NotYours),
                Some(engine) => match engine.submit(&self.chain, tx) {
                    Ok(_) => Reply::Ack,
                    Err(SubmitError::Full { .. }) => Reply::Refused(Refusal::Busy),
                    Err(SubmitError::Refused(refused)) => {
                        tracing::debug!(%refused, cause = ?refused.cause(), "a transaction is refused");
                        Reply::Refused(if refused.cause() == RefusalCause::Stale { Refusal::Busy } else { Refusal::Ledger })
                    }
                },
            },
            _ => Reply::Refused(Refusal::Malformed),
        })
    }

    /// Sends own transactions that are due to whoever makes blocks.
    pub(super) fn send_txs(&mut self) {
        if let Some(engine) = &mut self.engine {
            for tx in self.txs.due(now_ms()) {
                if let Err(refused) = engine.submit(&self.chain, tx) {
                    tracing::debug!(%refused, "an own transaction is refused for now");
                }
            }
            return;
        }
        let validators: Vec<AccountId> =
            self.chain.validators().accounts().iter().copied().filter(|v| self.connected.contains(v)).collect();
        if validators.is_empty() {
            return;
        }
        for tx in self.txs.due(now_ms()) {
            let message = Message::SubmitTx(tx);
            for &validator in &validators {
                if let Err(error) = self.peer.send(validator, &message, super::act::TAG_OTHER) {
                    tracing::debug!(%error, "a transaction did not leave; it is sent again");
                }
            }
        }
    }

    /// Drops own transactions that are through, and tells machines which ones will never be.
    pub(super) fn settle_txs(&mut self, turn: &mut Turn) {
        let included = std::mem::take(&mut turn.included);
        for fallen in self.txs.settle(self.me, &self.chain, |id| included.contains(&id)) {
            turn.abandoned.push(fallen.id);
            let Some(source) = fallen.source else { continue };
            let (number, cause): (_, TxRefusal) = (source.number, fallen.cause);
            match source.role {
                super::txs::TxRole::Artist => drop(self.step_artist(source.job, artist::Input::TxRefused { number, cause }, turn)),
                super::txs::TxRole::Worker => drop(self.step_worker(source.job, worker::Input::TxRefused { number, cause }, turn)),
            }
        }
    }

    /// Sums of all money on this peer's verified chain.
    pub(super) fn audit(&self) -> Audit {
        let state = self.chain.state();
        let balance = |&id: &AccountId| (id.to_hex(), state.account(id).balance_microlux.0);
        let balances: BTreeMap<String, u64> = self.accounts.iter().map(balance).collect();
        let supply = state.supply();
        Audit {
            height: self.chain.height().0,
            block: self.chain.hash().to_string(),
            genesis_total: supply.genesis.0,
            balances,
            escrow: state.jobs().map(|(_, job)| job.escrow.0).sum(),
            treasury: supply.treasury.0,
            burned: supply.burned.0,
        }
    }
}

/// Accounts whose balance changed: together with the genesis these are all that can have money.
pub(super) fn moved_accounts(events: &[LedgerEvent]) -> impl Iterator<Item = AccountId> {
    events.iter().filter_map(|event| match event {
        LedgerEvent::Moved { account, .. } => Some(*account),
        _ => None,
    })
}
