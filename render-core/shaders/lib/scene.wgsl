// The scene as it lies in memory. Every buffer is written by `render-core/src/layout.rs`, the one place that knows these offsets.

struct Frame {
  camera_from: vec4<f32>,     // xyz: eye, metres
  camera_right: vec4<f32>,    // xyz: half the picture's width at distance 1; w: 2 / width in pixels
  camera_up: vec4<f32>,       // xyz: half the picture's height at distance 1; w: 2 / height in pixels
  camera_forward: vec4<f32>,  // xyz: unit view direction
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
  spare: u32,
};

@group(0) @binding(0) var<uniform> frame: Frame;
// Two children per node: (left min, left ref) (left max, right ref) (right min, 0) (right max, 0).
// A reference with bit 31 is a leaf: count in bits 26..31, first triangle in the lower 26.
@group(1) @binding(0) var<storage, read> nodes: array<vec4<u32>>;
// Three per triangle: (v0, primitive id) (v1, material) (v2, tangent state). The primitive id is the triangle's number in the packed scene.
@group(1) @binding(1) var<storage, read> triangles: array<vec4<u32>>;
// Four per triangle: (octahedral normals ×3, colour 0) (octahedral tangents ×3, colour 1) (uv 0, uv 1) (uv 2, colour 2, light's probability).
@group(1) @binding(2) var<storage, read> shading: array<vec4<u32>>;
// MATERIAL_STRIDE per material.
@group(1) @binding(3) var<storage, read> materials: array<vec4<u32>>;
// RGBA8, all images one behind the other.
@group(1) @binding(4) var<storage, read> texels: array<u32>;
// sRGB curve, GGX albedo, then lights.
@group(1) @binding(5) var<storage, read> tables: array<vec4<u32>>;
// Radiance with pdf · sin θ in w, then the alias table, two entries per word.
@group(1) @binding(6) var<storage, read> environment: array<vec4<u32>>;

const NO_HIT: u32 = 0xffffffffu;

struct Hit {
  t: f32,
  u: f32,         // barycentric weight of vertex 1
  v: f32,         // barycentric weight of vertex 2
  triangle: u32,  // place in `triangles`, NO_HIT = none
  primitive: u32, // number in the packed scene
};

fn as_float3(v: vec4<u32>) -> vec3<f32> { return bitcast<vec3<f32>>(v.xyz); }
