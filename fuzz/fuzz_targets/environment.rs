//! Environments: Radiance HDR and OpenEXR.
#![no_main]

use libfuzzer_sys::fuzz_target;
use raylance_fuzz::judge;
use raylance_scene::import::environment_from_bytes;

fuzz_target!(|bytes: &[u8]| judge(|| {
    if let Ok(sky) = environment_from_bytes(bytes, 1.0) {
        assert_eq!(sky.pixels.len() as u64, u64::from(sky.width_px) * u64::from(sky.height_px));
        assert!(sky.pixels.iter().flatten().all(|channel| channel.is_finite() && *channel >= 0.0));
    }
}));
