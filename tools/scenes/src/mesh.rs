//! Triangle meshes and the four ways in which this scene makes them: turning a profile, sweeping a tube,
//! hanging a sheet, rounding a box.
//!
//! Metres, Y up, counter-clockwise seen from outside. `v` grows downwards in a texture, as glTF has it.

use super::numbers::{cos, sin};
use glam::{DMat3, DQuat, DVec2, DVec3, DVec4};
use std::collections::BTreeMap;
use std::f64::consts::TAU;

/// A corner of a triangle.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Vertex {
    /// Metres.
    pub position: DVec3,
    /// Unit length, out of the solid.
    pub normal: DVec3,
    /// Texture coordinates.
    pub uv: DVec2,
    /// Unit length along growing u; w = ±1 turns `normal × tangent` towards falling v.
    pub tangent: DVec4,
}

/// An indexed triangle mesh.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Mesh {
    /// Corners.
    pub vertices: Vec<Vertex>,
    /// Three per triangle.
    pub indices: Vec<u32>,
}

fn vertex(position: DVec3, normal: DVec3, uv: DVec2) -> Vertex {
    // Adding zero turns −0 into +0, so that equal places have equal bits.
    Vertex { position: position + DVec3::ZERO, normal, uv, tangent: DVec4::new(1.0, 0.0, 0.0, 1.0) }
}

/// Rotation by an angle in degrees.
pub fn turn(axis: DVec3, degrees: f64) -> DQuat {
    let half = degrees * TAU / 720.0;
    let v = axis.normalize() * sin(half);
    DQuat::from_xyzw(v.x, v.y, v.z, cos(half))
}

/// Rotation that points −Z from `eye` at `target`, Y staying up: for cameras and lamps.
pub fn look(eye: DVec3, target: DVec3) -> DQuat {
    let back = (eye - target).normalize();
    let right = DVec3::Y.cross(back).normalize();
    DQuat::from_mat3(&DMat3::from_cols(right, back.cross(right), back))
}

/// A smooth curve through `points` (centripetal Catmull–Rom: no loops, no overshoot), `steps` samples per span;
/// `beyond` invents the point past an end from the end and its neighbour. Returns places and directions.
fn spline(points: &[DVec4], steps: usize, beyond: fn(DVec4, DVec4) -> DVec4) -> Vec<(DVec4, DVec4)> {
    let last = points.len() - 1;
    let mut hull = vec![beyond(points[0], points[1])];
    hull.extend(points);
    hull.push(beyond(points[last], points[last - 1]));
    let mut samples = Vec::with_capacity(last * steps + 1);
    for (span, p) in hull.windows(4).enumerate() {
        let knot = |i: usize| p[i].distance(p[i + 1]).sqrt();
        let (k0, k1, k2) = (knot(0), knot(1), knot(2));
        let slope = |i: usize, k: f64| (p[i + 1] - p[i]) / k;
        let m1 = (slope(0, k0) - (p[2] - p[0]) / (k0 + k1) + slope(1, k1)) * k1;
        let m2 = (slope(1, k1) - (p[3] - p[1]) / (k1 + k2) + slope(2, k2)) * k1;
        let (a, b) = (p[1] * 2.0 - p[2] * 2.0 + m1 + m2, p[2] * 3.0 - p[1] * 3.0 - m1 * 2.0 - m2);
        for step in 0..if span + 1 == last { steps + 1 } else { steps } {
            let t = step as f64 / steps as f64;
            let place = if step == steps { p[2] } else { p[1] + t * (m1 + t * (b + t * a)) };
            samples.push((place, m1 + t * (b * 2.0 + a * (t * 3.0))));
        }
    }
    samples
}

/// A smooth profile through [radius, height] points, as places and directions. Where it ends on the axis
/// (radius 0) it arrives at a right angle.
pub fn profile(points: &[[f64; 2]], steps: usize) -> Vec<(DVec2, DVec2)> {
    let points: Vec<_> = points.iter().map(|p| DVec4::new(p[0], p[1], 0.0, 0.0)).collect();
    let beyond = |end: DVec4, inner: DVec4| if end.x == 0.0 { inner * DVec4::new(-1.0, 1.0, 1.0, 1.0) } else { end * 2.0 - inner };
    let flat = |v: DVec4| DVec2::new(v.x, v.y);
    spline(&points, steps, beyond).into_iter().map(|(p, d)| (flat(p).max(DVec2::new(0.0, f64::MIN)), flat(d))).collect()
}

/// A smooth path through [x, y, z, radius] points.
pub fn path(points: &[[f64; 4]], steps: usize) -> Vec<(DVec3, f64)> {
    let points: Vec<_> = points.iter().map(|&p| DVec4::from_array(p)).collect();
    spline(&points, steps, |end, inner| end * 2.0 - inner).into_iter().map(|(p, _)| (p.truncate(), p.w)).collect()
}

/// Turns a profile of (radius, height) about the Y axis. The profile runs so that the solid lies to its left:
/// from the foot on the axis outwards and up, then over the lip and down inside.
/// `u` goes once around (× `around`), `v` falls from 1 to 0 along the profile.
pub fn lathe(profile: &[(DVec2, DVec2)], segments: u32, around: f64) -> Mesh {
    let mut mesh = Mesh::default();
    let length: f64 = profile.windows(2).map(|w| w[0].0.distance(w[1].0)).sum();
    let circle: Vec<(f64, f64)> =
        (0..=segments).map(|j| TAU * f64::from(j % segments) / f64::from(segments)).map(|angle| (cos(angle), sin(angle))).collect();
    let mut run = 0.0;
    for (i, &(place, direction)) in profile.iter().enumerate() {
        run += if i > 0 { place.distance(profile[i - 1].0) } else { 0.0 };
        let across = DVec2::new(direction.y, -direction.x).normalize();
        for (j, &(c, s)) in circle.iter().enumerate() {
            let position = DVec3::new(place.x * c, place.y, place.x * s);
            let normal = DVec3::new(across.x * c, across.y, across.x * s);
            let uv = DVec2::new(around * (1.0 - j as f64 / f64::from(segments)), 1.0 - run / length);
            mesh.vertices.push(vertex(position, normal, uv));
        }
    }
    mesh.grid(0, profile.len() as u32, segments + 1);
    mesh
}

/// Sweeps a circle along `path`, each place with its radius, and closes both ends. A `mouth` leaves a hollow of
/// that depth at the far end, as a spout has.
pub fn tube(path: &[(DVec3, f64)], segments: u32, mouth: Option<f64>) -> Mesh {
    let direction = |i: usize| (path[(i + 1).min(path.len() - 1)].0 - path[i.saturating_sub(1)].0).normalize();
    let mut side = direction(0).any_orthonormal_vector();
    // Each ring: centre, radius, its direction, its first axis (carried along without twisting).
    let mut rings = vec![(path[0].0, 0.0, direction(0), side)];
    for (i, &(centre, radius)) in path.iter().enumerate() {
        let ahead = direction(i);
        side = (side - ahead * side.dot(ahead)).normalize();
        rings.push((centre, radius, ahead, side));
    }
    let (end, radius, ahead, axis) = rings[rings.len() - 1];
    let floor = match mouth {
        Some(depth) => {
            rings.push((end, radius * 0.78, ahead, axis));
            rings.push((end - ahead * depth, radius * 0.7, ahead, axis));
            end - ahead * depth
        }
        None => end,
    };
    rings.push((floor, 0.0, ahead, axis));
    let mut mesh = Mesh::default();
    for (i, &(centre, radius, ahead, axis)) in rings.iter().enumerate() {
        for j in 0..=segments {
            let angle = -TAU * f64::from(j % segments) / f64::from(segments);
            let spoke = axis * cos(angle) + ahead.cross(axis) * sin(angle);
            let uv = DVec2::new(f64::from(j) / f64::from(segments), i as f64 / (rings.len() - 1) as f64);
            mesh.vertices.push(vertex(centre + spoke * radius, spoke, uv));
        }
    }
    mesh.grid(0, rings.len() as u32, segments + 1);
    mesh.smooth(0.5);
    mesh
}

/// A sheet of `columns` × `rows` cells over u, v in 0..1, facing where v → −u turns (up, for x and z).
pub fn sheet(columns: u32, rows: u32, place: impl Fn(f64, f64) -> DVec3) -> Mesh {
    let mut mesh = Mesh::default();
    let h = 1e-4;
    for row in 0..=rows {
        for column in 0..=columns {
            let (u, v) = (f64::from(column) / f64::from(columns), f64::from(row) / f64::from(rows));
            let along_u = place(u + h, v) - place(u - h, v);
            let along_v = place(u, v + h) - place(u, v - h);
            mesh.vertices.push(vertex(place(u, v), along_v.cross(along_u).normalize(), DVec2::new(u, v)));
        }
    }
    mesh.grid(0, rows + 1, columns + 1);
    mesh
}

/// How the six sides of a box take their texture.
#[derive(Clone, Copy, PartialEq)]
pub enum BoxUnwrap {
    /// The whole texture on each side.
    Each,
    /// The whole texture on top and bottom; the other sides take the edge of it.
    Lid,
    /// As one block of material: texture coordinates are metres divided by this tile size.
    Block(DVec2),
}

/// A box with half edges `half` about the origin, its edges rounded with `radius`.
pub fn rounded_box(half: DVec3, radius: f64, unwrap: BoxUnwrap) -> Mesh {
    const ARC: usize = 3;
    let inner = half - DVec3::splat(radius);
    let ticks = |axis: usize| -> Vec<f64> {
        // The last one is the half edge itself: two sides that meet must agree on every bit.
        let bend = |k: usize| if k == ARC { half[axis] } else { inner[axis] + radius * (k as f64 / ARC as f64) };
        (0..=ARC).rev().map(|k| -bend(k)).chain((0..=ARC).map(bend)).collect()
    };
    let mut mesh = Mesh::default();
    for (axis, sign) in [(0, 1.0), (0, -1.0), (1, 1.0), (1, -1.0), (2, 1.0), (2, -1.0)] {
        // (s, t) are the side's right and downward axes as seen from outside.
        let (s, t) = [(2, 1), (0, 2), (0, 1)][axis];
        let flip_s = if axis == 1 { 1.0 } else { sign * if axis == 0 { -1.0 } else { 1.0 } };
        let flip_t = if axis == 1 { sign } else { -1.0 };
        let first = mesh.vertices.len() as u32;
        let (across, down) = (ticks(s), ticks(t));
        for &b in &down {
            for &a in &across {
                let mut cube = DVec3::ZERO;
                cube[axis] = sign * half[axis];
                cube[s] = a * flip_s;
                cube[t] = b * flip_t;
                let core = cube.clamp(-inner, inner);
                let normal = (cube - core).normalize();
                let whole = DVec2::new(a / half[s] * 0.5 + 0.5, b / half[t] * 0.5 + 0.5);
                let uv = match unwrap {
                    BoxUnwrap::Each => whole,
                    BoxUnwrap::Lid if axis == 1 => whole,
                    BoxUnwrap::Lid => whole * 0.02,
                    BoxUnwrap::Block(tile) => DVec2::new(a, b) / tile,
                };
                mesh.vertices.push(vertex(core + normal * radius, normal, uv));
            }
        }
        mesh.grid(first, down.len() as u32, across.len() as u32);
    }
    mesh
}

impl Mesh {
    /// Joins rows × columns of vertices, from `first` on, with triangles; those without area are left out.
    fn grid(&mut self, first: u32, rows: u32, columns: u32) {
        for row in 0..rows - 1 {
            for column in 0..columns - 1 {
                let a = first + row * columns + column;
                let b = a + columns;
                for triangle in [[a, b, b + 1], [a, b + 1, a + 1]] {
                    let [p, q, r] = triangle.map(|i| self.vertices[i as usize].position);
                    if p != q && q != r && r != p {
                        self.indices.extend(triangle);
                    }
                }
            }
        }
    }

    /// The same mesh, each position moved; normals are made anew.
    pub fn bent(mut self, to: impl Fn(DVec3) -> DVec3) -> Self {
        for vertex in &mut self.vertices {
            vertex.position = to(vertex.position) + DVec3::ZERO;
        }
        self.smooth(0.5);
        self
    }

    /// The same mesh, turned and then moved.
    pub fn placed(mut self, rotation: DQuat, offset: DVec3) -> Self {
        for vertex in &mut self.vertices {
            vertex.position = rotation * vertex.position + offset;
            vertex.normal = rotation * vertex.normal;
        }
        self
    }

    /// The same mesh, larger by that factor about the origin.
    pub fn scaled(mut self, factor: f64) -> Self {
        for vertex in &mut self.vertices {
            vertex.position *= factor;
        }
        self
    }

    /// Both meshes in one.
    pub fn with(mut self, other: Mesh) -> Self {
        let base = self.vertices.len() as u32;
        self.vertices.extend(other.vertices);
        self.indices.extend(other.indices.iter().map(|i| i + base));
        self
    }

    /// Texture coordinates multiplied.
    pub fn tiled(mut self, factor: DVec2) -> Self {
        for vertex in &mut self.vertices {
            vertex.uv *= factor;
        }
        self
    }

    /// Normals as the mean of the triangles that meet at a place, weighted by area. Triangles whose cosine
    /// to each other is below `crease` keep a sharp edge where the mesh already has separate vertices.
    fn smooth(&mut self, crease: f64) {
        let mut flat = vec![DVec3::ZERO; self.vertices.len()];
        for t in self.indices.chunks_exact(3) {
            let [a, b, c] = [t[0], t[1], t[2]].map(|i| self.vertices[i as usize].position);
            for &i in t {
                flat[i as usize] += (b - a).cross(c - a);
            }
        }
        let mut meeting: BTreeMap<[u64; 3], Vec<usize>> = BTreeMap::new();
        for (i, vertex) in self.vertices.iter().enumerate() {
            meeting.entry(vertex.position.to_array().map(f64::to_bits)).or_default().push(i);
        }
        for group in meeting.values() {
            for &i in group {
                let own = flat[i].normalize_or_zero();
                let sum: DVec3 = group.iter().map(|&k| flat[k]).filter(|f| f.normalize_or_zero().dot(own) >= crease).sum();
                let sum = if sum == DVec3::ZERO { group.iter().map(|&k| flat[k]).sum() } else { sum };
                self.vertices[i].normal = sum.try_normalize().unwrap_or(self.vertices[i].normal);
            }
        }
    }

    /// Computes tangents from the texture coordinates.
    pub fn with_tangents(mut self) -> Self {
        let mut sums = vec![(DVec3::ZERO, DVec3::ZERO); self.vertices.len()];
        for t in self.indices.chunks_exact(3) {
            let [a, b, c] = [t[0], t[1], t[2]].map(|i| self.vertices[i as usize]);
            let (p, q) = (b.position - a.position, c.position - a.position);
            let (d, e) = (b.uv - a.uv, c.uv - a.uv);
            let area = d.x * e.y - d.y * e.x;
            if area == 0.0 {
                continue;
            }
            for &i in t {
                let sum = &mut sums[i as usize];
                sum.0 += (p * e.y - q * d.y) / area;
                sum.1 += (q * d.x - p * e.x) / area;
            }
        }
        for (vertex, (along_u, along_v)) in self.vertices.iter_mut().zip(sums) {
            let n = vertex.normal;
            let tangent = (along_u - n * n.dot(along_u)).try_normalize().unwrap_or_else(|| n.any_orthonormal_vector());
            let w = if n.cross(tangent).dot(along_v) > 0.0 { -1.0 } else { 1.0 };
            vertex.tangent = tangent.extend(w);
        }
        self
    }

    /// Lowest and highest corner of the box around it.
    #[cfg(test)]
    pub fn bounds(&self) -> (DVec3, DVec3) {
        let start = (DVec3::splat(f64::MAX), DVec3::splat(f64::MIN));
        self.vertices.iter().fold(start, |(low, high), v| (low.min(v.position), high.max(v.position)))
    }
}

#[cfg(test)]
pub mod tests {
    use super::*;

    /// Every edge is used once in each direction: the surface is closed and consistently turned.
    pub fn assert_closed(name: &str, mesh: &Mesh) {
        let mut edges: BTreeMap<_, i32> = BTreeMap::new();
        let key = |i: u32| mesh.vertices[i as usize].position.to_array().map(|x| (x as f32).to_bits());
        for t in mesh.indices.chunks_exact(3) {
            for (a, b) in [(t[0], t[1]), (t[1], t[2]), (t[2], t[0])] {
                *edges.entry((key(a), key(b))).or_default() += 1;
            }
        }
        for (&(a, b), &count) in &edges {
            assert_eq!(count, 1, "{name}: an edge is used twice in one direction");
            assert_eq!(edges.get(&(b, a)), Some(&1), "{name}: an edge has no neighbour");
        }
        let volume: f64 = mesh
            .indices
            .chunks_exact(3)
            .map(|t| [t[0], t[1], t[2]].map(|i| mesh.vertices[i as usize].position))
            .map(|[a, b, c]| a.dot(b.cross(c)) / 6.0)
            .sum();
        assert!(volume > 0.0, "{name}: inside out");
    }

    /// Normals and tangents have unit length, normals agree with the triangles, numbers are finite.
    pub fn assert_sound(name: &str, mesh: &Mesh) {
        for v in &mesh.vertices {
            assert!((v.normal.length() - 1.0).abs() < 1e-9, "{name}: normal {} at {}", v.normal, v.position);
            assert!((v.tangent.truncate().length() - 1.0).abs() < 1e-9, "{name}: tangent");
            assert!(v.position.is_finite() && v.uv.is_finite(), "{name}: not finite");
        }
        for t in mesh.indices.chunks_exact(3) {
            let [a, b, c] = [t[0], t[1], t[2]].map(|i| mesh.vertices[i as usize]);
            let flat = (b.position - a.position).cross(c.position - a.position);
            let mean = a.normal + b.normal + c.normal;
            assert!(flat.dot(mean) > -1e-12, "{name}: a normal points into the solid near {}", a.position);
        }
    }

    fn check(name: &str, mesh: Mesh) {
        assert_closed(name, &mesh);
        assert_sound(name, &mesh.with_tangents());
    }

    #[test]
    fn each_way_of_making_solids_gives_closed_surfaces() {
        check("ball", lathe(&profile(&[[0.0, -1.0], [0.7, -0.7], [1.0, 0.0], [0.7, 0.7], [0.0, 1.0]], 5), 24, 1.0));
        let arc = path(&[[0.0, 0.0, 0.0, 0.1], [1.0, 0.2, 0.0, 0.1], [1.5, 1.0, 0.3, 0.2]], 6);
        check("tube", tube(&arc, 12, None));
        check("spout", tube(&arc, 12, Some(0.05)));
        check("box", rounded_box(DVec3::new(1.0, 0.5, 0.25), 0.1, BoxUnwrap::Each));
    }

    #[test]
    fn a_sheet_over_x_and_z_faces_up() {
        let flat = sheet(2, 2, |u, v| DVec3::new(u, 0.0, v)).with_tangents();
        assert_sound("sheet", &flat);
        assert!(flat.vertices.iter().all(|v| v.normal == DVec3::Y && v.tangent == DVec4::new(1.0, 0.0, 0.0, 1.0)));
    }

    #[test]
    fn a_camera_looks_at_its_target() {
        let (eye, target) = (DVec3::new(1.0, 2.0, 3.0), DVec3::new(-0.5, 0.1, 0.2));
        let forward = look(eye, target) * -DVec3::Z;
        assert!((forward - (target - eye).normalize()).length() < 1e-12);
        assert!((look(eye, target) * DVec3::X).y.abs() < 1e-12, "the horizon is level");
    }
}
