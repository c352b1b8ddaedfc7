//! What the verified chain says of the job and of the worker's row in it, and how the worker's part ends.

use super::rows::{Delivered, InHand, Receipted, Tally, TaskKey, TotalKey, WorkerJob};
use super::{DueItem, Worker, WorkerEffect};
use crate::artist::Say;
use crate::turn::Turn;
use raylance_protocol::message::ReturnReason;
use raylance_protocol::row::{Channel, ChannelState, Job};
use raylance_protocol::{Done, Microlux, RingParameters, RingTime};

/// The chain as it was last heard of.
#[derive(Clone, Debug)]
pub(super) struct View {
    heard_ms: u64,
    pub ring_time: RingTime,
    pub balance: Microlux,
    /// The job and the worker's own row; nothing until the chain has them.
    pub rows: Option<(Job, Channel)>,
}

impl View {
    pub fn new(heard_ms: u64, ring_time: RingTime, balance: Microlux) -> Self {
        Self { heard_ms, ring_time, balance, rows: None }
    }

    /// Was the chain heard of within a quarter of a window? A job may have closed on a chain that was not.
    pub fn is_fresh(&self, now_ms: u64, parameters: &RingParameters) -> bool {
        now_ms.saturating_sub(self.heard_ms) <= parameters.window_ms / 4
    }

    pub fn paid(&self) -> Microlux {
        self.rows.as_ref().map_or(Microlux::ZERO, |(_, channel)| channel.paid)
    }

    /// What is paid or will be when the open claim ends: where the next claim begins.
    pub fn base(&self) -> Microlux {
        match self.rows.as_ref().map(|(_, channel)| &channel.state) {
            Some(ChannelState::Claimed(claim) | ChannelState::InCourt { claim, .. }) => self.paid().max(claim.total),
            _ => self.paid(),
        }
    }

    pub fn closing(&self) -> bool {
        self.claims_until().is_some()
    }

    /// Until when claims are taken; `None` while the job is open.
    pub fn claims_until(&self) -> Option<RingTime> {
        let (job, channel) = self.rows.as_ref()?;
        job.claims_until.map(|until| until.max(channel.claims_until))
    }
}

impl Worker {
    /// Takes in the rows as they stand after a block.
    pub(super) fn hear_ledger(&mut self, mut view: View, job: Option<Job>, channel: Option<Channel>, turn: &mut Turn<WorkerEffect>) {
        let before = self.view.as_ref().map(|view| view.ring_time).max(self.tally.seen);
        if self.free || before.is_some_and(|before| view.ring_time < before) {
            return;
        }
        let was_seen = self.tally.seen.is_some();
        let Some((job, channel)) = job.zip(channel) else {
            self.view = Some(view);
            if was_seen {
                self.end(turn);
            }
            return;
        };
        if raylance_verify::check_spec(&job, &self.job.spec).is_err() {
            // The row is another job's, or its artist lied about the scene: as if there were none.
            return;
        }
        if !channel.state.is_live() {
            return self.end(turn);
        }
        let (now_ms, paid) = (view.heard_ms, channel.paid);
        view.rows = Some((job, channel));
        let closing = view.closing();
        self.note(&view, turn);
        self.view = Some(view);
        self.settle(now_ms, paid, turn);
        if closing {
            self.give_all_back(ReturnReason::Terms, turn);
        }
        self.open_what_fits(now_ms, turn);
        self.claim_if_wanted(turn);
        self.finish_if_done(turn);
    }

    /// Records what the row says that the tally does not know. A total above the tally's is of receipts that this worker's memory lost:
    /// the next receipt continues that one.
    fn note(&mut self, view: &View, turn: &mut Turn<WorkerEffect>) {
        let noted = Tally { total: self.tally.total.max(view.base()), seen: self.tally.seen.or(Some(view.ring_time)), ..self.tally };
        if noted != self.tally {
            self.tally = noted;
            self.put_tally(turn);
        }
        self.due.clear(DueItem::Idle);
    }

    /// Nothing is in hand and everything is paid: where no more work will come, the worker agrees to its total.
    pub(super) fn finish_if_done(&mut self, turn: &mut Turn<WorkerEffect>) {
        let idle = self.in_hand.is_empty() && self.delivered.is_empty();
        if self.free {
            if idle && self.tally.leaving {
                self.end(turn);
            }
            return;
        }
        let Some(view) = &self.view else { return };
        let Some((_, channel)) = &view.rows else {
            if idle && self.tally.leaving && self.receipted.is_empty() {
                self.end(turn);
            }
            return;
        };
        let settled = channel.state == ChannelState::Open && channel.paid >= self.tally.total && !self.claiming;
        if idle && settled && !self.tally.done && (view.closing() || self.tally.leaving) {
            self.tally.done = true;
            self.put_tally(turn);
            self.say_done(turn);
        }
    }

    pub(super) fn say_done(&self, turn: &mut Turn<WorkerEffect>) {
        let done = Done { job: self.id, worker: self.job.me, total: self.tally.total };
        self.say(Say::Done(done), turn);
    }

    /// No money hangs on the row any more: everything goes.
    pub(super) fn end(&mut self, turn: &mut Turn<WorkerEffect>) {
        let job = self.id;
        for task in std::mem::take(&mut self.in_hand).into_keys() {
            turn.remove::<InHand>(&TaskKey { job, task });
            turn.effect(WorkerEffect::CancelRender { task });
        }
        for task in std::mem::take(&mut self.delivered).into_keys() {
            turn.remove::<Delivered>(&TaskKey { job, task });
            turn.effect(WorkerEffect::Forget { task });
        }
        for (total, receipted) in std::mem::take(&mut self.receipted) {
            turn.remove::<Receipted>(&TotalKey { job, total });
            turn.effect(WorkerEffect::Forget { task: receipted.delivered.task });
        }
        self.receipted_tasks.clear();
        turn.remove::<Tally>(&job);
        turn.remove::<WorkerJob>(&job);
        turn.effect(WorkerEffect::Ended);
        self.ended = true;
    }
}
