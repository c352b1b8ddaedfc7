//! How fast the pure rooms are: what the benches share.

pub mod measure;
