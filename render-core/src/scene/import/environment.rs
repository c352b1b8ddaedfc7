//! Environment pictures: Radiance HDR and OpenEXR, shrunk by a box filter to the size the tracer samples.

use std::{io::Cursor, path::Path};

use image::{ImageFormat, ImageReader, Limits};

use super::{
    fault::{FaultKind, Faults, Place},
    uri,
};
use crate::{
    image::{Picture, PictureError},
    scene::{ENVIRONMENT_HEIGHT_MAX, ENVIRONMENT_WIDTH_MAX, Environment, RADIANCE_MAX},
};

/// Largest environment that is read: an 8k one takes 400 MB while it is shrunk.
pub const SOURCE_WIDTH_MAX: u32 = 8192;
/// Half of it: equirectangular.
pub const SOURCE_HEIGHT_MAX: u32 = 4096;

/// Reads an equirectangular picture, rows from the top, and multiplies it by `strength`.
pub(super) fn load(path: &Path, strength: f32, faults: &mut Faults) -> Option<Environment> {
    let place = || Place::File(path.to_owned());
    if !strength.is_finite() || strength < 0.0 {
        faults.error(FaultKind::EnvironmentStrength, Place::Options);
        return None;
    }
    let bytes = faults.keep(uri::read_bounded(path, uri::FILE_BYTES_MAX), place)?;
    let picture = if bytes.starts_with(&[0x76, 0x2f, 0x31, 0x01]) { read_exr(&bytes) } else { read_hdr(&bytes) };
    let mut picture = faults.keep(picture, place)?;
    let mut broken = false;
    for channel in picture.pixels.iter_mut().flatten() {
        broken |= !channel.is_finite();
        *channel = if channel.is_finite() { channel.max(0.0) } else { 0.0 };
    }
    if broken {
        faults.warn(FaultKind::EnvironmentNotFinite, place());
    }
    let small = shrink(picture);
    let scale = |channel: f32| (channel * strength).clamp(0.0, RADIANCE_MAX);
    let pixels = small.pixels.into_iter().map(|pixel| pixel.map(scale)).collect();
    Some(Environment { width_px: small.width_px, height_px: small.height_px, pixels })
}

fn too_large(width_px: u64, height_px: u64) -> FaultKind {
    FaultKind::EnvironmentTooLarge { width_px, height_px, width_max: SOURCE_WIDTH_MAX.into(), height_max: SOURCE_HEIGHT_MAX.into() }
}

fn read_exr(bytes: &[u8]) -> Result<Picture, FaultKind> {
    Picture::from_exr_bytes(bytes, SOURCE_WIDTH_MAX, SOURCE_HEIGHT_MAX).map_err(|error| match error {
        PictureError::TooLarge { width_px, height_px, .. } => too_large(width_px, height_px),
        other => FaultKind::ImageUndecodable { detail: other.to_string() },
    })
}

fn read_hdr(bytes: &[u8]) -> Result<Picture, FaultKind> {
    let undecodable = |error: image::ImageError| FaultKind::ImageUndecodable { detail: error.to_string().chars().take(200).collect() };
    let reader = || ImageReader::with_format(Cursor::new(bytes), ImageFormat::Hdr);
    let (width_px, height_px) = reader().into_dimensions().map_err(undecodable)?;
    if width_px > SOURCE_WIDTH_MAX || height_px > SOURCE_HEIGHT_MAX {
        return Err(too_large(width_px.into(), height_px.into()));
    }
    let mut reader = reader();
    let mut limits = Limits::default();
    limits.max_image_width = Some(SOURCE_WIDTH_MAX);
    limits.max_image_height = Some(SOURCE_HEIGHT_MAX);
    reader.limits(limits);
    let decoded = reader.decode().map_err(undecodable)?.into_rgb32f();
    let (width_px, height_px) = decoded.dimensions();
    if width_px == 0 || height_px == 0 {
        return Err(FaultKind::ImageUndecodable { detail: "it has no pixels".to_owned() });
    }
    let pixels = decoded.pixels().map(|pixel| pixel.0).collect();
    Ok(Picture { width_px, height_px, pixels })
}

/// Area-weighted means; a picture that is small enough stays as it is.
fn shrink(picture: Picture) -> Picture {
    let (width_px, height_px) = (picture.width_px.min(ENVIRONMENT_WIDTH_MAX), picture.height_px.min(ENVIRONMENT_HEIGHT_MAX));
    if (width_px, height_px) == (picture.width_px, picture.height_px) {
        return picture;
    }
    let columns = spans(picture.width_px, width_px);
    let mut pixels = Vec::with_capacity((width_px * height_px) as usize);
    for rows in spans(picture.height_px, height_px) {
        for column in &columns {
            let mut sum = [0.0f64; 3];
            let mut area = 0.0;
            for &(y, height) in &rows {
                for &(x, width) in column {
                    let pixel = picture.pixels[(y * picture.width_px + x) as usize];
                    sum = std::array::from_fn(|c| sum[c] + f64::from(pixel[c]) * width * height);
                    area += width * height;
                }
            }
            pixels.push(sum.map(|channel| (channel / area) as f32));
        }
    }
    Picture { width_px, height_px, pixels }
}

/// For each of `to` cells, the cells of `from` that it covers and how much of each.
fn spans(from: u32, to: u32) -> Vec<Vec<(u32, f64)>> {
    let step = f64::from(from) / f64::from(to);
    let cell = |index: u32| {
        let (start, end) = (f64::from(index) * step, f64::from(index + 1) * step);
        let covered = |source: u32| (f64::from(source + 1).min(end) - f64::from(source).max(start)).max(0.0);
        (start as u32..from.min(end.ceil() as u32)).map(|source| (source, covered(source))).collect()
    };
    (0..to).map(cell).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shrinking_keeps_the_mean() {
        let (width_px, height_px) = (3000, 1500);
        let pixels: Vec<[f32; 3]> = (0..width_px * height_px).map(|i| [(i % 17) as f32, (i % 5) as f32, 1.0]).collect();
        let picture = Picture { width_px, height_px, pixels };
        let small = shrink(picture.clone());
        assert_eq!((small.width_px, small.height_px), (ENVIRONMENT_WIDTH_MAX, ENVIRONMENT_HEIGHT_MAX));
        let mean = |p: &Picture| p.pixels.iter().map(|pixel| f64::from(pixel[0])).sum::<f64>() / p.pixels.len() as f64;
        assert!((mean(&small) - mean(&picture)).abs() < 1.0e-4);
        assert!(small.pixels.iter().all(|pixel| (pixel[2] - 1.0).abs() < 1.0e-6));
    }
}
