//! Hashes of replayed values: the seal that hides them, and the answer that stands in a verdict.

use raylance_v1_protocol::{Digest, Leaf};

/// Binds a verifier to its values before it may see the worker's. `salt` is random and secret until the values are revealed: black
/// leaves could be guessed.
pub fn seal(salt: &[u8; 16], values: &[Leaf]) -> Digest {
    Digest::of("raylance seal 1", &[salt, &bytes(values)])
}

/// The hash of a verifier's values that stands in its verdict.
pub fn answer_digest(values: &[Leaf]) -> Digest {
    Digest::of("raylance answer 1", &[&bytes(values)])
}

fn bytes(values: &[Leaf]) -> Vec<u8> {
    values.iter().flat_map(|leaf| leaf.to_bytes()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn salt_values_and_their_order_move_the_seal() {
        let values = [Leaf([1, 2, 3]), Leaf([4, 5, 6])];
        let first = seal(&[1; 16], &values);
        assert_ne!(first, seal(&[2; 16], &values));
        assert_ne!(first, seal(&[1; 16], &[values[1], values[0]]));
        assert_ne!(first, seal(&[1; 16], &values[..1]));
        assert_ne!(answer_digest(&values), answer_digest(&[values[1], values[0]]));
        assert_ne!(answer_digest(&values), first);
    }
}
