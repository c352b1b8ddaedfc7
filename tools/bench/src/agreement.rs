//! Do the renderers show the same picture, and how noisy is each? A comparison of speed means something only then.

use std::path::{Path, PathBuf};

/// Edge of the blocks whose means are compared.
const BLOCK_PX: usize = 16;
/// Added to a pixel's squared radiance, as a share of the mean radiance's square: dark pixels then don't decide.
const DARK_SHARE: f64 = 0.01;

/// Linear radiance, rows from the top.
#[derive(Clone)]
struct Picture {
    width_px: usize,
    pixels: Vec<[f32; 3]>,
}

/// All pictures of one renderer of one scene.
pub struct Pictures {
    mean: Picture,
    each: Vec<Picture>,
}

impl Pictures {
    /// Reads EXR files of one size and keeps, beside the first, a PNG of their mean to look at. `None` if one cannot be read.
    pub fn read(paths: &[PathBuf]) -> Option<Self> {
        let each: Vec<Picture> = paths.iter().map(|path| read_exr(path)).collect::<Option<_>>()?;
        let first = each.first()?;
        if each.iter().any(|picture| picture.pixels.len() != first.pixels.len()) {
            return None;
        }
        let count = each.len() as f32;
        let mean_of = |i: usize| [0, 1, 2].map(|c| each.iter().map(|picture| picture.pixels[i][c]).sum::<f32>() / count);
        let mean = Picture { width_px: first.width_px, pixels: (0..first.pixels.len()).map(mean_of).collect() };
        // Only for people: no figure needs it.
        let _ = write_png(&mean, &paths[0].with_extension("png"));
        Some(Self { mean, each })
    }

    /// Mean radiance per channel.
    pub fn mean_radiance(&self) -> [f64; 3] {
        let count = self.mean.pixels.len() as f64;
        [0, 1, 2].map(|c| self.mean.pixels.iter().map(|pixel| f64::from(pixel[c])).sum::<f64>() / count)
    }

    /// Mean radiance over that of another picture, all channels together.
    pub fn ratio_to(&self, other: &Self) -> f64 {
        self.mean_radiance().iter().sum::<f64>() / other.mean_radiance().iter().sum::<f64>()
    }

    /// Median over blocks of the relative difference between the blocks' means.
    pub fn block_error_median(&self, other: &Self) -> f64 {
        let (own, others) = (blocks(&self.mean), blocks(&other.mean));
        let mut errors: Vec<f64> = own.iter().zip(&others).map(|(a, b)| (a - b).abs() / b.max(1e-6)).collect();
        errors.sort_by(f64::total_cmp);
        errors.get(errors.len() / 2).copied().unwrap_or(f64::NAN)
    }

    /// Relative mean square error of one picture, from the differences between pictures of different seeds; `None` with fewer than two.
    pub fn relative_variance(&self) -> Option<f64> {
        let dark = DARK_SHARE * (self.mean_radiance().iter().sum::<f64>() / 3.0).powi(2);
        let (mut sum, mut count) = (0.0, 0u64);
        for (i, a) in self.each.iter().enumerate() {
            for b in &self.each[i + 1..] {
                for ((a, b), mean) in a.pixels.iter().zip(&b.pixels).zip(&self.mean.pixels) {
                    for c in 0..3 {
                        let difference = f64::from(a[c]) - f64::from(b[c]);
                        sum += 0.5 * difference * difference / (f64::from(mean[c]).powi(2) + dark);
                        count += 1;
                    }
                }
            }
        }
        (count > 0).then(|| sum / count as f64)
    }
}

fn read_exr(path: &Path) -> Option<Picture> {
    use exr::prelude::*;
    let create = |size: Vec2<usize>, _: &RgbChannels| Picture { width_px: size.0, pixels: vec![[0.0f32; 3]; size.area()] };
    let set =
        |picture: &mut Picture, at: Vec2<usize>, (r, g, b): (f32, f32, f32)| picture.pixels[at.1 * picture.width_px + at.0] = [r, g, b];
    let layers = read().no_deep_data().largest_resolution_level().rgb_channels(create, set).first_valid_layer().all_attributes();
    layers.from_file(path).ok().map(|image| image.layer_data.channel_data.pixels)
}

fn write_png(picture: &Picture, path: &Path) -> image::ImageResult<()> {
    let byte = |radiance: f32| (radiance / (1.0 + 0.5 * radiance)).clamp(0.0, 1.0).powf(1.0 / 2.2) * 255.0;
    let bytes: Vec<u8> = picture.pixels.iter().flatten().map(|&radiance| byte(radiance).round() as u8).collect();
    let height_px = picture.pixels.len() / picture.width_px;
    image::save_buffer(path, &bytes, picture.width_px as u32, height_px as u32, image::ExtendedColorType::Rgb8)
}

fn blocks(picture: &Picture) -> Vec<f64> {
    let across = picture.width_px.div_ceil(BLOCK_PX);
    let height_px = picture.pixels.len() / picture.width_px;
    let mut sums = vec![0.0; across * height_px.div_ceil(BLOCK_PX)];
    for (i, pixel) in picture.pixels.iter().enumerate() {
        let (x, y) = (i % picture.width_px, i / picture.width_px);
        sums[y / BLOCK_PX * across + x / BLOCK_PX] += pixel.iter().map(|&channel| f64::from(channel)).sum::<f64>();
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pictures(each: &[[f32; 2]]) -> Pictures {
        let picture = |levels: &[f32; 2]| Picture { width_px: 2, pixels: levels.map(|level| [level; 3]).to_vec() };
        let mean = [0, 1].map(|i| each.iter().map(|levels| levels[i]).sum::<f32>() / each.len() as f32);
        Pictures { mean: picture(&mean), each: each.iter().map(picture).collect() }
    }

    #[test]
    fn equal_pictures_agree_and_have_no_noise() {
        let a = pictures(&[[1.0, 3.0], [1.0, 3.0]]);
        assert_eq!((a.ratio_to(&a), a.block_error_median(&a), a.relative_variance()), (1.0, 0.0, Some(0.0)));
    }

    #[test]
    fn brighter_pictures_have_a_larger_ratio_and_differing_ones_noise() {
        let (a, b) = (pictures(&[[1.0, 1.0]]), pictures(&[[1.0, 2.0], [2.0, 1.0]]));
        assert_eq!(b.ratio_to(&a), 1.5);
        assert_eq!(a.relative_variance(), None);
        let variance = b.relative_variance().unwrap();
        assert!((variance - 0.5 / (2.25 * 1.01)).abs() < 1e-9, "{variance}");
    }
}
