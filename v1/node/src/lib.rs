//! The whole application without a window; the only place where rooms meet.
//!
//! ```text
//! cli ─► control ─┐                     ┌─► market · verify · ledger · consensus   (decide)
//! window ─────────┴─► runtime: one loop ┼─► store                                  (record)
//!                          │            └─► peer · render_thread ─► tracer         (act)
//!                          └─► view                                                (show)
//! ```
//!
//! Deliberately absent: Tauri, the command line, and the rules of any room.

pub mod assemble;
pub mod audit;
pub mod control;
pub mod genesis_file;
pub mod out_folder;
pub mod receipt;
pub mod render_thread;
pub mod runtime;
pub mod scene_source;
pub mod score;
pub mod view;
