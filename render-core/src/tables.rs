//! Tables that the shaders read: the sRGB curve and the albedo of GGX microfacets.

use crate::layout::Word;

/// Columns (cosine) and rows (roughness) of the albedo table.
pub const ALBEDO_SIZE: usize = 32;

/// The albedo table as little-endian f32 triples, rows of growing roughness; made by [`ggx_albedo`], kept as a file so that no peer
/// computes it anew.
const GGX_ALBEDO: &[u8; ALBEDO_SIZE * ALBEDO_SIZE * 12] = include_bytes!("../shaders/ggx_albedo.bin");

/// 64 words: linear value of each sRGB byte (IEC 61966-2-1).
pub fn srgb_words() -> Vec<Word> {
    let curve: Vec<u32> = (0..256).map(|byte| srgb_to_linear(f64::from(byte) / 255.0) as f32).map(f32::to_bits).collect();
    curve.chunks_exact(4).map(|c| [c[0], c[1], c[2], c[3]]).collect()
}

/// 1,024 words: the albedo table.
pub fn ggx_albedo_words() -> Vec<Word> {
    let word = |bytes: &[u8]| u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
    GGX_ALBEDO.chunks_exact(12).map(|c| [word(&c[0..]), word(&c[4..]), word(&c[8..]), 0]).collect()
}

/// The sRGB curve without a power function, whose last bits differ between system libraries.
fn srgb_to_linear(c: f64) -> f64 {
    if c <= 0.04045 {
        return c / 12.92;
    }
    let x = (c + 0.055) / 1.055;
    // x^2.4 = x² · (x²)^(1/5)
    let square = x * x;
    let mut root = 1.0;
    for _ in 0..60 {
        root -= (root * root * root * root * root - square) / (5.0 * root * root * root * root);
    }
    square * root
}

/// Integrates the table: for each cosine and roughness what microfacets that scatter once reflect of white light, with reflectance 1, with
/// Schlick's weight, and with the weight of a dielectric of index 1.5. Midpoint rule over the visible normals (Heitz 2018), `grid`² points.
pub fn ggx_albedo(grid: usize) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(GGX_ALBEDO.len());
    for row in 0..ALBEDO_SIZE {
        let roughness = row as f64 / (ALBEDO_SIZE - 1) as f64;
        let alpha = (roughness * roughness).max(1e-3);
        for column in 0..ALBEDO_SIZE {
            let cosine = (column as f64 / (ALBEDO_SIZE - 1) as f64).max(1e-3);
            albedo_at(alpha, cosine, grid).iter().for_each(|value| bytes.extend_from_slice(&(*value as f32).to_le_bytes()));
        }
    }
    bytes
}

/// Reflectance of a smooth boundary to a medium of index 1.5.
fn fresnel(c: f64) -> f64 {
    let g = (1.25 + c * c).sqrt();
    let (a, b) = ((g - c) / (g + c), (c * (g + c) - 1.0) / (c * (g - c) + 1.0));
    0.5 * a * a * (1.0 + b * b)
}

fn albedo_at(alpha: f64, cosine: f64, grid: usize) -> [f64; 3] {
    let wo = [(1.0 - cosine * cosine).max(0.0).sqrt(), 0.0, cosine];
    let unit = |v: [f64; 3]| {
        let l = (v[0] * v[0] + v[1] * v[1] + v[2] * v[2]).sqrt();
        v.map(|x| x / l)
    };
    let v = unit([alpha * wo[0], 0.0, wo[2]]);
    // wo lies in the xz plane, so the first tangent is the y axis.
    let (t1, t2) = if v[0] > 1e-9 { ([0.0, 1.0, 0.0], [-v[2], 0.0, v[0]]) } else { ([1.0, 0.0, 0.0], [0.0, 1.0, 0.0]) };
    let mut sums = [0.0; 3];
    for i in 0..grid {
        let r = ((i as f64 + 0.5) / grid as f64).sqrt();
        for j in 0..grid {
            let (sine, cos) = (std::f64::consts::TAU * (j as f64 + 0.5) / grid as f64).sin_cos();
            let s = 0.5 * (1.0 + v[2]);
            let p1 = r * cos;
            let p2 = (1.0 - s) * (1.0 - p1 * p1).sqrt() + s * r * sine;
            let p3 = (1.0 - p1 * p1 - p2 * p2).max(0.0).sqrt();
            let n: [f64; 3] = std::array::from_fn(|k| t1[k] * p1 + t2[k] * p2 + v[k] * p3);
            let h = unit([alpha * n[0], alpha * n[1], n[2].max(1e-6)]);
            let c = wo[0] * h[0] + wo[2] * h[2];
            let z = 2.0 * c * h[2] - wo[2];
            if z <= 0.0 || c <= 0.0 {
                continue;
            }
            let g1 = |z: f64| 2.0 * z / (z + (alpha * alpha * (1.0 - z * z) + z * z).sqrt());
            let (seen, lit) = (g1(wo[2]), g1(z));
            let unshadowed = lit / (lit + seen - lit * seen);
            for (sum, weight) in sums.iter_mut().zip([1.0, (1.0 - c).powi(5), (fresnel(c) - 0.04) / 0.96]) {
                *sum += unshadowed * weight;
            }
        }
    }
    sums.map(|sum| sum / (grid * grid) as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kept_albedo_table_is_what_the_integral_gives() {
        let float = |bytes: &[u8]| f32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
        for (kept, fresh) in GGX_ALBEDO.chunks_exact(4).zip(ggx_albedo(96).chunks_exact(4)) {
            assert!((float(kept) - float(fresh)).abs() < 2e-2, "{} and {}", float(kept), float(fresh));
        }
    }

    #[test]
    fn the_srgb_curve_is_the_standard_one() {
        for byte in 0..=255u8 {
            let c = f64::from(byte) / 255.0;
            let expected = if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) };
            assert!((srgb_to_linear(c) - expected).abs() < 1e-12);
        }
    }
}
