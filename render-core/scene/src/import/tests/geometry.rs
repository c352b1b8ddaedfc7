//! Corners and faces: every way a file may write them down.

use super::*;
use crate::import::{material::Worn, mesh};

/// The first primitive as a material that reads these sets would get it.
fn build(draft: &Draft, uv_sets: [u32; 2], tangent_uv: usize) -> Result<mesh::Geometry, FaultKind> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("scene.glb");
    std::fs::write(&path, draft.glb()).unwrap();
    let document = container::open(&path, &mut Faults::default()).unwrap();
    let worn = Worn { index: 0, uv_sets, is_textured: true, needs_tangents: true, tangent_uv };
    mesh::build(document.reader(), &document.root.meshes[0].primitives[0], worn, None, &mut 0, &mut Vec::new())
}

#[test]
fn slanted_normals_stay_square_to_stretched_faces() {
    let mut draft = Draft::new();
    let normals = draft.accessor(&floats(&[0.0, 0.0, 5.0].repeat(3)), 5126, "VEC3", 3);
    draft.set("/meshes/0/primitives/0/attributes/NORMAL", json!(normals));
    draft.set("/nodes/0/matrix", json!([1.0, 0.0, 2.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0]));
    let scene = draft.scene();
    let [a, b, c] = scene.triangles[0].vertices.map(|index| glam::Vec3::from_array(scene.vertices[index as usize].position));
    let face = (b - a).cross(c - a).normalize();
    assert!(near(scene.vertices[0].normal, face.to_array()), "{:?} {face}", scene.vertices[0].normal);
}

#[test]
fn strips_fans_and_points_are_read_as_the_format_says() {
    let mut draft = Draft::new();
    let quad = draft.accessor(&floats(&[0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 1.0, 1.0, 0.0]), 5126, "VEC3", 4);
    draft.set(
        "/meshes/0/primitives",
        json!([
            {"attributes": {"POSITION": quad}, "mode": 5},
            {"attributes": {"POSITION": 0}, "mode": 6, "indices": 1},
            {"attributes": {"POSITION": 0}, "mode": 0}
        ]),
    );
    let imported = draft.import().unwrap();
    assert_eq!(imported.scene.triangles.len(), 3);
    assert!(imported.scene.vertices.iter().all(|vertex| vertex.normal == [0.0, 0.0, 1.0]), "all faces point the same way");
    assert!(warned(&imported, |what| *what == FaultKind::ModeSkipped));
}

#[test]
fn sparse_and_normalized_numbers_are_read() {
    let mut draft = Draft::new();
    let at = draft.view(&[2u8]);
    let values = draft.view(&floats(&[0.0, 7.0, 0.0]));
    draft.set(
        "/accessors/0/sparse",
        json!({"count": 1, "indices": {"bufferView": at, "componentType": 5121}, "values": {"bufferView": values}}),
    );
    let colors = draft.accessor(&[255u16, 0, 51, 0, 128, 255, 0, 0, 0].map(|c| (c * 257).to_le_bytes()).concat(), 5123, "VEC3", 3);
    draft.set("/accessors/3/normalized", json!(true));
    draft.set("/meshes/0/primitives/0/attributes/COLOR_0", json!(colors));
    let scene = draft.scene();
    assert_eq!(scene.vertices[2].position, [0.0, 7.0, 0.0]);
    assert_eq!((scene.vertices[0].color, scene.vertices[1].color), ([65_535, 0, 51 * 257, 65_535], [0, 128 * 257, 65_535, 65_535]));
    let at = draft.view(&[3u8]);
    draft.set("/accessors/0/sparse/indices/bufferView", json!(at));
    assert_eq!(first(draft.import()), FaultKind::AccessorSparse { accessor: 0 });
}

#[test]
fn quantized_attributes_are_read_by_value_or_as_fractions() {
    let mut draft = Draft::new();
    // One byte of padding after every three, as the extension asks for.
    let positions = draft.accessor(&[0u8, 0, 0, 9, 4, 0, 0, 9, 0, 0xfe, 0, 9], 5120, "VEC3", 3);
    let normals = draft.accessor(&[0u8, 0, 127, 9, 0, 0, 127, 9, 0, 0, 0x80, 9], 5120, "VEC3", 3);
    let uvs = draft.accessor(&[0u16, 65_535, 32_767, 0, 7, 7].map(u16::to_le_bytes).concat(), 5123, "VEC2", 3);
    for accessor in [positions, normals] {
        let view = draft.json["accessors"][accessor]["bufferView"].as_u64().unwrap();
        draft.set(&format!("/bufferViews/{view}/byteStride"), json!(4));
    }
    for accessor in [normals, uvs] {
        draft.set(&format!("/accessors/{accessor}/normalized"), json!(true));
    }
    draft.set("/extensionsRequired", json!(["KHR_mesh_quantization"]));
    draft.set("/meshes/0/primitives/0/attributes", json!({"POSITION": positions, "NORMAL": normals, "TEXCOORD_0": uvs}));
    let scene = draft.scene();
    let corner = |at: usize| scene.vertices[at];
    assert_eq!((corner(1).position, corner(2).position), ([4.0, 0.0, 0.0], [0.0, -2.0, 0.0]));
    assert_eq!((corner(0).normal, corner(2).normal), ([0.0, 0.0, 1.0], [0.0, 0.0, -1.0]));
    assert_eq!(corner(0).uv[0], [0.0, 1.0]);
    assert!((corner(1).uv[0][0] - 0.5).abs() < 1.0e-4);
    draft.set(&format!("/accessors/{uvs}/normalized"), json!(false));
    assert_eq!(draft.scene().vertices[2].uv[0], [7.0, 7.0]);
}

#[test]
fn a_material_chooses_which_two_sets_of_texture_coordinates_are_kept() {
    let mut draft = Draft::new();
    for set in 1..4u8 {
        let uvs = draft.accessor(&floats(&[f32::from(set); 6]), 5126, "VEC2", 3);
        draft.set(&format!("/meshes/0/primitives/0/attributes/TEXCOORD_{set}"), json!(uvs));
    }
    assert_eq!(build(&draft, [3, 1], 0).unwrap().vertices[1].uv, [[3.0; 2], [1.0; 2]]);
    assert_eq!(build(&draft, [2, 2], 1).unwrap().vertices[1].uv, [[2.0; 2], [0.0; 2]], "nothing is kept twice");
    assert_eq!(build(&draft, [9, 1], 0).unwrap().vertices[1].uv, [[0.0; 2], [1.0; 2]], "a set that is missing reads as zero");
    let short = draft.accessor(&floats(&[0.0; 4]), 5126, "VEC2", 2);
    draft.set("/meshes/0/primitives/0/attributes/TEXCOORD_1", json!(short));
    assert_eq!(build(&draft, [0, 1], 0).unwrap_err(), FaultKind::CountMismatch { attribute: "TEXCOORD", count: 2, vertices: 3 });
}

#[test]
fn tangents_follow_the_set_that_the_normal_map_reads() {
    let mut draft = Draft::new();
    let turned = draft.accessor(&floats(&[0.0, 1.0, 0.0, 0.0, 1.0, 1.0]), 5126, "VEC2", 3);
    let normals = draft.accessor(&floats(&[0.0, 0.0, 1.0].repeat(3)), 5126, "VEC3", 3);
    draft.set("/meshes/0/primitives/0/attributes/TEXCOORD_1", json!(turned));
    draft.set("/meshes/0/primitives/0/attributes/NORMAL", json!(normals));
    assert_eq!(build(&draft, [0, 1], 0).unwrap().vertices[0].tangent, [1.0, 0.0, 0.0, 1.0]);
    assert_eq!(build(&draft, [0, 1], 1).unwrap().vertices[0].tangent, [0.0, 1.0, 0.0, -1.0]);
    let own = draft.accessor(&floats(&[0.0, 3.0, 0.0, -1.0].repeat(3)), 5126, "VEC4", 3);
    draft.set("/meshes/0/primitives/0/attributes/TANGENT", json!(own));
    assert_eq!(build(&draft, [0, 1], 0).unwrap().vertices[0].tangent, [0.0, 1.0, 0.0, -1.0], "the file's own come first");
}
