//! OpenEXR bytes: one scan-line layer of 32-bit float RGB, ZIP compressed.

use std::io::Cursor;

use exr::{meta::MetaData, prelude::*};

use super::{Picture, PictureError};

/// Rec.709 primaries and D65, so that other programs need not guess.
const REC709: exr::meta::attribute::Chromaticities = exr::meta::attribute::Chromaticities {
    red: Vec2(0.64, 0.33),
    green: Vec2(0.30, 0.60),
    blue: Vec2(0.15, 0.06),
    white: Vec2(0.3127, 0.3290),
};

impl Picture {
    /// The picture as an EXR file's bytes.
    ///
    /// # Errors
    /// [`PictureError::BadSize`] or [`PictureError::Exr`].
    pub fn to_exr_bytes(&self) -> std::result::Result<Vec<u8>, PictureError> {
        self.check_size()?;
        let size = Vec2(self.width_px as usize, self.height_px as usize);
        let pixel = |at: Vec2<usize>| {
            let [r, g, b] = self.pixels[at.1 * size.0 + at.0];
            (r, g, b)
        };
        // Custom attributes sit in a hash map whose order varies; standard ones only keep the bytes the same each time.
        let attributes = LayerAttributes { software_name: Some(Text::from("Raylance")), ..LayerAttributes::default() };
        let encoding = Encoding { compression: Compression::ZIP16, blocks: Blocks::ScanLines, line_order: LineOrder::Increasing };
        let layer = Layer::new(size, attributes, encoding, SpecificChannels::rgb(pixel));
        let mut picture = Image::from_layer(layer);
        picture.attributes.chromaticities = Some(REC709);
        let mut bytes = Cursor::new(Vec::new());
        picture.write().non_parallel().to_buffered(&mut bytes).map_err(PictureError::Exr)?;
        Ok(bytes.into_inner())
    }

    /// Reads the first layer with R, G and B of an EXR; its size is checked before its pixels are allocated.
    ///
    /// # Errors
    /// [`PictureError::TooLarge`] or [`PictureError::Exr`].
    pub fn from_exr_bytes(bytes: &[u8], width_max: u32, height_max: u32) -> std::result::Result<Self, PictureError> {
        let meta = MetaData::read_from_buffered(Cursor::new(bytes), false).map_err(PictureError::Exr)?;
        for header in &meta.headers {
            let Vec2(width, height) = header.layer_size;
            if width > width_max as usize || height > height_max as usize {
                return Err(PictureError::TooLarge { width_px: width as u64, height_px: height as u64, width_max, height_max });
            }
        }
        let create = |size: Vec2<usize>, _: &RgbChannels| (size.0, vec![[0.0f32; 3]; size.area()]);
        let set = |(width, pixels): &mut (usize, Vec<[f32; 3]>), at: Vec2<usize>, (r, g, b): (f32, f32, f32)| {
            if let Some(pixel) = pixels.get_mut(at.1 * *width + at.0) {
                *pixel = [r, g, b];
            }
        };
        let picture = read()
            .no_deep_data()
            .largest_resolution_level()
            .rgb_channels(create, set)
            .first_valid_layer()
            .all_attributes()
            .non_parallel()
            .from_buffered(Cursor::new(bytes))
            .map_err(PictureError::Exr)?;
        let layer = picture.layer_data;
        let Vec2(width, height) = layer.size;
        Self::new(width as u32, height as u32, layer.channel_data.pixels.1)
    }
}
