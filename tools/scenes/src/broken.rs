//! Broken scene files, and what the scene doctor must say of each: `render-core/picture/tests/broken`.
//!
//! Each is a small good scene with one thing wrong. They are made here and not by hand, so that everyone sees what is wrong with them.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::PathBuf;

use base64::Engine;
use serde_json::{Map, Value, json};

/// Where the files lie.
pub const FOLDER: &str = "render-core/picture/tests/broken";

/// One broken file.
struct Case {
    /// Its name.
    file: &'static str,
    /// Codes of all its faults.
    codes: &'static [&'static str],
    /// Its bytes.
    bytes: Vec<u8>,
}

/// The files and `expected.json`, by their path below the repository's root.
pub fn files() -> BTreeMap<PathBuf, Vec<u8>> {
    let mut expected = Map::new();
    let mut files = BTreeMap::new();
    for Case { file, codes, bytes } in containers().into_iter().chain(documents()) {
        expected.insert(file.to_owned(), json!(codes));
        files.insert(PathBuf::from(FOLDER).join(file), bytes);
    }
    let mut table = String::from("{\n");
    let rows: Vec<String> = sorted(&expected).into_iter().map(|(file, codes)| format!("  {}: {}", json!(file), text(codes))).collect();
    let _ = writeln!(table, "{}\n}}", rows.join(",\n"));
    files.insert(PathBuf::from(FOLDER).join("expected.json"), table.into_bytes());
    files
}

/// Files whose outermost layer is broken.
fn containers() -> Vec<Case> {
    let glb = glb(&text(&Draft::new().json));
    let cut = glb[..glb.len() - 7].to_vec();
    vec![
        Case { file: "empty.glb", codes: &["not-gltf"], bytes: Vec::new() },
        Case { file: "picture.gltf", codes: &["not-gltf"], bytes: png(1, 1, &[255; 4]) },
        Case { file: "glb-cut-off.glb", codes: &["glb-truncated"], bytes: cut },
        Case {
            file: "glb-of-version-1.glb",
            codes: &["glb-version"],
            bytes: [b"glTF".as_slice(), &[1, 0, 0, 0, 16, 0, 0, 0, 0, 0, 0, 0]].concat(),
        },
        Case {
            file: "glb-without-json.glb",
            codes: &["glb-without-json"],
            bytes: [b"glTF".as_slice(), &[2, 0, 0, 0, 12, 0, 0, 0]].concat(),
        },
        Case { file: "json-cut-off.gltf", codes: &["json-invalid"], bytes: b"{\"asset\": {\"version\": \"2.0\"}, \"scenes\": [".to_vec() },
        Case {
            file: "json-of-wrong-type.gltf",
            codes: &["json-invalid"],
            bytes: b"{\"asset\": {\"version\": \"2.0\"}, \"nodes\": 7}".to_vec(),
        },
    ]
}

/// A change that breaks a good scene.
type Change = fn(&mut Draft);

/// Files whose content is broken.
fn documents() -> Vec<Case> {
    let cases: &[(&str, &[&str], Change)] = &[
        ("buffer-missing.gltf", &["file-missing"], |d| d.set("/buffers/0/uri", json!("gone.bin"))),
        ("buffer-outside.gltf", &["uri-outside"], |d| d.set("/buffers/0/uri", json!("../../../secret.bin"))),
        ("buffer-remote.gltf", &["uri-remote"], |d| d.set("/buffers/0/uri", json!("https://example.org/a.bin"))),
        ("buffer-short.gltf", &["buffer-short"], |d| d.set("/buffers/0/byteLength", json!(1_000_000))),
        ("buffer-garbled.gltf", &["data-uri"], |d| d.set("/buffers/0/uri", json!("data:application/octet-stream;base64,?!"))),
        ("accessor-past-its-bytes.gltf", &["accessor-out-of-bounds"], |d| d.set("/accessors/0/count", json!(400))),
        ("accessor-of-a-billion.gltf", &["accessor-too-long"], |d| d.set("/accessors/0/count", json!(1_000_000_000))),
        ("accessor-of-wrong-type.gltf", &["accessor-type"], |d| d.set("/accessors/0/type", json!("VEC2"))),
        ("accessor-dangling.gltf", &["rule"], |d| d.set("/meshes/0/primitives/0/indices", json!(9))),
        ("mesh-dangling.gltf", &["rule"], |d| d.set("/nodes/0/mesh", json!(9))),
        ("index-out-of-range.gltf", &["index-out-of-range"], |d| d.bytes[48] = 77),
        ("attributes-differ-in-number.gltf", &["count-mismatch"], |d| d.set("/accessors/2/count", json!(2))),
        ("position-nan.gltf", &["not-finite"], |d| d.bytes[..4].copy_from_slice(&f32::NAN.to_le_bytes())),
        ("position-beyond-measure.gltf", &["too-far"], |d| d.bytes[..4].copy_from_slice(&1.0e30f32.to_le_bytes())),
        ("nodes-in-a-ring.gltf", &["node-shared"], |d| d.set("/nodes/0/children", json!([0]))),
        ("scale-infinite.gltf", &["transform-not-finite"], |d| d.set("/nodes/0/scale", json!([1e300, 1, 1]))),
        ("triangles-none.gltf", &["no-triangles"], |d| d.set("/scenes/0/nodes", json!([1, 2]))),
        ("extension-required.gltf", &["extension-required"], |d| {
            d.set("/extensionsRequired", json!(["EXT_future_geometry"]));
        }),
        ("extension-used.gltf", &["extension-ignored"], |d| d.set("/extensionsUsed/1", json!("EXT_future_geometry"))),
        ("extension-malformed.gltf", &["extension-malformed"], |d| {
            d.set("/materials/0/extensions", json!({"KHR_materials_sheen": {"sheenColorFactor": "blue"}}));
        }),
        ("emission-infinite.gltf", &["material-not-finite"], |d| d.set("/materials/0/emissiveFactor", json!([1e300, 0, 0]))),
        ("texture-missing.gltf", &["file-missing"], |d| d.picture(json!({"uri": "wood.png"}))),
        ("texture-cut-off.gltf", &["image-undecodable"], |d| d.picture(data_uri("image/png", &png(2, 2, &[9; 16])[..60]))),
        ("texture-of-no-size.gltf", &["image-undecodable"], |d| d.picture(data_uri("image/png", &png(0, 0, &[])))),
        ("texture-giant.gltf", &["image-too-large"], |d| d.picture(data_uri("image/png", &png(40_000, 40_000, &[])))),
        ("texture-of-unknown-format.gltf", &["image-undecodable"], |d| d.picture(data_uri("image/tiff", b"II*\0\x08\0\0\0"))),
        ("texture-dangling.gltf", &["texture-dangling"], |d| {
            let sheen = json!({"sheenColorFactor": [1, 1, 1], "sheenColorTexture": {"index": 5}});
            d.set("/materials/0/extensions", json!({"KHR_materials_sheen": sheen}));
        }),
        ("texture-without-image.gltf", &["texture-without-image"], |d| {
            d.picture(json!({"uri": "wood.dds"}));
            d.set("/textures/0", json!({"extensions": {"MSFT_texture_dds": {"source": 0}}}));
        }),
        ("mesh-compressed-wrongly.gltf", &["draco-undecodable"], |d| {
            d.set("/extensionsRequired", json!(["KHR_draco_mesh_compression"]));
            d.set(
                "/meshes/0/primitives/0/extensions",
                json!({"KHR_draco_mesh_compression": {"bufferView": 0, "attributes": {"POSITION": 0}}}),
            );
        }),
        ("view-compressed-wrongly.gltf", &["meshopt-undecodable"], |d| {
            let packed = json!({"buffer": 0, "byteOffset": 0, "byteLength": 48, "byteStride": 12, "count": 4, "mode": "ATTRIBUTES"});
            d.set("/extensionsRequired", json!(["EXT_meshopt_compression"]));
            d.set("/bufferViews/0/extensions", json!({"EXT_meshopt_compression": packed}));
        }),
        ("camera-none.gltf", &["camera-placed"], |d| d.set("/scenes/0/nodes", json!([0, 2]))),
        ("camera-sees-nothing.gltf", &["camera-sees-nothing", "probe-black"], |d| d.set("/nodes/1/rotation", json!([0, 1, 0, 0]))),
        ("camera-covered.gltf", &["camera-covered"], |d| d.set("/nodes/1/translation", json!([0, 0, 0.005]))),
        ("camera-inside.gltf", &["camera-inside", "probe-black"], |d| {
            d.set("/meshes/0/primitives/0", json!({"attributes": {"POSITION": 3}, "indices": 4, "material": 0}));
            d.set("/nodes/1/translation", json!([0.1, 0.2, 0.3]));
        }),
        ("light-none.gltf", &["sky-added"], |d| d.set("/scenes/0/nodes", json!([0, 1]))),
        ("light-too-weak.gltf", &["probe-black"], |d| d.set("/extensions/KHR_lights_punctual/lights/0/intensity", json!(1e-9))),
        ("light-too-strong.gltf", &["probe-blown-out"], |d| d.set("/extensions/KHR_lights_punctual/lights/0/intensity", json!(1e6))),
        ("triangles-without-area.gltf", &["triangles-degenerate"], |d| d.bytes[58] = 2),
        ("triangles-in-one-place.gltf", &["probe-too-costly"], |d| {
            let square = d.json["meshes"][0]["primitives"][0].take();
            d.set("/meshes/0/primitives", json!(vec![square; 32]));
            // Without bytes: all of them are at the origin.
            d.set("/accessors/3", json!({"componentType": 5126, "count": 131_072, "type": "VEC3"}));
            d.set("/extensionsUsed/1", json!("EXT_mesh_gpu_instancing"));
            d.set("/nodes/0/extensions", json!({"EXT_mesh_gpu_instancing": {"attributes": {"TRANSLATION": 3}}}));
        }),
        ("scene-tiny.gltf", &["tiny"], |d| {
            d.set("/nodes/0/scale", json!([1e-5, 1e-5, 1e-5]));
            d.set("/nodes/1/translation", json!([0, 0, 5e-5]));
        }),
        ("scene-far-out.gltf", &["far-out"], |d| {
            d.set("/nodes/0/translation", json!([1_000_000, 0, 0]));
            d.set("/nodes/1/translation", json!([1_000_000, 0, 5]));
        }),
    ];
    let make = |(file, codes, change): &(&'static str, &'static [&'static str], Change)| {
        let mut draft = Draft::new();
        change(&mut draft);
        Case { file, codes, bytes: draft.gltf() }
    };
    cases.iter().map(make).collect()
}

/// A scene under construction.
struct Draft {
    json: Value,
    bytes: Vec<u8>,
}

impl Draft {
    /// A square that fills the view of a camera, lit by a sun from the camera's side; a cube around the origin lies ready.
    fn new() -> Self {
        let square = [[-4, -4, 0], [4, -4, 0], [4, 4, 0], [-4, 4, 0]];
        let cube: Vec<[i32; 3]> = (0..8).map(|i| [i & 1, i >> 1 & 1, i >> 2].map(|bit| bit * 2 - 1)).collect();
        // Each face's corners against the clock as seen from outside.
        let faces = [[0, 4, 6, 2], [1, 3, 7, 5], [0, 1, 5, 4], [2, 6, 7, 3], [0, 2, 3, 1], [4, 5, 7, 6]];
        let floats = |corners: &[[i32; 3]]| -> Vec<u8> { corners.iter().flatten().flat_map(|c| (*c as f32).to_le_bytes()).collect() };
        let shorts = |indices: &[u16]| -> Vec<u8> { indices.iter().flat_map(|index| index.to_le_bytes()).collect() };
        let triangles: Vec<u16> = faces.iter().flat_map(|[a, b, c, d]| [*a, *b, *c, *a, *c, *d]).collect();
        let parts = [
            floats(&square),
            shorts(&[0, 1, 2, 0, 2, 3]),
            [0.0f32, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0].iter().flat_map(|c| c.to_le_bytes()).collect(),
            floats(&cube),
            shorts(&triangles),
        ];
        let mut bytes = Vec::new();
        let mut views = Vec::new();
        for part in &parts {
            views.push(json!({"buffer": 0, "byteOffset": bytes.len(), "byteLength": part.len()}));
            bytes.extend(part);
        }
        let json = json!({
            "asset": {"version": "2.0", "generator": "cargo xtask broken"},
            "scene": 0,
            "scenes": [{"nodes": [0, 1, 2]}],
            "nodes": [
                {"name": "thing", "mesh": 0},
                {"name": "eye", "camera": 0, "translation": [0, 0, 5]},
                {"name": "sun", "extensions": {"KHR_lights_punctual": {"light": 0}}}
            ],
            "cameras": [{"type": "perspective", "perspective": {"yfov": 0.8, "znear": 0.1}}],
            "extensionsUsed": ["KHR_lights_punctual", "KHR_materials_sheen"],
            "extensions": {"KHR_lights_punctual": {"lights": [{"type": "directional", "intensity": 2}]}},
            "meshes": [{"name": "mesh", "primitives": [{"attributes": {"POSITION": 0, "TEXCOORD_0": 2}, "indices": 1, "material": 0}]}],
            "materials": [{"name": "paint", "pbrMetallicRoughness": {"metallicFactor": 0}}],
            "accessors": [
                {"bufferView": 0, "componentType": 5126, "count": 4, "type": "VEC3", "min": [-4, -4, 0], "max": [4, 4, 0]},
                {"bufferView": 1, "componentType": 5123, "count": 6, "type": "SCALAR"},
                {"bufferView": 2, "componentType": 5126, "count": 4, "type": "VEC2"},
                {"bufferView": 3, "componentType": 5126, "count": 8, "type": "VEC3", "min": [-1, -1, -1], "max": [1, 1, 1]},
                {"bufferView": 4, "componentType": 5123, "count": 36, "type": "SCALAR"}
            ],
            "bufferViews": views,
            "buffers": [{"byteLength": bytes.len()}]
        });
        Self { json, bytes }
    }

    fn set(&mut self, pointer: &str, value: Value) {
        let (parent, key) = pointer.rsplit_once('/').expect("a pointer has a slash");
        match (self.json.pointer_mut(parent).expect("the draft has it"), key.parse::<usize>()) {
            (Value::Array(list), Ok(index)) => list[index] = value,
            (object, _) => object[key] = value,
        }
    }

    /// Gives the material this picture as its base colour.
    fn picture(&mut self, image: Value) {
        self.set("/images", json!([image]));
        self.set("/textures", json!([{"source": 0}]));
        self.set("/materials/0/pbrMetallicRoughness/baseColorTexture", json!({"index": 0}));
    }

    fn gltf(mut self) -> Vec<u8> {
        if self.json["buffers"][0]["uri"].is_null() {
            self.json["buffers"][0]["uri"] = data_uri("application/octet-stream", &self.bytes)["uri"].take();
        }
        text(&self.json).into_bytes()
    }
}

fn data_uri(kind: &str, bytes: &[u8]) -> Value {
    json!({"uri": format!("data:{kind};base64,{}", base64::engine::general_purpose::STANDARD.encode(bytes))})
}

/// JSON with its keys in order, whatever features other crates switch on in `serde_json`.
fn text(value: &Value) -> String {
    match value {
        Value::Object(map) => {
            let fields: Vec<String> = sorted(map).into_iter().map(|(key, value)| format!("{}:{}", json!(key), text(value))).collect();
            format!("{{{}}}", fields.join(","))
        }
        Value::Array(list) => format!("[{}]", list.iter().map(text).collect::<Vec<_>>().join(",")),
        plain => plain.to_string(),
    }
}

fn sorted(map: &Map<String, Value>) -> BTreeMap<&String, &Value> {
    map.iter().collect()
}

fn glb(json: &str) -> Vec<u8> {
    let mut json = json.as_bytes().to_vec();
    json.resize(json.len().next_multiple_of(4), b' ');
    let word = |value: usize| (value as u32).to_le_bytes();
    [b"glTF".as_slice(), &word(2), &word(20 + json.len()), &word(json.len()), b"JSON", &json].concat()
}

/// An RGBA picture, stored without compression; `texels` may be fewer than the header says.
fn png(width: u32, height: u32, texels: &[u8]) -> Vec<u8> {
    let row = (width as usize * 4).max(1);
    let rows: Vec<u8> = texels.chunks(row).flat_map(|row| [&[0], row].concat()).collect();
    let length = rows.len() as u16;
    let stored = [&[0x78, 0x01, 0x01], &length.to_le_bytes()[..], &(!length).to_le_bytes(), &rows, &adler32(&rows).to_be_bytes()].concat();
    let header = [&width.to_be_bytes()[..], &height.to_be_bytes(), &[8, 6, 0, 0, 0]].concat();
    let chunk = |kind: &[u8], body: &[u8]| {
        let named = [kind, body].concat();
        [&(body.len() as u32).to_be_bytes()[..], &named, &crc32(&named).to_be_bytes()].concat()
    };
    [b"\x89PNG\r\n\x1a\n".as_slice(), &chunk(b"IHDR", &header), &chunk(b"IDAT", &stored), &chunk(b"IEND", &[])].concat()
}

fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32, _| if crc & 1 == 1 { (crc >> 1) ^ 0xEDB8_8320 } else { crc >> 1 };
    !bytes.iter().fold(u32::MAX, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), step))
}

fn adler32(bytes: &[u8]) -> u32 {
    let (a, b) = bytes.iter().fold((1, 0), |(a, b), byte| {
        let a = (a + u32::from(*byte)) % 65_521;
        (a, (b + a) % 65_521)
    });
    b << 16 | a
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_small_and_expected() {
        let files = files();
        assert!(files.len() > 40);
        for (path, bytes) in files {
            assert!(bytes.len() < 4096, "{} has {} bytes", path.display(), bytes.len());
        }
    }

    #[test]
    fn checksums_are_those_of_the_standards() {
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
        assert_eq!(adler32(b"Wikipedia"), 0x11E6_0398);
    }
}
