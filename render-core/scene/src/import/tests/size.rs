//! Scenes as large as promised, and what they take. Ignored by default: run one at a time, each tells the peak of its whole process.

use std::io::{BufWriter, Write};

use super::*;

/// Most memory that a large scene may take.
const PEAK_MAX_KIB: u64 = 4 << 20;

/// A wavy sheet of `columns · rows` squares, as a file of its own beside the JSON, so that making it takes no memory.
fn sheet(dir: &Path, columns: u32, rows: u32, normals: bool) -> Value {
    let mut file = BufWriter::new(std::fs::File::create(dir.join("sheet.bin")).unwrap());
    let corners = || (0..=rows).flat_map(move |y| (0..=columns).map(move |x| (x as f32 * 0.01, y as f32 * 0.01)));
    let mut write = |values: &[f32]| values.iter().for_each(|value| file.write_all(&value.to_le_bytes()).unwrap());
    corners().for_each(|(x, y)| write(&[x, (x * 3.0).sin() * 0.2, y]));
    corners().for_each(|(x, _)| write(&[-(x * 3.0).cos() * 0.6, 1.0, 0.0]));
    corners().for_each(|(x, y)| write(&[x, y]));
    let row = columns + 1;
    for (y, x) in (0..rows).flat_map(|y| (0..columns).map(move |x| (y, x))) {
        let a = y * row + x;
        for index in [a, a + row, a + 1, a + 1, a + row, a + row + 1] {
            file.write_all(&index.to_le_bytes()).unwrap();
        }
    }
    file.flush().unwrap();
    let (count, indices) = (row * (rows + 1), columns * rows * 6);
    let view = |at: u32, length: u32| json!({"buffer": 0, "byteOffset": at, "byteLength": length});
    let mut attributes = json!({"POSITION": 0, "TEXCOORD_0": 2});
    if normals {
        attributes["NORMAL"] = json!(1);
    }
    json!({
        "asset": {"version": "2.0"},
        "buffers": [{"uri": "sheet.bin", "byteLength": count * 32 + indices * 4}],
        "bufferViews": [view(0, count * 12), view(count * 12, count * 12), view(count * 24, count * 8), view(count * 32, indices * 4)],
        "accessors": [
            {"bufferView": 0, "componentType": 5126, "type": "VEC3", "count": count},
            {"bufferView": 1, "componentType": 5126, "type": "VEC3", "count": count},
            {"bufferView": 2, "componentType": 5126, "type": "VEC2", "count": count},
            {"bufferView": 3, "componentType": 5125, "type": "SCALAR", "count": indices}
        ],
        "materials": [{"extensions": {"KHR_materials_anisotropy": {"anisotropyStrength": 0.5}}}, {}],
        "meshes": [{"primitives": [{"attributes": attributes, "indices": 3, "material": 1}]}],
        "nodes": [{"mesh": 0}]
    })
}

fn take(dir: &Path, json: &Value, triangles: u64) {
    let path = dir.join("scene.gltf");
    std::fs::write(&path, json.to_string()).unwrap();
    let start = std::time::Instant::now();
    let scene = import(&path, &ImportOptions::default()).unwrap().scene;
    let instanced: u64 = scene.instances.iter().map(|instance| u64::from(scene.meshes[instance.mesh as usize].count)).sum();
    assert_eq!(instanced, triangles);
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.parse::<u64>().ok());
    println!("{triangles} triangles: {} vertices, peak {peak:?} KiB, {:.1} s", scene.vertices.len(), start.elapsed().as_secs_f64());
    assert!(peak.is_none_or(|peak| peak < PEAK_MAX_KIB), "{peak:?}");
}

#[test]
#[ignore = "takes gigabytes"]
fn four_million_unique_triangles_fit() {
    let dir = tempfile::tempdir().unwrap();
    take(dir.path(), &sheet(dir.path(), 2_000, 1_000, true), 4_000_000);
}

#[test]
#[ignore = "takes gigabytes"]
fn four_million_flat_triangles_fit() {
    let dir = tempfile::tempdir().unwrap();
    take(dir.path(), &sheet(dir.path(), 2_000, 1_000, false), 4_000_000);
}

#[test]
#[ignore = "takes gigabytes"]
fn two_million_flat_triangles_with_tangents_fit() {
    let dir = tempfile::tempdir().unwrap();
    let mut json = sheet(dir.path(), 1_000, 1_000, false);
    json["meshes"][0]["primitives"][0]["material"] = json!(0);
    take(dir.path(), &json, 2_000_000);
}

#[test]
#[ignore = "takes gigabytes"]
fn ten_million_instanced_beside_four_million_unique_triangles_fit() {
    let dir = tempfile::tempdir().unwrap();
    let mut json = sheet(dir.path(), 2_000, 1_000, true);
    json["meshes"].as_array_mut().unwrap().push(json!({"primitives": [{"attributes": {"POSITION": 0}, "indices": 4}]}));
    // A thousand triangles out of the sheet, ten thousand times.
    json["accessors"].as_array_mut().unwrap().push(json!({"bufferView": 3, "componentType": 5125, "type": "SCALAR", "count": 3_000}));
    for at in 0..10_000 {
        json["nodes"].as_array_mut().unwrap().push(json!({"mesh": 1, "translation": [at, 5.0, 0.0]}));
    }
    take(dir.path(), &json, 14_000_000);
}
