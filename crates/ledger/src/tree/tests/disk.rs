//! Claims about trees on disk.
