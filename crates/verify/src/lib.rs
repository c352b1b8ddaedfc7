//! Commit to a film, seal and open it, choose what to replay, judge an answer. Pure.
//!
//! ```text
//! worker   film ─ film_key, seal ─► sealed film ─ root_of ─► root                     (Delivery)
//! artist   sealed film ─ root_of over the right addresses ─► the same root?            (Receipt)
//!          sealed film ─ open, with the key ─► film
//!          private dice ─ draw_count, draw ─► leaves ─ split ─► own devices, lists for other peers
//!          film, replayed leaves ─ judge ─► right, or the first wrong leaf ─ FilmTree::path ─► Challenge
//! ring     Challenge ─ open_evidence ─► opened leaf and the address to replay
//! ```
//!
//! Deliberately absent: GPU, network, clock, dice. Private randomness and replayed leaves are given to it.

mod chance;
pub mod court;
pub mod draw;
pub mod film;
pub mod judge;
pub mod lists;
pub mod root;
pub mod seal;
#[cfg(test)]
mod testing;

pub use court::{EvidenceError, OpenedEvidence, check_spec, open_evidence};
pub use draw::{Intensity, draw, draw_count};
pub use film::FilmId;
pub use judge::{Fault, WrongLeaf, judge};
pub use lists::{Peers, Shares, in_order, pick, recheck, split};
pub use root::{FilmTree, LengthError, OpenedLeaf, PathError, check_path, root_of};
pub use seal::{film_key, open, open_leaf, seal};
