//! Names of the protocols and of the topic. Each carries the ring's chain id, so that two rings share none of them.

use libp2p::StreamProtocol;
use raylance_v1_protocol::{ChainId, PROTOCOL_VERSION};

/// Characters of the chain id in a protocol name: 64 bits keep rings apart, and names stay short because each new stream repeats one.
const CHAIN_PREFIX_CHARS: usize = 16;

/// All names of one ring.
#[derive(Clone, Debug)]
pub(crate) struct Names {
    /// What identify tells: a peer that tells another is of another ring or version.
    pub version: String,
    /// Gossip topic.
    pub topic: String,
    /// Prefix of the gossip protocol; gossipsub appends its own version.
    pub gossip: String,
    /// Requests and replies.
    pub rpc: StreamProtocol,
    /// Blobs.
    pub blob: StreamProtocol,
}

impl Names {
    pub(crate) fn of(chain: ChainId) -> Self {
        let hex = chain.0.to_hex();
        let prefix = &hex[..CHAIN_PREFIX_CHARS];
        let protocol = |kind: &str| {
            let name = format!("/raylance/{prefix}/{kind}/{PROTOCOL_VERSION}");
            StreamProtocol::try_from_owned(name).expect("the name starts with a slash")
        };
        Self {
            version: format!("raylance/{hex}/{PROTOCOL_VERSION}"),
            topic: format!("raylance/{hex}/{PROTOCOL_VERSION}"),
            gossip: format!("/raylance/{prefix}/gossip"),
            rpc: protocol("rpc"),
            blob: protocol("blob"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use raylance_v1_protocol::Digest;

    #[test]
    fn names_are_these_on_the_wire() {
        let names = Names::of(ChainId(Digest([0xab; 32])));
        let hex = "ab".repeat(32);
        assert_eq!(names.version, format!("raylance/{hex}/1"));
        assert_eq!(names.topic, format!("raylance/{hex}/1"));
        assert_eq!(names.gossip, "/raylance/abababababababab/gossip");
        assert_eq!(names.rpc.as_ref(), "/raylance/abababababababab/rpc/1");
        assert_eq!(names.blob.as_ref(), "/raylance/abababababababab/blob/1");
    }
}
