//! Record → act: what was decided and written is sent, rendered, fetched. Answers come back as new inputs.

use super::node::{Node, Turn};
use super::part::Wish;
use crate::render_thread::Order;
use raylance_v1_protocol::{AccountId, Message, RenderWork};

/// Tag of messages whose reply nobody waits for.
pub(super) const TAG_OTHER: u64 = u64::MAX;

impl Node {
    /// Acts on a recorded turn. What follows from it at once goes into `next`.
    pub(super) fn act(&mut self, turn: Turn, next: &mut Turn) {
        for (responder, reply) in turn.replies {
            responder.answer(reply);
        }
        for gossip in &turn.gossip {
            if let Err(error) = self.peer.gossip(gossip) {
                tracing::debug!(%error, "gossip did not leave");
            }
        }
        for wish in turn.wishes {
            match wish {
                Wish::Artist(job, effect) => self.act_artist(job, effect, next),
                Wish::Worker(job, effect) => self.act_worker(job, effect, next),
                Wish::Verifier(job, effect) => self.act_verifier(job, effect, next),
            }
        }
        self.send_txs();
    }

    /// Sends a message whose machine sends it again when it is lost.
    pub(super) fn send(&self, to: AccountId, message: &Message) {
        if let Err(error) = self.peer.send(to, message, TAG_OTHER) {
            tracing::debug!(%error, "a message did not leave; it is sent again");
        }
    }

    /// Gives the device an order; a full queue is the machine's to ask again.
    pub(super) fn order(&self, order: Order) {
        if let Err(error) = self.device.order(order) {
            tracing::debug!(%error, "an order waits for its machine to ask again");
        }
    }
}

/// Longest film of any unit of this work, bytes.
pub(super) fn film_bytes(work: &RenderWork, unit: raylance_v1_protocol::UnitIndex) -> Option<u64> {
    work.unit(unit).map(|cut| u64::from(cut.leaves()) * raylance_v1_protocol::job::LEAF_BYTES as u64)
}
