//! Writes packed scenes for `packed_scene` to begin with: those of `corpus/gltf` that are small. Run it in `fuzz/`.

use raylance_scene::import::{ImportOptions, from_bytes};
use raylance_scene::{Scene, digest};
use std::path::Path;

/// Larger seeds only make the fuzzer slow.
const PACKED_BYTES_MAX: usize = 6_000;
const SEEDS_MAX: usize = 12;

fn main() -> std::io::Result<()> {
    let mut packed: Vec<Vec<u8>> = Vec::new();
    for entry in std::fs::read_dir("corpus/gltf")? {
        let bytes = std::fs::read(entry?.path())?;
        if let Ok(imported) = from_bytes(bytes, &ImportOptions::default()) {
            // The sky that an unlit scene gets is most of its bytes and says nothing new.
            packed.push(Scene { environment: None, ..imported.scene }.pack());
        }
    }
    packed.retain(|scene| scene.len() <= PACKED_BYTES_MAX);
    packed.sort_by_key(|scene| (scene.len(), scene.clone()));
    packed.dedup();
    std::fs::create_dir_all("corpus/packed_scene")?;
    let step = (packed.len() / SEEDS_MAX).max(1);
    for scene in packed.iter().step_by(step) {
        let name: String = digest(scene)[..6].iter().map(|byte| format!("{byte:02x}")).collect();
        std::fs::write(Path::new("corpus/packed_scene").join(name), scene)?;
    }
    Ok(())
}
