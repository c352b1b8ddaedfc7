//! The CPU backend: the generated path tracer over an own wide tree, spread over threads.
//!
//! `generated.rs` and `generated_wide.rs` are written from the shaders (`cargo xtask bless`); by hand are only the walk through the tree
//! and this driver. Where the processor has AVX2 or AVX-512, eight or sixteen samples are traced at once, each with the bits of the scalar
//! code: the wide code is compiled once for each kind of register.

/// Methods of the lanes' types, each with the processor features that `wide!` gives where they are made.
#[cfg(target_arch = "x86_64")]
macro_rules! methods {
    ($($(#[$doc:meta])* $name:ident($($argument:ident: $T:ty),*) $(-> $R:ty)? $body:block)*) => {
        $(
            wide! {
                $(#[$doc])*
                #[allow(dead_code)]
                #[inline]
                pub fn $name($($argument: $T),*) $(-> $R)? $body
            }
        )*
    };
}

#[cfg(target_arch = "x86_64")]
mod eight;
#[rustfmt::skip]
pub(crate) mod generated;
mod lanes;
#[cfg(all(test, target_arch = "x86_64"))]
#[rustfmt::skip]
mod probe;
pub(crate) mod runtime;
#[cfg(target_arch = "x86_64")]
#[allow(clippy::duplicate_mod, reason = "the wide code is compiled once for each kind of register")]
mod sixteen;
mod wide;
mod work;

use crate::layout::{Buffers, Counts};
use crate::{Control, LeafRequest, Outcome, Quantity, RenderError, pages, uniform::Uniform};
pub use generated::PATH_TESTS_MAX;
use generated::{Cx, Ext, Hit};
use lanes::{Lanes, most_tests, render_leaves};
use raylance_scene::Scene;
use rayon::prelude::*;
use runtime::{V3, V4};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use wide::{Geometry, WideTrees};
use work::Work;

/// Leaves that one thread renders before it looks at the control: a few milliseconds.
const LEAVES_PER_STEP: usize = 16;

/// One scene ready for the CPU.
pub struct CpuRenderer {
    buffers: Buffers,
    trees: WideTrees,
    pool: rayon::ThreadPool,
    lanes: Lanes,
}

// SAFETY: a C struct of floats and integers whose offsets the generated code asserts; 160 bytes without padding.
unsafe impl bytemuck::Zeroable for generated::Frame {}
// SAFETY: as above.
unsafe impl bytemuck::Pod for generated::Frame {}

/// Connects the generated path to the wide tree.
pub(crate) struct Walk<'a> {
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
    /// Takes a checked scene; `threads` = 0 uses every core.
    ///
    /// # Errors
    /// [`RenderError::Threads`] when the system refuses threads.
    pub fn new(scene: &Scene, threads: usize) -> Result<Self, RenderError> {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .thread_name(|i| format!("render-{i}"))
            .build()
            .map_err(|_| RenderError::Threads)?;
        let (buffers, trees) = pool.install(|| lay_out(scene));
        Ok(Self { buffers, trees, pool, lanes: Lanes::best() })
    }

    /// Takes another scene in the place of the one that is loaded; the threads stay.
    pub fn load(&mut self, scene: &Scene) {
        (self.buffers, self.trees) = self.pool.install(|| lay_out(scene));
    }

    /// Numbers about the scene that go into the uniform.
    pub fn counts(&self) -> Counts {
        self.buffers.counts
    }

    /// Renders leaves, in any order, each whole.
    pub fn render(&self, uniform: &Uniform, requests: &[LeafRequest], quantity: Quantity, control: &Control) -> Outcome {
        let frame: generated::Frame = bytemuck::cast(*uniform);
        let mut sums = vec![None; requests.len()];
        let is_bounded = AtomicBool::new(false);
        self.pool.install(|| {
            sums.par_chunks_mut(LEAVES_PER_STEP).zip(requests.par_chunks(LEAVES_PER_STEP)).for_each(|(sums, requests)| {
                // A paused thread sleeps here: the pool is this renderer's own, so nobody else waits for it.
                if is_bounded.load(Ordering::Relaxed) || !control.may_go_on() {
                    return;
                }
                let work = Work::new(control);
                render_leaves(&self.context(&frame, &work), requests, quantity, self.lanes, sums);
                let whole = sums.iter().flatten().count();
                if whole < sums.len() && !control.is_cancelled() {
                    is_bounded.store(true, Ordering::Relaxed);
                }
                control.add_done(whole as u64);
            });
        });
        let ended = match (is_bounded.into_inner(), sums.iter().all(Option::is_some)) {
            (true, _) => Err(RenderError::PathBound),
            (false, true) => Ok(()),
            (false, false) => Err(RenderError::Cancelled),
        };
        Outcome { sums, ended }
    }

    /// The most tests of any one path; see [`generated::PATH_TESTS_MAX`]. Ends early at the first path that needs more than `enough`.
    pub fn most_tests(&self, uniform: &Uniform, requests: &[LeafRequest], enough: u64) -> u64 {
        let frame: generated::Frame = bytemuck::cast(*uniform);
        let (control, most) = (Control::default(), AtomicU64::new(0));
        self.pool.install(|| {
            requests.par_iter().for_each(|request| {
                if most.load(Ordering::Relaxed) <= enough {
                    let work = Work::new(&control);
                    most.fetch_max(most_tests(&self.context(&frame, &work), request), Ordering::Relaxed);
                }
            });
        });
        most.into_inner()
    }

    /// What the generated functions read.
    fn context<'a>(&'a self, frame: &'a generated::Frame, work: &'a Work<'a>) -> Cx<'a, Walk<'a>> {
        let triangles: &[V4<u32>] = bytemuck::cast_slice(&self.buffers.triangles);
        let nodes: &[V4<u32>] = bytemuck::cast_slice(&self.buffers.nodes);
        Cx {
            ext: Walk { trees: &self.trees, geometry: Geometry { triangles, instances: nodes, work } },
            frame,
            nodes,
            triangles,
            shading: bytemuck::cast_slice(&self.buffers.shading),
            materials: bytemuck::cast_slice(&self.buffers.materials),
            texels: &self.buffers.texels,
            tables: bytemuck::cast_slice(&self.buffers.tables),
            environment: bytemuck::cast_slice(&self.buffers.environment),
        }
    }
}

/// The shaders' functions on one scene, for tests that call them one by one.
#[cfg(test)]
pub(crate) struct Probe {
    renderer: CpuRenderer,
    frame: generated::Frame,
    work: Work<'static>,
}

#[cfg(test)]
impl Probe {
    /// Checks the scene and lays it out.
    pub(crate) fn new(scene: &raylance_scene::Scene) -> Self {
        scene.check().unwrap();
        let renderer = CpuRenderer::new(scene, 1).unwrap();
        let settings = crate::Settings { width_px: 1, height_px: 1, depth_max: 2, seed: 0 };
        let frame = bytemuck::cast(Uniform::new(&scene.camera, &settings, &renderer.counts()));
        Self { renderer, frame, work: Work::endless() }
    }

    /// What the generated functions read.
    pub(crate) fn context(&self) -> Cx<'_, Walk<'_>> {
        self.renderer.context(&self.frame, &self.work)
    }
}

/// The buffers, and the wide trees made of the two-child ones.
fn lay_out(scene: &Scene) -> (Buffers, WideTrees) {
    let (buffers, trees) = Buffers::for_cpu(scene);
    let wide = WideTrees::new(&trees, scene.instances.iter().map(|instance| instance.mesh), &buffers.triangles);
    for words in [&buffers.triangles, &buffers.shading, &buffers.nodes, &buffers.tables, &buffers.environment] {
        pages::enlarge(words);
    }
    pages::enlarge(&buffers.texels);
    wide.enlarge();
    (buffers, wide)
}

/// The kind of arithmetic that this processor's cores are used with.
pub fn arithmetic() -> &'static str {
    Lanes::best().name()
}

/// The shaders' decoding, for the layout's tests.
#[cfg(test)]
pub fn unpack_octahedral_for_tests(bits: u32) -> [f32; 3] {
    let v = generated::unpack_octahedral(bits);
    [v.x, v.y, v.z]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conformance::{self, FRAMES, frame_requests};

    #[test]
    fn a_cancelled_render_keeps_what_is_finished_and_the_rest_makes_it_whole() {
        let scene = conformance::scene(2);
        let cpu = CpuRenderer::new(&scene, 2).unwrap();
        let uniform = Uniform::new(&scene.camera, &FRAMES[0].settings(), &cpu.counts());
        let requests = frame_requests();
        let expected = cpu.render(&uniform, &requests, Quantity::Radiance, &Control::default()).sums;
        let control = Control::cancelling_itself();
        let got = cpu.render(&uniform, &requests, Quantity::Radiance, &control);
        assert_eq!(got.sums.iter().flatten().count() as u64, control.done());
        assert_eq!(got.ended.is_ok(), control.done() == requests.len() as u64);
        control.rearm();
        let open: Vec<usize> = (0..requests.len()).filter(|&at| got.sums[at].is_none()).collect();
        let rest = cpu.render(&uniform, &open.iter().map(|&at| requests[at]).collect::<Vec<_>>(), Quantity::Radiance, &control);
        let mut whole = got.sums;
        open.into_iter().zip(rest.sums).for_each(|(at, sum)| whole[at] = sum);
        let bits = |sums: &[Option<[f32; 3]>]| sums.iter().map(|sum| sum.map(|sum| sum.map(f32::to_bits))).collect::<Vec<_>>();
        assert_eq!(bits(&whole), bits(&expected));
        assert_eq!(control.done(), requests.len() as u64);
    }
}
