//! Several rays by turns, each on its own way through a tree.
//!
//! A ray waits for memory at nearly every node of a large tree. So each ray asks for the node it needs next, and while that is fetched the
//! others have their turn.

use super::pack::{Pack, Wide3, WideRay};
use super::{Geometry, Inside, STACK, WideNode, WideTrees};
use crate::bvh::LEAF;
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
        let at =
            |v: &V3<&[f32; N]>| Wide3 { x: _mm256_set1_ps(v.x[ray % N]), y: _mm256_set1_ps(v.y[ray % N]), z: _mm256_set1_ps(v.z[ray % N]) };
        WideRay { o: at(&self.o), d: at(&self.d), inverse: at(&self.inverse) }
    }
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

/// A node or leaf to be visited, below the bits of the distance at which the ray enters it: no distance is negative, so whole numbers are in
/// the order of the distances.
type Visit = u64;

#[inline(always)]
fn visit(reference: u32, entry: f32) -> Visit {
    u64::from(entry.to_bits()) << 32 | u64::from(reference)
}

/// What one ray has still to visit.
struct Way {
    current: u32,
    height: u32,
    stack: [MaybeUninit<Visit>; STACK],
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
        unsafe { ((*way).current, (*way).height) = (root, 0) };
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
        while open != 0 {
            let mut turn = open;
            while turn != 0 {
                let ray = turn.trailing_zeros() as usize % N;
                turn &= turn - 1;
                // SAFETY: it was begun above; only the stack's entries may be uninitialised.
                let way = unsafe { ways.0[ray].assume_init_mut() };
                if !self.step::<ANY, TOP, N>(geometry, ray, way, rays, hits) {
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
        if way.current & LEAF == 0 {
            let node = &self.nodes[way.current as usize];
            let (mut mask, entries) = node.entered(rays, ray, hits.t[ray]);
            if mask != 0 {
                let next = |mask: &mut u32| {
                    let child = mask.trailing_zeros() as usize % 8;
                    *mask &= *mask - 1;
                    visit(node.child[child], entries[child])
                };
                let mut nearest = next(&mut mask);
                let base = way.height;
                while mask != 0 {
                    let other = next(&mut mask);
                    let farther = nearest.max(other);
                    nearest = nearest.min(other);
                    way.push::<ANY>(base, farther);
                }
                way.current = nearest as u32;
                self.fetch::<TOP>(way.current);
                return true;
            }
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
        let last = visit(u32::MAX, hits.t[ray]);
        while way.height > 0 {
            way.height -= 1;
            // SAFETY: every entry below the height was written by a push.
            let visit = unsafe { way.stack[way.height as usize].assume_init() };
            if visit <= last {
                way.current = visit as u32;
                self.fetch::<TOP>(way.current);
                return true;
            }
        }
        false
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

impl WideNode {
    /// A bit for each box that a ray enters before `t`, and the entries.
    #[target_feature(enable = "avx2")]
    #[inline]
    fn entered<const N: usize>(&self, rays: &Rays<N>, ray: usize, t: f32) -> (u32, [f32; 8]) {
        let sides = [&self.min, &self.max];
        let at = |side: &[[f32; 8]; 3], axis: usize, o: f32, inverse: f32| {
            // SAFETY: eight floats of a 32-byte aligned node.
            let corner = unsafe { _mm256_load_ps(side[axis].as_ptr()) };
            _mm256_mul_ps(_mm256_sub_ps(corner, _mm256_set1_ps(o)), _mm256_set1_ps(inverse))
        };
        let along = |axis: usize, o: f32, inverse: f32| {
            let far = usize::from(inverse < 0.0);
            (at(sides[far], axis, o, inverse), at(sides[1 - far], axis, o, inverse))
        };
        let (near_x, far_x) = along(0, rays.o.x[ray], rays.inverse.x[ray]);
        let (near_y, far_y) = along(1, rays.o.y[ray], rays.inverse.y[ray]);
        let (near_z, far_z) = along(2, rays.o.z[ray], rays.inverse.z[ray]);
        let entry = _mm256_max_ps(_mm256_max_ps(near_x, near_y), _mm256_max_ps(near_z, _mm256_setzero_ps()));
        let exit = _mm256_min_ps(_mm256_min_ps(far_x, far_y), far_z);
        let exit = _mm256_min_ps(_mm256_mul_ps(exit, _mm256_set1_ps(super::BOX_SLACK)), _mm256_set1_ps(t));
        let mask = _mm256_movemask_ps(_mm256_cmp_ps::<_CMP_LE_OQ>(entry, exit)) as u32;
        let mut entries = [0.0; 8];
        // SAFETY: the array holds eight floats.
        unsafe { _mm256_storeu_ps(entries.as_mut_ptr(), entry) };
        (mask, entries)
    }
}

impl Way {
    /// Puts a visit among those above `base`, nearest on top; with `ANY` simply on top.
    #[inline(always)]
    fn push<const ANY: bool>(&mut self, base: u32, visit: Visit) {
        let mut slot = self.height;
        self.height += 1;
        while !ANY && slot > base {
            // SAFETY: every slot below the height was written by an earlier push.
            let below = unsafe { self.stack[slot as usize - 1].assume_init() };
            if below >= visit {
                break;
            }
            self.stack[slot as usize].write(below);
            slot -= 1;
        }
        self.stack[slot as usize].write(visit);
    }
}
