//! The checked scene: what both backends trace and what peers agree on by digest. World space, right-handed, Y up, metres, linear Rec.709.
//!
//! Instances are flattened: every triangle stands in the world where the camera sees it. A [`Scene`] that came from [`import`] or from
//! [`Scene::unpack`] has passed [`Scene::check`]: every index is in range, every number finite, every normal of unit length.

pub mod import;

mod check;
mod pack;
mod sky;
#[cfg(test)]
mod tests;

use borsh::{BorshDeserialize, BorshSerialize};

pub use check::{ENVIRONMENT_HEIGHT_MAX, ENVIRONMENT_WIDTH_MAX, RADIANCE_MAX, TRIANGLES_MAX, VERTICES_MAX};
pub use check::{IMAGE_EDGE_MAX, IMAGES_MAX, LIGHTS_MAX, MATERIALS_MAX, POSITION_MAX_M, SceneDefect, TEXELS_TOTAL_MAX};
pub use pack::{SCENE_DIGEST_DOMAIN, UnpackError, digest};
pub use sky::studio_sky;

/// A whole scene, ready to trace. The packed form ([`Scene::pack`]) is the scene's identity.
#[derive(Clone, Debug, PartialEq, BorshSerialize, BorshDeserialize)]
pub struct Scene {
    /// All corners, in world space.
    pub vertices: Vec<Vertex>,
    /// All faces; the index in this list is the primitive id of the tie rule.
    pub triangles: Vec<Triangle>,
    /// At least one; `Triangle::material` indexes here.
    pub materials: Vec<Material>,
    /// Decoded pictures; `TextureUse::image` indexes here.
    pub images: Vec<Image>,
    /// Light from outside the scene; `None` is black.
    pub environment: Option<Environment>,
    /// The eye.
    pub camera: Camera,
    /// Lights without area.
    pub lights: Vec<PunctualLight>,
}

/// One corner of a triangle.
#[derive(Clone, Copy, Debug, PartialEq, BorshSerialize, BorshDeserialize)]
pub struct Vertex {
    /// World position in metres, each coordinate within ±[`POSITION_MAX_M`].
    pub position: [f32; 3],
    /// Shading normal, unit length.
    pub normal: [f32; 3],
    /// Unit tangent along +u, and in `w` the sign (±1) of the bitangent `w · (n × t)`; all zero where no normal map needs one.
    pub tangent: [f32; 4],
    /// Texture coordinates, v downwards (glTF).
    pub uv: [f32; 2],
    /// Linear RGBA factor on the base colour, 255 = 1.
    pub color: [u8; 4],
}

/// One face. Counter-clockwise seen from its front.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Triangle {
    /// Indices into `Scene::vertices`.
    pub vertices: [u32; 3],
    /// Index into `Scene::materials`.
    pub material: u32,
}

/// A glTF metal-rough material with the extensions the tracer knows.
#[derive(Clone, Debug, PartialEq, BorshSerialize, BorshDeserialize)]
pub struct Material {
    /// Linear RGBA in 0..=1.
    pub base_color: [f32; 4],
    /// 0..=1.
    pub metallic: f32,
    /// Perceptual roughness, 0..=1; the microfacet alpha is its square.
    pub roughness: f32,
    /// Radiance given off, `KHR_materials_emissive_strength` multiplied in.
    pub emissive: [f32; 3],
    /// Factor on x and y of the normal map.
    pub normal_scale: f32,
    /// How `base_color`'s alpha is read.
    pub alpha_mode: AlphaMode,
    /// Share of the non-metal light that passes through, 0..=1.
    pub transmission: f32,
    /// Index of refraction, 1..=1000.
    pub ior: f32,
    /// The base colour is shown as radiance and nothing is lit.
    pub unlit: bool,
    /// What light loses inside (`KHR_materials_volume`); `None` is a thin or clear wall.
    pub attenuation: Option<Attenuation>,
    /// Kept from the file; surfaces are two-sided for rays and emission whatever it says.
    pub double_sided: bool,
    /// Pictures that multiply the factors above.
    pub textures: MaterialTextures,
}

impl Default for Material {
    /// glTF's default material: white, fully metallic, fully rough.
    fn default() -> Self {
        Self {
            base_color: [1.0; 4],
            metallic: 1.0,
            roughness: 1.0,
            emissive: [0.0; 3],
            normal_scale: 1.0,
            alpha_mode: AlphaMode::Opaque,
            transmission: 0.0,
            ior: 1.5,
            unlit: false,
            attenuation: None,
            double_sided: false,
            textures: MaterialTextures::default(),
        }
    }
}

/// The texture slots of a material.
#[derive(Clone, Debug, Default, PartialEq, BorshSerialize, BorshDeserialize)]
pub struct MaterialTextures {
    /// RGBA, multiplies `base_color`.
    pub base_color: Option<TextureUse>,
    /// G multiplies `roughness`, B multiplies `metallic`.
    pub metallic_roughness: Option<TextureUse>,
    /// Tangent-space normal, `rgb · 2 − 1`.
    pub normal: Option<TextureUse>,
    /// RGB, multiplies `emissive`.
    pub emissive: Option<TextureUse>,
    /// R multiplies `transmission`.
    pub transmission: Option<TextureUse>,
}

impl MaterialTextures {
    /// The slots in their fixed order: base colour, metal-rough, normal, emissive, transmission.
    pub fn slots(&self) -> [Option<&TextureUse>; 5] {
        [&self.base_color, &self.metallic_roughness, &self.normal, &self.emissive, &self.transmission].map(Option::as_ref)
    }
}

/// How a material's alpha is read.
#[derive(Clone, Copy, Debug, PartialEq, BorshSerialize, BorshDeserialize)]
pub enum AlphaMode {
    /// Alpha is ignored.
    Opaque,
    /// Solid where alpha is at least the cutoff, absent elsewhere.
    Mask(f32),
    /// Alpha is coverage.
    Blend,
}

/// Beer–Lambert absorption inside a closed body.
#[derive(Clone, Copy, Debug, PartialEq, BorshSerialize, BorshDeserialize)]
pub struct Attenuation {
    /// What is left of white light after `distance_m`; each in 0..=1.
    pub color: [f32; 3],
    /// In metres, above 0.
    pub distance_m: f32,
}

/// A picture as one texture slot reads it.
#[derive(Clone, Copy, Debug, PartialEq, BorshSerialize, BorshDeserialize)]
pub struct TextureUse {
    /// Index into `Scene::images`.
    pub image: u32,
    /// What happens left and right of 0..1.
    pub wrap_u: Wrap,
    /// What happens above and below 0..1.
    pub wrap_v: Wrap,
    /// How texels are mixed.
    pub filter: Filter,
    /// `[a b tx c d ty]`: `u' = a·u + b·v + tx`, `v' = c·u + d·v + ty`.
    pub transform: [f32; 6],
    /// Whether RGB must be decoded by the sRGB table (alpha never is).
    pub srgb: bool,
}

impl TextureUse {
    /// The transform that leaves coordinates as they are.
    pub const IDENTITY: [f32; 6] = [1.0, 0.0, 0.0, 0.0, 1.0, 0.0];
}

/// Texture coordinates outside 0..1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Wrap {
    /// Start over.
    Repeat,
    /// Go back and forth.
    Mirror,
    /// Stay on the edge texel.
    Clamp,
}

/// How texels are mixed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Filter {
    /// Bilinear on the full-size picture.
    Linear,
    /// The texel that contains the point.
    Nearest,
}

/// A decoded picture.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Image {
    /// 1..=[`IMAGE_EDGE_MAX`].
    pub width_px: u32,
    /// 1..=[`IMAGE_EDGE_MAX`].
    pub height_px: u32,
    /// RGBA8, rows from the top, `width_px · height_px · 4` bytes.
    pub texels: Vec<u8>,
}

/// Light from infinitely far away, as an equirectangular picture: direction d is at `u = atan2(d.z, d.x)/2π + ½`, `v = ½ − asin(d.y)/π`.
#[derive(Clone, Debug, PartialEq, BorshSerialize, BorshDeserialize)]
pub struct Environment {
    /// 1..=[`ENVIRONMENT_WIDTH_MAX`].
    pub width_px: u32,
    /// 1..=[`ENVIRONMENT_HEIGHT_MAX`].
    pub height_px: u32,
    /// Linear radiance with the strength multiplied in, rows from the top, each channel in 0..=[`RADIANCE_MAX`].
    pub pixels: Vec<[f32; 3]>,
}

/// A pinhole eye; the aspect ratio comes from the picture that is asked for.
#[derive(Clone, Copy, Debug, PartialEq, BorshSerialize, BorshDeserialize)]
pub struct Camera {
    /// Where it stands, metres.
    pub from: [f32; 3],
    /// Unit, towards the right of the picture; `forward × up`.
    pub right: [f32; 3],
    /// Unit, towards the top of the picture.
    pub up: [f32; 3],
    /// Unit, into the picture.
    pub forward: [f32; 3],
    /// Tangent of half the vertical field of view, above 0.
    pub tan_half_fov_y: f32,
}

/// A light without area (`KHR_lights_punctual`), radiometric: no 683 lm/W factor.
#[derive(Clone, Copy, Debug, PartialEq, BorshSerialize, BorshDeserialize)]
pub struct PunctualLight {
    /// What it is and where.
    pub kind: LightKind,
    /// Colour times intensity: irradiance for a directional light, radiant intensity per steradian for the others.
    pub emission: [f32; 3],
}

/// The shape of a punctual light.
#[derive(Clone, Copy, Debug, PartialEq, BorshSerialize, BorshDeserialize)]
pub enum LightKind {
    /// Parallel rays.
    Directional {
        /// Unit, the way the light travels.
        direction: [f32; 3],
    },
    /// The same in all directions.
    Point {
        /// Metres.
        position: [f32; 3],
    },
    /// A cone with a soft rim.
    Spot {
        /// Metres.
        position: [f32; 3],
        /// Unit, the way the light travels.
        direction: [f32; 3],
        /// Cosine of the angle within which it is full.
        cos_inner: f32,
        /// Cosine of the angle outside which it is nothing; below `cos_inner`.
        cos_outer: f32,
    },
}
