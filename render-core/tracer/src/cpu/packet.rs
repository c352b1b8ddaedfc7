//! Many rays through the trees at once.
//!
//! Rays that start alike take the same way for a while: a node or a triangle is read once and tested against all of them. Where few
//! are left, each goes on by itself, with eight boxes or triangles tested at once. The nearest hit does not depend on the way.

use super::generated as one;
use super::generated_wide::{Ext, Hit, SpaceRay, intersect_triangle, ray_towards};
use super::runtime::V3;
use super::wide_runtime::{F32s, LANES, Mask, U32s};
use crate::bvh::LEAF;
use crate::bvh::collapse::WIDTH;
use crate::cpu::Walk;
use crate::cpu::wide::many::{Hits, Rays, Ways};
use crate::cpu::wide::{STACK, WideNode};
use one::{BOX_SLACK, Cx, INFINITE, NO_HIT};
use std::mem::MaybeUninit;

/// At most so many rays are not worth a packet: where trees fit the cache and where rays wait for memory, which they do better by turns.
const FEW: [u32; 2] = [LANES as u32 / 4, LANES as u32 / 2];

impl Ext for Walk<'_> {
    wide! {
        #[inline]
        unsafe fn closest_hit_of_lanes(&self, _: &Cx<'_, Self>, live: Mask, o: V3<F32s>, d: V3<F32s>) -> Hit {
            nearest::<false>(self, live, o, d, F32s::splat(INFINITE))
        }
    }

    wide! {
        #[inline]
        unsafe fn occluded_of_lanes(&self, _: &Cx<'_, Self>, live: Mask, o: V3<F32s>, d: V3<F32s>, t_max: F32s) -> Mask {
            nearest::<true>(self, live, o, d, t_max).triangle.ne(U32s::splat(NO_HIT))
        }
    }
}

/// A node or a leaf that some rays have still to visit.
#[derive(Clone, Copy)]
struct Visit {
    /// Where each ray enters it.
    entry: F32s,
    reference: u32,
    /// A bit for each ray.
    rays: u32,
}

wide! {
    /// Nearest hits below `t_max` of the live lanes; with `ANY` the first that are found. Other lanes hit nothing.
    #[inline(never)]
    fn nearest<const ANY: bool>(walk: &Walk<'_>, live: Mask, o: V3<F32s>, d: V3<F32s>, t_max: F32s) -> Hit {
        let none = U32s::splat(NO_HIT);
        let zero = F32s::splat(0.0);
        let mut hit = Hit { t: t_max, u: zero, v: zero, triangle: none, primitive: none, instance: none };
        let ray = ray_towards(o, d);
        let mut ways = Ways::new();
        let few = FEW[usize::from(walk.trees.are_large())];
        if walk.trees.two_levels {
            alone::<ANY, true>(walk, walk.trees.start, live.bits(), &ray, &mut hit, &mut ways);
            return hit;
        }
        let mut stack = [const { MaybeUninit::<Visit>::uninit() }; STACK];
        stack[0].write(Visit { entry: zero, reference: walk.trees.start, rays: live.bits() });
        let mut height = 1;
        let mut meter = walk.geometry.work.meter();
        while height > 0 {
            height -= 1;
            // SAFETY: every visit below the height was written by a push.
            let visit = unsafe { stack[height].assume_init() };
            let mut rays = Mask::from_bits(visit.rays).and(visit.entry.le(hit.t));
            if ANY {
                rays = rays.and(hit.triangle.eq(none));
            }
            if !meter.spend(rays.bits().count_ones()) {
                break;
            }
            if rays.bits().count_ones() <= few {
                alone::<ANY, false>(walk, visit.reference, rays.bits(), &ray, &mut hit, &mut ways);
            } else if visit.reference & LEAF != 0 {
                for triangle in walk.trees.pack(visit.reference).triangles() {
                    let [t0, t1, t2] = walk.geometry.corners(triangle);
                    intersect_triangle(rays, t0, t1, t2, triangle, 0, 0.0, &ray, &mut hit);
                }
            } else {
                let node = &walk.trees.nodes[visit.reference as usize];
                height = enter(node, rays, &ray, hit.t, &mut stack, height);
            }
        }
        hit
    }
}

wide! {
    /// Pushes the children of a node that rays enter, the nearest last; returns the new height.
    #[inline]
    fn enter(
        node: &WideNode,
        rays: Mask,
        ray: &SpaceRay,
        t: F32s,
        stack: &mut [MaybeUninit<Visit>; STACK],
        height: usize,
    ) -> usize {
        let mut visits = [const { MaybeUninit::<Visit>::uninit() }; WIDTH];
        let mut order = [(0.0, 0); WIDTH];
        let mut count = 0;
        for child in 0..node.children() {
            let low = V3::new(node.min[0][child], node.min[1][child], node.min[2][child]);
            let high = V3::new(node.max[0][child], node.max[1][child], node.max[2][child]);
            let a = V3::<F32s>::wide(low).sub(ray.o).mul(ray.inverse);
            let b = V3::<F32s>::wide(high).sub(ray.o).mul(ray.inverse);
            let (near, far) = (a.min(b), a.max(b));
            let entry = near.x.max(near.y).max(near.z.max(F32s::splat(0.0)));
            let exit = far.x.min(far.y).min(far.z).mul(F32s::splat(BOX_SLACK)).min(t);
            let inside = rays.and(entry.le(exit)).bits();
            if inside == 0 {
                continue;
            }
            visits[count].write(Visit { entry, reference: node.child[child], rays: inside });
            // The order is a guess for all from one of them.
            let key = entry.lane(inside.trailing_zeros() as usize);
            let mut slot = count;
            while slot > 0 && order[slot - 1].0 < key {
                order[slot] = order[slot - 1];
                slot -= 1;
            }
            order[slot] = (key, count);
            count += 1;
        }
        for (slot, &(_, at)) in order[..count].iter().enumerate() {
            stack[height + slot] = visits[at];
        }
        height + count
    }
}

wide! {
    /// Each ray by itself, from a node or leaf on.
    #[inline]
    fn alone<const ANY: bool, const TOP: bool>(
        walk: &Walk<'_>,
        reference: u32,
        which: u32,
        ray: &SpaceRay,
        hit: &mut Hit,
        ways: &mut Ways<LANES>,
    ) {
        if which == 0 {
            return;
        }
        fn three(v: &V3<F32s>) -> V3<&[f32; LANES]> {
            V3 { x: v.x.as_array(), y: v.y.as_array(), z: v.z.as_array() }
        }
        let rays = Rays { o: three(&ray.o), d: three(&ray.d), inverse: three(&ray.inverse) };
        let mut hits = Hits {
            t: hit.t.as_array_mut(),
            u: hit.u.as_array_mut(),
            v: hit.v.as_array_mut(),
            triangle: hit.triangle.as_array_mut(),
            primitive: hit.primitive.as_array_mut(),
            instance: hit.instance.as_array_mut(),
        };
        walk.trees.walk_many::<ANY, TOP, LANES>(walk.geometry, reference, which, &rays, &mut hits, ways);
    }
}
