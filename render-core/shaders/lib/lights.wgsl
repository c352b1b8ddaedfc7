// Light that arrives from known places: the environment, emissive triangles, punctual lights.

struct LightSample {
  direction: vec3<f32>, // unit, towards the light
  distance: f32,        // INFINITE for the environment and directional lights
  radiance: vec3<f32>,  // divided by the probability of the choice
  pdf: f32,             // per solid angle, of the whole choice; 0 = scattering can never find this light
};

fn no_light() -> LightSample { return LightSample(vec3<f32>(0.0, 0.0, 1.0), 0.0, vec3<f32>(0.0), 0.0); }

// ---- environment -------------------------------------------------------------------------------------------------

struct EnvironmentValue { radiance: vec3<f32>, pdf: f32 };

fn environment_pixel(x: u32, y: u32) -> vec3<f32> { return as_float3(environment_word(y * frame.environment_width + x)); }

// Bilinear radiance in direction (turn u, height v) and the density of sampling it, which is that of the pixel `own` around it.
fn environment_at(u: f32, v: f32, sine: f32, own: u32) -> EnvironmentValue {
  let w = frame.environment_width;
  let h = frame.environment_height;
  let fx = u * f32(w);
  let fy = v * f32(h);
  let pdf = bitcast<f32>(environment_word(own).w) * rcp(max(sine, 1e-4));
  let x = fx - 0.5;
  let y = min(max(fy - 0.5, 0.0), f32(h - 1u));
  let xf = floor(x);
  let yf = floor(y);
  let x0 = select(u32(max(xf, 0.0)), w - 1u, xf < 0.0);
  let x1 = select(x0 + 1u, 0u, x0 + 1u >= w);
  let y0 = min(u32(yf), h - 1u);
  let y1 = min(y0 + 1u, h - 1u);
  let top = lerp3(environment_pixel(x0, y0), environment_pixel(x1, y0), x - xf);
  let bottom = lerp3(environment_pixel(x0, y1), environment_pixel(x1, y1), x - xf);
  return EnvironmentValue(lerp3(top, bottom, y - yf), pdf);
}

fn environment_towards(d: vec3<f32>) -> EnvironmentValue {
  if (!has_environment()) { return EnvironmentValue(vec3<f32>(0.0), 0.0); }
  let u = atan2_turns(d.z, d.x) + 0.5;
  let v = arccos(d.y) * INV_PI;
  let x = min(u32(u * f32(frame.environment_width)), frame.environment_width - 1u);
  let y = min(u32(v * f32(frame.environment_height)), frame.environment_height - 1u);
  return environment_at(u, v, root(max(1.0 - d.y * d.y, 0.0)), y * frame.environment_width + x);
}

fn environment_sample(coin: f32, random: vec2<f32>) -> LightSample {
  let w = frame.environment_width;
  let count = w * frame.environment_height;
  // The alias table picks a pixel: the slot by the first number, slot or alias by the coin, whose lower bits place the point
  // inside. The coin is a number of its own: of 24 bits few are left behind a slot among millions.
  let slot = min(u32(random.x * f32(count)), count - 1u);
  let entry = environment_word(count + (slot >> 1u));
  let threshold = bitcast<f32>(select(entry.x, entry.z, (slot & 1u) == 1u));
  let pixel = select(select(entry.y, entry.w, (slot & 1u) == 1u), slot, coin < threshold);
  let inside = coin * 4096.0 - floor(coin * 4096.0);
  let px = pixel % w;
  let py = pixel / w;
  let u = div(f32(px) + inside, f32(w));
  let v = min(div(f32(py) + random.y, f32(frame.environment_height)), 0.9999999);
  let polar = sincos_turns(0.5 * v);
  let around = sincos_turns(min(u, 0.9999999));
  let value = environment_at(u, v, polar.x, pixel);
  // u = 0 looks along −x.
  let d = normalize3(vec3<f32>(-around.y * polar.x, polar.y, -around.x * polar.x));
  if (value.pdf <= 1e-12) { return no_light(); }
  return LightSample(d, INFINITE, value.radiance, value.pdf);
}

// ---- emissive triangles --------------------------------------------------------------------------------------------

fn area_sample(from_point: vec3<f32>, choice: f32, coin: f32, random: vec2<f32>) -> LightSample {
  let slot = min(u32(choice * f32(frame.area_lights)), frame.area_lights - 1u);
  var entry = table_word(LIGHT_TABLE + slot);
  if (coin >= bitcast<f32>(entry.z)) { entry = table_word(LIGHT_TABLE + entry.w); }
  let index = entry.x;
  let c = corners_of(index, entry.y);
  let su = root(random.x);
  let u = su * (1.0 - random.y);
  let v = su * random.y;
  let offset = mix3(c.v0, c.v1, c.v2, u, v) - from_point;
  let distance2 = dot3(offset, offset);
  let scaled_normal = cross3(c.v1 - c.v0, c.v2 - c.v0);
  let double_area2 = dot3(scaled_normal, scaled_normal);
  if (distance2 < 1e-12 || double_area2 < 1e-34) { return no_light(); }
  let inverse = rsqrt(distance2);
  let d = offset * inverse;
  let cosine = abs(dot3(d, scaled_normal)) * rsqrt(double_area2);
  if (cosine < 1e-5) { return no_light(); }
  let material = triangle_word(index * 3u + 1u).w;
  var emission = as_float3(material_word(material * MATERIAL_STRIDE + 1u));
  let hit = Hit(0.0, u, v, index, 0u, entry.y);
  emission = emission * sample_slot(material, SLOT_EMISSIVE, hit_uvs(hit)).xyz;
  if (has_alpha()) { emission = emission * hit_coverage(hit); }
  return LightSample(d, distance2 * inverse * 0.9999, emission, area_pdf(material_float(material, 3u).w, distance2, cosine));
}

// Density per solid angle of light sampling finding a point on an emissive triangle that it picks with `density` per area.
fn area_pdf(density: f32, distance2: f32, cosine: f32) -> f32 { return density * div(distance2, max(cosine, 1e-9)); }

// ---- punctual lights -----------------------------------------------------------------------------------------------

const PUNCTUAL_DIRECTIONAL: u32 = 0u;
const PUNCTUAL_SPOT: u32 = 2u;

// Punctual lights that are weighed against each other at a point; of more, one such run is chosen first.
const PUNCTUAL_RUN: u32 = 16u;

// What the `index`-th punctual light sends to a point.
fn punctual_at(index: u32, from_point: vec3<f32>) -> LightSample {
  let place = LIGHT_TABLE + frame.area_lights + index * 3u;
  let l0 = table_word(place);
  let l1 = bitcast<vec4<f32>>(table_word(place + 1u));
  let l2 = bitcast<vec4<f32>>(table_word(place + 2u));
  if (l0.w == PUNCTUAL_DIRECTIONAL) { return LightSample(-l1.xyz, INFINITE, l2.xyz, 0.0); }
  let offset = as_float3(l0) - from_point;
  let distance2 = dot3(offset, offset);
  if (distance2 < 1e-12) { return no_light(); }
  let inverse = rsqrt(distance2);
  let d = offset * inverse;
  var falloff = inverse * inverse;
  if (l0.w == PUNCTUAL_SPOT) {
    let c = -dot3(d, l1.xyz);
    let rim = min(max(div(c - l2.w, max(l1.w - l2.w, 1e-4)), 0.0), 1.0);
    falloff = falloff * rim * rim;
  }
  return LightSample(d, distance2 * inverse * 0.9999, l2.xyz * falloff, 0.0);
}

// Its brightness, 0 where a driver might flush it.
fn punctual_weight(l: LightSample) -> f32 {
  let weight = luminance(l.radiance);
  return select(0.0, weight, weight > 1e-30);
}

// One of them with a probability that grows with its light, divided by that probability. `choice` in [0, 1).
fn punctual_sample(from_point: vec3<f32>, choice: f32) -> LightSample {
  if (frame.point_lights == 1u) { return punctual_at(0u, from_point); }
  let runs = (frame.point_lights + PUNCTUAL_RUN - 1u) / PUNCTUAL_RUN;
  let scaled = choice * f32(runs);
  let run = min(u32(scaled), runs - 1u);
  let first = run * PUNCTUAL_RUN;
  let end = min(first + PUNCTUAL_RUN, frame.point_lights);
  var total = 0.0;
  for (var i = first; i < end; i++) { total = total + punctual_weight(punctual_at(i, from_point)); }
  if (total <= 0.0) { return no_light(); }
  var left = min(scaled - f32(run), 0.9999999) * total;
  var last = no_light();
  var weight = 0.0;
  for (var i = first; i < end; i++) {
    let l = punctual_at(i, from_point);
    let own = punctual_weight(l);
    if (own <= 0.0) { continue; }
    last = l;
    weight = own;
    if (left < own) { break; }
    left = left - own;
  }
  last.radiance = last.radiance * (div(total, weight) * f32(runs));
  return last;
}

// ---- the choice between them ---------------------------------------------------------------------------------------

fn light_kinds() -> u32 { return u32(has_environment()) + u32(has_area_lights()) + u32(has_point_lights()); }

// Probability of each kind that the scene has.
fn kind_probability() -> f32 {
  let kinds = light_kinds();
  if (kinds == 3u) { return 0.333333333; }
  if (kinds == 2u) { return 0.5; }
  return 1.0;
}

// One light as seen from a point. `pick` chooses the kind and with `coin` the light, `random` the point on it.
fn light_sample(from_point: vec3<f32>, pick: f32, coin: f32, random: vec2<f32>) -> LightSample {
  let kinds = light_kinds();
  if (kinds == 0u) { return no_light(); }
  let scaled = pick * f32(kinds);
  var kind = min(u32(scaled), kinds - 1u);
  let rest = min(scaled - f32(kind), 0.9999999);
  var l: LightSample;
  if (!has_environment()) { kind++; }
  if (kind >= 1u && !has_area_lights()) { kind++; }
  if (has_environment() && kind == 0u) {
    l = environment_sample(coin, random);
  } else if (has_area_lights() && kind == 1u) {
    l = area_sample(from_point, rest, coin, random);
  } else if (has_point_lights() && kind == 2u) {
    l = punctual_sample(from_point, rest);
  }
  let p = kind_probability();
  l.pdf = l.pdf * p;
  if (kind == 2u) { l.radiance = l.radiance * rcp(p); }
  return l;
}

// Densities above this are taken as this, so that their squares stay finite.
const PDF_MAX: f32 = 1e15;

// The power heuristic's weight divided by the own density, p / (p² + q²).
fn mis_over_pdf(own: f32, other: f32) -> f32 {
  let p = min(own, PDF_MAX);
  let q = min(other, PDF_MAX);
  return p * rcp(max(p * p + q * q, 1e-30));
}
