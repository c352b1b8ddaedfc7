//! Compressed meshes: whole, broken and hostile.

use super::*;

/// A grid of 5 × 5 corners over the unit square, facing +z, u along x and v against y; 12 bits per position and texture coordinate.
///
/// The files were written by the encoder of the crate that decodes them (`draco-core` 2.3.3 with its feature `encoder`): edgebreaker at
/// compression level 7, the same with valences at level 10, and the sequential method with 8-bit colours (51 · column, 51 · row, 255, 255).
const EDGEBREAKER: &[u8] = include_bytes!("grid-edgebreaker.drc");
const VALENCE: &[u8] = include_bytes!("grid-valence.drc");
const SEQUENTIAL: &[u8] = include_bytes!("grid-sequential.drc");

/// A scene of the compressed grid.
fn draco(bytes: &[u8]) -> Draft {
    let mut draft = Draft::new();
    let view = draft.view(bytes);
    let mut accessor = |component: u32, kind: &str, count: usize| {
        draft.push("/accessors", json!({"componentType": component, "type": kind, "count": count, "normalized": component == 5121}))
    };
    let (position, normal, uv, color) =
        (accessor(5126, "VEC3", 25), accessor(5126, "VEC3", 25), accessor(5126, "VEC2", 25), accessor(5121, "VEC4", 25));
    let indices = accessor(5123, "SCALAR", 96);
    let (mut attributes, mut packed) =
        (json!({"POSITION": position, "NORMAL": normal, "TEXCOORD_0": uv}), json!({"POSITION": 0, "NORMAL": 1, "TEXCOORD_0": 2}));
    if bytes == SEQUENTIAL {
        (attributes["COLOR_0"], packed["COLOR_0"]) = (json!(color), json!(3));
    }
    draft.set(
        "/meshes/0/primitives/0",
        json!({
            "attributes": attributes, "indices": indices, "material": 0,
            "extensions": {"KHR_draco_mesh_compression": {"bufferView": view, "attributes": packed}}
        }),
    );
    draft.set("/extensionsRequired", json!(["KHR_draco_mesh_compression"]));
    draft
}

#[test]
fn draco_meshes_are_read_whole() {
    for bytes in [EDGEBREAKER, VALENCE, SEQUENTIAL] {
        let imported = draco(bytes).import().unwrap();
        assert_eq!(imported.warnings, []);
        let scene = imported.scene;
        assert_eq!((scene.vertices.len(), scene.triangles.len()), (25, 32));
        let mut area = 0.0;
        for triangle in &scene.triangles {
            let [a, b, c] = triangle.vertices.map(|index| glam::Vec3::from(scene.vertices[index as usize].position));
            area += (b - a).cross(c - a).z / 2.0;
        }
        assert!((area - 1.0).abs() < 1.0e-3, "all faces look the same way and cover the square once: {area}");
        for vertex in &scene.vertices {
            let ([x, y, _], [u, v]) = (vertex.position, vertex.uv[0]);
            assert!(near(vertex.normal, [0.0, 0.0, 1.0]) && (x - u).abs() < 1.0e-3 && (1.0 - y - v).abs() < 1.0e-3);
            if bytes == SEQUENTIAL {
                let code = |value: f32| (value * 4.0).round() as u16 * 51 * 257;
                assert_eq!(vertex.color, [code(x), code(y), 65_535, 65_535]);
            }
        }
    }
}

#[test]
fn a_compressed_primitive_may_have_plain_attributes_beside() {
    let mut draft = draco(EDGEBREAKER);
    let colors = draft.accessor(&[255u8, 0, 0, 255].repeat(25), 5121, "VEC4", 25);
    draft.set(&format!("/accessors/{colors}/normalized"), json!(true));
    draft.set("/meshes/0/primitives/0/attributes/COLOR_0", json!(colors));
    assert_eq!(draft.scene().vertices[7].color, [65_535, 0, 0, 65_535]);
    draft.set(&format!("/accessors/{colors}/count"), json!(24));
    assert_eq!(first(draft.import()), FaultKind::CountMismatch { attribute: "COLOR_0", count: 24, vertices: 25 });
}

#[test]
fn broken_draco_data_get_their_own_answer() {
    let kind = |bytes: &[u8]| first(draco(bytes).import());
    assert!(matches!(kind(b"not a mesh"), FaultKind::DracoUndecodable { .. }));
    assert!(matches!(kind(&EDGEBREAKER[..EDGEBREAKER.len() / 2]), FaultKind::DracoUndecodable { .. }));
    let mut draft = draco(EDGEBREAKER);
    draft.set("/meshes/0/primitives/0/extensions/KHR_draco_mesh_compression/attributes/NORMAL", json!(7));
    assert_eq!(first(draft.import()), FaultKind::DracoAttribute { attribute: "NORMAL".to_owned() });
    draft.set("/meshes/0/primitives/0/extensions/KHR_draco_mesh_compression/attributes/NORMAL", json!(2));
    assert_eq!(first(draft.import()), FaultKind::DracoAttribute { attribute: "NORMAL".to_owned() }, "texture coordinates are no normals");
    draft.set("/meshes/0/primitives/0/extensions/KHR_draco_mesh_compression/attributes", json!({"POSITION": 0, "TEXCOORD_0": 2}));
    assert_eq!(first(draft.import()), FaultKind::DracoAttribute { attribute: "NORMAL".to_owned() }, "its accessor has no bytes of its own");
    draft.set("/meshes/0/primitives/0/extensions/KHR_draco_mesh_compression/bufferView", json!(99));
    assert!(matches!(first(draft.import()), FaultKind::DracoUndecodable { .. }));
    draft.set("/meshes/0/primitives/0/extensions/KHR_draco_mesh_compression", json!([]));
    assert!(matches!(first(draft.import()), FaultKind::DracoUndecodable { .. }));
}

#[test]
fn a_broken_compressed_primitive_gives_way_to_its_plain_copy() {
    let mut draft = Draft::new();
    let view = draft.view(b"not a mesh");
    let extension = json!({"bufferView": view, "attributes": {"POSITION": 0, "TEXCOORD_0": 1}});
    draft.set("/meshes/0/primitives/0/extensions", json!({"KHR_draco_mesh_compression": extension}));
    draft.set("/extensionsUsed", json!(["KHR_lights_punctual", "KHR_draco_mesh_compression"]));
    let imported = draft.import().unwrap();
    assert_eq!(imported.scene.triangles.len(), 1);
    assert!(matches!(&imported.warnings[..], [SceneFault { what: FaultKind::DracoReplaced { .. }, .. }]), "{:?}", imported.warnings);
    draft.set("/accessors/2", json!({"componentType": 5126, "count": 3, "type": "VEC2"}));
    assert!(matches!(first(draft.import()), FaultKind::DracoUndecodable { .. }), "half a copy is none");

    let mut required = Draft::new();
    let view = required.view(b"not a mesh");
    let extension = json!({"bufferView": view, "attributes": {"POSITION": 0, "TEXCOORD_0": 1}});
    required.set("/meshes/0/primitives/0/extensions", json!({"KHR_draco_mesh_compression": extension}));
    required.set("/extensionsRequired", json!(["KHR_draco_mesh_compression"]));
    assert!(matches!(first(required.import()), FaultKind::DracoUndecodable { .. }), "what the file calls required has no copy");
}

/// The scene's triangle as meshopt streams: positions through one of the filters, indices in one of the two forms.
struct Packed {
    name: &'static str,
    positions: Vec<u8>,
    stride: usize,
    component: u32,
    normalized: bool,
    filter: &'static str,
    indices: Vec<u8>,
    mode: &'static str,
}

const CORNERS: [[f32; 3]; 3] = [[0.0, 0.0, 0.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]];

fn packed() -> Vec<Packed> {
    let raw: Vec<[f32; 3]> = CORNERS.to_vec();
    let exponential = ::meshopt::encoding::encode_filter_exp(&CORNERS, 15, ::meshopt::encoding::EncodeExpMode::SharedVector);
    // Directions instead of places: the triangle between the three axes.
    let axes = [[1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0]];
    let octahedral: Vec<[i8; 4]> = ::meshopt::encoding::encode_filter_oct(&axes, 8);
    let list = ::meshopt::encoding::encode_index_buffer(&[0, 1, 2], 3).unwrap();
    let sequence = ::meshopt::encoding::encode_index_sequence(&[0, 1, 2], 3).unwrap();
    let vertices = |bytes: Result<Vec<u8>, ::meshopt::Error>| bytes.unwrap();
    vec![
        Packed {
            name: "plain",
            positions: vertices(::meshopt::encoding::encode_vertex_buffer(&raw)),
            stride: 12,
            component: 5126,
            normalized: false,
            filter: "NONE",
            indices: list.clone(),
            mode: "TRIANGLES",
        },
        Packed {
            name: "exponential",
            positions: vertices(::meshopt::encoding::encode_vertex_buffer(&exponential)),
            stride: 12,
            component: 5126,
            normalized: false,
            filter: "EXPONENTIAL",
            indices: sequence,
            mode: "INDICES",
        },
        Packed {
            name: "octahedral",
            positions: vertices(::meshopt::encoding::encode_vertex_buffer(&octahedral)),
            stride: 4,
            component: 5120,
            normalized: true,
            filter: "OCTAHEDRAL",
            indices: list,
            mode: "TRIANGLES",
        },
    ]
}

fn meshopt(packed: &Packed, extension: &str) -> Draft {
    let mut draft = Draft::new();
    let (positions, indices) = (draft.view(&packed.positions), draft.view(&packed.indices));
    let place = |draft: &Draft, view: usize| {
        (draft.json["bufferViews"][view]["byteOffset"].clone(), draft.json["bufferViews"][view]["byteLength"].clone())
    };
    let (positions, indices) = (place(&draft, positions), place(&draft, indices));
    let fallback = draft.push("/buffers", json!({"byteLength": 1_000, "extensions": {extension: {"fallback": true}}}));
    let mut view = |(offset, length): (Value, Value), stride: usize, mode: &str, filter: &str| {
        draft.push("/bufferViews", json!({
            "buffer": fallback, "byteLength": stride * 3,
            "extensions": {extension: {"buffer": 0, "byteOffset": offset, "byteLength": length, "byteStride": stride, "count": 3, "mode": mode, "filter": filter}}
        }))
    };
    let (positions, indices) = (view(positions, packed.stride, "ATTRIBUTES", packed.filter), view(indices, 2, packed.mode, "NONE"));
    if packed.stride == 4 {
        draft.set(&format!("/bufferViews/{positions}/byteStride"), json!(4));
    }
    draft.set(
        "/accessors/0",
        json!({"bufferView": positions, "componentType": packed.component, "normalized": packed.normalized, "type": "VEC3", "count": 3}),
    );
    draft.set("/accessors/1", json!({"bufferView": indices, "componentType": 5123, "type": "SCALAR", "count": 3}));
    draft.set("/extensionsRequired", json!([extension]));
    draft
}

#[test]
fn meshopt_streams_are_read_in_every_mode() {
    for extension in ["EXT_meshopt_compression", "KHR_meshopt_compression"] {
        for packed in packed() {
            let imported = meshopt(&packed, extension).import().unwrap();
            let corners: Vec<[f32; 3]> = imported.scene.vertices.iter().map(|vertex| vertex.position).collect();
            let expected = if packed.name == "octahedral" { [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]] } else { CORNERS };
            assert_eq!((&corners[..], imported.warnings), (&expected[..], vec![]), "{}", packed.name);
        }
    }
}

#[test]
fn quaternions_and_colours_pass_their_filters() {
    let turn = std::f32::consts::FRAC_1_SQRT_2;
    let quaternions = ::meshopt::encoding::encode_filter_quat(&[[0.0, 0.0, turn, turn]; 3], 16);
    let colors: Vec<[u8; 4]> = ::meshopt::encoding::encode_filter_color(&[[1.0, 0.5, 0.0, 1.0]; 3], 8);
    for (bytes, stride, filter, component, expected) in [
        (::meshopt::encoding::encode_vertex_buffer(&quaternions).unwrap(), 8, "QUATERNION", 5122, [0.0, 0.0, turn, turn]),
        (::meshopt::encoding::encode_vertex_buffer(&colors).unwrap(), 4, "COLOR", 5121, [1.0, 0.5, 0.0, 1.0]),
    ] {
        let mut draft = Draft::new();
        let view = draft.view(&bytes);
        draft.set(
            &format!("/bufferViews/{view}/extensions"),
            json!({"KHR_meshopt_compression": {
                "buffer": 0, "byteOffset": draft.json["bufferViews"][view]["byteOffset"], "byteLength": bytes.len(),
                "byteStride": stride, "count": 3, "mode": "ATTRIBUTES", "filter": filter
            }}),
        );
        draft.set(&format!("/bufferViews/{view}/byteLength"), json!(stride * 3));
        let accessor = draft
            .push("/accessors", json!({"bufferView": view, "componentType": component, "normalized": true, "type": "VEC4", "count": 3}));
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("scene.glb");
        std::fs::write(&path, draft.glb()).unwrap();
        let document = container::open(&path, &mut Faults::default()).unwrap();
        let values = document.reader().floats::<4>(gltf::json::Index::new(accessor as u32)).unwrap();
        let close = values.iter().flatten().zip(expected.repeat(3)).all(|(value, expected)| (value - expected).abs() < 0.01);
        assert!(close, "{filter}: {values:?}");
    }
}

#[test]
fn broken_meshopt_streams_get_their_own_answer() {
    let view = 6;
    let broken: [(&str, Value, FaultKind); 10] = [
        ("count", json!(4), FaultKind::MeshoptMalformed { view }),
        ("count", json!(4_000_000_000u64), FaultKind::MeshoptMalformed { view }),
        ("byteStride", json!(0), FaultKind::MeshoptMalformed { view }),
        ("byteStride", json!(6), FaultKind::MeshoptMalformed { view }),
        ("byteLength", json!(1_000_000), FaultKind::MeshoptMalformed { view }),
        ("byteOffset", json!(u64::MAX), FaultKind::MeshoptMalformed { view }),
        ("buffer", json!(1), FaultKind::MeshoptMalformed { view }),
        ("filter", json!("QUATERNION"), FaultKind::MeshoptMalformed { view }),
        ("mode", json!("LZMA"), FaultKind::MeshoptMalformed { view }),
        ("byteOffset", json!(1), FaultKind::MeshoptUndecodable { view }),
    ];
    for (field, value, answer) in broken {
        let mut draft = meshopt(&packed()[0], "EXT_meshopt_compression");
        draft.set(&format!("/bufferViews/{view}/extensions/EXT_meshopt_compression/{field}"), value.clone());
        assert_eq!(first(draft.import()), answer, "{field} {value}");
    }
    let mut draft = meshopt(&packed()[0], "EXT_meshopt_compression");
    // A view that claims as much as its stream could at most hold, and more.
    for (count, malformed) in [(1_000u64, false), (1_000_000, true)] {
        draft.set(&format!("/bufferViews/{view}/extensions/EXT_meshopt_compression/count"), json!(count));
        draft.set(&format!("/bufferViews/{view}/byteLength"), json!(count * 12));
        let answer = if malformed { FaultKind::MeshoptMalformed { view } } else { FaultKind::MeshoptUndecodable { view } };
        assert_eq!(first(draft.import()), answer, "{count}");
    }
}

#[test]
fn what_a_fallback_buffer_stands_for_is_not_there() {
    let mut draft = meshopt(&packed()[0], "EXT_meshopt_compression");
    draft.json["bufferViews"][6].as_object_mut().unwrap().remove("extensions");
    assert_eq!(first(draft.import()), FaultKind::AccessorDangling { accessor: 0 });
    draft.json["buffers"][1].as_object_mut().unwrap().remove("extensions");
    assert_eq!(first(draft.import()), FaultKind::BufferWithoutBytes);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn hostile_draco_bytes_never_panic(
        which in 0..3usize,
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        keep in 0.3f64..1.5,
    ) {
        let mut bytes = [EDGEBREAKER, VALENCE, SEQUENTIAL][which].to_vec();
        for (at, value) in flips {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        bytes.truncate((bytes.len() as f64 * keep) as usize);
        let _ = draco(&bytes).import();
    }

    #[test]
    fn hostile_meshopt_bytes_never_panic(
        which in 0..3usize,
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut packed = packed().swap_remove(which);
        for (at, value) in flips {
            let (len, at) = (packed.positions.len(), at.index(packed.positions.len() + packed.indices.len()));
            *(if at < len { &mut packed.positions[at] } else { &mut packed.indices[at - len] }) = value;
        }
        if cut.index(3) == 0 {
            packed.positions.truncate(cut.index(packed.positions.len()));
        }
        let _ = meshopt(&packed, "EXT_meshopt_compression").import();
    }
}
