//! The scene's textures, each a function of (u, v) written as PNG. Colours are sRGB in 0..1.

use super::numbers::{clouds, cos, hill, mix, noise, random, step};
use glam::{DVec2, DVec3};
use image::ImageEncoder;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};

/// Paints `width` × `height` pixels at their centres and encodes them.
fn png(width: u32, height: u32, color: impl Fn(f64, f64) -> DVec3) -> Vec<u8> {
    let mut pixels = Vec::with_capacity((width * height * 3) as usize);
    for y in 0..height {
        for x in 0..width {
            let c = color((f64::from(x) + 0.5) / f64::from(width), (f64::from(y) + 0.5) / f64::from(height));
            pixels.extend(c.to_array().map(|level| (level.clamp(0.0, 1.0) * 255.0 + 0.5) as u8));
        }
    }
    let mut file = Vec::new();
    PngEncoder::new_with_quality(&mut file, CompressionType::Best, FilterType::Adaptive)
        .write_image(&pixels, width, height, image::ExtendedColorType::Rgb8)
        .expect("the buffer has exactly width × height × 3 bytes, and writing to memory can't fail");
    file
}

/// A tangent-space normal map (green up) of a height in metres over a tile of `size` metres.
fn relief(width: u32, height: u32, size: DVec2, rise: impl Fn(f64, f64) -> f64) -> Vec<u8> {
    let (du, dv) = (0.5 / f64::from(width), 0.5 / f64::from(height));
    png(width, height, |u, v| {
        let right = (rise(u + du, v) - rise(u - du, v)) / (2.0 * du * size.x);
        let down = (rise(u, v + dv) - rise(u, v - dv)) / (2.0 * dv * size.y);
        DVec3::new(-right, down, 1.0).normalize() * 0.5 + 0.5
    })
}

fn rgb(r: f64, g: f64, b: f64) -> DVec3 {
    DVec3::new(r, g, b)
}

/// Size in metres of one tile of wood: four boards.
pub const WOOD_TILE: DVec2 = DVec2::new(1.1, 0.56);

struct Wood {
    /// 0 early wood, 1 dark late wood.
    ring: f64,
    /// Fine fibres in −1..1.
    fibre: f64,
    /// 1 in a pore.
    pore: f64,
    /// 1 in the gap between two boards.
    gap: f64,
    /// Lighter or darker board, −1..1.
    board: f64,
}

fn wood(u: f64, v: f64) -> Wood {
    let board = (v * 4.0).floor();
    let across = v * 4.0 - board;
    let id = board.rem_euclid(4.0) as i64;
    let chance = |k| random(id, k, 0, 11);
    let z = (across - 0.5) * WOOD_TILE.y / 4.0;
    let seed = 100 + id as u32 * 10;
    let bend = clouds(u, across, [2, 1], seed);
    // A board is a cut through rings around a pith that lies `depth` below and off to one side.
    let side = z - (chance(0) - 0.5) * 0.16 + 0.03 * bend;
    let depth = 0.015 + 0.05 * chance(1) + 0.035 * clouds(u, 0.3, [2, 1], seed + 5);
    let radius = (side * side + depth * depth).sqrt();
    let phase = radius * 150.0 + 0.35 * clouds(u, v, [9, 40], 31);
    let f = phase - phase.floor();
    let ring = step(0.15, 0.92, f) * step(1.0, 0.93, f);
    let fibre = 0.6 * noise(u * 24.0, v * 220.0, [24, 220], 41) + 0.4 * noise(u * 60.0, v * 330.0, [60, 330], 42);
    let pore = step(0.5, 0.8, noise(u * 70.0, v * 300.0, [70, 300], 43) + 0.25 * ring - 0.1);
    let gap = step(0.008, 0.002, across.min(1.0 - across));
    Wood { ring, fibre, pore, gap, board: 2.0 * chance(2) - 1.0 }
}

/// Squares of two greys, eight across.
pub fn checker() -> Vec<u8> {
    png(256, 256, |u, v| {
        let dark = ((u * 8.0).floor() + (v * 8.0).floor()).rem_euclid(2.0) > 0.5;
        DVec3::splat(if dark { 0.42 } else { 0.62 })
    })
}

/// A stitched diamond of quilted leather.
pub fn quilt_relief() -> Vec<u8> {
    relief(128, 128, DVec2::splat(1.0), |u, v| {
        let wave = |t: f64| cos(std::f64::consts::FRAC_PI_2 * (2.0 * (t - t.floor()) - 1.0));
        let (a, b) = (wave(u + v), wave(u - v));
        0.16 * (a * b).sqrt()
    })
}

/// Bands of cream and blue, one pair per tile.
pub fn stripes() -> Vec<u8> {
    png(8, 128, |_, v| {
        let band = step(0.21, 0.25, (v - 0.5).abs());
        rgb(0.10, 0.36, 0.60).lerp(rgb(0.93, 0.87, 0.74), band)
    })
}

/// A leaf's outline in the alpha channel of a picture: RGBA.
pub fn leaf_card() -> Vec<u8> {
    let (width, height) = (128, 128);
    let mut pixels = Vec::with_capacity(width * height * 4);
    for y in 0..height {
        for x in 0..width {
            let (u, v) = ((x as f64 + 0.5) / width as f64 * 2.0 - 1.0, (y as f64 + 0.5) / height as f64 * 2.0 - 1.0);
            let along = (v + 1.0) / 2.0;
            let half = 0.75 * (along * (1.0 - along) * 4.0).sqrt() * (1.0 - 0.35 * along);
            let rib = hill(u * 18.0).max(hill((u.abs() * 0.6 + v * 0.8) * 5.0 % 1.0 * 6.0) * 0.4);
            let alpha = if u.abs() < half { 255.0 } else { 0.0 };
            pixels.extend([0.24 + 0.2 * rib, 0.46 + 0.16 * rib, 0.12].map(|c| (c * 255.0) as u8));
            pixels.push(alpha as u8);
        }
    }
    let mut file = Vec::new();
    PngEncoder::new_with_quality(&mut file, CompressionType::Best, FilterType::Adaptive)
        .write_image(&pixels, width as u32, height as u32, image::ExtendedColorType::Rgba8)
        .expect("the buffer has exactly width × height × 4 bytes, and writing to memory can't fail");
    file
}

/// Oiled walnut boards.
pub fn wood_color() -> Vec<u8> {
    png(512, 768, |u, v| {
        let w = wood(u, v);
        let light = rgb(0.55, 0.355, 0.215).lerp(rgb(0.47, 0.285, 0.165), 0.5 + 0.5 * w.board);
        let dark = rgb(0.30, 0.165, 0.09);
        let color = light.lerp(dark, 0.62 * w.ring + 0.10) * (1.0 + 0.07 * w.fibre);
        color.lerp(rgb(0.15, 0.075, 0.04), 0.55 * w.pore).lerp(rgb(0.05, 0.03, 0.02), w.gap)
    })
}

/// Where the oil has worn and where fingers have been.
pub fn wood_roughness() -> Vec<u8> {
    png(256, 512, |u, v| {
        let w = wood(u, v);
        let smudge = clouds(u, v, [6, 4], 61);
        rgb(0.0, 0.36 + 0.10 * smudge + 0.05 * w.fibre - 0.05 * w.ring + 0.22 * w.pore + 0.4 * w.gap, 0.0)
    })
}

/// Pores, fibres and gaps.
pub fn wood_relief() -> Vec<u8> {
    relief(256, 768, WOOD_TILE, |u, v| {
        let w = wood(u, v.rem_euclid(1.0));
        0.00003 * w.fibre + 0.00006 * w.ring - 0.00012 * w.pore - 0.0012 * w.gap
    })
}

/// A stroke of half width `half` about `distance` = 0, with soft edges of width `soft`.
fn stroke(distance: f64, half: f64, soft: f64) -> f64 {
    step(half + soft, half - soft, distance.abs())
}

/// Brushed cobalt on white glaze: one repeat of the pattern around the pot; `v` runs down its whole profile.
pub fn porcelain() -> Vec<u8> {
    png(192, 768, |u, v| {
        let glaze = rgb(0.925, 0.925, 0.895);
        let x = (u - 0.5) * 0.062;
        // Distance from the middle of the belly along the profile, in metres.
        let y = (0.47 - v) * 0.27;
        let soft = 0.0006;
        let bands = [(0.047, 0.0016), (0.0425, 0.0006), (-0.044, 0.0022), (-0.0395, 0.0006), (0.060, 0.0007)];
        let mut ink = bands.iter().map(|&(at, half)| stroke(y - at, half, soft)).fold(0.0, f64::max);
        let p = DVec2::new(x, y - 0.002);
        let radius = p.length();
        // Eight petals: the square of the double angle's cosine, taken from the coordinates themselves.
        let d = p / radius.max(1e-9);
        let double = DVec2::new(d.x * d.x - d.y * d.y, 2.0 * d.x * d.y);
        let petal = mix(0.011, 0.0215, double.x * double.x);
        ink = ink.max(stroke(radius - petal, 0.0009, soft));
        let wash = step(petal, petal - 0.006, radius) * step(0.002, 0.012, radius) * 0.55;
        ink = ink.max(wash).max(step(0.0042, 0.003, radius)).max(stroke(radius - 0.0062, 0.0005, soft));
        // Leaves between the flowers, where one repeat meets the next.
        let q = DVec2::new(0.031 - x.abs(), y - 0.002);
        let leaf = |centre: f64| {
            let reach = (q.y - centre).abs() / 0.012;
            let half = 0.0052 * (1.0 - reach * reach).max(0.0);
            step(half + soft, half - soft, q.x.abs()) * mix(0.55, 1.0, step(0.0012, 0.0004, q.x.abs()))
        };
        ink = ink.max(leaf(0.018)).max(leaf(-0.017)).max(stroke(q.x, 0.0006, soft) * step(0.04, 0.036, y.abs()));
        // A row of tongues under the shoulder and one above the foot.
        let arch = |from: f64, to: f64, repeats: f64| {
            let t = (y - from) / (to - from);
            let cell = (u * repeats - (u * repeats).floor() - 0.5).abs() * 2.0;
            let edge = (1.0 - t * t).max(0.0);
            if (0.0..1.0).contains(&t) { step(edge + 0.12, edge - 0.12, cell + 0.12) * mix(1.0, 0.45, t) } else { 0.0 }
        };
        ink = ink.max(arch(-0.046, -0.064, 3.0)).max(arch(0.049, 0.0585, 4.0));
        let pooled = 0.86 + 0.14 * clouds(u, v, [6, 24], 71);
        glaze.lerp(rgb(0.10, 0.175, 0.46), (ink * pooled).clamp(0.0, 1.0))
    })
}

/// Oil glands of a citrus peel, as heights in 0..1 over a tile.
fn peel(u: f64, v: f64, cells: i64) -> f64 {
    let (x, y) = (u * cells as f64, v * cells as f64);
    let mut pits: f64 = 0.0;
    for dy in -1..=1 {
        for dx in -1..=1 {
            let (i, j) = (x.floor() as i64 + dx, y.floor() as i64 + dy);
            let (wi, wj) = (i.rem_euclid(cells), j.rem_euclid(cells));
            let at = DVec2::new(i as f64 + random(wi, wj, 1, 81), j as f64 + random(wi, wj, 2, 81));
            pits = pits.max(hill(DVec2::new(x, y).distance(at) / 0.33) * mix(0.4, 1.0, random(wi, wj, 3, 81)));
        }
    }
    pits
}

/// Orange peel: `v` runs from the flower end (1) to the stalk (0).
pub fn orange_color() -> Vec<u8> {
    png(256, 128, |u, v| {
        let base = rgb(0.95, 0.50, 0.025).lerp(rgb(0.98, 0.62, 0.05), 0.5 + 0.7 * clouds(u, v, [4, 2], 91));
        let freckle = step(0.62, 0.8, noise(u * 90.0, v * 45.0, [90, 45], 92));
        let stalk = step(0.035, 0.015, v);
        base.lerp(rgb(0.80, 0.34, 0.04), 0.35 * freckle).lerp(rgb(0.33, 0.36, 0.14), stalk)
    })
}

/// Lemon peel, greenish towards the ends.
pub fn lemon_color() -> Vec<u8> {
    png(256, 128, |u, v| {
        let base = rgb(0.945, 0.80, 0.16).lerp(rgb(0.97, 0.87, 0.30), 0.5 + 0.7 * clouds(u, v, [4, 2], 95));
        let end = step(0.16, 0.0, v.min(1.0 - v));
        let freckle = step(0.6, 0.8, noise(u * 80.0, v * 60.0, [80, 60], 96));
        base.lerp(rgb(0.86, 0.66, 0.10), 0.35 * freckle).lerp(rgb(0.66, 0.66, 0.16), 0.75 * end)
    })
}

/// The pits of a citrus peel.
pub fn citrus_relief() -> Vec<u8> {
    relief(192, 192, DVec2::new(0.06, 0.06), |u, v| -0.00032 * peel(u, v, 26))
}

/// Plum skin: dark wine red under a pale bloom that fingers have rubbed.
pub fn plum_color() -> Vec<u8> {
    png(256, 128, |u, v| {
        let skin = rgb(0.30, 0.055, 0.13).lerp(rgb(0.17, 0.05, 0.17), 0.5 + 0.8 * clouds(u, v, [3, 2], 101));
        let bloom = step(-0.2, 0.55, clouds(u, v, [4, 3], 102) + 0.3 * clouds(u, v, [16, 12], 103));
        let speck = step(0.7, 0.85, noise(u * 70.0, v * 40.0, [70, 40], 104));
        skin.lerp(rgb(0.46, 0.40, 0.56), 0.34 * bloom).lerp(rgb(0.62, 0.42, 0.36), 0.35 * speck)
    })
}

/// Linen with two pairs of blue stripes along its long edges; `u` runs across the cloth.
pub fn linen_color() -> Vec<u8> {
    png(512, 256, |u, v| {
        let edge = u.min(1.0 - u);
        let stripe = stroke(edge - 0.085, 0.020, 0.001).max(stroke(edge - 0.125, 0.005, 0.001)).max(stroke(edge - 0.045, 0.005, 0.001));
        let thread = 0.030 * noise(u * 256.0, v * 12.0, [256, 12], 111) + 0.030 * noise(u * 16.0, v * 128.0, [16, 128], 112);
        rgb(0.83, 0.795, 0.72).lerp(rgb(0.17, 0.25, 0.39), 0.88 * stripe) * (1.0 + thread)
    })
}

/// Plain weave: threads pass over and under in turn.
pub fn linen_relief() -> Vec<u8> {
    let threads = 16.0;
    relief(128, 128, DVec2::new(0.014, 0.014), move |u, v| {
        let wave = |t: f64| 0.5 + 0.5 * cos(std::f64::consts::TAU * t);
        let (x, y) = (u * threads, v * threads);
        let over = ((x + 0.5).floor() + (y + 0.5).floor()).rem_euclid(2.0);
        0.00011 * mix(wave(x), wave(y), over) + 0.00003 * noise(x, y, [16, 16], 121)
    })
}

/// Hand-painted canvas of a photographer: dark olive umber, mottled, lighter behind the middle of the table.
pub fn backdrop() -> Vec<u8> {
    png(320, 320, |u, v| {
        let cloud = clouds(u, v, [9, 9], 131) + 0.5 * clouds(u, v, [25, 25], 132);
        // The middle of the picture meets the canvas here; 6 m across and 5 m down.
        let p = DVec2::new((u - 0.505) * 6.0 / 0.75, (v - 0.335) * 5.0 / 0.55);
        let glow = hill(p.length() * 1.05) - 0.3;
        // Grain hides the steps of eight bits in the dark.
        let grain = 0.012 * (random((u * 320.0) as i64, (v * 320.0) as i64, 0, 133) - 0.5);
        rgb(0.265, 0.252, 0.215) + rgb(0.255, 0.235, 0.185) * glow + 0.05 * cloud + grain
    })
}

/// Turning marks on metal: fine grooves around the axis.
pub fn brushed_relief() -> Vec<u8> {
    relief(64, 512, DVec2::new(0.5, 0.75), |u, v| {
        0.000020 * noise(u * 4.0, v * 180.0, [4, 180], 141) + 0.000035 * noise(u * 3.0, v * 60.0, [3, 60], 142)
    })
}

/// How strongly a point of the book cover is gilded: a double frame and a lozenge.
fn gilding(u: f64, v: f64) -> f64 {
    let p = DVec2::new((u - 0.5) * 0.150, (v - 0.5) * 0.210).abs();
    let frame = |inset: f64, half: f64| {
        let inside = DVec2::new(0.075, 0.105) - inset - p;
        stroke(inside.min_element(), half, 0.0002)
    };
    let lozenge = p.x / 0.026 + p.y / 0.040;
    let diamond = |at: f64, half: f64| stroke(lozenge - at, half, 0.012);
    let worn = step(-0.75, -0.35, clouds(u, v, [14, 18], 151));
    frame(0.0085, 0.0011).max(frame(0.0120, 0.0005)).max(diamond(1.0, 0.05)).max(diamond(0.72, 0.02)).max(step(0.30, 0.26, lozenge)) * worn
}

/// Wine-red cloth binding with gold tooling.
pub fn cover_color() -> Vec<u8> {
    png(288, 400, |u, v| {
        let cloth =
            rgb(0.40, 0.075, 0.075) * (1.0 + 0.12 * clouds(u, v, [8, 10], 152) + 0.06 * noise(u * 144.0, v * 200.0, [144, 200], 153));
        cloth.lerp(rgb(0.93, 0.75, 0.42), gilding(u, v))
    })
}

/// Gold is smooth metal, cloth is rough.
pub fn cover_roughness() -> Vec<u8> {
    png(288, 400, |u, v| {
        let gold = gilding(u, v);
        rgb(0.0, mix(0.62, 0.28, gold), gold)
    })
}

/// The cut edges of a book's pages.
pub fn pages() -> Vec<u8> {
    png(64, 128, |u, v| {
        let sheet = noise(u * 2.0, v * 64.0, [2, 64], 161);
        rgb(0.86, 0.80, 0.67) * (0.90 + 0.14 * sheet)
    })
}

/// Celadon-blue stoneware glaze that thins to brown at the lip; `v` falls from 1 at the foot to 0 inside.
pub fn stoneware() -> Vec<u8> {
    png(256, 512, |u, v| {
        let cloud = clouds(u, v, [5, 6], 171);
        let glaze = rgb(0.085, 0.27, 0.34).lerp(rgb(0.15, 0.40, 0.45), 0.5 + 0.8 * cloud);
        let speck = step(0.60, 0.75, noise(u * 110.0, v * 150.0, [110, 150], 172));
        let lip = hill((v - 0.487 + 0.004 * cloud) / 0.012);
        let bare = step(0.83, 0.85, v + 0.01 * cloud);
        let fired = rgb(0.46, 0.30, 0.19) * (1.0 + 0.15 * clouds(u, v, [20, 30], 173));
        glaze.lerp(rgb(0.05, 0.12, 0.15), 0.5 * speck).lerp(rgb(0.50, 0.33, 0.20), (1.1 * lip).min(1.0)).lerp(fired, bare)
    })
}

/// A leaf with its veins; `v` runs from the stalk to the tip.
pub fn leaf() -> Vec<u8> {
    png(96, 160, |u, v| {
        let side = (u - 0.5).abs();
        let vein = stroke(side, 0.018, 0.015);
        let phase = (v - side * 0.5) * 9.0;
        let rib = stroke((phase - phase.floor() - 0.5) / 9.0, 0.006, 0.008) * 0.6;
        let blade = rgb(0.13, 0.27, 0.07).lerp(rgb(0.21, 0.37, 0.10), 0.5 + 0.6 * clouds(u, v, [3, 5], 181));
        blade.lerp(rgb(0.48, 0.56, 0.24), vein.max(rib) * 0.75)
    })
}
