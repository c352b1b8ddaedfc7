//! Small scenes of our own, one per feature, for `docs/gallery.md`: the same stage each time, and on it what the feature changes.

use super::glb::{Glb, Material};
use super::mesh::{Mesh, look, sheet, turn};
use super::{furniture, paint, shapes};
use glam::{DQuat, DVec3};
use serde_json::{Map, Value, json};
use std::f64::consts::TAU;

/// A picture of the gallery.
pub struct Exhibit {
    /// File name without its ending.
    pub name: &'static str,
    /// The heading in the page.
    pub title: &'static str,
    /// What to look for.
    pub caption: &'static str,
    /// The scene, as binary glTF.
    pub scene: Vec<u8>,
    /// Further arguments of `raylance render`.
    pub arguments: &'static [&'static str],
}

/// Balls in a row.
const BALLS: usize = 5;
/// Their radius and distance, metres.
const RADIUS: f64 = 0.3;
const STEP: f64 = 0.72;

/// Every exhibit, in the order of the page.
pub fn exhibits() -> Vec<Exhibit> {
    [layers(), glass(), textures(), lights_and_lenses(), geometry()].into_iter().flatten().collect()
}

fn exhibit(name: &'static str, title: &'static str, caption: &'static str, scene: Vec<u8>) -> Exhibit {
    Exhibit { name, title, caption, scene, arguments: &[] }
}

fn with(mut exhibit: Exhibit, arguments: &'static [&'static str]) -> Exhibit {
    exhibit.arguments = arguments;
    exhibit
}

// ---- the stage -------------------------------------------------------------------------------------------------------

/// Floor, backdrop and camera.
fn stage(title: &str) -> Glb {
    let mut glb = Glb::new(title);
    let eye = DVec3::new(0.0, 1.25, 5.2);
    glb.camera("Front", 16.0 / 9.0, 0.42, eye, look(eye, DVec3::new(0.0, 0.36, 0.0)));
    let squares = glb.texture("squares", &paint::checker());
    let floor = glb.material(Material::plain("floor", [1.0; 3], 0.6, 0.0).painted(squares));
    // A sweep: flat in front, rising behind.
    let sweep = sheet(1, 48, |u, v| {
        let depth = 3.0 - 6.5 * v;
        let rise = (-depth - 1.5).max(0.0);
        DVec3::new((u - 0.5) * 12.0, rise * rise * 0.9, depth)
    })
    .tiled(glam::DVec2::new(3.0, 1.6));
    place(&mut glb, "stage", sweep, floor, DVec3::ZERO);
    glb
}

/// Two soft lamps, as in a photographer's studio.
fn studio(glb: &mut Glb) {
    for (name, place, size, color, radiance) in [
        ("key", DVec3::new(-2.6, 3.0, 2.2), (1.3, 1.3), [1.0, 0.95, 0.88], 26.0),
        ("fill", DVec3::new(3.2, 2.2, 1.6), (0.8, 1.6), [0.85, 0.92, 1.0], 8.0),
        ("top", DVec3::new(0.0, 4.2, -0.4), (3.0, 1.0), [1.0, 1.0, 1.0], 5.0),
    ] {
        let lamp = glb.material(Material::lamp(name, color, radiance));
        let mesh = glb.mesh(name, vec![(shapes::lamp(size.0, size.1), lamp)]);
        let above = if name == "top" { DVec3::new(0.0, 0.0, 0.01) } else { DVec3::ZERO };
        glb.place(name, mesh, place, look(place + above, DVec3::new(0.0, 0.3, 0.0)), 1.0);
    }
}

fn place(glb: &mut Glb, name: &str, mesh: Mesh, material: usize, at: DVec3) {
    let mesh = glb.mesh(name, vec![(mesh, material)]);
    glb.place(name, mesh, at, DQuat::IDENTITY, 1.0);
}

/// Balls from left to right, each of a material of its own.
fn row(glb: &mut Glb, materials: [usize; BALLS]) {
    for (i, material) in materials.into_iter().enumerate() {
        let x = (i as f64 - (BALLS - 1) as f64 / 2.0) * STEP;
        place(glb, &format!("ball {i}"), shapes::ball(RADIUS, 48), material, DVec3::new(x, 0.0, 0.0));
    }
}

/// 0, 1/4, 1/2, 3/4, 1.
fn share(i: usize) -> f32 {
    i as f32 / (BALLS - 1) as f32
}

/// A row whose materials get an extension each.
fn extended(title: &str, plain: impl Fn(usize) -> Material, extension: &str, value: impl Fn(usize) -> Value) -> Vec<u8> {
    let mut glb = stage(title);
    studio(&mut glb);
    let materials: [usize; BALLS] = std::array::from_fn(|i| glb.material(plain(i)));
    row(&mut glb, materials);
    glb.finish_with(|document| {
        for (i, material) in materials.into_iter().enumerate() {
            extend(document, "materials", material, extension, value(i));
        }
    })
}

/// Gives one entry of a list an extension, and says that it is used.
fn extend(document: &mut Value, list: &str, index: usize, extension: &str, value: Value) {
    let entry = &mut document[list][index];
    if !entry["extensions"].is_object() {
        entry["extensions"] = Value::Object(Map::new());
    }
    entry["extensions"][extension] = value;
    let used = document["extensionsUsed"].as_array_mut().expect("the writer names the extensions in use");
    if !used.iter().any(|name| name == extension) {
        used.push(extension.into());
    }
}

// ---- layers ----------------------------------------------------------------------------------------------------------

fn layers() -> Vec<Exhibit> {
    let red = |roughness: f32| Material::plain("lacquer", [0.55, 0.03, 0.03], roughness, 0.0);
    let gold = |roughness: f32| Material::plain("gold", [1.0, 0.77, 0.34], roughness, 1.0);
    let mut metals = stage("Metals");
    studio(&mut metals);
    let materials = std::array::from_fn(|i| metals.material(gold(share(i))));
    row(&mut metals, materials);
    let mut plastics = stage("Plastics");
    studio(&mut plastics);
    let materials = std::array::from_fn(|i| plastics.material(Material::plain("plastic", [0.02, 0.25, 0.5], share(i), 0.0)));
    row(&mut plastics, materials);
    vec![
        exhibit(
            "metal",
            "Metal, roughness 0 to 1",
            "No ball darkens as it gets rougher: light that facets pass on to one another is kept.",
            metals.finish(),
        ),
        exhibit(
            "plastic",
            "Plastic, roughness 0 to 1",
            "The coat's reflection spreads, and takes from the colour below what it reflects itself.",
            plastics.finish(),
        ),
        exhibit(
            "clearcoat",
            "Clear coat, strength 0 to 1",
            "A rough red below a smooth clear layer (`KHR_materials_clearcoat`).",
            extended(
                "Clear coat",
                |_| red(0.6),
                "KHR_materials_clearcoat",
                |i| json!({ "clearcoatFactor": share(i), "clearcoatRoughnessFactor": 0.05 }),
            ),
        ),
        exhibit(
            "sheen",
            "Sheen, roughness 0.2 to 1",
            "Fibres that shine at grazing angles, as on velvet (`KHR_materials_sheen`).",
            extended(
                "Sheen",
                |_| Material::plain("cloth", [0.05, 0.02, 0.12], 1.0, 0.0),
                "KHR_materials_sheen",
                |i| json!({ "sheenColorFactor": [0.8, 0.7, 0.9], "sheenRoughnessFactor": 0.2 + 0.8 * share(i) }),
            ),
        ),
        exhibit(
            "specular",
            "Specular, strength 0 to 1",
            "How much a plastic reflects, with a tint (`KHR_materials_specular`).",
            extended(
                "Specular",
                |_| Material::plain("plastic", [0.3, 0.3, 0.32], 0.2, 0.0),
                "KHR_materials_specular",
                |i| json!({ "specularFactor": share(i), "specularColorFactor": [1.0, 0.6, 0.3] }),
            ),
        ),
        exhibit(
            "anisotropy",
            "Anisotropy, 0 to 1",
            "Brushed metal: the highlight stretches along the grain (`KHR_materials_anisotropy`).",
            extended(
                "Anisotropy",
                |_| Material::plain("steel", [0.6, 0.6, 0.62], 0.35, 1.0),
                "KHR_materials_anisotropy",
                |i| json!({ "anisotropyStrength": share(i), "anisotropyRotation": 0.0 }),
            ),
        ),
        exhibit(
            "iridescence",
            "Iridescence, film of 200 to 700 nm",
            "Colours of a thin film, by its thickness (`KHR_materials_iridescence`).",
            extended(
                "Iridescence",
                |_| Material::plain("film", [0.02; 3], 0.1, 0.0),
                "KHR_materials_iridescence",
                |i| {
                    let nm = 200.0 + 500.0 * share(i);
                    json!({ "iridescenceFactor": 1.0, "iridescenceIor": 1.5, "iridescenceThicknessMinimum": nm, "iridescenceThicknessMaximum": nm })
                },
            ),
        ),
    ]
}

// ---- glass -----------------------------------------------------------------------------------------------------------

fn glass() -> Vec<Exhibit> {
    let clear = |ior: f32| Material::glass("glass", [1.0; 3], ior, 0.6);
    let rough = |i: usize| {
        let mut glb = stage("Rough glass");
        studio(&mut glb);
        let materials: [usize; BALLS] = std::array::from_fn(|_| glb.material(clear(1.5)));
        row(&mut glb, materials);
        glb.finish_with(|document| {
            for (k, material) in materials.into_iter().enumerate() {
                document["materials"][material]["pbrMetallicRoughness"]["roughnessFactor"] = json!(share(k) * i as f32 * 0.5);
            }
        })
    };
    let mut indices = stage("Index of refraction");
    studio(&mut indices);
    let materials = std::array::from_fn(|i| indices.material(clear([1.1, 1.33, 1.5, 1.8, 2.42][i])));
    row(&mut indices, materials);
    let mut emeralds = stage("Absorption");
    studio(&mut emeralds);
    let materials: [usize; BALLS] = std::array::from_fn(|_| emeralds.material(clear(1.45)));
    row(&mut emeralds, materials);
    let emeralds = emeralds.finish_with(|document| {
        for (i, material) in materials.into_iter().enumerate() {
            let distance = [4.0, 1.0, 0.5, 0.25, 0.1][i];
            document["materials"][material]["extensions"]["KHR_materials_volume"] =
                json!({ "thicknessFactor": 0.6, "attenuationDistance": distance, "attenuationColor": [0.1, 0.8, 0.45] });
        }
    });
    vec![
        exhibit(
            "refraction",
            "Index of refraction 1.1 to 2.42",
            "From almost nothing to diamond (`KHR_materials_ior`, `KHR_materials_transmission`).",
            indices.finish(),
        ),
        exhibit("rough-glass", "Rough glass, 0 to 0.5", "Frosted glass keeps its light as it gets rougher.", rough(1)),
        exhibit(
            "absorption",
            "Absorption, deeper from left to right",
            "Light lost on its way through the body (`KHR_materials_volume`).",
            emeralds,
        ),
        exhibit(
            "dispersion",
            "Dispersion, 0 to 8",
            "A prism's colours: each path carries one of red, green and blue (`KHR_materials_dispersion`).",
            extended("Dispersion", |_| clear(1.7), "KHR_materials_dispersion", |i| json!({ "dispersion": 8.0 * share(i) })),
        ),
    ]
}

// ---- textures --------------------------------------------------------------------------------------------------------

fn textures() -> Vec<Exhibit> {
    let mut relief = stage("Normal map");
    studio(&mut relief);
    let map = relief.texture("relief", &paint::citrus_relief());
    let materials = std::array::from_fn(|i| {
        let skin = Material::plain("skin", [0.8, 0.35, 0.06], 0.35, 0.0);
        relief.material(skin.embossed(map, 1.5 * share(i), [4.0, 2.0]))
    });
    row(&mut relief, materials);

    let mut leaves = stage("Leaves");
    studio(&mut leaves);
    let card = leaves.texture("leaf", &paint::leaf_card());
    let materials: [usize; 3] =
        std::array::from_fn(|_| leaves.material(Material::plain("leaf", [1.0; 3], 0.7, 0.0).painted(card).two_sided()));
    for (i, material) in materials.into_iter().enumerate() {
        for k in 0..5 {
            let angle = TAU * f64::from(k) / 5.0;
            let mesh = leaves.mesh("leaf", vec![(shapes::lamp(0.5, 0.7), material)]);
            let at = DVec3::new(i as f64 * 1.2 - 1.2 + 0.2 * super::numbers::sin(angle), 0.4, 0.2 * super::numbers::cos(angle));
            leaves.place("leaf", mesh, at, turn(DVec3::Y, f64::from(k) * 72.0 + 20.0), 1.0);
        }
    }
    let leaves = leaves.finish_with(|document| {
        for (material, mode) in materials.into_iter().zip(["OPAQUE", "MASK", "BLEND"]) {
            document["materials"][material]["alphaMode"] = json!(mode);
        }
        document["materials"][materials[2]]["pbrMetallicRoughness"]["baseColorFactor"] = json!([1.0, 1.0, 1.0, 0.5]);
    });
    let unlit = extended(
        "Unlit",
        |i| Material::plain("sign", [[0.8, 0.1, 0.1], [0.8, 0.5, 0.05], [0.1, 0.6, 0.2], [0.1, 0.3, 0.8], [0.5, 0.1, 0.6]][i], 1.0, 0.0),
        "KHR_materials_unlit",
        |_| json!({}),
    );
    vec![
        exhibit(
            "normal-map",
            "Normal map, scale 0 to 1.5",
            "Relief without geometry, repeated by `KHR_texture_transform`.",
            relief.finish(),
        ),
        exhibit("alpha", "Alpha: opaque, mask, blend", "The same cards with their alpha ignored, cut out, and half transparent.", leaves),
        exhibit("unlit", "Unlit", "Colours that no lamp changes (`KHR_materials_unlit`); they light nothing themselves.", unlit),
    ]
}

// ---- lights and lenses -----------------------------------------------------------------------------------------------

fn lights_and_lenses() -> Vec<Exhibit> {
    let mut neon = stage("Neon");
    for (i, color) in [[1.0, 0.2, 0.1], [1.0, 0.7, 0.1], [0.2, 1.0, 0.3], [0.1, 0.5, 1.0], [0.8, 0.2, 1.0]].into_iter().enumerate() {
        let lamp = neon.material(Material::lamp("neon", color, 2.0 * 2.0_f32.powi(i as i32 - 1)));
        let x = (i as f64 - 2.0) * STEP;
        place(&mut neon, "tube", furniture::knot(0.22, 160, 14).scaled(0.7), lamp, DVec3::new(x, 0.4, 0.0));
    }
    let mut spots = stage("Spots");
    let white = spots.material(Material::plain("plaster", [0.8; 3], 0.9, 0.0));
    row(&mut spots, [white; BALLS]);
    let spots = spots.finish_with(|document| {
        let lamp = |kind: &str, color: [f32; 3], intensity: f32| json!({ "type": kind, "color": color, "intensity": intensity });
        let mut spot = lamp("spot", [1.0, 0.5, 0.2], 22.0);
        spot["spot"] = json!({ "innerConeAngle": 0.1, "outerConeAngle": 0.32 });
        let lamps = json!([spot, lamp("point", [0.2, 0.5, 1.0], 2.2), lamp("directional", [1.0, 0.95, 0.9], 0.5)]);
        document["extensions"] = json!({ "KHR_lights_punctual": { "lights": lamps } });
        document["extensionsUsed"].as_array_mut().expect("the writer names the extensions in use").push("KHR_lights_punctual".into());
        for (light, eye, target) in [
            (0, DVec3::new(-1.8, 2.6, 1.4), DVec3::new(-0.9, 0.2, 0.0)),
            (1, DVec3::new(1.1, 0.9, 0.9), DVec3::new(1.1, 0.0, 0.0)),
            (2, DVec3::new(2.0, 3.0, 2.0), DVec3::ZERO),
        ] {
            let q = if light == 1 { DQuat::IDENTITY } else { look(eye, target) };
            let nodes = document["nodes"].as_array_mut().expect("a scene has nodes");
            nodes.push(json!({ "translation": eye.to_array(), "rotation": q.to_array(), "extensions": { "KHR_lights_punctual": { "light": light } } }));
            let index = nodes.len() - 1;
            document["scenes"][0]["nodes"].as_array_mut().expect("a scene lists its nodes").push(index.into());
        }
    });
    let depth = || {
        let mut glb = stage("Depth of field");
        studio(&mut glb);
        for i in 0..7 {
            let color = [0.15 + 0.12 * i as f32, 0.35, 0.85 - 0.11 * i as f32];
            let paint = glb.material(Material::plain("paint", color, 0.3, 0.0));
            let x = f64::from(i) * 0.5 - 1.5;
            place(&mut glb, "ball", shapes::ball(0.24, 40), paint, DVec3::new(x, 0.0, 1.6 - f64::from(i) * 0.62));
        }
        glb.finish()
    };
    let orthographic = {
        let mut glb = stage("Orthographic");
        studio(&mut glb);
        let wood = glb.texture("walnut", &paint::wood_color());
        let wood = glb.material(Material::plain("walnut", [1.0; 3], 0.5, 0.0).painted(wood));
        for i in 0..5 {
            let block = furniture::block(DVec3::splat(0.22))
                .placed(turn(DVec3::Y, 45.0), DVec3::new(f64::from(i) * 0.7 - 1.4, 0.22, f64::from(i) * -0.5 + 1.0));
            place(&mut glb, "block", block, wood, DVec3::ZERO);
        }
        glb.finish_with(|document| {
            document["cameras"][0] = json!({ "name": "Front", "type": "orthographic", "orthographic": { "xmag": 1.9, "ymag": 1.07, "znear": 0.01, "zfar": 100.0 } });
        })
    };
    vec![
        exhibit(
            "emissive",
            "Lamps of any shape",
            "Emissive meshes, each twice as bright as the one before (`KHR_materials_emissive_strength`).",
            neon.finish(),
        ),
        exhibit("punctual", "Spot, point and sun", "Lights without area have hard shadows (`KHR_lights_punctual`).", spots),
        with(
            exhibit("lens", "Thin lens", "Sharp at one distance, soft before and behind it.", depth()),
            &["--f-stop", "0.25", "--focus-distance", "4.9"],
        ),
        exhibit("orthographic", "Orthographic camera", "Parallel rays: what is far is as large as what is near.", orthographic),
    ]
}

// ---- geometry --------------------------------------------------------------------------------------------------------

fn geometry() -> Vec<Exhibit> {
    let mut meadow = stage("Meadow");
    studio(&mut meadow);
    let green = meadow.material(Material::plain("grass", [0.12, 0.30, 0.05], 0.6, 0.0).two_sided());
    let blade = sheet(1, 6, |u, v| DVec3::new((u - 0.5) * 0.02 * (1.02 - v), v * 0.3, v * v * 0.12));
    let tuft = (0..40).fold(Mesh::default(), |tuft, i| {
        let (a, r) = (f64::from(i) * 2.4, 0.012 * f64::from(i).sqrt());
        tuft.with(
            blade
                .clone()
                .placed(turn(DVec3::Y, f64::from(i) * 137.5), DVec3::new(r * super::numbers::cos(a), 0.0, r * super::numbers::sin(a))),
        )
    });
    let mesh = meadow.mesh("tuft", vec![(tuft, green)]);
    let node = meadow.place("meadow", mesh, DVec3::ZERO, DQuat::IDENTITY, 1.0);
    let chance = |i: i64, k: i64| super::numbers::random(i, k, 0, 7);
    let count = 6_000;
    let places: Vec<[f32; 3]> = (0..count).map(|i| [(chance(i, 0) * 7.0 - 3.5) as f32, 0.0, (chance(i, 1) * 4.5 - 2.0) as f32]).collect();
    let turns: Vec<[f32; 4]> = (0..count).map(|i| turn(DVec3::Y, chance(i, 2) * 360.0).as_quat().to_array()).collect();
    let sizes: Vec<[f32; 3]> = (0..count).map(|i| [0.5 + 0.9 * chance(i, 3) as f32; 3]).collect();
    let [places, turns, sizes] = [meadow.numbers(&places), meadow.numbers(&turns), meadow.numbers(&sizes)];
    let meadow = meadow.finish_with(|document| {
        let attributes = json!({ "TRANSLATION": places, "ROTATION": turns, "SCALE": sizes });
        extend(document, "nodes", node, "EXT_mesh_gpu_instancing", json!({ "attributes": attributes }));
    });
    vec![exhibit(
        "instances",
        "Instances",
        "6,000 tufts of 480 triangles, 2.9 million in all, kept once in memory (`EXT_mesh_gpu_instancing`).",
        meadow,
    )]
}
