//! Claims about the artist.
