//! Keys of films, and the seal that hides a film until its worker lets the key go.
//!
//! ```text
//! key     = derive_key("raylance worker film key 2", secret ‖ job ‖ task)
//! stream  = BLAKE3 XOF, keyed with derive_key("raylance film key 2", key ‖ job ‖ worker ‖ task), over nothing
//! sealed leaf i = leaf i XOR stream[12·i .. 12·i + 12]
//! ```
//!
//! A film that is delivered again is rendered to the same bits and sealed with the same key, so a repeated delivery shows nothing new.
//! The stream can be entered anywhere: a court opens one leaf without the film.

use crate::film::FilmId;
use raylance_protocol::job::LEAF_BYTES;
use raylance_protocol::{FilmKey, JobId, Leaf, LeafIndex, Task, encode};

/// The key of a film: always the same for the same task of the same job. `secret` never leaves the worker.
pub fn film_key(secret: &[u8; 32], job: JobId, task: Task) -> FilmKey {
    FilmKey(blake3::derive_key("raylance worker film key 2", &[&secret[..], &job.0.0, &encode(&task)].concat()))
}

/// Seals a film in place; `film_bytes` are its leaves of 12 bytes in order. Under [`FilmKey::NONE`] it stays as it is.
pub fn seal(key: &FilmKey, film: &FilmId, film_bytes: &mut [u8]) {
    if let Some(mut stream) = stream(key, film) {
        apply(&mut stream, film_bytes);
    }
}

/// Opens a sealed film in place. With another key than the one it was sealed with, what comes out is noise.
pub fn open(key: &FilmKey, film: &FilmId, sealed_bytes: &mut [u8]) {
    seal(key, film, sealed_bytes);
}

/// Opens one leaf of a sealed film.
pub fn open_leaf(key: &FilmKey, film: &FilmId, index: LeafIndex, sealed: [u8; LEAF_BYTES]) -> Leaf {
    let mut bytes = sealed;
    if let Some(mut stream) = stream(key, film) {
        stream.set_position(u64::from(index.0) * LEAF_BYTES as u64);
        apply(&mut stream, &mut bytes);
    }
    Leaf::from_bytes(bytes)
}

fn stream(key: &FilmKey, film: &FilmId) -> Option<blake3::OutputReader> {
    if *key == FilmKey::NONE {
        return None;
    }
    let stream_key = blake3::derive_key("raylance film key 2", &[&key.0[..], &film.to_bytes()].concat());
    Some(blake3::Hasher::new_keyed(&stream_key).finalize_xof())
}

fn apply(stream: &mut blake3::OutputReader, bytes: &mut [u8]) {
    // 64 blocks of output at a time stay in the first cache.
    let mut pad = [0; 4096];
    for chunk in bytes.chunks_mut(pad.len()) {
        let pad = &mut pad[..chunk.len()];
        stream.fill(pad);
        chunk.iter_mut().zip(pad).for_each(|(byte, pad)| *byte ^= *pad);
    }
}

#[cfg(test)]
mod tests;
