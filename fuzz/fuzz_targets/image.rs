//! Pictures of materials: PNG, JPEG, WebP and KTX2 with Basis Universal.
#![no_main]

use libfuzzer_sys::fuzz_target;
use raylance_fuzz::judge;
use raylance_scene::import::image_from_bytes;

fuzz_target!(|bytes: &[u8]| judge(|| {
    if let Ok(image) = image_from_bytes(bytes) {
        assert_eq!(image.texels.len() as u64, u64::from(image.width_px) * u64::from(image.height_px) * 4);
    }
}));
