// What a ray finds where it hits: frame, material values, emission.

const MATERIAL_MASK: u32 = 1u;
const MATERIAL_BLEND: u32 = 2u;
const MATERIAL_UNLIT: u32 = 4u;
// Roughness below this is taken as this: it looks like a mirror (alpha 0.001) and needs no special case.
const ROUGHNESS_MIN: f32 = 0.0316;
const TANGENT_NONE: u32 = 0u;
const TANGENT_NEGATIVE: u32 = 2u;

struct Surface {
  position: vec3<f32>,
  geometric: vec3<f32>,  // unit, towards the viewer
  normal: vec3<f32>,     // unit shading normal, towards the viewer
  back: bool,            // seen from behind
  base: vec3<f32>,
  coverage: f32,
  emission: vec3<f32>,
  unlit: bool,
  metallic: f32,
  roughness: f32,
  alpha: f32,            // microfacet alpha, the roughness squared
  transmission: f32,
  ior: f32,
  coat: f32,             // reflectance of the dielectric at normal incidence
  area: f32,             // of the triangle, square metres
  light: f32,            // probability that light sampling picks this triangle, 0 = not a light
};

fn material_float(material: u32, word: u32) -> vec4<f32> { return bitcast<vec4<f32>>(materials[material * MATERIAL_STRIDE + word]); }

fn unpack_color(bits: u32) -> vec4<f32> {
  return vec4<f32>(f32(bits & 255u), f32((bits >> 8u) & 255u), f32((bits >> 16u) & 255u), f32(bits >> 24u)) * 0.00392156862745098;
}

fn mix3(a: vec3<f32>, b: vec3<f32>, c: vec3<f32>, u: f32, v: f32) -> vec3<f32> { return a + ((b - a) * u + (c - a) * v); }

fn hit_uv(hit: Hit) -> vec2<f32> {
  let s2 = bitcast<vec4<f32>>(shading[hit.triangle * 4u + 2u]);
  let s3 = bitcast<vec4<f32>>(shading[hit.triangle * 4u + 3u]);
  return vec2<f32>(s2.x + ((s2.z - s2.x) * hit.u + (s3.x - s2.x) * hit.v), s2.y + ((s2.w - s2.y) * hit.u + (s3.y - s2.y) * hit.v));
}

fn hit_base_color(hit: Hit, material: u32, uv: vec2<f32>) -> vec4<f32> {
  let c0 = unpack_color(shading[hit.triangle * 4u].w);
  let c1 = unpack_color(shading[hit.triangle * 4u + 1u].w);
  let c2 = unpack_color(shading[hit.triangle * 4u + 3u].z);
  return (c0 + ((c1 - c0) * hit.u + (c2 - c0) * hit.v)) * material_float(material, 0u) * sample_slot(material, SLOT_BASE_COLOR, uv);
}

// Share of the light that a surface stops, for materials that let rays pass.
fn hit_coverage(hit: Hit) -> f32 {
  let material = triangles[hit.triangle * 3u + 1u].w;
  let flags = materials[material * MATERIAL_STRIDE + 1u].w;
  if ((flags & (MATERIAL_MASK | MATERIAL_BLEND)) == 0u) { return 1.0; }
  let a = hit_base_color(hit, material, hit_uv(hit)).w;
  if ((flags & MATERIAL_MASK) != 0u) { return select(0.0, 1.0, a >= material_float(material, 3u).y); }
  return a;
}

// Turns the shading normal far enough that the viewer sees its front.
fn facing_normal(n: vec3<f32>, to_viewer: vec3<f32>) -> vec3<f32> {
  let c = dot3(n, to_viewer);
  if (c > 0.01) { return n; }
  return normalize3(n + to_viewer * (0.01 - c));
}

fn shading_normal(hit: Hit, material: u32, uv: vec2<f32>) -> vec3<f32> {
  let s0 = shading[hit.triangle * 4u];
  var smooth_normal = unpack_octahedral(s0.x);
  if (s0.x != s0.y || s0.x != s0.z) {
    smooth_normal = normalize3(mix3(smooth_normal, unpack_octahedral(s0.y), unpack_octahedral(s0.z), hit.u, hit.v));
  }
  let tangent_state = triangles[hit.triangle * 3u + 2u].w;
  if (tangent_state == TANGENT_NONE || materials[material * MATERIAL_STRIDE + SLOT_NORMAL].x == NO_TEXTURE) { return smooth_normal; }
  let s1 = shading[hit.triangle * 4u + 1u];
  let tangent = mix3(unpack_octahedral(s1.x), unpack_octahedral(s1.y), unpack_octahedral(s1.z), hit.u, hit.v);
  let t = normalize3(tangent - smooth_normal * dot3(tangent, smooth_normal));
  let sign = select(1.0, -1.0, tangent_state == TANGENT_NEGATIVE);
  let b = cross3(smooth_normal, t) * sign;
  let m = sample_slot(material, SLOT_NORMAL, uv) * 2.0 - vec4<f32>(1.0);
  let scale = material_float(material, 3u).x;
  return normalize3(t * (m.x * scale) + (b * (m.y * scale) + smooth_normal * max(m.z, 0.001)));
}

fn surface_at(hit: Hit, direction: vec3<f32>) -> Surface {
  let v0 = as_float3(triangles[hit.triangle * 3u]);
  let w1 = triangles[hit.triangle * 3u + 1u];
  let v1 = as_float3(w1);
  let v2 = as_float3(triangles[hit.triangle * 3u + 2u]);
  let material = w1.w;
  var s: Surface;
  s.position = mix3(v0, v1, v2, hit.u, hit.v);
  let scaled = cross3(v1 - v0, v2 - v0);
  let length2 = max(dot3(scaled, scaled), 1e-36);
  let inverse_length = rsqrt(length2);
  s.area = 0.5 * length2 * inverse_length;
  let geometric = scaled * inverse_length;
  s.back = dot3(geometric, direction) > 0.0;
  let side = select(1.0, -1.0, s.back);
  s.geometric = geometric * side;
  let uv = hit_uv(hit);
  var n = shading_normal(hit, material, uv);
  // A shading normal belongs to the same side as its face, whatever the file says.
  n = n * select(1.0, -1.0, dot3(n, s.geometric) < 0.0);
  s.normal = facing_normal(n, -direction);

  let color = hit_base_color(hit, material, uv);
  let m1 = materials[material * MATERIAL_STRIDE + 1u];
  let m2 = material_float(material, 2u);
  s.base = min(color.xyz, vec3<f32>(1.0));
  s.coverage = color.w;
  s.unlit = (m1.w & MATERIAL_UNLIT) != 0u;
  s.emission = as_float3(m1);
  if (max3(s.emission) > 0.0) { s.emission = s.emission * sample_slot(material, SLOT_EMISSIVE, uv).xyz; }
  let mr = sample_slot(material, SLOT_METALLIC_ROUGHNESS, uv);
  s.metallic = m2.x * mr.z;
  s.roughness = max(m2.y * mr.y, ROUGHNESS_MIN);
  s.alpha = s.roughness * s.roughness;
  s.transmission = m2.z;
  if (m2.z > 0.0) { s.transmission = m2.z * sample_slot(material, SLOT_TRANSMISSION, uv).x; }
  s.ior = m2.w;
  s.coat = material_float(material, 3u).z;
  s.light = bitcast<f32>(shading[hit.triangle * 4u + 3u].w);
  return s;
}
