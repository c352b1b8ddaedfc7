//! The triangles of a leaf side by side, tested all at once.
//!
//! Each lane does what `intersect_triangle` in `shaders/lib/intersect.wgsl` does, operation by operation, so that it gives the same bits;
//! among lanes that pass, the tie rule decides.

use super::{Geometry, Inside};
use crate::cpu::generated::{Hit, intersect_triangle};
use raylance_shaders::Word;

/// Triangles of one pack.
pub const LANES: usize = 8;

/// Up to eight triangles that lie one behind the other in `Geometry::triangles`.
#[repr(C, align(64))]
pub struct Pack {
    /// x, y, z of the first corners, of the second, of the third. Lanes beyond `count` are collapsed, which no ray hits.
    corners: [[f32; LANES]; 9],
    first: u32,
    count: u32,
}

impl Pack {
    /// Copies the corners of triangles, three words each.
    pub fn new(triangles: &[Word], range: std::ops::Range<u32>) -> Self {
        let mut pack = Self { corners: [[0.0; LANES]; 9], first: range.start, count: range.end - range.start };
        for (lane, index) in range.enumerate() {
            let words = &triangles[index as usize * 3..index as usize * 3 + 3];
            for (row, values) in pack.corners.iter_mut().enumerate() {
                values[lane] = f32::from_bits(words[row / 3][row % 3]);
            }
        }
        pack
    }

    /// Their numbers.
    #[inline(always)]
    pub fn triangles(&self) -> std::ops::Range<u32> {
        self.first..self.first + self.count
    }

    /// One triangle after the other, for any processor.
    pub fn test(&self, geometry: Geometry, inside: &Inside, hit: &mut Hit) {
        for i in self.triangles() {
            let [t0, t1, t2] = geometry.corners(i);
            intersect_triangle(t0, t1, t2, i, inside.instance, inside.entry, inside.ray, hit);
        }
    }
}

#[cfg(target_arch = "x86_64")]
pub use avx2::{Wide3, WideRay};

#[cfg(target_arch = "x86_64")]
mod avx2 {
    use super::{Geometry, Hit, LANES, Pack};
    use crate::cpu::generated::{BOX_SLACK, SpaceRay, rcp};
    use crate::cpu::runtime::V3;
    use std::arch::x86_64::*;

    /// The same three numbers in all lanes, or three of each lane's own.
    #[derive(Clone, Copy)]
    pub struct Wide3 {
        /// First.
        pub x: __m256,
        /// Second.
        pub y: __m256,
        /// Third.
        pub z: __m256,
    }

    /// A ray in all lanes.
    #[derive(Clone, Copy)]
    pub struct WideRay {
        /// Origin.
        pub o: Wide3,
        /// Direction.
        pub d: Wide3,
        /// 1/d.
        pub inverse: Wide3,
    }

    #[target_feature(enable = "avx2")]
    #[inline]
    fn splat(v: V3<f32>) -> Wide3 {
        Wide3 { x: _mm256_set1_ps(v.x), y: _mm256_set1_ps(v.y), z: _mm256_set1_ps(v.z) }
    }

    #[target_feature(enable = "avx2")]
    #[inline]
    fn sub3(a: Wide3, b: Wide3) -> Wide3 {
        Wide3 { x: _mm256_sub_ps(a.x, b.x), y: _mm256_sub_ps(a.y, b.y), z: _mm256_sub_ps(a.z, b.z) }
    }

    #[target_feature(enable = "avx2")]
    #[inline]
    fn mul3(a: Wide3, b: Wide3) -> Wide3 {
        Wide3 { x: _mm256_mul_ps(a.x, b.x), y: _mm256_mul_ps(a.y, b.y), z: _mm256_mul_ps(a.z, b.z) }
    }

    #[target_feature(enable = "avx2")]
    #[inline]
    fn min3(a: Wide3, b: Wide3) -> Wide3 {
        Wide3 { x: _mm256_min_ps(a.x, b.x), y: _mm256_min_ps(a.y, b.y), z: _mm256_min_ps(a.z, b.z) }
    }

    #[target_feature(enable = "avx2")]
    #[inline]
    fn max3(a: Wide3, b: Wide3) -> Wide3 {
        Wide3 { x: _mm256_max_ps(a.x, b.x), y: _mm256_max_ps(a.y, b.y), z: _mm256_max_ps(a.z, b.z) }
    }

    #[target_feature(enable = "avx2")]
    #[inline]
    fn dot3(a: Wide3, b: Wide3) -> __m256 {
        let p = mul3(a, b);
        _mm256_add_ps(p.x, _mm256_add_ps(p.y, p.z))
    }

    #[target_feature(enable = "avx2")]
    #[inline]
    fn cross3(a: Wide3, b: Wide3) -> Wide3 {
        let minus = |p: __m256, q: __m256, r: __m256, s: __m256| _mm256_sub_ps(_mm256_mul_ps(p, q), _mm256_mul_ps(r, s));
        Wide3 { x: minus(a.y, b.z, a.z, b.y), y: minus(a.z, b.x, a.x, b.z), z: minus(a.x, b.y, a.y, b.x) }
    }

    /// `rcp` of `shaders/lib/math.wgsl`.
    #[target_feature(enable = "avx2")]
    #[inline]
    fn rcp8(a: __m256) -> __m256 {
        let sign = _mm256_and_ps(a, _mm256_set1_ps(-0.0));
        let b = _mm256_andnot_ps(_mm256_set1_ps(-0.0), a);
        let two = _mm256_set1_ps(2.0);
        let seed = _mm256_set1_epi32(0x7ef3_11c7);
        let mut y = _mm256_castsi256_ps(_mm256_sub_epi32(seed, _mm256_castps_si256(b)));
        for _ in 0..3 {
            y = _mm256_mul_ps(y, _mm256_sub_ps(two, _mm256_mul_ps(b, y)));
        }
        _mm256_or_ps(y, sign)
    }

    #[target_feature(enable = "avx2")]
    #[inline]
    fn below(a: __m256, b: __m256) -> __m256 {
        _mm256_cmp_ps::<_CMP_LT_OQ>(a, b)
    }

    impl WideRay {
        /// Spreads a ray over all lanes.
        #[target_feature(enable = "avx2")]
        #[inline]
        pub fn new(ray: &SpaceRay) -> Self {
            Self { o: splat(ray.o), d: splat(ray.d), inverse: splat(ray.inverse) }
        }
    }

    impl Pack {
        /// All triangles at once.
        #[target_feature(enable = "avx2")]
        #[inline]
        pub fn test_avx2(&self, geometry: Geometry, ray: &WideRay, instance: u32, entry: f32, hit: &mut Hit) {
            // SAFETY: each row is eight floats, 32-byte aligned.
            let row = |i: usize| unsafe { _mm256_load_ps(self.corners[i].as_ptr()) };
            let zero = _mm256_setzero_ps();
            let v0 = Wide3 { x: row(0), y: row(1), z: row(2) };
            let v1 = Wide3 { x: row(3), y: row(4), z: row(5) };
            let v2 = Wide3 { x: row(6), y: row(7), z: row(8) };
            let (a, b, c) = (sub3(v0, ray.o), sub3(v1, ray.o), sub3(v2, ray.o));
            let u = dot3(ray.d, cross3(c, b));
            let v = dot3(ray.d, cross3(a, c));
            let w = dot3(ray.d, cross3(b, a));
            let negative = _mm256_or_ps(_mm256_or_ps(below(u, zero), below(v, zero)), below(w, zero));
            let positive = _mm256_or_ps(_mm256_or_ps(below(zero, u), below(zero, v)), below(zero, w));
            let passed = _mm256_and_ps(negative, positive);
            if _mm256_movemask_ps(passed) == 0xff {
                return;
            }
            let det = _mm256_add_ps(_mm256_add_ps(u, v), w);
            let n = cross3(sub3(b, a), sub3(c, a));
            let slope = dot3(n, ray.d);
            let tiny = |x: __m256| below(_mm256_andnot_ps(_mm256_set1_ps(-0.0), x), _mm256_set1_ps(1e-35));
            // The interval of the triangle's own box.
            let p = mul3(sub3(min3(min3(v0, v1), v2), ray.o), ray.inverse);
            let q = mul3(sub3(max3(max3(v0, v1), v2), ray.o), ray.inverse);
            let (near, far) = (min3(p, q), max3(p, q));
            let near = _mm256_max_ps(_mm256_max_ps(near.x, _mm256_max_ps(near.y, near.z)), zero);
            let far = _mm256_mul_ps(_mm256_min_ps(far.x, _mm256_min_ps(far.y, far.z)), _mm256_set1_ps(BOX_SLACK));
            let refused = _mm256_or_ps(_mm256_or_ps(tiny(det), tiny(slope)), _mm256_or_ps(passed, below(far, near)));
            let raw = _mm256_mul_ps(dot3(n, a), rcp8(slope));
            let t = _mm256_max_ps(_mm256_min_ps(_mm256_max_ps(raw, near), far), _mm256_set1_ps(entry));
            let nearer = _mm256_and_ps(below(zero, t), _mm256_cmp_ps::<_CMP_LE_OQ>(t, _mm256_set1_ps(hit.t)));
            let mut mask = _mm256_movemask_ps(_mm256_andnot_ps(refused, nearer)) as u32;
            if mask == 0 {
                return;
            }
            let lanes = |x: __m256| {
                let mut values = [0.0; LANES];
                // SAFETY: the array holds eight floats.
                unsafe { _mm256_storeu_ps(values.as_mut_ptr(), x) };
                values
            };
            let (t, v, w, det) = (lanes(t), lanes(v), lanes(w), lanes(det));
            while mask != 0 {
                let lane = mask.trailing_zeros() as usize;
                mask &= mask - 1;
                if t[lane] > hit.t {
                    continue;
                }
                let triangle = self.first + lane as u32;
                let primitive = geometry.triangles[triangle as usize * 3].w;
                let earlier = instance < hit.instance || (instance == hit.instance && primitive < hit.primitive);
                if t[lane] < hit.t || earlier {
                    let r = rcp(det[lane]);
                    *hit = Hit { t: t[lane], u: v[lane] * r, v: w[lane] * r, triangle, primitive, instance };
                }
            }
        }
    }
}
