//! A furnished living room of about 250,000 triangles, lit through two windows and a roof light: the heavy scene for measurements.
//!
//! No two things share a mesh, so that every renderer has all triangles in its tree. Materials are those that Mitsuba and Cycles have in the
//! same form: matte, rough metal and plastic. Metres, Y up, the floor is y = 0.

use super::furniture::{block, curtain, cushion, flat, knot, plant, rug};
use super::glb::{Glb, Material};
use super::mesh::{BoxUnwrap, Mesh, look, path, rounded_box, tube, turn};
use super::numbers::{mix, random};
use super::shapes;
use glam::{DQuat, DVec3};

/// Half the room along x and z, and its height.
const ROOM: DVec3 = DVec3::new(3.0, 2.7, 2.5);
/// How far the panes lie behind the wall: its thickness.
const REVEAL: f64 = 0.18;
/// Windows in the left wall: from and to along z, from and to in height.
const WINDOWS: [[f64; 4]; 2] = [[-1.75, -0.55, 0.85, 2.25], [0.35, 1.55, 0.85, 2.25]];
/// The roof light: from and to along x, from and to along z.
const ROOF: [f64; 4] = [0.5, 1.7, -0.9, 0.3];
/// From the middle of one copy of the room to that of the next.
const PITCH: f64 = 8.0;

/// What a thing is made of.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Finish {
    Plaster,
    Oak,
    Ash,
    Wool,
    Linen,
    Velvet,
    Leaves,
    Paper,
    Gold,
    Copper,
    Steel,
    Enamel,
    Glaze,
    Cobalt,
    Daylight,
}

const FINISHES: [Finish; 15] = {
    use Finish::*;
    [Plaster, Oak, Ash, Wool, Linen, Velvet, Leaves, Paper, Gold, Copper, Steel, Enamel, Glaze, Cobalt, Daylight]
};

impl Finish {
    fn material(self) -> Material {
        match self {
            Self::Plaster => Material::matte("plaster", [0.80, 0.78, 0.74]),
            Self::Oak => Material::matte("oak", [0.42, 0.26, 0.14]),
            Self::Ash => Material::matte("ash", [0.50, 0.34, 0.20]),
            Self::Wool => Material::matte("wool", [0.62, 0.55, 0.46]),
            Self::Linen => Material::matte("linen", [0.72, 0.70, 0.64]),
            Self::Velvet => Material::matte("velvet", [0.10, 0.22, 0.25]),
            Self::Leaves => Material::matte("leaves", [0.12, 0.30, 0.07]),
            Self::Paper => Material::matte("paper", [0.55, 0.16, 0.10]),
            Self::Gold => Material::plain("gold", [0.95, 0.70, 0.32], 0.40, 1.0),
            Self::Copper => Material::plain("copper", [0.93, 0.56, 0.42], 0.45, 1.0),
            Self::Steel => Material::plain("steel", [0.56, 0.57, 0.58], 0.50, 1.0),
            Self::Enamel => Material::plain("enamel", [0.75, 0.74, 0.70], 0.40, 0.0),
            Self::Glaze => Material::plain("glaze", [0.60, 0.30, 0.12], 0.35, 0.0),
            Self::Cobalt => Material::plain("cobalt", [0.06, 0.12, 0.42], 0.35, 0.0),
            Self::Daylight => Material::lamp("daylight", [1.0, 0.94, 0.86], 7.0),
        }
    }
}

/// Things sorted by what they are made of.
#[derive(Clone)]
struct Room {
    parts: Vec<Mesh>,
}

impl Room {
    fn add(&mut self, finish: Finish, mesh: Mesh) {
        let part = &mut self.parts[finish as usize];
        *part = std::mem::take(part).with(mesh);
    }

    fn put(&mut self, finish: Finish, mesh: Mesh, at: DVec3, degrees: f64) {
        self.add(finish, mesh.placed(turn(DVec3::Y, degrees), at));
    }
}

fn at(x: f64, y: f64, z: f64) -> DVec3 {
    DVec3::new(x, y, z)
}

/// The file's bytes: the room `copies` times in a row, all triangles distinct. The camera stands in the first one.
pub fn interior(copies: u32) -> Vec<u8> {
    let mut room = Room { parts: vec![Mesh::default(); FINISHES.len()] };
    shell(&mut room);
    windows(&mut room);
    sofa(&mut room);
    table(&mut room);
    shelf(&mut room);
    corners(&mut room);
    let mut glb = Glb::new("Interior");
    let eye = at(2.55, 1.5, 2.25);
    glb.camera("Corner", 1.0, 1.15, eye, look(eye, at(-0.25, 0.8, -0.9)));
    for copy in 0..copies {
        let offset = DVec3::X * (PITCH * f64::from(copy));
        for (finish, part) in FINISHES.into_iter().zip(&room.parts) {
            let material = glb.material(finish.material());
            let mesh = glb.mesh("part", vec![(part.clone().placed(DQuat::IDENTITY, offset), material)]);
            glb.place("part", mesh, DVec3::ZERO, DQuat::IDENTITY, 1.0);
        }
    }
    glb.finish()
}

/// A wall, floor or ceiling from `corner` along `u` and `v` with rectangular holes, each given as from and to along u, from and to along v.
/// Holes do not overlap along u.
fn pierced(corner: DVec3, u: DVec3, v: DVec3, size: (f64, f64), holes: &[[f64; 4]]) -> Mesh {
    let piece = |from: f64, to: f64, low: f64, high: f64| flat(corner + u * from + v * low, u * (to - from), v * (high - low));
    let mut wall = Mesh::default();
    let mut reached = 0.0;
    for &[from, to, low, high] in holes {
        wall = wall.with(piece(reached, from, 0.0, size.1)).with(piece(from, to, 0.0, low)).with(piece(from, to, high, size.1));
        reached = to;
    }
    wall.with(piece(reached, size.0, 0.0, size.1))
}

/// The four sides of a hole in a wall that faces `v × u`, from its corner outwards by `depth`.
fn reveal(corner: DVec3, u: DVec3, v: DVec3, depth: DVec3) -> Mesh {
    flat(corner, u, depth).with(flat(corner + v, depth, u)).with(flat(corner, depth, v)).with(flat(corner + u, v, depth))
}

fn shell(room: &mut Room) {
    let (x, y, z) = (DVec3::X, DVec3::Y, DVec3::Z);
    let (wide, high, deep) = (2.0 * ROOM.x, ROOM.y, 2.0 * ROOM.z);
    let low = at(-ROOM.x, 0.0, -ROOM.z);
    let holes = WINDOWS.map(|[from, to, sill, head]| [from + ROOM.z, to + ROOM.z, sill, head]);
    room.add(Finish::Plaster, pierced(low, z, y, (deep, high), &holes));
    room.add(Finish::Plaster, flat(low + x * wide, y * high, z * deep));
    room.add(Finish::Plaster, flat(low, y * high, x * wide));
    room.add(Finish::Plaster, flat(low + z * deep, x * wide, y * high));
    let hole = [ROOF[2] + ROOM.z, ROOF[3] + ROOM.z, ROOF[0] + ROOM.x, ROOF[1] + ROOM.x];
    room.add(Finish::Plaster, pierced(low + y * high, z, x, (deep, wide), &[hole]));
    room.add(Finish::Oak, flat(low - y * 0.03, x * wide, z * deep));
    // Boards, each row shifted by chance; those at the ends are cut by the walls.
    let board = at(0.595, 0.01, 0.0595);
    for row in 0..42 {
        let shift = random(row, 0, 0, 401);
        for column in 0..6 {
            let place = at(-ROOM.x + 1.2 * (column as f64 + shift) - 0.6, -0.01, -ROOM.z + 0.12 * (row as f64 + 0.5));
            let finish = if random(row, column, 1, 401) < 0.5 { Finish::Oak } else { Finish::Ash };
            room.put(finish, block(board), place, 0.0);
        }
    }
    for (place, half) in [(at(0.0, 0.05, -2.485), at(3.0, 0.05, 0.012)), (at(2.985, 0.05, 0.0), at(0.012, 0.05, 2.5))] {
        room.put(Finish::Enamel, rounded_box(half, 0.004, BoxUnwrap::Each), place, 0.0);
    }
}

fn windows(room: &mut Room) {
    let (x, y, z) = (DVec3::X, DVec3::Y, DVec3::Z);
    for (i, [from, to, sill, head]) in WINDOWS.into_iter().enumerate() {
        let (wide, high) = (to - from, head - sill);
        let corner = at(-ROOM.x, sill, from);
        room.add(Finish::Plaster, reveal(corner, z * wide, y * high, x * -REVEAL));
        room.add(Finish::Daylight, flat(corner - x * REVEAL, z * wide, y * high));
        let (middle, frame) = (corner + (z * wide + y * high) * 0.5 - x * 0.12, 0.022);
        let rails = [(y * (high * 0.5 - frame), z * wide), (y * (frame - high * 0.5), z * wide), (y * 0.2, z * wide)];
        let stiles = [(z * (wide * 0.5 - frame), y * high), (z * (frame - wide * 0.5), y * high), (DVec3::ZERO, y * high)];
        for (offset, along) in rails.into_iter().chain(stiles) {
            let half = (along * 0.5).max(DVec3::splat(frame));
            room.put(Finish::Enamel, rounded_box(half, 0.006, BoxUnwrap::Each), middle + offset, 0.0);
        }
        for (side, seed) in [(from - 0.12, 411), (to + 0.12, 431)] {
            room.put(Finish::Linen, curtain(0.5, 2.42, seed + i as u32), at(-ROOM.x + 0.14, 0.02, side), 0.0);
        }
        let rod = [[-2.86, 2.46, from - 0.5, 0.014], [-2.86, 2.46, (from + to) * 0.5, 0.014], [-2.86, 2.46, to + 0.5, 0.014]];
        room.add(Finish::Steel, tube(&path(&rod, 8), 24, None));
    }
    let corner = at(ROOF[0], ROOM.y, ROOF[2]);
    let (wide, deep) = (x * (ROOF[1] - ROOF[0]), z * (ROOF[3] - ROOF[2]));
    room.add(Finish::Plaster, reveal(corner, deep, wide, y * REVEAL));
    room.add(Finish::Daylight, flat(corner + y * REVEAL, deep, wide));
}

fn sofa(room: &mut Room) {
    let place = at(0.25, 0.0, -1.92);
    let solid = |half: DVec3| rounded_box(half, 0.03, BoxUnwrap::Each);
    room.put(Finish::Velvet, solid(at(1.15, 0.10, 0.45)), place + at(0.0, 0.20, 0.0), 0.0);
    room.put(Finish::Velvet, solid(at(1.15, 0.30, 0.10)), place + at(0.0, 0.50, -0.38), 0.0);
    for side in [-1.0, 1.0] {
        room.put(Finish::Velvet, cushion(at(0.13, 0.22, 0.47), 26, 441), place + at(1.16 * side, 0.40, 0.0), 0.0);
        for end in [-0.36, 0.36] {
            let leg = [[1.0 * side, 0.0, end, 0.018], [1.02 * side, 0.05, end, 0.022], [1.0 * side, 0.11, end, 0.026]];
            room.put(Finish::Steel, tube(&path(&leg, 4), 16, None), place, 0.0);
        }
    }
    for seat in 0..3u32 {
        let x = 0.69 * (f64::from(seat) - 1.0);
        room.put(Finish::Velvet, cushion(at(0.35, 0.09, 0.40), 30, 450 + seat), place + at(x, 0.38, 0.06), 0.0);
        let back = cushion(at(0.34, 0.26, 0.11), 30, 460 + seat).placed(turn(DVec3::X, -14.0), DVec3::ZERO);
        room.put(Finish::Velvet, back, place + at(x, 0.66, -0.22), 0.0);
    }
    for (finish, x, tilt, seed) in [(Finish::Wool, -0.82, 24.0, 471), (Finish::Linen, 0.55, -18.0, 473), (Finish::Paper, 0.85, 15.0, 475)] {
        let pillow = cushion(at(0.21, 0.20, 0.09), 32, seed).placed(turn(DVec3::X, -22.0), DVec3::ZERO);
        room.put(finish, pillow, place + at(x, 0.66, 0.02), tilt);
    }
    for (x, height) in [(-0.6, 0.34), (0.25, 0.26), (1.05, 0.36)] {
        let middle = at(x, 1.62, -2.46);
        room.put(Finish::Oak, rounded_box(at(0.26, height, 0.02), 0.006, BoxUnwrap::Each), middle, 0.0);
        room.put(Finish::Paper, block(at(0.21, height - 0.05, 0.003)), middle + DVec3::Z * 0.021, 0.0);
    }
}

fn table(room: &mut Room) {
    let place = at(0.05, 0.0, -0.35);
    room.put(Finish::Wool, rug(2.7, 1.9), place, 4.0);
    let top = 0.42;
    room.put(Finish::Ash, rounded_box(at(0.62, 0.02, 0.36), 0.012, BoxUnwrap::Each), place + DVec3::Y * (top - 0.02), 0.0);
    for (x, z) in [(-0.52, -0.28), (0.52, -0.28), (-0.52, 0.28), (0.52, 0.28)] {
        let leg = [[x * 1.08, 0.0, z * 1.08, 0.014], [x * 1.03, 0.2, z * 1.03, 0.02], [x, top - 0.03, z, 0.026]];
        room.put(Finish::Ash, tube(&path(&leg, 6), 24, None), place, 0.0);
    }
    let on = |x: f64, z: f64| place + at(x, top, z);
    let teapot = shapes::teapot().with(shapes::teapot_limbs());
    room.put(Finish::Cobalt, teapot, on(-0.05, -0.10), 30.0);
    room.put(Finish::Enamel, shapes::teapot_lid(), on(-0.05, -0.10), 30.0);
    for (x, z, turned) in [(-0.34, 0.12, 40.0), (0.20, 0.20, -60.0)] {
        room.put(Finish::Enamel, shapes::saucer(), on(x, z), 0.0);
        room.put(Finish::Enamel, shapes::cup(), on(x, z) + DVec3::Y * 0.0055, turned);
    }
    room.put(Finish::Glaze, shapes::bowl(), on(0.36, -0.08), 0.0);
    for i in 0..6u32 {
        let (ring, lift) = if i == 5 { (0.0, 0.085) } else { (0.062, 0.045) };
        let spoke = turn(DVec3::Y, 72.0 * f64::from(i)) * DVec3::X * ring;
        let finish = if i % 2 == 0 { Finish::Glaze } else { Finish::Copper };
        let fruit = if i % 2 == 0 { shapes::orange() } else { shapes::plum() };
        room.put(finish, fruit, on(0.36, -0.08) + spoke + DVec3::Y * lift, 50.0 * f64::from(i));
    }
    room.put(Finish::Copper, shapes::jug().with(shapes::jug_handle()), on(-0.42, -0.16), 20.0);
    // A lamp over the table, unlit: its shade shows rough metal from both sides.
    let shade = [[0.0, 0.30, 0.0, 0.03], [0.0, 0.22, 0.0, 0.06], [0.0, 0.10, 0.0, 0.20], [0.0, 0.0, 0.0, 0.26]];
    room.put(
        Finish::Copper,
        tube(&path(&shade, 12), 64, Some(0.2)).placed(turn(DVec3::Y, 0.0), DVec3::ZERO),
        place + at(0.0, 1.55, 0.0),
        0.0,
    );
    let cable = [[0.0, 1.8, 0.0, 0.004], [0.0, 2.2, 0.0, 0.004], [0.0, ROOM.y, 0.0, 0.004]];
    room.put(Finish::Steel, tube(&path(&cable, 4), 12, None), place, 0.0);
}

fn shelf(room: &mut Room) {
    let place = at(-1.95, 0.0, -2.30);
    for level in 0..5 {
        let board = rounded_box(at(0.62, 0.014, 0.16), 0.004, BoxUnwrap::Each);
        room.put(Finish::Oak, board, place + at(0.0, 0.06 + 0.46 * f64::from(level), 0.0), 0.0);
    }
    for side in [-0.62, 0.62] {
        room.put(Finish::Oak, rounded_box(at(0.014, 0.96, 0.16), 0.004, BoxUnwrap::Each), place + at(side, 0.97, 0.0), 0.0);
    }
    for level in 0..4i64 {
        let floor = 0.074 + 0.46 * level as f64;
        let mut x = -0.58;
        for book in 0..10 {
            let chance = |n: i64| random(level, book, n, 481);
            let half = at(mix(0.012, 0.028, chance(0)), mix(0.10, 0.16, chance(1)), mix(0.08, 0.12, chance(2)));
            let finish = [Finish::Paper, Finish::Velvet, Finish::Linen, Finish::Oak][(chance(3) * 3.999) as usize];
            let cover = rounded_box(half, 0.004, BoxUnwrap::Each);
            room.put(finish, cover, place + at(x + half.x, floor + half.y, 0.13 - half.z), 0.0);
            x += 2.0 * half.x + 0.003;
        }
    }
    for (finish, level) in [(Finish::Glaze, 1.0), (Finish::Gold, 3.0)] {
        room.put(finish, shapes::jug().scaled(1.15), place + at(0.38, 0.074 + 0.46 * level, 0.01), 60.0 * level);
    }
}

fn corners(room: &mut Room) {
    let place = at(2.05, 0.0, -1.85);
    room.put(Finish::Glaze, shapes::bowl().scaled(1.7), place, 0.0);
    room.put(Finish::Leaves, plant(52), place + DVec3::Y * 0.1, 0.0);
    let plinth = at(-2.15, 0.0, -0.10);
    room.put(Finish::Plaster, rounded_box(at(0.20, 0.42, 0.20), 0.01, BoxUnwrap::Each), plinth + DVec3::Y * 0.42, 12.0);
    room.put(Finish::Gold, knot(0.27, 360, 32), plinth + at(0.0, 1.13, 0.0), 50.0);
    room.put(Finish::Cobalt, shapes::ball(0.17, 44), at(-1.35, 0.0, 0.55), 0.0);
    room.put(Finish::Steel, shapes::ball(0.11, 44), at(-1.0, 0.0, 0.80), 0.0);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_room_is_the_same_each_time_and_has_about_a_quarter_of_a_million_triangles() {
        let file = interior(1);
        assert_eq!(file, interior(1));
        let length = u32::from_le_bytes([file[12], file[13], file[14], file[15]]) as usize;
        let document: serde_json::Value = serde_json::from_slice(&file[20..20 + length]).unwrap();
        let corners: u64 = (document["meshes"].as_array().unwrap().iter())
            .map(|mesh| document["accessors"][mesh["primitives"][0]["indices"].as_u64().unwrap() as usize]["count"].as_u64().unwrap())
            .sum();
        assert!((240_000..260_000).contains(&(corners / 3)), "{} triangles", corners / 3);
    }
}
