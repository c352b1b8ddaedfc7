//! What moves: nodes, bones and morph targets, at rest and at a frame.

use super::*;

fn at(draft: &Draft, frame: Option<u32>) -> Result<Imported, ImportError> {
    draft.import_with(&ImportOptions { frame, ..ImportOptions::default() })
}

#[test]
fn a_frame_moves_nodes_and_camera() {
    let mut draft = Draft::new();
    let times = draft.accessor(&floats(&[0.0, 1.0]), 5126, "SCALAR", 2);
    let places = draft.accessor(&floats(&[0.0, 0.0, 5.0, 4.0, 0.0, 5.0]), 5126, "VEC3", 2);
    let half = std::f32::consts::FRAC_1_SQRT_2;
    let turns = draft.accessor(&floats(&[0.0, 0.0, 0.0, 1.0, 0.0, 0.0, half, half]), 5126, "VEC4", 2);
    draft.set("/animations", json!([{
        "samplers": [{"input": times, "output": places}, {"input": times, "output": turns}, {"input": times, "output": places, "interpolation": "STEP"}],
        "channels": [
            {"sampler": 0, "target": {"node": 1, "path": "translation"}},
            {"sampler": 1, "target": {"node": 0, "path": "rotation"}},
            {"sampler": 2, "target": {"node": 0, "path": "translation"}}
        ]
    }]));
    assert_eq!(at(&draft, None).unwrap().scene.camera.from, [0.0, 0.0, 5.0]);
    let middle = at(&draft, Some(12)).unwrap().scene;
    assert!(near(middle.camera.from, [2.0, 0.0, 5.0]));
    assert!(near(middle.vertices[1].position, [half, half, 5.0]), "an eighth of a turn, and a step not yet taken");
    assert!(near(at(&draft, Some(9999)).unwrap().scene.vertices[1].position, [4.0, 1.0, 5.0]), "the last key holds");
    draft.set("/animations/0/samplers/0/output", json!(times));
    assert!(matches!(first(at(&draft, Some(12))), FaultKind::AccessorType { .. }));
    draft.set("/animations/0/samplers/0", json!({"input": times, "output": places, "interpolation": "CUBICSPLINE"}));
    assert_eq!(first(at(&draft, Some(12))), FaultKind::AnimationKeys);
    assert!(warned(&at(&Draft::new(), Some(1)).unwrap(), |what| *what == FaultKind::NothingAnimated));
}

/// The triangle with two morph targets, which lift the first corner along z and move all of them along x.
fn morphed() -> Draft {
    let mut draft = Draft::new();
    let normals = draft.accessor(&floats(&[0.0, 0.0, 1.0].repeat(3)), 5126, "VEC3", 3);
    let lift = draft.accessor(&floats(&[0.0, 0.0, 2.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]), 5126, "VEC3", 3);
    let tilt = draft.accessor(&floats(&[0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]), 5126, "VEC3", 3);
    let shift = draft.accessor(&floats(&[1.0, 0.0, 0.0].repeat(3)), 5126, "VEC3", 3);
    draft.set("/meshes/0/primitives/0/attributes/NORMAL", json!(normals));
    draft.set("/meshes/0/primitives/0/targets", json!([{"POSITION": lift, "NORMAL": tilt}, {"POSITION": shift}]));
    draft
}

#[test]
fn morph_targets_are_taken_as_far_as_mesh_node_or_frame_says() {
    let mut draft = morphed();
    let first_corner = |draft: &Draft, frame| at(draft, frame).unwrap().scene.vertices[0];
    assert_eq!(first_corner(&draft, None).position, [0.0; 3], "no weights, no change");
    draft.set("/meshes/0/weights", json!([0.5, 0.0]));
    assert_eq!(first_corner(&draft, None).position, [0.0, 0.0, 1.0]);
    draft.set("/nodes/0/weights", json!([1.0, 3.0]));
    let corner = first_corner(&draft, None);
    assert_eq!(corner.position, [3.0, 0.0, 2.0], "the node comes before the mesh");
    assert!(near(corner.normal, [0.0, 0.5f32.sqrt(), 0.5f32.sqrt()]));
    let times = draft.accessor(&floats(&[0.0, 1.0]), 5126, "SCALAR", 2);
    let weights = draft.accessor(&floats(&[0.0, 0.0, 1.0, 2.0]), 5126, "SCALAR", 4);
    draft.set(
        "/animations",
        json!([{"samplers": [{"input": times, "output": weights}], "channels": [{"sampler": 0, "target": {"node": 0, "path": "weights"}}]}]),
    );
    assert_eq!(first_corner(&draft, Some(12)).position, [1.0, 0.0, 1.0], "and the animation before the node");
    draft.set(&format!("/accessors/{weights}/count"), json!(3));
    assert_eq!(first(at(&draft, Some(12))), FaultKind::AnimationKeys);
}

#[test]
fn broken_morph_targets_are_told() {
    let mut draft = morphed();
    let short = draft.accessor(&floats(&[0.0; 6]), 5126, "VEC3", 2);
    draft.set("/meshes/0/primitives/0/targets/0/POSITION", json!(short));
    assert!(draft.import().is_ok(), "a target that is not taken is not read");
    draft.set("/meshes/0/weights", json!([1.0]));
    let answer = FaultKind::CountMismatch { attribute: "POSITION of a morph target", count: 2, vertices: 3 };
    assert_eq!(first(draft.import()), answer);
    let endless = draft.accessor(&floats(&[f32::MAX; 9]), 5126, "VEC3", 3);
    draft.set("/meshes/0/primitives/0/targets/0/POSITION", json!(endless));
    draft.set("/meshes/0/weights", json!([1.0e30]));
    assert_eq!(first(draft.import()), FaultKind::NotFinite { attribute: "POSITION", vertex: 0 });
}

#[test]
fn nodes_in_the_same_shape_share_it() {
    let mut draft = morphed();
    for weights in [json!([1.0, 0.0]), json!([1.0, 0.0]), json!([0.0, 1.0])] {
        let node = draft.push("/nodes", json!({"mesh": 0, "weights": weights}));
        draft.push("/scenes/0/nodes", json!(node));
    }
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("scene.glb");
    std::fs::write(&path, draft.glb()).unwrap();
    let document = container::open(&path, &mut Faults::default()).unwrap();
    let placed = node::place(document.reader(), None, &mut Faults::default());
    assert_eq!(placed.instances.iter().map(|standing| standing.deform).collect::<Vec<_>>(), [None, Some(0), Some(0), Some(1)]);
    assert_eq!(draft.scene().triangles.len(), 4);
}

/// The triangle on two bones: the first corner follows one, the second the other, the third both, with weights that sum to 2.
fn skinned() -> Draft {
    let mut draft = Draft::new();
    let normals = draft.accessor(&floats(&[0.0, 0.0, 1.0].repeat(3)), 5126, "VEC3", 3);
    let joints = draft.accessor(&[0u8, 9, 9, 9, 1, 9, 9, 9, 0, 1, 9, 9], 5121, "VEC4", 3);
    let weights = draft.accessor(&floats(&[1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0, 1.0, 0.0, 0.0]), 5126, "VEC4", 3);
    let mut bind = glam::Mat4::IDENTITY.to_cols_array().to_vec();
    bind.extend(glam::Mat4::from_translation(glam::Vec3::new(-1.0, 0.0, 0.0)).to_cols_array());
    let bind = draft.accessor(&floats(&bind), 5126, "MAT4", 2);
    for (name, index) in [("NORMAL", normals), ("JOINTS_0", joints), ("WEIGHTS_0", weights)] {
        draft.set(&format!("/meshes/0/primitives/0/attributes/{name}"), json!(index));
    }
    draft.set("/skins", json!([{"joints": [3, 4], "inverseBindMatrices": bind}]));
    draft.set("/nodes/0", json!({"mesh": 0, "skin": 0, "translation": [0.0, 99.0, 0.0]}));
    draft.push("/nodes", json!({"children": [4]}));
    draft.push("/nodes", json!({"translation": [1.0, 0.0, 0.0]}));
    draft.push("/scenes/0/nodes", json!(3));
    draft
}

#[test]
fn corners_follow_their_bones_and_not_their_node() {
    let mut draft = skinned();
    let corners = |draft: &Draft| draft.scene().vertices.iter().map(|vertex| vertex.position).collect::<Vec<_>>();
    assert_eq!(corners(&draft), [[0.0; 3], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]], "at rest all is as modelled");
    draft.set("/nodes/4/translation", json!([1.0, 0.0, 4.0]));
    assert_eq!(corners(&draft), [[0.0; 3], [1.0, 0.0, 4.0], [0.0, 1.0, 2.0]]);
    let half = std::f32::consts::FRAC_1_SQRT_2;
    draft.set("/nodes/4/translation", json!([1.0, 0.0, 0.0]));
    draft.set("/nodes/3/rotation", json!([0.0, half, 0.0, half]));
    let scene = draft.scene();
    assert!(near(scene.vertices[1].position, [0.0, 0.0, -1.0]) && near(scene.vertices[1].normal, [1.0, 0.0, 0.0]));
    draft.set("/scenes/0/nodes", json!([0, 1, 2]));
    assert_eq!(draft.scene(), scene, "bones may stand outside the scene");
    draft.set("/nodes/3", json!({"children": [4], "scale": [-1.0, 1.0, 1.0]}));
    let mirrored = draft.scene();
    let [a, b, c] = mirrored.triangles[0].vertices.map(|index| glam::Vec3::from(mirrored.vertices[index as usize].position));
    assert!(b != c && (b - a).cross(c - a).z > 0.0 && mirrored.vertices[0].normal == [0.0, 0.0, 1.0], "winding and normal agree");
}

#[test]
fn bones_move_with_the_frame() {
    let mut draft = skinned();
    let times = draft.accessor(&floats(&[0.0, 1.0]), 5126, "SCALAR", 2);
    let places = draft.accessor(&floats(&[1.0, 0.0, 0.0, 1.0, 0.0, 8.0]), 5126, "VEC3", 2);
    draft.set(
        "/animations",
        json!([{"samplers": [{"input": times, "output": places}], "channels": [{"sampler": 0, "target": {"node": 4, "path": "translation"}}]}]),
    );
    assert_eq!(at(&draft, Some(12)).unwrap().scene.vertices[1].position, [1.0, 0.0, 4.0]);
    assert_eq!(at(&draft, None).unwrap().scene.vertices[1].position, [1.0, 0.0, 0.0]);
}

#[test]
fn broken_skins_get_their_own_answer() {
    let mut draft = skinned();
    let (skin, weights) = (draft.json["skins"][0].clone(), draft.json["meshes"][0]["primitives"][0]["attributes"]["WEIGHTS_0"].clone());
    let bind = skin["inverseBindMatrices"].as_u64().unwrap();
    draft.set(&format!("/accessors/{bind}/count"), json!(1));
    assert_eq!(first(draft.import()), FaultKind::SkinMatrices { skin: 0, joints: 2, matrices: 1 });
    draft.set("/skins/0", json!({"joints": [3]}));
    assert_eq!(first(draft.import()), FaultKind::JointOutOfRange { vertex: 1, joint: 1, joints: 1 });
    draft.set("/skins/0", skin);
    draft.set(&format!("/accessors/{bind}/count"), json!(2));
    draft.set(&format!("/accessors/{weights}/count"), json!(2));
    assert_eq!(first(draft.import()), FaultKind::CountMismatch { attribute: "WEIGHTS", count: 2, vertices: 3 });
    draft.json["meshes"][0]["primitives"][0]["attributes"].as_object_mut().unwrap().remove("WEIGHTS_0");
    let imported = draft.import().unwrap();
    assert!(warned(&imported, |what| *what == FaultKind::SkinWithoutWeights));
    assert_eq!(imported.scene.vertices[0].position, [0.0, 99.0, 0.0], "without weights the node says where it stands");
    draft.set("/nodes/3/children", json!([3]));
    draft.set("/scenes/0/nodes", json!([0, 1, 2, 3]));
    assert_eq!(first(draft.import()), FaultKind::NodeShared);
}
