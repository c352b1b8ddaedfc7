//! Claims: what the artist signed and does not pay is taken from the row.

use super::rows::Receipted;
use super::{DueItem, Worker, WorkerEffect};
use crate::terms::{PATIENCE_MS, pay_interval_ms};
use crate::turn::Turn;
use raylance_protocol::row::ChannelState;
use raylance_protocol::tx::{Claim, ClaimEntry};
use raylance_protocol::{Microlux, encode, limits};
use std::ops::Bound;

/// Bytes of a transaction around its claim: envelope, nonce, last time, tag.
const AROUND_CLAIM_BYTES: usize = 4 + 32 + 64 + 8 + 8 + 1;

impl Worker {
    /// An artist that has paid nothing of what is owed for that long is silent. It pays by the age of its job, which this worker knows
    /// only since it has its row; a window is a tenth of the longest jobs that are usual.
    fn silence_ms(&self) -> u64 {
        let age_ms = self.view.as_ref().zip(self.tally.seen).map_or(0, |(view, seen)| view.ring_time.0.saturating_sub(seen.0));
        (3 * pay_interval_ms(age_ms) + PATIENCE_MS).max(self.job.policy.parameters.window_ms)
    }

    /// Begins to wait for the next payment, unless one is waited for.
    pub(super) fn await_payment(&mut self, now_ms: u64) {
        if !self.receipted.is_empty() && !self.due.contains(DueItem::Unpaid) && !self.unpaid_late {
            self.due.set(DueItem::Unpaid, now_ms + self.silence_ms());
        }
    }

    /// Claims the next receipts where the job is closing or the artist has been silent, and where it is worth its fee.
    pub(super) fn claim_if_wanted(&mut self, turn: &mut Turn<WorkerEffect>) {
        let Some(view) = &self.view else { return };
        let Some((job, channel)) = &view.rows else { return };
        if self.claiming || !(view.closing() || self.unpaid_late) || view.claims_until().is_some_and(|until| until <= view.ring_time) {
            return;
        }
        let parameters = &self.job.policy.parameters;
        let bond = match channel.state {
            ChannelState::Open => parameters.court_fee(job.scene_bytes),
            ChannelState::Claimed(_) => Microlux::ZERO,
            ChannelState::InCourt { .. } | ChannelState::Done | ChannelState::Void | ChannelState::Ended => return,
        };
        let base = view.base();
        let Some((claim, total)) = self.next_claim(base) else { return };
        let fee = parameters.fee(AROUND_CLAIM_BYTES + encode(&claim).len());
        let worth = Microlux(total.0.saturating_sub(base.0));
        if worth <= fee || fee.plus(bond).is_ok_and(|cost| view.balance < cost) {
            return;
        }
        self.claiming = true;
        turn.effect(WorkerEffect::Claim(claim));
    }

    /// The oldest receipts above `base`, as many as fit, with the total that they lead to.
    fn next_claim(&self, base: Microlux) -> Option<(Claim, Microlux)> {
        let unpaid = self.receipted.range((Bound::Excluded(base), Bound::Unbounded)).take(limits::CLAIM_ENTRIES_MAX);
        let receipts: Vec<&Receipted> = unpaid.map(|(_, receipted)| receipted).collect();
        let (first, last) = (receipts.first()?, receipts.last()?);
        let from_total = first.total.minus(first.delivered.price).ok()?;
        let entries = receipts.iter().map(|receipted| ClaimEntry {
            task: receipted.delivered.task,
            root: receipted.delivered.root,
            key: receipted.delivered.key,
            price: receipted.delivered.price,
            signature: receipted.signature,
        });
        let (worker, artist) = (self.job.me, self.job.spec.artist);
        Some((Claim { job: self.id, worker, artist, from_total, entries: entries.collect() }, last.total))
    }
}
