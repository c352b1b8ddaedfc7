// A layer of fibres that shines at grazing angles: a linearly transformed cosine (Zeltner, Burley, Chiang 2022), with the rational fits to its
// table that MaterialX publishes. Local frame: the shading normal is +z.

struct Sheen {
  color: vec3<f32>,
  albedo: f32,  // what it reflects towards the viewer where its colour is white
  a: f32,       // the transform's inverse: (a 0 b; 0 a 0; 0 0 1) in the frame whose x axis lies below the viewer
  b: f32,
};

fn no_sheen() -> Sheen { return Sheen(vec3<f32>(0.0), 0.0, 1.0, 0.0); }

fn sheen_of(color: vec3<f32>, roughness: f32, wo_z: f32) -> Sheen {
  let y = min(max(roughness, 0.03), 1.0);
  let x = min(max(wo_z, 0.0), 1.0);
  let width = div(y * (0.0206607 + 1.58491 * y), 0.0379424 + y * (1.32227 + y));
  let middle = div(y * (-0.193854 + y * (-1.14885 + y * (1.7932 - 0.95943 * y * y))), 0.046391 + y);
  let offset = div(y * (0.000654023 + (-0.0207818 + 0.119681 * y) * y), 1.26264 + y * (-1.92021 + y));
  let inverse_width = rcp(width);
  let z = (x - middle) * inverse_width;
  let albedo = exp_minus(0.5 * z * z) * inverse_width * 0.398942280401433 + offset;
  let a = div((2.58126 * x + 0.813703 * y) * y, 1.0 + (0.310327 * x * x + 2.60994 * x * y));
  let b = div(root(1.0 - x) * (y - 1.0) * y * y * y, 0.0000254053 + (1.71228 * x - 1.71506 * x * y) + 1.34174 * y * y);
  return Sheen(color, min(max(albedo, 0.0), 1.0), max(a, 1e-4), b);
}

// Unit vector below the viewer in the plane of the surface.
fn sheen_axis(wo: vec3<f32>) -> vec2<f32> {
  let length2 = wo.x * wo.x + wo.y * wo.y;
  if (length2 < 1e-12) { return vec2<f32>(1.0, 0.0); }
  return wo.xy * rsqrt(length2);
}

// Density of wi: f · cos divided by the albedo.
fn sheen_density(s: Sheen, wo: vec3<f32>, wi: vec3<f32>) -> f32 {
  let axis = sheen_axis(wo);
  let x = axis.x * wi.x + axis.y * wi.y;
  let y = axis.x * wi.y - axis.y * wi.x;
  let u = s.a * x + s.b * wi.z;
  let v = s.a * y;
  let length2 = u * u + (v * v + wi.z * wi.z);
  let q = div(s.a, length2);
  return wi.z * INV_PI * q * q;
}

fn sheen_sample(s: Sheen, wo: vec3<f32>, random: vec2<f32>) -> vec3<f32> {
  let c = cosine_sample(random);
  let inverse = rcp(s.a);
  let x = (c.x - c.z * s.b) * inverse;
  let y = c.y * inverse;
  let axis = sheen_axis(wo);
  return normalize3(vec3<f32>(axis.x * x - axis.y * y, axis.y * x + axis.x * y, c.z));
}
