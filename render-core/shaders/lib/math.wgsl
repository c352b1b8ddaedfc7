// Arithmetic with one meaning on every device: each function is a fixed sequence of single additions, subtractions and multiplications.
// Division, square roots and transcendental builtins are left out because their precision is the driver's choice.

const PI: f32 = 3.14159265358979;
const INV_PI: f32 = 0.318309886183791;
const INFINITE: f32 = 1e30;

// 1/a for 1e-37 < |a| < 1e37, within 2 ulp. Integer seed (error < 5.1 %), then three Newton steps.
fn rcp(a: f32) -> f32 {
  let bits = bitcast<u32>(a);
  let magnitude = bits & 0x7fffffffu;
  let b = bitcast<f32>(magnitude);
  var y = bitcast<f32>(0x7ef311c7u - magnitude);
  y = y * (2.0 - b * y);
  y = y * (2.0 - b * y);
  y = y * (2.0 - b * y);
  return bitcast<f32>(bitcast<u32>(y) | (bits & 0x80000000u));
}

fn div(a: f32, b: f32) -> f32 { return a * rcp(b); }

// 1/sqrt(a) for 1e-37 < a < 1e37, within 2 ulp.
fn rsqrt(a: f32) -> f32 {
  let h = 0.5 * a;
  var y = bitcast<f32>(0x5f3759dfu - (bitcast<u32>(a) >> 1u));
  y = y * (1.5 - h * y * y);
  y = y * (1.5 - h * y * y);
  y = y * (1.5 - h * y * y);
  return y;
}

// sqrt(a); 0 for everything below 1e-30, negative values included.
fn root(a: f32) -> f32 {
  if (a < 1e-30) { return 0.0; }
  return a * rsqrt(a);
}

fn dot3(a: vec3<f32>, b: vec3<f32>) -> f32 { return a.x * b.x + (a.y * b.y + a.z * b.z); }

fn cross3(a: vec3<f32>, b: vec3<f32>) -> vec3<f32> {
  return vec3<f32>(a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x);
}

// Unit vector along a; a must not be shorter than 1e-15.
fn normalize3(a: vec3<f32>) -> vec3<f32> { return a * rsqrt(max(dot3(a, a), 1e-30)); }

fn max3(a: vec3<f32>) -> f32 { return max(a.x, max(a.y, a.z)); }
fn min3(a: vec3<f32>) -> f32 { return min(a.x, min(a.y, a.z)); }

fn luminance(c: vec3<f32>) -> f32 { return 0.2126 * c.x + (0.7152 * c.y + 0.0722 * c.z); }

fn lerp(a: f32, b: f32, t: f32) -> f32 { return a + (b - a) * t; }
fn lerp3(a: vec3<f32>, b: vec3<f32>, t: f32) -> vec3<f32> { return a + (b - a) * t; }
fn lerp4(a: vec4<f32>, b: vec4<f32>, t: f32) -> vec4<f32> { return a + (b - a) * t; }

// (sin, cos) of a full turn times `turns`, for turns in [0, 1). Exact quadrant reduction, polynomials on [0, π/4] (Cephes sinf/cosf).
fn sincos_turns(turns: f32) -> vec2<f32> {
  let quarters = turns * 4.0;
  let quadrant = u32(quarters);
  let f = quarters - f32(quadrant);
  let folded = f > 0.5;
  let g = select(f, 1.0 - f, folded);
  let x = g * 1.57079632679489662;
  let x2 = x * x;
  let sp = x2 * (x2 * (x2 * -1.9515295891e-4 + 8.3321608736e-3) - 1.6666654611e-1);
  let s0 = x * sp + x;
  let cp = x2 * (x2 * (x2 * 2.443315711809948e-5 - 1.388731625493765e-3) + 4.166664568298827e-2);
  let c0 = x2 * cp - 0.5 * x2 + 1.0;
  var s = select(s0, c0, folded);
  var c = select(c0, s0, folded);
  if ((quadrant & 1u) == 1u) { let t = s; s = c; c = -t; }
  if ((quadrant & 2u) == 2u) { s = -s; c = -c; }
  return vec2<f32>(s, c);
}

// cos of a full turn times `turns`, |turns| < 2^20.
fn cos_turns(turns: f32) -> f32 { return sincos_turns(min(turns - floor(turns), 0.9999999)).y; }

// e^-a for a >= 0, relative error < 2e-7; 0 from a = 40 on. Halvings by the exponent, a polynomial between -ln2/2 and ln2/2.
fn exp_minus(a: f32) -> f32 {
  if (a >= 40.0) { return 0.0; }
  let halvings = floor(max(a, 0.0) * 1.44269504088896 + 0.5);
  let x = halvings * 0.693147180559945 - max(a, 0.0);
  var p = 1.3888889e-3;
  p = p * x + 8.3333333e-3;
  p = p * x + 4.1666667e-2;
  p = p * x + 1.6666667e-1;
  p = p * x + 0.5;
  p = p * x + 1.0;
  p = p * x + 1.0;
  return p * bitcast<f32>((127u - u32(halvings)) << 23u);
}

// acos(x) for x in [-1, 1], absolute error < 3e-7 (Abramowitz & Stegun 4.4.46).
fn arccos(x: f32) -> f32 {
  let a = min(abs(x), 1.0);
  var p = -0.0012624911;
  p = p * a + 0.0066700901;
  p = p * a - 0.0170881256;
  p = p * a + 0.0308918810;
  p = p * a - 0.0501743046;
  p = p * a + 0.0889789874;
  p = p * a - 0.2145988016;
  p = p * a + 1.5707963050;
  let r = p * root(1.0 - a);
  return select(r, PI - r, x < 0.0);
}

// atan2(y, x) as a fraction of a turn in [-0.5, 0.5]; 0 at the origin. Absolute error < 1e-7 turns (Abramowitz & Stegun 4.4.49).
fn atan2_turns(y: f32, x: f32) -> f32 {
  let ax = abs(x);
  let ay = abs(y);
  let hi = max(ax, ay);
  if (hi < 1e-30) { return 0.0; }
  let t = div(min(ax, ay), hi);
  let t2 = t * t;
  var p = 0.0028662257;
  p = p * t2 - 0.0161657367;
  p = p * t2 + 0.0429096138;
  p = p * t2 - 0.0752896400;
  p = p * t2 + 0.1065626393;
  p = p * t2 - 0.1420889944;
  p = p * t2 + 0.1999355085;
  p = p * t2 - 0.3333314528;
  var a = (t + t * t2 * p) * 0.159154943091895;
  if (ay > ax) { a = 0.25 - a; }
  if (x < 0.0) { a = 0.5 - a; }
  return select(a, -a, y < 0.0);
}

struct Basis { t: vec3<f32>, b: vec3<f32>, n: vec3<f32> };

// Orthonormal basis around a unit vector (Duff et al. 2017).
fn basis(n: vec3<f32>) -> Basis {
  let s = select(1.0, -1.0, n.z < 0.0);
  let a = -rcp(s + n.z);
  let b = n.x * n.y * a;
  return Basis(vec3<f32>(1.0 + s * n.x * n.x * a, s * b, -s * n.x), vec3<f32>(b, s + n.y * n.y * a, -n.y), n);
}

fn to_world(f: Basis, v: vec3<f32>) -> vec3<f32> { return f.t * v.x + (f.b * v.y + f.n * v.z); }
fn to_local(f: Basis, v: vec3<f32>) -> vec3<f32> { return vec3<f32>(dot3(v, f.t), dot3(v, f.b), dot3(v, f.n)); }

// Moves a point off its surface along the unit normal n by a few hundred ulp (Wächter & Binder 2019).
fn offset_point(p: vec3<f32>, n: vec3<f32>) -> vec3<f32> {
  return vec3<f32>(offset_axis(p.x, n.x), offset_axis(p.y, n.y), offset_axis(p.z, n.z));
}

fn offset_axis(p: f32, n: f32) -> f32 {
  if (abs(p) < 0.03125) { return p + n * 1.52587890625e-05; }
  let ulps = i32(n * 256.0);
  return bitcast<f32>(bitcast<i32>(p) + select(ulps, -ulps, p < 0.0));
}

// Unit vector from two signed 16-bit octahedral coordinates (Cigolle et al. 2014).
fn unpack_octahedral(bits: u32) -> vec3<f32> {
  let x = f32(bitcast<i32>(bits << 16u) >> 16u) * 3.0518509475997192e-05;
  let y = f32(bitcast<i32>(bits) >> 16u) * 3.0518509475997192e-05;
  let z = 1.0 - abs(x) - abs(y);
  let fold = max(-z, 0.0);
  return normalize3(vec3<f32>(select(x + fold, x - fold, x >= 0.0), select(y + fold, y - fold, y >= 0.0), z));
}
