//! glTF and GLB from memory: a scene that passes its check, or faults; never a panic.
#![no_main]

use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};
use raylance_fuzz::{judge, mutate_glb};
use raylance_scene::import::{ImportOptions, from_bytes};

fuzz_target!(|bytes: &[u8]| judge(|| {
    // A frame, so that animation is read as well.
    let options = ImportOptions { frame: Some(7), ..ImportOptions::default() };
    if let Ok(imported) = from_bytes(bytes.to_vec(), &options) {
        imported.scene.check().expect("an imported scene passes its check");
    }
}));

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| { mutate_glb(data, size, max_size, seed, fuzzer_mutate) });
