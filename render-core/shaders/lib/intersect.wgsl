// Rays against boxes and triangles, made so that the nearest hit does not depend on the tree above the triangles.
//
// Why it does not: a hit's distance is clamped into the interval of the triangle's own box, computed by the same monotone
// operations as every box above it. A box above contains the triangle's box, so its computed interval contains the
// triangle's, and pruning by distance can never lose a nearer hit. Equal distances go to the lower primitive id.
// Neighbours share the products on their common edge with opposite sign exactly, so no ray slips between them.

// The far end of each interval is widened by this factor, so that flat boxes survive rounding.
const BOX_SLACK: f32 = 1.000001;

// 1/d with |d| kept above 1e-12.
fn safe_inverse(d: f32) -> f32 {
  let a = max(abs(d), 1e-12);
  return rcp(select(a, -a, d < 0.0));
}

fn safe_inverse3(d: vec3<f32>) -> vec3<f32> { return vec3<f32>(safe_inverse(d.x), safe_inverse(d.y), safe_inverse(d.z)); }

// (entry, exit) of a box; it is hit when entry <= exit.
fn box_interval(lo: vec3<f32>, hi: vec3<f32>, o: vec3<f32>, inverse: vec3<f32>) -> vec2<f32> {
  let a = (lo - o) * inverse;
  let b = (hi - o) * inverse;
  let near = max(max3(min(a, b)), 0.0);
  let far = min3(max(a, b)) * BOX_SLACK;
  return vec2<f32>(near, far);
}

fn intersect_triangle(t0: vec4<u32>, t1: vec4<u32>, t2: vec4<u32>, index: u32, instance: u32, o: vec3<f32>, d: vec3<f32>, inverse: vec3<f32>, hit: ptr<function, Hit>) {
  let v0 = as_float3(t0);
  let v1 = as_float3(t1);
  let v2 = as_float3(t2);
  let a = v0 - o;
  let b = v1 - o;
  let c = v2 - o;
  let u = dot3(d, cross3(c, b));
  let v = dot3(d, cross3(a, c));
  let w = dot3(d, cross3(b, a));
  if ((u < 0.0 || v < 0.0 || w < 0.0) && (u > 0.0 || v > 0.0 || w > 0.0)) { return; }
  let det = u + v + w;
  let n = cross3(b - a, c - a);
  let slope = dot3(n, d);
  if (abs(det) < 1e-35 || abs(slope) < 1e-35) { return; }
  let interval = box_interval(min(min(v0, v1), v2), max(max(v0, v1), v2), o, inverse);
  if (interval.x > interval.y) { return; }
  let t = min(max(dot3(n, a) * rcp(slope), interval.x), interval.y);
  let earlier = instance < (*hit).instance || (instance == (*hit).instance && t0.w < (*hit).primitive);
  if (t > 0.0 && (t < (*hit).t || (t == (*hit).t && earlier))) {
    let r = rcp(det);
    (*hit).t = t;
    (*hit).u = v * r;
    (*hit).v = w * r;
    (*hit).triangle = index;
    (*hit).primitive = t0.w;
    (*hit).instance = instance;
  }
}
