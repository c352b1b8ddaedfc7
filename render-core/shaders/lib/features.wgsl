// What a camera sample sees first, for layers beside the picture: base colour, normal, depth. The eye's ray, its jitter and lens included,
// is that of the radiance sample of the same number, so that edges and blur agree.

// What a request sums, as `Quantity` in src/lib.rs says.
const QUANTITY_RADIANCE: u32 = 0u;
const QUANTITY_ALBEDO: u32 = 1u;
const QUANTITY_NORMAL: u32 = 2u;

fn feature(s: Surface, quantity: u32) -> vec3<f32> {
  if (quantity == QUANTITY_ALBEDO) { return surface_albedo(s); }
  if (quantity == QUANTITY_NORMAL) { return s.local.n; }
  // Depth along the view direction, and 1 for a hit: the mean is over those samples that hit something.
  return vec3<f32>(dot3(s.position - frame.camera_from.xyz, frame.camera_forward.xyz), 1.0, 0.0);
}

// The colour that a denoiser divides by: base colour, white for what is seen through, and what shines on its own up to 1.
fn surface_albedo(s: Surface) -> vec3<f32> {
  let seen = lerp3(s.base, vec3<f32>(1.0), s.transmission * (1.0 - s.metallic));
  let a = min(seen + s.emission, vec3<f32>(1.0));
  return finite3(a);
}
