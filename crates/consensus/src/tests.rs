//! Each rule of the room, from its good side and its bad side.
