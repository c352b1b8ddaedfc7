//! Where things lie: the peer's data, its ring, the web view's data, the sample scene.

use crate::arguments::Arguments;
use crate::page::CommandError;
use raylance_device::ChildConfig;
use raylance_files::folder::RingChoice;
use raylance_files::ring;
use raylance_node::{Lag, NodeConfig};
use std::path::{Path, PathBuf};
use tauri::{Manager, Runtime};

/// The folder for everything that this application keeps.
///
/// # Errors
/// When the system names no folder for applications' data.
pub fn data<R: Runtime>(app: &impl Manager<R>, arguments: &Arguments) -> tauri::Result<PathBuf> {
    arguments.data.clone().map_or_else(|| app.path().app_data_dir(), Ok)
}

/// The peer's settings. Without a ring to join, a new folder gets a ring of its own, whose only validator is this peer: no server,
/// no account, no internet.
///
/// # Errors
/// The genesis file that was named can't be read.
pub fn node_config(data: &Path, state: &Path, ring: Option<&Path>) -> Result<NodeConfig, CommandError> {
    let child = ChildConfig::usual().map_err(|error| CommandError {
        message: format!("the system does not say where this program lies: {error}"),
        details: Vec::new(),
    })?;
    let ring = match ring {
        Some(path) => {
            let genesis = ring::read(path).map_err(|error| CommandError { message: error.to_string(), details: Vec::new() })?;
            RingChoice::Join(Box::new(genesis))
        }
        None => RingChoice::Stored,
    };
    Ok(NodeConfig {
        data: data.join("node"),
        state: state.to_owned(),
        ring,
        listen: Vec::new(),
        dial: Vec::new(),
        mdns: true,
        device: Default::default(),
        threads: 0,
        child: Some(child),
        lag: Lag::USUAL,
        cheat: None,
    })
}

/// Where a validator's mark lies: beside the data folder where that was named, so that tests never touch a person's own.
///
/// # Errors
/// When the system names no folder for applications' state.
pub fn state<R: Runtime>(app: &impl Manager<R>, arguments: &Arguments) -> tauri::Result<PathBuf> {
    match &arguments.data {
        Some(data) => Ok(data.join("state")),
        None => app.path().local_data_dir().map(|folder| folder.join("raylance-state")),
    }
}

/// The first scene, by name, among the files that were installed with the application; `None` when there is none.
pub fn sample_scene<R: Runtime>(app: &impl Manager<R>) -> Option<PathBuf> {
    first_scene(&app.path().resource_dir().ok()?.join("assets"))
}

fn first_scene(folder: &Path) -> Option<PathBuf> {
    let files = std::fs::read_dir(folder).ok()?.flatten().map(|entry| entry.path());
    files.filter(|path| path.extension().is_some_and(|end| end == "glb" || end == "gltf")).min()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sample_is_the_first_scene_by_name_and_no_other_file() {
        let folder = std::env::temp_dir().join(format!("raylance-desktop-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        assert_eq!(first_scene(&folder), None);
        for name in ["a.txt", "z.gltf", "m.glb"] {
            std::fs::write(folder.join(name), []).unwrap();
        }
        assert_eq!(first_scene(&folder), Some(folder.join("m.glb")));
        std::fs::remove_dir_all(&folder).unwrap();
        assert_eq!(first_scene(&folder), None);
    }
}
