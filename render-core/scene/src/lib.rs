//! File in, checked and packed scene out: what both backends trace and what peers agree on by digest.
//!
//! ```text
//! file ─ import ─► Scene ─┬─ pack ───► bytes, whose digest is the scene's name ─ unpack ─► Scene
//!                         └─ doctor ─► what an artist did not mean
//! ```
//!
//! World space, right-handed, Y up, metres, linear Rec.709. Deliberately absent: rendering, graphics cards.
//!
//! Geometry is a list of meshes, each in a space of its own, and of instances that stand meshes in the world. What occurs once is one mesh
//! in world space under an instance that moves nothing; what is repeated is kept once. A [`Scene`] that came from [`import`] or from
//! [`Scene::unpack`] has passed [`Scene::check`]: every index is in range, every number finite, every normal of unit length.

pub mod doctor;
pub mod import;

mod ahead;
mod check;
mod lens;
mod pack;
mod sky;
#[cfg(test)]
mod tests;

use borsh::{BorshDeserialize, BorshSerialize};

pub use check::{APERTURE_RADIUS_MAX_M, INSTANCED_TRIANGLES_MAX, INSTANCES_MAX, MESHES_MAX};
pub use check::{ENVIRONMENT_HEIGHT_MAX, ENVIRONMENT_WIDTH_MAX, RADIANCE_MAX, TRIANGLES_MAX, VERTICES_MAX};
pub use check::{IMAGE_EDGE_MAX, IMAGES_MAX, LIGHTS_MAX, MATERIALS_MAX, POSITION_MAX_M, SceneDefect, TEXELS_TOTAL_MAX};
pub use lens::{Focus, LensChoice, NoFocalLength, Opening};
pub use pack::{SCENE_DIGEST_DOMAIN, UnpackError, digest};
pub use sky::studio_sky;

/// A whole scene, ready to trace. The packed form ([`Scene::pack`]) is the scene's identity.
#[derive(Clone, Debug, PartialEq, BorshSerialize, BorshDeserialize)]
pub struct Scene {
    /// All corners, each in its mesh's space.
    pub vertices: Vec<Vertex>,
    /// All faces, mesh after mesh; the index in this list is the primitive id of the tie rule.
    pub triangles: Vec<Triangle>,
    /// Runs of triangles that together are all of them, in order; at least one.
    pub meshes: Vec<Mesh>,
    /// Where meshes stand; at least one. Of hits at the same distance that of the first instance counts, in it that of the first primitive.
    pub instances: Vec<Instance>,
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

/// A run of triangles with a space of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Mesh {
    /// Its first triangle in `Scene::triangles`.
    pub first: u32,
    /// How many; at least one.
    pub count: u32,
}

/// A mesh that stands in the world.
#[derive(Clone, Copy, Debug, PartialEq, BorshSerialize, BorshDeserialize)]
pub struct Instance {
    /// Index into `Scene::meshes`.
    pub mesh: u32,
    /// Rows of a 3×4 matrix: `x' = m₀x + m₁y + m₂z + m₃` and so on, from the mesh's space to the world. It can be inverted.
    pub to_world: [f32; 12],
}

impl Scene {
    /// One mesh of all `triangles` where it was made: the geometry of a scene in which nothing is repeated.
    pub fn one_mesh(triangles: &[Triangle]) -> (Vec<Mesh>, Vec<Instance>) {
        (vec![Mesh { first: 0, count: triangles.len() as u32 }], vec![Instance { mesh: 0, to_world: Instance::IDENTITY }])
    }
}

impl Instance {
    /// The matrix that leaves a mesh where it is.
    pub const IDENTITY: [f32; 12] = [1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0];

    /// Whether it moves nothing.
    pub fn is_identity(&self) -> bool {
        self.to_world == Self::IDENTITY
    }
}

/// One corner of a triangle.
#[derive(Clone, Copy, Debug, PartialEq, BorshSerialize, BorshDeserialize)]
pub struct Vertex {
    /// Position in metres, each coordinate within ±[`POSITION_MAX_M`].
    pub position: [f32; 3],
    /// Shading normal, unit length.
    pub normal: [f32; 3],
    /// Unit tangent along +u, and in `w` the sign (±1) of the bitangent `w · (n × t)`; all zero where no normal map needs one.
    pub tangent: [f32; 4],
    /// Two sets of texture coordinates, v downwards (glTF).
    pub uv: [[f32; 2]; 2],
    /// Linear RGBA factor on the base colour, 65,535 = 1.
    pub color: [u16; 4],
}

impl Default for Vertex {
    /// White, upright, without tangent.
    fn default() -> Self {
        Self { position: [0.0; 3], normal: [0.0, 1.0, 0.0], tangent: [0.0; 4], uv: [[0.0; 2]; 2], color: [u16::MAX; 4] }
    }
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
    /// Factor on the reflectance of the dielectric at normal incidence (`KHR_materials_specular`), 0..=1.
    pub specular: f32,
    /// Colour of the same, each at least 0; the product with the reflectance is cut at 1.
    pub specular_color: [f32; 3],
    /// Strength of a clear layer on top, 0..=1, and its perceptual roughness.
    pub clearcoat: f32,
    /// 0..=1.
    pub clearcoat_roughness: f32,
    /// Factor on x and y of the clear layer's normal map.
    pub clearcoat_normal_scale: f32,
    /// Colour of a layer of fibres on top (`KHR_materials_sheen`), each in 0..=1; black is none.
    pub sheen_color: [f32; 3],
    /// 0..=1.
    pub sheen_roughness: f32,
    /// How much the highlight is stretched along `anisotropy_direction`, 0..=1.
    pub anisotropy: f32,
    /// Cosine and sine of the stretched direction's angle from the tangent towards the bitangent.
    pub anisotropy_direction: [f32; 2],
    /// Strength of a thin film's interference, 0..=1.
    pub iridescence: f32,
    /// Index of refraction of the film, 1..=5.
    pub iridescence_ior: f32,
    /// Thickness of the film in nanometres where its texture is 0 and 1; without a texture it is the second.
    pub iridescence_thickness_nm: [f32; 2],
    /// How far the index of refraction differs between colours: 20 divided by the Abbe number, 0..=20.
    pub dispersion: f32,
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
            specular: 1.0,
            specular_color: [1.0; 3],
            clearcoat: 0.0,
            clearcoat_roughness: 0.0,
            clearcoat_normal_scale: 1.0,
            sheen_color: [0.0; 3],
            sheen_roughness: 0.0,
            anisotropy: 0.0,
            anisotropy_direction: [1.0, 0.0],
            iridescence: 0.0,
            iridescence_ior: 1.3,
            iridescence_thickness_nm: [100.0, 400.0],
            dispersion: 0.0,
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
    /// A multiplies `specular`.
    pub specular: Option<TextureUse>,
    /// RGB, multiplies `specular_color`.
    pub specular_color: Option<TextureUse>,
    /// R multiplies `clearcoat`.
    pub clearcoat: Option<TextureUse>,
    /// G multiplies `clearcoat_roughness`.
    pub clearcoat_roughness: Option<TextureUse>,
    /// Normal of the clear layer, `rgb · 2 − 1`; without it the layer follows the unmapped surface.
    pub clearcoat_normal: Option<TextureUse>,
    /// RGB, multiplies `sheen_color`.
    pub sheen_color: Option<TextureUse>,
    /// A multiplies `sheen_roughness`.
    pub sheen_roughness: Option<TextureUse>,
    /// RG · 2 − 1 turns `anisotropy_direction`, B multiplies `anisotropy`.
    pub anisotropy: Option<TextureUse>,
    /// R multiplies `iridescence`.
    pub iridescence: Option<TextureUse>,
    /// G goes from the first to the second of `iridescence_thickness_nm`.
    pub iridescence_thickness: Option<TextureUse>,
}

impl MaterialTextures {
    /// Number of slots.
    pub const COUNT: usize = 15;

    /// The slots in the order of their declaration.
    pub fn slots(&self) -> [Option<&TextureUse>; Self::COUNT] {
        [
            &self.base_color,
            &self.metallic_roughness,
            &self.normal,
            &self.emissive,
            &self.transmission,
            &self.specular,
            &self.specular_color,
            &self.clearcoat,
            &self.clearcoat_roughness,
            &self.clearcoat_normal,
            &self.sheen_color,
            &self.sheen_roughness,
            &self.anisotropy,
            &self.iridescence,
            &self.iridescence_thickness,
        ]
        .map(Option::as_ref)
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
    /// Which of a vertex's two sets of coordinates it reads.
    pub uv_set: UvSet,
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

/// One of the two sets of texture coordinates.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum UvSet {
    /// `Vertex::uv[0]`.
    #[default]
    First,
    /// `Vertex::uv[1]`.
    Second,
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

/// Width of the sensor that f-numbers speak of, millimetres: full frame.
const SENSOR_MM: f32 = 36.0;

/// An eye; the aspect ratio comes from the picture that is asked for.
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
    /// How it maps the world onto the picture.
    pub projection: Projection,
    /// Radius of a thin lens in metres; 0 is a pinhole.
    pub aperture_radius_m: f32,
    /// Distance along `forward` at which everything is sharp, metres, above 0.
    pub focus_distance_m: f32,
}

/// How an eye maps the world onto the picture.
#[derive(Clone, Copy, Debug, PartialEq, BorshSerialize, BorshDeserialize)]
pub enum Projection {
    /// Through a point.
    Perspective {
        /// Tangent of half the vertical field of view, above 0.
        tan_half_fov_y: f32,
    },
    /// Along parallel rays.
    Orthographic {
        /// Half of the picture's height in metres, above 0.
        half_height_m: f32,
    },
}

impl Camera {
    /// A pinhole.
    pub fn pinhole(from: [f32; 3], right: [f32; 3], up: [f32; 3], forward: [f32; 3], tan_half_fov_y: f32) -> Self {
        let projection = Projection::Perspective { tan_half_fov_y };
        Self { from, right, up, forward, projection, aperture_radius_m: 0.0, focus_distance_m: 1.0 }
    }

    /// Diameter of the lens as photographers say it: focal length over diameter, where the longer edge of a picture of this aspect ratio
    /// (width over height) is 36 mm. Infinite for a pinhole and for parallel rays.
    pub fn f_number(&self, aspect: f32) -> f32 {
        self.focal_length_m(aspect).map_or(f32::INFINITY, |length| length / (2.0 * self.aperture_radius_m))
    }

    /// Focal length of a lens with this field of view on a sensor whose longer edge is 36 mm; none for parallel rays.
    pub fn focal_length_m(&self, aspect: f32) -> Option<f32> {
        match self.projection {
            Projection::Perspective { tan_half_fov_y } => Some(SENSOR_MM / 1000.0 / (2.0 * tan_half_fov_y * aspect.max(1.0))),
            Projection::Orthographic { .. } => None,
        }
    }
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
