//! Commit to a film, choose what to replay, judge an answer.
//!
//! ```text
//! worker      film ─ commit ─► root ───────────────┐
//! final block ─────────────────────────────────────┴─ challenge ─► draw ─► leaves to replay, order of verifiers
//! verifier    replayed values ─ seal ─► seal     (before it may see anything of the film)
//! artist      film ─ open ─► opening             (only after the seal)
//! verifier    opening ─ check ─► worker's leaves ─ judge ─► accept or reject
//! ```
//!
//! Deliberately absent: GPU and network. Replayed values and openings are given to it.

pub mod challenge;
pub mod commit;
pub mod judge;
pub mod seal;

pub use challenge::{draw_seed, drawn_leaves, verifier_order};
pub use commit::{FilmTree, NoSuchLeaf, OpeningError, check_opening, root_of};
pub use judge::{Judgement, judge};
pub use seal::{answer_digest, seal};
