//! Each rule from its good side, its bad side and its edge.
