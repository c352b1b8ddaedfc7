//! A packed scene, as a stranger sends it: its bytes are the canonical ones of a scene that passes its check, or they are refused.
#![no_main]

use libfuzzer_sys::fuzz_target;
use raylance_fuzz::judge;
use raylance_scene::Scene;

fuzz_target!(|bytes: &[u8]| judge(|| {
    if let Ok(scene) = Scene::unpack(bytes, bytes.len()) {
        scene.check().expect("an unpacked scene passes its check");
        assert_eq!(scene.pack(), bytes, "one scene has one encoding");
    }
}));
