// What the scene has, asked of the buffers. For a GPU the host writes these answers anew for each scene as constants, so that its driver
// leaves out what no sample can reach: samples keep their bits.

const MATERIAL_FLAGS: u32 = 0xffffffffu; // flags that some material may have
const TEXTURE_SLOTS: u32 = 0xffffffffu;  // slots that some material may fill
const HAS_GLASS: bool = true;            // some material may be transmissive

fn has_alpha() -> bool { return frame.has_alpha != 0u; }
fn has_environment() -> bool { return frame.environment_width != 0u; }
fn has_area_lights() -> bool { return frame.area_lights != 0u; }
fn has_point_lights() -> bool { return frame.point_lights != 0u; }
fn has_two_levels() -> bool { return frame.two_levels != 0u; }
