//! glTF materials, those that are drawn, in the order in which they are first met.

use std::collections::BTreeMap;

use gltf::json::{self, material::AlphaMode as JsonAlphaMode, texture, validation::Checked};

use super::{
    container::Document,
    fault::{FaultKind, Faults, Place},
    texture::{Asker, Images, SlotInfo},
};
use crate::scene::{AlphaMode, Attenuation, Material, MaterialTextures};

/// The largest index of refraction kept; `KHR_materials_ior` writes 0 for "infinite".
const IOR_MAX: f32 = 1000.0;

/// A material and what it asks of the meshes that wear it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Worn {
    /// Index into the scene's materials.
    pub(super) index: u32,
    /// Which `TEXCOORD_n` its textures read.
    pub(super) uv_set: u32,
    /// Whether it needs tangents.
    pub(super) normal_mapped: bool,
}

/// Materials met so far; `None` is glTF's default material.
#[derive(Default)]
pub(super) struct Materials {
    pub(super) list: Vec<Material>,
    pub(super) images: Images,
    known: BTreeMap<Option<usize>, Worn>,
}

impl Materials {
    /// The scene's material for a primitive's, imported if it is new.
    pub(super) fn wear(&mut self, document: &Document, source: Option<usize>, faults: &mut Faults) -> Worn {
        if let Some(worn) = self.known.get(&source) {
            return *worn;
        }
        let found = source.and_then(|index| Some((index, document.root.materials.get(index)?)));
        let (material, uv_set) = match found {
            Some((index, material)) => import(document, index, material, &mut self.images, faults),
            None => (Material::default(), 0),
        };
        let worn = Worn { index: self.list.len() as u32, uv_set, normal_mapped: material.textures.normal.is_some() };
        self.list.push(material);
        self.known.insert(source, worn);
        worn
    }
}

fn import(document: &Document, index: usize, source: &json::Material, images: &mut Images, faults: &mut Faults) -> (Material, u32) {
    let here = || Place::Material { material: index, name: source.name.clone() };
    let mut material = factors(source);
    if !is_finite(&material) {
        faults.error(FaultKind::MaterialNotFinite, here());
    }
    let slots = slots(source);
    let mut sets = slots.iter().flatten().map(SlotInfo::uv_set);
    let uv_set = sets.next().unwrap_or(0);
    if sets.any(|set| set != uv_set) {
        faults.warn(FaultKind::UvSetsDiffer { used: uv_set }, here());
    }
    let asker = Asker { material: index, name: &source.name };
    let [base_color, metallic_roughness, normal, emissive, transmission] =
        slots.map(|slot| slot.and_then(|slot| images.texture_use(document, &slot, &asker, faults)));
    material.textures = MaterialTextures { base_color, metallic_roughness, normal, emissive, transmission, ..MaterialTextures::default() };
    (material, uv_set)
}

fn factors(source: &json::Material) -> Material {
    let pbr = &source.pbr_metallic_roughness;
    let extensions = source.extensions.clone().unwrap_or_default();
    let strength = extensions.emissive_strength.map_or(1.0, |extension| extension.emissive_strength.0);
    let cutoff = source.alpha_cutoff.unwrap_or_default().0.max(0.0);
    let attenuation = extensions.volume.and_then(|volume| {
        let (color, distance_m) = (volume.attenuation_color.0.map(unit_range), volume.attenuation_distance.0);
        // A thickness of 0 means a thin wall, which holds no body to lose light in.
        let body = volume.thickness_factor.0 > 0.0 && distance_m.is_finite() && distance_m > 0.0;
        (body && color != [1.0; 3]).then_some(Attenuation { color, distance_m })
    });
    Material {
        base_color: pbr.base_color_factor.0.map(unit_range),
        metallic: unit_range(pbr.metallic_factor.0),
        roughness: unit_range(pbr.roughness_factor.0),
        emissive: source.emissive_factor.0.map(|channel| channel.max(0.0) * strength.max(0.0)),
        normal_scale: source.normal_texture.as_ref().map_or(1.0, |normal| normal.scale),
        alpha_mode: match source.alpha_mode {
            Checked::Valid(JsonAlphaMode::Mask) => AlphaMode::Mask(cutoff),
            Checked::Valid(JsonAlphaMode::Blend) => AlphaMode::Blend,
            Checked::Valid(JsonAlphaMode::Opaque) | Checked::Invalid => AlphaMode::Opaque,
        },
        transmission: extensions.transmission.map_or(0.0, |extension| unit_range(extension.transmission_factor.0)),
        ior: extensions.ior.map_or(1.5, |extension| if extension.ior.0 == 0.0 { IOR_MAX } else { extension.ior.0.clamp(1.0, IOR_MAX) }),
        unlit: extensions.unlit.is_some(),
        attenuation,
        double_sided: source.double_sided,
        ..Material::default()
    }
}

fn unit_range(value: f32) -> f32 {
    value.clamp(0.0, 1.0)
}

/// JSON has no NaN, but numbers too large for an f32 arrive as infinity; those clamped above are tame already.
fn is_finite(material: &Material) -> bool {
    let cutoff = if let AlphaMode::Mask(cutoff) = material.alpha_mode { cutoff } else { 0.0 };
    material.emissive.iter().chain(&[material.normal_scale, cutoff]).all(|value| value.is_finite())
}

/// The five slots that are drawn; occlusion is left out, as light transport makes its own.
fn slots(source: &json::Material) -> [Option<SlotInfo>; 5] {
    let pbr = &source.pbr_metallic_roughness;
    let transmission = source.extensions.as_ref().and_then(|extensions| extensions.transmission.as_ref());
    // The crate keeps a normal texture's transform among unknown extensions.
    let normal = source.normal_texture.as_ref().map(|normal| SlotInfo {
        name: "normal",
        texture: normal.index.value(),
        tex_coord: normal.tex_coord,
        transform: normal.extensions.as_ref().and_then(|extensions| {
            let transform = extensions.others.get("KHR_texture_transform")?;
            json::deserialize::from_value(transform.clone()).ok()
        }),
        srgb: false,
    });
    [
        info("base colour", pbr.base_color_texture.as_ref(), true),
        info("metallic-roughness", pbr.metallic_roughness_texture.as_ref(), false),
        normal,
        info("emissive", source.emissive_texture.as_ref(), true),
        info("transmission", transmission.and_then(|extension| extension.transmission_texture.as_ref()), false),
    ]
}

fn info(name: &'static str, info: Option<&texture::Info>, srgb: bool) -> Option<SlotInfo> {
    let info = info?;
    let transform = info.extensions.as_ref().and_then(|extensions| extensions.texture_transform.clone());
    Some(SlotInfo { name, texture: info.index.value(), tex_coord: info.tex_coord, transform, srgb })
}
