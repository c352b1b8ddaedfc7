//! Leaves on the CPU: sample by sample, or eight or sixteen samples at once where the processor can. All give the same bits.

use super::Walk;
use super::generated::{self, Cx};
use super::runtime::V3;
#[cfg(target_arch = "x86_64")]
use super::{eight, sixteen};
use crate::{LeafRequest, Quantity};

/// Samples that share a pool: so many that lanes seldom run empty at its end, so few that their results stay in the nearest cache.
#[cfg(target_arch = "x86_64")]
const POOL_SAMPLES: usize = 256;

/// A pool has the work of so many paths that reach the bound: a leaf's usual number. Honest paths need a thousandth of it.
#[cfg(target_arch = "x86_64")]
const POOL_PATHS: u64 = 16;

/// How many samples are traced at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lanes {
    /// By the scalar code.
    One,
    /// Chosen only where the processor has AVX2.
    #[cfg(target_arch = "x86_64")]
    Eight,
    /// Chosen only where the processor has AVX-512.
    #[cfg(target_arch = "x86_64")]
    Sixteen,
}

impl Lanes {
    /// All kinds that this processor can, the best last.
    pub fn all() -> Vec<Self> {
        let mut all = vec![Self::One];
        #[cfg(target_arch = "x86_64")]
        {
            all.extend(eight::is_available().then_some(Self::Eight));
            all.extend(sixteen::is_available().then_some(Self::Sixteen));
        }
        all
    }

    /// The most that this processor can.
    pub fn best() -> Self {
        Self::all().pop().unwrap_or(Self::One)
    }

    /// Its arithmetic, for people.
    pub fn name(self) -> &'static str {
        match self {
            Self::One => "portable arithmetic",
            #[cfg(target_arch = "x86_64")]
            Self::Eight => "AVX2",
            #[cfg(target_arch = "x86_64")]
            Self::Sixteen => "AVX-512",
        }
    }
}

/// The sums of leaves, each of its samples in their order. Where the work is spent, the leaves that have not ended have none.
pub fn render_leaves(cx: &Cx<'_, Walk<'_>>, requests: &[LeafRequest], quantity: Quantity, lanes: Lanes, sums: &mut [Option<[f32; 3]>]) {
    match lanes {
        Lanes::One => by_one(cx, requests, quantity, sums),
        #[cfg(target_arch = "x86_64")]
        // SAFETY: `Lanes::all` found the registers.
        Lanes::Eight => by_pool(cx, requests, sums, |cx, lists, results| unsafe {
            eight::generated_wide::trace_pool(cx, quantity as u32, lists, results);
        }),
        #[cfg(target_arch = "x86_64")]
        // SAFETY: as above.
        Lanes::Sixteen => by_pool(cx, requests, sums, |cx, lists, results| unsafe {
            sixteen::generated_wide::trace_pool(cx, quantity as u32, lists, results);
        }),
    }
}

fn by_one(cx: &Cx<'_, Walk<'_>>, requests: &[LeafRequest], quantity: Quantity, sums: &mut [Option<[f32; 3]>]) {
    for (request, place) in requests.iter().zip(sums) {
        let mut sum = V3::<f32>::splat(0.0);
        for sample in samples(request) {
            sum = sum + one(cx, request, sample, quantity);
            if cx.ext.geometry.work.is_spent() {
                return;
            }
        }
        *place = Some([sum.x, sum.y, sum.z]);
    }
}

fn one(cx: &Cx<'_, Walk<'_>>, request: &LeafRequest, sample: u32, quantity: Quantity) -> V3<f32> {
    cx.ext.geometry.work.begin(1);
    generated::trace(cx, request.x_px, request.y_px, sample, quantity as u32)
}

/// The most tests of any one path.
pub fn most_tests(cx: &Cx<'_, Walk<'_>>, request: &LeafRequest) -> u64 {
    let tests = samples(request).map(|sample| {
        one(cx, request, sample, Quantity::Radiance);
        cx.ext.geometry.work.used()
    });
    tests.max().unwrap_or(0)
}

fn samples(request: &LeafRequest) -> impl Iterator<Item = u32> {
    let first = request.first_sample;
    (0..request.samples).map(move |i| first.wrapping_add(i))
}

/// Paths differ in length, so samples of many leaves go through one pool: a lane whose path has ended begins the next sample.
#[cfg(target_arch = "x86_64")]
fn by_pool<'a>(
    cx: &Cx<'a, Walk<'a>>,
    requests: &[LeafRequest],
    sums: &mut [Option<[f32; 3]>],
    trace: impl Fn(&Cx<'a, Walk<'a>>, &[(u32, u32, u32)], &mut [V3<f32>]),
) {
    let mut totals = vec![V3::<f32>::splat(0.0); requests.len()];
    let mut all = requests.iter().enumerate().flat_map(|(leaf, request)| samples(request).map(move |sample| (leaf, sample)));
    let (mut leaves, mut lists) = (Vec::with_capacity(POOL_SAMPLES), Vec::with_capacity(POOL_SAMPLES));
    let mut results = [V3::<f32>::splat(0.0); POOL_SAMPLES];
    loop {
        leaves.clear();
        lists.clear();
        for (leaf, sample) in all.by_ref().take(POOL_SAMPLES) {
            leaves.push(leaf);
            lists.push((requests[leaf].x_px, requests[leaf].y_px, sample));
        }
        if lists.is_empty() {
            break;
        }
        cx.ext.geometry.work.begin(POOL_PATHS);
        trace(cx, &lists, &mut results);
        if cx.ext.geometry.work.is_spent() {
            let whole = leaves[0];
            return keep(&totals[..whole], sums);
        }
        // In the order of the samples: float addition is not associative.
        for (leaf, result) in leaves.iter().zip(&results) {
            totals[*leaf] = totals[*leaf] + *result;
        }
    }
    keep(&totals, sums);
}

#[cfg(target_arch = "x86_64")]
fn keep(totals: &[V3<f32>], sums: &mut [Option<[f32; 3]>]) {
    for (place, total) in sums.iter_mut().zip(totals) {
        *place = Some([total.x, total.y, total.z]);
    }
}

#[cfg(test)]
mod tests {
    use super::super::CpuRenderer;
    use super::*;
    use crate::conformance::{self, FRAME_PX};
    use crate::uniform::Uniform;
    use crate::{Control, Settings};

    /// Samples that don't fill the last lanes.
    const SAMPLES: u32 = 13;

    fn bits(renderer: &mut CpuRenderer, lanes: Lanes, uniform: &Uniform, requests: &[LeafRequest], quantity: Quantity) -> Vec<[u32; 3]> {
        renderer.lanes = lanes;
        let outcome = renderer.render(uniform, requests, quantity, &Control::default());
        outcome.sums.into_iter().map(|sum| sum.expect("nobody cancels").map(f32::to_bits)).collect()
    }

    /// Every third pixel of random scenes in which all features meet, by all kinds of lanes that this processor has.
    #[test]
    fn lanes_give_the_bits_of_one() {
        for seed in 1..=12 {
            let scene = conformance::scene(seed);
            let mut renderer = CpuRenderer::new(&scene, 0).unwrap();
            let settings = Settings { width_px: FRAME_PX, height_px: FRAME_PX, depth_max: 8, seed: 7 };
            let uniform = Uniform::new(&scene.camera, &settings, &renderer.counts());
            let requests: Vec<LeafRequest> = (0..FRAME_PX * FRAME_PX)
                .step_by(3)
                .map(|i| LeafRequest { x_px: i % FRAME_PX, y_px: i / FRAME_PX, first_sample: 5, samples: SAMPLES })
                .collect();
            for quantity in [Quantity::Radiance, Quantity::Albedo, Quantity::Normal, Quantity::Depth] {
                let one = bits(&mut renderer, Lanes::One, &uniform, &requests, quantity);
                for lanes in Lanes::all() {
                    let many = bits(&mut renderer, lanes, &uniform, &requests, quantity);
                    let differing = one.iter().zip(&many).filter(|(a, b)| a != b).count();
                    assert_eq!(differing, 0, "seed {seed}, {quantity:?}, {lanes:?}: {differing} of {} pixels differ", one.len());
                }
            }
        }
    }
}
