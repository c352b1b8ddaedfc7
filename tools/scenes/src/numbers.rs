//! Numbers that are the same on every machine: sine, cosine, hashes and noise.
//!
//! The system's `sin` may differ in its last bit from one C library to the next, and the sample scene is compared
//! byte for byte. Everything here is made of `+ − × ÷`, `sqrt` and `floor` on f64, which IEEE 754 fixes exactly.

use std::f64::consts::TAU;

/// Sine of an angle in radians, within 1e-11 for any angle that a scene needs.
pub fn sin(angle: f64) -> f64 {
    let turns = angle / TAU;
    let turn = turns - (turns + 0.5).floor();
    // Folded to a quarter turn either side of zero, where the series converges fast.
    let folded = if turn > 0.25 {
        0.5 - turn
    } else if turn < -0.25 {
        -0.5 - turn
    } else {
        turn
    };
    let x = folded * TAU;
    let z = x * x;
    let series = [-1.0 / 42.0, -1.0 / 72.0, -1.0 / 110.0, -1.0 / 156.0, -1.0 / 210.0, -1.0 / 272.0];
    let tail = series.iter().rev().fold(1.0, |sum, factor| 1.0 + sum * factor * z);
    x * (1.0 - z / 6.0 * (1.0 - z / 20.0 * tail))
}

/// Cosine of an angle in radians.
pub fn cos(angle: f64) -> f64 {
    sin(angle + TAU / 4.0)
}

/// Hermite step from 0 at `from` to 1 at `to`; `from` may be the larger.
pub fn step(from: f64, to: f64, x: f64) -> f64 {
    let t = ((x - from) / (to - from)).clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}

/// Linear mixture.
pub fn mix(a: f64, b: f64, t: f64) -> f64 {
    a + (b - a) * t
}

/// A smooth hill of height 1 at zero, half that at distance 0.64, nearly nothing beyond 3.
pub fn hill(distance: f64) -> f64 {
    let q = 1.0 + distance * distance;
    1.0 / (q * q)
}

/// 32 well mixed bits of four integers.
fn hash(x: i64, y: i64, z: i64, seed: u32) -> u32 {
    let mut h = seed.wrapping_mul(0x9e37_79b9) ^ 0x85eb_ca6b;
    for word in [x as u32, y as u32, z as u32] {
        h = (h ^ word).wrapping_mul(0xcc9e_2d51);
        h = (h ^ (h >> 15)).wrapping_mul(0x1b87_3593);
        h ^= h >> 13;
    }
    h
}

/// A number in 0..1 that belongs to a lattice point.
pub fn random(x: i64, y: i64, z: i64, seed: u32) -> f64 {
    f64::from(hash(x, y, z, seed) >> 8) / f64::from(1u32 << 24)
}

fn fade(t: f64) -> f64 {
    t * t * t * (t * (t * 6.0 - 15.0) + 10.0)
}

/// Smooth noise in −1..1 that repeats after `periods` lattice cells in x and y, so that its tile has no seam.
pub fn noise(x: f64, y: f64, periods: [i64; 2], seed: u32) -> f64 {
    let (cell_x, cell_y) = (x.floor(), y.floor());
    let (u, v) = (fade(x - cell_x), fade(y - cell_y));
    let at = |dx: i64, dy: i64| random((cell_x as i64 + dx).rem_euclid(periods[0]), (cell_y as i64 + dy).rem_euclid(periods[1]), 0, seed);
    2.0 * mix(mix(at(0, 0), at(1, 0), u), mix(at(0, 1), at(1, 1), u), v) - 1.0
}

/// Four octaves of [`noise`] over a tile `u`, `v` in 0..1, `cells` of the coarsest octave across it.
pub fn clouds(u: f64, v: f64, cells: [i64; 2], seed: u32) -> f64 {
    let mut sum = 0.0;
    for octave in 0..4u32 {
        let periods = cells.map(|c| c << octave);
        let weight = 0.5 / f64::from(1u32 << octave);
        sum += weight * noise(u * periods[0] as f64, v * periods[1] as f64, periods, seed + octave);
    }
    sum
}

/// Smooth noise in −1..1 in space.
pub fn noise_3d(p: glam::DVec3, seed: u32) -> f64 {
    let cell = p.floor();
    let f = p - cell;
    let (u, v, w) = (fade(f.x), fade(f.y), fade(f.z));
    let at = |x: i64, y: i64, z: i64| random(cell.x as i64 + x, cell.y as i64 + y, cell.z as i64 + z, seed);
    let layer = |z| mix(mix(at(0, 0, z), at(1, 0, z), u), mix(at(0, 1, z), at(1, 1, z), u), v);
    2.0 * mix(layer(0), layer(1), w) - 1.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sine_and_cosine_agree_with_the_system_to_eleven_places() {
        for i in -4000..4000 {
            let angle = f64::from(i) * 0.01;
            assert!((sin(angle) - angle.sin()).abs() < 1e-11, "sin {angle}: {} {}", sin(angle), angle.sin());
            assert!((cos(angle) - angle.cos()).abs() < 1e-11, "cos {angle}");
        }
    }

    #[test]
    fn noise_has_no_seam_and_stays_in_range() {
        for i in 0..200 {
            let t = f64::from(i) / 200.0;
            assert_eq!(clouds(0.0, t, [3, 5], 7), clouds(1.0, t, [3, 5], 7));
            assert!(clouds(t, 0.3, [3, 5], 7).abs() <= 1.0);
        }
    }
}
