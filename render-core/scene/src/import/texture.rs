//! Texture slots and the pictures behind them; each picture is decoded once, and only if a drawn material needs it.

use std::{collections::BTreeMap, io::Cursor};

use gltf::json::{
    self, Texture,
    extensions::texture::TextureTransform,
    texture::{MagFilter, WrappingMode},
    validation::Checked,
};
use image::{ImageError, ImageFormat, ImageReader, Limits};

use super::{
    container::Document,
    fault::{FaultKind, Faults, Place},
    guard::guarded,
    ktx, uri,
};
use crate::{Filter, IMAGE_EDGE_MAX, Image, TEXELS_TOTAL_MAX, TextureUse, UvSet, Wrap};

/// Most memory a decoder may take for one picture: the largest allowed one at 16 bits per channel.
const DECODE_BYTES_MAX: u64 = TEXELS_TOTAL_MAX * 8;
/// Offsets and scales beyond this leave no fraction worth sampling.
const TRANSFORM_MAX: f32 = 1.0e9;
/// Wider pictures are told: they take 256 MiB and more, and no screen shows them whole.
const EDGE_USUAL_MAX: u32 = 8192;
/// What may stand beside or in place of a texture's `source`, the best first.
const SOURCE_EXTENSIONS: [&str; 2] = ["KHR_texture_basisu", "EXT_texture_webp"];

/// A texture slot as any of glTF's texture info objects describes it.
#[derive(Clone)]
pub(super) struct SlotInfo {
    pub(super) name: &'static str,
    pub(super) texture: usize,
    pub(super) tex_coord: u32,
    pub(super) transform: Option<TextureTransform>,
    pub(super) code: Code,
}

/// What the numbers of a picture stand for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Code {
    /// Colours by the sRGB curve.
    Srgb,
    /// The values themselves.
    Linear,
    /// Glossiness in alpha, to be multiplied by this factor and turned into a roughness in green.
    Glossiness(f32),
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
    /// Roughness made of a picture's glossiness, by that picture and the factor's bits.
    roughness: BTreeMap<(u32, u32), Option<u32>>,
    texels: u64,
}

impl Images {
    /// The slot's texture, its picture decoded if it is new.
    pub(super) fn texture_use(
        &mut self,
        document: &Document,
        slot: &SlotInfo,
        uv_set: UvSet,
        asker: &Asker<'_>,
        faults: &mut Faults,
    ) -> Option<TextureUse> {
        let here = || Place::Slot { material: asker.material, name: asker.name.clone(), slot: slot.name };
        let texture = document.root.textures.get(slot.texture).ok_or(FaultKind::TextureDangling { texture: slot.texture });
        let texture = faults.keep(texture, here)?;
        let source = faults.keep(source(texture).ok_or(FaultKind::TextureWithoutImage { texture: slot.texture }), here)?;
        let transform = slot.transform.as_ref().map_or(TextureUse::IDENTITY, matrix);
        if !transform.iter().all(|value| value.abs() <= TRANSFORM_MAX) {
            faults.error(FaultKind::MaterialNotFinite, here());
        }
        let decoded = match self.known.get(&source) {
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
                if let Ok(Image { width_px, height_px, .. }) = decoded
                    && width_px.max(height_px) > EDGE_USUAL_MAX
                {
                    faults.warn(FaultKind::TextureHuge { width_px, height_px }, place());
                }
                let index = faults.keep(decoded, place).map(|image| self.add(image));
                self.known.insert(source, index);
                index
            }
        }?;
        let image = match slot.code {
            Code::Srgb | Code::Linear => decoded,
            Code::Glossiness(factor) => match self.roughness.get(&(decoded, factor.to_bits())) {
                Some(known) => *known,
                None => {
                    let made = faults.keep(self.make_roughness(decoded, factor), here);
                    self.roughness.insert((decoded, factor.to_bits()), made);
                    made
                }
            }?,
        };
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
        let (wrap_u, wrap_v) = (wrap(|s| s.wrap_s), wrap(|s| s.wrap_t));
        Some(TextureUse { image, uv_set, wrap_u, wrap_v, filter, transform, srgb: slot.code == Code::Srgb })
    }

    fn add(&mut self, image: Image) -> u32 {
        self.texels += u64::from(image.width_px) * u64::from(image.height_px);
        self.list.push(image);
        self.list.len() as u32 - 1
    }

    fn texels_left(&self) -> u64 {
        TEXELS_TOTAL_MAX.saturating_sub(self.texels)
    }

    fn decode(&self, document: &Document, source: usize) -> Result<Image, FaultKind> {
        let image = document.root.images.get(source).ok_or(FaultKind::ImageWithoutBytes)?;
        let fetched;
        let bytes = match (&image.uri, image.buffer_view) {
            (Some(uri), _) => {
                fetched = uri::fetch(document.dir.as_deref(), uri)?;
                &fetched[..]
            }
            (None, Some(view)) => document.reader().view(view).ok_or(FaultKind::ImageWithoutBytes)?.0,
            (None, None) => return Err(FaultKind::ImageWithoutBytes),
        };
        decode(bytes, self.texels_left())
    }

    fn make_roughness(&mut self, from: u32, glossiness: f32) -> Result<u32, FaultKind> {
        let Image { width_px, height_px, ref texels } = self.list[from as usize];
        check_size(width_px, height_px, self.texels_left())?;
        let rough = |alpha: u8| (255.0 - f32::from(alpha) * glossiness + 0.5).clamp(0.0, 255.0) as u8;
        let (texels, _) = texels.as_chunks::<4>();
        let texels = texels.iter().flat_map(|[.., alpha]| [0, rough(*alpha), 0, u8::MAX]).collect();
        Ok(self.add(Image { width_px, height_px, texels }))
    }
}

/// The index of a texture's image: that of an extension that is understood, else its own.
fn source(texture: &Texture) -> Option<usize> {
    let extension = |name: &str| {
        let extension = texture.extensions.as_ref()?.others.get(name)?;
        usize::try_from(extension.get("source")?.as_u64()?).ok()
    };
    // The crate puts this where a texture has no source of its own.
    const ABSENT: usize = u32::MAX as usize;
    SOURCE_EXTENSIONS.iter().find_map(|name| extension(name)).or(Some(texture.source.value()).filter(|source| *source != ABSENT))
}

/// Whether a picture fits what is left for the scene; to be asked before it is decoded.
pub(super) fn check_size(width_px: u32, height_px: u32, texels_max: u64) -> Result<(), FaultKind> {
    if width_px == 0 || height_px == 0 {
        return Err(FaultKind::ImageUndecodable { detail: "it has no pixels".to_owned() });
    }
    if width_px.max(height_px) > IMAGE_EDGE_MAX || u64::from(width_px) * u64::from(height_px) > texels_max {
        return Err(FaultKind::ImageTooLarge { width_px, height_px, edge_max: IMAGE_EDGE_MAX, texels_max: TEXELS_TOTAL_MAX });
    }
    Ok(())
}

/// RGBA in 8 bits, whatever the file holds: grey values and palettes spread, 16 bits rounded.
pub(super) fn decode(bytes: &[u8], texels_max: u64) -> Result<Image, FaultKind> {
    if bytes.starts_with(&ktx::MAGIC) {
        return ktx::decode(bytes, texels_max);
    }
    let format = image::guess_format(bytes).map_err(undecodable)?;
    if !matches!(format, ImageFormat::Png | ImageFormat::Jpeg | ImageFormat::WebP) {
        return Err(FaultKind::ImageUndecodable { detail: "neither PNG, JPEG, WebP nor KTX2".to_owned() });
    }
    guarded(|| decode_as(format, bytes, texels_max), || FaultKind::ImageUndecodable { detail: "its data are broken".to_owned() })
}

fn decode_as(format: ImageFormat, bytes: &[u8], texels_max: u64) -> Result<Image, FaultKind> {
    let (width_px, height_px) = ImageReader::with_format(Cursor::new(bytes), format).into_dimensions().map_err(undecodable)?;
    check_size(width_px, height_px, texels_max)?;
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut limits = Limits::default();
    limits.max_image_width = Some(IMAGE_EDGE_MAX);
    limits.max_image_height = Some(IMAGE_EDGE_MAX);
    limits.max_alloc = Some(DECODE_BYTES_MAX);
    reader.limits(limits);
    let decoded = reader.decode().map_err(undecodable)?.into_rgba8();
    let (width_px, height_px) = decoded.dimensions();
    Ok(Image { width_px, height_px, texels: decoded.into_raw() })
}

fn undecodable(error: ImageError) -> FaultKind {
    FaultKind::ImageUndecodable { detail: error.to_string().chars().take(200).collect() }
}

/// Scale, then turn counter-clockwise as seen with v pointing down (as Blender and three.js read it), then shift.
///
/// The sine is the system's, in 64 bits: what peers agree on is the packed scene, which holds the rounded result.
fn matrix(transform: &TextureTransform) -> [f32; 6] {
    let ([tx, ty], [sx, sy]) = (transform.offset.0, transform.scale.0.map(f64::from));
    let (sin, cos) = f64::from(transform.rotation.0).sin_cos();
    [(cos * sx) as f32, (sin * sy) as f32, tx, (-sin * sx) as f32, (cos * sy) as f32, ty]
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
