//! How long our renderer takes to load a scene, part by part: asks `measure`.

use super::renderer::{Absent, last_json};
use super::{BenchError, write};
use serde::{Deserialize, Serialize};
use std::path::Path;
use std::process::Command;

/// Rooms in a row that make two million triangles.
const MANY_ROOMS: u32 = 8;

/// Wall times of loading one scene.
#[derive(Serialize)]
pub struct Load {
    /// Which.
    pub scene: &'static str,
    /// Absent with a reason below.
    pub times: Option<Times>,
    unavailable: Option<String>,
}

/// The fastest of three rounds.
#[derive(Serialize, Deserialize)]
pub struct Times {
    triangles: u64,
    /// From the file to a checked scene.
    import_s: f64,
    /// From there to a CPU renderer that is ready.
    renderer_s: f64,
    /// Both.
    pub total_s: f64,
    /// The tree alone, part of `renderer_s`.
    tree_s: f64,
    /// Tree and all other buffers, part of `renderer_s`.
    buffers_s: f64,
    /// Million triangles per second of tree building.
    pub tree_mtriangles_per_s: f64,
}

/// Scene of which the tree is timed.
pub const MANY: &str = "interior × 8";
/// Scene with textures.
pub const TEXTURED: [&str; 2] = ["helmet", "still life"];

/// Loads the heavy room, many of them, and a textured scene.
pub fn measure(root: &Path, program: &Path, folder: &Path) -> Result<Vec<Load>, BenchError> {
    let (one, many) = (folder.join("interior.glb"), folder.join("interior-many.glb"));
    write(&one, &scenes::interior(1))?;
    write(&many, &scenes::interior(MANY_ROOMS))?;
    // The helmet of the public test scenes lies beside the checkout on some machines; our still life has textures, too.
    let helmet = root.join("../shared/scenes/helmet/FlightHelmet.gltf");
    let textured = if helmet.exists() { (TEXTURED[0], helmet) } else { (TEXTURED[1], root.join(scenes::STILL_LIFE_PATH)) };
    let scenes = [("interior", &one), (MANY, &many), (textured.0, &textured.1)];
    Ok(scenes.into_iter().map(|(scene, path)| load(program, scene, path)).collect())
}

fn load(program: &Path, scene: &'static str, path: &Path) -> Load {
    eprintln!("bench: loading {scene}");
    let times: Result<(Times, _), Absent> = last_json(Command::new(program).arg("load").arg(path));
    match times {
        Ok((times, _)) => Load { scene, times: Some(times), unavailable: None },
        Err(absent) => Load { scene, times: None, unavailable: Some(absent.to_string()) },
    }
}
