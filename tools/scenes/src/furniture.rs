//! Furniture for the rooms in which speed is measured, each about its own origin, metres.

use super::mesh::{Mesh, path, sheet, tube};
use super::numbers::{cos, mix, noise_3d, sin, step};
use super::shapes::{ball, leaf};
use glam::DVec3;
use std::f64::consts::TAU;

/// A parallelogram of two triangles from `corner` along `u` and `v`; it faces `v × u`.
pub fn flat(corner: DVec3, u: DVec3, v: DVec3) -> Mesh {
    sheet(1, 1, |s, t| corner + u * s + v * t)
}

/// A box of twelve triangles with sharp edges about the origin.
pub fn block(half: DVec3) -> Mesh {
    let mut sides = Mesh::default();
    for axis in 0..3 {
        for sign in [-1.0, 1.0] {
            let (mut u, mut v, mut corner) = (DVec3::ZERO, DVec3::ZERO, -half);
            let (a, b) = ((axis + 1) % 3, (axis + 2) % 3);
            v[a] = 2.0 * half[a];
            u[b] = 2.0 * half[b];
            corner[axis] = sign * half[axis];
            sides = sides.with(if sign > 0.0 { flat(corner, u, v) } else { flat(corner, v, u) });
        }
    }
    sides
}

/// A cushion: a ball drawn out towards the corners of a box with half edges `half`, `bands` from pole to pole, with dents.
pub fn cushion(half: DVec3, bands: u32, seed: u32) -> Mesh {
    let square = |x: f64| mix(x, x.signum() * x.abs().sqrt(), 0.6);
    ball(1.0, bands).bent(|p| {
        let d = p - DVec3::Y;
        let dents = 1.0 + 0.03 * noise_3d(d * 2.5 + 11.0, seed) + 0.01 * noise_3d(d * 9.0, seed + 1);
        DVec3::new(square(d.x), square(d.y), square(d.z)) * half * dents
    })
}

/// A curtain that hangs from y = `height` to the floor, `width` along z, its folds along x.
pub fn curtain(width: f64, height: f64, seed: u32) -> Mesh {
    sheet(72, 30, |u, v| {
        let wander = 0.35 * noise_3d(DVec3::new(u * 5.0, v * 2.0, 0.0), seed);
        let depth = 0.035 + 0.02 * v;
        let gather = 1.0 - 0.08 * step(0.3, 0.6, v) * step(0.9, 0.6, v);
        DVec3::new(depth * sin(TAU * (7.0 * u + wander)), height * (1.0 - v), (u - 0.5) * width * gather)
    })
}

/// A rug with a long pile that waves a little.
pub fn rug(width: f64, depth: f64) -> Mesh {
    sheet(112, 80, |u, v| {
        let at = DVec3::new(u * width, 0.0, v * depth);
        let pile = 0.006 * noise_3d(at * 55.0, 301) + 0.008 * noise_3d(at * 6.0, 302);
        let border = step(0.0, 0.04, u) * step(1.0, 0.96, u) * step(0.0, 0.05, v) * step(1.0, 0.95, v);
        DVec3::new((u - 0.5) * width, 0.002 + border * (0.014 + pile), (v - 0.5) * depth)
    })
}

/// A tube that winds three times about a ring while it goes around twice: a trefoil knot of about that radius.
pub fn knot(radius: f64, steps: u32, segments: u32) -> Mesh {
    wound(radius, steps, segments, steps)
}

/// A [`knot`] that goes one step farther than around, so that not even from near a slit shows where its ends meet.
pub fn seamless_knot(radius: f64, steps: u32, segments: u32) -> Mesh {
    wound(radius, steps, segments, steps + 1)
}

fn wound(radius: f64, steps: u32, segments: u32, last: u32) -> Mesh {
    let place = |i: u32| {
        let t = TAU * f64::from(i) / f64::from(steps);
        let ring = 2.0 + cos(3.0 * t);
        DVec3::new(ring * cos(2.0 * t), ring * sin(2.0 * t), 1.3 * sin(3.0 * t)) * (radius / 3.0)
    };
    let loop_: Vec<(DVec3, f64)> = (0..=last).map(|i| (place(i % steps), radius * 0.17)).collect();
    tube(&loop_, segments, None)
}

/// A pot plant without its pot: `leaves` leaves on bent stems that rise from the origin.
pub fn plant(leaves: u32) -> Mesh {
    let blade = leaf().scaled(4.2);
    let mut plant = Mesh::default();
    for i in 0..leaves {
        // The golden angle keeps neighbours apart.
        let azimuth = 137.508 * f64::from(i);
        let age = f64::from(i) / f64::from(leaves);
        let stem_m = mix(0.25, 1.0, age);
        let lean = mix(0.42, 0.16, age);
        let turned = super::mesh::turn(DVec3::Y, azimuth);
        let tip = DVec3::new(0.0, stem_m, -lean);
        let stem = [[0.0, 0.0, 0.0, 0.006], [0.0, stem_m * 0.5, -lean * 0.3, 0.005], [tip.x, tip.y, tip.z, 0.003]];
        let droop = super::mesh::turn(DVec3::X, mix(-25.0, 30.0, age) + 12.0 * sin(f64::from(i) * 1.7));
        let part = blade.clone().placed(droop, tip).with(tube(&path(&stem, 5), 8, None));
        plant = plant.with(part.placed(turned, DVec3::ZERO));
    }
    plant
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mesh::tests::{assert_closed, assert_sound};

    #[test]
    fn solids_are_closed_and_sheets_are_sound() {
        for (name, mesh) in [("block", block(DVec3::new(0.1, 0.2, 0.3))), ("cushion", cushion(DVec3::new(0.3, 0.1, 0.3), 20, 1))] {
            assert_closed(name, &mesh);
            assert_sound(name, &mesh.with_tangents());
        }
        for (name, mesh) in [("curtain", curtain(1.0, 2.0, 1)), ("rug", rug(2.0, 1.5)), ("plant", plant(3)), ("knot", knot(0.3, 90, 12))] {
            assert_sound(name, &mesh.with_tangents());
        }
    }

    #[test]
    fn a_flat_faces_v_cross_u() {
        let floor = flat(DVec3::ZERO, DVec3::X, DVec3::Z);
        assert!(floor.vertices.iter().all(|v| v.normal.distance(DVec3::Y) < 1e-9));
    }
}
