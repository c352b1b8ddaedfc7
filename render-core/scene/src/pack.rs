//! The canonical bytes of a scene and their digest: what peers send, compare and pay for.

use std::io::Read;

use borsh::BorshDeserialize;

use super::{Scene, SceneDefect};

/// Format name and version; any change of the layout changes the last byte.
const MAGIC: [u8; 8] = *b"RLSCENE2";

/// Derive-key domain of a scene's digest, shared with every peer.
pub const SCENE_DIGEST_DOMAIN: &str = "raylance scene 1";

/// Why bytes are not a scene.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnpackError {
    /// More bytes than the caller allows.
    #[error("the packed scene has {len} bytes, more than the limit of {max}")]
    TooLong {
        /// Bytes given.
        len: usize,
        /// Bytes allowed.
        max: usize,
    },
    /// The bytes do not begin as a packed scene of this version does.
    #[error("these bytes are not a packed scene of version 2")]
    NotAScene,
    /// The bytes end early, go on too long or hold an impossible value.
    #[error("the packed scene is malformed: {kind}")]
    Malformed {
        /// What the decoder met.
        kind: std::io::ErrorKind,
    },
    /// The bytes decode, but the scene must not be traced.
    #[error("the packed scene is unfit")]
    Defect(#[from] SceneDefect),
}

impl Scene {
    /// The canonical bytes: equal scenes give equal bytes.
    pub fn pack(&self) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        borsh::to_writer(&mut bytes, self).expect("a Vec takes all bytes and a checked scene holds no NaN");
        bytes
    }

    /// Reads packed bytes from anyone, at most `max` of them.
    ///
    /// # Errors
    /// [`UnpackError`] for every sequence of bytes that [`Scene::pack`] on a checked scene cannot make.
    pub fn unpack(bytes: &[u8], max: usize) -> Result<Self, UnpackError> {
        if bytes.len() > max {
            return Err(UnpackError::TooLong { len: bytes.len(), max });
        }
        let mut body = bytes.strip_prefix(&MAGIC).ok_or(UnpackError::NotAScene)?;
        let malformed = |error: std::io::Error| UnpackError::Malformed { kind: error.kind() };
        // A list's claimed length is never allocated ahead: borsh grows by at most 4 KiB beyond the bytes that are really there.
        let scene = Self::deserialize_reader(&mut body).map_err(malformed)?;
        match body.read(&mut [0]).map_err(malformed)? {
            0 => {}
            _ => return Err(UnpackError::Malformed { kind: std::io::ErrorKind::InvalidData }),
        }
        scene.check()?;
        Ok(scene)
    }
}

/// BLAKE3 in derive-key mode over the packed bytes as one part: its length as u64 little-endian, then the bytes.
pub fn digest(packed: &[u8]) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new_derive_key(SCENE_DIGEST_DOMAIN);
    hasher.update(&(packed.len() as u64).to_le_bytes());
    hasher.update(packed);
    *hasher.finalize().as_bytes()
}
