// The scene as it lies in memory. Every buffer is written by `render-core/src/layout.rs`, the one place that knows these offsets.

struct Frame {
  camera_from: vec4<f32>,     // xyz: eye, metres
  camera_right: vec4<f32>,    // xyz: half the picture's width at distance 1; w: 2 / width in pixels
  camera_up: vec4<f32>,       // xyz: half the picture's height at distance 1; w: 2 / height in pixels
  camera_forward: vec4<f32>,  // xyz: unit view direction
  lens_right: vec4<f32>,      // xyz: the lens's radius towards the right; w: distance of what is sharp, metres
  lens_up: vec4<f32>,         // xyz: the lens's radius upwards; all zero = a pinhole
  width_px: u32,
  height_px: u32,
  depth_max: u32,
  seed: u32,
  area_lights: u32,           // emissive triangles in the light table
  point_lights: u32,          // punctual lights behind it
  environment_width: u32,     // 0 = there is none
  environment_height: u32,
  has_alpha: u32,             // 1 = some material lets rays pass
  first_request: u32,         // of this dispatch
  request_count: u32,
  instances_at: u32,          // word of `nodes` at which the instances begin
  vertices_at: u32,           // word of `shading` at which the vertices begin
  orthographic: u32,          // 1 = parallel rays; camera_right and camera_up are then metres in the world
  tree_start: u32,            // node at which every ray begins
  two_levels: u32,            // 1 = it is the root of the tree over instances
};

// The scene's seven lists. A device reads them from buffers (memory/buffers.wgsl) or from images (memory/images.wgsl), by these functions:
//
// node_word         trees of eight children per node, five words each; see traverse.wgsl. Then INSTANCE_STRIDE words per instance: three
//                   rows from the world, three rows to the world, (1 = it moves its mesh and 2 · number of the instance at this place in
//                   their tree, root node of the mesh's tree, box min x, y) (box min z, box max)
// triangle_word     three per triangle: (v0, primitive id) (v1, material) (v2, tangent state). The primitive id is the triangle's number in
//                   the packed scene
// shading_word      one per triangle: (vertex 0, vertex 1, vertex 2, unused). Then two per vertex: (octahedral normal, octahedral tangent,
//                   red and green, blue and alpha) (first uv, second uv)
// material_word     MATERIAL_STRIDE per material, then three per texture use; see material.wgsl
// texel_word        RGBA8, all images one behind the other
// table_word        sRGB curve, albedos of GGX and of glass, then lights
// environment_word  radiance with pdf · sin θ in w, then the alias table, two entries per word

const INSTANCE_STRIDE: u32 = 8u;
// In the first component of an instance's word 6: it moves its mesh.
const INSTANCE_MOVES: u32 = 1u;
const NO_HIT: u32 = 0xffffffffu;

struct Hit {
  t: f32,
  u: f32,         // barycentric weight of vertex 1
  v: f32,         // barycentric weight of vertex 2
  triangle: u32,  // place in `triangles`, NO_HIT = none
  primitive: u32, // number in the packed scene
  instance: u32,  // number of the instance in the packed scene
};

fn as_float3(v: vec4<u32>) -> vec3<f32> { return bitcast<vec3<f32>>(v.xyz); }

// Whether an instance stands elsewhere than its mesh was made.
fn instance_moves(instance: u32) -> bool { return (node_word(frame.instances_at + instance * INSTANCE_STRIDE + 6u).x & INSTANCE_MOVES) != 0u; }

// Row `row` of the matrix from the world (0..2) or to the world (3..5).
fn instance_row(instance: u32, row: u32) -> vec4<f32> { return bitcast<vec4<f32>>(node_word(frame.instances_at + instance * INSTANCE_STRIDE + row)); }

fn row_point(r: vec4<f32>, p: vec3<f32>) -> f32 { return r.x * p.x + (r.y * p.y + (r.z * p.z + r.w)); }
fn row_vector(r: vec4<f32>, v: vec3<f32>) -> f32 { return r.x * v.x + (r.y * v.y + r.z * v.z); }

fn point_to_world(instance: u32, p: vec3<f32>) -> vec3<f32> {
  return vec3<f32>(row_point(instance_row(instance, 3u), p), row_point(instance_row(instance, 4u), p), row_point(instance_row(instance, 5u), p));
}

fn vector_to_world(instance: u32, v: vec3<f32>) -> vec3<f32> {
  return vec3<f32>(row_vector(instance_row(instance, 3u), v), row_vector(instance_row(instance, 4u), v), row_vector(instance_row(instance, 5u), v));
}

// Normals turn by the transposed inverse.
fn normal_to_world(instance: u32, n: vec3<f32>) -> vec3<f32> {
  let a = instance_row(instance, 0u);
  let b = instance_row(instance, 1u);
  let c = instance_row(instance, 2u);
  return normalize3(a.xyz * n.x + (b.xyz * n.y + c.xyz * n.z));
}

struct Corners { v0: vec3<f32>, v1: vec3<f32>, v2: vec3<f32> };

// The corners of a triangle in the world.
fn corners_of(triangle: u32, instance: u32) -> Corners {
  let v0 = as_float3(triangle_word(triangle * 3u));
  let v1 = as_float3(triangle_word(triangle * 3u + 1u));
  let v2 = as_float3(triangle_word(triangle * 3u + 2u));
  if (!instance_moves(instance)) { return Corners(v0, v1, v2); }
  return Corners(point_to_world(instance, v0), point_to_world(instance, v1), point_to_world(instance, v2));
}
