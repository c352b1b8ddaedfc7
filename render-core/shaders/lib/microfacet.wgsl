// GGX microfacets: distribution, shadowing, visible-normal sampling (Walter et al. 2007, Heitz 2018), and the energy that
// single scattering loses (Turquin 2019). Local frame: the shading normal is +z.

fn ggx_d(alpha: f32, z: f32) -> f32 {
  let a2 = alpha * alpha;
  let k = z * z * (a2 - 1.0) + 1.0;
  return div(a2, max(PI * k * k, 1e-20));
}

// Smith shadowing for one direction with cosine z.
fn ggx_g1(alpha: f32, z: f32) -> f32 {
  let a2 = alpha * alpha;
  let z2 = z * z;
  let c = abs(z);
  return div(2.0 * c, c + root(a2 * (1.0 - z2) + z2));
}

// Share of the light towards wi that is not shadowed, given that wo sees the facet: height-correlated G2 / G1(wo) from both G1 (Heitz 2014).
fn ggx_unshadowed(g1_wo: f32, g1_wi: f32) -> f32 { return div(g1_wi, max(g1_wi + g1_wo - g1_wo * g1_wi, 1e-9)); }

// A half vector, distributed as those that wo sees (wo.z > 0).
fn ggx_sample(alpha: f32, wo: vec3<f32>, random: vec2<f32>) -> vec3<f32> {
  let v = normalize3(vec3<f32>(alpha * wo.x, alpha * wo.y, wo.z));
  let length2 = v.x * v.x + v.y * v.y;
  var t1 = vec3<f32>(1.0, 0.0, 0.0);
  if (length2 > 1e-12) { t1 = vec3<f32>(-v.y, v.x, 0.0) * rsqrt(length2); }
  let t2 = cross3(v, t1);
  let r = root(random.x);
  let sc = sincos_turns(random.y);
  let p1 = r * sc.y;
  let s = 0.5 * (1.0 + v.z);
  let p2 = lerp(root(max(0.0, 1.0 - p1 * p1)), r * sc.x, s);
  let p3 = root(max(0.0, 1.0 - p1 * p1 - p2 * p2));
  let n = t1 * p1 + (t2 * p2 + v * p3);
  return normalize3(vec3<f32>(alpha * n.x, alpha * n.y, max(1e-6, n.z)));
}

// What microfacets that scatter once reflect of white light, bilinear in cosine (32 columns) and roughness (32 rows):
// x: with reflectance 1; y: with Schlick's weight; z: with the weight of a dielectric of index 1.5, see `dielectric_weight`.
fn ggx_albedo(alpha: f32, z: f32) -> vec3<f32> {
  let x = min(max(z, 0.0), 1.0) * 31.0;
  let y = min(root(alpha), 1.0) * 31.0;
  let x0 = min(u32(x), 30u);
  let y0 = min(u32(y), 30u);
  let at = ALBEDO_TABLE + y0 * 32u + x0;
  let top = lerp3(as_float3(tables[at]), as_float3(tables[at + 1u]), x - f32(x0));
  let bottom = lerp3(as_float3(tables[at + 32u]), as_float3(tables[at + 33u]), x - f32(x0));
  return lerp3(top, bottom, y - f32(y0));
}

fn schlick_weight(c: f32) -> f32 {
  let m = min(max(1.0 - c, 0.0), 1.0);
  let m2 = m * m;
  return m2 * m2 * m;
}

// Unpolarised reflectance of a smooth boundary; eta = index behind over index in front.
fn fresnel_dielectric(c: f32, eta: f32) -> f32 {
  let g2 = eta * eta - 1.0 + c * c;
  if (g2 <= 0.0) { return 1.0; }
  let g = root(g2);
  let a = div(g - c, g + c);
  let b = div(c * (g + c) - 1.0, c * (g - c) + 1.0);
  return min(0.5 * a * a * (1.0 + b * b), 1.0);
}

// The dielectric's reflectance as a weight between its value at normal incidence (0) and 1, so that it mixes like Schlick's.
fn dielectric_weight(c: f32, eta: f32, f0: f32) -> f32 { return max(div(fresnel_dielectric(c, eta) - f0, max(1.0 - f0, 1e-4)), 0.0); }
