//! A neutral studio for scenes that bring no light: a soft dome and two softboxes, made by code so that nothing is shipped.

use super::Environment;

/// Width of the generated picture; the softest edge spans several pixels.
const WIDTH_PX: u32 = 256;
/// Half of it: equirectangular.
const HEIGHT_PX: u32 = 128;

/// A lamp in the studio, placed in picture coordinates (0..1, v from the zenith down).
struct Softbox {
    center: [f32; 2],
    half_size: [f32; 2],
    radiance: f32,
}

/// The key stands at the front right (+x, +z) at 45°, the fill opposite and dimmer.
const SOFTBOXES: [Softbox; 2] = [
    Softbox { center: [0.625, 0.25], half_size: [0.07, 0.08], radiance: 9.0 },
    Softbox { center: [0.25, 0.33], half_size: [0.05, 0.07], radiance: 2.5 },
];

/// Dome radiance at zenith, horizon and nadir.
const DOME: [f32; 3] = [0.75, 0.55, 0.18];

/// The built-in environment. Only + − × ÷ are used, so every machine makes the same bits.
pub fn studio_sky() -> Environment {
    let mut pixels = Vec::with_capacity((WIDTH_PX * HEIGHT_PX) as usize);
    for y in 0..HEIGHT_PX {
        for x in 0..WIDTH_PX {
            let u = (x as f32 + 0.5) / WIDTH_PX as f32;
            let v = (y as f32 + 0.5) / HEIGHT_PX as f32;
            let lamps: f32 = SOFTBOXES.iter().map(|lamp| lamp.radiance * coverage(lamp, u, v)).sum();
            let radiance = dome(v) + lamps;
            pixels.push([radiance; 3]);
        }
    }
    Environment { width_px: WIDTH_PX, height_px: HEIGHT_PX, pixels }
}

fn dome(v: f32) -> f32 {
    let [zenith, horizon, nadir] = DOME;
    if v < 0.5 { zenith + (horizon - zenith) * smooth(v * 2.0) } else { horizon + (nadir - horizon) * smooth((v - 0.5) * 8.0) }
}

/// 1 inside the box, 0 outside, with a rim of a quarter of its half size.
fn coverage(lamp: &Softbox, u: f32, v: f32) -> f32 {
    let across = |value: f32, axis: usize| {
        let distance = (value - lamp.center[axis]).abs() / lamp.half_size[axis];
        smooth((1.125 - distance) * 4.0)
    };
    across(u, 0) * across(v, 1)
}

fn smooth(x: f32) -> f32 {
    let t = x.clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}
