//! `raylance check`: what is wrong with a scene, where, and how to mend it.

use super::{Failure, SceneArgs, out, print_json};
use clap::Args;
use raylance_picture::doctor::{Checkup, Contents, examine};
use raylance_scene::import::{SceneFault, Severity};
use serde::Serialize;
use std::path::{Path, PathBuf};

/// Most scenes of one folder: whoever has more asks folder by folder.
const SCENES_MAX: usize = 10_000;
/// How deep scenes are looked for below a folder.
const DEPTH_MAX: usize = 8;
/// Width over height of the picture that a scene is looked at for: that of `raylance render`.
const ASPECT: f32 = 16.0 / 9.0;

/// Arguments of `raylance check`.
#[derive(Args, Debug)]
pub struct CheckArgs {
    /// A .gltf or .glb file, or a folder of them
    scene: PathBuf,
    #[command(flatten)]
    look: SceneArgs,
    /// Animation frame, 24 per second
    #[arg(long, value_name = "N")]
    frame: Option<u32>,
    /// Print one JSON object as the last line
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct FaultLine {
    severity: &'static str,
    code: String,
    what: String,
    place: String,
    remedy: &'static str,
}

#[derive(Serialize)]
struct SceneLine {
    scene: String,
    ok: bool,
    errors: usize,
    warnings: usize,
    faults: Vec<FaultLine>,
    triangles: Option<u64>,
    triangles_unique: Option<u64>,
    instances: Option<u64>,
    materials: Option<u64>,
    images: Option<u64>,
    lights: Option<u64>,
    environment: Option<bool>,
    vram_bytes_estimate: Option<u64>,
    path_tests: Option<u64>,
}

#[derive(Serialize)]
struct FolderLine {
    folder: String,
    ok: bool,
    errors: usize,
    warnings: usize,
    scenes: Vec<SceneLine>,
}

/// Checks one scene, or all below a folder.
pub fn run(args: &CheckArgs) -> Result<(), Failure> {
    if !args.scene.is_dir() {
        let line = check(args, &args.scene);
        if args.json {
            print_json(&line)?;
        }
        return verdict(&args.scene, line.errors);
    }
    let scenes: Vec<SceneLine> = scenes_below(&args.scene)?.iter().map(|path| check(args, path)).collect();
    let (errors, warnings) = scenes.iter().fold((0, 0), |(errors, warnings), scene| (errors + scene.errors, warnings + scene.warnings));
    if args.json {
        print_json(&FolderLine { folder: args.scene.display().to_string(), ok: errors == 0, errors, warnings, scenes })?;
    }
    verdict(&args.scene, errors)
}

/// A scene that cannot be rendered is wrong input.
fn verdict(path: &Path, errors: usize) -> Result<(), Failure> {
    match errors {
        0 => Ok(()),
        1 => Err(Failure::input(format!("{}: 1 error", path.display()))),
        _ => Err(Failure::input(format!("{}: {errors} errors", path.display()))),
    }
}

fn check(args: &CheckArgs, path: &Path) -> SceneLine {
    let checkup = examine(path, &args.look.options(args.frame, ASPECT));
    if !args.json {
        show(path, &checkup);
    }
    let (errors, warnings) = (checkup.count(Severity::Error), checkup.count(Severity::Warning));
    let count = |pick: fn(&Contents) -> u64| checkup.contents.as_ref().map(pick);
    SceneLine {
        scene: path.display().to_string(),
        ok: checkup.is_ok(),
        errors,
        warnings,
        faults: checkup.faults.iter().map(fault_line).collect(),
        triangles: count(|contents| contents.triangles),
        triangles_unique: count(|contents| contents.triangles_unique),
        instances: count(|contents| contents.instances),
        materials: count(|contents| contents.materials),
        images: count(|contents| contents.images),
        lights: count(|contents| contents.lights),
        environment: checkup.contents.map(|contents| contents.environment),
        vram_bytes_estimate: count(|contents| contents.vram_bytes_estimate),
        path_tests: count(|contents| contents.path_tests),
    }
}

fn severity(fault: &SceneFault) -> &'static str {
    match fault.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}

fn fault_line(fault: &SceneFault) -> FaultLine {
    FaultLine {
        severity: severity(fault),
        code: fault.what.code(),
        what: fault.what.to_string(),
        place: fault.place.to_string(),
        remedy: fault.remedy,
    }
}

/// A paragraph for a person.
fn show(path: &Path, checkup: &Checkup) {
    let verdict = match (checkup.is_ok(), checkup.faults.len()) {
        (true, 0) => "nothing to complain about".to_owned(),
        (true, 1) => "can be rendered, 1 warning".to_owned(),
        (true, count) => format!("can be rendered, {count} warnings"),
        (false, _) => "cannot be rendered".to_owned(),
    };
    out!("{}: {verdict}", path.display());
    for fault in &checkup.faults {
        out!("  {}[{}]: {}", severity(fault), fault.what.code(), fault.what);
        out!("    where: {}", fault.place);
        out!("    mend:  {}", fault.remedy);
    }
    if let Some(contents) = &checkup.contents {
        let Contents {
            triangles,
            triangles_unique,
            instances,
            materials,
            images,
            lights,
            environment: _,
            vram_bytes_estimate,
            path_tests: _,
        } = contents;
        let repeated = if triangles == triangles_unique { String::new() } else { format!(" ({triangles_unique} of them kept)") };
        out!(
            "  {triangles} triangles{repeated}, {instances} instances, {materials} materials, {images} pictures, {lights} lights; about {:.0} MiB on a graphics card",
            *vram_bytes_estimate as f64 / f64::from(1 << 20)
        );
    }
}

/// Every scene file below a folder, by name; links to folders are not followed.
fn scenes_below(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let unreadable = |path: &Path, error: std::io::Error| Failure::input(format!("{} cannot be read: {error}", path.display()));
    let (mut scenes, mut open) = (Vec::new(), vec![(folder.to_owned(), 0)]);
    while let Some((next, depth)) = open.pop() {
        for entry in std::fs::read_dir(&next).map_err(|error| unreadable(&next, error))? {
            let entry = entry.map_err(|error| unreadable(&next, error))?;
            let (path, kind) = (entry.path(), entry.file_type().map_err(|error| unreadable(&next, error))?);
            let extension = path.extension().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
            if kind.is_dir() && depth < DEPTH_MAX {
                open.push((path, depth + 1));
            } else if !kind.is_dir() && matches!(extension.as_str(), "gltf" | "glb") {
                scenes.push(path);
            }
            if scenes.len() > SCENES_MAX {
                return Err(Failure::input(format!("{} has more than {SCENES_MAX} scenes", folder.display())));
            }
        }
    }
    if scenes.is_empty() {
        return Err(Failure::input(format!("{} has no .gltf or .glb file", folder.display())));
    }
    scenes.sort();
    Ok(scenes)
}
