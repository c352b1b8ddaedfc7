//! Shapes that move: bones and morph targets, each at one frame.

use super::stage::{BALLS, Cover, at, set, share};
use super::{Exhibit, exhibit};
use crate::glb::{Glb, Index, Material, Pose};
use crate::mesh::{Mesh, path, tube, turn};
use crate::numbers::step;
use crate::{paint, shapes};
use glam::{DQuat, DVec2, DVec3};
use serde_json::{Value, json};

/// Bones of an arm, and the length of each but the last in metres.
const BONES: usize = 5;
const BONE_M: f64 = 0.17;
/// How far each bone of the last arm turns, degrees.
const BEND_DEG: f64 = 42.0;

pub fn exhibits() -> Vec<Exhibit> {
    vec![
        exhibit("skin", "Skins", "One arm of five bones, bent less and more by an animation, at its frame 24 (`--frame 24`).", arms())
            .at_frame(24),
        exhibit("morph", "Morph targets, weight 0 to 1", "A ball on its way to a pumpkin.", pumpkins()),
    ]
}

// ---- bones -----------------------------------------------------------------------------------------------------------

fn arms() -> Vec<u8> {
    let mut glb = set("Skins", Cover::Paper);
    let stripes = glb.texture("stripes", &paint::stripes());
    let skin = glb.material(Material::plain("skin", [1.0; 3], 0.35, 0.0).painted(stripes));
    let arm = arm();
    let (joints, weights): (Vec<_>, Vec<_>) = arm.vertices.iter().map(|vertex| influence(vertex.position.y)).unzip();
    let mesh = glb.mesh("arm", vec![(arm, skin)]);
    let [joints, weights] = [glb.shorts(&joints), glb.numbers(&weights)];
    // A bone's space begins where the bone does.
    let unbind: [[f32; 16]; BONES] =
        std::array::from_fn(|bone| glam::Mat4::from_translation(glam::Vec3::new(0.0, -(bone as f64 * BONE_M) as f32, 0.0)).to_cols_array());
    let unbind = glb.numbers(&unbind);
    let arms: [(Index, [Index; BONES]); BALLS] = std::array::from_fn(|i| {
        let node = glb.place("arm", mesh, DVec3::ZERO, DQuat::IDENTITY, 1.0);
        (node, skeleton(&mut glb, i))
    });
    glb.finish_with(|document| {
        let attributes = &mut document["meshes"][mesh]["primitives"][0]["attributes"];
        attributes["JOINTS_0"] = json!(joints);
        attributes["WEIGHTS_0"] = json!(weights);
        document["skins"] = arms.iter().map(|(_, bones)| json!({ "joints": bones, "inverseBindMatrices": unbind })).collect();
        for (skin, (node, bones)) in arms.iter().enumerate() {
            document["nodes"][*node]["skin"] = json!(skin);
            chain(document, bones);
        }
    })
}

/// An arm that stands upright, thinner towards its round end.
fn arm() -> Mesh {
    let length = BONE_M * BONES as f64 - 0.06;
    let mut outline: Vec<[f64; 4]> = (0..=10).map(|i| f64::from(i) / 10.0).map(|t| [0.0, t * length, 0.0, 0.105 - 0.045 * t]).collect();
    outline.extend([[0.0, length + 0.03, 0.0, 0.048], [0.0, length + 0.047, 0.0, 0.030], [0.0, length + 0.054, 0.0, 0.012]]);
    tube(&path(&outline, 6), 32, None).tiled(DVec2::new(1.0, 8.0))
}

/// Which two bones a corner at that height follows, and how much: near a joint both, in the middle of a bone only that one.
fn influence(height: f64) -> ([u16; 4], [f32; 4]) {
    let along = height / BONE_M;
    let joint = along.round().clamp(0.0, BONES as f64);
    let upper = step(-0.45, 0.45, along - joint);
    let (below, above) = ((joint - 1.0).max(0.0), joint.min(BONES as f64 - 1.0));
    ([below as u16, above as u16, 0, 0], [(1.0 - upper) as f32, upper as f32, 0.0, 0.0])
}

/// The bones of arm `i`, moved within a second from upright to bent.
fn skeleton(glb: &mut Glb, i: usize) -> [Index; BONES] {
    std::array::from_fn(|bone| {
        let foot = if bone == 0 { DVec3::new(at(i) - 0.22 * f64::from(share(i)), 0.0, 0.0) } else { DVec3::Y * BONE_M };
        let joint = glb.joint(&format!("bone {bone}"), foot);
        let bend = if bone == 0 { 0.0 } else { -BEND_DEG * f64::from(share(i)) };
        let pose = |time_s: f64, degrees: f64| Pose { time_s, translation: foot, rotation: turn(DVec3::Z, degrees) };
        glb.animate("bend", joint, &[pose(0.0, 0.0), pose(1.0, bend)]);
        joint
    })
}

/// Makes each node the child of the one before it.
fn chain(document: &mut Value, nodes: &[Index]) {
    for pair in nodes.windows(2) {
        document["nodes"][pair[0]]["children"] = json!([pair[1]]);
        let roots = document["scenes"][0]["nodes"].as_array_mut().expect("a scene lists its nodes");
        roots.retain(|root| *root != json!(pair[1]));
    }
}

// ---- morph targets ---------------------------------------------------------------------------------------------------

fn pumpkins() -> Vec<u8> {
    let mut glb = set("Morph targets", Cover::Paper);
    let orange = glb.material(Material::plain("rind", [0.85, 0.27, 0.03], 0.4, 0.0));
    let ball = shapes::ball(0.32, 96).bent(|p| p);
    let pumpkin = ball.clone().bent(pumpkin);
    let rows = |pick: fn(&crate::mesh::Vertex) -> DVec3| -> Vec<[f32; 3]> {
        ball.vertices.iter().zip(&pumpkin.vertices).map(|(from, to)| (pick(to) - pick(from)).as_vec3().to_array()).collect()
    };
    let target = json!({ "POSITION": glb.numbers(&rows(|v| v.position)), "NORMAL": glb.numbers(&rows(|v| v.normal)) });
    let mesh = glb.mesh("pumpkin", vec![(ball, orange)]);
    let nodes: [Index; BALLS] = std::array::from_fn(|i| glb.place("pumpkin", mesh, DVec3::new(at(i), 0.0, 0.0), turn(DVec3::Y, 10.0), 1.0));
    glb.finish_with(|document| {
        document["meshes"][mesh]["primitives"][0]["targets"] = json!([target]);
        for (i, node) in nodes.into_iter().enumerate() {
            document["nodes"][node]["weights"] = json!([share(i)]);
        }
    })
}

/// Where a point of a ball on the floor goes: ribs around, flat, hollow at the stalk.
fn pumpkin(p: DVec3) -> DVec3 {
    let d = (p - DVec3::Y * 0.32) / 0.32;
    let side = DVec2::new(d.x, d.z);
    let reach = side.length();
    // Ten ribs: the tenth power of a direction as a complex number turns ten times as fast.
    let ahead = side.normalize_or(DVec2::X);
    let rib = (0..10).fold(DVec2::X, |power, _| power.rotate(ahead)).x;
    let out = 1.06 + 0.11 * rib * step(0.0, 0.5, reach);
    let dent = 0.42 * step(0.55, 0.0, reach) * d.y.signum();
    DVec3::new(d.x * out, (d.y * 0.80 - dent * 0.55).max(-0.8) + 0.72, d.z * out) * 0.32
}
