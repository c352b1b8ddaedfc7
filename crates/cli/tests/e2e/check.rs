//! `raylance check`: the doctor's answers as text, JSON and exit codes.

use crate::{arg, last_json, raylance, scenes, stderr};
use serde_json::{Value, json};
use std::path::Path;

/// Scenes that are broken in one way each; `cargo xtask bless` makes them.
fn broken() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../render-core/picture/tests/broken")
}

fn codes(scene: &Value) -> Vec<&str> {
    let mut codes: Vec<&str> = scene["faults"].as_array().unwrap().iter().map(|fault| fault["code"].as_str().unwrap()).collect();
    codes.sort_unstable();
    codes.dedup();
    codes
}

#[test]
fn a_good_scene_has_nothing_to_mend() {
    let dir = tempfile::tempdir().unwrap();
    let scene = scenes::write(dir.path(), "tiny.glb", &scenes::tiny());
    let output = raylance(&["check", arg(&scene)], "--json");
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let told = last_json(&output);
    assert_eq!(
        (&told["ok"], &told["errors"], &told["warnings"], &told["faults"]),
        (&json!(true), &json!(0), &json!(0), &json!([])),
        "{told}"
    );
    assert_eq!((&told["triangles"], &told["instances"], &told["images"]), (&json!(7), &json!(1), &json!(1)), "{told}");
    assert!(told["vram_bytes_estimate"].as_u64().unwrap() > 0 && told["path_tests"].as_u64().unwrap() > 0, "{told}");
    let text = String::from_utf8(raylance(&["check", arg(&scene)], "").stdout).unwrap();
    assert!(text.contains("tiny.glb: nothing to complain about") && text.contains("7 triangles"), "{text}");
}

#[test]
fn a_warning_leaves_success_and_an_error_does_not() {
    let output = raylance(&["check", arg(&broken().join("light-none.gltf"))], "");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(text.contains("warning[sky-added]") && text.contains("where: ") && text.contains("mend:  "), "{text}");
    let output = raylance(&["check", arg(&broken().join("texture-missing.gltf"))], "--json");
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).starts_with("error: ") && stderr(&output).contains("texture-missing.gltf: 1 error"), "{}", stderr(&output));
    let told = last_json(&output);
    assert_eq!((&told["ok"], &told["errors"], &told["triangles"]), (&json!(false), &json!(1), &Value::Null), "{told}");
    let fault = &told["faults"][0];
    assert_eq!((&fault["severity"], &fault["code"]), (&json!("error"), &json!("file-missing")));
    assert_eq!(fault["what"], "the file \"wood.png\" is missing");
    assert_eq!(fault["place"], "image 0 \"wood.png\", base colour texture of material 0 \"paint\"");
    assert!(fault["remedy"].as_str().unwrap().contains("put the file back"), "{fault}");
}

#[test]
fn a_folder_of_broken_scenes_is_one_object() {
    let table: std::collections::BTreeMap<String, Vec<String>> =
        serde_json::from_str(&std::fs::read_to_string(broken().join("expected.json")).unwrap()).unwrap();
    let output = raylance(&["check", arg(&broken())], "--json");
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
    let told = last_json(&output);
    let scenes = told["scenes"].as_array().unwrap();
    assert_eq!((scenes.len(), &told["ok"]), (table.len(), &json!(false)));
    for scene in scenes {
        let name = Path::new(scene["scene"].as_str().unwrap()).file_name().unwrap().to_str().unwrap();
        assert_eq!(codes(scene), table[name], "{name}: {scene}");
    }
    let sum = |key: &str| scenes.iter().map(|scene| scene[key].as_u64().unwrap()).sum::<u64>();
    assert_eq!((told["errors"].as_u64(), told["warnings"].as_u64()), (Some(sum("errors")), Some(sum("warnings"))));
}
