// Rays against boxes, triangles and instances, made so that the nearest hit does not depend on any tree above the triangles.
//
// Why it does not, within a mesh: a hit's distance is clamped into the interval of the triangle's own box, computed by the same monotone
// operations as every box above it. A box above contains the triangle's box, so its computed interval contains the triangle's, and
// pruning by distance can never lose a nearer hit. Equal distances go to the lower instance, then to the lower primitive id.
//
// Why it does not, across instances: a mesh that is moved is met by the ray in the mesh's own space, where the distance keeps its meaning
// because the direction is not made a unit vector again. Rounding there has nothing to do with boxes in the world, so a second rule joins
// the worlds: no hit is nearer than where the ray enters the instance's own box in the world. That box is part of the laid-out scene.
// Boxes above contain it, so their computed intervals contain its interval: if it is entered, so are they, and none of them is entered
// later than it, hence later than a hit in it. If it is not entered, the instance is refused in every tree alike. The second rule changes
// nothing for an instance that moves nothing, whose box contains the boxes of its triangles; so the only mesh of a scene is walked alone.
//
// Neighbours share the products on their common edge with opposite sign exactly, so no ray slips between them.

// Nodes and triangles that a path may meet. No honest scene comes near it (docs/measurements/render.md); triangles that lie in one place by
// the thousand reach it, and would keep a driver or a court for minutes. Trees differ between devices and so do the counts, hence a path
// that reaches it has no value: not black, but none at all.
const PATH_TESTS_MAX: u32 = 1048576u;

// The far end of each interval is widened by this factor, so that flat boxes survive rounding.
const BOX_SLACK: f32 = 1.000001;
// Farther from a mesh's own origin products would overflow; only meshes shrunk to less than a float step of the world are.
const REACH: f32 = 1e11;

// A ray in the world or in a mesh's own space.
struct SpaceRay {
  o: vec3<f32>,
  d: vec3<f32>,
  inverse: vec3<f32>,  // 1/d
};

// 1/d with |d| kept above 1e-12.
fn safe_inverse(d: f32) -> f32 {
  let a = max(abs(d), 1e-12);
  return rcp(select(a, -a, d < 0.0));
}

fn ray_towards(o: vec3<f32>, d: vec3<f32>) -> SpaceRay {
  return SpaceRay(o, d, vec3<f32>(safe_inverse(d.x), safe_inverse(d.y), safe_inverse(d.z)));
}

// The ray in the space of an instance's mesh; the rows are those of the matrix from the world.
fn instance_ray(r0: vec4<f32>, r1: vec4<f32>, r2: vec4<f32>, ray: SpaceRay) -> SpaceRay {
  return ray_towards(
    vec3<f32>(row_point(r0, ray.o), row_point(r1, ray.o), row_point(r2, ray.o)),
    vec3<f32>(row_vector(r0, ray.d), row_vector(r1, ray.d), row_vector(r2, ray.d)));
}

fn within_reach(ray: SpaceRay) -> bool { return max3(abs(ray.o)) <= REACH; }

// (entry, exit) of a box; it is hit when entry <= exit.
fn box_interval(lo: vec3<f32>, hi: vec3<f32>, ray: SpaceRay) -> vec2<f32> {
  let a = (lo - ray.o) * ray.inverse;
  let b = (hi - ray.o) * ray.inverse;
  let near = max(max3(min(a, b)), 0.0);
  let far = min3(max(a, b)) * BOX_SLACK;
  return vec2<f32>(near, far);
}

// `entry` is where the ray enters the instance's box in the world.
fn intersect_triangle(t0: vec4<u32>, t1: vec4<u32>, t2: vec4<u32>, index: u32, instance: u32, entry: f32, ray: SpaceRay, hit: ptr<function, Hit>) {
  let v0 = as_float3(t0);
  let v1 = as_float3(t1);
  let v2 = as_float3(t2);
  let a = v0 - ray.o;
  let b = v1 - ray.o;
  let c = v2 - ray.o;
  let u = dot3(ray.d, cross3(c, b));
  let v = dot3(ray.d, cross3(a, c));
  let w = dot3(ray.d, cross3(b, a));
  if ((u < 0.0 || v < 0.0 || w < 0.0) && (u > 0.0 || v > 0.0 || w > 0.0)) { return; }
  let det = u + v + w;
  let n = cross3(b - a, c - a);
  let slope = dot3(n, ray.d);
  if (abs(det) < 1e-35 || abs(slope) < 1e-35) { return; }
  let interval = box_interval(min(min(v0, v1), v2), max(max(v0, v1), v2), ray);
  if (interval.x > interval.y) { return; }
  let t = max(min(max(dot3(n, a) * rcp(slope), interval.x), interval.y), entry);
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
