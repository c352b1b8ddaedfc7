//! The rules of money, one file per family of transactions. Pure, integers only.

pub mod proof;
pub mod tree;
