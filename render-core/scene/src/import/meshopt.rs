//! Buffer views stored compressed (`EXT_meshopt_compression`, `KHR_meshopt_compression`), unpacked before anything reads them.

use std::{collections::BTreeMap, ffi::c_int};

use gltf::json::{Buffer, Root, buffer::View};
use meshopt::ffi;
use serde::Deserialize;

use super::{
    accessor::ELEMENTS_MAX,
    fault::{FaultKind, Faults, Place},
    uri::FILE_BYTES_MAX,
};

/// Both names of the extension; the later one has more filters and a denser form, which the decoder tells apart by itself.
const NAMES: [&str; 2] = ["KHR_meshopt_compression", "EXT_meshopt_compression"];
/// Most bytes of all unpacked views together: as much as a scene's files may have.
const UNPACKED_BYTES_MAX: u64 = FILE_BYTES_MAX;
/// No stream unpacks to more than this many times its size: a block of 256 equal vertices takes two bits for each four bytes of one vertex.
const RATIO_MAX: u64 = 1024;

/// What a buffer view says about its compressed bytes.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Description {
    buffer: usize,
    #[serde(default)]
    byte_offset: usize,
    byte_length: usize,
    byte_stride: usize,
    count: usize,
    mode: Mode,
    #[serde(default)]
    filter: Filter,
}

#[derive(Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum Mode {
    Attributes,
    Triangles,
    Indices,
}

#[derive(Clone, Copy, Default, PartialEq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum Filter {
    #[default]
    None,
    Octahedral,
    Quaternion,
    Exponential,
    Color,
}

/// Whether a buffer only stands in for readers without the extension; nothing else may read it.
pub(super) fn is_fallback(buffer: &Buffer) -> bool {
    let Some(extensions) = &buffer.extensions else { return false };
    NAMES.iter().any(|name| extensions.others.get(*name).and_then(|extension| extension.get("fallback")?.as_bool()) == Some(true))
}

/// Unpacks every compressed view, in words so that indices are aligned.
pub(super) fn unpack(root: &Root, buffers: &[Vec<u8>], faults: &mut Faults) -> BTreeMap<usize, Vec<u32>> {
    let mut unpacked = BTreeMap::new();
    let mut left = UNPACKED_BYTES_MAX;
    for (index, view) in root.buffer_views.iter().enumerate() {
        let Some(extensions) = &view.extensions else { continue };
        let Some(extension) = NAMES.iter().find_map(|name| extensions.others.get(*name)) else { continue };
        let description = Description::deserialize(extension).ok();
        let words =
            description.ok_or(FaultKind::MeshoptMalformed { view: index }).and_then(|it| unpack_view(index, &it, view, buffers, &mut left));
        match faults.keep(words, || Place::Json(format!("bufferViews[{index}]"))) {
            Some(words) => unpacked.insert(index, words),
            None => return unpacked,
        };
    }
    unpacked
}

fn unpack_view(index: usize, it: &Description, view: &View, buffers: &[Vec<u8>], left: &mut u64) -> Result<Vec<u32>, FaultKind> {
    let malformed = FaultKind::MeshoptMalformed { view: index };
    let end = it.byte_offset.checked_add(it.byte_length);
    let encoded = end.and_then(|end| buffers.get(it.buffer)?.get(it.byte_offset..end));
    let (Some(encoded), true) = (encoded, is_sound(it)) else { return Err(malformed) };
    let bytes = it.count as u64 * it.byte_stride as u64;
    if bytes != view.byte_length.0 || bytes > encoded.len() as u64 * RATIO_MAX {
        return Err(malformed);
    }
    *left = left.checked_sub(bytes).ok_or(FaultKind::UnpackedTooLarge { max: UNPACKED_BYTES_MAX })?;
    let mut words = vec![0u32; bytes.div_ceil(4) as usize];
    decode(it, encoded, &mut words).then_some(words).ok_or(FaultKind::MeshoptUndecodable { view: index })
}

/// The extension's rules on strides and counts, which the decoder takes for granted.
fn is_sound(it: &Description) -> bool {
    let stride = it.byte_stride;
    let mode = match it.mode {
        Mode::Attributes => stride.is_multiple_of(4) && (4..=256).contains(&stride),
        Mode::Triangles => matches!(stride, 2 | 4) && it.count.is_multiple_of(3),
        Mode::Indices => matches!(stride, 2 | 4),
    };
    let filter = match it.filter {
        Filter::None => true,
        Filter::Octahedral | Filter::Color => it.mode == Mode::Attributes && matches!(stride, 4 | 8),
        Filter::Quaternion => it.mode == Mode::Attributes && stride == 8,
        Filter::Exponential => it.mode == Mode::Attributes,
    };
    mode && filter && it.count as u64 <= ELEMENTS_MAX
}

/// Fills `words` and says whether the stream was whole.
fn decode(it: &Description, encoded: &[u8], words: &mut [u32]) -> bool {
    let Description { count, byte_stride: stride, .. } = *it;
    assert!(is_sound(it) && words.len() * 4 >= count * stride, "the caller made room for what it checked");
    let (target, source, len) = (words.as_mut_ptr().cast(), encoded.as_ptr(), encoded.len());
    let decoder: unsafe extern "C" fn(_, usize, usize, *const u8, usize) -> c_int = match it.mode {
        Mode::Attributes => ffi::meshopt_decodeVertexBuffer,
        Mode::Triangles => ffi::meshopt_decodeIndexBuffer,
        Mode::Indices => ffi::meshopt_decodeIndexSequence,
    };
    // SAFETY: the decoders take any bytes, never read past `len` and write `count · stride` bytes, for which `words` has room and alignment;
    // the strides and counts that they take for granted are checked above.
    if unsafe { decoder(target, count, stride, source, len) } != 0 {
        return false;
    }
    let filter: unsafe extern "C" fn(_, usize, usize) = match it.filter {
        Filter::None => return true,
        Filter::Octahedral => ffi::meshopt_decodeFilterOct,
        Filter::Quaternion => ffi::meshopt_decodeFilterQuat,
        Filter::Exponential => ffi::meshopt_decodeFilterExp,
        Filter::Color => ffi::meshopt_decodeFilterColor,
    };
    // SAFETY: a filter works in place on the same `count · stride` bytes; its strides are checked above.
    unsafe { filter(target, count, stride) };
    true
}

/// The bytes of an unpacked view.
pub(super) fn bytes<'a>(words: &'a [u32], view: &View) -> Option<&'a [u8]> {
    bytemuck::cast_slice::<u32, u8>(words).get(..usize::try_from(view.byte_length.0).ok()?)
}
