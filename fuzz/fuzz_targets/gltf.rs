//! glTF and GLB from memory: a scene that passes its check, or faults; never a panic.
#![no_main]

use libfuzzer_sys::fuzz_target;
use raylance_render_core::scene::import::{ImportOptions, from_bytes};

fuzz_target!(|bytes: &[u8]| {
    // A frame, so that animation is read as well.
    let options = ImportOptions { frame: Some(7), ..ImportOptions::default() };
    if let Ok(imported) = from_bytes(bytes.to_vec(), &options) {
        imported.scene.check().expect("an imported scene passes its check");
    }
});
