//! Gossip: one topic, signed by its speaker, checked before it is passed on.

use libp2p::gossipsub::{
    self, ConfigBuilder, IdentTopic, IdentityTransform, MessageAuthenticity, MessageId, ValidationMode, WhitelistSubscriptionFilter,
};
use libp2p::identity;
use raylance_protocol::limits::GOSSIP_BYTES_MAX;
use raylance_protocol::message::Gossip;
use raylance_protocol::{Digest, decode};
use std::collections::HashSet;
use std::time::Duration;

use crate::PeerError;
use crate::names::Names;

/// Only our own topic can be subscribed to, so peers can't fill memory with topics.
pub(crate) type Behaviour = gossipsub::Behaviour<IdentityTransform, WhitelistSubscriptionFilter>;

/// Longest gossipsub frame: one message with its envelope, or gossipsub's own control messages of up to 16 KiB.
const FRAME_BYTES_MAX: usize = 3 * GOSSIP_BYTES_MAX;

/// The mesh is joined soon after the first connection.
const HEARTBEAT_FIRST: Duration = Duration::from_millis(500);

pub(crate) fn behaviour(key: &identity::Keypair, names: &Names) -> Result<Behaviour, PeerError> {
    let topic = topic(names);
    let config = ConfigBuilder::default()
        .protocol_id_prefix(names.gossip.clone())
        .validation_mode(ValidationMode::Strict)
        .validate_messages()
        .max_transmit_size(FRAME_BYTES_MAX)
        .heartbeat_initial_delay(HEARTBEAT_FIRST)
        .message_id_fn(message_id)
        .build()
        .map_err(|error| PeerError::Stack(Box::new(error)))?;
    let filter = WhitelistSubscriptionFilter(HashSet::from([topic.hash()]));
    let mut behaviour = Behaviour::new_with_subscription_filter(MessageAuthenticity::Signed(key.clone()), config, filter)
        .map_err(|error| PeerError::Stack(error.into()))?;
    behaviour.subscribe(&topic).map_err(|error| PeerError::Stack(Box::new(error)))?;
    Ok(behaviour)
}

pub(crate) fn topic(names: &Names) -> IdentTopic {
    IdentTopic::new(names.topic.clone())
}

/// A height is news once, whoever tells it: its id is the hash of its content. An offer is repeated by its artist for those who
/// came later, so its id also covers speaker and sequence number; by content alone a repetition would be dropped as a duplicate.
fn message_id(message: &gossipsub::Message) -> MessageId {
    let speaker = message.source.map(|peer| peer.to_bytes()).unwrap_or_default();
    let number = message.sequence_number.unwrap_or_default().to_le_bytes();
    let digest = match decode::<Gossip>(&message.data, GOSSIP_BYTES_MAX) {
        Ok(Gossip::Final { .. }) => Digest::of("raylance gossip id 2", &[&message.data]),
        Ok(Gossip::Offer(_)) | Err(_) => Digest::of("raylance gossip id 2", &[&message.data, &speaker, &number]),
    };
    MessageId::new(&digest.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use libp2p::PeerId;
    use raylance_protocol::{Height, encode};

    fn message(data: Vec<u8>, source: PeerId, sequence_number: u64) -> gossipsub::Message {
        gossipsub::Message { source: Some(source), data, sequence_number: Some(sequence_number), topic: IdentTopic::new("t").hash() }
    }

    #[test]
    fn a_height_is_news_once_and_anything_else_each_time_it_is_said() {
        let (one, two) = (PeerId::random(), PeerId::random());
        let height = encode(&Gossip::Final { height: Height(3) });
        assert_eq!(message_id(&message(height.clone(), one, 1)), message_id(&message(height, two, 2)));
        let other = encode(&Gossip::Final { height: Height(4) });
        assert_ne!(message_id(&message(other.clone(), one, 1)), message_id(&message(vec![9], one, 1)));
        assert_ne!(message_id(&message(vec![9], one, 1)), message_id(&message(vec![9], one, 2)));
    }
}
