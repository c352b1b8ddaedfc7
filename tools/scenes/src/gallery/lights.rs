//! Lamps, skies, lenses and views.

use super::stage::{ASPECT, BALLS, Cover, RADIUS, at, place, row, set, stage, uses};
use super::{Exhibit, Shows, Sky, exhibit};
use crate::glb::{Glb, Material};
use crate::mesh::{look, turn};
use crate::{furniture, paint, shapes};
use glam::{DQuat, DVec2, DVec3};
use serde_json::{Value, json};

pub fn exhibits() -> Vec<Exhibit> {
    vec![
        exhibit(
            "emissive",
            "Lamps of any shape",
            "Emissive meshes, each twice as bright as the one before (`KHR_materials_emissive_strength`).",
            neon([1.5, 3.0, 6.0, 12.0, 24.0]),
        )
        .under(Sky::Dark),
        exhibit(
            "views",
            "View transforms",
            "The same light, far brighter than a screen, through `--view standard`, `filmic`, `agx` and `aces`: clipped colours turn yellow, \
             cyan and magenta, films lose colour instead.",
            neon([18.0; BALLS]),
        )
        .under(Sky::Dark)
        .showing(Shows::Views),
        exhibit("sky", "A sky as the only lamp", "Sun, blue and clouds come from one picture (`--env`), made by a formula here.", outdoors()).under(Sky::Day),
        exhibit("punctual", "Spot, point and sun", "Lights without area have hard shadows (`KHR_lights_punctual`).", punctual())
            .under(Sky::Dark),
        exhibit("lens", "Thin lens", "Sharp at one distance, soft before and behind it.", lens())
            .with(&["--f-stop", "0.2", "--focus-distance", "5.5"]),
        exhibit("orthographic", "Orthographic camera", "Parallel rays: what is far is as large as what is near.", orthographic()),
    ]
}

/// Knots of light of those radiances.
fn neon(radiances: [f32; BALLS]) -> Vec<u8> {
    let mut glb = stage("Neon", Cover::Paper);
    let colors = [[1.0, 0.06, 0.03], [1.0, 0.45, 0.03], [0.05, 1.0, 0.12], [0.02, 0.16, 1.0], [0.85, 0.04, 0.75]];
    for (i, (color, radiance)) in colors.into_iter().zip(radiances).enumerate() {
        let lamp = glb.material(Material::lamp("neon", color, radiance));
        place(&mut glb, "tube", furniture::seamless_knot(0.25, 160, 14), lamp, DVec3::new(at(i), 0.36, 0.0));
    }
    glb.finish()
}

/// Balls on a terrace outdoors.
fn outdoors() -> Vec<u8> {
    let mut glb = Glb::new("Sky");
    let eye = DVec3::new(0.0, 0.62, 5.6);
    glb.camera("Front", ASPECT, 0.268, eye, look(eye, DVec3::new(0.0, 0.42, 0.0)));
    let squares = glb.texture("squares", &paint::checker());
    let stone = glb.material(Material::plain("stone", [1.0, 0.96, 0.9], 0.8, 0.0).painted(squares));
    let terrace = shapes::lamp(32.0, 16.0).tiled(DVec2::new(8.0, 4.0)).placed(turn(DVec3::X, -90.0) * turn(DVec3::Y, 180.0), DVec3::ZERO);
    place(&mut glb, "terrace", terrace, stone, DVec3::new(0.0, 0.0, -1.0));
    let balls = [
        Material::plain("plaster", [0.8, 0.79, 0.77], 0.9, 0.0),
        Material::plain("chrome", [0.9, 0.9, 0.91], 0.0, 1.0),
        Material::glass("glass", [1.0; 3], 1.5, 2.0 * RADIUS as f32),
        Material::plain("copper", [0.95, 0.55, 0.38], 0.25, 1.0),
        Material::plain("lacquer", [0.5, 0.02, 0.02], 0.05, 0.0),
    ];
    let materials = balls.map(|material| glb.material(material));
    row(&mut glb, materials);
    glb.finish()
}

fn punctual() -> Vec<u8> {
    let mut glb = stage("Spots", Cover::Paper);
    let white = glb.material(Material::plain("plaster", [0.8; 3], 0.9, 0.0));
    row(&mut glb, [white; BALLS]);
    glb.finish_with(|document| {
        let lamp = |kind: &str, color: [f32; 3], intensity: f32| json!({ "type": kind, "color": color, "intensity": intensity });
        let mut spot = lamp("spot", [1.0, 0.45, 0.12], 50.0);
        spot["spot"] = json!({ "innerConeAngle": 0.15, "outerConeAngle": 0.24 });
        let lamps = json!([spot, lamp("point", [0.15, 0.45, 1.0], 3.0), lamp("directional", [1.0, 0.95, 0.9], 0.5)]);
        document["extensions"] = json!({ "KHR_lights_punctual": { "lights": lamps } });
        uses(document, "KHR_lights_punctual");
        for (light, eye, target) in [
            (0, DVec3::new(-2.2, 2.6, 1.6), DVec3::new(-1.08, 0.2, 0.0)),
            (1, DVec3::new(1.08, 0.75, 0.55), DVec3::ZERO),
            (2, DVec3::new(2.0, 3.0, 2.0), DVec3::ZERO),
        ] {
            let turned = if light == 1 { DQuat::IDENTITY } else { look(eye, target) };
            shine(document, light, eye, turned);
        }
    })
}

/// Places a punctual light.
fn shine(document: &mut Value, light: usize, eye: DVec3, turned: DQuat) {
    let nodes = document["nodes"].as_array_mut().expect("a scene has nodes");
    let extensions = json!({ "KHR_lights_punctual": { "light": light } });
    nodes.push(json!({ "translation": eye.to_array(), "rotation": turned.to_array(), "extensions": extensions }));
    let index = nodes.len() - 1;
    document["scenes"][0]["nodes"].as_array_mut().expect("a scene lists its nodes").push(index.into());
}

fn lens() -> Vec<u8> {
    let mut glb = set("Depth of field", Cover::Paper);
    for i in 0..7 {
        let color = [0.05 + 0.12 * i as f32, 0.12, 0.75 - 0.11 * i as f32];
        let paint = glb.material(Material::plain("paint", color, 0.3, 0.0));
        let x = f64::from(i) * 0.52 - 1.56;
        place(&mut glb, "ball", shapes::ball(0.26, 48), paint, DVec3::new(x, 0.0, 1.6 - f64::from(i) * 0.54));
    }
    glb.finish()
}

fn orthographic() -> Vec<u8> {
    let mut glb = set("Orthographic", Cover::Paper);
    let wood = glb.texture("walnut", &paint::wood_color());
    let wood = glb.material(Material::plain("walnut", [1.0; 3], 0.5, 0.0).painted(wood));
    for i in 0..5 {
        let corner = DVec3::new(f64::from(i) * 0.74 - 1.48, 0.24, f64::from(i) * -0.5 + 1.0);
        let block = furniture::block(DVec3::splat(0.24)).placed(turn(DVec3::Y, 45.0), corner);
        place(&mut glb, "block", block, wood, DVec3::ZERO);
    }
    glb.finish_with(|document| {
        let lens = json!({ "xmag": 1.9, "ymag": 0.76, "znear": 0.01, "zfar": 100.0 });
        document["cameras"][0] = json!({ "name": "Front", "type": "orthographic", "orthographic": lens });
    })
}
