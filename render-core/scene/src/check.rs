//! What makes a scene fit to trace: the limits and the check that both importer and unpacker end with.

use super::{
    AlphaMode, Camera, Environment, Image, Instance, LightKind, Material, Mesh, Projection, PunctualLight, Scene, TextureUse, Vertex,
};

/// Largest coordinate: beyond 10 000 km a float step is coarser than a metre.
pub const POSITION_MAX_M: f32 = 1.0e7;
/// Largest image edge that common GPUs and decoders take.
pub const IMAGE_EDGE_MAX: u32 = 16_384;
/// Most texels of all images together (1 GiB as RGBA8): a worker must hold them in memory.
pub const TEXELS_TOTAL_MAX: u64 = 1 << 28;
/// Wider environments are shrunk at import: light sampling gains nothing beyond it.
pub const ENVIRONMENT_WIDTH_MAX: u32 = 2_048;
/// Half the width: equirectangular pictures are 2:1.
pub const ENVIRONMENT_HEIGHT_MAX: u32 = 1_024;
/// Brighter values would overflow when squared in light sampling.
pub const RADIANCE_MAX: f32 = 1.0e12;
/// Most vertices: 64 M of 52 bytes is already more than 3 GiB.
pub const VERTICES_MAX: usize = 1 << 26;
/// Most triangles: with their tree they fill a large GPU.
pub const TRIANGLES_MAX: usize = 1 << 26;
/// Most meshes; each has a tree of its own.
pub const MESHES_MAX: usize = 1 << 20;
/// Most instances: 4 M blades of grass take half a GiB.
pub const INSTANCES_MAX: usize = 1 << 22;
/// Most triangles of all instances together, as many as an instance's number and a triangle's have bits to spare.
pub const INSTANCED_TRIANGLES_MAX: u64 = 1 << 40;
/// Widest lens: a telescope's mirror.
pub const APERTURE_RADIUS_MAX_M: f32 = 100.0;
/// Most materials; real scenes have hundreds.
pub const MATERIALS_MAX: usize = 1 << 16;
/// Most images; real scenes have hundreds.
pub const IMAGES_MAX: usize = 1 << 14;
/// Most punctual lights: each is a candidate at every bounce.
pub const LIGHTS_MAX: usize = 1 << 12;

/// Largest number in an instance's inverse: smaller meshes vanish between float steps.
const INVERSE_MAX: f32 = 1.0e12;
/// How far from 1 a unit vector's squared length may be (rounding of imported and transformed vectors).
const UNIT_TOLERANCE: f32 = 1.0e-3;
/// Widest lens accepted: just under 180°.
const TAN_HALF_FOV_MAX: f32 = 1.0e3;
/// Narrowest lens accepted.
const TAN_HALF_FOV_MIN: f32 = 1.0e-5;
/// Texture coordinates and transforms beyond this have no fraction left worth sampling.
const UV_MAX: f32 = 1.0e9;

/// Why a scene must not be traced. Every variant names the place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SceneDefect {
    /// A list is longer than its limit.
    #[error("the list of {list} has {count} entries, more than {max}")]
    TooMany {
        /// Which list.
        list: &'static str,
        /// Its length.
        count: usize,
        /// Its limit.
        max: usize,
    },
    /// A list that must not be empty is.
    #[error("the list of {list} is empty")]
    Empty {
        /// Which list.
        list: &'static str,
    },
    /// An index points outside its list.
    #[error("{owner} {index} points at {target} {value}, which does not exist")]
    Dangling {
        /// The kind of thing that holds the index.
        owner: &'static str,
        /// Which one.
        index: usize,
        /// The kind of thing pointed at.
        target: &'static str,
        /// The bad index.
        value: u32,
    },
    /// A number is not finite or lies outside its range.
    #[error("{owner} {index} has a {field} that is not finite or out of range")]
    OutOfRange {
        /// The kind of thing.
        owner: &'static str,
        /// Which one.
        index: usize,
        /// Which field.
        field: &'static str,
    },
    /// A vector that must have unit length has not.
    #[error("{owner} {index} has a {field} that is not of unit length")]
    NotUnit {
        /// The kind of thing.
        owner: &'static str,
        /// Which one.
        index: usize,
        /// Which field.
        field: &'static str,
    },
    /// A picture's size is zero, too large, or disagrees with its pixels.
    #[error("{owner} {index} of {width_px} × {height_px} px is empty, too large or does not match its pixels")]
    BadSize {
        /// "image" or "environment".
        owner: &'static str,
        /// Which one.
        index: usize,
        /// Claimed width.
        width_px: u32,
        /// Claimed height.
        height_px: u32,
    },
    /// All images together are too large.
    #[error("the images have {texels} texels together, more than {TEXELS_TOTAL_MAX}")]
    TexelsTotal {
        /// The sum.
        texels: u64,
    },
    /// The camera's axes are not at right angles, or left-handed.
    #[error("the camera's axes are not right-handed and at right angles")]
    CameraAxes,
}

impl Scene {
    /// Checks every limit, index, number and unit vector.
    ///
    /// # Errors
    /// The first defect found, with its place.
    pub fn check(&self) -> Result<(), SceneDefect> {
        bound("vertices", self.vertices.len(), VERTICES_MAX)?;
        bound("triangles", self.triangles.len(), TRIANGLES_MAX)?;
        bound("materials", self.materials.len(), MATERIALS_MAX)?;
        at_most("images", self.images.len(), IMAGES_MAX)?;
        at_most("lights", self.lights.len(), LIGHTS_MAX)?;
        check_meshes(&self.meshes, self.triangles.len())?;
        check_instances(&self.instances, &self.meshes)?;
        for (index, vertex) in self.vertices.iter().enumerate() {
            check_vertex(index, vertex)?;
        }
        for (index, triangle) in self.triangles.iter().enumerate() {
            for value in triangle.vertices {
                points_at("triangle", index, "vertex", value, self.vertices.len())?;
            }
            points_at("triangle", index, "material", triangle.material, self.materials.len())?;
        }
        for (index, material) in self.materials.iter().enumerate() {
            check_material(index, material, self.images.len())?;
        }
        check_images(&self.images)?;
        self.environment.as_ref().map_or(Ok(()), check_environment)?;
        for (index, light) in self.lights.iter().enumerate() {
            check_light(index, light)?;
        }
        self.camera.check()
    }
}

impl Camera {
    /// Checks every number, and that the axes are what they should be.
    pub(super) fn check(&self) -> Result<(), SceneDefect> {
        check_camera(self)
    }
}

fn bound(list: &'static str, count: usize, max: usize) -> Result<(), SceneDefect> {
    if count == 0 { Err(SceneDefect::Empty { list }) } else { at_most(list, count, max) }
}

fn at_most(list: &'static str, count: usize, max: usize) -> Result<(), SceneDefect> {
    if count > max { Err(SceneDefect::TooMany { list, count, max }) } else { Ok(()) }
}

fn points_at(owner: &'static str, index: usize, target: &'static str, value: u32, len: usize) -> Result<(), SceneDefect> {
    if (value as usize) < len { Ok(()) } else { Err(SceneDefect::Dangling { owner, index, target, value }) }
}

/// Whether all values are finite and within `min..=max`; NaN fails every comparison.
fn within(values: &[f32], min: f32, max: f32) -> bool {
    values.iter().all(|value| (min..=max).contains(value))
}

fn in_range(owner: &'static str, index: usize, field: &'static str, values: &[f32], min: f32, max: f32) -> Result<(), SceneDefect> {
    if within(values, min, max) { Ok(()) } else { Err(SceneDefect::OutOfRange { owner, index, field }) }
}

fn is_unit(v: [f32; 3]) -> bool {
    (v[0] * v[0] + v[1] * v[1] + v[2] * v[2] - 1.0).abs() <= UNIT_TOLERANCE
}

fn unit(owner: &'static str, index: usize, field: &'static str, v: [f32; 3]) -> Result<(), SceneDefect> {
    if is_unit(v) { Ok(()) } else { Err(SceneDefect::NotUnit { owner, index, field }) }
}

/// Meshes tile the list of triangles, so that every triangle has one space.
fn check_meshes(meshes: &[Mesh], triangles: usize) -> Result<(), SceneDefect> {
    bound("meshes", meshes.len(), MESHES_MAX)?;
    let mut next = 0u64;
    for (index, mesh) in meshes.iter().enumerate() {
        if u64::from(mesh.first) != next || mesh.count == 0 {
            return Err(SceneDefect::OutOfRange { owner: "mesh", index, field: "run of triangles" });
        }
        next += u64::from(mesh.count);
    }
    if next == triangles as u64 {
        Ok(())
    } else {
        Err(SceneDefect::OutOfRange { owner: "mesh", index: meshes.len() - 1, field: "run of triangles" })
    }
}

fn check_instances(instances: &[Instance], meshes: &[Mesh]) -> Result<(), SceneDefect> {
    let owner = "instance";
    bound("instances", instances.len(), INSTANCES_MAX)?;
    let mut triangles = 0;
    for (index, instance) in instances.iter().enumerate() {
        points_at(owner, index, "mesh", instance.mesh, meshes.len())?;
        in_range(owner, index, "matrix", &instance.to_world, -POSITION_MAX_M, POSITION_MAX_M)?;
        if instance.from_world().is_none() {
            return Err(SceneDefect::OutOfRange { owner, index, field: "matrix" });
        }
        triangles += u64::from(meshes[instance.mesh as usize].count);
    }
    if triangles > INSTANCED_TRIANGLES_MAX {
        return Err(SceneDefect::TooMany {
            list: "triangles of all instances",
            count: usize::try_from(triangles).unwrap_or(usize::MAX),
            max: INSTANCED_TRIANGLES_MAX as usize,
        });
    }
    Ok(())
}

impl Instance {
    /// The inverse of `to_world` in the same form, rounded once; `None` where a mesh is flattened to nothing or blown up beyond measure.
    pub fn from_world(&self) -> Option<[f32; 12]> {
        let m = self.to_world.map(f64::from);
        let cofactor = |a: usize, b: usize, c: usize, d: usize| m[a] * m[d] - m[b] * m[c];
        // Rows of the adjugate.
        let rows = [
            [cofactor(5, 6, 9, 10), -cofactor(1, 2, 9, 10), cofactor(1, 2, 5, 6)],
            [-cofactor(4, 6, 8, 10), cofactor(0, 2, 8, 10), -cofactor(0, 2, 4, 6)],
            [cofactor(4, 5, 8, 9), -cofactor(0, 1, 8, 9), cofactor(0, 1, 4, 5)],
        ];
        let determinant = m[0] * rows[0][0] + m[1] * rows[1][0] + m[2] * rows[2][0];
        let mut inverse = [0.0f32; 12];
        for (row, adjugate) in rows.iter().enumerate() {
            let axis = adjugate.map(|value| value / determinant);
            let shift = -(axis[0] * m[3] + axis[1] * m[7] + axis[2] * m[11]);
            for (column, value) in axis.into_iter().chain([shift]).enumerate() {
                // A negative zero becomes a plain one.
                inverse[row * 4 + column] = value as f32 + 0.0;
            }
        }
        within(&inverse, -INVERSE_MAX, INVERSE_MAX).then_some(inverse)
    }
}

fn check_vertex(index: usize, vertex: &Vertex) -> Result<(), SceneDefect> {
    let owner = "vertex";
    in_range(owner, index, "position", &vertex.position, -POSITION_MAX_M, POSITION_MAX_M)?;
    unit(owner, index, "normal", vertex.normal)?;
    in_range(owner, index, "uv", vertex.uv.as_flattened(), -UV_MAX, UV_MAX)?;
    if vertex.tangent == [0.0; 4] {
        return Ok(());
    }
    let [x, y, z, w] = vertex.tangent;
    unit(owner, index, "tangent", [x, y, z])?;
    if w == 1.0 || w == -1.0 { Ok(()) } else { Err(SceneDefect::OutOfRange { owner, index, field: "tangent sign" }) }
}

fn check_material(index: usize, material: &Material, images: usize) -> Result<(), SceneDefect> {
    let owner = "material";
    in_range(owner, index, "base_color", &material.base_color, 0.0, 1.0)?;
    in_range(owner, index, "metallic", &[material.metallic], 0.0, 1.0)?;
    in_range(owner, index, "roughness", &[material.roughness], 0.0, 1.0)?;
    in_range(owner, index, "emissive", &material.emissive, 0.0, RADIANCE_MAX)?;
    in_range(owner, index, "normal_scale", &[material.normal_scale], -1.0e4, 1.0e4)?;
    in_range(owner, index, "transmission", &[material.transmission], 0.0, 1.0)?;
    in_range(owner, index, "ior", &[material.ior], 1.0, 1000.0)?;
    in_range(owner, index, "specular", &[material.specular], 0.0, 1.0)?;
    in_range(owner, index, "specular colour", &material.specular_color, 0.0, 1.0e4)?;
    in_range(owner, index, "clearcoat", &[material.clearcoat, material.clearcoat_roughness], 0.0, 1.0)?;
    in_range(owner, index, "clearcoat_normal_scale", &[material.clearcoat_normal_scale], -1.0e4, 1.0e4)?;
    in_range(owner, index, "sheen", &material.sheen_color, 0.0, 1.0)?;
    in_range(owner, index, "sheen_roughness", &[material.sheen_roughness], 0.0, 1.0)?;
    in_range(owner, index, "anisotropy", &[material.anisotropy], 0.0, 1.0)?;
    let [cosine, sine] = material.anisotropy_direction;
    unit(owner, index, "anisotropy_direction", [cosine, sine, 0.0])?;
    in_range(owner, index, "iridescence", &[material.iridescence], 0.0, 1.0)?;
    in_range(owner, index, "iridescence_ior", &[material.iridescence_ior], 1.0, 5.0)?;
    in_range(owner, index, "iridescence_thickness_nm", &material.iridescence_thickness_nm, 0.0, 1.0e5)?;
    in_range(owner, index, "dispersion", &[material.dispersion], 0.0, 20.0)?;
    if let AlphaMode::Mask(cutoff) = material.alpha_mode {
        in_range(owner, index, "alpha cutoff", &[cutoff], 0.0, f32::MAX)?;
    }
    if let Some(attenuation) = material.attenuation {
        in_range(owner, index, "attenuation colour", &attenuation.color, 0.0, 1.0)?;
        in_range(owner, index, "attenuation distance", &[attenuation.distance_m], f32::MIN_POSITIVE, f32::MAX)?;
    }
    material.textures.slots().into_iter().flatten().try_for_each(|texture| check_texture(index, texture, images))
}

fn check_texture(material: usize, texture: &TextureUse, images: usize) -> Result<(), SceneDefect> {
    points_at("material", material, "image", texture.image, images)?;
    in_range("material", material, "texture transform", &texture.transform, -UV_MAX, UV_MAX)
}

fn check_images(images: &[Image]) -> Result<(), SceneDefect> {
    let mut texels = 0u64;
    for (index, image) in images.iter().enumerate() {
        let Image { width_px, height_px, .. } = *image;
        let area = u64::from(width_px) * u64::from(height_px);
        let edges_fit = (1..=IMAGE_EDGE_MAX).contains(&width_px) && (1..=IMAGE_EDGE_MAX).contains(&height_px);
        if !edges_fit || image.texels.len() as u64 != area * 4 {
            return Err(SceneDefect::BadSize { owner: "image", index, width_px, height_px });
        }
        texels += area;
    }
    if texels > TEXELS_TOTAL_MAX { Err(SceneDefect::TexelsTotal { texels }) } else { Ok(()) }
}

fn check_environment(environment: &Environment) -> Result<(), SceneDefect> {
    let Environment { width_px, height_px, .. } = *environment;
    let edges_fit = (1..=ENVIRONMENT_WIDTH_MAX).contains(&width_px) && (1..=ENVIRONMENT_HEIGHT_MAX).contains(&height_px);
    if !edges_fit || environment.pixels.len() as u64 != u64::from(width_px) * u64::from(height_px) {
        return Err(SceneDefect::BadSize { owner: "environment", index: 0, width_px, height_px });
    }
    match environment.pixels.iter().position(|pixel| !within(pixel, 0.0, RADIANCE_MAX)) {
        Some(index) => Err(SceneDefect::OutOfRange { owner: "environment pixel", index, field: "radiance" }),
        None => Ok(()),
    }
}

fn check_light(index: usize, light: &PunctualLight) -> Result<(), SceneDefect> {
    let owner = "light";
    in_range(owner, index, "emission", &light.emission, 0.0, RADIANCE_MAX)?;
    match light.kind {
        LightKind::Directional { direction } => unit(owner, index, "direction", direction),
        LightKind::Point { position } => in_range(owner, index, "position", &position, -POSITION_MAX_M, POSITION_MAX_M),
        LightKind::Spot { position, direction, cos_inner, cos_outer } => {
            in_range(owner, index, "position", &position, -POSITION_MAX_M, POSITION_MAX_M)?;
            unit(owner, index, "direction", direction)?;
            in_range(owner, index, "cone", &[cos_inner, cos_outer], -1.0, 1.0)?;
            if cos_outer < cos_inner { Ok(()) } else { Err(SceneDefect::OutOfRange { owner, index, field: "cone" }) }
        }
    }
}

fn check_camera(camera: &Camera) -> Result<(), SceneDefect> {
    let owner = "camera";
    in_range(owner, 0, "position", &camera.from, -POSITION_MAX_M, POSITION_MAX_M)?;
    match camera.projection {
        Projection::Perspective { tan_half_fov_y } => {
            in_range(owner, 0, "field of view", &[tan_half_fov_y], TAN_HALF_FOV_MIN, TAN_HALF_FOV_MAX)?;
        }
        Projection::Orthographic { half_height_m } => in_range(owner, 0, "height", &[half_height_m], TAN_HALF_FOV_MIN, POSITION_MAX_M)?,
    }
    in_range(owner, 0, "aperture", &[camera.aperture_radius_m], 0.0, APERTURE_RADIUS_MAX_M)?;
    in_range(owner, 0, "focus distance", &[camera.focus_distance_m], 1.0e-4, POSITION_MAX_M)?;
    unit(owner, 0, "right", camera.right)?;
    unit(owner, 0, "up", camera.up)?;
    unit(owner, 0, "forward", camera.forward)?;
    let (f, u, r) = (camera.forward, camera.up, camera.right);
    let cross = [f[1] * u[2] - f[2] * u[1], f[2] * u[0] - f[0] * u[2], f[0] * u[1] - f[1] * u[0]];
    let fits = cross.iter().zip(r).all(|(a, b)| (a - b).abs() <= 4.0 * UNIT_TOLERANCE);
    if fits { Ok(()) } else { Err(SceneDefect::CameraAxes) }
}
