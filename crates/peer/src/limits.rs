//! Bounds of this room, each with its reason. Bounds on message lengths stand in `raylance_protocol::limits`.

use std::time::Duration;

/// Commands that wait for the swarm task: a burst of one message to each of 256 workers fits.
pub const COMMANDS_MAX: usize = 512;
/// Events that wait for the caller.
pub const EVENTS_MAX: usize = 1024;
/// Places in the event queue that peers' requests never take, so that answers to our own commands get through.
pub const EVENTS_RESERVED: usize = 256;
/// Events kept by the swarm task while the queue is full; with more than this no further command is taken.
pub const BACKLOG_MAX: usize = 256;
/// Requests of peers that wait for the caller's answer; beyond it they are refused as busy.
pub const REQUESTS_OPEN_MAX: usize = 2048;

/// Requests to one peer on their way at a time. Well below [`STREAMS_PER_CONNECTION_MAX`], because both sides count
/// requests in both directions and streams beyond that are dropped unread.
pub const SENDS_IN_FLIGHT_PER_PEER_MAX: usize = 8;
/// Requests to one peer that wait for their turn.
pub const SENDS_WAITING_PER_PEER_MAX: usize = 256;
/// Request streams of one connection, both directions together: bounds what one hostile peer can make us buffer.
pub const STREAMS_PER_CONNECTION_MAX: usize = 32;
/// Time for a request and its reply. The answer is an acknowledgement, so this is network time and a busy machine.
pub const REQUEST_TIMEOUT: Duration = Duration::from_secs(20);

/// Blobs that are fetched at the same time; each may fill its whole length limit in memory.
pub const FETCHES_ACTIVE_MAX: usize = 8;
/// Fetches that run or wait for their turn; beyond it they fail as busy.
pub const FETCHES_MAX: usize = 512;
/// Blobs that are served at the same time.
pub const SERVES_MAX: usize = 32;
/// Blobs that are served to one peer at the same time: no single peer takes all places.
pub const SERVES_PER_PEER_MAX: usize = 8;
/// Longest encoded `BlobKey`: 1 byte of kind, 32 of job, 32 of worker, 33 of task.
pub const BLOB_KEY_BYTES_MAX: usize = 98;
/// Bytes of a blob that are read or written in one step.
pub const BLOB_CHUNK_BYTES: usize = 64 << 10;
/// Longest time without one step of progress on a blob.
pub const BLOB_STALL_TIMEOUT: Duration = Duration::from_secs(20);
/// Time in which the caller has to answer for a blob; reading and hashing 2 GiB from a slow disk fits.
pub const BLOB_ANSWER_TIMEOUT: Duration = Duration::from_secs(30);
/// Slowest transfer that is not given up, bytes per second: a place is not held for ever by a peer that trickles.
pub const BLOB_BYTES_PER_S_MIN: u64 = 64 << 10;
/// Times that a fetch knocks when a stream is closed before its first byte, as a peer with no free place does.
pub const FETCH_ATTEMPTS_MAX: u32 = 5;

/// Connections that others opened to us.
pub const CONNECTIONS_INCOMING_MAX: u32 = 96;
/// Connections that we opened.
pub const CONNECTIONS_OUTGOING_MAX: u32 = 96;
/// Handshakes at a time, in each direction.
pub const HANDSHAKES_MAX: u32 = 32;
/// Connections with one peer: both sides dial at once, over TCP and QUIC.
pub const CONNECTIONS_PER_PEER_MAX: u32 = 4;
/// Time in which a connected peer must prove that it belongs to this ring.
pub const STRANGER_TIMEOUT: Duration = Duration::from_secs(20);
/// Time between pings. They measure the round-trip time and find dead connections.
pub const PING_INTERVAL: Duration = Duration::from_secs(5);
/// Time for the answer to a ping: a machine that renders on all its cores is slow to answer.
pub const PING_TIMEOUT: Duration = Duration::from_secs(20);
/// Missed pings in a row after which a connection is closed.
pub const PINGS_MISSED_MAX: u8 = 3;

/// Addresses that are kept to be dialled, for configured and for discovered peers each.
pub const DIAL_TARGETS_MAX: usize = 64;
/// Addresses kept of one discovered peer: its network interfaces, each with TCP and QUIC.
pub const ADDRESSES_PER_PEER_MAX: usize = 8;
/// First wait after a failed or lost connection.
pub const REDIAL_FIRST: Duration = Duration::from_millis(250);
/// Longest wait between two attempts: a peer that comes back is seen within this time.
pub const REDIAL_LONGEST: Duration = Duration::from_secs(8);
/// Machines of other rings that are remembered, to be shown.
pub const STRANGERS_MAX: usize = 16;
/// Between two looks at strangers that are late: one that was sent away stays until its connection is closed.
pub const STRANGERS_LOOK: Duration = Duration::from_secs(1);
