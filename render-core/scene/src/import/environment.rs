//! Environment pictures: Radiance HDR and OpenEXR, shrunk by a box filter to the size the tracer samples.

use std::{io::Cursor, path::Path};

use exr::meta::attribute::{Chromaticities, EnvironmentMap};
use exr::prelude::{ReadChannels, ReadLayers, ReadSpecificChannel, Text, Vec2, read as exr_reader};
use glam::{DMat3, DVec3};
use image::{ImageFormat, ImageReader, Limits};

use super::{
    fault::{FaultKind, Faults, Place},
    guard::guarded,
    uri,
};
use crate::{ENVIRONMENT_HEIGHT_MAX, ENVIRONMENT_WIDTH_MAX, Environment, RADIANCE_MAX};

/// Largest environment that is read: an 8k one takes 400 MB while it is shrunk.
pub const SOURCE_WIDTH_MAX: u32 = 8192;
/// How a Radiance file begins.
const RADIANCE: &[u8] = b"#?RADIANCE";
/// Half of it: equirectangular.
pub const SOURCE_HEIGHT_MAX: u32 = 4096;

/// Reads an equirectangular picture, rows from the top, and multiplies it by `strength`.
pub(super) fn load(path: &Path, strength: f32, faults: &mut Faults) -> Option<Environment> {
    let place = || Place::File(path.to_owned());
    if !is_strength(strength) {
        faults.error(FaultKind::EnvironmentStrength, Place::Options);
        return None;
    }
    let bytes = faults.keep(uri::read_bounded(path, uri::FILE_BYTES_MAX), place)?;
    let (environment, broken) = faults.keep(decode(&bytes, strength), place)?;
    if broken {
        faults.warn(FaultKind::EnvironmentNotFinite, place());
    }
    Some(environment)
}

fn is_strength(strength: f32) -> bool {
    strength.is_finite() && strength >= 0.0
}

/// The picture times `strength`, and whether it held values that are no numbers.
pub(super) fn decode(bytes: &[u8], strength: f32) -> Result<(Environment, bool), FaultKind> {
    if !is_strength(strength) {
        return Err(FaultKind::EnvironmentStrength);
    }
    let read = if bytes.starts_with(&[0x76, 0x2f, 0x31, 0x01]) { read_exr } else { read_hdr };
    let mut picture = guarded(|| read(bytes), || undecodable("its data are broken".to_owned()))?;
    let mut broken = false;
    for channel in picture.pixels.iter_mut().flatten() {
        broken |= !channel.is_finite();
        *channel = if channel.is_finite() { channel.max(0.0) } else { 0.0 };
    }
    let small = shrink(picture);
    let scale = |channel: f32| (channel * strength).clamp(0.0, RADIANCE_MAX);
    let pixels = small.pixels.into_iter().map(|pixel| pixel.map(scale)).collect();
    Ok((Environment { width_px: small.width_px, height_px: small.height_px, pixels }, broken))
}

/// What is read, before it is shrunk.
#[derive(Clone, Debug)]
struct Picture {
    width_px: u32,
    height_px: u32,
    /// Rows from the top, `width_px · height_px` of them.
    pixels: Vec<[f32; 3]>,
}

impl Picture {
    fn new(width_px: u32, height_px: u32, pixels: Vec<[f32; 3]>) -> Result<Self, FaultKind> {
        let whole = !pixels.is_empty() && pixels.len() as u64 == u64::from(width_px) * u64::from(height_px);
        whole.then_some(Self { width_px, height_px, pixels }).ok_or_else(|| undecodable("it has no pixels".to_owned()))
    }

    /// As it lies on a canvas of that size: black where it does not reach, cut where it sticks out.
    fn placed(self, Vec2(width, height): Vec2<usize>, Vec2(left, top): Vec2<i32>) -> Self {
        if (left, top) == (0, 0) && (width, height) == (self.width_px as usize, self.height_px as usize) || width * height == 0 {
            return self;
        }
        let mut pixels = vec![[0.0; 3]; width * height];
        for (row, line) in (0_i64..).zip(self.pixels.chunks_exact(self.width_px as usize)) {
            for (column, pixel) in (0_i64..).zip(line) {
                let (x, y) = (column + i64::from(left), row + i64::from(top));
                if (0..width as i64).contains(&x) && (0..height as i64).contains(&y) {
                    pixels[y as usize * width + x as usize] = *pixel;
                }
            }
        }
        Self { width_px: width as u32, height_px: height as u32, pixels }
    }
}

/// The first flat layer with colours, or with brightness alone, whatever its number type, blocks, order of lines and compression.
fn read_exr(bytes: &[u8]) -> Result<Picture, FaultKind> {
    let broken = |error: exr::error::Error| undecodable(error.to_string());
    let meta = exr::meta::MetaData::read_from_buffered(Cursor::new(bytes), false).map_err(broken)?;
    for header in &meta.headers {
        let Vec2(width, height) = header.layer_size;
        check_size(width as u64, height as u64)?;
    }
    let chosen = meta.headers.iter().filter(|header| !header.deep).find_map(|header| Some((header, color_names(&header.channels)?)));
    let (chosen, names) = chosen.ok_or_else(|| undecodable("it has neither R, G and B nor Y in full resolution".to_owned()))?;
    if chosen.own_attributes.environment_map == Some(EnvironmentMap::Cube) {
        return Err(undecodable("it shows the faces of a cube; save it as latitude and longitude".to_owned()));
    }
    let is_colored = matches!(names, Names::Rgb(_));
    let channels = exr_reader().no_deep_data().largest_resolution_level().specific_channels();
    let (size, canvas) = match names {
        Names::Rgb([r, g, b]) => {
            let put = |canvas: &mut Canvas, at, (r, g, b): (f32, f32, f32)| canvas.put(at, [r, g, b]);
            let channels = channels.required(r).required(g).required(b).collect_pixels(|size, _| Canvas::new(size), put);
            let reader = channels.first_valid_layer().all_attributes().non_parallel();
            let layer = reader.from_buffered(Cursor::new(bytes)).map_err(broken)?.layer_data;
            (layer.size, layer.channel_data.pixels)
        }
        Names::Grey(y) => {
            let put = |canvas: &mut Canvas, at, (y,): (f32,)| canvas.put(at, [y; 3]);
            let channels = channels.required(y).collect_pixels(|size, _| Canvas::new(size), put);
            let reader = channels.first_valid_layer().all_attributes().non_parallel();
            let layer = reader.from_buffered(Cursor::new(bytes)).map_err(broken)?.layer_data;
            (layer.size, layer.channel_data.pixels)
        }
    };
    // The size was found to be within the limits above.
    let mut picture = Picture::new(size.0 as u32, size.1 as u32, canvas.pixels)?;
    if let (true, Some(primaries)) = (is_colored, &meta.headers[0].shared_attributes.chromaticities) {
        let to_rec709 = to_rec709(primaries).ok_or_else(|| undecodable("its primaries make no sense".to_owned()))?;
        for pixel in &mut picture.pixels {
            *pixel = (to_rec709 * DVec3::from_array(pixel.map(f64::from))).to_array().map(|channel| channel as f32);
        }
    }
    let window = meta.headers[0].shared_attributes.display_window;
    check_size(window.size.0 as u64, window.size.1 as u64)?;
    let position = chosen.own_attributes.layer_position - window.position;
    Ok(picture.placed(window.size, position))
}

/// From colours of these primaries to Rec. 709's, without adapting the white; `None` where they span no colours.
fn to_rec709(from: &Chromaticities) -> Option<DMat3> {
    let xyz = |Chromaticities { red, green, blue, white }: &Chromaticities| {
        let point = |Vec2(x, y): &Vec2<f32>| DVec3::new(f64::from(*x), f64::from(*y), 1.0 - f64::from(*x) - f64::from(*y));
        let primaries = DMat3::from_cols(point(red), point(green), point(blue));
        primaries * DMat3::from_diagonal(primaries.inverse() * (point(white) / f64::from(white.1)))
    };
    let rec709 = Chromaticities { red: Vec2(0.64, 0.33), green: Vec2(0.3, 0.6), blue: Vec2(0.15, 0.06), white: Vec2(0.3127, 0.329) };
    let near = |a: Vec2<f32>, b: Vec2<f32>| (a.0 - b.0).abs() < 2.0e-3 && (a.1 - b.1).abs() < 2.0e-3;
    if near(from.red, rec709.red) && near(from.green, rec709.green) && near(from.blue, rec709.blue) && near(from.white, rec709.white) {
        return Some(DMat3::IDENTITY);
    }
    Some(xyz(&rec709).inverse() * xyz(from)).filter(DMat3::is_finite)
}

/// Pixels while they are read.
struct Canvas {
    width: usize,
    pixels: Vec<[f32; 3]>,
}

impl Canvas {
    fn new(size: Vec2<usize>) -> Self {
        Self { width: size.0, pixels: vec![[0.0; 3]; size.area()] }
    }

    fn put(&mut self, at: Vec2<usize>, pixel: [f32; 3]) {
        if let Some(slot) = self.pixels.get_mut(at.1 * self.width + at.0) {
            *slot = pixel;
        }
    }
}

/// Which channels hold the light.
enum Names {
    Rgb([Text; 3]),
    Grey(Text),
}

/// Plain names first, then those of a render layer's picture, such as `ViewLayer.Combined.R`, then of any other pass.
fn color_names(channels: &exr::meta::attribute::ChannelList) -> Option<Names> {
    let full = |channel: &&exr::meta::attribute::ChannelDescription| channel.sampling == Vec2(1, 1);
    let names: Vec<String> = channels.list.iter().filter(full).map(|channel| channel.name.to_string()).collect();
    let has = |name: &str| names.iter().any(|known| known == name);
    let rgb = |prefix: &str| ["R", "G", "B"].map(|channel| format!("{prefix}{channel}"));
    let text = |name: &String| Text::from(name.as_str());
    let mut prefixes: Vec<&str> = [""].into_iter().chain(names.iter().filter_map(|name| name.strip_suffix('R'))).collect();
    prefixes.sort_by_key(|prefix| !(prefix.is_empty() || prefix.ends_with("Combined.")));
    let found = prefixes.into_iter().map(rgb).find(|names| names.iter().all(|name| has(name)));
    found.map(|names| Names::Rgb(names.each_ref().map(text))).or(has("Y").then(|| Names::Grey(Text::from("Y"))))
}

fn check_size(width_px: u64, height_px: u64) -> Result<(), FaultKind> {
    let (width_max, height_max) = (SOURCE_WIDTH_MAX.into(), SOURCE_HEIGHT_MAX.into());
    if width_px > width_max || height_px > height_max {
        return Err(FaultKind::EnvironmentTooLarge { width_px, height_px, width_max, height_max });
    }
    Ok(())
}

fn undecodable(detail: String) -> FaultKind {
    FaultKind::EnvironmentUndecodable { detail: detail.chars().take(200).collect() }
}

fn read_hdr(bytes: &[u8]) -> Result<Picture, FaultKind> {
    let broken = |error: image::ImageError| undecodable(error.to_string());
    // Other programs put their name there, and the same bytes behind it.
    let renamed = (bytes.starts_with(b"#?") && !bytes.starts_with(RADIANCE)).then(|| {
        let name = bytes.iter().position(|byte| *byte == b'\n').unwrap_or(bytes.len());
        [RADIANCE, &bytes[name..]].concat()
    });
    let bytes = renamed.as_deref().unwrap_or(bytes);
    let reader = || ImageReader::with_format(Cursor::new(bytes), ImageFormat::Hdr);
    let (width_px, height_px) = reader().into_dimensions().map_err(broken)?;
    check_size(width_px.into(), height_px.into())?;
    let mut reader = reader();
    let mut limits = Limits::default();
    limits.max_image_width = Some(SOURCE_WIDTH_MAX);
    limits.max_image_height = Some(SOURCE_HEIGHT_MAX);
    reader.limits(limits);
    let decoded = reader.decode().map_err(broken)?.into_rgb32f();
    let (width_px, height_px) = decoded.dimensions();
    let pixels = decoded.pixels().map(|pixel| pixel.0).collect();
    Picture::new(width_px, height_px, pixels)
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
    use exr::prelude::{AnyChannel, AnyChannels, f16};
    use exr::prelude::{
        Blocks, ChannelDescription, Compression, Encoding, FlatSamples, Image, Layer, LayerAttributes, LineOrder, SpecificChannels,
        WritableImage,
    };

    use super::*;

    /// An EXR whose channel `c` holds 0.5 + c at x = 0 and 2 + c everywhere else.
    fn exr(size: (usize, usize), names: &[&str], samples: fn(Vec<f32>) -> FlatSamples, encoding: Encoding) -> Vec<u8> {
        let channel = |(c, name): (usize, &&str)| {
            let value = |i: usize| if i.is_multiple_of(size.0) { 0.5 + c as f32 } else { 2.0 + c as f32 };
            AnyChannel::new(Text::from(*name), samples((0..size.0 * size.1).map(value).collect()))
        };
        let channels = AnyChannels::sort(names.iter().enumerate().map(channel).collect());
        let mut bytes = Cursor::new(Vec::new());
        let layer = Layer::new(size, LayerAttributes::default(), encoding, channels);
        Image::from_layer(layer).write().non_parallel().to_buffered(&mut bytes).unwrap();
        bytes.into_inner()
    }

    #[test]
    fn exr_is_read_whatever_its_numbers_blocks_lines_and_names() {
        let float: fn(Vec<f32>) -> FlatSamples = FlatSamples::F32;
        let half = |values: Vec<f32>| FlatSamples::F16(values.into_iter().map(f16::from_f32).collect());
        let whole = |values: Vec<f32>| FlatSamples::U32(values.into_iter().map(|value| value as u32).collect());
        let lines = |compression, line_order| Encoding { compression, blocks: Blocks::ScanLines, line_order };
        let plain = lines(Compression::Uncompressed, LineOrder::Increasing);
        let tiled = Encoding { blocks: Blocks::Tiles(Vec2(4, 2)), ..lines(Compression::ZIP1, LineOrder::Unspecified) };
        let (a, b) = ([0.5, 1.5, 2.5], [2.0, 3.0, 4.0]);
        #[expect(clippy::type_complexity, reason = "the columns of a table that is used once")]
        let cases: &[(&str, &[&str], fn(Vec<f32>) -> FlatSamples, Encoding, [f32; 3], [f32; 3])] = &[
            ("float", &["R", "G", "B"], float, plain, a, b),
            ("half", &["R", "G", "B"], half, plain, a, b),
            ("whole numbers", &["R", "G", "B"], whole, plain, [0.0, 1.0, 2.0], b),
            ("with alpha and depth", &["R", "G", "B", "A", "Z"], float, plain, a, b),
            ("brightness alone", &["Y"], float, plain, [0.5; 3], [2.0; 3]),
            ("a render layer", &["View.Combined.R", "View.Combined.G", "View.Combined.B"], float, plain, a, b),
            ("tiles", &["R", "G", "B"], half, tiled, a, b),
            ("lines from below", &["R", "G", "B"], half, lines(Compression::ZIP16, LineOrder::Decreasing), a, b),
            ("PIZ", &["R", "G", "B"], half, lines(Compression::PIZ, LineOrder::Increasing), a, b),
            ("RLE", &["R", "G", "B"], float, lines(Compression::RLE, LineOrder::Increasing), a, b),
        ];
        for (name, channels, samples, encoding, first, rest) in cases {
            for size in [(6, 3), (1, 1)] {
                let picture = read_exr(&exr(size, channels, *samples, *encoding)).unwrap_or_else(|fault| panic!("{name}: {fault}"));
                assert_eq!((picture.width_px, picture.height_px), (size.0 as u32, size.1 as u32), "{name}");
                for (at, pixel) in picture.pixels.iter().enumerate() {
                    assert_eq!(pixel, if at.is_multiple_of(size.0) { first } else { rest }, "{name}, pixel {at}");
                }
            }
        }
        for channels in [&["Z"][..], &["R", "G"]] {
            let found = read_exr(&exr((2, 2), channels, float, plain));
            assert!(matches!(found, Err(FaultKind::EnvironmentUndecodable { .. })), "{channels:?}: {found:?}");
        }
        let mut coarse = ChannelDescription::named("Y", exr::prelude::SampleType::F32);
        coarse.sampling = Vec2(2, 2);
        assert!(color_names(&exr::meta::attribute::ChannelList::new(vec![coarse].into())).is_none(), "half the pixels would be missing");
    }

    #[test]
    fn regression_b44_blocks_of_any_bytes_are_a_picture_or_an_error() {
        let half = |values: Vec<f32>| FlatSamples::F16(values.into_iter().map(f16::from_f32).collect());
        let encoding = Encoding { compression: Compression::B44, blocks: Blocks::ScanLines, line_order: LineOrder::Increasing };
        let sound = exr((16, 16), &["R", "G", "B"], half, encoding);
        // Differences that leave the range of 16 bits: where overflow is checked, the decoder panics.
        for filler in [0x00, 0x55, 0x84, 0xff] {
            for length in [40, 150, 300] {
                let mut bytes = sound.clone();
                let data = bytes.len() - length;
                bytes[data..].fill(filler);
                if let Ok((sky, _)) = decode(&bytes, 1.0) {
                    assert_eq!(sky.pixels.len(), 256);
                }
            }
        }
    }

    #[test]
    fn an_environment_of_one_pixel_is_one_colour_all_round() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("sky.exr");
        let pixel = SpecificChannels::rgb(|_| (0.25f32, 0.5f32, f32::NAN));
        Image::from_channels((1, 1), pixel).write().to_file(&path).unwrap();
        let mut faults = Faults::default();
        let sky = load(&path, 2.0, &mut faults).unwrap();
        assert_eq!(sky, Environment { width_px: 1, height_px: 1, pixels: vec![[0.5, 1.0, 0.0]] });
        assert_eq!(faults.into_warnings()[0].what, FaultKind::EnvironmentNotFinite);
        std::fs::write(&path, b"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 99999 +X 7\n").unwrap();
        let mut faults = Faults::default();
        assert_eq!(load(&path, 1.0, &mut faults), None);
        let found = &faults.into_warnings()[0].what;
        assert!(matches!(found, FaultKind::EnvironmentTooLarge { height_px: 99_999, .. }), "{found:?}");
    }

    #[test]
    fn a_part_of_the_sphere_lies_where_its_window_says() {
        let part = Picture::new(2, 1, vec![[1.0; 3], [2.0; 3]]).unwrap();
        let on = |position| part.clone().placed(Vec2(3, 2), position).pixels.iter().map(|pixel| pixel[0]).collect::<Vec<_>>();
        assert_eq!(on(Vec2(0, 0)), [1.0, 2.0, 0.0, 0.0, 0.0, 0.0]);
        assert_eq!(on(Vec2(1, 1)), [0.0, 0.0, 0.0, 0.0, 1.0, 2.0]);
        assert_eq!(on(Vec2(-1, 0)), [2.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
        assert_eq!(on(Vec2(2, i32::MAX)), [0.0; 6]);
        let mut bytes = Cursor::new(Vec::new());
        let pixels = SpecificChannels::rgb(|_| (1.0f32, 1.0f32, 1.0f32));
        let mut image = Image::from_channels((4, 1), pixels);
        image.attributes.display_window.size = Vec2(4, 2);
        image.layer_data.attributes.layer_position = Vec2(0, 1);
        image.write().non_parallel().to_buffered(&mut bytes).unwrap();
        let picture = read_exr(&bytes.into_inner()).unwrap();
        assert_eq!((picture.width_px, picture.height_px), (4, 2));
        assert_eq!(picture.pixels, [[[0.0; 3]; 4], [[1.0; 3]; 4]].concat());
    }

    #[test]
    fn the_picture_is_taken_before_other_passes() {
        let channels = ["View.AO.R", "View.AO.G", "View.AO.B", "View.Combined.R", "View.Combined.G", "View.Combined.B"];
        let plain = Encoding { compression: Compression::Uncompressed, blocks: Blocks::ScanLines, line_order: LineOrder::Increasing };
        let picture = read_exr(&exr((2, 1), &channels, FlatSamples::F32, plain)).unwrap();
        assert_eq!(picture.pixels[1], [5.0, 6.0, 7.0]);
    }

    #[test]
    fn other_primaries_become_ours() {
        let exr = |primaries: Option<Chromaticities>| {
            let mut bytes = Cursor::new(Vec::new());
            let mut image = Image::from_channels((1, 1), SpecificChannels::rgb(|_| (0.290f32, 0.345f32, 0.160f32)));
            image.attributes.chromaticities = primaries;
            image.write().non_parallel().to_buffered(&mut bytes).unwrap();
            read_exr(&bytes.into_inner()).map(|picture| picture.pixels[0])
        };
        let xyz = Chromaticities { red: Vec2(1.0, 0.0), green: Vec2(0.0, 1.0), blue: Vec2(0.0, 0.0), white: Vec2(1.0 / 3.0, 1.0 / 3.0) };
        let found = exr(Some(xyz)).unwrap();
        // X, Y and Z by the matrix of IEC 61966-2-1.
        assert!(found.iter().zip([0.3297, 0.3728, 0.1149]).all(|(a, b)| (a - b).abs() < 5.0e-4), "{found:?}");
        assert_eq!(exr(None).unwrap(), [0.290, 0.345, 0.160]);
        let flat = Chromaticities { red: Vec2(0.3, 0.3), green: Vec2(0.3, 0.3), blue: Vec2(0.3, 0.3), white: Vec2(0.3, 0.3) };
        assert!(exr(Some(flat)).is_err());
    }

    #[test]
    fn a_cube_is_no_sphere() {
        let mut bytes = Cursor::new(Vec::new());
        let mut image = Image::from_channels((1, 6), SpecificChannels::rgb(|_| (1.0f32, 1.0f32, 1.0f32)));
        image.layer_data.attributes.environment_map = Some(EnvironmentMap::Cube);
        image.write().non_parallel().to_buffered(&mut bytes).unwrap();
        let found = read_exr(&bytes.into_inner());
        assert!(matches!(&found, Err(FaultKind::EnvironmentUndecodable { detail }) if detail.contains("cube")), "{found:?}");
    }

    #[test]
    fn a_radiance_file_may_name_another_program() {
        let scanline = [b"\nFORMAT=32-bit_rle_rgbe\n\n-Y 1 +X 2\n".as_slice(), &[128, 128, 128, 129, 64, 128, 128, 129]].concat();
        let [usual, other] = [b"#?RADIANCE".as_slice(), b"#?RGBE"].map(|name| decode(&[name, &scanline].concat(), 1.0).unwrap());
        assert_eq!(usual, other);
        assert!(usual.0.pixels[0].iter().all(|value| *value > 0.5));
    }

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
