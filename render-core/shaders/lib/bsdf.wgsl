// How a surface scatters. A surface that is partly transmissive is glass with that probability and opaque otherwise, drawn per vertex,
// so that each path vertex has exactly one of two models: a rough dielectric boundary, or a stack of layers. From the top: a clear coat, sheen,
// and a mixture of metal and plastic. Local frame: shading normal +z, wo.z > 0.

struct Bsdf {
  glass: bool,
  flags: u32,            // of the material
  facets: Facets,
  reach: f32,            // of the direction to the viewer, see ggx_reach
  diffuse: vec3<f32>,    // albedo below the layers, energy given to them already taken off
  metal: vec3<f32>,      // reflectance of the metal at normal incidence
  metal_gain: vec3<f32>, // share of metal, and what scattering more than once between microfacets adds to it
  coat: vec3<f32>,       // reflectance of the dielectric at normal incidence
  edge: f32,             // the same at grazing incidence
  coat_gain: vec3<f32>,  // share of the dielectric, and what scattering more than once adds to it
  film: vec3<f32>,       // share, index and thickness in nm of a thin film
  film_f0: vec3<f32>,    // reflectance at normal incidence of what the film lies on, metal and plastic mixed
  film_gain: vec3<f32>,  // what scattering more than once adds
  sheen: Sheen,
  sheen_gain: f32,       // what the clear coat leaves of it
  clear: f32,            // strength of the clear coat
  clear_facets: Facets,
  clear_normal: vec3<f32>, // in the local frame
  shares: vec3<f32>,     // probability to sample sheen, clear coat and microfacets; the rest is diffuse
  eta: f32,              // index behind over index in front
  tint: vec3<f32>,       // glass: factor on what passes through
  hue: vec3<f32>,        // glass: factor on everything, which spreads colours
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

const CLEARCOAT_INDEX: f32 = 1.5;
const CLEARCOAT_F0: f32 = 0.04;

fn nothing() -> Reflectance { return Reflectance(vec3<f32>(0.0), 0.0); }

// ---- clear coat ------------------------------------------------------------------------------------------------------

fn clear_normal_of(s: Surface, hit: Hit, to_viewer: vec3<f32>) -> vec3<f32> {
  let own = has_slot(s.maps.slots, SLOT_CLEARCOAT_NORMAL);
  if (!own && !has_slot(s.maps.slots, SLOT_NORMAL)) { return vec3<f32>(0.0, 0.0, 1.0); }
  var n = smooth_normal(hit);
  if (own && triangle_word(hit.triangle * 3u + 2u).w != TANGENT_NONE) {
    n = mapped_normal(s.maps.clearcoat_normal, tangent_frame(hit, n), material_float(s.material, 6u).y);
  }
  return to_local(s.local, turned_normal(n, s.geometric, to_viewer));
}

// What the coat reflects of light from everywhere.
fn clear_albedo(roughness: f32, z: f32) -> f32 {
  let albedo = ggx_albedo(roughness, z);
  return CLEARCOAT_F0 * (albedo.x - albedo.z) + albedo.z;
}

// Without its strength.
fn clear_evaluate(m: Bsdf, wo: vec3<f32>, wi: vec3<f32>) -> Reflectance {
  let f = basis(m.clear_normal);
  let o = to_local(f, wo);
  let i = to_local(f, wi);
  if (o.z <= 0.0 || o.z + i.z <= 0.0) { return nothing(); }
  let h = normalize3(o + i);
  let c = dot3(o, h);
  let reach = ggx_reach(m.clear_facets, o);
  let visible = 0.25 * ggx_visible(m.clear_facets, h, o.z, reach);
  // A coat that leans away from the base sends samples below itself that the base takes for its own: they count in the density.
  if (i.z <= 0.0) { return Reflectance(vec3<f32>(0.0), visible); }
  let value = visible * fresnel_dielectric(c, CLEARCOAT_INDEX) * ggx_unshadowed(o.z, reach, i.z, ggx_reach(m.clear_facets, i));
  return Reflectance(vec3<f32>(value), visible);
}

fn clear_sample(m: Bsdf, wo: vec3<f32>, random: vec2<f32>) -> vec3<f32> {
  let f = basis(m.clear_normal);
  let o = to_local(f, wo);
  let h = ggx_sample(m.clear_facets, o, random);
  return to_world(f, h * (2.0 * dot3(o, h)) - o);
}

// ---- the opaque stack ------------------------------------------------------------------------------------------------

// Reflectance of the dielectric towards a facet.
fn coat_fresnel(m: Bsdf, c: f32) -> vec3<f32> {
  let plain = fresnel_dielectric(c, m.eta);
  if ((m.flags & MATERIAL_SPECULAR) == 0u) { return vec3<f32>(plain); }
  let f0 = boundary_f0(1.0, m.eta);
  return lerp3(m.coat, vec3<f32>(m.edge), div(plain - f0, max(1.0 - f0, 1e-4)));
}

// Reflectance of the microfacets towards a facet, gains and shares multiplied in. A film lies on metal and plastic alike.
fn facet_fresnel(m: Bsdf, c: f32) -> vec3<f32> {
  let plain = m.metal_gain * lerp3(m.metal, vec3<f32>(1.0), schlick_weight(c)) + m.coat_gain * coat_fresnel(m, c);
  if (m.film.x <= 0.0) { return plain; }
  return lerp3(plain, m.film_gain * fresnel_film(c, m.film.y, m.film.z, m.film_f0), m.film.x);
}

fn opaque_evaluate(m: Bsdf, wo: vec3<f32>, wi: vec3<f32>) -> Reflectance {
  if (wi.z <= 0.0) { return nothing(); }
  let h = normalize3(wo + wi);
  let c = dot3(wo, h);
  // D · G1(wo) / (4 wo.z): the density of wi under visible-normal sampling.
  let visible = 0.25 * ggx_visible(m.facets, h, wo.z, m.reach);
  let fresnel = facet_fresnel(m, c);
  let cosine = wi.z * INV_PI;
  var value = fresnel * (visible * ggx_unshadowed(wo.z, m.reach, wi.z, ggx_reach(m.facets, wi))) + m.diffuse * cosine;
  var pdf = m.shares.z * visible;
  var rest = 1.0 - m.shares.z;
  if ((m.flags & (MATERIAL_SHEEN | MATERIAL_CLEARCOAT)) != 0u) {
    rest = max(rest - m.shares.x - m.shares.y, 0.0);
    if (m.sheen.albedo > 0.0) {
      let density = sheen_density(m.sheen, wo, wi);
      value = value + m.sheen.color * (m.sheen_gain * m.sheen.albedo * density);
      pdf = pdf + m.shares.x * density;
    }
    if (m.clear > 0.0) {
      let clear = clear_evaluate(m, wo, wi);
      value = value + clear.value * m.clear;
      pdf = pdf + m.shares.y * clear.pdf;
    }
  }
  return Reflectance(value, pdf + rest * cosine);
}

fn cosine_sample(random: vec2<f32>) -> vec3<f32> {
  let r = root(random.x);
  let sc = sincos_turns(random.y);
  return vec3<f32>(r * sc.y, r * sc.x, root(max(0.0, 1.0 - random.x)));
}

fn opaque_sample(m: Bsdf, wo: vec3<f32>, random: vec2<f32>, lobe: f32) -> Scattered {
  var wi: vec3<f32>;
  if (lobe < m.shares.z) {
    let h = ggx_sample(m.facets, wo, random);
    wi = h * (2.0 * dot3(wo, h)) - wo;
  } else if (lobe < m.shares.z + m.shares.y) {
    wi = clear_sample(m, wo, random);
  } else if (lobe < m.shares.z + m.shares.y + m.shares.x) {
    wi = sheen_sample(m.sheen, wo, random);
  } else {
    wi = cosine_sample(random);
  }
  let f = opaque_evaluate(m, wo, wi);
  if (f.pdf <= 1e-12) { return Scattered(wi, 0.0, vec3<f32>(0.0)); }
  return Scattered(wi, f.pdf, f.value * rcp(f.pdf));
}

// ---- glass -----------------------------------------------------------------------------------------------------------

// Reflection and refraction at a rough boundary (Walter et al. 2007).
fn glass_evaluate(m: Bsdf, wo: vec3<f32>, wi: vec3<f32>) -> Reflectance {
  if (abs(wi.z) < 1e-6) { return nothing(); }
  let reflects = wi.z > 0.0;
  var h = wo + wi;
  if (!reflects) { h = wo + wi * m.eta; }
  let length2 = dot3(h, h);
  if (length2 < 1e-12) { return nothing(); }
  h = h * rsqrt(length2);
  if (h.z < 0.0) { h = -h; }
  let c = dot3(wo, h);
  let ci = dot3(wi, h);
  if (c <= 0.0 || (!reflects && ci >= 0.0)) { return nothing(); }
  let fresnel = fresnel_dielectric(c, m.eta);
  let visible = ggx_visible(m.facets, h, wo.z, m.reach);
  let reach_wi = ggx_reach(m.facets, wi);
  if (reflects) {
    let pdf = 0.25 * fresnel * visible;
    return Reflectance(m.hue * (pdf * ggx_unshadowed(wo.z, m.reach, wi.z, reach_wi)), pdf);
  }
  let k = c + m.eta * ci;
  let pdf = (1.0 - fresnel) * visible * div(c * -ci * m.eta * m.eta, max(k * k, 1e-20));
  return Reflectance(m.tint * m.hue * (pdf * ggx_g1(-wi.z, reach_wi)), pdf);
}

fn glass_sample(m: Bsdf, wo: vec3<f32>, random: vec2<f32>, lobe: f32) -> Scattered {
  let absorbed = Scattered(vec3<f32>(0.0, 0.0, 1.0), 0.0, vec3<f32>(0.0));
  let h = ggx_sample(m.facets, wo, random);
  let c = dot3(wo, h);
  if (c <= 0.0) { return absorbed; }
  let fresnel = fresnel_dielectric(c, m.eta);
  let visible = ggx_visible(m.facets, h, wo.z, m.reach);
  if (lobe < fresnel) {
    let wi = h * (2.0 * c) - wo;
    if (wi.z <= 0.0) { return absorbed; }
    return Scattered(wi, 0.25 * fresnel * visible, m.hue * ggx_unshadowed(wo.z, m.reach, wi.z, ggx_reach(m.facets, wi)));
  }
  let inverse_eta = rcp(m.eta);
  let ct = root(max(1.0 - (1.0 - c * c) * inverse_eta * inverse_eta, 0.0));
  let wi = normalize3(h * (c * inverse_eta - ct) - wo * inverse_eta);
  if (wi.z >= 0.0) { return absorbed; }
  let k = c - m.eta * ct;
  let pdf = (1.0 - fresnel) * visible * div(c * ct * m.eta * m.eta, max(k * k, 1e-20));
  return Scattered(wi, pdf, m.tint * m.hue * ggx_g1(-wi.z, ggx_reach(m.facets, wi)));
}

// ---- both ------------------------------------------------------------------------------------------------------------

// The share of colours, drawn by the light that the path still carries; a prism sends each another way.
struct Hue { factor: vec3<f32>, offset: f32 };

fn hue_of(carried: vec3<f32>, chance: f32) -> Hue {
  let sum = carried.x + (carried.y + carried.z);
  let at = chance * sum;
  if (at < carried.x) { return Hue(vec3<f32>(div(sum, carried.x), 0.0, 0.0), -1.0); }
  if (at < carried.x + carried.y || carried.z <= 0.0) { return Hue(vec3<f32>(0.0, div(sum, max(carried.y, 1e-30)), 0.0), 0.0); }
  return Hue(vec3<f32>(0.0, 0.0, div(sum, carried.z)), 1.0);
}

fn glass_of(s: Surface, wo: vec3<f32>, facets: Facets, chance: f32, carried: vec3<f32>) -> Bsdf {
  var m: Bsdf;
  m.glass = true;
  m.flags = s.flags;
  m.facets = facets;
  m.reach = ggx_reach(facets, wo);
  m.tint = vec3<f32>(root(s.base.x), root(s.base.y), root(s.base.z));
  var ior = max(s.ior, 1.0001);
  var hue = vec3<f32>(1.0);
  if ((s.flags & MATERIAL_DISPERSION) != 0u) {
    let drawn = hue_of(carried, chance);
    hue = drawn.factor;
    // KHR_materials_dispersion: half of the spread between red and blue.
    ior = max(ior + drawn.offset * ((s.ior - 1.0) * 0.025 * material_float(s.material, 7u).w), 1.0001);
  }
  m.eta = select(ior, rcp(ior), s.back);
  // Light that rough facets lose by scattering once comes back in the directions that it had.
  var kept = 1.0;
  if (facets.x > 0.01) {
    let albedo = glass_albedo(glass_roughness(s, facets, wo, ior), wo.z, ior);
    kept = select(albedo.x, albedo.y, s.back);
  }
  m.hue = hue * rcp(max(kept, 0.1));
  return m;
}

// The reflectance of the dielectric at normal incidence as the material tints it, and at its edge.
fn specular_of(s: Surface) -> vec4<f32> {
  let f0 = material_float(s.material, 8u).z;
  if ((s.flags & MATERIAL_SPECULAR) == 0u) { return vec4<f32>(f0, f0, f0, 1.0); }
  let strength = material_float(s.material, 3u).z * s.maps.specular;
  let color = material_float(s.material, 4u).xyz * s.maps.specular_color;
  return vec4<f32>(min(color * f0, vec3<f32>(1.0)) * strength, strength);
}

fn film_of(s: Surface) -> vec3<f32> {
  let share = material_float(s.material, 6u).w * s.maps.iridescence;
  let range = material_float(s.material, 8u);
  let thickness = lerp(range.x, range.y, s.maps.iridescence_thickness);
  return vec3<f32>(share, material_float(s.material, 7u).z, thickness);
}

fn facets_of(s: Surface) -> Facets {
  if ((s.flags & MATERIAL_ANISOTROPY) == 0u) { return round_facets(s.alpha); }
  let strength = material_float(s.material, 6u).z * s.maps.anisotropy.z;
  let along = lerp(s.alpha, 1.0, strength * strength);
  return Facets(along, s.alpha, div(s.alpha, along), div(along, s.alpha));
}

// Roughness of the round facets that lose as much light as these: by the mean square of both widths, within 3 % up to an anisotropy of 0.7.
fn mean_roughness(s: Surface, f: Facets) -> f32 {
  if ((s.flags & MATERIAL_ANISOTROPY) == 0u) { return s.roughness; }
  return root(root(0.5 * (f.x * f.x + f.y * f.y)));
}

// The same for glass. Where it bends light little, light goes on as the viewer sees it, and only the width in that direction counts; at index
// 1.5 as much as the mean of both widths.
fn glass_roughness(s: Surface, f: Facets, wo: vec3<f32>, ior: f32) -> f32 {
  if ((s.flags & MATERIAL_ANISOTROPY) == 0u) { return s.roughness; }
  let mean = 0.5 * (f.x * f.x + f.y * f.y);
  let x = f.x * wo.x;
  let y = f.y * wo.y;
  // Seen from straight above, all directions are alike.
  let seen = div(x * x + (y * y + 1e-4 * mean), wo.x * wo.x + (wo.y * wo.y + 1e-4));
  return root(root(lerp(seen, mean, min(ior - 1.0, 0.5))));
}

// wo: towards the viewer, local. chance decides between glass and opaque; carried: what the path's light still is.
fn bsdf_of(s: Surface, hit: Hit, wo: vec3<f32>, chance: f32, carried: vec3<f32>) -> Bsdf {
  let facets = facets_of(s);
  var clear = 0.0;
  var clear_share = 0.0;
  var clear_facets = facets;
  var clear_normal = vec3<f32>(0.0, 0.0, 1.0);
  if ((s.flags & MATERIAL_CLEARCOAT) != 0u) {
    clear = material_float(s.material, 4u).w * s.maps.clearcoat;
    let roughness = max(material_float(s.material, 6u).x * s.maps.clearcoat_roughness, ROUGHNESS_MIN);
    clear_facets = round_facets(roughness * roughness);
    clear_normal = clear_normal_of(s, hit, to_world(s.local, wo));
    clear_share = clear * clear_albedo(roughness, dot3(clear_normal, wo));
  }
  let glassy = s.transmission * (1.0 - s.metallic);
  if (HAS_GLASS && chance < glassy) {
    // Below the coat lies glass: the coat is met with the chance that it reflects, and then alone.
    let scaled = chance * rcp(glassy);
    if (scaled >= clear_share) { return glass_of(s, wo, facets, div(scaled - clear_share, 1.0 - clear_share), carried); }
    var alone: Bsdf;
    alone.flags = s.flags;
    alone.facets = clear_facets;
    alone.reach = ggx_reach(clear_facets, wo);
    alone.clear = div(clear, clear_share);
    alone.clear_facets = clear_facets;
    alone.clear_normal = clear_normal;
    alone.sheen = no_sheen();
    alone.shares = vec3<f32>(0.0, 1.0, 0.0);
    alone.eta = CLEARCOAT_INDEX;
    return alone;
  }
  var m: Bsdf;
  m.flags = s.flags;
  m.facets = facets;
  m.reach = ggx_reach(facets, wo);
  m.eta = max(s.ior, 1.0001);
  let specular = specular_of(s);
  m.coat = specular.xyz;
  m.edge = specular.w;
  m.metal = s.base;
  m.sheen = no_sheen();
  m.clear = clear;
  m.clear_facets = clear_facets;
  m.clear_normal = clear_normal;
  var below = 1.0 - clear_share;
  var sheen_weight = 0.0;
  if ((s.flags & MATERIAL_SHEEN) != 0u) {
    let m5 = material_float(s.material, 5u);
    let roughness = m5.w * s.maps.sheen_roughness;
    m.sheen = sheen_of(m5.xyz * s.maps.sheen_color, roughness, wo.z);
    m.sheen_gain = below;
    sheen_weight = below * m.sheen.albedo * luminance(m.sheen.color);
    below = below * (1.0 - m.sheen.albedo * max3(m.sheen.color));
  }
  var metal_share = s.metallic;
  if (glassy > 0.0) { metal_share = metal_share * rcp(max(1.0 - glassy, 1e-6)); }
  let albedo = ggx_albedo(mean_roughness(s, facets), wo.z);
  let single = max(albedo.x, 1e-3);
  let lost = (1.0 - single) * rcp(single);
  // The table's edge is that of index 1.5, where 25 · F0 = 1; flatter boundaries reflect less of it.
  let edge = albedo.z * min(root(root(25.0 * material_float(s.material, 8u).z)), 1.0);
  var metal_albedo = m.metal * (albedo.x - albedo.y) + vec3<f32>(albedo.y);
  var coat_albedo = m.coat * (albedo.x - edge) + vec3<f32>(m.edge * edge);
  m.metal_gain = (vec3<f32>(1.0) + m.metal * lost) * (metal_share * below);
  m.coat_gain = (vec3<f32>(1.0) + m.coat * lost) * ((1.0 - metal_share) * below);
  metal_albedo = m.metal_gain * metal_albedo;
  coat_albedo = m.coat_gain * coat_albedo;
  var reflected = metal_albedo + coat_albedo;
  var taken = max3(coat_albedo);
  if ((s.flags & MATERIAL_IRIDESCENCE) != 0u) {
    m.film = film_of(s);
    m.film_f0 = lerp3(m.coat, m.metal, metal_share);
    m.film_gain = (vec3<f32>(1.0) + m.film_f0 * lost) * below;
    let film_albedo = m.film_gain * fresnel_film(wo.z, m.film.y, m.film.z, m.film_f0) * albedo.x;
    reflected = lerp3(reflected, film_albedo, m.film.x);
    taken = lerp(taken, max3(film_albedo) * (1.0 - metal_share), m.film.x);
  }
  m.diffuse = s.base * max((1.0 - metal_share) * below - taken, 0.0);
  let ws = luminance(reflected);
  let all = ws + luminance(m.diffuse) + clear_share + sheen_weight;
  let inverse = rcp(max(all, 1e-6));
  m.shares = vec3<f32>(sheen_weight * inverse, clear_share * inverse, select(ws * inverse, 1.0 - (sheen_weight + clear_share) * inverse, luminance(m.diffuse) < 1e-6));
  return m;
}

fn bsdf_evaluate(m: Bsdf, wo: vec3<f32>, wi: vec3<f32>) -> Reflectance {
  if (HAS_GLASS && m.glass) { return glass_evaluate(m, wo, wi); }
  return opaque_evaluate(m, wo, wi);
}

fn bsdf_sample(m: Bsdf, wo: vec3<f32>, random: vec2<f32>, lobe: f32) -> Scattered {
  if (HAS_GLASS && m.glass) { return glass_sample(m, wo, random, lobe); }
  return opaque_sample(m, wo, random, lobe);
}
