// Chance by counting: every number is a function of (seed, pixel, sample, dimension), integers until the last step.
// Pairs come from the Owen-scrambled two-dimensional Sobol sequence (Burley 2020, "Practical Hash-based Owen Scrambling";
// permutation constants by Vegdahl), padded over dimensions by shuffling the sample index.

fn hash(v: u32) -> u32 {
  let s = v * 747796405u + 2891336453u;
  let w = ((s >> ((s >> 28u) + 4u)) ^ s) * 277803737u;
  return (w >> 22u) ^ w;
}

fn unit_float(bits: u32) -> f32 { return f32(bits >> 8u) * 5.9604644775390625e-8; }

// Key of a pixel. All of its samples share it.
fn pixel_key(seed: u32, x: u32, y: u32) -> u32 { return hash((x | (y << 16u)) ^ hash(seed)); }

// Laine–Karras style permutation: every bit depends on lower bits only.
fn permute(v: u32, seed: u32) -> u32 {
  var x = v;
  x ^= x * 0x3d20adeau;
  x += seed;
  x *= (seed >> 16u) | 1u;
  x ^= x * 0x05526c56u;
  x ^= x * 0x53a22864u;
  return x;
}

// The polynomial p(x) over GF(2) to p(x + 1): the second Sobol dimension, bits lowest first.
fn pascal(v: u32) -> u32 {
  var x = v;
  x ^= (x >> 16u) & 0x0000ffffu;
  x ^= (x >> 8u) & 0x00ff00ffu;
  x ^= (x >> 4u) & 0x0f0f0f0fu;
  x ^= (x >> 2u) & 0x33333333u;
  x ^= (x >> 1u) & 0x55555555u;
  return x;
}

// Two numbers in [0, 1) of one dimension pair. Within any aligned run of 2^k samples they are stratified in both dimensions.
fn random_pair(key: u32, sample_index: u32, pair: u32) -> vec2<f32> {
  let seed = hash(key ^ (pair * 0x9e3779b9u));
  let index = reverseBits(permute(reverseBits(sample_index), seed));
  let u = reverseBits(permute(index, hash(seed ^ 0x68bc21ebu)));
  let v = reverseBits(permute(pascal(index), hash(seed ^ 0x02e5be93u)));
  return vec2<f32>(unit_float(u), unit_float(v));
}

// One number in [0, 1), independent of everything else.
fn random_one(key: u32, sample_index: u32, dimension: u32) -> f32 {
  return unit_float(hash(hash(key ^ (dimension * 0x85ebca6bu)) + sample_index));
}
