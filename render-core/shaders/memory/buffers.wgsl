// The scene in storage buffers: what graphics cards read fastest. Also the source of the CPU's code.

// Not a uniform buffer: Mesa's software driver writes the values of those into the program and translates it anew for every dispatch.
@group(0) @binding(0) var<storage, read> frame: Frame;
@group(1) @binding(0) var<storage, read> nodes: array<vec4<u32>>;
@group(1) @binding(1) var<storage, read> triangles: array<vec4<u32>>;
@group(1) @binding(2) var<storage, read> shading: array<vec4<u32>>;
@group(1) @binding(3) var<storage, read> materials: array<vec4<u32>>;
@group(1) @binding(4) var<storage, read> texels: array<u32>;
@group(1) @binding(5) var<storage, read> tables: array<vec4<u32>>;
@group(1) @binding(6) var<storage, read> environment: array<vec4<u32>>;

fn node_word(i: u32) -> vec4<u32> { return nodes[i]; }
fn triangle_word(i: u32) -> vec4<u32> { return triangles[i]; }
fn shading_word(i: u32) -> vec4<u32> { return shading[i]; }
fn material_word(i: u32) -> vec4<u32> { return materials[i]; }
fn texel_word(i: u32) -> u32 { return texels[i]; }
fn table_word(i: u32) -> vec4<u32> { return tables[i]; }
fn environment_word(i: u32) -> vec4<u32> { return environment[i]; }

// Called first.
fn read_frame() {}
