//! From a path to a glTF document whose indices hold and whose buffers are in memory. Limits come before parsing.

use std::{
    collections::BTreeMap,
    ops::Range,
    path::{Path, PathBuf},
};

use gltf::json::{
    Path as JsonPath, Root,
    mesh::Semantic,
    validation::{Checked, Error as Rule, Validate},
};

use super::{
    fault::{FaultKind, Faults, ImportError, LooksLike, Place},
    lenient, meshopt, uri,
};

/// Largest JSON part: it may carry buffers as data URIs, and its tree takes several times its size.
pub const JSON_BYTES_MAX: u64 = 256 << 20;

/// Extensions that are understood, or harmless when not acted on; sorted.
const EXTENSIONS_KNOWN: &[&str] = &[
    "EXT_mesh_gpu_instancing",
    "EXT_meshopt_compression",
    "EXT_texture_webp",
    "KHR_draco_mesh_compression",
    "KHR_lights_punctual",
    "KHR_materials_anisotropy",
    "KHR_materials_clearcoat",
    "KHR_materials_dispersion",
    "KHR_materials_emissive_strength",
    "KHR_materials_ior",
    "KHR_materials_iridescence",
    "KHR_materials_pbrSpecularGlossiness",
    "KHR_materials_sheen",
    "KHR_materials_specular",
    "KHR_materials_transmission",
    "KHR_materials_unlit",
    "KHR_materials_variants",
    "KHR_materials_volume",
    "KHR_mesh_quantization",
    "KHR_meshopt_compression",
    "KHR_texture_basisu",
    "KHR_texture_transform",
    "KHR_xmp_json_ld",
];

/// A document that is safe to walk.
pub(super) struct Document {
    /// The JSON tree; every index in it points at something.
    pub(super) root: Root,
    /// The bytes of every buffer, at least as many as it claims.
    pub(super) buffers: Vec<Vec<u8>>,
    /// Buffer views that were stored compressed, by index.
    pub(super) unpacked: BTreeMap<usize, Vec<u32>>,
    /// The scene's folder, where references start; `None` for a scene that is no file.
    pub(super) dir: Option<PathBuf>,
}

/// Opens a `.gltf` or `.glb`, told apart by content.
pub(super) fn open(path: &Path, faults: &mut Faults) -> Result<Document, ImportError> {
    let bytes = faults.keep(uri::read_bounded(path, uri::FILE_BYTES_MAX), || Place::File(path.to_owned()));
    faults.stop_on_errors()?;
    let dir = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    };
    read(bytes.unwrap_or_default(), Some(dir), || Place::File(path.to_owned()), faults)
}

/// Reads a document from its bytes; `dir` is where its references start.
pub(super) fn read(bytes: Vec<u8>, dir: Option<PathBuf>, file: impl Fn() -> Place, faults: &mut Faults) -> Result<Document, ImportError> {
    let parts = faults.keep(split(bytes), &file);
    faults.stop_on_errors()?;
    let Parts { json, bin, padded } = parts.unwrap_or_default();
    if padded {
        faults.warn(FaultKind::JsonPadded, file());
    }
    let root = parse_or_mend(&json, &file, faults);
    faults.stop_on_errors()?;
    drop(json);
    let root = root.unwrap_or_default();
    faults.keep(check_version(&root), &file);
    check_extensions(&root, faults);
    faults.stop_on_errors()?;
    check_rules(&root, faults);
    faults.stop_on_errors()?;
    let buffers = load_buffers(&root, bin, dir.as_deref(), faults);
    faults.stop_on_errors()?;
    let unpacked = meshopt::unpack(&root, &buffers, faults);
    faults.stop_on_errors()?;
    Ok(Document { root, buffers, unpacked, dir })
}

/// The two halves of a GLB; a `.gltf` has only the first.
#[derive(Default)]
struct Parts {
    json: Vec<u8>,
    bin: Option<Vec<u8>>,
    /// Was the JSON followed by zeros?
    padded: bool,
}

fn split(mut bytes: Vec<u8>) -> Result<Parts, FaultKind> {
    let parts = if bytes.starts_with(b"glTF") {
        split_glb(bytes)?
    } else {
        if bytes.starts_with(b"\xef\xbb\xbf") {
            bytes.drain(..3);
        }
        match bytes.iter().find(|byte| !byte.is_ascii_whitespace()) {
            Some(b'{') => Parts { json: bytes, bin: None, padded: false },
            _ => return Err(FaultKind::NotGltf { looks_like: sniff(&bytes) }),
        }
    };
    match parts.json.len() as u64 {
        bytes if bytes > JSON_BYTES_MAX => Err(FaultKind::FileTooLarge { bytes, max: JSON_BYTES_MAX }),
        _ => Ok(parts),
    }
}

fn sniff(bytes: &[u8]) -> LooksLike {
    match bytes {
        [] => LooksLike::Empty,
        [0x89, b'P', b'N', b'G', ..] => LooksLike::Png,
        [0xff, 0xd8, 0xff, ..] => LooksLike::Jpeg,
        [b'P', b'K', 3, 4, ..] => LooksLike::Zip,
        _ if bytes.starts_with(b"BLENDER") => LooksLike::Blend,
        _ if bytes.starts_with(b"Kaydara FBX") => LooksLike::Fbx,
        _ => LooksLike::Unknown,
    }
}

/// glTF 2.0, section 4: a 12-byte header, then chunks of (length, type, bytes).
fn split_glb(mut bytes: Vec<u8>) -> Result<Parts, FaultKind> {
    const JSON: u32 = u32::from_le_bytes(*b"JSON");
    const BIN: u32 = u32::from_le_bytes(*b"BIN\0");
    let present = bytes.len() as u64;
    let cut_off = |claimed: u64| FaultKind::GlbTruncated { claimed, present };
    let word = |at: usize| bytes.get(at..at + 4).and_then(|four| four.try_into().ok()).map(u32::from_le_bytes);
    let (Some(version), Some(total)) = (word(4), word(8)) else { return Err(cut_off(12)) };
    if version != 2 {
        return Err(FaultKind::GlbVersion { version });
    }
    if u64::from(total) > present {
        return Err(cut_off(total.into()));
    }
    let chunk = |at: usize| -> Result<Option<(u32, Range<usize>)>, FaultKind> {
        let (Some(len), Some(kind)) = (word(at), word(at + 4)) else { return Ok(None) };
        let end = at as u64 + 8 + u64::from(len);
        let body = at + 8..usize::try_from(end).unwrap_or(usize::MAX);
        if end > present { Err(cut_off(end)) } else { Ok(Some((kind, body))) }
    };
    let Some((JSON, json)) = chunk(12)? else { return Err(FaultKind::GlbWithoutJson) };
    // Bytes behind the claimed length belong to somebody else.
    let bin = if json.end < total as usize { chunk(json.end)?.filter(|(kind, _)| *kind == BIN) } else { None };
    let zeros = bytes[json.clone()].iter().rev().take_while(|byte| **byte == 0).count();
    let json = bytes[json.start..json.end - zeros].to_vec();
    // The binary chunk may be most of the memory there is: it stays where it was read.
    let bin = bin.map(|(_, body)| {
        bytes.truncate(body.end);
        bytes.drain(..body.start);
        bytes
    });
    Ok(Parts { json, bin, padded: zeros > 0 })
}

fn parse(json: &[u8]) -> Result<Root, FaultKind> {
    gltf::json::deserialize::from_slice(json).map_err(|error| FaultKind::JsonInvalid {
        line: error.line(),
        column: error.column(),
        detail: error.to_string().chars().take(200).collect(),
    })
}

/// The document; one that is refused is brought into the form that the parser wants first, where that helps.
fn parse_or_mend(json: &[u8], file: impl Fn() -> Place, faults: &mut Faults) -> Option<Root> {
    let strict = parse(json);
    let is_sound = strict.as_ref().is_ok_and(|root| {
        let mut found = Faults::default();
        check_rules(root, &mut found);
        !found.has_errors()
    });
    match (is_sound, if is_sound { None } else { lenient::read(json) }) {
        (false, Some((root, told))) => {
            told.into_iter().for_each(|(what, place)| faults.warn(what, place));
            Some(root)
        }
        _ => faults.keep(strict, file),
    }
}

/// glTF 2.0, section 3.2: a reader must not open what needs more than it knows.
fn check_version(root: &Root) -> Result<(), FaultKind> {
    let is_known = |version: &str| version == "2" || version.starts_with("2.");
    let needs_more = root.asset.min_version.as_deref().filter(|version| !["2", "2.0"].contains(version));
    match needs_more.or(Some(root.asset.version.as_str()).filter(|version| !is_known(version))) {
        Some(version) => Err(FaultKind::GltfVersion { version: uri::shorten(version) }),
        None => Ok(()),
    }
}

fn check_extensions(root: &Root, faults: &mut Faults) {
    for name in &root.extensions_required {
        if !EXTENSIONS_KNOWN.contains(&name.as_str()) {
            faults.error(FaultKind::ExtensionRequired { name: uri::shorten(name) }, Place::Scene);
        }
    }
    for name in &root.extensions_used {
        if !EXTENSIONS_KNOWN.contains(&name.as_str()) && !root.extensions_required.contains(name) {
            faults.warn(FaultKind::ExtensionIgnored { name: uri::shorten(name) }, Place::Scene);
        }
    }
}

/// Runs the crate's validation, less what is harmless: extensions are judged above, and the reader needs no `min`, `max` or view.
fn check_rules(root: &Root, faults: &mut Faults) {
    // The crate indexes with these before it has checked them.
    for (m, mesh) in root.meshes.iter().enumerate() {
        for (p, primitive) in mesh.primitives.iter().enumerate() {
            let dangling = primitive.attributes.iter().any(|(_, accessor)| accessor.value() >= root.accessors.len());
            if dangling {
                let place = Place::Primitive { mesh: m, name: mesh.name.clone(), primitive: p };
                faults.error(FaultKind::Rule { rule: Rule::IndexOutOfBounds }, place);
            }
            let positions = primitive.attributes.contains_key(&Checked::Valid(Semantic::Positions));
            if !positions {
                let place = Place::Primitive { mesh: m, name: mesh.name.clone(), primitive: p };
                faults.error(FaultKind::Rule { rule: Rule::Missing }, place);
            }
        }
    }
    if faults.has_errors() {
        return;
    }
    root.validate(root, JsonPath::new, &mut |path, rule| {
        let path = path();
        let harmless = match rule {
            Rule::Unsupported => true,
            // A texture may leave `source` out when an extension names the image; one that names none is told where it is used.
            Rule::Missing => [".bufferView", ".min", ".max", ".source"].iter().any(|end| path.as_str().ends_with(end)),
            Rule::Invalid => {
                [".min", ".max"].iter().any(|end| path.as_str().ends_with(end)) || path.as_str().contains("<invalid semantic name>")
            }
            Rule::IndexOutOfBounds | Rule::Oversize => false,
        };
        if !harmless {
            faults.error(FaultKind::Rule { rule }, Place::Json(path.as_str().chars().take(200).collect()));
        }
    });
}

fn load_buffers(root: &Root, mut bin: Option<Vec<u8>>, dir: Option<&Path>, faults: &mut Faults) -> Vec<Vec<u8>> {
    let mut buffers = Vec::with_capacity(root.buffers.len());
    let mut total = 0u64;
    for (index, buffer) in root.buffers.iter().enumerate() {
        // It stands in for what is stored compressed elsewhere, and nothing reads it.
        if meshopt::is_fallback(buffer) {
            buffers.push(Vec::new());
            continue;
        }
        let bytes = match &buffer.uri {
            Some(uri) => uri::fetch(dir, uri),
            None if index == 0 => bin.take().ok_or(FaultKind::BufferWithoutBytes),
            None => Err(FaultKind::BufferWithoutBytes),
        };
        let bytes = bytes.and_then(|bytes| {
            let (claimed, present) = (buffer.byte_length.0, bytes.len() as u64);
            total += present;
            match () {
                () if claimed > present => Err(FaultKind::BufferShort { claimed, present }),
                () if total > uri::FILE_BYTES_MAX => Err(FaultKind::FileTooLarge { bytes: total, max: uri::FILE_BYTES_MAX }),
                () => Ok(bytes),
            }
        });
        match faults.keep(bytes, || Place::Buffer(index)) {
            Some(bytes) => buffers.push(bytes),
            // One missing buffer is told; a thousand references to one file are not read a thousand times over.
            None => return buffers,
        }
    }
    buffers
}
