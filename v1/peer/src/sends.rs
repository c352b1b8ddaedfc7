//! Which of our messages are on their way to whom, and which wait for their turn.

use libp2p::PeerId;
use libp2p::request_response::OutboundRequestId;
use raylance_v1_protocol::AccountId;
use std::collections::{HashMap, VecDeque};

use crate::limits;

/// A message that waits for its turn.
#[derive(Debug)]
pub(crate) struct Waiting {
    pub to: AccountId,
    pub tag: u64,
    pub bytes: Vec<u8>,
}

/// Per peer a bounded number in flight and a bounded number waiting.
#[derive(Debug, Default)]
pub(crate) struct Sends {
    flights: HashMap<OutboundRequestId, (PeerId, AccountId, u64)>,
    lanes: HashMap<PeerId, Lane>,
}

#[derive(Debug, Default)]
struct Lane {
    in_flight: usize,
    waiting: VecDeque<Waiting>,
}

impl Sends {
    /// Puts a message in its peer's line; gives it back when the line is full.
    pub(crate) fn queue(&mut self, peer: PeerId, message: Waiting) -> Result<(), Waiting> {
        let lane = self.lanes.entry(peer).or_default();
        if lane.waiting.len() >= limits::SENDS_WAITING_PER_PEER_MAX {
            return Err(message);
        }
        lane.waiting.push_back(message);
        Ok(())
    }

    /// The next message to `peer` that may leave now. It counts as in flight: call [`Sends::left`] with it.
    pub(crate) fn next(&mut self, peer: &PeerId) -> Option<Waiting> {
        let lane = self.lanes.get_mut(peer)?;
        if lane.in_flight >= limits::SENDS_IN_FLIGHT_PER_PEER_MAX {
            return None;
        }
        let message = lane.waiting.pop_front()?;
        lane.in_flight += 1;
        Some(message)
    }

    /// A message left under this id.
    pub(crate) fn left(&mut self, id: OutboundRequestId, peer: PeerId, to: AccountId, tag: u64) {
        self.flights.insert(id, (peer, to, tag));
    }

    /// The message of this id has ended, well or not.
    pub(crate) fn ended(&mut self, id: OutboundRequestId) -> Option<(PeerId, AccountId, u64)> {
        let flight = self.flights.remove(&id)?;
        if let Some(lane) = self.lanes.get_mut(&flight.0) {
            lane.in_flight -= 1;
            if lane.in_flight == 0 && lane.waiting.is_empty() {
                self.lanes.remove(&flight.0);
            }
        }
        Some(flight)
    }

    /// Takes all messages that wait for a peer that can't be reached.
    pub(crate) fn abandon(&mut self, peer: &PeerId) -> VecDeque<Waiting> {
        let Some(lane) = self.lanes.get_mut(peer) else { return VecDeque::new() };
        let waiting = std::mem::take(&mut lane.waiting);
        if lane.in_flight == 0 {
            self.lanes.remove(peer);
        }
        waiting
    }
}
