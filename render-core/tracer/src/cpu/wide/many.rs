//! Several rays by turns, each on its own way through a tree.
//!
//! A ray waits for memory at nearly every node of a large tree. So each ray asks for the node it needs next, and while that is fetched the
//! others have their turn.

use super::pack::{Pack, Wide3, WideRay};
use super::{Geometry, Inside, Stack, WideNode, WideTrees, far_side};
use crate::bvh::LEAF;
use crate::bvh::collapse::WIDTH;
use crate::cpu::generated::{Hit, NO_HIT, SpaceRay};
use crate::cpu::runtime::V3;
use std::arch::x86_64::*;
use std::mem::MaybeUninit;

/// Bytes of a cache line.
const LINE: usize = 64;

/// The rays, number by number. `N` is a power of two.
pub struct Rays<'a, const N: usize> {
    /// Origins.
    pub o: V3<&'a [f32; N]>,
    /// Directions.
    pub d: V3<&'a [f32; N]>,
    /// 1/d.
    pub inverse: V3<&'a [f32; N]>,
}

impl<const N: usize> Rays<'_, N> {
    #[inline(always)]
    fn one(&self, ray: usize) -> SpaceRay {
        let at = |v: &V3<&[f32; N]>| V3::new(v.x[ray % N], v.y[ray % N], v.z[ray % N]);
        SpaceRay { o: at(&self.o), d: at(&self.d), inverse: at(&self.inverse) }
    }

    #[target_feature(enable = "avx2")]
    #[inline]
    fn spread(&self, ray: usize) -> WideRay {
        WideRay { o: spread(&self.o, ray), d: spread(&self.d, ray), inverse: spread(&self.inverse, ray) }
    }

    /// Which boxes of a node a ray enters before distance t, and where.
    #[target_feature(enable = "avx2")]
    #[inline]
    fn enter(&self, node: &WideNode, ray: usize, t: f32) -> (u32, [f32; WIDTH]) {
        let inverse = V3::new(self.inverse.x[ray % N], self.inverse.y[ray % N], self.inverse.z[ray % N]);
        node.entered(spread(&self.o, ray), spread(&self.inverse, ray), far_side(inverse), t)
    }
}

#[target_feature(enable = "avx2")]
#[inline]
fn spread<const N: usize>(v: &V3<&[f32; N]>, ray: usize) -> Wide3 {
    Wide3 { x: _mm256_set1_ps(v.x[ray % N]), y: _mm256_set1_ps(v.y[ray % N]), z: _mm256_set1_ps(v.z[ray % N]) }
}

/// Their nearest hits so far.
pub struct Hits<'a, const N: usize> {
    /// Distances.
    pub t: &'a mut [f32; N],
    /// Second barycentric coordinates.
    pub u: &'a mut [f32; N],
    /// Third barycentric coordinates.
    pub v: &'a mut [f32; N],
    /// Triangles, in the order of the leaves.
    pub triangle: &'a mut [u32; N],
    /// Triangles, in the order of the scene.
    pub primitive: &'a mut [u32; N],
    /// Instances.
    pub instance: &'a mut [u32; N],
}

impl<const N: usize> Hits<'_, N> {
    #[inline(always)]
    fn one(&self, ray: usize) -> Hit {
        Hit {
            t: self.t[ray % N],
            u: self.u[ray % N],
            v: self.v[ray % N],
            triangle: self.triangle[ray % N],
            primitive: self.primitive[ray % N],
            instance: self.instance[ray % N],
        }
    }

    #[inline(always)]
    fn set(&mut self, ray: usize, hit: &Hit) {
        self.t[ray % N] = hit.t;
        self.u[ray % N] = hit.u;
        self.v[ray % N] = hit.v;
        self.triangle[ray % N] = hit.triangle;
        self.primitive[ray % N] = hit.primitive;
        self.instance[ray % N] = hit.instance;
    }
}

/// Where one ray is, and what it has still to visit.
struct Way {
    current: u32,
    stack: Stack,
}

/// Room for the ways of all rays. It is large, so that it is made once for many walks.
pub struct Ways<const N: usize>([MaybeUninit<Way>; N]);

impl<const N: usize> Ways<N> {
    /// Nothing is written yet.
    #[inline(always)]
    pub fn new() -> Self {
        Self([const { MaybeUninit::uninit() }; N])
    }

    #[inline(always)]
    fn begin(&mut self, ray: usize, root: u32) {
        let way = self.0[ray % N].as_mut_ptr();
        // SAFETY: the place is this array's own.
        unsafe { ((*way).current, (*way).stack.height) = (root, 0) };
    }
}

impl WideTrees {
    /// For the rays whose bits are set: a hit that is nearer than theirs, from a node or leaf of the outer tree on; with `ANY` the first
    /// that is found. `TOP` says that there are two levels of trees.
    #[target_feature(enable = "avx2")]
    pub fn walk_many<const ANY: bool, const TOP: bool, const N: usize>(
        &self,
        geometry: Geometry,
        root: u32,
        which: u32,
        rays: &Rays<N>,
        hits: &mut Hits<N>,
        ways: &mut Ways<N>,
    ) {
        let mut open = which;
        let mut turn = which;
        while turn != 0 {
            ways.begin(turn.trailing_zeros() as usize, root);
            turn &= turn - 1;
        }
        let mut meter = geometry.work.meter();
        while open != 0 {
            let mut turn = open;
            while turn != 0 {
                let ray = turn.trailing_zeros() as usize % N;
                turn &= turn - 1;
                // SAFETY: it was begun above; only the stack's entries may be uninitialised.
                let way = unsafe { ways.0[ray].assume_init_mut() };
                if !meter.spend(1) || !self.step::<ANY, TOP, N>(geometry, ray, way, rays, hits) {
                    open &= !(1 << ray);
                }
            }
        }
    }

    /// Visits one node or leaf; returns whether more is to be visited.
    #[target_feature(enable = "avx2")]
    #[inline]
    fn step<const ANY: bool, const TOP: bool, const N: usize>(
        &self,
        geometry: Geometry,
        ray: usize,
        way: &mut Way,
        rays: &Rays<N>,
        hits: &mut Hits<N>,
    ) -> bool {
        let mut nearest = None;
        if way.current & LEAF == 0 {
            let node = &self.nodes[way.current as usize];
            let (mask, entries) = rays.enter(node, ray, hits.t[ray]);
            nearest = way.stack.take_in::<ANY>(node, mask, &entries);
        } else {
            let mut hit = hits.one(ray);
            if !TOP {
                self.pack(way.current).test_avx2(geometry, &rays.spread(ray), 0, 0.0, &mut hit);
            } else if let Some(mesh) =
                self.enter(geometry, way.current, &Inside { ray: rays.one(ray), instance: 0, entry: 0.0, root: 0 }, hit.t)
            {
                // SAFETY: this function was allowed to use AVX2 itself.
                unsafe { self.walk_avx2::<ANY, false>(geometry, &mesh, &mut hit) };
            }
            hits.set(ray, &hit);
            if ANY && hit.triangle != NO_HIT {
                return false;
            }
        }
        let Some(next) = nearest.or_else(|| way.stack.pop(hits.t[ray])) else { return false };
        way.current = next;
        self.fetch::<TOP>(next);
        true
    }

    /// Asks for a node or a pack.
    #[target_feature(enable = "avx2")]
    #[inline]
    fn fetch<const TOP: bool>(&self, reference: u32) {
        let index = (reference & !LEAF) as usize;
        let (start, size) = if reference & LEAF == 0 {
            (self.nodes.as_ptr().wrapping_add(index).cast::<i8>(), size_of::<WideNode>())
        } else if TOP {
            return;
        } else {
            (self.packs.as_ptr().wrapping_add(index).cast::<i8>(), size_of::<Pack>())
        };
        for line in (0..size).step_by(LINE) {
            _mm_prefetch::<_MM_HINT_T0>(start.wrapping_add(line));
        }
    }
}
