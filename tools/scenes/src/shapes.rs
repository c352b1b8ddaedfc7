//! The things on the table, each about its own origin: it stands on y = 0, metres.
//!
//! Outlines are lists of points that read best in rows, so they are kept from the formatter.

use super::mesh::{BoxUnwrap, Mesh, lathe, path, profile, rounded_box, sheet, tube, turn};
use super::numbers::{hill, mix, noise_3d, sin, step};
use glam::{DQuat, DVec2, DVec3};

/// Turns a profile given as [radius, height] pairs.
fn turned(points: &[[f64; 2]], steps: usize, segments: u32) -> Mesh {
    lathe(&profile(points, steps), segments, 1.0)
}

/// A tube along a smooth curve through points of [x, y, z, radius].
fn handle(points: &[[f64; 4]], steps: usize, mouth: Option<f64>) -> Mesh {
    tube(&path(points, steps), 16, mouth)
}

/// A copper jug, 30 cm tall, its lip drawn out towards +X.
pub fn jug() -> Mesh {
    #[rustfmt::skip]
    let profile = [
        [0.0, 0.002], [0.045, 0.002], [0.051, 0.0], [0.0535, 0.004], [0.052, 0.010], [0.064, 0.030], [0.084, 0.070],
        [0.091, 0.112], [0.082, 0.160], [0.060, 0.204], [0.046, 0.236], [0.0445, 0.262], [0.052, 0.290], [0.0555, 0.2965],
        [0.0555, 0.3000], [0.0530, 0.2995], [0.0495, 0.290], [0.0420, 0.262], [0.0435, 0.236], [0.0575, 0.204],
        [0.079, 0.160], [0.088, 0.112], [0.081, 0.070], [0.060, 0.030], [0.040, 0.010], [0.0, 0.0075],
    ];
    turned(&profile, 3, 52).bent(|p| {
        let rise = step(0.235, 0.300, p.y);
        let forward = (p.x / 0.055).clamp(0.0, 1.0);
        let narrow = 1.0 - 0.35 * rise * forward;
        DVec3::new(p.x + 0.026 * rise * forward * forward, p.y + 0.007 * rise * forward * forward, p.z * narrow)
    })
}

/// The jug's handle, on the −X side.
pub fn jug_handle() -> Mesh {
    #[rustfmt::skip]
    let points = [
        [-0.0445, 0.272, 0.0, 0.0078], [-0.070, 0.283, 0.0, 0.0066], [-0.105, 0.268, 0.0, 0.0062], [-0.126, 0.225, 0.0, 0.0062],
        [-0.124, 0.175, 0.0, 0.0062], [-0.104, 0.128, 0.0, 0.0066], [-0.086, 0.103, 0.0, 0.0085],
    ];
    handle(&points, 7, None)
}

/// A porcelain teapot's body, without lid, spout and handle. Its texture repeats six times around.
pub fn teapot() -> Mesh {
    #[rustfmt::skip]
    let profile = [
        [0.0, 0.003], [0.036, 0.003], [0.0415, 0.0], [0.0445, 0.003], [0.0455, 0.010], [0.066, 0.028], [0.0815, 0.062],
        [0.076, 0.096], [0.055, 0.117], [0.041, 0.1245], [0.0375, 0.1255], [0.0365, 0.1235], [0.0, 0.1235],
    ];
    turned(&profile, 4, 56).tiled(DVec2::new(6.0, 1.0))
}

/// The teapot's lid.
pub fn teapot_lid() -> Mesh {
    #[rustfmt::skip]
    let profile = [
        [0.0, 0.1240], [0.0355, 0.1240], [0.0368, 0.1262], [0.0345, 0.1292], [0.018, 0.1375], [0.0075, 0.1405],
        [0.0055, 0.1440], [0.0085, 0.1490], [0.0105, 0.1545], [0.0075, 0.1600], [0.0, 0.1620],
    ];
    turned(&profile, 3, 36)
}

/// The teapot's spout (−X) and handle (+X).
pub fn teapot_limbs() -> Mesh {
    #[rustfmt::skip]
    let spout = [
        [-0.062, 0.040, 0.0, 0.0200], [-0.088, 0.053, 0.0, 0.0160], [-0.106, 0.079, 0.0, 0.0120], [-0.119, 0.106, 0.0, 0.0095],
        [-0.133, 0.127, 0.0, 0.0088],
    ];
    #[rustfmt::skip]
    let grip = [
        [0.062, 0.106, 0.0, 0.0070], [0.085, 0.116, 0.0, 0.0060], [0.112, 0.107, 0.0, 0.0056], [0.124, 0.079, 0.0, 0.0056],
        [0.112, 0.052, 0.0, 0.0056], [0.088, 0.040, 0.0, 0.0060], [0.070, 0.036, 0.0, 0.0072],
    ];
    handle(&spout, 7, Some(0.014)).with(handle(&grip, 6, None))
}

/// A blown wine glass, 22 cm tall: one closed wall from foot to lip and down inside.
pub fn goblet() -> Mesh {
    #[rustfmt::skip]
    let profile = [
        [0.0, 0.0022], [0.020, 0.0014], [0.0335, 0.0], [0.0362, 0.0012], [0.0350, 0.0030], [0.020, 0.0062], [0.0085, 0.0115],
        [0.0046, 0.021], [0.0038, 0.048], [0.0042, 0.082], [0.0075, 0.096], [0.020, 0.1068], [0.0335, 0.127], [0.0402, 0.154],
        [0.0392, 0.188], [0.0348, 0.2195], [0.0342, 0.2210], [0.0335, 0.2195], [0.0378, 0.188], [0.0387, 0.154],
        [0.0322, 0.129], [0.0195, 0.1108], [0.0080, 0.1055], [0.0, 0.1045],
    ];
    turned(&profile, 3, 52)
}

/// A ball standing on y = 0, of `bands` from pole to pole.
pub fn ball(radius: f64, bands: u32) -> Mesh {
    let points: Vec<_> = (0..=bands)
        .map(|i| std::f64::consts::PI * f64::from(i) / f64::from(bands))
        .map(|angle| {
            let side = if angle == 0.0 || angle == std::f64::consts::PI { 0.0 } else { sin(angle) };
            let rise = -sin(angle + std::f64::consts::FRAC_PI_2);
            (DVec2::new(side * radius, (1.0 + rise) * radius), DVec2::new(-rise, side))
        })
        .collect();
    lathe(&points, bands * 3 / 2, 1.0)
}

/// A tea cup with its handle on the +X side.
pub fn cup() -> Mesh {
    #[rustfmt::skip]
    let profile = [
        [0.0, 0.002], [0.018, 0.002], [0.0215, 0.0], [0.0228, 0.0025], [0.0222, 0.006], [0.029, 0.014], [0.0375, 0.034],
        [0.0410, 0.054], [0.0422, 0.0612], [0.0414, 0.0626], [0.0402, 0.0612], [0.0388, 0.054], [0.0352, 0.034],
        [0.0265, 0.0155], [0.0, 0.0095],
    ];
    #[rustfmt::skip]
    let grip = [
        [0.0385, 0.0500, 0.0, 0.0036], [0.0500, 0.0530, 0.0, 0.0031], [0.0610, 0.0465, 0.0, 0.0029], [0.0605, 0.0345, 0.0, 0.0029],
        [0.0500, 0.0255, 0.0, 0.0031], [0.0345, 0.0230, 0.0, 0.0038],
    ];
    turned(&profile, 3, 44).with(handle(&grip, 6, None))
}

/// The tea in the cup: a thin closed disc, its edge inside the wall.
pub fn tea() -> Mesh {
    turned(&[[0.0, 0.046], [0.030, 0.046], [0.0385, 0.0475], [0.0375, 0.0492], [0.030, 0.0488], [0.0, 0.0488]], 2, 44)
}

/// A saucer.
pub fn saucer() -> Mesh {
    #[rustfmt::skip]
    let profile = [
        [0.0, 0.002], [0.028, 0.002], [0.032, 0.0], [0.0345, 0.003], [0.052, 0.0075], [0.0725, 0.0145], [0.0737, 0.0158],
        [0.0722, 0.0166], [0.052, 0.0102], [0.034, 0.0062], [0.024, 0.0050], [0.0, 0.0050],
    ];
    turned(&profile, 2, 52)
}

/// Centre and radius of the sphere that the inside of the bowl is part of.
pub const BOWL: (DVec3, f64) = (DVec3::new(0.0, 0.164, 0.0), 0.150);
/// Radius of the bowl's mouth.
pub const BOWL_MOUTH: f64 = 0.130;

/// A stoneware bowl for fruit.
pub fn bowl() -> Mesh {
    let (centre, inner) = BOWL;
    let wall = |radius: f64, sphere: f64| [radius, centre.y - (sphere * sphere - radius * radius).sqrt()];
    let mut profile = vec![[0.0, 0.005], [0.038, 0.005], [0.0405, 0.001], [0.0440, 0.0], [0.0472, 0.002], [0.0478, 0.0095]];
    profile.extend([0.062, 0.080, 0.100, 0.118, BOWL_MOUTH].map(|r| wall(r, inner + 0.0052)));
    let [_, brim] = wall(BOWL_MOUTH, inner);
    profile.extend([[BOWL_MOUTH + 0.0032, brim + 0.001], [BOWL_MOUTH + 0.0018, brim + 0.0038]]);
    profile.extend([BOWL_MOUTH, 0.118, 0.100, 0.080, 0.060, 0.030].map(|r| wall(r - 0.0008, inner)));
    profile.push([0.0, centre.y - inner]);
    turned(&profile, 3, 60)
}

/// Orange of 3.8 cm radius about its middle, stalk up.
pub fn orange() -> Mesh {
    ball(1.0, 28)
        .tiled(DVec2::new(4.0, 2.0))
        .bent(|p| {
            let d = p - DVec3::Y;
            let dimple = 0.10 * hill(DVec2::new(d.x, d.z).length() / 0.16) * step(0.0, 0.5, d.y);
            let lumps = 0.018 * noise_3d(d * 2.3 + 7.0, 201) + 0.006 * noise_3d(d * 6.0, 202);
            d * (0.038 * (1.0 + lumps - dimple)) * DVec3::new(1.0, 0.955, 1.0)
        })
        .tiled(DVec2::new(0.25, 0.5))
}

/// Lemon, 9 cm long about its middle, tip up.
pub fn lemon() -> Mesh {
    #[rustfmt::skip]
    let profile = [
        [0.0, -0.0435], [0.0045, -0.0425], [0.0085, -0.0385], [0.0190, -0.0300], [0.0275, -0.0150], [0.0302, 0.0010],
        [0.0275, 0.0165], [0.0185, 0.0300], [0.0090, 0.0378], [0.0062, 0.0415], [0.0042, 0.0452], [0.0, 0.0464],
    ];
    turned(&profile, 2, 36).bent(|p| p * (1.0 + 0.035 * noise_3d(p * 55.0 + 3.0, 211) + 0.012 * noise_3d(p * 160.0, 212)))
}

/// Plum of about 2.5 cm radius about its middle, with its seam on the +X side.
pub fn plum() -> Mesh {
    ball(1.0, 24).bent(|p| {
        let d = p - DVec3::Y;
        let seam = 0.055 * hill(d.z / 0.09) * step(0.0, 0.6, d.x);
        let stalk = 0.16 * hill(DVec2::new(d.x, d.z).length() / 0.17) * step(0.3, 0.9, d.y);
        let lumps = 0.02 * noise_3d(d * 1.9, 221);
        d * (0.0245 * (1.0 - seam - stalk + lumps)) * DVec3::new(1.0, 1.12, 0.98)
    })
}

/// A leaf, 8 cm long from the origin towards −Z.
pub fn leaf() -> Mesh {
    sheet(12, 20, |u, v| {
        let side = 2.0 * u - 1.0;
        let width = 0.0195 * (sin(std::f64::consts::PI * v.clamp(0.0, 1.0)) * mix(1.15, 0.75, v) + 0.03);
        let lift = 0.030 * v - 0.034 * v * v + 0.35 * width * side * side + 0.0012 * sin(19.0 * v) * side.abs();
        DVec3::new(side * width + 0.006 * v * v, lift, -0.08 * v)
    })
}

/// The table's front edge.
pub const TABLE_FRONT_Z: f64 = 0.30;
const EDGE_RADIUS: f64 = 0.009;

/// Table top (its face is y = 0) and the apron below it.
pub fn table() -> Mesh {
    let top = DVec3::new(0.95, 0.019, 0.50);
    let board = BoxUnwrap::Block(super::paint::WOOD_TILE);
    // The texture is shifted so that a gap between boards shows in front of the bowl but no butt end does.
    let slab = rounded_box(top, EDGE_RADIUS, board).placed(DQuat::IDENTITY, DVec3::new(0.0, -top.y, TABLE_FRONT_Z - top.z));
    let apron = rounded_box(DVec3::new(0.85, 0.06, 0.012), 0.002, board);
    slab.with(apron.placed(DQuat::IDENTITY, DVec3::new(0.0, -2.0 * top.y - 0.058, TABLE_FRONT_Z - 0.05)))
}

/// Follows the table's surface over the front edge: (x, z) on an unrolled table, `rise` above it.
fn on_table(x: f64, z: f64, rise: f64) -> DVec3 {
    let start = TABLE_FRONT_Z - EDGE_RADIUS;
    let radius = EDGE_RADIUS + rise;
    let arc = EDGE_RADIUS * std::f64::consts::FRAC_PI_2;
    let past = z - start;
    if past <= 0.0 {
        return DVec3::new(x, rise, z);
    }
    let angle = past.min(arc) / EDGE_RADIUS;
    let bend = DVec3::new(x, -EDGE_RADIUS + radius * sin(angle + std::f64::consts::FRAC_PI_2), start + radius * sin(angle));
    bend - DVec3::Y * (past - arc).max(0.0)
}

/// A linen runner that lies askew under the bowl and hangs over the front edge.
pub fn cloth(centre: DVec2, flat: &[(DVec2, f64)]) -> Mesh {
    let size = DVec2::new(0.33, 0.60);
    let askew = DVec2::new(0.978, -0.2086);
    sheet(60, 104, |u, v| {
        let local = DVec2::new((u - 0.5) * size.x, (v - 0.5) * size.y);
        let place = centre + askew.rotate(local);
        // Folds, as hills along lines (a point, a direction, width, height); pressed flat under what stands on them.
        let folds = [
            (DVec2::new(0.10, -0.16), DVec2::new(0.93, 0.37), 0.011, 0.0130),
            (DVec2::new(-0.09, -0.20), DVec2::new(0.80, -0.60), 0.010, 0.0110),
            (DVec2::new(-0.12, 0.13), DVec2::new(0.45, 0.893), 0.011, 0.0120),
            (DVec2::new(0.11, 0.12), DVec2::new(-0.35, 0.937), 0.012, 0.0130),
            (DVec2::new(0.02, 0.19), DVec2::new(0.06, 0.998), 0.013, 0.0110),
        ];
        let mut rise = 0.0;
        for (i, (point, along, width, height)) in folds.into_iter().enumerate() {
            let p = local - point;
            let wander = 0.008 * noise_3d(DVec3::new(p.dot(along) * 14.0, i as f64 * 5.0, 0.0), 231);
            let across = (p.perp_dot(along) + wander) / width;
            let reach = step(0.19, 0.04, p.dot(along).abs());
            rise += height * hill(across) * reach;
        }
        let hanging = (place.y - TABLE_FRONT_Z).max(0.0);
        rise += 0.10 * hanging * (1.0 + sin(place.x * 62.0 + 4.0 * sin(place.x * 17.0)));
        rise += 0.0009 * (1.0 + noise_3d(DVec3::new(local.x * 45.0, local.y * 45.0, 0.0), 232));
        for &(spot, radius) in flat {
            rise *= step(radius - 0.006, radius + 0.030, spot.distance(place));
        }
        on_table(place.x, place.y, rise + 0.0016)
    })
}

/// Photographer's paper: a wall that runs down in a wide curve and forward under the table.
pub fn backdrop() -> Mesh {
    sheet(1, 24, |u, v| {
        let x = (u - 0.5) * 6.0;
        let (wall, floor, radius) = (-1.15, -0.80, 0.7);
        let arc = radius * std::f64::consts::FRAC_PI_2;
        // v falls down a wall of 1.9 m, around the curve, and 2 m along the floor.
        let run = v * (1.9 + arc + 2.0);
        if run <= 1.9 {
            return DVec3::new(x, floor + radius + 1.9 - run, wall);
        }
        let angle = (run - 1.9).min(arc) / radius;
        let forward = radius * (1.0 - sin(std::f64::consts::FRAC_PI_2 - angle)) + (run - 1.9 - arc).max(0.0);
        DVec3::new(x, floor + radius - radius * sin(angle), wall + forward)
    })
}

/// Half edges of the closed book's block of pages.
const PAGES: DVec3 = DVec3::new(0.071, 0.013, 0.100);

/// The book's binding: two boards and a spine (on the −X side).
pub fn book_cover() -> Mesh {
    let board = || rounded_box(DVec3::new(0.075, 0.0016, 0.105), 0.0010, BoxUnwrap::Lid);
    let lift = 0.0016 + PAGES.y;
    let spine = rounded_box(DVec3::new(0.0022, PAGES.y + 0.0032, 0.105), 0.0021, BoxUnwrap::Lid);
    board()
        .placed(DQuat::IDENTITY, DVec3::Y * 0.0016)
        .with(board().placed(DQuat::IDENTITY, DVec3::Y * (0.0016 + 2.0 * lift)))
        .with(spine.placed(DQuat::IDENTITY, DVec3::new(-0.0755, PAGES.y + 0.0032, 0.0)))
}

/// The book's pages.
pub fn book_pages() -> Mesh {
    rounded_box(PAGES, 0.0008, BoxUnwrap::Each).placed(DQuat::IDENTITY, DVec3::new(-0.001, PAGES.y + 0.0032, 0.0))
}

/// Height of the book's upper face.
pub const BOOK_TOP: f64 = 2.0 * PAGES.y + 0.0064;

/// A flat lamp of that size about the origin, shining towards −Z.
pub fn lamp(width: f64, height: f64) -> Mesh {
    sheet(1, 1, |u, v| DVec3::new((u - 0.5) * width, (0.5 - v) * height, 0.0)).placed(turn(DVec3::Y, 180.0), DVec3::ZERO)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mesh::tests::{assert_closed, assert_sound};

    #[test]
    fn turned_things_are_closed_and_smooth() {
        let things: [(&str, Mesh); 14] = [
            ("jug", jug()),
            ("jug handle", jug_handle()),
            ("teapot", teapot()),
            ("lid", teapot_lid()),
            ("limbs", teapot_limbs()),
            ("goblet", goblet()),
            ("ball", ball(0.03, 20)),
            ("cup", cup()),
            ("tea", tea()),
            ("saucer", saucer()),
            ("bowl", bowl()),
            ("orange", orange()),
            ("lemon", lemon()),
            ("plum", plum()),
        ];
        for (name, mesh) in things {
            assert_closed(name, &mesh);
            assert_sound(name, &mesh.with_tangents());
        }
    }

    #[test]
    fn sheets_and_boxes_are_sound() {
        let cloth = cloth(DVec2::ZERO, &[(DVec2::ZERO, 0.05)]);
        for (name, mesh) in [("leaf", leaf()), ("cloth", cloth), ("backdrop", backdrop()), ("lamp", lamp(1.0, 2.0))] {
            assert_sound(name, &mesh.with_tangents());
        }
        for (name, mesh) in [("cover", book_cover()), ("pages", book_pages()), ("table", table())] {
            assert_closed(name, &mesh);
            assert_sound(name, &mesh.with_tangents());
        }
    }

    #[test]
    fn standing_things_stand_on_the_table_and_none_sinks_in() {
        for (name, mesh) in
            [("jug", jug()), ("teapot", teapot()), ("goblet", goblet()), ("cup", cup()), ("saucer", saucer()), ("bowl", bowl())]
        {
            let (low, _) = mesh.bounds();
            assert!(low.y.abs() < 0.0015, "{name} starts at {}", low.y);
        }
        let low = cloth(DVec2::ZERO, &[])
            .vertices
            .iter()
            .filter(|v| v.position.z < TABLE_FRONT_Z - 0.02)
            .fold(1.0_f64, |m, v| m.min(v.position.y));
        assert!(low > 0.001, "the cloth lies on the table");
    }

    #[test]
    fn lamps_shine_forwards() {
        assert!(lamp(1.0, 1.0).vertices.iter().all(|v| v.normal.distance(-DVec3::Z) < 1e-9));
    }
}
