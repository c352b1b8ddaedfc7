//! The tracer's source, written once in WGSL: assembled here for the GPU and, without the tree walk, for the writer that makes the CPU's Rust.
//!
//! `xtask` includes this file by its path instead of depending on the crate: the writer must run while the code that it writes is out of date.

const LIB_BEFORE_WALK: [&str; 4] = [
    include_str!("../shaders/lib/math.wgsl"),
    include_str!("../shaders/lib/random.wgsl"),
    include_str!("../shaders/lib/scene.wgsl"),
    include_str!("../shaders/lib/intersect.wgsl"),
];
const WALK: &str = include_str!("../shaders/lib/traverse.wgsl");
const LIB_AFTER_WALK: [&str; 10] = [
    include_str!("../shaders/lib/texture.wgsl"),
    include_str!("../shaders/lib/material.wgsl"),
    include_str!("../shaders/lib/surface.wgsl"),
    include_str!("../shaders/lib/microfacet.wgsl"),
    include_str!("../shaders/lib/fresnel.wgsl"),
    include_str!("../shaders/lib/sheen.wgsl"),
    include_str!("../shaders/lib/bsdf.wgsl"),
    include_str!("../shaders/lib/lights.wgsl"),
    include_str!("../shaders/lib/path.wgsl"),
    include_str!("../shaders/lib/features.wgsl"),
];
const RENDER_PASS: &str = include_str!("../shaders/pass/render.wgsl");

/// Functions that the CPU backend implements itself: the walk through its own tree.
pub const EXTERN_FUNCTIONS: [&str; 2] = ["closest_hit", "occluded"];

/// Stands for the walk where it is left out.
const EXTERN_STUBS: &str = "
fn closest_hit(o: vec3<f32>, d: vec3<f32>) -> Hit { return Hit(INFINITE, 0.0, 0.0, NO_HIT, NO_HIT, NO_HIT); }
fn occluded(o: vec3<f32>, d: vec3<f32>, t_max: f32) -> bool { return false; }
";

/// The whole WGSL module for GPUs, entry point `render`.
pub fn gpu_source() -> String {
    [&LIB_BEFORE_WALK[..], &[WALK], &LIB_AFTER_WALK[..], &[RENDER_PASS]].concat().join("\n")
}

/// The WGSL that becomes Rust: everything but the walk and the entry point.
pub fn shared_source() -> String {
    [&LIB_BEFORE_WALK[..], &[EXTERN_STUBS], &LIB_AFTER_WALK[..]].concat().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_sources_are_valid_wgsl() {
        for source in [gpu_source(), shared_source()] {
            let module = naga::front::wgsl::parse_str(&source).unwrap_or_else(|error| panic!("{}", error.emit_to_string(&source)));
            naga::valid::Validator::new(naga::valid::ValidationFlags::all(), naga::valid::Capabilities::default())
                .validate(&module)
                .unwrap_or_else(|error| panic!("{error:?}"));
        }
    }
}
