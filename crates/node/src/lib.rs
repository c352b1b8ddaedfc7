//! The shell around the agent: what happens goes in, what it decides is recorded, then done.
//!
//! ```text
//! command, query ─► Node ─┐            ┌─► raylance-store     (record)
//! raylance-peer ─► network┼─► shell ───┤
//!            hands ───────┘  (agent)   └─► hands ─► network, device, files   (act)
//! ```
//!
//! Deliberately absent: rules, money, views, the command line, the window.

pub mod cheat;
mod hands;
mod network;
mod node;
pub mod notices;
mod shell;

pub use node::{Node, NodeConfig, NodeError, StartError, start};
/// A part of [`NodeConfig`].
pub use raylance_agent::Lag;
pub use shell::unix_ms;

/// Digest of the renderer that this program has.
pub fn renderer() -> raylance_protocol::Digest {
    raylance_protocol::Digest(raylance_tracer::renderer_digest())
}
