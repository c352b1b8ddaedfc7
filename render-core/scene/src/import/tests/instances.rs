//! What is flattened, what is repeated, and how copies stand.

use super::*;
use crate::{INSTANCES_MAX, Instance, POSITION_MAX_M};

#[test]
fn instances_and_mirrors_are_flattened() {
    let mut draft = Draft::new();
    draft.push("/nodes", json!({"mesh": 0, "scale": [-2.0, 1.0, 1.0], "translation": [10.0, 0.0, 0.0]}));
    draft.set("/nodes/0/children", json!([3]));
    draft.set("/nodes/0/translation", json!([0.0, 3.0, 0.0]));
    let scene = draft.scene();
    assert_eq!((scene.vertices.len(), scene.triangles.len(), scene.materials.len()), (6, 2, 1));
    assert!(near(scene.vertices[1].position, [1.0, 3.0, 0.0]) && near(scene.vertices[4].position, [8.0, 3.0, 0.0]));
    assert!(near(scene.vertices[4].normal, [0.0, 0.0, 1.0]));
    for triangle in &scene.triangles {
        let [a, b, c] = triangle.vertices.map(|index| glam::Vec3::from_array(scene.vertices[index as usize].position));
        assert!((b - a).cross(c - a).z > 0.0, "the winding still agrees with the normal");
    }
}

/// A mesh of so many triangles side by side instead of the one, with normals, and copies of it at the nodes' transforms.
fn crowd(triangles: usize, transforms: &[Value]) -> Draft {
    let mut draft = Draft::new();
    let corners: Vec<f32> = (0..triangles).flat_map(|at| [at as f32, 0.0, 0.0, at as f32 + 1.0, 0.0, 0.0, at as f32, 1.0, 0.5]).collect();
    let count = triangles * 3;
    let positions = draft.accessor(&floats(&corners), 5126, "VEC3", count);
    let normals = draft.accessor(&floats(&[0.0, -0.6, 0.8].repeat(count)), 5126, "VEC3", count);
    draft.set("/meshes/0/primitives/0", json!({"attributes": {"POSITION": positions, "NORMAL": normals}}));
    draft.set("/nodes/0", json!({"children": []}));
    for transform in transforms {
        let mut node = transform.clone();
        node["mesh"] = json!(0);
        let index = draft.push("/nodes", node);
        draft.push("/nodes/0/children", json!(index));
    }
    draft
}

/// Each instance's triangles in the world, with the normals of their corners.
fn world_triangles(scene: &Scene, instance: &Instance) -> Vec<[[glam::Vec3; 2]; 3]> {
    let [a, b, c] = instance.to_world.as_chunks::<4>().0 else { panic!("three rows") };
    let rows = [*a, *b, *c].map(glam::Vec4::from);
    let point = |v: [f32; 3]| glam::Vec3::from_array(rows.map(|row| row.dot(glam::Vec3::from(v).extend(1.0))));
    let inverse = instance.from_world().unwrap();
    let normal = |n: [f32; 3]| {
        let columns = [0, 1, 2].map(|axis| n[0] * inverse[axis] + n[1] * inverse[4 + axis] + n[2] * inverse[8 + axis]);
        glam::Vec3::from_array(columns).normalize()
    };
    let mesh = scene.meshes[instance.mesh as usize];
    let corner = |index: u32| {
        let vertex = scene.vertices[index as usize];
        [point(vertex.position), normal(vertex.normal)]
    };
    scene.triangles[mesh.first as usize..][..mesh.count as usize].iter().map(|triangle| triangle.vertices.map(corner)).collect()
}

fn at(x: f32) -> Value {
    json!({"translation": [x, 0.0, 0.0]})
}

#[test]
fn what_stands_often_is_kept_once() {
    let scene = crowd(10_000, &[at(0.0), at(7.0), json!({"scale": [2.0, 2.0, 2.0]})]).scene();
    assert_eq!((scene.triangles.len(), scene.vertices.len(), scene.meshes.len(), scene.instances.len()), (10_000, 30_000, 1, 3));
    assert_eq!(scene.instances[1].to_world, [1.0, 0.0, 0.0, 7.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0]);
    assert_eq!(scene.instances[2].to_world[0], 2.0);
    // Once, or too little to gain: one static mesh.
    for draft in [crowd(20_000, &[at(3.0)]), crowd(100, &vec![at(1.0); 100]), crowd(1, &vec![at(1.0); 20_000])] {
        let scene = draft.scene();
        assert_eq!((scene.meshes.len(), &scene.instances[..]), (1, &[Instance { mesh: 0, to_world: Instance::IDENTITY }][..]));
    }
}

#[test]
fn what_stands_once_comes_first_and_in_world_space() {
    let mut draft = crowd(10_000, &[at(0.0), at(7.0), at(8.0)]);
    let mesh = draft.push("/meshes", json!({"primitives": [{"attributes": {"POSITION": 0}, "indices": 1}]}));
    let node = draft.push("/nodes", json!({"mesh": mesh, "translation": [0.0, 0.0, -4.0]}));
    draft.push("/scenes/0/nodes", json!(node));
    let scene = draft.scene();
    assert_eq!(scene.check(), Ok(()));
    assert_eq!(scene.meshes.iter().map(|mesh| mesh.count).collect::<Vec<_>>(), [1, 10_000]);
    assert_eq!(scene.instances.iter().map(|instance| instance.mesh).collect::<Vec<_>>(), [0, 1, 1, 1]);
    assert!(scene.instances[0].is_identity());
    assert_eq!(world_triangles(&scene, &scene.instances[0])[0][0][0], glam::Vec3::new(0.0, 0.0, -4.0));
    assert_eq!(world_triangles(&scene, &scene.instances[2])[5][0][0], glam::Vec3::new(12.0, 0.0, 0.0));
}

#[test]
fn mirrored_copies_share_a_mirrored_mesh_and_keep_their_fronts() {
    let mirrored = |x: f32| json!({"scale": [1.0, -2.0, 1.0], "translation": [x, 0.0, 0.0]});
    let scene = crowd(10_000, &[at(0.0), at(7.0), mirrored(1.0), mirrored(2.0), at(9.0), mirrored(3.0)]).scene();
    assert_eq!((scene.triangles.len(), scene.meshes.len(), scene.instances.len()), (20_000, 2, 6));
    for instance in &scene.instances {
        let [a, b, c] = instance.to_world.as_chunks::<4>().0 else { panic!("three rows") };
        let linear = glam::Mat3::from_cols_array_2d(&[*a, *b, *c].map(|row| [row[0], row[1], row[2]]));
        assert!(linear.determinant() > 0.0, "no instance turns fronts into backs");
        for [[a, n], [b, _], [c, _]] in world_triangles(&scene, instance) {
            assert!((b - a).cross(c - a).dot(n) > 0.0, "winding and normal agree");
        }
    }
    let corners = |instance: usize| world_triangles(&scene, &scene.instances[instance])[1].map(|[point, _]| point);
    assert_eq!(corners(3)[0], glam::Vec3::new(2.0, 0.0, 0.0));
    assert!(corners(3).contains(&glam::Vec3::new(2.0, -2.0, 0.5)), "{:?}", corners(3));
}

#[test]
fn places_that_cannot_be_undone_are_flattened() {
    let flat = json!({"scale": [1.0, 0.0, 1.0]});
    let scene = crowd(10_000, &[at(0.0), at(1.0), at(2.0), flat]).scene();
    assert_eq!(scene.meshes.iter().map(|mesh| mesh.count).collect::<Vec<_>>(), [10_000, 10_000]);
    assert_eq!(scene.instances.len(), 4);
    let far = json!({"translation": [POSITION_MAX_M, 0.0, 0.0]});
    assert_eq!(first(crowd(10_000, &[at(0.0), far.clone(), far]).import()), FaultKind::TooFar);
}

#[test]
fn a_placed_camera_sees_all_instances() {
    let mut draft = crowd(10_000, &[at(0.0), at(-30_000.0), at(7.0)]);
    draft.set("/scenes/0/nodes", json!([0]));
    let scene = draft.scene();
    let eye = scene.camera;
    for instance in &scene.instances {
        for [point, _] in world_triangles(&scene, instance).into_iter().flatten() {
            let to = point - glam::Vec3::from(eye.from);
            let depth = to.dot(eye.forward.into());
            assert!(depth > 0.0 && to.dot(eye.up.into()).abs() < depth * tan_half_fov_y(&eye));
        }
    }
}

/// A node with copies by `EXT_mesh_gpu_instancing`.
fn copies(translations: &[f32], rotations: Option<&[f32]>) -> Draft {
    let mut draft = crowd(10_000, &[json!({"scale": [2.0, 2.0, 2.0]})]);
    let translations = draft.accessor(&floats(translations), 5126, "VEC3", translations.len() / 3);
    let mut attributes = json!({"TRANSLATION": translations, "_ID": 0});
    if let Some(rotations) = rotations {
        attributes["ROTATION"] = json!(draft.accessor(&floats(rotations), 5126, "VEC4", rotations.len() / 4));
    }
    draft.set("/nodes/3/extensions", json!({"EXT_mesh_gpu_instancing": {"attributes": attributes}}));
    draft.set("/extensionsRequired", json!(["EXT_mesh_gpu_instancing"]));
    draft
}

#[test]
fn gpu_instances_stand_in_their_nodes_space() {
    let half = std::f32::consts::FRAC_1_SQRT_2;
    let turns = [0.0, 0.0, 0.0, 1.0, 0.0, 0.0, half, half, 0.0, 0.0, 0.0, 1.0];
    let scene = copies(&[0.0, 0.0, 0.0, 5.0, 0.0, 0.0, 0.0, 6.0, 0.0], Some(&turns)).scene();
    assert_eq!((scene.meshes.len(), scene.instances.len()), (1, 3));
    let corner = |instance: usize| world_triangles(&scene, &scene.instances[instance])[1][0][0];
    assert!((corner(1) - glam::Vec3::new(10.0, 2.0, 0.0)).length() < 1.0e-5, "{}", corner(1));
    assert_eq!(corner(2), glam::Vec3::new(2.0, 12.0, 0.0));
}

#[test]
fn broken_gpu_instances_get_their_own_answer() {
    assert_eq!(first(copies(&[0.0; 9], Some(&[0.0; 8])).import()), FaultKind::InstancesMalformed, "three places, two turns");
    let mut draft = copies(&[0.0; 9], None);
    draft.set("/nodes/3/extensions/EXT_mesh_gpu_instancing", json!({"attributes": {"_ID": 0}}));
    assert_eq!(first(draft.import()), FaultKind::InstancesMalformed, "nothing says how many");
    draft.set("/nodes/3/extensions/EXT_mesh_gpu_instancing", json!({"attributes": {"TRANSLATION": 9_999}}));
    assert_eq!(first(draft.import()), FaultKind::AccessorDangling { accessor: 9_999 });
    let zeros = draft.push("/accessors", json!({"componentType": 5126, "type": "VEC3", "count": INSTANCES_MAX}));
    draft.set("/nodes/3/extensions/EXT_mesh_gpu_instancing", json!({"attributes": {"TRANSLATION": zeros}}));
    draft.push("/nodes/0/children", json!(4));
    draft.push("/nodes", json!({"mesh": 0}));
    assert_eq!(first(draft.import()), FaultKind::TooMuch { things: "instances", max: INSTANCES_MAX });
}
