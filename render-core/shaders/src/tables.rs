//! Tables that the shaders read: the sRGB curve and the albedo of GGX microfacets.

use crate::Word;

/// Columns (cosine) and rows (roughness) of the albedo table.
pub const ALBEDO_SIZE: usize = 32;

/// The albedo table as little-endian f32 triples, rows of growing roughness; made by [`ggx_albedo`], kept as a file so that no peer
/// computes it anew.
const GGX_ALBEDO: &[u8; ALBEDO_SIZE * ALBEDO_SIZE * 12] = include_bytes!("../ggx_albedo.bin");

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

fn unit(v: [f64; 3]) -> [f64; 3] {
    let l = (v[0] * v[0] + v[1] * v[1] + v[2] * v[2]).sqrt();
    v.map(|x| x / l)
}

/// Facets that wo, which lies in the xz plane, sees: `grid`² of equal weight (Heitz 2018), each with its cosine to wo.
fn visible_facets(alpha: f64, wo: [f64; 3], grid: usize) -> impl Iterator<Item = ([f64; 3], f64)> {
    let v = unit([alpha * wo[0], 0.0, wo[2]]);
    let (t1, t2) = if v[0] > 1e-9 { ([0.0, 1.0, 0.0], [-v[2], 0.0, v[0]]) } else { ([1.0, 0.0, 0.0], [0.0, 1.0, 0.0]) };
    (0..grid * grid).map(move |cell| {
        let r = (((cell / grid) as f64 + 0.5) / grid as f64).sqrt();
        let (sine, cos) = (std::f64::consts::TAU * ((cell % grid) as f64 + 0.5) / grid as f64).sin_cos();
        let s = 0.5 * (1.0 + v[2]);
        let p1 = r * cos;
        let p2 = (1.0 - s) * (1.0 - p1 * p1).sqrt() + s * r * sine;
        let p3 = (1.0 - p1 * p1 - p2 * p2).max(0.0).sqrt();
        let n: [f64; 3] = std::array::from_fn(|k| t1[k] * p1 + t2[k] * p2 + v[k] * p3);
        let h = unit([alpha * n[0], alpha * n[1], n[2].max(1e-6)]);
        (h, wo[0] * h[0] + wo[2] * h[2])
    })
}

fn smith_g1(alpha: f64, z: f64) -> f64 {
    2.0 * z / (z + (alpha * alpha * (1.0 - z * z) + z * z).sqrt())
}

/// Share of the light towards a direction of cosine z that is not shadowed, given that wo sees the facet.
fn unshadowed(alpha: f64, wo_z: f64, z: f64) -> f64 {
    let (seen, lit) = (smith_g1(alpha, wo_z), smith_g1(alpha, z));
    lit / (lit + seen - lit * seen)
}

fn albedo_at(alpha: f64, cosine: f64, grid: usize) -> [f64; 3] {
    let wo = [(1.0 - cosine * cosine).max(0.0).sqrt(), 0.0, cosine];
    let mut sums = [0.0; 3];
    for (h, c) in visible_facets(alpha, wo, grid) {
        let z = 2.0 * c * h[2] - wo[2];
        if z <= 0.0 || c <= 0.0 {
            continue;
        }
        for (sum, weight) in sums.iter_mut().zip([1.0, (1.0 - c).powi(5), (fresnel(c) - 0.04) / 0.96]) {
            *sum += unshadowed(alpha, wo[2], z) * weight;
        }
    }
    sums.map(|sum| sum / (grid * grid) as f64)
}

/// Columns (cosine) and rows (roughness) of each layer of the glass table.
pub const GLASS_SIZE: usize = 16;
/// Layers of the glass table: (index − 1) / (index + 1) from 0 to 1/2.
pub const GLASS_LAYERS: usize = 8;

/// The glass table as little-endian f32 pairs; made by [`glass_albedo`].
const GLASS_ALBEDO: &[u8; GLASS_SIZE * GLASS_SIZE * GLASS_LAYERS * 8] = include_bytes!("../glass_albedo.bin");

/// 2,048 words: what rough glass that scatters once leaves of white light, seen from outside (x) and from inside (y).
pub fn glass_albedo_words() -> Vec<Word> {
    let word = |bytes: &[u8]| u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
    GLASS_ALBEDO.chunks_exact(8).map(|c| [word(&c[0..]), word(&c[4..]), 0, 0]).collect()
}

/// Integrates the glass table: for each index, roughness and cosine the light that is reflected or refracted, from both sides.
pub fn glass_albedo(grid: usize) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(GLASS_ALBEDO.len());
    for layer in 0..GLASS_LAYERS {
        let q = (layer as f64 / (GLASS_LAYERS - 1) as f64 * 0.5).max(1e-3);
        let index = (1.0 + q) / (1.0 - q);
        for row in 0..GLASS_SIZE {
            let roughness = row as f64 / (GLASS_SIZE - 1) as f64;
            let alpha = (roughness * roughness).max(1e-3);
            for column in 0..GLASS_SIZE {
                let cosine = (column as f64 / (GLASS_SIZE - 1) as f64).max(1e-3);
                for eta in [index, 1.0 / index] {
                    bytes.extend_from_slice(&(glass_at(alpha, cosine, eta, grid) as f32).to_le_bytes());
                }
            }
        }
    }
    bytes
}

fn glass_at(alpha: f64, cosine: f64, eta: f64, grid: usize) -> f64 {
    let wo = [(1.0 - cosine * cosine).max(0.0).sqrt(), 0.0, cosine];
    let mut sum = 0.0;
    for (h, c) in visible_facets(alpha, wo, grid).filter(|(_, c)| *c > 0.0) {
        let g2 = eta * eta - 1.0 + c * c;
        let reflected = if g2 <= 0.0 {
            1.0
        } else {
            let g = g2.sqrt();
            let (a, b) = ((g - c) / (g + c), (c * (g + c) - 1.0) / (c * (g - c) + 1.0));
            0.5 * a * a * (1.0 + b * b)
        };
        let mirrored_z = 2.0 * c * h[2] - wo[2];
        if mirrored_z > 0.0 {
            sum += reflected * unshadowed(alpha, wo[2], mirrored_z);
        }
        let refracted_z = h[2] * (c / eta - (1.0 - (1.0 - c * c) / (eta * eta)).max(0.0).sqrt()) - wo[2] / eta;
        if refracted_z < 0.0 {
            sum += (1.0 - reflected) * smith_g1(alpha, -refracted_z);
        }
    }
    sum / (grid * grid) as f64
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
    fn the_kept_glass_table_is_what_the_integral_gives() {
        let float = |bytes: &[u8]| f32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
        for (kept, fresh) in GLASS_ALBEDO.chunks_exact(4).zip(glass_albedo(64).chunks_exact(4)) {
            assert!((float(kept) - float(fresh)).abs() < 2e-2, "{} and {}", float(kept), float(fresh));
        }
    }

    /// Not a test: writes both tables anew, finely integrated, after a change to what they hold.
    #[test]
    #[ignore = "a chore: cargo test -p raylance-shaders write_the_tables -- --ignored"]
    fn write_the_tables() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
        std::fs::write(folder.join("ggx_albedo.bin"), ggx_albedo(512)).unwrap();
        std::fs::write(folder.join("glass_albedo.bin"), glass_albedo(512)).unwrap();
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
