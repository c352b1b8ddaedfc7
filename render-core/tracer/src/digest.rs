//! The renderer's name: a hash of everything that decides a sample's bits, and of nothing else.
//!
//! Two things decide them. The shaders, from which the CPU's code is written too, count as text without comments and layout. What Rust puts
//! into the lists that they read (materials, lights, environment, instances with their boxes, tables, the frame's uniform) counts as what it
//! makes of built-in scenes in which every feature occurs. Trees do not count: each device builds its own, and a hit does not depend on them.

use crate::Settings;
use crate::conformance;
use crate::layout::Buffers;
use crate::uniform::Uniform;
use raylance_scene::{Projection, Scene};
use raylance_shaders::{SceneMemory, gpu_source};
use std::sync::OnceLock;

const DOMAIN: &str = "raylance renderer 2";
/// Scenes with every kind of material, texture and light.
const SCENES: std::ops::Range<u64> = 1..5;
const SETTINGS: Settings = Settings { width_px: 48, height_px: 32, depth_max: 5, seed: 7 };

/// Hash of everything that decides a sample's bits. Peers with different digests must not check each other. Milliseconds at the first call.
pub fn renderer_digest() -> [u8; 32] {
    static DIGEST: OnceLock<[u8; 32]> = OnceLock::new();
    *DIGEST.get_or_init(|| {
        let mut hasher = blake3::Hasher::new_derive_key(DOMAIN);
        for memory in [SceneMemory::Buffers, SceneMemory::Images] {
            hasher.update(plain(&gpu_source(None, memory)).as_bytes());
        }
        SCENES.map(conformance::scene).for_each(|scene| add(&mut hasher, scene));
        *hasher.finalize().as_bytes()
    })
}

fn add(hasher: &mut blake3::Hasher, mut scene: Scene) {
    let buffers = Buffers::without_trees(&scene);
    for list in [&buffers.nodes, &buffers.triangles, &buffers.shading, &buffers.materials, &buffers.tables, &buffers.environment] {
        hasher.update(&(list.len() as u64).to_le_bytes());
        list.iter().flatten().for_each(|number| _ = hasher.update(&number.to_le_bytes()));
    }
    buffers.texels.iter().for_each(|texel| _ = hasher.update(&texel.to_le_bytes()));
    for projection in [scene.camera.projection, Projection::Orthographic { half_height_m: 1.5 }] {
        scene.camera.projection = projection;
        scene.camera.aperture_radius_m = 0.25;
        hasher.update(bytemuck::bytes_of(&Uniform::new(&scene.camera, &SETTINGS, &buffers.counts)));
    }
}

/// The text without comments, and with one blank where there are several or a new line.
fn plain(source: &str) -> String {
    let code = source.lines().map(|line| line.split_once("//").map_or(line, |(code, _)| code));
    code.flat_map(str::split_whitespace).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use raylance_scene::LightKind;

    fn digest(scene: Scene) -> blake3::Hash {
        let mut hasher = blake3::Hasher::new();
        add(&mut hasher, scene);
        hasher.finalize()
    }

    #[test]
    fn comments_and_layout_do_not_count_and_code_does() {
        let source = "fn f(x: u32) -> u32 { // doubles\n    return 2u * x;\n}\n";
        assert_eq!(plain(source), plain("// A comment.\nfn f(x: u32) -> u32 {\n\treturn   2u * x; }"));
        assert_ne!(plain(source), plain(&source.replace("2u", "3u")));
        assert!(!gpu_source(None, SceneMemory::Buffers).contains("/*"), "such comments would count");
    }

    #[test]
    fn whatever_a_scene_has_comes_into_it() {
        let scene = || conformance::scene(1);
        let [same, again] = [digest(scene()), digest(scene())];
        assert_eq!(same, again);
        let changes: [fn(&mut Scene); 6] = [
            |scene| scene.materials[3].roughness += 0.125,
            |scene| scene.images[0].texels[5] ^= 1,
            |scene| scene.lights[0].emission[1] += 1.0,
            |scene| scene.vertices[7].uv[0][1] += 0.25,
            |scene| scene.camera.from[0] += 1.0,
            |scene| scene.environment.as_mut().expect("it has one").pixels[0][2] += 1.0,
        ];
        for (number, change) in changes.into_iter().enumerate() {
            let mut scene = scene();
            change(&mut scene);
            assert_ne!(digest(scene), same, "change {number}");
        }
        assert!(scene().lights.iter().any(|light| matches!(light.kind, LightKind::Spot { .. })), "the scene has every kind of light");
        let repeated = |scene: &Scene| scene.instances.len() > 1;
        assert!(SCENES.map(conformance::scene).any(|scene| !repeated(&scene)));
        let mut moved = SCENES.map(conformance::scene).find(repeated).expect("some scene has instances");
        let still = digest(moved.clone());
        moved.instances[1].to_world[3] += 1.0;
        assert_ne!(digest(moved), still, "instances and their boxes count");
    }

    /// Shows in review that the renderer is another one. Whoever means it to be writes the new name here.
    #[test]
    fn the_renderer_is_the_one_that_is_known() {
        let name: String = renderer_digest().iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(name, include_str!("renderer.digest").trim());
    }
}
