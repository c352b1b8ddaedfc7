//! The tracer's only source, written once in WGSL: assembled here for the GPU and, without the tree walk, for the writer that makes the CPU's
//! Rust. With it go the tables that it reads.
//!
//! ```text
//! lib/, memory/, pass/ (WGSL) ─┬─ gpu_source ────► tracer (wgpu)
//!                              └─ shared_source ─► tools/wgsl-to-rust ─► tracer/src/cpu/generated.rs
//! ```
//!
//! This room depends on no other, so the writer runs while the code that it writes is out of date.

pub mod tables;

/// Constants about what a scene has, for a tracer that is ready for everything.
const NEEDS: &str = include_str!("../lib/needs.wgsl");
const LIB_BEFORE_WALK: [&str; 4] = [
    include_str!("../lib/math.wgsl"),
    include_str!("../lib/random.wgsl"),
    include_str!("../lib/scene.wgsl"),
    include_str!("../lib/intersect.wgsl"),
];
const WALK: &str = include_str!("../lib/traverse.wgsl");
const LIB_AFTER_WALK: [&str; 10] = [
    include_str!("../lib/texture.wgsl"),
    include_str!("../lib/material.wgsl"),
    include_str!("../lib/surface.wgsl"),
    include_str!("../lib/microfacet.wgsl"),
    include_str!("../lib/fresnel.wgsl"),
    include_str!("../lib/sheen.wgsl"),
    include_str!("../lib/bsdf.wgsl"),
    include_str!("../lib/lights.wgsl"),
    include_str!("../lib/path.wgsl"),
    include_str!("../lib/features.wgsl"),
];
/// How the scene's lists are read: the declarations and one function for each list.
const BUFFERS: &str = include_str!("../memory/buffers.wgsl");
const IMAGES: &str = include_str!("../memory/images.wgsl");
const RENDER_PASS: &str = include_str!("../pass/render.wgsl");

/// Functions that the CPU backend implements itself: the walk through its own tree.
pub const EXTERN_FUNCTIONS: [&str; 2] = ["closest_hit", "occluded"];

/// What the test of the writers runs, on its own: every form of control flow and memory.
pub const LANES_PROBE: &str = include_str!("../probe/lanes.wgsl");

/// Stands for the walk where it is left out.
const EXTERN_STUBS: &str = "
fn closest_hit(o: vec3<f32>, d: vec3<f32>) -> Hit { return Hit(INFINITE, 0.0, 0.0, NO_HIT, NO_HIT, NO_HIT); }
fn occluded(o: vec3<f32>, d: vec3<f32>, t_max: f32) -> bool { return false; }
";

/// A word of four, as the shaders' `vec4<u32>`.
pub type Word = [u32; 4];

/// Where a device finds the scene.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SceneMemory {
    /// In storage buffers.
    Buffers,
    /// In storage images.
    Images,
}

impl SceneMemory {
    fn source(self) -> &'static str {
        match self {
            Self::Buffers => BUFFERS,
            Self::Images => IMAGES,
        }
    }
}

/// What a scene needs the tracer to know, see `shaders/lib/needs.wgsl`. A tracer without the rest has the same bits and is faster: most on
/// drivers that run both sides of every branch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Needs {
    /// Flags that some material has.
    pub material_flags: u32,
    /// Texture slots that some material fills, a bit each.
    pub texture_slots: u32,
    /// Some material is transmissive.
    pub glass: bool,
    /// Some material lets rays pass.
    pub alpha: bool,
    /// There is an environment.
    pub environment: bool,
    /// There are emissive triangles that light sampling knows.
    pub area_lights: bool,
    /// There are punctual lights.
    pub point_lights: bool,
    /// Meshes are moved or repeated.
    pub two_levels: bool,
}

impl Needs {
    fn source(&self) -> String {
        let numbers = [("MATERIAL_FLAGS", self.material_flags), ("TEXTURE_SLOTS", self.texture_slots)];
        let switches = [
            ("alpha", self.alpha),
            ("environment", self.environment),
            ("area_lights", self.area_lights),
            ("point_lights", self.point_lights),
            ("two_levels", self.two_levels),
        ];
        let numbers = numbers.map(|(name, value)| format!("const {name}: u32 = {value}u;\n")).concat();
        let switches = switches.map(|(name, value)| format!("fn has_{name}() -> bool {{ return {value}; }}\n")).concat();
        format!("{numbers}const HAS_GLASS: bool = {};\n{switches}", self.glass)
    }
}

/// The whole WGSL module for GPUs, entry point `render`; without needs it is ready for every scene.
pub fn gpu_source(needs: Option<&Needs>, memory: SceneMemory) -> String {
    let needs = needs.map_or_else(|| NEEDS.to_owned(), Needs::source);
    [&[needs.as_str(), memory.source()], &LIB_BEFORE_WALK[..], &[WALK], &LIB_AFTER_WALK[..], &[RENDER_PASS]].concat().join("\n")
}

/// The WGSL that becomes Rust: everything but the walk and the entry point.
pub fn shared_source() -> String {
    [&[NEEDS, BUFFERS], &LIB_BEFORE_WALK[..], &[EXTERN_STUBS], &LIB_AFTER_WALK[..]].concat().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_sources_are_valid_wgsl() {
        let least = Needs {
            material_flags: 0,
            texture_slots: 0,
            glass: false,
            alpha: false,
            environment: false,
            area_lights: false,
            point_lights: false,
            two_levels: false,
        };
        let gpu_sources =
            [None, Some(&least)].map(|needs| [SceneMemory::Buffers, SceneMemory::Images].map(|memory| gpu_source(needs, memory)));
        for source in gpu_sources.into_iter().flatten().chain([shared_source()]) {
            let module = naga::front::wgsl::parse_str(&source).unwrap_or_else(|error| panic!("{}", error.emit_to_string(&source)));
            naga::valid::Validator::new(naga::valid::ValidationFlags::all(), naga::valid::Capabilities::default())
                .validate(&module)
                .unwrap_or_else(|error| panic!("{error:?}"));
        }
    }
}
