//! How long the parts of loading a scene take, for `examples/load_times.rs`.

use crate::bvh::Tree;
use crate::layout::Buffers;
use crate::scene::Scene;
use std::hint::black_box;
use std::time::{Duration, Instant};

/// Wall times.
#[derive(Clone, Copy, Debug)]
pub struct LoadTimes {
    /// The tree over the triangles alone.
    pub tree: Duration,
    /// Everything that lies in memory for both backends, that tree included.
    pub buffers: Duration,
}

/// Does the work of loading and drops what came out.
pub fn load(scene: &Scene) -> LoadTimes {
    let began = Instant::now();
    black_box(Tree::build(scene));
    let tree = began.elapsed();
    let began = Instant::now();
    black_box(Buffers::new(scene));
    LoadTimes { tree, buffers: began.elapsed() }
}
