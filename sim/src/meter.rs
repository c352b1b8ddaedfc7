//! What the steps of one peer cost.

use raylance_agent::{Answer, Event, Heard};

/// What the steps of one peer cost. It shares no execution of blocks with others.
pub struct Meter {
    /// Whose steps.
    pub who: usize,
    /// A clock, in nanoseconds: the simulation has none of its own.
    pub clock: fn() -> u64,
    /// Kind of event, nanoseconds, transactions in the blocks that it brought, bytes of rows that the turn writes.
    pub steps: Vec<(&'static str, u64, usize, usize)>,
}

/// What an event is, and the transactions of the blocks that it brings.
pub(crate) fn kind(event: &Event) -> (&'static str, usize) {
    let kind = match event {
        Event::Command { .. } => "command",
        Event::Message { heard, .. } => match &**heard {
            Heard::Bid(_) => "bid",
            Heard::Delivery(..) => "delivery",
            Heard::Key { .. } => "key",
            Heard::Return { .. } => "return",
            Heard::Done(..) => "done",
            Heard::Standing(_) => "standing",
            Heard::Hired { .. } => "hired",
            Heard::Lease(_) => "lease",
            Heard::Receipt(..) => "receipt",
            Heard::Submit(_) => "submit",
            Heard::Get(_) => "get blocks",
        },
        Event::Offer { .. } => "offer",
        Event::Announced { .. } => "announced",
        Event::Connected(_) | Event::Disconnected(_) => "reach",
        Event::Answer { answer, .. } => match answer {
            Answer::Blocks(blocks) => return ("blocks", blocks.iter().map(|block| block.txs().len()).sum()),
            Answer::State(_) => "state",
            Answer::Fetched(_) => "fetched",
            Answer::Differ(_) => "replayed",
            Answer::DifferAt(_) => "compared",
            Answer::Replied(_) => "replied",
            _ => "answered",
        },
        Event::Alarm => "alarm",
    };
    (kind, 0)
}
