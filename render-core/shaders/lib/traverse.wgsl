// Walk through the trees, nearer children first. The CPU backend replaces these two functions by its own walk.
//
// A node has eight children and five words (CWBVH: Ylitie, Karras & Laine 2017):
// 0: lower corner, then a byte for each axis's exponent and a bit for each child that is a node
// 1: first child node, first triangle, a byte for each child: three bits, one for each triangle of a leaf or 1 for a node, then five
//    bits, the place of the first triangle or 24 + slot
// 2, 3, 4: for x, y and z a byte for each child's lower plane, then for its upper plane
// A plane is corner + byte · 2^exponent, in which only the sum rounds; written so that the box holds all that lies below it.

// More than the levels of a tree over instances and of one over triangles together: `DEPTH_MAX` in src/bvh.rs and two.
const STACK_SIZE: u32 = 72u;
// Not a variable of the walk: every walk would begin by writing zeros to all of it, more than a third of the time in a small scene.
var<private> stack: array<vec2<u32>, STACK_SIZE>;
// Of the path at hand, counted against PATH_TESTS_MAX.
var<private> tests: u32;
const NOWHERE: u32 = 0xffffffffu;
// A group of children has one that is a node and still to be visited when it is above this.
const NODES_BELOW: u32 = 0x00ffffffu;
const ROOT_GROUP: u32 = 0x80000000u;

// Slots are numbered so that slot ^ this falls as children get farther.
fn octant_of(d: vec3<f32>) -> u32 { return select(4u, 0u, d.x < 0.0) | select(2u, 0u, d.y < 0.0) | select(1u, 0u, d.z < 0.0); }

// Distances along one axis of four planes.
fn plane_distances(bytes: u32, corner: f32, step: f32, o: f32, inverse: f32) -> vec4<f32> {
  let numbers = vec4<f32>(f32(bytes & 255u), f32((bytes >> 8u) & 255u), f32((bytes >> 16u) & 255u), f32(bytes >> 24u));
  return ((vec4<f32>(corner) + numbers * step) - vec4<f32>(o)) * inverse;
}

// Bits of four children that are entered before t: bits 24.. for nodes, in the order of their visits, the lower ones for triangles.
fn quad_bits(kinds: u32, octants: u32, nx: u32, ny: u32, nz: u32, fx: u32, fy: u32, fz: u32, corner: vec3<f32>, step: vec3<f32>, ray: SpaceRay, t: f32) -> u32 {
  let near_x = plane_distances(nx, corner.x, step.x, ray.o.x, ray.inverse.x);
  let near_y = plane_distances(ny, corner.y, step.y, ray.o.y, ray.inverse.y);
  let near_z = plane_distances(nz, corner.z, step.z, ray.o.z, ray.inverse.z);
  let far_x = plane_distances(fx, corner.x, step.x, ray.o.x, ray.inverse.x);
  let far_y = plane_distances(fy, corner.y, step.y, ray.o.y, ray.inverse.y);
  let far_z = plane_distances(fz, corner.z, step.z, ray.o.z, ray.inverse.z);
  let near = max(max(near_x, near_y), max(near_z, vec4<f32>(0.0)));
  let far = min(min(far_x, far_y), far_z) * BOX_SLACK;
  let entered = near <= min(far, vec4<f32>(t));
  let inner = ((kinds & (kinds << 1u) & 0x10101010u) >> 4u) * 255u;
  let places = (kinds ^ (octants & inner)) & 0x1f1f1f1fu;
  let bits = (kinds >> 5u) & 0x07070707u;
  return select(0u, (bits & 7u) << (places & 31u), entered.x)
    | select(0u, ((bits >> 8u) & 7u) << ((places >> 8u) & 31u), entered.y)
    | select(0u, ((bits >> 16u) & 7u) << ((places >> 16u) & 31u), entered.z)
    | select(0u, (bits >> 24u) << (places >> 24u), entered.w);
}

fn walk(o: vec3<f32>, d: vec3<f32>, t_max: f32, stop_at_first: bool) -> Hit {
  var hit = Hit(t_max, 0.0, 0.0, NO_HIT, NO_HIT, NO_HIT);
  var ray = ray_towards(o, d);
  var octant = octant_of(d);
  // The instance that the ray is inside of, and where it enters the instance's box.
  var instance = 0u;
  var entry = 0.0;
  // Entries of the stack below `ground` belong to the tree over instances; NOWHERE = all, the ray is in that tree now.
  var ground = select(0u, NOWHERE, has_two_levels());
  var depth = 0u;
  // x: the first child node; y: bits 24.. for children to be visited, bits 0..7 for children that are nodes. Or, with no bit above 23,
  // x: a place among the instances, y: a bit for each one from there that is to be visited.
  var group = vec2<u32>(frame.tree_start, ROOT_GROUP);
  loop {
    tests++;
    if (tests > PATH_TESTS_MAX) { break; }
    var leaves = group;
    if (group.y > NODES_BELOW) {
      let bit = firstLeadingBit(group.y);
      group.y = group.y & ~(1u << bit);
      if (group.y > NODES_BELOW) {
        stack[depth] = group;
        depth++;
      }
      let slot = (bit - 24u) ^ octant;
      let word = (group.x + countOneBits(group.y & ~(NOWHERE << slot))) * 5u;
      let n0 = node_word(word);
      let n1 = node_word(word + 1u);
      let n2 = node_word(word + 2u);
      let n3 = node_word(word + 3u);
      let n4 = node_word(word + 4u);
      let corner = as_float3(n0);
      let step = bitcast<vec3<f32>>(vec3<u32>((n0.w & 255u) << 23u, ((n0.w >> 8u) & 255u) << 23u, ((n0.w >> 16u) & 255u) << 23u));
      let octants = octant * 0x01010101u;
      let nx = select(n2.xy, n2.zw, ray.inverse.x < 0.0);
      let fx = select(n2.zw, n2.xy, ray.inverse.x < 0.0);
      let ny = select(n3.xy, n3.zw, ray.inverse.y < 0.0);
      let fy = select(n3.zw, n3.xy, ray.inverse.y < 0.0);
      let nz = select(n4.xy, n4.zw, ray.inverse.z < 0.0);
      let fz = select(n4.zw, n4.xy, ray.inverse.z < 0.0);
      let bits = quad_bits(n1.z, octants, nx.x, ny.x, nz.x, fx.x, fy.x, fz.x, corner, step, ray, hit.t)
        | quad_bits(n1.w, octants, nx.y, ny.y, nz.y, fx.y, fy.y, fz.y, corner, step, ray, hit.t);
      group = vec2<u32>(n1.x, (bits & ~NODES_BELOW) | (n0.w >> 24u));
      leaves = vec2<u32>(n1.y, bits & NODES_BELOW);
    } else {
      group = vec2<u32>(0u);
    }
    if (has_two_levels() && ground == NOWHERE) {
      if (leaves.y != 0u) {
        if (group.y > NODES_BELOW) {
          stack[depth] = group;
          depth++;
        }
        let bit = firstTrailingBit(leaves.y);
        leaves.y = leaves.y & ~(1u << bit);
        if (leaves.y != 0u) {
          stack[depth] = leaves;
          depth++;
        }
        group = vec2<u32>(0u);
        let number = node_word(frame.instances_at + (leaves.x + bit) * INSTANCE_STRIDE + 6u).x >> 1u;
        let word = frame.instances_at + number * INSTANCE_STRIDE;
        let root_and_low = node_word(word + 6u);
        let low_and_high = node_word(word + 7u);
        let low = bitcast<vec3<f32>>(vec3<u32>(root_and_low.zw, low_and_high.x));
        let interval = box_interval(low, bitcast<vec3<f32>>(low_and_high.yzw), ray);
        let local = instance_ray(bitcast<vec4<f32>>(node_word(word)), bitcast<vec4<f32>>(node_word(word + 1u)), bitcast<vec4<f32>>(node_word(word + 2u)), ray);
        if (interval.x <= min(interval.y, hit.t) && within_reach(local)) {
          instance = number;
          entry = interval.x;
          ground = depth;
          group = vec2<u32>(root_and_low.y, ROOT_GROUP);
          if ((root_and_low.x & INSTANCE_MOVES) != 0u) {
            ray = local;
            octant = octant_of(ray.d);
          }
        }
      }
    } else {
      tests = tests + countOneBits(leaves.y);
      while (leaves.y != 0u) {
        let bit = firstTrailingBit(leaves.y);
        leaves.y = leaves.y & ~(1u << bit);
        let i = leaves.x + bit;
        intersect_triangle(triangle_word(i * 3u), triangle_word(i * 3u + 1u), triangle_word(i * 3u + 2u), i, instance, entry, ray, &hit);
      }
      if (stop_at_first && hit.triangle != NO_HIT) { break; }
    }
    if (group.y <= NODES_BELOW) {
      if (depth == 0u) { break; }
      if (has_two_levels() && depth == ground) {
        ground = NOWHERE;
        ray = ray_towards(o, d);
        octant = octant_of(d);
      }
      depth--;
      group = stack[depth];
    }
  }
  return hit;
}

fn closest_hit(o: vec3<f32>, d: vec3<f32>) -> Hit { return walk(o, d, INFINITE, false); }

fn occluded(o: vec3<f32>, d: vec3<f32>, t_max: f32) -> bool { return walk(o, d, t_max, true).triangle != NO_HIT; }
