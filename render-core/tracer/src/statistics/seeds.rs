//! Z-test between our own seeds: two renders of one scene differ by their noise and by nothing else, and the noise is as large as leaves say.

use crate::{Control, DeviceChoice, LeafRequest, Profile, Renderer, Settings, conformance};
use raylance_scene::Scene;

const EDGE_PX: u32 = 32;
const BLOCK_PX: u32 = 4;
const LEAF_SAMPLES: u32 = 16;
/// Leaves of a pixel, each of a seed of its own: those of one seed are not independent, as the sampler spreads their samples.
const LEAVES: u32 = 12;

/// Luminance of blocks in each of the leaves.
fn blocks(renderer: &mut Renderer, first_seed: u32) -> Vec<Vec<f64>> {
    let across = EDGE_PX / BLOCK_PX;
    let render = |seed| {
        let settings = Settings { width_px: EDGE_PX, height_px: EDGE_PX, depth_max: 6, seed };
        let request = |i| LeafRequest { x_px: i % EDGE_PX, y_px: i / EDGE_PX, first_sample: 0, samples: LEAF_SAMPLES };
        let requests: Vec<LeafRequest> = (0..EDGE_PX * EDGE_PX).map(request).collect();
        let mut means = vec![0.0; (across * across) as usize];
        for (request, sum) in requests.iter().zip(renderer.render(&settings, &requests, &Control::default()).unwrap()) {
            let block = request.y_px / BLOCK_PX * across + request.x_px / BLOCK_PX;
            let value: f64 = 0.2126 * f64::from(sum[0]) + 0.7152 * f64::from(sum[1]) + 0.0722 * f64::from(sum[2]);
            means[block as usize] += value / f64::from(BLOCK_PX * BLOCK_PX * LEAF_SAMPLES);
        }
        means
    };
    (first_seed..first_seed + LEAVES).map(render).collect()
}

/// Mean and its squared standard error.
fn mean(values: impl Iterator<Item = f64> + Clone) -> (f64, f64) {
    let n = values.clone().count() as f64;
    let mean = values.clone().sum::<f64>() / n;
    (mean, values.map(|v| (v - mean).powi(2)).sum::<f64>() / (n - 1.0) / n)
}

/// Differences of the blocks of two renders over their standard errors, and that of the whole pictures.
fn deviations(a: &[Vec<f64>], b: &[Vec<f64>], gain: f64) -> (Vec<f64>, f64) {
    let between = |of: &dyn Fn(&Vec<f64>) -> f64| {
        let ((ma, va), (mb, vb)) = (mean(a.iter().map(of)), mean(b.iter().map(|leaf| of(leaf) * gain)));
        (mb - ma) / (va + vb).sqrt().max(1e-12)
    };
    let single = (0..a[0].len()).map(|block| between(&|leaf| leaf[block])).collect();
    // Bright blocks are noisy; the logarithm-like weight 1 / mean makes all count alike.
    let weights: Vec<f64> = (0..a[0].len()).map(|block| 1.0 / a.iter().map(|leaf| leaf[block]).sum::<f64>().max(1e-3)).collect();
    let whole = between(&|leaf| leaf.iter().zip(&weights).map(|(value, weight)| value * weight).sum());
    (single, whole)
}

/// A scene with every feature but the fireflies of its small lights.
fn scene() -> Scene {
    let mut scene = conformance::scene(4);
    scene.lights.clear();
    scene.environment.iter_mut().flat_map(|sky| &mut sky.pixels).for_each(|pixel| *pixel = pixel.map(|v| v.min(2.0)));
    scene
}

#[test]
fn two_seeds_differ_by_their_noise_alone() {
    let mut renderer = Renderer::new(&scene(), &DeviceChoice::Cpu, Profile::Exact, 0).unwrap();
    let (a, b) = (blocks(&mut renderer, 100), blocks(&mut renderer, 200));
    let (single, whole) = deviations(&a, &b, 1.0);
    let square = single.iter().map(|z| z * z).sum::<f64>() / single.len() as f64;
    // With 22 degrees of freedom the mean of t² is 1.1, its spread over 64 blocks 0.2.
    assert!((0.5..1.8).contains(&square), "mean square of the deviations {square}");
    let worst = single.iter().fold(0.0f64, |worst, z| worst.max(z.abs()));
    assert!(worst < 5.5, "a block deviates by {worst}: {single:?}");
    assert!(whole.abs() < 4.0, "the pictures deviate by {whole}");
    // The test can fail: two per cent more light is found out, and so is noise that is stated too small.
    let (_, brighter) = deviations(&a, &b, 1.02);
    println!("mean square {square}, worst {worst}, whole {whole}, 2 % brighter {brighter}");
    assert!(brighter > 4.5, "2 % more light deviate by {brighter} only");
}
