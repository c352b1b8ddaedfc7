//! The demo's picture rendered once more on this machine: every exact device gives the bits of its CPU.

use super::{DemoError, Step};
use raylance_control::submit::SubmitRequest;
use raylance_picture::Picture;
use raylance_picture::frame::{Extras, FrameOrder, Watch, render_frame};
use raylance_protocol::limits;
use raylance_scene::import::import;
use raylance_tracer::{DeviceChoice, Profile, Renderer, Settings};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// Between two looks at how far the render is.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// Seed of the samples of every job: what makes jobs different is the salt of their names.
pub const SEED: u32 = 0;

/// Has the picture at `image` the bits of a local render? Dropped half-way, the render still runs to its end on a
/// thread of its own.
///
/// # Errors
/// [`DemoError`] when either picture cannot be had.
pub async fn is_identical(request: &SubmitRequest, image: &Path, told: &mut impl FnMut(Step<'_>)) -> Result<bool, DemoError> {
    let settings = Settings { width_px: request.width_px, height_px: request.height_px, depth_max: request.depth_max, seed: SEED };
    let order = FrameOrder { settings, samples: request.samples, noise: None, extras: Extras::None };
    let watch = Arc::new(Watch::new(&order, 1));
    let (request, image, watched) = (request.clone(), image.to_owned(), Arc::clone(&watch));
    let mut compared = tokio::task::spawn_blocking(move || compare(&request, &order, &image, &watched));
    loop {
        let (done, total) = watch.progress();
        told(Step::Comparing { done, total });
        if let Ok(ended) = tokio::time::timeout(LOOK_EVERY, &mut compared).await {
            return ended.map_err(DemoError::Comparison)?;
        }
    }
}

fn compare(request: &SubmitRequest, order: &FrameOrder, image: &Path, watch: &Watch) -> Result<bool, DemoError> {
    let assembled = Picture::read_exr(image, limits::EDGE_PX_MAX)?;
    let scene = import(&request.scene, &request.import_options())?.scene;
    let mut renderer = Renderer::new(&scene, &DeviceChoice::Cpu, Profile::Exact, 0)?;
    let own = render_frame(&mut renderer, order, watch)?.picture;
    let bits = |picture: &Picture| picture.pixels.iter().flatten().map(|channel| channel.to_bits()).collect::<Vec<_>>();
    Ok((own.width_px, own.height_px) == (assembled.width_px, assembled.height_px) && bits(&own) == bits(&assembled))
}
