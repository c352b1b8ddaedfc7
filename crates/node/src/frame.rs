//! A whole frame on one device: all leaves of a picture in batches, and their assembly.

use crate::assemble::{AssembleError, Assembly};
use raylance_protocol::job::{LEAF_SAMPLES, LeafShape};
use raylance_render_core::image::Picture;
use raylance_render_core::{Control, LeafRequest, RenderError, Renderer, Settings};

/// Leaves of one call to the renderer: 4 Mi samples keep a large GPU busy, and 3 MiB of sums fit everywhere.
const BATCH_LEAVES: usize = 1 << 18;

/// Why a frame was not rendered.
#[derive(Debug, thiserror::Error)]
pub enum FrameError {
    /// The renderer failed.
    #[error("the renderer failed")]
    Render(#[from] RenderError),
    /// The renderer gave other leaves than were asked for.
    #[error("the leaves do not make a picture")]
    Assemble(#[from] AssembleError),
}

/// Number of leaves of a frame.
pub fn leaf_count(settings: &Settings, samples: u32) -> u64 {
    u64::from(settings.width_px) * u64::from(settings.height_px) * u64::from(samples.div_ceil(LEAF_SAMPLES))
}

/// Renders `samples` per pixel of a whole frame. Blocking; `control` cancels it and counts finished leaves.
///
/// # Errors
/// [`FrameError`].
pub fn render_frame(renderer: &mut Renderer, settings: &Settings, samples: u32, control: &Control) -> Result<Picture, FrameError> {
    let mut assembly = Assembly::new(settings.width_px, settings.height_px, samples);
    let runs = samples.div_ceil(LEAF_SAMPLES);
    let mut batch: Vec<LeafShape> = Vec::with_capacity(BATCH_LEAVES);
    for run in 0..runs {
        let first_sample = run * LEAF_SAMPLES;
        for y_px in 0..settings.height_px {
            for x_px in 0..settings.width_px {
                batch.push(LeafShape { x_px, y_px, first_sample, samples: LEAF_SAMPLES.min(samples - first_sample) });
                if batch.len() == BATCH_LEAVES {
                    render_batch(renderer, settings, &mut batch, control, &mut assembly)?;
                }
            }
        }
    }
    render_batch(renderer, settings, &mut batch, control, &mut assembly)?;
    Ok(assembly.finish()?)
}

fn render_batch(
    renderer: &mut Renderer,
    settings: &Settings,
    batch: &mut Vec<LeafShape>,
    control: &Control,
    assembly: &mut Assembly,
) -> Result<(), FrameError> {
    let requests: Vec<LeafRequest> = batch.iter().map(request).collect();
    let sums = renderer.render(settings, &requests, control)?;
    for (shape, sums) in batch.drain(..).zip(sums) {
        assembly.add(&shape, sums)?;
    }
    Ok(())
}

/// The renderer's words for a leaf.
pub fn request(shape: &LeafShape) -> LeafRequest {
    LeafRequest { x_px: shape.x_px, y_px: shape.y_px, first_sample: shape.first_sample, samples: shape.samples }
}
