//! The packed form: the same scene back, and a typed answer for every other sequence of bytes.

use proptest::prelude::*;

use super::*;

pub fn sample() -> Scene {
    let corner = |x: f32, y: f32| Vertex {
        position: [x, y, 0.0],
        normal: [0.0, 0.0, 1.0],
        tangent: [1.0, 0.0, 0.0, -1.0],
        uv: [[x, y], [y, x]],
        color: [u16::MAX; 4],
    };
    let texture = TextureUse {
        image: 0,
        uv_set: UvSet::Second,
        wrap_u: Wrap::Clamp,
        wrap_v: Wrap::Mirror,
        filter: Filter::Nearest,
        transform: TextureUse::IDENTITY,
        srgb: true,
    };
    Scene {
        vertices: vec![corner(0.0, 0.0), corner(1.0, 0.0), corner(0.0, 1.0)],
        triangles: vec![Triangle { vertices: [0, 1, 2], material: 0 }],
        meshes: vec![Mesh { first: 0, count: 1 }],
        instances: vec![Instance { mesh: 0, to_world: Instance::IDENTITY }],
        materials: vec![Material {
            alpha_mode: AlphaMode::Mask(0.5),
            attenuation: Some(Attenuation { color: [0.5; 3], distance_m: 2.0 }),
            textures: MaterialTextures { base_color: Some(texture), normal: Some(texture), ..MaterialTextures::default() },
            ..Material::default()
        }],
        images: vec![Image { width_px: 2, height_px: 1, texels: vec![7; 8] }],
        environment: Some(Environment { width_px: 2, height_px: 1, pixels: vec![[1.0, 2.0, 3.0]; 2] }),
        camera: Camera::pinhole([0.0, 0.0, 3.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, -1.0], 0.5),
        lights: vec![
            PunctualLight { kind: LightKind::Directional { direction: [0.0, -1.0, 0.0] }, emission: [1.0; 3] },
            PunctualLight {
                kind: LightKind::Spot { position: [0.0; 3], direction: [0.0, -1.0, 0.0], cos_inner: 0.9, cos_outer: 0.8 },
                emission: [1.0; 3],
            },
        ],
    }
}

#[test]
fn a_packed_scene_comes_back_whole() {
    let scene = sample();
    let bytes = scene.pack();
    assert_eq!(Scene::unpack(&bytes, bytes.len()), Ok(scene.clone()));
    assert_eq!(scene.pack(), bytes);
}

#[test]
fn the_digest_is_blake3_over_length_and_bytes() {
    let mut hasher = blake3::Hasher::new_derive_key("raylance scene 1");
    hasher.update(&5u64.to_le_bytes()).update(b"bytes");
    assert_eq!(digest(b"bytes"), *hasher.finalize().as_bytes());
    assert_ne!(digest(b""), digest(b"\0"));
}

#[test]
fn bytes_that_are_no_scene_are_refused() {
    let bytes = sample().pack();
    assert_eq!(Scene::unpack(&bytes, bytes.len() - 1), Err(UnpackError::TooLong { len: bytes.len(), max: bytes.len() - 1 }));
    assert_eq!(Scene::unpack(b"RLSCENE9", 100), Err(UnpackError::NotAScene));
    assert_eq!(Scene::unpack(b"", 100), Err(UnpackError::NotAScene));
    for end in 8..bytes.len() {
        assert!(matches!(Scene::unpack(&bytes[..end], bytes.len()), Err(UnpackError::Malformed { .. })), "{end}");
    }
    let longer = [&bytes[..], &[0]].concat();
    assert!(matches!(Scene::unpack(&longer, longer.len()), Err(UnpackError::Malformed { .. })));
    let mut billions = bytes.clone();
    billions[8..12].copy_from_slice(&u32::MAX.to_le_bytes());
    assert!(matches!(Scene::unpack(&billions, bytes.len()), Err(UnpackError::Malformed { .. })));
}

/// Spoils one thing of a good scene and names the defect.
type Case = (fn(&mut Scene), SceneDefect);

const SPOILED: [Case; 27] = [
    (|s| s.triangles[0].vertices[2] = 3, SceneDefect::Dangling { owner: "triangle", index: 0, target: "vertex", value: 3 }),
    (|s| s.triangles[0].material = 1, SceneDefect::Dangling { owner: "triangle", index: 0, target: "material", value: 1 }),
    (|s| s.triangles.clear(), SceneDefect::Empty { list: "triangles" }),
    (|s| s.meshes.clear(), SceneDefect::Empty { list: "meshes" }),
    (|s| s.instances.clear(), SceneDefect::Empty { list: "instances" }),
    (|s| s.meshes[0].count = 2, SceneDefect::OutOfRange { owner: "mesh", index: 0, field: "run of triangles" }),
    (|s| s.instances[0].mesh = 1, SceneDefect::Dangling { owner: "instance", index: 0, target: "mesh", value: 1 }),
    (|s| s.instances[0].to_world = [0.0; 12], SceneDefect::OutOfRange { owner: "instance", index: 0, field: "matrix" }),
    (|s| s.camera.aperture_radius_m = -1.0, SceneDefect::OutOfRange { owner: "camera", index: 0, field: "aperture" }),
    (
        |s| s.materials[0].anisotropy_direction = [1.0, 1.0],
        SceneDefect::NotUnit { owner: "material", index: 0, field: "anisotropy_direction" },
    ),
    (|s| s.materials.clear(), SceneDefect::Empty { list: "materials" }),
    (|s| s.vertices[1].position[0] = f32::INFINITY, SceneDefect::OutOfRange { owner: "vertex", index: 1, field: "position" }),
    (|s| s.vertices[1].position[0] = 1.1e7, SceneDefect::OutOfRange { owner: "vertex", index: 1, field: "position" }),
    (|s| s.vertices[1].normal = [0.0, 0.0, 1.1], SceneDefect::NotUnit { owner: "vertex", index: 1, field: "normal" }),
    (|s| s.vertices[1].tangent[3] = 0.5, SceneDefect::OutOfRange { owner: "vertex", index: 1, field: "tangent sign" }),
    (|s| s.vertices[1].uv[0][1] = f32::INFINITY, SceneDefect::OutOfRange { owner: "vertex", index: 1, field: "uv" }),
    (|s| s.materials[0].base_color[3] = 1.5, SceneDefect::OutOfRange { owner: "material", index: 0, field: "base_color" }),
    (|s| s.materials[0].ior = 0.5, SceneDefect::OutOfRange { owner: "material", index: 0, field: "ior" }),
    (|s| s.images.clear(), SceneDefect::Dangling { owner: "material", index: 0, target: "image", value: 0 }),
    (|s| s.images[0].width_px = 3, SceneDefect::BadSize { owner: "image", index: 0, width_px: 3, height_px: 1 }),
    (|s| s.images[0].width_px = 20_000, SceneDefect::BadSize { owner: "image", index: 0, width_px: 20_000, height_px: 1 }),
    (|s| s.environment.as_mut().unwrap().height_px = 2, SceneDefect::BadSize { owner: "environment", index: 0, width_px: 2, height_px: 2 }),
    (
        |s| s.environment.as_mut().unwrap().pixels[1][0] = -1.0,
        SceneDefect::OutOfRange { owner: "environment pixel", index: 1, field: "radiance" },
    ),
    (|s| s.camera.right = [-1.0, 0.0, 0.0], SceneDefect::CameraAxes),
    (
        |s| s.camera.projection = Projection::Perspective { tan_half_fov_y: 0.0 },
        SceneDefect::OutOfRange { owner: "camera", index: 0, field: "field of view" },
    ),
    (|s| s.lights[0].emission[0] = -1.0, SceneDefect::OutOfRange { owner: "light", index: 0, field: "emission" }),
    (
        |s| s.lights[1].kind = LightKind::Spot { position: [0.0; 3], direction: [0.0, -1.0, 0.0], cos_inner: 0.8, cos_outer: 0.9 },
        SceneDefect::OutOfRange { owner: "light", index: 1, field: "cone" },
    ),
];

#[test]
fn every_spoiled_scene_is_refused_with_its_place() {
    for (spoil, defect) in SPOILED {
        let mut scene = sample();
        spoil(&mut scene);
        let bytes = scene.pack();
        assert_eq!(Scene::unpack(&bytes, bytes.len()), Err(UnpackError::Defect(defect)));
    }
}

#[test]
fn nan_is_refused_before_anything_else_looks_at_it() {
    let mut bytes = sample().pack();
    bytes[12..16].copy_from_slice(&f32::NAN.to_le_bytes());
    assert!(matches!(Scene::unpack(&bytes, bytes.len()), Err(UnpackError::Malformed { .. })));
}

#[test]
fn the_studio_sky_is_fit_and_always_the_same() {
    let scene = Scene { environment: Some(studio_sky()), ..sample() };
    assert_eq!(scene.check(), Ok(()));
    assert_eq!(studio_sky(), studio_sky());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn flipped_or_cut_bytes_never_panic(flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8), keep in 0.0f64..1.5) {
        let mut bytes = sample().pack();
        for (at, value) in flips {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        bytes.truncate((bytes.len() as f64 * keep) as usize);
        if let Ok(scene) = Scene::unpack(&bytes, bytes.len()) {
            prop_assert_eq!(scene.pack(), bytes, "what is accepted is canonical");
        }
    }
}

#[test]
fn f_numbers_are_those_of_a_full_frame_sensor() {
    // 36 mm wide at 3:2 is 24 mm high: with a field of view of 24 mm over 50 mm the focal length is 50 mm.
    let mut camera = Camera::pinhole([0.0; 3], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, -1.0], 12.0 / 50.0);
    camera.aperture_radius_m = 0.050 / 2.8 / 2.0;
    assert!((camera.focal_length_m(1.5).unwrap() - 0.050).abs() < 1e-6);
    assert!((camera.f_number(1.5) - 2.8).abs() < 1e-4);
}
