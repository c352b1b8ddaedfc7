//! The shell around the agent: what happens goes in, what it decides is recorded, then done. The whole application without a window.
//!
//! ```text
//! command, query ─► Node ─┐            ┌─► raylance-store     (record)
//! raylance-peer ─► network┼─► shell ───┤
//!            hands ───────┘  (agent)   └─► hands ─► network, card, films, scenes, jobs   (act)
//! ```
//!
//! Deliberately absent: rules, money, the command line, the window.

pub mod card;
pub mod cheat;
pub mod control;
pub mod films;
pub mod folder;
pub mod hands;
pub mod jobs;
pub mod network;
mod node;
pub mod notices;
pub mod receipt;
pub mod ring;
pub mod scenes;
pub mod shell;
pub mod submit;
pub mod view;

pub use node::{Node, NodeConfig, NodeError, RingChoice, StartError, start};

/// Digest of the renderer that this program has.
pub fn renderer() -> raylance_protocol::Digest {
    raylance_protocol::Digest(raylance_tracer::renderer_digest())
}
