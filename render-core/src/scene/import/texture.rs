//! Texture slots and the pictures behind them; each picture is decoded once, and only if a drawn material needs it.

use std::{collections::BTreeMap, io::Cursor};

use gltf::json::{
    self, Texture,
    extensions::texture::TextureTransform,
    texture::{MagFilter, WrappingMode},
    validation::Checked,
};
use image::{DynamicImage, ImageError, ImageFormat, ImageReader, Limits};

use super::{
    container::Document,
    fault::{FaultKind, Faults, Place},
    uri,
};
use crate::scene::{Filter, IMAGE_EDGE_MAX, Image, TEXELS_TOTAL_MAX, TextureUse, UvSet, Wrap};

/// Most memory a decoder may take for one picture: the largest allowed one at 16 bits per channel.
const DECODE_BYTES_MAX: u64 = TEXELS_TOTAL_MAX * 8;

/// A texture slot as any of glTF's texture info objects describes it.
pub(super) struct SlotInfo {
    pub(super) name: &'static str,
    pub(super) texture: usize,
    pub(super) tex_coord: u32,
    pub(super) transform: Option<TextureTransform>,
    pub(super) srgb: bool,
}

impl SlotInfo {
    /// Which `TEXCOORD_n` it reads; the transform may override the slot's own.
    pub(super) fn uv_set(&self) -> u32 {
        self.transform.as_ref().and_then(|transform| transform.tex_coord).unwrap_or(self.tex_coord)
    }
}

/// The material that asks for a texture.
pub(super) struct Asker<'a> {
    pub(super) material: usize,
    pub(super) name: &'a Option<String>,
}

/// Pictures decoded so far.
#[derive(Default)]
pub(super) struct Images {
    pub(super) list: Vec<Image>,
    /// From the file's image index to the list's; `None` for one that failed, so that it is told once.
    known: BTreeMap<usize, Option<u32>>,
    texels: u64,
}

impl Images {
    /// The slot's texture, its picture decoded if it is new.
    pub(super) fn texture_use(
        &mut self,
        document: &Document,
        slot: &SlotInfo,
        asker: &Asker<'_>,
        faults: &mut Faults,
    ) -> Option<TextureUse> {
        let texture = document.root.textures.get(slot.texture)?;
        let source = webp_source(texture).unwrap_or_else(|| texture.source.value());
        let image = match self.known.get(&source) {
            Some(known) => *known,
            None => {
                let decoded = self.decode(document, source);
                let place = || Place::Image {
                    image: source,
                    name: document.root.images.get(source).and_then(|image| image.uri.as_deref().map(uri::shorten).or(image.name.clone())),
                    material: asker.material,
                    material_name: asker.name.clone(),
                    slot: slot.name,
                };
                let index = faults.keep(decoded, place).map(|image| {
                    self.list.push(image);
                    self.list.len() as u32 - 1
                });
                self.known.insert(source, index);
                index
            }
        }?;
        let sampler = texture.sampler.and_then(|index| document.root.samplers.get(index.value()));
        let wrap = |mode: fn(&json::texture::Sampler) -> Checked<WrappingMode>| match sampler.map(mode) {
            Some(Checked::Valid(WrappingMode::ClampToEdge)) => Wrap::Clamp,
            Some(Checked::Valid(WrappingMode::MirroredRepeat)) => Wrap::Mirror,
            _ => Wrap::Repeat,
        };
        let filter = match sampler.and_then(|sampler| sampler.mag_filter) {
            Some(Checked::Valid(MagFilter::Nearest)) => Filter::Nearest,
            _ => Filter::Linear,
        };
        let transform = slot.transform.as_ref().map_or(TextureUse::IDENTITY, matrix);
        Some(TextureUse {
            image,
            uv_set: UvSet::First,
            wrap_u: wrap(|s| s.wrap_s),
            wrap_v: wrap(|s| s.wrap_t),
            filter,
            transform,
            srgb: slot.srgb,
        })
    }

    fn decode(&mut self, document: &Document, source: usize) -> Result<Image, FaultKind> {
        let image = document.root.images.get(source).ok_or(FaultKind::ImageWithoutBytes)?;
        let fetched;
        let bytes = match (&image.uri, image.buffer_view) {
            (Some(uri), _) => {
                fetched = uri::fetch(&document.dir, uri)?;
                &fetched[..]
            }
            (None, Some(view)) => document.reader().view(view).ok_or(FaultKind::ImageWithoutBytes)?.0,
            (None, None) => return Err(FaultKind::ImageWithoutBytes),
        };
        let left = TEXELS_TOTAL_MAX - self.texels;
        let decoded = decode(bytes, left)?.into_rgba8();
        let (width_px, height_px) = decoded.dimensions();
        self.texels += u64::from(width_px) * u64::from(height_px);
        Ok(Image { width_px, height_px, texels: decoded.into_raw() })
    }
}

/// The image of `EXT_texture_webp`, which stands beside or in place of `source`.
pub(super) fn webp_source(texture: &Texture) -> Option<usize> {
    let extension = texture.extensions.as_ref()?.others.get("EXT_texture_webp")?;
    usize::try_from(extension.get("source")?.as_u64()?).ok()
}

fn decode(bytes: &[u8], texels_max: u64) -> Result<DynamicImage, FaultKind> {
    let undecodable = |error: ImageError| FaultKind::ImageUndecodable { detail: error.to_string().chars().take(200).collect() };
    let format = image::guess_format(bytes).map_err(undecodable)?;
    if !matches!(format, ImageFormat::Png | ImageFormat::Jpeg | ImageFormat::WebP) {
        return Err(FaultKind::ImageUndecodable { detail: "neither PNG, JPEG nor WebP".to_owned() });
    }
    let (width_px, height_px) = ImageReader::with_format(Cursor::new(bytes), format).into_dimensions().map_err(undecodable)?;
    if width_px.max(height_px) > IMAGE_EDGE_MAX || u64::from(width_px) * u64::from(height_px) > texels_max {
        return Err(FaultKind::ImageTooLarge { width_px, height_px, edge_max: IMAGE_EDGE_MAX, texels_max: TEXELS_TOTAL_MAX });
    }
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut limits = Limits::default();
    limits.max_image_width = Some(IMAGE_EDGE_MAX);
    limits.max_image_height = Some(IMAGE_EDGE_MAX);
    limits.max_alloc = Some(DECODE_BYTES_MAX);
    reader.limits(limits);
    reader.decode().map_err(undecodable)
}

/// Scale, then turn counter-clockwise as seen with v pointing down (as Blender and three.js read it), then shift.
fn matrix(transform: &TextureTransform) -> [f32; 6] {
    let ([tx, ty], [sx, sy]) = (transform.offset.0, transform.scale.0);
    let (sin, cos) = transform.rotation.0.sin_cos();
    [cos * sx, sin * sy, tx, -sin * sx, cos * sy, ty]
}

#[cfg(test)]
mod tests {
    use gltf::json::extensions::texture::{TextureTransformOffset, TextureTransformRotation, TextureTransformScale};

    use super::*;

    #[test]
    fn texture_transform_scales_then_turns_then_shifts() {
        let transform = TextureTransform {
            offset: TextureTransformOffset([0.5, 0.25]),
            rotation: TextureTransformRotation(std::f32::consts::FRAC_PI_2),
            scale: TextureTransformScale([2.0, 3.0]),
            ..Default::default()
        };
        let [a, b, tx, c, d, ty] = matrix(&transform);
        let apply = |u: f32, v: f32| [a * u + b * v + tx, c * u + d * v + ty];
        let near = |found: [f32; 2], expected: [f32; 2]| found.iter().zip(expected).all(|(x, y)| (x - y).abs() < 1.0e-6);
        assert!(near(apply(0.0, 0.0), [0.5, 0.25]));
        assert!(near(apply(1.0, 0.0), [0.5, -1.75]), "u turns to where v falls");
        assert!(near(apply(0.0, 1.0), [3.5, 0.25]));
    }
}
