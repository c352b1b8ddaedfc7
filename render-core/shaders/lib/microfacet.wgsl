// GGX microfacets: distribution, shadowing, visible-normal sampling (Walter et al. 2007, Heitz 2018), and the energy that
// single scattering loses (Turquin 2019). Local frame: the shading normal is +z.

// The width of the distribution along x and y, and what its quotients are.
struct Facets {
  x: f32,
  y: f32,
  y_over_x: f32,
  x_over_y: f32,
};

fn round_facets(alpha: f32) -> Facets { return Facets(alpha, alpha, 1.0, 1.0); }

// √(αx² x² + αy² y² + z²) of a unit vector: the shape of Smith's shadowing.
fn ggx_reach(f: Facets, v: vec3<f32>) -> f32 {
  let x = f.x * v.x;
  let y = f.y * v.y;
  return root(x * x + (y * y + v.z * v.z));
}

// D · G1(wo) / wo.z for a facet h: the density of visible facets but for the cosine wo·h. The sum of squares keeps its digits on smooth
// surfaces, where 1 − h.z² would cancel.
fn ggx_visible(f: Facets, h: vec3<f32>, wo_z: f32, reach_wo: f32) -> f32 {
  let a2 = f.x * f.y;
  let k = h.x * h.x * f.y_over_x + (h.y * h.y * f.x_over_y + a2 * (h.z * h.z));
  return div(2.0 * a2, max(PI * k * k * (wo_z + reach_wo), 1e-20));
}

// Share of the light towards wi that is not shadowed, given that wo sees the facet: height-correlated G2 / G1(wo) (Heitz 2014).
fn ggx_unshadowed(wo_z: f32, reach_wo: f32, wi_z: f32, reach_wi: f32) -> f32 {
  return div(wi_z * (wo_z + reach_wo), max(wo_z * reach_wi + wi_z * reach_wo, 1e-12));
}

// Smith shadowing G1 of one direction.
fn ggx_g1(z: f32, reach: f32) -> f32 { return div(2.0 * z, z + reach); }

// A half vector, distributed as those that wo sees (wo.z > 0).
fn ggx_sample(f: Facets, wo: vec3<f32>, random: vec2<f32>) -> vec3<f32> {
  let v = normalize3(vec3<f32>(f.x * wo.x, f.y * wo.y, wo.z));
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
  return normalize3(vec3<f32>(f.x * n.x, f.y * n.y, max(1e-6, n.z)));
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
  let top = lerp3(as_float3(table_word(at)), as_float3(table_word(at + 1u)), x - f32(x0));
  let bottom = lerp3(as_float3(table_word(at + 32u)), as_float3(table_word(at + 33u)), x - f32(x0));
  return lerp3(top, bottom, y - f32(y0));
}

// Share of white light that rough glass leaves when it scatters once, seen from outside (x) or inside (y): trilinear in cosine, roughness
// and (index − 1) / (index + 1).
fn glass_albedo(roughness: f32, z: f32, index: f32) -> vec2<f32> {
  let x = min(max(z, 0.0), 1.0) * 15.0;
  let y = min(roughness, 1.0) * 15.0;
  let w = min(div(index - 1.0, index + 1.0) * 14.0, 7.0);
  let x0 = min(u32(x), 14u);
  let y0 = min(u32(y), 14u);
  let w0 = min(u32(w), 6u);
  let at = GLASS_TABLE + w0 * 256u + y0 * 16u + x0;
  let fx = x - f32(x0);
  let fy = y - f32(y0);
  let low = glass_layer(at, fx, fy);
  return low + (glass_layer(at + 256u, fx, fy) - low) * (w - f32(w0));
}

fn glass_layer(at: u32, fx: f32, fy: f32) -> vec2<f32> {
  let a = bitcast<vec2<f32>>(table_word(at).xy);
  let b = bitcast<vec2<f32>>(table_word(at + 1u).xy);
  let c = bitcast<vec2<f32>>(table_word(at + 16u).xy);
  let d = bitcast<vec2<f32>>(table_word(at + 17u).xy);
  let top = a + (b - a) * fx;
  return top + ((c + (d - c) * fx) - top) * fy;
}
