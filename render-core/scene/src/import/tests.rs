//! Broken and odd files, built by code, against the typed answers they must get; and the public scenes, where they are at hand.

mod compression;
mod geometry;
mod instances;
mod lenient;
mod materials;
mod motion;
mod size;

use std::path::{Path, PathBuf};

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::{Camera, LightKind, Projection, TextureUse};
use exr::prelude::{Image, SpecificChannels, Vec2, WritableImage};

/// A file under construction.
struct Draft {
    json: Value,
    bin: Vec<u8>,
}

impl Draft {
    /// One triangle with texture coordinates and a textured material, a camera and a sun.
    fn new() -> Self {
        let mut bin = Vec::new();
        let mut views = Vec::new();
        let mut view = |bytes: &[u8]| {
            views.push(json!({"buffer": 0, "byteOffset": bin.len(), "byteLength": bytes.len()}));
            bin.extend_from_slice(bytes);
            bin.resize(bin.len().next_multiple_of(4), 0);
        };
        view(&floats(&[0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0, 0.0]));
        view(&[0u16, 1, 2].map(u16::to_le_bytes).concat());
        view(&floats(&[0.0, 1.0, 1.0, 1.0, 0.0, 0.0]));
        view(&png(2, 2));
        let byte_length = bin.len();
        let json = json!({
            "asset": {"version": "2.0"}, "scene": 0,
            "scenes": [{"nodes": [0, 1, 2]}],
            "nodes": [
                {"name": "thing", "mesh": 0},
                {"name": "eye", "camera": 0, "translation": [0.0, 0.0, 5.0]},
                {"name": "sun", "extensions": {"KHR_lights_punctual": {"light": 0}}}
            ],
            "cameras": [{"type": "perspective", "perspective": {"yfov": 0.8, "znear": 0.1}}],
            "extensionsUsed": ["KHR_lights_punctual"],
            "extensions": {"KHR_lights_punctual": {"lights": [{"type": "directional", "intensity": 2.0}]}},
            "meshes": [{"name": "tri", "primitives": [{"attributes": {"POSITION": 0, "TEXCOORD_0": 2}, "indices": 1, "material": 0}]}],
            "materials": [{"name": "paint", "pbrMetallicRoughness": {"baseColorTexture": {"index": 0}}}],
            "textures": [{"source": 0}],
            "images": [{"bufferView": 3, "mimeType": "image/png"}],
            "accessors": [
                {"bufferView": 0, "componentType": 5126, "count": 3, "type": "VEC3", "min": [0.0, 0.0, 0.0], "max": [1.0, 1.0, 0.0]},
                {"bufferView": 1, "componentType": 5123, "count": 3, "type": "SCALAR"},
                {"bufferView": 2, "componentType": 5126, "count": 3, "type": "VEC2"}
            ],
            "bufferViews": views,
            "buffers": [{"byteLength": byte_length}]
        });
        Self { json, bin }
    }

    /// Adds bytes as a new buffer view and returns its index.
    fn view(&mut self, bytes: &[u8]) -> usize {
        self.push("/bufferViews", json!({"buffer": 0, "byteOffset": self.bin.len(), "byteLength": bytes.len()}));
        self.bin.extend_from_slice(bytes);
        self.bin.resize(self.bin.len().next_multiple_of(4), 0);
        self.json["buffers"][0]["byteLength"] = json!(self.bin.len());
        self.json["bufferViews"].as_array().unwrap().len() - 1
    }

    /// Adds an accessor over new bytes and returns its index.
    fn accessor(&mut self, bytes: &[u8], component: u32, kind: &str, count: usize) -> usize {
        let view = self.view(bytes);
        self.push("/accessors", json!({"bufferView": view, "componentType": component, "type": kind, "count": count}))
    }

    fn push(&mut self, list: &str, value: Value) -> usize {
        let list = self.json.pointer_mut(list).unwrap().as_array_mut().unwrap();
        list.push(value);
        list.len() - 1
    }

    fn set(&mut self, pointer: &str, value: Value) {
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        match self.json.pointer_mut(parent).unwrap() {
            Value::Array(list) => list[key.parse::<usize>().unwrap()] = value,
            object => object[key] = value,
        }
    }

    fn glb(&self) -> Vec<u8> {
        let mut json = self.json.to_string().into_bytes();
        json.resize(json.len().next_multiple_of(4), b' ');
        let chunk = |kind: &[u8; 4], bytes: &[u8]| [&(bytes.len() as u32).to_le_bytes()[..], kind, bytes].concat();
        let body = [chunk(b"JSON", &json), chunk(b"BIN\0", &self.bin)].concat();
        [b"glTF", &2u32.to_le_bytes()[..], &(12 + body.len() as u32).to_le_bytes(), &body].concat()
    }

    fn import(&self) -> Result<Imported, ImportError> {
        self.import_with(&ImportOptions::default())
    }

    fn import_with(&self, options: &ImportOptions) -> Result<Imported, ImportError> {
        import_bytes("scene.glb", &self.glb(), options)
    }

    fn scene(&self) -> Scene {
        self.import().unwrap().scene
    }
}

fn floats(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

fn png(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    ::image::RgbImage::from_pixel(width, height, ::image::Rgb([200, 100, 50])).write_to(&mut bytes, ::image::ImageFormat::Png).unwrap();
    bytes.into_inner()
}

fn import_bytes(name: &str, bytes: &[u8], options: &ImportOptions) -> Result<Imported, ImportError> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    import(&path, options)
}

/// The first fault's kind; an error's `Display` must come out too.
fn first(result: Result<Imported, ImportError>) -> FaultKind {
    let error = result.expect_err("the scene is broken");
    assert!(error.to_string().lines().count() > 1 && error.faults[0].severity == Severity::Error);
    error.faults[0].what.clone()
}

fn warned(imported: &Imported, matches: impl Fn(&FaultKind) -> bool) -> bool {
    imported.warnings.iter().any(|warning| warning.severity == Severity::Warning && matches(&warning.what))
}

fn near(a: [f32; 3], b: [f32; 3]) -> bool {
    a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1.0e-5)
}

fn tan_half_fov_y(camera: &Camera) -> f32 {
    match camera.projection {
        Projection::Perspective { tan_half_fov_y } => tan_half_fov_y,
        Projection::Orthographic { .. } => panic!("a perspective camera was expected"),
    }
}

#[test]
fn a_plain_scene_is_read_as_it_stands() {
    let imported = Draft::new().import().unwrap();
    assert_eq!(imported.warnings, []);
    let scene = imported.scene;
    assert_eq!(scene.check(), Ok(()));
    assert_eq!((scene.vertices.len(), scene.triangles.len(), scene.images.len(), scene.environment), (3, 1, 1, None));
    assert_eq!(scene.vertices[1].position, [1.0, 0.0, 0.0]);
    assert_eq!(scene.vertices[1].normal, [0.0, 0.0, 1.0], "missing normals become flat ones");
    assert_eq!(scene.vertices[1].uv[0], [1.0, 1.0]);
    assert_eq!(
        (scene.camera.from, scene.camera.forward, scene.camera.right, scene.camera.up),
        ([0.0, 0.0, 5.0], [0.0, 0.0, -1.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0])
    );
    assert!((tan_half_fov_y(&scene.camera) - 0.4f32.tan()).abs() < 1.0e-6);
    assert_eq!((scene.lights[0].kind, scene.lights[0].emission), (LightKind::Directional { direction: [0.0, 0.0, -1.0] }, [2.0; 3]));
    let texture = scene.materials[0].textures.base_color.unwrap();
    assert_eq!((texture.image, texture.transform, texture.srgb), (0, TextureUse::IDENTITY, true));
    assert_eq!(&scene.images[0].texels[..4], [200, 100, 50, 255]);
}

#[test]
fn gltf_with_files_beside_it_equals_the_glb() {
    let mut draft = Draft::new();
    let scene = draft.scene();
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("a b.bin"), &draft.bin).unwrap();
    draft.set("/buffers/0/uri", json!("a%20b.bin"));
    let path = dir.path().join("scene.gltf");
    std::fs::write(&path, draft.json.to_string()).unwrap();
    assert_eq!(import(&path, &ImportOptions::default()).unwrap().scene, scene);
    draft.set(
        "/buffers/0/uri",
        json!(format!(
            "data:application/octet-stream;base64,{}",
            base64::Engine::encode(&base64::engine::general_purpose::STANDARD, &draft.bin)
        )),
    );
    assert_eq!(import_bytes("embedded.gltf", draft.json.to_string().as_bytes(), &ImportOptions::default()).unwrap().scene, scene);
}

#[test]
fn files_that_are_no_scene_are_told_apart() {
    let glb = Draft::new().glb();
    let kind = |bytes: &[u8]| first(import_bytes("x.glb", bytes, &ImportOptions::default()));
    assert_eq!(kind(&png(2, 2)), FaultKind::NotGltf { looks_like: fault::LooksLike::Png });
    assert_eq!(kind(b""), FaultKind::NotGltf { looks_like: fault::LooksLike::Empty });
    assert_eq!(kind(b"BLENDER-v300"), FaultKind::NotGltf { looks_like: fault::LooksLike::Blend });
    assert_eq!(kind(b"o cube\nv 0 0 0"), FaultKind::NotGltf { looks_like: fault::LooksLike::Unknown });
    assert_eq!(kind(b"glTF\x01\0\0\0\x10\0\0\0abcd"), FaultKind::GlbVersion { version: 1 });
    assert_eq!(kind(b"glTF\x02\0\0\0\x0c\0\0\0"), FaultKind::GlbWithoutJson);
    assert!(matches!(kind(&glb[..glb.len() - 5]), FaultKind::GlbTruncated { .. }));
    assert!(matches!(kind(&glb[..7]), FaultKind::GlbTruncated { .. }));
    assert!(matches!(kind(b"{\"asset\":"), FaultKind::JsonInvalid { line: 1, .. }));
    let missing = import(Path::new("no-such-file.glb"), &ImportOptions::default());
    assert_eq!(first(missing), FaultKind::Unreadable { error: std::io::ErrorKind::NotFound });
}

/// Breaks one thing of a good scene and names the answer.
type Case = (&'static str, fn(&mut Draft), fn(&FaultKind) -> bool);

const BROKEN: [Case; 24] = [
    ("billion vertices", |d| d.set("/accessors/0/count", json!(1_000_000_000)), |f| matches!(f, FaultKind::AccessorTooLong { .. })),
    (
        "too many vertices",
        |d| d.set("/accessors/0/count", json!(4)),
        |f| matches!(f, FaultKind::AccessorOutOfBounds { accessor: 0, needed: 48, present: 36 }),
    ),
    ("count beyond 64 bits of bytes", |d| d.set("/accessors/0/count", json!(u64::MAX)), |f| matches!(f, FaultKind::AccessorTooLong { .. })),
    ("offset that wraps", |d| d.set("/accessors/0/byteOffset", json!(u64::MAX)), |f| matches!(f, FaultKind::AccessorOutOfBounds { .. })),
    (
        "zeros without bytes",
        |d| d.set("/accessors/0", json!({"componentType": 5126, "count": 100_000_000, "type": "VEC3"})),
        |f| matches!(f, FaultKind::AccessorTooLong { .. }),
    ),
    ("view past its buffer", |d| d.set("/bufferViews/0/byteLength", json!(1_000_000)), |f| matches!(f, FaultKind::AccessorDangling { .. })),
    ("view that wraps", |d| d.set("/bufferViews/0/byteOffset", json!(u64::MAX)), |f| matches!(f, FaultKind::AccessorDangling { .. })),
    ("wrong type", |d| d.set("/accessors/0/type", json!("VEC4")), |f| matches!(f, FaultKind::AccessorType { accessor: 0 })),
    ("signed indices", |d| d.set("/accessors/1/componentType", json!(5122)), |f| matches!(f, FaultKind::AccessorType { accessor: 1 })),
    ("dangling positions", |d| d.set("/meshes/0/primitives/0/attributes/POSITION", json!(99)), |f| matches!(f, FaultKind::Rule { .. })),
    ("dangling mesh", |d| d.set("/nodes/0/mesh", json!(7)), |f| matches!(f, FaultKind::Rule { .. })),
    ("no positions", |d| d.set("/meshes/0/primitives/0/attributes", json!({"TEXCOORD_0": 2})), |f| *f == FaultKind::NoTriangles),
    ("index past the vertices", |d| d.bin[36] = 3, |f| *f == FaultKind::IndexOutOfRange { index: 3, vertices: 3 }),
    (
        "NaN position",
        |d| d.bin[12..16].copy_from_slice(&f32::NAN.to_le_bytes()),
        |f| *f == FaultKind::NotFinite { attribute: "POSITION", vertex: 1 },
    ),
    ("far position", |d| d.bin[12..16].copy_from_slice(&2.0e7f32.to_le_bytes()), |f| *f == FaultKind::TooFar),
    (
        "mismatched attribute",
        |d| d.set("/accessors/2/count", json!(2)),
        |f| matches!(f, FaultKind::CountMismatch { count: 2, vertices: 3, .. }),
    ),
    ("node loop", |d| d.set("/nodes/0/children", json!([0])), |f| *f == FaultKind::NodeShared),
    ("infinite transform", |d| d.set("/nodes/0/scale", json!([1e300, 1.0, 1.0])), |f| *f == FaultKind::TransformNotFinite),
    (
        "short buffer",
        |d| d.set("/buffers/0/byteLength", json!(1_000_000)),
        |f| matches!(f, FaultKind::BufferShort { claimed: 1_000_000, .. }),
    ),
    ("no triangles", |d| d.set("/scenes/0/nodes", json!([1, 2])), |f| *f == FaultKind::NoTriangles),
    (
        "required extension",
        |d| d.set("/extensionsRequired", json!(["EXT_unheard_of"])),
        |f| matches!(f, FaultKind::ExtensionRequired { name } if name == "EXT_unheard_of"),
    ),
    ("broken picture", |d| d.set("/bufferViews/3/byteLength", json!(20)), |f| matches!(f, FaultKind::ImageUndecodable { .. })),
    ("image without bytes", |d| d.set("/images/0", json!({})), |f| *f == FaultKind::ImageWithoutBytes),
    ("infinite emission", |d| d.set("/materials/0/emissiveFactor", json!([1e300, 0.0, 0.0])), |f| *f == FaultKind::MaterialNotFinite),
];

#[test]
fn every_broken_scene_gets_its_own_answer() {
    for (name, break_it, expected) in BROKEN {
        let mut draft = Draft::new();
        break_it(&mut draft);
        let found = first(draft.import());
        assert!(expected(&found), "{name}: {found:?}");
    }
}

#[test]
fn an_extension_that_artists_miss_is_told_with_what_the_picture_lacks() {
    for (name, told) in [("KHR_materials_diffuse_transmission", "let no light through"), ("EXT_unheard_of", "expect the picture to differ")]
    {
        let mut draft = Draft::new();
        draft.set("/extensionsUsed", json!(["KHR_lights_punctual", name]));
        draft.set("/materials/0/extensions", json!({ name: {"diffuseTransmissionFactor": 0.5} }));
        let warnings = draft.import().unwrap().warnings;
        assert_eq!(warnings[0].what, FaultKind::ExtensionIgnored { name: name.to_owned() });
        assert!(warnings[0].remedy.contains(told), "{}", warnings[0].remedy);
    }
}

#[test]
fn a_missing_texture_names_file_and_place() {
    let mut draft = Draft::new();
    draft.set("/images/0", json!({"uri": "wood.png"}));
    let error = draft.import().unwrap_err();
    assert_eq!(error.faults[0].what, FaultKind::FileMissing { uri: "wood.png".to_owned() });
    let text = error.to_string();
    assert_eq!(text.lines().next(), Some("the scene cannot be rendered: the file \"wood.png\" is missing"));
    assert!(text.contains("base colour texture of material 0 \"paint\"") && text.contains("put the file back"), "{text}");
}

#[test]
fn a_picture_header_claiming_a_billion_pixels_allocates_nothing() {
    let mut draft = Draft::new();
    let mut bytes = png(2, 2);
    bytes[16..20].copy_from_slice(&40_000u32.to_be_bytes());
    // The header's checksum is made right again, so that only the size is wrong.
    let crc = bytes[12..29].iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { (crc >> 1) ^ 0xEDB8_8320 } else { crc >> 1 })
    });
    bytes[29..33].copy_from_slice(&(!crc).to_be_bytes());
    let view = draft.view(&bytes);
    draft.set("/images/0/bufferView", json!(view));
    assert!(matches!(first(draft.import()), FaultKind::ImageTooLarge { width_px: 40_000, height_px: 2, .. }));
}

#[test]
fn material_extensions_are_read() {
    let mut draft = Draft::new();
    draft.set(
        "/materials/0",
        json!({
            "alphaMode": "MASK", "alphaCutoff": 0.25, "emissiveFactor": [1.0, 0.5, 0.0], "doubleSided": true,
            "normalTexture": {"index": 0, "scale": 0.5, "extensions": {"KHR_texture_transform": {"scale": [2.0, 2.0]}}},
            "pbrMetallicRoughness": {"metallicFactor": 0.0, "metallicRoughnessTexture": {"index": 0, "texCoord": 1}},
            "extensions": {
                "KHR_materials_emissive_strength": {"emissiveStrength": 4.0}, "KHR_materials_ior": {"ior": 1.33},
                "KHR_materials_transmission": {"transmissionFactor": 0.9}, "KHR_materials_unlit": {},
                "KHR_materials_volume": {"thicknessFactor": 1.0, "attenuationDistance": 2.0, "attenuationColor": [0.5, 1.0, 1.0]}
            }
        }),
    );
    draft.set("/samplers", json!([{"wrapS": 33071, "wrapT": 33648, "magFilter": 9728}]));
    draft.set("/textures/0/sampler", json!(0));
    let imported = draft.import().unwrap();
    let material = &imported.scene.materials[0];
    assert_eq!((material.alpha_mode, material.emissive, material.ior), (crate::AlphaMode::Mask(0.25), [4.0, 2.0, 0.0], 1.33));
    assert_eq!((material.transmission, material.unlit, material.double_sided, material.normal_scale), (0.9, true, true, 0.5));
    assert_eq!(material.attenuation.unwrap().color, [0.5, 1.0, 1.0]);
    let normal = material.textures.normal.unwrap();
    assert_eq!((normal.srgb, normal.transform[0], normal.transform[4]), (false, 2.0, 2.0));
    assert_eq!((normal.wrap_u, normal.wrap_v, normal.filter), (crate::Wrap::Clamp, crate::Wrap::Mirror, crate::Filter::Nearest));
    assert_eq!(imported.warnings, [], "two sets of texture coordinates are one for each");
    assert_eq!(imported.scene.vertices[0].tangent[3].abs(), 1.0, "a normal map brings tangents");
}

#[test]
fn cameras_are_chosen_by_name_number_look_or_placed() {
    let mut draft = Draft::new();
    let with = |draft: &Draft, camera: CameraChoice| draft.import_with(&ImportOptions { camera, ..ImportOptions::default() });
    assert_eq!(with(&draft, CameraChoice::Name("eye".to_owned())).unwrap().scene.camera.from, [0.0, 0.0, 5.0]);
    assert_eq!(with(&draft, CameraChoice::Index(0)).unwrap().scene.camera.from, [0.0, 0.0, 5.0]);
    let unknown = FaultKind::CameraUnknown { wanted: "nose".to_owned(), available: vec!["eye".to_owned()] };
    assert_eq!(first(with(&draft, CameraChoice::Name("nose".to_owned()))), unknown);
    assert!(matches!(first(with(&draft, CameraChoice::Index(1))), FaultKind::CameraUnknown { .. }));
    let down = with(&draft, CameraChoice::Look { from: [0.0, 9.0, 0.0], at: [0.0; 3], fov_y_deg: 90.0 }).unwrap().scene;
    assert!(near(down.camera.forward, [0.0, -1.0, 0.0]) && (tan_half_fov_y(&down.camera) - 1.0).abs() < 1.0e-6);
    for (at, fov_y_deg) in [([0.0, 9.0, 0.0], 40.0), ([0.0; 3], 0.0), ([0.0; 3], 180.0), ([f32::NAN; 3], 40.0)] {
        assert_eq!(first(with(&draft, CameraChoice::Look { from: [0.0, 9.0, 0.0], at, fov_y_deg })), FaultKind::CameraDegenerate);
    }
    draft.set("/cameras/0", json!({"type": "orthographic", "orthographic": {"xmag": 3.0, "ymag": -2.0, "zfar": 9.0, "znear": 0.1}}));
    let orthographic = draft.import().unwrap();
    assert_eq!((orthographic.scene.camera.projection, orthographic.warnings), (Projection::Orthographic { half_height_m: 2.0 }, vec![]));
    for (pointer, value) in [("/cameras/0/orthographic/ymag", json!(0.0)), ("/nodes/1/translation", json!([0.0, 0.0, 2.0e7]))] {
        let mut broken = Draft { json: draft.json.clone(), bin: draft.bin.clone() };
        broken.set(pointer, value);
        assert_eq!(first(broken.import()), FaultKind::CameraDegenerate, "{pointer}");
    }
    draft.set("/scenes/0/nodes", json!([0]));
    let placed = draft.import().unwrap();
    assert!(warned(&placed, |what| *what == FaultKind::CameraPlaced) && warned(&placed, |what| *what == FaultKind::SkyAdded));
    let (eye, scene) = (placed.scene.camera, &placed.scene);
    for vertex in &scene.vertices {
        let to = glam::Vec3::from_array(vertex.position) - glam::Vec3::from_array(eye.from);
        let depth = to.dot(eye.forward.into());
        assert!(depth > 0.0 && to.dot(eye.up.into()).abs() < depth * tan_half_fov_y(&eye), "every corner is in the picture");
    }
}

#[test]
fn environments_are_read_from_exr_and_hdr() {
    let dir = tempfile::tempdir().unwrap();
    let pixels: Vec<[f32; 3]> = (0..8).map(|i| [i as f32, 0.5, 0.25]).collect();
    let exr = dir.path().join("sky.exr");
    let colors = SpecificChannels::rgb(|at: Vec2<usize>| <(f32, f32, f32)>::from(pixels[at.y() * 4 + at.x()]));
    Image::from_channels((4, 2), colors).write().to_file(&exr).unwrap();
    let hdr = dir.path().join("sky.hdr");
    let rgb: Vec<::image::Rgb<f32>> = pixels.iter().map(|pixel| ::image::Rgb(*pixel)).collect();
    ::image::codecs::hdr::HdrEncoder::new(std::fs::File::create(&hdr).unwrap()).encode(&rgb, 4, 2).unwrap();
    let with = |path: &PathBuf, env_strength: f32| {
        let options = ImportOptions { environment: Some(path.clone()), env_strength, ..ImportOptions::default() };
        Draft::new().import_with(&options)
    };
    let doubled = pixels.iter().map(|pixel| pixel.map(|channel| channel * 2.0)).collect::<Vec<_>>();
    assert_eq!(with(&exr, 2.0).unwrap().scene.environment.unwrap().pixels, doubled);
    let read = with(&hdr, 1.0).unwrap().scene.environment.unwrap();
    assert!((read.width_px, read.height_px) == (4, 2) && (read.pixels[5][0] - 5.0).abs() < 0.1);
    assert_eq!(first(with(&exr, -1.0)), FaultKind::EnvironmentStrength);
    assert_eq!(first(with(&exr, f32::NAN)), FaultKind::EnvironmentStrength);
    assert_eq!(first(with(&dir.path().join("gone.exr"), 1.0)), FaultKind::Unreadable { error: std::io::ErrorKind::NotFound });
    std::fs::write(&hdr, b"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 2000000 +X 2000000\n").unwrap();
    assert!(matches!(first(with(&hdr, 1.0)), FaultKind::EnvironmentTooLarge { .. }));
}

/// The public test scenes live beside the repository and are no part of it.
fn public(name: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/scenes").join(name);
    if !path.exists() {
        println!("not checked: {} is not at hand", path.display());
    }
    path.exists().then_some(path)
}

#[test]
fn public_scenes_have_the_triangles_their_readme_tells() {
    for (name, triangles, images) in [
        ("cornell/CornellBox.glb", 36, 0),
        ("helmet/FlightHelmet.gltf", 94_722, 15),
        ("chair/MixedLightingExample.gltf", 40_898, 7),
        ("bunny/bunny.gltf", 58_754, 0),
    ] {
        let Some(path) = public(name) else { continue };
        let imported = import(&path, &ImportOptions::default()).unwrap();
        let scene = &imported.scene;
        assert_eq!(scene.triangles.len(), triangles, "{name}");
        println!("{name}: {} images, {} materials, warnings {:?}", scene.images.len(), scene.materials.len(), imported.warnings);
        assert!(scene.images.len() <= images);
        let packed = scene.pack();
        assert_eq!(Scene::unpack(&packed, packed.len()).as_ref(), Ok(scene), "{name}");
    }
    let Some(env) = public("env/studio_small_03_1k.hdr") else { return };
    let options = ImportOptions { environment: Some(env), ..ImportOptions::default() };
    let sky = Draft::new().import_with(&options).unwrap().scene.environment.unwrap();
    assert_eq!((sky.width_px, sky.height_px), (1024, 512));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn flipped_or_cut_files_never_panic(flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6), keep in 0.5f64..1.2) {
        let mut bytes = Draft::new().glb();
        for (at, value) in flips {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        bytes.truncate((bytes.len() as f64 * keep) as usize);
        let _ = import_bytes("mutant.glb", &bytes, &ImportOptions { frame: Some(3), ..ImportOptions::default() });
    }

    #[test]
    fn changed_numbers_in_the_json_never_panic(which in any::<prop::sample::Index>(), value in prop_oneof![Just("0"), Just("1"), Just("-1"), Just("7"), Just("4294967295"), Just("18446744073709551615"), Just("1e39"), Just("null"), Just("[]")]) {
        let draft = Draft::new();
        let text = draft.json.to_string();
        let numbers: Vec<(usize, &str)> = text.match_indices(|c: char| c.is_ascii_digit()).collect();
        let (at, _) = numbers[which.index(numbers.len())];
        let mutant = format!("{}{value}{}", &text[..at], &text[at + 1..]);
        let Ok(json) = serde_json::from_str(&mutant) else { return Ok(()) };
        let _ = Draft { json, bin: draft.bin }.import();
    }
}
