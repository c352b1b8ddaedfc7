//! The whole application without a window; the only place where rooms meet.

pub mod view;
