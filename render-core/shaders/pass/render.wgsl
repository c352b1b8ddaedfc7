// Renders leaves: each invocation owns one request and adds its samples in order. When a path has ended it begins the next sample at once,
// so that it does not wait for longer paths of its neighbours.
//
// In:  requests[2i] = (x | y << 16, first sample, samples, quantity), requests[2i + 1] = (sums of earlier samples as bits, 0).
// Out: requests[2i + 1] = (three sums as bits, 1 = whole, 2 = a path reached its bound).
// Dispatch: ceil(request_count / 64) workgroups along x.

@group(2) @binding(0) var<storage, read_write> requests: array<vec4<u32>>;

@compute @workgroup_size(64, 1, 1)
fn render(@builtin(global_invocation_id) id: vec3<u32>) {
  read_frame();
  if (id.x >= frame.request_count) { return; }
  let place = (frame.first_request + id.x) * 2u;
  let request = requests[place];
  var sum = as_float3(requests[place + 1u]);
  let x = request.x & 0xffffu;
  let y = request.x >> 16u;
  let key = pixel_key(frame.seed, x, y);
  var sample_index = request.y;
  var left = request.z;
  var path: Path;
  var begins = true;
  loop {
    if (left == 0u) { break; }
    if (begins) {
      path = path_begin(x, y, key, sample_index);
      tests = 0u;
    }
    begins = !path_segment(&path, key, sample_index, request.w);
    if (tests > PATH_TESTS_MAX) { break; }
    if (begins) {
      sum = sum + path_value(path, request.w);
      sample_index++;
      left--;
    }
  }
  requests[place + 1u] = vec4<u32>(bitcast<u32>(sum.x), bitcast<u32>(sum.y), bitcast<u32>(sum.z), select(u32(loops_run(request.w)), 2u, tests > PATH_TESTS_MAX));
}

// Mesa's software driver counts the turns of all loops of an invocation, ends each loop at once when they are 65,535, and says nothing.
// So this one is not run to its end if any before it was cut off. The number of turns is not known before, or a compiler would leave it out.
fn loops_run(quantity: u32) -> bool {
  let turns = min(quantity, 1u) + 3u;
  var turn = 0u;
  loop {
    if (turn == turns) { break; }
    turn++;
  }
  return turn == turns;
}
