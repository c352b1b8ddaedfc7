//! Tiny scenes made here, whole and broken.

use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// Two by two pixels: red and blue above yellow and green.
const CHECKS_PNG: &str = "data:image/png;base64,\
    iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAFklEQVR42mM4YaOhUXGC4dkdG5stAQAn0gXTr2yTkgAAAABJRU5ErkJggg==";

/// A floor, a leaning triangle, a lamp, and a wall with a picture on it. No part of the picture is black: where nothing shines, a
/// film with samples left out would be a right one.
pub fn tiny() -> Vec<u8> {
    let floor = [[-6.0, 0.0, -2.0], [-6.0, 0.0, 5.0], [6.0, 0.0, 5.0], [-6.0, 0.0, -2.0], [6.0, 0.0, 5.0], [6.0, 0.0, -2.0]];
    let sail = [[-0.8, 0.0, 0.3], [0.9, 0.0, -0.2], [0.1, 1.4, -0.5]];
    let lamp = [[-0.6, 2.2, -0.6], [0.6, 2.2, -0.6], [0.6, 2.2, 0.6], [-0.6, 2.2, -0.6], [0.6, 2.2, 0.6], [-0.6, 2.2, 0.6]];
    let wall = [[-6.0, 0.0, -2.0], [6.0, 0.0, -2.0], [6.0, 6.0, -2.0], [-6.0, 0.0, -2.0], [6.0, 6.0, -2.0], [-6.0, 6.0, -2.0]];
    glb(&[(&floor, 0), (&sail, 1), (&lamp, 2), (&wall, 3)], |root| {
        // The wall's x and y are its texture coordinates, too: the same bytes, read with gaps.
        root["bufferViews"][3]["byteStride"] = json!(12);
        push(&mut root["accessors"], json!({ "bufferView": 3, "componentType": 5126, "count": wall.len(), "type": "VEC2" }));
        root["meshes"][0]["primitives"][3]["attributes"]["TEXCOORD_0"] = json!(4);
        root["images"] = json!([{ "uri": CHECKS_PNG }]);
        root["textures"] = json!([{ "source": 0 }]);
        push(&mut root["materials"], json!({ "pbrMetallicRoughness": { "baseColorTexture": { "index": 0 }, "metallicFactor": 0.0 } }));
    })
}

fn push(list: &mut Value, element: Value) {
    list.as_array_mut().expect("a list").push(element);
}

/// A scene of triangle soups with their materials; `change` may break its JSON.
pub fn glb(parts: &[(&[[f32; 3]], usize)], change: impl FnOnce(&mut Value)) -> Vec<u8> {
    let (mut bin, mut accessors, mut views, mut primitives) = (Vec::<u8>::new(), Vec::new(), Vec::new(), Vec::new());
    for (positions, material) in parts {
        let offset = bin.len();
        positions.iter().flatten().for_each(|coordinate| bin.extend(coordinate.to_le_bytes()));
        let bound = |pick: fn(f32, f32) -> f32| -> Vec<f32> {
            (0..3).map(|axis| positions.iter().map(|p| p[axis]).reduce(pick).expect("there are positions")).collect()
        };
        primitives.push(json!({ "attributes": { "POSITION": accessors.len() }, "material": material }));
        accessors.push(json!({ "bufferView": views.len(), "componentType": 5126, "count": positions.len(), "type": "VEC3",
            "min": bound(f32::min), "max": bound(f32::max) }));
        views.push(json!({ "buffer": 0, "byteOffset": offset, "byteLength": bin.len() - offset }));
    }
    let mut root = json!({
        "asset": { "version": "2.0" },
        "scene": 0,
        "scenes": [{ "nodes": [0, 1] }],
        "nodes": [{ "mesh": 0 }, { "camera": 0, "translation": [0.0, 1.0, 4.5] }],
        "cameras": [{ "type": "perspective", "perspective": { "yfov": 0.7, "znear": 0.1 } }],
        "meshes": [{ "primitives": primitives }],
        "materials": [
            { "pbrMetallicRoughness": { "baseColorFactor": [0.8, 0.8, 0.7, 1.0], "metallicFactor": 0.0 } },
            { "pbrMetallicRoughness": { "baseColorFactor": [0.9, 0.3, 0.2, 1.0], "metallicFactor": 0.6, "roughnessFactor": 0.3 } },
            { "emissiveFactor": [1.0, 0.9, 0.8], "pbrMetallicRoughness": { "metallicFactor": 0.0 } },
        ],
        "accessors": accessors,
        "bufferViews": views,
        "buffers": [{ "byteLength": bin.len() }],
    });
    change(&mut root);
    pack(&root, &bin)
}

/// The container of a binary glTF.
pub fn pack(root: &Value, bin: &[u8]) -> Vec<u8> {
    let mut text = root.to_string().into_bytes();
    text.resize(text.len().next_multiple_of(4), b' ');
    let mut bin = bin.to_vec();
    bin.resize(bin.len().next_multiple_of(4), 0);
    let mut bytes = b"glTF".to_vec();
    bytes.extend(2u32.to_le_bytes());
    bytes.extend((12 + 8 + text.len() as u32 + 8 + bin.len() as u32).to_le_bytes());
    for (kind, chunk) in [(b"JSON", text), (b"BIN\0", bin)] {
        bytes.extend((chunk.len() as u32).to_le_bytes());
        bytes.extend(kind);
        bytes.extend(chunk);
    }
    bytes
}

/// Writes a file into a folder.
pub fn write(dir: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let path = dir.join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}
