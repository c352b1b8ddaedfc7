//! Receipts and keys: the one place where a key goes out.

use super::rows::{Receipted, TotalKey};
use super::{DueItem, Worker, WorkerEffect};
use crate::artist::Say;
use crate::turn::Turn;
use raylance_protocol::row::ChannelState;
use raylance_protocol::{Microlux, Receipt, Signature, Task};

impl Worker {
    pub(super) fn hear_receipt(&mut self, now_ms: u64, receipt: Receipt, signature: Signature, turn: &mut Turn<WorkerEffect>) {
        let task = receipt.delivery.task;
        if let Some(receipted) = self.receipted_tasks.get(&task).and_then(|total| self.receipted.get(total)) {
            if receipted.receipt(self.id, self.job.me) == receipt {
                self.say_key(receipted, turn);
            }
            return;
        }
        let Some(waiting) = self.delivered.get_mut(&task) else { return };
        let delivery = waiting.delivered.delivery(self.id, self.job.me);
        if receipt.delivery != delivery || receipt.price != waiting.delivered.price {
            return;
        }
        // Receipts may overtake each other; what does not fit now is looked at again when the total or the chain has moved.
        waiting.early = Some((receipt, signature));
        self.open_what_fits(now_ms, turn);
    }

    /// Lets keys go whose receipts fit, in the order of their totals.
    pub(super) fn open_what_fits(&mut self, now_ms: u64, turn: &mut Turn<WorkerEffect>) {
        while let Some((task, total, signature)) = self.next_receipt(now_ms) {
            let Some(delivered) = self.take_delivered(task, turn) else { return };
            // The artist is alive and signs.
            self.blocking.clear();
            let receipted = Receipted { delivered, total, signature };
            self.say_key(&receipted, turn);
            if total == self.tally.total {
                // Given away: nothing is owed, and the artist has had the film since before it signed.
                turn.effect(WorkerEffect::Forget { task });
                continue;
            }
            self.tally.total = total;
            self.put_tally(turn);
            turn.put(&TotalKey { job: self.id, total }, &receipted);
            self.receipted_tasks.insert(task, total);
            self.receipted.insert(total, receipted);
            self.await_payment(now_ms);
        }
    }

    fn next_receipt(&self, now_ms: u64) -> Option<(Task, Microlux, Signature)> {
        // At most as many as the worker risks: eight.
        self.delivered.iter().find_map(|(task, waiting)| {
            let (receipt, signature) = waiting.early.as_ref()?;
            self.may_open(now_ms, receipt).then_some((*task, receipt.total, *signature))
        })
    }

    /// May the key go for this receipt, which matches its delivery and lease? It must continue the total without a gap, be covered by
    /// the row, and leave time for a claim.
    fn may_open(&self, now_ms: u64, receipt: &Receipt) -> bool {
        if self.tally.total.plus(receipt.price) != Ok(receipt.total) {
            return false;
        }
        if self.free {
            return receipt.price == Microlux::ZERO;
        }
        let parameters = &self.job.policy.parameters;
        let Some(view) = self.view.as_ref().filter(|view| view.is_fresh(now_ms, parameters)) else { return false };
        let Some((_, channel)) = &view.rows else { return false };
        let in_time = view.claims_until().is_none_or(|until| view.ring_time.after(parameters.window_ms / 2) <= until);
        matches!(channel.state, ChannelState::Open | ChannelState::Claimed(_)) && receipt.total <= channel.reserved && in_time
    }

    pub(super) fn say_key(&self, receipted: &Receipted, turn: &mut Turn<WorkerEffect>) {
        let (task, key) = (receipted.delivered.task, receipted.delivered.key);
        self.say(Say::Key { job: self.id, task, key }, turn);
    }

    /// Shows the artist where they stand, and what it may have lost if its rows are older than what it said.
    pub(super) fn say_again(&self, turn: &mut Turn<WorkerEffect>) {
        if let Some((_, last)) = self.receipted.last_key_value() {
            self.say(Say::Standing(last.receipt(self.id, self.job.me), last.signature), turn);
        }
        for waiting in self.delivered.values() {
            self.say(Say::Delivery(waiting.delivered.delivery(self.id, self.job.me)), turn);
        }
        if self.tally.done {
            self.say_done(turn);
        }
    }

    /// Receipts up to this total are settled: they and their films are of no more use.
    pub(super) fn settle(&mut self, now_ms: u64, paid: Microlux, turn: &mut Turn<WorkerEffect>) {
        let mut settled = false;
        while let Some(first) = self.receipted.first_entry().filter(|first| *first.key() <= paid) {
            let (total, receipted) = first.remove_entry();
            let task = receipted.delivered.task;
            self.receipted_tasks.remove(&task);
            turn.remove::<Receipted>(&TotalKey { job: self.id, total });
            turn.effect(WorkerEffect::Forget { task });
            settled = true;
        }
        if settled {
            self.unpaid_late = false;
            self.due.clear(DueItem::Unpaid);
            self.await_payment(now_ms);
        }
    }
}
