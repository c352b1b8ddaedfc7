//! Leases: which are accepted, what is rendered, what is given back.

use super::rows::{Delivered, InHand, TaskKey};
use super::{DueItem, IDLE_MS, PERIODS_BLOCKED, Waiting, Worker, WorkerEffect};
use crate::artist::Say;
use crate::pricing;
use crate::terms::{PATIENCE_MS, TASKS_PAID_MAX, TASKS_UNPAID_MAX, price_min};
use crate::turn::Turn;
use raylance_protocol::message::{Assignment, ReturnReason};
use raylance_protocol::row::ChannelState;
use raylance_protocol::{FilmKey, Lease, Microlux, Root, Task, limits};

impl Worker {
    pub(super) fn hear_lease(&mut self, now_ms: u64, lease: Lease, turn: &mut Turn<WorkerEffect>) {
        let task = lease.assignment.task();
        if lease.job != self.id || self.in_hand.contains_key(&task) {
            return;
        }
        if let Some(waiting) = self.delivered.get(&task) {
            let delivery = waiting.delivered.delivery(self.id, self.job.me);
            return self.say(Say::Delivery(delivery), turn);
        }
        if self.receipted_tasks.contains_key(&task) || !self.is_acceptable(now_ms, &lease) {
            return self.say(Say::Return { job: self.id, task, reason: ReturnReason::Terms }, turn);
        }
        self.prices_out = Microlux(self.prices_out.0.saturating_add(lease.price.0));
        self.due.set(DueItem::LeaseEnds(task), now_ms + u64::from(lease.lasts_ms));
        if self.free {
            self.due.set(DueItem::Idle, now_ms + u64::from(lease.lasts_ms) + IDLE_MS);
        }
        self.render(&lease, turn);
        let in_hand = InHand { lease };
        turn.put(&TaskKey { job: self.id, task }, &in_hand);
        self.in_hand.insert(task, in_hand);
    }

    pub(super) fn render(&self, lease: &Lease, turn: &mut Turn<WorkerEffect>) {
        let (job, assignment) = (self.id, lease.assignment.clone());
        turn.effect(WorkerEffect::Render { job, assignment, sealed: lease.price > Microlux::ZERO });
    }

    fn is_acceptable(&self, now_ms: u64, lease: &Lease) -> bool {
        let stopped = self.tally.leaving || self.tally.done || !self.blocking.is_empty();
        !stopped && self.is_of_the_job(&lease.assignment) && self.is_worth_it(lease) && self.is_safe(now_ms, lease)
    }

    fn is_of_the_job(&self, assignment: &Assignment) -> bool {
        let work = &self.job.spec.work;
        match assignment {
            Assignment::Unit(unit) => work.leaf_count(*unit).is_some(),
            Assignment::List(addresses) => {
                (1..=limits::LIST_ADDRESSES_MAX).contains(&addresses.len()) && addresses.iter().all(|address| work.contains(address))
            }
        }
    }

    fn is_worth_it(&self, lease: &Lease) -> bool {
        let policy = &self.job.policy;
        if lease.price == Microlux::ZERO {
            return policy.free;
        }
        let least = price_min(&policy.parameters);
        let asked = match &lease.assignment {
            Assignment::Unit(unit) => pricing::unit_price(&self.job.spec.work, policy.rate, *unit),
            Assignment::List(addresses) => pricing::list_price(policy.rate, addresses, least),
        };
        lease.price >= least && asked.is_some_and(|asked| lease.price >= asked)
    }

    /// Can everything that may be owed after this task be claimed, and is it no more than the owner risks?
    fn is_safe(&self, now_ms: u64, lease: &Lease) -> bool {
        let out = self.in_hand.len() + self.delivered.len();
        if self.free {
            return lease.price == Microlux::ZERO && out < TASKS_UNPAID_MAX;
        }
        let policy = &self.job.policy;
        let Some(view) = self.view.as_ref().filter(|view| view.is_fresh(now_ms, &policy.parameters)) else { return false };
        let Some((job, channel)) = &view.rows else { return false };
        if channel.state != ChannelState::Open || job.claims_until.is_some() {
            return false;
        }
        let Some(owed) = [self.prices_out, lease.price].iter().try_fold(self.tally.total, |sum, price| sum.plus(*price).ok()) else {
            return false;
        };
        let unpaid = Microlux(owed.0.saturating_sub(channel.paid.0));
        let bond = policy.parameters.court_fee(job.scene_bytes);
        let tasks_max = match (view.balance < bond, channel.paid > Microlux::ZERO) {
            // It can't claim, so it risks one task and waits until that one is paid.
            (true, _) => usize::from(self.tally.total <= channel.paid),
            (false, false) => TASKS_UNPAID_MAX,
            (false, true) => TASKS_PAID_MAX,
        };
        let until = view.ring_time.after(u64::from(lease.lasts_ms)).after(2 * policy.parameters.window_ms);
        owed <= channel.reserved && unpaid <= policy.unpaid_max && out < tasks_max && until <= job.ends_by
    }

    pub(super) fn hear_rendered(&mut self, now_ms: u64, task: Task, root: Root, key: FilmKey, turn: &mut Turn<WorkerEffect>) {
        let Some(in_hand) = self.in_hand.get(&task) else {
            // It was given back in the meantime.
            if !self.delivered.contains_key(&task) && !self.receipted_tasks.contains_key(&task) {
                turn.effect(WorkerEffect::Forget { task });
            }
            return;
        };
        let price = in_hand.lease.price;
        if (key == FilmKey::NONE) != (price == Microlux::ZERO) {
            // An unsealed film would be a gift, and a sealed one can't be opened without a receipt.
            return self.give_back(task, ReturnReason::Device, turn);
        }
        self.in_hand.remove(&task);
        self.due.clear(DueItem::LeaseEnds(task));
        self.due.set(DueItem::NoReceipt(task), now_ms + PATIENCE_MS);
        let delivered = Delivered { task, root, key, price };
        turn.remove::<InHand>(&TaskKey { job: self.id, task });
        turn.put(&TaskKey { job: self.id, task }, &delivered);
        self.say(Say::Delivery(delivered.delivery(self.id, self.job.me)), turn);
        self.delivered.insert(task, Waiting { delivered, periods: 0, early: None });
    }

    pub(super) fn hear_render_failed(&mut self, task: Task, reason: ReturnReason, turn: &mut Turn<WorkerEffect>) {
        if !self.in_hand.contains_key(&task) {
            return;
        }
        self.give_back(task, reason, turn);
        if reason == ReturnReason::WorkBound {
            self.leave(turn);
        }
    }

    /// A film has had no receipt for another period of patience.
    pub(super) fn miss_receipt(&mut self, now_ms: u64, task: Task, turn: &mut Turn<WorkerEffect>) {
        let Some(waiting) = self.delivered.get_mut(&task) else { return };
        waiting.periods += 1;
        let (periods, delivery) = (waiting.periods, waiting.delivered.delivery(self.id, self.job.me));
        let closing = self.view.as_ref().is_some_and(|view| view.closing());
        let forgiven = periods > PERIODS_BLOCKED;
        if closing || forgiven && (self.tally.leaving || self.free) {
            self.give_up(task, turn);
            return self.finish_if_done(turn);
        }
        if forgiven {
            self.blocking.remove(&task);
        } else {
            self.blocking.insert(task);
        }
        self.give_all_back(ReturnReason::Terms, turn);
        self.say(Say::Delivery(delivery), turn);
        self.due.set(DueItem::NoReceipt(task), now_ms + PATIENCE_MS * u64::from(periods.min(PERIODS_BLOCKED)));
    }

    /// No receipt will come for this delivery that could still be claimed.
    pub(super) fn give_up(&mut self, task: Task, turn: &mut Turn<WorkerEffect>) {
        if let Some(delivered) = self.take_delivered(task, turn) {
            turn.effect(WorkerEffect::Forget { task: delivered.task });
        }
    }

    /// A delivery gets its receipt or is given up: it is waited for no longer.
    pub(super) fn take_delivered(&mut self, task: Task, turn: &mut Turn<WorkerEffect>) -> Option<Delivered> {
        let Waiting { delivered, .. } = self.delivered.remove(&task)?;
        self.prices_out = Microlux(self.prices_out.0.saturating_sub(delivered.price.0));
        self.blocking.remove(&task);
        self.due.clear(DueItem::NoReceipt(task));
        turn.remove::<Delivered>(&TaskKey { job: self.id, task });
        Some(delivered)
    }

    pub(super) fn give_back(&mut self, task: Task, reason: ReturnReason, turn: &mut Turn<WorkerEffect>) {
        let Some(in_hand) = self.in_hand.remove(&task) else { return };
        self.prices_out = Microlux(self.prices_out.0.saturating_sub(in_hand.lease.price.0));
        self.due.clear(DueItem::LeaseEnds(task));
        turn.remove::<InHand>(&TaskKey { job: self.id, task });
        turn.effect(WorkerEffect::CancelRender { task });
        self.say(Say::Return { job: self.id, task, reason }, turn);
    }

    pub(super) fn give_all_back(&mut self, reason: ReturnReason, turn: &mut Turn<WorkerEffect>) {
        let tasks: Vec<_> = self.in_hand.keys().copied().collect();
        tasks.into_iter().for_each(|task| self.give_back(task, reason, turn));
    }

    pub(super) fn leave(&mut self, turn: &mut Turn<WorkerEffect>) {
        if !self.tally.leaving {
            self.tally.leaving = true;
            self.put_tally(turn);
        }
        self.give_all_back(ReturnReason::Owner, turn);
        self.finish_if_done(turn);
    }
}
