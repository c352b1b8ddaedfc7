// GGX microfacets: distribution, shadowing, visible-normal sampling (Walter et al. 2007, Heitz 2018), and the energy that
// single scattering loses (Turquin 2019). Local frame: the shading normal is +z.

// √(α² + (1 − α²) z²): the shape of Smith's shadowing for a direction with cosine z.
fn ggx_reach(alpha: f32, z: f32) -> f32 {
  let a2 = alpha * alpha;
  return root(a2 + (1.0 - a2) * z * z);
}

// D · G1(wo) / wo.z for a facet h: the density of visible facets but for the cosine wo·h. The sum of squares keeps its digits on smooth
// surfaces, where 1 − h.z² would cancel.
fn ggx_visible(alpha: f32, h: vec3<f32>, wo_z: f32, reach_wo: f32) -> f32 {
  let a2 = alpha * alpha;
  let k = h.x * h.x + (h.y * h.y + a2 * (h.z * h.z));
  return div(2.0 * a2, max(PI * k * k * (wo_z + reach_wo), 1e-20));
}

// Share of the light towards wi that is not shadowed, given that wo sees the facet: height-correlated G2 / G1(wo) (Heitz 2014).
fn ggx_unshadowed(wo_z: f32, reach_wo: f32, wi_z: f32, reach_wi: f32) -> f32 {
  return div(wi_z * (wo_z + reach_wo), max(wo_z * reach_wi + wi_z * reach_wo, 1e-12));
}

// Smith shadowing G1 of one direction.
fn ggx_g1(z: f32, reach: f32) -> f32 { return div(2.0 * z, z + reach); }

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
// x: with reflectance 1; y: with Schlick's weight; z: with that of a dielectric of index 1.5, its reflectance
// put between its value at normal incidence (0) and 1.
fn ggx_albedo(roughness: f32, z: f32) -> vec3<f32> {
  let x = min(max(z, 0.0), 1.0) * 31.0;
  let y = min(roughness, 1.0) * 31.0;
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
  let n = c * (g + c) - 1.0;
  let d = c * (g - c) + 1.0;
  let q = (g + c) * d;
  return min(div(0.5 * (g - c) * (g - c) * (n * n + d * d), q * q), 1.0);
}
