//! Pictures to look at: 8-bit sRGB as PNG or JPEG.

use image::codecs::jpeg::JpegEncoder;

use super::{Picture, PictureError, ViewTransform};

/// Artefacts of a higher quality nobody sees, and files of a lower one show blocks in smooth skies.
const JPEG_QUALITY: u8 = 92;

/// How linear light is shown. Only pictures to look at know it; EXR stays linear.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct View {
    /// The curve from light to colour.
    pub transform: ViewTransform,
    /// Doublings of the light before it.
    pub exposure_stops: f32,
}

/// How long an encoder may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Effort {
    Quick,
    Balanced,
}

impl Picture {
    /// Eight-bit sRGB rows, three bytes per pixel.
    pub fn to_srgb8(&self, view: View) -> Vec<u8> {
        let gain = view.exposure_stops.exp2();
        self.pixels.iter().flat_map(|pixel| view.transform.encode(pixel.map(|channel| channel * gain))).collect()
    }

    /// The picture as an 8-bit PNG that says that it is sRGB.
    ///
    /// # Errors
    /// [`PictureError::BadSize`] or [`PictureError::Png`].
    pub fn to_png_bytes(&self, view: View) -> Result<Vec<u8>, PictureError> {
        self.encode_png(view, Effort::Balanced)
    }

    /// Like [`Picture::to_png_bytes`], but quick rather than small: for the live picture.
    ///
    /// # Errors
    /// The same.
    pub fn to_preview_png(&self, view: View) -> Result<Vec<u8>, PictureError> {
        self.encode_png(view, Effort::Quick)
    }

    /// The picture as a JPEG, which readers take for sRGB.
    ///
    /// # Errors
    /// [`PictureError::BadSize`] or [`PictureError::Jpeg`].
    pub fn to_jpeg_bytes(&self, view: View) -> Result<Vec<u8>, PictureError> {
        self.check_size()?;
        let mut bytes = Vec::new();
        JpegEncoder::new_with_quality(&mut bytes, JPEG_QUALITY)
            .encode(&self.to_srgb8(view), self.width_px, self.height_px, image::ExtendedColorType::Rgb8)
            .map_err(PictureError::Jpeg)?;
        Ok(bytes)
    }

    fn encode_png(&self, view: View, effort: Effort) -> Result<Vec<u8>, PictureError> {
        self.check_size()?;
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, self.width_px, self.height_px);
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_depth(png::BitDepth::Eight);
        encoder.set_source_srgb(png::SrgbRenderingIntent::Perceptual);
        encoder.set_compression(match effort {
            Effort::Quick => png::Compression::Fast,
            Effort::Balanced => png::Compression::Balanced,
        });
        let write = || {
            let mut writer = encoder.write_header()?;
            writer.write_image_data(&self.to_srgb8(view))?;
            writer.finish()
        };
        write().map_err(PictureError::Png)?;
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STANDARD: View = View { transform: ViewTransform::Standard, exposure_stops: 0.0 };

    fn greys() -> Picture {
        Picture::new(3, 1, vec![[0.0; 3], [0.214_041_14; 3], [1.0; 3]]).unwrap()
    }

    #[test]
    fn png_of_known_greys_has_known_bytes_and_says_srgb() {
        let bytes = greys().to_png_bytes(STANDARD).unwrap();
        assert!(bytes.windows(4).any(|chunk| chunk == b"sRGB"));
        let decoded = image::load_from_memory(&bytes).unwrap().into_rgb8();
        assert_eq!(decoded.into_raw(), [0, 0, 0, 128, 128, 128, 255, 255, 255]);
        let preview = image::load_from_memory(&greys().to_preview_png(STANDARD).unwrap()).unwrap().into_rgb8();
        assert_eq!(preview.dimensions(), (3, 1));
    }

    #[test]
    fn jpeg_comes_back_nearly_as_it_was() {
        let picture = Picture::new(16, 8, vec![[0.214_041_14; 3]; 128]).unwrap();
        let decoded = image::load_from_memory(&picture.to_jpeg_bytes(STANDARD).unwrap()).unwrap().into_rgb8();
        assert_eq!(decoded.dimensions(), (16, 8));
        assert!(decoded.into_raw().iter().all(|byte| byte.abs_diff(128) <= 2));
    }

    #[test]
    fn a_stop_doubles_the_light() {
        let double = Picture::new(1, 1, vec![[0.3, 0.1, 0.05]]).unwrap();
        let single = Picture::new(1, 1, vec![[0.15, 0.05, 0.025]]).unwrap();
        let stop = View { exposure_stops: 1.0, ..View::default() };
        assert_eq!(single.to_srgb8(stop), double.to_srgb8(View::default()));
        assert_eq!(single.to_srgb8(View { exposure_stops: f32::INFINITY, ..View::default() }).len(), 3);
    }
}
