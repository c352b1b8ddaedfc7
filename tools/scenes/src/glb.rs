//! Writes binary glTF 2.0. The JSON is made of structs, never of maps: their fields are written in the order
//! declared here, whatever features other crates switch on in `serde_json`.

use super::mesh::Mesh;
use glam::{DQuat, DVec3};
use serde::Serialize;

/// An index into one of the document's lists.
pub type Index = usize;

#[derive(Serialize, Default)]
#[serde(rename_all = "camelCase")]
struct Document {
    asset: Asset,
    scene: Index,
    scenes: Vec<Scene>,
    nodes: Vec<Node>,
    cameras: Vec<Camera>,
    meshes: Vec<MeshEntry>,
    materials: Vec<Material>,
    textures: Vec<Texture>,
    samplers: Vec<Sampler>,
    images: Vec<Image>,
    animations: Vec<Animation>,
    accessors: Vec<Accessor>,
    buffer_views: Vec<BufferView>,
    buffers: Vec<Buffer>,
    extensions_used: Vec<&'static str>,
}

#[derive(Serialize)]
struct Asset {
    version: &'static str,
    generator: &'static str,
    copyright: &'static str,
}

impl Default for Asset {
    fn default() -> Self {
        // The generator's name is part of the sample scene's bytes, so it stays what it was first.
        Self { version: "2.0", generator: "cargo xtask scene", copyright: "Raylance contributors, CC0 1.0" }
    }
}

#[derive(Serialize)]
struct Scene {
    name: String,
    nodes: Vec<Index>,
}

/// A place in the scene.
#[derive(Serialize, Default, Clone)]
pub struct Node {
    /// Its name.
    pub name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    camera: Option<Index>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mesh: Option<Index>,
    translation: [f32; 3],
    rotation: [f32; 4],
    scale: [f32; 3],
}

#[derive(Serialize)]
struct Camera {
    name: String,
    r#type: &'static str,
    perspective: Perspective,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Perspective {
    aspect_ratio: f32,
    yfov: f32,
    znear: f32,
}

#[derive(Serialize)]
struct MeshEntry {
    name: String,
    primitives: Vec<Primitive>,
}

#[derive(Serialize)]
struct Primitive {
    attributes: Attributes,
    indices: Index,
    material: Index,
}

#[derive(Serialize)]
#[serde(rename_all = "UPPERCASE")]
struct Attributes {
    position: Index,
    normal: Index,
    #[serde(skip_serializing_if = "Option::is_none")]
    tangent: Option<Index>,
    #[serde(rename = "TEXCOORD_0")]
    uv: Index,
}

#[derive(Serialize)]
struct TextureRef {
    index: Index,
    #[serde(skip_serializing_if = "Option::is_none")]
    scale: Option<f32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    extensions: Option<TextureExtensions>,
}

#[derive(Serialize)]
struct TextureExtensions {
    #[serde(rename = "KHR_texture_transform")]
    transform: Transform,
}

#[derive(Serialize)]
struct Transform {
    scale: [f32; 2],
}

fn whole(index: Index) -> Option<TextureRef> {
    Some(TextureRef { index, scale: None, extensions: None })
}

/// A metal-rough material with the extensions this scene needs.
#[derive(Serialize, Default)]
#[serde(rename_all = "camelCase")]
pub struct Material {
    name: String,
    pbr_metallic_roughness: MetalRough,
    #[serde(skip_serializing_if = "Option::is_none")]
    normal_texture: Option<TextureRef>,
    #[serde(skip_serializing_if = "Option::is_none")]
    emissive_factor: Option<[f32; 3]>,
    double_sided: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    extensions: Option<Extensions>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct MetalRough {
    base_color_factor: [f32; 4],
    #[serde(skip_serializing_if = "Option::is_none")]
    base_color_texture: Option<TextureRef>,
    metallic_factor: f32,
    roughness_factor: f32,
    #[serde(skip_serializing_if = "Option::is_none")]
    metallic_roughness_texture: Option<TextureRef>,
}

impl Default for MetalRough {
    fn default() -> Self {
        Self {
            base_color_factor: [1.0; 4],
            base_color_texture: None,
            metallic_factor: 0.0,
            roughness_factor: 1.0,
            metallic_roughness_texture: None,
        }
    }
}

#[derive(Serialize, Default)]
struct Extensions {
    #[serde(rename = "KHR_materials_emissive_strength", skip_serializing_if = "Option::is_none")]
    emissive_strength: Option<EmissiveStrength>,
    #[serde(rename = "KHR_materials_ior", skip_serializing_if = "Option::is_none")]
    ior: Option<Ior>,
    #[serde(rename = "KHR_materials_transmission", skip_serializing_if = "Option::is_none")]
    transmission: Option<Transmission>,
    #[serde(rename = "KHR_materials_volume", skip_serializing_if = "Option::is_none")]
    volume: Option<Volume>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct EmissiveStrength {
    emissive_strength: f32,
}

#[derive(Serialize)]
struct Ior {
    ior: f32,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Transmission {
    transmission_factor: f32,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Volume {
    thickness_factor: f32,
}

impl Material {
    /// A surface of one linear colour, roughness and metalness.
    pub fn plain(name: &str, color: [f32; 3], roughness: f32, metallic: f32) -> Self {
        let mut material = Self { name: name.into(), ..Self::default() };
        let [r, g, b] = color;
        material.pbr_metallic_roughness.base_color_factor = [r, g, b, 1.0];
        material.pbr_metallic_roughness.roughness_factor = roughness;
        material.pbr_metallic_roughness.metallic_factor = metallic;
        material
    }

    /// A surface that scatters evenly and mirrors nothing: an index of refraction of 1 leaves only the diffuse part.
    pub fn matte(name: &str, color: [f32; 3]) -> Self {
        let mut material = Self::plain(name, color, 1.0, 0.0);
        material.extensions = Some(Extensions { ior: Some(Ior { ior: 1.0 }), ..Extensions::default() });
        material
    }

    /// Base colour from a texture.
    pub fn painted(mut self, texture: Index) -> Self {
        self.pbr_metallic_roughness.base_color_texture = whole(texture);
        self
    }

    /// Roughness (green) and metalness (blue) from a texture; the plain values become factors.
    pub fn worn(mut self, texture: Index) -> Self {
        self.pbr_metallic_roughness.metallic_roughness_texture = whole(texture);
        self
    }

    /// Fine relief from a normal map of that strength, `tiles` times across u and v.
    pub fn embossed(mut self, texture: Index, strength: f32, tiles: [f32; 2]) -> Self {
        let extensions = Some(TextureExtensions { transform: Transform { scale: tiles } });
        self.normal_texture = Some(TextureRef { index: texture, scale: Some(strength), extensions });
        self
    }

    /// A lamp of that linear colour and radiance.
    pub fn lamp(name: &str, color: [f32; 3], radiance: f32) -> Self {
        let mut material = Self::plain(name, [0.0; 3], 1.0, 0.0);
        material.emissive_factor = Some(color);
        let emissive_strength = Some(EmissiveStrength { emissive_strength: radiance });
        material.extensions = Some(Extensions { emissive_strength, ..Extensions::default() });
        material
    }

    /// Clear, refracting glass.
    pub fn glass(name: &str, color: [f32; 3], ior: f32, thickness_m: f32) -> Self {
        let mut material = Self::plain(name, color, 0.0, 0.0);
        material.extensions = Some(Extensions {
            ior: Some(Ior { ior }),
            transmission: Some(Transmission { transmission_factor: 1.0 }),
            volume: Some(Volume { thickness_factor: thickness_m }),
            ..Extensions::default()
        });
        material
    }

    /// Seen from both sides, for sheets without thickness.
    pub fn two_sided(mut self) -> Self {
        self.double_sided = true;
        self
    }
}

#[derive(Serialize)]
struct Texture {
    sampler: Index,
    source: Index,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Sampler {
    mag_filter: u32,
    min_filter: u32,
    wrap_s: u32,
    wrap_t: u32,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Image {
    name: String,
    mime_type: &'static str,
    buffer_view: Index,
}

#[derive(Serialize)]
struct Animation {
    name: String,
    samplers: Vec<AnimationSampler>,
    channels: Vec<Channel>,
}

#[derive(Serialize)]
struct AnimationSampler {
    input: Index,
    output: Index,
    interpolation: &'static str,
}

#[derive(Serialize)]
struct Channel {
    sampler: Index,
    target: Target,
}

#[derive(Serialize)]
struct Target {
    node: Index,
    path: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Accessor {
    buffer_view: Index,
    component_type: u32,
    count: usize,
    r#type: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    min: Vec<f32>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    max: Vec<f32>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct BufferView {
    buffer: Index,
    byte_offset: usize,
    byte_length: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    target: Option<u32>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Buffer {
    byte_length: usize,
}

const FLOAT: u32 = 5126;
const UNSIGNED_SHORT: u32 = 5123;
const UNSIGNED_INT: u32 = 5125;
const ARRAY_BUFFER: u32 = 34_962;
const ELEMENT_ARRAY_BUFFER: u32 = 34_963;

/// One pose of an animated node.
pub struct Pose {
    /// Seconds.
    pub time_s: f64,
    /// Metres.
    pub translation: DVec3,
    /// Rotation.
    pub rotation: DQuat,
}

/// A document being written.
pub struct Glb {
    document: Document,
    bytes: Vec<u8>,
}

impl Glb {
    /// An empty scene of that name.
    pub fn new(name: &str) -> Self {
        // Linear filters, and REPEAT in both directions.
        let sampler = Sampler { mag_filter: 9729, min_filter: 9987, wrap_s: 10_497, wrap_t: 10_497 };
        let document = Document {
            scenes: vec![Scene { name: name.into(), nodes: Vec::new() }],
            samplers: vec![sampler],
            extensions_used: vec![
                "KHR_materials_emissive_strength",
                "KHR_materials_ior",
                "KHR_materials_transmission",
                "KHR_materials_volume",
                "KHR_texture_transform",
            ],
            ..Document::default()
        };
        Self { document, bytes: Vec::new() }
    }

    fn view(&mut self, bytes: &[u8], target: Option<u32>) -> Index {
        self.bytes.resize(self.bytes.len().next_multiple_of(4), 0);
        let view = BufferView { buffer: 0, byte_offset: self.bytes.len(), byte_length: bytes.len(), target };
        self.bytes.extend_from_slice(bytes);
        push(&mut self.document.buffer_views, view)
    }

    fn floats<const N: usize>(&mut self, rows: &[[f32; N]], target: Option<u32>, bounds: bool) -> Index {
        let bytes: Vec<u8> = rows.iter().flatten().flat_map(|x| x.to_le_bytes()).collect();
        let column = |pick: fn(f32, f32) -> f32| -> Vec<f32> {
            (0..N).filter(|_| bounds).map(|i| rows.iter().map(|r| r[i]).fold(rows[0][i], pick)).collect()
        };
        let accessor = Accessor {
            buffer_view: self.view(&bytes, target),
            component_type: FLOAT,
            count: rows.len(),
            r#type: if N == 16 { "MAT4" } else { ["SCALAR", "VEC2", "VEC3", "VEC4"][N - 1] },
            min: column(f32::min),
            max: column(f32::max),
        };
        push(&mut self.document.accessors, accessor)
    }

    /// A PNG picture as a texture that repeats.
    pub fn texture(&mut self, name: &str, png: &[u8]) -> Index {
        let buffer_view = self.view(png, None);
        let source = push(&mut self.document.images, Image { name: name.into(), mime_type: "image/png", buffer_view });
        push(&mut self.document.textures, Texture { sampler: 0, source })
    }

    /// Adds a material.
    pub fn material(&mut self, material: Material) -> Index {
        push(&mut self.document.materials, material)
    }

    /// Adds a mesh of one or more parts, each with its material. Tangents are written where the material has a normal map.
    pub fn mesh(&mut self, name: &str, parts: Vec<(Mesh, Index)>) -> Index {
        let primitives = parts.into_iter().map(|(mesh, material)| self.primitive(mesh, material)).collect();
        push(&mut self.document.meshes, MeshEntry { name: name.into(), primitives })
    }

    fn primitive(&mut self, mesh: Mesh, material: Index) -> Primitive {
        let embossed = self.document.materials[material].normal_texture.is_some();
        let mesh = if embossed { mesh.with_tangents() } else { mesh };
        let vertices = &mesh.vertices;
        let rows =
            |pick: fn(&super::mesh::Vertex) -> DVec3| -> Vec<[f32; 3]> { vertices.iter().map(|v| pick(v).as_vec3().to_array()).collect() };
        let uvs: Vec<[f32; 2]> = vertices.iter().map(|v| v.uv.as_vec2().to_array()).collect();
        let tangents: Vec<[f32; 4]> = vertices.iter().map(|v| v.tangent.as_vec4().to_array()).collect();
        let attributes = Attributes {
            position: self.floats(&rows(|v| v.position), Some(ARRAY_BUFFER), true),
            normal: self.floats(&rows(|v| v.normal), Some(ARRAY_BUFFER), false),
            tangent: embossed.then(|| self.floats(&tangents, Some(ARRAY_BUFFER), false)),
            uv: self.floats(&uvs, Some(ARRAY_BUFFER), false),
        };
        Primitive { attributes, indices: self.indices(&mesh), material }
    }

    fn indices(&mut self, mesh: &Mesh) -> Index {
        let small = mesh.vertices.len() < usize::from(u16::MAX);
        let bytes: Vec<u8> = if small {
            mesh.indices.iter().flat_map(|&i| (i as u16).to_le_bytes()).collect()
        } else {
            mesh.indices.iter().flat_map(|i| i.to_le_bytes()).collect()
        };
        let accessor = Accessor {
            buffer_view: self.view(&bytes, Some(ELEMENT_ARRAY_BUFFER)),
            component_type: if small { UNSIGNED_SHORT } else { UNSIGNED_INT },
            count: mesh.indices.len(),
            r#type: "SCALAR",
            min: Vec::new(),
            max: Vec::new(),
        };
        push(&mut self.document.accessors, accessor)
    }

    /// Places a mesh.
    pub fn place(&mut self, name: &str, mesh: Index, translation: DVec3, rotation: DQuat, scale: f64) -> Index {
        self.node(Node { name: name.into(), mesh: Some(mesh), ..pose(translation, rotation, scale) })
    }

    /// Adds a camera; `aspect` is width over height.
    pub fn camera(&mut self, name: &str, aspect: f64, yfov: f64, translation: DVec3, rotation: DQuat) -> Index {
        let perspective = Perspective { aspect_ratio: aspect as f32, yfov: yfov as f32, znear: 0.01 };
        let camera = push(&mut self.document.cameras, Camera { name: name.into(), r#type: "perspective", perspective });
        self.node(Node { name: name.into(), camera: Some(camera), ..pose(translation, rotation, 1.0) })
    }

    /// Adds a node without a mesh.
    pub fn joint(&mut self, name: &str, translation: DVec3) -> Index {
        self.node(Node { name: name.into(), ..pose(translation, DQuat::IDENTITY, 1.0) })
    }

    fn node(&mut self, node: Node) -> Index {
        let index = push(&mut self.document.nodes, node);
        self.document.scenes[0].nodes.push(index);
        index
    }

    /// Moves a node along `poses`, linearly in between.
    pub fn animate(&mut self, name: &str, node: Index, poses: &[Pose]) {
        let times: Vec<_> = poses.iter().map(|p| [p.time_s as f32]).collect();
        let translations: Vec<_> = poses.iter().map(|p| p.translation.as_vec3().to_array()).collect();
        let rotations: Vec<_> = poses.iter().map(|p| quaternion(p.rotation)).collect();
        let input = self.floats(&times, None, true);
        let outputs = [self.floats(&translations, None, false), self.floats(&rotations, None, false)];
        let sampler = |output| AnimationSampler { input, output, interpolation: "LINEAR" };
        let channel = |(sampler, path)| Channel { sampler, target: Target { node, path } };
        let animation = Animation {
            name: name.into(),
            samplers: outputs.map(sampler).into(),
            channels: [(0, "translation"), (1, "rotation")].map(channel).into(),
        };
        self.document.animations.push(animation);
    }

    /// The finished file.
    pub fn finish(mut self) -> Vec<u8> {
        self.close();
        let json = serde_json::to_vec(&self.document).expect("numbers, strings and lists always serialise");
        container(json, &self.bytes)
    }

    /// The finished file after a change to its JSON: for features that only one scene of the gallery has.
    pub fn finish_with(mut self, change: impl FnOnce(&mut serde_json::Value)) -> Vec<u8> {
        self.close();
        let mut document = serde_json::to_value(&self.document).expect("numbers, strings and lists always serialise");
        change(&mut document);
        container(document.to_string().into_bytes(), &self.bytes)
    }

    /// Adds numbers, up to four per row or the sixteen of a matrix, for a change to point at; returns their accessor.
    pub fn numbers<const N: usize>(&mut self, rows: &[[f32; N]]) -> Index {
        self.floats(rows, None, true)
    }

    /// Adds whole numbers in rows of four, as bones are counted in.
    pub fn shorts(&mut self, rows: &[[u16; 4]]) -> Index {
        let bytes: Vec<u8> = rows.iter().flatten().flat_map(|x| x.to_le_bytes()).collect();
        let buffer_view = self.view(&bytes, Some(ARRAY_BUFFER));
        let (count, [min, max]) = (rows.len(), [Vec::new(), Vec::new()]);
        push(&mut self.document.accessors, Accessor { buffer_view, component_type: UNSIGNED_SHORT, count, r#type: "VEC4", min, max })
    }

    fn close(&mut self) {
        self.bytes.resize(self.bytes.len().next_multiple_of(4), 0);
        self.document.buffers = vec![Buffer { byte_length: self.bytes.len() }];
    }
}

/// Header, JSON chunk, binary chunk (glTF 2.0, section 4).
fn container(mut json: Vec<u8>, bytes: &[u8]) -> Vec<u8> {
    json.resize(json.len().next_multiple_of(4), b' ');
    let total = 12 + 8 + json.len() + 8 + bytes.len();
    let mut file = Vec::with_capacity(total);
    let word = |n: usize| u32::try_from(n).expect("these scenes are far below 4 GiB").to_le_bytes();
    file.extend_from_slice(b"glTF");
    file.extend_from_slice(&word(2));
    file.extend_from_slice(&word(total));
    for (chunk, kind) in [(&json[..], b"JSON"), (bytes, b"BIN\0")] {
        file.extend_from_slice(&word(chunk.len()));
        file.extend_from_slice(kind);
        file.extend_from_slice(chunk);
    }
    file
}

fn push<T>(list: &mut Vec<T>, item: T) -> Index {
    list.push(item);
    list.len() - 1
}

fn quaternion(q: DQuat) -> [f32; 4] {
    q.normalize().as_quat().to_array()
}

fn pose(translation: DVec3, rotation: DQuat, scale: f64) -> Node {
    Node { translation: translation.as_vec3().to_array(), rotation: quaternion(rotation), scale: [scale as f32; 3], ..Node::default() }
}
