//! Material extensions that the glTF crate hands on as plain JSON, as typed values.

use gltf::json::{self, Value, material::NormalTexture, texture::Info};
use serde::{Deserialize, de::DeserializeOwned};

use super::fault::FaultKind;

/// All of them for one material; what a material leaves out has the values that switch it off.
#[derive(Debug, Default)]
pub(super) struct Layers {
    pub(super) clearcoat: Clearcoat,
    pub(super) sheen: Sheen,
    pub(super) anisotropy: Anisotropy,
    pub(super) iridescence: Iridescence,
    pub(super) dispersion: Dispersion,
    pub(super) gloss: Option<Gloss>,
}

/// `KHR_materials_clearcoat`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Clearcoat {
    pub(super) clearcoat_factor: f32,
    pub(super) clearcoat_texture: Option<Info>,
    pub(super) clearcoat_roughness_factor: f32,
    pub(super) clearcoat_roughness_texture: Option<Info>,
    pub(super) clearcoat_normal_texture: Option<NormalTexture>,
}

/// `KHR_materials_sheen`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Sheen {
    pub(super) sheen_color_factor: [f32; 3],
    pub(super) sheen_color_texture: Option<Info>,
    pub(super) sheen_roughness_factor: f32,
    pub(super) sheen_roughness_texture: Option<Info>,
}

/// `KHR_materials_anisotropy`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Anisotropy {
    pub(super) anisotropy_strength: f32,
    pub(super) anisotropy_rotation: f32,
    pub(super) anisotropy_texture: Option<Info>,
}

/// `KHR_materials_iridescence`.
#[derive(Debug, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Iridescence {
    pub(super) iridescence_factor: f32,
    pub(super) iridescence_texture: Option<Info>,
    pub(super) iridescence_ior: f32,
    pub(super) iridescence_thickness_minimum: f32,
    pub(super) iridescence_thickness_maximum: f32,
    pub(super) iridescence_thickness_texture: Option<Info>,
}

impl Default for Iridescence {
    fn default() -> Self {
        Self {
            iridescence_factor: 0.0,
            iridescence_texture: None,
            iridescence_ior: 1.3,
            iridescence_thickness_minimum: 100.0,
            iridescence_thickness_maximum: 400.0,
            iridescence_thickness_texture: None,
        }
    }
}

/// `KHR_materials_dispersion`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Dispersion {
    pub(super) dispersion: f32,
}

/// `KHR_materials_pbrSpecularGlossiness`, which takes the place of the metal-rough values.
#[derive(Debug, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Gloss {
    pub(super) diffuse_factor: [f32; 4],
    pub(super) diffuse_texture: Option<Info>,
    pub(super) specular_factor: [f32; 3],
    pub(super) glossiness_factor: f32,
    pub(super) specular_glossiness_texture: Option<Info>,
}

impl Default for Gloss {
    fn default() -> Self {
        Self {
            diffuse_factor: [1.0; 4],
            diffuse_texture: None,
            specular_factor: [1.0; 3],
            glossiness_factor: 1.0,
            specular_glossiness_texture: None,
        }
    }
}

impl Layers {
    /// Reads them; each that is malformed is told and left out.
    pub(super) fn read(material: &json::Material, mut fault: impl FnMut(FaultKind)) -> Self {
        let Some(extensions) = &material.extensions else { return Self::default() };
        let find = |name: &'static str| extensions.others.get(name).map(|value| (name, value));
        Self {
            clearcoat: value(find("KHR_materials_clearcoat"), &mut fault).unwrap_or_default(),
            sheen: value(find("KHR_materials_sheen"), &mut fault).unwrap_or_default(),
            anisotropy: value(find("KHR_materials_anisotropy"), &mut fault).unwrap_or_default(),
            iridescence: value(find("KHR_materials_iridescence"), &mut fault).unwrap_or_default(),
            dispersion: value(find("KHR_materials_dispersion"), &mut fault).unwrap_or_default(),
            gloss: value(find("KHR_materials_pbrSpecularGlossiness"), &mut fault),
        }
    }
}

/// A named extension's value, if it is there and well formed.
pub(super) fn value<T: DeserializeOwned>(found: Option<(&'static str, &Value)>, mut fault: impl FnMut(FaultKind)) -> Option<T> {
    let (name, value) = found?;
    // A list would be taken for the fields in their order.
    let value = if value.is_object() { value } else { &Value::Null };
    match json::deserialize::from_value(value.clone()) {
        Ok(value) => Some(value),
        Err(error) => {
            fault(FaultKind::ExtensionMalformed { name, detail: error.to_string().chars().take(200).collect() });
            None
        }
    }
}
