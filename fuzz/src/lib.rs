//! What the targets share: which panics count, and how a GLB is mutated without breaking its lengths.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook};
use std::sync::Once;

thread_local! {
    static LAST: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Runs one input. Only a panic that gets out is a finding: libFuzzer's own hook would end the process at one that the importer catches around
/// a decoder and answers with an error.
pub fn judge(read: impl FnOnce()) {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| set_hook(Box::new(|panic| LAST.set(panic.to_string()))));
    if catch_unwind(AssertUnwindSafe(read)).is_err() {
        LAST.with_borrow(|panic| eprintln!("{panic}"));
        std::process::abort();
    }
}

/// Length of a GLB's header, and of a chunk's.
const HEADER: usize = 12;
const CHUNK: usize = 8;

/// Changes the JSON or the binary chunk of a GLB and makes its lengths right again; `mutate` is libFuzzer's. One time in eight, and where the
/// bytes are no GLB, the whole is changed as it is. Returns the new size.
pub fn mutate_glb(data: &mut [u8], size: usize, max_size: usize, seed: u32, mutate: impl Fn(&mut [u8], usize, usize) -> usize) -> usize {
    let parts = if seed.is_multiple_of(8) { None } else { take_apart(&data[..size]) };
    let Some([mut json, mut bin]) = parts else { return mutate(data, size, max_size) };
    let room = max_size.saturating_sub(HEADER + 2 * CHUNK + 6);
    let (part, other) = if seed / 8 % 4 == 0 { (&mut bin, json.len()) } else { (&mut json, bin.len()) };
    let (old, max) = (part.len(), room.saturating_sub(other));
    if max < old || max == 0 {
        return mutate(data, size, max_size);
    }
    part.resize(max, 0);
    let new = mutate(part, old, max);
    part.truncate(new);
    let glb = put_together(json, bin);
    data[..glb.len()].copy_from_slice(&glb);
    glb.len()
}

/// The two chunks, if the bytes begin as a GLB does.
fn take_apart(glb: &[u8]) -> Option<[Vec<u8>; 2]> {
    let chunk = |at: usize| {
        let length = u32::from_le_bytes(*glb.get(at..)?.first_chunk::<4>()?) as usize;
        glb.get(at + CHUNK..)?.get(..length)
    };
    let json = glb.starts_with(b"glTF").then(|| chunk(HEADER)).flatten()?;
    let bin = chunk(HEADER + CHUNK + json.len()).unwrap_or_default();
    Some([json.to_vec(), bin.to_vec()])
}

fn put_together(mut json: Vec<u8>, mut bin: Vec<u8>) -> Vec<u8> {
    json.resize(json.len().next_multiple_of(4), b' ');
    bin.resize(bin.len().next_multiple_of(4), 0);
    let word = |length: usize| (length as u32).to_le_bytes();
    let total = HEADER + 2 * CHUNK + json.len() + bin.len();
    [b"glTF", &word(2)[..], &word(total), &word(json.len()), b"JSON", &json, &word(bin.len()), b"BIN\0", &bin].concat()
}
