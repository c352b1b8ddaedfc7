// One camera sample: a path from the eye with next-event estimation at every vertex, combined by multiple importance sampling.

const PAIR_PIXEL: u32 = 0u;
const PAIR_LENS: u32 = 0x10000u;
const PAIRS_PER_VERTEX: u32 = 3u;
// Single numbers of a vertex: glass or opaque, roulette, one per passed layer, and the light's coin.
const DIMENSIONS_PER_VERTEX: u32 = 64u;
const DIMENSION_ROULETTE: u32 = 1u;
const DIMENSION_LAYERS: u32 = 2u;
const DIMENSION_COIN: u32 = 34u;
// Layers of leaves or glass cards that one segment may pass.
const PASSES_MAX: u32 = 32u;
// Paths longer than this may end by chance.
const ROULETTE_DEPTH: u32 = 4u;
// Smaller values are written as zero: some drivers flush denormals, some do not.
const RADIANCE_MIN: f32 = 1e-30;

struct Ray { o: vec3<f32>, d: vec3<f32> };

// From a point of the lens towards the point of the sharp plane that the pixel shows. Both are relative to the eye.
fn camera_ray(x: u32, y: u32, key: u32, sample_index: u32) -> Ray {
  let jitter = random_pair(key, sample_index, PAIR_PIXEL);
  let fx = (f32(x) + jitter.x) * frame.camera_right.w - 1.0;
  let fy = 1.0 - (f32(y) + jitter.y) * frame.camera_up.w;
  let plane = frame.camera_right.xyz * fx + frame.camera_up.xyz * fy;
  if (frame.orthographic == 0u && max3(abs(frame.lens_right.xyz)) == 0.0) { return Ray(frame.camera_from.xyz, normalize3(plane + frame.camera_forward.xyz)); }
  let parallel = frame.orthographic != 0u;
  let focus = frame.lens_right.w;
  let lens = random_pair(key, sample_index, PAIR_LENS);
  let r = root(lens.x);
  let turn = sincos_turns(lens.y);
  let seen = select(plane * focus, plane, parallel) + frame.camera_forward.xyz * focus;
  let start = select(vec3<f32>(0.0), plane, parallel) + (frame.lens_right.xyz * (r * turn.y) + frame.lens_up.xyz * (r * turn.x));
  return Ray(frame.camera_from.xyz + start, normalize3(seen - start));
}

// Nearest hit of which chance decides that it stops the ray, by its coverage. The random numbers count down from `dimension`.
fn next_hit(origin: vec3<f32>, d: vec3<f32>, key: u32, sample_index: u32, dimension: u32) -> Hit {
  var o = origin;
  var hit: Hit;
  var travelled = 0.0;
  for (var pass_count = 0u; ; pass_count++) {
    hit = closest_hit(o, d);
    if (!has_alpha()) { return hit; }
    if (hit.triangle == NO_HIT || pass_count == PASSES_MAX) { break; }
    let coverage = hit_coverage(hit);
    if (coverage >= 1.0 || random_one(key, sample_index, dimension + pass_count) < coverage) { break; }
    o = beyond(hit, d);
    travelled = travelled + hit.t;
  }
  hit.t = hit.t + travelled;
  return hit;
}

// The point of a hit, moved off to the far side.
fn beyond(hit: Hit, d: vec3<f32>) -> vec3<f32> {
  let c = corners_of(hit.triangle, hit.instance);
  let unit = normalize3(cross3(c.v1 - c.v0, c.v2 - c.v0));
  let side = select(-1.0, 1.0, dot3(unit, d) > 0.0);
  return offset_point(mix3(c.v0, c.v1, c.v2, hit.u, hit.v), unit * side);
}

// Share of light that arrives along a shadow ray.
fn transmittance(origin: vec3<f32>, d: vec3<f32>, distance: f32) -> f32 {
  if (!has_alpha()) { return select(1.0, 0.0, occluded(origin, d, distance)); }
  var o = origin;
  var left = distance;
  var through = 1.0;
  for (var pass_count = 0u; ; pass_count++) {
    let hit = closest_hit(o, d);
    if (hit.triangle == NO_HIT || hit.t >= left) { break; }
    if (pass_count == PASSES_MAX) { return 0.0; }
    through = through * (1.0 - hit_coverage(hit));
    if (through <= 0.0) { return 0.0; }
    o = beyond(hit, d);
    left = left - hit.t;
  }
  return through;
}

// Share of light that is left after a way through an absorbing medium.
fn transmitted(medium: vec3<f32>, distance: f32) -> vec3<f32> {
  return vec3<f32>(exp_minus(medium.x * distance), exp_minus(medium.y * distance), exp_minus(medium.z * distance));
}

// Absorption per metre behind a surface, seen from the viewer.
fn medium_behind(s: Surface) -> vec3<f32> {
  if (s.back || (s.flags & MATERIAL_VOLUME) == 0u) { return vec3<f32>(0.0); }
  return material_float(s.material, 9u).xyz;
}

// Light from one sampled light, scattered towards the viewer at this vertex.
fn direct_light(s: Surface, m: Bsdf, local: Basis, wo: vec3<f32>, medium: vec3<f32>, pick: f32, coin: f32, random: vec2<f32>) -> vec3<f32> {
  let l = light_sample(s.position, pick, coin, random);
  if (max3(l.radiance) <= 0.0) { return vec3<f32>(0.0); }
  let wi = to_local(local, l.direction);
  let outside = dot3(l.direction, s.geometric) > 0.0;
  if (outside != (wi.z > 0.0) || (!outside && !m.glass)) { return vec3<f32>(0.0); }
  let f = bsdf_evaluate(m, wo, wi);
  if (max3(f.value) <= 0.0) { return vec3<f32>(0.0); }
  let o = offset_point(s.position, select(-s.geometric, s.geometric, outside));
  let unblocked = transmittance(o, l.direction, l.distance);
  if (unblocked <= 0.0) { return vec3<f32>(0.0); }
  var visible = vec3<f32>(unblocked);
  let around = select(medium_behind(s), medium, outside);
  if (max3(around) > 0.0) { visible = visible * transmitted(around, l.distance); }
  // A punctual light has no area: scattering never finds it, so its sample carries the whole weight.
  if (l.pdf <= 0.0) { return f.value * l.radiance * visible; }
  return f.value * l.radiance * visible * mis_over_pdf(l.pdf, f.pdf);
}

// A sample between two of its segments.
struct Path {
  o: vec3<f32>,          // the ray that is next
  d: vec3<f32>,
  throughput: vec3<f32>,
  radiance: vec3<f32>,   // gathered so far, or what the sample sees first
  scatter_pdf: f32,      // density with which the ray's direction was drawn
  medium: vec3<f32>,     // absorption per metre around the ray
  depth: u32,            // segments behind it
};

fn path_begin(x: u32, y: u32, key: u32, sample_index: u32) -> Path {
  let ray = camera_ray(x, y, key, sample_index);
  return Path(ray.o, ray.d, vec3<f32>(1.0), vec3<f32>(0.0), 0.0, vec3<f32>(0.0), 0u);
}

// The next segment, and whether there is one behind it. Each function that a path needs is called at one place, because drivers copy
// functions to where they are called.
fn path_segment(path: ptr<function, Path>, key: u32, sample_index: u32, quantity: u32) -> bool {
  let depth = (*path).depth;
  let d = (*path).d;
  let pair = 1u + depth * PAIRS_PER_VERTEX;
  let dimension = depth * DIMENSIONS_PER_VERTEX;
  (*path).depth = depth + 1u;
  let hit = next_hit((*path).o, d, key, sample_index, dimension + DIMENSION_LAYERS);
  let medium = (*path).medium;
  var throughput = (*path).throughput;
  if (max3(medium) > 0.0) { throughput = finite3(throughput * transmitted(medium, select(hit.t, INFINITE, hit.triangle == NO_HIT))); }
  if (hit.triangle == NO_HIT) {
    if (quantity != QUANTITY_RADIANCE) { return false; }
    let sky = environment_towards(d);
    let weight = select((*path).scatter_pdf * mis_over_pdf((*path).scatter_pdf, sky.pdf * kind_probability()), 1.0, depth == 0u);
    (*path).radiance = (*path).radiance + throughput * sky.radiance * weight;
    return false;
  }
  let s = surface_at(hit, d);
  if (quantity != QUANTITY_RADIANCE) {
    (*path).radiance = feature(s, quantity);
    return false;
  }
  if ((s.flags & MATERIAL_UNLIT) != 0u) {
    (*path).radiance = (*path).radiance + throughput * s.base;
    return false;
  }
  if (max3(s.emission) > 0.0) {
    var weight = 1.0;
    if (depth > 0u && s.light > 0.0) {
      let pdf = area_pdf(s.light, hit.t * hit.t, abs(dot3(d, s.geometric))) * kind_probability();
      weight = (*path).scatter_pdf * mis_over_pdf((*path).scatter_pdf, pdf);
    }
    (*path).radiance = (*path).radiance + throughput * s.emission * weight;
  }
  if (depth + 1u >= frame.depth_max) { return false; }

  let local = s.local;
  let wo = to_local(local, -d);
  let choice = random_pair(key, sample_index, pair);
  let m = bsdf_of(s, hit, wo, random_one(key, sample_index, dimension), throughput);
  (*path).radiance = (*path).radiance + throughput * direct_light(s, m, local, wo, medium, choice.x, random_one(key, sample_index, dimension + DIMENSION_COIN), random_pair(key, sample_index, pair + 1u));

  let next = bsdf_sample(m, wo, random_pair(key, sample_index, pair + 2u), choice.y);
  if (max3(next.weight) <= 0.0 || next.pdf <= 0.0) { return false; }
  let onward = normalize3(to_world(local, next.direction));
  let outside = dot3(onward, s.geometric) > 0.0;
  if (outside != (next.direction.z > 0.0)) { return false; }
  (*path).d = onward;
  (*path).o = offset_point(s.position, select(-s.geometric, s.geometric, outside));
  if (!outside) { (*path).medium = medium_behind(s); }
  // Denormals must not come back to life under a bright light: some drivers have flushed them.
  throughput = finite3(throughput * next.weight);
  (*path).scatter_pdf = min(next.pdf, PDF_MAX);
  if (depth + 1u >= ROULETTE_DEPTH) {
    let survive = min(max3(throughput), 0.95);
    if (random_one(key, sample_index, dimension + DIMENSION_ROULETTE) >= survive) { return false; }
    throughput = throughput * rcp(survive);
  }
  (*path).throughput = throughput;
  return true;
}

// What a path that has ended is worth: radiance, or what the sample saw first.
fn path_value(path: Path, quantity: u32) -> vec3<f32> {
  if (quantity != QUANTITY_RADIANCE) { return path.radiance; }
  return finite3(path.radiance);
}

// One sample, whole.
fn trace(x: u32, y: u32, sample_index: u32, quantity: u32) -> vec3<f32> {
  let key = pixel_key(frame.seed, x, y);
  var path = path_begin(x, y, key, sample_index);
  loop {
    if (!path_segment(&path, key, sample_index, quantity)) { break; }
  }
  return path_value(path, quantity);
}

// The value itself where it is a sensible radiance, else 0. Comparisons with NaN are false.
fn finite(v: f32) -> f32 { return select(0.0, v, v > RADIANCE_MIN && v < INFINITE); }

fn finite3(v: vec3<f32>) -> vec3<f32> { return vec3<f32>(finite(v.x), finite(v.y), finite(v.z)); }
