// Two scattering models. A surface that is partly transmissive is glass with that probability and opaque otherwise, drawn per vertex,
// so that each path vertex has exactly one model. Local frame: shading normal +z, wo.z > 0.

struct Bsdf {
  glass: bool,
  alpha: f32,
  reach: f32,           // of the direction to the viewer, see ggx_reach
  diffuse: vec3<f32>,   // albedo below the coat, energy given to the coat already taken off
  metal: vec3<f32>,     // reflectance of the metal at normal incidence
  metal_gain: vec3<f32>,// share of metal, and what scattering more than once between microfacets adds to it
  coat: f32,            // reflectance of the dielectric at normal incidence
  coat_gain: f32,       // share of the dielectric, and what scattering more than once adds to it
  specular_share: f32,  // probability to sample the microfacets
  eta: f32,             // index behind over index in front
  tint: vec3<f32>,      // glass: factor on what passes through
};

struct Scattered {
  direction: vec3<f32>,
  pdf: f32,
  weight: vec3<f32>,    // f · cos / pdf; all zero = absorbed
};

struct Reflectance {
  value: vec3<f32>,     // f · cos
  pdf: f32,
};

fn bsdf_of(s: Surface, wo_z: f32, chance: f32) -> Bsdf {
  var m: Bsdf;
  m.alpha = s.alpha;
  m.reach = ggx_reach(s.alpha, wo_z);
  let glassy = s.transmission * (1.0 - s.metallic);
  m.glass = chance < glassy;
  if (m.glass) {
    let ior = max(s.ior, 1.0001);
    m.eta = select(ior, rcp(ior), s.back);
    m.tint = vec3<f32>(root(s.base.x), root(s.base.y), root(s.base.z));
    return m;
  }
  m.eta = max(s.ior, 1.0001);
  m.coat = material_float(s.material, 8u).z;
  m.metal = s.base;
  var metal_share = s.metallic;
  if (glassy > 0.0) { metal_share = metal_share * rcp(max(1.0 - glassy, 1e-6)); }
  let albedo = ggx_albedo(s.roughness, wo_z);
  let single = max(albedo.x, 1e-3);
  let lost = (1.0 - single) * rcp(single);
  m.metal_gain = (vec3<f32>(1.0) + m.metal * lost) * metal_share;
  m.coat_gain = (1.0 + m.coat * lost) * (1.0 - metal_share);
  let metal_albedo = m.metal_gain * (m.metal * (albedo.x - albedo.y) + vec3<f32>(albedo.y));
  // The table's edge is that of index 1.5, where 25 · F0 = 1; flatter boundaries reflect less of it.
  let edge = albedo.z * min(root(root(25.0 * m.coat)), 1.0);
  let coat_albedo = m.coat_gain * (m.coat * (albedo.x - edge) + edge);
  m.diffuse = s.base * max(1.0 - metal_share - coat_albedo, 0.0);
  let ws = luminance(metal_albedo) + coat_albedo;
  let wd = luminance(m.diffuse);
  m.specular_share = select(div(ws, ws + wd), 1.0, wd < 1e-6);
  return m;
}

fn opaque_evaluate(m: Bsdf, wo: vec3<f32>, wi: vec3<f32>) -> Reflectance {
  if (wi.z <= 0.0) { return Reflectance(vec3<f32>(0.0), 0.0); }
  let h = normalize3(wo + wi);
  let c = dot3(wo, h);
  // D · G1(wo) / (4 wo.z): the density of wi under visible-normal sampling.
  let visible = 0.25 * ggx_visible(m.alpha, h, wo.z, m.reach);
  let metal = m.metal_gain * lerp3(m.metal, vec3<f32>(1.0), schlick_weight(c));
  let coat = m.coat_gain * fresnel_dielectric(c, m.eta);
  let specular = (metal + vec3<f32>(coat)) * (visible * ggx_unshadowed(wo.z, m.reach, wi.z, ggx_reach(m.alpha, wi.z)));
  let cosine = wi.z * INV_PI;
  return Reflectance(specular + m.diffuse * cosine, m.specular_share * visible + (1.0 - m.specular_share) * cosine);
}

// Reflection and refraction at a rough boundary (Walter et al. 2007).
fn glass_evaluate(m: Bsdf, wo: vec3<f32>, wi: vec3<f32>) -> Reflectance {
  let none = Reflectance(vec3<f32>(0.0), 0.0);
  if (abs(wi.z) < 1e-6) { return none; }
  let reflects = wi.z > 0.0;
  var h = wo + wi;
  if (!reflects) { h = wo + wi * m.eta; }
  let length2 = dot3(h, h);
  if (length2 < 1e-12) { return none; }
  h = h * rsqrt(length2);
  if (h.z < 0.0) { h = -h; }
  let c = dot3(wo, h);
  let ci = dot3(wi, h);
  if (c <= 0.0 || (!reflects && ci >= 0.0)) { return none; }
  let fresnel = fresnel_dielectric(c, m.eta);
  let visible = ggx_visible(m.alpha, h, wo.z, m.reach);
  let reach_wi = ggx_reach(m.alpha, wi.z);
  if (reflects) {
    let pdf = 0.25 * fresnel * visible;
    return Reflectance(vec3<f32>(pdf * ggx_unshadowed(wo.z, m.reach, wi.z, reach_wi)), pdf);
  }
  let k = c + m.eta * ci;
  let pdf = (1.0 - fresnel) * visible * div(c * -ci * m.eta * m.eta, max(k * k, 1e-20));
  return Reflectance(m.tint * (pdf * ggx_g1(-wi.z, reach_wi)), pdf);
}

fn bsdf_evaluate(m: Bsdf, wo: vec3<f32>, wi: vec3<f32>) -> Reflectance {
  if (m.glass) { return glass_evaluate(m, wo, wi); }
  return opaque_evaluate(m, wo, wi);
}

fn glass_sample(m: Bsdf, wo: vec3<f32>, random: vec2<f32>, lobe: f32) -> Scattered {
  let absorbed = Scattered(vec3<f32>(0.0, 0.0, 1.0), 0.0, vec3<f32>(0.0));
  let h = ggx_sample(m.alpha, wo, random);
  let c = dot3(wo, h);
  if (c <= 0.0) { return absorbed; }
  let fresnel = fresnel_dielectric(c, m.eta);
  let visible = ggx_visible(m.alpha, h, wo.z, m.reach);
  if (lobe < fresnel) {
    let wi = h * (2.0 * c) - wo;
    if (wi.z <= 0.0) { return absorbed; }
    return Scattered(wi, 0.25 * fresnel * visible, vec3<f32>(ggx_unshadowed(wo.z, m.reach, wi.z, ggx_reach(m.alpha, wi.z))));
  }
  let inverse_eta = rcp(m.eta);
  let ct = root(max(1.0 - (1.0 - c * c) * inverse_eta * inverse_eta, 0.0));
  let wi = normalize3(h * (c * inverse_eta - ct) - wo * inverse_eta);
  if (wi.z >= 0.0) { return absorbed; }
  let k = c - m.eta * ct;
  let pdf = (1.0 - fresnel) * visible * div(c * ct * m.eta * m.eta, max(k * k, 1e-20));
  return Scattered(wi, pdf, m.tint * ggx_g1(-wi.z, ggx_reach(m.alpha, wi.z)));
}

fn cosine_sample(random: vec2<f32>) -> vec3<f32> {
  let r = root(random.x);
  let sc = sincos_turns(random.y);
  return vec3<f32>(r * sc.y, r * sc.x, root(max(0.0, 1.0 - random.x)));
}

fn bsdf_sample(m: Bsdf, wo: vec3<f32>, random: vec2<f32>, lobe: f32) -> Scattered {
  if (m.glass) { return glass_sample(m, wo, random, lobe); }
  var wi: vec3<f32>;
  if (lobe < m.specular_share) {
    let h = ggx_sample(m.alpha, wo, random);
    wi = h * (2.0 * dot3(wo, h)) - wo;
  } else {
    wi = cosine_sample(random);
  }
  let f = opaque_evaluate(m, wo, wi);
  if (f.pdf <= 1e-12) { return Scattered(wi, 0.0, vec3<f32>(0.0)); }
  return Scattered(wi, f.pdf, f.value * rcp(f.pdf));
}
