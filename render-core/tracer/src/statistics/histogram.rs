//! Bins on the sphere of equal expectation: a quadtree over (angle from the pole, turn) that is refined until each leaf holds a small, well-known share of
//! a density.

use super::chi_square_deviation;
use crate::cpu::runtime::V3;
use std::f64::consts::{PI, TAU};

/// Quadrants of quadrants: cells of three milliradians.
const DEPTH_MAX: u32 = 10;
/// Splits that are always made, so that no lobe falls between the points of the quadrature.
const DEPTH_MIN: u32 = 5;
/// A cell's integral must agree with those of its quadrants this well.
const TOLERANCE: f64 = 4.0e-6;
/// Gauss–Legendre of three points on [0, 1].
const POINTS: [(f64, f64); 3] = [(0.112_701_665_379_258_3, 5.0 / 18.0), (0.5, 8.0 / 18.0), (0.887_298_334_620_741_7, 5.0 / 18.0)];

/// Part of the unit square: turn along x, angle from the pole along y.
#[derive(Clone, Copy)]
struct Cell {
    x: f64,
    y: f64,
    edge: f64,
}

impl Cell {
    fn quadrants(self) -> [Self; 4] {
        let edge = 0.5 * self.edge;
        [(0.0, 0.0), (1.0, 0.0), (0.0, 1.0), (1.0, 1.0)].map(|(i, j)| Self { x: self.x + i * edge, y: self.y + j * edge, edge })
    }

    /// The density's integral over solid angle.
    fn integral(self, density: &impl Fn(V3<f32>) -> f64) -> f64 {
        let mut sum = 0.0;
        for (x, wx) in POINTS {
            for (y, wy) in POINTS {
                let at = self.y + y * self.edge;
                sum += wx * wy * (PI * at).sin() * density(direction_at(self.x + x * self.edge, at));
            }
        }
        sum * self.edge * self.edge * TAU * PI
    }

    /// Whether something lies at the border of a cell whose inside seems empty: a density that begins with a step there.
    fn has_edge(self, density: &impl Fn(V3<f32>) -> f64) -> bool {
        let mut places = BORDER.iter().flat_map(|x| BORDER.iter().map(move |y| (x, y)));
        places.any(|(x, y)| density(direction_at(self.x + x * self.edge, self.y + y * self.edge)) > 0.0)
    }
}

/// Where [`Cell::has_edge`] looks, as shares of the edge: just inside, so that what begins exactly at the border does not count.
const BORDER: [f64; 3] = [0.01, 0.5, 0.99];

fn direction_at(x: f64, y: f64) -> V3<f32> {
    let (r, z) = (PI * y).sin_cos();
    let (sine, cosine) = (TAU * x).sin_cos();
    V3::new((r * cosine) as f32, (r * sine) as f32, z as f32)
}

enum Node {
    Inner([Box<Node>; 4]),
    Leaf { bin: usize },
}

/// Bins and how many of all samples each should hold.
pub struct Histogram {
    root: Node,
    shares: Vec<f64>,
    counts: Vec<f64>,
    lost: f64,
}

impl Histogram {
    /// Bins for a density per solid angle, none of which holds much more than `share` of the whole.
    pub fn new(density: impl Fn(V3<f32>) -> f64, share: f64) -> Self {
        let mut shares = Vec::new();
        let whole = Cell { x: 0.0, y: 0.0, edge: 1.0 };
        let root = grow(whole, 0, whole.integral(&density), share, &density, &mut shares);
        let counts = vec![0.0; shares.len()];
        Self { root, shares, counts, lost: 0.0 }
    }

    /// The density's integral over the sphere.
    pub fn total(&self) -> f64 {
        self.shares.iter().sum()
    }

    /// Counts one direction; `None` is a sample that was lost.
    pub fn add(&mut self, direction: Option<V3<f32>>) {
        let Some(d) = direction else {
            self.lost += 1.0;
            return;
        };
        let (mut x, mut y) = ((f64::from(d.y).atan2(f64::from(d.x)) / TAU).rem_euclid(1.0), f64::from(d.z).clamp(-1.0, 1.0).acos() / PI);
        let mut node = &self.root;
        loop {
            match node {
                Node::Leaf { bin } => break self.counts[*bin] += 1.0,
                Node::Inner(quadrants) => {
                    (x, y) = (2.0 * x, 2.0 * y);
                    let (right, below) = (x >= 1.0, y >= 1.0);
                    (x, y) = (x - f64::from(u8::from(right)), y - f64::from(u8::from(below)));
                    node = &quadrants[usize::from(right) + 2 * usize::from(below)];
                }
            }
        }
    }

    /// How far the counts are from the density; what the density lacks of 1 must have been lost.
    pub fn deviation(&self) -> f64 {
        let samples = self.counts.iter().sum::<f64>() + self.lost;
        let bins = self.counts.iter().zip(&self.shares).map(|(count, share)| (*count, share * samples));
        let lost = (self.lost, (1.0 - self.total()).max(0.0) * samples);
        chi_square_deviation(std::iter::once(lost).chain(bins))
    }
}

fn grow(cell: Cell, depth: u32, integral: f64, share: f64, density: &impl Fn(V3<f32>) -> f64, shares: &mut Vec<f64>) -> Node {
    let quadrants = cell.quadrants();
    let parts = quadrants.map(|quadrant| quadrant.integral(density));
    let sum: f64 = parts.iter().sum();
    let known = (sum - integral).abs() < TOLERANCE && sum < share && (sum > 0.0 || !cell.has_edge(density));
    if depth >= DEPTH_MIN && (known || depth >= DEPTH_MAX) {
        shares.push(sum);
        return Node::Leaf { bin: shares.len() - 1 };
    }
    let mut parts = parts.into_iter();
    Node::Inner(quadrants.map(|quadrant| Box::new(grow(quadrant, depth + 1, parts.next().unwrap_or(0.0), share, density, shares))))
}

#[test]
fn a_cosine_lobe_has_its_known_shares() {
    let lobe = Histogram::new(|d| f64::from(d.z.max(0.0)) / PI, 1.0 / 64.0);
    assert!((lobe.total() - 1.0).abs() < 1e-4 && lobe.shares.iter().all(|share| *share < 1.0 / 64.0), "{}", lobe.total());
}
