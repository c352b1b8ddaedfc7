// Control flow and memory in every form that the writers know, for the test that eight lanes give the bits of one. Never rendered.
//
// `which` and `n` are the same in all lanes, `a` and `b` are not.

struct Pair { sum: u32, parts: array<f32, 3>, flag: bool };
struct Entry { key: u32, weight: f32, place: vec2<f32>, color: vec4<f32> };

@group(0) @binding(0) var<storage, read> words: array<vec4<u32>>;
@group(0) @binding(1) var<storage, read> entries: array<Entry>;

const STEPS = array<u32, 5>(3u, 1u, 4u, 1u, 5u);

fn probe(which: u32, n: u32, a: u32, b: f32) -> vec4<u32> {
  var r = vec4<u32>(a);
  switch (which) {
    case 0u: { r = vec4<u32>(nested(a, n), early(a, b), 0u, 0u); }
    case 1u: { r = vec4<u32>(by_case(a), by_signed_case(i32(a) - 4), same_case(n, a), 1u); }
    case 2u: { r = vec4<u32>(local_array(a, n), component(a), chosen_step(a), 2u); }
    case 3u: { r = lent(a, n); }
    case 4u: { r = integers(a, n * 7u + a / 3u); }
    case 5u: { r = conversions(b, a); }
    case 6u: { r = gathered(a, n); }
    case 7u: { r = vec4<u32>(stale(a, n), bottom(a, n), either(a, b), leaving(a, n)); }
    case 8u: { r = builtins(a, n); }
    case 9u, 10u: { r = bits_of(rounded(b)); }
    default: {}
  }
  return r;
}

fn nested(a: u32, n: u32) -> u32 {
  var sum = 0u;
  for (var i = 0u; i < (a & 7u) + 2u; i++) {
    if ((a + i) % 3u == 0u) { continue; }
    var inner = 0u;
    for (var j = 0u; j < n; j++) {
      if (j == i) { continue; }
      if (j * i > (a & 15u)) { break; }
      inner += j ^ i;
      if (inner > 900u) { return sum + inner; }
    }
    sum = sum * 5u + inner;
    if (sum > 100000u) { break; }
  }
  return sum;
}

fn early(a: u32, b: f32) -> u32 {
  if (b < 0.0) {
    if (a % 2u == 0u) { return 1u; }
    let c = b * b;
    if (c > 2.0) { return 2u; } else if (c > 1.0) { return bitcast<u32>(c); }
  } else if (a > 5u) {
    return 3u;
  }
  var left = a;
  loop {
    if (left == 0u) { break; }
    left = left - 1u;
    if (left == 3u) { return left + a; }
  }
  return bitcast<u32>(b + 1.0);
}

fn by_case(a: u32) -> u32 {
  var r = 10u;
  switch (a % 6u) {
    case 0u: { r = 1u; }
    case 1u, 2u: {
      if (a > 7u) { break; }
      r = r + a;
    }
    case 3u: { return a * 3u; }
    default: {
      for (var i = 0u; i < a; i++) {
        if (i == 4u) { break; }
        r = r * 3u + i;
      }
    }
  }
  return r * 2u;
}

fn by_signed_case(a: i32) -> u32 {
  var r = 0;
  for (var i = 0; i < 5; i++) {
    switch (a + i) {
      case -1: { continue; }
      case 2, default: { r = r - i; }
      case 3: { r = r + 7; break; }
    }
    r = r * 2;
  }
  return u32(r);
}

// A case that all lanes take together, which some leave early.
fn same_case(n: u32, a: u32) -> u32 {
  var r = a;
  switch (n & 1u) {
    case 0u: {
      if (a > 3u) { break; }
      r = r + 100u;
    }
    default: {
      r = r * 3u;
      if (a % 5u == 2u) { return r; }
      if (a % 5u == 3u) { break; }
      r = r + 1u;
    }
  }
  return r ^ 0x55u;
}

fn local_array(a: u32, n: u32) -> u32 {
  var list: array<u32, 6>;
  for (var i = 0u; i < 6u; i++) { list[i] = i * a; }
  list[a % 6u] = 77u;
  if (a % 4u == 1u) { list[(a + n) % 6u] += 5u; }
  var sum = list[(a * 5u + 1u) % 6u];
  for (var i = 0u; i < 6u; i++) { sum = sum * 31u + list[i]; }
  return sum;
}

fn component(a: u32) -> u32 {
  var v = vec3<f32>(1.0, 2.0, 3.0) * f32(a);
  v[a % 3u] = -4.0;
  let w = vec4<u32>(a, a + 1u, a * 2u, 9u);
  if (v[(a + 1u) % 3u] > 10.0) { v[2] = v.x; }
  return w[a & 3u] + u32(max(v[(a + 2u) % 3u] + v.z, 0.0));
}

fn chosen_step(a: u32) -> u32 {
  var steps = STEPS;
  steps[a % 5u] = a;
  return steps[(a + 2u) % 5u] * 10u + STEPS[(a + 1u) % 5u];
}

fn put(p: ptr<function, Pair>, a: u32) -> bool {
  if (a % 3u == 0u) { return false; }
  (*p).sum += a;
  (*p).parts[a % 3u] = f32(a) * 0.5;
  if (a > 6u) {
    (*p).flag = true;
    return true;
  }
  (*p).parts[1] += 1.0;
  return (*p).flag;
}

fn add_one(p: ptr<function, u32>) { *p = *p + 1u; }

fn lent(a: u32, n: u32) -> vec4<u32> {
  var pair = Pair(n, array<f32, 3>(1.0, 2.0, 3.0), false);
  var count = 0u;
  for (var i = 0u; i < n; i++) {
    if ((a >> i) % 2u == 1u) {
      if (put(&pair, a + i)) { add_one(&count); }
      if (pair.sum > 40u) { break; }
    }
    pair.sum += 1u;
  }
  let copy = pair;
  pair.sum = 0u;
  return vec4<u32>(copy.sum + pair.sum, count, bitcast<u32>(pair.parts[0] + copy.parts[a % 3u]), bitcast<u32>(copy.parts[1]));
}

fn integers(a: u32, c: u32) -> vec4<u32> {
  let i = bitcast<i32>(a * 2654435761u);
  let j = bitcast<i32>(c * 2246822519u) >> (a & 31u);
  var r = vec4<u32>(a / c, a % c, a << c, (a * 0x9e3779b9u) >> (c + 3u));
  r.x ^= u32(i / j) + u32(i % j) + u32(min(i, j)) + (u32(max(i, j)) << 1u) + u32(abs(i)) + u32(-j);
  r.y += select(0u, 1u, i < j) | select(0u, 2u, i >= j) | select(0u, 4u, a > c) | select(0u, 8u, a <= c) | select(0u, 16u, r.z < r.w);
  r.z = min(r.z, max(a, c)) + u32(r.w >= 0x80000000u) + (~a & c);
  let v = vec3<i32>(i, j, 3) + vec3<i32>(1, i, j) * 3;
  r.w += u32(any(v < vec3<i32>(0, i, j))) + 2u * u32(all(v != vec3<i32>(j))) + u32(v.x ^ v.y ^ v.z);
  return r;
}

fn conversions(b: f32, a: u32) -> vec4<u32> {
  let big = b * 3e9;
  return vec4<u32>(u32(big), u32(i32(big)), bitcast<u32>(f32(a * 0x9e3779b9u)), bitcast<u32>(f32(bitcast<i32>(a * 0x85ebca6bu)))) +
    vec4<u32>(u32(b < 1.0), u32(i32(b > 0.5)), bitcast<u32>(f32(b > 0.25)), u32(bool(a & 1u)));
}

fn gathered(a: u32, n: u32) -> vec4<u32> {
  let count = arrayLength(&words);
  let whole = words[(a * 7u) % count];
  let part = words[a % count].zw;
  let word = words[(a + n) % count][a & 3u];
  let entry = entries[(a + 1u) % arrayLength(&entries)];
  var sum = entry.color + entries[n % arrayLength(&entries)].color;
  if (a % 3u == 1u) { sum = sum * entries[a % arrayLength(&entries)].weight; }
  let place = entries[a % arrayLength(&entries)].place;
  return whole + vec4<u32>(part, word, entry.key) + bits_of(sum) + vec4<u32>(bitcast<vec2<u32>>(place), entries[n % 2u].key, words[n % count][a % 4u]);
}

fn bits_of(v: vec4<f32>) -> vec4<u32> { return bitcast<vec4<u32>>(v); }

// A variable that lives only inside a branch of a loop and remembers earlier turns.
fn stale(a: u32, n: u32) -> u32 {
  var seen = 1u;
  var sum = 0u;
  var i = 0u;
  loop {
    if (i >= n) { break; }
    if ((a + i) % 3u != 1u) {
      seen = seen * 2u + i;
      if (seen % 5u == 3u) { sum += seen; }
    }
    i++;
  }
  return sum;
}

fn bottom(a: u32, n: u32) -> u32 {
  var i = a & 3u;
  var sum = 0u;
  loop {
    if (i == 2u) { continue; }
    sum = sum * 7u + i;
    if (sum > 5000u) { return sum; }
    continuing {
      i++;
      break if i > n + (a & 1u);
    }
  }
  return sum + i;
}

fn either(a: u32, b: f32) -> u32 {
  let x = a > 3u && b < 0.5 || a == 1u;
  let y = !(x || b > 2.0) && (a & 1u) == 0u;
  return select(0u, 1u, x) + select(0u, 2u, y) + select(0u, 4u, x != y);
}

// All lanes leave at once where n says so, some by themselves before.
fn leaving(a: u32, n: u32) -> u32 {
  var r = 0u;
  for (var i = 0u; i < 9u; i++) {
    if (i == n) { break; }
    if (n == 5u && i == 4u) { return r + 1000u; }
    if (a == i + 2u) { break; }
    if (n % 2u == 0u) { continue; }
    r += i * a;
  }
  return r + 1u;
}

fn builtins(a: u32, n: u32) -> vec4<u32> {
  let x = a * 0x9e3779b9u;
  let i = bitcast<i32>(x);
  return vec4<u32>(
    reverseBits(x) + countOneBits(x) + countLeadingZeros(x >> (a & 31u)) + countTrailingZeros(x << (a & 31u)),
    firstLeadingBit(x >> (a & 31u)) + firstTrailingBit(x << (a & 31u)) + u32(firstLeadingBit(i)) + u32(firstTrailingBit(i)),
    extractBits(x, a & 31u, n) + u32(extractBits(i, n, a & 15u)) + u32(reverseBits(i)),
    insertBits(x, a, n, a & 7u) + u32(insertBits(i, 5, a & 7u, n)) + u32(clamp(i, -5, 9)) + clamp(a, 2u, n + 2u));
}

fn rounded(b: f32) -> vec4<f32> {
  let v = vec4<f32>(b, b * 7.3, -b, b * 0.5);
  let w = floor(v) + ceil(v * 3.0) * 2.0 + trunc(v) + round(v);
  let c = v > vec4<f32>(0.0, 1.0, w.x, 0.5);
  return select(w, clamp(v, vec4<f32>(-1.0), vec4<f32>(2.0)), c) + vec4<f32>(saturate(b), abs(v.z), min(v.x, v.y), max(v.z, v.w));
}

// Statements, a loop, statements: lanes begin anew at the loop's head.
fn walked(a: u32, n: u32, b: f32) -> vec4<u32> {
  let key = a * 77u + 5u;
  var x = key ^ 3u;
  var sum = vec2<f32>(b, 1.0);
  var last = 0u;
  var seen = false;
  for (var i = 0u; i < (a & 7u) + 1u; i++) {
    if (x % 3u == 1u) { x = x * 5u + i; continue; }
    if (b > 1.0 && x > 100u || i == 3u) { last = x; seen = !seen; }
    for (var j = 0u; j < (x & 3u); j++) {
      sum = sum + vec2<f32>(f32(j), b);
      if (j == i) { break; }
    }
    if (x % 11u == 4u) { break; }
    if (x % 13u == n) { return vec4<u32>(i, x, key, n); }
    if (n == 3u && i == 2u) { return vec4<u32>(n); }
    x = x * 3u + key;
  }
  let scaled = sum * 2.0;
  if (seen) { last = last * 2u; }
  return vec4<u32>(x, last, bitcast<u32>(scaled.x), bitcast<u32>(scaled.y) ^ key);
}
