// What a ray finds where it hits: frame, material values, emission.

// Roughness below this is taken as this: it looks like a mirror (alpha 0.001) and needs no special case.
const ROUGHNESS_MIN: f32 = 0.0316;
const TANGENT_NONE: u32 = 0u;
const TANGENT_NEGATIVE: u32 = 2u;

struct Surface {
  position: vec3<f32>,
  geometric: vec3<f32>,  // unit, towards the viewer
  local: Basis,          // around the shading normal, which faces the viewer; x along the stretched direction where there is one
  back: bool,            // seen from behind
  material: u32,
  flags: u32,
  maps: Maps,
  base: vec3<f32>,
  emission: vec3<f32>,
  metallic: f32,
  roughness: f32,
  alpha: f32,            // microfacet alpha, the roughness squared
  transmission: f32,
  ior: f32,
  light: f32,            // chance per square metre that light sampling picks this point, 0 = not a light
};

fn unpack_color(word: vec4<u32>) -> vec4<f32> {
  return vec4<f32>(f32(word.z & 0xffffu), f32(word.z >> 16u), f32(word.w & 0xffffu), f32(word.w >> 16u)) * 1.52590218966964e-05;
}

fn mix3(a: vec3<f32>, b: vec3<f32>, c: vec3<f32>, u: f32, v: f32) -> vec3<f32> { return a + ((b - a) * u + (c - a) * v); }
fn mix4(a: vec4<f32>, b: vec4<f32>, c: vec4<f32>, u: f32, v: f32) -> vec4<f32> { return a + ((b - a) * u + (c - a) * v); }

// Word `word` of vertex `index`.
fn vertex_word(index: u32, word: u32) -> vec4<u32> { return shading_word(frame.vertices_at + index * 2u + word); }

fn hit_uvs(hit: Hit) -> vec4<f32> {
  let v = shading_word(hit.triangle);
  return mix4(bitcast<vec4<f32>>(vertex_word(v.x, 1u)), bitcast<vec4<f32>>(vertex_word(v.y, 1u)), bitcast<vec4<f32>>(vertex_word(v.z, 1u)), hit.u, hit.v);
}

// Base colour without its texture.
fn hit_base_color(hit: Hit, material: u32) -> vec4<f32> {
  let v = shading_word(hit.triangle);
  let color = mix4(unpack_color(vertex_word(v.x, 0u)), unpack_color(vertex_word(v.y, 0u)), unpack_color(vertex_word(v.z, 0u)), hit.u, hit.v);
  return color * material_float(material, 0u);
}

// Share of the light that a surface stops, for materials that let rays pass.
fn hit_coverage(hit: Hit) -> f32 {
  let material = triangle_word(hit.triangle * 3u + 1u).w;
  let flags = material_flags(material);
  if ((flags & (MATERIAL_MASK | MATERIAL_BLEND)) == 0u) { return 1.0; }
  let a = hit_base_color(hit, material).w * sample_slot(material, SLOT_BASE_COLOR, hit_uvs(hit)).w;
  if ((flags & MATERIAL_MASK) != 0u) { return select(0.0, 1.0, a >= material_float(material, 3u).y); }
  return a;
}

// Turns the shading normal far enough that the viewer sees its front.
fn facing_normal(n: vec3<f32>, to_viewer: vec3<f32>) -> vec3<f32> {
  let c = dot3(n, to_viewer);
  if (c > 0.01) { return n; }
  return normalize3(n + to_viewer * (0.01 - c));
}

// Interpolated normal, in the world.
fn smooth_normal(hit: Hit) -> vec3<f32> {
  let v = shading_word(hit.triangle);
  let n0 = vertex_word(v.x, 0u).x;
  let n1 = vertex_word(v.y, 0u).x;
  let n2 = vertex_word(v.z, 0u).x;
  var n = unpack_octahedral(n0);
  if (n0 != n1 || n0 != n2) { n = normalize3(mix3(n, unpack_octahedral(n1), unpack_octahedral(n2), hit.u, hit.v)); }
  if (instance_moves(hit.instance)) { n = normal_to_world(hit.instance, n); }
  return n;
}

// Tangent frame around a normal, in the world; only where the triangle has tangents.
fn tangent_frame(hit: Hit, n: vec3<f32>) -> Basis {
  let v = shading_word(hit.triangle);
  var tangent = mix3(unpack_octahedral(vertex_word(v.x, 0u).y), unpack_octahedral(vertex_word(v.y, 0u).y), unpack_octahedral(vertex_word(v.z, 0u).y), hit.u, hit.v);
  if (instance_moves(hit.instance)) { tangent = vector_to_world(hit.instance, tangent); }
  let t = normalize3(tangent - n * dot3(tangent, n));
  let sign = select(1.0, -1.0, triangle_word(hit.triangle * 3u + 2u).w == TANGENT_NEGATIVE);
  return Basis(t, cross3(n, t) * sign, n);
}

// A normal map's normal around the frame's, x and y scaled.
fn mapped_normal(texel_here: vec3<f32>, frame_here: Basis, scale: f32) -> vec3<f32> {
  let m = texel_here * 2.0 - vec3<f32>(1.0);
  return normalize3(frame_here.t * (m.x * scale) + (frame_here.b * (m.y * scale) + frame_here.n * max(m.z, 0.001)));
}

// A shading normal on the face's side, turned far enough that the viewer sees its front, whatever the file says.
fn turned_normal(n: vec3<f32>, geometric: vec3<f32>, to_viewer: vec3<f32>) -> vec3<f32> {
  return facing_normal(n * select(1.0, -1.0, dot3(n, geometric) < 0.0), to_viewer);
}

// The frame around normal n whose x axis is the direction of the anisotropy.
fn stretched_basis(hit: Hit, n: vec3<f32>, material: u32, maps: Maps) -> Basis {
  let f = tangent_frame(hit, n);
  let m7 = material_float(material, 7u);
  var x = m7.x;
  var y = m7.y;
  if (has_slot(maps.slots, SLOT_ANISOTROPY)) {
    let u = maps.anisotropy.x * 2.0 - 1.0;
    let v = maps.anisotropy.y * 2.0 - 1.0;
    x = m7.x * u - m7.y * v;
    y = m7.y * u + m7.x * v;
  }
  if (x * x + y * y < 1e-6) { return f; }
  let t = normalize3(f.t * x + f.b * y);
  return Basis(t, cross3(n, t), n);
}

fn surface_at(hit: Hit, direction: vec3<f32>) -> Surface {
  let c = corners_of(hit.triangle, hit.instance);
  let material = triangle_word(hit.triangle * 3u + 1u).w;
  var s: Surface;
  s.material = material;
  s.position = mix3(c.v0, c.v1, c.v2, hit.u, hit.v);
  let geometric = normalize3(cross3(c.v1 - c.v0, c.v2 - c.v0));
  s.back = dot3(geometric, direction) > 0.0;
  s.geometric = geometric * select(1.0, -1.0, s.back);
  s.maps = maps_at(material, hit_uvs(hit));
  var n = smooth_normal(hit);
  if (has_slot(s.maps.slots, SLOT_NORMAL) && triangle_word(hit.triangle * 3u + 2u).w != TANGENT_NONE) {
    n = mapped_normal(s.maps.normal, tangent_frame(hit, n), material_float(material, 3u).x);
  }
  n = turned_normal(n, s.geometric, -direction);
  let m1 = material_word(material * MATERIAL_STRIDE + 1u);
  let m2 = material_float(material, 2u);
  s.flags = m1.w & MATERIAL_FLAGS;
  if ((s.flags & MATERIAL_ANISOTROPY) != 0u && triangle_word(hit.triangle * 3u + 2u).w != TANGENT_NONE) {
    s.local = stretched_basis(hit, n, material, s.maps);
  } else {
    s.local = basis(n);
  }
  s.base = min(hit_base_color(hit, material).xyz * s.maps.base.xyz, vec3<f32>(1.0));
  s.emission = as_float3(m1) * s.maps.emissive;
  s.metallic = m2.x * s.maps.metallic_roughness.z;
  s.roughness = max(m2.y * s.maps.metallic_roughness.y, ROUGHNESS_MIN);
  s.alpha = s.roughness * s.roughness;
  s.transmission = m2.z * s.maps.transmission;
  s.ior = m2.w;
  s.light = material_float(material, 3u).w;
  return s;
}
