//! Skies of our own as equirectangular EXR pictures: one of a photographer's studio, one of a bright day.

use crate::numbers::{cos, hill, mix, noise_3d, sin, step};
use exr::prelude::{Image, SpecificChannels, Vec2, WritableImage};
use glam::DVec3;
use std::f64::consts::TAU;
use std::io::Cursor;

/// Where the sun of [`day`] stands: at the left, 32° high, so that shadows and slopes show.
const SUN: DVec3 = DVec3::new(-0.84, 0.53, 0.10);
/// Factor on the whole of [`day`]: white things in the sun are a little brighter than a screen's white.
const EXPOSURE: f64 = 0.75;
/// Cosine of the sun's radius: 1.2°, more than twice the real one, so that shadows have a soft rim.
const SUN_EDGE: f64 = 0.999_78;

/// Walls that are pale above and dark below: something for metals to mirror, dimmer than the lamps.
pub fn studio() -> Vec<u8> {
    exr(128, |d| {
        let up = DVec3::new(0.62, 0.66, 0.72).lerp(DVec3::new(0.30, 0.31, 0.34), step(0.9, 0.0, d.y));
        up.lerp(DVec3::new(0.10, 0.095, 0.09), step(0.0, -0.25, d.y))
    })
}

/// Noon in June: a sun, a blue sky that pales towards the horizon, clouds in fair weather, fields below.
pub fn day() -> Vec<u8> {
    let sun = SUN.normalize();
    exr(1024, |d| {
        let height = d.y.max(0.0);
        let haze = (1.0 - height).powi(5);
        let blue = DVec3::new(0.06, 0.23, 0.85).lerp(DVec3::new(0.42, 0.68, 1.12), haze);
        let glow = DVec3::new(1.0, 0.9, 0.7) * (0.9 * hill((1.0 - d.dot(sun)) * 14.0));
        let sky = (blue + glow).lerp(cloud_color(d, sun), clouds(d));
        let disc = DVec3::new(1.0, 0.93, 0.82) * (3_600.0 * step(SUN_EDGE - 0.000_04, SUN_EDGE + 0.000_04, d.dot(sun)));
        let fields = DVec3::new(0.10, 0.15, 0.05).lerp(DVec3::new(0.27, 0.42, 0.40), step(-0.2, 0.0, d.y));
        EXPOSURE * (sky + disc).lerp(fields, step(0.004, -0.004, d.y))
    })
}

/// How much cloud stands in a direction: flat heaps on a layer that thins out overhead and at the horizon.
fn clouds(d: DVec3) -> f64 {
    let rise = d.y.max(0.02);
    let place = DVec3::new(d.x / (rise + 0.12), 0.0, d.z / (rise + 0.12));
    let heap: f64 = (0..5)
        .map(|octave| {
            let scale = f64::from(1 << octave);
            noise_3d(place * (0.75 * scale) + DVec3::new(3.7, 1.3 * scale, 9.1), 401 + octave) * 0.55 / scale
        })
        .sum();
    step(0.02, 0.42, heap) * step(0.015, 0.09, d.y)
}

/// Clouds are whiter towards the sun and grey where they are thick.
fn cloud_color(d: DVec3, sun: DVec3) -> DVec3 {
    let lit = 0.5 + 0.5 * d.dot(sun);
    DVec3::new(0.86, 0.89, 0.94) * mix(0.85, 1.9, lit)
}

/// A picture twice as wide as high of what each direction shines.
fn exr(width_px: usize, radiance: impl Fn(DVec3) -> DVec3 + Sync) -> Vec<u8> {
    let height_px = width_px / 2;
    let pixel = |Vec2(x, y): Vec2<usize>| {
        let around = TAU * (x as f64 + 0.5) / width_px as f64;
        let down = TAU / 2.0 * (y as f64 + 0.5) / height_px as f64;
        // The left edge looks along −x, the middle of the left half along −z.
        let d = DVec3::new(-cos(around) * sin(down), cos(down), -sin(around) * sin(down));
        let [r, g, b] = radiance(d).as_vec3().to_array();
        (r, g, b)
    };
    let mut bytes = Cursor::new(Vec::new());
    let image = Image::from_channels((width_px, height_px), SpecificChannels::rgb(pixel));
    image.write().non_parallel().to_buffered(&mut bytes).expect("memory takes every picture of a size that is not zero");
    bytes.into_inner()
}
