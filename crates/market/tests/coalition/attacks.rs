//! Named attacks.
