//! What is wrong with a user's scene: what, where, and how to mend it. A broken scene is data, not a crash.

use std::{fmt, io, path::PathBuf};

use crate::SceneDefect;

/// Most faults kept of one scene: a broken exporter repeats itself, and nobody reads further.
pub const FAULTS_MAX: usize = 100;

/// Whether the scene can still be rendered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// It cannot.
    Error,
    /// It can, but the picture may differ from what the artist sees elsewhere.
    Warning,
}

/// One thing wrong with a scene. `Display` is a line of its own: `severity: what (place); remedy`.
#[derive(Clone, Debug, PartialEq)]
pub struct SceneFault {
    /// Whether it stops the import.
    pub severity: Severity,
    /// What is wrong.
    pub what: FaultKind,
    /// Where.
    pub place: Place,
    /// How to mend it.
    pub remedy: &'static str,
}

impl fmt::Display for SceneFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let severity = match self.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        write!(f, "{severity}: {}", self.text())
    }
}

impl SceneFault {
    /// The line without its severity, for whoever shows that otherwise.
    pub fn text(&self) -> String {
        format!("{} ({}); {}", self.what, self.place, self.remedy)
    }
}

/// Why a file is not a scene that can be rendered: every fault found, the errors first.
#[derive(Clone, Debug, PartialEq)]
pub struct ImportError {
    /// At least one has [`Severity::Error`].
    pub faults: Vec<SceneFault>,
}

impl std::error::Error for ImportError {}

impl ImportError {
    /// One short line.
    pub fn summary(&self) -> String {
        let errors = self.faults.iter().filter(|fault| fault.severity == Severity::Error).count();
        match self.faults.first() {
            Some(first) if errors > 1 => format!("the scene cannot be rendered: {} (and {} more errors)", first.what, errors - 1),
            Some(first) => format!("the scene cannot be rendered: {}", first.what),
            None => "the scene cannot be rendered".to_owned(),
        }
    }
}

impl fmt::Display for ImportError {
    /// The summary, then one line per fault.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.summary())?;
        self.faults.iter().try_for_each(|fault| write!(f, "\n  {fault}"))
    }
}

/// Where in the scene a fault lies. Indices count from 0, as in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A file as a whole.
    File(PathBuf),
    /// A path inside the glTF JSON, such as `accessors[3].count`.
    Json(String),
    /// A buffer.
    Buffer(usize),
    /// One primitive of a mesh.
    Primitive {
        /// Mesh index.
        mesh: usize,
        /// Mesh name, if it has one.
        name: Option<String>,
        /// Index among the mesh's primitives.
        primitive: usize,
    },
    /// A material.
    Material {
        /// Material index.
        material: usize,
        /// Its name, if it has one.
        name: Option<String>,
    },
    /// An image and the first material slot that needs it.
    Image {
        /// Image index.
        image: usize,
        /// Its URI or name, if it has one.
        name: Option<String>,
        /// Index of the material that uses it first.
        material: usize,
        /// The name of that material, if it has one.
        material_name: Option<String>,
        /// The slot in that material.
        slot: &'static str,
    },
    /// A texture slot of a material.
    Slot {
        /// Material index.
        material: usize,
        /// Its name, if it has one.
        name: Option<String>,
        /// The slot.
        slot: &'static str,
    },
    /// A node.
    Node {
        /// Node index.
        node: usize,
        /// Its name, if it has one.
        name: Option<String>,
    },
    /// One channel of an animation.
    Animation {
        /// Animation index.
        animation: usize,
        /// Index among its channels.
        channel: usize,
    },
    /// The camera that was chosen.
    Camera,
    /// The doctor's trial picture.
    Probe,
    /// The options of the import.
    Options,
    /// The scene as a whole.
    Scene,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let named = |f: &mut fmt::Formatter<'_>, name: &Option<String>| name.as_ref().map_or(Ok(()), |name| write!(f, " \"{name}\""));
        match self {
            Self::File(path) => write!(f, "in {}", path.display()),
            Self::Json(path) => write!(f, "at {path}"),
            Self::Buffer(index) => write!(f, "buffer {index}"),
            Self::Primitive { mesh, name, primitive } => {
                write!(f, "mesh {mesh}")?;
                named(f, name)?;
                write!(f, ", primitive {primitive}")
            }
            Self::Material { material, name } => {
                write!(f, "material {material}")?;
                named(f, name)
            }
            Self::Image { image, name, material, material_name, slot } => {
                write!(f, "image {image}")?;
                named(f, name)?;
                write!(f, ", {slot} texture of material {material}")?;
                named(f, material_name)
            }
            Self::Slot { material, name, slot } => {
                write!(f, "{slot} texture of material {material}")?;
                named(f, name)
            }
            Self::Node { node, name } => {
                write!(f, "node {node}")?;
                named(f, name)
            }
            Self::Animation { animation, channel } => write!(f, "animation {animation}, channel {channel}"),
            Self::Camera => f.write_str("the camera"),
            Self::Probe => f.write_str("in a small trial picture"),
            Self::Options => f.write_str("in the import options"),
            Self::Scene => f.write_str("the whole scene"),
        }
    }
}

/// What a file that is no glTF looks like by its first bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LooksLike {
    /// Nothing in it.
    Empty,
    /// A PNG picture.
    Png,
    /// A JPEG picture.
    Jpeg,
    /// A Blender project.
    Blend,
    /// An Autodesk FBX scene.
    Fbx,
    /// A ZIP archive, USDZ included.
    Zip,
    /// Something else.
    Unknown,
}

impl fmt::Display for LooksLike {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "an empty file",
            Self::Png => "a PNG picture",
            Self::Jpeg => "a JPEG picture",
            Self::Blend => "a Blender project",
            Self::Fbx => "an FBX scene",
            Self::Zip => "a ZIP archive",
            Self::Unknown => "neither glTF JSON nor GLB",
        })
    }
}

/// What can be wrong with a scene. Programs know each kind by its [`code`](FaultKind::code).
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[allow(missing_docs, reason = "each message says what its fields are")]
pub enum FaultKind {
    #[error("the file cannot be read: {error}")]
    Unreadable { error: io::ErrorKind },
    #[error("the file has {bytes} bytes, more than the limit of {max}")]
    FileTooLarge { bytes: u64, max: u64 },
    #[error("this is not a glTF scene but {looks_like}")]
    NotGltf { looks_like: LooksLike },
    #[error("this is a GLB of version {version}; only version 2 is known")]
    GlbVersion { version: u32 },
    #[error("the GLB is cut off: it claims {claimed} bytes and has {present}")]
    GlbTruncated { claimed: u64, present: u64 },
    #[error("the GLB does not begin with a JSON chunk")]
    GlbWithoutJson,
    #[error("this is glTF of version {version}; only version 2 is known")]
    GltfVersion { version: String },
    #[error("the JSON ends in zeros instead of blanks")]
    JsonPadded,
    #[error("{field} has a value that the format does not know; what comes nearest is taken")]
    EnumUnknown { field: &'static str },
    #[error("{lost} animation channels move nothing that is drawn, and are left out")]
    ChannelsLeftOut { lost: usize },
    #[error("a primitive without positions is left out")]
    PrimitiveWithoutPositions,
    #[error("the material has textures and the mesh no coordinates for them")]
    UvMissing,
    #[error("the glTF JSON is malformed at line {line}, column {column}: {detail}")]
    JsonInvalid { line: usize, column: usize, detail: String },
    #[error("the glTF breaks a rule of the format: {rule}")]
    Rule { rule: gltf::json::validation::Error },
    #[error("the scene requires the extension {name}, which is not supported")]
    ExtensionRequired { name: String },
    #[error("the scene uses the extension {name}, which is ignored")]
    ExtensionIgnored { name: String },
    #[error("the reference \"{uri}\" does not stay inside the scene's folder")]
    UriOutside { uri: String },
    #[error("the reference \"{uri}\" is no file of the scene's folder (network addresses are never fetched)")]
    UriRemote { uri: String },
    #[error("an embedded data URI is malformed")]
    DataUri,
    #[error("the file \"{uri}\" is missing")]
    FileMissing { uri: String },
    #[error("the buffer claims {claimed} bytes but has {present}")]
    BufferShort { claimed: u64, present: u64 },
    #[error("the buffer has neither a file nor a GLB chunk")]
    BufferWithoutBytes,
    #[error("accessor {accessor} needs {needed} bytes of its buffer view, which has {present}")]
    AccessorOutOfBounds { accessor: usize, needed: u64, present: u64 },
    #[error("accessor {accessor} claims {count} elements, more than the limit of {max}")]
    AccessorTooLong { accessor: usize, count: u64, max: u64 },
    #[error("accessor {accessor} has a type that does not fit its use")]
    AccessorType { accessor: usize },
    #[error("accessor {accessor} or its buffer view does not exist")]
    AccessorDangling { accessor: usize },
    #[error("accessor {accessor} has a sparse index out of range")]
    AccessorSparse { accessor: usize },
    #[error("{attribute} of vertex {vertex} is not a finite number")]
    NotFinite { attribute: &'static str, vertex: usize },
    #[error("a vertex lies farther than {} m from the origin", crate::POSITION_MAX_M)]
    TooFar,
    #[error("{attribute} has {count} entries for {vertices} vertices")]
    CountMismatch { attribute: &'static str, count: usize, vertices: usize },
    #[error("index {index} points past the last of {vertices} vertices")]
    IndexOutOfRange { index: u32, vertices: usize },
    #[error("points and lines are not drawn")]
    ModeSkipped,
    #[error("the last {left_over} indices do not make a whole triangle")]
    TriangleIncomplete { left_over: usize },
    #[error("the scene has more than {max} {things}")]
    TooMuch { things: &'static str, max: usize },
    #[error("the node is its own ancestor or has two parents")]
    NodeShared,
    #[error("the node's transform is not finite")]
    TransformNotFinite,
    #[error("the Draco data cannot be decoded: {detail}")]
    DracoUndecodable { detail: String },
    #[error("the Draco data lacks {attribute}, or holds it in another form than its accessor says")]
    DracoAttribute { attribute: String },
    #[error("the Draco data cannot be read ({detail}); the plain copy beside it is drawn instead")]
    DracoReplaced { detail: String },
    #[error("the meshopt description of buffer view {view} makes no sense")]
    MeshoptMalformed { view: usize },
    #[error("the meshopt data of buffer view {view} cannot be decoded")]
    MeshoptUndecodable { view: usize },
    #[error("the compressed data unpack to more than {max} bytes")]
    UnpackedTooLarge { max: u64 },
    #[error("skin {skin} has {matrices} inverse bind matrices for {joints} joints")]
    SkinMatrices { skin: usize, joints: usize, matrices: usize },
    #[error("vertex {vertex} follows joint {joint} of a skin with {joints}")]
    JointOutOfRange { vertex: usize, joint: u32, joints: usize },
    #[error("the mesh has a skin but no joints and weights; it follows its node")]
    SkinWithoutWeights,
    #[error("the instances' attributes are missing or differ in number")]
    InstancesMalformed,
    #[error("the animation's keys are not in ascending order or do not match their values")]
    AnimationKeys,
    #[error("several animations move the same node; the first one wins")]
    AnimationsOverlap,
    #[error("a frame was asked for, but nothing in the scene is animated")]
    NothingAnimated,
    #[error("the material's textures read more than two sets of texture coordinates; set {used} stands in for set {extra}")]
    UvSetsTooMany { extra: u32, used: u32 },
    #[error("the material has a value that is not a finite number or far out of range")]
    MaterialNotFinite,
    #[error("the extension {name} is malformed: {detail}")]
    ExtensionMalformed { name: &'static str, detail: String },
    #[error("texture {texture} does not exist")]
    TextureDangling { texture: usize },
    #[error("texture {texture} has no picture in a format that is known")]
    TextureWithoutImage { texture: usize },
    #[error("the picture cannot be decoded: {detail}")]
    ImageUndecodable { detail: String },
    #[error(
        "the picture of {width_px} × {height_px} px exceeds the limit of {edge_max} px per edge or of {texels_max} pixels for the whole scene"
    )]
    ImageTooLarge { width_px: u32, height_px: u32, edge_max: u32, texels_max: u64 },
    #[error("the picture of {width_px} × {height_px} px is larger than screens and graphics cards like")]
    TextureHuge { width_px: u32, height_px: u32 },
    #[error("the pictures take {} MiB of memory", bytes >> 20)]
    TexturesHeavy { bytes: u64 },
    #[error("the image has neither a file nor a buffer view")]
    ImageWithoutBytes,
    #[error("the scene has no triangles")]
    NoTriangles,
    #[error("the scene has no camera; one was placed to frame everything")]
    CameraPlaced,
    #[error("the camera \"{wanted}\" does not exist; there are: {}", available.join(", "))]
    CameraUnknown { wanted: String, available: Vec<String> },
    #[error("the camera looks nowhere: its position, aim or field of view makes no sense")]
    CameraDegenerate,
    #[error("the scene has no light; a neutral studio sky was added")]
    SkyAdded,
    #[error("the environment strength must be a finite number and not negative")]
    EnvironmentStrength,
    #[error("the environment of {width_px} × {height_px} px is larger than {width_max} × {height_max}")]
    EnvironmentTooLarge { width_px: u64, height_px: u64, width_max: u64, height_max: u64 },
    #[error("the environment picture cannot be decoded: {detail}")]
    EnvironmentUndecodable { detail: String },
    #[error("the environment picture has values that are not finite; they were taken as black")]
    EnvironmentNotFinite,
    #[error("{count} of {of} triangles have no area")]
    TrianglesDegenerate { count: usize, of: usize },
    #[error("the scene reaches {reach_m} m from the origin, where positions are rounded to several millimetres")]
    FarOut { reach_m: f32 },
    #[error("the whole scene is {size_m} m across")]
    Tiny { size_m: f32 },
    #[error("the camera sees nothing of the scene")]
    CameraSeesNothing,
    #[error("something stands right before the lens in {percent} % of the picture")]
    CameraCovered { percent: u8 },
    #[error("the camera stands inside a closed body")]
    CameraInside,
    #[error("{percent} % of the picture are black")]
    ProbeBlack { percent: u8 },
    #[error("{percent} % of the picture are blown out to white")]
    ProbeBlownOut { percent: u8 },
    #[error("{percent} % of the picture are not finite numbers")]
    ProbeNotFinite { percent: u8 },
    #[error("a ray that bounces around meets {tests} nodes and triangles; {most} are allowed")]
    ProbeTooCostly { tests: u64, most: u64 },
    #[error("the trial picture cannot be rendered: {detail}")]
    ProbeFailed { detail: String },
    #[error("the finished scene is unfit: {0}")]
    Defect(SceneDefect),
}

impl FaultKind {
    /// The kind's name for programs, such as `file-missing`: the variant's name, so that renaming a variant breaks who reads it.
    pub fn code(&self) -> String {
        let shown = format!("{self:?}");
        let name = shown.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
        let mut code = String::with_capacity(name.len() + 4);
        for c in name.chars() {
            if c.is_ascii_uppercase() && !code.is_empty() {
                code.push('-');
            }
            code.push(c.to_ascii_lowercase());
        }
        code
    }

    /// How the artist can mend it.
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::Unreadable { .. } => "check that the path exists and is a plain file you may read",
            Self::FileTooLarge { .. } => "split the scene or shrink its data",
            Self::NotGltf { .. } => "export the scene as glTF 2.0 (.glb or .gltf)",
            Self::GlbVersion { .. } | Self::GltfVersion { .. } => "export it again as glTF 2.0",
            Self::JsonPadded | Self::EnumUnknown { .. } => "export the scene again if the picture looks wrong",
            Self::ChannelsLeftOut { .. } => "bake the animation into nodes if something should move",
            Self::PrimitiveWithoutPositions => "export the scene again if a part is missing",
            Self::UvMissing => "unwrap the mesh and export it with UV coordinates",
            Self::GlbTruncated { .. } | Self::BufferShort { .. } => "copy or download the file again, or export it again",
            Self::GlbWithoutJson | Self::JsonInvalid { .. } | Self::Rule { .. } | Self::DataUri => {
                "export the scene again and run it through the glTF validator"
            }
            Self::ExtensionRequired { .. } => "export again without this extension",
            Self::ExtensionIgnored { name } => ignored_remedy(name),
            Self::UriOutside { .. } => "put the file beside the scene and refer to it by a relative path",
            Self::UriRemote { .. } => "download the file into the scene's folder and refer to it by a relative path",
            Self::FileMissing { .. } => "put the file back beside the scene, or export as one .glb with everything inside",
            Self::BufferWithoutBytes | Self::ImageWithoutBytes => "export the scene again with its data embedded",
            Self::AccessorOutOfBounds { .. }
            | Self::AccessorTooLong { .. }
            | Self::AccessorType { .. }
            | Self::AccessorDangling { .. }
            | Self::AccessorSparse { .. }
            | Self::CountMismatch { .. }
            | Self::IndexOutOfRange { .. } => "the file is damaged or its exporter is wrong: export it again",
            Self::NotFinite { .. } => "clean the mesh (merge by distance, delete broken vertices) and export again",
            Self::TooFar => "scale the scene down or move it to the origin",
            Self::ModeSkipped => "convert curves and point clouds to meshes if they should be seen",
            Self::TriangleIncomplete { .. } => "the left-over indices are dropped; export again if a face is missing",
            Self::TooMuch { .. } => "decimate the heaviest meshes or split the scene",
            Self::NodeShared => "give every node exactly one parent",
            Self::TransformNotFinite | Self::MaterialNotFinite => "reset the broken value and export again",
            Self::DracoUndecodable { .. }
            | Self::DracoAttribute { .. }
            | Self::MeshoptMalformed { .. }
            | Self::MeshoptUndecodable { .. } => "export again, if need be without mesh compression",
            Self::DracoReplaced { .. } => "export again if the shape looks wrong",
            Self::UnpackedTooLarge { .. } => "split the scene or decimate its heaviest meshes",
            Self::SkinMatrices { .. } | Self::JointOutOfRange { .. } => "export the armature again, or apply it before exporting",
            Self::SkinWithoutWeights => "assign its vertices to bones, or unparent the mesh from the armature",
            Self::InstancesMalformed => "export again without instancing",
            Self::AnimationKeys => "bake the animation and export again",
            Self::AnimationsOverlap => "export only the animation you want",
            Self::NothingAnimated => "export with animation, or leave the frame out",
            Self::UvSetsTooMany { .. } => "use at most two UV maps for all textures of the material",
            Self::ExtensionMalformed { .. } => "export the scene again and run it through the glTF validator",
            Self::TextureDangling { .. } => "assign the texture again and export again",
            Self::TextureWithoutImage { .. } => "export again with PNG, JPEG, WebP or KTX2 textures",
            Self::ImageUndecodable { .. } => "save the picture again as PNG or JPEG",
            Self::ImageTooLarge { .. } => "scale the textures down",
            Self::TextureHuge { .. } | Self::TexturesHeavy { .. } => {
                "scale textures down to what the picture can show, mostly 4096 px or less"
            }
            Self::NoTriangles => "check that meshes are visible, not empty, and included in the export",
            Self::CameraPlaced => "add a camera to choose the view",
            Self::CameraUnknown { .. } => "choose one of the cameras named",
            Self::CameraDegenerate => {
                "aim the camera at a point away from it, with a field of view between 0° and 180° or a height above 0"
            }
            Self::SkyAdded => "add a light, an emissive material or an environment picture to light it yourself",
            Self::EnvironmentStrength => "give a strength such as 1.0",
            Self::EnvironmentTooLarge { .. } => "scale the environment picture down; 2048 × 1024 is plenty for light",
            Self::EnvironmentUndecodable { .. } => "save it as Radiance HDR, or as OpenEXR with RGB and ZIP compression",
            Self::EnvironmentNotFinite => "save the environment picture again if it looks wrong",
            Self::TrianglesDegenerate { .. } => "clean the meshes (dissolve degenerate faces); nothing is drawn of them",
            Self::FarOut { .. } => "move the scene to the origin, or scale it down if its unit is not the metre",
            Self::Tiny { .. } => "scale the scene up if its unit is not the metre",
            Self::CameraSeesNothing => "aim the camera at the scene, or choose another camera",
            Self::CameraCovered { .. } => "move the camera out of what it stands in, or hide that",
            Self::CameraInside => "move the camera outside, or turn the body's faces inwards if it is a room",
            Self::ProbeBlack { .. } => "add light, turn lights towards the scene, or move the camera",
            Self::ProbeBlownOut { .. } => "turn lights and emissive materials down, or lower the exposure",
            Self::ProbeTooCostly { .. } => "merge or remove surfaces that lie in one place, thousands of copies of an object for instance",
            Self::ProbeNotFinite { .. } | Self::ProbeFailed { .. } => "please report the scene",
            Self::Defect(_) => "this is a fault of the importer; please report the scene",
        }
    }
}

/// What the picture lacks without an extension that artists use.
fn ignored_remedy(name: &str) -> &'static str {
    match name {
        "KHR_materials_diffuse_transmission" => {
            "leaves, paper and lampshades let no light through and look too dark from behind; give them some KHR_materials_transmission \
             with a high roughness where that matters"
        }
        "KHR_materials_volume_scatter" | "KHR_materials_subsurface" => {
            "skin, wax and milk scatter no light inside; choose a base colour that looks right without it"
        }
        "KHR_node_visibility" => "nodes that are switched off are drawn; delete them before the export",
        "KHR_animation_pointer" => "only nodes and morph targets move; bake what else is animated",
        _ => "expect the picture to differ where the extension matters",
    }
}

/// Collects faults while an import goes on.
#[derive(Debug, Default)]
pub(super) struct Faults {
    list: Vec<SceneFault>,
    errors: usize,
}

impl Faults {
    pub(super) fn error(&mut self, what: FaultKind, place: Place) {
        self.errors += 1;
        self.push(Severity::Error, what, place);
    }

    pub(super) fn warn(&mut self, what: FaultKind, place: Place) {
        self.push(Severity::Warning, what, place);
    }

    /// Keeps the value, or records the fault as an error at `place`.
    pub(super) fn keep<T>(&mut self, result: Result<T, FaultKind>, place: impl FnOnce() -> Place) -> Option<T> {
        result.map_err(|what| self.error(what, place())).ok()
    }

    pub(super) fn has_errors(&self) -> bool {
        self.errors > 0
    }

    /// Ends the import if there was an error.
    pub(super) fn stop_on_errors(&mut self) -> Result<(), ImportError> {
        if self.errors == 0 {
            return Ok(());
        }
        let mut faults = std::mem::take(&mut self.list);
        faults.sort_by_key(|fault| fault.severity == Severity::Warning);
        Err(ImportError { faults })
    }

    /// The warnings of an import that succeeded.
    pub(super) fn into_warnings(self) -> Vec<SceneFault> {
        self.list
    }

    /// A full list still takes the first error, in place of the last warning: without one the import would have no cause to show.
    fn push(&mut self, severity: Severity, what: FaultKind, place: Place) {
        let remedy = what.remedy();
        let fault = SceneFault { severity, what, place, remedy };
        if self.list.contains(&fault) {
            return;
        }
        if self.list.len() < FAULTS_MAX {
            self.list.push(fault);
        } else if severity == Severity::Error && self.errors == 1 {
            self.list[FAULTS_MAX - 1] = fault;
        }
    }
}
