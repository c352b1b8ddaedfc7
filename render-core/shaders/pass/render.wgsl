// Renders leaves: each invocation owns one request and adds its samples in order.
//
// In:  requests[i] = (x | y << 16, first sample, samples, quantity). Out: requests[i] = (three sums as bits, 1).
// Dispatch: ceil(request_count / 64) workgroups along x.

@group(2) @binding(0) var<storage, read_write> requests: array<vec4<u32>>;

@compute @workgroup_size(64, 1, 1)
fn render(@builtin(global_invocation_id) id: vec3<u32>) {
  if (id.x >= frame.request_count) { return; }
  let place = frame.first_request + id.x;
  let request = requests[place];
  let x = request.x & 0xffffu;
  let y = request.x >> 16u;
  var sum = vec3<f32>(0.0);
  for (var i = 0u; i < request.z; i++) {
    sum = sum + trace(x, y, request.y + i, request.w);
  }
  requests[place] = vec4<u32>(bitcast<u32>(sum.x), bitcast<u32>(sum.y), bitcast<u32>(sum.z), 1u);
}
