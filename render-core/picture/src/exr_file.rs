//! OpenEXR bytes: one scan-line part of 32-bit float channels, ZIP compressed. R, G and B have no layer name, so that every reader shows them.

use std::io::Cursor;

use exr::{
    meta::{
        MetaData,
        attribute::{AttributeValue, Chromaticities, Matrix4x4},
    },
    prelude::*,
};

use super::{
    Layers, Notes, Picture, PictureError,
    layers::{Channel, split},
};
use raylance_scene::{Camera, Projection};

/// Rec.709 primaries and D65, so that other programs need not guess.
const REC709: Chromaticities =
    Chromaticities { red: Vec2(0.64, 0.33), green: Vec2(0.30, 0.60), blue: Vec2(0.15, 0.06), white: Vec2(0.3127, 0.3290) };
/// Name of the one attribute of our own.
const ATTRIBUTE: &str = "raylance";

impl Picture {
    /// The picture as an EXR file's bytes.
    ///
    /// # Errors
    /// [`PictureError::BadSize`] or [`PictureError::Exr`].
    pub fn to_exr_bytes(&self) -> std::result::Result<Vec<u8>, PictureError> {
        self.to_layered_exr_bytes(&Layers::default(), &Notes::default())
    }

    /// The picture with further layers and notes as an EXR file's bytes. The same arguments give the same bytes.
    ///
    /// # Errors
    /// [`PictureError::BadSize`], also of a layer, or [`PictureError::Exr`].
    pub fn to_layered_exr_bytes(&self, layers: &Layers, notes: &Notes) -> std::result::Result<Vec<u8>, PictureError> {
        self.check_size()?;
        if let Some(pixels) = layers.lengths().find(|&length| length != self.pixels.len()) {
            return Err(PictureError::BadSize { width_px: self.width_px, height_px: self.height_px, pixels });
        }
        let size = Vec2(self.width_px as usize, self.height_px as usize);
        let mut channels: Vec<Channel> = split(["R", "G", "B"], &self.pixels).into();
        channels.extend(layers.channels());
        let channels = channels.into_iter().map(|(name, samples)| AnyChannel::new(name, FlatSamples::F32(samples))).collect();
        let encoding = Encoding { compression: Compression::ZIP16, blocks: Blocks::ScanLines, line_order: LineOrder::Increasing };
        let attributes = self.layer_attributes(notes);
        let mut image = Image::from_layer(Layer::new(size, attributes, encoding, AnyChannels::sort(channels)));
        image.attributes.chromaticities = Some(REC709);
        let mut bytes = Cursor::new(Vec::new());
        image.write().non_parallel().to_buffered(&mut bytes).map_err(PictureError::Exr)?;
        Ok(bytes.into_inner())
    }

    fn layer_attributes(&self, notes: &Notes) -> LayerAttributes {
        let mut attributes = LayerAttributes { software_name: Some(Text::from("Raylance")), ..LayerAttributes::default() };
        attributes.comments = notes.comments.as_deref().map(ascii);
        if let Some(json) = &notes.json {
            // Custom attributes sit in a hash map whose order varies: exactly one keeps the bytes the same each time.
            attributes.other.insert(Text::from(ATTRIBUTE), AttributeValue::Text(ascii(&json_escape(json))));
        }
        if let Some(camera) = &notes.camera {
            attributes.world_to_camera = Some(world_to_camera(camera));
            let aspect = self.width_px as f32 / self.height_px as f32;
            if let Projection::Perspective { tan_half_fov_y } = camera.projection {
                attributes.screen_window_width = 2.0 * tan_half_fov_y * aspect;
                if camera.aperture_radius_m > 0.0 {
                    attributes.aperture = Some(camera.f_number(aspect));
                }
            }
            if camera.aperture_radius_m > 0.0 {
                attributes.focus = Some(camera.focus_distance_m);
            }
        }
        attributes
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

/// For row vectors, as OpenEXR has them; the camera looks along -Z with +Y up.
fn world_to_camera(camera: &Camera) -> Matrix4x4 {
    let Camera { from, right, up, forward, .. } = *camera;
    let back = forward.map(|v| -v);
    let shift = |axis: [f32; 3]| -(from[0] * axis[0] + from[1] * axis[1] + from[2] * axis[2]);
    let row = |i: usize| [right[i], up[i], back[i], 0.0];
    let rows = [row(0), row(1), row(2), [shift(right), shift(up), shift(back), 1.0]];
    let mut matrix = [0.0; 16];
    matrix.iter_mut().zip(rows.iter().flatten()).for_each(|(to, &value)| *to = value);
    matrix
}

/// A header's text is bytes, and only ASCII means the same to every reader.
fn ascii(text: &str) -> Text {
    let bytes: String = text.chars().map(|c| if c.is_ascii() { c } else { '?' }).collect();
    Text::from(bytes.as_str())
}

/// JSON in ASCII: whatever is not becomes an escape.
fn json_escape(json: &str) -> String {
    let mut units = [0; 2];
    let mut escaped = String::with_capacity(json.len());
    for c in json.chars() {
        if c.is_ascii() {
            escaped.push(c);
        } else {
            escaped.extend(c.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04x}")));
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SKY_DEPTH_M;

    fn picture() -> Picture {
        Picture::new(3, 2, (0..6).map(|i| [i as f32, 0.5, 2.0]).collect()).unwrap()
    }

    fn layers() -> Layers {
        Layers {
            albedo: Some(vec![[0.1, 0.2, 0.3]; 6]),
            normal: Some(vec![[0.0, 1.0, -0.5]; 6]),
            depth: Some(vec![SKY_DEPTH_M; 6]),
            samples: Some(vec![48; 6]),
            variance: Some(vec![[0.01; 3]; 6]),
        }
    }

    #[test]
    fn a_file_with_layers_names_them_as_compositors_do_and_still_reads_as_a_picture() {
        let camera = Camera::pinhole([0.0, 1.0, 5.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, -1.0], 0.25);
        let notes = Notes { comments: Some("48 samples".into()), json: Some(r#"{"name":"hé"}"#.into()), camera: Some(camera) };
        let bytes = picture().to_layered_exr_bytes(&layers(), &notes).unwrap();
        assert_eq!(bytes, picture().to_layered_exr_bytes(&layers(), &notes).unwrap(), "the same arguments give the same bytes");
        assert_eq!(Picture::from_exr_bytes(&bytes, 8, 8).unwrap(), picture());

        let meta = MetaData::read_from_buffered(Cursor::new(&bytes), true).unwrap();
        let [header] = meta.headers.as_slice() else { panic!("one part") };
        let names: Vec<String> = header.channels.list.iter().map(|channel| channel.name.to_string()).collect();
        let expected = "B G R albedo.B albedo.G albedo.R depth.Z normal.X normal.Y normal.Z samples.Y variance.B variance.G variance.R";
        assert_eq!(names.join(" "), expected);
        assert_eq!(header.shared_attributes.chromaticities, Some(REC709));
        let own = &header.own_attributes;
        assert_eq!(own.layer_name, None, "old readers look for R, G and B without a layer");
        assert_eq!(own.other[&Text::from("raylance")], AttributeValue::Text(Text::from(r#"{"name":"h\u00e9"}"#)));
        // The eye itself lies at the origin of camera space.
        let matrix = own.world_to_camera.unwrap();
        let eye = [0, 1, 2]
            .map(|i| camera.from[0] * matrix[i] + camera.from[1] * matrix[4 + i] + camera.from[2] * matrix[8 + i] + matrix[12 + i]);
        assert_eq!(eye, [0.0; 3]);
    }

    #[test]
    fn a_layer_of_another_size_is_refused() {
        let layers = Layers { depth: Some(vec![1.0; 5]), ..Layers::default() };
        assert!(matches!(picture().to_layered_exr_bytes(&layers, &Notes::default()), Err(PictureError::BadSize { pixels: 5, .. })));
    }
}
