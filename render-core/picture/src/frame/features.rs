//! Albedo, normal and depth of a frame: samples of their own, one segment each.

use super::{BATCH_LEAVES, FrameError};
use crate::{Layers, SKY_DEPTH_M};
use raylance_tracer::{Control, LeafRequest, Quantity, Renderer, Settings};

/// Requests per pixel.
pub(super) const PASSES: u64 = 3;
/// Layers carry far less noise than light, but their edges must be as soft as the picture's: an eighth of its samples within these bounds.
const SHARE: u32 = 8;
const SAMPLES_MIN: u32 = 16;
const SAMPLES_MAX: u32 = 64;

/// Renders the three layers of a picture that has `samples` per pixel. Their first samples are the picture's: same places, same lens.
pub(super) fn render(renderer: &mut Renderer, settings: &Settings, samples: u32, control: &Control) -> Result<Layers, FrameError> {
    let samples = (samples / SHARE).clamp(SAMPLES_MIN, SAMPLES_MAX).min(samples);
    let mut sums = |quantity| quantity_sums(renderer, settings, samples, quantity, control);
    let mean = |sums: Vec<[f32; 3]>| sums.into_iter().map(|sum| sum.map(|value| value / samples as f32)).collect();
    let depth = |[metres, hits, _]: [f32; 3]| if hits > 0.0 { metres / hits } else { SKY_DEPTH_M };
    Ok(Layers {
        albedo: Some(mean(sums(Quantity::Albedo)?)),
        normal: Some(mean(sums(Quantity::Normal)?)),
        depth: Some(sums(Quantity::Depth)?.into_iter().map(depth).collect()),
        ..Layers::default()
    })
}

fn quantity_sums(
    renderer: &mut Renderer,
    settings: &Settings,
    samples: u32,
    quantity: Quantity,
    control: &Control,
) -> Result<Vec<[f32; 3]>, FrameError> {
    let pixels = settings.width_px as usize * settings.height_px as usize;
    let mut sums = Vec::with_capacity(pixels);
    for first in (0..pixels).step_by(BATCH_LEAVES) {
        let request = |pixel: usize| {
            let (x_px, y_px) = ((pixel % settings.width_px as usize) as u32, (pixel / settings.width_px as usize) as u32);
            LeafRequest { x_px, y_px, first_sample: 0, samples }
        };
        let requests: Vec<LeafRequest> = (first..pixels.min(first + BATCH_LEAVES)).map(request).collect();
        sums.extend(renderer.render_quantity(settings, &requests, quantity, control)?);
    }
    Ok(sums)
}
