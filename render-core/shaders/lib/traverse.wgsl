// Walk through the two-child tree, nearer child first. The CPU backend replaces these two functions by its own wide tree.

// More than the depth of any tree that the builder makes (`DEPTH_MAX` in src/bvh.rs).
const STACK_SIZE: u32 = 64u;

fn walk(o: vec3<f32>, d: vec3<f32>, t_max: f32, stop_at_first: bool) -> Hit {
  var hit = Hit(t_max, 0.0, 0.0, NO_HIT, NO_HIT, NO_HIT);
  let inverse = safe_inverse3(d);
  var stack: array<u32, 64>;
  var depth = 0u;
  var current = 0u;
  loop {
    if ((current & 0x80000000u) != 0u) {
      let count = (current >> 26u) & 31u;
      let first = current & 0x03ffffffu;
      for (var i = first; i < first + count; i++) {
        intersect_triangle(triangles[i * 3u], triangles[i * 3u + 1u], triangles[i * 3u + 2u], i, 0u, o, d, inverse, &hit);
      }
      if (depth == 0u || (stop_at_first && hit.triangle != NO_HIT)) { break; }
      depth--;
      current = stack[depth];
      continue;
    }
    let n0 = nodes[current * 4u];
    let n1 = nodes[current * 4u + 1u];
    let n2 = nodes[current * 4u + 2u];
    let n3 = nodes[current * 4u + 3u];
    let left = box_interval(as_float3(n0), as_float3(n1), o, inverse);
    let right = box_interval(as_float3(n2), as_float3(n3), o, inverse);
    let hits_left = left.x <= min(left.y, hit.t);
    let hits_right = right.x <= min(right.y, hit.t);
    if (hits_left && hits_right) {
      let swap = right.x < left.x;
      stack[depth] = select(n1.w, n0.w, swap);
      depth++;
      current = select(n0.w, n1.w, swap);
    } else if (hits_left) {
      current = n0.w;
    } else if (hits_right) {
      current = n1.w;
    } else {
      if (depth == 0u) { break; }
      depth--;
      current = stack[depth];
    }
  }
  return hit;
}

fn closest_hit(o: vec3<f32>, d: vec3<f32>) -> Hit { return walk(o, d, INFINITE, false); }

fn occluded(o: vec3<f32>, d: vec3<f32>, t_max: f32) -> bool { return walk(o, d, t_max, true).triangle != NO_HIT; }
