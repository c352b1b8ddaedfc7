//! Wrong files: exit code 2, and a clear line first.

use crate::{arg, raylance, scenes, stderr, turn};
use serde_json::json;

/// Renders `bytes` as a scene of this name and returns stderr; the exit code must be 2 and no picture may be written.
fn refused(name: &str, bytes: &[u8]) -> String {
    let dir = tempfile::tempdir().unwrap();
    let scene = scenes::write(dir.path(), name, bytes);
    let out = dir.path().join("out.exr");
    let output = raylance(&["render", arg(&scene), "-o", arg(&out)], "--width 8 --height 8 --spp 1 --device cpu");
    let text = stderr(&output);
    assert_eq!(output.status.code(), Some(2), "{name}: {text}");
    assert!(!out.exists(), "{name}");
    let first = text.lines().next().unwrap_or_default();
    assert!(first.starts_with("error: "), "{name}: {first}");
    let reason = first.split_once(&format!("{name}: ")).unwrap_or_else(|| panic!("no file and reason: {first}")).1;
    assert!(reason.split_whitespace().count() >= 2, "{name}: {first}");
    assert!(!text.contains("panicked"), "{name}: {text}");
    text
}

#[test]
fn a_scene_cut_off_anywhere_is_refused() {
    let whole = scenes::tiny();
    for len in [0, 3, 11, 12, 19, 40, whole.len() / 2, whole.len() - 1] {
        refused("cut.glb", &whole[..len]);
    }
}

#[test]
fn a_picture_named_as_a_scene_is_called_a_picture() {
    let text = refused("picture.glb", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x02\0\0\0");
    assert!(text.lines().next().unwrap().contains("PNG"), "{text}");
}

#[test]
fn a_missing_buffer_is_named() {
    let root = json!({
        "asset": { "version": "2.0" }, "scene": 0, "scenes": [{ "nodes": [0] }], "nodes": [{ "mesh": 0 }],
        "meshes": [{ "primitives": [{ "attributes": { "POSITION": 0 } }] }],
        "accessors": [{ "bufferView": 0, "componentType": 5126, "count": 3, "type": "VEC3", "min": [0, 0, 0], "max": [1, 1, 0] }],
        "bufferViews": [{ "buffer": 0, "byteLength": 36 }],
        "buffers": [{ "byteLength": 36, "uri": "absent.bin" }],
    });
    let text = refused("buffer.gltf", root.to_string().as_bytes());
    assert!(text.contains("absent.bin"), "{text}");
}

#[test]
fn vertices_that_are_no_numbers_are_refused() {
    refused("nan.glb", &scenes::glb(&[(&[[0.0, 0.0, 0.0], [1.0, f32::NAN, 0.0], [0.0, 1.0, 0.0]], 0)], |_| {}));
    refused("infinite.glb", &scenes::glb(&[(&[[0.0, 0.0, 0.0], [f32::INFINITY, 0.0, 0.0], [0.0, 1.0, 0.0]], 0)], |_| {}));
}

#[test]
fn a_header_that_claims_a_billion_vertices_is_refused_without_their_memory() {
    let scene = scenes::glb(&[(&[[0.0, 0.0, 0.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]], 0)], |root| {
        root["accessors"][0]["count"] = json!(1_000_000_000);
    });
    refused("billion.glb", &scene);

    // Their positions alone would fill 12 GB: a process that may have 4 GB comes to the same end.
    #[cfg(unix)]
    {
        let dir = tempfile::tempdir().unwrap();
        let scene = scenes::write(dir.path(), "billion.glb", &scene);
        let limited = "ulimit -v 4000000; exec \"$0\" \"$@\"";
        let mut command = std::process::Command::new("sh");
        command.args([
            "-c",
            limited,
            env!("CARGO_BIN_EXE_raylance"),
            "render",
            arg(&scene),
            "--device",
            "cpu",
            "-o",
            arg(&dir.path().join("out.exr")),
        ]);
        let output = command.output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
    }
}

#[test]
fn a_scene_that_is_not_there_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("out.exr");
    let output = raylance(&["render", "no-such-scene.glb", "-o", arg(&out)], "");
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).lines().next().unwrap().contains("no-such-scene.glb"), "{}", stderr(&output));
    assert!(!out.exists());
}

#[test]
fn a_demo_of_a_broken_scene_is_refused_and_leaves_no_picture() {
    let _turn = turn();
    let dir = tempfile::tempdir().unwrap();
    let scene = scenes::write(dir.path(), "cut.glb", &scenes::tiny()[..100]);
    let out = dir.path().join("out");
    let output = raylance(&["demo", "--scene", arg(&scene), "--out", arg(&out)], "--device cpu --json");
    let text = stderr(&output);
    assert_eq!(output.status.code(), Some(2), "{text}");
    assert!(text.lines().any(|line| line.starts_with("error: ") && line.contains("cut.glb")), "{text}");
    assert!(!out.join("image.exr").exists() && !out.join("receipt.json").exists());
}
