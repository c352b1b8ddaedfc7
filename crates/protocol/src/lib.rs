//! The words peers share, and their bytes, pinned in hex.
