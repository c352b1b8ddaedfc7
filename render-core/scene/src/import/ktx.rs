//! KTX2 pictures: Basis Universal payloads transcoded, plain 8-bit formats taken as they are. Sizes are checked before anything is unpacked.

use std::{borrow::Cow, io::Read};

use basisu::{DecodeFlags, TargetFormat, Transcoder};
use ktx2::{Format, Header, Level, LevelIndex, Reader, SupercompressionScheme};

use super::{fault::FaultKind, guard::guarded, texture::check_size};
use crate::Image;

/// What every KTX2 file starts with.
pub(super) const MAGIC: [u8; 12] = ktx2::MAGIC;

/// ASTC with 8-bit results, which the Basis transcoder reads as well.
const ASTC_FIRST: u32 = 157;
const ASTC_LAST: u32 = 184;

/// The first layer, face and level as RGBA8, rows from the top.
pub(super) fn decode(bytes: &[u8], texels_max: u64) -> Result<Image, FaultKind> {
    guarded(|| read(bytes, texels_max), || undecodable("its KTX2 data are broken".to_owned()))
}

fn read(bytes: &[u8], texels_max: u64) -> Result<Image, FaultKind> {
    let reader = Reader::new(bytes).map_err(|error| undecodable(format!("the KTX2 header is broken: {error}")))?;
    let header = reader.header();
    let (width_px, height_px) = (header.pixel_width, header.pixel_height);
    check_size(width_px, height_px, texels_max)?;
    let level = reader.levels().next().ok_or_else(|| undecodable("the KTX2 file has no level".to_owned()))?;
    if header.pixel_depth > 1 {
        return Err(undecodable("it is a volume, not a picture".to_owned()));
    }
    let texels = match header.format {
        None => transcode(&reader, &level)?,
        Some(format) if (ASTC_FIRST..=ASTC_LAST).contains(&format.value()) => transcode(&reader, &level)?,
        Some(format) => {
            let channels = channels(format).ok_or_else(|| undecodable(format!("its format {format:?} is only for graphics cards")))?;
            let swizzle = reader.key_value_data().find(|(key, _)| *key == "KTXswizzle").and_then(|(_, value)| value.first_chunk::<4>());
            let needed = u64::from(width_px) * u64::from(height_px) * channels.len() as u64;
            spread(&inflate(&header, &level, needed)?, channels, swizzle.unwrap_or(b"rgba"))
        }
    };
    if texels.len() as u64 == u64::from(width_px) * u64::from(height_px) * 4 {
        Ok(Image { width_px, height_px, texels })
    } else {
        Err(undecodable("the picture is shorter than its header says".to_owned()))
    }
}

/// The channels of a plain 8-bit format in the order in which they are stored.
fn channels(format: Format) -> Option<&'static [u8]> {
    Some(match format {
        Format::R8_UNORM | Format::R8_SRGB => b"r",
        Format::R8G8_UNORM | Format::R8G8_SRGB => b"rg",
        Format::R8G8B8_UNORM | Format::R8G8B8_SRGB => b"rgb",
        Format::B8G8R8_UNORM | Format::B8G8R8_SRGB => b"bgr",
        Format::R8G8B8A8_UNORM | Format::R8G8B8A8_SRGB => b"rgba",
        Format::B8G8R8A8_UNORM | Format::B8G8R8A8_SRGB => b"bgra",
        _ => return None,
    })
}

/// Four channels per texel; those not stored are 0, alpha 1, as graphics cards read them (KTX 2.0, section 5.2.3 for the swizzle).
fn spread(stored: &[u8], channels: &[u8], swizzle: &[u8; 4]) -> Vec<u8> {
    let constant = |name: u8| if matches!(name, b'a' | b'1') { u8::MAX } else { 0 };
    let sources = swizzle.map(|name| (channels.iter().position(|channel| *channel == name), constant(name)));
    let texel = |texel: &[u8]| sources.map(|(lane, constant)| lane.map_or(constant, |lane| texel[lane]));
    stored.chunks_exact(channels.len()).flat_map(texel).collect()
}

/// The first `needed` bytes of a level.
fn inflate<'a>(header: &Header, level: &Level<'a>, needed: u64) -> Result<Cow<'a, [u8]>, FaultKind> {
    let short = || undecodable("the picture is shorter than its header says".to_owned());
    let length = usize::try_from(needed).map_err(|_| short())?;
    match header.supercompression_scheme {
        None => level.data.get(..length).map(Cow::Borrowed).ok_or_else(short),
        Some(SupercompressionScheme::Zstandard) => {
            let broken = |error: String| undecodable(format!("its Zstandard data is broken: {error}"));
            let reader = ruzstd::decoding::StreamingDecoder::new(level.data).map_err(|error| broken(error.to_string()))?;
            let mut bytes = Vec::new();
            reader.take(needed).read_to_end(&mut bytes).map_err(|error| broken(error.to_string()))?;
            if bytes.len() == length { Ok(Cow::Owned(bytes)) } else { Err(short()) }
        }
        Some(other) => Err(undecodable(format!("its compression {other:?} is not known"))),
    }
}

fn transcode(reader: &Reader<&[u8]>, level: &Level<'_>) -> Result<Vec<u8>, FaultKind> {
    let file = single(reader, level)?;
    Transcoder::new(&file)
        .and_then(|transcoder| transcoder.transcode_image(0, 0, 0, TargetFormat::Rgba32, DecodeFlags::NONE))
        .map_err(|error| undecodable(format!("its Basis data is broken or not known: {error:?}")))
}

/// A file with no more than what the transcoder needs: no key-value data, and of self-contained levels only the first, inflated.
fn single(reader: &Reader<&[u8]>, level: &Level<'_>) -> Result<Vec<u8>, FaultKind> {
    let mut header = reader.header();
    let mut index = header.index;
    (index.kvd_byte_offset, index.kvd_byte_length) = (0, 0);
    if header.supercompression_scheme == Some(SupercompressionScheme::BasisLZ) {
        header.index = index;
        let mut file = reader.data().to_vec();
        file[..Header::LENGTH].copy_from_slice(&header.as_bytes());
        return Ok(file);
    }
    // 16 bytes for each block of at least 4 × 4 texels.
    let blocks = u64::from(header.pixel_width.div_ceil(4)) * u64::from(header.pixel_height.div_ceil(4));
    let data = inflate(&header, level, level.uncompressed_byte_length.min(blocks * 16))?;
    let (start, length) = (index.dfd_byte_offset as usize, index.dfd_byte_length as usize);
    let described = reader.data().get(start..start + length).unwrap_or_default();
    const DESCRIBED_AT: usize = Header::LENGTH + LevelIndex::LENGTH;
    (index.dfd_byte_offset, index.sgd_byte_offset, index.sgd_byte_length) = (DESCRIBED_AT as u32, 0, 0);
    (header.index, header.supercompression_scheme) = (index, None);
    (header.level_count, header.layer_count, header.face_count) = (1, 0, 1);
    let length = data.len() as u64;
    let place = LevelIndex { byte_offset: (DESCRIBED_AT + described.len()) as u64, byte_length: length, uncompressed_byte_length: length };
    Ok([&header.as_bytes()[..], &place.as_bytes(), described, &data].concat())
}

fn undecodable(detail: String) -> FaultKind {
    FaultKind::ImageUndecodable { detail: detail.chars().take(200).collect() }
}
