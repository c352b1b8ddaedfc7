//! What a machine claims to render per second, signed by its owner, so that nobody can put words into another's mouth.
//!
//! A score is a claim and no proof: it says how fast a machine wants to be taken for. Whoever relies on it compares it with the films
//! that the machine delivers.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use borsh::{BorshDeserialize, BorshSerialize};
use raylance_protocol::{AccountId, ChainId, DecodeError, Digest, Keypair, OpenError, SceneDigest, Signable, Signed, decode, encode};

/// What the reference machine renders of the built-in still life per second: a virtual machine with two threads of an AVX2 server CPU
/// (`docs/measurements/skeleton.md`). It defines the unit, so it stays when the renderer gets faster or slower.
pub const REFERENCE_SAMPLES_PER_S: u64 = 630_000;

/// A score is the same in every ring.
const NO_RING: ChainId = ChainId(Digest([0; 32]));

/// The longest signed score that is looked at, in bytes.
const SIGNED_BYTES_MAX: usize = Score::BYTES_MAX + 4 + 32 + 64;

/// One measurement.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Score {
    /// What the driver calls the device.
    pub device: String,
    /// Driver and version.
    pub driver: String,
    /// `exact` or `portable`.
    pub profile: String,
    /// The renderer that was measured.
    pub renderer: Digest,
    /// The scene that it rendered.
    pub scene: SceneDigest,
    /// Camera samples per second.
    pub samples_per_s: u64,
}

impl Signable for Score {
    const DOMAIN: &'static str = "raylance bench score 2";
    const BYTES_MAX: usize = 1024;
}

impl Score {
    /// Normalised megasamples per second: the reference machine scores 1.
    pub fn normalised(&self) -> f64 {
        self.samples_per_s as f64 / REFERENCE_SAMPLES_PER_S as f64
    }

    /// Signed as text that travels anywhere.
    pub fn sign(&self, keys: &Keypair) -> String {
        STANDARD.encode(encode(&keys.sign(NO_RING, self)))
    }
}

/// Why a score is not believed.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScoreError {
    /// Not base64, or too long.
    #[error("a signed score is base64 text of at most {} bytes", SIGNED_BYTES_MAX)]
    Text,
    /// Not the bytes of a signed value.
    #[error("the text holds no signed score")]
    Decode(#[from] DecodeError),
    /// Changed, or signed by another.
    #[error("the signature does not fit")]
    Open(#[from] OpenError),
}

/// Opens a signed score: who signed it, and what it says.
///
/// # Errors
/// [`ScoreError`].
pub fn verify(signed: &str) -> Result<(AccountId, Score), ScoreError> {
    let signed = signed.trim();
    if signed.len() > SIGNED_BYTES_MAX.div_ceil(3) * 4 {
        return Err(ScoreError::Text);
    }
    let bytes = STANDARD.decode(signed).map_err(|_| ScoreError::Text)?;
    let signed: Signed<Score> = decode(&bytes, SIGNED_BYTES_MAX)?;
    Ok(signed.open(NO_RING)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn score() -> Score {
        Score {
            device: "llvmpipe".to_owned(),
            driver: "Mesa".to_owned(),
            profile: "exact".to_owned(),
            renderer: Digest([1; 32]),
            scene: SceneDigest(Digest([2; 32])),
            samples_per_s: 2 * REFERENCE_SAMPLES_PER_S,
        }
    }

    #[test]
    fn a_signed_score_opens_unchanged_and_names_its_signer() {
        let keys = Keypair::from_secret([3; 32]);
        let (account, opened) = verify(&format!(" {}\n", score().sign(&keys))).unwrap();
        assert_eq!((account, opened.clone()), (keys.account(), score()));
        assert_eq!(opened.normalised(), 2.0);
    }

    #[test]
    fn a_changed_score_is_not_believed() {
        let signed = score().sign(&Keypair::from_secret([3; 32]));
        let bytes = STANDARD.decode(&signed).unwrap();
        for at in [5, 20, bytes.len() - 70, bytes.len() - 1] {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            assert!(verify(&STANDARD.encode(changed)).is_err(), "byte {at}");
        }
        assert_eq!(verify("no base64"), Err(ScoreError::Text));
        assert_eq!(verify(&"A".repeat(1 << 20)), Err(ScoreError::Text));
        assert!(matches!(verify(""), Err(ScoreError::Decode(_))));
    }
}
