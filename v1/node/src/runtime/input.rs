//! Everything that can happen to a node: one closed enum.

use super::chore::Chore;
use crate::audit::Audit;
use crate::render_thread::Rendered;
use crate::view::{Answer, Command, CommandError};
use raylance_v1_peer::PeerEvent;
use tokio::sync::oneshot;

/// Where a command's answer goes.
pub(crate) type CommandAnswer = oneshot::Sender<Result<Answer, CommandError>>;

/// What a handle asks of the loop.
pub(crate) enum Asked {
    /// A person's command.
    Command(Command, CommandAnswer),
    /// Sums of all money.
    Audit(oneshot::Sender<Audit>),
}

/// Something happened.
pub(crate) enum Input {
    /// A handle asks.
    Asked(Asked),
    /// The network says something.
    Peer(PeerEvent),
    /// The device has done an order.
    Rendered(Rendered),
    /// Work on the blocking pool has ended.
    Chore(Chore),
    /// Time has passed.
    Timer,
}
