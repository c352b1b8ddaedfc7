//! Makes pictures to look at of the layers of a rendered EXR.

use exr::prelude::{FlatSamples, ReadChannels, ReadLayers, read};
use image::codecs::jpeg::JpegEncoder;
use std::fs::File;
use std::io::BufWriter;
use std::path::Path;

/// The layers that are shown, as their channels begin in the file.
pub const LAYERS: [&str; 3] = ["albedo", "normal", "depth"];
/// As `raylance render` has it.
const JPEG_QUALITY: u8 = 92;
/// Sky is farther than this, metres.
const DEPTH_MAX_M: f32 = 1.0e9;

/// Why a layer is not shown.
#[derive(Debug, thiserror::Error)]
pub enum LayersError {
    /// The file could not be read.
    #[error("the EXR cannot be read")]
    Read(#[from] exr::error::Error),
    /// A channel is not there.
    #[error("the EXR has no channel {0}")]
    Missing(&'static str),
    /// A picture could not be written.
    #[error("a JPEG cannot be written")]
    Write(#[from] image::ImageError),
    /// A picture's file could not be made.
    #[error("a file cannot be made")]
    File(#[from] std::io::Error),
}

/// Writes `PICTURE-albedo.jpg`, `PICTURE-normal.jpg` and `PICTURE-depth.jpg`.
pub fn show(exr: &Path, picture: &Path) -> Result<(), LayersError> {
    let layer =
        read().no_deep_data().largest_resolution_level().all_channels().first_valid_layer().all_attributes().from_file(exr)?.layer_data;
    let channel = |name: &'static str| {
        let found = layer.channel_data.list.iter().find(|channel| channel.name == *name);
        match found.map(|channel| &channel.sample_data) {
            Some(FlatSamples::F32(values)) => Ok(values.as_slice()),
            _ => Err(LayersError::Missing(name)),
        }
    };
    let size = [layer.size.0 as u32, layer.size.1 as u32];
    let write = |name: &str, pixels: Vec<u8>| -> Result<(), LayersError> {
        let mut path = picture.as_os_str().to_owned();
        path.push(format!("-{name}.jpg"));
        let file = BufWriter::new(File::create(path)?);
        JpegEncoder::new_with_quality(file, JPEG_QUALITY).encode(&pixels, size[0], size[1], image::ExtendedColorType::Rgb8)?;
        Ok(())
    };
    let [albedo, normal, depth] = LAYERS;
    let three = |channels: [&[f32]; 3], level: fn(f32) -> f32| -> Vec<u8> {
        (0..channels[0].len()).flat_map(|i| channels.map(|channel| byte(level(channel[i])))).collect()
    };
    write(albedo, three([channel("albedo.R")?, channel("albedo.G")?, channel("albedo.B")?], srgb))?;
    write(normal, three([channel("normal.X")?, channel("normal.Y")?, channel("normal.Z")?], |value| 0.5 + 0.5 * value))?;
    write(depth, near_is_light(channel("depth.Z")?))
}

/// White at the nearest place, dark grey at the farthest, black in the sky.
fn near_is_light(depth: &[f32]) -> Vec<u8> {
    let seen = depth.iter().copied().filter(|metres| *metres < DEPTH_MAX_M);
    let (near, far) = seen.fold((f32::MAX, f32::MIN), |(near, far), metres| (near.min(metres), far.max(metres)));
    let level = |metres: f32| if metres < DEPTH_MAX_M { 0.08 + 0.92 * (far - metres) / (far - near).max(f32::MIN_POSITIVE) } else { 0.0 };
    depth.iter().flat_map(|metres| [byte(level(*metres)); 3]).collect()
}

fn srgb(linear: f32) -> f32 {
    if linear <= 0.003_130_8 { 12.92 * linear } else { 1.055 * linear.powf(1.0 / 2.4) - 0.055 }
}

fn byte(level: f32) -> u8 {
    (level.clamp(0.0, 1.0) * 255.0 + 0.5) as u8
}
