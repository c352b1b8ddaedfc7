//! Files that are valid, or that everybody else opens, and that the parser alone would refuse.

use super::*;

/// What the whole draft draws, and that nothing is said of it but what `matches`.
fn drawn(draft: &Draft, matches: impl Fn(&FaultKind) -> bool) -> Scene {
    let imported = draft.import().unwrap();
    assert!(imported.warnings.iter().all(|fault| matches(&fault.what)), "{:?}", imported.warnings);
    assert_eq!(imported.warnings.len(), 1, "{:?}", imported.warnings);
    assert_eq!(imported.scene.triangles.len(), 1);
    imported.scene
}

#[test]
fn whole_numbers_may_have_a_point() {
    let mut draft = Draft::new();
    draft.set("/scene", json!(0.0));
    draft.set("/accessors/0/count", json!(3.0));
    draft.set("/nodes/0/mesh", json!(0.0));
    let imported = draft.import().unwrap();
    assert_eq!((imported.warnings, imported.scene), (Vec::new(), Draft::new().scene()));
}

#[test]
fn channels_that_move_nothing_are_left_out() {
    let mut draft = Draft::new();
    let times = draft.accessor(&floats(&[0.0, 1.0]), 5126, "SCALAR", 2);
    let moves = draft.accessor(&floats(&[0.0, 0.0, 0.0, 1.0, 0.0, 0.0]), 5126, "VEC3", 2);
    draft.json["animations"] = json!([{
        "samplers": [{"input": times, "output": moves}],
        "channels": [
            {"sampler": 0, "target": {"node": 0, "path": "translation"}},
            {"sampler": 0, "target": {"path": "translation"}},
            {"sampler": 0, "target": {"path": "pointer", "extensions": {"KHR_animation_pointer": {"pointer": "/nodes/0/scale"}}}}
        ]
    }]);
    drawn(&draft, |what| *what == FaultKind::ChannelsLeftOut { lost: 2 });
    // The one that is left moves as it did.
    let imported = draft.import_with(&ImportOptions { frame: Some(24), ..ImportOptions::default() }).unwrap();
    assert!(imported.scene.vertices.iter().any(|vertex| vertex.position == [2.0, 0.0, 0.0]), "{:?}", imported.scene.vertices);
}

#[test]
fn another_scene_may_be_empty() {
    let mut draft = Draft::new();
    draft.push("/scenes", json!({"name": "empty"}));
    assert_eq!(draft.import().unwrap().warnings, Vec::new());
}

#[test]
fn unknown_values_mean_what_comes_nearest() {
    let mut draft = Draft::new();
    draft.set("/samplers", json!([{"magFilter": 9984}]));
    draft.set("/textures/0/sampler", json!(0));
    let scene = drawn(&draft, |what| *what == FaultKind::EnumUnknown { field: "magFilter" });
    assert_eq!(scene.materials[0].textures.base_color.unwrap().filter, crate::Filter::Nearest);
    let changes: [(&str, Value, &'static str); 4] = [
        ("/cameras/0/type", json!("fisheye"), "type"),
        ("/materials/0/alphaMode", json!("DITHER"), "alphaMode"),
        ("/bufferViews/0/target", json!(7), "target"),
        ("/samplers", json!([{"wrapS": 1}]), "wrapS"),
    ];
    for (place, value, field) in changes {
        let mut draft = Draft::new();
        draft.set(place, value);
        let scene = drawn(&draft, |what| *what == FaultKind::EnumUnknown { field });
        assert_eq!(scene, Draft::new().scene(), "{place}");
    }
}

#[test]
fn a_primitive_without_positions_is_left_out() {
    let mut draft = Draft::new();
    draft.push("/meshes/0/primitives", json!({"attributes": {"TEXCOORD_0": 2}}));
    drawn(&draft, |what| *what == FaultKind::PrimitiveWithoutPositions);
}

#[test]
fn a_glb_may_end_in_zeros_and_lie_before_other_bytes() {
    let glb = Draft::new().glb();
    let json_end = 20 + u32::from_le_bytes(glb[12..16].try_into().unwrap()) as usize;
    let mut padded = glb.clone();
    let blanks = padded[..json_end].iter().rev().take_while(|byte| **byte == b' ').count();
    padded.splice(json_end..json_end, [0; 4]);
    padded[json_end - blanks..json_end].fill(0);
    padded[12..16].copy_from_slice(&(json_end as u32 - 20 + 4).to_le_bytes());
    padded[8..12].copy_from_slice(&(glb.len() as u32 + 4).to_le_bytes());
    let imported = import_bytes("scene.glb", &padded, &ImportOptions::default()).unwrap();
    assert_eq!(imported.warnings.iter().map(|fault| fault.what.clone()).collect::<Vec<_>>(), [FaultKind::JsonPadded]);
    // Without a binary chunk what lies behind the end was taken for one.
    let mut draft = Draft::new();
    let bin = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, &draft.bin);
    draft.set("/buffers/0/uri", json!(format!("data:application/octet-stream;base64,{bin}")));
    let whole = draft.glb();
    let json_end = 20 + u32::from_le_bytes(whole[12..16].try_into().unwrap()) as usize;
    let mut alone = whole[..json_end].to_vec();
    alone[8..12].copy_from_slice(&(json_end as u32).to_le_bytes());
    alone.extend_from_slice(b"signed by somebody");
    assert_eq!(import_bytes("scene.glb", &alone, &ImportOptions::default()).unwrap().scene, Draft::new().scene());
}

#[test]
fn another_version_is_refused() {
    for (place, version) in [("/asset/version", "3.0"), ("/asset/version", "1.0"), ("/asset/minVersion", "2.5")] {
        let mut draft = Draft::new();
        draft.set(place, json!(version));
        assert_eq!(first(draft.import()), FaultKind::GltfVersion { version: version.to_owned() });
    }
    let mut draft = Draft::new();
    draft.set("/asset/version", json!("2.1"));
    draft.set("/asset/minVersion", json!("2.0"));
    assert!(draft.import().is_ok());
}

#[test]
fn a_light_under_a_scale_of_nothing_is_hidden() {
    let mut draft = Draft::new();
    draft.set("/extensions/KHR_lights_punctual/lights/0", json!({"type": "spot", "intensity": 2.0, "spot": {}}));
    draft.set("/nodes/2/scale", json!([0, 0, 0]));
    let imported = draft.import().unwrap();
    assert!(imported.scene.lights.is_empty() && warned(&imported, |what| *what == FaultKind::SkyAdded));
}

/// A beam of half a degree was as wide as one of 0.8.
#[test]
fn a_narrow_beam_keeps_its_angle() {
    for outer in [1.0e-3f32, 0.008_726_646, 0.3, 1.5] {
        let mut draft = Draft::new();
        let spot = json!({"innerConeAngle": 0.0, "outerConeAngle": outer});
        draft.set("/extensions/KHR_lights_punctual/lights/0", json!({"type": "spot", "intensity": 2.0, "spot": spot}));
        let LightKind::Spot { cos_inner, cos_outer, .. } = draft.scene().lights[0].kind else { panic!("it is a spot") };
        assert!((cos_outer - outer.cos()).abs() <= f32::EPSILON && cos_inner == 1.0, "{outer}: {cos_inner} {cos_outer}");
        draft.set("/extensions/KHR_lights_punctual/lights/0/spot/innerConeAngle", json!(outer));
        let LightKind::Spot { cos_inner, cos_outer, .. } = draft.scene().lights[0].kind else { panic!("it is a spot") };
        assert!(cos_outer < cos_inner && cos_inner - cos_outer <= 1.01e-4, "{outer}: {cos_inner} {cos_outer}");
    }
}

#[test]
fn coordinates_that_no_texture_reads_may_be_anything() {
    let mut draft = Draft::new();
    let broken = draft.accessor(&floats(&[f32::NAN, 0.0, 1.0, 1.0, 0.0, 0.0]), 5126, "VEC2", 3);
    draft.set("/meshes/0/primitives/0/attributes/TEXCOORD_0", json!(broken));
    assert_eq!(first(draft.import()), FaultKind::NotFinite { attribute: "TEXCOORD", vertex: 0 });
    draft.set("/materials/0", json!({"name": "paint"}));
    assert_eq!(draft.import().unwrap().warnings, Vec::new());
}

#[test]
fn a_texture_without_coordinates_is_told() {
    let mut draft = Draft::new();
    draft.set("/meshes/0/primitives/0/attributes", json!({"POSITION": 0}));
    drawn(&draft, |what| *what == FaultKind::UvMissing);
}

#[test]
fn a_black_texture_over_an_emissive_factor_lights_nothing() {
    let picture = |color: [u8; 3]| {
        let mut bytes = std::io::Cursor::new(Vec::new());
        ::image::RgbImage::from_pixel(2, 2, ::image::Rgb(color)).write_to(&mut bytes, ::image::ImageFormat::Png).unwrap();
        bytes.into_inner()
    };
    for (color, is_lit) in [([0, 0, 0], false), ([9, 9, 9], false), ([0, 90, 0], true)] {
        let mut draft = Draft::new();
        let view = draft.view(&picture(color));
        let image = draft.push("/images", json!({"bufferView": view, "mimeType": "image/png"}));
        let texture = draft.push("/textures", json!({"source": image}));
        draft.set("/materials/0/emissiveFactor", json!([1, 1, 1]));
        draft.set("/materials/0/emissiveTexture", json!({"index": texture}));
        draft.set("/scenes/0/nodes", json!([0, 1]));
        let imported = draft.import().unwrap();
        assert_eq!(warned(&imported, |what| *what == FaultKind::SkyAdded), !is_lit, "{color:?}");
    }
}

#[test]
fn a_backslash_separates_folders() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir(dir.path().join("tex dir")).unwrap();
    std::fs::write(dir.path().join("tex dir/wood.png"), png(2, 2)).unwrap();
    let mut draft = Draft::new();
    draft.set("/images/0", json!({"uri": "tex dir\\wood.png"}));
    let path = dir.path().join("scene.glb");
    std::fs::write(&path, draft.glb()).unwrap();
    assert_eq!(import(&path, &ImportOptions::default()).unwrap().warnings, Vec::new());
}
