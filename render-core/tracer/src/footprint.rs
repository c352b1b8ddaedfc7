//! What a scene needs on a device, told before anything is built or loaded.

use crate::RenderError;
use crate::layout::Buffers;
use raylance_scene::Scene;
use raylance_shaders::tables::{ggx_albedo_words, srgb_words};

/// Bytes of one buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BufferBytes {
    /// What lies in it.
    pub what: &'static str,
    /// At least so many.
    pub bytes: u64,
}

/// Bytes of a word in all buffers but the texels'.
const WORD: u64 = 16;

/// What each buffer of a scene needs at least: exact for textures and environment, a lower bound for the tree and the lights, which
/// depend on how triangles lie. Costs no more than a walk over the lists' lengths.
pub fn vram_estimate(scene: &Scene) -> Vec<BufferBytes> {
    let count = |length: usize| length as u64;
    let texels: u64 = scene.images.iter().map(|image| count(image.texels.len())).sum();
    let uses: u64 = scene.materials.iter().map(|m| count(m.textures.slots().iter().flatten().count())).sum();
    // A node of five words holds at most eight leaves of three triangles.
    let nodes = count(scene.triangles.len()) / 24 * 5;
    let environment = scene.environment.as_ref().map_or(1, |sky| {
        let pixels = count(sky.pixels.len());
        if sky.pixels.iter().flatten().any(|channel| *channel > 0.0) { pixels + pixels.div_ceil(2) } else { 1 }
    });
    let tables = count(srgb_words().len() + ggx_albedo_words().len() + 3 * scene.lights.len());
    let words = [
        ("tree", nodes + 8 * count(scene.instances.len())),
        ("triangles", 3 * count(scene.triangles.len())),
        ("shading", count(scene.triangles.len()) + 2 * count(scene.vertices.len())),
        ("materials", 14 * count(scene.materials.len()) + 3 * uses),
        ("tables", tables),
        ("environment", environment),
    ];
    let mut parts: Vec<BufferBytes> = words.into_iter().map(|(what, words)| BufferBytes { what, bytes: words * WORD }).collect();
    parts.push(BufferBytes { what: "textures", bytes: texels.max(4) });
    parts
}

impl Buffers {
    /// The buffers in the order of their bindings, with their names.
    pub fn parts(&self) -> [(&'static str, &[u8]); 7] {
        [
            ("tree", bytemuck::cast_slice(&self.nodes)),
            ("triangles", bytemuck::cast_slice(&self.triangles)),
            ("shading", bytemuck::cast_slice(&self.shading)),
            ("materials", bytemuck::cast_slice(&self.materials)),
            ("textures", bytemuck::cast_slice(&self.texels)),
            ("tables", bytemuck::cast_slice(&self.tables)),
            ("environment", bytemuck::cast_slice(&self.environment)),
        ]
    }
}

/// What a device offers.
#[derive(Clone, Debug)]
pub struct Offer {
    /// Its name.
    pub device: String,
    /// Most bytes of one buffer.
    pub buffer_bytes_max: u64,
    /// All of its own memory, where the driver tells.
    pub memory_bytes: Option<u64>,
}

/// Compares buffers with what a device offers.
///
/// # Errors
/// [`RenderError::SceneTooLarge`] or [`RenderError::MemoryTooSmall`], each with need and offer.
pub fn check_fits(parts: &[BufferBytes], offer: &Offer) -> Result<(), RenderError> {
    let device = offer.device.clone();
    if let Some(BufferBytes { what, bytes }) = parts.iter().find(|part| part.bytes > offer.buffer_bytes_max) {
        return Err(RenderError::SceneTooLarge { what, need: *bytes, limit: offer.buffer_bytes_max, device });
    }
    let need = parts.iter().map(|part| part.bytes).sum();
    match offer.memory_bytes {
        Some(offer) if need > offer => Err(RenderError::MemoryTooSmall { need, offer, device }),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conformance;

    #[test]
    fn estimates_are_never_above_what_is_loaded() {
        for seed in 1..=8 {
            let scene = conformance::scene(seed);
            let buffers = Buffers::new(&scene);
            for (what, bytes) in buffers.parts() {
                let estimate = vram_estimate(&scene).into_iter().find(|part| part.what == what).unwrap().bytes;
                let loaded = bytes.len() as u64;
                assert!(estimate <= loaded, "seed {seed}, {what}: {estimate} of {loaded}");
                let exact = !["tree", "tables"].contains(&what);
                assert!(!exact || estimate == loaded, "seed {seed}, {what}: {estimate} of {loaded}");
            }
        }
    }

    #[test]
    fn a_refusal_names_need_and_offer() {
        let part = |what, bytes| BufferBytes { what, bytes };
        let offer = |buffer_bytes_max, memory_bytes| Offer { device: "card".to_owned(), buffer_bytes_max, memory_bytes };
        let parts = [part("tree", 100), part("textures", 300)];
        assert!(check_fits(&parts, &offer(300, Some(400))).is_ok());
        assert!(check_fits(&parts, &offer(300, None)).is_ok());
        let error = check_fits(&parts, &offer(299, Some(400))).unwrap_err();
        assert_eq!(error.to_string(), "the scene's textures need 300 bytes; card offers 299 in one buffer");
        let error = check_fits(&parts, &offer(300, Some(399))).unwrap_err();
        assert_eq!(error.to_string(), "the scene needs at least 400 bytes of memory; card has 399");
    }
}
