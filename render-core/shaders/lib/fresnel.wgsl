// What a smooth boundary reflects: dielectrics, metals, and both below a thin film.

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

// A film's answer to light, integrated over the curves of the eye and turned into Rec.709 (Belcour & Barla 2017; constants as in
// KHR_materials_iridescence, factors multiplied out). path_nm: optical path difference; shift_turns: phase shift of each channel.
fn film_sensitivity(path_nm: f32, shift_turns: vec3<f32>) -> vec3<f32> {
  let p2 = path_nm * path_nm;
  let x = 0.8465900023 * cos_turns(0.001681 * path_nm + shift_turns.x) * exp_minus(1.708546957e-7 * p2)
    + 0.1538683065 * cos_turns(0.0022399 * path_nm + shift_turns.x) * exp_minus(1.787661706e-7 * p2);
  let y = 1.0002218936 * cos_turns(0.0017953 * path_nm + shift_turns.y) * exp_minus(3.673308844e-7 * p2);
  let z = 1.0011224857 * cos_turns(0.0022084 * path_nm + shift_turns.z) * exp_minus(2.610352450e-7 * p2);
  return vec3<f32>(
    3.2404542 * x + (-1.5371385 * y + -0.4985314 * z),
    -0.9692660 * x + (1.8760108 * y + 0.0415560 * z),
    0.0556434 * x + (-0.2040259 * y + 1.0572252 * z));
}

// Reflectance of a boundary of index `a` to index `b` at normal incidence.
fn boundary_f0(a: f32, b: f32) -> f32 {
  let r = div(b - a, b + a);
  return r * r;
}

// Half a turn where light is reflected by what is thinner than the film.
fn film_shift(base_index: f32, film_index: f32) -> f32 { return select(0.0, 0.5, base_index < film_index); }

// Reflectance of a film on something that reflects f0 in air at normal incidence; c = cosine of the light in air.
fn fresnel_film(c: f32, film_index: f32, thickness_nm: f32, f0: vec3<f32>) -> vec3<f32> {
  // A film thinner than 0.03 nm fades away.
  let t = min(max(thickness_nm * 33.3333333, 0.0), 1.0);
  let index = lerp(1.0, film_index, t * t * (3.0 - 2.0 * t));
  let inverse = rcp(index);
  let inside2 = 1.0 - inverse * inverse * (1.0 - c * c);
  if (inside2 <= 0.0) { return vec3<f32>(1.0); }
  let c2 = root(inside2);
  let r0 = boundary_f0(1.0, index);
  let r12 = r0 + (1.0 - r0) * schlick_weight(c);
  let t121 = 1.0 - r12;
  let amplitude = vec3<f32>(root(min(f0.x, 0.9999)), root(min(f0.y, 0.9999)), root(min(f0.z, 0.9999)));
  let base = vec3<f32>(div(1.0 + amplitude.x, 1.0 - amplitude.x), div(1.0 + amplitude.y, 1.0 - amplitude.y), div(1.0 + amplitude.z, 1.0 - amplitude.z));
  let r1 = vec3<f32>(boundary_f0(index, base.x), boundary_f0(index, base.y), boundary_f0(index, base.z));
  let r23 = lerp3(r1, vec3<f32>(1.0), schlick_weight(c2));
  // Light reflected inside at the film's top turns by half when its index is above that of air, which it always is.
  let shift = vec3<f32>(0.5 + film_shift(base.x, index), 0.5 + film_shift(base.y, index), 0.5 + film_shift(base.z, index));
  let r123 = min(max(r23 * r12, vec3<f32>(1e-5)), vec3<f32>(0.9999));
  let r = vec3<f32>(root(r123.x), root(r123.y), root(r123.z));
  let rs = r23 * (t121 * t121) * vec3<f32>(rcp(1.0 - r123.x), rcp(1.0 - r123.y), rcp(1.0 - r123.z));
  let path_nm = 2.0 * index * thickness_nm * c2;
  var cm = (rs - vec3<f32>(t121)) * r;
  var sum = rs + vec3<f32>(r12) + cm * film_sensitivity(path_nm, shift) * 2.0;
  cm = cm * r;
  sum = sum + cm * film_sensitivity(2.0 * path_nm, shift * 2.0) * 2.0;
  return min(max(sum, vec3<f32>(0.0)), vec3<f32>(1.0));
}
