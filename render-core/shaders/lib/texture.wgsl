// Texture look-up with own filtering: a sampler's precision is the implementation's choice.

const SRGB_TABLE: u32 = 0u;       // 256 floats: sRGB byte to linear
const ALBEDO_TABLE: u32 = 64u;    // 32×32 words, see microfacet.wgsl
const GLASS_TABLE: u32 = 1088u;   // 8 layers of 16×16 words, see microfacet.wgsl
const LIGHT_TABLE: u32 = 3136u;

const WRAP_CLAMP: u32 = 1u;
const WRAP_MIRROR: u32 = 2u;
const FLAG_NEAREST: u32 = 16u;
const FLAG_SRGB: u32 = 32u;
const FLAG_SECOND_UV: u32 = 64u;

fn table_float(base: u32, index: u32) -> f32 { return bitcast<f32>(table_word(base + (index >> 2u))[index & 3u]); }

// Folds a coordinate into [0, 1], so that its texel index stays small.
fn wrap_coordinate(x: f32, mode: u32) -> f32 {
  if (mode == WRAP_CLAMP) { return min(max(x, 0.0), 1.0); }
  if (mode == WRAP_MIRROR) {
    let t = x - 2.0 * floor(x * 0.5);
    return select(t, 2.0 - t, t > 1.0);
  }
  return x - floor(x);
}

// Folds a texel index that is at most one outside.
fn wrap_index(i: i32, size: i32, mode: u32) -> u32 {
  if (i >= 0 && i < size) { return u32(i); }
  if (mode == 0u) { return u32(select(0, size - 1, i < 0)); }
  return u32(select(size - 1, 0, i < 0));
}

fn texel(offset: u32, width: u32, x: u32, y: u32, srgb: bool) -> vec4<f32> {
  let bits = texel_word(offset + y * width + x);
  let r = bits & 255u;
  let g = (bits >> 8u) & 255u;
  let b = (bits >> 16u) & 255u;
  let a = f32(bits >> 24u) * 0.00392156862745098;
  if (srgb) { return vec4<f32>(table_float(SRGB_TABLE, r), table_float(SRGB_TABLE, g), table_float(SRGB_TABLE, b), a); }
  return vec4<f32>(f32(r) * 0.00392156862745098, f32(g) * 0.00392156862745098, f32(b) * 0.00392156862745098, a);
}

// Filtered value of the texture use at word `place` of `materials`; uv holds both sets of coordinates.
fn sample_texture(place: u32, uvs: vec4<f32>) -> vec4<f32> {
  let header = material_word(place);
  let uv = select(uvs.xy, uvs.zw, (header.w & FLAG_SECOND_UV) != 0u);
  let row0 = bitcast<vec4<f32>>(material_word(place + 1u));
  let row1 = bitcast<vec4<f32>>(material_word(place + 2u));
  let width = i32(header.y);
  let height = i32(header.z);
  let wrap_u = header.w & 3u;
  let wrap_v = (header.w >> 2u) & 3u;
  let srgb = (header.w & FLAG_SRGB) != 0u;
  let s = wrap_coordinate(row0.x * uv.x + (row0.y * uv.y + row0.z), wrap_u) * f32(width);
  let t = wrap_coordinate(row0.w * uv.x + (row1.x * uv.y + row1.y), wrap_v) * f32(height);
  if ((header.w & FLAG_NEAREST) != 0u) {
    return texel(header.x, header.y, min(u32(s), header.y - 1u), min(u32(t), header.z - 1u), srgb);
  }
  let s0 = floor(s - 0.5);
  let t0 = floor(t - 0.5);
  let fs = (s - 0.5) - s0;
  let ft = (t - 0.5) - t0;
  let x0 = wrap_index(i32(s0), width, wrap_u);
  let x1 = wrap_index(i32(s0) + 1, width, wrap_u);
  let y0 = wrap_index(i32(t0), height, wrap_v);
  let y1 = wrap_index(i32(t0) + 1, height, wrap_v);
  let top = lerp4(texel(header.x, header.y, x0, y0, srgb), texel(header.x, header.y, x1, y0, srgb), fs);
  let bottom = lerp4(texel(header.x, header.y, x0, y1, srgb), texel(header.x, header.y, x1, y1, srgb), fs);
  return lerp4(top, bottom, ft);
}
