// Walk through the two-child trees, nearer child first. The CPU backend replaces these two functions by its own wide trees.

// A tree over instances above a tree over triangles: `DEPTH_MAX` in src/bvh.rs.
const STACK_SIZE: u32 = 64u;
const LEAF: u32 = 0x80000000u;
const LEAF_FIRST: u32 = 0x03ffffffu;
const NOWHERE: u32 = 0xffffffffu;

fn walk(o: vec3<f32>, d: vec3<f32>, t_max: f32, stop_at_first: bool) -> Hit {
  var hit = Hit(t_max, 0.0, 0.0, NO_HIT, NO_HIT, NO_HIT);
  var ray = ray_towards(o, d);
  // The instance that the ray is inside of, and where it enters the instance's box.
  var instance = 0u;
  var entry = 0.0;
  // Entries of the stack below `ground` belong to the tree over instances; NOWHERE = all, the ray is in that tree now.
  var ground = select(0u, NOWHERE, frame.two_levels != 0u);
  var stack: array<u32, 64>;
  var depth = 0u;
  var current = frame.tree_start;
  loop {
    if ((current & LEAF) != 0u) {
      if (ground == NOWHERE) {
        let word = frame.instances_at + (current & LEAF_FIRST) * INSTANCE_STRIDE;
        let root_and_low = nodes[word + 6u];
        let low_and_high = nodes[word + 7u];
        let low = bitcast<vec3<f32>>(vec3<u32>(root_and_low.zw, low_and_high.x));
        let interval = box_interval(low, bitcast<vec3<f32>>(low_and_high.yzw), ray);
        let local = instance_ray(bitcast<vec4<f32>>(nodes[word]), bitcast<vec4<f32>>(nodes[word + 1u]), bitcast<vec4<f32>>(nodes[word + 2u]), ray);
        if (interval.x <= min(interval.y, hit.t) && within_reach(local)) {
          instance = current & LEAF_FIRST;
          entry = interval.x;
          ground = depth;
          if ((root_and_low.x & INSTANCE_MOVES) != 0u) { ray = local; }
          current = root_and_low.y;
          continue;
        }
      } else {
        let count = (current >> 26u) & 31u;
        let first = current & LEAF_FIRST;
        for (var i = first; i < first + count; i++) {
          intersect_triangle(triangles[i * 3u], triangles[i * 3u + 1u], triangles[i * 3u + 2u], i, instance, entry, ray, &hit);
        }
        if (stop_at_first && hit.triangle != NO_HIT) { break; }
      }
    } else {
      let n0 = nodes[current * 4u];
      let n1 = nodes[current * 4u + 1u];
      let n2 = nodes[current * 4u + 2u];
      let n3 = nodes[current * 4u + 3u];
      let left = box_interval(as_float3(n0), as_float3(n1), ray);
      let right = box_interval(as_float3(n2), as_float3(n3), ray);
      let hits_left = left.x <= min(left.y, hit.t);
      let hits_right = right.x <= min(right.y, hit.t);
      let swap = right.x < left.x;
      if (hits_left && hits_right) {
        stack[depth] = select(n1.w, n0.w, swap);
        depth++;
        current = select(n0.w, n1.w, swap);
        continue;
      }
      if (hits_left || hits_right) {
        current = select(n1.w, n0.w, hits_left);
        continue;
      }
    }
    if (depth == 0u) { break; }
    if (depth == ground) {
      ground = NOWHERE;
      ray = ray_towards(o, d);
    }
    depth--;
    current = stack[depth];
  }
  return hit;
}

fn closest_hit(o: vec3<f32>, d: vec3<f32>) -> Hit { return walk(o, d, INFINITE, false); }

fn occluded(o: vec3<f32>, d: vec3<f32>, t_max: f32) -> bool { return walk(o, d, t_max, true).triangle != NO_HIT; }
