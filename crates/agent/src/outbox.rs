//! Messages on their way: each is sent again until its receiver has recorded it.

use crate::agent::{Agent, Ask, Due};
use crate::effect::{Effect, Outgoing};
use raylance_market::artist::Say;
use raylance_protocol::message::Refusal;
use raylance_protocol::{AccountId, JobId, Reply};
use std::collections::BTreeMap;

/// Between the first two tries; doubles up to [`WAIT_MS_MAX`].
const WAIT_MS: u64 = 500;
const WAIT_MS_MAX: u64 = 30_000;
/// Most messages on their way to one peer. Machines say everything again when a peer comes back, so what has no room is not lost.
const LETTERS_MAX: usize = 256;

/// Names a message on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct LetterId {
    to: AccountId,
    number: u64,
}

impl LetterId {
    /// All that go to one peer.
    fn to(to: AccountId) -> std::ops::RangeInclusive<Self> {
        Self { to, number: 0 }..=Self { to, number: u64::MAX }
    }
}

#[derive(Debug)]
struct Letter {
    message: Outgoing,
    tries: u32,
    /// Is an answer due?
    flies: bool,
}

/// Messages on their way, by receiver.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    letters: BTreeMap<LetterId, Letter>,
    numbers: u64,
}

impl Agent {
    /// Sends until it is taken. The same message twice is one.
    pub(crate) fn send(&mut self, to: AccountId, message: Outgoing) {
        let mut count = 0;
        for (_, letter) in self.outbox.letters.range(LetterId::to(to)) {
            if letter.message == message {
                return;
            }
            count += 1;
        }
        if count >= LETTERS_MAX {
            return;
        }
        self.outbox.numbers += 1;
        let id = LetterId { to, number: self.outbox.numbers };
        self.outbox.letters.insert(id, Letter { message, tries: 0, flies: false });
        self.try_letter(id);
    }

    pub(crate) fn try_letter(&mut self, id: LetterId) {
        let is_there = self.peers.contains(&id.to);
        let Some(letter) = self.outbox.letters.get_mut(&id).filter(|letter| !letter.flies && is_there) else { return };
        letter.flies = true;
        let message = Box::new(letter.message.clone());
        self.ask(Ask::Letter(id), |effect| Effect::Send { id: effect, to: id.to, message });
    }

    /// The receiver's reply, or `None` when there was none.
    pub(crate) fn on_letter(&mut self, id: LetterId, reply: Option<Reply>) {
        let Some(letter) = self.outbox.letters.get_mut(&id) else { return };
        letter.flies = false;
        match reply {
            None | Some(Reply::Refused(Refusal::UnknownJob | Refusal::Busy | Refusal::NotMember)) => {
                let wait_ms = (WAIT_MS << letter.tries.min(8)).min(WAIT_MS_MAX);
                letter.tries += 1;
                self.set_due(Due::Letter(id), wait_ms);
            }
            Some(Reply::Refused(Refusal::Ledger)) => {
                if let Some(Outgoing::Submit(tx)) = self.outbox.letters.remove(&id).map(|letter| letter.message) {
                    self.on_refused_by_validator(tx.id());
                }
            }
            // The last three are answers to something else.
            Some(
                Reply::Recorded
                | Reply::Refused(Refusal::Malformed | Refusal::NotYours)
                | Reply::Blocks(_)
                | Reply::State(_)
                | Reply::Nodes(_),
            ) => {
                self.outbox.letters.remove(&id);
            }
        }
    }

    /// A peer is there again: everything for it goes out now.
    pub(crate) fn try_letters(&mut self, to: AccountId) {
        let waiting: Vec<LetterId> = self.outbox.letters.range(LetterId::to(to)).map(|(id, _)| *id).collect();
        for id in waiting {
            self.due.clear(Due::Letter(id));
            self.try_letter(id);
        }
    }

    /// Nothing about this job is worth sending any more.
    pub(crate) fn drop_letters_of(&mut self, job: JobId) {
        self.drop_letters(|message| matches!(message, Outgoing::Say(say) if job_of(say) == Some(job)));
    }

    /// Transactions that need not be sent any more.
    pub(crate) fn drop_submissions(&mut self) {
        self.drop_letters(|message| matches!(message, Outgoing::Submit(_)));
    }

    fn drop_letters(&mut self, is_over: impl Fn(&Outgoing) -> bool) {
        let due = &mut self.due;
        self.outbox.letters.retain(|id, letter| {
            let keep = !is_over(&letter.message);
            if !keep {
                due.clear(Due::Letter(*id));
            }
            keep
        });
    }
}

fn job_of(say: &Say) -> Option<JobId> {
    match say {
        Say::Hired { job, .. } | Say::Key { job, .. } | Say::Return { job, .. } => Some(*job),
        Say::Lease(lease) => Some(lease.job),
        Say::Receipt(receipt) | Say::Standing(receipt, _) => Some(receipt.delivery.job),
        Say::Delivery(delivery) => Some(delivery.job),
        Say::Done(done) => Some(done.job),
        Say::Bid(_) => None,
    }
}
