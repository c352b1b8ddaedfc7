// The scene in storage images, for software drivers: Mesa's reads a storage buffer value by value and lane by lane, with a branch each, and
// an image in whole words. Measured: docs/measurements/render.md.

@group(0) @binding(0) var<storage, read> frame_buffer: Frame;
@group(1) @binding(0) var nodes: texture_storage_2d<rgba32uint, read>;
@group(1) @binding(1) var triangles: texture_storage_2d<rgba32uint, read>;
@group(1) @binding(2) var shading: texture_storage_2d<rgba32uint, read>;
@group(1) @binding(3) var materials: texture_storage_2d<rgba32uint, read>;
@group(1) @binding(4) var texels: texture_storage_2d<r32uint, read>;
@group(1) @binding(5) var tables: texture_storage_2d<rgba32uint, read>;
@group(1) @binding(6) var environment: texture_storage_2d<rgba32uint, read>;

// Read once: the same reason.
var<private> frame: Frame;

// Rows have 32 KiB, which fit into 8,192 numbers of one channel, as `ROW_BYTES` in src/gpu/memory.rs says.
fn word_place(i: u32) -> vec2<u32> { return vec2<u32>(i & 2047u, i >> 11u); }

fn node_word(i: u32) -> vec4<u32> { return textureLoad(nodes, word_place(i)); }
fn triangle_word(i: u32) -> vec4<u32> { return textureLoad(triangles, word_place(i)); }
fn shading_word(i: u32) -> vec4<u32> { return textureLoad(shading, word_place(i)); }
fn material_word(i: u32) -> vec4<u32> { return textureLoad(materials, word_place(i)); }
fn texel_word(i: u32) -> u32 { return textureLoad(texels, vec2<u32>(i & 8191u, i >> 13u)).x; }
fn table_word(i: u32) -> vec4<u32> { return textureLoad(tables, word_place(i)); }
fn environment_word(i: u32) -> vec4<u32> { return textureLoad(environment, word_place(i)); }

// Called first.
fn read_frame() { frame = frame_buffer; }
