//! glTF materials, those that are drawn, in the order in which they are first met.

use std::collections::BTreeMap;

use gltf::json::{
    self,
    material::{AlphaMode as JsonAlphaMode, NormalTexture},
    texture::Info,
    validation::Checked,
};

use super::{
    container::Document,
    fault::{FaultKind, Faults, Place},
    layer::{self, Gloss, Layers},
    texture::{Asker, Code, Images, SlotInfo},
};
use crate::{AlphaMode, Attenuation, Material, MaterialTextures, RADIANCE_MAX, TextureUse, UvSet};

/// The largest index of refraction kept; `KHR_materials_ior` writes 0 for "infinite".
const IOR_MAX: f32 = 1000.0;
/// Reflectance at normal incidence that the default index of refraction gives.
const DEFAULT_REFLECTANCE: f32 = 0.04;
/// Beyond this a specular colour has long been cut at full reflection.
const SPECULAR_COLOR_MAX: f32 = 1.0e4;
/// No film of interference is thicker: a tenth of a millimetre.
const FILM_NM_MAX: f32 = 1.0e5;
/// A normal map scaled by more is flat sideways.
const NORMAL_SCALE_MAX: f32 = 1.0e4;
/// Dispersion of glass with an Abbe number of 1.
const DISPERSION_MAX: f32 = 20.0;

/// A material and what it asks of the meshes that wear it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Worn {
    /// Index into the scene's materials.
    pub(super) index: u32,
    /// Which `TEXCOORD_n` fill the two sets of a vertex; equal where its textures read only one.
    pub(super) uv_sets: [u32; 2],
    /// Whether it has any texture.
    pub(super) is_textured: bool,
    /// Whether a normal map or a stretched highlight needs tangents.
    pub(super) needs_tangents: bool,
    /// Which of the two sets tangents follow.
    pub(super) tangent_uv: usize,
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
        let (material, uv_sets) = match found {
            Some((index, material)) => import(document, index, material, &mut self.images, faults),
            None => (Material::default(), UvSets::default()),
        };
        let worn = Worn {
            index: self.list.len() as u32,
            uv_sets: uv_sets.pair(),
            is_textured: material.textures.slots().into_iter().flatten().next().is_some(),
            needs_tangents: needs_tangents(&material),
            tangent_uv: tangent_uv(&material.textures),
        };
        self.list.push(material);
        self.known.insert(source, worn);
        worn
    }
}

fn needs_tangents(material: &Material) -> bool {
    let textures = &material.textures;
    textures.normal.is_some() || textures.clearcoat_normal.is_some() || material.anisotropy > 0.0
}

/// A vertex has one tangent: it follows the coordinates of the first picture that is read along it.
fn tangent_uv(textures: &MaterialTextures) -> usize {
    let first = textures.normal.or(textures.clearcoat_normal).or(textures.anisotropy);
    first.map_or(0, |texture| match texture.uv_set {
        UvSet::First => 0,
        UvSet::Second => 1,
    })
}

/// The sets of texture coordinates that a material's textures read, by their `TEXCOORD_n`; a vertex has room for two.
#[derive(Default)]
struct UvSets(Vec<u32>);

impl UvSets {
    /// The vertex's set that holds `TEXCOORD_n`, given one if there is room.
    fn place(&mut self, set: u32) -> Option<UvSet> {
        let known = self.0.iter().position(|known| *known == set).unwrap_or_else(|| {
            self.0.push(set);
            self.0.len() - 1
        });
        match known {
            0 => Some(UvSet::First),
            1 => Some(UvSet::Second),
            _ => None,
        }
    }

    fn pair(&self) -> [u32; 2] {
        let first = self.0.first().copied().unwrap_or(0);
        [first, self.0.get(1).copied().unwrap_or(first)]
    }
}

fn import(document: &Document, index: usize, source: &json::Material, images: &mut Images, faults: &mut Faults) -> (Material, UvSets) {
    let here = || Place::Material { material: index, name: source.name.clone() };
    let layers = Layers::read(source, |fault| faults.error(fault, here()));
    let mut material = factors(source, &layers);
    if !is_finite(&material) {
        faults.error(FaultKind::MaterialNotFinite, here());
        return (Material::default(), UvSets::default());
    }
    let slots = slots(source, &layers, &material, |fault| faults.error(fault, here()));
    let asker = Asker { material: index, name: &source.name };
    let mut uv_sets = UvSets::default();
    let uses = slots.map(|slot| -> Option<TextureUse> {
        let slot = slot?;
        let uv_set = uv_sets.place(slot.uv_set()).unwrap_or_else(|| {
            faults.warn(FaultKind::UvSetsTooMany { extra: slot.uv_set(), used: uv_sets.pair()[0] }, here());
            UvSet::First
        });
        images.texture_use(document, &slot, uv_set, &asker, faults)
    });
    material.textures = textures(uses);
    (material, uv_sets)
}

/// The slots by name, from the order in which [`MaterialTextures`] declares them.
fn textures(uses: [Option<TextureUse>; MaterialTextures::COUNT]) -> MaterialTextures {
    let [
        base_color,
        metallic_roughness,
        normal,
        emissive,
        transmission,
        specular,
        specular_color,
        clearcoat,
        clearcoat_roughness,
        clearcoat_normal,
        sheen_color,
        sheen_roughness,
        anisotropy,
        iridescence,
        iridescence_thickness,
    ] = uses;
    MaterialTextures {
        base_color,
        metallic_roughness,
        normal,
        emissive,
        transmission,
        specular,
        specular_color,
        clearcoat,
        clearcoat_roughness,
        clearcoat_normal,
        sheen_color,
        sheen_roughness,
        anisotropy,
        iridescence,
        iridescence_thickness,
    }
}

fn factors(source: &json::Material, layers: &Layers) -> Material {
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
    let specular = extensions.specular.unwrap_or_default();
    let Layers { clearcoat, sheen, anisotropy, iridescence, dispersion, gloss } = layers;
    // The sine is the system's, in 64 bits: what peers agree on is the packed scene, which holds the rounded result.
    let (sine, cosine) = f64::from(anisotropy.anisotropy_rotation).sin_cos();
    let normal_scale = |texture: &Option<NormalTexture>| texture.as_ref().map_or(1.0, |normal| normal.scale);
    let film_nm = |thickness: f32| thickness.clamp(0.0, FILM_NM_MAX);
    let material = Material {
        base_color: pbr.base_color_factor.0.map(unit_range),
        metallic: unit_range(pbr.metallic_factor.0),
        roughness: unit_range(pbr.roughness_factor.0),
        emissive: source.emissive_factor.0.map(|channel| channel.max(0.0) * strength.max(0.0)),
        normal_scale: normal_scale(&source.normal_texture),
        alpha_mode: match source.alpha_mode {
            Checked::Valid(JsonAlphaMode::Mask) => AlphaMode::Mask(cutoff),
            Checked::Valid(JsonAlphaMode::Blend) => AlphaMode::Blend,
            Checked::Valid(JsonAlphaMode::Opaque) | Checked::Invalid => AlphaMode::Opaque,
        },
        transmission: extensions.transmission.map_or(0.0, |extension| unit_range(extension.transmission_factor.0)),
        ior: extensions.ior.map_or(1.5, |extension| if extension.ior.0 == 0.0 { IOR_MAX } else { extension.ior.0.clamp(1.0, IOR_MAX) }),
        unlit: extensions.unlit.is_some(),
        attenuation,
        specular: unit_range(specular.specular_factor.0),
        specular_color: specular.specular_color_factor.0.map(|channel| channel.clamp(0.0, SPECULAR_COLOR_MAX)),
        clearcoat: unit_range(clearcoat.clearcoat_factor),
        clearcoat_roughness: unit_range(clearcoat.clearcoat_roughness_factor),
        clearcoat_normal_scale: normal_scale(&clearcoat.clearcoat_normal_texture),
        sheen_color: sheen.sheen_color_factor.map(unit_range),
        sheen_roughness: unit_range(sheen.sheen_roughness_factor),
        anisotropy: unit_range(anisotropy.anisotropy_strength),
        anisotropy_direction: [cosine as f32, sine as f32],
        iridescence: unit_range(iridescence.iridescence_factor),
        iridescence_ior: iridescence.iridescence_ior.clamp(1.0, 5.0),
        iridescence_thickness_nm: [film_nm(iridescence.iridescence_thickness_minimum), film_nm(iridescence.iridescence_thickness_maximum)],
        dispersion: dispersion.dispersion.clamp(0.0, DISPERSION_MAX),
        double_sided: source.double_sided,
        textures: MaterialTextures::default(),
    };
    match gloss {
        Some(gloss) => glossy(material, gloss),
        None => material,
    }
}

/// Specular-glossiness is a dielectric whose reflectance at normal incidence is the specular colour: light that is not reflected there
/// reaches the diffuse part in both models, so that nothing has to be solved for a metalness.
fn glossy(material: Material, gloss: &Gloss) -> Material {
    let textured = gloss.specular_glossiness_texture.is_some();
    Material {
        base_color: gloss.diffuse_factor.map(unit_range),
        metallic: 0.0,
        // With a texture the factor goes into the picture of roughness that is made of it.
        roughness: if textured { 1.0 } else { 1.0 - unit_range(gloss.glossiness_factor) },
        ior: 1.5,
        specular: 1.0,
        specular_color: gloss.specular_factor.map(|channel| unit_range(channel) / DEFAULT_REFLECTANCE),
        ..material
    }
}

fn unit_range(value: f32) -> f32 {
    value.clamp(0.0, 1.0)
}

/// JSON has no NaN, but numbers too large for an f32 arrive as infinity; those clamped above are tame already.
fn is_finite(material: &Material) -> bool {
    let cutoff = if let AlphaMode::Mask(cutoff) = material.alpha_mode { cutoff } else { 0.0 };
    let scales = [material.normal_scale, material.clearcoat_normal_scale];
    let tame = |values: &[f32], max: f32| values.iter().all(|value| value.abs() <= max);
    tame(&material.emissive, RADIANCE_MAX)
        && tame(&scales, NORMAL_SCALE_MAX)
        && tame(&material.anisotropy_direction, 1.0 + f32::EPSILON)
        && cutoff.is_finite()
}

/// The slots that make a difference, in the order of [`MaterialTextures`]; occlusion is left out, as light transport makes its own.
fn slots(
    source: &json::Material,
    layers: &Layers,
    material: &Material,
    mut fault: impl FnMut(FaultKind),
) -> [Option<SlotInfo>; MaterialTextures::COUNT] {
    let pbr = &source.pbr_metallic_roughness;
    let extensions = source.extensions.as_ref();
    let transmission = extensions.and_then(|extensions| extensions.transmission.as_ref());
    let specular = extensions.and_then(|extensions| extensions.specular.as_ref());
    let Layers { clearcoat, sheen, anisotropy, iridescence, gloss, .. } = layers;
    let lit = |color: [f32; 3]| color.iter().any(|channel| *channel > 0.0);
    let (srgb, linear) = (Code::Srgb, Code::Linear);
    let specular_color = specular.and_then(|extension| extension.specular_color_texture.as_ref());
    let [base_color, roughness, specular_color] = match gloss {
        Some(gloss) => {
            let texture = gloss.specular_glossiness_texture.as_ref();
            [
                info("diffuse", gloss.diffuse_texture.as_ref(), srgb),
                info("specular-glossiness", texture, Code::Glossiness(unit_range(gloss.glossiness_factor))),
                info("specular-glossiness", texture, srgb),
            ]
        }
        None => [
            info("base colour", pbr.base_color_texture.as_ref(), srgb),
            info("metallic-roughness", pbr.metallic_roughness_texture.as_ref(), linear),
            info("specular colour", specular_color, srgb),
        ],
    };
    let specular = specular.filter(|_| gloss.is_none()).and_then(|extension| extension.specular_texture.as_ref());
    let coated = |slot: Option<SlotInfo>| slot.filter(|_| material.clearcoat > 0.0);
    let fibrous = |slot: Option<SlotInfo>| slot.filter(|_| lit(material.sheen_color));
    let filmed = |slot: Option<SlotInfo>| slot.filter(|_| material.iridescence > 0.0);
    [
        base_color,
        roughness,
        normal_info("normal", source.normal_texture.as_ref(), &mut fault),
        info("emissive", source.emissive_texture.as_ref(), srgb).filter(|_| lit(material.emissive)),
        info("transmission", transmission.and_then(|extension| extension.transmission_texture.as_ref()), linear)
            .filter(|_| material.transmission > 0.0),
        info("specular", specular, linear).filter(|_| material.specular > 0.0),
        specular_color,
        coated(info("clearcoat", clearcoat.clearcoat_texture.as_ref(), linear)),
        coated(info("clearcoat roughness", clearcoat.clearcoat_roughness_texture.as_ref(), linear)),
        coated(normal_info("clearcoat normal", clearcoat.clearcoat_normal_texture.as_ref(), &mut fault)),
        fibrous(info("sheen colour", sheen.sheen_color_texture.as_ref(), srgb)),
        fibrous(info("sheen roughness", sheen.sheen_roughness_texture.as_ref(), linear)),
        info("anisotropy", anisotropy.anisotropy_texture.as_ref(), linear).filter(|_| material.anisotropy > 0.0),
        filmed(info("iridescence", iridescence.iridescence_texture.as_ref(), linear)),
        filmed(info("iridescence thickness", iridescence.iridescence_thickness_texture.as_ref(), linear)),
    ]
}

fn info(name: &'static str, info: Option<&Info>, code: Code) -> Option<SlotInfo> {
    let info = info?;
    let transform = info.extensions.as_ref().and_then(|extensions| extensions.texture_transform.clone());
    Some(SlotInfo { name, texture: info.index.value(), tex_coord: info.tex_coord, transform, code })
}

/// The crate keeps a normal texture's transform among unknown extensions.
fn normal_info(name: &'static str, normal: Option<&NormalTexture>, fault: impl FnMut(FaultKind)) -> Option<SlotInfo> {
    const TRANSFORM: &str = "KHR_texture_transform";
    let normal = normal?;
    let found = normal.extensions.as_ref().and_then(|extensions| extensions.others.get(TRANSFORM));
    let transform = layer::value(found.map(|value| (TRANSFORM, value)), fault);
    Some(SlotInfo { name, texture: normal.index.value(), tex_coord: normal.tex_coord, transform, code: Code::Linear })
}
