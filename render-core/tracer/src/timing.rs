//! How long the parts of loading a scene take, for `tools/bench`.

use crate::bvh::Trees;
use crate::layout::Buffers;
use raylance_scene::Scene;
use std::hint::black_box;
use std::time::{Duration, Instant};

/// Wall times.
#[derive(Clone, Copy, Debug)]
pub struct LoadTimes {
    /// The trees over triangles and instances alone.
    pub tree: Duration,
    /// Everything that lies in memory for both backends, those trees included.
    pub buffers: Duration,
}

/// Does the work of loading and drops what came out.
pub fn load(scene: &Scene) -> LoadTimes {
    let began = Instant::now();
    black_box(Trees::build(scene));
    let tree = began.elapsed();
    let began = Instant::now();
    black_box(Buffers::for_cpu(scene));
    LoadTimes { tree, buffers: began.elapsed() }
}
