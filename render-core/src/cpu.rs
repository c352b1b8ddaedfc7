//! The CPU backend: the generated path tracer over an own wide tree, spread over threads.
//!
//! `generated.rs` is written from the shaders (`cargo xtask bless`); by hand are only the walk through the tree and this driver.

#[rustfmt::skip]
mod generated;
mod runtime;
mod wide;

use crate::layout::{Buffers, Counts};
use crate::{Control, LeafRequest, Quantity, RenderError, uniform::Uniform};
use generated::{Cx, Ext, Hit};
use rayon::prelude::*;
use runtime::{V3, V4};
use std::sync::atomic::{AtomicBool, Ordering};
use wide::{Geometry, WideTrees};

/// Leaves that one thread renders before it looks for cancellation: a few milliseconds.
const LEAVES_PER_STEP: usize = 16;

/// One scene ready for the CPU.
pub struct CpuRenderer {
    buffers: Buffers,
    trees: WideTrees,
    pool: rayon::ThreadPool,
}

// SAFETY: a C struct of floats and integers whose offsets the generated code asserts; 160 bytes without padding.
unsafe impl bytemuck::Zeroable for generated::Frame {}
// SAFETY: as above.
unsafe impl bytemuck::Pod for generated::Frame {}

/// Connects the generated path to the wide tree.
struct Walk<'a> {
    trees: &'a WideTrees,
    geometry: Geometry<'a>,
}

impl Ext for Walk<'_> {
    #[inline(always)]
    fn closest_hit(&self, _: &Cx<'_, Self>, o: V3<f32>, d: V3<f32>) -> Hit {
        self.trees.walk::<false>(self.geometry, o, d, generated::INFINITE)
    }

    #[inline(always)]
    fn occluded(&self, _: &Cx<'_, Self>, o: V3<f32>, d: V3<f32>, t_max: f32) -> bool {
        self.trees.walk::<true>(self.geometry, o, d, t_max).triangle != generated::NO_HIT
    }
}

impl CpuRenderer {
    /// Takes a laid-out scene; `threads` = 0 uses every core.
    ///
    /// # Errors
    /// [`RenderError::Threads`] when the system refuses threads.
    pub fn new(mut buffers: Buffers, threads: usize) -> Result<Self, RenderError> {
        let (pairs, instances) = buffers.nodes.split_at(buffers.counts.instances_at as usize);
        let Counts { tree_start, two_levels, .. } = buffers.counts;
        let trees = WideTrees::new(bytemuck::cast_slice(pairs), instances, &buffers.triangles, tree_start, two_levels);
        // The two-child trees have served.
        buffers.nodes = instances.to_vec();
        buffers.counts.instances_at = 0;
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .thread_name(|i| format!("render-{i}"))
            .build()
            .map_err(|_| RenderError::Threads)?;
        Ok(Self { buffers, trees, pool })
    }

    /// Numbers about the scene that go into the uniform.
    pub fn counts(&self) -> Counts {
        self.buffers.counts
    }

    /// Renders leaves, in any order, each whole.
    ///
    /// # Errors
    /// [`RenderError::Cancelled`].
    pub fn render(
        &self,
        uniform: &Uniform,
        requests: &[LeafRequest],
        quantity: Quantity,
        control: &Control,
    ) -> Result<Vec<[f32; 3]>, RenderError> {
        let triangles: &[V4<u32>] = bytemuck::cast_slice(&self.buffers.triangles);
        let nodes: &[V4<u32>] = bytemuck::cast_slice(&self.buffers.nodes);
        let frame: generated::Frame = bytemuck::cast(*uniform);
        let cx = Cx {
            ext: Walk { trees: &self.trees, geometry: Geometry { triangles, instances: nodes } },
            frame: &frame,
            nodes,
            triangles,
            shading: bytemuck::cast_slice(&self.buffers.shading),
            materials: bytemuck::cast_slice(&self.buffers.materials),
            texels: &self.buffers.texels,
            tables: bytemuck::cast_slice(&self.buffers.tables),
            environment: bytemuck::cast_slice(&self.buffers.environment),
        };
        let mut sums = vec![[0.0; 3]; requests.len()];
        let stopped = AtomicBool::new(false);
        self.pool.install(|| {
            sums.par_chunks_mut(LEAVES_PER_STEP).zip(requests.par_chunks(LEAVES_PER_STEP)).for_each(|(sums, requests)| {
                if control.is_cancelled() {
                    stopped.store(true, Ordering::Relaxed);
                    return;
                }
                for (sum, request) in sums.iter_mut().zip(requests) {
                    *sum = render_leaf(&cx, request, quantity);
                }
                control.add_done(requests.len() as u64);
            });
        });
        if stopped.into_inner() { Err(RenderError::Cancelled) } else { Ok(sums) }
    }
}

fn render_leaf(cx: &Cx<'_, Walk<'_>>, request: &LeafRequest, quantity: Quantity) -> [f32; 3] {
    let mut sum = V3::<f32>::splat(0.0);
    for sample in (0..request.samples).map(|i| request.first_sample.wrapping_add(i)) {
        sum = sum
            + match quantity {
                Quantity::Radiance => generated::trace_sample(cx, request.x_px, request.y_px, sample),
                feature => generated::trace_feature(cx, request.x_px, request.y_px, sample, feature as u32),
            };
    }
    [sum.x, sum.y, sum.z]
}

/// Whether the processor has the eight-wide arithmetic that the tree walk is written for.
pub fn has_wide_arithmetic() -> bool {
    wide::has_avx2()
}

/// The shaders' decoding, for the layout's tests.
#[cfg(test)]
pub fn unpack_octahedral_for_tests(bits: u32) -> [f32; 3] {
    let v = generated::unpack_octahedral(bits);
    [v.x, v.y, v.z]
}
